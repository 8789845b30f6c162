"""Findings of controls, the list of attestants, and attests of the parts of a run, one per responsibility code."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

from backend.kernel.history import append_only, settable_only

SIGNATURES = [("examiner", "granskningsattest"), ("decider", "beslutsattest")]
UNGUARD = (
    "DROP TRIGGER payouts_attest_append_only ON payouts_attest; DROP TRIGGER payouts_attest_fixed ON payouts_attest"
)
ATTESTANT_ENDS_ONCE = """
CREATE TRIGGER payouts_attestant_ends_once BEFORE UPDATE ON payouts_attestant FOR EACH ROW
    WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION kernel_refuse_change();
"""


def _key(to: str, related_name: str = "+", *, null: bool = False) -> models.ForeignKey:
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name=related_name, to=to, null=null)


def _id() -> tuple[str, models.AutoField]:
    return "id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def _both_or_none(first: str, second: str) -> Q:
    return Q(**{f"{first}__isnull": True, f"{second}__isnull": True}) | Q(
        **{f"{first}__isnull": False, f"{second}__isnull": False}
    )


class Migration(migrations.Migration):
    dependencies = [
        ("payouts", "0005_statements"),
        ("contracts", "0003_amendments"),
        ("outcomes", "0002_history"),
        ("providers", "0004_settlement"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Finding",
            fields=[
                _id(),
                ("run", _key("payouts.run", "findings")),
                ("control", models.CharField(max_length=50)),
                ("responsibility_code", models.CharField(blank=True, max_length=20)),
                ("provider", _key("providers.provider", null=True)),
                ("contract", _key("contracts.contract", null=True)),
                ("placement", _key("outcomes.placement", null=True)),
                (
                    "step",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contracts.modelstep",
                    ),
                ),
                ("occurrence", models.IntegerField(null=True)),
                ("value", models.CharField(max_length=100)),
                ("expected", models.CharField(blank=True, max_length=100)),
                ("line_count", models.PositiveIntegerField()),
                ("amount", models.BigIntegerField()),
                ("found_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("answer", models.CharField(blank=True, default="", max_length=500)),
                ("answered_at", models.DateTimeField(null=True)),
                ("answered_by", _key(settings.AUTH_USER_MODEL, null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=_both_or_none("answered_at", "answered_by"), name="payouts_finding_answered"
                    ),
                    models.UniqueConstraint(
                        fields=[
                            "run",
                            "control",
                            "responsibility_code",
                            "provider",
                            "contract",
                            "placement",
                            "step",
                            "occurrence",
                        ],
                        condition=Q(closed_at__isnull=True),
                        nulls_distinct=False,
                        name="payouts_finding_standing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Attestant",
            fields=[
                _id(),
                ("user", _key(settings.AUTH_USER_MODEL, "attestations")),
                ("signature", models.CharField(choices=SIGNATURES, max_length=10)),
                ("responsibility_code", models.CharField(blank=True, max_length=20)),
                ("most", models.BigIntegerField()),
                ("valid_from", models.DateField()),
                ("valid_through", models.DateField()),
                ("substitute_for", _key(settings.AUTH_USER_MODEL, null=True)),
                ("decision", models.CharField(max_length=100)),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", _key(settings.AUTH_USER_MODEL)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", _key(settings.AUTH_USER_MODEL, null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=Q(most__gt=0), name="payouts_attestant_most"),
                    models.CheckConstraint(
                        condition=Q(valid_through__gte=F("valid_from")), name="payouts_attestant_days"
                    ),
                    models.CheckConstraint(
                        condition=_both_or_none("ended_at", "ended_by"), name="payouts_attestant_ended"
                    ),
                ],
            },
        ),
        migrations.RunSQL(UNGUARD, migrations.RunSQL.noop),
        migrations.RemoveConstraint(model_name="attest", name="payouts_attest_signature"),
        migrations.RemoveConstraint(model_name="attest", name="payouts_attest_two_people"),
        migrations.AddField(
            model_name="attest",
            name="responsibility_code",
            field=models.CharField(blank=True, default="", max_length=20),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="attest",
            name="lines_digest",
            field=models.CharField(default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="attest",
            name="seen_digest",
            field=models.CharField(default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="attest", name="amount", field=models.BigIntegerField(default=0), preserve_default=False
        ),
        migrations.AddField(
            model_name="attest",
            name="has_no_conflict",
            field=models.BooleanField(default=True),
            preserve_default=False,
        ),
        migrations.AddField(model_name="attest", name="second_factor_at", field=models.DateTimeField(null=True)),
        migrations.AddConstraint(
            model_name="attest",
            constraint=models.UniqueConstraint(
                fields=["run", "responsibility_code", "signature", "seen_digest"], name="payouts_attest_signature"
            ),
        ),
        migrations.AddConstraint(
            model_name="attest",
            constraint=models.UniqueConstraint(
                fields=["run", "responsibility_code", "by", "seen_digest"], name="payouts_attest_two_people"
            ),
        ),
        migrations.AddConstraint(
            model_name="attest",
            constraint=models.CheckConstraint(condition=Q(has_no_conflict=True), name="payouts_attest_no_conflict"),
        ),
        append_only("payouts_attest"),
        settable_only("payouts_attestant", ["ended_at", "ended_by_id"]),
        settable_only("payouts_finding", ["closed_at", "answer", "answered_at", "answered_by_id"]),
        migrations.RunSQL(ATTESTANT_ENDS_ONCE, migrations.RunSQL.noop),
    ]
