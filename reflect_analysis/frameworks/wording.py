"""Deficit terms in a report's own words: listed with their place, never changed.

What participants are quoted with is theirs and is not read: neither what stands in quotation
marks nor block quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

__all__ = ["WordingFinding", "check_wording"]

# Within one paragraph; a single closing mark is an apostrophe where a letter follows it.
_QUOTED = re.compile(
    r"“[^”]*”|„[^“”]*[“”]|«[^»]*»|\"[^\"]*\"|(?<!\w)‘.*?’(?!\w)|(?<!\w)'[^']+'(?!\w)|`[^`]*`",
    re.DOTALL,
)
_PARAGRAPH = re.compile(r"(?:[^\n]|\n(?!\s*\n))+")
_BLOCK_QUOTE = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_SENTENCE_END = re.compile(r"[.!?…]+[)\]”\"’]*\s+(?=[^a-z\s])|\n(?=\s*(?:[-*#]|\d+\.)\s)")
_LEFT_OUT = "\N{OBJECT REPLACEMENT CHARACTER}"
_DASH = r"[-\s\u2010\u2011\u2013]?"


@dataclass(frozen=True, slots=True)
class WordingFinding:
    """A deficit term in the report's own words.

    Parameters
    ----------
    term : str
        As the list has it.
    start, end : int
        Half-open code points in the text.
    paragraph, sentence : int
        From 1; the sentence within its paragraph.
    line : int
        From 1.
    context : str
        The sentence, quotes in it left out.
    """

    term: str
    start: int
    end: int
    paragraph: int
    sentence: int
    line: int
    context: str

    def __str__(self) -> str:
        place = f"paragraph {self.paragraph}, sentence {self.sentence} (line {self.line})"
        return f"{place}: {self.term}"


def check_wording(text: str, terms: Iterable[str]) -> tuple[WordingFinding, ...]:
    """List where a text uses deficit terms in its own words.

    Parameters
    ----------
    text : str
        Of the report: plain text or Markdown.
    terms : iterable of str
        Such as ``Framework.terms`` of the equity checklist. Case does not matter, nor whether a
        hyphen or a blank joins two words; the plural in s is found as well.

    Returns
    -------
    tuple of WordingFinding
        In the order of the text. A term in a negation ("not unskilled") is listed too: a person
        reads it.

    Examples
    --------
    >>> text = "Staff are low skilled. One wrote: “They call us unskilled.”"
    >>> [str(found) for found in check_wording(text, ["low-skilled", "unskilled"])]
    ['paragraph 1, sentence 1 (line 1): low-skilled']
    """
    own = _without_quotes(text)
    patterns = [(term, _pattern(term)) for term in dict.fromkeys(terms) if term.strip()]
    found = [
        _finding(text, own, term, match)
        for term, pattern in patterns
        for match in pattern.finditer(own)
    ]
    found.sort(key=lambda each: (each.start, -each.end))
    # A term that lies within a longer one is that one.
    return tuple(
        each
        for number, each in enumerate(found)
        if all(each.start >= before.end for before in found[:number])
    )


def _without_quotes(text: str) -> str:
    """The text with quotes blanked, letter for letter, so that places stay."""
    shorter = _BLOCK_QUOTE.sub(_blank, text)
    return _PARAGRAPH.sub(lambda found: _QUOTED.sub(_blank, found[0]), shorter)


def _blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", _LEFT_OUT, found[0])


def _pattern(term: str) -> re.Pattern[str]:
    words = map(re.escape, re.findall(r"\w+", term))
    return re.compile(rf"(?<!\w){_DASH.join(words)}s?(?!\w)", re.IGNORECASE)


def _finding(text: str, own: str, term: str, match: re.Match[str]) -> WordingFinding:
    start = match.start()
    paragraphs = list(_PARAGRAPH.finditer(text))
    number = next(n for n, each in enumerate(paragraphs) if start < each.end())
    sentences = list(_sentences(text, paragraphs[number].span()))
    place = next(n for n, (_, end) in enumerate(sentences) if start < end)
    line = text.count("\n", 0, start) + 1
    context = _context(own[slice(*sentences[place])])
    return WordingFinding(term, start, match.end(), number + 1, place + 1, line, context)


def _sentences(text: str, within: tuple[int, int]) -> Iterator[tuple[int, int]]:
    start, stop = within
    for found in _SENTENCE_END.finditer(text, start, stop):
        yield start, found.end()
        start = found.end()
    if start < stop:
        yield start, stop


def _context(sentence: str) -> str:
    told = re.sub(f"{_LEFT_OUT}+", "[…]", sentence)
    return " ".join(told.split())
