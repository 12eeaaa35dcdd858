"""What researchers note beside their coding: append-only, as the codings are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from reflect_analysis.provenance import now
from reflect_analysis.regions import Region

__all__ = ["Memo", "MemoKind", "standing_memos"]

MemoKind = Literal["analytic", "method", "reflexive", "flag", "waiting"]


@dataclass(frozen=True, slots=True)
class Memo:
    """A coder's note on a document, a span, a region or a code; a flag; or a code that waits.

    Parameters
    ----------
    by, text : str
    kind : {"analytic", "method", "reflexive", "flag", "waiting"}
    document_id : str
    start, end : int, optional
        Half-open code points; of a region neither.
    code_id : str
    at : datetime
    region : Region, optional
        A rectangle of the document's picture.
    replaces : str
        ``at`` of the writer's memo in whose place this one stands, in ISO 8601; without a text it
        takes that one away (`standing_memos`).
    """

    by: str
    text: str
    kind: MemoKind = "analytic"
    document_id: str = ""
    start: int | None = None
    end: int | None = None
    code_id: str = ""
    at: datetime = field(default_factory=now)
    region: Region | None = None
    replaces: str = ""


def standing_memos(memos: Iterable[Memo]) -> tuple[Memo, ...]:
    """The memos that hold: none in whose place another stands, and none that only takes one away.

    A function of the set of memos, so that an undo of the later one brings the earlier back.
    """
    rows = tuple(memos)
    gone = {(_place(row), row.replaces) for row in rows if row.replaces}
    return tuple(row for row in rows if row.text and (_place(row), row.at.isoformat()) not in gone)


def _place(memo: Memo) -> tuple[object, ...]:
    """Whose a memo is and of what, which no change of its words changes."""
    return memo.by, memo.document_id, memo.start, memo.end, memo.region, memo.code_id
