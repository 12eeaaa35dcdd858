"""Agreement on where a code stands: spans matched, their borders, and the unitizing family.

Units cut by a machine or by rule ask whether both coders found a code in the same place.
Where coders choose the passage themselves, the place itself is part of what they say.
Documents enter that all of the coders read whole for the code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING

from reflect_analysis.coefficients import Coefficient, Resampling
from reflect_analysis.coefficients.measures import PAIR
from reflect_analysis.coefficients.spans import match_spans
from reflect_analysis.coefficients.unitizing import unitizing_alpha
from reflect_analysis.ratings import counted_for
from reflect_analysis.reliability.rated import (
    BOUND,
    CodeSpans,
    TextAgreement,
)
from reflect_analysis.reliability.rows import group_of, persons_of, why_none

if TYPE_CHECKING:
    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import Coding, Codings, CurrentCoding, Phase
    from reflect_analysis.coefficients.spans import SpanAgreement
    from reflect_analysis.coefficients.unitizing import UnitizingAlpha
    from reflect_analysis.disclosure import Persons
    from reflect_analysis.ratings import RatedUnit, Ratings

    Mark = tuple[str, str, int, int, str]
    Units = tuple[RatedUnit, ...]
    Coders = tuple[str, ...]

__all__ = ["SpanMeasures", "SpanSheet"]

_NONE_FOR_ALL = "no document was read whole by all of the coders for all codes"
_OF_PAIRS = "spans are matched two coders at a time: see the pairs"


@dataclass(frozen=True, slots=True)
class _Found:
    """What was worked out of some documents, for all codes that were looked for in them."""

    alpha: UnitizingAlpha
    matches: SpanAgreement | None


@dataclass(frozen=True)
class SpanSheet:
    """The spans of one phase, and how rows are made of them.

    Parameters
    ----------
    ratings : Ratings
        Of whole documents; they say who read what for which code.
    log : Codings
        Independent codings.
    texts : mapping of str to str
        By document.
    phase : str
    resampling : Resampling
    codebook : Codebook, optional
        With it a passage of a subcode counts for its parent too.
    exempt : frozenset of str
        See `persons_of`.
    """

    ratings: Ratings
    log: Codings
    texts: Mapping[str, str]
    phase: Phase
    resampling: Resampling
    codebook: Codebook | None = None
    exempt: frozenset[str] = frozenset()
    _kept: dict[tuple[Coders, Units], _Found] = field(default_factory=dict, init=False, repr=False)

    def rows(self) -> Iterator[CodeSpans]:
        """A row for each code, all coders together."""
        yield from self._rows(self.ratings.coders)

    def pairs(self) -> Iterator[CodeSpans]:
        """A row for each pair of several coders on each code."""
        if len(self.ratings.coders) > PAIR:
            for pair in combinations(self.ratings.coders, PAIR):
                yield from self._rows(pair)

    def text(self) -> TextAgreement:
        """The unitizing family over all codes that were looked for."""
        units, family = self._family(self.ratings.coders)
        if family is None:
            none = Coefficient(float("nan"), 0, reason=_NONE_FOR_ALL)
            return TextAgreement(self.phase, 0, 0, none, none, none, float("nan"))
        return TextAgreement(
            self.phase,
            len(units),
            family.length,
            family.u,
            family.binary,
            family.cu,
            family.cu_coverage,
        )

    def _rows(self, coders: Coders) -> Iterator[CodeSpans]:
        _, family = self._family(coders)
        for code_id in self.ratings.codes:
            yield self._row(code_id, coders, family)

    def _row(self, code_id: str, coders: Coders, family: UnitizingAlpha | None) -> CodeSpans:
        units = self._units(code_id, coders)
        marks = [mark for mark in self._in(self._marks, coders, units) if mark[1] == code_id]
        none = Coefficient(float("nan"), 0, reason=why_none(self.ratings, code_id, coders))
        found = self._found(coders, units) if units else None
        alpha = found.alpha.by_code[code_id] if found else none
        exact, overlapping, characters, distance = _matched(found, code_id, none)
        return CodeSpans(
            phase=self.phase,
            group=group_of(self.codebook, code_id),
            code_id=code_id,
            code=self.codebook[code_id].public_name if self.codebook else code_id,
            coders=coders,
            units=len(units),
            positives=tuple(sum(mark[0] == coder for mark in marks) for coder in coders),
            exact=exact,
            overlapping=overlapping,
            characters=characters,
            distance=distance,
            alpha=alpha,
            alpha_overlap=family.k.get(code_id, none) if family else none,
            below=alpha.interval.share_below(BOUND) if alpha.interval else float("nan"),
            said=self._said(marks, coders, units),
            read=persons_of(units, self.exempt),
        )

    def _said(self, marks: Sequence[Mark], coders: Coders, units: Units) -> tuple[Persons, ...]:
        """The persons in whose documents some coder, then each, marked the code."""
        each = [{mark[4] for mark in marks if mark[0] == coder} for coder in coders]
        marked = [set().union(*each), *each]
        return tuple(persons_of([u for u in units if u.id in ids], self.exempt) for ids in marked)

    def _found(self, coders: Coders, units: Units) -> _Found:
        """The coefficients in some documents, worked out once for all their codes."""
        if (coders, units) not in self._kept:
            codes = [code for code in self.ratings.codes if self._units(code, coders) == units]
            marks = [mark for mark in self._in(self._marks, coders, units) if mark[1] in codes]
            texts = {unit.id: self.texts[unit.id] for unit in units}
            lengths = {document_id: len(text) for document_id, text in texts.items()}
            how = self._resampled(units)
            self._kept[coders, units] = _Found(
                unitizing_alpha(marks, lengths, coders=coders, codes=codes, interval=how),
                match_spans(marks, texts, coders=coders, codes=codes, interval=how)
                if len(coders) == PAIR
                else None,
            )
        return self._kept[coders, units]

    def _family(self, coders: Coders) -> tuple[Units, UnitizingAlpha | None]:
        """The family on codes as they were given, in documents read for all that were sought."""
        sought = [code for code in self.ratings.codes if self._units(code, coders)]
        units = [set(self._units(code, coders)) for code in sought]
        common = set.intersection(*units) if units else set()
        kept = tuple(unit for unit in self.ratings.units if unit in common)
        if not kept:
            return (), None
        family = unitizing_alpha(
            [mark for mark in self._in(self._own_marks, coders, kept) if mark[1] in sought],
            {unit.id: len(self.texts[unit.id]) for unit in kept},
            coders=coders,
            codes=sought,
            interval=self._resampled(kept),
        )
        return kept, family

    def _units(self, code_id: str, coders: Coders) -> Units:
        """Documents that all of these coders read whole for a code."""
        columns = [self.ratings.coders.index(coder) for coder in coders]
        table = self.ratings.of(code_id)[:, columns]
        rows = zip(self.ratings.units, table, strict=True)
        return tuple(unit for unit, ratings in rows if (ratings >= 0).all())

    @cached_property
    def _own_marks(self) -> tuple[Mark, ...]:
        """Every span that holds, with its code."""
        return tuple(_mark(row.coding, row.coding.code_id) for row in self._spans)

    @cached_property
    def _spans(self) -> tuple[CurrentCoding, ...]:
        """What lies on words; regions of pictures have no borders in the text."""
        return tuple(row for row in self.log.current if row.coding.region is None)

    @cached_property
    def _marks(self) -> tuple[Mark, ...]:
        """The same, each for its code and for those of which that is a subcode."""
        return tuple(
            _mark(row.coding, code_id)
            for row in self._spans
            for code_id in counted_for(row.coding.code_id, row.coding.coder_kind, self.codebook)
            if code_id in self.ratings.codes
        )

    @staticmethod
    def _in(marks: Sequence[Mark], coders: Coders, units: Sequence[RatedUnit]) -> list[Mark]:
        ids = {unit.id for unit in units}
        return [mark for mark in marks if mark[0] in coders and mark[4] in ids]

    def _resampled(self, units: Sequence[RatedUnit]) -> Resampling:
        """Participants are drawn; a document of unknown case stands for itself."""
        whom = [unit.case_id or f"document:{unit.id}" for unit in units]
        return replace(self.resampling, clusters=whom)


def _mark(coding: Coding, code_id: str) -> Mark:
    return coding.coder, code_id, coding.start, coding.end, coding.document_id


@dataclass(frozen=True, eq=False)
class SpanMeasures:
    """What is measured of spans, worked out when it is looked at.

    Parameters
    ----------
    sheets : callable
        Gives the spans of each phase; called once.
    """

    sheets: Callable[[], Iterable[SpanSheet]]

    @cached_property
    def _sheets(self) -> tuple[SpanSheet, ...]:
        return tuple(self.sheets())

    @cached_property
    def rows(self) -> tuple[CodeSpans, ...]:
        """A row a code, all coders together."""
        return tuple(row for sheet in self._sheets for row in sheet.rows())

    @cached_property
    def pairs(self) -> tuple[CodeSpans, ...]:
        """A row a code and pair of several coders."""
        return tuple(row for sheet in self._sheets for row in sheet.pairs())

    @cached_property
    def texts(self) -> tuple[TextAgreement, ...]:
        """The unitizing family of each phase."""
        return tuple(sheet.text() for sheet in self._sheets)


def _matched(
    found: _Found | None, code_id: str, none: Coefficient
) -> tuple[Coefficient, Coefficient, Coefficient, Coefficient]:
    """Exact and overlapping matches of two coders, their characters, their borders' distance."""
    if found is None:
        return none, none, none, none
    if found.matches is None:
        pairs = Coefficient(float("nan"), 0, reason=_OF_PAIRS)
        return pairs, pairs, pairs, pairs
    scores = found.matches.by_code[code_id]
    spans = scores.exact.f1, scores.overlapping.f1
    return *spans, scores.characters.f1, scores.median_distance
