"""The way to the database: a file of SQLite, or PostgreSQL by URL, and its errors in words.

SQLite runs with a rollback journal and full sync: WAL does not work on network drives, and a
file that is copied without its ``-wal`` has lost decisions. A project file is opened by SQLite
alone: on Linux and macOS a program that opens and closes a file loses all locks that it holds on
it, those of its other connections included.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from reflect_analysis.errors import ProjectError

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

__all__ = [
    "BUSY_SECONDS",
    "Address",
    "BusyError",
    "UnreachableError",
    "connect_engine",
    "how_to_mend",
    "in_words",
    "plain_connection",
    "reading",
    "writing",
]

BUSY_SECONDS = 30
_RETRY_SECONDS = 0.25
_NETWORK_SECONDS = 60  # after which a server that says nothing at all is given up

# Taken only as needed. With SQLite's own 2 MB, 200,000 codings are written ten times slower.
_CACHE_KIB = 64 * 1024

# What SQLite says, and what a researcher should know of it. None of it loses what was saved.
_SQLITE_SAYS = (
    ("not a database", "is no project file, or it is broken; {mend}"),
    ("malformed", "is broken; {mend}"),
    ("no such table", "is no project of reflect_analysis, or it is broken; {mend}"),
    ("readonly", "may not be written: the file or its folder is read-only"),
    ("attempt to write", "may not be written: the file or its folder is read-only"),
    ("locked", f"was in use by another program for {BUSY_SECONDS} seconds; close it and try again"),
    ("busy", f"was in use by another program for {BUSY_SECONDS} seconds; close it and try again"),
    ("is full", "could not be written: the disk is full. What was saved before is there"),
    ("disk i/o", "could not be written: the disk reports an error. What was saved before is there"),
    ("unable to open", "cannot be opened; does its folder exist, and may you write there?"),
)

_HELD = ("locked", "busy")

# States in which a server of PostgreSQL ends a connection, or takes none: it is stopped, it
# recovers from a crash, or the way to it is broken.
_SERVER_GONE = ("57P01", "57P02", "57P03", "08")
_NETWORK_SAYS = (
    *(
        "network error",
        "can't create a connection",
        "connection is closed",
        "closed the connection",
    ),
    *("timed out", "connection reset", "broken pipe", "server closed"),
)
# What a server says of who comes, and what to do.
_SERVER_SAYS = {
    "28P01": "the server refuses this user or password",
    "28000": "the server refuses this user from this computer",
    "3D000": "the server has no database of this name; its administrator makes one",
    "42501": "this user may not do that; ask the server's administrator",
    "53100": "the server's disk is full. What was saved before is there",
    "53300": "the server takes no more connections; try again later",
}


class BusyError(ProjectError):
    """Another program holds the file; nothing was stored, and the same may be asked again."""


class UnreachableError(ProjectError):
    """The server does not answer, or it ended the connection."""


class Address:
    """Where a project lies: the path of a file, or a PostgreSQL URL.

    Parameters
    ----------
    target : str or Path
        A path, or a URL that begins with ``postgresql``.
    ours : bool
        Whether it is the study that one works on. Somebody else's copy has no backups here, and a
        message about it does not send anybody to them.

    Raises
    ------
    ProjectError
        If nothing is named.
    """

    def __init__(self, target: str | Path, *, ours: bool = True) -> None:
        text = str(target)
        if not text.strip():
            raise ProjectError(
                "no study is named; expected a file such as study.reflect, or a PostgreSQL URL"
            )
        self.path: Path | None = None if "://" in text else Path(target).absolute()
        self.ours = ours
        self._text = text

    def __str__(self) -> str:
        """The path, or the URL without its password: for messages."""
        if self.path is not None:
            return str(self.path)
        return self.url.set(drivername="postgresql").render_as_string(hide_password=True)

    @property
    def name(self) -> str:
        """Short, for messages."""
        return self.path.name if self.path else f"{self.url.database} on {self.url.host}"

    @property
    def url(self) -> URL:
        """For SQLAlchemy."""
        from sqlalchemy import URL, make_url
        from sqlalchemy.exc import ArgumentError

        if self.path is not None:
            return URL.create("sqlite", database=str(self.path))
        try:
            url = make_url(self._text)
        except (ArgumentError, ValueError):
            raise ProjectError(
                "this is no URL of a project; expected postgresql://USER:PASSWORD@HOST/DATABASE"
            ) from None
        if url.get_backend_name() != "postgresql":
            raise ProjectError(
                f"{url.get_backend_name()}: expected a file, or a URL that begins with postgresql"
            )
        return url.set(drivername="postgresql+pg8000")


def connect_engine(address: Address, *, create: bool = False) -> Engine:
    """An engine with the settings that keep decisions.

    Parameters
    ----------
    address : Address
    create : bool
        Whether a file may be made; else one that vanished would come back empty.
    """
    from sqlalchemy import create_engine, event

    if address.path is None:
        arguments: dict[str, Any] = {"timeout": _NETWORK_SECONDS}
        engine = create_engine(
            address.url, connect_args=arguments, pool_pre_ping=True, hide_parameters=True
        )
        # What fails on a connection that is broken already is no news; the log would show a trace.
        engine.dialect.do_terminate = _let_go  # type: ignore[assignment]  # one dialect an engine
        engine.dialect.do_rollback = _forgotten  # type: ignore[assignment]  # the same
        return engine
    path = address.path
    connected = partial(_connected, path, create=create)
    # What is stored is a participant's: no error shows it.
    engine = create_engine(address.url, creator=connected, hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _let_go(connection: Any) -> None:
    """Close a connection that is broken already."""
    with contextlib.suppress(Exception):
        connection.close()


def _forgotten(connection: Any) -> None:
    """Roll back; a server that is gone has done so."""
    with contextlib.suppress(Exception):
        connection.rollback()


def _prepare(connection: Any, _: object) -> None:
    """Settings of one SQLite connection; SQLAlchemy begins the transactions, not the driver."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for setting in (
        "journal_mode = DELETE",
        # As FULL, and the folder is synced too when the journal is gone: after a power loss it
        # could come back otherwise, and with it the state before a commit.
        "synchronous = EXTRA",
        "fullfsync = ON",  # macOS syncs to the drive's own memory otherwise
        "foreign_keys = ON",
        "secure_delete = ON",
        "temp_store = MEMORY",  # what is sorted holds participants' words: no temporary file
        f"cache_size = -{_CACHE_KIB}",
        f"busy_timeout = {BUSY_SECONDS * 1000}",
    ):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _begin(connection: Connection) -> None:
    """Who will write takes the lock at once: a lock taken half-way could fail half-way."""
    write = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


@contextlib.contextmanager
def reading(engine: Engine, address: Address, patience: float = 0.0) -> Iterator[Connection]:
    """A connection that sees one state of the store.

    Parameters
    ----------
    engine : Engine
    address : Address
    patience : float
        For how many seconds a server that does not answer is asked again.
    """
    with in_words(address), _reached(engine, address, patience) as connection, connection.begin():
        if address.path is None:  # else every query would see a state of its own
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield connection


@contextlib.contextmanager
def writing(engine: Engine, address: Address, patience: float = 0.0) -> Iterator[Connection]:
    """A transaction that is kept whole or not at all; see `reading`."""
    with in_words(address), _reached(engine, address, patience) as plain:
        connection = plain.execution_options(write=True)
        with connection.begin():
            yield connection


def _reached(engine: Engine, address: Address, patience: float) -> Connection:
    """A connection; it is asked for again while a server restarts."""
    from sqlalchemy.exc import DBAPIError

    until = time.monotonic() + patience
    while True:
        try:
            return engine.connect()
        except DBAPIError as error:
            told = _explained(error.orig, address)
            if not isinstance(told, UnreachableError) or time.monotonic() >= until:
                raise
        time.sleep(_RETRY_SECONDS)


@contextlib.contextmanager
def plain_connection(path: Path, *, create: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection of SQLite's own kind, for what goes beyond SQL, such as a copy while in use."""
    connection = _connected(path, create=create)
    try:
        _prepare(connection, None)
        yield connection
    finally:
        connection.close()


def _connected(path: Path, *, create: bool) -> sqlite3.Connection:
    # Three slashes before a drive's letter, and four before a server's name.
    place = path.absolute().as_posix()
    address = f"file:{'//' if place.startswith('/') else '///'}{quote(place)}"
    try:
        return sqlite3.connect(
            f"{address}?mode={'rwc' if create else 'rw'}",
            uri=True,
            timeout=BUSY_SECONDS,
            check_same_thread=False,
        )
    except sqlite3.OperationalError as error:
        if not create or path.exists():
            raise
        raise ProjectError(_not_made(path)) from error


def _not_made(path: Path) -> str:
    """Why a new file could not be made."""
    if not path.parent.is_dir():
        return f"{path}: there is no folder {path.parent}; make it first, or name another place"
    return f"{path}: no file can be made in {path.parent}; it may not be written"


@contextlib.contextmanager
def in_words(address: Address) -> Iterator[None]:
    """What a database reports, as `ProjectError` with what to do."""
    from sqlalchemy.exc import DBAPIError

    try:
        yield
    except DBAPIError as error:
        raise _explained(error.orig, address) from error
    except (sqlite3.Error, ConnectionError, TimeoutError) as error:
        raise _explained(error, address) from error
    except UnicodeEncodeError as error:
        raise ProjectError(
            f"{address.name}: a text holds half a character (a lone surrogate), which cannot be "
            "stored; nothing of this was kept"
        ) from error


def _explained(error: object, address: Address) -> ProjectError:
    if address.path is not None:
        said = str(error)
        held = any(sign in said.lower() for sign in _HELD)
        kind = BusyError if held and address.path.exists() else ProjectError
        return kind(f"{address.name} {_file_told(said, address.path, address)}")
    return _server_told(error, address)


def _file_told(said: str, path: Path, address: Address) -> str:
    if not path.exists():
        return "is not there any more: it was moved or deleted while it was open"
    known = (told for sign, told in _SQLITE_SAYS if sign in said.lower())
    return next(known, f"cannot be used: {said}").format(mend=how_to_mend(address))


def how_to_mend(address: Address) -> str:
    """What to do about a broken file: our own has backups, of another's only they have some."""
    if not address.ours:
        return "ask who sent it for another copy"
    return f'restore a backup: reflect-analysis restore "{address.path}"'


def _server_told(error: object, address: Address) -> ProjectError:
    """PostgreSQL gives a state of five letters and a message without the statement's values."""
    told = error.args[0] if isinstance(error, Exception) and error.args else {}
    if isinstance(told, dict):
        state, said = told.get("C", ""), told.get("M", "")
    else:
        state, said = "", str(error)
    if state.startswith(_SERVER_GONE) or any(sign in said.lower() for sign in _NETWORK_SAYS):
        return UnreachableError(
            f"{address.name}: the server does not answer ({said.partition(' (timeout')[0]}). "
            "What was saved before is "
            "there; try again when the server runs and this computer reaches it"
        )
    return ProjectError(f"{address.name}: {_SERVER_SAYS.get(state, said)}")
