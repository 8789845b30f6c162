"""Each request has an id, which stands in the answer's headers and in every line that is logged meanwhile."""

import logging
import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
_GIVEN = re.compile(r"[A-Za-z0-9._:-]{1,64}", re.ASCII)  # another id from outside could forge lines of the log
_CURRENT: ContextVar[str] = ContextVar("request_id", default="-")


def request_id() -> str:
    """The id of the request that is being answered; `-` outside of any."""
    return _CURRENT.get()


def give_request_id(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: takes over the id that the caller or a proxy gave, else makes one."""

    def answer_with_id(request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        token = _CURRENT.set(given if _GIVEN.fullmatch(given) else uuid.uuid4().hex)
        try:
            response = get_response(request)
            response.headers[HEADER] = request_id()
        finally:
            _CURRENT.reset(token)
        return response

    return answer_with_id


class WithRequestId(logging.Filter):
    """Gives each line of the log the id of its request."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id()
        return True
