"""Programmes: what was stated stays as it was stated, and nothing is added up."""

from pathlib import Path

import pytest

from reflect_analysis.errors import FrameworkError
from reflect_analysis.figures.programmes import growth_figure
from reflect_analysis.programmes import MEASURES, Stated, read_programmes
from reflect_analysis.tables import export_table, untold
from reflect_analysis.tables.programmes import growth_table

DEMO = Path(__file__).parent.parent / "codebooks" / "frameworks" / "programme.csv"
HEAD = "year,programme,status,educators,pairs,source\n"


def read(tmp_path, text, name="p.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_programmes(path)


@pytest.fixture(scope="module")
def demo():
    return read_programmes(DEMO)


def test_up_to_stays_up_to_in_value_table_and_frame(tmp_path):
    found = read(tmp_path, HEAD + "2024,Circles,planned,up to 200,40,a plan\n")
    (row,) = found.rows
    assert (row.educators, row.pairs) == (Stated(200, up_to=True), Stated(40))
    assert growth_table(found).texts() == (("2024", "planned", "up to 200", "40", "a plan"),)
    frame = found.to_frame()
    assert (frame.educators[0], frame.educators_up_to[0]) == (200, True)
    assert frame.meetings.isna().all()


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("yes", ("up to 9", "up to 3")),
        ("pairs", ("9", "up to 3")),
        ("educators; pairs", ("up to 9", "up to 3")),
        ("no", ("9", "3")),
    ],
)
def test_a_column_may_say_which_figures_are_up_to(tmp_path, cell, expected):
    head = HEAD.replace("source", "source,up_to")
    (row,) = read(tmp_path, f"{head}2024,C,planned,9,3,plan,{cell}\n").rows
    assert (str(row.educators), str(row.pairs)) == expected


def test_what_is_missing_is_no_nought(tmp_path):
    found = read(tmp_path, HEAD + "2024,C,actual,,0,a report\n2023,C,actual,4,,a report\n")
    assert found.rows[0].educators is None
    assert growth_table(found).texts()[1][2:4] == ("–", "0")


def test_nothing_adds_programmes_up(demo):
    assert not [name for name in dir(demo) if "sum" in name or "total" in name]
    for table in (growth_table(demo), growth_table(demo).tidy()):
        assert len(table) == len(demo)
        assert "total" not in str(table.texts()).lower()
    assert "not added up" in growth_table(demo).note
    assert "not added up" in growth_figure(demo).alt_text


@pytest.mark.parametrize("column", ["donor", "Funder", "funded by"])
def test_a_donor_is_read_nowhere(tmp_path, column):
    text = (
        f"year,programme,status,educators,source,{column}\n2024,C,actual,9,report,Lady Bountiful\n"
    )
    found = read(tmp_path, text)
    assert len(found.passed_over) == 1
    table, figure = growth_table(found), growth_figure(found)
    held = (found, found.to_frame().to_string(), found.runs, table, table.texts(), table.told)
    held = (*held, figure.alt_text, figure.data.to_string(), figure.svg, found._repr_html_())
    assert "Bountiful" not in repr(held)


def test_every_fault_comes_with_its_row(tmp_path):
    text = (
        HEAD + "24,C,planned,9,,plan\n"
        "2024,,plannd,about 30,-1,plan\n"
        "2024,C,actual,,,\n"
        "\n"
        "2025,C,actual,9,,report\n"
        "2025,c,Actual,10,,report, second\n"
    )
    with pytest.raises(FrameworkError) as caught:
        read(tmp_path, text)
    told = "\n".join(caught.value.faults)
    for expected in (
        "row 2: year '24'",
        "row 3: no programme",
        "row 3: status 'plannd'; expected planned or actual; did you mean 'planned'?",
        "row 3: educators 'about 30'",
        "row 3: pairs '-1'",
        "row 4: no source",
        "row 4: no figure",
        "row 7: more cells than columns",
        "row 7: this programme, year and status stand in row 6 already",
    ):
        assert expected in told


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "no column names"),
        (HEAD, "no row below it"),
        ("year,programme,educatrs\n2024,C,9\n", "no column 'status'"),
        ("year,programme,status,source,educatrs\n2024,C,actual,s,9\n", "did you mean 'educators'"),
        ("year,programme,status,source\n2024,C,actual,s\n", "no figures; expected"),
        (HEAD.replace("source", "source,up_to") + "2024,C,actual,9,,s,pairs\n", "has no figure"),
    ],
)
def test_a_table_that_holds_no_programmes_is_said(tmp_path, text, expected):
    with pytest.raises(FrameworkError, match=expected):
        read(tmp_path, text)
    with pytest.raises(FrameworkError, match="cannot be opened"):
        read_programmes(tmp_path / "none.csv")


def test_other_ways_of_writing_the_same(tmp_path):
    text = "Year;Program;Planned or actual;Educators;Source\n2024–25;C;Planned;Up to 1 200;p\n"
    (row,) = read(tmp_path, text).rows
    assert (row.year, row.status, str(row.educators)) == ("2024–25", "planned", "up to 1200")


def test_a_workbook_is_read_too(tmp_path, demo):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for line in (("year", "programme", "status", "pairs", "source"), (2024, "C", "actual", 7, "s")):
        book.active.append(line)
    book.save(tmp_path / "p.xlsx")
    assert read_programmes(tmp_path / "p.xlsx").rows[0].pairs == Stated(7)


def test_the_table_is_grouped_by_programme_and_tells_the_ledger_its_figures(demo):
    table = growth_table(demo)
    assert [heading for heading, _ in table.sections()] == list(demo.names)
    assert untold(table) == ()
    first, second, *_ = table.released
    assert {(cell.low, cell.high) for cell in first} == {(2, 2), (4, 4), (0, 30), (8, 8)}
    hidden = table.without({second[0].what}).texts()
    assert set(hidden[1][2:-1]) == {"–*", "–"}
    assert hidden[0] == table.texts()[0]


def test_the_table_can_be_written(tmp_path, demo):
    for suffix in ("docx", "xlsx", "csv", "html"):
        assert export_table(growth_table(demo), tmp_path / f"t.{suffix}").exists()


@pytest.mark.parametrize("measure", MEASURES)
def test_the_figure_draws_each_figure_once_and_marks_up_to(demo, measure):
    figure = growth_figure(demo, measure)
    stated = [row for row in demo.rows if row.stated(measure)]
    assert len(figure.data) == len(stated)
    for row in stated:
        assert f"{row.year} {row.status} {row.stated(measure)}" in figure.alt_text
    assert figure.svg == growth_figure(demo, measure).svg


def test_the_figure_without_anything_to_draw_says_so(tmp_path):
    found = read(tmp_path, HEAD + "2024,C,actual,9,,s\n")
    figure = growth_figure(found, "meetings")
    assert figure.data.empty
    assert b"No programme states a number of meetings" in figure.svg
    with pytest.raises(ValueError, match="expected one of communities"):
        growth_figure(found, "donors")


def test_many_years_are_drawn_with_their_numbers_above(tmp_path):
    lines = "".join(f"{2010 + n},C,planned,up to {10 * n},,s\n" for n in range(1, 10))
    figure = growth_figure(read(tmp_path, HEAD + lines))
    assert len(figure.data) == 9
    assert b"up to 30<" not in figure.svg


def test_the_value_is_shown_without_a_sum(demo):
    assert "never summed" in repr(demo)
    assert "up to 200" in demo._repr_html_()
    assert demo.runs[0].step == "read_programmes"
    with pytest.raises(ValueError, match="expected one of"):
        demo.rows[0].stated("donors")
