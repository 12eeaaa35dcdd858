"""A study as text can be compared, and gives the identical study back."""

import dataclasses
import datetime as dt
import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect_analysis._rows import Attributes
from reflect_analysis.codebook import Codebook, read_codebook
from reflect_analysis.codings import Coding
from reflect_analysis.corpus import Case, Corpus, Document, Governance, Omission, Picture, Turn
from reflect_analysis.disclosure import Approval
from reflect_analysis.errors import OutputError, ProjectError
from reflect_analysis.project import Project
from reflect_analysis.project import rows as as_rows
from reflect_analysis.project.text.lines import TABLES, line_of, row_of
from reflect_analysis.provenance import new_run
from reflect_analysis.topics import Part, TopicAct

ODD = "“Quoted”, a tab\t, a line\nand\u2028another, 🌊, <b>, \\n, 'single'."


def worked_on(project: Project, corpus: Corpus, codebook: Codebook) -> None:
    """Everything that a study can hold."""
    documents = (
        Document(
            "T1",
            "Ana: We wait.\nBen: " + ODD,
            kind="transcript",
            attributes=Attributes(date=dt.date(2026, 3, 1), session=2, share=0.1, open=True),
            turns=(Turn(5, 13, "Ana", "P0"), Turn(19, 19 + len(ODD), "Ben", None, coded=False)),
            picture=Picture("p.jpg", None, "adults"),
            flags=("selected",),
        ),
    )
    cases = (Case("P0", Attributes(role="ECE"), "yes", Governance("N", ("coding",))), Case("P1"))
    whole = Corpus(
        (*corpus, *documents),
        cases,
        corpus.clearances,
        (Omission("c1.csv", "row 3", "no text"),),
        (new_run("read", "5 documents were read", settings={"by": "row", "n": 5}),),
    )
    project.save(by="lead", corpus=whole, codebook=codebook)
    project.save(by="lead", codebook=codebook.define("wait", name="To wait", by="lead"))
    project.add_coder("ana", by="lead")
    project.begin_phase("first", "calibration", by="lead")
    project.assign(["ana"], by="lead", document_ids=["d0", "d1"])
    desk = project.desk("ana")
    (made,) = desk.code("d0", 0, 5, "wait")
    desk.read("d0")
    desk.decide(made.id, "change", span=(0, 9), reason="all of it")
    desk.memo(ODD, document_id="d0", span=(2, 4), code_id="wait")
    machine = Coding("d1", 0, 4, "ask", "rules", "machine", 0.1 + 0.2, "“my” 0–2")
    project.record(by="rules", codings=[machine])
    project.save(by="lead", approvals=[Approval("d0", 0, 5, decision="yes", by="lead", note=ODD)])
    at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    named = TopicAct("f", "name", (3,), label="Rain", by="ana", why=ODD, at=at)
    parts = (Part("water", ("d0:0-41",)), Part("ask", ("d1:0-36", "d2:0-10")))
    split = TopicAct("f", "split", (1,), by="ana", why="two things", at=at, parts=parts)
    project.save(by="ana", topic_acts=(named, split))
    desk.undo()
    project.withdraw("P1", by="lead")


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("REFLECT_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path, corpus, codebook) -> Path:
    """An export."""
    with Project.create(tmp_path / "study.reflect", title="Peers") as project:
        worked_on(project, corpus, codebook)
        project.export_text(tmp_path / "an export", for_keeping=True)
    return tmp_path / "an export"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def values(project: Project) -> tuple:
    return (
        project.id,
        project.title,
        project.approach,
        project.corpus(),
        project.codebook(),
        set(project.codings().codings),
        project.codings().current,
        set(project.codings().seen),
        set(project.codings().memos),
        set(project.approvals()),
        project.topic_acts(),
        project.team_state(),
    )


# ── there and back ──


def test_an_import_gives_the_identical_study_back(target, tmp_path, corpus, codebook):
    with Project.create(tmp_path / "study.reflect", title="Peers") as project:
        worked_on(project, corpus, codebook)
        before = values(project), project.events()
        project.export_text(tmp_path / "one", for_keeping=True)
    with Project.import_text(tmp_path / "one", target) as again:
        assert (values(again), again.events()) == before
        assert again.check() == ()
        again.export_text(tmp_path / "two", for_keeping=True)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_every_table_is_there_and_none_of_them_is_empty_in_the_test(folder):
    names = {f"{name}.jsonl" for name in TABLES}
    assert names | {"README.txt", "contents.json", "codebook.yaml"} == set(contents(folder))
    empty = {name for name, data in contents(folder).items() if not data}
    assert empty == {"choices.jsonl"}  # they come by a merge; test_merging exports one


def test_work_goes_on_where_it_was(folder, tmp_path):
    with Project.import_text(folder, tmp_path / "again.reflect") as project:
        project.redo(by="ana")
        project.desk("ana").code("d2", 0, 3, "ask")
        assert {c.document_id for c in project.codings().by_coder("ana")} == {"d0", "d2"}


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(texts, st.dictionaries(texts, st.none() | st.booleans() | st.integers() | texts))
def test_a_line_gives_its_row_back_letter_for_letter(text, attributes):
    document = Document("D", text, attributes=Attributes(attributes))
    row = {**as_rows.document_row(document), "position": 0, "event_id": "e"}
    line = line_of(TABLES["documents"], row)
    assert "\n" not in line
    assert row_of(json.loads(line)) == row


@given(texts)
def test_what_is_no_json_in_a_column_of_json_comes_back_too(text):
    row = {"case_id": "P", "at": "", "by": "", "documents": text, "spared": "[1, 2]"}
    row["replaced"] = "7"
    assert row_of(json.loads(line_of(TABLES["tombstones"], row))) == row


# ── for reading and comparing ──


def test_lines_are_sorted_and_their_keys_stand_in_one_order(folder):
    for name, table in TABLES.items():
        lines = (folder / f"{name}.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
        rows = [json.loads(line) for line in lines]
        columns = [column.name for column in table.columns]
        assert all(list(row) == columns for row in rows)
        keys = [column.name for column in table.primary_key]
        if name == "events":
            keys = ["at", "id"]
        order = [tuple(row[key] for key in keys) for row in rows]
        assert order == sorted(order)


def test_what_happened_since_is_lines_that_came(folder, tmp_path):
    before = contents(folder)
    with Project.open(tmp_path / "study.reflect") as project:
        project.desk("ana").code("d0", 3, 5, "ask")
        project.export_text(folder, for_keeping=True)
    after = contents(folder)
    for name in TABLES:
        old, new = (set(each[f"{name}.jsonl"].splitlines()) for each in (before, after))
        assert old <= new
    assert len(after["events.jsonl"].splitlines()) == len(before["events.jsonl"].splitlines()) + 2


def test_a_reader_finds_words_and_not_escapes(folder):
    document = (folder / "documents.jsonl").read_text(encoding="utf-8")
    assert "🌊" in document
    assert '"attributes":{"date":{"$date":"2026-03-01"},"session":2,"share":0.1' in document
    assert "participants' words" in (folder / "README.txt").read_text(encoding="utf-8")


def test_the_codebook_beside_it_is_the_one_in_use(folder, tmp_path):
    with Project.open(tmp_path / "study.reflect") as project:
        assert read_codebook(folder / "codebook.yaml") == project.codebook()


def test_the_log_says_that_the_study_was_exported(folder, tmp_path):
    with Project.open(tmp_path / "study.reflect") as project:
        event = project.events()[-1]
        assert (event.action, event.payload["where"]) == ("export", str(folder))


# ── where it is written ──


def test_an_export_into_a_folder_of_git_leaves_what_is_not_ours(folder, tmp_path):
    (folder / ".git").mkdir()
    (folder / "notes.txt").write_text("ours", encoding="utf-8")
    with Project.open(tmp_path / "study.reflect") as project:
        project.export_text(folder, for_keeping=True)
    assert (folder / ".git").is_dir()
    assert (folder / "notes.txt").read_text(encoding="utf-8") == "ours"


def test_the_export_of_another_study_is_not_replaced(folder, tmp_path):
    before = contents(folder)
    refused = pytest.raises(OutputError, match="export of another study")
    with Project.create(tmp_path / "another.reflect") as project, refused:
        project.export_text(folder, for_keeping=True)
    assert contents(folder) == before


def test_a_new_study_has_no_codebook_yet(tmp_path):
    folder = tmp_path / "an export"
    with Project.create(tmp_path / "empty.reflect") as project:
        project.export_text(folder, for_keeping=True)
        (folder / "codebook.yaml").write_text("of an earlier export", encoding="utf-8")
        project.export_text(folder, for_keeping=True)
    assert not (folder / "codebook.yaml").exists()
    with Project.import_text(folder, tmp_path / "again.reflect") as project:
        assert len(project.corpus()) == 0


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_something_else_that_lies_there_is_left_alone(tmp_path, kind):
    place = tmp_path / "thesis"
    if kind == "file":
        place.write_text("my thesis", encoding="utf-8")
    else:
        place.mkdir()
        (place / "thesis.txt").write_text("my thesis", encoding="utf-8")
    with Project.create(tmp_path / "study.reflect") as project:
        with pytest.raises(OutputError, match="something else lies there"):
            project.export_text(place, for_keeping=True)
        assert [event.action for event in project.events()] == ["create"]
    assert len(list(tmp_path.glob("**/thesis*"))) == (1 if kind == "file" else 2)


def test_an_export_that_fails_leaves_the_old_one_whole(folder, tmp_path, monkeypatch):
    before = contents(folder)

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with Project.open(tmp_path / "study.reflect") as project:
        project.desk("ana").code("d0", 3, 5, "ask")
        count = len(project.events())
        monkeypatch.setattr("reflect_analysis.project.text.exporting.line_of", full)
        with pytest.raises(OutputError, match="No space left"):
            project.export_text(folder, for_keeping=True)
        assert len(project.events()) == count
    assert contents(folder) == before
    assert not list(tmp_path.glob(".*.part"))


@pytest.mark.parametrize("stopped", [1, 4, 30])
def test_an_export_that_is_stopped_in_between_leaves_the_old_one_whole(
    folder, tmp_path, monkeypatch, stopped
):
    before, moved, replace = contents(folder), [], Path.replace

    def stop(path, target):
        nonlocal moved
        moved += [path] * (folder in path.parents)  # others, such as a backup, are not stopped
        if len(moved) == stopped:
            raise OSError(5, "stopped")
        return replace(path, target)

    with Project.open(tmp_path / "study.reflect") as project:
        project.desk("ana").code("d0", 3, 5, "ask")
        monkeypatch.setattr(Path, "replace", stop)
        with pytest.raises(OutputError, match="stopped"):
            project.export_text(folder, for_keeping=True)
        monkeypatch.undo()
        assert contents(folder) == before
        project.export_text(folder, for_keeping=True)
    assert contents(folder).keys() == before.keys()
    assert contents(folder) != before


# ── bad folders ──


def changed(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")


def refused(folder: Path, tmp_path: Path) -> tuple[str, ...]:
    """The faults of an import; nothing is made."""
    target = tmp_path / "refused.reflect"
    with pytest.raises(ProjectError) as error:
        Project.import_text(folder, target)
    assert not list(tmp_path.glob("*refused*"))
    return error.value.faults


@pytest.mark.parametrize(
    ("name", "old", "new", "fault"),
    [
        ("codings.jsonl", "{", "{{", "line 1: is no JSON from character 2 on"),
        ("codings.jsonl", '"coder":', '"codr":', "unknown key 'codr'; did you mean 'coder'?"),
        ("codings.jsonl", '"start":0,', "", "line 1: no 'start'"),
        ("codings.jsonl", '"start":0', '"start":"0"', "codings.start: cannot store a value of"),
        ("codings.jsonl", '"start":0', '"start":null', "codings.start: cannot store a value of"),
        ("codings.jsonl", '"event_id":"', '"event_id":"x', "its event is not in events.jsonl"),
        ("codings.jsonl", '"event_id":"', '"event_id":["', "line 1: "),
        ("codings.jsonl", '"at":"20', '"at":"x', "cannot be read as one of the codings"),
        ("documents.jsonl", "water", "wine", "'text_hash' is not the hash of 'text'"),
        ("documents.jsonl", '"turns":[]', '"turns":7', "cannot be read as one of the documents"),
        ("documents.jsonl", '"kind":"reflection"', '"kind":"poem"', "cannot be read as one of"),
        ("documents.jsonl", '"$date":"2026-', '"$date":"x-', "cannot be read as one of the"),
        ("events.jsonl", '"payload":{}', '"payload":"{"', "cannot be read as one of the events"),
        ("study.jsonl", '"key":"id"', '"key":"ident"', "no line for 'id'"),
        ("cases.jsonl", "\n", "", "line 1: does not end; the file was cut off"),
        (
            "contents.json",
            '"runs": 1',
            '"runs": 2',
            "runs.jsonl: 1 lines, and contents.json says 2",
        ),
        ("contents.json", "text 1", "text 9", "pip install --upgrade"),
        ("contents.json", '"lines"', "lines", "contents.json: cannot be read"),
    ],
)
def test_each_fault_of_a_folder_is_told_with_its_place(folder, tmp_path, name, old, new, fault):
    changed(folder, name, old, new)
    faults = refused(folder, tmp_path)
    assert any(fault in each for each in faults), faults
    assert all("wine" not in each and "water" not in each for each in faults)


def test_a_line_that_stands_twice_is_told_with_both_places(folder, tmp_path):
    path = folder / "memos.jsonl"
    path.write_bytes(path.read_bytes() * 2)
    assert "memos.jsonl, line 2: the same key stands in line 1" in refused(folder, tmp_path)


def test_a_line_in_another_encoding_is_told(folder, tmp_path):
    path = folder / "memos.jsonl"
    path.write_bytes(path.read_bytes().replace("🌊".encode(), b"\xff"))
    assert "memos.jsonl, line 1: is not UTF-8" in refused(folder, tmp_path)


def test_all_faults_are_told_at_once(folder, tmp_path):
    (folder / "seen.jsonl").unlink()
    changed(folder, "codings.jsonl", '"coder":', '"codr":')
    changed(folder, "documents.jsonl", "water", "wine")
    names = {fault.split(",")[0].split(":")[0] for fault in refused(folder, tmp_path)}
    assert names == {"seen.jsonl", "codings.jsonl", "documents.jsonl"}


def test_of_many_faults_the_first_are_shown(folder, tmp_path):
    path = folder / "events.jsonl"
    path.write_text("{}\n" * 500, encoding="utf-8")
    faults = refused(folder, tmp_path)
    assert len(faults) == 51
    assert faults[-1].endswith("faults more")


def test_a_folder_that_is_no_export_is_told(tmp_path):
    (tmp_path / "photos").mkdir()
    assert "no contents.json in it" in refused(tmp_path / "photos", tmp_path)[0]
    assert "there is no such folder" in refused(tmp_path / "nowhere", tmp_path)[0]


def test_a_project_that_is_there_is_not_overwritten(folder, tmp_path):
    study = tmp_path / "study.reflect"
    before = study.read_bytes()
    with pytest.raises(ProjectError, match="exists already"):
        Project.import_text(folder, study)
    assert study.read_bytes() == before


def test_a_server_that_holds_a_project_is_not_overwritten(folder, postgres_url):
    with Project.create(postgres_url, title="Other") as project:
        with pytest.raises(ProjectError, match="holds a project already"):
            Project.import_text(folder, postgres_url)
        assert project.title == "Other"


def test_a_bad_folder_leaves_a_server_empty(folder, postgres_url):
    changed(folder, "documents.jsonl", "water", "wine")
    with pytest.raises(ProjectError):
        Project.import_text(folder, postgres_url)
    Project.create(postgres_url).close()


def test_line_ends_of_windows_do_no_harm(folder, tmp_path):
    for path in folder.glob("*.jsonl"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    with Project.import_text(folder, tmp_path / "again.reflect") as project:
        assert project.corpus().document("T1").text.endswith(ODD)


def test_a_text_that_nobody_knows_any_more_is_still_read(folder, tmp_path):
    """An older export of the same study and a newer one are two studies that can be merged."""
    older = shutil.copytree(folder, tmp_path / "older")
    study = tmp_path / "study.reflect"
    with Project.open(study) as project:
        document = dataclasses.replace(project.corpus().document("d0"), text="Edited since.")
        project.save(by="lead", corpus=Corpus((document,), project.corpus().cases))
    with Project.import_text(older, tmp_path / "again.reflect") as project:
        project.merge([study], by="lead")
        assert project.corpus().document("d0").text == "Edited since."


# ── an export that was killed ──


def kill(folder):
    """What an export leaves that is killed between its renames: no contents, and both states."""
    for ending, names in {
        "old": ("contents.json", "study.jsonl"),
        "part": ("cases.jsonl",),
    }.items():
        place = folder / f".0a1b2c3d.{ending}"
        place.mkdir()
        for name in names:
            (folder / name).replace(place / name)


def test_a_killed_export_is_made_whole_by_the_next_one(folder, tmp_path):
    before = sorted(contents(folder))
    kill(folder)
    with Project.open(tmp_path / "study.reflect") as project:
        project.export_text(folder, for_keeping=True)
    assert sorted(contents(folder)) == before


def test_a_killed_export_of_another_study_is_left_alone(folder, tmp_path):
    kill(folder)
    refused = pytest.raises(OutputError, match="export of another study")
    with Project.create(tmp_path / "another.reflect") as project, refused:
        project.export_text(folder, for_keeping=True)
    assert (folder / ".0a1b2c3d.old" / "contents.json").is_file()


def test_what_a_killed_export_left_is_named_by_a_withdrawal(folder, tmp_path):
    kill(folder)
    with Project.open(tmp_path / "study.reflect") as project:
        told = str(project.withdraw("P1", by="lead"))
    assert "delete it by hand" in told
    assert all(str(folder / f".0a1b2c3d.{ending}") in told for ending in ("old", "part"))
