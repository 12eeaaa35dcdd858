"""Change over sessions, as it may be sent: counts of people, never a person's path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reflect_analysis.change import Changed, StateChanges
from reflect_analysis.disclosure import ReleasedCell, count_note
from reflect_analysis.disclosure.counts import HIDDEN
from reflect_analysis.disclosure.said import protect_row
from reflect_analysis.tables.values import Cell, Column, Of, Table

__all__ = ["changed_table", "states_table"]


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
        note=f"{_about(changes)} {count_note(k)}",
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
            yield ReleasedCell(name, (("session", session),), n, n, people)


def _about(changes: StateChanges) -> str:
    codes = "; ".join(f"{name}: {', '.join(ids)}" for name, ids in changes.states.items())
    return (
        f"N = {len(changes.participants)} participants with a text in any session; {codes}. "
        f"Design: {changes.design}. {' '.join(changes.caveats)}"
    )


def changed_table(
    changes: StateChanges, first: str = "", last: str = "", *, k: int = 5, number: int = 1
) -> Table:
    """Who moved which way between two sessions, both ways and not only net.

    A row is hidden as a whole where one of its four counts is 1 to `k` − 1 people: they add up
    to the participants who were read in both sessions.

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
    rows = changes.changed(first, last)
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
        rows=tuple(_cells(row, k) for row in rows),
        number=number,
        note=f"McNemar’s test on those who changed. {_about(changes)} {count_note(k)}",
        draft=changes.draft,
        released=tuple(_told(row, k) for row in rows),
    )


def _counts(row: Changed) -> tuple[int, ...]:
    return row.kept, row.gained, row.lost, row.never


def _hides(row: Changed, k: int) -> bool:
    return any(protect_row(_counts(row), [row.paired] * 4, k).cells)


def _cells(row: Changed, k: int) -> tuple[Cell, ...]:
    if _hides(row, k):
        return (row.state, *(HIDDEN,) * 6)
    return (row.state, *(Of(n, row.paired) for n in _counts(row)), row.exact, row.mid_p)


def _told(row: Changed, k: int) -> tuple[ReleasedCell, ...]:
    if _hides(row, k):
        return ()
    where = ("first", row.first), ("last", row.last)
    named = zip(("kept", "gained", "lost", "never"), _counts(row), strict=True)
    return tuple(
        ReleasedCell(row.state, (*where, ("way", way)), n, n, row.paired) for way, n in named
    )
