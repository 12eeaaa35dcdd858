"""The clock of an open project: what is done later bears a later time, whatever a clock says.

Of two decisions on one proposal the later holds, and undo takes what was done last. A computer
whose clock is ahead would win over all that comes after it. So a project remembers the latest time
that it knows of, and each stamp is after it: "later" means later in what this file knows.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from reflect_analysis.project import schema

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["Clock", "as_stamp", "last_event", "last_of"]

_STEP = timedelta(microseconds=1)


def as_stamp(at: str) -> str:
    """A time as the log writes it: UTC, to the microsecond; empty if it is none.

    Examples
    --------
    >>> as_stamp("2026-05-01T12:00:00+02:00")
    '2026-05-01T10:00:00.000000+00:00'
    >>> as_stamp("yesterday")
    ''
    """
    try:
        found = datetime.fromisoformat(at)
        told = found if found.tzinfo else found.replace(tzinfo=UTC)
        return told.astimezone(UTC).isoformat(timespec="microseconds")
    except (ValueError, OverflowError):
        return ""


class Clock:
    """Stamps of which each is after all that are known.

    Parameters
    ----------
    last : str
        The latest time that is known.

    Examples
    --------
    >>> Clock("2999-01-01T00:00:00+00:00").stamp()
    '2999-01-01T00:00:00.000001+00:00'
    """

    def __init__(self, last: str = "") -> None:
        self._last = as_stamp(last)
        self._lock = threading.Lock()

    def learn(self, *times: str | None) -> None:
        """Know of times that others stamped."""
        with self._lock:
            self._last = max([self._last, *(as_stamp(each) for each in times if each)])

    def stamp(self) -> str:
        """The time now, or the microsecond after the latest that is known."""
        with self._lock:
            now = datetime.now(UTC).isoformat(timespec="microseconds")
            self._last = now if now > self._last else _after(self._last)
            return self._last


def _after(last: str) -> str:
    return (datetime.fromisoformat(last) + _STEP).isoformat(timespec="microseconds")


def last_event(connection: Connection) -> str:
    """The time of the latest event; empty where there is none."""
    from sqlalchemy import func, select

    return connection.execute(select(func.max(schema.events.c.at))).scalar() or ""


def last_of(connection: Connection, after: Iterable[str] = ()) -> str:
    """The latest time of all events and decisions, and of some more.

    A decision bears a time of its own, which an import, or a version that looked at the clock
    alone, may have set after that of its event.
    """
    from sqlalchemy import func, select

    decided = connection.execute(select(func.max(schema.decisions.c.at))).scalar() or ""
    return max([as_stamp(each) for each in (last_event(connection), decided, *after)], default="")
