"""How a run passes from state to state, for the services that move it."""

from collections.abc import Mapping

from django.db import connection

from backend.kernel.errors import gettext_noop, refuse, rule
from payouts.models import Run
from payouts.parts import Part, are_attested, are_examined, parts_of
from payouts.states import TRANSITIONS, UNDER_ATTEST, RunState

NOT_IN_STATE = rule("run_state", gettext_noop("a run that is {state} cannot become {goal}"))


def wait_for_turn(lock: int) -> None:
    """Until the transaction ends nobody else does what this advisory lock stands for."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])


def lock_run(run: Run) -> Run:
    """The run as it stands, kept from changing until the transaction ends."""
    return Run.objects.select_for_update().get(pk=run.pk)


def move_run(run: Run, goal: RunState) -> None:
    """Bring a locked run to another state; DomainError where the table of states does not lead there."""
    if goal not in TRANSITIONS[RunState(run.state)]:
        raise refuse(NOT_IN_STATE, field="run", value=run.sequence, state=run.state, goal=goal)
    run.state = goal
    run.save()


def follow_signatures(run: Run, parts: Mapping[str, Part]) -> None:
    """Bring a locked run that is under attest to the state that the standing signatures under its parts give it."""
    if are_examined(parts) is not (run.state == RunState.ATTESTED_ONCE):
        move_run(run, RunState.ATTESTED_ONCE if are_examined(parts) else RunState.EXAMINING)
    if are_attested(parts):
        move_run(run, RunState.ATTESTED)


def follow_holds() -> None:
    """After a hold was placed or released: signatures under the run that is being signed may stand no more."""
    for run in Run.objects.filter(state__in=UNDER_ATTEST):
        follow_signatures(run, parts_of(run))
