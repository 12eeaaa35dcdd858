"""The partitions on a Dask cluster: processes of this machine, a scheduler's address, or SLURM.

A worker is given the work once and loads its models once. A worker that dies costs the partition
that it was at: the scheduler gives that to another. Between the processes travel names of
partitions and receipts, never a text.

On this machine all ports are on the loopback, encrypted, and bear no dashboard. A cluster that is
reached by its address is trusted as Dask trusts it: who may speak to its scheduler may run code on
its workers. What was tried: clusters of this machine and, over ``tcp://``, a scheduler and workers
that were started by hand on it. Not tried: SLURM, and workers on several machines.
"""

from __future__ import annotations

import logging
import os
import re
import signal
import sys
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any, TypeVar

from reflect_analysis._optional import require
from reflect_analysis.errors import ClusterError, CoderError, OutputError, raise_all
from reflect_analysis.provenance import package_version
from reflect_analysis.scale.files import dask_pip
from reflect_analysis.scale.values import Job, Work

__all__ = ["Cluster", "run_jobs"]

T = TypeVar("T")

# Workers that may die over one partition before it is given up.
ALLOWED_FAILURES = 3
_LOOPBACK = "127.0.0.1"
_WAIT = 60
_BYTES = re.compile(r"\d+(\.\d+)?\s*[kMGT]i?B", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the partitions are worked on.

    Parameters
    ----------
    scheduler : str
        ``"local"``, ``"slurm"``, the address of a scheduler such as ``tcp://10.0.0.5:8786``, or
        ``"here"``: one partition after another in this process, without Dask.
    workers : int
        Processes, for ``"local"`` and ``"slurm"``.
    memory : str
        Of each, such as ``"2GB"``; a worker that passes it is ended and begun anew.
    """

    scheduler: str = "local"
    workers: int = 2
    memory: str = "2GB"

    def __post_init__(self) -> None:
        known = self.scheduler in ("here", "local", "slurm") or "://" in self.scheduler
        if not known:
            raise ValueError(
                f"scheduler {self.scheduler!r}; expected 'local', 'here', 'slurm' or an address "
                "such as tcp://host:8786"
            )
        if not _BYTES.fullmatch(self.memory.strip()):
            raise ValueError(f"memory {self.memory!r}; expected an amount such as '2GB'")
        if self.workers < 1:
            raise ValueError(f"workers must be at least 1, not {self.workers!r}")


# ── in a worker ──


_one_at_a_time = threading.Lock()


def _do(do: Callable[[Work, Job], T], work: Work, job: Job) -> T:
    """Do one partition; spaCy's models cannot work for two threads at once.

    ``dask worker`` has as many threads as cores unless it is told otherwise.
    """
    with _one_at_a_time:
        return do(work, job)


def _same(work: Work) -> Work:
    """The work as a task of its own: a worker that needs it is sent it once."""
    return work


def _pass_over_interrupts() -> None:
    """Leave Ctrl+C to the process that leads, which ends this one (see `_uninterrupted`)."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _seen_from_worker(source: Path, out: Path) -> tuple[str, bool, bool]:
    """Whether a worker has this package, sees the texts and may write."""
    return package_version(), source.is_dir(), out.is_dir() and os.access(out, os.W_OK)


# ── in the process that leads ──


def run_jobs(
    work: Work,
    jobs: Sequence[Job],
    cluster: Cluster,
    done: Callable[[T], None],
    do: Callable[[Work, Job], T],
) -> None:
    """Have the partitions worked on by `do`; `done` gets what comes of each.

    Raises
    ------
    ClusterError
        If the cluster cannot be begun, or does not answer.
    CoderError
        If a partition ended several workers.
    MissingDependencyError
        If Dask is not installed.
    OutputError
        If workers have another version of the package, or do not see the folders.
    """
    if cluster.scheduler == "here":
        for job in jobs:
            done(do(work, job))
        return
    distributed = require("distributed", pip=dask_pip, purpose="work on partitions with Dask")
    with _client(cluster) as client:
        _check_workers(client, work, cluster)
        if cluster.scheduler == "local":
            client.register_worker_callbacks(_pass_over_interrupts)
        # Nobody else's tasks have these names, whatever runs on the same cluster; and as a task
        # the work is made again where a worker dies, and forgotten when this client leaves.
        run = f"{work.id}-{uuid.uuid4().hex[:8]}"
        held = client.submit(_same, work, key=f"work-{run}", pure=False)
        tasks = [
            client.submit(_do, do, held, job, key=f"{do.__name__}-{job.name}-{run}", pure=False)
            for job in jobs
        ]
        names = {task.key: job for task, job in zip(tasks, jobs, strict=True)}
        try:
            for task in distributed.as_completed(tasks, loop=client.loop):
                try:
                    done(task.result())
                except distributed.KilledWorker:
                    raise CoderError(_ended(names[task.key], cluster)) from None
                task.release()
        finally:
            client.cancel([*tasks, held], force=True)


def _ended(job: Job, cluster: Cluster) -> str:
    return (
        f"{job.file}, rows {job.first} to {job.first + job.rows - 1}: ended "
        f"{ALLOWED_FAILURES + 1} workers of {cluster.memory}, probably for lack of memory; give "
        "them more (--memory), or fewer rows a partition (--rows), and run the same command again"
    )


def _check_workers(client: Any, work: Work, cluster: Cluster) -> None:
    """Workers elsewhere have the same package and see both folders."""
    try:
        client.wait_for_workers(1, timeout=_WAIT if cluster.scheduler != "slurm" else None)
    except TimeoutError as error:
        raise ClusterError(
            f"scheduler {cluster.scheduler}: no worker came within {_WAIT} seconds; start some "
            "(dask worker ADDRESS --nthreads 1) and run the same command again"
        ) from error
    faults = []
    for address, (version, reads, writes) in client.run(
        _seen_from_worker, work.source, work.out
    ).items():
        if version != package_version():
            faults.append(
                f"{address}: reflect_analysis {version}, here {package_version()}; install the same"
            )
        if not reads:
            faults.append(f"{address}: does not see {work.source}")
        if not writes:
            faults.append(f"{address}: may not write {work.out}")
    raise_all(OutputError, faults)


@contextmanager
def _client(cluster: Cluster) -> Iterator[Any]:
    """A client of the cluster; a cluster that was begun here ends here."""
    import dask

    settings: dict[str, Any] = {
        "distributed.scheduler.allowed-failures": ALLOWED_FAILURES,
        # The work holds all participants; it is sent once, so that it is large warns of nothing.
        "distributed.admin.large-graph-warning-threshold": "1GB",
    }
    if cluster.scheduler == "local":  # its web servers have nothing to tell anybody
        settings |= {f"distributed.{each}.http.routes": [] for each in ("scheduler", "worker")}
    with ExitStack() as stack:
        stack.enter_context(dask.config.set(settings))
        if "://" in cluster.scheduler:
            address: Any = cluster.scheduler
        elif cluster.scheduler == "slurm":
            address = stack.enter_context(_slurm(cluster))
        else:
            address = stack.enter_context(_local(cluster))
        yield stack.enter_context(_connected(address))


def _connected(address: Any) -> Any:
    """A client of a cluster that runs."""
    distributed = require("distributed", pip=dask_pip, purpose="work on partitions with Dask")
    try:
        return distributed.Client(address, set_as_default=False)
    except (OSError, ValueError) as error:  # Dask's time-outs are OSErrors
        where = address if isinstance(address, str) else "the cluster"
        raise ClusterError(
            f"scheduler {where}: does not answer ({type(error).__name__}); see that it runs and "
            "that this machine reaches it, and run the same command again"
        ) from error


@contextmanager
def _local(cluster: Cluster) -> Iterator[Any]:
    """Processes of this machine that nobody else can speak to."""
    distributed = require("distributed", pip=dask_pip, purpose="work on partitions with Dask")
    require("cryptography", pip=dask_pip, purpose="keep a local cluster to yourself")
    security = distributed.Security.temporary()
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place,
        ExitStack() as stack,
    ):
        settings = {
            "n_workers": cluster.workers,
            "threads_per_worker": 1,
            "processes": True,
            "host": _LOOPBACK,
            "dashboard_address": None,
            "scheduler_kwargs": {"dashboard_address": f"{_LOOPBACK}:0"},  # else port 8787
            "memory_limit": cluster.memory,
            "local_directory": place,
            "security": security,
            "silence_logs": logging.CRITICAL,  # every error is told by what comes of it
        }
        with _uninterrupted():
            local = stack.enter_context(_begun(**settings))
        yield local


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Begin processes that Ctrl+C does not reach; one that comes meanwhile is raised afterwards.

    A terminal sends it to each of a command's processes. Those that are ended by it while they
    begin leave a cluster that cannot be closed, and as many tracebacks.
    """
    usual = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not usual or threading.current_thread() is not threading.main_thread():
        yield
        return
    came = []
    signal.signal(signal.SIGINT, lambda *_: came.append(True))
    try:
        with _blocked():
            yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if came:
        raise KeyboardInterrupt


@contextmanager
def _blocked() -> Iterator[None]:
    """What is begun here, threads and processes, has Ctrl+C blocked; Windows has no such thing."""
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()  # its own beginning would unblock it again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begun(**settings: Any) -> Any:
    """Dask's cluster of this machine.

    Raises
    ------
    ClusterError
        If its processes cannot be begun.
    """
    distributed = require("distributed", pip=dask_pip, purpose="work on partitions with Dask")
    try:
        return distributed.LocalCluster(**settings)
    except (RuntimeError, OSError) as error:
        raise ClusterError(
            f"scheduler 'local': {settings['n_workers']} processes of {settings['memory_limit']} "
            f"could not be begun ({_cause(error)}). A script that calls this needs "
            '`if __name__ == "__main__":` around the call; with too little memory, ask for fewer '
            "workers; scheduler 'here' (--scheduler here) works without other processes"
        ) from error


def _cause(error: BaseException) -> str:
    """The first of the errors that led to this one."""
    while error.__cause__ is not None:
        error = error.__cause__
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _slurm(cluster: Cluster) -> Any:
    """Jobs of SLURM; queue, account and walltime stand in dask's own configuration."""
    jobqueue = require(
        "dask_jobqueue", pip="dask-jobqueue", purpose="start workers as jobs of SLURM"
    )
    jobs = jobqueue.SLURMCluster(cores=1, processes=1, memory=cluster.memory)
    jobs.scale(cluster.workers)
    return jobs
