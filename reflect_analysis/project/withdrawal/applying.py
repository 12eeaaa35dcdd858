"""Tombstones applied: to all that a project holds, and to whatever comes in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from reflect_analysis.disclosure.withdrawal import Move, Pair, joined
from reflect_analysis.project import schema
from reflect_analysis.project.fetching import fetched
from reflect_analysis.project.rows import Row, as_json, from_json
from reflect_analysis.project.withdrawal.burying import Burial
from reflect_analysis.project.withdrawal.judging import judge, judge_all
from reflect_analysis.project.withdrawal.stones import (
    Tombstone,
    add_tombstones,
    lock,
    read_tombstones,
)
from reflect_analysis.project.withdrawal.transcripts import holds

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

__all__ = [
    "Buried",
    "alike_in",
    "apply_tombstones",
    "burial_of",
    "bury",
    "documents_in",
    "holds_case",
    "keep_found",
    "laid",
]

_PART = 1_000  # parameters of one statement

# Tables that are small, or by which the others are known.
_ASKED_ALWAYS = ("cases", "documents", "clearances", "codebooks", "topic_acts")
# Tables in which other people's writing may quote a person.
_WRITTEN = ("codings", "decisions", "memos", "approvals")
# Tables whose rows lie in a document.
_IN_DOCUMENTS = ("codings", "seen", "memos", "approvals", "assignments")


def apply_tombstones(connection: Connection) -> Buried:
    """Delete all that the withdrawn left, as if it had never come in; for whoever writes rows.

    To be called after rows or tombstones came from elsewhere: a merge, an import, a backup that
    was restored. A second call changes nothing.

    Parameters
    ----------
    connection : Connection
        In a transaction that may write.

    Returns
    -------
    Buried
        How many rows of each table were deleted or changed.
    """
    lock(connection, alone=True)
    burial = burial_of(connection)
    if burial is None:
        return Buried({}, {})
    burial.learn(documents_in(connection))
    buried = bury(connection, burial)
    keep_found(connection, burial)
    return buried


def holds_case(connection: Connection, case_id: str) -> bool:
    """Whether a project, or a backup of one, holds a person's words or what is known of them.

    Parameters
    ----------
    connection : Connection
    case_id : str
    """
    from sqlalchemy import or_, select

    cases, table = schema.cases, schema.documents
    if connection.execute(select(cases.c.id).where(cases.c.id == case_id).limit(1)).first():
        return True
    mentioned = table.c.about.contains(as_json(case_id), autoescape=True)
    asked = select(table.c.case_id, table.c.about).where(or_(table.c.case_id == case_id, mentioned))
    return any(holds(dict(row), case_id) for row in connection.execute(asked).mappings())


def alike_in(connection: Connection) -> tuple[str, ...]:
    """Ids of the documents that are, word for word, one that went with somebody who withdrew.

    They came under another id and another name, or are a few words that anybody writes: whose
    they are has to be asked.
    """
    from sqlalchemy import select

    stones = read_tombstones(connection).values()
    spared = {pair for stone in stones for pair in stone.spared}
    hashes = sorted({text for stone in stones for _, text in stone.documents})
    table, found = schema.documents, set[Pair]()
    for part in _parts(hashes):
        asked = select(table.c.id, table.c.text_hash).where(table.c.text_hash.in_(part))
        found |= {(row.id, row.text_hash) for row in connection.execute(asked)}
    return tuple(sorted({document for document, _ in found - spared}))


def burial_of(connection: Connection, more: Iterable[Tombstone] = ()) -> Burial | None:
    """What the tombstones of a project say, and some more; `None` where nobody withdrew."""
    stones = {stone.case_id: stone for stone in joined(read_tombstones(connection).values(), more)}
    if not stones:
        return None
    moves = [move for stone in stones.values() for move in stone.replaced]
    moves += _moves_of_merges(connection)
    return Burial(stones, moves, _texts(connection, moves))


def _moves_of_merges(connection: Connection) -> Iterator[Move]:
    """Texts that were blotted out when a tombstone came from a copy."""
    from sqlalchemy import select

    table = schema.events
    asked = select(table.c.payload).where(table.c.action == "merge")
    for payload in connection.execute(asked).scalars():
        yield from (tuple(each) for each in from_json(payload).get("replaced", ()))


def _texts(connection: Connection, moves: Sequence[Move]) -> dict[Pair, str]:
    from sqlalchemy import select

    table = schema.documents
    ids = sorted({document for document, _, _ in moves})
    found: dict[Pair, str] = {}
    for part in _parts(ids):
        asked = select(table.c.id, table.c.text_hash, table.c.text).where(table.c.id.in_(part))
        found |= {(row.id, row.text_hash): row.text for row in connection.execute(asked)}
    new = {(document, after) for document, _, after in moves}
    return {pair: text for pair, text in found.items() if pair in new}


def documents_in(connection: Connection) -> Iterator[Row]:
    """All documents that a project holds or held, undone ones too."""
    return _rows(connection, schema.documents)


def keep_found(connection: Connection, burial: Burial) -> None:
    """List in the tombstones the texts of the withdrawn that came in since."""
    if burial.found:
        stone = next(iter(burial.stones.values()))  # any of them: they share the list
        add_tombstones(connection, [replace(stone, documents=frozenset(burial.found))])


# ── what is there ──


@dataclass(frozen=True, slots=True)
class Buried:
    """How many rows of each table were deleted, and how many were changed."""

    deleted: dict[str, int]
    changed: dict[str, int]

    def note(self, table: str, touched: int, deleted: int) -> None:
        """Count what was done to a table."""
        if deleted:
            self.deleted[table] = deleted
        if touched > deleted:
            self.changed[table] = touched - deleted


def bury(connection: Connection, burial: Burial) -> Buried:
    """Put every row that may be concerned through a burial."""
    buried = Buried({}, {})
    # Codings before decisions: a decision goes with what it decided on.
    for name, table in schema.ROW_TABLES.items():
        rows = list(_concerned(connection, name, burial))
        kept = [(row, judge(burial, name, row)) for row in rows]
        changed = [(before, after) for before, after in kept if after is not before]
        _delete(connection, table, [before for before, _ in changed])
        _insert(connection, table, [after for _, after in changed if after is not None])
        buried.note(name, len(changed), sum(after is None for _, after in changed))
    return buried


def _concerned(connection: Connection, name: str, burial: Burial) -> Iterator[Row]:
    """The rows of a table that may have to go or to change."""
    table = schema.ROW_TABLES[name]
    if name in _ASKED_ALWAYS or (burial.quotes and name in _WRITTEN):
        yield from _rows(connection, table)
    elif name == "decisions":
        for part in _parts(sorted(burial.codings)):
            yield from _rows(connection, table, table.c.coding_id.in_(part))
    elif name in _IN_DOCUMENTS:
        for part in _parts(sorted(burial.documents)):
            yield from _rows(connection, table, table.c.document_id.in_(part))


def _rows(connection: Connection, table: Table, *where: Any) -> Iterator[Row]:
    from sqlalchemy import select

    return fetched(connection, select(table).where(*where))


def _delete(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    from sqlalchemy import and_, bindparam

    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    # A parameter must not bear the name of a column.
    where = and_(*(table.c[name] == bindparam(f"key_{name}") for name in keys))
    given = [{f"key_{name}": row[name] for name in keys} for row in rows]
    connection.execute(table.delete().where(where), given)


def _insert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    from reflect_analysis.project.entries import write_rows

    if rows:
        write_rows(connection, table, rows)


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(ids), _PART):
        yield ids[first : first + _PART]


# ── what comes in ──


def laid(
    connection: Connection, rows: Mapping[str, Iterable[Row]]
) -> tuple[dict[str, tuple[Row, ...]], Callable[[], None]]:
    """What is left of rows that are about to be written, and what to do when they are.

    Parameters
    ----------
    connection : Connection
    rows : mapping of str to rows
        By table.

    Returns
    -------
    rows : dict
    settle : callable
        To be called after they were written.
    """
    lock(connection, alone=False)
    given = {name: tuple(found) for name, found in rows.items()}
    burial = burial_of(connection)
    if burial is None:
        return given, _nothing
    burial.learn(given.get("documents", ()))
    # Codings before decisions: a decision goes with what it decided on.
    names = [name for name in schema.ROW_TABLES if name in given]
    left = {name: tuple(judge_all(burial, name, given[name])) for name in names}
    return left, lambda: _settle(connection, burial)


def _nothing() -> None:
    """Nobody withdrew, or nothing of theirs came."""


def _settle(connection: Connection, burial: Burial) -> None:
    if burial.found:
        keep_found(connection, burial)
        apply_tombstones(connection)
