"""What stands around the API: its index, its description, the pages that explain problems, and unknown addresses."""

from http import HTTPStatus
from typing import Any

import msgspec
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.reverse import reverse

from backend.kernel.api import ApiView, json_answer, problem_title
from backend.kernel.errors import RULES
from backend.kernel.schema import described, document

VERSION = "1.0.0"  # raised as docs/api.md says


class Index(msgspec.Struct):
    """Where the API begins."""

    version: str
    documentation: str
    schema: str
    token: str


class ApiIndex(ApiView):
    """The addresses that lead on."""

    permission_classes = [AllowAny]

    @described("index", summary="Where the API begins", answers={HTTPStatus.OK: document(Index)})
    def get(self, request: Request) -> HttpResponse:
        names = {"documentation": "api:docs", "schema": "api:schema", "token": "api:token"}
        return json_answer(Index(VERSION, **{key: reverse(name, request=request) for key, name in names.items()}))


class NoSuchAddress(ApiView):
    """Any other address below the API's."""

    permission_classes = [AllowAny]
    schema = None

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        raise Http404


@method_decorator(login_not_required, name="dispatch")
class ApiDocs(TemplateView):
    """The schema, to be read."""

    template_name = "api/docs.html"


@method_decorator(login_not_required, name="dispatch")
class ProblemPage(TemplateView):
    """What a kind of problem means: problem documents refer to it by `type`."""

    template_name = "api/problem.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        title = problem_title(kwargs["code"])
        if title is None:
            raise Http404
        return super().get_context_data(title=title, is_rule=kwargs["code"] in RULES, **kwargs)
