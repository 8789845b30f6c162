"""Whether the site works, for whoever watches it."""

import logging
from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from backend.kernel.queue import ping_broker

logger = logging.getLogger(__name__)


@login_not_required
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """200 if database and broker answer, else 503. What is wrong stands in the log: anybody may ask."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        ping_broker()
    except Exception:
        logger.exception("The database or the broker does not answer.")
        return HttpResponse("unavailable", content_type="text/plain", status=HTTPStatus.SERVICE_UNAVAILABLE)
    return HttpResponse("ok", content_type="text/plain")
