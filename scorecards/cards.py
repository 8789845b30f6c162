"""What waits at scorecards: hearings that can be closed, answers to give, reviews to decide."""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import Role, User
from backend.kernel.web import Card, card
from providers.selectors import provider_of
from scorecards.selectors import cards_for, open_hearings, reviews
from scorecards.states import ScorecardState


@card(Role.PROVIDER)
def scorecards_to_answer(reader: User, today: date) -> Card | None:
    """Scorecards that the provider may answer."""
    provider = provider_of(reader)
    if provider is None:
        return None
    mine = cards_for(provider).filter(run__state=ScorecardState.HEARING, run__hearing_until__gte=today)
    unanswered = mine.exclude(run__answers__provider=provider)
    first = unanswered.order_by("run__hearing_until").first()
    return Card(
        title=_("scorecards await your answer"),
        count=unanswered.count(),
        url=reverse("scorecards:own"),
        explanation=_("Say what is wrong or missing before they become final."),
        until=first.run.hearing_until if first else None,
    )


@card(Role.PROCUREMENT)
def hearings_that_are_over(reader: User, today: date) -> Card:
    """Hearings whose time to answer has passed."""
    over = open_hearings().filter(hearing_until__lt=today)
    return Card(
        title=_("hearings about scorecards are over"),
        count=over.count(),
        url=f"{reverse('scorecards:list')}?state={ScorecardState.HEARING}",
        explanation=_("Compute them anew if facts were corrected, and make them final."),
        since=min((run.hearing_until for run in over if run.hearing_until), default=None),
    )


@card(Role.PROCUREMENT)
def reviews_to_decide(reader: User, today: date) -> Card:
    """Reviews that a colleague proposed."""
    waiting = reviews().filter(decided_at=None).exclude(proposed_by=reader)
    return Card(
        title=_("reviews await a second officer"),
        count=waiting.count(),
        url=f"{reverse('scorecards:reviews')}?waits=true",
        explanation=_("A colleague has proposed what follows from a scorecard."),
        since=min((review.proposed_at.date() for review in waiting), default=None),
    )
