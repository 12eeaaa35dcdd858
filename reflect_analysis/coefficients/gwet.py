"""Agreement beyond a chance that does not depend on habits: Gwet's AC1 and AC2, and BP.

They stay high where a code is rare and coders agree on its absence, even if they share few
of its presences: read them beside positive agreement and alpha, not instead. Ratings that
are missing are treated as by Gwet (see `fleiss_kappa`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reflect_analysis.coefficients.kappa import by_shares

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from reflect_analysis.coefficients.distances import Scale
    from reflect_analysis.coefficients.resampling import Resampling
    from reflect_analysis.coefficients.values import Coefficient

    Array = NDArray[np.float64]

__all__ = ["brennan_prediger", "gwet_ac1", "gwet_ac2"]

_ONE = "only one category is known; name all that could be given by `categories`"


def gwet_ac1(
    ratings: ArrayLike,
    *,
    categories: ArrayLike | None = None,
    interval: Resampling | None = None,
) -> Coefficient:
    """Gwet's AC1 of any number of coders on nominal ratings.

    Agreement is the mean over units with two ratings or more; how often a category is used
    is the mean over all units with a rating. A unit that one coder alone rated so changes
    the value (Gwet 2014, ch. 2).

    Parameters
    ----------
    ratings : array_like, (n_units, n_coders)
        Numbers standing for categories; NaN = not coded.
    categories : array_like, (q,), optional
        All categories that could be given; by default those that occur. Chance depends on
        their number: give (0, 1) for presence and absence.
    interval : Resampling, optional
        How to find the interval; none without it.

    Returns
    -------
    Coefficient
        At most 1, at least −1; ``nan`` with its reason where only one category is known. `n_units`
        counts the units with two ratings or more.

    Raises
    ------
    AgreementError
        If there is one coder only, or a rating is no finite number or none of `categories`.
    ValueError
        If the shape is another.

    References
    ----------
    Gwet, K. L. (2008). Computing inter-rater reliability and its variance in the presence
    of high agreement. British Journal of Mathematical and Statistical Psychology 61(1),
    29-48.
    Gwet, K. L. (2014). Handbook of inter-rater reliability (4th ed.). Advanced Analytics,
    ch. 2 and 4.

    Examples
    --------
    Four raters and twelve units, with gaps (Gwet 2014):

    >>> units = "11.1 2232 3333 3333 2222 1234 4444 1121 2222 .555 ..11 ..3.".split()
    >>> ratings = [[float(mark.replace(".", "nan")) for mark in unit] for unit in units]
    >>> round(float(gwet_ac1(ratings)), 3)
    0.775
    """
    return gwet_ac2(ratings, "identity", categories=categories, interval=interval)


def gwet_ac2(
    ratings: ArrayLike,
    weights: Scale | ArrayLike = "quadratic",
    *,
    categories: ArrayLike | None = None,
    interval: Resampling | None = None,
) -> Coefficient:
    """Gwet's AC2: AC1 with partial agreement.

    Parameters
    ----------
    ratings, categories, interval
        See `gwet_ac1`.
    weights : str or array_like, (q, q)
        Partial agreement: a scale of `agreement_weights` or a symmetric matrix.

    Returns
    -------
    Coefficient
        At most 1; weights leave no least value. Else see `gwet_ac1`.

    Raises
    ------
    AgreementError, ValueError
        See `gwet_ac1`; ``ValueError`` also if the weights are none.

    References
    ----------
    Gwet (2014), ch. 3.

    Examples
    --------
    Four raters and twelve units, with gaps (Gwet 2014):

    >>> units = "11.1 2232 3333 3333 2222 1234 4444 1121 2222 .555 ..11 ..3.".split()
    >>> ratings = [[float(mark.replace(".", "nan")) for mark in unit] for unit in units]
    >>> round(float(gwet_ac2(ratings, "bipolar")), 3)
    0.9
    """

    def expected(shares: Array, weight: Array) -> Array:
        q = len(weight)
        if q <= 1:
            return np.ones(shares.shape[:-1])
        by_chance: Array = weight.sum() / (q * (q - 1)) * (shares * (1 - shares)).sum(axis=-1)
        return by_chance

    measure = by_shares(ratings, expected, weights=weights, categories=categories, undefined=_ONE)
    return measure.estimate(interval)


def brennan_prediger(
    ratings: ArrayLike,
    weights: Scale | ArrayLike = "identity",
    *,
    categories: ArrayLike | None = None,
    interval: Resampling | None = None,
) -> Coefficient:
    """Brennan and Prediger's coefficient: chance as if categories were drawn blindly.

    With two categories it is the prevalence- and bias-adjusted kappa (PABAK); with several
    coders Randolph's free-marginal kappa.

    Parameters
    ----------
    ratings, categories, interval
        See `gwet_ac1`.
    weights : str or array_like, (q, q)
        Partial agreement: a scale of `agreement_weights` or a symmetric matrix.

    Returns
    -------
    Coefficient
        At most 1, and without weights at least −1; ``nan`` with its reason where only one
        category is known.

    Raises
    ------
    AgreementError, ValueError
        See `gwet_ac2`.

    References
    ----------
    Brennan, R. L., & Prediger, D. J. (1981). Coefficient kappa: Some uses, misuses, and
    alternatives. Educational and Psychological Measurement 41(3), 687-699.
    Gwet (2014), ch. 2 and 3.

    Examples
    --------
    Four raters and twelve units, with gaps (Gwet 2014):

    >>> units = "11.1 2232 3333 3333 2222 1234 4444 1121 2222 .555 ..11 ..3.".split()
    >>> ratings = [[float(mark.replace(".", "nan")) for mark in unit] for unit in units]
    >>> round(float(brennan_prediger(ratings)), 3)
    0.773
    """

    def expected(shares: Array, weight: Array) -> Array:
        return np.full(shares.shape[:-1], weight.mean() if weight.size else 1.0)

    measure = by_shares(ratings, expected, weights=weights, categories=categories, undefined=_ONE)
    return measure.estimate(interval)
