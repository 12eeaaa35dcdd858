"""What was refused is never passed over, a held key acts once, and nothing is said in vain."""

import json
import sqlite3

import pytest

from reflect_analysis.codings import Coding
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.errors import ProjectError
from reflect_analysis.panel import Sitting
from reflect_analysis.project import Project, engine
from reflect_analysis.project.engine import Address, BusyError, UnreachableError, in_words

BEFORE = "We waited at the water. She asked what I saw."
AFTER = BEFORE.replace("We waited", "Last week we all waited")
SECOND = "Another text of hers."


def texts(first=BEFORE):
    return Document("d1", first, case_id="P0"), Document("d2", SECOND, case_id="P0")


@pytest.fixture
def project(begin_study):
    return begin_study(*texts())


def correct(project):
    """A lead corrects the first text."""
    documents = texts(AFTER)
    clear = tuple(Clearance(each.sha256, "lead", "read") for each in documents)
    project.save(by="lead", corpus=Corpus(documents, (Case("P0"),), clear))


class Slow:
    """A sitting whose answers may be kept back, and which may find its store in use."""

    def __init__(self, sitting):
        self.sitting, self.heard, self.held, self.busy = sitting, [], None, 0
        self.why = "busy"

    def take(self, message):
        self.heard.append(message)
        if self.busy and message["op"] not in {"hello", "open", "look"}:
            self.busy -= 1
            error = {"kind": self.why, "message": "not for 30 seconds"}
            return [{"type": "done", "ok": False, "re": message["id"], "error": error}]
        reply = self.sitting.take(message)
        if self.held is None:
            return [reply]
        self.held.append(reply)
        return []


@pytest.fixture
def shown(show, project):
    made = show(sitting=Slow(Sitting(project, "ada")))
    made.page.locator(".ra-body").focus()
    made.press("Control+Home")
    return made


def stored(project):
    """Words and code of what holds, and the texts that were read."""
    words = {each.id: each.text for each in project.corpus()}
    log = project.codings()
    rows = [row.coding for row in log.current]
    coded = [(words[row.document_id][row.start : row.end], row.code_id) for row in rows]
    return coded, [seen.document_id for seen in log.seen]


def title(shown):
    return shown.page.inner_text("h2")


def alarm(shown):
    return shown.page.inner_text(".ra-alarm")


# ── refused, and gone on ──


def test_a_text_is_not_read_nor_left_where_its_coding_is_still_to_be_refused(shown, project):
    correct(project)
    shown.sitting.held = []
    shown.press("s", "1", "Enter")
    shown.deliver()
    shown.settle()
    assert stored(project) == ([], [])
    assert title(shown) == "d1"
    assert "corrected meanwhile" in alarm(shown)
    assert "Not stored: Wait on “We waited at the water.”" in shown.page.inner_text(".ra-bar")
    assert "Not read yet" in shown.page.inner_text(".ra-notice")
    assert [each["op"] for each in shown.sitting.heard if each["op"] != "open"] == ["hello", "code"]


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_key_that_comes_after_the_refusal_does_not_leave_the_text_at_once(shown, project, key):
    correct(project)
    shown.press("s", "1")
    shown.settle()
    shown.press(key)
    shown.settle()
    assert (title(shown), stored(project)) == ("d1", ([], []))
    assert "corrected meanwhile" in alarm(shown)
    assert "The same key once more goes on." in shown.page.inner_text(".ra-bar")
    assert "Coded" not in shown.page.inner_text(".ra-notice")
    shown.press(key)
    shown.page.wait_for_function("() => document.querySelector('h2').textContent === 'd2'")
    shown.settle()
    assert alarm(shown) == ""
    assert stored(project) == ([], ["d1"] if key == "Enter" else [])


def test_what_was_refused_is_coded_again_and_then_nothing_stands_in_the_way(shown, project):
    correct(project)
    shown.drag("She asked")
    shown.press("2")
    shown.settle()
    shown.press("2")
    shown.settle()
    assert alarm(shown) == ""
    assert shown.page.locator(".ra-bar").get_by_role("button", name="Understood").count() == 0
    shown.page.locator(".ra-banner").get_by_role("button", name="Understood").click()
    shown.press("Enter")
    shown.page.wait_for_function("() => document.querySelector('h2').textContent === 'd2'")
    shown.settle()
    assert stored(project) == ([("She asked", "ask")], ["d1"])


def test_words_that_were_corrected_are_not_stored_as_read(shown, project):
    correct(project)
    shown.press("Enter")
    shown.settle()
    assert (title(shown), stored(project)) == ("d1", ([], []))
    assert "corrected meanwhile" in alarm(shown)
    assert "0 of 2" in shown.page.inner_text(".ra-count")


def test_other_words_do_not_wipe_what_was_refused_and_a_button_does(one):
    shown = one()
    shown.sitting.refuse = "not now"
    shown.drag("until I was calm")
    shown.press("1")
    shown.settle()
    shown.drag("I felt small")
    shown.press("2", "f")
    shown.settle()
    assert alarm(shown) == "not now"
    shown.page.get_by_label("Go to a text").select_option("d2")
    shown.page.wait_for_function("() => document.querySelector('h2').textContent === 'd2'")
    shown.settle()
    assert alarm(shown) == "In “d1”: not now"
    shown.page.get_by_role("button", name="Understood").click()
    assert alarm(shown) == ""
    assert shown.page.evaluate("() => document.activeElement.className") == "ra-body"


def test_a_correction_that_nobody_asked_about_is_looked_at_before_the_text_is_left(shown, project):
    correct(project)
    shown.press("f")
    shown.settle()
    shown.press("Enter")
    shown.settle()
    assert (title(shown), stored(project)) == ("d1", ([], []))
    assert "look again" in shown.page.inner_text(".ra-notice")
    shown.press("Enter")
    shown.page.wait_for_function("() => document.querySelector('h2').textContent === 'd2'")
    shown.settle()
    assert stored(project) == ([], ["d1"])


def test_an_undo_of_what_was_refused_takes_back_nothing_else(one):
    shown = one()
    shown.drag("I felt small")
    shown.press("2")
    shown.settle()
    shown.sitting.held, shown.sitting.refuse = [], "not now"
    shown.drag("until I was calm")
    shown.press("1", "Control+z")
    shown.deliver()
    shown.settle()
    assert shown.did("undo") == []
    assert shown.marked() == [["I felt small", 1]]


def recode(shown, part):
    """Another code for the active coding, by a part of its name."""
    shown.press("c")
    shown.page.keyboard.type(part)
    shown.press("Enter")


@pytest.mark.parametrize(
    "keys",
    [
        ("recode", "Control+z", "Control+z"),
        ("Control+z", "Control+y"),
        ("Control+z", "Control+y", "Control+z"),
        ("Enter", "Control+z"),
    ],
    ids=" ".join,
)
def test_nothing_is_gone_back_or_forth_over_what_was_refused(one, keys):
    shown = one()
    shown.drag("I felt small")
    shown.press("2")
    shown.settle()
    shown.sitting.held, shown.sitting.refuse = [], "not now"
    shown.drag("until I was calm")
    shown.press("1")
    for key in keys:
        recode(shown, "Noise") if key == "recode" else shown.press(key)
    shown.deliver()
    shown.settle()
    assert [each["op"] for each in shown.sitting.heard] == ["code", "code"]
    assert shown.marked() == [["I felt small", 1]]


def test_one_memo_that_is_removed_does_not_settle_another_that_is_not(one):
    memo = {"kind": "analytic", "coder": "coder-1", "document": "d1", "start": None, "end": None}
    memos = [{**memo, "id": name, "text": f"{name} thought", "code": ""} for name in ("m1", "m2")]
    shown = one(memos=memos)
    shown.sitting._remove_memo = lambda _: {}
    shown.sitting.refuse = "not now"
    shown.page.get_by_role("button", name="Remove the memo “m1 thought”").click()
    shown.settle()
    shown.page.get_by_role("button", name="Remove the memo “m2 thought”").click()
    shown.settle()
    assert alarm(shown) == "not now"
    shown.page.get_by_role("button", name="Remove the memo “m1 thought”").click()
    shown.settle()
    assert alarm(shown) == ""


def test_an_undo_of_what_was_done_since_is_done(one):
    shown = one()
    shown.sitting.held, shown.sitting.refuse = [], "not now"
    shown.drag("until I was calm")
    shown.press("1")
    shown.drag("I felt small")
    shown.press("2", "Control+z")
    shown.deliver()
    shown.settle()
    assert len(shown.did("undo")) == 1
    assert shown.marked() == []


# ── a store that another program holds ──


def test_what_a_held_store_does_not_take_is_kept_and_asked_again_in_order(shown, project):
    shown.sitting.busy = 2
    shown.press("s", "1")
    saving = "() => document.querySelector('.ra-saving').textContent.includes('in use by another')"
    shown.page.wait_for_function(saving)
    assert shown.marked() == [["We waited at the water.", 1]]
    shown.press("s", "2", "Enter")
    shown.page.wait_for_function("() => document.querySelector('h2').textContent === 'd2'")
    shown.settle()
    words = "We waited at the water."
    coded, read = stored(project)
    assert sorted(coded) == [(words, "ask"), (words, "wait")]
    assert read == ["d1"]
    asked = [each.get("codes") for each in shown.sitting.heard if each["op"] == "code"]
    assert asked == [["wait"]] * 3 + [["ask"]]
    assert alarm(shown) == ""


def test_a_coding_survives_another_program_that_holds_the_file(show, project, monkeypatch):
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.1)
    project.close()
    with Project.open(project.address.path) as again:
        slow = Slow(Sitting(again, "ada"))
        other = sqlite3.connect(project.address.path, isolation_level=None)
        whole, seen = slow.take, []

        def take(message):
            [reply] = whole(message)
            if reply.get("error"):
                seen.append(reply["error"]["kind"])
                other.execute("ROLLBACK")
            return [reply]

        slow.take = take
        shown = show(sitting=slow)
        shown.page.locator(".ra-body").focus()
        other.execute("BEGIN EXCLUSIVE")
        shown.press("s", "1", "s", "2", "Enter")
        shown.page.wait_for_function("() => document.querySelector('h2').textContent === 'd2'")
        shown.settle()
        other.close()
        assert seen == ["busy"]
        coded, read = stored(again)
        assert (sorted(code for _, code in coded), read) == (["ask", "wait"], ["d1"])


def test_a_file_that_another_program_holds_is_told_as_such(tmp_path, project):
    with pytest.raises(BusyError, match="in use"), in_words(Address(project.address.path)):
        raise sqlite3.OperationalError("database is locked")
    with pytest.raises(ProjectError) as told, in_words(Address(project.address.path)):
        raise sqlite3.OperationalError("disk I/O error")
    assert not isinstance(told.value, BusyError)


def test_a_server_that_is_away_is_told_as_such_and_asked_seldom(shown, project):
    shown.sitting.busy, shown.sitting.why = 1, "unreachable"
    shown.page.clock.install()
    shown.press("s", "1")
    saving = "() => document.querySelector('.ra-saving').textContent.includes('does not answer')"
    shown.page.wait_for_function(saving)
    assert "another program" not in shown.page.inner_text(".ra-saving")
    shown.page.clock.pause_at(shown.page.evaluate("() => Date.now() / 1000 + 2"))
    assert [each["op"] for each in shown.sitting.heard] == ["hello", "open", "code"]
    shown.page.clock.fast_forward(10_000)
    shown.page.clock.resume()
    shown.settle()
    assert stored(project)[0] == [("We waited at the water.", "wait")]


@pytest.mark.parametrize(
    ("error", "kind"), [(BusyError, "busy"), (UnreachableError, "unreachable")]
)
def test_the_page_is_told_why_a_store_takes_nothing(project, monkeypatch, error, kind):
    sitting = Sitting(project, "ada")

    def fails(*_args, **_more):
        raise error("not now")

    monkeypatch.setattr(sitting.seat.desk, "code", fails)
    asked = {"op": "code", "id": "6d9f5a3e-2f0b-4a55-9a53-0b7a4f0a0009", "session": "s"}
    reply = sitting.take(asked | {"document": "d1", "start": 0, "end": 2, "codes": ["wait"]})
    assert reply["error"]["kind"] == kind


# ── keys that are held down ──


def hold(shown, key, times=9):
    """Hold a key: the browser says that it repeats."""
    for _ in range(times):
        shown.page.keyboard.down(key)
    shown.page.keyboard.up(key)
    shown.settle()


def test_a_held_enter_reads_one_text(show, make_document):
    shown = show(*(make_document(f"d{k}", f"Text {k}.") for k in range(5)))
    shown.page.locator(".ra-body").focus()
    hold(shown, "Enter")
    assert [each["document"] for each in shown.did("read")] == ["d0"]
    shown.page.get_by_role("button", name="next").focus()
    hold(shown, "Enter")
    assert [each["document"] for each in shown.did("read")] == ["d0", "d1"]


@pytest.mark.parametrize("key", ["x", "a"])
def test_a_held_decision_is_one_decision(one, put, key):
    places = ("until I was calm", "no time to talk", "plan the circle")
    shown = one(*(put(words, words, "support", "proposed") for words in places))
    shown.page.locator(".ra-body").focus()
    shown.press("p")
    hold(shown, key)
    assert len(shown.did("decide")) == 1


@pytest.mark.parametrize(("key", "op"), [("f", "flag"), ("1", "code"), ("Delete", "remove")])
def test_a_held_key_flags_codes_and_removes_once(one, put, key, op):
    shown = one(put("a", "until I was calm", "noise"), put("b", "was calm", "doubt"))
    shown.click("was calm")
    hold(shown, key)
    assert len(shown.did(op)) == 1


def test_edges_and_taking_back_go_on_while_a_key_is_held(one, put):
    shown = one(put("a", "until I was calm", "noise"))
    shown.click("was calm")
    hold(shown, "]", 3)
    assert len(shown.did("move")) == 3
    hold(shown, "Backspace", 3)
    assert len(shown.did("undo")) == 3


def test_a_held_edge_moves_one_coding_on_and_on(shown, project):
    project.desk("ada").code("d1", 0, 2, "wait")
    shown.page.evaluate("() => { unmount(); mount(); }")
    shown.page.wait_for_selector(".ra-run")
    shown.click("We")
    hold(shown, "]", 3)
    assert stored(project)[0] == [("We waited at the", "wait")]
    assert alarm(shown) == ""


# ── proposals by key ──


@pytest.fixture
def proposed(project):
    made = Coding("d1", 3, 9, "wait", "rules", coder_kind="machine", score=0.9)
    project.record(by="lead", codings=[made])
    return project


def test_the_very_code_that_is_proposed_accepts_it(proposed, show):
    shown = show(sitting=Sitting(proposed, "ada"))
    shown.page.locator(".ra-body").focus()
    shown.press("p", "1")
    shown.settle()
    assert shown.page.inner_text(".ra-notice") == "Accepted: Wait."
    assert [row.status for row in proposed.codings().current] == ["reviewed"]


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("]", "Accepted with other edges: waited at"),
        ("2", "Accepted as Ask, in the place of Wait."),
    ],
)
def test_a_proposal_that_is_changed_is_said_to_be_accepted(proposed, show, key, told):
    shown = show(sitting=Sitting(proposed, "ada"))
    shown.page.locator(".ra-body").focus()
    shown.press("p", key)
    assert shown.page.inner_text(".ra-notice") == told
    shown.settle()
    assert [row.action for row in proposed.codings().decisions] == ["change"]


# ── to another text ──


def test_arrow_keys_choose_a_text_and_enter_opens_it(show, make_document):
    shown = show(*(make_document(f"d{k}", f"Text {k}.") for k in range(4)))
    picker = shown.page.get_by_label("Go to a text")
    picker.focus()
    shown.page.keyboard.press("ArrowDown")
    shown.page.keyboard.press("ArrowDown")
    shown.settle()
    assert title(shown) == "d0"
    assert picker.evaluate("each => each === document.activeElement")
    assert shown.page.inner_text(".ra-notice") == "Enter opens d2."
    shown.page.keyboard.press("Enter")
    shown.page.wait_for_function("() => document.querySelector('h2').textContent === 'd2'")
    picker.focus()
    shown.page.keyboard.press("ArrowUp")
    shown.page.keyboard.press("Tab")
    shown.settle()
    assert (title(shown), picker.input_value()) == ("d2", "d2")


def test_what_is_taken_back_in_another_text_is_said_there(shown, project):
    shown.press("Enter")
    shown.page.wait_for_function("() => document.querySelector('h2').textContent === 'd2'")
    shown.settle()
    notice = "words => document.querySelector('.ra-notice').textContent === words"
    shown.press("Control+z")
    shown.page.wait_for_function(notice, arg="Taken back: that it was read in d1.")
    assert title(shown) == "d1"
    shown.press("Space")
    shown.page.wait_for_function("() => document.querySelector('h2').textContent === 'd2'")
    shown.press("Control+y")
    shown.page.wait_for_function(notice, arg="Done again: that it was read in d1.")
    assert stored(project)[1] == ["d1"]


# ── the coder's second panel ──


def test_what_was_coded_stays_active_after_work_in_a_second_panel(shown, project):
    other = Sitting(project, "ada").take({"op": "hello", "id": "1", "session": "other"})
    assert other["type"] == "study"
    project.desk("ada").code("d1", 24, 33, "ask")
    shown.press("s", "1")
    shown.settle()
    assert "second panel" in shown.page.inner_text(".ra-banner:not(:empty)")
    assert "nothing is lost" in shown.page.inner_text(".ra-banner:not(:empty)")
    shown.press("m")
    assert "We waited at the water." in shown.page.inner_text("dialog")


def test_what_has_no_answer_yet_is_shown_on_a_text_that_comes_anew(one, put):
    shown = one()
    shown.sitting.held = []
    shown.drag("until I was calm")
    shown.press("1")
    told = {**shown.sitting.documents["d1"], "codings": [put("z", "The room was loud", "noise")]}
    shown.page.evaluate("text => deliver(text)", json.dumps(told))
    runs = "() => document.querySelectorAll('.ra-run').length === 2"
    shown.page.wait_for_function(runs)
    shown.deliver()
    shown.settle()
    shown.page.wait_for_function(runs)
    assert sorted(words for words, _ in shown.marked()) == ["The room was loud", "until I was calm"]


def test_the_banner_does_not_say_that_nothing_is_lost_where_something_is(shown, project):
    [coding] = project.desk("ada").code("d1", 0, 9, "wait")
    shown.page.evaluate("() => { unmount(); mount(); }")
    shown.page.wait_for_selector(".ra-run")
    shown.click("waited")
    project.desk("ada").decide(coding.id, "reject")
    shown.press("]")
    shown.settle()
    banner = shown.page.inner_text(".ra-banner:not(:empty)")
    assert "not stored" in banner
    assert "nothing is lost" not in banner
    assert "holds no more" in alarm(shown)


# ── keys that print another sign ──


def press_slash(shown):
    shown.page.evaluate(
        """() => document.activeElement.dispatchEvent(new KeyboardEvent('keydown',
             { key: '/', code: 'Digit7', shiftKey: true, bubbles: true, cancelable: true }))"""
    )


def hint(shown):
    return shown.page.get_by_role("option", name="Zeal").locator("kbd").count()


def with_seventeen(shown):
    """A code whose key is Shift and 7."""
    code = {**shown.sitting.codes[0], "id": "zeal", "name": "Zeal", "key": "shift+7"}
    shown.sitting.codes.append(code)
    shown.page.evaluate("() => { unmount(); mount(); }")
    shown.page.wait_for_selector("[role=option] >> text=Zeal")
    shown.page.locator(".ra-body").focus()


def test_a_key_that_prints_a_slash_is_not_told_as_a_codes_key(one):
    shown = one()
    with_seventeen(shown)
    assert hint(shown) == 1
    press_slash(shown)
    assert hint(shown) == 0
    assert "Zeal has no key" in shown.page.inner_text(".ra-notice")
    assert shown.page.evaluate("() => document.activeElement.classList.contains('ra-search')")


def test_where_the_browser_tells_the_layout_it_is_known_before_a_key_is_pressed(one):
    shown = one()
    german = "new Map([['Digit7', '7'], ['Slash', '-'], ['Minus', 'ß']])"
    shown.page.evaluate(
        f"""() => Object.defineProperty(navigator, 'keyboard',
             {{ value: {{ getLayoutMap: async () => {german} }} }})"""
    )
    with_seventeen(shown)
    shown.page.wait_for_function(
        "() => ![...document.querySelectorAll('kbd')].some((each) => each.textContent === '⇧7')"
    )


# ── while the line is cut ──


LINE = """async () => {
  const { Panel } = await import('/static/panel.js');
  unmount();
  let take; let status; let stands = true;
  const line = {
    send: (message) => stands && toPython(JSON.stringify(message))
      .then((replies) => stands && replies.forEach((each) => take(JSON.parse(each)))),
    listen: (heard, told) => { [take, status] = [heard, told]; status(true); return () => {}; },
  };
  globalThis.stand = (on) => { stands = on; status(on); };
  new Panel(document.getElementById('host'), line);
}"""


def take_the_line(shown):
    """From now on the line is cut and stands as the test says."""
    shown.page.evaluate(LINE)
    shown.page.wait_for_selector(".ra-block")
    shown.settle()


def test_a_text_that_was_asked_for_while_the_line_was_cut_opens_when_it_stands(one):
    shown = one()
    take_the_line(shown)
    shown.page.evaluate("() => stand(false)")
    find = shown.page.get_by_role("searchbox", name="Find a text")
    find.fill("d2")
    find.press("Enter")
    assert "as soon as the line stands again" in shown.page.inner_text(".ra-notice")
    shown.page.evaluate("() => stand(true)")
    shown.page.wait_for_function("() => document.querySelector('h2').textContent === 'd2'")


def test_the_order_that_was_chosen_holds_when_the_line_stands_again(one):
    shown = one()
    take_the_line(shown)
    shown.page.evaluate("() => stand(false)")
    shown.page.get_by_label("Order of the texts").select_option("flagged")
    shown.page.evaluate("() => stand(true)")
    shown.settle()
    assert [each["order"] for each in shown.did("queue")] == ["flagged"]


def test_a_text_that_one_may_not_leave_is_read_anew_when_the_line_stands(one, put):
    shown = one(put("z", "I felt small", "doubt", "other"))
    take_the_line(shown)
    shown.page.evaluate("() => stand(false)")
    shown.drag("until I was calm")
    shown.press("1", "Space")
    shown.sitting.documents["d1"]["codings"] = []  # a blind phase began
    shown.sitting.refuse = "not now"
    shown.page.evaluate("() => stand(true)")
    shown.settle()
    shown.page.wait_for_function("() => !document.querySelector('.ra-run')")
    assert (title(shown), alarm(shown)) == ("d1", "not now")
    assert "next" not in [each["op"] for each in shown.sitting.asked]
    shown.press("Space")
    shown.page.wait_for_function("() => document.querySelector('h2').textContent === 'd2'")


def test_the_next_text_opens_when_the_line_stands_and_nothing_is_in_the_way(one):
    shown = one()
    take_the_line(shown)
    shown.page.locator(".ra-body").focus()
    shown.page.evaluate("() => stand(false)")
    shown.press("Enter")
    shown.page.evaluate("() => stand(true)")
    shown.page.wait_for_function("() => document.querySelector('h2').textContent === 'd2'")
    assert [each["document"] for each in shown.did("read")] == ["d1"]
