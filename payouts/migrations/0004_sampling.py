"""Samples of verified facts, counter-verifications, and proposals to recover what they show."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from backend.kernel.history import append_only, settable_only

REPLY = ["reply", "replied_at", "replied_by_id"]
DECISION = ["decision", "decided_amount", "decision_reason", "decided_at", "decided_by_id"]


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0004_recovery_by_sample"),
        ("outcomes", "0003_identity"),
        ("payouts", "0003_simulations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Sample",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seed", models.CharField(max_length=64)),
                ("drawn_at", models.DateTimeField()),
                (
                    "drawn_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sample", to="payouts.run"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SampleStratum",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("size", models.PositiveIntegerField()),
                ("amount", models.BigIntegerField()),
                ("drawn", models.PositiveIntegerField()),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="contracts.contract"
                    ),
                ),
                (
                    "sample",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="strata", to="payouts.sample"
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contracts.modelstep",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SampledFact",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.BigIntegerField()),
                (
                    "fact",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sampled", to="outcomes.fact"
                    ),
                ),
                (
                    "stratum",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="facts", to="payouts.samplestratum"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RecoveryProposal",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("period", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("paid", models.BigIntegerField()),
                ("checked", models.PositiveIntegerField()),
                ("wrong", models.PositiveIntegerField()),
                ("found", models.BigIntegerField()),
                ("estimate", models.BigIntegerField()),
                ("low", models.BigIntegerField()),
                ("high", models.BigIntegerField()),
                ("amount", models.BigIntegerField()),
                ("proposed_at", models.DateTimeField()),
                ("answer_by", models.DateField()),
                ("reply", models.TextField(blank=True, default="")),
                ("replied_at", models.DateTimeField(null=True)),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[("recover", "to be recovered"), ("drop", "dropped")],
                        default="",
                        max_length=10,
                    ),
                ),
                ("decided_amount", models.BigIntegerField(default=0)),
                ("decision_reason", models.CharField(blank=True, default="", max_length=1000)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recovery_proposals",
                        to="contracts.contract",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "replied_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("decision", "drop"), _negated=True),
                        expressions=[("contract", "="), ("period", "&&")],
                        name="payouts_recovery_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount__gt", 0),
                            ("amount__lte", models.F("low")),
                            ("estimate__lte", models.F("high")),
                            ("low__lte", models.F("estimate")),
                        ),
                        name="payouts_recovery_amount",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("replied_at__isnull", True), ("replied_by__isnull", True)),
                            models.Q(("replied_at__isnull", False), ("replied_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="payouts_recovery_replied",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("decided_by__isnull", True)),
                            models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="payouts_recovery_decided",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_amount", 0), ("decided_at__isnull", True), ("decision", "")),
                            models.Q(("decided_amount", 0), ("decided_at__isnull", False), ("decision", "drop")),
                            models.Q(
                                ("decided_amount__gt", 0),
                                ("decided_amount__lte", models.F("amount")),
                                ("decided_at__isnull", False),
                                ("decision", "recover"),
                            ),
                            _connector="OR",
                        ),
                        name="payouts_recovery_decision",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by__isnull", True),
                            models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="payouts_recovery_two_people",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CounterVerification",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("right", "right"),
                            ("no_evidence", "the evidence is missing or does not show it"),
                            ("not_happened", "it did not happen"),
                            ("days", "it happened on other days"),
                            ("extent", "its extent, number or grade is another"),
                            ("not_entitled", "it happened, but the contract does not pay for it"),
                            ("twice", "it was reported twice"),
                            ("office", "the municipality's own mistake"),
                        ],
                        max_length=20,
                    ),
                ),
                ("wrong_amount", models.BigIntegerField()),
                ("note", models.CharField(blank=True, default="", max_length=500)),
                ("checked_at", models.DateTimeField()),
                (
                    "checked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "sampled",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="results", to="payouts.sampledfact"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("wrong_amount", 0),
                            models.Q(("wrong_amount__gt", 0), models.Q(("cause", "right"), _negated=True)),
                            _connector="OR",
                        ),
                        name="payouts_counter_right",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="samplestratum",
            constraint=models.UniqueConstraint(
                fields=("sample", "contract", "step"), name="payouts_stratum_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="samplestratum",
            constraint=models.CheckConstraint(
                condition=models.Q(("drawn__gt", 0), ("drawn__lte", models.F("size"))), name="payouts_stratum_drawn"
            ),
        ),
        migrations.AddConstraint(
            model_name="sampledfact",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gte", 0)), name="payouts_sampled_amount"),
        ),
        append_only("payouts_sample"),
        append_only("payouts_samplestratum"),
        append_only("payouts_sampledfact"),
        append_only("payouts_counterverification"),
        settable_only("payouts_recoveryproposal", [*REPLY, *DECISION]),
    ]
