"""Files from registers, what their rows say of whom, and legal grounds."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from backend.kernel.history import append_only, settable_only

OUTCOME = ["participant_id", "outcome", "fact_id", "remark", "matched_at", "matched_by_id", "match_reason"]
NUMBER = ["number_key", "number"]


class Migration(migrations.Migration):
    dependencies = [
        ("outcomes", "0007_verification"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LegalGround",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "register",
                    models.CharField(
                        choices=[
                            ("grades", "grade register"),
                            ("employment", "employment register"),
                            ("income", "income register"),
                            ("assistance", "economic assistance"),
                            ("certificates", "employers' certificates"),
                        ],
                        max_length=20,
                    ),
                ),
                ("ground", models.CharField(blank=True, max_length=500)),
                ("valid_from", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="RegisterImport",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "register",
                    models.CharField(
                        choices=[
                            ("grades", "grade register"),
                            ("employment", "employment register"),
                            ("income", "income register"),
                            ("assistance", "economic assistance"),
                            ("certificates", "employers' certificates"),
                        ],
                        max_length=20,
                    ),
                ),
                ("layout", models.CharField(max_length=50)),
                ("name", models.CharField(max_length=200)),
                ("digest", models.CharField(max_length=64)),
                ("key", models.CharField(max_length=20)),
                ("content", models.BinaryField()),
                ("imported_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "waits to be read"), ("done", "done")],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("row_count", models.PositiveIntegerField(default=0)),
                ("rows_read", models.PositiveIntegerField(default=0)),
                (
                    "imported_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RegisterRow",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "register",
                    models.CharField(
                        choices=[
                            ("grades", "grade register"),
                            ("employment", "employment register"),
                            ("income", "income register"),
                            ("assistance", "economic assistance"),
                            ("certificates", "employers' certificates"),
                        ],
                        max_length=20,
                    ),
                ),
                ("digest", models.BinaryField()),
                ("number_key", models.CharField(max_length=20)),
                ("number", models.BinaryField()),
                ("from_day", models.DateField()),
                ("through_day", models.DateField(null=True)),
                ("subject", models.CharField(blank=True, default="", max_length=200)),
                ("quantity", models.BigIntegerField()),
                ("code", models.CharField(blank=True, default="", max_length=20)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("unmatched", "nobody has this number"),
                            ("verified", "verified a fact"),
                            ("confirmed", "confirms a verified fact"),
                            ("differs", "says something else than a fact"),
                            ("refused", "could not verify the fact"),
                            ("unclaimed", "a job that nobody has reported"),
                            ("nothing", "nothing is reported of it"),
                            ("stored", "stored"),
                        ],
                        max_length=10,
                    ),
                ),
                ("remark", models.CharField(blank=True, default="", max_length=500)),
                ("matched_at", models.DateTimeField(null=True)),
                ("match_reason", models.CharField(blank=True, default="", max_length=200)),
                (
                    "fact",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="register_rows",
                        to="outcomes.fact",
                    ),
                ),
                (
                    "matched_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="register_rows",
                        to="outcomes.participant",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rows", to="outcomes.registerimport"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="registerimport",
            constraint=models.UniqueConstraint(fields=("layout", "digest"), name="outcomes_register_file_once"),
        ),
        migrations.AddIndex(
            model_name="registerrow",
            index=models.Index(fields=["participant", "register", "from_day"], name="outcomes_register_row_of"),
        ),
        migrations.AddConstraint(
            model_name="registerrow",
            constraint=models.UniqueConstraint(fields=("register", "digest"), name="outcomes_register_row_once"),
        ),
        migrations.AddConstraint(
            model_name="registerrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("matched_at__isnull", True), ("matched_by__isnull", True)),
                    models.Q(("matched_at__isnull", False), ("matched_by__isnull", False)),
                    _connector="OR",
                ),
                name="outcomes_register_row_matched",
            ),
        ),
        append_only("outcomes_legalground"),
        settable_only("outcomes_registerimport", ["state", "rows_read", "key", "content"]),
        settable_only("outcomes_registerrow", [*OUTCOME, *NUMBER]),
    ]
