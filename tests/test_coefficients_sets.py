"""Agreement on many unlike sets: within bounds of memory, and the same figures."""

import tracemalloc

import numpy as np
import pytest

import reflect_analysis.coefficients as co
import reflect_analysis.coefficients.sets as sets_module


@pytest.fixture
def sets():
    """A thousand units of two coders, who agree in part; hundreds of unlike sets."""
    random = np.random.default_rng(5)
    first = random.random((1_000, 12)) < 0.4
    second = np.where(random.random((1_000, 12)) < 0.8, first, random.random((1_000, 12)) < 0.4)
    return np.stack([first, second], axis=1)


def figures(found):
    return [found.value, *found.interval, found.interval.standard_error]


TWO = np.arange(1_000) % 2
METHODS = [("jackknife", TWO), ("linear", TWO), ("bca", TWO), ("bca", np.arange(1_000) // 5)]


@pytest.mark.parametrize(("method", "clusters"), METHODS)
def test_no_table_of_distances_is_larger_than_its_bound_however_large_a_cluster(
    sets, method, clusters, monkeypatch
):
    how = co.Resampling(clusters.tolist(), method, draws=50)
    known = co.set_alpha(sets, interval=how)
    asked, between = [], sets_module._between

    def measured(some, others, distance):
        asked.append(len(some) * len(others))
        return between(some, others, distance)

    monkeypatch.setattr(sets_module, "_between", measured)
    monkeypatch.setattr(sets_module, "_CELLS", 10_000)
    found = co.set_alpha(sets, interval=how)
    assert max(asked) <= 10_000
    assert figures(found) == pytest.approx(figures(known), rel=1e-9)


@pytest.mark.parametrize("clusters", [TWO, np.arange(1_000)])
def test_what_draws_hold_of_each_set_stays_within_its_bound(sets, clusters, monkeypatch):
    how = co.Resampling(clusters.tolist(), "percentile", draws=3_000)
    known = co.set_alpha(sets, interval=how)
    unlike = len(np.unique(sets.reshape(-1, 12), axis=0))
    monkeypatch.setattr(sets_module, "_COUNTED", 100 * unlike)
    monkeypatch.setattr(sets_module, "_CELLS", 100_000)
    tracemalloc.start()
    found = co.set_alpha(sets, interval=how)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    np.testing.assert_allclose(found.interval.draws, known.interval.draws, rtol=1e-9)
    weights = 3_000 * len(np.unique(clusters)) * 8  # one chunk of them
    assert most < weights + 3_000 * unlike * 8 / 2  # of what all draws hold of each set


@pytest.mark.parametrize("method", ["bca", "jackknife", "linear", "percentile"])
def test_a_distance_of_the_callers_is_measured_once_a_pair_of_sets(sets, method):
    rows = []

    def apart(one, two):
        rows.append(np.broadcast_shapes(one.shape, two.shape)[0])
        return co.jaccard_distance(one, two)

    how = co.Resampling(TWO.tolist(), method, draws=50)
    found = co.set_alpha(sets, apart, interval=how)
    unlike = len(np.unique(sets.reshape(-1, 12), axis=0))
    assert sum(rows) == len(sets) + unlike**2  # in the units, and between the sets
    assert figures(found) == pytest.approx(figures(co.set_alpha(sets, "jaccard", interval=how)))


def test_a_distance_that_has_no_hash_and_answers_no_comparison_is_a_distance(sets):
    class Apart:
        __hash__ = None

        def __eq__(self, other):
            raise AssertionError("compared")

        def __call__(self, one, two):
            return co.masi_distance(one, two)

    assert co.set_alpha(sets, Apart()).value == pytest.approx(co.set_alpha(sets, "masi").value)


def test_what_is_neither_a_name_nor_a_function_is_no_distance(sets):
    with pytest.raises(ValueError, match=r"'masi', 'jaccard' or a function, got \['masi'\]"):
        co.set_alpha(sets, ["masi"])


def test_the_statistic_of_the_whole_is_made_once():
    made = []

    def drawn(chunks):
        made.append(1)
        return np.concatenate([weights @ values for weights in chunks])

    values = np.random.default_rng(0).random(30)
    statistic = co.resampling.Statistic(30, drawn, lambda step: values.sum() + step * values)
    co.Resampling(method="bca", draws=50).of_statistic(statistic)
    assert len(made) == 2  # the whole and the draws
