"""A text as words with what stands around them: what the recognisers of names look at.

Any language; where the text was parsed, a word also has its tag and the entity that it is in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from reflect_analysis.anonymity.wordlists import fold, lists

__all__ = ["Word", "listed_phrases", "words_of"]

_WORD = re.compile(r"[^\W\d_]+(?:['’‘‑-][^\W\d_]+)*")
_ELIDED = re.compile(r"(?i)^(?:l|d|j|qu|n|s|m|t|c)['’](?=\w{2})")
_POSSESSIVE = re.compile(r"['’‘]s$", re.IGNORECASE)
_ENDS = re.compile(r"[.!?:;•…\n“”\"«»*#>|]")
_TITLES = frozenset(["mr", "mrs", "ms", "dr", "mx", "st", "ste", "prof", "mme", "mlle", "m", "rev"])
_PART = re.compile(r"[^\W\d_]+")
_LONGEST_PHRASE = 6
# No word is longer: a run of letters beyond it is garbled, and is passed over at once.
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Word:
    """One word and what touches it.

    Parameters
    ----------
    text, low : str
        As written and folded, both without a possessive ending.
    start, end : int
        Half-open code points.
    gap : str
        What stands between the word before and this one.
    begins : bool
        Whether a sentence, a line or a quotation begins with it.
    owns : bool
        Whether it is a possessive.
    tag : str
        Penn tag, or an empty string.
    entity : str
        Label of the entity that it is in, or an empty string.
    """

    text: str
    low: str
    start: int
    end: int
    gap: str
    begins: bool
    owns: bool
    tag: str = ""
    entity: str = ""

    @property
    def capital(self) -> bool:
        """Whether its first letter is a capital."""
        return self.text[0].isupper()

    @property
    def shouted(self) -> bool:
        """Whether all its letters are capitals."""
        return len(self.text) > 1 and self.text.isupper()


def words_of(text: str, parsed: Any = None, *, elided: bool = False) -> list[Word]:
    """The words of a text.

    Parameters
    ----------
    text : str
    parsed : Parse, optional
        Of the same text.
    elided : bool
        Whether *l'* and *d'* before a word are taken off, as in French.
    """
    tags = _tags(parsed)
    labels = _labels(parsed)
    found: list[Word] = []
    before = 0
    for match in _matches(text):
        start, end = match.span()
        cut = _ELIDED.match(match[0]) if elided else None
        start += cut.end() if cut else 0
        owner = _POSSESSIVE.search(text, start, end)
        end = owner.start() if owner else end
        gap = text[before:start]
        word = text[start:end]
        found.append(
            Word(
                *(word, fold(word), start, end, gap),
                _begins(found, gap),
                owner is not None,
                tags.get(start, ""),
                labels.get(start, ""),
            )
        )
        before = match.end()
    return found


def _matches(text: str) -> Iterator[re.Match[str]]:
    """Words as they are written; a chain of many is taken apart, a garbled run left out."""
    for match in _WORD.finditer(text):
        if match.end() - match.start() <= _LONGEST:
            yield match
        else:
            parts = _PART.finditer(text, *match.span())
            yield from (part for part in parts if part.end() - part.start() <= _LONGEST)


def _begins(before: list[Word], gap: str) -> bool:
    if not before:
        return True
    last = before[-1]
    if gap.startswith(".") and (last.low in _TITLES or (len(last.text) == 1 and last.capital)):
        gap = gap[1:]
    return bool(_ENDS.search(gap))


def _tags(parsed: Any) -> dict[int, str]:
    if parsed is None or not hasattr(parsed, "tags"):
        return {}
    return dict(zip(parsed.starts, parsed.tags, strict=True))


def _labels(parsed: Any) -> dict[int, str]:
    """The label of the entity at each code point where a word may begin."""
    found: dict[int, str] = {}
    for start, end, label in getattr(parsed, "entities", ()):
        found.update(dict.fromkeys(range(start, end), label))
    return found


def listed_phrases(words: list[Word]) -> Iterator[tuple[int, int]]:
    """Ranges of words, two or more, that a list of what is no finding holds; the longest first."""
    others = lists().others
    lows = [word.low for word in words]
    place = 0
    while place < len(words):
        length = next(
            (n for n in range(_LONGEST_PHRASE, 1, -1) if _phrase(lows, place, n) in others), 0
        )
        if length and any(word.capital for word in words[place : place + length]):
            yield place, place + length
            place += length
        else:
            place += 1


def _phrase(lows: list[str], first: int, length: int) -> str:
    return " ".join(lows[first : first + length]) if first + length <= len(lows) else ""
