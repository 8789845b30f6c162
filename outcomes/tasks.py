"""Messages about facts and registers' files. A message is a nudge: what is due stands in the database."""

from django.utils import timezone
from periodiq import cron

from backend.kernel.queue import actor
from outcomes.models import RegisterImport
from outcomes.services import read_import, remind_providers

IN_THE_MORNING = cron("0 6-9 * * *")  # each hour: a message that no worker took within half a minute is skipped
EVERY_TEN_MINUTES = cron("*/10 * * * *")
HOUR_MS = 3_600_000


@actor(periodic=IN_THE_MORNING, max_retries=0)
def remind() -> None:
    """Remind providers of what they must answer soon."""
    remind_providers(now=timezone.now())


@actor(time_limit=HOUR_MS, max_retries=4)
def read_register(import_id: int) -> None:
    """Read a register's file that waits."""
    read_import(import_id, timezone.now())


@actor(periodic=EVERY_TEN_MINUTES, max_retries=0)
def sweep_registers() -> None:
    """Send the message of files that wait again: its worker may have been killed."""
    for pk in RegisterImport.objects.filter(state=RegisterImport.State.WAITING).values_list("pk", flat=True):
        read_register.send(pk)
