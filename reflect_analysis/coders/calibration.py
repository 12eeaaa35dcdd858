"""From scores of texts that were not learned from to probabilities and thresholds.

Everything here sees scores and labels alone. Whoever calls it gives scores *out of fold*: a
classifier's scores of its own training texts are too sure.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]
    Rows = npt.NDArray[np.intp]

__all__ = ["Calibration", "best_threshold", "folds_of", "kappas_at", "steady_threshold"]

# More thresholds than these are not told apart by any number of human codings.
_MOST_THRESHOLDS = 500


def folds_of(
    y: Array, groups: Sequence[Hashable] | None, folds: int, random_state: int
) -> Iterator[tuple[Rows, Rows]]:
    """(train, test) rows of each fold: stratified, and no group in both.

    Fewer folds are made where fewer groups (or texts, without groups) have the code, or lack
    it; none where one group has them all.
    """
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    units = np.arange(len(y)) if groups is None else _numbered(groups)
    most = min(len(np.unique(units[y == value])) for value in (0, 1))
    count = min(folds, most)
    if count < 2:  # noqa: PLR2004  # one fold leaves nothing to learn from
        return
    kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    splitter = kind(count, shuffle=True, random_state=random_state)
    for train, test in splitter.split(np.zeros(len(y)), y, None if groups is None else units):
        if len(test) and 0 < y[train].sum() < len(train):
            yield train, test


def _numbered(groups: Sequence[Hashable]) -> Rows:
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(group, len(numbers)) for group in groups])


@dataclass(frozen=True, slots=True)
class Calibration:
    """Margins to probabilities by a sigmoid.

    Parameters
    ----------
    slope, intercept : float
        ``probability = 1 / (1 + exp(−(slope · margin + intercept)))``; the slope is never
        negative, so that the order of texts stays as the classifier gave it.

    References
    ----------
    Platt, J. (1999). Probabilistic outputs for support vector machines. Advances in Large
    Margin Classifiers, 61–74 (the smoothed targets, p. 68).
    """

    slope: float
    intercept: float

    @classmethod
    def learn(cls, margins: Array, y: Array) -> Calibration:
        """From margins out of fold and what people said, 0 and 1."""
        from sklearn.linear_model import LogisticRegression

        positives, negatives = y.sum(), len(y) - y.sum()
        sure = np.where(y == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))
        spread = float(margins.std()) or 1.0
        column = (margins / spread)[:, None]
        model = LogisticRegression(C=1e4)
        model.fit(
            np.vstack([column, column]),
            np.repeat([1, 0], len(y)),
            sample_weight=np.concatenate([sure, 1 - sure]),
        )
        slope = float(model.coef_[0, 0]) / spread
        if slope > 0:
            return cls(slope, float(model.intercept_[0]))
        rate = (positives + 1) / (len(y) + 2)
        return cls(0.0, float(np.log(rate / (1 - rate))))

    def probabilities(self, margins: Array) -> Array:
        """Probabilities of margins."""
        from scipy.special import expit

        result: Array = expit(self.slope * margins + self.intercept)
        return result


def best_threshold(scores: Array, y: Array) -> float:
    """The threshold at which scores agree best with people, by Cohen's κ.

    Half-way between two scores, in the middle of the longest run of thresholds that are
    equally good. Above all scores where none is better than chance.
    """
    order = np.unique(scores)
    above = float(np.nextafter(order[-1], np.inf))
    if len(order) == 1:
        return above
    cuts = (order[1:] + order[:-1]) / 2
    if len(cuts) > _MOST_THRESHOLDS:
        cuts = cuts[np.linspace(0, len(cuts) - 1, _MOST_THRESHOLDS).astype(int)]
    kappas = kappas_at(scores, y, cuts)
    if kappas.max() <= 0:
        return above
    good = np.flatnonzero(kappas >= kappas.max() - 1e-9)
    runs = np.split(good, np.flatnonzero(np.diff(good) > 1) + 1)
    longest = max(runs, key=len)
    return float((cuts[longest[0]] + cuts[longest[-1]]) / 2)


def kappas_at(scores: Array, y: Array, cuts: Array) -> Array:
    """Cohen's κ at every threshold; 0 where it is not defined."""
    total, positives = len(y), y.sum()
    order = np.argsort(scores, kind="stable")
    below = np.searchsorted(scores[order], cuts, side="left")
    hits_below = np.concatenate([[0.0], np.cumsum(y[order])])[below]
    hits = positives - hits_below
    chosen = total - below
    observed = (hits + below - hits_below) / total
    expected = (chosen * positives + below * (total - positives)) / total**2
    result: Array = np.divide(
        observed - expected, 1 - expected, out=np.zeros(len(cuts)), where=expected < 1
    )
    return result


def steady_threshold(
    scores: Array,
    y: Array,
    *,
    groups: Sequence[Hashable] | None = None,
    folds: int = 5,
    random_state: int = 0,
) -> float:
    """The median of the thresholds that are best for all folds but one.

    One threshold for all texts leans on the few that happen to lie beside it; the median over
    folds that are split by participant leans on them less.
    """
    parts = list(folds_of(y, groups, folds, random_state))
    if not parts:
        return best_threshold(scores, y)
    return float(np.median([best_threshold(scores[train], y[train]) for train, _ in parts]))
