"""Requests that may come twice: the second time they are answered as the first time, and nothing is done."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from backend.kernel.errors import gettext_noop, refuse, rule
from providers.models import ApiClient, IdempotentRequest

IDEMPOTENCY_KEY = rule(
    "idempotency_key", gettext_noop("an Idempotency-Key has 1 to {most} visible characters of ASCII")
)
KEY_REUSED = rule(
    "idempotency_key_reused", gettext_noop("this Idempotency-Key came with another request; take a new key for each")
)
KEY_RULES = (IDEMPOTENCY_KEY, KEY_REUSED)
KEY_MOST = 100
KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer as it was sent; `is_repeated`: it was sent before."""

    status: int
    body: bytes
    location: str = ""
    is_repeated: bool = False


@transaction.atomic
def answer_once(
    *, client: ApiClient, key: str, request: bytes, carry_out: Callable[[], Answered], now: datetime
) -> Answered:
    """The answer to a request (its method, address and body) with this key, carried out unless it was before.

    Key, answer and what was done are committed together, so that a crash leaves all or nothing. The same request at the
    same moment waits for the first. If `carry_out` raises, the key stays free. Answers are kept for a week.
    """
    if not (0 < len(key) <= KEY_MOST and key.isascii() and key.isprintable()):
        raise refuse(IDEMPOTENCY_KEY, field="Idempotency-Key", value=key, most=KEY_MOST)
    IdempotentRequest.objects.filter(client=client, at__lt=now - KEPT).delete()
    digest = hashlib.sha256(request).hexdigest()
    asked = {"client": client, "key": key}
    IdempotentRequest.objects.bulk_create([IdempotentRequest(**asked, digest=digest, at=now)], ignore_conflicts=True)
    stored = IdempotentRequest.objects.get(**asked)
    if stored.digest != digest:
        raise refuse(KEY_REUSED, field="Idempotency-Key", value=key)
    if stored.status is not None:
        return Answered(stored.status, bytes(stored.body), stored.location, is_repeated=True)
    answered = carry_out()
    stored.status, stored.body, stored.location = answered.status, answered.body, answered.location
    stored.save(update_fields=["status", "body", "location"])
    return answered
