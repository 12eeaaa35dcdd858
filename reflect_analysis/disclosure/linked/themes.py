"""What a study's theme table tells: every other table of a report stands beside it."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator
from typing import TYPE_CHECKING

from reflect_analysis.disclosure.counts import is_sensitive, show_count
from reflect_analysis.disclosure.linked.differences import ToldRow, hidden_rows
from reflect_analysis.disclosure.linked.people import People
from reflect_analysis.disclosure.trees import TreeCount, hidden_in_trees

if TYPE_CHECKING:
    from reflect_analysis.incidence import Incidence

__all__ = ["hidden_beside_themes", "theme_codes", "theme_ranges", "told_themes"]


def hidden_beside_themes(people: People, rows: Iterable[ToldRow], *, k: int) -> frozenset[Hashable]:
    """Which rows of a table must be hidden beside the theme table of the same study.

    Parameters
    ----------
    people : People
    rows : iterable of ToldRow
        In the order of their weight: what stands first is shown first.
    k : int
        Counts of fewer persons are hidden; at least 3.

    Returns
    -------
    frozenset
        The keys of those rows.
    """
    shown, closed = theme_codes(people.incidence, k=k)
    return hidden_rows(people, rows, fixed=told_themes(people, shown), closed=closed, k=k)


def theme_codes(incidence: Incidence, *, k: int) -> tuple[frozenset[str], frozenset[str]]:
    """The codes whose counts a theme table prints, and those that it hides for others' sake.

    Parameters
    ----------
    incidence : Incidence
        From which the table would be counted.
    k : int
        Counts of fewer persons are hidden; at least 3.
    """
    counts = [_tree_count(code, incidence) for code in incidence.codes]
    read = [count for count in counts if count.total]
    hidden = hidden_in_trees(read, k)
    few = {count.id for count in read if is_sensitive(count.persons, count.total, k)}
    return frozenset(count.id for count in read) - hidden - few, hidden


def theme_ranges(incidence: Incidence, *, k: int) -> dict[str, tuple[int, int]]:
    """Between which numbers a reader of a theme table knows the participants of each code.

    Those that are hidden for others' sake have no bound there; here they are taken to have one.

    Parameters
    ----------
    incidence : Incidence
        From which the table would be counted.
    k : int
        Counts of fewer persons are hidden; at least 3.
    """
    cases, found = [unit.case_id for unit in incidence.units], {}
    for place, code in enumerate(incidence.codes):
        column = list(zip(cases, incidence.said[:, place], strict=True))
        read = {case for case, value in column if case and value >= 0}
        said = {case for case, value in column if case and value == 1}
        shown = show_count(len(said), len(read), k=k)
        found[code] = shown.low, shown.high
    return found


def _tree_count(code: str, incidence: Incidence) -> TreeCount:
    import numpy as np

    people = [unit.person for unit in incidence.units]
    column = incidence.codes.index(code)
    said, passages = incidence.said[:, column], incidence.passages[:, column]
    return TreeCount(
        code,
        incidence.parents.get(code, ""),
        persons=len({person for person, value in zip(people, said, strict=True) if value == 1}),
        total=len({person for person, value in zip(people, said, strict=True) if value >= 0}),
        passages=int(np.nansum(passages)),
    )


def told_themes(
    people: People, codes: Collection[str], *, quiet: Collection[str] = ()
) -> Iterator[ToldRow]:
    """What a theme table tells of some codes, and of all of them how many were read.

    Parameters
    ----------
    people : People
    codes : collection of str
        Whose counts are printed.
    quiet : collection of str
        Those of them whose participants are printed, but not their texts.
    """
    yield ToldRow("everyone", (people.everyone(),))
    texts = people.incidence.kind == "reflection"
    for code in people.incidence.codes:
        parts = [people.part([code])] + [people.texts_part([code])] * texts
        cells = [read for _, read in parts]
        told = parts[:1] if code in quiet else parts
        cells += [said for said, _ in told] if code in codes else []
        bounded = () if code in codes else (parts[0],)
        yield ToldRow(("theme", code), tuple(cells), tuple(parts), bounded=bounded)
