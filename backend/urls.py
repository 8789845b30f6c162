"""The site's addresses. Every page asks for a log-in unless its view says otherwise."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.i18n import set_language

from backend.kernel.forms import LoginForm
from backend.kernel.views import health

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="payouts:run_list"), name="home"),
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
