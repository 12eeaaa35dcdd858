"""Codes and their subcodes: what of their counts is hidden, so that none gives another back.

A passage of a subcode counts for its parent as well, so the counts of a tree are tied. Who said
the parent and not the subcode is a count of persons, their difference, and a few texts or
passages apart are of no more persons; all subcodes together reach their parent, so what is
printed of the others bounds a hidden one from below; passages of the parent are those of its
subcodes, so the last hidden one could be subtracted. The invariant: of a hidden count of few,
and of a difference of few, at least k − 1 values stay possible.

A hidden count of a tree is printed without a bound (``–*``, never ``<5``): beside a bound it
could be seen which of two was hidden for the other's sake.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from reflect_analysis.disclosure.counts import check_k, is_sensitive

__all__ = ["TreeCount", "hidden_in_groups", "hidden_in_trees"]


@dataclass(frozen=True, slots=True)
class TreeCount:
    """What is counted of one code.

    Parameters
    ----------
    id, parent : str
        The parent's id, empty where there is none.
    persons, total : int
        Who said it, of how many who were read for it.
    passages, texts : int
        0 where they are not printed.
    hidden : bool
        Whether it is hidden whatever the others are.
    """

    id: str
    parent: str
    persons: int
    total: int
    passages: int = 0
    hidden: bool = False
    texts: int = 0


def hidden_in_trees(counts: Sequence[TreeCount], k: int) -> frozenset[str]:
    """The codes of which every number must be hidden because of codes above or below them.

    Parameters
    ----------
    counts : sequence of TreeCount
        Of all codes that are printed together.
    k : int
        Counts of fewer persons are hidden, at least 3.

    Returns
    -------
    frozenset of str
        With those that are hidden by themselves, where they stand in a tree; codes without
        parent and subcodes are none.

    Examples
    --------
    >>> tree = [TreeCount("confidence", "", 12, 34), TreeCount("gained", "confidence", 11, 34)]
    >>> sorted(hidden_in_trees(tree, 5))
    ['confidence', 'gained']
    """
    check_k(k)
    trees = _Trees(counts, k)
    trees.protect()
    return frozenset(trees.hidden & trees.tied)


def hidden_in_groups(groups: Iterable[Sequence[TreeCount]], k: int) -> frozenset[str]:
    """The codes that are hidden in a table by group, because of one group or another.

    A code that is hidden in one group is hidden in all: its total stands in the theme table.

    Parameters
    ----------
    groups : iterable of sequence of TreeCount
        For each group, and for all of them together, the counts of the codes.
    k : int
        As in `hidden_in_trees`.
    """
    columns, hidden, before = list(groups), frozenset[str](), None
    while hidden != before:
        before = hidden
        for counts in columns:
            marked = [replace(count, hidden=count.id in hidden) for count in counts]
            hidden |= hidden_in_trees(marked, k)
    return hidden


class _Trees:
    """The counts of some codes, and which of them are hidden so far."""

    def __init__(self, counts: Sequence[TreeCount], k: int) -> None:
        self.of = {count.id: count for count in counts}
        self.k = k
        self.below = {
            count.id: [child.id for child in counts if child.parent == count.id] for count in counts
        }
        parents = {p for p, children in self.below.items() if children}
        self.tied = parents | {child for p in parents for child in self.below[p]}
        self.few = {c.id for c in counts if is_sensitive(c.persons, c.total, k)}
        self.hidden = self.few | {c.id for c in counts if c.hidden}

    def protect(self) -> None:
        """Hide more until nothing can be solved for; each round hides one code at least."""
        while more := next(self._wanted(), ""):
            self.hidden.add(more)

    def _wanted(self) -> Iterator[str]:
        """What must be hidden next."""
        for above, below in self._lines():
            if self._few_apart(above, below) and self.hidden.isdisjoint((above, below)):
                yield below
        for parent, children in self.below.items():
            yield from self._wanted_of(parent, children)

    def _few_apart(self, above: str, below: str) -> bool:
        """Whether few persons, or few texts or passages, which are of no more persons."""
        one, other = self.of[above], self.of[below]
        apart = (
            one.persons - other.persons,
            one.texts - other.texts,
            one.passages - other.passages,
        )
        return any(0 < few < self.k for few in apart)

    def _lines(self) -> Iterator[tuple[str, str]]:
        """Each code with each that stands below it, however deep."""
        for count in self.of.values():
            above, seen = count.parent, {count.id}
            while above in self.of and above not in seen:
                yield above, count.id
                seen.add(above)
                above = self.of[above].parent

    def _wanted_of(self, parent: str, children: Sequence[str]) -> Iterator[str]:
        """What must be hidden for a parent and its subcodes."""
        said = [child for child in children if self.of[child].persons]
        hidden = [child for child in said if child in self.hidden]
        if not said or (parent in self.hidden and len(hidden) == len(said)):
            return
        if self._is_weak(parent, said, hidden):
            spare = [child for child in said if child not in self.hidden]
            yield min(spare, key=lambda c: (self.of[c].persons, c)) if spare else parent

    def _is_weak(self, parent: str, said: Sequence[str], hidden: Sequence[str]) -> bool:
        # The last one hidden could be subtracted, in passages and in texts.
        alone = len(hidden) == 1 or (not hidden and self._overlap_is_few(parent, said))
        return (alone and parent not in self.hidden) or any(
            self._is_narrow(member, parent, said)
            for member in (parent, *said)
            if member in self.few
        )

    def _overlap_is_few(self, parent: str, said: Sequence[str]) -> bool:
        """Whether the counts beside their parent's tell how few said two of them."""
        twice = sum(self.of[child].persons for child in said) - self.of[parent].persons
        return len(said) > 1 and 0 < twice < self.k

    def _is_narrow(self, member: str, parent: str, said: Sequence[str]) -> bool:
        """Whether too few values of a hidden count stay possible."""
        low, high = self._range(member, parent, said)
        return high - low + 1 < self.k - 1

    def _range(self, member: str, parent: str, said: Sequence[str]) -> tuple[int, int]:
        """What can be inferred of one from the others of its family."""
        least = {c: 1 if c in self.hidden else self.of[c].persons for c in (parent, *said)}
        most = {
            c: self.of[c].total if c in self.hidden else self.of[c].persons for c in (parent, *said)
        }
        ceiling = most[parent]
        if member == parent:
            low = max(least.values())
            if self.hidden.isdisjoint(said):  # then nothing but its own size can have hidden it
                low = max(low, self.of[parent].total - self.k + 1)
            return low, min(ceiling, sum(most[c] for c in said))
        others = [c for c in said if c != member]
        low = max(1, least[parent] - sum(min(most[c], ceiling) for c in others))
        high = min(most[member], ceiling)
        if parent not in self.hidden:
            left = self.of[parent].passages - sum(
                self.of[c].passages for c in said if c not in self.hidden
            )
            left -= sum(c in self.hidden for c in others)
            if left >= self.of[member].persons:
                high = min(high, left)
        return low, high
