"""A sample of a data set's rows, drawn from each participant in proportion.

As `topics.fit_topics` draws from segments that are too many: of the rows sorted by participant,
every n-th. A participant who wrote little may be missed; nobody is drawn from out of proportion.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np

from reflect_analysis.corpus import Case
from reflect_analysis.scale.dataset import DatasetPlan
from reflect_analysis.scale.files import pyarrow
from reflect_analysis.scale.values import Job

__all__ = ["Drawn", "draw"]

Drawn = Mapping[Job, tuple[int, ...]]

_USES = {"topics", "tables"}


def draw(plan: DatasetPlan, size: int, seed: int) -> tuple[Drawn, int]:
    """Rows by partition, and of how many they were drawn.

    Parameters
    ----------
    plan : DatasetPlan
    size : int
        As many rows, or all where there are fewer.
    seed : int

    Returns
    -------
    mapping of Job to tuple of int
        Rows of each partition, counted from 0 and rising; partitions without any are left out.
    int
        Rows of those who did not withdraw, without copies of texts of who did, and whose
        governors approved ``"topics"`` and ``"tables"``.
    """
    barred = _barred(plan)
    copies = frozenset(_copies(plan))
    writers = list(_writers(plan))
    kept = [n for n, each in enumerate(writers) if each not in barred and n not in copies]
    able = np.array(kept, dtype=np.int64)
    n = len(able)
    if n > size:
        # Texts of nobody known are each a voice of their own, as `topics.words.voice_of` has it.
        voices = [writers[row] or f"\0{row}" for row in able.tolist()]
        # By their rank: as an array of text, each would take the room of the longest id.
        ranks = {voice: rank for rank, voice in enumerate(sorted(set(voices)))}
        ranked = np.fromiter(map(ranks.__getitem__, voices), np.int64, n)
        order = np.random.default_rng([seed, 0]).permutation(n)
        by_voice = order[np.argsort(ranked[order], kind="stable")]
        able = np.sort(able[by_voice[(np.arange(size) * n / size).astype(np.int64)]])
    return dict(_by_job(plan, able)), n


def _barred(plan: DatasetPlan) -> frozenset[str | None]:
    """Participants whose texts are in no topic."""
    gone = {stone.case_id for stone in plan.beside.withdrawn}
    return frozenset(gone | {case.id for case in plan.beside.cases if _waits(case)})


def _waits(case: Case) -> bool:
    return case.governance is not None and not _USES.issubset(case.governance.approved_uses)


def _rows_by_file(plan: DatasetPlan) -> Counter[str]:
    """How many rows each file has, in the order of the partitions."""
    counts: Counter[str] = Counter()
    for job in plan.jobs:
        counts[job.file] += job.rows
    return counts


def _copies(plan: DatasetPlan) -> Iterator[int]:
    """Rows, in the order of the partitions, that repeat a text of who withdrew."""
    first = 0
    for file, rows in _rows_by_file(plan).items():
        yield from (first + row - 1 for row in plan.gone.copies.get(file, ()))
        first += rows


def _writers(plan: DatasetPlan) -> Iterator[str | None]:
    """Who wrote each row, in the order of the partitions."""
    pa, pc = pyarrow(), pyarrow("pyarrow.compute")
    name = plan.columns.column("participant")
    for file, rows in _rows_by_file(plan).items():
        if name is None:
            yield from [None] * rows
            continue
        table = pyarrow("pyarrow.parquet").read_table(plan.folder / file, columns=[name])
        cells = pc.utf8_trim_whitespace(pc.fill_null(table[name].cast(pa.string()), ""))
        yield from (each or None for each in cells.to_pylist())


def _by_job(plan: DatasetPlan, rows: np.ndarray) -> Iterator[tuple[Job, tuple[int, ...]]]:
    first = 0
    for job in plan.jobs:
        low, high = np.searchsorted(rows, [first, first + job.rows])
        if low < high:
            yield job, tuple((rows[low:high] - first).tolist())
        first += job.rows
