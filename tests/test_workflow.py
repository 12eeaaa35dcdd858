"""The main job: from sources to values, offline, and lighter the second time."""

import json
import os
import subprocess
import sys

import pytest

from reflect_analysis.anonymity import AnonymityReport, Finding
from reflect_analysis.codebook import read_codebook
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.corpus import Corpus, Document, Omission
from reflect_analysis.demo import demo_files
from reflect_analysis.errors import CodebookError, CorpusError, NotClearedError, UnknownIdError
from reflect_analysis.readers import read_corpus
from reflect_analysis.report import write_report
from reflect_analysis.workflow import analyse, tell_what_was_read

BOOK = """\
title: Small
groups: [{id: g, name: Group}]
codes:
  - {id: belonging, name: Belonging, group: g, definition: Part of it., patterns: [not alone]}
  - {id: closed, name: Closed, group: g, definition: For people., human_only: true}
"""
TEXTS = [
    "I am not alone with the hard days any more, and it shows in how I come home.",
    "Write to jo@example.org or see https://example.org/page: I was not alone there.",
    "Je ne suis plus seule dans ma salle, et les enfants le sentent bien je crois.",
]

# What a user runs, in a process in which every socket but a local one is an error.
GUARDED = """
import json, socket, sys

def refuse(*arguments, **named):
    raise AssertionError("a network connection was opened")

socket.socket.connect = socket.socket.connect_ex = refuse
socket.getaddrinfo = socket.create_connection = refuse
from reflect_analysis import analyse, write_report
reasons = json.loads(sys.argv[3])
study = analyse(sys.argv[1], sys.argv[2], cleared_by="lead", note="n", reasons=reasons)
report = write_report(
    sys.argv[4], corpus=study.corpus, codebook=study.codebook, codings=study.codings,
    topics=study.topics, alignment=study.alignment, overwrite=True,
)
loaded = sorted({"spacy", "torch"}.intersection(sys.modules))
print(json.dumps({"codings": len(study.codings), "loaded": loaded}))
"""


@pytest.fixture
def folder(tmp_path):
    source = tmp_path / "texts"
    source.mkdir()
    rows = ["id,participant,text", *(f'r{n},P{n},"{text}"' for n, text in enumerate(TEXTS))]
    (source / "texts.csv").write_text("\n".join(rows), encoding="utf-8")
    (tmp_path / "book.yaml").write_text(BOOK, encoding="utf-8")
    return tmp_path


def guarded(folder, cache):
    reasons = json.dumps(dict.fromkeys(open_findings(folder), "composed"))
    arguments = [folder / "texts", folder / "book.yaml", reasons, folder / "report"]
    done = subprocess.run(
        [sys.executable, "-c", GUARDED, *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "REFLECT_CACHE": str(cache)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def open_findings(folder):
    from reflect_analysis import check_anonymity, read_corpus

    return [finding.id for finding in check_anonymity(read_corpus(folder / "texts")).direct]


@pytest.mark.slow
def test_the_main_job_opens_no_connection_and_loads_no_model_the_second_time(folder):
    cache = folder / "cache"
    first, second = guarded(folder, cache), guarded(folder, cache)
    assert first["codings"] == second["codings"] == 2
    assert "spacy" in first["loaded"]
    assert second["loaded"] == []


def test_texts_that_nobody_cleared_go_no_further(folder):
    with pytest.raises(NotClearedError, match="cleared"):
        analyse(folder / "texts", folder / "book.yaml")


def test_no_way_of_working_goes_round_the_clearing(folder):
    for approach in ("reflexive", "codebook"):
        with pytest.raises(NotClearedError):
            analyse(folder / "texts", folder / "book.yaml", approach=approach)
    corpus, book = read_corpus(folder / "texts"), read_codebook(folder / "book.yaml")
    with pytest.raises(NotClearedError):
        write_report(folder / "out", corpus=corpus, codebook=book, codings=Codings())
    assert not (folder / "out").exists()


def codings_of(folder, *codings):
    Codings(codings, seen=(Seen("coder-1", "r0"),)).to_csv(folder / "codings")
    reasons = dict.fromkeys(open_findings(folder), "composed")
    named = {"codings": [folder / "codings"], "cleared_by": "lead", "note": "n"}
    sources = (folder / "texts", folder / "book.yaml")
    return lambda **more: analyse(*sources, reasons=reasons, approach="reflexive", **named, **more)


def test_codings_of_other_texts_are_refused(folder):
    with pytest.raises(UnknownIdError, match="none of their 1 documents is in these sources"):
        codings_of(folder, Coding("elsewhere", 0, 3, "belonging", "coder-1"))()


def test_codings_of_some_other_texts_are_told(folder):
    ids = ("elsewhere", "r0")
    told: list[str] = []
    codings_of(folder, *(Coding(i, 0, 3, "belonging", "coder-1") for i in ids))(tell=told.append)
    assert "left out the codings of 1 document not in these sources" in told


def test_a_coding_outside_its_text_says_that_the_text_has_changed(folder):
    with pytest.raises(CorpusError, match=r"9000 lies outside .* the text has changed"):
        codings_of(folder, Coding("r0", 8000, 9000, "belonging", "coder-1"))()


def test_a_note_without_a_name_clears_nothing(folder):
    with pytest.raises(ValueError, match="belong together"):
        analyse(folder / "nowhere", folder / "book.yaml", note="read")


def test_a_direct_identifier_needs_its_own_reason(folder):
    with pytest.raises(NotClearedError) as caught:
        analyse(folder / "texts", folder / "book.yaml", cleared_by="lead", note="read")
    assert "example.org" not in str(caught.value)


def test_a_reflexive_study_runs_no_machine():
    files, told = demo_files(), []
    study = analyse(files.corpus, files.codebook, approach="reflexive", tell=told.append)
    assert len(study.codings) == 0
    assert study.topics is None
    assert not any("rules" in line for line in told)


def test_peoples_codings_take_the_machines_place(monkeypatch):
    files = demo_files()
    monkeypatch.setattr("reflect_analysis.workflow.analysing.fit_topics", lambda *a, **k: None)
    study = analyse(files.corpus, files.codebook, codings=files.codings)
    assert study.codings.coders == ("coder-1", "coder-2")
    assert {row.status for row in study.codings.current} == {"human"}


def test_codings_by_another_codebook_are_refused(folder):
    files = demo_files()
    with pytest.raises(UnknownIdError, match="the codings: no code"):
        analyse(files.corpus, folder / "book.yaml", codings=files.codings)


def test_what_was_left_out_is_told(folder):
    (folder / "texts" / "slides.pptx").write_bytes(b"slides")
    told: list[str] = []
    with pytest.raises(NotClearedError):
        analyse(folder / "texts", folder / "book.yaml", tell=told.append)
    assert any("slides.pptx" in line for line in told)


def test_parts_of_files_are_told_with_their_reasons_and_no_file_that_is_not_there_yet():
    left = (
        Omission("a.md", "line 1", "a heading, such as this", 2),
        Omission("a.md", "line 4", "a heading (short)", 2),
        Omission("a.md", "line 9", "prose", 30),
    )
    told: list[str] = []
    tell_what_was_read(Corpus((Document("d1", "text"),), (), omissions=left), told.append)
    assert told == ["left out 3 parts of files: a heading (2); prose (1)"]


def test_faulty_patterns_are_told_before_any_text_is_read_with_file_code_and_number(folder):
    book = BOOK.replace("[not alone]", "['not alone', '[[', 'feel (alone']")
    (folder / "book.yaml").write_text(book, encoding="utf-8")
    told: list[str] = []
    with pytest.raises(CodebookError) as caught:
        analyse(folder / "nowhere", folder / "book.yaml", tell=told.append)
    json_fault, group_fault = caught.value.faults
    assert json_fault.startswith("book.yaml: code 'belonging', pattern 2 '[[', column")
    assert "expected a list of tokens such as" in json_fault
    assert group_fault.startswith("book.yaml: code 'belonging', pattern 3 'feel (alone'")
    assert told == []


def test_possible_names_that_the_note_covers_are_told(folder, monkeypatch):
    guess = Finding("r0", 0, 1, "name", 0.5, direct=False, why="a guess")
    monkeypatch.setattr(
        "reflect_analysis.anonymity.check_anonymity",
        lambda corpus: AnonymityReport(corpus, (guess,)),
    )
    told: list[str] = []
    analyse(
        folder / "texts",
        folder / "book.yaml",
        cleared_by="lead",
        note="read",
        approach="reflexive",
        tell=told.append,
    )
    assert any(line.startswith("1 possible names in the texts") for line in told)


def test_every_part_of_an_analysis_has_its_place_in_a_report(tmp_path):
    (tmp_path / "book.yaml").write_text(BOOK, encoding="utf-8")
    (tmp_path / "a.txt").write_text(TEXTS[0], encoding="utf-8")
    found = analyse(
        [tmp_path / "a.txt"], tmp_path / "book.yaml", cleared_by="lead", note="read by one person"
    )
    assert found.parts()["approach"] == "codebook"
    written = write_report(tmp_path / "out", **found.parts(), formats=["html"])
    assert written.main.is_file()
