"""What comes out of another program's file, and the report of how it was understood.

Every reader of this package gives one `Exchanged`: the project's own values, and beside them
what these cannot hold yet (regions of pictures, sets, links). Its report says for each text in
which unit positions were counted and how well that fits, for each selection where it went, and
for everything that was left out, why. Reports carry ids, places and numbers, never the words
of a text.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from reflect_analysis._rows import html_table, to_frame
from reflect_analysis.codebook import Codebook
from reflect_analysis.codings import Codings
from reflect_analysis.corpus import Corpus, Omission

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ExchangeReport",
    "Exchanged",
    "Exported",
    "LineEnds",
    "Link",
    "Region",
    "SelectionReport",
    "Set",
    "SourceReport",
    "Unit",
]

_SHOWN = 12  # sources in a notebook
_KEPT_OUT = "a study has no place for it: keep the file"

Unit = Literal["code points", "utf-16", "utf-8 bytes", "found again", ""]
LineEnds = Literal["LF", "CRLF as two", "CRLF as one", ""]


@dataclass(frozen=True, slots=True)
class SourceReport:
    """How the positions in one source were understood.

    Parameters
    ----------
    id : str
        The document's id in the corpus; the foreign id where it became no document.
    name : str
        As the program names it.
    kind : str
        ``"text"``, ``"picture"``, ``"pdf"``, ``"audio"``, ``"video"``, ``"transcript"`` …
    unit : str
        What positions count: ``"code points"``, ``"utf-16"``, ``"utf-8 bytes"``; ``"found
        again"`` where there were no positions; empty where nothing was selected.
    line_ends : str
        ``"LF"``, ``"CRLF as two"`` or ``"CRLF as one"``.
    proved : bool
        Whether the other readings were worse or gave the same spans. False where the text
        could not tell them apart and the rest of the project decided.
    selections : int
        Spans that the file has in this source, each once.
    resolved : int
        Those that lie in the text.
    at_word_starts, at_word_ends, at_word_starts_and_ends : int
        Of the resolved: where no word is cut.
    names, names_found : int
        Selections that carry their quote, and those whose text begins with it.
    score : float
        Share in [0, 1] of the selections that fit this reading.
    runner_up : float
        The same of the next best reading that gives other spans; 0 where there is none.
    """

    id: str
    name: str = ""
    kind: str = "text"
    unit: Unit = ""
    line_ends: LineEnds = ""
    proved: bool = True
    selections: int = 0
    resolved: int = 0
    at_word_starts: int = 0
    at_word_ends: int = 0
    at_word_starts_and_ends: int = 0
    names: int = 0
    names_found: int = 0
    score: float = 1.0
    runner_up: float = 0.0


@dataclass(frozen=True, slots=True)
class SelectionReport:
    """Where one selection went.

    Parameters
    ----------
    source : str
        Id of the `SourceReport`.
    id : str
        The selection's id in the file; several where it stood once a code, joined by blanks.
    written_start, written_end : int
        As the file counts them; −1 where the file gives no positions.
    start, end : int, optional
        Half-open code points of the document; `None` where it was not resolved.
    codings : int
        How many codings it became.
    starts_word, ends_word : bool
        Whether no word is cut there.
    note : str
        Why it was not resolved, or what is particular.
    """

    source: str
    id: str
    written_start: int = -1
    written_end: int = -1
    start: int | None = None
    end: int | None = None
    codings: int = 0
    starts_word: bool = False
    ends_word: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Region:
    """A coded part of a picture, which a span of text cannot say.

    Parameters
    ----------
    document_id : str
        The document that the picture belongs to.
    x0, y0, x1, y1 : int
        Pixels from the upper left, after the rotation that the file's EXIF asks for: upper
        left and lower right corner.
    code_id : str
        Empty for a region that nobody coded.
    coder : str
    at : datetime, optional
    name : str
    id : str
    """

    document_id: str
    x0: int
    y0: int
    x1: int
    y1: int
    code_id: str = ""
    coder: str = ""
    at: datetime | None = None
    name: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Set:
    """A named set of sources and codes, as another program groups them.

    A source that has no text is in it by its name, though it became no document.
    """

    name: str
    documents: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    description: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A named relation between two things of a foreign project, by their ids there or here."""

    name: str
    origin: str
    target: str
    direction: str = ""
    id: str = ""


@dataclass(frozen=True)
class ExchangeReport:
    """How a foreign file was understood, source by source and selection by selection.

    Parameters
    ----------
    format : str
        ``"REFI-QDA project"``, ``"REFI-QDA codebook"``, ``"Taguette project"`` ….
    file : str
        The file's name, without its folder.
    program : str
        What wrote it, as the file says.
    sources : tuple of SourceReport
    selections : tuple of SelectionReport
    omissions : tuple of Omission
        Everything that was left out, with its place and why.
    notes : tuple of str
        What the researcher should know; never words of a text.
    """

    format: str
    file: str = ""
    program: str = ""
    sources: tuple[SourceReport, ...] = ()
    selections: tuple[SelectionReport, ...] = ()
    omissions: tuple[Omission, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def selected(self) -> int:
        """Selections of all sources."""
        return sum(source.selections for source in self.sources)

    @property
    def resolved(self) -> int:
        """Selections that lie in their text."""
        return sum(source.resolved for source in self.sources)

    def to_frame(self) -> pd.DataFrame:
        """One row a source: the fields of `SourceReport`, ``source_id`` for ``id``."""
        return to_frame(self.sources, SourceReport).rename(columns={"id": "source_id"})

    def selections_frame(self) -> pd.DataFrame:
        """One row a selection: the fields of `SelectionReport`."""
        frame = to_frame(self.selections, SelectionReport)
        return frame.astype({"start": "Int64", "end": "Int64"})  # empty where not resolved

    def omissions_frame(self) -> pd.DataFrame:
        """One row a thing that was left out: ``source, place, reason, words``."""
        return to_frame(self.omissions, Omission)

    def as_json(self) -> dict[str, Any]:
        """The report as plain values: sources and omissions in full, selections as numbers."""
        return {
            "format": self.format,
            "file": self.file,
            "program": self.program,
            "selections": self.selected,
            "resolved": self.resolved,
            "sources": [dataclasses.asdict(source) for source in self.sources],
            "omissions": [dataclasses.asdict(each) for each in self.omissions],
            "notes": list(self.notes),
        }

    def __repr__(self) -> str:
        told = f"{_many(len(self.sources), 'sources')}, {self.resolved} of {self.selected}"
        left = _many(len(self.omissions), "omissions") if self.omissions else "nothing left out"
        return f"<ExchangeReport of a {self.format}: {told} selections resolved, {left}>"

    def _repr_html_(self) -> str:
        heads = ("Source", "Positions", "Line ends", "Selections", "Resolved", "At words", "Fits")
        # What asks to be looked at comes first.
        shown = sorted(self.sources, key=lambda s: s.proved and s.resolved == s.selections)
        shown = sorted(shown, key=lambda s: s.score)[:_SHOWN]
        rows = (
            (
                *(s.id, s.unit, s.line_ends, s.selections, s.resolved),
                *(s.at_word_starts_and_ends, f"{s.score:.0%}"),
            )
            for s in shown
        )
        more = len(self.sources) - len(shown)
        rest = f"and {more} more, none of which fits worse; report.to_frame() has all"
        left = Counter(each.reason for each in self.omissions)
        parts = [f"<p>{escape(repr(self))}</p>"]
        parts += [html_table(heads, rows)] if shown else []
        parts += [f"<p>{rest}</p>"] if more else []
        parts += [html_table(("Left out", "Times"), left.most_common())] if left else []
        return "".join(parts + [f"<p>{escape(note)}</p>" for note in self.notes])


@dataclass(frozen=True)
class Exchanged:
    """A study that came from another program's file.

    Parameters
    ----------
    corpus : Corpus
        Nobody has cleared its documents, unless the file was this package's own.
    codebook : Codebook
    codings : Codings
        With the memos.
    report : ExchangeReport
    regions : tuple of Region
        Coded parts of pictures.
    sets : tuple of Set
    links : tuple of Link
    pictures : Mapping
        The content of each picture that the file holds, by document.
    """

    corpus: Corpus
    codebook: Codebook
    codings: Codings
    report: ExchangeReport
    regions: tuple[Region, ...] = ()
    sets: tuple[Set, ...] = ()
    links: tuple[Link, ...] = ()
    pictures: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def unstored(self) -> tuple[Omission, ...]:
        """What a study (`Project`) has no place for, each by its name: keep the file for it."""
        found: list[Region | Set | Link] = [*self.regions, *self.sets, *self.links]
        rows = [Omission(self.report.file, _name_of(each), _KEPT_OUT) for each in found]
        rows += [
            Omission(self.report.file, f"picture of {name}", f"its content; {_KEPT_OUT}")
            for name in self.pictures
        ]
        return tuple(rows)

    def to_frame(self) -> pd.DataFrame:
        """The current codings, one row each: the fields of `Coding`; see `Codings.to_frame`."""
        return self.codings.to_frame()

    def as_json(self) -> dict[str, Any]:
        """Numbers of what came in, and the report, as plain values."""
        numbers = {
            "documents": len(self.corpus),
            "cases": len(self.corpus.cases),
            "codes": len(self.codebook),
            "codings": len(self.codings),
            "memos": len(self.codings.memos),
            "regions": len(self.regions),
            "sets": len(self.sets),
            "links": len(self.links),
        }
        return {**numbers, "report": self.report.as_json()}

    def __repr__(self) -> str:
        sizes = (len(self.corpus), len(self.codebook), len(self.codings))
        told = ", ".join(map(_many, sizes, ("documents", "codes", "codings")))
        return f"<Exchanged: {told}; {self.report!r}>"

    def _repr_html_(self) -> str:
        held = {
            "documents": len(self.corpus),
            "codes": len(self.codebook),
            "codings": len(self.codings),
            "memos": len(self.codings.memos),
            "regions": len(self.regions),
            "sets": len(self.sets),
            "links": len(self.links),
        }
        told = ", ".join(_many(number, name) for name, number in held.items() if number)
        return f"<p>{told or 'nothing'}</p>{self.report._repr_html_()}"


def _many(number: int, things: str) -> str:
    return f"{number} {things.removesuffix('s') if number == 1 else things}"


def _name_of(row: Region | Set | Link) -> str:
    """A region, a set or a link, with all that it says, for a list of what was left out."""
    if isinstance(row, Region):
        coded = f"code {row.code_id} by {row.coder or 'nobody named'}" if row.code_id else "no code"
        box = f"{row.x0},{row.y0}–{row.x1},{row.y1}"
        named = f" {row.name!r}" if row.name else ""
        return f"region{named} {box} of {row.document_id}: {coded}"
    if isinstance(row, Set):
        held = (("documents", row.documents), ("codes", row.codes))
        told = "; ".join(f"{what} {', '.join(ids)}" for what, ids in held if ids)
        return f"set {row.name!r}: {told or 'empty'}"
    return f"link {row.name!r}: {row.origin} – {row.target}"


@dataclass(frozen=True)
class Exported:
    """A file that was written for another program, and what it lacks.

    Parameters
    ----------
    path : Path
    format : str
    documents : tuple of str
        Ids of the documents that left, so that a withdrawal can name the file.
    left_out : tuple of Omission
        Documents and cases that may not leave: governed, and "export" is not approved.
    losses : tuple of Omission
        What the format cannot say.
    notes : tuple of str
    """

    path: Path
    format: str
    documents: tuple[str, ...]
    left_out: tuple[Omission, ...] = ()
    losses: tuple[Omission, ...] = ()
    notes: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """One row a thing that did not leave, or that the format cannot say."""
        return to_frame((*self.left_out, *self.losses), Omission)

    def as_json(self) -> dict[str, Any]:
        """The export as plain values."""
        return {
            "file": self.path.name,
            "format": self.format,
            "documents": list(self.documents),
            "left_out": [dataclasses.asdict(each) for each in self.left_out],
            "losses": [dataclasses.asdict(each) for each in self.losses],
            "notes": list(self.notes),
        }

    def __repr__(self) -> str:
        left = f", {len(self.left_out)} left out" if self.left_out else ""
        documents = _many(len(self.documents), "documents")
        return f"<Exported: {self.path.name}, {self.format}, {documents}{left}>"

    def _repr_html_(self) -> str:
        left = ((each.place, each.reason) for each in (*self.left_out, *self.losses))
        return f"<p>{escape(repr(self))}</p>{html_table(('What', 'Why'), left)}"
