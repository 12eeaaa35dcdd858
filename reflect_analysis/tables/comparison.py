"""Groups compared, as it may be sent."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan

from reflect_analysis.comparison import Comparison, GroupDifference
from reflect_analysis.disclosure import (
    ReleasedCell,
    Shown,
    TreeCount,
    count_note,
    hidden_in_groups,
    show_count,
)
from reflect_analysis.disclosure.counts import HIDDEN, check_same_k
from reflect_analysis.disclosure.linked import (
    People,
    ToldRow,
    hidden_beside_themes,
    imagined_for,
)
from reflect_analysis.tables.values import Cell, Column, Of, Table, half_up

__all__ = ["comparison_table", "told_comparison"]


def comparison_table(comparison: Comparison, *, k: int = 5, number: int = 1) -> Table:
    """Codes by group, with the counts, differences and tests that may be sent.

    A row whose counts are hidden in one group is hidden in both, with its difference and its
    test: the total of a code stands in the theme table, so one group gives the other back. The
    p values are adjusted for the tests that are printed: what is hidden depends on no p value.
    Outside a report rows are held against a theme table of the same codings; what else is sent
    (pairs, frameworks) only a report knows.

    Parameters
    ----------
    comparison : Comparison
        With exact counts.
    k : int
        Counts of persons below `k` are hidden; at least 3.
    number : int
        As in "Table 1".

    Returns
    -------
    Table

    Raises
    ------
    ValueError
        If a report found what must be withheld for another `k`.
    """
    check_same_k(k, comparison.withheld_at, asked="compare_groups")
    first, second = _groups(comparison)
    few = {row.code_id for row in comparison.rows if _has_few(row, k)}
    hidden = _hidden(comparison, k) | few
    comparison = comparison.hiding(hidden)
    columns = (
        Column("Code"),
        Column(first, "number"),
        Column(second, "number"),
        Column("Difference"),
        Column("First more often", "share"),
        Column("p", "number", 3),
        Column("Adjusted p", "number", 3),
    )
    return Table(
        title=f"Participants who mentioned each code, by {comparison.by}",
        columns=columns,
        rows=tuple(_cells(row, k, hidden) for row in comparison.rows),
        number=number,
        note=f"{comparison.note} {_ON_TESTS * bool(hidden)}{count_note(k)}",
        draft=comparison.draft,
        released=tuple(_told(row, comparison.by, k, hidden) for row in comparison.rows),
    )


_ON_TESTS = "A code whose counts are hidden is none of the tests that p is adjusted for. "


def _has_few(row: GroupDifference, k: int) -> bool:
    """Whether the row is hidden for its own counts."""
    if 0 in {row.of_first, row.of_second}:
        return False
    return not all(shown.exact for shown in _shown(row, k))


def _groups(comparison: Comparison) -> tuple[str, str]:
    if not comparison.rows:
        return "First group", "Second group"
    return comparison.rows[0].first, comparison.rows[0].second


def _hidden(comparison: Comparison, k: int) -> frozenset[str]:
    """The codes that others above or below them, or other counts, would give back."""
    hidden = _in_trees(comparison, k)
    if comparison.withheld is not None:
        return hidden | comparison.withheld
    if comparison.people is None:
        return hidden
    values = {comparison.by: comparison.group_of}
    imagined = imagined_for(6 * len(comparison.people.codes))
    people = People(comparison.people, values, imagined=imagined)
    found = hidden_beside_themes(people, told_comparison(comparison, people, k=k), k=k)
    return hidden | {str(code) for code in found}


def _in_trees(comparison: Comparison, k: int) -> frozenset[str]:
    """The codes that others above or below them would give back, in a group or in all."""
    rows = [row for row in comparison.rows if row.of_first and row.of_second]
    first = [TreeCount(r.code_id, r.parent, r.n_first, r.of_first) for r in rows]
    second = [TreeCount(r.code_id, r.parent, r.n_second, r.of_second) for r in rows]
    both = [
        TreeCount(r.code_id, r.parent, r.n_first + r.n_second, r.of_first + r.of_second)
        for r in rows
    ]
    return hidden_in_groups((first, second, both), k)


def told_comparison(comparison: Comparison, people: People, *, k: int) -> Iterator[ToldRow]:
    """What the rows would tell, as far as none is hidden for its own counts.

    Parameters
    ----------
    comparison : Comparison
    people : People
        Of the same study, with `Comparison.group_of` as the values of the attribute.
    k : int
        At least 3.
    """
    first, second = _groups(comparison)
    rest = set(comparison.group_of.values()) - {first, "not known"}
    names = {first}, rest if second == "others" else {second}
    groups = [people.within(comparison.by, each) for each in names]
    everyone, hidden = people.everyone(), _in_trees(comparison, k)
    # Beside the total of the theme table two groups tell of those who are in neither.
    around = [*groups, groups[0] | groups[1]]
    for row in comparison.rows:
        part = people.part([row.code_id])
        shown = row.of_first and row.of_second and row.code_id not in hidden
        told = shown and all(each.exact for each in _shown(row, k))
        cells = tuple(units & group for units in part for group in groups) if told else ()
        parts = (part, *((group, everyone) for group in around))
        yield ToldRow(row.code_id, cells, parts, tells=(row.code_id,))


def _shown(row: GroupDifference, k: int) -> tuple[Shown, Shown]:
    first = show_count(row.n_first, row.of_first, k=k)
    return first, show_count(row.n_second, row.of_second, k=k)


def _cells(row: GroupDifference, k: int, hidden: frozenset[str]) -> tuple[Cell, ...]:
    if 0 in {row.of_first, row.of_second}:
        return (row.code, *(None,) * 6)
    first, second = _shown(row, k)
    if not (first.exact and second.exact) or row.code_id in hidden:
        return (row.code, *(HIDDEN,) * 6)
    difference = (
        f"{half_up(100 * row.difference)} points "
        f"[{half_up(100 * row.low)}, {half_up(100 * row.high)}]"
    ).replace("-", "−")
    counts = Of(row.n_first, row.of_first), Of(row.n_second, row.of_second)
    tests = ("not tested", "") if isnan(row.p) else (row.p, row.adjusted)
    return (row.code, *counts, difference, row.more, *tests)


def _told(
    row: GroupDifference, by: str, k: int, hidden: frozenset[str]
) -> tuple[ReleasedCell, ...]:
    """The counts that a row tells, for the ledger; nothing where they are hidden."""
    if 0 in {row.of_first, row.of_second} or row.code_id in hidden:
        return ()
    if not all(shown.exact for shown in _shown(row, k)):
        return ()
    groups = (
        (row.first, row.n_first, row.of_first),
        (row.second, row.n_second, row.of_second),
    )
    return tuple(
        ReleasedCell(row.code_id, ((by, group),), n, n, total) for group, n, total in groups
    )
