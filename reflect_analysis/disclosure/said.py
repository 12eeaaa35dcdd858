"""Which counts of one row are hidden: what some groups of persons said, and their sum.

Two readers are reckoned with. One solves the printed numbers for the hidden ones. The other
has this package: she tries which counts would have been printed as these are, and the choice
of what is hidden can then tell what the numbers do not. Where either is left with fewer than
k − 1 values for a hidden count that needed hiding, more is hidden: at the last the whole row.

References
----------
Wong, R. C.-W. et al. (2007). Minimality attack in privacy preserving data publishing. VLDB,
543-554.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from reflect_analysis.disclosure.counts import is_sensitive

__all__ = ["HiddenRow", "protect_row"]

_TRIES = 3000
Counts = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class HiddenRow:
    """Which cells of a row are hidden, and whether their sum is."""

    cells: tuple[bool, ...]
    total: bool


def protect_row(values: Sequence[int], caps: Sequence[int], k: int) -> HiddenRow:
    """Which of some counts, and whether their sum, must be hidden.

    Parameters
    ----------
    values, caps : sequence of int
        Persons of each group who said it, and persons in the group.
    k : int

    Returns
    -------
    HiddenRow

    Examples
    --------
    One says it in the first group and 12 of 16 in the last. Were only these two hidden, just
    this row would come out so:

    >>> protect_row([1, 5, 12], [20, 18, 16], 5)
    HiddenRow(cells=(True, True, True), total=True)
    >>> protect_row([3, 9, 8], [20, 18, 16], 5)
    HiddenRow(cells=(True, False, True), total=False)
    """
    row = _Row(values, caps, k)
    row.protect()
    found = HiddenRow(tuple(row.hidden), row.total_hidden)
    open_cells = tuple(
        -1 if hidden else value for value, hidden in zip(values, found.cells, strict=True)
    )
    total = -1 if found.total else sum(values)
    some = any(found.cells) and not all((*found.cells, found.total))
    if some and _follows(open_cells, total, tuple(caps), k):
        return HiddenRow((True,) * len(values), total=True)
    return found


class _Row:
    """One row of counts that sum to its total, each at most the size of its group."""

    def __init__(self, values: Sequence[int], caps: Sequence[int], k: int) -> None:
        self.values, self.caps, self.k = values, caps, k
        self.sensitive = [is_sensitive(v, c, k) for v, c in zip(values, caps, strict=True)]
        self.hidden = list(self.sensitive)
        self.total_hidden = bool(values) and is_sensitive(sum(values), sum(caps), k)

    def protect(self) -> None:
        """Hide further cells until every sensitive one keeps k − 1 possible values."""
        while any(self._is_weak(place) for place in range(len(self.values))):
            spare = [place for place, hidden in enumerate(self.hidden) if not hidden]
            if spare:
                # A nought is the last to go: that it was hidden would not be believed.
                self.hidden[min(spare, key=lambda p: (self.values[p] == 0, self.values[p]))] = True
            elif not self.total_hidden:
                self.total_hidden = True
            else:
                return

    def _is_weak(self, place: int) -> bool:
        if not self.sensitive[place]:
            return False
        low, high = self._range(place)
        return high - low + 1 < self.k - 1

    def _range(self, place: int) -> tuple[int, int]:
        """What can be inferred of a hidden cell from the rest of the row."""
        low, high = self._floor(place), self.caps[place]
        others = [p for p, hidden in enumerate(self.hidden) if hidden and p != place]
        least_elsewhere = sum(self._floor(p) for p in others)
        if self.total_hidden:
            # Beside a printed cell it is hidden for itself: all together are fewer than k.
            return low, high if all(self.hidden) else min(high, self.k - 1 - least_elsewhere)
        left = sum(v for v, hidden in zip(self.values, self.hidden, strict=True) if hidden)
        most_elsewhere = sum(self.caps[p] for p in others)
        return max(low, left - most_elsewhere), min(high, left - least_elsewhere)

    def _floor(self, place: int) -> int:
        """Hidden cells are taken for at least 1, as a reader who knows the rules would."""
        return min(1, self.values[place])


@lru_cache(maxsize=4096)
def _follows(printed: Counts, total: int, caps: Counts, k: int) -> bool:
    """Whether somebody who tries all rows finds too few that would be printed as this one.

    It depends on what is printed alone (hidden is −1), so that hiding more for its sake tells
    nothing. Tries that find too little in a large table count as finding too few.
    """
    hidden = [place for place, value in enumerate(printed) if value < 0]
    left = total - sum(value for value in printed if value >= 0) if total >= 0 else None
    found: dict[int, set[int]] = {place: set() for place in hidden}
    whole = True
    for number, counts in enumerate(_candidates([caps[place] for place in hidden], left)):
        if number == _TRIES:
            whole = False
            break
        filled = list(printed)
        for place, value in zip(hidden, counts, strict=True):
            filled[place] = value
        row = _Row(filled, caps, k)
        row.protect()
        if row.total_hidden == (total < 0) and [value < 0 for value in printed] == row.hidden:
            for place, value in zip(hidden, counts, strict=True):
                found[place].add(value)
            if all(len(values) >= k - 1 for values in found.values()):
                return False
    few = [place for place in hidden if len(found[place]) < k - 1]
    return any(
        not whole or any(is_sensitive(value, caps[place], k) for value in found[place])
        for place in few
    )


def _candidates(caps: Sequence[int], total: int | None) -> Iterator[Counts]:
    """Counts of groups of some sizes, with a given sum where it is known: all if they are few.

    Of many, a sample that is the same on every machine.
    """
    free = caps if total is None else caps[:-1]
    size = 1
    for cap in free:
        size *= cap + 1
    ways: Iterator[Counts] = itertools.product(*(range(cap + 1) for cap in free))
    if size > _TRIES:
        ways = _sample(free, total)
    for counts in ways:
        if total is None:
            yield counts
        elif 0 <= total - sum(counts) <= caps[-1]:
            yield (*counts, total - sum(counts))


def _sample(caps: Sequence[int], total: int | None) -> Iterator[Counts]:
    """Random counts, small and nearly full ones among them often: these are the ones hidden."""
    chance = random.Random(0)  # noqa: S311  # a search that finds the same everywhere, no secret
    for _ in range(20 * _TRIES):
        counts, left = [], total
        for cap in caps:
            most = cap if left is None else min(cap, left)
            few = min(most, 4)
            drawn = chance.choice((few, most, -few))
            value = chance.randint(0, drawn) if drawn >= 0 else most - chance.randint(0, few)
            counts.append(value)
            left = None if left is None else left - value
        yield tuple(counts)
