"""Bank accounts and who confirmed them; F-tax and VAT registration."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from backend.kernel.history import append_only

# A second officer stands behind an account, or nobody does.
BY_ANOTHER = """
CREATE FUNCTION providers_confirmed_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM providers_bankaccount WHERE id = NEW.account_id AND registered_by_id = NEW.confirmed_by_id
    ) THEN
        RAISE EXCEPTION 'whoever registered an account does not confirm it' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER providers_accountconfirmation_by_another BEFORE INSERT ON providers_accountconfirmation
    FOR EACH ROW EXECUTE FUNCTION providers_confirmed_by_another();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("providers", "0003_membership"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BankAccount",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("bankgiro", "Bankgiro"), ("plusgiro", "Plusgiro"), ("iban", "account with IBAN")],
                        max_length=10,
                    ),
                ),
                ("number", models.CharField(max_length=34)),
                ("bic", models.CharField(blank=True, max_length=11)),
                ("registered_at", models.DateTimeField()),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="accounts", to="providers.provider"
                    ),
                ),
                (
                    "registered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AccountConfirmation",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("confirmed_at", models.DateTimeField()),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="confirmations",
                        to="providers.bankaccount",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TaxRegistration",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("f_tax", "F-tax"), ("vat", "VAT")], max_length=10)),
                ("valid_from", models.DateField()),
                ("valid_through", models.DateField(null=True)),
                ("recorded_at", models.DateTimeField()),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tax_registrations",
                        to="providers.provider",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="bankaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("bic", ""), ("kind", "bankgiro"), ("number__regex", "^[0-9]{7,8}$")),
                    models.Q(("bic", ""), ("kind", "plusgiro"), ("number__regex", "^[0-9]{2,8}$")),
                    models.Q(
                        ("bic__regex", "^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$"),
                        ("kind", "iban"),
                        ("number__regex", "^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$"),
                    ),
                    _connector="OR",
                ),
                name="providers_bankaccount_number",
            ),
        ),
        migrations.AddConstraint(
            model_name="taxregistration",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_through__isnull", True), ("valid_through__gte", models.F("valid_from")), _connector="OR"
                ),
                name="providers_taxregistration_days",
            ),
        ),
        append_only("providers_bankaccount"),
        append_only("providers_accountconfirmation"),
        append_only("providers_taxregistration"),
        migrations.RunSQL(BY_ANOTHER, migrations.RunSQL.noop),
    ]
