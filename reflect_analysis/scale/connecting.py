"""A client of a cluster, and the processes of this machine: begun, and ended with the run.

All ports of a local cluster are on the loopback, encrypted, and bear no dashboard. Ctrl+C and a
terminal that closes reach the leading process alone, which ends the others.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import resource_tracker
from typing import Any

from reflect_analysis._optional import require
from reflect_analysis.errors import ClusterError
from reflect_analysis.scale.cluster import PRE_SPAWN, Cluster, environ_beside
from reflect_analysis.scale.files import dask_pip
from reflect_analysis.scale.queueing import check_slurm, slurm_jobs

__all__ = ["ALLOWED_FAILURES", "TO_ALL", "check_installed", "client_of", "dask_distributed"]

# Workers that may die over one partition before it is given up.
ALLOWED_FAILURES = 3
# What a terminal sends to each of a command's processes; Windows has not both. SIGTERM is not among
# them: by it Dask ends a worker whose memory is full.
TO_ALL = frozenset(getattr(signal, n) for n in ("SIGINT", "SIGHUP") if hasattr(signal, n))
_STOPS = TO_ALL | {signal.SIGTERM}
_LOOPBACK = "127.0.0.1"


def check_installed(cluster: Cluster) -> None:
    """What a cluster needs is here; asked before anything is read.

    Raises
    ------
    ClusterError
        If there is no SLURM.
    MissingDependencyError
    """
    if cluster.scheduler == "here":
        return
    dask_distributed()
    if cluster.scheduler == "slurm":
        check_slurm()
    if cluster.begins:
        require("cryptography", pip=dask_pip, purpose="keep a cluster to yourself")


def dask_distributed() -> Any:
    """Dask's scheduler and client, imported at use."""
    return require("distributed", pip=dask_pip, purpose="work on partitions with Dask")


@contextmanager
def client_of(cluster: Cluster) -> Iterator[Any]:
    """A client of the cluster; a cluster that was begun here ends here."""
    import dask

    settings: dict[str, Any] = {
        "distributed.scheduler.allowed-failures": ALLOWED_FAILURES,
        # The work holds all participants; it is sent once, so that it is large warns of nothing.
        "distributed.admin.large-graph-warning-threshold": "1GB",
    }
    if cluster.begins:  # its web servers have nothing to tell anybody
        settings |= {f"distributed.{each}.http.routes": [] for each in ("scheduler", "worker")}
        # A paused worker waits until memory is freed; what models hold is not freed, so it would
        # wait for ever. Near its limit it is ended and begun anew. (SLURM's: see `queueing`.)
        settings["distributed.worker.memory.pause"] = False
        ours = environ_beside(dask.config.get(PRE_SPAWN, None) or {})
        settings |= {f"{PRE_SPAWN}.{name}": value for name, value in ours.items()}
    with ExitStack() as stack:
        stack.enter_context(dask.config.set(settings))
        if "://" in cluster.scheduler:
            address: Any = cluster.scheduler
        elif cluster.scheduler == "slurm":
            address = stack.enter_context(_closed(slurm_jobs(cluster.workers, cluster.memory)))
        else:
            address = stack.enter_context(_local(cluster))
        yield stack.enter_context(_connected(address))


def _connected(address: Any) -> Any:
    """A client of a cluster that runs.

    Raises
    ------
    ClusterError
    """
    where = address if isinstance(address, str) else "the cluster"
    try:
        if isinstance(address, str):
            with ThreadPoolExecutor(1) as thread:  # a notebook has a loop of its own
                thread.submit(asyncio.run, _knock(address)).result()
        return dask_distributed().Client(address, set_as_default=False)
    except (OSError, ValueError, TypeError, RuntimeError, ImportError) as error:
        raise ClusterError(  # Dask's time-outs are OSErrors
            f"scheduler {where}: does not answer ({_cause(error)}); see that it runs and that this "
            "machine reaches it (tls:// asks for certificates in Dask's configuration), and run "
            "the same command again"
        ) from error


async def _knock(address: str) -> None:
    """Open and close a connection.

    A client that cannot even begin to speak cannot be closed any more, and holds the process for a
    minute.
    """
    distributed = dask_distributed()
    asked = distributed.Security().get_connection_args("client")
    comm = await distributed.core.connect(address, **asked)
    await comm.close()


@contextmanager
def _closed(begun: Any) -> Iterator[Any]:
    """A cluster that ends here, and whose end is nobody's fault.

    Where workers die while it closes, Dask looks for them in its own lists and does not find
    them: that must not stand in the place of what came before.
    """
    try:
        yield begun
    finally:
        with suppress(Exception):
            begun.close()


@contextmanager
def _local(cluster: Cluster) -> Iterator[Any]:
    """Processes of this machine that nobody else can speak to."""
    distributed = dask_distributed()
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
            local = stack.enter_context(_closed(_begun(**settings)))
        yield local


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Begin processes that Ctrl+C does not reach; a stop that comes meanwhile is heard afterwards.

    A terminal sends it to each of a command's processes. Those that are ended by it while they
    begin leave a cluster that cannot be closed, and as many tracebacks.
    """
    handlers = _handlers()
    came: list[tuple[int, Any]] = []
    for number in handlers:
        signal.signal(number, lambda *told: came.append(told))
    try:
        with _blocked(TO_ALL & handlers.keys()):
            yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    if came:
        number, frame = came[0]
        handlers[number](number, frame)


def _handlers() -> dict[int, Callable[[int, Any], object]]:
    """What raises when this process is told to stop; other threads than the first hear of none.

    What ends the process at once, or is passed over, stays so.
    """
    if threading.current_thread() is not threading.main_thread():
        return {}
    found = ((number, signal.getsignal(number)) for number in _STOPS)
    return {number: handler for number, handler in found if callable(handler)}


@contextmanager
def _blocked(numbers: Collection[int]) -> Iterator[None]:
    """What is begun here, threads and processes, hears none of them; Windows has no such thing."""
    if sys.platform == "win32" or not numbers:
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        resource_tracker.ensure_running()  # one process more; its beginning unblocks Ctrl+C again
        signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
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
    distributed = dask_distributed()
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
