"""Officers, providers, payment models and contracts are entered, through the services, before the period begins."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import numpy as np
from django.contrib.auth.hashers import make_password
from django.db import transaction
from stdnum import iban, luhn

from backend.demonstration.authorising import BEFORE, ENDS_SOON, Authorising, publish_requirements
from backend.demonstration.cast import OFFICERS, PASSWORD, PROVIDERS, SERVICES, USES
from backend.demonstration.figures import figures
from backend.demonstration.months import SWEDEN, Months
from backend.demonstration.placements import CONTRACTS, ContractPlan, DrawnPlacements
from backend.kernel.calendar import local_day
from backend.kernel.models import Role, User
from contracts.library import library_model
from contracts.models import Contract, ContractVersion, PaymentModelVersion
from contracts.services import (
    Conditions,
    publish_model,
    register_contract,
    register_service,
    set_budget,
    tie_terms,
    usual_conditions,
)
from outcomes.columns import to_date
from outcomes.models import District
from payouts.models import Signature
from payouts.services import appoint_attestant, record_payer
from providers.models import BankAccount, Provider, Service, TaxFact
from providers.services import (
    admit_member,
    authorise_provider,
    confirm_account,
    enter_account,
    record_tax_fact,
    register_provider,
)

PREPARED_DAYS = 30  # before the period
RUN_OUT_YEARS = 2  # how long contracts outlast the period

SIGNATURES = {"examines": Signature.EXAMINER, "decides": Signature.DECIDER}
MOST_SIGNED = 10**11  # öre

TRAINING = ("stockholm-auktorisation", "falun-65-35")  # uses that are education; the others are coaching
INVOICED = ("falun-65-35",)  # uses for which companies send e-invoices
CORRECT_WITHIN, NOTICE_DAYS, DUE_DAYS = "P24M", 14, 20
MOTPART = {  # counterparties of the municipal accounts: companies, associations, the municipality itself
    Provider.Kind.EXTERNAL: "830",
    Provider.Kind.ASSOCIATION: "860",
    Provider.Kind.IN_HOUSE: "100",
}
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
    authorising: Authorising

    def doing(self, task: str) -> list[User]:
        """The officers with a task, in order."""
        return [self.officers[officer.username] for officer in OFFICERS if officer.task == task]


@transaction.atomic
def register_all(drawn: DrawnPlacements, months: Months) -> Registered:
    first, last = months.last_date(0).replace(day=1), months.last_date(months.count - 1)
    now = datetime.combine(first - timedelta(days=PREPARED_DAYS), time(9), SWEDEN)
    officers = _officers()
    procurer = officers[OFFICERS[0].username]
    providers = [_provider(number, months, procurer, officers, now) for number in range(len(PROVIDERS))]
    versions = [publish_model(model=library_model(use.code), valid_from=first, by=procurer, now=now) for use in USES]
    services = {
        code: register_service(code=code, title=title, by=procurer, now=now) for code, title in SERVICES.items()
    }
    end = last.replace(year=last.year + RUN_OUT_YEARS, day=28)
    contracts = [
        _contract(
            number,
            plan,
            providers[plan.provider],
            versions[plan.use],
            services[USES[plan.use].service],
            first,
            end,
            procurer,
            now,
        )
        for number, plan in enumerate(CONTRACTS)
    ]
    _set_budgets(contracts, drawn, procurer, now)
    _record_payer(officers, now)
    _appoint(officers, last.year, now)
    districts = [District.objects.create(name=each.name, jobbtorg=each.jobbtorg).pk for each in figures().districts]
    systems = [_system(provider, officers["adam.administrator"], now) for provider in providers]
    publish_requirements(services.values(), local_day(now), procurer, now)
    authorising = _authorising(officers, systems, contracts, now)
    authorising.before(first, last, now)
    return Registered(officers, systems, providers, contracts, districts, authorising)


def _authorising(
    officers: dict[str, User], systems: list[User], contracts: list[Contract], now: datetime
) -> Authorising:
    """Who applies; a person does so for one provider, and the others' systems for theirs."""
    person = officers["astrid.anordnare"]
    owners = [plan.provider for plan in CONTRACTS]
    firsts = {place: contracts[owners.index(place)] for place in range(len(PROVIDERS))}
    admit_member(provider=firsts[ENDS_SOON].provider, user=person, by=officers["adam.administrator"], now=now)
    services = {place: contract.service for place, contract in firsts.items() if contract.service}
    return Authorising(
        [firsts[place].provider for place in range(len(PROVIDERS))],
        services,
        dict(enumerate(systems)) | {ENDS_SOON: person},
        officers[OFFICERS[0].username],
        officers["pia.upphandlare"],
    )


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


def checked(digits: str) -> str:
    """A number with its check digit. The organisations are invented: nobody has numbers that begin so."""
    return digits + str(luhn.calc_check_digit(digits))


def _provider(number: int, months: Months, by: User, officers: dict[str, User], now: datetime) -> Provider:
    member = PROVIDERS[number]
    first = months.last_date(0).replace(day=1)
    kind = Provider.Kind(member.kind)
    provider = register_provider(
        number=_number(number),
        name=member.name,
        organisation_number=checked(f"559997{number + 100}"),
        kind=kind,
        contact_name=f"Kontakt {number + 1}",
        contact_email=f"kontakt@{_number(number).lower()}.example",
        by=by,
        now=now,
    )
    if kind is not Provider.Kind.IN_HOUSE:
        _open_for_payment(number, provider, first, by, officers, now)
        if number not in BEFORE:
            ends = months.last_date(months.count - member.lapses - 1) if member.lapses else None
            authorise_provider(provider=provider, valid_from=first, valid_through=ends, by=by, now=now)
    return provider


def _open_for_payment(
    number: int, provider: Provider, first: date, by: User, officers: dict[str, User], now: datetime
) -> None:
    """What the tax agency says, and an account that two officers stand behind."""
    for kind in TaxFact.Kind:
        record_tax_fact(provider=provider, kind=kind, holds=True, valid_from=first, by=by, now=now)
    if number % 5 == 4:
        clearing = f"5000{number:016d}"
        scheme, digits = BankAccount.Scheme.IBAN, f"SE{iban.calc_check_digits('SE00' + clearing)}{clearing}"
    elif number % 5 == 3:
        scheme, digits = BankAccount.Scheme.PLUSGIRO, checked(f"{410_000 + number}")
    else:
        scheme, digits = BankAccount.Scheme.BANKGIRO, checked(f"{5_050_000 + number}")
    entered = enter_account(
        provider=provider, scheme=scheme, number=digits, bic="ESSESESS", by=officers["erik.ekonom"], now=now
    )
    confirm_account(account=entered, by=officers["elsa.ekonom"], now=now + timedelta(hours=1))


def _contract(
    number: int,
    plan: ContractPlan,
    provider: Provider,
    version: PaymentModelVersion,
    service: Service,
    first: date,
    end: date,
    by: User,
    now: datetime,
) -> Contract:
    kind = Provider.Kind(provider.kind)
    basis = LEGAL_BASIS[kind]
    contract = register_contract(
        number=f"A{101 + number}",
        diarienummer=f"AMN {now.year}/{201 + number}",
        provider=provider,
        legal_basis=basis,
        valid_from=first,
        conditions=_conditions(basis, plan, kind, end),
        service=service,
        by=by,
        now=now,
    )
    tie_terms(contract=contract, version=version, first=first, last=end, by=by, now=now)
    return contract


def _conditions(basis: Contract.LegalBasis, plan: ContractPlan, kind: Provider.Kind, end: date) -> Conditions:
    """How the contract is paid: training is exempt from VAT, coaching is not, and what is in-house is only booked."""
    usual = usual_conditions(basis, end, f"{41 + plan.use}00")
    is_training = USES[plan.use].code in TRAINING
    conditions = replace(
        usual,
        account="4632" if is_training else "4639",
        activity="439" if is_training else "610",
        counterparty=MOTPART[kind],
        correct_within=CORRECT_WITHIN,
        notice_days=NOTICE_DAYS,
        due_days=DUE_DAYS,
        recovers_by_sample=basis == Contract.LegalBasis.LOV,
    )
    if kind is Provider.Kind.EXTERNAL and USES[plan.use].code in INVOICED:
        conditions = replace(conditions, route=ContractVersion.Route.E_INVOICE)
    if kind is not Provider.Kind.IN_HOUSE and is_training:
        conditions = replace(conditions, vat=ContractVersion.Vat.EXEMPT)
    return conditions


def _record_payer(officers: dict[str, User], now: datetime) -> None:
    record_payer(
        valid_from=now.date(),
        name="Exempelstads kommun",
        organisation_number="212000-0142",
        agreement="EXEMPEL01",
        account_scheme=BankAccount.Scheme.IBAN,
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
