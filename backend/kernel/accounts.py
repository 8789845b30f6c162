"""How allauth treats this site's accounts: administrators make them, nobody signs up."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import User


class Accounts(DefaultAccountAdapter):
    """Accounts with a password. A refusal does not tell whether the name or the password was wrong."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _(
            "The user name or the password is wrong. Check that you wrote them correctly; capital letters matter."
        ),
        "too_many_login_attempts": _("There were too many attempts. Wait some minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Nothing is sent: whoever manages accounts hands out what is needed."""


class CityAccounts(DefaultSocialAccountAdapter):
    """Accounts that log in through the city: the user name there is the user name here."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Tie the city's identity, the first time that it comes, to the account of its user name."""
        if sociallogin.is_existing:
            return
        claimed = sociallogin.account.extra_data
        name = (claimed.get("userinfo") or claimed).get("preferred_username", "")
        user = User.objects.filter(username=name, is_active=True).first()
        if user is None:
            missing = gettext("There is no account for “{name}”. Ask whoever manages accounts to make one.")
            raise _back_to_login(request, missing.format(name=name))
        sociallogin.connect(request, user)

    def on_authentication_error(self, request: HttpRequest, provider: Any, **kwargs: Any) -> None:
        said = gettext("The city's log-in did not let you in. Try again, or log in with a password.")
        raise _back_to_login(request, said)


def _back_to_login(request: HttpRequest, why: str) -> ImmediateHttpResponse:
    messages.error(request, why)
    return ImmediateHttpResponse(redirect("account_login"))
