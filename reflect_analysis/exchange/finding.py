"""A quote found again in the text it was taken from, or the reason why not.

People copy quotes into spreadsheets, and the spreadsheet changes them: quotation marks curl,
dashes shrink, line breaks go. So a quote is looked for as it stands, then without regard to
such things, then without blanks and hyphens at all. It counts as found only where exactly one
place in the texts has it: which of two was meant is for a person to say.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal

from reflect_analysis.corpus import Document

__all__ = ["How", "Place", "Texts"]

How = Literal["exact", "normalised", "letters", ""]
_Hit = tuple[int, int, int]  # number of the document, and span there
_BETWEEN = "\x00"
_MOST_PLACES = 100
_SHORTEST = 3  # letters; less is found everywhere
_MARKS = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´ʼ", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
    }
)
_WRAPPED = re.compile(r"^[\s\"'.…\[\]()]+|[\s\"'…\[\]()]+$|\s*\.{2,}$")
_CUT_OUT = re.compile(
    r"\[\s*(?:\.\.\.|…)\s*\]|\(\s*(?:\.\.\.|…)\s*\)|(?<=\S)\s*(?:\.\.\.|…)\s*(?=\S)"
)
_WORD = re.compile(r"\w+")
_GONE = re.compile(r"[\s-]")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a quote was found, or why it was not.

    Parameters
    ----------
    document_id : str
        Empty where it was not found in exactly one place.
    start, end : int
        Code points.
    how : {"exact", "normalised", "letters", ""}
    places : int
        In how many places it stands; at most 100 are counted.
    reason : str
    """

    document_id: str = ""
    start: int = -1
    end: int = -1
    how: How = ""
    places: int = 0
    reason: str = ""


@cache
def _normal_character(character: str) -> str:
    if character.isspace():
        return " "
    # Case folding may make a letter of several parts, and so may the parts: in both orders.
    plain = unicodedata.normalize("NFKD", character.translate(_MARKS)).casefold()
    return unicodedata.normalize("NFKD", plain).translate(_MARKS)


def _letters_character(character: str) -> str:
    return _GONE.sub("", _normal_character(character))


def _same(character: str) -> str:
    return character


class _Joined:
    """All texts as one, each character changed, with the way back."""

    def __init__(self, documents: Sequence[Document], change: Callable[[str], str]) -> None:
        self.documents, self.change = documents, change
        pieces: list[str] = []
        self.origin = array("q")  # per changed character, the place in all texts joined
        self.begins: list[int] = []
        at = 0
        for document in documents:
            self.begins.append(at)
            self._take(f"{document.text}{_BETWEEN}", at, pieces)
            at += len(document.text) + 1
        self.text = "".join(pieces)

    def _take(self, text: str, at: int, pieces: list[str]) -> None:
        if self.change is _same:
            pieces.append(text)
            return
        blank = True
        for index, character in enumerate(text, start=at):
            new = self.change(character)
            if new == " " and blank:
                continue
            blank = new == " " if new else blank
            pieces.append(new)
            self.origin.extend([index] * len(new))

    def hits(self, quote: str, within: tuple[int, int] | None) -> Iterator[tuple[int, int, int]]:
        """Number of the document, and span there, of each place."""
        low, high = within or (0, len(self.text))
        at = self.text.find(quote, low, high)
        while at >= 0:
            first, last = self._back(at), self._back(at + len(quote) - 1)
            number = bisect_right(self.begins, first) - 1
            begin = self.begins[number]
            yield number, first - begin, last + 1 - begin
            at = self.text.find(quote, at + 1, high)

    def _back(self, place: int) -> int:
        return place if self.change is _same else self.origin[place]

    def bounds(self, number: int) -> tuple[int, int]:
        """Where the changed text of a document begins and ends."""
        first = self.begins[number]
        last = first + len(self.documents[number].text)
        if self.change is _same:
            return first, last
        return bisect_left(self.origin, first), bisect_left(self.origin, last)


class Texts:
    r"""The texts in which quotes are looked for.

    Parameters
    ----------
    documents : iterable of Document

    Examples
    --------
    >>> texts = Texts([Document("R1", "She said: “We are still\nhere.”"), Document("R2", "Here.")])
    >>> texts.find('"We are  still here."')
    Place(document_id='R1', start=11, end=29, how='normalised', places=1, reason='')
    >>> texts.find("HERE").reason
    'it stands in 2 places'
    """

    def __init__(self, documents: Iterable[Document]) -> None:
        self.documents = tuple(documents)
        self._numbers = {document.id: n for n, document in enumerate(self.documents)}
        self._joined: dict[How, _Joined] = {}

    def find(self, quote: str, document_id: str = "") -> Place:
        """The one place of a quote.

        Parameters
        ----------
        quote : str
        document_id : str
            Where it is known; else all texts are looked through.
        """
        plain = _unwrapped("".join(map(_normal_character, quote)))
        if len(_letters(plain)) < _SHORTEST:
            return Place(reason="fewer than 3 letters; too short to be found again")
        tries: tuple[tuple[How, str], ...] = (
            ("exact", quote.strip()),
            ("normalised", plain),
            ("letters", _letters(plain)),
        )
        in_words: tuple[How, list[_Hit]] | None = None
        for how, wanted in tries:
            found = self._places(how, wanted, self._candidates(how, plain, document_id))
            if whole := [hit for hit in found if self._at_words(*hit)]:
                return self._one(how, whole)
            if found and in_words is None:
                in_words = how, found
        if in_words is not None:
            return self._one(*in_words)
        where = f"in document {document_id!r}" if document_id else "in any text"
        if _CUT_OUT.search(quote):
            return Place(reason=f"not {where} as one passage: words were left out of it (…)")
        return Place(reason=f"not {where}")

    def _one(self, how: How, found: Sequence[_Hit]) -> Place:
        if len(found) > 1:
            more = " or more" if len(found) >= _MOST_PLACES else ""
            return Place(places=len(found), reason=f"it stands in {len(found)}{more} places")
        number, start, end = found[0]
        return Place(self.documents[number].id, start, end, how, 1)

    def _at_words(self, number: int, start: int, end: int) -> bool:
        text = self.documents[number].text
        before = start > 0 and text[start - 1].isalnum() and text[start].isalnum()
        after = end < len(text) and text[end - 1].isalnum() and text[end].isalnum()
        return not (before or after)

    def _candidates(self, how: How, plain: str, document_id: str) -> Iterable[int] | None:
        """Numbers of the documents that may hold a quote; `None` where every one may."""
        if document_id:
            return (self._numbers[document_id],)
        words = _WORD.findall(plain)[1:-1]  # the first and the last may be cut
        if how == "letters" or not words:
            return None
        holding = [self._index.get(word, frozenset()) for word in words]
        return sorted(frozenset.intersection(*holding))

    @cached_property
    def _index(self) -> dict[str, frozenset[int]]:
        """By word, the documents that have it: a long quote is looked for in few texts."""
        found: dict[str, set[int]] = {}
        joined = self._in("normalised")
        for number in range(len(self.documents)):
            for word in set(_WORD.findall(joined.text[slice(*joined.bounds(number))])):
                found.setdefault(word, set()).add(number)
        return {word: frozenset(numbers) for word, numbers in found.items()}

    def _places(self, how: How, wanted: str, numbers: Iterable[int] | None) -> list[_Hit]:
        joined = self._in(how)
        spans = [None] if numbers is None else map(joined.bounds, numbers)
        hits = (hit for span in spans for hit in joined.hits(wanted, span))
        return list(itertools.islice(hits, _MOST_PLACES))

    def _in(self, how: How) -> _Joined:
        changes: dict[How, Callable[[str], str]] = {
            "exact": _same,
            "normalised": _normal_character,
            "letters": _letters_character,
        }
        if how not in self._joined:
            self._joined[how] = _Joined(self.documents, changes[how])
        return self._joined[how]


def _unwrapped(plain: str) -> str:
    """A quote without the marks and dots around it, and with single blanks."""
    bare = " ".join(plain.split())
    while (shorter := _WRAPPED.sub("", bare)) != bare:
        bare = shorter
    return bare


def _letters(plain: str) -> str:
    return _GONE.sub("", plain)
