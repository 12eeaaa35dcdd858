"""What a coefficient gives back: its value with its interval, or the reason why it has none."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Coefficient"]


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A statistic with its interval, or the reason why it is undefined.

    Parameters
    ----------
    value : float
        ``nan`` where undefined.
    n_units : int
        Units that entered.
    interval : tuple of float, optional
        Lower and upper bound.
    reason : str
        Why the value is ``nan``; empty otherwise.
    """

    value: float
    n_units: int
    interval: tuple[float, float] | None = None
    reason: str = ""

    def __float__(self) -> float:
        return self.value
