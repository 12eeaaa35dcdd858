"""Workers that come later, and tasks that outlive their call: neither writes into a run."""

import contextlib
import errno
import importlib
import time
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import reflect_analysis as ra
from reflect_analysis import _sources
from reflect_analysis._tombstones import Tombstone
from reflect_analysis.disclosure.withdrawal import write_withdrawn
from reflect_analysis.errors import MissingDependencyError, OutputError, ReflectAnalysisError
from reflect_analysis.scale import checking, code_dataset, doing, files, running, values
from reflect_analysis.scale.checking import Needs, check_here, faults_here
from reflect_analysis.scale.cluster import Cluster
from reflect_analysis.scale.files import RunFolder, write_text
from reflect_analysis.scale.partition import code_partition
from reflect_analysis.scale.values import Job, Work, installed

quiet = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")

BOOK = """\
title: Small
groups: [{id: g, name: Group}]
codes:
  - {id: alone, name: Alone, group: g, definition: Alone with it., patterns: [alone]}
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A codebook, and a data set of one file."""
    monkeypatch.setenv("REFLECT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(checking.socket, "gethostname", lambda: "node17")
    monkeypatch.setattr(files, "_LOOKS", (0.0, 0.0))
    (tmp_path / "book.yaml").write_text(BOOK, encoding="utf-8")
    (tmp_path / "my texts").mkdir()
    rows = [
        {"id": f"R{k}", "participant": f"P{k % 6}", "language": "en", "text": f"I was alone. {k}."}
        for k in range(12)
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "my texts/a.parquet")
    return tmp_path


@pytest.fixture
def work(place):
    (place / "out").mkdir()
    book = ra.read_codebook(place / "book.yaml")
    return Work(place / "my texts", place / "out", book, "rules", None, ())


# ── what a worker has ──


def older():
    return {"reflect_analysis": "0.0.1"}


def test_a_worker_like_the_leading_process_lacks_nothing(work):
    assert faults_here(Needs.of(work)) == ()
    check_here(work)


HELD = ["reflect_analysis", "the code of reflect_analysis", "the language model"]


@pytest.mark.parametrize("name", [*HELD, "the sentence model"])
def test_another_version_names_the_machine_and_both_versions(work, monkeypatch, name):
    monkeypatch.setattr(checking, "installed", lambda: {**work.installed, name: "0.0.1"})
    told = rf"worker on node17: {name} 0\.0\.1, the leading process has .*install the same there"
    with pytest.raises(OutputError, match=told):
        check_here(work)


def test_a_worker_without_a_model_names_its_machine(work, monkeypatch):
    def missing():
        raise MissingDependencyError("no model: pip install one")

    monkeypatch.setattr(checking, "installed", missing)
    assert faults_here(Needs.of(work)) == ("worker on node17: no model: pip install one",)


def test_what_is_loaded_is_told_apart_where_the_versions_are_the_same(tmp_path):
    (tmp_path / "inner").mkdir()
    source = tmp_path / "inner/rules.py"
    source.write_bytes(b"CODE = 1\nMORE = 2\n")
    before = _sources.digest(tmp_path)
    source.write_bytes(b"CODE = 1\r\nMORE = 2\r\n")
    assert _sources.digest(tmp_path) == before
    source.write_bytes(b"CODE = 2\nMORE = 2\n")
    assert _sources.digest(tmp_path) not in (before, "")
    (tmp_path / "rules.py").write_bytes(b"")
    source.unlink()
    assert _sources.digest(tmp_path / "inner") == ""


def test_what_an_editor_leaves_among_the_sources_does_not_count(tmp_path):
    (tmp_path / "rules.py").write_bytes(b"CODE = 1\n")
    before = _sources.digest(tmp_path)
    (tmp_path / ".ipynb_checkpoints").mkdir()
    for name in (".ipynb_checkpoints/rules.py", ".rules.py"):
        (tmp_path / name).write_bytes(b"CODE = 2\n")
    (tmp_path / "folder.py").mkdir()
    for name in (".#rules.py", "gone.py"):
        with contextlib.suppress(OSError):  # links may not be made everywhere
            (tmp_path / name).symlink_to(tmp_path / "ana@node17.4711")
    assert _sources.digest(tmp_path) == before


def test_a_source_that_cannot_be_read_fails_nothing(tmp_path, monkeypatch):
    (tmp_path / "rules.py").write_bytes(b"CODE = 1\n")

    def refused(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refused)
    assert _sources.digest(tmp_path) == ""


def test_sources_that_change_after_they_were_loaded_change_nothing_here(work, monkeypatch):
    monkeypatch.setattr(values, "digest", lambda _: "other")
    assert installed() == work.installed
    assert work.installed["the code of reflect_analysis"] == values._LOADED != "other"


@pytest.mark.parametrize("name", ["my texts", "out"])
def test_a_folder_that_a_worker_does_not_see_is_named_with_the_machine(work, name):
    work.source.joinpath("a.parquet").unlink()
    work.source.parent.joinpath(name).rmdir()
    (fault,) = faults_here(Needs.of(work))
    assert fault.startswith("worker on node17: does not see ")
    assert f"{name}; every worker must see it" in fault


def test_another_folder_under_the_same_path_is_told(work):
    needs = Needs(work.source, work.out, work.installed, "a call")
    (fault,) = faults_here(needs)
    assert "another folder there" in fault
    (work.out / "keep").mkdir()
    with RunFolder(work.out).written_by("a call"):
        assert faults_here(needs) == ()


class Unloadable:
    """What a worker cannot load, because it has not the module or has an older one."""

    __name__ = "unloadable"

    def __reduce__(self):
        return importlib.import_module, ("no_such_module",)


@contextmanager
def cluster():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        processes=False,
        protocol="tcp://",
        host="127.0.0.1",
        dashboard_address=None,
        scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
    ) as begun:
        yield Cluster(begun.scheduler_address)


JOBS = [Job("a.parquet", (0,), k, 1, k + 1, key=f"{k}" * 32) for k in range(4)]


@quiet
def test_a_worker_that_cannot_load_the_package_is_named_with_its_address(work, monkeypatch):
    monkeypatch.setattr(running, "faults_here", Unloadable())
    told = r"worker at tcp://127\.0\.0\.1:\d+: cannot load .*no_such_module.*install the same"
    with cluster() as there, pytest.raises(OutputError, match=told):
        running.run_jobs(work, JOBS, there, print, named)


@quiet
def test_a_scheduler_that_cannot_load_the_package_is_named(work):
    told = r"the scheduler tcp://127\.0\.0\.1:\d+: cannot load .*no_such_module"
    with cluster() as there, pytest.raises(OutputError, match=told):
        running.run_jobs(work, JOBS, there, print, Unloadable())


def of_a_later_version(_, job):
    raise ImportError(f"cannot import name {job.file!r}")


def with_a_fault(_, job):
    raise ZeroDivisionError(job.name)


@quiet
def test_a_task_that_a_worker_cannot_load_is_a_named_error_and_a_fault_stays_itself(work):
    with cluster() as there:
        with pytest.raises(OutputError, match=r"a worker: cannot load .*a\.parquet"):
            running.run_jobs(work, JOBS, there, print, of_a_later_version)
        with pytest.raises(ZeroDivisionError):
            running.run_jobs(work, JOBS, there, print, with_a_fault)


def named(_, job):
    return job.name


@quiet
def test_a_worker_that_comes_later_with_another_version_does_no_partition(work, monkeypatch):
    done = []

    def slowly(work, job):
        time.sleep(0.3)
        return named(work, job)

    def take(name):
        done.append(name)
        monkeypatch.setattr(checking, "installed", older)

    told = r"worker on node17: reflect_analysis 0\.0\.1"
    with cluster() as there, pytest.raises(OutputError, match=told):
        running.run_jobs(work, JOBS, there, take, slowly)
    assert 1 <= len(done) < len(JOBS)


# ── a task that outlives its call ──


def code(place, **settings):
    chosen = {"scheduler": "here", "rows": 6, "cleared_by": "lead", "note": "composed", **settings}
    return code_dataset(place / "my texts", place / "out", place / "book.yaml", **chosen)


@pytest.fixture
def left_over(place, monkeypatch):
    """The work and a partition of a call that was stopped at once."""
    seen = []

    def stopped(work, jobs, *_, **__):
        seen.append((work, jobs[0]))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(doing, "run_jobs", stopped)
        with pytest.raises(KeyboardInterrupt):
            code(place)
    return seen[0]


def written(place):
    return {path.name for path in place.joinpath("out/keep/codings").iterdir()}


def test_a_task_that_goes_on_after_a_stop_writes_nothing(place, left_over):
    with pytest.raises(OutputError, match="the call that this belongs to has ended"):
        code_partition(*left_over)
    assert written(place) == set()
    assert not list(place.joinpath("out/keep/manifests").iterdir())


@pytest.mark.parametrize("change", ["withdrawal", "codebook"])
def test_nothing_of_an_earlier_call_is_written_into_a_later_one(
    place, left_over, monkeypatch, change
):
    if change == "withdrawal":
        stone = Tombstone("P1", "2026-01-02", "lead")
        write_withdrawn(place / "my texts", [stone])
    else:
        book = BOOK.replace("patterns: [alone]", "patterns: [alone, rain]")
        (place / "book.yaml").write_text(book, encoding="utf-8")
    refused = []

    def beside_it(work, jobs, *rest, **settings):
        running.run_jobs(work, jobs, *rest, **settings)
        with pytest.raises(ReflectAnalysisError) as caught:
            code_partition(*left_over)
        refused.append(str(caught.value))

    monkeypatch.setattr(doing, "run_jobs", beside_it)
    run = code(place)
    assert "has ended" in refused[0]
    assert written(place) == {path.name for path in run.codings()}
    assert f"{left_over[1].name}.parquet" not in written(place)


def test_what_was_written_in_the_middle_of_a_call_is_swept_before_the_tables(place, monkeypatch):
    strays = []

    def beside_it(work, jobs, *rest, **settings):
        running.run_jobs(work, jobs, *rest, **settings)
        folder = RunFolder(work.out)
        stray = Job("a.parquet", (0,), 0, 6, 1, key="ab" * 16)
        for kind in ("codings", "manifests"):
            strays.append(folder.of(kind, stray))
            strays[-1].write_bytes(b"of an earlier call")

    monkeypatch.setattr(doing, "run_jobs", beside_it)
    run = code(place)
    assert strays
    assert not any(path.exists() for path in strays)
    assert len(written(place)) == len(run.jobs) == 2


def test_a_full_disk_keeps_no_call_from_ending_and_nobody_from_leaving(place, monkeypatch):
    code(place)
    folder = RunFolder(place / "out")
    write_text(folder.keep / ".call", "a call")

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files, "write_text", full)
    folder.drop_partitions()
    assert written(place) == set()
    with pytest.raises(OutputError, match="has ended"):
        folder.check_call("a call")


def test_a_call_that_ended_well_lets_nobody_write_either(place):
    code(place)
    folder = RunFolder(place / "out")
    assert folder.call == ""
    with pytest.raises(OutputError, match="has ended"):
        folder.check_call("a call")
    folder.check_call("")


def test_a_call_that_ends_leaves_another_that_stands_there(place):
    folder = RunFolder(place / "out")
    folder.keep.mkdir(parents=True)
    with folder.written_by("ours"):
        write_text(folder.keep / ".call", "theirs")
    assert folder.call == "theirs"
    with folder.written_by("ours"):
        pass
    assert folder.call == ""


def test_a_call_that_a_drive_tells_late_is_looked_for_again(place, monkeypatch):
    folder = RunFolder(place / "out")
    folder.keep.mkdir(parents=True)
    write_text(folder.keep / ".call", "a call")
    answers = iter([OSError(errno.ESTALE, "Stale file handle"), "", "a call"])

    def told(_):
        answer = next(answers)
        if isinstance(answer, OSError):
            raise answer
        return answer

    monkeypatch.setattr(RunFolder, "_told_call", told)
    folder.check_call("a call")
    assert not list(answers)


def test_a_call_that_cannot_be_read_is_told_from_one_that_ended(work):
    needs = Needs(work.source, work.out, work.installed, "a call")
    (work.out / "keep/.call").mkdir(parents=True)
    (fault,) = faults_here(needs)
    assert ".call cannot be read" in fault
    (work.out / "keep/.call").rmdir()
    write_text(work.out / "keep/.call", "another call")
    (fault,) = faults_here(needs)
    assert ".call does not name it" in fault
