"""The words of each topic, told in several ways from one count.

Word vectors need no model: a word lies at the mean of the vectors of the texts in which it
stands. So key words (near to a topic's centre in meaning) and diverse ones (near to it and
apart from one another) come from given vectors too.

The words that stand for a topic are frequent here and rare elsewhere. A word that is as strong
in other topics tells none of them apart, so it stands in the few where it is strongest; words
that meet in the same texts come before words that do not; and a word of one or two texts comes
last, for whom it meets is chance. The words are fitted to these very texts: in other texts of
the same kind they meet far more seldom (`benchmarks/topics.py` shows both figures).
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reflect_analysis.segments import Segment
from reflect_analysis.topics.neighbours import Vectors, unit
from reflect_analysis.topics.words import Analyser, voice_of

__all__ = ["Vocabulary", "vocabulary_of"]

Weights = NDArray[np.float64]
# Of so many strongest words the others are chosen.
CANDIDATES = 100
# In so many topics a word may stand.
MOST_TOPICS_A_WORD = 3
# Weight of nearness to the centre against likeness to words already chosen, as in KeyBERT.
RELEVANCE = 0.6
# Weight of meeting in the same texts against the strength of a word by itself: on real
# sentences the least that brings the words of a topic together as often as stop words are.
TOGETHER = 0.85
# A word stands in so many texts, where enough words do. On texts that were not fitted the NPMI
# of the words was −.14 with it and −.31 without (300 sentences), −.36 and −.47 (1,000).
FEWEST_TEXTS = 3
# The strongest words stand in any case. From them a list is grown with each of so many next
# words, and the strongest list is taken.
KEPT = 2
STARTS = 8


@dataclass(frozen=True)
class Vocabulary:
    """Which terms stand in which text, with the meaning of each.

    Parameters
    ----------
    terms : tuple of str
    counts : sparse matrix
        (n_texts, n_terms): how often.
    shared : ndarray
        (n_terms,): whether two participants use it, where there are two.
    vectors : ndarray
        (n_texts, n_dimensions), of unit length.
    """

    terms: tuple[str, ...]
    counts: Any
    shared: NDArray[np.bool_]
    vectors: Vectors

    def among(self, rows: NDArray[np.int64]) -> Vocabulary:
        """The same terms in some of the texts."""
        return Vocabulary(self.terms, self.counts[rows], self.shared, self.vectors[rows])

    @cached_property
    def meanings(self) -> Vectors:
        """(n_terms, n_dimensions): the mean of a term's texts about the centre of all."""
        present = self.present
        centred = self.vectors - self.vectors.mean(axis=0)
        return unit(np.asarray(present.T @ centred))

    @property
    def texts(self) -> list[list[str]]:
        """The terms of each text, each term once."""
        ends = self.counts.indptr.tolist()
        terms = [self.terms[place] for place in self.counts.indices.tolist()]
        return [terms[start:end] for start, end in itertools.pairwise(ends)]

    @cached_property
    def present(self) -> Any:
        """(n_texts, n_terms): 1 where a term stands."""
        present = self.counts.copy()
        present.data = np.ones_like(present.data, dtype=np.float32)
        return present

    def weights(self, labels: NDArray[np.int64]) -> Weights:
        """(n_topics, n_terms) of c-TF-IDF; outliers are a class, and have no row.

        References
        ----------
        Grootendorst, M. (2022). BERTopic: Neural topic modeling with a class-based TF-IDF
        procedure. arXiv:2203.05794, equation 2.
        """
        from scipy.sparse import coo_matrix

        n_topics = int(labels.max(initial=-1)) + 1
        kept = np.flatnonzero(labels >= -1)
        classes = np.where(labels[kept] < 0, n_topics, labels[kept])
        shape = (n_topics + 1, len(labels))
        member = coo_matrix((np.ones(len(kept)), (classes, kept)), shape=shape).tocsr()
        counts = np.asarray((member @ self.counts).todense(), dtype=np.float64)
        total = counts.sum(axis=0)
        mean = total.sum() / max(int((np.bincount(classes, minlength=1) > 0).sum()), 1)
        own = counts[:n_topics]
        lengths = np.maximum(own.sum(axis=1, keepdims=True), 1)
        weights: Weights = own / lengths * np.log1p(mean / np.maximum(total, 1))
        return np.where(self.shared, weights, 0.0)

    def nearness(self, labels: NDArray[np.int64], n_topics: int) -> Weights:
        """(n_topics, n_terms): cosine of a term's meaning with a topic's centre."""
        centre = self.vectors.mean(axis=0)
        centres = [
            self.vectors[labels == each].mean(axis=0) - centre
            if (labels == each).any()
            else np.zeros_like(centre)
            for each in range(n_topics)
        ]
        rows = np.asarray(centres, dtype=np.float32).reshape(n_topics, self.vectors.shape[1])
        return (unit(rows) @ self.meanings.T).astype(np.float64)

    def by_frequency(self, labels: NDArray[np.int64], top: int) -> list[tuple[str, ...]]:
        """The strongest words of each topic by c-TF-IDF."""
        return [self._first(_ranked(row), top) for row in self.weights(labels)]

    def told(self, labels: NDArray[np.int64], top: int) -> dict[str, list[tuple[str, ...]]]:
        """The words of each topic in every way: ``words``, ``c-tf-idf``, ``key``, ``diverse``."""
        weights = self.weights(labels)
        near = self.nearness(labels, len(weights))
        strength = _strength(weights)
        often = np.asarray(self.present.sum(axis=0)).ravel() >= FEWEST_TEXTS
        told: dict[str, list[tuple[str, ...]]] = {
            name: [] for name in ("words", "c-tf-idf", "key", "diverse")
        }
        for number, row in enumerate(weights):
            candidates = _ranked(row)[:CANDIDATES]
            key = candidates[np.argsort(-near[number, candidates], kind="stable")]
            told["c-tf-idf"].append(self._first(candidates, top))
            told["key"].append(self._first(key, top))
            told["diverse"].append(self._first(self._diverse(key, near[number], top), top))
            own = np.where(often, strength[number], 0.0)
            enough = np.count_nonzero(own) >= top
            together = self._together(own if enough else strength[number], top)
            told["words"].append(self._first(together, top))
        return told

    def words(self, labels: NDArray[np.int64], top: int) -> list[tuple[str, ...]]:
        """The words that stand for each topic."""
        return self.told(labels, top)["words"]

    def _first(self, places: NDArray[np.int64], top: int) -> tuple[str, ...]:
        """The first terms, a plural and its singular once."""
        stems: dict[str, str] = {}
        for place in places.tolist():
            term = self.terms[place]
            stems.setdefault(term.removesuffix("s"), term)
            if len(stems) == top:
                break
        return tuple(stems.values())

    def _diverse(self, places: NDArray[np.int64], near: Weights, top: int) -> NDArray[np.int64]:
        """Key words by maximal marginal relevance.

        References
        ----------
        Carbonell, J., & Goldstein, J. (1998). The use of MMR, diversity-based reranking for
        reordering documents and producing summaries. SIGIR, 335–336.
        """
        own = near[places]
        chosen: list[int] = []
        most = np.zeros(len(places))
        while len(chosen) < min(2 * top, len(places)):
            gain = RELEVANCE * own - (1 - RELEVANCE) * most
            gain[chosen] = -np.inf
            chosen.append(int(gain.argmax()))
            most = np.maximum(most, self.meanings[places] @ self.meanings[places[chosen[-1]]])
        return places[chosen]

    def _together(self, strength: Weights, top: int) -> NDArray[np.int64]:
        """Strong words that meet in the same texts, the strongest first."""
        places = _ranked(strength)[:CANDIDATES]
        # A plural and its singular stand once.
        first = {self.terms[place].removesuffix("s"): place for place in reversed(places.tolist())}
        places = np.array(sorted(first.values(), key=places.tolist().index), dtype=np.int64)
        if not len(places):
            return places
        own = (strength[places] / strength[places].max()) ** (1 - TOGETHER)
        meeting = self._meeting(places)
        kept = min(KEPT, top, len(places))
        nexts = range(kept, min(kept + STARTS, len(places)) if top > kept else kept)
        starts = [[*range(kept), each] for each in nexts] or [list(range(kept))]
        lists = [_grown(start, own, meeting, top) for start in starts]
        return places[sorted(max(lists, key=lambda each: each[0])[1])]

    def _meeting(self, places: NDArray[np.int64]) -> Weights:
        """(n_places, n_places): NPMI of terms by their texts, brought to [0, 1]."""
        present = self.present[:, places].astype(np.float64)
        meet = np.asarray((present.T @ present).todense())
        n, alone = self.counts.shape[0], np.diag(meet)
        share = np.clip(meet / n, 1e-12, 1 - 1e-12)
        npmi = np.log(share * n**2 / np.outer(alone, alone)) / -np.log(share)
        return np.where(meet > 0, (1 + npmi.clip(-1, 1)) / 2, 0.0)


def _grown(
    start: Sequence[int], own: Weights, meeting: Weights, top: int
) -> tuple[float, list[int]]:
    """How strong a list is that is grown from its first words, and the places of its words."""
    chosen, total = list(start), 0.0
    met = meeting[chosen].sum(axis=0)
    while len(chosen) < min(top, len(own)):
        gain = own * (met / len(chosen)) ** TOGETHER
        gain[chosen] = -1
        chosen.append(int(gain.argmax()))
        total += float(gain[chosen[-1]])
        met += meeting[chosen[-1]]
    return total, chosen


def vocabulary_of(segments: Sequence[Segment], vectors: Vectors, analyse: Analyser) -> Vocabulary:
    """Count the terms of texts.

    Parameters
    ----------
    segments : sequence of Segment
    vectors : ndarray
        (n_segments, n_dimensions), of unit length.
    analyse : callable
        From a text to its terms.
    """
    from scipy.sparse import csr_matrix

    counted = [Counter(analyse(segment.text)) for segment in segments]
    terms = tuple(sorted(set().union(*counted)))
    places = {term: place for place, term in enumerate(terms)}
    columns = [places[term] for each in counted for term in each]
    rows = np.repeat(np.arange(len(counted)), [len(each) for each in counted])
    data = [count for each in counted for count in each.values()]
    counts = csr_matrix((data, (rows, columns)), shape=(len(counted), len(terms)), dtype=np.float32)
    return Vocabulary(terms, counts, _shared(segments, counts), vectors)


def _shared(segments: Sequence[Segment], counts: Any) -> NDArray[np.bool_]:
    """Whether two participants use a term: what one person alone says may be a name."""
    from scipy.sparse import csr_matrix

    found, voices = np.unique([voice_of(segment) for segment in segments], return_inverse=True)
    shape, places = (len(found), len(segments)), np.arange(len(segments))
    said_by = csr_matrix((np.ones(len(places)), (voices, places)), shape=shape)
    users = (said_by @ counts).getnnz(axis=0)
    shared: NDArray[np.bool_] = users >= min(2, len(found))
    return shared


def _ranked(row: Weights) -> NDArray[np.int64]:
    """Places of the weights above 0, the greatest first; of equals the first term."""
    order = np.argsort(-row, kind="stable")
    return order[row[order] > 0]


def _strength(weights: Weights) -> Weights:
    """The weights of each word in the few topics where it is strongest."""
    if len(weights) <= MOST_TOPICS_A_WORD:
        return weights
    limit = np.partition(weights, -MOST_TOPICS_A_WORD, axis=0)[-MOST_TOPICS_A_WORD]
    return np.where(weights >= limit, weights, 0.0)
