"""Workforce indicators: what a decision rests on, dated and sourced, entered by the user.

Conditions of a decision are no finding of reflections: those who left early do not write. So
they come from figures that somebody published or counted, each with its date and its source.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from reflect_analysis.disclosure.sheets import read_sheet
from reflect_analysis.errors import CorpusError, FrameworkError, did_you_mean, raise_all

__all__ = ["Choice", "Indicator", "read_indicators"]

_COLUMNS = ("indicator", "value", "unit", "date", "source", "place", "note")
_NEEDED = ("indicator", "value", "date", "source")
_DATES = "expected 2025-06-30, 2025-06 or 2025"


@dataclass(frozen=True, slots=True)
class Indicator:
    """A figure about the workforce.

    Parameters
    ----------
    name : str
        As a framework's row names it.
    value : str
        As it was published: "up to 40" stays so.
    date : str
        Of the figure, not of its entry: ``2025-06-30``, ``2025-06`` or ``2025``, as exact as
        its source.
    source : str
    unit, place, note : str

    Raises
    ------
    FrameworkError
        If name, value, date or source is missing, or the date is none.

    Examples
    --------
    >>> print(Indicator("vacancies", "41", "2025", "Survey of centres", place="Ontario"))
    41 (Ontario, 2025, Survey of centres)
    """

    name: str
    value: str
    date: str
    source: str
    unit: str = ""
    place: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        cells = {"indicator": self.name, **{n: getattr(self, n) for n in _NEEDED[1:]}}
        raise_all(FrameworkError, (f"{self.name or 'indicator'}: {f}" for f in _faults(cells)))

    def __str__(self) -> str:
        """Value, unit, place, date and source."""
        about = ", ".join(filter(None, (self.place, self.date, self.source)))
        unit = f" {self.unit}" if self.unit else ""
        note = f"; {self.note}" if self.note else ""
        return f"{self.value}{unit} ({about}{note})"


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person decided: which rows, in which order, and why.

    Parameters
    ----------
    rows : tuple of str
        Row ids, the first first.
    by, why : str

    Raises
    ------
    FrameworkError
        If one of them is missing, or a row stands twice.
    """

    rows: tuple[str, ...]
    by: str
    why: str

    def __post_init__(self) -> None:
        words = {"rows": "".join(self.rows), "by": self.by, "why": self.why}
        missing = [name for name, word in words.items() if not word.strip()]
        faults = [f"a choice needs {', '.join(missing)}: a person makes it, and says why"]
        twice = [row for row, count in Counter(self.rows).items() if count > 1]
        raise_all(
            FrameworkError,
            [*(faults if missing else ()), *(f"the choice names {row!r} twice" for row in twice)],
        )


def read_indicators(path: str | Path) -> tuple[Indicator, ...]:
    """Read workforce indicators from a CSV or XLSX file.

    Parameters
    ----------
    path : str or Path
        Columns ``indicator, value, date, source`` and, where known, ``unit, place, note``; dates
        as 2025-06-30, 2025-06 or 2025.

    Returns
    -------
    tuple of Indicator

    Raises
    ------
    FrameworkError
        With every row that lacks a value, a date or a source.
    """
    source = Path(path)
    try:
        rows = read_sheet(source, needs=_NEEDED)
    except CorpusError as error:
        raise FrameworkError(error.faults) from None
    faults = list(_unknown_columns(rows[0][1] if rows else {}))
    for number, cells in rows:
        faults += [f"row {number}: {fault}" for fault in _faults(cells)]
    raise_all(FrameworkError, (f"{source.name}, {fault}" for fault in faults))
    return tuple(_indicator(cells) for _, cells in rows)


def _unknown_columns(cells: Mapping[str, str]) -> Iterator[str]:
    for each in cells:
        if each and each not in _COLUMNS:
            yield f"row 1: unknown column {each!r}{did_you_mean(each, _COLUMNS)}"


def _faults(cells: Mapping[str, str]) -> Iterator[str]:
    """What one figure lacks."""
    for column in _NEEDED:
        if not cells.get(column, "").strip():
            yield f"no {column}: a figure needs its name, value, date and source"
    given = _plain_date(cells.get("date", ""))
    if given and not _is_date(given):
        yield f"date {given!r}; {_DATES}"
    if cells.get(""):
        yield "more cells than columns; put a text that holds a comma in quotation marks"


def _plain_date(text: str) -> str:
    """The day of a date that a spreadsheet gave a time."""
    return text.strip().removesuffix("T00:00:00")


def _is_date(text: str) -> bool:
    if not re.fullmatch(r"\d{4}(-\d\d){0,2}", text):
        return False
    try:
        date.fromisoformat(text + "-01" * (2 - text.count("-")))
    except ValueError:
        return False
    return True


def _indicator(cells: Mapping[str, str]) -> Indicator:
    cell = {column: cells.get(column, "").strip() for column in _COLUMNS}
    name, when = cell.pop("indicator"), _plain_date(cell.pop("date"))
    return Indicator(name, cell.pop("value"), when, cell.pop("source"), **cell)
