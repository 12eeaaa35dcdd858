"""The partitions on a Dask cluster: processes of this machine, a scheduler's address, or SLURM.

A worker is given the work once and loads its models once. A worker that dies costs the partition
that it was at: the scheduler gives that to another. Between the processes travel names of
partitions and receipts, never a text.

A cluster that is reached by its address is trusted as Dask trusts it: who may speak to its
scheduler may run code on its workers. What was tried: clusters of this machine and, over
``tcp://``, a scheduler and workers that were started by hand on it. Not tried: a real SLURM, and
workers on several machines.

A cluster that lost all of its workers, or whose workers Dask paused for lack of memory, would wait
for ever: after a minute the run ends with words about how to go on. Jobs of SLURM wait for their
turn instead, and that is told, for as long as SLURM has any of them. Workers that are there and
finish nothing may be at something long, or hang: nobody can tell, so each ten minutes it is told.
"""

from __future__ import annotations

import inspect
import queue
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeVar

from reflect_analysis.errors import (
    ClusterError,
    CoderError,
    OutputError,
    ReflectAnalysisError,
    raise_all,
)
from reflect_analysis.scale.checking import Needs, check_here, faults_here
from reflect_analysis.scale.cluster import Cluster
from reflect_analysis.scale.connecting import (
    ALLOWED_FAILURES,
    TO_ALL,
    client_of,
    dask_distributed,
)
from reflect_analysis.scale.queueing import any_submitted, check_queued, time_limit
from reflect_analysis.scale.telling import HowFar, duration, many
from reflect_analysis.scale.values import Job, Work

__all__ = ["run_jobs"]

T = TypeVar("T")

_WAIT = 60.0
_LOOK = 2.0  # seconds between two looks at whether anybody is at work
_ASK = 20.0  # and between two submissions of jobs that ended
_REMIND = 60.0
_QUIET = 600.0  # in which nothing is finished, until it is told that one may stop
_SUBMITTED = 15.0  # sbatch answers well before
_LIVES = 2  # whole times of a job; who begins late in the first has all of the second


# ── in a worker ──


_one_at_a_time = threading.Lock()


def _do(do: Callable[[Work, Job], T], work: Work, job: Job) -> T:
    """Do one partition; spaCy's models cannot work for two threads at once.

    ``dask worker`` has as many threads as cores unless it is told otherwise.
    """
    with _one_at_a_time:
        check_here(work)
        return do(work, job)


def _same(work: Work) -> Work:
    """The work as a task of its own: a worker that needs it is sent it once."""
    return work


def _pass_over_interrupts() -> None:
    """Leave a terminal's stops to the process that leads, which ends this one.

    See `_uninterrupted`.
    """
    if threading.current_thread() is threading.main_thread():
        for number in TO_ALL:
            signal.signal(number, signal.SIG_IGN)


# ── in the process that leads ──


def run_jobs(
    work: Work,
    jobs: Sequence[Job],
    cluster: Cluster,
    done: Callable[[T], None],
    do: Callable[[Work, Job], T],
    *,
    how_far: HowFar | None = None,
) -> None:
    """Have the partitions worked on by `do`; `done` gets what comes of each.

    Parameters
    ----------
    work : Work
    jobs : sequence of Job
    cluster : Cluster
    done, do : callable
    how_far : HowFar, optional
        Is told when the work begins; what is waited for is told by it.

    Raises
    ------
    ClusterError
        If the cluster cannot be begun, does not answer, has no worker left that begins anything,
        or finishes nothing in twice the time of a job.
    CoderError
        If a partition ended several workers.
    MissingDependencyError
        If Dask is not installed.
    OutputError
        If a worker, whenever it comes, has another version of the package or of its models, or
        does not see the folders.
    """
    told = how_far or HowFar(len(jobs), lambda _: None)
    if cluster.scheduler == "here":
        told.begin(1)
        for job in jobs:
            done(do(work, job))
        return
    with client_of(cluster) as client:
        try:
            _work_off(client, _Run(work, jobs, cluster, told), done, do)
        except (dask_distributed().comm.CommClosedError, CancelledError) as error:
            raise _went_away(cluster) from error


@dataclass(frozen=True, slots=True)
class _Run:
    """What is to be done, where, and who is told."""

    work: Work
    jobs: Sequence[Job]
    cluster: Cluster
    told: HowFar


def _work_off(
    client: Any, run: _Run, done: Callable[[T], None], do: Callable[[Work, Job], T]
) -> None:
    work, cluster = run.work, run.cluster
    _wait_for_worker(client, run)
    _check_workers(client, work)
    if cluster.scheduler == "local":
        client.register_worker_callbacks(_pass_over_interrupts)
    # Nobody else's tasks have these names, whatever runs on the same cluster; and as a task
    # the work is made again where a worker dies, and forgotten when this client leaves.
    name = f"{work.id}-{uuid.uuid4().hex[:8]}"
    run.told.begin(_at_work(client, cluster))
    held = client.submit(_same, work, key=f"work-{name}", pure=False)
    tasks = [
        client.submit(_do, do, held, job, key=f"{do.__name__}-{job.name}-{name}", pure=False)
        for job in run.jobs
    ]
    names = {task.key: job for task, job in zip(tasks, run.jobs, strict=True)}
    try:
        for task in _as_completed(client, tasks, run):
            done(_result_of(task, names[task.key], client, run))
            task.release()
    finally:
        client.cancel([*tasks, held], force=True)


def _result_of(task: Any, job: Job, client: Any, run: _Run) -> Any:
    """What came of a task.

    Raises
    ------
    CoderError
        If it ended several workers.
    OutputError
        If it could not be loaded where it was sent.
    """
    try:
        return task.result()
    except dask_distributed().KilledWorker:
        raise CoderError(_ended(job, run.cluster)) from None
    except (ReflectAnalysisError, OSError, CancelledError):
        raise
    except Exception as error:
        # Sources of another version fail in many ways: whose they are is told by name.
        _check_workers(client, run.work)
        cause = error.__cause__ if isinstance(error, RuntimeError) else error
        if isinstance(cause, ImportError):
            where = "a worker" if cause is error else f"the scheduler {run.cluster.scheduler}"
            raise OutputError(_not_loaded(where, str(cause))) from error
        raise


def _as_completed(client: Any, tasks: Sequence[Any], run: _Run) -> Iterator[Any]:
    """The tasks as they are done; Dask's own would wait for ever for workers that are gone.

    Raises
    ------
    ClusterError
        If nobody is left who could do the others, or nobody does them in the time of a job.
    """
    ready: queue.SimpleQueue[Any] = queue.SimpleQueue()
    for task in tasks:
        task.add_done_callback(ready.put)
    watch = _Watch(client, run)
    for _ in tasks:
        while True:
            try:
                task = ready.get(timeout=_LOOK)
            except queue.Empty:
                watch.look()
            else:
                break
        watch.done()
        yield task


class _Watch:
    """Sees to it that somebody is at work, and that something comes of it."""

    def __init__(self, client: Any, run: _Run) -> None:
        self.client, self.run = client, run
        slurm = run.cluster.scheduler == "slurm"
        self._jobs = client.cluster if slurm else None
        self._limit = time_limit() if slurm else None
        self._fruitless = 0.0  # seconds in which workers were there, and finished nothing
        self._quiet = 0.0  # those of them after which it was told
        self._seen = self._reminded = self._asked = self._looked = time.monotonic()

    def done(self) -> None:
        """A partition is finished."""
        self._fruitless = self._quiet = 0.0
        self._looked = time.monotonic()

    def look(self) -> None:
        """End the run where nobody has been at work for long; ask for jobs anew in SLURM.

        Raises
        ------
        ClusterError
        """
        now = time.monotonic()
        if self._jobs is not None and now - self._asked >= _ASK:
            self._asked = now
            self._jobs.scale(self.run.cluster.workers)  # else those that ended are not begun anew
        if workers := _at_work(self.client, self.run.cluster):
            self._seen = self._reminded = now
            self._fruitless += now - self._looked
            self._check_fruit()
            self._tell_quiet(workers)
        elif self._jobs is not None and any_submitted(self._jobs):
            self._remind(now)
        elif now - self._seen >= _WAIT:
            raise ClusterError(
                f"{_nobody(self.client, self.run.cluster)}, and run the same command again to go "
                "on; what was written is whole"
            )
        self._looked = now

    def _check_fruit(self) -> None:
        """A worker that leaves in time is not counted against its partition, so count the time.

        Raises
        ------
        ClusterError
        """
        if self._limit is not None and self._fruitless >= _LIVES * self._limit:
            raise ClusterError(
                f"scheduler 'slurm': workers were there for {duration(self._fruitless)}, "
                "twice the walltime of a job, and finished no partition: one takes "
                "longer than a worker stays. Ask for more time (walltime in "
                "~/.config/dask/jobqueue.yaml) or for fewer rows a partition (--rows), and run "
                "the command again; what was written is whole"
            )

    def _tell_quiet(self, workers: int) -> None:
        """A worker that hangs looks like one that is at something long: who waits is told."""
        if self._fruitless - self._quiet >= _QUIET:
            self._quiet = self._fruitless
            self.run.told.tell(
                f"nothing was finished for {duration(self._fruitless)}, with "
                f"{many(workers, 'worker')} at work: a partition may be long, or a worker hangs "
                "(see whether its process takes any processor time). Ctrl+C loses nothing that "
                "was written, and the same command goes on"
            )

    def _remind(self, now: float) -> None:
        if now - self._reminded >= _REMIND:
            self._reminded = now
            check_queued(self._jobs)
            self.run.told.tell(_WAITING)


_WAITING = (
    "waiting for SLURM to begin a job (squeue --me shows them, and a job that failed tells why in "
    "its slurm-….out); Ctrl+C loses nothing that was written"
)


def _how_to_begin(cluster: Cluster) -> str:
    if cluster.scheduler == "local":
        return "See what ended them (memory, another program)"
    if cluster.scheduler == "slurm":
        return "See what ended the jobs (sacct), and whether sbatch takes new ones"
    return f"See that it runs, start workers (dask worker {cluster.scheduler} --nthreads 1)"


def _went_away(cluster: Cluster) -> ClusterError:
    return ClusterError(
        f"scheduler {cluster.scheduler}: it, or a worker, went away in the middle of the work; "
        f"what was written is whole. {_how_to_begin(cluster)}, and run the same command again to "
        "go on"
    )


def _nobody(client: Any, cluster: Cluster) -> str:
    """Why nobody was at work for so long, and what to do about it."""
    paused = sum(each["status"] == "paused" for each in _workers(client, cluster))
    told = f"scheduler {cluster.scheduler}: for {_WAIT:.0f} seconds "
    if not paused:
        return f"{told}there was no worker. {_how_to_begin(cluster)}"
    return (
        f"{told}Dask has let none of its workers begin anything: it paused {paused:,} for lack of "
        "memory. End them and start workers with more memory (--memory-limit), or with the "
        "environment variable DASK_DISTRIBUTED__WORKER__MEMORY__PAUSE=False"
    )


def _at_work(client: Any, cluster: Cluster) -> int:
    """How many workers begin partitions or are at one.

    Raises
    ------
    ClusterError
        If the scheduler does not answer any more.
    """
    return sum(map(_works, _workers(client, cluster)))


def _works(worker: Mapping[str, Any]) -> bool:
    """Whether a worker does anything: one that Dask paused ends what it is at, and no more."""
    tasks = worker.get("metrics", {}).get("task_counts", {})
    return worker["status"] == "running" or bool(tasks.get("executing"))


def _workers(client: Any, cluster: Cluster) -> list[Mapping[str, Any]]:
    """What the scheduler knows of each; some versions tell of five unless asked for all.

    Raises
    ------
    ClusterError
        If the scheduler does not answer any more.
    """
    ask = client.scheduler_info
    every = {"n_workers": -1} if "n_workers" in inspect.signature(ask).parameters else {}
    try:
        return list(ask(**every)["workers"].values())
    except OSError as error:
        raise _went_away(cluster) from error


def _ended(job: Job, cluster: Cluster) -> str:
    memory = f" of {cluster.memory}" if cluster.begins else ""
    more = "more memory (--memory)" if cluster.begins else "more memory (--memory-limit)"
    jobs = " or because the time of their jobs was up (sacct tells)"
    return (
        f"{job.file}, rows {job.first} to {job.first + job.rows - 1}: "
        f"{many(ALLOWED_FAILURES + 1, 'worker')}{memory} ended at it, probably for lack of memory"
        f"{jobs if cluster.scheduler == 'slurm' else ''}; give them {more}, or fewer rows a "
        "partition (--rows), and run the same command again"
    )


def _wait_for_worker(client: Any, run: _Run) -> None:
    """Wait for one; jobs of SLURM may stand in a queue for hours, which is told.

    Raises
    ------
    ClusterError
    """
    queued = run.cluster.scheduler == "slurm"
    wait = _SUBMITTED
    while True:
        try:
            client.wait_for_workers(1, timeout=wait if queued else _WAIT)
        except TimeoutError as error:
            if not queued:
                raise ClusterError(
                    f"{_nobody(client, run.cluster)}, and run the same command again"
                ) from error
            if not any_submitted(client.cluster):
                raise ClusterError(
                    "scheduler 'slurm': sbatch took none of the jobs; see that queue, account and "
                    "the other lines of ~/.config/dask/jobqueue.yaml are right, and run the same "
                    "command again"
                ) from error
            check_queued(client.cluster)
            run.told.tell(_WAITING)
            wait = _REMIND
        else:
            return


def _check_workers(client: Any, work: Work) -> None:
    """Tell what is wrong on any machine, of all workers that are there at once."""
    found = client.run(faults_here, Needs.of(work), on_error="return")
    told = (_faults_of(address, answer) for address, answer in found.items())
    raise_all(OutputError, dict.fromkeys(chain.from_iterable(told)))


def _faults_of(address: str, answer: Any) -> tuple[str, ...]:
    """What a worker lacks, as it told, or as its error tells that it could not even be asked."""
    if not isinstance(answer, BaseException):
        return tuple(answer)
    if isinstance(answer, (OSError, CancelledError)):
        raise answer
    told = str(answer) or type(answer).__name__
    return (_not_loaded(f"worker at {address}", told),)


def _not_loaded(where: str, told: str) -> str:
    return (
        f"{where}: cannot load this version of reflect_analysis, or the coder ({told}); install "
        "the same there and begin it anew, or end it, and run the same command again"
    )
