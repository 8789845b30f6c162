"""Many rows at once: ids from a table's sequence, rows by COPY, and the database's refusals as DomainErrors."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import psycopg
from django.db import IntegrityError, connection, models, transaction
from psycopg import sql

from backend.kernel.errors import Rule, refuse


def reserve_ids(model: type[models.Model], count: int) -> list[int]:
    """New ids for `count` rows of a table, so that rows that refer to each other need not be read back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH ids AS MATERIALIZED (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS sequence)"
            " SELECT nextval(sequence) FROM ids, generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def number_array(numbers: Iterable[int]) -> str:
    """Numbers as the text of an SQL array, to be cast: `%s::int[]`. As a parameter a long list takes much longer."""
    return f"{{{','.join(map(str, numbers))}}}"


def text_array(texts: Iterable[str]) -> str:
    """Texts as the text of an SQL array, to be cast: `%s::text[]`."""
    quoted = (text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)
    return "{" + ",".join(f'"{text}"' for text in quoted) + "}"


def copy_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Add rows to a table; `columns` are the database's names. Columns that are left out get the database's default."""
    types = {field.column: _type_name(field) for field in model._meta.concrete_fields}
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types([types[column] for column in columns])
        for row in rows:
            copy.write_row(row)


def _type_name(field: models.Field) -> str:
    """The type of a column as psycopg knows it: varchar(100) is varchar."""
    full = field.rel_db_type(connection) if field.primary_key else field.db_type(connection)
    return str(full).partition("(")[0]


@contextmanager
def psycopg_connection() -> Iterator[psycopg.Connection]:
    """The connection below Django's, in the same transaction, for `kernel.columns`.

    It has psycopg's own cursors meanwhile, since Django's put parameters into the text and can't read in binary.
    """
    connection.ensure_connection()
    raw = connection.connection
    assert isinstance(raw, psycopg.Connection)
    cursors = raw.cursor_factory
    raw.cursor_factory = psycopg.Cursor
    try:
        yield raw
    finally:
        raw.cursor_factory = cursors


@contextmanager
def constraints_as(rules: Mapping[str, Rule], field: str) -> Iterator[None]:
    """Run in a savepoint; a breach of a named constraint becomes a DomainError that shows what the database refused."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        said = error.__cause__.diag if isinstance(error.__cause__, psycopg.Error) else None
        if said is None or said.constraint_name is None or said.constraint_name not in rules:
            raise
        raise refuse(rules[said.constraint_name], field=field, value=said.message_detail) from error
