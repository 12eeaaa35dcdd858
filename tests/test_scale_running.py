"""Two runs on one cluster, a stop, and the words about how far the work is."""

import itertools
import json
import os
import shlex
import signal
import subprocess
import sys
import time
import types
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import reflect_analysis as ra
from reflect_analysis.cli import app
from reflect_analysis.errors import ClusterError, CoderError, OutputError
from reflect_analysis.scale import connecting, doing, queueing, running, telling
from reflect_analysis.scale.cluster import Cluster
from reflect_analysis.scale.running import run_jobs
from reflect_analysis.scale.values import Job, Work

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")

BOOK = """\
title: Small
groups: [{id: g, name: Group}]
codes:
  - {id: alone, name: Alone, group: g, definition: Alone with it., patterns: [alone]}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A codebook, and two data sets of a file each."""
    monkeypatch.setenv("REFLECT_CACHE", str(tmp_path / "cache"))
    (tmp_path / "book.yaml").write_text(BOOK, encoding="utf-8")
    return tmp_path


def write_texts(place, n=12):
    place.mkdir()
    rows = [
        {"id": f"R{k}", "participant": f"P{k % 5}", "language": "en", "text": f"I was alone. {k}."}
        for k in range(n)
    ]
    pq.write_table(pa.Table.from_pylist(rows), place / "texts.parquet")
    return place


@contextmanager
def cluster(workers, threads, *, processes=False):
    """The address of a scheduler that is nobody's own."""
    with local_cluster(workers, threads, processes=processes) as begun:
        yield begun.scheduler_address


@contextmanager
def local_cluster(workers, threads, *, processes=False):
    with distributed.LocalCluster(
        n_workers=workers,
        threads_per_worker=threads,
        processes=processes,
        protocol="tcp://",
        host="127.0.0.1",
        dashboard_address=None,
    ) as begun:
        yield begun


# ── two runs on one cluster ──


def named(work, job):
    return f"{work.out.name} {job.name}"


_inside = []


def alone(work, job):
    """A partition that sees whether another is in its process."""
    _inside.append(job.name)
    time.sleep(0.02)
    seen = len(_inside)
    _inside.remove(job.name)
    return seen


def work_of(folder, out):
    book = ra.read_codebook(folder / "book.yaml")
    (folder / out).mkdir()
    return Work(folder, folder / out, book, "rules", None, ())


JOBS = [Job("texts.parquet", (0,), 4 * n, 4, 4 * n + 1, key=f"{n}" * 32) for n in range(3)]


def done_by(work, address, do, done=lambda _: None):
    found = []

    def take(result):
        found.append(result)
        done(result)

    run_jobs(work, JOBS, Cluster(address), take, do)
    return sorted(found)


def test_two_runs_at_once_get_each_its_own_partitions(folder):
    first, second = (work_of(folder, out) for out in ("first", "second"))
    within = []

    def another(_):
        if not within:
            within.extend(done_by(second, address, named))

    with cluster(1, 1) as address:
        found = done_by(first, address, named, another)
    assert found == [f"first {job.name}" for job in JOBS]
    assert within == [f"second {job.name}" for job in JOBS]


def test_a_worker_of_many_threads_has_one_partition_at_a_time(folder):
    with cluster(1, 4) as address:
        assert done_by(work_of(folder, "out"), address, alone) == [1, 1, 1]


def test_nothing_of_a_run_stays_on_a_cluster_of_others(folder):
    with cluster(1, 1) as address:
        assert len(done_by(work_of(folder, "out"), address, named)) == len(JOBS)
        with distributed.Client(address, set_as_default=False) as client:
            before, left = client.run_on_scheduler(_left)
    assert (before, left) == ([], [])


def _left(dask_scheduler):
    plugins = [name for name in dask_scheduler.worker_plugins if "shuffle" not in name]
    return list(dask_scheduler.tasks), plugins


@pytest.mark.slow
def test_the_same_texts_are_coded_twice_at_once_on_one_cluster(folder):
    write_texts(folder / "my texts")
    command = [sys.executable, "-m", "reflect_analysis", "scale", "my texts"]
    settings = ["--codebook", "book.yaml", "--rows", "2", "--json"]
    settings += ["--cleared-by", "lead", "--note", "composed"]
    with cluster(1, 1, processes=True) as address:
        begun = [
            subprocess.Popen(
                [*command, out, *settings, "--scheduler", address],
                cwd=folder,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for out in ("first out", "second out")
        ]
        told = [each.communicate(timeout=500) for each in begun]
    assert [each.returncode for each in begun] == [0, 0], told
    facts = [json.loads(out) for out, _ in told]
    assert [(each["codings"], each["computed"]) for each in facts] == [(12, 6), (12, 6)]


# ── workers that are gone ──


@pytest.fixture
def impatient(monkeypatch):
    """Nobody is waited for long."""
    monkeypatch.setattr(running, "_WAIT", 0.4)
    monkeypatch.setattr(running, "_LOOK", 0.1)


@pytest.mark.usefixtures("impatient")
def test_a_run_ends_where_all_workers_are_gone(folder):
    with local_cluster(1, 1) as begun:
        address = begun.scheduler_address
        with pytest.raises(ClusterError, match=r"all of its workers are gone.*go on$") as told:
            done_by(work_of(folder, "out"), address, slowly, lambda _: begun.scale(0))
    assert address in str(told.value)
    assert "dask worker" in str(told.value)


def slowly(work, job):
    time.sleep(0.3 if job.name == JOBS[0].name else 1.0)
    return named(work, job)


@pytest.mark.usefixtures("impatient")
def test_a_cluster_without_workers_is_told_at_once_with_how_to_begin_some(folder):
    with cluster(0, 1) as address, pytest.raises(ClusterError, match="no worker came within"):
        done_by(work_of(folder, "out"), address, named)


def test_the_end_of_a_cluster_hides_nothing_that_came_before():
    class Broken:
        def close(self):
            raise KeyError("tls://127.0.0.1:33315")

    with pytest.raises(CoderError, match="first"), connecting._closed(Broken()):
        raise CoderError("the first fault")
    with connecting._closed(Broken()) as begun:
        assert isinstance(begun, Broken)


@pytest.mark.parametrize(
    ("scheduler", "told", "not_told"),
    [("local", "--memory)", "sacct"), ("slurm", "sacct", "limit)"), ("tcp://h:1", "limit)", "2GB")],
)
def test_what_ended_workers_is_told_by_where_they_are(scheduler, told, not_told):
    line = running._ended(JOBS[1], Cluster(scheduler))
    assert line.startswith("texts.parquet, rows 5 to 8: 4 workers ")
    assert told in line
    assert not_told not in line


# ── jobs of SLURM ──


class Jobs:
    """In the place of `dask_jobqueue.SLURMCluster`: what it was asked for."""

    def __init__(self, **asked):
        self.asked, self.scaled, self.workers = asked, [], {}

    def scale(self, n):
        self.scaled.append(n)


def settings_of(monkeypatch, **told):
    dask = pytest.importorskip("dask")
    monkeypatch.setitem(sys.modules, "dask_jobqueue", types.SimpleNamespace(SLURMCluster=Jobs))
    monkeypatch.setattr(queueing.shutil, "which", str)
    with dask.config.set({f"jobqueue.slurm.{name}": value for name, value in told.items()}):
        return queueing.slurm_jobs(3, "2GB")


def test_jobs_of_slurm_are_encrypted_and_leave_before_their_time_is_up(monkeypatch):
    jobs = settings_of(monkeypatch, walltime="03:00:00", **{"shared-temp-directory": "/shared"})
    assert jobs.scaled == [3]
    assert jobs.asked["security"].require_encryption
    assert jobs.asked["shared_temp_directory"] == "/shared"
    assert jobs.asked["scheduler_options"] == {"dashboard_address": "127.0.0.1:0"}
    arguments = jobs.asked["worker_extra_args"]
    assert arguments == ["--lifetime", "9180s", "--lifetime-stagger", "540s", "--no-dashboard"]


def test_what_the_configuration_says_of_jobs_stays(monkeypatch):
    told = {"worker-extra-args": ["--lifetime", "20m"], "scheduler-options": {"interface": "ib0"}}
    jobs = settings_of(monkeypatch, walltime="03:00:00", **told)
    assert jobs.asked["worker_extra_args"] == ["--lifetime", "20m", "--no-dashboard"]
    assert jobs.asked["scheduler_options"]["interface"] == "ib0"


def test_jobs_that_cannot_be_asked_for_are_a_named_error(monkeypatch):
    def no_folder(self, n):
        raise FileNotFoundError(2, "No such file or directory", "/shared")

    monkeypatch.setattr(Jobs, "scale", no_folder)
    with pytest.raises(ClusterError, match=r"'/shared'.*jobqueue\.yaml"):
        settings_of(monkeypatch)
    monkeypatch.setattr(queueing.shutil, "which", lambda _: None)
    with pytest.raises(ClusterError, match="no command sbatch here"):
        queueing.slurm_jobs(1, "2GB")


@pytest.mark.parametrize(
    ("limit", "seconds"),
    [
        ("30", 1800),
        ("30:15", 1815),
        ("01:00:00", 3600),
        ("1-12", 129_600),
        ("1-12:30", 131_400),
        ("2-00:00:05", 172_805),
        ("UNLIMITED", None),
        ("0", None),
        (None, None),
    ],
)
def test_a_time_limit_is_read_as_slurm_writes_it(limit, seconds):
    assert queueing.walltime(limit) == seconds


class Nobody:
    """In the place of a client whose jobs of SLURM have not begun, or have ended."""

    def __init__(self, waiting, looks=3):
        self.cluster, self.looks = Jobs(), looks
        job = types.SimpleNamespace(job_id="7")
        self.cluster.workers = dict.fromkeys(range(waiting), job)

    def scheduler_info(self):
        return {"workers": {}}

    def wait_for_workers(self, n, timeout):
        self.looks -= 1
        if self.looks:
            raise TimeoutError


def test_it_is_told_that_jobs_of_slurm_are_waited_for(monkeypatch):
    lines = []
    run = running._Run(None, (), Cluster("slurm"), telling.HowFar(1, lines.append))
    running._wait_for_worker(Nobody(1), run)
    assert len(lines) == 2
    assert all("waiting for SLURM to begin a job (squeue" in line for line in lines)


def test_jobs_that_sbatch_does_not_take_are_a_named_error():
    client = Nobody(1)
    client.cluster.workers[0].job_id = None
    lines = []
    run = running._Run(None, (), Cluster("slurm"), telling.HowFar(1, lines.append))
    with pytest.raises(ClusterError, match=r"sbatch took none.*jobqueue\.yaml"):
        running._wait_for_worker(client, run)
    assert lines == []


@pytest.mark.usefixtures("impatient")
def test_jobs_that_ended_are_asked_for_anew_and_waited_for(monkeypatch):
    monkeypatch.setattr(running, "_ASK", 0.0)
    monkeypatch.setattr(running, "_REMIND", 0.0)
    lines, client = [], Nobody(1)
    cluster = Cluster("slurm", workers=3)
    watch = running._Watch(client, running._Run(None, (), cluster, telling.HowFar(1, lines.append)))
    time.sleep(0.5)  # longer than one waits for workers that nobody asked for
    watch.look()
    assert client.cluster.scaled == [3]
    assert "waiting for SLURM" in lines[0]
    client.cluster.workers[0].job_id = None  # sbatch takes no more
    with pytest.raises(ClusterError, match="sbatch"):
        watch.look()


@pytest.mark.skipif(
    sys.platform == "win32", reason="no SLURM, and no sbatch that a script could be"
)
def test_the_script_of_a_job_says_all_that_its_worker_needs(tmp_path, monkeypatch):
    pytest.importorskip("dask_jobqueue", reason="the script is dask-jobqueue's: not installed")
    sbatch = tmp_path / "sbatch"
    sbatch.write_text("#!/bin/sh\necho Submitted batch job 7\n", encoding="ascii")
    for name in ("sbatch", "scancel"):
        (tmp_path / name).write_bytes(sbatch.read_bytes())
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    told = {"walltime": "0-02", "queue": "compute", "shared-temp-directory": str(tmp_path)}
    dask = pytest.importorskip("dask")
    with (
        dask.config.set({f"jobqueue.slurm.{name}": value for name, value in told.items()}),
        connecting._closed(queueing.slurm_jobs(1, "2GB")) as jobs,
    ):
        script = jobs.job_script()
        keys = list(tmp_path.glob(".dask-jobqueue.worker.key.*"))
        assert [path.stat().st_mode & 0o077 for path in keys] == [0]
    lines = script.splitlines()
    assert {"#SBATCH -p compute", "#SBATCH -n 1", "#SBATCH -t 0-02"} <= set(lines)
    assert "#SBATCH --cpus-per-task=1" in lines
    asked = shlex.split(lines[-1])
    assert asked[1:3] == ["-m", "distributed.cli.dask_worker"]
    assert asked[3].startswith("tls://")
    wanted = {"--nthreads": "1", "--lifetime": "6120s", "--protocol": "tls://"}
    assert {name: asked[asked.index(name) + 1] for name in wanted} == wanted
    assert "--no-dashboard" in asked
    assert Path(asked[asked.index("--tls-key") + 1]).parent == tmp_path
    assert "BEGIN" not in script  # the key itself stands in no script


# ── how far ──


def test_the_last_line_tells_of_nothing_left_where_rows_were_left_out(monkeypatch):
    monkeypatch.setattr(telling, "EVERY", 0.0)
    lines = []
    how_far = telling.HowFar(3, lines.append)
    for _ in range(3):
        how_far.add(7)  # of more rows
    assert [" left" in line for line in lines] == [False, True, False]
    assert lines[-1].startswith("3 of 3 partitions, 21 texts")


def test_what_is_left_is_reckoned_without_the_loading_of_models(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(telling.time, "perf_counter", lambda: now[0])
    lines = []
    how_far = telling.HowFar(100, lines.append)
    now[0] = 500.0  # the data set is looked over, processes begin
    how_far.begin(2)
    for second in (900.0, 900.0, 960.0, 966.0):  # two workers load for minutes, then need one each
        now[0] = second
        how_far.add(50)
    assert [" left" in line for line in lines] == [False, False, True]
    assert lines[-1].endswith(", about 53 min left")  # 96 partitions of 33 seconds


def test_one_of_a_thing_is_told_as_one():
    lines = []
    how_far = telling.HowFar(1, lines.append)
    how_far.add(1)
    assert lines[0].startswith("1 of 1 partition, 1 text, ")
    assert telling.many(1, "text", "are") == "1 text is"
    assert telling.many(12_345, "file") == "12,345 files"


# ── the command ──


@pytest.fixture
def stopped(folder, monkeypatch):
    """The command `scale`, with another thing in the place of the first reading."""
    write_texts(folder / "my texts")
    monkeypatch.chdir(folder)

    def run(error):
        def raising(*_, **__):
            raise error

        monkeypatch.setattr(doing, "look_over", raising)
        command = ["scale", "my texts", "out", "--codebook", "book.yaml", "--scheduler", "here"]
        return CliRunner().invoke(app, [*command, "--cleared-by", "lead", "--note", "composed"])

    return run


def test_ctrl_c_says_how_to_go_on_wherever_a_command_is(stopped):
    done = stopped(KeyboardInterrupt())
    assert done.exit_code == 130
    assert "run the same command again" in done.stderr
    assert "Traceback" not in done.output


def test_a_fault_from_within_is_no_wrong_usage(stopped):
    done = stopped(ValueError("[E088] Text of length 1200000"))
    assert isinstance(done.exception, ValueError)
    assert done.exit_code == 1
    assert "Usage" not in done.output


@pytest.mark.parametrize("name", ["", "part.parquet"])
def test_a_full_disk_is_told_with_the_place_and_how_to_go_on(stopped, name):
    done = stopped(OSError(28, "No space left on device", *filter(None, [name])))
    assert isinstance(done.exception, OutputError)
    told = str(done.exception)
    assert told.startswith(f"{name or 'out'}: No space left on device; what is in out is whole")
    assert "run the same command again to go on" in told


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a terminal's Ctrl+C is sent another way there")
@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_while_processes_begin_is_a_line_and_no_traceback(folder):
    write_texts(folder / "my texts")
    command = [sys.executable, "-m", "reflect_analysis", "scale", "my texts", "out"]
    command += ["--codebook", "book.yaml", "--rows", "1", "--cleared-by", "lead", "--note", "read"]
    with subprocess.Popen(
        command, cwd=folder, stderr=subprocess.PIPE, start_new_session=True, text=True
    ) as begun:
        told = "".join(itertools.takewhile(lambda line: "participants" not in line, begun.stderr))
        time.sleep(3.0)  # they begin, and load what they need
        os.killpg(begun.pid, signal.SIGINT)  # as a terminal does: to every process of the command
        told += begun.stderr.read()
    assert begun.returncode == 130
    assert "run the same command again" in told
    assert "Traceback" not in told
