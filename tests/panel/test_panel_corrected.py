"""A text that is corrected while somebody codes it: nothing is stored under other words."""

import pytest

from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.panel import Sitting
from reflect_analysis.project import Project

LINES = "".join(f"\n\nA line that nobody touches, number {k}." for k in range(60))
BEFORE = "We watched the water together and waited.\n\nThen she asked what I had noticed." + LINES
AFTER = BEFORE.replace("We watched the water", "Last week we all watched the cold water")
CODES = (
    Code("wait", "Waiting", "The educator waits before acting.", "acts"),
    Code("ask", "Asking", "A question is put to a peer or child.", "acts"),
)


def corpus_of(text, *, cleared=True):
    documents = (Document("d1", text, case_id="P0"), Document("d2", "Another text.", case_id="P0"))
    hashes = [each.sha256 for each in documents if cleared or each.id == "d2"]
    return Corpus(documents, (Case("P0"),), tuple(Clearance(e, "lead", "read") for e in hashes))


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "a study.reflect", title="Peers") as made:
        book = Codebook(CODES, (Group("acts", "What was done"),))
        made.save(by="lead", corpus=corpus_of(BEFORE), codebook=book)
        made.add_coder("coder-1", by="lead")
        yield made


@pytest.fixture
def shown(show, project):
    return show(sitting=Sitting(project, "coder-1"))


def correct(project, text=AFTER, **more):
    """Somebody saves the text anew."""
    project.save(by="lead", corpus=corpus_of(text, **more))


def coded(project):
    texts = {each.id: each.text for each in project.corpus()}
    rows = [row.coding for row in project.codings().current]
    return [(texts[row.document_id][row.start : row.end], row.code_id) for row in rows]


def test_other_words_are_never_coded_and_the_selection_stays_on_its_own(shown, project):
    shown.drag("she asked")
    correct(project)
    shown.press("2")
    shown.settle()
    assert coded(project) == []
    assert "corrected meanwhile" in shown.page.inner_text(".ra-alarm")
    assert "corrected meanwhile" in shown.page.inner_text(".ra-banner:not(:empty)")
    assert shown.page.inner_text(".ra-body").startswith("Last week we all watched")
    assert shown.selected() == "she asked"
    assert shown.marked() == []
    shown.press("2")
    shown.settle()
    assert coded(project) == [("she asked", "ask")]


def test_words_that_are_no_more_are_selected_no_more(shown, project):
    shown.drag("We watched the water together")
    correct(project)
    shown.press("1")
    shown.settle()
    assert shown.selected() == ""
    assert coded(project) == []


@pytest.mark.parametrize("keys", ["]", "c-ask", "memo", "new"])
def test_edges_codes_memos_and_new_codes_are_refused_too(shown, project, keys):
    shown.drag("she asked")
    shown.press("1")
    shown.settle()
    before = len(project.events())
    correct(project)
    page = shown.page
    if keys == "c-ask":
        shown.press("c")
        page.keyboard.type("Asking")
        shown.press("Enter")
    elif keys == "memo":
        shown.press("m")
        page.get_by_role("textbox", name="Memo").fill("Her question.")
        page.get_by_role("button", name="Keep the memo").click()
    elif keys == "new":
        shown.press("n")
        page.get_by_label("Name").fill("Noticing")
        page.get_by_role("button", name="Make the code").click()
    else:
        shown.press(keys)
    shown.settle()
    assert "corrected meanwhile" in page.inner_text(".ra-alarm")
    assert [event.action for event in project.events()][before:] == ["save"]


def test_whatever_is_asked_next_the_page_says_that_the_text_changed(shown, project):
    shown.page.locator(".ra-body").focus()
    shown.press("Control+Home")
    correct(project)
    shown.press("f")
    shown.settle()
    assert "corrected meanwhile" in shown.page.inner_text(".ra-banner:not(:empty)")
    shown.page.get_by_role("button", name="Understood").click()
    assert shown.page.locator(".ra-banner:not(:empty)").count() == 0
    assert shown.page.evaluate("() => document.activeElement.className") == "ra-body"


def test_a_memo_that_was_begun_before_the_correction_is_not_kept_on_other_words(shown, project):
    shown.drag("she asked")
    shown.press("m")
    correct(project)
    shown.page.get_by_role("textbox", name="Memo").fill("Her question.")
    shown.page.evaluate("() => dispatchEvent(new Event('focus'))")
    shown.page.wait_for_function(
        "() => document.querySelector('.ra-body').textContent.startsWith('Last week')"
    )
    shown.page.get_by_role("button", name="Keep the memo").click()
    shown.settle()
    assert "corrected meanwhile" in shown.page.inner_text(".ra-alarm")
    assert project.codings().memos == ()


def test_a_page_that_is_looked_at_again_asks(shown, project):
    correct(project)
    shown.page.evaluate("() => dispatchEvent(new Event('focus'))")
    shown.page.wait_for_selector(".ra-banner:not(:empty)")
    assert shown.page.inner_text(".ra-body").startswith("Last week we all watched")


def test_the_lines_that_were_read_stay_where_they_are(shown, project):
    shown.click("number 40")
    top = """() => [...document.querySelectorAll('.ra-block')]
      .find((each) => each.textContent.endsWith('number 40.')).getBoundingClientRect().top
      - document.querySelector('.ra-scroll').getBoundingClientRect().top"""
    before = shown.page.evaluate(top)
    line = 31  # pixels
    correct(project, "A new line.\n\n" * 20 + BEFORE)
    shown.press("f")
    shown.settle()
    assert abs(shown.page.evaluate(top) - before) < line
    shown.press("s", "1")
    shown.settle()
    assert coded(project) == [("A line that nobody touches, number 40.", "wait")]


def test_a_text_that_waits_to_be_cleared_again_is_taken_off_the_page(shown, project):
    correct(project, cleared=False)
    shown.page.locator(".ra-body").focus()
    shown.press("s", "1")
    shown.settle()
    assert coded(project) == []
    words = shown.page.inner_text(".ra-body")
    assert "not cleared" in words
    assert "water" not in words
    correct(project)
    shown.press("f")
    shown.settle()
    assert shown.page.inner_text(".ra-body").startswith("Last week we all watched")


def test_a_picture_is_coded_only_beside_the_words_that_were_shown(project):
    page = Sitting(project, "coder-1")
    told = {"op": "agree", "id": "6d9f5a3e-2f0b-4a55-9a53-0b7a4f0a0001", "session": "s"}
    read = page.take({"op": "open", "id": "1", "session": "s", "document": "d1"})
    told |= {"document": "d1", "sha256": read["sha256"], "start": 0, "end": 2, "codes": ["ask"]}
    correct(project)
    for op in ("code", "agree", "memo", "new_code"):
        reply = page.take({**told, "op": op, "region": [0, 0, 9, 9], "name": "x", "text": "x"})
        assert reply["error"]["kind"] == "stale", op
        assert reply["ok"] is False
    assert coded(project) == []


def test_a_message_of_a_page_that_is_older_than_its_answer_is_still_done_once(project):
    sitting = Sitting(project, "coder-1")
    read = sitting.take({"op": "open", "id": "1", "session": "s", "document": "d1"})
    told = {"op": "code", "id": "6d9f5a3e-2f0b-4a55-9a53-0b7a4f0a0002", "session": "s"}
    told |= {"document": "d1", "sha256": read["sha256"], "start": 0, "end": 2, "codes": ["ask"]}
    assert sitting.take(told)["ok"]
    correct(project)
    again = sitting.take({**told, "open": ["d1", read["sha256"]]})
    assert again["ok"]
    assert again["corrected"]["text"] == AFTER
