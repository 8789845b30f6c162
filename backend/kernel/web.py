"""What the pages of every app share: who may open them."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.views.generic import View

from backend.kernel.models import FINANCE, Role, User

STAFF = frozenset({Role.HANDLER, Role.PROCUREMENT, *FINANCE, Role.AUDITOR})


class StaffPage(View):
    """A page for the municipality's own officers."""

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if STAFF.isdisjoint(self.reader.roles):
            raise PermissionDenied(_why_not(self.reader.roles))
        return super().dispatch(request, *args, **kwargs)

    @property
    def reader(self) -> User:
        """Whoever reads the page; nobody comes here without a log-in."""
        assert isinstance(self.request.user, User)
        return self.request.user


def _why_not(roles: list[str]) -> str:
    if Role.PROVIDER in roles:
        return gettext("There are no pages for providers yet. The municipality's officers can answer your questions.")
    return gettext("Your account has no role that may see this page. Ask whoever manages accounts to give you one.")
