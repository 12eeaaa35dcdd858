"""Two runs on one cluster, a stop, and the words about how far the work is."""

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import reflect_analysis as ra
from reflect_analysis.cli import app
from reflect_analysis.errors import OutputError
from reflect_analysis.scale import doing, telling
from reflect_analysis.scale.running import Cluster, run_jobs
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
    with distributed.LocalCluster(
        n_workers=workers,
        threads_per_worker=threads,
        processes=processes,
        protocol="tcp://",
        host="127.0.0.1",
        dashboard_address=None,
    ) as begun:
        yield begun.scheduler_address


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


# ── how far ──


def test_the_last_line_tells_of_nothing_left_where_rows_were_left_out(monkeypatch):
    monkeypatch.setattr(telling, "EVERY", 0.0)
    lines = []
    how_far = telling.HowFar(3, lines.append)
    for _ in range(3):
        how_far.add(7)  # of more rows
    assert [" left" in line for line in lines] == [True, True, False]
    assert lines[-1].startswith("3 of 3 partitions, 21 texts")


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


@pytest.fixture
def interruptible():
    """Ctrl+C reaches what is begun, also where the tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


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
