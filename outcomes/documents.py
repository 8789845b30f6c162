"""Facts as the documents of the API: a struct for each kind, made from its shape.

Pure. A right document is read by its struct, at once. What is wrong with another one, `read_report` says key by key; it
also reads withdrawals, which need no content. The two agree on what is right (tests/test_fact_documents.py).
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import reduce
from operator import attrgetter, or_
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from backend.kernel.errors import DomainError, gettext_noop, refuse, rule
from backend.kernel.fields import CODE_MOST, MISSING, Table, choice, flag, text
from backend.kernel.money import parse_kronor, plain_kronor
from backend.kernel.periods import last_day, parse_month
from outcomes.columns import Kind
from outcomes.facts import KIND_WORDS, WITHDRAWS_NOTHING, read_content
from outcomes.reports import WITHDRAWN, FactReport
from outcomes.shapes import HOURLY, NONE_GIVEN, SHAPES, Days, Name, Number, Shape, Word

NO_JSON = rule("no_json", gettext_noop("a JSON document is needed here"))

Text = Annotated[str, Meta(min_length=1, max_length=CODE_MOST)]
Kronor = Annotated[str, Meta(pattern=r"^[0-9]{1,18}\.[0-9]{2}$", examples=["12000.00"])]
Month = Annotated[str, Meta(pattern="^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$", examples=["2026-03"])]
Reading = Callable[[Any], Any]
Field = tuple[str, Any] | tuple[str, Any, Any]  # name, type, default

COMMON: list[Field] = [
    ("id", Annotated[Text, Meta(description="your own; unique among your facts")]),
    ("placement", Annotated[Text, Meta(description="the placement's number")]),
    ("replaces", Annotated[Text, Meta(description="the id of the fact that this one corrects")] | None, None),
    (
        "withdrawn",
        Annotated[bool, Meta(description="the fact in `replaces` is withdrawn; nothing takes its place")],
        False,
    ),
]
DAYS: dict[Days, list[Field]] = {
    Days.ON: [("on", date)],
    Days.MONTH: [("month", Month)],
    Days.RANGE: [("first", date), ("through", date)],
    Days.OPEN: [("first", date), ("through", date | None, None)],
}


def _type_of(part: Number | Name | Word) -> Any:
    match part:
        case Number():
            return Kronor if part.is_money else Annotated[int, Meta(ge=0, le=part.most)]
        case Name():
            return Text
    return Literal[part.words]


def _field(part: Number | Name | Word) -> Field:
    may_be_left_out = not part.is_needed if isinstance(part, Name) else part.default is not None
    return (part.key, _type_of(part) | None, None) if may_be_left_out else (part.key, _type_of(part))


def _struct(kind: Kind, shape: Shape) -> type[msgspec.Struct]:
    parts = [part for part in (shape.quantity, shape.subject, shape.detail) if part is not None]
    return msgspec.defstruct(
        f"{kind.name.capitalize()}Fact",
        [*COMMON, *DAYS[shape.days], *map(_field, parts)],
        namespace={"__doc__": shape.reports},
        tag_field="kind",
        tag=kind.name.lower(),
        rename={"first": "from"},
        forbid_unknown_fields=True,
        omit_defaults=True,
        kw_only=True,
    )


class Withdrawal(msgspec.Struct, forbid_unknown_fields=True):
    """A fact that takes back the one in `replaces`: nothing takes its place. For the schema; `read_report` reads it."""

    id: Text
    placement: Text
    kind: Literal[tuple(KIND_WORDS)]  # type: ignore[valid-type]  # the kind of the fact that is withdrawn
    replaces: Text
    withdrawn: Literal[True]


STRUCTS = {kind: _struct(kind, shape) for kind, shape in SHAPES.items()}
FactDocument: Any = reduce(or_, STRUCTS.values())
_DECODER = msgspec.json.Decoder(FactDocument)


# --- from documents to reports


def decode_report(encoded: bytes | msgspec.Raw) -> FactReport:
    """The fact that a JSON document reports; DomainError with every breach."""
    try:
        document = _DECODER.decode(encoded)
        report: FactReport = _REPORTS[type(document)](document)
    except (msgspec.ValidationError, DomainError):
        return read_report(msgspec.json.decode(encoded))
    except msgspec.DecodeError as error:
        raise refuse(NO_JSON, field="", value=str(error)) from error
    return report


def read_report(document: object) -> FactReport:
    """As `decode_report`, key by key. A key without a value (null) is as good as none.

    A withdrawal needs no content; what it has of it is left aside.
    """
    if isinstance(document, Mapping):
        document = {key: value for key, value in document.items() if value is not None}
    table = Table(document, "")
    identifier = table.need("id", text(CODE_MOST), "")
    placement = table.need("placement", text(CODE_MOST), "")
    word = table.need("kind", choice(KIND_WORDS), None)
    replaces = table.take("replaces", text(CODE_MOST), None)
    withdrawn = table.take("withdrawn", flag, False)
    if word is None:
        raise DomainError(*table.breaches)
    kind = KIND_WORDS[word]
    if withdrawn:
        if replaces is None:
            table.refuse(WITHDRAWS_NOTHING, "withdrawn")
        table.asked += SHAPES[kind].keys
        content = WITHDRAWN
    else:
        content = read_content(kind, table)
    table.close()
    return FactReport(identifier, placement, kind, *content, replaces, withdrawn)


def _days_of(days: Days) -> Reading:
    match days:
        case Days.ON:
            return lambda document: (document.on, document.on)
        case Days.MONTH:
            return lambda document: (first := parse_month(document.month, "month"), last_day(first))
    return attrgetter("first", "through")


def _quantity_of(part: Number | None) -> Reading:
    if part is None:
        return lambda document: 0
    get = attrgetter(part.key)
    if part.is_money:
        return lambda document: parse_kronor(get(document), part.key)
    return lambda document: part.default if (given := get(document)) is None else given


def _detail_of(part: Word | None) -> Reading:
    if part is None:
        return lambda document: 0
    get, numbers = attrgetter(part.key), {word: number for number, word in enumerate(part.words, start=1)}
    default = part.default or ""  # where the word is needed, it is there
    return lambda document: numbers[get(document) or default]


def _subject_of(part: Name | None) -> Reading:
    if part is None:
        return lambda document: ""
    get = attrgetter(part.key)
    return get if part.is_needed else lambda document: get(document) or ""


def _report_of(kind: Kind, shape: Shape) -> Reading:
    days, quantity = _days_of(shape.days), _quantity_of(shape.quantity)
    subject, detail = _subject_of(shape.subject), _detail_of(shape.detail)

    def read(document: Any) -> FactReport:
        first, last = days(document)
        return FactReport(
            document.id, document.placement, kind, first, last, quantity(document), subject(document),
            detail(document), document.replaces, document.withdrawn,
        )  # fmt: skip

    return read


def _hourly_needs_extent(read: Reading) -> Reading:
    def read_job(document: Any) -> FactReport:
        report: FactReport = read(document)
        if report.detail == HOURLY and document.extent is None:
            raise refuse(MISSING, field="extent", value=None, key="extent")
        return report

    return read_job


_REPORTS = {struct: _report_of(kind, SHAPES[kind]) for kind, struct in STRUCTS.items()}
_REPORTS[STRUCTS[Kind.EMPLOYMENT]] = _hourly_needs_extent(_REPORTS[STRUCTS[Kind.EMPLOYMENT]])


# --- and back


def _days_written(days: Days, report: FactReport) -> dict[str, Any]:
    match days:
        case Days.ON:
            return {"on": report.from_day}
        case Days.MONTH:
            return {"month": f"{report.from_day:%Y-%m}"}
    return {"first": report.from_day, "through": report.through_day}


def write_document(report: FactReport) -> msgspec.Struct:
    """The document that says a fact."""
    shape = SHAPES[report.kind]
    values = _days_written(shape.days, report)
    if shape.quantity and report.quantity != NONE_GIVEN:
        values[shape.quantity.key] = plain_kronor(report.quantity) if shape.quantity.is_money else report.quantity
    if shape.subject:
        values[shape.subject.key] = report.subject or None
    if shape.detail:
        values[shape.detail.key] = shape.detail.words[report.detail - 1]
    return STRUCTS[report.kind](
        id=report.external_id,
        placement=report.placement,
        replaces=report.replaces,
        withdrawn=report.withdrawn,
        **values,
    )
