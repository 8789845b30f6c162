"""Who may see who a participant is. Pages, the API, files and logs all ask here."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import User
from outcomes.models import Fact, NamedHandler, Participant, Placement, Protection

NOT_NAMED = rule("not_named", gettext_noop("the participant is protected, and this person is not named as its handler"))


def hidden_protections(reader: User) -> QuerySet[Protection]:
    """The protections in force that the reader is not named for: whose participants are "skyddad" to the reader."""
    named = NamedHandler.objects.filter(user=reader, ended_at=None)
    return Protection.objects.filter(lifted_at=None).exclude(pk__in=named.values("protection"))


def is_hidden(participant: Participant, reader: User) -> bool:
    """Whether the reader may not see who a participant is."""
    return hidden_protections(reader).filter(participant=participant).exists()


def with_hidden(placements: QuerySet[Placement], reader: User) -> QuerySet[Placement]:
    """Placements, each with `is_hidden`: whether the reader may not see who its participant is."""
    return placements.annotate(is_hidden=Exists(hidden_protections(reader).filter(participant=OuterRef("participant"))))


def with_hidden_participants(facts: QuerySet[Fact], reader: User) -> QuerySet[Fact]:
    """Facts, each with `is_hidden`: whether the reader may not see who the participant is."""
    hidden = hidden_protections(reader).filter(participant=OuterRef("placement__participant"))
    return facts.annotate(is_hidden=Exists(hidden))


def of_visible_participants(reader: User) -> Q:
    """A filter of placements: those whose participant the reader may see. A search by who it is needs it."""
    return ~Q(participant__in=hidden_protections(reader).values("participant"))


def require_named(participant: Participant, by: User) -> None:
    """DomainError if the person may not see who a participant is."""
    if is_hidden(participant, by):
        raise refuse(NOT_NAMED, field="by", value=by.get_username())
