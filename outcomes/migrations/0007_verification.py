"""What verification stands on: terms by contract, deadlines, reminders and the first of two officers."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from backend.kernel.history import append_only, append_only_again


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0003_amendments"),
        ("outcomes", "0006_follow_ups"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sent_at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="VerificationTerms",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("valid_from", models.DateField()),
                ("reason", models.CharField(max_length=500)),
                ("recorded_at", models.DateTimeField()),
                ("decide_within", models.PositiveSmallIntegerField()),
                ("same_step_within", models.PositiveSmallIntegerField()),
                ("second_officer_from", models.BigIntegerField(null=True)),
                (
                    "bulk_kinds",
                    django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), size=None),
                ),
                (
                    "rules",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=50), size=None),
                ),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="verificationdecision",
            name="outcomes_decision_one_final",
        ),
        migrations.AddField(
            model_name="verificationdecision",
            name="due_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="verificationdecision",
            name="note",
            field=models.CharField(blank=True, db_default="", default="", max_length=500),
        ),
        migrations.AlterField(
            model_name="verificationdecision",
            name="decision",
            field=models.CharField(
                choices=[
                    ("verified", "verified"),
                    ("rejected", "rejected"),
                    ("more_asked", "more is asked for"),
                    ("signed", "signed by the first of two officers"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="verificationdecision",
            index=models.Index(
                condition=models.Q(("decision", "more_asked")), fields=["fact"], name="outcomes_decision_more_asked"
            ),
        ),
        migrations.AddConstraint(
            model_name="verificationdecision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("decision__in", ["verified", "rejected"])),
                fields=("fact",),
                name="outcomes_decision_one_final",
            ),
        ),
        migrations.AddConstraint(
            model_name="verificationdecision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("decision", "signed")), fields=("fact",), name="outcomes_decision_one_first_officer"
            ),
        ),
        migrations.AddConstraint(
            model_name="verificationdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_on__isnull", True), ("decision", "more_asked"), _connector="OR"),
                name="outcomes_decision_due_if_asked",
            ),
        ),
        migrations.AddField(
            model_name="reminder",
            name="decision",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="reminder", to="outcomes.verificationdecision"
            ),
        ),
        migrations.AddField(
            model_name="verificationterms",
            name="contract",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="verification_terms", to="contracts.contract"
            ),
        ),
        migrations.AddField(
            model_name="verificationterms",
            name="recorded_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="verificationterms",
            constraint=models.UniqueConstraint(fields=("contract", "number"), name="outcomes_verificationterms_number"),
        ),
        migrations.AddConstraint(
            model_name="verificationterms",
            constraint=models.CheckConstraint(
                condition=models.Q(("decide_within__gte", 1)), name="outcomes_verificationterms_decide_within"
            ),
        ),
        migrations.AddConstraint(
            model_name="verificationterms",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("second_officer_from__isnull", True), ("second_officer_from__gt", 0), _connector="OR"
                ),
                name="outcomes_verificationterms_second_officer",
            ),
        ),
        migrations.AddConstraint(
            model_name="verificationterms",
            constraint=models.CheckConstraint(
                condition=models.Q(("bulk_kinds__contained_by", [1, 2, 3, 4, 5, 6, 7, 8, 9])),
                name="outcomes_verificationterms_bulk_kinds",
            ),
        ),
        append_only("outcomes_reminder"),
        append_only("outcomes_verificationterms"),
        append_only_again("outcomes_verificationdecision"),
    ]
