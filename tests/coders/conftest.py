"""One cache of parses for all tests of the coders, and codebooks of a few patterns."""

import pytest

from reflect_analysis._rows import Attributes
from reflect_analysis.cache import Cache
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.coders import RuleCoder


@pytest.fixture(scope="session")
def cache(tmp_path_factory):
    return Cache(tmp_path_factory.mktemp("parses"))


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch, cache):
    """Nothing of a test lands in the user's cache."""
    monkeypatch.setenv("REFLECT_CACHE", str(cache.folder))


def code(code_id, *patterns, unit="sentence", scopes=None, human_only=False):
    return Code(
        code_id,
        code_id.title(),
        f"What {code_id} is.",
        "group",
        patterns=patterns,
        unit=unit,
        scopes=Attributes(scopes or {}),
        human_only=human_only,
    )


def book(*codes):
    return Codebook(codes, (Group("group", "Group"),))


@pytest.fixture(scope="session")
def make_code():
    return code


@pytest.fixture(scope="session")
def make_book():
    return book


@pytest.fixture
def found(cache):
    """What a pattern finds in a text: the matched words of every match that counts."""

    def find(pattern, text, *, scopes=None, more=()):
        anything = dict.fromkeys(("negated", "hypothetical", "others", "reported"), "include")
        chosen = anything if scopes is None else scopes
        coder = RuleCoder(book(code("wanted", pattern, scopes=chosen), *more), cache=cache)
        (places,) = (each.get("wanted", ()) for each in coder._found_in([text]))
        return [text[find.start : find.end] for find in places if not find.blocked]

    return find
