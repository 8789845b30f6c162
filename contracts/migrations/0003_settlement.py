"""How contracts are paid and booked, and how much they may be used."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from backend.kernel.history import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0002_history"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ContractLimit",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("valid_from", models.DateField()),
                ("capacity", models.PositiveIntegerField(null=True)),
                ("framework_value", models.BigIntegerField(null=True)),
                ("set_at", models.DateTimeField()),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="limits", to="contracts.contract"
                    ),
                ),
                (
                    "set_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("framework_value__isnull", True), ("framework_value__gte", 0), _connector="OR"
                        ),
                        name="contracts_limit_framework_value",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ContractSettlement",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("valid_from", models.DateField()),
                (
                    "route",
                    models.CharField(
                        choices=[
                            ("direct", "paid to the provider's account by us"),
                            ("invoice", "paid on the supplier's e-invoice"),
                            ("internal", "internal voucher"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "treatment",
                    models.CharField(
                        choices=[
                            ("standard", "VAT is added"),
                            ("education", "exempt: education"),
                            ("care", "exempt: social care"),
                            ("outside", "outside VAT"),
                        ],
                        max_length=10,
                    ),
                ),
                ("premises_per_cent", models.PositiveSmallIntegerField()),
                ("correct_within", models.CharField(max_length=6)),
                ("notice_days", models.PositiveSmallIntegerField()),
                ("payment_days", models.PositiveSmallIntegerField()),
                ("account", models.CharField(max_length=10)),
                ("activity", models.CharField(blank=True, max_length=20)),
                ("project", models.CharField(blank=True, max_length=20)),
                ("counterparty", models.CharField(blank=True, max_length=20)),
                ("agreed_at", models.DateTimeField()),
                (
                    "agreed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="settlements", to="contracts.contract"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("premises_per_cent__lte", 100)), name="contracts_settlement_premises"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("correct_within__regex", "^P[1-9][0-9]{0,3}[DWM]$")),
                        name="contracts_settlement_correct_within",
                    ),
                ],
            },
        ),
        append_only("contracts_contractsettlement"),
        append_only("contracts_contractlimit"),
    ]
