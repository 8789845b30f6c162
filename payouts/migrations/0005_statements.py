"""Holds of placements and providers; notices of clawbacks; statements, and the one in which each line stands."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

from backend.kernel.history import append_only, settable_only

BINDING = ["attested", "exported", "settled"]
LINE_KEY = ("placement", "step", "occurrence", "run")
TARGET = (*LINE_KEY, "contract", "provider")

# What a computed run says about itself is fixed, and its states follow each other as `payouts.states` says.
GUARD = """
CREATE OR REPLACE FUNCTION payouts_guard_run() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed payouts_run := OLD;
BEGIN
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('queued', 'computing'), ('queued', 'cancelled'), ('computing', 'computed'), ('computing', 'cancelled'),
        ('computed', 'examining'), ('computed', 'cancelled'), ('examining', 'attested_once'), ('examining', 'cancelled'),
        ('attested_once', 'examining'), ('attested_once', 'attested'), ('attested_once', 'cancelled'),
        ('attested', 'exported'), ('exported', 'settled')
    ) THEN
        RAISE EXCEPTION 'UPDATE of payouts_run is refused: run % is %', OLD.sequence, OLD.state
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.state IN ('queued', 'computing') THEN
        RETURN NEW;
    END IF;
    allowed.state := NEW.state;
    allowed.allocated_at := coalesce(OLD.allocated_at, NEW.allocated_at);
    IF NEW.state <> OLD.state AND NEW.state = 'cancelled' THEN
        allowed.cancelled_at := NEW.cancelled_at;
        allowed.cancelled_by_id := NEW.cancelled_by_id;
        allowed.cancel_reason := NEW.cancel_reason;
    END IF;
    IF NEW IS DISTINCT FROM allowed THEN
        RAISE EXCEPTION 'UPDATE of payouts_run is refused: what run % says is fixed', OLD.sequence
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
"""

# Set-wise in place of foreign keys, and stricter: an allocation is of a line that stands, under the statement's own
# contract, in an attested run that is the statement's or an earlier one.
KEYS = """
ALTER TABLE payouts_hold ADD CONSTRAINT payouts_hold_placement
    FOREIGN KEY (placement_id) REFERENCES outcomes_placement (id);

CREATE FUNCTION payouts_check_allocations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added
        LEFT JOIN payouts_line AS line USING (placement_id, step_id, occurrence, run_id)
        LEFT JOIN payouts_statement AS statement ON statement.id = added.statement_id
        LEFT JOIN payouts_run AS run ON run.id = added.run_id
        LEFT JOIN payouts_run AS paying ON paying.id = statement.run_id
        WHERE line.contract_id IS DISTINCT FROM statement.contract_id OR statement.id IS NULL
            OR run.state NOT IN ('attested', 'exported', 'settled') OR run.sequence > paying.sequence
    ) THEN
        RAISE EXCEPTION 'an allocation refers to what is not there or does not belong to it'
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER payouts_allocation_keys AFTER INSERT ON payouts_allocation
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION payouts_check_allocations();
"""


def _id() -> tuple[str, models.AutoField]:
    return "id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def _key(to: str, related_name: str = "+", *, null: bool = False) -> models.ForeignKey:
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name=related_name, to=to, null=null)


def _line_key(to: str) -> models.ForeignKey:
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=to, db_index=False, db_constraint=False
    )


def _only(*names: str) -> Q:
    return Q(**{f"{name}__isnull": name not in names for name in TARGET})


class Migration(migrations.Migration):
    dependencies = [
        ("payouts", "0004_life_of_a_run"),
        ("contracts", "0003_amendments"),
        ("outcomes", "0002_history"),
        ("providers", "0004_settlement"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(model_name="run", name="allocated_at", field=models.DateTimeField(null=True)),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(
                condition=Q(allocated_at__isnull=True) | Q(state__in=BINDING), name="payouts_run_allocated"
            ),
        ),
        migrations.RemoveConstraint(model_name="hold", name="payouts_hold_line_or_contract"),
        migrations.RemoveConstraint(model_name="hold", name="payouts_hold_released"),
        migrations.AddField(model_name="hold", name="provider", field=_key("providers.provider", "holds", null=True)),
        migrations.AddField(
            model_name="hold",
            name="reason",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
        migrations.AddField(
            model_name="hold",
            name="release_reason",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
        migrations.AddField(model_name="hold", name="release_rule", field=models.CharField(max_length=50, null=True)),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=_only(*LINE_KEY) | _only("placement") | _only("contract") | _only("provider"),
                name="payouts_hold_target",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=Q(released_at__isnull=True, released_by__isnull=True, release_rule__isnull=True)
                | Q(released_at__isnull=False, released_by__isnull=True, release_rule__isnull=False)
                | Q(released_at__isnull=False, released_by__isnull=False, release_rule__isnull=True),
                name="payouts_hold_released",
            ),
        ),
        migrations.CreateModel(
            name="ClawbackNotice",
            fields=[
                _id(),
                ("run", _key("payouts.run", "notices")),
                ("contract", _key("contracts.contract", "notices")),
                ("line_count", models.PositiveIntegerField()),
                ("amount", models.BigIntegerField()),
                ("given_at", models.DateTimeField()),
                ("answer_by", models.DateField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["run", "contract"], name="payouts_notice_once"),
                    models.CheckConstraint(condition=Q(amount__lt=0), name="payouts_notice_amount"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Objection",
            fields=[
                _id(),
                ("notice", _key("payouts.clawbacknotice", "objections")),
                ("placement", _key("outcomes.placement", null=True)),
                ("text", models.CharField(max_length=2000)),
                ("made_at", models.DateTimeField()),
                ("made_by", _key(settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name="ObjectionDecision",
            fields=[
                _id(),
                (
                    "objection",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="decision", to="payouts.objection"
                    ),
                ),
                ("is_upheld", models.BooleanField()),
                ("reason", models.CharField(max_length=2000)),
                ("decided_at", models.DateTimeField()),
                ("decided_by", _key(settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name="Statement",
            fields=[
                _id(),
                ("number", models.CharField(max_length=20, unique=True)),
                ("run", _key("payouts.run", "statements")),
                ("contract", _key("contracts.contract", "statements")),
                ("conditions", _key("contracts.contractversion")),
                ("line_count", models.PositiveIntegerField()),
                ("net", models.BigIntegerField()),
                ("tax", models.BigIntegerField()),
                ("carried_in", models.BigIntegerField()),
                ("payable", models.BigIntegerField()),
                ("carried_out", models.BigIntegerField()),
                ("due_on", models.DateField()),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["contract", "run"], name="payouts_statement_once"),
                    models.CheckConstraint(
                        condition=Q(net=F("payable") + F("carried_out") - F("carried_in") - F("tax")),
                        name="payouts_statement_sum",
                    ),
                    models.CheckConstraint(
                        condition=Q(payable__gte=0, carried_out=0) | Q(payable=0, carried_out__lt=0),
                        name="payouts_statement_payable",
                    ),
                    models.CheckConstraint(condition=Q(carried_in__lte=0), name="payouts_statement_carried"),
                ],
            },
        ),
        migrations.CreateModel(
            name="StatementTax",
            fields=[
                _id(),
                ("statement", _key("payouts.statement", "taxes")),
                ("rate", models.PositiveSmallIntegerField()),
                ("base", models.BigIntegerField()),
                ("amount", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["statement", "rate"], name="payouts_statementtax_rate")
                ],
            },
        ),
        migrations.CreateModel(
            name="Allocation",
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
                ("placement", _line_key("outcomes.placement")),
                ("step", _line_key("contracts.modelstep")),
                ("occurrence", models.IntegerField()),
                ("run", _line_key("payouts.run")),
                (
                    "statement",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="allocations",
                        to="payouts.statement",
                    ),
                ),
            ],
        ),
        append_only("payouts_clawbacknotice"),
        append_only("payouts_objection"),
        append_only("payouts_objectiondecision"),
        append_only("payouts_statement"),
        append_only("payouts_statementtax"),
        append_only("payouts_allocation"),
        settable_only("payouts_hold", ["released_at", "released_by_id", "release_rule", "release_reason"]),
        migrations.RunSQL(GUARD, migrations.RunSQL.noop),
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
    ]
