"""Why, and why not, in Swedish and English: golden answers from case files, and a sweep over every check and phrase."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from backend.kernel.money import THIN_SPACE
from contracts.wording import NO_BREAK, Language
from outcomes.columns import to_day
from payouts import words
from payouts.engine.cases import CaseBook, case_book, read_case_file
from payouts.engine.why import Why, why
from payouts.words import CHECKS, COUNTED, PHRASES, say_unknown, say_why

CASES = Path(__file__).parent / "cases"
ENGINE = Path(words.__file__).parent / "engine"
CHECK_NAMES = {  # PAYMENT_MODELS.md section 6
    "attended_days", "milestone", "passing_grade", "period_report", "starts_after", "starts_within", "lasts", "extent",
    "form", "threshold", "within", "requires", "reported_within", "cap", "exit_known",
}  # fmt: skip
LANGUAGES: list[Language] = ["sv", "en"]


def plain(sentence: str) -> str:
    """With the spaces of a typewriter."""
    return sentence.replace(THIN_SPACE, " ").replace(NO_BREAK, " ")


def told(made: CaseBook, answers: list[Why], language: Language) -> list[str]:
    sentences = say_why(answers, language, fact_name=made.fact_ids.__getitem__, subject_name=made.subjects.__getitem__)
    return [plain(sentence) for sentence in sentences]


def tell(case: str, as_of: date, language: Language) -> list[str]:
    made = case_book(read_case_file(CASES / f"{case}.toml"))
    return told(made, why(made.book, to_day(as_of)), language)


GOLDEN: list[tuple[str, date, list[str], list[str]]] = [
    (
        "window_missed_after_clamped_month",
        date(2027, 4, 30),
        [
            "job: missat.",
            "✓ Uppfyllt: Avslutet ska vara känt; det är 2026-12-31. (uppgift end)",
            "✗ Inte uppfyllt: Ett arbete ska börja senast 2027-02-28; det började 2027-03-01. (uppgift job)",
            (
                "✗ Inte uppfyllt: Ett arbete ska vara i minst 1 månad utan uppehåll; hittills är det 46 dagar."
                " (uppgift job)"
            ),
        ],
        [
            "job: missed.",
            "✓ Passed: The exit must be known; it is 2026-12-31. (fact end)",
            "✗ Not passed: A job must begin no later than 2027-02-28; it began on 2027-03-01. (fact job)",
            "✗ Not passed: A job must last at least 1 month unbroken; so far it is 46 days. (fact job)",
        ],
    ),
    (
        "cap_fills_in_model_order",
        date(2026, 4, 30),
        [
            "z-plan: ska betalas, 6 000,00 kr, uppnått 2026-03-10.",
            "✓ Uppfyllt: Delmålet ”plan” ska vara nått; det nåddes 2026-03-10. (uppgift plan)",
            "✓ Uppfyllt: Före taket för placeringen är det 6 000,00 kr; efter taket är det 6 000,00 kr.",
            "a-course: ska betalas, sammanlagt 4 000,00 kr för 1 kurs.",
            "– ENGENG05: 4 000,00 kr, uppnått 2026-03-10",
            "✓ Uppfyllt: Betyget ska vara A, B, C, D eller E; 1 kurs har det. (uppgift grade)",
            "✗ Inte uppfyllt: Före taket för placeringen är det 6 000,00 kr; efter taket är det 4 000,00 kr.",
            "mentor: ska betalas, 0,00 kr, uppnått 2026-04-01.",
            "✓ Uppfyllt: Delmålet ”mentor” ska vara nått; det nåddes 2026-04-01. (uppgift mentor)",
            "✗ Inte uppfyllt: Före taket för placeringen är det 500,00 kr; efter taket är det 0,00 kr.",
        ],
        [
            "z-plan: owed, 6 000,00 kr, reached 2026-03-10.",
            "✓ Passed: The milestone “plan” must be reached; it was reached on 2026-03-10. (fact plan)",
            "✓ Passed: Before the cap for the placement it is 6 000,00 kr; after the cap it is 6 000,00 kr.",
            "a-course: owed, 4 000,00 kr in all for 1 course.",
            "– ENGENG05: 4 000,00 kr, reached 2026-03-10",
            "✓ Passed: The grade must be A, B, C, D or E; 1 course has it. (fact grade)",
            "✗ Not passed: Before the cap for the placement it is 6 000,00 kr; after the cap it is 4 000,00 kr.",
            "mentor: owed, 0,00 kr, reached 2026-04-01.",
            "✓ Passed: The milestone “mentor” must be reached; it was reached on 2026-04-01. (fact mentor)",
            "✗ Not passed: Before the cap for the placement it is 500,00 kr; after the cap it is 0,00 kr.",
        ],
    ),
    (
        "blocks_with_their_own_extent",
        date(2026, 1, 10),
        [
            "stay: väntar; tidsgränsen går ut 2026-01-19.",
            "✗ Inte uppfyllt: Ett arbete ska börja senast 2026-01-19; inget som räknas är känt.",
            (
                "✗ Inte uppfyllt: Ett arbete ska vara i minst 4 veckor och därefter en full period om 4 veckor"
                " utan uppehåll; hittills är det 0 dagar."
            ),
        ],
        [
            "stay: waiting; the time limit is 2026-01-19.",
            "✗ Not passed: A job must begin no later than 2026-01-19; nothing that counts is known.",
            (
                "✗ Not passed: A job must last at least 4 weeks and then one full period of 4 weeks unbroken;"
                " so far it is 0 days."
            ),
        ],
    ),
]


@pytest.mark.parametrize(("case", "as_of", "swedish", "english"), GOLDEN, ids=[golden[0] for golden in GOLDEN])
def test_golden_answers(case: str, as_of: date, swedish: list[str], english: list[str]) -> None:
    assert tell(case, as_of, "sv") == swedish
    assert tell(case, as_of, "en") == english


def test_months_and_blocks_are_named() -> None:
    months = tell("max_periods_counts_unreported", date(2026, 12, 31), "sv")
    assert any(re.fullmatch(r"– 2026-\d\d: [\d ]+,\d\d kr, uppnått 2026-\d\d-\d\d", sentence) for sentence in months)
    blocks = tell("blocks_with_their_own_extent", date(2026, 3, 31), "en")
    assert blocks[0] == "stay: owed, 1 600,00 kr in all for 2 periods."
    assert "– period 2: 600,00 kr, reached 2026-03-30" in blocks


def test_a_check_with_several_facts_names_them_all() -> None:
    assert any("(fact full, part)" in told for told in tell("blocks_with_their_own_extent", date(2026, 3, 31), "en"))


def test_where_there_is_no_answer_it_says_so() -> None:
    assert say_why([], "sv") == []
    assert say_unknown("sv").startswith("Placeringen var inte känd")
    assert say_unknown("en").startswith("The placement was not known")


# --- sweeps


def test_every_check_of_the_engine_has_its_sentence() -> None:
    made = {name for path in ENGINE.glob("*.py") for name in re.findall(r'Check\(\s*"(\w+)"', path.read_text())}
    assert made == set(CHECKS) == CHECK_NAMES


def test_both_languages_have_the_same_phrases() -> None:
    assert PHRASES["sv"].keys() == PHRASES["en"].keys()
    assert COUNTED["sv"].keys() == COUNTED["en"].keys()
    placeholder = re.compile(r"{\w+}")
    for key, swedish in PHRASES["sv"].items():
        assert sorted(placeholder.findall(swedish)) == sorted(placeholder.findall(PHRASES["en"][key]))


def all_answers() -> Iterator[tuple[CaseBook, list[Why]]]:
    """Every own case on many days."""
    for path in sorted(CASES.rglob("*.toml")):
        case = read_case_file(path)
        made = case_book(case)
        start = case.placement.starts_on or case.placement.referred_on
        for days in range(0, 400, 40):
            yield made, why(made.book, to_day(start + timedelta(days=days)))


@pytest.fixture
def phrases_said(monkeypatch: pytest.MonkeyPatch) -> Callable[[Language], set[str]]:
    """The phrases that all answers take in a language."""

    def said(language: Language) -> set[str]:
        used: set[str] = {"unknown"}

        class Noted(dict[str, str]):
            def __getitem__(self, key: str) -> str:
                used.add(key)
                return super().__getitem__(key)

        monkeypatch.setitem(PHRASES, language, Noted(PHRASES[language]))
        for made, answers in all_answers():
            told(made, answers, language)
        return used

    return said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_is_said(phrases_said: Callable[[Language], set[str]], language: Language) -> None:
    assert phrases_said(language) == PHRASES[language].keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_check_is_a_whole_sentence_with_its_mark(language: Language) -> None:
    marks = {True: PHRASES[language]["passed"], False: PHRASES[language]["failed"]}
    seen: set[tuple[str, bool]] = set()
    for made, answers in all_answers():
        checks = [check for answer in answers for check in answer.checks]
        sentences = [sentence for sentence in told(made, answers, language) if sentence[0] in "✓✗"]
        for check, sentence in zip(checks, sentences, strict=True):
            seen.add((check.name, check.passed))
            assert sentence.startswith(marks[check.passed].partition("{")[0])
            assert re.search(r"[.)]$", sentence), sentence
            assert "None" not in sentence, sentence
    assert seen == {(name, passed) for name in CHECK_NAMES for passed in (True, False)}
