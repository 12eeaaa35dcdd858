"""The log of events: what holds, what was undone, and what may be undone next.

An undo is an event that names another; a redo is an undo of an undo. Which events hold follows
from the set of events alone, so that copies of a project that were joined in any order agree.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from reflect_analysis.errors import ProjectError
from reflect_analysis.project import schema
from reflect_analysis.project.entries import Event, event_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = [
    "DESK",
    "event_of_id",
    "find_event",
    "last_event_of",
    "next_redo",
    "next_undo",
    "read_events",
    "read_events_after",
    "undoable",
    "undone",
    "undone_in",
]

# What no undo takes back: a withdrawal is for ever, and a merge is the others' work.
LASTING = frozenset(
    {
        "create",
        "withdraw",
        "merge",
        "import",
        "export",
        "backup",
        "restore",
        "purge",
        "draw",
        "show",
    }
)

_ASKED_SINGLY = 5_000  # for more events than these, all undos are read at once
_PARAMETERS = 1_000  # of one statement; SQLite takes 32,766
_PAGE = 50


def read_events(connection: Connection) -> tuple[Event, ...]:
    """All events, oldest first."""
    from sqlalchemy import select

    table = schema.events
    found = connection.execute(select(table).order_by(table.c.at, table.c.id))
    names = tuple(found.keys())
    return tuple(event_of(dict(zip(names, row, strict=True))) for row in found)


def read_events_after(
    connection: Connection, at: str, by: str | None = None, action: str | None = None
) -> tuple[Event, ...]:
    """The events after a time, oldest first, of all or of one person or kind."""
    from sqlalchemy import select

    table = schema.events
    asked = select(table).where(table.c.at > at).order_by(table.c.at, table.c.id)
    if by is not None:
        asked = asked.where(table.c.by == by)
    if action is not None:
        asked = asked.where(table.c.action == action)
    return tuple(event_of(dict(row)) for row in connection.execute(asked).mappings())


def undone_in(connection: Connection, among: Collection[str] | None = None) -> frozenset[str]:
    """Ids of the events that do not hold, of all or among some.

    A view of one document asks for the few events that wrote it: their undos, the undos of
    these, and so on, each level by one query over an index.
    """
    if among is None or len(among) > _ASKED_SINGLY:
        return undone(_pairs(connection))
    pairs: dict[str, str] = {}
    asking = sorted(among)
    while asking:
        found = dict(_pairs(connection, asking))
        asking = sorted(found.keys() - pairs.keys())
        pairs |= found
    return undone(pairs.items())


def _pairs(
    connection: Connection, targets: Sequence[str] | None = None
) -> Iterator[tuple[str, str]]:
    """The events that undo another, each with what it undoes: all, or those of some targets."""
    from sqlalchemy import select

    table = schema.events
    asked = select(table.c.id, table.c.undoes).where(table.c.undoes.is_not(None))
    if targets is None:
        yield from ((row.id, row.undoes) for row in connection.execute(asked))
        return
    for first in range(0, len(targets), _PARAMETERS):
        part = targets[first : first + _PARAMETERS]
        found = connection.execute(asked.where(table.c.undoes.in_(part)))
        yield from ((row.id, row.undoes) for row in found)


def undone(pairs: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Ids of the events that do not hold, from (event, what it undoes).

    An event is undone while one of the events that undo it holds.

    Examples
    --------
    >>> sorted(undone([("u", "a"), ("r", "u"), ("v", "b")]))
    ['b', 'u']
    """
    by_target: dict[str, list[str]] = {}
    for event_id, target in pairs:
        by_target.setdefault(target, []).append(event_id)
    holds: dict[str, bool] = {}
    # An event is judged after those that undo it; without recursion, for a long chain of redos.
    for start in by_target:
        stack = [start]
        while stack:
            here = stack[-1]
            waiting = [each for each in by_target.get(here, ()) if each not in holds]
            if waiting:
                stack += waiting
            else:
                holds[here] = not any(holds[each] for each in by_target.get(here, ()))
                stack.pop()
    return frozenset(event_id for event_id, held in holds.items() if not held)


# What a coder does at the desk; there an undo takes back nothing else.
DESK = frozenset({"record", "codebook"})


def next_undo(connection: Connection, by: str, among: Collection[str] | None = None) -> Event:
    """The latest event of a person that holds and is no undo.

    Parameters
    ----------
    connection : Connection
    by : str
    among : collection of str, optional
        Only of these actions.

    Raises
    ------
    ProjectError
        If there is none.
    """
    for event, gone in _backwards(connection, by):
        if not event.undoes and not gone and _may_go(event) and _is_one(event, among):
            return event
    raise ProjectError(f"nothing to undo for {by!r}")


def next_redo(connection: Connection, by: str, among: Collection[str] | None = None) -> Event:
    """The latest undo of a person that holds, if nothing new was done since.

    Parameters
    ----------
    connection : Connection
    by : str
    among : collection of str, optional
        Only what undid one of these actions.

    Raises
    ------
    ProjectError
        If there is none.
    """
    for event, gone in _backwards(connection, by):
        if gone:
            continue
        if event.undoes and _redoable(connection, event, among):
            return event
        if not event.undoes and _may_go(event):
            break
    raise ProjectError(f"nothing to redo for {by!r}")


def undoable(connection: Connection, event_id: str) -> Event:
    """The event of an id, if it may be undone.

    Raises
    ------
    ProjectError
        If there is none, it is undone already, or it is one that no undo takes back.
    """
    found = event_of_id(connection, event_id) if event_id else None
    if found is None:
        raise ProjectError(f"no event {event_id!r} in the log; see reflect-analysis log")
    if not _may_go(found):
        raise ProjectError(f"a {found.action} cannot be undone")
    if found.id in undone_in(connection, [found.id]):
        raise ProjectError(f"event {event_id!r} is undone already")
    return found


def _backwards(connection: Connection, by: str) -> Iterator[tuple[Event, bool]]:
    """The events of a person, latest first, each with whether it was undone; a few at a time."""
    from sqlalchemy import select, tuple_

    table = schema.events
    asked = select(table).where(table.c.by == by)
    asked = asked.order_by(table.c.at.desc(), table.c.id.desc()).limit(_PAGE)
    here = asked
    while rows := connection.execute(here).mappings().all():
        gone = undone_in(connection, [row["id"] for row in rows])
        for row in rows:
            yield event_of(dict(row)), row["id"] in gone
        here = asked.where(tuple_(table.c.at, table.c.id) < (rows[-1]["at"], rows[-1]["id"]))


def find_event(connection: Connection, beginning: str) -> Event:
    """The event whose id begins so.

    Raises
    ------
    ProjectError
        If there is none, or more than one.
    """
    from sqlalchemy import select

    table = schema.events
    asked = select(table).where(table.c.id.startswith(beginning, autoescape=True)).limit(2)
    rows = connection.execute(asked).mappings().all()
    if not rows or not beginning:
        raise ProjectError(f"no event {beginning!r} in the log; see reflect-analysis log")
    if len(rows) > 1:
        raise ProjectError(f"several events begin with {beginning!r}; give more of the id")
    return event_of(dict(rows[0]))


def event_of_id(connection: Connection, event_id: str) -> Event | None:
    """The event of an id, if there is one."""
    from sqlalchemy import select

    asked = select(schema.events).where(schema.events.c.id == event_id)
    row = connection.execute(asked).mappings().first()
    return None if row is None else event_of(dict(row))


def last_event_of(connection: Connection, by: str) -> Event | None:
    """The latest event of a person."""
    from sqlalchemy import select

    table = schema.events
    asked = select(table).where(table.c.by == by)
    asked = asked.order_by(table.c.at.desc(), table.c.id.desc()).limit(1)
    row = connection.execute(asked).mappings().first()
    return None if row is None else event_of(dict(row))


def _may_go(event: Event) -> bool:
    return event.action not in LASTING


def _is_one(event: Event, among: Collection[str] | None) -> bool:
    return among is None or event.action in among


def _redoable(connection: Connection, event: Event, among: Collection[str] | None) -> bool:
    """Whether an undo may be undone: it is no redo itself, and of what is asked for."""
    target = event_of_id(connection, event.undoes or "")
    return target is None or (target.undoes is None and _is_one(target, among))
