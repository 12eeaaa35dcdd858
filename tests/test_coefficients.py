"""Coefficients against published and frozen values."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect_analysis.coefficients import (
    cohen_kappa,
    percent_agreement,
    positive_agreement,
    wilson_interval,
)


def table(both, first, second, neither):
    return [[1, 1]] * both + [[1, 0]] * first + [[0, 1]] * second + [[0, 0]] * neither


@pytest.mark.parametrize(
    ("counts", "kappa"),
    [
        ((20, 5, 10, 15), 0.40000),
        ((80, 10, 5, 5), 0.31818),
        ((40, 9, 6, 45), 0.69952),
        ((2, 3, 3, 92), 0.36842),
        ((118, 5, 2, 0), -0.02339),
    ],
)
def test_kappa_matches_the_published_tables(counts, kappa):
    assert float(cohen_kappa(table(*counts))) == pytest.approx(kappa, abs=5e-6)


def test_undefined_is_nan_with_its_reason():
    constant = cohen_kappa(table(0, 0, 0, 5))
    assert math.isnan(constant.value)
    assert constant.reason
    assert math.isnan(cohen_kappa([]).value)
    assert math.isnan(positive_agreement(table(0, 0, 0, 5)).value)
    assert math.isnan(percent_agreement([[1, math.nan]]).value)


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=30))
def test_kappa_does_not_depend_on_who_is_first(pairs):
    turned = [(b, a) for a, b in pairs]
    one, two = float(cohen_kappa(pairs)), float(cohen_kappa(turned))
    assert one == pytest.approx(two, nan_ok=True)


@given(st.lists(st.integers(0, 1), min_size=2, max_size=30).filter(lambda r: len(set(r)) == 2))
def test_identical_coders_agree_wholly(ratings):
    pairs = [(r, r) for r in ratings]
    assert float(cohen_kappa(pairs)) == pytest.approx(1)
    assert float(percent_agreement(pairs)) == float(positive_agreement(pairs)) == 1


def test_a_unit_that_one_coder_left_out_changes_nothing():
    pairs = table(20, 5, 10, 15)
    assert float(cohen_kappa([*pairs, [1, math.nan]])) == float(cohen_kappa(pairs))


@pytest.mark.parametrize(
    ("n", "total", "low", "high"),
    [
        (0, 10, 0, 0.2775),
        (3, 12, 0.0889, 0.5323),
        (7, 20, 0.1812, 0.5671),
        (10, 10, 0.7225, 1),
        (45, 60, 0.6277, 0.8422),
    ],
)
def test_wilson_matches_the_reference_values(n, total, low, high):
    assert wilson_interval(n, total) == pytest.approx((low, high), abs=5e-5)


def test_three_coders_are_refused():
    with pytest.raises(ValueError, match="expected ratings of shape"):
        cohen_kappa([[1, 0, 1]])
