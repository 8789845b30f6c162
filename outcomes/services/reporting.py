"""Providers report facts: new ones, corrections and withdrawals, in any number at a time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from backend.kernel.audit import record_bulk_event
from backend.kernel.bulk import copy_rows, number_array, reserve_ids, text_array
from backend.kernel.calendar import local_day
from backend.kernel.errors import Breach, DomainError, Rule, gettext_noop, rule
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from outcomes.columns import Kind
from outcomes.facts import REPLACED_ALREADY, REPLACES_OTHER_KIND, REPLACES_UNKNOWN, WITHDRAWS_NOTHING
from outcomes.models import Fact, Subject
from outcomes.reports import FactReport, report_breaches
from outcomes.services.checking import check_placements
from providers.models import Provider
from providers.permissions import require_member

UNKNOWN_PLACEMENT = rule("unknown_placement", gettext_noop("the provider has no placement with this number"))
REPORTED_OTHERWISE = rule(
    "reported_otherwise",
    gettext_noop("a fact with this id was reported with other content; correct it by a new fact that replaces it"),
)
REPLACES_REJECTED = rule(
    "replaces_rejected", gettext_noop("that correction was rejected; correct the fact that it would have replaced")
)

COLUMNS = [
    "id", "external_id", "placement_id", "provider_id", "reported", "reported_by_id", "first_reported",
    "kind", "from_day", "through_day", "quantity", "subject_id", "detail", "replaces_id", "withdrawn",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reported:
    """What a report came to: the facts' ids, in order, and how many of them are new (the others were known already)."""

    ids: list[int]
    new: int


# what a fact says: placement, kind, from, through, quantity, subject, detail
Content = tuple[int, int, date, date | None, int, int | None, int]


class _Stored(NamedTuple):
    id: int
    content: Content
    replaces: int | None
    withdrawn: bool
    first_reported: date
    is_rejected: bool
    corrected_by: str | None  # external id of a correction that is not rejected


@dataclass(slots=True)
class _Batch:
    """One report under way: what the database knows of it, and what it comes to."""

    placements: Mapping[str, int]
    subjects: Mapping[tuple[int, str], int]
    facts: dict[str, _Stored]  # by external id; grows by each new fact
    corrected: dict[int, str]  # by fact id, the external id of its correction
    today: date
    breaches: list[Breach] = field(default_factory=list)

    def refuse(self, broken: Rule, where: str, value: object, **details: object) -> None:
        self.breaches.append(Breach(broken, where, value, details))


@transaction.atomic
def report_facts(
    *, provider: Provider, reports: Sequence[FactReport], by: User, now: datetime | None = None
) -> Reported:
    """Take down what a provider reports. All of it is stored or, with DomainError, none.

    What was reported before with the same external id and content is left as it is, so that a report can be sent again.
    """
    require_role(by, Role.PROVIDER, Role.HANDLER)
    if Role.HANDLER not in by.roles:
        require_member(by, provider)
    moment = now or timezone.now()
    _raise(
        [breach for number, report in enumerate(reports, 1) for breach in report_breaches(report, f"reports[{number}]")]
    )
    Provider.objects.select_for_update(no_key=True).get(pk=provider.pk)  # one report of a provider after another
    batch = _open_batch(provider, reports, local_day(moment))
    ids = iter(reserve_ids(Fact, len(reports)))
    resolved = [_resolve(batch, report, f"reports[{number}]", ids) for number, report in enumerate(reports, 1)]
    _raise(batch.breaches)
    new = {fact.id: report.external_id for report, (fact, is_new) in zip(reports, resolved, strict=True) if is_new}
    copy_rows(Fact, COLUMNS, (_row(provider, by, batch.today, name, batch.facts[name]) for name in new.values()))
    touched = {batch.facts[name].content[0] for name in new.values()}
    check_placements(sorted(touched), with_undecided=True, fact_names=new)
    if new:
        first, last = min(new), max(new)
        later = {"provider": provider.number, "facts": len(new), "first": first, "last": last}
        record_bulk_event(by=by, action="report", on=Fact, now=moment, later=later)
    return Reported([fact.id for fact, _ in resolved], len(new))


def _raise(breaches: Sequence[Breach]) -> None:
    if breaches:
        raise DomainError(*breaches)


def _open_batch(provider: Provider, reports: Sequence[FactReport], today: date) -> _Batch:
    placements = _placement_ids(provider, {report.placement for report in reports})
    names = {report.external_id for report in reports} | {report.replaces for report in reports if report.replaces}
    facts = _stored_facts(provider, names)
    corrected = {fact.id: fact.corrected_by for fact in facts.values() if fact.corrected_by}
    return _Batch(placements, _subject_ids(reports), facts, corrected, today)


def _placement_ids(provider: Provider, numbers: Iterable[str]) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT placement.number, placement.id FROM outcomes_placement AS placement"
            " JOIN contracts_contract AS contract ON contract.id = placement.contract_id"
            " WHERE contract.provider_id = %s AND placement.number = ANY(%s::text[])",
            [provider.pk, text_array(numbers)],
        )
        return dict(cursor.fetchall())


def _stored_facts(provider: Provider, names: Iterable[str]) -> dict[str, _Stored]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT fact.external_id, fact.id,
                fact.placement_id, fact.kind, fact.from_day, fact.through_day, fact.quantity, fact.subject_id,
                fact.detail, fact.replaces_id, fact.withdrawn, fact.first_reported,
                EXISTS (
                    SELECT FROM outcomes_verificationdecision
                    WHERE fact_id = fact.id AND decision = 'rejected'
                ),
                (
                    SELECT correction.external_id FROM outcomes_fact AS correction
                    WHERE correction.replaces_id = fact.id AND NOT EXISTS (
                        SELECT FROM outcomes_verificationdecision
                        WHERE fact_id = correction.id AND decision = 'rejected'
                    )
                    LIMIT 1
                )
            FROM outcomes_fact AS fact
            WHERE fact.provider_id = %s AND fact.external_id = ANY(%s::text[])
            """,
            [provider.pk, text_array(names)],
        )
        return {row[0]: _Stored(row[1], row[2:9], *row[9:]) for row in cursor.fetchall()}


def _subject_key(report: FactReport) -> tuple[int, str]:
    """Employers of studies and earnings are the same as those of employment."""
    return (Kind.EMPLOYMENT if report.kind in (Kind.STUDIES, Kind.EARNINGS) else report.kind), report.subject


def _subject_ids(reports: Sequence[FactReport]) -> dict[tuple[int, str], int]:
    """The numbers of all subjects, new ones entered."""
    needed = {_subject_key(report) for report in reports if report.subject}
    kinds, texts = [kind for kind, _ in needed], [text for _, text in needed]
    known = _known_subjects(kinds, texts)
    new = [Subject(kind=kind, text=text) for kind, text in sorted(needed - known.keys())]
    if not new:
        return known
    Subject.objects.bulk_create(new, ignore_conflicts=True)  # another report may enter the same at this moment
    return _known_subjects(kinds, texts)


def _known_subjects(kinds: Sequence[int], texts: Sequence[str]) -> dict[tuple[int, str], int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, text, id FROM outcomes_subject"
            " JOIN unnest(%s::smallint[], %s::text[]) AS needed (kind, text) USING (kind, text)",
            [number_array(kinds), text_array(texts)],
        )
        return {(kind, text): pk for kind, text, pk in cursor.fetchall()}


def _resolve(batch: _Batch, report: FactReport, where: str, ids: Iterator[int]) -> tuple[_Stored, bool]:
    """The fact that a report makes (with True), or the one that it repeats (with False)."""
    placement = batch.placements.get(report.placement)
    if placement is None:
        batch.refuse(UNKNOWN_PLACEMENT, f"{where}.placement", report.placement)
        placement = 0
    replaced = batch.facts.get(report.replaces) if report.replaces else None
    content = _content(batch, report, placement, replaced)
    replaces = replaced.id if replaced else None
    known = batch.facts.get(report.external_id)
    if known:
        if (known.content, known.replaces, known.withdrawn) != (content, replaces, report.withdrawn):
            batch.refuse(REPORTED_OTHERWISE, f"{where}.external_id", report.external_id)
        return known, False
    _check_correction(batch, report, placement, replaced, where)
    first_reported = replaced.first_reported if replaced else batch.today
    fact = _Stored(next(ids), content, replaces, report.withdrawn, first_reported, False, None)
    batch.facts[report.external_id] = fact
    if replaces:
        batch.corrected[replaces] = report.external_id
    return fact, True


def _content(batch: _Batch, report: FactReport, placement: int, replaced: _Stored | None) -> Content:
    if report.withdrawn and replaced:
        return (placement, *replaced.content[1:])
    subject = batch.subjects[_subject_key(report)] if report.subject else None
    return placement, report.kind, report.from_day, report.through_day, report.quantity, subject, report.detail


def _check_correction(batch: _Batch, report: FactReport, placement: int, replaced: _Stored | None, where: str) -> None:
    where = f"{where}.replaces"
    if report.replaces is None:
        if report.withdrawn:
            batch.refuse(WITHDRAWS_NOTHING, where, None)
        return
    if replaced is None or replaced.content[0] != placement:
        batch.refuse(REPLACES_UNKNOWN, where, report.replaces)
        return
    if replaced.content[1] != report.kind:
        batch.refuse(REPLACES_OTHER_KIND, where, report.replaces, kind=Kind(replaced.content[1]).name.lower())
    if replaced.id in batch.corrected:
        batch.refuse(REPLACED_ALREADY, where, report.replaces, by=batch.corrected[replaced.id])
    if replaced.is_rejected and replaced.replaces:
        batch.refuse(REPLACES_REJECTED, where, report.replaces)


def _row(provider: Provider, by: User, today: date, name: str, fact: _Stored) -> tuple[object, ...]:
    placement, kind, from_day, through_day, quantity, subject, detail = fact.content
    return (
        fact.id, name, placement, provider.pk, today, by.pk, fact.first_reported,
        kind, from_day, through_day, quantity, subject, detail, fact.replaces, fact.withdrawn,
    )  # fmt: skip
