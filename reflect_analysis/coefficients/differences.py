"""Two groups, or the same people twice: differences of proportions where people are few.

Counts are counts of *participants*: passages of one person are no independent observations.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

from reflect_analysis.coefficients.values import Coefficient

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "adjusted_p_values",
    "boschloo_p",
    "fisher_mid_p",
    "fisher_p",
    "jeffreys_interval",
    "mcnemar_mid_p",
    "mcnemar_p",
    "newcombe_interval",
    "permutation_p",
    "probability_of_more",
]


def newcombe_interval(
    n1: int, total1: int, n2: int, total2: int, *, level: float = 0.95
) -> tuple[float, float]:
    """Newcombe's hybrid score interval of the difference of two independent proportions.

    Parameters
    ----------
    n1, total1, n2, total2 : int
        ``0 <= n <= total`` and ``total > 0`` in each group.
    level : float
        Confidence level in (0, 1).

    Returns
    -------
    tuple of float
        Bounds of ``n1 / total1 - n2 / total2``, in [-1, 1].

    Raises
    ------
    ValueError
        If the counts or the level are out of range.

    References
    ----------
    Newcombe, R. G. (1998). Interval estimation for the difference between independent
    proportions: comparison of eleven methods. Statistics in Medicine 17(8), 873-890 (method
    10, p. 876).

    Examples
    --------
    >>> [round(bound, 4) for bound in newcombe_interval(8, 10, 3, 12)]
    [0.1308, 0.7656]
    """
    _check(n1, total1, level)
    _check(n2, total2, level)
    from statsmodels.stats.proportion import confint_proportions_2indep

    low, high = confint_proportions_2indep(
        n1, total1, n2, total2, method="newcomb", compare="diff", alpha=1 - level
    )
    return float(low), float(high)


def jeffreys_interval(n: int, total: int, *, level: float = 0.95) -> tuple[float, float]:
    """Jeffreys' interval of a proportion: the equal-tailed one of a Beta(1/2, 1/2) prior.

    At n = 0 the lower bound is 0 and at n = total the upper is 1, as its authors recommend.

    References
    ----------
    Brown, L. D., Cai, T. T., & DasGupta, A. (2001). Interval estimation for a binomial
    proportion. Statistical Science 16(2), 101-133 (p. 108).

    Examples
    --------
    >>> [round(bound, 4) for bound in jeffreys_interval(3, 12)]
    [0.0759, 0.5292]
    """
    _check(n, total, level)
    from scipy.stats import beta

    tail = (1 - level) / 2
    posterior = beta(n + 0.5, total - n + 0.5)
    low = 0.0 if n == 0 else float(posterior.ppf(tail))
    high = 1.0 if n == total else float(posterior.ppf(1 - tail))
    return low, high


def fisher_p(n1: int, total1: int, n2: int, total2: int) -> float:
    """Fisher's exact test of two independent proportions, two-sided, in [0, 1].

    References
    ----------
    Agresti, A. (2013). Categorical Data Analysis (3rd ed.), section 3.5.

    Examples
    --------
    >>> round(fisher_p(8, 10, 1, 10), 4)
    0.0055
    """
    from scipy.stats import fisher_exact

    return float(fisher_exact(_in_columns(n1, total1, n2, total2)).pvalue)


def fisher_mid_p(n1: int, total1: int, n2: int, total2: int) -> float:
    """Fisher's test with half of the probability of the observed table: less conservative.

    References
    ----------
    Lancaster, H. O. (1961). Significance tests in discrete distributions. Journal of the
    American Statistical Association 56(294), 223-234.

    Examples
    --------
    >>> round(fisher_mid_p(8, 10, 1, 10), 4)
    0.0028
    """
    _in_columns(n1, total1, n2, total2)
    import numpy as np
    from scipy.stats import hypergeom

    both = n1 + n2
    if both in {0, total1 + total2}:
        return 1.0  # no other table was possible
    tables = hypergeom(total1 + total2, both, total1)
    possible = np.arange(max(0, both - total2), min(total1, both) + 1)
    chances, observed = tables.pmf(possible), tables.pmf(n1)
    tied = np.isclose(chances, observed, rtol=1e-9)
    return float(min(1.0, chances[(chances < observed) & ~tied].sum() + chances[tied].sum() / 2))


def boschloo_p(n1: int, total1: int, n2: int, total2: int) -> float:
    """Boschloo's exact test of two independent proportions, two-sided, in [0, 1].

    Uniformly more powerful than Fisher's, whose p it takes as its statistic.

    References
    ----------
    Boschloo, R. D. (1970). Raised conditional level of significance for the 2 × 2-table when
    testing the equality of two probabilities. Statistica Neerlandica 24(1), 1-9.

    Examples
    --------
    >>> round(boschloo_p(8, 10, 1, 10), 4)
    0.0026
    """
    from scipy.stats import boschloo_exact

    table = _in_columns(n1, total1, n2, total2)
    if n1 + n2 in {0, total1 + total2}:
        return 1.0  # a table without variation, for which scipy gives nan
    return float(boschloo_exact(table).pvalue)


def probability_of_more(n1: int, total1: int, n2: int, total2: int) -> Coefficient:
    """How probable it is that the first proportion is the larger one, in plain words' stead.

    Under independent Beta(1/2, 1/2) priors, by quadrature.

    Returns
    -------
    Coefficient
        In [0, 1]; `n_units` is the number of people in both groups.

    References
    ----------
    Gelman, A., et al. (2013). Bayesian Data Analysis (3rd ed.), section 2.4.
    """
    _in_columns(n1, total1, n2, total2)
    import numpy as np
    from scipy.integrate import quad
    from scipy.special import betaincc, betaln, xlogy

    # The functions under scipy.stats.beta, which spends fifty times as long on checks.
    first, second = (n1 + 0.5, total1 - n1 + 0.5), (n2 + 0.5, total2 - n2 + 0.5)

    def at(angle: float) -> float:
        """Over the angle whose squared sine is the second proportion, no density has a pole."""
        share = np.sin(angle) ** 2
        weight = xlogy(second[0] - 0.5, share) + xlogy(second[1] - 0.5, 1 - share)
        return float(betaincc(*first, share) * 2 * np.exp(weight - betaln(*second)))

    steep = {float(np.arcsin(np.sqrt(n / total))) for n, total in ((n1, total1), (n2, total2))}
    value, _ = quad(at, 0.0, np.pi / 2, points=sorted(steep), limit=200)
    return Coefficient(min(1.0, max(0.0, value)), total1 + total2)


def mcnemar_p(gained: int, lost: int) -> float:
    """McNemar's exact test on people seen twice, two-sided, in [0, 1].

    Parameters
    ----------
    gained, lost : int
        People who changed the one way and the other; those who did not change do not enter.

    References
    ----------
    McNemar, Q. (1947). Note on the sampling error of the difference between correlated
    proportions or percentages. Psychometrika 12(2), 153-157.

    Examples
    --------
    >>> round(mcnemar_p(8, 1), 4), round(mcnemar_p(5, 0), 4)
    (0.0391, 0.0625)
    """
    _check_changes(gained, lost)
    from statsmodels.stats.contingency_tables import mcnemar

    return float(mcnemar([[0, gained], [lost, 0]], exact=True).pvalue)


def mcnemar_mid_p(gained: int, lost: int) -> float:
    """McNemar's test with half of the probability of what was observed.

    References
    ----------
    Fagerland, M. W., Lydersen, S., & Laake, P. (2013). The McNemar test for binary
    matched-pairs data: mid-p and asymptotic are better than exact conditional. BMC Medical
    Research Methodology 13, 91 (p. 4).

    Examples
    --------
    >>> round(mcnemar_mid_p(8, 1), 4), round(mcnemar_mid_p(5, 0), 4)
    (0.0215, 0.0313)
    """
    _check_changes(gained, lost)
    from scipy.stats import binom

    changed = gained + lost
    observed = float(binom.pmf(min(gained, lost), changed, 0.5))
    if changed == 0:
        return 1.0
    if gained == lost:  # the observed table is the only one in the middle: it has no other side
        return 1 - observed / 2
    return mcnemar_p(gained, lost) - observed


def adjusted_p_values(p_values: ArrayLike) -> NDArray[np.float64]:
    """P values adjusted for the number of tests by Benjamini and Hochberg.

    Parameters
    ----------
    p_values : array_like of shape (n_tests,)
        In [0, 1]; NaN where no test was made, which stays NaN and counts for nothing.

    Returns
    -------
    ndarray of shape (n_tests,)
        The smallest rate of false discoveries at which each test would be one.

    References
    ----------
    Benjamini, Y., & Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the
    Royal Statistical Society B 57(1), 289-300 (p. 293).

    Examples
    --------
    >>> adjusted_p_values([0.001, 0.008, float("nan"), 0.039]).round(3).tolist()
    [0.003, 0.012, nan, 0.039]
    """
    import numpy as np
    from statsmodels.stats.multitest import multipletests

    given = np.asarray(p_values, dtype=float)
    made = ~np.isnan(given)
    adjusted = np.full(given.shape, np.nan)
    if made.any():
        adjusted[made] = multipletests(given[made], method="fdr_bh")[1]
    return adjusted


def permutation_p(
    said: ArrayLike,
    group: Sequence[Hashable],
    *,
    strata: Sequence[Hashable] | None = None,
    draws: int = 9999,
    random_state: int = 0,
) -> Coefficient:
    """Whether two groups differ, by shuffling who belongs to which within strata.

    The statistic is the difference of shares, two-sided; the observed table counts as a draw.

    Parameters
    ----------
    said : array_like of shape (n_people,)
        1 said it, 0 did not; NaN was not read and is left out.
    group : sequence of (n_people,)
        Exactly two different values among those who were read.
    strata : sequence of (n_people,), optional
        Within which labels are shuffled, such as communities.
    draws : int
        At least 1.
    random_state : int

    Returns
    -------
    Coefficient
        The p value, in (0, 1]; ``nan`` with a reason where there are not two groups, or where
        no stratum holds both.

    References
    ----------
    Phipson, B., & Smyth, G. K. (2010). Permutation p-values should never be zero. Statistical
    Applications in Genetics and Molecular Biology 9(1), 39.
    """
    import numpy as np

    values = np.asarray(said, dtype=float)
    read = [row for row, value in enumerate(values.tolist()) if not math.isnan(value)]
    values, labels = values[read], _numbered([group[row] for row in read])
    if labels.max(initial=-1) != 1:
        return Coefficient(float("nan"), len(values), reason="there are not two groups")
    blocks = _numbered([strata[row] for row in read] if strata is not None else [0] * len(read))
    rows = [np.flatnonzero(blocks == block) for block in np.unique(blocks)]
    if all(len(set(labels[each])) == 1 for each in rows):
        return Coefficient(float("nan"), len(values), reason="no stratum holds both groups")
    generator = np.random.default_rng(random_state)
    observed = abs(_gap(values, labels))
    larger = 0
    for _ in range(draws):
        for each in rows:
            labels[each] = generator.permutation(labels[each])
        larger += abs(_gap(values, labels)) >= observed - 1e-12
    return Coefficient((larger + 1) / (draws + 1), len(values))


def _numbered(names: Sequence[Hashable]) -> NDArray[np.int64]:
    """A number for each name, in the order of the names."""
    import numpy as np

    numbers = {name: number for number, name in enumerate(sorted(set(names), key=str))}
    return np.array([numbers[name] for name in names], dtype=np.int64)


def _gap(values: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    return float(values[labels == 1].mean() - values[labels == 0].mean())


def _in_columns(n1: int, total1: int, n2: int, total2: int) -> list[list[int]]:
    """The table as scipy wants it: the groups are columns."""
    _check(n1, total1, 0.95)
    _check(n2, total2, 0.95)
    return [[n1, n2], [total1 - n1, total2 - n2]]


def _check(n: int, total: int, level: float) -> None:
    if not 0 <= n <= total or total == 0:
        raise ValueError(f"{n} of {total}: expected 0 ≤ n ≤ total and a total above 0")
    if not 0 < level < 1:
        raise ValueError(f"level {level}: expected one between 0 and 1")


def _check_changes(gained: int, lost: int) -> None:
    if gained < 0 or lost < 0:
        raise ValueError(f"{gained} and {lost}: expected counts of people")
