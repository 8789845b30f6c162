"""Contracts, their amendments, the payment models that they follow, and what they may cost."""

import re
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max
from psycopg.types.range import DateRange

from backend.kernel.audit import record_event
from backend.kernel.bulk import constraints_as
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import FINANCE, Role, User
from backend.kernel.periods import add, parse_duration
from backend.kernel.permissions import require_role
from contracts.models import (
    Contract,
    ContractBudget,
    ContractTerms,
    ContractVersion,
    Course,
    PaymentModelVersion,
)
from providers.models import Provider, Service

CONTRACT_TWICE = rule("contract_twice", gettext_noop("another contract has this number"))
CONTRACT_DAYS = rule("contract_days", gettext_noop("a contract ends on or after its first day"))
CORRECT_WITHIN = rule("contract_correct_within", gettext_noop("what is taken back is at most ten years old"))
HIGHEST_VALUE = rule("contract_highest_value", gettext_noop("a contract under LOU states its highest value"))
ROUTE_IN_HOUSE = rule(
    "contract_route", gettext_noop("an in-house provider is settled by internal vouchers, and nobody else is")
)
COST_ACCOUNT = rule("cost_account", gettext_noop("an account of the books has 3 to 10 digits"))
DIMENSION = rule(
    "dimension_code", gettext_noop("a code of the books has at most 20 letters, digits and hyphens; it may be empty")
)
INTERNAL_VAT = rule("internal_vat", gettext_noop("an internal voucher bears no VAT"))
AMENDED_EARLIER = rule(
    "contract_amended_earlier", gettext_noop("an amendment counts from a later day than the one before it, {before}")
)
AMENDMENT_DAYS = rule(
    "contract_amendment_days", gettext_noop("an amendment counts from a day of the contract, {first} to {last}")
)
TERMS_CUT = rule(
    "contract_terms_cut", gettext_noop("the contract's payment model applies until {last}; it ends no earlier")
)
SERVICE_TWICE = rule("service_twice", gettext_noop("another service has this code"))
COURSE_TWICE = rule("course_twice", gettext_noop("another course has this code"))
TERMS_DAYS = rule("terms_days", gettext_noop("terms lie within the contract's days, {first} to {last}"))
TERMS_BEFORE_VERSION = rule("terms_before_version", gettext_noop("the version is valid from {valid_from} only"))
TERMS_OVERLAP = rule("terms_overlap", gettext_noop("the contract already has terms on some of these days"))
BUDGET_NEGATIVE = rule("budget_negative", gettext_noop("a budget is not below 0"))

TEN_YEARS = "P120M"


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a contract says besides its payment model, and what an amendment may change."""

    valid_through: date
    responsibility_code: str  # ansvar
    route: ContractVersion.Route
    vat: ContractVersion.Vat
    account: str = "4640"  # konto: purchase of main activities, in the municipal chart of accounts (Kommun-Bas)
    activity: str = ""  # verksamhet
    project: str = ""  # projekt
    counterparty: str = ""  # motpart
    capacity: int | None = None  # placements at a time
    highest_value: int | None = None  # öre
    notice_days: int = 14
    correct_within: str = TEN_YEARS
    due_days: int = 30
    return_within: str = ""  # a duration
    recovers_by_sample: bool = False  # an error rate may be extrapolated to all that was paid


def usual_conditions(legal_basis: Contract.LegalBasis, valid_through: date, responsibility_code: str) -> Conditions:
    """The conditions that go with a legal basis, unless the contract says otherwise."""
    in_house = legal_basis == Contract.LegalBasis.IN_HOUSE
    procured = legal_basis == Contract.LegalBasis.LOU
    route = ContractVersion.Route
    return Conditions(
        valid_through=valid_through,
        responsibility_code=responsibility_code,
        route=route.INTERNAL if in_house else route.E_INVOICE if procured else route.DIRECT,
        vat=ContractVersion.Vat.NONE if in_house else ContractVersion.Vat.STANDARD,
        highest_value=0 if procured else None,
    )


@transaction.atomic
def register_contract(
    *,
    number: str,
    diarienummer: str,
    provider: Provider,
    legal_basis: Contract.LegalBasis,
    valid_from: date,
    conditions: Conditions,
    service: Service | None = None,
    by: User,
    now: datetime,
) -> Contract:
    """Register a signed contract with a provider."""
    require_role(by, Role.PROCUREMENT)
    contract = Contract(
        number=number,
        diarienummer=diarienummer,
        provider=provider,
        service=service,
        legal_basis=legal_basis,
        valid_from=valid_from,
        valid_through=conditions.valid_through,
        responsibility_code=conditions.responsibility_code,
    )
    _check(contract, conditions)
    with constraints_as({"contracts_contract_number_key": CONTRACT_TWICE}, "number"):
        contract.save()
    _add_version(contract, conditions, number=1, valid_from=valid_from, reason="", by=by, now=now)
    record_event(by=by, action="register", on=contract, now=now, later={"number": number, "provider": provider.number})
    return contract


@transaction.atomic
def amend_contract(
    *, contract: Contract, conditions: Conditions, valid_from: date, reason: str, by: User, now: datetime
) -> ContractVersion:
    """Record an amendment: from `valid_from` on the contract says something else. What it said before stays."""
    require_role(by, Role.PROCUREMENT)
    contract = Contract.objects.select_for_update(no_key=True).get(pk=contract.pk)
    before = contract.versions.latest("number")
    if valid_from <= before.valid_from:
        raise refuse(AMENDED_EARLIER, field="valid_from", value=valid_from, before=before.valid_from)
    if not contract.valid_from <= valid_from <= contract.valid_through:
        days = {"first": contract.valid_from, "last": contract.valid_through}
        raise refuse(AMENDMENT_DAYS, field="valid_from", value=valid_from, **days)
    contract.valid_through = conditions.valid_through
    contract.responsibility_code = conditions.responsibility_code
    _check(contract, conditions)
    _check_terms(contract)
    contract.save(update_fields=["valid_through", "responsibility_code"])
    version = _add_version(
        contract, conditions, number=before.number + 1, valid_from=valid_from, reason=reason, by=by, now=now
    )
    earlier, later = ({name: getattr(row, name) for name in asdict(conditions)} for row in (before, version))
    changed = [name for name in later if later[name] != earlier[name]]
    record_event(
        by=by,
        action="amend",
        on=contract,
        now=now,
        earlier={name: earlier[name] for name in changed},
        later={name: later[name] for name in changed} | {"valid_from": valid_from, "reason": reason},
    )
    return version


def _check(contract: Contract, conditions: Conditions) -> None:
    if conditions.valid_through < contract.valid_from:
        raise refuse(CONTRACT_DAYS, field="valid_through", value=conditions.valid_through)
    in_house = contract.provider.kind == Provider.Kind.IN_HOUSE
    if in_house != (conditions.route == ContractVersion.Route.INTERNAL):
        raise refuse(ROUTE_IN_HOUSE, field="route", value=conditions.route)
    if contract.legal_basis == Contract.LegalBasis.LOU and conditions.highest_value is None:
        raise refuse(HIGHEST_VALUE, field="highest_value", value=None)
    _check_books(conditions)
    oldest = add(contract.valid_from, parse_duration(conditions.correct_within, "correct_within"))
    if oldest > add(contract.valid_from, parse_duration(TEN_YEARS, "correct_within")):
        raise refuse(CORRECT_WITHIN, field="correct_within", value=conditions.correct_within)
    if conditions.return_within:
        parse_duration(conditions.return_within, "return_within")


def _check_books(conditions: Conditions) -> None:
    """What the accounts can be told."""
    if not re.fullmatch(r"[0-9]{3,10}", conditions.account, re.ASCII):
        raise refuse(COST_ACCOUNT, field="account", value=conditions.account)
    for field in ("activity", "project", "counterparty"):
        if not re.fullmatch(r"[A-Za-z0-9-]{0,20}", getattr(conditions, field), re.ASCII):
            raise refuse(DIMENSION, field=field, value=getattr(conditions, field))
    if conditions.route == ContractVersion.Route.INTERNAL and conditions.vat != ContractVersion.Vat.NONE:
        raise refuse(INTERNAL_VAT, field="vat", value=conditions.vat)


def _check_terms(contract: Contract) -> None:
    ends = [terms.period.upper - timedelta(days=1) for terms in contract.terms.all()]
    if ends and max(ends) > contract.valid_through:
        raise refuse(TERMS_CUT, field="valid_through", value=contract.valid_through, last=max(ends))


def _add_version(
    contract: Contract,
    conditions: Conditions,
    *,
    number: int,
    valid_from: date,
    reason: str,
    by: User,
    now: datetime,
) -> ContractVersion:
    return ContractVersion.objects.create(
        contract=contract,
        number=number,
        valid_from=valid_from,
        reason=reason,
        recorded_at=now,
        recorded_by=by,
        **asdict(conditions),
    )


@transaction.atomic
def register_service(*, code: str, title: str, by: User, now: datetime) -> Service:
    """Enter a kind of service that contracts buy."""
    require_role(by, Role.PROCUREMENT)
    service = Service(code=code, title=title)
    with constraints_as({"contracts_service_code_key": SERVICE_TWICE}, "code"):
        service.save()
    record_event(by=by, action="register", on=service, now=now, later={"code": code, "title": title})
    return service


@transaction.atomic
def register_course(*, code: str, title: str, points: int | None, by: User, now: datetime) -> Course:
    """Enter a course that grades are given in."""
    require_role(by, Role.PROCUREMENT)
    course = Course(code=code, title=title, points=points)
    with constraints_as({"contracts_course_code_key": COURSE_TWICE}, "code"):
        course.save()
    record_event(by=by, action="register", on=course, now=now, later={"code": code, "points": points})
    return course


@transaction.atomic
def tie_terms(
    *, contract: Contract, version: PaymentModelVersion, first: date, last: date, by: User, now: datetime
) -> ContractTerms:
    """Let placements that are referred from `first` through `last` follow a version."""
    require_role(by, Role.PROCUREMENT)
    if not contract.valid_from <= first <= last <= contract.valid_through:
        raise refuse(
            TERMS_DAYS, field="first", value=f"{first}–{last}", first=contract.valid_from, last=contract.valid_through
        )
    if first < version.valid_from:
        raise refuse(TERMS_BEFORE_VERSION, field="first", value=first, valid_from=version.valid_from)
    terms = ContractTerms(contract=contract, version=version, period=DateRange(first, last, "[]"))
    with constraints_as({"contracts_terms_no_overlap": TERMS_OVERLAP}, "first"):
        terms.save()
    record_event(
        by=by, action="tie", on=contract, now=now, later={"version": str(version), "first": first, "last": last}
    )
    return terms


@transaction.atomic
def set_budget(*, contract: Contract, year: int, amount: int, by: User, now: datetime) -> ContractBudget:
    """Set what a contract may cost in a year, in öre, in place of what was set before."""
    require_role(by, Role.PROCUREMENT, *FINANCE)
    if amount < 0:
        raise refuse(BUDGET_NEGATIVE, field="amount", value=amount)
    Contract.objects.select_for_update(no_key=True).get(pk=contract.pk)  # one budget after another
    number = ContractBudget.objects.filter(contract=contract, year=year).aggregate(newest=Max("number"))["newest"] or 0
    budget = ContractBudget.objects.create(
        contract=contract, year=year, number=number + 1, amount=amount, set_by=by, set_at=now
    )
    record_event(by=by, action="set_budget", on=contract, now=now, later={"year": year, "amount": amount})
    return budget
