"""What a contract says of verification: a section of its page, and the page on which it is changed."""

from dataclasses import asdict
from typing import Any

import django_tables2 as tables
from django import forms
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backend.kernel.details import Doing, Section, section
from backend.kernel.models import Role, User
from backend.kernel.tables import DayColumn, MomentColumn, MoneyColumn, NumberColumn, PersonColumn, Table
from contracts.models import Contract
from contracts.views.agreements import ContractAction
from outcomes.automatic import rule_label
from outcomes.columns import Kind
from outcomes.deciding import USUAL, Deciding, deciding_on
from outcomes.forms import VerificationTermsForm
from outcomes.labels import KINDS
from outcomes.services import set_verification_terms


class VerificationTermsTable(Table):
    """What a contract said of verification when."""

    label = _("Verification")
    valid_from = DayColumn(_("From"))
    decide_within = NumberColumn(_("Days to decide"))
    second_officer_from = MoneyColumn(_("Two officers from"))
    bulk_kinds = tables.Column(_("Many at a time"), default="–", attrs={"td": {"class": "name"}})
    rules = tables.Column(_("Rules switched on"), default="–", attrs={"td": {"class": "name"}})
    same_step_within = NumberColumn(_("Days to the same step elsewhere"))
    reason = tables.Column(_("Why"))
    recorded_by = PersonColumn(_("Recorded by"))
    recorded_at = MomentColumn(_("Recorded"))

    class Meta(Table.Meta):
        empty_text = _(
            "Nothing is said: facts are decided within {days} days, one by one, by one officer, and no rule verifies."
        )

    def render_bulk_kinds(self, value: list[int]) -> str:
        return ", ".join(str(KINDS[Kind(kind)]) for kind in value)

    def render_rules(self, value: list[str]) -> str:
        return "; ".join(map(rule_label, value))


@section(Contract)
def verification(reader: User, contract: Contract) -> Section:
    versions = contract.verification_terms.select_related("recorded_by").order_by("-number")
    table = VerificationTermsTable(versions)
    table.empty_text = str(table.empty_text).format(days=USUAL.decide_within)
    address = reverse("outcomes:verification_terms", args=[contract.pk])
    return Section(_("Verification"), table, doings=[Doing(_("Change"), address, (Role.PROCUREMENT,))])


class ChangeVerificationTerms(ContractAction):
    """How a contract's facts are decided, from a day on."""

    form_class = VerificationTermsForm
    heading, button = _("How facts of the contract are decided"), _("Record")
    lead = _("A rule that is switched on verifies by itself, and each of its decisions names it. All of it is audited.")
    done = _("What is said of verification is recorded.")

    def get_initial(self) -> dict[str, Any]:
        return asdict(deciding_on(self.contract, localdate())) | {"valid_from": localdate()}

    def act(self, form: forms.Form) -> str:
        said = dict(form.cleaned_data)
        valid_from, reason = said.pop("valid_from"), said.pop("reason")
        kinds = tuple(Kind(int(kind)) for kind in said["bulk_kinds"])
        set_verification_terms(
            contract=self.contract,
            deciding=Deciding(**said | {"bulk_kinds": kinds, "rules": tuple(said["rules"])}),
            valid_from=valid_from,
            reason=reason,
            by=self.reader,
            now=self.now,
        )
        return self.back()
