"""The panel's page in a real Chromium: real modules and CSS, a shim of the widget's model.

No Jupyter. Every request that is not loopback is aborted and recorded; the list must be empty.
"""

import contextlib
import importlib.util
import json
import mimetypes
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.corpus import Case, Clearance, Corpus, Picture
from reflect_analysis.panel import Sitting
from reflect_analysis.panel.joining import joined_modules
from reflect_analysis.project import Project

STATIC = Path(__file__).parents[2] / "reflect_analysis" / "panel" / "static"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# A page's own matters, which the panel in a notebook cannot answer for.
OF_THE_PAGE = {"region": {"enabled": False}, "page-has-heading-one": {"enabled": False}}
ORIGIN = "http://127.0.0.1:9"
POLICY = "default-src 'self'; img-src 'self' data:"
HTML = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Panel</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/static/panel.css">
<script type="module" src="/harness.js"></script></head>
<body><main id="host"></main></body></html>"""

# What is only looked at, where there is nothing to see; the real thing is in test_panel_meeting.
LOOKS = {
    "look": {"type": "done", "ok": True},
    "preview": {"type": "preview", "n": 0, "documents": 0, "by_code": [], "by_coder": []},
    "adjudicate": {"type": "layers", "coders": [], "rows": [], "may_agree": True},
}

TEAM = {"lead": "lead", "ada": "coder", "bo": "coder"}
CODES = [
    ("support", "Emotional support", "Mentoring", 0, 0, "1"),
    ("feedback", "Feedback on practice", "Mentoring", 2, 1, "2"),
    ("time", "Lack of time", "Hindrances", 4, 2, "3"),
    ("noise", "Noise in the room", "Hindrances", 5, 3, "4"),
    ("growth", "Growth", "Outcomes", 6, 4, "5"),
    ("doubt", "Doubt about oneself", "Outcomes", 1, 5, "shift+1"),
]


def code(number):
    """A code as the page gets it."""
    ident, name, group, hue, pattern, key = CODES[number]
    return {
        "id": ident,
        "name": name,
        "group": group,
        "parent": None,
        "depth": 0,
        "definition": f"A passage in which {name.lower()} is told.",
        "include": ["said in one's own words"],
        "exclude": ["quoted from a book"],
        "examples": ["She sat with me until I was calm."],
        "counter_examples": ["The room was painted."],
        "status": "defined",
        "human_only": False,
        "unit": "sentence",
        "key": key,
        "hue": hue,
        "pattern": pattern,
    }


def coding(ident, start, end, code_id, layer="own", **more):
    """A coding as the page gets it."""
    return {
        "id": ident,
        "start": start,
        "end": end,
        "region": None,
        "code": code_id,
        "coder": "rules" if layer == "proposed" else "coder-1",
        "layer": layer,
        "score": 0.82 if layer == "proposed" else None,
        "evidence": "the word “calm”" if layer == "proposed" else "",
        "memos": 0,
        "status": "current",
        **more,
    }


def document(ident, text, **more):
    """A document as the page gets it."""
    return {
        "type": "document",
        "id": ident,
        "title": ident,
        "text": text,
        "sha256": "",
        "kind": "reflection",
        "prompt": "What did you learn this week?",
        "attributes": [["role", "mentee"], ["week", "3"]],
        "turns": [],
        "headings": [],
        "quoted": [],
        "picture": None,
        "answers": [],
        "codings": [],
        "memos": [],
        "read": False,
        "flagged": False,
        "blind": False,
        **more,
    }


TEXT = (
    "Ms. Lee sat with me until I was calm, and she asked what I had seen.\n"
    "\n"
    "The room was loud and there was no time to talk. I felt small.\n"
    "\n"
    "Next week I want to plan the circle myself."
)


def span_of(words, text=TEXT):
    """Where words lie, in code points."""
    start = text.index(words)
    return {"start": start, "end": start + len(words)}


class StandIn:
    """Answers as the contract of the messages says, in memory: what the page is tested against.

    Attributes
    ----------
    heard : list of dict
        Every message but ``hello`` and ``open``.
    held : list of dict or None
        A list: answers are kept in it instead of given, as by a busy kernel.
    refuse : str
        A reason with which the next operation is refused.
    """

    def __init__(self, *documents, blind=False):
        self.documents = {each["id"]: each for each in documents}
        self.codes = [code(k) for k in range(len(CODES))]
        self.blind = blind
        self.heard, self.done, self.undone = [], [], []
        self.asked = []
        self.held = None
        self.deaf = False
        self.refuse = ""

    def take(self, message):
        """The answers to a message."""
        self.asked.append(message)
        if self.deaf:
            return []
        reply = self._answer(message)
        reply["re"] = message["id"]
        if self.held is not None:
            self.held.append(reply)
            return []
        return [reply]

    def _answer(self, message):
        op = message["op"]
        if op == "hello":
            return self._study()
        if op in {"open", "next", *LOOKS}:
            return self._document(message)
        self.heard.append(message)
        if self.refuse:
            error, self.refuse = {"kind": "ValueError", "message": self.refuse}, ""
            return {"type": "done", "ok": False, "error": error}
        if op == "queue":
            return {"type": "queue", "queue": self._queue()}
        again = next((reply for sent, reply in self.done if sent["id"] == message["id"]), None)
        if again:
            return dict(again)
        reply = {"type": "done", "ok": True, "codings": [], "gone": []}
        reply.update(getattr(self, f"_{op}")(message))
        reply["can"] = {"undo": bool(self.done) or op not in {"undo", "redo"}, "redo": op == "undo"}
        reply["progress"] = self._progress()
        if op not in {"undo", "redo"}:
            self.done.append((message, reply))
        return reply

    def _study(self):
        return {
            "type": "study",
            "title": "A small study",
            "coder": "coder-1",
            "role": "coder",
            "phase": "reliability" if self.blind else "",
            "blind": self.blind,
            "approach": "codebook",
            "codebook": self.codes,
            "queue": self._queue(),
            "progress": self._progress(),
            "coders": ["coder-1"],
            "can": {"undo": False, "redo": False},
            "waiting": [],
        }

    def _queue(self):
        keys = ("id", "title", "kind", "read", "flagged")
        return [
            {**{key: each[key] for key in keys}, "assigned": True, "own": 0, "proposed": 0}
            for each in self.documents.values()
        ]

    def _progress(self):
        return {
            "read": sum(each["read"] for each in self.documents.values()),
            "total": len(self.documents),
        }

    def _document(self, message):
        if message["op"] in LOOKS:
            return {"document": message.get("document"), **LOOKS[message["op"]]}
        if message["op"] == "open":
            return dict(self.documents[message["document"]])
        ids = list(self.documents)
        place = ids.index(message["from"]) + 1
        if place == len(ids):
            return {"type": "done", "ok": True, "document": None}
        return dict(self.documents[ids[place]])

    def _find(self, ident):
        for each in self.documents.values():
            for row in each["codings"]:
                if row["id"] == ident:
                    return each["codings"], row
        raise KeyError(ident)

    def _replace(self, ident, **changes):
        rows, row = self._find(ident)
        rows[rows.index(row)] = {**row, **changes}
        return {"codings": [rows[-1] if row is None else {**row, **changes}]}

    def _code(self, message):
        place = message.get("start", 0), message.get("end", 0)
        region = message.get("region")
        made = [
            coding(f"c-{uuid.uuid4().hex[:8]}", *place, each, region=region)
            for each in message["codes"]
        ]
        self.documents[message["document"]]["codings"].extend(made)
        return {"codings": made}

    def _recode(self, message):
        return self._replace(message["coding"], code=message["code"])

    def _move(self, message):
        place = {key: message[key] for key in ("start", "end", "region") if key in message}
        return self._replace(message["coding"], **place)

    def _remove(self, message):
        rows, row = self._find(message["coding"])
        rows.remove(row)
        return {"gone": [row["id"]]}

    def _decide(self, message):
        status = "rejected" if message["action"] == "reject" else "accepted"
        changes = {key: message[key] for key in ("code", "start", "end") if key in message}
        parts = [self._replace(each, status=status, **changes) for each in message["codings"]]
        return {"codings": [row for part in parts for row in part["codings"]]}

    def _memo(self, message):
        row = {"document": "", "start": None, "end": None, "code": "", **message}
        row["coder"] = "coder-1"
        if row["document"]:
            self.documents[row["document"]]["memos"].append(row)
        return {"memos": [row]}

    def _flag(self, message):
        self.documents[message["document"]]["flagged"] = message["on"]
        return {}

    def _read(self, message):
        self.documents[message["document"]]["read"] = message["on"]
        return {}

    def _new_code(self, message):
        made = {**code(0), "id": "made", "name": message["name"], "key": "", "hue": 7}
        made.update(definition=message["definition"], status="provisional")
        if self.blind:
            return {"waiting": [{"name": message["name"]}]}
        self.codes.append(made)
        span = {**message, "codes": ["made"]}
        return {"codebook": self.codes, **(self._code(span) if "start" in message else {})}

    def _edit_code(self, message):
        for each in self.codes:
            if each["id"] == message["code"]:
                each.update({k: v for k, v in message.items() if k in each and k != "id"})
        return {"codebook": self.codes}

    def _undo(self, message):
        sent, reply = self.done.pop()
        self.undone.append((sent, reply))
        if sent["op"] == "code":
            ids = [row["id"] for row in reply["codings"]]
            for each in ids:
                rows, row = self._find(each)
                rows.remove(row)
            return {"gone": ids}
        return {}

    def _redo(self, message):
        sent, reply = self.undone.pop()
        self.done.append((sent, reply))
        if sent["op"] == "code":
            self.documents[sent["document"]]["codings"].extend(reply["codings"])
            return {"codings": reply["codings"]}
        return {}


class Shown:
    """A page with the panel in it, and words for what a coder does there."""

    def __init__(self, page, sitting):
        self.page, self.sitting = page, sitting
        self.foreign, self.faults = [], []

    def open(self, query="", wait=".ra-block:not(.ra-label), .ra-picture:not([hidden])"):
        """Show the panel and wait for its first text."""
        page = self.page
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._console)
        page.expose_function("toPython", self._to_python)
        page.route("**/*", self._serve)
        page.goto(f"{ORIGIN}/{query}")
        page.wait_for_selector(wait)
        return self

    def _console(self, message):
        if message.type == "error":
            self.faults.append(message.text)

    def _to_python(self, text):
        replies = self.sitting.take(json.loads(text))
        replies = [replies] if isinstance(replies, dict) else replies
        return [json.dumps(each) for each in replies]

    def _serve(self, route):
        address = urlsplit(route.request.url)
        if address.hostname != "127.0.0.1":
            self.foreign.append(route.request.url)
            route.abort()
            return
        if address.path == "/":
            route.fulfill(
                body=HTML,
                content_type="text/html; charset=utf-8",
                headers={"Content-Security-Policy": POLICY},
            )
            return
        if address.path == "/joined.js":
            route.fulfill(body=joined_modules(), content_type="text/javascript")
            return
        here = Path(__file__).parent if address.path == "/harness.js" else STATIC
        file = here / Path(address.path).name
        kind = "text/javascript" if file.suffix == ".js" else mimetypes.guess_type(file.name)[0]
        route.fulfill(body=file.read_bytes(), content_type=kind)

    def did(self, op):
        """The operations of a kind that Python was asked to do."""
        return [each for each in self.sitting.heard if each["op"] == op]

    def words_of(self, message):
        """The words that a message is about."""
        text = self.sitting.documents[message.get("document", "d1")]["text"]
        return text[message["start"] : message["end"]]

    def deliver(self):
        """Give the answers that were held back."""
        held, self.sitting.held = self.sitting.held, None
        for reply in held:
            self.page.evaluate("text => deliver(text)", json.dumps(reply))

    def words(self, words, nth=0):
        """Corners of words as they stand on the screen."""
        return self.page.evaluate(
            """([words, nth]) => {
              const body = document.querySelector('.ra-body');
              const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
              const nodes = []; let all = '';
              while (walker.nextNode()) {
                nodes.push([walker.currentNode, all.length]); all += walker.currentNode.data;
              }
              let at = -1;
              for (let k = 0; k <= nth; k += 1) at = all.indexOf(words, at + 1);
              if (at < 0) throw new Error('not in the text: ' + words);
              const put = (offset, set) => {
                const [node, from] = nodes.findLast(([, start]) => start <= offset);
                set(node, offset - from);
              };
              const range = document.createRange();
              put(at, (node, offset) => range.setStart(node, offset));
              put(at + words.length - 1, (node, offset) => range.setEnd(node, offset + 1));
              const list = document.querySelector('.ra-scroll');
              const view = list.getBoundingClientRect();
              const rect = range.getBoundingClientRect();
              if (rect.top < view.top + 20 || rect.bottom > view.bottom - 20) {
                list.scrollTop += rect.top - view.top - 60;
              }
              const rects = [...range.getClientRects()].filter((rect) => rect.width);
              const first = rects[0]; const last = rects[rects.length - 1];
              return { x0: first.left, y0: first.top + first.height / 2,
                       x1: last.right, y1: last.top + last.height / 2 };
            }""",
            [words, nth],
        )

    def drag(self, words, nth=0):
        """Select words with the mouse."""
        box = self.words(words, nth)
        mouse = self.page.mouse
        mouse.move(box["x0"] + 0.5, box["y0"])
        mouse.down()
        mouse.move((box["x0"] + box["x1"]) / 2, (box["y0"] + box["y1"]) / 2)
        mouse.move(box["x1"] - 0.3, box["y1"], steps=4)
        mouse.up()

    def click(self, words, nth=0):
        """Click in the middle of words."""
        box = self.words(words, nth)
        self.page.mouse.click((box["x0"] + box["x1"]) / 2, box["y0"])

    def selected(self):
        """The words that are selected."""
        return self.page.evaluate("() => getSelection().toString()")

    def press(self, *keys):
        """Press keys; none of them may leave the panel."""
        for key in keys:
            self.page.keyboard.press(key)
            assert self.page.evaluate("() => leaked") == [], key

    def settle(self):
        """Wait until all is saved and drawn."""
        self.page.wait_for_function(
            "() => document.querySelector('.ra-saving').dataset.state === 'saved'"
        )
        self.page.evaluate(
            """() => new Promise((done) => requestAnimationFrame(() =>
                 requestAnimationFrame(() => setTimeout(done))))"""
        )

    def marked(self):
        """The runs that are drawn: their words and how many lines lie under or over them."""
        return self.page.evaluate(
            """() => [...document.querySelectorAll('.ra-run')].map((run) =>
                 [run.textContent, run.raCodings.length])"""
        )

    def listed(self):
        """The list of codings as a coder reads it."""
        names = "[aria-label='Codings'] .ra-coding b"
        return self.page.eval_on_selector_all(names, "all => all.map(each => each.textContent)")


def _module(name):
    """A module that lies beside this one; tests are no package."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


chromium = _module("chromium")
FLAGS, NAMES = chromium.FLAGS, chromium.NAMES


@pytest.fixture(scope="session")
def _why_no_browser():
    """Why there is none; asked once, since a browser that cannot start takes its time."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as play:
        return chromium.why_none(play)


@pytest.fixture(scope="module")
def browser(_why_no_browser):
    """A headless Chromium for the tests of a file; its loop must not outlive them."""
    if _why_no_browser:
        pytest.skip(_why_no_browser)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        path = chromium.executable(play)
        browser = play.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def show(browser):
    """Show the panel of a sitting; afterwards nothing foreign was asked and nothing failed."""
    opened = []

    def open_(*documents, blind=False, sitting=None, opening=None, **options):
        options = {"viewport": {"width": 1280, "height": 860}, **options}
        page = browser.new_context(**options).new_page()
        shown = Shown(page, sitting or StandIn(*documents, blind=blind))
        opened.append(shown)
        return shown.open(**(opening or {}))

    yield open_
    for shown in opened:
        shown.page.context.close()
        assert shown.foreign == []
        assert shown.faults == []


class Page:
    """Sends to a sitting as the page does."""

    def __init__(self, project, coder):
        self.sitting, self.last = Sitting(project, coder), None
        self.do("hello")

    def send(self, op, **told):
        asked = {"op": op, "id": str(uuid.uuid4()), "session": "page", "after": self.last}
        reply = self.sitting.take(asked | told)
        self.last = reply.get("last", self.last)
        return reply

    def do(self, op, **told):
        reply = self.send(op, **told)
        assert reply.get("ok", True), reply
        return reply


@pytest.fixture
def page_of():
    """A page without a browser: by project and coder."""
    return Page


@pytest.fixture
def begin_study(tmp_path):
    """Begin a study of the texts of one participant; what is open still is closed at the end."""
    with contextlib.ExitStack() as at_the_end:

        def begin(*documents, codes=("wait", "ask", "quiet"), team=TEAM):
            acts = tuple(Code(name, name.title(), f"{name} is told.", "acts") for name in codes)
            clear = tuple(Clearance(each.sha256, "lead", "read") for each in documents)
            made = Project.create(tmp_path / "a study.reflect", title="Peers")
            at_the_end.callback(made.close)
            made.save(
                by="lead",
                corpus=Corpus(documents, (Case("P0"),), clear),
                codebook=Codebook(acts, (Group("acts", "What was done"),)),
            )
            for name, role in team.items():
                made.add_coder(name, role, by="lead")
            return made

        yield begin


@pytest.fixture
def rack(tmp_path):
    """A picture of 400 by 300 pixels."""
    from PIL import Image

    place = tmp_path / "a rack.png"
    Image.new("RGB", (400, 300), "#c9d8c0").save(place)
    return Picture(str(place), "A boot rack.", "nobody", "", "none", "yes")


@pytest.fixture
def text():
    """The text that is coded where nothing else is said."""
    return TEXT


@pytest.fixture
def span():
    """Where words of a text lie."""
    return span_of


@pytest.fixture
def put():
    """A coding of words."""

    def put_(ident, words, code_id, layer="own", text=TEXT, **more):
        return coding(ident, *span_of(words, text).values(), code_id, layer, **more)

    return put_


@pytest.fixture
def one(show):
    """The panel on one text with nothing coded, and a second text after it."""

    def one_(*codings, text=TEXT, **more):
        first = document("d1", text, codings=list(codings), **more)
        return show(first, document("d2", "A second text.\nIt is short."))

    return one_


@pytest.fixture
def make_document():
    """How a document is made."""
    return document


@pytest.fixture
def make_coding():
    """How a coding is made."""
    return coding


@pytest.fixture
def axe_faults():
    """What axe-core reports of what is shown."""
    axe = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is missing")
    script = next(Path(axe.__file__).parent.rglob("axe.min.js")).read_text(encoding="utf-8")

    def faults(shown):
        if not shown.page.evaluate("() => Boolean(globalThis.axe)"):
            shown.page.evaluate(script)
        found = shown.page.evaluate(
            "([tags, rules]) => axe.run(document, { runOnly: tags, rules })", [TAGS, OF_THE_PAGE]
        )
        return [
            (fault["id"], node["html"][:120], node["failureSummary"][:200])
            for fault in found["violations"]
            for node in fault["nodes"]
        ]

    return faults
