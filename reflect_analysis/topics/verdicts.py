"""How stable a solution and each of its topics are: the figures, and the verdict on them.

A verdict stands on refits alone: no coherence figure enters it. *Not stable* is a correct
result, and it is said wherever a topic or a solution appears.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "REFITS_OVER",
    "STABLE_ARI",
    "STABLE_JACCARD",
    "Coherence",
    "NumberTried",
    "Stability",
    "TopicStability",
    "Verdict",
]

Verdict = Literal["stable", "not stable", "not measured"]

# What a refit varies: the seed, the texts that are drawn, or the order of their rows.
REFITS_OVER = ("seeds", "bootstrap", "order")
# TextAnalysisR's convention: a model is called stable from this mean ARI between refits.
STABLE_ARI = 0.60
# Below this mean Jaccard index a group should not be trusted (Hennig's convention).
STABLE_JACCARD = 0.60
_TOLD = {"bootstrap": "bootstrap samples", "seeds": "seeds", "order": "orders of the rows"}


@dataclass(frozen=True, slots=True)
class TopicStability:
    """How far one topic comes back when bootstrap samples of the texts are fitted.

    In each refit the group is taken that shares most members with the topic.

    Parameters
    ----------
    members : float
        Mean Jaccard index of the topic's members with that group's, of the segments drawn,
        in [0, 1]; `nan` where it was not measured.
    words : float
        Mean share of the topic's strongest words that are among the group's, in [0, 1].
    shuffled : float
        What `members` is for the topic's size in refits of shuffled vectors.
    refits : int

    References
    ----------
    Hennig, C. (2007). Cluster-wise assessment of cluster stability. Computational
    Statistics & Data Analysis, 52(1), 258–271. The limit of .60 is that of its R package
    fpc: below, a cluster should not be trusted; from .75 it is called stable without more.

    Examples
    --------
    >>> TopicStability(members=0.82, words=0.7, shuffled=0.2, refits=10).verdict
    'stable'
    >>> str(TopicStability(members=0.42, words=0.5, shuffled=0.2, refits=10))
    'not stable: members .42 (shuffled .20), words .50'
    """

    members: float = math.nan
    words: float = math.nan
    shuffled: float = math.nan
    refits: int = 0

    @property
    def verdict(self) -> Verdict:
        """``"stable"``, ``"not stable"`` or ``"not measured"``."""
        if math.isnan(self.members):
            return "not measured"
        return "stable" if self.stable else "not stable"

    @property
    def stable(self) -> bool:
        """Whether its members come back often enough, and oftener than in shuffled vectors."""
        return self.members >= STABLE_JACCARD and not self.members <= self.shuffled

    def __str__(self) -> str:
        """The verdict with its figures."""
        if self.verdict == "not measured":
            return "not measured"
        shuffled = f" (shuffled {_index(self.shuffled)})" if self.shuffled >= 0 else ""
        words = f", words {_index(self.words)}" if self.words >= 0 else ""
        return f"{self.verdict}: members {_index(self.members)}{shuffled}{words}"


@dataclass(frozen=True, slots=True)
class NumberTried:
    """A number of topics that was tried, and its agreement over bootstrap samples.

    Parameters
    ----------
    n_topics : int
    bootstrap, shuffled : float
        Mean adjusted Rand index between refits, for the vectors and for shuffled ones.
    error : float
        Standard error of `bootstrap`.
    """

    n_topics: int
    bootstrap: float
    shuffled: float
    error: float

    @property
    def excess(self) -> float:
        """Share of the agreement left to gain over shuffled vectors that was gained.

        1 where the refits agree wholly, 0 where they agree as those of shuffled vectors do.

        >>> NumberTried(2, bootstrap=0.75, shuffled=0.5, error=0.02).excess
        0.5
        """
        room = 1 - self.shuffled
        return (self.bootstrap - self.shuffled) / room if room > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Stability:
    """How far a solution agrees with itself when it is fitted again.

    Each figure is a mean over the refits, two by two: 1 for the same groups, 0 for chance,
    `nan` where it was not measured. Outliers count as groups of one, and two refits without
    any structure agree at 0. The adjusted Rand index rewards few topics and normalised
    mutual information rewards many, so both are read with the number of topics and beside
    their value for shuffled vectors. The verdict stands on the Rand index.

    Parameters
    ----------
    n_topics : int
        Topics of the solution.
    seeds, seeds_shuffled : float
        Adjusted Rand index over seeds, on the same texts; `nan` for an engine without
        random numbers.
    bootstrap, bootstrap_shuffled : float
        Over bootstrap samples of the texts.
    refits : int
        Refits behind each figure.
    units : int
        Segments in each refit: all, or a sample of them where they are many.
    reason : str
        Why it was not measured.
    order, order_shuffled : float
        Over orders of the rows, on the same texts with the same seed.
    seeds_nmi, bootstrap_nmi, order_nmi, and each with ``_shuffled`` : float
        Normalised mutual information in the place of the Rand index.
    seeds_outliers, bootstrap_outliers, order_outliers, and each with ``_shuffled`` : float
        Mean share of outliers in a refit, in [0, 1].

    References
    ----------
    Hubert, L., & Arabie, P. (1985). Comparing partitions. Journal of Classification, 2,
    193–218. The limit of .60 is the convention of the R package TextAnalysisR.
    """

    n_topics: int
    seeds: float = math.nan
    seeds_shuffled: float = math.nan
    bootstrap: float = math.nan
    bootstrap_shuffled: float = math.nan
    refits: int = 0
    units: int = 0
    reason: str = ""
    order: float = math.nan
    order_shuffled: float = math.nan
    seeds_nmi: float = math.nan
    seeds_nmi_shuffled: float = math.nan
    bootstrap_nmi: float = math.nan
    bootstrap_nmi_shuffled: float = math.nan
    order_nmi: float = math.nan
    order_nmi_shuffled: float = math.nan
    seeds_outliers: float = math.nan
    seeds_outliers_shuffled: float = math.nan
    bootstrap_outliers: float = math.nan
    bootstrap_outliers_shuffled: float = math.nan
    order_outliers: float = math.nan
    order_outliers_shuffled: float = math.nan

    @property
    def faults(self) -> tuple[str, ...]:
        """Each condition of a stable solution that this one fails."""
        return tuple(self._faults())

    def _faults(self) -> Iterator[str]:
        if self.n_topics < 2:  # noqa: PLR2004  # one group agrees with itself on any texts
            yield "fewer than two topics"
        for over, told in _TOLD.items():
            if getattr(self, over) < STABLE_ARI:
                yield f"ARI over {told} below {STABLE_ARI:.2f}"
        if self.bootstrap <= self.bootstrap_shuffled:
            yield "ARI over bootstrap samples not above that of shuffled vectors"
        # A search that always finds the optimum agrees at 1 on shuffled vectors as well.
        for over in ("seeds", "order"):
            if getattr(self, over) < getattr(self, f"{over}_shuffled"):
                yield f"ARI over {_TOLD[over]} below that of shuffled vectors"

    @property
    def verdict(self) -> Verdict:
        """``"stable"``, ``"not stable"`` or ``"not measured"``."""
        if math.isnan(self.bootstrap):
            return "not measured"
        return "not stable" if self.faults else "stable"

    def to_frame(self) -> pd.DataFrame:
        """One row a kind of refit.

        Returns
        -------
        DataFrame
            ``refits_over, ari, ari_shuffled, nmi, nmi_shuffled, outlier_share,
            outlier_share_shuffled, refits, units, n_topics, verdict``.
        """
        import pandas as pd

        names = {"ari": "", "nmi": "_nmi", "outlier_share": "_outliers"}
        columns = {
            f"{name}{beside}": [getattr(self, f"{over}{field}{beside}") for over in REFITS_OVER]
            for name, field in names.items()
            for beside in ("", "_shuffled")
        }
        return pd.DataFrame({"refits_over": list(REFITS_OVER), **columns}).assign(
            refits=self.refits, units=self.units, n_topics=self.n_topics, verdict=self.verdict
        )

    def __str__(self) -> str:
        """The verdict with its figures."""
        if self.verdict == "not measured":
            return f"not measured: {self.reason}" if self.reason else "not measured"
        figures = (
            f"{over} {_index(getattr(self, over))} "
            f"(shuffled {_index(getattr(self, f'{over}_shuffled'))})"
            for over in ("bootstrap", "seeds", "order")
            if not math.isnan(getattr(self, over))
        )
        topics = f"{self.n_topics} topic{'' if self.n_topics == 1 else 's'}"
        return f"{self.verdict}: {topics}, ARI over {', over '.join(figures)}"


@dataclass(frozen=True, slots=True)
class Coherence:
    """What stands second, after stability: no verdict rests on it.

    Parameters
    ----------
    npmi : float
        Mean normalised pointwise mutual information of a topic's words, in [−1, 1], by the
        very texts that were grouped.
    diversity : float
        Share of different words among those of all topics, in (0, 1].
    embedding : float
        Mean cosine of two texts of one topic, less that of any two texts.
    """

    npmi: float = math.nan
    diversity: float = math.nan
    embedding: float = math.nan

    def __str__(self) -> str:
        """The three figures, marked as secondary."""
        return (
            f"secondary: NPMI {_index(self.npmi)}, diversity {_index(self.diversity)}, "
            f"embedding coherence {_index(self.embedding)}"
        )


def _index(value: float) -> str:
    """A figure of at most 1 as papers print it: without the leading zero.

    >>> _index(0.237), _index(-0.001), _index(1.0)
    ('.24', '.00', '1.00')
    """
    if math.isnan(value):
        return "–"
    rounded = round(value, 2) + 0.0  # makes −0 a 0
    return f"{rounded:.2f}".replace("0.", ".", 1).replace("-", "−")
