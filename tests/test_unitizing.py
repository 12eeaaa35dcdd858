"""The unitizing family against published figures, against characters one by one, and itself."""

import math
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reflect_analysis.coefficients.resampling import Resampling
from reflect_analysis.coefficients.unitizing import _alpha, unitizing_alpha
from reflect_analysis.coefficients.unitizing_1995 import unitizing_alpha_1995
from reflect_analysis.errors import AgreementError

LENGTH = 30
CODES = "abc"
examples = settings(max_examples=60, deadline=None)


@pytest.fixture(scope="module")
def reference():
    path = Path(__file__).parent / "reference" / "unitizing.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def spans_of(entry):
    return [
        (coder, code, *borders)
        for coder, codes in entry["marks"].items()
        for code, marks in codes.items()
        for borders in marks
    ]


def members(found):
    """All numbers of the family, in a fixed order."""
    each = [found.u, found.binary, found.cu, *found.k.values(), *found.by_code.values()]
    return [float(coefficient) for coefficient in each]


@st.composite
def apart(draw, coder):
    """Spans of one coder that exclude one another."""
    borders = draw(st.lists(st.integers(0, LENGTH), unique=True, max_size=10).map(sorted))
    pairs = zip(borders[::2], borders[1::2], strict=False)
    return [(coder, draw(st.sampled_from(CODES)), start, end) for start, end in pairs]


def crossed(coder):
    """Spans of one coder, whatever they overlap."""
    border = st.integers(0, LENGTH - 1)
    mark = st.tuples(border, st.integers(1, 8), st.sampled_from(CODES))
    return st.lists(mark, max_size=6).map(
        lambda marks: [(coder, code, s, min(s + n, LENGTH)) for s, n, code in marks]
    )


def joined(*parts):
    return st.tuples(*parts).map(lambda lists: [span for each in lists for span in each])


two_coders = joined(apart("A"), apart("B"))
three_coders = joined(apart("A"), apart("B"), apart("C"))
any_two = joined(crossed("A"), crossed("B"))


def family(spans, coders="ABC", length=LENGTH):
    return unitizing_alpha(spans, length, coders=list(coders), codes=list(CODES))


# --- published figures ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ["three coders, 20 characters", "three coders, 60 characters"])
def test_the_family_of_2016_matches_the_printed_figures(reference, name):
    entry = reference[name]
    found = unitizing_alpha(spans_of(entry), entry["length"])
    assert [round(float(each), 3) for each in (found.u, found.binary, found.cu)] == [
        entry["u"], entry["binary"], entry["cu"],
    ]  # fmt: skip
    if "k" in entry:
        assert {code: round(float(each), 3) for code, each in found.k.items()} == entry["k"]
        assert found.cu_coverage == pytest.approx(entry["cu_coverage"], abs=5e-5)
        assert float(found) == pytest.approx(entry["more_digits"]["u"], abs=5e-7)
        assert float(found.binary) == pytest.approx(entry["more_digits"]["binary"], abs=5e-8)


def test_key_phrases_lie_within_the_tolerance_of_their_source(reference):
    entry = reference["key phrases, three coders"]
    assert float(unitizing_alpha(spans_of(entry), entry["length"])) == pytest.approx(0.56, abs=0.01)


def test_the_digits_of_the_key_phrases_come_from_lengths_one_too_short(reference):
    """That program takes inclusive segments, gaps too, to be end − start characters long."""
    entry = reference["key phrases, three coders"]
    coders = []
    for codes in entry["marks"].values():
        marks = [(1, start, end - 1) for start, end in codes["phrase"]]
        edges = [0, *(edge for _, start, end in marks for edge in (start - 1, end + 1)), 55]
        gaps = zip(edges[::2], edges[1::2], strict=True)
        coders.append(marks + [(0, start, end) for start, end in gaps])
    observed, squares = np.zeros((2, 2)), np.zeros(2)
    for one, other in permutations(coders, 2):
        for c, start, end in one:
            for k, begin, stop in other:
                observed[c, k] += max(0, min(end, stop) - max(start, begin)) / 2
    for coder in coders:
        for c, start, end in coder:
            squares[c] += (end - start) ** 2 if c else end - start
    assert float(_alpha(observed, squares)) == pytest.approx(entry["u"], abs=1e-15)


def test_the_alpha_of_2004_matches_the_printed_figures(reference):
    entry = reference["krippendorff 2004, p. 254"]
    found = unitizing_alpha_1995(spans_of(entry), entry["length"])
    for code in "ck":
        assert round(found.observed[code], 4) == entry["observed"][code]
        assert round(found.expected[code], 4) == entry["expected"][code]
        assert round(float(found.by_code[code]), 4) == entry["alpha"][code]
    rounded = [
        sum(round(value, 4) for value in each.values()) for each in (found.observed, found.expected)
    ]
    assert round(1 - rounded[0] / rounded[1], 4) == entry["alpha_of_all"]
    assert float(found) == pytest.approx(entry["alpha_of_all"], abs=5e-4)


def test_the_alpha_of_1995_matches_the_printed_figures_where_they_are_right(reference):
    entry = reference["krippendorff 1995, p. 57"]
    found = unitizing_alpha_1995(spans_of(entry), entry["length"], grain=0)
    for code in "ABCD":
        assert found.observed[code] == pytest.approx(entry["observed"][code], abs=1e-5)
        assert float(found.by_code[code]) == pytest.approx(entry["alpha"][code], abs=0.02)
    for code in "AD":
        digits = 4 if code == "A" else 5
        assert round(found.expected[code], digits) == entry["expected"][code]
        assert round(float(found.by_code[code]), 3) == entry["alpha"][code]
    # The paper's C pairs segments with themselves: 48², not 48² − 104, below the line.
    assert found.expected["C"] * (48**2 - 104) / 48**2 == pytest.approx(0.08642, abs=5e-6)


# --- against characters, one by one -----------------------------------------------------------


def by_characters(spans, coders, length, codes=CODES):
    """u, binary, cu from a grid of characters: slow, and written from the definitions."""
    grid = {coder: [0] * length for coder in coders}
    for coder, code, start, end in spans:
        grid[coder][start:end] = [codes.index(code) + 1] * (end - start)
    m, k = len(coders), len(codes) + 1
    observed, own, part = np.zeros((k, k)), np.zeros(k), np.zeros(k)
    for one, other in permutations(coders, 2):
        for c, d in zip(grid[one], grid[other], strict=True):
            observed[c, d] += 1 / (m - 1)
    for coder, code, start, end in spans:
        own[codes.index(code) + 1] += (end - start) ** 2
        for other in coders:
            if other != coder:
                both = sum(value > 0 for value in grid[other][start:end])
                part[codes.index(code) + 1] += both**2 / (m - 1)
    own[0] = observed[0].sum()
    marked = np.array(
        [
            [observed[0, 0], observed[0, 1:].sum()],
            [observed[1:, 0].sum(), observed[1:, 1:].sum()],
        ]
    )
    return [
        alpha_of(observed, own),
        alpha_of(marked, np.array([own[0], own[1:].sum()])),
        alpha_of(observed[1:, 1:], part[1:]),
    ]


def alpha_of(observed, own):
    margins, n = observed.sum(axis=1), observed.sum()
    k = len(margins)
    pairings = n**2 - own.sum()
    if pairings <= 0:
        return math.nan
    expected = np.outer(margins, margins) - np.diag(own)
    apart = sum(expected[c, d] for c in range(k) for d in range(k) if c != d) / pairings
    if apart <= 1e-12 or np.trace(expected) < -1e-9:
        return math.nan
    return 1 - (1 - np.trace(observed) / n) / apart


@examples
@given(three_coders)
def test_pieces_give_what_single_characters_give(spans):
    found = family(spans)
    slow = by_characters(spans, "ABC", LENGTH)
    quick = [float(found.u), float(found.binary), float(found.cu)]
    assert quick == pytest.approx(slow, nan_ok=True, abs=1e-9)


@examples
@given(any_two, st.sampled_from(CODES))
def test_a_code_by_itself_is_the_binary_alpha_of_its_spans(spans, code):
    alone = [span for span in spans if span[1] == code]
    assert float(family(spans, "AB").by_code[code]) == pytest.approx(
        float(family(alone, "AB").binary), nan_ok=True
    )


# --- invariances ------------------------------------------------------------------------------


@examples
@given(three_coders, st.permutations("ABC"))
def test_the_order_of_coders_does_not_matter(spans, order):
    assert members(family(spans, order)) == pytest.approx(members(family(spans)), nan_ok=True)


@examples
@given(three_coders, st.permutations(CODES))
def test_names_of_codes_do_not_matter(spans, order):
    renamed = [(coder, order[CODES.index(code)], *borders) for coder, code, *borders in spans]
    one, other = family(spans), family(renamed)
    assert float(one) == pytest.approx(float(other), nan_ok=True)
    for old, new in zip(CODES, order, strict=True):
        assert float(one.k[old]) == pytest.approx(float(other.k[new]), nan_ok=True)
        assert float(one.by_code[old]) == pytest.approx(float(other.by_code[new]), nan_ok=True)


@examples
@given(two_coders, st.integers(1, 20), st.integers(0, 20))
def test_it_does_not_matter_where_on_the_continuum_the_marks_lie(spans, before, after):
    shifted = [(coder, code, start + before, end + before) for coder, code, start, end in spans]
    turned = [
        (coder, code, start + before + after, end + before + after)
        for coder, code, start, end in spans
    ]
    length = LENGTH + before + after
    assert members(family(shifted, "AB", length)) == pytest.approx(
        members(family(turned, "AB", length)), nan_ok=True
    )
    assert members(family(shifted, "AB", length)) == pytest.approx(
        members(family(spans, "AB", length)), nan_ok=True
    )


@examples
@given(two_coders)
def test_texts_read_one_after_the_other_are_one_continuum(spans):
    cut = 13
    assume(not any(start < cut < end for _, _, start, end in spans))
    parts = [
        (coder, code, start, end, "first")
        if end <= cut
        else (coder, code, start - cut, end - cut, "second")
        for coder, code, start, end in spans
    ]
    lengths = {"first": cut, "second": LENGTH - cut}
    found = unitizing_alpha(parts, lengths, coders=["A", "B"], codes=list(CODES))
    assert members(found) == pytest.approx(members(family(spans, "AB")), nan_ok=True)


@examples
@given(apart("A"), st.integers(2, 4))
def test_identical_coders_agree_wholly(spans, n):
    coders = "ABCD"[:n]
    same = [(coder, *span[1:]) for coder in coders for span in spans]
    found = family(same, coders)
    defined = [value for value in members(found) if not math.isnan(value)]
    assert defined == pytest.approx([1] * len(defined))
    unmarked = sum(end - start for _, _, start, end in spans) < LENGTH
    assert math.isnan(float(found)) == (not spans or (len(spans) == 1 and not unmarked))


@examples
@given(apart("A"))
def test_identical_coders_agree_wholly_in_1995_too(spans):
    same = [(coder, *span[1:]) for coder in "AB" for span in spans]
    found = unitizing_alpha_1995(same, LENGTH, coders=["A", "B"])
    assert [float(each) for each in found.by_code.values()] == pytest.approx(
        [1] * len(found.by_code)
    )


@examples
@given(any_two)
def test_no_member_lies_above_1(spans):
    defined = [value for value in members(family(spans, "AB")) if not math.isnan(value)]
    assert all(value <= 1 + 1e-9 for value in defined)


def laid_at_random(seed):
    random = np.random.default_rng(seed)
    spans = []
    for coder in "AB":
        borders = np.sort(random.choice(20_000, 1200, replace=False)).tolist()
        codes = random.choice(list(CODES), 600).tolist()
        pairs = zip(codes, borders[::2], borders[1::2], strict=True)
        spans += [(coder, *each) for each in pairs]
    return members(unitizing_alpha(spans, 20_000))


def test_marks_laid_at_random_agree_as_by_chance():
    assert np.mean([laid_at_random(seed) for seed in range(20)], axis=0) == pytest.approx(
        [0] * 9, abs=0.05
    )


# --- what counts as one span ----------------------------------------------------------------


def test_spans_of_one_code_that_share_characters_are_one():
    spans = [("A", "a", 0, 5), ("A", "a", 3, 9), ("A", "a", 3, 9), ("B", "a", 2, 8)]
    whole = [("A", "a", 0, 9), ("B", "a", 2, 8)]
    assert members(family(spans, "AB")) == pytest.approx(members(family(whole, "AB")), nan_ok=True)
    assert family(spans, "AB").u.n_units == 2


def test_spans_that_touch_are_two():
    spans = [("A", "a", 0, 5), ("A", "a", 5, 9), ("B", "a", 2, 8)]
    assert family(spans, "AB").u.n_units == 3
    assert float(family(spans, "AB")) != float(family([("A", "a", 0, 9), spans[2]], "AB"))


def test_a_span_does_not_reach_into_the_next_text():
    found = unitizing_alpha(
        [("A", "a", 5, 10, "first"), ("A", "a", 0, 5, "second"), ("B", "a", 5, 10, "first")],
        {"first": 10, "second": 10},
    )
    assert found.u.n_units == 3


def test_overlapping_codes_of_one_coder_leave_each_code_by_itself():
    spans = [("A", "a", 0, 5), ("A", "b", 3, 9, ), ("B", "a", 0, 5), ("B", "b", 3, 9)]  # fmt: skip
    found = family(spans, "AB")
    assert math.isnan(float(found))
    assert "'A', 'a' and 'b' at 3" in found.u.reason
    assert found.cu.reason == found.k["a"].reason == found.u.reason
    assert float(found.by_code["a"]) == float(found.by_code["b"]) == float(found.binary) == 1


# --- undefined ------------------------------------------------------------------------------


def test_undefined_is_nan_with_its_reason():
    nothing = family([], "AB")
    assert all(math.isnan(value) for value in members(nothing))
    assert nothing.u.reason == "nobody marked anything"
    assert nothing.by_code["a"].reason == "nobody marked 'a'"
    full = unitizing_alpha([("A", "a", 0, 9), ("B", "a", 0, 9)], 9)
    assert "nothing to tell apart" in full.u.reason
    apart_ = family([("A", "a", 0, 4), ("B", "b", 5, 9)], "AB")
    assert "nowhere" in apart_.cu.reason
    assert float(apart_) < 0
    one_code = family([("A", "a", 0, 4), ("B", "a", 1, 5)], "AB")
    assert "only one code" in one_code.cu.reason
    rare = family([("A", "a", 0, 4), ("B", "b", 1, 5), ("B", "c", 9, 12)], "AB")
    assert "overlap" in rare.k["c"].reason
    assert math.isnan(rare.k_coverage["a"]) is False
    assert rare.k_coverage["c"] == 0


def test_a_single_overlap_of_two_among_four_coders_is_too_little_for_cu():
    found = family([("A", "a", 0, 9), ("B", "b", 0, 9)], "ABCD")
    assert "too few marks overlap" in found.cu.reason
    assert math.isnan(float(found.cu))


def test_a_coder_who_marked_nothing_counts():
    spans = [("A", "a", 0, 5), ("B", "a", 0, 5)]
    assert float(family(spans, "AB")) == 1
    assert float(family(spans, "ABC")) < 1


def test_undefined_in_1995_is_nan_with_its_reason():
    found = unitizing_alpha_1995(
        [("A", "a", 0, 9)], 9, coders=["A", "B"], codes=["a", "b"], grain=0
    )
    assert "chance" in found.by_code["a"].reason
    assert found.by_code["b"].reason == "nobody marked anything with 'b'"
    assert math.isnan(float(found))


# --- intervals ------------------------------------------------------------------------------


def marked_documents(n):
    random = np.random.default_rng(1)
    spans = []
    for number in range(n):
        start = int(random.integers(5, 20))
        end = start + int(random.integers(5, 20))
        code = "ab"[number % 2]
        moved = int(random.integers(0, 4))
        spans += [
            ("A", code, start, end, f"d{number}"),
            ("B", code if number % 5 else "b", start + moved, end + moved, f"d{number}"),
        ]
    return spans, {f"d{number}": 50 for number in range(n)}


def test_an_interval_draws_documents_and_holds_the_value():
    spans, lengths = marked_documents(24)
    found = unitizing_alpha(spans, lengths, interval=Resampling())
    for coefficient in (found.u, found.binary, found.cu, found.k["a"], found.by_code["b"]):
        lower, upper = coefficient.interval
        assert lower < coefficient.value < upper <= 1
        assert coefficient.interval.n_clusters == 24


def test_participants_are_drawn_whole():
    spans, lengths = marked_documents(24)
    clusters = [f"p{number // 3}" for number in range(24)]
    found = unitizing_alpha(spans, lengths, interval=Resampling(clusters))
    assert found.u.interval.n_clusters == 8


def test_the_value_of_a_jackknife_is_the_value_without_each_text():
    spans, lengths = marked_documents(6)
    whole = unitizing_alpha(spans, lengths, interval=Resampling()).u
    left_out = np.array(
        [
            float(
                unitizing_alpha(
                    [span for span in spans if span[4] != name],
                    {other: size for other, size in lengths.items() if other != name},
                )
            )
            for name in lengths
        ]
    )
    error = math.sqrt(5 / 6 * ((left_out - left_out.mean()) ** 2).sum())
    assert whole.interval.standard_error == pytest.approx(error)


# --- bad input ------------------------------------------------------------------------------


def test_every_fault_is_told_at_once():
    spans = [
        ("A", "a", -1, 5, "R1"),
        ("A", "a", 3, 99, "R1"),
        ("B", "a", 5, 5, "R1"),
        ("B", "a", 7, 2, "R1"),
        ("Bb", "a", 1, 2, "R1"),
        ("B", "aa", 1, 2, "R1"),
        ("B", "a", 1, 2, "R11"),
    ]
    with pytest.raises(AgreementError) as caught:
        unitizing_alpha(spans, {"R1": 20, "R2": 0}, coders=["A", "B"], codes=["a"])
    text = str(caught.value)
    assert len(caught.value.faults) == 8
    for part in (
        "document 'R2': a length of 0",
        "span 1 ('A', 'a', -1 to 5): outside document 'R1', which runs from 0 to 20",
        "span 2 ('A', 'a', 3 to 99): outside",
        "span 3 ('B', 'a', 5 to 5): ends before",
        "span 4 ('B', 'a', 7 to 2): ends before",
        "unknown coder 'Bb'; did you mean 'B'?",
        "unknown code 'aa'; did you mean 'a'?",
        "unknown document 'R11'; did you mean 'R1'?",
    ):
        assert part in text


@pytest.mark.parametrize("measure", [unitizing_alpha, unitizing_alpha_1995])
def test_one_coder_is_refused_with_what_would_do(measure):
    with pytest.raises(AgreementError, match=r"needs two coders, got \['A'\]; name all who read"):
        measure([("A", "a", 0, 3)], 9)
    with pytest.raises(AgreementError, match="named twice"):
        measure([("A", "a", 0, 3)], 9, coders=["A", "A", "B"])


def test_many_faults_are_counted():
    spans = [("A", "a", 5, 99)] * 30 + [("B", "a", 5, 99)] * 30
    with pytest.raises(AgreementError) as caught:
        unitizing_alpha(spans, 9)
    assert len(caught.value.faults) == 51
    assert caught.value.faults[-1] == "and 10 more"


@pytest.mark.parametrize("span", [("A", "a", 1), ("A", "a", 1.5, 2), ("A", "a", "1", "2"), 7])
def test_what_is_no_span_is_a_type_error(span):
    with pytest.raises(TypeError, match="expected spans as"):
        unitizing_alpha([span], 9)


def test_a_span_of_several_texts_must_name_its_own():
    with pytest.raises(AgreementError, match="names no document"):
        unitizing_alpha([("A", "a", 0, 5)], {"R1": 9, "R2": 9}, coders=["A", "B"])


def test_no_text_is_refused():
    with pytest.raises(AgreementError, match="no text"):
        unitizing_alpha([], {}, coders=["A", "B"])
