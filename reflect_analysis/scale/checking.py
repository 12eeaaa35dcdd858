"""Whether a worker may do what it is asked: it has what the leading process has, and sees the same.

It is asked of the workers that are there at the beginning, so that all of them are told together,
and again before each partition: jobs of SLURM come hours later, from machines of their own.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from reflect_analysis.errors import MissingDependencyError, OutputError, raise_all
from reflect_analysis.scale.files import RunFolder
from reflect_analysis.scale.values import Work, installed

__all__ = ["Needs", "check_here", "faults_here"]


@dataclass(frozen=True, slots=True)
class Needs:
    """What each worker must have; without the work itself, which holds all participants.

    Parameters
    ----------
    source, out : Path
    installed : mapping of str to str
    call : str
        As in `Work`.
    """

    source: Path
    out: Path
    installed: Mapping[str, str]
    call: str

    @classmethod
    def of(cls, work: Work) -> Needs:
        """Those of a work."""
        return cls(work.source, work.out, work.installed, work.call)


def check_here(work: Work) -> None:
    """Refuse a partition, before anything of it is written.

    Raises
    ------
    OutputError
        With the name of the machine, and what to do there.
    """
    raise_all(OutputError, faults_here(Needs.of(work)))


def faults_here(needs: Needs) -> tuple[str, ...]:
    """What this machine lacks."""
    machine = socket.gethostname()
    return tuple(f"worker on {machine}: {fault}" for fault in _faults(needs))


def _faults(needs: Needs) -> Iterator[str]:
    try:
        here = installed()
    except MissingDependencyError as error:
        yield str(error)
        return
    for name, wanted in needs.installed.items():
        if here.get(name) != wanted:
            yield (
                f"{name} {here.get(name)}, the leading process has {wanted}; install the same "
                "there and begin that worker anew, or end it, and run the same command again"
            )
    if not needs.source.is_dir():
        yield f"does not see {needs.source}; every worker must see it under this path"
    if not needs.out.is_dir():
        yield f"does not see {needs.out}; every worker must see it under this path"
    elif not os.access(needs.out, os.W_OK):
        yield f"may not write {needs.out}; see to its rights there"
    elif why := RunFolder(needs.out).why_not(needs.call):
        yield (
            f"{needs.out} is another folder there than the leading process writes, or the call "
            f"has ended ({why}); every worker must see the same one under this path"
        )
