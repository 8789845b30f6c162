"""The least that a database rule or a refusal needs around it, made by the real services on fixed days.

`tests.town` makes whole towns; here each function gives one thing and what it stands on.
"""

from datetime import UTC, date, datetime, timedelta
from itertools import count

from stdnum import luhn

from backend.kernel.models import Role, User
from contracts.models import Contract, PaymentModelVersion
from contracts.reading import read_model
from contracts.services import publish_model, register_contract, tie_terms, usual_conditions
from outcomes.columns import Kind
from outcomes.models import Fact, Placement
from outcomes.services import FactReport, Referral, refer_participants, report_facts, verify_facts
from providers.models import Provider
from providers.services import admit_member, authorise_provider, register_provider

FIRST_DAY = date(2025, 1, 1)
LAST_DAY = date(2026, 12, 31)
NOW = datetime(2025, 1, 1, 8, tzinfo=UTC)
STARTS_ON = date(2025, 2, 3)
START_STEP: dict[str, object] = {"code": "start", "trigger": "attendance", "days": 20, "amount": "6000.00"}
SHARE_STEP: dict[str, object] = {"code": "start", "trigger": "attendance", "days": 20, "share": "0.5"}

_numbers = count(1)


def organisation_number(number: int) -> str:
    """An invented organisation number whose last digit checks the others."""
    digits = f"559{number:06}"
    return digits + luhn.calc_check_digit(digits)


def moment(day: date) -> datetime:
    """Noon of a day."""
    return datetime(day.year, day.month, day.day, 11, tzinfo=UTC)


def make_user(*roles: Role) -> User:
    return User.objects.create_user(f"user{next(_numbers)}", roles=list(roles))


def make_provider(*, authorised: bool = True) -> Provider:
    number, by = next(_numbers), make_user(Role.PROCUREMENT)
    provider = register_provider(
        number=f"L{number:04}",
        name=f"Provider {number}",
        organisation_number=organisation_number(number),
        kind=Provider.Kind.EXTERNAL,
        by=by,
        now=NOW,
    )
    if authorised:
        first = FIRST_DAY - timedelta(days=365)
        authorise_provider(provider=provider, valid_from=first, valid_through=None, by=by, now=NOW)
    return provider


def make_member(provider: Provider) -> User:
    """Somebody who acts for the provider."""
    user = make_user(Role.PROVIDER)
    admit_member(provider=provider, user=user, by=make_user(Role.ADMINISTRATOR), now=NOW)
    return user


def publish(*steps: dict[str, object], code: str = "", valid_from: date = FIRST_DAY) -> PaymentModelVersion:
    """A published model with the tiers A and B; by default it pays for 20 attended days."""
    document: dict[str, object] = {
        "code": code or f"model{next(_numbers)}",
        "title": "A model",
        "source": "tests",
        "tiers": ["A", "B"],
        "steps": list(steps or (START_STEP,)),
    }
    return publish_model(model=read_model(document), valid_from=valid_from, by=make_user(Role.PROCUREMENT), now=NOW)


def bare_contract(provider: Provider | None = None) -> Contract:
    """A contract of two years without terms."""
    return register_contract(
        number=f"C{next(_numbers)}",
        diarienummer="2025/1",
        provider=provider or make_provider(),
        legal_basis=Contract.LegalBasis.LOV,
        valid_from=FIRST_DAY,
        conditions=usual_conditions(Contract.LegalBasis.LOV, LAST_DAY, "4711"),
        by=make_user(Role.PROCUREMENT),
        now=NOW,
    )


def make_contract(provider: Provider | None = None, version: PaymentModelVersion | None = None) -> Contract:
    """A contract tied to a version for all its days."""
    contract = bare_contract(provider)
    by = make_user(Role.PROCUREMENT)
    tie_terms(contract=contract, version=version or publish(), first=FIRST_DAY, last=LAST_DAY, by=by, now=NOW)
    return contract


def referral(contract: Contract, **changes: object) -> Referral:
    number = next(_numbers)
    values: dict[str, object] = {
        "number": f"P{number}",
        "participant": f"D{number}",
        "contract": contract.pk,
        "tier": 0,
        "price": None,
        "referred_on": STARTS_ON - timedelta(days=7),
        "starts_on": STARTS_ON,
    }
    return Referral(**(values | changes))  # type: ignore[arg-type]  # named by hand in each test


def make_placement(contract: Contract | None = None, **changes: object) -> Placement:
    (pk,) = refer_participants(
        referrals=[referral(contract or make_contract(), **changes)], by=make_user(Role.HANDLER), now=moment(STARTS_ON)
    )
    return Placement.objects.get(pk=pk)


def attendance(placement: Placement, **changes: object) -> FactReport:
    """Twenty days attended in the first four weeks."""
    values: dict[str, object] = {
        "external_id": f"F{next(_numbers)}",
        "placement": placement.number,
        "kind": Kind.ATTENDANCE,
        "from_day": STARTS_ON,
        "through_day": STARTS_ON + timedelta(days=27),
        "quantity": 20,
    }
    return FactReport(**(values | changes))  # type: ignore[arg-type]  # named by hand in each test


def exit_on(placement: Placement, day: date, **changes: object) -> FactReport:
    return attendance(placement, quantity=0, kind=Kind.EXIT, from_day=day, through_day=day, detail=1, **changes)


def report(
    placement: Placement, *reports: FactReport, by: User | None = None, on: date = date(2025, 6, 2)
) -> list[Fact]:
    """The facts that these reports of a placement made."""
    provider = placement.contract.provider
    reported = report_facts(provider=provider, reports=reports, by=by or make_member(provider), now=moment(on))
    return [Fact.objects.get(pk=pk) for pk in reported.ids]


def verify(*facts: Fact, by: User | None = None, on: date = date(2025, 6, 3)) -> None:
    verify_facts(facts=[fact.pk for fact in facts], by=by or make_user(Role.HANDLER), now=moment(on))
