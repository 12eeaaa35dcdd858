"""One content gives the same documents, whatever program saved it."""

import pytest

from reflect_analysis.readers import read_corpus

FORMATS = ("txt", "md", "docx", "odt", "rtf", "html")

REFLECTION = [
    "I didn’t know what to say when Émile cried – so I sat with him. 🙂",
    "My partner told me later that sitting was enough.\nI believed her, and I slept.",
    "I’d do it again tomorrow… even “just” for the quiet.",
]
TRANSCRIPT = [
    "Facilitator: What stayed with you this week?",
    "P09: I stayed late on Tuesday, and nobody noticed.",
    "And it was raining.",
    "P10: I noticed. I brought you tea.",
    "P09: You did, and I was glad.",
    "Facilitator: Thank you both.",
]
PAGE = [
    ("Stories from the north", 1),
    "We are a community of practice that meets every month in four towns and one library.",
    ("What educators say", 2),
    "“I stopped counting the hours because somebody else was counting on me.”",
    "— ECE, Nelson, Reflection",
    "“My mentor asked me one question and I have been answering it all year.”",
    "— Educator, Smithers, Interview",
    "Contact us at hello@example.org or 250-555-0100.",
]
FRONT = [
    "---\nid: R-7\nparticipant: P03\nsession: 02\n---",
    "I was tired and I stayed.",
    "My legs hurt.",
]


def texts(path, **options):
    corpus = read_corpus(path, **options)
    return [(d.kind, d.text, d.case_id, d.voice, d.flags) for d in corpus]


@pytest.mark.parametrize("suffix", FORMATS)
def test_one_reflection_is_the_same_in_every_format(save, suffix):
    ((kind, text, case, voice, flags),) = texts(save(f"monday.{suffix}", REFLECTION))
    assert (kind, case, voice, flags) == ("reflection", None, "participant", ())
    assert text == "\n\n".join(REFLECTION)


@pytest.mark.parametrize("suffix", FORMATS)
def test_one_page_gives_the_same_quotes_in_every_format(save, suffix):
    found = texts(save(f"north.{suffix}", PAGE))
    assert found == texts(save("as text/north.txt", PAGE))
    assert [text[:10] for _, text, *_ in found] == ["I stopped ", "My mentor "]
    corpus = read_corpus(save(f"north.{suffix}", PAGE))
    assert {"prose of the page", "a contact, an address or an advertisement"} <= {
        omission.reason for omission in corpus.omissions
    }


@pytest.mark.parametrize("suffix", FORMATS)
def test_one_transcript_has_the_same_turns_in_every_format(save, suffix):
    speakers = {"Facilitator": None, "P09": "P09", "P10": "P10"}
    corpus = read_corpus(save(f"meeting.{suffix}", TRANSCRIPT), speakers=speakers)
    (document,) = corpus
    turns = [(t.case_id, t.coded, document.passage(t.start, t.end)) for t in document.turns]
    (plain,) = read_corpus(save("as text/meeting.txt", TRANSCRIPT), speakers=speakers)
    assert document.text == plain.text
    assert turns == [(t.case_id, t.coded, plain.passage(t.start, t.end)) for t in plain.turns]
    assert [case for case, _, _ in turns] == [None, "P09", "P10", "P09", None]


@pytest.mark.parametrize("suffix", FORMATS)
def test_front_matter_may_be_typed_into_any_document(save, suffix):
    (document,) = read_corpus(save(f"seven.{suffix}", FRONT))
    assert (document.id, document.case_id, document.attributes["session"]) == ("R-7", "P03", "02")
    assert document.text == "I was tired and I stayed.\n\nMy legs hurt."


@pytest.mark.parametrize("suffix", FORMATS)
def test_headings_are_marked_in_the_text_and_known_as_such(save, suffix):
    parts = [*FRONT[:1], ("What was hard", 2), *FRONT[1:]]
    (document,) = read_corpus(save(f"seven.{suffix}", parts))
    assert document.text.startswith("## What was hard\n\nI was tired")
    assert document.attributes["headings"] == "What was hard"


@pytest.mark.parametrize("suffix", ["docx", "odt", "rtf", "html"])
def test_a_place_is_one_in_the_file(save, suffix):
    corpus = read_corpus(save(f"north.{suffix}", PAGE))
    word = "line" if suffix == "html" else "paragraph"
    assert all(d.place.startswith(f"{word} ") for d in corpus)
    if suffix != "html":
        assert [d.place for d in corpus] == ["paragraph 4", "paragraph 6"]
