"""What a withdrawal takes along in a data set: words, copies, and the reasons given for them."""

import dataclasses
import json
import pickle
from hashlib import sha256

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reflect_analysis._tombstones import Tombstone
from reflect_analysis.codebook import read_codebook
from reflect_analysis.disclosure.withdrawal import write_withdrawn
from reflect_analysis.errors import NotClearedError
from reflect_analysis.provenance import text_hash
from reflect_analysis.scale import code_dataset, reading
from reflect_analysis.scale.cells import rows_of
from reflect_analysis.scale.dataset import look_over
from reflect_analysis.scale.leaving import Left
from reflect_analysis.scale.reading import corpus_from, read_documents
from reflect_analysis.scale.reasons import read_open
from reflect_analysis.scale.values import Work

BOOK = """\
title: Small
groups: [{id: g, name: Group}]
codes:
  - {id: alone, name: Alone, group: g, definition: Alone with it., patterns: [alone]}
"""
CHECKED = {"cleared_by": "lead", "note": "read by two"}
STONE = Tombstone("P4", "2026-01-02", "lead")
THEIRS = "I was alone with all of it on the longest day of that year."
TITLE = "Alone on the longest day"


def row(number, person, text="", **cells):
    text = text or f"I was alone on day {number}. Then it rained."
    return {"id": f"R{number}", "participant": person, "language": "en", "text": text, **cells}


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A codebook, and a folder for texts."""
    monkeypatch.setenv("REFLECT_CACHE", str(tmp_path / "cache"))
    (tmp_path / "my data").mkdir()
    (tmp_path / "book.yaml").write_text(BOOK, encoding="utf-8")
    return tmp_path


def write(place, withdrawn=(), /, **files):
    for name, rows in files.items():
        pq.write_table(pa.Table.from_pylist(rows), place / f"my data/{name}.parquet")
    if withdrawn:
        write_withdrawn(place / "my data", withdrawn)


def code(place, **settings):
    chosen = {"scheduler": "here", "rows": 60, **settings}
    return code_dataset(place / "my data", place / "out", place / "book.yaml", **chosen)


def code_cleared(place, **settings):
    """A run on files that were cleared before, which is many times as fast as the check."""
    files = (place / "my data").glob("*.parquet")
    listed = "".join(f"- {sha256(path.read_bytes()).hexdigest()}\n" for path in files)
    head = "by: lead\nnote: composed\nat: 2026-01-01\nsha256:\n"
    (place / "my data/clearance.yaml").write_text(head + listed, encoding="utf-8")
    return code(place, **settings)


def coded(run):
    told = [each for path in run.codings() for each in pq.read_table(path).to_pylist()]
    return {each["document_id"] for each in told}


def work_of(place, rows=1, known=tuple):
    plan = look_over(place / "my data", rows=rows, cleared_by_note=True, known=known)
    book = read_codebook(place / "book.yaml")
    work = Work(plan.folder, place / "out", book, "rules", plan.columns, plan.cases)
    return plan, dataclasses.replace(work, withdrawn=plan.gone.stones, gone=plan.gone.texts)


def read(place, rows=1, known=tuple):
    """The documents of each partition as they are coded."""
    plan, work = work_of(place, rows, known)
    parts = (corpus_from(work, read_documents(work, job)) for job in plan.jobs)
    return {document.id: document for part in parts for document in part}


# ── prompts ──


def thread(**cells):
    """P4 opens a thread and answers there; so do others."""
    beside = {"thread": TITLE, "prompt": THEIRS}
    posts = [row(4, "P4", THEIRS, thread=TITLE, prompt=""), row(5, "P1", thread="T", prompt="")]
    replies = [row(6, "P4", "Nobody answered.", **beside), row(7, "P1", **beside)]
    more = [row(8, "P2", **beside), row(9, "P3", "Nothing of that.", **beside)]
    return {"a": posts, "b": replies, "c": more}


@pytest.mark.parametrize("rows", [1, 60])
def test_an_opening_post_goes_from_all_replies_though_its_writer_replied_too(place, rows):
    write(place, [STONE], **thread())
    found = read(place, rows)
    assert sorted(found) == ["R5", "R7", "R8", "R9"]
    assert {str(each.attributes.get("prompt")) for each in found.values()} <= {
        "None",
        "█" * len(THEIRS),
    }


def test_no_title_of_a_thread_travels_to_a_worker_before_or_after_texts_were_read(place):
    write(place, [STONE], **thread())
    plan, work = work_of(place)
    assert plan.gone.texts
    before = pickle.dumps(work)
    for job in plan.jobs:
        corpus_from(work, read_documents(work, job))
    assert work.gone_read
    for sent in (before, pickle.dumps(work)):
        assert TITLE.encode() not in sent
        assert b"longest" not in sent


def test_a_text_that_others_quote_is_read_once_for_all_partitions(place, monkeypatch):
    write(place, [STONE], **thread())
    asked = []
    rows_of = reading.rows_of

    def counted(folder, job, columns, only):
        if only is not None:
            asked.append((job.file, job.first))
        return rows_of(folder, job, columns, only)

    monkeypatch.setattr(reading, "rows_of", counted)
    assert len(read(place)) == 4
    assert asked
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize("link", ["CAF12@mail.example.org", "1.2.3.4"])
def test_a_reply_that_names_what_it_answers_by_an_address_is_found(place, link):
    post = row(4, "P4", THEIRS, parent="", prompt="") | {"id": link}
    reply = row(7, "P1", parent=link, prompt=THEIRS)
    write(place, [STONE], a=[post], b=[reply, row(8, "P2", parent="", prompt="")])
    for rows in (1, 60):
        attributes = read(place, rows)["R7"].attributes
        assert set(attributes["prompt"]) == {"█"}
        assert "parent" not in attributes
    told = []
    assert coded(code_cleared(place, tell=told.append)) == {"R7", "R8"}
    assert "left out the column 'parent': a column of direct identifiers" in told
    assert any("read of the column 'parent'" in line for line in told)


def test_an_address_as_a_link_is_not_read_where_nobody_withdrew(place):
    write(place, a=[row(7, "P1", parent="1.2.3.4"), row(8, "P2", parent="")])
    plan, _ = work_of(place)
    assert "parent" not in plan.columns.header
    assert "parent" in plan.columns.left_out


# ── copies ──


def with_copy():
    return {"a": [row(4, "P4", THEIRS), row(5, "P1")], "b": [row(15, "", THEIRS), row(16, "P2")]}


def test_a_copy_stays_away_when_the_text_that_it_repeats_is_deleted(place):
    files = with_copy()
    write(place, [STONE], **files)
    assert coded(code_cleared(place)) == {"R5", "R16"}
    write(place, a=files["a"][1:])
    told = []
    run = code_cleared(place, tell=told.append)
    assert coded(run) == {"R5", "R16"}
    assert run.computed == 1
    assert not any("no text is known" in line for line in told)
    facts = json.loads((place / "out/keep/run.json").read_text(encoding="utf-8"))
    assert list(facts["texts"].values()) == [[text_hash(THEIRS)]]
    assert "P4" not in str(facts)
    assert coded(code_cleared(place)) == {"R5", "R16"}  # and once more


@pytest.mark.parametrize("rows", [1, 60])
def test_a_prompt_stays_blotted_when_the_text_that_it_repeats_is_deleted(place, rows):
    files = thread()
    write(place, [STONE], **files)
    code_cleared(place, rows=rows)
    kept = {name: [each for each in told if each["id"] != "R4"] for name, told in files.items()}
    write(place, **kept)
    left = Left.of(json.loads((place / "out/keep/run.json").read_text(encoding="utf-8")))
    found = read(place, rows, left.known)
    assert {found[each].attributes["prompt"] for each in ("R7", "R8", "R9")} == {"█" * len(THEIRS)}
    code_cleared(place, rows=rows)
    write(place, c=[*kept["c"], row(10, "P1", thread=TITLE, prompt=THEIRS)])
    assert code_cleared(place, rows=rows).computed == (3 if rows == 1 else 1)


def test_a_prompt_is_found_though_the_deleted_text_ended_in_a_blank(place):
    files = thread()
    files["a"][0]["text"] += "\n"
    write(place, [STONE], **files)
    code_cleared(place)
    write(place, a=files["a"][1:])
    left = Left.of(json.loads((place / "out/keep/run.json").read_text(encoding="utf-8")))
    found = read(place, 60, left.known)
    assert {found[each].attributes["prompt"] for each in ("R7", "R8", "R9")} == {"█" * len(THEIRS)}


def test_a_text_deep_in_a_large_partition_is_found_for_a_reply_in_another(place):
    """A partition is read in batches, most of which hold no row that is asked for."""
    many = [row(number, "P1", thread="", prompt="") for number in range(100, 4600)]
    own = row(4, "P4", THEIRS, thread=TITLE, prompt="")
    beside = row(7, "P1", thread=TITLE, prompt=f"{THEIRS} Said she.")
    for at in (0, 4400):
        write(place, [STONE], a=[*many[:at], own, *many[at:]], b=[beside])
        plan, work = work_of(place, rows=5000)
        found = {d.id: d for d in corpus_from(work, read_documents(work, plan.jobs[1]))}
        assert found["R7"].attributes["prompt"].startswith("█")


@pytest.mark.parametrize("only", [[], [0], [4499], [3, 4200]])
def test_some_rows_of_a_partition_of_several_batches_are_read(place, only):
    write(place, a=[row(number, "P1") for number in range(4500)])
    plan, _ = work_of(place, rows=5000)
    (job,) = plan.jobs
    rows = rows_of(place / "my data", job, ["id"], only)
    assert [each for (each,) in rows] == [f"R{number}" for number in only]


def test_a_cell_of_who_answers_nobody_is_no_quote(place):
    """A study's question, which somebody who withdrew gave back for an answer."""
    beside = {"prompt": THEIRS, "thread": ""}
    write(place, [STONE], a=[row(4, "P4", THEIRS, **beside), row(5, "P1", **beside)])
    assert read(place)["R5"].attributes["prompt"] == THEIRS


def test_a_text_that_was_ascribed_by_mistake_has_no_copies_any_more(place):
    files = with_copy()
    write(place, [STONE], **files)
    code_cleared(place)
    spared = frozenset({("R4", text_hash(THEIRS))})
    (place / "my data/withdrawn.yaml").unlink()
    write(place, [dataclasses.replace(STONE, spared=spared)], a=files["a"][1:])
    assert "R15" in coded(code_cleared(place))


def test_it_is_told_where_nothing_tells_the_texts_of_who_withdrew(place):
    files = with_copy()
    write(place, [STONE], a=files["a"][1:], b=files["b"])
    told = []
    run = code_cleared(place, tell=told.append)
    assert "R15" in coded(run)
    (line,) = (line for line in told if "no text is known" in line)
    assert line.startswith("of 1 participant who withdrew")


# ── reasons ──


def test_reasons_for_copies_and_blotted_prompts_need_not_be_taken_out(place):
    said = f"{THEIRS} Write to jo@example.org about it."
    own, copy = row(4, "P4", said, thread="T", prompt=""), row(15, "", said, thread="", prompt="")
    reply = row(7, "P1", thread="T", prompt=said)
    other = row(8, "P2", "I was alone. Write to al@example.org.", thread="", prompt="")
    write(place, a=[own, row(5, "P1", thread="", prompt="")], b=[copy, reply, other])
    with pytest.raises(NotClearedError):
        code(place, **CHECKED)
    sheet = place / "out/keep/findings-open.csv"
    ids = list(read_open(sheet))
    assert len(ids) == 4
    assert sum("[attribute prompt]" in each for each in ids) == 1
    reasons = dict.fromkeys(ids, "nobody's address")
    code(place, **CHECKED, reasons=reasons)
    write(place, [STONE])
    run = code(place, **CHECKED, reasons=reasons)
    assert coded(run) == {"R5", "R7", "R8"}
    assert [each.split(":")[0] for each in read_open(sheet)] == ["R8"]
    write(place, a=[row(5, "P1", thread="", prompt="")])
    assert code(place, **CHECKED, reasons=reasons).counts["documents"] == 3
    with pytest.raises(NotClearedError, match="reason for R9: there is no such finding"):
        code(place, **CHECKED, reasons=reasons | {"R9": "of something else"})
