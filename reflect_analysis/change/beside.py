"""What change over sessions tells beside the theme table and the other counts of a study.

Who is in a state in a session said one of its codes in one of the texts of that session. So all
that is told of change is told to the one solver (`disclosure.differences`) as what it counts, and
what would give few people back there is withheld, beside what `told` finds in the tables of
change alone.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from functools import cached_property, reduce
from itertools import product
from operator import and_, or_
from typing import TYPE_CHECKING

from reflect_analysis.change.told import (
    NEVER,
    shown_changes,
    shown_first,
    shown_moves,
    shown_states,
)
from reflect_analysis.disclosure.differences import (
    People,
    ToldRow,
    hidden_rows,
    imagined_for,
    theme_codes,
    told_themes,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from reflect_analysis.change.values import Changed, StateChanges

    Flags = npt.NDArray[np.bool_]

__all__ = ["EVERYBODY", "change_sessions", "hidden_beside", "told_changes"]

EVERYBODY = ("people",)
# By what a row is known: its table, and what it tells there.
Key = tuple[str, ...]


def change_sessions(changes: StateChanges) -> dict[str, str]:
    """The session of each text, for `People`."""
    return {d: row.session for row in changes.rows for d in row.document_ids}


def told_changes(
    changes: StateChanges,
    people: People,
    *,
    k: int,
    state: str = "",
    between: tuple[str, str] | None = None,
) -> Iterator[ToldRow]:
    """What the tables of change would tell, as far as none is hidden for their own counts.

    Parameters
    ----------
    changes : StateChanges
    people : People
        With the reflections of the same study and `change_sessions`.
    k : int
        At least 3.
    state : str
        Whose first session is told; by default the second one.
    between : (str, str), optional
        Two sessions between which change is told; by default the first and the last.
    """
    there, wanted = _There(changes, people), state or tuple(changes.states)[1]
    yield ToldRow(EVERYBODY, (there.dated,), there.parts)
    for (name, session), n in shown_states(changes, k=k).items():
        if n is not None:
            yield ToldRow(("state", name, session), (there.at[name, session],))
    for row in shown_changes(changes, _pairs(changes, between), k=k):
        yield ToldRow(_changed(row), tuple(there.changed(row)))
    for first, start, last, end in shown_moves(changes, k=k):
        moved = there.at[start, first] & there.at[end, last]
        yield ToldRow(("move", first, start, last, end), (moved,))
    firsts = there.firsts(wanted)
    for name, n in shown_first(changes, wanted, k=k).items():
        if n is not None:
            yield ToldRow(("first", wanted, name), (firsts[name],))


def _pairs(changes: StateChanges, between: tuple[str, str] | None) -> tuple[Changed, ...]:
    return changes.changed(*(between or ())) if len(changes.sessions) > 1 else ()


def _changed(row: Changed) -> Key:
    return "changed", row.state, row.first, row.last


def hidden_beside(
    changes: StateChanges,
    *,
    k: int,
    state: str = "",
    between: tuple[str, str] | None = None,
) -> frozenset[Hashable]:
    """What must be withheld: as a report found it, or beside a theme table of the same texts.

    Of what a report did not tell nothing may be told beside it.

    Parameters
    ----------
    changes, k, state, between
        As in `told_changes`.
    """
    usual = (state or tuple(changes.states)[1], between or _ends(changes))
    if changes.withheld is not None:
        asked = _first_keys(changes, usual[0]) | _changed_keys(changes, usual[1])
        told = _first_keys(changes, tuple(changes.states)[1])
        return changes.withheld | (asked - told - _changed_keys(changes, _ends(changes)))
    if changes.texts is None:
        return frozenset()
    if (usual, k) not in changes.hidden_before:
        changes.hidden_before[usual, k] = _solved(changes, k, usual)
    return changes.hidden_before[usual, k]


def _ends(changes: StateChanges) -> tuple[str, str]:
    return changes.sessions[0], changes.sessions[-1]


def _first_keys(changes: StateChanges, state: str) -> set[Hashable]:
    return {("first", state, name) for name in changes.first_counts(state)}


def _changed_keys(changes: StateChanges, between: tuple[str, str]) -> set[Hashable]:
    return {("changed", state, *between) for state in changes.states}


def _solved(
    changes: StateChanges, k: int, asked: tuple[str, tuple[str, str]]
) -> frozenset[Hashable]:
    texts = changes.texts
    if texts is None:
        return frozenset()
    sessions = len(changes.sessions)
    counts = 12 * sessions + len(shown_moves(changes, k=k)) + 4 * len(texts.codes)
    people = People(texts, imagined=imagined_for(counts), sessions=change_sessions(changes))
    shown, closed = theme_codes(texts, k=k)
    told = told_changes(changes, people, k=k, state=asked[0], between=asked[1])
    return hidden_rows(people, told, fixed=told_themes(people, shown), closed=closed, k=k)


class _There:
    """Who is in which state in which session, the imagined and the study's persons."""

    def __init__(self, changes: StateChanges, people: People) -> None:
        self.changes, self.people = changes, people
        codes = [code for each in changes.states.values() for code in each]
        self.read: Flags = reduce(and_, (people.texts_read([code]) for code in codes))

    @cached_property
    def dated(self) -> Flags:
        """Who has a text in any session."""
        found: Flags = reduce(or_, (self.people.texts_in(s) for s in self.changes.sessions))
        return self.people.speakers(found)

    @cached_property
    def at(self) -> dict[tuple[str, str], Flags]:
        """By state and session."""
        return {
            (name, session): found
            for session in self.changes.sessions
            for name, found in self._states(session).items()
        }

    def _states(self, session: str) -> dict[str, Flags]:
        speakers, texts = self.people.speakers, self.people.texts_in(session)
        wrote, read = speakers(texts), speakers(texts & self.read)
        one, other = (
            speakers(texts & self.read & self.people.texts_said(codes))
            for codes in self.changes.states.values()
        )
        found = (one & ~other, one & other, other & ~one, read & ~one & ~other, wrote & ~read)
        return dict(zip(self.changes.names, (*found, self.dated & ~wrote), strict=True))

    def mentioned(self, state: str, session: str) -> Flags:
        """Who mentions a state in a session, the other one beside it or not."""
        both = self.changes.names[1]
        found: Flags = self.at[state, session] | self.at[both, session]
        return found

    def firsts(self, state: str) -> dict[str, Flags]:
        """Who first mentions a state in which session, or in none, or was never read."""
        names, left = self.changes.names, self.dated
        found: dict[str, Flags] = {}
        for session in self.changes.sessions:
            found[session] = left & self.mentioned(state, session)
            left = left & ~found[session]
        silent = [
            self.at[names[4], session] | self.at[names[5], session]
            for session in self.changes.sessions
        ]
        unread = reduce(and_, silent)
        return {**found, NEVER: left & ~unread, names[4]: left & unread}

    def changed(self, row: Changed) -> Iterator[Flags]:
        """The four counts of a row of changes."""
        before, after = (self._sides(row.state, session) for session in (row.first, row.last))
        for one, other in product(before, after):
            yield one & other

    def _sides(self, state: str, session: str) -> tuple[Flags, Flags]:
        """Who was read in a session and mentions a state, and who does not."""
        names, mentioned = self.changes.names, self.mentioned(state, session)
        read = reduce(or_, (self.at[name, session] for name in names[:4]))
        return mentioned, read & ~mentioned

    @property
    def parts(self) -> tuple[tuple[Flags, Flags], ...]:
        """Of which no few may follow, alone or two by two: states, first sessions, all mentions."""
        alone = [*self.at.values()]
        alone += [each for state in self.changes.states for each in self.firsts(state).values()]
        ever = [self.people.part(codes) for codes in self.changes.states.values()]
        return (*((each, self.dated) for each in alone), *ever)
