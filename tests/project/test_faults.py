"""What goes wrong with files, disks and servers: a clear error, and the data as they were."""

import contextlib
import errno
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import event

from reflect_analysis.codings import Memo
from reflect_analysis.errors import ProjectError
from reflect_analysis.project import Project, engine, opened, pending
from reflect_analysis.project.engine import UnreachableError

KEEPS_OPEN_FILES = sys.platform == "win32"  # Windows neither deletes nor moves a file in use


def _note(project, text="a note"):
    project.record(by="ann", memos=[Memo("ann", text)])


def _notes(path):
    with Project.open(path) as project:
        return sorted(memo.text for memo in project.codings().memos)


def _files(path):
    return sorted(each.name for each in path.parent.iterdir())


# ── a file that is no project ──


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", r"is empty \(0 bytes\); restore a backup: reflect-analysis restore"),
        (b"Dear partner, here is my list.\n" * 200, "is no project file, or it is broken"),
        (b"SQLite format 3\0" + b"\xff" * 5000, "is no project file, or it is broken|is broken"),
        (b"\0" * 8192, "is no project file, or it is broken"),
    ],
)
def test_what_is_no_project_is_said_so_and_left_as_it_is(tmp_path, content, told):
    path = tmp_path / "study.reflect"
    path.write_bytes(content)
    with pytest.raises(ProjectError, match=told):
        Project.open(path)
    assert path.read_bytes() == content
    assert _files(path) == ["study.reflect"]


def test_a_file_that_was_cut_off_is_said_to_be_broken_and_left_as_it_is(study):
    content = study.read_bytes()[: study.stat().st_size // 2]
    study.write_bytes(content)
    with pytest.raises(ProjectError, match=r"is broken; restore a backup"):
        Project.open(study)
    assert study.read_bytes() == content
    assert _files(study) == [study.name]


def test_pages_that_were_overwritten_are_said_to_be_broken(study):
    with study.open("rb+") as file:
        file.seek(4096)
        file.write(b"\xaa" * (study.stat().st_size - 4096))
    with pytest.raises(ProjectError, match="restore"), Project.open(study) as project:
        project.corpus()


def test_a_file_that_is_not_there_and_a_folder_are_said_so(tmp_path):
    with pytest.raises(ProjectError, match="no such file"):
        Project.open(tmp_path / "study.reflect")
    with pytest.raises(ProjectError, match="folder"):
        Project.open(tmp_path)
    with pytest.raises(ProjectError, match=r"there is no folder .*no such folder"):
        Project.create(tmp_path / "no such folder" / "study.reflect")
    with pytest.raises(ProjectError, match="no study is named"):
        Project.create("")
    assert list(tmp_path.iterdir()) == []


def test_a_project_that_could_not_be_made_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(opened, "make_tables", full)
    with pytest.raises(ProjectError, match="disk is full"):
        Project.create(tmp_path / "study.reflect")
    assert list(tmp_path.iterdir()) == []


# ── a folder or a file that may not be written ──


@contextlib.contextmanager
def _mounted(folder, size="8m"):
    """A small disk of its own, where that is allowed."""
    folder.mkdir(exist_ok=True)
    asked = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if (
        sys.platform != "linux"
        or os.geteuid() != 0
        or subprocess.run(asked, check=False).returncode
    ):
        pytest.skip("no disk may be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@contextlib.contextmanager
def _read_only(path):
    """Take away the right to write: from root by the disk, from others by the mode."""
    if sys.platform != "win32" and os.geteuid() != 0:
        mode = path.stat().st_mode
        path.chmod(0o555)
        try:
            yield
        finally:
            path.chmod(mode)
        return
    subprocess.run(["mount", "-o", "remount,ro", str(path)], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(path)], check=True)


@pytest.fixture
def folder(tmp_path):
    """A folder whose right to write can be taken away."""
    if sys.platform == "win32":
        pytest.skip("a folder's mode means something else on Windows")
    if os.geteuid() != 0:
        yield tmp_path
        return
    with _mounted(tmp_path / "disk") as disk:
        yield disk


def test_a_study_in_a_read_only_folder_can_be_read_and_the_file_is_as_it_was(study, folder):
    path = folder / "study.reflect"
    shutil.copy2(study, path)
    before = path.read_bytes()
    with _read_only(folder):
        with Project.open(path) as project:
            assert any("can be read here" in note for note in project.notes)
            assert len(project.corpus()) == 4
            assert [event.action for event in project.events()] == ["create", "save"]
            with pytest.raises(ProjectError, match=r"nothing was stored.*may not be written"):
                _note(project)
            with pytest.raises(ProjectError, match=r"nothing was stored.*may not be written"):
                project.add_coder("ann", by="lead")
            assert project.notes[-1].count("read here") == 1
        with pytest.raises(ProjectError, match=r"no file can be made in .*may not be written"):
            Project.create(folder / "new.reflect")
    assert path.read_bytes() == before
    assert _files(path) == ["study.reflect"]


def test_a_folder_that_becomes_read_only_keeps_what_was_acknowledged(study, folder):
    if os.geteuid() == 0:
        pytest.skip("no disk is taken away from a program that writes on it")
    path = folder / "study.reflect"
    shutil.copy2(study, path)
    with Project.open(path) as project:
        _note(project, "before")
        project.events()
        with _read_only(folder):
            _note(project, "after")  # into the log, which is open
            with pytest.raises(ProjectError, match=r"may not be written|cannot be opened"):
                project.events()
    assert _notes(path) == ["after", "before"]


# ── a full disk ──


def test_a_disk_that_fills_up_loses_nothing_that_was_acknowledged(tmp_path, corpus):
    with _mounted(tmp_path / "disk", "2m") as disk:
        path, kept = disk / "study.reflect", []
        with Project.create(path) as project:
            project.save(by="lead", corpus=corpus)
            filler = disk / "holiday.mov"
            with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
                while True:
                    file.write(b"\0" * 4096)

            def fill():
                for number in range(1000):
                    _note(project, f"{number:04d} {'x' * 2000}")
                    kept.append(number)

            with pytest.raises(ProjectError, match=r"No space left|disk is full"):
                fill()
            filler.unlink()
            _note(project, "after")
        assert [text[:5].strip() for text in _notes(path)] == [
            *(f"{number:04d}" for number in kept),
            "after",
        ]
        with Project.open(path) as project:
            assert project.check() == ()


def test_a_file_that_cannot_grow_is_told_and_the_log_keeps_what_was_acknowledged(study):
    with Project.open(study) as project:
        _note(project, "before")
        project.events()
        pages = study.stat().st_size // 4096

        def full(connection, _):
            connection.execute(f"PRAGMA max_page_count = {pages}")

        event.listen(project._engine, "connect", full)
        project._engine.dispose()
        for number in range(20):
            _note(project, f"{number} {'x' * 4000}")
        with pytest.raises(ProjectError, match=r"disk is full. What was saved before is there"):
            project.events()
        assert len(project.codings().memos) == 21  # seen, though they are not in the file yet
        event.remove(project._engine, "connect", full)
        project._engine.dispose()
    assert len(_notes(study)) == 21


def test_a_disk_without_room_for_a_decision_says_that_it_is_not_kept(study, monkeypatch):
    with Project.open(study) as project:
        _note(project, "before")

        def full(*_):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        with monkeypatch.context() as patch:
            patch.setattr(pending, "_write_whole", full)
            with pytest.raises(
                ProjectError, match=r"No space left.*not kept, all earlier ones are"
            ):
                _note(project, "lost")
        _note(project, "after")
    assert _notes(study) == ["after", "before"]


# ── a file in use, moved, deleted, replaced ──


@contextlib.contextmanager
def _locked(path):
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def test_a_locked_file_is_an_error_after_a_while_and_decisions_are_kept_meanwhile(
    study, monkeypatch
):
    with Project.open(study) as project:
        project.events()
        project._engine.dispose()
        monkeypatch.setattr(engine, "BUSY_SECONDS", 0.2)
        with _locked(study):
            _note(project, "while it was locked")
            with pytest.raises(ProjectError, match="in use by another program"):
                project.events()
        assert project.events()[-1].action == "record"
    assert _notes(study) == ["while it was locked"]


def test_a_locked_file_cannot_be_opened(study, monkeypatch):
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.2)
    with _locked(study), pytest.raises(ProjectError, match="in use by another program"):
        Project.open(study)
    assert _notes(study) == []


@pytest.mark.skipif(KEEPS_OPEN_FILES, reason="Windows keeps a file that is in use")
def test_a_file_that_was_deleted_while_open_does_not_come_back_empty(study):
    project = Project.open(study)
    _note(project, "acknowledged")
    held = study.read_bytes()
    study.unlink()
    for ask in (
        lambda: _note(project),
        project.events,
        project.corpus,
        lambda: project.undo(by="a"),
    ):
        with pytest.raises(ProjectError, match="is not there any more"):
            ask()
    with pytest.raises(ProjectError, match=r"1 decisions that were kept wait in .*\.pending"):
        project.close()
    assert not study.exists()
    study.write_bytes(held)  # somebody takes it out of the bin
    assert _notes(study) == ["acknowledged"]


@pytest.mark.skipif(KEEPS_OPEN_FILES, reason="Windows keeps a file that is in use")
def test_a_file_that_was_renamed_while_open_has_its_decisions_when_it_is_opened(study):
    project = Project.open(study)
    _note(project, "acknowledged")
    renamed = study.with_name("final version.reflect")
    study.rename(renamed)
    with pytest.raises(ProjectError, match="was moved"):
        project.events()
    with pytest.raises(ProjectError, match="wait in"):
        project.close()
    assert _notes(renamed) == ["acknowledged"]


@pytest.mark.skipif(KEEPS_OPEN_FILES, reason="Windows keeps a file that is in use")
def test_another_study_in_the_place_of_the_file_is_not_written(study, tmp_path):
    with Project.create(tmp_path / "other.reflect", title="Other") as other:
        other.save(by="lead")
    project = Project.open(study)
    _note(project, "of the first study")
    (tmp_path / "other.reflect").replace(study)
    with pytest.raises(ProjectError, match="replaced"):
        _note(project)
    with pytest.raises(ProjectError, match="wait in"):
        project.close()
    with Project.open(study) as project:
        assert project.title == "Other"
        assert project.codings().memos == ()
    assert any(name.endswith(pending.SUFFIX) for name in _files(study))  # of the first study


def test_a_replacement_between_the_check_and_the_lock_is_noticed(study, tmp_path, monkeypatch):
    """Another process restores while this one waits for the lock."""
    with Project.open(study) as project:
        identity, calls = opened._identity, []

        def replaced(path):
            calls.append(path)
            return identity(path) if len(calls) == 1 else (0, 0)

        with monkeypatch.context() as patch:
            patch.setattr(opened, "_identity", replaced)
            with pytest.raises(ProjectError, match="replaced"):
                project._store([])
        assert len(calls) == 2


def test_a_closed_project_takes_nothing(study):
    with Project.open(study) as project:
        pass
    with pytest.raises(ProjectError, match="closed"):
        _note(project)
    assert _files(study) == [study.name, f"{study.name}-backups"]


# ── a server that is gone ──


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(opened, "_PATIENCE_SECONDS", 0.3)


def test_a_server_that_is_gone_is_an_error_and_afterwards_all_goes_on(
    postgres_server, postgres_url, corpus, impatient
):
    with Project.create(postgres_url) as project:
        project.save(by="lead", corpus=corpus)
        _note(project, "before")
        postgres_server.stop("immediate")
        try:
            for ask in (lambda: _note(project), project.events, lambda: project.undo(by="ann")):
                with pytest.raises(UnreachableError, match="does not answer") as told:
                    ask()
                assert "reflect:" not in str(told.value)  # no password in a message
            with pytest.raises(UnreachableError):
                Project.open(postgres_url)
        finally:
            postgres_server.start()
        _note(project, "after")
        assert sorted(memo.text for memo in project.codings().memos) == ["after", "before"]


def test_a_restart_of_the_server_is_waited_for(postgres_server, postgres_url):
    import threading

    with Project.create(postgres_url) as project:
        _note(project, "before")
        postgres_server.stop("immediate")
        starting = threading.Timer(0.5, postgres_server.start)
        starting.start()
        try:
            _note(project, "through the restart")
        finally:
            starting.join()
        assert project.undo(by="ann").action == "record"
        assert [memo.text for memo in project.codings().memos] == ["before"]


def test_what_was_kept_though_its_answer_was_lost_is_not_kept_twice(postgres_url, monkeypatch):
    """The server commits and dies before it answers: the same entries are stored again."""
    with Project.create(postgres_url) as project:
        stored, write = [], opened.write_entries

        def lost(connection, entries):
            write(connection, entries)
            if not stored:
                stored.append(entries)
                connection.commit()
                raise UnreachableError("the answer was lost")

        monkeypatch.setattr(opened, "write_entries", lost)
        monkeypatch.setattr(opened, "_RETRY_SECONDS", 0.0)
        _note(project, "once")
        assert [memo.text for memo in project.codings().memos] == ["once"]
        stored.clear()
        undone = project.undo(by="ann")
        assert undone.action == "record"
        assert [event.action for event in project.events()] == ["create", "record", "undo"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("reflect:", "reflect:wrong"), "refuses this user or password"),
        (("/study_", "/other_"), "no database of this name"),
        (("127.0.0.1", "nowhere.invalid"), "does not answer"),
    ],
)
def test_a_server_that_refuses_says_why_without_the_password(postgres_url, change, told):
    with pytest.raises(ProjectError, match=told) as error:
        Project.open(postgres_url.replace(*change))
    password = postgres_url.partition("reflect:")[2].partition("@")[0]
    assert password not in str(error.value)


@pytest.mark.parametrize(
    "url", ["mysql://x/y", "sqlite:///x.db", "http://x", "postgresql://:::x", "://"]
)
def test_an_address_that_is_neither_a_file_nor_postgresql_is_refused(url):
    with pytest.raises(ProjectError, match=r"expected|no such file"):
        Project.open(url)


# ── a backup beside the work ──


def test_a_backup_in_the_background_does_not_hold_up_a_coder(study, monkeypatch):
    from reflect_analysis.project import backups

    coded = threading.Event()

    def slow(*_):
        assert coded.wait(60)
        time.sleep(0.2)  # so that it goes on still when the project is closed

    monkeypatch.setattr(backups, "backup_when_due", slow)
    project = Project.open(study)
    began = project._backup
    _note(project, "meanwhile")
    assert began.is_alive()
    coded.set()
    project.close()
    assert not began.is_alive()
    assert Path(study).exists()
