"""What may not count leaves the folder, and a check asks for the names of everybody."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import reflect_analysis as ra
from reflect_analysis.corpus import Case
from reflect_analysis.errors import NotClearedError
from reflect_analysis.scale import TopicSample, code_dataset, grouping
from reflect_analysis.scale.dataset import look_over
from reflect_analysis.scale.files import KINDS, file_hash
from reflect_analysis.scale.naming import names_key, names_of
from reflect_analysis.scale.partition import check_part, read_corpus_of
from reflect_analysis.scale.values import Work

BOOK = """\
title: Small
groups: [{id: g, name: Group}]
codes:
  - {id: alone, name: Alone, group: g, definition: Alone with it., patterns: [alone]}
"""
CHECKED = {"cleared_by": "lead", "note": "read by two"}


def row(number, participant="", text=""):
    return {
        "id": f"R{number:03}",
        "participant": participant or f"P{number % 7:02}",
        "language": "en",
        "text": text or f"I was alone on day {number}. Then it rained.",
    }


def write(place, name, rows):
    pq.write_table(pa.Table.from_pylist(rows), place / f"my data/{name}.parquet")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A codebook, and a folder for texts."""
    monkeypatch.setenv("REFLECT_CACHE", str(tmp_path / "cache"))
    (tmp_path / "my data").mkdir()
    (tmp_path / "book.yaml").write_text(BOOK, encoding="utf-8")
    return tmp_path


def name_people(place, people):
    told = "".join(f"{each},{called}\n" for each, called in people.items())
    (place / "my data/participants.csv").write_text("participant,nickname\n" + told, "utf-8")


def code(place, **settings):
    chosen = {"scheduler": "here", "rows": 60, **settings}
    return code_dataset(place / "my data", place / "out", place / "book.yaml", **chosen)


def clear(place):
    hashes = [f"- {file_hash(path)}\n" for path in (place / "my data").glob("*.parquet")]
    head = "by: lead\nnote: composed\nat: 2026-01-01\nsha256:\n"
    (place / "my data/clearance.yaml").write_text(head + "".join(hashes), encoding="utf-8")


def held(place, job):
    return {kind for kind in KINDS if any((place / "out/keep" / kind).glob(f"{job.name}.*"))}


# ── what may not count ──


def test_nothing_stays_of_a_text_that_nobody_clears_any_more(place):
    write(place, "a", [row(n) for n in range(30)])
    write(place, "b", [*(row(n) for n in range(30, 60)), row(60, text="Write to jo@example.org.")])
    clear(place)
    sample = TopicSample(size=61, refits=0, vectors="static")
    run = code(place, topics=sample)
    one, other = sorted(run.jobs, key=lambda job: job.file)
    assert "topics" in held(place, other)
    (place / "my data/clearance.yaml").unlink()
    with pytest.raises(NotClearedError, match="R060"):
        code(place, **CHECKED, topics=sample)
    assert held(place, other) == set()
    assert held(place, one) >= {"codings", "manifests"}
    assert not (place / "out/keep/topic-model").exists()


def test_a_fit_that_was_stopped_before_it_had_its_key_leaves_no_words(place, monkeypatch):
    write(place, "a", [row(n) for n in range(60)])
    clear(place)

    def stopped(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(grouping, "write_text", stopped)
        with pytest.raises(KeyboardInterrupt):
            code(place, topics=TopicSample(size=60, refits=0, vectors="static"))
    assert (place / "out/keep/topic-model").is_dir()
    code(place)
    assert not (place / "out/keep/topic-model").exists()


# ── names ──


def checked(place, rows):
    """What the check finds in the texts, however they are cut."""
    plan = look_over(place / "my data", rows=rows, cleared_by_note=True)
    book = ra.read_codebook(place / "book.yaml")
    work = Work(plan.folder, place / "out", book, "rules", plan.columns, plan.cases, by="lead")
    parts = (check_part(work, read_corpus_of(work, job)[0]) for job in plan.jobs)
    return {(each.id, each.why) for part in parts for each in part if not each.field}


@pytest.mark.parametrize("rows", [1, 3, 60])
def test_a_name_is_found_whoever_wrote_the_partition_in_which_it_stands(place, rows):
    texts = [row(n) for n in range(6)]
    texts[0] = row(0, text="We went to see tolvaj there.")
    write(place, "a", texts)
    name_people(place, {"P01": "", "P05": "Tolvaj"})
    assert checked(place, rows) == {("R000:15-21:name", "a part of a known name")}


@pytest.mark.parametrize("rows", [1, 60])
def test_a_pseudonym_is_no_name_even_where_somebody_is_called_so(place, rows):
    texts = [row(0, text="We went to see Tolvaj there."), row(1, "Tolvaj"), row(2, "P02")]
    write(place, "a", texts)
    name_people(place, {"P02": "Tolvaj"})
    assert checked(place, rows) == set()


def test_names_that_came_to_be_known_bring_the_check_again(place):
    write(place, "a", [row(0, text="We went to see tolvaj there."), *map(row, range(1, 8))])
    write(place, "b", [row(n) for n in range(8, 20)])
    assert code(place, **CHECKED).computed == 2
    assert code(place, **CHECKED).computed == 0
    write(place, "c", [row(n, f"P{n:02}") for n in range(20, 24)])
    assert code(place, **CHECKED).computed == 1
    name_people(place, {"P05": "Tolvaj"})
    with pytest.raises(NotClearedError) as caught:
        code(place, **CHECKED)
    assert not any(fault.startswith("R000") for fault in caught.value.faults)
    reasons = {fault.split(" (")[0]: "she chose it" for fault in caught.value.faults}
    with pytest.raises(NotClearedError, match="R000:15-21:name"):
        code(place, **CHECKED, reasons=reasons)


def test_texts_that_are_cleared_are_not_done_anew_for_a_name(place):
    write(place, "a", [row(n) for n in range(8)])
    clear(place)
    code(place)
    name_people(place, {"P05": "Tolvaj"})
    assert code(place).computed == 0


def test_an_id_with_a_digit_and_a_column_of_another_kind_change_no_names():
    cases = [Case("P01", {"nickname": "Tolvaj", "role": "lead"}), Case("Rain")]
    assert names_of(cases) == ("Tolvaj",)
    key = names_key(cases)
    assert names_key([*cases, Case("P02", {"role": "none"})]) == key
    assert names_key([*cases, Case("Snow")]) != key
    assert names_key(cases[:1]) != key
    assert names_key([Case("P01", {"nickname": "Other"}), Case("Rain")]) != key
