"""A participant withdraws from values: their texts, codings and quotes go, and stay gone.

The rules are those of a project's withdrawal (`disclosure.withdrawal`). What was computed is
forgotten, and what cannot be undone here (a fitted model, a reply that quotes, a file) is named.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from reflect_analysis.anonymity.key import Key
from reflect_analysis.anonymity.moving import Moved
from reflect_analysis.anonymity.prose import kept_beside
from reflect_analysis.anonymity.stale import sorted_models
from reflect_analysis.anonymity.withdrawn import Reply, Withdrawn
from reflect_analysis.cache import Cache
from reflect_analysis.codebook import Codebook
from reflect_analysis.codings import Coding, Codings, Decision, Memo, Seen
from reflect_analysis.corpus import Corpus, Document, Tombstone
from reflect_analysis.disclosure import Approval
from reflect_analysis.disclosure.withdrawal import (
    BLOT,
    NO_TRACES,
    Left,
    Quotes,
    clean,
    forget_everywhere,
    hashes_in,
    leave_out,
    says_nothing,
    traces_in,
)
from reflect_analysis.errors import UnknownIdError, did_you_mean
from reflect_analysis.provenance import Run, merge_runs, new_run, now, text_hash
from reflect_analysis.segments import Segments

__all__ = ["withdraw"]

Quote = TypeVar("Quote", bound=Approval)


def withdraw(  # noqa: PLR0913  # whatever may hold a person's words is given by name
    corpus: Corpus,
    case_id: str,
    *,
    by: str = "",
    codings: Codings | None = None,
    quotes: Iterable[Approval] | None = None,
    codebook: Codebook | None = None,
    topics: object = None,
    coders: Sequence[object] | Mapping[str, object] = (),
    segments: Iterable[Segments] = (),
    key: Key | None = None,
    moved: Moved | None = None,
    cache: Cache | None = None,
) -> Withdrawn:
    """Take a participant out of values, and tell what else goes back to them.

    Their documents go with all codings, decisions, parts read, memos and quotes. In a document
    that others share, such as a transcript, their turns are blotted out at the same length, so
    that the others' codings stay where they are. In others' memos, reasons and evidence, and in
    the prompts of replies to them, their words are blotted out. Others' own texts stay as they
    are; those that quote the participant or answer them are listed.

    Parameters
    ----------
    corpus : Corpus
    case_id : str
    by : str
        Who records it.
    codings : Codings, optional
    quotes : iterable of Approval or QuoteRecord, optional
    codebook : Codebook, optional
    topics : Topics, optional
        One, or several in a sequence: those that hold the participant are stale.
    coders : sequence or mapping of str to object
        Coders that learned, and training sets, by name or with a name of their own.
    segments : iterable of Segments
        Whose passages may have been embedded, beside sentences, paragraphs, turns and texts.
    key : Key, optional
        The participant leaves it, with the names of the files that held nobody else; `sources`
        are told by the files' own names then.
    moved : Moved, optional
        Of `pseudonymise`: then the tombstone knows the original texts as well.
    cache : Cache, optional
        By default `default_cache()`.

    Returns
    -------
    Withdrawn

    Raises
    ------
    UnknownIdError
        If the corpus knows no such participant.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from reflect_analysis.corpus import Case
    >>> documents = (Document("r1", "We laughed.", case_id="P1"), Document("r2", "I rested."))
    >>> corpus = Corpus(documents, (Case("P1"),))
    >>> done = withdraw(corpus, "P1", cache=Cache(pathlib.Path(tempfile.mkdtemp())))
    >>> done
    <Withdrawn P1: 1 documents removed>
    >>> done.corpus
    <Corpus: 1 documents (1 reflection), 0 cases, 1 not cleared>
    """
    _check_known(corpus, case_id)
    stone = Tombstone(case_id, now().isoformat(), by)
    left = leave_out(corpus, [stone])
    burial = _Burial(left)
    before = [*left.erased, *(old for old, _ in left.blotted.values())]
    older = [d for d in moved.before if d.id in burial.documents] if moved else []
    hashes = hashes_in([*before, *older], case_id, cache=cache)
    cut = tuple(segments)
    hashes |= _coded(before, codings) | _cut(cut, burial, case_id)
    own = [case for case in corpus.cases if case.id == case_id]
    hashes |= kept_beside([*before, *older, *_answering(corpus, left, moved)], own)
    forgotten, notes = forget_everywhere(hashes, cache=cache)
    kept, gone = burial.codings(codings) if codings else (codings, {})
    given = tuple(quotes or ())
    rows = tuple(new for quote in given if (new := burial.quote(quote)) is not None)
    prints = {corpus.fingerprint, *(each.fingerprint for each in cut)}
    stale, untold = sorted_models(topics, coders, burial.documents, prints)
    run = _run(left)
    whole = _with_originals(left.corpus, case_id, older, left)
    clean_book = codebook and clean(codebook, burial.is_gone, burial.words)
    return Withdrawn(
        case_id,
        next(each for each in whole.withdrawn if each.case_id == case_id),
        whole.with_run(run),
        kept and dataclasses.replace(kept, runs=merge_runs(kept.runs, [run])),
        rows,
        clean_book,
        None if key is None else key.without(case_id, files=_of_nobody_else(left)),
        removed={"documents": len(left.erased), **gone, "quotes": len(given) - len(rows)},
        shared=tuple(left.blotted),
        replies=tuple(_replies(left, burial.words)),
        traces=traces_in(codebook, burial.is_gone, burial.words) if codebook else NO_TRACES,
        stale=stale,
        untold=untold,
        forgotten=forgotten,
        sources=_sources(before, key),
        unascribed=sum(d.voice == "participant" and not whole.cases_of(d) for d in whole),
        notes=(*notes, "copies, backups and caches elsewhere are out of reach"),
    )


def _check_known(corpus: Corpus, case_id: str) -> None:
    known = {case.id for case in corpus.cases} | {stone.case_id for stone in corpus.withdrawn}
    if case_id not in known:
        hint = did_you_mean(case_id, known)
        raise UnknownIdError(f"no participant {case_id!r} in this corpus{hint}; nobody withdrew")


# ── rows ──


class _Burial:
    """What becomes of rows that point into texts, or repeat words of texts, that are gone."""

    def __init__(self, left: Left) -> None:
        self.erased = {document.id for document in left.erased}
        self.documents = self.erased | left.blotted.keys()
        self.words = Quotes()
        for document in left.erased:
            self.words.add(document.text)
        for old, spans in left.blotted.values():
            for start, end in spans:
                self.words.add(old.text[start:end])
        self._texts = {name: left.corpus.document(name).text for name in left.blotted}

    def _passage(self, document_id: str, start: int | None, end: int | None) -> str:
        """What is left at a place of a text that was blotted out; empty for any other."""
        text = self._texts.get(document_id, "")
        return text[start:end] if start is not None else ""

    def is_gone(self, document_id: str, start: int, end: int) -> bool:
        """Whether a passage was the participant's."""
        return document_id in self.erased or BLOT in self._passage(document_id, start, end)

    def _stays(self, row: Coding | Seen | Memo) -> bool:
        passage = self._passage(row.document_id, row.start, row.end)
        return row.document_id not in self.erased and not says_nothing(passage)

    def codings(self, log: Codings) -> tuple[Codings, dict[str, int]]:
        """A log without the participant, and how many rows went."""
        codings = tuple(self._coding(row) for row in log.codings if self._stays(row))
        ids = {coding.id for coding in codings}
        new = dataclasses.replace(
            log,
            codings=codings,
            decisions=tuple(self._decisions(log.decisions, ids)),
            seen=tuple(filter(self._stays, log.seen)),
            memos=tuple(
                dataclasses.replace(row, text=self.words.blot(row.text))
                for row in log.memos
                if self._stays(row)
            ),
        )
        names = ("codings", "decisions", "seen", "memos")
        return new, {name: len(getattr(log, name)) - len(getattr(new, name)) for name in names}

    def _coding(self, row: Coding) -> Coding:
        passage = self._passage(row.document_id, row.start, row.end)
        evidence = "" if BLOT in passage else self.words.blot(row.evidence)
        return dataclasses.replace(row, evidence=evidence)

    def _decisions(self, rows: Iterable[Decision], ids: set[str]) -> Iterator[Decision]:
        """A decision goes with what it decided on, or with what it put in the place of that."""
        for row in rows:
            if {row.coding_id, row.replacement_id or row.coding_id} <= ids:
                yield dataclasses.replace(row, reason=self.words.blot(row.reason))

    def quote(self, quote: Quote) -> Quote | None:
        """A quote that is nobody's who withdrew; one that was blotted out in part goes too."""
        if self.is_gone(quote.document_id, quote.start, quote.end):
            return None
        return dataclasses.replace(quote, note=self.words.blot(quote.note))


# ── what was computed ──


def _coded(documents: Iterable[Document], codings: Codings | None) -> frozenset[str]:
    """The hashes of the passages that were coded in some documents."""
    texts = {document.id: document.text for document in documents}
    rows = codings.codings if codings else ()
    return frozenset(
        text_hash(texts[row.document_id][row.start : row.end])
        for row in rows
        if row.document_id in texts
    )


def _answering(corpus: Corpus, left: Left, moved: Moved | None) -> Iterator[Document]:
    """Others' documents in a cell of which the participant's words stood, in all versions."""
    now = {document.id: document.attributes for document in left.corpus}
    changed = {d.id for d in corpus if d.id in now and now[d.id] != d.attributes}
    for version in (corpus, *([moved.before] if moved else [])):
        yield from (document for document in version if document.id in changed)


def _cut(segments: Iterable[Segments], burial: _Burial, case_id: str) -> frozenset[str]:
    """The hashes of the participant's segments, by whatever unit they were cut."""
    return frozenset(
        text_hash(row.text)
        for value in segments
        for row in value
        if row.case_id == case_id or row.document_id in burial.erased
    )


# ── what goes back to them ──


def _replies(left: Left, words: Quotes) -> Iterator[Reply]:
    """Others' texts that hold the participant's words or stand beside them in a thread."""
    threads = {d.attributes["thread"] for d in left.erased if d.attributes.get("thread")}
    gone = {document.id for document in left.erased}
    for document in left.corpus:
        spans = words.find(document.text)
        if spans:
            yield Reply(document.id, "quotes", spans)
        if document.attributes.get("parent") in gone:
            yield Reply(document.id, "answers")
        elif document.attributes.get("thread") in threads:
            yield Reply(document.id, "same thread")


def _with_originals(corpus: Corpus, case_id: str, older: Iterable[Document], left: Left) -> Corpus:
    """The corpus with a tombstone of the original texts too."""
    erased = {document.id for document in left.erased}
    pairs = frozenset((d.id, d.sha256) for d in older if d.id in erased)
    now_there = {name: corpus.document(name).sha256 for name in left.blotted}
    moves = frozenset((d.id, d.sha256, now_there[d.id]) for d in older if d.id in now_there)
    stones = tuple(
        dataclasses.replace(s, documents=s.documents | pairs, replaced=s.replaced | moves)
        if s.case_id == case_id
        else s
        for s in corpus.withdrawn
    )
    return dataclasses.replace(corpus, withdrawn=stones)


def _of_nobody_else(left: Left) -> set[str]:
    """The files from which only texts were read that are gone."""
    return {d.source for d in left.erased} - {d.source for d in left.corpus}


def _sources(documents: Iterable[Document], key: Key | None) -> tuple[str, ...]:
    """The files of the participant, by their own names where the key knows them."""
    names = {} if key is None else key.files
    files = {names.get(d.source, d.source) for d in documents}
    files |= {d.picture.path for d in documents if d.picture and d.picture.path}
    return tuple(sorted(files - {""}))


def _run(left: Left) -> Run:
    texts, shared = len(left.erased), len(left.blotted)
    summary = f"a participant withdrew: {texts} documents were removed"
    if shared:
        summary += f", and the participant's words were blotted out in {shared} that others share"
    settings = {"documents": texts, "shared": shared}
    return new_run("withdraw", summary, inputs=[left.corpus.fingerprint], settings=settings)
