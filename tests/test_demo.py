"""The demonstration: found in a checkout and in a wheel, and what it promises is there."""

import csv
import dataclasses
from collections import Counter

import pytest

from reflect_analysis import demo
from reflect_analysis.codebook import outdated, read_codebook
from reflect_analysis.codings import read_codings
from reflect_analysis.errors import CorpusError

FILES = demo.demo_files()


def test_the_checkouts_folders_are_found_in_an_editable_install():
    assert FILES.corpus.name == "corpus"
    assert FILES.codebook.is_file()
    assert [folder.name for folder in FILES.codings] == ["coder-1", "coder-2"]


def test_the_packaged_copy_comes_first(monkeypatch, tmp_path):
    package = tmp_path / "reflect_analysis"
    for root in (package / "_demo", tmp_path):
        (root / "corpus").mkdir(parents=True)
        (root / "codebooks").mkdir()
    monkeypatch.setattr(demo, "__file__", str(package / "demo.py"))
    assert demo.demo_files().corpus == package / "_demo" / "corpus"


def test_a_missing_demonstration_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(demo, "__file__", str(tmp_path / "package" / "demo.py"))
    with pytest.raises(CorpusError, match="install the package again"):
        demo.demo_files()


def test_the_readings_are_of_the_codebook_as_it_is():
    # After a change that leaves the definitions as they are: python benchmarks/stamp.py
    codings, codebook = read_codings(*FILES.codings), read_codebook(FILES.codebook)
    assert len(codings) > 500
    assert str(outdated(codings, codebook)) == (
        f"no coding was made under another version than {codebook.version}"
    )
    assert {coding.id for coding in codings} == {
        dataclasses.replace(coding, id="").id for coding in codings
    }


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_corpus_holds_what_its_readme_says():
    people = rows(FILES.corpus / "participants.csv")
    texts = [row for path in (FILES.corpus / "reflections").glob("*.csv") for row in rows(path)]
    pairs = Counter(person["pair"] for person in people)
    assert len(people) == 36
    assert set(pairs.values()) == {2}
    assert len({person["community"] for person in people}) == 8
    assert len(texts) >= 120
    assert len({row["text"] for row in texts}) == len(texts)
    assert {row["session"] for row in texts} == {"1", "2", "3"}
    assert "fr" in {row["language"] for row in texts}


def test_no_two_reflections_begin_alike():
    texts = [row for path in (FILES.corpus / "reflections").glob("*.csv") for row in rows(path)]
    openings = Counter(" ".join(row["text"].lower().split()[:5]) for row in texts)
    assert [opening for opening, count in openings.items() if count > 1] == []


def test_the_codings_point_into_the_texts_and_the_codebook():
    book, log = read_codebook(FILES.codebook), read_codings(*FILES.codings)
    texts = {
        row["id"]: row["text"].strip()
        for path in (FILES.corpus / "reflections").glob("*.csv")
        for row in rows(path)
    }
    book.check_ids((coding.code_id for coding in log), "the codings")
    assert log.coders == ("coder-1", "coder-2")
    for coding in log:
        passage = texts[coding.document_id][coding.start : coding.end]
        assert passage == passage.strip() != ""
        assert coding.blind
    for coder in log.coders:
        assert len({row.document_id for row in log.seen if row.coder == coder}) >= 60


def test_the_starter_codebook_is_complete():
    book = read_codebook(FILES.codebook)
    assert len([code for code in book if code.parent is None]) == 21
    assert {code.id for code in book if code.human_only} == {"unsettling", "indigenous_knowledge"}
    for code in book:
        assert code.source, code.id
        if code.id != "indigenous_knowledge":
            assert len(code.examples) >= 2, code.id
            assert len(code.counter_examples) >= 2, code.id
