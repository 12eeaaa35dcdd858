"""Quotes end to end: each that is sent is found again in its source, letter for letter."""

from __future__ import annotations

import re

import docx
import openpyxl
import pandas as pd
import pytest

from reflect_analysis._rows import Attributes
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.disclosure import read_approvals, suppress_table
from reflect_analysis.report import write_report
from reflect_analysis.tables import export_table, group_table

BOOK = Codebook(
    (Code("together", "Together", "With others.", "g"),), (Group("g", "Company"),), title="Small"
)
SPOKEN = (
    "We’re “here”, she said – and naïve 🌊 was the word {n}.",
    "=1+1 is what the sign said & the <b>children</b> laughed at number {n}.",
    "It rained\nall morning, line {n} of the poem\tgoes, and we stayed out.",
    "Nous étions là, l'été {n}, à côté de l’eau.",
    "Plain words of an ordinary day with the number {n} in them.",
    "The café closed at 5 % past {n} o'clock, said the 'bus' driver.",
)


@pytest.fixture
def study():
    documents = tuple(
        Document(
            f"P{n:02}-1", f"Before. {text.format(n=n)} After.", case_id=f"P{n:02}",
        )
        for n, text in enumerate(SPOKEN * 4)
    )  # fmt: skip
    cases = tuple(
        Case(d.case_id, Attributes(role="ECE", place="Hill"), quotes="yes") for d in documents
    )
    clear = tuple(Clearance(d.sha256, "ada", "read") for d in documents)
    corpus = Corpus(documents, cases, clear)
    rows = tuple(Coding(d.id, 8, len(d.text) - 7, "together", "ada") for d in documents[:14])
    seen = tuple(Seen("ada", d.id) for d in documents)
    return {"corpus": corpus, "codebook": BOOK, "codings": Codings(rows, seen=seen)}


def decided(register):
    """The register as somebody fills it in: yes to every passage."""
    book = openpyxl.load_workbook(register)
    page = book["register"]
    columns = {cell.value: cell.column for cell in page[1]}
    for row in range(2, page.max_row + 1):
        page.cell(row, columns["decision"], "yes")
        page.cell(row, columns["by"], "A. L.")
    book.save(register)
    return read_approvals(register)


def sent_quotes(report):
    """(quote, attribution) of the tables of approved quotes, in Word and in Excel."""
    rows = []
    for table in docx.Document(report.out / "share" / "themes.docx").tables:
        if [cell.text for cell in table.rows[0].cells][1:2] == ["Quote"]:
            rows += [tuple(cell.text for cell in row.cells)[1:3] for row in table.rows[1:]]
    book = openpyxl.load_workbook(report.out / "share" / "themes.xlsx")
    for page in book.worksheets:
        cells = [[cell.value for cell in row] for row in page.iter_rows()]
        head = next(
            (n for n, row in enumerate(cells) if "Quote" in row and "Attribution" in row), None
        )
        if head is not None:
            place = cells[head].index("Quote")
            rows += [tuple(row[place : place + 2]) for row in cells[head + 1 :] if row[place]]
    return [row for row in rows if str(row[0]).startswith("“")]


def test_every_quote_that_is_sent_is_found_in_its_source(tmp_path, study):
    first = write_report(tmp_path / "one", **study)
    assert sent_quotes(first) == []
    approvals = decided(first.out / "keep" / "quote-register.xlsx")
    report = write_report(tmp_path / "two", **study, approvals=approvals)
    quotes = sent_quotes(report)
    assert report.quotes_printed == 6
    assert len(quotes) == 2 * report.quotes_printed
    # Breaks of lines are the page's, not the writer's; every other letter is hers.
    sources = [re.sub(r"\s+", " ", d.text) for d in study["corpus"]]
    for quote, attribution in quotes:
        assert sum(quote[1:-1] in source for source in sources) == 1
        assert attribution == "ECE, Hill, Reflection"


def test_the_template_of_a_report_may_print_pseudonyms_behind_quotes_and_nowhere_else(
    tmp_path, study
):
    first = write_report(tmp_path / "one", **study)
    approvals = decided(first.out / "keep" / "quote-register.xlsx")
    template = "{id}, {role}, {source}"
    report = write_report(tmp_path / "two", **study, approvals=approvals, attribution=template)
    told = {attribution for _, attribution in sent_quotes(report)}
    assert len(told) == 6
    assert all(re.fullmatch(r"P\d\d, ECE, Reflection", each) for each in told)
    with pytest.raises(ValueError, match="together they are a name"):
        write_report(tmp_path / "three", **study, attribution="{id}, {role}, {place}")
    assert not (tmp_path / "three").exists()


def test_a_table_by_groups_says_below_what_is_hidden_or_rounded(tmp_path):
    said = pd.DataFrame({"new": [3, 9], "old": [12, 12]}, index=["Strain", "Renewal"])
    sizes = {"new": 18, "old": 18}
    hidden = group_table(suppress_table(said, sizes=sizes), "Codes by experience")
    assert hidden.texts() == (
        ("Strain", "–*", "–*", "15 of 36"),
        ("Renewal", "9 of 18", "12 of 18", "21 of 36"),
    )
    rounded = group_table(suppress_table(said, sizes=sizes, rounding=5), "Codes by experience")
    assert rounded.texts()[1] == ("Renewal", "10", "10", "20")
    text = export_table(rounded, tmp_path / "by group.md").read_text(encoding="utf-8")
    assert "rounded to the nearest multiple of 5" in text
