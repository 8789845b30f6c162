"""Small cells stay hidden: an attempt to find them by solving the equations of rows and columns."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from outcomes.columns import I64, Bool
from scorecards.suppression import hidden_cells, hidden_tables, is_small, lone_edges


def derivable(*masks: Bool) -> list[tuple[int, ...]]:
    """Which hidden cells (of tables that share their rows' sums) follow from what is shown, found by solving the
    equations of all rows and columns at once: those that are the same in all solutions. Table, row and column of each.
    """
    names: dict[tuple[int, ...], int] = {}
    terms: dict[tuple[int, str, int], list[tuple[int, int]]] = {}
    for number, mask in enumerate(masks):
        last_row, last_column = (size - 1 for size in mask.shape)
        for row, column in np.argwhere(mask).tolist():
            name = (-1, row) if column == last_column else (number, row, column)
            unknown = names.setdefault(name, len(names))
            terms.setdefault((number, "row", row), []).append((unknown, -1 if column == last_column else 1))
            terms.setdefault((number, "column", column), []).append((unknown, -1 if row == last_row else 1))
    equations = np.zeros((len(terms), len(names)))
    for equation, signed in zip(equations, terms.values(), strict=True):
        for unknown, sign in signed:
            equation[unknown] = sign
    _, values, directions = np.linalg.svd(equations)
    free = directions[np.sum(values > 1e-9) :]
    fixed = np.abs(free).max(axis=0, initial=0) < 1e-9
    return [name for name, unknown in names.items() if fixed[unknown]]


def with_sums(cells: I64) -> I64:
    wide = np.column_stack((cells, cells.sum(axis=1)))
    return np.vstack((wide, wide.sum(axis=0)))


@st.composite
def tables(draw: st.DrawFn) -> tuple[I64, I64]:
    shape = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = rng.poisson(draw(st.sampled_from((2, 8, 40))), shape)
    return count, rng.binomial(count, draw(st.sampled_from((0.05, 0.4))))


@given(tables())
def test_no_hidden_cell_can_be_derived(table: tuple[I64, I64]) -> None:
    count, successes = table
    hidden = hidden_cells(count, successes)
    assert derivable(hidden) == []


@given(tables(), st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_nor_from_other_tables_of_the_same_people(table: tuple[I64, I64], seed: int, columns: int) -> None:
    """The people of each row are divided in another way, too."""
    rng = np.random.default_rng(seed)
    count, successes = table
    good = rng.multinomial(successes.sum(axis=1), np.full(columns, 1 / columns))
    others = rng.multinomial((count - successes).sum(axis=1), np.full(columns, 1 / columns))
    masks = hidden_tables([table, (good + others, good)])
    assert np.array_equal(masks[0][:, -1], masks[1][:, -1])
    assert derivable(*masks) == []


@given(tables())
def test_all_small_cells_are_hidden_and_so_is_what_they_are_together(table: tuple[I64, I64]) -> None:
    people, successes = map(with_sums, table)
    hidden = hidden_cells(*table)
    assert hidden[is_small(people, successes)].all()
    for turned in (False, True):
        mask = hidden.T if turned else hidden
        together = [((cells.T if turned else cells) * mask).sum(axis=1) for cells in (people, successes)]
        assert not (is_small(*together) & ~mask[:, -1]).any()


@given(tables())
def test_nothing_is_hidden_without_need(table: tuple[I64, I64]) -> None:
    count, successes = table
    if not is_small(with_sums(count), with_sums(successes)).any():
        assert not hidden_cells(count, successes).any()


def test_one_small_cell_hides_three_others() -> None:
    count = np.array([[40, 3, 50], [30, 20, 60], [50, 45, 70]])
    hidden = hidden_cells(count, count // 2 * 0)
    assert hidden[:3, :3].tolist() == [[True, True, False], [True, True, False], [False, False, False]]
    assert not hidden[3].any()
    assert not hidden[:, 3].any()


def test_a_bridge_between_two_rings_is_found_out() -> None:
    # the cell in the middle is alone in no row or column, and yet follows from the others
    hidden = np.zeros((6, 6), bool)
    hidden[np.ix_((0, 1), (0, 1))] = hidden[np.ix_((3, 4), (3, 4))] = True
    hidden[1, 3] = True
    assert derivable(hidden) == [(0, 1, 3)]
    assert lone_edges(hidden) == [(1, 3)]
