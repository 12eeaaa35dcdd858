"""Workers as jobs of SLURM: what dask-jobqueue is asked for, and what it is not left to.

Queue, account and time limit stand in dask's own configuration (``jobqueue.yaml``). Here stands
what the work needs beside them. Texts do not travel, but work and receipts do, and who reaches an
unencrypted scheduler can run code in its jobs; so each run has credentials of its own. They lie in
a folder that all machines see, for as long as the run lasts, and nobody else can read them. A
worker leaves before its job's time is up, so that a partition is given back and not counted as
one that ended its worker. Dask does not pause it for lack of memory: what models hold is not freed,
so it would wait until its time is up.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from reflect_analysis._optional import require
from reflect_analysis.errors import ClusterError
from reflect_analysis.scale.cluster import PRE_SPAWN, environ_beside
from reflect_analysis.scale.files import dask_pip

__all__ = [
    "any_submitted",
    "check_queued",
    "check_slurm",
    "lifetime",
    "slurm_jobs",
    "time_limit",
    "walltime",
]

_CONFIG = "jobqueue.slurm"
_LIMIT = re.compile(r"(?:(?P<days>\d+)-)?(?P<parts>\d+(?::\d+){0,2})")
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
# Of a job's time: its workers end between .8 and .9 of it, not all at once.
_LIVES, _STAGGER = 0.85, 0.05
_NEVER_PAUSED = {"DASK_DISTRIBUTED__WORKER__MEMORY__PAUSE": "False"}
_ANSWERS = 30.0  # seconds that squeue is waited for


def _jobqueue() -> Any:
    """The package that speaks to SLURM."""
    return require("dask_jobqueue", pip="dask-jobqueue", purpose="start workers as jobs of SLURM")


def check_slurm() -> None:
    """Jobs can be asked for from here.

    Raises
    ------
    ClusterError
        If this is no machine of a cluster.
    MissingDependencyError
    """
    _jobqueue()
    if shutil.which("sbatch") is None:  # dask-jobqueue would find it out where nobody is told
        raise ClusterError(
            "scheduler 'slurm': there is no command sbatch here; run this on a login node of the "
            "cluster"
        )


def slurm_jobs(workers: int, memory: str) -> Any:
    """A cluster whose workers are jobs of SLURM, one process each; they are asked for at once.

    Raises
    ------
    ClusterError
        If SLURM, or the folder for the credentials, is not there.
    """
    distributed = require("distributed", pip=dask_pip, purpose="work on partitions with Dask")
    require("cryptography", pip=dask_pip, purpose="keep a cluster to yourself")
    check_slurm()
    try:
        jobs = _jobqueue().SLURMCluster(
            cores=1,
            processes=1,
            memory=memory,
            security=distributed.Security.temporary(),
            shared_temp_directory=_told("shared-temp-directory") or str(Path.home()),
            # Nobody is to look on: else there is an open port on a machine of many users.
            scheduler_options={
                "dashboard_address": "127.0.0.1:0",
                **(_told("scheduler-options") or {}),
            },
            worker_extra_args=_worker_arguments(),
            job_script_prologue=_prologue(),
        )
        jobs.scale(workers)
    except (OSError, RuntimeError, ValueError) as error:
        raise ClusterError(
            f"scheduler 'slurm': no jobs could be asked for ({type(error).__name__}: {error}); "
            "see that ~/.config/dask/jobqueue.yaml is right"
        ) from error
    return jobs


def any_submitted(jobs: Any) -> bool:
    """Whether sbatch took any of the jobs; not whether they are still there (`check_queued`)."""
    return bool(_numbers(jobs))


def _numbers(jobs: Any) -> list[str]:
    """The numbers that sbatch gave."""
    given = [getattr(job, "job_id", None) for job in list(jobs.workers.values())]
    return [str(number) for number in given if number]


def check_queued(jobs: Any) -> None:
    """SLURM still has any of the jobs: they wait or are at work.

    Raises
    ------
    ClusterError
        If all of them ended.
    """
    numbers = _numbers(jobs)
    if not _still_there(numbers):
        raise ClusterError(
            f"scheduler 'slurm': of its jobs ({', '.join(numbers)}) none waits or is at work any "
            "more, and no worker is there; what was written is whole. See why they ended "
            f"(sacct -j {','.join(numbers)}, and the slurm-….out of each: often an environment "
            "that the job does not have, or an address that it cannot reach), and run the same "
            "command again"
        )


def _still_there(numbers: list[str]) -> bool:
    """Whether squeue lists any of the jobs; also where it does not tell: they are waited for."""
    squeue = shutil.which("squeue")
    if squeue is None:
        return True
    try:
        listed = subprocess.run(  # noqa: S603  # SLURM's own command, no shell, numbers of jobs
            [squeue, "-h", "-j", ",".join(numbers)],
            capture_output=True,
            check=False,
            encoding="utf-8",
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=_ANSWERS,
        )
    except (OSError, subprocess.SubprocessError):
        return True
    if listed.returncode:  # so it speaks of one job that it has forgotten
        return "Invalid job id" not in listed.stderr
    return bool(listed.stdout.strip())


def time_limit() -> int | None:
    """Seconds of a job, of a cluster that was asked for: dask's configuration is whole then."""
    import dask

    return walltime(dask.config.get(f"{_CONFIG}.walltime", None))


def _told(name: str) -> Any:
    """What dask's configuration says of SLURM; dask-jobqueue has put its own defaults there."""
    import dask

    _jobqueue()
    return dask.config.get(f"{_CONFIG}.{name}", None)


def _worker_arguments() -> list[str]:
    """Those of the configuration, and how long a worker lives where they do not say it."""
    told = [str(each) for each in _told("worker-extra-args") or ()]
    # They are joined by blanks, so that "--lifetime=55m" and "--lifetime 55m" may be one of them.
    if "--lifetime" not in [re.split(r"[=\s]", each.strip())[0] for each in told]:
        told += lifetime(walltime(_told("walltime")))
    return [*told, "--no-dashboard"]


def _prologue() -> list[str]:
    """The lines of the configuration after our own, so that they have the last word."""
    import dask

    told = _told("job-script-prologue") or _told("env-extra") or ()  # as dask-jobqueue reads them
    # What is set already, Dask's worker does not set: so its configuration is asked here.
    exported = _NEVER_PAUSED | environ_beside(dask.config.get(PRE_SPAWN, None) or {})
    ours = [f"export {name}={value}" for name, value in exported.items()]
    return [*ours, *map(str, told)]


def lifetime(seconds: int | None) -> list[str]:
    """How long a worker lives in a job of so many seconds; without a limit nothing is said.

    Examples
    --------
    >>> lifetime(3600)
    ['--lifetime', '3060s', '--lifetime-stagger', '180s']
    >>> lifetime(None)
    []
    """
    if seconds is None:
        return []
    lives, stagger = round(seconds * _LIVES), round(seconds * _STAGGER)
    return ["--lifetime", f"{lives}s", "--lifetime-stagger", f"{stagger}s"]


def walltime(limit: object) -> int | None:
    """Seconds of a time limit as SLURM writes it; `None` where there is none that can be read.

    References
    ----------
    SLURM's manual of sbatch, option ``--time``: minutes, minutes:seconds, hours:minutes:seconds,
    days-hours, days-hours:minutes and days-hours:minutes:seconds.

    Examples
    --------
    >>> walltime("03:00:00"), walltime("90"), walltime("1-12"), walltime("UNLIMITED")
    (10800, 5400, 129600, None)
    """
    found = _LIMIT.fullmatch(str(limit).strip())
    if found is None:
        return None
    parts = [int(each) for each in found["parts"].split(":")]
    days = int(found["days"] or 0)
    if found["days"] is None and len(parts) < 3:  # noqa: PLR2004  # hours, minutes, seconds
        parts = [0, *parts]
    hours, minutes, seconds = (*parts, 0, 0)[:3]
    return days * _DAY + hours * _HOUR + minutes * _MINUTE + seconds or None
