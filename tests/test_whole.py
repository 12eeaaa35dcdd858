"""Files and folders that come whole: what a stop, a held file, a link or a mode makes of them."""

import contextlib
import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from reflect_analysis import _whole
from reflect_analysis._numbers import NumbersFolder
from reflect_analysis._whole import (
    is_left,
    left_of,
    whole_file,
    whole_files,
    whole_folder,
    write_whole,
)
from reflect_analysis.errors import OutputError, ReflectAnalysisError
from reflect_analysis.report.folder import earlier_reports, folder_beside
from reflect_analysis.report.keep import MARKER

IN_USE = PermissionError(13, "in use")
on_posix = pytest.mark.skipif(os.name == "nt", reason="Windows knows other rights")


def write_three(folder, word, **settings):
    with whole_files(folder, last="c", **settings) as part:
        for name in "abc":
            (part / name).write_text(word, encoding="utf-8")


def held_in(folder):
    return {p.name: p.read_text(encoding="utf-8") for p in folder.iterdir() if p.is_file()}


def hold(monkeypatch, *names, folder, error=IN_USE):
    """Nothing of these names can be put into a folder, nor removed there, once it was moved."""
    replace, unlink = Path.replace, Path.unlink

    def replaced(path, target):
        into, back = path.parent.suffix == ".part", path.parent.suffix == ".old"
        if Path(target).parent == folder and path.name in names and (into or back):
            raise error
        return replace(path, target)

    def unlinked(path, *args, **settings):
        if path.parent == folder and path.name in names:
            raise error
        return unlink(path, *args, **settings)

    monkeypatch.setattr(_whole, "patiently", lambda change: change())
    monkeypatch.setattr(Path, "replace", replaced)
    monkeypatch.setattr(Path, "unlink", unlinked)


# ── what cannot be put back ──


def test_what_cannot_be_put_back_is_kept_and_the_error_says_where(tmp_path, monkeypatch):
    write_three(tmp_path, "before")
    with monkeypatch.context() as patch:
        hold(patch, "b", folder=tmp_path)
        with pytest.raises(OSError, match="in use; what was there before") as caught:
            write_three(tmp_path, "after")
    (old,) = [path for path in tmp_path.iterdir() if path.is_dir()]
    assert is_left(old)
    assert str(old) in caught.value.strerror
    assert caught.value.filename == str(tmp_path)
    # Without the last one nobody takes the others for a whole.
    assert held_in(tmp_path) == {"a": "before"}
    assert held_in(old) == {"b": "before", "c": "before"}


def test_a_second_stop_keeps_the_only_copy(tmp_path, monkeypatch):
    write_three(tmp_path, "before")
    with monkeypatch.context() as patch:
        hold(patch, "a", "b", "c", folder=tmp_path, error=KeyboardInterrupt())
        with pytest.raises(OSError, match="stopped; what was there before"):
            write_three(tmp_path, "after")
    (old,) = [path for path in tmp_path.iterdir() if path.is_dir()]
    assert held_in(old) == dict.fromkeys("abc", "before")


def test_one_file_that_stays_held_keeps_no_other_from_coming_back(tmp_path, monkeypatch):
    (tmp_path / "b").write_text("before", encoding="utf-8")
    with monkeypatch.context() as patch:
        hold(patch, "c", folder=tmp_path)
        with pytest.raises(PermissionError):
            write_three(tmp_path, "after")
    assert held_in(tmp_path) == {"b": "before"}
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_cannot_be_put_back_is_kept_and_named(tmp_path, monkeypatch):
    target, rename = tmp_path / "made", Path.rename
    target.mkdir()
    (target / "a").write_text("before", encoding="utf-8")

    def refused(path, to):
        if Path(to) == target:
            raise PermissionError(13, "in use")
        return rename(path, to)

    monkeypatch.setattr(_whole, "patiently", lambda change: change())
    monkeypatch.setattr(Path, "rename", refused)
    with (
        pytest.raises(OSError, match="before and could not be put back lies in") as caught,
        whole_folder(target),
    ):
        pass
    (old,) = tmp_path.iterdir()
    assert str(old) in caught.value.strerror
    assert held_in(old) == {"a": "before"}


# ── what a killed write left ──


def killed(folder, *moved):
    """A folder as a write of three files leaves it that is killed between its renames."""
    for name in (".0a1b2c3d.old", ".4e5f6a7b.part"):
        (folder / name).mkdir()
    for name in moved:
        (folder / name).replace(folder / ".0a1b2c3d.old" / name)
    (folder / ".4e5f6a7b.part" / "b").write_text("after", encoding="utf-8")


def test_what_a_killed_write_left_goes_with_the_next_one(tmp_path):
    folder = tmp_path / "made [1]"
    write_three(folder, "before")
    killed(folder, "b", "c")
    beside = tmp_path / ".made [1]-0a1b2c3d.part"
    beside.mkdir()
    (beside / "a").touch()
    assert left_of(folder) == [folder / ".0a1b2c3d.old", folder / ".4e5f6a7b.part", beside]
    write_three(folder, "again")
    assert held_in(folder) == dict.fromkeys("abc", "again")
    assert list(tmp_path.iterdir()) == [folder]
    assert len(list(folder.iterdir())) == 3


def test_what_may_be_anothers_is_not_swept(tmp_path):
    write_three(tmp_path, "before")
    for name in (".0a1b2c3d.old", ".notes.old"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "d").write_text("theirs", encoding="utf-8")
    (tmp_path / ".4e5f6a7b.part").write_text("theirs", encoding="utf-8")
    write_three(tmp_path, "after")
    assert held_in(tmp_path / ".0a1b2c3d.old") == held_in(tmp_path / ".notes.old")
    assert held_in(tmp_path)[".4e5f6a7b.part"] == "theirs"


def test_what_was_left_stays_where_the_next_write_is_stopped(tmp_path):
    write_three(tmp_path, "before")
    killed(tmp_path, "c")
    with contextlib.suppress(KeyboardInterrupt), whole_files(tmp_path, last="c"):
        raise KeyboardInterrupt
    assert held_in(tmp_path / ".0a1b2c3d.old") == {"c": "before"}


HALF = """
import os, pathlib, signal, sys
from reflect_analysis import _whole
how, target = getattr(_whole, sys.argv[1]), pathlib.Path(sys.argv[2])
with how(target, **({"last": "c"} if sys.argv[1] == "whole_files" else {})) as part:
    (part / "a" if part.is_dir() else part).write_text("half", encoding="utf-8")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@on_posix
@pytest.mark.parametrize("how", ["whole_file", "whole_folder", "whole_files"])
@pytest.mark.parametrize("exists", [True, False])
def test_what_a_killed_process_left_is_known_and_goes_with_the_next_write(tmp_path, how, exists):
    target = tmp_path / "my study [1]"

    def write():
        settings = {"last": "c"} if how == "whole_files" else {}
        with getattr(_whole, how)(target, **settings) as part:
            (part / "a" if part.is_dir() else part).write_text("after", encoding="utf-8")

    if exists:
        write()
    command = [sys.executable, "-c", HALF, how, str(target)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    (left,) = left_of(target)
    assert "half" in (left if left.is_file() else left / "a").read_text(encoding="utf-8")
    write()
    assert list(tmp_path.iterdir()) == [target]
    assert left_of(target) == []
    assert target.is_file() or not [each for each in target.iterdir() if is_left(each)]


@pytest.mark.parametrize("exists", [True, False])
def test_what_another_writes_meanwhile_stays(tmp_path, exists):
    """As in two exports into one folder, of which the second is done first."""
    folder = tmp_path / "made"
    if exists:
        write_three(folder, "before")
    with whole_files(folder, last="c") as part:
        for name in "abc":
            (part / name).write_text("first", encoding="utf-8")
        write_three(folder, "second")
        assert held_in(part) == dict.fromkeys("abc", "first")
        found = {k: v for k, v in held_in(folder).items() if not is_left(Path(k))}
        assert found == dict.fromkeys("abc", "second")
    assert held_in(folder) == dict.fromkeys("abc", "first")
    for place in (whole_file, whole_folder):
        with place(tmp_path / "one") as part:
            with place(tmp_path / "one") as other:
                (other / "a" if other.is_dir() else other).touch()
            (part / "a" if part.is_dir() else part).touch()
        _whole._remove(tmp_path / "one")
    assert list(tmp_path.iterdir()) == [folder]
    assert len(list(folder.iterdir())) == 3


def test_what_an_error_named_for_somebody_to_move_is_not_swept(tmp_path):
    """A process that is killed leaves its lock; one that tells where something lies leaves none."""
    for name in ("told", "killed"):
        old = tmp_path / f".made-{'0' * 8 if name == 'told' else '1' * 8}.old"
        old.mkdir()
        (old / "a").write_text(name, encoding="utf-8")
    (tmp_path / ".made-11111111.lock").touch()
    with whole_folder(tmp_path / "made") as part:
        (part / "a").touch()
    assert sorted(each.name for each in tmp_path.iterdir()) == [".made-00000000.old", "made"]


def test_a_place_below_a_file_is_no_folder(tmp_path):
    (tmp_path / "a.txt").touch()
    for place in (whole_folder, lambda each: whole_files(each, last="a")):
        with pytest.raises(NotADirectoryError) as caught, place(tmp_path / "a.txt" / "made"):
            pass
        assert caught.value.filename == str(tmp_path / "a.txt" / "made")


def test_where_files_cannot_be_locked_what_lies_there_may_be_anothers_and_stays(
    tmp_path, monkeypatch
):
    write_three(tmp_path, "before")
    killed(tmp_path, "b")
    (tmp_path / ".4e5f6a7b.lock").touch()

    def refuse(file, _):
        raise OSError(37, "no locks", file.name)

    monkeypatch.setattr(_whole, "take_lock", refuse)
    write_three(tmp_path, "after")
    assert held_in(tmp_path / ".4e5f6a7b.part") == {"b": "after"}
    assert not (tmp_path / ".0a1b2c3d.old").exists()  # nobody ever locked it


# ── files that others made, and links ──


@on_posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_a_file_keeps_who_may_read_it(tmp_path, mode):
    seen = []
    for name in ("a", "c"):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(mode)
    with whole_file(tmp_path / "a") as part:
        seen.append(stat.S_IMODE(part.stat().st_mode))
        part.write_bytes(b"after")
    write_three(tmp_path, "after")
    assert seen == [0o600]
    assert {stat.S_IMODE((tmp_path / each).stat().st_mode) for each in "ac"} == {mode}


@on_posix
def test_a_folder_keeps_who_may_open_it(tmp_path):
    target = tmp_path / "made"
    target.mkdir(0o700)
    with whole_folder(target) as part:
        (part / "a").touch()
    assert stat.S_IMODE(target.stat().st_mode) == 0o700


def test_a_file_that_may_not_be_written_is_refused(tmp_path, monkeypatch):
    write_three(tmp_path, "before")
    monkeypatch.setattr(os, "access", lambda path, _: Path(path).name != "b")  # root may always
    with pytest.raises(PermissionError) as caught:
        write_whole(tmp_path / "b", b"after")
    assert caught.value.filename == str(tmp_path / "b")
    with pytest.raises(PermissionError):
        write_three(tmp_path, "after")
    assert held_in(tmp_path) == dict.fromkeys("abc", "before")
    assert len(list(tmp_path.iterdir())) == 3


def linked(place, target, **settings):
    try:
        place.symlink_to(target, **settings)
    except OSError:
        pytest.skip("links may not be made here")


def test_what_a_link_leads_to_is_written_and_the_link_stays(tmp_path):
    shared, mine = tmp_path / "shared", tmp_path / "mine"
    shared.mkdir()
    mine.mkdir()
    (shared / "sent.json").write_text("before", encoding="utf-8")
    for name in ("sent.json", "new.json", "a"):
        linked(mine / name, shared / name)
    write_whole(mine / "sent.json", b"after")
    write_whole(mine / "new.json", b"after")
    write_three(mine, "after")
    assert all((mine / name).is_symlink() for name in ("sent.json", "new.json", "a"))
    assert held_in(shared) == dict.fromkeys(("sent.json", "new.json", "a"), "after")
    assert not list(tmp_path.rglob(".*"))


@pytest.mark.parametrize("stopped", [False, True])
def test_a_link_to_another_drive_is_written_through(tmp_path, monkeypatch, stopped):
    drive, mine, replace = tmp_path / "drive", tmp_path / "mine", Path.replace
    for folder in (drive, mine):
        folder.mkdir()
    (drive / "c").write_text("before", encoding="utf-8")
    linked(mine / "c", drive / "c")

    def replaced(path, target):
        if path.is_relative_to(drive) != Path(target).is_relative_to(drive):
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        if stopped and path.name == "b":
            raise IN_USE
        return replace(path, target)

    monkeypatch.setattr(_whole, "patiently", lambda change: change())
    monkeypatch.setattr(Path, "replace", replaced)
    with pytest.raises(PermissionError) if stopped else contextlib.nullcontext():
        write_three(mine, "after")
    assert (mine / "c").is_symlink()
    assert held_in(drive) == {"c": "before" if stopped else "after"}
    assert held_in(mine) == ({"c": "before"} if stopped else dict.fromkeys("abc", "after"))
    assert not list(tmp_path.rglob(".*"))


def test_a_folder_that_a_link_leads_to_is_replaced_and_the_link_stays(tmp_path):
    (tmp_path / "there").mkdir()
    linked(tmp_path / "link", tmp_path / "there", target_is_directory=True)
    with whole_folder(tmp_path / "link") as part:
        (part / "a").write_text("after", encoding="utf-8")
    assert (tmp_path / "link").is_symlink()
    assert held_in(tmp_path / "there") == {"a": "after"}


@on_posix
def test_what_is_no_file_is_written_into(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_whole(pipe, b"after")
        assert os.read(reader, 9) == b"after"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="a pipe has no name here")
def test_a_pipe_that_a_link_names_is_written_into():
    reader, writer = os.pipe()
    try:
        write_whole(Path(f"/dev/fd/{writer}"), b"after")
        assert os.read(reader, 9) == b"after"
    finally:
        os.close(reader)
        os.close(writer)


# ── what came meanwhile ──


def test_a_folder_that_came_meanwhile_is_not_replaced_unless_that_is_said(tmp_path):
    target = tmp_path / "made"

    def theirs():
        target.mkdir()
        (target / "theirs").write_text("theirs", encoding="utf-8")

    with pytest.raises(FileExistsError), whole_folder(target, replace=False):
        theirs()
    assert held_in(target) == {"theirs": "theirs"}
    assert list(tmp_path.iterdir()) == [target]
    with whole_folder(target) as part:
        (part / "a").write_text("mine", encoding="utf-8")
    assert held_in(target) == {"a": "mine"}


def test_numbers_are_not_saved_over_others_that_came_meanwhile(tmp_path, monkeypatch):
    files = NumbersFolder("a 1", "model", "model", ReflectAnalysisError)
    target, exists = tmp_path / "model", Path.exists
    files.write(target, {"sha256": "first"}, {})
    before = held_in(target)
    asked = iter([False])  # it came after it was asked for
    monkeypatch.setattr(
        Path, "exists", lambda path: exists(path) and (path != target or next(asked, True))
    )
    with pytest.raises(OutputError, match="exists already; give a new folder"):
        files.write(target, {"sha256": "second"}, {})
    assert held_in(target) == before
    assert list(tmp_path.iterdir()) == [target]


def test_a_report_that_came_meanwhile_is_told_and_stays(tmp_path):
    def theirs():
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "theirs").touch()

    told = pytest.raises(OutputError, match="exists by now; name another folder")
    with told, folder_beside(tmp_path / "out", replace=False):
        theirs()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["theirs"]


def test_what_a_killed_report_left_is_no_earlier_report(tmp_path):
    for name in ("spring", ".autumn-0a1b2c3d.part", ".spring-0a1b2c3d.old"):
        (tmp_path / name / "keep").mkdir(parents=True)
        (tmp_path / name / "keep" / MARKER).touch()
    assert earlier_reports(tmp_path / "new") == (tmp_path / "spring",)


def test_an_empty_folder_makes_room(tmp_path):
    with whole_folder(tmp_path / "made", replace=False) as part:
        (tmp_path / "made").mkdir()
        (part / "a").write_text("mine", encoding="utf-8")
    assert held_in(tmp_path / "made") == {"a": "mine"}


def test_files_join_a_folder_that_came_meanwhile(tmp_path):
    target = tmp_path / "made"
    with whole_files(target, last="c") as part:
        for name in "abc":
            (part / name).write_text("mine", encoding="utf-8")
        target.mkdir()
        for name in "bd":
            (target / name).write_text("theirs", encoding="utf-8")
    assert held_in(target) == {"d": "theirs", **dict.fromkeys("abc", "mine")}
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_that_is_not_among_the_new_ones_goes_with_the_old_ones(tmp_path, monkeypatch):
    write_three(tmp_path, "before")
    for name in ("stale", "other"):
        (tmp_path / name).write_text("before", encoding="utf-8")
    before = held_in(tmp_path)
    with monkeypatch.context() as patch, contextlib.suppress(PermissionError):
        replace = Path.replace

        def refused(path, target):
            if path.parent.suffix == ".part" and path.name == "b":
                raise PermissionError(13, "in use")
            return replace(path, target)

        patch.setattr(Path, "replace", refused)
        write_three(tmp_path, "after", without=("stale",))
    assert held_in(tmp_path) == before
    write_three(tmp_path, "after", without=("stale",))
    assert held_in(tmp_path) == {"other": "before", **dict.fromkeys("abc", "after")}


# ── what is told ──


@pytest.mark.parametrize("exists", [True, False])
def test_what_cannot_be_written_is_named_by_its_place(tmp_path, exists):
    target = tmp_path / "made"
    for place in (whole_folder, lambda each: whole_files(each, last="a")):
        if exists:
            target.mkdir(exist_ok=True)
        with pytest.raises(FileNotFoundError) as caught, place(target) as part:
            (part / "none" / "a").touch()
        assert caught.value.filename == str(target / "none" / "a")
