"""Words in context: participants' own words alone, of cleared texts, in time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect_analysis import concordance
from reflect_analysis.concordance import keyword_in_context
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Governance, Turn
from reflect_analysis.errors import NotClearedError

PEOPLE = (Case("P1"), Case("P2"))


def corpus_of(*documents, cases=PEOPLE):
    cleared = tuple(Clearance(d.sha256, "ada", "read") for d in documents)
    return Corpus(documents, cases, cleared)


def found_in(text, pattern, **more):
    found = keyword_in_context(corpus_of(Document("R1", text, case_id="P1")), pattern, **more)
    return [line.words for line in found]


def test_whole_words_whatever_their_case_blanks_and_apostrophes():
    text = "Not\nalone. I’m not  alone, notalone. Alonement."
    assert found_in(text, "not alone") == ["Not alone", "not  alone"]
    assert found_in(text, "i'm") == ["I’m"]
    assert found_in("We re-met.", "re‑met") == ["re-met"]


def test_a_star_is_the_rest_of_a_word_and_nothing_else_is_special():
    assert found_in("Mentor, mentoring, dementor.", "mentor*") == ["Mentor", "mentoring"]
    assert found_in("a.b and axb (c", ["a.b", "(c"]) == ["a.b", "(c"]


def test_the_context_stays_in_the_paragraph_and_says_that_it_was_cut():
    text = "Before it.\n\nOne two three tea four five six.\n\nAfter it."
    line = keyword_in_context(corpus_of(Document("R1", text, case_id="P1")), "tea", window=6).lines[
        0
    ]
    assert (line.before, line.after) == ("…three ", " four …")
    assert text[line.start : line.end] == "tea"
    wide = keyword_in_context(corpus_of(Document("R1", text, case_id="P1")), "tea").lines[0]
    assert (wide.before, wide.after) == ("One two three ", " four five six.")


def test_headings_facilitators_and_words_of_others_are_not_searched():
    text = "A: tea is mine.\n\nF: tea for all?"
    turns = (Turn(3, 15, "A", "P1"), Turn(20, len(text), "F", None, coded=False))
    corpus = corpus_of(
        Document("m", text, "transcript", turns=turns),
        Document("h", "# Tea\nNo word of it.", case_id="P2"),
        Document("d", "Tea, says the director.", voice="other"),
    )
    found = keyword_in_context(corpus, "tea")
    assert [(line.document_id, line.case_id) for line in found] == [("m", "P1")]
    assert (found.participants, found.of_participants, found.of_documents) == (1, 2, 2)


def test_governed_records_wait_and_uncleared_ones_stop_it():
    cases = (Case("P1", governance=Governance("nation-1", ("tables",))), Case("P2"))
    texts = (Document("g", "tea", case_id="P1"), Document("o", "tea", case_id="P2"))
    found = keyword_in_context(corpus_of(*texts, cases=cases), "tea")
    assert [line.document_id for line in found] == ["o"]
    with pytest.raises(NotClearedError, match="o"):
        keyword_in_context(Corpus(texts, cases), "tea")


def test_an_expression_that_never_ends_is_stopped(monkeypatch):
    monkeypatch.setattr(concordance, "_SECONDS", 0.2)
    with pytest.raises(ValueError, match="takes longer than"):
        found_in("a" * 4000, r"(?:a|aa|a?a)+b|(a*)*c", regex=True)


def test_what_cannot_be_looked_for_is_named():
    with pytest.raises(ValueError, match="is no regular expression"):
        found_in("tea", "(a", regex=True)
    for nothing in ("", "  ", [], ["tea", ""], "*"):
        with pytest.raises(ValueError, match="nothing to look for"):
            found_in("tea", nothing)
    with pytest.raises(ValueError, match="window"):
        found_in("tea", "tea", window=-1)
    assert found_in("tea", "x*", regex=True) == []  # a match of nothing is none


def test_the_page_escapes_words_and_says_that_it_is_kept():
    found = keyword_in_context(corpus_of(Document("R1", "<b>tea</b> &c", case_id="P1")), "tea")
    page = found._repr_html_()
    assert "&lt;b&gt;" in page
    assert "to keep, not to send" in page
    assert "tea" not in repr(found.lines[0])
    assert found.to_frame()["words"].tolist() == ["tea"]
    assert found.forms() == {"tea": 1}


@given(st.text(alphabet="ab \n'.-", min_size=1, max_size=40), st.integers(0, 9))
def test_offsets_are_those_of_the_words(text, window):
    if not text.strip():
        return
    found = keyword_in_context(
        corpus_of(Document("R1", text, case_id="P1")), ["a", "ab"], window=window
    )
    for line in found:
        assert text[line.start : line.end].lower() in {"a", "ab"}
        assert len(line.before.removeprefix("…")) <= window
