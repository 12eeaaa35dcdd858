"""Fits that were made before: the labels of every fit and refit, kept in the cache.

A report that is made again, after an edit of the codebook, groups the same vectors in the same
way. Its labels are numbers in the order of the rows, without ids and words; since each entry is
made of many texts, a withdrawal forgets all of them. Fits by models that the caller brought are
not kept: nobody knows what they depend on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Literal

import numpy as np

from reflect_analysis.cache import MANY_TEXTS, Cache, entry_key
from reflect_analysis.provenance import fingerprint
from reflect_analysis.topics.values import Grouped

if TYPE_CHECKING:
    from reflect_analysis.topics.clusters import Cluster, Labels, Vectors

__all__ = ["Fits", "versions"]

KIND = "labels"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Fits:
    """What is known of fits.

    Parameters
    ----------
    store : Cache, optional
        By default nothing is kept and nothing is known.
    """

    store: Cache | None = None

    def keys(
        self, cluster: Cluster, vectors: Vectors, what: Literal["fit", "refit"]
    ) -> _Keys | None:
        """Names for the fits of an engine on parts of these vectors; `None` if none is kept."""
        own = cluster.settings.umap is None and cluster.settings.hdbscan is None
        if self.store is None or not own:
            return None
        settings = cluster.settings
        made_by = (
            (cluster.engine, what, cluster.n_topics, cluster.share, cluster.smooth),
            (settings.n_neighbors, settings.n_components),
            versions(cluster.engine),
        )
        maker = fingerprint(FORMAT, *made_by, _digest(vectors), str(vectors.shape))
        return _Keys(maker, cluster.seeded)

    def labels(self, cluster: Cluster, vectors: Vectors, seed: int) -> Labels:
        """The labels of an engine on all of these vectors, as they are kept or made now."""
        keys = self.keys(cluster, vectors, "fit")
        if keys is None:
            return cluster.fit(vectors, seed)
        name = keys.of(np.arange(len(vectors)), seed)
        known = self.known([name]).get(name)
        if known is not None:
            return known
        made = cluster.fit(vectors, seed)
        self.keep({name: made})
        return made

    def known(self, keys: Iterable[str]) -> dict[str, Labels]:
        """The labels of fits, by name, as far as they are kept."""
        wanted = set(keys)
        if self.store is None or not wanted:
            return {}
        read = self.store.get_many(KIND, wanted, remember=True)
        return {key: np.frombuffer(data, dtype=np.int64).copy() for key, data in read.items()}

    def keep(self, labels: Mapping[str, Labels]) -> None:
        """Keep the labels of fits."""
        if self.store is not None:
            entries = {key: each.astype(np.int64).tobytes() for key, each in labels.items()}
            self.store.put_many(KIND, entries, remember=True)


@dataclass(frozen=True, slots=True)
class _Keys:
    """Names for the fits of one engine on parts of the same vectors."""

    maker: str
    seeded: bool

    def of(self, rows: np.ndarray[tuple[int], np.dtype[np.int64]], seed: int) -> str:
        """The name of a fit: by its rows in their order, and by the seed where that matters."""
        return entry_key(
            MANY_TEXTS, fingerprint(self.maker, _digest(rows), seed if self.seeded else 0)
        )


def _digest(array: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()


def versions(engine: Grouped) -> dict[str, str]:
    """The versions of the packages behind an engine."""
    packages = ["numpy"] if engine == "terms" else ["numpy", "scikit-learn"]
    if engine == "bertopic":
        packages += ["bertopic", "umap-learn", "hdbscan"]
    return {name: _version(name) for name in packages}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"
