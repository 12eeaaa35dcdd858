"""Keyboards that print something else on the row of digits than an American one."""

import json

SHIFT, ALT = {"shiftKey": True}, {"altKey": True}
GRAPH, CTRL_ALT = {"modifierAltGraph": True}, {"ctrlKey": True, "altKey": True}

# What a key prints, where it lies, what is held, and what it does: a code that is given, an edge
# that is moved, the search, the help, or nothing.
PRESSED = [
    ("German", "/", "Digit7", SHIFT, "search"),
    ("German", "?", "Minus", SHIFT, "help"),
    ("German", "{", "Digit7", GRAPH, "later"),
    ("German", "[", "Digit8", GRAPH, "earlier"),
    ("German", "]", "Digit9", GRAPH, "longer"),
    ("German", "}", "Digit0", GRAPH, "shorter"),
    ("German", "[", "Digit8", CTRL_ALT, "earlier"),
    ("German", "²", "Digit2", GRAPH, "nothing"),
    ("German", "³", "Digit3", CTRL_ALT, "nothing"),
    ("German", "µ", "KeyM", GRAPH, "nothing"),
    ("German", "!", "Digit1", SHIFT, "doubt"),
    ("German", "2", "Digit2", {}, "feedback"),
    ("German on a Mac", "[", "Digit5", ALT, "earlier"),
    ("German on a Mac", "¡", "Digit1", ALT, "nothing"),
    ("AZERTY", "&", "Digit1", {}, "support"),
    ("AZERTY", "é", "Digit2", {}, "feedback"),
    ("AZERTY", '"', "Digit3", {}, "time"),
    ("AZERTY", "è", "Digit7", {}, "zeal"),
    ("AZERTY", "ç", "Digit9", {}, "nine"),
    ("AZERTY", "à", "Digit0", {}, "ten"),
    ("AZERTY", "1", "Digit1", SHIFT, "support"),
    ("AZERTY", "5", "Digit5", SHIFT, "growth"),
    ("AZERTY", "/", "Period", SHIFT, "search"),
    ("AZERTY", "?", "KeyM", SHIFT, "help"),
    ("AZERTY", "[", "Digit5", GRAPH, "earlier"),
    ("AZERTY", "{", "Digit4", GRAPH, "later"),
    ("AZERTY", "~", "Digit2", GRAPH, "nothing"),
    ("Spanish", "/", "Digit7", SHIFT, "search"),
    ("Spanish", "?", "Minus", SHIFT, "help"),
    ("Spanish", "[", "BracketLeft", GRAPH, "earlier"),
    ("Spanish", "|", "Digit1", GRAPH, "nothing"),
    ("Nordic", "/", "Digit7", SHIFT, "search"),
    ("Nordic", "[", "Digit8", GRAPH, "earlier"),
    ("Nordic", "}", "Digit0", GRAPH, "shorter"),
    ("Nordic", "£", "Digit3", GRAPH, "nothing"),
    ("Nordic", "+", "Minus", {}, "nothing"),
    ("Czech", "+", "Digit1", {}, "support"),
    ("Czech", "ě", "Digit2", {}, "feedback"),
    ("Czech", "2", "Digit2", SHIFT, "feedback"),
    ("Czech", "/", "BracketLeft", SHIFT, "search"),
    ("Czech", "[", "KeyF", GRAPH, "earlier"),
    ("Czech", "{", "KeyB", GRAPH, "later"),
    ("numbers aside", "3", "Numpad3", {}, "time"),
]


def happened(shown, before):
    """What the last key did."""
    page, sitting = shown.page, shown.sitting
    if page.locator("dialog[open]").count():
        return "help"
    if page.evaluate("() => document.activeElement.classList.contains('ra-search')"):
        return "search"
    new = sitting.heard[before:]
    if not new:
        return "nothing"
    [done] = new
    if done["op"] == "code":
        return done["codes"][0]
    start, end = done["start"] - 20, done["end"] - 36
    return {(-1, 0): "earlier", (1, 0): "later", (0, 1): "longer", (0, -1): "shorter"}[
        ((start > 0) - (start < 0), (end > 0) - (end < 0))
    ]


def press(shown, put, key, code, held):
    """Press a key where one coding is active, and say what it did."""
    page, codings = shown.page, [put("a", "until I was calm", "noise")]
    told = {**shown.sitting.documents["d1"], "codings": codings}
    shown.sitting.documents["d1"]["codings"][:] = codings
    page.keyboard.press("Escape")
    page.evaluate("text => deliver(text)", json.dumps(told))
    page.locator(".ra-body").focus()
    page.keyboard.press("j")
    before = len(shown.sitting.heard)
    page.evaluate(
        """([key, code, held]) => document.activeElement.dispatchEvent(new KeyboardEvent(
             'keydown', { key, code, bubbles: true, cancelable: true, ...held }))""",
        [key, code, held],
    )
    shown.settle()
    return happened(shown, before)


def test_what_a_key_prints_is_what_it_does_on_each_keyboard(one, put):
    shown = one()
    for more, key in (("zeal", "7"), ("nine", "9"), ("ten", "0"), ("eight", "8")):
        shown.sitting.codes.append({**shown.sitting.codes[0], "id": more, "name": more, "key": key})
    shown.page.evaluate("() => { unmount(); mount(); }")
    shown.page.wait_for_selector("[role=option] >> text=zeal")
    found = [(*row[:4], press(shown, put, *row[1:4])) for row in PRESSED]
    assert [row for row, wanted in zip(found, PRESSED, strict=True) if row != wanted] == []
