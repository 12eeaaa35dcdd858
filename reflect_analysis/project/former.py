"""What was coded and noted on a wording that a text had before it was corrected.

It holds no more, since offsets would point at other words. But it is somebody's work: here is
found what of it is left, and where its words are in the text now. Words that are there no more are
not given: a text is often corrected to take a name out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reflect_analysis.codings import Coding, Codings, CurrentCoding, Memo
from reflect_analysis.project import rows as as_rows
from reflect_analysis.project import schema, views

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["LeftCoding", "LeftMemo", "carrier", "corrected", "read_left"]

Span = tuple[int, int]
Carry = Callable[[Span], Span | None]
_Said = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class LeftCoding:
    """A coding of an earlier wording that its coder has not made again.

    Parameters
    ----------
    coding : Coding
    span : (int, int) or None
        Where its words are now, in half-open code points; none where they were changed. Of a
        region (0, 0).
    accepted_by : str
        Of a machine's proposal, who accepted it: it is their work now.
    """

    coding: Coding
    span: Span | None
    accepted_by: str = ""

    @property
    def by(self) -> str:
        """Whose it is."""
        return self.accepted_by or self.coding.coder

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
        noted = [_noted(connection, name, read) for read in (*told, now[name])]
        found += _left(words, logs, noted)
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
    once, and have been there once. A word of which but a part is there still was changed.

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
        found = moved(span)
        same = found is not None and _in_full(before, span) == _in_full(after, found)
        return found if same else None

    def moved(span: Span) -> Span | None:
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


def _in_full(text: str, span: Span) -> str:
    """The words of a span, with what of its first and last word lies outside it."""
    start, end = span
    while 0 < start < len(text) and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while 0 < end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return text[start:end]


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
    codings: frozenset[_Said]
    memos: frozenset[_Said]


def _left(
    words: Sequence[str], logs: Sequence[Codings], noted: Sequence[frozenset[_Said]]
) -> Iterator[LeftCoding | LeftMemo]:
    """What is left of wordings, the oldest first and that of now last."""
    told: set[tuple[object, ...]] = set()
    readers = {seen.coder for seen in logs[-1].seen if seen.whole}
    for k, log in enumerate(logs[:-1]):
        after = range(k + 1, len(logs))
        later = [_Later(carrier(words[k], words[j]), _made(logs[j]), noted[j]) for j in after]
        here: tuple[LeftCoding | LeftMemo, ...] = (*_codings(log, later), *_memos(log, later))
        for left in here:
            if left.gone and left.by in readers:
                continue
            if _key(left) not in told:
                yield left
            told.add(_key(left))


def _made(log: Codings) -> frozenset[_Said]:
    """What was coded in a wording, and by whom; by whoever accepted it, too."""
    rows = [(c, c.coder) for c in log]
    rows += [(row.coding, by) for row, by in _with_accepters(log) if by]
    return frozenset((c.start, c.end, c.region, c.code_id, who) for c, who in rows)


def _with_accepters(log: Codings) -> Iterator[tuple[CurrentCoding, str]]:
    """What holds of a log, and who accepted it, if it is a proposal that somebody accepted."""
    latest = {each.coding_id: each.by for each in sorted(log.decisions, key=lambda d: (d.at, d.id))}
    for row in log.current:
        yield row, latest[row.coding.id] if row.status == "reviewed" else ""


def _noted(connection: Connection, document_id: str, text_hash: str) -> frozenset[_Said]:
    """What was noted on a wording, also what was let go or changed since."""
    table = schema.memos
    asked = (table.c.document_id == document_id, table.c.text_hash == text_hash)
    rows = views.holding(connection, table.name, *asked)
    return frozenset(_says(as_rows.memo_of(row)) for row in rows)


def _says(memo: Memo) -> _Said:
    return memo.document_id, memo.by, memo.kind, memo.text, memo.code_id, memo.region


def _codings(log: Codings, later: Sequence[_Later]) -> Iterator[LeftCoding]:
    for coding, accepted_by in ((row.coding, by) for row, by in _with_accepters(log)):
        places = [(0, 0) if coding.region else x.carry((coding.start, coding.end)) for x in later]
        what = (coding.region, coding.code_id, accepted_by or coding.coder)
        found = zip(places, later, strict=True)
        if not any(place and (*place, *what) in then.codings for place, then in found):
            yield LeftCoding(coding, places[-1], accepted_by)


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
        return coding.document_id, place, coding.region, coding.code_id, left.by
    memo = left.memo
    return memo.document_id, left.span, memo.region, memo.kind, memo.text, memo.by
