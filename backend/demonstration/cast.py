"""Who takes part in the demonstration: officers, providers with their contracts, and the use of each payment model.

Names are invented. Quality and intake go against each other on purpose: the best providers take those furthest from
work, so that raw rates mislead and only a fair comparison finds them. Pure.
"""

from dataclasses import dataclass

from backend.demonstration.figures import figures

PASSWORD = "utfall-visning"  # noqa: S105  # printed on the terminal; the demonstration refuses to run anywhere else


@dataclass(frozen=True, slots=True)
class Officer:
    username: str
    name: str
    role: str
    task: str  # in this demonstration: a key of `texts`


OFFICERS = (
    Officer("petra.upphandlare", "Petra Lindqvist", "procurement", "procures"),
    Officer("pia.upphandlare", "Pia Wallin", "procurement", "reviews"),
    Officer("hanna.handlaggare", "Hanna Berg", "handler", "refers"),
    Officer("hassan.handlaggare", "Hassan Ali", "handler", "verifies"),
    Officer("helena.handlaggare", "Helena Nyström", "handler", "verifies"),
    Officer("erik.ekonom", "Erik Sandberg", "examiner", "starts"),
    Officer("elsa.ekonom", "Elsa Holm", "examiner", "examines"),
    Officer("emir.ekonom", "Emir Kovač", "decider", "decides"),
    Officer("rut.revisor", "Rut Ekman", "auditor", "reads"),
    Officer("adam.administrator", "Adam Lund", "administrator", "administers"),
    Officer("astrid.anordnare", "Astrid Falk", "provider", "provides"),
)


@dataclass(frozen=True, slots=True)
class ModelUse:
    """What a payment model is used for: its part of all placements, the exits it leads to, and its usual length."""

    code: str
    part: float
    to_work: float
    to_studies: float
    months: float  # median length of a placement
    service: str  # a key of SERVICES


SERVICES = {
    "yrk": "Yrkesutbildning",
    "coach": "Coachning",
    "sok": "Jobbsökarstöd",
    "vux": "Komvux",
    "match": "Matchning",
}
MATCHING = "whp-earnings"
JOB_SEARCH = "work-programme-jsa-25"
USES = (
    ModelUse("stockholm-auktorisation", 0.25, 0.35, 0.12, 7.0, "yrk"),
    ModelUse("rusta-och-matcha", 0.25, 0.32, 0.15, 6.0, "coach"),
    ModelUse(JOB_SEARCH, 0.25, figures().to_work_local_job_search, 0.09, 4.0, "sok"),
    ModelUse("falun-65-35", 0.17, 0.15, 0.46, 4.5, "vux"),
    ModelUse(MATCHING, 0.08, figures().to_work_matching, 0.04, 5.0, "match"),
)


@dataclass(frozen=True, slots=True)
class Member:
    """A provider. `quality` moves its participants' chance of work, `intake` whom it takes (above 0: those far off)."""

    name: str
    kind: str
    quality: float
    intake: float
    size: float
    models: tuple[str, ...]
    lapses: int | None = None  # months before the end of the period, its authorisation does
    budget: int | None = None  # öre a year for each hundred placements of its first contract


_AUKTORISATION, _RUSTA, _JSA, _FALUN, _WHP = (use.code for use in USES)
PROVIDERS = (
    Member("Norrviks Yrkesskola AB", "external", 0.8, 0.7, 1.4, (_AUKTORISATION, _FALUN)),
    Member("Lotsen Utbildning AB", "external", 0.6, 0.9, 1.0, (_AUKTORISATION,)),
    Member("Vinge Kompetens AB", "external", -0.6, -0.9, 1.3, (_AUKTORISATION,)),
    Member("Bryggan Bygg & Anläggning AB", "external", 0.2, 0.0, 0.8, (_AUKTORISATION,), budget=55_000_000),
    Member("Stadens yrkescentrum", "in_house", 0.1, 0.5, 1.2, (_AUKTORISATION, _FALUN)),
    Member("Framsteg Matchning AB", "external", -0.5, -0.8, 1.5, (_RUSTA, _JSA)),
    Member("Kraftkällan ekonomisk förening", "association", 0.7, 0.8, 0.7, (_RUSTA,)),
    Member("Arbetslinjen Sverige AB", "external", -0.2, -0.4, 1.2, (_RUSTA,)),
    Member("Klara Coachning AB", "external", 0.3, 0.1, 0.9, (_RUSTA,), lapses=9),
    Member("Föreningen Nya Steg", "association", 0.5, 0.9, 0.5, (_RUSTA,)),
    Member("Jobbtorg Järva", "in_house", 0.3, 0.8, 1.3, (_JSA,)),
    Member("Jobbtorg Innerstaden", "in_house", -0.1, -0.5, 0.9, (_JSA,)),
    Member("Söderorts Jobbkraft AB", "external", -0.4, -0.6, 1.1, (_JSA,)),
    Member("Kompassen Rekrytering AB", "external", 0.4, 0.3, 0.8, (_JSA, _WHP)),
    Member("Mälardalens Vuxenutbildning AB", "external", 0.1, 0.2, 1.2, (_FALUN,)),
    Member("Studiefrämjarna Storstad", "association", 0.4, 0.6, 0.8, (_FALUN,)),
    Member("Snabbkurs i Stockholm AB", "external", -0.8, -0.7, 0.9, (_FALUN,)),
    Member("Arena Arbetsmatchning AB", "external", 0.5, 0.4, 1.0, (_WHP,)),
    Member("Handslaget ideell förening", "association", 0.2, 0.7, 0.6, (_WHP,)),
    Member("Direkt Bemanning Väst AB", "external", -0.5, -0.8, 0.9, (_WHP,)),
)
