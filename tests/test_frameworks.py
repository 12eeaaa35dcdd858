"""Frameworks: read with every fault, filled with accounts, printed without giving anybody away."""

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reflect_analysis._rows import Attributes
from reflect_analysis.codebook import Code, Codebook, Group, read_codebook
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.corpus import Case, Corpus, Document, Governance
from reflect_analysis.errors import FrameworkError, UnknownIdError
from reflect_analysis.frameworks import (
    ChecklistAnswer,
    Choice,
    Framework,
    FrameworkRow,
    Indicator,
    UseCase,
    answer_checklist,
    check_wording,
    fill_framework,
    read_checklist_answers,
    read_framework,
    read_indicators,
)
from reflect_analysis.tables import export_table, untold
from reflect_analysis.tables.frameworks import (
    checklist_table,
    framework_matrix_table,
    framework_table,
    use_case_table,
    wording_table,
)

FOLDER = Path(__file__).parent.parent / "codebooks" / "frameworks"
BOOKS = {"effective-programme": "effective-mentorship"}
BOOK = Codebook(
    tuple(Code(each, each.capitalize(), "d", "g") for each in ("joy", "calm", "strain", "alone")),
    (Group("g", "Group"),),
)
TEXT = "One two three four five six."


def row(name, supports=(), contradicts=(), **more):
    return FrameworkRow(name, name.capitalize(), supports=supports, contradicts=contradicts, **more)


def framework(*rows, kind="components", **more):
    return Framework("mine", "My framework", kind, rows, **more)


SIMPLE = framework(row("company", ("joy",), ("alone",)), row("rest", ("calm",)))


def study(people, *, kind="person", read=(), governed=()):
    """What each of some people says; `read` names the codes that were read, all by default."""
    cases = tuple(
        Case(f"p{n}", governance=Governance("nation") if n in governed else None)
        for n in range(len(people))
    )
    documents = tuple(Document(f"d{n}", TEXT, case_id=f"p{n}") for n in range(len(people)))
    codings = tuple(
        Coding(f"d{n}", 0, 3, code, "ada", kind) for n, said in enumerate(people) for code in said
    )
    seen = tuple(Seen("ada", f"d{n}", kind, codes=tuple(read)) for n in range(len(people)))
    return Corpus(documents, cases), Codings(codings, seen=seen)


def fill(people, book=BOOK, use=SIMPLE, *, indicators=(), choice=None, approach="codebook", **more):
    corpus, codings = study(people, **more)
    about = {"corpus": corpus, "codebook": book, "approach": approach}
    return fill_framework(use, codings, indicators=indicators, choice=choice, **about)


def people_of(**counts):
    return [{code} for code, n in counts.items() for _ in range(n)]


# ── reading ─────────────────────────────────────────────────────────────────────────────


def written(tmp_path, text, name="f.yaml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


GOOD = """id: mine
title: Mine
kind: components
rows:
  - id: first
    name: First
    for: [joy]
"""


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_framework_of_the_project_fits_its_codebook(path):
    found = read_framework(path)
    book = BOOKS.get(path.stem, "peer-mentoring")
    found.check_codes(read_codebook(FOLDER.parent / f"{book}.yaml"))
    assert found.licence == "BSD-3-Clause"
    assert found.always_said
    assert all(case.primary in [each.id for each in found] for case in found.use_cases)


def test_mentoring_is_never_said_to_replace_pay():
    for name in ("mentorship-decision-matrix", "theory-of-change", "effective-programme"):
        said = " ".join(read_framework(FOLDER / f"{name}.yaml").always_said)
        assert "alongside pay, working conditions and staffing, never in place of them" in said


def test_every_fault_comes_at_once_with_its_line(tmp_path):
    text = """id: Mine
title: ""
kind: matrix
rows:
  - id: first
    name: First
    for: [joy, joy]
    against: [joy]
  - id: first
    nmae: Second
  - nothing
use_cases:
  - situation: Somewhere
    primary: frist
"""
    with pytest.raises(FrameworkError) as caught:
        read_framework(written(tmp_path, text))
    told = [str(fault) for fault in caught.value.faults]
    assert [re.search(r"line (\d+)", each)[1] for each in told] == [
        *("1", "2", "3", "7", "8", "9", "9", "10", "11", "13")
    ]
    together = "\n".join(told)
    for expected in (
        "id: expected a lower-case letter",
        "title: is empty",
        "kind: 'matrix'",
        "'joy' stands twice in 'for'",
        "'joy' cannot speak both for it and against it",
        "the row 'first' stands in line 5 already",
        "rows 2 name: is missing",
        "unknown key; did you mean 'name'?",
        "expected keys with values",
        "a use case names the row 'frist'; did you mean 'first'?",
    ):
        assert expected in together


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- a\n- b\n", "expected the keys 'id', 'title', 'kind' and 'rows' at the top"),
        ("", "expected the keys 'id', 'title', 'kind' and 'rows' at the top"),
        ("id: [\n", "not YAML"),
        ("id: a\nid: b\n", "line 2: not YAML"),
        (GOOD.split("rows", maxsplit=1)[0] + "rows: []\n", "rows: has no entry"),
        (GOOD.replace("[joy]", "joy"), "expected a list"),
        (GOOD.replace("First", "3"), "name: expected text"),
        (GOOD.replace("    for: [joy]\n", "    for:\n"), "for: is empty"),
    ],
)
def test_a_file_that_is_no_framework_is_said(tmp_path, text, expected):
    with pytest.raises(FrameworkError, match=re.escape(expected)):
        read_framework(written(tmp_path, text))


def test_a_missing_file_and_one_in_another_encoding_are_said(tmp_path):
    with pytest.raises(FrameworkError, match="there is no such file"):
        read_framework(tmp_path / "none.yaml")
    path = tmp_path / "latin.yaml"
    path.write_bytes(GOOD.replace("First", "Café").encode("latin-1"))
    with pytest.raises(FrameworkError, match="not UTF-8"):
        read_framework(path)


def test_a_framework_knows_its_rows_and_its_version():
    assert SIMPLE["rest"].codes == ("calm",)
    assert SIMPLE.codes == ("joy", "alone", "calm")
    with pytest.raises(UnknownIdError, match="did you mean 'rest'"):
        SIMPLE["rset"]
    other = framework(row("company", ("joy",), ("strain",)), row("rest", ("calm",)))
    assert SIMPLE.fingerprint != other.fingerprint
    assert "2 rows" in SIMPLE._repr_html_()
    assert list(SIMPLE.to_frame().id) == ["company", "rest"]
    with pytest.raises(FrameworkError, match="has no row"):
        framework()


# ── codes, indicators, choice ───────────────────────────────────────────────────────────


def test_unknown_and_retired_codes_are_named_with_their_rows_and_all_other_faults():
    book = BOOK.merge(["strain"], "alone", by="Ana", reason="the same")
    use = framework(row("a", ("joi",)), row("b", (), ("strain",)))
    figure = Indicator("vacancies", "4", "2025", "a survey")
    choice = Choice(("z",), "Ana", "so")
    with pytest.raises(FrameworkError) as caught:
        fill([{"joy"}], book, use, indicators=[figure], choice=choice)
    together = str(caught.value)
    assert "row 'a': the codebook has no code 'joi'; did you mean 'joy'?" in together
    assert "row 'b': the code 'strain' is retired; name 'alone' in its place" in together
    assert "asks for the indicator 'vacancies'" in together
    assert "the choice names the row 'z'" in together


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("vacancies", "4", "", "survey"), "no date"),
        (("vacancies", "4", "2025", " "), "no source"),
        (("", "4", "2025", "survey"), "no indicator"),
        (("vacancies", "", "2025", "survey"), "no value"),
        (("vacancies", "4", "last spring", "survey"), "date 'last spring'"),
        (("vacancies", "4", "2025-13", "survey"), "date '2025-13'"),
        (("vacancies", "4", "20250630", "survey"), "date '20250630'"),
    ],
)
def test_a_figure_without_date_or_source_is_refused_wherever_it_comes_from(
    tmp_path, cells, expected
):
    with pytest.raises(FrameworkError, match=expected):
        Indicator(*cells)
    line = ",".join(cells)
    path = written(tmp_path, f"indicator,value,date,source\n{line}\n", "i.csv")
    with pytest.raises(FrameworkError, match=f"i.csv, row 2: {expected}"):
        read_indicators(path)


def test_indicators_keep_what_was_published_and_as_exact_a_date(tmp_path):
    text = "indicator;value;date;source\nvacancies;up to 40;2025;Survey, second wave\n"
    (found,) = read_indicators(written(tmp_path, text, "i.csv"))
    assert str(found) == "up to 40 (2025, Survey, second wave)"


def test_faults_of_a_table_of_indicators_come_together(tmp_path):
    text = "indicator,value,date,source,sauce\na,1,,s,\n\nb,2,2025,Report, of May,x\n"
    with pytest.raises(FrameworkError) as caught:
        read_indicators(written(tmp_path, text, "i.csv"))
    told = "\n".join(caught.value.faults)
    assert "row 1: unknown column 'sauce'; did you mean 'source'?" in told
    assert "row 2: no date" in told
    assert "row 4: more cells than columns" in told
    with pytest.raises(FrameworkError, match="no column 'date'"):
        read_indicators(written(tmp_path, "indicator,value,source\n", "i.csv"))


def test_a_choice_is_a_persons_with_a_reason():
    with pytest.raises(FrameworkError, match="needs by, why"):
        Choice(("a",), " ", "")
    with pytest.raises(FrameworkError, match="needs rows"):
        Choice((), "Ana", "so")
    with pytest.raises(FrameworkError, match="names 'a' twice"):
        Choice(("a", "a"), "Ana", "so")


# ── filling ─────────────────────────────────────────────────────────────────────────────


def test_accounts_are_people_and_not_passages():
    corpus, _ = study([set()] * 12)
    codings = Codings(
        tuple(Coding("d0", n, n + 1, "joy", "ada", "person") for n in range(0, 9, 3)),
        seen=tuple(Seen("ada", f"d{n}", "person") for n in range(12)),
    )
    filled = fill_framework(SIMPLE, codings, corpus=corpus, codebook=BOOK)
    supports = filled.rows[0].supports
    assert (supports.persons.known, supports.of_persons.known) == (1, 12)
    assert len(supports.passages) == 3


def test_not_read_is_not_no_account():
    filled = fill(people_of(joy=8, strain=8), read=("joy",))
    company, rest = filled.rows
    assert (company.standing, rest.standing) == ("support", "not read")
    assert company.unread == ("alone",)
    assert set(filled.gaps) == {company, rest}
    cells = dict(zip(*_columns(framework_table(filled), 0), strict=True))
    assert cells["Participants against"] == "–"
    assert cells["Gaps"] == "nobody read for Alone"
    silent = fill(people_of(joy=8, strain=8)).rows[1]
    assert silent.standing == "no account"
    assert silent.unread == ()


def _columns(table, index):
    return [column.name for column in table.columns], table.texts()[index]


def test_a_row_without_a_code_or_without_codings_is_said():
    filled = fill(people_of(strain=16), use=framework(row("open"), row("rest", ("calm",))))
    assert [each.standing for each in filled.rows] == ["no code", "no account"]
    assert set(filled.to_matrix()["open"]) == {"no code"}
    assert framework_table(filled).texts() == (
        ("Open", "–", "no code", "no code tells of it"),
        ("Rest", "0 of 16", "no account", "–"),
    )


def test_no_codings_at_all_and_nobody_read():
    corpus, _ = study([set()] * 3)
    filled = fill_framework(SIMPLE, Codings(), corpus=corpus, codebook=BOOK)
    assert {each.standing for each in filled.rows} == {"not read"}
    assert {cells[3] for cells in framework_table(filled).texts()} == {"not read"}
    assert set(filled.to_matrix().to_numpy().ravel()) <= {"not read"}


def test_one_participant_is_hidden_whatever_she_said():
    said, silent = fill([{"joy"}]), fill([set()])
    assert framework_table(said).texts() == framework_table(silent).texts()
    assert framework_table(said).told == ()
    assert [cells[1:] for cells in framework_table(said).texts()] == [
        ("–*", "–*", "–*"),
        ("–*", "–", "–*"),
    ]


def test_governed_records_are_in_no_count():
    filled = fill(people_of(joy=12, strain=8), governed=range(3))
    assert filled.rows[0].supports.persons.known == 9
    assert filled.rows[0].supports.of_persons.known == 17
    assert len(filled.to_matrix()) == 17


def test_the_matrix_says_who_spoke_for_and_against():
    filled = fill([{"joy", "alone"}, {"alone"}, {"joy"}, set()])
    assert list(filled.to_matrix()["company"]) == ["both", "against", "for", ""]
    table = framework_matrix_table(filled)
    assert table.keep
    assert "KEEP" in table.mark
    assert table.released is None


def test_it_is_a_draft_where_its_own_codes_rest_on_a_machine():
    corpus, _ = study([set()] * 10)
    codings = Codings(
        (Coding("d0", 0, 3, "strain", "rules", "machine"), Coding("d1", 0, 3, "joy", "ada")),
        seen=(
            *(Seen("ada", f"d{n}", "person", codes=("joy", "alone", "calm")) for n in range(10)),
            *(Seen("rules", f"d{n}", "machine", codes=("strain",)) for n in range(10)),
        ),
    )
    about = {"corpus": corpus, "codebook": BOOK}
    assert not fill_framework(SIMPLE, codings, **about).draft
    other = fill_framework(framework(row("worn", ("strain",))), codings, **about)
    assert other.draft
    assert framework_table(other).draft


# ── the table ───────────────────────────────────────────────────────────────────────────


def test_counts_standing_and_ledger_of_a_row():
    table = framework_table(fill(people_of(joy=8, alone=7, strain=10)))
    assert table.texts()[0] == ("Company", "8 of 25", "7 of 25", "for and against")
    assert [(cell.what, cell.low, cell.total) for cell in table.released[0]] == [
        ("mine company for", 8, 25),
        ("mine company against", 7, 25),
    ]
    assert untold(table) == ()


@pytest.mark.parametrize("few", [1, 4])
def test_four_who_spoke_are_not_told_by_the_standing(few):
    table = framework_table(fill(people_of(joy=8, alone=few, strain=10)))
    assert table.texts()[0][2:] == (f"<5 of {18 + few}", "for and against –*")
    alone = framework_table(fill(people_of(joy=few, strain=16)))
    assert alone.texts()[0][3] == "for –*"


def test_hidden_rows_hide_their_standing_beside_earlier_releases():
    table = framework_table(fill(people_of(joy=8, alone=7, strain=10)))
    assert table.without({"mine company for"}).texts()[0] == ("Company", "–*", "–*", "–*")


UNION = framework(row("all", ("joy", "calm")))


@settings(max_examples=60, deadline=None)
@given(*[st.integers(0, 9)] * 4)
def test_a_union_is_hidden_where_beside_its_codes_few_people_follow(joy, calm, both, neither):
    people = [*people_of(joy=joy, calm=calm), *([{"joy", "calm"}] * both), *([set()] * neither)]
    if not people:
        return
    count = framework_table(fill(people, use=UNION)).texts()[0][1]
    apart = {joy, calm, both}
    open_codes = [5 <= n + both <= len(people) - 5 for n in (joy, calm)]
    if " of " in count and not count.startswith(("<", "≥")) and not count.startswith("0"):
        # Beside a code whose own number is hidden, nothing follows from the union.
        assert not (all(open_codes) and apart & {1, 2, 3, 4})
        assert not (open_codes[0] and 0 < calm < 5)
        assert not (open_codes[1] and 0 < joy < 5)
        assert neither >= 5


def test_a_side_that_holds_another_by_one_code_is_hidden_too():
    use = framework(row("wide", ("joy", "calm", "strain")), row("part", ("joy", "calm")))
    people = [*people_of(joy=8, calm=8, strain=2, alone=9)]
    wide, part = framework_table(fill(people, use=use)).texts()
    assert wide[1] == "–*"
    assert part[1] == "16 of 27"


def test_a_side_is_hidden_where_its_parent_code_would_give_few_away():
    """Of the parent's people, two said neither of the side's codes: the theme table has it."""
    codes = tuple(
        Code(each, each.capitalize(), "d", "g", parent=None if each == "stays" else "stays")
        for each in ("stays", "leave", "unsure", "move")
    )
    book = Codebook(codes, (Group("g", "Group"),))
    use = framework(row("going", ("leave", "unsure")), row("any", ("stays",)))
    people = people_of(leave=8, unsure=8) + [set()] * 10
    open_, _ = framework_table(fill(people, book, use)).texts()
    assert open_[1] == "16 of 26"
    few = [*people, {"move"}, {"move"}]
    going, parent = framework_table(fill(few, book, use)).texts()
    assert going[1] == "–*"
    assert parent[1] == "18 of 28"


def test_texts_of_unknown_people_are_counted_as_texts():
    documents = tuple(Document(f"d{n}", TEXT) for n in range(20))
    codings = Codings(
        (
            *(Coding(f"d{n}", 0, 3, "joy", "ada") for n in range(9)),
            *(Coding(f"d{n}", 0, 3, "alone", "ada") for n in range(2)),
        ),
        seen=tuple(Seen("ada", document.id, "person") for document in documents),
    )
    filled = fill_framework(SIMPLE, codings, corpus=Corpus(documents), codebook=BOOK)
    table = framework_table(filled)
    assert [column.name for column in table.columns][1:3] == ["Texts for", "Texts against"]
    assert table.texts()[0][1:] == ("9 of 20", "–*", "for and against –*")
    assert table.released[0][0].unit == "texts"
    assert untold(table) == ()


def test_a_reflexive_study_gets_codes_in_place_of_counts():
    table = framework_table(fill(people_of(joy=8, alone=7, strain=10), approach="reflexive"))
    assert table.texts()[0] == ("Company", "Joy", "Alone")
    assert table.told == ()
    assert not re.search(r"\d", " ".join(" ".join(cells) for cells in table.texts()))


MATRIX = framework(
    row("early", ("joy",), condition="They leave early", indicators=("left early", "vacancies")),
    row("late", ("calm",), condition="They leave late"),
    kind="decision-matrix",
    use_cases=(UseCase("A town", "early", ("late",)),),
    always_said=("Mentoring works alongside pay.",),
    source="Composed.",
)


def test_indicators_gaps_choice_and_what_is_always_said():
    figures = [
        Indicator("left early", "34 %", "2024-12", "survey", place="here"),
        Indicator("left early", "31 %", "2023", "survey"),
    ]
    filled = fill(
        people_of(joy=8, strain=10),
        use=MATRIX,
        indicators=figures,
        choice=Choice(("late", "early"), "Ana", "because."),
    )
    table = framework_table(filled)
    cells = dict(zip(*_columns(table, 0), strict=True))
    assert cells["Indicators"] == (
        "left early: 34 % (here, 2024-12, survey); left early: 31 % (2023, survey)"
    )
    assert cells["Gaps"] == "no figure for vacancies"
    assert table.note.startswith("Mentoring works alongside pay. Chosen by Ana: 1. Late; 2. Early.")
    assert "Why: because. Of N" in table.note
    assert "typed a choice yet" in framework_table(fill([set()] * 9, use=MATRIX)).note
    assert use_case_table(MATRIX).texts() == (("A town", "Early", "Late"),)
    assert len(use_case_table(SIMPLE)) == 0


def test_a_hidden_count_gets_one_quote():
    use = framework(row("all", ("joy", "calm")))
    quotes = {"joy": "“One.” (A)", "calm": "“Two.” (B)", "strain": "“Three.” (C)"}
    few = framework_table(fill(people_of(joy=1, calm=1, strain=16), use=use), quotes=quotes)
    many = framework_table(fill(people_of(joy=8, calm=8, strain=16), use=use), quotes=quotes)
    assert few.texts()[0][3] == "For: “One.” (A)"
    assert many.texts()[0][3] == "For: “One.” (A)\nFor: “Two.” (B)"


def test_a_theory_of_change_is_printed_by_its_parts():
    use = framework(
        row("tired", ("strain",), part="need"),
        row("rested", ("calm",), part="outcome"),
        kind="theory-of-change",
    )
    table = framework_table(fill(people_of(calm=8, strain=10), use=use))
    assert table.groups == ("Need", "Outcome")
    assert table.columns[0].name == "Link"


def test_the_table_can_be_written(tmp_path):
    table = framework_table(fill(people_of(joy=8, alone=2, strain=10)))
    for suffix in ("docx", "xlsx", "csv", "html"):
        assert export_table(table, tmp_path / f"t.{suffix}").exists()
    assert "Company" in (tmp_path / "t.csv").read_text(encoding="utf-8-sig")


# ── the checklist ───────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def checklist():
    return read_framework(FOLDER / "equity-checklist.yaml")


def test_what_is_not_answered_says_so(checklist, tmp_path):
    text = 'paid: {answer: "Yes", by: Ana}\nvalued: {answer: "", by: ""}\n'
    answered = answer_checklist(checklist, read_checklist_answers(written(tmp_path, text)))
    table = checklist_table(answered)
    assert [cells[1:] for cells in table.texts()][:2] == [("Yes", "Ana"), ("not answered", "")]
    assert len(answered.open) == len(checklist) - 1
    assert "1 of 7 answered" in answered._repr_html_()
    assert "were not searched for deficit terms" in table.note
    assert untold(table) == ()


def test_answers_are_refused_with_every_fault_and_line(checklist, tmp_path):
    text = "paid: {answer: Yes it was}\nvalued: {answer: 3, by: Ana}\nculture: yes\nfoo: {bye: A}\n"
    with pytest.raises(FrameworkError) as caught:
        read_checklist_answers(written(tmp_path, text))
    told = "\n".join(caught.value.faults)
    assert "line 1: paid: no 'by'" in told
    assert "line 2: valued: 'answer': expected text" in told
    assert "line 3: culture: expected the keys" in told
    assert "line 4: foo: unknown key 'bye'" in told
    with pytest.raises(FrameworkError, match="'payd' belongs to no question; did you mean 'paid'"):
        answer_checklist(checklist, {"payd": ChecklistAnswer("Yes", "Ana")})
    with pytest.raises(FrameworkError, match="needs 'by'"):
        ChecklistAnswer("Yes", " ")


def test_a_checklist_is_answered_and_nothing_else_is(checklist):
    with pytest.raises(FrameworkError, match="only a checklist is answered"):
        answer_checklist(SIMPLE)
    with pytest.raises(FrameworkError, match="is a checklist: its author answers it"):
        fill([set()], use=checklist)


TERMS = ("unskilled", "low-skilled", "at-risk", "deficits")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Low-skilled staff. LOW SKILLED staff.", ["1.1 low-skilled", "1.2 low-skilled"]),
        ("A low\u2011skilled post", ["1.1 low-skilled"]),
        ("She said “we are unskilled” and left.", []),
        ('She said "we are unskilled" and left.', []),
        ("Elle dit « unskilled ». Unskilled work.", ["1.2 unskilled"]),
        ("They don’t call it ‘unskilled’, it isn’t unskilled.", ["1.1 unskilled"]),
        ("> unskilled, a quote\n\nNo unskilled work.", ["2.1 unskilled"]),
        ("One.\n\nTwo. Children at risk.", ["2.2 at-risk"]),
        ('A 5" shelf.\n\nUnskilled.', ["2.1 unskilled"]),
        ("Reskilled; skilled; unskilledness.", []),
        ("The unskilleds.", ["1.1 unskilled"]),
        ("", []),
    ],
)
def test_deficit_terms_are_found_in_the_reports_own_words_alone(text, expected):
    found = check_wording(text, TERMS)
    assert [f"{each.paragraph}.{each.sentence} {each.term}" for each in found] == expected


def test_the_place_is_that_of_the_text_and_no_quote_is_shown():
    text = "First.\nThey said “I am tired” of unskilled work."
    (found,) = check_wording(text, TERMS)
    assert text[found.start : found.end] == "unskilled"
    assert found.line == 2
    assert found.context == "They said […] of unskilled work."
    table = wording_table([found])
    assert table.keep
    assert "tired" not in str(table.texts())


def test_of_two_terms_in_one_place_the_longer_counts():
    found = check_wording("Vulnerable staff here.", ["vulnerable", "vulnerable staff"])
    assert [each.term for each in found] == ["vulnerable staff"]


def test_the_note_of_the_checklist_tells_what_was_found(checklist):
    answered = answer_checklist(checklist)
    found = check_wording("Staff are untrained.", checklist.terms)
    note = checklist_table(answered, findings=found).note
    assert note.endswith("own words: paragraph 1, sentence 1 (line 1): untrained.")
    assert "None of" in checklist_table(answered, findings=()).note


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet="a .\n>“”\"'‘’«»unskilled", max_size=60))
def test_no_text_breaks_the_search(text):
    for found in check_wording(text, TERMS):
        assert found.term.replace("-", "")[:4] in text[found.start : found.end].casefold()


# ── the page ────────────────────────────────────────────────────────────────────────────

PAGE = (FOLDER / "README.md").read_text(encoding="utf-8")


def test_the_page_prints_what_it_shows_and_its_framework_can_be_read(tmp_path, faults_of_page):
    block = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)[0]
    written(tmp_path, block, "my-programme.yaml")
    assert faults_of_page(PAGE) == ""


def test_the_page_names_every_file_and_every_key():
    from reflect_analysis.frameworks.shape import FrameworkFile, RowEntry

    assert {path.name for path in FOLDER.glob("*.[yc]*")} <= set(re.findall(r"`([\w.-]+)`", PAGE))
    fields = [*FrameworkFile.model_fields.values(), *RowEntry.model_fields.values()]
    names = [*FrameworkFile.model_fields, *RowEntry.model_fields]
    for name, field in zip(names, fields, strict=True):
        assert f"`{field.alias or name}`" in PAGE, name


def test_the_answer_that_the_page_shows_is_read(tmp_path):
    block = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)[1]
    assert read_checklist_answers(written(tmp_path, block))["paid"].by == "Ana"


def test_the_demonstrations_figures_are_asked_for_and_say_that_they_are_composed():
    matrix = read_framework(FOLDER / "mentorship-decision-matrix.yaml")
    asked = {name for each in matrix for name in each.indicators}
    found = read_indicators(FOLDER / "indicators.csv")
    assert {each.name for each in found} < asked
    for name in ("indicators.csv", "programme.csv"):
        with (FOLDER / name).open(encoding="utf-8", newline="") as file:
            assert all(
                "Composed for the demonstration" in r["source"] for r in csv.DictReader(file)
            )


def test_attributes_of_a_community_are_counted_once():
    corpus, codings = study(people_of(joy=8))
    cases = tuple(Case(c.id, Attributes(community=f"c{n % 2}")) for n, c in enumerate(corpus.cases))
    filled = fill_framework(SIMPLE, codings, corpus=Corpus(tuple(corpus), cases), codebook=BOOK)
    assert filled.rows[0].supports.communities == ("c0", "c1")
