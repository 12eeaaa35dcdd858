"""Where the focus goes when a button is gone, what was taken back, and how a text is found."""

import pytest

from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.panel import Sitting
from reflect_analysis.project import Project


def focused(shown):
    """The name of what has the focus."""
    return shown.page.evaluate(
        """() => document.activeElement.getAttribute('aria-label')
             ?? document.activeElement.textContent.trim()"""
    )


IN_THE_TEXT = "Text to code"


# ── the focus ──


@pytest.mark.parametrize("act", ["Accept", "Reject"])
def test_after_a_decision_in_the_list_the_next_proposal_has_the_focus(one, put, act):
    shown = one(
        put("p1", "until I was calm", "support", "proposed"),
        put("p2", "no time to talk", "time", "proposed"),
        put("p3", "plan the circle", "growth", "proposed"),
    )
    shown.page.get_by_role("button", name=f"{act} Lack of time").focus()
    shown.press("Enter")
    shown.settle()
    assert focused(shown) == f"{act} Growth"
    shown.press("Enter")
    shown.settle()
    assert focused(shown) == f"{act} Emotional support"
    shown.press("Enter")
    shown.settle()
    assert focused(shown) == IN_THE_TEXT


def test_after_a_hint_or_a_notice_is_closed_the_text_has_the_focus(one):
    shown = one()
    shown.page.get_by_role("button", name="Hide this hint").focus()
    shown.press("Enter")
    assert focused(shown) == IN_THE_TEXT
    shown.page.evaluate(
        "() => deliver(JSON.stringify({ type: 'done', ok: true, elsewhere: true }))"
    )
    shown.page.get_by_role("button", name="Understood").focus()
    shown.press("Enter")
    assert focused(shown) == IN_THE_TEXT


def test_after_a_coding_is_removed_by_its_button_the_text_has_the_focus(one, put):
    shown = one(put("a", "until I was calm", "support"))
    shown.click("was calm")
    shown.page.get_by_role("button", name="Remove").focus()
    shown.press("Enter")
    shown.settle()
    assert focused(shown) == IN_THE_TEXT


class Waiting:
    """Codes that wait, and are taken or let go."""

    def __init__(self, sitting):
        self.names = ["Small", "Loud", "Brave"]
        self.sitting = sitting
        sitting._adopt_code = sitting._drop_waiting = self._gone
        sitting._study = self._study(sitting._study)

    def _waiting(self):
        return [{"id": name, "name": name, "definition": ""} for name in self.names]

    def _gone(self, message):
        self.names.remove(message["waiting"])
        return {"waiting": self._waiting()}

    def _study(self, made):
        return lambda: {**made(), "waiting": self._waiting()}


def test_after_a_code_is_adopted_or_dropped_the_next_has_the_focus(one):
    shown = one()
    Waiting(shown.sitting)
    shown.page.evaluate("() => { unmount(); mount(); }")
    shown.page.get_by_role("button", name="Drop Loud").focus()
    shown.press("Enter")
    shown.settle()
    assert focused(shown) == "Drop Brave"
    shown.press("Enter")
    shown.settle()
    assert focused(shown) == "Drop Small"
    shown.page.get_by_role("button", name="Adopt Small").focus()
    shown.press("Enter")
    shown.settle()
    assert focused(shown) == IN_THE_TEXT


# ── what was taken back ──


def told(shown):
    return shown.page.inner_text(".ra-notice")


def test_undo_and_redo_say_what_they_did(one):
    shown = one()
    shown.drag("until I was calm")
    shown.press("1")
    shown.settle()
    shown.press("Control+z")
    shown.settle()
    assert told(shown) == "Taken back: Emotional support on “until I was calm”."
    shown.press("Control+y")
    shown.settle()
    assert told(shown) == "Done again: Emotional support on “until I was calm”."


CODES = (Code("wait", "Waiting", "A pause.", "acts"), Code("ask", "Asking", "Asks.", "acts"))


@pytest.fixture
def project(tmp_path, text):
    """A study with two coders who differ on one passage, and a proposal."""
    document = Document("d1", text, case_id="P0")
    corpus = Corpus((document,), (Case("P0"),), (Clearance(document.sha256, "lead", ""),))
    start = text.index("The room was loud")
    rules = Coding("d1", start, start + 17, "wait", "rules", coder_kind="machine", score=0.9)
    with Project.create(tmp_path / "a study.reflect", title="Peers", by="lead") as made:
        book = Codebook(CODES, (Group("acts", "What was done"),))
        made.save(by="lead", corpus=corpus, codebook=book, codings=Codings((rules,)))
        made.add_coder("ann", "lead", by="lead")
        made.add_coder("ben", by="lead")
        made.desk("ben").code("d1", 0, 7, "ask")
        made.desk("ann").read("d1")
        yield made


def test_each_thing_that_is_taken_back_is_named(show, project):
    shown = show(sitting=Sitting(project, "ann"))
    page = shown.page
    shown.drag("until I was calm")
    shown.press("1")
    shown.settle()

    def back_and_forth(words, again=None):
        shown.press("Control+z")
        shown.settle()
        assert told(shown) == f"Taken back: {words}."
        shown.press("Control+y")
        shown.settle()
        assert told(shown) == f"Done again: {again or words}."

    back_and_forth("Waiting on “until I was calm”")
    shown.click("was calm")
    shown.press("]")
    shown.settle()
    back_and_forth(
        "the change of Waiting on “until I was calm”",
        "the change of Waiting on “until I was calm, and”",
    )
    shown.click("was calm")
    shown.press("Delete")
    shown.settle()
    back_and_forth("the removal of Waiting on “until I was calm, and”")
    shown.press("f")
    shown.settle()
    back_and_forth("the flag of this text")
    shown.press("p", "a")
    shown.settle()
    back_and_forth("the decision on Waiting on “The room was loud”")
    shown.press("Escape", "m")
    page.get_by_role("textbox", name="Memo").fill("Loud, she says.")
    page.get_by_role("button", name="Keep the memo").click()
    shown.settle()
    back_and_forth("the memo “Loud, she says.”")


def test_where_coders_are_compared_ctrl_z_and_y_go_back_and_forth(show, project):
    shown = show(sitting=Sitting(project, "ann"))
    page = shown.page
    page.locator(".ra-body").focus()
    shown.press("v")
    page.wait_for_selector(".ra-layers tbody tr")
    page.locator("[data-code=ask]").check()
    page.get_by_label("Reason").fill("Asked at once.")
    shown.press("Control+Enter")
    shown.settle()
    agreed = "td:last-child .ra-pill"
    page.wait_for_selector(agreed)
    page.locator(".ra-agree [type=checkbox]").first.focus()
    shown.press("Control+z")
    shown.settle()
    page.wait_for_selector(agreed, state="detached")
    assert "Taken back: Asking on “Ms. Lee”" in page.inner_text(".ra-told")
    shown.press("Control+y")
    shown.settle()
    page.wait_for_selector(agreed)
    assert "Done again: Asking on “Ms. Lee”" in page.inner_text(".ra-told")


# ── times ──


@pytest.mark.parametrize(
    ("at", "shown_as"),
    [(0.0, "0:00:00"), (59.9, "0:00:59"), (4083.5, "1:08:03"), ("00:00:04", "00:00:04")],
)
def test_the_time_of_a_turn_is_told_in_hours_minutes_and_seconds(show, make_document, at, shown_as):
    turns = [{"start": 0, "end": 10, "speaker": "Mentor", "at": at}]
    shown = show(make_document("t", "How was it", kind="transcript", turns=turns))
    assert shown.page.get_attribute(".ra-turn", "data-at") == shown_as


# ── texts ──


def test_what_was_read_by_mistake_waits_again(show, make_document, text):
    shown = show(make_document("d1", text, read=True))
    shown.page.locator(".ra-body").focus()
    shown.press("u")
    shown.settle()
    assert shown.did("read")[0]["on"] is False
    assert shown.page.get_by_role("button", name="Read, nothing to code – next").is_visible()
    assert not shown.page.get_by_role("button", name="Not read yet").is_visible()
    shown.press("u")
    assert len(shown.did("read")) == 1


def test_a_text_is_found_by_a_part_of_its_id_or_title(show, make_document):
    titles = {"r1": "The first week", "r2": "A walk", "p-07": "Water at the tap"}
    shown = show(
        *(make_document(name, f"Words of {name}.", title=title) for name, title in titles.items())
    )
    find = shown.page.get_by_role("searchbox", name="Find a text")
    find.fill("wat")
    options = """() => [...document.querySelector('[aria-label="Go to a text"]').options]
      .map((each) => each.text)"""
    assert shown.page.evaluate(options) == ["The first week", "Water at the tap"]
    assert "1 text found" in shown.page.inner_text(".ra-second")
    find.press("Enter")
    shown.page.wait_for_function("() => document.querySelector('h2').textContent.includes('Water')")
    assert len(shown.page.evaluate(options)) == 3
    find.fill("r2")
    find.press("Escape")
    assert len(shown.page.evaluate(options)) == 3
    assert focused(shown) == IN_THE_TEXT


def test_flagged_texts_are_gathered(one):
    shown = one()
    shown.page.get_by_label("Order of the texts").select_option("flagged")
    shown.settle()
    assert shown.did("queue")[0]["order"] == "flagged"
