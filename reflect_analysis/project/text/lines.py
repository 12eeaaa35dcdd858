"""One row as one line of JSON, and back.

Columns stand in the order of their table. What is JSON in a column stands as JSON in the line, so
that a reader sees it, where it comes back letter for letter; else as it is, in a string.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from reflect_analysis.project import schema
from reflect_analysis.project.rows import Row, as_json

if TYPE_CHECKING:
    from sqlalchemy import Table

__all__ = ["TABLES", "key_of", "line_of", "order_of", "row_of"]

# Every table of a study, in the order in which a copy is written.
TABLES: dict[str, Table] = {
    table.name: table
    for table in (schema.study, schema.tombstones, schema.events, *schema.ROW_TABLES.values())
}
# Columns that hold JSON: mappings and lists.
_NESTED = frozenset({"about", "payload", "codes", "documents", "spared", "replaced"})


def key_of(table: Table, row: Row) -> tuple[str, ...]:
    """What no two lines share."""
    return tuple(str(row[column.name]) for column in table.primary_key)


def order_of(table: Table, row: Row) -> tuple[str, ...]:
    """By what lines are sorted, alike on every machine and in every database: events by time."""
    first = (row["at"],) if table is schema.events else ()
    return (*first, *key_of(table, row))


def line_of(table: Table, row: Row) -> str:
    """A row as a line, without its end."""
    return as_json({column.name: _shown(column.name, row[column.name]) for column in table.columns})


def row_of(data: dict[str, Any]) -> Row:
    """The row of a line that was read as plain JSON."""
    return {name: _kept(name, value) for name, value in data.items()}


def _shown(name: str, value: Any) -> Any:
    if name not in _NESTED:
        return value
    nested = json.loads(value)
    same = isinstance(nested, dict | list) and as_json(nested) == value
    return nested if same else value


def _kept(name: str, value: Any) -> Any:
    if name in _NESTED and isinstance(value, dict | list):
        return as_json(value)
    return value
