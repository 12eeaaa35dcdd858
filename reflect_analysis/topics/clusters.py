"""The engines: vectors in, a number for each row out; BERTopic behind its wall.

Every engine is a function of (vectors, seed) alone, and can be sent to another process. Rows
come sorted by id, because UMAP answers to their order. What BERTopic changes outside itself
is put back here: it silences every UserWarning when it is imported, refits the very models
that it is handed, and may write into the array of vectors, so it gets copies of all.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reflect_analysis._optional import require
from reflect_analysis.topics.neighbours import (
    Neighbours,
    Vectors,
    components,
    neighbours_of,
    smoothed,
    unit,
)
from reflect_analysis.topics.values import OUTLIER, Engine, Grouped

__all__ = [
    "Cluster",
    "Labels",
    "NoTopicsError",
    "TopicSettings",
    "Vectors",
    "centroids_of",
    "cluster_for",
    "components_for",
    "nearest",
    "unit",
    "version_of",
    "versions",
    "words_by_bertopic",
]

Labels = NDArray[np.int64]

# From so many texts k-means reads each with its neighbours.
FEWEST_TO_SMOOTH = 300
SMOOTHED_OVER = 15
MOST_COMPONENTS = 40
# Ward's method keeps a distance for each pair: of so many rows 270 MB.
MOST_FOR_WARD = 8_192
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
    ctfidf, representation, embedding_model : object, optional
        BERTopic's models of those names, by which it makes the words in the place of ours; a
        representation that compares words needs an embedding model.
    embedded_with : tuple of str
        Attributes of a photo-voice document that are embedded before its caption, because
        a caption often does not say what it is about.
    workers : int, optional
        Processes in which refits run; by default one, and where they would take over 20 s
        as many as there are cores, at most eight. The result does not depend on it.

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
    ctfidf: Any = None
    representation: Any = None
    embedding_model: Any = None
    embedded_with: tuple[str, ...] = ("title", "prompt")
    workers: int | None = None

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
        if self.workers is not None and self.workers < 1:
            raise ValueError(f"workers: expected at least 1, came {self.workers!r}")
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
    engine : {"k-means", "agglomerative", "bertopic"}
    n_topics : int, optional
        `None` where the engine finds it.
    settings : TopicSettings
    share : float
        Of the texts that make a topic at least, in BERTopic.
    smooth : bool
        Whether k-means reads each text with its neighbours.
    neighbours : tuple of ndarray, optional
        Of the very rows to be fitted, where they are known: see `with_neighbours`.
    """

    engine: Engine
    n_topics: int | None
    settings: TopicSettings
    share: float = 0.0
    smooth: bool = False
    neighbours: Neighbours | None = None

    @property
    def centred(self) -> bool:
        """Whether a row that was not fitted belongs to the nearest centre."""
        return self.engine != "bertopic"

    @property
    def seeded(self) -> bool:
        """Whether the seed matters."""
        return self.engine == "bertopic"

    def fit(self, vectors: Vectors, seed: int) -> Labels:
        """The label of each row, −1 for an outlier, or `NoTopicsError`."""
        if self.engine == "bertopic":
            return _bertopic(vectors, seed, self, _by_bertopic)
        if self.engine == "agglomerative":
            return _agglomerative(vectors, self.n_topics or 2)
        return _kmeans(vectors, self.n_topics or 2, smooth=self.smooth)

    def refit(self, vectors: Vectors, seed: int) -> Labels:
        """The same groups as `fit`, in another order of their numbers; for refits.

        Of BERTopic only the two steps run that give labels: its words are not looked at, and to
        load it with all that it brings takes a worker longer than the steps.
        """
        own = self.settings.umap is None and self.settings.hdbscan is None
        if self.engine != "bertopic" or not own:
            return self.fit(vectors, seed)
        return _bertopic(vectors, seed, self, _by_its_steps)

    def with_neighbours(self, vectors: Vectors) -> Cluster:
        """The engine for refits of these rows, whose neighbours are looked for once."""
        if self.engine != "bertopic" or self.settings.umap is not None:
            return self
        count = min(self.settings.n_neighbors, len(vectors) - 1)
        if len(vectors) < FEWEST_FOR_BERTOPIC:
            return self
        return replace(self, neighbours=neighbours_of(vectors, count))


def cluster_for(
    engine: Engine, n_topics: int | None, settings: TopicSettings, n_units: int
) -> Cluster:
    """The engine of a name, for so many topics and a corpus of so many segments."""
    share = (settings.min_cluster_size or max(5, round(0.02 * n_units))) / n_units
    return Cluster(engine, n_topics, settings, share, smooth=n_units >= FEWEST_TO_SMOOTH)


def centroids_of(vectors: Vectors, labels: Labels) -> Vectors:
    """(n_topics, n_dimensions), of unit length: the mean direction of each label from 0."""
    numbers = range(int(labels.max(initial=OUTLIER)) + 1)
    means = [vectors[labels == number].mean(axis=0) for number in numbers]
    return unit(np.asarray(means, dtype=np.float32).reshape(len(means), vectors.shape[1]))


def components_for(n_topics: int) -> int:
    """Principal components on which k-means finds so many topics."""
    return min(max(5, 2 * n_topics), MOST_COMPONENTS)


def nearest(vectors: Vectors, centroids: Vectors) -> Labels:
    """The number of the nearest centre of each row."""
    found: Labels = (vectors @ centroids.T).argmax(axis=1)
    return found


def _kmeans(vectors: Vectors, number: int, *, smooth: bool) -> Labels:
    """k-means on few components, from Ward's solution.

    From random starts ten restarts find ten optima: on 300 to 1,000 real sentences the
    agreement over seeds is .4 to .9 from five groups on. Ward's solution as the one start
    knows no seed, and agrees as well over bootstrap samples. Another order of the rows gave
    the same groups to 1,000 texts; on 6,000, in 85 groups, rounding led to an ARI of .84.
    """
    from sklearn.cluster import KMeans

    number = min(number, len(vectors))
    read = smoothed(vectors, SMOOTHED_OVER) if smooth else vectors
    space = components(read, components_for(number))
    with warnings.catch_warnings():
        # Fewer distinct vectors than groups, in a bootstrap sample; and scikit-learn's word
        # about memory on Windows.
        warnings.simplefilter("ignore")
        model = KMeans(number, init=_ward_centres(space, number), n_init=1, tol=0)
        return _compact(model.fit(space).labels_)


def _ward_centres(space: NDArray[np.float64], number: int) -> NDArray[np.float64]:
    """(number, n_components): the centres of Ward's groups."""
    from sklearn.cluster import AgglomerativeClustering

    if len(space) > MOST_FOR_WARD:
        # Rows evenly along the first component, so that their order changes nothing.
        along = np.argsort(space[:, 0], kind="stable")
        space = space[along[np.linspace(0, len(space) - 1, MOST_FOR_WARD).astype(np.int64)]]
    labels = AgglomerativeClustering(number).fit(space).labels_
    return np.stack([space[labels == each].mean(axis=0) for each in range(number)])


def _agglomerative(vectors: Vectors, number: int) -> Labels:
    from sklearn.cluster import AgglomerativeClustering

    return _compact(AgglomerativeClustering(min(number, len(vectors))).fit(vectors).labels_)


def _compact(labels: Any) -> Labels:
    """Labels without gaps from 0, outliers left as they are."""
    values = np.unique(labels[labels != OUTLIER])
    compact: Labels = np.where(labels == OUTLIER, OUTLIER, np.searchsorted(values, labels))
    return compact.astype(np.int64)


def _bertopic(
    vectors: Vectors, seed: int, cluster: Cluster, run: Callable[[Vectors, int, Cluster], Any]
) -> Labels:
    """BERTopic's labels, by the whole of it or by its steps.

    Raises
    ------
    NoTopicsError
        If it found fewer than two topics, or fewer than asked for, or failed on so few texts.
    """
    if len(vectors) < FEWEST_FOR_BERTOPIC:
        raise NoTopicsError(f"BERTopic needs {FEWEST_FOR_BERTOPIC} texts, came {len(vectors)}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = run(vectors, seed, cluster)
        except (ValueError, TypeError, ArithmeticError, np.linalg.LinAlgError) as error:
            raise NoTopicsError(f"BERTopic failed ({type(error).__name__})") from error
    labels = _compact(np.asarray(found))
    number = int(labels.max(initial=OUTLIER)) + 1
    n_topics = cluster.n_topics
    if number < (n_topics or 2):
        share_out = float((labels == OUTLIER).mean())
        raise NoTopicsError(
            f"BERTopic found {number} topics and called {share_out:.0%} of the texts outliers"
        )
    return labels if n_topics is None else _merged(vectors, labels, n_topics)


def _by_bertopic(vectors: Vectors, seed: int, cluster: Cluster) -> Any:
    model = _bertopic_model(vectors, seed, cluster)
    # Words are made elsewhere, for all engines alike; BERTopic wants texts of two words at
    # least, since its c-TF-IDF fails on one.
    return model.fit_transform(["two words"] * len(vectors), vectors.copy())[0]


def _by_its_steps(vectors: Vectors, seed: int, cluster: Cluster) -> Any:
    reduced = np.nan_to_num(_umap(vectors, seed, cluster).fit_transform(vectors.copy()))
    return _hdbscan(len(vectors), cluster.share).fit(reduced).labels_


def _bertopic_model(vectors: Vectors, seed: int, cluster: Cluster) -> Any:
    """A fresh BERTopic for these rows."""
    settings = cluster.settings
    bertopic = require("bertopic", pip="bertopic pyyaml", purpose="group over 300 texts")
    from sklearn.feature_extraction.text import CountVectorizer

    return bertopic.BERTopic(
        embedding_model=None,
        umap_model=_seeded(settings.umap, seed) or _umap(vectors, seed, cluster),
        hdbscan_model=_seeded(settings.hdbscan, seed) or _hdbscan(len(vectors), cluster.share),
        vectorizer_model=CountVectorizer(analyzer=str.split),
        calculate_probabilities=False,
        verbose=False,
    )


def _umap(vectors: Vectors, seed: int, cluster: Cluster) -> Any:
    """UMAP as BERTopic sets it, within what so few texts allow, its neighbours exact."""
    umap = require("umap", pip="umap-learn", purpose="group over 300 texts")
    settings, n = cluster.settings, len(vectors)
    dimensions = min(settings.n_components, n - 2)
    count = min(settings.n_neighbors, n - 1)
    return umap.UMAP(
        n_neighbors=count,
        n_components=dimensions,
        min_dist=0.0,
        metric="cosine",
        # The spectral start fails where texts are hardly more than components.
        init="spectral" if n > 10 * dimensions else "random",
        precomputed_knn=(*(cluster.neighbours or neighbours_of(vectors, count)), None),
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


def words_by_bertopic(
    texts: Sequence[str], vectors: Vectors, labels: Labels, settings: TopicSettings
) -> list[tuple[str, ...]]:
    """The words of each topic by BERTopic's models, for groups that are given.

    Parameters
    ----------
    texts : sequence of str
    vectors : ndarray
        (n_texts, n_dimensions)
    labels : ndarray
        (n_texts,)
    settings : TopicSettings

    References
    ----------
    BERTopic's "manual topic modeling": its steps before the words are left empty.
    """
    bertopic = require("bertopic", pip="bertopic pyyaml", purpose="use its representations")
    from bertopic.cluster import BaseCluster
    from bertopic.dimensionality import BaseDimensionalityReduction

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = bertopic.BERTopic(
            embedding_model=settings.embedding_model,
            umap_model=BaseDimensionalityReduction(),
            hdbscan_model=BaseCluster(),
            vectorizer_model=_seeded(settings.vectorizer, 0) or _plain_vectorizer(),
            ctfidf_model=_seeded(settings.ctfidf, 0),
            representation_model=copy.deepcopy(settings.representation),
            top_n_words=settings.top_words,
        )
        found, _ = model.fit_transform(list(texts), vectors.copy(), y=labels.copy())
    # BERTopic numbers the topics again, by size.
    theirs = {int(own): int(there) for own, there in zip(labels, found, strict=True)}
    return [
        tuple(word for word, _ in model.get_topic(theirs[number]) or () if word)
        for number in range(int(labels.max(initial=OUTLIER)) + 1)
    ]


def _plain_vectorizer() -> Any:
    from sklearn.feature_extraction.text import CountVectorizer

    from reflect_analysis.topics.words import analyser

    return CountVectorizer(analyzer=analyser())


def versions(engine: Grouped) -> dict[str, str]:
    """The versions of the packages behind an engine."""
    packages = ["numpy"] if engine == "terms" else ["numpy", "scikit-learn"]
    if engine == "bertopic":
        packages += ["bertopic", "umap-learn", "hdbscan"]
    return {name: version_of(name) for name in packages}


def version_of(name: str) -> str:
    """The version of an installed package."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"
