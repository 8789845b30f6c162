"""How much a provider's system may ask for: so many requests in a minute, counted for all processes together."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection

from providers.models import ApiClient

MINUTE = 60  # seconds

COUNT = """
INSERT INTO providers_apiuse AS used (client_id, minute, requests) VALUES (%(client)s, %(minute)s, 1)
ON CONFLICT (client_id) DO UPDATE SET
    minute = excluded.minute,
    requests = CASE WHEN used.minute = excluded.minute THEN used.requests + 1 ELSE 1 END
RETURNING requests
"""


@dataclass(frozen=True, slots=True)
class Use:
    """A client's use of its quota: what is left of it, and in how many seconds it begins anew."""

    quota: int
    left: int
    seconds: int
    is_exceeded: bool


def count_request(*, client: ApiClient, now: datetime) -> Use:
    """Count one request of a client. Not part of a transaction: what is counted stays counted."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"client": client.pk, "minute": now.replace(second=0, microsecond=0)})
        (requests,) = cursor.fetchone()
    quota = settings.API_REQUESTS
    return Use(quota, max(quota - requests, 0), MINUTE - now.second, requests > quota)
