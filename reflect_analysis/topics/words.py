"""The words that mark a topic, and the terms of texts that are too few to be grouped.

Stop words leave after the texts were embedded: a sentence model needs them, a label does
not. A word stands in a label only where two participants use it, because what one person
alone says may be a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from reflect_analysis.segments import Segment
from reflect_analysis.topics.values import Term

__all__ = ["analyser", "has_words", "term_table", "voice_of"]

Analyser = Callable[[str], list[str]]

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
# What scikit-learn's list lacks: its "did" and "does", spoken fillers, and what an
# apostrophe or its absence leaves.
_MORE_STOP_WORDS = """
    did didn does doesn don doing having isn aren wasn weren hasn haven hadn won wouldn couldn
    shouldn can't ain dont didnt doesnt isnt wasnt arent werent cant couldnt wouldnt shouldnt
    wont havent hasnt hadnt im ive id ill youre youve theyre thats theres whats lets
    just really like got gets getting get going gonna know think thing things lot yeah okay ok
    oh um uh said say says let maybe way bit kind sort
""".split()  # noqa: SIM905  # words read best as words
# Words of scikit-learn's list that say something in a reflection.
_NOT_STOP_WORDS = frozenset("bill computer cry fire interest mill sincere system".split())  # noqa: SIM905  # the same
_NEGATED = frozenset("do did does is was are were could would should has have had ca wo ai".split())  # noqa: SIM905  # the same
_CLITICS = {"m", "ve", "d", "ll", "re", "s"}
PLACES_A_TERM = 5


@lru_cache(maxsize=1)
def _stop_words() -> frozenset[str]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return (frozenset(ENGLISH_STOP_WORDS) | frozenset(_MORE_STOP_WORDS)) - _NOT_STOP_WORDS


def analyser(vectorizer: Any = None) -> Analyser:
    """How a text is split into terms: by a scikit-learn vectoriser, or into plain words."""
    if vectorizer is None:
        return _words
    split: Analyser = vectorizer.build_analyzer()
    return split


def has_words(text: str) -> bool:
    """Whether a text holds a letter; an emoji or a row of dots gives a model nothing to read."""
    return _WORD.search(text) is not None


def _words(text: str) -> list[str]:
    """The words of a text, lower-case, without stop words."""
    return [word for raw in _WORD.findall(text) if (word := _counted(raw))]


def _spans(text: str) -> Iterator[tuple[str, int, int]]:
    for match in _WORD.finditer(text):
        if word := _counted(match.group()):
            yield word, match.start(), match.end()


# Of 100,000 words in sentences all but some thousand have just been looked at.
@lru_cache(maxsize=4_096)
def _counted(raw: str) -> str:
    """A word as it is counted; empty for one that is not."""
    word = _plain(raw)
    return word if len(word) > 1 and word not in _stop_words() else ""


def _plain(word: str) -> str:
    """A word as it is counted: "Child's" as "child", "don't" as a stop word."""
    lower = word.lower().replace("’", "'")
    stem, _, ending = lower.rpartition("'")
    if ending in _CLITICS and stem:
        return stem
    if ending == "t" and stem.removesuffix("n") in _NEGATED:
        return "not"
    return lower


def voice_of(segment: Segment) -> str:
    """Who speaks: the participant, or the document where the participant is not known."""
    return f"case {segment.case_id}" if segment.case_id else f"document {segment.document_id}"


def term_table(segments: Sequence[Segment], *, top: int = 30) -> tuple[Term, ...]:
    """The terms of a few texts with their places, those of most segments first."""
    places: dict[str, list[tuple[str, int, int]]] = {}
    for segment in segments:
        for word, start, end in _spans(segment.text):
            places.setdefault(word, []).append((segment.id, start, end))
    cases = {segment.id: segment.case_id for segment in segments}
    terms = [_term(word, found, cases) for word, found in places.items()]
    return tuple(sorted(terms, key=lambda t: (-t.segments, -t.count, t.term))[:top])


def _term(word: str, found: list[tuple[str, int, int]], cases: dict[str, str | None]) -> Term:
    ids = {segment_id for segment_id, _, _ in found}
    participants = {cases[segment_id] for segment_id in ids} - {None}
    return Term(word, len(found), len(ids), len(participants), tuple(found[:PLACES_A_TERM]))
