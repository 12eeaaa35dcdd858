"""Whether a project is whole: what a check of every row finds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from reflect_analysis.project import schema
from reflect_analysis.project.engine import Address, in_words, plain_connection, reading

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

__all__ = ["faults_in", "faults_of"]

_SHOWN = 20  # of each kind; the rest is a number


def faults_of(engine: Engine, address: Address) -> tuple[str, ...]:
    """What is wrong with a project; empty where nothing is.

    The pages of a file, its references, that every row has the event that wrote it, and that
    every coding lies within the text that its coder read.
    """
    if address.path is not None and (found := tuple(_page_faults(address.path))):
        return found  # the rows cannot be trusted to be there
    with reading(engine, address) as connection:
        return faults_in(connection)


def faults_in(connection: Connection) -> tuple[str, ...]:
    """What is wrong with the rows of a project; empty where nothing is."""
    return (
        *_reference_faults(connection),
        *_ownerless(connection),
        *_outside(connection),
        *_hash_faults(connection),
    )


def _page_faults(path: Path) -> Iterator[str]:
    try:
        with plain_connection(path) as connection:
            told = [row[0] for row in connection.execute("PRAGMA integrity_check")]
    except sqlite3.OperationalError as error:  # locked, or gone: that says nothing of its pages
        with in_words(Address(path)):
            raise error from None
    except sqlite3.DatabaseError as error:  # too broken to be looked through
        told = [str(error)]
    yield from (f"the file is broken: {line}" for line in told if line != "ok")


def _reference_faults(connection: Connection) -> Iterator[str]:
    """PostgreSQL lets no reference go wrong; a file may have been changed by another program."""
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        tables = sorted({f"{row[0]} → {row[2]}" for row in rows})
        yield from (f"rows refer to what is not there: {each}" for each in tables)


def _ownerless(connection: Connection) -> Iterator[str]:
    from sqlalchemy import func, select

    events = schema.events
    for name, table in schema.ROW_TABLES.items():
        asked = (
            select(func.count())
            .select_from(table)
            .outerjoin(events, table.c.event_id == events.c.id)
            .where(events.c.id.is_(None))
        )
        if count := connection.execute(asked).scalar():
            yield f"{name}: {count} rows without the event that wrote them"


def _outside(connection: Connection) -> Iterator[str]:
    """Codings that end beyond their text; a text that is not there any more says nothing."""
    from sqlalchemy import func, or_, select

    codings, documents = schema.codings, schema.documents
    same = (documents.c.id == codings.c.document_id) & (
        documents.c.text_hash == codings.c.text_hash
    )
    asked = (
        select(codings.c.id, codings.c.document_id)
        .join(documents, same)
        .where(or_(codings.c.start < 0, codings.c.end > func.length(documents.c.text)))
        .distinct()
        .order_by(codings.c.id)
    )
    rows = connection.execute(asked).all()
    for coding_id, document_id in rows[:_SHOWN]:
        yield f"coding {coding_id} lies outside the text of {document_id!r}"
    if len(rows) > _SHOWN:
        yield f"and {len(rows) - _SHOWN} codings more lie outside their texts"


def _hash_faults(connection: Connection) -> Iterator[str]:
    """A text that is not the one that was stored: its hash tells."""
    from sqlalchemy import select

    from reflect_analysis.provenance import text_hash

    table = schema.documents
    for row in connection.execute(select(table.c.id, table.c.text, table.c.text_hash)):
        if text_hash(row.text) != row.text_hash:
            yield f"the text of {row.id!r} is not the one that was stored"
