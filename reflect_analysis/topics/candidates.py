"""Topics that no code covers: candidates for new codes, with passages to be read.

A candidate holds ids alone. Passages come from the segments that the researcher gives, and only
those of participants who have not refused to be quoted, and of records whose governors approved
quotes; they are for the researcher's eyes and never for a page that is sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reflect_analysis._rows import to_frame
from reflect_analysis.segments import Segment, Segments
from reflect_analysis.topics.overlap import AlignmentRow
from reflect_analysis.topics.values import Topics, TopicUnit

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Candidate", "candidates_frame", "candidates_of", "may_be_quoted"]

# Enough that some are left where participants refused, and few enough to be kept in a value.
_MOST = 50


@dataclass(frozen=True, slots=True)
class Candidate:
    """A topic that no code covers.

    Parameters
    ----------
    topic : int
    label : str
    words : tuple of str
    size, participants : int
    nearest_code : str
        Id of the most similar code, which does not cover it.
    similarity : float
    stability : str
        The verdict on the topic, or on the solution where the topic's was not measured.
    segment_ids : tuple of str
        Its segments, the nearest to its centre first, participants in turn; at most 50.
    """

    topic: int
    label: str
    words: tuple[str, ...]
    size: int
    participants: int
    nearest_code: str
    similarity: float
    stability: str
    segment_ids: tuple[str, ...]


def candidates_of(topics: Topics, near: Mapping[int, AlignmentRow]) -> tuple[Candidate, ...]:
    """The candidates among topics, given the nearest code of each that no code covers."""
    return tuple(_candidate(topics, number, row) for number, row in near.items())


def _candidate(topics: Topics, number: int, row: AlignmentRow) -> Candidate:
    topic = topics[number]
    verdict = topic.stability.verdict
    stability = topics.stability.verdict if verdict == "not measured" else verdict
    members = [unit for unit in topics.units if unit.topic == number]
    return Candidate(
        number,
        topics.label(number),
        topic.words,
        topic.size,
        topic.participants,
        row.code_id,
        row.similarity,
        stability,
        in_turn(members)[:_MOST],
    )


def in_turn(units: Iterable[TopicUnit]) -> tuple[str, ...]:
    """Ids of units, the nearest to the centre first, each voice once before any comes twice."""
    turns: Counter[str] = Counter()
    ranked = []
    for place, unit in enumerate(sorted(units, key=lambda u: (-u.similarity, u.segment_id))):
        voice = f"case {unit.case_id}" if unit.case_id else f"document {unit.document_id}"
        ranked.append((turns[voice], place, unit.segment_id))
        turns[voice] += 1
    return tuple(segment_id for _, _, segment_id in sorted(ranked))


def candidates_frame(
    candidates: Sequence[Candidate], segments: Segments | None, *, quotes: int
) -> pd.DataFrame:
    """See `Alignment.candidates_frame`."""
    if quotes < 1:
        raise ValueError(f"quotes: expected at least 1, came {quotes!r}")
    frame = to_frame(candidates, Candidate)
    frame["words"] = [", ".join(each.words) for each in candidates]
    known = {row.id: row for row in segments} if segments is not None else {}
    shown = [_shown(each.segment_ids, known, segments, quotes) for each in candidates]
    frame["segment_ids"] = ["; ".join(ids) for ids in shown]
    if segments is None:
        return frame
    return frame.assign(passages=["\n".join(known[i].text for i in ids) for ids in shown])


def _shown(
    ids: Sequence[str], known: Mapping[str, Segment], segments: Segments | None, quotes: int
) -> list[str]:
    if segments is None:
        return list(ids[:quotes])
    able = (i for i in ids if i in known and may_be_quoted(known[i], segments))
    return [segment_id for segment_id, _ in zip(able, range(quotes), strict=False)]


def may_be_quoted(segment: Segment, segments: Segments) -> bool:
    """Whether nobody who decides about a passage has refused that it be quoted."""
    corpus = segments.corpus
    if not corpus.permits(corpus.document(segment.document_id), "quotes"):
        return False
    return segment.case_id is None or corpus.case(segment.case_id).quotes != "no"
