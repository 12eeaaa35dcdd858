"""Codings as an array: what each coder said of each unit for each code.

Agreement and the evaluation of machine coders stand on the same array. It is 1 where a coder
coded a unit, 0 where the coder read it for that code and did not, and NaN where the coder did
not read it: those are three things, and nothing here makes one of another.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from reflect_analysis.codebook import Codebook
from reflect_analysis.codings import CoderKind, Coding, Codings, Seen
from reflect_analysis.corpus import Corpus
from reflect_analysis.segments import Segment, Segments

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]
    Within = Callable[[Coding], Iterable[int]]
    Read = Callable[[Seen], Iterable[int]]

__all__ = [
    "RatedUnit",
    "Ratings",
    "SegmentPlaces",
    "counted_for",
    "rate_documents",
    "rate_segments",
]

# A span belongs to a segment if it covers this share of the one or of the other: a passage of
# three sentences is in each of them, two words are in theirs, and a span that runs three letters
# into the next sentence is not in it.
SHARE = 0.5


@dataclass(frozen=True, slots=True)
class RatedUnit:
    """What was rated: a document or a segment of one, and whose words it is."""

    id: str
    document_id: str
    case_id: str | None = None


@dataclass(frozen=True, eq=False)
class Ratings:
    """What each coder said of each unit for each code.

    Parameters
    ----------
    values : array of shape (n_units, n_coders, n_codes)
        1 coded, 0 read and not coded, NaN not read by that coder for that code.
    units : tuple of RatedUnit
    coders, codes : tuple of str
    kind : {"document", "segment"}
    unread : int
        Codings of a coder in a unit that the coder never marked as read. They are left out:
        of such a unit only what was found is known, never what was not.
    outside : int
        Codings that lie in none of the units.
    """

    values: Array
    units: tuple[RatedUnit, ...]
    coders: tuple[str, ...]
    codes: tuple[str, ...]
    kind: Literal["document", "segment"]
    unread: int = 0
    outside: int = 0

    def __post_init__(self) -> None:
        expected = (len(self.units), len(self.coders), len(self.codes))
        if self.values.shape != expected:
            raise ValueError(f"expected values of shape {expected}, got {self.values.shape}")
        self.values.flags.writeable = False

    def __len__(self) -> int:
        return len(self.units)

    def of(self, code_id: str) -> Array:
        """The ratings for one code, (n_units, n_coders)."""
        return self.values[:, :, self.codes.index(code_id)]

    def by(self, coder: str) -> Array:
        """The ratings of one coder, (n_units, n_codes)."""
        return self.values[:, self.coders.index(coder), :]

    def take(self, rows: Sequence[int]) -> Ratings:
        """The ratings of some units, by their number."""
        units = tuple(self.units[row] for row in rows)
        return dataclasses.replace(self, values=self.values[list(rows)], units=units)

    @property
    def participants(self) -> tuple[str, ...]:
        """For each unit whose it is; a unit of unknown case is as its document alone.

        Units of one participant resemble each other, so that intervals resample participants.
        """
        return tuple(
            f"case:{unit.case_id}" if unit.case_id else f"document:{unit.document_id}"
            for unit in self.units
        )


def rate_documents(
    codings: Codings,
    *,
    coders: Sequence[str],
    codes: Sequence[str],
    corpus: Corpus | None = None,
    codebook: Codebook | None = None,
) -> Ratings:
    """Ratings of whole documents: a code is in a document or it is not.

    Parameters
    ----------
    codings : Codings
        Only what holds now counts (`Codings.current`).
    coders, codes : sequence of str
        The axes of the result, in this order.
    corpus : Corpus, optional
        Gives the documents and their participants; by default the documents that one of the
        coders read, of unknown case.
    codebook : Codebook, optional
        With it a passage of a subcode counts for its parent too (`Codebook.counts_for`: a
        machine's for no human-only code).

    Returns
    -------
    Ratings
        Units sorted by id.

    Examples
    --------
    >>> log = Codings(
    ...     (Coding("R1", 0, 4, "isolation", "ada"),), seen=(Seen("ada", "R1"), Seen("bo", "R1"))
    ... )
    >>> rate_documents(log, coders=["ada", "bo"], codes=["isolation"]).values.tolist()
    [[[1.0], [0.0]]]
    """
    if corpus is None:
        ids = sorted({row.document_id for row in codings.seen if row.coder in set(coders)})
        units = tuple(RatedUnit(each, each) for each in ids)
    else:
        documents = sorted(corpus, key=lambda document: document.id)
        units = tuple(RatedUnit(d.id, d.id, d.case_id) for d in documents)
    rows = {unit.id: row for row, unit in enumerate(units)}

    def within(row: Coding | Seen) -> Iterable[int]:
        number = rows.get(row.document_id)
        return () if number is None else (number,)

    def read(seen: Seen) -> Iterable[int]:
        return within(seen) if seen.whole else ()

    sheet = _Sheet(units, coders, codes, codebook)
    return sheet.filled(codings, within, read, "document")


def rate_segments(
    codings: Codings,
    segments: Segments,
    *,
    coders: Sequence[str],
    codes: Sequence[str],
    codebook: Codebook | None = None,
) -> Ratings:
    """Ratings of segments: a code is in a segment if a coded span covers half of either.

    A span that lies half in segments, but in none of them so far (because a gap between two is
    not a part of either), is in the one of which it covers most, the earlier of equals.

    Parameters
    ----------
    codings : Codings
        Only what holds now counts (`Codings.current`).
    segments : Segments
        The units, in their order.
    coders, codes : sequence of str
        The axes of the result, in this order.
    codebook : Codebook, optional
        With it a passage of a subcode counts for its parent too (`Codebook.counts_for`: a
        machine's for no human-only code).

    Returns
    -------
    Ratings
    """
    units = tuple(RatedUnit(row.id, row.document_id, row.case_id) for row in segments)
    places = {
        document_id: SegmentPlaces(rows) for document_id, rows in segments.by_document.items()
    }
    numbers = {row.id: number for number, row in enumerate(segments)}

    def within(coding: Coding) -> Iterable[int]:
        place = places.get(coding.document_id)
        found = place.covered(coding.start, coding.end) if place else ()
        return [numbers[row.id] for row in found]

    def read(seen: Seen) -> Iterable[int]:
        rows = segments.by_document.get(seen.document_id, ())
        return [numbers[row.id] for row in rows if _inside(row, seen)]

    sheet = _Sheet(units, coders, codes, codebook)
    return sheet.filled(codings, within, read, "segment")


def _inside(segment: Segment, seen: Seen) -> bool:
    if seen.start is None or seen.end is None:
        return True
    return seen.start <= segment.start and segment.end <= seen.end


class SegmentPlaces:
    """The segments of one document, found by their place."""

    def __init__(self, rows: Iterable[Segment]) -> None:
        self.rows = sorted(rows, key=lambda row: row.start)
        self._longest = max(row.end - row.start for row in self.rows)

    def covered(self, start: int, end: int) -> list[Segment]:
        """The segments to which a span belongs; a region of a picture, which has none, to none."""
        if start >= end:
            return []
        shared, least = list(self._touched(start, end)), SHARE * (end - start)
        found = [row for row, n in shared if n >= min(least, SHARE * (row.end - row.start))]
        if not found and sum(n for _, n in shared) >= least:
            found = [max(shared, key=lambda each: each[1])[0]]
        return found

    def _touched(self, start: int, end: int) -> Iterator[tuple[Segment, int]]:
        """The segments that share characters with a span, and how many."""
        first = bisect_left(self.rows, start - self._longest, key=lambda row: row.start)
        for row in self.rows[first:]:
            if row.start >= end:
                break
            common = min(end, row.end) - max(start, row.start)
            if common > 0:
                yield row, common


def counted_for(code_id: str, kind: CoderKind, codebook: Codebook | None) -> tuple[str, ...]:
    """The codes for which a passage of a code counts, as far as a codebook knows it.

    Parameters
    ----------
    code_id : str
    kind : {"person", "machine"}
        Of the coder.
    codebook : Codebook, optional
        Without it, or where it lacks the code, a passage counts for its code alone.
    """
    if codebook is None or code_id not in codebook:
        return (code_id,)
    return codebook.counts_for(code_id, machine=kind == "machine")


class _Sheet:
    """An empty sheet of ratings, and how it is filled from a log."""

    def __init__(
        self,
        units: tuple[RatedUnit, ...],
        coders: Sequence[str],
        codes: Sequence[str],
        codebook: Codebook | None,
    ) -> None:
        self.units = units
        self.coders = {coder: column for column, coder in enumerate(coders)}
        self.codes = {code_id: column for column, code_id in enumerate(codes)}
        self.codebook = codebook

    def _upwards(self, code_id: str, kind: CoderKind) -> tuple[int, ...]:
        """The columns for which a passage of a code counts."""
        line = counted_for(code_id, kind, self.codebook)
        return tuple(self.codes[each] for each in line if each in self.codes)

    def _looked_for(self, codes: tuple[str, ...], kind: CoderKind) -> list[int]:
        """The columns for which somebody read who looked for these codes.

        Who looked for every subcode looked for the code; who looked for one of them did not.
        No machine looked for what only people code.
        """
        closed = self._closed(kind)
        found = set(codes or self.codes) - closed
        for code_id in self.codes if self.codebook is not None else ():
            found |= {code_id} if self._wholly(code_id, found, closed) else set()
        return sorted(self.codes[each] for each in found if each in self.codes)

    def _closed(self, kind: CoderKind) -> set[str]:
        """The codes that a coder of this kind may not apply."""
        book = self.codebook
        if kind != "machine" or book is None:
            return set()
        return {code.id for code in book if not book.counts_for(code.id, machine=True)}

    def _wholly(self, code_id: str, found: set[str], closed: set[str]) -> bool:
        if code_id in found or code_id in closed or self.codebook is None:
            return code_id in found
        children = [child.id for child in self.codebook.children(code_id)]
        return bool(children) and all(self._wholly(child, found, closed) for child in children)

    def filled(
        self, codings: Codings, within: Within, read: Read, kind: Literal["document", "segment"]
    ) -> Ratings:
        import numpy as np

        looked_for = cache(self._looked_for)
        values = np.full((len(self.units), len(self.coders), len(self.codes)), np.nan)
        for seen in codings.seen:
            coder = self.coders.get(seen.coder)
            if coder is not None:
                columns = looked_for(seen.codes, seen.coder_kind)
                for unit in read(seen):
                    values[unit, coder, columns] = 0.0
        unread, outside = self._mark(values, codings, within)
        return Ratings(
            values, self.units, tuple(self.coders), tuple(self.codes), kind, unread, outside
        )

    def _mark(self, values: Array, codings: Codings, within: Within) -> tuple[int, int]:
        """Put in what was coded; gives how many codings were in no read unit, and in no unit."""
        unread = outside = 0
        counts_for = cache(self._upwards)
        for current in codings.current:
            coding = current.coding
            coder = self.coders.get(coding.coder)
            columns = counts_for(coding.code_id, coding.coder_kind)
            if coder is None or not columns:
                continue
            units = list(within(coding))
            known = [
                (unit, column)
                for unit in units
                for column in columns
                if values[unit, coder, column] >= 0
            ]
            outside += not units
            unread += bool(units) and not known
            for unit, column in known:
                values[unit, coder, column] = 1.0
        return unread, outside
