"""A corpus without what the withdrawn left: the same for an act of today and for old files.

A text of theirs goes, and with it what stands of it as a prompt beside the replies. In a text
that others share their turns are blotted out, sign for sign. A shared text that comes back
without its speakers goes as a whole: nobody can tell any more which words are whose.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reflect_analysis._rows import Attributes
from reflect_analysis.corpus import Clearance, Corpus, Document, Omission, Tombstone
from reflect_analysis.disclosure.withdrawal.cells import hashes_of_cell, is_title, may_quote
from reflect_analysis.disclosure.withdrawal.turns import (
    Span,
    has_many_words,
    is_shared,
    spans_of,
    without_speakers,
)
from reflect_analysis.disclosure.withdrawal.words import RUN, Quotes, blotted_out

__all__ = ["LINKS", "Left", "Prompts", "joined", "leave_out", "words_of"]

# The columns by which a reply names what it answers.
LINKS = ("parent", "thread")
_FEWEST = 3  # words of a cell that can be somebody's whole text

_WITHDREW = "its participant withdrew"
_MISTAKEN = "ascribed by mistake to a participant who withdrew; name whose it is"
_UNTOLD = "a participant who withdrew speaks in it, and nothing tells in which turns"


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a corpus, and what is not.

    Parameters
    ----------
    corpus : Corpus
        With the tombstones in `Corpus.withdrawn`.
    erased : tuple of Document
        As they were.
    blotted : mapping of str to (Document, frozenset of (int, int))
        Shared documents as they were, with the spans that were blotted out.
    """

    corpus: Corpus
    erased: tuple[Document, ...]
    blotted: Mapping[str, tuple[Document, frozenset[Span]]]


def joined(*groups: Iterable[Tombstone]) -> tuple[Tombstone, ...]:
    """Tombstones by case, each joined with what else is known of that person."""
    stones: dict[str, Tombstone] = {}
    for stone in (stone for group in groups for stone in group):
        known = stones.get(stone.case_id)
        stones[stone.case_id] = stone if known is None else known | stone
    return tuple(stones.values())


def leave_out(
    corpus: Corpus, stones: Iterable[Tombstone], *, elsewhere: Iterable[Document] = ()
) -> Left:
    """Leave out all that the withdrawn left in a corpus.

    Parameters
    ----------
    corpus : Corpus
    stones : iterable of Tombstone
        Beside those that the corpus has.
    elsewhere : iterable of Document
        Texts that go with another part of the same material: what stands of them beside replies
        of this part goes too.

    Returns
    -------
    Left
        Its corpus lists each text that went in `Corpus.omissions`. A second time changes nothing.
    """
    known = joined(corpus.withdrawn, stones)
    work = _Burial(corpus, known)
    judged = [new for document in corpus if (new := work.judged(document)) is not None]
    words = (words_of(document, spans) for document, spans in work.blotted.values())
    renewed = _renewed(work.stones(), judged)
    prompts = Prompts([*work.erased, *words, *elsewhere], work.hashes, renewed)
    kept = tuple(map(prompts.without, judged))
    gone = frozenset(stone.case_id for stone in known)
    left = dataclasses.replace(
        corpus,
        documents=kept,
        cases=tuple(case for case in corpus.cases if case.id not in gone),
        clearances=tuple(work.clearances(kept)),
        omissions=(*corpus.omissions, *work.omissions),
        withdrawn=work.stones(),
    )
    return Left(left, tuple(work.erased), work.blotted)


def words_of(document: Document, spans: Iterable[Span]) -> Document:
    """A shared document with a person's words alone, so that they are found beside replies."""
    own = "\n".join(document.text[start:end] for start, end in sorted(spans))
    return dataclasses.replace(document, text=own, turns=())


def _renewed(stones: Iterable[Tombstone], kept: Iterable[Document]) -> dict[str, str]:
    """What is left of shared texts, by the hash of each text that they were."""
    before: dict[tuple[str, str], list[str]] = {}
    for document_id, old, new in {move for stone in stones for move in stone.replaced}:
        before.setdefault((document_id, new), []).append(old)
    ids = {document_id for document_id, _ in before}
    found: dict[str, str] = {}
    for document in kept:
        waiting = [document.sha256] if document.id in ids else []
        while waiting:
            olds = before.pop((document.id, waiting.pop()), [])
            found |= dict.fromkeys(olds, document.text)
            waiting += olds
    return found


class _Burial:
    """What tombstones say of each document of a corpus, and what was done to it."""

    def __init__(self, corpus: Corpus, stones: tuple[Tombstone, ...]) -> None:
        self.corpus = corpus
        self.known = {stone.case_id: stone for stone in stones}
        self.erased: list[Document] = []
        self.blotted: dict[str, tuple[Document, frozenset[Span]]] = {}
        self.omissions: list[Omission] = []
        self._pairs = {pair for stone in stones for pair in stone.documents}
        self._pairs |= {(d.id, d.sha256) for d in corpus if self._is_own(d)}
        self.hashes = frozenset(sha256 for _, sha256 in self._pairs)
        self._moves = {move[:2]: move[2] for stone in stones for move in stone.replaced}
        self._new: dict[str, tuple[str, str]] = {}

    def _named(self, document: Document) -> list[str]:
        """The withdrawn to whom a document, or a turn of it, is ascribed."""
        mentioned = {document.case_id, *(turn.case_id for turn in document.turns)}
        return [case_id for case_id in self.known if case_id in mentioned]

    def _holders(self, document: Document) -> list[str]:
        """Those of them whose words it holds: a mistake that was mended is no such thing."""
        pair = document.id, document.sha256
        return [c for c in self._named(document) if pair not in self.known[c].spared]

    def _is_own(self, document: Document) -> bool:
        return any(not is_shared(document.turns, c) for c in self._holders(document))

    def judged(self, document: Document) -> Document | None:
        """What is left of a document: itself, another one, or nothing."""
        pair = document.id, document.sha256
        unascribed = document.case_id is None and not document.turns
        copied = unascribed and document.sha256 in self.hashes and has_many_words(document.text)
        if pair in self._pairs or copied:
            self._omit(document, _WITHDREW)
            return None
        holders = self._holders(document)
        if holders:
            return self._blotted(document, holders)
        if self._named(document):
            self._list(document, _MISTAKEN)
            return None
        if pair not in self._moves:
            return document
        self._omit(document, _UNTOLD)
        return None

    def _omit(self, document: Document, reason: str) -> None:
        self.erased.append(document)
        self._list(document, reason)

    def _list(self, document: Document, reason: str) -> None:
        words = len(document.text.split())
        self.omissions.append(Omission(document.source, document.place, reason, words))

    def _blotted(self, document: Document, holders: list[str]) -> Document:
        spans: set[Span] = set()
        for case_id in holders:
            spans |= spans_of(document.text, document.turns, case_id, owner=document.case_id)
        text = blotted_out(document.text, spans)
        new = dataclasses.replace(
            document,
            text=text,
            turns=without_speakers(document.turns, text, self.known.keys()),
            case_id=None if document.case_id in self.known else document.case_id,
        )
        self.blotted[document.id] = document, frozenset(spans)
        self._new[document.id] = document.sha256, new.sha256
        return new

    def clearances(self, kept: Iterable[Document]) -> Iterable[Clearance]:
        """The word of who read a whole text holds for what is left of it."""
        now = dict(self._new.values())
        there = {document.sha256 for document in kept}
        gone = {document.sha256 for document in self.erased} - there
        for row in self.corpus.clearances:
            if row.sha256 not in gone:
                yield dataclasses.replace(row, sha256=now.get(row.sha256, row.sha256))

    def stones(self) -> tuple[Tombstone, ...]:
        """The tombstones, with the texts that were met."""
        met = frozenset((d.id, d.sha256) for d in self.erased)
        moves = frozenset((document, *pair) for document, pair in self._new.items())
        return tuple(
            dataclasses.replace(s, documents=s.documents | met, replaced=s.replaced | moves)
            for s in self.known.values()
        )


class Prompts:
    """What stands beside replies of the texts that went; learned once for each group of them.

    A text that is deleted everywhere is known by its hash alone, and as a whole alone.

    Parameters
    ----------
    gone : iterable of Document
        The texts that went, in each wording that is known; of a shared one `words_of`.
    hashes : frozenset of str
        Of all texts that went, known or not.
    renewed : mapping of str to str
        What is left of shared texts, by the hash of what they were.
    """

    def __init__(
        self,
        gone: Iterable[Document],
        hashes: frozenset[str] = frozenset(),
        renewed: Mapping[str, str] | None = None,
    ) -> None:
        self._gone = tuple(gone)
        self._hashes = hashes
        self._renewed = dict(renewed or {})
        self._whole: dict[str, str] = {}
        self._by_link: dict[Any, list[int]] = {}
        for place, document in enumerate(self._gone):
            for link in {document.id, document.attributes.get("thread")} - {None, ""}:
                self._by_link.setdefault(link, []).append(place)
        self._near: dict[frozenset[Any], _Near] = {}
        self._learned: dict[frozenset[int], _Near] = {}

    def __bool__(self) -> bool:
        return bool(self._hashes or self._by_link or self._renewed)

    def without(self, document: Document) -> Document:
        """A reply without what its prompt, or another cell, repeats of texts that went."""
        links = frozenset(document.attributes.get(name) for name in LINKS) - {None, ""}
        if not links or not self:
            return document
        cells = dict(document.attributes)
        words = self._words_near(links)
        for name, value in document.attributes.items():
            if isinstance(value, str) and may_quote(name, value) and len(value.split()) >= _FEWEST:
                cells[name] = words.blot(self._without_whole(value), is_title=is_title(name))
        if cells == dict(document.attributes):
            return document
        return dataclasses.replace(document, attributes=Attributes(cells))

    def _words_near(self, links: frozenset[Any]) -> _Near:
        # Asked for every reply: a thread has many, and is looked through once.
        if (near := self._near.get(links)) is None:
            places = frozenset(place for link in links for place in self._by_link.get(link, ()))
            if (near := self._learned.get(places)) is None:
                near = self._learned[places] = _Near(self._gone[each] for each in sorted(places))
            self._near[links] = near
        return near

    def _without_whole(self, value: str) -> str:
        """A cell that is a text that went, or was a shared one, word for word, without it."""
        known = self._whole.get(value)
        if known is None:
            known = self._whole[value] = self._left_of(value)
        return known

    def _left_of(self, value: str) -> str:
        hashes = hashes_of_cell(value) if has_many_words(value) else ()
        if not self._hashes.isdisjoint(hashes):
            return blotted_out(value, [(0, len(value))])
        return next((self._renewed[each] for each in hashes if each in self._renewed), value)


class _Near:
    """Texts that went beside the same replies, and what stood beside these texts.

    All wordings of a text count as one: a prompt that was corrected meanwhile stood beside each.
    """

    def __init__(self, gone: Iterable[Document]) -> None:
        self._words = Quotes()
        self._beside: dict[str, set[str]] = {}
        self._texts: dict[str, set[str]] = {}
        self._same: set[str] = set()
        for document in gone:
            self._add(document)
        self._told: dict[tuple[str, bool], str] = {}

    def _add(self, document: Document) -> None:
        texts = self._texts.setdefault(document.id, set())
        if document.text not in texts:
            texts.add(document.text)
            self._same.add(_plain(document.text))
            self._words.add(document.text)
        for value in document.attributes.values():
            if isinstance(value, str):
                self._beside.setdefault(value, set()).add(document.id)

    def blot(self, value: str, *, is_title: bool) -> str:
        """A cell without their words; a study's prompt stays."""
        known = self._told.get((value, is_title))
        if known is not None:
            return known
        if is_title and any(_begins(texts, value) for texts in self._texts.values()):
            new = blotted_out(value, [(0, len(value))])  # as a forum takes it from the first words
        else:
            new = self._blotted(value)
            new = value if new != value and self._is_of_the_study(value) else new
        self._told[value, is_title] = new
        return new

    def _blotted(self, value: str) -> str:
        """Few words stand in any text by chance: they go where they are all that one says."""
        if len(value.split()) >= RUN:
            return self._words.blot(value)
        return blotted_out(value, [(0, len(value))]) if _plain(value) in self._same else value

    def _is_of_the_study(self, value: str) -> bool:
        """Whether a cell stood beside a text that went as its prompt, and was nobody's text.

        Who writes may repeat the prompt, so that a part of the text beside which it stands tells
        nothing. The prompt of an answer in one's own thread is a text of one's own.
        """
        if value not in self._beside:
            return False
        held, others = Quotes(), Quotes()
        held.add(value)
        for document_id, texts in self._texts.items():
            if any(map(held.holds, texts)):
                return False
            for text in texts if document_id not in self._beside[value] else ():
                others.add(text)
        return not others.find(value)


def _begins(texts: Iterable[str], value: str) -> bool:
    """Whether a text begins with a cell, which may be cut short by dots."""
    cut = _plain(value).rstrip(".… ")
    return any(_plain(text).startswith(cut) for text in texts)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
