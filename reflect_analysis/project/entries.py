"""An entry: one event and the rows that it writes, in one transaction or not at all."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from reflect_analysis.project.rows import Row, as_json, from_json

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

__all__ = ["Entry", "Event", "event_of", "event_row", "new_event", "write_entries", "write_rows"]

# PostgreSQL takes at most 65,535 parameters in a statement; the widest table has 17 columns.
_MOST_ROWS = 2_000


@dataclass(frozen=True, slots=True)
class Event:
    """Who did what and when.

    Parameters
    ----------
    id : str
        Random: an event that is written twice is one event.
    at : str
        ISO 8601 in UTC, to the microsecond.
    by, action : str
    undoes : str, optional
        The event that this one takes back.
    payload : mapping
        Ids and counts; never a text.
    """

    id: str
    at: str
    by: str
    action: str
    undoes: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """An event and its rows by table."""

    event: Event
    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)

    def to_line(self) -> str:
        """The entry as one line of JSON."""
        return as_json({"event": event_row(self.event), "rows": dict(self.rows)})

    @classmethod
    def of_line(cls, line: str) -> Entry:
        """The entry of a line."""
        data = from_json(line)
        rows = {name: tuple(rows) for name, rows in data["rows"].items()}
        return cls(event_of(data["event"]), rows)


def new_event(
    by: str, action: str, payload: Mapping[str, Any] | None = None, *, undoes: str | None = None
) -> Event:
    """An event of now."""
    at = datetime.now(UTC).isoformat(timespec="microseconds")
    return Event(uuid.uuid4().hex, at, by, action, undoes, payload or {})


def event_row(event: Event) -> Row:
    """An event as a row."""
    names = ("id", "at", "by", "action", "undoes")
    return {name: getattr(event, name) for name in names} | {"payload": as_json(event.payload)}


def event_of(row: Mapping[str, Any]) -> Event:
    """The event of a row."""
    names = ("id", "at", "by", "action", "undoes")
    return Event(**{name: row[name] for name in names}, payload=from_json(row["payload"]))


def write_entries(connection: Connection, entries: Iterable[Entry]) -> None:
    """Write entries; one that is there already changes nothing."""
    from reflect_analysis.project import schema

    entries = list(entries)
    write_rows(connection, schema.events, [event_row(entry.event) for entry in entries])
    for name, table in schema.ROW_TABLES.items():
        rows = [
            {**row, "event_id": entry.event.id}
            for entry in entries
            for row in entry.rows.get(name, ())
        ]
        write_rows(connection, table, rows)


def write_rows(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Insert rows; those whose key is there already are left as they are."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]  # the same call

    statement = insert(table).on_conflict_do_nothing()
    rows = list(rows)
    for first in range(0, len(rows), _MOST_ROWS):
        connection.execute(statement, rows[first : first + _MOST_ROWS])
