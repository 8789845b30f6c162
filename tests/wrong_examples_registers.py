"""Wrong examples of the rules of the registers; `tests.wrong_examples` gathers them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from backend.kernel.models import Role, User
from contracts.models import Contract, ContractVersion, PaymentModelDraft
from contracts.services import (
    Conditions,
    amend_contract,
    propose_draft,
    publish_draft,
    register_contract,
    register_course,
    register_service,
    save_draft,
    usual_conditions,
)
from providers.models import BankAccount
from providers.services import (
    approve_subcontractor,
    confirm_account,
    end_account,
    end_subcontractor,
    enter_account,
    register_provider,
)
from tests.small_world import (
    FIRST_DAY,
    LAST_DAY,
    NOW,
    START_STEP,
    bare_contract,
    make_contract,
    make_provider,
    make_user,
    organisation_number,
)

DAY = timedelta(days=1)
Scheme = BankAccount.Scheme
LOV = Contract.LegalBasis.LOV


def enter(number: str, scheme: Scheme = Scheme.BANKGIRO, bic: str = "", by: User | None = None) -> BankAccount:
    by = by or make_user(Role.EXAMINER)
    return enter_account(provider=make_provider(), scheme=scheme, number=number, bic=bic, by=by, now=NOW)


def confirm_own() -> object:
    by = make_user(Role.EXAMINER)
    return confirm_account(account=enter("991-2346", by=by), by=by, now=NOW)


def confirm_twice() -> object:
    account, by = enter("991-2346"), make_user(Role.DECIDER)
    confirm_account(account=account, by=by, now=NOW)
    return confirm_account(account=account, by=by, now=NOW)


def end_twice() -> object:
    account, by = enter("991-2346"), make_user(Role.DECIDER)
    end_account(account=account, by=by, now=NOW)
    return end_account(account=account, by=by, now=NOW)


def wrong_number() -> object:
    by, kind = make_user(Role.PROCUREMENT), make_provider().Kind.EXTERNAL
    return register_provider(number="L9999", name="A", organisation_number="556012-5791", kind=kind, by=by, now=NOW)


def subcontract(times: int, *, end: int = 0) -> object:
    provider, by = make_provider(), make_user(Role.PROCUREMENT)
    for _ in range(times):
        made = approve_subcontractor(
            provider=provider,
            name="B",
            organisation_number=organisation_number(900),
            valid_from=FIRST_DAY,
            by=by,
            now=NOW,
        )
    for _ in range(end):
        end_subcontractor(subcontractor=made, by=by, now=NOW)
    return made


def contract_with(legal_basis: Contract.LegalBasis = LOV, **changes: object) -> Callable[[], object]:
    def register() -> object:
        conditions = replace(usual_conditions(legal_basis, LAST_DAY, "1"), **changes)  # type: ignore[arg-type]
        return register_contract(
            number="C",
            diarienummer="1",
            provider=make_provider(),
            legal_basis=legal_basis,
            valid_from=FIRST_DAY,
            conditions=conditions,
            by=make_user(Role.PROCUREMENT),
            now=NOW,
        )

    return register


def amend(contract: Contract, valid_from: date, conditions: Conditions | None = None) -> object:
    return amend_contract(
        contract=contract,
        conditions=conditions or usual_conditions(LOV, LAST_DAY, "2"),
        valid_from=valid_from,
        reason="tests",
        by=make_user(Role.PROCUREMENT),
        now=NOW,
    )


def draft(by: User) -> PaymentModelDraft:
    document = {"code": "m", "title": "M", "source": "tests", "steps": [START_STEP]}
    return save_draft(document=document, by=by, now=NOW)


def publish_own_proposal() -> object:
    by = make_user(Role.PROCUREMENT)
    return publish_draft(draft=propose_draft(draft=draft(by), valid_from=FIRST_DAY, by=by, now=NOW), by=by, now=NOW)


def twice(register: Callable[[User], object]) -> object:
    by = make_user(Role.PROCUREMENT)
    register(by)
    return register(by)


REGISTERS: dict[str, Callable[[], object]] = {
    "organisation_number": wrong_number,
    "subcontractor_twice": lambda: subcontract(2),
    "subcontractor_ended": lambda: subcontract(1, end=2),
    "giro_number": lambda: enter("991-2345"),
    "iban_number": lambda: enter("SE4550000000058398257467", Scheme.IBAN, "SWEDSESS"),
    "bic": lambda: enter("SE4550000000058398257466", Scheme.IBAN, "SWED"),
    "account_confirmed": confirm_twice,
    "account_two_people": confirm_own,
    "account_ended": end_twice,
    "contract_correct_within": contract_with(correct_within="P121M"),
    "contract_highest_value": contract_with(Contract.LegalBasis.LOU, highest_value=None),
    "contract_route": contract_with(route=ContractVersion.Route.INTERNAL),
    "contract_amended_earlier": lambda: amend(bare_contract(), FIRST_DAY),
    "contract_amendment_days": lambda: amend(bare_contract(), LAST_DAY + DAY),
    "contract_terms_cut": lambda: amend(make_contract(), FIRST_DAY + DAY, usual_conditions(LOV, LAST_DAY - DAY, "1")),
    "service_twice": lambda: twice(lambda by: register_service(code="yrk", title="Y", by=by, now=NOW)),
    "course_twice": lambda: twice(lambda by: register_course(code="SVA01", title="S", points=100, by=by, now=NOW)),
    "draft_not_proposed": lambda: publish_draft(
        draft=draft(make_user(Role.PROCUREMENT)), by=make_user(Role.PROCUREMENT), now=NOW
    ),
    "own_proposal": publish_own_proposal,
}
