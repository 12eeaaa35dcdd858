"""The tables of a new project, and the way from an older version's tables to today's.

Alembic is loaded only when a file is older. A copy of the file is made before it is changed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reflect_analysis.errors import ProjectError
from reflect_analysis.project import schema
from reflect_analysis.project.backups import make_backup
from reflect_analysis.project.engine import Address, how_to_mend, in_words, reading, writing
from reflect_analysis.project.pending import SUFFIX, read_leftovers
from reflect_analysis.project.views import read_facts

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

__all__ = ["REVISION", "bring_up_to_date", "check_revision", "make_tables"]

# The newest revision in migrations/versions; a test compares them.
REVISION = "0001"
_VERSIONS = "alembic_version"
_FOLDER = Path(__file__).parent / "migrations"


def make_tables(connection: Connection, address: Address) -> None:
    """The tables of a new project."""
    from sqlalchemy import inspect, text

    if inspect(connection).has_table(schema.study.name):
        raise ProjectError(f"{address.name} holds a project already; open it")
    schema.metadata.create_all(connection)
    connection.execute(text(f"CREATE TABLE {_VERSIONS} (version_num VARCHAR(32) PRIMARY KEY)"))
    connection.execute(text(f"INSERT INTO {_VERSIONS} VALUES (:new)"), {"new": REVISION})  # noqa: S608  # a constant


def bring_up_to_date(engine: Engine, address: Address, *, copy: bool = True) -> Path | None:
    """Migrate an older project; refuse a newer one.

    Parameters
    ----------
    engine : Engine
    address : Address
    copy : bool
        Whether a copy of an older file is kept among its backups; a server's administrator
        makes it there.

    Returns
    -------
    Path or None
        The copy.

    Raises
    ------
    ProjectError
        If this is no project, or a newer version of reflect_analysis wrote it.
    """
    found = _found(engine, address)
    if found == REVISION:
        return None
    script = _script()
    known = {revision.revision for revision in script.walk_revisions()}
    if found not in known:
        raise ProjectError(
            f"{address.name} was written by a newer version of reflect_analysis "
            f"(its tables are at {found}, this version knows {REVISION}). "
            "Nothing was changed; update with: pip install --upgrade reflect-analysis"
        )
    kept = None
    if address.path is not None:
        _check_nothing_waits(engine, address, address.path, found)
    if address.path is not None and copy:
        kept = make_backup(address.path, f"before-{REVISION}").path
    with _alone(engine, address) as connection:
        if _revision(connection) != REVISION:  # another may have been first
            _upgrade(connection, script)
            _check_references(connection, address)
    return kept


def _check_nothing_waits(engine: Engine, address: Address, path: Path, found: str) -> None:
    """Refuse to migrate while a log beside the file holds decisions in the form of its tables.

    What they would be in today's tables cannot be told here; nothing is guessed, and none is lost.
    """
    from sqlalchemy import text

    with reading(engine, address) as connection:
        study = read_facts(connection)["id"]
        stored = set(connection.execute(text("SELECT id FROM events")).scalars())
    if waiting := [each for each in read_leftovers(path, study) if each.event.id not in stored]:
        raise ProjectError(
            f"{address.name} was not brought up to date, and nothing was changed: "
            f"{len(waiting)} decisions still wait to be stored in a log beside it ("
            f"*{SUFFIX}), as the version wrote them whose tables are at {found}. Close the study "
            "everywhere, open it once with that version, and then with this one"
        )


@contextlib.contextmanager
def _alone(engine: Engine, address: Address) -> Iterator[Connection]:
    """A transaction in which nobody else migrates.

    SQLite's tables are changed by making them anew, which foreign keys would take for a deletion:
    they are off for this connection, outside its transaction, and checked at the end of it.
    """
    from sqlalchemy import text

    if address.path is None:
        with writing(engine, address) as connection:
            connection.execute(text(f"LOCK TABLE {_VERSIONS} IN ACCESS EXCLUSIVE MODE"))
            yield connection
        return
    with in_words(address), engine.connect() as plain:
        raw = plain.connection.dbapi_connection
        assert raw is not None  # noqa: S101  # it is connected
        raw.execute("PRAGMA foreign_keys = OFF")
        try:
            connection = plain.execution_options(write=True)
            with connection.begin():
                yield connection
        finally:
            raw.execute("PRAGMA foreign_keys = ON")


def _check_references(connection: Connection, address: Address) -> None:
    from sqlalchemy import text

    if address.path is not None and connection.execute(text("PRAGMA foreign_key_check")).first():
        raise ProjectError(f"{address.name} could not be brought up to date; it is as it was")


def check_revision(engine: Engine, address: Address) -> None:
    """Refuse a project whose tables are not of this version, where it may not be changed."""
    found = _found(engine, address)
    if found != REVISION:
        raise ProjectError(
            f"{address.name} has the tables of another version of reflect_analysis ({found}, not "
            f"{REVISION}); open it once with the newer of the two versions"
        )


def _found(engine: Engine, address: Address) -> str:
    """The revision of a project's tables."""
    with reading(engine, address) as connection:
        found = _revision(connection)
    if found is not None:
        return found
    if address.path is not None and address.path.stat().st_size == 0:
        raise ProjectError(f"{address.name} is empty (0 bytes); {how_to_mend(address)}")
    raise ProjectError(f"{address.name} is a database, but no project of reflect_analysis")


def _revision(connection: Connection) -> str | None:
    from sqlalchemy import inspect, text

    if not inspect(connection).has_table(_VERSIONS):
        return None
    row = connection.execute(text(f"SELECT version_num FROM {_VERSIONS}")).first()  # noqa: S608  # a constant
    return None if row is None else str(row[0])


def _script() -> Any:
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(_FOLDER))


def _upgrade(connection: Connection, script: Any) -> None:
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext

    def steps(revision: Any, _: Any) -> Any:
        return script._upgrade_revs(REVISION, revision)  # noqa: SLF001  # as alembic's own command does

    with EnvironmentContext(Config(), script, fn=steps) as context:
        context.configure(connection=connection, target_metadata=schema.metadata)
        context.run_migrations()
