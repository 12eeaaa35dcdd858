"""Prediction-powered inference for a share, on arrays."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from reflect_analysis.coefficients import Coefficient, Resampling
from reflect_analysis.coefficients.measures import Measure, divide

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

__all__ = ["prediction_powered_share"]


def prediction_powered_share(
    machine: npt.ArrayLike,
    people: npt.ArrayLike,
    *,
    clusters: Sequence[Hashable] | None = None,
    level: float = 0.95,
) -> Coefficient:
    """A machine's share, corrected by a random sample that people read.

    The mean of people in the sample, plus how far the machine's mean over all units lies from
    its mean in the sample, times a weight that makes the variance least (PPI++, with λ in
    [0, 1] tuned on the sample: 0 is the sample alone). Unbiased whatever the machine's errors.

    Parameters
    ----------
    machine : array_like, (n_units,)
        1 or 0, or a score in [0, 1], of every unit.
    people : array_like, (n_units,)
        In [0, 1]; NaN = not in the sample. The sample is random, and the machine has not
        learned from it.
    clusters : sequence of hashable, (n_units,), optional
        Whose each unit is; the interval leaves each out in turn (jackknife). Without it each
        unit stands for itself.
    level : float
        Confidence level in (0, 1).

    Returns
    -------
    Coefficient
        In [0, 1], with an interval for clusters like these; ``nan`` with the reason where
        nothing was sampled.

    Raises
    ------
    ValueError
        If the shapes differ, or a unit has no number from the machine.

    References
    ----------
    Angelopoulos, A. N., Duchi, J. C., & Zrnic, T. (2023). PPI++: Efficient prediction-powered
    inference. arXiv:2311.01453 (mean estimation and power tuning).
    Angelopoulos, A. N., Bates, S., Fannjiang, C., Jordan, M. I., & Zrnic, T. (2023).
    Prediction-powered inference. Science 382(6671), 669–674.

    Examples
    --------
    Eight units, four of them sampled. There people say 3 of 4 and the machine 2 of 4; over all
    it says 3 of 8. The covariance is 1/8, the variance 15/64, so λ = 8/15, and the estimate
    3/4 + 8/15 · (3/8 − 2/4):

    >>> nan = float("nan")
    >>> found = prediction_powered_share([1, 1, 0, 0, 1, 0, 0, 0], [1, 1, 1, 0, nan, nan, nan, nan])
    >>> round(found.value, 4)
    0.6833
    """
    said, true = np.asarray(machine, dtype=float), np.asarray(people, dtype=float)
    if said.ndim != 1 or said.shape != true.shape:
        raise ValueError(f"expected two arrays of one length, got {said.shape} and {true.shape}")
    if np.isnan(said).any():
        raise ValueError(f"{int(np.isnan(said).sum())} units have no number from the machine")
    sampled = ~np.isnan(true)
    y = np.where(sampled, true, 0.0)
    f = np.where(sampled, said, 0.0)
    sums = np.column_stack([np.ones(len(said)), said, said**2, sampled, y, f, y * f])
    measure = Measure(sums, _powered, int(sampled.sum()), "nothing was sampled", (0.0, 1.0))
    if not sampled.any():
        return Coefficient(float("nan"), 0, reason="nothing was sampled")
    return measure.estimate(Resampling(clusters, method="jackknife", level=level))


def _powered(totals: Array) -> Array:
    """The estimate from n, Σf, Σf² over all units and n, Σy, Σf, Σyf over the sample."""
    units, f_all, f_squares, n, y, f, yf = np.moveaxis(np.asarray(totals, dtype=float), -1, 0)
    mean = divide(f_all, units)
    variance = divide(f_squares, units) - mean**2
    covariance = divide(yf, n) - divide(y, n) * divide(f, n)
    # λ of the paper is this over 1 + n/N: there N counts the units without the sample.
    weight = np.clip(np.nan_to_num(divide(covariance, variance)), 0.0, 1.0)
    estimate: Array = divide(y, n) + weight * (mean - divide(f, n))
    return estimate
