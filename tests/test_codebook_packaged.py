"""The codebooks beside the package: they load, keep their own rules, and their page is true."""

import re
from pathlib import Path

import pytest

from reflect_analysis.cache import Cache
from reflect_analysis.codebook import read_codebook
from reflect_analysis.coders.checking import check_examples

BOOKS = Path(__file__).parent.parent / "codebooks"
COMPONENTS = (
    "prepared_mentors",
    "thoughtful_matching",
    "regular_meetings",
    "clear_structure",
    "dedicated_coordination",
    "organisational_support",
)


@pytest.fixture(scope="module")
def book():
    return read_codebook(BOOKS / "effective-mentorship.yaml")


def test_it_has_the_six_components_each_with_several_codes(book):
    assert tuple(group.id for group in book.groups) == COMPONENTS
    for component in COMPONENTS:
        assert sum(code.group == component for code in book) >= 3


def test_every_code_is_full(book):
    for code in book:
        assert min(map(len, (code.include, code.exclude, code.examples))) >= 2, code.id
        assert len(code.counter_examples) >= 2, code.id
        assert code.source, code.id
        assert bool(code.patterns) != code.human_only, code.id
        assert not code.human_only or code.note, code.id


def test_every_example_passes_the_rules_and_no_counter_example_does(book, tmp_path_factory):
    found = check_examples(book, cache=Cache(tmp_path_factory.mktemp("cache")))
    assert [str(row) for row in found.failed] == []
    assert len(found) >= 100


@pytest.mark.parametrize("name", ["peer-mentoring", "effective-mentorship"])
def test_every_pointer_leads_to_a_code(name):
    book = read_codebook(BOOKS / f"{name}.yaml")
    for code in book:
        texts = (code.definition, *code.exclude, *(each.why for each in code.counter_examples))
        for wanted in re.findall(r"`([a-z_0-9]+)`", " ".join(texts)):
            assert wanted in book, (code.id, wanted)


def test_the_two_codebooks_share_no_example():
    books = [read_codebook(BOOKS / f"{n}.yaml") for n in ("peer-mentoring", "effective-mentorship")]
    said = [
        {
            text
            for code in book
            for text in (*code.examples, *(c.text for c in code.counter_examples))
        }
        for book in books
    ]
    assert not said[0] & said[1]


def test_the_blocks_of_the_page_on_codebooks_print_what_it_shows(tmp_path, faults_of_page):
    page = (BOOKS / "README.md").read_text(encoding="utf-8")
    (tmp_path / "codebooks").mkdir()
    text = (BOOKS / "peer-mentoring.yaml").read_text(encoding="utf-8")
    (tmp_path / "codebooks" / "peer-mentoring.yaml").write_text(text, encoding="utf-8")
    assert faults_of_page(page) == ""


def test_every_file_that_the_page_names_exists():
    page = (BOOKS / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`([a-z-]+\.yaml)`", page)) == {p.name for p in BOOKS.glob("*.yaml")}
