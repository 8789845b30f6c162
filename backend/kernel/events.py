"""How the audit trail calls what is done in the ground floor."""

from django.utils.translation import gettext_lazy as _

from backend.kernel.selectors import name_events

name_events(
    {
        "kernel.user": _("account"),
        "create_account": _("created an account"),
        "change_roles": _("changed roles"),
        "open_account": _("opened an account"),
        "close_account": _("closed an account"),
        "make_password_link": _("made a link for a new password"),
        "end_sessions": _("ended an account's sessions"),
        "export": _("saved a list as a file"),
    }
)
