"""How the audit trail calls what is done in providers."""

from django.utils.translation import gettext_lazy as _

from backend.kernel.selectors import name_events

name_events(
    {
        "providers.provider": _("provider"),
        "register": _("entered in a register"),
        "change": _("changed"),
        "authorise": _("authorised a provider"),
        "admit_member": _("let an account act for a provider"),
        "end_membership": _("ended an account's work for a provider"),
    }
)
