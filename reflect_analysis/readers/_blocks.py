"""The blocks of a page: what stands between blank lines, and what each looks like.

For matching, no-break spaces are spaces and invisible signs are nothing; the lines
themselves stay as they stand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from ._found import is_garbled, word_count

_FOLD = {
    **dict.fromkeys((0xA0, 0x2007, 0x2009, 0x200A, 0x202F, 0x3000), " "),
    **dict.fromkeys((0xAD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF), None),
}
_BULLET = re.compile(r"\s*(?:[•·▪▫◦‣⁃●○■□▶►➢✓✔*\ue000-\uf8ff]|[-–]|\(?\d{1,2}[.)])\s+\S")
_CONTACT = re.compile(
    r"https?://|www\.|\b[\w-]{1,63}\.(?:org|com|ca|net|edu|gov)\b|\S@\S{1,80}\.\w|\b\d{3}[-.\s)]+\d{3}[-.\s]\d{4}\b"
)
_TERMINAL = re.compile(r"[.!?…][\"'”’»)\]]*$")
_FIRST_PERSON = re.compile(
    r"\b(?:I|[Mm]e|[Mm]y|[Mm]ine|[Mm]yself|[Jj]e|[Mm]on|[Mm]es|[Mm]oi)\b|\bi['’]?(?:m|ve|d|ll)?\s|\b[Jj]['’]\w"
)
_SEPARATORS = re.compile(r"\s*[|›>·•]\s*|\s+/\s+")
_FEWEST_ENTRIES = 3
_ENTRY_WORDS = 5
_CREDIT = re.compile(
    r"(?:photo(?:graph)?s?|images?|pictures?|illustrations?|drawings?|artwork|figure|fig\.|cover)"
    r"\s*(?:\d+|credits?\b|courtesy\b|by\b|:|©|\(c\))"
    r"|(?:written|compiled|edited|designed|photographed|illustrated|translated) by\b"
    r"|(?:story|text|words) by\b|(?-i:By [A-ZÀ-Þ][\w.'’-]*\s+[A-ZÀ-Þ])|credits?\s*:"
    r"|from left\b|left to right\b|pictured\b|(?:above|below|opposite|right|left)\s*:"
    r"|adapted from\b|reprinted\b|©|copyright\b|crédits?\b|photographie\s*:",
    re.IGNORECASE,
)
_CREDIT_WORDS = 30
_OPENING = '"“«„'
_SHINGLE = 6
_HEADING_WORDS = 12


def fold(text: str) -> str:
    """A text for matching: plain spaces, nothing invisible, no blanks around it.

    Examples
    --------
    >>> fold("\u00a0Our\u00a0voice\u200b ")
    'Our voice'
    """
    return text.strip() if text.isascii() else text.translate(_FOLD).strip()


@dataclass(frozen=True)
class Block:
    """Consecutive lines without a blank one.

    Parameters
    ----------
    line : int
        Number of the first line, from 1.
    lines : tuple of str
    """

    line: int
    lines: tuple[str, ...]

    @cached_property
    def text(self) -> str:
        """The lines as they stand."""
        return "\n".join(self.lines)

    @cached_property
    def plain(self) -> str:
        """The text for matching, without the marks of Markdown around it."""
        return re.sub(r"^(?:#{1,6}\s+)?[*_]{0,3}|[*_]{1,3}$", "", fold(self.text))

    @cached_property
    def words(self) -> int:
        """Number of words."""
        return word_count(self.text)

    @property
    def is_marked_heading(self) -> bool:
        """Whether Markdown makes it a heading."""
        return re.match(r"#{1,6}\s", fold(self.text)) is not None

    @cached_property
    def is_short(self) -> bool:
        """Whether it looks like a heading, a title or a caption: a short line, no full stop."""
        if self.is_marked_heading:
            return True
        if len(self.lines) > 1 or self.bullets or is_garbled(self.text):
            return False
        return self.words <= _HEADING_WORDS and not _TERMINAL.search(self.plain)

    @property
    def is_title_case(self) -> bool:
        """Whether it is set as a title: most of its longer words begin with a capital."""
        long = re.findall(r"[^\W\d_]{4,}", self.plain)
        capital = sum(word[0].isupper() for word in long)
        return self.is_short and capital > 1 and capital >= 0.6 * len(long)

    @cached_property
    def bullets(self) -> int:
        """Number of its lines that are items of a list."""
        return sum(_BULLET.match(fold(line)) is not None for line in self.lines)

    @cached_property
    def is_menu(self) -> bool:
        """Whether it is the navigation of a page: short entries, one a line or parted by signs."""
        if is_first_person(self.text) or self.opens_quotation:
            return False
        if len(self.lines) == 1:
            entries = _SEPARATORS.split(self.plain)
        else:
            entries = list(map(fold, self.lines))
        small = sum(word_count(e) <= _ENTRY_WORDS and not _TERMINAL.search(e) for e in entries)
        capital = sum(e[:1].isupper() for e in entries)
        return len(entries) >= _FEWEST_ENTRIES and small == len(entries) == capital

    @cached_property
    def is_credit(self) -> bool:
        """Whether it says who took a picture or wrote a page, or what a picture shows."""
        is_said = is_first_person(self.text) or self.words > _CREDIT_WORDS
        return not is_said and _CREDIT.match(self.plain) is not None

    @property
    def has_contact(self) -> bool:
        """Whether an address of the web or of mail, or a telephone number stands in it."""
        return _CONTACT.search(fold(self.text)) is not None

    @cached_property
    def is_finished(self) -> bool:
        """Whether it ends as a sentence does."""
        return _TERMINAL.search(self.plain) is not None

    @property
    def is_prose(self) -> bool:
        """Whether it reads as a paragraph: a sentence at least, no heading, no list."""
        if self.bullets or self.is_marked_heading or is_garbled(self.text):
            return False
        return self.is_finished or self.words > _HEADING_WORDS

    @property
    def opens_quotation(self) -> bool:
        """Whether it begins with a quotation mark."""
        return self.plain[:1] in tuple(_OPENING)

    @property
    def closes_quotation(self) -> bool:
        """Whether it ends with a quotation mark."""
        return re.search(r"[\"”»“]\W?$", self.plain) is not None

    @property
    def begins_lower(self) -> bool:
        """Whether it begins with a small letter, so perhaps inside a sentence."""
        return self.plain[:1].islower()


def is_first_person(text: str) -> bool:
    """Whether somebody speaks of herself, in English or French.

    Examples
    --------
    >>> is_first_person("It has changed my days."), is_first_person("We meet monthly.")
    (True, False)
    """
    return _FIRST_PERSON.search(fold(text)) is not None


def split_blocks(text: str) -> list[Block]:
    """The blocks of a text; the signs of a Markdown quotation (``>``) are left out."""
    blocks: list[Block] = []
    lines: list[str] = []
    for number, raw in enumerate([*text.split("\n"), ""], start=1):
        line = re.sub(r"^\s*>+ ?", "", raw)
        if fold(line):
            lines.append(line.rstrip())
        elif lines:
            blocks.append(Block(number - len(lines), tuple(lines)))
            lines = []
    return blocks


def repeated(blocks: Sequence[Block]) -> set[int]:
    """The blocks whose words all stand in a longer block too, or in an earlier equal one.

    Every run of six words must, so that a pull quote is known and a common phrase is not.
    """
    shingles = [_shingles(block.plain) for block in blocks]
    rank = [(len(each), -index) for index, each in enumerate(shingles)]
    best: dict[int, int] = {}
    for index, each in enumerate(shingles):
        for shingle in each:
            if shingle not in best or rank[index] > rank[best[shingle]]:
                best[shingle] = index
    return {
        index
        for index, each in enumerate(shingles)
        if each and all(best[shingle] != index for shingle in each)
    }


def shingle_counts(blocks: Iterable[Block]) -> Counter[int]:
    """In how many blocks each run of six words stands."""
    return Counter(shingle for block in blocks for shingle in set(_shingles(block.plain)))


def stands_twice(text: str, counts: Counter[int]) -> bool:
    """Whether all runs of six words of a text stand in two blocks at least."""
    wanted = _shingles(text)
    return bool(wanted) and all(counts[shingle] > 1 for shingle in wanted)


def _shingles(text: str) -> list[int]:
    """The hashes of all runs of six words."""
    words = re.findall(r"[^\W_]+", text.casefold())
    return [hash(tuple(words[n : n + _SHINGLE])) for n in range(len(words) - _SHINGLE + 1)]
