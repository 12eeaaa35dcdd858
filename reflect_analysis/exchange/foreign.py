"""SQLite files of other programs, opened so that neither side can do harm.

The file is opened read-only and as one that does not change: nothing is written, no lock is
taken, no journal is played back. A file that its program still holds open is refused, because
what was written last would be missed. Only tables are read, never views: a view is a program.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reflect_analysis.errors import ExchangeError, raise_all

__all__ = ["SQLITE_MAGIC", "Tables", "moment", "open_tables", "tables_in", "whole"]

SQLITE_MAGIC = b"SQLite format 3\x00"
_LARGEST_FILE = 2 * 1024**3
_LARGEST_VALUE = 200 * 1024**2
_STEPS, _MOST_STEPS = 1_000_000, 5_000  # of SQLite's machine, before a query is stopped
_UNFINISHED = ("-wal", "-journal")


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of an open file.

    Parameters
    ----------
    name : str
        Of the file, for messages.
    connection : sqlite3.Connection
    columns : mapping of str to tuple of str
        By table.
    """

    name: str
    connection: sqlite3.Connection
    columns: Mapping[str, tuple[str, ...]]

    def check(self, needed: Mapping[str, Sequence[str]], program: str) -> None:
        """Raise `ExchangeError` for every table and column that a program's file must have."""
        faults = []
        for table, columns in needed.items():
            missing = [each for each in columns if each not in self.columns.get(table, ())]
            if table not in self.columns:
                faults.append(f"{self.name}: no table {table!r}; expected a project of {program}")
            elif missing:
                faults.append(f"{self.name}, table {table!r}: no column {', '.join(missing)}")
        raise_all(ExchangeError, faults)

    def rows(self, table: str, columns: Sequence[str], *, by: str) -> Iterator[dict[str, Any]]:
        """The rows of a table in an order; a column that it lacks is `None` throughout.

        A table that is not there has no rows.

        Raises
        ------
        ExchangeError
            If the file is damaged, or a text in it is not UTF-8.
        """
        there = [each for each in columns if each in self.columns.get(table, ())]
        if not there:
            return
        chosen = ", ".join(map(_quoted, there))
        order = f" ORDER BY {_quoted(by)}" if by in there else ""
        query = f"SELECT {chosen} FROM {_quoted(table)}{order}"  # noqa: S608  # names are constants of the readers, and quoted
        try:
            for values in self.connection.execute(query):
                yield {**dict.fromkeys(columns), **dict(zip(there, values, strict=True))}
        except (sqlite3.Error, UnicodeDecodeError, OverflowError) as problem:
            raise _damaged(self.name, table, problem) from None

    def count(self, table: str) -> int:
        """How many rows a table has; 0 where it is not there."""
        if table not in self.columns:
            return 0
        try:
            found = self.connection.execute(f"SELECT count(*) FROM {_quoted(table)}").fetchone()  # noqa: S608  # as above
        except sqlite3.Error as problem:
            raise _damaged(self.name, table, problem) from None
        return int(found[0])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _damaged(name: str, table: str, problem: Exception) -> ExchangeError:
    told = "a text is not UTF-8" if "UTF-8" in str(problem) else type(problem).__name__
    return ExchangeError(
        f"{name}, table {table!r}: cannot be read ({told}); copy the file again from where it works"
    )


@contextlib.contextmanager
def open_tables(path: Path) -> Iterator[Tables]:
    """Open a file of another program to read its tables.

    Parameters
    ----------
    path : Path

    Raises
    ------
    ExchangeError
        If it is no SQLite database, is damaged, too large, or still open elsewhere.
    """
    _check_file(path)
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        connection = sqlite3.connect(address, uri=True)
    except sqlite3.Error:
        raise ExchangeError(f"{path.name}: cannot be opened as an SQLite database") from None
    with contextlib.closing(connection):
        _restrain(connection)
        yield Tables(path.name, connection, _columns(connection, path.name))


def _check_file(path: Path) -> None:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            magic = file.read(len(SQLITE_MAGIC))
    except OSError as problem:
        why = problem.strerror or type(problem).__name__
        raise ExchangeError(f"{path.name}: cannot be read ({why})") from None
    if magic != SQLITE_MAGIC:
        raise ExchangeError(f"{path.name}: not an SQLite database")
    if size > _LARGEST_FILE:
        raise ExchangeError(f"{path.name}: {size} bytes; at most {_LARGEST_FILE} are read")
    for ending in _UNFINISHED:
        beside = path.with_name(path.name + ending)
        if beside.is_file() and beside.stat().st_size:
            raise ExchangeError(
                f"{path.name}: {beside.name} lies beside it: the program that wrote it still has "
                "it open, or broke off; open and close the project there, then import it"
            )


def _restrain(connection: sqlite3.Connection) -> None:
    """Bound what a file can make SQLite do."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST_VALUE)
    steps = iter(range(_MOST_STEPS))
    connection.set_progress_handler(lambda: next(steps, None) is None, _STEPS)


def _columns(connection: sqlite3.Connection, name: str) -> dict[str, tuple[str, ...]]:
    try:
        found = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name"
        ).fetchall()
        tables = [
            str(table)
            for table, sql in found
            if str(sql or "").lstrip()[:12].upper() == "CREATE TABLE"
        ]
        return {
            table: tuple(
                str(row[1]) for row in connection.execute(f"PRAGMA table_info({_quoted(table)})")
            )
            for table in tables
        }
    except (sqlite3.Error, UnicodeDecodeError) as problem:
        raise _damaged(name, "sqlite_master", problem) from None


def tables_in(path: Path) -> frozenset[str]:
    """Names of the tables of a file; none where it is no SQLite database that can be read."""
    try:
        with open_tables(path) as tables:
            return frozenset(tables.columns)
    except ExchangeError:
        return frozenset()


def whole(value: object) -> int | None:
    """A whole number of the file, or `None`: SQLite keeps anything in any column."""
    return value if isinstance(value, int) and abs(value) < 2**62 else None


def moment(values: Iterable[object], default: datetime) -> datetime:
    """The first of some values that is a time, in UTC to the second; no zone counts as UTC."""
    for value in values:
        try:
            found = datetime.fromisoformat(str(value).strip())
            found = found if found.tzinfo else found.replace(tzinfo=UTC)
            return found.astimezone(UTC).replace(microsecond=0)
        except (ValueError, OverflowError):
            continue
    return default
