"""What is done with the register of providers, and who gets access for them."""

from providers.services.access import Issued, issue_credentials, revoke_credentials, rotate_secret
from providers.services.applying import add_evidence, begin_application, submit_application, withdraw_application
from providers.services.assessing import assess_requirement, register_application, return_application
from providers.services.authorising import authorise_provider
from providers.services.banking import checked_bic, checked_number, confirm_account, end_account, enter_account
from providers.services.catalogue import draft_requirement, publish_catalogue, remove_requirement
from providers.services.deciding import answer_proposal, decide, propose_decision, propose_measure, return_proposal
from providers.services.idempotency import Answered, answer_once
from providers.services.members import admit_member, end_membership
from providers.services.overseeing import (
    answer_deviation,
    check_subcontractor,
    close_deviation,
    record_complaint,
    record_deviation,
    record_visit,
    reopen_deviation,
    settle_complaint,
)
from providers.services.register import (
    approve_subcontractor,
    change_provider,
    end_subcontractor,
    record_group_company,
    record_tax_fact,
    register_provider,
)

__all__ = [
    "Answered",
    "Issued",
    "add_evidence",
    "admit_member",
    "answer_deviation",
    "answer_once",
    "answer_proposal",
    "approve_subcontractor",
    "assess_requirement",
    "authorise_provider",
    "begin_application",
    "change_provider",
    "check_subcontractor",
    "checked_bic",
    "checked_number",
    "close_deviation",
    "confirm_account",
    "decide",
    "draft_requirement",
    "end_account",
    "end_membership",
    "end_subcontractor",
    "enter_account",
    "issue_credentials",
    "propose_decision",
    "propose_measure",
    "publish_catalogue",
    "record_complaint",
    "record_deviation",
    "record_group_company",
    "record_tax_fact",
    "record_visit",
    "register_application",
    "register_provider",
    "remove_requirement",
    "reopen_deviation",
    "return_application",
    "return_proposal",
    "revoke_credentials",
    "rotate_secret",
    "settle_complaint",
    "submit_application",
    "withdraw_application",
]
