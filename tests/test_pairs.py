"""Co-occurrence: counts in named units, and each measure as printed elsewhere."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.corpus import Case, Corpus, Document
from reflect_analysis.pairs import CodePair, _lift_interval, cooccurrence

BOOK = Codebook(
    (
        Code("tired", "Tired", "d", "g"),
        Code("alone", "Alone", "d", "g"),
        Code("apart", "Apart", "d", "g", parent="alone"),
        Code("joy", "Joy", "d", "g"),
    ),
    (Group("g", "Group"),),
)
TEXT = "One two three four five six."


@pytest.fixture
def corpus():
    cases = tuple(Case(f"P{n}") for n in range(3))
    own = [Document(f"d{n}", TEXT, case_id=f"P{n}") for n in range(3)]
    return Corpus((*own, Document("d0b", TEXT, case_id="P0"), Document("lost", TEXT)), cases)


def coded(document_id, *codes):
    return [Coding(document_id, n, n + 3, code, "ada") for n, code in enumerate(codes)]


def log(*groups, unread=()):
    ids = {"d0", "d1", "d2", "d0b", "lost"} - set(unread)
    return Codings(
        tuple(row for rows in groups for row in rows),
        seen=tuple(Seen("ada", each) for each in sorted(ids)),
    )


def pair_of(pairs, first, second):
    return next(row for row in pairs.rows if {row.first, row.second} == {first, second})


def test_measures_of_the_manuals_example():
    pair = CodePair("a", "b", 100, 10, 5, 1000)
    assert pair.jaccard == pytest.approx(0.047619, abs=5e-7)
    assert pair.overlap == 0.5
    assert pair.dice == pytest.approx(0.0909, abs=5e-5)
    assert pair.cosine == pytest.approx(0.158114, abs=5e-7)
    assert pair.lift == 5
    assert pair.uneven


def test_the_unit_decides_what_occurs_together(corpus):
    codings = log(coded("d0", "tired"), coded("d0b", "joy"), coded("d1", "tired", "joy"))
    in_texts = cooccurrence(codings, corpus=corpus, codebook=BOOK)
    in_people = cooccurrence(codings, corpus=corpus, codebook=BOOK, unit="participant")
    assert pair_of(in_texts, "tired", "joy").n_both == 1
    assert pair_of(in_people, "tired", "joy").n_both == 2
    assert (in_texts.independent, in_people.independent) == (False, True)


def test_only_units_read_for_both_codes_count(corpus):
    some = Seen("ada", "d2", codes=("tired",))
    rows = log(coded("d0", "tired", "joy"), unread=("d2",))
    codings = Codings(rows.codings, seen=(*rows.seen, some))
    pair = pair_of(cooccurrence(codings, corpus=corpus, codebook=BOOK), "tired", "joy")
    assert (pair.n_both, pair.n_units) == (1, 4)


def test_a_code_is_not_paired_with_its_own_subcode(corpus):
    pairs = cooccurrence(log(coded("d0", "apart")), corpus=corpus, codebook=BOOK)
    assert {("alone", "apart")}.isdisjoint({(row.first, row.second) for row in pairs.rows})
    assert len(pairs) == 5


def test_unknown_writers_stand_apart_among_the_persons(corpus):
    codings = log(coded("lost", "tired", "joy"), coded("d0", "tired", "joy"))
    pair = pair_of(cooccurrence(codings, corpus=corpus, codebook=BOOK), "tired", "joy")
    assert (pair.persons.known, pair.persons.unknown) == (1, 1)


def test_a_code_that_never_occurs_has_no_lift_and_no_test(corpus):
    pairs = cooccurrence(log(coded("d0", "tired")), corpus=corpus, codebook=BOOK, test=True)
    pair = pair_of(pairs, "tired", "joy")
    assert all(map(math.isnan, (pair.lift, pair.low, pair.high, pair.p)))


def test_no_p_value_unless_asked_for(corpus):
    codings = log(coded("d0", "tired", "joy"))
    assert math.isnan(
        pair_of(cooccurrence(codings, corpus=corpus, codebook=BOOK), "tired", "joy").p
    )
    asked = cooccurrence(codings, corpus=corpus, codebook=BOOK, test=True)
    assert pair_of(asked, "tired", "joy").p == pytest.approx(1 / 3)


def test_the_matrix_has_each_code_on_its_diagonal(corpus):
    frame = cooccurrence(
        log(coded("d0", "tired", "joy"), coded("d1", "joy")), corpus=corpus, codebook=BOOK
    ).to_matrix()
    assert frame.loc["joy", "joy"] == 2
    assert frame.loc["joy", "tired"] == frame.loc["tired", "joy"] == 1


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_lift_lies_in_its_interval_and_the_order_of_codes_changes_nothing(data):
    total = data.draw(st.integers(4, 60))
    first, second = (data.draw(st.integers(1, total - 1)) for _ in range(2))
    both = data.draw(st.integers(max(0, first + second - total), min(first, second)))
    low, high = _lift_interval(first, second, both, total)
    assert low - 1e-6 <= both * total / (first * second) <= high + 1e-6
    assert _lift_interval(second, first, both, total) == pytest.approx((low, high), rel=1e-3)


def test_the_frame_holds_what_the_page_shows(corpus):
    pairs = cooccurrence(log(coded("d0", "tired", "joy")), corpus=corpus, codebook=BOOK)
    frame = pairs.to_frame()
    assert list(frame.loc[frame.n_both > 0, "jaccard"]) == [1.0]
    assert np.isnan(frame.loc[frame.n_both == 0, "lift"]).all()
    assert "1 of 5 pairs" in pairs._repr_html_()
