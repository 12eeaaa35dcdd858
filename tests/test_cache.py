"""The cache: by content, bounded, forgetful on demand."""

import os
import zipfile

from reflect_analysis.cache import Cache, default_cache, entry_key
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
        assert text_hash("one") not in "".join(zipfile.ZipFile(pack).namelist())


def test_a_broken_pack_counts_as_absent(tmp_path):
    cache = Cache(tmp_path)
    cache.put_many("parses", {ONE: b"1"})
    (tmp_path / "parses" / "broken.zip").write_bytes(b"not a zip")
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
