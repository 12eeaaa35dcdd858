"""Programmes over the years: what was planned and what took place, as somebody stated it.

Figures stay as they were stated: "up to 200" is no 200, and what is missing is no nought.
Programmes overlap in people and in purpose, so nothing here adds them up. Who gave the money is
not read: a donor who wishes to stay anonymous stays so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from reflect_analysis._rows import html_table
from reflect_analysis.disclosure.sheets import read_sheet
from reflect_analysis.errors import CorpusError, FrameworkError, did_you_mean, raise_all
from reflect_analysis.provenance import Run, new_run, text_hash

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MEASURES", "ProgrammeYear", "Programmes", "Stated", "read_programmes"]

Status = Literal["planned", "actual"]
STATUSES = ("planned", "actual")
MEASURES = ("communities", "facilitators", "educators", "pairs", "meetings")
_NEEDED = ("year", "programme", "status", "source")
_KNOWN = (*_NEEDED, "up_to", *MEASURES)
# Columns that are passed over, whatever they hold.
DONORS = ("donor", "donors", "funder", "funders", "funding", "funded_by", "grant")
_ALIASES = {"planned_or_actual": "status", "program": "programme"}
_NUMBER = re.compile(r"(?P<up>up to )?(?P<n>\d+|\d{1,3}(?:[, \u00a0\u202f]\d{3})+)", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d(?:[-–/](?:\d\d|(?:19|20)\d\d))?")


@dataclass(frozen=True, slots=True)
class Stated:
    """A number as it was stated.

    Parameters
    ----------
    n : int
    up_to : bool
        Whether it is only the most that it can be.

    Examples
    --------
    >>> str(Stated(200, up_to=True))
    'up to 200'
    """

    n: int
    up_to: bool = False

    def __str__(self) -> str:
        return f"up to {self.n}" if self.up_to else str(self.n)


@dataclass(frozen=True, slots=True)
class ProgrammeYear:
    """What one source states of one programme in one year.

    Parameters
    ----------
    year : str
        ``2024``, or ``2024-25`` for a year that spans two.
    programme : str
    status : {"planned", "actual"}
    source : str
    communities, facilitators, educators, pairs, meetings : Stated, optional
        `None` where nothing was stated, which is no nought.
    """

    year: str
    programme: str
    status: Status
    source: str
    communities: Stated | None = None
    facilitators: Stated | None = None
    educators: Stated | None = None
    pairs: Stated | None = None
    meetings: Stated | None = None

    def stated(self, measure: str) -> Stated | None:
        """One of the figures by its name."""
        if measure not in MEASURES:
            raise ValueError(f"{measure!r}: expected one of {', '.join(MEASURES)}")
        return cast("Stated | None", getattr(self, measure))


@dataclass(frozen=True)
class Programmes:
    """Programmes by year; there is no sum of them, on purpose.

    Parameters
    ----------
    rows : tuple of ProgrammeYear
    passed_over : tuple of str
        Columns that were not read.
    runs : tuple of Run
    """

    rows: tuple[ProgrammeYear, ...]
    passed_over: tuple[str, ...] = ()
    runs: tuple[Run, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The programmes, in the order of the file."""
        return tuple(dict.fromkeys(row.programme for row in self.rows))

    def of(self, programme: str) -> tuple[ProgrammeYear, ...]:
        """The rows of one programme by year, what was planned first."""
        mine = (row for row in self.rows if row.programme == programme)
        return tuple(sorted(mine, key=lambda row: (row.year, STATUSES.index(row.status))))

    def __len__(self) -> int:
        return len(self.rows)

    def to_frame(self) -> pd.DataFrame:
        """One row a row; each figure with its number and, beside it, whether it is "up to"."""
        import pandas as pd

        rows = [
            {"year": row.year, "programme": row.programme, "status": row.status}
            | {name: value for each in MEASURES for name, value in _cells(row, each)}
            | {"source": row.source}
            for row in self.rows
        ]
        return pd.DataFrame(rows).astype(dict.fromkeys(MEASURES, "Int64")) if rows else _empty()

    def __repr__(self) -> str:
        return f"<Programmes: {len(self.names)} programmes, {len(self)} rows, never summed>"

    def _repr_html_(self) -> str:
        rows = (
            (name, row.year, row.status, *(row.stated(each) or "–" for each in MEASURES))
            for name in self.names
            for row in self.of(name)
        )
        table = html_table(("Programme", "Year", "Status", *map(str.capitalize, MEASURES)), rows)
        return f"<p>{escape(repr(self))}</p>{table}"


def _cells(row: ProgrammeYear, measure: str) -> Iterator[tuple[str, object]]:
    stated = row.stated(measure)
    yield measure, stated.n if stated else None
    yield f"{measure}_up_to", stated.up_to if stated else False


def _empty() -> pd.DataFrame:
    import pandas as pd

    figures = [name for each in MEASURES for name in (each, f"{each}_up_to")]
    return pd.DataFrame(columns=["year", "programme", "status", *figures, "source"])


def read_programmes(path: str | Path) -> Programmes:
    """Read programmes over the years from a CSV or XLSX file.

    Parameters
    ----------
    path : str or Path
        Columns ``year``, ``programme``, ``status`` (``planned`` or ``actual``), ``source`` and
        any of ``communities, facilitators, educators, pairs, meetings``: a whole number,
        ``up to 200``, or nothing. ``up_to`` may say ``yes`` for all figures of a row, or name
        those that are "up to". A column of donors or funders is not read.

    Returns
    -------
    Programmes

    Raises
    ------
    FrameworkError
        With every fault and its row.
    """
    source = Path(path)
    try:
        sheet = read_sheet(source)
        rows = [(number, _renamed(cells)) for number, cells in sheet]
    except CorpusError as error:
        raise FrameworkError(error.faults) from None
    columns = rows[0][1] if rows else {}
    faults = [f"{source.name}, {each}" for each in _column_faults(columns, rows=len(rows))]
    raise_all(FrameworkError, faults)
    first: dict[tuple[str, ...], int] = {}
    for number, cells in rows:
        faults += [f"{source.name}, row {number}: {each}" for each in _row_faults(cells)]
        key = tuple(cells[name].casefold() for name in ("year", "programme", "status"))
        if all(key) and first.setdefault(key, number) != number:
            told = "this programme, year and status"
            faults.append(f"{source.name}, row {number}: {told} stand in row {first[key]} already")
    raise_all(FrameworkError, faults)
    found = tuple(_programme_year(cells) for _, cells in rows)
    passed = tuple(name for name in columns if name in DONORS)
    run = new_run(
        "read_programmes",
        f"{len(found)} rows on programmes were read",
        inputs=(text_hash(repr(found)),),
        settings={"passed_over": list(passed)},
    )
    return Programmes(found, passed, (run,))


def _renamed(cells: Mapping[str, str]) -> dict[str, str]:
    return {_ALIASES.get(name, name): cell for name, cell in cells.items()}


def _column_faults(columns: Mapping[str, str], *, rows: int) -> Iterator[str]:
    if not rows:
        yield "row 1: no row below it"
        return
    for name in _NEEDED:
        if name not in columns:
            yield f"row 1: no column {name!r}"
    if not set(MEASURES).intersection(columns):
        yield f"row 1: no figures; expected at least one of {', '.join(MEASURES)}"
    for name in columns:
        if name and name not in _KNOWN and name not in DONORS:
            yield f"row 1: unknown column {name!r}{did_you_mean(name, _KNOWN)}"


def _row_faults(cells: Mapping[str, str]) -> Iterator[str]:
    for name in _NEEDED:
        if not cells[name]:
            yield f"no {name}"
    if cells["year"] and not _YEAR.fullmatch(cells["year"]):
        yield f"year {_short(cells['year'])}; expected 2024 or 2024-25"
    status = cells["status"].lower()
    if status and status not in STATUSES:
        hint = did_you_mean(status, STATUSES)
        yield f"status {_short(cells['status'])}; expected planned or actual{hint}"
    yield from _figure_faults(cells)
    if cells.get("", ""):
        yield "more cells than columns; put a text that holds a comma in quotation marks"


def _figure_faults(cells: Mapping[str, str]) -> Iterator[str]:
    given = [name for name in MEASURES if cells.get(name)]
    if not given:
        yield "no figure; leave the row out, or give what its source states"
    for name in given:
        if not _NUMBER.fullmatch(cells[name]):
            told = "expected a whole number, “up to” and one, or nothing"
            yield f"{name} {_short(cells[name])}; {told}"
    for name in _marked(cells):
        if name not in given:
            hint = did_you_mean(name, given)
            yield f"up_to names {_short(name)}, which has no figure here{hint}"


def _marked(cells: Mapping[str, str]) -> list[str]:
    """The figures that the column ``up_to`` marks."""
    told = cells.get("up_to", "").strip().lower()
    if told in {"", "no", "false", "0"}:
        return []
    if told in {"yes", "true", "1"}:
        return [name for name in MEASURES if cells.get(name)]
    return [part.strip() for part in re.split(r"[;,]", told) if part.strip()]


def _short(cell: str) -> str:
    return repr(str(cell)) if len(cell) <= 30 else f"of {len(cell)} characters"  # noqa: PLR2004  # longer cells are hardly figures


def _programme_year(cells: Mapping[str, str]) -> ProgrammeYear:
    marked = _marked(cells)
    figures = {
        name: _stated(cells[name], up_to=name in marked) for name in MEASURES if cells.get(name)
    }
    status = cast("Status", cells["status"].lower())
    return ProgrammeYear(cells["year"], cells["programme"], status, cells["source"], **figures)


def _stated(cell: str, *, up_to: bool) -> Stated:
    found = _NUMBER.fullmatch(cell)
    if found is None:  # pragma: no cover  # checked before
        raise FrameworkError(f"figure {_short(cell)}")
    return Stated(int(re.sub(r"\D", "", found["n"])), up_to=up_to or bool(found["up"]))
