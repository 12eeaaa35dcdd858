"""Segments: the passages that are coded, as spans of documents with their offsets kept.

``corpus.document(s.document_id).text[s.start:s.end] == s.text`` holds for every segment of
every `Segments`; it is checked when the value is made.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from reflect_analysis._rows import to_frame
from reflect_analysis.corpus import Corpus, Document
from reflect_analysis.errors import CorpusError, raise_all
from reflect_analysis.provenance import Run, fingerprint

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Segment", "Segments", "Unit"]

Unit = Literal["document", "paragraph", "sentence", "turn"]


@dataclass(frozen=True, slots=True)
class Segment:
    """A passage of one document.

    Parameters
    ----------
    id : str
        ``document_id:start-end``.
    document_id : str
    start, end : int
        Half-open code points.
    text : str
        The passage.
    case_id : str, optional
        The participant whose words it holds.
    """

    id: str
    document_id: str
    start: int
    end: int
    text: str
    case_id: str | None = None

    @classmethod
    def of(cls, document: Document, start: int, end: int, case_id: str | None) -> Segment:
        """The segment of a document between two offsets."""
        segment_id = f"{document.id}:{start}-{end}"
        return cls(segment_id, document.id, start, end, document.passage(start, end), case_id)


@dataclass(frozen=True)
class Segments:
    """The segments of a corpus by one unit, with the corpus that they point into.

    Parameters
    ----------
    corpus : Corpus
    rows : tuple of Segment
        In the order of the documents, then of the text.
    by : {"document", "paragraph", "sentence", "turn"}
    runs : tuple of Run

    Raises
    ------
    CorpusError
        If an offset is not true, with every fault.
    """

    corpus: Corpus
    rows: tuple[Segment, ...]
    by: Unit
    runs: tuple[Run, ...] = ()

    def __post_init__(self) -> None:
        raise_all(CorpusError, self._faults())

    def _faults(self) -> Iterator[str]:
        seen: set[str] = set()
        for row in self.rows:
            document = self.corpus.document(row.document_id)
            if not 0 <= row.start < row.end <= len(document.text):
                yield f"segment {row.id!r}: outside its {len(document.text)} characters"
            elif document.text[row.start : row.end] != row.text:
                yield f"segment {row.id!r}: its text is not the document's at these offsets"
            if row.id in seen:
                yield f"segment {row.id!r} stands twice"
            seen.add(row.id)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Segment]:
        return iter(self.rows)

    def __contains__(self, wanted: object) -> bool:
        """Whether a segment is here, given by itself or by its id."""
        if isinstance(wanted, Segment):
            return self._by_id.get(wanted.id) == wanted
        return wanted in self._by_id

    @cached_property
    def _by_id(self) -> dict[str, Segment]:
        return {row.id: row for row in self.rows}

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The passages, in order."""
        return tuple(row.text for row in self.rows)

    @cached_property
    def fingerprint(self) -> str:
        """Hash of the unit, the spans and the texts."""
        return fingerprint(self.by, [(row.id, row.text) for row in self.rows])

    @cached_property
    def by_document(self) -> dict[str, tuple[Segment, ...]]:
        """The segments of each document that has any."""
        groups: dict[str, list[Segment]] = {}
        for row in self.rows:
            groups.setdefault(row.document_id, []).append(row)
        return {document_id: tuple(rows) for document_id, rows in groups.items()}

    def where(self, keep: Callable[[Segment], bool]) -> Segments:
        """The segments for which `keep` is true."""
        return dataclasses.replace(self, rows=tuple(filter(keep, self.rows)))

    def to_frame(self) -> pd.DataFrame:
        """One row a segment.

        Returns
        -------
        DataFrame
            ``segment_id, document_id, start, end, text, case_id``.
        """
        return to_frame(self.rows, Segment).rename(columns={"id": "segment_id"})

    def __repr__(self) -> str:
        documents = len(self.by_document)
        return f"<Segments: {len(self)} by {self.by}, of {documents} documents>"
