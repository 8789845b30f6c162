"""What a report comes to beside what is stored: a new fact, the same once more, a correction, or a refusal."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db import connection

from backend.kernel.bulk import number_array, text_array
from backend.kernel.errors import Breach, gettext_noop, rule
from outcomes.columns import Kind
from outcomes.facts import REPLACED_ALREADY, REPLACES_OTHER_KIND, REPLACES_UNKNOWN, WITHDRAWS_NOTHING
from outcomes.models import Subject
from outcomes.reports import FactReport
from providers.models import Provider

UNKNOWN_PLACEMENT = rule("unknown_placement", gettext_noop("the provider has no placement with this number"))
REPORTED_OTHERWISE = rule(
    "reported_otherwise",
    gettext_noop("a fact with this id was reported with other content; correct it by a new fact that replaces it"),
)
CORRECTED_ELSEWHERE = rule(
    "corrected_elsewhere",
    gettext_noop("this fact was corrected or withdrawn by {by}; correct that one by a new fact that replaces it"),
)
REPORTED_BEFORE = rule(
    "reported_before",
    gettext_noop("this was reported before and corrected since; to go back, report a new fact that replaces {newest}"),
)
CONFLICTS = (REPORTED_OTHERWISE, CORRECTED_ELSEWHERE, REPORTED_BEFORE)
REPLACES_REJECTED = rule(
    "replaces_rejected", gettext_noop("that correction was rejected; correct the fact that it would have replaced")
)

# what a fact says: placement, kind, from, through, quantity, subject, detail
Content = tuple[int, int, date, date | None, int, int | None, int]

STORED = """
SELECT fact.external_id, fact.id,
    fact.placement_id, fact.kind, fact.from_day, fact.through_day, fact.quantity, fact.subject_id, fact.detail,
    fact.replaces_id, fact.withdrawn, fact.first_reported,
    EXISTS (SELECT FROM outcomes_verificationdecision WHERE fact_id = fact.id AND decision = 'rejected'),
    (
        SELECT correction.external_id FROM outcomes_fact AS correction
        WHERE correction.replaces_id = fact.id AND NOT EXISTS (
            SELECT FROM outcomes_verificationdecision WHERE fact_id = correction.id AND decision = 'rejected'
        )
        LIMIT 1
    )
FROM outcomes_fact AS fact
WHERE fact.provider_id = %s AND fact.external_id = ANY(%s::text[])
"""

CHAINS = """
WITH RECURSIVE chain (root, id, external_id) AS (
    SELECT external_id, id, external_id FROM outcomes_fact WHERE provider_id = %s AND external_id = ANY(%s::text[])
    UNION ALL
    SELECT chain.root, correction.id, correction.external_id
    FROM chain JOIN outcomes_fact AS correction ON correction.replaces_id = chain.id
)
SELECT root, external_id FROM chain
"""


class Stored(NamedTuple):
    """A fact that the database has."""

    external_id: str
    id: int
    content: Content
    replaces: int | None
    withdrawn: bool
    first_reported: date
    is_rejected: bool
    corrected_by: str | None  # external id of a correction that is not rejected


class New(NamedTuple):
    """A fact to be added."""

    external_id: str
    content: Content
    replaces: int | None
    withdrawn: bool
    first_reported: date


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the database knows around some reports of a provider."""

    placements: Mapping[str, int]  # by number
    subjects: Mapping[tuple[int, str], int]
    facts: Mapping[str, Stored]  # by external id
    today: date


def read_surroundings(provider: Provider, reports: Sequence[FactReport], today: date) -> Surroundings:
    """All that is needed to resolve reports; subjects that are new are entered."""
    names = {report.external_id for report in reports} | {report.replaces for report in reports if report.replaces}
    return Surroundings(
        _placement_ids(provider, {report.placement for report in reports}),
        _subject_ids(reports),
        stored_facts(provider, names),
        today,
    )


def _placement_ids(provider: Provider, numbers: Iterable[str]) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT placement.number, placement.id FROM outcomes_placement AS placement"
            " JOIN contracts_contract AS contract ON contract.id = placement.contract_id"
            " WHERE contract.provider_id = %s AND placement.number = ANY(%s::text[])",
            [provider.pk, text_array(numbers)],
        )
        return dict(cursor.fetchall())


def stored_facts(provider: Provider, names: Iterable[str]) -> dict[str, Stored]:
    with connection.cursor() as cursor:
        cursor.execute(STORED, [provider.pk, text_array(names)])
        return {row[0]: Stored(row[0], row[1], row[2:9], *row[9:]) for row in cursor.fetchall()}


def _subject_key(report: FactReport) -> tuple[int, str]:
    """Employers of studies and earnings are the same as those of employment."""
    return (Kind.EMPLOYMENT if report.kind in (Kind.STUDIES, Kind.EARNINGS) else report.kind), report.subject


def _subject_ids(reports: Sequence[FactReport]) -> dict[tuple[int, str], int]:
    """The numbers of all subjects, new ones entered."""
    needed = {_subject_key(report) for report in reports if report.subject}
    if not needed:
        return {}
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


def resolve(report: FactReport, around: Surroundings) -> New | Stored | Breach:
    """The fact that a report adds, the one that it only repeats, or why it is refused."""
    placement = around.placements.get(report.placement)
    if placement is None:
        return Breach(UNKNOWN_PLACEMENT, "placement", report.placement)
    replaced = around.facts.get(report.replaces) if report.replaces else None
    if report.replaces and (replaced is None or replaced.content[0] != placement):
        return Breach(REPLACES_UNKNOWN, "replaces", report.replaces)
    content = _content(report, placement, replaced, around)
    replaces = replaced.id if replaced else None
    known = around.facts.get(report.external_id)
    if known:
        same = (known.content, known.replaces, known.withdrawn) == (content, replaces, report.withdrawn)
        return known if same else Breach(REPORTED_OTHERWISE, "id", report.external_id)
    if replaced:
        breach = _correction_breach(report, replaced)
        return breach or New(report.external_id, content, replaces, report.withdrawn, replaced.first_reported)
    if report.withdrawn:
        return Breach(WITHDRAWS_NOTHING, "replaces", None)
    return New(report.external_id, content, None, False, around.today)


def _content(report: FactReport, placement: int, replaced: Stored | None, around: Surroundings) -> Content:
    if report.withdrawn and replaced:
        return replaced.content
    subject = around.subjects[_subject_key(report)] if report.subject else None
    return placement, report.kind, report.from_day, report.through_day, report.quantity, subject, report.detail


def _correction_breach(report: FactReport, replaced: Stored) -> Breach | None:
    if replaced.content[1] != report.kind:
        kind = Kind(replaced.content[1]).name.lower()
        return Breach(REPLACES_OTHER_KIND, "replaces", report.replaces, {"kind": kind})
    if replaced.corrected_by:
        return Breach(REPLACED_ALREADY, "replaces", report.replaces, {"by": replaced.corrected_by})
    if replaced.is_rejected and replaced.replaces:
        return Breach(REPLACES_REJECTED, "replaces", report.replaces)
    return None


# --- other content under a known id, where it is to be taken for a correction


def read_chains(provider: Provider, roots: Iterable[str]) -> dict[str, dict[str, Stored]]:
    """By the id of a fact, itself and all its corrections, by their ids."""
    with connection.cursor() as cursor:
        cursor.execute(CHAINS, [provider.pk, text_array(roots)])
        pairs: list[tuple[str, str]] = cursor.fetchall()
    facts = stored_facts(provider, {name for _, name in pairs})
    chains: defaultdict[str, dict[str, Stored]] = defaultdict(dict)
    for root, name in pairs:
        chains[root][name] = facts[name]
    return chains


def resolve_correction(report: FactReport, chain: Mapping[str, Stored], around: Surroundings) -> New | Stored | Breach:
    """As `resolve`, of other content under a known id: a correction of the newest of the chain, with an id of its own.

    It goes on only where every correction came about in this way, so that nothing is undone that the sender can't know
    of; and an earlier content once more is refused, since it may be a message that was long under way.
    """
    root = report.external_id
    path = [root]
    while by := chain[path[-1]].corrected_by:
        path.append(by)
    newest = chain[path[-1]]
    content = _content(report, around.placements[report.placement], None, around)
    own = re.compile(re.escape(root) + "~[0-9]+")
    stranger = next((name for name in path[1:] if not own.fullmatch(name)), path[-1] if newest.withdrawn else None)
    if stranger:
        return Breach(CORRECTED_ELSEWHERE, "id", root, {"by": stranger})
    if content == newest.content:
        return newest
    if content in [chain[name].content for name in path]:
        return Breach(REPORTED_BEFORE, "id", root, {"newest": path[-1]})
    if content[:2] != newest.content[:2]:
        return Breach(REPORTED_OTHERWISE, "id", root)
    number = 1 + max(int(name.rpartition("~")[2]) if own.fullmatch(name) else 1 for name in chain)
    return New(f"{root}~{number}", content, newest.id, False, newest.first_reported)
