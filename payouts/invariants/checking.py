"""The register of invariants, and how they are tested: all on one connection, so that they see one state."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import psycopg

Row = tuple[object, object, object]  # where; what is expected; what is found
Find = Callable[[psycopg.Connection], Iterable[Row]]

INVARIANTS: dict[str, Find] = {}


@dataclass(frozen=True, slots=True)
class Failing:
    """One place where an invariant does not hold."""

    name: str
    what: str
    where: str
    expected: str
    found: str


def invariant(find: Find) -> Find:
    """Register a function that gives the breaches of an invariant; its docstring says what must hold."""
    INVARIANTS[find.__name__] = find
    return find


def find_failing(connection: psycopg.Connection) -> Iterator[Failing]:
    """Test every invariant."""
    for name, find in INVARIANTS.items():
        what = (find.__doc__ or "").rstrip(".")
        for row in find(connection):
            yield Failing(name, what, *map(str, row))


def rows(connection: psycopg.Connection, query: str, **parameters: object) -> list[Row]:
    """What a query finds; it gives where, expected and found. Without parameters a % stands for itself."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters or None)
        return cursor.fetchall()
