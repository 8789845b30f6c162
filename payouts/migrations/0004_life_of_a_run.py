"""A run is examined, attested twice, exported and settled; and tells how far its computation has come."""

from django.db import migrations, models
from django.db.models import Q

STATES = [
    "queued", "computing", "computed", "examining", "attested_once", "attested", "exported", "settled", "cancelled",
]  # fmt: skip
UNATTESTED = ["attested_once", "computed", "computing", "examining", "queued"]
WITH_LINES = ["attested", "attested_once", "computed", "examining", "exported", "settled"]

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


class Migration(migrations.Migration):
    dependencies = [("payouts", "0003_simulations")]

    operations = [
        migrations.RemoveConstraint(model_name="run", name="payouts_run_one_unfinished"),
        migrations.RemoveConstraint(model_name="run", name="payouts_run_state"),
        migrations.RemoveConstraint(model_name="run", name="payouts_run_computed"),
        migrations.AlterField(
            model_name="run",
            name="state",
            field=models.CharField(choices=[(state, state) for state in STATES], max_length=20),
        ),
        migrations.AddField(model_name="run", name="progress", field=models.PositiveIntegerField(default=0)),
        migrations.AddField(model_name="run", name="progress_of", field=models.PositiveIntegerField(default=0)),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(
                models.Value(1), condition=Q(state__in=UNATTESTED), name="payouts_run_one_unattested"
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(condition=Q(state__in=STATES), name="payouts_run_state"),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(
                condition=~Q(state__in=WITH_LINES)
                | Q(computed_at__isnull=False, knowledge_at__isnull=False, digest__regex="^[0-9a-f]{64}$"),
                name="payouts_run_computed",
            ),
        ),
        migrations.RunSQL(GUARD, migrations.RunSQL.noop),
    ]
