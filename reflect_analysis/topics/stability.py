"""How far a solution agrees with itself: over seeds, bootstrap samples and orders of the rows.

The three are reported apart, each beside the same figure for shuffled vectors: every
dimension permuted over the texts, so that lengths and spreads stay and all structure goes.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from reflect_analysis.topics.clusters import (
    Cluster,
    Labels,
    Vectors,
    centroids_of,
    nearest,
    unit,
)
from reflect_analysis.topics.refits import NOT_DRAWN, Refit, Steps, run_refits, workers_for
from reflect_analysis.topics.remembering import Fits
from reflect_analysis.topics.values import OUTLIER, NumberTried, Stability, TopicStability
from reflect_analysis.topics.verdicts import REFITS_OVER

__all__ = [
    "Refitting",
    "agreement",
    "choose_number",
    "information",
    "measure_stability",
    "over_bootstrap",
    "sample_rows",
    "shuffled",
    "steadier",
    "topic_stability",
]

# Refits on more texts than this take minutes and say the same.
MOST_UNITS = 2_000
Words = Callable[[Labels], Sequence[Sequence[str]]]


@dataclass
class Refitting:
    """How refits are run: how many, from which seed, by how many workers.

    Parameters
    ----------
    count, seed : int
    workers : int, optional
        By default by the time that one process would take.
    seconds : float
        What one fit took.
    steps : Steps
    fits : Fits
        Refits that were made before.
    """

    count: int
    seed: int
    workers: int | None = None
    seconds: float = 0.0
    steps: Steps = field(default_factory=Steps)
    fits: Fits = field(default_factory=Fits)

    def run(self, cluster: Cluster, vectors: Vectors, refits: Sequence[Refit]) -> list[Labels]:
        """Labels of all rows by each refit."""
        workers = workers_for(self.workers, self.seconds * len(refits))
        return run_refits(
            cluster, vectors, refits, workers=workers, steps=self.steps, fits=self.fits
        )


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
    pair = _comparable(one, other)
    return 0.0 if pair is None else _adjusted_rand(*pair)


def information(one: Labels, other: Labels) -> float:
    """Normalised mutual information of two groupings, outliers as groups of one, in [0, 1].

    It is not corrected for chance and rises with the number of groups; see `agreement` for
    the arguments.

    Examples
    --------
    >>> information(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0]))
    1.0
    """
    from sklearn.metrics import normalized_mutual_info_score

    pair = _comparable(one, other)
    return 0.0 if pair is None else float(normalized_mutual_info_score(*pair))


def _comparable(one: Labels, other: Labels) -> tuple[Labels, Labels] | None:
    """Both on the units drawn in both, or `None` where they agree on nothing."""
    both = (one != NOT_DRAWN) & (other != NOT_DRAWN)
    first, second = _singletons(one[both]), _singletons(other[both])
    numbers = {len(np.unique(first)), len(np.unique(second))}
    if numbers <= {0, 1} or numbers == {len(first)}:
        return None
    return first, second


def _adjusted_rand(first: Labels, second: Labels) -> float:
    """The index from the pairs of units that stand together in both, in one and in neither.

    scikit-learn's `adjusted_rand_score` to the last digit; that spends a millisecond on checks
    each time, and a choice among seven numbers of topics asks for 800.
    """
    squares = [
        int((np.unique(labels, return_counts=True)[1] ** 2).sum())
        for labels in (first * (int(second.max()) + 1) + second, first, second)
    ]
    both, n = squares[0], len(first)
    only_first, only_second = squares[1] - both, squares[2] - both
    if not only_first and not only_second:
        return 1.0
    together, neither = both - n, n**2 - only_first - only_second - both
    expected = (together + only_first) * (only_first + neither)
    expected += (together + only_second) * (only_second + neither)
    return 2 * (together * neither - only_first * only_second) / expected


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
    refitting: Refitting,
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
    refitting : Refitting

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
    rng = np.random.default_rng([refitting.seed, 1])
    sample = vectors[sample_rows(len(vectors), rng)]
    null = shuffled(sample, rng)
    refitting.steps.expect(2 * refitting.count * len(candidates))
    tried = []
    for number in candidates:
        engine = cluster(number)
        pairs = _pairwise(over_bootstrap(engine, sample, refitting, rng))
        beside = _pairwise(over_bootstrap(engine, null, refitting, rng))
        tried.append(NumberTried(number, _mean(pairs), _mean(beside), _error(pairs)))
    best = max(tried, key=lambda each: each.excess)
    near = [each.n_topics for each in tried if each.excess >= best.excess - best.error]
    return max(near), tuple(tried)


def measure_stability(
    cluster: Cluster,
    vectors: Vectors,
    labels: Labels,
    refitting: Refitting,
    *,
    words: Callable[[NDArray[np.int64]], Words] | None = None,
) -> tuple[Stability, tuple[TopicStability, ...]]:
    """Refit an engine over seeds, bootstrap samples and orders; the same on shuffled vectors.

    Parameters
    ----------
    cluster : Cluster
    vectors : ndarray
        (n_units, n_dimensions); of more than 2,000 rows a sample is refitted.
    labels : ndarray
        (n_units,): the solution.
    refitting : Refitting
    words : callable, optional
        From the positions of the rows that are refitted to a function from their labels to
        the words of each topic.

    Returns
    -------
    Stability
    tuple of TopicStability
        One a topic.
    """
    n_topics = int(labels.max(initial=OUTLIER)) + 1
    if not refitting.count:
        reason = "refits were switched off"
        return Stability(n_topics, reason=reason), (TopicStability(),) * n_topics
    rng = np.random.default_rng([refitting.seed, 2])
    rows = sample_rows(len(vectors), rng)
    sample = vectors[rows]
    null = shuffled(sample, rng)
    kinds = [over for over in REFITS_OVER if over != "seeds" or cluster.seeded]
    refitting.steps.expect(2 * len(kinds) * refitting.count)
    real = _refitted(cluster, sample, kinds, refitting, rng)
    beside = _refitted(cluster, null, kinds, refitting, rng)
    figures = {"refits": refitting.count, "units": len(sample)}
    whole = Stability(n_topics, **figures, **_figures(real, ""), **_figures(beside, "_shuffled"))  # type: ignore[arg-type]  # the names are made from those of the fields
    again = topic_stability(
        labels[rows], real["bootstrap"], words(rows) if words else None, n_topics=n_topics
    )
    apart = _shuffled_topics(beside["bootstrap"])
    return whole, tuple(dataclasses.replace(each, shuffled=apart) for each in again)


def steadier(
    one: Cluster, other: Cluster, vectors: Vectors, refitting: Refitting
) -> tuple[Cluster, float, float]:
    """Of two engines the one that agrees better with itself over the same bootstrap samples.

    The second must be better by more than its standard error. Rows that a sample did not
    draw are left out for both, and both are asked for the same number of topics.

    Returns
    -------
    Cluster
    float, float
        The mean agreement of each.
    """
    rng = np.random.default_rng([refitting.seed, 3])
    sample = vectors[sample_rows(len(vectors), rng)]
    refitting.steps.expect(2 * refitting.count)
    tables = []
    for cluster in (one, other):
        again = np.random.default_rng([refitting.seed, 4])
        tables.append(_pairwise(over_bootstrap(cluster, sample, refitting, again, assign=False)))
    first, second = map(_mean, tables)
    return (other if second - _error(tables[1]) > first else one), first, second


def sample_rows(n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Positions of the rows that are refitted: all, or so many as say the same."""
    if n <= MOST_UNITS:
        return np.arange(n)
    return np.sort(rng.choice(n, MOST_UNITS, replace=False))


def _refitted(
    cluster: Cluster,
    vectors: Vectors,
    kinds: Sequence[str],
    refitting: Refitting,
    rng: np.random.Generator,
) -> dict[str, list[Labels]]:
    """The labels of the refits of each kind."""
    ways = {"seeds": _over_seeds, "bootstrap": over_bootstrap, "order": _over_orders}
    return {over: ways[over](cluster, vectors, refitting, rng) for over in kinds}


def _seeds(rng: np.random.Generator, count: int) -> list[int]:
    return [int(seed) for seed in rng.integers(2**31, size=count)]


def _over_seeds(
    cluster: Cluster, vectors: Vectors, refitting: Refitting, rng: np.random.Generator
) -> list[Labels]:
    rows = np.arange(len(vectors))
    refits = [Refit(rows, seed) for seed in _seeds(rng, refitting.count)]
    return refitting.run(cluster.with_neighbours(vectors), vectors, refits)


def _over_orders(
    cluster: Cluster, vectors: Vectors, refitting: Refitting, rng: np.random.Generator
) -> list[Labels]:
    """Fits from one seed, the rows in another order each time."""
    seed = _seeds(rng, 1)[0]
    refits = [Refit(rng.permutation(len(vectors)), seed) for _ in range(refitting.count)]
    return refitting.run(cluster, vectors, refits)


def over_bootstrap(
    cluster: Cluster,
    vectors: Vectors,
    refitting: Refitting,
    rng: np.random.Generator,
    *,
    assign: bool = True,
) -> list[Labels]:
    """Labels of all rows, from fits on rows drawn with replacement.

    Each drawn row is fitted once, since copies make clusters of their own; a draw of one row,
    which no engine can group, is made again. An engine with centres assigns the rows that
    were not drawn, if `assign`; else they stay unlabelled.
    """
    seeds = _seeds(rng, refitting.count)
    refits = [Refit(_drawn(len(vectors), rng), seed) for seed in seeds]
    found = refitting.run(cluster, vectors, refits)
    if not (assign and cluster.centred):
        return found
    return [_assigned(vectors, labels) for labels in found]


def _drawn(n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Rows drawn with replacement, each once; two at least where there are two."""
    while True:
        rows = np.unique(rng.integers(n, size=n))
        if len(rows) >= min(n, 2):
            return rows


def _assigned(vectors: Vectors, labels: Labels) -> Labels:
    """The rows that were not drawn with the nearest centre of those that were."""
    drawn = labels != NOT_DRAWN
    result = nearest(vectors, centroids_of(vectors[drawn], labels[drawn]))
    result[drawn] = labels[drawn]
    return result


def _figures(found: Mapping[str, Sequence[Labels]], ending: str) -> dict[str, float]:
    """The figures of `Stability` by the names of its fields."""
    figures = {}
    for over, groupings in found.items():
        figures[f"{over}{ending}"] = _mean(_pairwise(groupings))
        figures[f"{over}_nmi{ending}"] = _mean(_pairwise(groupings, information))
        shares = [float((each[each != NOT_DRAWN] == OUTLIER).mean()) for each in groupings]
        figures[f"{over}_outliers{ending}"] = float(np.mean(shares))
    return figures


def topic_stability(
    labels: Labels,
    refits: Sequence[Labels],
    words: Words | None = None,
    *,
    n_topics: int,
) -> tuple[TopicStability, ...]:
    """How far the members and words of each topic come back in refits.

    Parameters
    ----------
    labels : ndarray
        (n_units,): the solution.
    refits : sequence of ndarray
        (n_units,) each; −2 for a unit that was not drawn.
    words : callable, optional
        From labels to the words of each group.
    n_topics : int
    """
    members = np.full((len(refits), n_topics), np.nan)
    shared = np.full((len(refits), n_topics), np.nan)
    own = words(labels) if words else ()
    for place, refit in enumerate(refits):
        overlaps = _overlaps(labels, refit, n_topics)
        members[place] = overlaps.max(axis=1, initial=0)
        if words and overlaps.shape[1]:
            theirs = words(refit)
            shared[place] = [
                len(set(own[topic]) & set(theirs[best])) / max(len(own[topic]), 1)
                for topic, best in enumerate(overlaps.argmax(axis=1).tolist())
            ]
    by_members, by_words = _column_means(members), _column_means(shared)
    count = len(refits)
    return tuple(
        TopicStability(one, other, refits=count)
        for one, other in zip(by_members, by_words, strict=True)
    )


def _column_means(table: NDArray[np.float64]) -> list[float]:
    """The mean of each column without its gaps; `nan` of gaps alone."""
    known = ~np.isnan(table)
    sums, counts = np.where(known, table, 0).sum(axis=0), known.sum(axis=0)
    return [float(a / b) if b else math.nan for a, b in zip(sums, counts, strict=True)]


def _overlaps(labels: Labels, refit: Labels, n_topics: int) -> NDArray[np.float64]:
    """(n_topics, n_groups): Jaccard index of each topic with each group, of the units drawn."""
    drawn = refit != NOT_DRAWN
    topics, groups = labels[drawn], refit[drawn]
    n_groups = int(groups.max(initial=OUTLIER)) + 1
    both = np.zeros((n_topics + 1, n_groups + 1))
    # An outlier is −1: it counts in the last row or column, which is left away.
    np.add.at(both, (topics, groups), 1)
    either = both.sum(axis=1)[:, None] + both.sum(axis=0)[None, :] - both
    table: NDArray[np.float64] = (both / np.maximum(either, 1))[:-1, :-1]
    return table


def _shuffled_topics(refits: Sequence[Labels]) -> float:
    """How far the groups of one refit come back in the others, on the average."""
    first, *others = refits
    n_groups = int(first.max(initial=OUTLIER)) + 1
    if not n_groups or not others:
        return 0.0
    known = [np.where(first == NOT_DRAWN, NOT_DRAWN, other) for other in others]
    units = np.where(first == NOT_DRAWN, OUTLIER, first)
    again = topic_stability(units, known, n_topics=n_groups)
    return float(np.mean([each.members for each in again]))


def _pairwise(
    groupings: Sequence[Labels], index: Callable[[Labels, Labels], float] = agreement
) -> NDArray[np.float64]:
    """(n_refits, n_refits) of agreements, the diagonal `nan`."""
    table = np.full((len(groupings), len(groupings)), np.nan)
    for one, other in itertools.combinations(range(len(groupings)), 2):
        table[one, other] = table[other, one] = index(groupings[one], groupings[other])
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
