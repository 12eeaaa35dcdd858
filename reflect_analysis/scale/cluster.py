"""Where partitions are worked on, as a value: checked before anything is read or begun."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from reflect_analysis.errors import did_you_mean

__all__ = ["PRE_SPAWN", "Cluster", "environ_beside"]

_BYTES = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[kMGT]i?)B", re.IGNORECASE)
# A partition of 5,000 texts was measured to hold 1.32 GB, and Dask ends a worker at 95 %.
LEAST_MEMORY = 1_500_000_000
# Of each worker's process, on Linux. Dask has it give memory back at every chance, and each batch
# of texts asks for the same memory again: a sixth of the time. A partition bounds the memory
# here, so it is kept, as the C library itself would after a while.
ENVIRON = {"MALLOC_TRIM_THRESHOLD_": "67108864", "MALLOC_MMAP_THRESHOLD_": "33554432"}
# Where Dask's configuration says the same of its workers, and what it says by itself.
PRE_SPAWN = "distributed.nanny.pre-spawn-environ"
_BY_ITSELF = {"MALLOC_TRIM_THRESHOLD_": "65536"}
# What Dask speaks; ucx only where its package is.
PROTOCOLS = ("tcp", "tls", "ucx", "ws", "wss")


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the partitions are worked on.

    Parameters
    ----------
    scheduler : str
        ``"local"``, ``"slurm"``, the address of a scheduler such as ``tcp://10.0.0.5:8786``, or
        ``"here"``: one partition after another in this process, without Dask. Addresses begin
        with one of ``tcp``, ``tls``, ``ucx``, ``ws`` and ``wss``.
    workers : int
        Processes, for ``"local"`` and ``"slurm"``.
    memory : str
        Of each, for ``"local"`` and ``"slurm"``, such as ``"2GB"``; at least 1.5 GB. A worker that
        holds 95 % of it is ended and begun anew, and so is what it was at; a partition that ended
        four workers ends the run. Workers of a scheduler that is reached by its address have the
        limit that they were started with.

    Raises
    ------
    ValueError
        If one of them is none of these.
    """

    scheduler: str = "local"
    workers: int = 2
    memory: str = "2GB"

    def __post_init__(self) -> None:
        self._check_scheduler()
        amount = _bytes(self.memory)
        if amount is None:
            raise ValueError(f"memory {self.memory!r}; expected an amount such as '2GB'")
        if self.begins and amount < LEAST_MEMORY:
            raise ValueError(
                f"memory {self.memory!r}: a worker needs at least 1.5GB, one partition of 5,000 "
                "texts with the language model takes 1.3GB; ask for fewer workers with more each, "
                "or for scheduler 'here'"
            )
        if self.workers < 1:
            raise ValueError(f"workers must be at least 1, not {self.workers!r}")

    @property
    def begins(self) -> bool:
        """Whether its workers are begun by the run."""
        return self.scheduler in ("local", "slurm")

    def _check_scheduler(self) -> None:
        if self.begins or self.scheduler == "here":
            return
        protocol, there, host = self.scheduler.partition("://")
        if not there:
            raise ValueError(
                f"scheduler {self.scheduler!r}; expected 'local', 'here', 'slurm' or an address "
                "such as tcp://host:8786"
            )
        if protocol not in PROTOCOLS or not host:
            raise ValueError(
                f"scheduler {self.scheduler!r}; expected an address such as tcp://host:8786, that "
                f"begins with one of {', '.join(PROTOCOLS)}{did_you_mean(protocol, PROTOCOLS)}"
            )


def environ_beside(told: Mapping[str, object]) -> dict[str, str]:
    """What is set in the environment of workers beside what Dask's configuration says.

    Parameters
    ----------
    told : mapping of str to object
        What it says; `None` where somebody wants a variable not to be set.

    Examples
    --------
    >>> list(environ_beside({"MALLOC_TRIM_THRESHOLD_": 65536}))
    ['MALLOC_TRIM_THRESHOLD_', 'MALLOC_MMAP_THRESHOLD_']
    >>> list(environ_beside({"MALLOC_TRIM_THRESHOLD_": 131072}))
    ['MALLOC_MMAP_THRESHOLD_']
    """
    return {
        name: value
        for name, value in ENVIRON.items()
        if name not in told or str(told[name]) == _BY_ITSELF.get(name)
    }


def _bytes(amount: str) -> float | None:
    """How many bytes an amount is, `None` where it is none.

    Examples
    --------
    >>> _bytes("2GB"), _bytes("1 GiB"), _bytes("much")
    (2000000000.0, 1073741824.0, None)
    """
    found = _BYTES.fullmatch(amount.strip())
    if found is None:
        return None
    unit = found["unit"].casefold()
    step = 1024 if unit.endswith("i") else 1000
    return float(found["number"]) * float(step ** ("kmgt".index(unit[0]) + 1))
