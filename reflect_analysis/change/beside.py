"""What change over sessions tells beside the theme table and the other counts of a study.

Who is in a state in a session said one of its codes in one of the texts of that session. So all
that is told of change is told to the one solver (`disclosure.linked`) as what it counts, and
what would give few people back there is withheld, beside what `told` finds in the tables of
change alone.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator
from dataclasses import replace
from functools import cached_property, reduce
from itertools import combinations, product
from operator import and_, or_
from typing import TYPE_CHECKING

from reflect_analysis.change.told import (
    NEVER,
    shown_changes,
    shown_first,
    shown_moves,
    shown_states,
)
from reflect_analysis.disclosure.counts import check_same_k
from reflect_analysis.disclosure.linked import (
    MOST_CODES,
    People,
    ToldRow,
    hidden_beside_themes,
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

__all__ = [
    "EVERYBODY",
    "change_sessions",
    "hidden_beside",
    "narrowed",
    "quiet_codes",
    "told_changes",
]

EVERYBODY = ("people",)
# By what a row is known: its table, and what it tells there.
Key = tuple[str, ...]


def change_sessions(changes: StateChanges) -> dict[str, str]:
    """The session of each text, for `People`."""
    return {d: row.session for row in changes.rows for d in row.document_ids}


def told_changes(
    changes: StateChanges, people: People, *, k: int, only_usual: bool = True
) -> Iterator[ToldRow]:
    """What the tables of change would tell, as far as none is hidden for their own counts.

    Each says of how many people it tells, so that none stands where that number is withheld.

    Parameters
    ----------
    changes : StateChanges
    people : People
        With the reflections of the same study and `change_sessions`.
    k : int
        At least 3.
    only_usual : bool
        Whether only what a report tells: change between the first session and the last, and the
        first session of the second state. Otherwise all that can be asked for comes after it.
    """
    if _few_undated(changes, k):
        return
    there = _There(changes, people)
    for key, cells in _told(changes, there, k, only_usual=only_usual):
        everybody = key == EVERYBODY
        parts, secrets = (there.parts, there.ways) if everybody else ((), ())
        yield ToldRow(key, (there.dated, *cells), parts, secrets)


def quiet_codes(changes: StateChanges, *, k: int) -> frozenset[str]:
    """The codes whose reflections a theme table must hide beside tables of change.

    Of people with one text in each of two sessions, the reflections of a code less its
    participants are those who mention it in both: a count that the tables of change may hide.

    Parameters
    ----------
    changes : StateChanges
    k : int
        At least 3.
    """
    texts = changes.texts
    if texts is None or texts.kind != "reflection":
        return frozenset()
    people = People(texts, sessions=change_sessions(changes))
    there = _There(changes, people)
    shown, _ = theme_codes(texts, k=k)
    parts = {code: (people.part([code]), people.texts_part([code])) for code in texts.codes}
    # Not one that follows from the participants of the theme table: it stays whatever follows.
    known = [
        ToldRow(code, (read, reads, *([said] if code in shown else ())))
        for code, ((said, read), (_, reads)) in parts.items()
    ]
    secrets = (*there.ways, *(units for units, _ in there.parts))
    everybody = ToldRow(EVERYBODY, (people.everyone(), there.dated), secrets=secrets)
    rows = [ToldRow(code, (parts[code][1][0],)) for code in texts.codes if code in shown]
    return frozenset(map(str, hidden_rows(people, rows, fixed=(everybody, *known), k=k)))


def _told(
    changes: StateChanges, there: _There, k: int, *, only_usual: bool
) -> Iterator[tuple[Key, tuple[Flags, ...]]]:
    yield EVERYBODY, ()
    for (name, session), n in shown_states(changes, k=k).items():
        if n is not None:
            yield ("state", name, session), (there.at[name, session],)
    first, second = changes.states
    for each in list(_spans(changes))[:1]:
        yield from _told_between(changes, there, k, each)
    for one, start, other, end in shown_moves(changes, k=k):
        moved = there.at[start, one] & there.at[end, other]
        yield ("move", one, start, other, end), (moved,)
    yield from _told_first(changes, there, k, second)
    if not only_usual:
        yield from _told_first(changes, there, k, first)
        for each in list(_spans(changes))[1:]:
            yield from _told_between(changes, there, k, each)


def _spans(changes: StateChanges) -> Iterator[tuple[str, str]]:
    """Every two sessions in their order: the first and the last, then the others."""
    pairs = list(combinations(changes.sessions, 2))
    return iter(sorted(pairs, key=lambda each: each != _ends(changes)))


def _told_between(
    changes: StateChanges, there: _There, k: int, between: tuple[str, str]
) -> Iterator[tuple[Key, tuple[Flags, ...]]]:
    for row in shown_changes(changes, changes.changed(*between), k=k):
        yield ("changed", row.state, row.first, row.last), tuple(there.changed(row))


def _told_first(
    changes: StateChanges, there: _There, k: int, state: str
) -> Iterator[tuple[Key, tuple[Flags, ...]]]:
    firsts = there.firsts(state)
    for name, n in shown_first(changes, state, k=k).items():
        if n is not None:
            yield ("first", state, name), (firsts[name],)


def hidden_beside(
    changes: StateChanges,
    *,
    k: int,
    state: str = "",
    between: tuple[str, str] | None = None,
) -> frozenset[Hashable]:
    """What must be withheld: as a report found it, or beside a theme table of the same texts.

    Of what a report did not tell nothing may be told beside it. Outside a report all that can be
    asked for is held against one another, what a report would tell first, so that nothing
    depends on what else was asked.

    Parameters
    ----------
    changes : StateChanges
    k : int
        At least 3.
    state : str
        Whose first session is asked for; by default the second one.
    between : (str, str), optional
        The sessions between which change is asked for; by default the first and the last.

    Raises
    ------
    ValueError
        If a report found what must be withheld for another `k`.
    """
    asked = state or tuple(changes.states)[1], between or _ends(changes)
    found = _hidden(changes, k, asked)
    if EVERYBODY in found or _few_undated(changes, k):
        return found | set(_all_keys(changes, k, asked))
    return found | set(_given_back(changes, k, found, asked[0]))


def _given_back(
    changes: StateChanges, k: int, hidden: frozenset[Hashable], state: str
) -> Iterator[Hashable]:
    """The rest of a column whose hidden counts are noughts: its total would give these back."""
    told, counts = shown_states(changes, k=k), changes.counts()
    columns = [
        {
            ("state", n, s): (told[n, s], int(counts[s].tolist()[place]))
            for place, n in enumerate(changes.names)
        }
        for s in changes.sessions
    ]
    first = changes.first_counts(state)
    columns.append(
        {("first", state, n): (v, first[n]) for n, v in shown_first(changes, state, k=k).items()}
    )
    for column in columns:
        out = [n for key, (shown, n) in column.items() if shown is None or key in hidden]
        if out and not sum(out):
            yield from column


def _few_undated(changes: StateChanges, k: int) -> bool:
    """Whether few of the study have no text with a session: the theme table tells of everybody."""
    units = changes.texts.units if changes.texts else ()
    known = {unit.case_id for unit in units if unit.case_id}
    return 0 < len(known.difference(changes.participants)) < k


def _all_keys(
    changes: StateChanges, k: int, asked: tuple[str, tuple[str, str]]
) -> Iterator[Hashable]:
    """All that is told of how many people, where that may not be told."""
    yield EVERYBODY
    yield from (("state", *each) for each in product(changes.names, changes.sessions))
    yield from (("move", *move) for move in shown_moves(changes, k=k))
    yield from _first_keys(changes, asked[0])
    yield from _changed_keys(changes, asked[1])


def _hidden(
    changes: StateChanges, k: int, asked: tuple[str, tuple[str, str]]
) -> frozenset[Hashable]:
    usual = tuple(changes.states)[1]
    if changes.withheld is not None:
        check_same_k(k, changes.withheld_at, asked="state_changes")
        wanted = _first_keys(changes, asked[0]) | _changed_keys(changes, asked[1])
        told = _first_keys(changes, usual) | _changed_keys(changes, _ends(changes))
        return changes.withheld | (wanted - told)
    if changes.texts is None:
        return frozenset()
    only_usual = asked == (usual, _ends(changes))
    if (k, only_usual) not in changes.hidden_before:
        changes.hidden_before[k, only_usual] = _solved(changes, k, only_usual=only_usual)
    hidden = changes.hidden_before[k, only_usual]
    return hidden | _turned(hidden, asked[1])


def _turned(hidden: frozenset[Hashable], between: tuple[str, str]) -> frozenset[Hashable]:
    """Change that is asked for backwards: the same counts as forwards."""
    found = (each for each in hidden if isinstance(each, tuple) and each[0] == "changed")
    turned = ((each[0], each[1], each[3], each[2]) for each in found)
    return frozenset(each for each in turned if each[2:] == between)


def _ends(changes: StateChanges) -> tuple[str, str]:
    return changes.sessions[0], changes.sessions[-1]


def _first_keys(changes: StateChanges, state: str) -> set[Hashable]:
    return {("first", state, name) for name in changes.first_counts(state)}


def _changed_keys(changes: StateChanges, between: tuple[str, str]) -> set[Hashable]:
    return {("changed", state, *between) for state in changes.states}


def _solved(changes: StateChanges, k: int, *, only_usual: bool) -> frozenset[Hashable]:
    texts = changes.texts
    if texts is None:
        return frozenset()
    sessions = len(changes.sessions)
    # As many are imagined for the usual tables as for all, so that both say the same.
    counts = (14 + 4 * sessions) * sessions + len(shown_moves(changes, k=k)) + 4 * len(texts.codes)
    people = People(texts, imagined=imagined_for(counts), sessions=change_sessions(changes))
    told = told_changes(changes, people, k=k, only_usual=only_usual)
    found = hidden_beside_themes(people, told, k=k)
    return found | narrowed(changes, found, k=k, only_usual=only_usual)


def narrowed(
    changes: StateChanges,
    hidden: Collection[Hashable],
    *,
    k: int,
    quiet: Collection[str] = (),
    only_usual: bool = True,
) -> frozenset[Hashable]:
    """What must be withheld as well, because few values of a hidden count stay possible.

    Of many codes the whole study is not tried (`disclosure.linked.worlds`); here it is tried for
    the codes of the states alone, beside their rows of the theme table.

    Parameters
    ----------
    changes : StateChanges
    hidden : collection
        What is withheld already.
    k : int
        At least 3.
    quiet : collection of str
        As in `told_themes`.
    only_usual : bool
        As in `told_changes`.
    """
    texts = changes.texts
    codes = {code for each in changes.states.values() for code in each}
    if texts is None or len(texts.codes) <= MOST_CODES or len(codes) > MOST_CODES:
        return frozenset()  # it was tried as a whole, or cannot be
    shown, closed = theme_codes(texts, k=k)
    places = [place for place, code in enumerate(texts.codes) if code in codes]
    few = tuple(texts.codes[place] for place in places)
    part = replace(texts, passages=texts.passages[:, places], codes=few)
    people = People(part, sessions=change_sessions(changes))
    told = [
        replace(row, cells=(), secrets=(*row.secrets, *row.cells)) if row.key in hidden else row
        for row in told_changes(changes, people, k=k, only_usual=only_usual)
    ]
    themes = told_themes(people, shown & codes, quiet=quiet)
    return hidden_rows(people, told, fixed=themes, closed=closed & codes, k=k)


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

    @cached_property
    def ways(self) -> tuple[Flags, ...]:
        """Who moved which way between two sessions, of which no few may follow from anything."""
        rows = (row for each in _spans(self.changes) for row in self.changes.changed(*each))
        return tuple(units for row in rows for units in self.changed(row))

    @property
    def parts(self) -> tuple[tuple[Flags, Flags], ...]:
        """Of which no few may follow, alone or two by two: states, first sessions, all mentions."""
        alone = [*self.at.values()]
        alone += [each for state in self.changes.states for each in self.firsts(state).values()]
        ever = [self.people.part(codes) for codes in self.changes.states.values()]
        # Beside the theme table it tells of those who have no text with a session.
        dated = self.dated, self.people.everyone()
        return (*((each, self.dated) for each in alone), *ever, dated)
