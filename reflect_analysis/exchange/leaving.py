"""What of a study may leave it by an export.

Records that a nation or community governs leave only when it approved ``"export"``; a text
that nobody has cleared never leaves. What hangs on a record goes with it: its codings,
decisions, memos and what was read, the case itself, and every word that was taken from it: in
the codebook (any text of it), in memos and reasons. See `hidden.HiddenWords`.

Three things more stay with the study, whatever was approved. *Hashes of texts that do not leave*:
tombstones, which also say who withdrew and when, and clearances of earlier wordings. Whoever
has a text with its names replaced, and the hash of the same text with its names, can try names
until the hash is right. No other program reads them; a copy of the study that keeps them is its
text export or its backup. *A machine's evidence, as soon as any record is held back*: what a
coder learned from that record may stand in its evidence on another. Otherwise evidence leaves,
beside the texts whose words it may repeat. *The list of what readers left out*, then as well: it
names pieces of records.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reflect_analysis.codebook import Code, Codebook, CodeChange, CounterExample, Group
from reflect_analysis.codings import Codings
from reflect_analysis.corpus import Case, Corpus, Document, Omission
from reflect_analysis.exchange.hidden import HiddenWords

__all__ = ["Leaving", "book_that_may_leave", "what_may_leave"]

_WHY = "governed, and its authority has not approved 'export'"
_STRAY = "the corpus does not hold it; what was said of it stays here"
_DRAWN = "drawn from a record that may not leave"
_LISTED = "it may name pieces of records that may not leave"
_NOTED = "words of a record that may not leave"
_OPEN = "(withheld: words of a record that may not leave)"
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
    told = [Omission("codings", f"document {each}", _STRAY) for each in _strays(log, corpus)]
    if not (gone or held):
        cut = _log(log, ids, None)[0] if told else log
        return Leaving(_cut(corpus, closed), codebook, cut, tuple(told))
    hidden = _hidden(corpus, gone, closed)
    book, changed = _book(codebook, hidden, {document.id for document in gone})
    cut, noted = _log(log, ids, hidden)
    left_out = [
        *(Omission("corpus", f"document {document.id}", _WHY) for document in gone),
        *(Omission("corpus", f"case {case.id}", _WHY) for case in held),
        *(Omission("codebook", each, _DRAWN) for each in changed),
    ]
    blank, emptied = _without_evidence(cut)
    told += [Omission("codings", noted, _NOTED)] if noted else []
    told += [Omission("codings", emptied, _LEARNED)] if emptied else []
    number = len(corpus.omissions)
    listed = [Omission("corpus", f"{number} rows of what was not read", _LISTED)] if number else []
    quiet = dataclasses.replace(_cut(kept, closed), omissions=())
    return Leaving(quiet, book, blank, (*left_out, *told, *listed))


def book_that_may_leave(
    corpus: Corpus, codebook: Codebook
) -> tuple[Codebook, tuple[Omission, ...]]:
    """A codebook without words of records that may not leave, be they governed or uncleared.

    A codebook may go anywhere, also while texts wait to be cleared: it leaves without them.

    Parameters
    ----------
    corpus : Corpus
    codebook : Codebook
    """
    closed = {case.id for case in corpus.cases if not _permitted(case)}
    waiting = {document.id for document in corpus.uncleared()}
    gone = [
        document
        for document in corpus
        if document.id in waiting
        or document.case_id in closed
        or not corpus.permits(document, "export")
    ]
    if not (gone or closed):
        return codebook, ()
    hidden = _hidden(corpus, gone, closed)
    book, changed = _book(codebook, hidden, {document.id for document in gone})
    return book, tuple(Omission("codebook", each, _DRAWN) for each in changed)


def _hidden(corpus: Corpus, gone: Sequence[Document], closed: set[str]) -> HiddenWords:
    """The words and the names that may not leave."""
    away = {document.id for document in gone}
    return HiddenWords(
        (text for document in gone for text in _texts(document)),
        (text for document in corpus if document.id not in away for text in _texts(document)),
        (*away, *closed),
    )


def _texts(document: Document) -> Iterator[str]:
    """A record's own words: its text, and what stands beside it."""
    yield document.text
    if document.picture and document.picture.alt_text:
        yield document.picture.alt_text
    yield from (value for value in document.attributes.values() if isinstance(value, str))


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


def _log(log: Codings, ids: frozenset[str], hidden: HiddenWords | None) -> tuple[Codings, str]:
    """The log of what leaves, and how many of its memos and reasons stay."""
    kept = log.of_documents(ids)
    memos = tuple(memo for memo in kept.memos if not memo.document_id or memo.document_id in ids)
    if hidden is None:
        return dataclasses.replace(kept, memos=memos), ""
    bare = tuple(memo for memo in memos if not hidden.quoted_in(memo.text))
    decisions = tuple(
        dataclasses.replace(row, reason="") if hidden.told_in(row.reason) else row
        for row in kept.decisions
    )
    number = len(memos) - len(bare)
    number += sum(a.reason != b.reason for a, b in zip(kept.decisions, decisions, strict=True))
    told = f"{number} memos and reasons of decisions" if number else ""
    return dataclasses.replace(kept, memos=bare, decisions=decisions), told


# ── the codebook ──


def _book(book: Codebook, hidden: HiddenWords, gone: set[str]) -> tuple[Codebook, list[str]]:
    """A codebook without what was taken from records that may not leave, and what it lost."""
    codes = tuple(_without(code, gone, hidden) for code in book)
    groups = tuple(_group(group, hidden) for group in book.groups)
    history = tuple(_step(row, gone, hidden) for row in book.history)
    shown = dataclasses.replace(
        book,
        codes=codes,
        groups=groups,
        history=history,
        title=hidden.masked(book.title),
        description=hidden.masked(book.description),
        general_rules=tuple(map(hidden.masked, book.general_rules)),
    )
    told = [f"code {old.id}" for old, new in zip(book, codes, strict=True) if old != new]
    told += [f"group {o.id}" for o, n in zip(book.groups, groups, strict=True) if o != n]
    steps = sum(old != new for old, new in zip(book.history, history, strict=True))
    told += [f"{steps} steps of the history"] if steps else []
    whole = (book.title, book.description, book.general_rules)
    told += ["title, description or rules"] if whole != _whole(shown) else []
    return shown, told


def _whole(book: Codebook) -> tuple[object, ...]:
    return (book.title, book.description, book.general_rules)


def _step(row: CodeChange, gone: set[str], hidden: HiddenWords) -> CodeChange:
    drawn = row.origin is not None and row.origin.document_id in gone
    reason = "" if drawn or hidden.told_in(row.reason) else row.reason
    return dataclasses.replace(row, origin=None if drawn else row.origin, reason=reason)


def _group(group: Group, hidden: HiddenWords) -> Group:
    name = hidden.masked(group.name)
    if name != group.name:
        name = f"group {group.id}"
    return Group(group.id, name, hidden.masked(group.description))


def _without(code: Code, gone: set[str], hidden: HiddenWords) -> Code:
    """A code without what was taken from a record that may not leave."""
    drawn = code.origin is not None and code.origin.document_id in gone
    held = (code.in_vivo and (drawn or hidden.hold(code.name))) or hidden.told_in(code.name)
    name = f"in vivo code: {code.id}" if code.in_vivo else f"code {code.id}"
    return dataclasses.replace(
        code,
        name=name if held else code.name,
        definition=_definition(code, hidden),
        origin=None if drawn else code.origin,
        include=_rest(code.include, hidden),
        exclude=_rest(code.exclude, hidden),
        patterns=tuple(each for each in code.patterns if not _drawn(each, hidden)),
        examples=tuple(each for each in code.examples if not hidden.quoted_in(each)),
        counter_examples=tuple(_counter(code, hidden)),
        note="" if hidden.quoted_in(code.note) else code.note,
    )


def _definition(code: Code, hidden: HiddenWords) -> str:
    """A definition with a gap where words of a record stood; a code in use keeps one."""
    rest = hidden.masked(code.definition)
    bare = any(map(str.isalpha, rest))
    return rest if bare or not code.definition else _OPEN


def _drawn(pattern: str, hidden: HiddenWords) -> bool:
    return hidden.alone(pattern) or hidden.told_in(pattern)


def _rest(items: Sequence[str], hidden: HiddenWords) -> tuple[str, ...]:
    kept = (hidden.masked(each) for each in items if not hidden.alone(each, least=2))
    return tuple(each for each in kept if any(map(str.isalpha, each)))


def _counter(code: Code, hidden: HiddenWords) -> Iterator[CounterExample]:
    for each in code.counter_examples:
        if not (hidden.quoted_in(each.text) or hidden.told_in(each.why)):
            yield each
