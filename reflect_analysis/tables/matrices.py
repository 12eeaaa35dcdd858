"""Codes by group as they may be sent; codes by text and by participant to be kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from reflect_analysis.disclosure import DEFAULT_K, HIDDEN, ReleasedCell, released_table
from reflect_analysis.tables.values import NOT_READ, Cell, Column, Of, Table

if TYPE_CHECKING:
    from reflect_analysis.disclosure import SuppressedTable
    from reflect_analysis.matrices import CodeMatrix

__all__ = ["matrix_table"]


def matrix_table(matrix: CodeMatrix, *, k: int = DEFAULT_K, number: int = 1) -> Table:
    """Codes by group as they may be sent; a matrix of texts or participants is a KEEP table.

    Parameters
    ----------
    matrix : CodeMatrix
        With exact counts.
    k : int
        Counts of fewer persons are hidden; at least 3.
    number : int
        As in "Table 1".

    Returns
    -------
    Table
    """
    return _groups(matrix, k, number) if matrix.of_groups else _units(matrix, number)


def _groups(matrix: CodeMatrix, k: int, number: int) -> Table:
    shown = _without(matrix.shown(k=k), matrix.tied(k=k))
    sizes = _told_sizes(matrix, shown, k)
    lines = list(zip(shown.index, shown.cells, strict=True))
    found = iter(() if matrix.repeated else released_table(shown, matrix.by))
    return Table(
        title=f"Participants who mentioned each code, by {matrix.by}",
        columns=(Column("Code"), *(Column(name, "number") for name in shown.columns)),
        rows=tuple((matrix.names[code], *_cells(cells, sizes)) for code, cells in lines),
        number=number,
        note=_note(matrix, shown),
        draft=matrix.draft,
        released=tuple(
            _told_alone(code, matrix.by, dict(zip(shown.columns, cells, strict=True)), sizes)
            if matrix.repeated
            else tuple(next(found) for cell in cells if cell != NOT_READ)
            for code, cells in lines
        ),
    )


def _without(shown: SuppressedTable, tied: frozenset[str]) -> SuppressedTable:
    """The table with every count of some codes hidden; what nobody read stays so."""
    lines = zip(shown.index, shown.cells, strict=True)
    cells = (
        tuple(cell if cell == NOT_READ or code not in tied else HIDDEN for cell in row)
        for code, row in lines
    )
    return replace(shown, cells=tuple(cells))


def _told_sizes(matrix: CodeMatrix, shown: SuppressedTable, k: int) -> tuple[int, ...]:
    """The denominators that are printed; 0 for one that is not.

    Where participants stand in several groups, a size tells how many have no text there: few of
    them are not told.
    """
    if not matrix.repeated:
        return shown.sizes
    few = range(1, k)
    return tuple(0 if size in few or matrix.people - size in few else size for size in shown.sizes)


def _told_alone(
    code: str, by: str, cells: Mapping[str, str], sizes: Sequence[int]
) -> tuple[ReleasedCell, ...]:
    """What a row tells where no column is a total."""
    return tuple(
        ReleasedCell(code, ((by, group),), int(cell), int(cell), size)
        for (group, cell), size in zip(cells.items(), sizes, strict=True)
        if cell.isdecimal()
    )


def _cells(cells: Sequence[str], sizes: Sequence[int]) -> tuple[Cell, ...]:
    return tuple(
        (Of(int(cell), size) if size else int(cell)) if cell.isdecimal() else cell
        for cell, size in zip(cells, sizes, strict=True)
    )


def _note(matrix: CodeMatrix, shown: SuppressedTable) -> str:
    parts = ["Participants in whom the code was found, of those of the group who were read."]
    if matrix.repeated:
        parts.append(
            "A participant may stand in several columns, so there is no total; how many stand in "
            "one is not said where only few do not."
        )
    parts.append(f"{NOT_READ} not read, or not by all who were read for the other codes.")
    return " ".join([*parts, shown.note])


def _units(matrix: CodeMatrix, number: int) -> Table:
    """Rows of one text or person each, which only the study's own people read."""
    what = {"document": "Text", "case": "Participant"}[matrix.by]
    rows = tuple(
        (name, *(None if value != value else int(value) for value in row))  # noqa: PLR0124  # NaN
        for name, row in zip(matrix.rows, matrix.values.tolist(), strict=True)
    )
    return Table(
        title=f"Codes by {what.lower()}",
        columns=(Column(what), *(Column(matrix.names[code], "number") for code in matrix.codes)),
        rows=rows,
        number=number,
        note=f"0 read and not found; {NOT_READ} not read.",
        draft=matrix.draft,
        keep=True,
    )
