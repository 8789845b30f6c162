"""Questions to the register of providers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from backend.kernel.models import Role, User
from providers.models import (
    ApiClient,
    ApiSecret,
    Application,
    Assessment,
    Authorisation,
    BankAccount,
    Catalogue,
    Complaint,
    Deviation,
    Evidence,
    Membership,
    Proposal,
    Provider,
    Service,
    secret_digest,
)
from providers.permissions import may_see_all
from providers.states import WITH_THE_PROVIDER, ApplicationState, DeviationState


def authorisations_of(providers: Iterable[int]) -> Mapping[int, list[Authorisation]]:
    """By provider id, its authorisation decisions, newest first."""
    decisions: defaultdict[int, list[Authorisation]] = defaultdict(list)
    for decision in Authorisation.objects.filter(provider__in=providers).order_by("-decided_at", "-pk"):
        decisions[decision.provider_id].append(decision)
    return decisions


def governing(decisions: Iterable[Authorisation], service: int | None, day: date) -> Authorisation | None:
    """Of decisions that stand newest first, the one that governs a service (its id) on a day.

    A decision about every service governs each; for what names no service only such a decision does.
    """
    return next((one for one in decisions if one.valid_from <= day and one.service_id in (None, service)), None)


def is_authorised(decisions: Iterable[Authorisation], service: int | None, day: date) -> bool:
    """Whether a provider may deliver a service on a day; `decisions` as for `governing`."""
    one = governing(decisions, service, day)
    return one is not None and one.authorises(day)


def decisions_on(provider: Provider, service: Service | None) -> QuerySet[Authorisation]:
    """All decisions that concern a service of a provider, newest first."""
    concerned = Q(service=None) | Q(service=service) if service else Q(service=None)
    return provider.authorisations.filter(concerned).order_by("-decided_at", "-pk")


def authorisation_on(provider: Provider, service: Service | None, day: date) -> Authorisation | None:
    """The decision that governs a provider's right to deliver a service on a day; None if there never was one.

    `effect` says whether it is suspended or revoked, `authorises(day)` whether the provider may deliver.
    """
    return decisions_on(provider, service).filter(valid_from__lte=day).first()


def standing(day: date) -> QuerySet[Authorisation]:
    """The decisions that govern on a day, one per provider and service (or for every service)."""
    later = Authorisation.objects.filter(
        Q(service=OuterRef("service")) | Q(service=None),
        Q(decided_at__gt=OuterRef("decided_at")) | Q(decided_at=OuterRef("decided_at"), pk__gt=OuterRef("pk")),
        provider=OuterRef("provider"),
        valid_from__lte=day,
    )
    found = Authorisation.objects.filter(~Exists(later), valid_from__lte=day)
    return found.select_related("provider", "service", "decision__proposal").order_by(
        "provider__name", "service__title"
    )


def in_force(day: date) -> Q:
    """Of `standing`: those under which the provider may deliver."""
    lasting = Q(valid_through__isnull=True) | Q(valid_through__gte=day)
    return Q(effect=Authorisation.Effect.AUTHORISED) & lasting


def provider_of(user: User) -> Provider | None:
    """The provider that a person acts for now."""
    membership = Membership.objects.filter(user=user, ended_at=None).select_related("provider").first()
    return membership.provider if membership else None


def client_with_secret(client_id: str, secret: str, now: datetime) -> ApiClient | None:
    """The client that has this identifier and this secret, if both are valid."""
    secrets = ApiSecret.objects.filter(Q(valid_until=None) | Q(valid_until__gt=now), digest=secret_digest(secret))
    known = secrets.filter(client__application__client_id=client_id, client__revoked_at=None)
    found = known.select_related("client__application").first()
    return found.client if found else None


def providers_on(day: date) -> QuerySet[Provider]:
    """All providers by name, each with whether it is authorised for something on a day, and what ends first."""
    authorised = standing(day).filter(in_force(day), provider=OuterRef("pk"))
    return Provider.objects.order_by("name").annotate(
        is_authorised=Exists(authorised),
        authorised_through=Subquery(authorised.order_by("valid_through").values("valid_through")[:1]),
        has_account=Exists(
            BankAccount.objects.filter(provider=OuterRef("pk"), ended_at=None, confirmed_at__isnull=False)
        ),
    )


def unconfirmed_accounts(by: User) -> QuerySet[BankAccount]:
    """Bank accounts that wait for a second officer, and that this one may confirm."""
    waiting = BankAccount.objects.filter(confirmed_at=None, ended_at=None).exclude(entered_by=by)
    return waiting.select_related("provider").order_by("entered_at")


def lapsing_authorisations(reader: User, day: date, horizon: date) -> QuerySet[Authorisation]:
    """Authorisations in force that end from `day` through `horizon` and are not renewed, the first one first."""
    renewed = Authorisation.objects.filter(
        provider=OuterRef("provider"), service=OuterRef("service"), valid_from__gt=day
    )
    lapsing = authorisations_for(reader, day).filter(in_force(day), ~Exists(renewed), valid_through__lte=horizon)
    return lapsing.order_by("valid_through", "provider__name")


# --- requirements and applications


def catalogue_on(service: Service, day: date) -> Catalogue | None:
    """The requirements of a service that are in force on a day."""
    return service.catalogues.filter(valid_from__lte=day).order_by("-valid_from").first()


def applications_for(reader: User) -> QuerySet[Application]:
    """The applications that somebody may see: officers all of them, a provider its own."""
    found = Application.objects.select_related("provider", "service", "catalogue").order_by("-started_at", "-pk")
    return _own(found, reader)


def with_officers() -> Q:
    """Of applications: it is an officer's turn."""
    return Q(state__in=[ApplicationState.SUBMITTED, ApplicationState.ASSESSING])


def with_provider() -> Q:
    """Of applications: it is the provider's turn."""
    return Q(state__in=sorted(WITH_THE_PROVIDER))


def proposals_for(reader: User) -> QuerySet[Proposal]:
    """The proposals and decisions that somebody may see: a provider its own, once decided or sent to it to answer."""
    found = Proposal.objects.select_related("provider", "service", "application", "proposed_by", "decision__decided_by")
    if not may_see_all(reader):
        found = found.filter(Q(decision__isnull=False) | Q(answer_by__isnull=False, returned=None))
    return _own(found.order_by("-proposed_at", "-pk"), reader)


def _own(rows: QuerySet[Any], reader: User) -> QuerySet[Any]:
    if may_see_all(reader):
        return rows
    return rows.filter(provider=provider_of(reader)) if Role.PROVIDER in reader.roles else rows.none()


def evidence_of(application: Application) -> Mapping[int, list[Evidence]]:
    """By requirement id, the documents of an application, without their content."""
    found: defaultdict[int, list[Evidence]] = defaultdict(list)
    for evidence in application.evidence.defer("content").order_by("added_at", "pk"):
        found[evidence.requirement_id].append(evidence)
    return found


def assessments_of(application: Application) -> Mapping[int, Assessment]:
    """By requirement id, what an application was judged last."""
    judged = application.assessments.select_related("requirement", "assessed_by").order_by("assessed_at", "pk")
    return {assessment.requirement_id: assessment for assessment in judged}


def is_open() -> Q:
    """Of proposals: nothing has come of them yet."""
    return Q(decision=None, returned=None)


def proposals_to_decide(by: User) -> QuerySet[Proposal]:
    """Proposals that wait for a second officer, and that this one may decide."""
    return proposals_for(by).filter(is_open()).exclude(proposed_by=by).order_by("proposed_at")


def authorisations_for(reader: User, day: date) -> QuerySet[Authorisation]:
    """The decisions that govern on a day, as far as somebody may see them."""
    return _own(standing(day), reader)


def public_register(day: date) -> list[dict[str, str | date | None]]:
    """Who is authorised for what on a day, or is suspended: what anybody may know."""
    shown = standing(day).filter(in_force(day) | Q(effect=Authorisation.Effect.SUSPENDED))
    return [
        {
            "number": one.provider.number,
            "name": one.provider.name,
            "organisation_number": one.provider.organisation_number,
            "service": one.service.title if one.service else None,
            "state": _public_state(one),
            "valid_from": one.valid_from,
            "valid_through": one.valid_through,
        }
        for one in shown
    ]


def _public_state(one: Authorisation) -> str:
    if one.effect == Authorisation.Effect.SUSPENDED:
        return "suspended"
    return "conditions" if one.decision and one.decision.proposal.conditions else "authorised"


# --- follow-up


def deviations_for(reader: User) -> QuerySet[Deviation]:
    """The deviations that somebody may see, the nearest deadline first."""
    found = Deviation.objects.select_related("provider", "requirement", "visit", "complaint", "found_by")
    return _own(found.order_by("deadline", "pk"), reader)


def to_judge(today: date) -> Q:
    """Of deviations: the provider has answered, or its deadline has passed."""
    return Q(state=DeviationState.ANSWERED) | Q(state=DeviationState.OPEN, deadline__lt=today)


def open_complaints() -> QuerySet[Complaint]:
    """Complaints that are not settled yet, the oldest first."""
    return Complaint.objects.filter(settled_at=None).select_related("provider").order_by("received_on", "pk")
