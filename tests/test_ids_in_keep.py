"""An id is the same in every file of ``keep``, so that the files can be joined."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest

from reflect_analysis.disclosure.sheets import disarmed
from reflect_analysis.tables import Column, Table
from reflect_analysis.tables.frames import frame_table
from reflect_analysis.tables.plain import to_csv


def cells_of(table):
    rows = csv.reader(io.StringIO(to_csv([table]).decode("utf-8-sig"), newline=""))
    return [row[0] for row in rows][1:]


@pytest.mark.parametrize("number", ["-11", "-1.5", "-0,25"])
def test_a_negative_number_needs_no_apostrophe(number):
    assert cells_of(Table("t", (Column("document_id"),), ((number,),))) == [number]
    assert disarmed(number) == number


def test_an_id_is_written_alike_among_words_and_among_numbers():
    words = frame_table("t", pd.DataFrame({"document_id": ["-11", "a"]}))
    numbers = frame_table("t", pd.DataFrame({"document_id": [-11, -12]}))
    assert cells_of(words)[0] == cells_of(numbers)[0] == "-11"


@pytest.mark.parametrize("formula", ["-1+1", "-A1", "--1", "-1-1", "-(1)", "- 1", "=-1", "+1", "-"])
def test_what_a_spreadsheet_would_compute_is_disarmed_everywhere(formula):
    assert cells_of(Table("t", (Column("x"),), ((formula,),))) == [f"'{formula}"]
    assert disarmed(formula) == f"'{formula}"
