"""The payer, payments and what the bank says of them, suppliers' invoices, and exported files."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import payouts.states
from backend.kernel.history import append_only, settable_only

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
        ('attested', 'exported'), ('exported', 'settled'), ('settled', 'exported')
    ) THEN
        RAISE EXCEPTION 'UPDATE of payouts_run is refused: run % is %', OLD.sequence, OLD.state
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.state IN ('queued', 'computing') THEN
        RETURN NEW;
    END IF;
    allowed.state := NEW.state;
    allowed.allocated_at := coalesce(OLD.allocated_at, NEW.allocated_at);
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

# A payment is of its batch's run, of what a statement says, to the payee's account that a second officer confirmed;
# what the bank says makes its state rise and never fall.
PAYMENT_GUARD = """
CREATE FUNCTION payouts_guard_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM payouts_statement AS statement
        JOIN payouts_paymentbatch AS batch ON batch.id = NEW.batch_id AND batch.run_id = statement.run_id
        JOIN contracts_contractversion AS conditions
            ON conditions.id = statement.conditions_id AND conditions.route = 'direct'
        JOIN contracts_contract AS contract ON contract.id = statement.contract_id
        JOIN providers_bankaccount AS account
            ON account.id = NEW.account_id AND account.provider_id = contract.provider_id
            AND account.confirmed_at IS NOT NULL
        WHERE statement.id = NEW.statement_id AND statement.payable = NEW.amount
    ) THEN
        RAISE EXCEPTION 'a payment is of a statement that is paid directly, to a confirmed account of its provider'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER payouts_payment_belongs BEFORE INSERT ON payouts_payment
    FOR EACH ROW EXECUTE FUNCTION payouts_guard_payment();

CREATE FUNCTION payouts_raise_payment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ranks text[] := ARRAY['sent', 'accepted', 'rejected', 'paid', 'returned'];
BEGIN
    IF array_position(ranks, NEW.state::text) < array_position(ranks, OLD.state::text) THEN
        RAISE EXCEPTION 'UPDATE of payouts_payment is refused: payment % is %', OLD.end_to_end_id, OLD.state
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER payouts_payment_rises BEFORE UPDATE ON payouts_payment
    FOR EACH ROW EXECUTE FUNCTION payouts_raise_payment();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payouts", "0006_approval"),
        ("providers", "0004_settlement"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BankFile",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("kind", models.CharField(max_length=10)),
                ("message_id", models.CharField(max_length=35)),
                ("received_at", models.DateTimeField()),
                (
                    "received_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Payer",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("valid_from", models.DateField()),
                ("name", models.CharField(max_length=70)),
                ("organisation_number", models.CharField(max_length=10)),
                ("agreement", models.CharField(max_length=35)),
                (
                    "account_scheme",
                    models.CharField(
                        choices=[("bankgiro", "Bankgiro"), ("plusgiro", "Plusgiro"), ("iban", "IBAN")],
                        max_length=10,
                    ),
                ),
                ("account_number", models.CharField(max_length=34)),
                ("bic", models.CharField(max_length=11)),
                ("payable_account", models.CharField(max_length=10)),
                ("internal_account", models.CharField(max_length=10)),
                ("tax_account", models.CharField(max_length=10)),
                ("accrued_account", models.CharField(max_length=10)),
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
            name="PaymentBatch",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("made_at", models.DateTimeField()),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "payer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="payouts.payer"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="batches", to="payouts.run"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("payee", models.CharField(max_length=200)),
                ("amount", models.BigIntegerField()),
                ("pay_on", models.DateField()),
                ("end_to_end_id", models.CharField(max_length=35, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("sent", "sent"),
                            ("accepted", "accepted"),
                            ("rejected", "rejected"),
                            ("paid", "paid"),
                            ("returned", "returned"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="providers.bankaccount"
                    ),
                ),
                (
                    "statement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payments", to="payouts.statement"
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payments", to="payouts.paymentbatch"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("pain001", "payment orders (pain.001)"),
                            ("sie", "vouchers (SIE 4I)"),
                            ("xlsx", "workbook"),
                            ("csv", "lines (CSV)"),
                        ],
                        max_length=10,
                    ),
                ),
                ("copy", models.PositiveSmallIntegerField()),
                ("row_count", models.PositiveIntegerField()),
                ("total", models.BigIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField()),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="exports", to="payouts.run"
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exports",
                        to="payouts.paymentbatch",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SupplierInvoice",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=100)),
                ("supplier_number", models.CharField(max_length=10)),
                ("reference", models.CharField(max_length=100)),
                ("amount", models.BigIntegerField()),
                ("issued_on", models.DateField()),
                ("due_on", models.DateField(null=True)),
                (
                    "mismatch",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unknown", "there is no statement with this number"),
                            ("route", "the statement is not paid on an invoice"),
                            ("supplier", "the statement is another supplier's"),
                            ("amount", "the statement is of another amount"),
                            ("settled", "the statement has its invoice already"),
                        ],
                        max_length=10,
                    ),
                ),
                ("received_at", models.DateTimeField()),
                (
                    "received_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "statement",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoice",
                        to="payouts.statement",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BankReport",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField()),
                (
                    "mismatch",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unknown", "no payment has this id"),
                            ("amount", "the payment is of another amount"),
                            ("paid_again", "the statement was paid anew meanwhile"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("sent", "sent"),
                            ("accepted", "accepted"),
                            ("rejected", "rejected"),
                            ("paid", "paid"),
                            ("returned", "returned"),
                        ],
                        max_length=10,
                    ),
                ),
                ("end_to_end_id", models.CharField(blank=True, max_length=35)),
                ("amount", models.BigIntegerField(null=True)),
                ("booked_on", models.DateField(null=True)),
                ("reason_code", models.CharField(blank=True, max_length=35)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("handling", models.CharField(blank=True, default="", max_length=500)),
                ("handled_at", models.DateTimeField(null=True)),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reports", to="payouts.bankfile"
                    ),
                ),
                (
                    "handled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="payouts.payment",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("file", "position", "payment"), name="payouts_report_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("mismatch", ""), ("payment__isnull", False)),
                            models.Q(("payment__isnull", True), models.Q(("mismatch", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="payouts_report_matched",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("handled_at__isnull", True), ("handled_by__isnull", True)),
                            models.Q(("handled_at__isnull", False), ("handled_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="payouts_report_handled",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="paymentbatch",
            constraint=models.UniqueConstraint(fields=("run", "number"), name="payouts_batch_number"),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            payouts.states.PaymentState["SENT"],
                            payouts.states.PaymentState["ACCEPTED"],
                            payouts.states.PaymentState["REJECTED"],
                            payouts.states.PaymentState["PAID"],
                            payouts.states.PaymentState["RETURNED"],
                        ],
                    )
                ),
                name="payouts_payment_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="payouts_payment_amount"),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            payouts.states.PaymentState["ACCEPTED"],
                            payouts.states.PaymentState["PAID"],
                            payouts.states.PaymentState["SENT"],
                        ],
                    )
                ),
                fields=("statement",),
                name="payouts_payment_one_live",
            ),
        ),
        migrations.AddConstraint(
            model_name="supplierinvoice",
            constraint=models.UniqueConstraint(fields=("supplier_number", "number"), name="payouts_invoice_once"),
        ),
        migrations.AddConstraint(
            model_name="supplierinvoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("mismatch", ""), ("statement__isnull", False)),
                    models.Q(("statement__isnull", True), models.Q(("mismatch", ""), _negated=True)),
                    _connector="OR",
                ),
                name="payouts_invoice_matched",
            ),
        ),
        append_only("payouts_payer"),
        append_only("payouts_paymentbatch"),
        append_only("payouts_bankfile"),
        append_only("payouts_supplierinvoice"),
        append_only("payouts_export"),
        settable_only("payouts_payment", ["state"]),
        settable_only("payouts_bankreport", ["handling", "handled_at", "handled_by_id"]),
        migrations.RunSQL(GUARD, migrations.RunSQL.noop),
        migrations.RunSQL(PAYMENT_GUARD, migrations.RunSQL.noop),
    ]
