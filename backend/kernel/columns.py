"""Columns of numbers between PostgreSQL and numpy, binary and without a Python object per row.

Reading aggregates each column into an array on the server; writing is a binary COPY of fixed-width records, sent block
by
block so that the server works while the next block is built.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg
from psycopg import sql

COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_TRAILER = b"\xff\xff"
BLOCK_ROWS = 16_384
SLICE_PAGES = 8_192  # 64 MiB of a table
_ARRAY_HEADER = 20  # dimensions, flags, element type, length and lower bound, four bytes each

Column = npt.NDArray[Any]


def read_columns(
    connection: psycopg.Connection, query: str, types: Sequence[str], parameters: Mapping[str, object] | None = None
) -> list[Column]:
    """The result of a query, column by column, as native numpy arrays.

    `types` are numpy's names of the columns' exact SQL types: i2, i4 (also dates, as days from 2000-01-01), i8 (also
    moments, as microseconds from 2000-01-01) and b1. No value may be null.
    """
    names = [f"c{number}" for number in range(len(types))]
    aggregated = sql.SQL("SELECT {} FROM ({}) AS q ({})").format(
        sql.SQL(", ").join(sql.SQL("array_agg({})").format(sql.Identifier(name)) for name in names),
        sql.SQL(query),
        sql.SQL(", ").join(map(sql.Identifier, names)),
    )
    with connection.cursor(binary=True) as cursor:
        cursor.execute(aggregated, parameters)
        result = cursor.pgresult
        assert result is not None
        return [_array(result.get_value(0, index), kind) for index, kind in enumerate(types)]


def read_heap(
    connections: Sequence[psycopg.Connection],
    table: str,
    query: str,
    types: Sequence[str],
    parameters: Mapping[str, object] | None = None,
) -> list[Column]:
    """As `read_columns`, of a whole table: `query` has a place `{rows}` for a condition on the table's rows.

    The connections (which see one snapshot) read slices of the table's pages beside each other; no slice is large.
    """
    with connections[0].cursor() as cursor:
        cursor.execute("SELECT pg_relation_size(%s) / current_setting('block_size')::int", [table])
        (pages,) = cursor.fetchone() or (0,)
    starts = range(0, pages, SLICE_PAGES)

    def read(number: int) -> list[list[Column]]:
        conditions = [
            f"ctid >= '({start},0)' AND ctid < '({start + SLICE_PAGES},0)'"
            for start in starts[number :: len(connections)]
        ]
        return [read_columns(connections[number], query.format(rows=rows), types, parameters) for rows in conditions]

    with ThreadPoolExecutor(len(connections)) as pool:
        parts = [part for slices in pool.map(read, range(len(connections))) for part in slices]
    return [np.concatenate([part[place] for part in parts] or [np.zeros(0, kind)]) for place, kind in enumerate(types)]


def _array(value: bytes | None, kind: str) -> Column:
    if value is None:
        return np.zeros(0, kind)
    record = np.dtype([("length", ">i4"), ("value", f">{kind}")])
    return np.frombuffer(value, record, offset=_ARRAY_HEADER)["value"].astype(kind)


def write_columns(
    connection: psycopg.Connection,
    table: str,
    columns: Mapping[str, tuple[str, Column]],
    rows: npt.NDArray[np.bool_] | None = None,
) -> None:
    """Add rows to a table. `columns`: name → (numpy's name of the SQL type, values); `rows` picks some of them."""
    chosen = {name: (kind, values if rows is None else values[rows]) for name, (kind, values) in columns.items()}
    count = len(next(iter(chosen.values()))[1])
    if not count:
        return
    record = np.dtype(
        [("_columns", ">i2")]
        + [part for name, (kind, _) in chosen.items() for part in ((f"_{name}", ">i4"), (name, f">{kind}"))]
    )
    block = np.empty(min(count, BLOCK_ROWS), record)
    block["_columns"] = len(chosen)
    for name, (kind, _) in chosen.items():
        block[f"_{name}"] = np.dtype(kind).itemsize
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, chosen))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(COPY_HEADER)
        for start in range(0, count, BLOCK_ROWS):
            part = block[: min(BLOCK_ROWS, count - start)]
            for name, (_, values) in chosen.items():
                part[name] = values[start : start + len(part)]
            copy.write(part.tobytes())
        copy.write(COPY_TRAILER)
