"""What a machine says of units that it did not learn from.

A coder that learns is fitted anew for every fold, on the other participants' texts alone: a
participant has a way of writing, and who learned it from one text knows it in the next. It is
measured through `code_segments`, as it is used.
"""

from __future__ import annotations

import inspect
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from reflect_analysis.codebook import Codebook
from reflect_analysis.coders.asking import name_of
from reflect_analysis.coders.edge import code_segments
from reflect_analysis.coders.evaluation.scoring import (
    gives_probabilities,
    has_scores,
    score_segments,
    silent,
)
from reflect_analysis.coders.evaluation.units import Units, permitted, was_read
from reflect_analysis.coders.lessons import FEWEST
from reflect_analysis.coders.protocol import AnyCoder
from reflect_analysis.coders.rules import RuleCoder
from reflect_analysis.codings import Codings
from reflect_analysis.errors import TrainingDataError
from reflect_analysis.provenance import Run
from reflect_analysis.segments import Segments

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

__all__ = ["Said", "Setting", "learns", "said_as_it_is", "said_in_folds"]


@dataclass(frozen=True, slots=True)
class Setting:
    """How a coder is asked.

    Parameters
    ----------
    codebook : Codebook
    threshold : float or mapping of str to float, optional
        By default that of `code_segments`.
    folds : int
    random_state : int
    """

    codebook: Codebook
    threshold: float | Mapping[str, float] | None = None
    folds: int = 5
    random_state: int = 0


@dataclass(frozen=True)
class Said:
    """What a machine said of units.

    Parameters
    ----------
    values : ndarray, (n_units, n_codes)
        1 proposed, 0 looked for and not proposed, NaN not read for that code.
    scores : ndarray, (n_units, n_codes)
        NaN where there is none.
    name : str
    learned : mapping of str to int
        For a coder that was fitted in folds: in how many it learned each code.
    similar : mapping of str to int
        In how many it coded by similarity, for want of positives.
    probable : frozenset of str
        The codes whose scores are probabilities.
    folds : int
        How many folds were measured; 0 for a coder that was taken as it is.
    runs : tuple of Run
        Of a coder that was taken as it is.
    refused : tuple of str
        Why nothing was learned, where nothing was.
    """

    values: Array
    scores: Array
    name: str
    learned: Mapping[str, int]
    similar: Mapping[str, int] = field(default_factory=dict)
    probable: frozenset[str] = frozenset()
    folds: int = 0
    runs: tuple[Run, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def has_learned(self) -> bool:
        """Whether any code was learned in any fold."""
        return any(self.learned.values())


def learns(coder: AnyCoder) -> bool:
    """Whether fitting changes what a coder says: rules are written, not learned."""
    return hasattr(coder, "fit") and not isinstance(coder, RuleCoder)


def said_as_it_is(coder: AnyCoder, units: Sequence[Units], setting: Setting) -> list[Said]:
    """What a coder says as it stands, for each kind of unit."""
    if not units:
        return []
    segments = units[0].segments
    name = name_of(coder)
    codings, scores = _coded(coder, segments, setting, name)
    return [
        Said(
            each.rated(codings, [name], setting.codebook)[:, 0, :],
            each.scored(scores),
            name,
            {},
            probable=_probable(coder, each.codes),
            runs=codings.runs,
        )
        for each in units
    ]


def _coded(
    coder: AnyCoder, segments: Segments, setting: Setting, name: str
) -> tuple[Codings, Codings]:
    """What a coder proposes as it is used, and with the scores of all the rest."""
    given = {} if setting.threshold is None else {"threshold": setting.threshold}
    asked = silent(coder) if has_scores(coder) else coder
    codings = code_segments(asked, segments, setting.codebook, name=name, **given)
    scored = score_segments(coder, segments, setting.codebook) if has_scores(coder) else Codings()
    return codings, scored


def said_in_folds(
    coder: AnyCoder,
    units: Units,
    labels: Array,
    read: npt.NDArray[np.bool_],
    setting: Setting,
) -> Said:
    """What a coder says of each fold when it has learned from the others.

    Parameters
    ----------
    coder : Coder or scikit-learn estimator
        Its settings are taken, never what it has learned.
    units : Units
    labels : ndarray, (n_units, n_codes)
        What one person said, from which is learned: 1, 0, or NaN where not read.
    read : ndarray of bool, (n_units,)
        The units that are measured.
    setting : Setting

    Raises
    ------
    TrainingDataError
        If there are fewer groups than folds.
    """
    shape = (len(units), len(units.codes))
    values, scores = np.full(shape, np.nan), np.full(shape, np.nan)
    learned, similar = Counter[str](), Counter[str]()
    probable = frozenset(units.codes)
    refused: tuple[str, ...] = ()
    n_folds, name = 0, name_of(coder)
    for train, test in _folds(units, labels, np.flatnonzero(read), setting):
        n_folds += 1
        try:
            fitted = _fitted(coder, units, labels, train)
        except TrainingDataError as error:
            refused, fitted = error.faults, None
        if fitted is None:
            continue
        codings, scored = _coded(fitted, units.segments_of(test), setting, name)
        values[test] = units.rated(codings, [name], setting.codebook)[test, 0, :]
        scores[test] = units.scored(scored)[test]
        learned.update({code_id for row in codings.seen for code_id in row.codes})
        similar.update(getattr(fitted, "similar_", ()))
        probable &= _probable(fitted, units.codes)
    for column, code_id in enumerate(units.codes):
        if 0 < similar[code_id] < n_folds:
            # Similarities of one fold and probabilities of another have no common order.
            scores[:, column] = np.nan
    refused = () if learned else refused or _nothing(units, labels)
    return Said(
        values,
        scores,
        name,
        {code_id: learned[code_id] for code_id in units.codes},
        {code_id: similar[code_id] for code_id in units.codes},
        probable,
        n_folds,
        refused=refused,
    )


def _probable(coder: AnyCoder, codes: Sequence[str]) -> frozenset[str]:
    """The codes whose scores are probabilities: of a coder that mixes, those not by similarity."""
    if gives_probabilities(coder):
        return frozenset(codes)
    return frozenset(codes).difference(getattr(coder, "similar_", codes))


def _nothing(units: Units, labels: Array) -> tuple[str, ...]:
    counts = np.nansum(labels, axis=0).astype(int)
    return tuple(
        f"code {code_id!r}: {count} positives among {len(units)} units, too few to learn in a fold"
        for code_id, count in zip(units.codes, counts, strict=True)
    )


def _folds(
    units: Units, labels: Array, read: npt.NDArray[np.intp], setting: Setting
) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    """(train, test) of the units that were read, by group."""
    from sklearn.model_selection import StratifiedGroupKFold

    index = {group: number for number, group in enumerate(dict.fromkeys(units.groups))}
    groups = np.array([index[units.groups[unit]] for unit in read])
    distinct = len(np.unique(groups))
    if setting.folds < 2 or distinct < setting.folds:  # noqa: PLR2004  # one fold leaves none to learn from
        raise TrainingDataError(
            f"{setting.folds} folds of {distinct} participants (or groups): expected at least 2 "
            "folds, and no more than there are participants; change folds="
        )
    kinds = _rarest(labels[read], setting.folds)
    splitter = StratifiedGroupKFold(setting.folds, shuffle=True, random_state=setting.random_state)
    with warnings.catch_warnings():
        # Said of codes with fewer positives than folds, which no split can spread.
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        for train, test in splitter.split(np.zeros(len(read)), kinds, groups):
            if len(test):
                yield read[train], read[test]


def _rarest(labels: Array, folds: int) -> npt.NDArray[np.intp]:
    """The rarest code of each unit, by its number; −1 for none: what folds are balanced by."""
    counts = np.nansum(labels, axis=0)
    kinds = np.full(len(labels), -1)
    for column in np.argsort(-counts, kind="stable"):
        if counts[column] >= folds:
            kinds[labels[:, column] == 1] = column
    return kinds


def _fitted(
    coder: AnyCoder, units: Units, labels: Array, train: npt.NDArray[np.intp]
) -> AnyCoder | None:
    """A fresh coder that has learned from some units; `None` if they hold nothing to learn.

    Only records whose use in training is approved are learned from, only units that the person
    read for all the codes, and only codes that some of them have and some have not. A coder
    that refuses codes with few positives is asked for the others.
    """
    allowed = set(permitted(units.segments, "training").by_document)
    may = np.array([units.documents[unit] in allowed for unit in train], dtype=bool)
    rows = train[may]
    columns = np.flatnonzero(was_read(labels[rows], 0))
    rows = rows[~np.isnan(labels[rows][:, columns]).any(axis=1)]
    positives = (labels[np.ix_(rows, columns)] == 1).sum(axis=0)
    columns = columns[(positives > 0) & (positives < len(rows))]
    if not len(columns):
        return None
    try:
        return _taught(coder, units, labels, rows, columns)
    except TrainingDataError:
        enough = columns[(labels[np.ix_(rows, columns)] == 1).sum(axis=0) >= FEWEST]
        if len(enough) in {0, len(columns)}:
            raise
        return _taught(coder, units, labels, rows, enough)


def _taught(
    coder: AnyCoder,
    units: Units,
    labels: Array,
    rows: npt.NDArray[np.intp],
    columns: npt.NDArray[np.intp],
) -> AnyCoder:
    """A fresh coder, fitted on some units for some codes."""
    import pandas as pd
    from sklearn.base import clone

    codes = [units.codes[column] for column in columns]
    fresh: Any = _for_many(clone(coder, safe=False))
    learner = units.take(rows.tolist())
    y = pd.DataFrame(labels[np.ix_(rows, columns)].astype(int), columns=codes)
    with warnings.catch_warnings():
        # Said of one column, which some of scikit-learn's would rather have flat.
        warnings.filterwarnings("ignore", "A column-vector y was passed", UserWarning)
        fresh.fit(learner.texts, y, **_beside(fresh, learner))
    return cast("AnyCoder", fresh if hasattr(fresh, "codes_") else _Named(fresh, codes))


def _beside(coder: Any, units: Units) -> dict[str, list[Any]]:
    """What a coder takes beside texts and codes: whose they are, and what stands around them."""
    known = inspect.signature(coder.fit).parameters
    given: dict[str, list[Any]] = {}
    if "groups" in known:
        given["groups"] = list(units.groups)
    if "contexts" in known:
        given["contexts"] = units.contexts
    return given


def _for_many(coder: Any) -> Any:
    """A classifier for one thing as one for each of several, as scikit-learn has it."""
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.multioutput import ClassifierChain, MultiOutputClassifier

    steps = getattr(coder, "steps", None)
    last = steps[-1][1] if steps else coder
    several = (OneVsRestClassifier, MultiOutputClassifier, ClassifierChain)
    tags = getattr(coder, "__sklearn_tags__", None)
    if tags is None or isinstance(last, several):
        return coder
    about = tags().classifier_tags
    return coder if about is None or about.multi_label else OneVsRestClassifier(coder)


class _Named:
    """A fitted estimator with the codes that it was fitted for."""

    def __init__(self, estimator: Any, codes: Sequence[str]) -> None:
        self.estimator = estimator
        self.codes_ = tuple(codes)
        self.gives_probabilities = gives_probabilities(estimator)

    def predict_proba(self, texts: Sequence[str]) -> Any:
        """A column a code: of one code's two classes, or of its list of one, the last."""
        answer = self.estimator.predict_proba(texts)
        answer = answer[0] if isinstance(answer, list) and len(self.codes_) == 1 else answer
        one_of_two = len(self.codes_) == 1 and getattr(answer, "shape", ())[1:] == (2,)
        return answer[:, 1:] if one_of_two else answer
