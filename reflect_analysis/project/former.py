"""What was coded and noted on a wording that a text had before it was corrected.

It holds no more, since offsets would point at other words. But it is somebody's work: here is
found what of it is left, and where its words are in the text now. Words that are there no more are
not given: a text is often corrected to take a name out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reflect_analysis.codings import Coding, Codings, Memo
from reflect_analysis.project import schema, views

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["LeftCoding", "LeftMemo", "carrier", "corrected", "read_left"]

Span = tuple[int, int]
Carry = Callable[[Span], Span | None]


@dataclass(frozen=True, slots=True)
class LeftCoding:
    """A coding of an earlier wording that its coder has not made again.

    Parameters
    ----------
    coding : Coding
    span : (int, int) or None
        Where its words are now, in half-open code points; none where they were changed. Of a
        region (0, 0).
    """

    coding: Coding
    span: Span | None

    @property
    def by(self) -> str:
        """Whose it is."""
        return self.coding.coder

    @property
    def document_id(self) -> str:
        """In which text."""
        return self.coding.document_id

    @property
    def gone(self) -> bool:
        """Whether its words were changed."""
        return self.span is None


@dataclass(frozen=True, slots=True)
class LeftMemo:
    """A memo on an earlier wording that its writer has not written again.

    Parameters
    ----------
    memo : Memo
    span : (int, int) or None
        Where the words are now that it is about, if it is about some.
    gone : bool
        Whether they were changed.
    """

    memo: Memo
    span: Span | None
    gone: bool

    @property
    def by(self) -> str:
        """Whose it is."""
        return self.memo.by

    @property
    def document_id(self) -> str:
        """In which text."""
        return self.memo.document_id


def read_left(connection: Connection, ids: Sequence[str]) -> tuple[LeftCoding | LeftMemo, ...]:
    """What is left of earlier wordings of some texts; flags are not told.

    Once its coder has read the new wording, what was on words that were changed is left no more.
    """
    now = views.text_hashes(connection, ids)
    pairs = _pairs(connection, ids)
    changed = sorted({name for name, read in pairs if now.get(name, read) != read})
    found: list[LeftCoding | LeftMemo] = []
    for name, texts in _texts(connection, changed).items():
        told = [read for read in texts if (name, read) in pairs and read != now[name]]
        words = [texts[read] for read in (*told, now[name])]
        logs = [
            views.read_codings(connection, [name], texts={name: read})
            for read in (*told, now[name])
        ]
        found += _left(words, logs)
    return tuple(found)


def corrected(connection: Connection, document_ids: Iterable[str] | None = None) -> list[str]:
    """The documents, of all or of some, of which the study keeps several wordings; soon found."""
    from sqlalchemy import func, select

    table = schema.documents
    asked = select(table.c.id).group_by(table.c.id)
    if document_ids is not None:
        asked = asked.where(table.c.id.in_(sorted(set(document_ids))))
    several = func.count(table.c.text_hash.distinct()) > 1
    return sorted(connection.execute(asked.having(several)).scalars())


def carrier(before: str, after: str) -> Carry:
    """Where a span of a text is in its corrected wording, if its very words are there.

    What lies before or behind all that was changed moves along; else the words must be there
    once, and have been there once.

    Examples
    --------
    >>> place = carrier("We saw her. She waited.", "We saw them. She waited.")
    >>> place((12, 22)), place((7, 10)), place((0, 6))
    ((13, 23), None, (0, 6))
    """
    head = _alike(before, after)
    tail = _alike(before[head:][::-1], after[head:][::-1])
    grown = len(after) - len(before)

    def place(span: Span) -> Span | None:
        start, end = span
        if end <= head:
            return span
        if start >= len(before) - tail:
            return start + grown, end + grown
        words = before[start:end]
        if before.count(words) != 1 or after.count(words) != 1:
            return None
        return after.index(words), after.index(words) + len(words)

    return place


# ── inside ──


def _alike(one: str, other: str) -> int:
    """How many letters two texts have in common at their beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((k for k, (a, b) in pairs if a != b), min(len(one), len(other)))


def _pairs(connection: Connection, ids: Sequence[str]) -> set[tuple[str, str]]:
    """Each document with each wording on which somebody coded or noted something."""
    from sqlalchemy import select

    found: set[tuple[str, str]] = set()
    for table in (schema.codings, schema.memos):
        asked = select(table.c.document_id, table.c.text_hash).distinct()
        found |= {(*row,) for row in connection.execute(asked.where(table.c.document_id.in_(ids)))}
    return found


def _texts(connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """The wordings of some documents by their hashes, the oldest first."""
    found: dict[str, dict[str, str]] = {}
    table = schema.documents
    for row in views.holding(connection, table.name, table.c.id.in_(ids)):
        found.setdefault(row["id"], {}).setdefault(row["text_hash"], row["text"])
    return found


@dataclass(frozen=True, slots=True)
class _Later:
    """A later wording: where a span is in it, and what was made there, whatever came of it."""

    carry: Carry
    codings: frozenset[tuple[object, ...]]
    memos: frozenset[tuple[object, ...]]


def _left(words: Sequence[str], logs: Sequence[Codings]) -> Iterator[LeftCoding | LeftMemo]:
    """What is left of wordings, the oldest first and that of now last."""
    told: set[tuple[object, ...]] = set()
    readers = {seen.coder for seen in logs[-1].seen if seen.whole}
    for k, log in enumerate(logs[:-1]):
        later = [_later(words[k], words[j], logs[j]) for j in range(k + 1, len(logs))]
        here: tuple[LeftCoding | LeftMemo, ...] = (*_codings(log, later), *_memos(log, later))
        for left in here:
            if left.gone and left.by in readers:
                continue
            if _key(left) not in told:
                yield left
            told.add(_key(left))


def _later(before: str, after: str, log: Codings) -> _Later:
    made = ((c.start, c.end, c.region, c.code_id, c.coder) for c in log)
    return _Later(carrier(before, after), frozenset(made), frozenset(map(_says, log.memos)))


def _says(memo: Memo) -> tuple[object, ...]:
    return memo.document_id, memo.by, memo.kind, memo.text, memo.code_id, memo.region


def _codings(log: Codings, later: Sequence[_Later]) -> Iterator[LeftCoding]:
    for coding in (row.coding for row in log.current):
        places = [(0, 0) if coding.region else x.carry((coding.start, coding.end)) for x in later]
        what = (coding.region, coding.code_id, coding.coder)
        found = zip(places, later, strict=True)
        if not any(place and (*place, *what) in then.codings for place, then in found):
            yield LeftCoding(coding, places[-1])


def _memos(log: Codings, later: Sequence[_Later]) -> Iterator[LeftMemo]:
    for memo in log.memos:
        again = any(_says(memo) in then.memos for then in later)
        if memo.kind == "flag" or not memo.document_id or again:
            continue
        span = None
        if memo.start is not None and memo.end is not None:
            span = later[-1].carry((memo.start, memo.end))
        yield LeftMemo(memo, span, gone=memo.start is not None and span is None)


def _key(left: LeftCoding | LeftMemo) -> tuple[object, ...]:
    if isinstance(left, LeftCoding):
        coding = left.coding
        place = left.span or (coding.start, coding.end, "before")
        return coding.document_id, place, coding.region, coding.code_id, coding.coder
    memo = left.memo
    return memo.document_id, left.span, memo.region, memo.kind, memo.text, memo.by
