"""The pictures of the coding panel in these pages, taken anew from the demonstration.

    python docs/make_pictures.py

It wants Chromium and the `dev` extra. The study is made in a temporary folder, of those reflections
that everybody may read; two people's codings come from `corpus/codings`, the proposals from the
rules of the codebook. Each picture is at most 200 kB.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import reflect_analysis as ra
from reflect_analysis.panel import Sitting
from reflect_analysis.panel.serving import PanelServer

if TYPE_CHECKING:
    from playwright.sync_api import Page

HERE = Path(__file__).parent
OPEN = {"c1", "c3", "c5", "c7"}  # the other communities stay unread
TEXT, COMPARED, STORY = "P02-S2", "P01-S3", "photo-voice"
SIZE = {"width": 1280, "height": 760}
COLOURS = 128
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def make_study(folder: Path) -> Path:
    """A study with two people's codings and a machine's proposals."""
    files = ra.demo_files()
    found = ra.read_corpus(files.corpus)
    corpus = found.where(
        lambda document: (
            document.kind == STORY or found.attributes_of(document).get("community") in OPEN
        )
    )
    codebook = ra.read_codebook(files.codebook)
    codings = ra.code_segments(ra.RuleCoder(codebook), ra.segment(corpus, by="sentence"), codebook)
    path = folder / "study.reflect"
    with ra.Project.create(path, title="Peer mentoring", by="ada") as project:
        project.save(by="ada", corpus=corpus, codebook=codebook, codings=codings)
        project.add_coder("ada", "lead", by="ada")
        project.add_coder("bo", by="ada")
        code_by_hand(project)
    return path


def code_by_hand(project: ra.Project) -> None:
    """What the demonstration's two coders said of two texts, in other names."""
    desks = {"coder-1": project.desk("ada"), "coder-2": project.desk("bo")}
    for row in ra.read_codings(*(HERE.parent / "corpus" / "codings" / name for name in desks)):
        if row.document_id in {TEXT, COMPARED}:
            desks[row.coder].code(row.document_id, row.start, row.end, row.code_id)
    for desk in desks.values():
        for name in (TEXT, COMPARED):
            desk.read(name)


@contextmanager
def served(path: Path) -> Iterator[str]:
    """The address of the panel while it runs."""
    ready, told = threading.Event(), {}

    def run() -> None:
        with ra.Project.open(path) as project:
            server = PanelServer(Sitting(project, "ada"))

            async def serve() -> None:
                told.update(
                    loop=asyncio.get_running_loop(), ended=asyncio.Event(), at=server.address
                )
                await server.serve(ready.set, told["ended"])

            asyncio.run(serve())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait(60)
    yield told["at"]
    told["loop"].call_soon_threadsafe(told["ended"].set)
    thread.join(30)


def go_to(page: Page, name: str) -> None:
    """Open a text by a part of its id."""
    page.get_by_role("searchbox", name="Find a text").fill(name)
    page.get_by_role("searchbox", name="Find a text").press("Enter")
    page.wait_for_timeout(800)


def coding(page: Page) -> None:
    """A text with codings and proposals, one of them active."""
    go_to(page, TEXT)
    page.locator(".ra-body").focus()
    page.keyboard.press("j")
    page.keyboard.press("j")


def story(page: Page) -> None:
    """A picture with a coded part, beside its words."""
    page.get_by_label("Go to a text").select_option(index=first_story(page))
    page.wait_for_selector(".ra-picture img")
    page.wait_for_timeout(600)
    box = page.locator(".ra-frame").bounding_box()
    if box is None:
        raise RuntimeError(f"{STORY}: no picture is shown")
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.25)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.75, steps=5)
    page.mouse.up()
    page.keyboard.press("6")


def first_story(page: Page) -> int:
    """The place of the first photo-voice story in the list of texts."""
    return int(
        page.evaluate(
            """() => [...document.querySelector('[aria-label="Go to a text"]').options]
                 .findIndex((each) => each.value.startsWith("PV-"))"""
        )
    )


def compare(page: Page) -> None:
    """What each coder said, side by side."""
    go_to(page, COMPARED)
    page.locator(".ra-body").focus()
    page.keyboard.press("v")
    page.wait_for_selector(".ra-layers tbody tr")


PICTURES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "panel.png": ("light", coding),
    "panel-dark.png": ("dark", coding),
    "panel-photo-voice.png": ("light", story),
    "panel-compare.png": ("light", compare),
}


def make_small(path: Path) -> None:
    """Few colours are enough, and a third of the size."""
    from PIL import Image

    with Image.open(path) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def main() -> None:
    """Take all pictures."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with (
        tempfile.TemporaryDirectory(prefix="panel ") as folder,
        sync_playwright() as play,
        served(make_study(Path(folder))) as address,
    ):
        browser = play.chromium.launch(executable_path=chromium, args=FLAGS)
        for name, (scheme, act) in PICTURES.items():
            page = browser.new_context(viewport=SIZE, color_scheme=scheme).new_page()
            page.goto(address)
            page.wait_for_selector(".ra-block")
            act(page)
            page.wait_for_timeout(800)
            page.screenshot(path=HERE / name)
            make_small(HERE / name)
            page.context.close()
        browser.close()


if __name__ == "__main__":
    main()
