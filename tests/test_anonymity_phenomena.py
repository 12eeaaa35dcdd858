"""Identifiers by kinds of phenomenon, in sentences composed for it, and texts that were garbled."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect_analysis.anonymity import check_anonymity, find_by_patterns, find_names
from reflect_analysis.anonymity.engine import _analysed
from reflect_analysis.anonymity.garbled import squeezed
from reflect_analysis.anonymity.words import words_of
from reflect_analysis.corpus import Corpus, Document

FOLDER = Path(__file__).parent / "data" / "anonymity"
FILES = ("phenomena.txt", "phenomena-2.txt", "phenomena-3.txt")
_MARK = re.compile(r"\{(\w+)\|([^{}]*)\}")
_INDIRECT = {"name", "room", "town", "age"}


def sentences(name):
    """The sentences of a file, each with its marked spans."""
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        marked, text, spans = line.replace("\\n", "\n"), "", []
        here = 0
        for match in _MARK.finditer(marked):
            text += marked[here : match.start()]
            spans.append((len(text), len(text) + len(match[2]), match[1]))
            text += match[2]
            here = match.end()
        yield text + marked[here:], spans


@pytest.fixture(scope="module")
def measured():
    """Every sentence with its spans and its findings."""
    pairs = [pair for name in FILES for pair in sentences(name)]
    documents = tuple(Document(f"s{n}", text) for n, (text, _) in enumerate(pairs))
    report = check_anonymity(Corpus(documents), recognisers=(find_by_patterns, find_names))
    found = {document.id: [] for document in documents}
    for finding in report:
        found[finding.document_id].append(finding)
    return [(text, spans, found[f"s{n}"]) for n, (text, spans) in enumerate(pairs)]


def rate(marks):
    marks = list(marks)
    return sum(marks) / len(marks)


def test_what_people_write_of_an_identifier_is_found_in_most_of_its_forms(measured):
    hits = [
        (kind, any(f.start < end and start < f.end for f in found))
        for _, spans, found in measured
        for start, end, kind in spans
    ]
    assert rate(hit for _, hit in hits) >= 0.95
    assert rate(hit for kind, hit in hits if kind not in _INDIRECT) >= 0.95
    for kind in {kind for kind, _ in hits}:
        assert rate(hit for each, hit in hits if each == kind) >= 0.85, kind


def test_what_only_looks_like_an_identifier_is_left_alone(measured):
    right = [
        any(f.start < end and start < f.end for start, end, _ in spans)
        for _, spans, found in measured
        for f in found
    ]
    assert rate(right) >= 0.95


GARBLED = [
    " " * 3000,
    "\n\t" * 2000,
    "x" * 20_000,
    "7" * 20_000,
    "=" * 9000,
    "ABCDEF" * 3000,
    "\x01\x02\x1f" * 500,
]


@pytest.mark.parametrize("noise", GARBLED)
def test_an_identifier_in_a_garbled_text_is_found_in_its_place(noise):
    text = f"Hi {noise} jo@example.ca {noise} text 604-555-0139 {noise}"
    corpus = Corpus((Document("r1", text),))
    report = check_anonymity(corpus, recognisers=(find_by_patterns,))
    found = {report.words_of(f): f.kind for f in report}
    assert found["jo@example.ca"] == "e-mail"
    assert found["604-555-0139"] == "phone"


@pytest.mark.parametrize("noise", GARBLED)
def test_a_garbled_run_is_short_when_it_is_searched(noise):
    assert len(squeezed(noise).text) <= 1600
    assert all(word.end - word.start <= 60 for word in words_of(noise))


def test_presidio_finds_an_address_in_a_long_run_without_blanks():
    text = "a1-" * 4000 + " jo@example.ca " + "b2-" * 4000
    assert ("EMAIL_ADDRESS", 12001, 12014) in _analysed(text)


@given(st.text(alphabet=st.sampled_from("ab1 \n=_-.é\x01"), max_size=60), st.integers(1, 400))
def test_each_place_of_a_squeezed_text_is_a_place_of_the_whole(text, times):
    whole = text.replace("a", "a" * times).replace(" ", " " * times)
    short = squeezed(whole)
    assert all(whole[short.place(n)] == letter for n, letter in enumerate(short.text))


def test_an_ordinary_text_is_searched_as_it_is():
    text = "She said: no.\n\nAnd then we went out --- in the rain."
    assert squeezed(text).text == text
