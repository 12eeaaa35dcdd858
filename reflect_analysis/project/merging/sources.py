"""The other files of a merge: read as they are at one moment, and never changed.

A file is copied into memory first, by SQLite itself: so nobody who writes it has to wait, what
a process that died had acknowledged can be added, and an older version can be brought up to date,
all without a change to the file or a word of a participant in a temporary one.
"""

from __future__ import annotations

import contextlib
import difflib
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
from reflect_analysis.project.entries import Entry, write_entries
from reflect_analysis.project.migrating import bring_up_to_date, check_revision
from reflect_analysis.project.pending import SUFFIX, read_leftovers
from reflect_analysis.project.views import read_facts

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

__all__ = ["Source", "opened"]

_MAGIC = b"SQLite format 3\x00"
_NO_STUDIES = (".yaml", ".yml", ".csv", ".txt", ".md", ".docx", ".pdf", ".xlsx", ".json", ".jsonl")
_STUDY_LETTERS = 12  # of the study's id, in the name of a log of what waits


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
    notes : tuple of str
        What whoever merges should know.
    """

    name: str
    study: str
    connection: Connection
    notes: tuple[str, ...] = ()


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
    addresses = _each_once([Address(other, ours=False) for other in others], target)
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
    notes: list[str] = []
    with _engine(address, notes) as engine, reading(engine, address) as connection:
        raise_all(ProjectError, [f"{name}: {fault}" for fault in faults_in(connection)])
        told = tuple(f"{name}: {note}" for note in notes)
        yield Source(name, read_facts(connection)["id"], connection, told)


@contextlib.contextmanager
def _engine(address: Address, notes: list[str]) -> Iterator[Engine]:
    if address.path is None:
        engine = connect_engine(address)
        try:
            check_revision(engine, address)
            yield engine
        finally:
            engine.dispose()
        return
    _check_file(address.path)
    with in_words(address):
        # Before the file is copied: what is moved into it meanwhile is then in one or in both.
        leftovers = _leftovers(address.path, notes)
    with in_words(address), _in_memory(address.path) as memory:
        engine = _engine_on(memory)
        try:
            bring_up_to_date(engine, address, copy=False)
            with reading(engine, address) as connection:
                write_entries(connection, leftovers)
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


def _check_file(path: Path) -> None:
    """Say what a path is that is no study; nobody wants a text or a codebook restored."""
    if path.is_dir():
        raise ProjectError(f"{path} is a folder; name the file of the study in it")
    if not path.is_file():
        beside = {each.stem: each.name for each in path.parent.glob("*.reflect")}
        near = difflib.get_close_matches(path.stem, beside, n=1)
        told = f"; did you mean {beside[near[0]]!r}?" if near else ""
        raise ProjectError(f"{path}: there is no such file{told}")
    start = b""
    with contextlib.suppress(OSError), path.open("rb") as file:
        start = file.read(len(_MAGIC))
    if start and start != _MAGIC and path.suffix.lower() in _NO_STUDIES:
        raise ProjectError(
            f"{path.name} is no study, and is not merged. Texts, a codebook (--codebook) or "
            "codings (--codings) come into a study by: reflect-analysis import"
        )


def _leftovers(path: Path, notes: list[str]) -> list[Entry]:
    """What processes acknowledged and have not stored, as opening the file would do."""
    study = _study_of(path)
    if not study:
        return []
    logs = path.parent.glob(f"*-{study[:_STUDY_LETTERS]}-*{SUFFIX}")
    if not all(_is_readable(log) for log in logs if log.name.startswith(path.name)):
        notes.append(
            "is open in another program, and what was decided there in the last second may be "
            "missing; close it there and merge once more"
        )
    return read_leftovers(path, study)


def _study_of(path: Path) -> str:
    """The study's id; empty where it cannot be asked, which is said later."""
    try:
        with contextlib.closing(sqlite3.connect(_read_only(path), uri=True)) as connection:
            row = connection.execute("SELECT value FROM study WHERE key = 'id'").fetchone()
    except sqlite3.Error:
        return ""
    return str(row[0]) if row else ""


def _is_readable(path: Path) -> bool:
    """Whether a log may be read; Windows keeps it for its owner."""
    try:
        path.read_bytes()
    except FileNotFoundError:  # it was stored and taken away meanwhile
        return True
    except OSError:
        return False
    return True
