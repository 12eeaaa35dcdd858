"""The command `topics`: what it prints and writes, and how it fails."""

import csv
import dataclasses
import json
import shutil

import pytest
from typer.testing import CliRunner

from reflect_analysis.cli import app
from reflect_analysis.codebook import read_codebook
from reflect_analysis.codings import read_codings
from reflect_analysis.demo import demo_files
from reflect_analysis.disclosure import find_single_rows, read_approvals
from reflect_analysis.disclosure.sheets import read_sheet, write_sheet
from reflect_analysis.errors import NotClearedError, OutputError, UnknownIdError
from reflect_analysis.project import Project
from reflect_analysis.readers import read_corpus
from reflect_analysis.topics import TopicAct, score_sheets

DEMO = demo_files()
COMMUNITIES = ("c1-nelson.csv", "c3-surrey.csv")
FILES = [
    *(DEMO.corpus / "reflections" / name for name in COMMUNITIES),
    DEMO.corpus / "participants.csv",
]
FEW = ("--refits", "2", "--k", "3", "--json")
CLEARED = ("--cleared-by", "lead", "--note", "composed")


def topics(out, *more, sources=FILES, cleared=CLEARED):
    arguments = [*sources, "--codebook", DEMO.codebook, "--out", out, *cleared, *more]
    return CliRunner().invoke(app, ["topics", *map(str, arguments)])


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """The texts of two communities with their clearance, so that nothing is parsed."""
    folder = tmp_path_factory.mktemp("texts")
    for path in (*FILES, DEMO.corpus / "clearance.yaml"):
        shutil.copy(path, folder)
    return folder


@pytest.fixture(scope="module")
def told(tmp_path_factory, source):
    """These texts beside what people coded in them, grouped and written once."""
    out = tmp_path_factory.mktemp("my folder") / "the topics"
    people = [word for folder in DEMO.codings for word in ("--codings", folder)]
    result = topics(out, *FEW, *people, "--approvals", DEMO.approvals, sources=[source], cleared=())
    assert result.exit_code == 0, result.output
    return out, result


@pytest.fixture(scope="module")
def done(told):
    """The folder, and the facts that were printed."""
    out, result = told
    return out, json.loads(result.stdout)


def names(folder):
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def test_share_has_tables_and_figures_and_keep_has_sheets_and_members(done):
    out, _ = done
    assert names(out / "share") == {
        "about.txt",
        "topics.docx",
        "topics.xlsx",
        "figures/alt-text.json",
        *(
            f"figures/{stem}.{suffix}"
            for stem in ("topics", "topic-map", "topic-codes", "topic-stability", "topic-quotes")
            for suffix in ("png", "svg")
        ),
    }
    kinds = ("word-intrusion", "document-intrusion", "naming")
    assert names(out / "keep") >= {
        "README.txt",
        "topics.csv",
        "topics-by-session.csv",
        *(f"sheets/{kind}.xlsx" for kind in kinds),
        *(f"keys/key-{kind}.xlsx" for kind in kinds),
    }


def test_nothing_in_share_stands_for_one_person(done):
    out, _ = done
    corpus = read_corpus(FILES)
    decided = read_approvals(DEMO.approvals)
    assert find_single_rows(out / "share", corpus, approved=decided) == ()
    assert find_single_rows(out / "keep", corpus)


def test_the_codings_of_people_stand_beside_the_topics_and_whose_they_are_is_told(told):
    out, result = told
    assert "topics are set beside the codings of coder-1, coder-2" in result.stderr
    with (out / "keep" / "alignment.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(float(row["coded"]) for row in rows) > 0


def test_a_study_gives_its_codings_and_what_was_done_with_its_topics(done, source, tmp_path):
    _, facts = done
    named = TopicAct(
        facts["fingerprint"], "name", (0,), label="By the creek", by="Ana", why="read together"
    )
    with Project.create(tmp_path / "study.reflect") as project:
        corpus, book = read_corpus(source), read_codebook(DEMO.codebook)
        texts = {document.id for document in corpus}
        log = read_codings(*DEMO.codings).of_documents(texts)
        other = dataclasses.replace(named, fingerprint="another", id="")
        acts = [named, other]
        project.save(by="Ana", corpus=corpus, codebook=book, codings=log, topic_acts=acts)
    out = tmp_path / "out"
    arguments = [tmp_path / "study.reflect", "--out", out, *FEW]
    result = CliRunner().invoke(app, ["topics", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    again = json.loads(result.stdout)
    assert again["fingerprint"] == facts["fingerprint"]
    assert "By the creek" in json.dumps(again["topics"])
    assert any(line.startswith("1 act is about another solution") for line in again["sentences"])
    assert "beside the codings of coder-1, coder-2" in result.stderr


def test_a_study_is_grouped_by_itself_and_files_need_a_codebook(tmp_path):
    study = tmp_path / "study.reflect"
    Project.create(study).close()
    for sources in ([study, *FILES], FILES):
        arguments = [*map(str, sources), "--out", str(tmp_path / "out")]
        assert CliRunner().invoke(app, ["topics", *arguments]).exit_code == 2


def test_json_is_one_object_with_the_verdict_and_no_participants_id(done):
    out, facts = done
    assert facts["stability"] in {"stable", "not stable", "not measured"}
    assert facts["n_topics"] == len(facts["topics"])
    assert all(row["stability"] == facts["stability"] for row in facts["topics"])
    assert "P01" not in json.dumps({k: v for k, v in facts.items() if k not in {"share", "keep"}})
    assert facts["out"] == str(out)


def test_a_sheet_of_the_folder_can_be_filled_in_and_scored(done, tmp_path):
    out, _ = done
    for path in sorted((out / "keep" / "sheets").iterdir()):
        key = out / "keep" / "keys" / f"key-{path.name}"
        right = {cells["question"]: cells["answer"] for _, cells in read_sheet(key)}
        rows = [cells for _, cells in read_sheet(path)]
        for cells in rows:
            cells["answer"] = right[cells["question"]]
        copy = tmp_path / path.name
        write_sheet(copy, "KEEP", rows, widths=dict.fromkeys(rows[0], 10))
        assert score_sheets(copy, key).overall.share == 1


def test_members_are_told_with_their_passage_for_the_studys_own_people(done):
    out, facts = done
    with (out / "keep" / "topics.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == facts["n_units"]


def test_an_existing_folder_is_refused_without_overwrite_and_replaced_with_it(done, tmp_path):
    out, _ = done
    assert isinstance(topics(out).exception, OutputError)
    few = tmp_path / "few.csv"
    few.write_text("id,participant,text\nr1,P1,We walked by the creek.\n", encoding="utf-8")
    target = tmp_path / "out"
    for more in ((), ("--overwrite",)):
        assert topics(target, *more, sources=[few]).exit_code == 0


def test_texts_that_are_too_few_are_words_and_no_topics(tmp_path):
    few = tmp_path / "few.csv"
    rows = [f"r{n},P{n},We walked by the creek in the rain {n} times." for n in range(6)]
    few.write_text("\n".join(["id,participant,text", *rows]), encoding="utf-8")
    result = topics(tmp_path / "out", sources=[few])
    assert result.exit_code == 0, result.output
    assert "too few to be grouped" in result.stdout
    assert not (tmp_path / "out" / "share" / "figures").exists()
    assert not (tmp_path / "out" / "keep" / "sheets").exists()


def test_texts_that_nobody_cleared_and_an_unknown_attribute_write_nothing(tmp_path):
    few = tmp_path / "few.csv"
    few.write_text("id,participant,text\nr1,P1,We walked by the creek.\n", encoding="utf-8")
    assert isinstance(topics(tmp_path / "a", sources=[few], cleared=()).exception, NotClearedError)
    wrong = topics(tmp_path / "b", "--across", "sesion", "--across", "rle", cleared=())
    assert isinstance(wrong.exception, UnknownIdError)
    assert len(wrong.exception.faults) == 2
    assert {path.name for path in tmp_path.iterdir()} == {"few.csv"}


@pytest.mark.parametrize("more", [("--by", "chapter"), ("--refits", "1"), ("--k", "2")])
def test_a_choice_that_there_is_not_is_wrong_usage(tmp_path, more):
    assert topics(tmp_path / "out", *more).exit_code == 2
