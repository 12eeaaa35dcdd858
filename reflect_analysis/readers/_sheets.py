"""CSV, XLSX and frames as tables of strings, nothing interpreted.

``NA``, ``None``, ``TRUE`` and ``007`` are what somebody wrote, so no reader that turns
words into values is used for files. Rows are numbered as a spreadsheet shows them: the
first row of the file is row 1.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from reflect_analysis._archives import check_office
from reflect_analysis.corpus import Omission
from reflect_analysis.errors import CorpusError, raise_all

from ._files import control_fault, one_line_end, read_bytes, read_text, suffix_of
from ._found import Place

if TYPE_CHECKING:
    import pandas as pd

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell ref="([A-Z]+(\d+)):([A-Z]+(\d+))"')

Row = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Table:
    """A header and its rows.

    Parameters
    ----------
    source : str
        The file.
    prefix : str
        What stands before a row in a place: ``"sheet 'Answers', "`` or nothing.
    stem : str
        The beginning of ids that have to be made.
    header : tuple of str
    rows : tuple of (str, tuple of str)
        Place and cells; rows without a filled cell are left out.
    faults : tuple of str
    delimiter : str
        The sign between the cells of a CSV file, where it is not a comma.
    """

    source: str
    prefix: str
    stem: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    faults: tuple[str, ...] = ()
    delimiter: str = ""

    @property
    def name(self) -> str:
        """The file, and the sheet where there are several."""
        return f"{self.source}, {self.prefix}".rstrip(", ")


def tables_of(place: Place) -> tuple[list[Table], list[Omission]]:
    """The tables of a CSV, TSV or XLSX file, and the sheets that were left out.

    Raises
    ------
    CorpusError
        If the file cannot be read as such.
    """
    if suffix_of(place.path) in (".csv", ".tsv"):
        return [_csv_table(place)], []
    return _workbook_tables(place)


def _table(
    numbered: Iterable[tuple[str, Sequence[str]]],
    *,
    source: str,
    stem: str,
    prefix: str = "",
    faults: Iterable[str] = (),
    delimiter: str = "",
) -> Table:
    """A table whose first filled row is the header."""
    filled = [(p, tuple(cells)) for p, cells in numbered if any(c.strip() for c in cells)]
    header = tuple(cell.strip() for cell in filled[0][1]) if filled else ()
    return Table(source, prefix, stem, header, tuple(filled[1:]), tuple(faults), delimiter)


def _csv_table(place: Place) -> Table:
    text = read_text(place)
    delimiter = _delimiter(text)
    rows: list[tuple[str, Sequence[str]]] = []
    faults = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, cells in enumerate(reader, start=1):
            rows.append((f"row {number}", cells))
    except csv.Error as error:
        faults.append(_csv_fault(str(error), place.name, len(rows) + 1, reader.line_num))
    other = "" if delimiter == "," else DELIMITERS[delimiter]
    return _table(rows, source=place.name, stem=place.stem, faults=faults, delimiter=other)


def _csv_fault(problem: str, name: str, row: int, line: int) -> str:
    where = f"{name}, row {row} (to line {line})"
    if "field larger" in problem:
        return f"{where}: a cell of more than {csv.field_size_limit():,} characters; give it a file"
    if "unexpected end" in problem:
        return f"{where}: a quotation mark opens a cell and is never closed"
    return f'{where}: a quotation mark inside a quoted cell; write it twice ("")'


def _delimiter(text: str) -> str:
    r"""Comma, semicolon or tab: whichever gives the header more columns.

    Examples
    --------
    >>> _delimiter("id;texte\n1;Oui, vraiment")
    ';'
    """
    first = next((line for line in text.split("\n") if line.strip()), "")
    outside_quotes = re.sub(r'"[^"]*"', "", first)
    return max(DELIMITERS, key=outside_quotes.count)


def _workbook_tables(place: Place) -> tuple[list[Table], list[Omission]]:
    data = read_bytes(place)
    _check_archive(data, place.name)
    try:
        with _quiet():
            return _opened_tables(place, data)
    except CorpusError:
        raise
    except Exception as error:  # noqa: BLE001  # openpyxl raises whatever the broken file provokes, also late
        raise CorpusError(
            f"{place.name}: not a workbook that can be read ({type(error).__name__}); "
            "open it and save it again as .xlsx"
        ) from None


def _opened_tables(place: Place, data: bytes) -> tuple[list[Table], list[Omission]]:
    """The visible sheets as tables, and the hidden ones."""
    import openpyxl

    values = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    formulas = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False)
    with closing(values), closing(formulas):
        shown = [sheet for sheet in values.worksheets if sheet.sheet_state == "visible"]
        several = len(shown) > 1
        tables = [
            _sheet_table(place, sheet, formulas[sheet.title], several=several) for sheet in shown
        ]
        hidden = [
            Omission(place.name, f"sheet {sheet.title!r}", "a hidden sheet is not read")
            for sheet in values.worksheets
            if sheet.sheet_state != "visible"
        ]
    return tables, hidden


@contextmanager
def _quiet() -> Iterator[None]:
    """Openpyxl warns of every feature of Excel that it does not keep; here nothing is written."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield


def _check_archive(data: bytes, name: str) -> None:
    """Refuse what is no workbook, what could do harm, and merged rows."""
    archive = check_office(data, name)
    sheets = [n for n in archive.names if n.startswith("xl/worksheets/") and n.endswith(".xml")]
    merged = [
        f"{name}: cells are merged from {cells[0].decode()} to {cells[2].decode()}; "
        "unmerge them, so that each row is whole"
        for sheet in sheets
        for cells in _MERGED.findall(archive.read(sheet))
        if cells[1] != cells[3]
    ]
    raise_all(CorpusError, merged)


def _sheet_table(place: Place, sheet: Any, formulas: Any, *, several: bool) -> Table:
    prefix = f"sheet {sheet.title!r}, " if several else ""
    rows: list[tuple[str, Sequence[str]]] = []
    faults: list[str] = []
    for each in (sheet, formulas):
        each.reset_dimensions()  # some programs write a wrong range; then rows would be lost
    pairs = zip(sheet.iter_rows(), formulas.iter_rows(), strict=False)
    for number, (cells, originals) in enumerate(pairs, start=1):
        where = f"{prefix}row {number}"
        faults.extend(_cell_faults(f"{place.name}, {where}", cells, originals))
        filled = _trimmed([cell_text(cell.value) for cell in cells])
        if filled:  # a sheet may claim a million empty rows
            rows.append((where, filled))
    stem = f"{place.stem}-{sheet.title}" if several else place.stem
    return _table(rows, source=place.name, stem=stem, prefix=prefix, faults=faults)


def _cell_faults(where: str, cells: Sequence[Any], originals: Sequence[Any]) -> Iterator[str]:
    """Errors of Excel, and formulas that nobody has calculated."""
    for column, (cell, original) in enumerate(zip(cells, originals, strict=False), start=1):
        if cell.data_type == "e":
            yield f"{where}, column {column}: the Excel error {cell.value}; correct the cell"
        elif cell.value is None and original.data_type == "f":
            yield (
                f"{where}, column {column}: a formula that was never calculated; "
                "open the file in Excel and save it"
            )
        elif isinstance(cell.value, str) and control_fault(_unescaped(cell.value)):
            yield f"{where}, column {column}: {control_fault(_unescaped(cell.value))}"


def _trimmed(cells: list[str]) -> list[str]:
    """The cells without the empty ones at the end, which a spreadsheet adds at will."""
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _unescaped(text: str) -> str:
    """Excel writes a carriage return in a cell as ``_x000D_``."""
    if "_x" not in text:
        return one_line_end(text)
    from openpyxl.utils.escape import unescape

    return one_line_end(unescape(text))


def cell_text(value: object) -> str:
    """A cell as a spreadsheet shows it, without its number format.

    Examples
    --------
    >>> cell_text(7.0), cell_text(2.5), cell_text(None), cell_text("NA"), cell_text(True)
    ('7', '2.5', '', 'NA', 'TRUE')
    >>> cell_text(datetime(2025, 4, 8)), cell_text(datetime(2025, 4, 8, 14, 30))
    ('2025-04-08', '2025-04-08T14:30:00')
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return _unescaped(value)
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat()
    return value.isoformat() if isinstance(value, date | time) else str(value)


def frame_table(frame: pd.DataFrame, name: str) -> Table:
    """A DataFrame as a table; a place is a label of its index."""
    columns = [cell_text(column) for column in frame.columns]
    missing = frame.isna().to_numpy()
    rows: list[tuple[str, Sequence[str]]] = [("header", columns)]
    faults = []
    for label, values, blank in zip(
        frame.index, frame.itertuples(index=False, name=None), missing, strict=True
    ):
        cells = ["" if gap else cell_text(v) for v, gap in zip(values, blank, strict=True)]
        where = f"index {label}"
        faults += [f"{name}, {where}: {control_fault(c)}" for c in cells if control_fault(c)]
        rows.append((where, cells))
    return _table(rows, source=name, stem="row", faults=faults)
