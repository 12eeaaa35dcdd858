"""Documents, the cases who wrote them, and who cleared them for analysis.

A corpus is a value: verbs return a new one. Its text never changes in place, because
every coding points into it by offsets. Offsets are half-open code points, so that
``document.text[start:end]`` is the passage, whatever emoji stand before it.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args

from reflect_analysis._rows import Attributes, html_table, to_frame
from reflect_analysis._tombstones import Tombstone
from reflect_analysis.errors import (
    CorpusError,
    NotClearedError,
    UnknownIdError,
    did_you_mean,
    raise_all,
)
from reflect_analysis.provenance import Run, fingerprint, now, text_hash

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Case",
    "Clearance",
    "Corpus",
    "Document",
    "Governance",
    "Kind",
    "Omission",
    "Picture",
    "Tombstone",
    "Turn",
]

Kind = Literal[
    "reflection",
    "photo-voice",
    "post",
    "transcript",
    "debrief",
    "quote",
    "newsletter",
    "video",
]
Answer = Literal["yes", "no", "ask"]
SHOWN_IDS = 10  # a message names so many; the rest is a number
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker says without a break, as a span of a transcript.

    Parameters
    ----------
    start, end : int
        Half-open code points into the document's text, without the speaker's label.
    speaker : str
        The label as it stands in the transcript.
    case_id : str, optional
        The participant, or `None` for a facilitator or an unknown speaker.
    coded : bool
        False for turns that are context only, such as a facilitator's, and for another
        member's words that a post quotes.
    time : float, optional
        When it begins, in seconds as the recording counts them; `None` where that is not known.
    """

    start: int
    end: int
    speaker: str
    case_id: str | None = None
    coded: bool = True
    time: float | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a photo-voice story and what was agreed about it."""

    path: str | None
    alt_text: str | None
    people_shown: Literal["nobody", "adults", "children"] | None = None
    releases: str | None = None
    place_signs: str | None = None
    use: Answer = "ask"


@dataclass(frozen=True, slots=True)
class Document:
    """One text of the corpus.

    Parameters
    ----------
    id : str
        Unique in the corpus.
    text : str
        Unicode with LF line ends.
    kind : str
        ``"reflection"``, ``"photo-voice"``, ``"post"``, ``"transcript"``, ``"debrief"``,
        ``"quote"``, ``"newsletter"`` or ``"video"``.
    case_id : str, optional
        The participant who wrote it; `None` where that is not known, and in a transcript.
        A document of an unknown case counts as a reflection, never as a participant.
    attributes : Attributes
        Role, place, session, date, prompt, thread … of the document; those of its case
        are added by `Corpus.attributes_of`.
    voice : {"participant", "other"}
        ``"other"`` for the words of a director, an author or an epigraph: kept and told
        apart, never coded and never counted.
    language : str
        ISO 639-1 code.
    flags : tuple of str
        What a reader noticed: ``"broken"`` (cut by a column or page break), ``"garbled"``,
        ``"selected"`` (already published, so chosen by somebody).
    turns : tuple of Turn
        Speakers of a transcript.
    picture : Picture, optional
    source, place : str
        The file it was read from and the place in it.
    """

    id: str
    text: str
    kind: Kind = "reflection"
    case_id: str | None = None
    attributes: Attributes = field(default_factory=Attributes)
    voice: Literal["participant", "other"] = "participant"
    language: str = "en"
    flags: tuple[str, ...] = ()
    turns: tuple[Turn, ...] = ()
    picture: Picture | None = None
    source: str = ""
    place: str = ""

    @property
    def sha256(self) -> str:
        """Hash of the text, by which a clearance or a withdrawal knows it again."""
        return text_hash(self.text)

    def passage(self, start: int, end: int) -> str:
        """The text between two offsets."""
        return self.text[start:end]


@dataclass(frozen=True, slots=True)
class Governance:
    """Which nation or community decides on the use of a record, and what it approved.

    Parameters
    ----------
    authority : str
        The nation or community, by the pseudonym that the study uses.
    approved_uses : tuple of str
        Of ``"coding"``, ``"training"``, ``"topics"``, ``"tables"``, ``"quotes"``, ``"export"``.
    """

    authority: str
    approved_uses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A participant, by pseudonym.

    Parameters
    ----------
    id : str
    attributes : Attributes
        Role, place, region, community, pair, experience …
    quotes : {"yes", "no", "ask"}
        Consent to be quoted.
    governance : Governance, optional
        Set where a nation or community must approve a use.
    """

    id: str
    attributes: Attributes = field(default_factory=Attributes)
    quotes: Answer = "ask"
    governance: Governance | None = None


@dataclass(frozen=True, slots=True)
class Clearance:
    """A person's word that a text (known by its hash) holds no identifier left unexplained."""

    sha256: str
    by: str
    note: str
    at: datetime = field(default_factory=now)


@dataclass(frozen=True, slots=True)
class Omission:
    """What a reader left out, and why; never the words themselves."""

    source: str
    place: str
    reason: str
    words: int = 0


@dataclass(frozen=True)
class Corpus:
    """Documents and cases, checked when made: ids unique, references and turns resolved.

    Parameters
    ----------
    documents : tuple of Document
    cases : tuple of Case
    clearances : tuple of Clearance
    omissions : tuple of Omission
        What the readers left out.
    runs : tuple of Run
        How the corpus came to be.
    withdrawn : tuple of Tombstone
        Who withdrew: nothing of theirs is accepted again.

    Raises
    ------
    CorpusError
        With every fault.
    """

    documents: tuple[Document, ...]
    cases: tuple[Case, ...] = ()
    clearances: tuple[Clearance, ...] = ()
    omissions: tuple[Omission, ...] = ()
    runs: tuple[Run, ...] = ()
    withdrawn: tuple[Tombstone, ...] = ()

    def __post_init__(self) -> None:
        faults = [*self._case_faults(), *self._document_faults(), *self._withdrawn_faults()]
        raise_all(CorpusError, faults)

    def _withdrawn_faults(self) -> Iterator[str]:
        gone = {stone.case_id for stone in self.withdrawn}
        texts = {pair for stone in self.withdrawn for pair in stone.documents}
        for case in self.cases:
            if case.id in gone:
                yield f"case {case.id!r} withdrew; leave them out"
        for document in self.documents if texts else ():
            if (document.id, document.sha256) in texts:
                yield f"document {document.id!r} was withdrawn by its participant; leave it out"

    def _case_faults(self) -> Iterator[str]:
        for case_id, count in Counter(case.id for case in self.cases).items():
            if count > 1:
                yield f"case {case_id!r} stands {count} times; give each participant one row"

    def _document_faults(self) -> Iterator[str]:
        known = {case.id for case in self.cases}
        for document in self.documents:
            yield from _faults_of(document, known)
        places: dict[str, list[str]] = {}
        for document in self.documents:
            places.setdefault(document.id, []).append(_where(document))
        for document_id, found in places.items():
            if len(found) > 1:
                yield f"document {document_id!r} stands {len(found)} times: {'; '.join(found)}"

    @cached_property
    def _documents(self) -> dict[str, Document]:
        return {document.id: document for document in self.documents}

    @cached_property
    def _cases(self) -> dict[str, Case]:
        return {case.id: case for case in self.cases}

    def __len__(self) -> int:
        return len(self.documents)

    def __iter__(self) -> Iterator[Document]:
        return iter(self.documents)

    def __contains__(self, wanted: object) -> bool:
        """Whether the corpus holds a document, given by itself or by its id."""
        if isinstance(wanted, Document):
            return self._documents.get(wanted.id) == wanted
        return wanted in self._documents

    def document(self, document_id: str) -> Document:
        """The document of this id, or `UnknownIdError`."""
        return _look_up(self._documents, document_id, "document")

    def passages(self, spans: Iterable[tuple[str, int, int]]) -> list[str]:
        """The words of spans, each a document's id with its half-open code points.

        Raises
        ------
        UnknownIdError
            If the corpus lacks documents, with every id.
        CorpusError
            If spans go beyond their documents, with every one.
        """
        wanted = list(spans)
        unknown = dict.fromkeys(each for each, _, _ in wanted if each not in self)
        raise_all(UnknownIdError, [f"no document {each!r} in this corpus" for each in unknown])
        texts = {each: self._documents[each].text for each, _, _ in wanted}
        beyond = [
            f"document {each!r}: the span {start}–{end} is not in its {len(texts[each])} characters"
            for each, start, end in wanted
            if not 0 <= start < end <= len(texts[each])
        ]
        raise_all(CorpusError, beyond)
        return [texts[each][start:end] for each, start, end in wanted]

    def case(self, case_id: str) -> Case:
        """The case of this id, or `UnknownIdError`."""
        return _look_up(self._cases, case_id, "case")

    def case_at(self, document_id: str, start: int) -> str | None:
        """The participant whose words stand at an offset: in a transcript, the speaker."""
        document = self.document(document_id)
        if not document.turns:
            return document.case_id
        return next((t.case_id for t in document.turns if t.start <= start < t.end), None)

    def cases_of(self, document: Document) -> tuple[str, ...]:
        """All participants whose words a document holds."""
        if not document.turns:  # nearly always
            return (document.case_id,) if document.case_id else ()
        speakers = (document.case_id, *(turn.case_id for turn in document.turns))
        return tuple(dict.fromkeys(case_id for case_id in speakers if case_id))

    def attributes_of(self, document: Document) -> Attributes:
        """The document's attributes over those of its case."""
        case = self._cases.get(document.case_id or "")
        return (case.attributes if case else Attributes()) | document.attributes

    @cached_property
    def fingerprint(self) -> str:
        """Hash of the texts and of who wrote them."""
        return fingerprint([(d.id, d.sha256, d.case_id) for d in self.documents])

    @cached_property
    def _cleared_hashes(self) -> frozenset[str]:
        return frozenset(clearance.sha256 for clearance in self.clearances)

    def uncleared(self) -> tuple[Document, ...]:
        """The documents that nobody has cleared."""
        return tuple(d for d in self.documents if d.sha256 not in self._cleared_hashes)

    def check_cleared(self) -> None:
        """The gate before anything is coded, embedded or exported.

        Raises
        ------
        NotClearedError
            If a document is not cleared: how many, which, and what clears them.
        """
        waiting = self.uncleared()
        if not waiting:
            return
        shown = ", ".join(document.id for document in waiting[:SHOWN_IDS])
        more = len(waiting) - SHOWN_IDS
        raise NotClearedError(
            f"{len(waiting)} of {len(self)} documents are not cleared: {shown}"
            f"{f' and {more} more' if more > 0 else ''}. Nothing is coded, embedded or exported "
            "before clearing. When a person has read them for identifiers: "
            'corpus = mark_cleared(corpus, by="NAME", note="TEXT"), '
            "or in the shell --cleared-by NAME --note TEXT"
        )

    def governance_of(self, document: Document) -> tuple[Governance, ...]:
        """The governance of every participant whose words a document holds."""
        cases = (self._cases[case_id] for case_id in self.cases_of(document))
        return tuple(case.governance for case in cases if case.governance)

    def permits(self, document: Document, use: str) -> bool:
        """Whether all who govern a document have approved a use."""
        return all(use in governance.approved_uses for governance in self.governance_of(document))

    def permitted(self, use: str) -> Corpus:
        """The corpus without the documents whose governors have not approved a use."""
        return self.where(lambda document: self.permits(document, use))

    def where(self, keep: Callable[[Document], bool]) -> Corpus:
        """The corpus with the documents for which `keep` is true; cases stay."""
        return dataclasses.replace(self, documents=tuple(filter(keep, self.documents)))

    def with_run(self, run: Run) -> Corpus:
        """The same corpus with one more run in its history."""
        return dataclasses.replace(self, runs=(*self.runs, run))

    def to_frame(self) -> pd.DataFrame:
        """One row a document: its fields, then a column for each attribute.

        Returns
        -------
        DataFrame
            ``document_id, kind, case_id, language, voice, flags, source, source_place``,
            the text, then the attributes in alphabetical order.
        """
        frame = to_frame(self.documents, Document, drop=("attributes", "turns", "picture"))
        frame = frame.rename(columns={"id": "document_id", "place": "source_place"}).assign(
            flags=["; ".join(d.flags) for d in self.documents]
        )
        attributes = [self.attributes_of(document) for document in self.documents]
        names = sorted({name for each in attributes for name in each} - set(frame.columns))
        columns: dict[str, Any] = {n: [each.get(n) for each in attributes] for n in names}
        texts = frame.pop("text")
        return frame.assign(text=texts, **columns)

    def __repr__(self) -> str:
        kinds = Counter(document.kind for document in self.documents)
        told = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
        waiting = len(self.uncleared())
        state = "cleared" if not waiting else f"{waiting} not cleared"
        return f"<Corpus: {len(self)} documents ({told}), {len(self.cases)} cases, {state}>"

    def _repr_html_(self) -> str:
        kinds = Counter(document.kind for document in self.documents)
        table = html_table(("Kind", "Documents"), kinds.most_common())
        return f"<p>{escape(repr(self))}</p>{table}"


def _where(document: Document) -> str:
    return ", ".join(filter(None, (document.source, document.place))) or "no source"


def _look_up(known: Mapping[str, Value], key: str, noun: str) -> Value:
    try:
        return known[key]
    except KeyError:
        hint = did_you_mean(key, known)
        raise UnknownIdError(f"no {noun} {key!r} in this corpus{hint}") from None


def _faults_of(document: Document, cases: Iterable[str]) -> Iterator[str]:
    where = f"document {document.id!r} ({_where(document)})"
    if not document.id:
        yield f"a document without an id ({_where(document)})"
    if not document.text.strip():
        yield f"{where}: no text"
    if document.kind not in get_args(Kind):
        kinds = ", ".join(get_args(Kind))
        yield f"{where}: kind {document.kind!r}; expected one of {kinds}"
    wanted = {document.case_id, *(turn.case_id for turn in document.turns)} - {None}
    for case_id in sorted(wanted.difference(cases)):  # type: ignore[type-var]  # None is taken out above
        yield f"{where}: unknown case {case_id!r}{did_you_mean(str(case_id), cases)}"
    for turn in document.turns:
        if not 0 <= turn.start < turn.end <= len(document.text):
            yield f"{where}: a turn at {turn.start}–{turn.end} of {len(document.text)} characters"
