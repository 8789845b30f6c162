"""Questions to the register of providers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from backend.kernel.models import User
from providers.models import Authorisation, BankAccount, Membership, Provider, TaxFact


def authorisations_of(providers: Iterable[int]) -> Mapping[int, list[Authorisation]]:
    """By provider id, its authorisation decisions, newest first."""
    decisions: defaultdict[int, list[Authorisation]] = defaultdict(list)
    for decision in Authorisation.objects.filter(provider__in=providers).order_by("-decided_at", "-pk"):
        decisions[decision.provider_id].append(decision)
    return decisions


def is_authorised(decisions: Sequence[Authorisation], day: date) -> bool:
    """Whether the newest decision that had begun to apply covers a day; `decisions` stand newest first."""
    governing = next((decision for decision in decisions if decision.valid_from <= day), None)
    return governing is not None and (governing.valid_through is None or governing.valid_through >= day)


def provider_of(user: User) -> Provider | None:
    """The provider that a person acts for now."""
    membership = Membership.objects.filter(user=user, ended_at=None).select_related("provider").first()
    return membership.provider if membership else None


def providers_on(day: date) -> QuerySet[Provider]:
    """All providers by name, each with the decision that governs its authorisation on a day, if there is one."""
    governing = Authorisation.objects.filter(provider=OuterRef("pk"), valid_from__lte=day)
    newest = governing.order_by("-decided_at", "-pk")[:1]
    return Provider.objects.order_by("name").annotate(
        authorised_from=Subquery(newest.values("valid_from")),
        authorised_through=Subquery(newest.values("valid_through")),
        is_authorised=Q(authorised_from__isnull=False)
        & (Q(authorised_through__isnull=True) | Q(authorised_through__gte=day)),
        has_account=Exists(
            BankAccount.objects.filter(provider=OuterRef("pk"), ended_at=None, confirmed_at__isnull=False)
        ),
    )


def account_of(provider: Provider) -> BankAccount | None:
    """The bank account that a provider is paid to: confirmed, and in use."""
    return provider.bank_accounts.filter(confirmed_at__isnull=False, ended_at=None).first()


def unconfirmed_accounts(by: User) -> QuerySet[BankAccount]:
    """Bank accounts that wait for a second officer, and that this one may confirm."""
    waiting = BankAccount.objects.filter(confirmed_at=None, ended_at=None).exclude(entered_by=by)
    return waiting.select_related("provider").order_by("entered_at")


def tax_fact_on(provider: Provider, kind: TaxFact.Kind, day: date) -> TaxFact | None:
    """What the tax agency says of a provider on a day, as last recorded."""
    facts = provider.tax_facts.filter(kind=kind, valid_from__lte=day)
    return facts.order_by("-valid_from", "-recorded_at", "-pk").first()


def lapsing_authorisations(day: date, horizon: date) -> QuerySet[Provider]:
    """Providers whose authorisation ends from `day` through `horizon`, the first one first."""
    lapsing = providers_on(day).filter(Q(is_authorised=True, authorised_through__lte=horizon))
    return lapsing.order_by(F("authorised_through"), "name")
