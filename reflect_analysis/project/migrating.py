"""The tables of a new project, and the way from an older version's tables to today's.

Alembic is loaded only when a file is older. A copy of the file is made before it is changed.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reflect_analysis.errors import ProjectError
from reflect_analysis.project import schema
from reflect_analysis.project.engine import Address, reading, writing

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

__all__ = ["REVISION", "bring_up_to_date", "make_tables"]

# The newest revision in migrations/versions; a test compares them.
REVISION = "0001"
_VERSIONS = "alembic_version"


def make_tables(connection: Connection, address: Address) -> None:
    """The tables of a new project."""
    from sqlalchemy import inspect, text

    if inspect(connection).has_table(schema.study.name):
        raise ProjectError(f"{address.name} holds a project already; open it")
    schema.metadata.create_all(connection)
    connection.execute(text(f"CREATE TABLE {_VERSIONS} (version_num VARCHAR(32) PRIMARY KEY)"))
    connection.execute(text(f"INSERT INTO {_VERSIONS} VALUES (:new)"), {"new": REVISION})  # noqa: S608  # a constant


def bring_up_to_date(engine: Engine, address: Address) -> None:
    """Migrate an older project; refuse a newer one.

    Raises
    ------
    ProjectError
        If this is no project, or a newer version of reflect_analysis wrote it.
    """
    with reading(engine, address) as connection:
        found = _revision(connection)
    if found == REVISION:
        return
    if found is None:
        raise ProjectError(f"{address.name} is a database, but no project of reflect_analysis")
    script = _script()
    known = {revision.revision for revision in script.walk_revisions()}
    if found not in known:
        raise ProjectError(
            f"{address.name} was written by a newer version of reflect_analysis "
            f"(its tables are at {found}, this version knows {REVISION}). "
            "Nothing was changed; update with: pip install --upgrade reflect-analysis"
        )
    if address.path is not None:
        shutil.copy2(address.path, _copy_of(address.path, found))
    with writing(engine, address) as connection:
        _upgrade(connection, script)


def _revision(connection: Connection) -> str | None:
    from sqlalchemy import inspect, text

    if not inspect(connection).has_table(_VERSIONS):
        return None
    row = connection.execute(text(f"SELECT version_num FROM {_VERSIONS}")).first()  # noqa: S608  # a constant
    return None if row is None else str(row[0])


def _copy_of(path: Path, revision: str) -> Path:
    return path.with_name(f"{path.stem}-before-{REVISION}-from-{revision}{path.suffix}")


def _script() -> Any:
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(Path(__file__).parent / "migrations"))


def _upgrade(connection: Connection, script: Any) -> None:
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext

    def steps(revision: Any, _: Any) -> Any:
        return script._upgrade_revs(REVISION, revision)  # noqa: SLF001  # as alembic's own command does

    with EnvironmentContext(Config(), script, fn=steps) as context:
        context.configure(connection=connection, target_metadata=schema.metadata)
        context.run_migrations()
