"""An open project: its connection, its log of what waits, and what it says about its place.

`Project` adds what a study is. Here is only how what is written becomes durable and stays so:
an entry is acknowledged when the log beside the file has it (`project.pending`), or when the
server has committed it.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from reflect_analysis.errors import ProjectError, did_you_mean
from reflect_analysis.project import backups, rights, views
from reflect_analysis.project.clock import Clock, last_event, last_of
from reflect_analysis.project.engine import (
    Address,
    UnreachableError,
    connect_engine,
    reading,
    writing,
)
from reflect_analysis.project.entries import (
    Act,
    Entry,
    Event,
    check_storable,
    latest_event,
    new_event,
    write_entries,
)
from reflect_analysis.project.history import event_of_id
from reflect_analysis.project.migrating import bring_up_to_date, make_tables
from reflect_analysis.project.pending import PendingLog, UnwritableError, store_leftovers
from reflect_analysis.project.places import note_on_place
from reflect_analysis.project.rows import Row

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["OpenProject"]

# How long a coder waits for a server that restarts, before there is an error.
_PATIENCE_SECONDS = 10.0
_RETRY_SECONDS = 0.25


class OpenProject:
    """A project that is open, without what a study is.

    Attributes
    ----------
    address : Address
    """

    def __init__(self, address: Address, *, create: bool = False) -> None:
        self.address = address
        self._engine = connect_engine(address, create=create)
        self._hashes: dict[str, str] = {}
        self._clock = Clock()
        self._people: frozenset[str] | None = None  # whose names are known; none while no team is
        self._pending: PendingLog | None = None
        self._read_only = ""  # why nothing can be stored, where that is so
        self._inode: tuple[int, int] | None = None
        self._notes: list[str] = []
        self._patience = 0.0
        self._process = os.getpid()
        self._backup: threading.Thread | None = None

    # ── opening and closing ──

    @classmethod
    def create(
        cls, target: str | Path, *, title: str = "", approach: str = "codebook", by: str = "lead"
    ) -> Self:
        """Make a new project.

        Parameters
        ----------
        target : path or URL
            A file that does not exist yet (``study.reflect``), or a PostgreSQL URL.
        title, approach : str
        by : str
            Who makes it, by the name that the study uses.

        Raises
        ------
        ProjectError
            If there is a project already, or it cannot be written.
        """
        address = Address(target)
        if address.path is not None and address.path.exists():
            raise ProjectError(f"{address.name} exists already; open it, or name another file")
        project = cls(address, create=True)
        try:
            with writing(project._engine, address) as connection:
                make_tables(connection, address)
                facts = {"id": uuid.uuid4().hex, "title": title, "approach": approach}
                views.write_facts(connection, facts)
                write_entries(connection, [Entry(new_event(by, "create"))])
        except BaseException:
            project._engine.dispose()
            if address.path is not None:  # it was not there before, and it is no project
                with contextlib.suppress(OSError):
                    address.path.unlink(missing_ok=True)
            raise
        project._engine.dispose()
        made = cls(address)  # from here on no file is made
        made._begin(backup=False)
        return made

    @classmethod
    def open(cls, target: str | Path) -> Self:
        """Open a project.

        A file of an older version is brought up to date, after a copy of it was made. What a
        process that died had acknowledged is stored. A backup is made if one is due.

        Parameters
        ----------
        target : path or URL

        Raises
        ------
        ProjectError
            If there is none, it is broken, newer than this version, or cannot be written.
        """
        address = Address(target)
        if address.path is not None and not address.path.is_file():
            raise ProjectError(_missing(address.path))
        project = cls(address)
        project._begin(backup=True)
        return project

    def _begin(self, *, backup: bool) -> None:
        """What is done when a project is opened; where it fails, nothing stays open."""
        try:
            kept = bring_up_to_date(self._engine, self.address)
            if kept is not None:
                self._notes.append(f"brought up to date; a copy as it was: {kept}")
            if self.address.path is not None:
                self._begin_file(self.address.path)
        except BaseException:
            self._engine.dispose()
            raise
        # A file that is broken in part is opened all the same: `check` tells what is wrong.
        with (
            contextlib.suppress(ProjectError),
            reading(self._engine, self.address) as connection,
        ):
            self._learn(connection)
            self._people = rights.known_names(connection)
            self._clock.learn(last_of(connection))
        if self.address.path is None:
            self._patience = _PATIENCE_SECONDS
        elif backup and not self._read_only:
            self._backup = backups.start_backup(self.address.path, self._notes.append)

    def _begin_file(self, path: Path) -> None:
        self._inode = _identity(path)
        study = self.id
        found = store_leftovers(path, study, self._store)
        if found:
            self._notes.append(
                f"{found} decisions of a program that had ended without closing were stored"
            )
        if (note := note_on_place(path)) is not None:
            self._notes.append(note)
        self._remember_withdrawn(path, study)
        try:
            self._pending = PendingLog(path, study, self._store)
        except UnwritableError as error:
            self._read_only = f"{error}; copy the study into a folder of your own to work on it"
            self._notes.append(f"{path.name} can be read here, and nothing be stored: {error}")

    def close(self) -> None:
        """Store what waits and let go of the file.

        Raises
        ------
        ProjectError
            If something cannot be stored; it stays in a log beside the file, which is named.
        """
        try:
            if self._pending is not None and os.getpid() == self._process:
                self._pending.close()
        finally:
            self._pending = None
            if self._backup is not None:
                self._backup.join()
            self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # ── what is known of it ──

    @property
    def notes(self) -> tuple[str, ...]:
        """What whoever opened it should know: of its place, of what was found, of its backup."""
        return tuple(self._notes)

    @property
    def id(self) -> str:
        """Random id, made with the project; copies of it bear the same."""
        return self._fact("id")

    @property
    def title(self) -> str:
        """As given when it was made."""
        return self._fact("title")

    @property
    def approach(self) -> str:
        """How the study works, such as ``"codebook"`` or ``"reflexive"``."""
        return self._fact("approach")

    def _fact(self, key: str) -> str:
        with reading(self._engine, self.address) as connection:
            return views.read_facts(connection)[key]

    # ── inside ──

    def _keep(self, entry: Entry) -> Entry:
        """Make an entry durable; as it was kept."""
        self._check_there()
        if self._pending is not None:
            self._pending.add(entry)
            return entry
        self._check_writable()
        if self.address.path is not None:
            raise ProjectError(f"{self.address.name}: the project is closed")
        check_storable(entry)
        return self._store_patiently(entry)

    def stamp(self) -> str:
        """A time after all that this project knows of, as the log writes it."""
        return self._clock.stamp()

    def check_name(self, by: str) -> None:
        """Refuse a name that nobody of the study bears, once there is a team.

        Raises
        ------
        ProjectError
            With the name that was meant, if one is near.
        """
        with self._reading() as connection:
            self._check_person(connection, by)

    def _learn(self, connection: Connection) -> None:
        """Know how late it is for others who write here."""
        self._clock.learn(last_event(connection))

    def _check_person(self, connection: Connection, by: str) -> None:
        """Refuse a name that nobody bears; others may have changed the team meanwhile."""
        if self._people is None or by not in self._people:
            self._people = rights.known_names(connection)
            rights.check_known(self._people, by)

    def _is_known(self, by: str) -> bool:
        return self._people is None or by in self._people

    def _learn_people(self) -> None:
        """Know whose names are known, after the team may have changed."""
        with reading(self._engine, self.address) as connection:
            self._people = rights.known_names(connection)

    def _log(self, by: str, action: str, payload: Mapping[str, Any] | None = None) -> Event:
        """Write an event that has no rows; whoever need not say who they are is `SOMEBODY`."""
        with self._changing() as connection:
            if by != rights.SOMEBODY:
                self._check_person(connection, by)
            event = latest_event(connection, by, action, payload)
            write_entries(connection, [Entry(event)])
        return event

    def _write(
        self,
        by: str,
        action: str,
        table: str,
        make: Callable[[Connection, str], Iterable[Row]],
        payload: Mapping[str, Any] | None = None,
    ) -> None:
        """Write an entry whose rows depend on what is there; the log tells `payload`, or counts."""
        with self._changing() as connection:
            self._check_person(connection, by)
            event = latest_event(connection, by, action)
            rows = tuple(make(connection, event.at))
            if rows:
                event = replace(event, payload=payload or {table: len(rows)})
                write_entries(connection, [Entry(event, {table: rows})])

    def _take_back(
        self,
        by: str,
        action: str,
        find: Callable[[Connection], Event],
        act: Act | None = None,
    ) -> Event:
        """Undo the event that is found; once, also through a restart of the server."""
        tried: dict[str, Event] = {}
        until = time.monotonic() + self._patience
        while True:
            try:
                with self._changing() as connection:
                    stored = [each for each in tried if event_of_id(connection, each) is not None]
                    if stored:  # the attempt of which nobody knew whether it was kept
                        return tried[stored[0]]
                    self._check_person(connection, by)
                    target = find(connection)
                    event = latest_event(connection, by, action, undoes=target.id, act=act)
                    tried[event.id] = target
                    write_entries(connection, [Entry(event)])
                    self._hashes.clear()
                    if target.undoes or target.action == "team":
                        self._people = rights.known_names(connection)
            except UnreachableError:
                if time.monotonic() >= until:
                    raise
                time.sleep(_RETRY_SECONDS)
            else:
                return target

    def _store(self, entries: Sequence[Entry]) -> None:
        with self._guarded() as connection:
            write_entries(connection, entries)

    def _store_patiently(self, entry: Entry) -> Entry:
        """Store through a restart of the server, after all that others stored there.

        The entry has an id: where nobody knows whether the first attempt was kept, a second one
        doubles nothing.
        """
        until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                with self._guarded() as connection:
                    if last_event(connection) >= entry.event.at:
                        self._learn(connection)
                        entry = replace(entry, event=replace(entry.event, at=self.stamp()))
                    write_entries(connection, [entry])
            except UnreachableError:
                if time.monotonic() > until:
                    raise
                time.sleep(_RETRY_SECONDS)
            else:
                return entry

    def _reading(self) -> Any:
        """A connection that sees what is stored, also while something waits to be."""
        self._check_there()
        return reading(self._engine, self.address, self._patience)

    def _waiting(self) -> tuple[Entry, ...]:
        """What was acknowledged and may not be stored yet; to be asked before `_reading`."""
        return self._pending.waiting if self._pending is not None else ()

    def _settled(self) -> Any:
        """A connection that sees all that was acknowledged."""
        self._settle()
        return reading(self._engine, self.address, self._patience)

    def _changing(self) -> Any:
        """A transaction after all that was acknowledged."""
        self._settle()
        return self._guarded()

    @contextlib.contextmanager
    def _guarded(self) -> Any:
        """A transaction on the file that was opened, also if it was replaced meanwhile."""
        self._check_writable()
        self._check_there()
        with writing(self._engine, self.address, self._patience) as connection:
            self._check_there()  # now that nobody else may write
            yield connection
            self._learn(connection)

    def _settle(self) -> None:
        self._check_there()
        if self._pending is not None:
            self._pending.drain()

    def _check_writable(self) -> None:
        if self._read_only:
            raise ProjectError(f"nothing was stored: {self._read_only}")

    def _check_there(self) -> None:
        """The file is still the one that was opened: SQLite would write on into a deleted one."""
        if os.getpid() != self._process:  # neither the connections nor the thread came along
            raise ProjectError(f"{self.address.name}: open the project anew in a new process")
        path = self.address.path
        if path is not None and self._inode is not None and _identity(path) != self._inode:
            raise ProjectError(
                f"{path.name} is not there any more: it was moved, deleted or replaced while "
                "it was open. Nothing was written; close this and open it where it is now"
            )

    def _remember_withdrawn(self, path: Path, study: str) -> None:
        """Keep who withdrew beside the backups, and forget who is named there.

        Somebody may have put an old copy in the place of the file, or opens one beside it.
        """
        from reflect_analysis.project.withdrawal import (
            apply_tombstones,
            read_tombstones,
            set_again,
        )

        with reading(self._engine, self.address) as connection:
            here = read_tombstones(connection)
        try:
            kept = [backups.read_withdrawn(path, study)]
            with self._noting_faults():  # another study's list beside it may be broken
                kept.append(backups.withdrawn_beside(study, path))
            known = backups.join_withdrawn(here.values(), *(each.values() for each in kept))
            if known != here:
                with self._guarded() as connection:
                    set_again(connection, known.values())
                    apply_tombstones(connection)
            if back := ", ".join(sorted(known.keys() - here.keys())):
                self._notes.append(
                    f"another copy of this study knows who withdrew; erased here too: {back}"
                )
            backups.remember_withdrawn(path, study, known.values())
        except ProjectError as error:
            self._notes.append(str(error))

    @contextlib.contextmanager
    def _noting_faults(self) -> Iterator[None]:
        try:
            yield
        except ProjectError as error:
            self._notes.append(str(error))


def _missing(path: Path) -> str:
    if path.is_dir():
        return f"{path} is a folder; name the file of the study in it"
    near = did_you_mean(path.name, [each.name for each in path.parent.glob("*.reflect")])
    return f"{path}: there is no such file{near}; reflect-analysis init makes a new project"


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
