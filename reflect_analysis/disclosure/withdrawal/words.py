"""A person's words where they stand in other people's writing: memos, reasons, evidence.

A run of six words of a deleted text, a short sentence of it as a whole, or a passage between
quotation marks, is blotted out. Fewer words stand in any text by chance: these are left.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

__all__ = ["BLOT", "RUN", "Quotes", "blotted_out"]

BLOT = "█"
_WORD = re.compile(r"\w+(?:['’]\w+)*")
_SENTENCE_ENDS = re.compile(r"[.!?…\n]+")
_MARKED = re.compile(r"“([^“”]+)”|\"([^\"]+)\"|«([^«»]+)»|‘([^‘’]+)’(?!\w)|'([^']+)'(?!\w)")
_MARK = re.compile("[“\"«‘']")
RUN = 6  # words that no two texts share by chance
_SENTENCE = 4  # a sentence of so many words is known as a whole
_PHRASE = 3  # and a passage that somebody marked as quoted

Words = tuple[str, ...]


def blotted_out(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """A text with spans blotted out, sign for sign, so that offsets stay true.

    Examples
    --------
    >>> blotted_out("Ana: no. Ben: yes.", [(5, 8)])
    'Ana: ███ Ben: yes.'
    """
    signs = list(text)
    for start, end in spans:
        signs[start:end] = BLOT * (end - start)
    return "".join(signs)


class Quotes:
    """The words of deleted texts, and where they stand in others."""

    def __init__(self) -> None:
        self._runs: dict[int, set[Words]] = {}
        self._beginnings: set[Words] = set()
        self._texts: list[str] = []

    def __bool__(self) -> bool:
        return bool(self._texts)

    def add(self, text: str) -> None:
        """Learn the words of a text."""
        words = _words(text)
        if not words:
            return
        self._texts.append(_joined(words))
        self._beginnings.update(_grams(words, _PHRASE))
        self._learn(words, RUN)
        for sentence in _SENTENCE_ENDS.split(text):
            found = _words(sentence)
            if _SENTENCE <= len(found) < RUN:
                self._learn(found, len(found))

    def with_phrase(self, phrase: str) -> Quotes:
        """The same, and a phrase of at least two words that is known as a whole."""
        wider = Quotes()
        wider._texts = list(self._texts)
        wider._beginnings = set(self._beginnings)
        wider._runs = {length: set(runs) for length, runs in self._runs.items()}
        words = _words(phrase)
        if len(words) > 1:
            wider._texts.append(_joined(words))
            wider._learn(words, len(words))
        return wider

    def _learn(self, words: Words, length: int) -> None:
        self._runs.setdefault(length, set()).update(_grams(words, length))

    def holds(self, phrase: str) -> bool:
        """Whether a phrase of at least three words stands in one of the texts, word for word."""
        return self._stands(_words(phrase))

    def _stands(self, words: Words) -> bool:
        # The cheap question first: of 200,000 texts hardly one begins like a deleted one.
        if words[:_PHRASE] not in self._beginnings:
            return False
        wanted = _joined(words)
        return any(wanted in text for text in self._texts)

    def find(self, text: str) -> tuple[tuple[int, int], ...]:
        """Where a text quotes the deleted ones: disjoint half-open ranges, in their order."""
        if not self._texts or not text:
            return ()
        words = _words(text)
        if self._stands(words):
            return ((0, len(text)),)
        return tuple(_joined_spans([*self._running(text, words), *self._marked(text)]))

    def blot(self, text: str) -> str:
        """A text without what is quoted in it; the same text where nothing is."""
        spans = self.find(text)
        return blotted_out(text, spans) if spans else text

    def _running(self, text: str, words: Words) -> Iterator[tuple[int, int]]:
        """Where a run of words stands that is a deleted text's too."""
        for length, runs in self._runs.items():
            places = [place for place, gram in enumerate(_grams(words, length)) if gram in runs]
            if places:
                found = [match.span() for match in _WORD.finditer(text)]
                yield from ((found[here][0], found[here + length - 1][1]) for here in places)

    def _marked(self, text: str) -> Iterator[tuple[int, int]]:
        if _MARK.search(text):
            for found in _MARKED.finditer(text):
                part = found.lastindex or 0
                if self.holds(found[part]):
                    yield found.span(part)

    def blot_all(self, value: Any) -> Any:
        """A plain value of JSON with all its texts blotted; keys stay."""
        if isinstance(value, str):
            return self.blot(value)
        if isinstance(value, list | tuple):
            return [self.blot_all(each) for each in value]
        if isinstance(value, dict):
            return {key: self.blot_all(each) for key, each in value.items()}
        return value


def _words(text: str) -> Words:
    """The words of a text as they are compared."""
    return tuple([word.casefold().replace("’", "'") for word in _WORD.findall(text)])


def _grams(words: Words, length: int) -> Iterator[Words]:
    return zip(*(words[first:] for first in range(length)), strict=False)


def _joined(words: Words) -> str:
    """Words with a blank on each side, so that a part of a word is not found."""
    return f" {' '.join(words)} "


def _joined_spans(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Ranges in their order, those that overlap as one."""
    first, last = 0, 0
    for start, end in sorted(spans):
        if start > last or last == 0:
            if last:
                yield first, last
            first, last = start, end
        last = max(last, end)
    if last:
        yield first, last
