"""What a scaled run keeps and writes: typed reasons, who cleared, nothing of the withdrawn,
whole files, tables held against earlier ones.
"""

import csv
import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reflect_analysis._tombstones import Tombstone
from reflect_analysis.anonymity import read_reasons
from reflect_analysis.disclosure import Ledger, Release, read_ledger
from reflect_analysis.disclosure.withdrawal import write_withdrawn
from reflect_analysis.errors import CorpusError, DisclosureError, NotClearedError, OutputError
from reflect_analysis.scale import code_dataset, dataset, partition, sending
from reflect_analysis.scale.files import file_hash

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
    with pytest.raises(NotClearedError, match="1 text is not cleared"):
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


# ── what is written ──


@pytest.mark.parametrize("kind", ["codings", "findings", "found", "read"])
@pytest.mark.parametrize("how", ["removed", "cut"])
def test_a_partition_whose_files_are_not_whole_is_computed_again(place, kind, how):
    first = code(place)
    path = sorted(keep(place, kind).iterdir())[1]
    whole = path.read_bytes()
    if how == "removed":
        path.unlink()
    else:
        path.write_bytes(whole[:-9])
    again = code(place)
    assert again.computed == 1
    assert again.themes().rows == first.themes().rows
    assert pq.read_table(path).num_rows == pq.read_table(pa.BufferReader(whole)).num_rows


def test_bytes_are_on_the_disk_before_a_file_has_its_name(place, monkeypatch):
    synced = []
    fsync = os.fsync

    def watched(descriptor):
        synced.append(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    code(place)
    for kind in ("codings", "found", "read", "findings", "manifests"):
        assert {path.stat().st_ino for path in keep(place, kind).iterdir()} <= set(synced)


def test_a_new_file_costs_itself_alone_wherever_it_is_sorted(place):
    first = code(place)
    before = stamps(place)
    write(place / "my data/a-new.parquet", list(map(row, range(100, 105))))
    again = code(place)
    assert (again.computed, len(again.jobs)) == (1, len(first.jobs) + 1)
    assert before.items() <= stamps(place).items()
    (place / "my data/b-0.parquet").unlink()
    assert code(place).computed == 0


def test_the_files_of_what_is_done_are_read_once_a_call(place, monkeypatch):
    code(place)
    read = []

    def counted(path):
        read.append(path)
        return file_hash(path)

    monkeypatch.setattr(partition, "file_hash", counted)
    assert code(place).computed == 0
    assert len(read) == len(set(read)) == 16


def test_a_file_that_goes_while_the_tables_are_made_is_told(place):
    code(place)
    path = min(keep(place, "codings").iterdir())

    def take_away(line):
        if "done before" in line:
            path.unlink()

    with pytest.raises(OutputError, match="files of 1 partition were changed or removed"):
        code(place, tell=take_away)
    assert code(place).computed == 1


@pytest.mark.parametrize("fault", ["mistyped", "broken"])
def test_a_source_that_cannot_be_read_costs_no_finished_work(place, fault):
    write_withdrawn(place / "my data", [Tombstone("P04", "2026-01-02", "lead")])
    code(place)
    before = stamps(place)
    source = place / "my data"
    told = (source / "withdrawn.yaml").read_bytes()
    if fault == "mistyped":
        source = place / "my dat"
    else:
        (source / "withdrawn.yaml").write_bytes(b"[: ")
    with pytest.raises(CorpusError):
        code_dataset(source, place / "out", place / "book.yaml", scheduler="here", rows=11)
    assert stamps(place) == before
    (place / "my data/withdrawn.yaml").write_bytes(told)
    assert code(place).computed == 0


# ── folders and files ──


@pytest.mark.parametrize("inner", ["my data/out", "my data", "my data/deep/out"])
def test_a_folder_inside_the_texts_is_refused_before_anything_is_written(place, inner):
    before = sorted(place.rglob("*"))
    with pytest.raises(OutputError, match="lies in the folder of the texts"):
        code_dataset(
            place / "my data", place / inner, place / "book.yaml", scheduler="here", **CLEARED
        )
    assert sorted(place.rglob("*")) == before


def test_one_file_may_be_coded_into_a_folder_beside_it(place):
    run = code_dataset(
        place / "my data/b-0.parquet",
        place / "my data/out",
        place / "book.yaml",
        scheduler="here",
        **CLEARED,
    )
    assert run.counts["documents"] == 22


def test_texts_that_changed_after_they_were_looked_over_are_not_coded(place):
    def change(line):
        if line.startswith("44 texts"):
            path = place / "my data/b-1.parquet"
            rows = pq.read_table(path).to_pylist()
            write(path, [each | {"text": "Nobody saw this."} for each in rows])

    with pytest.raises(CorpusError, match=r"b-1\.parquet: changed since"):
        code(place, tell=change)
    assert not (place / "out/share").exists()
    sources = [
        json.loads(p.read_text("utf-8"))["source"] for p in keep(place, "manifests").iterdir()
    ]
    assert all("b-0" in each for each in sources)
    assert code(place).counts["documents"] == 44


def test_a_file_that_was_only_touched_is_the_same(place):
    def touch(line):
        if line.startswith("44 texts"):
            os.utime(place / "my data/b-1.parquet", (1, 1))

    assert code(place, tell=touch).counts["documents"] == 44


def test_a_file_that_is_written_while_it_is_looked_over_is_refused(place, monkeypatch):
    looked = dataset._Look.read

    def read(self, file, schema):
        looked(self, file, schema)
        if file == "b-1.parquet":
            write(place / "my data" / file, list(map(row, range(22, 60))))

    monkeypatch.setattr(dataset._Look, "read", read)
    with pytest.raises(CorpusError, match="changed since the data set was looked over"):
        code(place)


# ── what is sent ──


def shared(place):
    with (place / "out/share/DRAFT-themes.csv").open(encoding="utf-8-sig", newline="") as file:
        return {each["Code"]: each for each in csv.DictReader(file)}


def test_one_person_less_is_no_difference_between_two_tables_that_were_sent(place):
    ledger = place / "sent.json"
    code(place, ledger=ledger, to="ministry")
    before = shared(place)
    assert before["Alone"]["Reflections"].startswith("24 of")
    for number in range(2):
        path = place / f"my data/b-{number}.parquet"
        rows = pq.read_table(path).to_pylist()
        write(path, [each for each in rows if each["participant"] != "P04"])
    told = []
    code(place, ledger=ledger, to="donor", tell=told.append)
    after = shared(place)
    for each in after.values():
        assert each["Participants"] == each["Reflections"] == each["Passages"] == "–*"
    assert any("hidden because of what was sent before" in line for line in told)
    sent = json.loads(ledger.read_text(encoding="utf-8"))
    (releases,) = sent.values()
    assert [each["to"] for each in releases] == ["ministry", "donor"]
    assert len(releases[0]["persons"]) == 11


def test_the_same_tables_are_entered_once(place):
    ledger = place / "sent.json"
    code(place, ledger=ledger, to="ministry")
    first = ledger.read_bytes()
    assert shared(place)["Alone"]["Reflections"].startswith("24 of")
    code(place, ledger=ledger, to="ministry")
    assert ledger.read_bytes() == first
    assert shared(place)["Alone"]["Reflections"].startswith("24 of")


def test_persons_whose_texts_no_code_could_read_are_entered_too(place):
    rows = [row(number, "P99") | {"language": "fr"} for number in range(200, 203)]
    write(place / "my data/b-2.parquet", rows)
    ledger = place / "sent.json"
    code(place, ledger=ledger, to="ministry")
    (releases,) = json.loads(ledger.read_text(encoding="utf-8")).values()
    assert "P99" in releases[0]["persons"]


def test_what_another_run_entered_meanwhile_is_neither_lost_nor_passed_over(place, monkeypatch):
    ledger = place / "sent.json"
    search = sending.check_share

    def meanwhile(*parts, **settings):
        Ledger((Release("donor", persons=("P77",)),)).save(ledger)
        return search(*parts, **settings)

    with monkeypatch.context() as patched:
        patched.setattr(sending, "check_share", meanwhile)
        with pytest.raises(DisclosureError, match="entered since it was read"):
            code(place, ledger=ledger, to="ministry")
    assert not (place / "out/share").exists()
    assert [each.to for each in read_ledger(ledger).releases] == ["donor"]
    assert code(place, ledger=ledger, to="ministry").computed == 0
    assert [each.to for each in read_ledger(ledger).releases] == ["donor", "ministry"]
    assert not list(place.glob(".sent*"))


def test_a_ledger_is_saved_by_one_at_a_time(place):
    ledger = place / "sent.json"
    refused = []

    def enter(name):
        known = Ledger((Release(name, persons=(name,)),))
        while True:
            try:
                known.save(ledger)
            except DisclosureError:
                refused.append(name)
                known = Ledger((*read_ledger(ledger).releases, *known.releases[-1:]))
            else:
                return

    names = [f"to {number}" for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(enter, names))
    assert sorted(each.to for each in read_ledger(ledger).releases) == names
    assert refused


def test_without_a_ledger_it_says_what_that_means(place):
    told = []
    code(place, tell=told.append)
    assert any("not held against what was sent before" in line for line in told)


def test_topics_say_nothing_of_few_who_left_since(place):
    from reflect_analysis.scale import TopicSample

    ledger = place / "sent.json"
    sample = TopicSample(size=40, vectors="static", refits=0)
    code(place, topics=sample, ledger=ledger, to="ministry")
    assert (place / "out/share/topics.csv").is_file()
    for number in range(2):
        path = place / f"my data/b-{number}.parquet"
        rows = pq.read_table(path).to_pylist()
        write(path, [each for each in rows if each["participant"] != "P04"])
    code(place, topics=sample, ledger=ledger, to="ministry")
    assert not (place / "out/share/topics.csv").exists()
    assert (place / "out/keep/topics.csv").is_file()


@pytest.mark.parametrize("alone", [{"ledger": "sent.json"}, {"to": "ministry"}])
def test_a_ledger_and_a_recipient_belong_together(place, alone):
    with pytest.raises(ValueError, match="ledger"):
        code(place, **alone)
    assert not (place / "out").exists()


def test_a_ledger_that_cannot_be_read_stops_the_run_before_the_work(place):
    (place / "sent.json").write_text("{", encoding="utf-8")
    with pytest.raises(DisclosureError, match="no ledger"):
        code(place, ledger=place / "sent.json", to="ministry")
    with pytest.raises(OutputError, match="folder"):
        code(place, ledger=place / "out/share/sent.json", to="ministry")
    assert not (place / "out").exists()


def test_an_earlier_run_of_other_names_is_begun_anew(place):
    first = code(place)
    for path in keep(place).rglob("part-*"):
        shutil.move(path, path.with_name(f"part-00000{path.suffix}"))
    again = code(place)
    assert again.computed == len(first.jobs)
    assert not list(keep(place).rglob("part-00000*"))
