"""How alike texts are to what a codebook says of each code: cosines of vectors, no probability.

Of a code the definition, the inclusions and the examples are compared; the mean of the two most
alike is its likeness to the text. Two things are taken off. A counter-example is a near miss, so
it counts only where the text is nearer to it than to all that belongs, and by how much. And some
texts are alike to everything: the mean likeness to the other codes is taken off too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from reflect_analysis.cache import Cache
from reflect_analysis.codebook import Code, Codebook
from reflect_analysis.embeddings import embed, model_name
from reflect_analysis.errors import CoderError

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

__all__ = ["Embedding", "Likeness", "embedding_name", "vectors_of"]

Embedding: TypeAlias = str | Path | Callable[[Sequence[str]], Any] | None

# How many of the sentences about a code are averaged: one may be alike by chance.
_NEAREST = 2


def vectors_of(texts: Sequence[str], embedding: Embedding, cache: Cache | None = None) -> Array:
    """Vectors of unit length, (n_texts, n_dimensions).

    Parameters
    ----------
    embedding : str, Path or callable, optional
        The folder of a sentence-transformers model, a function from texts to vectors, or
        nothing for the packaged model.

    Raises
    ------
    CoderError
        If a function gives something else than a finite vector for every text.
    """
    if not callable(embedding):
        return np.asarray(embed(texts, model=embedding, cache=cache), dtype=float)
    called = embedding_name(embedding)
    try:
        vectors = np.asarray(embedding(list(texts)), dtype=float)
    except (TypeError, ValueError):
        raise CoderError(f"{called}: expected vectors as numbers, (n_texts, n)") from None
    if vectors.ndim != 2 or len(vectors) != len(texts):  # noqa: PLR2004  # rows and columns
        raise CoderError(
            f"{called}: expected vectors of shape ({len(texts)} texts, n), got {vectors.shape}"
        )
    bad = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if len(bad):
        raise CoderError(
            f"{called}: {len(bad)} vectors are not finite numbers, first of text {bad[0] + 1} "
            "(counted from 1)"
        )
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Array = vectors / np.where(lengths > 0, lengths, 1.0)
    return unit


def embedding_name(embedding: Embedding) -> str:
    """Name of an embedding, and the hash of its model where it has one."""
    if callable(embedding):
        return str(getattr(embedding, "__name__", type(embedding).__name__))
    return model_name(embedding)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence about a code and what it is called."""

    text: str
    label: str
    column: int
    belongs: bool


def _sentences(code: Code, column: int) -> list[_Sentence]:
    def told(texts: Sequence[str], noun: str) -> list[_Sentence]:
        belongs = noun != "counter-example"
        return [
            _Sentence(text, f"{noun} {number} of {code.id}", column, belongs=belongs)
            for number, text in enumerate(texts, 1)
        ]

    return [
        _Sentence(code.definition, f"the definition of {code.id}", column, belongs=True),
        *told(code.include, "inclusion"),
        *told(code.examples, "example"),
        *told([item.text for item in code.counter_examples], "counter-example"),
    ]


class Likeness:
    """The sentences of a codebook as vectors, and how alike texts are to them.

    Parameters
    ----------
    codebook : Codebook
        Of its codes those that a machine may propose.
    embedding : str, Path or callable, optional
    cache : Cache, optional
    """

    def __init__(self, codebook: Codebook, embedding: Embedding, cache: Cache | None) -> None:
        codes = codebook.machine_codes()
        self.codes = tuple(code.id for code in codes)
        self.sentences = tuple(s for n, code in enumerate(codes) for s in _sentences(code, n))
        self._columns = np.array([each.column for each in self.sentences], dtype=int)
        self._belongs = np.array([each.belongs for each in self.sentences], dtype=bool)
        self._vectors = vectors_of([each.text for each in self.sentences], embedding, cache)
        self._embedding = embedding
        self._cache = cache

    def of_texts(self, texts: Sequence[str]) -> Array:
        """Similarities, (n_texts, n_codes); about −1 to 1."""
        return self._judged(self._vectors_of(texts) @ self._vectors.T)

    def _vectors_of(self, texts: Sequence[str]) -> Array:
        return vectors_of(texts, self._embedding, self._cache)

    def _judged(self, cosines: Array) -> Array:
        """From cosines with all sentences, (n_texts, n_sentences), to similarities."""
        near = np.zeros((len(cosines), len(self.codes)))
        missed = np.zeros_like(near)
        for column in range(len(self.codes)):
            mine = self._columns == column
            good = np.sort(cosines[:, mine & self._belongs], axis=1)
            near[:, column] = good[:, -_NEAREST:].mean(axis=1)
            bad = cosines[:, mine & ~self._belongs]
            if bad.shape[1]:
                missed[:, column] = np.maximum(bad.max(axis=1) - good[:, -1], 0.0)
        count = len(self.codes)
        others = (near.sum(axis=1, keepdims=True) - near) / (count - 1) if count > 1 else 0.0
        result: Array = near - missed - others
        return result

    def nearest(self, texts: Sequence[str]) -> list[dict[str, tuple[str, float]]]:
        """For every text by code: what of the code is nearest to it, and its cosine."""
        cosines = self._vectors_of(texts) @ self._vectors.T
        return [
            {code: self._nearest(row, column) for column, code in enumerate(self.codes)}
            for row in cosines
        ]

    def _nearest(self, cosines: Array, column: int) -> tuple[str, float]:
        places = np.flatnonzero((self._columns == column) & self._belongs)
        best = int(places[np.argmax(cosines[places])])
        return self.sentences[best].label, float(cosines[best])

    def own_thresholds(self, share: float) -> dict[str, float]:
        """For every code the similarity that `share` of the other codes' sentences stay under.

        Its own counter-examples count among these. A codebook that has nothing to compare
        with gives no thresholds.
        """
        texts = np.array([s.label.startswith(("example", "counter")) for s in self.sentences])
        scores = self._judged(self._vectors @ self._vectors.T)
        found = {}
        for column, code in enumerate(self.codes):
            rows = texts & ((self._columns != column) | ~self._belongs)
            if rows.any():
                found[code] = float(np.quantile(scores[rows, column], share))
        return found
