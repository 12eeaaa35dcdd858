"""Whose words a document holds, and a shared one without those of a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from reflect_analysis.project.rows import Row, as_json, from_json
from reflect_analysis.project.withdrawal.stones import Pair
from reflect_analysis.project.withdrawal.words import BLOT, blotted_out
from reflect_analysis.provenance import text_hash

__all__ = ["blots", "blotted_row", "holds", "is_shared", "pair_of", "spans_of", "turns_of"]

GONE = "withdrawn"  # stands for the speaker of a turn that was blotted out

Span = tuple[int, int]
Turn = Mapping[str, Any]


def pair_of(row: Row) -> Pair:
    """Document and hash of its text."""
    return row["id"], row["text_hash"]


def turns_of(row: Mapping[str, Any]) -> list[Turn]:
    """The turns of a document; none if it is no transcript."""
    turns: list[Turn] = from_json(row["about"]).get("turns", [])
    return turns


def holds(row: Mapping[str, Any], case_id: str) -> bool:
    """Whether a document holds a participant's words."""
    if row["case_id"] == case_id:
        return True
    # The cheap question first: most documents are not theirs.
    mentioned = as_json(case_id) in row["about"]
    return mentioned and any(turn["case_id"] == case_id for turn in turns_of(row))


def is_shared(row: Row, case_id: str) -> bool:
    """Whether a document holds another participant's words, known or not, or did so once."""
    return any(
        turn["speaker"] == GONE
        or (turn["case_id"] != case_id and bool(turn["case_id"] or turn["coded"]))
        for turn in turns_of(row)
    )


def spans_of(row: Row, case_id: str) -> set[Span]:
    """Where a person's words stand in a shared document, with the label before each turn."""
    text, turns = row["text"], turns_of(row)
    if row["case_id"] == case_id:  # all that is nobody else's, line ends apart
        kept = [(t["start"], t["end"]) for t in turns if t["case_id"] != case_id]
        return set(_between(text, kept))
    spans = set()
    for turn in turns:
        if turn["case_id"] == case_id:
            spans.add((turn["start"], turn["end"]))
            spans |= _label(text, turn)
    return spans


def _between(text: str, kept: Iterable[Span]) -> Iterator[Span]:
    """The lines, or parts of lines, that lie in none of the spans."""
    held = {place for start, end in kept for place in range(start, end)}
    yield from _runs(place not in held and sign != "\n" for place, sign in enumerate(text))


def _label(text: str, turn: Turn) -> set[Span]:
    """Where the speaker's label stands, if it is right before the turn."""
    speaker = turn["speaker"]
    before = text[: turn["start"]].rstrip(" \t:–—-")
    if not speaker or not before.endswith(speaker):
        return set()
    return {(len(before) - len(speaker), len(before))}


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


def blotted_row(row: Row, spans: Collection[Span], withdrawn: Collection[str]) -> Row:
    """A shared document without the words of the withdrawn."""
    text = blotted_out(row["text"], spans)
    about = from_json(row["about"])
    about["turns"] = [_blotted_turn(turn, text, withdrawn) for turn in about.get("turns", [])]
    return {
        **row,
        "text": text,
        "text_hash": text_hash(text),
        "case_id": None if row["case_id"] in withdrawn else row["case_id"],
        "about": as_json(about),
    }


def _blotted_turn(turn: Turn, text: str, withdrawn: Collection[str]) -> Turn:
    passage = text[turn["start"] : turn["end"]]
    if turn["case_id"] in withdrawn or (passage and set(passage) == {BLOT}):
        return {**turn, "speaker": GONE, "case_id": None, "coded": False}
    return turn
