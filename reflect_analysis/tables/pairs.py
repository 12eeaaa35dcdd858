"""Codes that occur together, as they may be sent."""

from __future__ import annotations

from math import isnan

from reflect_analysis.disclosure import ReleasedCell, count_note, released_count, show_count
from reflect_analysis.disclosure.releases import PERSONS
from reflect_analysis.errors import agreeing, counted
from reflect_analysis.pairs import UNEVEN, CodePair, Pairs
from reflect_analysis.tables.values import Cell, Column, Of, Table, half_up

__all__ = ["pairs_table"]


def pairs_table(pairs: Pairs, *, k: int = 5, number: int = 1) -> Table:
    """The pairs that may be sent, in the codebook's order, with counts before measures.

    What is left out, and why, stands at `Pairs.shown`.

    Parameters
    ----------
    pairs : Pairs
        With exact counts.
    k : int
        At least 3.
    number : int
        As in "Table 1".

    Returns
    -------
    Table
    """
    shown = pairs.shown(k=k)
    tested = not all(isnan(row.p) for row in pairs.rows)
    columns = (
        Column("Code"),
        Column("and code"),
        Column("Participants", "number"),
        Column(f"{pairs.unit.capitalize()}s with both", "number"),
        Column("Jaccard", "number", 2),
        Column("Overlap", "number", 2),
        Column("Lift", "number", 1),
        Column("95 % interval of lift"),
        *((Column("p", "number", 3),) if tested else ()),
    )
    return Table(
        title=f"Codes that occur in the same {pairs.unit}",
        columns=columns,
        rows=tuple(_cells(row, pairs, tested=tested) for row in shown),
        number=number,
        note=_note(pairs, len(shown), k),
        draft=pairs.draft,
        released=tuple(_told(row, pairs, k) for row in shown),
    )


def _cells(row: CodePair, pairs: Pairs, *, tested: bool) -> tuple[Cell, ...]:
    mark = " †" if row.uneven else ""
    return (
        pairs.names[row.first],
        f"{pairs.names[row.second]}{mark}",
        row.persons.known,
        Of(row.n_both, row.n_units),
        row.jaccard,
        row.overlap,
        row.lift,
        None if isnan(row.low) else f"{half_up(row.low, 1)}–{half_up(row.high, 1)}",
        *((row.p,) if tested else ()),
    )


_MEASURES = (
    "Jaccard: of units with either code, those with both; overlap: of those with the rarer code; "
    "lift: against codes that fall independently (1)."
)


def _note(pairs: Pairs, shown: int, k: int) -> str:
    unit = {
        "reflection": "A reflection is what one participant wrote or said in one document.",
        "segment": "Both codes stand in the same segment.",
        "participant": "Both codes stand somewhere in the participant’s texts.",
    }.get(pairs.unit, "")
    shares = (
        f"{shown} of {counted(len(pairs), 'pair')} {agreeing(shown, 'are')} shown: those not shown "
        f"never occur together, or fewer than {k} people would stand behind a number or a "
        "difference of two."
    )
    uneven = f"† One code is more than {UNEVEN} times as frequent as the other: Jaccard is small."
    parts = [
        shares,
        unit,
        _MEASURES,
        uneven if any(row.uneven for row in pairs.rows) else "",
        "" if pairs.independent else "One person has several units: intervals are too narrow.",
        "Occurring together is neither cause nor direction.",
        count_note(k),
    ]
    return " ".join(part for part in parts if part)


def _told(row: CodePair, pairs: Pairs, k: int) -> tuple[ReleasedCell, ...]:
    """The counts that a row tells, for the ledger."""
    what = f"{row.first} and {row.second}"
    total = pairs.people_read(row)
    people = released_count(what, show_count(row.persons.known, total, k=k), total)
    unit = PERSONS if pairs.unit == "participant" else f"{pairs.unit}s"
    both = ReleasedCell(what, (), row.n_both, row.n_both, row.n_units, unit)
    return tuple(dict.fromkeys((people, both)))
