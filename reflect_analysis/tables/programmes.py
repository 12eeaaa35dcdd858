"""The growth table: programmes by year, as their sources state them, and no sum."""

from __future__ import annotations

from collections.abc import Iterator

from reflect_analysis.disclosure import ReleasedCell
from reflect_analysis.programmes import MEASURES, Programmes, ProgrammeYear, Stated
from reflect_analysis.tables.values import Cell, Column, Table

__all__ = ["growth_table"]

GROWTH_NOTE = (
    "Figures are those of the programmes as their sources state them, and no count of this "
    "study’s participants. “up to” is the most that was foreseen or possible. – nothing stated, "
    "which is no nought. Programmes are not added up: they share people."
)


def growth_table(programmes: Programmes, *, number: int = 1) -> Table:
    """Programmes by year, planned and actual, each with its source.

    Parameters
    ----------
    programmes : Programmes
    number : int
        As in "Table 1".

    Returns
    -------
    Table
        A group of rows a programme; columns of which nothing is stated are left out.
    """
    rows = [row for name in programmes.names for row in programmes.of(name)]
    shown = [each for each in MEASURES if any(row.stated(each) for row in rows)]
    return Table(
        title="Programmes by year",
        columns=(
            Column("Year", width=9),
            Column("Status"),
            *(Column(each.capitalize(), "number") for each in shown),
            Column("Source"),
        ),
        rows=tuple(
            (row.year, row.status, *(_cell(row.stated(each)) for each in shown), row.source)
            for row in rows
        ),
        number=number,
        groups=tuple(row.programme for row in rows),
        group_name="Programme",
        note=GROWTH_NOTE,
        released=tuple(tuple(_told(row)) for row in rows),
    )


def _cell(stated: Stated | None) -> Cell:
    if stated is None:
        return None
    return str(stated) if stated.up_to else stated.n


def _told(row: ProgrammeYear) -> Iterator[ReleasedCell]:
    """The figures of a row, for the ledger; what is withheld later is this row alone."""
    what = f"{row.programme} {row.year} {row.status}"
    for measure in MEASURES:
        stated = row.stated(measure)
        if stated is not None:
            low = 0 if stated.up_to else stated.n
            yield ReleasedCell(what, (), low, stated.n, 0, measure)
