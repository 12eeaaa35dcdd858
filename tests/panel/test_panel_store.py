"""The page on the real thing: a `Sitting` over a project in a file."""

import pytest

from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.panel import Sitting
from reflect_analysis.project import Project

TEXTS = {
    "d1": "We watched the water 🌊 together and waited.\n\nThen she asked what I had noticed.",
    "d2": "I had planned too much, and let it go.",
}


@pytest.fixture
def project(tmp_path):
    documents = tuple(Document(name, text, case_id="P0") for name, text in TEXTS.items())
    clearances = tuple(Clearance(each.sha256, "lead", "read") for each in documents)
    codes = (
        Code("wait", "Waiting", "The educator waits before acting.", "acts"),
        Code("ask", "Asking", "A question is put to a peer or child.", "acts"),
    )
    with Project.create(tmp_path / "study.reflect", title="Peers") as made:
        made.save(
            by="lead",
            corpus=Corpus(documents, (Case("P0"),), clearances),
            codebook=Codebook(codes, (Group("acts", "What was done"),)),
        )
        made.add_coder("coder-1", by="lead")
        yield made


@pytest.fixture
def shown(show, project):
    return show(sitting=Sitting(project, "coder-1"))


def stored(project):
    """What stands in the store: the words, the code and the coder."""
    rows = [each.coding for each in project.codings().current]
    return sorted(
        (TEXTS[row.document_id][row.start : row.end], row.code_id, row.coder) for row in rows
    )


def test_what_is_coded_in_the_page_stands_in_the_store(shown, project):
    shown.drag("together and waited")
    shown.press("1")
    shown.settle()
    assert stored(project) == [("together and waited", "wait", "coder-1")]
    shown.drag("she asked")
    shown.press("2", "1")
    shown.settle()
    assert ("she asked", "ask", "coder-1") in stored(project)
    assert ("she asked", "wait", "coder-1") in stored(project)


def test_changes_follow_one_another(shown, project):
    shown.drag("together and waited")
    shown.press("1", "}", "[", "c")
    shown.page.keyboard.type("ask")
    shown.press("Enter")
    shown.settle()
    assert stored(project) == [("water 🌊 together and", "ask", "coder-1")]
    shown.press(*["Control+z"] * 4)
    shown.settle()
    assert stored(project) == []
    assert shown.marked() == []
    shown.press(*["Control+y"] * 4)
    shown.settle()
    assert stored(project) == [("water 🌊 together and", "ask", "coder-1")]
    assert shown.listed() == ["Asking"]


def test_memo_flag_read_and_the_next_text(shown, project):
    shown.page.locator(".ra-body").focus()
    shown.press("m")
    shown.page.keyboard.type("A first memo.")
    shown.press("Control+Enter")
    shown.press("f", "Enter")
    shown.page.wait_for_function("() => document.querySelector('h2').textContent.includes('d2')")
    shown.settle()
    assert "1 of 2" in shown.page.inner_text(".ra-count")
    assert [seen.document_id for seen in project.codings().seen] == ["d1"]


def test_a_new_code_is_made_and_given(shown, project):
    shown.drag("We watched")
    shown.press("n")
    shown.page.keyboard.type("Watching")
    shown.page.get_by_label("Definition").fill("Looking on.")
    shown.page.get_by_role("button", name="Make the code").click()
    shown.settle()
    assert [words for words, _, _ in stored(project)] == ["We watched"]
    assert shown.page.get_by_role("option", name="Watching").count() == 1


def test_a_coding_is_removed_and_brought_back(shown, project):
    shown.drag("together and waited")
    shown.press("1", "Delete")
    shown.settle()
    assert stored(project) == []
    shown.press("Control+z")
    shown.settle()
    assert stored(project) == [("together and waited", "wait", "coder-1")]
    assert shown.marked() == [["together and waited", 1]]


def test_proposals_are_decided_on(show, project):
    start = TEXTS["d1"].index("waited")
    made = Coding("d1", start, start + 6, "wait", "rules", coder_kind="machine", evidence="wait*")
    project.record(by="lead", codings=[made])
    shown = show(sitting=Sitting(project, "coder-1"))
    shown.page.locator(".ra-body").focus()
    shown.press("p")
    assert "because: wait*" in shown.page.inner_text(".ra-here")
    shown.press("a")
    shown.settle()
    assert shown.listed() == ["Waiting"]
    assert [row.action for row in project.codings().decisions] == ["accept"]


def test_a_page_that_comes_again_finds_its_work(shown, project):
    shown.drag("together and waited")
    shown.press("1")
    shown.settle()
    shown.sitting = Sitting(project, "coder-1")
    shown.page.evaluate("() => { unmount(); mount(); }")
    shown.page.wait_for_selector(".ra-run")
    assert shown.marked() == [["together and waited", 1]]
