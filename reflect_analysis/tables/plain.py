"""Tables as CSV and Markdown: plain text, each with its escapes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from reflect_analysis._rows import is_formula
from reflect_analysis.tables.values import Cell, Table

_MARKDOWN = re.compile(r"([\\`*_\[\]<>|#~&])")


def to_csv(tables: Sequence[Table]) -> bytes:
    """One table as CSV: UTF-8 with a byte order mark, by which Excel knows the encoding.

    Only the header and the rows, so that any program can read it on; a draft, and a table
    that is not to be sent, has one more column that says so in each row. Text that a
    spreadsheet would take for a formula begins with an apostrophe.
    """
    table = _only(tables, "CSV").tidy()
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    marks = {"KEEP": "not to be sent"} if table.keep else {}
    marks |= {"DRAFT": "machine coding"} if table.draft else {}
    writer.writerow([*(_disarmed(column.name) for column in table.columns), *marks])
    for cells, texts in zip(table.rows, table.texts(), strict=True):
        writer.writerow([*map(_csv_cell, cells, texts), *marks.values()])
    return buffer.getvalue().encode("utf-8-sig")


def _csv_cell(cell: Cell, text: str) -> str:
    return _disarmed(text) if isinstance(cell, str) else text


def _disarmed(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would compute it.

    Examples
    --------
    >>> _disarmed("=1+1"), _disarmed("one = one"), _disarmed("-11")
    ("'=1+1", 'one = one', '-11')
    """
    computes = is_formula(text) or text.startswith("\n") or is_formula(text.lstrip())
    return f"'{text}" if computes else text


def _only(tables: Sequence[Table], name: str) -> Table:
    if len(tables) != 1:
        raise ValueError(
            f"a {name} file holds one table, not {len(tables)}: export them one by one"
        )
    return tables[0]


def to_markdown(tables: Sequence[Table]) -> bytes:
    """Tables as GitHub's Markdown, pipes and line breaks escaped."""
    return "\n\n".join("\n".join(_markdown(table.tidy())) for table in tables).encode() + b"\n"


def _markdown(table: Table) -> Iterator[str]:
    if table.mark:
        yield f"**{_escaped_markdown(table.mark)}**\n"
    if table.label:
        yield f"**{table.label}**\n"
    yield f"*{_escaped_markdown(table.title)}*\n"
    yield _piped(_escaped_markdown(column.name) for column in table.columns)
    yield _piped("---" if column.kind == "text" else "--:" for column in table.columns)
    yield from (_piped(map(_escaped_markdown, row)) for row in table.texts())
    if table.note:
        yield f"\n*Note.* {_escaped_markdown(table.note)}"


def _piped(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped_markdown(text: str) -> str:
    r"""Text that Markdown shows as it is, on one line.

    Examples
    --------
    >>> print(_escaped_markdown("<5 | *two*"))
    \<5 \| \*two\*
    """
    return _MARKDOWN.sub(r"\\\1", text).replace("\n", "<br>")
