"""Taking back, changing one's mind, and words that are never thrown away: in a real browser."""

import pytest

from reflect_analysis.codings import Coding
from reflect_analysis.corpus import Document
from reflect_analysis.panel import Sitting

TEXT = (
    "We waited at the water 🌊 for a while. Then she asked what I saw. I said nothing. "
    "Nobody had ever asked me. It rained."
)
STORY = "A spot of my own.\n\nBoots everywhere."


def at(words, text=TEXT):
    """Where words lie."""
    start = text.index(words)
    return start, start + len(words)


@pytest.fixture
def project(begin_study, rack):
    story = Document("d2", STORY, kind="photo-voice", case_id="P0", picture=rack)
    return begin_study(Document("d1", TEXT, case_id="P0"), story)


@pytest.fixture
def panel(show, project):
    """The panel of a coder on one of the texts, with the focus in it."""

    def panel_(coder="ada", document="d1", **options):
        shown = show(sitting=Sitting(project, coder), **options)
        if document != "d1":
            shown.page.locator(".ra-header").get_by_label("Go to a text").select_option(document)
            shown.page.wait_for_selector(".ra-picture:not([hidden])")
        shown.page.locator(".ra-body").focus()
        return shown

    return panel_


# ── what is agreed, and on which words ──


@pytest.fixture
def compared(panel, project):
    """Two coders gave other codes to words that overlap, and the same code to other words."""
    ada, bo = project.desk("ada"), project.desk("bo")
    ada.code("d1", *at("We waited at the water"), "wait")
    bo.code("d1", *at("waited"), "wait")
    ada.code("d1", *at("she asked what I saw"), "ask")
    bo.code("d1", *at("asked what I saw. I said nothing"), "quiet")

    def compared_(**options):
        shown = panel("lead", **options)
        shown.press("v")
        shown.page.wait_for_selector(".ra-layers tbody tr")
        return shown

    return compared_


def agreed(project):
    """What is agreed: words and code."""
    rows = [row.coding for row in project.codings().current if row.coding.coder == "consensus"]
    return [(TEXT[row.start : row.end], row.code_id) for row in rows]


def agree(shown, reason="So we read it.", settled=1):
    """Give the reason and agree."""
    shown.press("w")
    shown.page.keyboard.type(reason)
    shown.press("Control+Enter")
    shown.page.get_by_text(f"{settled} of them settled").wait_for()


def marked(shown):
    return shown.page.inner_text(".ra-passage mark")


def test_the_same_code_on_other_words_is_told_as_edges_that_differ(compared):
    shown = compared()
    cells = "all => all.map(row => [...row.cells].slice(1).map(cell => cell.innerText.trim()))"
    rows = shown.page.eval_on_selector_all(".ra-layers tbody tr", cells)
    assert rows == [["Wait", "Wait", "edges differ"], ["Ask", "Quiet", "open"]]
    assert shown.page.locator(".ra-options input:checked").get_attribute("data-code") == "wait"


def test_a_coders_edges_are_taken_with_the_mouse(compared, project):
    shown = compared()
    assert marked(shown) == "We waited at the water"
    shown.page.get_by_label("as bo marked it").check()
    assert marked(shown) == "waited"
    agree(shown)
    assert agreed(project) == [("waited", "wait")]


def test_a_coders_edges_are_taken_and_moved_with_keys(compared, project):
    shown = compared()
    shown.press("s")
    assert marked(shown) == "waited"
    shown.press("]", "]", "[")
    assert marked(shown) == "We waited at the"
    shown.press("}", "{")
    assert marked(shown) == "waited at"
    shown.press(*["]"] * 6)
    assert marked(shown) == "waited at the water", "never out of what was marked"
    agree(shown)
    assert agreed(project) == [("waited at the water", "wait")]


def test_edges_are_moved_with_buttons(compared, project):
    shown = compared()
    shown.press("j")
    assert marked(shown) == "she asked what I saw. I said nothing"
    shown.page.get_by_role("button", name="Begin a word later").click()
    assert marked(shown) == "asked what I saw. I said nothing"
    shown.press("3")
    shown.page.get_by_label("Reason").fill("Both.")
    shown.press("Control+Enter")
    shown.page.get_by_text("1 of them settled").wait_for()
    assert agreed(project) == [("asked what I saw. I said nothing", "quiet")]


def test_agreeing_anew_takes_back_what_was_agreed_before(compared, project):
    shown = compared()
    agree(shown)
    shown.press("k")
    shown.press("s", "2")
    agree(shown, "On second thoughts.")
    assert sorted(agreed(project)) == [("waited", "ask"), ("waited", "wait")]
    shown.page.locator(".ra-layers").focus()
    shown.press("Control+z")
    shown.page.wait_for_function(
        "() => document.querySelector('.ra-told').textContent.startsWith('Taken back')"
    )
    assert agreed(project) == [("We waited at the water", "wait")]


def test_two_things_are_agreed_in_one_passage_where_one_says_so(compared, project):
    shown = compared()
    agree(shown)
    shown.press("k", "s", "1", "2")
    shown.page.get_by_label("keep what is agreed on other words").check()
    shown.page.get_by_label("Reason").fill("Inside it.")
    shown.press("Control+Enter")
    shown.page.wait_for_function(
        "() => document.querySelector('.ra-told').textContent.startsWith('Agreed')"
    )
    shown.settle()
    assert sorted(agreed(project)) == [("We waited at the water", "wait"), ("waited", "ask")]


def test_half_a_reason_is_there_again_when_one_comes_back(compared, project):
    shown = compared()
    shown.press("s", "2", "w")
    shown.page.keyboard.type("Half a rea")
    shown.press("Escape", "j")
    assert shown.page.input_value(".ra-agree textarea") == ""
    shown.press("k")
    assert shown.page.input_value(".ra-agree textarea") == "Half a rea"
    assert marked(shown) == "waited"
    assert shown.page.locator(".ra-options input:checked").count() == 2
    shown.press("Escape", "v")
    shown.page.wait_for_selector(".ra-layers tbody tr")
    assert shown.page.input_value(".ra-agree textarea") == "Half a rea"


@pytest.mark.parametrize("width", [1400, 420])
def test_axe_finds_nothing_beside_the_edges(compared, axe_faults, width):
    shown = compared(viewport={"width": width, "height": 900})
    assert axe_faults(shown) == []


# ── decisions ──


@pytest.fixture
def proposed(project):
    made = [
        Coding("d1", *at(words), "wait", "rules", coder_kind="machine", score=score)
        for words, score in (("waited", 0.9), ("asked", 0.4))
    ]
    project.record(by="lead", codings=made)
    return project


@pytest.mark.parametrize("key", ["x", "Delete"])
def test_an_acceptance_is_taken_back_by_a_key(panel, proposed, key):
    shown = panel()
    shown.press("p", "a")
    shown.settle()
    shown.click("waited")
    shown.press(key)
    shown.settle()
    assert [row.status for row in proposed.codings().current] == ["machine", "machine"]
    assert shown.page.locator("[aria-label='Proposals'] .ra-proposal").count() == 2
    shown.press("Control+z")
    shown.settle()
    assert [row.status for row in proposed.codings().current] == ["reviewed", "machine"]


def test_what_was_rejected_is_seen_and_taken_back(panel, proposed, axe_faults):
    shown = panel()
    shown.press("p", "x", "x")
    shown.settle()
    assert proposed.codings().current == ()
    rejected = shown.page.locator("[aria-label='Rejected'] .ra-proposal")
    assert rejected.count() == 0
    shown.page.get_by_label("Show 2 rejected proposals").check()
    assert rejected.count() == 2
    assert axe_faults(shown) == []
    rejected.first.get_by_role("button", name="Take back the rejection of Wait").click()
    shown.settle()
    assert [row.status for row in proposed.codings().current] == ["machine"]
    assert rejected.count() == 1
    assert shown.page.locator("[aria-label='Proposals'] .ra-proposal").count() == 1


# ── words that were typed ──


def test_a_memo_that_was_closed_is_filled_in_again(panel, project):
    shown = panel()
    shown.press("s", "m")
    shown.page.keyboard.type("It may mean")
    shown.page.get_by_label("Reflexive").check()
    shown.press("Escape")
    shown.page.wait_for_selector("dialog", state="detached")  # a slow browser takes it away late
    shown.press("m")
    assert shown.page.input_value("dialog textarea") == "It may mean"
    assert shown.page.get_by_label("Reflexive").is_checked()
    shown.page.locator("dialog textarea").press("End")
    shown.page.keyboard.type(" waiting.")
    shown.press("Control+Enter")
    shown.settle()
    [memo] = project.codings().memos
    assert (memo.text, memo.kind) == ("It may mean waiting.", "reflexive")
    shown.press("m")
    assert shown.page.input_value("dialog textarea") == ""


def test_a_draft_belongs_to_its_words_and_is_let_go_when_one_says_so(panel, project):
    shown = panel()
    shown.press("m")
    shown.page.keyboard.type("On all of it")
    shown.press("Escape", "s", "m")
    assert shown.page.input_value("dialog textarea") == ""
    shown.press("Escape", "Escape", "m")
    assert shown.page.input_value("dialog textarea") == "On all of it"
    shown.page.get_by_role("button", name="Start afresh").click()
    assert shown.page.input_value("dialog textarea") == ""
    shown.press("Escape", "m")
    assert shown.page.input_value("dialog textarea") == ""
    stored = "() => localStorage.length + sessionStorage.length"
    assert shown.page.evaluate(stored) == 0


def test_a_code_that_is_refused_is_asked_for_again_with_its_definition(panel, project):
    shown = panel()
    shown.press("s", "n")
    shown.page.get_by_label("Name").fill("wait")
    shown.page.get_by_label("Definition, for now").fill("A long thought of mine.")
    shown.press("Control+Enter")
    shown.page.locator("dialog [role=alert]").get_by_text("in the codebook already").wait_for()
    assert shown.page.input_value("dialog textarea") == "A long thought of mine."
    shown.page.get_by_label("Name").fill("Waiting long")
    shown.press("Control+Enter")
    shown.settle()
    [made] = [code for code in project.codebook() if code.name == "Waiting long"]
    assert made.definition == "A long thought of mine."
    [row] = project.codings().current
    assert row.coding.code_id == made.id


def test_keep_comes_before_cancel(panel):
    shown = panel()
    shown.press("m", "Tab", "Tab")
    assert shown.page.evaluate("() => document.activeElement.textContent") == "Keep the memo"
    shown.press("Tab")
    assert shown.page.evaluate("() => document.activeElement.textContent").startswith("Cancel")


# ── memos and codes on a part of the picture ──


def test_a_memo_on_a_rectangle_is_a_memo_on_it(panel, project, axe_faults):
    shown = panel(document="d2")
    shown.press("r", "1", "m")
    shown.page.get_by_text("Memo on this part of the picture").wait_for()
    shown.page.keyboard.type("Whose boots?")
    shown.press("Control+Enter")
    shown.settle()
    [memo], [row] = project.codings().memos, project.codings().current
    assert (memo.region, memo.start, memo.code_id) == (row.coding.region, None, "wait")
    assert "1 memo" in shown.page.inner_text("[aria-label='Codings']")
    assert "part of the picture" in shown.page.inner_text("[aria-label='Memos']")
    assert shown.page.evaluate("() => document.activeElement.className") == "ra-frame"
    assert axe_faults(shown) == []


def test_a_rectangle_that_is_drawn_takes_memo_and_new_code(panel, project):
    shown = panel(document="d2")
    shown.press("r", "m")
    shown.page.keyboard.type("Look here.")
    shown.press("Control+Enter")
    shown.settle()
    shown.press("n")
    shown.page.get_by_text("It is given to this part of the picture").wait_for()
    shown.page.get_by_label("Name").fill("Boots")
    shown.press("Control+Enter")
    shown.settle()
    [row] = project.codings().current
    assert (row.coding.code_id, row.coding.start, row.coding.end) == ("boots", 0, 0)
    assert project.codings().memos[0].region == row.coding.region
    assert shown.page.locator(".ra-box").count() == 1
    assert shown.page.locator(".ra-drawn").is_hidden()


# ── memos in the list ──


def _noted(shown, words="First thought."):
    shown.press("s", "m")
    shown.page.keyboard.type(words)
    shown.press("Control+Enter")
    shown.settle()


def test_a_memo_is_changed_in_the_list(panel, project, axe_faults):
    shown = panel()
    _noted(shown)
    shown.page.get_by_role("button", name="Change the memo “First thought.”").click()
    assert shown.page.input_value("dialog textarea") == "First thought."
    assert axe_faults(shown) == []
    shown.page.locator("dialog textarea").fill("Second thought.")
    shown.page.get_by_label("Method").check()
    shown.press("Control+Enter")
    shown.settle()
    assert "Second thought." in shown.page.inner_text("[aria-label='Memos']")
    assert [(m.text, m.kind) for m in project.codings().memos] == [("Second thought.", "method")]
    shown.page.locator(".ra-body").focus()
    shown.press("Control+z")
    shown.settle()
    assert "First thought." in shown.page.inner_text("[aria-label='Memos']")


def test_a_memo_is_removed_in_the_list_and_the_focus_is_not_lost(panel, project):
    shown = panel()
    _noted(shown)
    shown.page.get_by_role("button", name="Remove the memo “First thought.”").click()
    shown.settle()
    assert project.codings().memos == ()
    assert shown.page.locator(".ra-memo").count() == 0
    assert shown.page.evaluate("() => document.activeElement.className") == "ra-body"
    shown.press("Control+z")
    shown.settle()
    assert [memo.text for memo in project.codings().memos] == ["First thought."]


def test_anothers_memo_has_no_buttons(panel, project):
    project.desk("bo").memo("Theirs.", document_id="d1")
    shown = panel()
    assert shown.page.locator(".ra-memo").count() == 1
    assert shown.page.locator(".ra-memo button").count() == 0


# ── the line under the text ──


@pytest.mark.parametrize("width", [1024, 1240, 1280, 1366])
def test_the_buttons_under_the_text_stand_in_one_line(one, width):
    shown = one()
    shown.page.set_viewport_size({"width": width, "height": 800})
    heights = []
    for keys in ((), ("f",), ("s", "1")):
        shown.page.locator(".ra-body").focus()
        shown.press(*keys)
        shown.settle()
        tops = shown.page.eval_on_selector_all(
            ".ra-footer > button:not([hidden])", "all => all.map(each => each.offsetTop)"
        )
        assert len(set(tops)) == 1
        heights.append(shown.page.locator(".ra-footer").bounding_box()["height"])
    assert len(set(heights)) == 1
