"""Survey exports: shapes of six programs, questions, cases, and what never is an attribute."""

import io

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect_analysis.errors import CorpusError
from reflect_analysis.readers import read_corpus
from reflect_analysis.readers._dates import odd_dates
from reflect_analysis.readers._found import Found, Place
from reflect_analysis.readers._identifying import is_identifying
from reflect_analysis.readers._mapping import checked_mapping, unknown_columns
from reflect_analysis.readers._questions import is_open, vendor_of
from reflect_analysis.readers._sheets import frame_table
from reflect_analysis.readers.tabular import read_table, read_tables

LONG = (
    "I began to wait a little before I step in.",
    "We walk down to the creek in any weather now.",
    "My partner asks me what I saw and not what I did.",
)
HARD = (
    "Finding an hour in the week when both of us can talk.",
    "Nobody covers the room while I am on the phone with her.",
)
QUALTRICS = (
    "StartDate,EndDate,Status,IPAddress,Progress,Duration (in seconds),Finished,RecordedDate,"
    "ResponseId,RecipientLastName,RecipientFirstName,RecipientEmail,ExternalReference,"
    "LocationLatitude,LocationLongitude,DistributionChannel,UserLanguage,Q1,Q2_1,Q2_2,Q3,Q5\n"
    "Start Date,End Date,Response Type,IP Address,Progress,Duration (in seconds),Finished,"
    "Recorded Date,Response ID,Recipient Last Name,Recipient First Name,Recipient Email,"
    "External Data Reference,Location Latitude,Location Longitude,Distribution Channel,"
    "User Language,What is your role?,I use - circle,I use - outdoors,What stayed with you?,"
    "What was <b>hard</b>?\n"
    + ",".join(f'"{{""ImportId"":""QID{n}""}}"' for n in range(22))
    + "\n"
    + f"2025-01-06 10:00:00,2025-01-06 10:09:00,IP Address,192.0.2.7,100,540,True,"
    f"2025-01-06 10:09:01,R_1abc,Lund,Ana,ana@example.org,ext-7,49.1,-117.2,email,EN,"
    f'ECE,circle,,"{LONG[0]}","{HARD[0]}"\n'
    f"2025-01-06 11:00:00,2025-01-06 11:09:00,IP Address,192.0.2.8,100,540,True,"
    f"2025-01-07 11:09:01,R_2def,,,,,49.1,-117.2,email,EN,"
    f'ECEA,circle,outdoors,"{LONG[1]}",-99\n'
    f"2025-01-06 11:00:00,2025-01-06 11:09:00,Survey Preview,,100,540,True,"
    f"2025-01-06 11:09:01,R_3ghi,,,,,49.1,-117.2,preview,EN,"
    f'ECE,,,"{LONG[2]}","{HARD[1]}"\n'
)
MONKEY = (
    "Respondent ID,Collector ID,Start Date,End Date,IP Address,Email Address,First Name,"
    "Last Name,Custom Data 1,What stayed with you?,What do you use?,,How many years?,"
    "What was hard?\n"
    ",,,,,,,,,Open-Ended Response,Circle,Outdoors,Response,Open-Ended Response\n"
    f'1180001,44,01/06/2025,01/06/2025,192.0.2.7,,,,x,"{LONG[0]}",Circle,,7,"{HARD[0]}"\n'
    f'1180002,44,01/07/2025,01/07/2025,192.0.2.8,,,,y,"{LONG[1]}",,Outdoors,12,\n'
)
GOOGLE = (
    "Timestamp,Email Address,What is your role?,What do you use? (tick all),"
    "What stayed with you?,What was hard?\n"
    f'1/6/2025 10:09:01,ana@example.org,ECE,"circle, outdoors","{LONG[0]}","{HARD[0]}"\n'
    f'1/7/2025 11:09:01,ben@example.org,ECEA,"circle, books","{LONG[1]}",\n'
)
REDCAP = (
    "record_id,redcap_event_name,redcap_survey_identifier,reflection_timestamp,role,uses___1,"
    "uses___2,stayed,hard,reflection_complete\n"
    f'7,spring_arm_1,,2025-01-06 10:00,1,1,0,"{LONG[0]}","{HARD[0]}",2\n'
    f'7,fall_arm_1,,2025-09-06 10:00,1,0,1,"{LONG[2]}",,2\n'
    f'8,spring_arm_1,,2025-01-07 10:00,2,0,0,"{LONG[1]}","{HARD[1]}",2\n'
)
LIME = (
    "id,submitdate,lastpage,startlanguage,seed,startdate,datestamp,ipaddr,refurl,"
    "G01Q01. What is your role?,G01Q02. What <em>stayed</em> with you?,G01Q03[other]\n"
    f'1,2025-01-06 10:00:00,3,en,55,,,192.0.2.7,,ECE,"{LONG[0]}",\n'
    f'2,,2,en,56,,,192.0.2.8,,ECEA,"{LONG[1]}",\n'
)
EXPORTS = {
    "Qualtrics": QUALTRICS,
    "SurveyMonkey": MONKEY,
    "Google Forms": GOOGLE,
    "REDCap": REDCAP,
    "LimeSurvey": LIME,
}


@pytest.fixture
def write(tmp_path):
    """Write a file; returns its path."""

    def writer(name: str, content: str | bytes):
        path = tmp_path / "the study" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return writer


def found_in(path, **mapping) -> Found:
    return read_tables(Place(path, path.name), checked_mapping(mapping))


def answers(found: Found) -> dict[str, tuple[str, str]]:
    assert found.faults == ()
    return {d.id: (d.attributes["prompt"], d.text) for d in found.documents}


def workbook(text: str) -> bytes:
    """A comma-separated text as a workbook."""
    frame = pd.read_csv(io.StringIO(text), header=None, dtype=str, keep_default_na=False)
    book = openpyxl.Workbook()
    for row in frame.itertuples(index=False, name=None):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# Programs


@pytest.mark.parametrize("vendor", EXPORTS)
def test_each_program_is_known_by_its_columns(vendor):
    header = pd.read_csv(io.StringIO(EXPORTS[vendor]), nrows=0).columns
    assert vendor_of([str(c) for c in header]) == vendor


@pytest.mark.parametrize("vendor", EXPORTS)
@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_an_export_is_a_case_a_row_and_a_document_an_answer(write, vendor, suffix):
    text = EXPORTS[vendor]
    corpus = read_corpus(write(f"s.{suffix}", workbook(text) if suffix == "xlsx" else text))
    assert len(corpus.cases) == 2
    assert {document.case_id for document in corpus} == {case.id for case in corpus.cases}
    assert {document.text for document in corpus} <= {*LONG, *HARD}
    assert {document.text for document in corpus} >= {LONG[0], LONG[1]}
    assert all(d.attributes["prompt"] for d in corpus)


@pytest.mark.parametrize("vendor", EXPORTS)
def test_no_direct_identifier_is_an_attribute_and_each_column_is_listed(write, vendor):
    corpus = read_corpus(write("s.csv", EXPORTS[vendor]))
    told = [corpus.attributes_of(d) for d in corpus] + [case.attributes for case in corpus.cases]
    held = {str(word) for each in told for word in each.values()}
    names = {name for each in told for name in each}
    assert not {word for word in held if "@" in word or word.startswith("192.0.2")}
    assert not {n for n in names if is_identifying(n)}
    out = {o.place for o in corpus.omissions if o.reason == "a column of direct identifiers"}
    lost = {"Qualtrics": "IPAddress", "SurveyMonkey": "First Name", "Google Forms": "Email Address"}
    assert f"column {lost.get(vendor, '')!r}" in out or vendor in ("REDCap", "LimeSurvey")


def test_qualtrics_question_texts_are_prompts_and_import_ids_no_rows(write):
    assert answers(found_in(write("s.csv", QUALTRICS))) == {
        "R_1abc-Q3": ("What stayed with you?", LONG[0]),
        "R_1abc-Q5": ("What was hard?", HARD[0]),
        "R_2def-Q3": ("What stayed with you?", LONG[1]),
    }


def test_qualtrics_previews_are_listed_and_a_question_not_answered_is_no_document(write):
    found = found_in(write("s.csv", QUALTRICS))
    (preview,) = [o for o in found.omissions if "preview" in o.reason]
    assert (preview.place, preview.words) == ("row 6", 24)
    assert "R_2def-Q5" not in {d.id for d in found.documents}


def test_choices_and_the_date_are_attributes(write):
    corpus = read_corpus(write("s.csv", QUALTRICS))
    told = corpus.attributes_of(corpus.document("R_2def-Q3"))
    assert {k: told[k] for k in ("Q1", "Q2_1", "Q2_2", "date", "question")} == {
        "Q1": "ECEA",
        "Q2_1": "circle",
        "Q2_2": "outdoors",
        "date": "2025-01-07",
        "question": "Q3",
    }


def test_surveymonkey_choices_are_joined_with_their_question(write):
    corpus = read_corpus(write("s.csv", MONKEY))
    assert dict(corpus.case("1180002").attributes) == {
        "What do you use?: Outdoors": "Outdoors",
        "How many years?": "12",
    }
    assert corpus.document("1180001-q2").attributes["prompt"] == "What was hard?"


def test_google_rows_are_cases_by_file_and_row(write):
    corpus = read_corpus(write("spring form.csv", GOOGLE))
    assert [case.id for case in corpus.cases] == ["spring-form-2", "spring-form-3"]
    assert corpus.case("spring-form-2").attributes["What do you use? (tick all)"] == (
        "circle, outdoors"
    )


def test_redcap_records_that_come_again_are_one_case_with_attributes_by_answer(write):
    corpus = read_corpus(write("s.csv", REDCAP))
    assert [case.id for case in corpus.cases] == ["7", "8"]
    events = {d.id: d.attributes["redcap_event_name"] for d in corpus if d.case_id == "7"}
    assert events == {
        "7-2-stayed": "spring_arm_1",
        "7-2-hard": "spring_arm_1",
        "7-3-stayed": "fall_arm_1",
    }
    assert "uses___1" in corpus.document("8-hard").attributes


def test_limesurvey_numbers_carry_the_file_and_codes_leave_the_prompt(write):
    corpus = read_corpus(write("lime.csv", LIME))
    assert [case.id for case in corpus.cases] == ["lime-1", "lime-2"]
    assert {d.attributes["prompt"] for d in corpus} == {"What stayed with you?"}


def test_what_was_guessed_is_shown(write):
    corpus = read_corpus(write("s.csv", QUALTRICS))
    assert corpus.runs[0].settings["columns"]["s.csv"] == {
        "survey": "Qualtrics",
        "text": "Q3; Q5",
        "participant": "ResponseId",
    }


# Mapping


def test_a_mapping_names_the_questions_and_the_others_are_left_out(write):
    found = found_in(write("s.csv", QUALTRICS), text=["Q5"])
    assert list(answers(found)) == ["R_1abc-Q5"]
    assert [o.place for o in found.omissions if "does not name" in o.reason] == ["column 'Q3'"]
    assert "text" not in found.guesses["s.csv"]


def test_a_question_is_named_by_its_words_too(write):
    found = found_in(write("s.csv", QUALTRICS), text=["What was hard?"])
    assert list(answers(found)) == ["R_1abc-Q5"]


def test_a_table_of_no_program_is_a_survey_where_the_mapping_names_questions(write):
    path = write("a.csv", "code,age,one,two\nA,30,yes,no\nB,40,,maybe\n")
    found = found_in(path, text=["one", "two"], participant="code")
    assert answers(found) == {
        "A-one": ("one", "yes"),
        "A-two": ("two", "no"),
        "B-two": ("two", "maybe"),
    }
    assert {d.case_id for d in found.documents} == {"A", "B"}
    assert all(d.attributes["age"] for d in found.documents)


def test_a_participant_named_by_a_column_may_have_a_row_in_the_table_of_participants(write):
    write("a.csv", f'participant,What stayed?,What was hard?\nP1,"{LONG[0]}","{HARD[0]}"\n')
    folder = write("participants.csv", "participant,role,quote_consent\nP1,ECE,no\n").parent
    corpus = read_corpus(folder)
    assert len(corpus) == 2
    assert (corpus.case("P1").attributes["role"], corpus.case("P1").quotes) == ("ECE", "no")


def test_questions_of_a_plain_table_are_guessed_by_length_and_distinctness(write):
    rows = "".join(f'{n},ECE,7,"{LONG[n]}","{HARD[n]}"\n' for n in range(2))
    path = write("a.csv", f"id,role,years,What stayed with you?,What was hard?\n{rows}")
    found = found_in(path)
    assert {d.attributes["prompt"] for d in found.documents} == {
        "What stayed with you?",
        "What was hard?",
    }
    assert found.guesses["a.csv"]["text"] == "What stayed with you?; What was hard?"


def test_two_synonyms_with_long_answers_are_two_questions(write):
    path = write("a.csv", f'participant,reflection,comments\nP1,"{LONG[0]}","{HARD[0]}"\n')
    assert len(found_in(path).documents) == 2


def test_a_table_with_a_prompt_or_a_text_stays_one_text_a_row(write):
    path = write("a.csv", f'id,text,What was hard?\n1,"{LONG[0]}","{HARD[0]}"\n')
    (document,) = found_in(path).documents
    assert (document.id, document.text) == ("1", LONG[0])


def test_a_survey_without_a_plain_question_is_a_fault_that_asks_for_them(write):
    path = write("s.csv", "Timestamp,Role,Years\n1/6/2025 10:00,ECE,7\n")
    (fault,) = found_in(path).faults
    assert "name them (in Python: mapping={'text'" in fault


@pytest.mark.parametrize(
    ("mapping", "error", "told"),
    [
        ({"texts": "a"}, ValueError, "did you mean 'text'"),
        ({"participant": ["a", "b"]}, ValueError, "only 'text' may be several"),
        ({"text": ["a", "a"]}, ValueError, "twice"),
        ({"text": 3}, TypeError, "name of a column"),
        ({"text": []}, TypeError, "name of a column"),
        (["text"], TypeError, "not list"),
    ],
)
def test_a_mapping_that_is_none_is_the_callers_mistake(mapping, error, told):
    with pytest.raises(error, match=told):
        checked_mapping(mapping)


def test_a_column_that_no_table_has_is_a_fault():
    (fault,) = unknown_columns({"text": ["Q3", "Q9"]}, ["Q3", "Q8"])
    assert "no table has the column 'Q9' that mapping names as 'text'" in fault


# Governance, consent, identifiers


def test_consent_in_a_survey_reaches_the_case(write):
    text = f'Timestamp,quote_consent,What stayed?\n1/6/2025,no,"{LONG[0]}"\n'
    corpus = read_corpus(write("s.csv", text))
    assert [case.quotes for case in corpus.cases] == ["no"]


@pytest.mark.parametrize(
    ("question", "refusal", "agreement"),
    [
        ("May we quote your words?", "No", "Yes"),
        ("May we quote you?", "No, I would rather you did not, if I may", "Yes, go ahead, gladly"),
        ("Do you agree that your words are quoted?", "I do not agree", "I agree"),
        ("I agree to be quoted (my name is not used)", "I do not agree", "I agree to be quoted"),
        ("Pouvons-nous citer vos paroles ?", "Je n'accepte pas", "Oui, d'accord"),
        ("I do not want to be quoted", "I agree", ""),
        ("May we use your words?", "No, I want all of it kept private", "Yes"),
        ("We may quote you. If you do not want this, tick here", "x", ""),
        ("Do you consent to take part, and to quotes?", "disagree", "Agree"),
    ],
)
def test_consent_asked_in_a_question_is_heard_in_any_words(write, question, refusal, agreement):
    ece, ecea = f'ECE,circle,,"{LONG[0]}"', f'ECEA,circle,outdoors,"{LONG[1]}"'
    text = QUALTRICS.replace("What is your role?", f'"{question}"')
    text = text.replace(ece, ece.replace("ECE", f'"{refusal}"'))
    text = text.replace(ecea, ecea.replace("ECEA", f'"{agreement}"'))
    corpus = read_corpus(write("s.csv", text))
    said = [case.quotes for case in corpus.cases]
    assert said == ["no", "yes" if agreement else "ask"]
    assert all(refusal != d.text for d in corpus)
    assert not any("Q1" in case.attributes for case in corpus.cases)
    assert corpus.runs[0].settings["columns"]["s.csv"]["quote_consent"] == "Q1"


def test_codes_of_consent_are_told_once_a_column_with_what_to_write(write):
    rows = "".join(f"P{n},{LONG[0]},{'12'[n % 2]}\n" for n in range(4)) + f"P9,{LONG[0]},N/A\n"
    path = write("s.csv", f"Participant,What stayed?,May we quote you?\n{rows}")
    with pytest.raises(CorpusError) as raised:
        read_corpus(path)
    faults = raised.value.faults
    assert faults[0].startswith(
        "s.csv: the column 'May we quote you?' holds '1' (2), '2' (2), 'N/A' (1), which may mean"
    )
    assert "'yes', 'no', 'ask' or words such as 'I agree'" in faults[0]
    assert faults[1] == "s.csv, row 2: consent to be quoted '1'; expected 'yes', 'no' or 'ask'"
    assert len(faults) == 6


def test_consent_of_a_google_form_and_of_choices_of_surveymonkey_is_heard(write):
    google = GOOGLE.replace("What is your role?", "I agree that my words are quoted")
    google = google.replace(",ECE,", ",I do not agree,").replace(",ECEA,", ",I agree,")
    assert [c.quotes for c in read_corpus(write("g.csv", google)).cases] == ["no", "yes"]
    monkey = MONKEY.replace("What do you use?", "May we quote your words in a report?")
    monkey = monkey.replace(",Circle,Outdoors,Response", ",Yes,No,Response")
    monkey = monkey.replace('",Circle,,7', '",Yes,,7').replace('",,Outdoors,12', '",,No,12')
    corpus = read_corpus(write("m.csv", monkey))
    assert [c.quotes for c in corpus.cases] == ["yes", "no"]


def test_consent_to_take_part_is_no_consent_to_be_quoted(write):
    google = GOOGLE.replace("What is your role?", "Do you consent to take part?")
    google = google.replace(",ECE,", ",Yes,").replace(",ECEA,", ",No,")
    assert [c.quotes for c in read_corpus(write("g.csv", google)).cases] == ["ask", "no"]


def test_an_answer_that_nobody_understands_is_a_fault_with_its_cell(write):
    google = GOOGLE.replace("What is your role?", "May we quote your words?")
    found = found_in(write("g.csv", google.replace(",ECEA,", ",Perhaps,").replace(",ECE,", ",No,")))
    assert [fault for fault in found.faults if "quoted of 1 word (7 characters)" in fault]
    assert {answer for _, answer in found.consents} == {"no"}


def test_a_question_about_quotes_is_still_a_question(write):
    google = GOOGLE.replace("What stayed with you?", "Can you share a quote that stayed?")
    corpus = read_corpus(write("g.csv", google))
    assert "Can you share a quote that stayed?" in {d.attributes["prompt"] for d in corpus}
    assert {case.quotes for case in corpus.cases} == {"ask"}


def test_consent_in_the_words_of_a_question_is_never_passed_over(write):
    text = QUALTRICS.replace("What is your role?", "Do you consent to be quoted?")
    assert "consent" in found_in(write("s.csv", text)).faults[0]


def test_governance_in_a_survey_is_a_fault(write):
    text = f'Timestamp,governance,What stayed?\n1/6/2025,North,"{LONG[0]}"\n'
    assert "belongs in the table of the participants" in found_in(write("s.csv", text)).faults[0]


@pytest.mark.parametrize("cell", ["jo@example.org", "192.0.2.7", "604-555-0199"])
def test_a_column_that_holds_addresses_is_left_out_whatever_its_name(write, cell):
    text = f'Timestamp,More,What stayed?\n1/6/2025,{cell},"{LONG[0]}"\n'
    found = found_in(write("s.csv", text))
    assert all("More" not in case.attributes for case, _ in found.cases)
    assert "column 'More'" in [omission.place for omission in found.omissions]


def test_identifiers_are_no_attributes_of_any_table(write):
    write("participants.csv", "participant,email,role\nP1,jo@example.org,ECE\n")
    folder = write("a.csv", "id,participant,phone,text\n1,P1,604-555-0199,We waited.\n").parent
    corpus = read_corpus(folder)
    assert dict(corpus.attributes_of(corpus.document("1"))) == {"role": "ECE"}
    assert {o.place for o in corpus.omissions} == {"column 'email'", "column 'phone'"}


# Bad input


def test_dates_in_another_style_are_left_out_and_listed(write):
    dates = ("2025-01-06", "2025-01-07", "08/01/2025", "January 9, 2025")
    rows = "".join(f'{n},"{date}",Text {n}.\n' for n, date in enumerate(dates))
    found = found_in(write("a.csv", f"id,date,text\n{rows}"))
    assert [d.attributes.get("date") for d in found.documents] == [*dates[:2], None, None]
    assert [o.place for o in found.omissions] == ["row 4", "row 5"]


@given(st.lists(st.text(max_size=20), max_size=8))
def test_odd_dates_are_cells_of_the_column(cells):
    assert odd_dates(cells) <= set(range(len(cells)))


def test_one_style_is_never_odd():
    assert odd_dates(["08/04/2025", "", "09/04/2025", "spring"]) == frozenset()


@pytest.mark.parametrize(
    ("value", "told"),
    [("#REF!", "the Excel error"), ("=1+1", "a formula that was never calculated")],
)
def test_an_error_or_a_formula_in_a_cell_is_a_fault_with_its_place(write, value, told):
    book = openpyxl.Workbook()
    book.active.append(["Timestamp", "Years", "What stayed?"])
    book.active.append(["2025-01-06", value, LONG[0]])
    out = io.BytesIO()
    book.save(out)
    (fault,) = found_in(write("s.xlsx", out.getvalue())).faults
    assert fault.startswith("s.xlsx, row 2, column 2: ")
    assert told in fault


def test_a_nul_byte_is_a_fault_with_its_line(write):
    path = write("s.csv", GOOGLE.replace("ECEA", "EC\x00EA"))
    with pytest.raises(CorpusError, match=r"s\.csv, line 3: control character U\+0000"):
        found_in(path)


def test_a_row_without_an_answer_is_listed(write):
    found = found_in(write("s.csv", GOOGLE + "1/8/2025 10:00,,ECE,circle,,\n"))
    assert [o.place for o in found.omissions if "without an answer" in o.reason] == ["row 4"]
    assert len(found.cases) == 2


def test_a_response_that_stands_twice_is_no_second_case(write):
    text = QUALTRICS.replace("R_2def", "R_1abc")
    corpus = read_corpus(write("s.csv", text))
    assert [case.id for case in corpus.cases] == ["R_1abc"]
    assert [d.id for d in corpus] == ["R_1abc-4-Q3", "R_1abc-4-Q5", "R_1abc-5-Q3"]


def test_a_frame_is_read_as_a_survey():
    frame = pd.read_csv(io.StringIO(GOOGLE))
    corpus = read_corpus(frame)
    assert [d.text for d in corpus] == [LONG[0], HARD[0], LONG[1]]


cells = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30)


@given(st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=4))
def test_no_cells_break_the_reader_of_surveys(rows):
    frame = pd.DataFrame(rows, columns=["Timestamp", "What stayed?", "Role"])
    found = read_table(frame_table(frame, "the frame"), {})
    assert all(document.text.strip() for document in found.documents)
    assert found.documents or found.faults or found.omissions


@pytest.mark.parametrize(
    "cells",
    [
        ["Strongly agree", "Neither agree nor disagree", "Agree"],
        ["7", "12", "2025-01-06"],
        ["Nelson", "Prince George", "Fort St. John"],
        [
            "circle, books, outdoor play, songs, paint, clay",
            "circle, books, clay, songs, snow, mud",
        ],
        [],
    ],
)
def test_scales_numbers_towns_and_ticks_are_no_questions(cells):
    assert not is_open(cells, asking=True)


def test_an_id_that_the_mapping_names_is_the_case(write):
    text = f'Timestamp,Code,What stayed?\n1/6/2025,K7,"{LONG[0]}"\n'
    (document,) = found_in(write("s.csv", text), id="Code").documents
    assert (document.case_id, "Code" in document.attributes) == ("K7", False)


def test_an_attribute_of_any_table_that_holds_addresses_is_left_out(write):
    text = "id,participant,reach,text\n1,P1,jo@example.org,We waited.\n2,P2,,So did I.\n"
    found = found_in(write("a.csv", text))
    assert all(not document.attributes for document in found.documents)
    assert [omission.place for omission in found.omissions] == ["column 'reach'"]


def test_one_open_question_with_the_survey_s_own_ids_is_a_survey(write):
    rows = "".join(f"R_{n},{words},yes\n" for n, words in enumerate(LONG))
    path = write("s.csv", f"ResponseId,What stayed with you?,May we quote you?\n{rows}")
    corpus = read_corpus(path)
    assert [document.text for document in corpus] == list(LONG)
    assert [case.id for case in corpus.cases] == ["R_0", "R_1", "R_2"]


def test_a_column_of_ids_is_never_hinted_as_the_texts(write):
    path = write("s.csv", "ResponseId,What stayed,quote_consent\nR_1,Yes.,yes\nR_2,No.,no\n")
    with pytest.raises(CorpusError) as raised:
        read_corpus(path)
    assert "'text': 'ResponseId'" not in str(raised.value)
    assert "did you mean 'text'" not in str(raised.value)


def test_the_one_open_question_is_hinted_as_the_texts(write):
    rows = "".join(f"a,2025-01-0{n},{words}\n" for n, words in enumerate(LONG, 1))
    path = write("s.csv", f"site,session,Said\n{rows}")
    with pytest.raises(CorpusError, match="'text': 'Said'"):
        read_corpus(path)
