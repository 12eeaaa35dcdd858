"""The command that tells of the cache and empties it."""

import json
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from reflect_analysis.cache import LOCK, Cache, entry_key
from reflect_analysis.cli import app
from reflect_analysis.provenance import text_hash

ENTRY = entry_key(text_hash("one"), "m")


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """A cache in which something is kept, in a folder with a space."""
    monkeypatch.setenv("REFLECT_CACHE", str(tmp_path / "my cache"))
    cache = Cache(tmp_path / "my cache")
    cache.put_many("parses", {ENTRY: os.urandom(300_000)}, remember=True)
    cache.put_many("vectors", {ENTRY: os.urandom(300_000)}, remember=True)
    return cache


def told(*arguments):
    done = CliRunner().invoke(app, ["cache", *arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_it_tells_the_folder_the_size_and_the_bound(kept):
    assert told().splitlines() == [f"folder: {kept.folder}", "kept: 0.6 MB of at most 2,048.0 MB"]
    assert json.loads(told("--json")) == {
        "folder": str(kept.folder),
        "bytes": kept.size(),
        "bound": kept.limit,
        "removed": 0,
    }
    assert kept.size() > 600_000


def test_a_folder_that_is_not_there_is_told_and_not_made(tmp_path, monkeypatch):
    monkeypatch.setenv("REFLECT_CACHE", str(tmp_path / "none"))
    assert "kept: nothing of at most" in told()
    assert "removed: nothing" in told("--empty")
    assert not (tmp_path / "none").exists()


def test_empty_removes_what_is_kept_on_the_disk_and_in_memory(kept):
    assert told("--empty").splitlines()[1:] == [
        "removed: 0.6 MB",
        "kept: nothing of at most 2,048.0 MB",
    ]
    for kind in ("parses", "vectors"):
        assert kept.get_many(kind, [ENTRY], remember=True) == {}
    assert list(kept.folder.glob("*/*")) == []
    kept.put_many("parses", {ENTRY: b"again"})
    assert kept.get_many("parses", [ENTRY]) == {ENTRY: b"again"}


def test_what_another_process_empties_is_gone_from_this_ones_memory(kept):
    command = [sys.executable, "-m", "reflect_analysis", "cache", "--empty", "--json"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    assert json.loads(done.stdout)["removed"] > 600_000
    assert kept.get_many("parses", [ENTRY], remember=True) == {}


def test_what_was_forgotten_stays_barred_when_all_is_emptied(kept):
    kept.forget([text_hash("one")])
    told("--empty")
    kept.put_many("parses", {ENTRY: b"brought back"})
    assert kept.get_many("parses", [ENTRY]) == {}


def test_who_empties_waits_for_who_writes_and_says_who_holds_it(kept, monkeypatch):
    import portalocker

    monkeypatch.setattr("reflect_analysis.cache.TO_FORGET", 0.0)
    with (kept.folder / LOCK).open("ab") as file:
        portalocker.lock(file, portalocker.LOCK_EX | portalocker.LOCK_NB)
        done = CliRunner().invoke(app, ["cache", "--empty"])
        portalocker.unlock(file)
    assert "another process holds it" in str(done.exception)
    assert kept.size() > 600_000
