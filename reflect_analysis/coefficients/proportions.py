"""Intervals of proportions."""

from __future__ import annotations

__all__ = ["wilson_interval"]


def wilson_interval(n: int, total: int, *, level: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a proportion.

    Parameters
    ----------
    n, total : int
        ``0 <= n <= total`` and ``total > 0``.
    level : float
        Confidence level in (0, 1).

    Returns
    -------
    tuple of float
        Lower and upper bound in [0, 1].

    Raises
    ------
    ValueError
        If the counts or the level are out of range.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical
    inference. Journal of the American Statistical Association 22(158), 209-212.

    Examples
    --------
    >>> [round(bound, 4) for bound in wilson_interval(3, 12)]
    [0.0889, 0.5323]
    """
    from scipy.stats import binomtest

    interval = binomtest(n, total).proportion_ci(confidence_level=level, method="wilson")
    return float(interval.low), float(interval.high)
