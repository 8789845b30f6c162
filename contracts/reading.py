"""Payment models in and out: from a TOML or JSON document to `contracts.terms`, and back to one canonical document.

Pure. Everything that PAYMENT_MODELS.md sections 1 to 4 ask of a model is asked here, and all breaches of a document are
raised together. Field paths name a step by its code (`steps.matchningspeng.lasts`); a step without a code of its own is
named by its number, counted from 1 (`steps[2].code`), as are bands and other list items.
"""

import hashlib
import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from fractions import Fraction
from pathlib import Path
from typing import cast

from backend.kernel.errors import Breach, DomainError, gettext_noop, refuse, rule
from backend.kernel.fields import (
    CODE_MOST,
    LIST,
    SOURCE_MOST,
    TITLE_MOST,
    Parser,
    Table,
    choice,
    flag,
    plain_share,
    repeated,
    several,
    share,
    text,
)
from backend.kernel.money import MONEY, parse_kronor, plain_kronor, round_half_up
from backend.kernel.periods import Duration, parse_duration
from contracts.terms import (
    Band,
    Blocks,
    EmploymentTerms,
    GradeTerms,
    PaymentModel,
    PeriodTerms,
    Step,
    Terms,
    Trigger,
)
from contracts.trigger_terms import READ_TERMS, key_of, triggers_of_keys

FILE = rule("model_file", gettext_noop("the file cannot be read as TOML (.toml) or JSON (.json): {reason}"))
CODE_TWICE = rule("model_step_code_twice", gettext_noop("an earlier step has this code; step codes are unique"))
AMOUNT_OR_SHARE = rule("model_amount_or_share", gettext_noop("a step has either an amount or a share of the price"))
TIER_WITHOUT_AMOUNT = rule("model_tier_without_amount", gettext_noop("the tier {tier} has no amount"))
UNKNOWN_TIER = rule("model_unknown_tier", gettext_noop("the tier {tier} is not among the model's: {known}"))
REQUIRES_EARLIER = rule("model_requires_earlier_step", gettext_noop("{required} is not the code of an earlier step"))
OVERFLOW = rule(
    "model_overflow",
    gettext_noop("the figures are too large to be computed exactly in 64 bits; up to {owed} kronor could be owed"),
)
UNPUBLISHABLE = rule("model_unpublishable", gettext_noop("a model to be published needs a {key} of its own"))

PRICE_MOST_ORE = 10**9  # the highest price of a placement, 10 million kronor
POINTS_MOST = 10**4  # the most credit points of one grade
OCCURRENCES_MOST = 1200  # the most months or courses that one placement is reckoned to be paid for: a hundred years
STANDARD_TIERS = ("standard",)
_TOO_LARGE = 2**63


def read_model_file(path: Path | str) -> PaymentModel:
    """The model in a `.toml` or `.json` file (UTF-8); DomainError if it cannot be read or breaks a rule."""
    path = Path(path)
    loaders: dict[str, Callable[[str], object]] = {".toml": tomllib.loads, ".json": _load_json}
    try:
        loader = loaders[path.suffix.lower()]
        document = loader(path.read_bytes().decode())
    except KeyError:
        raise refuse(FILE, field="file", value=str(path), reason=f"unknown suffix {path.suffix!r}") from None
    except OSError as error:
        raise refuse(FILE, field="file", value=str(path), reason=error.strerror) from error
    except (ValueError, RecursionError) as error:  # wrong encoding, syntax, or nesting without end
        raise refuse(FILE, field="file", value=str(path), reason=str(error)) from error
    return read_model(cast(Mapping[str, object], document))


def _load_json(content: str) -> object:
    return json.loads(content, object_pairs_hook=_without_repeated_keys)


def _without_repeated_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """JSON itself lets the last of two equal keys win silently."""
    for key in repeated(key for key, _ in pairs):
        raise ValueError(f"the key {key!r} stands twice")
    return dict(pairs)


def read_model(document: Mapping[str, object], *, where: str = "") -> PaymentModel:
    """The model that a document says; `where` is put before every field path (`model` in a case file).

    `title` defaults to the code and `source` to nothing; `check_publishable` asks for both. Raises one DomainError with
    every breach found.
    """
    table = Table(document, where)
    code = table.need("code", text(CODE_MOST), "")
    title = table.take("title", text(TITLE_MOST), code)
    source = table.take("source", text(SOURCE_MOST), "")
    tiers = table.take("tiers", several(text(CODE_MOST)), None if table.has("tiers") else STANDARD_TIERS)
    steps = table.need("steps", lambda value, field: _read_steps(value, field, tiers), ())
    cap = table.take("caps", _read_caps, None)
    owed = sum(_most_owed(step) for step in steps)
    if owed >= _TOO_LARGE:
        table.refuse(OVERFLOW, "steps", owed=plain_kronor(owed))
    table.close()
    return PaymentModel(code, title, source, tiers or STANDARD_TIERS, steps, cap)


def check_publishable(model: PaymentModel) -> None:
    """DomainError unless the model has a title and a source of its own, as the library and published versions must."""
    breaches = []
    if model.title == model.code:
        breaches.append(Breach(UNPUBLISHABLE, "title", model.title, {"key": "title"}))
    if not model.source:
        breaches.append(Breach(UNPUBLISHABLE, "source", model.source, {"key": "source"}))
    if breaches:
        raise DomainError(*breaches)


def _read_caps(value: object, field: str) -> int | None:
    table = Table(value, field)
    per_placement = table.take("per_placement", parse_kronor, None)
    table.close()
    return per_placement


def _read_steps(value: object, field: str, tiers: tuple[str, ...] | None) -> tuple[Step, ...]:
    """The steps in order. `tiers` is None where they are wrong themselves: then amounts are not tested against them."""
    if not isinstance(value, list | tuple) or not value:
        raise refuse(LIST, field=field, value=value)
    earlier: list[str] = []
    steps: list[Step] = []
    breaches: list[Breach] = []
    for number, raw in enumerate(value, start=1):
        code = raw.get("code") if isinstance(raw, Mapping) else None
        named = isinstance(code, str) and code not in ("", *earlier)
        try:
            steps.append(_read_step(raw, f"{field}.{code}" if named else f"{field}[{number}]", tiers, tuple(earlier)))
        except DomainError as error:
            breaches.extend(error.breaches)
        if isinstance(code, str):
            earlier.append(code)
    if breaches:
        raise DomainError(*breaches)
    return tuple(steps)


def _read_step(value: object, field: str, tiers: tuple[str, ...] | None, earlier: tuple[str, ...]) -> Step:
    table = Table(value, field)
    code = table.need("code", text(CODE_MOST), "")
    if code in earlier:
        table.refuse(CODE_TWICE, "code")
    title = table.take("title", text(TITLE_MOST), code)
    amounts = table.take("amount", _amounts_by(tiers), None)
    of_price = table.take("share", share, None)
    if table.has("amount") == table.has("share"):
        table.refuse(AMOUNT_OR_SHARE, "amount")
    requires = table.take("requires", several(_earlier_step(earlier), may_be_empty=True), ())
    report_within = table.take("report_within", parse_duration, None)
    extends = table.take("extends_for_interruptions", flag, default=True)
    trigger = table.need("trigger", choice(Trigger), None)
    if trigger is None:  # what other keys the step may have cannot be told
        raise DomainError(*table.breaches)
    terms = READ_TERMS[trigger](table)
    step = Step(code, title, trigger, terms, amounts, of_price, requires, report_within, extends)
    if not _fits_64_bits(step):
        table.refuse(OVERFLOW, "amount" if amounts else "share", owed=plain_kronor(_most_owed(step)))
    table.close(triggers_of_keys())
    # one order for one meaning, so that equal models are equal
    return replace(step, requires=tuple(sorted(requires, key=earlier.index)))


def _amounts_by(tiers: tuple[str, ...] | None) -> Parser[tuple[int, ...]]:
    """Whole öre, one per tier, from one amount for all tiers or a table by tier."""

    def parse(value: object, field: str) -> tuple[int, ...]:
        if isinstance(value, str):
            return (parse_kronor(value, field),) * len(tiers or STANDARD_TIERS)
        if not isinstance(value, Mapping):
            raise refuse(MONEY, field=field, value=value)
        table = Table(value, field)
        for tier in value:
            if tiers is not None and tier not in tiers:
                table.asked.append(tier)
                table.refuse(UNKNOWN_TIER, tier, tier=tier, known=", ".join(tiers))
        amounts = [table.take(tier, parse_kronor, 0) for tier in tiers or value]
        for tier in tiers or ():
            if tier not in value:
                table.refuse(TIER_WITHOUT_AMOUNT, tier, tier=tier)
        table.close()
        return tuple(amounts)

    return parse


def _earlier_step(earlier: tuple[str, ...]) -> Parser[str]:
    def parse(value: object, field: str) -> str:
        if not isinstance(value, str) or value not in earlier:
            raise refuse(REQUIRES_EARLIER, field=field, value=value, required=value)
        return value

    return parse


def _fits_64_bits(step: Step) -> bool:
    """Whether the engine's rounding, floor((2·n + d) / (2·d)), stays in 64-bit integers at the highest figures."""
    numerator, denominator = _unit(step)
    return _most_owed(step) < _TOO_LARGE and all(
        2 * numerator * n + denominator * d < _TOO_LARGE and 2 * denominator * d < _TOO_LARGE
        for n, d in _highest_quantities(step.terms)
    )


def _unit(step: Step) -> tuple[int, int]:
    """The highest unit price in öre as it is computed: numerator and denominator."""
    if step.share is not None:
        return PRICE_MOST_ORE * step.share.numerator, step.share.denominator
    return max(step.amounts or (0,)), 1


def _highest_quantities(terms: Terms) -> list[tuple[int, int]]:
    """The quantities to try, as numerator and denominator: the month's longest, the most points, every band."""
    match terms:
        case GradeTerms(per="point"):
            return [(POINTS_MOST, 1)]
        case PeriodTerms(prorate=True):
            return [(31, 31)]
        case EmploymentTerms(bands=bands) if bands:
            return [(band.share.numerator, band.share.denominator) for band in bands]
    return [(1, 1)]


def _most_owed(step: Step) -> int:
    """The most öre that a step could owe one placement."""
    numerator, denominator = _unit(step)
    highest = max(round_half_up(numerator * n, denominator * d) for n, d in _highest_quantities(step.terms))
    match step.terms:
        case EmploymentTerms(blocks=Blocks(max=times)) | PeriodTerms(max_periods=int(times)):
            return highest * times
        case PeriodTerms() | GradeTerms(once_per="course"):
            return highest * OCCURRENCES_MOST
    return highest


def model_document(model: PaymentModel) -> dict[str, object]:
    """The model as one canonical document, ready for JSON: defaults left out; reading it gives an equal model."""
    document: dict[str, object] = {"code": model.code}
    if model.title != model.code:
        document["title"] = model.title
    if model.source:
        document["source"] = model.source
    if model.tiers != STANDARD_TIERS:
        document["tiers"] = list(model.tiers)
    if model.cap is not None:
        document["caps"] = {"per_placement": plain_kronor(model.cap)}
    document["steps"] = [step_document(step, model.tiers) for step in model.steps]
    return document


def step_document(step: Step, tiers: tuple[str, ...]) -> dict[str, object]:
    """One step of the canonical document."""
    document: dict[str, object] = {"code": step.code, "trigger": step.trigger.value}
    if step.title != step.code:
        document["title"] = step.title
    if step.amounts is not None:
        prices = [plain_kronor(amount) for amount in step.amounts]
        document["amount"] = prices[0] if len(set(prices)) == 1 else dict(zip(tiers, prices, strict=True))
    if step.share is not None:
        document["share"] = plain_share(step.share)
    if step.requires:
        document["requires"] = list(step.requires)
    if step.report_within is not None:
        document["report_within"] = str(step.report_within)
    if not step.extends_for_interruptions:
        document["extends_for_interruptions"] = False
    defaults = {key_of(term.name): _plain(term.name, term.default) for term in fields(step.terms)}
    document.update({key: value for key, value in term_values(step.terms).items() if value != defaults[key]})
    return document


def term_values(terms: Terms) -> dict[str, object]:
    """The values of all keys of a trigger, defaults too, as a document writes them."""
    return {key_of(term.name): _plain(term.name, getattr(terms, term.name)) for term in fields(terms)}


def _plain(name: str, value: object) -> object:
    """A term's value as a document writes it."""
    match value:
        case Duration():
            return str(value)
        case Fraction():
            return plain_share(value)
        case Band() | Blocks():
            return {part.name: _plain(part.name, getattr(value, part.name)) for part in fields(value)}
        case tuple():
            return [_plain(name, item) for item in value]
        case int() if name == "threshold":
            return plain_kronor(value)
        case str():
            return str(value)
    return value


def model_digest(model: PaymentModel) -> str:
    """SHA-256 in hexadecimal over the canonical document as JSON: keys sorted, no spaces, UTF-8."""
    canonical = json.dumps(model_document(model), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
