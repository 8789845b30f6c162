"""A process that computes a run and stops for ever where a test wants it: `python -m tests.stopping_worker RUN WHERE`.

`WHERE` is the beginning of a statement that is not reached any more, or one of the words below. It says "stopped" then,
to be killed.
"""

import os
import sys
import time
from collections.abc import Callable
from typing import Any, NoReturn

import django

LINES_WRITTEN = "lines written"  # of the first chunk, to the staging table
DONE = "done"  # before the message could be acknowledged


def stop() -> NoReturn:
    print("stopped", flush=True)
    while True:
        time.sleep(60)


def stop_before(beginning: str) -> Callable[..., Any]:
    """Django's wrapper around every statement of its connection."""

    def execute(run: Callable[..., Any], sql: str, parameters: object, many: bool, context: object) -> Any:
        if sql.lstrip().startswith(beginning):
            stop()
        return run(sql, parameters, many, context)

    return execute


def main(run_id: int, where: str) -> None:
    from django.db import connection

    from payouts.services import compute_run

    def progress(lines: int) -> None:
        if where == LINES_WRITTEN:
            stop()

    with connection.execute_wrapper(stop_before(where)):
        compute_run(run_id, progress=progress)
    if where == DONE:
        stop()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
    django.setup()
    main(int(sys.argv[1]), sys.argv[2])
