"""Intervals by drawing clusters again: against other ways, their refusals, their coverage."""

import math
import runpy
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import bootstrap

import reflect_analysis.coefficients as co
from reflect_analysis.coefficients import Interval, Resampling, cluster_interval, resampling

BENCHMARK = runpy.run_path(str(Path(__file__).parent.parent / "benchmarks" / "agreement.py"))
METHODS = ("bca", "percentile", "jackknife", "linear")
MEASURES = {
    "percent": co.percent_agreement,
    "positive": co.positive_agreement,
    "negative": co.negative_agreement,
    "cohen": co.cohen_kappa,
    "scott": co.scott_pi,
    "fleiss": co.fleiss_kappa,
    "conger": co.conger_kappa,
    "ac1": co.gwet_ac1,
    "brennan-prediger": co.brennan_prediger,
    "alpha": co.krippendorff_alpha,
    "alpha ordinal": lambda r, **how: co.krippendorff_alpha(r, "ordinal", **how),
    "alpha interval": lambda r, **how: co.krippendorff_alpha(r, "interval", **how),
    "alpha ratio": lambda r, **how: co.krippendorff_alpha(r, "ratio", **how),
    "sets": lambda r, **how: co.set_alpha(np.nan_to_num(r)[:, :, None], mask=~np.isnan(r), **how),
}


def share(totals):
    return totals[..., 0] / totals[..., 1]


@pytest.fixture(scope="module")
def study():
    """Twelve participants with three to five passages, two coders, and gaps."""
    random = np.random.default_rng(11)
    who = np.repeat(np.arange(12), random.integers(3, 6, 12))
    truth = random.random(len(who)) < 0.4
    ratings = (truth ^ (random.random((2, len(who))) < 0.2)).T.astype(float)
    ratings[::9, 0] = math.nan
    return ratings, who


# Against other ways ------------------------------------------------------------------


@pytest.mark.parametrize("name", MEASURES)
def test_a_draw_is_the_measure_of_the_ratings_drawn(name, study):
    ratings, who = study
    measure = MEASURES[name]
    found = measure(ratings, interval=Resampling(who, "percentile", draws=20)).interval
    random = np.random.default_rng(0)
    participants = np.arange(12)
    drawn = random.integers(0, 12, size=(20, 12))
    rows = [np.concatenate([np.flatnonzero(who == participants[i]) for i in one]) for one in drawn]
    assert found.draws == pytest.approx([measure(ratings[chosen]).value for chosen in rows])


@pytest.mark.parametrize("name", MEASURES)
def test_the_jackknife_leaves_each_participant_out(name, study):
    ratings, who = study
    measure = MEASURES[name]
    found = measure(ratings, interval=Resampling(who, "jackknife")).interval
    without = np.array([measure(ratings[who != one]).value for one in range(12)])
    error = math.sqrt(11 / 12 * ((without - without.mean()) ** 2).sum())
    assert found.standard_error == pytest.approx(error)
    assert found.upper - found.lower == pytest.approx(2 * 2.200985 * error, rel=1e-5) or (
        found.upper == 1
    )


@pytest.mark.parametrize("name", MEASURES)
def test_slopes_and_the_jackknife_agree_where_clusters_are_many(name):
    ratings, who = BENCHMARK["simulated"](np.random.default_rng(3), 400, 2, 0.3)
    errors = [
        MEASURES[name](ratings, interval=Resampling(who, method)).interval.standard_error
        for method in ("jackknife", "linear")
    ]
    assert errors[0] == pytest.approx(errors[1], rel=0.02)


def test_bca_is_that_of_scipy():
    hours = np.random.default_rng(5).exponential(size=40)
    sums = np.column_stack([hours, np.ones(40)])
    ours = cluster_interval(sums, share, draws=20_000)
    theirs = bootstrap((hours,), np.mean, n_resamples=20_000, method="BCa", random_state=1)
    spread = ours.upper - ours.lower
    assert ours.lower == pytest.approx(theirs.confidence_interval.low, abs=0.03 * spread)
    assert ours.upper == pytest.approx(theirs.confidence_interval.high, abs=0.03 * spread)


@pytest.mark.parametrize("method", METHODS)
def test_weights_give_what_sums_give(method, study):
    ratings, who = study
    complete = ~np.isnan(ratings).any(axis=1)
    ratings, who = ratings[complete], who[complete]
    same = (ratings[:, 0] == ratings[:, 1]).astype(float)
    how = Resampling(who, method, draws=200)
    by_sums = how.of_sums(np.column_stack([same, np.ones(len(same))]), share)
    by_weights = how.of_weights(lambda weights: np.average(same, weights=weights), len(same))
    assert tuple(by_weights) == pytest.approx(tuple(by_sums))
    assert by_weights.n_clusters == by_sums.n_clusters == 12


def test_passages_that_repeat_one_another_add_no_certainty():
    ratings, _ = BENCHMARK["simulated"](np.random.default_rng(6), 60, 1, 0.4)
    thrice, who = np.repeat(ratings, 3, axis=0), np.repeat(np.arange(60), 3)

    def error(rated, clusters=None):
        return co.cohen_kappa(
            rated, interval=Resampling(clusters, "jackknife")
        ).interval.standard_error

    assert error(thrice, who) == pytest.approx(error(ratings))
    assert error(thrice) == pytest.approx(error(ratings) / math.sqrt(3), rel=0.05)


def test_a_rare_code_has_the_interval_that_others_found():
    units = [[1, 1]] * 2 + [[1, 0]] * 3 + [[0, 1]] * 3 + [[0, 0]] * 92
    found = co.cohen_kappa(units, interval=Resampling(method="percentile")).interval
    assert tuple(found) == pytest.approx((-0.039, 0.740), abs=0.02)
    assert found.n_undefined == 2000 - len(found.draws)


# What stays the same -----------------------------------------------------------------


def test_a_seed_gives_the_same_interval_and_another_seed_another(study):
    ratings, who = study

    def bounds(seed):
        how = Resampling(who, "bca", random_state=seed)
        return tuple(co.krippendorff_alpha(ratings, interval=how).interval)

    assert bounds(1) == bounds(1) != bounds(2)


def test_draws_that_are_kept_are_the_draws(study, monkeypatch):
    ratings, who = study
    how = Resampling(who, "bca")
    first = co.cohen_kappa(ratings, interval=how).interval
    again = co.cohen_kappa(ratings, interval=how).interval
    monkeypatch.setattr(resampling, "_KEPT", 0)
    monkeypatch.setattr(resampling, "_CHUNK", 100)
    anew = Resampling(who, "bca")
    assert co.cohen_kappa(ratings, interval=anew).interval == first == again
    assert not anew._kept


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ["alpha", "alpha ordinal", "alpha interval", "cohen", "percent"])
def test_units_that_one_coder_alone_saw_change_no_interval(name, method, study):
    ratings, who = study
    more = np.vstack([ratings, [[1, math.nan], [math.nan, 0]]])
    one = MEASURES[name](ratings, interval=Resampling(who, method)).interval
    two = MEASURES[name](more, interval=Resampling([*who, "new", "newer"], method)).interval
    assert one == two


def test_clusters_may_be_any_names_in_any_order(study):
    ratings, who = study
    names = [("P", int(one)) for one in who]
    order = np.random.default_rng(0).permutation(len(who))
    one = co.cohen_kappa(ratings, interval=Resampling(who, "jackknife")).interval
    two = co.cohen_kappa(
        ratings[order], interval=Resampling([names[i] for i in order], "jackknife")
    ).interval
    assert tuple(one) == pytest.approx(tuple(two))


# How much lies below -----------------------------------------------------------------


def test_the_share_below_is_of_the_draws():
    drawn = Interval(0, 1, "bca", draws=np.array([0.1, 0.2, 0.667, 0.9]))
    assert drawn.share_below(0.667) == 0.5


def test_without_draws_the_share_below_is_by_student():
    found = Interval(0.4, 0.8, "jackknife", n_clusters=11, value=0.6, standard_error=0.1)
    assert found.share_below(0.6) == pytest.approx(0.5)
    assert found.share_below(0.6 + 0.2228139) == pytest.approx(0.975)


def test_both_shares_are_near_each_other_where_units_are_many():
    ratings, who = BENCHMARK["simulated"](np.random.default_rng(8), 200, 3, 0.3)
    bound = co.krippendorff_alpha(ratings).value + 0.02
    shares = [
        co.krippendorff_alpha(ratings, interval=Resampling(who, method)).interval.share_below(bound)
        for method in ("percentile", "jackknife")
    ]
    assert shares[0] == pytest.approx(shares[1], abs=0.05)


# Where there is none -----------------------------------------------------------------


def refused(found):
    assert math.isnan(found.lower)
    assert math.isnan(found.upper)
    assert math.isnan(found.share_below(0.5))
    return found.reason


@pytest.mark.parametrize("method", METHODS)
def test_one_cluster_has_no_interval(method):
    found = cluster_interval([[1, 1], [0, 1]], share, ["P1", "P1"], method=method)
    assert refused(found) == "an interval needs two clusters, got 1"


@pytest.mark.parametrize("method", METHODS)
def test_clusters_that_are_all_alike_promise_no_certainty(method):
    found = cluster_interval([[1, 1]] * 20, share, method=method)
    assert refused(found) == "no cluster changes it: there is nothing to resample"


@pytest.mark.parametrize("method", METHODS)
def test_a_value_that_hangs_on_one_cluster_has_no_interval(method):
    units = [[1, 1], [1, 0], *[[0, 0]] * 30]
    who = ["P1", "P1", *range(30)]
    found = co.cohen_kappa(units, interval=Resampling(who, method)).interval
    assert refused(found) == "it hangs on one cluster: undefined without it"


def test_draws_that_are_undefined_too_often_give_none():
    units = [[1, 1], [1, 0], *[[0, 0]] * 30]
    found = co.positive_agreement(units, interval=Resampling(method="bca")).interval
    # Neither of two units among 32 is drawn in (30/32)^32 = 12.7 % of the draws.
    assert 0.1 < found.n_undefined / 2000 < 0.15
    assert refused(found) == f"undefined in {found.n_undefined} of 2000 draws"


def test_an_undefined_statistic_has_no_interval():
    found = cluster_interval([[0, 0], [0, 0]], lambda totals: totals[..., 0] * math.nan)
    assert refused(found) == "the statistic itself is undefined"


def test_an_interval_is_cut_at_the_range():
    sums = [[1, 1]] * 9 + [[0, 1]]
    assert cluster_interval(sums, share, method="jackknife", bounds=(0, 1)).upper == 1
    assert cluster_interval(sums, share, method="jackknife").upper > 1


@pytest.mark.parametrize(
    ("reason", "settings"),
    [
        ("expected method one of", {"method": "wald"}),
        ("level between 0 and 1", {"level": 95}),
        ("at least one draw", {"draws": 0}),
        ("expected 2 clusters, one a unit, got 3", {"clusters": [1, 2, 3]}),
    ],
)
def test_settings_that_cannot_be_are_refused(reason, settings):
    with pytest.raises(ValueError, match=reason):
        cluster_interval([[1, 1], [0, 1]], share, **settings)


def test_sums_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"sums of shape \(n_units, k\), got \(2,\)"):
        cluster_interval([1, 2], share)


def test_few_clusters_get_the_jackknife():
    few, many = ([[n % 2, 1] for n in range(total)] for total in (99, 100))
    assert Resampling().of_sums(few, share).method == "jackknife"
    assert Resampling().of_sums(many, share).method == "bca"


# Coverage ----------------------------------------------------------------------------


def test_intervals_hold_the_true_value_as_often_as_they_say():
    rows = BENCHMARK["counted"](40, 4, 0.3, studies=150, draws=400)
    held = {(name, method): share for name, method, share, _, _ in rows}
    # 150 studies tell a coverage of 95 % to about ± 3.5 points.
    assert all(held[name, method] >= 0.89 for name in ("alpha", "kappa") for method in METHODS)
    assert 0.915 <= held["alpha", "bca"] <= 0.99
    assert 0.915 <= held["alpha", "jackknife"] <= 0.99


def test_passages_taken_for_independent_hold_it_too_seldom():
    random = np.random.default_rng(2)
    n, participants, passages = 150, 25, 12
    who = np.repeat(np.arange(participants), passages)
    held = {"participants": 0, "passages": 0}
    for _ in range(n):
        # Some participants write clearly, others do not: agreement is theirs.
        clear = random.random(participants)[who]
        sums = np.column_stack([random.random(len(who)) < clear, np.ones(len(who))])
        for name, clusters in (("participants", who), ("passages", None)):
            found = cluster_interval(sums, share, clusters, draws=300)
            held[name] += found.lower <= 0.5 <= found.upper
    assert held["participants"] / n >= 0.9
    assert held["passages"] / n <= 0.75
