"""What a coder has before them: the desk, the document that is open, and how far they are.

What is shown is kept here, so that an operation answers at once in a text with thousands of
codings; it is read anew as soon as somebody else may have changed it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from reflect_analysis.codings import Coding, Codings, Memo, Seen
from reflect_analysis.errors import ProjectError, UnknownIdError
from reflect_analysis.panel.pictures import picture_shown
from reflect_analysis.panel.showing import (
    Earlier,
    Noted,
    NotedPlace,
    Shown,
    came_from,
    codebook_shown,
    coding_shown,
    codings_shown,
    document_shown,
    left_shown,
    memo_id,
    memo_shown,
    place_of,
    waiting_shown,
)
from reflect_analysis.project.desk import Desk
from reflect_analysis.project.entries import Act
from reflect_analysis.project.team import stamp_of
from reflect_analysis.regions import Region
from reflect_analysis.review import Order, Waiting, in_order, title_of, waiting_list

if TYPE_CHECKING:
    from reflect_analysis.project import Project

__all__ = ["Leaf", "Seat"]


@dataclass
class Leaf:
    """A document on the desk.

    Parameters
    ----------
    id : str
    codings : dict
        By id, as the page gets them.
    memos : list of Memo
        Of this document.
    noted : Noted
        The memos by what they are about.
    came : dict
        What codings were before they were changed, by the id of what they are now.
    read, flagged : bool
    own, proposed : int
        How many codings of the coder's hold, and how many proposals nobody has decided on.
    """

    id: str
    codings: dict[str, Shown]
    memos: list[Memo]
    noted: Noted = field(compare=False)
    came: dict[str, tuple[Earlier, ...]] = field(compare=False)
    read: bool
    flagged: bool

    own: int = 0
    proposed: int = 0

    def __post_init__(self) -> None:
        found, self.codings = self.codings, {}
        for shown in found.values():
            self.put(shown)

    def put(self, shown: Shown) -> None:
        """A coding as it is from now on."""
        self.pop(shown["id"])
        self.codings[shown["id"]] = shown
        self._count(shown, 1)

    def pop(self, coding_id: str) -> None:
        """Without a coding that holds no more."""
        before = self.codings.pop(coding_id, None)
        if before is not None:
            self._count(before, -1)

    def _count(self, shown: Shown, by: int) -> None:
        self.own += by * (shown["layer"] == "own")
        self.proposed += by * (shown["layer"] == "proposed" and shown["status"] == "current")


@dataclass
class Tally:
    """What a queue tells of a document, as it is now."""

    own: int
    proposed: int
    read: bool
    flagged: bool


@dataclass
class Done:
    """What an operation changed, for its answer.

    Parameters
    ----------
    wrote : bool
        Whether it is in the store under the id that the page gave it.
    document : str
        In which it happened.
    codings : list
        As they are now; `gone` are ids of those that hold no more.
    memos : list
    more : dict
        What only this operation tells.
    """

    wrote: bool = True
    document: str = ""
    codings: list[Shown] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    memos: list[Shown] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)


class Seat:
    """The desk of one coder, and what lies on it.

    Parameters
    ----------
    project : Project
    coder : str

    Attributes
    ----------
    desk : Desk
    """

    def __init__(self, project: Project, coder: str) -> None:
        self.project = project
        self.coder = coder
        self.desk = Desk(project, coder)
        self.show = project.shown_attributes()
        self._leaves: dict[str, Leaf] = {}
        self._rows: tuple[Waiting, ...] | None = None
        self._memos: list[Memo] = []
        self._tallies: dict[str, Tally] = {}
        self._mine: frozenset[str] = frozenset()
        self._n_own = self._n_read = 0

    # ── keeping up ──

    def keep_up(self) -> bool:
        """Follow a phase that began or ended; whether one did."""
        changed = self.desk.keep_up()
        if changed:
            self.forget()
        return changed

    def refresh(self) -> None:
        """Read the texts, the codebook and the team anew."""
        self.desk.refresh()
        self.show = self.project.shown_attributes()
        self.forget()

    def forget(self) -> None:
        """Show nothing that was read before."""
        self._leaves.clear()
        self._rows = None
        self._tallies.clear()

    # ── documents ──

    def leaf(self, document_id: str, *, anew: bool = False) -> Leaf:
        """A document with what this coder may see of it; anew, as it is in the store."""
        if anew or document_id not in self._leaves:
            self.desk.document(document_id)
            made = self._read_leaf(document_id, self.desk.log([document_id]))
            # One document is open at a time; the one before it may be asked for by an undo.
            self._leaves = {**dict(list(self._leaves.items())[-1:]), document_id: made}
            self.tell(made)
        return self._leaves[document_id]

    def _read_leaf(self, document_id: str, log: Codings) -> Leaf:
        memos = [memo for memo in log.memos if memo.document_id == document_id]
        return Leaf(
            document_id,
            codings_shown(log, self.coder, self.desk.document(document_id).text),
            memos,
            Noted(memos),
            came_from(log),
            read=document_id in self.read_by(log.seen),
            flagged=bool(self.flags(memos)),
        )

    def document(self, document_id: str, *, anew: bool = True) -> Shown:
        """The whole message of a document."""
        left = self.left(document_id)  # first: it lays a text that was corrected on the desk anew
        found = self.leaf(document_id, anew=anew)
        document = self.desk.document(document_id)
        picture, answers = picture_shown(document)
        kept = [memo for memo in found.memos if memo.kind not in {"flag", "waiting"}]
        return {
            **document_shown(document, self.desk.corpus.attributes_of(document), self.show),
            "picture": picture,
            "answers": answers,
            "codings": list(found.codings.values()),
            "memos": [memo_shown(memo) for memo in kept],
            "left": left,
            "read": found.read,
            "flagged": found.flagged,
            "blind": self.desk.blind,
        }

    def left(self, document_id: str) -> Shown:
        """What rests on an earlier wording of a document, for the page."""
        in_use = (code.id for code in self.desk.codebook.in_use)
        return left_shown(self.desk.left(document_id), self.coder, in_use)

    def shown(self, coding: Coding, status: str = "current") -> Shown:
        """A coding as the page gets it, and as it lies on its document from now on."""
        found = self.leaf(coding.document_id)
        words = self.desk.document(coding.document_id).text
        noted = found.noted.on(place_of(coding), coding.code_id, found.came.get(coding.id, ()))
        made = coding_shown(coding, self.coder, noted, status, words=words)
        found.put(made)
        self.tell(found)
        return made

    def changed(self, before: Coding, made: Coding, at: datetime) -> Shown:
        """A coding that took the place of another, with the memos that were on that one."""
        found = self.leaf(before.document_id)
        was = Earlier(place_of(before), before.code_id, at)
        found.came[made.id] = (was, *found.came.get(before.id, ()))
        return self.shown(made)

    def drop(self, document_id: str, *coding_ids: str) -> list[str]:
        """Take codings off a document that hold no more."""
        found = self.leaf(document_id)
        for each in coding_ids:
            found.pop(each)
        self.tell(found)
        return list(coding_ids)

    def tell(self, leaf: Leaf) -> None:
        """What the queue tells of a document from now on."""
        self._listed()
        before = self._tallies[leaf.id]
        now = Tally(leaf.own, leaf.proposed, leaf.read, leaf.flagged)
        self._tallies[leaf.id] = now
        self._n_own += now.own - before.own
        if leaf.id in self._mine:
            self._n_read += now.read - before.read

    # ── read and flagged ──

    def read_by(self, seen: Iterable[Seen]) -> frozenset[str]:
        """The documents that the coder has read whole, in the phase that is open if one is."""
        phase, begun = self.desk.phase, self._begun()
        return frozenset(
            row.document_id
            for row in seen
            if row.coder == self.coder
            and row.whole
            and (phase is None or row.phase == stamp_of(phase))
            and (begun is None or row.at >= begun)
        )

    def _begun(self) -> datetime | None:
        _, begun = self.project.phase_mark()
        return datetime.fromisoformat(begun) if begun else None

    def flags(self, memos: Iterable[Memo]) -> list[Memo]:
        """The coder's flags."""
        return [memo for memo in memos if memo.kind == "flag" and memo.by == self.coder]

    # ── the queue ──

    def queue(self, order: Order = "assigned") -> tuple[Waiting, ...]:
        """The documents in an order; who is blind gets none that a machine's doubts make."""
        if order == "uncertain" and self.desk.blind:
            order = "assigned"
        seed = self._audit_seed() if order == "audit" else 0
        return in_order(map(self._now, self._listed()), order, seed=seed)

    def _audit_seed(self) -> int:
        phase = self.desk.phase.name if self.desk.phase else ""
        return self.project.audit_seed(phase, by=self.coder)

    def _listed(self) -> tuple[Waiting, ...]:
        if self._rows is None:
            log = self.desk.log()
            flags = self.flags(log.memos)
            self._rows = waiting_list(
                self.desk.documents(),
                log,
                self.coder,
                assigned=self.desk.assigned,
                read=self.read_by(log.seen),
                flagged=[memo.document_id for memo in flags],
            )
            self._memos = [memo for memo in log.memos if memo.kind == "waiting" or memo.code_id]
            self._count(self._rows)
        return self._rows

    def _count(self, rows: Sequence[Waiting]) -> None:
        """Count once; from then on each operation adds what it changes."""
        self._tallies = {r.id: Tally(r.own, r.proposed, r.read, r.flagged) for r in rows}
        assigned = frozenset(row.id for row in rows if row.assigned)
        self._mine = assigned or frozenset(self._tallies)
        self._n_own = sum(row.own for row in rows)
        self._n_read = sum(row.read for row in rows if row.id in self._mine)

    def _now(self, row: Waiting) -> Waiting:
        tally = self._tallies[row.id]
        doubt = row.doubt if tally.proposed else None
        told = (tally.read, tally.flagged, tally.own, tally.proposed)
        return Waiting(row.id, row.title, row.kind, row.assigned, *told, doubt)

    def progress(self) -> Shown:
        """How far the coder is: of what is assigned, or of all where nothing is."""
        rows = self._listed()
        return {
            "total": len(self._mine),
            "read": self._n_read,
            "assigned": len(self.desk.assigned),
            "documents": len(rows),
            "codings": self._n_own,
        }

    def waiting_memos(self) -> list[Memo]:
        """The codes that wait for the meeting, as each was noted; adopted or dropped, none does."""
        self._listed()
        return [memo for memo in self._memos if memo.kind == "waiting"]

    def waiting(self) -> list[Shown]:
        """The codes that wait for the meeting, with the passage and the text that they lie in."""
        codebook = {code.name.casefold() for code in self.desk.codebook.in_use}
        return [
            {**shown, **self._passage(memo), "same": same, "known": same in codebook}
            for memo in self.waiting_memos()
            for shown in [waiting_shown(memo)]
            for same in [shown["name"].casefold()]  # what is adopted together
        ]

    def _passage(self, memo: Memo) -> Shown:
        """The words that a memo is about and their text's title; of what may be coded alone."""
        if not memo.document_id or memo.document_id not in self._tallies:
            return {"title": "", "words": ""}
        document = self.desk.document(memo.document_id)
        words = "" if memo.start is None else document.text[memo.start : memo.end]
        return {"title": title_of(document), "words": words}

    def may_be_coded(self, memo: Memo) -> bool:
        """Whether what a memo is about may be coded now: cleared, and approved where governed."""
        self._listed()
        return not memo.document_id or memo.document_id in self._tallies

    def code_memos(self) -> list[Shown]:
        """The memos on codes that the coder may see."""
        self._listed()
        return [memo_shown(memo) for memo in self._memos if memo.code_id]

    def add_memo(self, memo: Memo) -> list[Shown]:
        """A memo that the coder has just written; the codings that count it."""
        if memo.kind == "waiting" or memo.code_id:
            self._listed()
            self._memos.append(memo)
        if not memo.document_id:
            return []
        found = self.leaf(memo.document_id)
        return self._note(found, [*found.memos, memo])

    def drop_memo(self, memo: Memo) -> list[Shown]:
        """Without a memo in whose place another stands, or none; the codings that counted it."""
        self._memos = [each for each in self._memos if each != memo]
        if not memo.document_id:
            return []
        found = self.leaf(memo.document_id)
        return self._note(found, [each for each in found.memos if each != memo])

    def memo(self, wanted: str) -> Memo:
        """A memo that the coder sees, by the id that the page knows.

        Raises
        ------
        UnknownIdError
            If it was changed or removed meanwhile.
        """
        self._listed()
        here = [memo for leaf in self._leaves.values() for memo in leaf.memos]
        for each in (*here, *self._memos):
            if memo_id(each) == wanted and each.kind not in {"flag", "waiting"}:
                return each
        raise UnknownIdError("this memo holds no more; it was changed or removed meanwhile")

    def _note(self, found: Leaf, memos: list[Memo]) -> list[Shown]:
        """Other memos of a document; the codings that count more or fewer of them."""
        found.memos, found.noted, found.flagged = memos, Noted(memos), bool(self.flags(memos))
        self.tell(found)
        changed = []
        for each in found.codings.values():
            noted = found.noted.on(_place_of(each), each["code"], found.came.get(each["id"], ()))
            if noted != each["noted"]:
                each |= {"memos": len(noted), "noted": noted}
                changed.append(each)
        return changed

    def catch_up(self, document_id: str, coding_ids: Sequence[str]) -> tuple[list[str], list[str]]:
        """What of a document stands otherwise since an event holds, or holds no more.

        Only the codings that it touched are read, with its memos and readings, and not the whole
        of a long text.

        Returns
        -------
        changed, gone : list of str
            Ids of codings that are there, and of those that are not.
        """
        found = self.leaf(document_id)
        log = self.desk.part_of_log(document_id, coding_ids)
        memos = [memo for memo in log.memos if memo.document_id == document_id]
        found.came |= came_from(log)
        changed = [each["id"] for each in self._note(found, memos)]
        found.read = document_id in self.read_by(log.seen)
        words = self.desk.document(document_id).text
        shown = codings_shown(log, self.coder, words)
        touched = dict.fromkeys([*coding_ids, *(coding.id for coding in log), *changed])
        gone = [each for each in touched if each not in shown and each not in changed]
        for coding_id in gone:
            found.pop(coding_id)
        for row in shown.values():
            found.put(row)
        self.tell(found)
        return [each for each in touched if each in found.codings], gone

    # ── taking back ──

    def known(self, document_id: str) -> tuple[str, ...]:
        """Ids of the codings that were shown of a document."""
        found = self._leaves.get(document_id)
        return tuple(found.codings) if found else ()

    def memos_of(self, document_id: str) -> list[Shown]:
        """The memos of a document, for the page."""
        found = self.leaf(document_id)
        return [memo_shown(each) for each in found.memos if each.kind not in {"flag", "waiting"}]

    def codebook_told(self) -> dict[str, Any]:
        """The codebook and what waits for it, for the page."""
        return {"codebook": codebook_shown(self.desk.codebook), "waiting": self.waiting()}

    def list_anew(self) -> None:
        """Ask anew for the list of texts, and for what waits and was noted on codes."""
        self._rows = None

    def read_events(self, document_id: str) -> tuple[str, ...]:
        """The events by which the coder read a document in the phase that is open."""
        found = self.project.desk_events(self.coder, document_id, "seen")
        return tuple(event_id for event_id, row in found if self.read_by([row]))

    def flag_events(self, document_id: str) -> tuple[str, ...]:
        """The events by which the coder flagged a document."""
        found = self.project.desk_events(self.coder, document_id, "memos")
        return tuple(event_id for event_id, row in found if self.flags([row]))

    def take_back(self, event_ids: Sequence[str], act: Act, what: str) -> None:
        """Take back some events of the coder's own; the first under the id that the page gave."""
        for number, each in enumerate(event_ids):
            touched = self.project.touched(each)
            if touched.codings or touched.codebook:
                raise ProjectError(f"{what} came with an import, and is not taken back here")
            told = act if number == 0 else Act(about=act.about)
            self.project.forget_event(each, by=self.coder, act=told)


def _place_of(shown: Shown) -> NotedPlace:
    """Of what a coding is, as memos tell it."""
    region = shown["region"]
    return (shown["start"], shown["end"]) if region is None else Region.of(region)
