"""What pages are tested with: two months of a town, with a clawback, a hold, a parked provider and every fact."""

import base64
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.contrib.auth.hashers import make_password
from psycopg.types.range import DateRange

from backend.kernel.models import Role, User
from contracts.reading import model_document
from contracts.services import save_draft
from outcomes.columns import Kind
from outcomes.models import Fact, Placement
from outcomes.services import FactReport, attach_evidence, read_import, start_import
from payouts.models import Finding, Hold, ParkedProvider, RecoveryProposal, Run
from payouts.services import ask_simulation, draw_sample
from providers.models import BankAccount, Scope
from providers.services import approve_subcontractor, decide, enter_account, issue_credentials
from scorecards.models import Review, ReviewThreshold, ScorecardArchive
from scorecards.services import (
    announce_threshold,
    answer_hearing,
    ask_archive,
    compute_scorecards,
    decide_review,
    finalise_scorecards,
    open_hearing,
    propose_review,
    queue_scorecards,
    set_target,
)
from tests import authorisation_steps as steps
from tests.town import Town, attendance, ended, grade, job, member, milestone, noon, organisation_number, person

PASSWORD = "correct horse battery staple"
PEOPLE = {
    "handler": Role.HANDLER,
    "procurement": Role.PROCUREMENT,
    "examiner": Role.EXAMINER,
    "decider": Role.DECIDER,
    "administrator": Role.ADMINISTRATOR,
    "auditor": Role.AUDITOR,
    "provider": Role.PROVIDER,
}
PICTURE = base64.b64decode(  # one white pixel
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAG7buVgAAAABJRU5ErkJggg=="
)
SECRET_REASON = "sick leave"
FIRST_MONTH, SECOND_MONTH = date(2025, 2, 28), date(2025, 3, 31)


@dataclass(frozen=True, slots=True)
class PagesTown:
    """A town with a first run that paid for the placement, and a second that took it back and has one thing of each."""

    placement: Placement
    first: Run
    second: Run


def make_people() -> dict[str, User]:
    """One person of each role, and one without any, who can log in with PASSWORD."""
    people = {name: person(name, role) for name, role in PEOPLE.items()} | {"nobody": person("nobody")}
    User.objects.filter(username__in=people).update(password=make_password(PASSWORD))
    return people


def make_pages_town(placements: int = 2) -> PagesTown:
    """The town; `placements` (at least two) are paid for in the second run."""
    town = Town()
    member(town.provider, person("provider", Role.PROVIDER))
    others = [town.refer(f"S-{number}", date(2025, 1, 7), date(2025, 1, 13)) for number in range(2, placements + 2)]
    placement = town.refer("S-1", date(2025, 1, 7), date(2025, 1, 13))
    (attended,) = town.tell(date(2025, 2, 11), attendance("days", "S-1", date(2025, 1, 13), date(2025, 2, 10), 20))
    first = town.allocate(town.pay(FIRST_MONTH))
    town.tell(date(2025, 3, 10), attendance("no days", "S-1", date(2025, 1, 13), date(2025, 2, 10), 3, replaces="days"))
    for other in others:
        town.tell(
            date(2025, 3, 11),
            attendance(f"days {other.number}", other.number, date(2025, 1, 13), date(2025, 2, 10), 20),
        )
    _report_each_kind(town)
    _register_each_thing(town)
    _sample(town, first)
    _take_register(town)
    judge_town(town)
    second = town.compute(SECOND_MONTH)
    held = second.lines.order_by("-amount").first()
    assert held is not None
    Hold.objects.create(
        run=second, placement_id=held.placement_id, step_id=held.step_id, occurrence=held.occurrence,
        reason_code="budget", rule="budget", placed_at=noon(SECOND_MONTH),
    )  # fmt: skip
    ParkedProvider.objects.create(
        run=second, provider=town.provider, placement=placement, fact_id=attended,
        rule="attendance_before_start", field="from", value="2025-01-02",
    )  # fmt: skip
    Finding.objects.create(
        run=second,
        control="sum_unlike_last_month",
        value="1 000",
        line_count=1,
        amount=100_000,
        found_at=noon(SECOND_MONTH),
    )
    return PagesTown(placement, first, second)


def _report_each_kind(town: Town) -> None:
    on = date(2025, 3, 12)
    pause = FactReport("pause", "S-1", Kind.INTERRUPTION, date(2025, 2, 17), date(2025, 2, 21), subject=SECRET_REASON)
    month = FactReport("month", "S-1", Kind.REPORT, date(2025, 2, 1), date(2025, 2, 28))
    pay = FactReport("pay", "S-1", Kind.EARNINGS, on, on, quantity=1_234_500)
    studies = FactReport("studies", "S-1", Kind.STUDIES, date(2025, 3, 10), None, quantity=50)
    town.tell(
        on, pause, month, pay, studies, milestone("plan", "S-1", on, "activity plan"),
        grade("course", "S-1", on, "SVA01", "C"), ended("exit", "S-1", date(2025, 3, 7), "work"),
    )  # fmt: skip
    (pk,) = town.report(on, job("job", "S-1", date(2025, 3, 10)))
    attach_evidence(
        fact=Fact.objects.get(pk=pk), name="certificate.png", content=PICTURE, by=town.reporter, now=noon(on)
    )


def judge_town(town: Town) -> None:
    """A final scorecard with a decided review, and another one in a hearing."""
    by, colleague = town.procurement, person("upphandlare 2", Role.PROCUREMENT)
    beginning, now = FIRST_MONTH.replace(month=1, day=1), noon(SECOND_MONTH + timedelta(days=1))
    announce_threshold(
        step=ReviewThreshold.Step.WARNING, measure="durable_job", beyond=ReviewThreshold.Limit.L95, periods=1,
        valid_from=beginning, by=by, now=noon(beginning),
    )  # fmt: skip
    set_target(measure="started", value=Decimal("0.95"), valid_from=beginning, by=by, now=now)
    for until in (FIRST_MONTH, SECOND_MONTH):
        run = queue_scorecards(first_month=beginning, until=until, by=by, now=now)
        run = compute_scorecards(run.pk, now=now)
        run = open_hearing(run=run, until=now.date() + timedelta(days=14), by=by, now=now)
        if until == FIRST_MONTH:
            answer_hearing(run=run, provider=town.provider, text="Too early.", by=town.reporter, now=now)
            run = finalise_scorecards(run=run, by=by, now=now)
            review = propose_review(
                scorecard=run.scorecards.get(), proposal=Review.Proposal.PLAN, reasons="Too few jobs.",
                diarienummer="2025/77", by=by, now=now,
            )  # fmt: skip
            decide_review(review=review, is_approved=True, reasons="As proposed.", by=colleague, now=now)
            ask_archive(run=run, kind=ScorecardArchive.Format.DOCX, language="sv", by=by, now=now)


def _register_each_thing(town: Town) -> None:
    """One of each thing that has a page of its own."""
    by, now = town.procurement, noon(FIRST_MONTH)
    enter_account(
        provider=town.provider, scheme=BankAccount.Scheme.BANKGIRO, number="991-2346", by=town.examiner, now=now
    )
    approve_subcontractor(
        provider=town.provider,
        name="Underleverantören",
        organisation_number=organisation_number(900),
        valid_from=FIRST_MONTH,
        by=by,
        now=now,
    )
    issue_credentials(provider=town.provider, name="Journalen", scopes=[Scope.FACTS_READ], by=by, now=now)
    application = steps.assessing(town.provider)  # a renewal: the town's provider is authorised from before
    steps.assess(application, steps.Outcome.CONDITION)
    proposal = steps.propose(application, steps.Kind.CONDITIONS, answer_by=None, urgency="Starten är i morgon.")
    decide(proposal=proposal, by=by, now=now)
    visit = steps.visited(town.provider, application.service)
    complaint = steps.complained(town.provider, application.service)
    steps.deviating(town.provider, visit=visit, complaint=complaint)
    draft = save_draft(document=model_document(town.model), by=by, now=now)
    ask_simulation(draft=draft, instead_of=town.model.code, first=FIRST_MONTH, last=FIRST_MONTH, by=by, now=now)


def _take_register(town: Town) -> None:
    """A register's file with a grade that confirms, and one of somebody who is not known."""
    handler = person("handler", Role.HANDLER)
    rows = "Personnummer;Kurskod;Betygsdatum;Betyg;Poäng\n19800101-1231;SVA01;2025-03-12;C;100\n"
    source = start_import(layout="betyg", name="betyg.csv", content=rows.encode(), by=handler, now=noon(SECOND_MONTH))
    read_import(source.pk, noon(SECOND_MONTH))


def _sample(town: Town, run: Run) -> None:
    """A sample that waits to be checked, and a proposal that waits for its reply."""
    draw_sample(run=run, by=person("handler", Role.HANDLER), now=noon(SECOND_MONTH))
    RecoveryProposal.objects.create(
        contract=town.contract, period=DateRange(FIRST_MONTH.replace(day=1), FIRST_MONTH, "[]"), paid=60_000_000,
        checked=30, wrong=6, found=900_000, estimate=12_000_000, low=4_000_000, high=22_000_000, amount=3_100_000,
        proposed_at=noon(SECOND_MONTH), proposed_by=town.procurement, answer_by=SECOND_MONTH,
    )  # fmt: skip
