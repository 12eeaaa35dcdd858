"""``reflect-analysis scale``: what it prints, how it fails, and what Ctrl+C leaves."""

import json
import os
import signal
import subprocess
import sys
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from reflect_analysis.cli import app
from reflect_analysis.errors import CorpusError, NotClearedError
from reflect_analysis.provenance import text_hash

BOOK = """\
title: Small
groups: [{id: g, name: Group}]
codes:
  - {id: alone, name: Alone, group: g, definition: Alone with it., patterns: [alone]}
  - {id: rest, name: Rest, group: g, definition: Rest., patterns: [rest]}
"""
TEXTS = [
    f"I was alone on day {number}. Then it rained, and I went to rest." for number in range(30)
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A data set in a folder with spaces, cleared before."""
    source = tmp_path / "my data"
    source.mkdir()
    rows = [
        {"id": f"R{number}", "participant": f"P{number % 7}", "language": "en", "text": text}
        for number, text in enumerate(TEXTS)
    ]
    pq.write_table(pa.Table.from_pylist(rows), source / "texts.parquet")
    hashes = "".join(f"- {text_hash(text)}\n" for text in TEXTS)
    head = "by: lead\nnote: composed\nat: 2026-01-01\nsha256:\n"
    (source / "clearance.yaml").write_text(head + hashes, encoding="utf-8")
    (tmp_path / "book.yaml").write_text(BOOK, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REFLECT_CACHE", str(tmp_path / "cache"))
    return tmp_path


def run(*arguments):
    command = ["scale", "my data", "my out", "--codebook", "book.yaml", "--scheduler", "here"]
    return CliRunner().invoke(app, [*command, *arguments])


def test_it_tells_what_was_coded_and_where_it_lies(folder):
    done = run("--rows", "8")
    assert done.exit_code == 0, done.output
    assert "60 codings of 30 texts, in" in done.stdout
    assert "To send: DRAFT-themes.csv, DRAFT-themes.docx, DRAFT-themes.xlsx" in done.stdout
    assert "a person decides" in done.stdout
    assert "30 texts of 7 participants in 4 partitions of 1 file" in done.stderr
    assert "it rained" not in done.output


def test_json_is_one_object_and_a_second_run_computes_nothing(folder):
    run("--rows", "8")
    told = json.loads(run("--rows", "8", "--json").stdout)
    assert (told["partitions"], told["computed"], told["codings"]) == (4, 0, 60)
    assert told["share"] == ["DRAFT-themes.csv", "DRAFT-themes.docx", "DRAFT-themes.xlsx"]


def test_topics_are_sought_in_a_sample_that_is_told(folder):
    arguments = ("--rows", "8", "--topics", "static", "--topics-sample", "24", "--seed", "3")
    told = json.loads(run(*arguments, "--json").stdout)
    found = told["topics"]
    assert (found["sample"], found["of"], found["texts"], found["seed"]) == (24, 30, 30, 3)
    assert found["vectors"] == "static"
    assert {"topics.csv", "topics.docx", "topics.xlsx"} < set(told["share"])
    done = run(*arguments)
    assert "24 of 30 texts (80.0%)" in done.stdout
    assert "all 4 partitions were done before" in done.stderr
    assert "seeking" not in done.stderr
    assert "it rained" not in done.output


def test_faults_of_the_material_are_named_errors(folder):
    (folder / "my data/clearance.yaml").unlink()
    done = run()
    assert isinstance(done.exception, NotClearedError)
    assert "--cleared-by NAME --note TEXT" in str(done.exception)
    (folder / "my data/texts.parquet").write_bytes(b"no table")
    assert isinstance(run().exception, CorpusError)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--cleared-by", "lead"), "belong together"),
        (("--scheduler", "somewhere"), "expected 'local'"),
        (("--approach", "reflexive"), "no machine codes"),
        (("--rows", "0"), "rows"),
        (("--k", "1"), "k"),
        (("--topics", "words"), "static"),
        (("--topics-sample", "5"), "20"),
    ],
)
def test_wrong_usage_is_2_and_writes_nothing(folder, arguments, told):
    done = run(*arguments)
    assert done.exit_code == 2
    assert told in " ".join(done.stderr.replace("│", " ").split())
    assert not (folder / "my out").exists()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a terminal's Ctrl+C is sent another way there")
@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_ends_all_processes_and_the_same_command_goes_on(folder):
    command = [sys.executable, "-m", "reflect_analysis", "scale", "my data", "my out"]
    command += ["--codebook", "book.yaml", "--rows", "1", "--json"]
    manifests = folder / "my out/keep/manifests"
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, text=True
    ) as begun:
        while begun.poll() is None and not list(manifests.glob("part-*.json")):  # whole ones
            time.sleep(0.05)
        os.killpg(begun.pid, signal.SIGINT)  # as a terminal does: to every process of the command
        out, told = begun.communicate()
    assert (begun.returncode, out) == (130, "")
    assert "run the same command again to go on" in told
    assert "Traceback" not in told
    whole = len(list(manifests.iterdir()))
    assert 0 < whole < 30
    assert not list((folder / "my out").rglob("*.part"))
    assert not (folder / "my out/share").exists()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["computed"] == 30 - whole
