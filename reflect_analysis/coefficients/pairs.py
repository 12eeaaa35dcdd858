"""Coders two by two: who agrees with whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from reflect_analysis.coefficients.kappa import cohen_kappa
from reflect_analysis.coefficients.measures import read_ratings

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from reflect_analysis.coefficients.values import Coefficient

__all__ = ["as_matrix", "pairwise"]


def pairwise(
    ratings: ArrayLike, coefficient: Callable[[NDArray[np.float64]], Coefficient] = cohen_kappa
) -> dict[tuple[int, int], Coefficient]:
    """A coefficient of each pair of coders.

    Parameters
    ----------
    ratings : array_like, (n_units, n_coders)
        Numbers standing for categories; NaN = not coded. Each pair has the units that both
        rated.
    coefficient : callable
        From ratings, (n_units, 2), to a `Coefficient`; settings are bound by
        `functools.partial`.

    Returns
    -------
    dict of (int, int) to Coefficient
        By the coders' columns, the lower first.

    Raises
    ------
    AgreementError
        If there is one coder only, or a rating is no finite number.
    ValueError
        If the shape is another.

    Examples
    --------
    >>> units = [[1, 1, 0], [0, 0, 0], [1, 1, 1], [0, 1, 0]]
    >>> {pair: round(float(kappa), 2) for pair, kappa in pairwise(units).items()}
    {(0, 1): 0.5, (0, 2): 0.5, (1, 2): 0.2}
    """
    table = read_ratings(ratings)
    every = combinations(range(table.shape[1]), 2)
    return {pair: coefficient(table[:, pair]) for pair in every}


def as_matrix(pairs: Mapping[tuple[int, int], Coefficient]) -> NDArray[np.float64]:
    """Pairwise coefficients as a symmetric matrix, (n_coders, n_coders).

    Parameters
    ----------
    pairs : mapping
        From `pairwise`.

    Returns
    -------
    ndarray
        1 on the diagonal, ``nan`` where undefined.

    Examples
    --------
    >>> as_matrix(pairwise([[1, 1, 0], [0, 0, 0], [1, 1, 1], [0, 0, 1]]))
    array([[1., 1., 0.],
           [1., 1., 0.],
           [0., 0., 1.]])
    """
    n = max((second for _, second in pairs), default=0) + 1
    matrix = np.eye(n)
    for (first, second), found in pairs.items():
        matrix[first, second] = matrix[second, first] = found.value
    return matrix
