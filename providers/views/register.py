"""Pages of the register of providers."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backend.kernel.actions import ConfirmPage, FormPage
from backend.kernel.details import DetailPage, Doing, Fact, Section
from backend.kernel.lists import ListPage
from backend.kernel.models import FINANCE, Role
from backend.kernel.web import STAFF, Text, may_read
from providers import forms as own_forms
from providers import services, tables
from providers.authorisation_tables import AuthorisationHistory
from providers.filters import ProviderFilter
from providers.labels import AUTHORISED, AUTHORISED_TONES
from providers.models import BankAccount, Membership, Provider, Subcontractor, TaxFact
from providers.permissions import OFFICERS
from providers.selectors import providers_on
from providers.views.oversight import followed_up

PROCUREMENT: tuple[Role, ...] = (Role.PROCUREMENT,)
ADMITTERS = (Role.PROCUREMENT, Role.ADMINISTRATOR)
GROUP_KNOWERS: tuple[Role, ...] = (*PROCUREMENT, Role.HANDLER)


class ProviderList(ListPage):
    """The register of providers."""

    readers = STAFF | {Role.ADMINISTRATOR}
    table_class, filterset_class = tables.ProviderTable, ProviderFilter
    heading = _("Providers")

    def get_queryset(self) -> QuerySet[Provider]:
        return providers_on(localdate())

    def main_action(self) -> tuple[str, Text] | None:
        return (reverse("providers:create"), _("Register a provider")) if may_read(self.reader, PROCUREMENT) else None


class ProviderDetail(DetailPage):
    """One provider."""

    readers = STAFF | {Role.ADMINISTRATOR}

    def get_queryset(self) -> QuerySet[Provider]:
        return providers_on(localdate())

    def crumbs(self) -> list[tuple[Text, str]]:
        return [(_("Providers"), reverse("providers:list"))]

    def state(self) -> tuple[Text, str] | None:
        if self.object.kind == Provider.Kind.IN_HOUSE:
            return None
        return AUTHORISED[self.object.is_authorised], AUTHORISED_TONES[self.object.is_authorised]

    def facts(self) -> list[Fact]:
        provider = self.object
        return [
            Fact(_("Organisation number"), provider.organisation_number),
            Fact(_("Kind"), provider.get_kind_display()),
            Fact(_("Contact"), provider.contact_name),
            Fact(_("E-mail"), provider.contact_email),
            Fact(_("Telephone"), provider.contact_phone),
        ]

    def doings(self) -> list[Doing]:
        args = [self.object.pk]
        return [
            Doing(_("Change"), reverse("providers:change", args=args), PROCUREMENT),
            Doing(_("Record a complaint"), reverse("providers:complaint", args=args), (Role.HANDLER,)),
            Doing(_("Suspend or revoke"), reverse("providers:measure", args=args), PROCUREMENT),
            Doing(
                _("History"),
                f"{reverse('event_list')}?object_type=providers.provider&object_id={args[0]}",
                (Role.AUDITOR,),
            ),
        ]

    def sections(self) -> list[Section]:
        provider, args = self.object, [self.object.pk]
        decisions = provider.authorisations.select_related("decided_by", "service", "decision__proposal").order_by(
            "-decided_at", "-pk"
        )
        members = provider.memberships.select_related("user").order_by("ended_at", "admitted_at")
        shown = [Section(_("Authorisation"), AuthorisationHistory(decisions))]
        if may_read(self.reader, STAFF):
            taxes = provider.tax_facts.select_related("recorded_by").order_by("-valid_from", "-recorded_at")
            accounts = provider.bank_accounts.select_related("entered_by", "confirmed_by").order_by("-entered_at")
            companies = provider.group_companies.select_related("recorded_by").order_by("name", "-pk")
            others = provider.subcontractors.select_related("approved_by").order_by("ended_at", "name")
            shown += [
                Section(
                    _("Tax"),
                    tables.TaxFactTable(list(taxes)),
                    doings=[
                        Doing(_("Record an answer"), reverse("providers:tax", args=args), (*PROCUREMENT, *FINANCE))
                    ],
                ),
                Section(
                    _("Bank accounts"),
                    tables.AccountTable(list(accounts), reader=self.reader),
                    lead=_("A new account pays nothing until a second officer has confirmed it."),
                    doings=[Doing(_("Enter an account"), reverse("providers:account", args=args), FINANCE)],
                ),
                Section(
                    _("Companies of the group"),
                    tables.GroupCompanyTable(list(companies)),
                    lead=_("A job with the provider or its group is shown as a conflict when it is to be verified."),
                    doings=[Doing(_("Record a company"), reverse("providers:group", args=args), GROUP_KNOWERS)],
                ),
                Section(
                    _("Subcontractors"),
                    tables.SubcontractorTable(others.prefetch_related("checks")),
                    doings=[Doing(_("Approve one"), reverse("providers:subcontractor", args=args), PROCUREMENT)],
                ),
            ]
        if may_read(self.reader, OFFICERS):
            shown += followed_up(provider)
        admit = Doing(_("Admit somebody"), reverse("providers:member", args=args), ADMITTERS)
        return [*shown, Section(_("Who acts for the provider"), tables.MemberTable(members), doings=[admit])]


class ProviderAction(FormPage):
    """Something that is done with one provider."""

    readers = PROCUREMENT

    @property
    def provider(self) -> Provider:
        return get_object_or_404(Provider, pk=self.kwargs["pk"])

    def back(self) -> str:
        return reverse("providers:detail", args=[self.kwargs["pk"]])


class ProviderCreate(FormPage):
    """A new provider."""

    readers = PROCUREMENT
    form_class = own_forms.ProviderForm
    heading = button = _("Register a provider")
    done = _("The provider is registered. It is not authorised yet.")

    def back(self) -> str:
        return reverse("providers:list")

    def act(self, form: forms.Form) -> str:
        provider = services.register_provider(**form.cleaned_data, by=self.reader, now=self.now)
        return reverse("providers:detail", args=[provider.pk])


class ProviderChange(ProviderAction):
    """A provider's name and contact."""

    form_class = own_forms.ContactForm
    heading, button, done = _("Change the provider"), _("Save"), _("The change is saved.")

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.provider, name) for name in own_forms.ContactForm.base_fields}

    def act(self, form: forms.Form) -> str:
        services.change_provider(provider=self.provider, **form.cleaned_data, by=self.reader, now=self.now)
        return self.back()


class RecordTax(ProviderAction):
    """What the tax agency says."""

    readers = (*PROCUREMENT, *FINANCE)
    form_class = own_forms.TaxFactForm
    heading, button, done = _("What the tax agency says"), _("Record"), _("The answer is recorded.")

    def act(self, form: forms.Form) -> str:
        services.record_tax_fact(
            provider=self.provider,
            kind=TaxFact.Kind(form.cleaned_data["kind"]),
            holds=form.cleaned_data["holds"],
            valid_from=form.cleaned_data["valid_from"],
            by=self.reader,
            now=self.now,
        )
        return self.back()


class EnterAccount(ProviderAction):
    """A bank account."""

    readers = FINANCE
    form_class = own_forms.AccountForm
    heading, button = _("Enter a bank account"), _("Enter")
    lead = _("The account that is in use stays so until a second officer has confirmed this one.")
    done = _("The account is entered, and waits for a second officer.")

    def act(self, form: forms.Form) -> str:
        services.enter_account(
            provider=self.provider,
            scheme=BankAccount.Scheme(form.cleaned_data["scheme"]),
            number=form.cleaned_data["number"],
            bic=form.cleaned_data["bic"],
            by=self.reader,
            now=self.now,
        )
        return self.back()


class AccountAction(ConfirmPage):
    """Something that is done with one bank account."""

    readers = FINANCE

    @property
    def account(self) -> BankAccount:
        return get_object_or_404(BankAccount, pk=self.kwargs["pk"])

    def back(self) -> str:
        return reverse("providers:detail", args=[self.account.provider_id])


class ConfirmAccount(AccountAction):
    """The second officer's confirmation."""

    heading = button = _("Confirm the bank account")
    lead = _("Confirm it only if you have checked it with the provider in another way than the one by which it came.")
    done = _("The account is confirmed, and in use from now on.")

    def act(self, form: forms.Form) -> str:
        services.confirm_account(account=self.account, by=self.reader, now=self.now)
        return self.back()


class EndAccount(AccountAction):
    """A bank account is taken out of use."""

    heading = button = _("Take the bank account out of use")
    lead = _("Nothing is paid to the provider until another account is confirmed.")
    done = _("The account is out of use.")
    is_grave = True

    def act(self, form: forms.Form) -> str:
        services.end_account(account=self.account, by=self.reader, now=self.now)
        return self.back()


class RecordGroupCompany(ProviderAction):
    """A company of a provider's group."""

    readers = GROUP_KNOWERS
    form_class = own_forms.GroupCompanyForm
    heading, button, done = _("A company of the group"), _("Record"), _("The company is recorded.")

    def act(self, form: forms.Form) -> str:
        services.record_group_company(provider=self.provider, **form.cleaned_data, by=self.reader, now=self.now)
        return self.back()


class ApproveSubcontractor(ProviderAction):
    """A subcontractor."""

    form_class = own_forms.SubcontractorForm
    heading, button, done = _("Approve a subcontractor"), _("Approve"), _("The subcontractor is approved.")

    def act(self, form: forms.Form) -> str:
        services.approve_subcontractor(provider=self.provider, **form.cleaned_data, by=self.reader, now=self.now)
        return self.back()


class EndSubcontractor(ConfirmPage):
    """A subcontractor's work ends."""

    readers = PROCUREMENT
    heading = button = _("End the subcontractor's work")
    done = _("The subcontractor's work has ended.")

    @property
    def subcontractor(self) -> Subcontractor:
        return get_object_or_404(Subcontractor, pk=self.kwargs["pk"])

    def back(self) -> str:
        return reverse("providers:detail", args=[self.subcontractor.provider_id])

    def act(self, form: forms.Form) -> str:
        services.end_subcontractor(subcontractor=self.subcontractor, by=self.reader, now=self.now)
        return self.back()


class AdmitMember(ProviderAction):
    """Somebody who is to act for the provider."""

    readers = ADMITTERS
    form_class = own_forms.MemberForm
    heading, button = _("Let somebody act for the provider"), _("Admit")
    done = _("The account acts for the provider from now on.")

    def act(self, form: forms.Form) -> str:
        services.admit_member(provider=self.provider, user=form.cleaned_data["user"], by=self.reader, now=self.now)
        return self.back()


class EndMembership(ConfirmPage):
    """Somebody no longer acts for the provider."""

    readers = ADMITTERS
    heading = button = _("End the membership")
    lead = _("The account can no longer report or see anything of the provider. What it did stays.")
    done = _("The membership has ended.")

    @property
    def membership(self) -> Membership:
        return get_object_or_404(Membership, pk=self.kwargs["pk"])

    def back(self) -> str:
        return reverse("providers:detail", args=[self.membership.provider_id])

    def act(self, form: forms.Form) -> str:
        services.end_membership(membership=self.membership, by=self.reader, now=self.now)
        return self.back()
