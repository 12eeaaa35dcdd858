"""The other files of a merge: read as they are at one moment, and never changed.

A file is copied into memory first, by SQLite itself: so nobody who writes it has to wait, what
a process that died had acknowledged can be added, and an older version can be brought up to date,
all without a change to the file or a word of a participant in a temporary one.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from reflect_analysis.errors import ProjectError, raise_all
from reflect_analysis.project.backups import patience
from reflect_analysis.project.checking import faults_in
from reflect_analysis.project.engine import BUSY_SECONDS, Address, connect_engine, in_words, reading
from reflect_analysis.project.entries import write_entries
from reflect_analysis.project.migrating import bring_up_to_date, check_revision
from reflect_analysis.project.pending import read_leftovers
from reflect_analysis.project.views import read_facts

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

__all__ = ["Source", "opened"]


@dataclass(frozen=True, slots=True)
class Source:
    """Another copy of the study, or another study.

    Parameters
    ----------
    name : str
        For messages: the file's name, with its folder where two bear the same.
    study : str
        The study's id.
    connection : Connection
        That sees one state of it.
    """

    name: str
    study: str
    connection: Connection


@contextlib.contextmanager
def opened(others: Iterable[str | Path], target: Address) -> Iterator[tuple[Source, ...]]:
    """Open the other files of a merge.

    Parameters
    ----------
    others : iterable of path or URL
    target : Address
        Into which they are to be merged.

    Raises
    ------
    ProjectError
        With every file that cannot be merged, and why.
    """
    addresses = _each_once([Address(other) for other in others], target)
    with ExitStack() as stack:
        sources: list[Source] = []
        faults: list[str] = []
        for address in addresses:
            try:
                sources.append(stack.enter_context(_source(address, _name(address, addresses))))
            except ProjectError as error:
                faults += error.faults
        raise_all(ProjectError, faults, _heading(faults))
        yield tuple(sources)


def _heading(faults: list[str]) -> str | None:
    return "nothing was merged:" if faults else None


def _each_once(addresses: list[Address], target: Address) -> list[Address]:
    """The files without those that are given twice; the target itself is a mistake."""
    if not addresses:
        raise ValueError("name at least one file to merge")
    kept: list[Address] = []
    for address in addresses:
        if _same(address, target):
            raise ProjectError(f"{address.name} is the project into which you merge; name another")
        if not any(_same(address, each) for each in kept):
            kept.append(address)
    return kept


def _same(one: Address, other: Address) -> bool:
    """Whether two addresses lead to the same project, by whatever path."""
    if one.path is None or other.path is None:
        return one.path is other.path is None and _place(one) == _place(other)
    try:
        return one.path.samefile(other.path)
    except OSError:
        return one.path == other.path


def _place(address: Address) -> tuple[object, ...]:
    url = address.url
    return url.host, url.port or 5432, url.database


def _name(address: Address, all_: list[Address]) -> str:
    alike = [each for each in all_ if each.name == address.name]
    return str(address) if len(alike) > 1 else address.name


@contextlib.contextmanager
def _source(address: Address, name: str) -> Iterator[Source]:
    with _engine(address) as engine, reading(engine, address) as connection:
        raise_all(ProjectError, [f"{name}: {fault}" for fault in faults_in(connection)])
        yield Source(name, read_facts(connection)["id"], connection)


@contextlib.contextmanager
def _engine(address: Address) -> Iterator[Engine]:
    if address.path is None:
        engine = connect_engine(address)
        try:
            check_revision(engine, address)
            yield engine
        finally:
            engine.dispose()
        return
    if not address.path.is_file():
        raise ProjectError(f"{address}: there is no such file")
    with in_words(address), _in_memory(address.path) as memory:
        engine = _engine_on(memory)
        try:
            bring_up_to_date(engine, address, copy=False)
            _add_leftovers(engine, address)
            yield engine
        finally:
            engine.dispose()


@contextlib.contextmanager
def _in_memory(path: Path) -> Iterator[sqlite3.Connection]:
    """A copy of a file in memory."""
    memory = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    try:
        source = sqlite3.connect(_read_only(path), uri=True, timeout=BUSY_SECONDS)
        try:
            source.backup(memory, progress=patience())
        except sqlite3.OperationalError as error:
            if "readonly" in error.sqlite_errorname.lower():
                raise ProjectError(
                    f"{path.name}: the program that wrote it was stopped in the middle of it. "
                    "Open it once, which puts it in order; then merge again"
                ) from error
            raise
        finally:
            source.close()
        yield memory
    finally:
        memory.close()


def _read_only(path: Path) -> str:
    """The URI by which SQLite opens a file without the right to change it."""
    place = quote(path.absolute().as_posix(), safe="/:")
    return f"file://{'' if place.startswith('/') else '/'}{place}?mode=ro"


def _engine_on(memory: sqlite3.Connection) -> Engine:
    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import StaticPool

    engine = create_engine(
        "sqlite://", creator=lambda: memory, poolclass=StaticPool, hide_parameters=True
    )
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _add_leftovers(engine: Engine, address: Address) -> None:
    """What processes acknowledged that never stored it, as opening the file would do."""
    if address.path is None:
        return
    with reading(engine, address) as connection:
        study = read_facts(connection)["id"]
        write_entries(connection, read_leftovers(address.path, study))
