"""Writing a codebook as a table for people who work in Excel: a row a code.

`sheets` reads it back without loss. Texts stay texts: no cell becomes a formula, in CSV by an
apostrophe and in Excel by its own mark for text.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil
from typing import Any

from reflect_analysis._rows import is_formula
from reflect_analysis.codebook.cells import (
    armed,
    join_counter,
    join_items,
    join_scopes,
    join_sources,
    print_origin,
)
from reflect_analysis.codebook.rows import Code, CodeChange
from reflect_analysis.codebook.values import Codebook
from reflect_analysis.errors import CodebookError, raise_all

__all__ = ["to_csv", "to_xlsx"]

_HIGHEST = 409  # points of a row, Excel's own limit
CELL_LIMIT = 32_767  # what Excel holds in one cell, in UTF-16 units; more is lost silently

# Column, its name in the file, its width in characters.
_CODE_COLUMNS = {
    "id": ("Id", 26),
    "name": ("Name", 24),
    "group": ("Group", 24),
    "parent": ("Parent", 16),
    "definition": ("Definition", 60),
    "include": ("Include", 40),
    "exclude": ("Exclude", 40),
    "examples": ("Examples", 50),
    "counter_examples": ("Counter-examples", 50),
    "unit": ("Unit", 11),
    "human_only": ("Human only", 11),
    "source": ("Source", 40),
    "note": ("Note", 30),
    "scopes": ("Scopes", 20),
    "patterns": ("Patterns", 80),
    "status": ("Status", 12),
    "in_vivo": ("In vivo", 9),
    "name_approved_by": ("Name approved by", 16),
    "replaced_by": ("Replaced by", 18),
    "origin": ("Origin", 20),
}
_SELDOM = ("status", "in_vivo", "name_approved_by", "replaced_by", "origin")
_CHANGE_COLUMNS = {
    "action": ("Action", 12),
    "id": ("Code id", 20),
    "into": ("Into", 20),
    "by": ("By", 16),
    "at": ("At", 26),
    "reason": ("Reason", 50),
    "version_before": ("Version before", 16),
    "version_after": ("Version after", 16),
    "origin": ("Origin", 20),
}
_GROUP_COLUMNS = {"id": ("Id", 20), "name": ("Name", 30), "definition": ("Description", 80)}
_ABOUT_COLUMNS = {"what": ("What", 16), "text": ("Text", 100)}
_YES_NO = ["yes", "no"]
_CHOICES = {"unit": ["sentence", "reflection"], "human_only": _YES_NO, "in_vivo": _YES_NO}
_HOW_TO = (
    "Codes: one row a code. Name, Definition and Group are needed; all else may stay empty.",
    "Several items in one cell: one a line (Alt+Enter in Excel, Ctrl+Option+Return on a Mac).",
    "A counter-example is the text, a long dash with blanks around it, and why it is not coded.",
    "Leave the id empty in a new row: it is made from the name. Never change an id that was used.",
    "Group: the id or the name of a row in the sheet Groups.",
    "A cell that begins with = + - or @: type ' first, or Excel takes it for a formula.",
    "History: is written by the program. Leave it as it is.",
)

Cells = Mapping[str, str]
Columns = Mapping[str, tuple[str, int]]


def _code(code: Code) -> dict[str, str]:
    return {
        "id": code.id,
        "name": code.name,
        "group": code.group,
        "parent": code.parent or "",
        "definition": code.definition,
        "include": join_items(code.include),
        "exclude": join_items(code.exclude),
        "examples": join_items(code.examples),
        "counter_examples": join_counter(code.counter_examples),
        "unit": code.unit,
        "human_only": _yes(code.human_only),
        "source": join_sources(code.source),
        "note": code.note,
        "scopes": join_scopes(code.scopes),
        "patterns": join_items(code.patterns),
        "status": "" if code.status == "defined" else code.status,
        "in_vivo": "yes" if code.in_vivo else "",
        "name_approved_by": code.name_approved_by,
        "replaced_by": join_items(code.replaced_by),
        "origin": print_origin(code.origin),
    }


def _yes(value: object) -> str:
    return "yes" if value else "no"


def _change(change: CodeChange) -> dict[str, str]:
    return {
        "action": change.action,
        "id": change.code_id,
        "into": join_items(change.into),
        "by": change.by,
        "at": change.at.isoformat(),
        "reason": change.reason,
        "version_before": change.version_before,
        "version_after": change.version_after,
        "origin": print_origin(change.origin),
    }


def _about(codebook: Codebook) -> list[dict[str, str]]:
    names = ("title", "description", "language", "licence")
    told = [{"what": name, "text": getattr(codebook, name)} for name in names]
    return told + [{"what": "rule", "text": rule} for rule in codebook.general_rules]


def _groups(codebook: Codebook) -> list[dict[str, str]]:
    return [
        {"id": group.id, "name": group.name, "definition": group.description}
        for group in codebook.groups
    ]


def _columns_of(rows: Sequence[Cells]) -> dict[str, tuple[str, int]]:
    """The columns of the codes; those that few codebooks need only where they hold something."""
    empty = {name for name in _SELDOM if not any(row[name] for row in rows)}
    return {name: column for name, column in _CODE_COLUMNS.items() if name not in empty}


def _check_lengths(codebook: Codebook, rows: Iterable[tuple[str, Cells]]) -> None:
    """Refuse what a cell of Excel cannot hold: it would be cut without a word."""
    faults = [
        f"{where}: {name} has {len(cell):,} letters; a cell holds {CELL_LIMIT:,}. Write YAML"
        for where, cells in rows
        for name, cell in cells.items()
        if len(cell.encode("utf-16-le")) > 2 * CELL_LIMIT
    ]
    raise_all(CodebookError, faults, f"{codebook.title}: cannot be written as a table")


# ── CSV ──


def to_csv(codebook: Codebook) -> str:
    """A codebook as one table: codes first, then groups, what holds for all, and the history."""
    rows = [dict(row) for row in _csv_rows(codebook)]
    _check_lengths(codebook, ((row.get("id", ""), row) for row in rows))
    codes = [row for row in rows if row["kind"] == "code"]
    columns = {"kind": ("Kind", 0), **_columns_of(codes)}
    if codebook.history:
        columns |= {name: each for name, each in _CHANGE_COLUMNS.items() if name not in columns}
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([name for name, _ in columns.values()])
    for row in rows:
        writer.writerow([armed(row.get(name, ""), for_csv=True) for name in columns])
    return stream.getvalue()


def _csv_rows(codebook: Codebook) -> Iterator[dict[str, str]]:
    for code in codebook:
        yield {"kind": "code", **_code(code)}
    for group in _groups(codebook):
        yield {"kind": "group", **group}
    for line in _about(codebook):
        kind = "rule" if line["what"] == "rule" else "about"
        yield {"kind": kind, "id": line["what"] * (kind == "about"), "definition": line["text"]}
    for change in codebook.history:
        yield {"kind": "change", **_change(change)}


# ── Excel ──


def to_xlsx(codebook: Codebook) -> bytes:
    """A codebook as a workbook: the sheets Codes, Groups, About, perhaps History, and How to."""
    import xlsxwriter

    codes = [_code(code) for code in codebook]
    sheets: list[tuple[str, Columns, Sequence[Cells]]] = [
        ("Codes", _columns_of(codes), codes),
        ("Groups", _GROUP_COLUMNS, _groups(codebook)),
        ("About", _ABOUT_COLUMNS, _about(codebook)),
    ]
    if codebook.history:
        sheets.append(("History", _CHANGE_COLUMNS, [_change(each) for each in codebook.history]))
    for name, _, rows in sheets:
        _check_lengths(codebook, ((f"{name}, {row.get('id', '')!r}", row) for row in rows))
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, {**options, "strings_to_numbers": False}) as book:
        book.set_properties({"title": codebook.title, "author": ""})
        formats = _formats(book)
        for name, columns, rows in sheets:
            _write(book.add_worksheet(name), columns, rows, formats)
        notes = book.add_worksheet("How to")
        notes.set_column(0, 0, 100)
        for number, line in enumerate(_HOW_TO):
            notes.write_string(number, 0, line, formats["text"])
    return stream.getvalue()


def _formats(book: Any) -> dict[str, Any]:
    text = {"text_wrap": True, "valign": "top", "num_format": "@"}
    return {
        "head": book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}),
        "text": book.add_format(text),
        # Excel's own mark for text: also after F2 and Enter the cell is no formula.
        "quoted": book.add_format({**text, "quote_prefix": True}),
    }


def _write(sheet: Any, columns: Columns, rows: Sequence[Cells], formats: Mapping[str, Any]) -> None:
    for place, (name, (title, width)) in enumerate(columns.items()):
        # The format of the whole column: what is typed into a new row is text as well.
        sheet.set_column(place, place, width, formats["text"])
        sheet.write_string(0, place, title, formats["head"])
        if name in _CHOICES and rows:
            allowed = {"validate": "list", "source": _CHOICES[name], "ignore_blank": True}
            sheet.data_validation(1, place, len(rows) + 200, place, allowed)
        for number, row in enumerate(rows, start=1):
            if row[name]:
                cell = armed(row[name], for_csv=False)
                kind = "quoted" if is_formula(cell) or cell.startswith("'") else "text"
                sheet.write_string(number, place, cell, formats[kind])
    for number, row in enumerate(rows, start=1):
        sheet.set_row(number, _height(row, columns))
    sheet.freeze_panes(1, 2 if len(columns) > 3 else 0)  # noqa: PLR2004  # id and name stay in sight


def _height(row: Cells, columns: Columns) -> int:
    """A row as high as its longest cell, in points: not every program works that out."""
    lines = (
        sum(max(1, ceil(len(line) / width)) for line in row[name].split("\n"))
        for name, (_, width) in columns.items()
    )
    return min(_HIGHEST, 15 * max(lines))
