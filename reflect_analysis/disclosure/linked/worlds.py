"""What a reader can bound: the studies that would print the same numbers as this one.

Sums and differences (`differences`) are not all that a reader has: people are whole, no count is
below nought, and some counts are printed with a bound ("<5"). She can try which studies fit all
that: so many persons of each kind (who said what, when, in which group), each printed count as
printed. What a hidden count is in the least and in the most of them is all she learns of it.

The invariant: of a hidden count of few at least k − 1 values stay possible, and of any other
number of few that combines two things at least two. Where it cannot be decided, it counts as
broken, and more is hidden.

Only the kinds of persons that were imagined can be in such a study (`people`), so what is found
here to be possible is possible. Of many codes too few kinds are imagined, and nothing is tried.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from reflect_analysis.disclosure.linked.people import People

    Floats = npt.NDArray[np.float64]
    Flags = npt.NDArray[np.bool_]

__all__ = ["MOST_CODES", "Bounded", "Target", "too_narrow"]

MOST_CODES = 6
_NODES = 2000  # of one search: a limit that is the same on every machine
_PAIRS = 1_000_000  # of kinds of persons: of more kinds the search alone is done
_SWAPS = 2000  # of a few of each pair: what they leave open the search decides
_FEW = 8
_SOLVED = 0
# Who is counted, and between which numbers a reader knows the count.
Bounded = tuple["Flags", int, int]


@dataclass(frozen=True, slots=True)
class Target:
    """A number that must not be known.

    Parameters
    ----------
    units : array
        Who, or which texts, are counted.
    values : int
        How many values must stay possible.
    """

    units: Flags
    values: int


def too_narrow(
    people: People, told: Sequence[Flags], bounded: Sequence[Bounded], targets: Sequence[Target]
) -> tuple[Target, ...]:
    """Those of some numbers of which a reader finds too few values possible.

    Parameters
    ----------
    people : People
    told : sequence of array
        What is counted by each printed number.
    bounded : sequence of (array, int, int)
        What is counted by each number that is printed with a bound, and its bounds.
    targets : sequence of Target
    """
    if not targets or not people.persons:  # texts of nobody known can be of no other kind
        return ()
    worlds = _Worlds(people, told, bounded, targets)
    worlds.exchange()
    worlds.search()
    return tuple(each for each, narrow in zip(targets, worlds.narrow, strict=True) if narrow)


class _Worlds:
    """How many persons there are of each kind, in the study and in others that print the same."""

    def __init__(
        self,
        people: People,
        told: Sequence[Flags],
        bounded: Sequence[Bounded],
        targets: Sequence[Target],
    ) -> None:
        import numpy as np

        known = people.imagined + len(people.persons)  # texts of nobody known stay as they are
        noughts = [units for units in told if people.is_nought(units)]
        possible = ~_table(people, noughts, known).any(axis=1)
        groups = (told, [units for units, _, _ in bounded], [each.units for each in targets])
        tables = [_table(people, units, known)[possible] for units in groups]
        real = (np.arange(known) >= people.imagined)[possible].astype(float)
        kinds, place = np.unique(np.hstack(tables), axis=0, return_inverse=True)
        self.there: Floats = np.bincount(place.ravel(), real, len(kinds)).astype(float)
        ends = np.cumsum([table.shape[1] for table in tables])[:-1]
        printed, self.bounded, self.targets = np.split(kinds, ends, axis=1)
        self.printed = np.unique(printed, axis=1)
        self.lows = np.array([low for _, low, _ in bounded], dtype=float)
        self.highs = np.array([high for _, _, high in bounded], dtype=float)
        self.least = self.there @ self.targets
        self.most = self.least.copy()
        self.wanted = np.array([each.values for each in targets])

    @property
    def narrow(self) -> Flags:
        """Of which targets too few values were found so far."""
        found: Flags = self.most - self.least + 1 < self.wanted
        return found

    def exchange(self) -> None:
        """Two persons for two others who count alike in all that is printed: cheap, and far."""
        import numpy as np

        kinds = len(self.there)
        if kinds**2 > 2 * _PAIRS:
            return
        marks = np.random.default_rng(0).integers(1 << 40, size=self.printed.shape[1])
        sums = (self.printed @ marks).astype(np.int64)
        one, other = np.triu_indices(kinds)
        both = sums[one] + sums[other]
        enough = np.where(one == other, self.there[one] > 1, self.there[one] * self.there[other])
        ours = enough.nonzero()[0]
        order = np.argsort(both, kind="stable")
        start = np.searchsorted(both[order], both[ours])
        stop = np.searchsorted(both[order], both[ours], side="right")
        swaps = [
            (place, each)
            for place, first, last in zip(ours, start, stop, strict=True)
            for each in order[first : last : max(1, (last - first) // _FEW)]
        ]
        for place, each in swaps[:: max(1, len(swaps) // _SWAPS)]:
            self._swap((one[place], other[place]), (one[each], other[each]))

    def _swap(self, out: tuple[int, int], into: tuple[int, int]) -> None:
        import numpy as np

        world: Floats = self.there.copy()
        np.subtract.at(world, list(out), 1)
        np.add.at(world, list(into), 1)
        self._take(world)

    def _take(self, world: Floats) -> None:
        """Reckon with a study, if it prints the same."""
        import numpy as np

        within = world @ self.bounded
        same = np.array_equal(world @ self.printed, self.there @ self.printed)
        if same and (within >= self.lows).all() and (within <= self.highs).all():
            values = world @ self.targets
            self.least = np.minimum(self.least, values)
            self.most = np.maximum(self.most, values)

    def search(self) -> None:
        """The least and the most of each target of which too few values were found."""
        for place in range(len(self.wanted)):
            for sign in (-1, 1):
                if self.narrow[place]:
                    self._solve(sign * self.targets[:, place])

    def _solve(self, goal: Floats) -> None:
        import numpy as np
        from scipy.optimize import Bounds, milp

        whole = np.ones(len(goal))
        found = milp(
            goal,
            integrality=whole,
            bounds=Bounds(0, np.inf),
            constraints=self._limits,
            options={"node_limit": _NODES},
        )
        if found.x is not None:
            self._take(np.round(found.x))

    @cached_property
    def _limits(self) -> list[object]:
        from scipy.optimize import LinearConstraint
        from scipy.sparse import csr_array

        even = self.there @ self.printed
        limits = [LinearConstraint(csr_array(self.printed.T), even, even)]
        if self.bounded.size:
            limits.append(LinearConstraint(csr_array(self.bounded.T), self.lows, self.highs))
        return limits


def _table(people: People, units: Sequence[Flags], known: int) -> Floats:
    """How much of each known person each is, (n_persons, n_units)."""
    import numpy as np

    if not units:
        return np.zeros((known, 0))
    found: Floats = np.column_stack([people.counts(each)[:known] for each in units])
    return found
