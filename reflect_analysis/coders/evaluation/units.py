"""What is judged, whose words it is, and what people and machines said of it.

A code is judged where it is used: on the segments, or for a code whose unit is the reflection
on all that one participant wrote or said in a document. Both are units here, so that a machine
is measured on exactly what it is asked.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np

from reflect_analysis.codebook import Codebook
from reflect_analysis.coders.contexts import contexts_of, joined, readings_of
from reflect_analysis.codings import Coding, Codings, Decision, Seen
from reflect_analysis.errors import UnknownIdError, did_you_mean, raise_all
from reflect_analysis.ratings import rate_segments
from reflect_analysis.segments import Segment, Segments

if TYPE_CHECKING:
    import numpy.typing as npt

    from reflect_analysis.coders.labelling import LabellingPlan

    Array = npt.NDArray[np.float64]
    Flags = npt.NDArray[np.bool_]

__all__ = [
    "Units",
    "audit_of",
    "judged_by_people",
    "people_of",
    "permitted",
    "units_of",
    "was_read",
    "whose_words",
]

REFLECTION = "reflection"
SHOWN = 10


@dataclass(frozen=True)
class Units:
    """Units of one kind, and the codes that are judged on them.

    Parameters
    ----------
    segments : Segments
    members : tuple of tuple of int
        The segments of each unit, by their number.
    groups : tuple of hashable
        Whom each unit belongs to: the participant, or what the caller gave.
    codes : tuple of str
    kind : str
        ``"sentence"``, ``"paragraph"``, ``"turn"``, ``"document"`` or ``"reflection"``.
    """

    segments: Segments
    members: tuple[tuple[int, ...], ...]
    groups: tuple[Hashable, ...]
    codes: tuple[str, ...]
    kind: str

    def __len__(self) -> int:
        return len(self.members)

    @cached_property
    def rows(self) -> tuple[tuple[Segment, ...], ...]:
        """The segments of each unit."""
        return tuple(tuple(self.segments.rows[i] for i in each) for each in self.members)

    @property
    def texts(self) -> list[str]:
        """What a coder reads of each unit."""
        return [joined(list(rows)) for rows in self.rows]

    @property
    def contexts(self) -> list[str]:
        """The passage in which each unit stands; a whole reflection stands in itself."""
        if self.kind == REFLECTION:
            return self.texts
        around = contexts_of(self.segments)
        return [around[rows[0]] for rows in self.members]

    @property
    def documents(self) -> list[str]:
        """The document of each unit."""
        return [rows[0].document_id for rows in self.rows]

    def segments_of(self, chosen: Iterable[int]) -> Segments:
        """The segments of some units, in the order of the text."""
        ids = {row.id for unit in chosen for row in self.rows[unit]}
        return self.segments.where(lambda row: row.id in ids)

    def take(self, chosen: Sequence[int]) -> Units:
        """Some of the units, by their number."""
        return dataclasses.replace(
            self,
            members=tuple(self.members[i] for i in chosen),
            groups=tuple(self.groups[i] for i in chosen),
        )

    def rated(self, codings: Codings, coders: Sequence[str], codebook: Codebook) -> Array:
        """What coders said, (n_units, n_coders, n_codes): 1, 0, or NaN where not read.

        Of a reflection something holds if it holds in a part, and does not if every part was
        read and it holds in none.
        """
        rated = rate_segments(
            self.narrowed(codings),
            self.segments,
            coders=coders,
            codes=self.codes,
            codebook=codebook,
        ).values
        values = np.full((len(self), len(coders), len(self.codes)), np.nan)
        for unit, rows in enumerate(self.members):
            parts = rated[list(rows)]
            values[unit] = np.where((parts == 1).any(axis=0), 1.0, parts.max(axis=0))
        return values

    def narrowed(self, codings: Codings) -> Codings:
        """In a reflection a machine's passage across turns is the words of whom it begins with."""
        if self.kind != REFLECTION:
            return codings
        first = {(row.document_id, row.start): row.end for row in self.segments}

        def ends(coding: Coding) -> Coding:
            end = first.get((coding.document_id, coding.start))
            if coding.coder_kind != "machine" or end is None or end >= coding.end:
                return coding
            return dataclasses.replace(coding, end=end)

        return dataclasses.replace(codings, codings=tuple(map(ends, codings.codings)))

    def scored(self, codings: Codings) -> Array:
        """The scores of codings, one a unit and code, (n_units, n_codes); NaN where none."""
        by_reflection = self.kind == REFLECTION
        units = {}
        for unit, rows in enumerate(self.rows):
            end = None if by_reflection else rows[0].end
            units[rows[0].document_id, rows[0].start, end] = unit
        columns = {code_id: column for column, code_id in enumerate(self.codes)}
        scores = np.full((len(self), len(self.codes)), np.nan)
        for coding in codings:
            end = None if by_reflection else coding.end
            unit_found = units.get((coding.document_id, coding.start, end))
            column_found = columns.get(coding.code_id)
            if unit_found is not None and column_found is not None and coding.score is not None:
                scores[unit_found, column_found] = coding.score
        return scores


def units_of(
    segments: Segments,
    codebook: Codebook,
    codes: Sequence[str],
    groups: Sequence[Hashable] | None = None,
) -> tuple[Units, ...]:
    """The segments, and the reflections where a code is judged on those.

    Parameters
    ----------
    segments : Segments
    codebook : Codebook
    codes : sequence of str
    groups : sequence of hashable, (n_segments,), optional
        By default the participants; a document of unknown case is a group of its own.

    Returns
    -------
    tuple of Units
        Each with at least one code.

    Raises
    ------
    ValueError
        If there is not one group a segment.
    """
    if groups is not None and len(groups) != len(segments):
        raise ValueError(
            f"expected {len(segments)} groups, one a segment in their order, got {len(groups)}"
        )
    whose = tuple(map(whose_words, segments)) if groups is None else tuple(groups)
    by_segment = tuple((number,) for number in range(len(segments)))
    numbers = {row.id: number for number, row in enumerate(segments)}
    by_reflection = tuple(tuple(numbers[r.id] for r in rows) for rows in readings_of(segments))
    kinds = ((segments.by, by_segment), (REFLECTION, by_reflection))
    found = []
    for kind, members in kinds:
        wanted = tuple(c for c in codes if (codebook[c].unit == REFLECTION) == (kind == REFLECTION))
        if wanted:
            of_unit = tuple(whose[rows[0]] for rows in members)
            found.append(Units(segments, members, of_unit, wanted, kind))
    return tuple(found)


def whose_words(segment: Segment) -> str:
    """The participant; units of unknown origin belong together by document."""
    return f"case:{segment.case_id}" if segment.case_id else f"document:{segment.document_id}"


def was_read(values: Array, axis: int | tuple[int, ...]) -> Flags:
    """Where something along these axes is known."""
    known: Flags = np.asarray(np.any(~np.isnan(values), axis=axis))
    return known


def permitted(segments: Segments, *uses: str) -> Segments:
    """The segments whose documents those who govern them have approved for all these uses."""
    corpus = segments.corpus
    kept = {
        document_id
        for document_id in segments.by_document
        if all(corpus.permits(corpus.document(document_id), use) for use in uses)
    }
    return segments.where(lambda row: row.document_id in kept)


def audit_of(audit: LabellingPlan | Iterable[str], segments: Segments) -> frozenset[str]:
    """The units that chance drew, by id: of a plan only those with the reason ``"audit"``.

    Raises
    ------
    UnknownIdError
        If one of them is none of these segments.
    """
    if isinstance(audit, str):
        raise TypeError(f"expected a labelling plan or ids of units, came one string: {audit!r}")
    # Asked by name: plans are made by a module that stands on this one.
    of_plan: Iterable[str] | None = getattr(audit, "audit", None)
    ids = frozenset(cast("Iterable[str]", audit) if of_plan is None else of_plan)
    strangers = sorted(ids.difference(row.id for row in segments))
    faults = [f"the audit: no unit {unit!r} among these segments" for unit in strangers[:SHOWN]]
    if len(strangers) > SHOWN:
        faults.append(f"and {len(strangers) - SHOWN} more; cut the corpus as it was audited")
    raise_all(UnknownIdError, faults)
    return ids


def people_of(codings: Codings, coders: Sequence[str] | None = None) -> tuple[str, ...]:
    """The people who coded or read something, or those of them who are named.

    Raises
    ------
    UnknownIdError
        If one who is named coded and read nothing.
    """
    rows: tuple[Coding | Seen, ...] = (*codings.codings, *codings.seen)
    known = sorted({row.coder for row in rows if row.coder_kind == "person"})
    if coders is None:
        return tuple(known)
    if isinstance(coders, str):
        raise TypeError(f"expected a sequence of coders, came one string; pass [{coders!r}]")
    strangers = [coder for coder in coders if coder not in known]
    told = "the human codings: nobody coded or read as"
    faults = [f"{told} {coder!r}{did_you_mean(coder, known)}" for coder in strangers]
    raise_all(UnknownIdError, faults)
    return tuple(dict.fromkeys(coders))


def judged_by_people(
    codings: Codings, units: Units, coders: Sequence[str], codebook: Codebook
) -> tuple[Array, Flags]:
    """What people said, and where they said it of a machine's proposal.

    Returns
    -------
    values : ndarray, (n_units, n_coders, n_codes)
        1, 0, or NaN where not read; an accepted proposal is 1.
    proposed : ndarray of bool, the same shape
        Where a person decided on a proposal: a judgement, and no independent one.
    """
    values = units.rated(codings, coders, codebook)
    log = units.narrowed(codings)
    accepted = units.rated(_decided(log, ("accept",)), coders, codebook) == 1
    decided = units.rated(_decided(log, ("accept", "reject", "change")), coders, codebook) == 1
    values[accepted & ~np.isnan(values)] = 1.0
    return values, decided & ~np.isnan(values)


def _decided(codings: Codings, actions: tuple[str, ...]) -> Codings:
    """Proposals of machines as if those had coded them who decided so on them."""
    latest: dict[str, Decision] = {}
    for decision in sorted(codings.decisions, key=lambda row: (row.at, row.id)):
        latest[decision.coding_id] = decision
    by_id: Mapping[str, Coding] = {coding.id: coding for coding in codings}
    rows = [
        dataclasses.replace(by_id[coding_id], coder=decision.by, coder_kind="person", id="")
        for coding_id, decision in latest.items()
        if decision.action in actions and by_id[coding_id].coder_kind == "machine"
    ]
    return Codings(tuple(rows), seen=codings.seen)
