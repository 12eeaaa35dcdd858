"""Fits that were made before: the labels of every fit and refit, kept in the cache.

A report that is made again, after an edit of the codebook, groups the same vectors in the same
way. Its labels are numbers in the order of the rows, without ids and words; since each entry is
made of many texts, a withdrawal forgets all of them. A fit is kept with the seconds that it took,
and one that found no groups with its message, which holds counts alone. Fits by models that the
caller brought are not kept: nobody knows what they depend on.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from reflect_analysis.cache import MANY_TEXTS, Cache, entry_key
from reflect_analysis.provenance import fingerprint, package_version
from reflect_analysis.topics.clusters import NoTopicsError, version_of, versions
from reflect_analysis.topics.values import Grouped

if TYPE_CHECKING:
    from reflect_analysis.topics.clusters import Cluster, Labels, Vectors

__all__ = ["Fits"]

KIND = "labels"
FORMAT = 2
# What an engine counts with beside the packages that the history tells.
_BENEATH = {"bertopic": ("scipy", "numba")}


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
            _made_with(cluster.engine),
        )
        maker = fingerprint(FORMAT, *made_by, _digest(vectors), str(vectors.shape))
        return _Keys(maker, cluster.seeded)

    def labels(self, cluster: Cluster, vectors: Vectors, seed: int) -> tuple[Labels, float]:
        """The labels of an engine on all of these vectors, as they are kept or made now.

        Returns
        -------
        labels : ndarray
        seconds : float
            What the fit took when it was made.

        Raises
        ------
        NoTopicsError
        """
        keys = self.keys(cluster, vectors, "fit")
        if self.store is None or keys is None:
            return _Fit.of(cluster, vectors, seed).result()
        name = keys.of(np.arange(len(vectors)), seed)
        kept = self.store.get_many(KIND, [name], remember=True).get(name)
        fit = _Fit.from_bytes(kept) if kept else _Fit.of(cluster, vectors, seed)
        if not kept:
            self.store.put_many(KIND, {name: fit.to_bytes()}, remember=True)
        return fit.result()

    def known(self, keys: Iterable[str]) -> dict[str, Labels]:
        """The labels of refits, by name, as far as they are kept."""
        wanted = set(keys)
        if self.store is None or not wanted:
            return {}
        read = self.store.get_many(KIND, wanted, remember=True)
        return {key: np.frombuffer(data, dtype=np.int64).copy() for key, data in read.items()}

    def keep(self, labels: Mapping[str, Labels]) -> None:
        """Keep the labels of refits."""
        if self.store is not None:
            entries = {key: each.astype(np.int64).tobytes() for key, each in labels.items()}
            self.store.put_many(KIND, entries, remember=True)


@dataclass(frozen=True, slots=True)
class _Fit:
    """What came of a fit: labels, or why there are none; and the seconds that it took."""

    labels: Labels | None
    seconds: float
    why: str = ""

    @classmethod
    def of(cls, cluster: Cluster, vectors: Vectors, seed: int) -> _Fit:
        """A fit that is made now.

        Raises
        ------
        NoTopicsError
            If the engine failed: where that is mended, it may find topics.
        """
        began = time.perf_counter()
        try:
            labels, why = cluster.fit(vectors, seed), ""
        except NoTopicsError as error:
            if error.__cause__ is not None:
                raise
            labels, why = None, str(error)
        return cls(labels, time.perf_counter() - began, why)

    @classmethod
    def from_bytes(cls, data: bytes) -> _Fit:
        """As it was kept."""
        head, _, rest = data.partition(b"\n")
        told = json.loads(head)
        labels = None if told["why"] else np.frombuffer(rest, dtype=np.int64).copy()
        return cls(labels, told["seconds"], told["why"])

    def to_bytes(self) -> bytes:
        """A line about it, and its labels."""
        head = json.dumps({"seconds": round(self.seconds, 3), "why": self.why}).encode()
        return (
            head + b"\n" + (b"" if self.labels is None else self.labels.astype(np.int64).tobytes())
        )

    def result(self) -> tuple[Labels, float]:
        """The labels and the seconds, or `NoTopicsError`."""
        if self.labels is None:
            raise NoTopicsError(self.why)
        return self.labels, self.seconds


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


def _made_with(engine: Grouped) -> dict[str, str]:
    """The versions of all that labels depend on, of this package first: its code makes them."""
    beneath = {name: version_of(name) for name in _BENEATH.get(engine, ("scipy",))}
    return {"reflect-analysis": package_version(), **versions(engine), **beneath}
