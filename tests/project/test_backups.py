"""Copies of a project file: made, checked, few, restored without whoever withdrew."""

import json
import os
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reflect_analysis.errors import ProjectError
from reflect_analysis.project import Project, backups
from reflect_analysis.project.checking import faults_of
from reflect_analysis.project.engine import Address, connect_engine

DAY = timedelta(days=1)


@pytest.fixture
def clock(monkeypatch):
    """The time as the backups see it; it can be moved."""

    class Clock(datetime):
        moved = timedelta(0)

        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + cls.moved

    monkeypatch.setattr(backups, "datetime", Clock)
    return Clock


def _code(path, coder="ann", start=0):
    with Project.open(path) as project:
        (coding,) = project.desk(coder).code("d0", start, start + 2, "wait")
    return coding.id


def _held(path):
    with Project.open(path) as project:
        return {coding.id for coding in project.codings()}


def _rows(path, table):
    connection = sqlite3.connect(path)
    rows = connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608  # the test's own words
    connection.close()
    return rows


# ── making them ──


def test_a_backup_on_demand_is_a_whole_project_beside_the_file(study):
    kept = _code(study)
    with Project.open(study) as project:
        made = project.backup(by="ann")
        assert made in project.backups()
        assert project.events()[-1].action == "backup"
        assert project.events()[-1].payload == {"file": made.path.name}
    assert made.path.parent == study.with_name("my study.reflect-backups")
    assert _held(made.path) == {kept}
    with Project.open(made.path) as copy:
        assert copy.check() == ()


def test_a_backup_holds_what_was_only_acknowledged(study):
    with Project.open(study) as project:
        (coding,) = project.desk("ann").code("d0", 0, 2, "wait")
        made = project.backup(by="ann")
    assert [row[0] for row in _rows(made.path, "codings")] == [coding.id]


def test_opening_makes_a_backup_once_a_day_and_only_if_something_changed(study, clock):
    def opened_on(day, change):
        clock.moved = day * DAY
        Project.open(study).close()  # waits for the copy, which is made beside the work
        if change:
            _code(study, start=day)
        return len(backups.backups_of(study))

    assert opened_on(0, change=False) == 1  # the first there is
    assert opened_on(0, change=True) == 1  # of today
    assert opened_on(2, change=True) == 2  # what was coded on day 0 is new
    assert opened_on(4, change=False) == 3  # what was coded on day 2 is new
    assert opened_on(6, change=False) == 3  # nothing is


def test_a_team_that_opens_at_once_makes_one_backup(study):
    _code(study)
    shutil.rmtree(backups.folder_of(study))
    with backups._turn(backups.folder_of(study)) as mine:  # another process is at it
        assert mine
        assert backups.is_due(study)
        assert backups.backup_when_due(study) is None
    assert backups.backup_when_due(study) is not None
    assert backups.backup_when_due(study) is None


def test_so_many_backups_of_openings_are_kept_and_all_that_were_asked_for(study, clock):
    with Project.open(study) as project:
        project.backup(by="ann")
    for day in range(backups.KEPT + 4):
        clock.moved = (2 + 2 * day) * DAY
        _code(study, start=day)
    reasons = [backup.reason for backup in backups.backups_of(study)]
    assert reasons.count("open") == backups.KEPT
    assert reasons.count("asked") == 1


def test_a_backup_that_cannot_be_made_is_a_note_and_no_error(study):
    backups.folder_of(study).write_text("in the way", encoding="utf-8")
    project = Project.open(study)
    project.close()
    assert any("no backup was made" in note for note in project.notes)
    with Project.open(study) as project, pytest.raises(ProjectError, match="no backup was made"):
        project.backup(by="ann")


def test_a_broken_file_is_not_taken_for_a_backup(study):
    _damage(study)
    with pytest.raises(ProjectError, match="no backup was made"):
        backups.make_backup(study)
    assert backups.backups_of(study) == ()
    assert not list(backups.folder_of(study).glob("*.partial*"))


def test_a_copy_that_was_begun_and_never_ended_is_thrown_away(study):
    folder = backups.folder_of(study)
    folder.mkdir()
    stale, young = folder / "0a.partial", folder / "0b.partial"
    for path in (stale, young):
        path.write_bytes(b"half")
    os.utime(stale, (0, 0))
    backups.make_backup(study)
    assert not stale.exists()
    assert young.exists()  # another process may be at it


def test_two_backups_in_one_second_have_two_names(study, clock):
    moment = datetime.now(UTC)
    clock.now = classmethod(lambda cls, tz=None: moment)
    made = [backups.make_backup(study).path for _ in range(3)]
    assert [each.path for each in backups.backups_of(study)] == made
    assert len(set(made)) == 3


def test_a_project_on_a_server_is_backed_up_there(postgres_url):
    with Project.create(postgres_url) as project:
        for ask in (lambda: project.backup(by="ann"), project.backups):
            with pytest.raises(ProjectError, match="pg_dump"):
                ask()
    with pytest.raises(ProjectError, match="restored there"):
        Project.restore(postgres_url, "x", by="ann")


# ── restoring them ──


def _damage(path, at=0.5):
    """Overwrite pages, as a failing disk does."""
    with path.open("rb+") as file:
        file.seek(int(path.stat().st_size * at) // 4096 * 4096)
        file.write(b"\xaa" * 3 * 4096)


def _backed_up(study):
    """A project with one coding in a backup, and one that came later."""
    first = _code(study)
    with Project.open(study) as project:
        made = project.backup(by="ann")
    return first, _code(study, start=5), made.path


def test_a_restored_file_is_as_the_backup_and_what_was_there_is_kept(study):
    first, second, backup = _backed_up(study)
    restored = Project.restore(study, backup, by="lead")
    assert _held(study) == {first}
    assert _held(restored.kept) == {first, second}
    with Project.open(study) as project:
        assert project.events()[-1].action == "restore"
        assert project.events()[-1].payload == {"backup": backup.name}
        assert project.check() == ()


def test_a_backup_may_be_named_without_its_folder(study):
    first, _, backup = _backed_up(study)
    Project.restore(study, backup.name, by="lead")
    assert _held(study) == {first}


@pytest.mark.parametrize("fault", ["damaged", "truncated", "empty", "text", "gone"])
def test_a_backup_takes_the_place_of_a_broken_or_missing_file(study, fault):
    first, _, backup = _backed_up(study)
    before = None
    if fault == "gone":
        study.unlink()
    else:
        _broken(study, fault)
        before = study.read_bytes()
    restored = Project.restore(study, backup, by="lead")
    assert _held(study) == {first}
    if fault == "gone":
        assert restored.kept is None
    else:
        assert restored.kept.read_bytes() == before


def _broken(path, fault):
    if fault == "damaged":
        _damage(path, at=0.1)
    elif fault == "truncated":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif fault == "empty":
        path.write_bytes(b"")
    else:
        path.write_text("Dear partner, here is my list.\n" * 500, encoding="utf-8")


def test_the_journal_of_a_broken_file_is_not_played_into_the_restored_one(study):
    first, _, backup = _backed_up(study)
    _broken(study, "text")
    journal = study.with_name(f"{study.name}-journal")
    journal.write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + b"\0" * 600)
    Project.restore(study, backup, by="lead")
    assert not journal.exists()
    assert _held(study) == {first}


def test_others_who_have_the_file_open_see_the_restored_state(study):
    first, _, backup = _backed_up(study)
    with Project.open(study) as open_meanwhile:
        Project.restore(study, backup, by="lead")
        assert {coding.id for coding in open_meanwhile.codings()} == {first}
        (third,) = open_meanwhile.desk("ben").code("d1", 0, 2, "ask")
    assert _held(study) == {first, third.id}


def test_what_waits_of_a_process_that_died_comes_into_the_restored_file(study):
    from reflect_analysis.codings import Memo
    from reflect_analysis.project import pending
    from reflect_analysis.project.entries import Entry, new_event
    from reflect_analysis.project.rows import memo_row

    _, _, backup = _backed_up(study)
    with Project.open(study) as project:
        name = f"{study.name}-{project.id[:12]}-dead{pending.SUFFIX}"
    entry = Entry(new_event("ann", "record"), {"memos": (memo_row(Memo("ann", "kept"), ""),)})
    study.with_name(name).write_bytes(pending._framed(entry.to_line()))
    study.unlink()
    Project.restore(study, backup, by="lead")
    with Project.open(study) as project:
        assert [memo.text for memo in project.codings().memos] == ["kept"]


@pytest.mark.parametrize("fault", ["damaged", "truncated", "empty", "text"])
def test_a_broken_backup_is_refused_and_nothing_changes(study, fault):
    _, second, backup = _backed_up(study)
    _broken(backup, fault)
    with pytest.raises(ProjectError):
        Project.restore(study, backup, by="lead")
    assert second in _held(study)
    assert not list(backup.parent.glob("*.partial*"))


def test_a_backup_of_another_study_is_refused(study, tmp_path):
    with Project.create(tmp_path / "other.reflect") as other:
        backup = other.backup(by="ann")
    with pytest.raises(ProjectError, match="another study"):
        Project.restore(study, backup.path, by="lead")


def test_a_backup_that_is_not_there_is_an_error_that_names_those_that_are(study):
    _, _, backup = _backed_up(study)
    with pytest.raises(ProjectError, match=backup.name):
        Project.restore(study, "nothing.reflect", by="lead")


# ── who withdrew ──


def _words(path):
    return path.read_bytes().count(b"watched the water")


def test_who_withdrew_does_not_come_back_with_a_backup(study):
    _, _, backup = _backed_up(study)
    with Project.open(study) as project:
        project.withdraw("P0", by="lead")
    assert _words(backup) > 0
    restored = Project.restore(study, backup, by="lead")
    assert restored.withdrawn == ("P0",)
    with Project.open(study) as project:
        assert all(document.case_id != "P0" for document in project.corpus())
        assert project.check() == ()
    assert _words(study) == 0


@pytest.mark.parametrize("fault", ["text", "gone"])
def test_who_withdrew_does_not_come_back_where_the_file_is_lost(study, fault):
    _, _, backup = _backed_up(study)
    with Project.open(study) as project:
        project.withdraw("P0", by="lead")
    if fault == "gone":
        study.unlink()
    else:
        _broken(study, fault)
    assert Project.restore(study, backup, by="lead").withdrawn == ("P0",)
    assert _words(study) == 0


def test_who_withdrew_does_not_come_back_with_a_copy_that_somebody_puts_in_place(study):
    _, _, backup = _backed_up(study)
    with Project.open(study) as project:
        project.withdraw("P0", by="lead")
    shutil.copy2(backup, study)
    with Project.open(study) as project:
        assert any("another copy" in note and "P0" in note for note in project.notes)
        assert all(document.case_id != "P0" for document in project.corpus())


def test_the_file_beside_the_backups_holds_ids_and_hashes_and_no_words(study):
    with Project.open(study) as project:
        project.withdraw("P0", by="lead")
        made = project.id
    told = (backups.folder_of(study) / backups.WITHDRAWN).read_text(encoding="utf-8")
    assert "water" not in told
    assert [row["case_id"] for row in json.loads(told)[made]] == ["P0"]


def test_the_same_pseudonym_in_another_study_of_that_file_name_is_another_person(study, corpus):
    with Project.open(study) as project:
        project.withdraw("P0", by="lead")
    study.unlink()
    with Project.create(study) as project:
        project.save(by="lead", corpus=corpus)
        assert any(document.case_id == "P0" for document in project.corpus())


def test_nothing_is_restored_while_nobody_knows_who_withdrew(study):
    _, second, backup = _backed_up(study)
    (backups.folder_of(study) / backups.WITHDRAWN).write_text("{broken", encoding="utf-8")
    with pytest.raises(ProjectError, match=r"withdrawn\.json.*cannot be read"):
        Project.restore(study, backup, by="lead")
    assert second in _held(study)


def test_a_purge_takes_whoever_withdrew_out_of_every_backup(study):
    _, _, backup = _backed_up(study)
    others = backups.make_backup(study).path
    with Project.open(study) as project:
        project.withdraw("P0", by="lead")
        clean = project.backup(by="lead").path
        purged = project.purge("P0", by="lead")
        assert set(purged.cleaned) >= {backup, others}
        assert clean not in purged.cleaned
        assert purged.unreadable == ()
        assert project.purge("P0", by="lead").cleaned == ()
        assert project.events()[-1].action == "purge"
    for each in backups.backups_of(study):
        assert _words(each.path) == 0
    with Project.open(backup) as copy:
        assert copy.check() == ()
        assert [document.id for document in copy.corpus()] == ["d1", "d3"]


def test_a_purge_names_what_it_cannot_read(study):
    _, _, backup = _backed_up(study)
    with Project.open(study) as project:
        project.withdraw("P0", by="lead")
        _broken(backup, "damaged")
        assert backup in project.purge("P0", by="lead").unreadable


@pytest.mark.parametrize("name", ["before the move.reflect", "kept by hand"])
def test_a_purge_cleans_what_somebody_put_among_the_backups_by_hand(study, name):
    by_hand = backups.folder_of(study) / name
    with Project.open(study) as project:
        project.backup(by="lead")
        shutil.copy2(study, by_hand)
        report = project.withdraw("P0", by="lead")
        assert str(by_hand) in report.backups
        assert by_hand in project.purge("P0", by="lead").cleaned
    assert _words(by_hand) == 0


def test_the_journal_beside_a_broken_backup_is_named_to_be_deleted_by_hand(study):
    folder = backups.folder_of(study)
    folder.mkdir(exist_ok=True)
    journal = folder / "my study-20260101T000000Z-broken.reflect-journal"
    journal.write_bytes(b"We watched the water together and waited.")
    with Project.open(study) as project:
        report = project.withdraw("P0", by="lead")
        assert report.unreadable == (str(journal),)
        assert f"delete them by hand: {journal}" in str(report)
        assert journal in project.purge("P0", by="lead").unreadable


def test_copies_in_the_same_folder_are_listed(study, tmp_path):
    copy, other = tmp_path / "my study (copy).reflect", tmp_path / "other.reflect"
    shutil.copy2(study, copy)
    Project.create(other).close()
    with Project.open(study) as project:
        report = project.withdraw("P0", by="lead")
    assert report.copies == (str(copy),)
    assert f"delete them, or withdraw there too: {copy}" in str(report)


@pytest.mark.parametrize("name", ["fresh.reflect", "elsewhere/fresh.reflect"])
def test_a_backup_of_another_file_brings_nobody_back(study, tmp_path, name):
    _, _, backup = _backed_up(study)
    with Project.open(study) as project:
        project.withdraw("P0", by="lead")
    fresh = tmp_path / name
    fresh.parent.mkdir(exist_ok=True)
    restored = Project.restore(fresh, backup, by="ben")
    assert restored.withdrawn == ("P0",)
    assert _words(fresh) == 0
    with Project.open(fresh) as project:
        assert [document.id for document in project.corpus()] == ["d1", "d3"]
        told = {event.action: event for event in project.events()}
    assert told["restore"].payload["withdrawn"] == ["P0"]
    assert told["withdraw"].payload["case"] == "P0"
    assert told["withdraw"].by == "lead"


def test_a_copy_that_is_opened_beside_the_study_brings_nobody_back(study, tmp_path):
    copy = tmp_path / "copy.reflect"
    shutil.copy2(study, copy)
    with Project.open(study) as project:
        project.withdraw("P0", by="lead")
    with Project.open(copy) as project:
        assert any("P0" in note for note in project.notes)
        assert [document.id for document in project.corpus()] == ["d1", "d3"]
        assert [e.payload["case"] for e in project.events() if e.action == "withdraw"] == ["P0"]


def test_a_broken_list_of_another_study_hides_nobody(study, tmp_path):
    _, _, backup = _backed_up(study)
    with Project.open(study) as project:
        project.withdraw("P0", by="lead")
    other = tmp_path / "other.reflect-backups"
    other.mkdir()
    (other / backups.WITHDRAWN).write_text("{broken", encoding="utf-8")
    shutil.copy2(backup, study)
    with Project.open(study) as project:
        assert any("other.reflect-backups" in note for note in project.notes)
        assert all(document.case_id != "P0" for document in project.corpus())


def test_two_copies_that_were_told_of_a_withdrawal_tell_it_once_when_they_are_joined(
    study, tmp_path
):
    copies = [tmp_path / "a.reflect", tmp_path / "b.reflect"]
    for copy in copies:
        shutil.copy2(study, copy)
    with Project.open(study) as project:
        project.withdraw("P0", by="lead")
    Project.open(copies[1]).close()
    with Project.open(copies[0]) as project:
        project.merge([copies[1]], by="lead")
        assert [event.action for event in project.events()].count("withdraw") == 1


def test_a_purge_of_somebody_who_did_not_withdraw_is_refused(study):
    _, _, backup = _backed_up(study)
    with Project.open(study) as project, pytest.raises(ProjectError, match="did not withdraw"):
        project.purge("P1", by="lead")
    assert _words(backup) > 0


# ── checking ──


def test_a_sound_project_has_no_faults(made, corpus):
    end = len(corpus.document("d2").text)  # past a wave of two UTF-16 units
    with Project.open(made) as project:
        project.desk("ann").code("d2", 0, end, "wait")
        assert project.check() == ()


def test_a_check_finds_pages_that_were_overwritten(study):
    _damage(study)
    address = Address(study)
    assert any("broken" in fault for fault in faults_of(connect_engine(address), address))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ('UPDATE codings SET "end" = 4000', "lies outside the text of 'd0'"),
        ("DELETE FROM events WHERE action = 'record'", "without the event that wrote them"),
        ("UPDATE documents SET text = 'other' WHERE id = 'd1'", "text of 'd1' is not the one"),
    ],
)
def test_a_check_finds_rows_that_another_program_changed(study, change, told):
    _code(study)
    connection = sqlite3.connect(study)
    connection.execute(change)
    connection.commit()
    connection.close()
    with Project.open(study) as project:
        assert any(told in fault for fault in project.check())


def test_a_path_with_signs_of_an_address_is_a_path_like_any(tmp_path, corpus):
    folder = tmp_path / "50% of it? #1 & more"
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("this system allows no such name")
    path = Path(folder) / "a [study].reflect"
    with Project.create(path) as project:
        project.save(by="lead", corpus=corpus)
        made = project.backup(by="lead")
    assert {each.name for each in folder.iterdir()} == {path.name, f"{path.name}-backups"}
    Project.restore(path, made.path, by="lead")
    with Project.open(path) as project:
        assert len(project.corpus()) == 4
