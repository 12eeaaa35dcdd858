"""Topics and the like: every text is in one of them, so what is printed gives the last one back.

How many texts there are in all is told, and each person has one. Of a hidden topic the reader
knows the texts that the others leave, of which each is some person's, and at least the persons
who are in no other one. The invariant: of a hidden count of few at least k − 1 values stay
possible beside all that is printed, or nothing is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reflect_analysis.disclosure.counts import check_k, is_sensitive

__all__ = ["Part", "hidden_parts"]


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the texts.

    Parameters
    ----------
    persons : int
        Who wrote them; one may have written in other parts too.
    texts : int
        How many there are; 0 where texts are not printed.
    hidden : bool
        Whether its numbers are hidden whatever the others are.
    """

    persons: int
    texts: int = 0
    hidden: bool = False


def hidden_parts(parts: Iterable[Part], total: int, k: int) -> tuple[bool, ...]:
    """Which parts of the texts must show neither persons nor texts.

    Parameters
    ----------
    parts : iterable of Part
        All parts, of which every text is in one.
    total : int
        Persons in all.
    k : int
        At least 3.

    Returns
    -------
    tuple of bool

    Examples
    --------
    Were 10 and 6 texts printed of 28, 12 would be left for the one that nearly all share:

    >>> hidden_parts([Part(9, 10), Part(11, 12), Part(6, 6)], 15, 5)
    (False, True, True)
    """
    check_k(k)
    found = _Parts(tuple(parts), total, k)
    found.protect()
    return tuple(found.hidden)


class _Parts:
    """Parts of the texts, and which of them are hidden so far."""

    def __init__(self, parts: Sequence[Part], total: int, k: int) -> None:
        self.parts, self.total, self.k = parts, total, k
        self.few = [is_sensitive(p.persons, total, k) and p.persons > 0 for p in parts]
        self.hidden = [p.hidden or few for p, few in zip(parts, self.few, strict=True)]

    def protect(self) -> None:
        """Hide more, the smallest first, until nothing can be told of a hidden part."""
        while self._is_weak():
            spare = [i for i, p in enumerate(self.parts) if not self.hidden[i] and p.persons]
            if not spare:
                return
            self.hidden[min(spare, key=lambda i: (self.parts[i].persons, i))] = True

    def _is_weak(self) -> bool:
        hidden = [i for i, hide in enumerate(self.hidden) if hide and self.parts[i].persons]
        alone = len(hidden) == 1 and bool(self.parts[hidden[0]].texts)
        return alone or any(self._is_narrow(i, hidden) for i in hidden if self.few[i])

    def _is_narrow(self, place: int, hidden: Sequence[int]) -> bool:
        """Whether the other numbers leave too few values of a hidden count."""
        shown = sum(p.persons for p, hide in zip(self.parts, self.hidden, strict=True) if not hide)
        low, high = self._bounds(place)
        others = [i for i in hidden if i != place]
        low = max(low, self.total - shown - sum(self._bounds(i)[1] for i in others))
        if self.parts[place].texts:
            left = sum(self.parts[i].texts for i in hidden)
            high = min(high, left - sum(self._bounds(i)[0] for i in others))
        return high - low + 1 < self.k - 1

    def _bounds(self, place: int) -> tuple[int, int]:
        """What its mark tells: fewer than k, or nearly all; of one hidden for others nothing."""
        if not self.few[place] or self.total < 2 * self.k:
            return 1, self.total
        if self.parts[place].persons < self.k:
            return 1, self.k - 1
        return self.total - self.k + 1, self.total
