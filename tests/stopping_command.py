"""A process that does something and stops for ever where a test wants it: `python -m tests.stopping_command WHERE …`.

`WHERE` is the beginning of a statement that is not reached any more, or "done": all is committed, and a command's file
is not written yet. It says "stopped" then, to be killed. What follows is a management command with its arguments, or
`examine RUN USERNAME`, or `sign RUN USERNAME` (as an examiner).
"""

import os
import sys
from unittest.mock import patch

import django

from tests.stopping_worker import DONE, stop, stop_before


def main(where: str, *command: str) -> None:
    from django.core.management import call_command
    from django.db import connection

    from payouts.management.commands import export

    def stop_writing(*args: object) -> None:
        if where == DONE:
            stop()

    with connection.execute_wrapper(stop_before(where)), patch.object(export, "write_whole", stop_writing):
        if command[0] in ("examine", "sign"):
            as_officer(*command)
        else:
            call_command(*command)


def as_officer(what: str, sequence: str, username: str) -> None:
    from django.utils import timezone

    from backend.kernel.models import User
    from payouts.models import Run, Signature
    from payouts.services import examine_run
    from tests.town import sign

    run, by, now = Run.objects.get(sequence=sequence), User.objects.get(username=username), timezone.now()
    if what == "examine":
        examine_run(run=run, by=by, now=now)
    else:
        sign(run, Signature.EXAMINER, by, now)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
    django.setup()
    main(*sys.argv[1:])
