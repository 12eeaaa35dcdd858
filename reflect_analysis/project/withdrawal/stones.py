"""Tombstones, stored: who withdrew, and by which texts they are known when these come back.

Two copies of a study may both hold a tombstone of one person; `Tombstone` says how they are
joined. All tombstones of a study share one list of what was deleted, for nobody can tell any more
to whom else a text had been ascribed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reflect_analysis.corpus import Tombstone
from reflect_analysis.errors import ProjectError, raise_all
from reflect_analysis.project import schema
from reflect_analysis.project.rows import Row, as_json
from reflect_analysis.provenance import fingerprint

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["Tombstone", "add_tombstones", "lock", "read_tombstones", "set_again", "take_over"]

_ID_LETTERS = 32  # of an event


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


def set_again(connection: Connection, stones: Iterable[Tombstone]) -> tuple[str, ...]:
    """Set tombstones in a copy that is older than they are; the log of the copy says so too.

    Returns
    -------
    tuple of str
        The cases who had not withdrawn in this copy.
    """
    from reflect_analysis.project.entries import Entry, Event, write_entries

    given = list(stones)
    known = read_tombstones(connection)
    add_tombstones(connection, given)
    new = [stone for stone in given if stone.case_id not in known]
    # By its content, so that two copies of which each says it say it once when they are joined.
    write_entries(
        connection,
        [
            Entry(
                Event(
                    fingerprint("withdrew", stone.case_id, stone.at, stone.by)[:_ID_LETTERS],
                    *(stone.at, stone.by, "withdraw"),
                    payload={"case": stone.case_id, "again": True},
                )
            )
            for stone in new
        ],
    )
    return tuple(sorted(stone.case_id for stone in new))


def take_over(connection: Connection, stones: Iterable[Tombstone]) -> None:
    """Set the tombstones that come with texts, so that the persons stay away from the study too.

    Raises
    ------
    ProjectError
        If the study still holds one of them: erasing is a command of its own, never a side effect.
    """
    from sqlalchemy import select

    known = read_tombstones(connection)
    new = [stone for stone in stones if stone.case_id not in known]
    held = set(connection.execute(select(schema.documents.c.case_id)).scalars())
    held |= set(connection.execute(select(schema.cases.c.id)).scalars())
    faults = [
        f"participant {stone.case_id!r} withdrew, as the texts say that are to be stored, and this "
        f"study still holds them: withdraw {stone.case_id} here first"
        for stone in new
        if stone.case_id in held
    ]
    raise_all(ProjectError, faults)
    if new:
        set_again(connection, new)


def lock(connection: Connection, *, alone: bool) -> None:
    """Let nobody write while tombstones are set; in a file there is one writer anyway.

    Without it a transaction that began before a withdrawal could end after it and bring words
    back that nobody looked at.
    """
    if connection.dialect.name == "postgresql":
        mode = "EXCLUSIVE" if alone else "ROW SHARE"
        connection.exec_driver_sql(f"LOCK TABLE tombstones IN {mode} MODE")
