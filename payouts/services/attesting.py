"""Two people stand behind a run: one examines, the other decides. Until then it can be cancelled."""

from datetime import datetime

from django.db import connection, transaction

from backend.kernel.audit import record_event
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import FINANCE, Role, User
from backend.kernel.permissions import require_role
from payouts.models import Attest, Run
from payouts.services.computing import drop_unfinished_lines
from payouts.states import TRANSITIONS, RunState

NOT_IN_STATE = rule("run_state", gettext_noop("a run that is {state} cannot become {goal}"))
STARTED_BY_SIGNER = rule("attest_starter", gettext_noop("whoever started the run cannot attest it"))
SIGNED_BEFORE = rule("attest_twice", gettext_noop("the run has this signature, or one by this person, already"))
VERIFIED_BY_SIGNER = rule(
    "attest_verifier", gettext_noop("whoever verified a fact that the run pays on cannot attest it")
)
DIGEST_CHANGED = rule("attest_digest", gettext_noop("the run's digest is {digest}; what you saw was another"))
REASON_NEEDED = rule("cancel_reason", gettext_noop("a cancelled run needs a reason"))

SIGNERS = {Attest.Signature.EXAMINER: Role.EXAMINER, Attest.Signature.DECIDER: Role.DECIDER}

VERIFIED = """
    SELECT EXISTS (
        SELECT FROM payouts_line AS line
        JOIN outcomes_verificationdecision AS decision ON decision.fact_id = line.fact_id
        WHERE line.run_id = %s AND decision.decided_by_id = %s AND decision.decision IN ('verified', 'signed')
    )"""


def attest_run(*, run: Run, signature: Attest.Signature, digest: str, by: User, now: datetime) -> Attest:
    """Sign a computed run as it was seen (`digest`); with the second signature it is attested."""
    require_role(by, SIGNERS[signature])
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run.pk)
        check_signer(run, signature, digest, by)
        attest = Attest.objects.create(run=run, signature=signature, by=by, digest=digest, at=now)
        if run.attests.count() == len(Attest.Signature):
            run.state = RunState.ATTESTED
            run.save()
        record_event(by=by, action=f"attest_{signature}", on=run, now=now, later={"digest": digest})
    return attest


def check_signer(run: Run, signature: Attest.Signature, digest: str, by: User) -> None:
    """DomainError if the person may not give a run this signature, or saw other lines than stand there."""
    if run.state != RunState.COMPUTED:
        raise refuse(NOT_IN_STATE, field="run", value=run.sequence, state=run.state, goal=RunState.ATTESTED)
    if digest != run.digest:
        raise refuse(DIGEST_CHANGED, field="digest", value=digest, digest=run.digest)
    if run.started_by_id == by.pk:
        raise refuse(STARTED_BY_SIGNER, field="by", value=by.get_username())
    if any(attest.signature == signature or attest.by_id == by.pk for attest in run.attests.all()):
        raise refuse(SIGNED_BEFORE, field="signature", value=signature)
    with connection.cursor() as cursor:
        cursor.execute(VERIFIED, [run.pk, by.pk])
        if cursor.fetchone()[0]:
            raise refuse(VERIFIED_BY_SIGNER, field="by", value=by.get_username())


def cancel_run(*, run: Run, reason: str, by: User, now: datetime) -> Run:
    """Cancel the newest run before it is attested: its lines stay readable and no longer count."""
    require_role(by, *FINANCE)
    if not reason.strip():
        raise refuse(REASON_NEEDED, field="reason", value=reason)
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run.pk)
        if RunState.CANCELLED not in TRANSITIONS[RunState(run.state)]:
            raise refuse(NOT_IN_STATE, field="run", value=run.sequence, state=run.state, goal=RunState.CANCELLED)
        run.state, run.cancelled_at, run.cancelled_by, run.cancel_reason = RunState.CANCELLED, now, by, reason
        run.save()
        record_event(by=by, action="cancel_run", on=run, now=now, later={"reason": reason})
    drop_unfinished_lines(run.pk)
    return run
