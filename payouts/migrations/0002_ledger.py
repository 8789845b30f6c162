"""The ledger: one partition per run, made, checked and attached by functions of the owner."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

from backend.kernel.history import APP_ROLE, append_only, settable_only

LINE = f"""
CREATE TABLE payouts_line (
    gross bigint NOT NULL,
    cap_cut bigint NOT NULL,
    paid_before bigint NOT NULL,
    amount bigint NOT NULL,
    fact_id bigint,
    run_id integer NOT NULL,
    placement_id integer NOT NULL,
    contract_id integer NOT NULL,
    step_id integer NOT NULL,
    occurrence integer NOT NULL,
    qualifies_on date NOT NULL,
    CONSTRAINT payouts_line_sum CHECK (amount = gross - cap_cut - paid_before AND amount <> 0),
    CONSTRAINT payouts_line_cap CHECK (cap_cut >= 0 AND cap_cut <= gross),
    PRIMARY KEY (placement_id, step_id, occurrence, run_id)
) PARTITION BY LIST (run_id);
REVOKE INSERT ON payouts_line FROM {APP_ROLE};
"""

# The steps in which a run's lines become part of the ledger. Foreign keys come last and are checked set-wise, since row by
# row they would cost more than all else; they stand on the partitions only, so that attaching one locks no other table.
FUNCTIONS = f"""
CREATE FUNCTION payouts_drop_staging(run integer) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    staging text := 'payouts_line_' || run;
BEGIN
    IF EXISTS (SELECT FROM pg_class WHERE oid = to_regclass('public.' || staging) AND relispartition) THEN
        RAISE EXCEPTION 'the lines of run % stand in the ledger', run USING ERRCODE = 'insufficient_privilege';
    END IF;
    EXECUTE format('DROP TABLE IF EXISTS public.%I', staging);
END $$;

CREATE FUNCTION payouts_open_run(run integer) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    staging text := 'payouts_line_' || run;
BEGIN
    IF NOT EXISTS (SELECT FROM payouts_run WHERE id = run AND state = 'computing') THEN
        RAISE EXCEPTION 'run % is not being computed', run USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    PERFORM payouts_drop_staging(run);
    EXECUTE format('CREATE TABLE public.%I (LIKE payouts_line INCLUDING CONSTRAINTS, CHECK (run_id = %s))', staging, run);
    EXECUTE format('REVOKE ALL ON public.%I FROM {APP_ROLE}', staging);
    EXECUTE format('GRANT SELECT, INSERT ON public.%I TO {APP_ROLE}', staging);
END $$;

CREATE FUNCTION payouts_key_run(run integer) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET maintenance_work_mem = '256MB' AS $$
DECLARE
    staging text := 'payouts_line_' || run;
BEGIN
    EXECUTE format('REVOKE INSERT ON public.%I FROM {APP_ROLE}', staging);
    EXECUTE format('ALTER TABLE public.%I ADD PRIMARY KEY (placement_id, step_id, occurrence, run_id)', staging);
    EXECUTE format('CREATE TRIGGER payouts_line_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON public.%I'
        ' FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_change()', staging);
END $$;

CREATE FUNCTION payouts_link_run(run integer) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '2s' AS $$
BEGIN
    EXECUTE format('ALTER TABLE public.%I'
        ' ADD CONSTRAINT payouts_line_run FOREIGN KEY (run_id) REFERENCES payouts_run NOT VALID,'
        ' ADD CONSTRAINT payouts_line_placement FOREIGN KEY (placement_id, contract_id)'
        '     REFERENCES outcomes_placement (id, contract_id) NOT VALID,'
        ' ADD CONSTRAINT payouts_line_step FOREIGN KEY (step_id) REFERENCES contracts_modelstep NOT VALID,'
        ' ADD CONSTRAINT payouts_line_fact FOREIGN KEY (fact_id) REFERENCES outcomes_fact NOT VALID',
        'payouts_line_' || run);
END $$;

CREATE FUNCTION payouts_check_run(run integer) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET maintenance_work_mem = '256MB' AS $$
DECLARE
    staging text := 'payouts_line_' || run;
    key name;
BEGIN
    EXECUTE format('ANALYZE public.%I (placement_id, step_id, fact_id, run_id)', staging);
    FOR key IN SELECT conname FROM pg_constraint WHERE conrelid = to_regclass('public.' || staging) AND contype = 'f' LOOP
        EXECUTE format('ALTER TABLE public.%I VALIDATE CONSTRAINT %I', staging, key);
    END LOOP;
END $$;

CREATE FUNCTION payouts_attach_run(run integer) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    staging text := 'payouts_line_' || run;
BEGIN
    IF (SELECT count(*) FROM pg_constraint
        WHERE conrelid = to_regclass('public.' || staging) AND contype = 'f' AND convalidated) <> 4 THEN
        RAISE EXCEPTION 'the lines of run % are not checked', run USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    EXECUTE format('ALTER TABLE payouts_line ATTACH PARTITION public.%I FOR VALUES IN (%s)', staging, run);
END $$;

GRANT EXECUTE ON FUNCTION payouts_drop_staging, payouts_open_run, payouts_key_run, payouts_link_run, payouts_check_run,
    payouts_attach_run TO {APP_ROLE};
"""

KEYS = """
ALTER TABLE payouts_hold ADD CONSTRAINT payouts_hold_line
    FOREIGN KEY (placement_id, step_id, occurrence, run_id)
    REFERENCES payouts_line (placement_id, step_id, occurrence, run_id);
ALTER TABLE payouts_attest ADD CONSTRAINT payouts_attest_digest
    FOREIGN KEY (run_id, digest) REFERENCES payouts_run (id, digest);
"""

# What a computed run says about itself is fixed; an attested or cancelled one never changes again.
RUN_GUARD = """
CREATE FUNCTION payouts_guard_run() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed payouts_run := OLD;
BEGIN
    IF OLD.state IN ('queued', 'computing') THEN
        RETURN NEW;
    END IF;
    allowed.state := NEW.state;
    allowed.cancelled_at := NEW.cancelled_at;
    allowed.cancelled_by_id := NEW.cancelled_by_id;
    allowed.cancel_reason := NEW.cancel_reason;
    IF OLD.state IN ('attested', 'cancelled') OR NEW IS DISTINCT FROM allowed OR NEW.state IN ('queued', 'computing') THEN
        RAISE EXCEPTION 'UPDATE of payouts_run is refused: run % is %', OLD.sequence, OLD.state
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER payouts_run_guard BEFORE UPDATE ON payouts_run FOR EACH ROW EXECUTE FUNCTION payouts_guard_run();
CREATE TRIGGER payouts_run_stays BEFORE DELETE OR TRUNCATE ON payouts_run
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_change();
REVOKE DELETE ON payouts_run FROM utfall_app;
"""


def _key(to: str, related_name: str = "+", *, null: bool = False) -> models.ForeignKey:
    return models.ForeignKey(
        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name=related_name, to=to, null=null
    )


class Migration(migrations.Migration):
    dependencies = [("payouts", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(LINE, "DROP TABLE payouts_line")],
            state_operations=[
                migrations.CreateModel(
                    name="Line",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "placement_id",
                                "step_id",
                                "occurrence",
                                "run_id",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("gross", models.BigIntegerField()),
                        ("cap_cut", models.BigIntegerField()),
                        ("paid_before", models.BigIntegerField()),
                        ("amount", models.BigIntegerField()),
                        ("fact", _key("outcomes.fact", null=True)),
                        ("run", _key("payouts.run", "lines")),
                        ("placement", _key("outcomes.placement", "lines")),
                        ("contract", _key("contracts.contract")),
                        ("step", _key("contracts.modelstep")),
                        ("occurrence", models.IntegerField()),
                        ("qualifies_on", models.DateField()),
                    ],
                ),
                migrations.AddConstraint(
                    model_name="line",
                    constraint=models.CheckConstraint(
                        condition=Q(amount=F("gross") - F("cap_cut") - F("paid_before")) & ~Q(amount=0),
                        name="payouts_line_sum",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="line",
                    constraint=models.CheckConstraint(
                        condition=Q(cap_cut__gte=0, cap_cut__lte=F("gross")), name="payouts_line_cap"
                    ),
                ),
            ],
        ),
        append_only("payouts_line"),
        append_only("payouts_runversion"),
        append_only("payouts_parkedprovider"),
        append_only("payouts_attest"),
        settable_only("payouts_hold", ["released_at", "released_by_id"]),
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        migrations.RunSQL(RUN_GUARD, migrations.RunSQL.noop),
    ]
