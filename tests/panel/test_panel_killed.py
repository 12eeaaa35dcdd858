"""Many decisions in a real page while the panel's process is killed: nothing acknowledged is lost.

`decide` is what ``benchmarks/panel.py --decisions 1000 --kills 5`` runs as well.
"""

import collections
import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

import pytest

import reflect_analysis
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.project import Project

pytestmark = pytest.mark.slow

LINES = 24  # of a text; every other one is proposed
ASKED = {"hello", "open", "next", "queue", "look"}  # these change nothing
ROUNDS = 6


def line_of(number, line):
    """A sentence of a text, unlike any other."""
    return f"On day {line} of week {number} we waited at the water."


def make_study(place, n):
    """A study with enough to decide on."""
    documents, proposed = [], []
    for number in range(n // (LINES - 6) + 4):
        lines = [line_of(number, k) for k in range(LINES)]
        text = "\n".join(lines)
        documents.append(Document(f"d{number:03}", text, case_id="P0"))
        for k in range(0, LINES, 2):
            start = text.index(lines[k])
            span = (start, start + len(lines[k]))
            made = Coding(f"d{number:03}", *span, "wait", "rules", coder_kind="machine")
            proposed.append(made)
    codes = tuple(Code(name, name.title(), f"{name} is told.", "g") for name in ("wait", "ask"))
    clear = tuple(Clearance(each.sha256, "lead", "read") for each in documents)
    with Project.create(place, title="Peers") as made:
        made.save(
            by="lead",
            corpus=Corpus(tuple(documents), (Case("P0"),), clear),
            codebook=Codebook(codes, (Group("g", "G"),)),
        )
        made.record(by="lead", codings=proposed)
        made.add_coder("coder-1", by="lead")


class Command:
    """`reflect-analysis panel`, which can be killed and begun again."""

    def __init__(self, study, state):
        self._study, self._state = study, state
        self.starts = 0
        self.begin()

    def begin(self):
        code = "from reflect_analysis.cli import main; main()"
        root = str(Path(reflect_analysis.__file__).parents[1])
        arguments = ["panel", str(self._study), "--coder", "coder-1", "--no-browser"]
        self._running = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8",
            env={**os.environ, "PYTHONPATH": root, "REFLECT_STATE": str(self._state)},
        )  # fmt: skip
        self.address = self._running.stdout.readline().strip()
        self.starts += 1
        assert self.address.startswith("http://127.0.0.1:")

    def halt(self):
        """It hears, and does nothing any more."""
        self._running.send_signal(signal.SIGSTOP)

    def kill_and_begin(self):
        """Kill it now; another begins while the coder goes on."""
        self._running.kill()
        self._running.communicate()
        thread = threading.Thread(target=self.begin)
        thread.start()
        return thread

    def end(self):
        self._running.kill()
        self._running.communicate()


class Line:
    """What goes over the page's line, as the browser sees it."""

    def __init__(self, page):
        self.sent, self.acknowledged, self.refused = {}, set(), []
        self.again = 0
        page.on("websocket", self._listen)

    def _listen(self, line):
        line.on("framesent", self._sent)
        line.on("framereceived", self._received)

    def _sent(self, frame):
        message = json.loads(frame)
        if message["op"] in ASKED:
            return
        self.again += message["id"] in self.sent
        self.sent[message["id"]] = message

    def _received(self, frame):
        reply = json.loads(frame)
        if reply["type"] != "done" or reply["re"] not in self.sent:
            return
        if reply["ok"]:
            self.acknowledged.add(reply["re"])
        else:
            self.refused.append(reply["error"])


class Coder:
    """Decides by keys as fast as they are taken."""

    def __init__(self, page, line, command, n, kills):
        self.page, self.line, self.command, self.n = page, line, command, n
        self._due = [n * (k + 1) // (kills + 1) for k in range(kills)]
        self._pressed = 0
        self._beginning = []
        self._halted = False

    def press(self, *keys):
        """Keys; after some of them the process is killed.

        Before the first kill it is halted for a few keys, so that some are surely under way.
        """
        for key in keys:
            self.page.keyboard.press(key)
        self._pressed += 1
        if self._due and not self._beginning and self._pressed == self._due[0] - 4:
            self.command.halt()
            self._halted = True
        if self._due and self._pressed >= self._due[0]:
            self._kill()

    def _kill(self):
        self._due.pop(0)
        self._halted = False
        self._beginning.append(self.command.kill_and_begin())

    def settle(self):
        """Until the page says that all is saved."""
        if self._halted:
            self._kill()
        for each in self._beginning:
            each.join()
        self.page.wait_for_function(
            "() => document.querySelector('.ra-saving').dataset.state === 'saved'", timeout=60_000
        )

    def waiting(self):
        self.page.wait_for_timeout(50)  # the list follows a frame later
        return self.page.locator(".ra-proposal").count()

    def text(self):
        """Decide on the proposals of a text, and code what was not proposed."""
        for _ in range(ROUNDS):
            self.page.keyboard.press("p")
            for k in range(self.waiting()):
                self.press("x" if k % 3 == 0 else "a")
            self.settle()
            if not self.waiting():
                break
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("Control+Home")
        for k in range(LINES):
            if k % 2:
                self.press("s", "2")
            self.page.keyboard.press("ArrowDown")
            self.page.keyboard.press("Home")
            if len(self.line.sent) >= self.n and not self._due:
                break
        self.settle()

    def work(self):
        """Text after text, until there are so many decisions."""
        while len(self.line.sent) < self.n or self._due:
            self.text()
            here = self.page.inner_text("h2")
            self.page.keyboard.press("Enter")
            self.page.wait_for_function(
                "here => document.querySelector('h2').textContent !== here", arg=here
            )
        self.settle()


def decide(browser, folder, n, kills):
    """Let an automated coder decide, and hold the store against what was acknowledged.

    Returns
    -------
    dict
        Figures; those under ``lost``, ``twice``, ``foreign`` and ``refused`` must be 0.
    """
    study = folder / "a study.reflect"
    make_study(study, n)
    command = Command(study, folder / "state")
    page = browser.new_context(viewport={"width": 1280, "height": 860}).new_page()
    began = time.monotonic()
    try:
        line = Line(page)
        page.goto(command.address)
        page.wait_for_selector(".ra-block")
        Coder(page, line, command, n, kills).work()
    finally:
        command.end()
        page.context.close()
    return {"seconds": round(time.monotonic() - began), **compared(study, line, command)}


def compared(study, line, command):
    """The store against the line."""
    with Project.open(study) as project:
        kept = {uuid.UUID(event.id) for event in project.events() if event.by == "coder-1"}
        log = project.codings()
    sent = {uuid.UUID(each) for each in line.sent}
    acknowledged = {uuid.UUID(each) for each in line.acknowledged}
    rows = [(c.document_id, c.start, c.end, c.code_id) for c in log if c.coder == "coder-1"]
    rows += [(decision.coding_id,) for decision in log.decisions]
    rows += [(seen.document_id,) for seen in log.seen if seen.coder == "coder-1"]
    asked = collections.Counter(message["op"] for message in line.sent.values())
    return {
        "decisions": len(sent),
        "of them": dict(asked),
        "sent again": line.again,
        "starts": command.starts,
        "unanswered": len(sent - acknowledged),
        "lost": len(acknowledged - kept) + max(0, len(sent) - len(rows)),
        "twice": len(rows) - len(set(rows)) + max(0, len(rows) - len(sent)),
        "foreign": len(kept - sent),
        "refused": len(line.refused),
    }


@pytest.mark.skipif(os.name == "nt", reason="a process is killed otherwise there")
def test_what_was_acknowledged_before_a_kill_is_in_the_store_once(browser, tmp_path):
    found = decide(browser, tmp_path, 120, 2)
    assert found["decisions"] >= 120
    assert found["starts"] == 3
    assert found["sent again"] > 0
    for name in ("unanswered", "lost", "twice", "foreign", "refused"):
        assert found[name] == 0, found
