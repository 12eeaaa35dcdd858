"""Ctrl+C leaves nothing half-written, and the same command goes on: stopped at every change."""

import functools
import importlib
import itertools
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reflect_analysis import Project, read_codebook, read_codings, read_corpus
from reflect_analysis._whole import whole_file, whole_folder
from reflect_analysis.anonymity import mark_cleared
from reflect_analysis.cli import app
from reflect_analysis.codings import Coding, Codings, Seen

FOLDER = Path(__file__).parent.parent / "benchmarks"
STOPPED = 130
AT_MOST = 9  # stops of one command, spread over all its changes
CLEARED = ("--cleared-by", "lead", "--note", "read by two")
BOOK = """\
title: Small
groups: [{id: g, name: Group}]
codes:
  - {id: belonging, name: Belonging, group: g, definition: Part of it., patterns: [not alone]}
  - {id: rest, name: Rest, group: g, definition: Rest., patterns: [rest]}
"""
STUDY = "our study.reflect"


@pytest.fixture(scope="module")
def stopping():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        return importlib.import_module("_stopping")


@pytest.fixture(scope="module")
def made(tmp_path_factory, stopping):
    """Texts, a codebook, a folder of codings, and a study that holds them all."""
    folder = tmp_path_factory.mktemp("made")
    texts = folder / "my texts"
    texts.mkdir()
    rows = [f"r{n},P{n},I was not alone in week {n}." for n in range(20, 28)]
    (texts / "texts.csv").write_text("\n".join(["id,participant,text", *rows]), encoding="utf-8")
    (folder / "raw.txt").write_text("Call me: 604-555-0139.", encoding="utf-8")
    (folder / "book.yaml").write_text(BOOK, encoding="utf-8")
    (folder / "findings.csv").write_text("id,reason\nold,typed by hand\n", encoding="utf-8")
    corpus = mark_cleared(read_corpus(texts), by="lead", note="read by two")
    log = codings_of("ann") + codings_of("ben")
    with Project.create(folder / STUDY, by="ann") as project:
        project.save(by="ann", corpus=corpus, codebook=read_codebook(folder / "book.yaml"))
        project.save(by="ann", codings=log)
        project.backup(by="ann")  # else one is made on opening, beside the work
    return folder


@functools.cache  # the same one each time: a coding bears the second in which it was made
def codings_of(coder):
    ids = [f"r{n}" for n in range(20, 28)]
    codings = tuple(Coding(each, 0, 15, "belonging", coder) for each in ids)
    return Codings(codings, seen=tuple(Seen(coder, each) for each in ids))


@pytest.fixture
def place(made, tmp_path, monkeypatch):
    """An empty folder to be in, and how it is filled as at the beginning."""
    folder = tmp_path / "my study"

    def fill():
        monkeypatch.chdir(tmp_path)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(made, folder)
        monkeypatch.chdir(folder)
        return folder

    return fill


def run(stopping, folder, arguments, stop_at=0):
    """The command in this process: status, what it told, how many changes, what was stopped."""
    stopping.arm(folder, stop_at)
    try:
        done = CliRunner().invoke(app, arguments)
    finally:
        count, stopped = stopping.disarm()
    return done, count, stopped


def moments(count):
    return sorted({round(1 + n * (count - 1) / (AT_MOST - 1)) for n in range(AT_MOST)})


COMMANDS = {
    "code": ("code", "my texts", "--codebook", "book.yaml", "--out", "coded", *CLEARED),
    "check": ("check", "raw.txt", "--out", "findings.csv"),
    "quotes": ("quotes", STUDY, "--keep", "--out", "q.xlsx"),
    "themes": ("themes", STUDY, "--out", "t.csv", "--ledger", "sent.json", "--to", "funder"),
    "export": ("export", STUDY, "--out", "text"),
    "export, matrix": ("export", STUDY, "--format", "csv-matrix", "--out", "m.csv"),
    "export, recal": ("export", STUDY, "--format", "recal", "--rows", "document", "--out", "r"),
    "export, qdpx": ("export", STUDY, "--format", "qdpx", "--out", "p.qdpx"),
    "export, public": ("export", STUDY, "--format", "public", "--out", "public"),
    "init": ("init", "new.reflect", "--by", "ann"),
    "import": ("import", STUDY, "more", "--by", "ann", *CLEARED),
    "import of text": ("import", "again.reflect", "text", "--by", "ann"),
    "add-coder": ("add-coder", STUDY, "dora", "--by", "ann"),
    "begin-phase": ("begin-phase", STUDY, "first", "--by", "ann"),
    "withdraw": ("withdraw", STUDY, "P21", "--by", "ann", "--yes"),
}


def prepare(folder, name):
    """What a command needs besides."""
    if name == "import":
        (folder / "more").mkdir()
        (folder / "more" / "r90.txt").write_text("I had no rest in that week.", encoding="utf-8")
    if name == "import of text":
        with Project.open(folder / STUDY) as project:
            project.export_text(folder / "text")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_stop_leaves_all_or_nothing_and_the_same_command_goes_on(stopping, place, name):
    folder = place()
    prepare(folder, name)
    first = stopping.contents(folder)
    done, count, _ = run(stopping, folder, COMMANDS[name])
    assert done.exit_code == 0, done.output
    assert count > 1
    last = stopping.contents(folder)
    assert last != first
    for number in moments(count):
        folder = place()
        prepare(folder, name)
        done, _, stopped = run(stopping, folder, COMMANDS[name], number)
        assert stopped, number
        assert done.exit_code == STOPPED, (stopped, done.output)
        assert "run the same command again" in done.output
        found = stopping.contents(folder)
        assert not stopping.strange(found, first, last), stopped
        assert not left_unlogged(folder, COMMANDS[name]), stopped
        done, _, _ = run(stopping, folder, COMMANDS[name])
        assert done.exit_code == 0 or is_there(done), (stopped, done.output)
        end = stopping.contents(folder)
        if found != last:  # else it was done already, and an act that is said twice stands twice
            assert stopping.without_log(end) == stopping.without_log(last), stopped
        assert not [path for path in folder.rglob(".*") if path.suffix in (".part", ".old")]


def is_there(done):
    """Whether a command says that what it makes is there."""
    told = f"{done.output} {done.exception}"
    return any(sign in told for sign in ("exists", "holds something", "'first' is open"))


def left_unlogged(folder, arguments):
    """Whether participants' words left without a line in the log, by which a withdrawal finds them.

    Public holds nothing of participants.
    """
    out = folder / arguments[-1]
    if arguments[0] != "export" or "public" in arguments or not out.exists():
        return False
    with Project.open(folder / STUDY) as project:
        return not any(event.action == "export" for event in project.events())


def test_after_an_undo_that_was_stopped_the_log_is_to_be_seen_first(stopping, place):
    folder = place()
    _, count, _ = run(stopping, folder, ("undo", STUDY, "--by", "ann"))
    folder = place()
    done, _, stopped = run(stopping, folder, ("undo", STUDY, "--by", "ann"), count)
    assert stopped == "print"  # it is done, and nobody is told
    assert done.exit_code == STOPPED
    assert "see `reflect-analysis log` first" in done.output
    assert "run the same command again" not in done.output
    assert "undo" in CliRunner().invoke(app, ["log", STUDY]).output


def stops(stopping, folder, write, fill):
    """Each change of a writer that is stopped there, after the folder was filled anew."""
    for number in itertools.count(1):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        fill()
        stopping.arm(folder, number)
        try:
            write()
        except KeyboardInterrupt:
            pass
        finally:
            _, stopped = stopping.disarm()
        if not stopped:
            assert number > 2
            return
        yield stopped


def test_a_log_of_codings_that_is_written_over_is_the_earlier_or_the_later_one(stopping, tmp_path):
    folder = tmp_path / "a log"

    def fill():
        codings_of("ann").to_csv(folder)
        (folder / "README.txt").write_text("mine", encoding="utf-8")

    later = codings_of("ben")
    for stopped in stops(stopping, folder, lambda: later.to_csv(folder), fill):
        assert read_codings(folder).codings in (codings_of("ann").codings, later.codings), stopped
        assert len({row.coder for row in read_codings(folder).seen}) == 1, stopped
        assert {each.name for each in folder.iterdir()} == {
            "README.txt", *(f"{name}.csv" for name in ("codings", "seen", "decisions", "memos"))
        }, stopped  # fmt: skip
    assert read_codings(folder).codings == later.codings


def test_files_that_take_their_places_in_an_empty_folder_are_all_there_or_none(stopping, tmp_path):
    folder = tmp_path / "empty"
    write = codings_of("ann").to_csv
    for stopped in stops(stopping, folder, lambda: write(folder), lambda: None):
        assert len(list(folder.iterdir())) in (0, 4), stopped
    assert len(list(folder.iterdir())) == 4


def test_a_folder_that_takes_anothers_place_is_the_one_or_the_other(stopping, tmp_path):
    folder = tmp_path / "at work"
    target = folder / "made"

    def fill():
        target.mkdir()
        (target / "a.txt").write_text("before", encoding="utf-8")

    def write():
        with whole_folder(target) as part:
            (part / "a.txt").write_text("after", encoding="utf-8")
            (part / "b.txt").write_text("after", encoding="utf-8")

    for stopped in stops(stopping, folder, write, fill):
        found = {each.name: each.read_text(encoding="utf-8") for each in target.iterdir()}
        assert found in ({"a.txt": "before"}, {"a.txt": "after", "b.txt": "after"}), stopped
        assert list(folder.iterdir()) == [target], stopped


def test_a_place_where_nothing_can_be_written_is_named_as_it_was_given(tmp_path):
    target = tmp_path / "nowhere" / "a.csv"
    with pytest.raises(FileNotFoundError) as caught, whole_file(target) as part:
        part.write_bytes(b"")
    assert caught.value.filename == str(target)


def test_a_file_that_somebody_holds_keeps_the_rest_as_they_were(tmp_path, monkeypatch):
    codings_of("ann").to_csv(tmp_path)
    held = tmp_path / "seen.csv"
    replace = Path.replace

    def refuse(path, target):
        if Path(target) == held and path.parent.suffix == ".part":
            raise PermissionError(13, "in use")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(PermissionError):
        codings_of("ben").to_csv(tmp_path)
    assert read_codings(tmp_path).codings == codings_of("ann").codings
    assert read_codings(tmp_path).seen == codings_of("ann").seen
