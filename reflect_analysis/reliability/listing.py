"""Where coders differ: each passage with what every coder said of it, sorted by code.

The list holds participants' words. It is for the meeting of those who coded, and lies with
the codings; nothing made from it may be sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Literal

from reflect_analysis.coefficients.measures import PAIR
from reflect_analysis.errors import AgreementError
from reflect_analysis.provenance import merge_runs, new_run
from reflect_analysis.ratings import counted_for
from reflect_analysis.reliability.basis import Basis, basis_of
from reflect_analysis.reliability.rows import group_of, name_of
from reflect_analysis.reliability.selection import Selection, phase_words

if TYPE_CHECKING:
    import pandas as pd

    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import Coding, Codings, Phase
    from reflect_analysis.corpus import Corpus
    from reflect_analysis.provenance import Run
    from reflect_analysis.reliability.rated import (
        Unit,
    )
    from reflect_analysis.segments import Segments

__all__ = ["KEEP_WORDS", "Disagreement", "Disagreements", "Mark", "disagreements"]

KEEP_WORDS = "This list holds participants’ words: keep it with the codings, never send it."
NOT_CODED = "read, not coded"
NOT_READ = "not read"
_CONTEXT = 160  # characters shown on either side of a passage


@dataclass(frozen=True, slots=True)
class Mark:
    """What one coder coded at a passage: the code, and the span."""

    code_id: str
    code: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A passage on which coders differ for one code.

    Parameters
    ----------
    phase : str
    group, code_id, code : str
    document_id : str
    case_id : str, optional
    unit_id : str
        The unit in which they differ: a document, a segment, or the document of a span.
    start, end : int
        The passage, half-open code points.
    passage, before, after : str
        Its words, and some of what stands around it.
    kind : {"presence", "borders"}
        One found the code and another did not, or both did, in other borders.
    found_by : tuple of str
        Who found the code there.
    marks : tuple of tuple of Mark
        For each coder what was coded at the passage, with any code.
    read_by : tuple of str
        Who read the unit for the code.
    """

    phase: Phase
    group: str
    code_id: str
    code: str
    document_id: str
    case_id: str | None
    unit_id: str
    start: int
    end: int
    passage: str
    before: str
    after: str
    kind: Literal["presence", "borders"]
    found_by: tuple[str, ...]
    marks: tuple[tuple[Mark, ...], ...]
    read_by: tuple[str, ...]

    def said(self, coder: int, coder_name: str) -> str:
        """What a coder said of the passage, in words."""
        if coder_name not in self.read_by:
            return NOT_READ
        marks = self.marks[coder]
        return "\n".join(self._told(mark) for mark in marks) if marks else NOT_CODED

    def _told(self, mark: Mark) -> str:
        """A code; with the words that were marked where they are not the passage itself."""
        if (mark.start, mark.end) == (self.start, self.end):
            return mark.code
        return f"{mark.code}: “{self._words(mark)}”"

    def _words(self, mark: Mark) -> str:
        """The marked words, as far as they stand in what is shown."""
        shown = self.before + self.passage + self.after
        offset = self.start - len(self.before)
        text = shown[max(0, mark.start - offset) : mark.end - offset]
        cut_left, cut_right = mark.start < offset, mark.end > offset + len(shown)
        return f"{'…' * cut_left}{text.strip()}{'…' * cut_right}"


@dataclass(frozen=True)
class Disagreements:
    """Where coders differ, in the order of the codebook, then of the texts.

    It holds participants' words: keep it with the codings.

    Parameters
    ----------
    rows : tuple of Disagreement
    coders : tuple of str
    unit : {"document", "segment", "span"}
    runs : tuple of Run
    """

    rows: tuple[Disagreement, ...]
    coders: tuple[str, ...]
    unit: Unit
    runs: tuple[Run, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Disagreement]:
        return iter(self.rows)

    def where(self, keep: Callable[[Disagreement], bool]) -> Disagreements:
        """Those for which `keep` is true."""
        return replace(self, rows=tuple(filter(keep, self.rows)))

    def units(self, code_id: str) -> int:
        """Units on which coders differ for a code: what stands off the diagonal of its counts.

        A unit that was read in two phases counts in each.
        """
        return len({(row.phase, row.unit_id) for row in self.rows if row.code_id == code_id})

    def to_frame(self) -> pd.DataFrame:
        """One row a passage, with a column for what each coder said of it.

        Returns
        -------
        DataFrame
            It holds participants' words.
        """
        import pandas as pd

        names = ("phase", "group", "code_id", "document_id", "case_id", "start", "end", "passage")
        records = [
            {name: getattr(row, name) for name in names}
            | {coder: row.said(number, coder) for number, coder in enumerate(self.coders)}
            | {"kind": row.kind}
            for row in self.rows
        ]
        return pd.DataFrame(records, columns=[*names, *self.coders, "kind"])

    def __repr__(self) -> str:
        codes = len({row.code_id for row in self.rows})
        return (
            f"<Disagreements: {len(self)} passages on {codes} codes between "
            f"{', '.join(self.coders)}, by {self.unit}>"
        )

    def _repr_html_(self) -> str:
        parts = [f"<p>{escape(repr(self))}</p><p><b>{escape(KEEP_WORDS)}</b></p>"]
        heading = ""
        for row in self.rows:
            title = f"{row.code} ({phase_words(row.phase)})" if row.phase else row.code
            if title != heading:
                heading = title
                parts.append(f"<h4>{escape(heading)}</h4>")
            parts.append(self._entry(row))
        return "".join(parts)

    def _entry(self, row: Disagreement) -> str:
        """One passage, with both codings side by side."""
        place = escape(f"{row.document_id}, {row.start}–{row.end}")
        text = f"{escape(row.before)}<mark>{escape(row.passage)}</mark>{escape(row.after)}"
        head = "".join(f"<th>{escape(coder)}</th>" for coder in self.coders)
        cells = "".join(
            f"<td>{escape(row.said(number, coder)).replace(chr(10), '<br>')}</td>"
            for number, coder in enumerate(self.coders)
        )
        return (
            f"<p><small>{place}</small><br>{text}</p><table><tr>{head}</tr><tr>{cells}</tr></table>"
        )


def disagreements(  # noqa: PLR0913  # the same choices as measure_agreement
    codings: Codings,
    coders: Sequence[str] | None = None,
    *,
    corpus: Corpus | None = None,
    segments: Segments | None = None,
    codebook: Codebook | None = None,
    codes: Iterable[str] | None = None,
    unit: Unit | None = None,
    phase: Phase | Sequence[Phase] | None = None,
    blind_only: bool = True,
    borders: bool = False,
) -> Disagreements:
    """List where coders differ: each passage with what every coder said of it.

    The units are those of `measure_agreement`: for each code as many of them stand in the
    list as stand in its counts as found by one coder alone. The result holds participants'
    words; governed records enter where their use in tables and in exports is approved.

    Parameters
    ----------
    codings, coders, segments, codebook, codes, unit, phase, blind_only
        As in `measure_agreement`.
    corpus : Corpus
        The texts; may be left out where segments are given.
    borders : bool
        For ``unit="span"``: whether passages that both found in other borders are listed.

    Returns
    -------
    Disagreements

    Raises
    ------
    AgreementError
        If there is nothing to compare, or neither corpus nor segments were given.
    UnknownIdError
        If a coding names a code that the codebook lacks.
    """
    if corpus is None and segments is None:
        raise AgreementError("the list opens each passage and needs the texts: corpus=corpus")
    basis = basis_of(
        codings,
        coders,
        corpus=corpus,
        segments=segments,
        codebook=codebook,
        codes=codes,
        unit=unit,
        phase=phase,
        blind_only=blind_only,
        uses=("tables", "export"),
    )
    rows = tuple(
        row for selection in basis.selections for row in _Lister(basis, selection, borders).rows()
    )
    summary = f"The {len(rows)} passages on which {len(basis.coders)} coders differ were listed"
    run = new_run("disagreements", summary, settings={"coders": list(basis.coders)})
    texts = basis.corpus.runs if basis.corpus is not None else ()
    return Disagreements(rows, basis.coders, basis.unit, merge_runs(texts, codings.runs, (run,)))


class _Lister:
    """Lists the disagreements of one phase."""

    def __init__(self, basis: Basis, selection: Selection, borders: bool) -> None:  # noqa: FBT001  # private, called once
        self.basis, self.selection, self.borders = basis, selection, borders
        self.corpus = selection.permitted
        self.ratings = basis.ratings(selection)
        self.codings: dict[str, list[Coding]] = {}
        for row in selection.log.current:
            self.codings.setdefault(row.coding.document_id, []).append(row.coding)

    def rows(self) -> Iterator[Disagreement]:
        """In the order of the codes, then of the texts."""
        listed = self._spans if self.basis.unit == "span" else self._units
        for code_id in self.ratings.codes:
            found = list(listed(code_id))
            found.sort(key=lambda row: (row.document_id, row.start, row.end))
            yield from found

    def _units(self, code_id: str) -> Iterator[Disagreement]:
        """Passages in units in which a code was found by some who read it, not by all."""
        ratings = self.ratings
        for unit, values in zip(ratings.units, ratings.of(code_id), strict=True):
            if (values == 0).any() and (values == 1).any():
                read = tuple(c for c, v in zip(ratings.coders, values, strict=True) if v >= 0)
                found = tuple(c for c, v in zip(ratings.coders, values, strict=True) if v == 1)
                for start, end in self._places(unit.id, unit.document_id, code_id, found):
                    yield self._row(code_id, unit.document_id, unit.id, (start, end), found, read)

    def _places(
        self, unit_id: str, document_id: str, code_id: str, found: Sequence[str]
    ) -> list[tuple[int, int]]:
        """The segment, or in a document the stretches that those who found the code marked."""
        if self.basis.unit == "segment" and self.basis.segments is not None:
            rows = self.basis.segments.by_document[document_id]
            return [(row.start, row.end) for row in rows if row.id == unit_id]
        mine = (c for c in self._of(document_id, code_id) if c.coder in found)
        return _joined((coding.start, coding.end) for coding in mine)

    def _spans(self, code_id: str) -> Iterator[Disagreement]:
        """Stretches that some marked and others did not, or did in other borders."""
        ratings = self.ratings
        for unit, values in zip(ratings.units, ratings.of(code_id), strict=True):
            read = tuple(c for c, v in zip(ratings.coders, values, strict=True) if v >= 0)
            if len(read) < PAIR:
                continue
            mine = [
                c
                for c in self._of(unit.document_id, code_id)
                if c.coder in read and c.region is None
            ]
            for start, end in _joined((c.start, c.end) for c in mine):
                here = [c for c in mine if c.start < end and start < c.end]
                found = tuple(name for name in read if any(c.coder == name for c in here))
                if len(found) < len(read) or (self.borders and self._differ(here)):
                    yield self._row(
                        code_id, unit.document_id, unit.document_id, (start, end), found, read
                    )

    def _differ(self, codings: Sequence[Coding]) -> bool:
        """Whether coders drew other borders, outer space and punctuation apart."""
        from reflect_analysis.coefficients.spans import trim_span

        spans: dict[str, set[tuple[int, int]]] = {}
        for coding in codings:
            text = self._text(coding.document_id)
            spans.setdefault(coding.coder, set()).add(trim_span(text, coding.start, coding.end))
        return len({frozenset(each) for each in spans.values()}) > 1

    def _row(
        self,
        code_id: str,
        document_id: str,
        unit_id: str,
        place: tuple[int, int],
        found: tuple[str, ...],
        read: tuple[str, ...],
    ) -> Disagreement:
        start, end = place
        text, book = self._text(document_id), self.basis.codebook
        left, right = _edge(text, start, -1), _edge(text, end, 1)
        return Disagreement(
            phase=self.selection.phase,
            group=group_of(book, code_id),
            code_id=code_id,
            code=name_of(book, code_id),
            document_id=document_id,
            case_id=self.corpus.case_at(document_id, start) if self.corpus else None,
            unit_id=unit_id,
            start=start,
            end=end,
            passage=text[start:end],
            before=text[left:start],
            after=text[end:right],
            kind="presence" if len(found) < len(read) else "borders",
            found_by=found,
            marks=tuple(tuple(self._marks(c, document_id, place)) for c in self.basis.coders),
            read_by=read,
        )

    def _marks(self, coder: str, document_id: str, place: tuple[int, int]) -> Iterator[Mark]:
        """What a coder coded at a place, with any code."""
        start, end = place
        for c in self.codings.get(document_id, ()):
            if c.coder == coder and c.start < end and start < c.end:
                yield Mark(c.code_id, name_of(self.basis.codebook, c.code_id), c.start, c.end)

    def _of(self, document_id: str, code_id: str) -> list[Coding]:
        """The codings of a document that count for a code: its own and its subcodes'."""
        rows, book = self.codings.get(document_id, ()), self.basis.codebook
        return [row for row in rows if code_id in counted_for(row.code_id, row.coder_kind, book)]

    def _text(self, document_id: str) -> str:
        return self.corpus.document(document_id).text if self.corpus else ""


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Stretches of text that spans cover, overlapping ones as one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _edge(text: str, place: int, step: Literal[-1, 1]) -> int:
    """Where the context ends: at a word's border, some characters away."""
    goal = max(0, place - _CONTEXT) if step < 0 else min(len(text), place + _CONTEXT)
    while goal not in {0, len(text), place} and not text[goal - (step < 0)].isspace():
        goal += -step
    return goal
