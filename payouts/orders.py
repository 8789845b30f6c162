"""A batch of payments as the bank's message: always the same."""

import psycopg

from payouts.files.pain001 import Account, Order, Scheme, Transfer

BATCH = """
    SELECT run.sequence, batch.number, batch.made_at, payer.name, payer.organisation_number, payer.agreement,
        payer.account_scheme, payer.account_number, payer.bic
    FROM payouts_paymentbatch AS batch JOIN payouts_run AS run ON run.id = batch.run_id
    JOIN payouts_payer AS payer ON payer.id = batch.payer_id WHERE batch.id = %(batch)s"""
PAYMENTS = """
    SELECT end_to_end_id, amount, payee, account.scheme, account.number, account.bic, pay_on, statement.number
    FROM payouts_payment AS payment JOIN providers_bankaccount AS account ON account.id = payment.account_id
    JOIN payouts_statement AS statement ON statement.id = payment.statement_id
    WHERE payment.batch_id = %(batch)s ORDER BY end_to_end_id"""


def order_of(connection: psycopg.Connection, batch: int) -> Order:
    """What a batch (by id) asks the bank to pay."""
    (head,) = connection.execute(BATCH, {"batch": batch}).fetchall()
    run, batch_number, made_at, name, organisation_number, agreement, scheme, number, bic = head
    return Order(
        message_id=f"UTFALL-{run:04d}-{batch_number:02d}",
        made_at=made_at,
        payer=name,
        organisation_number=organisation_number,
        agreement=agreement,
        account=Account(Scheme(scheme), number, bic),
        transfers=[
            Transfer(end_to_end_id, amount, payee, Account(Scheme(scheme), number, bic), pay_on, reference)
            for end_to_end_id, amount, payee, scheme, number, bic, pay_on, reference in connection.execute(
                PAYMENTS, {"batch": batch}
            ).fetchall()
        ],
    )
