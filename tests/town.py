"""A made-up town for tests of payouts: its officers and providers drive the real services.

A `Town` has a simulated calendar, so its methods are called in order of time. What is not asked for is not made.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property

from stdnum import luhn

from backend.kernel.calendar import LOCAL_TIME
from backend.kernel.models import Role, User
from contracts.library import library_model
from contracts.models import Contract, PaymentModelVersion
from contracts.services import publish_model, register_contract, tie_terms, usual_conditions
from contracts.terms import PaymentModel
from outcomes.columns import EXIT_REASONS, FORMS, GRADES, Kind
from outcomes.models import Placement
from outcomes.services import FactReport, Referral, refer_participants, report_facts, verify_facts
from payouts.models import Attest, Run
from payouts.services import attest_run, compute_run, queue_run
from providers.models import Provider, Service
from providers.services import admit_member, authorise_provider, register_provider

OPENING = date(2025, 1, 1)  # when models are published and contracts begin
CLOSING = date(2026, 12, 31)


def noon(day: date) -> datetime:
    """A moment on a Swedish day."""
    return datetime.combine(day, time(12), LOCAL_TIME)


def organisation_number(number: int) -> str:
    """An invented organisation number whose last digit checks the others."""
    digits = f"559999{number:03}"
    return digits + luhn.calc_check_digit(digits)


def person(username: str, *roles: Role) -> User:
    """The person with this name and these roles, made when first asked for."""
    return User.objects.get_or_create(username=username, defaults={"roles": [role.value for role in roles]})[0]


def member(provider: Provider, user: User) -> User:
    """Somebody who acts for the provider."""
    admit_member(provider=provider, user=user, by=person("administratör", Role.ADMINISTRATOR), now=noon(OPENING))
    return user


# --- facts as a provider reports them


def attendance(name: str, placement: str, first: date, last: date, days: int, **more: object) -> FactReport:
    return FactReport(name, placement, Kind.ATTENDANCE, first, last, quantity=days, **more)  # type: ignore[arg-type]


def milestone(name: str, placement: str, on: date, what: str, **more: object) -> FactReport:
    return FactReport(name, placement, Kind.MILESTONE, on, on, subject=what, **more)  # type: ignore[arg-type]


def grade(
    name: str, placement: str, on: date, course: str, given: str, points: int = 100, **more: object
) -> FactReport:
    detail = GRADES.index(given) + 1
    return FactReport(name, placement, Kind.GRADE, on, on, points, course, detail, **more)  # type: ignore[arg-type]


def ended(name: str, placement: str, on: date, reason: str = "completed", **more: object) -> FactReport:
    detail = EXIT_REASONS.index(reason) + 1
    return FactReport(name, placement, Kind.EXIT, on, on, detail=detail, **more)  # type: ignore[arg-type]


def job(
    name: str, placement: str, first: date, last: date | None = None, employer: str = "employer", **more: object
) -> FactReport:
    detail = FORMS.index("permanent") + 1
    return FactReport(name, placement, Kind.EMPLOYMENT, first, last, 100, employer, detail, **more)  # type: ignore[arg-type]


@dataclass
class Town:
    """A municipality: its officers, and by default one provider under one contract with a model of the library."""

    model: PaymentModel = field(default_factory=lambda: library_model("stockholm-auktorisation"))
    number: int = 1  # of the provider; others get numbers of their own
    service: Service | None = None  # of the contract

    @cached_property
    def procurement(self) -> User:
        return person("upphandlare", Role.PROCUREMENT)

    @cached_property
    def handler(self) -> User:
        return person("handläggare", Role.HANDLER)

    @cached_property
    def starter(self) -> User:
        return person("ekonom", Role.EXAMINER)

    @cached_property
    def examiner(self) -> User:
        return person("granskare", Role.EXAMINER, Role.DECIDER)

    @cached_property
    def decider(self) -> User:
        return person("beslutsfattare", Role.DECIDER)

    @cached_property
    def reporter(self) -> User:
        return member(self.provider, person(f"anordnare-{self.number}", Role.PROVIDER))

    @cached_property
    def provider(self) -> Provider:
        """An authorised provider."""
        provider = register_provider(
            number=f"L{self.number:04}",
            name=f"Provider {self.number}",
            organisation_number=organisation_number(self.number),
            kind=Provider.Kind.EXTERNAL,
            by=self.procurement,
            now=noon(OPENING),
        )
        authorise_provider(
            provider=provider, valid_from=OPENING, valid_through=None, by=self.procurement, now=noon(OPENING)
        )
        return provider

    @cached_property
    def version(self) -> PaymentModelVersion:
        """The model, published; towns share a version that stands already."""
        published = PaymentModelVersion.objects.filter(code=self.model.code).last()
        return published or publish_model(model=self.model, valid_from=OPENING, by=self.procurement, now=noon(OPENING))

    @cached_property
    def contract(self) -> Contract:
        """A contract whose placements follow the model."""
        contract = register_contract(
            number=f"K-{self.number}",
            diarienummer=f"2025/{self.number}",
            provider=self.provider,
            legal_basis=Contract.LegalBasis.LOV,
            valid_from=OPENING,
            conditions=usual_conditions(Contract.LegalBasis.LOV, CLOSING, "1000"),
            service=self.service,
            by=self.procurement,
            now=noon(OPENING),
        )
        tie_terms(
            contract=contract,
            version=self.version,
            first=OPENING,
            last=CLOSING,
            by=self.procurement,
            now=noon(OPENING),
        )
        return contract

    def refer(
        self, number: str, referred_on: date, starts_on: date | None, *, tier: int = 0, price: int | None = None
    ) -> Placement:
        """Refer a participant of the same number, on the day of the referral."""
        referral = Referral(number, number, self.contract.pk, tier, price, referred_on, starts_on)
        (pk,) = refer_participants(referrals=[referral], by=self.handler, now=noon(referred_on))
        return Placement.objects.get(pk=pk)

    def report(self, on: date, *reports: FactReport) -> list[int]:
        """Report facts on a day. Gives their ids."""
        return report_facts(provider=self.provider, reports=reports, by=self.reporter, now=noon(on)).ids

    def verify(self, on: date, facts: Sequence[int], *, by: User | None = None) -> None:
        verify_facts(facts=facts, by=by or self.handler, now=noon(on))

    def tell(self, on: date, *reports: FactReport) -> list[int]:
        """Report facts and have them verified on the same day. Gives their ids."""
        ids = self.report(on, *reports)
        self.verify(on, ids)
        return ids

    def compute(self, cutoff: date) -> Run:
        """Queue a run at this cut-off and compute it the day after."""
        moment = noon(cutoff + timedelta(days=1))
        run = queue_run(cutoff=cutoff, by=self.starter, now=moment)
        return compute_run(run.pk, now=moment)

    def attest(self, run: Run) -> Run:
        """Sign a computed run twice."""
        assert run.computed_at
        for signature, by in ((Attest.Signature.EXAMINER, self.examiner), (Attest.Signature.DECIDER, self.decider)):
            attest_run(run=run, signature=signature, digest=run.digest, by=by, now=run.computed_at)
        run.refresh_from_db()
        return run

    def pay(self, cutoff: date) -> Run:
        """Compute a run and attest it."""
        return self.attest(self.compute(cutoff))
