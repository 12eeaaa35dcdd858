"""The codebook where one codes: codes moved, merged, retired, brought back, edited, written on."""

import pytest

from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.panel import Sitting
from reflect_analysis.project import Project

TEXT = "We watched the water together and waited. Then she asked what I had noticed."


@pytest.fixture
def project(tmp_path):
    document = Document("d1", TEXT, case_id="P0")
    codes = (
        Code("wait", "Waiting", "Waits before acting.", "acts", examples=("She let\nhim finish.",)),
        Code("ask", "Asking", "A question is put.", "acts"),
        Code("notice", "Noticing", "Something is seen.", "minds"),
    )
    with Project.create(tmp_path / "study.reflect", title="Peers") as made:
        made.save(
            by="lead",
            corpus=Corpus((document,), (Case("P0"),), (Clearance(document.sha256, "l", "read"),)),
            codebook=Codebook(codes, (Group("acts", "Acts"), Group("minds", "Minds"))),
        )
        for name, role in (("lead", "lead"), ("ada", "coder"), ("bo", "coder")):
            made.add_coder(name, role, by="lead")
        yield made


@pytest.fixture
def panel(show, project):
    return lambda coder="ada", **options: show(sitting=Sitting(project, coder), **options)


def explain(shown, name):
    """Open the sheet of a code from the keyboard."""
    shown.press("/")
    shown.page.keyboard.type(name)
    shown.press("ArrowRight")
    shown.page.locator(".ra-detail").get_by_role("heading", name=name).wait_for()


@pytest.fixture
def editing(panel):
    """The form of a code, open."""

    def editing_(name):
        shown = panel()
        shown.page.locator(".ra-body").focus()
        explain(shown, name)
        shown.page.get_by_role("button", name="Edit, move, merge").click()
        shown.page.wait_for_selector("dialog[open]")
        return shown

    return editing_


def kept(shown, words="The codebook is changed."):
    """Save the form, and wait until the codebook is changed."""
    shown.page.get_by_role("button", name="Save").click()
    shown.page.locator(".ra-notice").get_by_text(words).wait_for()
    shown.settle()  # the words may stand there from a change before


def groups(shown):
    """The codes under each heading, as the page lists them."""
    return shown.page.eval_on_selector_all(
        ".ra-codes [role=group]",
        """all => all.map(group => [group.querySelector('.ra-group').textContent,
             ...[...group.querySelectorAll('.ra-code-name')].map(each => each.textContent)])""",
    )


def test_a_code_is_moved_to_another_group(editing, project):
    shown = editing("Asking")
    shown.page.get_by_label("Group").fill("Minds")
    kept(shown)
    assert groups(shown) == [["Acts", "Waiting"], ["Minds", "Asking", "Noticing"]]
    assert project.codebook()["ask"].group == "minds"


def test_a_code_is_moved_under_another(editing, project):
    shown = editing("Asking")
    shown.page.get_by_label("Under").select_option("notice")
    kept(shown)
    assert project.codebook()["ask"].parent == "notice"
    assert groups(shown)[-1] == ["Minds", "Noticing", "Asking"]


def test_a_code_is_merged_into_another_and_its_codings_follow(editing, project):
    project.desk("ada").code("d1", 0, 40, "ask")
    shown = editing("Asking")
    assert shown.listed() == ["Asking"]
    shown.page.get_by_label("This code").select_option("merge")
    shown.page.get_by_label("Merge into").select_option("wait")
    kept(shown)
    book = project.codebook()
    assert book["ask"].retired
    assert book["ask"].replaced_by == ("wait",)
    assert [row.coding.code_id for row in project.codings().under(book).current] == ["wait"]
    assert [row.coding.code_id for row in project.codings().current] == ["ask"], "as it was made"
    assert ["Acts", "Waiting"] in groups(shown)
    shown.page.get_by_text("Retired · 1").click()
    assert "now Waiting" in shown.page.locator("details.ra-waiting").inner_text()


def test_a_retired_code_is_restored(editing, project):
    shown = editing("Asking")
    shown.page.get_by_label("This code").select_option("retire")
    kept(shown)
    assert shown.page.get_by_role("option", name="Asking").count() == 0
    shown.page.get_by_text("Retired · 1").click()
    shown.page.get_by_role("button", name="Restore Asking").click()
    shown.page.get_by_role("option", name="Asking").wait_for()
    shown.settle()
    assert not project.codebook()["ask"].retired
    assert shown.page.get_by_text("Retired · 1").count() == 0


def test_include_exclude_and_examples_are_edited_and_nothing_else(editing, project):
    shown = editing("Waiting")
    shown.page.get_by_label("Include").fill("a pause\n\n a breath ")
    shown.page.get_by_label("Exclude").fill("being late")
    kept(shown)
    code = project.codebook()["wait"]
    assert (code.include, code.exclude) == (("a pause", "a breath"), ("being late",))
    assert code.examples == ("She let\nhim finish.",), "not touched, so not changed"
    shown.page.get_by_role("button", name="Edit, move, merge").click()
    shown.page.get_by_label("Examples").fill("She counted to ten.\nHe sat down first.")
    kept(shown)
    assert project.codebook()["wait"].examples == ("She counted to ten.", "He sat down first.")
    assert "He sat down first." in shown.page.inner_text(".ra-detail")


def test_a_memo_on_a_code_stands_in_its_sheet(panel, project):
    shown = panel()
    shown.page.locator(".ra-body").focus()
    explain(shown, "Waiting")
    shown.page.get_by_role("button", name="Memo on this code").click()
    shown.page.keyboard.type("Is a pause of the child's meant too?")
    shown.page.get_by_label("Method").check()
    shown.press("Control+Enter")
    sheet = shown.page.get_by_role("list", name="Memos on this code")
    sheet.get_by_text("Is a pause of the child's").wait_for()
    shown.settle()
    [memo] = project.codings().memos
    assert (memo.code_id, memo.document_id, memo.kind) == ("wait", "", "method")
    assert shown.page.locator("[aria-label='Memos']").is_hidden(), "it is no memo of this text"
    shown.page.locator(".ra-body").focus()
    shown.press("Control+z")
    sheet.wait_for(state="detached")
    assert project.codings().memos == ()
    shown.press("Control+y")
    sheet.get_by_text("Is a pause of the child's").wait_for()


def test_a_memo_on_a_coded_passage_stands_in_the_sheet_of_its_code(panel, project):
    shown = panel()
    shown.drag("watched the water")
    shown.press("1", "m")
    shown.page.keyboard.type("She says we.")
    shown.press("Control+Enter")
    shown.settle()
    explain(shown, "Waiting")
    sheet = shown.page.get_by_role("list", name="Memos on this code")
    assert "on d1" in sheet.inner_text()
    assert "She says we." in sheet.inner_text()


def test_in_a_blind_phase_the_codebook_waits_for_the_meeting(panel, project, axe_faults):
    project.begin_phase("round 1", "reliability", blind=True, by="lead")
    project.assign(["ada", "bo"], overlap=1.0, by="lead")
    shown = panel()
    shown.page.locator(".ra-body").focus()
    explain(shown, "Waiting")
    assert "the codebook changes in the meeting" in shown.page.inner_text(".ra-detail")
    assert shown.page.get_by_role("button", name="Edit, move, merge").count() == 0
    assert axe_faults(shown) == []
    shown.page.get_by_role("button", name="Memo on this code").click()
    shown.page.keyboard.type("Too wide.")
    shown.press("Control+Enter")
    shown.page.get_by_role("list", name="Memos on this code").wait_for()
    shown.settle()
    other = panel("bo")
    other.page.locator(".ra-body").focus()
    explain(other, "Waiting")
    assert "Too wide." not in other.page.inner_text(".ra-detail"), "hers alone while they are blind"


# ── one coder at two pages ──


def test_one_coder_in_two_pages_loses_nothing_and_is_told(panel, project):
    first, second = panel(), panel()
    first.drag("watched the water")
    first.press("1")
    first.settle()
    assert second.marked() == []
    second.drag("she asked")
    second.press("2")
    second.page.get_by_text("open in a second panel").wait_for()
    second.settle()
    both = [["watched the water", 1], ["she asked", 1]]
    assert second.marked() == both
    first.press("f")
    first.page.get_by_text("open in a second panel").wait_for()
    first.settle()
    assert first.marked() == both
    rows = [row.coding for row in project.codings().current]
    assert sorted(TEXT[row.start : row.end] for row in rows) == ["she asked", "watched the water"]


def test_what_one_page_removed_the_other_cannot_change_any_more(panel, project):
    project.desk("ada").code("d1", 3, 20, "wait")
    first, second = panel(), panel()
    for shown in (first, second):
        shown.click("watched the")
    first.press("Delete")
    first.settle()
    second.press("]")
    second.page.locator(".ra-alarm").get_by_text("holds no more").wait_for()
    second.settle()
    assert second.marked() == []
    assert list(project.codings().current) == []
    second.press("Control+z")
    second.settle()
    assert second.marked() == [["watched the water", 1]]
