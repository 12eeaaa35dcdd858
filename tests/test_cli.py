"""The command: what it prints, how it fails, and that it never half-writes."""

import csv
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from reflect_analysis.cli import app, main
from reflect_analysis.demo import demo_files
from reflect_analysis.disclosure.ledger import read_ledger

BOOK = """\
title: Small
groups: [{id: g, name: Group}]
codes:
  - {id: belonging, name: Belonging, group: g, definition: Part of it., patterns: [not alone]}
"""


@pytest.fixture
def folder(tmp_path):
    """Three texts of three participants, in a folder with spaces."""
    source = tmp_path / "my texts"
    source.mkdir()
    rows = ["id,participant,text", *(f"r{n},P{n},I am not alone with it now." for n in (1, 2, 3))]
    (source / "texts.csv").write_text("\n".join(rows), encoding="utf-8")
    (tmp_path / "book.yaml").write_text(BOOK, encoding="utf-8")
    return tmp_path


def run(folder, *arguments):
    """The command as a user types it: in a process of its own."""
    command = [sys.executable, "-m", "reflect_analysis", *map(str, arguments)]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False
    )


def report(folder, *more, out="out"):
    return run(folder, "report", "my texts", "--codebook", "book.yaml", "--out", out, *more)


def test_texts_that_nobody_cleared_stop_it_with_the_line_that_clears_them(folder):
    done = report(folder)
    assert done.returncode == 1
    assert "--cleared-by" in done.stderr
    assert "not alone" not in done.stderr
    assert not (folder / "out").exists()


def test_the_report_is_written_and_named(folder):
    done = report(folder, "--cleared-by", "lead", "--note", "read by two", out="my report")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("DRAFT-report.html")
    assert (folder / "my report" / "keep" / "codings" / "codings.csv").is_file()
    assert "reading the sources" in done.stderr


def test_an_existing_folder_is_refused_before_the_work_and_kept(folder):
    (folder / "out").mkdir()
    (folder / "out" / "mine.txt").write_text("mine", encoding="utf-8")
    done = report(folder, "--cleared-by", "lead", "--note", "n")
    assert done.returncode == 1
    assert "--overwrite" in done.stderr
    assert "reading" not in done.stderr
    assert (folder / "out" / "mine.txt").read_text(encoding="utf-8") == "mine"


def test_json_is_one_object_on_standard_output(folder):
    done = report(folder, "--cleared-by", "lead", "--note", "n", "--json")
    told = json.loads(done.stdout)
    assert told["draft"] is True
    assert told["report"].endswith("DRAFT-report.html")
    assert (told["quotes_approved"], told["quotes_printed"]) == (0, 0)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("book.yaml", "groups: []\ncodes:\n  - {id: a, name: A, group: g}\n", "line 3"),
        ("my texts/texts.csv", "id,participant,text\nr1,P1,\n", "text"),
        ("my texts/texts.csv", "id,text,text\nr1,a,b\n", "text"),
        ("my texts/texts.csv", "id,participant,text\nr1,P1,a\nr1,P1,b\n", "r1"),
    ],
)
def test_a_fault_of_the_material_is_one_message_and_nothing_is_written(folder, name, content, told):
    (folder / name).write_text(content, encoding="utf-8")
    done = report(folder, "--cleared-by", "lead", "--note", "n")
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["book.yaml", "my texts"]


def test_an_empty_folder_is_said(folder):
    (folder / "nothing").mkdir()
    done = run(folder, "report", "nothing", "--codebook", "book.yaml", "--out", "out")
    assert (done.returncode, "nothing" in done.stderr) == (1, True)


def test_wrong_usage_is_exit_2(folder):
    assert run(folder, "report").returncode == 2
    assert run(folder, "nonsense").returncode == 2


def test_check_counts_findings_and_writes_them(folder):
    text = "id,participant,text\nr1,P1,Write to jo@example.org or call 250-555-0199.\n"
    (folder / "my texts" / "texts.csv").write_text(text, encoding="utf-8")
    done = run(folder, "check", "my texts", "--out", "found.csv")
    assert done.returncode == 0, done.stderr
    assert "jo@example.org" not in done.stdout
    assert "found.csv" in done.stdout
    assert "jo@example.org" in (folder / "found.csv").read_text(encoding="utf-8-sig")


def test_check_says_what_it_read_and_left_out_on_standard_error(folder):
    (folder / "my texts" / "slides.pptx").write_bytes(b"slides")
    done = run(folder, "check", "my texts", "--json")
    assert "3 documents by 3 participants were read from 1 file" in done.stderr
    assert "left out slides.pptx" in done.stderr
    assert set(json.loads(done.stdout)) == {"findings", "in_texts", "beside_texts", "out"}


def test_approved_quotes_that_are_not_printed_are_told_in_one_line(folder):
    cleared = ("--cleared-by", "lead", "--note", "n")
    assert report(folder, *cleared).returncode == 0
    register = folder / "out" / "keep" / "quote-register.xlsx"
    book = openpyxl.load_workbook(register)
    page = book.worksheets[0]
    names = [cell.value for cell in page[1]]
    for row in range(2, page.max_row + 1):
        page.cell(row, names.index("decision") + 1, "yes")
        page.cell(row, names.index("by") + 1, "A. Lead")
    approved = page.max_row - 1
    book.save(folder / "filled.xlsx")
    done = report(folder, *cleared, "--approvals", "filled.xlsx", "--json", out="again")
    told = json.loads(done.stdout)
    assert told["quotes_approved"] == approved > told["quotes_printed"] == 1
    line = f"1 of {approved} approved quotes are printed; keep/quotes-left-out.csv says why"
    assert done.stderr.count(line) == 1


def test_a_finding_needs_a_reason_before_the_report(folder):
    text = "id,participant,text\nr1,P1,We wrote to jo@example.org and were not alone.\n"
    (folder / "my texts" / "texts.csv").write_text(text, encoding="utf-8")
    cleared = ("--cleared-by", "lead", "--note", "n")
    refused = report(folder, *cleared)
    assert refused.returncode == 1
    assert "jo@example.org" not in refused.stderr
    run(folder, "check", "my texts", "--out", "found.csv")
    found = (folder / "found.csv").read_text(encoding="utf-8-sig").splitlines()
    reasoned = [found[0], *(line + "an invented address" for line in found[1:])]
    (folder / "found.csv").write_text("\n".join(reasoned), encoding="utf-8")
    allowed = report(folder, *cleared, "--let-stand", "found.csv")
    assert allowed.returncode == 0, allowed.stderr


def test_help_names_every_command():
    told = CliRunner().invoke(app, ["--help"]).output
    for command in ("report", "demo", "check"):
        assert command in told


@pytest.fixture
def inside(folder, monkeypatch, capsys):
    """The command in this process: exit status and standard error."""
    monkeypatch.chdir(folder)

    def inside(*arguments):
        monkeypatch.setattr(sys, "argv", ["reflect-analysis", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            main()
        return caught.value.code, capsys.readouterr().err

    return inside


CLEARED = ("--cleared-by", "lead", "--note", "n")


def job(*more, book="book.yaml", out="out"):
    return ("report", "my texts", "--codebook", book, "--out", out, *more)


def test_a_ledger_keeps_what_was_sent_to_whom(inside, folder):
    sent = ("--ledger", "sent.json", "--to", "ministry", "--attribution", "{role}, {source}")
    for out in ("first", "second"):
        status, told = inside(*job(*CLEARED, *sent, out=out))
        assert status == 0, told
    kept = read_ledger(folder / "sent.json")
    assert [release.to for release in kept.releases] == ["ministry", "ministry"]


@pytest.mark.parametrize(
    ("more", "status", "why"),
    [
        (("--ledger", "sent.json"), 2, "belong together"),
        (("--to", "ministry"), 2, "belong together"),
        (("--attribution", "{name}"), 2, "never holds name"),
        (("--ledger", "book.yaml", "--to", "ministry"), 1, "no ledger of releases"),
    ],
)
def test_a_ledger_and_a_template_are_checked_before_the_texts_are_read(inside, more, status, why):
    found, told = inside(*job(*CLEARED, *more, book="nowhere.yaml"))
    assert (found, why in told) == (status, True)
    assert "Traceback" not in told


def test_a_folder_for_a_codebook_is_said(inside):
    status, told = inside(*job(*CLEARED, book="my texts"))
    assert (status, "this is a folder" in told) == (1, True)


@pytest.mark.parametrize("half", [CLEARED[:2], CLEARED[2:]])
def test_who_cleared_and_how_belong_together_and_nothing_is_read(inside, half):
    status, told = inside(*job(*half, book="nowhere.yaml"))
    assert status == 2
    assert "belong together" in told
    assert "reading" not in told


@pytest.mark.parametrize("command", ["report", "check"])
def test_a_place_below_a_file_is_said_before_the_work(inside, folder, command):
    (folder / "ok.csv").write_text("mine", encoding="utf-8")
    place = "ok.csv/new/x.csv"
    status, told = inside(*(job(out=place) if command == "report" else job_of_check(place)))
    assert status == 1
    assert "ok.csv is a file" in told
    assert "reading" not in told


def job_of_check(out):
    return ("check", "my texts", "--out", out)


def test_a_folder_that_may_not_be_written_is_said_before_the_work(inside, monkeypatch):
    monkeypatch.setattr("os.access", lambda *_: False)
    status, told = inside(*job(out="new/report"))
    assert (status, "may not be written" in told) == (1, True)


def test_check_makes_the_folder_of_its_file_and_says_what_it_holds(folder, monkeypatch):
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(app, job_of_check("nowhere/found.csv"))
    assert done.exit_code == 0, done.output
    assert (folder / "nowhere" / "found.csv").is_file()
    assert "participants' words: keep it like the texts" in done.output.splitlines()[-1]


def test_check_writes_tables_only(inside):
    status, told = inside(*job_of_check("found.doc"))
    assert (status, "found.doc ends in neither" in told) == (2, True)


def test_what_may_not_be_opened_is_one_line(inside, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied", "held.csv")

    monkeypatch.setattr("reflect_analysis.check_anonymity", refuse, raising=False)
    status, told = inside("check", "my texts")
    assert (status, told.splitlines()[-1]) == (1, "held.csv: Permission denied")


def test_a_source_that_may_not_be_read_is_one_line(inside, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)
    status, told = inside("check", "my texts")
    assert (status, told) == (1, "texts.csv: cannot be read: Permission denied\n")


@pytest.mark.parametrize("option", ["--approvals", "--let-stand", "--codings"])
@pytest.mark.parametrize("what", ["nowhere.csv", "my texts"])
def test_files_that_are_none_are_said(inside, option, what):
    status, told = inside(*job(option, what))
    assert status == 1
    assert "Traceback" not in told


def test_the_help_of_check_says_that_its_file_is_to_be_kept():
    told = " ".join(CliRunner().invoke(app, ["check", "--help"]).output.split())
    assert "holds participants' words: keep it like the texts, never send it" in told


@pytest.mark.field
def test_the_seeds_are_reported_as_they_should_be(tmp_path):
    data = os.environ.get("REFLECT_FIELD_DATA")
    if not data:
        pytest.skip("REFLECT_FIELD_DATA is not set")
    seeds = Path(data).parent / "seeds"
    if not seeds.is_dir():
        pytest.skip(f"there is no folder of seeds beside {Path(data).name}")
    book = demo_files().codebook
    cleared = ("--cleared-by", "lead", "--note", "read by two")
    done = run(tmp_path, "report", seeds, "--codebook", book, "--out", "out", *cleared)
    assert done.returncode == 0, done.stderr
    assert "slides" in done.stderr
    path = tmp_path / "out" / "keep" / "documents.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        documents = list(csv.DictReader(file))
    kinds = Counter((d["kind"], d["voice"]) for d in documents)
    placed = [d for d in documents if d["kind"] == "reflection" and d["role"] and d["place"]]
    stories = [d for d in documents if d["kind"] == "photo-voice"]
    assert kinds == {
        ("reflection", "participant"): 12,
        ("photo-voice", "participant"): 2,
        ("quote", "other"): 2,
    }
    assert len(placed) == 3
    assert all(d["form"] == "Reflection" for d in placed)
    assert all(d["title"] and d["picture"] and d["text"] for d in stories)
    assert ["broken" in d["flags"] for d in documents].count(True) == 1
    assert not any(d["case_id"] for d in documents)
