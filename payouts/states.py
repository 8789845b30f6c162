"""The states of a run and how it may pass from one to another. Pure; buttons, checks and the diagram derive from it."""

from enum import StrEnum


class RunState(StrEnum):
    QUEUED = "queued"
    COMPUTING = "computing"
    COMPUTED = "computed"
    ATTESTED = "attested"
    CANCELLED = "cancelled"


TRANSITIONS: dict[RunState, frozenset[RunState]] = {
    RunState.QUEUED: frozenset({RunState.COMPUTING, RunState.CANCELLED}),
    RunState.COMPUTING: frozenset({RunState.COMPUTED, RunState.CANCELLED}),
    RunState.COMPUTED: frozenset({RunState.ATTESTED, RunState.CANCELLED}),
    RunState.ATTESTED: frozenset(),
    RunState.CANCELLED: frozenset(),
}

UNFINISHED = frozenset(
    state for state, following in TRANSITIONS.items() if following
)  # at most one run is in one of these
