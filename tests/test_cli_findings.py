"""``themes``, ``quotes`` and ``trace``: what is printed may be seen, and words are asked for."""

import json
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from reflect_analysis._rows import Attributes
from reflect_analysis.cli import app
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.disclosure import Approval, read_ledger
from reflect_analysis.errors import (
    DisclosureError,
    FrameworkError,
    OutputError,
    ProjectError,
    UnknownIdError,
)
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


APPROVED = Approval("R00", 0, len(WORDS), decision="yes", by="lead", sha256=text_hash(WORDS))


def written(path, texts, *codings, role="ECE", read=True, approvals=(APPROVED,)):
    """A study with a person a text, as Ada coded and read it."""
    corpus = Corpus(
        texts,
        tuple(Case(text.case_id, Attributes(role=role), quotes="yes") for text in texts),
        tuple(Clearance(text.sha256, "ada", "read") for text in texts[:1]),
    )
    log = Codings(codings, seen=tuple(Seen("ada", text.id) for text in texts if read))
    with Project.create(path, title="A study", by="lead") as project:
        project.save(by="lead", corpus=corpus, codebook=BOOK, codings=log, approvals=[*approvals])
    return path


def text_of(n, words=f"{WORDS} {APART}", **attributes):
    return Document(f"R{n:02}", words, case_id=f"P{n:02}", attributes=Attributes(attributes))


def belongs(n):
    return Coding(f"R{n:02}", 0, len(WORDS), "belonging", "ada")


def alone(n):
    start = len(WORDS) + 1
    return Coding(f"R{n:02}", start, start + len(APART), "isolation", "ada")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Twelve people: seven belong, two of the others are alone; one quote is approved."""
    path = tmp_path_factory.mktemp("a study") / "study.reflect"
    texts = tuple(text_of(n, session=str(n % 2 + 1)) for n in range(12))
    return written(path, texts, *map(belongs, range(7)), *map(alone, (6, 7, 8)))


def ask(*arguments):
    return CliRunner().invoke(app, [str(each) for each in arguments])


def test_themes_are_printed_with_small_counts_hidden(study):
    done = ask("themes", study)
    assert done.exit_code == 0, done.output
    assert "7 of 12" in done.stdout
    assert "<5 of 12" in done.stdout
    assert "3 of 12" not in done.stdout


def test_themes_say_in_what_they_differ_from_the_report():
    said = " ".join(ask("themes", "--help").stdout.replace("│", " ").split())
    assert "As the report has it, but for what a report hides beside change over sessions." in said


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


def study_of(path, people, *, role="ECE"):
    """People of whom the first fifteen belong and the last six are alone; one quote approved."""
    codings = *map(belongs, range(15)), *map(alone, range(people - 6, people))
    return written(path, tuple(map(text_of, range(people))), *codings, role=role)


def test_themes_are_held_against_what_was_sent_before_by_the_report_or_by_themselves(tmp_path):
    first, second = study_of(tmp_path / "a.reflect", 30), study_of(tmp_path / "b.reflect", 31)
    sent = ("--ledger", tmp_path / "ledger.json", "--to", "ministry")
    done = ask("themes", first, "--out", tmp_path / "first.csv", *sent)
    assert done.exit_code == 0, done.output
    assert "15 of 30" in (tmp_path / "first.csv").read_text(encoding="utf-8-sig")
    done = ask("themes", second, "--out", tmp_path / "second.csv", *sent)
    assert done.exit_code == 0, done.output
    assert "hidden because of what was sent before" in done.stderr
    assert "counts reckoned as known" in done.stderr
    shown = (tmp_path / "second.csv").read_text(encoding="utf-8-sig")
    assert "of 31" not in shown
    assert "of 31" not in done.stdout
    releases = read_ledger(tmp_path / "ledger.json").releases
    assert [(each.to, len(each.persons)) for each in releases] == [
        ("ministry", 30),
        ("ministry", 31),
    ]
    assert {cell.what for cell in releases[0].cells} == {"belonging", "isolation"}
    assert releases[1].withheld
    # The same again tells nothing new.
    done = ask("themes", first, "--out", tmp_path / "third.csv", *sent)
    assert "15 of 30" in done.stdout


def test_a_quote_is_not_sent_again_with_other_words_behind_it(tmp_path):
    first = study_of(tmp_path / "a.reflect", 30)
    other = study_of(tmp_path / "b.reflect", 30, role="Cook")
    sent = ("--ledger", tmp_path / "ledger.json", "--to", "website")
    done = ask("quotes", first, "--out", tmp_path / "first.csv", *sent)
    assert "(ECE, Reflection)" in done.stdout, done.output
    (release,) = read_ledger(tmp_path / "ledger.json").releases
    assert [(q.span, q.attribution) for q in release.quotes] == [
        (("R00", 0, len(WORDS)), "ECE, Reflection")
    ]
    done = ask("quotes", other, "--out", tmp_path / "second.csv", *sent)
    assert done.exit_code == 0, done.output
    assert "No quote is approved." not in done.stderr
    assert "owl" not in done.stdout
    assert "owl" not in (tmp_path / "second.csv").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("command", ["themes", "quotes"])
def test_a_ledger_a_recipient_and_a_file_belong_together(study, tmp_path, command):
    ledger, out = tmp_path / "ledger.json", tmp_path / "out.csv"
    assert ask(command, study, "--out", out, "--ledger", ledger).exit_code == 2
    assert ask(command, study, "--out", out, "--to", "ministry").exit_code == 2
    assert ask(command, study, "--ledger", ledger, "--to", "ministry").exit_code == 2
    done = ask(command, study, "--out", out)
    assert "not held against what was sent before" in done.stderr
    ledger.write_text("{", encoding="utf-8")
    out.unlink()
    done = ask(command, study, "--out", out, "--ledger", ledger, "--to", "ministry")
    assert isinstance(done.exception, DisclosureError)
    assert not out.exists()


# ── material of which little can be told ──


def small(path, people, *, found=0, read=True, approvals=()):
    """People of one session; the first of them belong."""
    texts = tuple(text_of(n, WORDS, session="1") for n in range(people))
    return written(path, texts, *map(belongs, range(found)), read=read, approvals=approvals)


@pytest.mark.parametrize(
    ("people", "more", "said", "traced"),
    [
        (12, {"read": False}, "Nobody has read these texts for any code yet", "nobody read for it"),
        (12, {}, "none of the codes was found in them", "0 of 12"),
        (4, {"found": 3}, "Every count is hidden: in so small a group", "3 of 4"),
        (1, {"found": 1}, "Every count is hidden: in so small a group", "1 of 1"),
        (0, {}, "No text of a participant may be tabulated", "nobody read for it"),
    ],
)
def test_a_table_without_a_number_says_why(tmp_path, people, more, said, traced):
    path = small(tmp_path / "small.reflect", people, **more)
    done = ask("themes", path, "--out", tmp_path / "themes.csv")
    assert done.exit_code == 0, done.output
    assert said in done.stdout
    assert said in json.loads(ask("themes", path, "--json").stdout)["said"]
    assert traced in ask("trace", path, "belonging").stdout
    assert "No quote is approved." in ask("quotes", path).stdout
    assert ask("trace", path).exit_code == 0


def test_a_table_with_numbers_says_nothing_more(study):
    assert json.loads(ask("themes", study, "--json").stdout)["said"] == ""


def test_one_session_has_states_and_no_change(tmp_path):
    path = small(tmp_path / "small.reflect", 12, found=3)
    asked = ("trace", path, "--states", "a=belonging;b=isolation", "--state", "a")
    assert "3 of 12" in ask(*asked, "--session", "1").stdout
    for more in (("--way", "kept"), ("--session", "1", "--then", "b", "--later", "1")):
        done = ask(*asked, *more)
        assert done.exit_code == 2
        assert "all texts are of session 1" in " ".join(done.stderr.replace("│", " ").split())


def test_a_quote_whose_source_changed_is_not_printed_and_why_is_said(tmp_path):
    old = Approval("R00", 0, len(WORDS), decision="yes", by="lead", sha256=text_hash("other words"))
    path = small(tmp_path / "small.reflect", 12, found=7, approvals=[old])
    done = ask("quotes", path)
    assert done.exit_code == 0, done.output
    assert "No quote is approved." in done.stdout
    assert "owl" not in done.output
    assert "1 passage with a decision is not printed: " in done.stderr
    assert json.loads(ask("quotes", path, "--json").stdout)["not_printed"]


def test_a_framework_that_names_an_unknown_code_is_refused_with_the_nearest(study, tmp_path):
    file = tmp_path / "framework.yaml"
    file.write_text(
        "id: m\ntitle: M\nkind: components\nrows: [{id: a, name: A, for: [belongin]}]\n",
        encoding="utf-8",
    )
    done = ask("trace", study, "--framework", file, "--row", "a")
    assert isinstance(done.exception, UnknownIdError)
    assert "did you mean 'belonging'" in str(done.exception)
    done = ask("export", study, "--format", "public", "--out", tmp_path / "o", "--framework", file)
    assert isinstance(done.exception, FrameworkError)
    assert "did you mean 'belonging'" in str(done.exception)
    assert not (tmp_path / "o").exists()


def test_a_public_export_is_in_the_log_before_it_is_in_its_place(study, tmp_path, monkeypatch):
    held = []

    def rename(path, target):
        with Project.open(study) as project:
            held.append([e.payload["where"] for e in project.events() if e.action == "export"])
        raise PermissionError(13, "in use")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", rename)
        done = ask("export", study, "--format", "public", "--out", tmp_path / "o", "--by", "Ana")
    assert isinstance(done.exception, OutputError)
    assert held[0] == [str(tmp_path / "o")]
    with Project.open(study) as project:
        told = [event for event in project.events() if event.action == "export"]
    assert sorted("stayed" in event.payload for event in told) == [False, True]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith((".o", "o"))] == []


def test_candidates_are_never_sent(study, tmp_path):
    sent = ("--ledger", tmp_path / "ledger.json", "--to", "ministry")
    assert ask("quotes", study, "--keep", "--out", tmp_path / "r.xlsx", *sent).exit_code == 2


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
    asked = ("trace", study, "belonging", "--attribute")
    done = ask(*asked, "rol=ECE", "--attribute", "role=Cook")
    assert isinstance(done.exception, UnknownIdError)
    assert ["'rol'" in done.exception.faults[0], "'Cook'" in done.exception.faults[1]] == [True] * 2
    done = ask(*asked, "role", "--attribute", "place=", "--attribute", "a=1", "--attribute", "a=2")
    assert done.exit_code == 2
    said = " ".join(done.stderr.replace("│", " ").split())
    assert all(each in said for each in ("'role': expected", "'place=': expected", "a is asked"))
    assert isinstance(ask("trace", study, "belongin").exception, UnknownIdError)
    assert isinstance(ask("trace", "no such.reflect", "belonging").exception, ProjectError)
    assert ask("themes", study, study).exit_code == 2


@pytest.mark.parametrize("command", ["quotes", "trace", "themes"])
def test_what_does_not_go_together_is_told_before_any_file_is_read(study, tmp_path, command):
    cleared = ("--cleared-by", "lead", "--note", "read")
    files = ("--approvals", tmp_path / "none.xlsx") if command == "quotes" else ()
    done = ask(command, study, *files, *cleared)
    assert done.exit_code == 2
    assert "cleared" in done.stderr
    if command != "trace":
        done = ask(command, study, *files, "--approach", "reflexiv")
        assert done.exit_code == 2
        assert "--approach" in done.stderr


def test_a_register_and_a_codebook_that_cannot_be_read_are_told_together(study, tmp_path):
    files = ("--approvals", tmp_path / "none.xlsx", "--codebook", tmp_path / "none.yaml")
    done = ask("quotes", study, *files)
    told = str(done.exception)
    assert "none.xlsx" in told
    assert "none.yaml" in told


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
