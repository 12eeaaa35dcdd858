"""How much a key makes the page do: counted, since a time depends on the machine.

The figures that are asked of the panel (a key to its paint in at most 50 ms in a text with 5,000
codings) are measured by benchmarks/panel.py; what would break them is held here.
"""

import random

import pytest

WORDS = "the child waited and she asked what I had seen before we came"
COUNT = """() => {
  globalThis.work = { added: 0, removed: 0, styled: 0 };
  new MutationObserver((changes) => {
    for (const { type, addedNodes, removedNodes } of changes) {
      if (type === 'attributes') work.styled += 1;
      const size = (node) => 1 + (node.querySelectorAll?.('*').length ?? 0);
      for (const node of addedNodes) work.added += size(node);
      for (const node of removedNodes) work.removed += size(node);
    }
  }).observe(document.querySelector('.ra-panel'), {
    subtree: true, childList: true, attributes: true,
  });
}"""


def _text(size, draw):
    paragraphs, length = [], 0
    while length < size:
        words = [draw.choice(WORDS.split()) for _ in range(draw.randint(30, 160))]
        paragraphs.append(" ".join(words) + ".")
        length += len(paragraphs[-1]) + 2
    return "\n\n".join(paragraphs)[:size]


@pytest.fixture
def large(show, make_document, make_coding):
    """A text with many codings, one in five a proposal, and a queue of a hundred further texts."""

    def large_(size=60_000, n=1_000):
        draw = random.Random(7)  # noqa: S311  # places for a test
        text = _text(size, draw)
        codings = []
        for k in range(n):
            start = draw.randrange(size - 200)
            layer = "proposed" if k % 5 == 0 else "own"
            code = ("support", "feedback", "time", "noise", "growth")[k % 5]
            end = start + draw.randint(20, 180)
            codings.append(make_coding(f"s{k}", start, end, code, layer))
        others = [make_document(f"t{k}", "A further text.") for k in range(100)]
        shown = show(make_document("big", text, codings=codings), *others)
        shown.page.locator(".ra-body").focus()
        shown.page.evaluate(COUNT)
        return shown

    return large_


def work_of(shown, *keys):
    """What is added, taken away and styled anew by keys, with all that follows them."""
    shown.settle()
    shown.page.evaluate("() => Object.assign(work, { added: 0, removed: 0, styled: 0 })")
    shown.press(*keys)
    shown.settle()
    return shown.page.evaluate("() => work")


def test_a_key_that_codes_draws_what_it_changed_and_little_else(large):
    shown = large()
    for key in ("1", "2", "3"):
        shown.press("ArrowDown", "ArrowDown", "s")
        work = work_of(shown, key)
        assert len(shown.did("code")) == int(key)
        assert work["added"] <= 140, work
        assert work["removed"] <= 140, work
        assert work["styled"] <= 60, work


def test_what_a_key_does_depends_little_on_how_much_is_coded(large):
    few, many = large(60_000, 100), large(60_000, 2_000)
    for shown in (few, many):
        shown.press("ArrowDown", "ArrowDown", "s")
    small, big = work_of(few, "1"), work_of(many, "1")
    assert big["added"] <= 2 * small["added"] + 60, (small, big)


def test_a_step_from_coding_to_coding_draws_these_alone(large):
    shown = large()
    shown.press("j")
    work = work_of(shown, "j")
    assert work["added"] <= 80, work


def test_an_undo_draws_what_comes_back_and_no_more(large):
    shown = large()
    shown.press("ArrowDown", "s", "1")
    work = work_of(shown, "Control+z")
    assert len(shown.did("undo")) == 1
    assert work["added"] <= 140, work
