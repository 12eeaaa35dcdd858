"""Segments: cleared texts only, cut without labels, with true offsets."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reflect_analysis.cache import Cache
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Turn
from reflect_analysis.errors import NotClearedError
from reflect_analysis.provenance import text_hash
from reflect_analysis.segmentation import segment
from reflect_analysis.segments import Segment, Segments

ODD = st.text(
    st.sampled_from(list("aB.!?…,\n \t“”()-—*éß😊👩‍👧\u200d\u0301\u00a0")), min_size=1, max_size=50
).filter(str.strip)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return Cache(tmp_path_factory.mktemp("cache"))


def cleared(*documents, cases=()):
    hashes = {text_hash(document.text) for document in documents}
    clearances = tuple(Clearance(sha, "lead", "read") for sha in sorted(hashes))
    return Corpus(documents, tuple(map(Case, cases)), clearances)


def texts(corpus, by, cache):
    return list(segment(corpus, by, cache=cache).texts)


TWO = "Last year I was empty.  I am back 😊\n\n  “Not alone,” I wrote. \n\n***\n\nThanks"


def test_each_unit_cuts_as_it_says(cache):
    corpus = cleared(Document("R1", TWO))
    assert texts(corpus, "document", cache) == [TWO]
    assert texts(corpus, "turn", cache) == [TWO]
    assert texts(corpus, "paragraph", cache) == [
        "Last year I was empty.  I am back 😊",
        "“Not alone,” I wrote.",
        "Thanks",
    ]
    assert texts(corpus, "sentence", cache) == [
        "Last year I was empty.",
        "I am back 😊",
        "“Not alone,” I wrote.",
        "Thanks",
    ]


def test_headings_are_no_passages(cache):
    text = (
        "# My week\n\nI slept badly.\n## What helped\n"
        "A walk with Jo. We laughed.\n\n###### \nEnd #1"
    )
    corpus = cleared(Document("R1", text))
    assert texts(corpus, "paragraph", cache) == [
        "I slept badly.",
        "A walk with Jo. We laughed.",
        "End #1",
    ]
    assert texts(corpus, "sentence", cache) == [
        "I slept badly.",
        "A walk with Jo.",
        "We laughed.",
        "End #1",
    ]
    assert texts(corpus, "document", cache) == [text]


def test_a_segment_is_there_by_its_id_and_by_itself():
    document = Document("a", "One. Two.")
    rows = (Segment.of(document, 0, 4, None),)
    segments = Segments(Corpus((document,)), rows, "sentence")
    assert "a:0-4" in segments
    assert rows[0] in segments
    assert "a" not in segments
    assert Segment.of(document, 5, 9, None) not in segments


def test_sentences_are_the_unit_by_default(cache):
    corpus = cleared(Document("R1", "One. Two."))
    assert segment(corpus, cache=cache).by == "sentence"


def transcript():
    text = (
        "Facilitator: Welcome. Who begins?\n\nP1: I was tired. Then I left.\n\nMia: No.\nStill no."
    )
    turns = (
        Turn(13, 33, "Facilitator", coded=False),
        Turn(39, 64, "P1", "P1"),
        Turn(71, len(text), "Mia"),
    )
    return cleared(Document("M1", text, kind="transcript", turns=turns), cases=["P1"])


@pytest.mark.parametrize("by", ["document", "paragraph", "sentence", "turn"])
def test_no_segment_of_a_transcript_holds_a_label_or_an_uncoded_turn(by, cache):
    joined = " ".join(texts(transcript(), by, cache))
    assert "P1" not in joined
    assert "Mia" not in joined
    assert "Welcome" not in joined
    assert "I was tired." in joined


def test_a_segment_of_a_transcript_belongs_to_its_speaker(cache):
    rows = segment(transcript(), "sentence", cache=cache).rows
    assert [(row.text, row.case_id) for row in rows] == [
        ("I was tired.", "P1"),
        ("Then I left.", "P1"),
        ("No.", None),
        ("Still no.", None),
    ]
    run = segment(transcript(), "document", cache=cache).runs[-1]
    assert run.summary.startswith("2 documents and turns of 1 document")
    assert texts(transcript(), "document", cache) == texts(transcript(), "turn", cache)


def test_words_of_others_give_no_segments(cache):
    corpus = cleared(Document("E1", "An epigraph.", voice="other"), Document("R1", "Mine."))
    segments = segment(corpus, cache=cache)
    assert segments.texts == ("Mine.",)
    assert "1 that no participant wrote or said was left out" in segments.runs[-1].summary


def test_a_corpus_that_is_not_cleared_is_refused_with_ids_and_the_way_out(cache):
    documents = tuple(Document(f"R{i}", f"Text number {i}.") for i in range(12))
    with pytest.raises(NotClearedError) as caught:
        segment(Corpus(documents), cache=cache)
    message = str(caught.value)
    assert message.startswith("12 of 12 documents are not cleared: R0, R1, ")
    assert "R9 and 2 more." in message
    assert "R10" not in message
    assert "Nothing is coded, embedded or exported before clearing" in message
    assert "mark_cleared(" in message
    assert "--cleared-by NAME --note TEXT" in message
    assert "Text number" not in message


def test_an_unknown_unit_is_refused_with_a_hint(cache):
    with pytest.raises(ValueError, match="did you mean 'sentence'"):
        segment(cleared(Document("R1", "One.")), "sentense", cache=cache)


def test_french_is_cut_at_its_marks(cache):
    corpus = cleared(Document("R1", "Je suis là. Et toi ?", language="fr"))
    assert texts(corpus, "sentence", cache) == ["Je suis là.", "Et toi ?"]


def test_the_run_says_what_was_cut(cache):
    run = segment(cleared(Document("R1", "One. Two.")), cache=cache).runs[-1]
    assert run.step == "segment"
    assert run.summary == "2 sentences of 1 document were taken as segments"


def test_equal_texts_of_two_documents_each_give_segments(cache):
    corpus = cleared(Document("R1", "One. Two."), Document("R2", "One. Two."))
    assert texts(corpus, "sentence", cache) == ["One.", "Two.", "One.", "Two."]


def test_an_empty_corpus_gives_no_segments(cache):
    assert len(segment(Corpus(()), cache=cache)) == 0


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=ODD, by=st.sampled_from(["document", "paragraph", "sentence"]))
def test_segments_are_trimmed_disjoint_and_leave_out_only_marks(text, by, cache):
    corpus = cleared(Document("R1", text, language="fr"))
    rows = segment(corpus, by, cache=cache).rows
    assert all(text[row.start : row.end] == row.text == row.text.strip() for row in rows)
    assert all(left.end <= right.start for left, right in pairwise(rows))
    covered = {place for row in rows for place in range(row.start, row.end)}
    left_out = {text[place] for place in range(len(text)) if place not in covered}
    assert not any(map(str.isalnum, left_out))
    assert "😊" not in left_out
