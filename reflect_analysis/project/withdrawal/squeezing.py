"""The store written anew without what was deleted: until then it lies on the disk, unseen.

A server keeps a deleted row as long as anybody looks at the study as it was before; it says so
only when it is asked to tell what it does.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

from reflect_analysis.errors import ProjectError
from reflect_analysis.project import schema
from reflect_analysis.project.engine import Address, in_words, plain_connection

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

__all__ = ["SERVER_NOTES", "squeeze"]

SERVER_NOTES = (
    "the server's own logs and backups hold the person until they are overwritten there",
    (
        "a memo that quotes the person and is written there from now on is not recognised, for "
        "the words are gone from here; tell whoever works there, and look at the memos"
    ),
)
_PATIENCE_SECONDS = 20.0
_PAUSE_SECONDS = 2.0
_LOCK_SECONDS = 5
_LOCKED = "55P03"  # PostgreSQL's state of a lock that was not to be had in time

Outcome = Literal["done", "held", "refused"]


def squeeze(address: Address, engine: Engine) -> tuple[str, ...]:
    """Write the store anew; a sentence for each thing that is not done yet, empty where all is."""
    engine.dispose()
    try:
        if address.path is None:
            return _squeeze_server(address)
        with in_words(address), plain_connection(address.path) as connection:
            connection.execute("VACUUM")
    except ProjectError as error:
        return (f"the study could not be written anew without the person yet: {error}",)
    return ()


def _squeeze_server(address: Address) -> tuple[str, ...]:
    """A connection of its own: VACUUM runs in no transaction, and ours begin one to greet."""
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    engine = create_engine(
        address.url, poolclass=NullPool, isolation_level="AUTOCOMMIT", hide_parameters=True
    )
    with in_words(address), engine.connect() as connection:
        connection.exec_driver_sql(f"SET lock_timeout = '{_LOCK_SECONDS}s'")
        found = _rewritten(connection, schema.ROW_TABLES)
    return tuple(_told(found))


def _rewritten(connection: Connection, names: Iterable[str]) -> dict[str, Outcome]:
    """What became of each table; one that is held is tried again for a while."""
    found: dict[str, Outcome] = {}
    until = time.monotonic() + _PATIENCE_SECONDS
    left = list(names)
    while True:
        found |= {name: _vacuum(connection, name) for name in left}
        left = [name for name in left if found[name] == "held"]
        if not left or time.monotonic() >= until:
            return found
        time.sleep(_PAUSE_SECONDS)


def _vacuum(connection: Connection, name: str) -> Outcome:
    from sqlalchemy.exc import DBAPIError

    notices: Any = connection.connection.dbapi_connection.notices  # type: ignore[union-attr]  # pg8000's own
    notices.clear()
    try:
        connection.exec_driver_sql(f"VACUUM (FULL, VERBOSE) {name}")
    except DBAPIError as error:
        told = error.orig.args[0] if error.orig is not None and error.orig.args else None
        if isinstance(told, dict) and told.get("C") == _LOCKED:
            return "held"
        raise
    return _outcome(list(notices))


def _outcome(notices: Iterable[dict[bytes, bytes]]) -> Outcome:
    """What the server said: a warning that it passes over a table, or how much it had to keep.

    Its words are in its own language; the kind of a message (V) and the first number of its
    detail (D), the dead rows that cannot be removed yet, are the same in all.
    """
    outcome: Outcome = "done"
    for notice in notices:
        if notice.get(b"V") == b"WARNING":
            return "refused"
        number = re.search(rb"\d+", notice.get(b"D", b""))
        if number is not None and int(number[0]):
            outcome = "held"
    return outcome


def _told(found: dict[str, Outcome]) -> Iterable[str]:
    if refused := [name for name, outcome in found.items() if outcome == "refused"]:
        asked = "; ".join(f"VACUUM FULL {name}" for name in refused)
        yield (
            "what was deleted still lies in the server's files, for this user may not rewrite its "
            f"tables; their owner runs: {asked}"
        )
    if held := [name for name, outcome in found.items() if outcome == "held"]:
        yield (
            f"what was deleted still lies in the server's files ({', '.join(held)}), for another "
            "session there is at work or looks at the study as it was before; end that session"
        )
