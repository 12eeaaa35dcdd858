"""read_corpus: what each kind of source gives, what it leaves out, and what it refuses."""

import base64
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect_analysis.corpus import Corpus, Governance
from reflect_analysis.errors import CorpusError
from reflect_analysis.readers import read_corpus
from reflect_analysis.readers._attribution import parse_bracketed, parse_marked, parse_plain
from reflect_analysis.readers._files import one_line_end
from reflect_analysis.readers.attributed import read_page

PAGES = Path(__file__).parent / "data" / "readers"
DEMONSTRATION = Path(__file__).parent.parent / "corpus"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg=="
)


@pytest.fixture
def write(tmp_path):
    """Write a file below a new folder; returns its path."""

    def writer(name: str, content: str | bytes) -> Path:
        path = tmp_path / "study files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return path

    return writer


def faults_of(source, **options) -> tuple[str, ...]:
    with pytest.raises(CorpusError) as caught:
        read_corpus(source, **options)
    return caught.value.faults


def by_id(corpus: Corpus) -> dict[str, str]:
    return {document.id: document.text for document in corpus}


def page(text: str):
    return read_page(text, name="page.txt", stem="page")


# Sources


def test_a_path_that_does_not_exist_is_an_error_and_all_of_them_are_named(tmp_path):
    found = faults_of([tmp_path / "a", tmp_path / "b"])
    assert len(found) == 2
    assert all("no such file or folder" in fault for fault in found)


def test_an_empty_folder_is_an_error(tmp_path):
    assert "an empty folder" in faults_of(tmp_path)[0]


def test_a_folder_with_nothing_readable_says_what_it_held(write):
    folder = write("old.doc", b"old").parent
    (fault,) = faults_of(folder)
    assert "no text was found" in fault
    assert "old.doc: the old Word format is not read; save it as .docx" in fault


@pytest.mark.parametrize("source", [3, b"corpus", {"a": 1}, [3], None])
def test_a_source_that_is_no_path_is_the_callers_mistake(source):
    with pytest.raises(TypeError, match="path"):
        read_corpus(source)


def test_no_source_at_all_is_an_error():
    assert faults_of([]) == ("no source was given",)


def test_a_folder_is_read_in_the_same_order_everywhere(write):
    write("b/two.txt", "I was second.")
    write("a/three.txt", "I was third.")
    folder = write("one.txt", "I was first.").parent
    assert [d.source for d in read_corpus(folder)] == ["a/three.txt", "b/two.txt", "one.txt"]


def test_hidden_files_are_passed_over_and_documentation_is_listed(write):
    write(".hidden.txt", "I am hidden.")
    write("~$answers.xlsx", b"lock")
    write(".git/notes.txt", "I am hidden too.")
    write("README.md", "# About\n\nI wrote this.")
    write("LICENSE", "Free.")
    path = write("one.txt", "I stayed.")
    corpus = read_corpus(path.parent)
    assert by_id(corpus) == {"one": "I stayed."}
    assert [(o.source, o.reason) for o in corpus.omissions] == [
        ("LICENSE", "documentation"),
        ("README.md", "documentation"),
    ]


def test_a_file_given_twice_is_read_once(write):
    path = write("one.txt", "I stayed.")
    assert len(read_corpus([path, path.parent, str(path)])) == 1


def test_names_in_a_corpus_never_hold_the_path_of_the_computer(write, tmp_path):
    first = write("a/one.txt", "I stayed.")
    second = write("b/two.txt", "I left.")
    corpus = read_corpus([first, second])
    assert [d.source for d in corpus] == ["a/one.txt", "b/two.txt"]
    assert tmp_path.name not in repr(corpus.documents)


def test_every_source_is_tried_and_all_faults_come_at_once(write):
    write("a.csv", "id,text\nR1,one\n")
    write("b.csv", "id,text\nR1,two\nR2,three,four\n")
    write("c.txt", b"\xff\xfeh")
    write("d.xlsx", b"no archive")
    folder = write("e.md", "---\nkind: letter\n---\nHello.").parent
    found = "\n".join(faults_of(folder))
    assert "b.csv, row 3: 3 cells under 2 columns" in found
    assert "c.txt: begins as UTF-16 and is none at position 2; save it as UTF-8" in found
    assert "d.xlsx: not an XLSX workbook" in found
    assert "e.md, line 2: kind 'letter'; expected one of reflection" in found
    assert "id 'R1' stands 2 times: a.csv, row 2; b.csv, row 2" in found


# Encoding and limits


def test_an_encoding_that_is_not_certain_is_one_error_with_byte_line_and_remedy(write):
    path = write("answers.csv", b"id,text\n1,fine\n2,caf\xf0\x9d\n")
    (fault,) = faults_of(path)
    assert fault.startswith("answers.csv, line 3: not UTF-8: byte 0xF0 at position 20")
    assert "CSV UTF-8" in fault


def test_a_byte_order_mark_and_windows_line_ends_are_no_part_of_the_text(write):
    path = write("answers.csv", b'\xef\xbb\xbfid,text\r\n1,"one\r\ntwo"\r\n2,three\r\n')
    assert by_id(read_corpus(path)) == {"1": "one\ntwo", "2": "three"}


def test_letters_are_not_normalised(write):
    decomposed = "Noe\u0301mie was late. I waited."
    assert next(iter(read_corpus(write("one.txt", decomposed)))).text == decomposed


def test_control_characters_are_one_fault_a_file(write):
    (fault,) = faults_of(write("one.txt", "I\x00 came.\nI went.\nI\x07 saw.\n"))
    assert fault == "one.txt, lines 1, 3: control character U+0000; remove it"


def test_a_line_of_more_than_a_million_characters_is_a_fault(write):
    (fault,) = faults_of(write("one.txt", "x" * 1_000_001))
    assert "one.txt, line 1: more than 1,000,000 characters" in fault


def test_a_file_of_more_than_50_mb_is_a_fault(write):
    path = write("one.txt", "")
    with path.open("wb") as file:
        file.truncate(50 * 1024**2 + 1)
    assert "50 MB; a source has at most 50 MB" in faults_of(path)[0]


@given(st.text(max_size=60))
def test_line_ends_are_all_that_changes(text):
    plain = one_line_end(text)
    assert "\r" not in plain
    assert plain == one_line_end(plain)
    assert plain.replace("\n", "") == text.removeprefix("\ufeff").replace("\r", "").replace(
        "\n", ""
    )


# Tables


def test_words_that_a_computer_takes_for_nothing_stay_words(write):
    path = write("a.csv", "id,participant,text,note\n1,NA,None,NaN\n007,null,TRUE,1e3\n")
    corpus = read_corpus(path)
    assert by_id(corpus) == {"1": "None", "007": "TRUE"}
    assert [d.case_id for d in corpus] == ["NA", "null"]
    assert [d.attributes["note"] for d in corpus] == ["NaN", "1e3"]


def test_other_columns_are_attributes_and_empty_cells_are_none(write):
    path = write("a.csv", "id,text,place,session\n1,Hello,Nelson,\n")
    assert dict(next(iter(read_corpus(path))).attributes) == {"place": "Nelson"}


def test_what_a_column_was_taken_for_stands_in_the_run(write):
    path = write("a.csv", "Response ID;Participant code;Réponse;Lang\r\n7;P1;Oui, enfin;fr\r\n")
    corpus = read_corpus(path)
    assert corpus.document("7").case_id == "P1"
    assert corpus.document("7").language == "fr"
    assert corpus.runs[0].settings["columns"] == {
        "a.csv": {
            "id": "Response ID",
            "participant": "Participant code",
            "text": "Réponse",
            "language": "Lang",
            "delimiter": "semicolon",
            "line ends": "CRLF",
        }
    }


def test_mapping_names_columns(write):
    path = write("a.csv", "ID,Answer,text\nP1,I did.,x\nP1,I did not.,y\n")
    corpus = read_corpus(path, mapping={"text": "Answer", "participant": "ID"})
    assert by_id(corpus) == {"a-2": "I did.", "a-3": "I did not."}
    assert {d.case_id for d in corpus} == {"P1"}
    assert corpus.runs[0].settings["columns"]["a.csv"] == {"id": "made from the file and the row"}


def test_a_mapping_to_a_column_that_no_table_has_is_a_fault(write):
    path = write("a.csv", "id,text\n1,x\n")
    assert faults_of(path, mapping={"participant": "txt"}) == (
        "no table has the column 'txt' that mapping names as 'participant'; did you mean 'text'?",
    )


def test_a_mapping_of_something_unknown_is_the_callers_mistake(write):
    with pytest.raises(ValueError, match=r"mapping of 'txt'.*did you mean 'text'"):
        read_corpus(write("a.csv", "id,text\n1,x\n"), mapping={"txt": "text"})


def test_a_missing_text_column_is_a_fault_that_names_the_likely_one(write):
    path = write("a.csv", f"participant,session,What stayed?\nP1,1,{'word ' * 40}\nP1,2,x\n")
    (fault,) = faults_of(path)
    assert "a.csv: no column 'text' among 'participant', 'session', 'What stayed?'" in fault
    assert "mapping={'text': 'What stayed?'}" in fault


@pytest.mark.parametrize("header", ["id,participant,txt", "participant,session,txt"])
def test_a_table_with_a_mark_of_texts_is_no_list_of_participants(write, header):
    (fault,) = faults_of(write("answers.csv", f"{header}\n1,2,short\n"))
    columns = ", ".join(repr(column) for column in header.split(","))
    assert fault.startswith(f"answers.csv: no column 'text' among {columns}")
    assert "did you mean 'text' by 'txt'?" in fault


@pytest.mark.parametrize("name", ["people.csv", "participants.csv"])
def test_only_participants_are_told_with_their_file_and_columns(write, name):
    (fault,) = faults_of(write(name, "participant,txt\nP1,short\n"))
    assert f"1 participant, but none of their texts: {name} has no column 'text'" in fault
    assert "among 'participant', 'txt'; did you mean 'text' by 'txt'?" in fault


def test_two_columns_that_could_be_the_text_are_a_fault_not_a_guess(write):
    (fault,) = faults_of(write("a.csv", "id,reflection,response\n1,a,b\n"))
    assert "several columns could be the text: 'reflection', 'response'" in fault


def test_a_doubled_column_is_a_fault(write):
    (fault,) = faults_of(write("a.csv", "id,text,Place,place\n1,a,b,c\n"))
    assert "the column 'place' stands 2 times" in fault


def test_a_cell_under_no_name_is_a_fault_and_an_empty_column_is_not(write):
    assert len(read_corpus(write("a.csv", "id,text,,\n1,a,,\n"))) == 1
    (fault,) = faults_of(write("b.csv", "id,text,\n1,a,stray\n"))
    assert fault == "b.csv: column 3 has no name, but a cell in row 2"


def test_a_row_without_text_is_left_out_and_listed(write):
    corpus = read_corpus(write("a.csv", "id,text\n1,a\n2,  \n,\n"))
    assert by_id(corpus) == {"1": "a"}
    assert [(o.place, o.reason) for o in corpus.omissions] == [("row 3", "a row without text")]


def test_all_faults_of_rows_come_at_once(write):
    path = write("a.csv", "id,text,kind,voice,language\n1,a,reflexion,me,?\n,b,,,\n3,c,,,,d\n")
    found = faults_of(path)
    assert len(found) == 5
    assert "a.csv, row 4: 6 cells under 5 columns" in found[0]
    assert "row 2: kind 'reflexion'" in found[1]
    assert "did you mean 'reflection'?" in found[1]
    assert found[-1] == "a.csv, row 3: no id"


def test_a_doubled_id_is_one_error_with_both_places(write):
    (fault,) = faults_of(write("a.csv", "id,text\nR1,a\nR2,b\nR1,c\n"))
    assert fault.startswith("id 'R1' stands 2 times: a.csv, row 2; a.csv, row 4;")


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ('1,"never closed\n2,b\n', "row 2 (to line 3): a quotation mark opens a cell"),
        ('1,"shut" open\n', "row 2 (to line 2): a quotation mark inside a quoted cell"),
        (f"1,{'x' * 131_073}\n", "a cell of more than 131,072 characters"),
    ],
)
def test_broken_csv_is_a_fault_and_loses_no_row_in_silence(write, rows, fault):
    assert fault in faults_of(write("a.csv", f"id,text\n{rows}"))[0]


def test_tables_of_codings_and_approvals_are_no_texts(write):
    write("codings.csv", "document_id,start,end,code_id,coder\nR1,0,4,joy,c1\n")
    write("seen.csv", "coder,document_id,codes\nc1,R1,\n")
    write("decisions.csv", "coding_id,action,by\nx,accept,c1\n")
    write("approvals.csv", "document_id,start,end,use,text\nR1,0,4,report,words\n")
    folder = write("texts.csv", "id,text\nR1,I did.\n").parent
    corpus = read_corpus(folder)
    assert by_id(corpus) == {"R1": "I did."}
    reasons = {o.source: o.reason for o in corpus.omissions}
    assert "read_approvals" in reasons.pop("approvals.csv")
    assert set(reasons) == {"codings.csv", "seen.csv", "decisions.csv"}
    assert all("read_codings" in reason for reason in reasons.values())


def test_participants_become_cases_with_consent_and_governance(write):
    write(
        "participants.csv",
        "participant,role,quote_consent,governance,approved_uses\n"
        "P1,ECE,yes,,\nP2,Supervisor,,nation-1,coding; tables\nP3,,No,,\n",
    )
    folder = write("texts.csv", "id,participant,text\nR1,P1,One.\nR2,P9,Two.\nR3,,Three.\n").parent
    corpus = read_corpus(folder)
    assert [case.id for case in corpus.cases] == ["P1", "P2", "P3", "P9"]
    assert [case.quotes for case in corpus.cases] == ["yes", "ask", "no", "ask"]
    assert dict(corpus.case("P1").attributes) == {"role": "ECE"}
    assert corpus.case("P2").governance == Governance("nation-1", ("coding", "tables"))
    assert corpus.document("R3").case_id is None
    assert corpus.runs[0].settings["participants_without_a_row"] == 1
    assert corpus.runs[0].summary == (
        "3 documents by 2 participants were read from 1 file; of 1 the participant is unknown"
    )


def test_faults_of_participants_name_their_rows(write):
    write(
        "cases.csv",
        "id,quotes,governance,approved_uses\nP1,perhaps,,coding\nP1,yes,nation-1,tabels\n",
    )
    folder = write("texts.csv", "id,text\nR1,One.\n").parent
    found = faults_of(folder)
    assert (
        "cases.csv, row 2: consent to be quoted of 1 word (7 characters); expected 'yes', 'no' or "
        "'ask'" in found
    )
    assert any("row 2: approved uses without a governance" in fault for fault in found)
    assert any("'tabels'" in fault and "did you mean 'tables'?" in fault for fault in found)
    assert any("participant 'P1' stands 2 times" in fault for fault in found)


def test_a_workbook_gives_texts_cases_and_a_list_of_the_other_sheets(tmp_path):
    book = openpyxl.Workbook()
    answers = book.active
    answers.title = "Answers"
    answers.append(["ID", "Case", "Reflection", "Date", "Score"])
    answers.append([1, "P1", "Hello_x000D_\nthere", datetime(2025, 1, 2), 2.0])  # noqa: DTZ001  # Excel's times have no zone
    answers.append([2, "P2", "NA", None, True])
    answers.append([3, "P2", None, None, 1.5])
    people = book.create_sheet("People")
    people.append(["participant", "role"])
    people.append(["P1", "ECE"])
    book.create_sheet("Notes").append(["anything"])
    book["Notes"].append(["else"])
    book.create_sheet("Old").sheet_state = "hidden"
    book.save(tmp_path / "answers.xlsx")
    corpus = read_corpus(tmp_path)
    assert by_id(corpus) == {"1": "Hello\nthere", "2": "NA"}
    assert dict(corpus.document("1").attributes) == {"Date": "2025-01-02", "Score": "2"}
    assert corpus.document("2").attributes["Score"] == "TRUE"
    assert dict(corpus.case("P1").attributes) == {"role": "ECE"}
    assert [(o.place, o.reason) for o in corpus.omissions] == [
        ("sheet 'Answers', row 4", "a row without text"),
        ("sheet 'Notes'", "a sheet without a column of texts"),
        ("sheet 'Old'", "a hidden sheet is not read"),
    ]


def test_excel_errors_and_formulas_without_a_value_are_faults(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["id", "text"])
    book.active.append([1, "=A1"])
    book.active.append([2, "#REF!"])
    book.active["B3"].data_type = "e"
    book.active.append([3, "#N/A as I said"])
    book.save(tmp_path / "a.xlsx")
    formula, error = faults_of(tmp_path / "a.xlsx")
    assert formula.startswith("a.xlsx, row 2, column 2: a formula that was never calculated;")
    assert error == "a.xlsx, row 3, column 2: the Excel error #REF!; correct the cell"


def test_cells_merged_over_rows_are_a_fault(tmp_path):
    book = openpyxl.Workbook()
    for row in (["id", "participant", "text"], [1, "P1", "a"], [2, None, "b"]):
        book.active.append(row)
    book.active.merge_cells("B2:B3")
    book.save(tmp_path / "a.xlsx")
    assert "cells are merged from B2 to B3" in faults_of(tmp_path / "a.xlsx")[0]


def test_a_data_frame_is_a_source():
    frame = pd.DataFrame(
        {"id": [1, 2, 3], "case": ["P1", None, "P2"], "answer": ["Yes.\r\nNo.", "Maybe", None]}
    )
    corpus = read_corpus(frame.assign(session=[1.0, float("nan"), 2.0]))
    assert by_id(corpus) == {"1": "Yes.\nNo.", "2": "Maybe"}
    assert dict(corpus.document("1").attributes) == {"session": "1"}
    assert corpus.document("2").case_id is None
    assert [o.place for o in corpus.omissions] == ["index 2"]


# Consent to be quoted

TEXTS = "id,participant,text\nR1,P1,One.\nR2,P2,Two.\n"


def quotes_of(corpus: Corpus) -> dict[str, str]:
    return {case.id: case.quotes for case in corpus.cases}


@pytest.mark.parametrize(
    "column",
    [
        "consent",
        "Consent",
        "quote consent",
        "Quote-Consent",
        "consent_to_quote",
        "quotes",
        "May be quoted",
        "consentement",
    ],
)
@pytest.mark.parametrize("word", ["no", "N", "False", "non"])
def test_a_refusal_is_heard_under_any_obvious_name_and_the_guess_recorded(write, column, word):
    write("participants.csv", f"participant,{column}\nP1,{word}\nP2,oui\n")
    corpus = read_corpus(write("texts.csv", TEXTS).parent)
    assert quotes_of(corpus) == {"P1": "no", "P2": "yes"}
    assert not corpus.cases[0].attributes
    assert corpus.runs[0].settings["columns"]["participants.csv"]["quote_consent"] == column


@pytest.mark.parametrize(
    ("column", "meant"),
    [
        ("consent form", "quote_consent"),
        ("concent", "quote_consent"),
        ("governence", "governance"),
        ("Approved use", "approved_uses"),
    ],
)
def test_a_column_that_looks_like_consent_or_governance_is_a_fault(write, column, meant):
    path = write("participants.csv", f"participant,{column}\nP1,no\nP2,no\n")
    (fault,) = faults_of([path, write("texts.csv", TEXTS)])
    assert fault.startswith(f"participants.csv: the column {column!r}: did you mean {meant!r}?")


@pytest.mark.parametrize("column", ["quote_consnt", "quoting agreed", "May we quote you?"])
def test_a_column_of_participants_that_speaks_of_quoting_is_the_consent(write, column):
    write("participants.csv", f"participant,{column}\nP1,I do not agree\nP2,Yes\n")
    corpus = read_corpus(write("texts.csv", TEXTS).parent)
    assert quotes_of(corpus) == {"P1": "no", "P2": "yes"}
    told = corpus.runs[0].settings["columns"]["participants.csv"]
    assert told["quote_consent"] == column
    assert told["quote_consent answers"] == "by their words: 1 no"


def test_codes_under_a_name_of_quoting_are_a_fault_and_no_attribute(write):
    write("participants.csv", "participant,role\nP1,ECE\nP2,ECE\n")
    text = "id,participant,text,quoting\nR1,P1,One.,2\nR2,P2,Two.,1\n"
    found = faults_of(write("texts.csv", text).parent)
    assert any("the column 'quoting': did you mean 'quote_consent'?" in fault for fault in found)


def test_a_question_beside_texts_is_the_consent(write):
    text = "id,participant,text,may we quote you\nR1,P1,One.,no\nR2,P2,Two.,oui\n"
    corpus = read_corpus(write("texts.csv", text))
    assert quotes_of(corpus) == {"P1": "no", "P2": "yes"}
    assert not any(document.attributes for document in corpus)


def test_a_column_of_quotations_is_no_consent(write):
    text = 'id,participant,text,Favourite quote\nR1,P1,One.,"No man is an island, they say."\n'
    assert "Favourite quote" in read_corpus(write("texts.csv", text)).document("R1").attributes


def test_ordinary_columns_of_participants_are_no_consent(write):
    columns = "province,attendance,experience,region,context,used,role,years,country"
    write("participants.csv", f"participant,{columns}\nP1,1,2,3,4,5,6,7,8,9\n")
    corpus = read_corpus(write("texts.csv", TEXTS).parent)
    assert set(corpus.case("P1").attributes) == set(columns.split(","))


def test_two_columns_of_consent_and_a_refusal_by_nobody_are_faults(write):
    path = write("participants.csv", "participant,consent,quotes\nP1,no,yes\n,no,no\n")
    assert faults_of([path, write("texts.csv", TEXTS)]) == (
        (
            "participants.csv: several columns could be the consent to be quoted: 'consent', "
            "'quotes'; keep one"
        ),
        "participants.csv, row 3: consent is refused by nobody; name whom",
    )


def test_consent_beside_texts_reaches_the_participant_and_the_strictest_holds(write):
    path = write(
        "texts.csv",
        "id,participant,text,Consent\nR1,P1,One.,yes\nR2,P1,Two.,no\nR3,P2,Three.,yes\n"
        "R4,P3,,no\nR5,P4,Five.,\n",
    )
    assert quotes_of(read_corpus(path)) == {"P1": "no", "P2": "yes", "P4": "ask", "P3": "no"}
    write("participants.csv", "participant,quote_consent\nP1,yes\nP2,no\n")
    assert quotes_of(read_corpus(path.parent)) == {"P1": "no", "P2": "no", "P4": "ask", "P3": "no"}
    assert all("Consent" not in document.attributes for document in read_corpus(path))


def test_a_refused_text_of_nobody_known_is_left_out_and_listed(write):
    corpus = read_corpus(write("texts.csv", "id,text,consent\nR1,I left.,no\nR2,I stayed.,yes\n"))
    assert by_id(corpus) == {"R2": "I stayed."}
    (omission,) = corpus.omissions
    assert (omission.place, omission.words) == ("row 2", 2)
    assert "consent to be quoted is refused" in omission.reason


def test_faults_of_consent_beside_texts_carry_nobodys_words(write):
    words = "That depends on what I said, thank you"
    path = write("t.csv", f'id,text,quotes,governance\nR1,One.,"{words}",n\nR2,Two.,maybe,n\n')
    found = faults_of(path)
    assert found[0] == (
        "t.csv: the column 'governance': 'governance' belongs in the table of the participants; "
        "put it there"
    )
    assert [fault.partition(";")[0] for fault in found[1:]] == [
        "t.csv, row 2: consent to be quoted of 8 words (38 characters)",
        "t.csv, row 3: consent to be quoted of 1 word (5 characters)",
    ]


def test_a_faulty_sheet_of_participants_is_not_passed_over(tmp_path):
    book = openpyxl.Workbook()
    for row in (["id", "participant", "text"], ["R1", "P1", "One."]):
        book.active.append(row)
    sheet = book.create_sheet("Participants")
    for row in (["participant", "consent"], ["P1", "perhaps"]):
        sheet.append(row)
    book.save(tmp_path / "study.xlsx")
    assert "consent to be quoted of 1 word (7 characters)" in faults_of(tmp_path / "study.xlsx")[0]


def test_consent_in_front_matter_reaches_the_participant(write):
    write("a.md", "---\nparticipant: P1\nconsent: no\n---\nI came.\n")
    path = write("b.md", "---\nquote_consent: no\n---\nI left.\n")
    corpus = read_corpus(path.parent)
    assert quotes_of(corpus) == {"P1": "no"}
    assert list(by_id(corpus)) == ["a"]
    assert corpus.runs[0].settings["columns"] == {"a.md": {"quote_consent": "consent"}}


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("particpant", "participant"),
        ("Kind", "kind"),
        ("lang", "language"),
        ("voices", "voice"),
        ("speaker", "speakers"),
        ("consent_form", "quote_consent"),
    ],
)
def test_a_mistyped_key_of_front_matter_is_a_fault(write, key, meant):
    (fault,) = faults_of(write("a.md", f"---\n{key}: x\n---\nI came.\n"))
    assert fault.startswith(f"a.md, line 2: unknown key {key!r}: did you mean {meant!r}?")


def test_ordinary_keys_of_front_matter_stay_attributes(write):
    keys = ("province", "topic", "side", "participation", "author", "years", "site")
    front = "\n".join(f"{key}: x" for key in keys)
    (document,) = read_corpus(write("a.md", f"---\n{front}\n---\nI came.\n"))
    assert set(document.attributes) == set(keys)


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("alt", "'alt_text'"),
        ("image", "'picture'"),
        ("text", "'caption'"),
        ("Alt text", "'alt_text'"),
        ("captoin", "'caption'"),
        ("see", "'showed: {see: …}'"),
        ("use_text", "'consent: {use_text: …}'"),
        ("quote_consent", "'consent: {use_text: yes, use_picture: yes}'"),
    ],
)
def test_a_mistyped_key_of_a_story_is_a_fault(write, key, meant):
    (fault,) = faults_of(write("stories.yaml", f"- id: S-1\n  title: One\n  {key}: x\n"))
    assert fault == (f"stories.yaml, line 3: story S-1: unknown key {key!r}; did you mean {meant}?")


@pytest.mark.parametrize("consent", ["no", "[no]"])
def test_a_consent_of_a_story_without_keys_is_one_fault_that_shows_the_form(write, consent):
    (fault,) = faults_of(write("stories.yaml", f"- id: S-1\n  title: One\n  consent: {consent}\n"))
    assert fault.endswith("write consent: {use_text: yes, use_picture: yes}")


def test_a_column_of_consent_in_a_table_of_stories_is_not_lost(write):
    (fault,) = faults_of(write("stories.csv", "id,title,consent\nS-1,One,no\n"))
    assert "'consent' has the keys use_text, use_picture" in fault


# Front matter and transcripts


def test_front_matter_gives_a_document_and_its_attributes(write):
    path = write(
        "debrief.md",
        "---\nid: D-1\nkind: debrief\nparticipant:\nlanguage: fr-CA\nvoice: other\n"
        "date: 2025-04-16\nsession: 02\ntags: [tea, no]\n---\n\n# Thursday\n\nThey came.\n",
    )
    document = read_corpus(path).document("D-1")
    assert document.text == "# Thursday\n\nThey came."
    assert (document.kind, document.case_id, document.language) == ("debrief", None, "fr")
    assert document.voice == "other"
    assert dict(document.attributes) == {
        "date": "2025-04-16",
        "session": "02",
        "tags": "tea; no",
        "headings": "Thursday",
    }
    assert document.place == "line 12"


@pytest.mark.parametrize(
    ("front", "fault"),
    [
        ("id: [x", "a.md, line 2: not YAML"),
        ("id: x\nid: y", "a.md, line 3: 'id' stands twice"),
        ("id: &a x\nplace: *a", "a.md, line 2: an alias (*) stands here"),
        ("just words", "a.md, line 2: front matter without keys"),
        ("kind: transcipt", "did you mean 'transcript'?"),
        ("place: {town: {street: x}}", "a.md, line 2: 'place' is nested"),
        ("participant: [P1, P2]", "a.md, line 2: 'participant' is nested; expected a word"),
        ("language: 12", "a.md, line 2: language '12'"),
    ],
)
def test_faulty_front_matter_is_a_fault_with_its_line(write, front, fault):
    assert fault in faults_of(write("a.md", f"---\n{front}\n---\nI came.\n"))[0]


def test_front_matter_that_is_never_closed_is_a_fault(write):
    assert "never closed by '---'" in faults_of(write("a.md", "---\nid: x\n\nI came.\n"))[0]


def test_a_transcript_has_turns_without_labels_and_a_facilitator_who_is_not_coded():
    document = read_corpus(PAGES / "transcript.md").document("M-1")
    said = [
        (t.speaker, t.case_id, t.coded, document.passage(t.start, t.end)) for t in document.turns
    ]
    assert document.kind == "transcript"
    assert said == [
        ("Facilitator", None, False, "Shall we begin? [pause] Who has the kettle?"),
        ("L01", "L01", True, "I do. It is on.\n\nAnd it will be on for a while, so talk."),
        (
            "L02",
            "L02",
            True,
            "I was going to say something\nand now I have forgotten what 😅 it was.",
        ),
        ("L01", "L01", True, "It's always like that."),
    ]


def test_the_speakers_of_a_transcript_become_cases():
    corpus = read_corpus(PAGES / "transcript.md")
    assert [case.id for case in corpus.cases] == ["L01", "L02"]


def test_an_unknown_speaker_is_a_fault_with_its_line(write):
    path = write(
        "m.md",
        "---\nspeakers: {P09: P09, P10: P10}\n---\nP09: Ja.\nP11: No.\n\nFern: Me?\n\nFern: Yes.\n",
    )
    assert faults_of(path) == (
        (
            "m.md, line 5: unknown speaker, a label 'P11'; name it under 'speakers'; it is nearly "
            "one that is named there ('P10')"
        ),
        (
            "m.md, line 7: unknown speaker, a label of 1 word (4 characters) (and 1 times more); "
            "name it under 'speakers'"
        ),
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", "id,participant,text,quote_consent\nR1,P1,One.,only if Petra agrees\n"),
        ("t.csv", "id,text,kind,language\nR1,One.,Petra's letter,Petra Hall\n"),
        ("cases.csv", "participant,governance,approved_uses\nP1,n,Petra Hall\n"),
        ("m.md", "---\nspeakers: {Petra Hal: P9}\n---\nPetra Hal: Yes.\n\nPetra Hall: No.\n"),
        ("m.md", "---\nspeakers: {Petra Hall: [P9]}\n---\nPetra Hall: Yes.\n"),
    ],
)
def test_no_message_tells_a_name_that_stands_in_a_cell(write, name, content):
    write(name, content)
    if name == "cases.csv":
        write("texts.csv", "id,text\nR1,One.\n")
    found = faults_of(write(name, content).parent)
    assert found
    assert "Petra" not in " ".join(found)


def test_words_before_any_label_are_a_fault(write):
    path = write("m.md", "---\nspeakers: {P09: P09}\n---\nwe begin\n\nP09: Yes.\n")
    assert faults_of(path) == ("m.md, line 4: words before the first speaker's label",)


def test_a_colon_inside_a_turn_is_no_label(write):
    path = write("m.md", "---\nspeakers: {P09: P09}\n---\nP09: Two things.\nOne thing: the shoe.\n")
    (turn,) = next(iter(read_corpus(path))).turns
    assert turn.end - turn.start == len("Two things.\nOne thing: the shoe.")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Ann-1", "P09", "Host"]),
            st.text(st.sampled_from("ab é😅\u0301\u200d.,"), min_size=1).filter(str.strip),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_turns_point_at_what_was_said(said):
    from reflect_analysis.readers.text import _turns

    text = "\n\n".join(f"{label}: {words}" for label, words in said).strip()
    speakers = {"Ann-1": "Ann-1", "P09": "P09", "Host": None}
    faults: list[str] = []
    turns = list(_turns(text, speakers, str, faults))
    assert not faults
    assert [(t.speaker, text[t.start : t.end]) for t in turns] == [(s, w.strip()) for s, w in said]


# Plain texts: reflection or page


@pytest.mark.parametrize(
    "text",
    [
        "honestly i was going to quit in march. then we got the second pair of hands and i slept.",
        "The room was quiet at last.",
        "Session two\n\nI came late because of the ferry.\n\nWe laughed. I needed it.\n\nThanks",
        "Je suis arrivée en retard.\n\nMon groupe m'attendait, et la soupe aussi.",
    ],
)
def test_one_block_or_prose_in_the_first_person_is_one_reflection(write, text):
    (document,) = read_corpus(write("week 3, two.txt", text))
    assert (document.id, document.text) == ("week-3-two", text)
    assert (document.kind, document.case_id, document.flags) == ("reflection", None, ())


@pytest.mark.parametrize("name", ["slides.txt", "programme.txt"])
def test_slides_and_programmes_give_no_reflection_and_say_so(name):
    (fault,) = faults_of(PAGES / name)
    assert "looks like a page or slides, not like one reflection" in fault
    (omission,) = page((PAGES / name).read_text(encoding="utf-8")).omissions
    assert omission.words > 30


def test_a_name_below_a_reflection_is_left_out_and_the_reflection_kept_whole():
    found = page("I came late.\n\nI laughed so hard that my tea went cold.\n\n~ Maribel\n")
    assert [(d.id, d.kind) for d in found.documents] == [("page", "reflection")]
    assert found.documents[0].text == "I came late.\n\nI laughed so hard that my tea went cold."
    assert "Maribel" not in repr(found)
    assert [o.reason for o in found.omissions] == ["in an attribution: a name, or what may be one"]


# Pages with attributed quotes


@pytest.fixture(scope="module")
def circle() -> Corpus:
    return read_corpus(PAGES / "winter-circle.txt")


def test_quotes_in_many_layouts_become_reflections_of_unknown_participants(circle):
    said = [d for d in circle if d.voice == "participant"]
    assert [d.attributes["attribution"] for d in said] == [
        "Infant educator, Nelson",
        "Educator, rural site, interview",
        "Toddler educator, Terrace",
        "Facilitator, focus group 2",
        "Early childhood educator, Smithers",
        "RECE, Hazelton, Reflection",
    ]
    assert {(d.kind, d.case_id) for d in said} == {("reflection", None)}
    assert all("selected" in d.flags for d in said)
    assert not circle.cases
    assert (
        said[0].text == "Nobody had asked me what I thought in eleven years. Here they wait for it."
    )
    assert dict(said[-1].attributes) == {
        "attribution": "RECE, Hazelton, Reflection",
        "role": "RECE",
        "place": "Hazelton",
        "form": "Reflection",
    }


def test_ids_of_a_page_are_numbered_in_its_order(circle):
    assert [d.id for d in circle] == [f"winter-circle-q{n:02d}" for n in range(1, 9)]


def test_authors_and_officers_are_told_apart_and_not_named(circle):
    others = [d for d in circle if d.voice == "other"]
    assert [(d.kind, dict(d.attributes)) for d in others] == [
        ("quote", {"attribution": "named author"}),
        ("quote", {"attribution": "Board Chair, Lakes Early Years Society"}),
    ]
    assert all("selected" not in d.flags for d in others)


@pytest.mark.parametrize("name", ["Ottoline", "Farrow", "Harriet", "Quill"])
def test_no_name_of_an_attribution_stands_anywhere_in_the_corpus(circle, name):
    assert name not in repr((circle.documents, circle.cases, circle.omissions, circle.runs))


def test_a_quote_of_several_paragraphs_is_whole(circle):
    assert circle.document("winter-circle-q06").text == (
        "The first year I cried in the car.\n\n"
        "The second year I cried in the staff room, which is better, there is a kettle."
    )


def test_a_broken_quote_is_flagged_and_its_missing_letters_are_not_guessed(circle):
    broken = [d for d in circle if "broken" in d.flags]
    assert [d.id for d in broken] == ["winter-circle-q08"]
    assert broken[0].text == (
        "I used to keep my door closed at nap time. If I sat down I was afraid I would not be "
        "able to stand up aga […] in. Now two of us sit there and nobody says a word about it."
    )


def test_what_a_page_holds_besides_is_listed_with_line_reason_and_words(circle):
    reasons = {o.place: (o.reason, o.words) for o in circle.omissions}
    assert reasons["line 16"] == ("repeats words of the page: a pull quote", 16)
    assert reasons["line 38"] == ("words of the page that run into a quote", 9)
    assert reasons["line 45"][0] == "a contact, an address or an advertisement"
    assert reasons["line 47"][0] == "a logo or a funder"
    assert reasons["line 3"][0] == "prose of the page"
    assert all(o.words for o in circle.omissions)


def test_a_quote_whose_beginning_is_lost_shows_it():
    found = page(
        "The funding covers the costs of the meals and the\n\n"
        "room felt like mine again after that.\n—Educator, Hazelton\n\n"
        "travel of all who come from further away.\n"
    )
    (quote,) = found.documents
    assert quote.text == "[…] room felt like mine again after that."
    assert quote.flags == ("selected", "broken")


def test_a_quote_in_small_letters_below_a_finished_sentence_is_whole():
    found = page("Somebody said this.\n\nhonestly the best hour of my month\n\n— ECE, Nelson\n")
    assert [(d.text, d.flags) for d in found.documents] == [
        ("honestly the best hour of my month", ("selected",))
    ]


def test_windows_line_ends_and_no_break_spaces_change_nothing(write):
    text = "_\r\nI_liked that we could be wrong\r\n_\r\nRECE,_Powell River,_Reflection\r\n"
    text = text.replace("_", "\u00a0")
    (quote,) = read_corpus(write("page.txt", text))
    assert quote.text == "I\u00a0liked that we could be wrong"
    assert quote.attributes["place"] == "Powell River"


def test_a_garbled_run_is_left_out_and_a_garbled_quote_is_flagged():
    found = page(
        "\u00b2\u00dd\u00dd\u00ae\u00ca\u00d3\u00c6\u00b5\n\n"
        "I said it out loud, and the caf\u00c3\u00a9 went quiet.\n\n— Educator, Nelson\n"
    )
    (quote,) = found.documents
    assert quote.flags == ("selected", "garbled")
    assert "caf\u00c3\u00a9" in quote.text
    assert [(o.place, o.reason) for o in found.omissions] == [("line 1", "garbled")]


def test_a_quote_that_the_page_repeats_is_kept_once():
    one = "I cannot tell you how much the kettle matters to the six of us who close."
    found = page(f"Page\n\n{one}\n— Educator, Nelson\n\n{one}\n— Educator, Nelson\n")
    assert [d.id for d in found.documents] == ["page-q01"]
    assert found.omissions[-1].reason == "repeats words of another quote"


@pytest.mark.parametrize(
    "text",
    [
        "Agenda\n\n- Welcome to the hall\n- Mentors share\n- Peer mentors, Kamloops\n",
        "Team\n\nJane Doe\nFacilitator, Kamloops\n\nMary Major, Peer Mentor\n",
        "Who it is for\n\nMentors, facilitators, and educators\n\nThey meet monthly.\n\n— 3 —\n",
        "The partners described the programme last year.\n\n– Mentors meet each month\n\nEnd\n",
    ],
)
def test_lists_teams_and_page_numbers_are_no_attributions(text):
    assert not page(text).documents


def test_a_page_in_french_is_read():
    found = page(
        "Paroles\n\n« Je me sens moins seule le jeudi. »\n— Éducatrice, Rimouski, entrevue\n\n"
        "« On ne m’avait jamais demandé mon avis. » (Mentore, Gaspé)\n"
    )
    assert [(d.text, d.attributes["role"], d.attributes["place"]) for d in found.documents] == [
        ("Je me sens moins seule le jeudi.", "Éducatrice", "Rimouski"),
        ("On ne m’avait jamais demandé mon avis.", "Mentore", "Gaspé"),
    ]


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("Charlene, Peer Mentor Reflection", "Peer Mentor Reflection"),
        ("Peer Mentor Charlene", "Peer Mentor"),
        ("Dr. Jane Smith, Educator", "Educator"),
        ("Jane Smith (Educator, Nelson)", "Educator, Nelson"),
        ("RECE, Oona P.", "RECE"),
        ("Participant 7", "Participant 7"),
        ("ECE, 100 Mile House, B.C.", "ECE, 100 Mile House, B.C."),
        ("JANE SMITH, EDUCATOR, NELSON", "EDUCATOR, NELSON"),
        ("Professor Jane Smith, University of the Lakes", "Professor, University of the Lakes"),
        ("Simone Weil (1942)", "named author"),
        ("Survey response", "Survey response"),
    ],
)
def test_of_an_attribution_all_but_the_name_is_kept(line, kept):
    assert parse_marked(line).text == kept


@pytest.mark.parametrize(
    "line", ["Learning happens together", "3", "— —", "Yes, he said.", "x " * 300]
)
def test_a_dash_alone_makes_no_attribution(line):
    assert parse_marked(line) is None


@pytest.mark.parametrize(
    "line",
    [
        "Mentors, Facilitators",
        "Mentor, Educator",
        "The educator, who had come late, sat down",
        "Director, Nelson",
        "Connection, care",
    ],
)
def test_a_bare_line_needs_one_role_and_a_place_or_a_kind(line):
    assert parse_plain(line) is None
    assert parse_plain("Infant educator, rural site, interview").place == "rural site"


def test_brackets_need_a_role():
    assert parse_bracketed("see the report of 2019, page 3") is None
    assert parse_bracketed("Director, Nelson").voice == "other"


def test_quotations_without_a_blank_line_between_them_are_parted():
    found = page(
        "Heard in spring\n\n“I sat down for once.”\n~ Ottoline Farrow\n"
        "“Somebody held the door for us.”\n— Educator, Nelson\n"
        "“We were all late together.”\n--- Peer mentor, Terrace\n"
    )
    assert [(d.text, d.attributes["attribution"]) for d in found.documents] == [
        ("I sat down for once.", "named author"),
        ("Somebody held the door for us.", "Educator, Nelson"),
        ("We were all late together.", "Peer mentor, Terrace"),
    ]


PIECES = (
    *("I was here and stayed a while.", "the rest of it went on.", "We meet and eat soup"),
    *("— Educator, Nelson", "- Educator, rural site", "(Mentor, Terrace)", "~ Ottoline Farrow"),
    *("Board Chair, Lakes Society", "ECE, Terrace, Reflection", "be more intenParticipants say"),
    *("Photo voice stories", "A ladder in snow", "Title", "![alt](x.png)", "## ", "> ", "• item"),
    *("“", "”", '"', "[", "]", "—", " ", "\u00a0", "\n", "\n", "\n\n", "\n\n"),
)


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_whatever_a_page_holds_nothing_is_added_to_it_and_no_name_kept(text):
    text += "\n\nend"
    unmarked = re.sub(r"(?m)^\s*>+ ?", "", text)  # of a quotation, Markdown's sign is left out
    pages = ["".join(each.split()) for each in (text, unmarked)]
    found = page(text)
    for document in found.documents:
        assert "Farrow" not in repr(document.attributes)
        for piece in re.split(r"\[…\]|\n\n", document.text):
            assert any("".join(piece.split()) in each for each in pages)
    assert not found.faults


# Photo-voice on pages


def test_photo_voice_stories_of_a_page_have_title_picture_and_text():
    corpus = read_corpus(PAGES / "mitten-gallery.md")
    first, second = corpus
    assert [d.id for d in corpus] == ["mitten-gallery-pv1", "mitten-gallery-pv2"]
    assert first.attributes["title"] == "The wet mitten"
    assert first.picture.alt_text == "A single red mitten on a radiator"
    assert first.picture.path is None
    assert first.text.endswith("\n\nIt is mine now. I wear one red and one grey.")
    assert second.attributes["attribution"] == "Educator, Vanderhoof"
    assert second.picture.alt_text == "an empty corkboard with two pins"
    assert "Maribel" not in repr((corpus.documents, corpus.omissions))


def test_a_section_of_the_page_is_no_story():
    found = page(
        "Photo voice stories\n\nThe ladder\n\nA ladder in the snow\n\nI climbed it.\n\n"
        "Infographics\n\nThe two drawings were made by the pairs and are shown as they are.\n"
    )
    assert [d.attributes["title"] for d in found.documents] == ["The ladder"]
    assert [o.place for o in found.omissions] == ["line 1", "line 9", "line 11"]


# A photo-voice folder

STORIES = """\
- id: S-1
  participant: P01
  session: 2
  date: 2025-01-14
  picture: boots.png
  alt_text: Nine boots in a row
  title: Boots
  caption: |
    I lost mine.

    I found another.
  showed: {see: "Boots.", why: "Wet feet.", do: }
  attribution: Educator, small town
  people_shown: nobody
  place_signs: none
  consent: {use_text: yes, use_picture: no}
- id: S-2
  picture: gone.png
  caption: I was there.
  consent: {use_text: ask, use_picture: ask}
- id: S-3
  picture: boots.png
  title: Not to be shown
  consent: {use_text: no, use_picture: yes}
"""


def test_a_story_is_one_document_with_its_picture(write):
    write("voices/boots.png", PNG)
    folder = write("voices/stories.yaml", STORIES).parent
    corpus = read_corpus(folder)
    story = corpus.document("S-1")
    assert story.text == "Boots\n\nI lost mine.\n\nI found another.\n\nBoots.\n\nWet feet."
    assert (story.kind, story.case_id) == ("photo-voice", "P01")
    assert dict(story.attributes) == {
        "session": "2",
        "date": "2025-01-14",
        "title": "Boots",
        "attribution": "Educator, small town",
        "showed": "see; why",
        "use_text": "yes",
    }
    assert Path(story.picture.path).is_file()
    assert (story.picture.alt_text, story.picture.use) == ("Nine boots in a row", "no")
    assert (story.picture.people_shown, story.picture.place_signs) == ("nobody", "none")


def test_a_missing_picture_is_listed_and_a_story_without_consent_left_out(write):
    write("voices/boots.png", PNG)
    write("voices/extra.jpg", b"jpg")
    write("elsewhere.png", b"png")
    folder = write("voices/stories.yaml", STORIES).parents[1]
    corpus = read_corpus(folder)
    assert [d.id for d in corpus] == ["S-1", "S-2"]
    assert corpus.document("S-2").picture is None
    told = [(o.source, re.split(r" \(|;", o.reason)[0]) for o in corpus.omissions]
    assert told == [
        ("elsewhere.png", "a picture outside photo-voice"),
        ("voices/extra.jpg", "a picture that no story names"),
        ("voices/stories.yaml", "the picture is not sent until all is agreed and recorded"),
        ("voices/stories.yaml", "the picture is missing"),
        ("voices/stories.yaml", "the participant did not agree to the use of this text"),
    ]


def test_stories_may_be_a_table(write):
    write("boots.png", PNG)
    path = write(
        "stories.csv",
        "id,picture,alt_text,title,showed.see,lives,use_text,consent.use_picture\n"
        "S-1,boots.png,Boots,Ours,Nine boots,Cold,yes,ask\n",
    )
    (story,) = read_corpus(path)
    assert story.text == "Ours\n\nNine boots\n\nCold"
    assert story.attributes["showed"] == "see; lives"


def test_faults_of_stories_come_at_once_with_their_lines(write):
    path = write(
        "stories.yaml",
        "- title: One\n  picture: ../secret.png\n  consent: {use_text: perhaps}\n"
        "- id: S-2\n  title: Two\n  picture: stories.yaml\n  people_shown: everybody\n"
        "  showed: {sea: Waves}\n  extra: {deep: {er: x}}\n",
    )
    found = faults_of(path)
    assert [fault.partition(": ")[0] for fault in found] == [
        "stories.yaml, line 3",
        *["stories.yaml, line 8", "stories.yaml, line 9", "stories.yaml, line 7"],
    ]
    assert "expected 'yes', 'no' or 'ask'" in found[0]
    assert "unknown key showed.sea; did you mean 'see'?" in found[1]


def test_a_picture_outside_the_folder_is_refused(write):
    path = write("stories.yaml", "- id: S-1\n  title: One\n  picture: ../secret.png\n")
    assert "the picture lies outside this folder" in faults_of(path)[0]


# Clearances


def test_a_clearance_file_clears_texts_by_their_hash(write):
    path = write("one.txt", "I stayed.")
    (document,) = read_corpus(path)
    write(
        "clearance.yaml", f"by: A\nnote: read twice\nat: 2025-05-12\nsha256: [{document.sha256}]\n"
    )
    corpus = read_corpus(path.parent)
    assert not corpus.uncleared()
    assert corpus.clearances[0].at == datetime(2025, 5, 12, tzinfo=UTC)


def test_a_faulty_clearance_is_a_fault(write):
    write("one.txt", "I stayed.")
    path = write("clearance.yaml", "- by: A\n  at: soon\n  sha256:\n    - abc\n- words\n")
    assert faults_of(path.parent) == (
        "clearance.yaml, line 1: no 'note'",
        "clearance.yaml, line 2: 'at' is no ISO time such as 2025-05-12T09:00:00Z",
        "clearance.yaml, line 4: no sha256 of 64 hex digits",
        "clearance.yaml, line 5: expected by, note, at and sha256",
    )


# Language and the run


def test_a_stated_language_wins_and_another_is_detected_only_when_plain(write):
    french = "Cette année, je me sens enfin à ma place parmi les autres éducatrices."
    path = write("a.csv", f'id,text,lang\n1,"{french}",\n2,"{french}",en\n3,Merci!,\n')
    corpus = read_corpus(path)
    assert [d.language for d in corpus] == ["fr", "en", "en"]
    assert corpus.runs[0].settings["languages_detected"] == {"fr": 1}


def test_the_run_is_the_same_for_the_same_files(write):
    path = write("a.csv", "id,participant,text\n1,P1,One.\n")
    first, second = read_corpus(path).runs[0], read_corpus(path).runs[0]
    assert first.inputs == second.inputs
    assert first.summary == "1 document by 1 participant was read from 1 file"
    assert first.settings["kinds"] == {"reflection": 1}
    path.write_text("id,participant,text\n1,P1,Two.\n", encoding="utf-8")
    assert read_corpus(path).runs[0].inputs != first.inputs


def test_the_demonstration_is_read_whole():
    corpus = read_corpus(DEMONSTRATION)
    kinds = corpus.runs[0].settings["kinds"]
    assert kinds["reflection"] >= 120
    assert kinds["photo-voice"] >= 20
    assert len(corpus.cases) == 36
    meeting = corpus.document("M-C3-2")
    assert len(meeting.turns) == sum(":" in line for line in meeting.text.split("\n\n"))
    assert {t.coded for t in meeting.turns if t.speaker == "Facilitator"} == {False}
    assert corpus.document("D-C5-3").attributes["place"] == "Campbell River"
    assert {d.language for d in corpus} == {"en", "fr"}


# The field: pages that the project was founded on


@pytest.fixture(scope="module")
def seeds() -> Corpus:
    data = os.environ.get("REFLECT_FIELD_DATA")
    if not data:
        pytest.skip("REFLECT_FIELD_DATA is not set")
    return read_corpus(Path(data).parent / "seeds")


@pytest.mark.field
def test_field_three_reflections_have_role_place_and_kind(seeds):
    found = [d for d in seeds if d.source == "peer-mentoring-model-with-reflections.txt"]
    assert len(found) == 3
    assert {d.kind for d in found} == {"reflection"}
    assert {d.attributes["role"] for d in found} == {"ECE"}
    assert all(d.attributes["place"] and d.attributes["form"] == "Reflection" for d in found)


@pytest.mark.field
def test_field_two_photo_voice_stories_one_with_an_attribution(seeds):
    found = [d for d in seeds if d.kind == "photo-voice"]
    assert len(found) == 2
    assert all(d.attributes["title"] and d.picture.alt_text and len(d.text) > 300 for d in found)
    assert [d.attributes.get("attribution") for d in found] == ["Peer Mentor Reflection", None]


@pytest.mark.field
def test_field_nine_quotes_of_the_article_one_of_them_broken(seeds):
    found = [d for d in seeds if d.source.startswith("communities-of-practice")]
    quotes = [d for d in found if d.voice == "participant"]
    assert len(quotes) == 9
    assert {d.kind for d in quotes} == {"reflection"}
    assert {d.case_id for d in quotes} == {None}
    assert sum("broken" in d.flags for d in quotes) == 1
    assert sum("[…]" in d.text for d in quotes) == 1


@pytest.mark.field
def test_field_epigraph_and_director_are_told_apart(seeds):
    others = [d for d in seeds if d.voice == "other"]
    assert {d.kind for d in others} == {"quote"}
    assert {d.attributes["attribution"] for d in others} == {
        "named author",
        "Executive Director, ECEBC",
    }
    assert not seeds.cases


@pytest.mark.field
def test_field_slides_give_nothing_and_say_so(seeds):
    source = "mentorship-framework-slides.txt"
    assert not [d for d in seeds if d.source == source]
    assert "slides" in next(o.reason for o in seeds.omissions if o.source == source)


@pytest.mark.field
@pytest.mark.parametrize("name", ["Charlene", "Pelo", "Riel", "Gawlick", "Emily", "Doan"])
def test_field_no_name_stands_anywhere(seeds, name):
    assert name not in repr((seeds.documents, seeds.cases, seeds.omissions, seeds.runs))


@pytest.mark.parametrize("ending", [".txt", ".md", ".csv", ".html", ".json"])
@pytest.mark.parametrize(
    ("start", "what"),
    [
        (b"PK\x03\x04\x14\x00word/document.xml\xc3\xa9\xff", "a Word document"),
        (b"PK\x03\x04\x14\x00xl/workbook.xml\xc3\xa9\xff", "an Excel workbook"),
        (b"%PDF-1.7\n\xc3\xa9\xff", "a PDF"),
        (b"\x89PNG\r\n\x1a\n\xc3\xa9\xff", "a picture"),
    ],
)
def test_a_file_with_the_ending_of_another_is_called_what_it_is(tmp_path, ending, start, what):
    path = tmp_path / f"a{ending}"
    path.write_bytes(start)
    (found,) = faults_of(path)
    assert f"begins as {what}" in found
    assert "two encodings" not in found


def test_a_page_of_bare_signs_is_refused_before_it_is_searched(tmp_path):
    path = tmp_path / "a.html"
    path.write_bytes(b"<" * 400_000)
    assert "without a blank" in faults_of(path)[0]
