"""Rows, frames and CSV: what is written is what is read."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect_analysis._rows import (
    Attributes,
    from_records,
    html_table,
    read_csv,
    to_frame,
    write_csv,
)
from reflect_analysis.errors import CorpusError


@dataclass(frozen=True, slots=True)
class Sample:
    name: str
    kind: Literal["a", "b"] = "a"
    number: int = 0
    score: float | None = None
    yes: bool = False
    parts: tuple[str, ...] = ()
    more: Attributes = field(default_factory=Attributes)
    at: datetime = datetime(2025, 1, 1, tzinfo=UTC)


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), min_size=1)
parts = st.lists(st.text("abcé😀 ", min_size=1), max_size=3).map(tuple)
samples = st.builds(
    Sample,
    name=texts,
    kind=st.sampled_from("ab"),
    number=st.integers(),
    score=st.none() | st.floats(allow_nan=False),
    yes=st.booleans(),
    parts=parts,
    more=st.dictionaries(texts, texts, max_size=2).map(Attributes),
    at=st.datetimes(timezones=st.just(UTC)),
)


@given(rows=st.lists(samples, max_size=5))
def test_rows_survive_the_way_through_csv(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("rows") / "rows.csv"
    write_csv(rows, Sample, path)
    assert list(read_csv(path, Sample, CorpusError)) == rows


def test_rows_that_say_the_same_hold_it_once():
    """A coder who read a hundred thousand texts for the same codes."""
    records = [{"name": f"r{n}", "parts": "a;b;c", "at": "2025-01-01T00:00:00Z"} for n in range(9)]
    rows = from_records(records, Sample, CorpusError, source="s.csv")
    assert len({id(row.parts) for row in rows}) == len({id(row.at) for row in rows}) == 1
    assert [row.name for row in rows] == [f"r{n}" for n in range(9)]


def test_every_fault_is_told_with_its_row():
    records = [{"name": "x", "number": "many"}, {"name": "y"}, {"name": "z", "kind": "c"}]
    with pytest.raises(CorpusError) as caught:
        from_records(records, Sample, CorpusError, source="s.csv")
    assert caught.value.faults == (
        "s.csv, row 2: 'number' cannot be 'many'",
        "s.csv, row 4: 'kind' cannot be 'c'",
    )


def test_an_unknown_column_is_named_with_a_suggestion():
    with pytest.raises(CorpusError, match="unknown column 'nmae'; did you mean 'name'"):
        from_records([{"nmae": "x"}], Sample, CorpusError, source="s.csv")


def test_a_missing_value_without_default_is_a_fault():
    with pytest.raises(CorpusError, match="row 2: no 'name'"):
        from_records([{"number": "1"}], Sample, CorpusError, source="s.csv")


def test_a_frame_has_a_column_for_each_field():
    frame = to_frame([Sample("x", number=3)], Sample, drop=("at", "more"))
    assert list(frame.columns) == ["name", "kind", "number", "score", "yes", "parts"]
    assert frame.loc[0, "number"] == 3


def test_attributes_do_not_change():
    attributes = Attributes(role="ECE")
    with pytest.raises(TypeError):
        attributes["role"] = "Supervisor"
    assert attributes | {"place": "Nelson"} == {"role": "ECE", "place": "Nelson"}
    assert hash(attributes) == hash(Attributes({"role": "ECE"}))


def test_a_table_for_a_notebook_escapes_and_sets_every_cell_to_the_left():
    html = html_table(["<Code>", "n"], [["a & b", 1], ["c", 2]])
    assert "&lt;Code&gt;" in html
    assert "a &amp; b" in html
    assert html.count("text-align:left") == 6
