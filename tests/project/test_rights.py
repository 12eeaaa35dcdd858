"""Who may take back what, that blindness is what a coding says, and whose name is known."""

import shutil
from pathlib import Path

import pytest

from reflect_analysis.codings import Coding, Seen
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.errors import ProjectError
from reflect_analysis.project import Project


@pytest.fixture(scope="module")
def prepared(tmp_path_factory, corpus, codebook) -> Path:
    path = tmp_path_factory.mktemp("rights") / "study.reflect"
    with Project.create(path, by="cy") as project:
        project.save(by="cy", corpus=corpus, codebook=codebook)
        for name, role in (("cy", "lead"), ("ana", "coder"), ("ben", "coder"), ("dee", "reader")):
            project.add_coder(name, role, by="cy")
    return path


@pytest.fixture
def study(prepared, tmp_path):
    with Project.open(shutil.copy(prepared, tmp_path / "study.reflect")) as project:
        yield project


def latest(project: Project, action: str) -> str:
    return next(e.id for e in reversed(project.events()) if e.action == action)


# ── who may lift a phase ──


def test_a_coder_does_not_take_back_the_leads_phase(study):
    study.begin_phase("first", by="cy")
    with pytest.raises(ProjectError, match="or a lead of the study, and 'ana' is neither"):
        study.undo(by="ana", event_id=latest(study, "phase"))
    assert study.open_phase() is not None
    study.undo(by="cy", event_id=latest(study, "phase"))
    assert study.open_phase() is None


def test_a_coder_does_not_take_back_what_takes_back_the_leads_phase(study):
    study.begin_phase("first", by="cy")
    study.end_phase("first", by="cy")
    study.undo(by="cy")
    with pytest.raises(ProjectError, match="is neither"):
        study.undo(by="ana", event_id=latest(study, "undo"))
    assert study.open_phase() is not None


def test_roles_and_plans_are_taken_back_by_who_made_them_or_a_lead(study):
    study.assign(["ana"], by="ben", document_ids=["d0"])
    plan = latest(study, "assign")
    with pytest.raises(ProjectError, match="is neither"):
        study.undo(by="ana", event_id=plan)
    with pytest.raises(ProjectError, match="is neither"):
        study.undo(by="ana", event_id=latest(study, "team"))
    study.undo(by="ben", event_id=plan)


def test_a_phase_is_ended_by_who_began_it_or_a_lead(study):
    study.begin_phase("first", by="ben")
    with pytest.raises(ProjectError, match="was begun by 'ben'"):
        study.end_phase("first", by="ana")
    study.end_phase("first", by="cy")
    study.begin_phase("second", by="ben")
    study.end_phase("second", by="ben")


def test_nobody_makes_themselves_a_lead_while_a_phase_is_blind(study):
    study.begin_phase("first", by="cy")
    for name, role in (("ana", "lead"), ("eve", "adjudicator")):
        with pytest.raises(ProjectError, match="a lead gives roles"):
            study.add_coder(name, role, by="ana")
    study.add_coder("eve", by="ana")
    study.add_coder("ana", "adjudicator", by="cy")


def test_while_a_phase_is_blind_others_codings_are_not_taken_back_by_who_is_blind(study):
    study.begin_phase("first", by="cy")
    study.desk("ben").code("d0", 0, 5, "wait")
    made = latest(study, "record")
    with pytest.raises(ProjectError, match="may take back only what is their own"):
        study.undo(by="ana", event_id=made)
    study.assign(["cy"], by="cy", document_ids=["d0"])
    with pytest.raises(ProjectError, match="'cy' may take back only"):
        study.undo(by="cy", event_id=made)
    study.undo(by="cy", event_id=latest(study, "assign"))
    study.undo(by="cy", event_id=made)
    assert len(study.codings()) == 0


def test_after_a_phase_others_codings_may_be_taken_back(study):
    study.begin_phase("first", by="cy")
    study.desk("ben").code("d0", 0, 5, "wait")
    study.end_phase("first", by="cy")
    study.undo(by="ana", event_id=latest(study, "record"))
    assert len(study.codings()) == 0


@pytest.mark.parametrize("event_id", ["", "zz"])
def test_an_undo_of_no_event_takes_nothing_back(study, event_id):
    study.desk("ana").memo("stays")
    with pytest.raises(ProjectError, match="no event"):
        study.undo(by="ana", event_id=event_id)
    assert len(study.codings().memos) == 1


# ── what is blind ──


def test_a_text_that_others_coded_before_the_phase_is_not_coded_blind(study):
    study.desk("ben").code("d0", 0, 5, "wait")
    study.desk("ana").code("d1", 0, 5, "wait")
    study.begin_phase("first", by="cy")
    desk = study.desk("ana")
    assert desk.blind
    assert desk.opened == {"d0"}
    made = [desk.code(each, 0, 5, "ask")[0] for each in ("d0", "d1", "d2")]
    assert [coding.blind for coding in made] == [False, True, True]
    assert [desk.read(each).blind for each in ("d0", "d1", "d2")] == [False, True, True]


def test_also_where_what_they_coded_was_taken_back_since(study):
    study.desk("ben").code("d0", 0, 5, "wait")
    study.desk("ben").undo()
    study.begin_phase("first", by="cy")
    assert study.desk("ana").opened == {"d0"}


def test_proposals_of_a_machine_open_a_text_too(study):
    study.record(by="rules", codings=[Coding("d0", 0, 5, "wait", "rules", "machine")])
    study.begin_phase("first", by="cy")
    assert study.desk("ana").opened == {"d0"}


def test_what_others_code_in_the_phase_opens_nothing(study):
    study.begin_phase("first", by="cy")
    study.desk("ben").code("d0", 0, 5, "wait")
    (made,) = study.desk("ana").code("d0", 0, 5, "ask")
    assert made.blind


def test_what_a_phase_that_was_lifted_for_a_while_showed_is_not_coded_blind(study):
    study.begin_phase("first", by="cy")
    study.desk("ben").code("d0", 0, 5, "wait")
    desk = study.desk("ana")
    study.undo(by="cy")
    (made,) = desk.code("d0", 0, 5, "wait")
    assert not made.blind
    study.redo(by="cy")
    (again,) = desk.code("d0", 6, 9, "wait")
    assert not again.blind
    desk.refresh()
    assert desk.opened == {"d0"}
    assert desk.code("d1", 0, 5, "wait")[0].blind


def test_a_second_blind_phase_knows_what_the_first_showed_at_its_end(study):
    study.begin_phase("first", by="cy")
    study.desk("ben").code("d0", 0, 5, "wait")
    study.end_phase("first", by="cy")
    study.begin_phase("second", by="cy")
    assert study.desk("ana").opened == {"d0"}
    assert study.desk("ben").opened == frozenset()


def test_texts_that_nobody_codes_blind_any_more_are_not_assigned_in_a_blind_phase(study):
    study.desk("ben").code("d0", 0, 5, "wait")
    study.begin_phase("first", by="cy")
    assert study.not_blind(["ana", "ben"]) == {"d0"}
    plan = study.assign(["ana", "ben"], by="cy", overlap=1)
    assert plan["ana"] == plan["ben"] == {"d1", "d2", "d3"}
    with pytest.raises(ProjectError, match="nothing to assign: 1 documents are left, and others'"):
        study.assign(["ana"], by="cy")
    assert "d0" in study.assign(["ana"], by="cy", document_ids=["d0"])["ana"]


def test_texts_that_wait_to_be_cleared_are_not_assigned(study):
    waiting = Document("new", "Words that nobody has looked at.", case_id="P0")
    cleared = Clearance("0" * 64, "cy", "read")
    study.save(by="cy", corpus=Corpus((waiting,), (Case("P0"),), (cleared,)))
    assert "new" not in study.assign(["ana"], by="cy")["ana"]
    with pytest.raises(ProjectError, match="'new' is not cleared"):
        study.assign(["ana"], by="cy", document_ids=["new"])


# ── progress ──


def test_what_was_read_in_an_earlier_phase_is_not_read_in_the_next(study):
    def ana():
        found = next(row for row in study.progress() if row.coder == "ana")
        return found.assigned, found.read, found.others_read, found.codings

    study.begin_phase("training", "calibration", blind=False, by="cy")
    study.assign(["ana"], by="cy", document_ids=["d0", "d1"])
    desk = study.desk("ana")
    desk.read("d0")
    desk.code("d0", 0, 5, "wait")
    assert ana() == (2, 1, 0, 1)
    study.end_phase("training", by="cy")
    study.begin_phase("again", "calibration", blind=False, by="cy")
    study.assign(["ana"], by="cy", document_ids=["d0"])
    assert ana() == (1, 0, 0, 0)
    desk = study.desk("ana")
    desk.read("d0")
    desk.read("d3")
    assert ana() == (1, 1, 1, 0)
    study.end_phase("again", by="cy")
    assert ana() == (3, 2, 1, 1)


def test_what_was_assigned_before_any_phase_may_be_read_in_one(study):
    study.assign(["ana"], by="cy", document_ids=["d0", "d1"])
    study.begin_phase("first", by="cy")
    study.desk("ana").read("d0")
    study.end_phase("first", by="cy")
    (row,) = (row for row in study.progress() if row.coder == "ana")
    assert (row.assigned, row.read, row.others_read) == (2, 1, 0)


# ── names ──


ACTS = (
    lambda p, by: p.desk(by),
    lambda p, by: p.record(by=by, seen=[Seen(by, "d0")]),
    lambda p, by: p.add_coder("eve", by=by),
    lambda p, by: p.begin_phase("first", by=by),
    lambda p, by: p.assign(["ana"], by=by),
    lambda p, by: p.undo(by=by),
    lambda p, by: p.redo(by=by),
    lambda p, by: p.backup(by=by),
    lambda p, by: p.withdraw("P0", by=by),
    lambda p, by: p.save(by=by, corpus=Corpus((Document("n", "New."),))),
    lambda p, by: p.merge(["nowhere.reflect"], by=by),
)


@pytest.mark.parametrize("act", ACTS)
def test_a_misspelled_name_is_refused_once_there_is_a_team(study, act):
    count = len(study.events())
    with pytest.raises(
        ProjectError, match="nobody called 'anna' is in the team; did you mean 'ana'"
    ):
        act(study, "anna")
    assert len(study.events()) == count


def test_while_there_is_no_team_any_name_is_one(tmp_path, corpus, codebook):
    with Project.create(tmp_path / "new.reflect", by="cy") as project:
        project.save(by="whoever", corpus=corpus, codebook=codebook)
        project.desk("ana").code("d0", 0, 5, "wait")
        project.add_coder("ben", by="dee")
        for known in ("cy", "dee", "ben"):
            project.desk(known)
        with pytest.raises(ProjectError, match="nobody called 'ana'"):
            project.desk("ana")
        project.undo(by="dee")
        project.desk("ana")


def test_who_joined_the_team_meanwhile_in_another_program_is_known(study):
    with Project.open(study.address.path) as other:
        other.add_coder("eve", by="cy")
    study.desk("eve")
    study.record(by="eve", seen=[Seen("eve", "d0")])
