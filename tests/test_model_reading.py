"""Reading payment models: what is refused and how it is said, what is read, and the canonical document."""

import copy
import json
import tomllib
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel.errors import DomainError
from backend.kernel.fields import plain_share
from backend.kernel.money import plain_kronor
from backend.kernel.periods import Duration
from contracts.library import codes, library_model
from contracts.reading import (
    OCCURRENCES_MOST,
    POINTS_MOST,
    check_publishable,
    model_digest,
    model_document,
    read_model,
    read_model_file,
)
from contracts.terms import Band, Blocks, EmploymentTerms, Grade, GradeTerms, PaymentModel, PeriodTerms, Step
from tests.model_documents import documents
from tests.wrong_examples import EARNINGS, GRADE, JOB, MONTH, START, model_with, step_with

SHARED_CASES = Path(__file__).parents[2] / "shared" / "cases"


def refusal(example: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as refused:
        example()
    return str(refused.value)


def job(**changes: object) -> EmploymentTerms:
    terms = read_one(JOB | changes).terms
    assert isinstance(terms, EmploymentTerms)
    return terms


def read_one(step: dict[str, object], **keys: object) -> Step:
    return read_model({"code": "m", "steps": [step], **keys}).steps[0]


@pytest.mark.parametrize(
    ("example", "said"),
    [
        (
            step_with(JOB, without="starts_within"),
            "steps.job.starts_within = None: the key starts_within is needed here",
        ),
        (step_with(START, without="days"), "steps.start.days = None: the key days is needed here"),
        (step_with(GRADE, without="pass"), "steps.grade.pass = None: the key pass is needed here"),
        (step_with(EARNINGS, without="threshold"), "steps.pay.threshold = None: the key threshold is needed here"),
        (step_with(START, without="code"), "steps[1].code = None: the key code is needed here"),
        (step_with(START, without="trigger"), "steps.start.trigger = None: the key trigger is needed here"),
        (step_with(START, code=7), "steps[1].code = 7: a text of 1 to 100 characters"),
        (step_with(START, title="a\x00b"), "a text of 1 to 200 characters is needed"),
        (step_with(START, trigger="job"), "steps.start.trigger = job: only these are known: attendance, milestone, "),
        (step_with(START, lasts="P4M"), "steps.start.lasts = P4M: the key lasts belongs to the trigger employment"),
        (step_with(JOB, within="P4M"), "belongs to the trigger attendance, milestone, grade, earnings"),
        (
            step_with(START, amount=6000.0),
            "steps.start.amount = 6000.0: an amount in kronor is a text with exactly two",
        ),
        (step_with(START, amount="6000"), "steps.start.amount = 6000: an amount in kronor is a text with exactly two"),
        (step_with(START, amount="-1.00"), "steps.start.amount = -1.00: an amount in kronor"),
        (step_with(START, amount={"standard": True}), "steps.start.amount.standard = True: an amount in kronor"),
        (step_with(START, without="amount"), "steps.start.amount = None: a step has either an amount or a share"),
        (step_with(START, without="amount", share="0.1234567"), "steps.start.share = 0.1234567: a share is a text"),
        (step_with(START, without="amount", share="-0.1"), "steps.start.share = -0.1: a share is a text"),
        (step_with(START, days=0), "steps.start.days = 0: a whole number from 1"),
        (step_with(START, days=20.0), "steps.start.days = 20.0: a whole number from 1"),
        (step_with(JOB, gap_days=-1), "steps.job.gap_days = -1: a whole number from 0"),
        (step_with(JOB, extent_at_least=101), "steps.job.extent_at_least = 101: a whole number from 0 to 100"),
        (step_with(JOB, lasts="P0M"), "steps.job.lasts = P0M: a duration is"),
        (step_with(JOB, lasts="P1Y"), "steps.job.lasts = P1Y: a duration is"),
        (step_with(JOB, forms=[]), "steps.job.forms = []: a list with at least one value"),
        (step_with(JOB, forms=["odd"]), "steps.job.forms[1] = odd: only these are known: permanent, fixed_term"),
        (step_with(JOB, counts=["exit"]), "steps.job.counts[1] = exit: only these are known: employment, studies"),
        (step_with(JOB, counts="studies"), "steps.job.counts = studies: a list with at least one value"),
        (step_with(JOB, of="exit"), "steps.job.of = exit: only these are known: end, start"),
        (step_with(JOB, bands=[]), "steps.job.bands = []: a list with at least one value"),
        (step_with(JOB, bands=[{"share": "1"}]), "steps.job.bands[1].extent_at_least = None: the key"),
        (step_with(JOB, blocks={"every": "P4W"}), "steps.job.blocks.max = None: the key max is needed here"),
        (step_with(JOB, blocks={"every": "P4W", "max": 0}), "steps.job.blocks.max = 0: a whole number from 1"),
        (
            step_with(JOB, lasts="P16W", cumulative=True, blocks={"every": "P1M", "max": 3}),
            "cumulative days are counted in days or weeks, and P1M is in months",
        ),
        (model_with(GRADE | {"pass": []}), "steps.grade.pass = []: a list with at least one value"),
        (step_with(GRADE, per="course"), "steps.grade.per = course: only these are known: occurrence, point"),
        (step_with(MONTH, max_periods=0), "steps.month.max_periods = 0: a whole number from 1"),
        (step_with(MONTH, requires=["month"]), "month is not the code of an earlier step"),
        (model_with(), "steps = []: a list with at least one value is needed here"),
        (model_with(START, caps={"per_placement": 5}), "caps.per_placement = 5: an amount in kronor"),
        (model_with(START, caps={"per_month": "5.00"}), "caps.per_month = 5.00: the key per_month is unknown here"),
        (model_with(START, version=3), "version = 3: the key version is unknown here; known are: code, title, source"),
        (model_with(START, tiers=["A", ""]), "tiers[2] = : a text of 1 to 100 characters"),
        (lambda: read_model_file("no-such-model.toml"), "file = no-such-model.toml: the file cannot be read"),
        (lambda: read_model_file("model.yaml"), "unknown suffix '.yaml'"),
        (lambda: read_model([]), "document = []: a table of keys and values is needed here"),  # type: ignore[arg-type]
    ],
)
def test_a_refusal_names_field_value_and_rule(example: Callable[[], object], said: str) -> None:
    assert said in refusal(example)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.toml", b"code = "),
        ("model.toml", b'code = "a"\ncode = "b"'),
        ("model.toml", b'code = "\xff"'),
        ("model.json", b'{"code": }'),
        ("model.json", b'{"code": "a", "code": "b"}'),
        ("model.json", b"[" * 100_000),
        ("model.json", b'{"code": ' + b"9" * 5000 + b"}"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert "the file cannot be read as TOML (.toml) or JSON (.json)" in refusal(
        lambda: read_model_file(tmp_path / name)
    )


def test_all_breaches_are_named_at_once_under_the_given_place() -> None:
    document = {"code": "m", "kind": "x", "steps": [START | {"days": 0, "amount": 1}, {"code": "job"}]}
    said = refusal(lambda: read_model(document, where="model")).splitlines()
    assert [line.split(" = ")[0] for line in said] == [
        "model.steps.start.amount",
        "model.steps.start.days",
        "model.steps.job.amount",
        "model.steps.job.trigger",
        "model.kind",
    ]


def test_wrong_tiers_are_not_held_against_the_amounts() -> None:
    said = refusal(model_with(START | {"amount": {"A": "1.00"}}, tiers="A"))
    assert said == "tiers = A: a list with at least one value is needed here"


def test_amounts_stand_in_the_order_of_the_tiers() -> None:
    step = read_one(START | {"amount": {"B": "2.00", "A": "1.00"}}, tiers=["A", "B"])
    assert step.amounts == (100, 200)
    assert read_one(START, tiers=["A", "B"]).amounts == (600000, 600000)


def test_defaults() -> None:
    model = read_model({"code": "m", "steps": [START, GRADE, MONTH, JOB]})
    assert (model.title, model.source, model.tiers, model.cap) == ("m", "", ("standard",), None)
    assert [step.title for step in model.steps] == ["start", "grade", "month", "job"]
    assert model.step("grade").terms == GradeTerms(passing=(Grade.A, Grade.E))
    assert model.step("month").terms == PeriodTerms()
    assert model.step("job").terms == EmploymentTerms(starts_within=Duration(2, "M"), lasts=Duration(4, "M"))


def test_bands_and_blocks_are_read_highest_band_first() -> None:
    bands = [{"extent_at_least": 50, "share": "0.6"}, {"extent_at_least": 80, "share": "1"}]
    terms = job(bands=bands, blocks={"every": "P4W", "max": 13})
    assert terms.bands == (Band(80, Fraction(1)), Band(50, Fraction(3, 5)))
    assert terms.blocks == Blocks(Duration(4, "W"), 13)


def test_lists_that_mean_the_same_read_the_same() -> None:
    assert job(forms=["hourly", "permanent"]) == job(forms=["permanent", "hourly"])
    assert job(counts=["studies", "employment"]) == job(counts=["employment", "studies"])


@pytest.mark.parametrize(
    ("step", "fits"),
    [
        (START | {"amount": "99999999999.99"}, True),
        (MONTH | {"amount": "99999999999.99"}, True),
        (GRADE | {"per": "point", "once_per": "placement", "amount": "99999999999.99"}, True),
        (GRADE | {"per": "point", "amount": "99999999999.99"}, False),  # 1,200 courses
        (GRADE | {"per": "point", "amount": "700000000.00"}, True),
        (JOB | {"amount": "99999999999.99", "blocks": {"every": "P4W", "max": 99_999}}, True),
        (JOB | {"amount": "99999999999.99", "bands": [{"extent_at_least": 0, "share": "0.999999"}]}, False),
    ],
)
def test_figures_that_could_overflow_are_refused(step: dict[str, object], fits: bool) -> None:
    if fits:
        assert read_one(step)
    else:
        assert "too large to be computed exactly in 64 bits" in refusal(lambda: read_one(step))


def test_the_sum_over_all_steps_must_fit_too() -> None:
    amount = plain_kronor((2**63 - 1) // (POINTS_MOST * OCCURRENCES_MOST))
    steps = [GRADE | {"code": f"grade-{n}", "per": "point", "amount": amount} for n in range(2)]
    assert read_one(steps[0])
    assert refusal(model_with(*steps)).splitlines()[-1].startswith("steps = ")


@given(documents())
def test_the_canonical_document_reads_as_an_equal_model(document: dict[str, object]) -> None:
    model = read_model(copy.deepcopy(document))
    canonical = model_document(model)
    again = read_model(json.loads(json.dumps(canonical)))
    assert again == model
    assert model_document(again) == canonical
    assert model_digest(again) == model_digest(model)


def test_defaults_are_left_out_of_the_canonical_document() -> None:
    spelt_out = JOB | {"of": "end", "gap_days": 0, "counts": ["employment"], "requires": [], "title": "job"}
    assert model_document(read_model({"code": "m", "tiers": ["standard"], "steps": [spelt_out]})) == {
        "code": "m",
        "steps": [JOB],
    }


def test_the_digest_follows_the_meaning() -> None:
    model = read_model({"code": "m", "steps": [JOB]})
    assert len(model_digest(model)) == 64
    assert model_digest(model) == model_digest(read_model({"steps": [JOB | {"gap_days": 0}], "code": "m"}))
    assert model_digest(model) != model_digest(read_model({"code": "m", "steps": [JOB | {"gap_days": 1}]}))


@given(documents(), st.data())
def test_whatever_stands_in_a_document_it_is_read_or_refused(document: dict[str, object], data: st.DataObject) -> None:
    junk: st.SearchStrategy[object] = st.sampled_from(
        [None, True, -1, 1.5, "", "P1M", "1.00", [], [[]], {}, {"a": 1}, "A", 10**30, "\ud800"]
    )
    place: dict[str, object] = data.draw(st.sampled_from([document, *document["steps"]]))  # type: ignore[misc]
    place[data.draw(st.sampled_from([*place, "else"]))] = data.draw(junk)
    with suppress(DomainError):
        model_digest(read_model(document))


@pytest.mark.parametrize(("exact", "plain"), [("0.35", "0.35"), ("1", "1"), ("10.500000", "10.5"), ("0", "0")])
def test_shares_are_written_shortest(exact: str, plain: str) -> None:
    assert plain_share(Fraction(exact)) == plain


@pytest.mark.parametrize("code", codes())
def test_library_models_can_be_published(code: str) -> None:
    model = library_model(code)
    check_publishable(model)
    assert model.code == code
    assert all(step.title != step.code for step in model.steps)


def test_json_files_are_read_as_toml_files_are(tmp_path: Path) -> None:
    model = library_model("jobactive-4-12-26")
    path = tmp_path / "model.json"
    path.write_text(json.dumps(model_document(model)))
    assert read_model_file(path) == model


@pytest.mark.skipif(not SHARED_CASES.is_dir(), reason="the shared cases are not beside this checkout")
def test_the_models_of_all_shared_cases_are_read() -> None:
    def model_of(path: Path) -> PaymentModel:
        return read_model(tomllib.loads(path.read_text())["model"], where="model")

    read = [model_of(path) for path in sorted(SHARED_CASES.rglob("*.toml"))]
    assert read
    assert all(read_model(model_document(model)) == model for model in read)
