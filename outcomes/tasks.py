"""Messages about registers' files. A message is a nudge: the import's row is the truth."""

from django.utils import timezone
from periodiq import cron

from backend.kernel.queue import actor
from outcomes.models import RegisterImport
from outcomes.services.registers import read_import

HOUR_MS = 3_600_000
EVERY_TEN_MINUTES = cron("*/10 * * * *")


@actor(time_limit=HOUR_MS, max_retries=4)
def read_register(import_id: int) -> None:
    """Read a register's file that waits."""
    read_import(import_id, timezone.now())


@actor(periodic=EVERY_TEN_MINUTES, max_retries=0)
def sweep_registers() -> None:
    """Send the message of files that wait again: its worker may have been killed."""
    for pk in RegisterImport.objects.filter(state=RegisterImport.State.WAITING).values_list("pk", flat=True):
        read_register.send(pk)
