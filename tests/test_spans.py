"""Two coders' spans matched, against definitions, small texts and a published data set."""

import json
import math
import os
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reflect_analysis.coefficients.resampling import Resampling
from reflect_analysis.coefficients.spans import Span, match_spans, trim_span
from reflect_analysis.errors import AgreementError

TEXT = "We meet on Fridays. She listens, and I learn from her. «I stay», she said…  "
examples = settings(max_examples=60, deadline=None)


def spans_of(coder, *, size=20, most=6):
    mark = st.tuples(st.integers(0, size - 1), st.integers(1, 8), st.sampled_from("ab"))
    return st.lists(mark, max_size=most).map(
        lambda marks: [(coder, code, s, min(s + n, size)) for s, n, code in marks]
    )


def compare(spans, text=None, **options):
    options = {"trim": False, "codes": ["a", "b"], "coders": ["A", "B"]} | options
    return match_spans(spans, text or "x" * 20, **options)


# --- trimming ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marked", "kept"),
    [
        (" on Fridays.", "on Fridays"),
        ("«I stay», ", "I stay"),
        ("said…  ", "said"),
        ("listens, and I", "listens, and I"),
        ("learn", "learn"),
    ],
)
def test_outer_space_and_punctuation_are_trimmed_and_inner_stay(marked, kept):
    start = TEXT.index(marked)
    left, right = trim_span(TEXT, start, start + len(marked))
    assert TEXT[left:right] == kept


def test_a_mark_of_nothing_but_punctuation_stays():
    start = TEXT.index("…")
    assert trim_span(TEXT, start, start + 3) == (start, start + 3)


@examples
@given(st.text(max_size=20), st.data())
def test_trimming_stays_inside_and_is_done_at_once(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    once = trim_span(text, start, end)
    assert start <= once[0] <= once[1] <= end
    assert trim_span(text, *once) == once


def test_marks_that_differ_in_a_full_stop_match_exactly_once_trimmed():
    spans = [("A", "a", 8, 18), ("B", "a", 7, 19)]
    raw, trimmed = (match_spans(spans, TEXT, trim=trim) for trim in (False, True))
    assert float(raw.overall.exact.f1) == 0
    assert float(raw.overall.overlapping.f1) == 1
    assert raw.pairs[0].boundary_distance == 2
    assert float(trimmed.overall.exact.f1) == 1
    assert trimmed.pairs[0].second == Span("B", "a", 8, 18)
    assert (raw.trimmed, trimmed.trimmed) == (False, True)


# --- counts ---------------------------------------------------------------------------------


def test_precision_recall_and_f1_follow_from_the_counts():
    spans = [("A", "a", 0, 4), ("A", "a", 6, 9), ("A", "b", 12, 15)]
    spans += [("B", "a", 0, 4), ("B", "a", 8, 10)]
    found = compare(spans)
    exact = found.overall.exact
    assert (exact.n_first, exact.n_second, exact.n_matched) == (3, 2, 1)
    assert float(exact.precision) == 1 / 2
    assert float(exact.recall) == 1 / 3
    assert float(exact.f1) == 2 / 5
    assert exact.f1.n_units == 5
    near = found.by_code["a"].overlapping
    assert (near.n_first, near.n_second, near.n_matched) == (2, 2, 2)
    letters = found.by_code["a"].characters
    assert (letters.n_first, letters.n_second, letters.n_matched) == (7, 6, 5)
    assert float(letters.f1) == 10 / 13


def test_one_long_mark_matches_only_one_of_two_short_ones():
    found = compare([("A", "a", 0, 12), ("B", "a", 0, 3), ("B", "a", 5, 12)])
    assert found.overall.overlapping.n_matched == 1
    assert found.pairs[0].second == Span("B", "a", 5, 12)
    assert found.overall.mean_distance.value == found.overall.median_distance.value == 5


def test_equal_marks_are_matched_before_overlapping_ones():
    spans = [("A", "a", 0, 10), ("A", "a", 8, 12), ("B", "a", 0, 10), ("B", "a", 0, 3)]
    found = compare(spans)
    assert found.overall.exact.n_matched == 1
    assert found.overall.overlapping.n_matched == 1


def test_the_code_counts_except_where_any_code_is_asked_for():
    found = compare([("A", "a", 0, 5), ("B", "b", 0, 5)])
    assert float(found.overall.exact.f1) == 0
    assert float(found.any_code.exact.f1) == 1
    assert found.pairs == ()


def test_two_codes_on_one_passage_are_one_passage_for_any_code():
    found = compare([("A", "a", 0, 5), ("A", "b", 0, 5), ("B", "a", 0, 5)])
    assert (found.any_code.exact.n_first, found.any_code.exact.n_second) == (1, 1)
    assert (found.overall.exact.n_first, found.overall.exact.n_second) == (2, 1)


def test_a_span_given_twice_counts_once():
    found = compare([("A", "a", 0, 5), ("A", "a", 0, 5), ("B", "a", 0, 5)])
    assert found.overall.exact.n_first == 1


def test_marks_match_only_within_their_text():
    found = match_spans(
        [("A", "a", 0, 3, "R1"), ("B", "a", 0, 3, "R2")], {"R1": "one", "R2": "two"}
    )
    assert found.overall.overlapping.n_matched == 0
    assert found.overall.characters.n_matched == 0


# --- properties -----------------------------------------------------------------------------


@examples
@given(spans_of("A"), spans_of("B"))
def test_who_is_first_changes_precision_into_recall(one, other):
    ab = compare(one + other)
    ba = compare(one + other, coders=["B", "A"])
    for x, y in ((ab.overall, ba.overall), (ab.any_code, ba.any_code)):
        for a, b in zip(
            (x.exact, x.overlapping, x.characters), (y.exact, y.overlapping, y.characters),
            strict=True,
        ):  # fmt: skip
            assert float(a.f1) == pytest.approx(float(b.f1), nan_ok=True)
            assert float(a.precision) == pytest.approx(float(b.recall), nan_ok=True)


@examples
@given(spans_of("A"))
def test_identical_coders_match_wholly(spans):
    found = compare(spans + [("B", *span[1:]) for span in spans])
    for scores in (found.overall, found.any_code):
        for each in (scores.exact, scores.overlapping, scores.characters):
            assert float(each.f1) == (1 if spans else pytest.approx(math.nan, nan_ok=True))
    assert all(pair.boundary_distance == 0 for pair in found.pairs)


@examples
@given(spans_of("A"), spans_of("B"))
def test_pairs_are_one_to_one_and_share_characters(one, other):
    found = compare(one + other)
    for side in zip(*found.pairs, strict=True):
        assert len(set(side)) == len(side)
    for first, second in found.pairs:
        assert (first.coder, second.coder) == ("A", "B")
        assert first.code == second.code
        assert min(first.end, second.end) > max(first.start, second.start)
    assert len(found.pairs) == found.overall.overlapping.n_matched
    assert found.overall.exact.n_matched <= found.overall.overlapping.n_matched


@examples
@given(spans_of("A", most=4), spans_of("B", most=4))
def test_no_other_matching_has_more_pairs_or_shares_more(one, other):
    """Against every assignment of what is left once equal spans are paired."""
    one = {span[2:] for span in one}
    other = {span[2:] for span in other}
    found = compare([("A", "a", *s) for s in one] + [("B", "a", *s) for s in other])
    left, right = sorted(one - other), sorted(other - one)
    shared = {(x, y): max(0, min(x[1], y[1]) - max(x[0], y[0])) for x in left for y in right}
    few, many, turn = (
        (left, right, shared)
        if len(left) <= len(right)
        else (right, left, {(y, x): n for (x, y), n in shared.items()})
    )
    best = max(
        (sum(turn[pair] > 0 for pair in pairs), sum(turn[pair] for pair in pairs))
        for chosen in permutations(many, len(few))
        for pairs in [list(zip(few, chosen, strict=True))]
    )
    inexact = [pair for pair in found.pairs if pair.boundary_distance]
    lengths = [min(a.end, b.end) - max(a.start, b.start) for a, b in inexact]
    assert (len(inexact), sum(lengths)) == best


@examples
@given(spans_of("A"), spans_of("B"))
def test_characters_are_counted_as_sets_of_characters(one, other):
    found = compare(one + other)
    marked = {
        coder: {(code, i) for c, code, start, end in one + other if c == coder
                for i in range(start, end)}
        for coder in "AB"
    }  # fmt: skip
    letters = found.overall.characters
    assert (letters.n_first, letters.n_second) == (len(marked["A"]), len(marked["B"]))
    assert letters.n_matched == len(marked["A"] & marked["B"])


# --- undefined, intervals, bad input ----------------------------------------------------------


def test_undefined_is_nan_with_its_reason():
    found = compare([("A", "a", 0, 3)])
    exact = found.by_code["a"].exact
    assert math.isnan(exact.precision.value)
    assert exact.precision.reason == "the second coder marked nothing"
    assert float(exact.recall) == float(exact.f1) == 0
    assert found.by_code["b"].exact.f1.reason == "neither coder marked anything"
    assert "no span of one coder overlaps" in found.overall.mean_distance.reason


def test_an_interval_draws_texts():
    texts = {f"R{number}": "x" * 10 for number in range(20)}
    spans = [("A", "a", 2, 6, name) for name in texts]
    spans += [("B", "a", 2, 6 + number % 2, name) for number, name in enumerate(texts)]
    f1 = match_spans(spans, texts, trim=False, interval=Resampling()).overall.exact.f1
    lower, upper = f1.interval
    assert 0 < lower < f1.value == 0.5 < upper < 1
    assert f1.interval.n_clusters == 20


def test_other_than_two_coders_are_refused():
    with pytest.raises(AgreementError, match="needs two coders"):
        match_spans([("A", "a", 0, 3)], TEXT)
    with pytest.raises(AgreementError, match="compare two at a time"):
        match_spans([(coder, "a", 0, 3) for coder in "ABC"], TEXT)
    with pytest.raises(AgreementError, match="unknown coder 'C'"):
        match_spans([(coder, "a", 0, 3) for coder in "ABC"], TEXT, coders=["A", "B"])


def test_a_span_outside_its_text_is_refused_without_the_words():
    with pytest.raises(AgreementError) as caught:
        match_spans([("A", "a", 0, 500), ("B", "a", -3, 2)], TEXT)
    assert len(caught.value.faults) == 2
    assert "Fridays" not in str(caught.value)


# --- the field --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def group_mentions():
    folder = os.environ.get("REFLECT_FIELD_DATA")
    if not folder:
        pytest.skip("REFLECT_FIELD_DATA is not set")
    path = Path(folder) / "group_mentions" / "two-coder-spans.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    texts = {f"{number}": row["text"] for number, row in enumerate(rows)}
    spans = [
        (coder, *span, f"{number}")
        for number, row in enumerate(rows)
        for coder in ("coder1", "coder2")
        for span in row[coder]
    ]
    return spans, texts


@pytest.mark.field
@pytest.mark.parametrize(
    ("trim", "with_code", "any_code"), [(False, 0.4358, 0.4789), (True, 0.6147, 0.6780)]
)
def test_field_exact_f1_of_the_group_mentions(group_mentions, trim, with_code, any_code):
    """Counted again with sets of tuples: 626 and 883 of 1,421 and 1,452 marks are equal."""
    found = match_spans(*group_mentions, trim=trim)
    assert (found.overall.exact.n_first, found.overall.exact.n_second) == (1421, 1452)
    assert found.overall.exact.n_matched == (883 if trim else 626)
    assert float(found.overall.exact.f1) == pytest.approx(with_code, abs=5e-5)
    assert float(found.any_code.exact.f1) == pytest.approx(any_code, abs=5e-5)


@pytest.mark.field
def test_field_one_text_in_four_has_a_mark_with_outer_space(group_mentions):
    spans, texts = group_mentions
    outer = {
        span[4] for span in spans
        if texts[span[4]][span[2] : span[3]] != texts[span[4]][span[2] : span[3]].strip()
    }  # fmt: skip
    assert len(outer) / len(texts) == pytest.approx(0.26, abs=0.005)
