"""A backup in the place of a project file, and the withdrawn out of every backup.

A restored file is made ready beside the project, with everybody forgotten who withdrew since, and
only then takes its place, whole or not at all. What was there before is kept.
"""

from __future__ import annotations

import contextlib
import sqlite3
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reflect_analysis.errors import ProjectError, raise_all
from reflect_analysis.project import backups
from reflect_analysis.project.checking import faults_of
from reflect_analysis.project.engine import (
    Address,
    connect_engine,
    in_words,
    plain_connection,
    reading,
    writing,
)
from reflect_analysis.project.entries import Entry, latest_event, write_entries
from reflect_analysis.project.migrating import bring_up_to_date
from reflect_analysis.project.pending import sync_folder
from reflect_analysis.project.views import read_facts

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from reflect_analysis.project.withdrawal.stones import Tombstone

__all__ = ["Purged", "Restored", "purge_backups", "restore_backup"]


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put in the place of a project file.

    Parameters
    ----------
    backup : Path
        What was restored.
    kept : Path or None
        What was there before, if anything was; merge it to have what came after the backup.
    withdrawn : tuple of str
        Cases who are forgotten in it.
    """

    backup: Path
    kept: Path | None
    withdrawn: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge found.

    Parameters
    ----------
    cleaned : tuple of Path
        Backups that held the person and do not any more.
    unreadable : tuple of Path
        Files that cannot be read and may hold the person: delete them by hand.
    """

    cleaned: tuple[Path, ...]
    unreadable: tuple[Path, ...]


def restore_backup(project: Path, backup: str | Path, *, by: str) -> Restored:
    """Put a backup in the place of a project file.

    Parameters
    ----------
    project : Path
        The file, which may be broken or missing.
    backup : path or name
    by : str

    Raises
    ------
    ProjectError
        If there is no such backup, it is broken, or it is of another study; then nothing was
        changed.
    """
    source = backups.named(project, backup)
    here = _study_of(project)
    partial = backups.folder_of(project) / f"{uuid.uuid4().hex}.partial"
    try:
        partial.parent.mkdir(exist_ok=True)
        with in_words(Address(source)), plain_connection(source) as connection:
            backups.copy_database(connection, partial)
        with _opened(partial) as engine:
            study = _checked_study(engine, Address(partial), source)
            if here is not None and here != study:
                raise ProjectError(f"{source.name} is of another study; nothing was changed")
            stones = _withdrawn_from(project, study, source)
            back = _forget(engine, Address(partial), stones.values())
            with writing(engine, Address(partial)) as connection:
                told = {"backup": source.name} | ({"withdrawn": list(back)} if back else {})
                write_entries(connection, [Entry(latest_event(connection, by, "restore", told))])
        kept = _take_place(partial, project, sound=here is not None)
    except PermissionError as error:
        raise ProjectError(f"{project.name} is in use or may not be written: {error}") from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
    return Restored(source, kept, tuple(sorted(stones)))


def _study_of(project: Path) -> str | None:
    """The id of the study in a file that is sound; `None` for a broken or missing one."""
    if not project.is_file():
        return None
    try:
        with plain_connection(project) as connection:
            if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                return None
            found = connection.execute("SELECT value FROM study WHERE key = 'id'").fetchone()
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise ProjectError(f"{project.name} is in use; close it everywhere first") from error
        return None
    except sqlite3.Error:
        return None
    return None if found is None else str(found[0])


def _withdrawn_from(project: Path, study: str, *others: Path) -> dict[str, Tombstone]:
    """Who withdrew, by the project file, if it can be read, and by what lies with any backups."""
    return backups.join_withdrawn(
        _stones_in(project).values(),
        backups.read_withdrawn(project, study).values(),
        backups.withdrawn_beside(study, project, *others).values(),
    )


def _stones_in(project: Path) -> dict[str, Tombstone]:
    from reflect_analysis.project.withdrawal import read_tombstones

    if not project.is_file():
        return {}
    address = Address(project)
    engine = connect_engine(address)
    try:
        with reading(engine, address) as connection:
            return read_tombstones(connection)
    except (ProjectError, ValueError, LookupError):  # broken: the file beside the backups counts
        return {}
    finally:
        engine.dispose()


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Engine]:
    """A copy, brought up to date; a copy of the copy is not kept."""
    address = Address(path)
    engine = connect_engine(address)
    try:
        bring_up_to_date(engine, address, copy=False)
        yield engine
    finally:
        engine.dispose()


def _checked_study(engine: Engine, address: Address, source: Path) -> str:
    """The id of the study in a backup that is sound."""
    faults = faults_of(engine, address)
    raise_all(ProjectError, [f"{source.name}: {fault}" for fault in faults])
    with reading(engine, address) as connection:
        return read_facts(connection)["id"]


def _forget(engine: Engine, address: Address, stones: Iterable[Tombstone]) -> tuple[str, ...]:
    """Erase who withdrew from a copy; those of whose withdrawal it did not know."""
    from reflect_analysis.project.withdrawal import apply_tombstones, set_again

    with writing(engine, address) as connection:
        back = set_again(connection, stones)
        apply_tombstones(connection)
    return back


def _take_place(ready: Path, project: Path, *, sound: bool) -> Path | None:
    """Put a file in another's place; what was there, or `None`.

    A sound file is written over by SQLite, so that others who have it open see the new state. A
    broken one is moved away with its journal, which SQLite would play into the new file.
    """
    if sound:
        kept = backups.make_backup(project, "before-restore").path
        with in_words(Address(project)), plain_connection(ready) as source:
            backups.copy_database(source, project)
        return kept
    kept = backups.new_name(project, backups.BROKEN)
    journal = project.with_name(f"{project.name}-journal")
    if journal.exists():
        journal.replace(kept.with_name(f"{kept.name}-journal"))
    was_there = project.exists()
    if was_there:
        project.replace(kept)
    ready.replace(project)
    sync_folder(kept.parent)
    sync_folder(project.parent)
    return kept if was_there else None


def purge_backups(project: Path, case_id: str) -> Purged:
    """Erase a participant who withdrew from every file among the backups, by whatever name.

    Raises
    ------
    ProjectError
        If the project holds no withdrawal of this participant.
    """
    study = _study_of(project)
    if study is None:
        raise ProjectError(f"{project.name} is missing or broken; restore a backup first")
    stones = _withdrawn_from(project, study)
    if case_id not in stones:
        raise ProjectError(
            f"{case_id!r} did not withdraw from {project.name}; first: reflect-analysis withdraw"
        )
    cleaned, unreadable = [], []
    for path in backups.files_in(project):
        try:
            if _purged(path, study, stones, case_id):
                cleaned.append(path)
        except ProjectError:
            unreadable.append(path)
    return Purged(tuple(cleaned), tuple(unreadable))


def _purged(path: Path, study: str, stones: dict[str, Tombstone], case_id: str) -> bool:
    """Forget all who withdrew in one backup; whether it held the one that was asked for.

    In a copy of another study, which once had this file's name, it is another person.
    """
    from reflect_analysis.project.withdrawal import holds_case

    address = Address(path)
    with _opened(path) as engine:
        if _checked_study(engine, address, path) != study:
            return False
        with reading(engine, address) as connection:
            held = holds_case(connection, case_id)
        if held:
            _forget(engine, address, stones.values())
    return held
