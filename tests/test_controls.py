"""Every control fires where it should and is silent where it should; what they find is stored, held and answered."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from django.db import connections, transaction
from pytest_django import DjangoDbBlocker

from backend.kernel.periods import last_day
from contracts.models import Contract, ContractVersion
from contracts.reading import read_model
from outcomes.services import verify_facts
from payouts.controls import CONTROLS, Found, Severity
from payouts.models import Finding, Hold, Line, ParkedProvider, Run, Statement
from payouts.parts import parts_of
from payouts.services import answer_findings, examine_run
from providers.models import TaxFact
from providers.services import authorise_provider, end_account, record_tax_fact
from tests.conftest import TestDatabase
from tests.run_steps import DAY, refusal
from tests.town import Town, attendance, noon

MODEL = read_model(
    {
        "code": "share",
        "title": "A share of the price",
        "source": "tests",
        "tiers": ["A"],
        "steps": [{"code": "start", "title": "Start", "trigger": "attendance", "days": 5, "share": "0.5"}],
    }
)
MONTHS = [date(2025, number, 1) for number in range(1, 9)]
EACH_MONTH = 4  # placements
PRICE, OUTLYING = 2_000_000, 20_000_000  # öre
AUGUST = date(2025, 8, 31)
AT = noon(date(2025, 9, 1))


class World:
    """Seven months of ordinary runs; in the eighth a line is ten times the usual, a rule verified another, and
    another contract has one."""

    def __init__(self) -> None:
        self.town, self.other = Town(MODEL), Town(MODEL, number=2)
        for month in MONTHS[:-1]:
            for number in range(EACH_MONTH):
                self.attend(self.town, f"P{month.month}-{number}", month)
            self.usual = self.town.pay(last_day(month))
        self.attend(self.town, "P8-0", MONTHS[-1], OUTLYING)
        self.attend(self.other, "Q8-0", MONTHS[-1])
        facts = self.attend(self.town, "P8-1", MONTHS[-1], is_verified=False)
        verify_facts(facts=facts, rule="register_certificates", now=noon(MONTHS[-1] + 11 * DAY))
        self.run = self.town.compute(AUGUST)

    def attend(
        self, town: Town, number: str, month: date, price: int = PRICE, *, is_verified: bool = True
    ) -> list[int]:
        town.refer(number, month, month, price=price)
        report = town.tell if is_verified else town.report
        return report(month + 10 * DAY, attendance(number, number, month, month + 9 * DAY, 5))


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """One database for all tests here, which leave it as it was."""
    with django_db_blocker.unblock():
        yield World()
        TestDatabase(connections["default"].settings_dict["NAME"]).renew()


@pytest.fixture(autouse=True)
def undone(world: World) -> Iterator[None]:
    """What a test does is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def found_by(name: str, run: Run) -> list[Found]:
    return list(CONTROLS[name].find(run))


# --- each control: what makes it fire, and whom it names

Fire = Callable[[World], object]


def of_contract(world: World) -> int:
    return world.town.contract.pk


def of_provider(world: World) -> int:
    return world.town.provider.pk


def lose(kind: TaxFact.Kind, on: date = AUGUST) -> Fire:
    """From a day on the tax agency says no, while the contract bears VAT."""

    def record(world: World) -> int:
        if kind == TaxFact.Kind.VAT:
            world.town.amend(date(2025, 1, 2), vat=ContractVersion.Vat.STANDARD)
        record_tax_fact(
            provider=world.town.provider, kind=kind, holds=False, valid_from=on, by=world.town.procurement, now=AT
        )
        return of_provider(world)

    return record


def lapse(world: World) -> int:
    town = world.town
    authorise_provider(
        provider=town.provider, valid_from=MONTHS[0], valid_through=AUGUST - DAY, by=town.procurement, now=AT
    )
    return of_contract(world)


def limit(**limits: int) -> Fire:
    def amend(world: World) -> int:
        world.town.amend(date(2025, 1, 2), **limits)
        return of_contract(world)

    return amend


def end_the_account(world: World) -> int:
    end_account(account=world.town.papers, by=world.town.decider, now=AT)
    return of_provider(world)


def end_contract(world: World) -> int:
    Contract.objects.filter(pk=world.town.contract.pk).update(valid_through=date(2025, 8, 1))
    return of_contract(world)


def leave_balance(world: World) -> int:
    end_contract(world)
    Statement.objects.create(
        number="U", run=world.usual, contract=world.town.contract, conditions=world.town.contract.versions.get(),
        line_count=1, net=-1, tax=0, carried_in=0, payable=0, carried_out=-1, due_on=AUGUST, made_at=AT,
    )  # fmt: skip
    return of_contract(world)


def hold_for_budget(world: World) -> int:
    line = Line.objects.filter(run=world.run, contract=world.town.contract).first()
    assert line is not None
    Hold.objects.create(
        placement_id=line.placement_id, step_id=line.step_id, occurrence=line.occurrence, run=world.run,
        reason_code="budget", rule="budget", placed_at=AT,
    )  # fmt: skip
    return of_contract(world)


def park(world: World) -> int:
    line = Line.objects.filter(run=world.run, contract=world.town.contract).first()
    assert line is not None
    ParkedProvider.objects.create(
        run=world.run, provider=world.town.provider, placement_id=line.placement_id, rule="r", field="f", value="v"
    )
    return of_provider(world)


FIRES: dict[str, Fire] = {
    "account_unconfirmed": end_the_account,
    "f_skatt_missing": lose(TaxFact.Kind.F_SKATT),
    "vat_registration_missing": lose(TaxFact.Kind.VAT),
    "authorisation_lapsed": lapse,
    "provider_parked": park,
    "contract_ended": end_contract,
    "budget_exceeded": hold_for_budget,
    "capacity_exceeded": limit(capacity=29),
    "highest_value_exceeded": limit(highest_value=30 * PRICE // 2),
    "balance_stands": leave_balance,
    "line_unlike_history": of_contract,
    "contract_unlike_history": of_contract,
    "verified_by_rule": of_contract,
}
# and what keeps it silent though something of the kind is there
SILENT: dict[str, Fire] = {
    "account_unconfirmed": lambda world: world.town.open_account(AUGUST, "123-4566", confirmed=False),
    "f_skatt_missing": lose(TaxFact.Kind.F_SKATT),
    "vat_registration_missing": lose(TaxFact.Kind.VAT),
    "capacity_exceeded": limit(capacity=30),
    "highest_value_exceeded": limit(highest_value=100 * PRICE),
}


@pytest.mark.parametrize("name", sorted(FIRES))
def test_the_control_fires(world: World, name: str) -> None:
    concerned = FIRES[name](world)
    found = found_by(name, world.run)
    assert [one for one in found if concerned in (one.contract, one.provider)]
    assert all(one.control == name for one in found)


@pytest.mark.parametrize("name", sorted(CONTROLS))
def test_the_control_is_silent(world: World, name: str) -> None:
    SILENT.get(name, lambda world: None)(world)
    assert found_by(name, world.usual) == []


def test_every_control_has_a_firing_test_and_says_what_to_do() -> None:
    assert {*FIRES, "sum_unlike_last_month"} == set(CONTROLS)
    for control in CONTROLS.values():
        assert control.says.endswith(".")
        assert control.act.endswith(".")
        assert control.holds is None or control.severity is Severity.HOLD


@pytest.mark.parametrize(("total", "fires"), [(149, False), (151, True), (51, False), (49, True)])
def test_a_sum_far_from_last_months_is_found(world: World, total: int, fires: bool) -> None:
    before = Run.objects.get(pk=world.usual.pk)
    before.pk, before.sequence, before.total, before.line_count = None, 900, 100, 50
    before.save(force_insert=True)
    run = Run(sequence=901, total=total, line_count=50)
    found = found_by("sum_unlike_last_month", run)
    assert bool(found) is fires
    run.line_count = 49  # too few to tell
    assert found_by("sum_unlike_last_month", run) == []


def test_the_outlying_line_is_named_with_what_is_usual(world: World) -> None:
    (line,) = found_by("line_unlike_history", world.run)
    assert (line.value, line.expected, line.amount, line.lines) == ("100000.00", "10000.00", 10_000_000, 1)
    (contract,) = found_by("contract_unlike_history", world.run)
    assert (contract.value, contract.expected, contract.lines) == ("110000.00", "40000.00", 2)


# --- examination


def examine(world: World) -> Run:
    return examine_run(run=world.run, by=world.town.examiner, now=AT)


def test_what_is_found_is_stored_once_and_closed_when_it_is_gone(world: World) -> None:
    end_the_account(world)
    run = examine(world)
    standing = Finding.objects.filter(run=run, closed_at=None)
    assert set(standing.values_list("control", flat=True)) == {
        "account_unconfirmed", "line_unlike_history", "contract_unlike_history",
        "verified_by_rule",
    }  # fmt: skip
    count = standing.count()
    examine(world)
    assert Finding.objects.filter(run=run).count() == count
    world.town.open_account(AUGUST + DAY, "123-4566")
    examine(world)
    assert standing.count() == count - 1
    assert Finding.objects.get(control="account_unconfirmed").closed_at == AT


def test_money_in_doubt_is_held_until_it_is_mended(world: World) -> None:
    end_the_account(world)
    lapse(world)
    examine(world)
    held = Hold.objects.filter(released_at=None)
    assert set(held.values_list("rule", "provider", "contract")) == {
        ("account_unconfirmed", of_provider(world), None),
        ("authorisation_lapsed", None, of_contract(world)),
    }
    world.town.open_account(AUGUST + DAY, "123-4566")
    examine(world)
    (mended,) = Hold.objects.exclude(released_at=None)
    assert (mended.rule, mended.release_rule) == ("account_unconfirmed", "mended")


def test_findings_are_answered_by_an_examiner_during_the_examination(world: World) -> None:
    run = examine(world)
    (part,) = parts_of(run).values()
    asked = [finding.pk for finding in part.unanswered]
    assert len(asked) == 2

    def answer(text: str, findings: list[int] = asked) -> None:
        answer_findings(findings=findings, answer=text, by=world.town.examiner, now=AT)

    assert refusal(lambda: answer(" ")) == "finding_answer"
    assert refusal(lambda: answer("right", [0])) == "finding_gone"
    answer("The price of the new course.")
    assert Finding.objects.filter(answered_by=world.town.examiner).count() == 2
    (part,) = parts_of(run).values()
    assert part.unanswered == []
    assert part.findings


def test_a_run_is_examined_once_it_is_computed_and_not_after_it_is_attested(world: World) -> None:
    assert refusal(lambda: examine_run(run=world.usual, by=world.town.examiner, now=AT)) == "run_state"
    assert (
        refusal(lambda: examine_run(run=world.run, by=world.town.decider, now=AT + timedelta(days=1))) == "role_needed"
    )
