"""A coder's desk: what one coder may see, and everything that a coder does.

The coding panel, a notebook and the command line all work through it, so that blindness, the
phase, the version of the codebook and the checks of a span are the same everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, get_args

from reflect_analysis.codebook import Codebook
from reflect_analysis.codings import Action, Coding, Codings, Decision, Memo, Seen
from reflect_analysis.corpus import Document
from reflect_analysis.errors import GovernanceError, NotClearedError, ProjectError, UnknownIdError
from reflect_analysis.project import team

if TYPE_CHECKING:
    from reflect_analysis.project.entries import Event
    from reflect_analysis.project.store import Project

__all__ = ["Desk", "DocumentView"]


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document as a coder sees it.

    Parameters
    ----------
    document : Document
    codings : Codings
        Of this document; in a blind phase only the coder's own.
    blind : bool
    read : bool
        Whether the coder has marked the document as read.
    """

    document: Document
    codings: Codings
    blind: bool
    read: bool


class Desk:
    """The work of one coder in a project (`Project.desk`).

    What the coder may see is asked when the desk is taken, at each `view` and at each decision, so
    that a phase that begins meanwhile blinds at once; what is coded afterwards bears the phase
    and the blindness under which the coder looked. A coding is stamped blind only where nobody
    else's could have been seen: not in a text that others coded before the blind phase began, and
    not after the phase was lifted.

    Attributes
    ----------
    coder : str
    codebook : Codebook
    phase : CodingPhase or None
        The phase that is open.
    blind : bool
        Whether others' codings are hidden.
    opened : frozenset of str
        In a blind phase, the documents of which others' codings could be seen before it began.
    """

    def __init__(self, project: Project, coder: str) -> None:
        if not coder.strip():
            raise ValueError("a coder needs a name")
        self._project = project
        self.coder = coder
        self._project.check_name(coder)
        self.refresh()

    def __repr__(self) -> str:
        phase = f", {self.phase.name}" if self.phase else ""
        return f"<Desk of {self.coder}{phase}{', blind' if self.blind else ''}>"

    def refresh(self) -> None:
        """Ask again for the phase, the codebook and the assignments."""
        self._mark = self._project.phase_mark()
        state = self._project.team_state()
        member = state.members.get(self.coder)
        if member is not None and member.role == "reader":
            raise ProjectError(f"{self.coder!r} is a reader in this study and codes nothing")
        self.phase, begun = self._mark
        assigned = {c: ids for c, ids in state.assignments.items() if ids}
        self.assigned = tuple(sorted(assigned.get(self.coder, ())))
        self.blind = team.is_blind(self.coder, state.members, self.phase, assigned)
        self.opened: frozenset[str] = (
            self._project.coded_before(self.coder, begun) if self.blind else frozenset()
        )
        self.codebook: Codebook = self._project.codebook()
        self._corpus = self._project.corpus()
        self._waiting = {document.id for document in self._corpus.uncleared()}

    def view(self, document_id: str) -> DocumentView:
        """A document with the codings that this coder may see."""
        if self._project.phase_mark() != self._mark:
            self.refresh()
        document = self._document(document_id)
        log = self._project.codings([document_id])
        read = any(s.coder == self.coder and s.whole for s in log.seen)
        return DocumentView(
            document, team.visible(log, self.coder, blind=self.blind), self.blind, read
        )

    def code(self, document_id: str, start: int, end: int, *code_ids: str) -> tuple[Coding, ...]:
        """Code a span with one or several codes; durable when it returns.

        Parameters
        ----------
        document_id : str
        start, end : int
            Half-open code points.
        *code_ids : str

        Returns
        -------
        tuple of Coding

        Raises
        ------
        UnknownIdError
            If a code or the document is unknown, or the code is retired.
        ValueError
            If the span lies outside the text, or there is no code.
        """
        if not code_ids:
            raise ValueError(f"span {start}–{end} of {document_id!r}: expected at least one code")
        self._check(document_id, start, end, code_ids)
        made = tuple(self._coding(document_id, start, end, each) for each in code_ids)
        self._project.record(by=self.coder, codings=made, texts=self._texts(document_id))
        return made

    def read(self, document_id: str, codes: Sequence[str] = ()) -> Seen:
        """Mark a document as read: what was not coded in it was looked for and not found.

        Parameters
        ----------
        document_id : str
        codes : sequence of str
            The codes that were looked for; by default the whole codebook.
        """
        self._document(document_id)
        self.codebook.check_in_use(codes, self.coder)
        looked_for = tuple(codes) or tuple(code.id for code in self.codebook.in_use)
        stamp = team.stamp_of(self.phase)
        blind = self._saw_nobody(document_id)
        row = Seen(self.coder, document_id, codes=looked_for, blind=blind, phase=stamp)
        self._project.record(by=self.coder, seen=[row], texts=self._texts(document_id))
        return row

    def decide(
        self,
        coding_id: str,
        action: Action,
        *,
        reason: str = "",
        span: tuple[int, int] | None = None,
        code_id: str | None = None,
    ) -> Decision:
        """Accept, reject or change a coding that this coder may see.

        Parameters
        ----------
        coding_id : str
        action : {"accept", "reject", "change"}
        reason : str
        span : (int, int), optional
        code_id : str, optional
            For ``"change"``: what is different in the coding that takes its place.

        Raises
        ------
        UnknownIdError
            If the coder sees no such coding; in a blind phase others' are not seen. Or the code
            is unknown or retired.
        ValueError
            If the span lies outside the text, or there is no such action.
        """
        if action not in get_args(Action):
            raise ValueError(f"{action!r}: expected one of {', '.join(get_args(Action))}")
        found = self._visible(coding_id)
        made: list[Coding] = []
        if action == "change":
            start, end = span or (found.start, found.end)
            self._check(found.document_id, start, end, [code_id] if code_id else [])
            made = [self._coding(found.document_id, start, end, code_id or found.code_id)]
        replacement = made[0].id if made else ""
        decision = Decision(coding_id, action, self.coder, reason, replacement, self._at())
        texts = self._texts(found.document_id)
        self._project.record(by=self.coder, codings=made, decisions=[decision], texts=texts)
        return decision

    def memo(
        self,
        text: str,
        *,
        kind: Literal["analytic", "method", "reflexive"] = "analytic",
        document_id: str = "",
        span: tuple[int, int] | None = None,
        code_id: str = "",
    ) -> Memo:
        """Write a memo on a document, a span or a code."""
        if document_id:
            self._check(document_id, *(span or (None, None)))
        if code_id:
            self.codebook.check_ids([code_id], self.coder)
        start, end = span or (None, None)
        memo = Memo(self.coder, text, kind, document_id, start, end, code_id)
        self._project.record(by=self.coder, memos=[memo], texts=self._texts(document_id))
        return memo

    def undo(self) -> Event:
        """Take back the last thing this coder did."""
        return self._project.undo(by=self.coder)

    def redo(self) -> Event:
        """Do again what this coder last took back."""
        return self._project.redo(by=self.coder)

    # ── inside ──

    def _coding(self, document_id: str, start: int, end: int, code_id: str) -> Coding:
        return Coding(
            document_id,
            start,
            end,
            code_id,
            self.coder,
            blind=self._saw_nobody(document_id),
            at=self._at(),
            codebook_version=self.codebook.version,
            phase=team.stamp_of(self.phase),
        )

    def _check(
        self,
        document_id: str,
        start: int | None,
        end: int | None,
        code_ids: Sequence[str] = (),
    ) -> None:
        """That a document may be coded, that a span lies in it, and that codes may be given."""
        size = len(self._document(document_id).text)
        self.codebook.check_in_use(code_ids, self.coder)
        if start is not None and end is not None and not 0 <= start < end <= size:
            raise ValueError(f"span {start}–{end} of {document_id!r}: expected one within 0–{size}")

    def _document(self, document_id: str) -> Document:
        """A participant's document that may be coded: cleared, and approved by who governs it."""
        document = self._corpus.document(document_id)
        if document.voice == "other":
            raise ProjectError(f"{document_id!r} holds no participant's words and is not coded")
        if not self._corpus.permits(document, "coding"):
            raise GovernanceError(f"{document_id!r} waits for the approval of those who govern it")
        if document_id in self._waiting:
            raise NotClearedError(f"{document_id!r} is not cleared of identifiers yet")
        return document

    def _texts(self, document_id: str) -> dict[str, str]:
        """The hash of the text that this coder has on the desk; another may have edited it."""
        return {document_id: self._corpus.document(document_id).sha256} if document_id else {}

    def _blind_now(self) -> bool:
        """Whether the coder is blind, also in a phase that began since they looked."""
        if self._project.phase_mark() == self._mark:
            return self.blind
        state = self._project.team_state()
        phase = team.open_phase(state.phases)
        return team.is_blind(self.coder, state.members, phase, state.assignments)

    def _saw_nobody(self, document_id: str) -> bool:
        """Whether this coder cannot have seen another's codings of a text."""
        return (
            self.blind
            and document_id not in self.opened
            and self._project.phase_mark() == self._mark
        )

    def _at(self) -> datetime:
        """A time after all that is known here: of two decisions the later must win."""
        return datetime.fromisoformat(self._project.stamp())

    def _visible(self, coding_id: str) -> Coding:
        log = self._project.codings_with(coding_id)
        for coding in team.visible(log, self.coder, blind=self._blind_now()):
            if coding.id == coding_id:
                return coding
        raise UnknownIdError(f"{self.coder} sees no coding {coding_id!r}")
