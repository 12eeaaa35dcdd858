"""What was found where: passages of each code in each unit, of those units that were read.

Every count of a study stands on this one value: the theme table, co-occurrence, comparisons,
change over time, saturation, frameworks. A unit that nobody read for a code is NaN and leaves
the denominator; it is never a zero. What a machine may count for, which passages of two coders
are one, and whose words a turn of a transcript is, is decided here and nowhere else.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Literal

from reflect_analysis._rows import html_table
from reflect_analysis.provenance import Run, merge_runs

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import CoderKind, Coding, Codings, CurrentCoding, Seen
    from reflect_analysis.corpus import Corpus, Document
    from reflect_analysis.segments import Segments

    Array = npt.NDArray[np.float64]

__all__ = ["CodedUnit", "Incidence", "Span", "Tally", "find_incidence", "join_spans", "value_of"]

Span = tuple[str, int, int]
UnitKind = Literal["segment", "reflection", "participant"]
KINDS: tuple[CoderKind, ...] = ("person", "machine")


class Tally:
    """Which passages count for each code, and which documents were read for it.

    Parameters
    ----------
    codings : Codings
    corpus : Corpus
        Documents outside it are not counted: the caller asks for what is permitted.
    codebook : Codebook
        Codes count as it names them now (`Codings.under`).

    Raises
    ------
    UnknownIdError
        If a coding names a code that the codebook lacks, or had retired when it was made.
    """

    def __init__(self, codings: Codings, corpus: Corpus, codebook: Codebook) -> None:
        self.codings, self.corpus, self.codebook = codings.under(codebook), corpus, codebook
        codebook.check_ids((coding.code_id for coding in self.codings), "the codings")
        self.documents = frozenset(document.id for document in corpus)
        self._read: dict[str, frozenset[str]] = {}
        self._by_code: dict[str, list[CurrentCoding]] = {}
        for row in self.codings.current:
            if row.coding.document_id in self.documents:
                self._by_code.setdefault(row.coding.code_id, []).append(row)

    def read(self, code_id: str) -> frozenset[str]:
        """The documents in which a code, or a subcode that counts for it, was looked for."""
        if code_id not in self._read:
            book = self.codebook
            by = {kind: set(book.family(code_id, machine=kind == "machine")) for kind in KINDS}
            self._read[code_id] = frozenset(
                row.document_id
                for row in self.codings.seen
                if row.whole and row.document_id in self.documents and _looked_for(row, by)
            )
        return self._read[code_id]

    def found(self, code_id: str) -> tuple[CurrentCoding, ...]:
        """The codings that count for a code.

        What a machine proposed and a person accepted counts as a person's where people read.
        """
        by_machine = set(self.codebook.family(code_id, machine=True))
        read = self.read(code_id)
        return tuple(
            row
            for member in self.codebook.family(code_id)
            for row in self._by_code.get(member, ())
            if row.status == "human"
            or (row.status == "reviewed" and row.coding.document_id in read)
            or member in by_machine
        )

    def passages(self, code_id: str) -> list[Span]:
        """The stretches of text that count for a code, overlapping ones joined."""
        return join_spans(row.coding for row in self.found(code_id))

    def is_draft(self, codes: Iterable[str]) -> bool:
        """Whether any of it rests on machine coding that nobody has reviewed.

        A zero by a machine alone is no proposal that anybody could review: it makes a draft
        only where nothing else was read or reviewed by people.
        """
        read = [code_id for code_id in codes if self.read(code_id)]
        standing = {row.status for code_id in read for row in self.found(code_id)}
        if "machine" in standing:
            return True
        reviewed = bool(standing) or any(map(self.read_by_people, read))
        return bool(read) and not reviewed

    def read_by_people(self, code_id: str) -> bool:
        """Whether a person read anything for a code."""
        wanted = set(self.codebook.family(code_id))
        return any(
            row.coder_kind == "person" and (not row.codes or wanted.intersection(row.codes))
            for row in self.codings.seen
            if row.document_id in self.documents
        )


def _looked_for(row: Seen, families: Mapping[CoderKind, set[str]]) -> bool:
    """Whether somebody who read looked for one of these codes; no codes named means for all."""
    family = families[row.coder_kind]
    return bool(family) and (not row.codes or not family.isdisjoint(row.codes))


def join_spans(codings: Iterable[Coding]) -> list[Span]:
    """The stretches of text that codings cover, in order, overlapping ones joined."""
    joined: list[Span] = []
    for document_id, start, end in sorted((c.document_id, c.start, c.end) for c in codings):
        if joined and joined[-1][0] == document_id and start < joined[-1][2]:
            joined[-1] = (document_id, joined[-1][1], max(end, joined[-1][2]))
        else:
            joined.append((document_id, start, end))
    return joined


@dataclass(frozen=True, slots=True)
class CodedUnit:
    """What was read as one: a segment, one participant's words in a document, a participant.

    Parameters
    ----------
    id : str
    document_ids : tuple of str
        The documents in which it lies.
    case_id : str, optional
        The participant; `None` where nobody knows who wrote it.
    """

    id: str
    document_ids: tuple[str, ...]
    case_id: str | None = None

    @property
    def person(self) -> str:
        """Who may stand behind it: a text of an unknown case may be another person each time."""
        return f"case:{self.case_id}" if self.case_id else f"document:{self.document_ids[0]}"


@dataclass(frozen=True, eq=False)
class Incidence:
    """Passages of each code in each unit.

    Parameters
    ----------
    passages : array of shape (n_units, n_codes)
        How many passages; 0 read and nothing found; NaN not read for that code.
    units : tuple of CodedUnit
        Sorted by id.
    codes : tuple of str
        Ids, in the codebook's order.
    kind : str
        ``"segment"``, ``"reflection"`` (what one participant wrote or said in one document),
        ``"participant"``, or what they were grouped by.
    parents : mapping of str to str
        The code above each that has one.
    draft : bool
        Whether any of it rests on machine coding that nobody has reviewed.
    runs : tuple of Run
    """

    passages: Array
    units: tuple[CodedUnit, ...]
    codes: tuple[str, ...]
    kind: str
    parents: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    draft: bool = False
    runs: tuple[Run, ...] = ()

    def __post_init__(self) -> None:
        expected = (len(self.units), len(self.codes))
        if self.passages.shape != expected:
            raise ValueError(f"expected passages of shape {expected}, got {self.passages.shape}")
        self.passages.flags.writeable = False

    def __len__(self) -> int:
        return len(self.units)

    @cached_property
    def said(self) -> Array:
        """1 where a code was found, 0 where not, NaN where nobody read: (n_units, n_codes)."""
        import numpy as np

        return np.where(np.isnan(self.passages), np.nan, (self.passages > 0).astype(float))

    def of(self, code_id: str) -> Array:
        """`said` for one code, (n_units,)."""
        return self.said[:, self.codes.index(code_id)]

    def take(self, keep: Callable[[CodedUnit], bool]) -> Incidence:
        """The units that a condition keeps."""
        rows = [row for row, unit in enumerate(self.units) if keep(unit)]
        units = tuple(self.units[row] for row in rows)
        return dataclasses.replace(self, passages=self.passages[rows], units=units)

    def grouped(self, key: Callable[[CodedUnit], Hashable], kind: str) -> Incidence:
        """Units that have the same key become one; a unit whose key is `None` is left out.

        Passages are added. A unit that was read stays read, though others of its group were
        not: who was read once in three texts was read, and the count says of how much.

        Parameters
        ----------
        key : callable
            Gives what a unit belongs to, such as its participant, or (participant, session).
        kind : str
            What the new units are.
        """
        groups: dict[Hashable, list[int]] = {}
        for row, unit in enumerate(self.units):
            found = key(unit)
            if found is not None:
                groups.setdefault(found, []).append(row)
        named = sorted((_name(found), rows) for found, rows in groups.items())
        units = tuple(self._joined(name, rows) for name, rows in named)
        return dataclasses.replace(
            self, passages=self._added([rows for _, rows in named]), units=units, kind=kind
        )

    def _joined(self, name: str, rows: Sequence[int]) -> CodedUnit:
        members = [self.units[row] for row in rows]
        documents = dict.fromkeys(each for unit in members for each in unit.document_ids)
        cases = {unit.case_id for unit in members}
        return CodedUnit(name, tuple(documents), cases.pop() if len(cases) == 1 else None)

    def _added(self, groups: Sequence[Sequence[int]]) -> Array:
        import numpy as np

        added = np.full((len(groups), len(self.codes)), np.nan)
        for number, rows in enumerate(groups):
            part = self.passages[list(rows)]
            read = ~np.isnan(part).all(axis=0)
            added[number, read] = np.nansum(part[:, read], axis=0)
        return added

    def to_frame(self) -> pd.DataFrame:
        """Passages of each code, one row a unit: exact, so for the study's own people alone."""
        import pandas as pd

        frame = pd.DataFrame(self.passages, columns=list(self.codes)).astype("Int64")
        frame.insert(0, self.kind, [unit.id for unit in self.units])
        return frame

    def __repr__(self) -> str:
        draft = ", DRAFT" if self.draft else ""
        return f"<Incidence: {len(self)} × {self.kind}, {len(self.codes)} codes{draft}>"

    def _repr_html_(self) -> str:
        import numpy as np

        read = (~np.isnan(self.passages)).sum(axis=0)
        found = np.nansum(self.said, axis=0)
        rows = zip(self.codes, found.astype(int), read, strict=True)
        return html_table(("Code", f"{self.kind} with it", "read for it"), rows)


def value_of(corpus: Corpus, case_id: str, attribute: str) -> str:
    """What a participant bears of an attribute, as the name of a group; empty for nothing.

    Raises
    ------
    UnknownIdError
        If nobody has the id.
    """
    value = corpus.case(case_id).attributes.get(attribute)
    return "" if value is None else str(value)


def _name(found: Hashable) -> str:
    return " · ".join(map(str, found)) if isinstance(found, tuple) else str(found)


def find_incidence(
    codings: Codings,
    *,
    corpus: Corpus,
    codebook: Codebook,
    unit: UnitKind = "reflection",
    segments: Segments | None = None,
    use: str = "tables",
) -> Incidence:
    """Find the passages of each code in each unit of participants' words.

    Parameters
    ----------
    codings : Codings
        Passages of two coders that overlap count once.
    corpus : Corpus
        Governed documents whose use is not approved are left out.
    codebook : Codebook
        Codes in use, in its order. A passage of a subcode counts for its parent too.
    unit : {"segment", "reflection", "participant"}
        A reflection is what one participant wrote or said in one document: of a transcript
        the turns of each speaker are one. Texts of unknown case are reflections, and no
        participants.
    segments : Segments, optional
        The units for ``"segment"``; a passage belongs to each segment of which it covers half,
        or that covers half of it.
    use : str
        The use that governed records must be approved for.

    Returns
    -------
    Incidence

    Raises
    ------
    ValueError
        If `unit` is none of these, or segments are missing.
    UnknownIdError
        If a coding names a code that the codebook lacks.
    """
    ours = corpus.permitted(use).where(lambda document: document.voice == "participant")
    tally = Tally(codings, ours, codebook)
    runs = merge_runs(corpus.runs, codings.runs)
    if unit == "segment":
        if segments is None:
            raise ValueError("give segments, such as segment(corpus, by='sentence')")
        return _in_segments(tally, segments, runs)
    if unit not in {"reflection", "participant"}:
        raise ValueError(f"{unit!r}: expected 'segment', 'reflection' or 'participant'")
    found = _in_reflections(tally, runs)
    if unit == "reflection":
        return found
    return found.grouped(lambda each: each.case_id, "participant")


def _in_reflections(tally: Tally, runs: tuple[Run, ...]) -> Incidence:
    units = sorted(_reflections(tally.corpus), key=lambda unit: unit.id)
    rows = {(unit.document_ids[0], unit.case_id): row for row, unit in enumerate(units)}

    def within(span: Span) -> Iterator[int]:
        row = rows.get((span[0], tally.corpus.case_at(span[0], span[1])))
        if row is not None:
            yield row

    return _filled(tally, tuple(units), within, "reflection", runs)


def _reflections(corpus: Corpus) -> Iterator[CodedUnit]:
    """What each participant wrote or said in each document."""
    for document in corpus:
        cases = corpus.cases_of(document)
        for case_id in cases:
            yield CodedUnit(_reflection_id(document, case_id), (document.id,), case_id)
        if not cases or any(turn.coded and turn.case_id is None for turn in document.turns):
            yield CodedUnit(document.id, (document.id,))


def _reflection_id(document: Document, case_id: str) -> str:
    return f"{document.id} · {case_id}" if document.turns else document.id


def _in_segments(tally: Tally, segments: Segments, runs: tuple[Run, ...]) -> Incidence:
    from reflect_analysis.ratings import SegmentPlaces

    chosen = [row for row in segments if row.document_id in tally.documents]
    chosen.sort(key=lambda row: row.id)
    units = tuple(CodedUnit(row.id, (row.document_id,), row.case_id) for row in chosen)
    numbers = {row.id: number for number, row in enumerate(chosen)}
    places = {key: SegmentPlaces(rows) for key, rows in segments.by_document.items()}

    def within(span: Span) -> Iterator[int]:
        for row in places[span[0]].covered(*span[1:]) if span[0] in places else ():
            yield numbers[row.id]

    return _filled(tally, units, within, "segment", runs)


def _filled(
    tally: Tally,
    units: tuple[CodedUnit, ...],
    within: Callable[[Span], Iterable[int]],
    kind: UnitKind,
    runs: tuple[Run, ...],
) -> Incidence:
    """Zero where a unit's document was read for a code, and one more for each passage in it."""
    import numpy as np

    codes = tuple(code.id for code in tally.codebook.in_use)
    passages = np.full((len(units), len(codes)), np.nan)
    places = cache(lambda span: tuple(within(span)))
    for column, code_id in enumerate(codes):
        read = tally.read(code_id)
        rows = [row for row, unit in enumerate(units) if unit.document_ids[0] in read]
        passages[rows, column] = 0.0
        for span in tally.passages(code_id):
            for row in places(span):
                passages[row, column] = np.nan_to_num(passages[row, column]) + 1.0
    draft = tally.is_draft(codes)
    parents = {code.id: code.parent for code in tally.codebook.in_use if code.parent}
    return Incidence(passages, units, codes, kind, draft, runs, parents=parents)
