"""Two studies that were begun apart: who is who is asked, and nobody is erased by a guess."""

import itertools
import shutil
import sqlite3
from pathlib import Path

import pytest

from reflect_analysis.codings import Coding, Decision
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.errors import ProjectError
from reflect_analysis.project import Project
from reflect_analysis.project.withdrawal import read_tombstones
from reflect_analysis.topics import Part, TopicAct

HERE, THERE = "Words of a person who is studied here.", "Words of another one who is there."


def begun(path: Path, text: str, codebook, *, person: str = "P01", document: str = "d1") -> Path:
    """A study of its own: one text by one person, and another text by another one."""
    documents = (
        Document(document, text, case_id=person),
        Document(f"x-{path.stem}", f"More words in {path.stem}.", case_id=f"Q-{path.stem}"),
    )
    cleared = tuple(Clearance(each.sha256, "lead", "read") for each in documents)
    cases = (Case(person), Case(f"Q-{path.stem}"))
    with Project.create(path) as project:
        project.save(by="lead", corpus=Corpus(documents, cases, cleared), codebook=codebook)
        project.desk(f"coder-{path.stem}").code(document, 0, 5, "wait")
    return path


@pytest.fixture
def here(tmp_path, codebook) -> Path:
    return begun(tmp_path / "here.reflect", HERE, codebook)


@pytest.fixture
def there(tmp_path, codebook) -> Path:
    return begun(tmp_path / "there.reflect", THERE, codebook)


def texts(path: Path) -> dict[str, tuple[str | None, str]]:
    with Project.open(path) as project:
        assert project.check() == ()
        return {d.id: (d.case_id, d.text) for d in project.corpus()}


def merged(path: Path, *others: Path, **choose: str):
    with Project.open(path) as project:
        return project.merge(
            others, by="lead", choose={k.replace("__", ":"): v for k, v in choose.items()}
        )


def way(other: Path, answer: str) -> dict[str, str]:
    return {f"study:{other.name}": answer}


def joined(path: Path, other: Path, answer: str):
    with Project.open(path) as project:
        return project.merge([other], by="lead", choose=way(other, answer))


def prefix(path: Path) -> str:
    with Project.open(path) as project:
        return f"{project.id[:6]}-"


def withdraw(path: Path, case_id: str) -> None:
    with Project.open(path) as project:
        project.withdraw(case_id, by="lead")


def stones(path: Path) -> set[str]:
    with Project.open(path) as project, project._reading() as connection:
        return set(read_tombstones(connection))


def test_a_withdrawal_in_another_study_erases_nobody_here_unasked(here, there):
    withdraw(there, "P01")
    before = texts(here)
    with pytest.raises(ProjectError, match="another study") as error:
        merged(here, there)
    told = str(error.value)
    assert "participant P01" in told
    assert "P01 withdrew in one of them" in told
    assert '"study:there.reflect=another"' in told
    assert texts(here) == before
    assert not stones(here)


def test_a_withdrawal_of_somebody_unknown_here_is_asked_about_too(here, there):
    withdraw(there, "Q-there")
    with pytest.raises(ProjectError, match="Q-there"):
        merged(here, there, person__P01="another")


def test_two_people_of_one_name_are_asked_about_and_stay_two(here, there):
    with pytest.raises(ProjectError, match="nobody but you can say"):
        merged(here, there)
    report = joined(here, there, "another")
    new = prefix(there)
    found = texts(here)
    assert found["d1"] == ("P01", HERE)
    assert found[f"{new}d1"] == (f"{new}P01", THERE)
    assert "x-there" in found
    assert "2 names that another study has too: another one" in str(report)
    with Project.open(here) as project:
        coders = {c.document_id: c.coder for c in project.codings()}
        assert coders == {"d1": "coder-here", f"{new}d1": "coder-there"}
        assert not project.merge([there], by="lead").changed


def test_the_parts_of_a_topic_name_the_texts_as_they_are_called_here(here, there):
    parts = (Part("one", ("d1:0-5", "x-there:0-4")), Part("two", ("d1:6-9",)))
    split = TopicAct("theirs", "split", (0,), by="lead", why="two things", parts=parts)
    with Project.open(there) as project:
        project.save(by="lead", topic_acts=[split])
    joined(here, there, "another")
    new = prefix(there)
    with Project.open(here) as project:
        (found,) = project.topic_acts()
        assert found.id == split.id
        ids = [part.segment_ids for part in found.parts]
        assert ids == [(f"{new}d1:0-5", "x-there:0-4"), (f"{new}d1:6-9",)]
    withdraw(here, f"{new}P01")
    with Project.open(here) as project:
        (left,) = project.topic_acts()
        assert [part.segment_ids for part in left.parts] == [("x-there:0-4",), ()]


def test_a_withdrawal_of_who_was_renamed_erases_them_alone(here, there):
    joined(here, there, "another")
    withdraw(there, "P01")
    report = merged(here, there)
    new = prefix(there)
    assert report.withdrawn == (f"{new}P01",)
    assert texts(here)["d1"] == ("P01", HERE)
    assert f"{new}d1" not in texts(here)


def test_who_is_called_the_same_is_joined_as_one_and_withdraws_everywhere(tmp_path, codebook):
    mine = begun(tmp_path / "mine.reflect", HERE, codebook)
    theirs = begun(tmp_path / "theirs.reflect", HERE, codebook)
    joined(mine, theirs, "same")
    with Project.open(mine) as project:
        assert sorted(c.coder for c in project.codings(["d1"])) == ["coder-mine", "coder-theirs"]
        assert not project.merge([theirs], by="lead").changed
    assert not merged(theirs, mine).choices
    withdraw(theirs, "P01")
    assert merged(mine, theirs).withdrawn == ("P01",)
    assert "d1" not in texts(mine)


def test_who_is_left_out_does_not_come_in(here, there):
    report = joined(here, there, "without")
    assert "2 names that another study has too: left out" in str(report)
    found = texts(here)
    assert set(found) == {"d1", "x-here", "x-there"}
    assert found["d1"][1] == HERE
    with Project.open(here) as project:
        assert {c.coder for c in project.codings()} == {"coder-here"}
        assert not project.merge([there], by="lead").changed


def test_one_alone_may_be_said_otherwise(here, there):
    with Project.open(here) as project:
        choose = {"person:P01": "another", "study:there.reflect": "same"}
        project.merge([there], by="lead", choose=choose)
    assert f"{prefix(there)}d1" in texts(here)


def test_partners_who_merge_each_other_call_everybody_by_their_own_names(here, there):
    joined(here, there, "another")
    merged(there, here)
    mine, theirs = texts(here), texts(there)
    assert theirs["d1"] == ("P01", THERE)
    assert theirs[f"{prefix(here)}d1"] == (f"{prefix(here)}P01", HERE)
    assert sorted(text for _, text in mine.values()) == sorted(t for _, t in theirs.values())
    with Project.open(here) as project:
        project.desk("lead").code(f"{prefix(there)}d1", 6, 9, "ask")
    merged(there, here)
    with Project.open(there) as project:
        assert [c.coder for c in project.codings(["d1"])] == ["coder-there", "lead"]
    for one, other in ((here, there), (there, here)):
        assert not merged(one, other).files[0].rows
    assert texts(here) == mine


def test_a_withdrawal_in_a_study_that_was_joined_before_comes_without_a_question(here, tmp_path):
    target = tmp_path / "all.reflect"
    with Project.create(target) as project:
        project.merge([here], by="lead")
    withdraw(here, "P01")
    assert merged(target, here).withdrawn == ("P01",)


def test_what_was_said_once_is_not_unsaid(here, there):
    joined(here, there, "another")
    with pytest.raises(ProjectError, match="'another' was chosen in an earlier merge"):
        joined(here, there, "same")


@pytest.mark.parametrize("subject", ["study:there.reflect", "person:P01", "text:d1"])
def test_an_answer_that_is_none_is_refused(here, there, subject):
    with Project.open(here) as project, pytest.raises(ProjectError, match="did you mean 'same'"):
        project.merge([there], by="lead", choose={subject: "sane"})


def test_the_file_as_it_was_is_kept_beside_it_if_something_came(here, there):
    with pytest.raises(ProjectError):
        merged(here, there)
    with Project.open(here) as project:
        assert not [b for b in project.backups() if b.reason == "before-merge"]
    before = texts(here)
    report = joined(here, there, "another")
    merged(here, there)
    with Project.open(here) as project:
        (kept,) = (b for b in project.backups() if b.reason == "before-merge")
    assert str(kept.path) == report.backup
    assert texts(kept.path) == before
    assert f"as it was before: {kept.path}" in str(report)


# ── three studies ──


@pytest.fixture
def three(tmp_path) -> dict[str, Path]:
    """The study a, and b and c that both have a P03 who are two people."""
    made = {}
    for name, document, person in (("a", "A1", "P01"), ("b", "B1", "P03"), ("c", "C1", "P03")):
        made[name] = tmp_path / f"{name}.reflect"
        text = f"Words of {person} in {name}."
        corpus = Corpus((Document(document, text, case_id=person),), (Case(person),))
        with Project.create(made[name]) as project:
            project.save(by="lead", corpus=corpus)
    return made


@pytest.fixture
def passed_on(three) -> dict[str, Path]:
    """What b and c have is in a, and through a in c."""
    merged(three["a"], three["b"])
    joined(three["a"], three["c"], "another")
    merged(three["c"], three["a"])
    return three


def owners(path: Path) -> dict[str, str | None]:
    return {name: case_id for name, (case_id, _) in texts(path).items()}


@pytest.mark.parametrize("others", ["b", "ab", "ba"])
def test_who_came_through_a_third_study_is_known_by_the_name_given_then(passed_on, others):
    c = passed_on["c"]
    before = owners(c)
    assert before == {"A1": "P01", "B1": f"{prefix(passed_on['a'])}P03", "C1": "P03"}
    assert not merged(c, *(passed_on[each] for each in others)).changed
    assert not joined(c, passed_on["b"], "another").changed
    assert owners(c) == before


def test_who_is_known_as_another_cannot_be_called_the_same_unheard(passed_on):
    c, b = passed_on["c"], passed_on["b"]
    before = owners(c)
    with pytest.raises(ProjectError, match=r"P03 of b\.reflect came in in an earlier merge"):
        joined(c, b, "same")
    with pytest.raises(ProjectError, match="'another' was chosen in an earlier merge"):
        merged(c, b, person__P03="same")
    assert owners(c) == before


@pytest.mark.parametrize("order", ["abc", "bac", "bca"])  # b and c are alike
def test_three_studies_that_merge_each_other_keep_two_people_two(three, order):
    """In every order, and again until nothing more comes."""
    pairs = list(itertools.permutations(order, 2))
    for one, other in pairs:
        try:
            merged(three[one], three[other])
        except ProjectError:
            joined(three[one], three[other], "another")
    for path in three.values():
        found = owners(path)
        assert set(found) == {"A1", "B1", "C1"}
        assert len(set(found.values())) == 3
    found = {name: owners(path) for name, path in three.items()}
    for one, other in pairs:
        merged(three[one], three[other])
    for one in order:
        assert not merged(three[one], *(three[each] for each in order if each != one)).changed
    assert {name: owners(path) for name, path in three.items()} == found


def test_a_partner_who_knows_two_people_apart_brings_the_second_one_under_a_new_name(passed_on):
    b, c = passed_on["b"], passed_on["c"]
    assert merged(b, c).changed
    assert owners(b) == {"A1": "P01", "B1": "P03", "C1": f"{prefix(c)}P03"}


def test_what_is_added_to_somebody_reaches_them_by_each_name(passed_on):
    with Project.open(passed_on["b"]) as project:
        before = project.corpus()
        more = Document("B2", "More words in b.", case_id="P03")
        project.save(by="lead", corpus=Corpus((*before, more), before.cases))
    assert merged(passed_on["c"], passed_on["b"]).changed
    found = owners(passed_on["c"])
    assert found["B2"] == found["B1"] != "P03"


@pytest.mark.parametrize("where", ["b", "c"])
def test_a_withdrawal_follows_somebody_through_a_third_study(passed_on, where):
    b, c = passed_on["b"], passed_on["c"]
    withdraw(passed_on[where], owners(passed_on[where])["B1"])
    merged(c, b)
    merged(passed_on["a"], b)
    merged(b, c)
    merged(passed_on["a"], b)
    for path in passed_on.values():
        assert "B1" not in owners(path)
    assert owners(c)["C1"] == "P03"
    assert not merged(c, b).changed


def test_copies_into_which_a_third_study_came_by_two_ways_call_its_people_alike(three, tmp_path):
    b, c = three["b"], three["c"]
    twin = Path(shutil.copy(c, tmp_path / "twin.reflect"))
    joined(c, b, "another")
    merged(three["a"], b)
    joined(twin, three["a"], "another")
    merged(c, twin)
    assert owners(c) == {"A1": "P01", "B1": f"{prefix(b)}P03", "C1": "P03"}
    assert not merged(c, twin).changed


def test_two_states_of_which_each_is_later_are_asked_about():
    from reflect_analysis.project.merging.comparing import Copy, Log, differences

    log = Log(frozenset("e"), {"e": "2024-01-01"}, {"e": "lead"}, {})
    copies = [
        Copy.of(name, log, {"cases": [{"id": "P03", "about": name, "event_id": "e"}]})
        for name in ("here", "there")
    ]
    (difference,) = differences(copies)
    assert difference.is_open
    assert len(difference.sides) == 2


# ── clocks ──


def ahead(path: Path, table: str = "events") -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(f"UPDATE {table} SET at = '2099' || substr(at, 5)")  # noqa: S608  # two names of tables
    connection.close()


@pytest.fixture
def proposed(study) -> Path:
    with Project.open(study) as project:
        made = Coding("d0", 0, 5, "wait", "rules", "machine", id="k1")
        project.record(by="rules", codings=[made])
    return study


def test_a_decision_from_the_future_does_not_beat_a_later_one(proposed, tmp_path):
    other = Path(shutil.copy(proposed, tmp_path / "ahead.reflect"))
    with Project.open(other) as project:
        project.desk("ana").decide("k1", "accept")
    ahead(other)
    ahead(other, "decisions")
    with Project.open(proposed) as project:
        report = project.merge([other], by="lead")
        assert "ahead.reflect: written by a clock that was ahead, to 2099-" in str(report)
        assert [row.status for row in project.codings().current] == ["reviewed"]
        project.desk("ben").decide("k1", "reject")
        assert project.codings().current == ()
        project.undo(by="ben")
        assert len(project.codings().current) == 1
    with Project.open(proposed) as project:
        project.redo(by="ben")
        assert project.codings().current == ()


def test_an_imported_decision_from_the_future_does_not_beat_a_later_one(proposed):
    with Project.open(proposed) as project:
        log = project.codings()
        future = Decision(
            "k1", "accept", "ana", at=Decision("k1", "accept", "b").at.replace(year=2099)
        )
        project.save(by="lead", codings=type(log)(log.codings, (future,)))
        project.desk("ben").decide("k1", "reject")
        assert project.codings().current == ()


def test_undo_takes_what_was_done_last_though_the_log_lies_in_the_future(proposed):
    with Project.open(proposed) as project:
        project.desk("ana").memo("first")
    ahead(proposed)
    with Project.open(proposed) as project:
        desk = project.desk("ana")
        desk.memo("second")
        desk.undo()
        assert [memo.text for memo in project.codings().memos] == ["first"]
        desk.memo("third")
        with pytest.raises(ProjectError, match="nothing to redo"):
            desk.redo()
        assert [event.action for event in project.events()][-2:] == ["undo", "record"]


# ── phases and roles ──


def test_a_phase_that_copies_began_in_two_ways_is_a_choice(study, tmp_path):
    other = Path(shutil.copy(study, tmp_path / "other.reflect"))
    for path, blind in ((study, True), (other, False)):
        with Project.open(path) as project:
            project.begin_phase("first pass", "reliability", blind=blind, by="lead")
    with Project.open(study) as project:
        with pytest.raises(ProjectError, match="phase:first pass went on in 2 ways") as error:
            project.merge([other], by="lead")
        assert '"phase:first pass=reliability-blind"' in str(error.value)
        project.merge([other], by="lead", choose={"phase:first pass": "reliability-not-blind"})
        assert not project.open_phase().blind
        assert not project.merge([other], by="lead").changed


def test_a_role_that_copies_gave_in_two_ways_is_a_choice(study, tmp_path):
    other = Path(shutil.copy(study, tmp_path / "other.reflect"))
    for path, role in ((study, "coder"), (other, "lead")):
        with Project.open(path) as project:
            project.add_coder("ana", role, by="lead")
    with Project.open(study) as project:
        with pytest.raises(ProjectError, match="role:ana=coder or role:ana=lead"):
            project.merge([other], by="lead")
        project.merge([other], by="lead", choose={"role:ana": "lead"})
        assert project.team_state().members["ana"].role == "lead"


def test_of_two_phases_that_copies_opened_the_blind_one_holds(study, tmp_path):
    other = Path(shutil.copy(study, tmp_path / "other.reflect"))
    for path, name, blind in ((study, "blind one", True), (other, "open one", False)):
        with Project.open(path) as project:
            project.begin_phase(name, blind=blind, by="lead")
    with Project.open(study) as project:
        project.merge([other], by="lead")
        assert project.open_phase().name == "blind one"
        project.end_phase("open one", by="lead")
        project.end_phase("blind one", by="lead")
        assert project.open_phase() is None


# ── choices and files ──


def test_a_choice_about_what_no_copy_has_is_refused_also_where_nothing_differs(study, tmp_path):
    other = Path(shutil.copy(study, tmp_path / "other.reflect"))
    with Project.open(study) as project:
        with pytest.raises(ProjectError, match=r"codebok=.*did you mean 'codebook'"):
            project.merge([other], by="lead", choose={"codebok": "1a2b3c4d"})
        report = project.merge([other], by="lead", choose={"codebook": "1a2b3c4d"})
        assert "nothing to choose about codebook" in str(report)


def test_a_file_that_is_no_study_and_a_misspelled_one_are_said(study, tmp_path):
    (tmp_path / "book.yaml").write_text("title: Small\n", encoding="utf-8")
    shutil.copy(study, tmp_path / "copy of ben.reflect")
    with Project.open(study) as project:
        with pytest.raises(ProjectError, match="is no study") as error:
            project.merge([tmp_path / "book.yaml"], by="lead")
        assert "restore" not in str(error.value)
        with pytest.raises(ProjectError, match=r"did you mean 'copy of ben\.reflect'"):
            project.merge([tmp_path / "copy of bem.reflect"], by="lead")


def test_what_another_program_has_just_decided_comes_along(study, tmp_path, monkeypatch):
    """Also where it is moved into the file while the file is being copied."""
    from reflect_analysis.project.merging import sources

    other = Path(shutil.copy(study, tmp_path / "other.reflect"))
    copied = sources._in_memory
    with Project.open(other) as theirs, Project.open(study) as project:

        def late(path):
            theirs._settle()  # the log is emptied between the one and the other
            return copied(path)

        theirs.desk("ana").code("d0", 0, 5, "wait")
        monkeypatch.setattr(sources, "_in_memory", late)
        project.merge([other], by="lead")
        assert len(project.codings()) == 1


def test_a_log_that_may_not_be_read_is_said(study, tmp_path, monkeypatch):
    from reflect_analysis.project.merging import sources

    other = Path(shutil.copy(study, tmp_path / "other.reflect"))
    monkeypatch.setattr(sources, "_is_readable", lambda path: False)
    with Project.open(other), Project.open(study) as project:
        report = project.merge([other], by="lead")
        assert "other.reflect: is open in another program" in str(report)
