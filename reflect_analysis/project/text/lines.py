"""One row as one line of JSON, and back.

Columns stand in the order of their table. What is JSON in a column stands as JSON in the line, so
that a reader sees it, where it comes back letter for letter; else as it is, in a string.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from reflect_analysis.project import schema
from reflect_analysis.project.fetching import fetched
from reflect_analysis.project.rows import Row, as_json

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

__all__ = ["TABLES", "key_of", "line_of", "row_of", "sorted_rows"]

# Every table of a study, in the order in which a copy is written.
TABLES: dict[str, Table] = {
    table.name: table
    for table in (schema.study, schema.tombstones, schema.events, *schema.ROW_TABLES.values())
}
# Columns that hold JSON: mappings and lists.
_NESTED = frozenset({"about", "payload", "codes", "documents", "spared", "replaced", "topics"})


def key_of(table: Table, row: Row) -> tuple[str, ...]:
    """What no two lines share."""
    return tuple(str(row[column.name]) for column in table.primary_key)


def sorted_rows(connection: Connection, table: Table) -> Iterator[Row]:
    """The rows of a table, alike on every machine and in every database: events by time."""
    from sqlalchemy import select

    first = [table.c.at] if table is schema.events else []
    order: list[Any] = [*first, *table.primary_key]
    if connection.dialect.name == "postgresql":
        order = [column.collate("C") for column in order]  # by code points, as SQLite and Python
    return fetched(connection, select(table).order_by(*order))


def line_of(table: Table, row: Row) -> str:
    """A row as a line, without its end."""
    return as_json({column.name: _shown(column.name, row[column.name]) for column in table.columns})


def row_of(data: dict[str, Any]) -> Row:
    """The row of a line that was read as plain JSON."""
    return {name: _kept(name, value) for name, value in data.items()}


def _shown(name: str, value: Any) -> Any:
    if name not in _NESTED:
        return value
    try:
        nested = json.loads(value)
    except ValueError:
        return value
    same = isinstance(nested, dict | list) and as_json(nested) == value
    return nested if same else value


def _kept(name: str, value: Any) -> Any:
    if name in _NESTED and isinstance(value, dict | list):
        return as_json(value)
    return value
