"""The log of events: what holds, what was undone, and what may be undone next.

An undo is an event that names another; a redo is an undo of an undo. Which events hold follows
from the set of events alone, so that copies of a project that were joined in any order agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from reflect_analysis.errors import ProjectError
from reflect_analysis.project import schema
from reflect_analysis.project.entries import Event, event_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["next_redo", "next_undo", "read_events", "undoable", "undone", "undone_in"]

# What no undo takes back: a withdrawal is for ever, and a merge is the others' work.
LASTING = frozenset({"create", "withdraw", "merge", "import", "export", "backup", "restore"})


def read_events(connection: Connection) -> tuple[Event, ...]:
    """All events, oldest first."""
    from sqlalchemy import select

    table = schema.events
    rows = connection.execute(select(table).order_by(table.c.at, table.c.id)).mappings()
    return tuple(event_of(dict(row)) for row in rows)


def undone_in(connection: Connection) -> frozenset[str]:
    """Ids of the events that do not hold."""
    from sqlalchemy import select

    table = schema.events
    asked = select(table.c.id, table.c.undoes).where(table.c.undoes.is_not(None))
    return undone((row.id, row.undoes) for row in connection.execute(asked))


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


def next_undo(events: Sequence[Event], by: str) -> Event:
    """The latest event of a person that holds and is no undo.

    Raises
    ------
    ProjectError
        If there is none.
    """
    gone = undone((e.id, e.undoes) for e in events if e.undoes)
    for event in reversed(events):
        if event.by == by and not event.undoes and event.id not in gone and _may_go(event):
            return event
    raise ProjectError(f"nothing to undo for {by!r}")


def next_redo(events: Sequence[Event], by: str) -> Event:
    """The latest undo of a person that holds, if nothing new was done since.

    Raises
    ------
    ProjectError
        If there is none.
    """
    gone = undone((e.id, e.undoes) for e in events if e.undoes)
    by_id = {event.id: event for event in events}
    for event in reversed(events):
        if event.by != by or event.id in gone:
            continue
        if event.undoes and not _undoes_an_undo(event, by_id):
            return event
        if not event.undoes and _may_go(event):
            break
    raise ProjectError(f"nothing to redo for {by!r}")


def undoable(events: Sequence[Event], event_id: str) -> Event:
    """The event of an id, if it may be undone.

    Raises
    ------
    ProjectError
        If there is none, it is undone already, or it is one that no undo takes back.
    """
    found = next((event for event in events if event.id == event_id), None)
    if found is None:
        raise ProjectError(f"no event {event_id!r} in the log; see reflect-analysis log")
    if not _may_go(found):
        raise ProjectError(f"a {found.action} cannot be undone")
    if found.id in undone((e.id, e.undoes) for e in events if e.undoes):
        raise ProjectError(f"event {event_id!r} is undone already")
    return found


def _may_go(event: Event) -> bool:
    return event.action not in LASTING


def _undoes_an_undo(event: Event, by_id: dict[str, Event]) -> bool:
    target = by_id.get(event.undoes or "")
    return target is not None and target.undoes is not None
