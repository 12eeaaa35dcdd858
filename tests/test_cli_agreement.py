"""``agreement``: what it prints and writes, and how it fails."""

from __future__ import annotations

import json

import docx
import pytest
import typer
from typer.testing import CliRunner

from reflect_analysis.cli.agreement import agreement
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.demo import demo_files
from reflect_analysis.errors import AgreementError, CorpusError, NotClearedError
from reflect_analysis.tables import KEEP

BOOK = """\
title: Small
groups: [{id: g, name: Group}]
codes:
  - {id: belonging, name: Belonging, group: g, definition: Part of it.}
  - {id: land, name: Land, group: g, definition: The land., human_only: true}
"""
TEXTS = [f"I am number {n}. Nobody was alone that day." for n in range(1, 13)]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Twelve texts, a codebook and two coders' codings, in folders with spaces."""
    source = tmp_path / "my texts"
    source.mkdir()
    rows = [f'r{n},P{n},"{text}"' for n, text in enumerate(TEXTS, start=1)]
    (source / "texts.csv").write_text("\n".join(["id,participant,text", *rows]), encoding="utf-8")
    (tmp_path / "book.yaml").write_text(BOOK, encoding="utf-8")
    for coder, found in (("coder one", range(1, 8)), ("coder two", range(1, 7))):
        marks = tuple(Coding(f"r{n}", 0, 14, "belonging", coder, blind=True) for n in found)
        seen = tuple(Seen(coder, f"r{n}", codes=("belonging",), blind=True) for n in range(1, 13))
        Codings(marks, seen=seen).to_csv(tmp_path / coder)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments, texts=("--corpus", "my texts"), book=("--codebook", "book.yaml")):
    app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command()(agreement)
    return CliRunner().invoke(app, [*map(str, arguments), *texts, *book])


BOTH = ("coder one", "coder two")
CLEARED = ("--cleared-by", "lead", "--note", "read by two")


def test_it_prints_the_counts_of_each_code_and_the_sentence(folder):
    done = run(*BOTH)
    assert done.exit_code == 0, done.output
    line = next(line for line in done.stdout.splitlines() if line.startswith("belonging"))
    assert line.split()[:4] == ["belonging", "12", "6/1/0/5", "0.84"]
    assert "nobody looked for this code" in done.stdout
    assert "Two people read the same 12 documents" in done.stdout


def test_json_is_one_object(folder):
    told = json.loads(run(*BOTH, "--json").stdout)
    first, second = told["codes"]
    assert (first["code_id"], first["both"], first["positives_coder one"]) == ("belonging", 6, 7)
    assert second["alpha"] is None
    assert told["unit"] == "document"
    assert told["sentence"].startswith("Two people")


def test_the_table_is_written_as_it_may_be_sent(folder):
    done = run(*BOTH, "--out", "new folder/agreement.docx")
    assert done.exit_code == 0, done.output
    text = [c.text for c in docx.Document("new folder/agreement.docx").tables[0]._cells]
    assert "Belonging" in text
    assert "7 / 6" in text


def test_the_sheet_needs_cleared_texts_and_says_keep(folder):
    refused = run(*BOTH, "--sheet", "meeting.docx")
    assert isinstance(refused.exception, NotClearedError)
    done = run(*BOTH, "--sheet", "meeting.docx", *CLEARED)
    assert done.exit_code == 0, done.output
    document = docx.Document("meeting.docx")
    assert KEEP in document.sections[0].header.paragraphs[0].text
    assert "never send it" in done.stderr
    assert "number 7" not in done.output


def test_units_smaller_than_documents_are_cut_from_cleared_texts(folder):
    done = run(*BOTH, "--unit", "sentence", "--json", *CLEARED)
    told = json.loads(done.stdout)
    assert told["unit"] == "segment"
    assert {row["text"] for row in told["codes"]} == {"all", "coded"}
    assert told["codes"][0]["units"] == 24


def test_spans_are_compared_too(folder):
    told = json.loads(run(*BOTH, "--unit", "span", "--json").stdout)
    assert told["spans"][0]["exact"] == pytest.approx(12 / 13)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--out", "a.pdf"), "--out"),
        (("--sheet", "a.csv"), "--sheet"),
        (("--cleared-by", "lead"), "--note"),
        (("--unit", "page"), "--unit"),
    ],
)
def test_wrong_usage_is_exit_2_and_names_the_option(folder, more, told):
    done = run(*BOTH, *more)
    assert done.exit_code == 2
    assert told in done.stderr


@pytest.mark.parametrize(
    ("arguments", "error", "told"),
    [
        (("coder one",), AgreementError, "two coders, came 'coder one'"),
        ((*BOTH, "--coder", "coder one", "--coder", "coder tow"), AgreementError, "'coder two'"),
        ((*BOTH, "--phase", "consensus"), AgreementError, "reconciled"),
        ((*BOTH, "--approach", "reflexive"), AgreementError, "reflexive study"),
        (("nobody",), CorpusError, "no codings.csv"),
    ],
)
def test_a_fault_of_the_material_is_a_named_error(folder, arguments, error, told):
    done = run(*arguments)
    assert isinstance(done.exception, error)
    assert told in str(done.exception)


def test_where_the_coders_agree_no_sheet_is_written(folder):
    book = Codings(
        tuple(Coding(f"r{n}", 0, 14, "belonging", "cy", blind=True) for n in range(1, 8)),
        seen=tuple(Seen("cy", f"r{n}", blind=True) for n in range(1, 13)),
    )
    book.to_csv(folder / "cy")
    done = run("coder one", "cy", "--sheet", "meeting.xlsx", *CLEARED)
    assert done.exit_code == 0, done.output
    assert "agree everywhere" in done.stderr
    assert not (folder / "meeting.xlsx").exists()


def test_the_demonstration_is_measured():
    files = demo_files()
    texts, book = ("--corpus", str(files.corpus)), ("--codebook", str(files.codebook))
    done = run(*files.codings, "--json", texts=texts, book=book)
    told = json.loads(done.stdout)
    assert len(told["codes"]) == 28
    assert {row["units"] for row in told["codes"]} == {145, 0}
