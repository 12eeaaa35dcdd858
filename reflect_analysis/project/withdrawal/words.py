"""A person's words where they stand in other people's writing: memos, reasons, evidence.

A run of six words of a deleted text, a short sentence of it as a whole, or a passage between
quotation marks, is blotted out. Fewer words stand in any text by chance: these are left.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

__all__ = ["BLOT", "Quotes", "blotted_out"]

BLOT = "█"
_WORD = re.compile(r"\w+(?:['’]\w+)*")
_SENTENCE_ENDS = re.compile(r"[.!?…\n]+")
_MARKED = re.compile(r"“([^“”]+)”|\"([^\"]+)\"|«([^«»]+)»|‘([^‘’]+)’(?!\w)|'([^']+)'(?!\w)")
_RUN = 6  # words that no two texts share by chance
_SENTENCE = 4  # a sentence of so many words is known as a whole
_PHRASE = 3  # and a passage that somebody marked as quoted

Words = tuple[str, ...]


class _Word(NamedTuple):
    start: int
    end: int
    text: str


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
        self._texts: list[str] = []

    def __bool__(self) -> bool:
        return bool(self._texts)

    def add(self, text: str) -> None:
        """Learn the words of a text."""
        words = tuple(word.text for word in _words(text))
        if not words:
            return
        self._texts.append(_joined(words))
        self._learn(words, _RUN)
        for sentence in _SENTENCE_ENDS.split(text):
            found = tuple(word.text for word in _words(sentence))
            if _SENTENCE <= len(found) < _RUN:
                self._learn(found, len(found))

    def with_phrase(self, phrase: str) -> Quotes:
        """The same, and a phrase of at least two words that is known as a whole."""
        wider = Quotes()
        wider._texts = list(self._texts)
        wider._runs = {length: set(runs) for length, runs in self._runs.items()}
        words = tuple(word.text for word in _words(phrase))
        if len(words) > 1:
            wider._texts.append(_joined(words))
            wider._learn(words, len(words))
        return wider

    def _learn(self, words: Words, length: int) -> None:
        runs = (words[place : place + length] for place in range(len(words) - length + 1))
        self._runs.setdefault(length, set()).update(runs)

    def holds(self, phrase: str) -> bool:
        """Whether a phrase of at least three words stands in one of the texts, word for word."""
        words = tuple(word.text for word in _words(phrase))
        if len(words) < _PHRASE:
            return False
        wanted = _joined(words)
        return any(wanted in text for text in self._texts)

    def blot(self, text: str) -> str:
        """A text without what is quoted in it; the same text where nothing is."""
        if not self._texts or not text:
            return text
        if self.holds(text):
            return BLOT * len(text)
        spans = [*self._running(text), *self._marked(text)]
        return blotted_out(text, spans) if spans else text

    def _running(self, text: str) -> Iterator[tuple[int, int]]:
        words = list(_words(text))
        plain = tuple(word.text for word in words)
        for length, runs in self._runs.items():
            for place in range(len(plain) - length + 1):
                if plain[place : place + length] in runs:
                    yield words[place].start, words[place + length - 1].end

    def _marked(self, text: str) -> Iterator[tuple[int, int]]:
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


def _words(text: str) -> Iterator[_Word]:
    for found in _WORD.finditer(text):
        yield _Word(found.start(), found.end(), found[0].casefold().replace("’", "'"))


def _joined(words: Words) -> str:
    """Words with a blank on each side, so that a part of a word is not found."""
    return f" {' '.join(words)} "
