"""Every result that a report can show goes into one, and its tables into what is sent."""

import re
from pathlib import Path

import docx
import numpy as np
import openpyxl
import pytest

from reflect_analysis._rows import Attributes
from reflect_analysis.change import state_changes
from reflect_analysis.codebook import Code, Codebook, Group, Origin
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.comparison import compare_groups
from reflect_analysis.concordance import keyword_in_context
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.disclosure import HIDDEN, read_ledger
from reflect_analysis.errors import ReportError
from reflect_analysis.frameworks import (
    ChecklistAnswer,
    Framework,
    FrameworkRow,
    UseCase,
    answer_checklist,
    fill_framework,
    read_framework,
)
from reflect_analysis.joint import Inference, Scale, joint_display
from reflect_analysis.matrices import code_matrix
from reflect_analysis.pairs import cooccurrence
from reflect_analysis.programmes import read_programmes
from reflect_analysis.reliability import measure_agreement
from reflect_analysis.report import further_results, write_report
from reflect_analysis.report.further import _KINDS, show_further
from reflect_analysis.report.study import Study
from reflect_analysis.report.unmade import NotMade
from reflect_analysis.saturation import saturation_curve
from reflect_analysis.segmentation import segment
from reflect_analysis.tables import export_table, matrix_table, saturation_table
from reflect_analysis.themes import theme_table
from reflect_analysis.tracing import trace_count

FRAMEWORKS = Path(__file__).parent.parent / "codebooks" / "frameworks"
CODES = ("tired", "alone", "heard", "rested", "proud", "curious")
BOOK = Codebook(
    tuple(
        Code(c, c.capitalize(), "What it says.", "all", origin=Origin("P00-S1", 0, 20))
        for c in CODES
    ),
    (Group("all", "All"),),
    title="A small study",
)
WORDS = "The pots were washed and the day went on as days do here with number"
PEOPLE = 24
MINE = Framework(
    "mine",
    "My framework",
    "components",
    (
        FrameworkRow("company", "Company", supports=("heard",), contradicts=("alone",)),
        FrameworkRow("rest", "Rest", supports=("rested", "proud")),
    ),
    use_cases=(UseCase("Somebody begins", "company", ("rest",)),),
)


def study(people, *, rare=(), unread=()):
    """People of two roles with two texts each, and a code now and then."""
    chance = np.random.default_rng(5)
    names = [f"P{n:02}" for n in range(people)]
    documents = [
        Document(
            f"{name}-S{s}",
            f"{WORDS} {name[1:]} and {s} of that long wet month.",
            case_id=name,
            attributes=Attributes(session=str(s)),
        )
        for name in names
        for s in (1, 2)
    ]
    cases = [
        Case(name, Attributes(role=("ECE", "Lead")[n % 2], community=f"c{n % 3}"))
        for n, name in enumerate(names)
    ]
    rows = [
        Coding(document.id, 0, 20, code, "ada", "person")
        for document in documents
        if document.case_id not in unread
        for code in CODES
        if (document.id in {"P00-S1", "P01-S2"} if code in rare else chance.random() < 0.3)
    ]
    stamps = [Clearance(d.sha256, "lead", "read") for d in documents]
    corpus = Corpus(tuple(documents), tuple(cases), clearances=tuple(stamps))
    seen = tuple(
        Seen("ada", document.id, "person")
        for document in documents
        if document.case_id not in unread
    )
    return Codings(tuple(rows), seen=seen), {"corpus": corpus, "codebook": BOOK}


def display(codings, about):
    scores = {case.id: 10.0 + n for n, case in enumerate(about["corpus"].cases)}
    said = (Inference("tired", "expand", "Those who are tired score higher.", "lead"),)
    return joint_display(
        codings, **about, by="role", scale=Scale("Strain", scores), inferences=said
    )


def checklist(_, __):
    listed = read_framework(FRAMEWORKS / "equity-checklist.yaml")
    first = next(iter(listed)).id
    return answer_checklist(listed, {first: ChecklistAnswer("An honorarium was paid.", "lead")})


KINDS = {
    "pairs by participant": lambda codings, about: cooccurrence(
        codings, **about, unit="participant"
    ),
    "pairs by reflection": lambda codings, about: cooccurrence(codings, **about),
    "pairs by sentence": lambda codings, about: cooccurrence(
        codings, **about, unit="segment", segments=segment(about["corpus"])
    ),
    "comparison": lambda codings, about: compare_groups(codings, **about, by="role"),
    "change": lambda codings, about: state_changes(
        codings, **about, states={"strain": ("tired", "alone"), "recovery": ("rested",)}
    ),
    "saturation by reflection": lambda codings, about: saturation_curve(
        codings, **about, orders=100
    ),
    "saturation by participant": lambda codings, about: saturation_curve(
        codings, **about, orders=100, unit="participant"
    ),
    "framework": lambda codings, about: fill_framework(MINE, codings, **about),
    "checklist": checklist,
    "programmes": lambda *_: read_programmes(FRAMEWORKS / "programme.csv"),
    "joint display": display,
    "not made": lambda *_: NotMade("Groups compared: role", "nobody was read"),
}
ELSEWHERE = {
    "theme table": lambda codings, about: theme_table(codings, **about),
    "matrix": lambda codings, about: code_matrix(codings, **about, by="role"),
    "words in context": lambda _, about: keyword_in_context(about["corpus"], "pots"),
    "trace": lambda codings, about: trace_count(codings, ["tired"], **about),
    "agreement": lambda codings, about: measure_agreement(
        both(codings), corpus=about["corpus"], codebook=BOOK
    ),
    "table": lambda codings, about: saturation_table(saturation_curve(codings, **about, orders=9)),
}


# What each says of two people, where it has no row with a hidden count; two count nobody.
OF_TWO = {
    **{kind: "No pair of codes may be shown" for kind in KINDS if kind.startswith("pairs")},
    **{
        kind: "the counts of all of its codes are hidden"
        for kind in KINDS
        if kind.startswith("saturation")
    },
    "checklist": "An honorarium was paid.",
    "programmes": "Lantern peer circles",
    "not made": "nobody was read",
}


def both(codings):
    """The same by two people."""
    rows = [
        Coding(c.document_id, c.start, c.end, c.code_id, coder, "person", blind=True)
        for c in codings
        for coder in ("ada", "bo")
    ]
    seen = [
        Seen(coder, s.document_id, "person", blind=True)
        for s in codings.seen
        for coder in ("ada", "bo")
    ]
    return Codings(tuple(rows), seen=tuple(seen))


@pytest.fixture(scope="module")
def large():
    return study(PEOPLE)


@pytest.fixture(scope="module")
def values(large):
    return {kind: make(*large) for kind, make in KINDS.items()}


def section_of(report, name):
    page = report.main.read_text(encoding="utf-8")
    return page.partition(f'<section id="{name}"')[2].partition("</section>")[0]


def rows_of(section):
    rows = re.findall(r"<tr>\s*(<th scope=\"row\".*?)</tr>", section, flags=re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t", row) for row in rows]


def test_every_kind_that_a_report_knows_is_tried_here(values):
    assert {type(value).__name__ for value in values.values()} == set(_KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_result_goes_into_a_report(kind, values, large, tmp_path):
    codings, about = large
    value = values[kind]
    report = write_report(
        tmp_path / "out", **about, codings=codings, further=(value,), formats=("html", "docx")
    )
    section = section_of(report, _KINDS[type(value).__name__].id)
    assert bool(rows_of(section)) != (kind == "not made")
    assert ("nobody was read" in section) == (kind == "not made")
    parts = docx.Document(str(report.out / "share" / "report.docx")).paragraphs
    assert _KINDS[type(value).__name__].title(value) in [part.text for part in parts]


@pytest.mark.parametrize("kind", KINDS)
def test_of_two_people_each_kind_says_what_it_hides(kind, tmp_path):
    codings, about = study(2)
    value = KINDS[kind](codings, about)
    title = _KINDS[type(value).__name__].title(value)
    report = write_report(
        tmp_path / "out", **about, codings=codings, further=(value,), formats=("html",)
    )
    page = report.main.read_text(encoding="utf-8")
    section = page.partition(f">{title}</h2>")[2].partition("</section>")[0]
    assert OF_TWO.get(kind, HIDDEN) in section
    assert (HIDDEN in section) == (kind not in OF_TWO)
    assert not re.search(r"\b[12] of 2\b", section)


def test_all_of_them_go_into_one_report(values, large, tmp_path):
    codings, about = large
    kept = {"ledger": tmp_path / "ledger.json", "to": "ministry"}
    write_report(tmp_path / "out", **about, codings=codings, further=values.values(), **kept)
    (release,) = read_ledger(tmp_path / "ledger.json").releases
    curve = {cell.what: cell.low for cell in release.cells if "curve" in cell.what}
    assert curve == {
        "all reflections of the curve": 2 * PEOPLE,
        "all participants of the curve": PEOPLE,
    }


@pytest.mark.parametrize("kind", ELSEWHERE)
def test_what_has_another_place_is_refused_with_that_place(kind, large, tmp_path):
    codings, about = large
    value = ELSEWHERE[kind](codings, about)
    told = f"{type(value).__name__}: no result of a kind that a report shows here; (?!expected)"
    with pytest.raises(ReportError, match=told):
        write_report(tmp_path / "out", **about, codings=codings, further=(value,))


def test_a_table_by_itself_goes_into_what_is_sent(large, tmp_path):
    codings, about = large
    for name in ("share", "keep"):
        (tmp_path / name).mkdir()
    curve = KINDS["saturation by participant"](codings, about)
    told, matrix = saturation_table(curve), matrix_table(code_matrix(codings, **about, by="role"))
    word = export_table(told, tmp_path / "share" / "saturation.docx")
    cells = [[cell.text for cell in row.cells] for row in docx.Document(str(word)).tables[0].rows]
    assert cells[1:] == [list(row) for row in told.texts()]
    sheet = openpyxl.load_workbook(export_table(matrix, tmp_path / "share" / "matrix.xlsx")).active
    found = [list(map(str, row)) for row in sheet.iter_rows(values_only=True)]
    assert [column.name for column in matrix.columns] in found
    assert {row[0] for row in matrix.texts()} <= {row[0] for row in found}


# ── the saturation curve ────────────────────────────────────────────────────────────────


def test_codes_that_were_made_from_passages_have_their_curve_without_being_asked(large, tmp_path):
    codings, about = large
    found = further_results(codings, **about)
    report = write_report(tmp_path / "out", **about, codings=codings, further=found)
    assert [row[0] for row in rows_of(section_of(report, "saturation"))][-2:] == ["40", "48"]


def test_a_code_whose_count_is_hidden_is_not_in_the_curve(tmp_path):
    codings, about = study(PEOPLE, rare=("proud",))
    others = tuple(code for code in CODES if code != "proud")
    drawn = {"orders": 100, "random_state": 3}
    curve = saturation_curve(codings, **about, **drawn)
    report = write_report(tmp_path / "out", **about, codings=codings, further=(curve,))
    section = section_of(report, "saturation")
    alone = saturation_table(saturation_curve(codings, **about, codes=others, **drawn))
    assert rows_of(section) == [list(row) for row in alone.texts()]
    assert "Not in it: 1 code whose count is hidden" in section
    assert ",6.0," in (report.out / "keep" / "further" / "saturation.csv").read_text("utf-8")


def test_a_code_whose_reflections_are_hidden_beside_change_is_in_no_curve_of_them(
    values, large, monkeypatch
):
    monkeypatch.setattr(
        "reflect_analysis.report.protecting.quiet_codes", lambda *_, **__: {"tired"}
    )
    codings, about = large
    left_out = {}
    for unit in ("reflection", "participant"):
        further = (values["change"], values[f"saturation by {unit}"])
        study = Study(**about, codings=codings, further=further)
        notes = [t.note for shown in show_further(study, number=2, quotes={}) for t in shown.tables]
        left_out[unit] = "Not in it: 1 code" in notes[-1]
    assert left_out == {"reflection": True, "participant": False}


def test_where_all_of_its_codes_are_hidden_no_curve_is_shown(tmp_path):
    codings, about = study(PEOPLE, rare=("proud", "curious"))
    curve = saturation_curve(codings, **about, codes=["proud", "curious"], orders=20)
    report = write_report(tmp_path / "out", **about, codings=codings, further=(curve,))
    assert "the counts of all of its codes are hidden" in section_of(report, "not-made")


def test_beside_an_earlier_report_the_curve_tells_of_nobody_who_came(tmp_path):
    ledger = tmp_path / "ledger.json"
    for people, name in ((PEOPLE - 1, "first"), (PEOPLE, "second")):
        codings, about = study(people, unread={f"P{PEOPLE - 1:02}"})
        curve = saturation_curve(codings, **about, unit="participant", orders=20)
        report = write_report(
            tmp_path / name, **about, codings=codings, further=(curve,), ledger=ledger, to=name
        )
    section = section_of(report, "saturation")
    assert rows_of(section)[-1] == [HIDDEN, HIDDEN, HIDDEN]
    assert not re.search(r"\d+ participants|<figure", section)


def test_of_one_who_came_and_was_read_no_curve_is_shown(tmp_path):
    ledger = tmp_path / "ledger.json"
    for people, name in ((PEOPLE - 1, "first"), (PEOPLE, "second")):
        codings, about = study(people)
        curve = saturation_curve(codings, **about, orders=20)
        report = write_report(
            tmp_path / name, **about, codings=codings, further=(curve,), ledger=ledger, to=name
        )
    assert "the counts of all of its codes are hidden" in section_of(report, "not-made")
