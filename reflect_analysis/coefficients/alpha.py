"""Krippendorff's alpha, for any number of coders, gaps and any level of measurement.

Disagreement is counted among the ratings that can be paired: a unit that only one coder
rated changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np

from reflect_analysis.coefficients.distances import distances
from reflect_analysis.coefficients.measures import (
    Measure,
    index_of,
    read_categories,
    read_ratings,
    refuse,
    tally,
    without,
)
from reflect_analysis.errors import did_you_mean

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from reflect_analysis.coefficients.resampling import Resampling
    from reflect_analysis.coefficients.values import Coefficient

    Array = NDArray[np.float64]
    Index = NDArray[np.intp]
    Distance = Callable[[float, float], float]

__all__ = [
    "Disagreement",
    "alpha_of",
    "krippendorff_alpha",
    "krippendorff_disagreement",
    "observed_in",
    "pairs_of",
    "per_pair",
]

Level = Literal["nominal", "ordinal", "interval", "ratio"]
_ROUNDING = 1e-12


def krippendorff_alpha(
    ratings: ArrayLike,
    level: Level | Distance = "nominal",
    *,
    interval: Resampling | None = None,
) -> Coefficient:
    """Krippendorff's alpha of any number of coders.

    Parameters
    ----------
    ratings : array_like, (n_units, n_coders)
        Numbers; NaN = not coded. A unit that fewer than two coders rated leaves.
    level : {"nominal", "ordinal", "interval", "ratio"} or callable
        How far two ratings disagree; a callable takes two ratings and gives a distance, at
        least 0, the same in both directions and 0 between equal ratings.
    interval : Resampling, optional
        How to find the interval; none without it.

    Returns
    -------
    Coefficient
        At most 1, 0 where coders agree as by chance; ``nan`` with its reason where all
        ratings that can be paired are the same.

    Raises
    ------
    AgreementError
        If there is one coder only, a rating is no finite number, or one on a ratio scale is
        negative.
    ValueError
        If the shape, the level or a distance is none.

    References
    ----------
    Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability. University of
    Pennsylvania, section C and D.
    Krippendorff, K. (2019). Content analysis: An introduction to its methodology (4th ed.).
    Sage, ch. 12.

    Examples
    --------
    Four observers and twelve units, with gaps (Krippendorff 2011):

    >>> from math import nan
    >>> observers = [
    ...     [1, 2, 3, 3, 2, 1, 4, 1, 2, nan, nan, nan],
    ...     [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, nan, 3],
    ...     [nan, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, nan],
    ...     [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, nan],
    ... ]
    >>> units = list(zip(*observers))
    >>> for level in ("nominal", "ordinal", "interval", "ratio"):
    ...     print(level, round(float(krippendorff_alpha(units, level)), 3))
    nominal 0.743
    ordinal 0.815
    interval 0.849
    ratio 0.797
    """
    return _disagreement(read_ratings(ratings), level).alpha.estimate(interval)


def krippendorff_disagreement(
    ratings: ArrayLike, level: Level | Distance = "nominal"
) -> tuple[float, float]:
    """Observed and expected disagreement; alpha is one minus their ratio.

    Parameters
    ----------
    ratings, level
        See `krippendorff_alpha`.

    Returns
    -------
    tuple of float
        In the units of the distance; ``nan`` where no unit was rated by two coders.

    Raises
    ------
    AgreementError, ValueError
        See `krippendorff_alpha`.

    References
    ----------
    Krippendorff (2011), section C.

    Examples
    --------
    >>> krippendorff_disagreement([[0, 0], [1, 1], [0, 1]])
    (0.3333333333333333, 0.6)
    """
    found = _disagreement(read_ratings(ratings), level)
    observed, expected = found.parts(np.nansum(found.sums, axis=0))
    return float(observed), float(expected)


class Disagreement(NamedTuple):
    """What units contribute to alpha, and what the totals give."""

    sums: Array  # (n_units, k); a row of nan could not be paired
    parts: Callable[[Array], tuple[Array, Array]]  # totals → observed, expected

    @property
    def alpha(self) -> Measure:
        """One minus observed over expected disagreement."""
        n_units = int((~np.isnan(self.sums)).all(axis=1).sum())
        return Measure(self.sums, self._alpha, n_units, bounds=(float("-inf"), 1.0))

    def _alpha(self, totals: Array) -> Array:
        return alpha_of(*self.parts(totals))


def alpha_of(observed: Array, expected: Array) -> Array:
    """One minus observed over expected disagreement; ``nan`` where none is expected."""
    nothing = np.full(np.shape(expected), np.nan)
    alpha: Array = 1 - np.divide(observed, expected, out=nothing, where=expected > 0)
    return alpha


def _of_categories(index: Index, apart: Array) -> Disagreement:
    """Disagreement of ratings given as places in a list of categories.

    Parameters
    ----------
    index : ndarray of int, (n_units, n_coders)
        −1 = not coded.
    apart : ndarray, (q, q)
        Distances between the categories.
    """
    units, one, two = pairs_of(index >= 0)
    apart_in_pairs = apart[index[units, one], index[units, two]]

    def parts(totals: Array) -> tuple[Array, Array]:
        counts = totals[..., 1:]
        expected = ((counts @ apart) * counts).sum(axis=-1)
        return per_pair(totals[..., 0], expected, counts.sum(axis=-1))

    counts = tally(index, len(apart))
    return _of_pairs(index >= 0, units, apart_in_pairs, [counts], parts)


def _disagreement(table: Array, level: Level | Distance) -> Disagreement:
    """By the level of measurement."""
    if level == "interval":
        return _of_numbers(table)
    categories = read_categories(table, None)
    index = index_of(table, categories)
    if level == "ordinal":
        return _of_ranks(index, len(categories))
    if callable(level):
        return _of_categories(index, _measured(categories, level))
    if level not in get_args(Level):
        named = ", ".join(repr(name) for name in get_args(Level))
        hint = did_you_mean(str(level), get_args(Level))
        raise ValueError(f"expected level {named} or a distance, got {level!r}{hint}")
    if level == "nominal":
        return _of_categories(index, distances(categories, "identity"))
    refuse(table, table < 0, "0 or more on a ratio scale, or the level 'interval'")
    return _of_categories(index, distances(categories, "ratio"))


def _of_numbers(table: Array) -> Disagreement:
    """By squared differences: sums of squares do, however many values there are."""
    present = ~np.isnan(table)
    paired = present & (present.sum(axis=1, keepdims=True) > 1)
    numbers = np.where(present, table - (table[paired].mean() if paired.any() else 0), 0)
    units, one, two = pairs_of(present)
    apart_in_pairs = (numbers[units, one] - numbers[units, two]) ** 2

    def parts(totals: Array) -> tuple[Array, Array]:
        n, first, second = (totals[..., column] for column in (1, 2, 3))
        expected = 2 * (n * second - first**2)
        # Of numbers that are all the same, rounding leaves a trace of their square.
        expected = np.where(expected > _ROUNDING * n * second, expected, 0)
        return per_pair(totals[..., 0], expected, n)

    powers = [(present * numbers**power).sum(axis=1) for power in (0, 1, 2)]
    return _of_pairs(present, units, apart_in_pairs, powers, parts)


def _of_ranks(index: Index, q: int) -> Disagreement:
    """By squared differences of mean ranks, which depend on how often each category occurs."""
    units, one, two = pairs_of(index >= 0)
    lower, upper = np.sort([index[units, one], index[units, two]], axis=0)
    met, column = np.unique(lower * q + upper, return_inverse=True)
    lower, upper = np.divmod(met, max(q, 1))
    coincidences = np.zeros((len(index), len(met)))
    np.add.at(coincidences, (units, column), 2 / _others(index >= 0)[units])

    def parts(totals: Array) -> tuple[Array, Array]:
        counts, met_in_pairs = totals[..., 1 : 1 + q], totals[..., 1 + q :]
        ranks = np.cumsum(counts, axis=-1) - counts / 2
        observed = (met_in_pairs * (ranks[..., lower] - ranks[..., upper]) ** 2).sum(axis=-1)
        n = counts.sum(axis=-1)
        expected = n * (counts * ranks**2).sum(axis=-1) - (counts * ranks).sum(axis=-1) ** 2
        return per_pair(observed, 2 * expected, n)

    paired = (index >= 0).sum(axis=1) > 1
    return Disagreement(without([paired, tally(index, q), coincidences], paired), parts)


def pairs_of(present: NDArray[np.bool_]) -> tuple[Index, Index, Index]:
    """Unit, coder and coder of each pair of ratings, each pair once."""
    n_coders = present.shape[1]
    once = np.triu(np.ones((n_coders, n_coders), dtype=bool), k=1)
    units, one, two = np.nonzero(present[:, :, None] & present[:, None, :] & once)
    return units, one, two


def _others(present: NDArray[np.bool_]) -> Array:
    """How many others each rating of a unit is paired with."""
    others: Array = np.maximum(present.sum(axis=1) - 1, 1).astype(float)
    return others


def _of_pairs(
    present: NDArray[np.bool_],
    units: Index,
    apart_in_pairs: Array,
    marginals: list[Array],
    parts: Callable[[Array], tuple[Array, Array]],
) -> Disagreement:
    """Each rating counts once, however many others it is paired with."""
    observed = observed_in(present, units, apart_in_pairs)
    return Disagreement(without([observed, *marginals], present.sum(axis=1) > 1), parts)


def observed_in(present: NDArray[np.bool_], units: Index, apart_in_pairs: Array) -> Array:
    """Disagreement in each unit, (n_units,), of its pairs of ratings."""
    observed = np.bincount(units, 2 * apart_in_pairs, minlength=len(present)).astype(float)
    return observed / _others(present)


def per_pair(observed: Array, expected: Array, n: Array) -> tuple[Array, Array]:
    """Sums over ratings and over pairs of ratings as means, ``nan`` without a rating."""
    n = np.where(n > 0, n, np.nan)
    return observed / n, expected / (n * (n - 1))


def _measured(categories: Array, distance: Distance) -> Array:
    """A distance given as a function, between all categories.

    Raises
    ------
    ValueError
        If it is none.
    """
    apart = np.array([[float(distance(a, b)) for b in categories] for a in categories])
    apart = apart.reshape(len(categories), len(categories))
    if not (np.isfinite(apart).all() and (apart >= 0).all()):
        raise ValueError("expected a distance of 0 or more between any two ratings")
    if np.diag(apart).any():
        raise ValueError("expected distance 0 between equal ratings")
    if not np.allclose(apart, apart.T):
        raise ValueError("expected the same distance in both directions")
    return apart
