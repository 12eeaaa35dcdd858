"""The way to the database: a file of SQLite, or PostgreSQL by URL, and its errors in words.

SQLite runs with a rollback journal and full sync: WAL does not work on network drives, and a
file that is copied without its ``-wal`` has lost decisions.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reflect_analysis.errors import ProjectError

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

__all__ = ["BUSY_SECONDS", "Address", "connect_engine", "in_words", "reading", "writing"]

BUSY_SECONDS = 30

# What SQLite says, and what a researcher should know of it.
_SQLITE_SAYS = (
    ("not a database", "is no project file, or it is broken; restore a backup"),
    ("malformed", "is broken; restore a backup (reflect-analysis restore)"),
    ("readonly", "may not be written; the file or its folder is read-only"),
    ("locked", f"was in use by another program for {BUSY_SECONDS} seconds; close it and try again"),
    ("busy", f"was in use by another program for {BUSY_SECONDS} seconds; close it and try again"),
    ("full", "could not be written: the disk is full. What was saved before is there"),
    ("disk i/o", "could not be written: the disk reports an error. What was saved before is there"),
    ("unable to open", "cannot be opened; does its folder exist, and may you write there?"),
)


class Address:
    """Where a project lies: the path of a file, or a PostgreSQL URL.

    Parameters
    ----------
    target : str or Path
        A path, or a URL that begins with ``postgresql``.
    """

    def __init__(self, target: str | Path) -> None:
        text = str(target)
        self.path: Path | None = None if "://" in text else Path(target).absolute()
        self._text = text

    def __str__(self) -> str:
        """The path, or the URL without its password: for messages."""
        return str(self.path) if self.path else self.url.render_as_string(hide_password=True)

    @property
    def name(self) -> str:
        """Short, for messages."""
        return self.path.name if self.path else str(self)

    @property
    def url(self) -> URL:
        """For SQLAlchemy."""
        from sqlalchemy import URL, make_url
        from sqlalchemy.exc import ArgumentError

        if self.path is not None:
            return URL.create("sqlite", database=str(self.path))
        try:
            url = make_url(self._text)
        except ArgumentError:
            raise ProjectError(
                "this is no URL of a project; expected postgresql://USER:PASSWORD@HOST/DATABASE"
            ) from None
        if url.get_backend_name() != "postgresql":
            raise ProjectError(
                f"{url.get_backend_name()}: expected a file, or a URL that begins with postgresql"
            )
        return url.set(drivername="postgresql+pg8000")


def connect_engine(address: Address) -> Engine:
    """An engine with the settings that keep decisions."""
    from sqlalchemy import create_engine, event

    if address.path is None:
        return create_engine(address.url, pool_pre_ping=True)
    arguments = {"timeout": BUSY_SECONDS, "check_same_thread": False}
    engine = create_engine(address.url, connect_args=arguments)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _: object) -> None:
    """Settings of one SQLite connection; SQLAlchemy begins the transactions, not the driver."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for setting in (
        "journal_mode = DELETE",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",
        f"busy_timeout = {BUSY_SECONDS * 1000}",
    ):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _begin(connection: Connection) -> None:
    """Who will write takes the lock at once: a lock taken half-way could fail half-way."""
    write = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


@contextlib.contextmanager
def reading(engine: Engine, address: Address) -> Iterator[Connection]:
    """A connection that sees one state of the store."""
    with in_words(address), engine.connect() as connection, connection.begin():
        yield connection


@contextlib.contextmanager
def writing(engine: Engine, address: Address) -> Iterator[Connection]:
    """A transaction that is kept whole or not at all."""
    with in_words(address), engine.connect() as plain:
        connection = plain.execution_options(write=True)
        with connection.begin():
            yield connection


@contextlib.contextmanager
def in_words(address: Address) -> Iterator[None]:
    """What a database reports, as `ProjectError` with what to do."""
    from sqlalchemy.exc import DBAPIError, InterfaceError

    try:
        yield
    except DBAPIError as error:
        raise ProjectError(f"{address.name} {_explained(error.orig, address)}") from error
    except sqlite3.Error as error:
        raise ProjectError(f"{address.name} {_explained(error, address)}") from error
    except (InterfaceError, ConnectionError) as error:
        raise ProjectError(f"{address.name} cannot be reached: {error}") from error


def _explained(error: object, address: Address) -> str:
    said = str(error)
    if address.path is not None:
        if not address.path.exists():
            return "is not there any more: it was moved or deleted while it was open"
        known = (told for sign, told in _SQLITE_SAYS if sign in said.lower())
        return next(known, f"cannot be used: {said}")
    return f"cannot be used: {said}"
