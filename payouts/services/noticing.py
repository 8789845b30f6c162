"""A provider is told what will be taken back, and may answer before it is netted."""

from datetime import datetime

from django.db import connection, transaction

from backend.kernel.audit import record_event
from backend.kernel.bulk import constraints_as
from backend.kernel.calendar import local_day
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import FINANCE, Role, User
from backend.kernel.permissions import require_role
from contracts.selectors import CONDITIONS_SQL
from outcomes.models import Placement
from payouts.models import ClawbackNotice, Hold, Objection, ObjectionDecision, Run
from providers.permissions import require_member

OBJECTION_TEXT = rule("objection_text", gettext_noop("an answer has 1 to {most} characters"))
OBJECTION_LATE = rule("objection_late", gettext_noop("the time to answer ended on {last}"))
NOT_IN_NOTICE = rule("objection_placement", gettext_noop("the notice takes nothing back of this placement"))
OBJECTION_DECIDED = rule("objection_decided", gettext_noop("this answer is decided already"))
DECISION_REASON = rule("objection_reason", gettext_noop("a decision needs a reason of 1 to {most} characters"))

TEXT_MOST = 2000

GIVE = f"""
    WITH agreed AS ({CONDITIONS_SQL})
    INSERT INTO payouts_clawbacknotice (run_id, contract_id, line_count, amount, given_at, answer_by)
    SELECT line.run_id, line.contract_id, count(*), sum(line.amount), %(now)s,
        %(today)s::date + min(agreed.notice_days)
    FROM payouts_hold AS hold
    JOIN payouts_line AS line USING (placement_id, step_id, occurrence, run_id)
    JOIN agreed ON agreed.contract_id = line.contract_id
    WHERE hold.run_id = %(run)s AND hold.rule = 'clawback_notice' AND hold.released_at IS NULL
    GROUP BY line.run_id, line.contract_id HAVING sum(line.amount) < 0
    ON CONFLICT (run_id, contract_id) DO NOTHING"""  # noqa: S608

# The time to answer is over, and no answer stands against it.
END = """
    UPDATE payouts_hold AS hold SET released_at = %(now)s, release_rule = 'notice_answered'
    FROM payouts_line AS line JOIN payouts_clawbacknotice AS notice USING (run_id, contract_id)
    WHERE hold.rule = 'clawback_notice' AND hold.released_at IS NULL AND notice.answer_by < %(today)s
        AND line.placement_id = hold.placement_id AND line.step_id = hold.step_id
        AND line.occurrence = hold.occurrence AND line.run_id = hold.run_id
        AND NOT EXISTS (
            SELECT FROM payouts_objection AS objection
            LEFT JOIN payouts_objectiondecision AS decision ON decision.objection_id = objection.id
            WHERE objection.notice_id = notice.id
                AND coalesce(objection.placement_id, hold.placement_id) = hold.placement_id
                AND coalesce(decision.is_upheld, true)
        )"""


def give_notices(run: Run, now: datetime) -> None:
    """Tell each provider what an attested run takes back under each of its contracts."""
    with connection.cursor() as cursor:
        cursor.execute(GIVE, {"run": run.pk, "cutoff": run.cutoff, "now": now, "today": local_day(now)})


def end_notices(now: datetime) -> None:
    """Release the clawbacks whose time to answer is over, so that the next statements net them."""
    with connection.cursor() as cursor:
        cursor.execute(END, {"now": now, "today": local_day(now)})


@transaction.atomic
def make_objection(
    *, notice: ClawbackNotice, placement: Placement | None, text: str, by: User, now: datetime
) -> Objection:
    """Answer a notice, as the provider or as an officer for it; nothing is netted of it before somebody decides."""
    if Role.PROVIDER in by.roles:
        require_member(by, notice.contract.provider)
    else:
        require_role(by, Role.HANDLER, *FINANCE)
    if not 0 < len(text.strip()) <= TEXT_MOST:
        raise refuse(OBJECTION_TEXT, field="text", value=text, most=TEXT_MOST)
    if local_day(now) > notice.answer_by:
        raise refuse(OBJECTION_LATE, field="notice", value=notice.pk, last=notice.answer_by)
    asked = Hold.objects.filter(run=notice.run, rule="clawback_notice", placement=placement)
    if placement and not (asked.exists() and placement.contract_id == notice.contract_id):
        raise refuse(NOT_IN_NOTICE, field="placement", value=placement.number)
    objection = Objection.objects.create(notice=notice, placement=placement, text=text, made_at=now, made_by=by)
    record_event(by=by, action="make_objection", on=notice, now=now, later={"objection": objection.pk})
    return objection


@transaction.atomic
def decide_objection(
    *, objection: Objection, is_upheld: bool, reason: str, by: User, now: datetime
) -> ObjectionDecision:
    """Decide whether a provider's answer stands: what is upheld stays held, until a correction of the facts brings the
    money back or an officer releases it."""
    require_role(by, *FINANCE)
    if not 0 < len(reason.strip()) <= TEXT_MOST:
        raise refuse(DECISION_REASON, field="reason", value=reason, most=TEXT_MOST)
    decision = ObjectionDecision(objection=objection, is_upheld=is_upheld, reason=reason, decided_at=now, decided_by=by)
    with constraints_as({"payouts_objectiondecision_objection_id_key": OBJECTION_DECIDED}, "objection"):
        decision.save()
    record_event(by=by, action="decide_objection", on=objection, now=now, later={"is_upheld": is_upheld})
    return decision
