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
        act : Act, optional

        Returns
        -------
        tuple of Coding
            One for each passage of each coder.

        Raises
        ------
        ProjectError
            If a blind phase is open, or one of them waits no more.
        GovernanceError, NotClearedError
            If a passage lies in a text that may not be coded.
        ValueError
            If one is no code that waits, or the change makes none.
        """
        self._check_may_adopt(noted)
        found, gone = _places(noted), [self._without(memo) for memo in noted]
        known: set[str] = set()

        def changed(book: Codebook) -> Codebook:
            known.update(book.ids)  # somebody may have added a code since the desk was taken
            return change(book)

        def coded(book: Codebook, at: datetime) -> list[tuple[Coding, str]]:
            new = [each for each in book.ids if each not in known]
            if not new:
                raise ValueError("expected a change of the codebook that makes a code")
            made = [
                self._coding(where, place, new[0], at, by=by, version=book.version)
                for by, where, place in found
            ]
            return [(each, self._texts(each.document_id)[each.document_id]) for each in made]

        self.codebook, made = self._project.change_codebook(
            changed, by=self.coder, coded=coded, memos=gone, act=act
        )
        return made

    def adopt_as(
        self, noted: Sequence[Memo], code_id: str, *, act: Act | None = None
    ) -> tuple[Coding, ...]:
        """Give what waited for the meeting a code that the codebook has, in one event; as `adopt`.

        What its coder gave this code meanwhile is not given it twice.

        Parameters
        ----------
        noted : sequence of Memo
        code_id : str
        act : Act, optional

        Returns
        -------
        tuple of Coding
            What is coded now and was not before.

        Raises
        ------
        UnknownIdError
            If the code is unknown or retired.
        ProjectError, GovernanceError, NotClearedError, ValueError
            As `adopt`.
        """
        self._check_may_adopt(noted)
        self.codebook.check_in_use([code_id], self.coder)
        places, at = _places(noted), self._at()
        log = self._project.codings({where for _, where, _ in places})
        held = {_held(row.coding) for row in log.current}
        made = [
            self._coding(where, place, code_id, at, by=by)
            for by, where, place in places
            if (by, where, place, code_id) not in held
        ]
        gone = [self._without(memo)[0] for memo in noted]
        texts = {each.document_id: self._texts(each.document_id) for each in noted}
        read = {name: text for each in texts.values() for name, text in each.items()}
        self._project.record(by=self.coder, codings=made, memos=gone, texts=read, act=act)
        return tuple(made)

    def let_go(self, noted: Memo, *, act: Act | None = None) -> Memo:
        """Let a code go that waits, as one coder noted it in one place; nothing else of theirs.

        Returns
        -------
        Memo
            Which takes the other away: it bears no text.

        Raises
        ------
        ProjectError
            If it waits no more, or the coder is blind and another noted it.
        ValueError
            If it is no code that waits.
        """
        if noted.by != self.coder and self._blind_now():
            raise ProjectError("a code that waits is let go after the blind phase")
        self._check_waits([noted])
        gone, _ = self._without(noted)
        self._record(noted.document_id, memos=[gone], act=act)
        return gone

    # ── texts that were corrected ──

    def left(self, document_id: str) -> tuple[LeftCoding | LeftMemo, ...]:
        """What this coder may see of what rests on an earlier wording of a document."""
        self._renew([document_id])
        self.document(document_id)
        found = self._project.left_of_earlier_texts([document_id])
        if self._renew([document_id]):  # corrected in between: these are places in other words
            return self.left(document_id)
        blind = self._blind_now()
        return tuple(each for each in found if not blind or each.by == self.coder)

    def take_up(
        self, left: Iterable[LeftCoding | LeftMemo], *, act: Act | None = None
    ) -> tuple[Coding, ...]:
        """Make again, in one event, what this coder made on an earlier wording (`left`).

        A proposal that they accepted is made again as their own coding. All of it bears the time,
        the phase and the blindness of now: the coder looked at the new wording.

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
            If it is somebody else's; or made again, or the text corrected, since it was asked for.
        UnknownIdError
            If a code is retired since.
        """
        wanted = tuple(left)
        if not wanted or any(each.gone for each in wanted):
            raise ValueError("expected what is on words that are in the text still")
        if others := sorted({each.by for each in wanted} - {self.coder}):
            raise ProjectError(f"this is {others[0]}'s, and theirs to make again")
        [document_id] = {each.document_id for each in wanted}
        if not set(wanted) <= set(self.left(document_id)):
            raise ProjectError(
                f"some of it was made again, or {document_id!r} corrected, meanwhile; "
                "ask `left` anew"
            )
        made = tuple(self._again(each) for each in wanted if isinstance(each, LeftCoding))
        memos = [self._noted_again(each) for each in wanted if isinstance(each, LeftMemo)]
        self._record(document_id, codings=made, memos=memos, act=act)
        return made

    # ── inside ──

    def _check_may_adopt(self, noted: Sequence[Memo]) -> None:
        self.keep_up()
        if self.blind or (self.phase is not None and self.phase.blind):
            raise ProjectError("a code that waits is taken into the codebook after the blind phase")
        self._check_waits(noted)
        for memo in noted:
            if place := _noted_place(memo)[2]:
                self._check_place(memo.document_id, place, ())

    def _check_waits(self, noted: Sequence[Memo]) -> None:
        """That memos are codes that wait, on the wordings of now."""
        for memo in noted:
            if memo.kind != "waiting":
                raise ValueError(f"a memo of kind {memo.kind!r} is no code that waits")
        names = {memo.document_id for memo in noted}
        self._renew(names)
        holding = set(self._project.codings(names).memos) if names else set()
        if gone := sorted({memo.by for memo in noted if memo not in holding}):
            raise ProjectError(
                f"a code that {' and '.join(gone)} noted waits no more: it was adopted or dropped, "
                "or its text corrected; ask anew for what waits"
            )

    def _renew(self, document_ids: Iterable[str]) -> bool:
        """Lay the texts of now on the desk, if some were corrected since; whether some were."""
        names = sorted({each for each in document_ids if each})
        now = self._project.text_hashes(names)
        if all(self.corpus.document(each).sha256 == now.get(each) for each in names):
            return False
        self._read_corpus()
        return True

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
        version: str = "",
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
            codebook_version=version or self.codebook.version,
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


def _places(noted: Iterable[Memo]) -> list[tuple[str, str, Place]]:
    """What is to be coded, each once: for whom, in which document and what of it."""
    places = dict.fromkeys(map(_noted_place, noted))
    return [(by, where, place) for by, where, place in places if where and place]


def _held(coding: Coding) -> tuple[str, str, Place, str]:
    place = (coding.start, coding.end, coding.region)
    return coding.coder, coding.document_id, place, coding.code_id
