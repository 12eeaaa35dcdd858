"""The engines: vectors in, a number for each row out; BERTopic behind its wall.

Every engine is a function of (vectors, seed) alone. Rows come sorted by id, because UMAP
answers to their order. What BERTopic changes outside itself is put back here: it silences
every UserWarning when it is imported, refits the very models that it is handed, and may
write into the array of vectors, so it gets copies of all.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reflect_analysis._optional import require
from reflect_analysis.topics.values import OUTLIER

__all__ = [
    "Cluster",
    "Labels",
    "NoTopicsError",
    "TopicSettings",
    "Vectors",
    "centroids_of",
    "cluster_for",
    "nearest",
    "unit",
]

Vectors = NDArray[np.float32]
Labels = NDArray[np.int64]
Fit = Callable[[Vectors, int], Labels]

# Restarts of one k-means: on 150 vectors the agreement over seeds rises from .41 with three
# to .59 with ten; ten cost 7 ms.
RESTARTS = 10
# Below this BERTopic's UMAP and HDBSCAN raise errors, or can only say "outlier".
FEWEST_FOR_BERTOPIC = 10


@dataclass(frozen=True)
class TopicSettings:
    """The choices behind `fit_topics`, each with the value that the size of the corpus gives.

    Parameters
    ----------
    refits : int, optional
        Refits behind each figure of stability; 0 leaves them out. By default 10, and 5 for
        BERTopic.
    languages : tuple of str, optional
        ISO 639-1 codes of the texts that are looked at; `None` for all. By default English,
        which is what the packaged model reads.
    sample_size : int
        Above so many segments a sample, stratified by participant, is fitted, and the rest
        are assigned to the nearest centre.
    min_cluster_size : int, optional
        HDBSCAN's; by default 2 % of the segments, at least 5.
    n_neighbors, n_components : int
        UMAP's, lowered where the segments are few.
    top_words, representatives : int
        Words and segments that stand for a topic.
    umap, hdbscan : object, optional
        Models to use instead, with BERTopic's conventions; copies of them are fitted.
    vectorizer : object, optional
        A scikit-learn vectoriser whose analyser splits texts into terms, stop words
        included; by default words without English stop words.

    Raises
    ------
    ValueError
        If a number is out of range.
    """

    refits: int | None = None
    languages: tuple[str, ...] | None = ("en",)
    sample_size: int = 50_000
    min_cluster_size: int | None = None
    n_neighbors: int = 15
    n_components: int = 5
    top_words: int = 10
    representatives: int = 3
    umap: Any = None
    hdbscan: Any = None
    vectorizer: Any = None

    def __post_init__(self) -> None:
        if self.refits is not None and (self.refits < 0 or self.refits == 1):
            raise ValueError(f"refits: expected 0 or at least 2, came {self.refits!r}")
        least = {
            "sample_size": 20,
            "n_neighbors": 2,
            "n_components": 1,
            "top_words": 1,
            "representatives": 1,
        }
        for name, bound in least.items():
            if getattr(self, name) < bound:
                raise ValueError(f"{name}: expected at least {bound}, came {getattr(self, name)!r}")
        if self.min_cluster_size is not None and self.min_cluster_size < 2:  # noqa: PLR2004  # HDBSCAN's own limit
            raise ValueError(
                f"min_cluster_size: expected at least 2, came {self.min_cluster_size!r}"
            )


class NoTopicsError(Exception):
    """An engine that found fewer topics than a solution needs; the message says why."""


@dataclass(frozen=True)
class Cluster:
    """An engine with its number of topics, ready to be fitted and refitted.

    Parameters
    ----------
    fit : callable
        (vectors, seed) → labels, −1 for an outlier.
    centred : bool
        Whether a row that was not fitted belongs to the nearest centre.
    seeded : bool
        Whether the seed matters.
    """

    fit: Fit
    centred: bool
    seeded: bool


def cluster_for(
    engine: str, n_topics: int | None, settings: TopicSettings, n_units: int
) -> Cluster:
    """The engine of a name, for so many topics and a corpus of so many segments."""
    if engine == "bertopic":
        share = (settings.min_cluster_size or max(5, round(0.02 * n_units))) / n_units
        return Cluster(
            lambda vectors, seed: _bertopic(vectors, seed, settings, share, n_topics),
            centred=False,
            seeded=True,
        )
    number = n_topics or 2
    if engine == "agglomerative":
        return Cluster(lambda v, _: _agglomerative(v, number), centred=True, seeded=False)
    return Cluster(lambda v, seed: _kmeans(v, number, seed), centred=True, seeded=True)


def centroids_of(vectors: Vectors, labels: Labels) -> Vectors:
    """(n_topics, n_dimensions), of unit length: the mean direction of each label from 0."""
    numbers = range(int(labels.max(initial=OUTLIER)) + 1)
    means = [vectors[labels == number].mean(axis=0) for number in numbers]
    return unit(np.asarray(means, dtype=np.float32).reshape(len(means), vectors.shape[1]))


def nearest(vectors: Vectors, centroids: Vectors) -> Labels:
    """The number of the nearest centre of each row."""
    found: Labels = (vectors @ centroids.T).argmax(axis=1)
    return found


def unit(vectors: Vectors) -> Vectors:
    """Rows at unit length; a row of zeros stays."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32)


def _kmeans(vectors: Vectors, number: int, seed: int) -> Labels:
    from sklearn.cluster import KMeans

    with warnings.catch_warnings():
        # Fewer distinct vectors than groups, in a bootstrap sample; and scikit-learn's word
        # about memory on Windows.
        warnings.simplefilter("ignore")
        model = KMeans(min(number, len(vectors)), n_init=RESTARTS, random_state=seed)
        labels = model.fit(vectors.astype(np.float64)).labels_
    return _compact(labels)


def _agglomerative(vectors: Vectors, number: int) -> Labels:
    from sklearn.cluster import AgglomerativeClustering

    return _compact(AgglomerativeClustering(min(number, len(vectors))).fit(vectors).labels_)


def _compact(labels: Any) -> Labels:
    """Labels without gaps from 0, outliers left as they are."""
    values = np.unique(labels[labels != OUTLIER])
    compact: Labels = np.where(labels == OUTLIER, OUTLIER, np.searchsorted(values, labels))
    return compact.astype(np.int64)


def _bertopic(
    vectors: Vectors, seed: int, settings: TopicSettings, share: float, n_topics: int | None
) -> Labels:
    """BERTopic's labels.

    Raises
    ------
    NoTopicsError
        If it found fewer than two topics, or fewer than asked for, or failed on so few texts.
    """
    if len(vectors) < FEWEST_FOR_BERTOPIC:
        raise NoTopicsError(f"BERTopic needs {FEWEST_FOR_BERTOPIC} texts, came {len(vectors)}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = _bertopic_model(len(vectors), seed, settings, share)
        # Words are made elsewhere, for all engines alike; BERTopic wants texts of two words
        # at least, since its c-TF-IDF fails on one.
        try:
            found, _ = model.fit_transform(["two words"] * len(vectors), vectors.copy())
        except (ValueError, TypeError, ArithmeticError, np.linalg.LinAlgError) as error:
            raise NoTopicsError(f"BERTopic failed ({type(error).__name__})") from error
    labels = _compact(np.asarray(found))
    number = int(labels.max(initial=OUTLIER)) + 1
    if number < (n_topics or 2):
        share_out = float((labels == OUTLIER).mean())
        raise NoTopicsError(
            f"BERTopic found {number} topics and called {share_out:.0%} of the texts outliers"
        )
    return labels if n_topics is None else _merged(vectors, labels, n_topics)


def _bertopic_model(n: int, seed: int, settings: TopicSettings, share: float) -> Any:
    """A fresh BERTopic for n texts."""
    bertopic = require("bertopic", pip="bertopic pyyaml", purpose="group over 300 texts")
    from sklearn.feature_extraction.text import CountVectorizer

    return bertopic.BERTopic(
        embedding_model=None,
        umap_model=_seeded(settings.umap, seed) or _umap(n, seed, settings),
        hdbscan_model=_seeded(settings.hdbscan, seed) or _hdbscan(n, share),
        vectorizer_model=CountVectorizer(analyzer=str.split),
        calculate_probabilities=False,
        verbose=False,
    )


def _umap(n: int, seed: int, settings: TopicSettings) -> Any:
    """UMAP as BERTopic sets it, within what so few texts allow."""
    umap = require("umap", pip="umap-learn", purpose="group over 300 texts")
    components = min(settings.n_components, n - 2)
    return umap.UMAP(
        n_neighbors=min(settings.n_neighbors, n - 1),
        n_components=components,
        min_dist=0.0,
        metric="cosine",
        # The spectral start fails where texts are hardly more than components.
        init="spectral" if n > 10 * components else "random",
        random_state=seed,
        n_jobs=1,
    )


def _hdbscan(n: int, share: float) -> Any:
    hdbscan = require("hdbscan", pip="hdbscan", purpose="group over 300 texts")
    least = max(2, round(share * n))
    return hdbscan.HDBSCAN(
        min_cluster_size=least,
        # Half of the size leaves about half as many outliers as BERTopic's default.
        min_samples=max(1, least // 2),
        metric="euclidean",
        cluster_selection_method="eom",
        core_dist_n_jobs=1,
    )


def _seeded(model: Any, seed: int) -> Any:
    """An unfitted copy of a model, seeded where it takes a seed; `None` for `None`."""
    if model is None:
        return None
    from sklearn.base import clone

    fresh = clone(model) if hasattr(model, "get_params") else copy.deepcopy(model)
    if hasattr(fresh, "get_params") and "random_state" in fresh.get_params():
        fresh.set_params(random_state=seed)
    return fresh


def _merged(vectors: Vectors, labels: Labels, n_topics: int) -> Labels:
    """The topics joined, nearest centres first, until `n_topics` are left."""
    from sklearn.cluster import AgglomerativeClustering

    centroids = centroids_of(vectors, labels)
    if len(centroids) <= n_topics:
        return labels
    model = AgglomerativeClustering(n_topics, metric="cosine", linkage="average")
    joined = model.fit(centroids).labels_
    merged: Labels = np.where(labels == OUTLIER, OUTLIER, joined[labels])
    return merged
