"""Pages where handlers refer participants, and change, reopen and follow up their placements."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backend.kernel.actions import FormPage
from backend.kernel.errors import refuse
from backend.kernel.lists import ListPage
from backend.kernel.web import STAFF, Text, may_read
from contracts.models import Contract, PaymentModelVersion
from contracts.selectors import model_of, version_on
from outcomes import services
from outcomes.filters import PlacementFilter
from outcomes.forms import AttributesForm, ChooseContractForm, FollowUpForm, ReferralForm, ReturnForm
from outcomes.models import FollowUp, Placement
from outcomes.permissions import with_hidden
from outcomes.services import Done, Referral
from outcomes.services.checking import NO_TERMS
from outcomes.tables import PlacementTable
from outcomes.views.participants import HANDLERS, ParticipantAction


class PlacementList(ListPage):
    """All placements."""

    readers = STAFF
    table_class, filterset_class = PlacementTable, PlacementFilter
    heading = _("Placements")
    lead = _("Every look at a placement is written to the audit trail.")

    def get_queryset(self) -> QuerySet[Placement]:
        placements = Placement.objects.select_related("participant", "contract__provider").order_by("-pk")
        return with_hidden(placements, self.reader)

    def main_action(self) -> tuple[str, Text] | None:
        may = may_read(self.reader, HANDLERS)
        return (reverse("outcomes:participant_list"), _("Refer a participant")) if may else None


class ChooseContract(ParticipantAction):
    """The contract under which a participant is to be placed."""

    form_class = ChooseContractForm
    heading, button = _("Refer to a provider"), _("Next")
    lead = _("A placement follows, for its whole life, the payment model that applies on the day of the referral.")

    def get_initial(self) -> dict[str, Any]:
        return {"referred_on": localdate()}

    def act(self, form: forms.Form) -> str:
        contract, day = form.cleaned_data["contract"], form.cleaned_data["referred_on"]
        if version_on(contract, day) is None:
            raise refuse(NO_TERMS, field="referred_on", value=day)
        return reverse("outcomes:refer", args=[self.participant.pk, contract.pk, day])


class ModelForm(FormPage):
    """A form whose tiers are those of the payment model that governs a placement."""

    version: PaymentModelVersion

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"tiers": model_of(self.version).tiers}


class Refer(ModelForm, ParticipantAction):
    """A new placement of a participant."""

    form_class = ReferralForm
    heading = button = _("Refer")
    done = _("The participant is referred.")

    @cached_property
    def contract(self) -> Contract:
        return get_object_or_404(Contract.objects.select_related("provider"), pk=self.kwargs["contract"])

    @property
    def referred_on(self) -> date:
        try:
            return date.fromisoformat(self.kwargs["day"])
        except ValueError as wrong:
            raise Http404 from wrong

    @cached_property
    def version(self) -> PaymentModelVersion:  # type: ignore[override]  # read when it is asked for
        version = version_on(self.contract, self.referred_on)
        if version is None:
            raise Http404
        return version

    def get_initial(self) -> dict[str, Any]:
        number = self.participant.placements.count() + 1
        return {"number": f"{self.participant.number}-{number}", "starts_on": self.referred_on}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lead = _("{participant} to {provider}, contract {contract}, on {day}; payment model {model}.").format(
            participant=self.participant.number,
            provider=self.contract.provider.name,
            contract=self.contract.number,
            day=self.referred_on,
            model=self.version.title,
        )
        return super().get_context_data(lead=lead, **kwargs)

    def act(self, form: forms.Form) -> str:
        referral = Referral(
            **form.cleaned_data,
            participant=self.participant.number,
            contract=self.contract.pk,
            referred_on=self.referred_on,
        )
        (placement,) = services.refer_participants(referrals=[referral], by=self.reader)
        return reverse("payouts:placement_detail", args=[placement])


class PlacementAction(FormPage):
    """Something that is done about one placement."""

    readers = HANDLERS

    @cached_property
    def placement(self) -> Placement:
        placements = Placement.objects.select_related("contract", "participant__background__district")
        return get_object_or_404(placements, pk=self.kwargs["pk"])

    def back(self) -> str:
        return reverse("payouts:placement_detail", args=[self.kwargs["pk"]])


class ChangePlacement(ModelForm, PlacementAction):
    """What a placement's pay depends on, anew."""

    form_class = AttributesForm
    heading, button = _("Change what pay depends on"), _("Change")
    lead = _("What is written here counts from now on, whole. What was known before stays, and is shown as such.")
    done = _("The placement is changed. The next run computes it anew.")

    @cached_property
    def newest(self) -> Any:
        return self.placement.versions.latest("recorded_at", "pk")

    @cached_property
    def version(self) -> PaymentModelVersion:  # type: ignore[override]  # read when it is asked for
        version = version_on(self.placement.contract, self.newest.referred_on)
        if version is None:
            raise Http404
        return version

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.newest, name) for name in ("tier", "price", "referred_on", "starts_on")}

    def act(self, form: forms.Form) -> str:
        services.change_placement(placement=self.placement, **form.cleaned_data, by=self.reader)
        return self.back()


class ReturnToPlacement(PlacementAction):
    """A participant comes back to an ended placement."""

    form_class = ReturnForm
    heading, button = _("Return within the contract's time"), _("Reopen the placement")
    lead = _(
        "The exit is withdrawn and the days between count as an interruption. What was paid because of the exit is "
        "taken back by the next run."
    )
    done = _("The placement goes on.")
    is_grave = True

    def act(self, form: forms.Form) -> str:
        services.return_participant(placement=self.placement, on=form.cleaned_data["on"], by=self.reader)
        return self.back()


class RecordFollowUp(PlacementAction):
    """Something that the city has done with a placement."""

    form_class = FollowUpForm
    heading, button = _("Record what has been done"), _("Record it")
    done = _("It is recorded.")

    def get_initial(self) -> dict[str, Any]:
        return {"happened_on": localdate()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        background = getattr(self.placement.participant, "background", None)
        lead = (
            _("The activity plan is approved by the assistance unit of the home district, {district}.").format(
                district=background.district
            )
            if background
            else _("The activity plan is approved by the assistance unit of the home district, which is not recorded.")
        )
        return super().get_context_data(lead=lead, **kwargs)

    def act(self, form: forms.Form) -> str:
        kind = FollowUp.Kind(form.cleaned_data["kind"])
        done = Done(self.placement.pk, kind, form.cleaned_data["happened_on"])
        services.record_follow_ups(done=[done], by=self.reader, now=self.now)
        return self.back()
