"""How many units to double-code: against a formula, the package's own interval, and itself."""

import math

import numpy as np
import pytest

from reflect_analysis.coefficients.alpha import krippendorff_alpha
from reflect_analysis.coefficients.kappa import cohen_kappa
from reflect_analysis.coefficients.planning import _Studies, units_to_double_code
from reflect_analysis.coefficients.resampling import Resampling


def by_formula(width, prevalence, kappa):
    """Units for a 95 % interval of kappa by Bloch and Kraemer's (1989) standard error."""
    both_ways = 2 * prevalence * (1 - prevalence)
    variance = (1 - kappa) * ((1 - kappa) * (1 - 2 * kappa) + kappa * (2 - kappa) / both_ways)
    return variance * (2 * 1.959964 / width) ** 2


def ratings_of(table):
    kinds = [[1, 1], [1, 0], [0, 1], [0, 0]]
    return [kind for kind, n in zip(kinds, table, strict=True) for _ in range(n)]


def studies(**options):
    settings = {
        "prevalence": 0.3, "kappa": 0.7, "coefficient": "kappa", "cluster_size": 1, "icc": 0.0,
        "level": 0.95,
    }  # fmt: skip
    return _Studies(**settings | options)


# --- against a formula and the package's own interval ------------------------------------------


@pytest.mark.parametrize(
    ("width", "prevalence", "kappa"), [(0.2, 0.3, 0.7), (0.3, 0.5, 0.6), (0.2, 0.1, 0.7)]
)
@pytest.mark.parametrize("coefficient", ["kappa", "alpha"])
def test_independent_units_need_what_the_formula_says(width, prevalence, kappa, coefficient):
    plan = units_to_double_code(
        width, prevalence=prevalence, kappa=kappa, coefficient=coefficient, assurance=0.5
    )
    assert int(plan) == pytest.approx(by_formula(width, prevalence, kappa), rel=0.08)


@pytest.mark.parametrize(
    ("coefficient", "measure"), [("kappa", cohen_kappa), ("alpha", krippendorff_alpha)]
)
def test_the_interval_is_the_one_that_a_report_prints(coefficient, measure):
    random = np.random.default_rng(3)
    clusters = random.multinomial(6, [0.3, 0.1, 0.1, 0.5], size=12)
    ratings = [rating for table in clusters for rating in ratings_of(table)]
    people = np.repeat(np.arange(12), 6)
    printed = measure(ratings, interval=Resampling(people, method="jackknife"))
    found = studies(coefficient=coefficient).bounds(clusters[None], np.ones((1, 12), dtype=int))
    assert found[0] == pytest.approx(list(printed.interval))


@pytest.mark.parametrize(
    ("coefficient", "measure"), [("kappa", cohen_kappa), ("alpha", krippendorff_alpha)]
)
def test_units_counted_by_kind_have_the_interval_of_single_units(coefficient, measure):
    counts = np.array([20, 6, 4, 30])
    printed = measure(ratings_of(counts), interval=Resampling(method="jackknife"))
    kinds = np.eye(4, dtype=int)[None]
    found = studies(coefficient=coefficient).bounds(kinds, counts[None])
    assert found[0] == pytest.approx(list(printed.interval))


def test_simulated_studies_have_the_agreement_and_the_likeness_asked_for():
    icc = 0.3
    tables, _ = studies(cluster_size=5, icc=icc)._tables(400, 200, np.random.default_rng(0))
    both, first, second, neither = tables.sum(axis=(0, 1)) / tables.sum()
    assert both + first == pytest.approx(0.3, abs=0.01)
    observed, chance = both + neither, (both + first) ** 2 + (second + neither) ** 2
    assert (observed - chance) / (1 - chance) == pytest.approx(0.7, abs=0.01)
    # Variance of a cluster's sum: n π(1 − π) (1 + (n − 1) icc).
    positives = tables[..., 0] + tables[..., 1]
    inflated = positives.var() / (5 * 0.3 * 0.7)
    assert (inflated - 1) / 4 == pytest.approx(icc, abs=0.02)


def test_most_intervals_hold_the_true_agreement():
    plan = units_to_double_code(0.2, prevalence=0.3, kappa=0.7)
    assert plan.curve[-1].coverage == pytest.approx(0.95, abs=0.025)


# --- the answer ---------------------------------------------------------------------------------


def test_half_the_width_takes_four_times_the_units():
    wide, narrow = (
        units_to_double_code(width, prevalence=0.3, kappa=0.7, assurance=0.5)
        for width in (0.3, 0.15)
    )
    assert int(narrow) / int(wide) == pytest.approx(4, rel=0.1)


def test_rare_codes_take_more_units():
    plans = [
        int(units_to_double_code(0.3, prevalence=prevalence, kappa=0.7))
        for prevalence in (0.5, 0.2, 0.05)
    ]
    assert plans == sorted(plans)
    assert plans[2] > 2 * plans[0]


def test_passages_that_resemble_each_other_take_more_units():
    plans = [
        int(units_to_double_code(0.3, prevalence=0.2, kappa=0.7, cluster_size=10, icc=icc))
        for icc in (0.0, 0.3, 0.6)
    ]
    assert plans == sorted(plans)
    assert plans[2] > 1.3 * plans[0]


def test_more_assurance_takes_more_units():
    low, high = (
        int(units_to_double_code(0.3, prevalence=0.1, kappa=0.7, assurance=assurance))
        for assurance in (0.5, 0.95)
    )
    assert low < high


def test_the_answer_holds_whole_clusters():
    plan = units_to_double_code(0.4, prevalence=0.3, kappa=0.7, cluster_size=7, icc=0.1)
    assert int(plan) % 7 == 0
    assert all(each.n_units == 7 * each.n_clusters for each in plan.curve)


def test_the_curve_grows_in_size_and_narrows():
    plan = units_to_double_code(0.2, prevalence=0.3, kappa=0.7)
    sizes = [each.n_units for each in plan.curve]
    assert sizes == sorted(set(sizes))
    assert plan.curve[0].width > 2 * plan.curve[-1].width
    assert all(each.median_width <= each.width for each in plan.curve)
    before, after = (
        max(each.n_units for each in plan.curve if each.width > 0.2),
        min(each.n_units for each in plan.curve if each.width <= 0.2),
    )
    assert before <= int(plan) <= after


def test_the_seed_decides():
    one, same = (units_to_double_code(0.3, prevalence=0.2, kappa=0.6) for _ in range(2))
    assert one == same
    other = units_to_double_code(0.3, prevalence=0.2, kappa=0.6, random_state=1)
    assert other.curve != one.curve
    assert int(other) == pytest.approx(int(one), rel=0.1)


def test_a_width_out_of_reach_has_no_number_and_says_so():
    plan = units_to_double_code(0.01, prevalence=0.1, kappa=0.7, n_max=200, replicates=50)
    assert plan.n_units is None
    assert "200 units give an interval" in plan.reason
    assert plan.curve[-1].n_units == 200
    with pytest.raises(ValueError, match="raise n_max"):
        int(plan)


def test_a_code_that_is_hardly_found_has_no_interval_in_small_samples():
    plan = units_to_double_code(0.5, prevalence=0.01, kappa=0.7, replicates=100)
    assert plan.curve[0].undefined > 0.5
    assert math.isinf(plan.curve[0].width)


@pytest.mark.parametrize(
    "options",
    [
        {"width": 0},
        {"width": 2.1},
        {"prevalence": 0},
        {"prevalence": 1},
        {"kappa": 1},
        {"kappa": -0.1},
        {"icc": 0.8},
        {"icc": -0.1},
        {"level": 1},
        {"assurance": 0},
        {"cluster_size": 0},
        {"n_max": 0},
        {"replicates": 0},
        {"cluster_size": 20, "n_max": 30},
        {"coefficient": "kapa"},
    ],
)
def test_an_assumption_out_of_its_range_is_refused(options):
    arguments = {"width": 0.3, "prevalence": 0.2, "kappa": 0.7} | options
    with pytest.raises(ValueError, match=r"expected .* got"):
        units_to_double_code(**arguments)
