"""Agreement of two coders on nominal ratings.

Functions here know no corpus, codebook or project. An undefined statistic is ``nan`` with
its reason, never an exception and never a zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reflect_analysis.coefficients.values import Coefficient

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

__all__ = ["cohen_kappa", "percent_agreement", "positive_agreement"]


def percent_agreement(ratings: ArrayLike) -> Coefficient:
    """Share of units on which two coders agree.

    Parameters
    ----------
    ratings : array_like, (n_units, 2)
        NaN = not coded; a unit that only one coder rated leaves the computation.

    Returns
    -------
    Coefficient
        In [0, 1].

    Examples
    --------
    >>> float(percent_agreement([[1, 1], [0, 1], [0, 0], [1, float("nan")]]))
    0.6666666666666666
    """
    pairs = _complete(ratings)
    if len(pairs) == 0:
        return _undefined(0, "no unit was rated by both coders")
    return Coefficient(float((pairs[:, 0] == pairs[:, 1]).mean()), len(pairs))


def positive_agreement(ratings: ArrayLike) -> Coefficient:
    """Agreement on presence: twice the joint positives over all positives.

    Parameters
    ----------
    ratings : array_like, (n_units, 2)
        1 present, 0 absent, NaN = not coded.

    Returns
    -------
    Coefficient
        In [0, 1]; equal to Dice's coefficient and to F1.

    References
    ----------
    Cicchetti, D. V., & Feinstein, A. R. (1990). High agreement but low kappa: II. Resolving
    the paradoxes. Journal of Clinical Epidemiology 43(6), 551-558.

    Examples
    --------
    >>> float(positive_agreement([[1, 1], [0, 1], [0, 0]]))
    0.6666666666666666
    """
    pairs = _complete(ratings)
    first, second = pairs.T
    positives = float(first.sum() + second.sum())
    if positives == 0:
        return _undefined(len(pairs), "neither coder found the code in any unit")
    return Coefficient(2 * float(first @ second) / positives, len(pairs))


def cohen_kappa(ratings: ArrayLike) -> Coefficient:
    """Cohen's kappa of two coders on nominal ratings.

    Parameters
    ----------
    ratings : array_like, (n_units, 2)
        Numbers standing for categories; NaN = not coded. A unit that only one coder rated
        leaves the computation.

    Returns
    -------
    Coefficient
        In [−1, 1]; ``nan`` with its reason where both coders used one and the same category.

    References
    ----------
    Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and
    Psychological Measurement 20(1), 37-46.

    Examples
    --------
    Both yes 20, first only 5, second only 10, both no 15:

    >>> table = [[1, 1]] * 20 + [[1, 0]] * 5 + [[0, 1]] * 10 + [[0, 0]] * 15
    >>> round(float(cohen_kappa(table)), 4)
    0.4
    """
    import numpy as np

    pairs = _complete(ratings)
    if len(pairs) == 0:
        return _undefined(0, "no unit was rated by both coders")
    categories = np.unique(pairs)
    shares = (pairs[:, :, None] == categories).mean(axis=0)
    expected = float(shares[0] @ shares[1])
    if len(categories) == 1:
        return _undefined(len(pairs), "both coders gave every unit the same rating")
    observed = float((pairs[:, 0] == pairs[:, 1]).mean())
    return Coefficient((observed - expected) / (1 - expected), len(pairs))


def _complete(ratings: ArrayLike) -> NDArray[np.float64]:
    """The units that both coders rated, as (n_units, 2) floats."""
    import numpy as np

    table: NDArray[np.float64] = np.asarray(ratings, dtype=float)
    if table.size == 0:
        return np.empty((0, 2))
    if table.shape[1:] != (2,):
        raise ValueError(f"expected ratings of shape (n_units, 2), got {table.shape}")
    complete: NDArray[np.float64] = table[~np.isnan(table).any(axis=1)]
    return complete


def _undefined(n_units: int, reason: str) -> Coefficient:
    return Coefficient(float("nan"), n_units, reason=reason)
