"""Tombstones: who withdrew, and by which texts they are known wherever these come back.

Two copies of a study may both hold a tombstone of one person. They are joined so that neither the
order nor the grouping of the copies matters: what one of them lists is listed, and what only one
of them spares is not spared. All tombstones of a study share one list of what was deleted, for
nobody can tell any more to whom else a text had been ascribed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from reflect_analysis.project import schema
from reflect_analysis.project.rows import Row, as_json

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["Move", "Pair", "Tombstone", "add_tombstones", "lock", "read_tombstones"]

Pair = tuple[str, str]  # a document and the hash of a text of it
Move = tuple[str, str, str]  # a document, the hash of its text, and that of the blotted text


@dataclass(frozen=True, slots=True)
class Tombstone:
    """That a person withdrew.

    Parameters
    ----------
    case_id : str
    at, by : str
        When, and who recorded it.
    documents : frozenset of (str, str)
        Document and hash of the texts that were deleted, in this withdrawal or another.
    spared : frozenset of (str, str)
        Texts that were ascribed to this person once and to another one when they withdrew.
    replaced : frozenset of (str, str, str)
        Document, old and new hash of shared texts.
    """

    case_id: str
    at: str
    by: str
    documents: frozenset[Pair] = frozenset()
    spared: frozenset[Pair] = frozenset()
    replaced: frozenset[Move] = frozenset()

    def __or__(self, other: Tombstone) -> Tombstone:
        """Both as one: commutative, associative, and with itself the same."""
        at, by = min((self.at, self.by), (other.at, other.by))
        # What one did not know of when it was set, it did not spare.
        documents = self.documents | other.documents | (self.spared ^ other.spared)
        return Tombstone(
            self.case_id,
            at,
            by,
            documents,
            (self.spared & other.spared) - documents,
            self.replaced | other.replaced,
        )


def tombstone_row(stone: Tombstone) -> Row:
    """A tombstone as a row."""
    return {
        "case_id": stone.case_id,
        "at": stone.at,
        "by": stone.by,
        "documents": as_json(sorted(stone.documents)),
        "spared": as_json(sorted(stone.spared)),
        "replaced": as_json(sorted(stone.replaced)),
    }


def tombstone_of(row: Mapping[str, Any]) -> Tombstone:
    """The tombstone of a row."""
    lists = (
        frozenset(tuple(each) for each in json.loads(row[name]))
        for name in ("documents", "spared", "replaced")
    )
    return Tombstone(row["case_id"], row["at"], row["by"], *lists)


def read_tombstones(connection: Connection) -> dict[str, Tombstone]:
    """The withdrawn, by case."""
    from sqlalchemy import select

    rows = connection.execute(select(schema.tombstones)).mappings()
    return {row["case_id"]: tombstone_of(dict(row)) for row in rows}


def add_tombstones(connection: Connection, stones: Iterable[Tombstone]) -> None:
    """Add tombstones to those that are there, each joined with what is known of that person."""
    lock(connection, alone=True)
    known = read_tombstones(connection)
    joined = dict(known)
    for stone in stones:
        before = joined.get(stone.case_id)
        joined[stone.case_id] = stone if before is None else before | stone
    listed = frozenset(pair for stone in joined.values() for pair in stone.documents)
    for case_id, stone in joined.items():
        _write(
            connection,
            replace(stone, documents=listed, spared=stone.spared - listed),
            known.get(case_id),
        )


def _write(connection: Connection, stone: Tombstone, before: Tombstone | None) -> None:
    table = schema.tombstones
    if before is None:
        connection.execute(table.insert(), tombstone_row(stone))
    elif stone != before:
        where = table.c.case_id == stone.case_id
        connection.execute(table.update().where(where), tombstone_row(stone))


def lock(connection: Connection, *, alone: bool) -> None:
    """Let nobody write while tombstones are set; in a file there is one writer anyway.

    Without it a transaction that began before a withdrawal could end after it and bring words
    back that nobody looked at.
    """
    if connection.dialect.name == "postgresql":
        mode = "EXCLUSIVE" if alone else "ROW SHARE"
        connection.exec_driver_sql(f"LOCK TABLE tombstones IN {mode} MODE")
