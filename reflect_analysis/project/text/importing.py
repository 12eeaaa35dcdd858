"""A folder of text made a project again."""

from __future__ import annotations

import contextlib
import uuid
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from reflect_analysis.errors import ProjectError
from reflect_analysis.project.backups import withdrawn_beside
from reflect_analysis.project.engine import Address, connect_engine, writing
from reflect_analysis.project.entries import Entry, latest_event, write_entries, write_rows
from reflect_analysis.project.migrating import make_tables
from reflect_analysis.project.text.checking import Reading
from reflect_analysis.project.text.lines import TABLES
from reflect_analysis.project.views import read_facts
from reflect_analysis.project.withdrawal import apply_tombstones, set_again

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["make_project"]

_PART = 5_000  # rows that are in memory at once


_UNKNOWN = (
    "nothing beside {folder} or {name} tells who withdrew from this study. If somebody withdrew "
    "since it was exported, they are in it again: merge the study that recorded it"
)


def make_project(folder: str | Path, target: str | Path, *, by: str) -> tuple[str, ...]:
    """Make a project of an export; it is there whole or not at all.

    Whoever withdrew since, by what is kept beside the export or the new file, is not in it.

    Parameters
    ----------
    folder : path
    target : path or URL
    by : str
        Who imports: the log says so where somebody was left out.

    Returns
    -------
    tuple of str
        What to know of it, one sentence each.

    Raises
    ------
    ProjectError
        With every fault of the folder, or if there is a project already.
    """
    address = Address(target)
    if address.path is not None and address.path.exists():
        raise ProjectError(f"{address.name} exists already; name another file")
    if address.path is not None and not address.path.parent.is_dir():
        raise ProjectError(f"{address}: there is no folder {address.path.parent}; make it first")
    reading = Reading(folder)
    if address.path is None:
        return _make(address, address, reading, by)
    beside = address.path.with_name(f".{address.path.name}-{uuid.uuid4().hex[:8]}.part")
    try:
        notes = _make(Address(beside), address, reading, by)
        beside.rename(address.path)
    except OSError as error:
        if isinstance(error, ProjectError):
            raise
        raise ProjectError(f"{address.name}: cannot be written ({error.strerror})") from error
    finally:
        for path in (beside, beside.with_name(f"{beside.name}-journal")):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
    return notes


def _make(address: Address, final: Address, reading: Reading, by: str) -> tuple[str, ...]:
    engine = connect_engine(address, create=True)
    try:
        with writing(engine, address) as connection:
            make_tables(connection, address)
            for name in TABLES:  # events before the rows that refer to them
                _fill(connection, name, reading)
            reading.end()
            return _without_withdrawn(connection, final, reading.folder, by)
    finally:
        engine.dispose()


def _without_withdrawn(
    connection: Connection, address: Address, folder: Path, by: str
) -> tuple[str, ...]:
    """Leave out who withdrew; a line that was put back by hand brings nobody back either."""
    study = read_facts(connection)["id"]
    places = [folder] if address.path is None else [folder, address.path]
    stones = withdrawn_beside(study, *places)
    back = set_again(connection, stones.values())
    apply_tombstones(connection)
    if back:
        told = {"where": str(folder.absolute()), "withdrawn": list(back)}
        write_entries(connection, [Entry(latest_event(connection, by, "import", told))])
        return (f"left out, for they withdrew since: {', '.join(back)}",)
    if stones:
        return ()
    return (_UNKNOWN.format(folder=folder, name=address.name),)


def _fill(connection: Connection, name: str, reading: Reading) -> None:
    """Write the rows of a table, part by part, as long as all is well."""
    rows = reading.rows(name)
    while part := list(islice(rows, _PART)):
        if not reading.faults:
            write_rows(connection, TABLES[name], part)
