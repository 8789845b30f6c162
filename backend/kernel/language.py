"""The language of a page: Swedish, until the reader chooses another. The API answers in the language asked for."""

from collections.abc import Callable
from typing import Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation


def reader_language() -> Literal["sv", "en"]:
    """The language that is spoken now, for texts that are told and not looked up."""
    return "sv" if translation.get_language() == "sv" else "en"


def chosen_language(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: the language that the reader chose (a cookie), whatever the browser would like.

    Who uses the API has no cookie and asks with Accept-Language.
    """
    languages = dict(settings.LANGUAGES)

    def language_of(request: HttpRequest) -> str:
        if request.path.startswith("/api/"):
            return translation.get_language_from_request(request)
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        return chosen if chosen in languages else settings.LANGUAGE_CODE

    def answer_in_language(request: HttpRequest) -> HttpResponse:
        with translation.override(language_of(request)):
            response = get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        return response

    return answer_in_language
