"""Small tables that go to a researcher's spreadsheet and come back: XLSX and CSV.

Excel sends back more than it was given: trimmed or padded cells, whole numbers as floats,
ids that it took for dates, semicolons for commas. What comes back is plain strings here;
what cannot be undone (an id turned into a date) is a fault. What goes out is never a
formula or a link.
"""

from __future__ import annotations

import csv
import io
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from pathlib import Path
from typing import Any

from reflect_analysis._rows import FORMULA_STARTS, is_formula
from reflect_analysis._whole import whole_file, write_whole
from reflect_analysis.errors import CorpusError, OutputError

CELL_LIMIT = 32_000  # Excel holds 32,767 characters; xlsxwriter drops a longer string silently
_SHOWN = 20
_SEPARATORS = (",", ";", "\t")

Record = tuple[int, dict[str, str]]


class DatedCell(str):
    """The text of a cell that a spreadsheet took for a date or a time."""

    __slots__ = ()


def read_sheet(path: str | Path, *, sheet: str = "", needs: Iterable[str] = ()) -> list[Record]:
    """Rows of a CSV or XLSX file with their numbers, as strings by normalised column name.

    Parameters
    ----------
    path : str or Path
    sheet : str
        Name of the sheet in a workbook; the first one where there is no such sheet.
    needs : iterable of str
        Columns that must be there.

    Returns
    -------
    list of (int, dict)
        Row number (the header is row 1) and its cells; empty rows are left out. What stands
        beyond the last column is the cell ``""``.

    Raises
    ------
    CorpusError
        If the file cannot be read, or a column is missing or doubled.
    """
    source = Path(path)
    if source.suffix.lower() == ".xlsx":
        rows = _xlsx_rows(source, sheet)
    elif source.suffix.lower() in {".csv", ".tsv", ".txt"}:
        rows = _csv_rows(source)
    else:
        raise CorpusError(f"{source.name}: expected an .xlsx or .csv file")
    header = [_column_name(cell) for cell in rows[0]] if rows else []
    faults = _header_faults(source, header, needs)
    if faults:
        raise CorpusError(faults)
    return [
        (number, _record(header, cells))
        for number, cells in enumerate(rows[1:], start=2)
        if any(cells)
    ]


def _record(header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    named = dict(zip(header, cells, strict=False))
    # A spreadsheet gives each cell beyond the names a column, and that has none.
    nameless = [cell for name, cell in zip(header, cells, strict=False) if not name and cell]
    beyond = [*nameless, *filter(None, cells[len(header) :])]
    return named | ({"": "; ".join(beyond)} if beyond else {})


def _column_name(cell: str) -> str:
    return "_".join(cell.lower().split())


def _header_faults(source: Path, header: Sequence[str], needs: Iterable[str]) -> list[str]:
    if not any(header):
        return [f"{source.name}: no column names in the first row"]
    doubled = [name for name, count in Counter(filter(None, header)).items() if count > 1]
    faults = [f"{source.name}: column {name!r} stands twice" for name in doubled]
    missing = [name for name in needs if name not in header]
    return faults + [f"{source.name}: no column {name!r} in the first row" for name in missing]


def _csv_rows(source: Path) -> list[list[str]]:
    try:
        raw = source.read_bytes()
        utf16 = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
        text = raw.decode("utf-16" if utf16 else "utf-8-sig")
    except OSError as error:
        raise CorpusError(f"{source}: cannot be opened ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise CorpusError(
            f"{source.name}: not UTF-8 (byte {error.start}); save it as “CSV UTF-8”"
        ) from None
    first = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise CorpusError(f"{source.name}: not a table ({error})") from None
    return [[_rearmed(cell.strip()) for cell in row] for row in rows]


def _xlsx_rows(source: Path, sheet: str) -> list[list[str]]:
    from zipfile import BadZipFile

    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with warnings.catch_warnings():
            # openpyxl warns of every extension (validations, styles) that it does not keep.
            warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
            book = openpyxl.load_workbook(source, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        kind = type(error).__name__
        raise CorpusError(f"{source.name}: not a workbook that can be read ({kind})") from None
    except OSError as error:
        raise CorpusError(f"{source}: cannot be opened ({error.strerror})") from None
    try:
        found = book[sheet] if sheet in book.sheetnames else book.worksheets[0]
        return [[_text_of(cell) for cell in row] for row in found.iter_rows(values_only=True)]
    finally:
        book.close()


def _text_of(value: Any) -> str:
    """A spreadsheet's cell as text."""
    if value is None:
        return ""
    if isinstance(value, date | time):
        return DatedCell(value.isoformat())
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def described(cell: str) -> str:
    """A cell for a message: short ones as they are, longer ones only by their length."""
    return repr(str(cell)) if len(cell) <= _SHOWN else f"a text of {len(cell)} characters"


def disarmed(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula when it opens a CSV file."""
    return f"'{cell}" if is_formula(cell) else cell


def _rearmed(cell: str) -> str:
    """What `disarmed` was given."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS) else cell


def write_sheet(
    path: Path,
    sheet: str,
    rows: Sequence[Mapping[str, str | int]],
    *,
    widths: Mapping[str, int],
    choices: Mapping[str, Sequence[str]] | None = None,
    notes: Sequence[str] = (),
) -> None:
    """Write rows for a spreadsheet, whole or not at all: strings stay strings, nothing is run.

    Parameters
    ----------
    path : Path
        Ends in ``.xlsx`` or ``.csv``.
    sheet : str
        Name of the sheet.
    rows : sequence of mapping
        Each with the keys of `widths`.
    widths : mapping of str to int
        The columns in their order, with their widths in characters.
    choices : mapping of str to sequence of str, optional
        What may be entered in a column; XLSX only.
    notes : sequence of str
        Lines of a second sheet, "How to"; XLSX only.

    Raises
    ------
    OutputError
        If the file is held by another program.
    ValueError
        If the path ends otherwise.
    """
    if path.suffix.lower() == ".csv":
        _write_csv(path, list(widths), rows)
    elif path.suffix.lower() == ".xlsx":
        content = _workbook(sheet, rows, widths, choices or {}, notes)
        try:
            write_whole(path, content)
        except PermissionError:
            raise OutputError(
                f"{path}: cannot be written; is it open in another program?"
            ) from None
    else:
        raise ValueError(f"expected a path that ends in .xlsx or .csv, not {path.name!r}")


def _write_csv(path: Path, header: Sequence[str], rows: Sequence[Mapping[str, str | int]]) -> None:
    """A CSV file that Excel opens as it is meant: UTF-8 with its mark."""
    try:
        with whole_file(path) as part, part.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            writer.writerows([disarmed(str(row[name])) for name in header] for row in rows)
    except PermissionError:
        raise OutputError(f"{path}: another program holds it; close it and try again") from None


def _workbook(
    sheet: str,
    rows: Sequence[Mapping[str, str | int]],
    widths: Mapping[str, int],
    choices: Mapping[str, Sequence[str]],
    notes: Sequence[str],
) -> bytes:
    import xlsxwriter

    buffer = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    # In memory: a stop would leave its temporary files, and participants' words in them.
    book = xlsxwriter.Workbook(buffer, {**options, "in_memory": True})
    table = book.add_worksheet(sheet)
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    for place, (name, width) in enumerate(widths.items()):
        table.set_column(place, place, width)
        table.write_string(0, place, name, bold)
        for number, row in enumerate(rows, start=1):
            _write_cell(table, number, place, row[name], wrapped)
        if name in choices and rows:
            allowed = {"validate": "list", "source": list(choices[name])}
            table.data_validation(1, place, len(rows), place, allowed)
    table.freeze_panes(1, 0)
    table.autofilter(0, 0, len(rows), len(widths) - 1)
    _write_notes(book, notes)
    book.close()
    return buffer.getvalue()


def _write_cell(table: Any, row: int, column: int, value: str | int, form: Any) -> None:
    if isinstance(value, int):
        table.write_number(row, column, value, form)
    elif len(value) > CELL_LIMIT:
        table.write_string(row, column, value[:CELL_LIMIT] + " […]", form)
    else:
        table.write_string(row, column, value, form)


def _write_notes(book: Any, notes: Sequence[str]) -> None:
    if not notes:
        return
    page = book.add_worksheet("How to")
    page.set_column(0, 0, 100)
    for number, line in enumerate(notes):
        page.write_string(number, 0, line, book.add_format({"text_wrap": True}))
