"""Differences of proportions against printed figures, and what must hold of all of them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reflect_analysis.coefficients import differences as d


def test_jeffreys_as_printed_and_closed_at_the_ends():
    assert d.jeffreys_interval(3, 12) == pytest.approx((0.0759, 0.5292), abs=5e-5)
    assert d.jeffreys_interval(0, 12)[0] == 0
    assert d.jeffreys_interval(12, 12)[1] == 1


def test_newcombe_as_printed():
    # Newcombe (1998), p. 877, table II: 56/70 against 48/80, and 9/10 against 3/10.
    assert d.newcombe_interval(8, 10, 3, 12) == pytest.approx((0.1308, 0.7656), abs=5e-5)
    assert d.newcombe_interval(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert d.newcombe_interval(9, 10, 3, 10) == pytest.approx((0.1705, 0.8090), abs=5e-5)


def test_the_exact_tests_as_printed():
    assert d.fisher_p(8, 10, 1, 10) == pytest.approx(0.0055, abs=5e-5)
    assert d.fisher_mid_p(8, 10, 1, 10) == pytest.approx(0.0028, abs=5e-5)
    assert d.boschloo_p(8, 10, 1, 10) == pytest.approx(0.0026, abs=5e-5)


@pytest.mark.parametrize(
    ("gained", "lost", "exact", "mid"),
    [
        (8, 1, 0.0391, 0.0215),
        (5, 0, 0.0625, 0.0313),
        (6, 2, 0.2891, 0.1797),
        (10, 3, 0.0923, 0.0574),
    ],
)
def test_mcnemar_as_printed(gained, lost, exact, mid):
    assert d.mcnemar_p(gained, lost) == pytest.approx(exact, abs=5.1e-5)
    assert d.mcnemar_mid_p(gained, lost) == pytest.approx(mid, abs=5.1e-5)


def test_benjamini_hochberg_as_printed():
    given_p = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216]
    expected = [0.010, 0.040, 0.084, 0.084, 0.084, 0.100, 0.1057, 0.216, 0.216, 0.216]
    assert d.adjusted_p_values(given_p) == pytest.approx(expected, abs=5e-5)
    assert np.isnan(d.adjusted_p_values([math.nan])).all()


tables = st.tuples(st.integers(1, 30), st.integers(1, 30)).flatmap(
    lambda totals: st.tuples(
        st.integers(0, totals[0]), st.just(totals[0]), st.integers(0, totals[1]), st.just(totals[1])
    )
)


@settings(max_examples=60, deadline=None)
@given(tables)
def test_swapping_the_groups_changes_no_p_value_and_turns_the_interval(table):
    n1, total1, n2, total2 = table
    for test in (d.fisher_p, d.fisher_mid_p):
        assert test(*table) == pytest.approx(test(n2, total2, n1, total1))
        assert 0 <= test(*table) <= 1
    low, high = d.newcombe_interval(*table)
    assert d.newcombe_interval(n2, total2, n1, total1) == pytest.approx((-high, -low))
    assert low - 1e-12 <= n1 / total1 - n2 / total2 <= high + 1e-12


@settings(max_examples=25, deadline=None)
@given(tables)
def test_one_proportion_is_larger_or_the_other_is(table):
    n1, total1, n2, total2 = table
    both = float(d.probability_of_more(*table)) + float(
        d.probability_of_more(n2, total2, n1, total1)
    )
    assert both == pytest.approx(1, abs=1e-7)


@given(st.integers(0, 40), st.integers(0, 40))
def test_mid_p_is_never_above_the_exact_one(gained, lost):
    assert 0 < d.mcnemar_mid_p(gained, lost) <= d.mcnemar_p(gained, lost) <= 1


def test_nobody_said_it_or_everybody_did_is_no_difference():
    assert d.boschloo_p(0, 5, 0, 8) == d.boschloo_p(5, 5, 8, 8) == 1
    assert d.fisher_mid_p(0, 5, 0, 8) == d.mcnemar_mid_p(0, 0) == 1
    assert d.mcnemar_mid_p(1, 1) == pytest.approx(0.75)


def test_a_permutation_within_strata_finds_what_is_there_and_only_that():
    rng = np.random.default_rng(3)
    towns = np.repeat(["a", "b", "c", "d"], 15)
    group = np.tile(["x", "y", "x"], 20)
    apart = (group == "x").astype(float)
    assert float(d.permutation_p(apart, group, strata=towns, draws=499)) == 1 / 500
    chance = rng.integers(0, 2, 60).astype(float)
    assert float(d.permutation_p(chance, group, strata=towns, draws=499)) > 0.05


def test_a_permutation_without_two_groups_has_a_reason():
    assert "two groups" in d.permutation_p([1, 0], ["x", "x"]).reason
    nested = d.permutation_p([1, 0, 1, 0], ["x", "x", "y", "y"], strata=["a", "a", "b", "b"])
    assert "no stratum" in nested.reason
    assert math.isnan(nested.value)


@pytest.mark.parametrize("bad", [(5, 4, 1, 2), (-1, 4, 1, 2), (0, 0, 1, 2)])
def test_impossible_counts_are_refused(bad):
    for test in (d.fisher_p, d.fisher_mid_p, d.boschloo_p, d.newcombe_interval):
        with pytest.raises(ValueError, match="expected 0"):
            test(*bad)
    with pytest.raises(ValueError, match="counts of people"):
        d.mcnemar_p(-1, 3)
    with pytest.raises(ValueError, match="between 0 and 1"):
        d.jeffreys_interval(1, 2, level=1)
