"""The register of providers: who they are, what the tax agency says of them, whom they let work for them."""

from datetime import date, datetime

from django.db import transaction
from stdnum.se import orgnr

from backend.kernel.audit import record_event
from backend.kernel.bulk import constraints_as
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import FINANCE, Role, User
from backend.kernel.permissions import require_role
from providers.models import GroupCompany, Provider, Subcontractor, TaxFact

PROVIDER_NUMBER = rule(
    "provider_number", gettext_noop("a provider's number is L and at least four digits, such as L0001")
)
PROVIDER_TWICE = rule("provider_twice", gettext_noop("another provider has this number or organisation number"))
ORGANISATION_NUMBER = rule(
    "organisation_number", gettext_noop("an organisation number has ten digits, of which the last checks the others")
)
SUBCONTRACTOR_TWICE = rule("subcontractor_twice", gettext_noop("the provider has this subcontractor already"))
SUBCONTRACTOR_ENDED = rule("subcontractor_ended", gettext_noop("this subcontractor's work has ended already"))

_CONSTRAINTS = {
    "providers_provider_number": PROVIDER_NUMBER,
    "providers_provider_number_key": PROVIDER_TWICE,
    "providers_provider_organisation_number_key": PROVIDER_TWICE,
}
CONTACT = ("contact_name", "contact_email", "contact_phone")


@transaction.atomic
def register_provider(
    *,
    number: str,
    name: str,
    organisation_number: str,
    kind: Provider.Kind,
    contact_name: str = "",
    contact_email: str = "",
    contact_phone: str = "",
    by: User,
    now: datetime,
) -> Provider:
    """Enter a provider in the register. It is not authorised by that."""
    require_role(by, Role.PROCUREMENT)
    provider = Provider(
        number=number,
        name=name,
        organisation_number=checked_organisation_number(organisation_number),
        kind=kind,
        contact_name=contact_name,
        contact_email=contact_email,
        contact_phone=contact_phone,
    )
    with constraints_as(_CONSTRAINTS, "number"):
        provider.save()
    record_event(by=by, action="register", on=provider, now=now, later={"number": number, "name": name})
    return provider


@transaction.atomic
def change_provider(
    *,
    provider: Provider,
    name: str,
    contact_name: str,
    contact_email: str,
    contact_phone: str,
    by: User,
    now: datetime,
) -> Provider:
    """Record a provider's new name or contact. Its number, organisation number and kind stay what they are."""
    require_role(by, Role.PROCUREMENT)
    provider = Provider.objects.select_for_update(no_key=True).get(pk=provider.pk)
    new = {
        "name": name,
        "contact_name": contact_name,
        "contact_email": contact_email,
        "contact_phone": contact_phone,
    }
    earlier = {field: getattr(provider, field) for field in new}
    changed = [field for field in new if new[field] != earlier[field]]
    for field in changed:
        setattr(provider, field, new[field])
    provider.save(update_fields=changed)
    record_event(
        by=by,
        action="change",
        on=provider,
        now=now,
        earlier={field: earlier[field] for field in changed},
        later={field: new[field] for field in changed},
    )
    return provider


def checked_organisation_number(text: str) -> str:
    """An organisation number as 556012-5790."""
    if not orgnr.is_valid(text):
        raise refuse(ORGANISATION_NUMBER, field="organisation_number", value=text)
    return str(orgnr.format(orgnr.compact(text)))


@transaction.atomic
def record_tax_fact(
    *, provider: Provider, kind: TaxFact.Kind, holds: bool, valid_from: date, by: User, now: datetime
) -> TaxFact:
    """Record what the tax agency says of a provider from a day on, in place of what it said before."""
    require_role(by, Role.PROCUREMENT, *FINANCE)
    fact = TaxFact.objects.create(
        provider=provider, kind=kind, holds=holds, valid_from=valid_from, recorded_at=now, recorded_by=by
    )
    later = {"kind": kind, "holds": holds, "valid_from": valid_from}
    record_event(by=by, action="record_tax_fact", on=provider, now=now, later=later)
    return fact


@transaction.atomic
def record_group_company(
    *, provider: Provider, name: str, organisation_number: str, belongs: bool, by: User, now: datetime
) -> GroupCompany:
    """Record that a company belongs to a provider's group, or no longer does. A job there is no job elsewhere."""
    require_role(by, Role.PROCUREMENT, Role.HANDLER)
    company = GroupCompany.objects.create(
        provider=provider,
        name=name,
        organisation_number=checked_organisation_number(organisation_number),
        belongs=belongs,
        recorded_at=now,
        recorded_by=by,
    )
    later = {"name": name, "organisation_number": company.organisation_number, "belongs": belongs}
    record_event(by=by, action="record_group_company", on=provider, now=now, later=later)
    return company


@transaction.atomic
def approve_subcontractor(
    *, provider: Provider, name: str, organisation_number: str, valid_from: date, by: User, now: datetime
) -> Subcontractor:
    """Approve that somebody else does part of a provider's work."""
    require_role(by, Role.PROCUREMENT)
    subcontractor = Subcontractor(
        provider=provider,
        name=name,
        organisation_number=checked_organisation_number(organisation_number),
        valid_from=valid_from,
        approved_at=now,
        approved_by=by,
    )
    with constraints_as({"providers_subcontractor_once": SUBCONTRACTOR_TWICE}, "organisation_number"):
        subcontractor.save()
    later = {"name": name, "organisation_number": subcontractor.organisation_number}
    record_event(by=by, action="approve_subcontractor", on=provider, now=now, later=later)
    return subcontractor


@transaction.atomic
def end_subcontractor(*, subcontractor: Subcontractor, by: User, now: datetime) -> Subcontractor:
    """Record that a subcontractor no longer works for a provider."""
    require_role(by, Role.PROCUREMENT)
    subcontractor = Subcontractor.objects.select_for_update().select_related("provider").get(pk=subcontractor.pk)
    if subcontractor.ended_at is not None:
        raise refuse(SUBCONTRACTOR_ENDED, field="subcontractor", value=subcontractor.name)
    subcontractor.ended_at, subcontractor.ended_by = now, by
    subcontractor.save(update_fields=["ended_at", "ended_by"])
    later = {"name": subcontractor.name}
    record_event(by=by, action="end_subcontractor", on=subcontractor.provider, now=now, later=later)
    return subcontractor
