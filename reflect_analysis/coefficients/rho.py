"""Shaffer's ρ, which asks whether the agreement of a test set holds for all the data.

Two coders agree on a sample. How often would a sample like it show that much agreement, or
more, if the coders did not agree well enough on the whole? Populations are simulated whose
κ lies below the threshold, each is sampled as the real one was, and ρ is the share of
samples that reach the observed κ. Written from the published description, without code of
the programs that compute ρ elsewhere.

Invariant: no simulated population's κ lies above the threshold.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reflect_analysis.coefficients.values import Coefficient, Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["shaffer_rho"]

_ROUNDING = 1e-9


def shaffer_rho(  # noqa: PLR0913  # the published procedure has these settings
    kappa: float,
    n_units: int,
    base_rate: float,
    *,
    threshold: float = 0.65,
    kappa_min: float = 0.4,
    precision: tuple[float, float] = (0.6, 1.0),
    inflation: float = 0.0,
    population: int = 10_000,
    replicates: int = 800,
    random_state: int = 0,
) -> Coefficient:
    """Shaffer's ρ for an observed Cohen's κ.

    Parameters
    ----------
    kappa : float
        Observed on the test set, in [−1, 1].
    n_units : int
        Units in the test set.
    base_rate : float
        Share of units that the first coder gave the code in **all** the data, in (0, 1);
        not that of an enriched test set.
    threshold : float
        The κ from which agreement would be good enough, in (0, 1). The convention with ρ
        is .65.
    kappa_min : float
        The least κ of the simulated populations, in [0, threshold].
    precision : tuple of float
        Range of the second coder's precision in them, in (0, 1].
    inflation : float
        Least share of the first coder's positives in the test set, in [0, 1): .2 if it was
        enriched so that at least a fifth were positive, 0 if it was drawn at random.
    population : int
        Units of each simulated population.
    replicates : int
        Populations, and samples: one from each.
    random_state : int
        Seed.

    Returns
    -------
    Coefficient
        ρ in [0, 1]: under .05, agreement at the threshold or above may be claimed for all
        the data. ``n_units`` is that of the test set; ``interval`` is the 95 % Wilson
        interval for the finite number of replicates and says nothing else. ``nan`` with its
        reason where κ is, or where no population or sample can be had as asked.

    Raises
    ------
    ValueError
        If a setting is out of its range.

    Notes
    -----
    1. Each population gets a κ drawn evenly from ``kappa_min`` to ``threshold`` and a
       precision drawn evenly from that part of its range with which κ and the base rate can
       be had; recall follows.
    2. From each, ``n_units`` are drawn without replacement: first, with inflation,
       ``ceil(inflation * n_units)`` of the first coder's positives, then the rest at random
       from what is left.
    3. ρ is the share of samples whose κ is at least the observed one, among samples that
       have a κ (one in which nobody used the code has none).

    ρ is an error rate over the whole range of populations, not at its upper end. If the
    true κ lies just below the threshold, ρ < .05 comes up far more often than in 5 % of
    samples: in 14 to 36 % of them in simulations with 40 to 200 units, base rates of .05 to
    .5 and the defaults here. ``kappa_min=threshold`` puts every population at the threshold
    and keeps about 5 % there (3 to 7 %, by precision).

    References
    ----------
    Shaffer, D. W. (2017). Quantitative Ethnography. Cathcart Press, chapter 4.
    Eagan, B. R., Rogers, B., Serlin, R., Ruis, A. R., Arastoopour Irgens, G., & Shaffer,
    D. W. (2017). Can we rely on IRR? Testing the assumptions of inter-rater reliability.
    Proceedings of CSCL 2017, 529-532.
    Eagan, B., Brohinsky, J., Wang, J., & Shaffer, D. W. (2020). Testing the reliability of
    inter-rater reliability. Proceedings of LAK20, 454-461.

    Examples
    --------
    >>> rho = shaffer_rho(0.9, 80, 0.2)
    >>> float(rho) < 0.05
    True
    >>> shaffer_rho(float("nan"), 80, 0.2).reason
    'the observed kappa is undefined'
    """
    _check(kappa, n_units, base_rate, population, replicates)
    _check_ranges(threshold, kappa_min, precision, inflation)
    if math.isnan(kappa):
        return _undefined(n_units, "the observed kappa is undefined")
    if n_units > population:
        return _undefined(n_units, f"the test set is larger than a population of {population}")
    random = np.random.default_rng(random_state)
    null = _Null(base_rate, kappa_min, threshold, precision, population)
    tables = null.draw(replicates, random)
    if tables is None:
        return _undefined(n_units, null.impossible)
    positives = math.ceil(inflation * n_units - _ROUNDING)
    available = round(base_rate * population)
    if positives > available:
        return _undefined(
            n_units,
            f"the test set takes {positives} positives, but a population of {population} "
            f"holds {available}",
        )
    found = _kappa(_sample(tables, n_units, positives, random))
    found = found[~np.isnan(found)]
    if len(found) == 0:
        return _undefined(n_units, "in no sample was the code used: it has no kappa")
    return _share(int((found >= kappa - _ROUNDING).sum()), len(found), n_units)


@dataclass(frozen=True, slots=True)
class _Null:
    """Populations in which agreement is not good enough."""

    base_rate: float
    kappa_min: float
    threshold: float
    precision: tuple[float, float]
    size: int

    @property
    def impossible(self) -> str:
        return (
            f"no population with a base rate of {self.base_rate:g} and a precision of at most "
            f"{self.precision[1]:g} has a kappa of {self.kappa_min:g} or more"
        )

    def draw(self, n: int, random: np.random.Generator) -> NDArray[np.int64] | None:
        """Counts of n populations, (n, 4): both, first only, second only, neither.

        With base rate b, precision p and recall r: κ = 2p − 2b over (p/r + 1 − 2b) … solved
        for r. Counts are rounded so that κ is not raised. None where there is no such
        population.
        """
        b, highest = self.base_rate, self.precision[1]
        # The κ at which the highest precision needs a recall of 1.
        reachable = 2 * (highest - b) / (1 + highest - 2 * b) if highest > b else 0.0
        if reachable < self.kappa_min:
            return None
        kappa = random.uniform(self.kappa_min, min(self.threshold, reachable), n)
        least = (2 * b + kappa - 2 * kappa * b) / (2 - kappa)  # recall of 1
        p = random.uniform(np.clip(least, self.precision[0], highest), highest)
        recall = kappa * p / (2 * p - 2 * b - kappa + 2 * kappa * b)
        positives = round(b * self.size)
        both = np.floor(np.minimum(recall, 1) * positives + _ROUNDING).astype(np.int64)
        second_only = np.ceil(both * (1 / p - 1) - _ROUNDING).astype(np.int64)
        second_only = np.minimum(second_only, self.size - positives)
        neither = self.size - positives - second_only
        return np.column_stack([both, positives - both, second_only, neither])


def _sample(
    tables: NDArray[np.int64], n: int, positives: int, random: np.random.Generator
) -> NDArray[np.int64]:
    """Counts in a sample of n from each population, (n_tables, 4), without replacement."""
    first = np.zeros_like(tables)
    if positives:
        first[:, 0] = random.hypergeometric(tables[:, 0], tables[:, 1], positives)
        first[:, 1] = positives - first[:, 0]
    rest = tables - first
    drawn = np.zeros_like(tables)
    left = np.full(len(tables), n - positives)
    for column in range(3):
        others = rest[:, column + 1 :].sum(axis=1)
        drawn[:, column] = random.hypergeometric(rest[:, column], others, left)
        left = left - drawn[:, column]
    drawn[:, 3] = left
    return first + drawn


def _kappa(tables: NDArray[np.int64]) -> NDArray[np.float64]:
    """Cohen's κ of 2×2 counts, (n, 4) → (n,); ``nan`` where one category alone was used."""
    both, first, second, neither = tables.T.astype(float)
    whole = (both + first) * (first + neither) + (both + second) * (second + neither)
    kappa: NDArray[np.float64] = (
        2 * (both * neither - first * second) / np.where(whole > 0, whole, np.nan)
    )
    return kappa


def _share(n: int, total: int, n_units: int) -> Coefficient:
    from reflect_analysis.coefficients.proportions import wilson_interval

    lower, upper = wilson_interval(n, total)
    return Coefficient(n / total, n_units, Interval(lower, upper, "wilson", value=n / total))


def _undefined(n_units: int, reason: str) -> Coefficient:
    return Coefficient(float("nan"), n_units, reason=reason)


def _check(kappa: float, n_units: int, base_rate: float, population: int, replicates: int) -> None:
    if abs(kappa) > 1:
        raise ValueError(f"expected kappa between -1 and 1, got {kappa!r}")
    if not 0 < base_rate < 1:
        raise ValueError(f"expected a base rate between 0 and 1, got {base_rate!r}")
    counts = {"n_units": n_units, "population": population, "replicates": replicates}
    for name, count in counts.items():
        if count < 1:
            raise ValueError(f"expected {name} of at least 1, got {count!r}")


def _check_ranges(
    threshold: float, kappa_min: float, precision: tuple[float, float], inflation: float
) -> None:
    if not 0 <= kappa_min <= threshold < 1:
        raise ValueError(
            "expected 0 <= kappa_min <= threshold < 1, got "
            f"kappa_min={kappa_min!r}, threshold={threshold!r}"
        )
    if not 0 < precision[0] <= precision[1] <= 1:
        raise ValueError(f"expected precision as (low, high) within (0, 1], got {precision!r}")
    if not 0 <= inflation < 1:
        raise ValueError(f"expected an inflation in [0, 1), got {inflation!r}")
