"""Pages that belong to no app: what waits, search, accounts, the audit trail, and what the site says of itself."""

import logging
from http import HTTPStatus
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django.views.generic import DetailView, TemplateView

from backend.kernel import services
from backend.kernel.actions import ConfirmPage, FormPage
from backend.kernel.filters import AccountFilter, EventFilter
from backend.kernel.forms import AccountForm, RolesForm, SearchForm
from backend.kernel.lists import ListPage
from backend.kernel.models import AuditEvent, Role, User
from backend.kernel.queue import ping_broker
from backend.kernel.selectors import accounts, events
from backend.kernel.tables import AccountTable, EventTable
from backend.kernel.web import EVERYBODY, STAFF, Page, Text, cards_of, find

logger = logging.getLogger(__name__)
THEMES = ("light", "dark", "system")
YEAR = 365 * 24 * 3600


@login_not_required
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """200 if database and broker answer, else 503. What is wrong stands in the log: anybody may ask."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        ping_broker()
    except Exception:
        logger.exception("The database or the broker does not answer.")
        return HttpResponse("unavailable", content_type="text/plain", status=HTTPStatus.SERVICE_UNAVAILABLE)
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Remember whether the reader wants light or dark pages, or what the system says."""
    there = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(there, {request.get_host()}, require_https=request.is_secure()):
        there = "/"
    response = HttpResponseRedirect(there)
    theme = request.POST.get("theme")
    if theme in THEMES:
        secure = settings.SESSION_COOKIE_SECURE
        response.set_cookie("theme", theme, max_age=YEAR, httponly=True, samesite="Lax", secure=secure)
    return response


class Home(Page, TemplateView):
    """What waits for the reader."""

    template_name = "kernel/home.html"
    readers = EVERYBODY

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = localdate()
        return super().get_context_data(cards=cards_of(self.reader, today), today=today, **kwargs)


class SearchPage(Page, TemplateView):
    """Finds whatever a text names, as far as the reader may see it."""

    template_name = "kernel/search.html"
    readers = STAFF

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = SearchForm(self.request.GET)
        text = form.cleaned_data["q"].strip() if form.is_valid() else ""
        return super().get_context_data(form=form, text=text, hits=find(self.reader, text) if text else [], **kwargs)


class Accessibility(TemplateView):
    """How accessible the site is, and whom to tell if it is not. Anybody may read it."""

    template_name = "kernel/accessibility.html"


# --- the audit trail


class EventList(ListPage):
    """Who did what, when, and what stood there before."""

    readers = (Role.AUDITOR,)
    table_class, filterset_class = EventTable, EventFilter
    heading = _("Audit trail")
    lead = _("Everything that was done, also every look at a placement. Nothing here can be changed or removed.")

    def get_queryset(self) -> QuerySet[AuditEvent]:
        return events()


# --- accounts


class AccountList(ListPage):
    """All accounts."""

    readers = (Role.ADMINISTRATOR,)
    table_class, filterset_class = AccountTable, AccountFilter
    heading = _("Accounts")

    def get_queryset(self) -> QuerySet[User]:
        return accounts()

    def main_action(self) -> tuple[str, Text]:
        return reverse("account_create"), _("Make an account")


class AccountDetail(Page, DetailView):
    """One account, and what can be done with it."""

    readers = (Role.ADMINISTRATOR,)
    template_name = "kernel/account_detail.html"
    context_object_name = "account"

    def get_queryset(self) -> QuerySet[User]:
        return accounts()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        roles = [Role(role).label for role in self.object.roles]
        return super().get_context_data(roles=roles, is_own=self.object == self.reader, **kwargs)


class AccountAction(FormPage):
    """Something that is done with one account."""

    readers = (Role.ADMINISTRATOR,)

    @property
    def account(self) -> User:
        return get_object_or_404(User, pk=self.kwargs["pk"])

    def back(self) -> str:
        return reverse("account_detail", args=[self.kwargs["pk"]])


class AccountCreate(FormPage):
    """A new account."""

    readers = (Role.ADMINISTRATOR,)
    form_class = AccountForm
    heading = button = _("Make an account")
    lead = _("The account has no password yet. Afterwards you get an address at which its owner sets one.")
    done = _("The account is made.")

    def back(self) -> str:
        return reverse("account_list")

    def act(self, form: forms.Form) -> str:
        user = services.create_account(**form.cleaned_data, by=self.reader, now=self.now)
        return reverse("account_detail", args=[user.pk])


class AccountRoles(AccountAction):
    """The roles of an account."""

    form_class = RolesForm
    heading, button, done = _("Change roles"), _("Save"), _("The roles are changed.")

    def get_initial(self) -> dict[str, Any]:
        return {"roles": self.account.roles}

    def act(self, form: forms.Form) -> str:
        services.change_roles(user=self.account, roles=form.cleaned_data["roles"], by=self.reader, now=self.now)
        return self.back()


class AccountClose(AccountAction, ConfirmPage):
    """Close an account."""

    heading = button = _("Close the account")
    lead = _("Its owner is logged out everywhere and can't log in again until it is opened. What was done stays.")
    done = _("The account is closed.")

    def act(self, form: forms.Form) -> str:
        services.set_active(user=self.account, is_active=False, by=self.reader, now=self.now)
        return self.back()


class AccountOpen(AccountAction, ConfirmPage):
    """Open an account again."""

    heading = button = _("Open the account")
    lead, done = _("Its owner can log in again, with the roles that it has."), _("The account is open.")

    def act(self, form: forms.Form) -> str:
        services.set_active(user=self.account, is_active=True, by=self.reader, now=self.now)
        return self.back()


class AccountEndSessions(AccountAction, ConfirmPage):
    """Log an account out everywhere."""

    heading = button = _("Log out everywhere")
    lead = _("Its owner must log in again in every browser.")
    done = _("The account is logged out everywhere.")

    def act(self, form: forms.Form) -> str:
        services.end_sessions(user=self.account, by=self.reader, now=self.now)
        return self.back()


class AccountPassword(AccountAction, ConfirmPage):
    """An address at which an account's owner sets a password."""

    heading, button = _("Make a link for a new password"), _("Make the link")
    lead = _("Give the link to the account's owner, and to nobody else. It works once, and for three days.")
    done = _("Copy the link now; it is not shown again.")

    def act(self, form: forms.Form) -> str:
        link = services.password_link(user=self.account, by=self.reader, now=self.now)
        messages.info(self.request, self.request.build_absolute_uri(link))
        return self.back()
