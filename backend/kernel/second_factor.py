"""A second factor for staff: who lacks one is led to set one up, before anything else."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.timezone import now

from backend.kernel.models import Role, User
from backend.kernel.secrets import KeyRing
from backend.kernel.selectors import has_second_factor

ABOUT = "second factor"  # what the encrypted secrets are bound to
FREE = ("/account/", "/login/", "/logout/", "/language/", "/theme/", "/health/", "/accessibility/")


def second_factor_for_staff(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: while STAFF_MFA is on, staff without a second factor come no farther than to its page."""

    def lead_to_it(request: HttpRequest) -> HttpResponse:
        if settings.STAFF_MFA and not request.path.startswith(FREE) and _lacks_one(request):
            return HttpResponseRedirect(reverse("mfa_index"))
        return get_response(request)

    return lead_to_it


def _lacks_one(request: HttpRequest) -> bool:
    user = request.user
    if not isinstance(user, User) or not set(user.roles) - {Role.PROVIDER}:
        return False
    return not has_second_factor(user) and second_factor_at(request) is None


class SecondFactors(DefaultMFAAdapter):
    """Secrets of second factors stand encrypted in the database."""

    def encrypt(self, text: str) -> str:
        key, sealed = factor_keys().encrypt(text, ABOUT)
        return f"{key}:{urlsafe_b64encode(sealed).decode()}"

    def decrypt(self, encrypted_text: str) -> str:
        key, _, sealed = encrypted_text.partition(":")
        return factor_keys().decrypt(key, urlsafe_b64decode(sealed), ABOUT)


def factor_keys() -> KeyRing:
    return KeyRing.read("IDENTITY_KEYS", settings.IDENTITY_KEYS)


def renew_factors() -> int:
    """Encrypt the secrets of second factors with the current key. Gives how many factors changed."""
    adapter, changed = SecondFactors(), 0
    for factor in Authenticator.objects.order_by("pk"):
        old = {name: factor.data[name] for name in ("secret", "seed") if name in factor.data}
        if all(sealed.startswith(f"{factor_keys().current}:") for sealed in old.values()):
            continue
        factor.data |= {name: adapter.encrypt(adapter.decrypt(sealed)) for name, sealed in old.items()}
        factor.save(update_fields=["data"])
        changed += 1
    return changed


def mfa_fresh(request: HttpRequest, minutes: int) -> bool:
    """Whether the reader gave a second factor within the last minutes; always where none is asked for."""
    if not settings.STAFF_MFA:
        return True
    at = second_factor_at(request)
    return at is not None and now() - at < timedelta(minutes=minutes)


def second_factor_at(request: HttpRequest) -> datetime | None:
    """When the reader last gave a second factor in this session; none if never."""
    records = get_authentication_records(request, request.user)
    strong = {"mfa", "socialaccount"} if settings.OIDC_SECOND_FACTOR else {"mfa"}
    times = [record["at"] for record in records if record["method"] in strong]
    return datetime.fromtimestamp(max(times), UTC) if times else None
