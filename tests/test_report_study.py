"""A team's study goes from texts to the report by four commands, and says what a folder says."""

import html
import re
import shutil

import docx
import openpyxl
import pytest
from typer.testing import CliRunner

from reflect_analysis import Project, analyse, write_report
from reflect_analysis.cli import app
from reflect_analysis.codebook import read_codebook
from reflect_analysis.errors import CorpusError, NotClearedError, ProjectError, ReportError
from reflect_analysis.themes import read_claims

BOOK = """\
title: Small
groups: [{id: g, name: Company}, {id: h, name: Words}]
codes:
  - {id: near, name: Near, group: g, definition: Company in the work.}
  - {id: apart, name: Apart, group: g, definition: None to ask.}
  - {id: told, name: Told, group: h, definition: Said aloud.}
"""
CLAIM = "Company keeps people in the work."
PEOPLE = 24


def write_codings(folder, coder, near, *, times=True):
    """A coder reads all and finds company in some, and nobody to ask in others."""
    folder.mkdir()
    at = ",at" * times
    stamp = ",2026-01-01T09:00:00+00:00" * times
    rows = [f"document_id,start,end,code_id,coder,blind{at}"]
    rows += [
        f"r{n:02},0,13,{'near' if n < near else 'apart'},{coder},true{stamp}" for n in range(18)
    ]
    (folder / "codings.csv").write_text("\n".join(rows), encoding="utf-8")
    seen = [f"coder,document_id,blind{at}"]
    seen += [f"{coder},r{n:02},true{stamp}" for n in range(PEOPLE)]
    (folder / "seen.csv").write_text("\n".join(seen), encoding="utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Texts of two dozen people, a codebook, and what two coders found, each in a folder."""
    folder = tmp_path_factory.mktemp("our team")
    texts = folder / "my texts"
    texts.mkdir()
    rows = ["id,participant,text"]
    rows += [f"r{n:02},P{n:02},Not by myself with it on day {n}." for n in range(PEOPLE)]
    people = ["participant,experience,area"]
    people += [f"P{n:02},{'new' if n % 2 else 'old'},a{n % 3}" for n in range(PEOPLE)]
    (texts / "participants.csv").write_text("\n".join(people), encoding="utf-8")
    (texts / "texts.csv").write_text("\n".join(rows), encoding="utf-8")
    (folder / "book.yaml").write_text(BOOK, encoding="utf-8")
    (folder / "codings").mkdir()
    write_codings(folder / "codings" / "ada", "ada", 12)
    write_codings(folder / "codings" / "bo", "bo", 10)
    at = folder / "study.reflect"
    cleared = ("--cleared-by", "lead", "--note", "read", "--by", "lead")
    ran("init", at, "--title", "Our team", "--by", "lead")
    ran("import", at, texts, "--codebook", folder / "book.yaml", *cleared)
    ran("import", at, folder / "codings" / "ada", "--by", "lead")
    ran("import", at, folder / "codings" / "bo", "--by", "lead")
    return folder


def ask(*arguments):
    return CliRunner().invoke(app, [str(each) for each in arguments])


def ran(*arguments):
    done = ask(*arguments)
    assert done.exit_code == 0, (done.output, done.exception)
    return done


@pytest.fixture
def study(made, tmp_path):
    shutil.copy(made / "study.reflect", tmp_path / "study.reflect")
    return tmp_path / "study.reflect"


def words_of_page(out):
    page = (out / "share" / "report.html").read_text(encoding="utf-8")
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def words_of_docx(out):
    document = docx.Document(str(out / "share" / "report.docx"))
    cells = [cell.text for t in document.tables for row in t.rows for cell in row.cells]
    return [*(paragraph.text for paragraph in document.paragraphs), *cells]


def cells_of(out):
    book = openpyxl.load_workbook(out / "share" / "themes.xlsx")
    return [[cell.value for row in sheet for cell in row] for sheet in book]


def counts_of(out):
    return (out / "keep" / "theme-counts.csv").read_bytes()


def test_a_study_is_reported_by_one_command_with_the_numbers_of_its_folder(made, tmp_path):
    asked = ("--compare", "experience", "--states", "alone=apart;not=near")
    asked += ("--compare", "area=a0,others", "--format", "html,docx")
    ran("report", made / "study.reflect", "--out", tmp_path / "a", *asked)
    people = [word for name in ("ada", "bo") for word in ("--codings", made / "codings" / name)]
    cleared = ("--cleared-by", "lead", "--note", "read")
    book = ("--codebook", made / "book.yaml")
    ran("report", made / "my texts", "--out", tmp_path / "b", *book, *people, *cleared, *asked)
    for told in (words_of_page, words_of_docx, cells_of, counts_of):
        assert told(tmp_path / "a") == told(tmp_path / "b")
    page = words_of_page(tmp_path / "a")
    assert "12 of 24" in page
    assert "Krippendorff" in page
    # What was asked for and could not be made is said where it would stand, in both files.
    missing = "Nothing is shown here, because no participant’s text says in which session"
    assert missing in page.partition("Change over sessions")[2]
    assert any(missing in line for line in words_of_docx(tmp_path / "a"))
    assert "has 3 values" not in page
    with Project.open(made / "study.reflect") as project:
        found = analyse(project)
    again = write_report(tmp_path / "c", **found.parts(), formats=["html"])
    assert counts_of(again.out) == counts_of(tmp_path / "a")


def test_a_reflexive_study_is_reported_as_it_says(study):
    with Project.open(study) as project:
        found = analyse(project, approach="reflexive")
        assert analyse(project, approach="reflexive", codings=[]).codings == found.codings
    assert (found.approach, found.topics, found.agreement) == ("reflexive", None, None)


def test_codings_of_a_folder_stand_in_the_place_of_those_of_the_study(made, study):
    with Project.open(study) as project:
        one = analyse(project, codings=[made / "codings" / "ada"], approach="reflexive")
    assert one.codings.coders == ("ada",)


def test_an_open_blind_phase_shows_nobodys_codings(study, tmp_path):
    with Project.open(study) as project:
        project.add_coder("ada", by="lead")
        project.begin_phase("round 1", by="lead")
    done = ask("report", study, "--out", tmp_path / "out")
    assert isinstance(done.exception, ProjectError)
    assert "'round 1' is open" in str(done.exception)


@pytest.mark.parametrize(
    "more", [("--cleared-by", "lead", "--note", "n"), ("--approach", "reflexiv")]
)
def test_what_a_study_does_not_take_is_wrong_usage(study, tmp_path, more):
    assert ask("report", study, "--out", tmp_path / "out", *more).exit_code == 2
    assert ask("report", study, study, "--out", tmp_path / "out").exit_code == 2
    assert not (tmp_path / "out").exists()


def test_texts_that_wait_to_be_cleared_are_named_with_the_command_that_clears_them(made, tmp_path):
    at = tmp_path / "new.reflect"
    ran("init", at, "--by", "lead")
    ran("import", at, made / "my texts", "--codebook", made / "book.yaml", "--by", "lead")
    done = ask("report", at, "--out", tmp_path / "out")
    assert isinstance(done.exception, NotClearedError)
    assert "24 documents of the study wait to be cleared: r00" in str(done.exception)
    assert "TEXTS --cleared-by NAME" in str(done.exception)


def test_texts_need_the_file_of_a_codebook(made, tmp_path):
    assert ask("report", made / "my texts", "--out", tmp_path / "out").exit_code == 2


# ── what a coder found elsewhere ──


def coded(study):
    with Project.open(study) as project:
        log = project.codings()
    return len(log), len(log.seen), log.coders


def test_a_folder_of_codings_is_known_and_stored_once(made, study):
    assert coded(study) == (36, 48, ("ada", "bo"))
    assert "nothing new" in ran("import", study, made / "codings", "--by", "lead").stdout
    assert coded(study) == (36, 48, ("ada", "bo"))


def test_rows_without_a_time_are_stored_once_too(study, tmp_path):
    write_codings(tmp_path / "cy", "cy", 9, times=False)
    assert "18 codings, 24 readings" in ran("import", study, tmp_path / "cy", "--by", "lead").stdout
    assert "nothing new" in ran("import", study, tmp_path / "cy", "--by", "lead").stdout


def test_every_fault_of_codings_is_told_at_once_and_nothing_is_stored(study, tmp_path):
    write_codings(tmp_path / "cy", "cy", 9)
    with (tmp_path / "cy" / "codings.csv").open("a", encoding="utf-8") as file:
        file.write("\nr00,0,999,near,cy,true\nx1,0,5,near,cy,true\nr00,0,5,neer,cy,true\n")
    with (tmp_path / "cy" / "seen.csv").open("a", encoding="utf-8") as file:
        file.write("\ncy,x2,true\n")
    with Project.open(study) as project:
        project.add_coder("ada", by="lead")
    before = coded(study)
    done = ask("import", study, tmp_path / "cy", "--by", "lead")
    assert isinstance(done.exception, CorpusError)
    told = str(done.exception)
    for fault in (
        "'x1': no such document",
        "'x2': no such document",
        "0–999 lies outside",
        "no code 'neer'; did you mean 'near'?",
        "nobody called 'cy' is in the team",
    ):
        assert fault in told
    assert len(done.exception.faults) == 5
    assert coded(study) == before


def test_codings_do_not_move_on_to_a_text_that_was_changed(made, study, tmp_path):
    shutil.copytree(made / "my texts", tmp_path / "texts")
    file = tmp_path / "texts" / "texts.csv"
    text = file.read_text(encoding="utf-8").replace("on day 3.", "on some other day.")
    file.write_text(text, encoding="utf-8")
    cleared = ("--cleared-by", "lead", "--note", "read", "--by", "lead")
    ran("import", study, tmp_path / "texts", *cleared)
    before = coded(study)
    done = ask("import", study, made / "codings" / "ada", "--by", "lead")
    assert isinstance(done.exception, CorpusError)
    assert "'r03': its text was changed since it was coded" in str(done.exception)
    assert coded(study) == before == (34, 46, ("ada", "bo"))


def test_texts_beside_a_table_of_codings_are_texts(study, made, tmp_path):
    shutil.copytree(made / "my texts", tmp_path / "mixed")
    (tmp_path / "mixed" / "codings.csv").write_text(
        "document_id,start,end,code_id,coder\nr00,0,5,near,dee\n", encoding="utf-8"
    )
    done = ran("import", study, tmp_path / "mixed", "--by", "lead")
    assert "left out codings.csv" in done.stderr
    assert coded(study) == (36, 48, ("ada", "bo"))


# ── claims, and what is checked before the work ──


def test_a_claim_stands_in_the_place_of_its_heading(study, tmp_path):
    (tmp_path / "claims.yaml").write_text(f"g: {CLAIM}\n", encoding="utf-8")
    asked = ("--approach", "content-analysis", "--format", "html,docx")
    done = ran("report", study, "--out", tmp_path / "out", *asked)
    assert "claims.yaml lies beside it" in done.stderr
    assert CLAIM in words_of_page(tmp_path / "out")
    assert any(CLAIM in line for line in words_of_docx(tmp_path / "out"))
    assert any(CLAIM in str(cell) for sheet in cells_of(tmp_path / "out") for cell in sheet)


def first_table_of(path):
    """The rows of the first sheet by column, quotes and what stands around them left out."""
    rows = [[cell.value for cell in row] for row in openpyxl.load_workbook(path).worksheets[0]]
    head = next(n for n, row in enumerate(rows) if "Code" in row)
    found = [dict(zip(rows[head], row, strict=True)) for row in rows[head + 1 :]]
    return [
        {name: cell for name, cell in row.items() if name and name != "Quote"}
        for row in found
        if row["Code"]
    ]


@pytest.mark.parametrize("agreed", [False, True])
def test_themes_is_the_first_table_of_the_report_where_people_disagreed(study, tmp_path, agreed):
    """Ada and Bo disagree on two texts; what each coded counts, and what they agreed upon."""
    if agreed:
        with Project.open(study) as project:
            for n in (10, 11):
                project.desk("lead").agree(f"r{n:02}", 0, 13, "apart", reason="Read again.")
    claims = tmp_path / "typed" / "claims.yaml"
    claims.parent.mkdir()
    claims.write_text(f"g: {CLAIM}\n", encoding="utf-8")
    asked = ("--approach", "content-analysis", "--claims", claims)
    ran("report", study, "--out", tmp_path / "out", "--format", "html", *asked)
    ran("themes", study, "--out", tmp_path / "themes.xlsx", *asked)
    rows = first_table_of(tmp_path / "themes.xlsx")
    assert rows == first_table_of(tmp_path / "out" / "share" / "themes.xlsx")
    near = next(row for row in rows if row["Code"] == "Near")
    assert CLAIM in near.values()
    assert near["Participants"] == 12
    assert isinstance(near["Agreement"], float)


def test_themes_finds_claims_beside_the_study_and_tells_their_faults(study, tmp_path):
    (tmp_path / "claims.yaml").write_text(f"g: {CLAIM}\n", encoding="utf-8")
    done = ran("themes", study)
    assert CLAIM in done.stdout
    assert "claims.yaml lies beside it" in done.stderr
    (tmp_path / "claims.yaml").write_text("Company: Of the name.\n", encoding="utf-8")
    with pytest.raises(ReportError, match="did you mean 'g'"):
        raise ask("themes", study).exception


def test_a_reflexive_folder_is_no_more_coded_by_a_machine_for_themes_than_for_a_report(made):
    asked = ("--codebook", made / "book.yaml", "--cleared-by", "lead", "--note", "read")
    done = ran("themes", made / "my texts", *asked, "--approach", "reflexive")
    assert "coding by rules" not in done.stderr
    assert "DRAFT" not in done.stdout


def test_every_fault_of_claims_has_its_line(made, tmp_path):
    path = tmp_path / "claims.yaml"
    path.write_text("g: [one]\nCompany: Of the name.\nx: ''\nh: Told.\n", encoding="utf-8")
    with pytest.raises(ReportError) as caught:
        read_claims(path, read_codebook(made / "book.yaml"))
    assert [fault.partition(": ")[0] for fault in caught.value.faults] == [
        *("claims.yaml, line 1", "claims.yaml, line 2"),
        *("claims.yaml, line 3", "claims.yaml, line 3"),
    ]
    assert "did you mean 'g'?" in caught.value.faults[1]
    path.write_text("", encoding="utf-8")
    with pytest.raises(ReportError, match="each with the sentence"):
        read_claims(path)


def test_all_that_is_wrong_is_told_before_anything_is_counted(study, tmp_path):
    claims, models = tmp_path / "typed.yaml", tmp_path / "models.yaml"
    claims.write_text("gg: A claim.\n", encoding="utf-8")
    rows = "rows: [{id: a, name: A, for: [neer]}, {id: b, name: B, for: [told]}]"
    models.write_text(f"id: m\ntitle: M\nkind: components\n{rows}\n", encoding="utf-8")
    asked = ("--compare", "programme", "--states", "s=apart;r=rested", "--joint", "area")
    files = ("--claims", claims, "--framework", models, "--scale", "area")
    done = ask("report", study, "--out", tmp_path / "out", *asked, *files)
    assert isinstance(done.exception, ReportError), done.output
    told = "\n".join(done.exception.faults)
    for fault in (
        "typed.yaml, line 1: gg: the codebook has no group",
        "compare: no participant has the attribute 'programme'",
        "state 'r': the codebook has no code 'rested'",
        "framework 'm': row 'a': the codebook has no code 'neer'; did you mean 'near'?",
        "P00: area is no number",
    ):
        assert fault in told
    assert "finding topics" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_framework_that_cannot_be_read_makes_no_fault_of_what_belongs_to_it(study, tmp_path):
    (tmp_path / "models.yaml").write_text("id: m\n", encoding="utf-8")
    (tmp_path / "chosen.yaml").write_text("m: {rows: [a], by: Ana, why: so}\n", encoding="utf-8")
    files = ("--framework", tmp_path / "models.yaml", "--choices", tmp_path / "chosen.yaml")
    done = ask("report", study, "--out", tmp_path / "out", *files)
    assert "models.yaml" in str(done.exception)
    assert "chosen.yaml" not in str(done.exception)


def test_an_approach_that_is_named_goes_before_that_of_the_study(study, tmp_path):
    ran("report", study, "--out", tmp_path / "out", "--approach", "reflexive", "--format", "html")
    page = words_of_page(tmp_path / "out")
    assert "Company in the work." in page
    assert "12 of 24" not in page
