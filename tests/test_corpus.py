"""Documents, cases, clearance, governance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect_analysis._rows import Attributes
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Governance, Turn
from reflect_analysis.errors import CorpusError, UnknownIdError


def corpus_of(*documents, cases=()):
    return Corpus(documents=documents, cases=cases)


@pytest.fixture
def small():
    cases = (
        Case("P01", Attributes(role="ECE", place="Nelson"), quotes="yes"),
        Case("P02", governance=Governance("nation-1", ("coding",))),
    )
    documents = (
        Document("r1", "First text.", case_id="P01", attributes=Attributes(session="1")),
        Document("r2", "Second text.", case_id="P02"),
        Document("q1", "A quote.", kind="quote"),
    )
    return Corpus(documents, cases)


def test_every_fault_of_a_corpus_is_told_at_once():
    with pytest.raises(CorpusError) as caught:
        corpus_of(
            Document("a", "text", source="x.csv", place="row 2"),
            Document("a", "text", source="x.csv", place="row 7"),
            Document("b", "  "),
            Document("c", "text", case_id="P1"),
            Document("d", "text", kind="poem"),
            Document("e", "text", turns=(Turn(2, 9, "A"),)),
        )
    told = "\n".join(caught.value.faults)
    assert len(caught.value.faults) == 5
    for part in ("x.csv, row 2; x.csv, row 7", "no text", "'P1'", "'poem'", "2–9 of 4"):
        assert part in told


def test_a_doubled_case_is_a_fault():
    with pytest.raises(CorpusError, match="case 'P01' stands 2 times"):
        Corpus((Document("a", "text"),), (Case("P01"), Case("P01")))


def test_no_message_holds_a_participants_words():
    words = "the words of a participant"
    with pytest.raises(CorpusError) as caught:
        corpus_of(Document("a", words), Document("a", words), Document("b", words, case_id="X"))
    assert "participant" not in str(caught.value).replace("unknown case", "")


def test_a_document_is_in_the_corpus_by_its_id_and_by_itself(small):
    assert "r1" in small
    assert "r11" not in small
    assert small.document("r1") in small
    assert Document("r1", "Other words.") not in small
    assert "P01" not in small


def test_passages_are_read_by_their_spans_and_every_fault_is_told(small):
    assert small.passages([("r2", 0, 6), ("r1", 6, 10)]) == ["Second", "text"]
    with pytest.raises(UnknownIdError) as unknown:
        small.passages([("x", 0, 1), ("r1", 0, 5), ("y", 0, 1)])
    assert len(unknown.value.faults) == 2
    with pytest.raises(CorpusError, match=r"'r1': the span 6–99 is not in its 11 characters"):
        small.passages([("r1", 6, 99)])


def test_a_corpus_is_shown_with_a_table_of_kinds(small):
    shown = small._repr_html_()
    assert ">Kind</th>" in shown
    assert ">reflection</td>" in shown


def test_an_unknown_id_comes_with_a_suggestion(small):
    with pytest.raises(UnknownIdError, match=r"no document 'r11'.*did you mean 'r1'"):
        small.document("r11")
    with pytest.raises(UnknownIdError, match="no case 'P9'"):
        small.case("P9")


def test_the_case_at_an_offset_of_a_transcript_is_the_speaker():
    text = "F: Hello.\n\nA: I am glad."
    turns = (Turn(3, 9, "F", None, coded=False), Turn(14, 24, "A", "P01"))
    corpus = corpus_of(Document("m", text, "transcript", turns=turns), cases=(Case("P01"),))
    assert corpus.case_at("m", 15) == "P01"
    assert corpus.case_at("m", 4) is None
    assert corpus.cases_of(corpus.document("m")) == ("P01",)


def test_a_clearance_holds_for_the_text_it_was_given_for(small):
    cleared = Corpus(
        small.documents,
        small.cases,
        tuple(Clearance(d.sha256, "lead", "read twice") for d in small.documents[:2]),
    )
    assert [d.id for d in cleared.uncleared()] == ["q1"]


def test_a_governed_document_is_left_out_until_its_use_is_approved(small):
    assert [d.id for d in small.permitted("coding")] == ["r1", "r2", "q1"]
    assert [d.id for d in small.permitted("quotes")] == ["r1", "q1"]


def test_the_frame_has_the_cases_attributes_too(small):
    frame = small.to_frame()
    assert frame.loc[0, ["document_id", "role", "place", "session"]].tolist() == [
        "r1",
        "ECE",
        "Nelson",
        "1",
    ]
    assert len(frame) == 3


def test_the_html_of_a_corpus_holds_no_text(small):
    html = small._repr_html_()
    assert "3 documents" in html
    assert "First text" not in html


TRICKY = ["a", "é", "e\u0301", "😀", "👩‍👧", "\r\n", "\n", "«", " ", "ç", "\u200d", "’"]


@given(st.lists(st.sampled_from(TRICKY), min_size=1, max_size=40), st.data())
def test_offsets_are_code_points_whatever_stands_before(pieces, data):
    text = "x" + "".join(pieces)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    document = Document("d", text)
    assert document.passage(start, end) == text[start:end]
    assert len(document.passage(start, end)) == end - start


def test_who_wrote_a_text_is_asked_whoever_speaks_in_it():
    post = Document("D1", "hello there", case_id="P1", turns=(Turn(0, 5, "P2", "P2"),))
    held = Corpus((post,), (Case("P1", governance=Governance("nation")), Case("P2")))
    assert held.cases_of(post) == ("P1", "P2")
    assert not held.permits(post, "export")
