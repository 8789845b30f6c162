"""What is done with placements and facts. A service is one transaction, checks set-wise and leaves an audit event."""

from outcomes.reports import FactReport
from outcomes.services.referrals import Background, Referral, change_placement, refer_participants
from outcomes.services.reporting import Answer, Outcome, Reported, lock_reports, report_each, report_facts
from outcomes.services.verification import ask_for_more, reject_facts, verify_facts

__all__ = [
    "Answer",
    "Background",
    "FactReport",
    "Outcome",
    "Referral",
    "Reported",
    "ask_for_more",
    "change_placement",
    "lock_reports",
    "refer_participants",
    "reject_facts",
    "report_each",
    "report_facts",
    "verify_facts",
]
