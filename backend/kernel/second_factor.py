"""A second factor for staff: who lacks one is led to set one up, before anything else."""

from collections.abc import Callable
from datetime import UTC, datetime

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from backend.kernel.models import Role, User
from backend.kernel.selectors import has_second_factor

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
    return isinstance(user, User) and bool(set(user.roles) - {Role.PROVIDER}) and not has_second_factor(user)


def second_factor_at(request: HttpRequest) -> datetime | None:
    """When the reader last gave a second factor in this session; none if never."""
    records = get_authentication_records(request, request.user)
    times = [record["at"] for record in records if record["method"] == "mfa"]
    return datetime.fromtimestamp(max(times), UTC) if times else None
