"""A table as it is shown: columns, rows of cells, and the one place where cells become text.

What stands in a `Table` may be sent: counts that must be hidden are hidden before it is
made, so no file made from it, and no sheet or property of such a file, can hold them. Each
table hands the counts that it tells to the ledger of releases in one way (`Table.released`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite
from typing import TYPE_CHECKING, Literal

from reflect_analysis.disclosure import HIDDEN

if TYPE_CHECKING:
    import pandas as pd

    from reflect_analysis.disclosure import ReleasedCell

__all__ = [
    "DRAFT",
    "KEEP",
    "NOT_READ",
    "Cell",
    "Column",
    "Of",
    "Table",
    "half_up",
    "printable",
    "untold",
]

Kind = Literal["text", "number", "share", "exact"]

# What stands on every page of a table that rests on unreviewed machine coding.
DRAFT = "DRAFT: rests on machine coding that nobody has reviewed"
# What stands on every page of a table of single passages or exact counts.
KEEP = "KEEP: for the study’s own people, never to be sent"
NOT_READ = "–"

# Control characters, lone surrogates and the two non-characters that XML refuses.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Of:
    """A count with its denominator, shown as ``12 of 34``; in a spreadsheet it stays a number."""

    n: int
    total: int

    def __str__(self) -> str:
        """The words of a table cell."""
        return f"{self.n} of {self.total}"


Cell = str | int | float | Of | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name : str
    kind : {"text", "number", "share", "exact"}
        A share is in [0, 1] and shown in per cent; an exact number keeps every digit, which is
        for tables that are kept.
    decimals : int
        Digits after the point, for floats.
    width : int
        Characters that the column is wide where its content shall not decide: long passages,
        and columns that people fill in.
    """

    name: str
    kind: Kind = "text"
    decimals: int = 0
    width: int = 0


@dataclass(frozen=True)
class Table:
    """A table as it is shown, whatever the format.

    Parameters
    ----------
    title : str
    columns : tuple of Column
    rows : tuple of tuple
        Cells: a string is shown as it is, a number by its column, `None` as "–".
    number : int
        As in "Table 1"; 0 where it bears none, as no page prints it.
    groups : tuple of str
        The heading above each row, one a row; empty where rows are not grouped.
    group_name : str
        Name of the group column where a format has one (CSV, XLSX, Markdown).
    note : str
        What stands below.
    draft : bool
        Whether any row rests on machine coding that nobody has reviewed.
    keep : bool
        Whether it holds participants' words or exact counts, and so is not to be sent: every
        page says so.
    released : tuple of tuple of ReleasedCell, optional
        The counts that each row tells, for the ledger of releases: `released_count`,
        `released_total` and `released_table` make them. A table that goes into ``share``
        without saying what it tells is refused (`untold`).

    Raises
    ------
    ValueError
        If a row has another number of cells than there are columns, or groups, or what the rows
        tell, do not fit.

    Examples
    --------
    >>> table = Table("Themes", (Column("Code"), Column("Participants", "number")),
    ...               (("Belonging", Of(12, 34)), ("Isolation", "<5")))
    >>> table.texts()[0]
    ('Belonging', '12 of 34')
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    number: int = 1
    groups: tuple[str, ...] = ()
    group_name: str = "Group"
    note: str = ""
    draft: bool = field(default=False, kw_only=True)
    keep: bool = field(default=False, kw_only=True)
    released: tuple[tuple[ReleasedCell, ...], ...] | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if not self.columns:
            raise ValueError("a table needs at least one column")
        for index, row in enumerate(self.rows, start=1):
            if len(row) != len(self.columns):
                message = f"row {index} has {len(row)} cells for {len(self.columns)} columns"
                raise ValueError(message)
        if self.groups and len(self.groups) != len(self.rows):
            raise ValueError(f"{len(self.groups)} groups for {len(self.rows)} rows: give one a row")
        if self.released is not None and len(self.released) != len(self.rows):
            raise ValueError(f"released has {len(self.released)} entries for {len(self.rows)} rows")

    def __len__(self) -> int:
        return len(self.rows)

    def texts(self) -> tuple[tuple[str, ...], ...]:
        """The cells as they are shown in every format."""
        return tuple(
            tuple(shown(cell, column) for cell, column in zip(row, self.columns, strict=True))
            for row in self.rows
        )

    def sections(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Runs of neighbouring rows under one heading: the heading, the indices of its rows."""
        start = 0
        for index in range(1, len(self.rows) + 1):
            if index == len(self.rows) or self._heading(index) != self._heading(start):
                yield self._heading(start), tuple(range(start, index))
                start = index

    def _heading(self, index: int) -> str:
        return self.groups[index] if self.groups else ""

    @property
    def label(self) -> str:
        """Its number as it is called, such as "Table 1"; empty where it bears none."""
        return f"Table {self.number}" if self.number else ""

    @property
    def heading(self) -> str:
        """Its number and title on one line."""
        return ". ".join(filter(None, (self.label, self.title)))

    @property
    def mark(self) -> str:
        """What every page says of the table's standing; empty for one that may be sent."""
        return " · ".join(filter(None, (KEEP if self.keep else "", DRAFT if self.draft else "")))

    def tidy(self) -> Table:
        """The same table with its groups as the first column, for sorting and filtering."""
        if not self.groups:
            return self
        rows = tuple((group, *row) for group, row in zip(self.groups, self.rows, strict=True))
        # The columns alone change: a row tells what it told.
        return replace(self, columns=(Column(self.group_name), *self.columns), rows=rows, groups=())

    @property
    def told(self) -> tuple[ReleasedCell, ...]:
        """The counts that the whole table tells, each once."""
        return tuple(dict.fromkeys(cell for row in self.released or () for cell in row))

    def without(self, withheld: Collection[str]) -> Table:
        """The table with the figures of some rows hidden: those that tell of what is withheld.

        Parameters
        ----------
        withheld : collection of str
            What is not to be told beside earlier releases (`ReleasedCell.what`).
        """
        if self.released is None or not withheld:
            return self
        out = [any(cell.what in withheld for cell in row) for row in self.released]
        rows = tuple(
            tuple(map(_hidden, row, self.columns)) if hide else row
            for row, hide in zip(self.rows, out, strict=True)
        )
        told = tuple(() if hide else row for row, hide in zip(self.released, out, strict=True))
        return replace(self, rows=rows, released=told)

    def to_frame(self) -> pd.DataFrame:
        """What is shown, as text: one row a row, groups as the first column.

        Returns
        -------
        DataFrame
            (n_rows, n_columns) of str.
        """
        import pandas as pd

        tidy = self.tidy()
        return pd.DataFrame(list(tidy.texts()), columns=[column.name for column in tidy.columns])

    def __repr__(self) -> str:
        state = ", DRAFT" if self.draft else ""
        return f"<Table {self.number}: {self.title!r}, {len(self)} rows{state}>"

    def _repr_html_(self) -> str:
        from reflect_analysis.tables.web import fragment

        return fragment(self)


def _hidden(cell: Cell, column: Column) -> Cell:
    """A cell of a row whose figures are hidden; what was never known stays so."""
    if cell is None or (column.kind == "text" and isinstance(cell, str)):
        return cell
    unread = isinstance(cell, str) and cell.partition(" (")[0] == NOT_READ
    return NOT_READ if unread else HIDDEN


def untold(table: Table) -> tuple[str, ...]:
    """The counts of a table that it does not hand to the ledger, each with its row and column.

    A count is a denominator's cell (`Of`), a whole number, or one that stands in the words of a
    column of numbers; shares and coefficients are none.

    Examples
    --------
    >>> table = Table("Topics", (Column("Code"), Column("n", "number")), (("Joy", Of(12, 34)),))
    >>> untold(table)
    ('row 1, n: 12 of 34',)
    """
    released = table.released or ((),) * len(table.rows)
    return tuple(
        f"row {number}, {column.name}: {cell}"
        for number, (row, cells) in enumerate(zip(table.rows, released, strict=True), start=1)
        for cell, column in zip(row, table.columns, strict=True)
        if not _is_told(cell, column, cells)
    )


def _is_told(cell: Cell, column: Column, cells: Collection[ReleasedCell]) -> bool:
    if isinstance(cell, Of):
        return any(c.exact and (c.low, c.total) == (cell.n, cell.total) for c in cells)
    if isinstance(cell, str) and column.kind != "text" and not set(cell) & set(".%"):
        # "<5" and "≥30" tell a bound.
        told = {n for c in cells for n in (c.low, c.high, c.high + 1, c.total)}
        counts = cell.rpartition("n = ")[2]  # before it stand scores
        return told.issuperset(map(int, re.findall(r"\d+", counts)))
    if isinstance(cell, int) and column.kind != "share":
        return any(c.low <= cell <= c.high for c in cells)  # a rounded one lies between
    return True


def half_up(value: float, decimals: int = 0) -> str:
    """A number rounded half away from zero, as people round.

    Examples
    --------
    >>> half_up(62.5), f"{62.5:.0f}"
    ('63', '62')
    >>> half_up(2.675, 2)
    '2.68'
    """
    rounded = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{rounded or abs(rounded):f}"


def shown(cell: Cell, column: Column) -> str:
    """One cell as text: the only place where a number of a table is rounded."""
    if cell is None or (isinstance(cell, float) and not isfinite(cell)):
        return NOT_READ
    if isinstance(cell, str | Of):
        return printable(str(cell))
    if column.kind == "exact":
        return repr(cell)
    if column.kind == "share":
        return f"{half_up(float(Decimal(repr(float(cell))) * 100), column.decimals)} %"
    if isinstance(cell, float):
        return half_up(cell, column.decimals)
    return str(int(cell))


def rounded(value: float, column: Column) -> float | int:
    """A number as a file may hold it: no digit more than `shown` prints.

    Examples
    --------
    >>> rounded(1 / 3, Column("Share", "share")), rounded(1 / 3, Column("α", "number", 2))
    (0.33, 0.33)
    """
    if isinstance(value, int) or column.kind == "exact":
        return value
    return float(half_up(value, column.decimals + (2 if column.kind == "share" else 0)))


def printable(text: str) -> str:
    """A text that every format can hold: LF line ends; what XML refuses becomes U+FFFD."""
    return _UNPRINTABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


_WIDEST, _WIDEST_WORD, _SHORT_CELL = 44, 24, 12


def natural_widths(table: Table, *, widest: int = _WIDEST) -> tuple[int, ...]:
    """Characters that each column would like: its longest line, up to `widest`."""
    lines = (max(map(_longest_line, cells)) for cells in _by_column(table))
    fixed = (column.width for column in table.columns)
    return tuple(width or min(widest, line) for line, width in zip(lines, fixed, strict=True))


def least_widths(table: Table) -> tuple[int, ...]:
    """Characters below which a word of the column would break."""
    words = (max(map(_longest_word, cells)) for cells in _by_column(table))
    fixed = (column.width for column in table.columns)
    return tuple(width or min(_WIDEST_WORD, word) for word, width in zip(words, fixed, strict=True))


def shared_widths(table: Table, total: float) -> tuple[float, ...]:
    """A width for each column, together `total`: no word broken while there is room."""
    natural, least = _widths_needed(table)
    wanted = [max(n, low) + 2 for n, low in zip(natural, least, strict=True)]
    floor = [low + 2 for low in least]
    spare = max(0.0, total_characters(total) - sum(floor))
    wish = [w - f for w, f in zip(wanted, floor, strict=True)]
    part = spare / sum(wish) if sum(wish) else 0.0
    parts = [f + w * min(part, 1.0) for f, w in zip(floor, wish, strict=True)]
    return tuple(total * p / sum(parts) for p in parts)


def _widths_needed(table: Table) -> tuple[list[int], list[int]]:
    """What each column would like and needs at least: a wide one that holds little is narrow."""
    natural, least = [], []
    for cells, column in zip(_by_column(table), table.columns, strict=True):
        natural.append(min(column.width or _WIDEST, max(map(_longest_line, cells))))
        least.append(min(column.width or _WIDEST_WORD, _whole(cells, column)))
    return natural, least


def _whole(cells: Sequence[str], column: Column) -> int:
    """Characters that keep words whole, and of numbers a short cell: "0 of 6" is one."""
    if column.kind == "text":
        return max(map(_longest_word, cells))
    head, *body = cells
    longest = max(map(_longest_line, body), default=0)
    return 1 + max(_longest_word(head), min(longest, _SHORT_CELL))


def total_characters(centimetres: float) -> float:
    """Characters of the typeface of a Word table on a line of this width."""
    return centimetres * 5.5


def _by_column(table: Table) -> list[list[str]]:
    head = [column.name for column in table.columns]
    return [list(cells) for cells in zip(head, *table.texts(), strict=True)]


def _longest_line(text: str) -> int:
    return max((len(line) for line in text.split("\n")), default=0)


def _longest_word(text: str) -> int:
    return max((len(word) for word in text.split()), default=1)


_NO_NAME, _LONGEST_NAME = re.compile(r"[\[\]:*?/\\']"), 24  # Excel's: 31 with the mark before it


def sheet_names(tables: Sequence[Table]) -> list[str]:
    """A name for the sheet of each table, KEEP or DRAFT first where it is one."""
    return [
        f"{'KEEP ' if table.keep else ''}{'DRAFT ' if table.draft else ''}"
        f"{table.label or _NO_NAME.sub(' ', table.title)[:_LONGEST_NAME]}"
        for table in tables
    ]


def joint_mark(tables: Sequence[Table]) -> str:
    """What every page of a file of several tables says."""
    return " · ".join(dict.fromkeys(table.mark for table in tables if table.mark))
