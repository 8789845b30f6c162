"""What waits at samples and proposed recoveries."""

from datetime import date, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import Role, User
from backend.kernel.web import Card, card
from payouts.models import Sample
from payouts.sample_selectors import proposals_for, to_check


@card(Role.HANDLER)
def facts_to_counter_verify(reader: User, today: date) -> Card | None:
    """Sampled facts that nobody has checked yet and the reader may check."""
    waiting = to_check(reader)
    first = waiting.first()
    if first is None:
        return None
    oldest = Sample.objects.get(strata=first.stratum_id)
    return Card(
        title=_("verified facts are to be checked again"),
        count=waiting.count(),
        url=reverse("payouts:counter_verify", args=[first.pk]),
        explanation=_("They were drawn by chance. A month's error rate is known when all of its facts are checked."),
        since=localdate(oldest.drawn_at),
    )


@card(Role.PROVIDER)
def proposals_to_answer(reader: User, today: date) -> Card | None:
    """Proposed recoveries that the reader's provider has not answered."""
    waiting = proposals_for(reader).filter(decision="", replied_at=None).order_by("answer_by")
    first = waiting.first()
    return Card(
        title=_("proposed recoveries to answer"),
        count=waiting.count(),
        url=reverse("payouts:recovery", args=[first.pk]) if first else "",
        explanation=_("Say what you think of them before they are decided."),
        amount=sum(one.amount for one in waiting),
        until=first.answer_by if first else None,
    )


@card(Role.DECIDER)
def proposals_to_decide(reader: User, today: date) -> Card | None:
    """Proposed recoveries that are answered, or whose time to answer has passed."""
    ready = Q(replied_at__isnull=False) | Q(answer_by__lt=today)
    waiting = proposals_for(reader).filter(ready, decision="").exclude(proposed_by=reader).order_by("answer_by")
    first = waiting.first()
    return Card(
        title=_("proposed recoveries to decide"),
        count=waiting.count(),
        url=f"{reverse('payouts:recoveries')}?decision=open",
        explanation=_("The provider has answered, or its time to answer has passed."),
        amount=sum(one.amount for one in waiting),
        since=first.answer_by - timedelta(days=1) if first else None,
    )
