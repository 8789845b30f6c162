"""Evidence that providers attach through the API, marks of late and incomplete facts, and protected participants."""

import hashlib
from datetime import date
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from backend.kernel.models import AuditEvent, Role
from contracts.reading import read_model
from outcomes.models import Evidence, Protection
from outcomes.services import protect_participant
from tests.api_client import BASE, System
from tests.town import Town, attendance, ended, grade, job, milestone, noon, person

pytestmark = pytest.mark.django_db

START = date(2025, 1, 15)
PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20) + b"IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0" + bytes(20) + b"\xff\xd9"


def docx(*names: str) -> bytes:
    held = BytesIO()
    with ZipFile(held, "w") as archive:
        for name in ("word/document.xml", *names):
            archive.writestr(name, "x")
    return held.getvalue()


@pytest.fixture
def town() -> Town:
    town = Town()
    town.refer("P-1", date(2025, 1, 10), START)
    town.report(date(2025, 2, 1), attendance("a", "P-1", START, date(2025, 1, 31), 10))
    return town


@pytest.fixture
def system(town: Town) -> System:
    return System(town.provider)


def attach(system: System, content: bytes, name: str = "intyg.pdf", fact: str = "a", **headers: str) -> Any:
    headers = {"Content_Type": "application/octet-stream"} | headers
    return system.ask("POST", f"{BASE}/evidence/?fact={fact}&name={name}", content, **headers)


def test_a_document_is_attached_once_and_told_with_the_fact(system: System) -> None:
    first, again = attach(system, PDF), attach(system, PDF, "same.pdf")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert bytes(Evidence.objects.get().content) == PDF
    assert system.get("facts/a/").json()["evidence"] == [first.json()]
    event = AuditEvent.objects.get(action="attach_evidence")
    assert event.later
    assert event.later["sha256"] == first.json()["sha256"]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.pdf", PDF), ("a.PNG", PNG), ("a.jpg", JPEG), ("a.jpeg", JPEG), ("å ä.docx", docx())],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_kind_of_document_is_taken(system: System, name: str, content: bytes) -> None:
    assert attach(system, content, name).status_code == 201


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.png", PDF, "upload_kind"),
        ("a.exe", PDF, "upload_kind"),
        ("a", PDF, "upload_kind"),
        ("a.pdf", PDF[:-8], "upload_kind"),
        ("a.docx", b"PK\x03\x04", "upload_kind"),
        ("a.pdf", PDF.replace(b"<< >>", b"<< /OpenAction << /S /JavaScript >> >>"), "upload_active"),
        ("a.docx", docx("word/vbaProject.bin"), "upload_active"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_a_document_is_is_judged_by_its_content(system: System, name: str, content: bytes, code: str) -> None:
    answer = attach(system, content, name)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not Evidence.objects.exists()


def test_no_document_is_too_large_or_of_another_type(system: System) -> None:
    assert attach(system, PDF + bytes(10 * 2**20)).status_code == 413
    assert attach(system, PDF, Content_Type="text/html").status_code == 415


def test_a_fact_has_at_most_twenty_documents(system: System) -> None:
    answers = [attach(system, PDF.replace(b"1 0", f"{number} 0".encode())) for number in range(21)]
    assert [answer.status_code for answer in answers] == [201] * 20 + [422]
    assert answers[-1].json()["code"] == "evidence_most"


def test_nothing_is_attached_to_another_providers_fact(town: Town) -> None:
    stranger = System(Town(number=2).provider)
    assert attach(stranger, PDF).status_code == 404
    assert not Evidence.objects.exists()


def test_parameters_are_needed(system: System) -> None:
    answer = system.ask("POST", "evidence/", PDF, Content_Type="application/pdf")
    assert answer.status_code == 400
    assert [error["parameter"] for error in answer.json()["errors"]] == ["fact", "name"]


# --- marks

MODEL: dict[str, Any] = {
    "code": "marks",
    "title": "Marks",
    "source": "a test",
    "steps": [
        {
            "code": "plan", "title": "Plan", "trigger": "milestone", "amount": "100.00", "name": "plan",
            "report_within": "P10D",
        },
        {"code": "ten", "title": "Ten days", "trigger": "attendance", "amount": "100.00", "days": 10},
        {
            "code": "course", "title": "Course", "trigger": "grade", "amount": "100.00", "pass": ["A"],
            "report_within": "P10D",
        },
        {
            "code": "job", "title": "Job", "trigger": "employment", "amount": "100.00", "starts_within": "P2M",
            "lasts": "P1M", "report_within": "P10D",
        },
    ],
}  # fmt: skip


def test_late_and_incomplete_facts_are_marked() -> None:
    town = Town(model=read_model(MODEL))
    town.refer("P-1", date(2025, 1, 10), START)
    on = date(2025, 2, 1)
    reported = date(2025, 2, 12)  # the eleventh day after
    town.report(
        reported,
        milestone("late plan", "P-1", on, "plan"),
        milestone("plan", "P-1", date(2025, 2, 2), "plan"),
        milestone("another", "P-1", on, "visit"),
        attendance("days", "P-1", START, on, 10),
        grade("A", "P-1", on, "SVA", "A", points=-1),
        grade("B", "P-1", on, "SVB", "B"),
        job("job", "P-1", date(2025, 1, 20)),
        ended("exit", "P-1", date(2025, 2, 10), "unknown"),
    )
    town.report(date(2025, 3, 20), job("late job", "P-1", date(2025, 2, 3), employer="other"))
    system = System(town.provider)

    def marks(key: str) -> dict[str, list[str]]:
        items = system.get("facts/").json()["items"]
        return {item["fact"]["id"]: item[key] for item in items if item[key]}

    assert marks("late_for") == {"late plan": ["plan"], "A": ["course"]}
    assert marks("missing") == {"A": ["points"], "exit": ["reason"]}
    town.verify(
        date(2025, 3, 21), town.report(date(2025, 3, 21), ended("known", "P-1", date(2025, 2, 10), replaces="exit"))
    )
    assert marks("late_for") == {"late plan": ["plan"], "A": ["course"], "late job": ["job"]}


# --- protected participants


def test_who_a_protected_participant_is_is_not_told(town: Town, system: System) -> None:
    town.report(date(2025, 2, 1), job("job", "P-1", date(2025, 2, 3), employer="the secret employer"))
    placement = system.get("placements/P-1/").json()
    assert (placement["participant"], placement["is_protected"]) == ("P-1", False)
    protect_participant(
        participant=town.contract.placements.get().participant,
        kind=Protection.Kind.MARKED,
        by=person("skyddshandläggare", Role.HANDLER),
        now=noon(date(2025, 2, 2)),
    )
    placement = system.get("placements/P-1/").json()
    assert (placement["participant"], placement["is_protected"]) == (None, True)
    assert "secret" not in system.get("facts/").content.decode()
    hidden = system.get("facts/job/").json()["fact"]
    assert hidden == {"id": "job", "placement": "P-1", "kind": "employment", "is_protected": True}
    assert system.get("facts/a/").json()["fact"]["days"] == 10
