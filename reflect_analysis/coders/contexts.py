"""What stands around a segment: one definition, for training and for use.

The words around a segment are those of the same speaker in the same turn or document, whether
or not they are segments themselves: so a segment has the same context wherever it is read.
A governed text gives no context until its authority approved what it is read for.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Literal

from reflect_analysis.corpus import Document
from reflect_analysis.segments import Segment, Segments

__all__ = ["contexts_of", "joined", "readings_of"]

# The previous and the next sentence of most people's writing lie within this many characters.
REACH = 200
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)]*\s+|\n+")


def contexts_of(
    segments: Segments, *, use: Literal["coding", "training"] = "coding"
) -> tuple[str, ...]:
    """The passage in which each segment stands: the words before it, itself, and those after.

    Up to 200 characters on either side, of the same speaker, cut at the first end of a sentence
    within them, so that mostly one or two whole sentences stand before and after.

    Parameters
    ----------
    segments : Segments
    use : {"coding", "training"}
        What they are read for.

    Returns
    -------
    tuple of str
        One a segment, letter for letter as in the document; the segment alone where nothing
        is around. Empty where a governed record waits for the approval of that use.
    """
    corpus = segments.corpus
    documents = [corpus.document(name) for name in segments.by_document]
    bounds = {each.id: _Bounds(each) for each in documents if corpus.permits(each, use)}
    return tuple(
        _around(row, bounds[row.document_id]) if row.document_id in bounds else ""
        for row in segments
    )


class _Bounds:
    """Where the words of a speaker begin and end in a document."""

    def __init__(self, document: Document) -> None:
        self.text = document.text
        turns = sorted((turn.start, turn.end) for turn in document.turns)
        self._turns = turns or [(0, len(document.text))]
        self._starts = [start for start, _ in self._turns]

    def of(self, row: Segment) -> tuple[int, int]:
        """The turn in which a segment begins, stretched where it goes on beyond it."""
        start, end = self._turns[max(bisect_right(self._starts, row.start) - 1, 0)]
        return min(start, row.start), max(end, row.end)


def _around(row: Segment, bounds: _Bounds) -> str:
    start, end = bounds.of(row)
    first, last = max(start, row.start - REACH), min(end, row.end + REACH)
    before, after = bounds.text[first : row.start], bounds.text[row.end : last]
    if first > start:
        cut = _SENTENCE_END.search(before.rstrip())
        before = before[cut.end() :] if cut else before.partition(" ")[2]
    if last < end:
        cuts = list(_SENTENCE_END.finditer(after))
        after = after[: cuts[-1].end()] if cuts else after.rpartition(" ")[0]
    return f"{before.lstrip()}{row.text}{after.rstrip()}"


def readings_of(segments: Segments) -> list[list[Segment]]:
    """The segments of each participant, or unknown speaker, in each document, in order."""
    groups: dict[tuple[str, str], list[Segment]] = {}
    for row in segments:
        turns = segments.corpus.document(row.document_id).turns
        speakers = (turn.speaker for turn in turns if turn.start <= row.start < turn.end)
        who = row.case_id or next(speakers, "")
        groups.setdefault((row.document_id, who), []).append(row)
    return list(groups.values())


def joined(rows: Sequence[Segment]) -> str:
    """The text of a reading."""
    return "\n".join(row.text for row in rows)
