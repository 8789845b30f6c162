"""What handlers are to look twice at: each kind of conflict, with evidence; and what contracts say of verification.

It comes after the last run, waits for a decision and so pays nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html import escape

from vl_convert import svg_to_png

from backend.demonstration.months import EXAMINED, Months
from backend.demonstration.register import Registered
from backend.kernel.calendar import local_day
from contracts.models import Contract
from outcomes.columns import FORMS, Kind
from outcomes.deciding import USUAL
from outcomes.models import Fact, Placement
from outcomes.services import (
    FactReport,
    Referral,
    attach_evidence,
    refer_participants,
    report_facts,
    set_verification_terms,
    verify_facts,
)
from outcomes.waiting import waiting_facts
from payouts.models import Line
from payouts.services import verify_by_rules
from payouts.stakes import weigh_facts

NUMBER = "P900001"
EMPLOYER = "559998-1230"
CERTIFIED = 12  # waiting facts with evidence
TWO_OFFICERS_FROM = 600_000  # öre
PERMANENT = FORMS.index("permanent") + 1
CERTIFICATE = """<svg xmlns="http://www.w3.org/2000/svg" width="620" height="400" font-family="sans-serif">
<rect width="620" height="400" fill="#fff"/><rect x="20" y="20" width="580" height="360" fill="none" stroke="#789"/>
<text x="50" y="85" font-size="28" fill="#123">Intyg</text>
<text x="50" y="140" font-size="18">Placering {placement}</text>
<text x="50" y="175" font-size="18">{what}</text>
<text x="50" y="210" font-size="18">Från och med {day}</text>
<text x="50" y="300" font-size="16" fill="#456">Underskrift: ____________________</text>
<text x="50" y="350" font-size="13" fill="#678">Påhittat, för visning</text></svg>"""


@dataclass(frozen=True, slots=True)
class Doubts:
    """The demonstration's people at the moment after the last run."""

    registered: Registered
    now: datetime

    def report(self, placement: Placement, name: str, kind: Kind, **content: object) -> Fact:
        provider = placement.contract.provider
        by = self.registered.systems[self.registered.providers.index(provider)]
        report = FactReport(f"{NUMBER}-{name}", placement.number, kind, **content)  # type: ignore[arg-type]
        (pk,) = report_facts(provider=provider, reports=[report], by=by, now=self.now).ids
        return Fact.objects.get(pk=pk)

    def job(self, placement: Placement, name: str, days: int, employer: str = EMPLOYER) -> Fact:
        first = local_day(self.now) - timedelta(days=days)
        return self.report(
            placement, name, Kind.EMPLOYMENT, from_day=first, through_day=None, quantity=100, subject=employer,
            detail=PERMANENT,
        )  # fmt: skip

    def attach(self, fact: Fact, content: bytes | None = None) -> bytes:
        content = content or certificate(fact)
        by = self.registered.systems[self.registered.providers.index(fact.provider)]
        attach_evidence(fact=fact, name=f"intyg-{fact.external_id}.png", content=content, by=by, now=self.now)
        return content


def certificate(fact: Fact) -> bytes:
    what = escape(fact.subject.text if fact.subject else "")
    said = CERTIFICATE.format(placement=fact.placement.number, what=what, day=fact.from_day)
    return bytes(svg_to_png(said))


def raise_doubts(registered: Registered, months: Months) -> None:
    """Report what conflicts, attach evidence, say how contracts are verified, and let the rules that are on do so."""
    now = months.after(months.count - 1, EXAMINED)
    doubts = Doubts(registered, now)
    _report_twice(doubts)
    _report_odd_jobs(doubts)
    recent = waiting_facts().filter(kind__in=(Kind.EMPLOYMENT, Kind.GRADE), evidence=None).order_by("-pk")
    for fact in recent[:CERTIFIED]:
        doubts.attach(fact)
    _say_terms(registered, now)
    _sign(registered, now)
    verify_by_rules(now=now)


def _report_twice(doubts: Doubts) -> None:
    """A participant whose start part was paid is placed with another provider too, and both claim the same job."""
    today = local_day(doubts.now)
    started = today - timedelta(days=USUAL.same_step_within - 30)
    lines = Line.objects.filter(step__trigger="attendance", amount__gt=0, qualifies_on__gt=started)
    open_lines = lines.filter(placement__period__endswith=None).select_related("placement__contract__provider")
    for line in open_lines.order_by("-qualifies_on", "placement"):
        first = line.placement
        other = _elsewhere(doubts.registered, first)
        if other and not first.facts.filter(kind=Kind.EMPLOYMENT).exists():
            break
    else:
        return
    newest = first.versions.latest("recorded_at")
    days = today - timedelta(days=25), today - timedelta(days=20)
    referral = Referral(NUMBER, first.participant.number, other.pk, newest.tier, newest.price, *days)
    (by,) = doubts.registered.doing("refers")
    (pk,) = refer_participants(referrals=[referral], by=by, now=doubts.now)
    second = Placement.objects.get(pk=pk)
    doubts.report(
        second, "narvaro", Kind.ATTENDANCE, from_day=days[1], through_day=today - timedelta(days=1), quantity=12
    )
    shown = doubts.attach(doubts.job(first, "arbete-1", 10))
    doubts.attach(doubts.job(second, "arbete-2", 10), shown)


def _elsewhere(registered: Registered, placement: Placement) -> Contract | None:
    """A contract of another provider with the same payment model, which takes referrals."""
    (version,) = placement.contract.terms.values_list("version", flat=True)
    found = Contract.objects.filter(terms__version=version).exclude(provider=placement.contract.provider)
    return found.filter(provider__authorisations__valid_through=None).order_by("pk").first()


def _report_odd_jobs(doubts: Doubts) -> None:
    """A job with the provider itself, and one that began before the placement."""
    placements = Placement.objects.filter(
        period__endswith=None, contract__terms__version__steps__trigger="employment"
    ).exclude(facts__kind=Kind.EMPLOYMENT)
    chosen = list(placements.select_related("contract__provider").order_by("-pk").distinct()[:2])
    for placement, name in zip(chosen, ("egen", "tidigt"), strict=False):
        own = name == "egen"
        employer = placement.contract.provider.organisation_number if own else EMPLOYER
        doubts.job(placement, name, 1 if own else 400, employer)


def _sign(registered: Registered, now: datetime) -> None:
    """The first of two officers signs one fact on which much hangs."""
    for fact in waiting_facts().filter(kind=Kind.GRADE, replaces=None).order_by("-pk"):
        if sum(weigh_facts([fact.pk], local_day(now)).values()) >= TWO_OFFICERS_FROM:
            verify_facts(facts=[fact.pk], by=registered.doing("verifies")[0], now=now)
            return


def _say_terms(registered: Registered, now: datetime) -> None:
    """Two officers for what costs much, reports many at a time, and for some contracts rules that verify."""
    (by,) = registered.doing("procures")
    for number, contract in enumerate(registered.contracts):
        deciding = replace(
            USUAL,
            decide_within=30,
            second_officer_from=TWO_OFFICERS_FROM,
            bulk_kinds=(Kind.REPORT, Kind.ATTENDANCE),
            rules=("short_interruption", "report_of_past_month") if number % 4 == 0 else (),
        )
        set_verification_terms(
            contract=contract,
            deciding=deciding,
            valid_from=local_day(now),
            reason="Rutin för verifiering",
            by=by,
            now=now,
        )
