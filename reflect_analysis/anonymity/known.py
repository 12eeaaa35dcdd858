"""Names that the study knows: sought in every text, whole and in parts, and kept nowhere."""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from reflect_analysis.anonymity.findings import Finding
from reflect_analysis.anonymity.wordlists import is_english, lists
from reflect_analysis.anonymity.words import Word, words_of
from reflect_analysis.corpus import Corpus

__all__ = ["NAME_COLUMNS", "KnownNames", "find_known", "known_names", "widened"]

# Columns of a survey that hold a person's name.
NAME_COLUMNS = re.compile(
    r"(?i)(?:full|first|last|given|family|middle|preferred|legal|sur|your|participant(?:'s)?|"
    r"respondent(?:'s)?|"
    r"maiden|nick)?[\s_-]*names?|pr[ée]nom|nom(?:[\s_-]de[\s_-]famille)?|surname|"
    r"participant[\s_-]name"
)
_SHORTEST = 3


class KnownNames(NamedTuple):
    """Folded names of the study; a repr tells how many, never which."""

    whole: frozenset[tuple[str, ...]]
    parts: frozenset[str]

    def __len__(self) -> int:
        return _count(self.whole)

    def __repr__(self) -> str:
        return f"<KnownNames: {len(self)}>"


def _count(names: frozenset[tuple[str, ...]]) -> int:
    return sum(1 for _ in names)


def known_names(corpus: Corpus, given: Iterable[str]) -> KnownNames:
    """The names that were given and those in the cases' columns of names.

    Raises
    ------
    TypeError
        If one string is given instead of several.
    """
    if isinstance(given, str):
        raise TypeError("known= takes an iterable of names; got one string: put it in a list")
    cells = (
        str(value)
        for holder in (*corpus.cases, *corpus)
        for column, value in holder.attributes.items()
        if NAME_COLUMNS.fullmatch(str(column).strip())
    )
    names = {tuple(w.low for w in words_of(name)) for name in (*given, *cells)}
    whole = frozenset(name for name in names if name and not _is_pseudonym(name))
    parts = frozenset(part for name in whole for part in name if len(part) >= _SHORTEST)
    return KnownNames(whole, parts)


def _is_pseudonym(name: tuple[str, ...]) -> bool:
    return len(name) == 1 and len(name[0]) < 2  # noqa: PLR2004  # a letter, as of "P07"


def find_known(corpus: Corpus, names: KnownNames) -> Iterator[Finding]:
    """Where a known name stands, whole or a part of it, in any case.

    A part that is also a word (*Hope*, *May*) needs its capital away from the head of a
    sentence; the other recognisers judge it elsewhere.
    """
    if not names.whole:
        return
    longest = max(map(len, names.whole))
    ids = {case.id for case in corpus.cases}
    for document in corpus:
        words = words_of(document.text, elided=document.language.startswith("fr"))
        place = 0
        while place < len(words):
            length = _length_at(words, place, names, longest)
            if length:
                start = words[place].start
                end = words[place + length - 1 + _surname_after(words, place + length)].end
                if document.passage(start, end) not in ids:
                    why = "a name that the study knows" if length > 1 else "a part of a known name"
                    yield Finding(document.id, start, end, "name", 0.95, direct=True, why=why)
            place += max(length, 1)


def widened(known: Iterable[Finding], found: Iterable[Finding]) -> Iterator[Finding]:
    """Known names, each with all of the name that it is a part of: *Maria* in *Maria Chen*."""
    names: dict[str, list[Finding]] = defaultdict(list)
    for finding in found:
        if finding.kind == "name" and not finding.field:
            names[finding.document_id].append(finding)
    for part in known:
        over = [f for f in names[part.document_id] if f.start < part.end and part.start < f.end]
        start = min([part.start, *(f.start for f in over)])
        end = max([part.end, *(f.end for f in over)])
        yield dataclasses.replace(part, start=start, end=end)


def _surname_after(words: list[Word], place: int) -> int:
    """1 where a surname follows the known part of a name, else 0."""
    if not 0 < place < len(words) or words[place - 1].owns:
        return 0
    word = words[place]
    named = word.low in lists().surnames or not is_english(word.low)
    plain = word.low in lists().others or word.shouted
    return int(word.capital and word.gap in (" ", "\u00a0") and named and not plain)


def _length_at(words: list[Word], place: int, names: KnownNames, longest: int) -> int:
    for length in range(min(longest, len(words) - place), 1, -1):
        if tuple(w.low for w in words[place : place + length]) in names.whole:
            return length
    word = words[place]
    if word.low not in names.parts and (word.low,) not in names.whole:
        return 0
    listed = lists()
    doubtful = word.low in listed.doubtful or word.low in listed.others
    plain = is_english(word.low) and word.low not in listed.first
    sure = not (doubtful or plain) or (word.capital and not word.begins)
    return int(sure)
