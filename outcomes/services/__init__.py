"""What is done with placements and facts. A service is one transaction, checks set-wise and leaves an audit event."""

from outcomes.reports import FactReport
from outcomes.services.identities import find_participant, record_identity, renew_keys, reveal_identities
from outcomes.services.protection import end_naming, lift_protection, name_handler, protect_participant
from outcomes.services.referrals import Background, Referral, change_placement, refer_participants
from outcomes.services.reporting import Reported, report_facts
from outcomes.services.verification import ask_for_more, reject_facts, verify_facts

__all__ = [
    "Background",
    "FactReport",
    "Referral",
    "Reported",
    "ask_for_more",
    "change_placement",
    "end_naming",
    "find_participant",
    "lift_protection",
    "name_handler",
    "protect_participant",
    "record_identity",
    "refer_participants",
    "reject_facts",
    "renew_keys",
    "report_facts",
    "reveal_identities",
    "verify_facts",
]
