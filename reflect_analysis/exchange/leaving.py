"""What of a study may leave it by an export.

Records that a nation or community governs leave only when it approved ``"export"``; a text
that nobody has cleared never leaves. What hangs on a record goes with it: its codings,
decisions, memos and what was read, the case itself, and in the codebook the words that were
taken from it.

Two things more stay with the study, whatever was approved. *Hashes of texts that do not leave*:
tombstones, which also say who withdrew and when, and clearances of earlier wordings. Whoever
has a text with its names replaced, and the hash of the same text with its names, can try names
until the hash is right. No other program reads them; a copy of the study that keeps them is its
text export or its backup. *A machine's evidence, as soon as any record is held back*: what a
coder learned from that record may stand in its evidence on another. Otherwise evidence leaves,
beside the texts whose words it may repeat.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reflect_analysis.codebook import Code, Codebook, CounterExample
from reflect_analysis.codings import Codings, Memo
from reflect_analysis.corpus import Case, Corpus, Omission

__all__ = ["Leaving", "what_may_leave"]

_WHY = "governed, and its authority has not approved 'export'"
_STRAY = "the corpus does not hold it; what was said of it stays here"
_DRAWN = "drawn from a record that may not leave"
_LEARNED = "a machine may have learned its words from a record that may not leave"


@dataclass(frozen=True, slots=True)
class Leaving:
    """The part of a study that may leave it, and what may not."""

    corpus: Corpus
    codebook: Codebook
    codings: Codings
    left_out: tuple[Omission, ...] = ()


def what_may_leave(corpus: Corpus, codebook: Codebook, codings: Codings | None = None) -> Leaving:
    """The part of a study that may be exported.

    Parameters
    ----------
    corpus : Corpus
    codebook : Codebook
    codings : Codings, optional

    Returns
    -------
    Leaving
        `left_out` names each document, case and code that lost something, by id. The corpus
        has no tombstones, and clearances of its own texts alone.

    Raises
    ------
    NotClearedError
        If a document that may leave otherwise has not been cleared.
    """
    log = Codings() if codings is None else codings
    held = [case for case in corpus.cases if not _permitted(case)]
    closed = {case.id for case in held}
    # Of a text with speakers only these are asked; who it is ascribed to counts here as well.
    kept = corpus.permitted("export").where(lambda document: document.case_id not in closed)
    kept.check_cleared()
    ids = frozenset(document.id for document in kept)
    gone = [document for document in corpus if document.id not in ids]
    hidden = _Words(document.text for document in gone)
    codes = [_without(code, ids, corpus, hidden) for code in codebook]
    changed = [old.id for old, new in zip(codebook, codes, strict=True) if old != new]
    history = tuple(
        dataclasses.replace(row, origin=None, reason="")
        if row.origin is not None and row.origin.document_id in {d.id for d in gone}
        else row
        for row in codebook.history
    )
    left_out = [
        *(Omission("corpus", f"document {document.id}", _WHY) for document in gone),
        *(Omission("corpus", f"case {case.id}", _WHY) for case in held),
        *(Omission("codebook", f"code {code_id}", _DRAWN) for code_id in changed),
    ]
    told = [Omission("codings", f"document {each}", _STRAY) for each in _strays(log, corpus)]
    cut = _log(log, ids, hidden) if gone or told else log
    if not left_out:
        return Leaving(_cut(corpus, closed), codebook, cut, tuple(told))
    blank, emptied = _without_evidence(cut)
    told += [Omission("codings", emptied, _LEARNED)] if emptied else []
    return Leaving(
        _cut(kept, closed),
        dataclasses.replace(codebook, codes=tuple(codes), history=history),
        blank,
        (*left_out, *told),
    )


def _strays(log: Codings, corpus: Corpus) -> list[str]:
    """Documents that the log speaks of and the corpus lacks: who governs them is not known."""
    named = dict.fromkeys(row.document_id for row in log.codings)
    named |= dict.fromkeys(row.document_id for row in log.seen)
    named |= dict.fromkeys(row.document_id for row in log.memos if row.document_id)
    return [each for each in named if each not in corpus]


def _permitted(case: Case) -> bool:
    return case.governance is None or "export" in case.governance.approved_uses


def _cut(corpus: Corpus, held: set[str]) -> Corpus:
    """The corpus without the cases that may not leave, and without hashes of other texts."""
    hashes = {document.sha256 for document in corpus}
    return dataclasses.replace(
        corpus,
        cases=tuple(case for case in corpus.cases if case.id not in held),
        clearances=tuple(each for each in corpus.clearances if each.sha256 in hashes),
        withdrawn=(),
    )


def _without_evidence(log: Codings) -> tuple[Codings, str]:
    """The log without what machines gave as evidence, and how much that was."""
    bare = tuple(
        dataclasses.replace(row, evidence="") if row.coder_kind == "machine" else row
        for row in log.codings
    )
    number = sum(old.evidence != new.evidence for old, new in zip(log.codings, bare, strict=True))
    return dataclasses.replace(log, codings=bare), f"evidence of {number} codings" * bool(number)


def _log(log: Codings, ids: frozenset[str], hidden: _Words) -> Codings:
    def stays(memo: Memo) -> bool:
        if memo.document_id:
            return memo.document_id in ids
        return not hidden.hold(memo.text)

    memos = tuple(filter(stays, log.memos))
    return dataclasses.replace(log.of_documents(ids), memos=memos)


class _Words:
    """The texts that may not leave, to know again what was taken from them."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.joined = "\n\n".join(_plain(text) for text in texts)

    def hold(self, text: str) -> bool:
        """Whether a text is a passage of theirs, whatever its blanks and capitals."""
        plain = _plain(text)
        return bool(plain) and plain in self.joined


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("’", "'").split())


def _without(code: Code, ids: frozenset[str], corpus: Corpus, hidden: _Words) -> Code:
    """A code without what was taken from a record that may not leave."""
    origin = code.origin
    drawn = origin is not None and origin.document_id not in ids and origin.document_id in corpus
    held = code.in_vivo and (drawn or hidden.hold(code.name))
    counter = tuple(_counter(code.counter_examples, hidden))
    return dataclasses.replace(
        code,
        name=f"in vivo code: {code.id}" if held else code.name,
        origin=None if drawn else origin,
        examples=tuple(text for text in code.examples if not hidden.hold(text)),
        counter_examples=counter,
        note="" if hidden.hold(code.note) else code.note,
    )


def _counter(examples: Iterable[CounterExample], hidden: _Words) -> Iterator[CounterExample]:
    return (each for each in examples if not hidden.hold(each.text))
