"""What is done with the register of providers, and who gets access for them."""

from providers.services.access import Issued, issue_credentials, revoke_credentials, rotate_secret
from providers.services.register import admit_member, authorise_provider, end_membership, register_provider

__all__ = [
    "Issued",
    "admit_member",
    "authorise_provider",
    "end_membership",
    "issue_credentials",
    "register_provider",
    "revoke_credentials",
    "rotate_secret",
]
