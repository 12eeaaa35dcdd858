"""What protects people is never loosened by reading files again.

**Here stands, for all that is stored, what a save keeps as it is**: the consent of a participant,
the governance of their records, whose a governed text is, and whether a picture may be shown. A
file may say less than the study knows (another program drops what it does not know, a table lacks
a column), and saying nothing allows nothing. Tighter is stored as it is given; looser needs an act
of its own, `Project.loosen`. The invariant: after a save, no use is permitted of a text that was
not permitted before, whatever id the text comes under.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

from reflect_analysis.corpus import Answer, Case, Corpus, Document, Governance
from reflect_analysis.errors import GovernanceError, raise_all

__all__ = ["guarded"]

_STRICT: tuple[Answer, ...] = ("yes", "ask", "no")  # the last is the strictest


def guarded(stored: Corpus, given: Corpus) -> tuple[Corpus, tuple[str, ...]]:
    """A corpus to be stored, as strict as what is stored; and what was kept, a sentence each.

    Parameters
    ----------
    stored, given : Corpus

    Raises
    ------
    GovernanceError
        If a new wording of a governed text does not say which words are the governed ones.
    """
    cases = {case.id: _case(stored, case) for case in given.cases}
    told = [
        f"case {case.id}: {what} stays as the study has it"
        for case in given.cases
        for what in _differing(case, cases[case.id])
    ]
    documents, faults = [], []
    owned = _Owned(stored)
    for document in given:
        mine = owned.guarding(document, cases)
        if isinstance(mine, str):
            faults.append(mine)
            continue
        told += [f"document {document.id}: {what}" for what in _kept_of(document, mine)]
        documents.append(mine)
        for case_id in _people(mine):
            if case_id not in cases:
                cases[case_id] = stored.case(case_id)
    raise_all(GovernanceError, faults)
    if not told:
        return given, ()
    corpus = dataclasses.replace(given, cases=tuple(cases.values()), documents=tuple(documents))
    return corpus, tuple(told)


# ── cases ──


def _case(stored: Corpus, case: Case) -> Case:
    """A case with the stricter consent and governance of the two."""
    known = next((each for each in stored.cases if each.id == case.id), None)
    if known is None:
        return case
    quotes = max(known.quotes, case.quotes, key=_STRICT.index)
    return dataclasses.replace(
        case, quotes=quotes, governance=_stricter(known.governance, case.governance)
    )


def _stricter(known: Governance | None, given: Governance | None) -> Governance | None:
    """Who governed still does, and approved no more than before."""
    if known is None or given is None:
        return known or given
    uses = tuple(use for use in given.approved_uses if use in known.approved_uses)
    return Governance(known.authority, uses)


def _differing(given: Case, kept: Case) -> Iterator[str]:
    if given.quotes != kept.quotes:
        yield f"consent to be quoted ({kept.quotes}, where {given.quotes} came)"
    if given.governance != kept.governance:
        yield "governance"


# ── documents ──


def _people(document: Document) -> tuple[str, ...]:
    speakers = (document.case_id, *(turn.case_id for turn in document.turns))
    return tuple(dict.fromkeys(filter(None, speakers)))


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


class _Owned:
    """Whose the stored texts are, by id and by words."""

    def __init__(self, stored: Corpus) -> None:
        self.cases = {case.id: case for case in stored.cases}
        self.by_id = {document.id: document for document in stored}
        self.by_words: dict[str, Document] = {}
        for document in stored:
            if any(True for _ in self._governing(document)):
                self.by_words.setdefault(_plain(document.text), document)

    def guarding(self, document: Document, cases: dict[str, Case]) -> Document | str:
        """A document with the protection of the stored one, or the fault that there is none."""
        document = self._with_picture(document)
        for known in self._stored_as(document):
            if self._as_strict(document, known, cases):
                continue
            same = known.sha256 == document.sha256
            turns = known.turns if same else document.turns
            mine = dataclasses.replace(document, case_id=known.case_id, turns=turns)
            if not (same or self._as_strict(mine, known, cases)):
                return (
                    f"document {document.id!r}: the study has {known.id!r} with words that are "
                    "governed, and the new text does not say which are; give its speakers, or "
                    "let the one who may loosen it (Project.loosen, --loosen)"
                )
            document = mine
        return document

    def _stored_as(self, document: Document) -> Iterable[Document]:
        """What the study has under the same id, and of the same words where they are governed."""
        known = self.by_id.get(document.id)
        if known is not None:
            yield known
            if known.sha256 == document.sha256:
                return  # two people may have written the same few words: both are stored
        alike = self.by_words.get(_plain(document.text))
        if alike is not None and alike is not known:
            yield alike

    def _governing(self, document: Document) -> Iterator[Governance]:
        for case_id in _people(document):
            case = self.cases.get(case_id)
            if case is not None and case.governance is not None:
                yield case.governance

    def _as_strict(self, document: Document, known: Document, cases: dict[str, Case]) -> bool:
        """Whether nobody's refusal is lost when a document stands for a stored one."""
        owners = [cases.get(each) or self.cases[each] for each in _people(document)]
        governing = [case.governance for case in owners if case.governance]
        held = all(
            any(
                each.authority == before.authority
                and set(each.approved_uses) <= set(before.approved_uses)
                for each in governing
            )
            for before in self._governing(known)
        )
        if document.id != known.id:
            return held
        before = [self.cases[each].quotes for each in _people(known) if each in self.cases]
        now = [case.quotes for case in owners]
        return held and ("no" not in before or "no" in now)

    def _with_picture(self, document: Document) -> Document:
        """A document whose picture may be used no more than before."""
        known = self.by_id.get(document.id)
        if known is None or known.picture is None or document.picture is None:
            return document
        use = max(known.picture.use, document.picture.use, key=_STRICT.index)
        if use == document.picture.use:
            return document
        return dataclasses.replace(document, picture=dataclasses.replace(document.picture, use=use))


def _kept_of(given: Document, mine: Document) -> Iterator[str]:
    if (given.case_id, given.turns) != (mine.case_id, mine.turns):
        who = ", ".join(_people(mine))
        yield f"it stays with {who}, whose words the study knows it to be"
    if given.picture != mine.picture:
        yield "its picture may be used no more than before"
