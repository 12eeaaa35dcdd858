"""What was coded on a text that was changed since: known by the log, which keeps every hash.

A folder of codings names documents and offsets, and no text. Stored once more after a text was
changed, its rows would move on to the new words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from reflect_analysis.project import rows as as_rows
from reflect_analysis.project import views

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from reflect_analysis.codings import Codings

__all__ = ["documents_changed_since"]

Kept = dict[str, set[str]]  # by id of a row the hashes of the texts that it was made on


def documents_changed_since(connection: Connection, codings: Codings) -> tuple[str, ...]:
    """The documents of which the log knows these codings or readings on an earlier text alone."""
    now = views.text_hashes(connection)
    return tuple(dict.fromkeys(_changed(connection, codings, now)))


def _changed(connection: Connection, codings: Codings, now: Mapping[str, str]) -> Iterator[str]:
    made = _hashes(connection, "codings")
    for coding in codings:
        if _is_earlier(made.get(coding.id, set()), now.get(coding.document_id)):
            yield coding.document_id
    read, texts = _hashes(connection, "seen"), _texts(connection)
    for row in codings.seen:
        known = {
            text
            for text in texts.get(row.document_id, ())
            if as_rows.seen_row(row, text)["id"] in read
        }
        if _is_earlier(known, now.get(row.document_id)):
            yield row.document_id


def _is_earlier(known: set[str], now: str | None) -> bool:
    return bool(known) and now is not None and now not in known


def _hashes(connection: Connection, table: str) -> Kept:
    found: Kept = {}
    for row in views.holding(connection, table):
        found.setdefault(row["id"], set()).add(row["text_hash"])
    return found


def _texts(connection: Connection) -> Kept:
    """The hashes of all texts on which a document was read."""
    found: Kept = {}
    for row in views.holding(connection, "seen"):
        found.setdefault(row["document_id"], set()).add(row["text_hash"])
    return found
