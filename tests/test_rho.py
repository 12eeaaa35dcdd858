"""Shaffer's rho: its populations, its samples, and how often it is wrong."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reflect_analysis.coefficients.rho import _kappa, _Null, _sample, shaffer_rho

examples = settings(max_examples=50, deadline=None)


def kappa_of(both, first, second, neither):
    """Cohen's kappa written out: agreement beyond chance over what chance leaves."""
    n = both + first + second + neither
    observed = (both + neither) / n
    chance = ((both + first) * (both + second) + (second + neither) * (first + neither)) / n**2
    return math.nan if chance == 1 else (observed - chance) / (1 - chance)


def population(kappa, base_rate, precision, size=10_000):
    """2×2 counts with a kappa found by trying recalls, not by a formula."""
    positives = round(base_rate * size)
    tables = []
    for both in range(1, positives + 1):
        second = round(both / precision) - both
        tables.append((both, positives - both, second, size - positives - second))
    return min(tables, key=lambda table: abs(kappa_of(*table) - kappa))


def samples(table, n, times, seed):
    """Observed kappas of test sets drawn without replacement; those that have one."""
    random = np.random.default_rng(seed)
    found = [kappa_of(*random.multivariate_hypergeometric(table, n)) for _ in range(times)]
    return [kappa for kappa in found if not math.isnan(kappa)]


# --- populations and samples --------------------------------------------------------------


@examples
@given(
    base_rate=st.floats(0.02, 0.6),
    threshold=st.floats(0.45, 0.95),
    low=st.floats(0.3, 0.9),
)
@example(base_rate=0.021484375, threshold=0.453125, low=0.875)
def test_populations_are_as_asked_and_none_reaches_above_the_threshold(base_rate, threshold, low):
    null = _Null(base_rate, 0.4, threshold, (low, 1.0), 10_000)
    tables = null.draw(200, np.random.default_rng(0))
    assert (tables >= 0).all()
    assert (tables.sum(axis=1) == 10_000).all()
    assert (tables[:, :2].sum(axis=1) == round(base_rate * 10_000)).all()
    kappas = _kappa(tables)
    assert kappas.max() <= threshold
    assert kappas.min() > 0.4 - 0.02
    marks = tables[:, 0] + tables[:, 2]
    # Counts are whole: of few marks the precision is as near as one of them.
    assert (tables[:, 0] / marks >= low - 1 / marks).all()


def test_kappa_of_populations_is_spread_evenly():
    null = _Null(0.2, 0.4, 0.65, (0.6, 1.0), 10_000)
    kappas = _kappa(null.draw(20_000, np.random.default_rng(0)))
    assert np.quantile(kappas, [0.25, 0.5, 0.75]) == pytest.approx(
        [0.4625, 0.525, 0.5875], abs=0.005
    )


def test_samples_hold_what_the_population_holds():
    table = np.array([[150, 50, 100, 700]] * 20_000)
    drawn = _sample(table, 40, 0, np.random.default_rng(0))
    assert (drawn.sum(axis=1) == 40).all()
    assert drawn.mean(axis=0) == pytest.approx([6, 2, 4, 28], abs=0.1)
    # The hypergeometric variance: less than a binomial's by (N − n) / (N − 1).
    share = np.array([0.15, 0.05, 0.1, 0.7])
    variance = 40 * share * (1 - share) * 960 / 999
    assert drawn.var(axis=0) == pytest.approx(variance, rel=0.05)


def test_an_enriched_sample_holds_its_positives():
    table = np.array([[30, 20, 10, 940]] * 5_000)
    drawn = _sample(table, 40, 8, np.random.default_rng(0))
    assert (drawn.sum(axis=1) == 40).all()
    assert drawn[:, :2].sum(axis=1).min() == 8
    assert drawn[:, 0].mean() / drawn[:, :2].sum(axis=1).mean() == pytest.approx(0.6, abs=0.01)


@examples
@given(st.tuples(*[st.integers(0, 30)] * 4).filter(any))
def test_kappa_of_counts_is_cohens(table):
    found = float(_kappa(np.array([table]))[0])
    assert found == pytest.approx(kappa_of(*table), nan_ok=True)


# --- an error rate ------------------------------------------------------------------------


def share_of_claims(kappas, n_units, base_rate, **settings_):
    """How often agreement would be claimed, rho < .05."""
    rhos = {k: float(shaffer_rho(k, n_units, base_rate, **settings_)) for k in sorted(set(kappas))}
    return sum(rhos[kappa] < 0.05 for kappa in kappas) / len(kappas)


@pytest.mark.parametrize(("base_rate", "n_units"), [(0.2, 80), (0.5, 40)])
def test_over_populations_below_the_threshold_one_claim_in_twenty_is_wrong(base_rate, n_units):
    random = np.random.default_rng(5)
    kappas = [
        kappa
        for number in range(120)
        for table in [population(random.uniform(0.4, 0.65), base_rate, random.uniform(0.85, 1))]
        for kappa in samples(table, n_units, 4, number)
    ]
    claims = share_of_claims(kappas, n_units, base_rate, precision=(0.85, 1.0), replicates=4000)
    assert 0.02 < claims < 0.075


@pytest.mark.parametrize("precision", [0.75, 0.85, 0.95])
def test_with_every_population_at_the_threshold_one_claim_in_twenty_is_wrong(precision):
    table = population(0.649, 0.2, precision)
    kappas = samples(table, 80, 1500, seed=2)
    claims = share_of_claims(kappas, 80, 0.2, kappa_min=0.65, replicates=4000)
    assert 0.02 < claims < 0.075


def test_over_the_range_claims_just_below_the_threshold_are_wrong_more_often():
    """Why the docstring offers ``kappa_min=threshold``."""
    kappas = samples(population(0.649, 0.2, 0.85), 80, 500, seed=2)
    assert share_of_claims(kappas, 80, 0.2) > 0.1


@pytest.mark.parametrize("inflation", [0.0, 0.2])
def test_good_agreement_is_found(inflation):
    assert float(shaffer_rho(0.95, 120, 0.1, inflation=inflation)) < 0.01


def test_an_enriched_test_set_says_more_about_a_rare_code():
    at_random = shaffer_rho(0.85, 60, 0.05)
    enriched = shaffer_rho(0.85, 60, 0.05, inflation=0.2)
    assert float(enriched) < float(at_random)


def test_rho_falls_with_kappa_and_with_the_size_of_the_test_set():
    by_kappa = [float(shaffer_rho(kappa, 80, 0.2)) for kappa in (0.5, 0.65, 0.8, 0.95)]
    assert by_kappa == sorted(by_kappa, reverse=True)
    by_size = [float(shaffer_rho(0.8, n, 0.2)) for n in (20, 80, 320)]
    assert by_size == sorted(by_size, reverse=True)


def test_the_seed_decides_and_the_interval_tells_the_rest():
    one, same, other = (shaffer_rho(0.75, 80, 0.2, random_state=seed) for seed in (1, 1, 2))
    assert one == same
    assert float(one) != float(other)
    lower, upper = one.interval
    assert lower < float(one) < upper
    many = shaffer_rho(0.75, 80, 0.2, replicates=20_000)
    assert lower < float(many) < upper
    assert many.interval.upper - many.interval.lower < (upper - lower) / 3
    assert one.n_units == 80


# --- undefined and bad input ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "options", "reason"),
    [
        ((math.nan, 80, 0.2), {}, "observed kappa is undefined"),
        ((0.9, 80, 0.97), {"precision": (0.6, 0.9)}, "no population with a base rate of 0.97"),
        ((0.9, 80, 0.001), {"inflation": 0.5}, "holds 10"),
        ((0.9, 80, 0.2), {"population": 50}, "larger than a population of 50"),
        ((0.9, 1, 0.00001), {"replicates": 5}, "no sample"),
    ],
)
def test_undefined_is_nan_with_its_reason(arguments, options, reason):
    found = shaffer_rho(*arguments, **options)
    assert math.isnan(float(found))
    assert reason in found.reason
    assert found.interval is None


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ((1.2, 80, 0.2), {}),
        ((0.9, 0, 0.2), {}),
        ((0.9, 80, 0.0), {}),
        ((0.9, 80, 1.0), {}),
        ((0.9, 80, 0.2), {"threshold": 1.0}),
        ((0.9, 80, 0.2), {"kappa_min": 0.7}),
        ((0.9, 80, 0.2), {"precision": (0.9, 0.6)}),
        ((0.9, 80, 0.2), {"precision": (0.0, 1.0)}),
        ((0.9, 80, 0.2), {"inflation": 1.0}),
        ((0.9, 80, 0.2), {"replicates": 0}),
    ],
)
def test_a_setting_out_of_its_range_is_refused(arguments, options):
    with pytest.raises(ValueError, match=r"expected .* got"):
        shaffer_rho(*arguments, **options)
