"""A made-up town for tests of payouts: its officers and providers drive the real services.

A `Town` has a simulated calendar, so its methods are called in order of time. What is not asked for is not made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property

from stdnum import luhn

from backend.kernel.calendar import LOCAL_TIME
from backend.kernel.models import Role, User
from contracts.library import library_model
from contracts.models import Contract, ContractVersion, PaymentModelVersion
from contracts.services import Conditions, amend_contract, publish_model, register_contract, tie_terms, usual_conditions
from contracts.terms import PaymentModel
from outcomes.columns import EXIT_REASONS, FORMS, GRADES, Kind
from outcomes.models import Placement
from outcomes.services import FactReport, Referral, refer_participants, report_facts, verify_facts
from payouts.models import Attest, Payer, Run, Signature
from payouts.parts import parts_of, seals_of
from payouts.services import (
    allocate_run,
    answer_findings,
    appoint_attestant,
    attest_run,
    compute_run,
    examine_run,
    queue_run,
    record_payer,
)
from providers.models import BankAccount, Provider, Service, TaxFact
from providers.services import (
    admit_member,
    authorise_provider,
    confirm_account,
    enter_account,
    record_tax_fact,
    register_provider,
)

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


def attestant(user: User, signature: Signature, most: int = 10**12, code: str = "") -> User:
    """Somebody whom the board lets sign, by default everything."""
    if not user.attestations.filter(signature=signature).exists():
        appoint_attestant(
            user=user,
            signature=signature,
            responsibility_code=code,
            most=most,
            valid_from=OPENING,
            valid_through=date(2099, 12, 31),
            decision="AMN 2025/1",
            by=person("administratör", Role.ADMINISTRATOR),
            now=noon(OPENING),
        )
    return user


def sign(
    run: Run, signature: Signature, by: User, now: datetime, seals: Mapping[str, str] | None = None
) -> list[Attest]:
    """Sign what stands of a run, or what was seen of it."""
    return attest_run(
        run=run,
        signature=signature,
        seals=seals_of(run) if seals is None else seals,
        has_no_conflict=True,
        by=by,
        now=now,
        second_factor_at=now,
    )


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
    code: str = "1000"  # responsibility code of the contract
    kind: Provider.Kind = Provider.Kind.EXTERNAL
    terms: Mapping[str, object] = field(default_factory=dict)  # what the contract says otherwise than `conditions`
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
        return attestant(person("granskare", Role.EXAMINER, Role.DECIDER), Signature.EXAMINER)

    @cached_property
    def decider(self) -> User:
        return attestant(person("beslutsfattare", Role.DECIDER), Signature.DECIDER)

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
            kind=self.kind,
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

    @property
    def conditions(self) -> Conditions:
        """What the contract says at first: paid directly, free of VAT, and clawbacks at once."""
        usual = usual_conditions(self.legal_basis, CLOSING, self.code)
        vat = usual.vat if self.kind == Provider.Kind.IN_HOUSE else ContractVersion.Vat.EXEMPT
        return replace(replace(usual, vat=vat, notice_days=0, account="4632"), **self.terms)  # type: ignore[arg-type]

    @property
    def legal_basis(self) -> Contract.LegalBasis:
        in_house = self.kind == Provider.Kind.IN_HOUSE
        return Contract.LegalBasis.IN_HOUSE if in_house else Contract.LegalBasis.LOV

    @cached_property
    def contract(self) -> Contract:
        """A contract whose placements follow the model; the provider has its papers."""
        contract = register_contract(
            number=f"K-{self.number}",
            diarienummer=f"2025/{self.number}",
            provider=self.provider,
            legal_basis=self.legal_basis,
            valid_from=OPENING,
            conditions=self.conditions,
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
        assert self.papers
        return contract

    @cached_property
    def papers(self) -> BankAccount:
        """The provider's confirmed account; it is approved for F-skatt and registered for VAT."""
        for kind in TaxFact.Kind:
            record_tax_fact(
                provider=self.provider, kind=kind, holds=True, valid_from=OPENING,
                by=self.procurement, now=noon(OPENING),
            )  # fmt: skip
        return self.open_account()

    def amend(self, on: date, **changes: object) -> ContractVersion:
        """From a day on the contract says something else."""
        last = self.contract.versions.latest("number")
        now_said = {name: getattr(last, name) for name in asdict(self.conditions)}
        return amend_contract(
            contract=self.contract,
            conditions=Conditions(**(now_said | changes)),
            valid_from=on,
            reason="amended",
            by=self.procurement,
            now=noon(on),
        )

    def open_account(self, on: date = OPENING, number: str = "5050-1055", *, confirmed: bool = True) -> BankAccount:
        """The provider is to be paid on this Bankgiro number."""
        account = enter_account(
            provider=self.provider, scheme=BankAccount.Scheme.BANKGIRO, number=number, by=self.starter, now=noon(on)
        )
        return confirm_account(account=account, by=self.decider, now=noon(on)) if confirmed else account

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

    def examine(self, run: Run) -> Run:
        """Begin the examination of a computed run."""
        assert run.computed_at
        return examine_run(run=run, by=self.examiner, now=run.computed_at)

    def attest(self, run: Run) -> Run:
        """Examine a computed run and sign it twice."""
        return self.attest_examined(self.examine(run))

    def attest_examined(self, run: Run) -> Run:
        """Answer what the controls found in a run, and sign it twice."""
        assert run.computed_at
        asked = [finding.pk for part in parts_of(run).values() for finding in part.unanswered]
        if asked:
            answer_findings(findings=asked, answer="looked at", by=self.examiner, now=run.computed_at)
        for signature, by in ((Signature.EXAMINER, self.examiner), (Signature.DECIDER, self.decider)):
            sign(run, signature, by, run.computed_at)
        run.refresh_from_db()
        return run

    def record_payer(self) -> Payer:
        """The municipality as the bank and the books know it."""
        return record_payer(
            valid_from=OPENING,
            name="Exempelstads kommun",
            organisation_number="212000-0142",
            agreement="EXEMPEL01",
            account_scheme=BankAccount.Scheme.IBAN,
            account_number="SE45 5000 0000 0583 9825 7466",
            bic="ESSESESS",
            payable_account="2510",
            internal_account="2520",
            tax_account="1641",
            accrued_account="2990",
            by=person("administratör", Role.ADMINISTRATOR),
            now=noon(OPENING),
        )

    def allocate(self, run: Run) -> Run:
        """Make an attested run's statements, on the day on which it was computed."""
        assert run.computed_at
        return allocate_run(run=run, by=self.decider, now=run.computed_at)

    def pay(self, cutoff: date) -> Run:
        """Compute a run and attest it."""
        return self.attest(self.compute(cutoff))
