"""What is measured of a machine against a person, on arrays: each with its interval.

κ, F1 and AC1 are the coefficients by which people are compared with each other, so that both
mean the same. Precision, recall, average precision and calibration take the person's word as
given, which a person's word is not: they stand beside the others, not above.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reflect_analysis.coefficients import (
    Coefficient,
    Resampling,
    cohen_kappa,
    gwet_ac1,
    positive_agreement,
)
from reflect_analysis.coefficients.measures import Measure, divide

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

__all__ = [
    "Calibration",
    "ReliabilityBin",
    "agreement_of",
    "average_precision",
    "calibration",
    "precision_and_recall",
]

PRESENCE = (0, 1)
BINS = 10


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Units whose probability lies in one part of [0, 1], and how many of them had the code.

    Parameters
    ----------
    low, high : float
        The part; the upper bound belongs to the next one, but for 1.
    units : int
    probability : float
        Mean of what the coder said.
    share : float
        Share of the units that had the code; near `probability` where the coder is calibrated.
    """

    low: float
    high: float
    units: int
    probability: float
    share: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Whether a coder's probabilities are as they should be.

    Parameters
    ----------
    brier : Coefficient
        Mean squared distance of the probability from 1 or 0, in [0, 1]; less is better.
    constant : float
        The same for always saying how often the code occurs: what is no better has learned
        nothing.
    bins : tuple of ReliabilityBin
        Those that hold a unit.

    References
    ----------
    Brier, G. W. (1950). Verification of forecasts expressed in terms of probability. Monthly
    Weather Review 78(1), 1-3.
    """

    brier: Coefficient
    constant: float
    bins: tuple[ReliabilityBin, ...]


def agreement_of(
    pair: Array, interval: Resampling | None = None
) -> tuple[Coefficient, Coefficient, Coefficient]:
    """F1, κ and AC1 of two coders, (n_units, 2) of 0 and 1."""
    return (
        positive_agreement(pair, interval=interval),
        cohen_kappa(pair, categories=PRESENCE, interval=interval),
        gwet_ac1(pair, categories=PRESENCE, interval=interval),
    )


def precision_and_recall(
    truth: Array, machine: Array, interval: Resampling | None = None
) -> tuple[Coefficient, Coefficient]:
    """Of what the machine found, how much is there; of what is there, how much it found.

    Parameters
    ----------
    truth, machine : ndarray, (n_units,)
        0 and 1.

    Examples
    --------
    >>> found = precision_and_recall(np.array([1.0, 1, 0, 0]), np.array([1.0, 0, 1, 0]))
    >>> [each.value for each in found]
    [0.5, 0.5]
    """
    both = truth * machine
    said = _share(both, machine, "the coder proposed it nowhere").estimate(interval)
    found = _share(both, truth, "the person found it nowhere").estimate(interval)
    return said, found


def _share(above: Array, below: Array, undefined: str) -> Measure:
    sums = np.column_stack([above, below])
    return Measure(sums, _quotient, len(sums), undefined, (0.0, 1.0))


def _quotient(totals: Array) -> Array:
    return divide(totals[..., 0], totals[..., 1])


def average_precision(
    truth: Array, scores: Array, interval: Resampling | None = None
) -> Coefficient:
    """Mean of the precision at every score, weighted by the recall that it adds.

    Parameters
    ----------
    truth : ndarray, (n_units,)
        0 and 1.
    scores : ndarray, (n_units,)
        The higher, the surer; units of one score come together.

    Returns
    -------
    Coefficient
        In [0, 1]; a coder that ranks by chance gets the share of units with the code.

    References
    ----------
    Boyd, K., Eng, K. H., & Page, C. D. (2013). Area under the precision-recall curve: Point
    estimates and confidence intervals. ECML PKDD 2013, 451-466.

    Examples
    --------
    >>> average_precision(np.array([1.0, 0, 1, 0]), np.array([0.9, 0.8, 0.7, 0.1])).value
    0.8333333333333333
    """
    order = np.argsort(-scores, kind="stable")
    # The last unit of each score: where a threshold could stand.
    last = np.append(np.diff(scores[order]) != 0, values=True)
    found = truth[order]

    def of(weights: Array) -> float:
        weight = weights[order]
        positives = np.cumsum(weight * found)[last]
        if positives[-1] <= 0:
            return float("nan")
        precision = divide(positives, np.cumsum(weight)[last])
        gained = np.diff(positives, prepend=0.0)
        return float((np.nan_to_num(precision) * gained).sum() / positives[-1])

    value = of(np.ones(len(truth))) if len(truth) else float("nan")
    if np.isnan(value):
        return Coefficient(value, len(truth), reason="the person found it nowhere")
    bounds = interval.of_weights(of, len(truth), bounds=(0.0, 1.0)) if interval else None
    return Coefficient(value, len(truth), bounds)


def calibration(
    truth: Array, probabilities: Array, interval: Resampling | None = None
) -> Calibration:
    """The Brier score and the reliability table of probabilities.

    Parameters
    ----------
    truth : ndarray, (n_units,)
        0 and 1.
    probabilities : ndarray, (n_units,)
        In [0, 1].

    Examples
    --------
    >>> found = calibration(np.array([1.0, 0, 0, 0]), np.array([0.9, 0.1, 0.1, 0.1]))
    >>> round(found.brier.value, 2), round(found.constant, 4)
    (0.01, 0.1875)
    >>> [(bin.units, round(bin.probability, 1), bin.share) for bin in found.bins]
    [(3, 0.1, 0.0), (1, 0.9, 1.0)]
    """
    apart = (probabilities - truth) ** 2
    brier = _share(apart, np.ones(len(truth)), "no unit").estimate(interval)
    share = float(truth.mean())
    place = np.minimum((probabilities * BINS + 1e-9).astype(int), BINS - 1)
    bins = tuple(
        ReliabilityBin(
            each / BINS,
            (each + 1) / BINS,
            int((place == each).sum()),
            float(probabilities[place == each].mean()),
            float(truth[place == each].mean()),
        )
        for each in np.unique(place).tolist()
    )
    return Calibration(brier, share * (1 - share), bins)
