"""From what a foreign file says, to the values of this package and the report of it.

What the readers of Taguette, QualCoder, quotes and spans have in common: a codebook of names,
codings of selections, and a report that counts them. It knows none of those formats.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codebook.checks import slug
from reflect_analysis.codings import Coding, Codings, Decision, Memo, Phase, Seen
from reflect_analysis.corpus import Case, Corpus, Document
from reflect_analysis.exchange.offsets import SourceText
from reflect_analysis.exchange.refi.codes import Names
from reflect_analysis.exchange.refi.elements import Problems, clean
from reflect_analysis.exchange.unknowns import NOBODY_READ, UNKNOWN_TIME, told_undated
from reflect_analysis.exchange.values import (
    Exchanged,
    ExchangeReport,
    LineEnds,
    SelectionReport,
    SourceReport,
    Unit,
)
from reflect_analysis.provenance import new_run

__all__ = [
    "Found",
    "NamedCode",
    "Parts",
    "Selected",
    "codebook_of",
    "exchanged",
    "source_report",
]

_ID_LENGTH = 60
_LOOSE = "codes"


@dataclass(frozen=True, slots=True)
class NamedCode:
    """A code as another program has it; `key` is its id there."""

    key: str
    name: str
    definition: str = ""
    group: str = ""
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A codebook, and the ids of its codes by their keys in the foreign file."""

    codebook: Codebook
    ids: Mapping[str, str]


def codebook_of(codes: Sequence[NamedCode], *, title: str = "", about: str = "") -> Found:
    """A codebook of named codes; a code without a definition is provisional.

    Parameters
    ----------
    codes : sequence of NamedCode
        Each key once.
    title, about : str

    Examples
    --------
    >>> found = codebook_of([NamedCode("1", "Être là", group="Theme")])
    >>> found.ids["1"], found.codebook["etre_la"].status, found.codebook.groups[0].id
    ('etre_la', 'provisional', 'theme')
    """
    code_names, group_names = Names("_"), Names("_")
    ids = {each.key: _id(each.name, "code", code_names) for each in codes}
    headings = list(dict.fromkeys(clean(each.group) for each in codes if clean(each.group)))
    groups = {name: Group(_id(name, "group", group_names), name) for name in headings}
    if any(not clean(each.group) for each in codes):
        groups[""] = Group(group_names.new(_LOOSE), "Codes")
    book = Codebook(
        tuple(
            Code(
                ids[each.key],
                clean(each.name) or f"code {each.key}",
                clean(each.definition),
                groups[clean(each.group)].id,
                parent=ids.get(each.parent),
                status="defined" if clean(each.definition) else "provisional",
            )
            for each in codes
        ),
        tuple(groups.values()),
        title=clean(title) or "Codebook",
        description=clean(about),
    )
    return Found(book, ids)


def _id(name: str, fallback: str, names: Names) -> str:
    return names.new(slug(name)[:_ID_LENGTH].strip("_") or fallback)


@dataclass(frozen=True, slots=True)
class Selected:
    """One selection of a document, as it was understood.

    Parameters
    ----------
    id : str
        In the foreign file.
    written : tuple of (int, int)
        As the file counts; −1 where it has no positions.
    span : tuple of (int, int), optional
        Code points of the document; `None` where it was not resolved.
    codes : tuple of str
        Ids in the codebook.
    coder : str
    at : datetime, optional
        Needed where there is a code.
    quoted : bool, optional
        Whether the text there is the quote that the file has; `None` where it has none.
    note : str
        Why it was not resolved, or what is particular.
    memo : str
    coder_kind : {"person", "machine"}
    blind : bool
    phase : str
        See `Coding`.
    """

    id: str
    written: tuple[int, int] = (-1, -1)
    span: tuple[int, int] | None = None
    codes: tuple[str, ...] = ()
    coder: str = ""
    at: datetime | None = None
    quoted: bool | None = None
    note: str = ""
    memo: str = ""
    coder_kind: Literal["person", "machine"] = "person"
    blind: bool = False
    phase: Phase = ""


@dataclass(slots=True)
class Parts:
    """What was gathered from a file.

    Parameters
    ----------
    format, program : str
        For the report.
    problems : Problems
        With the file's name.
    book : Found
    undated : datetime
        What stands where the file has no time.
    """

    format: str
    problems: Problems
    book: Found
    program: str = ""
    documents: list[Document] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    codings: list[Coding] = field(default_factory=list)
    memos: list[Memo] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    sources: list[SourceReport] = field(default_factory=list)
    selections: list[SelectionReport] = field(default_factory=list)
    undated: datetime = UNKNOWN_TIME

    def select(self, document: Document, rows: Iterable[Selected]) -> list[SelectionReport]:
        """Make codings and memos of the selections of a document, and report each."""
        text = SourceText(document.text)
        reports = [self._selection(document.id, text, row) for row in rows]
        text.lighten()
        self.selections += reports
        return reports

    def _selection(self, document_id: str, text: SourceText, row: Selected) -> SelectionReport:
        start, end = row.written
        if row.span is None:
            place = f"document {document_id}, selection {row.id}" if document_id else row.id
            self.problems.omit(place, row.note or "it lies nowhere in the text")
            return SelectionReport(document_id, row.id, start, end, note=row.note)
        for code_id in row.codes:
            self.codings.append(self._coding(document_id, row, code_id))
        if row.memo and row.at:
            self.memos.append(
                Memo(row.coder, row.memo, "analytic", document_id, *row.span, at=row.at)
            )
        return SelectionReport(
            *(document_id, row.id, start, end, *row.span, len(row.codes)),
            starts_word=bool(text.word_starts[row.span[0]]),
            ends_word=bool(text.word_ends[row.span[1]]),
            note=row.note or ("" if row.codes else "nobody coded it"),
        )

    def _coding(self, document_id: str, row: Selected, code_id: str) -> Coding:
        if row.span is None or row.at is None:
            raise ValueError(f"selection {row.id!r} has no span or no time")
        version = self.book.codebook.version
        return Coding(
            *(document_id, *row.span, code_id, row.coder, row.coder_kind),
            blind=row.blind,
            phase=row.phase,
            at=row.at,
            codebook_version=version,
        )


def source_report(
    document: Document,
    reports: Sequence[SelectionReport],
    rows: Sequence[Selected],
    *,
    unit: Unit,
    name: str = "",
    line_ends: LineEnds = "LF",
    runner_up: float = 0.0,
    proved: bool = True,
) -> SourceReport:
    """The report of one text from those of its selections, in the same order."""
    resolved = [each for each in reports if each.start is not None]
    both = sum(each.starts_word and each.ends_word for each in resolved)
    quotes = [row.quoted for row in rows if row.quoted is not None]
    # A selection that lies nowhere fits no reading either.
    judged = sum(row.quoted is not None or row.span is None for row in rows)
    fits = sum(quotes) / judged if quotes else (both / len(reports) if reports else 1.0)
    return SourceReport(
        document.id,
        name or document.id,
        unit=unit if reports else "",
        line_ends=line_ends if reports else "",
        proved=proved,
        selections=len(reports),
        resolved=len(resolved),
        at_word_starts=sum(each.starts_word for each in resolved),
        at_word_ends=sum(each.ends_word for each in resolved),
        at_word_starts_and_ends=both,
        names=len(quotes),
        names_found=sum(quotes),
        score=round(fits, 4),
        runner_up=round(runner_up, 4),
    )


def exchanged(
    parts: Parts, *, assume_seen: bool = False, corpus: Corpus | None = None
) -> Exchanged:
    """The study that was gathered.

    Parameters
    ----------
    parts : Parts
    assume_seen : bool
        Whether every coder is taken to have read each document that they coded in.
    corpus : Corpus, optional
        Where the texts were there before: no new one is made.
    """
    codings, problems = tuple(parts.codings), parts.problems
    seen = list(parts.seen)
    if assume_seen:
        pairs = {(row.coder, row.document_id): row.at for row in codings}
        seen += [Seen(coder, document_id, at=at) for (coder, document_id), at in pairs.items()]
    elif codings and not seen:
        problems.notes.append(NOBODY_READ)
    problems.notes += told_undated(codings, parts.undated)
    omissions = problems.all_omissions()
    summary = f"{len(parts.documents)} documents were read from {problems.file}"
    if corpus is not None:
        summary = f"{len(codings)} codings were read from {problems.file}"
    run = new_run("import", summary)
    made = corpus or Corpus(
        tuple(parts.documents), tuple(parts.cases), omissions=omissions, runs=(run,)
    )
    report = ExchangeReport(
        parts.format,
        problems.file,
        parts.program,
        tuple(parts.sources),
        tuple(parts.selections),
        omissions,
        tuple(problems.notes),
    )
    decisions = tuple(parts.decisions)
    log = Codings(codings, decisions, tuple(seen), memos=tuple(parts.memos), runs=(run,))
    return Exchanged(made, parts.book.codebook, log, report)
