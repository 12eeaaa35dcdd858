"""Nothing that is printed gives a small count, a speaker or an unapproved passage away."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections import defaultdict

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Governance, Turn
from reflect_analysis.disclosure import (
    HIDDEN,
    Approval,
    Attributions,
    Persons,
    approved_quotes,
    attribute_quote,
    count_note,
    persons_in,
    quote_record,
    read_approvals,
    show_count,
    show_persons,
    suppress_table,
    write_register,
)
from reflect_analysis.errors import CorpusError, OutputError, UnknownIdError
from reflect_analysis.provenance import text_hash

# ── counts ──────────────────────────────────────────────────────────────────────────────


def wilson(n, total):
    """A 95 % interval to two decimals (Wilson 1927), as a theme table prints it."""
    z = 1.959963984540054
    centre = (n + z * z / 2) / (total + z * z)
    half = z * math.sqrt(n * (total - n) / total + z * z / 4) / (total + z * z)
    return f"{centre - half:.2f}–{centre + half:.2f}"


def printed_row(n, total, k):
    """A row of a table as a report would print it: count, percentage, interval."""
    shown = show_count(n, total, k=k)
    rest = HIDDEN if shown.hides_rest else f"{100 * n / total:.0f} % {wilson(n, total)}"
    return shown.text, total, rest


@given(total=st.integers(1, 300), k=st.integers(3, 12))
def test_no_hidden_count_can_be_recovered_from_a_printed_row(total, k):
    possible = defaultdict(set)
    for n in range(total + 1):
        possible[printed_row(n, total, k)].add(n)
    for values in possible.values():
        for n in values:
            harmless = total >= k and (n == 0 or (n >= k and total - n >= k))
            assert harmless or len(values) >= min(k - 1, total + 1)


@given(total=st.integers(1, 300), k=st.integers(3, 12))
def test_a_count_that_needs_no_hiding_is_printed(total, k):
    for n in range(total + 1):
        shown = show_count(n, total, k=k)
        assert shown.low <= n <= shown.high
        if total >= k and (n == 0 or (n >= k and total - n >= k)):
            assert shown.exact
            assert (shown.text, shown.hides_rest) == (str(n), False)


@pytest.mark.parametrize("total", [9, 12, 25])
def test_an_interval_to_two_decimals_would_give_n_back(total):
    intervals = [wilson(n, total) for n in range(total + 1)]
    assert len(set(intervals)) == total + 1


def test_small_counts_and_their_complements_are_hidden():
    assert [show_count(n, 20).text for n in (0, 1, 4, 5, 15, 16, 20)] == [
        *("0", "<5", "<5", "5", "15", "≥16", "≥16")
    ]


def test_in_a_total_below_2k_everything_between_is_hidden_alike():
    assert {show_count(n, 9).text for n in range(1, 10)} == {HIDDEN}
    assert show_count(0, 9).text == "0"
    assert {show_count(n, 4).text for n in range(5)} == {HIDDEN}


@pytest.mark.parametrize(("n", "total", "k"), [(-1, 5, 5), (6, 5, 5), (1, 5, 2), (1, 5, 4.5)])
def test_a_count_that_cannot_be_is_refused(n, total, k):
    with pytest.raises(ValueError, match="must"):
        show_count(n, total, k=k)


def test_the_note_names_the_smallest_printed_count():
    assert "1 to 9" in count_note(10)
    assert "<10" in count_note(10)


def test_texts_of_unknown_persons_hide_a_row_that_participants_do_not():
    total = Persons(known=30, unknown=10)
    assert not show_persons(Persons(10, 3), total).hides_rest
    few_unknown = show_persons(Persons(0, 3), total)
    assert (few_unknown.text, few_unknown.hides_rest) == ("0", True)
    assert show_persons(Persons(3, 9), total).text == "<5"


def test_in_a_study_of_quotes_the_documents_stand_in_for_persons():
    total = Persons(unknown=20)
    hidden = [show_persons(Persons(unknown=n), total).hides_rest for n in (0, 3, 8, 18, 20)]
    assert hidden == [False, True, False, True, True]
    assert {show_persons(Persons(unknown=n), total).text for n in range(21)} == {"0"}


def test_where_everything_was_published_before_nothing_is_hidden():
    assert not show_persons(Persons(), Persons()).hides_rest


def test_persons_are_counted_once_and_published_quotes_not_at_all():
    documents = (
        Document("a1", "a", case_id="A"),
        Document("a2", "b", case_id="A"),
        Document("u1", "c"),
        Document("u2", "d", flags=("selected",)),
        Document("d1", "e", voice="other"),
    )
    corpus = Corpus(documents, (Case("A"),))
    assert persons_in(corpus, [d.id for d in documents]) == Persons(known=1, unknown=1)
    with pytest.raises(UnknownIdError, match="no document 'a3'"):
        persons_in(corpus, ["a3"])


# ── tables by an attribute ──────────────────────────────────────────────────────────────


def possible_range(cells, sizes, target):
    """What solving for one hidden cell gives, from the printed table alone.

    `cells` are strings with margins in the last row (unless `sizes`) and column; the
    smallest and largest value that every printed number allows.
    """
    height, width = len(cells), len(cells[0])
    lines = [[(i, j) for j in range(width)] for i in range(height)]
    if sizes is None:
        lines += [[(i, j) for i in range(height)] for j in range(width)]
    names = list(itertools.product(range(height), range(width)))
    matrix = np.zeros((len(lines), len(names)))
    for row, line in enumerate(lines):
        for cell in line:
            matrix[row, names.index(cell)] = -1 if cell == line[-1] else 1
    bounds = []
    for i, j in names:
        if cells[i][j] != HIDDEN:
            bounds.append((int(cells[i][j]), int(cells[i][j])))
        else:
            bounds.append((0, None if sizes is None else sizes[j]))
    goal = np.array([float(name == target) for name in names])
    ends = [
        linprog(sign * goal, A_eq=matrix, b_eq=np.zeros(len(lines)), bounds=bounds)
        for sign in (1, -1)
    ]
    assert all(end.status == 0 for end in ends)
    return round(ends[0].fun), round(-ends[1].fun)


small_tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(0, 12), min_size=width, max_size=width), min_size=1, max_size=4
    )
)


@settings(max_examples=60, deadline=None)
@given(rows=small_tables)
def test_no_cell_of_a_cross_table_can_be_solved_for(rows):
    frame = pd.DataFrame(rows, columns=[f"c{j}" for j in range(len(rows[0]))])
    table = suppress_table(frame)
    full = np.pad(np.array(rows), ((0, 1), (0, 1)))
    full[-1, :], full[:, -1] = full.sum(axis=0), full.sum(axis=1)
    full[-1, -1] = np.array(rows).sum()
    hides_all = all(c == HIDDEN for row in table.cells for c in row[:-1])
    for (i, j), value in np.ndenumerate(full):
        corner = (i, j) == (len(rows), len(rows[0]))
        if 0 < value < 5 and not corner:
            assert table.cells[i][j] == HIDDEN
            low, high = possible_range(table.cells, None, (i, j))
            assert low <= value <= high
            assert high - low + 1 >= 4 or hides_all
        elif table.cells[i][j] != HIDDEN:
            assert table.cells[i][j] == str(value)


groups = st.lists(st.integers(5, 20), min_size=1, max_size=5)


@settings(max_examples=100, deadline=None)
@given(sizes=groups, data=st.data())
def test_no_cell_of_what_people_said_can_be_solved_for(sizes, data):
    values = [data.draw(st.integers(0, size)) for size in sizes]
    names = [f"g{j}" for j in range(len(sizes))]
    frame = pd.DataFrame([values], columns=names, index=["strain"])
    table = suppress_table(frame, sizes=dict(zip(names, sizes, strict=True)))
    caps = [*sizes, sum(sizes)]
    for j, value in enumerate([*values, sum(values)]):
        sensitive = 0 < value < 5 or caps[j] - value < 5
        if sensitive:
            assert table.cells[0][j] == HIDDEN
            low, high = possible_range(table.cells, caps, (0, j))
            assert low <= value <= high
            assert high - low + 1 >= 4
        elif table.cells[0][j] != HIDDEN:
            assert table.cells[0][j] == str(value)


def test_a_margin_minus_the_printed_cells_gives_no_small_cell_back():
    said = pd.DataFrame({"new": [3], "experienced": [12]}, index=["strain"])
    table = suppress_table(said, sizes={"new": 18, "experienced": 18})
    assert table.cells == ((HIDDEN, HIDDEN, "15"),)
    assert table.hidden.loc["strain"].tolist() == [True, True, False]


def test_a_cell_in_which_all_of_a_group_say_it_is_hidden():
    said = pd.DataFrame({"a": [10], "b": [8], "c": [9]}, index=["strain"])
    table = suppress_table(said, sizes={"a": 10, "b": 20, "c": 20})
    assert table.cells[0] == (HIDDEN, HIDDEN, "9", "27")


def test_groups_smaller_than_k_are_joined():
    said = pd.DataFrame({"ECE": [12], "Supervisor": [2], "Cook": [1], "Director": [3]}, index=["x"])
    sizes = {"ECE": 30, "Supervisor": 3, "Cook": 1, "Director": 9}
    table = suppress_table(said, sizes=sizes)
    assert table.columns == ("ECE", "Other groups", "Total")
    assert table.sizes == (30, 13, 43)
    assert table.cells[0] == ("12", "6", "18")


def test_what_nobody_looked_for_is_no_nought():
    said = pd.DataFrame({"a": [math.nan, 6], "b": [math.nan, math.nan]}, index=["x", "y"])
    table = suppress_table(said, sizes={"a": 20, "b": 20})
    assert table.cells == (("–", "–", "–"), ("6", "–", "6"))


def test_the_value_holds_no_hidden_count():
    said = pd.DataFrame({"a": [3], "b": [111]}, index=["x"])
    table = suppress_table(said, sizes={"a": 200, "b": 200})
    assert "111" not in repr(table) + table._repr_html_() + str(table.to_frame())
    assert HIDDEN in table.note


@pytest.mark.parametrize("value", [-1, 2.5, math.nan])
def test_what_is_no_count_is_refused_with_its_place(value):
    with pytest.raises(ValueError, match="row 'x', column 'a'"):
        suppress_table(pd.DataFrame({"a": [value]}, index=["x"]))


def test_more_than_the_group_is_refused():
    with pytest.raises(ValueError, match="7 of 6 persons"):
        suppress_table(pd.DataFrame({"a": [7]}, index=["x"]), sizes={"a": 6})


# ── attribution ─────────────────────────────────────────────────────────────────────────


def study(*people, kind="reflection", **extra):
    """One text and case for each (role, place, region) or (role, place, region, pair)."""
    cases, documents = [], []
    for number, (role, place, region, *pair) in enumerate(people, start=1):
        about = {"role": role, "place": place, "region": region, "pair": pair[0] if pair else ""}
        cases.append(Case(f"P{number:02}", about, **extra))
        documents.append(Document(f"P{number:02}-1", f"text {number}", kind, f"P{number:02}"))
    return Corpus(tuple(documents), tuple(cases))


def attributions_of(corpus, **about):
    named = Attributions(corpus, **about)
    return [named.of(document) for document in corpus]


def test_enough_of_a_kind_bear_role_town_and_kind():
    corpus = study(*[("ECE", "Kamloops", "Interior")] * 6)
    assert set(attributions_of(corpus)) == {"ECE, Kamloops, Reflection"}
    assert attribute_quote(corpus.documents[0], corpus) == "ECE, Kamloops, Reflection"


def test_the_town_falls_back_to_the_region_then_to_nothing():
    interior = [("ECE", f"Town {n}", "Interior") for n in range(6)]
    scattered = [("ECE", f"Town {n}", f"Region {n}") for n in range(6, 12)]
    found = attributions_of(study(*interior, *scattered))
    assert found == ["ECE, Interior, Reflection"] * 6 + ["ECE, Reflection"] * 6


def test_a_rare_role_is_withheld():
    many = [("ECE", "Kamloops", "Interior")] * 6
    rare = [(f"Role {n}", f"Town {n}", f"Region {n}") for n in range(5)]
    found = attributions_of(study(*many, *rare))
    assert found == ["ECE, Kamloops, Reflection"] * 6 + ["Participant, Reflection"] * 5


def test_what_is_withheld_does_not_stand_for_the_few():
    """Two left over take three others with them, so that the least stands for five."""
    people = [("ECE", "Kamloops", "Interior")] * 9 + [("Cook", "Lillooet", "Interior")] * 2
    found = attributions_of(study(*people))
    assert found.count("Participant, Reflection") == 5
    assert found.count("ECE, Kamloops, Reflection") == 6


def test_a_pair_partner_does_not_count():
    alone = study(*[("ECE", "Nelson", "Kootenays")] * 5)
    paired = study(
        *[("ECE", "Nelson", "Kootenays", "pair-1")] * 2, *[("ECE", "Nelson", "Kootenays")] * 3
    )
    assert set(attributions_of(alone)) == {"ECE, Nelson, Reflection"}
    assert set(attributions_of(paired)) == {"Participant"}


def test_nothing_but_the_kind_is_said_of_governed_cases():
    corpus = study(*[("ECE", "Kamloops", "Interior")] * 6, *[("Cook", "Lillooet", "x")] * 5)
    governed = Governance("nation-1", ("quotes",))
    more = study(*[("ECE", "Kamloops", "Interior")] * 6, governance=governed)
    cases = [dataclasses.replace(case, id=f"N{case.id}") for case in more.cases]
    documents = [
        dataclasses.replace(d, id=f"N{d.id}", case_id=f"N{d.case_id}") for d in more.documents
    ]
    joined = Corpus((*corpus.documents, *documents), (*corpus.cases, *cases))
    found = dict(zip((d.id for d in joined), attributions_of(joined), strict=True))
    assert {found[d.id] for d in documents} == {"Participant, Reflection"}
    assert sum(found[d.id] == "Participant, Reflection" for d in corpus) >= 5


def test_in_a_transcript_the_speaker_is_attributed():
    people = [("ECE", "Kamloops", "Interior")] * 6
    cases = study(*people).cases
    turns = tuple(Turn(10 * n, 10 * n + 5, c.id, c.id) for n, c in enumerate(cases))
    meeting = Document("M1", "words " * 20, "transcript", turns=turns)
    named = Attributions(Corpus((meeting,), cases))
    assert named.of(meeting, at=10) == "ECE, Kamloops, Meeting"
    assert named.of(meeting, at=7) == "Participant"


def test_of_a_published_quote_only_what_was_published_stands():
    about = {"role": "ECE", "place": "Kamloops"}
    quote = Document("q1", "a", attributes=about, flags=("selected",))
    bare = Document("q2", "b", "quote", flags=("selected",))
    director = Document("q3", "c", "quote", attributes={"role": "Director"}, voice="other")
    named = dataclasses.replace(director, id="q4", flags=("selected",))
    corpus = Corpus((quote, bare, director, named))
    assert attributions_of(corpus) == [
        *("ECE, Kamloops, Reflection", "Participant", "Not a participant", "Director")
    ]


def test_an_unknown_person_bears_only_what_enough_known_ones_bear():
    known = study(*[("ECE", "Kamloops", "Interior")] * 6)
    about = {"role": "ECE", "place": "Kamloops", "region": "Interior"}
    like_them = Document("u1", "a", attributes=about)
    unlike = Document("u2", "b", attributes={**about, "role": "Cook"})
    corpus = dataclasses.replace(known, documents=(*known.documents, like_them, unlike))
    assert attributions_of(corpus)[-2:] == ["ECE, Kamloops, Reflection", "Participant"]
    assert attributions_of(Corpus((like_them,))) == ["Participant"]


@pytest.mark.parametrize("part", ["case_id", "pseudonym", "name", "pair"])
def test_no_template_names_a_person(part):
    with pytest.raises(ValueError, match=part):
        Attributions(study(("ECE", "Kamloops", "Interior")), template=("role", part))


people = st.lists(
    st.tuples(
        st.sampled_from(["ECE", "Cook", "Supervisor", ""]),
        st.sampled_from(["Nelson", "Trail", "Hope", ""]),
        st.sampled_from(["North", "South"]),
        st.sampled_from(["", "", "pair-1", "pair-2"]),
        st.booleans(),
        st.sampled_from(["reflection", "post"]),
    ),
    min_size=1,
    max_size=40,
)


@given(rows=people, k=st.integers(3, 6))
def test_every_attribution_is_borne_by_k_whatever_the_study(rows, k):
    cases, documents = [], []
    for number, (role, place, region, pair, governed, kind) in enumerate(rows):
        about = {"role": role, "place": place, "region": region, "pair": pair}
        governance = Governance("nation-1") if governed else None
        cases.append(Case(f"P{number}", about, governance=governance))
        documents.append(Document(f"d{number}", "text", kind, f"P{number}"))
    corpus = Corpus(tuple(documents), tuple(cases))
    borne = defaultdict(list)
    for document, attribution in zip(corpus, attributions_of(corpus, k=k), strict=True):
        borne[attribution].append(corpus.case(document.case_id))
    for attribution, bearers in borne.items():
        assert len(bearers) >= k or set(borne) == {"Participant"}
        governed = [case for case in bearers if case.governance]
        if governed and len(borne) > 1:
            assert len(bearers) - len(governed) >= k
        if attribution != "Participant":
            for case in bearers:
                pair = case.attributes["pair"]
                partners = [c for c in bearers if pair and c.attributes["pair"] == pair]
                assert len(bearers) - max(0, len(partners) - 1) >= k


# ── approvals and the register ──────────────────────────────────────────────────────────

TEXT = "=We read by the window, and for once nobody asked what it was for."


@pytest.fixture
def corpus():
    ids = ["P01", "P02", "P03"]
    documents = tuple(Document(f"{case_id}-1", TEXT + case_id, case_id=case_id) for case_id in ids)
    broken = Document("P01-2", TEXT + "cut", case_id="P01", flags=("broken",))
    cases = (
        Case("P01", quotes="yes"),
        Case("P02", quotes="no"),
        Case("P03", governance=Governance("nation-1")),
    )
    bare = Corpus((*documents, broken), cases)
    clear = tuple(Clearance(d.sha256, "me", "read") for d in bare)
    return dataclasses.replace(bare, clearances=clear)


def record(corpus, document_id, start=0, end=22, **about):
    named = Attributions(corpus)
    return quote_record(corpus.document(document_id), start, end, attributions=named, **about)


def decide(row, decision="yes", by="M. L.", **about):
    names = [field.name for field in dataclasses.fields(Approval)]
    values = {name: getattr(row, name) for name in names}
    return Approval(**{**values, "decision": decision, "by": by, **about})


def test_a_register_comes_back_as_it_was_decided(corpus, tmp_path):
    rows = [record(corpus, d.id, codes=("reading",)) for d in corpus]
    # P03 is governed: what is decided of her passage stands in the register, her words do not.
    rows[2] = dataclasses.replace(rows[2], text="")
    path = tmp_path / "quote register.xlsx"
    write_register(rows, path, corpus)
    assert [a.decision for a in read_approvals(path)] == ["awaiting"] * 4
    book = openpyxl.load_workbook(path)
    page = book["register"]
    columns = {cell.value: cell.column for cell in page[1]}
    for row, decision in zip(range(2, 6), [" Yes", "no", "edit", ""], strict=True):
        page.cell(row, columns["decision"], decision)
        page.cell(row, columns["by"], "M. L. ")
        page.cell(row, columns["start"], 0.0)
    book.save(path)
    found = read_approvals(path)
    assert [a.decision for a in found] == ["yes", "no", "edit", "awaiting"]
    assert found[0] == decide(rows[0])
    assert {a.sha256 for a in found} == {text_hash(TEXT[:22])}


def test_the_register_holds_strings_a_frozen_header_and_the_choices(corpus, tmp_path):
    path = tmp_path / "register.xlsx"
    long = Document("long", "a" * 40_000, case_id="P01")
    big = dataclasses.replace(corpus, documents=(*corpus.documents, long))
    write_register([record(corpus, "P01-1"), record(big, "long", end=40_000)], path, big)
    page = openpyxl.load_workbook(path)["register"]
    columns = {cell.value: cell.column for cell in page[1]}
    cell = page.cell(2, columns["text"])
    assert (cell.value, cell.data_type) == (TEXT[:22], "s")
    assert page.cell(3, columns["text"]).value.endswith("a […]")
    assert page.freeze_panes == "A2"
    (validation,) = page.data_validations.dataValidation
    assert validation.formula1 == '"yes,no,edit,awaiting"'
    assert page.column_dimensions["A"].width > 50
    assert not page._hyperlinks


def test_an_existing_register_may_hold_decisions_and_is_not_written_over(corpus, tmp_path):
    path = tmp_path / "register.xlsx"
    write_register([record(corpus, "P01-1")], path, corpus)
    with pytest.raises(OutputError, match="may hold decisions"):
        write_register([], path, corpus)
    write_register([], path, corpus, overwrite=True)
    assert read_approvals(path) == ()
    with pytest.raises(ValueError, match=r"\.xlsx"):
        write_register([], tmp_path / "register.csv", corpus)


HEADER = "document_id,start,end,use,decision,by,note,sha256"
HASH = "0" * 64


def test_every_fault_of_a_table_of_approvals_is_reported_with_its_row(tmp_path):
    path = tmp_path / "approvals.csv"
    rows = [
        HEADER,
        f"P01-1,0,22,report,yes,M. L.,,{HASH}",
        f",0,22,report,yes,M. L.,,{HASH}",
        f"P01-1,zero,22,report,maybe,M. L.,,{HASH}",
        f"P01-1,22,10,,yes,,,{HASH}",
        "P01-1,0,30,report,no,M. L.,,abc",
        f"P01-1,0,22,report,no,M. L.,,{HASH}",
        ",,,,,,,",
        f"P01-1,0.0,9,report,ja we said that this was fine for us,M. L.,,{HASH}",
    ]
    path.write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(CorpusError) as caught:
        read_approvals(path)
    found = [fault.removeprefix("approvals.csv, ") for fault in caught.value.faults]
    assert [fault.split(":")[0] for fault in found] == [
        *("row 3", "row 4", "row 4", "row 5", "row 5", "row 5", "row 6", "row 7", "row 9")
    ]
    assert "otherwise than in row 2" in found[7]
    assert "said" not in str(caught.value)


def test_the_same_fault_of_many_rows_is_one_line_and_other_faults_stay(tmp_path):
    path = tmp_path / "approvals.csv"
    rows = [f"P{n:02}-1,0,22,report,yes,,,{HASH}" for n in range(2, 16)]
    rows += [f"P16-1,0,22,report,yes,M. L.,,{HASH}", f"P17-1,0,22,report,yes,,,{HASH}"]
    rows += ["P18-1,0,22,report,yes,M. L.,,abc"]
    path.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    with pytest.raises(CorpusError) as caught:
        read_approvals(path)
    first, second = caught.value.faults
    assert first.startswith("approvals.csv, rows 2\u201315, 17: 'decision' is 'yes' but nobody")
    assert second.startswith("approvals.csv, row 18: 'sha256'")


@pytest.mark.parametrize(
    ("about", "flags", "risk"),
    [
        ({"role": "ECE", "place": "Hill"}, ("selected",), "speaker unknown; printed as it was"),
        ({"role": "ECE", "place": "Hill"}, (), "speaker unknown"),
        ({}, ("selected",), "speaker unknown"),
    ],
)
def test_the_register_says_what_is_printed_as_it_was_published(about, flags, risk):
    quote = Document("q1", "said once", attributes=about, flags=flags)
    corpus = Corpus((quote,), ())
    row = quote_record(quote, 0, 4, attributions=Attributions(corpus))
    assert row.risk == (f"{risk} published" if "printed" in risk else risk)


def test_missing_and_doubled_columns_are_named(tmp_path):
    path = tmp_path / "approvals.csv"
    path.write_text("document_id;start;Start ;end;decision;by\n", encoding="utf-8")
    with pytest.raises(CorpusError) as caught:
        read_approvals(path)
    message = str(caught.value)
    assert all(name in message for name in ("'start' stands twice", "'use'", "'sha256'"))


def test_an_id_that_excel_took_for_a_date_is_a_fault(tmp_path):
    path = tmp_path / "approvals.xlsx"
    book = openpyxl.Workbook()
    page = book.active
    page.append(HEADER.split(","))
    page.append([pd.Timestamp("2025-01-03"), 0, 22, "report", "yes", "M. L.", "", HASH])
    page.append([17.0, 0, 22, "report", "yes", "M. L.", None, HASH])
    book.save(path)
    with pytest.raises(CorpusError, match="row 2: the spreadsheet turned"):
        read_approvals(path)
    page.delete_rows(2)
    book.save(path)
    assert [a.document_id for a in read_approvals(path)] == ["17"]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"caf\xe9,start", b"PK\x03\x04rubbish"])
@pytest.mark.parametrize("suffix", ["csv", "xlsx", "docx"])
def test_a_file_that_is_no_table_is_one_clear_error(tmp_path, content, suffix):
    path = tmp_path / f"approvals.{suffix}"
    path.write_bytes(content)
    with pytest.raises(CorpusError, match="approvals"):
        read_approvals(path)


def test_a_file_that_is_not_there_is_a_clear_error(tmp_path):
    for name in ("none.csv", "none.xlsx"):
        with pytest.raises(CorpusError, match="cannot be opened"):
            read_approvals(tmp_path / name)


def reasons_of(selection):
    return [omission.reason for omission in selection.omissions]


def test_an_approved_passage_is_printed_with_the_attribution_of_now(corpus):
    row = dataclasses.replace(record(corpus, "P01-1"), attribution="Anna, Kamloops")
    selection = approved_quotes([row], [decide(row)], corpus)
    (quote,) = selection.quotes
    assert (quote.text, quote.attribution, quote.by) == (TEXT[:22], "Participant", "M. L.")
    assert selection.omissions == ()


def test_refusals_flags_and_governance_keep_an_approved_quote_out(corpus):
    rows = [record(corpus, d.id) for d in corpus]
    selection = approved_quotes(rows, [decide(row) for row in rows], corpus)
    assert [quote.document_id for quote in selection.quotes] == ["P01-1"]
    assert [(o.document_id, o.reason.split()[-1]) for o in selection.omissions] == [
        *(("P02-1", "quoted"), ("P03-1", "quotes"), ("P01-2", "broken"))
    ]


@pytest.mark.parametrize(
    ("approvals", "reason"),
    [
        (lambda row: [], "awaiting approval"),
        (lambda row: [decide(row, use="slides")], "awaiting approval"),
        (lambda row: [decide(row, end=row.end - 1)], "awaiting approval"),
        (lambda row: [decide(row, "edit")], "approved only after an edit"),
        (lambda row: [decide(row), decide(row, "no")], "not approved"),
        (lambda row: [decide(row, by=" ")], "approved by nobody named"),
        (lambda row: [decide(row, sha256=text_hash("other"))], "letter for letter"),
    ],
)
def test_without_a_named_yes_for_this_passage_and_use_it_stays_out(corpus, approvals, reason):
    row = record(corpus, "P01-1")
    selection = approved_quotes([row], approvals(row), corpus)
    assert selection.quotes == ()
    assert reason in reasons_of(selection)[0]
    assert "window" not in repr(selection.omissions)


def test_a_quote_whose_source_changed_or_went_or_is_uncleared_stays_out(corpus):
    row = record(corpus, "P01-1")
    gone = corpus.where(lambda d: d.id != "P01-1")
    assert "not in the corpus" in reasons_of(approved_quotes([row], [decide(row)], gone))[0]
    uncleared = dataclasses.replace(corpus, clearances=())
    assert "not cleared" in reasons_of(approved_quotes([row], [decide(row)], uncleared))[0]
    documents = [dataclasses.replace(d, text="W" + d.text) for d in corpus]
    clear = tuple(Clearance(d.sha256, "me", "read") for d in documents)
    changed = dataclasses.replace(corpus, documents=tuple(documents), clearances=clear)
    assert "letter" in reasons_of(approved_quotes([row], [decide(row)], changed))[0]


def test_one_participant_has_at_most_two_quotes_under_a_theme(corpus):
    rows = [record(corpus, "P01-1", 0, end, codes=("a", "b")) for end in (10, 12, 14)]
    rows.append(record(corpus, "P01-1", 0, 16, codes=("a", "c")))
    approvals = [decide(row) for row in rows]
    selection = approved_quotes(rows, approvals, corpus, largest_share=1.0)
    assert [quote.codes for quote in selection.quotes] == [("a", "b"), ("a", "b"), ("c",)]
    assert reasons_of(selection) == ["2 quotes of this participant stand under its themes already"]
    one = approved_quotes(rows, approvals, corpus, themes=dict.fromkeys("abc", "T"), most=1)
    assert len(one.quotes) == 1


def test_a_speakers_refusal_holds_for_a_passage_that_she_shares():
    turns = (Turn(0, 10, "P01", "P01"), Turn(10, 20, "P02", "P02"))
    meeting = Document("M1", "a" * 30, "transcript", turns=turns)
    corpus = Corpus((meeting,), (Case("P01", quotes="yes"), Case("P02", quotes="no")))
    assert record(corpus, "M1", 0, 9).consent == "yes"
    assert record(corpus, "M1", 5, 12).consent == "no"
    assert record(corpus, "M1", 25, 29).consent == "ask"


def test_a_passage_outside_its_document_has_no_record(corpus):
    with pytest.raises(ValueError, match="outside"):
        record(corpus, "P01-1", 0, 500)
