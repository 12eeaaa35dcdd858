"""What happened in the study that this panel did not do.

A coder may have two panels open, on two computers; others work at the same time. What was kept
since the last look is read from the log of events, which is short.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from reflect_analysis.project.history import DESK

if TYPE_CHECKING:
    from reflect_analysis.project import Event, Project

__all__ = ["Watch"]

# Another process may write down a little later what it did a little earlier.
_SLACK = timedelta(seconds=30)
_ABOUT = "panel"
_AT_A_DESK = DESK | {"undo", "redo"}
# What changes neither the texts, nor the codebook, nor who reads what. Another coder's decisions
# are seen when a document is opened.
_QUIET = frozenset({"record", "draw", "backup", "export"})

# What there is: a change of the study, the coder's own work elsewhere, or nothing.
News = Literal["study", "own", ""]


class Watch:
    """Follows the events of a study.

    Parameters
    ----------
    project : Project
    coder : str
        Whose own work elsewhere is looked for.
    """

    def __init__(self, project: Project, coder: str) -> None:
        self._project = project
        self._coder = coder
        self._since = project.stamp()
        self._known: set[str] = set()
        self._mine: dict[str, str] = {}  # the session of each event that was asked for here
        self._news: dict[str, bool] = {}  # whether a session lacks something
        self._last: dict[str, str] = {}
        for event in self._found(self._since):
            self._known.add(event.id)

    def greet(self, session: str) -> None:
        """A session that knows all that there is."""
        self._news[session] = False

    def expect(self, event_id: str, session: str) -> None:
        """What a session is about to do is no news to it."""
        self._mine[event_id] = session

    def look(self, session: str, after: str | None) -> News:
        """Learn what happened since the last look.

        Parameters
        ----------
        session : str
        after : str, optional
            The last event of this coder that the page knows.
        """
        if session not in self._news:
            self._news[session] = after is not None and self._missed(session, after)
        found = [event for event in self._found(self._since) if event.id not in self._known]
        others = [event for event in found if event.id not in self._mine]
        for event in found:
            self._known.add(event.id)
            self._since = max(self._since, event.at)
            if event.by == self._coder and event.action in _AT_A_DESK:
                self._tell(event)
        if any(event.action not in _QUIET for event in others):
            return "study"
        return "own" if any(event.by == self._coder for event in others) else ""

    def elsewhere(self, session: str) -> bool:
        """Whether this coder did something elsewhere that a session has not been told; once."""
        found = self._news.get(session, False)
        self._news[session] = False
        return found

    def last(self) -> str | None:
        """The id of the latest event of this coder."""
        return self._project.last_event_of(self._coder)

    def _tell(self, event: Event) -> None:
        whose = self._mine.get(event.id) or _session_of(event)
        for session in self._news:
            if session != whose:
                self._news[session] = True

    def _missed(self, session: str, after: str) -> bool:
        """Whether a page that was away lacks something that this coder did elsewhere."""
        known = self._project.event(after)
        since = known.at if known is not None else ""
        found = self._project.events_after(since, by=self._coder)
        return any(_session_of(event) != session for event in found)

    def _found(self, since: str) -> tuple[Event, ...]:
        at = (datetime.fromisoformat(since) - _SLACK).isoformat(timespec="microseconds")
        return self._project.events_after(at)


def _session_of(event: Event) -> str:
    return str(event.payload.get(_ABOUT, {}).get("session", ""))
