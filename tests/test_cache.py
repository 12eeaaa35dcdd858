"""The cache: by content, bounded, forgetful on demand."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from reflect_analysis import cache as cache_module
from reflect_analysis._remembered import Remembered
from reflect_analysis.cache import (
    LOCK,
    MEMORY_OF,
    MOST_SMALL,
    STAMP,
    Cache,
    default_cache,
    entry_key,
)
from reflect_analysis.provenance import text_hash

ONE, TWO = entry_key(text_hash("one"), "model"), entry_key(text_hash("two"), "model")


def test_what_was_put_is_found_again_by_another_cache_on_the_folder(tmp_path):
    Cache(tmp_path).put_many("parses", {ONE: b"1", TWO: b"2"})
    assert Cache(tmp_path).get_many("parses", [ONE, "absent"]) == {ONE: b"1"}


def test_kinds_do_not_mix(tmp_path):
    Cache(tmp_path).put_many("parses", {ONE: b"1"})
    assert Cache(tmp_path).get_many("vectors", [ONE]) == {}


def test_forgetting_removes_a_text_and_nothing_else(tmp_path):
    cache = Cache(tmp_path)
    cache.put_many("parses", {ONE: b"1", TWO: b"2"})
    cache.put_many("vectors", {ONE: b"1"})
    assert cache.forget([text_hash("one")]) == 2
    assert cache.get_many("parses", [ONE, TWO]) == {TWO: b"2"}
    for pack in tmp_path.glob("*/*.zip"):
        archive = zipfile.ZipFile(pack)
        assert text_hash("one") not in str([archive.read(name) for name in archive.namelist()])


def test_a_broken_pack_counts_as_absent(tmp_path):
    cache = Cache(tmp_path)
    cache.put_many("parses", {ONE: b"1"})
    (tmp_path / "parses" / f"{0:032x}.zip").write_bytes(b"not a zip")
    assert cache.get_many("parses", [ONE]) == {ONE: b"1"}


def test_the_size_is_bounded_and_the_oldest_goes_first(tmp_path):
    cache = Cache(tmp_path)
    cache.put_many("parses", {ONE: os.urandom(5000)})
    (old,) = tmp_path.glob("parses/*.zip")
    os.utime(old, (1, 1))
    cache.put_many("parses", {TWO: os.urandom(5000)})
    cache.prune(6000)
    assert list(cache.get_many("parses", [ONE, TWO])) == [TWO]
    assert cache.size() <= 6000


def test_a_folder_that_cannot_be_written_costs_no_result(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder", encoding="utf-8")
    Cache(blocked).put_many("parses", {ONE: b"1"})
    assert Cache(blocked).get_many("parses", [ONE]) == {}


def test_the_environment_names_the_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("REFLECT_CACHE", str(tmp_path / "with space"))
    assert default_cache().folder == tmp_path / "with space"


def test_entries_of_several_blocks_are_found_and_forgotten_one_by_one(tmp_path, monkeypatch):
    monkeypatch.setattr(cache_module, "BLOCK", 10)
    cache = Cache(tmp_path)
    values = {entry_key(text_hash(str(i)), "m"): bytes([i]) * i for i in range(20)}
    cache.put_many("parses", values)
    assert cache.get_many("parses", values) == values
    gone = [list(values)[i] for i in (0, 3, 19)]
    assert {key: cache.get_many("parses", [key])[key] for key in gone} == {
        key: values[key] for key in gone
    }
    assert cache.forget([key.partition(".")[0] for key in gone]) == 3
    left = {key: value for key, value in values.items() if key not in gone}
    assert cache.get_many("parses", values) == left


def test_a_pack_of_an_older_form_is_absent_and_forgotten_whole(tmp_path):
    (tmp_path / "parses").mkdir()
    with zipfile.ZipFile(tmp_path / "parses" / f"{0:032x}.zip", "w") as archive:
        archive.writestr(ONE, b"1")
    cache = Cache(tmp_path)
    assert cache.get_many("parses", [ONE]) == {}
    cache.forget([text_hash("two")])
    assert not list(tmp_path.glob("parses/*.zip"))


def test_a_block_that_its_index_does_not_fit_counts_as_absent(tmp_path):
    (tmp_path / "parses").mkdir()
    for name, index in (("a", b'[[["k"],[5]]]'), ("b", b"[[1]]"), ("c", b"{"), ("d", b"[7]")):
        with zipfile.ZipFile(tmp_path / "parses" / f"{name}.zip", "w") as archive:
            archive.writestr("0", b"1")
            archive.writestr(cache_module.INDEX, index)
    assert Cache(tmp_path).get_many("parses", ["k", ONE]) == {}


# ── in memory ──


def pack_reads(monkeypatch):
    """The packs that are read from disk, as they are read."""
    reads = []
    read = cache_module._read_pack
    monkeypatch.setattr(
        cache_module, "_read_pack", lambda pack, wanted: reads.append(pack) or read(pack, wanted)
    )
    return reads


def test_what_is_remembered_is_read_from_disk_once(tmp_path, monkeypatch):
    Cache(tmp_path).put_many("vectors", {ONE: b"1"})
    reads = pack_reads(monkeypatch)
    for _ in range(3):
        assert Cache(tmp_path).get_many("vectors", [ONE], remember=True) == {ONE: b"1"}
    assert len(reads) == 1
    assert Cache(tmp_path / "another").get_many("vectors", [ONE], remember=True) == {}
    assert Cache(tmp_path).get_many("parses", [ONE], remember=True) == {}


def test_what_was_put_is_remembered_and_forgetting_clears_memory_too(tmp_path):
    cache = Cache(tmp_path)
    cache.put_many("vectors", {ONE: b"1", TWO: b"2"}, remember=True)
    assert cache.forget([text_hash("one")]) == 1
    assert cache.get_many("vectors", [ONE, TWO], remember=True) == {TWO: b"2"}


def test_what_another_process_forgets_is_forgotten_here(tmp_path):
    cache = Cache(tmp_path)
    cache.put_many("vectors", {ONE: b"1"}, remember=True)
    code = f"from reflect_analysis.cache import *; from pathlib import Path; \
Cache(Path({str(tmp_path)!r})).forget([{text_hash('one')!r}])"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert cache.get_many("vectors", [ONE], remember=True) == {}


def test_memory_is_bounded_and_the_last_used_stay():
    memory = Remembered(limit=10)
    memory.put(("f", "k"), "", {"a": b"12345", "b": b"1234"})
    assert list(memory.get(("f", "k"), "", ["a"])) == ["a"]
    memory.put(("f", "k"), "", {"c": b"123"})
    assert (set(memory.get(("f", "k"), "", "abc")), memory.size) == ({"a", "c"}, 8)
    memory.put(("f", "k"), "", {"a": b"1"})
    assert memory.size == 4


# ── packs ──


def many(cache, n=3 * MOST_SMALL):
    keys = {entry_key(text_hash(str(i)), "m"): str(i).encode() for i in range(n)}
    for key, value in keys.items():
        cache.put_many("vectors", {key: value})
    return keys


def test_small_packs_are_made_one_and_lose_nothing(tmp_path):
    keys = many(Cache(tmp_path))
    assert len(list(tmp_path.glob("vectors/*.zip"))) <= MOST_SMALL
    assert Cache(tmp_path).get_many("vectors", keys) == keys
    assert not list(tmp_path.glob("vectors/*.part"))


def test_a_broken_pack_is_removed_when_something_is_forgotten(tmp_path):
    cache = Cache(tmp_path)
    cache.put_many("vectors", {ONE: b"1", TWO: b"2"})
    (tmp_path / "vectors" / f"{0:032x}.zip").write_bytes(b"not a zip")
    assert cache.forget([text_hash("one")]) == 1
    assert not (tmp_path / "vectors" / f"{0:032x}.zip").exists()


def test_what_a_killed_process_left_half_written_is_forgotten_too(tmp_path):
    cache = Cache(tmp_path)
    cache.put_many("parses", {ONE: b"1"})
    code = f"""
import os, zipfile
from pathlib import Path
from reflect_analysis import cache
written = zipfile.ZipFile.writestr
def killed(archive, name, data):
    written(archive, name, data)
    archive.fp.flush()
    os._exit(9)
zipfile.ZipFile.writestr = killed
cache.Cache(Path({str(tmp_path)!r})).put_many("parses", {{{TWO!r}: b"words"}})
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    (left,) = tmp_path.glob("parses/*.part")
    cache.forget([text_hash("three")])
    assert not left.exists()
    assert cache.get_many("parses", [ONE, TWO]) == {ONE: b"1"}


def test_whoever_writes_next_removes_what_a_killed_process_left_half_written(tmp_path):
    cache = Cache(tmp_path)
    cache.put_many("parses", {ONE: b"1"})
    part = tmp_path / "parses" / f"{0:032x}.part"
    part.write_bytes(b"being written")
    assert cache.get_many("parses", [ONE]) == {ONE: b"1"}
    cache.put_many("parses", {TWO: b"2"})
    assert not part.exists()
    assert cache.get_many("parses", [ONE, TWO]) == {ONE: b"1", TWO: b"2"}


def test_four_processes_stay_within_the_bound_and_read_what_is_true(tmp_path):
    code = """
import os, sys
from pathlib import Path
from reflect_analysis import cache as module
from reflect_analysis.cache import Cache, entry_key
from reflect_analysis.provenance import text_hash
module.TO_KEEP = 60.0  # on a machine that does much else too
folder, number = Path(sys.argv[1]), sys.argv[2]
cache = Cache(folder, limit=100_000)
keys = [entry_key(text_hash(f"{n}-{i}"), "m") for n in range(4) for i in range(20)]
for i in range(20):
    mine = entry_key(text_hash(f"{number}-{i}"), "m")
    cache.put_many("parses", {mine: mine.encode() + os.urandom(10_000)})
    for key, value in cache.get_many("parses", keys).items():
        assert value.startswith(key.encode()), key
cache.prune()
"""
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), str(number)])
        for number in range(4)
    ]
    assert [process.wait(120) for process in started] == [0] * 4
    assert 0 < Cache(tmp_path).size() <= 100_000
    assert not list(tmp_path.glob("*/*.part"))


# ── the main job ──

BOOK = """\
title: Small
groups: [{id: g, name: Group}]
codes:
  - {id: belonging, name: Belonging, group: g, definition: Part of it., patterns: [not alone]}
"""
# `reflect-analysis report` as it is typed, and what it had loaded at its end.
COMMAND = """
import atexit, json, sys
from pathlib import Path
models = {"spacy", "thinc", "torch", "sentence_transformers", "transformers"}
told = Path(sys.argv.pop(1))
atexit.register(lambda: told.write_text(json.dumps(sorted(models & set(sys.modules)))))
from reflect_analysis.cli import main
main()
"""


@pytest.mark.slow
def test_a_second_run_of_the_main_job_loads_neither_the_parser_nor_the_sentence_model(tmp_path):
    doings = ("planted beans", "told me a story", "asked for more paint", "slept late", "sang")
    places = ("by the creek", "in the yard", "at the door", "under the maple", "on the mat", "here")
    rows = [
        f"r{n},P{n % 9},We {doing} {place} and I was not alone with it."
        for n, (doing, place) in enumerate((d, p) for d in doings for p in places)
    ]
    table = tmp_path / "my texts.csv"
    table.write_text("\n".join(["id,participant,text", *rows]), encoding="utf-8")
    (tmp_path / "book.yaml").write_text(BOOK, encoding="utf-8")
    arguments = ["report", str(table), "--codebook", str(tmp_path / "book.yaml")]
    arguments += ["--out", str(tmp_path / "out"), "--cleared-by", "A", "--note", "read by two"]
    arguments += ["--format", "html", "--overwrite"]
    loaded = []
    for _ in range(2):
        told = tmp_path / "loaded.json"
        done = subprocess.run(
            [sys.executable, "-c", COMMAND, str(told), *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            env={**os.environ, "REFLECT_CACHE": str(tmp_path / "cache")},
            check=False,
        )
        assert done.returncode == 0, done.stderr
        loaded.append(json.loads(told.read_text(encoding="utf-8")))
    assert {"spacy", "torch"} <= set(loaded[0])
    assert loaded[1] == []


# ── whom it is open to ──


def rights(folder):
    return [
        oct(folder.stat().st_mode & 0o777),
        *(rights(f) for f in folder.iterdir() if f.is_dir()),
    ]


@pytest.fixture
def open_to_all():
    """What is made is open to others, as on many computers."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.skipif(os.name == "nt", reason="a profile is private there")
def test_the_folder_is_open_to_its_owner_alone(tmp_path, open_to_all):
    Cache(tmp_path / "written").put_many("parses", {ONE: b"1"})
    assert rights(tmp_path / "written") == ["0o700", ["0o700"]]
    Cache(tmp_path / "forgotten").forget([text_hash("one")])
    assert rights(tmp_path / "forgotten") == ["0o700"]


@pytest.mark.skipif(os.name == "nt", reason="a profile is private there")
def test_a_folder_of_an_earlier_version_is_closed(tmp_path, open_to_all):
    folder = tmp_path / "cache"
    Cache(folder).put_many("parses", {ONE: b"1"})
    folder.chmod(0o755)
    (folder / "parses").chmod(0o775)
    Cache(folder).put_many("parses", {TWO: b"2"})
    assert rights(folder) == ["0o700", ["0o700"]]
    folder.chmod(0o755)
    Cache(folder).forget([text_hash("one")])
    assert rights(folder) == ["0o700", ["0o700"]]
    assert Cache(folder).get_many("parses", [ONE, TWO]) == {TWO: b"2"}


@pytest.mark.skipif(os.name == "nt", reason="a profile is private there")
@pytest.mark.parametrize(("other", "mode"), [("letter.docx", 0o755), (None, 0o1777)])
def test_a_folder_that_holds_other_things_stays_open_and_what_is_kept_in_it_does_not(
    tmp_path, open_to_all, other, mode
):
    folder = tmp_path / "home"
    folder.mkdir()
    if other:
        (folder / other).write_text("Dear Ana", encoding="utf-8")
    folder.chmod(mode)
    Cache(folder).put_many("parses", {ONE: b"1"})
    assert folder.stat().st_mode & 0o7777 == mode
    assert rights(folder)[1:] == [["0o700"]]


@pytest.mark.skipif(os.name == "nt", reason="a profile is private there")
def test_a_folder_that_cannot_be_closed_is_used_as_it_is(tmp_path, open_to_all, monkeypatch):
    def cannot(*_):
        raise PermissionError("somebody else's")

    folder = tmp_path / "cache"
    folder.mkdir()
    monkeypatch.setattr(Path, "chmod", cannot)
    Cache(folder).put_many("parses", {ONE: b"1"})
    assert Cache(folder).get_many("parses", [ONE]) == {ONE: b"1"}


@pytest.mark.skipif(os.name == "nt", reason="a profile is private there")
@pytest.mark.parametrize(
    ("inside", "mode"),
    [((), 0o755), (("project",), 0o755), (("parses", "project"), 0o775), (("parses",), 0o2775)],
)
def test_a_folder_that_a_team_shares_stays_open(tmp_path, open_to_all, inside, mode):
    folder = tmp_path / "lab"
    folder.mkdir()
    for name in inside:
        (folder / name).mkdir()
    folder.chmod(mode)
    Cache(folder).put_many("vectors", {ONE: b"1"})
    assert folder.stat().st_mode & 0o7777 == mode
    assert (folder / "vectors").stat().st_mode & 0o777 == 0o700


# ── where other people's files lie ──


def test_only_packs_and_their_parts_are_ever_removed(tmp_path):
    pack = f"{1:032x}.zip"
    theirs = ("data/thesis.zip", f"data/{pack}", "film.part", "parses/thesis.zip", "data/a.part")
    for name in theirs:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"theirs")
    cache = Cache(tmp_path)
    cache.put_many("parses", {ONE: b"1", TWO: b"2"})
    (tmp_path / "parses" / pack).write_bytes(b"broken")
    assert cache.forget([text_hash("one")]) == 1
    cache.prune(0)
    cache.put_many("parses", {TWO: b"2"})
    assert cache.size() == cache.empty() > 0
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()} == {
        *map(os.path.normpath, theirs), LOCK, STAMP, MEMORY_OF
    }  # fmt: skip


def test_a_kind_that_no_withdrawal_would_look_for_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"kind: expected one of finds, .*, got 'words'"):
        Cache(tmp_path).put_many("words", {ONE: b"1"})


def test_a_pack_that_another_process_removes_meanwhile_counts_as_absent(tmp_path, monkeypatch):
    cache, told = Cache(tmp_path), Path.stat
    cache.put_many("parses", {ONE: b"1"})
    cache.put_many("parses", {TWO: b"2"})
    gone = next(tmp_path.glob("parses/*.zip"))

    def pending(path, **settings):
        if path == gone:  # on Windows, while a third one reads it
            raise PermissionError(13, "Access is denied")
        return told(path, **settings)

    monkeypatch.setattr(Path, "stat", pending)
    assert len(cache.get_many("parses", [ONE, TWO])) == 1
    assert cache.size() > 0
    cache.prune(0)
    assert cache.get_many("parses", [ONE, TWO]) == {}


# ── a folder that is none ──


def closed(monkeypatch, *, can_enter):
    """Nobody may ask for what was forgotten: for the folder, or for that file alone."""
    stat, access = Path.stat, os.access

    def refused(path, **settings):
        if path.name == MEMORY_OF:
            raise PermissionError(13, "Permission denied")
        return stat(path, **settings)

    monkeypatch.setattr(Path, "stat", refused)
    monkeypatch.setattr(os, "access", lambda path, mode: access(path, mode) and can_enter)


def test_where_no_folder_can_be_nothing_was_forgotten_and_memory_serves(tmp_path):
    (tmp_path / "null").touch()
    for place in (tmp_path / "null", tmp_path / "null" / "within"):
        cache = Cache(place)
        assert cache.may_keep([text_hash("one")]) == {text_hash("one")}
        cache.put_many("vectors", {ONE: b"1"}, remember=True)
        assert cache.get_many("vectors", [ONE], remember=True) == {ONE: b"1"}
        assert cache.forget([text_hash("one")]) == 0
        assert cache.get_many("vectors", [ONE], remember=True) == {}


def test_in_a_closed_folder_nothing_was_forgotten(tmp_path, monkeypatch):
    closed(monkeypatch, can_enter=False)
    assert Cache(tmp_path).may_keep([text_hash("one")]) == {text_hash("one")}


def test_where_what_was_forgotten_cannot_be_read_nothing_is_kept(tmp_path, monkeypatch):
    closed(monkeypatch, can_enter=True)
    assert Cache(tmp_path).may_keep([text_hash("one")]) == frozenset()
