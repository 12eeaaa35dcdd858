"""Offsets that move when words of a text are replaced, and all that points into it by them.

The invariant: what stood at a span stands, with its replacements, at the moved span. A span that
cuts through a replacement is widened until it holds the surrogate whole, for half a surrogate is
no word. Order and nesting stay. Ids of codings and decisions stay too, so that a decision still
finds what it decided on; a log with the old offsets cannot be joined to one with the new.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, pairwise
from typing import TypeVar

from reflect_analysis.anonymity.file_names import FileNames
from reflect_analysis.codings import Coding, Codings, Memo, Seen
from reflect_analysis.corpus import Corpus, Document, Turn
from reflect_analysis.disclosure import Approval, QuoteRecord
from reflect_analysis.provenance import merge_runs, text_hash
from reflect_analysis.segments import Segment, Segments

__all__ = ["Moved", "Replacement", "Shift", "moved_document"]

Quote = TypeVar("Quote", bound=Approval)


@dataclass(frozen=True, slots=True)
class Replacement:
    """Half-open code points of a text, and what stands there instead."""

    start: int
    end: int
    words: str


@dataclass(frozen=True)
class Shift:
    """How the offsets of one text move.

    Parameters
    ----------
    replacements : tuple of Replacement
        In their order, disjoint, each of at least one character by at least one.

    Raises
    ------
    ValueError
        If they overlap, are not in order, or one is empty.

    Examples
    --------
    >>> shift = Shift((Replacement(3, 8, "P03"),))
    >>> shift.text("My Maria, she laughed.")
    'My P03, she laughed.'
    >>> shift.span(10, 13), shift.span(5, 9)
    ((8, 11), (3, 7))
    """

    replacements: tuple[Replacement, ...] = ()

    def __post_init__(self) -> None:
        for each in self.replacements:
            if not 0 <= each.start < each.end or not each.words:
                raise ValueError(f"nothing to replace, or by nothing, at {each.start}–{each.end}")
        for one, other in pairwise(self.replacements):
            if other.start < one.end:
                raise ValueError(f"replacements at {one.start} and {other.start} overlap")

    @cached_property
    def _starts(self) -> list[int]:
        return [each.start for each in self.replacements]

    @cached_property
    def _ends(self) -> list[int]:
        return [each.end for each in self.replacements]

    @cached_property
    def _grown(self) -> list[int]:
        """By how much the text has grown after each of the first replacements."""
        growth = (len(each.words) - (each.end - each.start) for each in self.replacements)
        return [0, *accumulate(growth)]

    def text(self, text: str) -> str:
        """The text with its replacements."""
        parts: list[str] = []
        here = 0
        for each in self.replacements:
            parts += (text[here : each.start], each.words)
            here = each.end
        return "".join([*parts, text[here:]])

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a span stands now; one that cuts through a replacement holds it whole."""
        first = bisect_right(self._ends, start)  # replacements that lie wholly before
        last = bisect_left(self._starts, end)  # and those that begin before the end
        if first < last:
            start = min(start, self._starts[first])
            end = max(end, self._ends[last - 1])
        return start + self._grown[first], end + self._grown[max(first, last)]


_UNMOVED = Shift()


@dataclass(frozen=True)
class Moved:
    """What replacements did to a corpus, for all that points into it.

    Parameters
    ----------
    before, after : Corpus
    shifts : mapping of str to Shift
        By document.
    reworded : callable
        Replaces the same words in what people wrote about a text: evidence, memos, reasons.
    files : FileNames
        Replaces the files' names in the runs of what was made before.
    """

    before: Corpus = field(repr=False)
    after: Corpus = field(repr=False)
    shifts: Mapping[str, Shift]
    reworded: Callable[[str], str] = field(default=str, repr=False)
    files: FileNames = field(default=FileNames(), repr=False)

    def __repr__(self) -> str:
        count = sum(len(shift.replacements) for shift in self.shifts.values())
        return f"<Moved: {count} replacements in {len(self.shifts)} documents>"

    def span(self, document_id: str, start: int, end: int) -> tuple[int, int]:
        """Where a span of a document stands now."""
        return self.shifts.get(document_id, _UNMOVED).span(start, end)

    @property
    def hashes(self) -> tuple[tuple[str, str, str], ...]:
        """Document, old and new hash of each text that changed."""
        pairs = ((d, self.after.document(d.id)) for d in self.before if d.id in self.shifts)
        return tuple((old.id, old.sha256, new.sha256) for old, new in pairs)

    def codings(self, codings: Codings) -> Codings:
        """A log whose codings, parts read and memos point into the new texts.

        Evidence, reasons and memos lose the words that were replaced; ids stay.
        """
        decisions = (
            dataclasses.replace(row, reason=self.reworded(row.reason)) for row in codings.decisions
        )
        return dataclasses.replace(
            codings,
            codings=tuple(map(self._coding, codings.codings)),
            decisions=tuple(decisions),
            seen=tuple(map(self._seen, codings.seen)),
            memos=tuple(map(self._memo, codings.memos)),
            runs=tuple(map(self.files.run, codings.runs)),
        )

    def _coding(self, row: Coding) -> Coding:
        start, end = self.span(row.document_id, row.start, row.end)
        evidence = self.reworded(row.evidence)
        return dataclasses.replace(row, start=start, end=end, evidence=evidence)

    def _seen(self, row: Seen) -> Seen:
        if row.start is None or row.end is None:
            return row
        start, end = self.span(row.document_id, row.start, row.end)
        return dataclasses.replace(row, start=start, end=end)

    def _memo(self, row: Memo) -> Memo:
        moved = dataclasses.replace(row, text=self.reworded(row.text))
        if row.start is None or row.end is None:
            return moved
        start, end = self.span(row.document_id, row.start, row.end)
        return dataclasses.replace(moved, start=start, end=end)

    def segments(self, segments: Segments) -> Segments:
        """The segments of the new texts; their ids are those of the new offsets."""
        rows: dict[str, Segment] = {}
        for row in segments:
            start, end = self.span(row.document_id, row.start, row.end)
            new = Segment.of(self.after.document(row.document_id), start, end, row.case_id)
            rows.setdefault(new.id, new)
        runs = merge_runs(map(self.files.run, segments.runs), self.after.runs)
        return Segments(self.after, tuple(rows.values()), segments.by, runs)

    def quotes(self, quotes: Iterable[Quote]) -> tuple[Quote, ...]:
        """Rows of the register, or approvals, for the new texts.

        What was decided about a passage holds for it without the words that were replaced, and
        a note says so. One whose hash was not true before keeps it, and so is not printed.
        """
        return tuple(self._quote(quote) for quote in quotes)

    def _quote(self, quote: Quote) -> Quote:
        shift = self.shifts.get(quote.document_id)
        if shift is None:
            return quote
        old = self.before.document(quote.document_id).passage(quote.start, quote.end)
        start, end = shift.span(quote.start, quote.end)
        passage = self.after.document(quote.document_id).passage(start, end)
        notes = [self.reworded(quote.note), "" if passage == old else _NOTE]
        true = quote.sha256 == text_hash(old)
        moved = dataclasses.replace(
            quote,
            start=start,
            end=end,
            sha256=text_hash(passage) if true else quote.sha256,
            note="; ".join(filter(None, notes)),
        )
        return dataclasses.replace(moved, text=passage) if isinstance(moved, QuoteRecord) else moved


_NOTE = "identifiers were replaced after this was decided"


def moved_document(document: Document, shift: Shift) -> Document:
    """A document with its replacements; its turns move along."""
    turns = tuple(_moved_turn(turn, shift) for turn in document.turns)
    return dataclasses.replace(document, text=shift.text(document.text), turns=turns)


def _moved_turn(turn: Turn, shift: Shift) -> Turn:
    start, end = shift.span(turn.start, turn.end)
    return dataclasses.replace(turn, start=start, end=end)
