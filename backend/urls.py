"""The site's addresses. Every page asks for a log-in unless its view says otherwise."""

from allauth.account import views as allauth_account
from allauth.socialaccount import views as allauth_city
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView, PasswordResetConfirmView
from django.urls import include, path, re_path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views.i18n import set_language
from drf_spectacular.views import SpectacularAPIView

from backend.kernel import cards, views  # noqa: F401  # cards fill places on the home page
from backend.kernel.api_pages import ApiDocs, ApiIndex, NoSuchAddress, ProblemPage
from backend.kernel.components import Components
from backend.kernel.models import Role
from backend.kernel.web import EVERYBODY, Entry, add_entries
from outcomes.api import EvidenceList, FactBulk, FactDetail, FactList, PlacementDetail, PlacementList
from payouts.api import LineList, PlacementWhy, TaskList
from providers.api import Revocation, Token

add_entries(
    Entry(_("Home"), "home", EVERYBODY, 0),
    Entry(_("Accounts"), "account_list", (Role.ADMINISTRATOR,), 80),
    Entry(_("Audit trail"), "event_list", (Role.AUDITOR,), 90),
)

account = [
    path("reauthenticate/", allauth_account.reauthenticate, name="account_reauthenticate"),
    path("password/", allauth_account.password_change, name="account_change_password"),
    path("second-factor/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
    path("inactive/", allauth_account.account_inactive, name="account_inactive"),
    path(
        "new-password/<uidb64>/<token>/",
        login_not_required(
            PasswordResetConfirmView.as_view(
                template_name="kernel/set_password.html", success_url=reverse_lazy("account_login")
            )
        ),
        name="set_password",
    ),
    path("city/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("city/error/", allauth_city.login_error, name="socialaccount_login_error"),
    path("city/cancelled/", allauth_city.login_cancelled, name="socialaccount_login_cancelled"),
]

accounts = [
    path("", views.AccountList.as_view(), name="account_list"),
    path("new/", views.AccountCreate.as_view(), name="account_create"),
    path("<int:pk>/", views.AccountDetail.as_view(), name="account_detail"),
    path("<int:pk>/roles/", views.AccountRoles.as_view(), name="account_roles"),
    path("<int:pk>/close/", views.AccountClose.as_view(), name="account_close"),
    path("<int:pk>/open/", views.AccountOpen.as_view(), name="account_open"),
    path("<int:pk>/sessions/", views.AccountEndSessions.as_view(), name="account_end_sessions"),
    path("<int:pk>/password/", views.AccountPassword.as_view(), name="account_password"),
]

api = [
    path("", ApiIndex.as_view(), name="index"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", ApiDocs.as_view(), name="docs"),
    path("problems/<slug:code>/", ProblemPage.as_view(), name="problem"),
    path("token/", Token.as_view(), name="token"),
    path("token/revoke/", Revocation.as_view(), name="revoke"),
    path("placements/", PlacementList.as_view(), name="placements"),
    path("placements/<str:number>/", PlacementDetail.as_view(), name="placement"),
    path("placements/<str:number>/why/", PlacementWhy.as_view(), name="placement_why"),
    path("lines/", LineList.as_view(), name="lines"),
    path("tasks/", TaskList.as_view(), name="tasks"),
    path("facts/", FactList.as_view(), name="facts"),
    path("facts/<path:identifier>/", FactDetail.as_view(), name="fact"),
    path("evidence/", EvidenceList.as_view(), name="evidence"),
    path("bulk/facts/", FactBulk.as_view(), name="bulk_facts"),
    re_path("", NoSuchAddress.as_view()),
]

urlpatterns = [
    path("api/v1/", include((api, "api"))),
    path("", views.Home.as_view(), name="home"),
    path("search/", views.SearchPage.as_view(), name="search"),
    path("login/", allauth_account.login, name="account_login"),
    path(
        "logout/", login_not_required(LogoutView.as_view(template_name="kernel/logged_out.html")), name="account_logout"
    ),
    path("account/", include(account)),
    path("accounts/", include(accounts)),
    path("audit/", views.EventList.as_view(), name="event_list"),
    path("accessibility/", login_not_required(views.Accessibility.as_view()), name="accessibility"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("theme/", views.set_theme, name="set_theme"),
    path("components/", Components.as_view(), name="components"),
    path("health/", views.health, name="health"),
    path("", include("providers.urls")),
    path("", include("contracts.urls")),
    path("", include("outcomes.urls")),
    path("", include("payouts.urls")),
    path("", include("scorecards.urls")),
]
