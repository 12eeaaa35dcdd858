"""What the tombstones of a study know: which texts are those of the withdrawn.

A row is judged (`judging`) by the tombstones and by itself alone, never by what else happens to
be there: so copies of a study can be joined in any order. The texts of the withdrawn are learned
first, from the rows of documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reflect_analysis._rows import Attributes
from reflect_analysis.corpus import Document, Tombstone
from reflect_analysis.disclosure.withdrawal import (
    BLOT,
    LINKS,
    Move,
    Pair,
    Prompts,
    Quotes,
    Span,
    blots,
    blotted_out,
    has_many_words,
    words_of,
)
from reflect_analysis.project.rows import Row, as_json, document_of, from_json
from reflect_analysis.project.withdrawal.transcripts import (
    holds,
    is_shared,
    pair_of,
    spans_of,
    turns_of,
)
from reflect_analysis.provenance import text_hash

__all__ = ["Burial"]


class Burial:
    """All that the tombstones of a study say about rows.

    Parameters
    ----------
    stones : mapping of str to Tombstone
        By case.
    moves : iterable of (str, str, str)
        Document, old and new hash of texts that were blotted out before.
    texts : mapping of (str, str) to str
        Those texts, by document and new hash.

    Attributes
    ----------
    erased : set of (str, str)
        Document and hash of the texts that go.
    spans : dict
        Where the words of the withdrawn stand in shared texts, by document and hash.
    quotes : Quotes
        The words that were heard last.
    found : set of (str, str)
        The texts that were learned and that no tombstone lists yet.
    moved : set of (str, str, str)
        The texts that were blotted out while learning.
    codings : set of str
        Ids of the codings that went, for the decisions on them.
    """

    def __init__(
        self,
        stones: Mapping[str, Tombstone],
        moves: Iterable[Move] = (),
        texts: Mapping[Pair, str] | None = None,
    ) -> None:
        self.stones = dict(stones)
        self.erased = {pair for stone in stones.values() for pair in stone.documents}
        self.spans: dict[Pair, set[Span]] = {}
        self.quotes = Quotes()
        self.found: set[Pair] = set()
        self.moved: set[Move] = set()
        self.codings: set[str] = set()
        self._prompts = Prompts(())
        self._answers: dict[str, str] = {}
        self._texts: dict[Pair, str] = dict(texts or {})
        self._moves = {(document, old): new for document, old, new in moves}

    @property
    def documents(self) -> frozenset[str]:
        """Ids of the documents of which a text was deleted or blotted out."""
        pairs = (*self.erased, *self._moves, *self._texts)
        return frozenset(document for document, _ in pairs)

    # ── learning ──

    def learn(self, documents: Iterable[Row]) -> None:
        """Learn which texts are those of the withdrawn, from rows of documents."""
        rows = list(documents)
        for row in rows:
            self._learn_owned(row)
        hashes = {text_hash for _, text_hash in self.erased}
        for row in rows:
            if row["text_hash"] in hashes and row["case_id"] is None:
                self._learn_unascribed(row)
        for row in rows:
            if pair_of(row) not in self.erased:
                self._learn_blots(row)
        self.listen(rows)

    def listen(self, documents: Iterable[Row]) -> None:
        """Hear the words of the withdrawn in the documents of one copy, and forget all others.

        Only who has a text quotes it. Which words are looked for in a copy does not depend on the
        copies with which it is joined, else the order of these would matter. A whole text is known
        by the tombstones, which all copies share in the end.
        """
        self.quotes = Quotes()
        gone: list[Document] = []
        for row in documents:
            if pair_of(row) in self.erased:
                self.quotes.add(row["text"])
                gone.append(document_of(row))
            elif spans := self.spans.get(pair_of(row)):
                gone.append(words_of(document_of(row), spans))
            for start, end in self.spans.get(pair_of(row), ()):
                self.quotes.add(row["text"][start:end])
        # A text that is in no copy any more is known by its hash.
        hashes = frozenset(text_hash for _, text_hash in self.erased)
        self._prompts = Prompts(gone, hashes, self._renewed())
        self._answers = {}

    def _renewed(self) -> dict[str, str]:
        """What is left of shared texts, by the hash of each text that they were."""
        left = {
            old: self._texts.get((document, self.hash_now(document, old) or ""))
            for document, old in self._moves
        }
        return {old: text for old, text in left.items() if text is not None}

    def _learn_owned(self, row: Row) -> None:
        pair = pair_of(row)
        for case_id, stone in self.stones.items():
            if pair in stone.spared or not holds(row, case_id):
                continue
            if is_shared(row, case_id):
                self.spans.setdefault(pair, set()).update(spans_of(row, case_id))
            else:
                self._erase(pair)

    def _learn_unascribed(self, row: Row) -> None:
        """The same text, word for word, of nobody known: no two people write so by chance."""
        if not turns_of(row) and has_many_words(row["text"]):
            self._erase(pair_of(row))

    def _erase(self, pair: Pair) -> None:
        if pair not in self.erased:
            self.erased.add(pair)
            self.found.add(pair)

    def _learn_blots(self, row: Row) -> None:
        pair, text = pair_of(row), row["text"]
        known = self._texts.get((pair[0], self._moves.get(pair, "")))
        if known is not None and len(known) == len(text):
            self.spans.setdefault(pair, set()).update(blots(known))
        if pair not in self.spans:
            return
        new = blotted_out(text, self.spans[pair])
        after = text_hash(new)
        if after != pair[1]:
            self._texts[pair[0], after] = new
            self._moves[pair] = after
            self.moved.add((*pair, after))

    # ── asked by those who judge ──

    def is_erased(self, document_id: str) -> bool:
        """Whether a text of a document was deleted."""
        return any(document == document_id for document, _ in self.erased)

    def is_gone(self, document_id: str, start: int, end: int) -> bool:
        """Whether a passage is the words of a person who withdrew."""
        texts = (text for (document, _), text in self._texts.items() if document == document_id)
        return self.is_erased(document_id) or any(BLOT in text[start:end] for text in texts)

    def hash_now(self, document_id: str, text_hash: str) -> str | None:
        """The hash that a text has now; `None` if it was deleted."""
        pair = document_id, text_hash
        while pair not in self.erased and pair in self._moves:
            pair = document_id, self._moves[pair]
        return None if pair in self.erased else pair[1]

    def cleared_now(self, text_hash: str) -> str:
        """The same, of whatever document."""
        by_hash: dict[str, str] = {}
        for (_, old), new in sorted(self._moves.items()):
            by_hash.setdefault(old, new)
        while text_hash in by_hash:
            text_hash = by_hash[text_hash]
        return text_hash

    def without_prompts(self, row: Row) -> Row:
        """A reply without what its cells repeat of the texts that go; itself where none does."""
        about = row["about"]
        # The cheap question first: most documents answer nothing.
        if not self._prompts or not any(f'"{name}":' in about for name in LINKS):
            return row
        # Asked when the caches are looked through, and again when the rows are written.
        if about not in self._answers:
            self._answers[about] = self._without_prompts(about)
        after = self._answers[about]
        return row if after == about else {**row, "about": after}

    def _without_prompts(self, about: str) -> str:
        told = from_json(about)
        before = Document("", "", attributes=Attributes(told["attributes"]))
        after = self._prompts.without(before)
        if after is before:
            return about
        return as_json({**told, "attributes": dict(after.attributes)})

    def passage(self, document_id: str, text_hash: str, start: int | None, end: int | None) -> str:
        """What stands at a place of a text that was blotted out; empty for any other text."""
        text = self._texts.get((document_id, text_hash))
        return "" if text is None or start is None else text[start:end]
