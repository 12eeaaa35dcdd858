"""The sheet of reasons and the folder of a run: nothing typed is lost, nothing withdrawn stays."""

import csv
from pathlib import Path

import pytest

from reflect_analysis._tombstones import Tombstone
from reflect_analysis.errors import OutputError
from reflect_analysis.provenance import fingerprint
from reflect_analysis.scale.dataset import stone_key
from reflect_analysis.scale.files import RunFolder
from reflect_analysis.scale.leaving import Left
from reflect_analysis.scale.reasons import drop_reasons, read_open, settle_reasons, write_open
from reflect_analysis.scale.values import OpenFinding


def finding(number, person="P01"):
    return OpenFinding(f"F{number}", f"R{number}", "text", 3, 9, "email", "", "row 1", person)


@pytest.fixture
def path(tmp_path):
    """A sheet of two findings, neither with a reason."""
    target = tmp_path / "findings-open.csv"
    write_open(target, [finding(1), finding(2, "P02")], {})
    return target


def changed(path, change):
    """The sheet as a spreadsheet saves it after something was typed."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    change(rows)
    widest = max(map(len, rows))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([*row, *[""] * (widest - len(row))] for row in rows)


def test_a_note_in_an_own_column_stays_on_a_finding_that_is_open(path):
    def note(rows):
        rows[0].append("asked")
        rows[1].append("the school, 3 May")

    changed(path, note)
    for waiting in ([finding(1), finding(2, "P02")], [finding(2, "P02")], [finding(1)]):
        write_open(path, waiting, {})
        assert read_open(path)["F1"]["asked"] == "the school, 3 May"


def test_what_stands_beyond_the_last_column_stays(path):
    changed(path, lambda rows: rows[1].extend(["ask", "twice"]))
    for _ in range(2):
        write_open(path, [finding(1), finding(2, "P02")], {})
        assert read_open(path)["F1"][""] == "ask; twice"
    assert read_open(path)["F2"].get("", "") == ""


def test_rows_of_who_withdrew_are_found_by_their_texts_too(path):
    def older(rows):
        at = rows[0].index("participant")
        for row in rows:
            del row[at]

    changed(path, older)
    stone = Tombstone("P02", "2026-01-02", "lead", frozenset({("R2", "ab" * 32)}))
    assert drop_reasons(path, [stone]) == {"F2"}
    assert set(read_open(path)) == {"F1"}


def test_a_file_that_another_program_holds_is_one_clear_error(path, monkeypatch):
    folder = RunFolder(path.parent / "out")
    (folder.keep / "codings").mkdir(parents=True)
    (folder.keep / "codings/part-1.parquet").touch()

    def held(self, **_):
        raise PermissionError(13, "held")

    monkeypatch.setattr(Path, "unlink", held)
    for attempt in (lambda: settle_reasons(path, ()), folder.drop_partitions):
        with pytest.raises(OutputError, match="another program holds it"):
            attempt()


@pytest.mark.parametrize("how", ["prepare", "drop_partitions"])
def test_what_a_killed_run_left_half_written_goes(tmp_path, how):
    folder = RunFolder(tmp_path / "out")
    folder.keep.mkdir(parents=True)
    stays = folder.keep / "findings-open.csv"
    left = ("findings-open.csv-0a1b2c3d.part.csv", "run.json-0a1b2c3d.part")
    for each in (stays, *(folder.keep / name for name in left)):
        each.write_text("P01", encoding="utf-8")
    if how == "prepare":
        folder.prepare([], {})
    else:
        folder.drop_partitions()
    assert stays.exists()
    assert not [path for path in folder.keep.rglob("*") if ".part" in path.name]


def test_facts_of_another_form_tell_of_nobody():
    assert not Left.of({"withdrawn": "ab" * 16}).withdrawn
    left = Left(frozenset({"a"}), frozenset({"b"}))
    assert Left.of(left.facts) == left


def test_who_withdrew_is_kept_with_a_salt_of_the_folder_and_an_earlier_form_is_salted():
    stone = stone_key(Tombstone("P000001", "2026-01-02", "lead"))
    earlier = {"withdrawn": [stone], "forgotten": [fingerprint("R1:0-3")[:32]]}
    first, second = Left.of(earlier), Left.of(earlier)
    for left in (first, second):
        assert left.salted([stone]) == left.withdrawn
        assert stone not in str(left.facts)
        assert earlier["forgotten"][0] not in str(left.facts)
        assert left.remembered({"R1:0-3": "why", "R2:0-3": "why"}) == {"R2:0-3": "why"}
    assert not first.withdrawn & second.withdrawn
