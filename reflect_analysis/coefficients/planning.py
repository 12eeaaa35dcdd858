"""How many units two coders must both code for an interval of a given width.

Studies are simulated at growing sizes and each gets the interval that the report would
print, the jackknife over clusters; the answer is the size from which most studies stay
within the width. Formulas exist for units that are independent of one another, which a
participant's passages are not.

Invariant: the answer holds whole clusters, and the same seed gives the same answer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["DoubleCodingPlan", "PlannedSize", "units_to_double_code"]

_Coefficient = Literal["kappa", "alpha"]

_LEAST = 20  # units: under them no interval deserves the name
_STEP = 1.25  # from one simulated size to the next
_CHUNK = 2_000_000  # counts in memory at once
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class PlannedSize:
    """What a double-coded sample of one size would give.

    Parameters
    ----------
    n_units, n_clusters : int
    width : float
        The interval is at most this wide in the asked share of studies (`assurance`);
        infinite where too many of them have no interval.
    median_width : float
    coverage : float
        Share of the intervals that hold the true agreement, in [0, 1].
    undefined : float
        Share of studies without an interval, in [0, 1]: the code was hardly found.
    """

    n_units: int
    n_clusters: int
    width: float
    median_width: float
    coverage: float
    undefined: float


@dataclass(frozen=True, slots=True)
class DoubleCodingPlan:
    """How many units to double-code; ``int()`` of it is the number.

    Parameters
    ----------
    n_units : int or None
        None where even the largest size tried does not do; `reason` says so.
    width : float
        The width asked for, from lower to upper bound.
    curve : tuple of PlannedSize
        All sizes tried, in order.
    reason : str
        Why there is no number; empty otherwise.
    """

    n_units: int | None
    width: float
    curve: tuple[PlannedSize, ...]
    reason: str = ""

    def __int__(self) -> int:
        if self.n_units is None:
            raise ValueError(self.reason)
        return self.n_units


def units_to_double_code(  # noqa: PLR0913  # each assumption of the plan is told by name
    width: float,
    *,
    prevalence: float,
    kappa: float,
    coefficient: _Coefficient = "kappa",
    cluster_size: int = 1,
    icc: float = 0.0,
    level: float = 0.95,
    assurance: float = 0.8,
    n_max: int = 5000,
    replicates: int = 1000,
    random_state: int = 0,
) -> DoubleCodingPlan:
    """Units to be coded by two coders so that the interval of a code is narrow enough.

    Parameters
    ----------
    width : float
        From lower to upper bound, in (0, 2].
    prevalence : float
        Share of units to which each coder gives the code, in (0, 1). Plan with the rarest
        code that matters.
    kappa : float
        The agreement expected, in [0, 1); α is the same where both coders find the code
        equally often, as is assumed.
    coefficient : {"kappa", "alpha"}
        Cohen's κ or Krippendorff's α (nominal).
    cluster_size : int
        Units of one participant.
    icc : float
        Intra-cluster correlation of one coder's codes, in [0, kappa]: how much alike a
        participant's passages are.
    level : float
        Of the interval, in (0, 1).
    assurance : float
        Share of studies whose interval must be narrow enough, in (0, 1).
    n_max : int
        The largest number of units to be tried.
    replicates : int
        Studies simulated at each size.
    random_state : int
        Seed.

    Returns
    -------
    DoubleCodingPlan

    Raises
    ------
    ValueError
        If an assumption is out of its range.

    Notes
    -----
    Each cluster has its own share of units that bear the code, from a beta distribution
    with mean `prevalence` and correlation `icc`; within it both coders draw the same
    judgement with a chance that makes the κ of all units what is asked. The interval is
    Student's t about the coefficient with the standard error of the jackknife over clusters
    (`Resampling`), cut at 1. Sizes grow by a quarter; between two of them the width is taken
    as falling with a power of the size.

    References
    ----------
    Bloch, D. A., & Kraemer, H. C. (1989). 2 × 2 kappa coefficients: measures of agreement
    or association. Biometrics 45(1), 269-287 (the standard error without clusters).
    Hughes, J. (2022). Toward improved inference for Krippendorff's alpha agreement
    coefficient. arXiv:2210.13265 (the jackknife).

    Examples
    --------
    >>> plan = units_to_double_code(0.3, prevalence=0.3, kappa=0.7, replicates=200)
    >>> 90 < int(plan) < 180
    True
    """
    _check_shares(width, prevalence, kappa, icc)
    _check_settings(level, assurance, cluster_size, n_max, replicates)
    if coefficient not in get_args(_Coefficient):
        raise ValueError(f"expected one of {get_args(_Coefficient)}, got {coefficient!r}")
    random = np.random.default_rng(random_state)
    studies = _Studies(prevalence, kappa, coefficient, cluster_size, icc, level)
    curve: list[PlannedSize] = []
    for n_clusters in _sizes(cluster_size, n_max):
        curve.append(studies.of_size(n_clusters, replicates, assurance, random))
        if len(curve) > 2 and all(each.width <= width for each in curve[-3:]):  # noqa: PLR2004  # three in a row are no accident
            break
    return _answer(width, tuple(curve), cluster_size)


@dataclass(frozen=True, slots=True)
class _Studies:
    """Studies of two coders, simulated."""

    prevalence: float
    kappa: float
    coefficient: _Coefficient
    cluster_size: int
    icc: float
    level: float

    def of_size(
        self, n_clusters: int, replicates: int, assurance: float, random: np.random.Generator
    ) -> PlannedSize:
        """What studies of that many clusters give."""
        rows = max(1, _CHUNK // (4 * n_clusters))
        bounds = np.concatenate(
            [
                self._intervals(n_clusters, min(rows, replicates - done), random)
                for done in range(0, replicates, rows)
            ]
        )
        widths = bounds[:, 1] - bounds[:, 0]
        defined = ~np.isnan(widths)
        inside = (bounds[:, 0] <= self.kappa) & (self.kappa <= bounds[:, 1])
        wide = np.where(defined, widths, np.inf)
        width, middle = np.quantile(wide, [assurance, 0.5], method="higher")
        return PlannedSize(
            n_clusters * self.cluster_size,
            n_clusters,
            float(width),
            float(middle),
            float(inside[defined].mean()) if defined.any() else float("nan"),
            float((~defined).mean()),
        )

    def _intervals(
        self, n_clusters: int, replicates: int, random: np.random.Generator
    ) -> NDArray[np.float64]:
        """Lower and upper bound in each study, (replicates, 2); ``nan`` where there is none."""
        return self.bounds(*self._tables(n_clusters, replicates, random))

    def bounds(self, tables: NDArray[np.int64], weights: NDArray[np.int64]) -> NDArray[np.float64]:
        """Jackknife intervals from clusters' 2×2 counts and how many clusters have them.

        (n, k, 4) and (n, k) → (n, 2); ``nan`` where one cluster decides whether there is a
        coefficient, and where no cluster changes it.
        """
        from scipy.stats import t

        n_clusters = weights.sum(axis=-1)
        total = (tables * weights[..., None]).sum(axis=-2)
        whole = self._value(total)
        left_out = np.where(weights > 0, self._value(total[:, None, :] - tables), 0.0)
        mean = (left_out * weights).sum(axis=-1) / n_clusters
        spread = (weights * (left_out - mean[:, None]) ** 2).sum(axis=-1)
        error = np.sqrt((n_clusters - 1) / n_clusters * spread)
        error = np.where(error > _ROUNDING, error, np.nan)
        reach = t.ppf((1 + self.level) / 2, n_clusters - 1) * error
        return np.column_stack([whole - reach, np.minimum(whole + reach, 1)])

    def _tables(
        self, n_clusters: int, replicates: int, random: np.random.Generator
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """2×2 counts of clusters, (replicates, k, 4), and how many clusters have them.

        Clusters of one unit are of four kinds only, so k is 4 and they are counted.
        """
        if self.cluster_size == 1:
            kinds = np.broadcast_to(np.eye(4, dtype=np.int64), (replicates, 4, 4))
            shares = self._shares(np.array(self.prevalence), self.kappa)
            return kinds, random.multinomial(n_clusters, shares, size=replicates)
        prevalence = self._prevalences((replicates, n_clusters), random)
        within = (self.kappa - self.icc) / (1 - self.icc)
        tables = random.multinomial(self.cluster_size, self._shares(prevalence, within))
        return tables, np.ones((replicates, n_clusters), dtype=np.int64)

    def _prevalences(
        self, shape: tuple[int, int], random: np.random.Generator
    ) -> NDArray[np.float64]:
        """Each cluster's own prevalence."""
        if self.icc == 0:
            return np.full(shape, self.prevalence)
        strength = (1 - self.icc) / self.icc
        return random.beta(self.prevalence * strength, (1 - self.prevalence) * strength, shape)

    def _shares(self, prevalence: NDArray[np.float64], kappa: float) -> NDArray[np.float64]:
        """Chances of both, first only, second only and neither, (..., 4)."""
        apart = prevalence * (1 - prevalence) * (1 - kappa)
        chances = np.stack([prevalence - apart, apart, apart, 1 - prevalence - apart], axis=-1)
        # Rounding leaves their sum beside 1, which `multinomial` refuses.
        shares: NDArray[np.float64] = chances / chances.sum(axis=-1, keepdims=True)
        return shares

    def _value(self, counts: NDArray[np.int64]) -> NDArray[np.float64]:
        """κ or α of 2×2 counts, (..., 4) → (...); ``nan`` where one category alone was used."""
        both, first, second, neither = np.moveaxis(counts.astype(float), -1, 0)
        n = both + first + second + neither
        if self.coefficient == "kappa":
            # 1 − κ: disagreement over what two independent coders would show.
            apart = n * (first + second)
            chance = (both + first) * (first + neither) + (both + second) * (second + neither)
        else:
            apart = (2 * n - 1) * (first + second)
            chance = (2 * both + first + second) * (2 * neither + first + second)
        value: NDArray[np.float64] = 1 - apart / np.where(chance > 0, chance, np.nan)
        return value


def _sizes(cluster_size: int, n_max: int) -> list[int]:
    """Numbers of clusters to be tried, each a quarter more than the one before."""
    least = max(2, math.ceil(_LEAST / cluster_size))
    most = n_max // cluster_size
    sizes = [min(least, most)]
    while sizes[-1] < most:
        sizes.append(min(most, max(sizes[-1] + 1, round(sizes[-1] * _STEP))))
    return sizes


def _answer(width: float, curve: tuple[PlannedSize, ...], cluster_size: int) -> DoubleCodingPlan:
    """The size from which all that were tried stay within the width."""
    enough = len(curve)
    while enough and curve[enough - 1].width <= width:
        enough -= 1
    if enough == len(curve):
        last = curve[-1]
        return DoubleCodingPlan(
            None,
            width,
            curve,
            f"{last.n_units} units give an interval {last.width:.3f} wide, wider than {width:g}: "
            "raise n_max, or settle for a wider one",
        )
    reached = curve[enough]
    n_units = float(reached.n_units)
    if enough and math.isfinite(curve[enough - 1].width):
        short = curve[enough - 1]
        share = math.log(short.width / width) / math.log(short.width / reached.width)
        n_units = short.n_units * (reached.n_units / short.n_units) ** share
    clusters = min(math.ceil(n_units / cluster_size - 1e-9), reached.n_clusters)
    return DoubleCodingPlan(clusters * cluster_size, width, curve)


def _check_shares(width: float, prevalence: float, kappa: float, icc: float) -> None:
    if not 0 < width <= 2:  # noqa: PLR2004  # from -1 to 1
        raise ValueError(f"expected a width in (0, 2], got {width!r}")
    if not 0 < prevalence < 1:
        raise ValueError(f"expected a prevalence between 0 and 1, got {prevalence!r}")
    if not 0 <= kappa < 1:
        raise ValueError(f"expected a kappa in [0, 1), got {kappa!r}")
    if not 0 <= icc <= kappa:
        raise ValueError(
            f"expected an icc between 0 and kappa, {kappa!r}, got {icc!r}: coders who share "
            "what is common to a cluster agree at least that well"
        )


def _check_settings(
    level: float, assurance: float, cluster_size: int, n_max: int, replicates: int
) -> None:
    for name, share in {"level": level, "assurance": assurance}.items():
        if not 0 < share < 1:
            raise ValueError(f"expected {name} between 0 and 1, got {share!r}")
    for name, count in {
        "cluster_size": cluster_size,
        "n_max": n_max,
        "replicates": replicates,
    }.items():
        if count < 1:
            raise ValueError(f"expected {name} of at least 1, got {count!r}")
    if n_max < 2 * cluster_size:
        raise ValueError(
            f"expected n_max of two clusters at least, {2 * cluster_size}, got {n_max!r}"
        )
