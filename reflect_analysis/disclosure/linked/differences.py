"""Counts of one study that together give another back, whichever tables they stand in.

A count is a sum over persons: of those who said a code, two codes, one of several, one and not
another, in a group. Whoever holds some counts knows every sum and difference of them. So each
count is told here as what it counts, for every person of the study and for some hundred
*imagined* persons as well (`people`), who said and read whatever the structure allows, short of
what a printed nought rules out. A count follows from others if it is a sum and difference of
theirs for all that are imagined; what merely happens to be so in the data does not follow,
because no reader knows it.

The invariant: of those who said one thing, or one and not another, and of such within a third
code or a group, no number of 1 to k − 1 persons follows from the counts that are told, and no
count that the theme table hides for others' sake. What is
told first stays (the theme table); of what is told later each row is left out that would break
it, so that no row that is left out could be shown.

Bounds come after it: with few codes all studies that would print the same are tried (`worlds`),
so that no hidden count lies in too few values; with many codes that is judged only where a table
is made (`trees`, `said`, `cells`), and for change on its own codes (`change.beside`).

References
----------
Hundepool, A. et al. (2012). Statistical Disclosure Control. Wiley, chapter 4 (linked tables).
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import TYPE_CHECKING

from reflect_analysis.disclosure.counts import check_k, show_count
from reflect_analysis.disclosure.linked.people import People
from reflect_analysis.disclosure.linked.worlds import MOST_CODES, Target, too_narrow

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Flags = npt.NDArray[np.bool_]
    Part = tuple[Flags, Flags]

__all__ = ["ToldRow", "hidden_rows"]

_SAME = 1e-8  # of its own length, what is left of a count that follows from others
_AT_ONCE = 256  # counts: of very many persons all at once would take gigabytes


@dataclass(frozen=True, slots=True)
class ToldRow:
    """Counts that are printed together or not at all.

    Parameters
    ----------
    key : hashable
        By which the row is known where it is hidden.
    cells : tuple of array
        What is counted: persons (`People.said`, `read`, `within`) or their texts
        (`People.texts_said`, `texts_read`), joined by ``&``, ``|`` and ``~``.
    parts : tuple of (array, array)
        The single things that were said, and who was read for each (`People.part`,
        `texts_part`): of all parts of all rows, two by two, no few may follow.
    secrets : tuple of array
        What else must not follow where it is of few.
    tells : tuple of str
        Codes whose own count the row gives: it is hidden where that is.
    bounded : tuple of (array, array)
        What is printed with a bound at most ("<5"), and who was read for it.
    """

    key: Hashable
    cells: tuple[Flags, ...]
    parts: tuple[Part, ...] = ()
    secrets: tuple[Flags, ...] = ()
    tells: tuple[str, ...] = ()
    bounded: tuple[Part, ...] = ()


def hidden_rows(
    people: People,
    rows: Iterable[ToldRow],
    *,
    fixed: Iterable[ToldRow] = (),
    closed: Collection[str] = (),
    barred: Iterable[Flags] = (),
    k: int,
) -> frozenset[Hashable]:
    """Which rows must be hidden, so that nothing that is told gives a count of few back.

    Parameters
    ----------
    people : People
    rows : iterable of ToldRow
        In the order of their weight: what stands first is shown first.
    fixed : iterable of ToldRow
        What is told whatever follows from it: a table that was made before.
    closed : collection of str
        Codes whose count is hidden there for others' sake: no row may tell it, and no rows
        together.
    barred : iterable of array
        What else must not follow, of however many it is: subtracted from what was sent before
        it would tell of few.
    k : int
        Counts of fewer persons are hidden; at least 3.

    Returns
    -------
    frozenset
        The keys of those rows.

    Examples
    --------
    Twelve said a and eleven of them b, its part. Both pairs with c would tell of the one:

    >>> import numpy as np
    >>> from reflect_analysis.incidence import CodedUnit, Incidence
    >>> said = np.array([[1, 1, 1]] * 11 + [[1, 0, 1]] + [[0, 0, 1]] * 9, dtype=float)
    >>> units = tuple(CodedUnit(f"{n:02}", (str(n),), f"P{n:02}") for n in range(21))
    >>> people = People(Incidence(said, units, ("a", "b", "c"), "participant", parents={"b": "a"}))
    >>> a, b, c = (people.part([code]) for code in "abc")
    >>> rows = [ToldRow(name, (x[0] & c[0],), (x, c)) for name, x in (("a, c", a), ("b, c", b))]
    >>> hidden_rows(people, rows, k=5)
    frozenset({'b, c'})
    """
    check_k(k)
    told, known = tuple(rows), tuple(fixed)
    if not told:
        return frozenset()
    kept = [row for row in told if not set(row.tells).intersection(closed)]
    secrets = (*_secrets(people, (*known, *told), k), *_closed(people, closed), *barred)
    solver = _Solver(people, secrets)
    solver.tell(known)
    refused = {row.key for row in solver.refused(kept)} if kept else set()
    refused.update({row.key for row in told} - {row.key for row in kept})
    if len(people.incidence.codes) <= MOST_CODES:
        whole = _Whole(people, known, told, frozenset(closed), k)
        refused |= {row.key for row in whole.refused([r for r in kept if r.key not in refused])}
    return frozenset(refused)


class _Whole:
    """What follows from the counts because persons are whole and some counts have a bound.

    Each row is told or not as by `_Solver`; what follows from the fixed rows by themselves is no
    reason to hide another.
    """

    def __init__(
        self,
        people: People,
        fixed: Sequence[ToldRow],
        rows: Sequence[ToldRow],
        closed: frozenset[str],
        k: int,
    ) -> None:
        self.people, self.fixed, self.k = people, fixed, k
        every = (*fixed, *rows)
        hidden = {people.said([c]).tobytes() for c in closed.intersection(people.incidence.codes)}
        self.bounded = [
            (said, *self._ends(said, read))
            for row in every
            for said, read in row.bounded
            if said.tobytes() not in hidden
        ]
        printed = [said for row in every for said, _ in (*row.parts, *row.bounded)]
        printed += [units for row in every for units in (*row.cells, *row.secrets)]
        marked = {units.tobytes(): Target(units, k - 1) for units in printed}
        others = {units.tobytes(): Target(units, 2) for units in _secrets(people, every, k)}
        found = {**others, **marked}.values()
        self.targets = [each for each in found if 0 < people.behind(each.units) < k]

    def _ends(self, said: Flags, read: Flags) -> tuple[int, int]:
        people = self.people
        shown = show_count(people.number(said), people.number(read), k=self.k)
        return shown.low, shown.high

    def refused(self, rows: Sequence[ToldRow]) -> Iterator[ToldRow]:
        """The rows that must be hidden, of those that tell too much together the last."""
        told = list(rows)
        while told:
            narrow = self._narrow(told, self.targets)
            if narrow:
                before = self._narrow((), narrow)
                self.targets = [t for t in self.targets if all(t is not each for each in before)]
                narrow = tuple(t for t in narrow if all(t is not each for each in before))
            if not narrow:
                return
            out = self._first(told, narrow[:1])
            told.remove(out)
            yield out

    def _first(self, rows: Sequence[ToldRow], targets: Sequence[Target]) -> ToldRow:
        """The first row with which, and all before it, a target is known too well."""
        low, high = 0, len(rows) - 1
        while low < high:
            middle = (low + high) // 2
            if self._narrow(rows[: middle + 1], targets):
                high = middle
            else:
                low = middle + 1
        return rows[low]

    def _narrow(self, rows: Sequence[ToldRow], targets: Sequence[Target]) -> tuple[Target, ...]:
        """Of which targets too few values are possible beside the fixed rows and some others."""
        cells = [cell for row in (*self.fixed, *rows) for cell in row.cells]
        return too_narrow(self.people, cells, self.bounded, targets)


def _secrets(people: People, rows: Sequence[ToldRow], k: int) -> tuple[Flags, ...]:
    """Everything that may follow from the counts and is of 1 to k − 1 persons, each once."""
    found = {said.tobytes(): (said, read) for row in rows for said, read in row.parts}.values()
    told = (units for row in rows for units in (*row.cells, *row.secrets))
    persons = [part for part in found if not people.counts_texts(part[0])]
    texts = [part for part in found if people.counts_texts(part[0])]
    sets = chain(told, _combined(persons), _combined(texts))
    unlike = {units.tobytes(): units for units in sets}.values()
    return tuple(units for units in unlike if 0 < people.behind(units) < k)


def _closed(people: People, codes: Collection[str]) -> Iterator[Flags]:
    """The counts of codes that are hidden whatever their size."""
    for code in sorted(set(codes).intersection(people.incidence.codes)):
        yield people.said([code])
        yield people.texts_said([code])


def _combined(parts: Sequence[Part]) -> Iterator[Flags]:
    """Those of one thing, of two, and of a thing without a part of it in a third; or not."""
    for said, read in parts:
        yield from (said, read & ~said)
    inside: dict[int, list[Part]] = {}
    for (one, read_one), (other, read_other) in combinations(parts, 2):
        both = read_one & read_other
        yield from (one & other, one & ~other & both, other & ~one & both, both & ~one & ~other)
    for place, (whole, _) in enumerate(parts):
        inside[place] = [part for part in parts if not (part[0] & ~whole).any()]
        for part, _ in inside[place]:
            yield from _apart(whole & ~part, parts)
        for three in combinations(inside[place], 3):
            yield three[0][0] & three[1][0] & three[2][0]


def _apart(difference: Flags, parts: Sequence[Part]) -> Iterator[Flags]:
    """A difference, and what of it said a third thing, or was read for that and did not."""
    if difference.any():
        for said, read in parts:
            yield from (difference & said, difference & read & ~said)


@dataclass(frozen=True, slots=True)
class _Known:
    """What readers know: who can be anybody, and what of the secrets no sum of counts gives.

    Parameters
    ----------
    possible : array
        Who stands in no count that was told as nought: its reader knows of nobody there.
    basis : array
        Directions of the space that the counts span, (n_possible, n_directions).
    secrets : array
        (n_possible, n_secrets).
    sizes : array
        The square of each secret.
    left : array
        The square of what of each secret lies outside that space.
    """

    possible: Flags
    basis: Floats
    secrets: Floats
    sizes: Floats
    left: Floats

    @property
    def follows(self) -> Flags:
        """Which secrets the counts give."""
        found: Flags = self.left <= _SAME * self.sizes
        return found

    def without(self, nobody: Flags) -> _Known:
        """The same where it is told as well that some cannot be."""
        if not (nobody & self.possible).any():
            return self
        stay = ~nobody[self.possible]
        basis, secrets = _directions(self.basis[stay]), self.secrets[stay]
        sizes = _squares(secrets)
        left = sizes - _told_by(basis, secrets)
        return _Known(self.possible & ~nobody, basis, secrets, sizes, left)

    def beside(self, counts: Floats) -> _Known:
        """The same with some more counts, (n_possible, n_counts)."""
        import numpy as np

        whole = _of_length_one(counts)
        for _ in range(2):  # twice: rounding would add up over many counts
            whole = whole - self.basis @ (self.basis.T @ whole)
        new = _directions(whole[:, (whole**2).sum(axis=0) > _SAME])
        left = self.left - _told_by(new, self.secrets)
        basis = np.hstack([self.basis, new])
        return _Known(self.possible, basis, self.secrets, self.sizes, left)


def _of_length_one(columns: Floats) -> Floats:
    import numpy as np

    some = columns[:, columns.any(axis=0)]
    return np.asarray(some / np.sqrt((some**2).sum(axis=0)), dtype=float)


def _directions(columns: Floats) -> Floats:
    """The directions of the space that some columns span."""
    import numpy as np
    from scipy.linalg import qr

    some = _of_length_one(columns)
    if not some.size:
        return np.zeros((len(columns), 0))
    directions, sizes, _ = qr(some, mode="economic", pivoting=True)
    rank = int((np.abs(np.diag(sizes)) > _SAME**0.5).sum())
    return np.asarray(directions[:, :rank], dtype=float)


def _told_by(directions: Floats, secrets: Floats) -> Floats:
    """How much of each secret, squared, lies in some directions."""
    return _squares(directions.T @ secrets)


def _squares(columns: Floats) -> Floats:
    """The square of each column; a table of squares would be as large as that of the secrets."""
    import numpy as np

    found: Floats = np.einsum("ij,ij->j", columns, columns)
    return found


class _Solver:
    """What follows from the counts that were told.

    A nought is known with the row that tells it and not before: what follows from it and from
    what was told is that row's doing, and the row is refused.
    """

    def __init__(self, people: People, secrets: Sequence[Flags]) -> None:
        import numpy as np

        self.people = people
        columns = self._columns(secrets)
        somebody = np.ones(len(columns), dtype=bool)
        nothing = np.zeros((len(columns), 0))
        sizes = _squares(columns)
        self.known = _Known(somebody, nothing, columns, sizes, sizes)

    def tell(self, rows: Sequence[ToldRow]) -> None:
        """Tell all counts of some rows, whatever follows."""
        self.known = self._with(rows)

    def refused(self, rows: Sequence[ToldRow]) -> Iterator[ToldRow]:
        """Tell the rows one by one, but none from which a secret would follow: these come back.

        Rows from which together nothing follows are told together, which is the same.
        """
        told = self._with(rows)
        if not (told.follows & ~self.known.follows).any():
            self.known = told
        elif len(rows) == 1:
            yield rows[0]
        else:
            del told  # as large as all secrets: not to be kept for each half of a half
            half = len(rows) // 2
            yield from self.refused(rows[:half])
            yield from self.refused(rows[half:])

    def _with(self, rows: Sequence[ToldRow]) -> _Known:
        """What is known where some rows are told as well."""
        import numpy as np

        cells = list({cell.tobytes(): cell for row in rows for cell in row.cells}.values())
        nobody = np.zeros(len(self.known.possible), dtype=bool)
        for cell in filter(self.people.is_nought, cells):
            nobody |= self.people.counts(cell) > 0
        known = self.known.without(nobody)
        for first in range(0, len(cells), _AT_ONCE):
            counts = self._columns(cells[first : first + _AT_ONCE])
            known = known.beside(counts[known.possible])
        return known

    def _columns(self, units: Iterable[Flags]) -> Floats:
        import numpy as np

        columns = [self.people.counts(each) for each in units]
        if not columns:
            return np.zeros((len(self.people.counts(self.people.everyone())), 0))
        found: Floats = np.column_stack(columns)
        return found
