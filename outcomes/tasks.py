"""What the calendar does about facts: it reminds providers. What is due stands in the database."""

from django.utils import timezone
from periodiq import cron

from backend.kernel.queue import actor
from outcomes.services import remind_providers

IN_THE_MORNING = cron("0 6-9 * * *")  # each hour: a message that no worker took within half a minute is skipped


@actor(periodic=IN_THE_MORNING, max_retries=0)
def remind() -> None:
    """Remind providers of what they must answer soon."""
    remind_providers(now=timezone.now())
