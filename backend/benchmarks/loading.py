"""Benchmark data into the tables, as the owner and without the services: what is measured afterwards is not the
loading.

The exclusion constraint on placements is dropped for the benchmark's database (building it over a million rows takes a
minute); nothing that is measured writes placements.
"""

from dataclasses import asdict
from datetime import UTC, date, datetime

import numpy as np
import psycopg
from django.contrib.auth.hashers import make_password
from django.db import connections

from backend.benchmarks.dataset import CONTRACTS, EMPLOYERS, LAST_DAY, SHARES, SUBJECTS, bench_models, make_dataset
from backend.kernel.columns import write_columns
from backend.kernel.models import Role, User
from contracts.models import Contract, ContractTerms, ContractVersion, ModelStep, PaymentModelVersion
from contracts.reading import model_digest, model_document
from contracts.services import usual_conditions
from outcomes.columns import FAR, Kind, to_date
from outcomes.models import Subject
from providers.models import Provider

PROVIDERS = 300
PUBLISHED = datetime(2022, 12, 1, 12, tzinfo=UTC)

TABLES = """
    SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname = 'public' AND relkind = 'r'
        AND relname ~ '^(providers|contracts|outcomes|payouts|scorecards|kernel)_'"""
CLEAR = f"""
    ALTER TABLE outcomes_placement DROP CONSTRAINT IF EXISTS outcomes_placement_no_overlap;
    DO $$ DECLARE name text; BEGIN
        FOR name IN SELECT relname FROM pg_class WHERE relname ~ '^payouts_line_[0-9]+$' AND relkind = 'r' LOOP
            IF (SELECT relispartition FROM pg_class WHERE oid = name::regclass) THEN
                EXECUTE format('ALTER TABLE payouts_line DETACH PARTITION %I', name);
            END IF;
            EXECUTE format('DROP TABLE %I', name);
        END LOOP;
        FOR name IN {TABLES} LOOP EXECUTE format('ALTER TABLE %I DISABLE TRIGGER USER', name); END LOOP;
        FOR name IN {TABLES} LOOP EXECUTE format('TRUNCATE %I RESTART IDENTITY CASCADE', name); END LOOP;
    END $$;"""
# foreign keys are checked set-wise afterwards, which takes a tenth of the time
KEYS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f'
        AND conrelid = ANY(ARRAY['outcomes_placement', 'outcomes_placementversion', 'outcomes_fact']::regclass[])"""
PLACEMENTS = """
    INSERT INTO outcomes_participant (id, number) OVERRIDING SYSTEM VALUE SELECT id, 'D' || id FROM bench_placement;
    INSERT INTO outcomes_placement (id, participant_id, contract_id, number, period) OVERRIDING SYSTEM VALUE
        SELECT id, id, contract_id, 'P' || id, daterange(referred_on, NULL) FROM bench_placement;
    INSERT INTO outcomes_placementversion
            (price, recorded_at, placement_id, contract_id, recorded_by_id, referred_on, starts_on, tier)
        SELECT price, referred_on, id, contract_id, 1, referred_on, nullif(starts_on, 'infinity'), tier
        FROM bench_placement ORDER BY id"""
FACTS = """
    INSERT INTO outcomes_fact (
            id, replaces_id, quantity, verified_at, placement_id, provider_id, reported, first_reported,
            verified, from_day, through_day, subject_id, reported_by_id, kind, detail, withdrawn, external_id)
            OVERRIDING SYSTEM VALUE
        SELECT fact.id, nullif(replaces_id, 0), quantity,
            CASE WHEN verified <= %(last)s THEN (verified + time '12:00') AT TIME ZONE 'Europe/Stockholm' END,
            placement_id,
            provider_id, reported, first_reported, CASE WHEN verified <= %(last)s THEN verified END, from_day,
            nullif(through_day, 'infinity'), nullif(subject_id, 0), 1, kind, detail, withdrawn, 'F' || fact.id
        FROM bench_fact AS fact JOIN bench_placement AS placement ON placement.id = placement_id
        JOIN contracts_contract AS contract ON contract.id = contract_id ORDER BY fact.id"""
READY = f"""
    DO $$ DECLARE name text; BEGIN
        FOR name IN {TABLES} LOOP EXECUTE format('ALTER TABLE %I ENABLE TRIGGER USER', name); END LOOP;
    END $$;
    SELECT setval(pg_get_serial_sequence('outcomes_fact', 'id'), (SELECT max(id) FROM outcomes_fact))"""
TYPES = {
    "id": "i8",
    "price": "i8",
    "quantity": "i8",
    "replaces_id": "i8",
    "tier": "i2",
    "kind": "i2",
    "detail": "i2",
    "withdrawn": "b1",
}


def load(count: int) -> None:
    """Replace everything in the benchmark's database by `count` placements with their facts."""
    data = make_dataset(count)
    with connections["owner"].cursor() as cursor:
        cursor.execute(CLEAR)
    _load_registers()
    with connections["owner"].cursor() as cursor:
        raw: psycopg.Connection = cursor.connection
        cursor.execute(KEYS)
        keys = cursor.fetchall()
        for table, name, _ in keys:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for table, columns in (("bench_placement", data.placements), ("bench_fact", data.facts)):
            types = {name: TYPES.get(name, "i4") for name in columns}
            names = ", ".join(f"{name} {_sql_type(name, kind)}" for name, kind in types.items())
            cursor.execute(f"DROP TABLE IF EXISTS {table}; CREATE UNLOGGED TABLE {table} ({names})")
            write_columns(raw, table, {name: (types[name], _stored(name, column)) for name, column in columns.items()})
        cursor.execute(PLACEMENTS)
        cursor.execute(FACTS, {"last": to_date(LAST_DAY)})
        cursor.execute("DROP TABLE bench_placement; DROP TABLE bench_fact")
        for table, name, definition in keys:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        cursor.execute(READY)
        cursor.execute("VACUUM ANALYZE")


DAYS = ("referred_on", "starts_on", "from_day", "through_day", "reported", "verified", "first_reported")


def _sql_type(name: str, kind: str) -> str:
    return "date" if name in DAYS else {"i8": "bigint", "i2": "smallint", "b1": "boolean"}.get(kind, "integer")


def _stored(name: str, column: np.ndarray) -> np.ndarray:
    """Days that are not known as PostgreSQL's infinity."""
    return np.where(column == FAR, np.iinfo(np.int32).max, column) if name in DAYS else column


def _load_registers() -> None:
    owner = "owner"
    officers = [
        User(username=name, password=make_password(None), roles=[Role.EXAMINER, Role.DECIDER])
        for name in ("a", "b", "c")
    ]
    User.objects.using(owner).bulk_create(officers)
    Provider.objects.using(owner).bulk_create(
        Provider(number=f"L{number:04d}", name=f"Provider {number}", organisation_number=str(number), kind="external")
        for number in range(1, PROVIDERS + 1)
    )
    Contract.objects.using(owner).bulk_create(
        Contract(
            number=f"A{number}",
            diarienummer="",
            provider_id=number % PROVIDERS + 1,
            legal_basis="lov",
            valid_from=date(2023, 1, 1),
            valid_through=date(2027, 12, 31),
            responsibility_code="1",
        )
        for number in range(1, CONTRACTS + 1)
    )
    says = usual_conditions(Contract.LegalBasis.LOV, date(2027, 12, 31), "1")
    ContractVersion.objects.using(owner).bulk_create(
        ContractVersion(
            contract_id=number,
            number=1,
            valid_from=date(2023, 1, 1),
            recorded_at=PUBLISHED,
            recorded_by=officers[0],
            **asdict(says),
        )
        for number in range(1, CONTRACTS + 1)
    )
    for model in bench_models():
        version = PaymentModelVersion.objects.using(owner).create(
            code=model.code,
            number=1,
            title=model.title,
            source=model.source,
            document=model_document(model),
            digest=model_digest(model),
            valid_from=date(2023, 1, 1),
            published_at=PUBLISHED,
            published_by=officers[0],
        )
        ModelStep.objects.using(owner).bulk_create(
            ModelStep(version=version, position=place, code=step.code, title=step.title, trigger=step.trigger)
            for place, step in enumerate(model.steps)
        )
    ContractTerms.objects.using(owner).bulk_create(
        ContractTerms(contract_id=number, version_id=(number - 1) % len(SHARES) + 1, period=(date(2023, 1, 1), None))
        for number in range(1, CONTRACTS + 1)
    )
    Subject.objects.using(owner).bulk_create(
        Subject(kind=_subject_kind(n), text="plan" if n == 1 else f"S{n}") for n in range(1, SUBJECTS + 1)
    )


def _subject_kind(number: int) -> int:
    return Kind.MILESTONE if number == 1 else Kind.GRADE if number < EMPLOYERS else Kind.EMPLOYMENT
