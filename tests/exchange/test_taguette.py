"""Taguette: its project, its exported tags, and files that would do harm."""

import csv
import json
import os
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reflect_analysis.errors import ExchangeError
from reflect_analysis.exchange import read_quotes, read_taguette, read_taguette_codes
from reflect_analysis.exchange.markup import readable

SCHEMA = """
CREATE TABLE projects (id INTEGER PRIMARY KEY, name TEXT, description TEXT, created DATETIME);
CREATE TABLE documents (id INTEGER PRIMARY KEY, name TEXT, description TEXT, filename TEXT,
  created DATETIME, project_id INTEGER, text_direction TEXT, contents TEXT);
CREATE TABLE commands (id INTEGER PRIMARY KEY, date DATETIME, user_login TEXT,
  project_id INTEGER, document_id INTEGER, payload TEXT);
CREATE TABLE tags (id INTEGER PRIMARY KEY, project_id INTEGER, path TEXT, description TEXT);
CREATE TABLE highlights (id INTEGER PRIMARY KEY, document_id INTEGER, start_offset INTEGER,
  end_offset INTEGER, snippet TEXT);
CREATE TABLE highlight_tags (highlight_id INTEGER, tag_id INTEGER);
"""
FIRST = "<h1>Noël 🙂</h1><p>We sang été songs.</p><ul><li>one</li><li>two &amp; three</li></ul>"
BARE = "Noël 🙂We sang été songs.onetwo & three"


def _bytes(text, end):
    return len(text[:end].encode())


def _highlight(number, words, unit=None):
    at = BARE.index(words)
    count = unit or (lambda n: _bytes(BARE, n))
    return (number, 1, count(at), count(at + len(words)), f"<p>{words.replace('&', '&amp;')}</p>")


def write_project(path, highlights, *, contents=FIRST, projects=1, tagged=True):
    connection = sqlite3.connect(path)
    connection.executescript(SCHEMA)
    for number in range(1, projects + 1):
        row = (number, f"study {number}", "about it", "2025-03-01 10:00:00.5")
        connection.execute("INSERT INTO projects VALUES (?,?,?,?)", row)
    day = "2025-03-02 08:00:00"
    document = (1, "R1", "", "r1.docx", day, 1, "LEFT_TO_RIGHT", contents)
    connection.execute("INSERT INTO documents VALUES (?,?,?,?,?,?,?,?)", document)
    tags = [(1, 1, "song", "Singing."), (2, 1, "song.carol", ""), (3, 1, "mood.glad", "")]
    connection.executemany("INSERT INTO tags VALUES (?,?,?,?)", tags)
    connection.executemany("INSERT INTO highlights VALUES (?,?,?,?,?)", highlights)
    for row in highlights if tagged else ():
        connection.execute("INSERT INTO highlight_tags VALUES (?, 1)", row[:1])
        connection.execute("INSERT INTO highlight_tags VALUES (?, 2)", row[:1])
        payload = json.dumps({"type": "highlight_add", "highlight_id": row[0], "tags": [1, 2]})
        command = (row[0], "2025-03-03 09:30:00", "ada", 1, 1, payload)
        connection.execute("INSERT INTO commands VALUES (?,?,?,?,?,?)", command)
    connection.commit()
    connection.close()
    return path


def _passages(found):
    spans = [(row.source, row.start, row.end) for row in found.report.selections]
    return found.corpus.passages(spans)


@pytest.fixture
def project(tmp_path):
    rows = [_highlight(1, "sang été"), _highlight(2, "🙂We"), _highlight(3, "two & three")]
    return write_project(tmp_path / "a study.sqlite3", rows)


# ── a project ──


def test_positions_are_bytes_over_the_bare_text_and_become_code_points(project):
    found = read_taguette(project)
    assert _passages(found) == ["🙂\n\nWe", "sang été", "two & three"]
    (source,) = found.report.sources
    assert (source.unit, source.selections, source.resolved) == ("utf-8 bytes", 3, 3)
    assert (source.names, source.names_found) == (3, 3)


def test_paragraphs_are_apart_and_list_items_a_line_apart(project):
    text = read_taguette(project).corpus.document("R1").text
    assert text == "Noël 🙂\n\nWe sang été songs.\n\none\ntwo & three"


def test_each_tag_of_a_highlight_is_a_coding_by_who_set_it_and_when(project):
    found = read_taguette(project)
    assert len(found.codings) == 6
    assert {row.coder for row in found.codings} == {"ada"}
    assert {row.at.isoformat() for row in found.codings} == {"2025-03-03T09:30:00+00:00"}
    assert {row.codebook_version for row in found.codings} == {found.codebook.version}


def test_a_tag_below_a_tag_is_its_subcode_and_below_a_bare_name_in_its_group(project):
    book = read_taguette(project).codebook
    assert book["song_carol"].parent == "song"
    assert book["mood_glad"].parent is None
    assert book.group(book["mood_glad"].group).name == "mood"
    assert (book["song"].status, book["mood_glad"].status) == ("defined", "provisional")


def test_nobody_has_read_anything_until_it_is_said(project):
    assert not read_taguette(project).codings.seen
    (row,) = read_taguette(project, assume_seen=True).codings.seen
    assert (row.coder, row.document_id) == ("ada", "R1")


def test_a_wrong_unit_is_noticed_by_the_copies_of_the_passages(tmp_path):
    rows = [_highlight(n, w, lambda i: i) for n, w in enumerate(("sang été", "songs"), 1)]
    found = read_taguette(write_project(tmp_path / "p.sqlite3", rows))
    assert found.report.sources[0].unit == "code points"
    assert _passages(found) == ["sang été", "songs"]
    assert "positions count code points here" in found.report.notes[0]


def test_a_position_inside_a_character_is_taken_behind_it_and_said(tmp_path):
    start, end = _bytes(BARE, BARE.index("ël")) + 1, _bytes(BARE, BARE.index("We"))
    found = read_taguette(
        write_project(tmp_path / "p.sqlite3", [(1, 1, start, end, "<p>l 🙂</p>")])
    )
    assert _passages(found) == ["l 🙂"]
    assert "cut a character" in found.report.selections[0].note


def test_positions_outside_the_text_are_listed_and_never_moved(tmp_path):
    rows = [(1, 1, 5, 900, ""), (2, 1, 7, 7, ""), (3, 1, -4, 3, ""), (4, 1, "x", 2**70 // 3e9, "")]
    found = read_taguette(write_project(tmp_path / "p.sqlite3", rows))
    assert len(found.codings) == 0
    assert len(found.report.omissions) == 4
    assert found.report.sources[0].resolved == 0


def test_a_garbled_text_is_marked_and_not_mended(tmp_path):
    garbled = "<p>the Ã©ducatrice sang</p>"
    found = read_taguette(write_project(tmp_path / "p.sqlite3", [], contents=garbled))
    assert found.corpus.document("R1").flags == ("garbled",)
    assert "1 of 1 documents" in found.report.notes[0]


def test_of_several_projects_one_is_named(tmp_path):
    path = write_project(tmp_path / "p.sqlite3", [], projects=2)
    with pytest.raises(ExchangeError, match="2 projects, numbers 1, 2"):
        read_taguette(path)
    assert read_taguette(path, project="study 1").codebook.title == "study 1"


def test_an_empty_document_is_listed_with_its_highlights(tmp_path):
    path = write_project(tmp_path / "p.sqlite3", [(1, 1, 0, 3, "")], contents="<p> </p>")
    reasons = [each.reason for each in read_taguette(path).report.omissions]
    assert reasons == ["it has no text", "its document has no text"]


# ── files that are none, or do harm ──


def test_the_file_is_not_changed_and_nothing_is_left_beside_it(project):
    before = project.read_bytes(), project.stat().st_mtime_ns
    read_taguette(project)
    assert (project.read_bytes(), project.stat().st_mtime_ns) == before
    assert os.listdir(project.parent) == [project.name]  # noqa: PTH208  # names alone


def test_a_file_that_is_still_open_is_refused(project):
    project.with_name(project.name + "-wal").write_bytes(b"unsaved")
    with pytest.raises(ExchangeError, match="still has it open"):
        read_taguette(project)


def test_what_is_no_database_is_refused_by_name(tmp_path):
    path = tmp_path / "p.sqlite3"
    path.write_bytes(b"no database")
    with pytest.raises(ExchangeError, match=r"p\.sqlite3: not an SQLite database"):
        read_taguette(path)


def test_every_missing_table_and_column_is_named(tmp_path):
    path = tmp_path / "p.sqlite3"
    connection = sqlite3.connect(path)
    connection.executescript("CREATE TABLE projects (id); CREATE TABLE tags (id, project_id, path)")
    connection.close()
    with pytest.raises(ExchangeError) as caught:
        read_taguette(path)
    assert len(caught.value.faults) == 4


def test_a_view_in_the_place_of_a_table_is_not_run(project):
    connection = sqlite3.connect(project)
    connection.executescript(
        "DROP TABLE tags; CREATE VIEW tags AS WITH RECURSIVE n(id, project_id, path) AS "
        "(SELECT 1, 1, 'a' UNION ALL SELECT id + 1, 1, 'a' FROM n) SELECT * FROM n"
    )
    connection.close()
    with pytest.raises(ExchangeError, match="no table 'tags'"):
        read_taguette(project)


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    path = tmp_path_factory.mktemp("fuzz") / "p.sqlite3"
    return write_project(path, [_highlight(1, "sang été")]).read_bytes()


@settings(max_examples=60, deadline=None)
@given(where=st.floats(0, 1), junk=st.binary(min_size=1, max_size=400))
def test_a_damaged_file_is_a_named_fault_or_is_read(sound, tmp_path_factory, where, junk):
    path = tmp_path_factory.getbasetemp() / "damaged.sqlite3"
    data = bytearray(sound)
    at = int(where * (len(data) - len(junk)))
    data[at : at + len(junk)] = junk
    path.write_bytes(data)
    try:
        found = read_taguette(path)
    except ExchangeError:
        return
    assert len(found.corpus) <= 1


# ── HTML ──


@given(
    st.lists(
        st.text(st.characters(exclude_characters="\r\x00", exclude_categories=("Cs",)), max_size=20)
    )
)
def test_every_character_of_the_bare_text_stands_in_the_readable_one(texts):
    from html import escape

    found = readable("".join(f"<p>{escape(text)}</p>" for text in texts))
    assert found.bare == "".join(texts)
    assert "".join(found.text[place] for place in found.places) == found.bare


# ── tags as a table ──


def test_exported_tags_are_a_codebook(tmp_path):
    path = tmp_path / "tags.csv"
    path.write_text(
        "tag,description,number of highlights,number of documents\n"
        "song,Singing.,2,1\nsong.carol,,1,1\n",
        encoding="utf-8",
    )
    book = read_taguette_codes(path).codebook
    assert (book["song"].definition, book["song_carol"].parent) == ("Singing.", "song")


def test_tags_without_a_name_or_of_dots_alone_end():
    from reflect_analysis.exchange.taguette import by_tags

    tags = {1: ("", ""), 2: (".", ""), 3: ("a..b", ""), 4: ("a.", ""), 5: ("a", "")}
    found = {code.key: (code.group, code.parent) for code in by_tags(tags)}
    assert found["3"] == ("", "4")
    assert found["4"] == ("", "5")


def test_a_doubled_tag_is_a_fault_with_both_rows(tmp_path):
    path = tmp_path / "tags.csv"
    path.write_text("tag,description\nsong,a\nsong,b\n", encoding="utf-8")
    with pytest.raises(ExchangeError, match="row 3: the tag 'song' of row 2 again"):
        read_taguette_codes(path)


# ── what the program itself wrote ──


@pytest.fixture(scope="module")
def real():
    folder = os.environ.get("REFLECT_FIELD_DATA")
    if not folder or not (Path(folder) / "refi" / "taguette").is_dir():
        pytest.skip("set REFLECT_FIELD_DATA to the folder with refi/taguette")
    return Path(folder) / "refi" / "taguette"


@pytest.mark.field
def test_every_highlight_of_a_real_project_is_what_the_program_exported(real):
    found = read_taguette(real / "taguette1.5.2_project.sqlite3")
    exported = {}
    with (real / "taguette1.5.2_highlights.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            exported.setdefault(row["id"], row["content"])
    assert (len(found.corpus), len(found.report.selections)) == (200, 2000)
    assert found.report.resolved == 2000
    for row, passage in zip(found.report.selections, _passages(found), strict=True):
        assert "".join(passage.split()) == "".join(exported[row.id].split())


@pytest.mark.field
@pytest.mark.parametrize("ending", ["csv", "xlsx", "html"])
def test_real_highlights_without_positions_are_found_again(real, ending):
    corpus = read_taguette(real / "taguette1.5.2_project.sqlite3").corpus
    found = read_quotes(real / f"taguette1.5.2_highlights.{ending}", corpus)
    assert len(found.codings) == 4000
    assert not found.report.omissions
