"""Tables as an Excel workbook: one sheet a table, numbers as numbers, text never a formula."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, isfinite
from typing import Any

from reflect_analysis.tables.values import (
    Cell,
    Column,
    Of,
    Table,
    least_widths,
    natural_widths,
    printable,
    rounded,
    sheet_names,
    shown,
)

# What Excel holds in one cell, in UTF-16 units; a longer text would be dropped silently.
LONGEST = 32_767
_WIDEST, _HIGHEST = 60, 409  # characters of a column; points of a row, Excel's own limit
_CUT = " … [cut: the whole text is longer than a cell can hold]"


def to_xlsx(tables: Sequence[Table]) -> bytes:
    """Tables as XLSX, a sheet each, without an author in its properties."""
    import xlsxwriter

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, {**options, "strings_to_numbers": False}) as workbook:
        workbook.set_properties({"title": printable(tables[0].title), "author": ""})
        formats = _formats(workbook)
        for name, table in zip(sheet_names(tables), tables, strict=True):
            _Sheet(workbook, workbook.add_worksheet(name), formats).write(table)
    return buffer.getvalue()


def _formats(workbook: Any) -> dict[str, Any]:
    top = {"valign": "top", "text_wrap": True}
    return {
        "draft": workbook.add_format({"bold": True, "font_color": "#9C0006"}),
        "title": workbook.add_format({"bold": True}),
        "head": workbook.add_format({**top, "bold": True, "top": 1, "bottom": 1, "indent": 1}),
        "head-right": workbook.add_format(
            {**top, "bold": True, "top": 1, "bottom": 1, "align": "right", "indent": 1}
        ),
        "text": workbook.add_format({**top, "indent": 1}),
        "right": workbook.add_format({**top, "align": "right", "indent": 1}),
        "note": workbook.add_format({**top, "italic": False, "font_size": 10}),
    }


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One sheet while it is written."""

    workbook: Any
    sheet: Any
    formats: Mapping[str, Any]

    def write(self, table: Table) -> None:
        tidy = table.tidy()
        row = self._head(table)
        self._header(tidy, row)
        for offset, cells in enumerate(tidy.rows, start=1):
            for index, (cell, column) in enumerate(zip(cells, tidy.columns, strict=True)):
                self._cell(row + offset, index, cell, column)
        widths = self._widths(tidy)
        self._heights(tidy, row, widths)
        if table.note:
            self._note(f"Note. {printable(table.note)}", row + len(tidy) + 2, tidy)
        self._page(table, row)

    def _head(self, table: Table) -> int:
        """The lines above the table; returns the row of the header."""
        lines = [(table.mark, "draft")] if table.mark else []
        lines.append((printable(table.heading), "title"))
        for row, (text, kind) in enumerate(lines):
            self.sheet.write_string(row, 0, text, self.formats[kind])
        return len(lines) + 1

    def _header(self, table: Table, row: int) -> None:
        for index, column in enumerate(table.columns):
            kind = "head" if column.kind == "text" else "head-right"
            self.sheet.write_string(row, index, printable(column.name), self.formats[kind])
        self.sheet.set_row(row, 18)
        if len(table):
            self.sheet.autofilter(row, 0, row + len(table), len(table.columns) - 1)

    def _cell(self, row: int, index: int, cell: Cell, column: Column) -> None:
        number = _number(cell, column)
        if number is None:
            kind = "text" if column.kind == "text" else "right"
            text = fitting(shown(cell, column))
            self.sheet.write_string(row, index, text, self.formats[kind])
        else:
            self.sheet.write_number(row, index, number, self._number_format(cell, column))

    def _number_format(self, cell: Cell, column: Column) -> Any:
        """The format by which the number reads as it does in every other file."""
        code = _number_code(cell, column)
        # Indented, or the number touches the words of the column beside it.
        place = {"valign": "top", "align": "right", "indent": 1}
        return self.workbook.add_format({"num_format": code, **place})

    def _widths(self, table: Table) -> list[int]:
        """Set the columns as wide as their cells need, and return that."""
        wide, least = natural_widths(table, widest=_WIDEST), least_widths(table)
        widths = [max(w, low + 3, 9) + 2 for w, low in zip(wide, least, strict=True)]
        for index, width in enumerate(widths):
            self.sheet.set_column(index, index, width)
        return widths

    def _heights(self, table: Table, row: int, widths: Sequence[int]) -> None:
        """Rows as high as their longest cell: not every program works that out by itself."""
        for offset, texts in enumerate(table.texts(), start=1):
            lines = max(_lines(text, width) for text, width in zip(texts, widths, strict=True))
            self.sheet.set_row(row + offset, min(_HIGHEST, 15 * lines))

    def _note(self, text: str, row: int, table: Table) -> None:
        """The note in one merged cell, with the height that it needs."""
        width = sum(natural_widths(table, widest=_WIDEST)) + 2 * len(table.columns)
        last = len(table.columns) - 1
        if last:
            self.sheet.merge_range(row, 0, row, last, "", self.formats["note"])
        self.sheet.write_string(row, 0, fitting(text), self.formats["note"])
        self.sheet.set_row(row, min(_HIGHEST, 15 * (_lines(text, width) + 1)))

    def _page(self, table: Table, row: int) -> None:
        self.sheet.freeze_panes(row + 1, 0)
        self.sheet.repeat_rows(row)
        self.sheet.set_landscape()
        self.sheet.set_paper(1)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.hide_gridlines(2)
        mark = f'&C&"Calibri,Bold"{table.mark}' if table.mark else ""
        self.sheet.set_header(mark)
        self.sheet.set_footer(f"{mark}&RPage &P of &N")


def _lines(text: str, width: int) -> int:
    """Lines that a text takes in a column of so many digits: letters are a little narrower."""
    return sum(max(1, ceil(len(line) / width)) for line in text.split("\n"))


def _number(cell: Cell, column: Column) -> float | int | None:
    """The number that a cell holds, or `None` where it is text.

    It is rounded as it is shown: a share to its last digit gives the count behind it back.
    """
    if isinstance(cell, Of):
        return cell.n
    if cell is None or isinstance(cell, str) or not isfinite(cell):
        return None
    return rounded(cell, column)


def _number_code(cell: Cell, column: Column) -> str:
    """Excel's code for how a number is shown."""
    if isinstance(cell, Of):
        return f'0" of {cell.total}"'
    if column.kind == "exact":
        return "General"
    decimals = f".{'0' * column.decimals}" if column.decimals else ""
    if column.kind == "share":
        return f'0{decimals}" "%'
    return f"0{decimals}" if isinstance(cell, float) else "0"


def fitting(text: str) -> str:
    """A text that fits into a cell, cut with a word of warning where it does not.

    Examples
    --------
    >>> len(fitting("a" * 40_000)) <= 32_767
    True
    """
    units = text.encode("utf-16-le")
    if len(units) <= 2 * LONGEST:
        return text
    return units[: 2 * (LONGEST - len(_CUT))].decode("utf-16-le", "ignore") + _CUT
