"""Invariants of payments, the bank's answers, invoices and exported files."""

import hashlib
from collections.abc import Iterator

import psycopg

from payouts.files.pain001 import write_order
from payouts.invariants.checking import Row, invariant, rows
from payouts.orders import order_of
from payouts.states import BINDING, PAYMENT_RANK

RANK = "array_position(%(ranks)s, {0}::text)"
RANKS = sorted(PAYMENT_RANK, key=PAYMENT_RANK.__getitem__)


@invariant
def payments_are_what_statements_say(connection: psycopg.Connection) -> list[Row]:
    """A payment is of the whole of a statement that is paid directly, in a batch of the statement's run."""
    return rows(
        connection,
        """
        SELECT format('payment %s', end_to_end_id),
            format('%s öre, direct, run %s', statement.payable, statement.run_id),
            format('%s öre, %s, run %s', payment.amount, conditions.route, batch.run_id)
        FROM payouts_payment AS payment JOIN payouts_statement AS statement ON statement.id = payment.statement_id
        JOIN payouts_paymentbatch AS batch ON batch.id = payment.batch_id
        JOIN contracts_contractversion AS conditions ON conditions.id = statement.conditions_id
        WHERE payment.amount <> statement.payable OR conditions.route <> 'direct'
            OR batch.run_id <> statement.run_id""",
    )


@invariant
def statements_are_paid_once(connection: psycopg.Connection) -> list[Row]:
    """A statement has at most one payment that was not refused or sent back."""
    return rows(
        connection,
        """
        SELECT format('statement %s', number), '1 payment', string_agg(end_to_end_id || ' ' || state, ', ')
        FROM payouts_payment AS payment JOIN payouts_statement AS statement ON statement.id = payment.statement_id
        WHERE state IN ('sent', 'accepted', 'paid') GROUP BY number HAVING count(*) > 1""",
    )


@invariant
def payments_have_the_state_that_the_bank_told(connection: psycopg.Connection) -> list[Row]:
    """A payment's state is the highest that the bank's messages tell, or sent."""
    return rows(
        connection,
        f"""
        SELECT format('payment %%s', end_to_end_id), coalesce((%(ranks)s::text[])[told], 'sent'), state
        FROM payouts_payment AS payment LEFT JOIN (
            SELECT payment_id, max({RANK.format("state")}) AS told
            FROM payouts_bankreport WHERE payment_id IS NOT NULL GROUP BY payment_id
        ) AS report ON report.payment_id = payment.id
        WHERE {RANK.format("state")} <> coalesce(told, 1)""",  # noqa: S608
        ranks=RANKS,
    )


@invariant
def payments_go_to_confirmed_accounts(connection: psycopg.Connection) -> list[Row]:
    """A payment goes to an account of the contract's provider that a second officer had confirmed."""
    return rows(
        connection,
        """
        SELECT format('payment %s', end_to_end_id), format('a confirmed account of provider %s', contract.provider_id),
            format('account %s of provider %s', account.id, account.provider_id)
        FROM payouts_payment AS payment JOIN payouts_paymentbatch AS batch ON batch.id = payment.batch_id
        JOIN payouts_statement AS statement ON statement.id = payment.statement_id
        JOIN contracts_contract AS contract ON contract.id = statement.contract_id
        JOIN providers_bankaccount AS account ON account.id = payment.account_id
        WHERE account.provider_id <> contract.provider_id
            OR account.confirmed_at IS NULL OR account.confirmed_at > batch.made_at""",
    )


@invariant
def booked_amounts_are_the_payments(connection: psycopg.Connection) -> list[Row]:
    """What the bank booked of a payment is its amount."""
    return rows(
        connection,
        """
        SELECT format('payment %s', payment.end_to_end_id), payment.amount, report.amount
        FROM payouts_bankreport AS report JOIN payouts_payment AS payment ON payment.id = report.payment_id
        WHERE report.amount <> payment.amount""",
    )


@invariant
def invoices_are_what_statements_say(connection: psycopg.Connection) -> list[Row]:
    """An invoice that is matched is of the whole of a statement that is paid on an invoice, by its own supplier."""
    return rows(
        connection,
        """
        SELECT format('invoice %s of %s', invoice.number, supplier_number),
            format('%s öre, e_invoice, %s', payable, provider.organisation_number),
            format('%s öre, %s, %s', invoice.amount, route, supplier_number)
        FROM payouts_supplierinvoice AS invoice JOIN payouts_statement AS statement ON statement.id = statement_id
        JOIN contracts_contractversion AS conditions ON conditions.id = statement.conditions_id
        JOIN contracts_contract AS contract ON contract.id = statement.contract_id
        JOIN providers_provider AS provider ON provider.id = contract.provider_id
        WHERE invoice.amount <> payable OR route <> 'e_invoice'
            OR right(regexp_replace(provider.organisation_number, '[^0-9]', '', 'g'), 10) <> supplier_number""",
    )


@invariant
def exported_files_are_the_same_today(connection: psycopg.Connection) -> Iterator[Row]:
    """Payment orders that were exported have the bytes, the number and the sum that the log says."""
    logged = connection.execute(
        "SELECT batch_id, digest, total, row_count FROM payouts_export WHERE kind = 'pain001' ORDER BY id"
    ).fetchall()
    for batch, *said in logged:
        order = order_of(connection, batch)
        total = sum(transfer.amount for transfer in order.transfers)
        found = [hashlib.sha256(write_order(order)).hexdigest(), total, len(order.transfers)]
        if found != said:
            yield order.message_id, ", ".join(map(str, said)), ", ".join(map(str, found))


@invariant
def vouchers_are_of_all_statements(connection: psycopg.Connection) -> list[Row]:
    """Exported vouchers come to the run's statements, net and tax; exported lines to the run's total."""
    return rows(
        connection,
        """
        SELECT format('run %s, %s', run.sequence, kind),
            CASE kind WHEN 'sie' THEN coalesce(stated, 0) ELSE run.total END, export.total
        FROM payouts_export AS export JOIN payouts_run AS run ON run.id = export.run_id
        LEFT JOIN (
            SELECT run_id, sum(net + tax) AS stated FROM payouts_statement GROUP BY run_id
        ) AS statements ON statements.run_id = run.id
        WHERE kind <> 'pain001' AND export.total <> CASE kind WHEN 'sie' THEN coalesce(stated, 0) ELSE run.total END""",
    )


@invariant
def runs_are_settled_when_nothing_is_left(connection: psycopg.Connection) -> list[Row]:
    """An exported run with nothing left to pay, invoice or book is settled, and no other run is."""
    return rows(
        connection,
        """
        WITH left_over AS (
            SELECT statement.run_id, count(*) AS statements
            FROM payouts_statement AS statement
            JOIN contracts_contractversion AS conditions ON conditions.id = statement.conditions_id
            WHERE payable > 0 AND NOT CASE route
                WHEN 'direct' THEN EXISTS (
                    SELECT FROM payouts_payment WHERE statement_id = statement.id AND state = 'paid')
                WHEN 'e_invoice' THEN EXISTS (SELECT FROM payouts_supplierinvoice WHERE statement_id = statement.id)
                ELSE EXISTS (SELECT FROM payouts_export WHERE run_id = statement.run_id AND kind = 'sie')
            END GROUP BY statement.run_id
        )
        SELECT format('run %%s', sequence), format('%%s statements left', coalesce(statements, 0)), state
        FROM payouts_run AS run LEFT JOIN left_over ON left_over.run_id = run.id
        WHERE state = ANY(%(binding)s) AND EXISTS (
                SELECT FROM payouts_export WHERE run_id = run.id AND kind IN ('pain001', 'sie')
            ) AND (state = 'settled') <> (coalesce(statements, 0) = 0)
            OR state IN ('exported', 'settled') AND NOT EXISTS (
                SELECT FROM payouts_export WHERE run_id = run.id AND kind IN ('pain001', 'sie')
            )""",
        binding=sorted(BINDING),
    )
