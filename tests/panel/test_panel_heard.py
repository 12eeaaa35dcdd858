"""What a screen reader hears: the tree of names and roles of each view, and what is said aloud."""

import pytest

MEMO = {"id": "m", "text": "Her words.", "kind": "analytic", "coder": "coder-1"}


@pytest.fixture
def full(one, put):
    """A text with overlapping codings, a proposal and a memo."""

    def full_():
        memo = {**MEMO, "document": "d1", "start": 0, "end": 7, "code": "support"}
        return one(
            put("a", "sat with me until I was calm", "support", memos=1),
            put("b", "until I was calm, and she asked", "feedback"),
            put("p", "The room was loud", "noise", "proposed"),
            memos=[memo],
        )

    return full_


def heard(shown, selector):
    """The tree of a part, as a screen reader goes through it."""
    return shown.page.locator(selector).aria_snapshot().splitlines()


def test_the_text_is_read_in_order_and_coded_words_are_marked(full):
    assert heard(full(), ".ra-body") == [
        '- textbox "Text to code":',
        "  - paragraph:",
        "    - text: Ms. Lee",
        "    - mark: sat with me",
        "    - mark: until I was calm",
        '    - mark: ", and she asked"',
        "    - text: what I had seen.",
        "  - paragraph:",
        "    - mark: The room was loud",
        "    - text: and there was no time to talk. I felt small.",
        "  - paragraph: Next week I want to plan the circle myself.",
    ]


def test_marked_words_say_their_codes(full):
    shown = full()
    session = shown.page.context.new_cdp_session(shown.page)
    tree = session.send("Accessibility.getFullAXTree")["nodes"]
    marks = [node for node in tree if node.get("role", {}).get("value") == "mark"]
    assert [node["description"]["value"] for node in marks] == [
        "Emotional support",
        "Emotional support, Feedback on practice",
        "Feedback on practice",
        "Noise in the room, proposed",
    ]


def test_every_control_of_the_head_is_named(full):
    lines = heard(full(), ".ra-header")
    named = [
        'heading "d1" [level=2]',
        'Undo" [disabled]',
        'Redo" [disabled]',
        'button "Help h"',
        'combobox "Go to a text":',
        'combobox "Order of the texts":',
    ]
    named += ['progressbar "Texts read"', 'button "Hide this hint": ✕']
    assert [each for each in named if not any(each in line for line in lines)] == []


def test_the_lists_are_read_with_their_headings(full):
    assert heard(full(), ".ra-codings") == [
        '- region "Codings of this text":',
        '  - heading "Proposals · 1" [level=3]',
        '  - button "Decide on many… b"',
        '  - list "Proposals":',
        "    - listitem:",
        '      - button "Noise in the room score 0.82 rules The room was loud"',
        "      - paragraph: the word “calm”",
        '      - button "Accept Noise in the room": ✓ Accept',
        '      - button "Reject Noise in the room": ✕ Reject',
        '  - heading "Codings · 2" [level=3]',
        '  - list "Codings":',
        "    - listitem:",
        '      - button "Emotional support 1 memo sat with me until I was calm"',
        "    - listitem:",
        '      - button "Feedback on practice until I was calm, and she asked"',
        '  - heading "Memos" [level=3]',
        '  - list "Memos":',
        "    - listitem:",
        "      - text: analytic Emotional support coder-1",
        '      - button "Ms. Lee"',
        "      - paragraph: Her words.",
        '      - button "Change the memo “Her words.”": Change',
        '      - button "Remove the memo “Her words.”": Remove',
    ]


def test_the_sheet_of_a_code_is_a_region_of_its_own(full):
    shown = full()
    shown.click("I was calm")
    shown.press("i")
    lines = heard(shown, ".ra-detail")
    assert lines[:2] == [
        '- region "What the code means":',
        '  - heading "Emotional support" [level=4]',
    ]
    assert [line.strip() for line in lines[-2:]] == [
        '- button "✎ Memo on this code"',
        '- button "Edit, move, merge…"',
    ]


def test_what_can_be_done_with_a_coding_is_named_in_words(full):
    shown = full()
    shown.click("sat with me")
    shown.settle()
    assert heard(shown, ".ra-actions") == [
        '- toolbar "The active coding":',
        '  - button "Change code"',
        '  - group "Where it begins, by a word":',
        '    - button "Begin a word earlier": earlier',
        '    - button "Begin a word later": later',
        '  - group "Where it ends, by a word":',
        '    - button "End a word earlier": earlier',
        '    - button "End a word later": later',
        '  - button "✎ Memo"',
        '  - button "Remove"',
    ]


def test_no_two_controls_bear_the_same_name(full):
    shown = full()
    shown.click("sat with me")
    names = shown.page.evaluate(
        """() => [...document.querySelectorAll(
             'button, select, input, [role=group], [role=region]')]
             .filter((each) => each.checkVisibility() && !each.closest('.ra-items'))
             .map((each) => each.getAttribute('aria-label') ?? each.textContent)
             .filter((name, k, all) => name && all.indexOf(name) !== k)"""
    )
    assert names == []


def test_where_the_caret_comes_to_is_said_once(full):
    shown = full()
    shown.page.locator(".ra-body").focus()
    shown.press("Control+Home", *["ArrowRight"] * 9)
    assert shown.page.inner_text(".ra-bar .ra-heard") == "Here: Emotional support."
    said = shown.page.evaluate(
        """() => { const said = []; const place = document.querySelector('.ra-bar .ra-heard');
             new MutationObserver(() => said.push(place.textContent))
               .observe(place, { childList: true });
             globalThis.saidAloud = said; }"""
    )
    shown.press(*["ArrowRight"] * 14)
    shown.page.wait_for_function("() => saidAloud.length")
    said = shown.page.evaluate("() => saidAloud")
    assert said == ["Here: Emotional support, Feedback on practice."]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (["1"], "Coded Emotional support."),
        (["1", "Control+z"], "Taken back"),
        (["1", "Control+z", "Control+y"], "Done again"),
        (["f"], "Flagged"),
    ],
)
def test_what_was_done_is_said(one, keys, words):
    shown = one()
    shown.drag("until I was calm")
    for key in keys:
        shown.press(key)
        shown.settle()
    notice = shown.page.locator(".ra-notice[role=status][aria-live=polite]")
    notice.get_by_text(words).wait_for()


def test_a_refusal_and_a_second_panel_are_said(one):
    shown = one()
    shown.sitting.refuse = "not now"
    shown.drag("until I was calm")
    shown.press("1")
    shown.settle()
    assert shown.page.get_by_role("alert").inner_text() == "not now"
    shown.page.evaluate(
        "() => deliver(JSON.stringify({ type: 'done', ok: true, elsewhere: true }))"
    )
    status = shown.page.get_by_role("status").filter(has_text="second panel")
    status.wait_for()


def test_saving_is_said_aloud_only_where_it_takes_long(one):
    shown = one()
    aloud = shown.page.locator(".ra-header .ra-heard[role=status]")
    shown.drag("until I was calm")
    shown.press("1")
    shown.settle()
    assert aloud.inner_text() == ""
    shown.page.clock.install()
    shown.sitting.held = []
    shown.press("2")
    shown.page.clock.run_for(4500)
    assert "waiting for Python" in aloud.inner_text()
    shown.page.clock.resume()
    shown.deliver()
    shown.page.wait_for_function(
        "() => document.querySelector('.ra-header .ra-heard').textContent === 'All saved'"
    )
