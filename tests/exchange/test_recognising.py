"""What a file is, by what is in it; and nothing that it holds makes a reader break."""

import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reflect_analysis.errors import ExchangeError
from reflect_analysis.exchange import read_exchange, recognise

QDE = b'<?xml version="1.0"?><Project xmlns="urn:QDA-XML:project:1.0" name="p"/>'
QDC = b'<?xml version="1.0"?><q:CodeBook xmlns:q="urn:QDA-XML:codebook:0:4"/>'
KNOWN = {
    "a.qde": (QDE, "REFI-QDA"),
    "a.qdc": (QDC, "REFI-QDA"),
    "a.xml": (QDC, "REFI-QDA"),
    "schema.xsd": (b'<xsd:schema targetNamespace="urn:QDA-XML:project:1.0"/>', ""),
    "quotes.csv": (b"Document;Code;Quote\nR1;a;b\n", "quotes"),
    "segments.csv": ("\ufeffDocument name,Code,Segment\nR1,a,b\n".encode(), "quotes"),
    "highlights.csv": (b"id,document,tag,content\n1,R1,a,b\n", "quotes"),
    "texts.csv": (b"id,participant,text\nR1,P1,We sang.\n", ""),
    "themed.csv": (b"id,text,theme\nR1,We sang.,song\n", ""),
    "codebook.csv": (b"name,definition\nSong,Singing.\n", ""),
    "tags.csv": (b"tag,description\nsong,Singing.\n", "Taguette codes"),
    "spans.jsonl": (b'{"text": "a", "spans": []}\n', "spans"),
    "events.jsonl": (b'{"id": 1}\n', ""),
    "page.html": (b"<html><title>Taguette highlights</title></html>", "quotes"),
    "other.html": (b"<html><title>Our highlights</title></html>", ""),
    "letter.txt": (b"We sang about urn:QDA-XML: all day.", ""),
    "empty.sqlite3": (b"", ""),
    "broken.sqlite3": (b"SQLite format 3\x00 and no more", ""),
}


@pytest.mark.parametrize("name", KNOWN)
def test_a_file_is_known_by_its_content(tmp_path, name):
    content, expected = KNOWN[name]
    (tmp_path / name).write_bytes(content)
    assert recognise(tmp_path / name) == expected


def test_an_archive_with_a_project_is_one_whatever_its_name(tmp_path):
    for name, member in (("study.zip", "project.qde"), ("texts.zip", "a.txt")):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr(member, QDE)
    assert recognise(tmp_path / "study.zip") == "REFI-QDA"
    assert recognise(tmp_path / "texts.zip") == ""


def test_a_file_that_is_not_there_or_a_folder_is_nothing(tmp_path):
    assert recognise(tmp_path / "none.qdpx") == ""
    assert recognise(tmp_path) == ""


def test_an_unknown_file_is_refused_with_what_is_read(tmp_path):
    (tmp_path / "a.txt").write_text("We sang.", encoding="utf-8")
    with pytest.raises(ExchangeError, match=r"a\.txt: of no format that is known here"):
        read_exchange(tmp_path / "a.txt")


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("a.csv", b"quote,code,document\n"),
        ("a.jsonl", b'{"text": "abc", "spans": [{"start": 0, "end": 2, "label": "x"}]}\n'),
        ("a.html", b"<title>Taguette highlights</title><body><h1>a</h1><p>b</p>"),
        ("t.csv", b"tag,description\n"),
        ("a.qdc", QDC),
    ],
)
@settings(max_examples=40, deadline=None)
@given(junk=st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_whatever_follows_is_read_or_a_named_fault(tmp_path_factory, name, start, junk):
    path = tmp_path_factory.getbasetemp() / f"fuzzed {name}"
    path.write_bytes(start + junk)
    try:
        found = read_exchange(path)
    except ExchangeError:
        return
    assert found.report.resolved <= found.report.selected
