"""What a scaled run keeps: typed reasons, who cleared, nothing of the withdrawn, whole files."""

import csv
import json
from hashlib import sha256

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reflect_analysis._tombstones import Tombstone
from reflect_analysis.anonymity import read_reasons
from reflect_analysis.disclosure.withdrawal import write_withdrawn
from reflect_analysis.errors import CorpusError, NotClearedError
from reflect_analysis.scale import code_dataset

BOOK = """\
title: Small
groups: [{id: g, name: Group}]
codes:
  - {id: alone, name: Alone, group: g, definition: Alone with it., patterns: [alone]}
  - {id: rest, name: Rest, group: g, definition: Rest., patterns: [rest]}
"""
CLEARED = {"cleared_by": "lead", "note": "read by two"}
WRITE_TO = "I was alone on day {}. Write to jo{}@example.org about it."


def row(number, participant=None, text=""):
    code = "alone" if number % 11 < 6 else "at rest"
    return {
        "id": f"R{number:03}",
        "participant": participant or f"P{number % 11:02}",
        "language": "en",
        "text": text or f"I was {code} on day {number}. Then it rained.",
    }


def write(path, rows):
    pq.write_table(pa.Table.from_pylist(rows), path)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A codebook and a data set of two files."""
    monkeypatch.setenv("REFLECT_CACHE", str(tmp_path / "cache"))
    (tmp_path / "my data").mkdir()
    (tmp_path / "book.yaml").write_text(BOOK, encoding="utf-8")
    for number in range(2):
        rows = map(row, range(number * 22, number * 22 + 22))
        write(tmp_path / f"my data/b-{number}.parquet", list(rows))
    return tmp_path


def code(place, **settings):
    """A run on files that were cleared before, which is many times as fast as the check."""
    files = (place / "my data").glob("*.parquet")
    listed = "".join(f"- {sha256(path.read_bytes()).hexdigest()}\n" for path in files)
    head = "by: lead\nnote: composed\nat: 2026-01-01\nsha256:\n"
    (place / "my data/clearance.yaml").write_text(head + listed, encoding="utf-8")
    return run_of(place, **settings)


def check_and_code(place, **settings):
    """A run that looks for identifiers."""
    return run_of(place, **CLEARED, **settings)


def run_of(place, **settings):
    chosen = {"scheduler": "here", "rows": 11, **settings}
    return code_dataset(place / "my data", place / "out", place / "book.yaml", **chosen)


def keep(place, *parts):
    return place.joinpath("out", "keep", *parts)


def sheet(place):
    with keep(place, "findings-open.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def fill(place, reasons):
    rows = sheet(place)
    for key, reason in reasons.items():
        rows[key]["reason"] = reason
    path = keep(place, "findings-open.csv")
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, next(iter(rows.values())))
        writer.writeheader()
        writer.writerows(rows.values())


def stamps(place):
    return {path.name: path.stat().st_mtime_ns for path in keep(place, "codings").iterdir()}


# ── reasons ──


@pytest.fixture
def with_addresses(place):
    """Four identifiers, in three of the four partitions."""
    for number in range(2):
        path = place / f"my data/b-{number}.parquet"
        rows = pq.read_table(path).to_pylist()
        for at in (1, 15) if number else (2, 5):
            rows[at]["text"] = WRITE_TO.format(at, at)
        write(path, rows)
    return place


def test_reasons_that_were_typed_stay_in_the_sheet_that_the_run_reads(with_addresses):
    place = with_addresses
    with pytest.raises(NotClearedError):
        check_and_code(place)
    ids = sorted(sheet(place))
    assert len(ids) == 4
    fill(place, dict.fromkeys(ids[:3], "nobody's address"))
    given = read_reasons(keep(place, "findings-open.csv"))
    with pytest.raises(NotClearedError, match="1 texts are not cleared"):
        check_and_code(place, reasons=given)
    told = sheet(place)
    assert sorted(told) == ids
    assert [told[each]["reason"] for each in ids] == ["nobody's address"] * 3 + [""]
    done = stamps(place)
    fill(place, {ids[3]: "the school's"})
    run = check_and_code(place, reasons=read_reasons(keep(place, "findings-open.csv")))
    assert run.computed == 1
    assert done.items() <= stamps(place).items()
    assert "jo" not in keep(place, "findings-open.csv").read_text(encoding="utf-8-sig")


def test_reasons_that_were_typed_and_not_given_are_not_lost(with_addresses):
    place = with_addresses
    with pytest.raises(NotClearedError):
        check_and_code(place)
    first, *others = sorted(sheet(place))
    fill(place, {first: "nobody's address"})
    with pytest.raises(NotClearedError, match="3 texts"):
        check_and_code(place, reasons={others[0]: "from another sheet"})
    told = sheet(place)
    assert told[first]["reason"] == "nobody's address"
    assert told[others[0]]["reason"] == "from another sheet"
    assert told[others[0]]["place"]


def test_a_sheet_that_cannot_be_read_stops_the_run_before_it_is_written_over(place):
    check_and_code(place)
    path = keep(place, "findings-open.csv")
    path.write_bytes(b"id,reason\nR001,\xff\xfe\n")
    with pytest.raises(CorpusError, match="UTF-8"):
        check_and_code(place)
    assert path.read_bytes().endswith(b"\xff\xfe\n")


def test_nothing_stands_open_after_all_was_replaced_in_the_source(with_addresses):
    place = with_addresses
    with pytest.raises(NotClearedError):
        check_and_code(place)
    for number in range(2):
        rows = map(row, range(number * 22, number * 22 + 22))
        write(place / f"my data/b-{number}.parquet", list(rows))
    check_and_code(place)
    assert not keep(place, "findings-open.csv").exists()


def test_who_cleared_and_why_findings_stand_is_kept_and_not_sent(with_addresses):
    place = with_addresses
    with pytest.raises(NotClearedError):
        check_and_code(place)
    reasons = dict.fromkeys(sheet(place), "nobody's address")
    check_and_code(place, reasons=reasons)
    told = json.loads(keep(place, "run.json").read_text(encoding="utf-8"))
    (cleared,) = told["cleared"]
    assert (cleared["by"], cleared["note"]) == ("lead", "read by two")
    assert (cleared["partitions"], cleared["texts"]) == (4, 44)
    assert cleared["at"].startswith("20")
    assert told["reasons"] == reasons
    for path in (place / "out/share").iterdir():
        assert b"read by two" not in path.read_bytes()
    again = run_of(place, reasons=reasons, cleared_by="somebody else", note="read again")
    assert again.computed == 0
    told = json.loads(keep(place, "run.json").read_text(encoding="utf-8"))
    assert [row["by"] for row in told["cleared"]] == ["lead"]
    last = told["cleared_in_last_call"]
    assert (last["by"], last["note"]) == ("somebody else", "read again")


# ── withdrawal ──


def test_who_withdrew_is_gone_from_keep_even_where_the_run_stops(with_addresses):
    place = with_addresses
    with pytest.raises(NotClearedError):
        check_and_code(place)
    reasons = dict.fromkeys(sheet(place), "nobody's address")
    fill(place, reasons)
    check_and_code(place, reasons=reasons)
    theirs = next(each["participant"] for each in sheet(place).values())
    owners = {f"R{n:03}": f"P{n % 11:02}" for n in range(44)}
    write_withdrawn(place / "my data", [Tombstone(theirs, "2026-01-02", "lead")])
    broken = [*map(row, range(22, 44)), row(44) | {"text": None}]
    write(place / "my data/b-1.parquet", broken)
    with pytest.raises(CorpusError, match="without a text"):
        check_and_code(place, reasons=reasons)
    gone = {each for each, owner in owners.items() if owner == theirs}
    for path in (place / "out").rglob("*"):
        if path.suffix == ".parquet":
            told = json.dumps(pq.read_table(path).to_pylist())
        else:
            told = path.read_text(encoding="utf-8-sig") if path.suffix in (".csv", ".json") else ""
        assert not [each for each in (*gone, theirs) if each in told], path
    assert not (place / "out/share").exists()
    write(place / "my data/b-1.parquet", broken[:-1])
    left = [key for key, each in reasons.items() if key.split(":")[0] not in gone]
    # Rows of the second file are new there, so only the first file's identifiers are left.
    known = {key: reasons[key] for key in left if int(key[1:4]) < 22}
    assert check_and_code(place, reasons=known).counts["left_out"] == len(gone)


def test_reasons_for_texts_of_who_withdrew_are_not_asked_about(with_addresses):
    place = with_addresses
    with pytest.raises(NotClearedError):
        check_and_code(place)
    reasons = dict.fromkeys(sheet(place), "nobody's address")
    fill(place, reasons)
    check_and_code(place, reasons=reasons)
    theirs = next(each["participant"] for each in sheet(place).values())
    write_withdrawn(place / "my data", [Tombstone(theirs, "2026-01-02", "lead")])
    told = []
    run = check_and_code(place, reasons=reasons, tell=told.append)
    assert run.computed == len(run.jobs)
    assert any("who withdrew has changed" in line for line in told)
    assert theirs not in {each["participant"] for each in sheet(place).values()}
    assert (
        check_and_code(place, reasons=read_reasons(keep(place, "findings-open.csv"))).computed == 0
    )
    assert check_and_code(place, reasons=reasons).computed == 0
    told = keep(place, "run.json").read_text(encoding="utf-8")
    assert not [each for each in reasons if each not in sheet(place) and each in told]
    with pytest.raises(NotClearedError, match="reason for R9: there is no such finding"):
        check_and_code(place, reasons=reasons | {"R9": "of something else"})
