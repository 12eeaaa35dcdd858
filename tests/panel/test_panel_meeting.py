"""Pictures, many decisions at once, the comparison of coders, the guide: in a real browser."""

import base64
import io

import pytest

from reflect_analysis.codings import Coding, Seen
from reflect_analysis.corpus import Document
from reflect_analysis.panel import Sitting

TEXT = (
    "We waited at the water 🌊 for a while. Then she asked what I saw. I said nothing. "
    "Nobody had ever asked me. It rained."
)
OTHER = "We waited again, and again."


def at(words, text=TEXT):
    """Where words lie."""
    start = text.index(words)
    return start, start + len(words)


@pytest.fixture
def project(begin_study):
    return begin_study(Document("d1", TEXT, case_id="P0"), Document("d2", OTHER, case_id="P0"))


@pytest.fixture
def coded(project):
    """Two coders who differ in two passages and agree in one."""
    ada, bo = project.desk("ada"), project.desk("bo")
    ada.code("d1", *at("We waited at the water"), "wait")
    bo.code("d1", *at("We waited at the water"), "wait")
    ada.code("d1", *at("she asked what I saw"), "ask")
    bo.code("d1", *at("asked what I saw. I said nothing"), "quiet")
    ada.code("d1", *at("Nobody had ever asked me"), "quiet")
    for desk in (ada, bo):
        desk.read("d1")
    return project


@pytest.fixture
def proposed(project):
    """Four proposals in two texts."""
    spans = [("d1", at("waited"), "wait", 0.9), ("d1", at("asked what"), "ask", 0.4)]
    spans += [("d2", at("waited again", OTHER), "wait", 0.7), ("d2", (17, 26), "wait", 0.2)]
    made = [
        Coding(place, *span, code, "rules", coder_kind="machine", score=score)
        for place, span, code, score in spans
    ]
    project.record(by="lead", codings=made)
    return project


# ── pictures ──


@pytest.fixture
def with_picture(show, make_document, make_coding):
    """A story with a picture of 400 by 300 pixels."""
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (400, 300), "#c9d8c0").save(out, "PNG")
    source = f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"
    picture = {"src": source, "alt": "A boot rack.", "width": 400, "height": 300}
    text = "Bottom left\n\nA spot of my own.\n\nBoots everywhere."
    answers = [["What do you see here?", "Boots everywhere.", 32, 49]]
    region = make_coding("a", 0, 0, "support", region=[40, 30, 120, 90])

    def with_picture_(*codings, **options):
        options = {"color_scheme": "light", **options}
        more = {"picture": picture, "answers": answers, "kind": "photo-voice"}
        first = make_document("d1", text, codings=list(codings) or [region], **more)
        return show(first, make_document("d2", "A second text."), **options)

    return with_picture_


def drawn(shown):
    """The rectangle that is drawn, as parts of the picture in per cent."""
    return shown.page.evaluate(
        """() => {
          const box = document.querySelector('.ra-drawn');
          const parts = ['left', 'top', 'width', 'height'];
          return box.hidden ? null : parts.map((name) => parseFloat(box.style[name]));
        }"""
    )


def test_a_rectangle_is_drawn_with_the_mouse_and_coded(with_picture):
    shown = with_picture()
    frame = shown.page.locator(".ra-frame").bounding_box()
    mouse = shown.page.mouse
    mouse.move(frame["x"] + frame["width"] * 0.5, frame["y"] + frame["height"] * 0.9)
    mouse.down()
    mouse.move(frame["x"] + frame["width"] * 0.75, frame["y"] + frame["height"] * 0.5, steps=4)
    mouse.up()
    assert drawn(shown) == pytest.approx([50, 50, 25, 40], abs=1)
    shown.press("2")
    shown.settle()
    [done] = shown.did("code")
    assert done["region"] == pytest.approx([200, 150, 300, 270], abs=3)
    assert "start" not in done
    assert drawn(shown) is None
    assert shown.page.locator(".ra-box").count() == 2
    assert sorted(shown.listed()) == ["Emotional support", "Feedback on practice"]


def test_a_rectangle_is_made_moved_sized_and_coded_with_keys(with_picture):
    shown = with_picture()
    shown.page.locator(".ra-body").focus()
    shown.press("r")
    before = drawn(shown)
    shown.press("ArrowRight", "ArrowDown", "Shift+ArrowLeft", "Control+ArrowUp")
    after = drawn(shown)
    assert after == pytest.approx(
        [before[0] + 2.5, before[1] + 10 / 3 - 1 / 3, before[2] - 2.5, before[3]], abs=0.3
    )
    assert "from the left" in shown.page.inner_text(".ra-notice")
    shown.press("Enter")
    shown.page.keyboard.type("growth")
    shown.press("Enter")
    shown.settle()
    [done] = shown.did("code")
    assert done["codes"] == ["growth"]
    assert all(isinstance(each, int) for each in done["region"])
    assert shown.page.evaluate("() => document.activeElement.className") == "ra-frame"
    shown.press("Delete")
    shown.settle()
    assert shown.page.locator(".ra-box").count() == 1


def test_a_rectangle_never_leaves_the_picture(with_picture):
    shown = with_picture()
    shown.page.locator(".ra-body").focus()
    shown.press("r", *["ArrowLeft"] * 30, *["ArrowUp"] * 30, *["Shift+ArrowRight"] * 60)
    shown.press("1")
    shown.settle()
    x0, y0, x1, _ = shown.did("code")[0]["region"]
    assert (x0, y0, x1) == (0, 0, 400)


def test_a_region_is_found_by_a_click_and_by_keys(with_picture):
    shown = with_picture()
    frame = shown.page.locator(".ra-frame").bounding_box()
    shown.page.mouse.click(frame["x"] + frame["width"] * 0.2, frame["y"] + frame["height"] * 0.2)
    assert shown.page.locator(".ra-box-on").count() == 1
    shown.press("Escape")
    assert shown.page.locator(".ra-box-on").count() == 0
    shown.press("j")
    assert shown.page.locator(".ra-box-on").count() == 1
    assert "part of the picture" in shown.page.inner_text(".ra-notice")
    shown.press("3")
    shown.settle()
    assert shown.did("code")[0]["region"] == [40, 30, 120, 90]


def test_words_and_picture_are_not_selected_at_once(with_picture):
    shown = with_picture()
    shown.page.locator(".ra-body").focus()
    shown.press("r")
    shown.drag("spot of my own")
    assert drawn(shown) is None
    shown.press("1")
    shown.settle()
    [done] = shown.did("code")
    assert "region" not in done
    assert done["start"] == 15


def test_the_questions_stand_over_their_answers(with_picture):
    shown = with_picture()
    content = "() => getComputedStyle(document.querySelector('.ra-answer'), '::before').content"
    assert "What do you see here?" in shown.page.evaluate(content)
    assert "What do you see" not in shown.page.inner_text(".ra-body")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 420])
def test_axe_finds_nothing_beside_a_picture(with_picture, axe_faults, scheme, width):
    shown = with_picture(color_scheme=scheme, viewport={"width": width, "height": 900})
    shown.page.locator(".ra-body").focus()
    shown.press("r")
    assert axe_faults(shown) == []


# ── many at once ──


def test_many_are_decided_on_after_a_look_at_them(show, proposed, axe_faults):
    shown = show(sitting=Sitting(proposed, "ada"))
    shown.page.locator(".ra-body").focus()
    shown.press("b")
    dialog = shown.page.locator("dialog[open]")
    dialog.get_by_text("4 proposals in 2 texts").wait_for()
    assert axe_faults(shown) == []
    dialog.get_by_label("Code").select_option("wait")
    dialog.get_by_label("Score at least").fill("0.5")
    dialog.get_by_text("2 proposals in 2 texts").wait_for()
    assert dialog.locator("li").count() == 2
    dialog.get_by_role("button", name="Accept all 2").click()
    shown.settle()
    assert "2 proposals accepted" in shown.page.inner_text(".ra-notice")
    assert shown.listed() == ["Wait"]
    assert [row.action for row in proposed.codings().decisions] == ["accept", "accept"]
    shown.press("Control+z")
    shown.settle()
    assert [row.status for row in proposed.codings().current] == ["machine"] * 4


def test_nothing_is_decided_where_the_number_changed_meanwhile(show, proposed):
    shown = show(sitting=Sitting(proposed, "ada"))
    shown.page.locator(".ra-body").focus()
    shown.press("b")
    shown.page.get_by_role("button", name="Reject all 4").wait_for()
    first = next(iter(proposed.codings()))
    proposed.desk("bo").decide(first.id, "accept")
    shown.page.get_by_role("button", name="Reject all 4").click()
    shown.page.locator(".ra-alarm").get_by_text("3 proposals now").wait_for()
    assert len(proposed.codings().decisions) == 1


def test_a_filter_that_takes_nothing_decides_nothing(show, proposed):
    shown = show(sitting=Sitting(proposed, "ada"))
    shown.page.locator(".ra-body").focus()
    shown.press("b")
    shown.page.get_by_label("Score at least").fill("1")
    shown.page.get_by_text("The filter takes no proposal").wait_for()
    assert shown.page.get_by_role("button", name="Accept all").is_disabled()
    shown.press("Escape")
    assert shown.page.evaluate("() => document.activeElement.className") == "ra-body"


# ── coders side by side ──


@pytest.fixture
def compared(show, coded):
    """The comparison, open, by the keyboard."""

    def compared_(coder="lead", **options):
        shown = show(sitting=Sitting(coded, coder), **options)
        shown.page.locator(".ra-header").get_by_label("Go to a text").select_option("d1")
        shown.page.get_by_text("We waited at the water").first.wait_for()
        shown.page.locator(".ra-body").focus()
        shown.press("v")
        shown.page.wait_for_selector(".ra-layers tbody tr")
        return shown

    return compared_


def rows(shown):
    """The table as it is read."""
    cells = "all => all.map(row => [...row.cells].map(cell => cell.innerText.trim()))"
    return shown.page.eval_on_selector_all(".ra-layers tbody tr", cells)


def test_disagreements_stand_side_by_side(compared):
    shown = compared()
    first, second = rows(shown)
    assert first[1:] == ["Ask", "Quiet", "open"]
    assert second[1:] == ["Quiet", "no code", "open"]
    assert "2 of 3 passages differ, 0 of them settled" in shown.page.inner_text(".ra-adjudication")
    assert shown.page.inner_text("mark") == "she asked what I saw. I said nothing"
    shown.page.get_by_label("only where they differ").uncheck()
    assert rows(shown)[0][1:] == ["Wait", "Wait", "the same"]


def test_what_is_agreed_is_stored_with_its_reason_by_keys_alone(compared, coded):
    shown = compared()
    shown.press("2", "w")
    shown.page.keyboard.type("The question is what matters.")
    shown.press("Control+Enter")
    shown.page.get_by_text("1 of them settled").wait_for()
    assert shown.page.inner_text("mark") == "Nobody had ever asked me"
    shown.press("w")
    shown.page.keyboard.type("Told of another time.")
    shown.press("Control+Enter")
    shown.page.get_by_text("2 of them settled").wait_for()
    agreed = [row.coding for row in coded.codings().current if row.coding.coder == "consensus"]
    assert [(row.code_id, row.evidence) for row in agreed] == [
        ("ask", "The question is what matters.")
    ]
    assert (agreed[0].start, agreed[0].end) == at("she asked what I saw. I said nothing")
    assert any(isinstance(row, Seen) and row.coder == "consensus" for row in coded.codings().seen)
    assert len([row for row in coded.codings() if row.coder in {"ada", "bo"}]) == 5
    shown.press("Escape")
    shown.settle()
    assert "agreed" in shown.page.inner_text("[aria-label='Codings']")


def test_nothing_is_agreed_without_a_reason(compared, coded):
    shown = compared()
    shown.press("j", "k", "2", "Control+Enter")
    shown.page.locator(".ra-adjudication").get_by_text("Give the reason").wait_for()
    assert not [row for row in coded.codings() if row.coder == "consensus"]


def test_a_coder_compares_and_does_not_adjudicate(compared):
    shown = compared("ada")
    assert shown.page.get_by_role("button", name="Agree", exact=False).count() == 0
    assert "A lead or an adjudicator" in shown.page.inner_text(".ra-agree")


def test_in_a_blind_phase_there_is_nothing_to_compare(show, coded):
    coded.begin_phase("round 1", "reliability", blind=True, by="lead")
    coded.assign(["ada", "bo"], overlap=1.0, by="lead")
    shown = show(sitting=Sitting(coded, "ada"))
    assert shown.page.get_by_role("button", name="Compare coders").count() == 0
    shown.page.locator(".ra-body").focus()
    shown.press("v", "b")
    assert shown.page.locator(".ra-adjudication:not([hidden]), dialog[open]").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 420])
def test_axe_finds_nothing_where_coders_are_compared(compared, axe_faults, scheme, width):
    shown = compared(color_scheme=scheme, viewport={"width": width, "height": 900})
    assert axe_faults(shown) == []


def test_the_guide_is_opened_from_the_help(show, proposed, axe_faults):
    shown = show(sitting=Sitting(proposed, "ada"))
    shown.page.locator(".ra-body").focus()
    shown.press("h")
    shown.page.get_by_role("button", name="Your first week of coding").click()
    shown.page.get_by_role("heading", name="Friday: compare").wait_for()
    assert shown.page.locator(".ra-guide th[scope=row]").count() > 10
    assert axe_faults(shown) == []
    shown.press("Escape")
    assert shown.page.evaluate("() => document.activeElement.className") == "ra-body"
