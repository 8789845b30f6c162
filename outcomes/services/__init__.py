"""What is done with placements and facts. A service is one transaction, checks set-wise and leaves an audit event."""

from outcomes.reports import FactReport
from outcomes.services.evidence import attach_evidence
from outcomes.services.follow_ups import Done, record_follow_ups
from outcomes.services.following_up import remind_providers, undo_verification
from outcomes.services.identities import find_participant, record_identity, renew_keys, reveal_identities
from outcomes.services.participants import record_background, register_participant
from outcomes.services.protection import end_naming, lift_protection, name_handler, protect_participant
from outcomes.services.referrals import Background, Referral, change_placement, refer_participants
from outcomes.services.registers import match_row, read_import, record_ground, renew_row_keys, start_import
from outcomes.services.reporting import Answer, Outcome, Reported, lock_reports, report_each, report_facts
from outcomes.services.returns import return_participant
from outcomes.services.verification import ask_for_more, reject_facts, verify_facts, verify_in_bulk
from outcomes.services.verification_terms import set_verification_terms

__all__ = [
    "Answer",
    "Background",
    "Done",
    "FactReport",
    "Outcome",
    "Referral",
    "Reported",
    "ask_for_more",
    "attach_evidence",
    "change_placement",
    "end_naming",
    "find_participant",
    "lift_protection",
    "lock_reports",
    "match_row",
    "name_handler",
    "protect_participant",
    "read_import",
    "record_background",
    "record_follow_ups",
    "record_ground",
    "record_identity",
    "refer_participants",
    "register_participant",
    "reject_facts",
    "remind_providers",
    "renew_keys",
    "renew_row_keys",
    "report_each",
    "report_facts",
    "return_participant",
    "reveal_identities",
    "set_verification_terms",
    "start_import",
    "undo_verification",
    "verify_facts",
    "verify_in_bulk",
]
