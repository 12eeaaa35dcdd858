"""The commands on a study: what a student types, what is told, and what every fault says."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reflect_analysis import Project, check_anonymity
from reflect_analysis.anonymity import find_by_patterns
from reflect_analysis.cli import app, main
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.exchange import placing

BOOK = """\
title: Small
groups: [{id: g, name: Group}]
codes:
  - {id: belonging, name: Belonging, group: g, definition: Part of it., patterns: [not alone]}
  - {id: rest, name: Rest, group: g, definition: Rest., patterns: [rest]}
"""
TEXTS = {n: f"In week {n} I was not alone with it, and could rest 🌊." for n in range(1, 9)}
COMMANDS = {
    *("init", "import", "export", "status", "log", "undo", "redo", "merge"),
    *("add-coder", "begin-phase", "assign", "end-phase", "backup", "restore", "withdraw"),
}


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """The command, in a folder with spaces: exit status, standard output and error."""
    folder = tmp_path / "my study"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["reflect-analysis", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as caught:
            main()
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return caught.value.code, told.out, told.err

    run.folder = folder
    return run


@pytest.fixture
def done(run):
    """The same where it succeeds: standard output."""

    def done(*arguments):
        status, out, err = run(*arguments)
        assert status == 0, err
        return out

    done.folder = run.folder
    return done


@pytest.fixture
def told(done):
    """The object that --json prints."""
    return lambda *arguments: json.loads(done(*arguments, "--json"))


@pytest.fixture
def files(done):
    """Texts and a codebook in the folder."""
    write_texts(done.folder, TEXTS)
    (done.folder / "book.yaml").write_text(BOOK, encoding="utf-8")
    return done.folder


def write_texts(folder, texts):
    source = folder / "my texts"
    source.mkdir(exist_ok=True)
    rows = ["id,participant,text", *(f'r{n},P{n},"{text}"' for n, text in texts.items())]
    (source / "texts.csv").write_text("\n".join(rows), encoding="utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A study of eight cleared texts by eight people, with a codebook."""
    path = tmp_path_factory.mktemp("made") / "made.reflect"
    documents = tuple(Document(f"r{n}", text, case_id=f"P{n}") for n, text in TEXTS.items())
    cleared = tuple(Clearance(each.sha256, "lead", "read") for each in documents)
    corpus = Corpus(documents, tuple(Case(f"P{n}") for n in TEXTS), cleared)
    codes = (Code("belonging", "Belonging", "Part of it.", "g"), Code("rest", "Rest", "Rest.", "g"))
    book = Codebook(codes, (Group("g", "Group"),))
    with Project.create(path, title="Pairs", by="ana") as project:
        project.save(by="ana", corpus=corpus, codebook=book)
    return path


@pytest.fixture
def study(made, done):
    """A copy of it in the folder: its name."""
    shutil.copy(made, done.folder / "our study.reflect")
    return "our study.reflect"


@pytest.fixture
def team(study):
    """The study with two coders in a blind phase, who share all texts."""
    with Project.open(study) as project:
        for name in ("ana", "ben"):
            project.add_coder(name, by="ana")
        project.begin_phase("first pass", by="ana")
        project.assign(["ana", "ben"], overlap=1, by="ana")
    return study


def code(study, coder, *numbers):
    """A coder codes some texts in the file, and marks all as read."""
    with Project.open(study) as project:
        desk = project.desk(coder)
        for n in numbers:
            desk.code(f"r{n}", 0, 9, "belonging")
        for n in TEXTS:
            desk.read(f"r{n}")


# ── a student who knows no git ──


def test_help_names_every_command_in_one_plain_sentence():
    listed = CliRunner().invoke(app, ["--help"]).output
    for command in COMMANDS:
        assert f"  {command} " in listed
        sentence = next(line for line in listed.splitlines() if line.startswith(f"  {command} "))
        assert sentence.rstrip().endswith("."), sentence
        assert not sentence.rstrip().endswith("..."), sentence


@pytest.fixture
def quick_check(monkeypatch):
    """The check for identifiers without its language model."""
    check = partial(check_anonymity, recognisers=[find_by_patterns])
    monkeypatch.setattr("reflect_analysis.anonymity.check_anonymity", check)


@pytest.mark.usefixtures("quick_check")
def test_the_whole_way_of_two_who_send_a_copy(done, told, files):
    done("init", "ours.reflect", "--title", "Pairs", "--by", "ana")
    cleared = ("--cleared-by", "ana", "--note", "read by two")
    stored = told(
        *("import", "ours.reflect", "my texts", "--codebook", "book.yaml", "--by", "ana"), *cleared
    )
    assert stored["stored"]["documents"] == 8
    assert stored["waiting"] == []
    done("add-coder", "ours.reflect", "ana", "ben", "--by", "ana")
    done("begin-phase", "ours.reflect", "first pass", "--by", "ana")
    plan = told("assign", "ours.reflect", "ana", "ben", "--overlap", "0.5", "--by", "ana")
    assert [len(documents) for documents in plan["assigned"].values()] == [6, 6]
    assert len(plan["shared"]) == 4
    shutil.copy(files / "ours.reflect", files / "from ben.reflect")
    code("ours.reflect", "ana", 1, 2, 3)
    code("from ben.reflect", "ben", 1, 2, 4)
    assert "told when first pass ends" in done("status", "ours.reflect")
    merged = told("merge", "ours.reflect", "from ben.reflect", "--by", "ana")
    assert merged["files"][0]["rows"]["codings"] == 3
    done("end-phase", "ours.reflect", "--by", "ana")
    found = told("status", "ours.reflect")
    assert [(row["coder"], row["codings"]) for row in found["coders"]] == [("ana", 3), ("ben", 3)]
    assert found["agreement"].startswith("Two people read the same 8 documents independently")
    assert (found["machines"], found["no_agreement"]) == ({}, None)


# ── init and import ──


def test_init_says_what_comes_next_and_does_not_overwrite(run, done):
    assert 'import "new one.reflect" TEXTS' in done("init", "new one.reflect", "--by", "ana")
    before = (run.folder / "new one.reflect").read_bytes()
    status, _, err = run("init", "new one.reflect", "--by", "ana")
    assert (status, "exists already" in err) == (1, True)
    assert (run.folder / "new one.reflect").read_bytes() == before


def test_texts_that_nobody_cleared_are_stored_and_said_to_wait(done, told, files):
    done("init", "a.reflect", "--by", "ana")
    out = done("import", "a.reflect", "my texts", "--by", "ana")
    assert "8 documents wait to be cleared" in out
    assert 'check "my texts"' in out
    assert told("status", "a.reflect")["waiting"] == 8


def test_importing_twice_stores_nothing_and_leaves_nothing_to_undo(run, done, files):
    done("init", "a.reflect", "--by", "ana")
    done("import", "a.reflect", "my texts", "--by", "ana")
    assert "nothing new" in done("import", "a.reflect", "my texts", "--by", "ana")
    done("undo", "a.reflect", "--by", "ana")
    status, _, err = run("undo", "a.reflect", "--by", "ana")
    assert (status, "nothing to undo for 'ana'" in err) == (1, True)


def test_a_new_text_says_which_codings_count_no_more(team, done, told, files):
    code(team, "ana", 1, 2)
    write_texts(files, {**TEXTS, 1: "Now another text."})
    out = done("import", team, "my texts", "--by", "ana")
    assert "a new text of r1\n1 codings of the earlier text count no more" in out
    done("undo", team, "--by", "ana")
    assert told("status", team)["coders"][0]["codings"] == 2


def test_codings_come_in_if_they_fit(study, run, files):
    fits = Codings((Coding("r1", 0, 9, "rest", "cy"),))
    fits.to_csv(files / "fits")
    assert run("import", study, "--codings", "fits", "--by", "ana")[0] == 0
    for name, coding, word in (
        ("outside", Coding("r1", 0, 999, "rest", "cy"), "0–999 lies outside"),
        ("unknown code", Coding("r1", 0, 9, "rset", "cy"), "did you mean 'rest'"),
        ("unknown text", Coding("x1", 0, 9, "rest", "cy"), "'x1': no such document"),
    ):
        Codings((coding,)).to_csv(files / name)
        status, _, err = run("import", study, "--codings", name, "--by", "ana")
        assert (status, word in err) == (1, True), err
    with Project.open(study) as project:
        assert [c.coder for c in project.codings()] == ["cy"]


@pytest.mark.parametrize(
    "more", [(), ("my texts", "--cleared-by", "ana"), ("my texts", "as text", "--by", "ana")]
)
def test_an_import_that_says_too_little_or_too_much_is_wrong_usage(study, run, more):
    assert run("export", study, "--out", "as text")[0] == 0
    assert run("import", study, *more, "--by", "ana")[0] == 2


def test_texts_that_cannot_be_read_change_nothing(study, run, done):
    before = done("log", study)
    status, _, err = run("import", study, "nowhere.csv", "--by", "ana")
    assert (status, "nowhere.csv" in err) == (1, True)
    assert done("log", study) == before


# ── as text ──


def test_a_study_as_text_is_the_same_study_again(team, done, told):
    code(team, "ana", 1, 2)
    out = done("export", team, "--out", "as text", "--format", "text", "--by", "ana")
    assert "never send it" in out
    assert "2 documents" not in done("import", "again.reflect", "as text", "--by", "ben")
    here, again = told("status", team), told("status", "again.reflect")
    assert here | {"study": ""} == again | {"study": ""}
    assert told("log", team)["events"][:-1] == told("log", "again.reflect")["events"]


def test_a_folder_that_holds_something_else_is_not_written_over(study, run, files):
    status, _, err = run("export", study, "--out", "my texts")
    assert (status, "something else lies there" in err) == (1, True)
    assert sorted(path.name for path in (files / "my texts").iterdir()) == ["texts.csv"]


def test_a_text_export_goes_into_a_new_study_only(study, run, done):
    done("export", study, "--out", "as text")
    status, _, err = run("import", study, "as text", "--by", "ana")
    assert (status, "exists already" in err) == (1, True)


def test_a_text_export_that_was_changed_is_said_with_file_and_line(study, run, done):
    done("export", study, "--out", "as text")
    path = run.folder / "as text" / "documents.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("week 3", "week 9"), encoding="utf-8")
    status, _, err = run("import", "again.reflect", "as text", "--by", "ana")
    assert (status, "documents.jsonl, line 3" in err) == (1, True)
    assert not (run.folder / "again.reflect").exists()


# ── status ──


def test_status_without_anything_says_so(done):
    done("init", "a.reflect", "--by", "ana")
    out = done("status", "a.reflect")
    assert "0 documents" in out
    assert "no codebook yet" in out
    assert "nobody is in the team yet" in out
    assert "two people have to read the same texts" in out


def test_a_reflexive_study_is_offered_no_agreement(done, told):
    done("init", "a.reflect", "--approach", "reflexive", "--by", "ana")
    assert "agreement" not in done("status", "a.reflect")
    assert told("status", "a.reflect")["agreement"] is None


# ── the log, undo and redo ──


def test_the_log_says_who_did_what_and_what_was_taken_back(team, done, told):
    code(team, "ana", 1)
    assert "ana: team: ben, coder" in done("log", team)
    events = told("log", team)["events"]
    coded = next(event for event in events if event["payload"] == {"codings": 1})
    done("end-phase", team, "--by", "ana")
    out = done("undo", team, "--by", "ben", "--event", coded["id"][:6])
    assert "took back record: 1 coding (ana, " in out
    lines = done("log", team).splitlines()
    assert next(line for line in lines if coded["id"][:8] in line).endswith("(taken back)")
    assert told("status", team)["coders"][0]["codings"] == 0
    assert "did again record: 1 coding (ana, " in done("redo", team, "--by", "ben")
    assert told("status", team)["coders"][0]["codings"] == 1


def test_the_log_is_cut_and_says_how_to_see_the_rest(team, done, told):
    out = done("log", team, "--last", "2")
    assert len(out.splitlines()) == 3
    assert "--last 6" in out
    assert {event["by"] for event in told("log", team, "--by", "ana")["events"]} == {"ana"}


@pytest.mark.parametrize("beginning", ["zz", "%", ""])
def test_an_unknown_event_is_said(study, run, beginning):
    status, _, err = run("undo", study, "--by", "ben", "--event", beginning)
    assert status == 1
    assert "log" in err or "nothing to undo" in err


def test_an_event_that_several_begin_with_is_said(study, run, told):
    with Project.open(study) as project:
        for _ in range(17):  # of so many ids two begin alike
            project.add_coder("ana", by="ana")
    firsts = [event["id"][0] for event in told("log", study)["events"]]
    twice = next(first for first in firsts if firsts.count(first) > 1)
    status, _, err = run("undo", study, "--by", "ana", "--event", twice)
    assert (status, "several events begin with" in err) == (1, True)


def test_a_log_of_nobody_is_said(team, run):
    status, _, err = run("log", team, "--by", "bem")
    assert (status, "did you mean 'ben'" in err) == (1, True)


def test_an_empty_event_takes_nothing_back(team, run, told):
    code(team, "ana", 1)
    status, _, err = run("undo", team, "--by", "ana", "--event", "")
    assert (status, "no event ''" in err) == (1, True)
    assert told("status", team)["coders"][0]["codings"] == 1


def test_a_misspelled_name_is_said(team, run, told):
    events = told("log", team)["events"]
    for command, *rest in (
        ("undo",),
        ("end-phase",),
        ("add-coder", "cy"),
        ("assign", "ana"),
        ("backup",),
        ("export", "--out", "as text"),
        ("withdraw", "P1"),
        ("merge", "copy.reflect"),
    ):
        status, _, err = run(command, team, *rest, "--by", "bem")
        assert (status, "did you mean 'ben'" in err) == (1, True), command
    assert told("log", team)["events"] == events


# ── the team ──


def test_texts_that_are_not_coded_blind_any_more_are_left_out_and_counted(study, done, told):
    with Project.open(study) as project:
        project.desk("ben").code("r1", 0, 9, "rest")
    done("add-coder", study, "ana", "ben", "--by", "ana")
    done("begin-phase", study, "first", "--by", "ana")
    out = done("assign", study, "ana", "ben", "--by", "ana")
    assert "1 left out: others' codings of them could be seen before this phase" in out


def test_status_counts_what_is_read_in_the_phase_that_is_open(team, done, told):
    code(team, "ana", 1)
    assert told("status", team)["coders"][0]["read"] == 8
    done("end-phase", team, "--by", "ana")
    done("begin-phase", team, "second", "--not-blind", "--by", "ana")
    row = told("status", team)["coders"][0]
    assert (row["assigned"], row["read"], row["others_read"], row["codings"]) == (0, 0, 0, 0)


def test_no_argument_of_python_stands_in_a_message(study, done):
    for name in ("ana", "ben"):
        code(study, name, 1)
    out = done("status", study)
    assert "agreement: none yet" in out
    assert "blind_only" not in out


def test_a_coder_who_is_not_in_the_team_is_said(team, run):
    status, _, err = run("assign", team, "ana", "bem", "--by", "ana")
    assert (status, "did you mean 'ben'" in err) == (1, True)


def test_a_name_that_is_given_twice_counts_once(study, told):
    assert told("add-coder", study, "ana", "ana", "--role", "lead", "--by", "ana") == {
        "team": {"ana": "lead"}
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ("add-coder", "cy", "--role", "boss", "--by", "ana"),
        ("add-coder", " ", "--by", "ana"),
        ("add-coder", "cy"),
        ("add-coder", "cy", "--by", " "),
        ("assign", "ana", "--overlap", "7", "--by", "ana"),
        ("begin-phase", "p", "--kind", "blind", "--by", "ana"),
        ("merge", "other.reflect", "--choose", "codebook", "--by", "ana"),
        ("restore", "some.reflect"),
    ],
)
def test_wrong_usage_is_exit_2(study, run, arguments):
    command, *rest = arguments
    status, _, err = run(command, study, *rest)
    assert (status, "Error" in err) == (2, True)


def test_phases_are_ended_by_name_or_the_one_that_is_open(team, run, told):
    assert run("begin-phase", team, "second", "--by", "ana")[0] == 1
    assert run("end-phase", team, "secnd", "--by", "ana")[0] == 1
    assert told("end-phase", team, "--by", "ana")["state"] == "closed"
    status, _, err = run("end-phase", team, "--by", "ana")
    assert (status, "no phase is open" in err) == (1, True)


# ── copies ──


def test_merging_twice_changes_nothing(team, told, files):
    shutil.copy(team, "copy.reflect")
    code("copy.reflect", "ben", 1)
    assert told("merge", team, "copy.reflect", "--by", "ana")["changed"]
    assert not told("merge", team, "copy.reflect", "--by", "ana")["changed"]


def test_what_differs_is_listed_and_chosen(study, run, told, files):
    shutil.copy(study, "copy.reflect")
    for name, text in ((study, "Ours was changed."), ("copy.reflect", "Theirs was changed.")):
        write_texts(files, {1: text})
        assert run("import", name, "my texts", "--by", "ana")[0] == 0
    status, _, err = run("merge", study, "copy.reflect", "--by", "ana")
    assert (status, "--choose: document:r1=" in err) == (1, True)
    assert "was changed" not in err
    with Project.open("copy.reflect") as project:
        theirs = project.corpus().document("r1")
    chosen = ("--choose", f"document:r1={theirs.sha256[:12]}")
    assert told("merge", study, "copy.reflect", "--by", "ana", *chosen)["changed"]
    with Project.open(study) as project:
        assert project.corpus().document("r1").text == theirs.text


def test_a_copy_that_is_none_is_said(study, run, done):
    done("export", study, "--out", "as text")
    for other, word in (
        ("nowhere.reflect", "there is no such file"),
        (study, "is the project into which you merge"),
        ("as text", 'import NEW-STUDY "as text"'),
    ):
        status, _, err = run("merge", study, other, "--by", "ana")
        assert (status, word in err) == (1, True), err


def test_a_backup_is_restored_and_what_was_there_is_kept(team, run, done, told):
    made = done("backup", team, "--by", "ana").splitlines()[0]
    code(team, "ana", 1)
    listed = done("restore", team)
    assert f'restore "{team}"' in listed.splitlines()[-1]
    found = told("restore", team, made, "--by", "ana")
    assert told("status", team)["coders"][0]["codings"] == 0
    done("merge", team, found["kept"], "--by", "ana")
    assert told("status", team)["coders"][0]["codings"] == 1


def test_a_broken_file_says_how_it_is_restored(team, run, done, told):
    name = done("backup", team, "--by", "ana").splitlines()[0]
    (run.folder / team).write_bytes(b"no database" * 1000)
    status, _, err = run("status", team)
    assert (status, f'restore "{run.folder / team}"' in err) == (1, True)
    assert any(row["backup"] == name for row in told("restore", team)["backups"])
    done("restore", team, name, "--by", "ana")
    assert told("status", team)["documents"] == 8


def test_a_backup_that_is_not_there_is_said(study, run, done):
    status, _, err = run("restore", study, "nowhere.reflect", "--by", "ana")
    assert (status, "there is no such backup" in err) == (1, True)
    status, _, err = run("restore", "nowhere.reflect")
    assert (status, "no such file, and no backups" in err) == (1, True)
    assert done("restore", study) == f"no backups of {study}\n"


# ── who withdraws ──


def test_a_withdrawal_lists_what_holds_the_person_and_purges_it(team, done, told):
    code(team, "ana", 3)
    done("backup", team, "--by", "ana")
    out = done("withdraw", team, "P3", "--by", "ana")
    assert "--purge-backups" in out
    assert TEXTS[3] not in out
    found = told("withdraw", team, "P3", "--by", "ana", "--purge-backups")
    assert (found["before"], found["backups"]) == (True, [])
    assert found["cleaned"]
    again = told("withdraw", team, "P3", "--by", "ana", "--purge-backups")
    assert (again["before"], again["cleaned"]) == (True, [])
    assert told("status", team)["documents"] == 7


def test_a_file_that_could_not_be_written_is_not_said_to_have_left(study, run, done, monkeypatch):
    export = ("export", study, "--format", "jsonl", "--by", "ana", "--out")

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(placing, "_write", full)
        status, _, err = run(*export, "lost.jsonl")
    assert (status, "No space left" in err) == (1, True)
    done(*export, "sent.jsonl")
    out = done("withdraw", study, "P3", "--by", "ana")
    assert "sent.jsonl" in out
    assert "lost.jsonl" not in out


def test_a_withdrawal_says_nothing_that_is_not_so(team, done, told):
    done("backup", team, "--by", "ana")
    broken = done.folder / f"{team}-backups" / "by hand.reflect"
    broken.write_bytes(b"SQLite format 3 and no more")
    shutil.copy(team, done.folder / "a copy.reflect")
    out = done("withdraw", team, "P3", "--by", "ana", "--purge-backups")
    assert "project." not in out
    assert "not recorded" not in out
    assert "1 case, 1 document" in out
    assert f"delete them by hand: {broken.absolute()}" in out
    assert "backups that hold the person" not in out
    assert 'a copy.reflect" P3 --by ana' in out
    found = told("withdraw", team, "P3", "--by", "ana")
    assert (found["backups"], found["unreadable"]) == ([], [str(broken.absolute())])
    assert found["left_to_do"] == []
    other = done("withdraw", "a copy.reflect", "P3", "--by", "ana")
    assert "nothing of the person is left in this study" in other


def test_who_withdrew_does_not_come_back_by_a_restore_or_an_import(study, done, run):
    name = done("backup", study, "--by", "ana").splitlines()[0]
    done("export", study, "--out", "export1")
    done("withdraw", study, "P3", "--by", "ana")
    out = done("restore", "fresh.reflect", name, "--by", "ben")
    assert "erased from it, for they withdrew: P3" in out
    log = done("log", "fresh.reflect")
    assert "erased again: P3" in log
    assert "withdraw" in log
    status, out, err = run("import", "again.reflect", "export1", "--by", "ben")
    assert (status, "left out, for they withdrew since: P3" in err) == (0, True)
    assert "7 documents" in out


def test_a_text_that_comes_under_another_name_is_said(study, done):
    done("withdraw", study, "P3", "--by", "ana")
    source = done.folder / "late texts"
    source.mkdir()
    rows = f'id,participant,text\nz1,P30,"{TEXTS[3]}"'
    (source / "late.csv").write_text(rows, encoding="utf-8")
    out = done("import", study, "late texts", "--by", "ana")
    assert "z1: the same, word for word, as a text of somebody who withdrew" in out
    assert TEXTS[3] not in out


def test_clearing_the_same_texts_again_is_nothing_new(study, done, files, told):
    words = ("my texts", "--by", "ana", "--cleared-by", "ana", "--note", "read")
    done("import", study, *words)
    before = len(told("log", study)["events"])
    assert done("import", study, *words).startswith("nothing new")
    assert len(told("log", study)["events"]) == before


# ── where a study is not, or may not be written ──


def test_init_says_what_is_the_matter_with_the_place(run):
    for name, word in (("nofolder/x.reflect", "there is no folder"), ("", "no study is named")):
        status, _, err = run("init", name, "--by", "ana")
        assert (status, word in err, "moved or deleted" in err) == (1, True, False), err


def test_a_broken_copy_of_a_partner_is_asked_for_again(study, run, done):
    (done.folder / "theirs.reflect").write_bytes(b"")
    status, _, err = run("merge", study, "theirs.reflect", "--by", "ana")
    assert (status, "ask who sent it" in err, "restore" in err) == (1, True, False)


def test_the_way_back_from_a_broken_file_can_be_typed(run, done):
    folder = done.folder / "a folder"
    folder.mkdir()
    done("init", "a folder/s.reflect", "--by", "ana")
    (folder / "s.reflect").write_bytes(b"")
    _, _, err = run("status", "a folder/s.reflect")
    command = err[err.index("reflect-analysis restore") :].splitlines()[0]
    path = command.partition('"')[2].partition('"')[0]
    assert Path(path) == folder / "s.reflect"
    assert run("restore", path)[0] == 0


def test_a_study_is_checked_before_it_is_copied(study, run, done, told):
    assert "nothing is wrong" in done("backup", study, "--check")
    assert told("backup", study, "--check")["checked"]
    connection = sqlite3.connect(study)
    connection.execute("UPDATE documents SET text = 'other' WHERE id = 'r1'")
    connection.commit()
    connection.close()
    status, _, err = run("backup", study, "--check")
    assert (status, "the text of 'r1' is not the one" in err) == (1, True)


def test_who_withdrew_does_not_come_in_again(study, done, files):
    done("withdraw", study, "P3", "--by", "ana")
    out = done("import", study, "my texts", "--by", "ana")
    assert "left out r3: of participants who withdrew" in out


def test_an_unknown_case_is_said_and_nobody_is_withdrawn(study, run, told):
    status, _, err = run("withdraw", study, "P33", "--by", "ana")
    assert (status, "nobody was withdrawn" in err) == (1, True)
    assert told("status", study)["documents"] == 8


@pytest.mark.parametrize(("answer", "left"), [("n\n", 8), ("y\n", 7)])
def test_at_a_console_a_withdrawal_is_asked_about(study, told, monkeypatch, answer, left):
    monkeypatch.setattr("reflect_analysis.cli.keeping.at_a_console", lambda: True)
    asked = CliRunner().invoke(app, ["withdraw", study, "P3", "--by", "ana"], input=answer)
    assert "Erase P3" in asked.output
    assert told("status", study)["documents"] == left


# ── a study that is none ──


def test_a_study_that_is_not_there_is_said_with_what_is(study, run):
    for name, word in (
        ("our studi.reflect", "did you mean 'our study.reflect'"),
        ("nowhere", "reflect-analysis init"),
        (".", "is a folder"),
    ):
        status, _, err = run("status", name)
        assert (status, word in err) == (1, True), err


def test_a_study_that_is_a_text_file_is_said(run, files):
    status, _, err = run("log", "book.yaml")
    assert (status, "no project file" in err) == (1, True)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ana:sesame@127.0.0.1:1/study",
        "mysql://ana:sesame@localhost/study",
        "postgresql://ana:sesame@localhost:1:2/study",
    ],
)
@pytest.mark.parametrize("command", ["init", "status", "restore"])
def test_a_password_is_never_printed(run, url, command):
    status, out, err = run(command, url, *(("--by", "ana") if command == "init" else ()))
    assert (status, "sesame" in out + err) == (1, False)
    assert err


def test_a_console_without_these_letters_does_not_stop_a_command(study, run):
    command = [sys.executable, "-m", "reflect_analysis"]
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    for rest in (
        ("add-coder", study, "Zoë 🌊", "--by", "Łucja"),
        ("log", study),
        ("status", study),
    ):
        found = subprocess.run(
            [*command, *rest], cwd=run.folder, env=environment, capture_output=True, check=False
        )
        assert found.returncode == 0, found.stderr
    assert "Zo\u00eb ?".encode("cp1252") in found.stdout


def test_a_study_that_another_program_writes_to_is_waited_for_and_then_said(
    study, run, monkeypatch
):
    monkeypatch.setattr("reflect_analysis.project.engine.BUSY_SECONDS", 0)
    other = sqlite3.connect(study, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    status, _, err = run("status", study)
    other.close()
    assert (status, "in use by another program" in err) == (1, True)
