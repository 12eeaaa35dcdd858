"""QualCoder: a project made by its published schema, with what goes wrong in such files."""

import sqlite3

import pytest

from reflect_analysis.errors import ExchangeError
from reflect_analysis.exchange import read_qualcoder

# As the program makes it (database version 6 and later), without the tables of drawings.
SCHEMA = """
CREATE TABLE project (databaseversion text, date text, memo text, about text,
  bookmarkfile integer, bookmarkpos integer, codername text);
CREATE TABLE source (id integer primary key, name text, fulltext text, mediapath text, memo text,
  owner text, date text, av_text_id integer, risid integer, unique(name));
CREATE TABLE code_image (imid integer primary key, id integer, x1 integer, y1 integer,
  width integer, height integer, cid integer, memo text, date text, owner text, important integer);
CREATE TABLE code_av (avid integer primary key, id integer, pos0 integer, pos1 integer,
  cid integer, memo text, date text, owner text, important integer);
CREATE TABLE annotation (anid integer primary key, fid integer, pos0 integer, pos1 integer,
  memo text, owner text, date text);
CREATE TABLE attribute_type (name text primary key, date text, owner text, memo text,
  caseOrFile text, valuetype text);
CREATE TABLE attribute (attrid integer primary key, name text, attr_type text, value text,
  id integer, date text, owner text, unique(name, attr_type, id));
CREATE TABLE case_text (id integer primary key, caseid integer, fid integer, pos0 integer,
  pos1 integer, owner text, date text, memo text);
CREATE TABLE cases (caseid integer primary key, name text, memo text, owner text, date text);
CREATE TABLE code_cat (catid integer primary key, name text, owner text, date text, memo text,
  supercatid integer, unique(name));
CREATE TABLE code_text (ctid integer primary key, cid integer, fid integer, seltext text,
  pos0 integer, pos1 integer, owner text, date text, memo text, avid integer, important integer,
  unique(cid, fid, pos0, pos1, owner));
CREATE TABLE code_name (cid integer primary key, name text, memo text, catid integer, owner text,
  date text, color text, unique(name));
CREATE TABLE journal (jid integer primary key, name text, jentry text, date text, owner text);
"""
TEXT = "🙂🙂🙂 We walked to the river.\nThe children sang all the way home."
DAY = "2025-04-01 12:00:00"
INSERTS = {
    "project": [("v6", DAY, "about the study", "QualCoder 3.5", 0, 0, "ada")],
    "source": [
        (1, "R1.txt", TEXT, None, "a note on it", "ada", DAY, None, None),
        (2, "river.jpg", None, "/images/river.jpg", "", "ada", DAY, None, None),
    ],
    "code_cat": [(1, "Place", "ada", DAY, "", None), (2, "Outside", "ada", DAY, "", 1)],
    "code_name": [
        (1, "river", "Water nearby.", 2, "ada", DAY, "#fff"),
        (2, "song", "", None, "ada", DAY, "#000"),
    ],
    "cases": [(1, "P1", "", "ada", DAY), (2, "P2", "", "ada", DAY)],
    "attribute_type": [("years", DAY, "ada", "", "case", "numeric")],
    "attribute": [(1, "years", "case", "12", 1, DAY, "ada")],
    "code_image": [(1, 2, 10, 20, 30, 40, 1, "", DAY, "ben", None)],
    "code_av": [(1, 2, 0, 900, 1, "", DAY, "ada", None)],
    "journal": [(1, "day one", "we began", DAY, "ada")],
}


def _units(text):
    return len(text.encode("utf-16-le")) // 2


def _selection(number, words, count, *, code=1, owner="ada", kept=None):
    at = TEXT.index(words)
    start, end = count(TEXT[:at]), count(TEXT[: at + len(words)])
    return (number, code, 1, words if kept is None else kept, start, end, owner, DAY, "", None, 0)


def write_project(folder, selections, **more):
    """A project; `more` adds rows, by table."""
    folder.mkdir()
    connection = sqlite3.connect(folder / "data.qda")
    connection.executescript(SCHEMA)
    rows = {**INSERTS, "code_text": selections}
    for table in {**rows, **more}:
        for row in (*rows.get(table, ()), *more.get(table, ())):
            marks = ",".join("?" * len(row))
            connection.execute(f"INSERT INTO {table} VALUES ({marks})", row)  # noqa: S608  # constants
    connection.commit()
    connection.close()
    return folder


def _words(found):
    rows = [row for row in found.report.selections if row.start is not None]
    return found.corpus.passages([(row.source, row.start, row.end) for row in rows])


@pytest.mark.parametrize(("count", "unit"), [(len, "code points"), (_units, "utf-16")])
def test_the_unit_is_proved_by_the_words_kept_beside(tmp_path, count, unit):
    rows = [_selection(1, "the river", count), _selection(2, "sang", count, code=2, owner="ben")]
    found = read_qualcoder(write_project(tmp_path / "a.qda", rows))
    (source,) = found.report.sources
    assert (source.unit, source.names_found, source.resolved) == (unit, 2, 2)
    assert _words(found) == ["the river", "sang"]
    assert {row.coder for row in found.codings} == {"ada", "ben"}


def test_two_selections_that_prove_different_units_are_a_fault(tmp_path):
    rows = [_selection(1, "the river", len), _selection(2, "sang", _units)]
    with pytest.raises(ExchangeError, match="prove different units"):
        read_qualcoder(write_project(tmp_path / "a.qda", rows))


def test_categories_are_groups_by_their_whole_path(tmp_path):
    book = read_qualcoder(write_project(tmp_path / "a.qda", [])).codebook
    assert book.group(book["river"].group).name == "Place / Outside"
    assert (book["river"].definition, book["song"].status) == ("Water nearby.", "provisional")


def test_a_text_that_is_one_cases_whole_is_its_document(tmp_path):
    link = (1, 1, 1, 0, len(TEXT), "ada", DAY, "")
    found = read_qualcoder(write_project(tmp_path / "a.qda", [], case_text=[link]))
    assert found.corpus.document("R1.txt").case_id == "P1"
    assert found.corpus.case("P1").attributes["years"] == 12


def test_parts_of_a_text_are_turns_of_their_cases(tmp_path):
    middle = TEXT.index("\n")
    links = [
        (1, 1, 1, 0, middle, "ada", DAY, ""),
        (2, 2, 1, middle + 1, len(TEXT), "ada", DAY, ""),
        (3, 1, 1, middle, len(TEXT), "ada", DAY, ""),
        (4, 9, 1, 0, 4, "ada", DAY, ""),
    ]
    found = read_qualcoder(write_project(tmp_path / "a.qda", [], case_text=links))
    document = found.corpus.document("R1.txt")
    assert [turn.case_id for turn in document.turns] == ["P1", "P1"]
    assert found.corpus.case_at("R1.txt", len(TEXT) - 2) == "P1"
    reasons = " ".join(each.reason for each in found.report.omissions)
    assert "overlaps" in reasons
    assert "a link to a case that is not there" in reasons


def test_memos_and_annotations_stay_with_who_wrote_them(tmp_path):
    notes = [(1, 1, 4, 6, "why we", "ben", DAY), (2, 1, 9000, 9001, "lost", "ben", DAY)]
    found = read_qualcoder(write_project(tmp_path / "a.qda", [], annotation=notes))
    told = {(memo.by, memo.text, memo.start) for memo in found.codings.memos}
    assert told == {
        ("ada", "a note on it", None),
        ("ben", "why we", 4),
        ("ada", "day one\n\nwe began", None),
    }
    assert any(each.place == "annotation 2" for each in found.report.omissions)


def test_a_region_of_a_picture_is_kept_as_one(tmp_path):
    (region,) = read_qualcoder(write_project(tmp_path / "a.qda", [])).regions
    assert (region.x0, region.y0, region.x1, region.y1) == (10, 20, 40, 60)
    assert (region.document_id, region.code_id, region.coder) == ("river.jpg", "river", "ben")


def test_everything_that_is_left_out_is_listed(tmp_path):
    lost = (9, 77, 1, "sang", *(_selection(1, "sang", len)[4:]))
    stray = (10, 1, 55, "x", 0, 1, "ada", DAY, "", None, 0)
    found = read_qualcoder(write_project(tmp_path / "a.qda", [lost, stray]))
    places = {each.place for each in found.report.omissions}
    assert {"source river.jpg", "coding 9", "coding 10", "code_av"} <= places
    assert len(found.codings) == 0


def test_words_that_differ_from_those_kept_are_said(tmp_path):
    rows = [_selection(1, "the river", len, kept="another passage")]
    found = read_qualcoder(write_project(tmp_path / "a.qda", rows), unit="code points")
    assert "are others" in found.report.selections[0].note


def test_a_circle_of_categories_ends(tmp_path):
    circle = [(3, "A", "ada", DAY, "", 4), (4, "B", "ada", DAY, "", 3)]
    codes = [(3, "in a circle", "", 3, "ada", DAY, "")]
    made = write_project(tmp_path / "a.qda", [], code_cat=circle, code_name=codes)
    book = read_qualcoder(made).codebook
    assert book.group(book["in_a_circle"].group).name == "B / A"


def test_the_folder_or_the_file_in_it_may_be_named(tmp_path):
    folder = write_project(tmp_path / "a.qda", [])
    for path in (folder, folder / "data.qda"):
        assert [document.text for document in read_qualcoder(path).corpus] == [TEXT]


def test_a_folder_without_a_database_is_refused(tmp_path):
    (tmp_path / "b.qda").mkdir()
    with pytest.raises(ExchangeError, match=r"no data\.qda in it"):
        read_qualcoder(tmp_path / "b.qda")
