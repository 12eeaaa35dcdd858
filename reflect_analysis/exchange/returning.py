"""What a file brings into a study that knows some of it already.

Another program drops what it does not know, and saying nothing is not taking anything back: for a
text or a participant that the study has, what the file leaves out stays as the study has it. A
coding that stands in the study (the same words, code, coder and second) is that coding and no
second one. Consent and governance are guarded once more where a study is stored; here the report
says what became of them, by id.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from reflect_analysis.codings import Coding, Codings, Memo, Seen
from reflect_analysis.corpus import Case, Corpus, Document
from reflect_analysis.exchange.unknowns import UNKNOWN_TIME
from reflect_analysis.exchange.values import Exchanged, Region
from reflect_analysis.regions import Region as Rectangle

__all__ = ["beside", "with_regions"]

_SHOWN = 10


def beside(found: Exchanged, corpus: Corpus, codings: Codings) -> Exchanged:
    """What was read from a file, as it stands beside what a study holds.

    Parameters
    ----------
    found : Exchanged
    corpus : Corpus
        The texts and cases of the study.
    codings : Codings
        Its log.
    """
    brought = found.corpus
    cases = tuple(_case(corpus, case) for case in brought.cases)
    known = {case.id for case in cases}
    documents = tuple(_document(corpus, document) for document in brought)
    needed = dict.fromkeys(each for d in documents for each in brought.cases_of(d))
    more = tuple(corpus.case(each) for each in needed if each not in known)
    waiting = {document.sha256 for document in corpus.uncleared()}
    clearances = tuple(each for each in brought.clearances if each.sha256 not in waiting)
    joined = dataclasses.replace(
        brought, cases=(*cases, *more), documents=documents, clearances=clearances
    )
    log, again = _log(found.codings, codings)
    told = [*_told(brought, joined, corpus), *again]
    report = dataclasses.replace(found.report, notes=(*found.report.notes, *told))
    return dataclasses.replace(found, corpus=joined, codings=log, report=report)


def with_regions(found: Exchanged) -> Exchanged:
    """What was read, with the coded regions of its pictures in the log, as a study holds them."""
    made, rest = [], []
    for row in found.regions:
        coding = _region(found, row)
        rest += [row] if coding is None else []
        made += [coding] if coding is not None else []
    known = {_coding_key(each) for each in found.codings}
    new = tuple(each for each in made if _coding_key(each) not in known)
    codings = dataclasses.replace(found.codings, codings=(*found.codings.codings, *new))
    return dataclasses.replace(found, codings=codings, regions=tuple(rest))


def _region(found: Exchanged, row: Region) -> Coding | None:
    """A region as a coding, if somebody coded it and it has an area."""
    whole = row.code_id in found.codebook and row.coder and row.document_id in found.corpus
    if not whole or not (0 <= row.x0 < row.x1 and 0 <= row.y0 < row.y1):
        return None
    return Coding(
        *(row.document_id, 0, 0, row.code_id, row.coder),
        at=row.at or UNKNOWN_TIME,
        codebook_version=found.codebook.version,
        region=Rectangle(row.x0, row.y0, row.x1, row.y1),
    )


# ── texts and participants ──


def _case(corpus: Corpus, case: Case) -> Case:
    """A participant whom the study knows, with what the file adds."""
    known = next((each for each in corpus.cases if each.id == case.id), None)
    if known is None:
        return case
    return dataclasses.replace(
        known,
        attributes=known.attributes | case.attributes,
        quotes=known.quotes if case.quotes == "ask" else case.quotes,
        governance=case.governance or known.governance,
    )


def _document(corpus: Corpus, document: Document) -> Document:
    """A text that the study knows by its id, with the attributes that the file adds.

    Of a text that was changed, the speakers are those of the file: the study's lie elsewhere.
    """
    if document.id not in corpus:
        return document
    known = corpus.document(document.id)
    same = known.sha256 == document.sha256
    return dataclasses.replace(
        known,
        text=document.text,
        attributes=known.attributes | document.attributes,
        case_id=known.case_id or (None if known.turns and same else document.case_id),
        turns=(known.turns or document.turns) if same else document.turns,
        picture=known.picture or document.picture,
    )


def _told(brought: Corpus, joined: Corpus, corpus: Corpus) -> Iterator[str]:
    """What stays as the study has it, by id."""
    pairs = zip(brought.cases, joined.cases, strict=False)
    consent = [old.id for old, new in pairs if old.quotes != new.quotes]
    pairs = zip(brought.cases, joined.cases, strict=False)
    governed = [old.id for old, new in pairs if old.governance != new.governance]
    texts = zip(brought.documents, joined.documents, strict=True)
    fields = ("kind", "case_id", "turns", "picture", "voice", "language", "flags")
    kept = [o.id for o, n in texts if any(getattr(o, f) != getattr(n, f) for f in fields)]
    if consent:
        yield f"consent to be quoted stays as the study has it: {_some(consent)}"
    if governed:
        yield f"governance stays as the study has it: {_some(governed)}"
    if kept:
        yield f"kind, participant, speakers or picture stay as the study has them: {_some(kept)}"
    gone = {each.sha256 for each in brought.clearances} - {e.sha256 for e in joined.clearances}
    waiting = [document.id for document in corpus.uncleared() if document.sha256 in gone]
    if waiting:
        yield f"cleared in the file, not in the study, and wait there: {_some(waiting)}"


def _some(ids: list[str]) -> str:
    more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
    return f"{', '.join(ids[:_SHOWN])}{more}"


# ── what was said of them ──


def _log(brought: Codings, stored: Codings) -> tuple[Codings, list[str]]:
    """The log without what the study has; decisions of the file are on the study's codings."""
    there = {each.id: each for each in stored.codings}
    known = {_coding_key(each): each.id for each in stored.codings}
    ids = {
        each.id: each.id if each.id in there else known.get(_coding_key(each), each.id)
        for each in brought.codings
    }
    codings = tuple(there.get(ids[each.id], each) for each in brought.codings)
    decided = {_decision_key(each) for each in stored.decisions}
    decisions = tuple(
        dataclasses.replace(
            each,
            coding_id=ids[each.coding_id],
            replacement_id=ids.get(each.replacement_id, each.replacement_id),
            id="" if ids[each.coding_id] != each.coding_id else each.id,
        )
        for each in brought.decisions
    )
    read = {_seen_key(each) for each in stored.seen}
    noted = {_memo_key(each) for each in stored.memos}
    log = dataclasses.replace(
        brought,
        codings=codings,
        decisions=tuple(each for each in decisions if _decision_key(each) not in decided),
        seen=tuple(each for each in brought.seen if _seen_key(each) not in read),
        memos=tuple(each for each in brought.memos if _memo_key(each) not in noted),
    )
    number = sum(each in there for each in ids.values())
    return log, [f"{number} codings stood in the study already"] if number else []


def _second(at: Any) -> Any:
    """A time to the second: a program may drop the rest."""
    try:
        return at.astimezone(UTC).replace(microsecond=0) if at.tzinfo else at.replace(microsecond=0)
    except OverflowError:
        return at


def _coding_key(row: Coding) -> tuple[Any, ...]:
    place = (row.document_id, row.start, row.end, row.region)
    return (*place, row.code_id, row.coder, _second(row.at))


def _decision_key(row: Any) -> tuple[Any, ...]:
    return (row.coding_id, row.action, row.by, row.replacement_id, _second(row.at))


def _seen_key(row: Seen) -> tuple[Any, ...]:
    codes = tuple(sorted(row.codes))
    return (row.coder, row.document_id, row.start, row.end, codes, _second(row.at))


def _memo_key(row: Memo) -> tuple[Any, ...]:
    place = (row.document_id, row.start, row.end, row.code_id)
    return (row.by, " ".join(row.text.split()), *place, _second(row.at))
