"""Placements and facts in the API (docs/api.md)."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import msgspec
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.reverse import reverse

from backend.kernel.api import (
    JSON,
    PAGE_ITEMS,
    PAGE_ITEMS_MOST,
    HttpProblem,
    answer_with,
    content_type,
    cursor,
    first_of,
    json_answer,
    moment,
    next_page,
    number,
    parameters,
    problem_error,
    read_body,
    require_match,
    tagged_answer,
)
from backend.kernel.errors import DomainError, gettext_noop, refuse, rule
from backend.kernel.fields import CODE_MOST, choice, text
from backend.kernel.schema import CURSOR, IF_NONE_MATCH, LIMIT, described, document, parameter, sent
from backend.kernel.uploads import KINDS, MEGABYTES_MOST
from outcomes.documents import NO_JSON, FactDocument, Withdrawal, decode_report
from outcomes.facts import KIND_WORDS, REPLACED_ALREADY
from outcomes.labels import Standing
from outcomes.models import Fact, Placement
from outcomes.reports import FactReport
from outcomes.selectors import facts_of, placements_of, standing_so
from outcomes.serializers import (
    BulkAnswer,
    EvidenceDocument,
    FactPage,
    FactStatus,
    ItemAnswer,
    PlacementDocument,
    PlacementPage,
    evidence_document,
    fact_statuses,
    placement_documents,
)
from outcomes.services import Answer, Outcome, attach_evidence, lock_reports, report_each
from outcomes.services.resolving import CONFLICTS
from providers.api import IDEMPOTENCY_KEY, ProviderView, once
from providers.models import Scope

UPLOADS = [*KINDS.values(), "application/octet-stream"]
FILE = {"type": "string", "format": "binary"}
NAME_MOST = 200
NDJSON = "application/x-ndjson"
ITEMS_MOST = 10_000
SETTLED = timedelta(seconds=60)  # a change of an earlier moment has been committed by now

OTHER_ID = rule("other_id", gettext_noop("the document's id is that of the address, {id}"))

answer_with(HTTPStatus.BAD_REQUEST, NO_JSON)
answer_with(HTTPStatus.CONFLICT, *CONFLICTS, REPLACED_ALREADY)

_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])

# --- for the schema

DRY_RUN = parameter("dry_run", "`true`: test and answer all, store nothing", enum=["true", "false"])
CHANGED = parameter(
    "changed",
    "what other content under a known id is: a `conflict` (by default), or a correction of the newest (`correct`)",
    enum=["conflict", "correct"],
)
WRITING = [
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.CONFLICT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
]
FACT = {"anyOf": [document(FactDocument, "Fact"), document(Withdrawal)]}
LINES = {"type": "string", "description": "documents as in the JSON array, one a line"}
ATTENDED = {
    "id": "A-1",
    "placement": "P-17",
    "kind": "attendance",
    "from": "2026-02-02",
    "through": "2026-02-27",
    "days": 18,
}
ENDED = {"id": "E-1", "placement": "P-17", "kind": "exit", "on": "2026-02-27", "reason": "work"}
UNDONE = {"id": "E-2", "placement": "P-17", "kind": "exit", "replaces": "E-1", "withdrawn": True}


class PlacementList(ProviderView):
    """The provider's placements."""

    scopes = {"GET": Scope.PLACEMENTS_READ}

    @described(
        "list_placements",
        summary="Placements, in the order in which they changed",
        description="To keep up with what is new, give `read_at` of the last answer as `updated_since`. "
        "A placement may then come once more than it changed.",
        answers={HTTPStatus.OK: document(PlacementPage)},
        parameters=[parameter("updated_since", "only what changed at this moment or later"), LIMIT, CURSOR],
        problems=[HTTPStatus.BAD_REQUEST],
    )
    def get(self, request: Request) -> HttpResponse:
        with parameters(request) as asked:
            since = asked.take("updated_since", moment, None)
            limit = asked.take("limit", number(1, PAGE_ITEMS_MOST), PAGE_ITEMS)
            after = asked.take("cursor", cursor(str, int), None)
        read_at = timezone.now() - SETTLED
        page, more = first_of(placements_of(self.provider, self.user, since=since, after=after), limit)
        self.record_reading(Placement, [placement.number for placement in page])
        following = next_page(request, [page[-1].updated_at, page[-1].pk]) if more else None
        return json_answer(PlacementPage(placement_documents(page), following, read_at))


class PlacementDetail(ProviderView):
    """One placement of the provider."""

    scopes = {"GET": Scope.PLACEMENTS_READ}

    @described(
        "read_placement",
        summary="A placement",
        answers={HTTPStatus.OK: document(PlacementDocument), HTTPStatus.NOT_MODIFIED: None},
        parameters=[IF_NONE_MATCH],
        problems=[HTTPStatus.NOT_FOUND],
    )
    def get(self, request: Request, number: str) -> HttpResponse:
        placement = get_object_or_404(placements_of(self.provider, self.user), number=number)
        self.record_reading(Placement, [number])
        return tagged_answer(request, placement_documents([placement])[0])


class FactList(ProviderView):
    """The provider's facts."""

    scopes = {"GET": Scope.FACTS_READ, "POST": Scope.FACTS_WRITE}

    @described(
        "list_facts",
        summary="Facts, and how each stands",
        answers={HTTPStatus.OK: document(FactPage)},
        parameters=[
            parameter("id", "only the fact with this id"),
            parameter("placement", "only facts of this placement"),
            parameter("kind", "only facts of this kind", enum=list(KIND_WORDS)),
            parameter("standing", "only facts that stand so", enum=list(Standing)),
            LIMIT,
            CURSOR,
        ],
        problems=[HTTPStatus.BAD_REQUEST],
    )
    def get(self, request: Request) -> HttpResponse:
        with parameters(request) as asked:
            identifier = asked.take("id", text(CODE_MOST), None)
            placement = asked.take("placement", text(CODE_MOST), None)
            kind = asked.take("kind", choice(KIND_WORDS), None)
            standing = asked.take("standing", choice(Standing), None)
            limit = asked.take("limit", number(1, PAGE_ITEMS_MOST), PAGE_ITEMS)
            after = asked.take("cursor", cursor(str), None)
        wanted = {
            "external_id": identifier,
            "placement__number": placement,
            "kind": KIND_WORDS[kind] if kind else None,
            "external_id__gt": after[0] if after else None,
        }
        facts = facts_of(self.provider, self.user).filter(
            **{key: value for key, value in wanted.items() if value is not None}
        )
        page, more = first_of(standing_so(facts, standing) if standing else facts, limit)
        self.record_reading(Fact, [fact.external_id for fact in page])
        following = next_page(request, [page[-1].external_id]) if more else None
        return json_answer(FactPage(fact_statuses(page), following))

    @described(
        "report_fact",
        summary="Report a fact",
        description="A new fact, a correction (`replaces`) or a withdrawal (`replaces` and `withdrawn`). The same fact "
        "once more is `unchanged`, so that a request can be sent again.",
        body={JSON: FACT},
        answers={HTTPStatus.CREATED: document(ItemAnswer), HTTPStatus.OK: document(ItemAnswer)},
        parameters=[DRY_RUN, CHANGED, IDEMPOTENCY_KEY],
        problems=WRITING,
        examples=[sent("attendance", ATTENDED), sent("exit", ENDED), sent("withdrawal", UNDONE)],
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        how = _how(request)
        content_type(request, JSON)
        report = decode_report(read_body(request))
        (answer,) = report_each(provider=self.provider, reports=[report], by=self.user, **how)
        return _answer_one(request, answer)


class FactBulk(ProviderView):
    """Many facts in one request."""

    scopes = {"POST": Scope.FACTS_WRITE}

    @described(
        "report_facts",
        summary="Report up to 10,000 facts",
        description="A JSON array, or one document a line. Each is answered on its own, in the same order: what breaks "
        "a rule is left out, the rest is stored.",
        body={JSON: {"type": "array", "items": FACT, "maxItems": ITEMS_MOST}, NDJSON: LINES},
        answers={HTTPStatus.OK: document(BulkAnswer)},
        parameters=[DRY_RUN, CHANGED, IDEMPOTENCY_KEY],
        problems=WRITING,
        examples=[sent("attendance and exit", [ATTENDED, ENDED])],
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        how = _how(request)
        read = [_read_item(encoded) for encoded in _items(request)]
        reports = [report for report in read if isinstance(report, FactReport)]
        answers = iter(report_each(provider=self.provider, reports=reports, by=self.user, **how))
        each = [next(answers) if isinstance(report, FactReport) else report for report in read]
        counts = Counter(answer.outcome for answer in each)
        items = [_item_answer(request, answer, f"/{place}") for place, answer in enumerate(each)]
        return json_answer(BulkAnswer(**{outcome: counts[outcome] for outcome in Outcome}, items=items))


class FactDetail(ProviderView):
    """One fact of the provider."""

    scopes = {"GET": Scope.FACTS_READ, "PUT": Scope.FACTS_WRITE}

    @described(
        "read_fact",
        summary="A fact, and how it stands",
        answers={HTTPStatus.OK: document(FactStatus), HTTPStatus.NOT_MODIFIED: None},
        parameters=[IF_NONE_MATCH],
        problems=[HTTPStatus.NOT_FOUND],
    )
    def get(self, request: Request, identifier: str) -> HttpResponse:
        fact = get_object_or_404(facts_of(self.provider, self.user), external_id=identifier)
        self.record_reading(Fact, [identifier])
        return tagged_answer(request, fact_statuses([fact])[0])

    @described(
        "correct_fact",
        summary="Correct a fact",
        description="The fact as it should be, under its own id. It is stored as a correction of the newest one, with "
        "the id that the answer names. If-Match has the tag that you read: if the fact has changed since, nothing is "
        "done.",
        body={JSON: FACT},
        answers={HTTPStatus.OK: document(ItemAnswer)},
        parameters=[
            DRY_RUN,
            IDEMPOTENCY_KEY,
            parameter("If-Match", "the ETag of the fact as you read it", where="header"),
        ],
        problems=[*WRITING, HTTPStatus.NOT_FOUND, HTTPStatus.PRECONDITION_FAILED, HTTPStatus.PRECONDITION_REQUIRED],
        examples=[sent("fewer days", ATTENDED | {"days": 17})],
    )
    @once
    def put(self, request: Request, identifier: str) -> HttpResponse:
        how = _how(request)
        content_type(request, JSON)
        report = decode_report(read_body(request))
        require_id(report, identifier)
        with transaction.atomic():
            lock_reports(self.provider)
            fact = get_object_or_404(facts_of(self.provider, self.user), external_id=identifier)
            require_match(request, fact_statuses([fact])[0])
            (answer,) = report_each(provider=self.provider, reports=[report], by=self.user, **how | {"corrects": True})
        return _answer_one(request, answer)


class EvidenceList(ProviderView):
    """Documents that facts are verified against."""

    scopes = {"POST": Scope.EVIDENCE_WRITE}

    @described(
        "attach_evidence",
        summary="Attach a document to a fact",
        description=f"The body is the file: PDF, DOCX, PNG or JPEG, at most {MEGABYTES_MOST} MB, without scripts, "
        "macros or files inside. Its content decides what it is. The same file once more is left as it is (200). The "
        "answer and the fact itself tell its SHA-256.",
        body=dict.fromkeys(UPLOADS, FILE),
        answers={HTTPStatus.CREATED: document(EvidenceDocument), HTTPStatus.OK: document(EvidenceDocument)},
        parameters=[
            parameter("fact", "the id of the fact", required=True),
            parameter("name", "the file's name, with its ending", required=True),
            IDEMPOTENCY_KEY,
        ],
        problems=[*WRITING, HTTPStatus.NOT_FOUND],
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        with parameters(request) as asked:
            identifier = asked.need("fact", text(CODE_MOST), "")
            name = asked.need("name", text(NAME_MOST), "")
        content_type(request, *UPLOADS)
        fact = get_object_or_404(Fact, provider=self.provider, external_id=identifier)
        evidence, is_new = attach_evidence(
            fact=fact, name=name, content=read_body(request), by=self.user, now=timezone.now()
        )
        return json_answer(evidence_document(evidence), HTTPStatus.CREATED if is_new else HTTPStatus.OK)


def require_id(report: FactReport, identifier: str) -> None:
    if report.external_id != identifier:
        raise refuse(OTHER_ID, field="id", value=report.external_id, id=identifier)


def _how(request: Request) -> dict[str, Any]:
    """What the address says of how reports are taken."""
    with parameters(request) as asked:
        dry_run = asked.take("dry_run", choice(["true", "false"]), "false") == "true"
        corrects = asked.take("changed", choice(["conflict", "correct"]), "conflict") == "correct"
    return {"dry_run": dry_run, "corrects": corrects}


def _items(request: Request) -> Sequence[bytes | msgspec.Raw]:
    """The documents of a bulk request, each still encoded."""
    if content_type(request, JSON, NDJSON) == NDJSON:
        items: Sequence[bytes | msgspec.Raw] = [line for line in read_body(request).splitlines() if line.strip()]
    else:
        try:
            items = _ARRAY.decode(read_body(request))
        except msgspec.DecodeError as error:
            raise HttpProblem(HTTPStatus.BAD_REQUEST, str(error)) from error
    if len(items) > ITEMS_MOST:
        raise HttpProblem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"{len(items)} > {ITEMS_MOST}")
    return items


def _read_item(encoded: bytes | msgspec.Raw) -> FactReport | Answer:
    try:
        return decode_report(encoded)
    except DomainError as error:
        return Answer(Outcome.REFUSED, "", None, error.breaches)


def _item_answer(request: Request, answer: Answer, where: str) -> ItemAnswer:
    if not answer.breaches:
        return ItemAnswer(answer.outcome, answer.external_id)
    errors = [problem_error(request, breach, where=where) for breach in answer.breaches]
    return ItemAnswer(answer.outcome, answer.external_id, errors)


def _answer_one(request: Request, answer: Answer) -> HttpResponse:
    if answer.breaches:
        raise DomainError(*answer.breaches)
    is_new = answer.outcome is not Outcome.UNCHANGED and request.method == "POST"
    there = reverse("api:fact", args=[answer.external_id], request=request)
    status = HTTPStatus.CREATED if is_new else HTTPStatus.OK
    return json_answer(ItemAnswer(answer.outcome, answer.external_id), status, headers={"Location": there})
