"""What the database itself keeps (DESIGN.md section 5): history is only added to, and nonsense is refused.

The tests run as the app's role; `databases=["default", "owner"]` shows that triggers hold where rights would not.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, connections, models, transaction
from django.db.migrations.loader import MigrationLoader
from psycopg.types.range import DateRange

from backend.kernel.audit import record_event
from backend.kernel.history import APP_ROLE
from backend.kernel.models import AppendOnly, AuditEvent, Role
from contracts.models import ContractTerms, PaymentModelVersion
from outcomes.columns import Kind
from outcomes.models import ChangedPlacement, Fact, Placement, PlacementVersion, VerificationDecision
from outcomes.services import ask_for_more, change_placement, reject_facts
from payouts.models import Attest, Hold, Line, Run
from payouts.states import TRANSITIONS, RunState
from tests.small_world import (
    NOW,
    STARTS_ON,
    attendance,
    exit_on,
    make_contract,
    make_placement,
    make_user,
    moment,
    publish,
    report,
    verify,
)

HISTORY = [model for model in apps.get_models() if issubclass(model, AppendOnly)]
OTHERS = ("django.", "allauth.", "oauth2_provider.")  # whose models keep habits of their own
OUR_MODELS = [model for model in apps.get_models() if not model.__module__.startswith(OTHERS)]
SETTABLE: dict[type[models.Model], set[str]] = {Fact: {"verified", "verified_at"}}
UNPAIRED = {  # columns in _at that stand without a _by: the clock or a rule set them, or another column says by whom
    "AuditEvent.at",
    "Fact.verified_at",  # its decision says by whom
    "Reminder.sent_at",  # the calendar sends it
    "VerificationDecision.decided_at",
    "Placement.updated_at",  # whoever changed it stands in its versions, or in the decisions
    "IdempotentRequest.at",
    "Run.knowledge_at",
    "Sample.drawn_at",  # by nobody if the calendar drew it
    "Run.queued_at",
    "Run.computed_at",
    "ScorecardRun.knowledge_at",
    "ScorecardRun.queued_at",
    "ScorecardRun.computed_at",
    "ScorecardArchive.finished_at",
}
DIGEST = "0" * 64


@contextmanager
def refused(error: type[DatabaseError] = DatabaseError, match: str | None = None) -> Iterator[None]:
    """The statement in the block is refused, and the transaction goes on."""
    with pytest.raises(error, match=match), transaction.atomic():
        yield


def execute(statement: str, *, using: str = "default") -> None:
    with connections[using].cursor() as cursor:
        cursor.execute(statement)


# --- history


def test_there_is_history() -> None:
    assert {Line, Fact, VerificationDecision, AuditEvent, Attest, PlacementVersion} <= set(HISTORY)


@pytest.mark.django_db
@pytest.mark.parametrize("model", HISTORY, ids=lambda model: model.__name__)
def test_the_app_changes_no_history(model: type[models.Model]) -> None:
    table = model._meta.db_table
    for field in model._meta.concrete_fields:
        if field.column and field.name not in SETTABLE.get(model, ()):
            with refused(match="permission denied"):
                execute(f"UPDATE {table} SET {field.column} = {field.column}")
    with refused(match="permission denied"):
        execute(f"DELETE FROM {table}")
    with refused(match="permission denied"):
        execute(f"TRUNCATE {table} CASCADE")
    with refused(match="must be owner"):
        execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")


@pytest.mark.django_db(databases=["default", "owner"])
@pytest.mark.parametrize("model", HISTORY, ids=lambda model: model.__name__)
def test_triggers_refuse_the_owner_too(model: type[models.Model]) -> None:
    table = model._meta.db_table
    settable = SETTABLE.get(model, set())
    columns = [field.column for field in model._meta.concrete_fields if field.column and field.name not in settable]
    statements = [f"UPDATE {table} SET {column} = DEFAULT" for column in columns if column != "id"]
    for statement in [*statements, f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"]:
        with pytest.raises(DatabaseError, match="history is only added to"), transaction.atomic(using="owner"):
            execute(statement, using="owner")


@pytest.mark.django_db
def test_the_app_owns_nothing_and_truncates_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (APP_ROLE,)
        cursor.execute(
            "SELECT relname FROM pg_class"
            " WHERE relowner = current_user::regrole AND relnamespace = 'public'::regnamespace"
        )
        assert cursor.fetchall() == []
        cursor.execute(
            "SELECT table_name FROM information_schema.table_privileges"
            " WHERE privilege_type = 'TRUNCATE' AND grantee = current_user"
        )
        assert cursor.fetchall() == []


@pytest.mark.django_db
def test_only_these_functions_run_with_the_owners_rights() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname, array_to_string(proconfig, ' ') LIKE '%search_path%' FROM pg_proc"
            " WHERE prosecdef AND pronamespace = 'public'::regnamespace ORDER BY proname"
        )
        steps = ("attach", "check", "key", "link", "open")
        expected = sorted([*(f"payouts_{step}_run" for step in steps), "payouts_drop_staging"])
        assert cursor.fetchall() == [(name, True) for name in expected]


@pytest.mark.django_db
def test_a_fact_is_verified_once_and_not_ahead_of_the_clock() -> None:
    placement = make_placement()
    (fact,) = report(placement, attendance(placement))
    ahead = moment(date.today() + timedelta(days=2))  # noqa: DTZ011  # any later day will do
    with refused(match="refused"):
        Fact.objects.filter(pk=fact.pk).update(verified=ahead.date(), verified_at=ahead)
    with refused(IntegrityError):
        Fact.objects.filter(pk=fact.pk).update(verified=STARTS_ON, verified_at=moment(STARTS_ON + timedelta(days=1)))
    verify(fact)
    with refused(match="refused"):
        Fact.objects.filter(pk=fact.pk).update(verified=STARTS_ON, verified_at=moment(STARTS_ON))
    with refused(match="refused"):
        Fact.objects.filter(pk=fact.pk).update(verified=None, verified_at=None)


@pytest.mark.django_db
def test_a_fact_arrives_unverified_and_belongs_to_its_placement() -> None:
    placement, other = make_placement(), make_placement()
    (fact,) = report(placement, attendance(placement))

    def copy(**changes: object) -> None:
        values = {field.attname: getattr(fact, field.attname) for field in Fact._meta.concrete_fields}
        Fact.objects.create(**(values | {"id": None, "external_id": "copy"} | changes))

    with refused(match="refused"):
        copy(verified=STARTS_ON, verified_at=moment(STARTS_ON))
    misplaced: list[dict[str, object]] = [
        {"placement_id": other.pk},
        {"placement_id": 0},
        {"replaces_id": 0},
        {"replaces_id": fact.pk, "kind": Kind.MILESTONE},
        {"subject_id": 0},
        {"reported_by_id": 0},
    ]
    for wrong in misplaced:
        with refused(IntegrityError, match="does not belong"):
            copy(**wrong)
    nonsense: list[dict[str, object]] = [
        {"withdrawn": True},
        {"kind": 10},
        {"through_day": fact.from_day - timedelta(days=1)},
    ]
    for wrong in nonsense:
        with refused(IntegrityError):
            copy(**wrong)
    copy()


# --- constraints


@pytest.mark.django_db
def test_terms_of_a_contract_do_not_overlap() -> None:
    contract = make_contract()
    with refused(IntegrityError, match="contracts_terms_no_overlap"):
        ContractTerms.objects.create(contract=contract, version=publish(), period=DateRange(STARTS_ON, None))


@pytest.mark.django_db
def test_placements_of_one_participant_under_one_contract_do_not_overlap() -> None:
    placement = make_placement()
    with refused(IntegrityError, match="outcomes_placement_no_overlap"):
        Placement.objects.create(
            number="other",
            participant=placement.participant,
            contract=placement.contract,
            period=DateRange(STARTS_ON, STARTS_ON + timedelta(days=1)),
        )


@pytest.mark.django_db
def test_a_version_is_of_its_placements_contract() -> None:
    placement, other = make_placement(), make_contract()
    with refused(IntegrityError):
        PlacementVersion.objects.create(
            placement=placement,
            contract=other,
            tier=0,
            referred_on=STARTS_ON,
            recorded_at=NOW,
            recorded_by=make_user(),
        )


@pytest.mark.django_db
def test_a_model_version_is_not_valid_before_it_is_published() -> None:
    version = publish()
    values = {field.attname: getattr(version, field.attname) for field in PaymentModelVersion._meta.concrete_fields}
    earlier = version.valid_from - timedelta(days=1)
    with refused(IntegrityError, match="contracts_version_not_before_publication"):
        PaymentModelVersion.objects.create(**(values | {"id": None, "number": 2, "valid_from": earlier}))


@pytest.mark.django_db
def test_a_decision_is_an_officers_or_a_rules() -> None:
    placement = make_placement()
    (fact,) = report(placement, attendance(placement))
    for by, rule in ((None, None), (make_user(Role.HANDLER), "sampled")):
        with refused(IntegrityError, match="outcomes_decision_officer_or_rule"):
            VerificationDecision.objects.create(
                fact=fact, decided_by=by, rule=rule, decided_at=NOW, decision="verified"
            )


def test_columns_that_say_when_and_by_whom_are_paired() -> None:
    """Both are needed, or a CHECK pairs them."""
    for model in OUR_MODELS:
        names = {field.name: field for field in model._meta.concrete_fields}
        for name, field in names.items():
            if not isinstance(field, models.DateTimeField) or f"{model.__name__}.{name}" in UNPAIRED:
                continue
            if not name.endswith("_at"):
                continue
            other = names.get(f"{name.removesuffix('_at')}_by")
            assert other is not None, f"{model.__name__}.{name} has no _by"
            checks = [
                str(each.condition) for each in model._meta.constraints if isinstance(each, models.CheckConstraint)
            ]
            officer_or_rule = any(f"{other.name}__isnull" in check and "rule__isnull" in check for check in checks)
            paired = any(f"{name}__isnull" in check and f"{other.name}__isnull" in check for check in checks)
            assert (not field.null and not other.null) or paired or officer_or_rule, f"{model.__name__}.{name}"


# --- runs and the ledger


def start_run(state: RunState = RunState.COMPUTING, **changes: object) -> Run:
    values: dict[str, object] = {
        "sequence": Run.objects.count() + 1,
        "cutoff": date(2025, 5, 31),
        "state": state,
        "is_full": True,
        "started_by": make_user(Role.EXAMINER),
        "queued_at": NOW,
    }
    return Run.objects.create(**(values | changes))


def computed(run: Run) -> Run:
    run.state, run.computed_at, run.knowledge_at, run.digest = RunState.COMPUTED, NOW, NOW, DIGEST
    run.save()
    return run


def call(step: str, run: Run) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT payouts_{step}(%s)", [run.pk])


def add_line(run: Run, placement: Placement, **changes: object) -> None:
    terms = placement.contract.terms.get()
    values: dict[str, Any] = {
        "gross": 100,
        "cap_cut": 0,
        "paid_before": 0,
        "amount": 100,
        "run_id": run.pk,
        "placement_id": placement.pk,
        "contract_id": placement.contract_id,
        "step_id": terms.version.steps.get().pk,
        "occurrence": 0,
        "qualifies_on": STARTS_ON,
    }
    values |= changes
    with connection.cursor() as cursor:
        columns, marks = ", ".join(values), ", ".join(["%s"] * len(values))
        cursor.execute(f"INSERT INTO payouts_line_{run.pk} ({columns}) VALUES ({marks})", list(values.values()))


def seal(run: Run) -> None:
    for step in ("key_run", "link_run", "check_run", "attach_run"):
        call(step, run)


@pytest.mark.django_db
def test_lines_become_part_of_the_ledger_at_once_and_stay() -> None:
    run, placement = start_run(), make_placement()
    call("open_run", run)
    add_line(run, placement)
    assert not Line.objects.exists()
    seal(run)
    line = Line.objects.get()
    assert (line.placement_id, line.amount, line.run_id) == (placement.pk, 100, run.pk)
    for statement in (
        "UPDATE {} SET amount = 1",
        "DELETE FROM {}",
        "TRUNCATE {}",
        "INSERT INTO {} SELECT * FROM payouts_line",
    ):
        for table in ("payouts_line", f"payouts_line_{run.pk}"):
            with refused(match="permission denied"):
                execute(statement.format(table))
    with refused(match="stand in the ledger"):
        call("drop_staging", run)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_triggers_guard_the_ledgers_partitions() -> None:
    run, placement = start_run(), make_placement()
    call("open_run", run)
    add_line(run, placement)
    seal(run)
    for statement in ("UPDATE {} SET amount = 1", "DELETE FROM {}", "TRUNCATE {} CASCADE"):
        for table in ("payouts_line", f"payouts_line_{run.pk}"):
            with pytest.raises(DatabaseError, match="history is only added to"):
                execute(statement.format(table), using="owner")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 99},
        {"gross": 0, "amount": 0},
        {"cap_cut": -1, "amount": 101},
        {"cap_cut": 101, "amount": -1},
        {"run_id": 0},
    ],
    ids=str,
)
def test_a_line_adds_up_and_is_of_its_run(wrong: dict[str, object]) -> None:
    run, placement = start_run(), make_placement()
    call("open_run", run)
    with refused(IntegrityError):
        add_line(run, placement, **wrong)


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["placement_id", "contract_id", "step_id", "fact_id"])
def test_a_line_refers_to_what_is_there(column: str) -> None:
    run, placement = start_run(), make_placement()
    call("open_run", run)
    add_line(run, placement, **{column: 0})
    call("key_run", run)
    call("link_run", run)
    with refused(IntegrityError):
        call("check_run", run)
    with refused(match="not checked"):
        call("attach_run", run)


@pytest.mark.django_db
def test_an_occurrence_has_one_line_in_a_run() -> None:
    run, placement = start_run(), make_placement()
    call("open_run", run)
    add_line(run, placement)
    add_line(run, placement)
    with refused(IntegrityError):
        call("key_run", run)


@pytest.mark.django_db
def test_staging_is_only_for_a_run_under_computation_and_can_be_made_anew() -> None:
    run = start_run(RunState.QUEUED)
    with refused(match="not being computed"):
        call("open_run", run)
    run.state = RunState.COMPUTING
    run.save()
    call("open_run", run)
    call("open_run", run)
    call("drop_staging", run)
    with refused(match="does not exist"):
        execute(f"SELECT 1 FROM payouts_line_{run.pk}")


@pytest.mark.django_db
def test_one_unfinished_run_at_a_time() -> None:
    start_run()
    with refused(IntegrityError, match="payouts_run_one_unfinished"):
        start_run(RunState.QUEUED)


def test_every_state_of_a_run_has_its_transitions() -> None:
    assert set(TRANSITIONS) == set(RunState)
    assert all(following <= set(RunState) for following in TRANSITIONS.values())


@pytest.mark.django_db
def test_a_computed_run_is_fixed_and_an_attested_one_final() -> None:
    run = computed(start_run())
    for change in ({"total": 1}, {"digest": "1" * 64}, {"state": "computing"}, {"cutoff": STARTS_ON}):
        with refused(match="refused"):
            Run.objects.filter(pk=run.pk).update(**change)
    Run.objects.filter(pk=run.pk).update(state=RunState.ATTESTED)
    with refused(match="refused"):
        Run.objects.filter(pk=run.pk).update(state=RunState.CANCELLED, cancelled_at=NOW, cancelled_by=run.started_by)
    with refused(match="permission denied"):
        run.delete()


@pytest.mark.django_db
def test_two_people_sign_the_runs_digest() -> None:
    run, first, second = computed(start_run()), make_user(Role.EXAMINER), make_user(Role.EXAMINER)
    Attest.objects.create(run=run, signature="examiner", by=first, digest=DIGEST, at=NOW)
    with refused(IntegrityError, match="payouts_attest_two_people"):
        Attest.objects.create(run=run, signature="decider", by=first, digest=DIGEST, at=NOW)
    with refused(IntegrityError, match="payouts_attest_signature"):
        Attest.objects.create(run=run, signature="examiner", by=second, digest=DIGEST, at=NOW)
    with refused(IntegrityError, match="payouts_attest_digest"), transaction.atomic():
        Attest.objects.create(run=run, signature="decider", by=second, digest="1" * 64, at=NOW)
        execute("SET CONSTRAINTS ALL IMMEDIATE")
    Attest.objects.create(run=run, signature="decider", by=second, digest=DIGEST, at=NOW)


@pytest.mark.django_db
def test_a_hold_is_of_a_line_or_of_a_contract_and_released_once_named() -> None:
    run, placement, by = start_run(), make_placement(), make_user(Role.EXAMINER)
    call("open_run", run)
    add_line(run, placement)
    seal(run)
    line = Line.objects.get()
    key = {"placement_id": placement.pk, "step_id": line.step_id, "occurrence": 0, "run": run}
    reason: dict[str, object] = {"reason_code": "budget", "placed_at": NOW, "rule": "budget"}
    Hold.objects.create(**key, **reason)
    hold = Hold.objects.create(contract=placement.contract, **reason)
    for wrong in (key | {"contract": placement.contract}, {"run": run}, {}):
        with refused(IntegrityError, match="payouts_hold_line_or_contract"):
            Hold.objects.create(**wrong, **reason)
    with refused(IntegrityError, match="payouts_hold_line"):
        Hold.objects.create(**(key | {"occurrence": 1}), **reason)
    with refused(IntegrityError, match="payouts_hold_released"):
        Hold.objects.filter(pk=hold.pk).update(released_at=NOW)
    Hold.objects.filter(pk=hold.pk).update(released_at=NOW, released_by=by)
    with refused(match="permission denied"):
        Hold.objects.filter(pk=hold.pk).update(reason_code="other")


# --- what services leave behind


@pytest.mark.django_db
def test_a_report_sent_again_changes_nothing() -> None:
    placement = make_placement()
    sent = attendance(placement)
    first, second = report(placement, sent), report(placement, sent)
    assert first == second
    assert Fact.objects.count() == 1


@pytest.mark.django_db
def test_a_correction_keeps_the_first_reports_day_and_may_follow_in_the_same_report() -> None:
    placement = make_placement()
    first = attendance(placement)
    second = attendance(placement, quantity=19, replaces=first.external_id)
    report(placement, first, second, on=date(2025, 4, 1))
    gone = attendance(placement, replaces=second.external_id, withdrawn=True, from_day=STARTS_ON, quantity=0)
    (last,) = report(placement, gone, on=date(2025, 4, 2))
    assert (last.reported, last.first_reported, last.quantity) == (date(2025, 4, 2), date(2025, 4, 1), 19)


@pytest.mark.django_db
def test_an_exit_closes_its_placement_and_its_withdrawal_opens_it_again() -> None:
    placement, last = make_placement(), STARTS_ON + timedelta(days=50)
    (ended,) = report(placement, exit_on(placement, last))
    verify(ended)
    placement.refresh_from_db()
    assert placement.period.upper == last + timedelta(days=1)
    verify(*report(placement, exit_on(placement, last, replaces=ended.external_id, withdrawn=True)))
    placement.refresh_from_db()
    assert placement.period.upper is None


@pytest.mark.django_db
def test_what_changes_pay_leaves_a_mark_and_an_audit_event() -> None:
    placement = make_placement()
    ChangedPlacement.objects.all().delete()  # as a run does
    facts = report(placement, attendance(placement), attendance(placement, kind=Kind.STUDIES, quantity=50))
    handler = make_user(Role.HANDLER)
    ask_for_more(facts=[facts[1].pk], reason_code="evidence_missing", by=handler, now=moment(date(2025, 6, 3)))
    reject_facts(facts=[facts[1].pk], reason_code="evidence_missing", by=handler, now=moment(date(2025, 6, 4)))
    assert not ChangedPlacement.objects.exists()
    verify(facts[0])
    change_placement(
        placement=placement,
        tier=1,
        price=None,
        referred_on=STARTS_ON,
        starts_on=STARTS_ON,
        by=handler,
        now=moment(date(2025, 6, 5)),
    )
    assert [mark.placement_id for mark in ChangedPlacement.objects.all()] == [placement.pk] * 2
    actions = (
        AuditEvent.objects.filter(object_type__startswith="outcomes").order_by("pk").values_list("action", flat=True)
    )
    assert list(actions) == ["refer", "report", "more_asked", "rejected", "verified", "change"]


@pytest.mark.django_db
def test_an_audit_event_keeps_dates_as_text() -> None:
    contract = make_contract()
    event = record_event(by=None, action="test", on=contract, now=NOW, later={"day": STARTS_ON})
    event.refresh_from_db()
    assert event.later == {"day": STARTS_ON.isoformat()}


# --- migrations


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, stdout=StringIO())


def test_migrations_of_each_app_stand_in_one_line() -> None:
    graph = MigrationLoader(None, ignore_no_migrations=True).graph
    for label in ("kernel", "providers", "contracts", "outcomes", "payouts"):
        assert len(graph.leaf_nodes(label)) == 1
        numbers = sorted(name[:4] for app, name in graph.nodes if app == label)
        assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
