"""A run's files: payment orders and vouchers of what is attested, tables of what is computed."""

import hashlib
import io
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from backend.kernel.audit import record_event
from backend.kernel.bulk import psycopg_connection
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import FINANCE, Role, User
from backend.kernel.permissions import require_role
from backend.kernel.sheets import write_csv, write_xlsx
from payouts.files.pain001 import write_order
from payouts.files.sie import write_books
from payouts.models import Export, PaymentBatch, Run
from payouts.orders import order_of
from payouts.services.allocating import allocate_run
from payouts.services.moving import lock_run, move_run
from payouts.services.paying import governing_payer, order_payments, settle_run
from payouts.sheets import lines_sheet, statements_sheet, tax_sheet
from payouts.states import WITH_LINES, RunState
from payouts.vouchers import books_of

NOT_COMPUTED = rule("export_computed", gettext_noop("a run has lines once it is computed; it is {state}"))

Kind = Export.Kind
SUFFIX = {Kind.PAIN001: "xml", Kind.SIE: "si", Kind.XLSX: "xlsx", Kind.CSV: "csv"}
LEAVING = frozenset({Kind.PAIN001, Kind.SIE})  # files that make a run exported


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was made: its name, which says if it is a copy, and its bytes."""

    name: str
    content: bytes
    export: Export


@dataclass(frozen=True, slots=True)
class _Made:
    content: bytes
    row_count: int
    total: int  # öre
    batch: PaymentBatch | None = None


@transaction.atomic
def export_run(*, run: Run, kind: Export.Kind, batch: int | None = None, by: User | None, now: datetime) -> Exported:
    """Make a file of a run, and note it. `by` is None on the command line.

    Payment orders pay what can be paid and is not ordered yet; if there is nothing new, the newest batch (or the one
    with the number `batch`) is written again, as a copy with the same bytes.
    """
    if by is not None:
        require_role(by, *FINANCE, *(() if kind in LEAVING else (Role.PROCUREMENT, Role.AUDITOR)))
    if kind in LEAVING:
        allocate_run(run=run, by=by, now=now)
    run = lock_run(run)
    made = _make(run, kind, batch, by, now)
    copy = Export.objects.filter(run=run, kind=kind, batch=made.batch).count()
    export = Export.objects.create(
        run=run,
        kind=kind,
        batch=made.batch,
        copy=copy,
        row_count=made.row_count,
        total=made.total,
        digest=hashlib.sha256(made.content).hexdigest(),
        made_at=now,
        made_by=by,
    )
    later = {"kind": kind, "copy": copy, "rows": made.row_count, "total": made.total, "digest": export.digest}
    record_event(by=by, action="export_run", on=run, now=now, later=later)
    if kind in LEAVING:
        if run.state == RunState.ATTESTED:
            move_run(run, RunState.EXPORTED)
        settle_run(run, by, now)
    return Exported(_name(export), made.content, export)


def _make(run: Run, kind: Export.Kind, number: int | None, by: User | None, now: datetime) -> _Made:
    if kind == Kind.PAIN001:
        batch = order_payments(run, number, by, now)
        with psycopg_connection() as raw:
            order = order_of(raw, batch.pk)
        total = sum(transfer.amount for transfer in order.transfers)
        return _Made(write_order(order), len(order.transfers), total, batch)
    if kind == Kind.SIE:
        assert run.allocated_at is not None
        books = books_of(run, governing_payer(run.allocated_at))
        total = sum(statement.net + statement.tax for statement in run.statements.all())
        return _Made(write_books(books), len(books.vouchers), total)
    if run.state not in WITH_LINES:
        raise refuse(NOT_COMPUTED, field="run", value=run.sequence, state=run.state)
    file = io.BytesIO()
    if kind == Kind.CSV:
        write_csv(lines_sheet(run), file)
    else:
        write_xlsx([lines_sheet(run), statements_sheet(run), tax_sheet(run)], file)
    return _Made(file.getvalue(), run.line_count, run.total)


def _name(export: Export) -> str:
    """Such as `utfall-0036-pain001-01.xml`, and for a copy `utfall-0036-pain001-01-kopia-1.xml`."""
    parts = ["utfall", f"{export.run.sequence:04d}", export.kind]
    if export.batch:
        parts.append(f"{export.batch.number:02d}")
    if export.copy:
        parts += ["kopia", str(export.copy)]
    return f"{'-'.join(parts)}.{SUFFIX[Kind(export.kind)]}"
