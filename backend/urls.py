"""The site's addresses. Every page asks for a log-in unless its view says otherwise."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path
from django.views.i18n import set_language

from backend.kernel.forms import LoginForm
from backend.kernel.views import site
from backend.kernel.views.health import health

urlpatterns = [
    path("", site.Home.as_view(), name="home"),
    path("search/", site.SearchPage.as_view(), name="search"),
    path("accessibility/", site.Accessibility.as_view(), name="accessibility"),
    path("components/", site.Components.as_view(), name="components"),
    path("theme/", site.set_theme, name="set_theme"),
    path(
        "login/",
        LoginView.as_view(
            template_name="kernel/login.html", authentication_form=LoginForm, redirect_authenticated_user=True
        ),
        name="login",
    ),
    path("logout/", login_not_required(LogoutView.as_view(template_name="kernel/logged_out.html")), name="logout"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("health/", health, name="health"),
    path("", include("payouts.urls")),
]
