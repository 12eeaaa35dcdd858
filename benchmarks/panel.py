"""How fast the coding panel's page is: a text shown, a key to its paint, frames while scrolling.

Prints the median of several runs with the least and the most, and beside it the processor time of
the page's main thread, which other work on the machine changes little. The page is real
(the harness of tests/panel in a headless Chromium without a graphics card); Python answers at
once, so the figures are the page's own.

With ``--decisions 1000`` an automated coder decides in the page of `reflect-analysis panel`, whose
process is killed five times meanwhile, and the store is held against what was acknowledged.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import os
import random
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from _measuring import Row, Seconds

# Milliseconds of each run, by what was measured.
Figures = dict[str, list[float]]
TESTS = Path(__file__).parents[1] / "tests" / "panel"
WORDS = (
    "the",
    "child",
    "waited",
    "and",
    "she",
    "asked",
    "what",
    "I",
    "had",
    "seen",
    "before",
    "we",
)

SHOWN = """async () => {
  const start = performance.now();
  deliver(big);
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return performance.now() - start;
}"""
LISTEN = """() => {
  globalThis.taken = [];
  addEventListener('keydown', (event) => {
    requestAnimationFrame(() => requestAnimationFrame(() =>
      taken.push(performance.now() - event.timeStamp)));
  }, true);
}"""
SCROLL = """async () => {
  const list = document.querySelector('.ra-scroll');
  list.scrollTop = 0;
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  let last = await frame();
  const frames = [];
  for (let k = 0; k < 400 && list.scrollTop + list.clientHeight < list.scrollHeight - 2; k += 1) {
    list.scrollTop += 400;
    const now = await frame();
    frames.push(now - last);
    last = now;
  }
  return frames;
}"""


def text_of(size: int, seed: int = 7) -> str:
    """Paragraphs of ordinary words."""
    draw = random.Random(seed)  # noqa: S311 - words for a benchmark
    paragraphs, length = [], 0
    while length < size:
        words = [draw.choice(WORDS) for _ in range(draw.randint(30, 160))]
        paragraphs.append(" ".join(words) + ".")
        length += len(paragraphs[-1]) + 2
    return "\n\n".join(paragraphs)[:size]


def spans_of(harness: Any, size: int, n: int, seed: int = 7) -> list[dict[str, Any]]:
    """Codings that overlap now and then; one in five is a proposal."""
    draw = random.Random(seed)  # noqa: S311 - places for a benchmark
    made = []
    for k in range(n):
        start = draw.randrange(size - 200)
        layer = "proposed" if k % 5 == 0 else "own"
        end = start + draw.randint(20, 180)
        made.append(harness.coding(f"s{k}", start, end, harness.CODES[k % 5][0], layer))
    return made


def measure(harness: Any, browser: Any, size: int, n: int, runs: int) -> Figures:
    """The figures of one size of text."""
    text = text_of(size)
    big = harness.document("big", text, codings=spans_of(harness, len(text), n))
    page = browser.new_context(viewport={"width": 1280, "height": 860}).new_page()
    shown = harness.Shown(page, harness.StandIn(harness.document("small", "A short text."), big))
    shown.open()
    page.evaluate("text => { globalThis.big = text; }", json.dumps(big))
    cpu = Processor(page)
    mounted, busy = [], []
    for _ in range(runs):
        before = cpu.spent()
        mounted.append(page.evaluate(SHOWN))
        busy.append(cpu.spent() - before)
        page.wait_for_timeout(150)
    frames = [page.evaluate(SCROLL) for _ in range(runs)]
    keys = keys_to_paint(shown, cpu, runs)
    page.context.close()
    return {
        "shown": mounted,
        "shown, processor": busy,
        **keys,
        "longest frame": [max(each) for each in frames],
        "median frame": [statistics.median(each) for each in frames],
    }


class Processor:
    """The processor time of a page's main thread, in milliseconds."""

    def __init__(self, page: Any) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent(self) -> float:
        """Since the page began."""
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        seconds = next(each["value"] for each in metrics if each["name"] == "TaskDuration")
        return 1000 * float(seconds)


def keys_to_paint(shown: Any, cpu: Processor, runs: int) -> Figures:
    """A sentence is selected and coded in the middle of the text, many times."""
    page = shown.page
    page.evaluate("() => { const s = document.querySelector('.ra-scroll'); s.scrollTop = 0; }")
    page.wait_for_timeout(200)
    page.locator(".ra-body").focus()
    page.evaluate(LISTEN)
    taken, busy = [], []
    for k in range(runs * 3):
        page.keyboard.press("ArrowDown")
        page.keyboard.press("s")
        page.wait_for_timeout(120)
        page.evaluate("() => { taken.length = 0; }")
        before = cpu.spent()
        page.keyboard.press(str(1 + k % 5))
        page.wait_for_function("() => taken.length")
        busy.append(cpu.spent() - before)
        taken.append(page.evaluate("() => taken[0]"))
    return {"key to paint": taken, "a key, processor": busy}


SIZES = ((18_000, 400), (300_000, 5_000))
# What is asked of a size, in milliseconds.
ASKED = {
    (18_000, "shown"): 250,
    (300_000, "shown"): 1500,
    (300_000, "key to paint"): 50,
    (300_000, "longest frame"): 100,
}


def rows(*, quick: bool) -> Iterator[Row]:
    """Several runs of the page; nothing in Python does the same."""
    for size, n, figures in each_size(2 if quick else 5):
        for name in ("shown", "key to paint", "longest frame"):
            limit = ASKED.get((size, name))
            what = f"panel, {size:,} characters, {n:,} codings: {name}"
            spent = tuple(Seconds(each / 1000, math.nan) for each in figures[name])
            yield Row(what, spent, asked=f"at most {limit} ms" if limit else "")


def each_size(runs: int) -> Iterator[tuple[int, int, Figures]]:
    """Characters, codings and the figures of each size."""
    harness = module_of("conftest")
    with browsing(harness) as browser:
        for size, n in SIZES:
            yield size, n, measure(harness, browser, size, n, runs)


@contextmanager
def browsing(harness: Any) -> Iterator[Any]:
    """A Chromium without a window, as the tests find it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        path = os.environ.get("CHROMIUM") or next(
            filter(None, map(shutil.which, harness.NAMES)), ""
        )
        if not path:
            raise FileNotFoundError(
                "no Chromium on this machine; name one by the variable CHROMIUM"
            )
        browser = play.chromium.launch(executable_path=path, args=harness.FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def module_of(name: str) -> Any:
    """A module of the panel's tests, which are no package."""
    spec = importlib.util.spec_from_file_location(name, TESTS / f"{name}.py")
    if spec is None or spec.loader is None:
        raise ImportError(f"{name}: no module of the panel's tests")
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--decisions", type=int, default=0, help="instead: so many, with kills")
    parser.add_argument("--kills", type=int, default=5, help="of the panel's process meanwhile")
    options = parser.parse_args()
    if options.decisions:
        with browsing(module_of("conftest")) as browser, tempfile.TemporaryDirectory() as folder:
            decide = module_of("test_panel_killed").decide
            found = decide(browser, Path(folder), options.decisions, options.kills)
        print(", ".join(f"{name} {value}" for name, value in found.items()))
        return
    for size, n, figures in each_size(options.runs):
        told = ", ".join(
            f"{name} {statistics.median(each):.0f} ms ({min(each):.0f}–{max(each):.0f})"
            for name, each in figures.items()
        )
        print(f"{size:,} characters, {n:,} codings: {told}")


if __name__ == "__main__":
    main()
