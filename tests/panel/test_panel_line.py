"""The text and the line to Python: nothing changes the one, nothing is lost on the other."""

import pytest

# ── the text ──


def test_space_skips_and_enter_marks_as_read(one):
    shown = one()
    shown.page.locator(".ra-body").focus()
    assert "Read, nothing to code" in shown.page.inner_text(".ra-footer")
    shown.press("Space")
    shown.page.wait_for_function("() => document.querySelector('h2').textContent === 'd2'")
    assert shown.did("read") == []
    shown.press("f", "Enter")
    shown.settle()
    assert shown.did("flag")[0]["document"] == "d2"
    assert shown.did("read")[0]["document"] == "d2"
    assert "last text" in shown.page.inner_text(".ra-notice")
    assert "1 of 2" in shown.page.inner_text(".ra-count")


@pytest.mark.parametrize("act", ["type", "paste", "cut", "drop"])
def test_the_text_cannot_be_changed(one, act, text):
    shown = one()
    shown.drag("I felt small")
    if act == "type":
        shown.press("b", "d", "d", "Tab")
        shown.page.keyboard.insert_text("é")
    elif act == "drop":
        shown.drag("I felt small")
        box, target = shown.words("I felt small"), shown.words("Next week")
        shown.page.mouse.move(box["x0"] + 9, box["y0"])
        shown.page.mouse.down()
        shown.page.mouse.move(target["x1"], target["y1"], steps=5)
        shown.page.mouse.up()
    else:
        shown.page.evaluate("() => navigator.clipboard?.writeText?.('x').catch(() => {})")
        shown.press({"paste": "Control+v", "cut": "Control+x"}[act])
    assert shown.page.inner_text(".ra-body").split() == text.split()


def test_what_an_input_method_wrote_is_taken_back(one, put, text):
    shown = one(put("a", "until I was calm", "support"))
    shown.click("was calm")
    session = shown.page.context.new_cdp_session(shown.page)
    session.send("Input.imeSetComposition", {"text": "ä", "selectionStart": 1, "selectionEnd": 1})
    session.send("Input.insertText", {"text": "ä"})
    assert shown.page.inner_text(".ra-body").split() == text.split()
    assert shown.marked() == [["until I was calm", 1]]


def test_every_focusable_element_keeps_its_keys(one, put):
    shown = one(put("p1", "until I was calm", "support", "proposed"), put("a", "I felt", "doubt"))
    shown.click("was calm")
    shown.press("h")
    bare = shown.page.evaluate(
        """() => [...document.querySelectorAll(
             'button, input, textarea, select, dialog, [tabindex], [contenteditable]')]
             .filter((each) => !each.hasAttribute('data-lm-suppress-shortcuts'))
             .map((each) => each.outerHTML)"""
    )
    assert bare == []


# ── the line to Python ──


def test_saving_is_said_until_python_has_answered(one):
    shown = one()
    shown.sitting.held = []
    shown.drag("until I was calm")
    shown.press("1")
    assert shown.page.inner_text(".ra-saving") == "Saving…"
    assert shown.marked() == [["until I was calm", 1]]
    shown.deliver()
    shown.settle()
    assert shown.page.inner_text(".ra-saving") == "All saved"


def test_what_python_refuses_is_taken_back_and_said(one):
    shown = one()
    shown.sitting.refuse = "support is retired since yesterday"
    shown.drag("until I was calm")
    shown.press("1")
    shown.settle()
    assert shown.page.inner_text(".ra-alarm") == "support is retired since yesterday"
    assert shown.page.locator(".ra-alarm").get_attribute("role") == "alert"
    assert shown.marked() == []
    assert shown.listed() == []


def test_a_refused_move_puts_the_edges_back(one, put):
    shown = one(put("a", "until I was calm", "support"))
    shown.click("was calm")
    shown.sitting.refuse = "not now"
    shown.press("]")
    shown.settle()
    assert shown.marked() == [["until I was calm", 1]]


def test_nothing_is_lost_when_python_is_started_again(one):
    shown = one()
    shown.sitting.deaf = True
    shown.drag("until I was calm")
    shown.press("1")
    shown.drag("I felt small")
    shown.press("2")
    assert shown.sitting.heard == []
    shown.sitting.deaf = False
    shown.page.evaluate("() => { unmount(); mount(); }")
    shown.page.wait_for_selector(".ra-run")
    shown.settle()
    assert [each["codes"] for each in shown.did("code")] == [["support"], ["feedback"]]
    assert sorted(run for run, _ in shown.marked()) == ["I felt small", "until I was calm"]
    sent = [each["id"] for each in shown.sitting.asked if each["op"] == "code"]
    assert sent[0] == sent[1] != sent[2], "sent again under the same id, and only then the next"


def test_two_views_of_one_widget_show_the_same(one):
    shown = one()
    shown.page.evaluate("() => mount()")
    shown.page.wait_for_function(
        "() => document.querySelectorAll('.ra-body .ra-block').length === 6"
    )
    shown.drag("until I was calm")
    shown.press("1")
    shown.page.wait_for_function("() => document.querySelectorAll('.ra-run').length === 2")
    shown.settle()
    assert shown.marked() == [["until I was calm", 1]] * 2
    assert len(shown.did("code")) == 1


def test_nothing_is_kept_in_the_browser(one):
    shown = one()
    shown.drag("until I was calm")
    shown.press("1")
    shown.settle()
    kept = shown.page.evaluate("() => [localStorage.length, sessionStorage.length]")
    assert kept == [0, 0]


def test_a_second_panel_of_the_same_coder_is_told(one, put):
    shown = one()
    shown.drag("until I was calm")
    sitting = shown.sitting
    known = sitting._flag

    def elsewhere(message):
        fresh = {**sitting.documents["d1"], "codings": [put("z", "The room was loud", "noise")]}
        return {**known(message), "elsewhere": True, "document": fresh}

    sitting._flag = elsewhere
    shown.press("f")
    shown.settle()
    assert "second panel" in shown.page.inner_text(".ra-banner")
    assert shown.marked() == [["The room was loud", 1]]
