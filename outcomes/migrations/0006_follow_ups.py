"""What the city has done with placements: meetings, activity plans and their reviews."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from backend.kernel.history import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("outcomes", "0005_evidence"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("recorded_at", models.DateTimeField()),
                ("happened_on", models.DateField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("meeting", "first meeting held"),
                            ("plan", "activity plan drawn up"),
                            ("approval", "activity plan approved by the home district"),
                            ("review", "activity plan reviewed"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "district",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="outcomes.district",
                    ),
                ),
                (
                    "placement",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="follow_ups",
                        to="outcomes.placement",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("placement", "kind", "happened_on"), name="outcomes_followup_once_a_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("district__isnull", False), ("kind", "approval")),
                            models.Q(models.Q(("kind", "approval"), _negated=True), ("district__isnull", True)),
                            _connector="OR",
                        ),
                        name="outcomes_followup_district",
                    ),
                ],
            },
        ),
        append_only("outcomes_followup"),
    ]
