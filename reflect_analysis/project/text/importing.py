"""A folder of text made a project again."""

from __future__ import annotations

import contextlib
import uuid
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from reflect_analysis.errors import ProjectError
from reflect_analysis.project.engine import Address, connect_engine, writing
from reflect_analysis.project.entries import write_rows
from reflect_analysis.project.migrating import make_tables
from reflect_analysis.project.text.checking import Reading
from reflect_analysis.project.text.lines import TABLES
from reflect_analysis.project.withdrawal import apply_tombstones

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["make_project"]

_PART = 5_000  # rows that are in memory at once


def make_project(folder: str | Path, target: str | Path) -> None:
    """Make a project of an export; it is there whole or not at all.

    Raises
    ------
    ProjectError
        With every fault of the folder, or if there is a project already.
    """
    address = Address(target)
    if address.path is not None and address.path.exists():
        raise ProjectError(f"{address.name} exists already; name another file")
    reading = Reading(folder)
    if address.path is None:
        _make(address, reading)
        return
    beside = address.path.with_name(f".{address.path.name}-{uuid.uuid4().hex[:8]}.part")
    try:
        _make(Address(beside), reading)
        beside.rename(address.path)
    except OSError as error:
        if isinstance(error, ProjectError):
            raise
        raise ProjectError(f"{address.name}: cannot be written ({error.strerror})") from error
    finally:
        for path in (beside, beside.with_name(f"{beside.name}-journal")):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def _make(address: Address, reading: Reading) -> None:
    engine = connect_engine(address, create=True)
    try:
        with writing(engine, address) as connection:
            make_tables(connection, address)
            for name in TABLES:  # events before the rows that refer to them
                _fill(connection, name, reading)
            reading.end()
            apply_tombstones(connection)  # a line that was put back by hand brings nobody back
    finally:
        engine.dispose()


def _fill(connection: Connection, name: str, reading: Reading) -> None:
    """Write the rows of a table, part by part, as long as all is well."""
    rows = reading.rows(name)
    while part := list(islice(rows, _PART)):
        if not reading.faults:
            write_rows(connection, TABLES[name], part)
