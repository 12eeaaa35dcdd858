"""``reflect-analysis code``: codings that `read_codings` reads, and a codebook tried on itself."""

import json
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from reflect_analysis.cli.code import code
from reflect_analysis.codings import read_codings
from reflect_analysis.demo import demo_files
from reflect_analysis.errors import (
    CodebookError,
    CorpusError,
    NotClearedError,
    OutputError,
    ReflectAnalysisError,
)

app = typer.Typer(pretty_exceptions_enable=False)
app.command()(code)

BOOK = """\
title: Small
groups: [{id: g, name: Group}]
codes:
  - id: belonging
    name: Belonging
    group: g
    definition: Part of it.
    exclude: [Attendance]
    examples: [I am not alone with it.]
    counter_examples: [{text: I was alone all day., why: The opposite.}]
    patterns: [not alone]
  - {id: rest, name: Rest, group: g, definition: Rest., patterns: [rest, "sleep ! sleep"]}
"""
CLEARED = ("--cleared-by", "lead", "--note", "read by two")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two texts in a folder with spaces, and a codebook."""
    source = tmp_path / "my texts"
    source.mkdir()
    rows = "id,participant,text\nr1,P1,I am not alone now. It rained.\nr2,P2,My friend rests.\n"
    (source / "texts.csv").write_text(rows, encoding="utf-8")
    (tmp_path / "book.yaml").write_text(BOOK, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(app, list(arguments))


def test_codings_are_written_as_they_are_read(folder):
    done = run("my texts", "--codebook", "book.yaml", "--out", "my codings", *CLEARED)
    assert done.exit_code == 0, done.output
    codings = read_codings(folder / "my codings")
    assert [(c.document_id, c.start, c.end, c.code_id) for c in codings] == [
        ("r1", 0, 19, "belonging")
    ]
    assert [row.document_id for row in codings.seen] == ["r1", "r2"]
    assert "1  belonging" in done.stdout
    assert "a person decides" in done.stdout
    assert "not alone" not in done.output


def test_json_is_one_object(folder):
    done = run("my texts", "--codebook", "book.yaml", "--out", "out", "--json", *CLEARED)
    told = json.loads(done.stdout)
    assert told["codings"] == {"belonging": 1, "rest": 0}
    assert (told["documents"], Path(told["out"]).name) == (2, "out")


def test_the_examples_are_run_and_the_lint_follows(folder):
    done = run("--check", "book.yaml")
    assert done.exit_code == 0
    assert "belonging: 1 of 1 example pass, 1 of 1 counter-example pass" in done.stdout
    assert "2 of 2 examples and counter-examples pass" in done.stdout
    assert "no exclusion (1): rest" in done.stdout
    assert "excludes the same words" in done.stdout
    assert "- rest: no exclusion. Say what" in run("--check", "book.yaml", "--all").stdout
    assert "find nothing in" not in done.stdout


def test_the_help_names_every_kind_of_file_that_a_codebook_may_be(folder):
    told = " ".join(run("--help").output.replace("│", " ").split())
    assert "YAML, CSV, XLSX or DOCX" in told
    assert "a YAML file" not in told


def test_a_failing_example_is_named_and_the_exit_is_1(folder):
    (folder / "book.yaml").write_text(BOOK.replace("[not alone]", "[alone]"), encoding="utf-8")
    done = run("--check", "book.yaml")
    assert done.exit_code == 1
    assert "example 1: nothing found; passed over 'alone' at 9–14 (negated by 5–8)" in done.stdout
    assert "counter-example 1: found by 'alone' at 6–11" in done.stdout
    assert "I was alone" not in done.output


def test_with_a_corpus_the_lint_tells_what_finds_nothing(folder):
    done = run("--check", "book.yaml", "--corpus", "my texts", "--json", *CLEARED)
    told = json.loads(done.stdout)
    assert told["passed"] is True
    assert [row["passed"] for row in told["examples"]] == [True, True]
    kinds = [row["kind"] for row in told["lint"] if row["code_id"] == "rest"]
    assert kinds.count("never found") == 2
    assert "not alone" not in json.dumps(told["lint"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "expected SOURCES"),
        (("my texts", "--codebook", "book.yaml"), "expected SOURCES"),
        (("my texts", "--check", "book.yaml"), "takes --corpus"),
        (("my texts", "--codebook", "b", "--out", "o", "--corpus", "c"), "belongs to --check"),
        (("--check", "book.yaml", "--note", "n"), "belong together"),
        (("my texts", "--codebook", "b", "--out", "o", "--all"), "belongs to --check"),
    ],
)
def test_options_that_do_not_go_together_are_wrong_usage(folder, arguments, told):
    done = run(*arguments)
    assert done.exit_code == 2
    assert told in " ".join(done.output.replace("│", " ").split())


def failure(*arguments):
    error = run(*arguments).exception
    assert isinstance(error, ReflectAnalysisError), error
    return error


def test_faults_of_the_material_are_named_and_nothing_is_written(folder):
    coding = ("--codebook", "book.yaml", "--out", "out")
    assert isinstance(failure("my texts", *coding), NotClearedError)
    assert isinstance(failure("no texts", *coding, *CLEARED), CorpusError)
    (folder / "book.yaml").write_text(BOOK.replace("[not alone]", "[(not]"), encoding="utf-8")
    for arguments in (("my texts", *coding, *CLEARED), ("--check", "book.yaml")):
        error = failure(*arguments)
        assert isinstance(error, CodebookError)
        assert str(error).startswith("book.yaml: code 'belonging', pattern 1 '(not'")
    assert not (folder / "out").exists()


def test_a_folder_that_holds_what_a_killed_run_left_is_free(folder):
    (folder / "out" / ".0a1b2c3d.part").mkdir(parents=True)
    done = run("my texts", "--codebook", "book.yaml", "--out", "out", *CLEARED)
    assert done.exit_code == 0, done.output
    assert (folder / "out" / "codings.csv").is_file()


def test_a_folder_that_holds_something_is_refused_and_kept(folder):
    (folder / "out").mkdir()
    (folder / "out" / "mine.txt").write_text("mine", encoding="utf-8")
    error = failure("my texts", "--codebook", "book.yaml", "--out", "out", *CLEARED)
    assert isinstance(error, OutputError)
    assert "holds something already" in str(error)
    assert [path.name for path in (folder / "out").iterdir()] == ["mine.txt"]


def test_every_example_of_the_starter_codebook_passes():
    done = run("--check", str(demo_files().codebook))
    assert done.exit_code == 0, done.stdout
    assert "example 1:" not in done.stdout
    assert "unreachable" not in done.stdout


def test_the_command_loads_nothing_heavy_when_it_is_imported():
    import subprocess

    heavy = "sorted({'pandas', 'spacy', 'numpy', 'pydantic'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, reflect_analysis.cli.code; print({heavy})"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
