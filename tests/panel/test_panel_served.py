"""The page of its own, as `reflect-analysis panel` serves it, in a real browser."""

import asyncio
import threading
from urllib.parse import urlsplit

import pytest

from reflect_analysis.corpus import Document
from reflect_analysis.panel import Sitting
from reflect_analysis.panel.serving import PanelServer
from reflect_analysis.project import Project

TEXT = "We watched the water together and waited."


@pytest.fixture
def study(begin_study, tmp_path):
    text = Document("d1", TEXT, case_id="P0")
    begin_study(text, codes=("wait",), team={"coder-1": "coder"}).close()
    return tmp_path / "a study.reflect"


class Served:
    """The panel's server in a thread, which can be ended and begun again at the same address."""

    def __init__(self, study):
        self.study, self.door = study, None
        self.begin()

    def begin(self):
        ready = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self.thread.start()
        assert ready.wait(30)

    def _run(self, ready):
        with Project.open(self.study) as project:
            server = PanelServer(Sitting(project, "coder-1"), door=self.door)
            self.door, self.address = server.door, server.address

            async def serve():
                self.loop, self.ended = asyncio.get_running_loop(), asyncio.Event()
                await server.serve(ready.set, self.ended)

            asyncio.run(serve())

    def end(self):
        self.loop.call_soon_threadsafe(self.ended.set)
        self.thread.join(30)


@pytest.fixture
def served(study):
    made = Served(study)
    yield made
    if made.thread.is_alive():
        made.end()


@pytest.fixture
def page(browser, served):
    asked = []
    page = browser.new_context(viewport={"width": 1280, "height": 860}).new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(served.address)
    page.wait_for_selector(".ra-block")
    yield page
    page.context.close()
    hosts = {urlsplit(url).hostname for url in asked if not url.startswith("data:")}
    assert hosts == {"127.0.0.1"}


def saved(page, state="saved"):
    page.wait_for_function(
        "state => document.querySelector('.ra-saving').dataset.state === state", arg=state
    )


def coded(study):
    with Project.open(study) as project:
        return sorted((c.coding.start, c.coding.end) for c in project.codings().current)


def test_a_newcomer_codes_the_first_sentence_from_the_keyboard(page, served, study):
    assert page.evaluate("() => document.activeElement.className") == "ra-body"
    page.keyboard.press("s")
    page.keyboard.press("1")
    saved(page)
    page.get_by_role("button", name="Read – next text").wait_for()
    served.end()
    assert coded(study) == [(0, len(TEXT))]


def test_what_was_done_while_the_line_was_cut_is_sent_when_it_stands_again(page, served, study):
    page.keyboard.press("s")
    page.keyboard.press("1")
    saved(page)
    served.end()
    saved(page, "lost")
    for key in ("]", "[", "Control+Home", "Shift+ArrowRight", "Shift+ArrowRight", "1"):
        page.keyboard.press(key)
    assert "1 not saved yet, kept here" in page.inner_text(".ra-saving")
    served.begin()
    saved(page)
    page.wait_for_function(  # the list follows a frame later
        "() => document.querySelectorAll(\"[aria-label='Codings'] .ra-coding\").length === 2"
    )
    served.end()
    assert coded(study) == [(0, 2), (0, len(TEXT))]


def test_when_the_line_stands_again_the_caret_is_where_it_was(page, served):
    page.keyboard.press("Control+Home")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.evaluate("() => { document.querySelector('.ra-block').earlier = true; }")
    served.end()
    saved(page, "lost")
    served.begin()
    saved(page)
    page.wait_for_function(  # the text is shown anew
        "() => document.querySelector('.ra-block:not(.ra-label)')?.earlier === undefined"
    )
    page.keyboard.press("Shift+ArrowRight")
    assert page.evaluate("() => getSelection().toString()") == TEXT[4]
