"""What contracts say besides their payment models, in versions; services and courses; drafts that are proposed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from backend.kernel.history import append_only, never_deleted

FIRST_VERSIONS = """
INSERT INTO contracts_contractversion (
    contract_id, number, valid_from, reason, recorded_at, recorded_by_id, valid_through, route, vat,
    responsibility_code, account, activity, project, counterparty, highest_value, notice_days, correct_within, due_days,
    return_within
)
SELECT contract.id, 1, contract.valid_from, '', registered.at, registered.by_id, contract.valid_through,
    CASE legal_basis WHEN 'in_house' THEN 'internal' WHEN 'lou' THEN 'e_invoice' ELSE 'direct' END,
    CASE legal_basis WHEN 'in_house' THEN 'none' ELSE 'standard' END,
    contract.responsibility_code, '4640', '', '', '', CASE legal_basis WHEN 'lou' THEN 0 END, 14, 'P120M', 30, ''
FROM contracts_contract AS contract CROSS JOIN LATERAL (
    SELECT at, by_id FROM kernel_auditevent
    WHERE object_type = 'contracts.contract' AND object_id = contract.id::text AND action = 'register' LIMIT 1
) AS registered
"""


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0002_history"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ContractVersion",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("valid_from", models.DateField()),
                ("reason", models.CharField(max_length=500)),
                ("recorded_at", models.DateTimeField()),
                ("valid_through", models.DateField()),
                (
                    "route",
                    models.CharField(
                        choices=[
                            ("e_invoice", "the supplier's e-invoice"),
                            ("direct", "direct payment"),
                            ("internal", "internal voucher"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "vat",
                    models.CharField(
                        choices=[
                            ("standard", "VAT at the standard rate"),
                            ("exempt", "exempt from VAT (education)"),
                            ("none", "outside VAT"),
                        ],
                        max_length=10,
                    ),
                ),
                ("responsibility_code", models.CharField(max_length=20)),
                ("account", models.CharField(max_length=10)),
                ("activity", models.CharField(blank=True, default="", max_length=20)),
                ("project", models.CharField(blank=True, default="", max_length=20)),
                ("counterparty", models.CharField(blank=True, default="", max_length=20)),
                ("capacity", models.PositiveIntegerField(null=True)),
                ("highest_value", models.BigIntegerField(null=True)),
                ("notice_days", models.PositiveSmallIntegerField()),
                ("correct_within", models.CharField(max_length=10)),
                ("due_days", models.PositiveSmallIntegerField()),
                ("return_within", models.CharField(blank=True, default="", max_length=10)),
            ],
        ),
        migrations.CreateModel(
            name="Course",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=100, unique=True)),
                ("title", models.CharField(max_length=200)),
                ("points", models.PositiveSmallIntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Service",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=30, unique=True)),
                ("title", models.CharField(max_length=200)),
            ],
        ),
        migrations.AddField(
            model_name="paymentmodeldraft",
            name="proposed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="paymentmodeldraft",
            name="proposed_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="paymentmodeldraft",
            name="proposed_from",
            field=models.DateField(null=True),
        ),
        migrations.AddConstraint(
            model_name="paymentmodeldraft",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("proposed_at__isnull", True), ("proposed_by__isnull", True)),
                        models.Q(("proposed_at__isnull", False), ("proposed_by__isnull", False)),
                        _connector="OR",
                    ),
                    models.Q(
                        models.Q(("proposed_at__isnull", True), ("proposed_from__isnull", True)),
                        models.Q(("proposed_at__isnull", False), ("proposed_from__isnull", False)),
                        _connector="OR",
                    ),
                ),
                name="contracts_draft_proposed",
            ),
        ),
        migrations.AddField(
            model_name="contractversion",
            name="contract",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="contracts.contract"
            ),
        ),
        migrations.AddField(
            model_name="contractversion",
            name="recorded_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="contract",
            name="service",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="contracts", to="contracts.service"
            ),
        ),
        migrations.AddConstraint(
            model_name="contractversion",
            constraint=models.UniqueConstraint(fields=("contract", "number"), name="contracts_contractversion_number"),
        ),
        migrations.AddConstraint(
            model_name="contractversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("highest_value__isnull", True), ("highest_value__gte", 0), _connector="OR"),
                name="contracts_contractversion_highest_value",
            ),
        ),
        migrations.RunSQL(FIRST_VERSIONS, migrations.RunSQL.noop),
        append_only("contracts_contractversion"),
        never_deleted("contracts_service"),
        never_deleted("contracts_course"),
    ]
