"""Quotes from different people and places, and passages that speak against a code."""

import pytest

from reflect_analysis._rows import Attributes
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Decision, Seen
from reflect_analysis.corpus import Case, Corpus, Document, Governance
from reflect_analysis.errors import UnknownIdError
from reflect_analysis.themes import choose_quotes, negative_cases

BOOK = Codebook(
    (
        Code("belonging", "Belonging", "d", "g"),
        Code("isolation", "Isolation", "d", "g"),
        Code("far", "Far away", "d", "g", parent="isolation"),
    ),
    (Group("g", "Group"),),
)
TEXT = "One two three four five six. And seven eight nine ten eleven twelve."


def corpus_of(n, *, cases=None):
    people = cases or [Case(f"P{i}", Attributes(place=f"town {i // 3}")) for i in range(n)]
    texts = tuple(Document(f"d{i}", TEXT, case_id=each.id) for i, each in enumerate(people))
    return Corpus(texts, tuple(people))


def by(coder, document, code, start=0, kind="person"):
    return Coding(document, start, start + 28, code, coder, kind)


def test_quotes_come_from_different_places_before_one_place_speaks_twice():
    corpus = corpus_of(9)
    log = Codings(tuple(by("ada", f"d{i}", "belonging") for i in range(9)))
    chosen = choose_quotes(log, corpus=corpus, codebook=BOOK, per_code=3)
    cases = [corpus.case(corpus.document(quote.document_id).case_id) for quote in chosen]
    assert {case.attributes["place"] for case in cases} == {"town 0", "town 1", "town 2"}


def test_who_says_only_the_contrary_comes_first():
    corpus = corpus_of(3)
    log = Codings(
        (
            by("ada", "d0", "belonging"),
            by("ada", "d0", "isolation", start=29),
            by("ada", "d1", "far"),
        ),
        seen=tuple(Seen("ada", f"d{i}") for i in range(3)),
    )
    found = negative_cases(log, corpus=corpus, codebook=BOOK, contrary={"belonging": ["isolation"]})
    assert [(row.quote.document_id, row.also) for row in found] == [("d1", False), ("d0", True)]
    assert {row.kind for row in found} == {"contrary"}
    assert all(row.quote.decision == "awaiting" for row in found)
    assert found.searched == ("belonging",)


def test_a_proposal_that_a_person_rejected_is_a_bound_of_the_code():
    corpus = corpus_of(3)
    proposals = tuple(by("rules", f"d{i}", "belonging", kind="machine") for i in range(3))
    no = [Decision(each.id, "reject", "ada", "about a chair") for each in proposals[:2]]
    log = Codings((*proposals, by("bo", "d1", "belonging")), tuple(no))
    found = negative_cases(log, corpus=corpus, codebook=BOOK)
    assert [(row.quote.document_id, row.kind) for row in found] == [("d0", "rejected")]
    assert found.rows[0].why == "rejected by ada: about a chair"
    assert found.searched == ()


def test_a_rejection_that_was_taken_back_is_none():
    corpus = corpus_of(1)
    proposal = by("rules", "d0", "belonging", kind="machine")
    first = Decision(proposal.id, "reject", "ada")
    later = Decision(proposal.id, "accept", "ada", at=first.at.replace(year=first.at.year + 1))
    log = Codings((proposal,), (later, first))
    assert not len(negative_cases(log, corpus=corpus, codebook=BOOK))


def test_who_refused_and_who_is_governed_is_no_negative_case():
    people = [
        Case("P0", quotes="no"),
        Case("P1", governance=Governance("nation-1", ("tables", "coding"))),
        Case("P2"),
    ]
    log = Codings(tuple(by("ada", f"d{i}", "isolation") for i in range(3)))
    found = negative_cases(
        log,
        corpus=corpus_of(3, cases=people),
        codebook=BOOK,
        contrary={"belonging": ["isolation"]},
    )
    assert [row.quote.document_id for row in found] == ["d2"]


def test_codes_that_are_unknown_or_their_own_contrary_are_refused():
    about = {"corpus": corpus_of(1), "codebook": BOOK}
    with pytest.raises(UnknownIdError, match="contrary: no code 'isolaton'"):
        negative_cases(Codings(), contrary={"belonging": ["isolaton"]}, **about)
    with pytest.raises(ValueError, match="belonging: no code is its own contrary"):
        negative_cases(Codings(), contrary={"belonging": ["belonging"]}, **about)


def test_the_words_stand_in_the_frame_and_not_in_the_name():
    log = Codings((by("ada", "d0", "isolation"),))
    found = negative_cases(
        log, corpus=corpus_of(1), codebook=BOOK, contrary={"belonging": ["isolation"]}
    )
    assert "One two" not in repr(found)
    assert found.to_frame()["passage"].tolist() == [TEXT[:28]]
    assert "to keep" in found._repr_html_()
    assert len(found.of("belonging")) == 1
