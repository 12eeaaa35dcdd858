"""What may be printed of the people on each side of a row.

A side is a union of codes, and each code may stand in the theme table of the same report: the
union less one of its codes are people as well, and so is a parent code less the union of some of
its subcodes. So a side is hidden where 1 to k − 1 people would follow from it and what else is told
(`disclosure.linked`).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from reflect_analysis.disclosure import DEFAULT_K, HIDDEN, Shown, show_persons
from reflect_analysis.disclosure.counts import check_same_k
from reflect_analysis.disclosure.linked import (
    People,
    ToldRow,
    hidden_beside_themes,
    imagined_for,
    theme_ranges,
)

if TYPE_CHECKING:
    from reflect_analysis.frameworks.filling import Evidence, FilledFramework, FilledRow

__all__ = ["SIDES", "Side", "SideShown", "show_sides", "told_sides"]

Side = Literal["for", "against"]
SIDES: tuple[Side, ...] = ("for", "against")


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

    Raises
    ------
    ValueError
        If a report found what must be withheld for another `k`.
    """
    check_same_k(k, filled.withheld_at, asked="fill_framework")
    withheld, in_texts = _withheld(filled, k), _in_texts(filled)
    ranges = theme_ranges(filled.texts, k=k) if filled.texts is not None else {}
    return {
        (row.row.id, side): _unpinned(
            _shown(evidence, k, in_texts=in_texts, hidden=(row.row.id, side) in withheld),
            [ranges[code] for code in codes if code in ranges],
            k,
        )
        for row in filled.rows
        for side, codes, evidence in _sides(row)
    }


def _unpinned(side: SideShown, codes: Sequence[tuple[int, int]], k: int) -> SideShown:
    """A side without its bound where the theme table's counts of its codes leave few values.

    Those of any of some codes are no fewer than those of one of them, and no more than all of
    them together: "≥30" of 34 beside two codes of 20 and of 10 is 30.
    """
    shown = side.shown
    if shown is None or shown.exact or shown.text == HIDDEN or side.unit == "texts" or not codes:
        return side
    low = max(shown.low, *(low for low, _ in codes))
    high = min(shown.high, sum(high for _, high in codes))
    if high - low + 1 >= k - 1:
        return side
    return replace(side, shown=Shown(HIDDEN, 0, side.total, hides_rest=True))


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


def told_sides(filled: FilledFramework, people: People, *, k: int = DEFAULT_K) -> list[ToldRow]:
    """What the sides would tell, as far as none is hidden for its own counts.

    Those of the fewest codes stand first: of two that tell too much together, the wider is hidden.

    Parameters
    ----------
    filled : FilledFramework
    people : People
        With the reflections of the same study.
    k : int
        At least 3.
    """
    in_texts = _in_texts(filled)
    part_of = people.texts_part if in_texts else people.part
    sides = [(row.row.id, *side) for row in filled.rows for side in _sides(row)]
    found = []
    for row_id, side, codes, evidence in sorted(sides, key=lambda each: len(each[2])):
        shown = _shown(evidence, k, in_texts=in_texts, hidden=False).shown
        if shown is not None:
            said, read = part_of(codes)
            cells = (said, read) if shown.exact else (read,)
            tells = codes if len(codes) == 1 else ()
            part = (said, read)
            bounded = () if shown.exact or in_texts or shown.text == HIDDEN else (part,)
            found.append(ToldRow((row_id, side), cells, (part,), tells=tells, bounded=bounded))
    return found


def _in_texts(filled: FilledFramework) -> bool:
    """Whether no participant is known, so that texts are counted."""
    sides = (evidence for row in filled.rows for _, _, evidence in _sides(row))
    return not any(evidence.of_persons.known for evidence in sides)


def _withheld(filled: FilledFramework, k: int) -> frozenset[Hashable]:
    """The sides that give few people away beside a theme table, or one another.

    A code's own number stands in the theme table: of two numbers that tell too much together,
    the side's is hidden.
    """
    if filled.withheld is not None:
        return frozenset(filled.withheld)
    if filled.texts is None:
        return frozenset()
    counts = 4 * len(filled) + 4 * len(filled.texts.codes)
    people = People(filled.texts, imagined=imagined_for(counts))
    return hidden_beside_themes(people, told_sides(filled, people, k=k), k=k)
