"""The folder of a run: what must go goes or is told, what is written comes whole."""

import errno
import os
import shutil
from pathlib import Path

import pandas as pd
import portalocker
import pytest

from reflect_analysis import _waiting
from reflect_analysis.errors import OutputError
from reflect_analysis.report.folder import folder_beside
from reflect_analysis.scale import sending
from reflect_analysis.scale.files import RunFolder, beside, remove, write_text
from reflect_analysis.tables import Column, Table, export_table


@pytest.fixture
def folder(tmp_path):
    """A run with tables, topics and a partition."""
    made = RunFolder(tmp_path / "out")
    for name in ("share", "keep/topic-model", "keep/topics", "keep/codings"):
        (made.out / name).mkdir(parents=True)
        (made.out / name / "DRAFT-themes.xlsx").write_bytes(b"P01")
    return made


@pytest.fixture
def held(monkeypatch):
    """A name of `Path` or `shutil` that is refused, as Windows does while a file is open."""

    def refuse(owner, name, patch=monkeypatch):
        def refused(path, *_, **__):
            raise PermissionError(13, "held") if path.exists() else FileNotFoundError

        patch.setattr(owner, name, refused)

    return refuse


# ── what must go ──


@pytest.mark.parametrize("how", ["take_back_tables", "drop_topics", "drop_partitions"])
def test_tables_that_another_program_holds_stay_whole_and_are_told(folder, held, how):
    held(Path, "rename")
    with pytest.raises(OutputError, match=r"share: cannot be removed \(another program holds"):
        getattr(folder, how)()
    assert (folder.share / "DRAFT-themes.xlsx").exists()


def test_a_topic_model_that_cannot_be_removed_is_told_before_topics_are_sought(folder, held):
    shutil.rmtree(folder.share)
    held(Path, "rename")
    with pytest.raises(OutputError, match="topic-model: cannot be removed"):
        folder.drop_topics()


@pytest.mark.parametrize("how", ["take_back_tables", "drop_partitions"])
def test_what_was_put_away_and_not_removed_is_told_and_goes_the_next_time(folder, held, how):
    with pytest.MonkeyPatch.context() as patch:
        held(shutil, "rmtree", patch)
        with pytest.raises(OutputError, match="cannot be removed"):
            getattr(folder, how)()
    assert not folder.share.exists()
    assert list(folder.keep.glob("share-*"))
    folder.drop_partitions()
    assert not [path for path in folder.out.rglob("*") if path.name == "DRAFT-themes.xlsx"]


def test_tables_of_a_run_that_was_killed_while_it_put_them_in_place_go(folder):
    left = [folder.out / f".share-0a1b2c3d.{ending}" for ending in ("part", "old")]
    for each in left:
        shutil.copytree(folder.share, each)
    folder.prepare((), {})
    assert not any(each.exists() for each in left)
    assert folder.share.exists()


def test_a_folder_that_is_not_there_need_not_go(folder):
    for _ in range(2):
        folder.drop_partitions()
    assert not folder.share.exists()
    assert not folder.model.exists()


# ── what is written ──


class _Full:
    """In the place of a frame: the disk is full in the middle of it."""

    def to_csv(self, path, **_):
        Path(path).write_text("code,n\nalo", encoding="utf-8")
        raise OSError(errno.ENOSPC, "No space left on device")


def test_exact_counts_that_cannot_be_written_leave_what_was_there(tmp_path):
    path = tmp_path / "themes.csv"
    sending._keep(path, pd.DataFrame({"code": ["alone"], "n": [7]}))
    assert path.read_text(encoding="utf-8").split() == ["code,n", "alone,7"]
    with pytest.raises(OSError, match="No space left"):
        sending._keep(path, _Full())
    assert path.read_text(encoding="utf-8").split() == ["code,n", "alone,7"]
    assert [each.name for each in tmp_path.iterdir()] == ["themes.csv"]


def test_exact_counts_that_a_spreadsheet_holds_are_one_clear_error(tmp_path, held):
    held(Path, "replace")
    with pytest.raises(OutputError, match=r"themes\.csv: another program holds it"):
        sending._keep(tmp_path / "themes.csv", pd.DataFrame({"n": [7]}))
    assert not list(tmp_path.iterdir())


def test_what_is_asked_before_a_file_is_put_in_place_can_refuse_it(tmp_path):
    def refuse():
        raise OutputError("ended")

    with pytest.raises(OutputError, match="ended"):
        write_text(tmp_path / "a.json", "{}", before=refuse)
    assert not list(tmp_path.iterdir())


# ── what a scanner holds for a moment ──


@pytest.fixture
def refused_twice(monkeypatch):
    """The first two calls of a function find the file open elsewhere."""
    monkeypatch.setattr(_waiting, "PATIENCE", 60.0)
    monkeypatch.setattr(_waiting, "PAUSE", 0.0)
    calls = []

    def patch(owner, name):
        done = getattr(owner, name)

        def sometimes(*args, **settings):
            calls.append(name)
            if len(calls) < 3:
                raise PermissionError(13, "held")
            return done(*args, **settings)

        monkeypatch.setattr(owner, name, sometimes)
        return calls

    return patch


def test_a_partition_waits_for_a_scanner(tmp_path, refused_twice):
    calls = refused_twice(Path, "replace")
    with beside(tmp_path / "part.parquet") as part:
        part.write_bytes(b"whole")
    assert (tmp_path / "part.parquet").read_bytes() == b"whole"
    assert len(calls) == 3


def test_a_file_that_must_go_waits_for_a_scanner(tmp_path, refused_twice):
    (tmp_path / "a").touch()
    calls = refused_twice(Path, "unlink")
    remove(tmp_path / "a")
    assert not list(tmp_path.iterdir())
    assert len(calls) == 3


def test_a_table_waits_for_a_scanner(tmp_path, refused_twice):
    calls = refused_twice(os, "replace")
    table = Table("Themes", (Column("Code"), Column("n", "number")), (("Belonging", 12),))
    export_table(table, tmp_path / "themes.md")
    assert "Belonging" in (tmp_path / "themes.md").read_text(encoding="utf-8")
    assert len(calls) == 3


@pytest.mark.parametrize("there", [False, True])
def test_a_report_waits_for_a_scanner(tmp_path, refused_twice, there):
    target = tmp_path / "report"
    if there:
        target.mkdir()
    calls = refused_twice(Path, "rename")
    with folder_beside(target) as place:
        (place / "page.html").touch()
    assert [path.name for path in target.iterdir()] == ["page.html"]
    assert [path.name for path in tmp_path.iterdir()] == ["report"]
    assert len(calls) == (4 if there else 3)


# ── the lock ──


def test_two_runs_in_one_folder_are_told_apart_from_a_drive_without_locks(tmp_path, monkeypatch):
    folder = RunFolder(tmp_path / "out")
    with (
        folder.held(),
        pytest.raises(OutputError, match="another run is writing here"),
        folder.held(),
    ):
        raise AssertionError

    def no_locks(*_):
        raise portalocker.LockException(OSError(errno.ENOSYS, "Function not implemented"))

    monkeypatch.setattr(portalocker, "lock", no_locks)
    told = r"files cannot be locked here \(.*Function not implemented.*flock"
    with pytest.raises(OutputError, match=told) as caught, folder.held():
        raise AssertionError
    assert "another run is writing" not in str(caught.value)


# ── a call that failed early ──


def test_a_call_that_failed_before_it_said_what_lies_here_can_be_made_again(tmp_path):
    folder = RunFolder(tmp_path / "out")
    with folder.held():
        write_text(folder.keep / ".call", "a call")
        (folder.keep / "codings").mkdir()
        (folder.keep / "run.json-0a1b2c3d.part").write_bytes(b"{")
    folder.check()


@pytest.mark.parametrize("name", ["notes.txt", "keep/notes.txt", "keep/codings/a.parquet", "texts"])
def test_a_folder_that_holds_something_of_others_is_refused(tmp_path, name):
    folder = RunFolder(tmp_path / "out")
    with folder.held():
        place = folder.out / name
        place.mkdir(parents=True) if name == "texts" else place.parent.mkdir(exist_ok=True)
        if name != "texts":
            place.write_bytes(b"of somebody")
    with pytest.raises(OutputError, match="holds something that is no run"):
        folder.check()
