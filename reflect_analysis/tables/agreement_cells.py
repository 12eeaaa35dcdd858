"""What the agreement's tables tell in numbers, as the ledger keeps it, and as the study does.

Units are texts, and the texts of one who came show in their number: so each row hands over
how many units it rests on, printed or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from reflect_analysis.disclosure import ReleasedCell
from reflect_analysis.disclosure.releases import AGREEMENT
from reflect_analysis.tables.values import Cell, Column, Table

if TYPE_CHECKING:
    import pandas as pd

    from reflect_analysis.reliability import CodeAgreement, CodeSpans
    from reflect_analysis.reliability.showing import ShownRow

__all__ = ["AGREEMENT", "codes_told", "number_told", "pairs_told", "whole_table"]


def number_told(on: str, phase: str, number: int, unit: str) -> ReleasedCell:
    """A number of units that an agreement rests on."""
    name = f"{AGREEMENT} on {on}{phase and f', {phase}'}"
    return ReleasedCell(name, (), number, number, 0, unit)


def codes_told(row: CodeAgreement | CodeSpans, safe: ShownRow) -> tuple[ReleasedCell, ...]:
    """The units of a code's row, and those in which each coder found it."""
    units = number_told(row.code_id, row.phase, row.units, "units")
    if not row.units or safe.hides_rest:
        return (units,)
    found = zip(row.coders, row.positives, strict=True)
    each = (ReleasedCell(units.what, (), n, n, row.units, f"units by {name}") for name, n in found)
    return (units, *each)


def pairs_told(
    rows: Sequence[CodeAgreement | CodeSpans], phase: str, code_id: str
) -> Iterator[ReleasedCell]:
    """The units that each pair of coders read for a code."""
    for row in rows:
        if (row.phase, row.code_id) == (phase, code_id):
            yield number_told(code_id, phase, row.units, f"units of {' and '.join(row.coders)}")


def whole_table(title: str, frame: pd.DataFrame, number: int) -> Table:
    """A frame as a table to be kept."""
    columns = tuple(_column(name, frame[name]) for name in frame.columns)
    rows = tuple(
        tuple(_cell(value) for value in record)
        for record in frame.itertuples(index=False, name=None)
    )
    return Table(title, columns, rows, number=number, keep=True)


def _column(name: str, values: pd.Series[Any]) -> Column:
    kind = str(values.dtype)
    if kind.startswith(("float", "Float")):
        return Column(name, "number", 4)
    return Column(name, "number") if kind.lower().startswith("int") else Column(name)


def _cell(value: Any) -> Cell:
    import pandas as pd

    if isinstance(value, str):
        return value
    if pd.isna(value):
        return None
    return float(value) if isinstance(value, float) else int(value)
