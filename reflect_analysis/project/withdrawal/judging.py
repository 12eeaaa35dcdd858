"""What tombstones do to a row of each table: it stays, it changes, or it goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from reflect_analysis.disclosure.withdrawal import BLOT, says_nothing
from reflect_analysis.project.rows import Row, as_json, from_json, span_of, with_id
from reflect_analysis.project.withdrawal.books import without_words
from reflect_analysis.project.withdrawal.burying import Burial
from reflect_analysis.project.withdrawal.transcripts import blotted_row, holds, pair_of

__all__ = ["judge", "judge_all"]

_NO_CONTENT = ("id", "position", "event_id")


def judge(burial: Burial, table: str, row: Row) -> Row | None:
    """What is left of a row: itself, another one, or nothing."""
    judged = _JUDGES.get(table)
    return row if judged is None else judged(burial, row)


def judge_all(burial: Burial, table: str, rows: Iterable[Row]) -> Iterator[Row]:
    """What is left of rows. Codings go before the decisions on them."""
    return (kept for row in rows if (kept := judge(burial, table, row)) is not None)


# ── what was read ──


def _case(burial: Burial, row: Row) -> Row | None:
    return None if row["id"] in burial.stones else row


def _document(burial: Burial, row: Row) -> Row | None:
    pair = pair_of(row)
    if pair in burial.erased:
        return None
    if any(pair in s.spared and holds(row, case) for case, s in burial.stones.items()):
        return None  # the row that ascribed it to the wrong person
    if pair not in burial.spans:
        return burial.without_prompts(row)
    return burial.without_prompts(blotted_row(row, burial.spans[pair], burial.stones.keys()))


def _clearance(burial: Burial, row: Row) -> Row:
    """The word of who read the whole text holds for what is left of it."""
    now = burial.cleared_now(row["sha256"])
    return row if now == row["sha256"] else _renewed(row, sha256=now)


def _codebook(burial: Burial, row: Row) -> Row:
    return without_words(row, burial.is_gone, burial.quotes)


# ── what was coded ──


def _coding(burial: Burial, row: Row) -> Row | None:
    after = _moved(burial, row)
    passage = "" if after is None else _passage(burial, after, after)
    if after is None or says_nothing(passage):
        burial.codings.add(row["id"])
        return None
    evidence = "" if BLOT in passage else burial.quotes.blot(row["evidence"])
    return after if evidence == row["evidence"] else {**after, "evidence": evidence}


def _decision(burial: Burial, row: Row) -> Row | None:
    return None if row["coding_id"] in burial.codings else _reworded(burial, row, "reason")


def _seen(burial: Burial, row: Row) -> Row | None:
    after = _moved(burial, row)
    if after is None or says_nothing(_passage(burial, after, after)):
        return None
    return row if after is row else _renewed(after)


def _memo(burial: Burial, row: Row) -> Row | None:
    if not row["text_hash"] and burial.is_erased(row["document_id"]):
        return None
    after = _moved(burial, row)
    if after is None or says_nothing(_passage(burial, after, after)):
        return None
    text = burial.quotes.blot(row["text"])
    return row if after is row and text == row["text"] else _renewed(after, text=text)


def _approval(burial: Burial, row: Row) -> Row | None:
    """What was decided about a passage; one that was blotted out in part is another passage."""
    after = _moved(burial, row)
    if after is None or BLOT in _passage(burial, after, from_json(row["about"])):
        return None
    about = as_json(burial.quotes.blot_all(from_json(row["about"])))
    return row if after is row and about == row["about"] else _renewed(after, about=about)


def _topic_act(burial: Burial, row: Row) -> Row:
    """An act keeps its id, by which others undo it; a part may be left without segments."""
    before = from_json(row["about"])
    taken: list[str] = []
    parts = []
    for label, ids in before["parts"]:
        taken.append(_another(burial.quotes.blot(label), taken))
        parts.append([taken[-1], [each for each in ids if not _is_gone(burial, each)]])
    about = row["about"] if parts == before["parts"] else as_json({**before, "parts": parts})
    told = {name: burial.quotes.blot(row[name]) for name in ("label", "why")} | {"about": about}
    return row if all(row[name] == text for name, text in told.items()) else {**row, **told}


def _is_gone(burial: Burial, segment_id: str) -> bool:
    return burial.is_gone(*span_of(segment_id))


def _another(label: str, taken: Sequence[str]) -> str:
    """A label that no earlier part bears: blotted out, two may look alike."""
    return _another(f"{label}′", taken) if label in taken else label


def _assignment(burial: Burial, row: Row) -> Row | None:
    return None if burial.is_erased(row["document_id"]) else row


_JUDGES: dict[str, Callable[[Burial, Row], Row | None]] = {
    "cases": _case,
    "documents": _document,
    "clearances": _clearance,
    "codebooks": _codebook,
    "codings": _coding,
    "decisions": _decision,
    "seen": _seen,
    "memos": _memo,
    "approvals": _approval,
    "topic_acts": _topic_act,
    "assignments": _assignment,
}


# ── small steps ──


def _moved(burial: Burial, row: Row) -> Row | None:
    """A row with the hash that its text has now; nothing if the text was deleted."""
    now = burial.hash_now(row["document_id"], row["text_hash"])
    if now is None:
        return None
    return row if now == row["text_hash"] else {**row, "text_hash": now}


def _passage(burial: Burial, row: Row, span: Mapping[str, Any]) -> str:
    return burial.passage(row["document_id"], row["text_hash"], span["start"], span["end"])


def _reworded(burial: Burial, row: Row, name: str) -> Row:
    text = burial.quotes.blot(row[name])
    return row if text == row[name] else {**row, name: text}


def _renewed(row: Row, **changes: Any) -> Row:
    """A row whose id is the fingerprint of its content, with another content."""
    content = {name: value for name, value in row.items() if name not in _NO_CONTENT}
    rest: Row = {name: row[name] for name in ("position", "event_id") if name in row}
    return {**with_id({**content, **changes}), **rest}
