"""Officers, providers, payment models and contracts are entered, through the services, before the period begins."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
from django.contrib.auth.hashers import make_password
from django.db import transaction
from stdnum import iban, luhn

from backend.demonstration.cast import OFFICERS, PASSWORD, PROVIDERS, USES
from backend.demonstration.figures import figures
from backend.demonstration.months import SWEDEN, Months
from backend.demonstration.placements import CONTRACTS, ContractPlan, DrawnPlacements
from backend.kernel.models import Role, User
from contracts.library import library_model
from contracts.models import Contract, ContractSettlement, PaymentModelVersion
from contracts.services import agree_settlement, publish_model, register_contract, set_budget, tie_terms
from contracts.vat import Treatment
from outcomes.columns import to_date
from outcomes.models import District
from payouts.models import Signature
from payouts.services import appoint_attestant, record_payer
from providers.bank_numbers import AccountKind
from providers.models import Provider, TaxRegistration
from providers.services import (
    admit_member,
    authorise_provider,
    confirm_account,
    record_tax_registration,
    register_account,
    register_provider,
)

PREPARED_DAYS = 30  # before the period
RUN_OUT_YEARS = 2  # how long contracts outlast the period

SIGNATURES = {"examines": Signature.EXAMINER, "decides": Signature.DECIDER}
MOST_SIGNED = 10**11  # öre

TRAINING = ("stockholm-auktorisation", "falun-65-35")  # uses that are education; the others are coaching
INVOICED = ("falun-65-35",)  # uses for which companies send e-invoices
CORRECT_WITHIN, NOTICE_DAYS, PAYMENT_DAYS = "P24M", 14, 20

LEGAL_BASIS = {
    Provider.Kind.EXTERNAL: Contract.LegalBasis.LOV,
    Provider.Kind.ASSOCIATION: Contract.LegalBasis.PARTNERSHIP,
    Provider.Kind.IN_HOUSE: Contract.LegalBasis.IN_HOUSE,
}


@dataclass(frozen=True, slots=True)
class Registered:
    """What the months are played with; lists follow the order of `PROVIDERS` and `CONTRACTS`."""

    officers: dict[str, User]  # by user name
    systems: list[User]  # the providers' own systems, which report
    providers: list[Provider]
    contracts: list[Contract]
    districts: list[int]  # ids

    def doing(self, task: str) -> list[User]:
        """The officers with a task, in order."""
        return [self.officers[officer.username] for officer in OFFICERS if officer.task == task]


@transaction.atomic
def register_all(drawn: DrawnPlacements, months: Months) -> Registered:
    first, last = months.last_date(0).replace(day=1), months.last_date(months.count - 1)
    now = datetime.combine(first - timedelta(days=PREPARED_DAYS), time(9), SWEDEN)
    officers = _officers()
    procurer = officers[OFFICERS[0].username]
    providers = [_provider(number, months, procurer, now) for number in range(len(PROVIDERS))]
    versions = [publish_model(model=library_model(use.code), valid_from=first, by=procurer, now=now) for use in USES]
    end = last.replace(year=last.year + RUN_OUT_YEARS, day=28)
    contracts = [
        _contract(number, plan, providers[plan.provider], versions[plan.use], first, end, procurer, now)
        for number, plan in enumerate(CONTRACTS)
    ]
    _set_budgets(contracts, drawn, procurer, now)
    for number, provider in enumerate(providers):
        _register_papers(number, provider, officers, now)
    _record_payer(officers, now)
    _appoint(officers, last.year, now)
    districts = [District.objects.create(name=each.name, jobbtorg=each.jobbtorg).pk for each in figures().districts]
    systems = [_system(provider, officers["adam.administrator"], now) for provider in providers]
    return Registered(officers, systems, providers, contracts, districts)


def _officers() -> dict[str, User]:
    """All with the same password, hashed once: a hash is slow on purpose."""
    hashed = make_password(PASSWORD)
    people = {}
    for officer in OFFICERS:
        first_name, last_name = officer.name.split()
        people[officer.username] = User.objects.create(
            username=officer.username,
            first_name=first_name,
            last_name=last_name,
            roles=[officer.role],
            password=hashed,
        )
    return people


def _system(provider: Provider, by: User, now: datetime) -> User:
    system = User.objects.create(
        username=f"{provider.number}.system", roles=[Role.PROVIDER], password=make_password(None)
    )
    admit_member(provider=provider, user=system, by=by, now=now)
    return system


def _appoint(officers: dict[str, User], last_year: int, now: datetime) -> None:
    """The board's list: who may sign, of every responsibility code and any amount that a month comes to."""
    for officer in OFFICERS:
        if officer.task in SIGNATURES:
            appoint_attestant(
                user=officers[officer.username],
                signature=SIGNATURES[officer.task],
                responsibility_code="",
                most=MOST_SIGNED,
                valid_from=now.date(),
                valid_through=date(last_year + RUN_OUT_YEARS, 12, 31),
                decision=f"AMN {now.year}/12",
                by=officers["adam.administrator"],
                now=now,
            )


def _number(number: int) -> str:
    return f"L{1001 + number}"


def _provider(number: int, months: Months, by: User, now: datetime) -> Provider:
    member = PROVIDERS[number]
    kind = Provider.Kind(member.kind)
    provider = register_provider(
        number=_number(number),
        name=member.name,
        organisation_number=f"5590{number + 10:02d}-{1000 + number}",
        kind=kind,
        by=by,
        now=now,
    )
    if kind is not Provider.Kind.IN_HOUSE:
        ends = months.last_date(months.count - member.lapses - 1) if member.lapses else None
        authorise_provider(
            provider=provider, valid_from=months.last_date(0).replace(day=1), valid_through=ends, by=by, now=now
        )
    return provider


def _contract(
    number: int,
    plan: ContractPlan,
    provider: Provider,
    version: PaymentModelVersion,
    first: date,
    end: date,
    by: User,
    now: datetime,
) -> Contract:
    contract = register_contract(
        number=f"A{101 + number}",
        diarienummer=f"AMN {now.year}/{201 + number}",
        provider=provider,
        legal_basis=LEGAL_BASIS[Provider.Kind(provider.kind)],
        valid_from=first,
        valid_through=end,
        responsibility_code=f"{41 + plan.use}00",
        by=by,
        now=now,
    )
    tie_terms(contract=contract, version=version, first=first, last=end, by=by, now=now)
    _settle(contract, plan, first, by, now)
    return contract


def _settle(contract: Contract, plan: ContractPlan, first: date, by: User, now: datetime) -> None:
    """How the contract is paid: training is exempt from VAT, coaching is not, and what is in-house is only booked."""
    kind = Provider.Kind(contract.provider.kind)
    is_training = USES[plan.use].code in TRAINING
    if kind is Provider.Kind.IN_HOUSE:
        route, treatment = ContractSettlement.Route.INTERNAL, Treatment.OUTSIDE
    else:
        is_invoiced = kind is Provider.Kind.EXTERNAL and USES[plan.use].code in INVOICED
        route = ContractSettlement.Route.INVOICE if is_invoiced else ContractSettlement.Route.DIRECT
        treatment = Treatment.EDUCATION if is_training else Treatment.STANDARD
    agree_settlement(
        contract=contract,
        valid_from=first,
        route=route,
        treatment=treatment,
        correct_within=CORRECT_WITHIN,
        notice_days=NOTICE_DAYS,
        payment_days=PAYMENT_DAYS,
        account="4632" if is_training else "4639",
        activity="439" if is_training else "610",
        counterparty="160" if kind is Provider.Kind.IN_HOUSE else "871",
        by=by,
        now=now,
    )


def giro(number: int) -> str:
    """A giro number that begins so, with its check digit."""
    return f"{number}{luhn.calc_check_digit(str(number))}"


def _register_papers(number: int, provider: Provider, officers: dict[str, User], now: datetime) -> None:
    """A provider's account, confirmed by a second officer, and what the Tax Agency says of it."""
    if provider.kind == Provider.Kind.IN_HOUSE:
        return
    registrar, confirmer = officers["petra.upphandlare"], officers["emir.ekonom"]
    if number % 5 == 4:
        clearing = f"5000{number:016d}"
        kind, digits, bic = AccountKind.IBAN, f"SE{iban.calc_check_digits('SE00' + clearing)}{clearing}", "ESSESESS"
    elif number % 5 == 3:
        kind, digits, bic = AccountKind.PLUSGIRO, giro(410_000 + number), ""
    else:
        kind, digits, bic = AccountKind.BANKGIRO, giro(5_050_000 + number), ""
    account = register_account(provider=provider, kind=kind, number=digits, bic=bic, by=registrar, now=now)
    confirm_account(account=account, by=confirmer, now=now + timedelta(hours=1))
    for registration in TaxRegistration.Kind:
        record_tax_registration(
            provider=provider,
            kind=registration,
            valid_from=now.date() - timedelta(days=365),
            valid_through=None,
            by=registrar,
            now=now,
        )


def _record_payer(officers: dict[str, User], now: datetime) -> None:
    record_payer(
        valid_from=now.date(),
        name="Exempelstads kommun",
        organisation_number="212000-0142",
        agreement="EXEMPEL01",
        account_kind=AccountKind.IBAN,
        account_number="SE4550000000058398257466",
        bic="ESSESESS",
        payable_account="2510",
        internal_account="2520",
        tax_account="1641",
        accrued_account="2990",
        by=officers["adam.administrator"],
        now=now,
    )


def _set_budgets(contracts: list[Contract], drawn: DrawnPlacements, by: User, now: datetime) -> None:
    """A budget by the placements expected in each year, for the first contract of a provider that has one."""
    owners = [plan.provider for plan in CONTRACTS]
    for number, member in enumerate(PROVIDERS):
        if member.budget is None:
            continue
        contract = owners.index(number)
        days = drawn.referred_on[drawn.contract == contract]
        years = np.array([to_date(day).year for day in days.tolist()])  # type: ignore[union-attr]  # no day is FAR
        for year, count in zip(*np.unique(years, return_counts=True), strict=True):
            amount = int(count) * member.budget // 100
            set_budget(contract=contracts[contract], year=int(year), amount=amount, by=by, now=now)
