"""Choices and inferences go into the report by the command, named or beside the texts."""

import html
import re
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from reflect_analysis.cli import app
from reflect_analysis.cli._reporting import Asked, Faults, read_asked
from reflect_analysis.codebook import read_codebook
from reflect_analysis.codings import read_codings
from reflect_analysis.errors import FrameworkError, ReportError, UnknownIdError
from reflect_analysis.frameworks import Choice
from reflect_analysis.joint import Inference, JointDisplay
from reflect_analysis.readers import read_corpus
from reflect_analysis.report import Wanted, further_results
from reflect_analysis.tables.joint import joint_table

BOOK = """title: Small
groups: [{id: g, name: Group}]
codes:
  - {id: near, name: Near, group: g, definition: With others.}
  - {id: apart, name: Apart, group: g, definition: By oneself.}
"""
MODELS = """id: models
title: Which model comes first
kind: decision-matrix
rows:
  - {id: circle, name: Circle, for: [near], against: [apart]}
  - {id: pair, name: Pair, for: [apart]}
"""
CHOICE = "models: {rows: [pair, circle], by: Ana, why: They work by themselves.}\n"
INFERENCE = "near: {kind: discordant, text: Scores are low all the same., by: Bo}\n"


@pytest.fixture
def folder(tmp_path):
    """Twelve people in two groups, read by one person; and what a report needs beside."""
    texts = tmp_path / "my texts"
    texts.mkdir()
    rows = ["id,participant,text"]
    rows += [f"r{n:02},P{n:02},Not by myself with it on day {n}." for n in range(24)]
    people = ["participant,experience,score"]
    people += [f"P{n:02},{'new' if n % 2 else 'old'},{n}" for n in range(24)]
    (texts / "participants.csv").write_text("\n".join(people), encoding="utf-8")
    (texts / "texts.csv").write_text("\n".join(rows), encoding="utf-8")
    coded = tmp_path / "ada"
    coded.mkdir()
    log = ["document_id,start,end,code_id,coder"]
    log += [f"r{n:02},0,13,near,ada" for n in range(12)]
    (coded / "codings.csv").write_text("\n".join(log), encoding="utf-8")
    seen = ["coder,document_id", *(f"ada,r{n:02}" for n in range(24))]
    (coded / "seen.csv").write_text("\n".join(seen), encoding="utf-8")
    (tmp_path / "book.yaml").write_text(BOOK, encoding="utf-8")
    (tmp_path / "models.yaml").write_text(MODELS, encoding="utf-8")
    return tmp_path


def report(folder, *more):
    asked = [
        *("report", folder / "my texts", "--codebook", folder / "book.yaml"),
        *("--codings", folder / "ada", "--cleared-by", "lead", "--note", "read"),
        *("--out", folder / "out", "--format", "html", "--overwrite", *more),
    ]
    return CliRunner().invoke(app, [str(each) for each in asked])


def page(folder):
    (file,) = (folder / "out" / "share").glob("*report.html")
    return html.unescape(re.sub(r"<[^>]+>", " ", file.read_text(encoding="utf-8")))


@pytest.mark.slow
def test_what_lies_beside_the_texts_stands_in_the_report(folder):
    (folder / "my texts" / "choices.yaml").write_text(CHOICE, encoding="utf-8")
    (folder / "my texts" / "inferences.yaml").write_text(INFERENCE, encoding="utf-8")
    rows = ["participant,Strain", *(f"P{n:02},{n}.5" for n in range(24))]
    (folder / "scores.csv").write_text("\n".join(rows), encoding="utf-8")
    done = report(
        folder,
        *("--framework", folder / "models.yaml", "--joint", "experience"),
        *("--scale", f"Strain={folder / 'scores.csv'}"),
    )
    assert done.exit_code == 0, done.output
    text = " ".join(page(folder).split())
    assert "Chosen by Ana: 1. Pair; 2. Circle. Why: They work by themselves." in text
    assert "discordant: Scores are low all the same. (Bo)" in text
    assert "Strain, code mentioned" in text
    assert "read_choices reads it" in done.stderr


def wanted(folder, choices=None, **more):
    asked = Asked(frameworks=[folder / "models.yaml"], choices=choices, **more)
    faults = Faults()
    given = read_asked(asked, [folder / "my texts"], read_codebook(folder / "book.yaml"), faults)
    assert faults.errors == []
    return given.wanted


def test_a_file_that_is_named_goes_before_the_one_beside_the_texts(folder, capsys):
    (folder / "chosen.yaml").write_text(CHOICE, encoding="utf-8")
    (folder / "my texts" / "choices.yaml").write_text("others: {rows: [x], by: Bo, why: y}\n")
    assert wanted(folder, folder / "chosen.yaml").choices["models"].by == "Ana"
    assert wanted(folder).choices == {}
    assert "no framework of this report is others" in capsys.readouterr().err


def test_inferences_without_a_joint_display_are_left_out_with_a_word(folder, capsys):
    (folder / "my texts" / "inferences.yaml").write_text(INFERENCE, encoding="utf-8")
    assert wanted(folder).inferences == ()
    assert "inferences stand in a joint display (--joint)" in capsys.readouterr().err
    assert [each.by for each in wanted(folder, joint="experience").inferences] == ["Bo"]


def study(folder):
    return {
        "corpus": read_corpus(folder / "my texts"),
        "codebook": read_codebook(folder / "book.yaml"),
    }


def test_a_joint_display_takes_the_groups_and_hides_with_the_reports_k(folder):
    asked = wanted(folder, joint="experience", scale="score", k=10)
    found = further_results(read_codings(folder / "ada"), **study(folder), wanted=asked)
    (joint,) = [each for each in found if isinstance(each, JointDisplay)]
    assert (joint.groups, joint.scale, joint.k) == (("new", "old"), "score", 10)
    cells = joint_table(joint, k=10, quotes={"near": "“So it is.” (ECE)"}).texts()
    assert "“So it is.” (ECE)" in cells[0]


def test_inferences_need_a_joint_display_and_choices_their_framework(folder):
    log = read_codings(folder / "ada")
    typed = (Inference("near", "confirm", "So.", "Bo"),)
    with pytest.raises(ReportError, match="name the attribute"):
        further_results(log, **study(folder), wanted=Wanted(inferences=typed))
    chosen = {"modles": Choice(("pair",), by="Ana", why="so")}
    with pytest.raises(FrameworkError, match="no framework of this report; did you mean 'models'"):
        further_results(log, **study(folder), wanted=replace(wanted(folder), choices=chosen))
    with pytest.raises(ReportError, match="reflexive"):
        further_results(
            log, **study(folder), wanted=Wanted(joint="experience"), approach="reflexive"
        )


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"joint": "experiance"}, "did you mean 'experience'"),
        ({"joint": "experience", "scale": "experience"}, "experience is no number"),
    ],
)
def test_a_group_that_nobody_bears_and_scores_that_are_none_are_named(folder, more, expected):
    with pytest.raises((UnknownIdError, FrameworkError), match=expected):
        further_results(read_codings(folder / "ada"), **study(folder), wanted=Wanted(**more))


@pytest.mark.parametrize(
    ("option", "text", "expected"),
    [
        (
            "--choices",
            CHOICE.replace("circle", "cirle"),
            "line 1: models: the framework has no row",
        ),
        ("--choices", CHOICE.replace("models", "model"), "did you mean 'models'"),
        ("--inferences", INFERENCE.replace("near", "neer"), "line 1: neer: the codebook has no"),
    ],
)
def test_a_fault_stops_before_the_work_with_its_line(folder, option, text, expected):
    (folder / "typed.yaml").write_text(text, encoding="utf-8")
    done = report(
        folder,
        *("--framework", folder / "models.yaml", "--joint", "experience"),
        *(option, folder / "typed.yaml"),
    )
    assert isinstance(done.exception, FrameworkError)
    assert expected in str(done.exception)
    assert not (folder / "out").exists()


def test_a_claim_and_a_file_of_reasons_that_are_wrong_are_told_together(folder):
    (folder / "claims.yaml").write_text("ge: They are not alone.\n", encoding="utf-8")
    asked = [
        *("themes", folder / "my texts", "--codebook", folder / "book.yaml"),
        *("--cleared-by", "lead", "--note", "read", "--claims", folder / "claims.yaml"),
        *("--let-stand", folder / "none.csv"),
    ]
    done = CliRunner().invoke(app, [str(each) for each in asked])
    told = str(done.exception)
    assert "ge: " in told
    assert "none.csv" in told


def test_every_template_that_cannot_be_used_is_told_at_once(folder):
    files = {"bad.docx": b"no zip", "bad.css": b"@import 'a.css';", "latin.css": b"/* \xe4 */"}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    names = [*files, "none.css"]
    done = report(folder, *(part for name in names for part in ("--template", folder / name)))
    assert isinstance(done.exception, ReportError)
    told = ["bad.docx: no Word file", "latin.css: no UTF-8", "none.css: cannot", "bad.css, line 1"]
    assert len(done.exception.faults) == len(told)
    for each, fault in zip(told, done.exception.faults, strict=True):
        assert fault.startswith(each)
    two = [*("--template", folder / "a.docx", "--template", folder / "b.docx")]
    done = report(folder, *two, "--template", folder / "bad.css")
    assert [each.partition(":")[0] for each in done.exception.faults] == [
        "a.docx, b.docx",
        "bad.css, line 1",
    ]


def test_a_scale_names_its_file(folder):
    assert report(folder, "--joint", "experience", "--scale", "Strain=").exit_code == 2
