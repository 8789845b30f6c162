"""Wrong examples of the rules about how money leaves the house; `tests.wrong_examples` gathers them."""

from collections.abc import Callable
from datetime import date

from backend.kernel.models import FINANCE, Role, User
from contracts.models import ContractSettlement
from contracts.services import agree_settlement, set_limit
from contracts.vat import Treatment
from outcomes.models import Placement
from payouts.models import ClawbackNotice, Objection, Run
from payouts.services import allocate_run, decide_objection, make_objection, place_hold, release_holds
from payouts.states import RunState
from providers.bank_numbers import AccountKind, read_account
from providers.models import BankAccount, Provider, TaxRegistration
from providers.services import confirm_account, record_tax_registration, register_account
from tests.small_world import FIRST_DAY, NOW, make_contract, make_placement, make_provider, make_user, moment

CUTOFF = date(2025, 6, 30)
DIGEST = "ab" * 32


def finance() -> User:
    return make_user(*FINANCE)


# --- providers and contracts


def account_of(provider: Provider, by: User) -> BankAccount:
    return register_account(provider=provider, kind=AccountKind.BANKGIRO, number="5050-1055", by=by, now=NOW)


def confirm_a_replaced_account() -> object:
    provider, by = make_provider(), finance()
    first = account_of(provider, by)
    account_of(provider, by)
    return confirm_account(account=first, by=finance(), now=NOW)


def confirm_own_account() -> object:
    by = finance()
    return confirm_account(account=account_of(make_provider(), by), by=by, now=NOW)


def wrong_registration() -> object:
    return record_tax_registration(
        provider=make_provider(),
        kind=TaxRegistration.Kind.F_TAX,
        valid_from=CUTOFF,
        valid_through=FIRST_DAY,
        by=finance(),
        now=NOW,
    )


def agree(**changes: object) -> ContractSettlement:
    values: dict[str, object] = {
        "contract": make_contract(),
        "valid_from": FIRST_DAY,
        "route": ContractSettlement.Route.DIRECT,
        "treatment": Treatment.EDUCATION,
        "correct_within": "P12M",
        "notice_days": 14,
        "payment_days": 30,
        "account": "4632",
        "by": finance(),
        "now": NOW,
    }
    return agree_settlement(**(values | changes))  # type: ignore[arg-type]  # named by hand in each example


def limit_below_nothing() -> object:
    by = make_user(Role.PROCUREMENT)
    return set_limit(contract=make_contract(), valid_from=FIRST_DAY, capacity=-1, framework_value=None, by=by, now=NOW)


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


SETTLEMENT: dict[str, Callable[[], object]] = {
    "account_number": lambda: read_account(AccountKind.BANKGIRO, "5050-1056"),
    "account_bic": lambda: read_account(AccountKind.IBAN, "SE4550000000058398257466"),
    "account_replaced": confirm_a_replaced_account,
    "own_account": confirm_own_account,
    "tax_registration_days": wrong_registration,
    "correct_within": lambda: agree(correct_within="P121M"),
    "settlement_days": lambda: agree(notice_days=-1),
    "settlement_premises": lambda: agree(premises_per_cent=101),
    "cost_account": lambda: agree(account="46 32"),
    "dimension_code": lambda: agree(project="projekt 1"),
    "internal_vat": lambda: agree(route=ContractSettlement.Route.INTERNAL),
    "limit_negative": limit_below_nothing,
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
}
