"""A memo stays with the coding on which it was written: moved, recoded, and among other codes."""

import uuid

import pytest

from reflect_analysis.codings import Coding
from reflect_analysis.corpus import Document
from reflect_analysis.panel import Sitting

TEXT = "We waited at the water for a while. Then she asked what I saw, and I said nothing at all."


@pytest.fixture
def project(begin_study, rack):
    photo = Document("d2", "Beside.", kind="photo-voice", case_id="P0", picture=rack)
    return begin_study(Document("d1", TEXT, case_id="P0"), photo)


class Page:
    """Sends as the page does."""

    def __init__(self, project, coder="ada"):
        self.sitting, self.last = Sitting(project, coder), None
        self.do("hello")

    def do(self, op, **told):
        asked = {"op": op, "id": str(uuid.uuid4()), "session": "page", "after": self.last}
        reply = self.sitting.take(asked | told)
        assert reply.get("ok", True), reply
        self.last = reply.get("last", self.last)
        return reply

    def code(self, code="wait", document="d1", **place):
        place = place or {"start": 0, "end": 9}
        return self.do("code", document=document, codes=[code], **place)["codings"][0]

    def memo(self, code="", document="d1", **place):
        place = place or {"start": 0, "end": 9}
        return self.do("memo", document=document, text="Why?", code=code, **place)["memos"][0]

    def counted(self, document="d1"):
        """Coder, code and number of memos of each coding, as they are shown now and anew."""
        seat = self.sitting.seat
        kept = [(c["coder"], c["code"], c["memos"]) for c in seat.leaf(document).codings.values()]
        fresh = self.do("open", document=document)["codings"]
        anew = sorted((c["coder"], c["code"], c["memos"]) for c in fresh)
        assert sorted(kept) == anew
        return anew


@pytest.fixture
def page(project):
    return Page(project)


def test_a_memo_on_a_code_is_not_counted_on_another_code_of_the_same_words(page):
    page.code("wait")
    page.code("ask")
    page.memo("wait")
    assert page.counted() == [("ada", "ask", 0), ("ada", "wait", 1)]


def test_a_memo_on_words_is_counted_on_every_code_of_them(page):
    page.code("wait")
    page.code("ask")
    page.memo()
    assert page.counted() == [("ada", "ask", 1), ("ada", "wait", 1)]


def test_a_memo_on_one_coders_coding_is_not_on_anothers_code(project, page):
    page.code("wait")
    bo = Page(project, "bo")
    bo.code("ask")
    bo.memo("wait")
    assert bo.counted() == [("ada", "wait", 1), ("bo", "ask", 0)]


def test_a_memo_follows_the_coding_that_is_moved_and_recoded_and_goes_back_with_it(page):
    coding = page.code("wait")
    memo = page.memo("wait")
    moved = page.do("move", coding=coding["id"], start=0, end=16)["codings"][0]
    assert (moved["memos"], moved["noted"]) == (1, [memo["id"]])
    recoded = page.do("recode", coding=moved["id"], code="ask")["codings"][0]
    assert recoded["noted"] == [memo["id"]]
    assert page.counted() == [("ada", "ask", 1)]
    for _ in range(2):
        page.do("undo")
        assert page.counted() == [("ada", "wait", 1)]
    page.do("redo")
    assert page.counted() == [("ada", "wait", 1)]


def test_a_memo_follows_a_rectangle_that_is_moved(page):
    coding = page.code(document="d2", region=[40, 30, 140, 130])
    page.memo("wait", document="d2", region=[40, 30, 140, 130])
    page.do("move", coding=coding["id"], region=[60, 30, 160, 130])
    assert page.counted("d2") == [("ada", "wait", 1)]


def test_a_memo_follows_a_proposal_that_is_accepted_with_other_edges(project, page):
    made = Coding("d1", 0, 9, "wait", "rules", coder_kind="machine", score=0.5)
    project.record(by="lead", codings=[made])
    page.do("open", document="d1")
    page.memo("wait")
    page.do("decide", codings=[made.id], action="change", start=0, end=16)
    assert page.counted() == [("ada", "wait", 1)]


def test_a_memo_written_where_a_coding_was_before_is_not_on_it(page):
    coding = page.code("wait")
    page.do("move", coding=coding["id"], start=0, end=16)
    page.memo("wait")
    assert page.counted() == [("ada", "wait", 0)]


def test_a_memo_that_is_changed_after_the_move_stays_on_the_coding_until_it_is_removed(page):
    coding = page.code("wait")
    memo = page.memo("wait")
    page.do("move", coding=coding["id"], start=0, end=16)
    for words in ("So.", "Or so."):
        reply = page.do("edit_memo", memo=memo["id"], text=words)
        [memo] = reply["memos_of"]
    assert page.counted() == [("ada", "wait", 1)]
    page.do("remove_memo", memo=memo["id"])
    assert page.counted() == [("ada", "wait", 0)]


# ── on the page ──


@pytest.fixture
def shown(show, page):
    return show(sitting=page.sitting)


def note(shown, words):
    shown.press("m")
    shown.page.get_by_role("textbox", name="Memo").fill(words)
    shown.page.get_by_role("button", name="Keep the memo").click()
    shown.settle()


def test_after_an_edge_moved_the_memo_is_on_the_coding_and_in_its_dialog(shown):
    shown.drag("We waited")
    shown.press("1")
    note(shown, "Whose pace?")
    tag = shown.page.locator("[aria-label='Codings'] .ra-tag", has_text="1 memo")
    assert tag.count() == 1
    shown.press("]")
    shown.settle()
    assert tag.count() == 1
    memo = shown.page.locator(".ra-memo")
    assert "We waited at" in memo.inner_text()
    shown.press("m")
    assert shown.page.locator(".ra-known").inner_text() == "Whose pace?"
    shown.press("Escape")
    memo.locator(".ra-coding").click()
    assert shown.page.locator(".ra-on").inner_text().startswith("Wait")


def test_the_dialog_of_another_code_shows_no_memo_of_the_first(shown):
    shown.drag("We waited")
    shown.press("1")
    note(shown, "Whose pace?")
    shown.press("2")
    shown.settle()
    shown.press("m")
    assert shown.page.locator(".ra-known").count() == 0
    shown.press("Escape")
