"""A payment model told in sentences that a procurement officer can read, in Swedish or English. Pure."""

from collections.abc import Iterator
from fractions import Fraction

from backend.kernel.money import show_kronor
from contracts.terms import (
    AttendanceTerms,
    EarningsTerms,
    EmploymentForm,
    EmploymentTerms,
    GradeTerms,
    MilestoneTerms,
    PaymentModel,
    PeriodTerms,
    Step,
)
from contracts.wording import FORMS, Language, Words


def sentences(model: PaymentModel, language: Language) -> list[str]:
    """The whole model, a sentence or a heading an item: its title, source and tiers, every step, and the cap."""
    words = Words(language)
    told = [model.title]
    if model.source:
        told.append(words.say("source", source=model.source))
    if len(model.tiers) > 1:
        told.append(words.say("tiers", tiers=words.listed(model.tiers, "and")))
    for number, step in enumerate(model.steps, start=1):
        told.append(words.say("heading", number=number, title=step.title))
        told.extend(step_sentences(model, step, language))
    if model.cap is not None:
        told.append(words.say("cap", amount=show_kronor(model.cap)))
    return told


def step_sentences(model: PaymentModel, step: Step, language: Language) -> list[str]:
    """One step without its heading: what it pays, what reaches it, and on which conditions."""
    words = Words(language)
    return [_pays(model, step, words), *_reached(step, words), *_conditions(model, step, words)]


def _pays(model: PaymentModel, step: Step, words: Words) -> str:
    return words.say("pays", amount=amount_in_words(model, step, words.language), per=_per(step, words))


def amount_in_words(model: PaymentModel, step: Step, language: Language) -> str:
    """The amount or share of a step, by tier where the tiers differ."""
    words = Words(language)
    if step.share is not None:
        return words.say("of_price", share=words.percent(step.share))
    amounts = step.amounts or ()
    if len(set(amounts)) == 1:
        return show_kronor(amounts[0])
    return words.listed(
        [
            words.say("on_tier", amount=show_kronor(amount), tier=tier)
            for tier, amount in zip(model.tiers, amounts, strict=True)
        ],
        "and",
    )


def _per(step: Step, words: Words) -> str:
    match step.terms:
        case GradeTerms(per="point"):
            return words.say("per_point")
        case GradeTerms(once_per="course"):
            return words.say("per_course")
        case PeriodTerms():
            return words.say("per_month")
        case EmploymentTerms(blocks=blocks) if blocks:
            return words.say("per_block", every=words.duration(blocks.every))
    return ""


def _reached(step: Step, words: Words) -> Iterator[str]:
    match step.terms:
        case AttendanceTerms(days=days):
            yield words.say("attendance", days=words.count(days, "D"))
        case MilestoneTerms(name=name):
            yield words.say("milestone", name=name)
        case GradeTerms() as terms:
            yield words.say("grade", grades=words.listed(terms.passing, "or"))
            if terms.once_per == "placement":
                yield words.say("one_course")
        case PeriodTerms() as terms:
            yield from _period(terms, words)
        case EmploymentTerms() as terms:
            yield from _employment(terms, words)
        case EarningsTerms(threshold=threshold):
            yield words.say("earnings", threshold=show_kronor(threshold))


def _period(terms: PeriodTerms, words: Words) -> Iterator[str]:
    yield words.say("period")
    yield words.say("prorated" if terms.prorate else "not_prorated")
    if terms.first_after_days:
        yield words.say("first_after", days=words.count(terms.first_after_days, "D"))
    if terms.needs_report:
        yield words.say("needs_report")
    if terms.max_periods is not None:
        yield words.say("max_periods", count=words.count(terms.max_periods, "M"))


def _employment(terms: EmploymentTerms, words: Words) -> Iterator[str]:
    lasts = words.duration(terms.lasts)
    what = (
        "job" if "studies" not in terms.counts else "studies" if "employment" not in terms.counts else "job_or_studies"
    )
    yield words.say(
        "lasting_cumulative" if terms.cumulative else "lasting",
        what=words.say(what),
        window=words.duration(terms.starts_within),
        anchor=words.say("from_end" if terms.of == "end" else "from_start"),
        lasts=lasts,
    )
    if terms.blocks:
        times = words.count(terms.blocks.max, "times")
        yield words.say("reached_blocks", lasts=lasts, every=words.duration(terms.blocks.every), times=times)
        if terms.of == "end":
            yield words.say("blocks_after_exit")
    else:
        yield words.say("reached_after_exit" if terms.of == "end" else "reached", lasts=lasts)
    if terms.cumulative:
        yield words.say("cumulative")
    elif terms.gap_days:
        yield words.say("gap", days=words.count(terms.gap_days, "D"))
    yield words.say("together")
    yield words.say("not_before_start" if terms.may_start_before_end else "not_before_end")
    if terms.extent_at_least:
        yield words.say("extent", extent=words.percent(Fraction(terms.extent_at_least, 100)))
    if "employment" in terms.counts and len(terms.forms) < len(EmploymentForm):
        yield words.say("forms", forms=words.listed([FORMS[words.language][form] for form in terms.forms], "and"))
    if terms.bands:
        yield words.say("bands", bands=bands_in_words(terms, words.language))


def bands_in_words(terms: EmploymentTerms, language: Language) -> str:
    """The parts paid by mean extent, highest first."""
    words = Words(language)
    return ", ".join(
        words.say("band", share=words.percent(band.share), extent=words.percent(Fraction(band.extent_at_least, 100)))
        for band in terms.bands
    )


def _conditions(model: PaymentModel, step: Step, words: Words) -> Iterator[str]:
    """Windows and their extension, earlier steps, and the time to report."""
    terms = step.terms
    window = not isinstance(terms, PeriodTerms)
    if not isinstance(terms, PeriodTerms | EmploymentTerms):
        window = terms.within is not None
        if terms.within is not None:
            yield words.say("within", within=words.duration(terms.within))
    if window:
        yield words.say("extended" if step.extends_for_interruptions else "not_extended")
    if step.requires:
        steps = [words.say("step", title=model.step(code).title) for code in step.requires]
        yield words.say("requires", steps=words.listed(steps, "and"))
    if step.report_within is not None:
        yield words.say("report_within", duration=words.duration(step.report_within))
