"""What coders agreed on, as one of them says it: codings of their own, each with its reason.

Nobody's own coding is changed. What was agreed of a place before is taken back by the same event
that says what is agreed now, so that one undo brings it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from reflect_analysis.codings import Coding, Decision, Memo, Seen
from reflect_analysis.errors import ProjectError
from reflect_analysis.project import team
from reflect_analysis.project.seeing import Seeing
from reflect_analysis.regions import SAME_PART, Region

if TYPE_CHECKING:
    from reflect_analysis.project.entries import Act

__all__ = ["Agreeing", "Place"]

Place = tuple[int, int, Region | None]  # a span, or (0, 0) and a region


class Agreeing(Seeing):
    """A desk at which is said what was agreed."""

    @property
    def may_adjudicate(self) -> bool:
        """Whether this coder may say what was agreed.

        A lead, an adjudicator, and everybody in a meeting (a phase of consensus that is not blind)
        or where there is no team; never who is blind.
        """
        meeting = self.phase is not None and self.phase.kind == "consensus"
        return not self.blind and (meeting or self.role in {"lead", "adjudicator", ""})

    def agree(
        self,
        document_id: str,
        start: int,
        end: int,
        *code_ids: str,
        region: Region | None = None,
        within: Place | None = None,
        reason: str,
        act: Act | None = None,
    ) -> tuple[Coding, ...]:
        """Say what was agreed about a place: codings of their own by `team.AGREED`, with a reason.

        Parameters
        ----------
        document_id : str
        start, end : int
            Half-open code points; both 0 for a region.
        *code_ids : str
            None where it was agreed that nothing is coded.
        region : Region, optional
            A rectangle of the document's picture.
        within : (int, int, Region or None), optional
            The whole that was compared, of which the place is a part: what was agreed in it
            earlier, on other edges, is taken back. By default the place itself.
        reason : str
        act : Act, optional

        Returns
        -------
        tuple of Coding
            What is agreed now and was not before.

        Raises
        ------
        ProjectError
            If this coder may not adjudicate.
        ValueError
            If there is no reason; or nothing to agree on in a region; or the place is no part of
            the whole.

        Notes
        -----
        A place was settled if it was said. Of words a reading says it; a region has none, so each
        code that was considered there and not taken stands in the log, rejected with the reason.
        """
        if not self.may_adjudicate or self._blind_now():
            raise ProjectError(
                f"{self.coder!r} may not adjudicate here: a lead or adjudicator does"
            )
        if not reason.strip():
            raise ValueError("give the reason for what was agreed")
        place = (start, end, region)
        self._check_place(document_id, place, code_ids)
        whole = self._whole(document_id, place, within)
        held = [row.coding for row in self._project.codings([document_id]).current]
        here = [coding for coding in held if _is_at(coding, place) or _is_at(coding, whole)]
        before = [c for c in held if c.coder == team.AGREED and (c in here or _lies_in(c, whole))]
        stays = {c.code_id for c in before if _place_of(c) == place and c.code_id in code_ids}
        made = [
            self._agreed(document_id, place, each, reason)
            for each in dict.fromkeys(code_ids)
            if each not in stays
        ]
        gone = [c for c in before if _place_of(c) != place or c.code_id not in stays]
        let_go = [] if region is None else self._let_go(here, before, place, code_ids, reason)
        if region is not None and not (made or gone or let_go):
            raise ValueError("nothing is coded in this part, or it was agreed already")
        self._record(
            document_id,
            codings=[*made, *let_go],
            decisions=[self._rejected(each, reason) for each in (*gone, *let_go)],
            act=act,
            **self._said(document_id, whole, code_ids, reason),
        )
        return tuple(made)

    # ── inside ──

    def _whole(self, document_id: str, place: Place, within: Place | None) -> Place:
        """What was compared, of which a place is a part."""
        if within is None:
            return place
        self._check_place(document_id, within, ())
        (start, end, region), (from_, to, part) = place, within
        fits = from_ <= start and end <= to if region is None else part is not None
        if not fits or (region is None) != (part is None):
            raise ValueError(f"span {start}–{end}: expected a part of {from_}–{to}")
        return within

    def _let_go(
        self,
        here: Sequence[Coding],
        before: Sequence[Coding],
        place: Place,
        code_ids: Sequence[str],
        reason: str,
    ) -> list[Coding]:
        """The codes that were given to a region and not agreed on, as codings to be rejected."""
        told = {*code_ids, *(coding.code_id for coding in before)}
        others = dict.fromkeys(each.code_id for each in here if each.code_id not in told)
        return [self._agreed(here[0].document_id, place, each, reason) for each in others]

    def _said(
        self, document_id: str, place: Place, code_ids: Sequence[str], reason: str
    ) -> dict[str, Sequence[Any]]:
        """That a place was looked at together, and why nothing is coded there."""
        start, end, region = place
        if region is not None:
            return {}
        codes = tuple(code.id for code in self.codebook.in_use)
        seen = Seen(team.AGREED, document_id, codes=codes, phase="consensus", start=start, end=end)
        note = Memo(self.coder, reason, "method", document_id, start, end)
        return {"seen": [seen], "memos": [] if code_ids else [note]}

    def _rejected(self, coding: Coding, reason: str) -> Decision:
        return Decision(coding.id, "reject", self.coder, reason, "", self._at())

    def _agreed(self, document_id: str, place: Place, code_id: str, why: str) -> Coding:
        start, end, region = place
        return Coding(
            document_id,
            start,
            end,
            code_id,
            team.AGREED,
            evidence=why,
            at=self._at(),
            codebook_version=self.codebook.version,
            phase="consensus",
            region=region,
        )

    def _check_place(self, document_id: str, place: Place, code_ids: Sequence[str]) -> None:
        """That a place may be coded, and that codes may be given."""
        start, end, region = place
        if region is None:
            self._check(document_id, start, end, code_ids)
        else:
            self._check(document_id, None, None, code_ids)
            self._check_picture(document_id, (start, end), region)

    def _record(self, document_id: str, *, act: Act | None, **rows: Sequence[Any]) -> None:
        texts = self._texts(document_id)
        self._project.record(by=self.coder, texts=texts, act=act, **rows)


def _is_at(coding: Coding, place: Place) -> bool:
    """Whether a coding is of a place: of its very words, or of the same part of the picture."""
    start, end, region = place
    if region is None or coding.region is None:
        return coding.region is region is None and (coding.start, coding.end) == (start, end)
    return coding.region.overlap(region) >= SAME_PART


def _place_of(coding: Coding) -> Place:
    return coding.start, coding.end, coding.region


def _lies_in(coding: Coding, whole: Place) -> bool:
    """Whether the words of a coding are a part of a whole."""
    start, end, region = whole
    return region is coding.region is None and start <= coding.start and coding.end <= end
