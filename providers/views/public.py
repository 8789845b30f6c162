"""The register of authorised providers, for anybody and without a log-in; also as CSV and JSON."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.views.generic import TemplateView

from backend.kernel.lists import sheet_response
from backend.kernel.sheets import CSV, Sheet
from providers.authorisation_tables import RegisterTable
from providers.selectors import public_register


@method_decorator(login_not_required, name="dispatch")
class Register(TemplateView):
    """Who is authorised for what today."""

    template_name = "providers/register.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = localdate()
        return super().get_context_data(table=RegisterTable(public_register(today)), today=today, **kwargs)


@login_not_required
def register_csv(request: HttpRequest) -> HttpResponse:
    """The register as CSV, its header in the words of JSON's keys."""
    rows = public_register(localdate())
    keys = ("number", "name", "organisation_number", "service", "state", "valid_from", "valid_through")
    sheet = Sheet(gettext("Authorised providers"), keys, ([row[key] for key in keys] for row in rows))
    return sheet_response([sheet], "register", CSV)


@login_not_required
def register_json(request: HttpRequest) -> HttpResponse:
    """The register as JSON: the day that it is of, and its rows."""
    today = localdate()
    return JsonResponse({"as_of": today, "providers": public_register(today)})
