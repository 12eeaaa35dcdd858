"""What of a withdrawn text lies outside the study: caches, backups, files, the server's disk."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from reflect_analysis.cache import default_cache
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.errors import MissingDependencyError, ProjectError
from reflect_analysis.language import forget, kept_hashes
from reflect_analysis.project import rows as as_rows
from reflect_analysis.project import schema
from reflect_analysis.project.backups import backups_of, remember_withdrawn
from reflect_analysis.project.engine import (
    Address,
    connect_engine,
    in_words,
    plain_connection,
    reading,
)
from reflect_analysis.project.rows import Row
from reflect_analysis.project.views import read_facts
from reflect_analysis.project.withdrawal.applying import holds_case
from reflect_analysis.project.withdrawal.reporting import WithdrawalReport
from reflect_analysis.project.withdrawal.stones import read_tombstones
from reflect_analysis.project.withdrawal.transcripts import pair_of
from reflect_analysis.provenance import text_hash
from reflect_analysis.segments import Unit

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

__all__ = ["finished", "hashes_of", "sources_of"]


def finished(
    report: WithdrawalReport, hashes: frozenset[str], address: Address, engine: Engine
) -> WithdrawalReport:
    """A withdrawal that was kept, carried on outside the study.

    Parameters
    ----------
    report : WithdrawalReport
        What was done in the study.
    hashes : frozenset of str
        Of the texts that are to be forgotten.
    address : Address
    engine : Engine

    Returns
    -------
    WithdrawalReport
        With what was forgotten, and what could not be.
    """
    notes = list(squeeze(address, engine))
    forgotten, told = forget_everywhere(hashes)
    notes += told
    backups: tuple[str, ...] = ()
    if address.path is not None:
        _remember(address, engine)
        backups = backups_with(address.path, report.case_id)
        notes += unstored(address.path)
    notes.append("caches on other computers are out of reach")
    return dataclasses.replace(report, forgotten=forgotten, backups=backups, notes=tuple(notes))


def _remember(address: Address, engine: Engine) -> None:
    """Who withdrew is kept beside the backups too, for an old copy that takes the file's place."""
    if address.path is None:
        return
    with reading(engine, address) as connection:
        stones, study = read_tombstones(connection), read_facts(connection)["id"]
    remember_withdrawn(address.path, study, stones.values())


# ── what was computed ──


def hashes_of(connection: Connection, documents: Iterable[Row], case_id: str) -> frozenset[str]:
    """The hashes of all texts of a person of which something may have been computed.

    The documents, their turns, paragraphs and sentences, and every passage that was coded.
    """
    rows = list({pair_of(row): row for row in documents}.values())
    texts = [as_rows.document_of(row) for row in rows]
    found = {text_hash(text) for text in _segments(texts, case_id)}
    found.update(each for document in texts for each in kept_hashes(document))
    return frozenset(found.union(_coded(connection, rows)))


def _segments(documents: Sequence[Document], case_id: str) -> Iterator[str]:
    """The person's passages in some documents, by every unit."""
    from reflect_analysis.segmentation import segment

    owners = {c for d in documents for c in (d.case_id, *(t.case_id for t in d.turns)) if c}
    corpus = Corpus(
        # Several versions of a text bear one id; and what was read as another's voice goes too.
        tuple(
            dataclasses.replace(document, id=str(number), voice="participant")
            for number, document in enumerate(documents)
        ),
        tuple(map(Case, sorted(owners))),
        tuple(Clearance(document.sha256, "", "") for document in documents),
    )
    cache = default_cache()
    units: tuple[Unit, ...] = get_args(Unit)
    for unit in units:
        if unit == "sentence" and not cache.size():
            continue  # nothing was computed, and a model takes seconds to load
        with contextlib.suppress(MissingDependencyError):
            cut = segment(corpus, by=unit, cache=cache)
            yield from (s.text for s in cut if s.case_id in (case_id, None))


def _coded(connection: Connection, documents: Iterable[Row]) -> Iterator[str]:
    from sqlalchemy import select

    table = schema.codings
    for row in documents:
        where = (table.c.document_id == row["id"], table.c.text_hash == row["text_hash"])
        asked = select(table.c.start, table.c.end).where(*where).distinct()
        for start, end in connection.execute(asked):
            yield text_hash(row["text"][start:end])


def forget_everywhere(hashes: frozenset[str]) -> tuple[int, tuple[str, ...]]:
    """Drop what was computed from texts; how many entries there were, and what went wrong."""
    if not hashes:
        return 0, ()
    count = forget(hashes)
    try:
        return count + default_cache().forget(hashes), ()
    except OSError as error:
        note = (
            f"the cache in {default_cache().folder} could not be rewritten "
            f"({error.strerror or error}); delete that folder: it holds only what can be "
            "computed again"
        )
        return count, (note,)


# ── files ──


def sources_of(documents: Iterable[Row]) -> tuple[str, ...]:
    """The files from which documents were read, and their pictures."""
    found: set[str] = set()
    for row in documents:
        document = as_rows.document_of(row)
        found.add(document.source)
        if document.picture is not None and document.picture.path:
            found.add(document.picture.path)
    return tuple(sorted(found - {""}))


def backups_with(project: Path, case_id: str) -> tuple[str, ...]:
    """The backups of a project file that hold a person; one that cannot be read may do so."""
    return tuple(
        str(backup.path) for backup in backups_of(project) if _may_hold(backup.path, case_id)
    )


def _may_hold(path: Path, case_id: str) -> bool:
    address = Address(path)
    engine = connect_engine(address)
    try:
        with reading(engine, address) as connection:
            return holds_case(connection, case_id)
    except ProjectError:
        return True
    finally:
        engine.dispose()


def unstored(project: Path) -> tuple[str, ...]:
    """A note where another program has not stored yet what a coder wrote."""
    waiting = [
        path.name
        for path in project.parent.glob("*.pending")
        if path.name.startswith(f"{project.name}-") and _size(path)
    ]
    if not waiting:
        return ()
    note = (
        f"another program still has to store what a coder wrote ({', '.join(sorted(waiting))}); "
        "what is of this person is left out then: close that program"
    )
    return (note,)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


# ── the disk ──


def squeeze(address: Address, engine: Engine) -> tuple[str, ...]:
    """Write the store anew without what was deleted; a note where that is not all."""
    if address.path is None:
        return _squeeze_server(engine)
    engine.dispose()
    with in_words(address), plain_connection(address.path) as connection:
        connection.execute("VACUUM")
    return ()


def _squeeze_server(engine: Engine) -> tuple[str, ...]:
    from sqlalchemy.exc import DBAPIError

    notes = ["the server's own logs and backups hold the person until they are overwritten there"]
    try:
        with engine.connect() as plain:
            connection = plain.execution_options(isolation_level="AUTOCOMMIT")
            connection.exec_driver_sql("ROLLBACK")  # of what asked whether the server is there
            connection.exec_driver_sql("SET lock_timeout = '30s'")
            for name in schema.ROW_TABLES:
                connection.exec_driver_sql(f"VACUUM FULL {name}")
            connection.exec_driver_sql("RESET lock_timeout")
    except DBAPIError:
        notes.append(
            "the server's tables could not be rewritten, for others are at work or this user may "
            "not: its administrator runs VACUUM FULL"
        )
    return tuple(notes)
