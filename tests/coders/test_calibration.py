"""Thresholds and probabilities from scores: order kept, participants never on both sides."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from reflect_analysis.coders.calibration import (
    Calibration,
    best_threshold,
    folds_of,
    kappas_at,
    steady_threshold,
)

scored = st.lists(st.tuples(st.integers(-9, 9), st.booleans()), min_size=6, max_size=40).filter(
    lambda rows: len({y for _, y in rows}) == 2
)


@given(scored)
def test_no_other_threshold_agrees_better(rows):
    scores = np.array([float(s) for s, _ in rows])
    y = np.array([float(t) for _, t in rows])
    found = kappas_at(scores, y, np.array([best_threshold(scores, y)]))[0]
    others = np.array([*(np.unique(scores) - 0.5), scores.max() + 0.5])
    assert found >= kappas_at(scores, y, others).max() - 1e-9


@given(scored)
def test_kappa_at_a_threshold_is_that_of_scikit_learn(rows):
    scores = np.array([float(s) for s, _ in rows])
    y = np.array([float(t) for _, t in rows])
    cut = float(np.median(scores))
    expected = cohen_kappa_score(scores >= cut, y.astype(bool))
    assert kappas_at(scores, y, np.array([cut]))[0] == pytest.approx(expected)


@given(scored)
def test_probabilities_keep_the_order_of_margins(rows):
    margins = np.array([float(s) for s, _ in rows])
    y = np.array([float(t) for _, t in rows])
    probabilities = Calibration.learn(margins, y).probabilities(np.sort(margins))
    assert (np.diff(probabilities) >= 0).all()
    assert ((probabilities > 0) & (probabilities < 1)).all()


def test_probabilities_of_a_calibrated_coder_are_near_the_share_of_positives():
    rng = np.random.default_rng(0)
    margins = rng.normal(size=4000)
    y = (rng.random(4000) < 1 / (1 + np.exp(-(2 * margins - 1)))).astype(float)
    learned = Calibration.learn(margins, y)
    assert (learned.slope, learned.intercept) == (
        pytest.approx(2, abs=0.15),
        pytest.approx(-1, abs=0.1),
    )


def test_scores_that_run_the_wrong_way_give_the_share_of_positives_and_no_order():
    learned = Calibration.learn(np.arange(20.0), np.array([1.0] * 10 + [0.0] * 10))
    assert learned.slope == 0
    assert learned.probabilities(np.array([-5.0, 5.0])).tolist() == pytest.approx([0.5, 0.5])


def test_no_participant_is_on_both_sides_of_a_split():
    rng = np.random.default_rng(1)
    groups = [f"P{number}" for number in rng.integers(0, 12, 90)]
    y = (rng.random(90) < 0.3).astype(float)
    parts = list(folds_of(y, groups, 5, 0))
    assert len(parts) == 5
    assert sorted(row for _, test in parts for row in test) == list(range(90))
    for train, test in parts:
        assert not {groups[row] for row in train} & {groups[row] for row in test}


def test_where_one_participant_has_all_positives_there_is_no_split():
    y = np.array([1.0] * 10 + [0.0] * 20)
    groups = ["P1"] * 10 + [f"P{number}" for number in range(2, 22)]
    assert list(folds_of(y, groups, 5, 0)) == []
    assert steady_threshold(y * 2, y, groups=groups) == pytest.approx(1.0)


def test_scores_that_tell_nothing_propose_nothing():
    assert best_threshold(np.ones(5), np.array([1.0, 0, 0, 1, 0])) > 1.0
    assert best_threshold(np.array([0.0, 1, 1]), np.array([1.0, 0, 0])) > 1.0
