"""How tables lie on a page: numbers apart from words, quotes wide, no note alone, true numbers."""

from __future__ import annotations

import io

import docx
import openpyxl
import pytest

from reflect_analysis.tables import Column, Of, Table
from reflect_analysis.tables.excel import to_xlsx
from reflect_analysis.tables.latex import to_latex
from reflect_analysis.tables.plain import to_markdown
from reflect_analysis.tables.values import shared_widths
from reflect_analysis.tables.web import fragment
from reflect_analysis.tables.word import to_docx

QUOTE = "“Nobody had asked me such a thing before, and I did not know what to say to it at all.”"


def beside(cell):
    """A display as a report has it: small groups in wide columns, and quotes."""
    groups = [
        column
        for name in ("c1", "c2", "c3")
        for column in (Column(name, "number", width=9), Column(f"{name}: %", "number", width=14))
    ]
    columns = (Column("Code"), *groups, Column("Quotes"), Column("Inference"))
    rows = [(f"Code {n}", *(cell,) * 6, QUOTE, "not typed yet") for n in range(9)]
    return Table("Beside", columns, tuple(rows), note="What stands here.")


def test_hidden_counts_take_no_room_from_the_quotes():
    widths = shared_widths(beside("–*"), 22.8)
    assert widths[7] > 2 * max(widths[1:7])


def test_a_count_with_its_denominator_is_not_broken():
    widths = shared_widths(beside(Of(12, 34)), 22.8)
    assert min(widths[1:7]) * 5.5 >= len("12 of 34")


def test_the_last_rows_go_with_the_note():
    page = docx.Document(io.BytesIO(to_docx([beside("–*")])))
    kept = [
        all(p.paragraph_format.keep_with_next for cell in row.cells for p in cell.paragraphs)
        for row in page.tables[0].rows
    ]
    assert kept[-2:] == [True, True]
    assert not any(kept[1:-2])


def test_rows_without_a_note_are_kept_with_nothing():
    page = docx.Document(io.BytesIO(to_docx([Table("t", (Column("x"),), (("a",), ("b",)))])))
    cells = [row.cells[0].paragraphs[0] for row in page.tables[0].rows]
    assert not any(cell.paragraph_format.keep_with_next for cell in cells)


def test_a_number_does_not_touch_the_words_beside_it():
    table = Table(
        "t",
        (Column("n", "number"), Column("p", "number", 2), Column("Words")),
        ((Of(1, 2), 0.5, "a"), ("–*", "–*", "b")),
    )
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx([table]))).active
    numbers = [cell for row in sheet["A3:B5"] for cell in row]
    assert len(numbers) == 6
    assert {(c.alignment.horizontal, c.alignment.indent) for c in numbers} == {("right", 1.0)}
    page = docx.Document(io.BytesIO(to_docx([table])))
    cells = [row.cells[0].paragraphs[0] for row in page.tables[0].rows]
    assert all(cell.paragraph_format.right_indent for cell in cells)


def test_a_table_without_a_number_is_called_by_its_title():
    table = Table("Quotes: by code?", (Column("Code"),), (("a",),), number=0, draft=True)
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx([table])))
    assert book.sheetnames == ["DRAFT Quotes  by code "]
    assert book.active["A2"].value == "Quotes: by code?"
    for text in (to_markdown([table]), to_latex([table]), fragment(table).encode()):
        assert b"Table 0" not in text
        assert b"Quotes: by code?" in text
    titles = [p.text for p in docx.Document(io.BytesIO(to_docx([table]))).paragraphs]
    assert titles[0] == "Quotes: by code?"


@pytest.mark.parametrize("number", [1, 12])
def test_a_table_with_a_number_is_called_by_it(number):
    table = Table("Codes", (Column("Code"),), (("a",),), number=number)
    assert table.heading == f"Table {number}. Codes"
    assert f"Table {number}" in fragment(table)
