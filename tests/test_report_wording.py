"""The report holds itself to its checklist: no deficit term stands in words of its own."""

import ast
import html
import re
from pathlib import Path

import pytest

import reflect_analysis
from reflect_analysis.codebook import read_codebook
from reflect_analysis.codings import read_codings
from reflect_analysis.demo import demo_files
from reflect_analysis.disclosure import read_approvals
from reflect_analysis.frameworks import check_wording, read_framework, read_indicators
from reflect_analysis.programmes import read_programmes
from reflect_analysis.readers import read_corpus
from reflect_analysis.reliability import measure_agreement
from reflect_analysis.report import Wanted, further_results, read_states, write_report

FILES = demo_files()
SHELF = FILES.codebook.parent / "frameworks"
CHECKLIST = read_framework(SHELF / "equity-checklist.yaml")
# What a report would claim naively, beside what it should not call people.
NAIVE = (
    "themes emerged",
    "emerged from the data",
    "saturation was reached",
    "most important theme",
    "statistically significant",
    "they recovered",
)
PACKAGE = Path(reflect_analysis.__file__).parent


def texts_of(source):
    """Every text in a module that is no docstring, with its line."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, owners) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and id(node) not in docstrings:
            yield node.lineno, text


def test_no_sentence_that_the_package_prints_uses_a_deficit_term_or_claims_too_much():
    modules = sorted(PACKAGE.rglob("*.py"))
    assert len(modules) > 100
    first = {re.findall(r"\w+", term)[0].casefold() for term in (*CHECKLIST.terms, *NAIVE)}
    found = [
        f"{module.relative_to(PACKAGE)}:{line}: {each.term}"
        for module in modules
        for line, text in texts_of(module)
        if any(word in text.casefold() for word in first)
        for each in check_wording(text, (*CHECKLIST.terms, *NAIVE))
    ]
    assert found == []


def own_words(page):
    """The words of a page by block, without quotes: what it says itself, and of whom."""
    text = re.sub(r"<(style|script)\b.*?</\1>", " ", page, flags=re.DOTALL)
    text = re.sub(r"<blockquote\b.*?</blockquote>", " ", text, flags=re.DOTALL)
    text = re.sub(r'(?:alt|aria-label|title)="([^"]*)"', r">\1<", text)
    blocks = re.split(
        r"</?(?:p|h\d|t[dhr]|li|dt|dd|div|caption|figcaption|title|desc|text)\b", text
    )
    plain = (html.unescape(re.sub(r"^[^<]*?>|<[^>]*>?", " ", block)) for block in blocks)
    return "\n\n".join(" ".join(block.split()) for block in plain if block.strip())


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The demonstration's report with every kind of section but the topics, by its two readers."""
    values = {"corpus": read_corpus(FILES.corpus), "codebook": read_codebook(FILES.codebook)}
    log = read_codings(*FILES.codings)
    names = ("mentorship-decision-matrix", "theory-of-change", "equity-checklist")
    wanted = Wanted(
        states=read_states("strain=exhaustion,detachment;recovery=burnout_recovery,renewal"),
        compare=("experience",),
        frameworks=tuple(read_framework(SHELF / f"{name}.yaml") for name in names),
        indicators=read_indicators(SHELF / "indicators.csv"),
        programmes=read_programmes(SHELF / "programme.csv"),
        joint="experience",
    )
    written = write_report(
        tmp_path_factory.mktemp("wording") / "report",
        **values,
        codings=log,
        approvals=read_approvals(FILES.approvals),
        agreement=measure_agreement(log, **values, draws=1),
        further=further_results(log, **values, wanted=wanted),
        formats=("html",),
    )
    return own_words(written.main.read_text(encoding="utf-8"))


@pytest.mark.slow
def test_headings_captions_notes_and_methods_are_searched(page):
    for heading in ("Change over sessions", "How it was done", "The codebook"):
        assert heading in page
    assert "Note. Of N: participants" in page
    assert "The numbers are those of Table" in page
    assert len(page.split()) > 4000


@pytest.mark.slow
def test_the_report_of_the_demonstration_uses_no_deficit_term_of_its_own(page):
    found = check_wording(page, (*CHECKLIST.terms, *NAIVE))
    book = read_codebook(FILES.codebook)
    # A code on how people are called names what they are called; nobody else is called so.
    named = [text for code in book for text in (code.definition, *code.include, *code.exclude)]
    ours = [each for each in found if not any(each.context in text for text in named)]
    assert [(each.term, each.context) for each in ours] == []
    assert {each.term for each in found} <= {"babysitter"}
