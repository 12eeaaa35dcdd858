"""One table, six formats: the same words in each, and no hazard of any."""

import csv
import io
import math
import re
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from html.parser import HTMLParser

import docx
import openpyxl
import pandas as pd
import pytest
from docx.enum.section import WD_ORIENT
from hypothesis import given, settings
from hypothesis import strategies as st

from reflect_analysis.disclosure import HIDDEN
from reflect_analysis.errors import OutputError
from reflect_analysis.figures import theme_figure
from reflect_analysis.tables import Column, Of, Table, export_table, half_up, shown_themes, word
from reflect_analysis.tables.excel import LONGEST, fitting, to_xlsx
from reflect_analysis.tables.frames import frame_table
from reflect_analysis.tables.latex import to_latex
from reflect_analysis.tables.plain import to_csv, to_markdown
from reflect_analysis.tables.web import to_html
from reflect_analysis.tables.word import to_docx
from reflect_analysis.themes import ThemeRow, ThemeTable

WIDE = tuple(Column(name) for name in "abcdefghijkl")


def table(**changes):
    about = {
        "title": "Codes and participants",
        "columns": (
            Column("Code"),
            Column("Participants", "number"),
            Column("Median", "number", 1),
            Column("Share", "share"),
            Column("Quote"),
        ),
        "rows": (
            ("Belonging", Of(12, 34), 1.5, 0.625, "“not alone”"),
            ("Isolation", "<5", None, None, "=1+1"),
            ("Renewal", 7, 2.0, 0.205, "two\nlines | & <b>bold</b>"),
        ),
        "groups": ("Being together", "Being together", "Strain"),
        "note": "<5: hidden.",
    }
    return Table(**(about | changes))


def theme_row(code="belonging", **changes):
    about = {
        "group": "Being together",
        "claim": "",
        "code_id": code,
        "code": code.title(),
        "definition": f"What {code} is.",
        "participants": 12,
        "of_participants": 34,
        "low": None,
        "high": None,
        "reflections": 20,
        "of_reflections": 90,
        "unknown": 0,
        "of_unknown": 0,
        "references": 27,
        "median_references": 1.5,
        "communities": 6,
        "status": "human",
    }
    return ThemeRow(**(about | changes))


def unread(code):
    nothing = dict.fromkeys(("participants", "reflections", "references", "communities"))
    return theme_row(
        code,
        **nothing,
        of_participants=0,
        of_reflections=0,
        median_references=None,
        status="not read",
    )


class CellReader(HTMLParser):
    """The texts of a page's cells, row by row, and every tag with its attributes."""

    def __init__(self):
        super().__init__()
        self.rows, self.tags, self.open = [], [], False

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")
            self.open = True

    def handle_endtag(self, tag):
        self.open = self.open and tag not in {"td", "th"}

    def handle_data(self, data):
        if self.open:
            self.rows[-1][-1] += data


def read_html(content):
    reader = CellReader()
    reader.feed(content.decode())
    return reader


def read_sheet(content):
    return openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]


def shown_in_excel(cell):
    """What Excel shows of the number formats that are used here."""
    code, value = cell.number_format, cell.value
    if isinstance(value, str) or value is None:
        return value
    if " of " in code:
        return f"{value}{code[2:-1]}"
    if code.endswith("%"):
        return f"{half_up(float(Decimal(repr(value)) * 100))} %"
    return half_up(value, code.count("0") - 1)


# ── the same words in each format ───────────────────────────────────────────────────────


EXPECTED = [
    ["Belonging", "12 of 34", "1.5", "63 %", "“not alone”"],
    ["Isolation", "<5", "–", "–", "=1+1"],
    ["Renewal", "7", "2.0", "21 %", "two\nlines | & <b>bold</b>"],
]


def test_cells_are_rounded_once_and_half_up():
    assert [list(row) for row in table().texts()] == EXPECTED


def test_html_shows_the_cells():
    rows = [row for row in read_html(to_html([table()])).rows if len(row) == 5]
    assert rows[1:] == EXPECTED


def test_docx_shows_the_cells():
    grid = docx.Document(io.BytesIO(to_docx([table()]))).tables[0]
    rows = [[cell.text for cell in row.cells] for row in grid.rows]
    assert [row for row in rows[1:] if len(set(row)) > 1] == EXPECTED
    assert [row[0] for row in rows if len(set(row)) == 1] == ["Being together", "Strain"]


def test_xlsx_shows_the_cells_with_numbers_as_numbers():
    sheet = read_sheet(to_xlsx([table()]))
    rows = [[shown_in_excel(cell) for cell in row] for row in sheet.iter_rows(min_row=4, max_row=6)]
    assert [row[1:] for row in rows] == EXPECTED
    assert (sheet["C4"].value, sheet["D4"].value, sheet["E4"].value) == (12, 1.5, 0.63)


def test_csv_shows_the_cells_with_the_group_in_a_column():
    rows = list(csv.reader(io.StringIO(to_csv([table()]).decode("utf-8-sig"))))
    assert rows[0] == ["Group", "Code", "Participants", "Median", "Share", "Quote"]
    assert [row[1:] for row in rows[1:] if row[1] != "Isolation"] == [EXPECTED[0], EXPECTED[2]]


def test_markdown_keeps_a_row_on_a_line_with_its_pipes_escaped():
    lines = to_markdown([table()]).decode().splitlines()
    assert r"two<br>lines \| \& \<b\>bold\</b\> |" in lines[-3]
    assert lines[-1] == r"*Note.* \<5: hidden."


def test_latex_is_booktabs_with_its_specials_escaped():
    text = to_latex([table(rows=(("50% & more_", 1, 1.0, 0.1, "[x] {y} \\z"),) * 3)]).decode()
    assert r"50\% \& more\_ & 1 & 1.0 & 10 \% & {[}x{]} \{y\} \textbackslash{}z \\" in text
    assert text.index(r"\toprule") < text.index(r"\midrule") < text.index(r"\bottomrule")
    assert text.count("{") - text.count(r"\{") == text.count("}") - text.count(r"\}")


def test_a_table_knows_its_frame_and_its_page():
    assert list(table().to_frame().iloc[0]) == ["Being together", *EXPECTED[0]]
    assert "&lt;b&gt;bold" in table()._repr_html_()
    assert "3 rows, DRAFT" in repr(table(draft=True))


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(), max_size=60))
def test_any_text_goes_into_any_format(text):
    odd = table(rows=((text, 1, 1.0, 0.1, text),) * 3, title=text, note=text, groups=(text,) * 3)
    clean = odd.texts()[0][0]
    assert docx.Document(io.BytesIO(to_docx([odd]))).tables[0].cell(2, 0).text == clean
    value = read_sheet(to_xlsx([odd]))["B4"].value
    assert (value or "") == clean
    assert read_html(to_html([odd])).rows[-1][0] == clean
    for write in (to_csv, to_markdown, to_latex):
        assert write([odd]).decode("utf-8-sig")


# ── rounding ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(62.5, 0, "63"), (0.5, 0, "1"), (2.675, 2, "2.68"), (-0.04, 1, "0.0"), (-2.5, 0, "-3")],
)
def test_half_is_rounded_away_from_zero(value, decimals, text):
    assert half_up(value, decimals) == text


@given(st.integers(-(10**6), 10**6), st.integers(0, 3))
def test_rounding_moves_a_number_by_half_a_unit_at_most(thousandths, decimals):
    value = thousandths / 1000
    error = abs(Decimal(half_up(value, decimals)) - Decimal(repr(value)))
    assert error <= Decimal(5).scaleb(-decimals - 1)


def test_an_undefined_number_is_a_dash():
    row = (("Belonging", None, math.nan, math.inf, "q"),) * 3
    assert table(rows=row).texts()[0][1:4] == ("–", "–", "–")
    assert read_sheet(to_xlsx([table(rows=row)]))["D4"].value == "–"


# ── Word ────────────────────────────────────────────────────────────────────────────────


def borders(element):
    path = ".//w:tblBorders/* | .//w:tcBorders/*"
    return [border.tag.rpartition("}")[2] for border in element.xpath(path)]


def test_a_word_table_has_three_rules_and_a_header_row_that_repeats():
    document = docx.Document(io.BytesIO(to_docx([table()])))
    grid = document.tables[0]
    assert borders(grid._tbl) == ["top", "bottom"] + ["bottom"] * 5
    assert len(grid.rows[0]._tr.xpath("./w:trPr/w:tblHeader")) == 1
    assert all(cell.paragraphs[0].runs[0].bold for cell in grid.rows[0].cells)


def test_a_word_table_has_number_title_and_note_as_apa_wants():
    paragraphs = docx.Document(io.BytesIO(to_docx([table()]))).paragraphs
    number, title, note = paragraphs[0], paragraphs[1], paragraphs[-1]
    assert (number.text, number.runs[0].italic) == ("Table 1", False)
    assert (title.text, title.runs[0].bold) == ("Codes and participants", False)
    assert {p.style.name for p in (number, title)} == {"Caption"}
    assert number.style.font.bold
    assert number.style.font.italic
    assert (note.text, note.runs[0].italic, note.runs[1].italic) == (
        "Note. <5: hidden.",
        True,
        False,
    )


def test_rows_of_a_word_table_that_are_copies_hold_their_own_words_and_looks():
    columns = (Column("Code"), Column("n", "number"), Column("Note"))
    rows = (("Alone", 7, "one\ntwo"), ("Rest", 11, ""), ("Play", 5, "A < B\tC"))
    grouped = Table("Codes", columns, rows, groups=("Being", "Being", "Strain"))
    found = docx.Document(io.BytesIO(to_docx([grouped]))).tables[0]
    told = {row.cells[0].text: row for row in found.rows}
    assert [[cell.text for cell in told[row[0]].cells] for row in rows] == [
        [str(cell) for cell in row] for row in rows
    ]
    for row in rows:
        code, number, note = (cell.paragraphs[0] for cell in told[row[0]].cells)
        assert [each.alignment for each in (code, number, note)] == [None, 2, None]
        assert code.paragraph_format.left_indent.cm == pytest.approx(0.3, abs=0.01)
        assert code.runs[0].font.size.pt == 8.5
        assert len(told[row[0]]._tr.xpath("./w:trPr/w:cantSplit")) == 1


def test_a_word_tables_columns_have_widths_that_fill_the_page():
    grid = docx.Document(io.BytesIO(to_docx([table()]))).tables[0]
    assert sum(column.width.cm for column in grid.columns) == pytest.approx(16.5, abs=0.1)
    assert all(column.width.cm > 1 for column in grid.columns)


def test_a_wide_word_table_lies_on_its_side():
    row = (("some words for this cell",) * len(WIDE),)
    wide = Table("Wide", WIDE, row)
    document = docx.Document(io.BytesIO(to_docx([table(), wide])))
    sides = [section.orientation for section in document.sections]
    assert sides == [WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE]


def test_a_draft_says_so_in_the_header_of_every_section():
    document = docx.Document(io.BytesIO(to_docx([table(draft=True), table(number=2)])))
    assert all(
        section.header.paragraphs[0].text.startswith("DRAFT") for section in document.sections
    )
    plain = docx.Document(io.BytesIO(to_docx([table()])))
    assert plain.sections[0].header.paragraphs[0].text == ""


def test_no_file_names_an_author():
    about = docx.Document(io.BytesIO(to_docx([table()]))).core_properties
    assert (about.author, about.last_modified_by, about.comments) == ("", "", "")
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx([table()])))
    assert not book.properties.creator
    assert not book.properties.lastModifiedBy


def test_control_characters_become_a_visible_mark():
    odd = table(rows=(("a\x00b\x0bc\ud800", 1, 1.0, 0.1, "q"),) * 3)
    assert docx.Document(io.BytesIO(to_docx([odd]))).tables[0].cell(2, 0).text == "a�b�c�"


# ── Excel ───────────────────────────────────────────────────────────────────────────────


def test_a_quote_that_looks_like_a_formula_or_a_link_stays_text():
    texts = ("=HYPERLINK(1)", "+1", "-1", "@x", "https://example.org")
    sheet = read_sheet(to_xlsx([Table("t", (Column("Quote"),), tuple((t,) for t in texts))]))
    cells = [sheet.cell(row, 1) for row in range(4, 9)]
    assert [(cell.value, cell.data_type) for cell in cells] == [(text, "s") for text in texts]
    assert all(cell.hyperlink is None for cell in cells)


@pytest.mark.parametrize("character", ["a", "😀"])
def test_a_text_too_long_for_a_cell_is_cut_and_says_so(character):
    text = fitting(character * 40_000)
    assert text.endswith("longer than a cell can hold]")
    assert LONGEST - 2 <= len(text.encode("utf-16-le")) // 2 <= LONGEST
    sheet = read_sheet(to_xlsx([Table("t", (Column("Quote"),), ((character * 40_000,),))]))
    assert sheet["A4"].value == text


def test_a_text_that_just_fits_is_whole():
    assert fitting("a" * LONGEST) == "a" * LONGEST


def test_a_sheets_header_is_frozen_and_repeated():
    sheet = read_sheet(to_xlsx([table()]))
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("A4", "$3:$3")
    assert sheet["A8"].value == "Note. <5: hidden."


def test_a_draft_sheet_says_so_in_its_name_its_first_row_and_its_printed_header():
    sheet = read_sheet(to_xlsx([table(draft=True)]))
    assert sheet.title == "DRAFT Table 1"
    assert sheet["A1"].value.startswith("DRAFT")
    assert "DRAFT" in sheet.oddHeader.center.text
    assert "DRAFT" in sheet.oddFooter.center.text
    assert "DRAFT" not in str(to_xlsx([table()]))


# ── CSV and HTML ────────────────────────────────────────────────────────────────────────


def test_csv_begins_with_the_mark_by_which_excel_knows_utf_8():
    assert to_csv([table()]).startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("text", ["=1", "+1", "-1+1", "@x", "\t=1", " =1", "\n=1"])
def test_csv_disarms_what_a_spreadsheet_would_compute(text):
    content = to_csv([Table("t", (Column("Quote"),), ((text,),))]).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(content, newline="")))[1] == ["'" + text]


def test_csv_leaves_a_negative_number_a_number():
    content = to_csv([Table("t", (Column("x", "number", 1),), ((-1.5,), (-2,)))])
    assert content.decode("utf-8-sig").splitlines()[1:] == ["-1.5", "-2"]


def test_a_draft_csv_says_so_in_each_row():
    rows = list(csv.reader(io.StringIO(to_csv([table(draft=True)]).decode("utf-8-sig"))))
    assert rows[0][-1] == "DRAFT"
    assert {row[-1] for row in rows[1:]} == {"machine coding"}


def test_html_headings_have_a_scope_and_the_table_a_caption():
    page = read_html(to_html([table()]))
    scopes = [attrs.get("scope") for tag, attrs in page.tags if tag == "th"]
    assert sorted(set(scopes)) == ["col", "row", "rowgroup"]
    assert [tag for tag, _ in page.tags].count("caption") == 1


def test_html_escapes_what_participants_wrote():
    evil = "<script>alert(1)</script>"
    content = to_html(
        [table(rows=((evil, 1, 1.0, 0.1, evil),) * 3, title=evil, note=evil)]
    ).decode()
    assert "<script" not in content


def test_one_csv_holds_one_table():
    with pytest.raises(ValueError, match="holds one table, not 2"):
        to_csv([table(), table()])


# ── files ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("suffix", ["docx", "xlsx", "csv", "html", "tex", "md", "DOCX"])
def test_the_suffix_decides(tmp_path, suffix):
    path = export_table(table(), tmp_path / f"my themes.{suffix}")
    assert path.stat().st_size > 100
    assert [found.name for found in tmp_path.iterdir()] == [f"my themes.{suffix}"]


def test_an_unknown_suffix_names_the_possible_ones(tmp_path):
    with pytest.raises(ValueError, match=r"'.docy' .*\.docx, \.xlsx, .*did you mean '\.docx'"):
        export_table(table(), tmp_path / "themes.docy")


def test_a_file_that_is_open_elsewhere_stays_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "themes.xlsx"
    path.write_bytes(b"before")

    def refuse(*_):
        raise PermissionError(13, "in use")

    monkeypatch.setattr("reflect_analysis.tables.files.os.replace", refuse)
    with pytest.raises(OutputError, match="close it in Excel"):
        export_table(table(), path)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_or_a_folder_in_the_way_is_an_error_that_says_so(tmp_path):
    with pytest.raises(OutputError, match="there is no folder"):
        export_table(table(), tmp_path / "nowhere" / "themes.csv")
    (tmp_path / "themes.csv").mkdir()
    with pytest.raises(OutputError, match="this is a folder"):
        export_table(table(), tmp_path / "themes.csv")


def test_nothing_to_write_is_the_callers_mistake(tmp_path):
    with pytest.raises(ValueError, match="no table"):
        export_table([], tmp_path / "themes.docx")


def test_a_table_whose_rows_do_not_fit_is_refused():
    with pytest.raises(ValueError, match="row 2 has 1 cells for 2 columns"):
        Table("t", (Column("a"), Column("b")), (("x", "y"), ("x",)))
    with pytest.raises(ValueError, match="1 groups for 2 rows"):
        Table("t", (Column("a"),), (("x",), ("y",)), groups=("g",))
    with pytest.raises(ValueError, match="at least one column"):
        Table("t", (), ())


def test_a_table_without_rows_is_written_in_every_format(tmp_path):
    for suffix in ("docx", "xlsx", "csv", "html", "tex", "md"):
        empty = Table("Nothing", (Column("Code"), Column("n", "number")), ())
        assert export_table(empty, tmp_path / f"empty.{suffix}").exists()


# ── the theme table as it is sent ───────────────────────────────────────────────────────


def themes(*rows, **about):
    return ThemeTable(rows, **about)


def test_a_theme_table_is_written_with_small_counts_hidden(tmp_path):
    small = theme_row("isolation", participants=3, reflections=17, references=23, communities=2)
    path = export_table(themes(theme_row(), small), tmp_path / "themes.xlsx")
    cells = [str(cell.value) for row in openpyxl.load_workbook(path).active for cell in row]
    assert "<5 of 34" in cells
    assert not {"3", "17", "23", "2"} & set(cells)


def test_k_can_be_larger():
    ten = shown_themes(themes(theme_row(participants=9)), k=10)
    assert ten.texts()[0][1] == "<10 of 34"


@pytest.mark.parametrize(("n", "shown"), [(0, "0 of 34"), (5, "5 of 34"), (31, "≥30 of 34")])
def test_what_a_count_of_participants_becomes(n, shown):
    assert shown_themes(themes(theme_row(participants=n))).texts()[0][1] == shown


def test_a_hidden_count_hides_the_rest_of_its_row():
    texts = shown_themes(themes(theme_row(participants=33, low=0.85, high=0.99))).texts()[0]
    assert texts[2:7] == ("–*",) * 5


def test_intervals_stand_where_the_approach_has_them_and_say_what_they_lack():
    shown = shown_themes(themes(theme_row(low=0.212, high=0.5249), approach="content-analysis"))
    assert shown.texts()[0][2] == "21–52 %"
    assert "too narrow" in shown.note


def test_a_code_that_nobody_read_for_shows_dashes_and_the_number_of_texts():
    texts = shown_themes(themes(unread("unsettling")), texts=90).texts()[0]
    assert texts[1:6] == ("–", "– (90 not read)", "–", "–", "–")
    assert "0" not in texts[1]


def test_texts_of_unknown_persons_are_no_participants_and_hide_small_counts():
    known = {"participants": 0, "of_participants": 0, "communities": 0, "median_references": None}
    few = theme_row("a", **known, reflections=3, of_reflections=9, unknown=3, of_unknown=9)
    some = theme_row("b", **known, reflections=5, of_reflections=12, unknown=5, of_unknown=12)
    table = shown_themes(themes(few, some))
    assert table.title == "Reflections in which each code was found"
    assert [column.name for column in table.columns][:3] == ["Code", "Reflections", "Passages"]
    assert [row[1] for row in table.texts()] == ["–*", "5 of 12"]


def test_agreement_and_quotes_stand_where_they_are_given():
    shown = shown_themes(
        themes(theme_row(), theme_row("isolation")),
        agreement={"belonging": 0.805},
        quotes={"belonging": "“not alone” (ECE)"},
    )
    assert [row[-2:] for row in shown.texts()] == [("0.81", "“not alone” (ECE)"), ("–", "–")]


def test_the_claim_stands_for_its_group_and_the_codebooks_order_is_kept():
    rows = (theme_row("b", claim="Together we last", participants=5), theme_row("a"))
    shown = shown_themes(themes(*rows))
    assert shown.groups == ("Together we last", "Being together")
    assert [row[0] for row in shown.texts()] == ["B", "A"]


def test_a_reflexive_table_has_meanings_and_no_counts():
    shown = shown_themes(themes(theme_row(), approach="reflexive"))
    assert [column.name for column in shown.columns] == ["Code", "Meaning"]
    assert "12" not in " ".join(shown.texts()[0])


def test_machine_coding_that_nobody_reviewed_makes_a_draft():
    assert shown_themes(themes(theme_row(status="machine"))).draft
    assert not shown_themes(themes(theme_row(status="reviewed"))).draft


def test_a_workbook_holds_no_digit_more_than_it_shows():
    columns = (Column("Code"), Column("Share", "share"), Column("Share 1", "share", 1))
    columns += (Column("α", "number", 2),)
    table = Table("T", columns, (("Joy", 7 / 19, 7 / 19, 0.8614213),))
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx([table]))).active
    cells = [cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "n"]
    assert [value for value in cells if value is not None] == [0.37, 0.368, 0.86]


def exact():
    """A frame as tables of a report's keep are made: signs, digits, gaps and words."""
    gaps, said = [-0.3529411764705883, None, 1e-9], ["=1+1", None, "-2"]
    frame = pd.DataFrame({"gap": gaps, "n": [3, 4, 5], "said": said, "both": [1, "x", -1]})
    return frame_table("Exact", frame)


def test_a_kept_frame_keeps_its_numbers_with_every_digit_in_a_csv():
    rows = list(csv.DictReader(io.StringIO(to_csv([exact()]).decode("utf-8-sig"))))
    assert [row["gap"] for row in rows] == ["-0.3529411764705883", "", "1e-09"]
    assert [row["n"] for row in rows] == ["3", "4", "5"]
    assert [row["said"] for row in rows] == ["'=1+1", "", "-2"]
    assert [row["both"] for row in rows] == ["1", "x", "-1"]


def test_a_kept_frame_keeps_its_numbers_with_every_digit_in_a_workbook():
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx([exact()]))).active
    cells = [[cell.value or None for cell in row] for row in sheet.iter_rows()]
    start = next(n for n, row in enumerate(cells) if row[0] == "gap")
    assert [row[:3] for row in cells[start + 1 : start + 4]] == [
        [-0.3529411764705883, 3, "=1+1"],
        [None, 4, None],
        [1e-9, 5, "-2"],
    ]


def test_a_kept_frame_has_the_names_of_its_rows_and_joins_what_stands_together():
    frame = pd.DataFrame({"1": ["strain"], "texts": [("P01-S1", "P01-S2")]}, index=["P01"])
    table = frame_table("Matrix", frame)
    assert [column.name for column in table.columns] == ["id", "1", "texts"]
    assert table.rows == (("P01", "strain", "P01-S1; P01-S2"),)
    assert frame_table("Matrix", frame.rename_axis("case_id")).columns[0].name == "case_id"


def test_a_word_file_bears_the_day_on_which_it_was_made(monkeypatch):
    moment = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
    monkeypatch.setattr(word, "now", lambda: moment)
    about = docx.Document(io.BytesIO(to_docx([table()]))).core_properties
    assert about.created == about.modified == moment.replace(tzinfo=about.created.tzinfo)


def test_a_word_file_ships_no_picture_of_another_page():
    names = zipfile.ZipFile(io.BytesIO(to_docx([table()]))).namelist()
    assert not [name for name in names if "thumbnail" in name]


def test_a_subcode_that_all_but_one_share_with_its_parent_is_hidden_in_table_and_figure():
    parent = theme_row("Confidence", code_id="confidence", participants=12)
    gained = theme_row("Gained", code_id="gained", participants=11, parent="confidence")
    other = theme_row("Other", code_id="other", participants=11)
    found = ThemeTable((parent, gained, other))
    rows = shown_themes(found).texts()
    assert rows[0][1:4] == rows[1][1:4] == (HIDDEN,) * 3
    assert rows[2][1] == "11 of 34"
    drawn = theme_figure(found).data
    assert drawn["shown"].tolist() == [HIDDEN, HIDDEN, "11 of 34"]
    assert shown_themes(found).released[1] == ()


# ── LaTeX: held against what XeLaTeX said of the same tables ──

NASTY = (
    r"& % _ # { } ~ ^ \ $",
    "ᓀᐦᐃᔭᐍᐏᐣ 😀",
    "[2] first",
    "*star",
    "\nfirst\n\nand last\n",
    "-- '' `` <k> | \"",
    r"\end{longtable} \input{x}",
)


def cells_of_latex(line):
    """The cells of a row, as LaTeX divides them."""
    return re.split(r"(?<!\\)&", line.removesuffix(r"\\"))


def test_every_row_of_a_latex_table_has_a_cell_a_column_and_every_environment_ends():
    rows = tuple((text, n, text) for n, text in enumerate(NASTY))
    columns = (Column("A & b"), Column("n_1", "number"), Column("Words"))
    shown = Table("50% {x}", columns, rows, groups=NASTY, note="\n^^M [n]\n", draft=True)
    text = to_latex([shown, shown]).decode()
    lines = [line for line in text.splitlines() if line.endswith(r" \\")]
    body = [line for line in lines if not line.startswith(r"\multicolumn")]
    assert len(body) == 2 * (len(rows) + 1)
    assert {len(cells_of_latex(line)) for line in body} == {len(columns)}
    begun, ended = (re.findall(rf"(?<!\\)\\{word}{{(\w+)}}", text) for word in ("begin", "end"))
    assert begun == ended == ["longtable"] * 2
    assert text.count(r"\begingroup") == text.count(r"\endgroup") == 2
    # A line that is ended where none is begun stops LaTeX; so does a bare bracket after a row.
    assert not re.search(r"(?:^|& |\\newline )\\newline|\\newline (?:&|\\\\)", text, re.MULTILINE)
    assert not re.search(r"^[\[*]", text, re.MULTILINE)


def test_a_sign_that_latexs_typeface_lacks_is_mathematics_and_never_left_out():
    text = to_latex([table(rows=(("≥30 of 34", 1, 1.0, 0.1, "α − κ ≤ 2"),) * 3)]).decode()
    assert r"\ensuremath{\geq}30 of 34" in text
    assert r"\ensuremath{\alpha} \ensuremath{-} \ensuremath{\kappa} \ensuremath{\leq} 2" in text
    assert "typeface" not in text
    head = to_latex([table(note="ᓀᐦᐃᔭᐍᐏᐣ 😀")]).decode().splitlines()[1]
    assert head.startswith("% Needs a typeface")
    assert all(sign in head for sign in "ᓀᐦᐃᔭᐍᐏᐣ😀")


def test_a_latex_table_goes_on_on_the_next_page_and_a_wide_one_lies_on_its_side():
    narrow, wide = table(), table(columns=tuple(Column(f"{n} " + "w" * 25) for n in range(5)))
    assert r"\endhead" in to_latex([narrow]).decode()
    assert r"\begin{landscape}" not in to_latex([narrow]).decode()
    text = to_latex([wide]).decode()
    assert text.index(r"\begin{landscape}") < text.index(r"\begin{longtable}")
    assert text.index(r"\end{longtable}") < text.index(r"\end{landscape}")
    columns = text.partition(r"\begin{longtable}")[2].partition("\n")[0]
    widths = [float(each) for each in re.findall(r"p\{([\d.]+)cm\}", columns)]
    assert sum(widths) + 0.3 * len(widths) <= 22.9


def test_every_page_of_a_latex_table_bears_its_mark():
    text = to_latex([table(draft=True)]).decode()
    assert text.count("DRAFT") == 1
    _, _, inside = text.partition(r"\begin{longtable}")
    assert "DRAFT" in inside.partition(r"\endhead")[0]


def test_signs_that_tex_would_join_or_turn_are_printed_as_they_are():
    text = to_latex([table(note='He said "no",, it --- was')]).decode()
    assert r"said \textquotedbl{}no\textquotedbl{},{}, it -{}-{}- was" in text
