"""The classifier of one code: its settings chosen, calibrated and given a threshold.

All of it is chosen on texts that the classifier did not learn from, in folds that part the
participants. The labels of one code are seen at a time.

With ten or thirty positives a choice costs more than it gains: the luckiest of six is rarely the
best. So all features under a strong penalty stand unless another choice is better by twice its
standard error, and a threshold goes half the way from the classifier's own boundary to the one
that agreed best. Both were decided on diaries and on the demonstration's development half, where
they gained .01 to .03 in κ over taking the best.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from reflect_analysis.coders.calibration import Calibration, folds_of, kappas_at, steady_threshold
from reflect_analysis.coders.features import Block, Features
from reflect_analysis.coders.lessons import Lesson

if TYPE_CHECKING:
    import numpy.typing as npt
    from scipy.sparse import csr_matrix

    Array = npt.NDArray[np.float64]
    Rows = npt.NDArray[np.intp]

__all__ = ["Chosen", "Learned", "Learner"]

# Inverse strengths of the penalty: with few positives a strong one, with many a weak one.
STRENGTHS = (1.0, 10.0)
MOST_STEPS = 5_000
# Without words and characters a classifier has a tenth of the columns and needs fewer positives.
FEW: tuple[Block, ...] = ("vectors", "rules", "similarity", "form", "around")
TERMS: tuple[Block, ...] = ("words", "characters")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen for a code in the folds of `fit`.

    Parameters
    ----------
    blocks : tuple of str
    settings : mapping of str to object
        Of the classifier, for instance its ``C``.
    threshold : float
        The probability from which the code is proposed; 1 where nothing could be learned, so
        that it never is.
    positives, texts : int
        What was learned from.
    folds : int
        In how many folds it was chosen; 0 where the positives could not be split.
    """

    blocks: tuple[Block, ...]
    settings: Mapping[str, Any]
    threshold: float
    positives: int
    texts: int
    folds: int


@dataclass(frozen=True, slots=True)
class Learned:
    """The classifier of one code."""

    chosen: Chosen
    columns: Rows
    model: Any
    calibration: Calibration
    dense: bool

    def probabilities(self, features: csr_matrix) -> Array:
        """Calibrated probabilities of texts, from all columns of their features."""
        given = _given(features[:, self.columns], self.dense)
        return self.calibration.probabilities(margins_of(self.model, given))


@dataclass(frozen=True, slots=True)
class _Trial:
    """One choice of blocks and settings, and what came of it out of fold."""

    blocks: tuple[Block, ...]
    settings: Mapping[str, Any]
    columns: Rows
    margins: Array
    precisions: Array


@dataclass(frozen=True, slots=True)
class Learner:
    """How the classifier of a code is learned; the parameters are those of `SupervisedCoder`."""

    estimator: Any
    grid: Mapping[str, Sequence[Any]] | None
    folds: int
    random_state: int

    def learn(self, features: csr_matrix, lesson: Lesson, code: str, blocks: Features) -> Learned:
        """The classifier of one code."""
        rows = lesson.rows_of(code)
        part = _Part(features[rows], lesson.of(code)[rows], lesson.weights[rows])
        groups = lesson.groups_of(rows)
        folds = list(folds_of(part.y, groups, self.folds, self.random_state))
        trials = [self._trial(part, folds, blocks, *each) for each in self._choices(blocks, folds)]
        best = _best(trials)
        dense = self._is_dense()
        given = _given(part.features[:, best.columns], dense)
        model = self._fitted(given, part.y, part.weights, best.settings)
        margins = best.margins if folds else margins_of(model, given)
        calibration = Calibration.learn(margins, part.y)
        cut = steady_threshold(
            margins, part.y, groups=groups, folds=self.folds, random_state=self.random_state + 1
        )
        if self.estimator is None:  # of balanced classes: its boundary, 0, is a threshold already
            cut /= 2
        threshold = float(calibration.probabilities(np.array([cut]))[0])
        if not calibration.slope or kappas_at(margins, part.y, np.array([cut]))[0] <= 0:
            threshold = 1.0  # nothing was learned, and a probability is always less
        positives, count = int(part.y.sum()), len(part.y)
        told = Chosen(best.blocks, best.settings, threshold, positives, count, len(folds))
        return Learned(told, best.columns, model, calibration, dense)

    def _choices(
        self, blocks: Features, folds: Sequence[object]
    ) -> list[tuple[tuple[Block, ...], Mapping[str, Any]]]:
        """Sets of blocks and settings to choose from; one where nothing can be compared."""
        there = tuple(blocks.columns)
        sets = [there, *(tuple(b for b in there if b in part) for part in (FEW, TERMS))]
        grid = self.grid
        if grid is None:
            grid = {"C": STRENGTHS} if self.estimator is None else {}
        settings = [
            MappingProxyType(dict(zip(grid, values, strict=True)))
            for values in product(*grid.values())
        ]
        every = list(product([each for each in dict.fromkeys(sets) if each], settings))
        return every if folds else every[:1]

    def _trial(
        self,
        part: _Part,
        folds: Iterable[tuple[Rows, Rows]],
        blocks: Features,
        chosen: tuple[Block, ...],
        settings: Mapping[str, Any],
    ) -> _Trial:
        """The margin of every text by a classifier that did not learn from its participant."""
        from sklearn.metrics import average_precision_score

        columns = blocks.of_blocks(chosen)
        given = _given(part.features[:, columns], self._is_dense())
        margins, precisions = np.zeros(len(part.y)), []
        for train, test in folds:
            model = self._fitted(given[train], part.y[train], part.weights[train], settings)
            margins[test] = margins_of(model, given[test])
            if part.y[test].any():
                precisions.append(average_precision_score(part.y[test], margins[test]))
        return _Trial(chosen, settings, columns, margins, np.array(precisions))

    def _fitted(self, features: Any, y: Array, weights: Array, settings: Mapping[str, Any]) -> Any:
        from sklearn.base import clone
        from sklearn.linear_model import LogisticRegression
        from sklearn.utils.validation import has_fit_parameter

        if self.estimator is None:
            # The same minimum, found in half the time where there are more columns than texts.
            model: Any = LogisticRegression(
                class_weight="balanced",
                solver="liblinear",
                dual=features.shape[0] < features.shape[1],
                max_iter=MOST_STEPS,
                random_state=self.random_state,
            )
        else:
            model = clone(self.estimator)
        model.set_params(**settings)
        if has_fit_parameter(model, "sample_weight"):
            return model.fit(features, y.astype(int), sample_weight=weights)
        return model.fit(features, y.astype(int))

    def _is_dense(self) -> bool:
        """Whether the estimator asks for dense features; scikit-learn says so since 1.6."""
        tags = getattr(self.estimator, "__sklearn_tags__", None)
        return tags is not None and not tags().input_tags.sparse


def _best(trials: Sequence[_Trial]) -> _Trial:
    """The first, unless another is better in average precision by twice its standard error."""
    first = trials[0]
    best, gain = first, 0.0
    for trial in trials[1:]:
        gains = trial.precisions - first.precisions
        mean, count = float(gains.mean()) if len(gains) else 0.0, len(gains)
        error = float(gains.std(ddof=1)) / count**0.5 if count > 1 else float("inf")
        if mean > max(gain, 2 * error):
            best, gain = trial, mean
    return best


@dataclass(frozen=True, slots=True)
class _Part:
    """The texts that were read for a code."""

    features: csr_matrix
    y: Array
    weights: Array


def _given(features: csr_matrix, dense: bool) -> Any:  # noqa: FBT001  # a kind of matrix
    return features.toarray() if dense else features


def margins_of(model: Any, features: Any) -> Array:
    """How sure a classifier is, as a number without bounds."""
    if hasattr(model, "decision_function"):
        return np.asarray(model.decision_function(features), dtype=float)
    chance = np.clip(np.asarray(model.predict_proba(features), dtype=float)[:, 1], 1e-6, 1 - 1e-6)
    margins: Array = np.log(chance / (1 - chance))
    return margins
