"""More forms of identifiers, stand-ins, known names, and what the report tells."""

from __future__ import annotations

import csv

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reflect_analysis._rows import Attributes
from reflect_analysis.anonymity import (
    ages,
    check_anonymity,
    find_by_patterns,
    find_names,
    pseudonymise,
    sins,
)
from reflect_analysis.anonymity.beside import find_beside
from reflect_analysis.anonymity.hints import is_given, is_misspelt, near_calendar
from reflect_analysis.anonymity.place_words import KINDS_OF_ROOM
from reflect_analysis.anonymity.rooms import rooms_in
from reflect_analysis.anonymity.stand_ins import is_stand_in
from reflect_analysis.corpus import Case, Corpus, Document, Picture


def found(text, *, language="en", known=(), recognisers=(find_by_patterns, find_names)):
    corpus = Corpus((Document("r1", text, language=language),))
    report = check_anonymity(corpus, known=known, recognisers=recognisers)
    return {report.words_of(f): f.kind for f in report}


FORMS = [
    ("phone", "text {six oh four 555 oh one two three}"),
    ("phone", "reach me at {5550177}"),
    ("street address", "come to {twenty-two Maple Crescent}"),
    ("street address", "mail: {P.O. Bag 5000}"),
    ("street address", "{lot 7 cedar flats road}"),
    ("street address", "at {11209 - 98A Ave}"),
    ("SIN", "s.i.n. {856/203/179}"),
    ("SIN", "SIN: {856203179}"),
    ("date of birth", "birthday {06-Dec-1988}"),
    ("date of birth", "b. {4 Oct 1990}"),
    ("date of birth", "her birthday is {June twelfth}"),
    ("handle", "im on insta as {mudpiequeen}"),
    ("licence number", "staff number {forty-four seventeen}"),
    ("age", "Great-grandpa Alphonse, {94}, was our guest"),
    ("room", "our class, the {Chickadees},"),
    ("room", "I moved to {Room 4} in the fall"),
    ("town", "on the {Bonaparte} reserve"),
    ("name", "Present: {A. Wong} and others"),
    ("name", "i was paired with {sunny} for the activity"),
    ("name", "{Joy} is our director and has been here ten years."),
    ("name", "the educator {Thandiwe}, who runs the kitchen"),
]


@pytest.mark.parametrize(("kind", "marked"), FORMS)
def test_an_identifier_is_found_in_forms_that_people_write(kind, marked):
    identifier = marked[marked.index("{") + 1 : marked.index("}")]
    assert found(marked.replace("{", "").replace("}", "")).get(identifier) == kind


ORDINARY = [
    ("en", "Today we had SO much fun. In Febuary it snowed. I am NOT going."),
    ("en", "Hope is a discipline. Joy comes in small things. Faith moves slowly."),
    ("en", "we lost hope. there is joy in it. she may come. mark the calendar. the robin sang."),
    ("en", "we counted one two three four five six seven eight"),
    ("en", "We met on 1985-05-03 in the hall, and again on 2024-05-01."),
    ("fr", "Avant Noël, tout est long. Depuis avril, rien. Elle arrive. Chaque matin est pareil."),
]


@pytest.mark.parametrize(("language", "text"), ORDINARY)
def test_emphasis_holidays_virtues_and_counting_are_no_findings(language, text):
    assert found(text, language=language) == {}


def test_a_stand_in_is_no_finding_in_a_text_or_a_column():
    assert found("Ms. P03 wrote to [e-mail 1] and [name].") == {}
    case = Case("P03", {"email": "[e-mail 1]", "name": "P03"})
    assert list(find_beside(Corpus((Document("r1", "Mud.", case_id="P03"),), (case,)))) == []
    assert not is_stand_in("Maria Chen")


@pytest.mark.parametrize(
    "case_id",
    [
        *("Marisol Vega", "vega_marisol", "MarisolVega", "Vega, Marisol", "Jo Lee", "Li Wei"),
        *("li_wei", "LiWei", "Wu Xi", "An Ng", "J. Smith"),
    ],
)
def test_an_id_in_the_form_of_a_name_is_direct_and_no_message_repeats_it(case_id):
    corpus = Corpus((Document("r1", "Mud.", case_id=case_id),), (Case("P01"), Case(case_id)))
    report = check_anonymity(corpus, recognisers=[find_beside])
    (finding,) = report.direct
    assert (finding.field, finding.kind) == ("case id", "name")
    assert report.words_of(finding) == case_id
    assert case_id not in finding.id
    changed = pseudonymise(corpus, report)
    assert [case.id for case in changed.corpus.cases] == ["P01", case_id]


@pytest.mark.parametrize(
    "case_id", ["P01", "ECE-12", "R_1kk", "Maria", "ece_hope_12", "pair-01", "Blue Heron", "Case A"]
)
def test_an_id_that_names_nobody_is_no_finding(case_id):
    corpus = Corpus((Document("r1", "Mud.", case_id=case_id),), (Case(case_id),))
    assert list(find_beside(corpus)) == []


def test_a_participant_whose_id_is_a_name_is_found_in_the_texts_too():
    corpus = Corpus((Document("r1", "Today Marisol Cruz came."),), (Case("Marisol Cruz"),))
    report = check_anonymity(corpus)
    assert [report.words_of(f) for f in report.in_texts] == ["Marisol Cruz"]


@pytest.mark.parametrize(
    ("column", "value", "fields"),
    [
        ("centre", "Little Sprouts Daycare", ["attribute centre"]),
        ("centre", "Little Sprouts", ["attribute centre"]),
        ("where", "Little Sprouts Daycare", ["attribute where"]),
        ("centre", "centre 3", []),
        ("centre", "C4", []),
        ("centre", "Family Child Care", []),
        ("centre", "rural", []),
        ("place", "Nelson", []),
        ("town", "Kamloops", []),
    ],
)
def test_a_centre_in_a_column_is_direct_and_a_town_is_not(column, value, fields):
    document = Document("r1", "Mud.", attributes=Attributes({column: value}))
    found = [f for f in find_beside(Corpus((document,))) if f.direct]
    assert [f.field for f in found] == fields
    case = Case("P01", Attributes({column: value}))
    found = [f for f in find_beside(Corpus((), (case,))) if f.direct]
    assert [f.field for f in found] == [f"case {field}" for field in fields]


def test_a_known_part_of_a_name_takes_the_whole_name_with_it():
    assert found("We saw Maria Chen there.", known=["Maria"]) == {"Maria Chen": "name"}


def test_an_alt_text_is_searched_and_told_apart_from_the_texts():
    picture = Picture("mud.jpg", "Write to jo@example.ca about the mud.")
    corpus = Corpus((Document("r1", "Call 604-555-0139.", picture=picture),))
    report = check_anonymity(corpus, recognisers=[find_by_patterns, find_beside])
    assert report.counts_by_place() == {"texts": {"phone": 1}, "alt text": {"e-mail": 1}}
    assert [report.words_of(f) for f in report.beside] == ["jo@example.ca"]


def test_the_table_asks_what_is_to_be_replaced(tmp_path):
    report = check_anonymity(
        Corpus((Document("r1", "Call 604-555-0139."),)), recognisers=[find_by_patterns]
    )
    report.to_csv(tmp_path / "findings.csv")
    with (tmp_path / "findings.csv").open(encoding="utf-8-sig", newline="") as lines:
        (row,) = csv.DictReader(lines)
    assert (row["text"], row["reason"], row["replace"]) == ("604-555-0139", "", "")


def test_a_slip_of_the_fingers_is_no_name():
    assert near_calendar("febuary")
    assert is_misspelt("becuase")
    assert is_given("anne-sofia")
    assert not is_given("window")


@settings(suppress_health_check=list(HealthCheck), deadline=None)
@given(
    st.sampled_from(
        [
            *((ages._SIGN, form) for form in (*ages._FORMS, ages._APPOSED)),
            *((sins._SIGN, form) for form in (sins._FORM, *sins._CALLED, *sins._PART)),
        ]
    ).flatmap(lambda pair: st.tuples(st.just(pair[0]), st.from_regex(pair[1])))
)
def test_what_is_asked_of_a_text_before_the_forms_stands_in_each_of_them(asked):
    sign, text = asked
    assert sign.search(text)


@settings(deadline=None)
@given(
    st.sampled_from(KINDS_OF_ROOM.split("|")),
    st.sampled_from(["{}", "little {}", "Busy {}", "{}’s", "{}'s", "{}'"]),
    st.sampled_from(["room", "classroom", "class", "group", "pods"]),
)
def test_a_room_is_found_by_every_kind_of_name_in_lower_case(kind, how, behind):
    name = f"{how.format(kind)} {behind}"
    text = f"we walked to the {name}, then home"
    assert name in {text[hit.start : hit.end] for hit in rooms_in(text)}
