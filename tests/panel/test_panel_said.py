"""What is said of codes that are made, and forms and lists that hold what was typed in them."""

import itertools

import pytest

from reflect_analysis.corpus import Document
from reflect_analysis.panel import Sitting

TEXT = "We waited at the water for a while. Then she asked what I saw, and I said nothing at all."


@pytest.fixture
def project(begin_study, rack):
    photo = Document("d2", "Beside.", kind="photo-voice", case_id="P0", picture=rack)
    return begin_study(Document("d1", TEXT, case_id="P0"), photo)


@pytest.fixture
def panel(show, project):
    return lambda coder="ada", **options: show(sitting=Sitting(project, coder), **options)


def told(shown):
    return shown.page.inner_text(".ra-notice")


def new_code(shown, name, words="she asked"):
    shown.drag(words)
    shown.press("n")
    shown.page.get_by_label("Name").fill(name)
    shown.page.get_by_role("button", name="Make the code").click()
    shown.settle()


def test_a_new_code_is_said_and_its_undo_names_it(panel, project):
    shown = panel()
    new_code(shown, "The question")
    assert told(shown) == "New code: The question, given to what was chosen."
    shown.press("Control+z")
    shown.settle()
    assert told(shown) == "Taken back: The question on “she asked”."
    shown.press("Control+y")
    shown.settle()
    assert told(shown) == "Done again: The question on “she asked”."


def test_in_a_blind_phase_it_is_said_that_it_waits_and_the_list_shows_where(panel, project):
    project.begin_phase("one", "reliability", blind=True, by="lead")
    shown = panel()
    new_code(shown, "The question")
    assert told(shown).startswith("Noted for the meeting: The question.")
    assert (
        "“she asked”" in shown.page.get_by_role("list", name="Noted as The question").inner_text()
    )
    shown.press("Control+z")
    shown.settle()
    assert told(shown) == "Taken back: The question, for the meeting."


def test_from_the_name_of_a_new_code_one_comes_to_its_definition(panel):
    shown = panel()
    shown.drag("she asked")
    shown.press("n")
    shown.page.keyboard.type("The question")
    shown.page.keyboard.press("Tab")
    shown.page.keyboard.type("What she puts to me.")
    assert shown.page.get_by_label("Name").input_value() == "The question"
    definition = shown.page.get_by_label("Definition, for now")
    assert definition.input_value() == "What she puts to me."
    shown.page.keyboard.press("Escape")


# ── the form of a code ──


@pytest.fixture
def form(panel):
    """The form of the code that waits, with another definition typed in it."""
    shown = panel("lead")
    shown.page.locator(".ra-body").focus()
    shown.press("/")
    shown.page.keyboard.type("wait")
    shown.press("ArrowRight")
    shown.page.get_by_role("button", name="Edit, move, merge").click()
    shown.page.get_by_label("Definition").fill("Waits before acting.")
    return shown


def save(shown):
    shown.page.get_by_role("button", name="Save").click()


@pytest.mark.parametrize(
    ("chosen", "why"),
    [
        ({"This code": "merge"}, "Choose the code into which this one goes"),
        ({"This code": "merge", "Merge into": "ask"}, "changed and merged at once"),
        ({"This code": "retire"}, "changed and retired at once"),
        ({"Merge into": "ask"}, "A code is chosen under “Merge into”"),
    ],
)
def test_a_form_that_would_let_something_fall_is_refused_and_stays(form, project, chosen, why):
    before = project.codebook()
    for name, value in chosen.items():
        form.page.get_by_label(name, exact=True).select_option(value)
    save(form)
    dialog = form.page.get_by_role("dialog")
    assert why in dialog.get_by_role("alert").inner_text()
    assert form.page.get_by_label("Definition").input_value() == "Waits before acting."
    assert project.codebook() == before
    for name in chosen:
        form.page.get_by_label(name, exact=True).select_option("")
    save(form)
    form.settle()
    assert dialog.count() == 0
    assert project.codebook()["wait"].definition == "Waits before acting."


def test_a_code_that_is_not_changed_is_merged(form, project):
    form.page.get_by_label("Definition").fill("wait is told.")
    form.page.get_by_label("This code", exact=True).select_option("merge")
    form.page.get_by_label("Merge into").select_option("ask")
    save(form)
    form.settle()
    assert project.codebook()["wait"].replaced_by == ("ask",)


def test_a_refused_form_has_no_fault_of_access(form, axe_faults):
    form.page.get_by_label("This code", exact=True).select_option("merge")
    save(form)
    assert axe_faults(form) == []


# ── coders side by side ──


def test_beside_the_reason_no_null_is_written(panel, project):
    project.desk("ada").code("d1", 0, 9, "wait")
    project.desk("bo").code("d1", 0, 9, "ask")
    shown = panel("lead")
    shown.page.locator(".ra-body").focus()
    shown.press("v")
    agree = shown.page.locator(".ra-agree")
    agree.get_by_label("Reason").wait_for()
    assert "null" not in agree.inner_text()


# ── low windows ──


LOW = {"viewport": {"width": 640, "height": 430}}


def outside(shown):
    """The buttons of the first line and of the active coding that lie outside the window."""
    return shown.page.evaluate(
        """() => [...document.querySelectorAll('.ra-header button, .ra-actions button')]
          .filter((each) => each.offsetParent)
          .filter((each) => { const box = each.getBoundingClientRect();
             return box.left < 0 || box.right > innerWidth || box.bottom > innerHeight; })
          .map((each) => each.textContent)"""
    )


@pytest.mark.parametrize("width", [640, 320])
def test_at_two_hundred_per_cent_no_button_lies_beside_the_window(panel, project, width):
    project.begin_phase("calibration of all", "calibration", blind=False, by="lead")
    shown = panel(viewport={"width": width, "height": 430 if width > 400 else 1400})
    shown.drag("she asked")
    shown.press("1")
    shown.settle()
    assert outside(shown) == []
    seen, whole = shown.page.evaluate(
        """() => { const title = document.querySelector('.ra-title');
                   return [title.clientWidth, title.scrollWidth]; }"""
    )
    assert seen >= min(whole, 100)


def test_evidence_that_does_not_fit_is_scrolled_with_the_keys(panel, project, axe_faults):
    from reflect_analysis.codings import Coding

    long = "; ".join(f"near to example {k} of the codebook" for k in range(12))
    made = Coding("d1", 0, 9, "wait", "model", coder_kind="machine", score=0.5, evidence=long)
    project.record(by="lead", codings=[made])
    shown = panel(**LOW)
    shown.page.locator(".ra-body").focus()
    shown.press("p")
    here = shown.page.locator(".ra-here[tabindex='0']")
    here.wait_for()
    assert here.evaluate("each => { each.scrollTop = 9999; return each.scrollTop; }") > 0
    assert outside(shown) == []
    assert axe_faults(shown) == []


# ── pictures ──


def test_names_of_regions_that_overlap_do_not_cover_one_another(panel, project):
    from reflect_analysis.regions import Region

    desk = project.desk("ada")
    for k, code in enumerate(("wait", "ask", "quiet")):
        desk.code("d2", 0, 0, code, region=Region(40 + 6 * k, 30 + 4 * k, 240, 200))
    shown = panel(viewport={"width": 640, "height": 430})
    shown.page.get_by_label("Go to a text").select_option("d2", force=True)
    shown.page.wait_for_function("() => document.querySelectorAll('.ra-box-name').length === 3")
    edges = shown.page.evaluate(
        """() => [...document.querySelectorAll('.ra-box-name')]
          .map((each) => each.getBoundingClientRect()).map((box) => [box.top, box.bottom])
          .sort((a, b) => a[0] - b[0])"""
    )
    assert all(above[1] <= below[0] for above, below in itertools.pairwise(edges))
