"""Change over sessions, as it may be sent: counts of people, never a person's path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reflect_analysis.change import Changed, StateChanges
from reflect_analysis.disclosure import ReleasedCell, count_note
from reflect_analysis.disclosure.counts import HIDDEN
from reflect_analysis.errors import counted
from reflect_analysis.tables.values import Cell, Column, Of, Table

__all__ = ["changed_table", "first_session_table", "states_table"]


def states_table(changes: StateChanges, *, k: int = 5, number: int = 1) -> Table:
    """Participants in each state in each session.

    Which counts are hidden stands at `StateChanges.shown`.

    Parameters
    ----------
    changes : StateChanges
    k : int
        Counts of persons below `k` are hidden; at least 3.
    number : int
        As in "Table 1".

    Returns
    -------
    Table
    """
    people, told = len(changes.participants), changes.shown(k=k)
    return Table(
        title="Participants in each state, by session",
        columns=(
            Column("State"),
            *(Column(f"Session {session}", "number") for session in changes.sessions),
        ),
        rows=tuple(
            (name, *(_cell(told[name, session], people) for session in changes.sessions))
            for name in changes.names
        ),
        number=number,
        note=f"{_about(changes, k)} {count_note(k)}",
        draft=changes.draft,
        released=tuple(tuple(_counts_told(name, changes, told)) for name in changes.names),
    )


def _cell(n: int | None, people: int) -> Cell:
    return HIDDEN if n is None else Of(n, people)


def _counts_told(
    name: str, changes: StateChanges, told: Mapping[tuple[str, str], int | None]
) -> Iterator[ReleasedCell]:
    """What a row tells: the counts that are printed."""
    people = len(changes.participants)
    for session in changes.sessions:
        n = told[name, session]
        if n is not None:
            yield ReleasedCell(_what(name), (("session", session),), n, n, people)


def _about(changes: StateChanges, k: int) -> str:
    codes = "; ".join(f"{name}: {', '.join(ids)}" for name, ids in changes.states.items())
    return (
        f"{_of_how_many(changes, k)}; {codes}. "
        f"Design: {changes.design}. {' '.join(changes.caveats)}"
    )


def _of_how_many(changes: StateChanges, k: int) -> str:
    people = changes.shown_people(k=k)
    told = HIDDEN if people is None else counted(people, "participant")
    return f"N = {told} with a text in any session"


def changed_table(
    changes: StateChanges, first: str = "", last: str = "", *, k: int = 5, number: int = 1
) -> Table:
    """Who moved which way between two sessions, both ways and not only net.

    A row is hidden as a whole where one of its four counts is 1 to `k` − 1 people, as they add
    up to the participants who were read in both sessions, and where such a count follows beside
    the table of states (`StateChanges.shown_changed`).

    Parameters
    ----------
    changes : StateChanges
    first, last : str
        Sessions; by default the first and the last.
    k : int
        At least 3.
    number : int
        As in "Table 1".

    Returns
    -------
    Table

    Raises
    ------
    ValueError
        If a session is unknown, or there is only one.
    """
    rows, shown = changes.changed(first, last), changes.shown_changed(first, last, k=k)
    names = ("Mentioned in both", "Only in the last", "Only in the first", "In neither")
    columns = (
        Column("State"),
        *(Column(name, "number") for name in names),
        Column("Exact p", "number", 3),
        Column("Mid-p", "number", 3),
    )
    between = f"session {rows[0].first} and session {rows[0].last}"
    return Table(
        title=f"Participants who mentioned each state in {between}",
        columns=columns,
        rows=tuple(_cells(row, hidden=row not in shown) for row in rows),
        number=number,
        note=f"McNemar’s test on those who changed. {_about(changes, k)} {count_note(k)}",
        draft=changes.draft,
        released=tuple(_told(row) if row in shown else () for row in rows),
    )


def first_session_table(
    changes: StateChanges, state: str = "", *, k: int = 5, number: int = 1
) -> Table:
    """Participants by the first session in which they mention a state, such as recovery.

    Which counts are hidden stands at `StateChanges.shown_first`.

    Parameters
    ----------
    changes : StateChanges
    state : str
        By default the second one.
    k : int
        At least 3.
    number : int
        As in "Table 1".

    Returns
    -------
    Table

    Raises
    ------
    ValueError
        If the state is unknown.
    """
    people, told = len(changes.participants), changes.shown_first(state, k=k)
    wanted = state or tuple(changes.states)[1]
    what = f"{_what(wanted)}, first"
    return Table(
        title=f"The first session in which participants mentioned {wanted}",
        columns=(Column("First mentioned in"), Column("Participants", "number")),
        rows=tuple((_place(name, changes), _cell(n, people)) for name, n in told.items()),
        number=number,
        note=(
            f"{_of_how_many(changes, k)}; each counts once. "
            f"Who has no text in an earlier session may have mentioned it then. {count_note(k)}"
        ),
        draft=changes.draft,
        released=tuple(
            () if n is None else (ReleasedCell(what, (("first session", name),), n, n, people),)
            for name, n in told.items()
        ),
    )


def _place(name: str, changes: StateChanges) -> str:
    return f"Session {name}" if name in changes.sessions else name.capitalize()


def _counts(row: Changed) -> tuple[int, ...]:
    return row.kept, row.gained, row.lost, row.never


def _cells(row: Changed, *, hidden: bool) -> tuple[Cell, ...]:
    if hidden:
        return (row.state, *(HIDDEN,) * 6)
    return (row.state, *(Of(n, row.paired) for n in _counts(row)), row.exact, row.mid_p)


def _told(row: Changed) -> tuple[ReleasedCell, ...]:
    where = ("first", row.first), ("last", row.last)
    named = zip(("kept", "gained", "lost", "never"), _counts(row), strict=True)
    return tuple(
        ReleasedCell(_what(row.state), (*where, ("way", way)), n, n, row.paired) for way, n in named
    )


def _what(state: str) -> str:
    """How the ledger calls a state: a code may bear the same name, and counts other people."""
    return f"state {state}"
