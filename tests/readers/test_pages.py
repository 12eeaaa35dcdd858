"""Pages whose layout broke them: capitals, hyphens, columns, advertisements, menus, captions."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect_analysis.readers import read_corpus
from reflect_analysis.readers._blocks import Block, split_blocks
from reflect_analysis.readers.attributed import read_page

WHO = "\n\n— Educator, Nelson\n"


def page(text: str):
    return read_page(text, name="page.txt", stem="page")


def quotes(text: str) -> list[tuple[str, bool]]:
    """The words of each quote, and whether it is flagged as broken."""
    return [(d.text, "broken" in d.flags) for d in page(text).documents]


def reasons(text: str) -> dict[str, str]:
    return {o.place: o.reason for o in page(text).omissions}


# ── dropped capitals ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("between", ["\n\n", "\n"])
def test_a_dropped_capital_is_put_back(between):
    text = f"What they wrote.\n\nW{between}hen the room went quiet I sat down.{WHO}"
    assert quotes(text) == [("When the room went quiet I sat down.", False)]


def test_a_dropped_capital_that_is_a_word_too_is_not_guessed():
    text = f"What they wrote.\n\nI\n\nt rained. I came all the same.{WHO}"
    assert quotes(text) == [("I […] t rained. I came all the same.", True)]


def test_a_capital_that_was_lost_is_flagged_where_the_writer_uses_capitals():
    lost = f"What they wrote.\n\nhen it rained we read. Then we sang.{WHO}"
    assert quotes(lost) == [("[…] hen it rained we read. Then we sang.", True)]
    small = f"What they wrote.\n\nit rained. we read. then we sang.{WHO}"
    assert quotes(small) == [("it rained. we read. then we sang.", False)]


def test_a_reflection_with_a_dropped_capital_stays_as_it_stands():
    found = page("T\n\nhe soup was mine. I made it.\n\n~ Maribel\n")
    assert [d.text for d in found.documents] == ["T\n\nhe soup was mine. I made it."]


# ── hyphens and columns ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("between", ["\n", "\n\n"])
@pytest.mark.parametrize(
    ("halves", "elsewhere", "whole", "broken"),
    [
        (("neigh-", "bours"), "The neighbours came.", "neighbours", False),
        (("door-", "step"), "A door-step is a step.", "door-step", False),
        (("neigh-", "bours"), "Nobody came.", "neighbours", True),
    ],
)
def test_a_word_that_a_line_or_a_column_parts_is_joined(between, halves, elsewhere, whole, broken):
    text = f"{elsewhere}\n\nI had no {halves[0]}{between}{halves[1]} until then.{WHO}"
    assert quotes(text) == [(f"I had no {whole} until then.", broken)]


def test_a_story_is_mended_like_a_quote():
    story = "W\n\nhen I climbed, no neigh-\nbour saw me.\n"
    text = f"Photo voice\n\nThe ladder\n\nA ladder in snow\n\n{story}"
    (story,) = page(f"{text}\nOne neighbour did.\n").documents
    assert (story.text, story.flags) == (
        "When I climbed, no neighbour saw me.\n\nOne neighbour did.",
        ("selected",),
    )
    (story,) = page(text).documents
    assert "broken" in story.flags


def test_a_half_word_of_the_page_is_not_joined_to_a_quote():
    text = f"The programme is for all the neigh-\n\nbours with me, and I stayed. I laughed.{WHO}"
    assert quotes(text) == [("[…] bours with me, and I stayed. I laughed.", True)]


def test_a_compound_inside_a_line_is_left_alone():
    text = f"I am a well-rested person at long last.{WHO}"
    assert quotes(text) == [("I am a well-rested person at long last.", False)]


@pytest.mark.parametrize(
    "between",
    [
        "## Larch Benches\n\nOur benches last for years in any weather.\n\nwww.larch.example.ca",
        "Spring 2031 | The Lakes Letter | 14",
        "Two benches in the snow",
        "Home\nWho we are\nWhat we do",
        "A bench is a place to wait for a while.",
    ],
)
def test_a_quote_that_something_parts_is_joined_and_flagged(between):
    text = (
        f"I had thought that the bench by the door\n\n{between}\n\nwas for visitors alone.{WHO}\n"
        "The page ends: a bench is a place to wait for a while, and so is a stair.\n"
    )
    found = page(text)
    (quote,) = found.documents
    joined = "I had thought that the bench by the door […] was for visitors alone."
    assert (quote.text, quote.place) == (joined, "line 1")
    assert "broken" in quote.flags
    assert {o.place for o in found.omissions} >= {"line 3"}


@pytest.mark.parametrize(
    "above",
    [
        "I had thought about it for a year.\n\n## Benches",
        "The bench by the door\n\n## Benches",
        "## I had thought\n\nSpring 2031",
        f"I came late.{WHO}\nSpring 2031",
    ],
)
def test_a_quote_in_small_letters_takes_nothing_that_is_not_its_own(above):
    *_, (last, _) = quotes(f"{above}\n\nthe best hour of my month{WHO}")
    assert last == "the best hour of my month"


# ── what is no quote ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "line",
    [
        "Photo by Ottoline Farrow, Educator",
        "Photo: Ottoline Farrow, Educator, Nelson",
        "By Ottoline Farrow, Early Childhood Educator",
        "— Photo: Ottoline Farrow, Mentor",
        "(Illustration by a mentor, Nelson)",
        "Story by Ottoline Farrow, Peer Mentor",
        "Left to right: a mentor, Nelson",
    ],
)
def test_a_credit_or_a_byline_makes_no_quote_of_what_stands_above_it(line):
    above = "The pairs met on Mondays in a room above the bakery and were glad of the warmth"
    assert not page(f"{above}\n\n{line}\n\nThe end of it.\n").documents


def test_what_begins_like_a_credit_may_be_said_by_somebody():
    text = f"By sitting down beside us they showed that they cared{WHO}\nAbove all I slept.{WHO}"
    assert len(quotes(text)) == 2


def test_a_menu_is_no_quote_though_an_entry_looks_like_an_attribution():
    menu = "Home\nWho we are\nWhat we do\n\nEducator, Resources\n\nThe pairs meet on Mondays.\n"
    assert not page(menu).documents
    (quote,) = page(f"I sat down.\nI stayed on.\nI slept.{WHO}").documents
    assert quote.text == "I sat down.\nI stayed on.\nI slept."


def test_each_part_that_was_left_out_has_its_reason():
    text = (
        "Home\nWho we are\nWhat we do\n\nNews | Events | Contact\n\n"
        f"Photo by Ottoline Farrow\n\nI sat down for once.{WHO}\n"
        "## Larch Benches\n\nOur benches last for years in any weather.\n\n"
        "www.larch.example.ca 250-555-0134\n\nThe Lakes Society logo\n\n"
        "Every pair decides for itself how it begins.\n"
    )
    assert list(reasons(text).items()) == [
        ("line 1", "a menu"),
        ("line 5", "a menu"),
        ("line 7", "a caption or a credit"),
        ("line 13", "a heading"),
        ("line 15", "a contact, an address or an advertisement"),
        ("line 17", "a contact, an address or an advertisement"),
        ("line 19", "a logo or a funder"),
        ("line 21", "prose of the page"),
    ]
    assert "Farrow" not in repr(page(text))


@pytest.mark.parametrize(
    ("lines", "is_menu"),
    [
        (("Home", "About", "Contact"), True),
        (("Home | About | Contact",), True),
        (("Home", "About"), False),
        (("I sat", "I slept", "I left"), False),
        (("We sat.", "We slept.", "We left."), False),
        (("We sat and", "then we slept and", "then we left"), False),
    ],
)
def test_a_menu_is_known_by_its_short_entries(lines, is_menu):
    assert Block(1, lines).is_menu is is_menu


PIECES = (
    *("W", "I", "hen I came, I stayed.", "I had thought that the", "bench was mine. I sat."),
    *("no neigh-", "bours came", "Home\nWho we are\nWhat we do", "A | B | C", "## Benches"),
    *("Photo by Ottoline Farrow, Educator", "By Ottoline Farrow", "www.larch.example.ca"),
    *("— Educator, Nelson", "~ Ottoline Farrow", "ECE, Terrace, Reflection", "Photo voice"),
    *("We meet on Mondays.", "intenParticipants say", "“", "”", " ", "\n", "\n\n", "\n\n", "\n\n"),
)


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_whatever_is_mended_no_letter_is_added_and_no_name_kept(text):
    def letters(words: str) -> str:
        return "".join(re.findall(r"\w", words))

    found = page(text + "\n\nend")
    assert not found.faults
    assert "Farrow" not in repr((found.omissions, [d.attributes for d in found.documents]))
    for document in found.documents:
        for piece in re.split(r"\[…\]|\n\n", document.text):
            assert letters(piece) in letters(text + "end")


# ── the field ───────────────────────────────────────────────────────────────────────────


SEEDS = {  # by a reading of the pages: participants' quotes, stories, others' words
    "communities-of-practice-article.txt": (9, 0, 1),
    "mentorship-framework-slides.txt": (0, 0, 0),
    "peer-mentoring-model-with-reflections.txt": (3, 0, 0),
    "peer-mentoring-programme.txt": (0, 0, 1),
    "peer-mentoring-resources-with-photo-voice.txt": (0, 2, 0),
}


@pytest.fixture(scope="module")
def seeds() -> Path:
    data = os.environ.get("REFLECT_FIELD_DATA")
    if not data:
        pytest.skip("REFLECT_FIELD_DATA is not set")
    return Path(data).parent / "seeds"


@pytest.mark.field
@pytest.mark.parametrize("name", SEEDS)
def test_field_every_quote_is_found_and_nothing_else_is_taken(seeds, name):
    found = [d for d in read_corpus(seeds) if d.source == name]
    said = [d for d in found if d.voice == "participant"]
    stories = [d for d in said if d.kind == "photo-voice"]
    others = [d for d in found if d.voice == "other"]
    assert (len(said) - len(stories), len(stories), len(others)) == SEEDS[name]


@pytest.mark.field
@pytest.mark.parametrize("name", [name for name in SEEDS if "slides" not in name])
def test_field_every_paragraph_is_read_or_listed_with_its_reason(seeds, name):
    corpus = read_corpus(seeds / name)
    told = [
        word
        for d in corpus
        for kept in (d.text, *d.attributes.values(), (d.picture and d.picture.alt_text) or "")
        for word in re.findall(r"\w+", kept)
    ]
    lines = {int(o.place.removeprefix("line ")): o for o in corpus.omissions}
    assert all(o.reason for o in lines.values())
    for block in split_blocks((seeds / name).read_text(encoding="utf-8")):
        words = set(re.findall(r"\w+", block.text))
        known = words <= set(told) or block.line in lines
        assert known or len(words) <= 6, (name, block.line)  # an attribution, its name left out
