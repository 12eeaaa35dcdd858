"""A table of persons by an attribute as it may be sent, with what was hidden or rounded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reflect_analysis.disclosure import released_table
from reflect_analysis.tables.values import NOT_READ, Column, Of, Table

if TYPE_CHECKING:
    from reflect_analysis.disclosure import ReleasedCell, SuppressedTable
    from reflect_analysis.tables.values import Cell

__all__ = ["group_table"]


def group_table(
    counts: SuppressedTable,
    title: str,
    *,
    rows: str = "Code",
    by: str | Sequence[str] = (),
    number: int = 1,
    draft: bool = False,
) -> Table:
    """A table of counts by groups for `export_table`, with the note on what is hidden or rounded.

    Parameters
    ----------
    counts : SuppressedTable
    title : str
    rows : str
        Name of the first column: what the rows are.
    by : str or two of them, optional
        The attribute of the columns, or those of rows and columns, as `released_table` takes
        them: by these the ledger knows the counts again. A table without is not sent.
    number : int
        As in "Table 1".
    draft : bool
        Whether a count rests on machine coding that nobody has reviewed.

    Returns
    -------
    Table
        Counts of what was said with the size of their group, ``12 of 34``; of a rounded table
        the counts alone, because a rounded count beside an exact size would tell too much.
    """
    names = (Column(rows), *(Column(name, "number") for name in counts.columns))
    lines = tuple(
        (name, *_cells(cells, counts))
        for name, cells in zip(counts.index, counts.cells, strict=True)
    )
    told = _told(counts, by) if by else None
    return Table(title, names, lines, number=number, note=counts.note, draft=draft, released=told)


def _told(counts: SuppressedTable, by: str | Sequence[str]) -> tuple[tuple[ReleasedCell, ...], ...]:
    """The counts of each row as the ledger keeps them."""
    found = iter(released_table(counts, by))
    return tuple(
        tuple(next(found) for cell in cells if not counts.sizes or cell != NOT_READ)
        for cells in counts.cells
    )


def _cells(cells: tuple[str, ...], counts: SuppressedTable) -> tuple[Cell, ...]:
    if not counts.sizes or counts.rounding:
        return tuple(int(cell) if cell.isdecimal() else cell for cell in cells)
    return tuple(
        Of(int(cell), size) if cell.isdecimal() else cell
        for cell, size in zip(cells, counts.sizes, strict=True)
    )
