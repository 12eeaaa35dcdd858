"""The report’s page as axe-core judges it: a page that is sent is read by screen readers too."""

import importlib.util
from pathlib import Path

import pytest

from reflect_analysis._rows import Attributes
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Memo, Seen
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.disclosure import Approval
from reflect_analysis.provenance import text_hash
from reflect_analysis.report import Wanted, further_results, write_report
from reflect_analysis.topics import Stability, Topic, Topics, TopicUnit

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
BOOK = Codebook(
    (
        Code("tired", "Tired", "The work wears the writer out.", "strain", include=("No sleep",)),
        Code("rested", "Rested", "The writer comes back.", "recovery", exclude=("→ `tired`",)),
    ),
    (Group("strain", "Strain", "What wears out."), Group("recovery", "Recovery")),
    title="A small study",
)
WORDS = "The pots were washed and the day went on as days do here with number"
END = 20


def _chromium():
    """How the panel’s tests find a browser."""
    path = Path(__file__).parent / "panel" / "chromium.py"
    spec = importlib.util.spec_from_file_location("chromium_of_reports", path)
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


@pytest.fixture(scope="module")
def page():
    """A page of a headless Chromium; without one the tests are skipped, with the reason."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is missing")
    chromium = _chromium()
    with api.sync_playwright() as play:
        if why := chromium.why_none(play):
            pytest.skip(why)
        path = chromium.executable(play)
        browser = play.chromium.launch(executable_path=path, args=chromium.FLAGS)
        yield browser.new_page()
        browser.close()


def study(people=24):
    """Participants of two roles with a text in each of two sessions, coded by one person."""
    documents = tuple(
        Document(
            f"P{n:02}-S{s}", f"{WORDS} {n} and {s}.", case_id=f"P{n:02}",
            attributes=Attributes(session=str(s)),
        )
        for n in range(1, people + 1) for s in (1, 2)
    )  # fmt: skip
    roles = (Attributes(role="ECE" if n % 2 else "Lead") for n in range(1, people + 1))
    cases = tuple(Case(f"P{n:02}", role, quotes="yes") for n, role in enumerate(roles, 1))
    stamps = tuple(Clearance(d.sha256, "lead", "read") for d in documents)
    rows = [Coding(f"P{n:02}-S1", 0, END, "tired", "ada") for n in range(1, 17)]
    rows += [Coding(f"P{n:02}-S2", 0, END, "rested", "ada") for n in range(1, 15)]
    seen = tuple(Seen("ada", document.id) for document in documents)
    log = Codings(tuple(rows), seen=seen, memos=(Memo("ada", "Work and rest.", "reflexive"),))
    return Corpus(documents, cases, clearances=stamps), log


def topics_of(corpus):
    units = tuple(
        TopicUnit(f"{d.id}:0-{len(d.text)}", d.id, 0, len(d.text), d.case_id, n % 2, 0.5)
        for n, d in enumerate(corpus)
    )
    rows = tuple(Topic(n, ("pots", "washed"), 24, 12, 0.1, ()) for n in (0, 1))
    stability = Stability(2, 0.3, 0.0, 0.3, 0.0, refits=5, units=len(units))
    return Topics("k-means", len(units), rows, units, stability, centroids=((1.0,), (0.5,)))


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A report with every kind of block, and a reflexive one."""
    corpus, log = study()
    about = {"corpus": corpus, "codebook": BOOK, "codings": log}
    hashed = text_hash(corpus.documents[0].passage(0, END))
    approval = Approval("P01-S1", 0, END, "report", "yes", "A. Lead", "", hashed)
    wanted = Wanted(compare=("role",))
    further = further_results(log, corpus=corpus, codebook=BOOK, wanted=wanted)
    more = {"approvals": [approval], "topics": topics_of(corpus), "formats": ["html"]}
    folder = tmp_path_factory.mktemp("accessible")
    counted = write_report(folder / "a", **about, **more, further=further)
    reflexive = write_report(folder / "b", **about, approach="reflexive", formats=["html"])
    return {"counted": counted.main, "reflexive": reflexive.main}


def faults_of(page, address):
    """What axe-core finds on a page: the rule, and where it is broken."""
    import axe_playwright_python

    page.goto(address)
    script = next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js"))
    page.evaluate(script.read_text(encoding="utf-8"))
    found = page.evaluate("tags => axe.run(document, { runOnly: tags })", TAGS)
    nodes = ((fault["id"], node) for fault in found["violations"] for node in fault["nodes"])
    return [(rule, node["html"][:120], node["failureSummary"][:200]) for rule, node in nodes]


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("which", ["counted", "reflexive"])
def test_axe_finds_nothing_on_the_page_of_a_report(page, written, which, scheme, width):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    assert faults_of(page, written[which].as_uri()) == []


def test_axe_would_find_a_picture_without_words(page, tmp_path):
    poor = "<!doctype html><html lang='en'><title>T</title><h1>T</h1><img src='data:,'></html>"
    (tmp_path / "poor.html").write_text(poor, encoding="utf-8")
    assert "image-alt" in {rule for rule, *_ in faults_of(page, (tmp_path / "poor.html").as_uri())}
