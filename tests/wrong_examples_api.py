"""Wrong examples of the rules that the API and what stands behind it keep; `tests.wrong_examples` gathers them."""

from collections.abc import Callable

from backend.kernel.api import cursor, moment
from backend.kernel.errors import DomainError
from backend.kernel.models import Role
from backend.kernel.uploads import checked_upload
from outcomes.api import require_id
from outcomes.documents import decode_report
from outcomes.models import Placement
from outcomes.reports import FactReport
from outcomes.services import attach_evidence, report_each
from providers.models import Scope
from providers.services import Answered, Issued, answer_once, issue_credentials, revoke_credentials, rotate_secret
from tests.small_world import NOW, attendance, make_member, make_placement, make_provider, make_user, report

PDF = b"%PDF-1.7 "


def issue(*scopes: str) -> Issued:
    by = make_user(Role.ADMINISTRATOR)
    return issue_credentials(provider=make_provider(), name="system", scopes=scopes, by=by, now=NOW)


def rotate(*, days: int) -> Issued:
    by = make_user(Role.ADMINISTRATOR)
    return rotate_secret(client=issue(Scope.FACTS_READ).client, grace_days=days, by=by, now=NOW)


def revoke_twice() -> None:
    client, by = issue(Scope.FACTS_READ).client, make_user(Role.ADMINISTRATOR)
    for _ in range(2):
        revoke_credentials(client=client, by=by, now=NOW)


def change(placement: Placement, fact: FactReport, *more: FactReport) -> Callable[..., None]:
    """Report a fact and what follows on it; then other content under its id is taken for a correction."""
    report(placement, fact, *more)
    by = make_member(placement.contract.provider)

    def correct(**content: object) -> None:
        changed = fact._replace(**content)  # type: ignore[arg-type]
        (answer,) = report_each(provider=placement.contract.provider, reports=[changed], by=by, corrects=True)
        if answer.breaches:
            raise DomainError(*answer.breaches)

    return correct


def corrected_elsewhere() -> None:
    placement = make_placement()
    fact = attendance(placement)
    change(placement, fact, attendance(placement, replaces=fact.external_id, quantity=19))(quantity=18)


def reported_before() -> None:
    placement = make_placement()
    correct = change(placement, attendance(placement))
    correct(quantity=19)
    correct(quantity=20)


def long_chain() -> object:
    placement = make_placement()
    facts = [attendance(placement)]
    for number in range(60):
        facts.append(attendance(placement, replaces=facts[-1].external_id, quantity=number % 20))
    return report(placement, *facts)


def ask_once(*requests: bytes, key: str = "k") -> None:
    client = issue(Scope.FACTS_WRITE).client
    for request in requests:
        answer_once(client=client, key=key, request=request, carry_out=lambda: Answered(200, b""), now=NOW)


def attach(name: str = "a.pdf", content: bytes = PDF, times: int = 1) -> None:
    placement = make_placement()
    (fact,) = report(placement, attendance(placement))
    by = make_member(placement.contract.provider)
    for number in range(times):
        content += str(number).encode() if times > 1 else b""
        attach_evidence(fact=fact, name=name, content=content + b"%%EOF", by=by, now=NOW)


API: dict[str, Callable[[], object]] = {
    "unknown_scope": lambda: issue("everything"),
    "grace_days": lambda: rotate(days=91),
    "client_revoked": revoke_twice,
    "corrected_elsewhere": corrected_elsewhere,
    "reported_before": reported_before,
    "chain_too_long": long_chain,
    "evidence_most": lambda: attach(times=21),
    "idempotency_key": lambda: ask_once(b"a", key="å"),
    "idempotency_key_reused": lambda: ask_once(b"a", b"b"),
}
API_PURE: dict[str, Callable[[], object]] = {
    "moment": lambda: moment("2026-03-31T12:00:00", "updated_since"),
    "cursor": lambda: cursor(str)("somewhere", "cursor"),
    "upload_name": lambda: checked_upload("\x00.pdf", PDF),
    "upload_size": lambda: checked_upload("a.pdf", b""),
    "upload_kind": lambda: checked_upload("a.pdf", b"text"),
    "upload_active": lambda: checked_upload("a.pdf", PDF + b"/JavaScript %%EOF"),
    "no_json": lambda: decode_report(b"{"),
    "other_id": lambda: require_id(decode_report(b'{"id":"b","placement":"P","kind":"exit","on":"2026-02-27"}'), "a"),
}
