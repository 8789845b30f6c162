"""What a page asks the database, to be asked again without the page."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import psycopg
from django.db import connection, transaction

CONTROL = ("SAVEPOINT", "RELEASE", "ROLLBACK")
Question = tuple[type[psycopg.Cursor], Any, Any, bool]  # cursor, statement, parameters, whether in binary


@contextmanager
def listening() -> Iterator[list[Question]]:
    """Every statement that is executed inside the block, through Django or beside it."""
    heard: list[Question] = []
    execute = psycopg.Cursor.execute

    def listen(cursor: Any, query: Any, params: Any = None, **options: Any) -> Any:
        binary = bool(options.get("binary", cursor.format == psycopg.pq.Format.BINARY))
        if not str(query).startswith(CONTROL):
            heard.append((type(cursor), query, params, binary))
        return execute(cursor, query, params, **options)

    with patch.object(psycopg.Cursor, "execute", listen):
        yield heard


def ask_again(questions: list[Question]) -> float:
    """Seconds until all of them are answered and their rows have arrived; what they write is undone."""
    raw = connection.connection
    assert isinstance(raw, psycopg.Connection)
    with transaction.atomic():
        started = time.perf_counter()
        for kind, query, parameters, binary in questions:
            with kind(raw) as cursor:
                cursor.execute(query, parameters, binary=binary)
                if cursor.description and not binary:  # columns in binary are read without making rows of them
                    cursor.fetchall()
        seconds = time.perf_counter() - started
        transaction.set_rollback(True)
    return seconds
