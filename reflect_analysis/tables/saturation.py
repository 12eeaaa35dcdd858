"""The saturation curve as a table: counts of codes, which are nobody's."""

from __future__ import annotations

from reflect_analysis.disclosure import ALL, ReleasedCell, released_total
from reflect_analysis.disclosure.releases import PERSONS
from reflect_analysis.saturation import SaturationCurve
from reflect_analysis.tables.values import Column, Table, half_up

__all__ = ["saturation_table"]


def saturation_table(curve: SaturationCurve, *, every: int = 5, number: int = 1) -> Table:
    """Codes found after so many units, over random orders: no order of persons is told.

    The order in which texts were read, and what each of them brought, are left out: a text that
    brought a code of its own would be one person's row.

    Parameters
    ----------
    curve : SaturationCurve
    every : int
        A row for each of so many units, and one for the last; at least 1
        (`SaturationCurve.shown`).
    number : int
        As in "Table 1".

    Returns
    -------
    Table
    """
    rows = tuple(
        (n, curve.mean[n - 1], f"{half_up(curve.low[n - 1])}–{half_up(curve.high[n - 1])}")
        for n in curve.shown(every=every)
    )
    return Table(
        title=f"Codes found by number of {curve.unit}s",
        columns=(
            Column(f"{curve.unit.capitalize()}s", "number"),
            Column("Codes, mean over orders", "number", 1),
            Column("Band of 95 % of the orders"),
        ),
        rows=rows,
        number=number,
        note=curve.note,
        draft=curve.draft,
        released=tuple((_told(curve, n),) for n, *_ in rows),
    )


def _told(curve: SaturationCurve, n: int) -> ReleasedCell:
    """What a row tells of how many there are: the last of all of them, the others a step."""
    if n < len(curve):
        return ReleasedCell(f"codes after {n} {curve.unit}s", (), n, n, 0, "steps")
    # Which texts were read the coders decide too, so their number is held as one of readings.
    unit = PERSONS if curve.unit == "participant" else "readings"
    return released_total(f"{ALL}{curve.unit}s of the curve", n, unit)
