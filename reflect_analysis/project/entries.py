"""An entry: one event and the rows that it writes, in one transaction or not at all."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from reflect_analysis.project.clock import Clock, last_event
from reflect_analysis.project.rows import Row, as_json, from_json

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

__all__ = [
    "Act",
    "Entry",
    "Event",
    "check_storable",
    "event_of",
    "event_row",
    "latest_event",
    "new_event",
    "row_faults",
    "write_entries",
    "write_rows",
]

_MOST_PARAMETERS = 15_000  # of one statement; pg8000 counts to 32,767
_PLAIN = ("id", "at", "by", "action", "undoes")


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
class Act:
    """What the one who acts says of an event: its id, made there, and where it came from.

    Parameters
    ----------
    id : str
        Given, the same act that is sent again is one event.
    about : mapping
        Goes into the payload: ids and counts; never a text.
    """

    id: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)


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
    by: str,
    action: str,
    payload: Mapping[str, Any] | None = None,
    *,
    undoes: str | None = None,
    clock: Clock | None = None,
    act: Act | None = None,
) -> Event:
    """An event of now, or by a clock that knows what came before."""
    at = (clock or Clock()).stamp()
    act = act or Act()
    told = {**(payload or {}), **act.about}
    return Event(act.id or uuid.uuid4().hex, at, by, action, undoes, told)


def latest_event(
    connection: Connection,
    by: str,
    action: str,
    payload: Mapping[str, Any] | None = None,
    *,
    undoes: str | None = None,
    after: Iterable[str] = (),
    act: Act | None = None,
) -> Event:
    """An event of now that comes after all others, whatever another computer's clock said.

    Parameters
    ----------
    connection : Connection
    by, action, payload, undoes
        As in `Event`.
    after : iterable of str
        Times of what the event writes, which it comes after too.
    act : Act, optional
    """
    clock = Clock(last_event(connection))
    clock.learn(*after)
    return new_event(by, action, payload, undoes=undoes, clock=clock, act=act)


def check_storable(entry: Entry) -> None:
    """Refuse what a table would not take, before anybody is told that it is kept.

    Raises
    ------
    ValueError
        With every fault; the place and the type, never the value.
    """
    faults = [*row_faults("events", event_row(entry.event))]
    for name, rows in entry.rows.items():
        faults += [fault for row in rows for fault in row_faults(name, row)]
    if faults:
        raise ValueError("; ".join(faults))


def row_faults(table: str, row: Row) -> Iterator[str]:
    """What a table would not take of a row; the place and the type, never the value."""
    for column, (kinds, most) in _columns(table).items():
        value = row.get(column)
        if not isinstance(value, kinds):
            yield f"{table}.{column}: cannot store a value of type {type(value).__name__}"
        elif isinstance(value, str):
            if "\0" in value or not _is_unicode(value):
                yield f"{table}.{column}: holds what cannot be stored (NUL, or half a character)"
        elif most is not None and isinstance(value, int) and not -most <= value < most:
            yield f"{table}.{column}: {value} is too large"


@cache
def _columns(table: str) -> dict[str, tuple[tuple[type, ...], int | None]]:
    """The types that each column takes, and the bound of a whole number."""
    from sqlalchemy import Integer

    from reflect_analysis.project import schema

    found: dict[str, tuple[tuple[type, ...], int | None]] = {}
    for column in schema.metadata.tables[table].columns:
        kind = column.type.python_type
        kinds = (kind, int) if kind is float else (kind,)
        most = 2**31 if isinstance(column.type, Integer) else None
        if column.name != "event_id":
            found[column.name] = ((*kinds, type(None)) if column.nullable else kinds, most)
    return found


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def event_row(event: Event) -> Row:
    """An event as a row."""
    return {name: getattr(event, name) for name in _PLAIN} | {"payload": as_json(event.payload)}


def event_of(row: Mapping[str, Any]) -> Event:
    """The event of a row."""
    named = {name: row[name] for name in (*_PLAIN, "payload")}
    return Event(**named | {"payload": from_json(row["payload"])})


def write_entries(connection: Connection, entries: Iterable[Entry]) -> None:
    """Write entries; one that is there already changes nothing, and nothing of the withdrawn is."""
    from reflect_analysis.project import schema
    from reflect_analysis.project.withdrawal import laid

    entries = list(entries)
    rows: dict[str, list[Row]] = {}
    for entry in entries:
        for name, found in entry.rows.items():
            rows.setdefault(name, []).extend({**row, "event_id": entry.event.id} for row in found)
    left, settle = laid(connection, rows)
    write_rows(connection, schema.events, [event_row(entry.event) for entry in entries])
    for name, table in schema.ROW_TABLES.items():
        write_rows(connection, table, left.get(name, ()))
    settle()


def write_rows(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Insert rows; those whose key is there already are left as they are."""
    names = table.columns.keys()
    values = [tuple(map(row.get, names)) for row in rows]
    if not values:
        return
    before, group, after = _insertion(table, connection.dialect.name)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"{before}{group}{after}", values)
        return
    # A server is asked once for many rows; it answers each question of one row by itself.
    most = _MOST_PARAMETERS // len(names)
    for first in range(0, len(values), most):
        part = values[first : first + most]
        groups = ", ".join([group] * len(part))
        flat = tuple(value for row in part for value in row)
        connection.exec_driver_sql(f"{before}{groups}{after}", flat)


@cache
def _insertion(table: Table, dialect: str) -> tuple[str, str, str]:
    """The statement that inserts a row: what stands before its values, they, and after them.

    SQLAlchemy makes it once; to give it the values of 200,000 rows takes longer than SQLite does.
    """
    from sqlalchemy.dialects import postgresql, sqlite
    from sqlalchemy.dialects.postgresql import pg8000

    if dialect == "postgresql":
        made = postgresql.insert(table).on_conflict_do_nothing().compile(dialect=pg8000.dialect())  # type: ignore[no-untyped-call]  # sqlalchemy leaves it untyped
    else:
        made = sqlite.insert(table).on_conflict_do_nothing().compile(dialect=sqlite.dialect())
    before, word, rest = str(made).partition(" VALUES ")
    group, conflict, after = rest.partition(" ON CONFLICT")
    return before + word, group, conflict + after
