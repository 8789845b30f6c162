"""What waits at runs and the ledger, what money hangs on facts that wait, and what a search finds."""

from collections.abc import Iterator
from datetime import date

from django.db import connection
from django.db.models import Min, Q, QuerySet
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backend.kernel.errors import DomainError
from backend.kernel.models import FINANCE, Role, User
from backend.kernel.selectors import add_object_page
from backend.kernel.web import HITS_MOST, STAFF, Card, Hit, Text, card, searches
from outcomes.models import Fact, Placement
from outcomes.permissions import of_visible_participants
from outcomes.waiting import asked_for_more
from payouts.models import Run
from payouts.queue import decide_by, for_me
from payouts.services.attesting import SIGNERS, check_signer
from payouts.stakes import stakes
from payouts.states import RunState

HELD = """
    SELECT count(*), coalesce(sum(line.amount), 0)::bigint, min(held.placed_at)
    FROM (
        SELECT placement_id, step_id, occurrence, run_id, placed_at FROM payouts_hold
        WHERE released_at IS NULL AND contract_id IS NULL
        UNION
        SELECT line.placement_id, line.step_id, line.occurrence, line.run_id, hold.placed_at
        FROM payouts_hold AS hold JOIN payouts_line AS line ON line.contract_id = hold.contract_id
        JOIN payouts_run AS run ON run.id = line.run_id AND run.computed_at >= hold.placed_at
        WHERE hold.released_at IS NULL
    ) AS held
    JOIN payouts_line AS line USING (placement_id, step_id, occurrence, run_id)
    JOIN payouts_run AS run ON run.id = line.run_id AND run.state <> 'cancelled'"""

NEARLY_SPENT = 90  # per cent
BUDGETS = """
    WITH budget AS (
        SELECT DISTINCT ON (contract_id) contract_id, amount FROM contracts_contractbudget
        WHERE year = %(year)s ORDER BY contract_id, number DESC
    )
    SELECT count(*), coalesce(sum(budget.amount - spent.amount), 0)::bigint
    FROM budget JOIN (
        SELECT line.contract_id, sum(line.amount) AS amount
        FROM payouts_line AS line JOIN payouts_run AS run ON run.id = line.run_id AND run.state <> 'cancelled'
        WHERE line.contract_id IN (SELECT contract_id FROM budget)
            AND line.qualifies_on BETWEEN make_date(%(year)s, 1, 1) AND make_date(%(year)s, 12, 31)
        GROUP BY line.contract_id
    ) AS spent USING (contract_id)
    WHERE spent.amount * 100 >= budget.amount * %(part)s"""


@card(Role.HANDLER)
def facts_without_decision(reader: User, today: date) -> Card:
    """Facts that a handler should decide about, and what would be owed for them today."""
    waiting = for_me(reader)
    return _facts_card(
        waiting, today, "decide", _("facts wait for a decision"),
        _("The sum is what would be owed today if all of them were verified."), until=decide_by(waiting, today),
    )  # fmt: skip


@card(Role.HANDLER)
def more_asked_and_unanswered(reader: User, today: date) -> Card:
    """Facts about which more was asked for, and nothing has come."""
    asked = asked_for_more()
    return _facts_card(
        asked, today, "asked", _("facts of which more is asked for are unanswered"),
        _("Providers are reminded three days before the last day. Reject what is not answered then."),
        until=asked.order_by().aggregate(first=Min("due_on"))["first"],
    )  # fmt: skip


def _facts_card(
    facts: QuerySet[Fact], today: date, state: str, title: Text, explanation: Text, until: date | None
) -> Card:
    waiting = list(facts.order_by().values_list("placement", "reported"))  # once: to find them takes most of the time
    return Card(
        title=title,
        count=len(waiting),
        url=f"{reverse('payouts:queue')}?state={state}",
        explanation=explanation,
        amount=sum(stakes([placement for placement, _ in waiting], today).values()),
        since=min((reported for _, reported in waiting), default=None),
        until=until,
    )


@card(*FINANCE)
def run_awaits_me(reader: User, today: date) -> Card | None:
    """The computed run, if the reader may sign it."""
    run = _newest_run()
    if run is None or run.computed_at is None or not _may_sign(run, reader):
        return None
    return Card(
        title=_("run awaits your attest"),
        count=1,
        url=reverse("payouts:run_detail", args=[run.sequence]),
        explanation=_("Until two people have signed it nothing of it is paid, and no other run can start."),
        amount=run.total,
        since=localdate(run.computed_at),
    )


def _may_sign(run: Run, reader: User) -> bool:
    """Whether the services would take a signature from the reader."""
    for signature in (signature for signature, role in SIGNERS.items() if role in reader.roles):
        try:
            check_signer(run, signature, run.digest, reader)
        except DomainError:
            continue
        return True
    return False


@card(*FINANCE)
def lines_are_held(reader: User, today: date) -> Card | None:
    """Lines that are not paid for the time being."""
    with connection.cursor() as cursor:
        cursor.execute(HELD)
        count, amount, since = cursor.fetchone()
    newest = _newest_run()
    if newest is None:
        return None
    return Card(
        title=_("lines are held"),
        count=count,
        url=f"{reverse('payouts:run_detail', args=[newest.sequence])}#holds",
        explanation=_("They are owed, but not paid before their hold is released. The newest run says why."),
        amount=amount,
        since=localdate(since) if since else None,
    )


@card(*FINANCE, Role.PROCUREMENT)
def providers_are_parked(reader: User, today: date) -> Card | None:
    """Providers that the newest run left out."""
    run = _newest_run()
    if run is None or run.computed_at is None:
        return None
    return Card(
        title=_("providers are parked"),
        count=run.parked.values("provider").distinct().count(),
        url=f"{reverse('payouts:run_detail', args=[run.sequence])}#parked",
        explanation=_("Something that they reported breaks a rule. They are paid nothing before it is mended."),
        since=localdate(run.computed_at),
    )


@card(Role.PROCUREMENT)
def budgets_nearly_spent(reader: User, today: date) -> Card | None:
    """Contracts that have used nine tenths of the year's budget."""
    newest = _newest_run()
    if newest is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(BUDGETS, {"year": today.year, "part": NEARLY_SPENT})
        count, left = cursor.fetchone()
    return Card(
        title=_("budgets are nearly spent"),
        count=count,
        url=f"{reverse('payouts:run_detail', args=[newest.sequence])}#holds",
        explanation=_("What goes beyond the year's budget is held. The sum is what is left, below 0 if more is owed."),
        amount=left,
    )


def _newest_run() -> Run | None:
    return Run.objects.exclude(state=RunState.CANCELLED).exclude(computed_at=None).order_by("sequence").last()


@searches(*STAFF)
def find_placements(reader: User, text: str) -> Iterator[Hit]:
    """Placements by number; by the participant's number only where the reader may see it."""
    by_participant = Q(participant__number__istartswith=text) & of_visible_participants(reader)
    found = Placement.objects.filter(Q(number__istartswith=text) | by_participant)
    for placement in found.select_related("contract__provider").order_by("number")[:HITS_MOST]:
        address = reverse("payouts:placement_detail", args=[placement.pk])
        yield Hit(_("placement"), placement.number, address, placement.contract.provider.name)


add_object_page("outcomes.fact", lambda pk: reverse("payouts:fact", args=[pk]))
add_object_page("outcomes.placement", lambda pk: reverse("payouts:placement_detail", args=[pk]))
