"""Documents that facts are verified against."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from backend.kernel.history import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("outcomes", "0004_placement_updated"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("attached_at", models.DateTimeField()),
                ("name", models.CharField(max_length=200)),
                (
                    "content_type",
                    models.CharField(
                        choices=[
                            ("application/pdf", "pdf"),
                            ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
                            ("image/png", "png"),
                            ("image/jpeg", "jpeg"),
                        ],
                        max_length=100,
                    ),
                ),
                ("size", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("content", models.BinaryField()),
                (
                    "attached_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "fact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="evidence", to="outcomes.fact"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["digest"], name="outcomes_evidence_digest")],
                "constraints": [models.UniqueConstraint(fields=("fact", "digest"), name="outcomes_evidence_once")],
            },
        ),
        append_only("outcomes_evidence"),
    ]
