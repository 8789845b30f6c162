"""`check_ledger`: what services made breaks no invariant, and every breach that the owner plants is found."""

import json
from collections.abc import Iterator
from datetime import date, datetime

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections
from pytest_django import DjangoDbBlocker

from backend.demonstration.bank import notify, receive
from backend.kernel.models import Role
from contracts.library import library_model
from contracts.services import set_budget
from outcomes.models import Fact
from payouts.invariants import INVARIANTS, Failing, find_failing
from payouts.models import ClawbackNotice, Export, Hold, Line, Payment, Run, Statement
from payouts.services import cancel_run, export_run, import_bank_file
from payouts.states import RunState
from tests.conftest import TestDatabase
from tests.town import Town, attendance, ended, grade, noon, person

START = date(2026, 1, 15)


def settle(run: Run, now: datetime) -> None:
    """Order what a run pays, and have the bank pay it; book it too."""
    for kind in Export.Kind:
        exported = export_run(run=run, kind=kind, by=None, now=now)
        if kind == Export.Kind.PAIN001:
            payments = receive(exported.content).payments
    import_bank_file(name="n.xml", content=notify(payments, "N-1", now), by=None, now=now)


def live_through_spring(town: Town) -> None:
    """Five runs: the second is cancelled, the fourth takes back, and the last waits for attest.

    The first is settled, the third exported, and the fourth has its statements; the provider may answer the clawback.
    """
    town.record_payer()
    town.amend(date(2026, 1, 10), notice_days=14)
    for number in ("P1", "P2"):
        town.refer(number, date(2026, 1, 10), START, tier=1)
    town.tell(date(2026, 2, 16), attendance("a1", "P1", START, date(2026, 2, 13), 22))
    settle(town.pay(date(2026, 2, 28)), noon(date(2026, 3, 2)))
    town.tell(date(2026, 3, 9), attendance("a2", "P2", START, date(2026, 3, 6), 15))
    set_budget(contract=town.contract, year=2026, amount=2_000_000, by=town.procurement, now=noon(date(2026, 3, 9)))
    town.tell(date(2026, 3, 10), attendance("a2-mended", "P2", START, date(2026, 3, 6), 30, replaces="a2"))
    town.tell(date(2026, 3, 11), grade("g1", "P1", date(2026, 3, 6), "MATMAT01a", "C"))
    town.tell(date(2026, 3, 11), ended("e1", "P1", date(2026, 3, 6)))
    cancelled = town.compute(date(2026, 3, 31))
    cancel_run(run=cancelled, reason="too early", by=town.starter, now=noon(date(2026, 4, 1)))
    export_run(run=town.pay(date(2026, 3, 31)), kind=Export.Kind.PAIN001, by=None, now=noon(date(2026, 4, 2)))
    wrong = town.report(
        date(2026, 4, 8), grade("g1-gone", "P1", date(2026, 3, 6), "", "C", replaces="g1", withdrawn=True)
    )
    town.verify(date(2026, 4, 9), wrong, by=person("handläggare-2", Role.HANDLER))
    town.allocate(town.pay(date(2026, 4, 30)))
    town.report(date(2026, 5, 5), ended("e2", "P2", date(2026, 5, 4)))
    town.compute(date(2026, 5, 31))


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Town]:
    """The database of all tests here, which leave it as it was."""
    with django_db_blocker.unblock():
        town = Town()
        live_through_spring(town)
        Town(library_model("komvux-kurs"), number=2).contract  # noqa: B018  # another provider under another model
        yield town
        TestDatabase(connections["default"].settings_dict["NAME"]).renew()


def owner() -> psycopg.Connection:
    """A connection as the database's owner; what is not committed on it never was."""
    return psycopg.connect(**connections["owner"].get_connection_params() | {"cursor_factory": psycopg.Cursor})


def freed(*tables: str) -> list[str]:
    return [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in tables]


# what the owner does to break each invariant
PLANTS: dict[str, list[str]] = {
    "lines_add_up": [
        *freed("payouts_line"),
        "ALTER TABLE payouts_line DROP CONSTRAINT payouts_line_sum",
        "UPDATE payouts_line SET amount = amount + 100 WHERE run_id = 1",
    ],
    "lines_pay_something": [
        *freed("payouts_line"),
        "ALTER TABLE payouts_line DROP CONSTRAINT payouts_line_sum",
        "UPDATE payouts_line SET amount = 0 WHERE run_id = 1",
    ],
    "caps_cut_no_more_than_all": [
        *freed("payouts_line"),
        "ALTER TABLE payouts_line DROP CONSTRAINT payouts_line_cap",
        "UPDATE payouts_line SET cap_cut = -100, amount = amount + 100 WHERE run_id = 1",
    ],
    "lines_know_what_was_paid_before": [
        *freed("payouts_line"),
        "UPDATE payouts_line SET paid_before = 100, amount = amount - 100 WHERE run_id = 1",
    ],
    "lines_name_what_exists": [
        *freed("payouts_line"),
        "ALTER TABLE payouts_line_1 DROP CONSTRAINT payouts_line_placement",
        "UPDATE payouts_line SET contract_id = 999 WHERE run_id = 1",
    ],
    "lines_cite_verified_facts": [
        *freed("outcomes_fact"),
        "UPDATE outcomes_fact SET verified = NULL, verified_at = NULL WHERE external_id = 'a1'",
    ],
    "lines_cite_their_placements_facts": [
        *freed("payouts_line"),
        "UPDATE payouts_line SET fact_id = (SELECT id FROM outcomes_fact WHERE external_id = 'a2') WHERE run_id = 1",
    ],
    "lines_qualify_by_the_cutoff": [
        *freed("payouts_line"),
        "UPDATE payouts_line SET qualifies_on = '2027-01-01' WHERE run_id = 1",
    ],
    "lines_follow_the_governing_model": [
        *freed("payouts_line"),
        "UPDATE payouts_line SET step_id = (SELECT max(id) FROM contracts_modelstep) WHERE run_id = 1",
    ],
    "runs_name_the_versions_they_paid_on": [
        *freed("payouts_runversion"),
        "DELETE FROM payouts_runversion WHERE run_id = 1",
    ],
    "parked_providers_get_no_lines": [
        """INSERT INTO payouts_parkedprovider (run_id, provider_id, placement_id, rule, field, value)
        SELECT run_id, provider_id, placement_id, '', '', ''
        FROM payouts_line JOIN contracts_contract ON contracts_contract.id = contract_id WHERE run_id = 1""",
    ],
    "holds_name_lines": [
        "ALTER TABLE payouts_hold DROP CONSTRAINT payouts_hold_line",
        "UPDATE payouts_hold SET occurrence = 7",
    ],
    "ledger_is_what_is_owed": [
        *freed("outcomes_fact"),
        "UPDATE outcomes_fact SET quantity = 5 WHERE external_id = 'a1'",
    ],
    "run_digests": [
        *freed("payouts_line"),
        "UPDATE payouts_line SET qualifies_on = qualifies_on - 1 WHERE run_id = 1",
    ],
    "run_totals": [*freed("payouts_run"), "UPDATE payouts_run SET total = total + 1 WHERE sequence = 1"],
    "run_sequence_has_no_gaps": [*freed("payouts_run"), "UPDATE payouts_run SET sequence = 9 WHERE sequence = 5"],
    "cutoffs_in_order": [*freed("payouts_run"), "UPDATE payouts_run SET cutoff = '2026-01-31' WHERE sequence = 4"],
    "knowledge_in_order": [
        *freed("payouts_run"),
        "UPDATE payouts_run SET knowledge_at = '2026-01-31 12:00Z' WHERE sequence = 4",
    ],
    "runs_wait_for_attest": [
        *freed("payouts_run"),
        "UPDATE payouts_run SET state = 'attested' WHERE sequence = 5",
        "UPDATE payouts_run SET state = 'computed', allocated_at = NULL WHERE sequence = 4",
    ],
    "no_orphan_staging": ["CREATE TABLE payouts_line_99 (LIKE payouts_line)"],
    "attested_runs_have_two_signatures": [
        *freed("payouts_attest"),
        "DELETE FROM payouts_attest WHERE run_id = 1 AND signature = 'decider'",
    ],
    "signatures_bind_to_the_digest": [
        *freed("payouts_attest"),
        "ALTER TABLE payouts_attest DROP CONSTRAINT payouts_attest_digest",
        "UPDATE payouts_attest SET digest = repeat('0', 64) WHERE run_id = 1",
    ],
    "signatures_bind_to_their_lines": [
        *freed("payouts_attest"),
        "UPDATE payouts_attest SET amount = amount + 1 WHERE run_id = 1",
    ],
    "signers_are_listed": ["UPDATE payouts_attestant SET valid_from = '2026-03-15'"],
    "findings_are_answered": [
        """INSERT INTO payouts_finding
            (run_id, control, responsibility_code, value, expected, line_count, amount, found_at, answer)
        VALUES (1, 'sum_unlike_last_month', '', '1', '2', 1, 1, now(), '')""",
    ],
    "starters_do_not_sign": [
        *freed("payouts_run"),
        "UPDATE payouts_run SET started_by_id = by_id FROM payouts_attest WHERE run_id = payouts_run.id AND run_id = 1",
    ],
    "verifiers_do_not_sign": [
        *freed("outcomes_verificationdecision"),
        "UPDATE outcomes_verificationdecision SET decided_by_id = (SELECT min(by_id) FROM payouts_attest)",
    ],
    "first_reports_are_kept": [
        *freed("outcomes_fact"),
        "UPDATE outcomes_fact SET first_reported = reported WHERE external_id = 'a2-mended'",
    ],
    "corrections_come_later": [
        *freed("outcomes_fact"),
        "UPDATE outcomes_fact SET replaces_id = id WHERE external_id = 'a2-mended'",
    ],
    "corrections_keep_kind_and_placement": [
        *freed("outcomes_fact"),
        "UPDATE outcomes_fact SET kind = 4 WHERE external_id = 'a2-mended'",
    ],
    "one_correction_takes_a_place": [
        *freed("outcomes_fact"),
        """UPDATE outcomes_fact SET replaces_id = (SELECT id FROM outcomes_fact WHERE external_id = 'a1')
        WHERE external_id IN ('a2-mended', 'g1-gone')""",
    ],
    "facts_are_of_their_provider": [
        *freed("outcomes_fact"),
        "UPDATE outcomes_fact SET provider_id = (SELECT max(id) FROM providers_provider) WHERE external_id = 'a1'",
    ],
    "verified_facts_have_a_decision": [
        *freed("outcomes_verificationdecision"),
        "DELETE FROM outcomes_verificationdecision",
    ],
    "decisions_are_final": [
        "DROP INDEX outcomes_decision_one_final",
        """INSERT INTO outcomes_verificationdecision (fact_id, decided_at, rule, decision, reason_code)
        SELECT id, now(), 'rule', 'rejected', '' FROM outcomes_fact WHERE external_id = 'a1'""",
    ],
    "decisions_name_what_is_replaced": [
        *freed("outcomes_verificationdecision"),
        "UPDATE outcomes_verificationdecision SET replaces_id = NULL",
    ],
    "verified_days_are_local": [
        *freed("outcomes_fact"),
        "ALTER TABLE outcomes_fact DROP CONSTRAINT outcomes_fact_verified_day",
        "UPDATE outcomes_fact SET verified = verified - 1 WHERE external_id = 'a1'",
    ],
    "nobody_verifies_their_own_report": [
        *freed("outcomes_verificationdecision"),
        "UPDATE outcomes_verificationdecision SET decided_by_id = (SELECT min(reported_by_id) FROM outcomes_fact)",
    ],
    "someone_else_verifies_a_withdrawal": [
        *freed("outcomes_verificationdecision"),
        """UPDATE outcomes_verificationdecision
        SET decided_by_id = (SELECT min(decided_by_id) FROM outcomes_verificationdecision)""",
    ],
    "placements_end_with_their_exit": [
        "UPDATE outcomes_placement SET period = daterange(lower(period), NULL) WHERE number = 'P1'"
    ],
    "placements_begin_with_their_referral": [
        "UPDATE outcomes_placement SET period = daterange(lower(period) - 1, upper(period)) WHERE number = 'P1'"
    ],
    "placements_do_not_overlap": [
        "ALTER TABLE outcomes_placement DROP CONSTRAINT outcomes_placement_no_overlap",
        "UPDATE outcomes_placement SET participant_id = (SELECT min(id) FROM outcomes_participant)",
    ],
    "lines_stand_in_one_statement": [
        *freed("payouts_allocation"),
        "ALTER TABLE payouts_allocation DROP CONSTRAINT payouts_allocation_pkey",
        "INSERT INTO payouts_allocation SELECT * FROM payouts_allocation WHERE run_id = 1",
    ],
    "allocations_belong_together": [
        *freed("payouts_allocation"),
        "UPDATE payouts_allocation SET run_id = 5 WHERE run_id = 1",
    ],
    "statements_add_up": [
        *freed("payouts_allocation"),
        "DELETE FROM payouts_allocation WHERE run_id = 1",
    ],
    "taxes_add_up": [
        *freed("payouts_statementtax"),
        "UPDATE payouts_statementtax SET amount = 1",
    ],
    "balances_are_carried": [
        *freed("payouts_statement"),
        "UPDATE payouts_statement SET carried_in = -1, payable = payable - 1 WHERE run_id = 1",
    ],
    "statements_follow_the_runs": [
        *freed("payouts_run"),
        "UPDATE payouts_run SET allocated_at = NULL WHERE sequence = 3",
    ],
    "nothing_is_forgotten": ["DELETE FROM payouts_hold"],
    "clawbacks_wait_for_the_answer": [
        """UPDATE payouts_hold SET released_at = answer_by, release_rule = 'notice_answered'
        FROM payouts_clawbacknotice WHERE rule = 'clawback_notice'""",
    ],
    "payments_are_what_statements_say": [
        *freed("payouts_payment"),
        "UPDATE payouts_payment SET amount = amount + 1",
    ],
    "statements_are_paid_once": [
        *freed("payouts_payment"),
        "DROP INDEX payouts_payment_one_live",
        """INSERT INTO payouts_payment
            (batch_id, statement_id, account_id, payee, amount, pay_on, end_to_end_id, state)
        SELECT batch_id, statement_id, account_id, payee, amount, pay_on, end_to_end_id || '-2', state
        FROM payouts_payment""",
    ],
    "payments_have_the_state_that_the_bank_told": [
        *freed("payouts_payment"),
        "UPDATE payouts_payment SET state = 'accepted'",
    ],
    "payments_go_to_confirmed_accounts": [
        *freed("providers_bankaccount"),
        "UPDATE providers_bankaccount SET confirmed_at = now() + interval '1 year'",
    ],
    "booked_amounts_are_the_payments": ["UPDATE payouts_bankreport SET amount = amount + 1"],
    "invoices_are_what_statements_say": [
        """INSERT INTO payouts_supplierinvoice
            (number, supplier_number, reference, amount, issued_on, statement_id, mismatch, received_at)
        SELECT '1', '1', number, payable, now(), id, '', now() FROM payouts_statement WHERE run_id = 1""",
    ],
    "exported_files_are_the_same_today": [
        *freed("payouts_export"),
        "UPDATE payouts_export SET digest = repeat('0', 64)",
    ],
    "vouchers_are_of_all_statements": [
        *freed("payouts_export"),
        "UPDATE payouts_export SET total = total + 1 WHERE kind = 'sie'",
    ],
    "runs_are_settled_when_nothing_is_left": [
        *freed("payouts_run"),
        "UPDATE payouts_run SET state = 'settled' WHERE sequence = 3",
    ],
    "published_models_are_unchanged": [
        *freed("contracts_paymentmodelversion"),
        "UPDATE contracts_paymentmodelversion SET digest = repeat('0', 64)",
    ],
    "steps_are_their_models": [*freed("contracts_modelstep"), "UPDATE contracts_modelstep SET code = 'step-' || id"],
    "terms_do_not_overlap": [
        "ALTER TABLE contracts_contractterms DROP CONSTRAINT contracts_terms_no_overlap",
        """INSERT INTO contracts_contractterms (contract_id, version_id, period)
        SELECT contract_id, version_id, period FROM contracts_contractterms""",
    ],
    "terms_wait_for_their_version": [
        *freed("contracts_contractterms"),
        "UPDATE contracts_contractterms SET period = daterange(lower(period) - 1, upper(period))",
    ],
}


def found_with(statements: list[str]) -> list[Failing]:
    """What fails once the owner has done this; it is undone afterwards."""
    with owner() as connection:
        for statement in statements:
            connection.execute(statement)
        failing = list(find_failing(connection))
        connection.rollback()
    return failing


def test_the_spring_has_something_of_all(town: Town) -> None:
    states = list(Run.objects.order_by("sequence").values_list("pk", "state"))
    after = [RunState.SETTLED, RunState.CANCELLED, RunState.EXPORTED, RunState.ATTESTED, RunState.COMPUTED]
    assert states == list(enumerate(after, start=1))
    assert Line.objects.filter(amount__lt=0).exists()
    assert Hold.objects.filter(placement__isnull=False).exists()
    assert Fact.objects.filter(verified__isnull=True).exists()
    assert Statement.objects.exists()
    assert set(Payment.objects.values_list("state", flat=True)) == {"paid", "sent"}
    assert ClawbackNotice.objects.exists()


def test_nothing_is_wrong_with_what_services_made(town: Town) -> None:
    assert found_with([]) == []


def test_a_breach_of_every_invariant_is_planted() -> None:
    assert sorted(PLANTS) == sorted(INVARIANTS)


@pytest.mark.parametrize("name", sorted(INVARIANTS))
def test_the_planted_breach_is_found(town: Town, name: str) -> None:
    failing = [one for one in found_with(PLANTS[name]) if one.name == name]
    assert failing
    for one in failing:
        assert one.what
        assert one.where
        assert one.expected != one.found


def test_a_provider_that_should_have_been_parked_is_found(town: Town) -> None:
    failing = found_with([*freed("outcomes_fact"), "UPDATE outcomes_fact SET quantity = 99 WHERE external_id = 'a1'"])
    (told,) = [one for one in failing if one.name == "ledger_is_what_is_owed"]
    assert (told.expected, told.found) == ("parked for attended_too_many_days", "not parked")


def test_the_command_says_that_all_is_well(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check_ledger")
    assert capsys.readouterr().out == f"{len(INVARIANTS)} invariants tested, 0 breaches found\n"


@pytest.fixture
def orphan(town: Town) -> Iterator[str]:
    """A breach that is committed."""
    with owner() as connection:
        connection.execute("CREATE TABLE payouts_line_99 (LIKE payouts_line)")
    yield "payouts_line_99"
    with owner() as connection:
        connection.execute("DROP TABLE payouts_line_99")


def test_the_command_names_a_breach(orphan: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended_with:
        call_command("check_ledger")
    assert ended_with.value.code == 1
    assert capsys.readouterr().out == (
        "no_orphan_staging: Lines outside the ledger are those of the run that is being computed,"
        " table payouts_line_99, expected part of the ledger, or dropped, found no such run\n"
        f"{len(INVARIANTS)} invariants tested, 1 breach found\n"
    )


def test_the_command_names_a_breach_in_json(orphan: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended_with:
        call_command("check_ledger", "--json")
    assert ended_with.value.code == 1
    told = json.loads(capsys.readouterr().out)
    assert told["invariants"] == list(INVARIANTS)
    assert [(one["name"], one["where"]) for one in told["failing"]] == [("no_orphan_staging", f"table {orphan}")]
