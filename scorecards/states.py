"""The states of a computation of scorecards and how it may pass from one to another. Pure."""

from enum import StrEnum


class ScorecardState(StrEnum):
    QUEUED = "queued"
    COMPUTING = "computing"
    COMPUTED = "computed"  # a preview: it can still be put aside, and computed anew
    FINAL = "final"
    DISCARDED = "discarded"


TRANSITIONS: dict[ScorecardState, frozenset[ScorecardState]] = {
    ScorecardState.QUEUED: frozenset({ScorecardState.COMPUTING, ScorecardState.DISCARDED}),
    ScorecardState.COMPUTING: frozenset({ScorecardState.COMPUTED, ScorecardState.DISCARDED}),
    ScorecardState.COMPUTED: frozenset({ScorecardState.FINAL, ScorecardState.DISCARDED}),
    ScorecardState.FINAL: frozenset(),
    ScorecardState.DISCARDED: frozenset(),
}

UNFINISHED = frozenset({ScorecardState.QUEUED, ScorecardState.COMPUTING})  # at most one is in one of these
