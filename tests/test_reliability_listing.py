"""Where coders differ: the list, and the sheet for their meeting, which is kept."""

from __future__ import annotations

import csv
import io

import docx
import openpyxl
import pytest

from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.corpus import Case, Corpus, Document, Governance
from reflect_analysis.errors import AgreementError, DisclosureError
from reflect_analysis.ratings import rate_documents
from reflect_analysis.reliability import disagreements, measure_agreement
from reflect_analysis.segments import Segment, Segments
from reflect_analysis.tables import KEEP, Column, Table, calibration_sheet, export_table

TEXT = "I was alone then. She came to my room. We talked for an hour."
SENTENCES = ((0, 17), (18, 38), (39, 61))
BOOK = Codebook(
    (
        Code("alone", "Alone", "Nobody to ask.", "g", exclude=("Met (→ `met`)",)),
        Code("met", "Met", "Somebody came.", "g"),
        Code("met_twice", "Met twice", "Somebody came again.", "g", parent="met"),
    ),
    (Group("g", "Company"),),
)


def mark(coder, document, code, span=SENTENCES[0]):
    return Coding(document, *span, code, coder, blind=True)


def both_read(*documents):
    return tuple(Seen(coder, d, blind=True) for coder in ("ada", "bo") for d in documents)


@pytest.fixture(scope="module")
def corpus():
    cases = (Case("P1"), Case("P9", governance=Governance("a nation", ("coding", "tables"))))
    documents = [Document(f"D{n}", TEXT, case_id="P1") for n in (1, 2, 3)]
    return Corpus((*documents, Document("G1", TEXT, case_id="P9")), cases)


@pytest.fixture(scope="module")
def log():
    """They differ on `met` in D1 and D2, and on `alone` in D2; G1 may not be exported."""
    marks = (
        mark("ada", "D1", "alone"), mark("bo", "D1", "alone", (0, 16)),
        mark("ada", "D1", "met", SENTENCES[1]),
        mark("bo", "D2", "met_twice", SENTENCES[1]),
        mark("ada", "D2", "alone"), mark("bo", "D2", "met", SENTENCES[2]),
        mark("ada", "G1", "alone"),
    )  # fmt: skip
    return Codings(marks, seen=both_read("D1", "D2", "D3", "G1"))


@pytest.fixture(scope="module")
def found(log, corpus):
    return disagreements(log, corpus=corpus, codebook=BOOK)


def places(found):
    return [(row.code_id, row.document_id, row.passage) for row in found]


def test_they_are_sorted_by_code_then_by_text(found):
    assert places(found) == [
        ("alone", "D2", "I was alone then."),
        ("met", "D1", "She came to my room."),
        ("met", "D2", "She came to my room."),
        ("met", "D2", "We talked for an hour."),
        ("met_twice", "D2", "She came to my room."),
    ]


def test_as_many_units_stand_in_the_list_as_off_the_diagonal(log, corpus, found):
    permitted = corpus.where(lambda document: document.id != "G1")
    for row in measure_agreement(log, corpus=permitted, codebook=BOOK).rows:
        assert found.units(row.code_id) == row.table[1] + row.table[2], row.code_id


def test_a_unit_that_was_read_in_two_phases_counts_in_each(corpus):
    marks = [
        Coding("D1", *SENTENCES[0], "alone", "ada", blind=True, phase=p, codebook_version=p)
        for p in ("calibration", "reliability")
    ]
    read = (
        Seen(coder, "D1", blind=True, phase=phase)
        for coder in ("ada", "bo")
        for phase in ("calibration", "reliability")
    )
    log = Codings(tuple(marks), seen=tuple(read))
    phases = ["calibration", "reliability"]
    found = disagreements(log, corpus=corpus, codebook=BOOK, phase=phases)
    measured = measure_agreement(log, corpus=corpus, codebook=BOOK, phase=phases)
    rows = [row for row in measured.rows if row.code_id == "alone"]
    assert found.units("alone") == sum(row.table[1] + row.table[2] for row in rows) == 2


@pytest.mark.parametrize("unit", ["document", "span"])
def test_the_log_is_rated_once_whatever_the_number_of_codes(log, corpus, unit, monkeypatch):
    calls = []

    def counted(*arguments, **more):
        calls.append(arguments)
        return rate_documents(*arguments, **more)

    monkeypatch.setattr("reflect_analysis.reliability.basis.rate_documents", counted)
    codes = {row.code_id for row in disagreements(log, corpus=corpus, codebook=BOOK, unit=unit)}
    assert len(codes) > 1
    assert len(calls) == 1


def test_both_codings_stand_side_by_side(found):
    alone = next(iter(found))
    assert [alone.said(i, coder) for i, coder in enumerate(found.coders)] == [
        "Alone", "read, not coded",
    ]  # fmt: skip
    second = found.rows[2]
    assert second.said(0, "ada") == "read, not coded"
    assert second.said(1, "bo") == "Met twice"
    assert second.after.strip() == "We talked for an hour."


def test_words_are_given_where_they_are_others_than_the_passage(corpus):
    marks = (mark("ada", "D1", "alone"), mark("bo", "D1", "met", (6, 25)))
    found = disagreements(Codings(marks, seen=both_read("D1")), corpus=corpus, codebook=BOOK)
    assert found.rows[0].said(1, "bo") == "Met: “alone then. She cam”"


def test_a_record_that_may_not_be_exported_is_in_no_list(found):
    assert "G1" not in {row.document_id for row in found}


def test_by_segment_the_passage_is_the_segment(log, corpus):
    rows = [Segment.of(corpus.document(d), *s, "P1") for d in ("D1", "D2") for s in SENTENCES]
    segments = Segments(corpus, tuple(rows), "sentence")
    found = disagreements(log, segments=segments, codebook=BOOK, codes=["met"])
    assert places(found) == [
        ("met", "D1", "She came to my room."),
        ("met", "D2", "She came to my room."),
        ("met", "D2", "We talked for an hour."),
    ]


def test_by_span_borders_are_listed_when_they_are_asked_for(corpus):
    marks = (mark("ada", "D1", "alone", (0, 17)), mark("bo", "D1", "alone", (0, 16)),
             mark("ada", "D2", "alone", (0, 17)), mark("bo", "D2", "alone", (6, 11)))  # fmt: skip
    log = Codings(marks, seen=both_read("D1", "D2"))
    more = {"corpus": corpus, "codebook": BOOK, "unit": "span"}
    assert len(disagreements(log, **more)) == 0
    (row,) = disagreements(log, **more, borders=True)
    assert (row.document_id, row.kind, row.found_by) == ("D2", "borders", ("ada", "bo"))


def test_a_third_coder_who_did_not_read_it_is_told_so(corpus):
    more = Codings(seen=(Seen("cy", "D2", blind=True),))
    log = Codings((mark("ada", "D1", "alone"),), seen=both_read("D1", "D2")) + more
    (row,) = disagreements(log, corpus=corpus, codebook=BOOK, codes=["alone"])
    assert row.said(2, "cy") == "not read"


def test_the_list_needs_the_texts(log):
    with pytest.raises(AgreementError, match="corpus=corpus"):
        disagreements(log)


def test_what_is_printed_of_it_holds_no_words_and_what_is_shown_says_keep(found):
    assert "alone" not in repr(found)
    page = found._repr_html_()
    assert "never send it" in page
    assert "<mark>I was alone then.</mark>" in page


def test_a_passage_is_escaped_in_a_notebook():
    corpus = Corpus((Document("D1", "<b>bold</b> words here"), Document("D2", "x y")))
    log = Codings((mark("ada", "D1", "alone", (0, 11)),), seen=both_read("D1", "D2"))
    page = disagreements(log, corpus=corpus, codebook=BOOK)._repr_html_()
    assert "<b>bold" not in page
    assert "&lt;b&gt;bold" in page


def test_the_frame_has_a_column_for_each_coder(found):
    frame = found.to_frame()
    assert frame["ada"].tolist()[0] == "Alone"
    assert len(frame) == len(found)


def test_where_keeps_the_rest(found):
    assert len(found.where(lambda row: row.code_id == "alone")) == 1


# --- the sheet


def test_the_sheet_has_room_for_the_decision_and_for_the_codebook(found):
    sheet, codes = calibration_sheet(found, codebook=BOOK)
    assert [column.name for column in sheet.columns] == [
        "No.", "Passage, in «…»", "ada", "bo", "Decision", "Change to the codebook",
    ]  # fmt: skip
    assert sheet.groups[:2] == ("Alone", "Met")
    assert "«I was alone then.»" in sheet.rows[0][1]
    assert codes.rows[0][-1] == "Met (→ Met)"
    assert sheet.keep
    assert codes.keep


def test_without_a_codebook_the_sheet_is_one_table(found):
    assert len(calibration_sheet(found)) == 1


def test_where_the_coders_agree_there_is_no_sheet(corpus):
    log = Codings(seen=both_read("D1"))
    nothing = disagreements(log, corpus=corpus, codebook=BOOK)
    with pytest.raises(ValueError, match="nothing to put on a sheet"):
        calibration_sheet(nothing)


def test_every_page_of_the_sheet_says_that_it_is_kept(found, tmp_path):
    sheet = calibration_sheet(found, codebook=BOOK)
    document = docx.Document(str(export_table(sheet, tmp_path / "meeting.docx")))
    assert [s.header.paragraphs[0].text for s in document.sections] == [KEEP, KEEP]
    book = openpyxl.load_workbook(export_table(sheet, tmp_path / "meeting.xlsx"))
    for page in book.worksheets:
        assert page.title.startswith("KEEP ")
        assert page["A1"].value == KEEP
        assert KEEP in page.oddHeader.center.text
        assert KEEP in page.oddFooter.center.text


@pytest.mark.parametrize("suffix", ["md", "tex", "html"])
def test_other_formats_say_it_too(found, tmp_path, suffix):
    path = export_table(calibration_sheet(found), tmp_path / f"meeting.{suffix}")
    assert "never to be sent" in path.read_text(encoding="utf-8")


def test_a_kept_csv_says_it_in_each_row(found, tmp_path):
    (sheet,) = calibration_sheet(found)
    text = export_table(sheet, tmp_path / "m.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0][-1] == "KEEP"
    assert {row[-1] for row in rows[1:]} == {"not to be sent"}


def test_what_is_kept_is_not_written_into_a_reports_share(found, tmp_path):
    for name in ("share", "keep"):
        (tmp_path / name).mkdir()
    with pytest.raises(DisclosureError, match="keep"):
        export_table(calibration_sheet(found), tmp_path / "share" / "meeting.docx")
    assert not list((tmp_path / "share").iterdir())
    assert export_table(calibration_sheet(found), tmp_path / "keep" / "meeting.docx").is_file()
    plain = Table("T", (Column("A"),), (("x",),))
    assert export_table(plain, tmp_path / "share" / "plain.docx").is_file()
