"""Looking over: bounded by the rows that are asked for, and the same however columns stand."""

import tracemalloc

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reflect_analysis.scale import cells, dataset
from reflect_analysis.scale.dataset import keyed, look_over
from reflect_analysis.scale.sampling import draw


def write(path, rows, group=None):
    path.parent.mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=group)


def row(number, **cells):
    return {
        "id": f"R{number}",
        "participant": f"P{number % 7}",
        "language": "en",
        "text": f"I was alone. {number}.",
        **cells,
    }


@pytest.mark.parametrize(("rows", "most"), [(1, 256), (500, 500), (20_000, 4096)])
def test_about_as_many_rows_are_looked_at_together_as_a_partition_has(
    tmp_path, monkeypatch, rows, most
):
    write(tmp_path / "texts/a.parquet", [row(n) for n in range(5_000)])
    seen = []

    class Kept(dataset._Look):
        def _look_at(self, file, first, batch):
            seen.append(batch.num_rows)
            super()._look_at(file, first, batch)

    monkeypatch.setattr(dataset, "_Look", Kept)
    plan = look_over(tmp_path / "texts", rows=rows, cleared_by_note=True)
    assert plan.texts == sum(seen) == 5_000
    assert max(seen) == most


def test_no_more_rows_are_searched_together_than_a_few_thousand(tmp_path):
    write(tmp_path / "texts/a.parquet", [row(n) for n in range(9_000)])
    found = [
        (first, batch.num_rows)
        for first, batch in cells.batches_of(tmp_path / "texts", "a.parquet", ["id"])
    ]
    assert found == [(1, 4096), (4097, 4096), (8193, 808)]


def drawn_by_text(writers, size, seed):
    """The draw as an array of text makes it."""
    n = len(writers)
    voices = np.array([each or f"\0{at}" for at, each in enumerate(writers)])
    order = np.random.default_rng([seed, 0]).permutation(n)
    by_voice = order[np.argsort(voices[order], kind="stable")]
    return sorted(by_voice[(np.arange(size) * n / size).astype(np.int64)].tolist())


@pytest.mark.parametrize("seed", [0, 7])
def test_a_sample_is_drawn_by_the_order_of_the_ids_as_text(tmp_path, seed):
    people = ["Zoë", "a b", "é", "P10", "P9", "", "😀", "\uffee"]
    rows = [row(n, participant=people[n * n % len(people)]) for n in range(300)]
    write(tmp_path / "texts/a.parquet", rows)
    plan = look_over(tmp_path / "texts", rows=400, cleared_by_note=True)
    ((_, drawn),) = draw(plan, 41, seed)[0].items()
    assert list(drawn) == drawn_by_text([each["participant"] for each in rows], 41, seed)


def test_one_long_id_costs_its_own_room_and_not_that_of_every_row(tmp_path):
    rows = [row(n, participant="P" * 20_000 if n == 3 else f"P{n % 7}") for n in range(2_000)]
    write(tmp_path / "texts/a.parquet", rows)
    plan = look_over(tmp_path / "texts", rows=4_000, cleared_by_note=True)
    tracemalloc.start()
    try:
        draw(plan, 100, 0)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 20_000_000  # as text 160 MB


def keys(folder):
    plan = look_over(folder, rows=60, cleared_by_note=True)
    return {job.file: job.key for job in keyed(plan, ["1"])}


def test_a_first_file_with_its_columns_in_another_order_costs_itself_alone(tmp_path):
    rows = [row(n) for n in range(20)]
    write(tmp_path / "texts/b.parquet", rows)
    before = keys(tmp_path / "texts")
    other = [dict(reversed(row(n).items())) for n in range(20, 40)]
    write(tmp_path / "texts/a.parquet", other)
    assert before.items() <= keys(tmp_path / "texts").items()


def test_another_column_costs_all(tmp_path):
    write(tmp_path / "texts/b.parquet", [row(n) for n in range(20)])
    before = keys(tmp_path / "texts")
    write(tmp_path / "texts/b.parquet", [row(n, session="1") for n in range(20)])
    assert before != keys(tmp_path / "texts")
