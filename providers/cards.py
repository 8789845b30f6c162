"""What waits at the register of providers, and what a search finds there."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import FINANCE, Role, User
from backend.kernel.web import HITS_MOST, STAFF, Card, Hit, card, searches
from providers.labels import SOON
from providers.models import Provider
from providers.selectors import (
    applications_for,
    deviations_for,
    is_open,
    lapsing_authorisations,
    open_complaints,
    proposals_for,
    proposals_to_decide,
    to_judge,
    unconfirmed_accounts,
    with_officers,
    with_provider,
)
from providers.states import DeviationState


@card(*FINANCE)
def accounts_to_confirm(reader: User, today: date) -> Card | None:
    """Bank accounts that somebody else entered."""
    waiting = list(unconfirmed_accounts(reader))
    return Card(
        title=_("bank accounts to confirm"),
        count=len(waiting),
        url=reverse("providers:detail", args=[waiting[0].provider_id]) if waiting else "",
        explanation=_("Nothing is paid to these providers' new accounts before a second officer has confirmed them."),
        since=waiting[0].entered_at.date() if waiting else None,
    )


@card(Role.PROCUREMENT, Role.PROVIDER)
def authorisations_that_lapse(reader: User, today: date) -> Card | None:
    """Authorisations that end within three months, and are not renewed."""
    lapsing = list(lapsing_authorisations(reader, today, today + SOON))
    return Card(
        title=_("authorisations lapse soon"),
        count=len(lapsing),
        url=f"{reverse('providers:authorisations')}?in_force=true&sort=valid_through",
        explanation=_(
            "Once one has lapsed, its contracts take no referrals and their lines are held. Renew it in time."
        ),
        until=lapsing[0].valid_through if lapsing else None,
    )


@card(Role.PROCUREMENT)
def applications_to_assess(reader: User, today: date) -> Card | None:
    """Applications that were handed in, or are being assessed."""
    waiting = list(applications_for(reader).filter(with_officers()).order_by("started_at"))
    return Card(
        title=_("applications to assess"),
        count=len(waiting),
        url=f"{reverse('providers:applications')}?waits=true",
        explanation=_("Take them up, and judge them requirement by requirement."),
        since=waiting[0].started_at.date() if waiting else None,
    )


@card(Role.PROVIDER)
def applications_to_complete(reader: User, today: date) -> Card | None:
    """The provider's own applications that are with it."""
    waiting = list(applications_for(reader).filter(with_provider()).order_by("started_at"))
    return Card(
        title=_("applications to complete"),
        count=len(waiting),
        url=reverse("providers:application", args=[waiting[0].pk]) if waiting else "",
        explanation=_("Add what is missing and hand them in: nothing is assessed before."),
        since=waiting[0].started_at.date() if waiting else None,
    )


@card(Role.PROCUREMENT)
def decisions_to_make(reader: User, today: date) -> Card | None:
    """Decisions that somebody else proposed."""
    waiting = list(proposals_to_decide(reader))
    return Card(
        title=_("decisions on authorisation to make"),
        count=len(waiting),
        url=reverse("providers:proposal", args=[waiting[0].pk]) if waiting else "",
        explanation=_("Another officer proposed them; a second one decides."),
        since=waiting[0].proposed_at.date() if waiting else None,
    )


@card(Role.PROVIDER)
def proposals_to_answer(reader: User, today: date) -> Card | None:
    """What is proposed about the provider, and that it may answer."""
    waiting = [one for one in proposals_for(reader).filter(is_open(), answer=None) if one.answer_by]
    return Card(
        title=_("proposed decisions to answer"),
        count=len(waiting),
        url=reverse("providers:proposal", args=[waiting[0].pk]) if waiting else "",
        explanation=_("Your answer stands word for word in the decision."),
        until=waiting[0].answer_by if waiting else None,
    )


@card(Role.PROCUREMENT, Role.PROVIDER)
def deviations_to_act_on(reader: User, today: date) -> Card | None:
    """Deviations that wait for the reader: a provider's open ones, an officer's answered or overdue ones."""
    is_officer = Role.PROCUREMENT in reader.roles
    mine = to_judge(today) if is_officer else Q(state=DeviationState.OPEN)
    waiting = list(deviations_for(reader).filter(mine))
    officers = _("deviations to judge"), _("The provider has answered, or its deadline has passed.")
    providers = _("deviations to mend"), _("Say what you have done before the deadline.")
    title, explanation = officers if is_officer else providers
    return Card(
        title=title,
        count=len(waiting),
        url=f"{reverse('providers:deviations')}?{'waits=true' if is_officer else 'state=open'}",
        explanation=explanation,
        until=waiting[0].deadline if waiting else None,
    )


@card(Role.PROCUREMENT)
def complaints_to_settle(reader: User, today: date) -> Card | None:
    """Complaints that nobody has settled."""
    waiting = list(open_complaints())
    return Card(
        title=_("complaints to settle"),
        count=len(waiting),
        url=reverse("providers:detail", args=[waiting[0].provider_id]) if waiting else "",
        explanation=_("Say what each led to; a requirement that is not met is recorded as a deviation."),
        since=waiting[0].received_on if waiting else None,
    )


@searches(*STAFF)
def find_providers(reader: User, text: str) -> Iterator[Hit]:
    named = Q(name__icontains=text) | Q(number__istartswith=text) | Q(organisation_number__startswith=text)
    for provider in Provider.objects.filter(named).order_by("name")[:HITS_MOST]:
        yield Hit(_("provider"), str(provider), reverse("providers:detail", args=[provider.pk]))
