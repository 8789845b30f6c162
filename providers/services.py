"""What procurement officers do with the register of providers."""

from datetime import date, datetime

from django.db import transaction

from backend.kernel.audit import record_event
from backend.kernel.bulk import constraints_as
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import FINANCE, Role, User
from backend.kernel.permissions import require_role
from providers.bank_numbers import AccountKind, read_account
from providers.models import AccountConfirmation, Authorisation, BankAccount, Membership, Provider, TaxRegistration
from providers.permissions import require_member
from providers.selectors import account_of, provider_of

PROVIDER_NUMBER = rule(
    "provider_number", gettext_noop("a provider's number is L and at least four digits, such as L0001")
)
PROVIDER_TWICE = rule("provider_twice", gettext_noop("another provider has this number or organisation number"))
MEMBER_ROLE = rule("member_role", gettext_noop("only an account with the role provider acts for a provider"))
MEMBER_TWICE = rule("member_twice", gettext_noop("this person acts for a provider already, {provider}"))
MEMBER_ENDED = rule("member_ended", gettext_noop("this person no longer acts for the provider"))
AUTHORISATION_DAYS = rule("authorisation_days", gettext_noop("an authorisation ends on or after its first day"))
ACCOUNT_REPLACED = rule("account_replaced", gettext_noop("the provider has registered another account since"))
OWN_ACCOUNT = rule("own_account", gettext_noop("somebody else than who registered the account confirms it"))
TAX_DAYS = rule("tax_registration_days", gettext_noop("a registration ends on or after its first day"))

_CONSTRAINTS = {
    "providers_provider_number": PROVIDER_NUMBER,
    "providers_provider_number_key": PROVIDER_TWICE,
    "providers_provider_organisation_number_key": PROVIDER_TWICE,
}


@transaction.atomic
def register_provider(
    *, number: str, name: str, organisation_number: str, kind: Provider.Kind, by: User, now: datetime
) -> Provider:
    """Enter a provider in the register. It is not authorised by that."""
    require_role(by, Role.PROCUREMENT)
    provider = Provider(number=number, name=name, organisation_number=organisation_number, kind=kind)
    with constraints_as(_CONSTRAINTS, "provider"):
        provider.save()
    record_event(by=by, action="register", on=provider, now=now, later={"number": number, "name": name})
    return provider


@transaction.atomic
def authorise_provider(
    *, provider: Provider, valid_from: date, valid_through: date | None, by: User, now: datetime
) -> Authorisation:
    """Decide that a provider is authorised; from `valid_from` on the decision takes the place of earlier ones."""
    require_role(by, Role.PROCUREMENT)
    if valid_through is not None and valid_through < valid_from:
        raise refuse(AUTHORISATION_DAYS, field="valid_through", value=valid_through)
    authorisation = Authorisation.objects.create(
        provider=provider, valid_from=valid_from, valid_through=valid_through, decided_by=by, decided_at=now
    )
    record_event(
        by=by,
        action="authorise",
        on=provider,
        now=now,
        later={"authorisation": authorisation.pk, "valid_from": valid_from, "valid_through": valid_through},
    )
    return authorisation


@transaction.atomic
def admit_member(*, provider: Provider, user: User, by: User, now: datetime) -> Membership:
    """Let a person, or a system, act for a provider."""
    require_role(by, Role.PROCUREMENT, Role.ADMINISTRATOR)
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if Role.PROVIDER not in user.roles:
        raise refuse(MEMBER_ROLE, field="user", value=user.get_username())
    if current := provider_of(user):
        raise refuse(MEMBER_TWICE, field="user", value=user.get_username(), provider=current.number)
    membership = Membership.objects.create(provider=provider, user=user, admitted_at=now, admitted_by=by)
    record_event(by=by, action="admit_member", on=provider, now=now, later={"user": user.get_username()})
    return membership


@transaction.atomic
def end_membership(*, membership: Membership, by: User, now: datetime) -> Membership:
    """A person no longer acts for a provider; what they did stays."""
    require_role(by, Role.PROCUREMENT, Role.ADMINISTRATOR)
    membership = Membership.objects.select_for_update().select_related("user", "provider").get(pk=membership.pk)
    if membership.ended_at is not None:
        raise refuse(MEMBER_ENDED, field="membership", value=membership.user.get_username())
    membership.ended_at, membership.ended_by = now, by
    membership.save(update_fields=["ended_at", "ended_by"])
    user = membership.user.get_username()
    record_event(by=by, action="end_membership", on=membership.provider, now=now, later={"user": user})
    return membership


@transaction.atomic
def register_account(
    *, provider: Provider, kind: AccountKind, number: str, bic: str = "", by: User, now: datetime
) -> BankAccount:
    """Register where a provider wants to be paid from now on, as an officer or as the provider.

    Nothing is paid there until another officer has confirmed it, nor to an earlier account.
    """
    if Role.PROVIDER in by.roles:
        require_member(by, provider)
    else:
        require_role(by, Role.PROCUREMENT, *FINANCE)
    number, bic = read_account(kind, number, bic)
    account = BankAccount.objects.create(
        provider=provider, kind=kind, number=number, bic=bic, registered_at=now, registered_by=by
    )
    record_event(by=by, action="register_account", on=provider, now=now, later={"kind": kind, "number": number})
    return account


@transaction.atomic
def confirm_account(*, account: BankAccount, by: User, now: datetime) -> AccountConfirmation:
    """Stand behind a provider's account: it was asked for in another way than it came in, and is the provider's.

    It may be confirmed anew, as after a payment that the bank sent back.
    """
    require_role(by, Role.PROCUREMENT, *FINANCE)
    provider = Provider.objects.select_for_update(no_key=True).get(pk=account.provider_id)
    if account != account_of(provider):
        raise refuse(ACCOUNT_REPLACED, field="account", value=account.number)
    if account.registered_by_id == by.pk:
        raise refuse(OWN_ACCOUNT, field="by", value=by.get_username())
    confirmation = AccountConfirmation.objects.create(account=account, confirmed_at=now, confirmed_by=by)
    later = {"kind": account.kind, "number": account.number}
    record_event(by=by, action="confirm_account", on=provider, now=now, later=later)
    return confirmation


@transaction.atomic
def record_tax_registration(
    *,
    provider: Provider,
    kind: TaxRegistration.Kind,
    valid_from: date,
    valid_through: date | None,
    by: User,
    now: datetime,
) -> TaxRegistration:
    """Record what the Tax Agency says of a provider; from `valid_from` on it takes the place of what was said."""
    require_role(by, Role.PROCUREMENT, *FINANCE)
    if valid_through is not None and valid_through < valid_from:
        raise refuse(TAX_DAYS, field="valid_through", value=valid_through)
    registration = TaxRegistration.objects.create(
        provider=provider,
        kind=kind,
        valid_from=valid_from,
        valid_through=valid_through,
        recorded_at=now,
        recorded_by=by,
    )
    later = {"kind": kind, "valid_from": valid_from, "valid_through": valid_through}
    record_event(by=by, action="record_tax_registration", on=provider, now=now, later=later)
    return registration
