"""From a number of a report back to the passages that it counts.

Every count of a report is made from the same passages (`incidence`): of one code or of any of
several, of two codes together, in one session, in one group, of one participant. `trace` counts
them again and lists them. A list of passages has a row for one person: it is kept, never sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from statistics import median
from typing import TYPE_CHECKING

from reflect_analysis._rows import html_table
from reflect_analysis.errors import UnknownIdError, did_you_mean, raise_all
from reflect_analysis.incidence import (
    CodedUnit,
    Incidence,
    Span,
    Tally,
    UnitKind,
    find_incidence,
    value_of,
)
from reflect_analysis.provenance import Run
from reflect_analysis.ratings import SegmentPlaces

if TYPE_CHECKING:
    import pandas as pd

    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import Codings
    from reflect_analysis.corpus import Corpus
    from reflect_analysis.segments import Segments

__all__ = ["Trace", "TracedPassage", "trace_count"]

# Groups that reports join, as they print them.
_JOINED, _NOT_KNOWN = frozenset({"others", "other groups"}), "not known"


@dataclass(frozen=True, slots=True)
class TracedPassage:
    """One passage that a number counts.

    Parameters
    ----------
    code_id : str
        The code that was asked for.
    document_id : str
    start, end : int
        Half-open code points; overlapping passages of several coders are one.
    case_id : str, optional
        `None` where nobody knows whose words they are.
    coded_as : tuple of str
        The codes of the passage that count for it: itself, or its subcodes.
    coders : tuple of str
    status : str
        The weakest standing: ``"machine"``, ``"reviewed"`` or ``"human"``.
    text : str
        The participant's words.
    """

    code_id: str
    document_id: str
    start: int
    end: int
    case_id: str | None
    coded_as: tuple[str, ...]
    coders: tuple[str, ...]
    status: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class Trace:
    """The passages behind a number, and the number counted again.

    Parameters
    ----------
    passages : tuple of TracedPassage
        In the order of the texts.
    asked : str
        What was asked for, in words.
    participants, of_participants : int
        Known participants with it, of those who were read for it.
    reflections, of_reflections : int
        Documents with it, of those read for it.
    together : tuple of (int, int), optional
        With two codes: units with both, of those that were read for both.
    unit : str
        What a unit is.
    runs : tuple of Run
    communities : int, optional
        Of those participants; `None` where no community of anybody read is known.
    """

    passages: tuple[TracedPassage, ...]
    asked: str
    participants: int
    of_participants: int
    reflections: int
    of_reflections: int
    together: tuple[int, int] | None = None
    unit: str = "reflection"
    runs: tuple[Run, ...] = ()
    communities: int | None = None

    def __len__(self) -> int:
        return len(self.passages)

    @property
    def counts(self) -> tuple[tuple[str, str], ...]:
        """The numbers as a report prints them, with their names."""
        if not self.of_reflections:
            return (("participants", "– (nobody read for it)"),)
        said = f"{self.participants} of {self.of_participants}"
        if self.together:
            units = (f"{self.unit}s with both", "{} of {}".format(*self.together))
        else:
            units = ("reflections", f"{self.reflections} of {self.of_reflections}")
        told = [("participants", said), units, ("passages", str(len(self)))]
        middle = self.median_passages
        if middle is not None and not self.together:
            told.append(("passages a participant (median)", f"{middle:g}"))
        if self.communities is not None:
            told.append(("communities", str(self.communities)))
        return tuple(told)

    @property
    def median_passages(self) -> float | None:
        """Passages a participant, of those with any; `None` where there is none."""
        each = Counter(row.case_id for row in self.passages if row.case_id)
        return float(median(each.values())) if each else None

    def to_frame(self, *, words: bool = False) -> pd.DataFrame:
        """One row a passage: ids and offsets, with its words where asked; to keep either way."""
        from reflect_analysis._rows import to_frame

        return to_frame(self.passages, TracedPassage, drop=() if words else ("text",))

    def __repr__(self) -> str:
        told = ", ".join(f"{number} {name}" for name, number in self.counts)
        return f"<Trace of {self.asked}: {told}>"

    def _repr_html_(self) -> str:
        table = html_table(("What", "How many"), self.counts)
        return f"<p>{escape(self.asked)}, counted again. Exact: to keep, not to send.</p>{table}"


def trace_count(  # noqa: PLR0913  # each narrows the number in a way that a report has
    codings: Codings,
    code: str | Sequence[str],
    *,
    corpus: Corpus,
    codebook: Codebook,
    with_code: str | None = None,
    unit: UnitKind = "reflection",
    segments: Segments | None = None,
    session: str | None = None,
    case: str | None = None,
    where: Mapping[str, str] | None = None,
) -> Trace:
    """Find the passages behind a number of a report.

    Parameters
    ----------
    codings : Codings
    code : str or sequence of str
        A code by id, or several of which any counts (a state of `state_changes`).
    corpus : Corpus
        Governed documents whose use in tables is not approved are left out, as in the report.
    codebook : Codebook
    with_code : str, optional
        Another code that must stand in the same unit (`cooccurrence`).
    unit : {"reflection", "participant", "segment"}
        For `with_code`: in what both must stand.
    segments : Segments, optional
        The units for ``"segment"``.
    session : str, optional
        Only texts of this session.
    case : str, optional
        Only this participant.
    where : mapping of str to str, optional
        Attributes of the text or of its participant, such as ``{"role": "ECE"}``; several values
        with commas, any of which counts, as a report joins groups: ``{"role": "aide,cook"}``;
        ``"not known"`` is who bears none, where there is anybody.

    Returns
    -------
    Trace

    Raises
    ------
    UnknownIdError
        If a code is unknown or retired, a participant is unknown, or no text has an attribute,
        or its value, that was asked for: all of them at once.
    """
    codes = (code,) if isinstance(code, str) else tuple(code)
    wanted = {**({} if session is None else {"session": session}), **(where or {})}
    asked_for = (*codes, *([with_code] if with_code else []))
    tracer = _Tracer(codings, corpus, codebook, unit if with_code else "reflection", segments)
    raise_all(
        UnknownIdError,
        (
            *_unknown_ids(lambda: codebook.check_in_use(asked_for, "the trace")),
            *_unknown_ids(lambda: corpus.case(case) if case is not None else None),
            *_unknown_attributes(corpus, tracer.read_for(codes, with_code), wanted),
        ),
    )
    borne = {name: _borne(value, _values(corpus, name)) for name, value in wanted.items()}
    about = [*([case] if case else []), *(f"{name} {value}" for name, value in wanted.items())]
    asked = " or ".join(codes) + (f" with {with_code}" if with_code else "")
    asked += f" ({', '.join(about)})" if about else ""

    def keep(each: CodedUnit) -> bool:
        return case in {None, each.case_id} and all(
            _value(corpus, each, name) in values for name, values in borne.items()
        )

    return tracer.trace(codes, with_code, asked, keep)


def _value(corpus: Corpus, unit: CodedUnit, name: str) -> str:
    """What a text, or else its participant, bears of an attribute."""
    own = corpus.document(unit.document_ids[0]).attributes.get(name)
    if own in (None, "") and unit.case_id:
        own = corpus.case(unit.case_id).attributes.get(name)
    return "" if own is None else str(own)


def _unknown_ids(check: Callable[[], object]) -> tuple[str, ...]:
    """What a check for ids finds, so that it is told with the rest."""
    try:
        check()
    except UnknownIdError as error:
        return error.faults
    return ()


def _values(corpus: Corpus, name: str) -> set[str]:
    """All values of an attribute, of texts and of participants."""
    attributes = [corpus.attributes_of(document) for document in corpus]
    attributes += [each.attributes for each in corpus.cases]
    return {str(each[name]) for each in attributes if each.get(name) not in (None, "")}


def _asked_values(value: str, values: Collection[str]) -> set[str]:
    """The values that one text asks for; a value may hold a comma itself."""
    return {value} if value in values else {each.strip() for each in value.split(",")}


def _borne(value: str, values: Collection[str]) -> frozenset[str]:
    """What those asked for bear: nothing where a report says that it is not known."""
    return frozenset(each if each in values else "" for each in _asked_values(value, values))


def _unknown_attributes(
    corpus: Corpus, read: Sequence[CodedUnit], wanted: Mapping[str, str]
) -> Iterator[str]:
    """Each attribute, or value, that nobody bears: it would count nought, or say nobody read."""
    for name, value in wanted.items():
        values = _values(corpus, name)
        asked = _asked_values(value, values)
        if not values:
            known = {key for each in corpus for key in corpus.attributes_of(each)}
            known |= {key for each in corpus.cases for key in each.attributes}
            yield f"no text has the attribute {name!r}{did_you_mean(name, known)}"
            continue
        if unknown := sorted(asked - values - {_NOT_KNOWN}):
            yield _unknown(name, unknown, values)
        known_of_all = bool(read) and all(_value(corpus, unit, name) for unit in read)
        if _NOT_KNOWN in asked - values and known_of_all:
            yield f"{name} is known of every text that was read for it; {_there(values)}"


def _there(values: Collection[str]) -> str:
    return f"there are {', '.join(sorted(values)[:12])}"


def _unknown(name: str, unknown: Sequence[str], values: Collection[str]) -> str:
    """That nobody bears a value, and how joined groups are named."""
    there = sorted(values)
    joined = ""
    if _JOINED.intersection(each.casefold() for each in unknown) and len(there) > 2:  # noqa: PLR2004  # one and others
        joined = (
            "; what a report calls others, or other groups, is named by its values with commas, "
            f"for instance {name}={','.join(there[1:3])}"
        )
    told = ", ".join(map(repr, unknown))
    return f"no text has {name} {told}; {_there(there)}{joined}"


class _Tracer:
    """Counts the passages of codes in those units that were asked for."""

    def __init__(
        self,
        codings: Codings,
        corpus: Corpus,
        codebook: Codebook,
        unit: UnitKind,
        segments: Segments | None,
    ) -> None:
        self.corpus, self.unit, self.segments = corpus, unit, segments
        ours = corpus.permitted("tables").where(lambda each: each.voice == "participant")
        self.tally = Tally(codings, ours, codebook)
        smallest: UnitKind = "segment" if unit == "segment" else "reflection"
        self.found = find_incidence(
            codings, corpus=corpus, codebook=codebook, unit=smallest, segments=segments
        )

    def read_for(self, codes: Sequence[str], other: str | None) -> list[CodedUnit]:
        """The units that were read for codes; none where one of these is none in use."""
        known = {*codes, *([other] if other else [])} <= set(self.found.codes)
        return _said_and_read(self.found, codes, other)[1] if known and codes else []

    def trace(
        self,
        codes: Sequence[str],
        other: str | None,
        asked: str,
        keep: Callable[[CodedUnit], bool],
    ) -> Trace:
        """Count and list what stands in the units that a condition keeps."""
        units = self.found.take(keep)
        if self.unit == "participant":
            units = units.grouped(lambda each: each.case_id, "participant")
        said, read = _said_and_read(units, codes, other)
        with_it = {unit.id for unit in said}
        passages = tuple(
            self._passage(code, span)
            for code in (*codes, *([other] if other else []))
            for span in self.tally.passages(code)
            if not with_it.isdisjoint(self._units_of(span, units))
        )
        return Trace(
            passages,
            asked,
            participants=len({unit.case_id for unit in said} - {None}),
            of_participants=len({unit.case_id for unit in read} - {None}),
            reflections=len({row.document_id for row in passages}),
            of_reflections=len({each for unit in read for each in unit.document_ids}),
            together=(len(said), len(read)) if other else None,
            unit=self.unit,
            runs=units.runs,
            communities=self._communities(said, read),
        )

    def _communities(self, said: Sequence[CodedUnit], read: Sequence[CodedUnit]) -> int | None:
        """Communities of those who said it; `None` where none of anybody read is known."""
        there, all_there = ({self._community(unit) for unit in units} for units in (said, read))
        return len(there - {""}) if all_there - {""} else None

    def _community(self, unit: CodedUnit) -> str:
        return value_of(self.corpus, unit.case_id, "community") if unit.case_id else ""

    def _units_of(self, span: Span, units: Incidence) -> Iterator[str]:
        """The units in which a passage stands."""
        if self.unit == "segment":
            rows = self.segments.by_document.get(span[0], ()) if self.segments else ()
            yield from (row.id for row in SegmentPlaces(rows).covered(*span[1:]))
            return
        case_id = self.corpus.case_at(*span[:2])
        for unit in units.units:
            if unit.case_id == case_id and span[0] in unit.document_ids:
                yield unit.id

    def _passage(self, code_id: str, span: Span) -> TracedPassage:
        document_id, start, end = span
        rows = [
            row
            for row in self.tally.found(code_id)
            if row.coding.document_id == document_id
            and start <= row.coding.start
            and row.coding.end <= end
        ]
        standing = {row.status for row in rows}
        return TracedPassage(
            code_id,
            document_id,
            start,
            end,
            self.corpus.case_at(document_id, start),
            tuple(sorted({row.coding.code_id for row in rows})),
            tuple(sorted({row.coding.coder for row in rows})),
            next(each for each in ("machine", "reviewed", "human") if each in standing),
            self.corpus.document(document_id).passage(start, end),
        )


def _said_and_read(
    units: Incidence, codes: Sequence[str], other: str | None
) -> tuple[list[CodedUnit], list[CodedUnit]]:
    """The units with any of some codes, and the other one; and those that were read for them."""
    import numpy as np

    columns = np.array([units.of(code) for code in codes]).reshape(len(codes), len(units))
    said, read = (columns == 1).any(axis=0), (~np.isnan(columns)).any(axis=0)
    if other is not None:
        beside = units.of(other)
        said, read = said & (beside == 1), read & ~np.isnan(beside)
    return (
        [unit for unit, yes in zip(units.units, said, strict=True) if yes],
        [unit for unit, yes in zip(units.units, read, strict=True) if yes],
    )
