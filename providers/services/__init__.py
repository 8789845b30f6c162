"""What is done with the register of providers. A service is one transaction and leaves an audit event."""

from providers.services.authorising import authorise_provider
from providers.services.banking import confirm_account, end_account, enter_account
from providers.services.members import admit_member, end_membership
from providers.services.register import (
    approve_subcontractor,
    change_provider,
    end_subcontractor,
    record_tax_fact,
    register_provider,
)

__all__ = [
    "admit_member",
    "approve_subcontractor",
    "authorise_provider",
    "change_provider",
    "confirm_account",
    "end_account",
    "end_membership",
    "end_subcontractor",
    "enter_account",
    "record_tax_fact",
    "register_provider",
]
