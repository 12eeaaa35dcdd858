"""How often coders agree, on what they agree, and how far their habits differ.

These are not corrected for chance; the counts behind every coefficient of a code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reflect_analysis.coefficients.measures import (
    NO_PAIR,
    PAIR,
    Measure,
    divide,
    index_of,
    read_categories,
    read_ratings,
    refuse,
    tally,
    without,
)
from reflect_analysis.coefficients.values import Coefficient

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from reflect_analysis.coefficients.resampling import Resampling

    Array = NDArray[np.float64]

__all__ = [
    "bias_index",
    "negative_agreement",
    "percent_agreement",
    "positive_agreement",
    "prevalence_index",
    "two_by_two",
]


def percent_agreement(ratings: ArrayLike, *, interval: Resampling | None = None) -> Coefficient:
    """Share of pairs of coders that agree, each unit counted once.

    Parameters
    ----------
    ratings : array_like, (n_units, n_coders)
        Numbers standing for categories; NaN = not coded. A unit that fewer than two coders
        rated leaves.
    interval : Resampling, optional
        How to find the interval; none without it.

    Returns
    -------
    Coefficient
        In [0, 1].

    Raises
    ------
    AgreementError
        If there is one coder only, or a rating is no finite number.
    ValueError
        If the shape is another.

    References
    ----------
    Gwet, K. L. (2014). Handbook of inter-rater reliability (4th ed.). Advanced Analytics,
    ch. 2 (units in which some ratings are missing).
    Artstein, R., & Poesio, M. (2008). Inter-coder agreement for computational linguistics.
    Computational Linguistics 34(4), 555-596.

    Examples
    --------
    Both 20, first only 10, second only 20, neither 50 (Artstein & Poesio 2008, p. 558):

    >>> units = [[1, 1]] * 20 + [[1, 0]] * 10 + [[0, 1]] * 20 + [[0, 0]] * 50
    >>> float(percent_agreement(units))
    0.7
    """
    table = read_ratings(ratings)
    categories = read_categories(table, None)
    counts = tally(index_of(table, categories), len(categories))
    n = counts.sum(axis=1)
    paired = n >= PAIR
    agree = divide((counts * (counts - 1)).sum(axis=1), n * (n - 1))
    sums = without([agree, paired], paired)
    return Measure(sums, _share, int(paired.sum()), bounds=(0, 1)).estimate(interval)


def positive_agreement(ratings: ArrayLike, *, interval: Resampling | None = None) -> Coefficient:
    """Positive agreement: when a coder found it, how often did another.

    Parameters
    ----------
    ratings : array_like, (n_units, n_coders)
        1 present, 0 absent, NaN = not coded. A unit that fewer than two coders rated leaves.
    interval : Resampling, optional
        How to find the interval; none without it.

    Returns
    -------
    Coefficient
        In [0, 1]; with two coders twice the joint positives over all positives, which is
        Dice's coefficient and F1. ``nan`` where nobody found it.

    Raises
    ------
    AgreementError
        If there is one coder only, or a rating is neither 0 nor 1.
    ValueError
        If the shape is another.

    References
    ----------
    Cicchetti, D. V., & Feinstein, A. R. (1990). High agreement but low kappa: II. Resolving
    the paradoxes. Journal of Clinical Epidemiology 43(6), 551-558.
    de Vet, H. C. W., Dikmans, R. E., & Eekhout, I. (2017). Specific agreement on dichotomous
    outcomes can be calculated for more than two raters. Journal of Clinical Epidemiology
    83, 85-89.

    Examples
    --------
    Both 80, first only 10, second only 5, neither 5: 85 % of the units and a kappa of only
    0.32, the paradox of Feinstein & Cicchetti (1990, J. Clin. Epidemiol. 43(6), 543-549).
    Twice 80 over 90 + 85 says that presence is agreed on, twice 5 over 10 + 15 that absence
    is not:

    >>> units = [[1, 1]] * 80 + [[1, 0]] * 10 + [[0, 1]] * 5 + [[0, 0]] * 5
    >>> round(float(positive_agreement(units)), 3), round(float(negative_agreement(units)), 3)
    (0.914, 0.4)
    """
    return _specific(ratings, 1, "no coder found the code in any unit").estimate(interval)


def negative_agreement(ratings: ArrayLike, *, interval: Resampling | None = None) -> Coefficient:
    """Negative agreement: when a coder did not find it, how often did another not.

    Parameters
    ----------
    ratings, interval
        See `positive_agreement`.

    Returns
    -------
    Coefficient
        In [0, 1]; ``nan`` where everybody found it everywhere.

    Raises
    ------
    AgreementError, ValueError
        See `positive_agreement`.

    References
    ----------
    See `positive_agreement`, which has the example.
    """
    return _specific(ratings, 0, "every coder found the code in every unit").estimate(interval)


def prevalence_index(ratings: ArrayLike) -> Coefficient:
    """Joint presence less joint absence, as a share of the units.

    Far from 0, kappa is low however well two coders agree.

    Parameters
    ----------
    ratings : array_like, (n_units, 2)
        1 present, 0 absent, NaN = not coded.

    Returns
    -------
    Coefficient
        In [−1, 1]; positive where presence prevails.

    Raises
    ------
    AgreementError
        If a rating is neither 0 nor 1.
    ValueError
        If the shape is another.

    References
    ----------
    Byrt, T., Bishop, J., & Carlin, J. B. (1993). Bias, prevalence and kappa. Journal of
    Clinical Epidemiology 46(5), 423-429.

    Examples
    --------
    The paradox of Feinstein & Cicchetti (1990, J. Clin. Epidemiol. 43(6), 543-549): both 80,
    first only 10, second only 5, neither 5. The printed kappa, 0.32, follows from both
    indices and from 2 × 0.85 − 1, the kappa adjusted for them (Byrt et al. 1993):

    >>> units = [[1, 1]] * 80 + [[1, 0]] * 10 + [[0, 1]] * 5 + [[0, 0]] * 5
    >>> prevalence, bias = float(prevalence_index(units)), float(bias_index(units))
    >>> prevalence, bias
    (0.75, 0.05)
    >>> indices = bias**2 - prevalence**2
    >>> round((2 * 0.85 - 1 + indices) / (1 + indices), 2)
    0.32
    """
    both, first, second, neither = two_by_two(ratings)
    return _share_of(both - neither, both + first + second + neither)


def bias_index(ratings: ArrayLike) -> Coefficient:
    """How much more often the first coder found it, as a share of the units.

    Parameters
    ----------
    ratings : array_like, (n_units, 2)
        1 present, 0 absent, NaN = not coded.

    Returns
    -------
    Coefficient
        In [−1, 1]; negative where the second coder found it more often.

    Raises
    ------
    AgreementError, ValueError
        See `prevalence_index`.

    References
    ----------
    See `prevalence_index`, which has the example.
    """
    both, first, second, neither = two_by_two(ratings)
    return _share_of(first - second, both + first + second + neither)


def two_by_two(ratings: ArrayLike) -> tuple[int, int, int, int]:
    """Units that both coders, the first only, the second only, neither found.

    Parameters
    ----------
    ratings : array_like, (n_units, 2)
        1 present, 0 absent, NaN = not coded; a unit that only one rated leaves.

    Returns
    -------
    tuple of int

    Raises
    ------
    AgreementError, ValueError
        See `prevalence_index`.

    Examples
    --------
    >>> two_by_two([[1, 1], [1, 0], [1, 0], [0, 1], [0, 0], [1, float("nan")]])
    (1, 2, 1, 1)
    """
    table = _read_presence(ratings, coders=2)
    first, second = table[~np.isnan(table).any(axis=1)].T
    both, total = int(first @ second), len(first)
    first_only, second_only = int(first.sum()) - both, int(second.sum()) - both
    return both, first_only, second_only, total - both - first_only - second_only


def _specific(ratings: ArrayLike, category: int, undefined: str) -> Measure:
    """Agreement on one of two categories."""
    table = _read_presence(ratings)
    present = ~np.isnan(table)
    n, found = present.sum(axis=1), (table == category).sum(axis=1)
    sums = without([found * (found - 1), found * (n - 1)], n >= PAIR)
    return Measure(sums, _share, int((n >= PAIR).sum()), undefined, (0, 1))


def _share(totals: Array) -> Array:
    return divide(totals[..., 0], totals[..., 1])


def _read_presence(ratings: ArrayLike, *, coders: int | None = None) -> Array:
    """Ratings of presence and absence."""
    table = read_ratings(ratings, coders=coders)
    refuse(table, ~np.isnan(table) & ~np.isin(table, (0, 1)), "1 (present) or 0 (absent)")
    return table


def _share_of(difference: int, n_units: int) -> Coefficient:
    if n_units == 0:
        return Coefficient(float("nan"), 0, reason=NO_PAIR)
    return Coefficient(difference / n_units, n_units)
