"""Small cells are not shown: neither they, nor what would give them away. Pure.

A table has a row per provider and a column per group, with sums of both. Of each cell it says a number of people and
how many of these succeeded. A cell is small if one to four people are in it, or succeeded, or did not. It is hidden,
and further cells are, until no hidden one can be found from the others:

- taken together, the hidden cells of a row or column whose sum is shown are not small either;
- no hidden cell follows from sums and shown cells. Rows and columns are equations in which each hidden cell stands
  twice, once in a row and once in a column. Seen as a graph, with rows and columns as its nodes and hidden cells as its
  edges, a cell follows just if its edge lies on no ring (Gusfield, SIAM Journal on Computing 1988).
"""

from collections.abc import Iterator, Sequence

import numpy as np

from outcomes.columns import I64, Bool

SMALLEST = 5


def is_small(count: I64, successes: I64) -> Bool:
    """Whether one to four people are in a cell, succeeded, or did not."""
    small = np.zeros(count.shape, bool)
    for people in (count, successes, count - successes):
        small |= (people > 0) & (people < SMALLEST)
    return small


def hidden_cells(count: I64, successes: I64, before: Bool | None = None) -> Bool:
    """Which cells to hide of a table of people and successes, with the sums as its last row and column.

    Those of `before` (of the same shape) are hidden too.
    """
    table = np.stack([_with_sums(count), _with_sums(successes)])
    hidden = is_small(*table)
    if before is not None:
        hidden |= before
    while gaps := list(_gaps(table, hidden)):
        for cells in gaps:
            hidden[cells] = True
    return hidden


def hidden_tables(tables: Sequence[tuple[I64, I64]], before: Sequence[Bool] | None = None) -> list[Bool]:
    """The same for tables that divide the same people of the same rows in several ways.

    They share the rows' sums. A row whose sum is hidden in one of them is hidden wholly in all, so that none gives away
    what another hides.
    """
    masks = [hidden_cells(*table, None if before is None else before[place]) for place, table in enumerate(tables)]
    while True:
        rows = np.logical_or.reduce([mask[:, -1] for mask in masks])
        if all(bool(mask[rows].all()) for mask in masks):
            return masks
        masks = [hidden_cells(*table, mask | rows[:, None]) for table, mask in zip(tables, masks, strict=True)]


def _with_sums(cells: I64) -> I64:
    wide = np.concatenate((cells, cells.sum(axis=1, keepdims=True)), axis=1)
    return np.concatenate((wide, wide.sum(axis=0, keepdims=True)))


Cells = tuple[I64, I64]  # rows and columns of some cells


def _gaps(table: I64, hidden: Bool) -> Iterator[Cells]:
    """What must be hidden too."""
    yield from _small_together(table, hidden)
    for row, column in lone_edges(hidden):
        yield _ring(table[0], hidden, row, column)


def _small_together(table: I64, hidden: Bool) -> Iterator[Cells]:
    """In rows and columns whose hidden cells are together small, and whose sum is shown, one more."""
    for turn in (False, True):
        counts, mask = (table.transpose(0, 2, 1), hidden.T) if turn else (table, hidden)
        together = (counts * mask).sum(axis=2)
        lines = is_small(*together) & ~mask[:, -1]
        for line in np.flatnonzero(lines).tolist():
            more = _smallest(counts[0, line], mask[line])
            if more is not None:
                place = (np.array([line]), np.array([more]))
                yield place[::-1] if turn else place


def _smallest(counts: I64, hidden: Bool) -> int | None:
    """The shown cell with fewest people; the sum, which stands last, only if there is no other."""
    shown = np.flatnonzero(~hidden & (counts > 0))
    inner = shown[shown < len(counts) - 1]
    some = inner if len(inner) else shown
    return int(some[np.argmin(counts[some])]) if len(some) else None


def _ring(people: I64, hidden: Bool, row: int, column: int) -> Cells:
    """The cells of another row and column that make a ring with a hidden one, with as few people shown as can be."""
    cost = np.where(hidden, 0.0, people + 1.0)
    cost[:, -1] += np.where(hidden[:, -1], 0, people[-1, -1])  # sums of rows are wanted most
    together = cost[row] + cost[:, [column]] + cost
    together[row], together[:, column] = np.inf, np.inf
    other, beside = np.unravel_index(np.argmin(together), together.shape)
    return np.array([row, other, other]), np.array([beside, column, beside])


def lone_edges(hidden: Bool) -> list[tuple[int, int]]:
    """The hidden cells that lie on no ring: the bridges of the graph (Tarjan, Information Processing Letters 1974)."""
    rows = len(hidden)
    beside = [np.flatnonzero(row) + rows for row in hidden] + [np.flatnonzero(column) for column in hidden.T]
    seen = np.full(len(beside), -1)  # when a node was first met …
    reach = np.zeros(len(beside), np.int64)  # … and the earliest node that it reaches in another way
    found, moment = [], 0
    for root in range(rows):
        if seen[root] >= 0:
            continue
        path = [(root, -1, iter(beside[root].tolist()))]
        seen[root] = reach[root] = moment
        while path:
            node, before, others = path[-1]
            other = next(others, None)
            if other is None:
                path.pop()
                if before >= 0:
                    reach[before] = min(reach[before], reach[node])
                    if reach[node] > seen[before]:
                        found.append((min(node, before), max(node, before) - rows))
            elif other == before:
                continue
            elif seen[other] >= 0:
                reach[node] = min(reach[node], seen[other])
            else:
                moment += 1
                seen[other] = reach[other] = moment
                path.append((other, node, iter(beside[other].tolist())))
    return found
