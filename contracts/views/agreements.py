"""Pages of contracts, services and courses."""

from dataclasses import fields
from typing import Any

from django import forms
from django.db.models import Count, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from django_filters import FilterSet

from backend.kernel.actions import FormPage
from backend.kernel.details import DetailPage, Doing, Fact, Section
from backend.kernel.language import reader_language
from backend.kernel.lists import ListPage
from backend.kernel.models import FINANCE, Role
from backend.kernel.money import show_kronor
from backend.kernel.periods import parse_duration
from backend.kernel.web import STAFF, Text, may_read
from contracts import forms as own_forms
from contracts import services, tables
from contracts.filters import ContractFilter
from contracts.models import Contract, Course
from contracts.selectors import conditions_on, contracts
from contracts.services import Conditions
from contracts.wording import Words
from providers.models import Service

PROCUREMENT: tuple[Role, ...] = (Role.PROCUREMENT,)


def in_words(duration: str) -> str:
    """A duration such as P24M, as months are said in the reader's language."""
    return Words(reader_language()).duration(parse_duration(duration, "duration")) if duration else ""


class ContractList(ListPage):
    """All contracts."""

    readers = STAFF
    table_class, filterset_class = tables.ContractTable, ContractFilter
    heading = _("Contracts")

    def get_queryset(self) -> QuerySet[Contract]:
        return contracts()

    def main_action(self) -> tuple[str, Text] | None:
        return (reverse("contracts:create"), _("Register a contract")) if may_read(self.reader, PROCUREMENT) else None


class ContractDetail(DetailPage):
    """One contract."""

    readers = STAFF

    def get_queryset(self) -> QuerySet[Contract]:
        return contracts()

    def heading(self) -> str:
        return _("Contract {number}").format(number=self.object.number)

    def crumbs(self) -> list[tuple[Text, str]]:
        return [(_("Contracts"), reverse("contracts:list"))]

    def state(self) -> tuple[Text, str]:
        today = localdate()
        if today < self.object.valid_from:
            return _("not begun"), "wait"
        return (_("in force"), "good") if today <= self.object.valid_through else (_("ended"), "bad")

    def facts(self) -> list[Fact]:
        contract, says = self.object, conditions_on(self.object, localdate())
        coding = (says.account, says.responsibility_code, says.activity, says.project, says.counterparty)
        return [
            Fact(_("Provider"), contract.provider, reverse("providers:detail", args=[contract.provider_id])),
            Fact(_("Service"), contract.service),
            Fact(_("Registry number"), contract.diarienummer),
            Fact(_("Legal basis"), contract.get_legal_basis_display()),
            Fact(_("Days"), f"{contract.valid_from} – {contract.valid_through}"),
            Fact(_("Settled by"), says.get_route_display()),
            Fact(_("VAT"), says.get_vat_display()),
            Fact(
                _("Account, responsibility, activity, project, counterparty"),
                " · ".join(part or "–" for part in coding),
            ),
            Fact(_("Capacity"), says.capacity),
            Fact(_("Highest value"), show_kronor(says.highest_value) if says.highest_value is not None else ""),
            Fact(_("Days to answer, days to payment"), f"{says.notice_days}, {says.due_days}"),
            Fact(_("Corrected within"), in_words(says.correct_within)),
            Fact(_("Return within"), in_words(says.return_within)),
            Fact(_("Extrapolated recovery"), _("allowed") if says.recovers_by_sample else _("not allowed")),
        ]

    def doings(self) -> list[Doing]:
        args = [self.object.pk]
        return [
            Doing(_("Amend"), reverse("contracts:amend", args=args), PROCUREMENT),
            Doing(
                _("History"),
                f"{reverse('event_list')}?object_type=contracts.contract&object_id={args[0]}",
                (Role.AUDITOR,),
            ),
        ]

    def sections(self) -> list[Section]:
        contract, args = self.object, [self.object.pk]
        terms = contract.terms.select_related("version").order_by("-period")
        budgets = contract.budgets.select_related("set_by").order_by("-year", "-number")
        versions = contract.versions.select_related("recorded_by").order_by("-number")
        return [
            Section(
                _("Payment models"),
                tables.TermsTable(terms),
                lead=_("A placement follows, for its whole life, the version that applied when it was referred."),
                doings=[Doing(_("Let a model apply"), reverse("contracts:terms", args=args), PROCUREMENT)],
            ),
            Section(
                _("Budgets"),
                tables.BudgetTable(budgets),
                lead=_("A budget never changes what is owed. Lines beyond it are held until there is money."),
                doings=[Doing(_("Set a budget"), reverse("contracts:budget", args=args), (*PROCUREMENT, *FINANCE))],
            ),
            Section(_("What the contract said when"), tables.VersionTable(versions)),
        ]


class ContractCreate(FormPage):
    """A new contract."""

    readers = PROCUREMENT
    form_class = own_forms.ContractForm
    heading = button = _("Register a contract")
    done = _("The contract is registered. Let a payment model apply, so that it takes referrals.")

    def back(self) -> str:
        return reverse("contracts:list")

    def get_initial(self) -> dict[str, Any]:
        return {"provider": self.request.GET.get("provider")}

    def act(self, form: forms.Form) -> str:
        assert isinstance(form, own_forms.ContractForm)
        own = ("number", "diarienummer", "provider", "service", "valid_from")
        contract = services.register_contract(
            **{name: form.cleaned_data[name] for name in own},
            legal_basis=Contract.LegalBasis(form.cleaned_data["legal_basis"]),
            conditions=form.conditions(),
            by=self.reader,
            now=self.now,
        )
        return reverse("contracts:detail", args=[contract.pk])


class ContractAction(FormPage):
    """Something that is done with one contract."""

    readers = PROCUREMENT

    @property
    def contract(self) -> Contract:
        return get_object_or_404(Contract, pk=self.kwargs["pk"])

    def back(self) -> str:
        return reverse("contracts:detail", args=[self.kwargs["pk"]])


class Amend(ContractAction):
    """An amendment of a contract."""

    form_class = own_forms.AmendmentForm
    heading, button, done = _("Amend the contract"), _("Record the amendment"), _("The amendment is recorded.")
    lead = _("What the contract said before stays readable, and counts for the days before.")

    def get_initial(self) -> dict[str, Any]:
        newest = self.contract.versions.latest("number")
        return {field.name: getattr(newest, field.name) for field in fields(Conditions)}

    def act(self, form: forms.Form) -> str:
        assert isinstance(form, own_forms.AmendmentForm)
        services.amend_contract(
            contract=self.contract,
            conditions=form.conditions(),
            valid_from=form.cleaned_data["valid_from"],
            reason=form.cleaned_data["reason"],
            by=self.reader,
            now=self.now,
        )
        return self.back()


class TieTerms(ContractAction):
    """A payment model for a contract's placements."""

    form_class = own_forms.TermsForm
    heading, button = _("Let a payment model apply"), _("Let it apply")
    done = _("The payment model applies.")

    def get_initial(self) -> dict[str, Any]:
        contract = self.contract
        return {"first": contract.valid_from, "last": contract.valid_through}

    def act(self, form: forms.Form) -> str:
        services.tie_terms(contract=self.contract, **form.cleaned_data, by=self.reader, now=self.now)
        return self.back()


class SetBudget(ContractAction):
    """What a contract may cost in a year."""

    readers = (*PROCUREMENT, *FINANCE)
    form_class = own_forms.BudgetForm
    heading, button, done = _("Set a budget"), _("Set"), _("The budget is set.")

    def get_initial(self) -> dict[str, Any]:
        return {"year": localdate().year}

    def act(self, form: forms.Form) -> str:
        services.set_budget(contract=self.contract, **form.cleaned_data, by=self.reader, now=self.now)
        return self.back()


# --- services and courses


class ServiceFilter(FilterSet):
    class Meta:
        model = Service
        fields = {"title": ["icontains"]}


class CourseFilter(FilterSet):
    class Meta:
        model = Course
        fields = {"code": ["istartswith"], "title": ["icontains"]}


class ServiceList(ListPage):
    """What contracts buy."""

    readers = STAFF
    table_class, filterset_class = tables.ServiceTable, ServiceFilter
    heading = _("Services")

    def get_queryset(self) -> QuerySet[Service]:
        return Service.objects.annotate(contract_count=Count("contracts")).order_by("title")

    def main_action(self) -> tuple[str, Text] | None:
        return (reverse("contracts:service"), _("Enter a service")) if may_read(self.reader, PROCUREMENT) else None


class CourseList(ListPage):
    """Courses that grades are given in."""

    readers = STAFF
    table_class, filterset_class = tables.CourseTable, CourseFilter
    heading = _("Courses")

    def get_queryset(self) -> QuerySet[Course]:
        return Course.objects.order_by("code")

    def main_action(self) -> tuple[str, Text] | None:
        return (reverse("contracts:course"), _("Enter a course")) if may_read(self.reader, PROCUREMENT) else None


class ServiceCreate(FormPage):
    """A new service."""

    readers = PROCUREMENT
    form_class = own_forms.ServiceForm
    heading, button, done = _("Enter a service"), _("Enter"), _("The service is entered.")

    def back(self) -> str:
        return reverse("contracts:services")

    def act(self, form: forms.Form) -> str:
        services.register_service(**form.cleaned_data, by=self.reader, now=self.now)
        return self.back()


class CourseCreate(FormPage):
    """A new course."""

    readers = PROCUREMENT
    form_class = own_forms.CourseForm
    heading, button, done = _("Enter a course"), _("Enter"), _("The course is entered.")

    def back(self) -> str:
        return reverse("contracts:courses")

    def act(self, form: forms.Form) -> str:
        services.register_course(**form.cleaned_data, by=self.reader, now=self.now)
        return self.back()
