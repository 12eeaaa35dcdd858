"""What each coder read in one phase, and what of it is independent of the others.

An accepted proposal is not an independent judgement, nor is what replaced one; a decision
of somebody else takes nothing away from what a coder said, and one's own only if it was made
before the text was read again in a later phase or spoken of in a consensus. A machine sees
nobody's codings, and where its rows name no phase it reads in every one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from reflect_analysis.codings import Coding, Codings, Decision, Phase, Seen

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["Phasing", "Readings"]

Row = TypeVar("Row", Coding, Seen)
Place = tuple[str, str]  # coder, document

ANSWERS = "in answer to another's proposal: no independent judgement"
OTHER_PHASE = "of another phase"
SIGHTED = "not blind"
CORRECTED = "corrected by their own coder in a later phase: they count as they were before"
_LATER = frozenset[Phase]({"consensus"})
_ORDER: tuple[Phase, ...] = ("calibration", "", "reliability", "consensus")


class Phasing:
    """The phase of each row of some coders.

    A row that names no phase takes it from the others of its coder in the document, where
    they leave no doubt: a coding from the one phase in which the document was read, a reading
    from the one phase of the codings. A later consensus gives no phase to what was before it,
    and what a person added to a document after its consensus began belongs to the consensus.
    """

    def __init__(self, codings: Codings, coders: Sequence[str]) -> None:
        self.seen = _by_place(row for row in codings.seen if row.coder in coders)
        self.coded = _by_place(row for row in codings if row.coder in coders)
        self._met: dict[str, datetime] = {}
        for row in (*codings.seen, *codings):
            if row.phase == "consensus":
                began = self._met.get(row.document_id, row.at)
                self._met[row.document_id] = min(row.at, began)

    @cached_property
    def _of_codings(self) -> dict[Place, Phase]:
        """The phase of codings that name none, where their reading names one."""
        found = {place: {row.phase for row in rows} for place, rows in self.seen.items()}
        return {p: next(iter(each - _LATER)) for p, each in found.items() if _is_one(each)}

    @cached_property
    def _of_readings(self) -> dict[Place, Phase]:
        """The phase of readings that name none, where no other does and the codings name one."""
        found = {place: {row.phase for row in rows} for place, rows in self.coded.items()}
        told = {place for place, rows in self.seen.items() if any(row.phase for row in rows)}
        lone = {place: each for place, each in found.items() if place not in told}
        return {p: next(iter(each - _LATER)) for p, each in lone.items() if _is_one(each)}

    def of(self, row: Coding | Seen) -> Phase:
        """The phase of a row."""
        if row.phase or row.coder_kind == "machine":
            return row.phase
        met = self._met.get(row.document_id)
        if met is not None and row.at > met:
            return "consensus"
        known = self._of_readings if isinstance(row, Seen) else self._of_codings
        return known.get((row.coder, row.document_id), "")

    @cached_property
    def present(self) -> frozenset[Phase]:
        """The phases of what people read, or of what machines read where no person did."""
        rows = [row for rows in self.seen.values() for row in rows]
        people = [row for row in rows if row.coder_kind == "person"]
        return frozenset(self.of(row) for row in people or rows)


def _is_one(phases: set[Phase]) -> bool:
    """Whether rows name one phase before the consensus, all of them."""
    return len(phases - _LATER) == 1 and "" not in phases


class Readings:
    """The readings and codings of some coders in one phase.

    Whether a document was read blind is told by the row of its reading. Where no such row
    says so (older logs have no such column), the coder's codings there tell it: all of them
    blind. A document without a coding counts as blind if every coding of the coder in this
    phase is blind, and the coder decided on no proposal there. Where the reading says that it
    was blind, so are the codings there; of a document that was read once blind and once with
    sight, each coding speaks for itself, and the document leaves where none says blind.

    Parameters
    ----------
    codings : Codings
    coders : sequence of str
    phase : str
    blind_only : bool
    """

    def __init__(
        self, codings: Codings, coders: Sequence[str], phase: Phase, *, blind_only: bool = True
    ) -> None:
        self._log, self._coders, self._phase = codings, tuple(coders), phase
        self._blind_only = blind_only
        self._phasing = Phasing(codings, coders)

    @cached_property
    def _seen(self) -> dict[Place, list[Seen]]:
        """The readings of this phase, blind or not."""
        kept = {place: self._of_phase(rows) for place, rows in self._phasing.seen.items()}
        return {place: rows for place, rows in kept.items() if rows}

    @cached_property
    def _coded(self) -> dict[Place, list[Coding]]:
        """The codings of this phase that answer nobody's proposal, blind or not."""
        kept = {place: self._of_phase(rows) for place, rows in self._phasing.coded.items()}
        apart = self._answers | {decision.replacement_id for decision in self._late}
        free = {p: [row for row in rows if row.id not in apart] for p, rows in kept.items()}
        return {place: rows for place, rows in free.items() if rows}

    def _of_phase(self, rows: Iterable[Row]) -> list[Row]:
        return [row for row in rows if self._is_of_phase(row)]

    def _is_of_phase(self, row: Coding | Seen) -> bool:
        everywhere = row.coder_kind == "machine" and not row.phase
        return everywhere or self._phasing.of(row) == self._phase

    @cached_property
    def _answers(self) -> frozenset[str]:
        """Codings that stand in the place of somebody else's."""
        author = {coding.id: coding.coder for coding in self._log}
        return frozenset(
            decision.replacement_id
            for decision in self._log.decisions
            if decision.replacement_id and author[decision.coding_id] != decision.by
        )

    @cached_property
    def _own(self) -> tuple[tuple[Decision, Place], ...]:
        """Decisions of these coders on their own codings of this phase, with their places."""
        by_id = {row.id: row for rows in self._phasing.coded.values() for row in rows}
        found = ((d, by_id[d.coding_id]) for d in self._log.decisions if d.coding_id in by_id)
        return tuple(
            (decision, (row.coder, row.document_id))
            for decision, row in found
            if decision.by == row.coder and self._is_of_phase(row)
        )

    @cached_property
    def _late(self) -> frozenset[Decision]:
        """Those that were made when the coder had read again, or others had met."""
        return frozenset(d for d, place in self._own if self._is_late(d, place))

    def _is_late(self, decision: Decision, place: Place) -> bool:
        end = self._ends.get(place)
        return end is not None and decision.at >= end

    @cached_property
    def _ends(self) -> dict[Place, datetime]:
        """When this phase ended for a coder in a document, where a later row tells it."""
        ends: dict[Place, datetime] = {}
        for row in (*self._log.seen, *self._log):
            met = row.phase == "consensus"
            for coder in self._coders if met else (row.coder,):
                place = (coder, row.document_id)
                if met or self._is_later(row):
                    ends[place] = min(row.at, ends.get(place, row.at))
        return ends

    def _is_later(self, row: Coding | Seen) -> bool:
        """Whether a row is of a phase after this one."""
        if row.coder_kind == "machine" and not row.phase:
            return False
        return _ORDER.index(self._phasing.of(row)) > _ORDER.index(self._phase)

    @cached_property
    def _decided(self) -> frozenset[Place]:
        """Where a coder decided on somebody else's coding."""
        by_id = {coding.id: coding for coding in self._log}
        found = ((decision.by, by_id[decision.coding_id]) for decision in self._log.decisions)
        return frozenset((by, c.document_id) for by, c in found if c.coder != by)

    @cached_property
    def machines(self) -> frozenset[str]:
        """Those of the coders that are machines."""
        rows = (*self._log.seen, *self._log)
        return frozenset(
            row.coder for row in rows if row.coder_kind == "machine" and row.coder in self._coders
        )

    @cached_property
    def _wholly_blind(self) -> frozenset[str]:
        """Coders all of whose codings in this phase are blind, and who made any."""
        blind: dict[str, bool] = {}
        for (coder, _), rows in self._coded.items():
            blind[coder] = blind.get(coder, True) and all(row.blind for row in rows)
        return frozenset(coder for coder, all_of_them in blind.items() if all_of_them)

    def _is_blind(self, place: Place) -> bool:
        coder, coded = place[0], self._coded.get(place, ())
        if self._is_told(place):
            return not self._is_mixed(place) or not coded or any(row.blind for row in coded)
        if coded:
            return all(row.blind for row in coded)
        return coder in self._wholly_blind and place not in self._decided

    def _is_told(self, place: Place) -> bool:
        """Whether the row of a reading itself says that it was blind."""
        return place[0] in self.machines or any(row.blind for row in self._seen[place])

    def _is_mixed(self, place: Place) -> bool:
        """Whether a person read it blind and with sight, both in this phase."""
        rows = self._seen[place]
        return place[0] not in self.machines and len({row.blind for row in rows}) > 1

    @cached_property
    def kept(self) -> frozenset[Place]:
        """The readings that are compared."""
        return frozenset(p for p in self._seen if not self._blind_only or self._is_blind(p))

    @cached_property
    def independent(self) -> Codings:
        """The log of what is compared, without others' decisions on it."""
        seen = [row for place in self.kept for row in self._kept_seen(place)]
        coded = [row for place in self.kept for row in self._kept_coded(place)]
        coded += self._unread
        authors = {coding.id: coding.coder for coding in coded}
        own = [
            row
            for row in self._log.decisions
            if row not in self._late
            and authors.get(row.coding_id) == row.by
            and (not row.replacement_id or row.replacement_id in authors)
        ]
        coded.sort(key=lambda row: (row.document_id, row.start, row.end, row.id))
        seen.sort(key=lambda row: (row.document_id, row.coder, row.start or 0))
        return Codings(tuple(coded), tuple(own), tuple(seen), runs=self._log.runs)

    @property
    def _unread(self) -> list[Coding]:
        """Codings of this phase in documents that their coder never marked as read."""
        groups = self._coded.items()
        return [row for place, rows in groups if place not in self._seen for row in rows]

    def _kept_seen(self, place: Place) -> list[Seen]:
        rows = self._seen[place]
        said = [row for row in rows if row.blind]
        return said if self._blind_only and said else rows

    def _kept_coded(self, place: Place) -> list[Coding]:
        rows = self._coded.get(place, [])
        if not self._blind_only or (self._is_told(place) and not self._is_mixed(place)):
            return rows
        return [row for row in rows if row.blind]

    def left_out(self) -> dict[str, int]:
        """How many codings of these coders did not enter, by their reason."""
        every = [row for rows in self._phasing.coded.values() for row in rows]
        answers = sum(row.id in self._answers for row in every)
        of_phase = sum(map(len, self._coded.values()))
        return {
            ANSWERS: answers,
            OTHER_PHASE: len(every) - answers - of_phase,
            SIGHTED: of_phase - len(self.independent),
            CORRECTED: len({d.coding_id for d in self._late if d.action != "accept"}),
        }

    def corrections_of_unknown_time(self) -> int:
        """How many own corrections count though no row of a later phase says when that began."""
        known = {row.id for row in self.independent.decisions if row.action != "accept"}
        return sum(d.id in known and place not in self._ends for d, place in self._own)

    def readers(self, document_id: str) -> tuple[set[str], set[str]]:
        """Who read a document whole, and who read parts of it alone, of what is compared."""
        whole: set[str] = set()
        part: set[str] = set()
        for coder in self._coders:
            if (coder, document_id) in self.kept:
                rows = self._kept_seen((coder, document_id))
                (whole if any(row.whole for row in rows) else part).add(coder)
        return whole, part

    def sighted(self, document_id: str) -> set[str]:
        """Who read it in this phase, but not blind."""
        places = ((coder, document_id) for coder in self._coders)
        return {place[0] for place in places if place in self._seen and place not in self.kept}

    def ever(self, document_id: str) -> set[str]:
        """Who read it in any phase."""
        return {coder for coder in self._coders if (coder, document_id) in self._phasing.seen}

    def by_codings(self) -> tuple[int, int]:
        """How many readings were taken as blind by their codings, and how many without any."""
        told = [place for place in self.kept if not self._is_told(place)]
        return len(told), sum(place not in self._coded for place in told)


def _by_place(rows: Iterable[Row]) -> dict[Place, list[Row]]:
    groups: dict[Place, list[Row]] = {}
    for row in rows:
        groups.setdefault((row.coder, row.document_id), []).append(row)
    return groups
