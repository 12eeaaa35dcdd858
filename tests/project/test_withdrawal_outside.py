"""What a withdrawal does outside the study's tables: the disk, the cache, other copies."""

import contextlib
import dataclasses
import shutil
import time
from types import SimpleNamespace

import pytest

from reflect_analysis import cache as cache_module
from reflect_analysis.cache import Cache, entry_key
from reflect_analysis.codings import Memo
from reflect_analysis.corpus import Case, Corpus, Document
from reflect_analysis.errors import ProjectError
from reflect_analysis.project import Project
from reflect_analysis.project.engine import Address, connect_engine
from reflect_analysis.project.withdrawal import remains, squeezing
from reflect_analysis.provenance import text_hash

SAID = "The copper kettle hummed until nobody could hear the rain."
CORPUS = Corpus(
    (
        Document("R1", SAID, case_id="Bea", source="c1.csv"),
        Document("R2", "A day like any other day at work.", case_id="Ana"),
    ),
    (Case("Ana"), Case("Bea")),
)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Cache:
    """A cache of this test, in which something was computed from the person's text."""
    monkeypatch.setenv("REFLECT_CACHE", str(tmp_path / "cache"))
    kept = Cache(tmp_path / "cache")
    kept.put_many("vectors", {_key(): b"computed"})
    return kept


@pytest.fixture(autouse=True)
def no_model(monkeypatch):
    """Sentences are not looked for: the model that finds them takes seconds to load."""
    monkeypatch.setattr(Cache, "size", lambda self: 0)


def _key():
    return entry_key(text_hash(SAID), "model")


def _is_cached(cache) -> bool:
    return bool(cache.get_many("vectors", [_key()]))


@pytest.fixture
def study(tmp_path):
    path = tmp_path / "study.reflect"
    with Project.create(path) as project:
        project.save(by="lead", corpus=CORPUS)
    return path


# ── a server's disk ──


@contextlib.contextmanager
def _another_session(url):
    """Somebody who looks at the study as it is now, for as long as they like."""
    engine = connect_engine(Address(url))
    with engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        connection.exec_driver_sql("SELECT count(*) FROM study").all()
        yield
    engine.dispose()


def _on_disk(server, url):
    """Whether a server's tables hold the words, as they lie on the disk."""
    database = url.rpartition("/")[2]
    ((number,),) = server.execute(
        "SELECT oid FROM pg_database WHERE datname = current_database()", database
    )
    server.execute("CHECKPOINT", database)
    files = (server._data / "base" / str(number)).glob("*")
    return any(SAID.encode() in path.read_bytes() for path in files if path.is_file())


def test_a_server_writes_its_tables_anew(postgres_server, postgres_url):
    with Project.create(postgres_url) as project:
        project.save(by="lead", corpus=CORPUS)
        assert _on_disk(postgres_server, postgres_url)
        report = project.withdraw("Bea", by="lead")
    assert report.left_to_do == ()
    assert not _on_disk(postgres_server, postgres_url)


def test_what_another_session_still_sees_is_said_and_done_later(
    postgres_server, postgres_url, monkeypatch
):
    monkeypatch.setattr(squeezing, "_PATIENCE_SECONDS", 0.0)
    with Project.create(postgres_url) as project:
        project.save(by="lead", corpus=CORPUS)
        with _another_session(postgres_url):
            report = project.withdraw("Bea", by="lead")
            assert "still lies in the server's files (cases, documents)" in report.left_to_do[0]
            assert "withdraw Bea again" in report.left_to_do[-1]
            assert _on_disk(postgres_server, postgres_url)
        assert project.withdraw("Bea", by="lead").left_to_do == ()
    assert not _on_disk(postgres_server, postgres_url)


def test_a_session_that_ends_in_time_is_waited_for(postgres_server, postgres_url, monkeypatch):
    with Project.create(postgres_url) as project, contextlib.ExitStack() as session:
        project.save(by="lead", corpus=CORPUS)
        session.enter_context(_another_session(postgres_url))
        monkeypatch.setattr(squeezing.time, "sleep", lambda seconds: session.close())
        assert project.withdraw("Bea", by="lead").left_to_do == ()
    assert not _on_disk(postgres_server, postgres_url)


def test_a_user_who_may_not_rewrite_the_tables_is_told_who_does(postgres_server, postgres_url):
    database = postgres_url.rpartition("/")[2]
    Project.create(postgres_url).close()
    postgres_server.execute(f"CREATE ROLE {database} LOGIN PASSWORD 'guest'")
    address = Address(f"postgresql://{database}:guest@127.0.0.1:{postgres_server.port}/{database}")
    (told,) = squeezing.squeeze(address, connect_engine(address))
    assert "their owner runs: VACUUM FULL cases; VACUUM FULL documents" in told


# ── what stops half-way ──


def test_a_store_that_cannot_be_written_anew_is_no_failure_and_is_done_again(study, monkeypatch):
    with Project.open(study) as project:
        with monkeypatch.context() as patched:
            patched.setattr(squeezing, "plain_connection", _full)
            report = project.withdraw("Bea", by="lead")
        assert "could not be written anew" in report.left_to_do[0]
        assert "disk is full" in report.left_to_do[0]
        assert "withdraw Bea again" in str(report)
        again = project.withdraw("Bea", by="lead")
        assert again.left_to_do == ()
        assert (again.deleted, again.documents) == (report.deleted, ("R1",))


@contextlib.contextmanager
def _full(*_):
    raise ProjectError("the disk is full")
    yield


def test_who_stops_after_the_commit_has_forgotten_already(study, cache, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    with Project.open(study) as project:
        with monkeypatch.context() as patched:
            patched.setattr(remains, "finished", killed)
            with pytest.raises(KeyboardInterrupt):
                project.withdraw("Bea", by="lead")
        assert not _is_cached(cache)
        again = project.withdraw("Bea", by="lead")
        assert again.before
        assert again.documents == ("R1",)
    assert SAID.encode() not in study.read_bytes()


def test_a_list_of_the_withdrawn_that_cannot_be_kept_is_left_to_do(study, monkeypatch):
    with Project.open(study) as project:
        with monkeypatch.context() as patched:
            patched.setattr(remains.backups, "remember_withdrawn", _no_place)
            assert "no place" in project.withdraw("Bea", by="lead").left_to_do[0]
        assert project.withdraw("Bea", by="lead").left_to_do == ()


def _no_place(*_):
    raise ProjectError("no place for it")


# ── a partner ──


def test_a_tombstone_that_comes_by_a_merge_clears_the_cache_and_names_the_backups(
    study, tmp_path, cache, monkeypatch
):
    partner = tmp_path / "partner" / "study.reflect"
    partner.parent.mkdir()
    shutil.copy2(study, partner)
    with Project.open(partner) as project:
        made = project.backup(by="ben").path
    with Project.open(study) as project:
        project.withdraw("Bea", by="lead")
    later = time.time() + 60
    monkeypatch.setattr(cache_module, "begun", lambda: later)
    cache.put_many("vectors", {_key(): b"computed"})  # by the partner, who has the text still
    with Project.open(partner) as project:
        told = str(project.merge([study], by="ben"))
    assert not _is_cached(cache)
    assert "forgotten in this computer's cache: 1 entry" in told
    assert str(made) in told
    assert SAID.encode() not in partner.read_bytes()


# ── the same words under another name ──


def test_the_same_text_under_another_name_is_reported(study, tmp_path):
    again = Corpus((Document("Q9", SAID, case_id="Zoe"),), (Case("Zoe"),))
    other = tmp_path / "other.reflect"
    with Project.create(other) as project:
        project.save(by="lead", corpus=again)
    with Project.open(study) as project:
        project.withdraw("Bea", by="lead")
        assert project.alike() == ()
        project.save(by="lead", corpus=again)
        assert project.alike() == ("Q9",)
        assert "kept, though word for word the same as one that went: Q9" in str(
            project.withdraw("Bea", by="lead")
        )
        project.withdraw("Zoe", by="lead")
        assert project.alike() == ()


def test_a_merge_that_brings_the_same_text_under_another_name_says_so(study, tmp_path):
    theirs = dataclasses.replace(CORPUS.documents[0], id="Q9", case_id="Zoe")
    other = tmp_path / "other.reflect"
    with Project.create(other) as project:
        project.save(by="lead", corpus=Corpus((theirs,), (Case("Zoe"),)))
    with Project.open(study) as project:
        project.withdraw("Bea", by="lead")
        report = project.merge([other], by="lead")
        assert any(note.startswith("Q9: the same, word for word") for note in report.notes)
        assert not any("Q9" in note for note in project.merge([other], by="lead").notes)


# ── a coder who has the study open meanwhile ──


def test_what_another_program_is_about_to_store_is_waited_for(study):
    with Project.open(study) as project, Project.open(study) as coder:
        coder.record(by="ann", memos=[Memo("ann", f"They say: {SAID}", document_id="R2")])
        report = project.withdraw("Bea", by="lead")
        (memo,) = project.codings().memos
        assert "copper" not in memo.text
        assert any("open in another program" in note for note in report.notes)


def test_nobody_is_waited_for_longer_than_a_little(study, monkeypatch):
    waited = []
    clock = SimpleNamespace(monotonic=lambda: sum(waited), sleep=waited.append)
    monkeypatch.setattr(remains, "time", clock)
    log = study.with_name(f"{study.name}-other-dead.pending")
    log.write_bytes(b"what a coder wrote")
    remains.await_others(study)
    assert 1 < sum(waited) < 10
    assert any("look at the memos" in note for note in remains.unstored(study))


# ── the export ──


def _exported(study, tmp_path):
    with Project.open(study) as project:
        project.export_text(tmp_path / "export1")
        project.withdraw("Bea", by="lead")
    return tmp_path / "export1"


@pytest.mark.parametrize("beside", ["the export", "the new file"])
def test_an_export_of_before_the_withdrawal_brings_nobody_back(study, tmp_path, beside):
    export, target = _exported(study, tmp_path), tmp_path / "again.reflect"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    if beside == "the export":
        target = elsewhere / "again.reflect"
    else:
        export = shutil.move(export, elsewhere / "export1")
    with Project.import_text(export, target, by="ben") as project:
        assert [document.id for document in project.corpus()] == ["R2"]
        assert "left out, for they withdrew since: Bea" in project.notes
        told = project.events()[-1]
        assert (told.action, told.by, told.payload["withdrawn"]) == ("import", "ben", ["Bea"])
        assert "withdraw" in {event.action for event in project.events()}
    assert SAID.encode() not in target.read_bytes()


def test_an_export_of_which_nobody_knows_who_withdrew_says_so(study, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    export = shutil.move(_exported(study, tmp_path), elsewhere / "export1")
    with Project.import_text(export, elsewhere / "again.reflect") as project:
        (note,) = project.notes
        assert "merge the study that recorded it" in note
        actions = [event.action for event in project.events()]
        assert actions == ["create", "save"]
        assert project.merge([study], by="lead").withdrawn == ("Bea",)
