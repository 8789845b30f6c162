"""The states of applications and deviations, and how they may pass from one to another. Pure."""

from enum import StrEnum


class ApplicationState(StrEnum):
    DRAFT = "draft"  # the provider gathers its evidence
    SUBMITTED = "submitted"
    ASSESSING = "assessing"
    RETURNED = "returned"  # to be completed by the provider
    PROPOSED = "proposed"  # a decision waits for its second officer
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


TRANSITIONS: dict[ApplicationState, frozenset[ApplicationState]] = {
    ApplicationState.DRAFT: frozenset({ApplicationState.SUBMITTED, ApplicationState.WITHDRAWN}),
    ApplicationState.SUBMITTED: frozenset({ApplicationState.ASSESSING, ApplicationState.WITHDRAWN}),
    ApplicationState.ASSESSING: frozenset(
        {ApplicationState.RETURNED, ApplicationState.PROPOSED, ApplicationState.WITHDRAWN}
    ),
    ApplicationState.RETURNED: frozenset({ApplicationState.SUBMITTED, ApplicationState.WITHDRAWN}),
    ApplicationState.PROPOSED: frozenset({ApplicationState.ASSESSING, ApplicationState.DECIDED}),
    ApplicationState.DECIDED: frozenset(),
    ApplicationState.WITHDRAWN: frozenset(),
}

WITH_THE_PROVIDER = frozenset({ApplicationState.DRAFT, ApplicationState.RETURNED})  # its evidence can be added to
CLOSED = frozenset(state for state, following in TRANSITIONS.items() if not following)


class DeviationState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"  # the provider says what it has done
    CLOSED = "closed"


DEVIATION_TRANSITIONS: dict[DeviationState, frozenset[DeviationState]] = {
    DeviationState.OPEN: frozenset({DeviationState.ANSWERED, DeviationState.CLOSED}),
    DeviationState.ANSWERED: frozenset({DeviationState.OPEN, DeviationState.CLOSED}),
    DeviationState.CLOSED: frozenset(),
}
