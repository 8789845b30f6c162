"""Tables of the register of providers."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import FINANCE, User
from backend.kernel.tables import DayColumn, MomentColumn, PersonColumn, StateColumn, Table, label
from backend.kernel.web import may_read
from providers.authorisation_tables import links
from providers.labels import AUTHORISED, AUTHORISED_TONES, account_number, account_state
from providers.models import BankAccount, Provider, TaxFact


class ProviderTable(Table):
    """All providers."""

    label = _("Providers")
    number = tables.Column(_("Number"), linkify=("providers:detail", [tables.A("pk")]), orderable=True)
    name = tables.Column(_("Name"), linkify=("providers:detail", [tables.A("pk")]), orderable=True)
    organisation_number = tables.Column(_("Organisation number"))
    kind = tables.Column(_("Kind"), orderable=True)
    is_authorised = StateColumn(_("Authorisation"), words=AUTHORISED, tones=AUTHORISED_TONES)
    authorised_through = DayColumn(_("Authorised through"), orderable=True)
    has_account = tables.BooleanColumn(verbose_name=_("Account confirmed"), yesno="✓,–")

    class Meta(Table.Meta):
        empty_text = _("No provider matches what you chose.")

    def render_is_authorised(self, value: bool, record: Provider) -> SafeString:
        if record.kind == Provider.Kind.IN_HOUSE:
            return label(gettext("needs none"))
        return label(AUTHORISED[value], AUTHORISED_TONES[value])


class TaxFactTable(Table):
    """What the tax agency said of a provider."""

    label = _("What the tax agency says")
    kind = tables.Column(_("What"))
    holds = StateColumn(_("Answer"), words={True: _("yes"), False: _("no")}, tones={True: "good", False: "bad"})
    valid_from = DayColumn(_("From"))
    recorded_by = PersonColumn(_("Recorded by"))
    recorded_at = MomentColumn(_("Recorded"))

    class Meta(Table.Meta):
        model = TaxFact
        fields = ("kind", "holds", "valid_from", "recorded_by", "recorded_at")
        empty_text = _("Nothing has been recorded: nothing is paid until it is.")


class GroupCompanyTable(Table):
    """What was recorded of a provider's group."""

    label = _("Companies of the group")
    name = tables.Column(_("Name"))
    organisation_number = tables.Column(_("Organisation number"))
    belongs = StateColumn(_("Belongs to the group"), words={True: _("yes"), False: _("no longer")}, tones={})
    recorded_by = PersonColumn(_("Recorded by"))
    recorded_at = MomentColumn(_("Recorded"))

    class Meta(Table.Meta):
        empty_text = _("No other company of the group is known.")


class AccountTable(Table):
    """Bank accounts of a provider, with what the reader may do with each."""

    label = _("Bank accounts")
    scheme = tables.Column(_("Kind"))
    number = tables.Column(_("Number"))
    state = tables.Column(_("State"), empty_values=())
    entered_by = PersonColumn(_("Entered by"))
    confirmed_by = PersonColumn(_("Confirmed by"), default="–")
    doing = tables.Column(_("To do"), empty_values=(), exclude_from_export=True)

    class Meta(Table.Meta):
        empty_text = _("No account has been entered: nothing is paid until one is, and is confirmed.")

    def __init__(self, rows: Any, *, reader: User):
        self.reader = reader
        super().__init__(rows)

    def render_number(self, record: BankAccount) -> str:
        return f"{account_number(record)} {record.bic}".strip()

    def render_state(self, record: BankAccount) -> SafeString:
        return label(*account_state(record))

    def render_doing(self, record: BankAccount) -> SafeString | str:
        if record.ended_at is not None or not may_read(self.reader, FINANCE):
            return ""
        links = [(reverse("providers:account_end", args=[record.pk]), gettext("Take out of use"))]
        if record.confirmed_at is None and record.entered_by_id != self.reader.pk:
            links.insert(0, (reverse("providers:account_confirm", args=[record.pk]), gettext("Confirm")))
        return format_html(" · ".join(['<a href="{}">{}</a>'] * len(links)), *(part for link in links for part in link))


class SubcontractorTable(Table):
    """Whom a provider lets work for it."""

    label = _("Subcontractors")
    name = tables.Column(_("Name"))
    organisation_number = tables.Column(_("Organisation number"))
    valid_from = DayColumn(_("From"))
    approved_by = PersonColumn(_("Approved by"))
    checked = tables.Column(_("Last check"), accessor="pk")
    ended_at = MomentColumn(_("Ended"))
    doing = tables.Column(_("To do"), empty_values=(), exclude_from_export=True)

    class Meta(Table.Meta):
        empty_text = _("No subcontractor has been approved.")

    def render_doing(self, record: Any) -> SafeString | str:
        if record.ended_at is not None:
            return ""
        return links(
            (reverse("providers:subcontractor_check", args=[record.pk]), gettext("Check")),
            (reverse("providers:subcontractor_end", args=[record.pk]), gettext("End")),
        )

    def render_checked(self, record: Any) -> SafeString | str:
        check = max(record.checks.all(), key=lambda one: (one.checked_at, one.pk), default=None)
        if check is None:
            return label(gettext("not checked"), "wait")
        word, tone = (gettext("passed"), "good") if check.passed else (gettext("did not pass"), "bad")
        return format_html("{} {}", label(word, tone), localtime(check.checked_at).date())


class MemberTable(Table):
    """Who acts for a provider."""

    label = _("People and systems that act for the provider")
    user = tables.Column(_("User name"), accessor="user__username")
    name = PersonColumn(_("Name"), accessor="user")
    admitted_at = MomentColumn(_("Since"))
    ended_at = MomentColumn(_("Ended"))
    doing = tables.Column(_("To do"), empty_values=(), exclude_from_export=True)

    class Meta(Table.Meta):
        empty_text = _("Nobody acts for the provider yet, so nobody can report for it.")

    def render_doing(self, record: Any) -> SafeString | str:
        if record.ended_at is not None:
            return ""
        return format_html('<a href="{}">{}</a>', reverse("providers:member_end", args=[record.pk]), gettext("End"))
