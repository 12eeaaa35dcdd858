"""Agreement on sets of codes: several codes may stand on one unit.

A summary, second to the codes one by one: it rewards sets that share something, and hides
which code is the weak one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import numpy as np

from reflect_analysis.coefficients.alpha import of_categories
from reflect_analysis.coefficients.measures import PAIR
from reflect_analysis.errors import AgreementError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from reflect_analysis.coefficients.resampling import Resampling
    from reflect_analysis.coefficients.values import Coefficient

    Array = NDArray[np.float64]
    Sets = NDArray[np.bool_]
    SetDistance = Callable[[Sets, Sets], Array]

__all__ = ["jaccard_distance", "masi_distance", "set_alpha"]

_AXES = 3


def set_alpha(
    sets: ArrayLike,
    distance: Literal["masi", "jaccard"] | SetDistance = "masi",
    *,
    mask: ArrayLike | None = None,
    interval: Resampling | None = None,
) -> Coefficient:
    """Krippendorff's alpha on sets of codes.

    Parameters
    ----------
    sets : array_like of bool, (n_units, n_coders, n_codes)
        Which codes each coder gave each unit; none is the empty set.
    distance : {"masi", "jaccard"} or callable
        How far two sets disagree. A callable takes sets, (..., n_codes), twice, and gives
        distances, (...): at least 0, symmetric, 0 between equal sets.
    mask : array_like of bool, (n_units, n_coders), optional
        False = this coder did not read this unit; by default everybody read everything.
    interval : Resampling, optional
        How to find the interval; none without it.

    Returns
    -------
    Coefficient
        At most 1; ``nan`` with its reason where all sets that can be paired are the same.

    Raises
    ------
    AgreementError
        If there is one coder only, or the sets hold something else than presence.
    ValueError
        If a shape or the distance is none.

    References
    ----------
    Passonneau, R. (2006). Measuring agreement on set-valued items (MASI) for semantic and
    pragmatic annotation. Proceedings of LREC 2006, 831-836.

    Examples
    --------
    Nine units, the codes A, B and C:

    >>> first = ["", "A", "A", "A", "AB", "AB", "ABC", "C", "C"]
    >>> second = ["", "", "A", "B", "A", "AC", "ABC", "AC", "AC"]
    >>> sets = [[[code in one for code in "ABC"] for one in pair] for pair in zip(first, second)]
    >>> round(float(set_alpha(sets, "masi")), 4), round(float(set_alpha(sets, "jaccard")), 4)
    (0.2731, 0.3156)
    """
    table, read = _read(sets, mask)
    known, index = np.unique(table[read], axis=0, return_inverse=True)
    placed = np.full(read.shape, -1)
    placed[read] = index.ravel()
    return of_categories(placed, _apart(known, distance)).alpha.estimate(interval)


def jaccard_distance(one: ArrayLike, two: ArrayLike) -> Array:
    """One minus the share of codes in common; 0 between two empty sets.

    Parameters
    ----------
    one, two : array_like of bool, (..., n_codes)

    Returns
    -------
    ndarray, (...)
        In [0, 1].

    References
    ----------
    Jaccard, P. (1912). The distribution of the flora in the alpine zone. New Phytologist
    11(2), 37-50.

    Examples
    --------
    >>> float(jaccard_distance([True, True, False], [True, False, True]))
    0.6666666666666667
    """
    return 1 - _in_common(np.asarray(one, dtype=bool), np.asarray(two, dtype=bool))


def masi_distance(one: ArrayLike, two: ArrayLike) -> Array:
    """Jaccard's measure, lowered by how two sets meet; 0 between two empty sets.

    The share in common counts whole between equal sets, by 2/3 where one holds the other, by
    1/3 where they overlap, and not at all where they are apart.

    Parameters
    ----------
    one, two : array_like of bool, (..., n_codes)

    Returns
    -------
    ndarray, (...)
        In [0, 1].

    References
    ----------
    Passonneau (2006), see `set_alpha`.

    Examples
    --------
    {1, 2} and {1, 2, 3, 4}; {a, b} and {b, c}:

    >>> round(float(masi_distance([1, 1, 0, 0], [1, 1, 1, 1])), 4)
    0.6667
    >>> round(float(masi_distance([1, 1, 0], [0, 1, 1])), 4)
    0.8889
    """
    a, b = np.broadcast_arrays(np.asarray(one, dtype=bool), np.asarray(two, dtype=bool))
    equal = (a == b).all(axis=-1)
    holds = (a <= b).all(axis=-1) | (a >= b).all(axis=-1)
    meeting: Array = np.select([equal, holds], [1, 2 / 3], 1 / 3)
    return 1 - _in_common(a, b) * meeting


def _in_common(a: Sets, b: Sets) -> Array:
    """Codes in both sets over codes in either; all where there are none."""
    both = (a & b).sum(axis=-1).astype(float)
    either = (a | b).sum(axis=-1)
    share: Array = np.divide(both, either, out=np.ones_like(both), where=either > 0)
    return share


def _read(sets: ArrayLike, mask: ArrayLike | None) -> tuple[Sets, Sets]:
    """Sets and which of them were read, checked."""
    table = np.asarray(sets)
    if table.size == 0:
        table = table.reshape(0, PAIR, 1)
    if table.ndim != _AXES:
        raise ValueError(f"expected sets of shape (n_units, n_coders, n_codes), got {table.shape}")
    if table.shape[1] < PAIR:
        raise AgreementError(f"one coder: agreement needs two or more, got the shape {table.shape}")
    if table.dtype != bool and not np.isin(table, (0, 1)).all():
        raise AgreementError(
            "sets hold something else than True and False (or 1 and 0); "
            "say by `mask` which coder did not read which unit"
        )
    read = np.ones(table.shape[:2], dtype=bool) if mask is None else np.asarray(mask, dtype=bool)
    if read.shape != table.shape[:2]:
        raise ValueError(f"expected a mask of shape {table.shape[:2]}, got {read.shape}")
    return table.astype(bool), read


def _apart(known: Sets, distance: str | SetDistance) -> Array:
    """Distances between the sets that occur, (q, q)."""
    named: dict[str, Callable[[Sets, Sets], Array]] = {
        "masi": masi_distance,
        "jaccard": jaccard_distance,
    }
    measured = distance if callable(distance) else named.get(distance)
    if measured is None:
        raise ValueError(f"expected the distance 'masi', 'jaccard' or a function, got {distance!r}")
    # Row by row: all pairs of sets at once would take q × q × n_codes of memory.
    rows = [np.asarray(measured(one[None, :], known), dtype=float) for one in known]
    return np.array(rows).reshape(len(known), len(known))
