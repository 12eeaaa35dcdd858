"""Topics beside the codebook: which code is near to which topic, and which topic to none.

The topics were found without the codes, so their nearness is evidence for both; a topic
that no code covers is a candidate for a new one. Nearness is the cosine of a topic's centre
with a code's prototype, the mean vector of its definition, inclusions and examples; since
a code may be near to all that is said, it counts only where it passes the nearness of the
same code to the texts at large.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from reflect_analysis._rows import to_frame
from reflect_analysis.cache import Cache
from reflect_analysis.codebook import Code, Codebook
from reflect_analysis.codings import Codings
from reflect_analysis.embeddings import embed
from reflect_analysis.errors import TopicsError
from reflect_analysis.topics.clusters import Vectors, unit
from reflect_analysis.topics.values import Topics, TopicUnit

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Alignment", "AlignmentRow", "align"]


# Of the examples of the starter codebook three in four lie this near to their own code, and
# three in four lie farther from every other.
COVERED = 0.45


@dataclass(frozen=True, slots=True)
class AlignmentRow:
    """One topic beside one code.

    Parameters
    ----------
    topic : int
    code_id : str
    similarity : float
        Cosine of the topic's centre with the code's prototype, in [−1, 1].
    excess : float
        `similarity` less the cosine of the centre of all segments with the prototype: above
        0, the topic is nearer to the code than the texts at large.
    coded : int, optional
        The topic's segments that hold a current coding of the code; `None` without codings.
    jaccard : float
        Segments in both, of the segments in either, in [0, 1]; only documents in which the
        code was looked for count. `nan` without codings, or where there are none.
    """

    topic: int
    code_id: str
    similarity: float
    excess: float
    coded: int | None = None
    jaccard: float = math.nan


@dataclass(frozen=True)
class Alignment:
    """Every topic beside every code.

    Parameters
    ----------
    rows : tuple of AlignmentRow
        Topic by topic, in the codebook's order.
    threshold : float
        A code covers a topic from this similarity, where the excess is above 0.
    """

    rows: tuple[AlignmentRow, ...]
    threshold: float

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[AlignmentRow]:
        return iter(self.rows)

    def covers(self, row: AlignmentRow) -> bool:
        """Whether the code of a row covers its topic."""
        return row.similarity >= self.threshold and row.excess > 0

    @cached_property
    def nearest(self) -> dict[int, AlignmentRow]:
        """The code that covers a topic best, or else the most similar, by topic."""
        best: dict[int, AlignmentRow] = {}
        for row in self.rows:
            if row.topic not in best or self._rank(row) > self._rank(best[row.topic]):
                best[row.topic] = row
        return best

    def _rank(self, row: AlignmentRow) -> tuple[bool, float]:
        covers = self.covers(row)
        return covers, row.excess if covers else row.similarity

    @property
    def uncovered(self) -> tuple[int, ...]:
        """Topics that no code covers: candidates for new codes."""
        return tuple(topic for topic, row in self.nearest.items() if not self.covers(row))

    def to_matrix(self) -> pd.DataFrame:
        """(n_topics, n_codes) of similarities."""
        frame = self.to_frame()
        codes = list(dict.fromkeys(frame["code_id"]))
        matrix = frame.pivot(index="topic", columns="code_id", values="similarity")  # noqa: PD010  # each pair stands once
        return matrix[codes]

    def to_frame(self) -> pd.DataFrame:
        """One row a pair of topic and code.

        Returns
        -------
        DataFrame
            ``topic, code_id, similarity, excess, coded, jaccard``.
        """
        return to_frame(self.rows, AlignmentRow)

    def __repr__(self) -> str:
        topics = len(self.nearest)
        free = f"; no code covers {', '.join(map(str, self.uncovered))}" if self.uncovered else ""
        return f"<Alignment: {topics} topics × {len(self) // max(topics, 1)} codes{free}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{topic}</td><td>{escape(row.code_id)}</td><td>{row.similarity:.2f}</td>"
            f"<td>{'yes' if self.covers(row) else 'no'}</td></tr>"
            for topic, row in self.nearest.items()
        )
        head = "<tr><th>Topic</th><th>Nearest code</th><th>Similarity</th><th>Covered</th></tr>"
        return f"<p>{escape(repr(self))}</p><table>{head}{rows}</table>"


def align(
    topics: Topics,
    codebook: Codebook,
    *,
    codings: Codings | None = None,
    prototypes: NDArray[np.floating[Any]] | None = None,
    threshold: float = COVERED,
    model: str | Path | None = None,
    cache: Cache | None = None,
) -> Alignment:
    """Set topics beside the codes of a codebook that a machine may propose.

    Human-only codes have no row: to name a machine's grouping by one is to propose it.

    Parameters
    ----------
    topics : Topics
    codebook : Codebook
    codings : Codings, optional
        Of the same corpus: then each pair also shows how many of the topic's segments were
        given the code.
    prototypes : ndarray, optional
        (n_codes, n_dimensions): the vectors of `Codebook.machine_codes`, by the model that
        made the topics' vectors; by default computed with `model`.
    threshold : float
        Similarity from which a code may cover a topic, in [−1, 1]; it depends on the model.
    model, cache
        As for `fit_topics`; the model must be the one behind the topics.

    Returns
    -------
    Alignment

    Raises
    ------
    TopicsError
        If the prototypes do not fit the codes, or the topics' vectors.
    """
    if not topics.rows or not codebook.machine_codes():
        return Alignment((), threshold)
    codes = codebook.machine_codes()
    codings = codings.under(codebook) if codings is not None else None
    vectors = _prototypes(codes, model, cache) if prototypes is None else prototypes
    similarities = _similarities(topics, codes, np.asarray(vectors, dtype=np.float32))
    at_large = similarities[-1]
    rows = [
        AlignmentRow(
            topic.number,
            code.id,
            round(float(similarities[topic.number, place]), 6),
            round(float(similarities[topic.number, place] - at_large[place]), 6),
            *_overlap(topics, topic.number, code.id, codings),
        )
        for topic in topics
        for place, code in enumerate(codes)
    ]
    return Alignment(tuple(rows), threshold)


def _prototypes(codes: Sequence[Code], model: str | Path | None, cache: Cache | None) -> Vectors:
    """(n_codes, n_dimensions), of unit length."""
    texts = [_texts_of(code) for code in codes]
    vectors = embed([text for each in texts for text in each], model=model, cache=cache)
    ends = np.cumsum([len(each) for each in texts])
    groups = np.split(vectors, ends[:-1])
    return unit(np.stack([group.mean(axis=0) for group in groups]))


def _texts_of(code: Code) -> list[str]:
    texts = (code.definition, *code.include, *code.examples)
    return [text for text in texts if text.strip()]


def _similarities(topics: Topics, codes: Sequence[Code], prototypes: Vectors) -> Vectors:
    """(n_topics + 1, n_codes); the last row is that of the centre of all segments."""
    centroids = np.asarray([*topics.centroids, topics.centre], dtype=np.float32)
    expected = (len(codes), centroids.shape[1])
    if prototypes.shape != expected:
        raise TopicsError(
            f"prototypes: expected shape {expected} (codes × the dimensions of the topics' "
            f"vectors), came {prototypes.shape}; use the model that made the topics' vectors"
        )
    if not np.isfinite(prototypes).all():
        raise TopicsError("prototypes: expected finite numbers, came NaN or infinity")
    similarities: Vectors = centroids @ unit(prototypes).T
    return similarities


def _overlap(
    topics: Topics, number: int, code_id: str, codings: Codings | None
) -> tuple[int | None, float]:
    """The topic's segments with the code, and their Jaccard index."""
    if codings is None:
        return None, math.nan
    seen = codings.documents_seen(code_id)
    spans: dict[str, list[tuple[int, int]]] = {}
    for row in codings.current:
        if row.coding.code_id == code_id:
            spans.setdefault(row.coding.document_id, []).append((row.coding.start, row.coding.end))
    units = [unit for unit in topics.units if unit.document_id in seen]
    coded = [_meets(unit, spans) for unit in units]
    inside = [unit.topic == number for unit in units]
    both = sum(a and b for a, b in zip(coded, inside, strict=True))
    either = sum(a or b for a, b in zip(coded, inside, strict=True))
    return both, both / either if either else math.nan


def _meets(unit: TopicUnit, spans: dict[str, list[tuple[int, int]]]) -> bool:
    found = spans.get(unit.document_id, ())
    return any(start < unit.end and unit.start < end for start, end in found)
