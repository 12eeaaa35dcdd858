"""A coder's desk: what one coder may see, and everything that a coder does.

The coding panel, a notebook and the command line all work through it, so that blindness, the
phase, the version of the codebook and the checks of a span are the same everywhere.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, get_args

from reflect_analysis.codebook import Codebook
from reflect_analysis.codings import Action, Coding, Decision, Memo, MemoKind, Seen
from reflect_analysis.errors import ProjectError
from reflect_analysis.project import team
from reflect_analysis.project.agreeing import Place
from reflect_analysis.project.recovering import Recovering
from reflect_analysis.project.seeing import DocumentView
from reflect_analysis.regions import Region

if TYPE_CHECKING:
    from reflect_analysis.project.entries import Act, Event

__all__ = ["Desk", "DocumentView"]

_ON_MANY = frozenset(("accept", "reject", "reopen"))


class Desk(Recovering):
    """The work of one coder in a project (`Project.desk`).

    What the coder may see is asked when the desk is taken, at each `view` and at each decision, so
    that a phase that begins meanwhile blinds at once; what is coded afterwards bears the phase
    and the blindness under which the coder looked. A coding is stamped blind only where nobody
    else's could have been seen: not in a text that others coded before the blind phase began, and
    not after the phase was lifted.
    """

    def code(
        self,
        document_id: str,
        start: int,
        end: int,
        *code_ids: str,
        region: Region | None = None,
        act: Act | None = None,
    ) -> tuple[Coding, ...]:
        """Code a span with one or several codes; durable when it returns.

        Parameters
        ----------
        document_id : str
        start, end : int
            Half-open code points; both 0 for a region.
        *code_ids : str
        region : Region, optional
            A rectangle of the document's picture.
        act : Act, optional
            The id of the event, and where it came from.

        Returns
        -------
        tuple of Coding

        Raises
        ------
        UnknownIdError
            If a code or the document is unknown, or the code is retired.
        ValueError
            If the span lies outside the text, or there is no code.
        RegionError
            If the region lies outside the picture.
        """
        if not code_ids:
            raise ValueError(f"span {start}–{end} of {document_id!r}: expected at least one code")
        place = (start, end, region)
        self._check_place(document_id, place, code_ids)
        made = tuple(self._coding(document_id, place, each) for each in code_ids)
        self._record(document_id, codings=made, act=act)
        return made

    def read(self, document_id: str, codes: Sequence[str] = (), *, act: Act | None = None) -> Seen:
        """Mark a document as read: what was not coded in it was looked for and not found.

        Parameters
        ----------
        document_id : str
        codes : sequence of str
            The codes that were looked for; by default the whole codebook.
        act : Act, optional
        """
        self.document(document_id)
        self.codebook.check_in_use(codes, self.coder)
        looked_for = tuple(codes) or tuple(code.id for code in self.codebook.in_use)
        stamp = team.stamp_of(self.phase)
        blind = self._saw_nobody(document_id)
        row = Seen(self.coder, document_id, codes=looked_for, blind=blind, phase=stamp)
        self._record(document_id, seen=[row], act=act)
        return row

    def decide(
        self,
        coding_id: str,
        action: Action,
        *,
        reason: str = "",
        span: tuple[int, int] | None = None,
        code_id: str | None = None,
        act: Act | None = None,
    ) -> Decision:
        """Accept, reject or change a coding that this coder may see, or reopen a proposal.

        Parameters
        ----------
        coding_id : str
        action : {"accept", "reject", "change", "reopen"}
        reason : str
        span : (int, int), optional
        code_id : str, optional
            For ``"change"``: what is different in the coding that takes its place.
        act : Act, optional

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
        found = self.coding(coding_id)
        if action == "change":
            return self.change(found, span=span, code_id=code_id, reason=reason, act=act)[1]
        return self.decide_many([found], action, reason=reason, act=act)[0]

    def change(
        self,
        coding: Coding,
        *,
        span: tuple[int, int] | None = None,
        region: Region | None = None,
        code_id: str | None = None,
        reason: str = "",
        act: Act | None = None,
    ) -> tuple[Coding, Decision]:
        """Put another coding in the place of one, as this coder sees it (`coding`).

        Returns
        -------
        made : Coding
        decision : Decision

        Raises
        ------
        ValueError
            If words are given for a region of the picture, or a region for words.
        """
        self._check_visible([coding])
        if (span is not None and coding.region) or (region and coding.region is None):
            raise ValueError("words stay words, and a region of the picture stays one")
        made = self._changed(coding, span, region, code_id)
        decision = Decision(coding.id, "change", self.coder, reason, made.id, self._at())
        self._record(coding.document_id, codings=[made], decisions=[decision], act=act)
        return made, decision

    def decide_many(
        self,
        codings: Iterable[Coding],
        action: Action,
        *,
        reason: str = "",
        act: Act | None = None,
    ) -> tuple[Decision, ...]:
        """Accept, reject or reopen many codings in one event, which one undo takes back.

        Parameters
        ----------
        codings : iterable of Coding
            As this coder sees them (`coding`, `log`).
        action : {"accept", "reject", "reopen"}
            Reopened, a machine's proposal waits again.
        reason : str
        act : Act, optional

        Raises
        ------
        UnknownIdError
            If the coder is blind and one of them is another's; then nothing is decided.
        ValueError
            If there are none, the action is none of these, or a person's is to be reopened.
        """
        wanted = tuple(dict.fromkeys(codings))
        if action not in _ON_MANY or not wanted:
            raise ValueError(
                f"{action!r} of {len(wanted)}: expected to accept, reject or reopen some"
            )
        if action == "reopen" and any(each.coder_kind == "person" for each in wanted):
            raise ValueError("only a machine's proposal is reopened; a person's coding is not")
        self._check_visible(wanted)
        made = tuple(Decision(c.id, action, self.coder, reason, "", self._at()) for c in wanted)
        self._project.record(by=self.coder, decisions=made, act=act)
        return made

    def memo(
        self,
        text: str,
        *,
        kind: MemoKind = "analytic",
        document_id: str = "",
        span: tuple[int, int] | None = None,
        region: Region | None = None,
        code_id: str = "",
        act: Act | None = None,
    ) -> Memo:
        """Write a memo on a document, a span, a region of its picture or a code.

        Raises
        ------
        ValueError
            If it is empty, or the place lies outside the document.
        RegionError
            If the region lies outside the picture.
        """
        if not text.strip():
            raise ValueError("the memo is empty")
        if kind not in get_args(MemoKind):
            raise ValueError(f"kind {kind!r}: expected one of {', '.join(get_args(MemoKind))}")
        if region is not None:
            self._check_place(document_id, (*(span or (0, 0)), region), ())
        elif document_id:
            self._check(document_id, *(span or (None, None)))
        if code_id:
            self.codebook.check_ids([code_id], self.coder)
        start, end = span or (None, None)
        at = self._at()  # finer than a second: by it a memo is known that takes its place
        memo = Memo(self.coder, text, kind, document_id, start, end, code_id, at, region)
        self._record(document_id, memos=[memo], act=act)
        return memo

    def revise_memo(
        self, memo: Memo, text: str = "", *, kind: MemoKind | None = None, act: Act | None = None
    ) -> Memo:
        """Put other words in the place of a memo of the coder's own, or take it away.

        What it said before stays in the store, and an undo brings it back.

        Parameters
        ----------
        memo : Memo
            As it holds now.
        text : str
            None: the memo is taken away.
        kind : {"analytic", "method", "reflexive"}, optional
        act : Act, optional

        Returns
        -------
        Memo
            Without a text where one was taken away.

        Raises
        ------
        ProjectError
            If somebody else wrote it.
        """
        if memo.by != self.coder:
            raise ProjectError(f"this is {memo.by}'s memo, and theirs to change")
        if kind is not None and kind not in get_args(MemoKind):
            raise ValueError(f"kind {kind!r}: expected one of {', '.join(get_args(MemoKind))}")
        made = dataclasses.replace(
            memo,
            text=text.strip() and text,
            kind=kind or memo.kind,
            at=self._at(),
            replaces=memo.at.isoformat(),
        )
        self._record(memo.document_id, memos=[made], act=act)
        return made

    def undo(self, *, act: Act | None = None) -> Event:
        """Take back the last thing this coder did at a desk."""
        return self._project.undo_at_desk(by=self.coder, act=act)

    def redo(self, *, act: Act | None = None) -> Event:
        """Do again what this coder last took back."""
        return self._project.redo_at_desk(by=self.coder, act=act)

    # ── the codebook and the meeting ──

    def change_codebook(
        self,
        change: Callable[[Codebook], Codebook],
        *,
        span: tuple[str, int, int] | None = None,
        region: Region | None = None,
        act: Act | None = None,
    ) -> tuple[Coding, ...]:
        """Change the codebook; with a span, code it with the code that is new in it.

        Parameters
        ----------
        change : callable
            From the codebook in use to the new one.
        span : (str, int, int), optional
            A document and half-open code points; both 0 for a region.
        region : Region, optional
            A rectangle of the document's picture.
        act : Act, optional

        Raises
        ------
        ProjectError
            If the coder is blind: others would see by it what was found.
        RegionError
            If the region lies outside the picture.
        """
        self.keep_up()
        if self.blind:
            raise ProjectError(
                "the codebook does not change in a blind phase: a new code waits for the meeting"
            )
        if span is not None:
            self._check_place(span[0], (*span[1:], region), ())
        known: set[str] = set()

        def changed(book: Codebook) -> Codebook:
            known.update(book.ids)  # somebody may have added a code since the desk was taken
            return change(book)

        def coded(book: Codebook, at: datetime) -> list[tuple[Coding, str]]:
            new = [each for each in book.ids if each not in known]
            if span is None or not new:
                return []
            place = (*span[1:], region)
            made = self._coding(span[0], place, new[-1], at, version=book.version)
            return [(made, self._texts(span[0])[span[0]])]

        self.codebook, made = self._project.change_codebook(
            changed, by=self.coder, coded=coded, act=act
        )
        return made

    # ── inside ──

    def _changed(
        self,
        found: Coding,
        span: tuple[int, int] | None,
        region: Region | None,
        code_id: str | None,
    ) -> Coding:
        """The coding that takes the place of another."""
        place: Place = (*(span or (found.start, found.end)), region or found.region)
        self._check_place(found.document_id, place, [code_id] if code_id else [])
        return self._coding(found.document_id, place, code_id or found.code_id)
