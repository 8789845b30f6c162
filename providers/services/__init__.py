"""What is done with the register of providers, and who gets access for them."""

from providers.services.access import Issued, issue_credentials, revoke_credentials, rotate_secret
from providers.services.authorising import authorise_provider
from providers.services.banking import checked_bic, checked_number, confirm_account, end_account, enter_account
from providers.services.idempotency import Answered, answer_once
from providers.services.members import admit_member, end_membership
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
    "admit_member",
    "answer_once",
    "approve_subcontractor",
    "authorise_provider",
    "change_provider",
    "checked_bic",
    "checked_number",
    "confirm_account",
    "end_account",
    "end_membership",
    "end_subcontractor",
    "enter_account",
    "issue_credentials",
    "record_group_company",
    "record_tax_fact",
    "register_provider",
    "revoke_credentials",
    "rotate_secret",
]
