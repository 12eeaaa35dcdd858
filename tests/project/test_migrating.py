"""Older and newer projects, and that the first revision makes today's tables."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from reflect_analysis.errors import ProjectError
from reflect_analysis.project import Project, backups, migrating, schema
from reflect_analysis.project.engine import Address, connect_engine, reading, writing

LATER = """
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.create_table("visits", sa.Column("id", sa.Text(), primary_key=True))
    with op.batch_alter_table("events") as events:
        events.add_column(sa.Column("device", sa.Text(), nullable=False, server_default=""))
        events.alter_column("by", server_default="")  # SQLite makes the whole table anew for it
    {more}
"""


@pytest.fixture
def later_version(tmp_path, monkeypatch):
    """As if this were a later version of the package, with one revision more."""

    def make(more="pass"):
        folder = tmp_path / "migrations"
        shutil.copytree(Path(migrating.__file__).parent / "migrations", folder)
        (folder / "versions" / "later.py").write_text(LATER.format(more=more), encoding="utf-8")
        monkeypatch.setattr(migrating, "_FOLDER", folder)
        monkeypatch.setattr(migrating, "REVISION", "0002")

    return make


def _engine(target):
    address = Address(target)
    return connect_engine(address, create=True), address


def _set_revision(target, revision):
    engine, address = _engine(target)
    with writing(engine, address) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
    engine.dispose()


def test_the_newest_revision_is_the_one_that_new_projects_bear():
    assert migrating._script().get_heads() == [migrating.REVISION]


def test_from_nothing_the_revisions_make_the_tables_of_the_schema(target):
    engine, address = _engine(target)
    with writing(engine, address) as connection:
        migrating._upgrade(connection, migrating._script())
    with reading(engine, address) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []
    engine.dispose()


def test_a_new_project_has_the_same_tables_as_a_migrated_one(tmp_path):
    def made(path):
        connection = sqlite3.connect(path)
        rows = connection.execute("SELECT type, name, tbl_name FROM sqlite_master").fetchall()
        columns = {
            name: connection.execute(f"PRAGMA table_xinfo({name})").fetchall()
            for kind, name, _ in rows
            if kind == "table" and name != "alembic_version"
        }
        connection.close()
        return sorted(rows), columns

    Project.create(tmp_path / "new.reflect").close()
    engine, address = _engine(tmp_path / "migrated.reflect")
    with writing(engine, address) as connection:
        migrating._upgrade(connection, migrating._script())
    engine.dispose()
    assert made(tmp_path / "new.reflect") == made(tmp_path / "migrated.reflect")


def test_an_older_project_is_brought_up_to_date_with_all_that_it_holds(target, later_version):
    with Project.create(target, title="Peers") as project:
        project.add_coder("ann", by="lead")
        before = project.events()
    later_version()
    with Project.open(target) as project:
        assert project.events() == before
        assert project.title == "Peers"
        with project._settled() as connection:
            assert inspect(connection).has_table("visits")
            assert migrating._revision(connection) == "0002"
            columns = {column["name"] for column in inspect(connection).get_columns("events")}
            assert "device" in columns
        assert list(project.team_state().members) == ["ann"]
        assert project.check() == ()
    with Project.open(target) as project:
        assert not any("up to date" in note for note in project.notes)


def test_a_copy_of_an_older_file_is_made_before_it_is_changed(tmp_path, later_version):
    path = tmp_path / "my study.reflect"
    with Project.create(path) as project:
        project.add_coder("ann", by="lead")
    later_version()
    with Project.open(path) as project:
        assert "a copy as it was" in project.notes[0]
    (copy,) = backups.backups_of(path)
    assert copy.reason == "before-0002"
    connection = sqlite3.connect(copy.path)
    assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
    assert connection.execute("SELECT name FROM coders").fetchall() == [("ann",)]
    connection.close()


def test_a_migration_that_fails_leaves_the_project_as_it_was(target, later_version):
    Project.create(target, title="Peers").close()
    later_version("op.execute('SELECT nothing FROM nowhere')")
    with pytest.raises(ProjectError):
        Project.open(target)
    engine, address = _engine(target)
    with reading(engine, address) as connection:
        assert migrating._revision(connection) == "0001"
        assert not inspect(connection).has_table("visits")
    engine.dispose()


def test_references_hold_again_after_a_migration(tmp_path, later_version):
    path = tmp_path / "study.reflect"
    Project.create(path).close()
    later_version()
    with Project.open(path) as project, project._settled() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_project_of_a_newer_version_is_refused_and_not_changed(target):
    Project.create(target).close()
    _set_revision(target, "9999")
    before = target.read_bytes() if isinstance(target, Path) else None
    with pytest.raises(ProjectError, match=r"newer version of reflect_analysis.*9999.*pip install"):
        Project.open(target)
    if before is not None:
        assert target.read_bytes() == before
        assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_a_database_that_is_no_project_is_refused(target):
    engine, address = _engine(target)
    with writing(engine, address) as connection:
        connection.execute(text("CREATE TABLE shopping (item VARCHAR(10))"))
    engine.dispose()
    with pytest.raises(ProjectError, match="no project of reflect_analysis"):
        Project.open(target)


def test_a_second_project_is_not_made_over_the_first(target):
    with Project.create(target) as project:
        made = project.id
    with pytest.raises(ProjectError, match=r"already"):
        Project.create(target)
    with Project.open(target) as project:
        assert project.id == made


def test_decisions_that_an_older_version_left_waiting_are_not_guessed_at(study, later_version):
    from reflect_analysis.codings import Memo
    from reflect_analysis.project import pending
    from reflect_analysis.project.entries import Entry, new_event
    from reflect_analysis.project.rows import memo_row

    with Project.open(study) as project:
        log = study.with_name(f"{study.name}-{project.id[:12]}-dead{pending.SUFFIX}")
    entry = Entry(new_event("ann", "record"), {"memos": (memo_row(Memo("ann", "kept"), ""),)})
    log.write_bytes(pending._framed(entry.to_line()))
    before, waiting = study.read_bytes(), log.read_bytes()
    later_version()
    with pytest.raises(ProjectError, match=r"1 decisions? still wait.*tables are at 0001"):
        Project.open(study)
    assert (study.read_bytes(), log.read_bytes()) == (before, waiting)
    log.unlink()
    with Project.open(study) as project:
        assert any("up to date" in note for note in project.notes)
