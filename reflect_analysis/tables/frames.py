"""A frame as a table that is kept: numbers as numbers with every digit, all else as words."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from reflect_analysis.tables.values import Cell, Column, Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["frame_table"]


def frame_table(title: str, frame: pd.DataFrame, *, keep: bool = True) -> Table:
    """A frame with exact figures, or with rows of persons, as a table.

    A number that a spreadsheet gets as text is its own words, and no program computes with it.

    Parameters
    ----------
    title : str
    frame : DataFrame
        (n_rows, n_columns); what is missing becomes an empty cell. The names of its rows are
        the first column, where they have any.
    keep : bool
        Whether each row says that it is not to be sent.

    Returns
    -------
    Table

    Examples
    --------
    >>> import pandas as pd
    >>> frame_table("Differences", pd.DataFrame({"d": [-1 / 3, None]})).rows
    ((-0.3333333333333333,), ('',))
    """
    flat = _flat(frame)
    bodies = [_plain(column) for _, column in flat.items()]
    columns = tuple(map(_column, map(str, flat.columns), bodies))
    cells = [_fitting(body, column) for body, column in zip(bodies, columns, strict=True)]
    return Table(title, columns, tuple(zip(*cells, strict=True)), keep=keep)


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    if isinstance(frame.index, pd.RangeIndex):
        return frame
    unnamed = frame.index.nlevels == 1 and frame.index.name is None
    return (frame.rename_axis("id") if unnamed else frame).reset_index()


def _plain(column: pd.Series[Any]) -> list[Cell]:
    """Cells of plain Python: numpy's numbers print themselves with their type."""
    values = column.astype(object)
    return [_cell(value) for value in values.where(values.notna(), "")]


def _cell(value: object) -> Cell:
    if isinstance(value, tuple):
        return "; ".join(map(str, value))
    if isinstance(value, bool) or not isinstance(value, Real):
        return str(value)
    if isinstance(value, Integral):
        return int(value)
    return float(value) if isfinite(value) else str(value)


def _column(name: str, cells: Sequence[Cell]) -> Column:
    """A column of numbers where it holds nothing else."""
    told = [cell for cell in cells if cell != ""]
    numbers = bool(told) and not any(isinstance(cell, str) for cell in told)
    return Column(name or "id", "exact" if numbers else "text")


def _fitting(cells: Sequence[Cell], column: Column) -> list[Cell]:
    """The cells; beside words a number stands as its own words, which are not rounded."""
    return list(cells) if column.kind == "exact" else [str(cell) for cell in cells]
