"""The settings that keep decisions, and queries that ask for no more than is needed."""

import sqlite3
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, event, text

from reflect_analysis.codings import Coding, Decision, Memo
from reflect_analysis.errors import ProjectError
from reflect_analysis.project import Event, Project, history, schema
from reflect_analysis.project.engine import Address, connect_engine, plain_connection, reading
from reflect_analysis.project.entries import Entry, write_entries


def test_a_project_opens_again_with_its_title(target):
    with Project.create(target, title="Peers", approach="reflexive") as project:
        made = project.id
    with Project.open(target) as project:
        assert (project.id, project.title, project.approach) == (made, "Peers", "reflexive")


def test_a_file_is_written_so_that_a_power_loss_takes_nothing_back(study):
    expected = {
        "journal_mode": "delete",
        "synchronous": 3,
        "foreign_keys": 1,
        "secure_delete": 1,
        "busy_timeout": 30_000,
        "temp_store": 2,
    }
    with Project.open(study) as project, project._reading() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in expected}
    assert found == expected


def test_an_open_project_leaves_one_file_and_its_empty_log(study):
    with Project.open(study) as project:
        project.desk("ann").code("d0", 0, 2, "wait")
        project.events()
        project._backup.join()
        files = {each.name: each for each in study.parent.iterdir()}
        assert set(files) == {study.name, f"{study.name}-backups", project._pending.path.name}
        assert project._pending.path.stat().st_size == 0
    assert not project._pending


def test_a_file_that_is_not_there_is_not_made_by_looking(tmp_path):
    with pytest.raises(sqlite3.OperationalError), plain_connection(tmp_path / "x.reflect"):
        pass
    engine = connect_engine(Address(tmp_path / "x.reflect"))
    with pytest.raises(ProjectError), reading(engine, Address(tmp_path / "x.reflect")):
        pass
    assert list(tmp_path.iterdir()) == []


def test_an_address_shows_no_password():
    address = Address("postgresql://ann:secret@host.example:5433/study")
    assert str(address) == "postgresql://ann:***@host.example:5433/study"
    assert address.name == "study on host.example"
    assert address.url.drivername == "postgresql+pg8000"
    assert address.path is None


def test_a_reading_sees_one_state_while_others_write(made):
    with Project.open(made) as project, Project.open(made) as other:
        count = text("SELECT count(*) FROM events")
        with project._reading() as connection:
            before = connection.execute(count).scalar()
            writing = threading.Thread(target=other._log, args=("lead", "x"))
            writing.start()
            if project.address.path is None:
                writing.join()  # a file's writer waits for its readers
            assert connection.execute(count).scalar() == before
        writing.join()
        with project._reading() as connection:
            assert connection.execute(count).scalar() == before + 1


def _event(name, undoes=None, by="ann", at=0):
    stamp = f"2026-01-01T00:00:00.{at:06d}+00:00"
    return Event(name, stamp, by, "undo" if undoes else "record", undoes)


# ── undone, by a query and by the whole log ──


@st.composite
def logs(draw):
    """Events of which some undo an earlier one, some the same one twice."""
    events = []
    for number in range(draw(st.integers(1, 12))):
        target = draw(st.none() | st.sampled_from(events)) if events else None
        events.append(_event(f"e{number:02d}", target and target.id, at=number))
    return events


@settings(max_examples=50)
@given(logs(), st.randoms(use_true_random=False))
def test_what_is_undone_among_some_is_what_is_undone_at_all(events, lots):
    engine = create_engine("sqlite://")
    schema.metadata.create_all(engine)
    with engine.begin() as connection:
        write_entries(connection, map(Entry, events))
        asked = lots.sample([each.id for each in events], lots.randrange(len(events) + 1))
        some, every = history.undone_in(connection, asked), history.undone_in(connection)
        assert some & set(asked) == every & set(asked)
        assert every == history.undone((e.id, e.undoes) for e in events if e.undoes)
    engine.dispose()


def test_an_undo_goes_back_over_more_events_than_one_page(made, monkeypatch):
    monkeypatch.setattr(history, "_PAGE", 3)
    count = 8
    with Project.open(made) as project:
        desk = project.desk("ann")
        codings = [desk.code("d0", 0, 1 + each % 9, "wait")[0] for each in range(count)]
        for _ in range(count):
            desk.undo()
        assert len(project.codings()) == 0
        with pytest.raises(ProjectError, match="nothing to undo"):
            desk.undo()
        for _ in range(count):
            desk.redo()
        assert {each.id for each in project.codings()} == {each.id for each in codings}
        with pytest.raises(ProjectError, match="nothing to redo"):
            desk.redo()


# ── what waits is seen ──


def test_what_waits_is_seen_as_it_is_seen_when_it_is_stored(made):
    """In the process that wrote it, without waiting for the file."""
    with Project.open(made) as project:
        proposals = [Coding("d1", each, each + 3, "ask", "machine", "machine") for each in range(6)]
        project.record(by="machine", codings=proposals)
        project.events()
        desk = project.desk("ann")
        for number, proposal in enumerate(proposals):
            desk.code(f"d{number % 4}", 0, 2 + number, "wait")
            desk.decide(proposal.id, ["accept", "reject"][number % 2])
            desk.memo(f"memo {number}", document_id=f"d{number % 4}")
        desk.decide(desk.code("d3", 0, 9, "ask")[0].id, "change", code_id="wait")
        desk.read("d3")
        documents = [None, ["d1"], ["d3", "d0"], []]
        early = [project.codings(each) for each in documents]
        shown = desk.view("d3")
        progress = project.progress()
        project.events()  # everything is in the file
        assert [_as_sets(project.codings(each)) for each in documents] == list(map(_as_sets, early))
        assert desk.view("d3").read is shown.read is True
        assert project.progress() == progress


def _as_sets(codings):
    rows = (codings.codings, codings.decisions, codings.seen, codings.memos)
    return (*map(frozenset, rows), [row.coding.id for row in codings.current])


def test_what_was_stored_and_undone_meanwhile_is_not_seen_as_waiting(made):
    with Project.open(made) as project:
        recorded = project.record(by="ann", memos=[Memo("ann", "a note")])
        project.events()
        project.undo(by="lead", event_id=recorded.id)
        entry = Entry(recorded, {"memos": ({"id": "m", "document_id": ""},)})
        from reflect_analysis.project.views import read_codings

        with project._reading() as connection:
            assert read_codings(connection, waiting=[entry]).memos == ()


def test_a_proposal_may_be_decided_before_it_is_in_the_file(study):
    with Project.open(study) as project:
        project._pending.drain()
        coding = Coding("d0", 0, 3, "ask", "machine", "machine")
        project.record(by="machine", codings=[coding])
        project.record(by="ann", decisions=[Decision(coding.id, "accept", "ann")])
        assert [row.status for row in project.codings_with(coding.id).current] == ["reviewed"]


def test_a_view_of_one_document_asks_for_nothing_of_the_others(study):
    """Each query goes by an index: none reads all events or all codings."""
    with Project.open(study) as project:
        project.desk("ann").code("d0", 0, 2, "wait")
        project.events()
        asked = []

        @event.listens_for(project._engine, "before_cursor_execute")
        def keep(connection, cursor, statement, parameters, context, many):
            asked.append((statement, parameters))

        project.codings(["d0"])
        with plain_connection(study) as connection:
            plans = [
                row[3]
                for statement, parameters in asked
                if statement.startswith("SELECT")
                for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            ]
    assert any("SEARCH codings USING INDEX" in each for each in plans)
    assert {each for each in plans if "SCAN" in each} <= {"SCAN runs", "SCAN choices"}  # few rows
