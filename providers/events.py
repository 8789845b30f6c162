"""How the audit trail calls what is done in providers."""

from django.utils.translation import gettext_lazy as _

from backend.kernel.selectors import name_events

name_events(
    {
        "providers.provider": _("provider"),
        "providers.apiclient": _("access to the API"),
        "register": _("entered in a register"),
        "change": _("changed"),
        "record_tax_fact": _("recorded what the tax agency says"),
        "enter_account": _("entered a bank account"),
        "confirm_account": _("confirmed a bank account"),
        "end_account": _("ended a bank account"),
        "record_group_company": _("recorded a company of a provider's group"),
        "approve_subcontractor": _("approved a subcontractor"),
        "end_subcontractor": _("ended the approval of a subcontractor"),
        "authorise": _("authorised a provider"),
        "admit_member": _("let an account act for a provider"),
        "end_membership": _("ended an account's work for a provider"),
        "issue_credentials": _("gave a system access to the API"),
        "rotate_secret": _("renewed the secret of a system"),
        "revoke_credentials": _("ended a system's access to the API"),
    }
)
