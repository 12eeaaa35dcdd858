"""Files that would stop a run in its tenth hour: told before it begins, all at once."""

from datetime import date
from hashlib import sha256

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reflect_analysis.errors import CorpusError
from reflect_analysis.scale import code_dataset
from reflect_analysis.scale.reading import read_documents

BOOK = """\
title: Small
groups: [{id: g, name: Group}]
codes:
  - {id: alone, name: Alone, group: g, definition: Alone with it., patterns: [alone]}
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("REFLECT_CACHE", str(tmp_path / "cache"))
    (tmp_path / "data").mkdir()
    (tmp_path / "book.yaml").write_text(BOOK, encoding="utf-8")
    return tmp_path


def columns(name, texts=None, **others):
    texts = texts or [f"I was alone, {number}." for number in range(6)]
    return {
        "id": [f"{name}{number}" for number in range(len(texts))],
        "participant": [f"P{number % 5}" for number in range(len(texts))],
        "language": ["en"] * len(texts),
        "role": ["educator"] * len(texts),
        "text": texts,
        **others,
    }


def write(place, name, told, **settings):
    path = place / "data" / f"{name}.parquet"
    pq.write_table(pa.table(told), path, **settings)
    return path


def code(place):
    files = (place / "data").glob("*.parquet")
    listed = "".join(f"- {sha256(path.read_bytes()).hexdigest()}\n" for path in files)
    head = "by: lead\nnote: composed\nat: 2026-01-01\nsha256:\n"
    (place / "data/clearance.yaml").write_text(head + listed, encoding="utf-8")
    return code_dataset(place / "data", place / "out", place / "book.yaml", scheduler="here")


def damage(path, column):
    """Overwrite the pages of a column, and leave the footer."""
    chunk = pq.read_metadata(path).row_group(0)
    found = [chunk.column(n) for n in range(chunk.num_columns)]
    (told,) = [each for each in found if each.path_in_schema == column]
    start = told.dictionary_page_offset or told.data_page_offset
    data = bytearray(path.read_bytes())
    data[start : start + told.total_compressed_size] = b"\xff" * told.total_compressed_size
    path.write_bytes(data)


def test_every_file_that_cannot_be_read_is_told_with_its_place(place):
    write(place, "a-whole", columns("a"))
    write(place, "b-long", columns("b", ["Short.", "word " * 240_000]))
    write(place, "c-lists", columns("c", [["I was", "alone."], ["One."]]))
    write(place, "d-bytes", columns("d", [b"alone", b"\xff\xfe off", b"alone \xc3"]))
    damage(write(place, "e-damaged", columns("e")), "text")
    damage(write(place, "f-damaged", columns("f")), "role")
    write(place, "g-nested", columns("g", role=[{"a": 1}] * 6))
    with pytest.raises(CorpusError) as caught:
        code(place)
    told = {fault.partition(".parquet")[0]: fault for fault in caught.value.faults}
    assert set(told) == {"b-long", "c-lists", "d-bytes", "e-damaged", "f-damaged", "g-nested"}
    assert "row 2 (b1): a text of 1,200,000 characters" in told["b-long"]
    assert "'text' holds list<" in told["c-lists"]
    assert "'text' is no UTF-8 in row 2, row 3" in told["d-bytes"]
    assert "cannot be read from row 1 on" in told["e-damaged"]
    assert "cannot be read from row 1 on" in told["f-damaged"]
    assert "'role' holds struct<" in told["g-nested"]
    assert "word" not in str(caught.value)
    assert not (place / "out").exists()


def test_files_that_are_no_parquet_hide_no_fault_of_the_others(place):
    write(place, "a-whole", columns("a"))
    damage(write(place, "b-damaged", columns("b")), "text")
    (place / "data/c-none.parquet").write_bytes(b"PAR1 no")
    write(place, "d-other", columns("d", mood=["fair"] * 6))
    write(place, "e-empty", columns("e", ["One.", None]))
    (place / "data/withdrawn.yaml").write_text("who: [", encoding="utf-8")
    with pytest.raises(CorpusError) as caught:
        code(place)
    told = [fault.partition(":")[0] for fault in caught.value.faults]
    expected = ["b-damaged", "c-none", "d-other", "e-empty"]
    assert sorted(told)[:4] == [f"{name}.parquet" for name in expected]
    assert any("withdrawn.yaml" in fault for fault in caught.value.faults)


def test_columns_that_cannot_be_told_are_a_fault_beside_the_others(place):
    write(place, "a", {"id": ["a1"], "said": ["One."]})
    (place / "data/c-none.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(CorpusError) as caught:
        code(place)
    told = "\n".join(caught.value.faults)
    assert "c-none.parquet: cannot be read as Parquet" in told
    assert "expected a column 'text'" in told


def test_no_file_that_can_be_read_is_one_fault_a_file(place):
    for name in ("a", "b"):
        (place / f"data/{name}.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(CorpusError) as caught:
        code(place)
    assert len(caught.value.faults) == 2


def test_what_stands_beside_the_texts_is_told_with_them(place):
    write(place, "a", columns("a", ["One.", None]))
    (place / "data/withdrawn.yaml").write_text("who: [", encoding="utf-8")
    with pytest.raises(CorpusError) as caught:
        code(place)
    told = "\n".join(caught.value.faults)
    assert "without a text" in told
    assert "withdrawn.yaml" in told


@pytest.mark.parametrize(
    "kind", [pa.binary(), pa.large_binary(), pa.dictionary(pa.int32(), pa.binary())]
)
def test_bytes_that_are_text_are_read_as_text(place, kind):
    plain = columns("a", ["I was alone, café.", "Nobody came."])
    told = {
        name: pa.array([c.encode() for c in cells], pa.binary()) for name, cells in plain.items()
    }
    write(place, "a", {name: cells.cast(kind) for name, cells in told.items()})
    run = code(place)
    assert run.counts["codings"] == 1
    (row,) = pq.read_table(run.codings()[0]).to_pylist()
    assert (row["document_id"], row["start"]) == ("a0", 0)


def test_columns_of_numbers_days_and_marks_are_read(place):
    days = pa.array([date(2026, 1, day) for day in (1, 2, 3)])
    others = {
        "year": pa.array([2025, 2026, None]),
        "weight": pa.array([1.5, 2.0, None]),
        "first": pa.array([True, False, None]),
        "at": days.cast(pa.timestamp("us")),
        "day": days,
        "hours": pa.array([1, 2, 3], pa.duration("s")),
        "nothing": pa.nulls(3),
    }
    told = columns("a", ["I was alone.", "Rain.", "Rest."], **others) | {"id": pa.array([1, 2, 3])}
    write(place, "a", told)
    assert code(place).counts["documents"] == 3


def test_a_page_that_goes_bad_between_looking_and_coding_names_its_file(place, monkeypatch):
    path = write(place, "a", columns("a"))

    def damaged(work, job):
        damage(path, "text")
        monkeypatch.setattr("reflect_analysis.scale.reading.check_unchanged", lambda *_: None)
        return read_documents(work, job)

    monkeypatch.setattr("reflect_analysis.scale.partition.read_documents", damaged)
    with pytest.raises(CorpusError, match=r"a\.parquet, rows 1 to 6: cannot be read"):
        code(place)
