"""``themes``, ``quotes`` and ``trace``: what is printed may be seen, and words are asked for."""

import json

import openpyxl
import pytest
from typer.testing import CliRunner

from reflect_analysis._rows import Attributes
from reflect_analysis.cli import app
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.disclosure import Approval
from reflect_analysis.errors import ProjectError, UnknownIdError
from reflect_analysis.project import Project
from reflect_analysis.provenance import text_hash

WORDS = "I am not by myself with the owl any more."
APART = "Nobody here does the work that I do."
BOOK = Codebook(
    (
        Code("belonging", "Belonging", "Part of it.", "g"),
        Code("isolation", "Isolation", "On one's own.", "g"),
    ),
    (Group("g", "Group"),),
)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Twelve people: seven belong, two of the others are alone; one quote is approved."""
    path = tmp_path_factory.mktemp("a study") / "study.reflect"
    texts, codings = [], []
    for n in range(12):
        about = Attributes(session=str(n % 2 + 1))
        texts.append(Document(f"R{n:02}", f"{WORDS} {APART}", case_id=f"P{n:02}", attributes=about))
        if n < 7:
            codings.append(Coding(f"R{n:02}", 0, len(WORDS), "belonging", "ada"))
        if n in {6, 7, 8}:
            start = len(WORDS) + 1
            codings.append(Coding(f"R{n:02}", start, start + len(APART), "isolation", "ada"))
    corpus = Corpus(
        tuple(texts),
        tuple(Case(f"P{n:02}", Attributes(role="ECE"), quotes="yes") for n in range(12)),
        tuple(Clearance(text.sha256, "ada", "read") for text in texts[:1]),
    )
    seen = tuple(Seen("ada", text.id) for text in texts)
    yes = Approval("R00", 0, len(WORDS), decision="yes", by="lead", sha256=text_hash(WORDS))
    with Project.create(path, title="A study", by="lead") as project:
        project.save(
            by="lead",
            corpus=corpus,
            codebook=BOOK,
            codings=Codings(tuple(codings), seen=seen),
            approvals=[yes],
        )
    return path


def ask(*arguments):
    return CliRunner().invoke(app, [str(each) for each in arguments])


def test_themes_are_printed_with_small_counts_hidden(study):
    done = ask("themes", study)
    assert done.exit_code == 0, done.output
    assert "7 of 12" in done.stdout
    assert "<5 of 12" in done.stdout
    assert "3 of 12" not in done.stdout


def test_themes_are_written_in_the_format_of_the_ending(study, tmp_path):
    out = tmp_path / "new folder" / "themes.xlsx"
    done = ask("themes", study, "--out", out)
    assert done.exit_code == 0, done.output
    cells = {cell.value for row in openpyxl.load_workbook(out).active for cell in row}
    assert "Belonging" in cells
    assert 3 not in cells
    assert ask("themes", study, "--out", tmp_path / "themes.pdf").exit_code == 2


def test_the_approach_decides_on_counts(study):
    told = json.loads(ask("themes", study, "--approach", "reflexive", "--json").stdout)
    assert set(told["rows"][0]) == {"Code", "Meaning"}
    assert ask("themes", study, "--approach", "reflexiv").exit_code == 2


def test_approved_quotes_alone_are_printed(study):
    done = ask("quotes", study)
    assert done.exit_code == 0, done.output
    assert done.stdout.count("“") == 1
    assert f"“{WORDS}” (ECE, Reflection)" in done.stdout
    assert "R00" not in done.stdout
    assert APART not in done.stdout
    only = ask("quotes", study, "--code", "isolation")
    assert "No quote is approved." in only.stdout


def test_approved_quotes_become_a_table(study, tmp_path):
    done = ask("quotes", study, "--out", tmp_path / "quotes.md")
    assert done.exit_code == 0, done.output
    assert "Approved quotes" in (tmp_path / "quotes.md").read_text(encoding="utf-8")


def test_candidates_and_what_speaks_against_are_asked_for(study, tmp_path):
    out = tmp_path / "register.xlsx"
    done = ask("quotes", study, "--keep", "--contrary", "belonging=isolation", "--out", out)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("KEEP")
    assert "R08" in done.stdout
    assert "contrary, isolation, and mentions the code too" in done.stdout
    assert out.is_file()
    told = json.loads(ask("quotes", study, "--keep", "--code", "isolation", "--json").stdout)
    assert {tuple(each["codes"]) for each in told["candidates"]} == {("isolation",)}
    assert ask("quotes", study, "--contrary", "belonging=isolation").exit_code == 2
    assert ask("quotes", study, "--keep", "--contrary", "belonging").exit_code == 2


def test_a_number_is_traced_without_words_unless_they_are_asked_for(study, tmp_path):
    done = ask("trace", study, "belonging")
    assert done.exit_code == 0, done.output
    assert "7 of 12  participants" in done.stdout
    assert "R00" not in done.stdout
    assert "owl" not in done.stdout
    shown = ask("trace", study, "belonging", "--words", "--session", "1")
    assert shown.stdout.count("“") == 4
    assert "R00 0–41, P00" in shown.stdout
    out = tmp_path / "belonging.csv"
    assert ask("trace", study, "belonging", "--out", out).exit_code == 0
    assert len(out.read_text(encoding="utf-8-sig").splitlines()) == 8


def test_pairs_groups_and_persons_are_traced(study):
    told = json.loads(ask("trace", study, "belonging", "--with", "isolation", "--json").stdout)
    assert told["reflections with both"] == "1 of 12"
    one = json.loads(ask("trace", study, "belonging", "--case", "P06", "--json").stdout)
    assert one["participants"] == "1 of 1"
    group = ask("trace", study, "belonging", "isolation", "--attribute", "role=ECE")
    assert "9 of 12  participants" in group.stdout


def test_what_is_asked_wrongly_is_said_and_nothing_is_counted(study):
    for wrong in ("rol=ECE", "role", "role=Cook"):
        assert ask("trace", study, "belonging", "--attribute", wrong).exit_code == 2
    assert isinstance(ask("trace", study, "belongin").exception, UnknownIdError)
    assert isinstance(ask("trace", "no such.reflect", "belonging").exception, ProjectError)
    assert ask("themes", study, study).exit_code == 2


@pytest.mark.slow
def test_a_folder_is_coded_by_rules_where_nobody_coded(tmp_path):
    rows = ["id,participant,text", *(f"r{n},P{n},I am not alone with it." for n in range(6))]
    (tmp_path / "texts.csv").write_text("\n".join(rows), encoding="utf-8")
    (tmp_path / "book.yaml").write_text(
        "title: Small\ngroups: [{id: g, name: Group}]\ncodes:\n"
        "  - {id: near, name: Near, group: g, definition: Part., patterns: [not alone]}\n",
        encoding="utf-8",
    )
    asked = ("themes", tmp_path / "texts.csv", "--cleared-by", "lead", "--note", "read")
    assert ask(*asked).exit_code == 2
    done = ask(*asked, "--codebook", tmp_path / "book.yaml")
    assert done.exit_code == 0, done.output
    assert "DRAFT" in done.stdout


def test_an_open_blind_phase_shows_nobody_what_others_coded(study, tmp_path):
    from reflect_analysis.project.team import CodingPhase

    path = tmp_path / "blind.reflect"
    path.write_bytes(study.read_bytes())
    with Project.open(path) as project:
        project.add_coder("bo", by="lead")
        project.begin_phase("double", kind="reliability", by="lead")
        assert isinstance(project.open_phase(), CodingPhase)
    done = ask("trace", path, "belonging", "--words")
    assert isinstance(done.exception, ProjectError)
    assert "owl" not in done.output
