"""What stands beside the texts: read beside a single file too, and the same until the tables."""

from hashlib import sha256

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reflect_analysis._tombstones import Tombstone
from reflect_analysis.disclosure.withdrawal import write_withdrawn
from reflect_analysis.errors import CorpusError, GovernanceError
from reflect_analysis.scale import TopicSample, code_dataset, doing, papers, running
from reflect_analysis.scale.papers import read_papers
from reflect_analysis.scale.parting import files_of

BOOK = """\
title: Small
groups: [{id: g, name: Group}]
codes:
  - {id: alone, name: Alone, group: g, definition: Alone with it., patterns: [alone]}
  - {id: rest, name: Rest, group: g, definition: Rest., patterns: [rest]}
"""
STONE = Tombstone("P04", "2026-01-02", "lead")


def row(number):
    said = "alone" if number % 2 else "at rest"
    text = f"I was {said} on day {number}. Then it rained."
    return {
        "id": f"R{number:03}",
        "participant": f"P{number % 11:02}",
        "language": "en",
        "text": text,
    }


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A codebook, and a file that is cleared, beside a table of the participants."""
    monkeypatch.setenv("REFLECT_CACHE", str(tmp_path / "cache"))
    (tmp_path / "my data").mkdir()
    (tmp_path / "book.yaml").write_text(BOOK, encoding="utf-8")
    path = tmp_path / "my data/week-01.parquet"
    pq.write_table(pa.Table.from_pylist([row(number) for number in range(44)]), path)
    clearance = f"by: lead\nnote: composed\nat: 2026-01-01\nsha256:\n- {hash_of(path)}\n"
    (tmp_path / "my data/clearance.yaml").write_text(clearance, encoding="utf-8")
    govern(tmp_path, "coding; tables; topics")
    return tmp_path


def hash_of(path):
    return sha256(path.read_bytes()).hexdigest()


def govern(place, uses, *, governed=("P03",)):
    people = [f"P{n:02},{'a nation' if f'P{n:02}' in governed else ''}" for n in range(11)]
    rows = [f"{each},{uses if each.endswith('nation') else ''}" for each in people]
    told = "\n".join(["participant,governance,approved_uses", *rows])
    (place / "my data/participants.csv").write_text(told + "\n", encoding="utf-8")


def code(place, source="my data", **settings):
    chosen = {"scheduler": "here", "rows": 11, **settings}
    return code_dataset(place / source, place / "out", place / "book.yaml", **chosen)


# ── a single file ──


def test_beside_a_single_file_its_papers_are_read_and_nothing_else(place):
    for name in ("other.csv", "notes.txt", "week-02.parquet"):
        (place / "my data" / name).write_text("id,text\n1,something else\n", encoding="utf-8")
    (place / "my data/Withdrawn.yml").write_text("", encoding="utf-8")
    folder, files, papers = files_of(place / "my data/week-01.parquet")
    assert (folder, files) == (place / "my data", ["week-01.parquet"])
    assert {path.name for path in papers} == {
        "Withdrawn.yml",
        "clearance.yaml",
        "participants.csv",
    }


def test_a_single_file_is_coded_as_its_folder_is(place):
    govern(place, "")
    write_withdrawn(place / "my data", [STONE])
    alone = code(place, "my data/week-01.parquet")
    assert (alone.counts["left_out"], alone.counts["governed"]) == (4, 4)
    whole = code(place)
    assert whole.computed == 0
    assert whole.counts == alone.counts


def test_a_single_file_of_governed_texts_waits_for_its_approval(place):
    govern(place, "", governed=[f"P{n:02}" for n in range(11)])
    with pytest.raises(GovernanceError):
        code(place, "my data/week-01.parquet")


# ── until the tables ──


def withdraw(place):
    write_withdrawn(place / "my data", [STONE])


def take_approval_back(place):
    govern(place, "")


def take_clearance_back(place):
    (place / "my data/clearance.yaml").unlink()


@pytest.mark.parametrize("change", [withdraw, take_approval_back, take_clearance_back])
def test_what_changes_beside_the_texts_meanwhile_is_in_no_table(place, monkeypatch, change):
    def meanwhile(*given, **settings):
        running.run_jobs(*given, **settings)
        change(place)

    monkeypatch.setattr(doing, "run_jobs", meanwhile)
    with pytest.raises(CorpusError, match=r"changed meanwhile.*run the same command again"):
        code(place)
    assert not (place / "out/share").exists()


def test_no_table_stays_of_who_withdrew_where_all_was_done_before(place):
    code(place)
    assert (place / "out/share").is_dir()

    def tell(line):
        if "done before" in line:
            withdraw(place)

    with pytest.raises(CorpusError, match="changed meanwhile"):
        code(place, tell=tell)
    assert not (place / "out/share").exists()
    assert code(place).counts["left_out"] == 4


def test_no_topics_are_sought_in_texts_of_who_withdrew_meanwhile(place, monkeypatch):
    def meanwhile(*given, **settings):
        running.run_jobs(*given, **settings)
        withdraw(place)

    monkeypatch.setattr(doing, "run_jobs", meanwhile)
    monkeypatch.setattr(doing, "group_dataset", None)
    with pytest.raises(CorpusError, match="changed meanwhile"):
        code(place, topics=TopicSample(size=40, refits=0, vectors="static"))


def test_recordings_beside_the_texts_are_not_read_through(place, monkeypatch):
    for name in ("circle.mp4", "bench.JPG", "notes"):
        (place / "my data" / name).write_bytes(b"long")
    asked = []
    monkeypatch.setattr(papers, "file_hash", lambda path: asked.append(path.name) or hash_of(path))
    found, faults = read_papers(place / "my data", files_of(place / "my data")[2])
    assert not faults
    (place / "my data/circle.mp4").write_bytes(b"longer")
    found.check_unchanged()
    assert asked == ["clearance.yaml", "participants.csv"] * 2


def test_a_note_that_nobody_reads_and_the_same_in_other_bytes_are_no_change(place):
    papers, faults = read_papers(place / "my data", files_of(place / "my data")[2])
    assert not faults
    (place / "my data/reading.log").write_text("Taken in spring.", encoding="utf-8")
    table = place / "my data/participants.csv"
    table.write_bytes(table.read_bytes().replace(b"\n", b"\r\n"))
    papers.check_unchanged()
    table.unlink()
    with pytest.raises(CorpusError, match="changed meanwhile"):
        papers.check_unchanged()
