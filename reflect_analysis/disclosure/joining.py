"""Groups that may not stand by themselves in a table, joined with others.

Groups of fewer than k persons are joined because anything said of them is said of few. A
governed community is joined whatever its size: it is no row and no column of its own until
it asks to be. Leaving it out instead would give it back: every other total of the report
minus this table's total is the community.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from reflect_analysis.corpus import Corpus

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["governed_groups", "join_governed", "join_small"]


def governed_groups(corpus: Corpus, attribute: str) -> frozenset[str]:
    """The values of an attribute that stand for a governed community.

    Parameters
    ----------
    corpus : Corpus
    attribute : str
        Such as ``"community"`` or ``"place"``.

    Returns
    -------
    frozenset of str
        What governed participants have there where nobody else has it, the names of those
        who govern, and of ``"community"`` all that governed participants have.

    Examples
    --------
    >>> from reflect_analysis.corpus import Case, Corpus, Governance
    >>> cases = (Case("P1", {"place": "Hill"}),
    ...          Case("P2", {"place": "Lake"}, governance=Governance("nation-1")))
    >>> sorted(governed_groups(Corpus((), cases), "place"))
    ['Lake', 'nation-1']
    """
    theirs = {_told(case.attributes.get(attribute)) for case in corpus.cases if case.governance}
    others = {_told(case.attributes.get(attribute)) for case in corpus.cases if not case.governance}
    names = {case.governance.authority for case in corpus.cases if case.governance}
    return frozenset((theirs if attribute == "community" else theirs - others) | names) - {""}


def _told(value: Any) -> str:
    return "" if value is None else str(value)


def join_small(
    counts: pd.DataFrame, sizes: Mapping[Any, int], k: int, other: str
) -> tuple[pd.DataFrame, dict[str, int]]:
    """The table with groups of fewer than k persons joined into one of at least k."""
    order = sorted(counts.columns, key=lambda column: sizes[column])
    joined: list[Any] = [column for column in order if sizes[column] < k]
    for column in order[len(joined) :]:
        if not joined or sum(sizes[each] for each in joined) >= k:
            break
        joined.append(column)
    # One group under this name: what was joined before for another reason is joined with it.
    if joined and other in counts.columns and other not in joined:
        joined.append(other)
    return _joined(counts, joined, other), _joined_sizes(counts, sizes, joined, other)


def join_governed(
    counts: pd.DataFrame,
    sizes: Mapping[Any, int] | None,
    governed: Collection[str],
    k: int,
    other: str,
) -> tuple[pd.DataFrame, dict[Any, int]]:
    """The table with governed columns joined with others of at least k persons.

    Without sizes a column's size is its sum. Where there are too few others, all are one.
    """
    size = {c: int(counts[c].sum()) for c in counts.columns} if sizes is None else dict(sizes)
    theirs = [column for column in counts.columns if str(column) in governed]
    if not theirs:
        return counts, size
    free = sorted((c for c in counts.columns if c not in theirs), key=lambda c: size[c])
    company: list[Any] = []
    while free and sum(size[column] for column in company) < k:
        company.append(free.pop(0))
    joined = [*theirs, *company]
    return _joined(counts, joined, other), _joined_sizes(counts, size, joined, other)


def _joined(counts: pd.DataFrame, joined: Collection[Any], other: str) -> pd.DataFrame:
    kept = [column for column in counts.columns if column not in joined]
    table = counts[kept].copy()
    table.columns = [str(column) for column in kept]
    if joined:
        table[other] = counts[list(joined)].sum(axis=1, min_count=1)
    return table


def _joined_sizes(
    counts: pd.DataFrame, sizes: Mapping[Any, int], joined: Collection[Any], other: str
) -> dict[Any, int]:
    size = {str(c): int(sizes[c]) for c in counts.columns if c not in joined}
    if joined:
        size[other] = sum(int(sizes[each]) for each in joined)
    return size
