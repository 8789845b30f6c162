"""A period's scorecards are queued and computed: from one snapshot, all of them or none, with what they stand on."""

import hashlib
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from backend.kernel.audit import record_event
from backend.kernel.bulk import constraints_as
from backend.kernel.calendar import local_day
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from payouts.computation import new_connection
from scorecards.assessing import Assessed, assess
from scorecards.inputs import Inputs, Names
from scorecards.models import FrozenInputs, Scorecard, ScorecardRun
from scorecards.reading import read_inputs
from scorecards.scope import Scope
from scorecards.states import TRANSITIONS, UNFINISHED, ScorecardState

UNTIL_AHEAD = rule("scorecards_ahead", gettext_noop("scorecards need a last day before today, {today}"))
PERIOD_ORDER = rule("scorecards_period", gettext_noop("the period begins before it ends, {until}"))
UNFINISHED_RUN = rule("scorecards_unfinished", gettext_noop("other scorecards are being computed; wait for them"))
NOT_IN_STATE = rule("scorecards_state", gettext_noop("scorecards that are {state} cannot become {goal}"))
REVISION_REASON = rule("scorecards_revision", gettext_noop("a revision says why it is made"))
NOT_REVISABLE = rule(
    "scorecards_revisable", gettext_noop("only scorecards in a hearing, or final ones, are revised; these are {state}")
)
ATTEMPTS_SPENT = rule("scorecards_attempts", gettext_noop("{most} attempts to compute have failed; discard them"))

METHOD_VERSION = "1"  # raised whenever the same inputs could give another result
COMPUTING_LOCK = 741_861
ATTEMPTS_MOST = 5
METHOD_MODULES = (
    "assessing", "counts", "covariates", "following", "inputs", "logistic", "measures", "rating", "riskmodel", "scope",
    "suppression", "tabulation",
)  # fmt: skip


@transaction.atomic
def queue_scorecards(
    *, first_month: date, until: date, by: User, now: datetime, revises: ScorecardRun | None = None, reason: str = ""
) -> ScorecardRun:
    """Note that scorecards over the placements from a start month on are to be computed, as known at the end of
    `until`. A revision has the period of what it revises, and a reason."""
    require_role(by, Role.PROCUREMENT)
    first_month = first_month.replace(day=1)
    if until >= local_day(now):
        raise refuse(UNTIL_AHEAD, field="until", value=until, today=local_day(now))
    if first_month > until:
        raise refuse(PERIOD_ORDER, field="first_month", value=first_month, until=until)
    if revises:
        _check_revision(revises, reason)
    if ScorecardRun.objects.filter(state__in=UNFINISHED).exists():
        raise refuse(UNFINISHED_RUN, field="until", value=until)
    with constraints_as({"scorecards_run_one_unfinished": UNFINISHED_RUN}, "until"):
        run = ScorecardRun.objects.create(
            first_month=first_month,
            until=until,
            state=ScorecardState.QUEUED,
            revises=revises,
            reason=reason.strip(),
            started_by=by,
            queued_at=now,
        )
    record_event(by=by, action="queue_scorecards", on=run, now=now, later={"first_month": first_month, "until": until})
    return run


def _check_revision(revises: ScorecardRun, reason: str) -> None:
    if revises.state not in (ScorecardState.HEARING, ScorecardState.FINAL):
        raise refuse(NOT_REVISABLE, field="revises", value=str(revises), state=revises.state)
    if not reason.strip():
        raise refuse(REVISION_REASON, field="reason", value=reason)


def compute_scorecards(run_id: int, *, now: datetime | None = None) -> ScorecardRun:
    """Compute queued scorecards. Harmless if they are computed already, or being computed elsewhere.

    `now` is the knowledge moment where the clock is simulated.
    """
    with new_connection() as guard:  # its lock goes with the process if that dies
        guard.autocommit = True
        row = guard.execute("SELECT pg_try_advisory_lock(%s)", [COMPUTING_LOCK]).fetchone()
        if row and row[0] and _begin(run_id):
            run = ScorecardRun.objects.get(pk=run_id)
            moment = now or timezone.now()
            inputs, names = read_inputs(scope_of(run), moment)
            assessed = assess(inputs, names, scope_of(run), lambda done, total: _note(run_id, done, total))
            _store(run_id, moment, inputs, names, assessed)
    return ScorecardRun.objects.get(pk=run_id)


def scope_of(run: ScorecardRun) -> Scope:
    return Scope(run.first_month, run.until)


def _begin(run_id: int) -> bool:
    """Move the run to computing (again, after a killed worker) and count the attempt; false if nothing is to do."""
    with transaction.atomic():
        run = ScorecardRun.objects.select_for_update().get(pk=run_id)
        if run.state not in UNFINISHED:
            return False
        if run.attempts >= ATTEMPTS_MOST:
            raise refuse(ATTEMPTS_SPENT, field="attempts", value=run.attempts, most=ATTEMPTS_MOST)
        run.state, run.attempts = ScorecardState.COMPUTING, run.attempts + 1
        run.save(update_fields=["state", "attempts"])
    return True


def _note(run_id: int, done: int, total: int) -> None:
    ScorecardRun.objects.filter(pk=run_id).update(done=done, total=total)


@transaction.atomic
def _store(run_id: int, moment: datetime, inputs: Inputs, names: Names, assessed: Assessed) -> None:
    run = ScorecardRun.objects.select_for_update().get(pk=run_id)
    if run.state != ScorecardState.COMPUTING:  # discarded meanwhile
        return
    run.state, run.knowledge_at, run.computed_at = ScorecardState.COMPUTED, moment, moment
    run.method_version, run.code_version = METHOD_VERSION, code_version()
    run.inputs_digest, run.digest, run.result = digest_of_inputs(inputs, names), digest_of(assessed), assessed.services
    run.save()
    FrozenInputs.objects.create(run=run, placements=inputs.freeze(), names=names.as_data())
    titles = {service.code: service.title for service in names.services}
    Scorecard.objects.bulk_create(
        Scorecard(run=run, provider_id=provider, service=service, service_title=titles[service], result=card)
        for (provider, service), card in sorted(assessed.cards.items())
    )
    record_event(
        by=run.started_by,
        action="compute_scorecards",
        on=run,
        now=moment,
        later={"scorecards": len(assessed.cards), "inputs_digest": run.inputs_digest, "digest": run.digest},
    )


def digest_of_inputs(inputs: Inputs, names: Names) -> str:
    return hashlib.sha256((inputs.digest() + _canonical(names.as_data())).encode()).hexdigest()


def digest_of(assessed: Assessed) -> str:
    cards = [[provider, service, card] for (provider, service), card in sorted(assessed.cards.items())]
    return hashlib.sha256(_canonical([assessed.services, cards]).encode()).hexdigest()


def _canonical(data: Any) -> str:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def code_version() -> str:
    """SHA-256 over the modules of the method."""
    folder = Path(__file__).parents[1]
    return hashlib.sha256(b"".join((folder / f"{name}.py").read_bytes() for name in METHOD_MODULES)).hexdigest()


def move(run: ScorecardRun, goal: ScorecardState) -> ScorecardRun:
    """The run, locked, in another state; DomainError if it can't pass to it. The caller saves."""
    run = ScorecardRun.objects.select_for_update().get(pk=run.pk)
    if goal not in TRANSITIONS[ScorecardState(run.state)]:
        raise refuse(NOT_IN_STATE, field="run", value=str(run), state=run.state, goal=goal)
    run.state = goal
    return run


@transaction.atomic
def discard_scorecards(*, run: ScorecardRun, by: User, now: datetime) -> ScorecardRun:
    """Put scorecards aside that are not final; they stay readable for officers."""
    require_role(by, Role.PROCUREMENT)
    run = move(run, ScorecardState.DISCARDED)
    run.save(update_fields=["state"])
    record_event(by=by, action="discard_scorecards", on=run, now=now)
    return run


def replay(run: ScorecardRun) -> bool:
    """Whether a computed run's frozen inputs are what they were, and come to the very same result."""
    frozen = run.inputs
    inputs, names = Inputs.thaw(bytes(frozen.placements)), Names.from_data(frozen.names)
    if digest_of_inputs(inputs, names) != run.inputs_digest:
        return False
    return digest_of(assess(inputs, names, scope_of(run))) == run.digest
