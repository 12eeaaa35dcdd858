"""A text under search for names, and what stands around a word of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from reflect_analysis.anonymity.cues import (
    ACTIONS,
    BEFORE_MONTHS,
    GREETED,
    HONORIFICS,
    LINE_END,
    LIST_LABEL,
    MODALS,
    MONTHS,
    NAME_IS,
    NAMED,
    ROLES,
    SEASONAL,
    SPEECH,
    WITH,
)
from reflect_analysis.anonymity.hints import PAST, VIRTUES, is_given
from reflect_analysis.anonymity.wordlists import fold, is_english, lists, word_set
from reflect_analysis.anonymity.words import Word

__all__ = [
    "Search",
    "does_act",
    "is_cued",
    "is_dated",
    "is_listed",
    "is_numbered",
    "is_person",
    "is_plain",
    "is_plural",
    "is_taken",
    "surroundings",
    "take",
    "taken_ends",
    "title_before",
]


@dataclass(slots=True)
class Search:
    """A text under search: its words, what is blocked, and the names taken so far."""

    text: str
    words: list[Word]
    blocked: frozenset[int]
    french: bool
    lower: bool = False
    taken: dict[int, tuple[int, float, bool, str]] = field(default_factory=dict)
    lows: set[str] = field(default_factory=set)

    def word(self, place: int) -> Word | None:
        """The word at a place, if there is one."""
        return self.words[place] if 0 <= place < len(self.words) else None

    def before(self, place: int, *, touching: bool = True) -> str:
        """The folded word before one, if only a space (or an opening quote) parts them."""
        if place <= 0 or (touching and self.words[place].gap.strip(" \t\u00a0(“\"'‘")):
            return ""
        return self.words[place - 1].low

    def after(self, place: int) -> Word | None:
        """The word after one, if only a space parts them."""
        following = self.word(place + 1)
        return following if following and not following.gap.strip(" \t\u00a0") else None

    def lead(self, place: int, length: int = 80) -> str:
        """What stands before a word."""
        start = self.words[place].start
        return self.text[max(0, start - length) : start]


def is_listed(word: Word) -> bool:
    """Whether a word is on a list of names."""
    known = lists()
    return is_given(word.low) or word.low in known.doubtful or word.low in known.surnames


def is_plain(low: str) -> bool:
    """Whether a word at the head of a sentence is an ordinary one."""
    known = lists()
    listed = is_given(low) or low in known.doubtful or low in known.surnames
    return not listed and is_english(low)


def is_person(words: Sequence[Word]) -> bool:
    """Whether the model takes one of the words for a person."""
    return any(word.entity == "PERSON" for word in words)


def title_before(search: Search, number: int) -> str:
    """The word before, across the full stop of an abbreviated title."""
    gap = search.words[number].gap
    if number and gap.strip(" \u00a0") in ("", "."):
        previous = search.words[number - 1].low
        return previous if gap.strip() == "" or previous in HONORIFICS else ""
    return ""


def surroundings(search: Search, number: int, width: int = 70) -> str:
    """What stands on both sides of a word."""
    word = search.words[number]
    return search.text[max(0, word.start - width) : word.end + width]


def is_numbered(search: Search, number: int) -> bool:
    """Whether a number follows, as in *Jan 6*."""
    end = search.words[number].end
    return bool(re.match(r"\.?\s*\d", search.text[end : end + 4]))


def is_dated(search: Search, number: int) -> bool:
    """Whether a month or a season is meant."""
    return is_numbered(search, number) or search.before(number) in BEFORE_MONTHS


_AGED = re.compile(
    r"\s+(?:almost |only |now |just )?(?:one|two|three|four|five|six|"
    r"[1-9])(?:\s*[.,;!?]|\s+(?:and|years?|now)\b)"
)


def does_act(search: Search, number: int, *, strictly: bool) -> bool:  # noqa: PLR0911  # one ground after another, the surest first
    """Whether a word does what a person does, or owns something."""
    word = search.words[number]
    following = search.after(number)
    if following is not None and word.low in MONTHS and following.low in SEASONAL:
        return bool(_AGED.match(search.text, following.end))
    if word.owns:
        return not (strictly and word.low in MONTHS)
    if following is None:
        return False
    if following.low in SPEECH:
        return True
    if following.low == "and":
        second = search.word(number + 2)
        third = search.word(number + 3)
        if word.low in MONTHS and third is not None and third.low in ("am", "was", "i'm", "have"):
            return False
        return second is not None and (
            second.low in ("i", "my") or (is_listed(second) and second.capital)
        )
    if following.low in ("a", "est") and not search.french:
        return False
    verb = following.low in ACTIONS | MODALS or following.tag in ("VBD", "VBZ")
    if strictly and word.low in VIRTUES:
        return following.low in PAST
    if strictly:
        plain = word_set("is was has had does did can could would should might must will a est")
        return following.low in ACTIONS and following.low not in plain
    return verb


def is_cued(search: Search, first: int, last: int) -> bool:  # noqa: PLR0911  # one ground after another, the surest first
    """Whether words before or after name a person here."""
    previous = search.before(first)
    lead = search.lead(first)
    if (previous in ROLES and not search.words[first - 1].owns) or previous in NAMED:
        return not (previous in ("called", "named") and _thing_called(lead))
    if previous in WITH and search.words[first].low not in MONTHS:
        return True
    if GREETED.search(lead) and search.words[first].low not in MONTHS - word_set(
        "april june august summer autumn"
    ):
        return True
    if NAME_IS.search(lead) or LIST_LABEL.search(lead):
        return True
    if last == len(search.words) - 1 and re.search(r"\n\s*[–—~-]*\s*$", lead):
        return bool(LINE_END.match(search.text, search.words[last].end))
    if _in_list(search, first, last):
        return True
    if _apposed(search, first, last):
        return True
    following = search.after(last)
    return (
        following is not None
        and following.low == "and"
        and (third := search.word(last + 2)) is not None
        and third.low == "i"
        and not search.words[first].begins
        and search.words[first].low not in MONTHS
    )


def _in_list(search: Search, first: int, last: int) -> bool:
    """Whether a name stands on either side: *X and Y*, *X, Y and Z*."""
    words = search.words
    gap = words[first].gap.strip()
    if search.before(first) in ("and", "et", "or") and (first - 2) in taken_ends(search):
        return True
    if gap in (",", "&", "/") and (first - 1) in taken_ends(search):
        return True
    known = lists()
    nearby = search.word(last + 1)
    if nearby is not None and nearby.low in ("and", "et"):
        nearby = search.word(last + 2)
    elif nearby is None or nearby.gap.strip() not in (",", "&"):
        return False
    return nearby is not None and nearby.capital and nearby.low in known.first - known.others


def taken_ends(search: Search) -> set[int]:
    """The places at which the names that were taken end."""
    return {last for last, *_ in search.taken.values()}


def _thing_called(lead: str) -> bool:
    """Whether it is a thing that has the name: *a game called Tag*."""
    return bool(
        re.search(
            r"(?i)\b(?:game|book|song|story|programme?|program|activity|room|centre|center|school|"
            r"daycare|thing|concept|method|approach|framework|app|site|page|group|blog|course|"
            r"workshop|event|show|movie|doll|dog|cat|rabbit|hamster|fish|bear|puppet|toy|model|"
            r"strategy|theory|day|place|what|it|article|poem|podcast|video|tool|stuffie|stuffy|"
            r"town|city|village|preschool)\b[^.!?]{0,20}(?:called|named)\s+[“\"']?$",
            lead,
        )
    )


def _apposed(search: Search, first: int, last: int) -> bool:
    """*my mentor, X* or *X, my mentor*."""
    lead = search.lead(first, 40)
    if re.search(r",\s*$", lead):
        tail = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", fold(lead))[-3:]
        if any(word in ROLES for word in tail) and re.match(
            r"\s*[,.;:!?)–—]", search.text[search.words[last].end :]
        ):
            return True
    rest = fold(search.text[search.words[last].end : search.words[last].end + 40])
    match = re.match(
        r"\s*,\s*(?:(?:my|our|the|a|an|his|her|their|one|ma|mon|notre|une?|la|le)\s+)"
        r"((?:[\w-]+\s+){0,3}[\w-]+)",
        rest,
    )
    return bool(match) and any(word in ROLES for word in match[1].split()[:3])  # type: ignore[index]  # bool(match) says so


def take(search: Search, first: int, last: int, score: float, why: str, *, full: bool) -> None:
    """Keep a name."""
    search.taken[first] = (last, score, full, why)
    lows = [search.words[n].low for n in range(first, last + 1)]
    lows += [low[:-1] for low in lows if is_plural(low) and low[:-1] in lists().doubtful]
    search.lows.update(low for low in lows if len(low) > 1)


def is_taken(search: Search, number: int) -> bool:
    """Whether a word is part of a name that was taken."""
    return any(first <= number <= last for first, (last, *_) in search.taken.items())


def is_plural(low: str) -> bool:
    """Whether a word looks like several things."""
    return low.endswith("s") and not low.endswith("ss")
