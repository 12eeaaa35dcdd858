"""What may be told of change beside the other counts of the same people.

The states of each session, who changed between two, the flows between them and the first session
in which somebody mentions a state are counts of the same people. Each hides what is small in
itself; together they could still give a count of few back. So flows and first sessions are held
against all that is told before them: over every path that a person could take, a number follows
where it is a sum and difference of what is told. What would let one of few follow is not told.

Not here: bounds across tables. That a hidden count lies in few values is judged in its own row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations, pairwise, product
from math import prod
from typing import TYPE_CHECKING

from reflect_analysis.disclosure import HIDDEN, suppress_table
from reflect_analysis.disclosure.counts import check_k
from reflect_analysis.disclosure.said import protect_row

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from reflect_analysis.change.values import Changed, StateChanges

    Flags = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]
    Words = npt.NDArray[np.str_]

__all__ = [
    "NEVER",
    "Move",
    "first_counts",
    "shown_changes",
    "shown_first",
    "shown_moves",
    "shown_states",
]

NEVER = "in no session"
_PATHS = 2000  # of more sessions a sample, in which no sum is another by chance
_SAME = 1e-8  # of its own length, what is left of a count that follows from others

# A session and its state, and the same of the next one.
Move = tuple[str, str, str, str]


def first_counts(changes: StateChanges, state: str) -> dict[str, int]:
    """Participants by the first session in which they mention a state; all of them, each once."""
    from reflect_analysis.change.values import BOTH, NO_TEXT, UNREAD

    found = dict.fromkeys((*changes.sessions, NEVER, UNREAD), 0)
    for path in changes.paths().values():
        at = (s for s, each in zip(changes.sessions, path, strict=True) if each in {state, BOTH})
        silent = UNREAD if {NO_TEXT, UNREAD}.issuperset(path) else NEVER
        found[next(at, silent)] += 1
    return found


def shown_states(changes: StateChanges, *, k: int) -> dict[tuple[str, str], int | None]:
    """The counts of the table of states as they may be told by themselves; `None` if hidden."""
    from reflect_analysis.change.values import NEITHER

    check_k(k)
    counts = changes.counts()
    caps = [len(changes.participants)] * len(changes.names)
    found: dict[tuple[str, str], int | None] = {}
    for session in changes.sessions:
        values = counts[session].tolist()
        hidden = _hidden(values, caps, k, silent=changes.names.index(NEITHER))
        for name, value, hides in zip(changes.names, values, hidden, strict=True):
            found[name, session] = None if hides else int(value)
    return found


def _hidden(values: Sequence[int], caps: Sequence[int], k: int, *, silent: int) -> tuple[bool, ...]:
    """Which counts of a row are hidden; where all are silent none is: that is a nought each."""
    if values[silent] == sum(values) >= k:
        return (False,) * len(values)
    return protect_row(values, caps, k).cells


def shown_first(changes: StateChanges, state: str, *, k: int) -> dict[str, int | None]:
    """The same as they may be told; `None` where one is hidden."""
    check_k(k)
    counts, people = first_counts(changes, state), len(changes.participants)
    silent = list(counts).index(NEVER)
    hidden = _hidden(list(counts.values()), [people] * len(counts), k, silent=silent)
    told = [name for name, hide in zip(counts, hidden, strict=True) if not hide]
    paths = _paths(changes, k, state)
    known = [*paths.tables, *map(paths.move, paths.moves)]
    if paths.give_away(known, [paths.firsts[name] for name in told]):
        told = []
    return {name: n if name in told else None for name, n in counts.items()}


def shown_changes(changes: StateChanges, rows: Sequence[Changed], *, k: int) -> tuple[Changed, ...]:
    """The rows of changes that may be told, each whole, beside the table of states."""
    check_k(k)
    return _changes(_paths(changes, k), rows)


def _changes(paths: _Paths, rows: Sequence[Changed]) -> tuple[Changed, ...]:
    told: list[Changed] = []
    known = list(paths.states())
    for row in rows:
        counts, new = (row.kept, row.gained, row.lost, row.never), list(paths.changed(row))
        small = any(_hidden(counts, [row.paired] * 4, paths.k, silent=3))
        if not small and not paths.give_away(known, new):
            told.append(row)
            known += new
    return tuple(told)


def shown_moves(changes: StateChanges, *, k: int) -> dict[Move, int]:
    """Flows of at least k people between neighbouring sessions, as far as they may be told."""
    check_k(k)
    return dict(_paths(changes, k).moves)


def _moves(paths: _Paths) -> dict[Move, int]:
    told: dict[Move, int] = {}
    for first, last in pairwise(paths.changes.sessions):
        new = _large_moves(paths.changes, first, last, paths.k)
        known = [*paths.tables, *map(paths.move, told)]
        if paths.give_away(known, list(map(paths.move, new))):
            new = _harmless(paths, known, new)
        told |= new
    return told


def _paths(changes: StateChanges, k: int, state: str = "") -> _Paths:
    """The paths, worked out once for tables and figures alike."""
    wanted = state or tuple(changes.states)[1]
    key = wanted, k, changes.rows
    found: _Paths = changes.told_before.setdefault(key, _Paths(changes, wanted, k))
    return found


def _harmless(paths: _Paths, known: Sequence[Flags], moves: Mapping[Move, int]) -> dict[Move, int]:
    """One after the other, the largest first, those that let nothing follow."""
    kept: dict[Move, int] = {}
    for move, n in sorted(moves.items(), key=lambda each: -each[1]):
        if not paths.give_away([*known, *map(paths.move, kept)], [paths.move(move)]):
            kept[move] = n
    return {move: n for move, n in moves.items() if move in kept}


def _large_moves(changes: StateChanges, first: str, last: str, k: int) -> dict[Move, int]:
    """Those of at least k people that the table of all moves lets stand."""
    printed = suppress_table(changes.transitions(first, last), k=k).to_frame()
    shown = shown_states(changes, k=k)
    cells = {
        (first, a, last, b): str(printed.loc[a, b])
        for a, b in product(changes.names, repeat=2)
        if shown[a, first] is not None and shown[b, last] is not None
    }
    numbers = {move: int(cell) for move, cell in cells.items() if cell != HIDDEN}
    return {move: n for move, n in numbers.items() if n >= k}


@dataclass(frozen=True, eq=False)
class _Paths:
    """The states of people, session by session: first those that could be, then the study's."""

    changes: StateChanges = field(repr=False)
    state: str
    k: int

    @cached_property
    def firsts(self) -> dict[str, Flags]:
        """Who first mentions the state in which session, or in none, or was never read."""
        from reflect_analysis.change.values import BOTH, NO_TEXT, UNREAD

        left = self.at({})
        found: dict[str, Flags] = {}
        for session in self.changes.sessions:
            found[session] = left & self.at({session: {self.state, BOTH}})
            left = left & ~found[session]
        unread = self.at({session: {NO_TEXT, UNREAD} for session in self.changes.sessions})
        return {**found, NEVER: left & ~unread, UNREAD: left & unread}

    def move(self, move: Move) -> Flags:
        """Who is in a state in one session and in a state in another."""
        first, start, last, end = move
        return self.at({first: {start}, last: {end}})

    def at(self, where: Mapping[str, set[str]]) -> Flags:
        """Who is in one of some states in each of some sessions."""
        import numpy as np

        found: Flags = np.ones(len(self._all), dtype=bool)
        for session, states in where.items():
            place = self.changes.sessions.index(session)
            found = found & np.isin(self._all[:, place], sorted(states))
        return found

    @cached_property
    def tables(self) -> tuple[Flags, ...]:
        """What the tables of states and of changes tell."""
        rows = self.changes.changed() if len(self.changes.sessions) > 1 else ()
        return (
            *self.states(),
            *(flags for row in _changes(self, rows) for flags in self.changed(row)),
        )

    @cached_property
    def moves(self) -> Mapping[Move, int]:
        """The flows that may be told."""
        return _moves(self)

    def states(self) -> Iterator[Flags]:
        """What the table of states tells."""
        yield self.at({})
        for (name, session), n in shown_states(self.changes, k=self.k).items():
            if n is not None:
                yield self.at({session: {name}})

    def changed(self, row: Changed) -> Iterator[Flags]:
        """The four counts of a row of changes."""
        from reflect_analysis.change.values import BOTH, NO_TEXT, UNREAD

        read = set(self.changes.names) - {NO_TEXT, UNREAD}
        there = {row.state, BOTH}
        for before, after in product((there, read - there), repeat=2):
            yield self.at({row.first: before, row.last: after})

    def give_away(self, known: Sequence[Flags], new: Sequence[Flags]) -> bool:
        """Whether a count of few follows with some new ones that did not follow before."""
        if not new:
            return False
        follows = self._following([*known, *new])
        return bool((follows & ~self._following(known)).any())

    def _following(self, told: Sequence[Flags]) -> Flags:
        """Which of the secrets follow from what is told, (n_secrets,)."""
        import numpy as np

        possible = np.ones(len(self._made), dtype=bool)
        for flags in told:
            if not self._real(flags).any():  # who reads 0 knows that nobody took such a path
                possible &= ~flags[: len(self._made)]
        counts = np.array([flags[: len(self._made)][possible] for flags in told], dtype=float).T
        secrets = self._secrets[possible]
        follows: Flags = _left(counts, secrets) <= _SAME * (secrets**2).sum(axis=0)
        return follows

    @cached_property
    def _secrets(self) -> Floats:
        """What must not follow, where it is of few, (n_paths, n_secrets)."""
        import numpy as np

        few = {each.tobytes(): each for each in self._sides() if self._is_few(each)}
        columns = [flags[: len(self._made)] for flags in few.values()]
        return np.array(columns, dtype=float).reshape(len(columns), len(self._made)).T

    def _sides(self) -> Iterator[Flags]:
        """A state; those of it in a state of another session, or of a first session, or not."""
        sides = [
            (session, self.at({session: {name}}))
            for session in self.changes.sessions
            for name in self.changes.names
        ]
        yield from (there for _, there in sides)
        firsts = [("", flags) for flags in self.firsts.values()]
        for (one, here), (other, there) in combinations([*sides, *firsts], 2):
            if one != other:
                yield from (here & there, here & ~there, there & ~here)

    def _is_few(self, flags: Flags) -> bool:
        n, people = int(self._real(flags).sum()), len(self._all) - len(self._made)
        return 0 < n < self.k or 0 < people - n < self.k

    def _real(self, flags: Flags) -> Flags:
        return flags[len(self._made) :]

    @cached_property
    def _all(self) -> Words:
        import numpy as np

        real = np.array(list(self.changes.paths().values()), dtype=np.str_)
        return np.concatenate([self._made, real.reshape(-1, len(self.changes.sessions))])

    @cached_property
    def _made(self) -> Words:
        """The paths that a person could take: whoever is counted has a text in some session."""
        import numpy as np

        from reflect_analysis.change.values import NO_TEXT

        shown, names = shown_states(self.changes, k=self.k), self.changes.names
        # A state that nobody is told to be in leads nowhere.
        steps = [[n for n in names if shown[n, s] != 0] for s in self.changes.sessions]
        if prod(map(len, steps)) <= _PATHS:
            paths = np.array(list(product(*steps)), dtype=np.str_)
        else:
            chance = np.random.default_rng(0)
            paths = np.array([chance.choice(each, _PATHS) for each in steps], dtype=np.str_).T
        with_text: Words = paths[(paths != NO_TEXT).any(axis=1)]
        return with_text


def _left(told: Floats, secrets: Floats) -> Floats:
    """What of each secret, squared, lies outside all sums and differences of what is told."""
    import numpy as np

    # By the small square matrix: there are many paths and few counts.
    sizes, turns = np.linalg.eigh(told.T @ told)
    kept = sizes > 1e-10 * sizes.max(initial=1.0)
    axes = told @ (turns[:, kept] / np.sqrt(sizes[kept]))
    left: Floats = ((secrets - axes @ (axes.T @ secrets)) ** 2).sum(axis=0)
    return left
