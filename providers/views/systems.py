"""Pages of the systems that use the API for a provider: who has access, and secrets that are shown once."""

import django_tables2 as tables
from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.kernel.actions import ConfirmPage, FormPage, show_refusal
from backend.kernel.details import Doing, Section, section
from backend.kernel.errors import DomainError
from backend.kernel.models import Role, User
from backend.kernel.tables import MomentColumn, Table, label
from backend.kernel.web import may_read
from providers import services
from providers.models import ApiClient, Provider, Scope
from providers.services.access import GRACE_DAYS_MOST

ISSUERS = (Role.PROCUREMENT, Role.ADMINISTRATOR)


class SystemTable(Table):
    """The systems of a provider."""

    label = _("Systems with access to the API")
    name = tables.Column(_("System"), accessor="application__name")
    identifier = tables.Column(_("Client id"), accessor="application__client_id")
    state = tables.Column(_("State"), empty_values=())
    scopes = tables.Column(_("May"))
    issued_at = MomentColumn(_("Since"))
    doing = tables.Column(_("To do"), empty_values=(), exclude_from_export=True)

    class Meta(Table.Meta):
        empty_text = _("No system of the provider has access.")

    def render_state(self, record: ApiClient) -> SafeString:
        return label(gettext("revoked"), "bad") if record.revoked_at else label(gettext("has access"), "good")

    def render_scopes(self, record: ApiClient) -> str:
        return "; ".join(str(Scope(scope).label) for scope in record.scopes)

    def render_doing(self, record: ApiClient) -> SafeString | str:
        if record.revoked_at:
            return ""
        return format_html(
            '<a href="{}">{}</a> · <a href="{}">{}</a>',
            reverse("providers:system_rotate", args=[record.pk]),
            gettext("Renew the secret"),
            reverse("providers:system_revoke", args=[record.pk]),
            gettext("Revoke"),
        )


@section(Provider)
def systems_of(reader: User, provider: Provider) -> Section | None:
    """The systems that use the API, on the provider's page."""
    if not may_read(reader, ISSUERS):
        return None
    clients = ApiClient.objects.filter(membership__provider=provider).select_related("application")
    return Section(
        _("Systems"),
        SystemTable(clients.order_by("revoked_at", "issued_at")),
        lead=_("The provider's own systems report and read through the API, each with credentials of its own."),
        doings=[Doing(_("Give a system access"), reverse("providers:system", args=[provider.pk]), ISSUERS)],
    )


class SystemForm(forms.Form):
    """A system that is to use the API."""

    name = forms.CharField(label=_("System"), max_length=100, help_text=_("What the provider calls it."))
    scopes = forms.MultipleChoiceField(
        label=_("It may"), choices=Scope.choices, initial=Scope.values, widget=forms.CheckboxSelectMultiple
    )


class RotateForm(forms.Form):
    """How long earlier secrets stay valid."""

    grace_days = forms.IntegerField(
        label=_("Days for the change"),
        initial=7,
        min_value=0,
        max_value=GRACE_DAYS_MOST,
        help_text=_("The earlier secrets stay valid for so many days. With 0 they end at once."),
    )


class SecretPage(FormPage):
    """Issues a secret, which the answer shows this once: it is kept neither in a session nor in a message."""

    readers = ISSUERS

    def issue(self, form: forms.Form) -> services.Issued:
        raise NotImplementedError

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            issued = self.issue(form)
        except DomainError as refused:
            show_refusal(form, refused)
            return self.form_invalid(form)
        shown = {"issued": issued, "back": self.back(), "heading": self.heading}
        response = render(self.request, "providers/secret.html", shown)
        response.headers["Cache-Control"] = "no-store"
        return response


class GiveAccess(SecretPage):
    """Credentials for one more system."""

    form_class = SystemForm
    heading = button = _("Give a system access")
    lead = _("The system sees and reports what is the provider's, and nothing else.")

    def back(self) -> str:
        return reverse("providers:detail", args=[self.kwargs["pk"]])

    def issue(self, form: forms.Form) -> services.Issued:
        provider = get_object_or_404(Provider, pk=self.kwargs["pk"])
        return services.issue_credentials(provider=provider, **form.cleaned_data, by=self.reader, now=self.now)


def client_numbered(pk: int) -> ApiClient:
    return get_object_or_404(ApiClient.objects.select_related("application", "membership"), pk=pk)


class RotateSecret(SecretPage):
    """A new secret, without downtime."""

    form_class = RotateForm
    heading = button = _("Renew the secret")
    lead = _("The system gets a new secret. Until the days are over it may use the earlier one too.")

    def back(self) -> str:
        return reverse("providers:detail", args=[client_numbered(self.kwargs["pk"]).membership.provider_id])

    def issue(self, form: forms.Form) -> services.Issued:
        client = client_numbered(self.kwargs["pk"])
        return services.rotate_secret(client=client, **form.cleaned_data, by=self.reader, now=self.now)


class RevokeAccess(ConfirmPage):
    """A system's access ends."""

    readers = ISSUERS
    heading = button = _("Revoke the access")
    lead = _("The system can no longer report or read anything, from now on. What it reported stays.")
    done = _("The access is revoked.")
    is_grave = True

    def back(self) -> str:
        return reverse("providers:detail", args=[client_numbered(self.kwargs["pk"]).membership.provider_id])

    def act(self, form: forms.Form) -> str:
        services.revoke_credentials(client=client_numbered(self.kwargs["pk"]), by=self.reader, now=self.now)
        return self.back()
