"""What of an agreement may be sent: which rows give a small count of persons back.

Units are texts, not persons; but where four persons wrote of something, the number of texts
in which a coder found it says so. Where a row's count of persons is hidden, everything goes
from which the positives can be worked out, and that is every figure: from n and alpha alone few
counts are possible, and fewer beside what the theme table prints of the code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reflect_analysis.disclosure import HIDDEN, show_persons
from reflect_analysis.disclosure.trees import TreeCount, hidden_in_groups
from reflect_analysis.reliability.rated import (
    CodeAgreement,
    CodeSpans,
)

__all__ = ["ShownRow", "hidden_in_coders", "shown_row"]


@dataclass(frozen=True, slots=True)
class ShownRow:
    """What of a row may be sent.

    Parameters
    ----------
    hides_rest : bool
        Whether its positives and all its figures are hidden; also why a figure is undefined:
        "every rating is the same" would say that all had it.
    positives : str
        ``12 / 10``, or the sign for a hidden count.
    alpha : float
        ``nan`` where it is undefined or hidden.
    """

    hides_rest: bool
    positives: str
    alpha: float


def shown_row(row: CodeAgreement | CodeSpans, *, k: int) -> ShownRow:
    """What of a row may be sent.

    Parameters
    ----------
    row : CodeAgreement or CodeSpans
    k : int
        Counts of fewer persons are hidden; at least 3.
    """
    if row.units == 0:
        return ShownRow(hides_rest=False, positives="–", alpha=float("nan"))
    if row.withheld or any(show_persons(said, row.read, k=k).hides_rest for said in row.said):
        return ShownRow(hides_rest=True, positives=HIDDEN, alpha=float("nan"))
    positives = " / ".join(map(str, row.positives))
    return ShownRow(hides_rest=False, positives=positives, alpha=row.alpha.value)


def hidden_in_coders(
    rows: Iterable[CodeAgreement | CodeSpans], parents: Mapping[str, str], *, k: int
) -> frozenset[str]:
    """The codes of which nothing may be sent because of codes above or below them.

    What a coder found of a code and of its subcode tells how many gave that coder the one and
    not the other, however many gave it to all coders together.

    Parameters
    ----------
    rows : iterable of CodeAgreement or CodeSpans
        All that are printed.
    parents : mapping of str to str
        The code above each.
    k : int
        Counts of fewer persons are hidden; at least 3.
    """
    printed: dict[tuple[str, ...], list[CodeAgreement | CodeSpans]] = {}
    for row in rows:
        if row.units:
            printed.setdefault((row.phase, type(row).__name__, *row.coders), []).append(row)
    groups = (group for found in printed.values() for group in _counts(found, parents))
    return hidden_in_groups(groups, k)


def _counts(
    rows: Sequence[CodeAgreement | CodeSpans], parents: Mapping[str, str]
) -> Iterator[list[TreeCount]]:
    """What all coders together, then each of them, found of each code."""
    for place in range(max(len(row.said) for row in rows)):
        yield [
            TreeCount(
                row.code_id,
                parents.get(row.code_id, ""),
                row.said[place].at_most,
                row.read.at_most,
                texts=row.positives[place - 1] if place else 0,
                hidden=row.withheld,
            )
            for row in rows
            if place < len(row.said)
        ]
