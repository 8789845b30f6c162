"""Columns of numbers between PostgreSQL and numpy, binary and without a Python object per row.

Reading aggregates each column into an array on the server; writing is a binary COPY of fixed-width records, sent in
blocks so that the server works while the next one is built.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg
from psycopg import sql

COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_TRAILER = b"\xff\xff"
BLOCK_ROWS = 16_384
SLICE_PAGES = 4_096  # 32 MiB of a table
PAGES = "SELECT pg_relation_size(%(table)s::regclass) / current_setting('block_size')::int"
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


class Reading:
    """Columns under way, in parts."""

    def __init__(self, parts: list[Future[list[Column]]], types: Sequence[str]):
        self.parts, self.types = parts, types

    def result(self) -> list[Column]:
        """The columns, once: each part's memory is given back as its column is joined."""
        parts = [part.result()[::-1] for part in self.parts]
        self.parts.clear()
        return [np.concatenate([np.zeros(0, kind), *(part.pop() for part in parts)]) for kind in self.types]


class Readers:
    """Connections that see one snapshot, read beside each other: whichever is free takes the next part."""

    def __init__(self, connections: Sequence[psycopg.Connection]):
        self._free: SimpleQueue[psycopg.Connection] = SimpleQueue()
        for connection in connections:
            self._free.put(connection)
        self._pool = ThreadPoolExecutor(len(connections))

    def __enter__(self) -> "Readers":
        return self

    def __exit__(self, *raised: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def start(self, query: str, types: Sequence[str], parameters: Mapping[str, object] | None = None) -> Reading:
        """Begin to read a query's columns, as `read_columns` does."""
        return Reading([self._pool.submit(self._read, query, types, parameters)], types)

    def start_heap(
        self, table: str, query: str, types: Sequence[str], parameters: Mapping[str, object] | None = None
    ) -> Reading:
        """Begin to read a whole table: `query` has a place `{rows}` for a condition; it is read in slices of pages."""
        (pages,) = self.start(PAGES, ["i8"], {"table": table}).result()
        slices = [
            query.format(rows=f"ctid >= '({start},0)' AND ctid < '({start + SLICE_PAGES},0)'")
            for start in range(0, int(pages[0]), SLICE_PAGES)
        ]
        return Reading([self._pool.submit(self._read, part, types, parameters) for part in slices], types)

    def _read(self, query: str, types: Sequence[str], parameters: Mapping[str, object] | None) -> list[Column]:
        connection = self._free.get()
        try:
            return read_columns(connection, query, types, parameters)
        finally:
            self._free.put(connection)


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
