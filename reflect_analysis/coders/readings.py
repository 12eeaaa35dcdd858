"""From segments to readings, and from what was found in them back to segments."""

from __future__ import annotations

import weakref
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reflect_analysis.coders.judging import Find, Reading
from reflect_analysis.coders.results import Key
from reflect_analysis.corpus import Document
from reflect_analysis.language import Parse, Stretch, stretches
from reflect_analysis.provenance import text_hash
from reflect_analysis.segments import Segment, Segments

__all__ = ["Piece", "Rows", "by_reflection", "by_segment", "pieces_of", "single"]

# A span and the finds that it rests on.
Used = tuple[int, int, Sequence[Find]]


@dataclass(frozen=True, slots=True)
class Piece:
    """One participant's words in one document, before they are parsed."""

    document: Document
    spans: tuple[Stretch, ...]
    prompt: str
    keys: dict[str, Key] = field(default_factory=dict, compare=False)

    def texts(self) -> list[str]:
        """The text of each stretch."""
        return [self.document.passage(span.start, span.end) for span in self.spans]

    def key(self, maker: str) -> Key:
        """What its results are known by."""
        if maker not in self.keys:
            spans = zip(self.spans, self.texts(), strict=True)
            hashes = tuple([(span.start, text_hash(text)) for span, text in spans])
            self.keys[maker] = Key(maker, self.prompt, hashes)
        return self.keys[maker]

    def reading(self, parses: Mapping[str, Parse]) -> Reading:
        """The same, parsed."""
        spans = zip(self.spans, self.texts(), strict=True)
        parsed = tuple((span.start, parses[text]) for span, text in spans)
        return Reading(self.document.id, parsed, self.prompt)


def single(number: int, text: str) -> Piece:
    """A text by itself."""
    return Piece(Document(str(number), text), (Stretch(0, len(text), None, ""),), "")


def pieces_of(segments: Segments) -> list[Piece]:
    """The readings of the documents that have segments: a transcript has one a speaker.

    Those of the segments that were asked for last are kept for as long as these live: after an
    edit to a code the same are asked for again.
    """
    known = _last[0]() if _last else None
    if known is not segments:
        _last[:] = [weakref.ref(segments, lambda _: _last.clear()), _pieces(segments)]
    pieces: list[Piece] = _last[1]
    return pieces


# The segments that were asked for last, and their readings; empty where these are gone.
_last: list[Any] = []


def _pieces(segments: Segments) -> list[Piece]:
    pieces = []
    for document_id in segments.by_document:
        document = segments.corpus.document(document_id)
        prompt = str(segments.corpus.attributes_of(document).get("prompt") or "")
        speakers: dict[tuple[str | None, str], list[Stretch]] = {}
        for stretch in stretches(document):
            label = "" if stretch.case_id else stretch.speaker
            speakers.setdefault((stretch.case_id, label), []).append(stretch)
        pieces += [Piece(document, tuple(spans), prompt) for spans in speakers.values()]
    return pieces


class Rows:
    """The segments of a document, found by place."""

    def __init__(self, rows: Sequence[Segment]) -> None:
        self._rows = sorted(rows, key=lambda row: row.start)
        self._starts = [row.start for row in self._rows]

    def at(self, place: int) -> Segment | None:
        """The segment in which a place lies."""
        index = bisect_right(self._starts, place) - 1
        return self._rows[index] if index >= 0 and place < self._rows[index].end else None


def by_segment(rows: Rows, finds: Sequence[Find]) -> Iterator[Used]:
    """For every segment with a find that counts: its span and the finds in it."""
    inside: dict[str, tuple[Segment, list[Find]]] = {}
    for find in finds:
        row = rows.at(find.start)
        if row is not None:
            inside.setdefault(row.id, (row, []))[1].append(find)
    for row, used in inside.values():
        if not all(find.blocked for find in used):
            yield row.start, row.end, used


def by_reflection(rows: Rows, finds: Sequence[Find]) -> Iterator[Used]:
    """One span from the segment of the first find that counts to that of the last."""
    places = [
        (first, last, find)
        for find in finds
        if not find.blocked
        and (first := rows.at(find.start)) is not None
        and (last := rows.at(find.end - 1)) is not None
    ]
    if places:
        start = min(first.start for first, _, _ in places)
        end = max(last.end for _, last, _ in places)
        yield start, end, [find for _, _, find in places]
