"""How far a solution agrees with itself: over seeds, and over bootstrap samples.

The two are reported apart, each beside the same figure for shuffled vectors: every
dimension permuted over the texts, so that lengths and spreads stay and all structure goes.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from reflect_analysis.topics.clusters import (
    Cluster,
    Labels,
    NoTopicsError,
    Vectors,
    centroids_of,
    nearest,
    unit,
)
from reflect_analysis.topics.values import OUTLIER, NumberTried, Stability

__all__ = ["agreement", "choose_number", "measure_stability", "shuffled"]


# A row that a bootstrap sample did not draw.
NOT_DRAWN = -2
# Refits on more texts than this take minutes and say the same.
MOST_UNITS = 2_000


def agreement(one: Labels, other: Labels) -> float:
    """Adjusted Rand index of two groupings, outliers as groups of one.

    Parameters
    ----------
    one, other : ndarray
        (n_units,): number of the group, −1 for an outlier, −2 for a unit that was not
        drawn; units drawn in both are compared.

    Returns
    -------
    float
        In [−0.5, 1]; 0 where both put everything into one group, or nothing into any: they
        agree, but on nothing.

    Examples
    --------
    >>> agreement(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0]))
    1.0
    >>> agreement(np.array([-1, -1, -1]), np.array([-1, -1, -1]))
    0.0
    """
    from sklearn.metrics import adjusted_rand_score

    both = (one != NOT_DRAWN) & (other != NOT_DRAWN)
    first, second = _singletons(one[both]), _singletons(other[both])
    numbers = {len(np.unique(first)), len(np.unique(second))}
    if numbers <= {0, 1} or numbers == {len(first)}:
        return 0.0
    return float(adjusted_rand_score(first, second))


def _singletons(labels: Labels) -> Labels:
    """Each outlier as a group of its own."""
    alone = labels == OUTLIER
    result = labels.copy()
    result[alone] = labels.max(initial=0) + 1 + np.arange(alone.sum())
    return result


def shuffled(vectors: Vectors, rng: np.random.Generator) -> Vectors:
    """The vectors with every dimension permuted over the rows, at unit length again."""
    return unit(rng.permuted(vectors, axis=0))


def choose_number(
    cluster: Callable[[int], Cluster],
    vectors: Vectors,
    candidates: Sequence[int],
    *,
    seed: int,
    refits: int,
) -> tuple[int, tuple[NumberTried, ...]]:
    """The number of topics whose groups come back in bootstrap samples.

    The agreement beyond that of shuffled vectors is compared (`NumberTried.excess`). Since
    the index rewards few topics, the largest number counts that lies within one standard
    error of the best: what splits into four groups as surely as into two is four.

    Parameters
    ----------
    cluster : callable
        From a number of topics to an engine.
    vectors : ndarray
        (n_units, n_dimensions)
    candidates : sequence of int
    seed, refits : int

    Returns
    -------
    int
    tuple of NumberTried

    References
    ----------
    Fang, Y., & Wang, J. (2012). Selection of the number of clusters via the bootstrap
    method. Computational Statistics & Data Analysis, 56(3), 468–477.
    """
    if len(candidates) == 1:
        return candidates[0], ()
    rng = np.random.default_rng([seed, 1])
    sample = _subset(vectors, rng)
    null = shuffled(sample, rng)
    tried = []
    for number in candidates:
        engine = cluster(number)
        pairs = _pairwise(_bootstrap(engine, sample, rng, refits))
        beside = _pairwise(_bootstrap(engine, null, rng, refits))
        tried.append(NumberTried(number, _mean(pairs), _mean(beside), _error(pairs)))
    best = max(tried, key=lambda each: each.excess)
    near = [each.n_topics for each in tried if each.excess >= best.excess - best.error]
    return max(near), tuple(tried)


def measure_stability(
    cluster: Cluster, vectors: Vectors, n_topics: int, *, seed: int, refits: int
) -> Stability:
    """Refit an engine over seeds and over bootstrap samples, on the vectors and shuffled ones.

    Parameters
    ----------
    cluster : Cluster
    vectors : ndarray
        (n_units, n_dimensions); of more than 2,000 rows a sample is refitted.
    n_topics : int
        Topics of the solution.
    seed, refits : int

    Returns
    -------
    Stability
    """
    if not refits:
        return Stability(n_topics, reason="refits were switched off")
    rng = np.random.default_rng([seed, 2])
    sample = _subset(vectors, rng)
    null = shuffled(sample, rng)
    return Stability(
        n_topics,
        seeds=_mean(_pairwise(_over_seeds(cluster, sample, rng, refits))),
        seeds_shuffled=_mean(_pairwise(_over_seeds(cluster, null, rng, refits))),
        bootstrap=_mean(_pairwise(_bootstrap(cluster, sample, rng, refits))),
        bootstrap_shuffled=_mean(_pairwise(_bootstrap(cluster, null, rng, refits))),
        refits=refits,
        units=len(sample),
    )


def _subset(vectors: Vectors, rng: np.random.Generator) -> Vectors:
    if len(vectors) <= MOST_UNITS:
        return vectors
    return vectors[np.sort(rng.choice(len(vectors), MOST_UNITS, replace=False))]


def _over_seeds(
    cluster: Cluster, vectors: Vectors, rng: np.random.Generator, refits: int
) -> list[Labels]:
    if not cluster.seeded:
        return []
    return [_labels(cluster, vectors, rng) for _ in range(refits)]


def _bootstrap(
    cluster: Cluster, vectors: Vectors, rng: np.random.Generator, refits: int
) -> list[Labels]:
    return [_resampled(cluster, vectors, rng) for _ in range(refits)]


def _resampled(cluster: Cluster, vectors: Vectors, rng: np.random.Generator) -> Labels:
    """Labels of all rows, from a fit on rows drawn with replacement.

    An engine with centres assigns the rows that were not drawn. Elsewhere each drawn row is
    fitted once, since copies make clusters of their own, and the others stay unlabelled.
    """
    n = len(vectors)
    drawn = np.sort(rng.integers(n, size=n))
    if cluster.centred:
        sample = vectors[drawn]
        return nearest(vectors, centroids_of(sample, _labels(cluster, sample, rng)))
    once = np.unique(drawn)
    result = np.full(n, NOT_DRAWN, dtype=np.int64)
    result[once] = _labels(cluster, vectors[once], rng)
    return result


def _labels(cluster: Cluster, vectors: Vectors, rng: np.random.Generator) -> Labels:
    """A fit's labels; all outliers where it found no topics."""
    try:
        return cluster.fit(vectors, int(rng.integers(2**31)))
    except NoTopicsError:
        return np.full(len(vectors), OUTLIER, dtype=np.int64)


def _pairwise(groupings: list[Labels]) -> NDArray[np.float64]:
    """(n_refits, n_refits) of agreements, the diagonal `nan`."""
    table = np.full((len(groupings), len(groupings)), np.nan)
    for one, other in itertools.combinations(range(len(groupings)), 2):
        table[one, other] = table[other, one] = agreement(groupings[one], groupings[other])
    return table


def _mean(pairs: NDArray[np.float64]) -> float:
    return float(np.nanmean(pairs)) if len(pairs) else math.nan


def _error(pairs: NDArray[np.float64]) -> float:
    """Standard error of the mean over pairs.

    A mean over pairs of n refits has about four times the variance of a mean over n
    (Hoeffding, W. (1948). Annals of Mathematical Statistics, 19, 293–325).
    """
    by_refit = np.nanmean(pairs, axis=1)
    return float(2 * by_refit.std(ddof=1) / math.sqrt(len(by_refit)))
