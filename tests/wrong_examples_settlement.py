"""Wrong examples of the rules about how money leaves the house; `tests.wrong_examples` gathers them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from backend.kernel.models import FINANCE, Role, User
from contracts.models import Contract, ContractVersion
from contracts.services import register_contract, usual_conditions
from outcomes.models import Placement
from payouts.files.bank_answers import read_bank_message
from payouts.files.ubl import Invoice, read_invoice
from payouts.files.xml import SIZE_MOST, read_xml
from payouts.management.commands.export import run_numbered
from payouts.models import BankFile, BankReport, ClawbackNotice, Export, Objection, Payer, Run
from payouts.services import (
    allocate_run,
    decide_objection,
    export_run,
    handle_report,
    make_objection,
    place_hold,
    record_payer,
    register_invoice,
    release_holds,
)
from payouts.states import PaymentState, RunState
from providers.models import BankAccount, Provider
from tests.invoices import INVOICE
from tests.small_world import FIRST_DAY, NOW, make_contract, make_placement, make_provider, make_user, moment

CUTOFF = date(2025, 6, 30)
DIGEST = "ab" * 32


def finance() -> User:
    return make_user(*FINANCE)


# --- contracts


def agree(kind: Provider.Kind = Provider.Kind.EXTERNAL, **changes: str) -> Contract:
    basis = Contract.LegalBasis.IN_HOUSE if kind == Provider.Kind.IN_HOUSE else Contract.LegalBasis.LOV
    provider = make_provider()
    provider.kind = kind
    return register_contract(
        number="S1",
        diarienummer="2025/1",
        provider=provider,
        legal_basis=basis,
        valid_from=FIRST_DAY,
        conditions=replace(usual_conditions(basis, CUTOFF, "1000"), **changes),  # type: ignore[arg-type]
        by=make_user(Role.PROCUREMENT),
        now=NOW,
    )


# --- runs


def make_run(state: RunState, sequence: int = 1) -> Run:
    """A run without lines."""
    return Run.objects.create(
        sequence=sequence,
        cutoff=CUTOFF,
        state=state,
        is_full=True,
        started_by=finance(),
        queued_at=moment(CUTOFF),
        computed_at=moment(CUTOFF),
        knowledge_at=moment(CUTOFF),
        digest=DIGEST,
    )


def allocate(run: Run) -> Run:
    return allocate_run(run=run, by=None, now=moment(CUTOFF))


def allocate_out_of_order() -> Run:
    make_run(RunState.ATTESTED)
    return allocate(make_run(RunState.ATTESTED, 2))


def release(reason: str) -> None:
    hold = place_hold(target=make_contract(), reason="odd", by=finance(), now=NOW)
    release_holds(holds=[hold.pk], reason=reason, by=finance(), now=NOW)


def make_notice() -> ClawbackNotice:
    return ClawbackNotice.objects.create(
        run=make_run(RunState.ATTESTED),
        contract=make_contract(),
        line_count=1,
        amount=-100,
        given_at=NOW,
        answer_by=FIRST_DAY,
    )


def answer(text: str = "No.", on: date = FIRST_DAY, placement: Placement | None = None) -> Objection:
    return make_objection(notice=make_notice(), placement=placement, text=text, by=finance(), now=moment(on))


def decide(objection: Objection, reason: str = "Right.") -> object:
    return decide_objection(objection=objection, is_upheld=True, reason=reason, by=finance(), now=NOW)


def decide_twice() -> object:
    objection = answer()
    decide(objection)
    return decide(objection)


# --- files


def record(**changes: object) -> Payer:
    values: dict[str, object] = {
        "valid_from": FIRST_DAY,
        "name": "Exempelstads kommun",
        "organisation_number": "212000-0142",
        "agreement": "1",
        "account_scheme": BankAccount.Scheme.BANKGIRO,
        "account_number": "5050-1055",
        "bic": "ESSESESS",
        "payable_account": "2510",
        "internal_account": "2520",
        "tax_account": "1641",
        "accrued_account": "2990",
        "by": make_user(Role.ADMINISTRATOR),
        "now": NOW,
    }
    return record_payer(**(values | changes))  # type: ignore[arg-type]  # named by hand in each example


def export(run: Run, kind: Export.Kind, batch: int | None = None) -> object:
    return export_run(run=run, kind=kind, batch=batch, by=None, now=moment(CUTOFF))


def export_to_the_bank(batch: int | None = None) -> object:
    record()
    return export(make_run(RunState.ATTESTED), Export.Kind.PAIN001, batch)


def read_large() -> object:
    return read_xml(b" " * (SIZE_MOST + 1))


def bank_message(name: str, content: str) -> Callable[[], object]:
    namespace = f"urn:iso:std:iso:20022:tech:xsd:{name}"
    return lambda: read_bank_message(f'<Document xmlns="{namespace}">{content}</Document>'.encode())


def unmatched() -> BankReport:
    file = BankFile.objects.create(name="n", digest=DIGEST, kind="camt.054", message_id="N", received_at=NOW)
    return BankReport.objects.create(
        file=file, position=1, mismatch=BankReport.Mismatch.UNKNOWN, state=PaymentState.PAID
    )


def handle(report: BankReport, handling: str = "Another office's.") -> BankReport:
    return handle_report(report=report, handling=handling, by=finance(), now=NOW)


def register(**changes: object) -> object:
    values: dict[str, object] = {
        "number": "F-1", "supplier_number": "5560000001", "reference": "U1", "amount": 100, "issued_on": CUTOFF,
        "due_on": None,
    }  # fmt: skip
    return register_invoice(invoice=Invoice(**(values | changes)), by=None, now=NOW)  # type: ignore[arg-type]


def invoice_twice() -> object:
    register()
    return register(amount=200)


def invoice_with(old: bytes, new: bytes) -> Callable[[], object]:
    return lambda: read_invoice(INVOICE.replace(old, new))


SETTLEMENT: dict[str, Callable[[], object]] = {
    "cost_account": lambda: agree(account="46 32"),
    "dimension_code": lambda: agree(project="projekt 1"),
    "internal_vat": lambda: agree(Provider.Kind.IN_HOUSE, vat=ContractVersion.Vat.STANDARD),
    "allocate_attested": lambda: allocate(make_run(RunState.COMPUTED)),
    "allocate_order": allocate_out_of_order,
    "hold_reason": lambda: place_hold(target=make_contract(), reason="", by=finance(), now=NOW),
    "release_reason": lambda: release(""),
    "hold_released": lambda: release_holds(holds=[0], reason="right", by=finance(), now=NOW),
    "objection_text": lambda: answer(text=""),
    "objection_late": lambda: answer(on=CUTOFF),
    "objection_placement": lambda: answer(placement=make_placement()),
    "objection_decided": decide_twice,
    "objection_reason": lambda: decide(answer(), reason=""),
    "payer_number": lambda: record(organisation_number="212000"),
    "payer_missing": lambda: export(make_run(RunState.ATTESTED), Export.Kind.SIE),
    "nothing_to_pay": export_to_the_bank,
    "batch_unknown": lambda: export_to_the_bank(2),
    "export_computed": lambda: export(make_run(RunState.QUEUED), Export.Kind.CSV),
    "no_run": lambda: run_numbered(9),
    "xml_size": read_large,
    "xml_form": lambda: read_xml(b"<a>"),
    "bank_file": bank_message("pain.001.001.09", "<x/>"),
    "bank_value": bank_message("camt.054.001.08", "<x/>"),
    "report_handling": lambda: handle(unmatched(), ""),
    "report_handled": lambda: handle(handle(unmatched())),
    "invoice_file": lambda: read_invoice(b"<Invoice/>"),
    "invoice_value": invoice_with(b"2025-03-05", b"5 mars"),
    "invoice_sum": invoice_with(b'PayableAmount currencyID="SEK">6000', b'PayableAmount currencyID="SEK">5999'),
    "invoice_twice": invoice_twice,
}
