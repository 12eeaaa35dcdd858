"""The rule that puts a text into topics found in others."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect_analysis.topics import placing
from reflect_analysis.topics.neighbours import unit
from reflect_analysis.topics.placing import place

SEEDS = st.integers(0, 2**32 - 1)


def fitted(seed, *, n=60, outliers=0):
    """Vectors about four directions, the topic of each, and none for some of them."""
    random = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(4), random.integers(0, 4, n - 4)])
    vectors = unit(np.eye(12)[labels * 3] + random.normal(0, 0.3, (n, 12)))
    labels[4 : 4 + outliers] = -1
    return vectors.astype(np.float32), labels


@given(seed=SEEDS, at_once=st.integers(1, 61), outliers=st.integers(0, 9))
def test_texts_placed_part_by_part_come_where_all_at_once_put_them(seed, at_once, outliers):
    vectors, labels = fitted(seed, outliers=outliers)
    new = fitted(seed + 1)[0]
    whole = place(vectors, labels, components=(5,))
    expected = whole.labels(new)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(placing, "_AT_ONCE", at_once)
        parts = place(vectors, labels, components=(5,))
        assert parts.same == whole.same
        assert np.array_equal(parts.labels(new), expected)


@given(seed=SEEDS)
def test_the_order_of_the_fitted_texts_says_nothing(seed):
    vectors, labels = fitted(seed)
    order = np.random.default_rng(seed).permutation(len(labels))
    new = fitted(seed + 1)[0]
    found = place(vectors, labels).labels(new)
    assert np.array_equal(place(vectors[order], labels[order]).labels(new), found)


def test_nothing_is_placed_where_no_topic_was_found_and_no_text_comes_nowhere():
    vectors, labels = fitted(0)
    assert place(vectors, np.full(len(labels), -1)) is None
    assert place(vectors, labels).labels(vectors[:0]).tolist() == []
