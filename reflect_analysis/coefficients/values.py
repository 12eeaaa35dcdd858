"""What a coefficient gives back: its value with its interval, or the reason why it has none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Coefficient", "Interval"]


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval, and how far it can be trusted.

    It unpacks into its bounds: ``lower, upper = interval``.

    Parameters
    ----------
    lower, upper : float
        Both ``nan`` where there is no interval; `reason` says why.
    method : str
        ``"bca"``, ``"percentile"``, ``"jackknife"`` or ``"linear"``.
    level : float
        Confidence level in (0, 1).
    n_clusters : int
        Independent units that were drawn again, or left out in turn.
    draws : ndarray, (n_draws,), optional
        The statistic in every draw in which it is defined; none without a bootstrap.
    n_undefined : int
        Draws in which the statistic is undefined.
    value, standard_error : float
        Of the statistic; the standard error is the jackknife's, or for ``"linear"`` its own.
    reason : str
        Why there is no interval; empty otherwise.

    Examples
    --------
    >>> interval = Interval(0.5, 0.7, "jackknife", n_clusters=30, value=0.6, standard_error=0.05)
    >>> lower, upper = interval
    >>> round(interval.share_below(0.667), 3)
    0.905
    """

    lower: float
    upper: float
    method: str
    level: float = 0.95
    n_clusters: int = 0
    draws: NDArray[np.float64] | None = field(default=None, repr=False, compare=False)
    n_undefined: int = 0
    value: float = float("nan")
    standard_error: float = float("nan")
    reason: str = ""

    def __iter__(self) -> Iterator[float]:
        yield self.lower
        yield self.upper

    def share_below(self, bound: float) -> float:
        """How much of the resampling distribution lies below a bound, in [0, 1].

        The share of the draws below it, or without draws Student's t about the value with
        ``n_clusters - 1`` degrees of freedom; ``nan`` where there is no interval.
        """
        if self.reason:
            return float("nan")
        if self.draws is not None:
            return float((self.draws < bound).mean())
        from scipy.special import stdtr

        return float(stdtr(self.n_clusters - 1, (bound - self.value) / self.standard_error))


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A statistic with its interval, or the reason why it is undefined.

    Parameters
    ----------
    value : float
        ``nan`` where undefined.
    n_units : int
        Units that entered.
    interval : Interval, optional
        Where one was asked for.
    reason : str
        Why the value is ``nan``; empty otherwise.
    """

    value: float
    n_units: int
    interval: Interval | None = None
    reason: str = ""

    def __float__(self) -> float:
        return self.value
