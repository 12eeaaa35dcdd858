"""How far the segments of a topic are those that coders gave a code.

A segment counts for a code only where somebody looked for the code in it: "not looked for" is
not "not there". Codings that were made from topics are left out, because a topic always agrees
with itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from reflect_analysis.codebook import Codebook
from reflect_analysis.codings import Codings
from reflect_analysis.topics.values import Topics, TopicUnit

__all__ = ["TOPICS_CODER", "AlignmentRow", "Overlap"]

# The name under which topics code: one more coder, not a second pipeline.
TOPICS_CODER = "topics"

Counts = tuple[int, float, float, int, int, int]
Flags = NDArray[np.bool_]
Span = tuple[int, int]


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
        Segments in both, of the segments in either, in [0, 1]; only segments in which the
        code was looked for count. `nan` without codings, or where there are none.
    lift : float
        How many times oftener the code stands in the topic's segments than in all; 1 is what
        chance gives, from 0. `nan` without codings, or where one of the two holds none.
    in_topic, with_code, looked_for : int, optional
        Of the segments in which the code was looked for: those of the topic, those with the
        code, and all. `None` without codings.
    """

    topic: int
    code_id: str
    similarity: float
    excess: float
    coded: int | None = None
    jaccard: float = math.nan
    lift: float = math.nan
    in_topic: int | None = None
    with_code: int | None = None
    looked_for: int | None = None


@dataclass(frozen=True)
class Overlap:
    """The segments of topics beside codings, code by code.

    Parameters
    ----------
    topics : Topics
    codebook : Codebook
    codings : Codings
        Under the codebook as it is now, without those that topics gave.
    """

    topics: Topics
    codebook: Codebook
    codings: Codings

    @classmethod
    def of(cls, topics: Topics, codebook: Codebook, codings: Codings) -> Overlap:
        """The overlap with what coders other than topics coded."""
        others = [coder for coder in codings.coders if coder != TOPICS_CODER]
        return cls(topics, codebook, codings.under(codebook).by_coder(*others))

    def counts(self, number: int, code_id: str) -> Counts:
        """``coded, jaccard, lift, in_topic, with_code, looked_for`` of one pair."""
        looked, coded = self._of_code(code_id)
        inside = self._labels == number
        in_topic, with_code = int((inside & looked).sum()), int(coded.sum())
        both = int((inside & coded).sum())
        either, n = in_topic + with_code - both, int(looked.sum())
        jaccard = both / either if either else math.nan
        lift = both * n / (in_topic * with_code) if in_topic and with_code else math.nan
        return both, round(jaccard, 6), round(lift, 6), in_topic, with_code, n

    @cached_property
    def _labels(self) -> NDArray[np.int64]:
        return np.array([unit.topic for unit in self.topics.units], dtype=np.int64)

    @cached_property
    def _kept(self) -> dict[str, tuple[Flags, Flags]]:
        return {}

    def _of_code(self, code_id: str) -> tuple[Flags, Flags]:
        """Where a code was looked for, and where of these it stands; kept, a code once."""
        if code_id not in self._kept:
            whole, parts = self._seen(code_id)
            spans = self._coded.get(code_id, {})
            units = self.topics.units
            looked = np.array(
                [u.document_id in whole or _inside(u, parts.get(u.document_id, ())) for u in units],
                dtype=bool,
            )
            coded = np.array([_meets(u, spans.get(u.document_id, ())) for u in units], dtype=bool)
            self._kept[code_id] = looked, looked & coded
        return self._kept[code_id]

    def _seen(self, code_id: str) -> tuple[frozenset[str], dict[str, list[Span]]]:
        """Documents that were read whole for a code, and parts that were."""
        parts: dict[str, list[Span]] = {}
        for row in self.codings.seen:
            if (
                row.start is not None
                and row.end is not None
                and code_id in (row.codes or (code_id,))
            ):
                parts.setdefault(row.document_id, []).append((row.start, row.end))
        return self.codings.documents_seen(code_id), parts

    @cached_property
    def _coded(self) -> dict[str, dict[str, list[Span]]]:
        """Spans with each code by document; a passage counts for the codes above its own too."""
        found: dict[str, dict[str, list[Span]]] = {}
        for row in self.codings.current:
            coding, machine = row.coding, row.status == "machine"
            if coding.code_id not in self.codebook:
                continue
            for code_id in self.codebook.counts_for(coding.code_id, machine=machine):
                spans = found.setdefault(code_id, {}).setdefault(coding.document_id, [])
                spans.append((coding.start, coding.end))
        return found


def _meets(unit: TopicUnit, spans: Iterable[Span]) -> bool:
    return any(start < unit.end and unit.start < end for start, end in spans)


def _inside(unit: TopicUnit, spans: Iterable[Span]) -> bool:
    return any(start <= unit.start and unit.end <= end for start, end in spans)
