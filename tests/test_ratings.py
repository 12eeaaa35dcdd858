"""Codings as arrays: coded, not coded and not read are three things."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Decision, Seen
from reflect_analysis.corpus import Case, Corpus, Document
from reflect_analysis.errors import UnknownIdError
from reflect_analysis.ratings import rate_documents, rate_segments
from reflect_analysis.segments import Segment, Segments

TEXT = "I was alone then. She came to my room. We talked for an hour."
SENTENCES = ((0, 17), (18, 38), (39, 61))
NAN = float("nan")


@pytest.fixture(scope="module")
def segments():
    document = Document("R1", TEXT)
    rows = tuple(Segment.of(document, start, end, "P1") for start, end in SENTENCES)
    return Segments(Corpus((document,)), rows, "sentence")


@pytest.fixture(scope="module")
def codebook():
    codes = [Code("b", "B", "B.", "g")]
    codes += [Code(name, name, "It.", "g", parent="b") for name in ("b_one", "b_two")]
    return Codebook(tuple(codes), (Group("g", "G"),))


def coded(*spans, coder="ada", code="a"):
    return tuple(Coding("R1", start, end, code, coder) for start, end in spans)


def rated(segments, codings, codes=("a",), coders=("ada",), **options):
    return rate_segments(codings, segments, coders=coders, codes=codes, **options)


def test_read_and_not_coded_is_zero_and_never_read_is_nan(segments):
    log = Codings(coded((0, 17)), seen=(Seen("ada", "R1"),))
    values = rated(segments, log, coders=("ada", "bo")).values[:, :, 0]
    assert np.array_equal(values, [[1, NAN], [0, NAN], [0, NAN]], equal_nan=True)


def test_a_passage_of_several_sentences_is_in_each(segments):
    log = Codings(coded((5, 61)), seen=(Seen("ada", "R1"),))
    assert rated(segments, log).values.ravel().tolist() == [1, 1, 1]


def test_a_span_that_runs_a_few_letters_over_stays_in_its_sentence(segments):
    log = Codings(coded((0, 22)), seen=(Seen("ada", "R1"),))
    assert rated(segments, log).values.ravel().tolist() == [1, 0, 0]


def test_two_words_belong_to_their_sentence(segments):
    log = Codings(coded((18, 26)), seen=(Seen("ada", "R1"),))
    assert rated(segments, log).values.ravel().tolist() == [0, 1, 0]


def test_a_span_across_a_gap_belongs_to_the_segment_of_which_it_holds_most():
    document = Document("R1", TEXT)
    rows = tuple(Segment.of(document, start, end, "P1") for start, end in ((0, 20), (22, 61)))
    segments = Segments(Corpus((document,)), rows, "sentence")
    for span, expected in {(16, 26): [1, 0], (17, 27): [0, 1], (12, 22): [1, 0]}.items():
        ratings = rated(segments, Codings(coded(span), seen=(Seen("ada", "R1"),)))
        assert ratings.values.ravel().tolist() == expected
        assert ratings.outside == 0


def test_a_span_that_lies_for_the_most_part_in_no_segment_is_outside(segments):
    first = segments.where(lambda row: row.start == 0)
    ratings = rated(first, Codings(coded((14, 38)), seen=(Seen("ada", "R1"),)))
    assert ratings.values.ravel().tolist() == [0]
    assert ratings.outside == 1


def test_a_part_that_was_read_makes_no_document_read(segments):
    log = Codings(coded((18, 26)), seen=(Seen("ada", "R1", start=18, end=38),))
    by_segment = rated(segments, log).values.ravel()
    assert np.array_equal(by_segment, [NAN, 1, NAN], equal_nan=True)
    by_document = rate_documents(log, coders=["ada"], codes=["a"], corpus=segments.corpus)
    assert np.isnan(by_document.values).all()
    assert by_document.unread == 1


def test_what_was_coded_without_being_marked_as_read_is_left_out_and_counted(segments):
    ratings = rated(segments, Codings(coded((0, 17))))
    assert np.isnan(ratings.values).all()
    assert ratings.unread == 1


def test_a_coding_outside_every_unit_is_counted(segments):
    first = segments.where(lambda row: row.start == 0)
    ratings = rated(first, Codings(coded((39, 61)), seen=(Seen("ada", "R1"),)))
    assert ratings.outside == 1


def test_a_rejected_proposal_does_not_count(segments):
    (coding,) = coded((0, 17), coder="rules")
    log = Codings((coding,), (Decision(coding.id, "reject", "ada"),), (Seen("rules", "R1"),))
    assert rated(segments, log, coders=("rules",)).values.ravel().tolist() == [0, 0, 0]


def test_a_passage_of_a_subcode_counts_for_its_parent(segments, codebook):
    log = Codings(coded((0, 17), code="b_one"), seen=(Seen("ada", "R1"),))
    values = rated(segments, log, codes=("b", "b_one", "b_two"), codebook=codebook).values[0, 0]
    assert values.tolist() == [1, 1, 0]


def test_a_code_knows_the_codes_above_it(codebook):
    assert (codebook.ancestors("b_one"), codebook.ancestors("b")) == (("b",), ())
    with pytest.raises(UnknownIdError, match="b_one"):
        codebook.ancestors("b_onne")


@pytest.mark.parametrize(
    ("looked_for", "parent"), [(("b_one", "b_two"), 0.0), (("b_one",), NAN), (("b",), 0.0)]
)
def test_a_parent_was_looked_for_if_all_its_subcodes_were(segments, codebook, looked_for, parent):
    log = Codings(seen=(Seen("ada", "R1", codes=looked_for),))
    value = rated(segments, log, codes=("b",), codebook=codebook).values[0, 0, 0]
    assert np.array_equal(value, parent, equal_nan=True)


def test_units_know_their_participant_or_are_as_their_document(segments):
    documents = Corpus((Document("R1", TEXT, case_id="P1"), Document("R2", TEXT)), (Case("P1"),))
    ratings = rate_documents(Codings(), coders=["ada"], codes=["a"], corpus=documents)
    assert ratings.participants == ("case:P1", "document:R2")


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30), st.sampled_from("ab")), max_size=12),
    st.randoms(use_true_random=False),
)
def test_the_order_of_the_log_does_not_matter(spans, random):
    document = Document("R1", TEXT)
    rows = tuple(Segment.of(document, start, end, None) for start, end in SENTENCES)
    segments = Segments(Corpus((document,)), rows, "sentence")
    codings = [Coding("R1", s, min(s + n, 61), code, "ada") for s, n, code in spans]
    shuffled = random.sample(codings, len(codings))
    seen = (Seen("ada", "R1"),)
    first = rated(segments, Codings(tuple(codings), seen=seen), codes=("a", "b"))
    second = rated(segments, Codings(tuple(shuffled), seen=seen), codes=("a", "b"))
    assert np.array_equal(first.values, second.values)


@pytest.fixture
def closed_above():
    codes = (
        Code("b", "B", "d", "g", human_only=True),
        Code("b_one", "One", "d", "g", parent="b"),
    )
    return Codebook(codes, (Group("g", "G"),))


@pytest.mark.parametrize(
    ("kind", "codes", "expected"),
    [
        ("machine", ("b_one",), [NAN, 1]),
        ("machine", (), [NAN, 1]),
        ("machine", ("b", "b_one"), [NAN, 1]),
        ("person", ("b_one",), [1, 1]),
    ],
)
def test_no_machine_is_rated_for_a_human_only_code(segments, closed_above, kind, codes, expected):
    (coding,) = coded((0, 17), code="b_one")
    log = Codings(
        (dataclasses.replace(coding, coder_kind=kind, id=""),),
        seen=(Seen("ada", "R1", kind, codes),),
    )
    values = rated(segments, log, codes=("b", "b_one"), codebook=closed_above).values[0, 0]
    assert np.array_equal(values, expected, equal_nan=True)


def test_the_codebook_says_for_which_codes_a_passage_counts(closed_above):
    assert closed_above.counts_for("b_one") == ("b_one", "b")
    assert closed_above.counts_for("b_one", machine=True) == ("b_one",)
    assert closed_above.counts_for("b", machine=True) == ()
    assert closed_above.family("b") == ("b", "b_one")
    assert closed_above.family("b", machine=True) == ()
