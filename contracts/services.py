"""What procurement officers do with payment models and contracts."""

import re
from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from psycopg.types.range import DateRange

from backend.kernel.audit import record_event
from backend.kernel.bulk import constraints_as
from backend.kernel.calendar import local_day
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import FINANCE, Role, User
from backend.kernel.periods import add, parse_duration
from backend.kernel.permissions import require_role
from contracts.models import (
    Contract,
    ContractBudget,
    ContractLimit,
    ContractSettlement,
    ContractTerms,
    ModelStep,
    PaymentModelDraft,
    PaymentModelVersion,
)
from contracts.reading import check_publishable, model_digest, model_document, read_model
from contracts.terms import PaymentModel
from contracts.vat import Treatment
from providers.models import Provider

VALID_FROM_PAST = rule(
    "version_valid_from", gettext_noop("a version is valid from the day of its publication, {today}, at the earliest")
)
VALID_FROM_ORDER = rule(
    "version_order", gettext_noop("a version is valid from a later day than the one before it, {before}")
)
VERSION_UNCHANGED = rule("version_unchanged", gettext_noop("version {number} already says exactly this"))
CONTRACT_TWICE = rule("contract_twice", gettext_noop("another contract has this number"))
CONTRACT_DAYS = rule("contract_days", gettext_noop("a contract ends on or after its first day"))
TERMS_DAYS = rule("terms_days", gettext_noop("terms lie within the contract's days, {first} to {last}"))
TERMS_BEFORE_VERSION = rule("terms_before_version", gettext_noop("the version is valid from {valid_from} only"))
TERMS_OVERLAP = rule("terms_overlap", gettext_noop("the contract already has terms on some of these days"))
BUDGET_NEGATIVE = rule("budget_negative", gettext_noop("a budget is not below 0"))
CORRECT_WITHIN = rule("correct_within", gettext_noop("differences are corrected within ten years at most"))
SETTLEMENT_DAYS = rule("settlement_days", gettext_noop("days are counted from 0 to {most} here"))
PREMISES = rule("settlement_premises", gettext_noop("the part for premises is 0 to 100 per cent"))
COST_ACCOUNT = rule("cost_account", gettext_noop("an account has 3 to 10 digits"))
DIMENSION = rule(
    "dimension_code", gettext_noop("a code of the books has at most 20 letters, digits and hyphens; it may be empty")
)
INTERNAL_VAT = rule("internal_vat", gettext_noop("an internal voucher bears no VAT: its treatment is outside VAT"))
LIMIT_NEGATIVE = rule("limit_negative", gettext_noop("a limit is not below 0"))

TEN_YEARS_FROM, TEN_YEARS_LATER = date(2000, 1, 1), date(2010, 1, 1)
DAYS_MOST = 366


@transaction.atomic
def save_draft(*, document: Mapping[str, object], by: User, now: datetime) -> PaymentModelDraft:
    """Keep a checked payment model as the draft of its code, in place of the earlier draft."""
    require_role(by, Role.PROCUREMENT)
    model = read_model(document)
    earlier = PaymentModelDraft.objects.select_for_update().filter(code=model.code).first()
    draft, _ = PaymentModelDraft.objects.update_or_create(
        code=model.code, defaults={"document": model_document(model), "saved_by": by, "saved_at": now}
    )
    record_event(
        by=by,
        action="save",
        on=draft,
        now=now,
        earlier={"document": earlier.document} if earlier else None,
        later={"document": draft.document},
    )
    return draft


@transaction.atomic
def publish_model(*, model: PaymentModel, valid_from: date, by: User, now: datetime) -> PaymentModelVersion:
    """Publish a payment model as the next version of its code. A draft is published as `read_model(draft.document)`."""
    require_role(by, Role.PROCUREMENT)
    check_publishable(model)
    if valid_from < local_day(now):
        raise refuse(VALID_FROM_PAST, field="valid_from", value=valid_from, today=local_day(now))
    before = PaymentModelVersion.objects.filter(code=model.code).order_by("-number").first()
    digest = model_digest(model)
    if before and before.digest == digest:
        raise refuse(VERSION_UNCHANGED, field="model", value=model.code, number=before.number)
    if before and before.valid_from >= valid_from:
        raise refuse(VALID_FROM_ORDER, field="valid_from", value=valid_from, before=before.valid_from)
    version = PaymentModelVersion.objects.create(
        code=model.code,
        number=before.number + 1 if before else 1,
        title=model.title,
        source=model.source,
        document=model_document(model),
        digest=digest,
        valid_from=valid_from,
        published_at=now,
        published_by=by,
    )
    ModelStep.objects.bulk_create(
        ModelStep(version=version, position=position, code=step.code, title=step.title, trigger=step.trigger.value)
        for position, step in enumerate(model.steps)
    )
    record_event(
        by=by,
        action="publish",
        on=version,
        now=now,
        later={"code": model.code, "digest": digest, "valid_from": valid_from},
    )
    return version


@transaction.atomic
def register_contract(
    *,
    number: str,
    diarienummer: str,
    provider: Provider,
    legal_basis: Contract.LegalBasis,
    valid_from: date,
    valid_through: date,
    responsibility_code: str,
    by: User,
    now: datetime,
) -> Contract:
    """Register a signed contract with a provider."""
    require_role(by, Role.PROCUREMENT)
    if valid_through < valid_from:
        raise refuse(CONTRACT_DAYS, field="valid_through", value=valid_through)
    contract = Contract(
        number=number,
        diarienummer=diarienummer,
        provider=provider,
        legal_basis=legal_basis,
        valid_from=valid_from,
        valid_through=valid_through,
        responsibility_code=responsibility_code,
    )
    with constraints_as({"contracts_contract_number_key": CONTRACT_TWICE}, "number"):
        contract.save()
    record_event(by=by, action="register", on=contract, now=now, later={"number": number, "provider": provider.number})
    return contract


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


@transaction.atomic
def agree_settlement(
    *,
    contract: Contract,
    valid_from: date,
    route: ContractSettlement.Route,
    treatment: Treatment,
    correct_within: str,
    notice_days: int,
    payment_days: int,
    account: str,
    premises_per_cent: int = 0,
    activity: str = "",
    project: str = "",
    counterparty: str = "",
    by: User,
    now: datetime,
) -> ContractSettlement:
    """Record how a contract is paid and booked from a day on, in place of what was recorded for these days before."""
    require_role(by, Role.PROCUREMENT, *FINANCE)
    settlement = ContractSettlement(
        contract=contract,
        valid_from=valid_from,
        route=route,
        treatment=treatment,
        premises_per_cent=premises_per_cent,
        correct_within=correct_within,
        notice_days=notice_days,
        payment_days=payment_days,
        account=account,
        activity=activity,
        project=project,
        counterparty=counterparty,
        agreed_at=now,
        agreed_by=by,
    )
    _check_settlement(settlement)
    settlement.save()
    later = {"settlement": settlement.pk, "valid_from": valid_from, "route": route, "treatment": treatment}
    record_event(by=by, action="agree_settlement", on=contract, now=now, later=later)
    return settlement


def _check_settlement(agreed: ContractSettlement) -> None:
    if add(TEN_YEARS_FROM, parse_duration(agreed.correct_within, "correct_within")) > TEN_YEARS_LATER:
        raise refuse(CORRECT_WITHIN, field="correct_within", value=agreed.correct_within)
    for field in ("notice_days", "payment_days"):
        if not 0 <= getattr(agreed, field) <= DAYS_MOST:
            raise refuse(SETTLEMENT_DAYS, field=field, value=getattr(agreed, field), most=DAYS_MOST)
    if not 0 <= agreed.premises_per_cent <= 100:
        raise refuse(PREMISES, field="premises_per_cent", value=agreed.premises_per_cent)
    if not re.fullmatch(r"[0-9]{3,10}", agreed.account, re.ASCII):
        raise refuse(COST_ACCOUNT, field="account", value=agreed.account)
    for field in ("activity", "project", "counterparty"):
        if not re.fullmatch(r"[A-Za-z0-9-]{0,20}", getattr(agreed, field), re.ASCII):
            raise refuse(DIMENSION, field=field, value=getattr(agreed, field))
    if agreed.route == ContractSettlement.Route.INTERNAL and agreed.treatment != Treatment.OUTSIDE:
        raise refuse(INTERNAL_VAT, field="treatment", value=agreed.treatment)


@transaction.atomic
def set_limit(
    *, contract: Contract, valid_from: date, capacity: int | None, framework_value: int | None, by: User, now: datetime
) -> ContractLimit:
    """Set how many placements a contract may have at a time, and what it may cost in all, in öre; None: no limit."""
    require_role(by, Role.PROCUREMENT)
    for field, value in (("capacity", capacity), ("framework_value", framework_value)):
        if value is not None and value < 0:
            raise refuse(LIMIT_NEGATIVE, field=field, value=value)
    limit = ContractLimit.objects.create(
        contract=contract,
        valid_from=valid_from,
        capacity=capacity,
        framework_value=framework_value,
        set_at=now,
        set_by=by,
    )
    later = {"valid_from": valid_from, "capacity": capacity, "framework_value": framework_value}
    record_event(by=by, action="set_limit", on=contract, now=now, later=later)
    return limit
