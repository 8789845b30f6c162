"""The queue as rows of a table: facts are read page by page, each with how it waits."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django_tables2.data import TableData

from outcomes.columns import to_date, to_day
from outcomes.models import Fact
from payouts.queue import Queue

READ_AT_ONCE = 1000  # rows, for a file


class QueueRows(TableData):
    """The facts of a queue, in order; `facts` says how they are read."""

    def __init__(self, facts: QuerySet[Fact], queue: Queue, today: date):
        super().__init__(self)
        self.facts, self.queue, self.today = facts, queue, today
        self.order = list(range(len(queue.waiting)))

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, key: Any) -> Any:
        return self._read(self.order[key]) if isinstance(key, slice) else self._read([self.order[key]])[0]

    def __iter__(self) -> Iterator[Any]:
        for first in range(0, len(self), READ_AT_ONCE):
            yield from self[first : first + READ_AT_ONCE]

    def order_by(self, aliases: Any) -> None:
        """Another order, by a column of the facts."""
        wanted = [name for alias in aliases for name in self.table.columns[alias.lstrip("-")].order_by]
        place = {fact: number for number, fact in enumerate(self.queue.waiting.fact.tolist())}
        ids = self.facts.order_by(*wanted, "pk").values_list("pk", flat=True)
        self.order = [place[pk] for pk in ids if pk in place]

    def _read(self, places: list[int]) -> list[Any]:
        waiting = self.queue.waiting.take(places)  # type: ignore[arg-type]  # numpy takes a list, too
        read = self.facts.order_by().in_bulk(waiting.fact.tolist())
        today = to_day(self.today)
        rows: list[Any] = []
        for number, pk in enumerate(waiting.fact.tolist()):
            row: Any = read[pk]
            row.stake = int(waiting.amount[number])
            row.due_on = to_date(int(waiting.due_on[number]))
            row.is_late = bool(waiting.due_on[number] < today)
            row.is_bulk = bool(waiting.is_bulk[number])
            row.conflicts = sorted(self.queue.conflicts.get(pk, ()))
            rows.append(row)
        return rows
