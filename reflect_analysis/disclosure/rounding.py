"""Counts rounded to a base, as an alternative to hiding small ones.

Each number is rounded to the nearest multiple by itself, margins too, so that a printed 5
stands for 3 to 7 and a printed 0 for 0 to 2. Rounding is deterministic and not random: the
same persons give the same figures in every file, on every machine and in every year, nobody
has to keep a seed secret, and asking again teaches nothing (random rounding drawn afresh is
averaged away).

What it does not stop: two tables that differ by one person differ by a whole base where that
person crosses a border (7 becomes 8, so 5 becomes 10), and the two together then give both
exact counts. That is what the ledger of releases is for. It is also no protection that cells
and margins are rounded independently: four cells of 0 beside a margin of 10 can only be
2 + 2 + 2 + 2. The table is therefore solved as a reader would, and margins (then cells) are
hidden until every number keeps at least three possible values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from reflect_analysis.disclosure.solving import Bounds, Line, possible_range

__all__ = ["bucket", "check_rounding", "protect_rounded", "round_count"]

Cell = tuple[int, int]
SMALLEST_BASE = 5
# A 0 stands for 0, 1 or 2: rounding to base 5 cannot promise more than that.
LEAST_VALUES = 3


def check_rounding(base: int) -> None:
    """Raise `ValueError` unless a base is 0 (no rounding) or a whole number of at least 5."""
    if base != int(base) or (base != 0 and base < SMALLEST_BASE):
        raise ValueError(f"rounding must be 0 or a whole number from {SMALLEST_BASE}, not {base!r}")


def round_count(n: int, base: int = SMALLEST_BASE) -> int:
    """The nearest multiple of the base; the upper one where two are as near.

    Examples
    --------
    >>> [round_count(n) for n in (0, 2, 3, 7, 8)]
    [0, 0, 5, 5, 10]
    """
    return base * ((n + base // 2) // base)


def bucket(rounded: int, base: int) -> tuple[int, int]:
    """The smallest and largest count that a rounded one can stand for.

    Examples
    --------
    >>> bucket(5, 5), bucket(0, 5)
    ((3, 7), (0, 2))
    """
    return max(0, rounded - base // 2), rounded + (base - 1) // 2


def protect_rounded(
    values: Mapping[Cell, int],
    caps: Mapping[Cell, int | None],
    lines: Sequence[Line[Cell]],
    base: int,
) -> frozenset[Cell]:
    """Which cells of a rounded table must be hidden, so that none can be solved for.

    Parameters
    ----------
    values : mapping of cell to int
        Exact counts, margins included.
    caps : mapping of cell to int or None
        The most that a reader knows a cell can be: the size of its group.
    lines : sequence of (cell, cells)
        Each margin with its parts.
    base : int

    Returns
    -------
    frozenset of cells
    """
    hidden: set[Cell] = set()
    bounds = {cell: _known(value, caps[cell], base) for cell, value in values.items()}
    # Hiding only widens what is possible, so a cell that is safe stays so.
    for cell in values:
        while _is_weak(possible_range(cell, bounds, lines)):
            spare = _to_hide(cell, bounds[cell], lines, hidden)
            if spare is None:
                break
            hidden.add(spare)
            bounds[spare] = 0, caps[spare]
    return frozenset(hidden)


def _known(value: int, cap: int | None, base: int) -> Bounds:
    """What a printed cell says by itself."""
    least, most = bucket(round_count(value, base), base)
    return least, most if cap is None else min(cap, most)


def _is_weak(found: Bounds | None) -> bool:
    if found is None or found[1] is None:
        return False
    return found[1] - found[0] + 1 < LEAST_VALUES


def _to_hide(
    weak: Cell, bounds: Bounds, lines: Sequence[Line[Cell]], hidden: set[Cell]
) -> Cell | None:
    """What to hide for a cell that can be solved for: itself where its group alone tells it."""
    options = (
        [weak] if _is_weak(bounds) else [*_margins_of(weak, lines), weak, *_beside(weak, lines)]
    )
    return next((cell for cell in options if cell not in hidden), None)


def _margins_of(cell: Cell, lines: Sequence[Line[Cell]]) -> Iterator[Cell]:
    return (total for total, parts in lines if cell in parts or cell == total)


def _beside(cell: Cell, lines: Sequence[Line[Cell]]) -> Iterator[Cell]:
    """Cells in the same lines, then all others that any line holds."""
    near = [line for line in lines if cell == line[0] or cell in line[1]]
    for total, parts in (*near, *lines):
        yield from (*parts, total)
