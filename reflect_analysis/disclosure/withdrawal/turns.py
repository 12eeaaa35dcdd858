"""Whose words a text holds, and a shared one without those of a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from reflect_analysis.corpus import Turn
from reflect_analysis.disclosure.withdrawal.words import BLOT

__all__ = [
    "Span",
    "blots",
    "has_many_words",
    "is_shared",
    "label_of",
    "says_nothing",
    "spans_of",
    "without_speakers",
]

GONE = "withdrawn"  # stands for the speaker of a turn that was blotted out
_FEW_WORDS = 5  # of a text that several people could have written word for word

Span = tuple[int, int]


def has_many_words(text: str) -> bool:
    """Whether no two people write a text so by chance."""
    return len(text.split()) >= _FEW_WORDS


def says_nothing(passage: str) -> bool:
    """Whether nobody else's words are left in a passage that was blotted out."""
    return BLOT in passage and not any(map(str.isalnum, passage))


def is_shared(turns: Iterable[Turn], case_id: str) -> bool:
    """Whether turns hold another participant's words, known or not, or did so once."""
    return any(
        turn.speaker == GONE or (turn.case_id != case_id and bool(turn.case_id or turn.coded))
        for turn in turns
    )


def spans_of(text: str, turns: Sequence[Turn], case_id: str, *, owner: str | None) -> set[Span]:
    """Where a person's words stand in a shared text, with the label before each turn.

    Parameters
    ----------
    text : str
    turns : sequence of Turn
    case_id : str
        The person.
    owner : str, optional
        To whom the text as a whole is ascribed.
    """
    if owner == case_id:  # all that is nobody else's, line ends apart
        return set(_between(text, [(t.start, t.end) for t in turns if t.case_id != case_id]))
    spans: set[Span] = set()
    for turn in turns:
        if turn.case_id == case_id:
            spans.add((turn.start, turn.end))
            spans |= label_of(text, turn)
    return spans


def _between(text: str, kept: Iterable[Span]) -> Iterator[Span]:
    """The lines, or parts of lines, that lie in none of the spans."""
    held = {place for start, end in kept for place in range(start, end)}
    yield from _runs(place not in held and sign != "\n" for place, sign in enumerate(text))


def label_of(text: str, turn: Turn) -> set[Span]:
    """Where the speaker's label stands, if it is right before the turn."""
    before = text[: turn.start].rstrip(" \t:–—-")
    if not turn.speaker or not before.endswith(turn.speaker):
        return set()
    return {(len(before) - len(turn.speaker), len(before))}


def blots(text: str) -> Iterator[Span]:
    """The runs of blots in a text."""
    yield from _runs(sign == BLOT for sign in text)


def _runs(marks: Iterable[bool]) -> Iterator[Span]:
    """Half-open ranges of places that are marked."""
    start: int | None = None
    for place, mark in enumerate([*marks, False]):
        if mark and start is None:
            start = place
        elif not mark and start is not None:
            yield start, place
            start = None


def without_speakers(
    turns: Iterable[Turn], text: str, withdrawn: Collection[str]
) -> tuple[Turn, ...]:
    """The turns of a text that was blotted out: those of the withdrawn are nobody's now."""
    return tuple(_without_speaker(turn, text, withdrawn) for turn in turns)


def _without_speaker(turn: Turn, text: str, withdrawn: Collection[str]) -> Turn:
    passage = text[turn.start : turn.end]
    if turn.case_id in withdrawn or (passage and set(passage) == {BLOT}):
        return replace(turn, speaker=GONE, case_id=None, coded=False)
    return turn
