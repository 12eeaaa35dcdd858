"""What was acknowledged is there, whatever died, was torn, or came twice."""

import errno
import os
import threading

import pytest

from reflect_analysis.codings import Coding, Decision, Memo
from reflect_analysis.errors import ProjectError, UnknownIdError
from reflect_analysis.project import Project, pending
from reflect_analysis.project.entries import Entry, new_event
from reflect_analysis.project.pending import PendingLog, store_leftovers
from reflect_analysis.project.rows import memo_row

STUDY = "0123456789abcdef"


def _entry(text="a note"):
    return Entry(new_event("ann", "record"), {"memos": (memo_row(Memo("ann", text), ""),)})


def _logs(folder):
    return sorted(folder.glob(f"*{pending.SUFFIX}"))


class Shelf:
    """Stands for the project file; it can be stuck."""

    def __init__(self):
        self.entries, self.free, self.fault = {}, threading.Event(), None
        self.free.set()

    def store(self, entries):
        assert self.free.wait(10)
        if self.fault:
            raise self.fault
        self.entries |= {entry.event.id: entry for entry in entries}


@pytest.fixture
def shelf():
    return Shelf()


@pytest.fixture
def log(tmp_path, shelf):
    (tmp_path / "study.reflect").touch()
    log = PendingLog(tmp_path / "study.reflect", STUDY, shelf.store)
    yield log
    shelf.free.set()
    shelf.fault = None
    log.close()


def _found(tmp_path, name="study.reflect", study=STUDY):
    found = Shelf()
    store_leftovers(tmp_path / name, study, found.store)
    return list(found.entries)


def _died(log):
    """What a process that died at this moment leaves: its log, with nobody who owns it."""
    dead = log.path.with_name(log.path.name.replace(pending.SUFFIX, f"dead{pending.SUFFIX}"))
    dead.write_bytes(log.path.read_bytes())
    return dead


# ── the log ──


def test_an_entry_is_in_the_synced_log_before_it_is_acknowledged(log, shelf, monkeypatch):
    synced = []
    monkeypatch.setattr(pending, "sync_file", lambda f: synced.append(log.path.read_bytes()))
    shelf.free.clear()
    entry = _entry()
    log.add(entry)
    assert [each.event.id for each in pending._entries(synced[0])] == [entry.event.id]


def test_the_log_is_empty_when_all_is_stored(log, shelf):
    log.add(_entry())
    log.drain()
    assert log.path.read_bytes() == b""
    assert len(shelf.entries) == 1


def test_a_dead_process_left_entries_and_the_next_one_stores_them(tmp_path, log, shelf):
    shelf.free.clear()
    kept = [_entry(str(number)) for number in range(3)]
    for entry in kept:
        log.add(entry)
    dead = _died(log)
    assert _found(tmp_path) == [entry.event.id for entry in kept]
    assert _logs(tmp_path) == [log.path]
    assert not dead.exists()


def test_the_log_of_a_living_process_is_left_alone(tmp_path, log, shelf):
    shelf.free.clear()
    log.add(_entry())
    assert _found(tmp_path) == []
    assert log.path.exists()


def test_a_torn_line_takes_no_neighbour_with_it(tmp_path, log, shelf):
    shelf.free.clear()
    first, second = _entry("first"), _entry("second")
    log.add(first)
    with log.path.open("ab") as file:  # a write that stopped half-way and could not be taken back
        file.write(pending._framed(_entry("torn").to_line())[:40])
    log.add(second)
    _died(log)
    assert _found(tmp_path) == [first.event.id, second.event.id]


@pytest.mark.parametrize("change", [b"\0" * 30, b"\xff", b"{}", b"deadbeef {}\n", b"\n\n"])
def test_what_is_no_entry_is_passed_over(tmp_path, log, shelf, change):
    shelf.free.clear()
    entry = _entry()
    log.add(entry)
    dead = _died(log)
    dead.write_bytes(change + dead.read_bytes() + change)
    assert _found(tmp_path) == [entry.event.id]


def test_the_log_of_another_study_of_the_same_file_name_is_left_alone(tmp_path, log, shelf):
    shelf.free.clear()
    log.add(_entry())
    dead = _died(log)
    assert _found(tmp_path, study="another-study-id") == []
    assert dead.exists()


def test_a_renamed_file_finds_its_log(tmp_path, log, shelf):
    shelf.free.clear()
    entry = _entry()
    log.add(entry)
    _died(log)
    (tmp_path / "study.reflect").rename(tmp_path / "renamed.reflect")
    assert _found(tmp_path, "renamed.reflect") == [entry.event.id]


def test_a_copy_does_not_take_the_log_of_the_file_beside_it(tmp_path, log, shelf):
    shelf.free.clear()
    log.add(_entry())
    _died(log)
    (tmp_path / "copy.reflect").touch()
    assert _found(tmp_path, "copy.reflect") == []


def test_a_log_that_was_taken_for_a_leftover_while_it_was_made_is_made_anew(
    tmp_path, shelf, monkeypatch
):
    project, lock, taken = tmp_path / "study.reflect", pending._lock, []

    def slow(file):
        if not taken:  # between the making and the locking another process opens the project
            taken.append(file.name)
            assert _found(tmp_path) == []
        lock(file)

    project.touch()
    monkeypatch.setattr(pending, "_lock", slow)
    log = PendingLog(project, STUDY, shelf.store)
    assert log.path.exists()
    assert str(log.path) != taken[0]
    log.close()


def test_a_full_disk_refuses_the_last_entry_and_keeps_the_earlier(log, shelf, monkeypatch):
    shelf.free.clear()
    first, third = _entry("first"), _entry("third")
    log.add(first)

    def full(file, data):
        file.write(data[:20])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(pending, "_write_whole", full)
        with pytest.raises(ProjectError, match=r"not kept, all earlier ones are"):
            log.add(_entry("second"))
    log.add(third)
    held = pending._entries(log.path.read_bytes())
    assert [each.event.id for each in held] == [first.event.id, third.event.id]


def test_a_fault_is_told_when_it_matters_and_forgotten_when_it_is_over(log, shelf):
    shelf.fault = ProjectError("the disk is full")
    log.add(_entry())
    with pytest.raises(ProjectError, match="disk is full"):
        log.drain()
    shelf.fault = None
    log.drain()
    assert len(shelf.entries) == 1


def test_closing_with_something_that_cannot_be_stored_names_the_log(tmp_path, shelf):
    log = PendingLog(tmp_path / "study.reflect", STUDY, shelf.store)
    shelf.fault = ProjectError("the disk is full")
    entry = _entry()
    log.add(entry)
    with pytest.raises(ProjectError, match=r"1 decisions that were kept wait in .*\.pending"):
        log.close()
    (tmp_path / "study.reflect").touch()
    assert _found(tmp_path) == [entry.event.id]


def test_a_closed_log_takes_nothing(tmp_path, shelf):
    log = PendingLog(tmp_path / "study.reflect", STUDY, shelf.store)
    log.close()
    with pytest.raises(ProjectError, match="closed"):
        log.add(_entry())
    assert _logs(tmp_path) == []


@pytest.mark.parametrize(
    "text",
    ["half a pair \ud83d", "nul \0"],
)
def test_what_no_table_takes_is_refused_before_it_is_acknowledged(made, text):
    with Project.open(made) as project:
        with pytest.raises(ValueError, match=r"memos\.text: holds what cannot be stored") as told:
            project.record(by="ann", memos=[Memo("ann", text)])
        assert "half a pair" not in str(told.value)
        project.record(by="ann", memos=[Memo("ann", "well 🌊")])
        assert [memo.text for memo in project.codings().memos] == ["well 🌊"]


def test_a_value_of_a_wrong_type_is_refused_before_it_is_acknowledged(made):
    with Project.open(made) as project:
        wrong = [
            Coding("d0", 0, 4, None, "ann"),
            Coding("d0", 0, 2**40, "wait", "ann"),
        ]
        for coding in wrong:
            with pytest.raises(ValueError, match=r"codings\.(code_id|end)"):
                project.record(by="ann", codings=[coding])
        assert len(project.codings()) == 0


# ── the project ──


def test_a_coding_is_there_after_another_process_opens_the_file(made):
    with Project.open(made) as project:
        (coding,) = project.desk("ann").code("d0", 0, 2, "wait")
        with Project.open(made) as other:
            if project._pending:
                project._pending.drain()
            assert [each.id for each in other.codings()] == [coding.id]


def test_an_entry_that_is_stored_twice_is_there_once(made):
    with Project.open(made) as project:
        project._store([entry := _entry()])
        project._store([entry, _entry("another")])
        assert len(project.codings().memos) == 2


def test_leftovers_are_stored_on_opening_and_said(study):
    with Project.open(study) as project:
        made = project.id
    entry = _entry("kept")
    dead = study.with_name(f"{study.name}-{made[:12]}-dead{pending.SUFFIX}")
    dead.write_bytes(pending._framed(entry.to_line()))
    with Project.open(study) as project:
        assert [memo.text for memo in project.codings().memos] == ["kept"]
        assert any("had ended without closing" in note for note in project.notes)
    assert _logs(study.parent) == []


def test_a_coding_belongs_to_the_text_that_its_coder_has_on_the_desk(made, corpus):
    """Another edits the text while it is being coded: the offsets are those of the old text."""
    import dataclasses

    edited = dataclasses.replace(corpus.document("d0"), text="Quite another text, and longer.")
    rest = tuple(each for each in corpus if each.id != "d0")
    with Project.open(made) as ann, Project.open(made) as lead:
        desk = ann.desk("ann")
        lead.save(by="lead", corpus=dataclasses.replace(corpus, documents=(edited, *rest)))
        desk.code("d0", 36, 40, "wait")
        desk.read("d0")
        assert len(ann.codings()) == 0
        assert ann.check() == ()
        with ann._settled() as connection:
            rows = connection.exec_driver_sql("SELECT text_hash FROM codings").scalars().all()
        assert rows == [corpus.document("d0").sha256]


def test_a_document_that_is_not_there_is_refused(made):
    with Project.open(made) as project, pytest.raises(UnknownIdError, match="d9"):
        project.record(by="ann", codings=[Coding("d9", 0, 1, "wait", "ann")])


def test_a_project_does_not_follow_into_a_forked_process(study, monkeypatch):
    """There the thread is missing that moves what was acknowledged into the file."""
    with Project.open(study) as project:
        project.record(by="ann", memos=[Memo("ann", "here")])
        with monkeypatch.context() as patch:
            patch.setattr(os, "getpid", lambda: project._process + 1)
            for ask in (project.corpus, lambda: project.record(by="ann", memos=[Memo("ann", "x")])):
                with pytest.raises(ProjectError, match="anew in a new process"):
                    ask()
        assert [memo.text for memo in project.codings().memos] == ["here"]


def test_leftovers_that_cannot_be_stored_stay_and_are_named(tmp_path, log, shelf):
    shelf.free.clear()
    log.add(_entry())
    dead = _died(log)

    def full(entries):
        raise ProjectError("the disk is full")

    with pytest.raises(ProjectError, match=rf"disk is full\. {dead.name} holds 1 decisions"):
        store_leftovers(tmp_path / "study.reflect", STUDY, full)
    assert dead.exists()
    assert len(_found(tmp_path)) == 1


def test_decisions_of_several_threads_are_all_kept(made):
    with Project.open(made) as project:
        project.record(by="m", codings=[c := Coding("d0", 0, 2, "wait", "m", "machine")])

        def decide(number):
            for each in range(10):
                decision = Decision(c.id, "accept", f"coder-{number}", reason=str(each))
                project.record(by=decision.by, decisions=[decision])

        threads = [threading.Thread(target=decide, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(project.codings().decisions) == 40


# ── kills and many coders: the figures with small numbers; benchmarks/project.py has the full ──


@pytest.mark.slow
def test_a_killed_process_loses_no_decision_that_was_acknowledged(benchmark, tmp_path):
    told = benchmark("kill", "--times", 10, "--url", tmp_path / "my study.reflect")
    assert "0 lost" in told


@pytest.mark.slow
def test_a_killed_server_loses_no_decision_that_was_acknowledged(postgres_server, benchmark):
    assert "0 lost" in benchmark("kill", "--times", 2, "--postgres")
