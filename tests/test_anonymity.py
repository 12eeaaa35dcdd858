"""Identifiers are found, placeholders are not, and nothing is cleared without a reason."""

from __future__ import annotations

import csv
import functools
import re
from typing import NamedTuple

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect_analysis.anonymity import (
    AnonymityReport,
    Finding,
    check_anonymity,
    find_by_patterns,
    find_names,
    mark_cleared,
    read_reasons,
)
from reflect_analysis.corpus import Case, Corpus, Document
from reflect_analysis.errors import CorpusError, NotClearedError


class Entity(NamedTuple):
    start: int
    end: int
    label: str


class Parse(NamedTuple):
    entities: tuple[Entity, ...]


def taking_capitals_for_names(texts, *, language):
    """A stand-in for the language model: every capitalised word is a person."""
    capitals = [re.finditer(r"[A-Z][\w-]*", text) for text in texts]
    return [Parse(tuple(Entity(*m.span(), "PERSON") for m in found)) for found in capitals]


def one(text, *, language="en", case_id=None):
    cases = (Case(case_id),) if case_id else ()
    return Corpus((Document("r1", text, case_id=case_id, language=language),), cases)


def found_in(text):
    corpus = one(text)
    report = check_anonymity(corpus, recognisers=[find_by_patterns])
    return [(f.kind, corpus.documents[0].passage(f.start, f.end)) for f in report]


IDENTIFIERS = [
    ("e-mail", "jo.smith+work@example.ca"),
    ("e-mail", "jo (at) example dot ca"),
    ("e-mail", "jo [at] example [dot] ca"),
    ("e-mail", "jo at example dot ca"),
    ("e-mail", "jo (at) example.ca"),
    ("e-mail", "zoë@exämple.ca"),
    ("phone", "604-555-0139"),
    ("phone", "(604) 555-0139"),
    ("phone", "+1 250.555.0139"),
    ("phone", "1 250 555 0139"),
    ("phone", "6045550139"),
    ("phone", "604-555-0139 ext. 12"),
    ("phone", "1-800-555-0139"),
    ("phone", "1-866-CALLNOW"),
    ("phone", "+44 20 7946 0958"),
    ("phone", "555-0139"),
    ("postal code", "V1A 1A1"),
    ("postal code", "v1a1a1"),
    ("postal code", "V1A-1A1"),
    ("SIN", "046 454 286"),
    ("SIN", "046-454-286"),
    ("SIN", "046454286"),
    ("SIN", "130 692 544"),
    ("URL", "https://example.ca/our-centre?x=1"),
    ("URL", "www.example.ca/staff"),
    ("URL", "ourcentre.example.com"),
    ("handle", "@mud_kitchen"),
    ("date of birth", "3 May 1985"),
    ("street address", "340 Birch Avenue"),
    ("street address", "12-340 West Birch St"),
    ("street address", "Unit 4, 340 Birch Ave."),
    ("street address", "1450 W 4th Avenue"),
    ("street address", "1450 birch street"),
    ("street address", "12, rue Principale"),
    ("street address", "P.O. Box 1139"),
]


@pytest.mark.parametrize(("kind", "identifier"), IDENTIFIERS)
def test_a_direct_identifier_is_found_whole(kind, identifier):
    lead = "I was born on " if kind == "date of birth" else "We said "
    assert found_in(f"{lead}{identifier}, and went home.") == [(kind, identifier)]


@pytest.mark.parametrize(
    "date",
    ["1985-05-03", "03/05/85", "May 3rd, 1985", "May 3", "3 mai 1985", "the 3rd of May", "1er mai"],
)
def test_a_date_of_birth_is_found_in_many_forms(date):
    assert found_in(f"DOB: {date}") == [("date of birth", date)]
    assert found_in(f"We met on {date} in the hall.") == []


def test_a_birthday_told_the_other_way_round_is_found():
    assert found_in("May 3rd is her birthday, so cake.") == [("date of birth", "May 3rd")]


ORDINARY = [
    "Today we had 36 hours of snow and 8 children.",
    "I have been an ECE for 14 years, since 2010.",
    "We opened in 2016-2017 and closed 2019–2020.",
    "4 toddlers on the road to 10:20 at 7:05 am",
    "It cost $2,500.50 and took 45 minutes, twice.",
    "In 2025 Fort St. John was cold; 3 St. Mary's children came.",
    "P07 and P12 wrote [name], [child], [Child 2] and [my centre].",
    "I was at work. So was my dot painting.",
    "Room 12 has 3.5 staff, ratio 1:4, group of 16.",
    "Licence? B2 or A1, section 3.2.",
    "We meet @ 5 and I am @ the end.",
    "The session of 2025-01-22, the third of May.",
    "000 000 000",
    "120 000 000 of them, and 415 200 000 dollars",
    "10 of the children, 20 per street party, 15 in road works",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_holds_no_direct_identifier(text):
    assert found_in(text) == []


def test_nine_digits_in_threes_are_a_guess_though_they_fail_the_check():
    corpus = Corpus((Document("r1", "It read 046 454 287 in pencil."),))
    (finding,) = find_by_patterns(corpus)
    assert (finding.kind, finding.direct) == ("SIN", False)


def test_nine_digits_that_fail_the_check_are_found_where_they_are_called_a_sin():
    assert found_in("my SIN is 046 454 287") == [("SIN", "046 454 287")]


def test_of_two_that_overlap_the_surer_and_longer_stands():
    assert found_in("Write to jo@example.ca.") == [("e-mail", "jo@example.ca")]
    assert found_in("See https://example.ca/@jo now") == [("URL", "https://example.ca/@jo")]


@given(
    before=st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=30),
    after=st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=30),
)
def test_offsets_hold_whatever_stands_around(before, after):
    text = f"{before} jo@example.ca {after}"
    corpus = one(text)
    places = [(f.start, f.end) for f in check_anonymity(corpus, recognisers=[find_by_patterns])]
    at = len(before) + 1
    assert any(start <= at and at + 13 <= end for start, end in places)
    assert all(0 <= start < end <= len(text) for start, end in places)


def test_scores_are_between_0_and_1_and_every_finding_says_why():
    corpus = one(" ; ".join(identifier for _, identifier in IDENTIFIERS))
    report = check_anonymity(corpus, recognisers=[find_by_patterns])
    assert len(report) > 20
    assert all(0 < finding.score <= 1 and finding.why for finding in report)


# ── names ───────────────────────────────────────────────────────────────────────────────


def names_in(text, **about):
    corpus = one(text, **about)
    guess = functools.partial(find_names, parse=taking_capitals_for_names)
    report = check_anonymity(corpus, recognisers=[find_by_patterns, guess])
    return [corpus.documents[0].passage(f.start, f.end) for f in report if f.kind == "name"]


def test_a_name_is_a_guess_and_scores_lower_than_a_direct_identifier():
    corpus = one("then Maria, maria@example.ca, left")
    guess = functools.partial(find_names, parse=taking_capitals_for_names)
    report = check_anonymity(corpus, recognisers=[find_by_patterns, guess])
    (direct,), (name,) = report.direct, report.guesses
    assert (direct.kind, name.kind) == ("e-mail", "name")
    assert name.score < direct.score


def test_pseudonyms_and_placeholders_are_no_names():
    assert names_in("told P07 and ECE-12 and Wren that", case_id="Wren") == []
    assert names_in("[Name] came, [Child 2] ran, [Name of centre] shut", case_id=None) == []
    assert names_in("so [Maria] came") == ["Maria"]


def test_a_name_inside_a_direct_identifier_is_not_found_twice():
    assert names_in("write to Maria@example.ca") == []


def test_texts_in_a_language_without_a_model_are_named_and_searched_by_lists():
    report = check_anonymity(one("Je suis fatiguée, dit Ginette.", language="fr"))
    assert report.without_model == ("r1",)
    assert "names by lists alone in 1" in repr(report)
    assert report.to_frame()["text"].tolist() == ["Ginette"]


def test_the_language_model_finds_a_name_and_leaves_today_alone():
    corpus = one("Today I worked eight hours. Then Maria Gonzalez called me about Monday.")
    report = check_anonymity(corpus)
    assert report.to_frame()["text"].tolist() == ["Maria Gonzalez"]


def taking_susan_for_a_name(texts, *, language):
    """A stand-in for the language model that finds one name, with its surname where it has one."""
    found = [re.search(r"Susan( Miller)?(@\S+)?", text) for text in texts]
    return [Parse((Entity(*m.span(), "PERSON"),) if m else ()) for m in found]


def check_for_susan(text):
    guess = functools.partial(find_names, parse=taking_susan_for_a_name)
    return check_anonymity(one(text), recognisers=[find_by_patterns, guess])


def test_a_first_name_with_a_surname_needs_a_reason_and_a_first_name_does_not():
    whole, first = (check_for_susan(f"then {n} left") for n in ("Susan Miller", "Susan"))
    assert [f.id for f in whole.direct] == ["r1:5-17:name"]
    assert [f.id for f in first.guesses] == ["r1:5-10:name"]
    with pytest.raises(NotClearedError, match="given name from the list") as caught:
        mark_cleared(whole.corpus, whole, **WHO)
    assert "Susan" not in str(caught.value)


def test_a_whole_name_inside_an_address_is_not_found_twice():
    report = check_for_susan("write to Susan Miller@example.ca")
    assert [f.kind for f in report] == ["e-mail"]


def test_the_run_says_how_many_possible_names_the_note_covers():
    report = check_for_susan("then Susan left")
    summary = mark_cleared(report.corpus, report, **WHO).runs[-1].summary
    assert "possible names covered by the note: 1" in summary
    assert "judged" not in summary


# ── the report ──────────────────────────────────────────────────────────────────────────


@pytest.fixture
def risky():
    texts = ["My number is 604-555-0139.", "=1+1 or @mud_kitchen?", "We read by the window."]
    documents = [
        Document(f"r{n}", t, source="a.csv", place=f"row {n}") for n, t in enumerate(texts)
    ]
    return Corpus(tuple(documents))


@pytest.fixture
def report(risky):
    return check_anonymity(risky, recognisers=[find_by_patterns])


def test_the_frame_shows_the_words_and_nothing_else_does(report):
    frame = report.to_frame()
    expected = ["document_id", "start", "end", "text", "kind", "score", "why"]
    assert list(frame.columns[:7]) == expected
    assert frame["text"].tolist() == ["604-555-0139", "@mud_kitchen"]
    shown = f"{report!r}{report._repr_html_()}{report.runs}"
    assert "555-0139" not in shown  # the digits alone may stand in a hash
    assert "mud_kitchen" not in shown
    assert report.counts() == {"phone": 1, "handle": 1}


def test_an_id_is_the_same_whenever_the_text_is(risky, report):
    again = check_anonymity(risky, recognisers=[find_by_patterns])
    assert [f.id for f in report] == [f.id for f in again] == ["r0:13-25:phone", "r1:8-20:handle"]


def test_a_report_of_nothing_is_a_value_too():
    nothing = check_anonymity(one("We read."), recognisers=[])
    assert len(nothing) == 0
    assert nothing.to_frame().empty
    assert "nothing" in nothing._repr_html_()


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_reasons_go_out_empty_and_come_back_filled(report, tmp_path, suffix):
    path = tmp_path / f"to let stand.{suffix}"
    report.to_csv(path)
    assert read_reasons(path) == {}
    fill(path, "r0:13-25:phone", "  a made-up number ")
    assert read_reasons(path) == {"r0:13-25:phone": "a made-up number"}


def fill(path, finding_id, reason):
    """Write a reason as a person would in a spreadsheet."""
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        page = book["findings"]
        columns = {cell.value: cell.column for cell in page[1]}
        for row in page.iter_rows(min_row=2):
            if row[columns["id"] - 1].value == finding_id:
                page.cell(row[0].row, columns["reason"], reason)
        book.save(path)
        return
    rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    for row in rows:
        row["reason"] = reason if row["id"] == finding_id else ""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=";")  # as Excel does in French
        writer.writeheader()
        writer.writerows(rows)


def test_no_cell_of_the_csv_is_a_formula(report, tmp_path):
    report.to_csv(tmp_path / "found.csv")
    rows = list(csv.reader((tmp_path / "found.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


def test_reasons_without_an_id_or_with_two_meanings_are_faults_with_their_rows(tmp_path):
    path = tmp_path / "reasons.csv"
    path.write_text("id,reason\n,why\nr1:0-2:URL,a\nr1:0-2:URL,b\n", encoding="utf-8")
    with pytest.raises(CorpusError) as caught:
        read_reasons(path)
    assert [fault.split(":")[0] for fault in caught.value.faults] == [
        "reasons.csv, row 2",
        "reasons.csv, row 4",
    ]


def test_a_table_without_the_columns_is_refused(tmp_path):
    path = tmp_path / "reasons.csv"
    path.write_text("finding,why\n1,2\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"no column 'id'(.|\n)*no column 'reason'"):
        read_reasons(path)


# ── clearing ────────────────────────────────────────────────────────────────────────────

WHO = {"by": "lead researcher", "note": "read by two people"}


def test_a_direct_identifier_without_a_reason_keeps_the_texts_from_being_cleared(risky, report):
    with pytest.raises(NotClearedError) as caught:
        mark_cleared(risky, report, **WHO)
    assert len(caught.value.faults) == 2
    message = str(caught.value)
    assert "r0:13-25:phone (a.csv, row 0)" in message
    assert "--let-stand" in message
    assert "0139" not in message
    assert "mud_kitchen" not in message


def test_with_a_reason_for_each_the_texts_are_cleared_and_the_reasons_kept(risky, report):
    reasons = {finding.id: "made up" for finding in report}
    cleared = mark_cleared(risky, report, reasons=reasons, **WHO)
    assert cleared.uncleared() == ()
    assert risky.uncleared() == risky.documents
    assert [c.sha256 for c in cleared.clearances] == [d.sha256 for d in risky]
    assert {(c.by, c.note) for c in cleared.clearances} == {tuple(WHO.values())}
    assert cleared.runs[-1].settings["reasons"] == reasons
    assert cleared.documents == risky.documents


def test_an_empty_reason_is_no_reason(risky, report):
    with pytest.raises(NotClearedError):
        mark_cleared(risky, report, reasons={f.id: "  " for f in report}, **WHO)


def test_a_reason_for_no_finding_is_refused_with_a_hint(risky, report):
    reasons = {finding.id: "made up" for finding in report} | {"r0:13-26:phone": "made up"}
    with pytest.raises(NotClearedError, match="did you mean 'r0:13-25:phone'"):
        mark_cleared(risky, report, reasons=reasons, **WHO)


def test_guesses_are_covered_by_the_note():
    corpus = one("then Maria left")
    guess = functools.partial(find_names, parse=taking_capitals_for_names)
    report = check_anonymity(corpus, recognisers=[guess])
    assert len(report) == 1
    assert mark_cleared(corpus, report, **WHO).uncleared() == ()


def test_without_a_report_the_check_is_run(risky):
    with pytest.raises(NotClearedError, match="r0:13-25:phone"):
        mark_cleared(risky, **WHO)
    assert mark_cleared(one("We read by the window."), **WHO).uncleared() == ()


def test_a_report_on_other_texts_is_refused(risky):
    other = check_anonymity(one("We read."), recognisers=[])
    with pytest.raises(NotClearedError, match="other texts"):
        mark_cleared(risky, other, **WHO)


@pytest.mark.parametrize("who", [{"by": " ", "note": "read"}, {"by": "me", "note": ""}])
def test_nobody_clears_without_a_name_and_a_note(who):
    with pytest.raises(ValueError, match="must not be empty"):
        mark_cleared(one("We read."), **who)


def test_a_text_that_changes_after_clearing_is_uncleared_again():
    cleared = mark_cleared(one("We read."), **WHO)
    changed = Corpus((Document("r1", "We read. Call 604-555-0139."),), (), cleared.clearances)
    assert [d.id for d in changed.uncleared()] == ["r1"]


def test_findings_of_any_recogniser_are_taken():
    def by_dictionary(corpus):
        yield Finding("r1", 0, 2, "centre", 0.9, direct=True, why="in the list of centres")

    report = check_anonymity(one("We read."), recognisers=[by_dictionary])
    assert isinstance(report, AnonymityReport)
    assert report.runs[0].settings["recognisers"] == ["by_dictionary"]
    with pytest.raises(NotClearedError, match=r"r1:0-2:centre: in the list of centres"):
        mark_cleared(one("We read."), report, **WHO)
