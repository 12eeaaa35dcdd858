"""What one coder may see of a study, and what may be coded: asked here and nowhere else.

In a blind phase nothing of another's comes through here, be it a coding, a proposal or a memo.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from reflect_analysis.codebook import Codebook
from reflect_analysis.codings import Coding, Codings
from reflect_analysis.corpus import Corpus, Document, Picture
from reflect_analysis.errors import (
    GovernanceError,
    NotClearedError,
    ProjectError,
    ReflectAnalysisError,
    RegionError,
    UnknownIdError,
)
from reflect_analysis.project import team
from reflect_analysis.regions import Region

if TYPE_CHECKING:
    from reflect_analysis.project.store import Project

__all__ = ["DocumentView", "Seeing"]


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


class Seeing:
    """One coder's view of a study, asked anew when a phase began or ended.

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
    role : str
        In the team; empty for who is not in it.
    corpus : Corpus
    assigned : tuple of str
        The documents that this coder is to read.
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
        self.role = member.role if member is not None else ""
        self.phase, begun = self._mark
        assigned = {c: ids for c, ids in state.assignments.items() if ids}
        self.assigned = tuple(sorted(assigned.get(self.coder, ())))
        self.blind = team.is_blind(self.coder, state.members, self.phase, assigned)
        self.opened: frozenset[str] = (
            self._project.coded_before(self.coder, begun) if self.blind else frozenset()
        )
        found = self._project.has_codebook()
        self.codebook: Codebook = self._project.codebook() if found else Codebook(())
        self._read_corpus()

    def _read_corpus(self) -> None:
        self.corpus: Corpus = self._project.corpus()
        self._waiting = {document.id for document in self.corpus.uncleared()}

    def keep_up(self) -> bool:
        """Ask again if the phase changed since; whether it did."""
        if self._project.phase_mark() == self._mark:
            return False
        self.refresh()
        return True

    def documents(self) -> tuple[Document, ...]:
        """What may be coded: participants' words that are cleared, and approved where governed."""
        return tuple(each for each in self.corpus if self._why_not(each) is None)

    def log(self, document_ids: Iterable[str] | None = None) -> Codings:
        """What this coder may see of the log, of all documents or of some."""
        self.keep_up()
        return team.visible(self._project.codings(document_ids), self.coder, blind=self.blind)

    def part_of_log(self, document_id: str, coding_ids: Iterable[str]) -> Codings:
        """What this coder may see of some codings of a document, and all else of its log."""
        self.keep_up()
        found = self._project.part_of_log(document_id, coding_ids)
        return team.visible(found, self.coder, blind=self.blind)

    def coding(self, coding_id: str) -> Coding:
        """A coding that this coder may see, whatever was decided about it.

        Raises
        ------
        UnknownIdError
            If there is none; in a blind phase others' are not seen.
        """
        found = self._project.coding(coding_id)
        if found is not None and (found.coder == self.coder or not self._blind_now()):
            return found
        raise UnknownIdError(f"{self.coder} sees no coding {coding_id!r}")

    def view(self, document_id: str) -> DocumentView:
        """A document with the codings that this coder may see."""
        self.keep_up()
        document = self.document(document_id)
        log = self._project.codings([document_id])
        read = any(s.coder == self.coder and s.whole for s in log.seen)
        return DocumentView(
            document, team.visible(log, self.coder, blind=self.blind), self.blind, read
        )

    def document(self, document_id: str) -> Document:
        """A participant's document that may be coded: cleared, and approved by who governs it."""
        document = self.corpus.document(document_id)
        if (fault := self._why_not(document)) is not None:
            raise fault
        return document

    def _why_not(self, document: Document) -> ReflectAnalysisError | None:
        """Why a document may not be coded."""
        if document.voice == "other":
            return ProjectError(f"{document.id!r} holds no participant's words and is not coded")
        if not self.corpus.permits(document, "coding"):
            return GovernanceError(f"{document.id!r} waits for the approval of those who govern it")
        if document.id in self._waiting:
            return NotClearedError(f"{document.id!r} is not cleared of identifiers yet")
        return None

    def _texts(self, document_id: str) -> dict[str, str]:
        """The hash of the text that this coder has on the desk; another may have edited it."""
        return {document_id: self.corpus.document(document_id).sha256} if document_id else {}

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

    def _check(
        self,
        document_id: str,
        start: int | None,
        end: int | None,
        code_ids: Sequence[str] = (),
    ) -> None:
        """That a document may be coded, that a span lies in it, and that codes may be given."""
        size = len(self.document(document_id).text)
        self.codebook.check_in_use(code_ids, self.coder)
        if start is not None and end is not None and not 0 <= start < end <= size:
            raise ValueError(f"span {start}–{end} of {document_id!r}: expected one within 0–{size}")

    def _check_picture(self, document_id: str, span: tuple[int, int], region: Region) -> None:
        """That a document has a picture, and that a region lies within it."""
        picture = self.document(document_id).picture
        if picture is None:
            raise ValueError(f"{document_id!r} has no picture, and so no region of one")
        if span != (0, 0):
            raise ValueError(f"{document_id!r}: a region of the picture has no span of the text")
        size = _size_of(picture)
        if size is not None and not region.fits(*size):
            raise RegionError(
                f"region {region} of {document_id!r}: expected one within its picture, which is "
                f"{size[0]} pixels wide and {size[1]} high; draw it anew"
            )

    def _check_visible(self, codings: Iterable[Coding]) -> None:
        """That a decision on these is not on what a blind coder does not see."""
        blind = self._blind_now()
        for each in codings:
            if blind and each.coder != self.coder:
                raise UnknownIdError(f"{self.coder} sees no coding {each.id!r}")
            self.document(each.document_id)


def _size_of(picture: Picture) -> tuple[int, int] | None:
    """The size of a picture, if its file is here: who has the study alone cannot be held to it."""
    from reflect_analysis.pictures import upright_size

    try:
        return upright_size(Path(picture.path)) if picture.path else None
    except ReflectAnalysisError:
        return None
