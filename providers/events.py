"""How the audit trail calls what is done in providers."""

from django.utils.translation import gettext_lazy as _

from backend.kernel.selectors import name_events

name_events(
    {
        "providers.provider": _("provider"),
        "register": _("entered in a register"),
        "change": _("changed"),
        "record_tax_fact": _("recorded what the tax agency says"),
        "enter_account": _("entered a bank account"),
        "confirm_account": _("confirmed a bank account"),
        "end_account": _("ended a bank account"),
        "approve_subcontractor": _("approved a subcontractor"),
        "end_subcontractor": _("ended the approval of a subcontractor"),
        "authorise": _("authorised a provider"),
        "admit_member": _("let an account act for a provider"),
        "end_membership": _("ended an account's work for a provider"),
    }
)
