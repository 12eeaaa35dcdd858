"""An engine fitted again and again: in this process, or in several.

What a refit is, its rows and its seed, is settled before any is run, so the number of workers
changes nothing but the time. Workers are started afresh (no fork) on every system and need no
guard in a script; where none can be started, or one fails, the refits run here. They belong to
one fit: joblib's pool is shared by all that runs in this process, and to end it would take
their workers from others.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pickle import PicklingError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reflect_analysis.topics.clusters import Cluster, Labels, NoTopicsError
from reflect_analysis.topics.neighbours import Vectors
from reflect_analysis.topics.remembering import Fits
from reflect_analysis.topics.values import OUTLIER

__all__ = ["NOT_DRAWN", "Progress", "Refit", "Steps", "run_refits", "workers_for"]

Progress = Callable[[int, int], None]

# A row that a bootstrap sample did not draw.
NOT_DRAWN = -2
# Starting a worker and loading what BERTopic needs takes this long; less is not shared out.
WORTH_WORKERS_S = 20.0
MOST_WORKERS = 8

# One thread a worker: the same sums in the same order as here.
_ONE_THREAD = dict.fromkeys(
    (
        "BLIS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "NUMBA_NUM_THREADS",
        "NUMEXPR_NUM_THREADS",
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
    ),
    "1",
)
# What is raised where processes cannot be started, or stop (a RuntimeError), or cannot be sent a
# model, or find no memory beside each other. A refit's own error may look the same; it is raised
# again when the refit is made here.
_NO_WORKERS = (
    *(OSError, ImportError, RuntimeError, PicklingError, TypeError, AttributeError),
    MemoryError,
)


@dataclass(frozen=True)
class Refit:
    """One fit: which rows, in which order, from which seed.

    Parameters
    ----------
    rows : ndarray
        Positions of the rows that are fitted, each once, in the order in which they come.
    seed : int
    """

    rows: NDArray[np.int64]
    seed: int


@dataclass
class _Processes:
    """The workers of one fit: started at its first refits, kept for the next, then ended."""

    pool: Any = None  # joblib.externals.loky.ProcessPoolExecutor
    size: int = 0
    asked: deque[Any] = field(default_factory=deque)  # the refits under way, as futures
    refused: bool = False  # what failed once is not tried again

    def labels(
        self, cluster: Cluster, vectors: Vectors, refits: Sequence[Refit], workers: int
    ) -> Iterator[Labels]:
        """The labels in the order of the refits, as far as workers give them."""
        if self.refused or not _may_start():
            return
        try:
            self._start(min(workers, len(refits)))
            for refit in refits:
                # Enough that none stands idle, and no more than the pool passes on at once.
                if len(self.asked) == 2 * self.size:
                    yield self._next()
                self.asked.append(self.pool.submit(_alone, cluster, vectors, refit))
            while self.asked:
                yield self._next()
        except _NO_WORKERS:
            self.refused = True
            self.end()

    def _start(self, size: int) -> None:
        """So many workers at least, with nothing under way that was stopped before."""
        from joblib.externals.loky import ProcessPoolExecutor  # type: ignore[import-untyped]  # ships no types

        if self.pool is not None and self.size >= size and not self.asked:
            return
        self.end()
        self.pool = ProcessPoolExecutor(size, initializer=_unwatched, env=_ONE_THREAD)
        self.size = size

    def _next(self) -> Labels:
        labels: Labels = self.asked[0].result()
        self.asked.popleft()  # only now: until it is there it is under way
        return labels

    def end(self) -> None:
        """End them, in the middle of a refit where one is under way."""
        pool, self.pool = self.pool, None
        asked, self.asked = self.asked, deque()
        if pool is not None:
            _shut(pool, asked)


@dataclass
class Steps:
    """The fits of a run: counted for a progress display, and ended.

    The total grows where more turn out to be needed.
    """

    tell: Progress | None = None
    total: int = 0
    done: int = field(default=0, init=False)
    processes: _Processes = field(default_factory=_Processes, init=False, repr=False)

    def expect(self, more: int) -> None:
        """So many fits are to come."""
        self.total += more

    def step(self) -> None:
        """One fit is done."""
        self.done += 1
        if self.tell is not None:
            self.tell(self.done, max(self.total, self.done))

    def end(self) -> None:
        """End the processes that made fits: idle they would hold half a gigabyte each."""
        self.processes.end()


def workers_for(workers: int | None, seconds: float) -> int:
    """How many processes are used: as asked, or by how long one process would take."""
    if workers is not None:
        return workers
    if seconds < WORTH_WORKERS_S:
        return 1
    return min(MOST_WORKERS, _cores())


def _cores() -> int:
    from joblib import cpu_count  # type: ignore[import-untyped]  # ships no types

    return int(cpu_count(only_physical_cores=False)) or os.cpu_count() or 1


def run_refits(
    cluster: Cluster,
    vectors: Vectors,
    refits: Sequence[Refit],
    *,
    workers: int = 1,
    steps: Steps | None = None,
    fits: Fits | None = None,
) -> list[Labels]:
    """Labels of every row by each refit: −1 for an outlier, −2 for a row that was not fitted.

    Parameters
    ----------
    cluster : Cluster
    vectors : ndarray
        (n_units, n_dimensions)
    refits : sequence of Refit
    workers : int
        Processes, at least 1; the result does not depend on it.
    steps : Steps, optional
        Keeps the processes for the next refits, until it is ended.
    fits : Fits, optional
        What is known of refits; by default all are made.
    """
    if steps is not None:
        return _all(cluster, vectors, refits, workers, steps, fits)
    steps = Steps(total=len(refits))
    try:
        return _all(cluster, vectors, refits, workers, steps, fits)
    finally:
        steps.end()


def _all(
    cluster: Cluster,
    vectors: Vectors,
    refits: Sequence[Refit],
    workers: int,
    steps: Steps,
    fits: Fits | None,
) -> list[Labels]:
    """The labels of each refit: as they are known, or made now and kept."""
    keys = fits.keys(cluster, vectors, "refit") if fits else None
    if not (fits and keys):
        return list(_made(cluster, vectors, refits, workers, steps))
    names = [keys.of(refit.rows, refit.seed) for refit in refits]
    known = fits.known(names)
    for _ in known:
        steps.step()
    todo = {name: refit for name, refit in zip(names, refits, strict=True) if name not in known}
    made = _made(cluster, vectors, list(todo.values()), workers, steps)
    new: dict[str, Labels] = {}
    try:
        new.update(zip(todo, made, strict=True))  # one by one, as they are made
    finally:  # what was made before somebody stopped it is not made again
        fits.keep(new)
    return [{**known, **new}[name] for name in names]


def _made(
    cluster: Cluster, vectors: Vectors, refits: Sequence[Refit], workers: int, steps: Steps
) -> Iterator[Labels]:
    """The labels of each refit, as they are made."""
    done = 0
    if workers > 1 and len(refits) > 1:
        for labels in steps.processes.labels(cluster, vectors, refits, workers):
            yield labels
            done += 1
            steps.step()
    for refit in refits[done:]:
        yield _labels(cluster, vectors, refit)
        steps.step()


def _may_start() -> bool:
    """Whether processes may be started: joblib's switch holds, and a daemon has no children."""
    wanted = os.environ.get("JOBLIB_MULTIPROCESSING", "1").strip() != "0"
    return wanted and not multiprocessing.current_process().daemon


def _shut(pool: Any, asked: Collection[Any]) -> None:
    """End a pool, without waiting for what was asked of it, and leave nothing of it behind."""
    processes = tuple(getattr(pool, "_processes", {}).values())
    reader = getattr(getattr(pool, "_call_queue", None), "_reader", None)
    _wait_until_passed_on(asked)
    pool.shutdown(wait=True, kill_workers=bool(asked))
    for each in processes:  # a pool that could not start them all does not end those it has
        each.terminate()
        each.join()
    if reader is not None:  # else a thread waits for ever to send the rest of what was asked
        reader.close()


def _wait_until_passed_on(asked: Collection[Any]) -> None:
    """A pool that is ended stumbles over what it has taken but not yet passed on."""
    patience = time.monotonic() + 1.0  # it takes a millisecond, where the pool is sound
    while time.monotonic() < patience and not all(f.running() or f.done() for f in asked):
        time.sleep(0.001)


def _unwatched() -> None:
    """In a worker: do not stop for having grown. That would warn a user who can do nothing."""
    from joblib.externals.loky import process_executor

    process_executor._USE_PSUTIL = False  # noqa: SLF001  # there is no other switch


def _alone(cluster: Cluster, vectors: Vectors, refit: Refit) -> Labels:
    """A fit in a worker, in one thread; a model that would start processes gets threads."""
    from joblib import parallel_config
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # ships no types

    with parallel_config(backend="threading"), threadpool_limits(limits=1):
        return _labels(cluster, vectors, refit)


def _labels(cluster: Cluster, vectors: Vectors, refit: Refit) -> Labels:
    """A fit's labels; all outliers where it found no topics."""
    result = np.full(len(vectors), NOT_DRAWN, dtype=np.int64)
    try:
        result[refit.rows] = cluster.refit(vectors[refit.rows], refit.seed)
    except NoTopicsError:
        result[refit.rows] = OUTLIER
    return result
