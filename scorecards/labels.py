"""The words for scorecards, bands and groups on pages and in documents."""

from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from outcomes.models import ParticipantBackground
from scorecards.measures import MEASURES
from scorecards.rating import Band
from scorecards.states import ScorecardState

STATES = {
    ScorecardState.QUEUED: pgettext_lazy("state of scorecards", "queued"),
    ScorecardState.COMPUTING: pgettext_lazy("state of scorecards", "being computed"),
    ScorecardState.COMPUTED: pgettext_lazy("state of scorecards", "preview"),
    ScorecardState.HEARING: pgettext_lazy("state of scorecards", "hearing"),
    ScorecardState.FINAL: pgettext_lazy("state of scorecards", "final"),
    ScorecardState.SUPERSEDED: pgettext_lazy("state of scorecards", "heard, computed anew"),
    ScorecardState.DISCARDED: pgettext_lazy("state of scorecards", "put aside"),
}
STATE_TONES = {ScorecardState.COMPUTED: "wait", ScorecardState.HEARING: "wait", ScorecardState.FINAL: "good"}

BANDS = {
    Band.BETTER: gettext_lazy("better than expected"),
    Band.EXPECTED: gettext_lazy("as expected"),
    Band.WORSE: gettext_lazy("worse than expected"),
    Band.TOO_FEW: gettext_lazy("too few to rate"),
}
BAND_TONES = {Band.BETTER: "good", Band.WORSE: "bad"}

GROUPINGS = {
    "tier": gettext_lazy("Tier"),
    "sex": gettext_lazy("Sex"),
    "quarter": gettext_lazy("Quarter of the start"),
    "district": gettext_lazy("District"),
}
COVARIATES = {
    "age": gettext_lazy("age"),
    "age squared": gettext_lazy("age squared"),
    "months on assistance": gettext_lazy("months on assistance"),
    "employment rate of the district": gettext_lazy("employment rate of the district"),
    "schooling": gettext_lazy("schooling"),
    "obstacle": gettext_lazy("obstacle to work"),
    "sex": gettext_lazy("sex"),
    "tier": gettext_lazy("tier"),
    "quarter of the start": gettext_lazy("quarter of the start"),
    "year of the start": gettext_lazy("year of the start"),
}
VALUES = {
    **dict(ParticipantBackground.Sex.choices),
    **dict(ParticipantBackground.Schooling.choices),
    **dict(ParticipantBackground.ObstacleGroup.choices),
    "not known": gettext_lazy("not known"),
}


def measure_title(code: str) -> str:
    return gettext(MEASURES[code].title)


def value_word(label: str) -> str:
    """A group's label: a word of the background, or a name as it is."""
    return str(VALUES.get(label, label))


def covariate_word(name: str) -> str:
    """A column of the risk model, such as `schooling = none` or `age missing`."""
    covariate, is_value, value = name.partition(" = ")
    if is_value:
        return f"{COVARIATES[covariate]}: {value_word(value)}"
    if covariate.endswith(" missing"):
        return gettext("{covariate}: not known").format(covariate=COVARIATES[covariate.removesuffix(" missing")])
    return str(COVARIATES[covariate])
