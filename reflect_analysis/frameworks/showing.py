"""What may be printed of the people on each side of a row.

A side is a union of codes, and each code may stand in another table of the same report: the
union less one of its codes are people as well. So a side is hidden where any two sets of which
the counts are printed leave 1 to k − 1 people apart, or in common where both together are a
third.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Literal

from reflect_analysis.disclosure import DEFAULT_K, HIDDEN, Shown, show_persons

if TYPE_CHECKING:
    from reflect_analysis.frameworks.filling import Evidence, FilledFramework, FilledRow

__all__ = ["Side", "SideShown", "show_sides"]

Side = Literal["for", "against"]
SIDES: tuple[Side, ...] = ("for", "against")
Codes = frozenset[str]


@dataclass(frozen=True, slots=True)
class SideShown:
    """One side of a row as it may be sent.

    Parameters
    ----------
    shown : Shown, optional
        People, or texts where no participant is known; `None` where nobody read, or no code
        speaks for the side.
    total : int
        Of how many.
    unit : {"persons", "texts"}
    """

    shown: Shown | None
    total: int = 0
    unit: Literal["persons", "texts"] = "persons"

    @property
    def says(self) -> bool | None:
        """Whether somebody speaks on this side; `None` where that is hidden or not known."""
        if self.shown is None or not self.shown.exact:
            return None
        return self.shown.low > 0


def show_sides(filled: FilledFramework, *, k: int = DEFAULT_K) -> dict[tuple[str, Side], SideShown]:
    """Both sides of each row, by row id and side, with what must be hidden hidden.

    Parameters
    ----------
    filled : FilledFramework
    k : int
        At least 3.
    """
    tell_tale = _tell_tale(filled, k)
    in_texts = not any(
        evidence.of_persons.known for row in filled.rows for _, _, evidence in _sides(row)
    )
    return {
        (row.row.id, side): _shown(
            evidence, k, in_texts=in_texts, hidden=frozenset(codes) in tell_tale
        )
        for row in filled.rows
        for side, codes, evidence in _sides(row)
    }


def _sides(row: FilledRow) -> tuple[tuple[Side, tuple[str, ...], Evidence], ...]:
    return (
        ("for", row.row.supports, row.supports),
        ("against", row.row.contradicts, row.contradicts),
    )


def _shown(evidence: Evidence, k: int, *, in_texts: bool, hidden: bool) -> SideShown:
    total = evidence.of_reflections if in_texts else evidence.of_persons.known
    if total == 0:
        return SideShown(None)
    found = show_persons(evidence.persons, evidence.of_persons, k=k)
    closed = Shown(HIDDEN, 0, total, hides_rest=True)
    if hidden or (in_texts and found.hides_rest):
        found = closed
    elif in_texts:
        found = Shown(str(evidence.reflections), *(evidence.reflections,) * 2, hides_rest=False)
    return SideShown(found, total, "texts" if in_texts else "persons")


def _tell_tale(filled: FilledFramework, k: int) -> set[Codes]:
    """The sides of which the number of people gives few people away beside other numbers."""
    told = _published(filled)
    found = set()
    for whole in told:
        parts = [codes for codes in told if codes < whole]
        apart = any(0 < len(told[whole]) - len(told[part]) < k for part in parts)
        common = (len(told[a] & told[b]) for a, b in combinations(parts, 2) if a | b == whole)
        if apart or any(0 < n < k for n in common):
            found.add(whole)
    return found


def _published(filled: FilledFramework) -> Mapping[Codes, frozenset[str]]:
    """Who stands behind each set of codes of which a count may be printed somewhere."""
    sets = [frozenset([code]) for code in filled.framework.codes]
    sets += [frozenset(codes) for row in filled.rows for _, codes, _ in _sides(row) if codes]
    return {
        codes: frozenset[str]().union(*(filled.speakers[code] for code in codes)) for codes in sets
    }
