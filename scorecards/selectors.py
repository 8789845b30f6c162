"""Questions to scorecards."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Count, QuerySet

from providers.models import Provider
from scorecards.models import HearingAnswer, MeasureTarget, Review, ReviewThreshold, Scorecard, ScorecardRun
from scorecards.states import SHOWN_TO_PROVIDERS, UNFINISHED, ScorecardState
from scorecards.thresholds import Finding, Threshold, find


def runs() -> QuerySet[ScorecardRun]:
    """All computations, the newest first, without what they found, each with its numbers of cards and answers."""
    return (
        ScorecardRun.objects.order_by("-queued_at", "-pk")
        .defer("result")
        .annotate(
            card_count=Count("scorecards", distinct=True),
            answer_count=Count("answers__provider", distinct=True),
            provider_count=Count("scorecards__provider", distinct=True),
        )
    )


def cards_of(run: ScorecardRun) -> QuerySet[Scorecard]:
    return run.scorecards.select_related("provider").order_by("service_title", "provider__name")


def cards_for(provider: Provider) -> QuerySet[Scorecard]:
    """What a provider may see: its own cards, from the hearing on."""
    shown = Scorecard.objects.filter(provider=provider, run__state__in=SHOWN_TO_PROVIDERS)
    return shown.select_related("run", "provider").order_by("-run__until", "-run__queued_at", "service_title")


def answers_to(card: Scorecard) -> QuerySet[HearingAnswer]:
    """The provider's answers in the hearing of a card, or of those that it was computed anew after."""
    heard = [card.run_id]
    before = card.run.revises
    while before and before.state in (ScorecardState.SUPERSEDED, ScorecardState.HEARING):
        heard.append(before.pk)
        before = before.revises
    return HearingAnswer.objects.filter(run__in=heard, provider=card.provider_id).select_related("by").order_by("at")


def other_versions(card: Scorecard) -> list[Scorecard]:
    """Final cards of the same provider, service and period: what was published, and its revisions."""
    same = Scorecard.objects.filter(
        provider=card.provider_id, service=card.service, run__until=card.run.until,
        run__first_month=card.run.first_month, run__state=ScorecardState.FINAL,
    )  # fmt: skip
    return list(same.exclude(pk=card.pk).select_related("run").order_by("run__finalised_at"))


def final_cards_through(card: Scorecard) -> list[Scorecard]:
    """The provider's final cards of the service, one for each period, the newest first, up to the given one's."""
    finals = Scorecard.objects.filter(
        provider=card.provider_id, service=card.service, run__until__lte=card.run.until,
        run__state=ScorecardState.FINAL,
    )  # fmt: skip
    newest = finals.order_by("run__until", "-run__finalised_at").distinct("run__until")
    return sorted(newest.select_related("run"), key=lambda one: one.run.until, reverse=True)


def thresholds_for(run: ScorecardRun) -> QuerySet[ReviewThreshold]:
    """The thresholds that were announced, and in force, before the first participant of a run started."""
    return ReviewThreshold.objects.filter(valid_from__lte=run.first_month).order_by("step", "measure", "-beyond")


def findings_of(card: Scorecard) -> list[Finding]:
    """What the announced thresholds say of a card, with the periods before it."""
    cards = final_cards_through(card)
    if card.pk not in [one.pk for one in cards]:
        cards.insert(0, card)
    return [find(_threshold(row), _ratings(cards, row.measure)) for row in thresholds_for(card.run)]


def _threshold(row: ReviewThreshold) -> Threshold:
    return Threshold(row.step, row.measure, row.beyond, row.periods)


def _ratings(cards: Sequence[Scorecard], measure: str) -> list[dict | None]:
    return [card.result["ratings"].get(measure) for card in cards]


def targets_on(day: date) -> dict[str, MeasureTarget]:
    """By measure, the target of the whole city on a day."""
    rows = MeasureTarget.objects.filter(valid_from__lte=day, district=None)
    return {row.measure: row for row in rows.order_by("valid_from", "set_at")}


def reviews() -> QuerySet[Review]:
    """All reviews, those to decide first."""
    related = ("scorecard__run", "scorecard__provider", "proposed_by", "decided_by")
    return Review.objects.select_related(*related).order_by("decided_at", "-proposed_at")


def open_hearings() -> QuerySet[ScorecardRun]:
    return ScorecardRun.objects.defer("result").filter(state=ScorecardState.HEARING).order_by("hearing_until")


def lost_runs() -> list[int]:
    """Ids of runs that are to be computed."""
    return list(ScorecardRun.objects.filter(state__in=UNFINISHED).values_list("pk", flat=True))
