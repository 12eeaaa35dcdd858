"""Tables of counts by an attribute: small cells hidden, with what would give them back.

The invariant: whoever takes the printed cells, the margins and the sizes of the groups and
solves for a hidden cell that needed hiding is left with at least k − 1 values for it (where
all persons together are fewer than k: with every number up to their sum). Of what was said
this holds also for who tries which counts would be printed as these are (`said`).
Hiding small cells alone is not enough, because a margin minus the other cells gives the
cell back; so further cells are hidden (complementary suppression) until the invariant
holds. All hidden cells bear the same mark, so that nobody sees which ones were small.

References
----------
Hundepool, A. et al. (2012). Statistical Disclosure Control. Wiley, chapter 4.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from reflect_analysis.disclosure.counts import DEFAULT_K, HIDDEN, check_k
from reflect_analysis.disclosure.joining import join_governed, join_small
from reflect_analysis.disclosure.rounding import check_rounding, protect_rounded, round_count
from reflect_analysis.disclosure.said import protect_row

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SuppressedTable", "suppress_table"]

NOT_KNOWN = "–"
Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class SuppressedTable:
    """A table whose cells may be printed; the hidden counts are not kept.

    Parameters
    ----------
    index, columns : tuple of str
        Names of the rows and columns, margins included.
    cells : tuple of tuple of str
        The printed cells: a number, ``"–*"`` for hidden, ``"–"`` for not known.
    k : int
    sizes : tuple of int
        Persons in the group of each column, where the rows are what people said.
    rounding : int
        The base to which every number is rounded; 0 where small ones are hidden instead.
    """

    index: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    k: int
    sizes: tuple[int, ...] = ()
    rounding: int = 0

    @property
    def note(self) -> str:
        """The note to be printed under the table."""
        if self.rounding:
            return (
                f"Counts of persons and their sums are rounded to the nearest multiple of "
                f"{self.rounding}, each by itself, so that parts need not add up. {HIDDEN} "
                "hidden: a number that the others would give back."
            )
        return (
            f"{HIDDEN} hidden: a count of 1 to {self.k - 1} persons, of all or nearly all of a "
            "group, or one that would give such a count back."
        )

    @property
    def hidden(self) -> pd.DataFrame:
        """Which cells are hidden (Boolean); what is computed from them must be hidden too."""
        return self.to_frame() == HIDDEN

    def beside(self, figures: pd.DataFrame) -> pd.DataFrame:
        """Figures of the same cells as they may be printed: hidden where the count is.

        Parameters
        ----------
        figures : DataFrame
            Percentages, intervals, medians, heights of bars … with the rows and columns of
            `to_frame`, margins included.

        Returns
        -------
        DataFrame
            The figures as they came, and ``"–*"`` beside each hidden count. Beside rounded
            counts everything is hidden: an exact share gives the exact count back.

        Raises
        ------
        ValueError
            If rows or columns are others.
        """
        shown = self.to_frame()
        if list(figures.index) != list(shown.index) or list(figures.columns) != list(shown.columns):
            raise ValueError(
                f"expected the rows {list(self.index)} and the columns {list(self.columns)}, not "
                f"{list(figures.index)} and {list(figures.columns)}"
            )
        hidden = self.hidden | bool(self.rounding)
        return figures.astype(object).mask(hidden, HIDDEN)

    def to_frame(self) -> pd.DataFrame:
        """The printed cells as strings."""
        import pandas as pd

        return pd.DataFrame(self.cells, index=list(self.index), columns=list(self.columns))

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(name)}</th>" for name in ("", *self.columns))
        body = "".join(
            f"<tr><th>{escape(name)}</th>{''.join(f'<td>{escape(c)}</td>' for c in row)}</tr>"
            for name, row in zip(self.index, self.cells, strict=True)
        )
        return f"<table><tr>{head}</tr>{body}</table><p>{escape(self.note)}</p>"


def suppress_table(
    counts: pd.DataFrame,
    *,
    sizes: Mapping[Any, int] | None = None,
    k: int = DEFAULT_K,
    rounding: int = 0,
    governed: Iterable[str] = (),
    total: str = "Total",
    other: str = "Other groups",
) -> SuppressedTable:
    """Hide the cells of a table by attribute that tell of fewer than k persons.

    Parameters
    ----------
    counts : DataFrame
        Whole numbers of persons, without margins: they are added here. Each person stands
        in one column at most (the columns are groups: roles, places, nations …).
    sizes : mapping, optional
        Persons in each group. Given: the rows are what people said, one person may stand
        in several rows, and "all of a group" is hidden too; groups smaller than k are
        joined under `other` (with the next smallest where they are too few together);
        NaN means that nobody looked. Left out: each person stands in one row alone (a
        cross-table of two attributes), and both margins and the grand total are printed.
    k : int
        The smallest count that is printed, at least 3.
    rounding : int
        Instead of hiding small counts, round every number to this base (such as 5, at least
        5); what rounding leaves to be solved for is hidden. See `rounding` for its limits.
    governed : iterable of str
        Rows and columns that stand for a governed community (`governed_groups`). They are
        joined under `other` with so many others that neither the group nor the total gives
        them back.
    total, other : str
        Names of the margins and of the joined groups.

    Returns
    -------
    SuppressedTable

    Raises
    ------
    ValueError
        If a count is negative, broken or larger than its group, k < 3, or the base of
        rounding is none.

    Notes
    -----
    In a cross-table a cell in which all of a row stand is printed (all cooks work in one
    place): it tells an attribute, not what anybody said. Give `sizes` for what was said.

    The grand total of a cross-table (the size of the study) is always printed. Ranges of
    hidden cells are computed by linear programming; for a two-way table its bounds are
    whole numbers and every number between them is possible.

    Examples
    --------
    >>> import pandas as pd
    >>> said = pd.DataFrame({"new": [3, 9], "experienced": [12, 8]}, index=["strain", "renewal"])
    >>> print(suppress_table(said, sizes={"new": 18, "experienced": 18}).to_frame())
            new experienced Total
    strain   –*          –*    15
    renewal   9           8    17
    """
    check_k(k)
    check_rounding(rounding)
    _check_counts(counts, sizes)
    apart = frozenset(map(str, governed))
    if sizes is None:
        joined = join_governed(counts, None, apart, k, other)[0].T
        counts = join_governed(joined, None, apart, k, other)[0].T
        return (
            _rounded(counts, None, k, rounding, total)
            if rounding
            else _cross_table(counts, k, total)
        )
    table, size = join_small(*join_governed(counts, sizes, apart, k, other), k, other)
    if rounding:
        return _rounded(table, size, k, rounding, total)
    return _said_table(table, size, k, total)


def _check_counts(counts: pd.DataFrame, sizes: Mapping[Any, int] | None) -> None:
    """Raise `ValueError` for what cannot be a count of persons, naming its row and column."""
    for row, values in zip(counts.index, counts.to_numpy().tolist(), strict=True):
        for column, value in zip(counts.columns, values, strict=True):
            where = f"row {row!r}, column {column!r}"
            if math.isnan(value) and sizes is not None:
                continue
            if math.isnan(value) or value < 0 or value != int(value):
                raise ValueError(f"{where}: {value!r} is no count of persons")
            if sizes is not None and value > sizes[column]:
                raise ValueError(f"{where}: {int(value)} of {sizes[column]} persons")


# ── counts of what people said, row by row ──────────────────────────────────────────────


def _said_table(
    counts: pd.DataFrame, sizes: Mapping[str, int], k: int, total: str
) -> SuppressedTable:
    caps = [sizes[column] for column in counts.columns]
    rows = []
    for _, row in counts.iterrows():
        values = [None if math.isnan(value) else int(value) for value in row]
        rows.append(_said_row(values, caps, k))
    names, columns = tuple(map(str, counts.index)), (*counts.columns, total)
    return SuppressedTable(names, columns, tuple(rows), k, sizes=(*caps, sum(caps)))


def _said_row(values: Sequence[int | None], caps: Sequence[int], k: int) -> tuple[str, ...]:
    """The printed cells of one row and its total."""
    known = [place for place, value in enumerate(values) if value is not None]
    counts = [values[place] or 0 for place in known]
    sizes = [caps[place] for place in known]
    row = protect_row(counts, sizes, k)
    printed = [NOT_KNOWN] * len(values)
    for place, value, hidden in zip(known, counts, row.cells, strict=True):
        printed[place] = HIDDEN if hidden else str(value)
    whole = HIDDEN if row.total else str(sum(counts))
    return (*printed, whole if known else NOT_KNOWN)


# ── cross-tables of two attributes, with both margins ───────────────────────────────────


def _cross_table(counts: pd.DataFrame, k: int, total: str) -> SuppressedTable:
    inner = [[int(value) for value in row] for row in counts.to_numpy().tolist()]
    below = [sum(column) for column in zip(*inner, strict=True)]
    table = _Cross([[*row, sum(row)] for row in (*inner, below)], k)
    table.protect()
    printed = tuple(
        tuple(HIDDEN if (i, j) in table.hidden else str(value) for j, value in enumerate(row))
        for i, row in enumerate(table.values)
    )
    index = (*map(str, counts.index), total)
    return SuppressedTable(index, (*map(str, counts.columns), total), printed, k)


class _Cross:
    """A two-way table with its margins in the last row and column."""

    def __init__(self, values: Sequence[Sequence[int]], k: int) -> None:
        self.values, self.k = values, k
        self.height, self.width = len(values), len(values[0])
        corner = (self.height - 1, self.width - 1)
        self.sensitive = [c for c in self._cells() if c != corner and 0 < self._value(c) < k]
        self.hidden = set(self.sensitive)

    def _cells(self) -> Iterator[Cell]:
        return ((i, j) for i in range(self.height) for j in range(self.width))

    def _value(self, cell: Cell) -> int:
        return self.values[cell[0]][cell[1]]

    def protect(self) -> None:
        """Hide further cells until every sensitive one keeps k − 1 possible values."""
        for cell in self.sensitive:
            while self._is_weak(cell) and self._hide_beside(cell):
                pass
        if any(self._is_weak(cell) for cell in self.sensitive):
            self.hidden.update(self._spare())
        else:
            self._show_needless()

    def _show_needless(self) -> None:
        """Print again what was hidden on the way and protects nothing."""
        helpers = sorted(self.hidden.difference(self.sensitive), key=self._cost, reverse=True)
        for helper in helpers:
            self.hidden.remove(helper)
            near = sorted(
                self.sensitive, key=lambda cell: (cell[0] != helper[0]) + (cell[1] != helper[1])
            )
            if any(self._is_weak(cell) for cell in near):
                self.hidden.add(helper)

    def _is_weak(self, cell: Cell) -> bool:
        low, high = self._range(cell)
        return high - low + 1 < self.k - 1

    def _hide_beside(self, cell: Cell) -> bool:
        """Hide the cheapest cell that is tied to this one; False if there is none left."""
        spare = self._spare_lines(cell) or self._spare()
        if spare:
            self.hidden.add(min(spare, key=self._cost))
        return bool(spare)

    def _spare_lines(self, cell: Cell) -> list[Cell]:
        """What is still printed in the lines of the hidden cells that are tied to this one."""
        rows, columns = {cell[0]}, {cell[1]}
        tied = {c for c in self.hidden if c[0] in rows or c[1] in columns}
        rows |= {c[0] for c in tied}
        columns |= {c[1] for c in tied}
        weakest = [c for c in self._spare() if c[0] == cell[0] or c[1] == cell[1]]
        return weakest or [c for c in self._spare() if c[0] in rows or c[1] in columns]

    def _spare(self) -> list[Cell]:
        corner = (self.height - 1, self.width - 1)
        return [cell for cell in self._cells() if cell not in self.hidden and cell != corner]

    def _cost(self, cell: Cell) -> tuple[bool, bool, int, Cell]:
        margin = cell[0] == self.height - 1 or cell[1] == self.width - 1
        return self._value(cell) == 0, margin, self._value(cell), cell

    def _range(self, cell: Cell) -> tuple[int, int]:
        """The smallest and largest value of a hidden cell that the printed ones allow."""
        from scipy.optimize import linprog

        names = sorted(self.hidden)
        matrix, sums = self._equations(names)
        bounds = [(min(1, self._value(each)), None) for each in names]
        goal = [float(each == cell) for each in names]
        ends = []
        for sign in (1, -1):
            solved = linprog([sign * g for g in goal], A_eq=matrix, b_eq=sums, bounds=bounds)
            ends.append(round(sign * solved.fun))
        return ends[0], ends[1]

    def _equations(self, names: Sequence[Cell]) -> tuple[list[list[float]], list[float]]:
        """That the parts of each line sum to its margin, with printed cells put in."""
        matrix, sums = [], []
        for line in self._lines():
            signs = {cell: -1.0 if cell == line[-1] else 1.0 for cell in line}
            if not self.hidden.isdisjoint(line):
                matrix.append([signs.get(name, 0.0) for name in names])
                printed = (signs[c] * self._value(c) for c in line if c not in self.hidden)
                sums.append(-sum(printed))
        return matrix, sums

    def _lines(self) -> Iterator[list[Cell]]:
        yield from ([(i, j) for j in range(self.width)] for i in range(self.height))
        yield from ([(i, j) for i in range(self.height)] for j in range(self.width))


# ── rounded tables ──────────────────────────────────────────────────────────────────────


def _rounded(
    counts: pd.DataFrame, sizes: Mapping[str, int] | None, k: int, base: int, total: str
) -> SuppressedTable:
    """A table of either kind with every number rounded."""
    rows = [[None if math.isnan(v) else int(v) for v in row] for row in counts.to_numpy().tolist()]
    index, columns = [*map(str, counts.index)], [*map(str, counts.columns), total]
    caps = [] if sizes is None else [sizes[column] for column in counts.columns]
    full = [[*row, _sum(row)] for row in rows]
    if sizes is None:
        full.append([_sum(column) for column in zip(*full, strict=True)])
        index.append(total)
    values = {(i, j): v for i, row in enumerate(full) for j, v in enumerate(row) if v is not None}
    limits = _limits(values, caps)
    hidden = protect_rounded(values, limits, _sums(values, across=sizes is None), base)
    cells = tuple(
        tuple(
            NOT_KNOWN if v is None else HIDDEN if (i, j) in hidden else str(round_count(v, base))
            for j, v in enumerate(row)
        )
        for i, row in enumerate(full)
    )
    # Sizes of groups are known from outside: cells are protected from who knows them.
    sizes_told = (*caps, sum(caps)) if caps else ()
    return SuppressedTable(tuple(index), tuple(columns), cells, k, sizes_told, base)


def _sum(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _limits(values: Mapping[Cell, int], caps: Sequence[int]) -> dict[Cell, int | None]:
    """The most that each cell can be: of a margin, what its known groups are together."""
    if not caps:
        return dict.fromkeys(values)
    last = len(caps)
    return {
        (i, j): caps[j] if j < last else sum(c for p, c in enumerate(caps) if (i, p) in values)
        for i, j in values
    }


def _sums(values: Mapping[Cell, int], *, across: bool) -> list[tuple[Cell, list[Cell]]]:
    """Each margin with its parts: rows, and in a cross-table columns."""
    right, below = max(j for _, j in values), max(i for i, _ in values)
    rows = sorted({i for i, _ in values})
    lines = [((i, right), [(a, j) for a, j in values if a == i and j != right]) for i in rows]
    if across:
        columns = sorted({j for _, j in values})
        lines += [
            ((below, j), [(i, b) for i, b in values if b == j and i != below]) for j in columns
        ]
    return lines
