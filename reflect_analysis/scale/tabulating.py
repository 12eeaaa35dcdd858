"""The theme table of a data set, from the counts of its partitions.

Row for row what `themes.theme_table` gives of the same texts on one machine. Participants are
joined over partitions before they are counted; nothing else needs them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from reflect_analysis.codebook import Code, Codebook
from reflect_analysis.provenance import Run
from reflect_analysis.scale.files import pyarrow
from reflect_analysis.scale.values import Receipt
from reflect_analysis.themes import Approach, ThemeRow, ThemeTable
from reflect_analysis.themes.counting import COUNTING

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

__all__ = ["add_counts", "themes_of"]

_SUMS = ("references", "reflections", "of_reflections", "unknown", "of_unknown")


@dataclass(frozen=True)
class Counts:
    """What was counted of a whole data set.

    Parameters
    ----------
    sums : mapping of str to mapping of str to int
        By code.
    said : mapping of str to (array, array)
        By code the numbers of the participants with a passage, and how many each has.
    readers : mapping of str to array
        By code the numbers of the participants with a text that was read.
    communities : array
        By participant the number of the community, −1 where it is not known.
    """

    sums: Mapping[str, Mapping[str, int]]
    said: Mapping[str, tuple[Ints, Ints]]
    readers: Mapping[str, Ints]
    communities: Ints


def add_counts(
    receipts: Sequence[Receipt],
    found: Iterable[Path],
    read: Iterable[Path],
    communities: Mapping[str, str],
) -> Counts:
    """Add the counts of partitions.

    Parameters
    ----------
    receipts : sequence of Receipt
    found, read : iterable of Path
        The files of passages by code and participant, and of who was read, in the same order.
    communities : mapping of str to str
        By participant.
    """
    pa = pyarrow()
    sums: dict[str, dict[str, int]] = {}
    for receipt in receipts:
        for code_id, told in receipt.totals.items():
            row = sums.setdefault(code_id, dict.fromkeys(_SUMS, 0))
            for name in _SUMS:
                row[name] += int(told[name])
    passages = _table(found).group_by(["code_id", "case_id"]).aggregate([("passages", "sum")])
    readers = _readers(receipts, read)
    everybody = pa.concat_arrays(
        [passages["case_id"].combine_chunks(), *(each for _, each in readers)]
    ).unique()
    return Counts(
        sums,
        dict(_by_code(passages, everybody)),
        dict(_read_by_code(readers, everybody)),
        _community_numbers(everybody.to_pylist(), communities),
    )


def _table(paths: Iterable[Path]) -> Any:
    parquet = pyarrow("pyarrow.parquet")
    return pyarrow().concat_tables([parquet.read_table(path) for path in paths])


def _readers(receipts: Sequence[Receipt], read: Iterable[Path]) -> list[tuple[list[str], Any]]:
    """Participants who were read, by the codes that they were read for."""
    pa, pc = pyarrow(), pyarrow("pyarrow.compute")
    found: dict[tuple[str, ...], list[Any]] = {}
    for receipt, path in zip(receipts, read, strict=True):
        table = pyarrow("pyarrow.parquet").read_table(path)
        by_group: dict[int, list[str]] = {}
        for code_id, told in receipt.totals.items():
            by_group.setdefault(int(told["readers"]), []).append(code_id)
        for group, codes in by_group.items():
            cases = table.filter(pc.equal(table["readers"], group))["case_id"].combine_chunks()
            found.setdefault(tuple(codes), []).append(cases)
    return [(list(codes), pa.concat_arrays(cases).unique()) for codes, cases in found.items()]


def _numbers(cases: Any, everybody: Any) -> Ints:
    pc = pyarrow("pyarrow.compute")
    return np.asarray(pc.index_in(cases, everybody), dtype=np.int64)


def _by_code(passages: Any, everybody: Any) -> Iterable[tuple[str, tuple[Ints, Ints]]]:
    """Participants and their passages, code by code."""
    codes = passages["code_id"].combine_chunks().dictionary_encode()
    numbers = _numbers(passages["case_id"].combine_chunks(), everybody)
    counts = passages["passages_sum"].to_numpy()
    which = codes.indices.to_numpy()
    for number, code_id in enumerate(codes.dictionary.to_pylist()):
        rows = which == number
        yield code_id, (numbers[rows], counts[rows])


def _read_by_code(
    readers: Iterable[tuple[list[str], Any]], everybody: Any
) -> Iterable[tuple[str, Ints]]:
    joined: dict[str, list[Ints]] = {}
    for codes, cases in readers:
        numbers = _numbers(cases, everybody)
        for code_id in codes:
            joined.setdefault(code_id, []).append(numbers)
    for code_id, parts in joined.items():
        yield code_id, parts[0] if len(parts) == 1 else np.unique(np.concatenate(parts))


def _community_numbers(cases: Sequence[str], communities: Mapping[str, str]) -> Ints:
    known = {name: number for number, name in enumerate(dict.fromkeys(communities.values()))}
    return np.array([known.get(communities.get(each, ""), -1) for each in cases], dtype=np.int64)


def themes_of(
    counts: Counts,
    codebook: Codebook,
    *,
    claims: Mapping[str, str],
    approach: Approach,
    runs: tuple[Run, ...],
) -> ThemeTable:
    """The theme table.

    Parameters
    ----------
    counts : Counts
    codebook : Codebook
        With which it was coded.
    claims : mapping of str to str
        The researcher's theme for a group, by group id.
    approach : str
    runs : tuple of Run
    """
    book = codebook.public()
    rows = (_row(code, book, counts, claims, approach) for code in book if code.id in counts.sums)
    return ThemeTable(tuple(rows), approach, runs)


_NOBODY: Ints = np.empty(0, dtype=np.int64)


def _row(
    code: Code, book: Codebook, counts: Counts, claims: Mapping[str, str], approach: Approach
) -> ThemeRow:
    """The line of one code."""
    group, sums = book.group(code.group), counts.sums[code.id]
    people, passages = counts.said.get(code.id, (_NOBODY, _NOBODY))
    readers = counts.readers.get(code.id, _NOBODY)
    empty = not sums["of_reflections"]
    low, high = _interval(len(people), len(readers), approach)
    return ThemeRow(
        group=group.name,
        claim=claims.get(group.id, ""),
        code_id=code.id,
        code=f"{code.name} (split, to be decided)" if code.retired else code.name,
        definition=code.definition,
        participants=None if empty else len(people),
        of_participants=len(readers),
        low=low,
        high=high,
        reflections=None if empty else sums["reflections"],
        of_reflections=sums["of_reflections"],
        unknown=sums["unknown"],
        of_unknown=sums["of_unknown"],
        references=None if empty else sums["references"],
        median_references=float(np.median(passages)) if len(passages) else None,
        communities=None if empty else _communities(counts, people, readers),
        status="not read" if empty else "machine",
        parent=code.parent or "",
    )


def _communities(counts: Counts, people: Ints, readers: Ints) -> int | None:
    """Communities of those who said it; `None` where nobody's community is known."""
    if not (counts.communities[readers] >= 0).any():
        return None
    named = counts.communities[people]
    return len(np.unique(named[named >= 0]))


def _interval(n: int, total: int, approach: Approach) -> tuple[float | None, float | None]:
    """Wilson's interval, where the approach allows it and somebody was read."""
    if approach not in COUNTING or total == 0:
        return None, None
    from reflect_analysis.coefficients import wilson_interval

    return wilson_interval(n, total)
