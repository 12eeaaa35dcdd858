"""Ratings as the coefficients read them, and a coefficient as sums over units.

Every coefficient here is a function of totals to which each unit contributes. So one
interval serves them all (`resampling`), and a coefficient is three things: what a unit
contributes, what the totals give, and why that may be undefined.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from reflect_analysis.coefficients.resampling import ANY
from reflect_analysis.coefficients.values import Coefficient
from reflect_analysis.errors import AgreementError, raise_all

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from reflect_analysis.coefficients.resampling import Resampling

    Array = NDArray[np.float64]

__all__ = [
    "CONSTANT",
    "NO_PAIR",
    "PAIR",
    "Measure",
    "chance_corrected",
    "divide",
    "index_of",
    "read_categories",
    "read_ratings",
    "refuse",
    "spread",
    "tally",
    "without",
]

NO_PAIR = "no unit was rated by two coders"
CONSTANT = "every rating is the same: nothing was told apart"
PAIR = 2  # Coders that it takes to agree.
_FEWEST_SHOWN = 5
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Measure:
    """A coefficient of certain ratings.

    Parameters
    ----------
    sums : ndarray, (n_units, k)
        What each unit contributes; a row of ``nan`` did not enter.
    value : callable
        From totals, (..., k), to the coefficient, (...); ``nan`` where undefined.
    n_units : int
        Units that two coders or more rated.
    undefined : str
        Why the coefficient is ``nan`` although units were rated by two coders.
    bounds : tuple of float
        The coefficient's range.
    """

    sums: Array
    value: Callable[[Array], Array]
    n_units: int
    undefined: str = CONSTANT
    bounds: tuple[float, float] = ANY

    def estimate(self, interval: Resampling | None = None) -> Coefficient:
        """The value with its interval, or the reason why there is none."""
        entered = self.sums[~np.isnan(self.sums).any(axis=1)]
        value = float(self.value(entered.sum(axis=0)))
        if self.n_units == 0 or np.isnan(value):
            reason = self.undefined if self.n_units else NO_PAIR
            return Coefficient(float("nan"), self.n_units, reason=reason)
        if interval is None:
            return Coefficient(value, self.n_units)
        found = interval.of_sums(self.sums, self.value, bounds=self.bounds)
        return Coefficient(value, self.n_units, found)


def read_ratings(ratings: ArrayLike, *, coders: int | None = None) -> Array:
    """Ratings as (n_units, n_coders) floats, NaN = not coded.

    Raises
    ------
    AgreementError
        If there is one coder only, or a rating is not a finite number.
    ValueError
        If the shape is another.
    """
    table = _as_numbers(ratings)
    if table.size == 0:
        return np.empty((0, coders or PAIR))
    if table.ndim != PAIR or (coders is not None and table.shape[1] > coders):
        wanted = "n_coders" if coders is None else f"{coders}"
        several = "" if coders is None else "; for several coders see `pairwise` or an alpha"
        raise ValueError(
            f"expected ratings of shape (n_units, {wanted}), got {table.shape}{several}"
        )
    if table.shape[1] == 1:
        raise AgreementError(
            "one coder: agreement needs the ratings of two or more, in columns, "
            f"got the shape {table.shape}"
        )
    refuse(table, np.isinf(table), "a finite number, or nan where it was not coded")
    return table


def refuse(table: Array, faulty: NDArray[np.bool_], expected: str) -> None:
    """Raise `AgreementError` with the place of each faulty rating."""
    places = np.argwhere(faulty)
    faults = [
        f"unit {unit}, coder {coder}: {table[unit, coder]:g}; expected {expected}"
        for unit, coder in places[:_FEWEST_SHOWN]
    ]
    if len(places) > _FEWEST_SHOWN:
        faults.append(f"and {len(places) - _FEWEST_SHOWN} more ratings")
    raise_all(AgreementError, faults)


def _as_numbers(ratings: ArrayLike) -> Array:
    """As floats; words stand for no number."""
    try:
        return np.asarray(ratings, dtype=float)
    except (TypeError, ValueError):
        pass
    try:
        shape = np.shape(ratings)
    except ValueError:
        raise ValueError("expected as many coders in each unit; mark a gap by nan") from None
    raise AgreementError(
        f"ratings of shape {shape} are not all numbers; number the categories, and mark by nan "
        "what was not coded"
    )


def read_categories(table: Array, categories: ArrayLike | None) -> Array:
    """The categories in ascending order: those that occur, or those that could.

    Raises
    ------
    AgreementError
        If a rating is none of the categories given.
    """
    found = np.unique(table[~np.isnan(table)])
    if categories is None:
        return found
    known: Array = np.unique(np.asarray(categories, dtype=float))
    named = ", ".join(f"{category:g}" for category in known)
    refuse(table, ~np.isnan(table) & ~np.isin(table, known), f"one of the categories {named}")
    return known


def index_of(table: Array, categories: Array) -> NDArray[np.intp]:
    """The place of each rating among the categories; −1 = not coded."""
    index = np.searchsorted(categories, np.where(np.isnan(table), -np.inf, table))
    placed: NDArray[np.intp] = np.where(np.isnan(table), -1, index)
    return placed


def tally(index: NDArray[np.intp], n_categories: int) -> Array:
    """How many coders gave each unit each category, (n_units, n_categories)."""
    counts = np.zeros((len(index), n_categories))
    units, coders = np.nonzero(index >= 0)
    np.add.at(counts, (units, index[units, coders]), 1)
    return counts


def without(sums: Sequence[NDArray[Any]], entered: NDArray[np.bool_]) -> Array:
    """Columns of contributions, ``nan`` in units that did not enter."""
    table = np.column_stack(sums).astype(float)
    table[~entered] = np.nan
    return table


def spread(sums: Sequence[NDArray[Any]], entered: NDArray[np.bool_]) -> Array:
    """Columns of contributions of the units that entered, ``nan`` in the others."""
    columns = np.column_stack(sums)
    table = np.full((len(entered), columns.shape[1]), np.nan)
    table[entered] = columns
    return table


def divide(above: Array, below: Array) -> Array:
    """A quotient; ``nan`` over nothing."""
    above, below = np.broadcast_arrays(np.asarray(above, dtype=float), below)
    nothing = np.full(above.shape, np.nan)
    quotient: Array = np.divide(above, below, out=nothing, where=np.abs(below) > _ROUNDING)
    return quotient


def chance_corrected(observed: Array, expected: Array) -> Array:
    """Agreement beyond chance over what was left to chance; ``nan`` where nothing was."""
    return divide(observed - expected, 1 - np.asarray(expected))
