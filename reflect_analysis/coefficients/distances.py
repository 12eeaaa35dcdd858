"""How far two categories are from one another, and weights of partial agreement.

Alpha counts disagreement by a distance, weighted kappas count agreement by a weight: one is
the other turned about, ``weight = 1 - distance / largest distance``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import numpy as np

from reflect_analysis.errors import AgreementError, did_you_mean

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

__all__ = ["Scale", "agreement_weights", "distances"]

Scale = Literal[
    "identity", "linear", "quadratic", "ordinal", "radical", "ratio", "circular", "bipolar"
]


def _identity(a: Array, b: Array) -> Array:
    return np.not_equal(a, b).astype(float)


def _linear(a: Array, b: Array) -> Array:
    return np.abs(a - b)


def _quadratic(a: Array, b: Array) -> Array:
    return (a - b) ** 2


def _radical(a: Array, b: Array) -> Array:
    return np.sqrt(np.abs(a - b))


def _ratio(a: Array, b: Array) -> Array:
    return _over((a - b) ** 2, (a + b) ** 2)


def _ordinal(a: Array, b: Array) -> Array:
    """Pairs of categories from one to the other, both included."""
    known = np.unique(a)
    apart = np.abs(np.searchsorted(known, a) - np.searchsorted(known, b))
    pairs: Array = apart * (apart + 1) / 2
    return pairs


def _circular(a: Array, b: Array) -> Array:
    apart: Array = np.sin(np.pi * (a - b) / (a.max() - a.min() + 1)) ** 2
    return apart


def _bipolar(a: Array, b: Array) -> Array:
    return _over((a - b) ** 2, (a + b - 2 * a.min()) * (2 * a.max() - a - b))


def _over(above: Array, below: Array) -> Array:
    """A quotient in which nothing over nothing is nothing: no distance to oneself."""
    quotient: Array = np.divide(above, below, out=np.zeros_like(above), where=below != 0)
    return quotient


_SCALES: dict[str, Callable[[Array, Array], Array]] = {
    "identity": _identity,
    "linear": _linear,
    "quadratic": _quadratic,
    "ordinal": _ordinal,
    "radical": _radical,
    "ratio": _ratio,
    "circular": _circular,
    "bipolar": _bipolar,
}


def distances(categories: Array, scale: str) -> Array:
    """Distances between numeric categories, (q, q); zero on the diagonal.

    Raises
    ------
    ValueError
        If the scale is unknown.
    AgreementError
        If a category is negative on a ratio scale.
    """
    if scale not in _SCALES:
        known = ", ".join(repr(name) for name in _SCALES)
        hint = did_you_mean(scale, _SCALES)
        raise ValueError(f"expected one of {known}, got {scale!r}{hint}")
    if scale == "ratio" and len(categories) and categories.min() < 0:
        raise AgreementError(
            f"category {categories.min():g}: a ratio scale starts at 0; use the interval level "
            "or quadratic weights for numbers below it"
        )
    if len(categories) == 0:
        return np.zeros((0, 0))
    a, b = np.meshgrid(categories, categories, indexing="ij")
    return _SCALES[scale](a, b)


def agreement_weights(categories: ArrayLike, weights: Scale | ArrayLike = "identity") -> Array:
    """Weights of partial agreement between categories.

    Parameters
    ----------
    categories : array_like, (q,)
        Numbers, ascending.
    weights : str or array_like, (q, q)
        A scale by name, on the categories' numbers ("ordinal": on their ranks), or the
        weights themselves.

    Returns
    -------
    ndarray, (q, q)
        In [0, 1], 1 on the diagonal.

    Raises
    ------
    ValueError
        If the scale is unknown, or a matrix is not one of weights.
    AgreementError
        If a category is negative on a ratio scale.

    References
    ----------
    Gwet, K. L. (2014). Handbook of inter-rater reliability (4th ed.). Advanced Analytics,
    ch. 3.

    Examples
    --------
    >>> agreement_weights([1, 2, 3], "linear")
    array([[1. , 0.5, 0. ],
           [0.5, 1. , 0.5],
           [0. , 0.5, 1. ]])
    """
    known = np.asarray(categories, dtype=float)
    if not isinstance(weights, str):
        return _checked(np.asarray(weights, dtype=float), len(known))
    apart = distances(known, weights)
    largest = apart.max(initial=0)
    return 1 - apart / largest if largest else np.ones_like(apart)


def _checked(weights: Array, q: int) -> Array:
    """The weights, if they are some."""
    if weights.shape != (q, q):
        raise ValueError(
            f"expected weights of shape ({q}, {q}) for {q} categories, got {weights.shape}; "
            "name all categories by `categories`"
        )
    if not (np.isfinite(weights).all() and weights.min() >= 0 and weights.max() <= 1):
        raise ValueError("expected weights from 0 (no agreement) to 1 (full agreement)")
    if (np.diag(weights) != 1).any():
        raise ValueError("expected weight 1 on the diagonal: a category agrees with itself")
    return weights
