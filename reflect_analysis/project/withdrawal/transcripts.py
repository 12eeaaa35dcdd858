"""The rules for shared texts, asked of stored documents."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from typing import Any

from reflect_analysis.corpus import Turn
from reflect_analysis.disclosure import withdrawal
from reflect_analysis.disclosure.withdrawal import Pair, Span, blotted_out, without_speakers
from reflect_analysis.project.rows import Row, as_json, from_json
from reflect_analysis.provenance import text_hash

__all__ = ["blotted_row", "holds", "is_shared", "pair_of", "spans_of", "turns_of"]

_KNOWN = tuple(field.name for field in dataclasses.fields(Turn))


def pair_of(row: Row) -> Pair:
    """Document and hash of its text."""
    return row["id"], row["text_hash"]


def turns_of(row: Mapping[str, Any]) -> list[Turn]:
    """The turns of a document; none if it is no transcript."""
    return [_turn(data) for data in from_json(row["about"]).get("turns", ())]


def _turn(data: Mapping[str, Any]) -> Turn:
    return Turn(**{name: data[name] for name in _KNOWN if name in data})


def holds(row: Mapping[str, Any], case_id: str) -> bool:
    """Whether a document holds a participant's words."""
    if row["case_id"] == case_id:
        return True
    # The cheap question first: most documents are not theirs.
    mentioned = as_json(case_id) in row["about"]
    return mentioned and any(turn.case_id == case_id for turn in turns_of(row))


def is_shared(row: Row, case_id: str) -> bool:
    """Whether a document holds another participant's words, known or not, or did so once."""
    return withdrawal.is_shared(turns_of(row), case_id)


def spans_of(row: Row, case_id: str) -> set[Span]:
    """Where a person's words stand in a shared document, with the label before each turn."""
    return withdrawal.spans_of(row["text"], turns_of(row), case_id, owner=row["case_id"])


def blotted_row(row: Row, spans: Collection[Span], withdrawn: Collection[str]) -> Row:
    """A shared document without the words of the withdrawn."""
    text = blotted_out(row["text"], spans)
    about = from_json(row["about"])
    left = without_speakers(map(_turn, about.get("turns", ())), text, withdrawn)
    about["turns"] = [
        {**data, "speaker": turn.speaker, "case_id": turn.case_id, "coded": turn.coded}
        for data, turn in zip(about.get("turns", ()), left, strict=True)
    ]
    return {
        **row,
        "text": text,
        "text_hash": text_hash(text),
        "case_id": None if row["case_id"] in withdrawn else row["case_id"],
        "about": as_json(about),
    }
