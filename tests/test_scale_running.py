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
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import reflect_analysis as ra
from reflect_analysis.cli import app
from reflect_analysis.errors import ClusterError, CoderError, OutputError
from reflect_analysis.scale import connecting, doing, queueing, running, telling
from reflect_analysis.scale.cluster import PRE_SPAWN, Cluster
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
        scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},  # else port 8787, once a machine
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
        with pytest.raises(ClusterError, match=r"there was no worker\..*to go on") as told:
            done_by(work_of(folder, "out"), address, slowly, lambda _: begun.scale(0))
    assert address in str(told.value)
    assert "dask worker" in str(told.value)


def slowly(work, job):
    time.sleep(0.3 if job.name == JOBS[0].name else 1.0)
    return named(work, job)


@pytest.mark.usefixtures("impatient")
def test_a_cluster_without_workers_is_told_at_once_with_how_to_begin_some(folder):
    with cluster(0, 1) as address, pytest.raises(ClusterError, match="there was no worker"):
        done_by(work_of(folder, "out"), address, named)


def out_of_memory(begun):
    """Dask pauses the workers; it looks ten times a second."""
    for worker in begun.workers.values():
        worker.memory_manager.memory_limit = 1


@pytest.mark.usefixtures("impatient")
def test_a_run_ends_where_all_workers_are_paused(folder):
    with local_cluster(1, 1) as begun:
        address = begun.scheduler_address
        with pytest.raises(ClusterError, match=r"it paused 1 for lack of memory.*--memory-limit"):
            done_by(work_of(folder, "out"), address, slowly, lambda _: out_of_memory(begun))


@pytest.mark.usefixtures("impatient")
def test_workers_that_are_paused_from_the_beginning_are_told(folder):
    with local_cluster(1, 1) as begun, distributed.Client(begun, set_as_default=False) as client:
        out_of_memory(begun)
        while running._at_work(client, Cluster(begun.scheduler_address)):
            time.sleep(0.1)
        with pytest.raises(ClusterError, match="it paused 1 for lack of memory"):
            done_by(work_of(folder, "out"), begun.scheduler_address, named)


def told_of(status, **tasks):
    return {"status": status, "metrics": {"task_counts": tasks}}


@pytest.mark.parametrize(
    ("worker", "works"),
    [
        (told_of("running"), True),
        (told_of("paused", executing=1), True),
        (told_of("closing_gracefully", executing=1), True),
        (told_of("paused", ready=3), False),
        ({"status": "paused"}, False),
    ],
)
def test_a_worker_works_that_begins_something_or_is_at_it(worker, works):
    assert running._works(worker) is works


def test_all_workers_are_asked_for_where_the_scheduler_would_tell_of_five():
    class Sparing:
        def scheduler_info(self, n_workers=5):
            workers = {str(k): told_of("running") for k in range(7)}
            return {"workers": dict(list(workers.items())[: None if n_workers < 0 else n_workers])}

    class Generous:
        def scheduler_info(self, **kwargs):
            assert not kwargs  # it would be sent to a function that takes none
            return {"workers": dict.fromkeys(range(7), told_of("running"))}

    assert [running._at_work(each(), Cluster("tcp://h:1")) for each in (Sparing, Generous)] == [
        7
    ] * 2


def test_a_worker_of_this_machine_is_never_paused_and_keeps_the_memory_of_a_partition(monkeypatch):
    monkeypatch.delenv("MALLOC_TRIM_THRESHOLD_", raising=False)  # who set it, has the last word
    with connecting.client_of(Cluster("local", 1, "1.5GB")) as client:
        held = client.run(lambda dask_worker: dask_worker.memory_manager.memory_pause_fraction)
        environ = client.run(lambda: dict(os.environ))
    assert list(held.values()) == [False]
    assert [each["MALLOC_TRIM_THRESHOLD_"] for each in environ.values()] == ["67108864"]


@pytest.mark.parametrize(
    ("told", "ours"),
    [
        ({}, {"TRIM": "67108864", "MMAP": "33554432"}),
        ({"TRIM": 65536}, {"TRIM": "67108864", "MMAP": "33554432"}),
        ({"TRIM": "131072"}, {"MMAP": "33554432"}),
        ({"TRIM": None, "MMAP": 65536}, {}),
    ],
)
def test_what_somebody_set_of_memory_has_the_last_word(monkeypatch, told, ours):
    dask = pytest.importorskip("dask")
    here = {f"MALLOC_{name}_THRESHOLD_": value for name, value in told.items()}
    wanted = {f"MALLOC_{name}_THRESHOLD_": value for name, value in ours.items()}
    for name in ("_local", "_connected"):
        monkeypatch.setattr(connecting, name, nullcontext)
    with dask.config.set({PRE_SPAWN: here}):
        with connecting.client_of(Cluster("local")):
            assert dask.config.get(PRE_SPAWN) == here | wanted
        jobs = settings_of(monkeypatch)
    exports = [f"export {name}={value}" for name, value in wanted.items()]
    assert jobs.asked["job_script_prologue"] == [EXPORTED[0], *exports]


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
    assert jobs.asked["job_script_prologue"] == EXPORTED


EXPORTED = [
    "export DASK_DISTRIBUTED__WORKER__MEMORY__PAUSE=False",
    "export MALLOC_TRIM_THRESHOLD_=67108864",
    "export MALLOC_MMAP_THRESHOLD_=33554432",
]


@pytest.mark.parametrize("told", [["--lifetime", "55m"], ["--lifetime=55m"], ["--lifetime 55m"]])
def test_what_the_configuration_says_of_jobs_stays(monkeypatch, told):
    settings = {
        "worker-extra-args": told,
        "scheduler-options": {"interface": "ib0"},
        "job-script-prologue": ["source ~/venv/bin/activate"],
    }
    jobs = settings_of(monkeypatch, walltime="03:00:00", **settings)
    assert jobs.asked["worker_extra_args"] == [*told, "--no-dashboard"]
    assert jobs.asked["scheduler_options"]["interface"] == "ib0"
    assert jobs.asked["job_script_prologue"] == [*EXPORTED, "source ~/venv/bin/activate"]


def test_a_stagger_alone_is_no_lifetime(monkeypatch):
    told = {"worker-extra-args": ["--lifetime-stagger=1m"]}
    jobs = settings_of(monkeypatch, walltime="03:00:00", **told)
    assert jobs.asked["worker_extra_args"][1:3] == ["--lifetime", "9180s"]


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
        self.there = {}

    def scheduler_info(self):
        return {"workers": self.there}

    def wait_for_workers(self, n, timeout):
        self.looks -= 1
        if self.looks:
            raise TimeoutError


@pytest.fixture
def squeue(monkeypatch):
    """In the place of SLURM's command: what it answers, and what it was asked."""
    answer = types.SimpleNamespace(returncode=0, stdout="", stderr="", asked=[])

    def run(command, **_):
        answer.asked.append(command)
        if isinstance(answer.stdout, BaseException):
            raise answer.stdout
        return answer

    monkeypatch.setattr(queueing.shutil, "which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(queueing.subprocess, "run", run)
    return answer


QUEUED = "  7 compute dask-wor me PD 0:00 1 (Resources)\n"


def slurm_run(lines, workers=3):
    return running._Run(
        None, (), Cluster("slurm", workers=workers), telling.HowFar(1, lines.append)
    )


def test_jobs_that_ended_before_they_came_are_a_named_error(squeue):
    lines = []
    with pytest.raises(ClusterError, match=r"its jobs \(7, 7\) none waits.*sacct -j 7,7.*slurm-"):
        running._wait_for_worker(Nobody(2), slurm_run(lines))
    assert squeue.asked == [["/bin/squeue", "-h", "-j", "7,7"]]
    assert lines == []


def test_a_job_that_slurm_has_forgotten_has_ended(squeue):
    squeue.returncode, squeue.stderr = 1, "slurm_load_jobs error: Invalid job id specified\n"
    with pytest.raises(ClusterError, match="none waits or is at work"):
        queueing.check_queued(Nobody(1).cluster)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (0, QUEUED),
        (1, ""),
        (0, subprocess.TimeoutExpired("squeue", 30.0)),
        (0, PermissionError(13, "Permission denied")),
    ],
    ids=["waits", "no answer", "too late", "not allowed"],
)
def test_jobs_are_waited_for_that_wait_or_of_which_squeue_tells_nothing(squeue, code, told):
    squeue.returncode, squeue.stdout = code, told
    lines = []
    running._wait_for_worker(Nobody(1), slurm_run(lines))
    assert len(lines) == len(squeue.asked) == 2


def test_it_is_told_that_jobs_of_slurm_are_waited_for(squeue):
    squeue.stdout = QUEUED
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


@pytest.fixture
def clock(monkeypatch):
    """The time, as far as it is looked at; it goes on by hand."""
    now = [0.0]
    monkeypatch.setattr(running.time, "monotonic", lambda: now[0])
    return now


def fruitless(client, clock, *, until):
    """A watch over workers that are there and finish nothing, a minute a look."""
    dask = pytest.importorskip("dask")
    with dask.config.set({"jobqueue.slurm.walltime": "01:00:00"}):
        watch = running._Watch(client, slurm_run([]))
    for _ in range(until):
        clock[0] += 60.0
        watch.look()
    return watch


def test_a_partition_that_is_longer_than_a_job_is_not_repeated_for_ever(clock):
    client = Nobody(1)
    client.there = {"tls://h:1": told_of("running")}
    watch = fruitless(client, clock, until=119)
    clock[0] += 60.0
    with pytest.raises(ClusterError, match=r"2 h 00 min, twice the walltime.*--rows"):
        watch.look()


def test_what_is_finished_and_who_waits_in_a_queue_count_against_no_partition(clock, squeue):
    squeue.stdout = QUEUED
    client = Nobody(1)
    client.there = {"tls://h:1": told_of("running")}
    watch = fruitless(client, clock, until=119)
    client.there = {}
    for _ in range(300):
        clock[0] += 60.0
        watch.look()
    client.there = {"tls://h:2": told_of("running")}
    watch.done()
    clock[0] += 7199.0
    watch.look()
    clock[0] += 1.0
    with pytest.raises(ClusterError, match="finished no partition"):
        watch.look()


def test_workers_that_finish_nothing_are_told_each_ten_minutes(clock):
    client, lines = Nobody(1), []
    client.there = {"tcp://h:1": told_of("running")}
    run = running._Run(None, (), Cluster("tcp://h:1"), telling.HowFar(1, lines.append))
    watch = running._Watch(client, run)

    def minutes(number):
        for _ in range(number):
            clock[0] += 60.0
            watch.look()
        return len(lines)

    assert [minutes(9), minutes(1), minutes(9), minutes(1)] == [0, 1, 1, 2]
    assert "nothing was finished for 20 min, with 1 worker at work" in lines[1]
    assert "Ctrl+C loses nothing" in lines[1]
    watch.done()
    assert minutes(9) == 2


def test_jobs_that_ended_in_the_middle_are_not_waited_for(clock, squeue):
    watch = fruitless(Nobody(1), clock, until=0)
    clock[0] += 30.0
    watch.look()
    assert squeue.asked == []  # nor is the queue asked at each look
    clock[0] += 30.0
    with pytest.raises(ClusterError, match=r"its jobs \(7\) none waits"):
        watch.look()


@pytest.mark.usefixtures("impatient")
def test_jobs_that_ended_are_asked_for_anew_and_waited_for(monkeypatch, squeue):
    squeue.stdout = QUEUED
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
    assert [line for line in lines[:-1] if line.startswith("export ")] == EXPORTED
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
@pytest.mark.parametrize("name", ["SIGINT", "SIGHUP"])
def test_a_terminals_stop_while_processes_begin_is_a_line_and_no_traceback(folder, name):
    write_texts(folder / "my texts")
    command = [sys.executable, "-m", "reflect_analysis", "scale", "my texts", "out"]
    command += ["--codebook", "book.yaml", "--rows", "1", "--cleared-by", "lead", "--note", "read"]
    with subprocess.Popen(
        command, cwd=folder, stderr=subprocess.PIPE, start_new_session=True, text=True
    ) as begun:
        told = "".join(itertools.takewhile(lambda line: "participants" not in line, begun.stderr))
        time.sleep(3.0)  # they begin, and load what they need
        # As a terminal does: to every process of the command.
        os.killpg(begun.pid, getattr(signal, name))
        told += begun.stderr.read()
    assert begun.returncode == 130
    assert "run the same command again" in told
    assert "Traceback" not in told
