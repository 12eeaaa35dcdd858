"""Secondary figures of a topic model: how its words hang together, differ, and lie in space.

None of them is its quality. NPMI and measures on vectors rank models in opposite orders, and
automatic coherence has named winners where readers saw none; so they stand second, after
stability, and no verdict rests on them.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from reflect_analysis.topics.neighbours import Vectors, unit
from reflect_analysis.topics.values import OUTLIER
from reflect_analysis.topics.verdicts import Coherence

__all__ = ["Coherence", "diversity", "embedding_coherence", "measure_coherence", "npmi"]


def measure_coherence(
    words: Sequence[Sequence[str]],
    texts: Sequence[Sequence[str]],
    vectors: Vectors,
    labels: NDArray[np.int64],
) -> Coherence:
    """NPMI, diversity and embedding coherence of one solution.

    Parameters
    ----------
    words : sequence of sequences of str
        The strongest words of each topic.
    texts : sequence of sequences of str
        The terms of each text.
    vectors : ndarray
        (n_texts, n_dimensions), of unit length.
    labels : ndarray
        (n_texts,): number of the topic, −1 for an outlier.
    """
    return Coherence(npmi(words, texts), diversity(words), embedding_coherence(vectors, labels))


def npmi(words: Sequence[Sequence[str]], texts: Iterable[Sequence[str]]) -> float:
    """Mean normalised pointwise mutual information of each topic's words, two by two.

    A text is one window: sentences are about as long as the windows of ten words that are
    usual in long documents.

    Parameters
    ----------
    words : sequence of sequences of str
    texts : iterable of sequences of str

    Returns
    -------
    float
        In [−1, 1]: 1 for words that stand only together, 0 for chance, −1 for words that
        never meet; `nan` where no topic has two words.

    References
    ----------
    Bouma, G. (2009). Normalized (pointwise) mutual information in collocation extraction.
    Proceedings of GSCL, 31–40.

    Examples
    --------
    >>> npmi([["tea", "cup"]], [["tea", "cup"], ["rain"], ["mud"], ["rain", "mud"]])
    1.0
    >>> npmi([["tea", "rain"]], [["tea"], ["rain"]])
    -1.0
    """
    wanted = {word for topic in words for word in topic}
    places: dict[str, set[int]] = {word: set() for word in wanted}
    count = 0
    for count, text in enumerate(texts, 1):
        for word in wanted.intersection(text):
            places[word].add(count)
    means = [
        float(np.mean([_pair(places[one], places[other], count) for one, other in pairs]))
        for topic in words
        if (pairs := list(itertools.combinations(topic, 2)))
    ]
    return float(np.mean(means)) if means else math.nan


def _pair(one: set[int], other: set[int], n: int) -> float:
    """NPMI of two words from the texts in which they stand."""
    both = len(one & other)
    if not both:
        return -1.0
    if both == n:
        return 1.0
    value = math.log(both * n / (len(one) * len(other))) / -math.log(both / n)
    return min(value, 1.0)  # rounding may lead a hair beyond


def diversity(words: Sequence[Sequence[str]]) -> float:
    """Share of different words among the words of all topics, in (0, 1]; `nan` without words.

    References
    ----------
    Dieng, A. B., Ruiz, F. J. R., & Blei, D. M. (2020). Topic modeling in embedding spaces.
    Transactions of the ACL, 8, 439–453.

    Examples
    --------
    >>> diversity([["rain", "mud"], ["rain", "tea"]])
    0.75
    """
    every = [word for topic in words for word in topic]
    return len(set(every)) / len(every) if every else math.nan


def embedding_coherence(vectors: Vectors, labels: NDArray[np.int64]) -> float:
    """Mean cosine of two texts of one topic, less that of any two texts; in [−2, 2].

    Parameters
    ----------
    vectors : ndarray
        (n_texts, n_dimensions), of unit length.
    labels : ndarray
        (n_texts,)

    Returns
    -------
    float
        The mean over texts in topics of two at least; `nan` where there are none.

    Examples
    --------
    >>> vectors = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], dtype=np.float32)
    >>> round(embedding_coherence(vectors, np.array([0, 0, 1, 1])), 3)
    0.667
    """
    rows = unit(vectors).astype(np.float64)
    groups = [rows[labels == each] for each in np.unique(labels) if each != OUTLIER]
    sizes = np.array([len(group) for group in groups if len(group) > 1])
    if not sizes.size:
        return math.nan
    means = [_mean_cosine(group) for group in groups if len(group) > 1]
    return float(np.average(means, weights=sizes) - _mean_cosine(rows))


def _mean_cosine(rows: NDArray[np.float64]) -> float:
    """Mean cosine of two different rows of unit length."""
    n = len(rows)
    total = rows.sum(axis=0)
    return float((total @ total - n) / (n * (n - 1)))
