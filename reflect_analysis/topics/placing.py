"""The rule by which a text is put into topics that were found in others, and how good it is.

A rule for single texts is made when the topics are, from the vectors of the fit, and tried on
these very vectors: the share that comes into its own topic is kept with it. Where that is all of
them, a new text is treated as an old one was; where it is less, whoever assigns is told so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reflect_analysis.topics.neighbours import Vectors, unit

__all__ = ["Placing", "place"]

_OUTLIER = -1
_AT_ONCE = 20_000  # texts: of very many all at once would take a gigabyte
# A cosine may differ by so much between two ways of adding up the same numbers.
_ROUNDING = 1e-6

Labels = NDArray[np.int64]
Rows = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Placing:
    """A rule for single texts: the nearest mean, on principal components or on all dimensions.

    Parameters
    ----------
    same : float
        Share of the fitted texts that the rule puts where the fit had put them, in [0, 1].
    means : tuple of tuple of float
        (n_topics, n_components): the mean of each topic.
    axes : tuple of tuple of float
        (n_components, n_dimensions): principal components; empty where there are none, and the
        means lie in the space of the vectors.
    middle : tuple of float
        (n_dimensions,): what is taken from a vector before it is turned onto the axes.
    reach : tuple of float
        For each topic the least cosine with its centre by which a text belongs to it; a text
        beyond goes to no topic. Empty where every fitted text was in one.
    """

    same: float
    means: Rows
    axes: Rows = ()
    middle: tuple[float, ...] = ()
    reach: tuple[float, ...] = ()

    @property
    def exact(self) -> bool:
        """Whether every fitted text comes into its own topic."""
        return self.same == 1

    def labels(self, vectors: Vectors) -> Labels:
        """The topic of each vector of unit length, −1 for none."""
        return np.concatenate([self._labels(vectors[some]) for some in _parts(vectors)])

    def _labels(self, vectors: Vectors) -> Labels:
        means = np.asarray(self.means, dtype=np.float64)
        if self.axes:
            space = _turned(vectors, np.asarray(self.axes), np.asarray(self.middle))
        else:
            space = vectors.astype(np.float64)
        # Nearest in distance: the greatest v·m − |m|²/2.
        found: Labels = (space @ means.T - (means**2).sum(axis=1) / 2).argmax(axis=1)
        if not self.reach:
            return found
        cosines = (vectors * unit(means)[found]).sum(axis=1)
        inside: Labels = np.where(cosines < np.asarray(self.reach)[found], _OUTLIER, found)
        return inside


def place(vectors: Vectors, labels: Labels, *, components: Iterable[int] = ()) -> Placing | None:
    """The rule that puts most of the fitted texts where the fit had put them.

    Parameters
    ----------
    vectors : ndarray
        (n_texts, n_dimensions), of unit length: those of the fit.
    labels : ndarray
        (n_texts,): topic of each, −1 for none.
    components : iterable of int
        Numbers of principal components to be tried beside the whole space.

    Returns
    -------
    Placing or None
        `None` where there is no topic.

    Examples
    --------
    >>> vectors = unit(np.array([[1, 0], [1, 0.1], [0, 1], [0.1, 1]]))
    >>> rule = place(vectors, np.array([0, 0, 1, 1]))
    >>> rule.exact, rule.labels(unit(np.array([[0.2, 1]]))).tolist()
    (True, [1])
    """
    if labels.max(initial=_OUTLIER) < 0:
        return None
    counts = sorted({0, *(min(count, vectors.shape[1]) for count in components)})
    rules = [_rule(vectors, labels, count) for count in counts]
    return max(rules, key=lambda rule: rule.same)


def _rule(vectors: Vectors, labels: Labels, count: int) -> Placing:
    axes, middle = _axes(vectors, count) if count else (np.zeros((0, 0)), np.zeros(0))
    turned = (_turned(vectors[some], axes, middle) for some in _parts(vectors))
    space = np.concatenate(list(turned)) if count else vectors
    numbers = range(int(labels.max()) + 1)
    means = np.stack([space[labels == n].astype(np.float64).mean(axis=0) for n in numbers])
    reach = _reach(vectors, labels, means) if (labels == _OUTLIER).any() and not count else ()
    rule = Placing(1.0, _rows(means), _rows(axes), tuple(middle.tolist()), reach)
    same = float((rule.labels(vectors) == labels).mean())
    return Placing(same, rule.means, rule.axes, rule.middle, reach)


def _axes(vectors: Vectors, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The first principal components, and the mean that is taken off before."""
    middle = vectors.mean(axis=0, dtype=np.float64)
    products = np.zeros((len(middle), len(middle)))
    for some in _parts(vectors):
        centred = vectors[some] - middle
        products += centred.T @ centred
    _, found = np.linalg.eigh(products)
    return found[:, ::-1][:, :count].T, middle


def _turned(
    vectors: Vectors, axes: NDArray[np.float64], middle: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Vectors on some axes, of unit length there."""
    return unit((vectors - middle) @ axes.T).astype(np.float64)


def _parts(vectors: Vectors) -> Iterator[slice]:
    """Where some vectors stand, and then the others; one empty part where there are none."""
    for first in range(0, max(len(vectors), 1), _AT_ONCE):
        yield slice(first, first + _AT_ONCE)


def _reach(vectors: Vectors, labels: Labels, means: NDArray[np.float64]) -> tuple[float, ...]:
    """Per topic the cosine from which a text belongs to it, so that most come where they were."""
    found = Placing(1.0, _rows(means)).labels(vectors)
    centres = unit(means)
    near = [(vectors[some] * centres[found[some]]).sum(axis=1) for some in _parts(vectors)]
    cosines = np.concatenate(near)
    return tuple(
        _cut(cosines[found == number], labels[found == number], number)
        for number in range(len(means))
    )


def _cut(cosines: NDArray[np.floating[Any]], labels: Labels, number: int) -> float:
    """Where to cut texts nearest to one topic: most members above it, most outliers below."""
    if not len(cosines):
        return -1.0
    order = np.argsort(-cosines, kind="stable")
    gain = np.cumsum(((labels == number).astype(int) - (labels == _OUTLIER))[order])
    return float(cosines[order][int(gain.argmax())]) - _ROUNDING


def _rows(values: NDArray[np.float64]) -> Rows:
    return tuple(map(tuple, values.tolist()))
