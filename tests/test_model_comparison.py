"""What differs between two payment models."""

import copy

from hypothesis import given

from contracts.comparison import Difference, differences, in_words
from contracts.reading import read_model
from contracts.terms import PaymentModel
from contracts.wording import KEYS, NO_BREAK
from tests.model_documents import documents
from tests.wrong_examples import GRADE, JOB, MONTH, START, Document


def model(*steps: Document, **keys: object) -> PaymentModel:
    return read_model(copy.deepcopy({"code": "m", "steps": list(steps), **keys}))


def told(old: PaymentModel, new: PaymentModel) -> list[str]:
    lines = in_words(differences(old, new), "sv")
    return [line.replace(NO_BREAK, " ").replace("\u202f", " ") for line in lines]


def test_equal_models_have_no_differences() -> None:
    spelt_out = JOB | {"gap_days": 0, "of": "end", "amount": {"standard": "15000.00"}}
    assert differences(model(JOB), model(spelt_out)) == []
    assert told(model(JOB), model(spelt_out)) == ["Modellerna säger samma sak."]


def test_a_changed_key_has_its_old_and_new_value() -> None:
    assert differences(model(JOB), model(JOB | {"gap_days": 5})) == [
        Difference("changed", "job", "job", "gap_days", 0, 5)
    ]


def test_changes_read_as_officers_write_them() -> None:
    title = {"title": "Matchningspeng"}
    changed = {
        "amount": {"A": "12000.00", "B": "18000.50"},
        "lasts": "P6M",
        "extent_at_least": 75,
        "forms": ["permanent"],
        "may_start_before_end": False,
        "bands": [{"extent_at_least": 50, "share": "0.6"}],
        "blocks": {"every": "P4W", "max": 13},
        "report_within": "P1M",
    }
    old = model(JOB | title | {"forms": ["permanent", "probation"]}, tiers=["A", "B"])
    new = model(JOB | title | changed, tiers=["A", "B"], caps={"per_placement": "20000.00"})
    assert told(old, new) == [
        "Modellen, tak per placering: inget → 20 000,00 kr",
        "Steget ”Matchningspeng”, belopp: 15 000,00 kr → 12 000,00 kr på nivå A och 18 000,50 kr på nivå B",
        "Steget ”Matchningspeng”, varar minst: 4 månader → 6 månader",
        "Steget ”Matchningspeng”, anställningsformer: tillsvidareanställning, provanställning → tillsvidareanställning",
        "Steget ”Matchningspeng”, får börja före avslutet: ja → nej",
        "Steget ”Matchningspeng”, lägsta omfattning: 0 % → 75 %",
        "Steget ”Matchningspeng”, andel efter omfattning: inget → 60 % av beloppet från 50 % av heltid",
        "Steget ”Matchningspeng”, ytterligare perioder: inget → 4 veckor, högst 13 gånger",
        "Steget ”Matchningspeng”, tid att rapportera: inget → 1 månad",
    ]


def test_an_amount_may_become_a_share() -> None:
    share: Document = {"code": "start", "trigger": "attendance", "days": 20, "share": "0.35"}
    assert told(model(START), model(share)) == [
        "Steget ”start”, belopp: 6 000,00 kr → inget",
        "Steget ”start”, andel av priset: inget → 35 %",
    ]


def test_steps_come_go_and_change_places() -> None:
    assert told(model(START, MONTH, JOB), model(JOB, START, GRADE)) == [
        "Steget ”grade” är nytt.",
        "Steget ”month” har tagits bort.",
        "Stegens ordning: start, job → job, start",
    ]


@given(documents(), documents())
def test_models_differ_exactly_when_differences_are_found(first: Document, second: Document) -> None:
    old, new = read_model(first), read_model(second)
    found = differences(old, new)
    assert bool(found) == (old != new)
    assert {(other.kind, other.step, other.key) for other in differences(new, old)} == {
        ({"added": "removed", "removed": "added"}.get(each.kind, each.kind), each.step, each.key) for each in found
    }
    for line in [*in_words(found, "sv"), *in_words(found, "en")]:
        assert line


@given(documents())
def test_every_key_has_words(document: Document) -> None:
    found = differences(read_model(document), model(START))
    assert {each.key for each in found if each.key} <= KEYS["sv"].keys()
