"""What was found before and is not to be lost: codes that waited, and work on earlier wordings.

In a blind phase a new code waits for the meeting; when a text is corrected, what was coded on it
holds no more. Both are taken up here, each for who found it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from reflect_analysis.codebook import Codebook
from reflect_analysis.codings import Coding, Memo
from reflect_analysis.errors import ProjectError
from reflect_analysis.project import team
from reflect_analysis.project.agreeing import Agreeing, Place
from reflect_analysis.project.former import LeftCoding, LeftMemo

if TYPE_CHECKING:
    from reflect_analysis.project.entries import Act

__all__ = ["Recovering"]


class Recovering(Agreeing):
    """A desk at which what was found before is taken up."""

    # ── codes that waited for the meeting ──

    def adopt(
        self,
        noted: Sequence[Memo],
        change: Callable[[Codebook], Codebook],
        *,
        code_id: str = "",
        act: Act | None = None,
    ) -> tuple[Coding, ...]:
        """Take what waited for the meeting under one name into the codebook, in one event.

        Each passage is coded for who noted it, and waits no more. Such a coding is not blind and
        of the phase that is open now: while they noted it, the others had no such code to give, so
        it measures no agreement.

        Parameters
        ----------
        noted : sequence of Memo
            Of the kind ``"waiting"``, as they hold now.
        change : callable
            From the codebook in use to the one that has the code.
        code_id : str
            The code, if the codebook has it already; then `change` is not asked.
        act : Act, optional

        Returns
        -------
        tuple of Coding
            One for each passage of each coder.

        Raises
        ------
        ProjectError
            If the coder is blind.
        """
        self.keep_up()
        self._check_may_adopt(noted)
        places = dict.fromkeys(_noted_place(memo) for memo in noted)
        found = [(by, where, place) for by, where, place in places if where and place]
        gone = [self._without(memo) for memo in noted]
        known = set(self.codebook.ids)

        def coded(book: Codebook, at: datetime) -> list[tuple[Coding, str]]:
            self.codebook = book
            code = code_id or next(each for each in book.ids if each not in known)
            made = (self._coding(where, place, code, at, by=by) for by, where, place in found)
            return [(each, self._texts(each.document_id)[each.document_id]) for each in made]

        if not code_id:
            self.codebook, made = self._project.change_codebook(
                change, by=self.coder, coded=coded, memos=gone, act=act
            )
            return made
        made = tuple(coding for coding, _ in coded(self.codebook, self._at()))
        texts = {where: self.corpus.document(where).sha256 for _, where, _ in found}
        memos = [memo for memo, _ in gone]
        self._project.record(by=self.coder, codings=made, memos=memos, texts=texts, act=act)
        return made

    # ── texts that were corrected ──

    def left(self, document_id: str) -> tuple[LeftCoding | LeftMemo, ...]:
        """What this coder may see of what rests on an earlier wording of a document."""
        self.document(document_id)
        found = self._project.left_of_earlier_texts([document_id])
        blind = self._blind_now()
        return tuple(each for each in found if not blind or each.by == self.coder)

    def take_up(
        self, left: Iterable[LeftCoding | LeftMemo], *, act: Act | None = None
    ) -> tuple[Coding, ...]:
        """Make again, in one event, what this coder made on an earlier wording (`left`).

        It bears the time, the phase and the blindness of now: the coder looked at the new wording.

        Parameters
        ----------
        left : iterable of LeftCoding or LeftMemo
        act : Act, optional

        Returns
        -------
        tuple of Coding

        Raises
        ------
        ValueError
            If there is none, or its words were changed.
        ProjectError
            If it is somebody else's.
        UnknownIdError
            If a code is retired since.
        """
        wanted = tuple(left)
        if not wanted or any(each.gone for each in wanted):
            raise ValueError("expected what is on words that are in the text still")
        if others := sorted({each.by for each in wanted} - {self.coder}):
            raise ProjectError(f"this is {others[0]}'s, and theirs to make again")
        [document_id] = {each.document_id for each in wanted}
        made = tuple(self._again(each) for each in wanted if isinstance(each, LeftCoding))
        memos = [self._noted_again(each) for each in wanted if isinstance(each, LeftMemo)]
        self._record(document_id, codings=made, memos=memos, act=act)
        return made

    # ── inside ──

    def _check_may_adopt(self, noted: Sequence[Memo]) -> None:
        if self.blind:
            raise ProjectError("a code that waits is taken into the codebook after the blind phase")
        for memo in noted:
            if memo.kind != "waiting":
                raise ValueError(f"a memo of kind {memo.kind!r} is no code that waits")
            if place := _noted_place(memo)[2]:
                self._check_place(memo.document_id, place, ())

    def _without(self, memo: Memo) -> tuple[Memo, str]:
        """A memo that takes one away that waited, with the hash of its text."""
        gone = dataclasses.replace(memo, text="", at=self._at(), replaces=memo.at.isoformat())
        return gone, self._texts(memo.document_id).get(memo.document_id, "")

    def _again(self, left: LeftCoding) -> Coding:
        """A coding of an earlier wording, made on the words of now."""
        place: Place = (*(left.span or (0, 0)), left.coding.region)
        self._check_place(left.document_id, place, [left.coding.code_id])
        return self._coding(left.document_id, place, left.coding.code_id)

    def _noted_again(self, left: LeftMemo) -> Memo:
        start, end = left.span or (None, None)
        self._check(left.document_id, start, end)
        return dataclasses.replace(left.memo, start=start, end=end, at=self._at(), replaces="")

    def _coding(
        self,
        document_id: str,
        place: Place,
        code_id: str,
        at: datetime | None = None,
        *,
        by: str = "",
    ) -> Coding:
        start, end, region = place
        return Coding(
            document_id,
            start,
            end,
            code_id,
            by or self.coder,
            blind=self._saw_nobody(document_id),
            at=at or self._at(),
            codebook_version=self.codebook.version,
            phase=team.stamp_of(self.phase),
            region=region,
        )


def _noted_place(memo: Memo) -> tuple[str, str, Place | None]:
    """Who noted a code, in which document and of what of it, if of anything."""
    if memo.region is not None:
        return memo.by, memo.document_id, (0, 0, memo.region)
    if memo.start is None or memo.end is None:
        return memo.by, memo.document_id, None
    return memo.by, memo.document_id, (memo.start, memo.end, None)
