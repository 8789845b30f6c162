"""Payment models told in sentences: worked examples, and laws over random models in both languages."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.library import library_model
from contracts.reading import read_model, step_document
from contracts.sentences import sentences
from contracts.wording import COUNTED, FORMS, KEYS, NO_BREAK, PHRASES, VALUES, Language
from tests.model_documents import documents
from tests.wrong_examples import EARNINGS, GRADE, JOB, MONTH, START, Document

LANGUAGES: tuple[Language, ...] = ("sv", "en")


def told(step: Document, language: Language = "sv", **keys: object) -> list[str]:
    """A model's sentences with plain spaces, without its name."""
    model = read_model({"code": "m", "steps": [step], **keys})
    return [plain(line) for line in sentences(model, language)[1:]]


def plain(line: str) -> str:
    return line.replace(NO_BREAK, " ").replace("\u202f", " ")


def test_the_model_of_the_motion_in_swedish() -> None:
    lines = [plain(line) for line in sentences(library_model("stockholm-auktorisation"), "sv")]
    assert lines[0] == "Auktoriserad yrkesutbildning i Stockholm: startdel, betygsdel och matchningspeng"
    assert lines[1].startswith("Källa: Motion till Stockholms kommunfullmäktige")
    assert lines[2:] == [
        "Nivåer, från lättast till svårast: A, B och C.",
        "1. Startdel",
        "Betalar 6 000,00 kr på nivå A, 8 000,00 kr på nivå B och 10 000,00 kr på nivå C.",
        "Steget är nått den dag då deltagaren har närvarat i sammanlagt 20 dagar.",
        "Det ska ske senast 3 månader efter starten.",
        "Tidsgränsen förlängs med dagar av avbrott.",
        "2. Betygsersättning",
        "Betalar 9 000,00 kr på nivå A, 12 000,00 kr på nivå B och 15 000,00 kr på nivå C.",
        "En kurs är godkänd med betyget A, B, C, D eller E, och räknas från sitt första godkända betyg.",
        "Bara den kurs som först blir godkänd betalas.",
        "3. Matchningspeng",
        "Betalar 10 000,00 kr på nivå A, 15 000,00 kr på nivå B och 20 000,00 kr på nivå C.",
        "Ett arbete ska börja senast 2 månader efter avslutet och vara i minst 4 månader utan uppehåll.",
        "Steget är nått dagen efter 4 månader, tidigast på avslutsdagen, som ska vara känd.",
        "Det som pågår samtidigt eller dag efter dag räknas tillsammans, även hos olika arbetsgivare.",
        "Det som började före starten räknas inte.",
        "Tidsgränsen förlängs med dagar av avbrott.",
    ]


def test_blocks_in_english() -> None:
    lines = [plain(line) for line in sentences(library_model("work-programme-jsa-25"), "en")]
    assert lines[lines.index("3. Varaktighet") + 1 :] == [
        "Pays 215,00 kr for each period of 4 weeks.",
        "A job must begin no later than 104 weeks after the start and last at least 26 weeks unbroken.",
        "After 26 weeks, each further full period of 4 weeks is paid, at most 13 times.",
        "What goes on at the same time or day after day counts together, with different employers too.",
        "What began before the start does not count.",
        "The time limit is extended by interrupted days.",
        "Requires the step “Jobbresultat” to be reached too.",
    ]


@pytest.mark.parametrize(
    ("step", "line"),
    [
        (START | {"days": 1}, "Steget är nått den dag då deltagaren har närvarat i sammanlagt 1 dag."),
        (START | {"within": "P1W"}, "Det ska ske senast 1 vecka efter starten."),
        (
            START | {"within": "P1W", "extends_for_interruptions": False},
            "Tidsgränsen förlängs inte vid avbrott.",
        ),
        (
            {"code": "plan", "trigger": "milestone", "name": "planen klar", "share": "0.1625"},
            "Betalar 16,25 % av placeringens pris.",
        ),
        (
            {"code": "plan", "trigger": "milestone", "name": "planen klar", "share": "0.1625"},
            "Steget är nått den dag då delmålet ”planen klar” är nått.",
        ),
        (GRADE | {"per": "point", "amount": "45.00"}, "Betalar 45,00 kr för varje poäng i en godkänd kurs."),
        (GRADE, "Betalar 4 500,00 kr för varje godkänd kurs."),
        (MONTH | {"prorate": False}, "En påbörjad månad betalas helt; en månad som helt är avbrott betalas inte."),
        (MONTH | {"needs_report": True}, "En månad betalas bara om dess periodrapport är godkänd."),
        (
            MONTH | {"first_after_days": 14},
            "Inget betalas förrän placeringen har varat i 14 dagar; då betalas alla dess månader.",
        ),
        (
            MONTH | {"max_periods": 1},
            "Högst 1 månad betalas: de första då placeringen pågår, rapporterade eller inte.",
        ),
        (
            JOB | {"counts": ["studies"], "of": "start"},
            "Studier ska börja senast 2 månader efter starten och vara i minst 4 månader utan uppehåll.",
        ),
        (JOB | {"of": "start"}, "Steget är nått dagen efter 4 månader."),
        (JOB | {"may_start_before_end": False}, "Det som började före dagen efter avslutet räknas inte."),
        (JOB | {"extent_at_least": 75}, "Bara dagar med minst 75 % av heltid räknas."),
        (
            JOB | {"forms": ["probation", "permanent"]},
            "Av anställningsformerna räknas bara tillsvidareanställning och provanställning.",
        ),
        (JOB | {"gap_days": 5}, "Ett uppehåll på högst 5 dagar i rad bryter inte och räknas med i tiden."),
        (
            JOB | {"lasts": "P120D", "cumulative": True},
            "Dagarna behöver inte ligga i följd: alla dagar från den första räknas samman.",
        ),
        (
            JOB | {"bands": [{"extent_at_least": 50, "share": "1"}]},
            (
                "Medelomfattningen under tiden avgör hur mycket som betalas: 100 % av beloppet från 50 % av heltid; "
                "annars inget."
            ),
        ),
        (
            JOB | {"report_within": "P2M"},
            "Det ska ha rapporterats senast 2 månader efter den dag då steget nåddes.",
        ),
        (
            JOB | {"blocks": {"every": "P1M", "max": 1}},
            "Efter 4 månader betalas varje ytterligare full period om 1 månad, högst 1 gång.",
        ),
        (
            JOB | {"blocks": {"every": "P1M", "max": 1}},
            "En period betalas tidigast på avslutsdagen, som ska vara känd.",
        ),
        (EARNINGS, "Steget är nått den dag då lön för arbete efter starten når sammanlagt 60 000,00 kr."),
    ],
)
def test_each_key_has_its_sentence(step: Document, line: str) -> None:
    assert line in told(step)


def test_required_steps_are_named_by_their_titles() -> None:
    steps = [START | {"title": "Startdel"}, GRADE | {"title": "Betyg"}, JOB | {"requires": ["grade", "start"]}]
    lines = sentences(read_model({"code": "m", "steps": steps}), "sv")
    assert lines[-1] == "Kräver att även steget ”Startdel” och steget ”Betyg” har nåtts."


def test_the_cap_closes_the_model() -> None:
    assert told(START, caps={"per_placement": "10000.00"})[-1] == (
        "Sammanlagt betalas högst 10 000,00 kr för en placering."
    )


@given(documents(), st.sampled_from(LANGUAGES))
def test_every_model_is_told_without_keys(document: Document, language: Language) -> None:
    model = read_model(document)
    lines = sentences(model, language)
    assert len(lines) >= 1 + 2 * len(model.steps)
    keys = {key for step in model.steps for key in step_document(step, model.tiers) if "_" in key}
    assert not [line for line in lines if any(key in line for key in keys)]


def placeholders(phrase: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(phrase) if name}


def test_both_languages_say_the_same_things() -> None:
    swedish, english = PHRASES["sv"], PHRASES["en"]
    assert {key: placeholders(phrase) for key, phrase in swedish.items()} == {
        key: placeholders(phrase) for key, phrase in english.items()
    }
    for table in (COUNTED, FORMS, KEYS, VALUES):
        assert table["sv"].keys() == table["en"].keys()
