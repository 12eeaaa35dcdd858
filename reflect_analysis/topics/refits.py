"""An engine fitted again and again: in this process, or in several.

What a refit is, its rows and its seed, is settled before any is run, so the number of workers
changes nothing but the time. Workers are joblib's, which start afresh (no fork) on every
system and need no guard in a script; where none can be started, or what they are sent cannot
travel, the refits run here.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

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
class Steps:
    """The fits of a run: counted for a progress display, and ended.

    The total grows where more turn out to be needed.
    """

    tell: Progress | None = None
    total: int = 0
    done: int = field(default=0, init=False)
    shared: bool = field(default=False, init=False)  # whether other processes made some

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
        if self.shared:
            from joblib.externals.loky import get_reusable_executor  # type: ignore[import-untyped]  # ships no types

            get_reusable_executor(reuse=True).shutdown(wait=True)
            self.shared = False


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
    fits : Fits, optional
        What is known of refits; by default all are made.
    """
    steps = steps or Steps(total=len(refits))
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
        steps.shared = True
        for labels in _in_workers(cluster, vectors, refits, min(workers, len(refits))):
            yield labels
            done += 1
            steps.step()
    for refit in refits[done:]:
        yield _labels(cluster, vectors, refit)
        steps.step()


def _in_workers(
    cluster: Cluster, vectors: Vectors, refits: Sequence[Refit], workers: int
) -> Iterator[Labels]:
    """The labels in the order of the refits, as far as workers give them."""
    from joblib import Parallel, delayed, parallel_config

    with warnings.catch_warnings():
        # A worker that stops is no fault of the caller: the rest is fitted in this process.
        warnings.simplefilter("ignore")
        try:
            # One thread a worker: the same sums in the same order as here.
            with parallel_config(backend="loky", inner_max_num_threads=1):
                run = Parallel(n_jobs=workers, return_as="generator", max_nbytes=None)
                yield from run(delayed(_alone)(cluster, vectors, refit) for refit in refits)
        except _no_workers():
            return


def _no_workers() -> tuple[type[Exception], ...]:
    """What is raised where processes cannot be started, or stop, or cannot be sent a model."""
    from pickle import PicklingError

    from joblib.externals.loky.process_executor import BrokenProcessPool  # type: ignore[import-untyped]  # ships no types

    return (OSError, ImportError, PicklingError, BrokenProcessPool, TypeError, AttributeError)


def _alone(cluster: Cluster, vectors: Vectors, refit: Refit) -> Labels:
    """A fit in a worker, in one thread."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # ships no types

    with threadpool_limits(limits=1):
        return _labels(cluster, vectors, refit)


def _labels(cluster: Cluster, vectors: Vectors, refit: Refit) -> Labels:
    """A fit's labels; all outliers where it found no topics."""
    result = np.full(len(vectors), NOT_DRAWN, dtype=np.int64)
    try:
        result[refit.rows] = cluster.refit(vectors[refit.rows], refit.seed)
    except NoTopicsError:
        result[refit.rows] = OUTLIER
    return result
