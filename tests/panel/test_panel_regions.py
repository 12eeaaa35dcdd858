"""Parts of a picture: moved, sized, recoded, compared and agreed on, over a real store."""

import pytest

from reflect_analysis.corpus import Document
from reflect_analysis.panel import Sitting
from reflect_analysis.regions import Region

TEXT = "Bottom left\n\nA spot of my own.\n\nBoots everywhere."
SIZE = (400, 300)
ADA, BO = Region(40, 30, 140, 130), Region(60, 50, 160, 150)


@pytest.fixture
def project(begin_study, rack):
    document = Document("d1", TEXT, kind="photo-voice", case_id="P0", picture=rack)
    return begin_study(document, codes=("own", "order"))


@pytest.fixture
def panel(show, project):
    def panel_(coder="ada", **options):
        return show(sitting=Sitting(project, coder), **options)

    return panel_


def stored(project, coder="ada"):
    """The regions that hold, with their codes."""
    rows = [row.coding for row in project.codings().current if row.coding.coder == coder]
    return sorted((row.code_id, str(row.region)) for row in rows)


def at(shown, x, y):
    """A place of the picture on the screen."""
    box = shown.page.locator(".ra-frame img").bounding_box()
    return box["x"] + box["width"] * x / SIZE[0], box["y"] + box["height"] * y / SIZE[1]


def drag(shown, start, end):
    """Draw with the mouse from one place of the picture to another."""
    mouse = shown.page.mouse
    mouse.move(*at(shown, *start))
    mouse.down()
    mouse.move(*at(shown, *end), steps=4)
    mouse.up()


def near(text, expected):
    """Whether a region lies where it should, to the pixel that the screen gives."""
    return Region.read(text).overlap(expected) > 0.94


@pytest.fixture
def chosen(panel, project):
    """Ada's rectangle, coded and chosen by a click."""
    project.desk("ada").code("d1", 0, 0, "own", region=ADA)
    shown = panel()
    shown.page.wait_for_selector(".ra-box")
    shown.page.mouse.click(*at(shown, 90, 80))
    assert shown.page.locator(".ra-box-on").count() == 1
    return shown


def test_the_active_rectangle_is_moved_with_the_mouse(chosen, project):
    drag(chosen, (90, 80), (190, 130))
    chosen.settle()
    [(code, region)] = stored(project)
    assert code == "own"
    assert near(region, Region(140, 80, 240, 180))
    chosen.press("Control+z")
    chosen.settle()
    assert stored(project) == [("own", str(ADA))]
    assert chosen.page.locator(".ra-box").count() == 1


def test_it_is_sized_by_a_corner(chosen, project):
    drag(chosen, (140, 130), (240, 230))
    chosen.settle()
    [(_, region)] = stored(project)
    assert near(region, Region(40, 30, 240, 230))


def test_a_drag_beside_it_draws_a_new_one(chosen, project):
    drag(chosen, (250, 180), (350, 280))
    chosen.press("2")
    chosen.settle()
    own, order = sorted(stored(project), reverse=True)
    assert own == ("own", str(ADA))
    assert near(order[1], Region(250, 180, 350, 280))


def test_it_is_moved_sized_and_kept_with_keys(chosen, project):
    chosen.press("r", "ArrowRight", "ArrowDown", "Shift+ArrowRight", "Control+ArrowUp")
    assert stored(project) == [("own", str(ADA))]
    chosen.press("Enter")
    chosen.settle()
    assert stored(project) == [("own", "50,39,160,139")]
    assert "moved" in chosen.page.inner_text(".ra-notice")
    chosen.press("r", "ArrowLeft", "Escape")
    chosen.settle()
    assert stored(project) == [("own", "50,39,160,139")]
    chosen.press("r", "ArrowLeft", "Enter", "r", "ArrowLeft", "Enter")
    chosen.settle()
    assert stored(project) == [("own", "30,39,140,139")]
    chosen.press(*["Control+z"] * 3)
    chosen.settle()
    assert stored(project) == [("own", str(ADA))]


def test_it_is_recoded_and_the_focus_stays_in_the_picture(chosen, project):
    chosen.press("c")
    chosen.page.keyboard.type("order")
    chosen.press("Enter")
    chosen.settle()
    assert stored(project) == [("order", str(ADA))]
    assert chosen.page.evaluate("() => document.activeElement.className") == "ra-frame"
    chosen.press("Control+z")
    chosen.settle()
    assert stored(project) == [("own", str(ADA))]


def test_what_another_drew_cannot_be_moved(panel, project):
    project.desk("bo").code("d1", 0, 0, "own", region=BO)
    shown = panel()
    shown.page.wait_for_selector(".ra-box")
    shown.page.mouse.click(*at(shown, 90, 80))
    assert shown.page.locator(".ra-corner").count() == 0
    drag(shown, (90, 80), (190, 130))
    shown.press("Escape")
    shown.settle()
    assert stored(project, "bo") == [("own", str(BO))]
    assert stored(project) == []


# ── agreed on ──


@pytest.fixture
def compared(panel, project):
    """Two coders drew the same part, each a little otherwise, with different codes."""
    project.desk("ada").code("d1", 0, 0, "own", region=ADA)
    project.desk("bo").code("d1", 0, 0, "order", region=BO)

    def compared_(coder="lead", **options):
        shown = panel(coder, **options)
        shown.page.wait_for_selector(".ra-box")
        shown.page.locator(".ra-frame").focus()
        shown.press("v")
        shown.page.wait_for_selector(".ra-layers tbody tr")
        return shown

    return compared_


def cells(shown):
    """The rows of the comparison."""
    get = "all => all.map(row => [...row.cells].slice(1).map(cell => cell.innerText.trim()))"
    return shown.page.eval_on_selector_all(".ra-layers tbody tr", get)


def test_two_rectangles_of_one_part_are_one_row(compared, axe_faults):
    shown = compared()
    shown.page.get_by_label("only where they differ").uncheck()
    assert cells(shown) == [["Own", "Order", "open"]]
    assert shown.page.locator(".ra-part .ra-box").count() == 3
    assert axe_faults(shown) == []


def test_a_part_is_agreed_on_with_its_reason_and_taken_back(compared, project):
    shown = compared()
    shown.page.get_by_label("as bo drew it").check()
    shown.page.get_by_role("checkbox", name="Order").check()
    shown.page.get_by_label("Reason").fill("The rack is what matters.")
    shown.press("Control+Enter")
    shown.page.get_by_text("1 of them settled").wait_for()
    assert stored(project, "consensus") == [("order", str(BO))]
    [agreed] = [c for c in project.codings() if c.coder == "consensus" and c.code_id == "order"]
    assert agreed.evidence == "The rack is what matters."
    assert (stored(project), stored(project, "bo")) == ([("own", str(ADA))], [("order", str(BO))])
    shown.page.locator(".ra-layers").focus()
    shown.press("Control+z")
    shown.page.get_by_text("0 of them settled").wait_for()
    assert stored(project, "consensus") == []


def test_that_a_part_holds_nothing_is_agreed_on_too(compared, project):
    shown = compared()
    shown.press("w")
    shown.page.keyboard.type("A rack is a rack.")
    shown.press("Control+Enter")
    shown.page.get_by_text("1 of them settled").wait_for()
    assert stored(project, "consensus") == []
    assert cells(shown) == [["Own", "Order", "no code"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_a_rectangle_is_chosen(panel, project, axe_faults, scheme):
    project.desk("ada").code("d1", 0, 0, "own", region=ADA)
    shown = panel(color_scheme=scheme)
    shown.page.wait_for_selector(".ra-box")
    shown.page.mouse.click(*at(shown, 90, 80))
    shown.press("r")
    assert axe_faults(shown) == []
