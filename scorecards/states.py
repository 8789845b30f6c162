"""The states of a computation of scorecards and how it may pass from one to another. Pure."""

from enum import StrEnum


class ScorecardState(StrEnum):
    QUEUED = "queued"
    COMPUTING = "computing"
    COMPUTED = "computed"  # a preview, for officers only
    HEARING = "hearing"  # providers see their own, and answer
    FINAL = "final"
    SUPERSEDED = "superseded"  # heard, and then computed anew
    DISCARDED = "discarded"


TRANSITIONS: dict[ScorecardState, frozenset[ScorecardState]] = {
    ScorecardState.QUEUED: frozenset({ScorecardState.COMPUTING, ScorecardState.DISCARDED}),
    ScorecardState.COMPUTING: frozenset({ScorecardState.COMPUTED, ScorecardState.DISCARDED}),
    ScorecardState.COMPUTED: frozenset({ScorecardState.HEARING, ScorecardState.FINAL, ScorecardState.DISCARDED}),
    ScorecardState.HEARING: frozenset({ScorecardState.FINAL, ScorecardState.SUPERSEDED, ScorecardState.DISCARDED}),
    ScorecardState.FINAL: frozenset(),
    ScorecardState.SUPERSEDED: frozenset(),
    ScorecardState.DISCARDED: frozenset(),
}

UNFINISHED = frozenset({ScorecardState.QUEUED, ScorecardState.COMPUTING})  # at most one is in one of these
SHOWN_TO_PROVIDERS = frozenset({ScorecardState.HEARING, ScorecardState.FINAL, ScorecardState.SUPERSEDED})
