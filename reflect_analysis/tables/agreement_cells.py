"""What the agreement's tables tell in numbers, as the ledger of releases keeps it.

Units are texts, and the texts of one who came show in their number: so each row hands over
how many units it rests on, printed or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from reflect_analysis.disclosure import ReleasedCell

if TYPE_CHECKING:
    from reflect_analysis.reliability import CodeAgreement, CodeSpans
    from reflect_analysis.reliability.showing import ShownRow

__all__ = ["AGREEMENT", "codes_told", "number_told", "pairs_told"]

AGREEMENT = "agreement"


def number_told(on: str, phase: str, number: int, unit: str) -> ReleasedCell:
    """A number of units that an agreement rests on."""
    name = f"{AGREEMENT} on {on}{phase and f', {phase}'}"
    return ReleasedCell(name, (), number, number, 0, unit)


def codes_told(row: CodeAgreement | CodeSpans, safe: ShownRow) -> tuple[ReleasedCell, ...]:
    """The units of a code's row, and those in which each coder found it."""
    units = number_told(row.code_id, row.phase, row.units, "units")
    if not row.units or safe.hides_rest:
        return (units,)
    found = zip(row.coders, row.positives, strict=True)
    each = (ReleasedCell(units.what, (), n, n, row.units, f"units by {name}") for name, n in found)
    return (units, *each)


def pairs_told(
    rows: Sequence[CodeAgreement | CodeSpans], phase: str, code_id: str
) -> Iterator[ReleasedCell]:
    """The units that each pair of coders read for a code."""
    for row in rows:
        if (row.phase, row.code_id) == (phase, code_id):
            yield number_told(code_id, phase, row.units, f"units of {' and '.join(row.coders)}")
