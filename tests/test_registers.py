"""Registers' files: read by their layouts, matched, held against what was reported, and taken in once."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from backend.kernel.errors import DomainError
from backend.kernel.models import AuditEvent, Role, User
from outcomes.columns import Kind
from outcomes.models import Fact, Placement, RegisterImport, RegisterRow
from outcomes.register_status import assistance_after_exit
from outcomes.registers import Register, layout_named, layouts, read_records
from outcomes.services import registers
from outcomes.services.registers import match_row, read_import, record_ground, start_import
from tests.people import NUMBER, OTHER_NUMBER, identify
from tests.small_world import attendance, exit_on, make_placement, make_user, moment, report, verify

TODAY = moment(date(2025, 9, 1))
HEADS = {"betyg": "Personnummer;Kurskod;Betygsdatum;Betyg;Poäng"}
HEADS |= {"anstallningar": "Personnummer;Arbetsgivare;Anställd från;Anställd till;Omfattning"}
HEADS |= {"inkomster": "PERSONNR\tARBETSGIVARE\tPERIOD\tKONTANT_BRUTTO"}
HEADS |= {"ekonomiskt-bistand": "Pnr;Månad;Belopp;Hinderklass"}
HEADS |= {"arbetsgivarintyg": "personal_number,employer,employed_from,employed_through,extent"}
Outcome = RegisterRow.Outcome


def file_of(layout: str, *rows: str) -> bytes:
    return "\r\n".join((HEADS[layout], *rows, "")).encode(layouts()[layout].encoding)


def take(layout: str, *rows: str, by: User | None = None) -> RegisterImport:
    by = by or make_user(Role.HANDLER)
    source = start_import(layout=layout, name="file", content=file_of(layout, *rows), by=by, now=TODAY)
    return read_import(source.pk, TODAY)


def open_register(register: Register) -> None:
    by = make_user(Role.PROCUREMENT)
    record_ground(register=register, ground="12 kap. 7 § …", valid_from=date(2025, 1, 1), by=by, now=TODAY)


def outcomes() -> list[str]:
    return list(RegisterRow.objects.order_by("pk").values_list("outcome", flat=True))


@pytest.fixture
def placement(db: None) -> Placement:
    """Of somebody with an identity number."""
    made = make_placement()
    identify(made.participant)
    return made


def told(placement: Placement, kind: Kind, **says: Any) -> Fact:
    (fact,) = report(placement, attendance(placement, kind=kind, **says), on=date(2025, 8, 1))
    return fact


def grade(placement: Placement, given: int = 1) -> Fact:
    on = date(2025, 6, 2)
    return told(placement, Kind.GRADE, from_day=on, through_day=on, subject="SVA01", detail=given, quantity=100)


def job(placement: Placement, through: date | None = None) -> Fact:
    return told(
        placement, Kind.EMPLOYMENT, from_day=date(2025, 5, 5), through_day=through, subject="Bageriet", detail=1,
        quantity=75,
    )  # fmt: skip


@pytest.mark.parametrize("name", sorted(HEADS))
def test_every_layout_reads_its_own_file(name: str) -> None:
    example = {
        "betyg": f"{NUMBER};SVA01;2025-06-02;A;100",
        "anstallningar": f"{NUMBER};Bageriet;2025-05-05;;75",
        "inkomster": f"{NUMBER}\tBageriet\t202506\t21000",
        "ekonomiskt-bistand": f"{NUMBER};2025-06;4500;S",
        "arbetsgivarintyg": f"{NUMBER},Bageriet,05/05/2025,30/06/2025,75",
    }[name]
    (record,) = read_records(layout_named(name), file_of(name, example))
    assert str(record.person) == NUMBER
    assert record.quantity == {"betyg": 100, "inkomster": 2_100_000, "ekonomiskt-bistand": 450_000}.get(name, 75)
    assert record.code == {"betyg": "A", "ekonomiskt-bistand": "language"}.get(name, "")
    assert set(layouts()) == set(HEADS)


@pytest.mark.django_db
def test_a_row_that_cannot_be_read_is_named_without_the_persons_number() -> None:
    with pytest.raises(DomainError, match="row 3: Personnummer can't be read") as refused:
        take("betyg", f"{NUMBER};SVA01;2025-06-02;A;100", "19800101-1232;SVA01;2025-06-02;A;100")
    assert "19800101" not in str(refused.value).replace("19800101-1231", "")
    assert not RegisterImport.objects.exists()


def test_a_grade_that_agrees_is_verified_by_the_register(placement: Placement) -> None:
    fact = grade(placement)
    source = take("betyg", f"{NUMBER};sva01;2025-06-02;A;100")
    assert outcomes() == [Outcome.VERIFIED]
    decision = fact.decisions.get()
    assert (decision.decided_by, decision.rule) == (None, "register_grades")
    assert fact.register_rows.get().source == source  # which import it was
    take("betyg", f"{NUMBER};SVA01;2025-06-02;B;100", f"{NUMBER};MATA;2025-06-02;B;100")
    assert outcomes()[1:] == [Outcome.DIFFERS, Outcome.NOTHING]


def test_a_file_and_its_records_are_taken_in_once(placement: Placement) -> None:
    grade(placement)
    row = f"{NUMBER};SVA01;2025-06-02;A;100"
    first = take("betyg", row)
    assert take("betyg", row) == first
    take("betyg", row, row, f"{NUMBER};MATA;2025-06-02;B;100")
    assert RegisterRow.objects.count() == 2
    first.refresh_from_db()
    assert bytes(first.content) == b""  # the file is let go


def test_a_killed_import_goes_on_where_it_stood(placement: Placement, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registers, "AT_ONCE", 2)
    rows = [f"{NUMBER};K{number};2025-06-02;A;100" for number in range(5)]
    source = start_import(
        layout="betyg", name="f", content=file_of("betyg", *rows), by=make_user(Role.HANDLER), now=TODAY
    )
    add = registers._add
    added: list[object] = []

    def die(*args: Any) -> None:
        if len(added) == 3:
            raise KeyboardInterrupt
        added.append(args)
        add(*args)

    monkeypatch.setattr(registers, "_add", die)
    with pytest.raises(KeyboardInterrupt):
        read_import(source.pk, TODAY)
    source.refresh_from_db()
    assert (source.rows_read, RegisterRow.objects.count(), source.state) == (2, 2, "waiting")
    monkeypatch.setattr(registers, "_add", add)
    assert read_import(source.pk, TODAY).state == "done"
    assert RegisterRow.objects.count() == 5


def test_the_employment_register_is_closed_without_a_legal_ground(placement: Placement) -> None:
    row = f"{NUMBER};Bageriet;2025-05-05;;75"
    with pytest.raises(DomainError, match="closed until an officer records a legal ground"):
        take("anstallningar", row)
    open_register(Register.EMPLOYMENT)
    take("anstallningar", row)
    by = make_user(Role.PROCUREMENT)
    record_ground(register=Register.EMPLOYMENT, ground="", valid_from=date(2025, 8, 1), by=by, now=TODAY)
    with pytest.raises(DomainError, match="closed until"):
        take("anstallningar", row, row)


def test_spells_are_verified_as_far_as_the_register_bears_them_out(placement: Placement) -> None:
    open_register(Register.EMPLOYMENT)
    fact = job(placement, through=date(2025, 7, 31))
    take("anstallningar", f"{NUMBER};Bageriet;2025-05-05;2025-06-30;100")
    assert outcomes() == [Outcome.DIFFERS]  # the register knows of fewer days
    take("arbetsgivarintyg", f"{NUMBER},BAGERIET,01/05/2025,31/08/2025,80")
    assert outcomes() == [Outcome.DIFFERS, Outcome.VERIFIED]
    assert fact.decisions.get().rule == "register_certificates"


def test_earnings_are_verified_by_the_months_pay(placement: Placement) -> None:
    open_register(Register.INCOME)
    on = date(2025, 6, 25)
    fact = told(placement, Kind.EARNINGS, from_day=on, through_day=on, quantity=2_000_000)
    take("inkomster", f"{NUMBER}\tBageriet\t202506\t21000")
    assert outcomes() == [Outcome.VERIFIED]
    assert fact.decisions.get().rule == "register_income"


def test_jobs_that_nobody_reported_are_found(placement: Placement) -> None:
    open_register(Register.EMPLOYMENT)
    take(
        "anstallningar", f"{NUMBER};Kiosken;2025-06-01;;50", f"{NUMBER};Gamla jobbet;2019-06-01;2020-01-31;50",
        f"{OTHER_NUMBER};Kiosken;2025-06-01;;50",
    )  # fmt: skip
    assert outcomes() == [Outcome.UNCLAIMED, Outcome.NOTHING, Outcome.UNMATCHED]


def test_what_did_not_match_is_matched_by_hand_with_a_reason(placement: Placement) -> None:
    fact = grade(placement)
    take("betyg", f"{OTHER_NUMBER};SVA01;2025-06-02;A;100")
    row = RegisterRow.objects.get()
    by = make_user(Role.HANDLER)
    assert registers.reveal_row(row=row, by=by, now=TODAY) == OTHER_NUMBER.replace("-", "")
    with pytest.raises(DomainError, match="says why"):
        match_row(row=row, participant=placement.participant.number, reason=" ", by=by, now=TODAY)
    match_row(row=row, participant=placement.participant.number, reason="new number", by=by, now=TODAY)
    row.refresh_from_db()
    assert (row.outcome, row.participant, row.fact, bytes(row.number)) == ("verified", placement.participant, fact, b"")
    assert AuditEvent.objects.filter(action="match_register_row").exists()


def test_a_fact_that_was_verified_before_is_confirmed(placement: Placement) -> None:
    verify(grade(placement), on=date(2025, 8, 2))
    take("betyg", f"{NUMBER};SVA01;2025-06-02;A;100")
    assert outcomes() == [Outcome.CONFIRMED]


def test_what_may_not_be_verified_yet_is_told_with_the_rule(placement: Placement) -> None:
    """A register keeps the same rules as an officer: the earlier correction is to be decided first."""
    first = grade(placement)
    verify(first, on=date(2025, 8, 2))
    on = date(2025, 6, 2)
    says = {"kind": Kind.GRADE, "from_day": on, "through_day": on, "subject": "SVA01", "quantity": 100}
    second = report(placement, attendance(placement, **says, detail=2, replaces=first.external_id))[0]
    report(placement, attendance(placement, **says, detail=3, replaces=second.external_id))
    take("betyg", f"{NUMBER};SVA01;2025-06-02;C;100")
    row = RegisterRow.objects.get()
    assert row.outcome == Outcome.REFUSED
    assert "decide about it first" in row.remark


def test_assistance_gives_the_status_after_the_exit(placement: Placement) -> None:
    verify(*report(placement, exit_on(placement, date(2025, 3, 10))))
    placement.refresh_from_db()
    take("ekonomiskt-bistand", f"{NUMBER};2025-05;4500;S", f"{OTHER_NUMBER};2025-11;4500;S")
    assert [(one.months, one.on_assistance) for one in assistance_after_exit(placement)] == [
        (2, True), (8, False), (12, None),
    ]  # fmt: skip
    client = Client()
    client.force_login(make_user(Role.HANDLER))
    client.cookies["django_language"] = "en"
    page = client.get(f"/participants/{placement.participant_id}/").content.decode()
    assert "on assistance" in page
    assert "not known yet" in page


def test_who_a_participant_is_stays_out_of_plain_columns(placement: Placement) -> None:
    take("betyg", f"{OTHER_NUMBER};SVA01;2025-06-02;A;100")
    row = RegisterRow.objects.get()
    assert OTHER_NUMBER.replace("-", "").encode() not in bytes(row.number) + bytes(row.digest)
