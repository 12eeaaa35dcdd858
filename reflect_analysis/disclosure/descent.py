"""Codes that were split, merged or given up between two releases: their counts are tied.

Fifteen said a code last year; today it is two codes, of which one is said by twelve: three are
left for the other, whatever is hidden of it. The counts of a code and of what took its place are
therefore held against each other as those of a code and its subcodes are (`trees`): no difference
and no sum of them may be of few, no hidden one may be the last, and of each at least k − 1 values
stay possible. Only what is new can be hidden: what was sent is known.

The codebook says what became of a code. Where it does not (the code is gone, or was retired with
nothing in its place) any code that is new since may be it, or the most of it: none may differ
from it by few. What several of them are together is not tried, and said in the remarks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from reflect_analysis.disclosure.counts import is_sensitive
from reflect_analysis.disclosure.releases import AGREEMENT, PERSONS, Release, ReleasedCell, Where

__all__ = ["agreement_on", "gone_codes", "tied_counts"]

Reason = tuple[ReleasedCell, str]


def gone_codes(earlier: Release, release: Release) -> tuple[str, ...]:
    """The codes that an earlier release told of, of which nothing says what became of them.

    Parameters
    ----------
    earlier, release : Release
        Where a release does not say by which codes it was made, nobody knows.
    """
    if not earlier.book or not release.book:
        return ()
    became, printed = dict(release.became), {cell.what for cell in earlier.cells if cell.exact}
    left = (code for code in earlier.book if code in printed and code not in release.book)
    return tuple(code for code in left if not became.get(code))


def tied_counts(earlier: Release, release: Release, k: int) -> Iterator[Reason]:
    """The counts of a release that give few people back beside those of codes that were.

    Parameters
    ----------
    earlier, release : Release
        Of the same persons, or of nearly the same.
    k : int
        Counts of fewer persons are hidden.

    Yields
    ------
    (ReleasedCell, str)
        What is to be hidden of the release, and beside which code; of tied codes one at a time.
    """
    pair = _Two(earlier, release)
    found = {cell.what: why for cell, why in pair.like_gone(k)}
    for then, now in pair.families():
        for where, unit in pair.printed:
            before, after = pair.cells_of(then, now, where, unit)
            family = _Family(then, now, before, after, pair.is_clean(then, now), unit, k)
            found |= {cell.what: why for cell, why in family.told()}
    for cell in release.cells:
        # Where coders agree on a code its agreement says how many said it.
        if why := found.get(cell.what) or found.get(agreement_on(cell.what)):
            yield cell, why


def agreement_on(what: str) -> str:
    """The code whose agreement a release tells by this name; empty where it is another thing.

    Examples
    --------
    >>> agreement_on("agreement on belonging, reliability"), agreement_on("belonging")
    ('belonging', '')
    """
    start = f"{AGREEMENT} on "
    return what.removeprefix(start).partition(", ")[0] if what.startswith(start) else ""


class _Two:
    """An earlier release beside a new one, by code."""

    def __init__(self, earlier: Release, release: Release) -> None:
        self.earlier, self.release = earlier, release
        self.before = {cell.key: cell for cell in earlier.cells}
        self.after = {cell.key: cell for cell in release.cells}
        self.then = {cell.what for cell in earlier.cells}.union(earlier.book)
        self.now = {cell.what for cell in release.cells}.union(release.book)

    @cached_property
    def links(self) -> tuple[tuple[str, str], ...]:
        """Each code of then with each of now that took its place, or whose place it took."""
        forward = ((old, new) for old, found in self.release.became for new in found)
        back = ((new, old) for old, found in self.earlier.became for new in found)
        found = ((a, b) for a, b in (*forward, *back) if a in self.then and b in self.now)
        return tuple(dict.fromkeys((a, b) for a, b in found if a != b))

    @cached_property
    def printed(self) -> tuple[tuple[Where, str], ...]:
        """The groups and units of which counts were printed then, and are now."""
        then = {(cell.where, cell.unit) for cell in self.earlier.cells}
        now = ((cell.where, cell.unit) for cell in self.release.cells if cell.exact)
        return tuple(each for each in dict.fromkeys(now) if each in then)

    def families(self) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
        """The codes that are tied, then and now; a code of both stands on both sides."""
        left = {(old, new) for old, new in self.links}
        left |= {(code, code) for pair in self.links for code in pair if code in self.both}
        while left:
            group = {min(left)}
            while more := {p for p in left - group if any(_meet(p, each) for each in group)}:
                group |= more
            left -= group
            yield tuple(sorted({old for old, _ in group})), tuple(sorted({new for _, new in group}))

    @cached_property
    def both(self) -> set[str]:
        """Codes that were there and still are."""
        return self.then & self.now

    def is_clean(self, then: Sequence[str], now: Sequence[str]) -> bool:
        """Whether one code is all of the others together."""
        if len(then) == 1:
            return then[0] not in now
        return len(now) == 1

    def cells_of(
        self, then: Iterable[str], now: Iterable[str], where: Where, unit: str
    ) -> tuple[list[ReleasedCell | None], list[ReleasedCell | None]]:
        """What is printed of each; `None` of one that is hidden without a word."""
        before = [self.before.get((code, where, unit)) for code in then]
        return before, [self.after.get((code, where, unit)) for code in now]

    def like_gone(self, k: int) -> Iterator[Reason]:
        """The new codes that may be what a code that is gone was, but for few."""
        linked = {new for _, new in self.links}
        fresh = set(self.release.book).difference(self.earlier.book, linked)
        gone = gone_codes(self.earlier, self.release)
        cells = [c for c in self.after.values() if c.what in fresh and c.unit == PERSONS]
        for cell in cells:
            for code in gone:
                old = self.before.get((code, *cell.key[1:]))
                if old is not None and _few_apart(old, cell, k):
                    yield cell, f"{code}, of which nothing says what became of it,"
                    break


def _meet(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two links share a code of then, or one of now."""
    return one[0] == other[0] or one[1] == other[1]


def _few_apart(one: ReleasedCell, other: ReleasedCell, k: int) -> bool:
    return one.exact and other.exact and 0 < abs(one.low - other.low) < k


@dataclass(frozen=True, slots=True)
class _Family:
    """Tied codes then and now, and what is printed of one thing that is counted of them."""

    then: Sequence[str]
    now: Sequence[str]
    before: Sequence[ReleasedCell | None]
    after: Sequence[ReleasedCell | None]
    clean: bool
    unit: str
    k: int

    def told(self) -> Iterator[Reason]:
        """The smallest printed count of now, where something follows from all of them."""
        free = [cell for cell in self.after if cell is not None and cell.exact and cell.low]
        if not free or not (self._few_apart or self._one_left or self._narrow):
            return
        apart = [c for c in free for old in self.before if old and _few_apart(old, c, self.k)]
        names = ", ".join(code for code in self.then if code not in self.now) or self.then[0]
        yield min(apart or free, key=lambda cell: (cell.low, cell.what)), names

    @property
    def _known(self) -> tuple[list[ReleasedCell], list[ReleasedCell]]:
        """What is printed of then, and of now."""
        before, after = (
            [cell for cell in cells if cell is not None and cell.exact]
            for cells in (self.before, self.after)
        )
        return before, after

    @property
    def _few_apart(self) -> bool:
        """Whether two counts, or all that are printed of then and of now, differ by few."""
        before, after = self._known
        if any(_few_apart(a, b, self.k) for a in before for b in after if a.what != b.what):
            return True
        apart = abs(sum(c.low for c in before) - sum(c.low for c in after))
        return bool(before) and 0 < apart < self.k

    @property
    def _one_left(self) -> bool:
        """Whether a single one is hidden: it could be subtracted."""
        cells = (*self.before, *self.after)
        hidden = sum(cell is None or not cell.exact for cell in cells)
        return hidden == 1 and len(cells) > len(("renamed", "to this"))

    @property
    def _narrow(self) -> bool:
        """Whether too few values are left of a hidden count of a whole or of its parts."""
        whole, parts = (
            (self.before[0], self.after) if len(self.before) == 1 else (self.after[0], self.before)
        )
        if not self.clean or len(parts) == 1 or self.unit != PERSONS:
            return False
        total = max((cell.total for cell in (whole, *parts) if cell is not None), default=0)
        of_all, *each = [
            (0, total) if cell is None else (cell.low, cell.high) for cell in (whole, *parts)
        ]
        high = sum(high for _, high in each)
        found = [(of_all, max(of_all[0], *(a for a, _ in each)), min(of_all[1], high))]
        for least, most in each:
            found.append(((least, most), max(least, of_all[0] - high + most), min(most, of_all[1])))
        return any(self._too_narrow(b, a, z, total) for b, a, z in found)

    def _too_narrow(self, printed: tuple[int, int], low: int, high: int, total: int) -> bool:
        """Whether a count that was printed between two numbers is now as good as known."""
        if printed[0] == printed[1] or (low, high) == printed or high - low + 1 >= self.k - 1:
            return False
        return any(is_sensitive(value, total, self.k) for value in range(low, high + 1))
