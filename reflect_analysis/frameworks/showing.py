"""What may be printed of the people on each side of a row.

A side is a union of codes, and each code may stand in the theme table of the same report: the
union less one of its codes are people as well, and so is a parent code less the union of some of
its subcodes. So a side is hidden where two sets of codes of which the numbers are printed, the
one within the other, leave 1 to k − 1 people apart, or have so few in common where both
together are a third.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Literal

from reflect_analysis.disclosure import DEFAULT_K, HIDDEN, Shown, show_persons

if TYPE_CHECKING:
    from reflect_analysis.frameworks.filling import Evidence, FilledFramework, FilledRow

__all__ = ["SIDES", "Side", "SideShown", "show_sides"]

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
        """Whether somebody speaks on this side; `None` where that is hidden or not known.

        "≥30" is no secret in this; "<5" is, because then it is one of few.
        """
        if self.shown is None or self.shown.text == HIDDEN or self.shown.text.startswith("<"):
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
            evidence, k, in_texts=in_texts, hidden=_codes(codes, filled) in tell_tale
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
    """The sides of which the number of people gives few people away beside other numbers.

    A code's own number stands in the theme table: of two numbers that tell too much together,
    the side's is hidden.
    """
    told = _published(filled)
    sides = {_codes(codes, filled) for row in filled.rows for _, codes, _ in _sides(row)}
    sides -= set(filled.families.values())
    found: set[Codes] = set()
    for whole, people in told.items():
        parts = [codes for codes in told if codes < whole]
        apart = [part for part in parts if 0 < len(people) - len(told[part]) < k]
        common = [
            each
            for pair in combinations(parts, 2)
            if pair[0] | pair[1] == whole and 0 < len(told[pair[0]] & told[pair[1]]) < k
            for each in pair
        ]
        if apart or common:
            found.update({whole} if whole in sides else sides.intersection([*apart, *common]))
    return found


def _published(filled: FilledFramework) -> Mapping[Codes, frozenset[str]]:
    """Who stands behind each set of codes of which a number may be printed somewhere."""
    sets = [*filled.families.values()]
    sets += [_codes(codes, filled) for row in filled.rows for _, codes, _ in _sides(row) if codes]
    return {
        codes: frozenset[str]().union(*(filled.speakers.get(code, ()) for code in codes))
        for codes in sets
    }


def _codes(codes: Iterable[str], filled: FilledFramework) -> Codes:
    """Some codes with all that counts for them."""
    return frozenset[str]().union(*(filled.families[code] for code in codes))
