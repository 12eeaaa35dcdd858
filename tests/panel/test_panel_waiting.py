"""Codes that were noted in a blind phase: none is lost, and each goes to who noted it."""

import dataclasses
import uuid

import pytest

from reflect_analysis.corpus import Case, Corpus, Document, Governance
from reflect_analysis.panel import Sitting

TEXT = "We waited at the water for a while. Then she asked what I saw, and I said nothing at all."
OTHER = "It was easy to be there. We waited."


@pytest.fixture
def project(begin_study, rack):
    photo = Document("d3", "Beside.", kind="photo-voice", case_id="P0", picture=rack)
    texts = (Document("d1", TEXT, case_id="P0"), Document("d2", OTHER, case_id="P0"))
    made = begin_study(*texts, photo)
    made.begin_phase("round 1", "reliability", blind=True, by="lead")
    return made


def note(page, document, start, end, name="Being easy", definition="", **more):
    place = {"start": start, "end": end} if end else {}
    told = {"document": document, "name": name, "definition": definition, **place, **more}
    return page.do("new_code", **told)["waits"]


@pytest.fixture
def noted(project, page_of):
    """Three notes of ada's and one of bo's under one name, one of ada's under another."""
    ada, bo = page_of(project, "ada"), page_of(project, "bo")
    note(ada, "d1", 0, 9, definition="No effort.")
    note(ada, "d1", 36, 50, name="being EASY", definition="As said.")
    note(ada, "d2", 0, 11, definition="No effort.")
    note(ada, "d1", 0, 5, name="Water")
    note(bo, "d1", 0, 12, definition="Light.")
    project.end_phase("round 1", by="lead")
    return page_of(project, "lead")


def adopt(page, name="Being easy"):
    waiting = page.do("hello")["waiting"]
    return page.do("adopt_code", waiting=next(w["id"] for w in waiting if w["name"] == name))


def held(project):
    rows = [row.coding for row in project.codings().current]
    return sorted((c.coder, c.document_id, c.start, c.end, c.code_id) for c in rows)


ALL = [
    ("ada", "d1", 0, 9, "being_easy"),
    ("ada", "d1", 36, 50, "being_easy"),
    ("ada", "d2", 0, 11, "being_easy"),
    ("bo", "d1", 0, 12, "being_easy"),
]


def test_all_that_was_noted_under_a_name_is_adopted_at_once_each_for_who_noted_it(project, noted):
    reply = adopt(noted)
    assert held(project) == ALL
    assert [each["name"] for each in reply["waiting"]] == ["Water"]
    assert {each["layer"] for each in noted.do("open", document="d1")["codings"]} == {"other"}


def test_every_definition_that_was_noted_is_in_the_code(project, noted):
    adopt(noted)
    assert project.codebook()["being_easy"].definition == "No effort.\nAs said.\nLight."


def test_what_was_adopted_is_no_blind_coding(project, noted):
    adopt(noted)
    stamps = {(r.coding.blind, r.coding.phase) for r in project.codings().current}
    assert stamps == {(False, "")}


def test_one_undo_brings_all_notes_back(project, noted):
    adopt(noted)
    back = noted.do("undo")
    assert held(project) == []
    assert len(back["waiting"]) == len(ALL) + 1
    assert "being_easy" not in project.codebook().ids
    noted.do("redo")
    assert held(project) == ALL
    assert len(noted.do("hello")["waiting"]) == 1


def test_a_note_waits_still_when_somebody_made_a_code_of_its_name(project, noted):
    noted.do("new_code", name="Being easy", definition="Of my own.")
    waiting = noted.do("hello")["waiting"]
    assert [each["known"] for each in waiting] == [True, True, True, False, True]
    before = project.codebook()
    adopt(noted)
    assert held(project) == ALL
    assert project.codebook() == before
    assert len(noted.do("undo")["waiting"]) == len(ALL) + 1
    assert held(project) == []


def test_the_finder_may_move_and_remove_what_was_adopted(project, noted, page_of):
    adopt(noted)
    ada = page_of(project, "ada")
    own = [c for c in ada.do("open", document="d2")["codings"] if c["layer"] == "own"]
    ada.do("remove", coding=own[0]["id"])
    assert held(project) == [each for each in ALL if each[1] == "d1"]


def test_the_same_note_twice_is_one_coding(project, page_of):
    ada = page_of(project, "ada")
    for _ in range(2):
        note(ada, "d1", 0, 9)
    project.end_phase("round 1", by="lead")
    adopt(page_of(project, "lead"))
    assert held(project) == ALL[:1]


def test_a_note_without_a_passage_and_one_on_a_picture_are_adopted_too(project, page_of):
    ada = page_of(project, "ada")
    ada.do("new_code", name="Being easy")
    note(ada, "d3", 0, 0, region=[40, 30, 140, 130])
    project.end_phase("round 1", by="lead")
    reply = adopt(page_of(project, "lead"))
    assert reply["waiting"] == []
    assert [c["region"] for c in reply["codings"]] == [[40, 30, 140, 130]]


def test_what_another_adopted_meanwhile_waits_no_more(project, noted, page_of):
    bo = page_of(project, "bo")
    [first, *_] = bo.do("hello")["waiting"]
    adopt(noted)
    assert "waits no more" in bo.send("adopt_code", waiting=first["id"])["error"]["message"]
    assert held(project) == ALL


def test_one_note_is_dropped_and_the_others_wait(noted):
    waiting = noted.do("hello")["waiting"]
    left = noted.do("drop_waiting", waiting=waiting[0]["id"])["waiting"]
    assert left == waiting[1:]


def test_in_a_blind_phase_nothing_is_adopted_and_only_ones_own_is_listed(project, page_of):
    ada, bo = page_of(project, "ada"), page_of(project, "bo")
    waits = note(ada, "d1", 0, 9)
    note(bo, "d1", 0, 12)
    [mine] = ada.do("hello")["waiting"]
    assert (mine["words"], mine["title"]) == (TEXT[:9], "d1")
    assert "blind" in ada.send("adopt_code", waiting=waits)["error"]["message"]


def test_what_was_adopted_comes_through_a_merge(project, noted, tmp_path, page_of):
    from reflect_analysis.project import Project

    adopt(noted)
    with Project.open(project.backup(by="lead").path) as again:
        assert held(again) == ALL
        assert len(page_of(again, "lead").do("hello")["waiting"]) == 1


def test_what_lies_in_a_text_that_may_not_be_coded_waits_still_and_is_counted(project, noted):
    governed = Case("N0", governance=Governance("a nation", ("tables",)))
    documents = [
        dataclasses.replace(each, case_id="N0") if each.id == "d2" else each
        for each in project.corpus()
    ]
    project.save(by="lead", corpus=Corpus(tuple(documents), (Case("P0"), governed)))
    reply = adopt(noted)
    assert held(project) == [each for each in ALL if each[1] != "d2"]
    assert reply["waits_still"] == 1
    assert [(w["document"], w["name"]) for w in reply["waiting"]] == [
        ("d2", "Being easy"),
        ("d1", "Water"),
    ]
    [left, _] = reply["waiting"]
    assert "nation" not in str(reply)
    assert "approval" in noted.send("adopt_code", waiting=left["id"])["error"]["message"]


def test_a_drop_is_taken_back_by_an_undo(noted):
    waiting = noted.do("hello")["waiting"]
    noted.do("drop_waiting", waiting=waiting[0]["id"])
    assert noted.do("undo")["waiting"] == waiting


SHOWN = {"read", "flagged", "left", "memos_of"}


@pytest.mark.parametrize("shown", ["d1", "d2"])
def test_an_undo_over_several_texts_tells_of_the_open_one(project, noted, shown):
    noted.do("read", document=shown)
    adopt(noted)
    project.desk("bo").memo("Of this one.", document_id=shown)
    back = noted.do("undo", open=[shown, project.corpus().document(shown).sha256])
    assert held(project) == []
    assert (back["document_id"], back["read"], back["flagged"]) == (shown, True, False)
    assert [each["text"] for each in back["memos_of"]] == ["Of this one."]


def test_what_is_sent_again_lays_nothing_of_another_text_on_the_open_one(project, noted):
    [chosen, *_] = noted.do("hello")["waiting"]
    asked = {
        "op": "adopt_code",
        "id": str(uuid.uuid4()),
        "session": "page",
        "waiting": chosen["id"],
    }
    first = noted.sitting.take(asked)
    photo = project.corpus().document("d3")
    again = noted.sitting.take({**asked, "open": ["d3", photo.sha256]})
    assert {each["id"] for each in first["codings"]} == {each["id"] for each in again["codings"]}
    assert not SHOWN & set(again)
    here = noted.sitting.take({**asked, "open": ["d2", project.corpus().document("d2").sha256]})
    assert set(here) >= SHOWN


# ── on the page ──


@pytest.fixture
def shown(show, project, noted):
    return show(sitting=noted.sitting)


def test_the_list_shows_each_code_once_with_its_passages_and_whose_they_are(shown):
    waiting = shown.page.get_by_role("list", name="Waiting for the meeting")
    words = waiting.inner_text()
    assert words.count("Being easy") == 1
    assert f"“{TEXT[:9]}”" in words
    assert f"“{OTHER[:11]}”" in words
    assert "bo" in words
    assert "Light." in words


def test_adopting_says_what_it_did_and_undo_too(shown, project):
    shown.page.get_by_role("button", name="Adopt Being easy, 4 notes").click()
    shown.settle()
    assert shown.page.inner_text(".ra-notice").startswith("Adopted: Being easy, 4 notes of ")
    assert held(project) == ALL
    shown.page.locator(".ra-body").focus()
    shown.press("Control+z")
    shown.settle()
    assert shown.page.get_by_role("button", name="Adopt Being easy, 4 notes").count() == 1


def test_the_list_groups_what_is_adopted_together(show, project, page_of):
    ada = page_of(project, "ada")
    note(ada, "d1", 0, 9, name="Das Maß")
    note(ada, "d1", 36, 50, name="DAS MASS")
    project.end_phase("round 1", by="lead")
    shown = show(sitting=Sitting(project, "lead"))
    assert shown.page.get_by_role("button", name="Adopt Das Maß, 2 notes").count() == 1
    shown.page.get_by_role("button", name="Adopt Das Maß, 2 notes").click()
    shown.settle()
    assert [row[2:4] for row in held(project)] == [(0, 9), (36, 50)]
