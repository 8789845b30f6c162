"""What differs between two payment models, key by key, and the same told in words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from backend.kernel.money import parse_kronor, plain_kronor, show_kronor
from backend.kernel.periods import parse_duration
from contracts.reading import step_document, term_values
from contracts.terms import PaymentModel, Step
from contracts.wording import KEYS, VALUES, Language, Words

MONEY_KEYS = ("amount", "threshold", "cap")
DURATION_KEYS = ("within", "starts_within", "lasts", "report_within")
WORD_KEYS = ("trigger", "of", "per", "once_per", "counts", "forms")


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between two models.

    `step` is the step's code, empty for the model itself, and `title` the step's name in the newer model. `changed` has
    the key with its old and new value as a document writes them (None: not set), `order` the codes of the steps that
    both models have, in the old and the new order; `added` and `removed` concern a whole step.
    """

    kind: Literal["changed", "added", "removed", "order"]
    step: str = ""
    title: str = ""
    key: str = ""
    old: object = None
    new: object = None


def differences(old: PaymentModel, new: PaymentModel) -> list[Difference]:
    """All differences: the model itself, its steps in the new order, then removed steps, then the order."""
    before = {step.code: step for step in old.steps}
    after = {step.code: step for step in new.steps}
    found = _changed(_model_values(old), _model_values(new))
    for code, step in after.items():
        if code in before:
            found += _changed(_step_values(before[code], old), _step_values(step, new), step)
        else:
            found.append(Difference("added", code, step.title))
    found += [Difference("removed", code, step.title) for code, step in before.items() if code not in after]
    old_order = [code for code in before if code in after]
    new_order = [code for code in after if code in before]
    if old_order != new_order:
        found.append(Difference("order", old=old_order, new=new_order))
    return found


def _changed(old: Mapping[str, object], new: Mapping[str, object], step: Step | None = None) -> list[Difference]:
    code, title = (step.code, step.title) if step else ("", "")
    return [
        Difference("changed", code, title, key, old.get(key), new.get(key))
        for key in {**old, **new}
        if old.get(key) != new.get(key)
    ]


def _model_values(model: PaymentModel) -> dict[str, object]:
    return {
        "code": model.code,
        "title": model.title,
        "source": model.source,
        "tiers": list(model.tiers),
        "cap": None if model.cap is None else plain_kronor(model.cap),
    }


def _step_values(step: Step, model: PaymentModel) -> dict[str, object]:
    """All that a step says, defaults too, so that a default spelt out is no difference and a changed one reads well."""
    said = step_document(step, model.tiers)
    common = {
        "title": step.title,
        "requires": list(step.requires),
        "extends_for_interruptions": step.extends_for_interruptions,
    }
    return {**said, **common, **term_values(step.terms)}


def in_words(found: list[Difference], language: Language) -> list[str]:
    """The differences as lines for a reader; one line says so if there are none."""
    words = Words(language)
    return [_told(difference, words) for difference in found] or [words.say("same")]


def _told(difference: Difference, words: Words) -> str:
    where = words.say("of_step", title=difference.title) if difference.step else words.say("of_model")
    return words.say(
        difference.kind,
        where=where,
        key=KEYS[words.language].get(difference.key, ""),
        old=shown(difference.key, difference.old, words.language),
        new=shown(difference.key, difference.new, words.language),
    )


def shown(key: str, value: object, language: Language) -> str:
    """A document's value as readers write it: kronor, durations in words, per cent, yes and no."""
    words = Words(language)
    match value:
        case None | "" | []:
            return words.say("none")
        case bool():
            return words.say("yes" if value else "no")
        case list():
            return ", ".join(shown(key, item, language) for item in value)
        case dict():
            return _table_shown(key, value, words)
    return _scalar_shown(key, value, words)


def _table_shown(key: str, table: Mapping[str, object], words: Words) -> str:
    """Blocks, a band, or amounts by tier."""
    match table:
        case {"every": every, "max": int(most)}:
            return words.say(
                "blocks", every=words.duration(parse_duration(every, key)), times=words.count(most, "times")
            )
        case {"extent_at_least": extent, "share": part}:
            return words.say(
                "band",
                share=_scalar_shown("share", part, words),
                extent=_scalar_shown("extent_at_least", extent, words),
            )
    prices = [
        words.say("on_tier", amount=show_kronor(parse_kronor(price, key)), tier=tier) for tier, price in table.items()
    ]
    return words.listed(prices, "and")


def _scalar_shown(key: str, value: object, words: Words) -> str:
    if key in MONEY_KEYS:
        return show_kronor(parse_kronor(value, key))
    if key in DURATION_KEYS:
        return words.duration(parse_duration(value, key))
    if key == "share":
        return words.percent(Fraction(str(value)))
    if key == "extent_at_least":
        return words.percent(Fraction(str(value)) / 100)
    if key in WORD_KEYS:
        return VALUES[words.language][str(value)]
    return str(value)
