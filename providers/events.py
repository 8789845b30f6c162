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
        "authorise": _("entered an authorisation from before the register"),
        "providers.service": _("service"),
        "providers.application": _("application"),
        "providers.proposal": _("decision on authorisation"),
        "draft_requirement": _("drafted a requirement"),
        "remove_requirement": _("removed a requirement from a draft"),
        "publish_catalogue": _("published requirements"),
        "begin_application": _("began an application"),
        "add_evidence": _("added evidence"),
        "read_evidence": _("read evidence"),
        "move_application": _("brought an application further"),
        "assess_requirement": _("assessed a requirement"),
        "propose_decision": _("proposed a decision"),
        "answer_proposal": _("answered a proposal"),
        "return_proposal": _("sent a proposal back"),
        "decide": _("decided on authorisation"),
        "providers.deviation": _("deviation"),
        "record_visit": _("recorded a site visit"),
        "record_complaint": _("recorded a complaint"),
        "settle_complaint": _("settled a complaint"),
        "record_deviation": _("recorded a deviation"),
        "move_deviation": _("brought a deviation further"),
        "check_subcontractor": _("checked a subcontractor"),
        "read_decision": _("read a decision"),
        "admit_member": _("let an account act for a provider"),
        "end_membership": _("ended an account's work for a provider"),
        "issue_credentials": _("gave a system access to the API"),
        "rotate_secret": _("renewed the secret of a system"),
        "revoke_credentials": _("ended a system's access to the API"),
    }
)
