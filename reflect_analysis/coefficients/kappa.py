"""Kappas: agreement beyond what the coders' own habits would give by chance.

Cohen's and Scott's are for two coders; a unit that only one of them rated leaves. Fleiss's
(any coders) and Conger's (the same coders throughout) follow Gwet where ratings are
missing: agreement comes from units with two ratings or more, habits from every rating.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from reflect_analysis.coefficients.distances import Scale, agreement_weights
from reflect_analysis.coefficients.measures import (
    CONSTANT,
    PAIR,
    Measure,
    chance_corrected,
    divide,
    index_of,
    read_categories,
    read_ratings,
    spread,
    tally,
    without,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from reflect_analysis.coefficients.resampling import Resampling
    from reflect_analysis.coefficients.values import Coefficient

    Array = NDArray[np.float64]

__all__ = ["cohen_kappa", "conger_kappa", "fleiss_kappa", "greatest_kappa", "scott_pi"]

# Without weights a kappa of two coders is −1 at least. Weights, and units with one rating,
# which enter into chance and not into what was observed, leave no least value.
_CORRELATION = (-1.0, 1.0)
_AT_MOST_ONE = (float("-inf"), 1.0)


def cohen_kappa(
    ratings: ArrayLike,
    weights: Scale | ArrayLike = "identity",
    *,
    categories: ArrayLike | None = None,
    interval: Resampling | None = None,
) -> Coefficient:
    """Cohen's kappa of two coders, also weighted.

    Parameters
    ----------
    ratings : array_like, (n_units, 2)
        Numbers standing for categories; NaN = not coded. A unit that only one coder rated
        leaves.
    weights : str or array_like, (q, q)
        Partial agreement: "linear", "quadratic", another scale of `agreement_weights`, or a
        matrix, first coder in rows.
    categories : array_like, (q,), optional
        All categories that could be given; by default those that occur.
    interval : Resampling, optional
        How to find the interval; none without it.

    Returns
    -------
    Coefficient
        At most 1, and without weights at least −1; ``nan`` with its reason where both coders
        used one and the same category.

    Raises
    ------
    AgreementError
        If there is one coder only, or a rating is no finite number or none of `categories`.
    ValueError
        If the shape or the weights are none.

    References
    ----------
    Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and
    Psychological Measurement 20(1), 37-46.
    Cohen, J. (1968). Weighted kappa. Psychological Bulletin 70(4), 213-220.

    Examples
    --------
    The table of Cohen (1960, p. 45):

    >>> table = {(1, 1): 88, (1, 2): 14, (1, 3): 18,
    ...          (2, 1): 10, (2, 2): 40, (2, 3): 10,
    ...          (3, 1): 2, (3, 2): 6, (3, 3): 12}
    >>> units = [pair for pair, n in table.items() for _ in range(n)]
    >>> round(float(cohen_kappa(units)), 3)
    0.492
    """
    first, second, known, rated = _two(ratings, categories)
    weight = agreement_weights(known, weights)
    q = len(known)
    used = [np.eye(q)[first], np.eye(q)[second]]
    sums = spread([weight[first, second], np.ones(len(first)), *used], rated)

    def kappa(totals: Array) -> Array:
        n, ones, twos = totals[..., 1], totals[..., 2 : 2 + q], totals[..., 2 + q :]
        expected = ((ones @ weight) * twos).sum(axis=-1)
        return chance_corrected(divide(totals[..., 0], n), divide(expected, n**2))

    bounds = _CORRELATION if np.array_equal(weight, np.eye(q)) else _AT_MOST_ONE
    return Measure(sums, kappa, len(first), CONSTANT, bounds).estimate(interval)


def greatest_kappa(ratings: ArrayLike) -> Coefficient:
    """The greatest kappa that two coders could reach who use the categories as often.

    Parameters
    ----------
    ratings : array_like, (n_units, 2)
        See `cohen_kappa`.

    Returns
    -------
    Coefficient
        In [0, 1]: 1 where both use each category equally often.

    Raises
    ------
    AgreementError, ValueError
        See `cohen_kappa`.

    References
    ----------
    Cohen (1960), see `cohen_kappa`.

    Examples
    --------
    The table of Cohen (1960, p. 45), whose kappa is 0.492:

    >>> table = {(1, 1): 88, (1, 2): 14, (1, 3): 18,
    ...          (2, 1): 10, (2, 2): 40, (2, 3): 10,
    ...          (3, 1): 2, (3, 2): 6, (3, 3): 12}
    >>> round(float(greatest_kappa([pair for pair, n in table.items() for _ in range(n)])), 3)
    0.831
    """
    first, second, known, rated = _two(ratings, None)
    sums = spread([np.eye(len(known))[first], np.eye(len(known))[second]], rated)

    def kappa(totals: Array) -> Array:
        ones, twos = np.split(divide(totals, np.array(len(first))), 2, axis=-1)
        return chance_corrected(np.minimum(ones, twos).sum(axis=-1), (ones * twos).sum(axis=-1))

    return Measure(sums, kappa, len(first)).estimate()


def scott_pi(ratings: ArrayLike, *, interval: Resampling | None = None) -> Coefficient:
    """Scott's pi of two coders: chance by how often they use a category together.

    Parameters
    ----------
    ratings : array_like, (n_units, 2)
        Numbers standing for categories; NaN = not coded. A unit that only one coder rated
        leaves.
    interval : Resampling, optional
        How to find the interval; none without it.

    Returns
    -------
    Coefficient
        In [−1, 1]; ``nan`` with its reason where both coders used one and the same category.

    Raises
    ------
    AgreementError, ValueError
        See `cohen_kappa`.

    References
    ----------
    Scott, W. A. (1955). Reliability of content analysis: The case of nominal scale coding.
    Public Opinion Quarterly 19(3), 321-325.

    Examples
    --------
    Both 8, first only 1, neither 1 (Gwet 2008):

    >>> units = [[1, 1]] * 8 + [[1, 0]] + [[0, 0]]
    >>> round(float(scott_pi(units)), 4)
    0.6078
    """
    first, second, known, rated = _two(ratings, None)
    used = np.eye(len(known))[first] + np.eye(len(known))[second]
    sums = spread([first == second, used], rated)

    def pi(totals: Array) -> Array:
        uses = totals[..., 1:]
        n = uses.sum(axis=-1)
        expected = divide((uses**2).sum(axis=-1), n**2)
        return chance_corrected(divide(PAIR * totals[..., 0], n), expected)

    return Measure(sums, pi, len(first), CONSTANT, _CORRELATION).estimate(interval)


def fleiss_kappa(
    ratings: ArrayLike,
    weights: Scale | ArrayLike = "identity",
    *,
    categories: ArrayLike | None = None,
    interval: Resampling | None = None,
) -> Coefficient:
    """Fleiss's kappa of any number of coders, who need not be the same for each unit.

    Ratings that are missing are treated as by Gwet (2014, ch. 2): agreement is the mean over
    units with two ratings or more; how often a category is used is the mean over all units
    with a rating. A unit that one coder alone rated so changes the value.

    Parameters
    ----------
    ratings : array_like, (n_units, n_coders)
        Numbers standing for categories; NaN = not coded.
    weights : str or array_like, (q, q)
        Partial agreement: a scale of `agreement_weights` or a symmetric matrix.
    categories : array_like, (q,), optional
        All categories that could be given; by default those that occur.
    interval : Resampling, optional
        How to find the interval; none without it.

    Returns
    -------
    Coefficient
        At most 1, with no least value: single ratings and weights may raise chance near 1.
        ``nan`` with its reason where all coders used one and the same category. `n_units`
        counts those with two ratings or more.

    Raises
    ------
    AgreementError, ValueError
        See `cohen_kappa`.

    References
    ----------
    Fleiss, J. L. (1971). Measuring nominal scale agreement among many raters. Psychological
    Bulletin 76(5), 378-382.
    Gwet, K. L. (2014). Handbook of inter-rater reliability (4th ed.). Advanced Analytics,
    ch. 2 and 3.

    Examples
    --------
    Thirty patients, six psychiatrists each (Fleiss 1971, p. 379):

    >>> patients = (
    ...     "444444 222555 233335 555555 222444 113333 333355 113334 114444 555555 "
    ...     "144444 124444 222333 144444 224445 333335 111455 111112 224444 133555 "
    ...     "555555 244444 224555 114444 144445 222224 111155 224444 133333 555555"
    ... )
    >>> round(float(fleiss_kappa([[int(mark) for mark in one] for one in patients.split()])), 2)
    0.43
    """
    measure = by_shares(ratings, _by_habit, weights=weights, categories=categories)
    return measure.estimate(interval)


def conger_kappa(
    ratings: ArrayLike,
    weights: Scale | ArrayLike = "identity",
    *,
    categories: ArrayLike | None = None,
    interval: Resampling | None = None,
) -> Coefficient:
    """Conger's kappa: Cohen's for several coders, each with habits of their own.

    Ratings that are missing are treated as by Gwet (2014, ch. 2): agreement comes from units
    with two ratings or more, a coder's habits from all that this coder rated.

    Parameters
    ----------
    ratings, weights, categories, interval
        See `fleiss_kappa`. A coder without a rating leaves.

    Returns
    -------
    Coefficient
        At most 1, with no least value; with two coders and no gaps Cohen's kappa.

    Raises
    ------
    AgreementError, ValueError
        See `cohen_kappa`.

    References
    ----------
    Conger, A. J. (1980). Integration and generalization of kappas for multiple raters.
    Psychological Bulletin 88(2), 322-328.
    Gwet (2014), ch. 2 and 3.

    Examples
    --------
    Four raters and twelve units, with gaps (Gwet 2014):

    >>> units = "11.1 2232 3333 3333 2222 1234 4444 1121 2222 .555 ..11 ..3.".split()
    >>> ratings = [[float(mark.replace(".", "nan")) for mark in unit] for unit in units]
    >>> round(float(conger_kappa(ratings)), 3)
    0.763
    """
    table = read_ratings(ratings)
    table = table[:, ~np.isnan(table).all(axis=0)]
    known = read_categories(table, categories)
    weight = _symmetric(weights, known)
    index, n_coders, q = index_of(table, known), table.shape[1], len(known)
    agree, paired = _agreement(tally(index, q), weight)
    habits = (index[:, :, None] == np.arange(q)).reshape(len(index), n_coders * q)
    rated = np.asarray((index >= 0).any(axis=1))

    def kappa(totals: Array) -> Array:
        counts = totals[..., 2:].reshape(*totals.shape[:-1], n_coders, q)
        shares = divide(counts, counts.sum(axis=-1, keepdims=True))
        together = shares.sum(axis=-2)
        pairs = _by_habit(together, weight) - _by_habit(shares, weight).sum(axis=-1)
        expected = divide(pairs, np.array(n_coders * (n_coders - 1)))
        return chance_corrected(divide(totals[..., 0], totals[..., 1]), expected)

    sums = without([agree, paired, habits], rated)
    return Measure(sums, kappa, int(paired.sum()), CONSTANT, _AT_MOST_ONE).estimate(interval)


def by_shares(
    ratings: ArrayLike,
    expected: Callable[[Array, Array], Array],
    *,
    weights: Scale | ArrayLike,
    categories: ArrayLike | None,
    undefined: str = CONSTANT,
) -> Measure:
    """A kappa whose chance agreement depends on how often all coders use each category.

    Parameters
    ----------
    ratings, weights, categories
        See `fleiss_kappa`.
    expected : callable
        From shares, (..., q), and weights, (q, q), to the agreement by chance, (...).
    undefined : str
        Why the value is ``nan`` where chance leaves nothing to agree on.
    """
    table = read_ratings(ratings)
    known = read_categories(table, categories)
    weight = _symmetric(weights, known)
    counts = tally(index_of(table, known), len(known))
    agree, paired = _agreement(counts, weight)
    n = counts.sum(axis=1)
    shares = divide(counts, n[:, None])

    def kappa(totals: Array) -> Array:
        observed = divide(totals[..., 0], totals[..., 1])
        return chance_corrected(
            observed, expected(divide(totals[..., 3:], totals[..., 2:3]), weight)
        )

    sums = without([agree, paired, n > 0, shares], n > 0)
    return Measure(sums, kappa, int(paired.sum()), undefined, _AT_MOST_ONE)


def _by_habit(shares: Array, weight: Array) -> Array:
    """Agreement of two who choose by chance, each category as often as all do."""
    expected: Array = ((shares @ weight) * shares).sum(axis=-1)
    return expected


def _agreement(counts: Array, weight: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Mean weight of a unit's pairs of ratings, 0 without a pair; which units have one."""
    n = counts.sum(axis=1)
    agree = divide((counts * (counts @ weight - 1)).sum(axis=1), n * (n - 1))
    return np.nan_to_num(agree), n >= PAIR


def _symmetric(weights: Scale | ArrayLike, known: Array) -> Array:
    """Weights for ratings that have no order of coders."""
    weight = agreement_weights(known, weights)
    if not np.allclose(weight, weight.T):
        raise ValueError("expected a symmetric matrix: among several coders none is the first")
    return weight


def _two(
    ratings: ArrayLike, categories: ArrayLike | None
) -> tuple[NDArray[np.intp], NDArray[np.intp], Array, NDArray[np.bool_]]:
    """Places of both coders' ratings among the categories, and which units both rated."""
    table = read_ratings(ratings, coders=2)
    rated = np.asarray(~np.isnan(table).any(axis=1))
    known = read_categories(table[rated] if categories is None else table, categories)
    first, second = index_of(table[rated], known).T
    return first, second, known, rated
