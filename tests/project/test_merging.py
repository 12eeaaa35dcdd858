"""Copies of a study are joined without loss or doubling; what differs is a choice, no guess."""

import dataclasses
import os
import random
import shutil
import sqlite3
from itertools import permutations
from pathlib import Path

import pytest

from reflect_analysis.codebook import Code
from reflect_analysis.codings import Coding
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.errors import ProjectError
from reflect_analysis.project import Project
from reflect_analysis.project.entries import Entry, new_event
from reflect_analysis.project.merging.sources import _read_only
from reflect_analysis.project.pending import PendingLog
from reflect_analysis.project.rows import coding_row


@pytest.fixture
def first(tmp_path, corpus, codebook) -> Path:
    """The file that everybody was sent."""
    path = tmp_path / "first copy.reflect"
    with Project.create(path, title="Peers") as project:
        project.save(by="lead", corpus=corpus, codebook=codebook)
    return path


@pytest.fixture
def copied(first, tmp_path):
    """Makes a copy of the file that everybody was sent."""

    def copy(name: str) -> Path:
        return Path(shutil.copy(first, tmp_path / f"{name}.reflect"))

    return copy


def coded(path: Path, coder: str, *places: tuple[str, int]) -> Path:
    with Project.open(path) as project:
        for document_id, start in places:
            project.desk(coder).code(document_id, start, start + 5, "wait")
    return path


def edited(path: Path, by: str, text: str, document_id: str = "d0", **changes) -> str:
    """Edit a document; the hash of its text."""
    with Project.open(path) as project:
        corpus = project.corpus()
        new = dataclasses.replace(corpus.document(document_id), text=text, **changes)
        documents = tuple(new if each.id == new.id else each for each in corpus)
        clearances = (*corpus.clearances, Clearance(new.sha256, by, "read"))
        project.save(by=by, corpus=Corpus(documents, corpus.cases, clearances))
    return new.sha256


def recoded(path: Path, by: str, name: str) -> str:
    """Change a code's name; the codebook's version."""
    with Project.open(path) as project:
        book = project.codebook().define("wait", name=name, by=by)
        project.save(by=by, codebook=book)
    return book.version


def lines(project: Project, folder: Path) -> dict[str, list[str]]:
    """A study as text, without who merged what and when."""
    project.export_text(folder)
    found = {
        path.name: path.read_text(encoding="utf-8").splitlines()
        for path in sorted(folder.glob("*.jsonl"))
    }
    merges = {e.id for e in project.events() if e.action == "merge"}
    return {
        name: [line for line in each if not any(event in line for event in merges)]
        for name, each in found.items()
        if name != "study.jsonl"
    }


def events(path: Path) -> int:
    with Project.open(path) as project:
        return len(project.events())


# ── a union ──


def test_what_two_people_coded_is_all_there_once(target, copied):
    ana, ben = coded(copied("ana"), "ana", ("d0", 0)), coded(copied("ben"), "ben", ("d0", 3))
    with Project.create(target) as project:
        report = project.merge([ana, ben], by="lead")
        assert sorted((c.coder, c.start) for c in project.codings()) == [("ana", 0), ("ben", 3)]
        assert project.corpus().document("d2").text.endswith("🌊.")
        assert [file.rows.get("codings") for file in report.files] == [1, 1]
        assert project.check() == ()
        assert "ana.reflect: 3 entries" in str(report)


def test_a_second_merge_changes_nothing(first, copied):
    ana = coded(copied("ana"), "ana", ("d0", 0))
    with Project.open(first) as project:
        project.merge([ana], by="lead")
        before = project.events()
        report = project.merge([ana], by="lead")
        assert project.events() == before
        assert str(report) == "ana.reflect: nothing new"
        assert not report.changed


def test_partners_who_merge_each_other_come_to_rest(copied):
    ana, ben = coded(copied("ana"), "ana", ("d0", 0)), coded(copied("ben"), "ben", ("d0", 3))
    counts = []
    for _ in range(3):
        for mine, theirs in ((ana, ben), (ben, ana)):
            with Project.open(mine) as project:
                project.merge(theirs, by="lead")
        counts.append((events(ana), events(ben)))
    assert counts[0][1] == counts[1][0] == counts[1][1] == counts[2][0]


def test_the_order_of_the_files_does_not_matter(copied, tmp_path):
    rng = random.Random(1)  # noqa: S311  # the same places each time
    paths = []
    for name in ("ana", "ben", "cy"):
        path = copied(name)
        coded(path, name, *((f"d{rng.randrange(4)}", rng.randrange(20)) for _ in range(4)))
        with Project.open(path) as project:
            project.undo(by=name)
            project.desk(name).memo("Come back to this.", document_id="d1")
        paths.append(path)
    found = []
    for number, order in enumerate(permutations(paths)):
        target = Path(shutil.copy(order[0], tmp_path / f"joined-{number}.reflect"))
        with Project.open(target) as project:
            if number % 2:
                project.merge(order[1:], by="lead")
            else:
                for other in order[1:]:
                    project.merge([other], by="lead")
            found.append(lines(project, tmp_path / f"out-{number}"))
    assert all(each == found[0] for each in found)
    assert sum(map(len, found[0].values())) > 30


def test_studies_that_began_apart_are_joined_too(tmp_path, codebook):
    paths = []
    for number in range(2):
        path = tmp_path / f"study {number}.reflect"
        document = Document(f"text-{number}", f"Words of person {number}.", case_id=f"Q{number}")
        corpus = Corpus((document,), (Case(f"Q{number}"),), (Clearance(document.sha256, "l", "r"),))
        with Project.create(path, title=f"Study {number}") as project:
            project.save(by="lead", corpus=corpus, codebook=codebook)
            project.desk("ana").code(f"text-{number}", 0, 5, "ask")
        paths.append(path)
    with Project.open(paths[0]) as project:
        report = project.merge([paths[1]], by="lead")
        assert {document.id for document in project.corpus()} == {"text-0", "text-1"}
        assert len(project.codings()) == 2
        assert project.title == "Study 0"
        assert report.notes == (
            "study 1.reflect is another study; title and approach stay as they are here",
        )


def test_a_server_is_merged_into_a_file(first, postgres_url):
    with Project.create(postgres_url) as server:
        server.merge([first], by="lead")
        server.desk("ben").code("d1", 0, 5, "ask")
        count = len(server.events())
        with Project.open(first) as project:
            project.merge([postgres_url], by="lead")
            assert [c.coder for c in project.codings()] == ["ben"]
            with pytest.raises(ProjectError, match="into which you merge"):
                server.merge([postgres_url], by="lead")
        assert len(server.events()) == count


def test_the_log_says_who_merged_what(first, copied):
    ana = coded(copied("ana"), "ana", ("d0", 0))
    with Project.open(first) as project:
        project.merge([ana], by="lead")
        event = project.events()[-1]
        assert (event.by, event.action) == ("lead", "merge")
        (file,) = event.payload["files"]
        assert file["file"] == "ana.reflect"
        assert file["project"] == project.id
        assert file["rows"] == {"codings": 1}
        with pytest.raises(ProjectError, match="a merge cannot be undone"):
            project.undo(by="lead", event_id=event.id)


def test_each_takes_back_their_own_after_a_merge(first, copied):
    ana = coded(copied("ana"), "ana", ("d0", 0), ("d0", 4))
    with Project.open(first) as project:
        project.merge([ana], by="lead")
        project.undo(by="ana")
        assert [c.start for c in project.codings()] == [0]


def test_a_clock_that_is_fast_elsewhere_does_not_hide_what_is_done_later(first, copied):
    ahead = copied("ahead")
    edited(ahead, "ana", "An edit by a clock that is fast.")
    with sqlite3.connect(ahead) as connection:
        connection.execute("UPDATE events SET at = '2099' || substr(at, 5) WHERE by = 'ana'")
    connection.close()
    with Project.open(first) as project:
        project.merge([ahead], by="lead")
    edited(first, "lead", "A later edit.")
    with Project.open(first) as project:
        assert project.corpus().document("d0").text == "A later edit."


# ── the other files ──


def test_the_other_file_is_not_changed_and_its_waiting_decisions_come_along(first, copied):
    other = copied("other")
    with Project.open(other) as project:
        document = project.corpus().document("d0")
        study = project.id
    log = PendingLog(other, study, lambda entries: None)
    log._store = lambda entries: (_ for _ in ()).throw(ProjectError("the disk is gone"))
    row = coding_row(Coding("d0", 0, 5, "wait", "ana", id="k1"), document.sha256)
    log.add(Entry(new_event("ana", "record"), {"codings": (row,)}))
    with pytest.raises(ProjectError):
        log.close()
    waiting = log.path.read_bytes()
    before = other.read_bytes(), other.stat().st_mtime_ns
    with Project.open(first) as project:
        project.merge([other], by="lead")
        assert [c.id for c in project.codings()] == ["k1"]
    assert (other.read_bytes(), other.stat().st_mtime_ns) == before
    assert log.path.read_bytes() == waiting


def test_a_copy_that_is_open_elsewhere_can_be_merged(first, copied):
    ana = copied("ana")
    with Project.open(ana) as theirs, Project.open(first) as project:
        theirs.desk("ana").code("d0", 0, 5, "wait")
        theirs._settle()
        project.merge([ana], by="lead")
        theirs.desk("ana").code("d0", 6, 9, "wait")
        assert len(project.codings()) == 1
        assert len(theirs.codings()) == 2


def test_one_file_by_two_paths_is_merged_once(first, copied, tmp_path):
    ana = coded(copied("ana"), "ana", ("d0", 0))
    (tmp_path / "folder").mkdir()
    again = tmp_path / "folder" / ".." / "ana.reflect"
    with Project.open(first) as project:
        assert len(project.merge([ana, again, str(ana)], by="lead").files) == 1


def test_a_project_is_not_merged_into_itself_by_whatever_path(first, tmp_path):
    link = tmp_path / "link.reflect"
    os.link(first, link)
    with Project.open(first) as project:
        for path in (first, tmp_path / "." / first.name, link):
            with pytest.raises(ProjectError, match="the project into which you merge"):
                project.merge([path], by="lead")


def test_every_file_that_cannot_be_merged_is_told_at_once(first, copied, tmp_path):
    good = coded(copied("good"), "ana", ("d0", 0))
    newer, broken, foreign = copied("newer"), tmp_path / "broken.reflect", tmp_path / "f.reflect"
    with sqlite3.connect(newer) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    data = bytearray(first.read_bytes())
    data[4096:20_000] = bytes(20_000 - 4096)
    broken.write_bytes(data)
    sqlite3.connect(foreign).execute("CREATE TABLE t (x)").connection.close()
    empty = tmp_path / "empty.reflect"
    empty.touch()
    missing = tmp_path / "missing.reflect"
    with Project.open(first) as project:
        before = project.events()
        with pytest.raises(ProjectError) as error:
            project.merge([good, newer, broken, foreign, empty, missing, tmp_path], by="lead")
        assert project.events() == before
    told = str(error.value)
    assert told.startswith("nothing was merged:")
    for name in ("newer", "broken", "f.reflect", "empty", "missing", tmp_path.name):
        assert any(name in fault for fault in error.value.faults), name
    assert "written by a newer version" in told
    assert not any("good" in fault for fault in error.value.faults)
    assert not list(tmp_path.glob("*-backups/*before*"))


def test_a_file_whose_writer_was_stopped_in_the_middle_is_told(first, copied):
    other = copied("other")
    writing = sqlite3.connect(other, isolation_level=None)
    writing.execute("PRAGMA cache_size = 1")
    writing.execute("BEGIN IMMEDIATE")
    writing.execute("UPDATE documents SET text = text || hex(randomblob(20000))")
    stopped = other.with_name("stopped.reflect")
    for end in ("", "-journal"):
        shutil.copy(f"{other}{end}", f"{stopped}{end}")
    writing.rollback()
    writing.close()
    before = stopped.read_bytes()
    with Project.open(first) as project, pytest.raises(ProjectError, match="Open it once"):
        project.merge([stopped], by="lead")
    assert stopped.read_bytes() == before


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("/data/my study?.reflect", "file:///data/my%20study%3F.reflect?mode=ro"),
        ("C:/my study.reflect", "file:///C:/my%20study.reflect?mode=ro"),
        ("//server/share/s.reflect", "file:////server/share/s.reflect?mode=ro"),
    ],
)
def test_a_file_is_opened_for_reading_by_a_uri(path, uri):
    class Absolute:
        def absolute(self):
            return self

        def as_posix(self):
            return path

    assert _read_only(Absolute()) == uri


def test_nothing_to_merge_is_a_mistake_of_the_caller(first):
    with Project.open(first) as project, pytest.raises(ValueError, match="at least one file"):
        project.merge([], by="lead")


# ── what differs ──


def test_codebooks_that_both_went_on_are_a_choice(first, copied):
    other = copied("other")
    mine, theirs = recoded(first, "ana", "Our secret word"), recoded(other, "ben", "Their word")
    with Project.open(first) as project:
        before = project.events()
        with pytest.raises(ProjectError) as error:
            project.merge([other], by="lead")
        assert project.events() == before
        told = str(error.value)
        assert mine in told
        assert theirs in told
        assert "by ana on " in told
        assert "wait: renamed" in told
        assert "secret" not in told
        assert "Their word" not in told
        report = project.merge([other], by="lead", choose={"codebook": theirs[:8]})
        assert report.choices == {"codebook": theirs}
        assert project.codebook().version == theirs
        assert project.codebook(mine)["wait"].name == "Our secret word"
        assert not project.merge([other], by="lead").changed


def test_what_was_chosen_is_kept_and_what_comes_later_holds(first, copied, tmp_path):
    other = copied("other")
    recoded(first, "ana", "One")
    theirs = recoded(other, "ben", "Two")
    with Project.open(first) as project:
        project.merge([other], by="lead", choose={"codebook": theirs})
        project.export_text(tmp_path / "out")
    assert theirs in (tmp_path / "out" / "choices.jsonl").read_text(encoding="utf-8")
    later = recoded(first, "ana", "Three")
    with Project.open(first) as project:
        assert project.codebook().version == later
        assert not project.merge([other], by="lead").changed
        assert project.codebook().version == later


@pytest.mark.parametrize("wanted", ["zzzzzzzz", "", "abc"])
def test_a_choice_that_is_none_of_the_sides_is_refused(first, copied, wanted):
    other = copied("other")
    recoded(first, "ana", "One")
    recoded(other, "ben", "Two")
    with Project.open(first) as project, pytest.raises(ProjectError, match="codebook went on"):
        project.merge([other], by="lead", choose={"codebook": wanted})


def test_who_went_on_alone_is_followed_without_a_question(first, copied):
    other, third = copied("other"), copied("third")
    coded(first, "ana", ("d0", 0))
    recoded(other, "ben", "One")
    version = recoded(other, "ben", "Two")
    text = edited(other, "ben", "An edited text of the first day.")
    for order in ((other, third), (third, other)):
        with Project.open(first) as project:
            project.merge(order, by="lead")
            assert project.codebook().version == version
            assert project.corpus().document("d0").sha256 == text


def test_what_was_taken_back_is_followed_too(first, copied):
    version = recoded(first, "ana", "One")
    other = copied("other")
    with Project.open(other) as project:
        project.undo(by="ana")
        earlier = project.codebook().version
    with Project.open(first) as project:
        assert project.codebook().version == version
        project.merge([other], by="lead")
        assert project.codebook().version == earlier


def test_a_version_that_was_read_in_again_elsewhere_is_still_the_earlier_one(tmp_path, codebook):
    went_on, began_late = tmp_path / "a.reflect", tmp_path / "b.reflect"
    with Project.create(went_on) as project:
        project.save(by="ana", codebook=codebook)
    version = recoded(went_on, "ana", "One")
    with Project.create(began_late) as project:
        project.save(by="ben", codebook=codebook)
        project.merge([went_on], by="lead")
        assert project.codebook().version == version
    with Project.open(went_on) as project:
        project.merge([began_late], by="lead")
        assert project.codebook().version == version


def test_a_text_that_both_edited_is_a_choice(first, copied):
    other = copied("other")
    mine = edited(first, "ana", "What I wrote in secret.")
    theirs = edited(other, "ben", "What they wrote.")
    with Project.open(first) as project:
        with pytest.raises(ProjectError) as error:
            project.merge([other], by="lead")
        told = str(error.value)
        assert "document:d0 went on in 2 ways: here " in told
        assert mine[:12] in told
        assert theirs[:12] in told
        assert "secret" not in told
        project.merge([other], by="lead", choose={"document:d0": mine})
        assert project.corpus().document("d0").sha256 == mine
        assert project.corpus().uncleared() == ()


def test_codings_of_the_text_that_was_not_chosen_stay_in_the_log(first, copied, tmp_path):
    other = copied("other")
    mine = edited(first, "ana", "What I wrote in secret.")
    edited(other, "ben", "What they wrote.")
    coded(other, "ben", ("d0", 0))
    with Project.open(first) as project:
        project.merge([other], by="lead", choose={"document:d0": mine})
        assert project.codings(["d0"]).codings == ()
        project.export_text(tmp_path / "out")
    assert '"coder":"ben"' in (tmp_path / "out" / "codings.jsonl").read_text(encoding="utf-8")


def test_what_is_known_of_a_text_and_of_a_participant_is_a_choice_too(first, copied):
    other = copied("other")
    paths = {first: ("ECE", "no"), other: ("educator", "yes")}
    for path, (role, quotes) in paths.items():
        with Project.open(path) as project:
            corpus = project.corpus()
            document = corpus.document("d0")
            same = {"role": role}
            changed = dataclasses.replace(document, attributes=document.attributes | same)
            documents = tuple(changed if d.id == "d0" else d for d in corpus)
            cases = (Case("P0", quotes=quotes), Case("P1"))
            told = Corpus(documents, cases, corpus.clearances)
            if quotes == "yes":
                project.loosen(told, by="lead", reason="P0 said yes in a letter")
            else:
                project.save(by="lead", corpus=told)
    with Project.open(first) as project:
        with pytest.raises(ProjectError) as error:
            project.merge([other], by="lead")
        document, case = error.value.faults
        assert "attributes: role" in document
        assert "educator" not in document
        assert case.startswith("case:P0 went on in 2 ways")
        assert "quotes" in case
        choose = {
            fault.split(" ")[0]: fault.split("here ")[1].split(" ")[0]
            for fault in error.value.faults
        }
        project.merge([other], by="lead", choose=choose)
        assert project.corpus().case("P0").quotes == "no"
        assert project.corpus().document("d0").attributes["role"] == "ECE"


def test_all_that_differs_is_told_at_once(first, copied):
    other = copied("other")
    for path, by in ((first, "ana"), (other, "ben")):
        recoded(path, by, f"Name by {by}")
        for document_id in ("d0", "d2"):
            edited(path, by, f"{document_id} as {by} wrote it.", document_id)
    with Project.open(first) as project, pytest.raises(ProjectError) as error:
        project.merge([other], by="lead")
    subjects = [fault.split(" ")[0] for fault in error.value.faults]
    assert sorted(subjects) == ["codebook", "document:d0", "document:d2"]


def test_a_change_of_notes_alone_is_no_choice(first, copied):
    other = copied("other")
    for path, note in ((first, "one"), (other, "two")):
        with Project.open(path) as project:
            book = project.codebook()
            code = dataclasses.replace(book["wait"], note=note)
            project.save(by="lead", codebook=book.revise(code, by="lead"))
    with Project.open(first) as project:
        project.merge([other], by="lead")
        assert isinstance(project.codebook()["wait"], Code)
