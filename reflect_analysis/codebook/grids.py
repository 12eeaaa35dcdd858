"""CSV, Excel and Word files as grids of strings, nothing interpreted.

What Excel would have calculated, or failed to, is a fault with its row and column.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path
from typing import Any

from reflect_analysis.codebook.files import read_bytes
from reflect_analysis.errors import CodebookError

__all__ = ["OWN_SHEETS", "Grid", "read_grids"]

# Beside the codes: what each of these sheets holds.
OWN_SHEETS = {"groups": "group", "about": "about", "history": "change"}
_DELIMITERS = (",", ";", "\t")
_UNPACKED_LIMIT = 200 * 1024**2
_SAVE_AS = "save it in Excel as 'CSV UTF-8 (Comma delimited)', or as .xlsx"

Row = tuple[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows with their numbers, as a spreadsheet shows them.

    Parameters
    ----------
    title : str
        Of the sheet.
    rows : list of (int, tuple of str)
    prefix : str
        What stands before the row in a place, where there are several grids.
    faults : dict of int to list of str
        By row.
    headings : frozenset of int
        Rows that are one merged cell: the heading of a group, as Word's tables have it.
    """

    title: str
    rows: list[Row]
    prefix: str = ""
    faults: dict[int, list[str]] = field(default_factory=dict)
    headings: frozenset[int] = frozenset()

    def where(self, number: int) -> str:
        """The place of a row, for a message."""
        return f", {self.prefix}row {number}"


def read_grids(path: Path) -> list[Grid]:
    """The tables of a file.

    Raises
    ------
    CodebookError
        If it cannot be read as such.
    """
    data = read_bytes(path)
    suffix = path.suffix.lower()
    if suffix in (".csv", ".tsv"):
        return [Grid("", _csv_rows(_decoded(data, path.name), path.name))]
    _check_archive(data, path.name)
    grids = _document_grids if suffix == ".docx" else _workbook_grids
    return grids(data, path.name)


# ── CSV ──


def _decoded(data: bytes, name: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start]
        raise CodebookError(
            f"{name}, line {line}: not UTF-8 (byte 0x{byte:02X}); it is perhaps in the encoding "
            f"of Windows (cp1252), as Excel's plain 'CSV' is: {_SAVE_AS}"
        ) from None


def _csv_rows(text: str, name: str) -> list[Row]:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows: list[Row] = []
    try:
        for number, cells in enumerate(reader, start=1):
            rows.append((number, tuple(cells)))
    except csv.Error as error:
        raise CodebookError(
            f"{name}, row {len(rows) + 1} (to line {reader.line_num}): {error}; a quotation mark "
            "inside a cell is written twice"
        ) from None
    return rows


def _delimiter(text: str) -> str:
    """Comma, semicolon or tab: whichever gives the first line more columns."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    return max(_DELIMITERS, key=re.sub(r'"[^"]*"', "", first).count)


# ── Excel ──


def _check_archive(data: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile:
        raise CodebookError(
            f"{name}: not a file of Excel or Word (or one with a password); save it again"
        ) from None
    if size > _UNPACKED_LIMIT:
        raise CodebookError(f"{name}: unpacks to {size / 1024**2:.0f} MB; is this a codebook?")


def _workbook_grids(data: bytes, name: str) -> list[Grid]:
    import openpyxl

    try:
        with warnings.catch_warnings():
            # openpyxl warns of every extension (validations, styles) that it does not keep.
            warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False)
            with closing(book):
                shown = [s for s in book.worksheets if _is_read(s)]
                return [_sheet_grid(sheet, several=len(shown) > 1) for sheet in shown]
    except Exception as error:  # noqa: BLE001  # openpyxl raises whatever the broken file provokes
        raise CodebookError(
            f"{name}: not a workbook that can be read ({type(error).__name__}); open it and save "
            "it again as .xlsx"
        ) from None


def _is_read(sheet: Any) -> bool:
    """Whether a sheet counts: what is hidden does not, but for those that we wrote."""
    return sheet.sheet_state == "visible" or sheet.title.lower() in OWN_SHEETS


def _sheet_grid(sheet: Any, *, several: bool) -> Grid:
    sheet.reset_dimensions()  # some programs write a wrong range; then rows would be lost
    grid = Grid(sheet.title, [], f"sheet {sheet.title!r}, " if several else "")
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        faults = list(_cell_faults(cells))
        if faults:
            grid.faults[number] = faults
        grid.rows.append((number, tuple(_cell_text(cell.value) for cell in cells)))
    return grid


def _cell_faults(cells: Sequence[Any]) -> Iterator[str]:
    for column, cell in enumerate(cells, start=1):
        if cell.data_type == "e":
            yield f"column {column}: the Excel error {cell.value}; type the cell anew, ' before it"
        elif cell.data_type == "f":
            yield f"column {column}: a formula; type the text itself, with ' before it"


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return _unescaped(value).replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _unescaped(text: str) -> str:
    """Excel writes the carriage return of a text that was pasted as ``_x000D_``."""
    return text.replace("_x000D_\n", "\n").replace("_x000D_", "\n")


# ── Word ──


def _document_grids(data: bytes, name: str) -> list[Grid]:
    import docx

    try:
        document = docx.Document(io.BytesIO(data))
    except Exception as error:  # noqa: BLE001  # python-docx raises whatever the broken file provokes
        raise CodebookError(f"{name}: not a Word file ({type(error).__name__})") from None
    several = len(document.tables) > 1
    return [
        _table_grid(table, f"table {number}, " if several else "")
        for number, table in enumerate(document.tables, start=1)
    ]


def _table_grid(table: Any, prefix: str) -> Grid:
    rows, headings = [], set()
    for number, row in enumerate(table.rows, start=1):
        rows.append((number, tuple(cell.text for cell in row.cells)))
        if len(row.cells) > 1 and row.cells[0].grid_span == len(row.cells):
            headings.add(number)
    return Grid("", rows, prefix, headings=frozenset(headings))
