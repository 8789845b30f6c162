"""Why, and why not, in plain sentences: a step's status, what is owed of it, and each check, in Swedish or English.

Pure. A passed check begins with ✓ and a failed one with ✗, each followed by a word: nothing rests on sign or colour.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from backend.kernel.money import show_kronor
from backend.kernel.periods import parse_duration
from contracts.terms import EmploymentTerms, GradeTerms, PeriodTerms, Step
from contracts.wording import FORMS, NO_BREAK, Language, Words
from outcomes.columns import FAR, NO_FACT, to_date
from payouts.engine.cases import say_occurrence
from payouts.engine.findings import Check
from payouts.engine.why import Status, Why

Name = Callable[[int], str]

SWEDISH = {
    "unknown": "Placeringen var inte känd den dagen, eller ingen ersättningsmodell gäller den.",
    "answer": "{title}: {status}.",
    "owed": "ska betalas, {amount}, uppnått {day}",
    "owed_several": "ska betalas, sammanlagt {amount} för {count}",
    "waiting": "väntar",
    "waiting_until": "väntar; tidsgränsen går ut {day}",
    "missed": "missat",
    "occurrence": "– {name}: {amount}, uppnått {day}",
    "block": "period {number}",
    "passed": "✓ Uppfyllt: {sentence}{facts}",
    "failed": "✗ Inte uppfyllt: {sentence}{facts}",
    "facts": " (uppgift {names})",
    "is_owed": "ska betalas",
    "is_waiting": "väntar",
    "is_missed": "är missat",
    # checks: what is required; what was found
    "attended_days": "Närvaro i minst {required} krävs; hittills är det {found}.",
    "milestone": "Delmålet ”{required}” ska vara nått; det nåddes {found}.",
    "milestone_none": "Delmålet ”{required}” ska vara nått; inget sådant är känt.",
    "passing_grade": "Betyget ska vara {required}; {found}.",
    "passing_grade_none": "Betyget ska vara {required}; ingen kurs har det.",
    "period_report": "En månad betalas bara om dess periodrapport är godkänd; det gäller {found} av {required}.",
    "active_months": "Månader som är slut och då placeringen har pågått betalas; hittills är det {found}.",
    "active_months_none": "Månader som är slut och då placeringen har pågått betalas; hittills är det ingen.",
    "no_show": "Placeringen ska ha börjat; ingen startdag är känd.",
    "starts_after": "Bara det som börjar {required} eller senare räknas; det första som är känt började {found}.",
    "starts_after_some": "Det som började före {required} räknas inte; det första började {found}, men annat räknas.",
    "starts_after_exit": "Bara det som börjar efter avslutet räknas, och det är inte känt; det första började {found}.",
    "starts_within": "{what} ska börja senast {required}; det började {found}.",
    "starts_within_none": "{what} ska börja senast {required}; inget som räknas är känt.",
    "window_unknown": "{what} ska börja inom en tid från avslutet, som inte är känt än; det började {found}.",
    "window_unknown_none": "{what} ska börja inom en tid från avslutet, som inte är känt än; inget som räknas är känt.",
    "lasts": "{what} ska vara i minst {required} utan uppehåll; hittills är det {found}.",
    "lasts_cumulative": "{what} ska omfatta sammanlagt minst {required}; hittills är det {found}.",
    "and_a_block": "{lasts} och därefter en full period om {every}",
    "placement_lasts": "Placeringen ska ha varat i minst {required}; hittills är det {found}.",
    "extent": "Omfattningen ska vara minst {required} av heltid; den är {found}.",
    "form": "Anställningsformen ska vara {required}; {found}.",
    "form_none": "Anställningsformen ska vara {required}; ingen anställning har den.",
    "threshold": "Lön för arbete efter starten ska nå sammanlagt {required}; hittills är det {found}.",
    "within": "Det ska ske senast {required}; det skedde {found}.",
    "within_none": "Det ska ske senast {required}; det har inte skett.",
    "requires": "Även steget ”{required}” ska ha nåtts; det {found}.",
    "reported_within": "Det ska rapporteras senast {required} efter att steget nåddes; det rapporterades {found}.",
    "cap": "Före taket för placeringen är det {required}; efter taket är det {found}.",
    "exit_known": "Avslutet ska vara känt; det är {found}.",
    "exit_known_none": "Avslutet ska vara känt; inget avslut är känt.",
}

ENGLISH = {
    "unknown": "The placement was not known on that day, or no payment model governs it.",
    "answer": "{title}: {status}.",
    "owed": "owed, {amount}, reached {day}",
    "owed_several": "owed, {amount} in all for {count}",
    "waiting": "waiting",
    "waiting_until": "waiting; the time limit is {day}",
    "missed": "missed",
    "occurrence": "– {name}: {amount}, reached {day}",
    "block": "period {number}",
    "passed": "✓ Passed: {sentence}{facts}",
    "failed": "✗ Not passed: {sentence}{facts}",
    "facts": " (fact {names})",
    "is_owed": "is owed",
    "is_waiting": "is waiting",
    "is_missed": "is missed",
    "attended_days": "Attendance on at least {required} is needed; so far it is {found}.",
    "milestone": "The milestone “{required}” must be reached; it was reached on {found}.",
    "milestone_none": "The milestone “{required}” must be reached; none such is known.",
    "passing_grade": "The grade must be {required}; {found}.",
    "passing_grade_none": "The grade must be {required}; no course has it.",
    "period_report": "A month is paid only if its periodic report is approved; that is so for {found} of {required}.",
    "active_months": "Months that are over and had active days are paid; so far it is {found}.",
    "active_months_none": "Months that are over and had active days are paid; so far there is none.",
    "no_show": "The placement must have begun; no first day is known.",
    "starts_after": "Only what begins on {required} or later counts; the first that is known began on {found}.",
    "starts_after_some": "What began before {required} does not count; the first began on {found}, but others count.",
    "starts_after_exit": "Only what begins after the exit counts, but no exit is known; the first began on {found}.",
    "starts_within": "{what} must begin no later than {required}; it began on {found}.",
    "starts_within_none": "{what} must begin no later than {required}; nothing that counts is known.",
    "window_unknown": "{what} must begin within a time from the exit, which is not known yet; it began on {found}.",
    "window_unknown_none": (
        "{what} must begin within a time from the exit, which is not known yet; nothing that counts is known."
    ),
    "lasts": "{what} must last at least {required} unbroken; so far it is {found}.",
    "lasts_cumulative": "{what} must reach at least {required} in all; so far it is {found}.",
    "and_a_block": "{lasts} and then one full period of {every}",
    "placement_lasts": "The placement must have lasted at least {required}; so far it is {found}.",
    "extent": "The extent must be at least {required} of full time; it is {found}.",
    "form": "The form of employment must be {required}; {found}.",
    "form_none": "The form of employment must be {required}; no employment has it.",
    "threshold": "Pay for work after the start must reach {required} in all; so far it is {found}.",
    "within": "It must happen no later than {required}; it happened on {found}.",
    "within_none": "It must happen no later than {required}; it has not happened.",
    "requires": "The step “{required}” must be reached too; it {found}.",
    "reported_within": "It must be reported within {required} of being reached; it was reported on {found}.",
    "cap": "Before the cap for the placement it is {required}; after the cap it is {found}.",
    "exit_known": "The exit must be known; it is {found}.",
    "exit_known_none": "The exit must be known; no exit is known.",
}

PHRASES: dict[Language, dict[str, str]] = {"sv": SWEDISH, "en": ENGLISH}

COUNTED: dict[Language, dict[str, tuple[str, str]]] = {
    "sv": {
        "course": ("{n} kurs", "{n} kurser"),
        "block": ("{n} period", "{n} perioder"),
        "passed_course": ("{n} kurs har det", "{n} kurser har det"),
        "employment": ("{n} anställning har den", "{n} anställningar har den"),
    },
    "en": {
        "course": ("{n} course", "{n} courses"),
        "block": ("{n} period", "{n} periods"),
        "passed_course": ("{n} course has it", "{n} courses have it"),
        "employment": ("{n} employment has it", "{n} employments have it"),
    },
}


def say_why(
    answers: Sequence[Why], language: Language, *, fact_name: Name = str, subject_name: Name = str
) -> list[str]:
    """The answers of a placement's steps, a sentence an item: each step's status, what is owed of it, and its checks.

    `fact_name` and `subject_name` say how a fact and a course are called, by their numbers.
    """
    told = say_each(answers, language, fact_name=fact_name, subject_name=subject_name)
    return [sentence for said in told for sentence in said]


def say_each(
    answers: Sequence[Why], language: Language, *, fact_name: Name = str, subject_name: Name = str
) -> list[list[str]]:
    """As `say_why`, apart for each step: first its status, then what is owed of it, then its checks."""
    titles = {answer.step.code: answer.step.title for answer in answers}
    teller = _Teller(Words(language), titles, fact_name, subject_name)
    return [list(teller.answer(answer)) for answer in answers]


def say_unknown(language: Language) -> str:
    """What is said where there is no answer."""
    return PHRASES[language]["unknown"]


def _day(number: Any) -> str:
    return str(to_date(number))


@dataclass(frozen=True, slots=True)
class _Teller:
    """Tells answers of one placement in one language."""

    words: Words
    titles: Mapping[str, str]
    fact_name: Name
    subject_name: Name

    def say(self, phrase: str, **values: object) -> str:
        return PHRASES[self.words.language][phrase].format(**values)

    def count(self, number: int, unit: str) -> str:
        """A number with its unit; days and months are counted by `self.words`."""
        one, many = COUNTED[self.words.language][unit]
        return (one if number == 1 else many).format(n=number).replace(" ", NO_BREAK)

    def answer(self, why: Why) -> Iterator[str]:
        yield self.say("answer", title=why.step.title, status=self.status(why))
        if len(why.owed) and why.owed.occurrence.any():
            yield from self.occurrences(why)
        for check in why.checks:
            sentence = CHECKS[check.name](self, why.step, check)
            yield self.say("passed" if check.passed else "failed", sentence=sentence, facts=self.facts(check))

    def status(self, why: Why) -> str:
        if why.status is Status.MISSED:
            return self.say("missed")
        if why.status is Status.WAITING:
            return self.say("waiting") if why.until is None else self.say("waiting_until", day=_day(why.until))
        amount = show_kronor(why.amount)
        if why.owed.occurrence.any():
            return self.say("owed_several", amount=amount, count=self.how_many(why))
        return self.say("owed", amount=amount, day=_day(why.owed.qualifies_on[0]))

    def how_many(self, why: Why) -> str:
        number = len(why.owed)
        match why.step.terms:
            case PeriodTerms():
                return self.words.count(number, "M")
            case GradeTerms():
                return self.count(number, "course")
        return self.count(number, "block")

    def occurrences(self, why: Why) -> Iterator[str]:
        for number, day, amount in zip(why.owed.occurrence, why.owed.qualifies_on, why.owed.amount, strict=True):
            name = self.occurrence(why.step, int(number))
            yield self.say("occurrence", name=name, amount=show_kronor(int(amount)), day=_day(day))

    def occurrence(self, step: Step, number: int) -> str:
        match step.terms:
            case GradeTerms():
                return self.subject_name(number)
            case EmploymentTerms():
                return self.say("block", number=number)
        return say_occurrence(step, number, ())

    def facts(self, check: Check) -> str:
        names = [self.fact_name(fact) for fact in check.facts if fact != NO_FACT]
        return self.say("facts", names=", ".join(names)) if names else ""


# --- one function for each check, from what it asks and found to a sentence

Telling = Callable[[_Teller, Step, Any], str]  # a Check's values have the types that its name says


def _attended_days(teller: _Teller, step: Step, check: Any) -> str:
    count = teller.words.count
    return teller.say("attended_days", required=count(check.required, "D"), found=count(check.found, "D"))


def _milestone(teller: _Teller, step: Step, check: Any) -> str:
    return _with_day(teller, "milestone", check, required=check.required)


def _with_day(teller: _Teller, phrase: str, check: Any, **values: object) -> str:
    """A sentence about a day that was found, or about none."""
    if check.found is None:
        return teller.say(f"{phrase}_none", **values)
    return teller.say(phrase, found=_day(check.found), **values)


def _counted(teller: _Teller, phrase: str, check: Any, found: str, **values: object) -> str:
    """A sentence about a number that was found, or about none."""
    return teller.say(phrase, found=found, **values) if check.found else teller.say(f"{phrase}_none", **values)


def _passing_grade(teller: _Teller, step: Step, check: Any) -> str:
    grades = teller.words.listed(check.required.split(", "), "or")
    return _counted(teller, "passing_grade", check, teller.count(check.found, "passed_course"), required=grades)


def _period_report(teller: _Teller, step: Step, check: Any) -> str:
    return teller.say("period_report", required=teller.words.count(check.required, "M"), found=check.found)


def _starts_after(teller: _Teller, step: Step, check: Any) -> str:
    if check.found is None:
        return teller.say("no_show")
    if isinstance(step.terms, PeriodTerms):
        return _counted(teller, "active_months", check, teller.words.count(check.found, "M"))
    if check.required >= FAR:
        return teller.say("starts_after_exit", found=_day(check.found))
    phrase = "starts_after_some" if check.passed else "starts_after"
    return teller.say(phrase, required=_day(check.required), found=_day(check.found))


def _what(teller: _Teller, step: Step) -> str:
    """A job, studies, or either."""
    assert isinstance(step.terms, EmploymentTerms)
    counts = step.terms.counts
    return teller.words.say("job_or_studies" if len(counts) > 1 else "studies" if "studies" in counts else "job")


def _starts_within(teller: _Teller, step: Step, check: Any) -> str:
    what = _what(teller, step)
    if check.required is None:
        return _with_day(teller, "window_unknown", check, what=what)
    return _with_day(teller, "starts_within", check, what=what, required=_day(check.required))


def _lasts(teller: _Teller, step: Step, check: Any) -> str:
    found = teller.words.count(check.found, "D")
    if isinstance(step.terms, PeriodTerms):
        return teller.say("placement_lasts", required=teller.words.count(check.required, "D"), found=found)
    assert isinstance(step.terms, EmploymentTerms)
    lasts = teller.words.duration(step.terms.lasts)
    if step.terms.blocks:
        lasts = teller.say("and_a_block", lasts=lasts, every=teller.words.duration(step.terms.blocks.every))
    phrase = "lasts_cumulative" if step.terms.cumulative else "lasts"
    return teller.say(phrase, what=_what(teller, step), required=lasts, found=found)


def _extent(teller: _Teller, step: Step, check: Any) -> str:
    required, found = (teller.words.percent(Fraction(value, 100)) for value in (check.required, check.found))
    return teller.say("extent", required=required, found=found)


def _form(teller: _Teller, step: Step, check: Any) -> str:
    forms = [FORMS[teller.words.language][form] for form in check.required.split(", ")]
    required = teller.words.listed(forms, "or")
    return _counted(teller, "form", check, teller.count(check.found, "employment"), required=required)


def _kronor(teller: _Teller, step: Step, check: Any) -> str:
    return teller.say(check.name, required=show_kronor(check.required), found=show_kronor(check.found))


def _within(teller: _Teller, step: Step, check: Any) -> str:
    return _with_day(teller, "within", check, required=_day(check.required))


def _requires(teller: _Teller, step: Step, check: Any) -> str:
    return teller.say("requires", required=teller.titles[check.required], found=teller.say(f"is_{check.found}"))


def _reported_within(teller: _Teller, step: Step, check: Any) -> str:
    duration = teller.words.duration(parse_duration(check.required, "report_within"))
    return teller.say("reported_within", required=duration, found=_day(check.found))


def _exit_known(teller: _Teller, step: Step, check: Any) -> str:
    return _with_day(teller, "exit_known", check)


CHECKS: dict[str, Telling] = {
    "attended_days": _attended_days,
    "milestone": _milestone,
    "passing_grade": _passing_grade,
    "period_report": _period_report,
    "starts_after": _starts_after,
    "starts_within": _starts_within,
    "lasts": _lasts,
    "extent": _extent,
    "form": _form,
    "threshold": _kronor,
    "within": _within,
    "requires": _requires,
    "reported_within": _reported_within,
    "cap": _kronor,
    "exit_known": _exit_known,
}
