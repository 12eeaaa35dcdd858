"""Those whose words they are get their own alone, and a name that they choose stays apart."""

from __future__ import annotations

import openpyxl
import pytest

from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Governance, Turn
from reflect_analysis.disclosure import (
    Attributions,
    approved_quotes,
    quote_record,
    read_answers,
    with_consents,
    write_asking_sheets,
)
from reflect_analysis.disclosure.approvals import Approval
from reflect_analysis.errors import CorpusError, OutputError

TEXT = "=We read by the window, and for once nobody asked what it was for. "


@pytest.fixture
def corpus():
    documents = (
        Document("P01-1", TEXT + "one", case_id="P01"),
        Document("P02-1", TEXT + "two", case_id="P02"),
        Document("N1-1", TEXT + "three", case_id="N1"),
        Document("N2-1", TEXT + "four", case_id="N2"),
        Document("M1", "a" * 40, turns=(Turn(0, 20, "A", "P01"), Turn(20, 40, "B", "P02"))),
        Document("u1", TEXT + "five"),
    )
    nation = Governance("River / nation")
    cases = (Case("P01"), Case("P02"), Case("N1", governance=nation), Case("N2", governance=nation))
    clear = tuple(Clearance(d.sha256, "me", "read") for d in documents)
    return Corpus(documents, cases, clear)


@pytest.fixture
def records(corpus):
    named = Attributions(corpus)
    return [quote_record(d, 0, 30, attributions=named) for d in corpus]


def fill(path, *answers):
    """Answers into a workbook: a dict a row."""
    book = openpyxl.load_workbook(path)
    page = book["your words"]
    columns = {cell.value: cell.column for cell in page[1]}
    for row, answer in enumerate(answers, start=2):
        for name, value in answer.items():
            page.cell(row, columns[name], value)
    book.save(path)
    return path


def everything_in(path):
    book = openpyxl.load_workbook(path)
    return " ".join(str(c.value) for page in book for row in page.iter_rows() for c in row)


def test_each_gets_a_workbook_with_their_own_words_and_a_nation_those_it_governs(
    tmp_path, corpus, records
):
    paths = write_asking_sheets(records, tmp_path / "to ask", corpus)
    assert [path.name for path in paths] == [
        "ask-P01.xlsx",
        "ask-P02.xlsx",
        "ask-River-nation.xlsx",
    ]
    first, second, nation = map(everything_in, paths)
    assert "P01-1" in first
    assert "M1" in first
    assert "M1" in second
    assert "P02" not in first
    assert "N1-1" in nation
    assert "N2-1" in nation
    assert "u1" not in first + second + nation


def test_a_workbook_offers_four_answers_and_holds_no_formula(tmp_path, corpus, records):
    path, *_ = write_asking_sheets(records, tmp_path, corpus)
    page = openpyxl.load_workbook(path)["your words"]
    (validation,) = page.data_validations.dataValidation
    assert validation.formula1 == '"yes,no,edit,name me"'
    assert (page["A2"].value, page["A2"].data_type) == (TEXT[:30], "s")


def test_answers_come_back_as_refusals_consents_and_names_apart(tmp_path, corpus, records):
    first, second, nation = write_asking_sheets(records, tmp_path, corpus)
    fill(first, {"answer": "Name-me ", "name": "Maren Holt"}, {"answer": "no"})
    fill(second, {"answer": "edit", "change": "without the window"})
    fill(nation, {"answer": "yes"})
    (tmp_path / "~$ask-P01.xlsx").write_bytes(b"Excel's own")
    found = read_answers(tmp_path)
    assert found.names == {"P01": "Maren Holt"}
    assert [(c.asked, c.document_id, c.answer) for c in found.consents] == [
        *(("P01", "P01-1", "yes"), ("P01", "M1", "no")),
        *(("P02", "P02-1", "edit"), ("River / nation", "N1-1", "yes")),
    ]
    assert [(a.document_id, a.decision, a.by) for a in found.approvals] == [
        *(("M1", "no", "P01"), ("P02-1", "edit", "P02"))
    ]
    told = repr(found) + repr(found.approvals) + repr(found.consents)
    assert "Maren" not in told


def test_a_refusal_outweighs_the_yes_of_the_study(tmp_path, corpus, records):
    first, *_ = write_asking_sheets(records, tmp_path, corpus)
    found = read_answers(fill(first, {"answer": "no"}))
    mine = records[0]
    yes = Approval(*mine.span, "report", "yes", "A. L.", "", mine.sha256)
    assert len(approved_quotes([mine], [yes], corpus).quotes) == 1
    selection = approved_quotes([mine], [yes, *found.approvals], corpus)
    assert [o.reason for o in selection.omissions] == ["not approved"]


def test_a_yes_alone_prints_nothing(tmp_path, corpus, records):
    first, *_ = write_asking_sheets(records, tmp_path, corpus)
    found = read_answers(fill(first, {"answer": "yes"}))
    selection = approved_quotes(records, found.approvals, corpus)
    assert selection.quotes == ()
    assert with_consents(records, found.consents)[0].consent == "yes"
    assert with_consents(records, found.consents)[1].consent == "ask"


def test_of_several_who_speak_the_strictest_counts(tmp_path, corpus, records):
    first, second, _ = write_asking_sheets(records, tmp_path, corpus)
    fill(first, {}, {"answer": "yes"})
    fill(second, {}, {"answer": "no"})
    found = read_answers([first, second])
    shared = next(r for r in with_consents(records, found.consents) if r.document_id == "M1")
    assert shared.consent == "no"


def test_every_fault_is_told_with_its_file_and_row_and_no_name(tmp_path, corpus, records):
    first, second, _ = write_asking_sheets(records, tmp_path, corpus)
    fill(first, {"answer": "maybe so"}, {"answer": "name me"})
    fill(second, {"answer": "yes", "name": "Maren Holt"}, {"answer": "yes", "start": "x"})
    with pytest.raises(CorpusError) as caught:
        read_answers(tmp_path)
    first_fault, *others = caught.value.faults
    assert first_fault.startswith("ask-P01.xlsx, row 2: 'answer' is 'maybe so'; expected one of")
    assert [fault.split(":")[0] for fault in others] == [
        *("ask-P01.xlsx, row 3", "ask-P02.xlsx, row 2", "ask-P02.xlsx, row 3")
    ]
    assert "Maren" not in str(caught.value)


def test_one_person_has_one_name(tmp_path, corpus, records):
    first, *_ = write_asking_sheets(records, tmp_path, corpus)
    fill(first, {"answer": "name me", "name": "Maren"}, {"answer": "name me", "name": "M. Holt"})
    with pytest.raises(CorpusError, match="one person has one name"):
        read_answers(first)


def test_workbooks_that_may_hold_answers_are_not_written_over(tmp_path, corpus, records):
    write_asking_sheets(records[:1], tmp_path, corpus)
    with pytest.raises(OutputError, match="may hold answers"):
        write_asking_sheets(records, tmp_path, corpus)
    assert len(list(tmp_path.iterdir())) == 1
    assert len(write_asking_sheets(records, tmp_path, corpus, overwrite=True)) == 3


def test_names_that_a_folder_does_not_tell_apart_get_files_of_their_own(tmp_path):
    cases = tuple(Case(case_id) for case_id in ("p/1", "P-1", "P?1"))
    documents = tuple(Document(f"d{n}", TEXT, case_id=c.id) for n, c in enumerate(cases))
    corpus = Corpus(documents, cases)
    named = Attributions(corpus)
    rows = [quote_record(d, 0, 9, attributions=named) for d in corpus]
    paths = write_asking_sheets(rows, tmp_path, corpus)
    assert len({path.name.casefold() for path in paths}) == 3
