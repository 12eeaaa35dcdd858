"""Past one machine: the same tables by partition, nothing computed twice, nothing half-written."""

import csv
import dataclasses
import itertools
import json
import os
import shutil
import sys
from hashlib import sha256
from types import FunctionType

import docx
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import reflect_analysis as ra
from reflect_analysis._tombstones import Tombstone
from reflect_analysis.anonymity import read_reasons
from reflect_analysis.disclosure import find_single_rows
from reflect_analysis.disclosure.withdrawal import write_withdrawn
from reflect_analysis.embeddings import average_words
from reflect_analysis.errors import (
    ClusterError,
    CoderError,
    CorpusError,
    GovernanceError,
    NotClearedError,
    OutputError,
)
from reflect_analysis.provenance import text_hash
from reflect_analysis.readers.datasets import dataset_columns
from reflect_analysis.report.grouping import gather_topics
from reflect_analysis.report.study import Study
from reflect_analysis.scale import (
    ScaledRun,
    TopicSample,
    code_dataset,
    coders,
    doing,
    telling,
)
from reflect_analysis.scale.cluster import Cluster
from reflect_analysis.scale.coders import make_coder
from reflect_analysis.scale.topic_counts import shown_topics
from reflect_analysis.scale.values import Job, Work
from reflect_analysis.topics import TopicSettings

BOOK = """\
title: Small
groups: [{id: g, name: Group}, {id: h, name: Other}]
codes:
  - {id: all_day, name: The whole day, group: g, definition: Of the day., patterns: [rain]}
  - id: alone
    name: Alone
    group: g
    parent: all_day
    definition: Alone with it.
    patterns: [alone ! not]
  - {id: rest, name: Rest, group: h, definition: Rest., patterns: [rest, sleep], unit: reflection}
  - {id: felt, name: Felt, group: h, definition: Felt., human_only: true, patterns: [feel]}
"""
SENTENCES = (
    "I was alone all day.",
    "It rained on the fence.",
    "We could not sleep, and nobody came to rest.",
    "The blocks fell over twice.",
    "I was not alone with it.",
    "Then the rain stopped.",
    "They slept late after lunch.",
)
PEOPLE = 13


def rows_of(n=60):
    """Texts of participants who write in many partitions; some of nobody, some in French."""
    rows = []
    for number in range(n):
        text = " ".join(SENTENCES[(number * step + step) % len(SENTENCES)] for step in (1, 2, 3))
        rows.append(
            {
                "id": f"R{number:03}",
                "participant": "" if number % 9 == 0 else f"P{number * 5 % PEOPLE:02}",
                "session": str(number % 3),
                "language": "fr" if number % 11 == 0 else "en",
                "voice": "other" if number % 17 == 0 else "participant",
                "text": f"{text} That was number {number}.",
            }
        )
    return rows


def people_of(governed=("P03",), uses=""):
    return [
        {
            "participant": f"P{number:02}",
            "community": "" if number % 4 == 3 else f"c{number % 3}",
            "governance": "a nation" if f"P{number:02}" in governed else "",
            "approved_uses": uses if f"P{number:02}" in governed else "",
        }
        for number in range(PEOPLE)
    ]


def write_csv(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def write_parquet(path, rows, group=None):
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=group)


def write_clearance(folder, rows):
    write_hashes(folder, [text_hash(row["text"]) for row in rows])


def write_hashes(folder, hashes):
    listed = "".join(f"- {each}\n" for each in hashes)
    text = f"by: lead\nnote: composed\nat: 2026-01-01\nsha256:\n{listed}"
    (folder / "clearance.yaml").write_text(text, encoding="utf-8")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A codebook, and a data set in three files beside a table of the participants."""
    monkeypatch.setenv("REFLECT_CACHE", str(tmp_path / "cache"))
    source = tmp_path / "my data"
    source.mkdir()
    (tmp_path / "book.yaml").write_text(BOOK, encoding="utf-8")
    rows = rows_of()
    for number in range(3):
        write_parquet(source / f"part-{number}.parquet", rows[number::3], group=(7, 20, 3)[number])
    write_csv(source / "participants.csv", people_of())
    write_clearance(source, rows)
    return tmp_path


def code(folder, **settings):
    chosen = {"scheduler": "here", "rows": 8, **settings}
    return code_dataset(folder / "my data", folder / "out", folder / "book.yaml", **chosen)


def on_one_machine(folder, rows=None, people=None):
    """The table by the ordinary way, from the same rows as CSV."""
    place = folder / "as csv"
    place.mkdir(exist_ok=True)
    rows = rows or rows_of()
    write_csv(place / "texts.csv", rows)
    write_csv(place / "participants.csv", people or people_of())
    write_clearance(place, rows)
    book = ra.read_codebook(folder / "book.yaml")
    corpus = ra.read_corpus(place)
    codings = ra.code_segments(ra.RuleCoder(book), ra.segment(corpus), book)
    table = ra.theme_table(codings, corpus=corpus, codebook=book, approach="content-analysis")
    return codings, table


def spans(run):
    told = [row for path in run.codings() for row in pq.read_table(path).to_pylist()]
    return sorted((r["document_id"], r["start"], r["end"], r["code_id"]) for r in told)


def written(folder):
    manifests = (folder / "out/keep/manifests").glob("*")
    return {path.name: path.stat().st_mtime_ns for path in manifests}


# ── the same as on one machine ──


def test_the_table_is_that_of_one_machine_row_for_row(folder):
    codings, table = on_one_machine(folder)
    run = code(folder)
    assert len(run.jobs) > 6
    assert run.themes(approach="content-analysis").rows == table.rows
    assert any(row.participants for row in table.rows)
    assert any(row.communities for row in table.rows)
    assert any(row.unknown for row in table.rows)
    expected = sorted((c.document_id, c.start, c.end, c.code_id) for c in codings)
    assert spans(run) == expected


@pytest.mark.parametrize("rows", [3, 60])
def test_the_size_of_a_partition_changes_nothing(folder, rows):
    _, table = on_one_machine(folder)
    assert code(folder, rows=rows).themes(approach="content-analysis").rows == table.rows


@pytest.mark.parametrize("uses", ["", "coding", "tables", "coding;tables"])
def test_governed_texts_wait_for_their_approval_as_on_one_machine(folder, uses):
    people = people_of(governed=("P03", "P07"), uses=uses)
    write_csv(folder / "my data/participants.csv", people)
    _, table = on_one_machine(folder, people=people)
    run = code(folder)
    assert run.themes(approach="content-analysis").rows == table.rows
    governed = sum(row["participant"] in ("P03", "P07") for row in rows_of())
    assert run.counts["governed"] == (0 if "coding" in uses else governed)
    if "coding" not in uses:
        owners = {row["id"]: row["participant"] for row in rows_of()}
        assert {"P03", "P07"}.isdisjoint(owners[document] for document, *_ in spans(run))


def test_an_approval_has_only_the_partitions_of_the_governed_computed_anew(folder):
    code(folder, rows=5)
    before = written(folder)
    people = people_of(uses="coding;tables")
    write_csv(folder / "my data/participants.csv", people)
    _, table = on_one_machine(folder, people=people)
    run = code(folder, rows=5)
    assert run.themes(approach="content-analysis").rows == table.rows
    assert 0 < run.computed < len(run.jobs)
    same = [name for name, at in written(folder).items() if at == before.get(name)]
    assert len(same) == len(run.jobs) - run.computed


def test_a_withdrawn_participant_is_nowhere(folder):
    (folder / "as csv").mkdir()
    for place in ("my data", "as csv"):
        write_withdrawn(folder / place, [Tombstone("P05", "2026-01-02", "lead")])
    people = [row for row in people_of() if row["participant"] != "P05"]
    _, table = on_one_machine(folder, people=people)
    run = code(folder)
    assert run.themes(approach="content-analysis").rows == table.rows
    theirs = {row["id"] for row in rows_of() if row["participant"] == "P05"}
    assert run.counts["left_out"] == len(theirs)
    assert theirs.isdisjoint(document for document, *_ in spans(run))
    read = [pq.read_table(path) for path in (folder / "out/keep/read").iterdir()]
    assert "P05" not in pa.concat_tables(read)["case_id"].to_pylist()


def test_a_reflexive_study_is_not_coded_by_a_machine(folder):
    with pytest.raises(ValueError, match="reflexive"):
        code(folder, approach="reflexive")
    assert not (folder / "out").exists()


# ── going on ──


def test_what_was_written_is_not_computed_again(folder, monkeypatch):
    first = code(folder)
    before = written(folder)
    monkeypatch.setattr("reflect_analysis.scale.partition.read_documents", None)
    again = code(folder)
    assert (again.computed, written(folder)) == (0, before)
    assert again.themes().rows == first.themes().rows


def test_another_codebook_is_coded_anew(folder):
    code(folder)
    book = BOOK.replace("patterns: [rain]", "patterns: [fence]")
    (folder / "book.yaml").write_text(book, encoding="utf-8")
    _, table = on_one_machine(folder)
    run = code(folder)
    assert run.computed == len(run.jobs)
    assert run.themes(approach="content-analysis").rows == table.rows


def test_a_file_that_changed_is_coded_anew_and_the_others_are_not(folder):
    run = code(folder)
    rows = rows_of()
    rows[1]["text"] = "I was alone, and it rained."
    write_parquet(folder / "my data/part-1.parquet", rows[1::3], group=20)
    write_clearance(folder / "my data", rows)
    _, table = on_one_machine(folder, rows=rows)
    again = code(folder)
    assert again.computed == sum(job.file == "part-1.parquet" for job in run.jobs)
    assert again.themes(approach="content-analysis").rows == table.rows


def test_a_partition_that_was_not_written_whole_is_computed_again(folder):
    code(folder)
    manifest = sorted((folder / "out/keep/manifests").iterdir())[2]
    manifest.write_text(manifest.read_text(encoding="utf-8")[:40], encoding="utf-8")
    assert code(folder).computed == 1


def test_a_stop_leaves_whole_partitions_and_says_how_to_go_on(folder, monkeypatch):
    monkeypatch.setattr(telling, "EVERY", 0.0)
    told = []

    def stop(line):
        told.append(line)
        if line.startswith("3 of "):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        code(folder, tell=stop)
    assert len(written(folder)) == 3
    assert not (folder / "out/share").exists()
    assert not list((folder / "out").rglob("*.part"))
    assert "the same command again" in told[-1]
    run = code(folder)
    assert run.computed == len(run.jobs) - 3
    assert run.themes(approach="content-analysis").rows == on_one_machine(folder)[1].rows


def test_tables_of_an_earlier_run_do_not_stand_beside_a_partly_done_one(folder, monkeypatch):
    code(folder)
    (folder / "book.yaml").write_text(BOOK.replace("[rain]", "[fence]"), encoding="utf-8")
    monkeypatch.setattr(doing, "run_jobs", interrupted)
    with pytest.raises(KeyboardInterrupt):
        code(folder)
    assert not (folder / "out/share").exists()
    assert not (folder / "out/keep/themes.csv").exists()


def interrupted(*_, **__):
    raise KeyboardInterrupt


def test_partitions_of_another_size_leave_nothing_behind(folder):
    code(folder, rows=4)
    run = code(folder, rows=30)
    names = {path.stem for path in (folder / "out/keep/codings").iterdir()}
    assert names == {job.name for job in run.jobs}


def test_two_runs_do_not_write_into_one_folder(folder):
    told = []

    def again(line):
        if line.startswith("60 texts"):
            return
        with pytest.raises(OutputError, match="another run"):
            code(folder)
        told.append(line)

    code(folder, tell=lambda line: again(line) if line == "making the tables" else None)
    assert told == ["making the tables"]


# ── what is sent and what is kept ──


def test_what_may_be_sent_hides_small_counts_and_names_nobody(folder):
    code(folder)
    names = {path.name for path in (folder / "out/share").iterdir()}
    assert names == {"DRAFT-themes.csv", "DRAFT-themes.docx", "DRAFT-themes.xlsx"}
    cases = tuple(ra.Case(row["participant"]) for row in people_of())
    documents = tuple(ra.Document(row["id"], row["text"]) for row in rows_of())
    assert find_single_rows(folder / "out/share", ra.Corpus(documents, cases)) == ()
    exact = (folder / "out/keep/themes.csv").read_text(encoding="utf-8")
    assert exact.startswith("group,")


def test_no_file_of_a_run_holds_words_of_a_text(folder):
    code(folder)
    words = [SENTENCES[0].encode(), SENTENCES[3].encode(), b"number 1"]
    for path in (folder / "out").rglob("*"):
        if path.suffix == ".parquet":
            held = json.dumps(pq.read_table(path).to_pylist()).encode()
        else:
            held = path.read_bytes() if path.is_file() else b""
        assert not [each for each in words if each in held], path


# ── clearing ──


def test_texts_that_nobody_cleared_are_not_coded(folder):
    (folder / "my data/clearance.yaml").unlink()
    with pytest.raises(NotClearedError, match="60 of 60 texts"):
        code(folder)
    assert not (folder / "out").exists()


def test_identifiers_keep_their_partition_from_being_coded_until_there_is_a_reason(folder):
    rows = rows_of()
    rows[4]["text"] = "I was alone. Write to jo@example.org about it."
    write_parquet(folder / "my data/part-1.parquet", rows[1::3], group=20)
    (folder / "my data/clearance.yaml").unlink()
    cleared = {"cleared_by": "lead", "note": "read by two"}
    with pytest.raises(NotClearedError) as caught:
        code(folder, **cleared)
    told = str(caught.value)
    assert "1 text is not cleared, and of partitions with such texts nothing was coded" in told
    assert "R004:22-36:e-mail" in told
    assert "jo@" not in told
    assert not (folder / "out/share").exists()
    total = len(written(folder))
    place = folder / "out/keep/findings-open.csv"
    text = place.read_text(encoding="utf-8-sig")
    assert "jo@" not in text
    with place.open(encoding="utf-8-sig", newline="") as file:
        waiting = list(csv.DictReader(file))
    assert [row["id"] for row in waiting] == ["R004:22-36:e-mail"]
    write_csv(place, [row | {"reason": "an address of nobody"} for row in waiting])
    reasons = read_reasons(place)
    run = code(folder, **cleared, reasons=reasons)
    assert (run.computed, len(run.jobs)) == (1, total + 1)
    assert run.counts["findings"] >= 1
    with pytest.raises(NotClearedError, match="R004"):
        code(folder, **cleared)
    with pytest.raises(NotClearedError, match="there is no such finding"):
        code(folder, **cleared, reasons={**reasons, "R999:0-4:name": "why not"})


def test_a_participants_id_that_is_a_name_stops_the_run_before_any_partition(folder):
    people = [*people_of(), {"participant": "Marisol Vega", "community": "", "governance": ""}]
    write_csv(folder / "my data/participants.csv", people)
    with pytest.raises(NotClearedError, match="an id in the form of a name"):
        code(folder, cleared_by="lead", note="read")
    assert not written(folder)


# ── bad input ──


def test_every_fault_is_told_at_once_before_anything_is_coded(folder):
    rows = rows_of()
    rows[1] |= {"text": None}
    rows[4] |= {"text": "   "}
    rows[2] |= {"id": "R003"}
    rows[5] |= {"id": None}
    rows[7] |= {"voice": "loud"}
    rows[8] |= {"text": "a \x07 bell"}
    for number in range(3):
        write_parquet(folder / f"my data/part-{number}.parquet", rows[number::3])
    with pytest.raises(CorpusError) as caught:
        code(folder)
    told = "\n".join(caught.value.faults)
    assert len(caught.value.faults) == 5
    assert "part-1.parquet: 2 rows without a text: row 1, row 2" in told
    assert "part-2.parquet: 1 row without an id: row 2" in told
    assert "1 id in several rows: 'R003' (2 times)" in told
    assert "part-1.parquet: voice 'loud'" in told
    assert "part-2.parquet: control characters in the text of row 3" in told
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"text": "words"}, "expected a column 'text'"),
        ({"id": "key"}, "expected a column 'id'"),
        ({"session": "quote_consnt"}, "did you mean 'quote_consent'"),
        ({"session": "governance"}, "belongs in the table of the participants"),
        ({"session": "answer", "text": "response"}, "several columns could be the text"),
    ],
)
def test_columns_that_cannot_be_read_are_refused(folder, change, told):
    rows = [{change.get(name, name): cell for name, cell in row.items()} for row in rows_of()]
    for number in range(3):
        write_parquet(folder / f"my data/part-{number}.parquet", rows[number::3])
    with pytest.raises(CorpusError, match=told):
        code(folder)


def test_files_of_other_columns_and_broken_files_are_told_together(folder):
    rows = [row | {"mood": "fair"} for row in rows_of()]
    write_parquet(folder / "my data/part-1.parquet", rows[1::3])
    (folder / "my data/part-2.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(CorpusError) as caught:
        code(folder)
    assert len(caught.value.faults) == 2
    assert "part-1.parquet: other columns than part-0.parquet: 'mood'" in str(caught.value)
    assert "part-2.parquet: cannot be read as Parquet" in str(caught.value)


def test_columns_of_identifiers_are_left_out_and_told(folder):
    rows = [row | {"email": "jo@example.org"} for row in rows_of()]
    for number in range(3):
        write_parquet(folder / f"my data/part-{number}.parquet", rows[number::3])
    told = []
    code(folder, tell=told.append)
    assert "left out the column 'email': a column of direct identifiers" in told


def test_a_folder_without_parquet_and_one_that_is_not_there(folder):
    (folder / "empty").mkdir()
    with pytest.raises(CorpusError, match=r"no file that ends in \.parquet"):
        code_dataset(folder / "empty", folder / "out", folder / "book.yaml", scheduler="here")
    with pytest.raises(CorpusError, match="no such file or folder"):
        code_dataset(folder / "nowhere", folder / "out", folder / "book.yaml", scheduler="here")


def test_all_texts_waiting_for_approval_is_one_error(folder):
    people = people_of(governed=[f"P{number:02}" for number in range(PEOPLE)])
    write_csv(folder / "my data/participants.csv", people)
    rows = [row for row in rows_of() if row["participant"]]
    for number in range(3):
        write_parquet(folder / f"my data/part-{number}.parquet", rows[number::3])
    with pytest.raises(GovernanceError, match="wait for the approval"):
        code(folder)


def test_a_folder_that_holds_something_else_is_not_written_into(folder):
    (folder / "out").mkdir()
    (folder / "out/thesis.docx").write_bytes(b"precious")
    with pytest.raises(OutputError, match="no run of reflect_analysis"):
        code(folder)
    assert [path.name for path in (folder / "out").iterdir()] == ["thesis.docx"]


@pytest.mark.parametrize(
    "settings",
    [
        {"rows": 0},
        {"rows": 20_001},
        {"scheduler": "cloud"},
        {"workers": 0},
        {"memory": "much"},
        {"scheduler": "local", "memory": "10MB"},
        {"scheduler": "foo://127.0.0.1:1"},
        {"k": 2},
        {"cleared_by": "lead"},
        {"approach": "counting"},
    ],
)
def test_settings_that_are_none_are_value_errors(folder, settings):
    with pytest.raises(ValueError, match=r"\w") as caught:
        code(folder, **settings)
    assert type(caught.value) is ValueError
    assert not (folder / "out").exists()


# ── coders ──


def test_a_coder_is_made_once_and_told_by_word_folder_or_function(folder):
    book = ra.read_codebook(folder / "book.yaml")
    assert make_coder("rules", book) is make_coder("rules", book)
    with pytest.raises(CoderError, match="did you mean 'rules'"):
        make_coder("ruls", book)


def by_word(codebook):
    """A plain function as a coder, as a module of a study would have it."""
    return codes_by_word


def codes_by_word(texts):
    return [[0.0, float("rain" in text), 0.0] for text in texts]


def test_a_function_makes_a_coder_in_each_worker(folder):
    run = code(folder, coder=by_word)
    rainy = {(document, start) for document, start, _, code_id in spans(run) if code_id == "alone"}
    assert rainy
    assert {code_id for *_, code_id in spans(run)} == {"alone"}


# ── on a cluster ──


def test_an_address_or_a_word_names_the_cluster():
    assert Cluster("tcp://10.0.0.5:8786").scheduler == "tcp://10.0.0.5:8786"
    with pytest.raises(ValueError, match="expected 'local'"):
        Cluster("10.0.0.5")


@pytest.mark.parametrize("address", ["foo://127.0.0.1:1", "tcp://", "://host:8786", "tpc://h:1"])
def test_an_address_that_dask_cannot_speak_to_is_refused_at_once(address):
    with pytest.raises(ValueError, match="begins with one of tcp, tls, "):
        Cluster(address)


@pytest.mark.parametrize("scheduler", ["local", "slurm"])
@pytest.mark.parametrize("memory", ["10MB", "1GB", "1.3 GiB", "0GB"])
def test_less_memory_than_a_worker_holds_is_refused_at_once(scheduler, memory):
    with pytest.raises(ValueError, match=r"needs at least 1\.5GB.*5,000 texts"):
        Cluster(scheduler, memory=memory)


@pytest.mark.parametrize("memory", ["1.5GB", "1.4 GiB", "1500MB", "2gb"])
def test_memory_enough_for_a_worker_is_taken_as_it_is_written(memory):
    assert Cluster("local", memory=memory).memory == memory


def test_memory_of_workers_that_others_begin_is_not_judged():
    assert [Cluster(each, memory="10MB").begins for each in ("here", "tcp://h:1")] == [False] * 2


def test_a_missing_queue_package_is_named(folder, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setitem(sys.modules, "dask_jobqueue", None)
    told = []
    with pytest.raises(ra.ReflectAnalysisError, match="pip install dask-jobqueue"):
        code(folder, scheduler="slurm", tell=told.append)
    assert told == []  # before the texts are looked over, which may take minutes


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_a_killed_worker_costs_time_and_no_result(folder, monkeypatch):
    monkeypatch.setattr(telling, "EVERY", 0.0)
    _, table = on_one_machine(folder)
    killed, listening = [], set()

    def kill_one(line):
        if not line.startswith("1 of ") or killed:
            return
        workers = psutil.Process().children(recursive=True)
        for each in (psutil.Process(), *workers):
            ports = [c.laddr for c in each.net_connections() if c.status == psutil.CONN_LISTEN]
            listening.update(port.ip for port in ports)
        worker = max(workers, key=lambda process: process.memory_info().rss)
        worker.kill()
        killed.append(worker.pid)

    run = code(folder, scheduler="local", workers=2, rows=3, tell=kill_one)
    assert killed
    assert not psutil.pid_exists(killed[0])
    assert listening <= {"127.0.0.1"}
    assert run.computed == len(run.jobs) == len(written(folder))
    assert run.themes(approach="content-analysis").rows == table.rows
    again = code(folder, scheduler="local", rows=3)
    assert again.computed == 0
    assert again.themes(approach="content-analysis").rows == table.rows


def test_a_run_tells_of_itself(folder):
    run = code(folder)
    assert repr(run).startswith("<ScaledRun")
    assert "60 documents" in repr(run)
    assert isinstance(run, ScaledRun)
    assert dataclasses.is_dataclass(run)
    assert set(run.seconds) >= {"read", "segment", "code", "count", "write"}
    assert Job("a.parquet", (0,), 0, 5, 1, key="ab" * 16).name == "part-" + "ab" * 8
    assert os.sep not in run.receipts[0].source.partition(",")[0]


def test_the_hash_of_a_file_clears_all_of_its_texts_until_it_changes(folder):
    source = folder / "my data"
    hashes = [sha256(path.read_bytes()).hexdigest() for path in sorted(source.glob("*.parquet"))]
    write_hashes(source, hashes)
    assert code(folder).counts["documents"] == 60
    rows = rows_of()
    rows[1]["text"] = "I was alone, and it rained."
    write_parquet(source / "part-1.parquet", rows[1::3], group=20)
    with pytest.raises(NotClearedError, match="20 of 60 texts"):
        code(folder)
    write_hashes(source, [*hashes, *(text_hash(row["text"]) for row in rows[1::3])])
    assert code(folder).counts["documents"] == 60


# ── other coders ──


@pytest.mark.parametrize("coder", [pytest.param("semantic", marks=pytest.mark.slow), "static"])
def test_a_coder_by_vectors_codes_by_partition_as_on_one_machine(folder, coder):
    run = code(folder, coder=coder)
    book = ra.read_codebook(folder / "book.yaml")
    on_one_machine(folder)
    segments = ra.segment(ra.read_corpus(folder / "as csv"))
    codings = ra.code_segments(make_coder(coder, book), segments, book)
    assert spans(run) == sorted((c.document_id, c.start, c.end, c.code_id) for c in codings)
    assert run.receipts[0].made_with["coder"] == run.receipts[-1].made_with["coder"]


LESSON = [text for text in SENTENCES for _ in range(6)]


def learned(codebook):
    """A coder that every worker trains for itself, alike."""
    y = [[float("rain" in text), float("alone" in text)] for text in LESSON]
    coder = ra.SupervisedCoder(blocks=["words"], rare="skip", random_state=0)
    return coder.fit(LESSON, y, codes=["all_day", "alone"])


def learned_otherwise(codebook):
    """One that comes out otherwise each time it is made."""
    coder = learned(codebook)
    coder.ids_ = (str(next(_numbers)),)
    return coder


_numbers = itertools.count()


def scores(run):
    told = [row for path in run.codings() for row in pq.read_table(path).to_pylist()]
    return sorted((r["document_id"], r["start"], r["code_id"], r["score"]) for r in told)


def test_a_supervised_coder_is_trained_once_a_process_and_codes(folder):
    run = code(folder, coder=learned)
    assert {code_id for _, _, code_id, _ in scores(run)} == {"all_day", "alone"}
    assert len({receipt.made_with["coder"] for receipt in run.receipts}) == 1


def test_a_coder_that_comes_out_otherwise_is_refused_before_anything_is_written(
    folder, monkeypatch
):
    made = make_coder(learned_otherwise, ra.read_codebook(folder / "book.yaml"))
    assert made.ids_[0].isdecimal()
    monkeypatch.setattr(coders, "_made", Forgetful())
    with pytest.raises(CoderError, match="came out otherwise in a worker"):
        code(folder, coder=learned_otherwise)
    assert not written(folder)


class Forgetful(dict):
    """Holds what was made as another process would: not at all."""

    def __contains__(self, key):
        return False


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_workers_that_train_a_coder_give_the_results_of_one_process(folder):
    run = code(folder, coder=learned, rows=5)
    there = code_dataset(
        folder / "my data",
        folder / "other",
        folder / "book.yaml",
        coder=learned,
        scheduler="local",
        workers=2,
        rows=5,
    )
    assert scores(there) == scores(run)
    assert [r.made_with for r in there.receipts] == [r.made_with for r in run.receipts]


@pytest.mark.slow
def test_a_fine_tuned_coder_is_told_by_its_folder(folder):
    book = ra.read_codebook(folder / "book.yaml")
    y = [[float("alone" in text)] for text in LESSON]
    trained = ra.FineTunedCoder(codes=["alone"], codebook=book, epochs=3)
    trained.fit(LESSON, y)
    trained.save(folder / "my coder")
    run = code(folder, coder=str(folder / "my coder"))
    assert spans(run)
    on_one_machine(folder)
    segments = ra.segment(ra.read_corpus(folder / "as csv"))
    codings = ra.code_segments(trained, segments, book)
    assert spans(run) == sorted((c.document_id, c.start, c.end, c.code_id) for c in codings)
    assert code(folder, coder=str(folder / "my coder")).computed == 0


@pytest.mark.parametrize(
    ("spec", "rows"),
    [("rules", 5_000), ("static", 5_000), ("semantic", 500), ("a folder", 500), (by_word, 500)],
)
def test_a_slow_coder_has_small_partitions(spec, rows):
    assert coders.rows_for(spec) == rows


def test_the_rows_of_a_partition_follow_the_coder_where_nobody_says_them(folder, monkeypatch):
    asked = []

    def look_over(*_, rows, **__):
        asked.append(rows)
        raise KeyboardInterrupt

    monkeypatch.setattr(doing, "look_over", look_over)
    for settings in ({"rows": None}, {"rows": None, "coder": by_word}, {"coder": by_word}):
        with pytest.raises(KeyboardInterrupt):
            code(folder, **settings)
    assert asked == [5_000, 500, 8]


# ── a cluster that does not begin ──


def test_processes_that_cannot_be_begun_are_a_named_error(folder, monkeypatch):
    distributed = pytest.importorskip("distributed")

    def broken(**_):
        raise RuntimeError("Nanny failed to start.") from OSError("no memory left")

    monkeypatch.setattr(distributed, "LocalCluster", broken)
    with pytest.raises(ClusterError, match=r"OSError: no memory left.*--scheduler here"):
        code(folder, scheduler="local")
    assert not (folder / "out/share").exists()


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_a_scheduler_that_does_not_answer_is_a_named_error(folder):
    dask = pytest.importorskip("dask")
    with (
        dask.config.set({"distributed.comm.timeouts.connect": "100ms"}),
        pytest.raises(ClusterError, match=r"tcp://127\.0\.0\.1:9: does not answer"),
    ):
        code(folder, scheduler="tcp://127.0.0.1:9")


@pytest.mark.parametrize("protocol", ["tls", "ucx"])
def test_a_protocol_without_its_credentials_or_package_is_a_named_error(folder, protocol):
    distributed = pytest.importorskip("distributed")
    with pytest.raises(ClusterError, match=rf"{protocol}://127\.0\.0\.1:9: does not answer"):
        code(folder, scheduler=f"{protocol}://127.0.0.1:9")
    # A client that was begun and cannot be closed holds the process for a minute.
    assert not [each for each in distributed.Client._instances if protocol in str(each)]


# ── topics ──

FEW = TopicSample(size=30, refits=0, vectors="static")


def words_of_topics(folder):
    return (folder / "out/share/topics.csv").read_text(encoding="utf-8-sig")


def note_of_topics(folder):
    """What stands below the table, in the file for Word."""
    document = docx.Document(folder / "out/share/topics.docx")
    return " ".join(paragraph.text for paragraph in document.paragraphs)


def assigned(run):
    return [row for path in run.assigned() for row in pq.read_table(path).to_pylist()]


def topics_on_one_machine(folder, sample, people=None):
    """The table by the ordinary way, from the same texts."""
    on_one_machine(folder, people=people)
    corpus = ra.read_corpus(folder / "as csv").permitted("topics").permitted("tables")
    segments = ra.segment(corpus, by="document")
    found = ra.fit_topics(
        segments,
        embeddings=average_words(segments.texts),
        random_state=sample.seed,
        settings=TopicSettings(refits=sample.refits),
    )
    book = ra.read_codebook(folder / "book.yaml")
    return found, gather_topics(Study(corpus, book, ra.Codings(), found), number=1).table


def test_a_sample_of_all_texts_gives_the_topics_table_of_one_machine(folder):
    sample = TopicSample(size=60, refits=0, vectors="static")
    found, table = topics_on_one_machine(folder, sample)
    run = code(folder, topics=sample)
    assert run.topics.model.fingerprint == found.fingerprint
    assert {(row["document_id"], row["topic"]) for row in assigned(run)} == {
        (unit.document_id, unit.topic) for unit in found.units
    }
    assert all(row["fitted"] for row in assigned(run))
    told = words_of_topics(folder)
    assert len(table.rows) == len(found) > 1
    for row in table.rows:
        assert all(str(cell) in told for cell in row)
    assert f"found in all {run.topics.of} texts" in note_of_topics(folder)


def test_texts_outside_the_sample_are_put_to_its_topics(folder):
    run = code(folder, topics=FEW)
    rows = assigned(run)
    found = run.topics
    assert found.texts == len(rows) == sum(row.texts for row in found)
    fitted = {row["document_id"]: row["topic"] for row in rows if row["fitted"]}
    assert fitted == {unit.document_id: unit.topic for unit in found.model.units}
    assert 0 < len(fitted) < len(rows)
    assert found.drawn == 30 < found.of
    owners = {row["id"]: row["participant"] for row in rows_of()}
    drawn = {owners[document] for document in fitted}
    assert len(drawn) > PEOPLE / 2
    assert found.participants == len({row["case_id"] for row in rows} - {None})
    for row in found:
        inside = [each["case_id"] for each in rows if each["topic"] == row.topic]
        assert row.participants == len(set(inside) - {None})
        assert row.unknown == inside.count(None)


def test_the_sample_is_the_same_for_the_same_seed_and_another_for_another(folder):
    first = code(folder, topics=FEW).topics.model.fingerprint
    shutil.rmtree(folder / "out")
    assert code(folder, topics=FEW).topics.model.fingerprint == first
    other = code(folder, topics=dataclasses.replace(FEW, seed=1)).topics
    assert {unit.document_id for unit in other.model.units} != set()
    assert other.model.fingerprint != first


def test_the_table_says_its_sample_its_seed_and_its_share(folder):
    run = code(folder, topics=FEW)
    told = note_of_topics(folder)
    of = run.topics.of
    assert f"30 of {of} texts ({30 / of:.1%})" in told
    assert "with the seed 0" in told
    assert "Whether the grouping is stable was not measured" in told
    names = {path.name for path in (folder / "out/share").iterdir()}
    assert {"topics.csv", "topics.docx", "topics.xlsx"} < names
    assert (folder / "out/keep/topics.csv").is_file()


def test_topics_of_few_persons_show_neither_words_nor_counts(folder):
    run = code(folder, topics=FEW)
    counts = run.topics
    first = dataclasses.replace(counts.rows[0], participants=2, unknown=0)
    few = dataclasses.replace(counts, rows=(first, *counts.rows[1:]))
    table = shown_topics(few, few.model, k=5)
    words, people, texts, _ = table.rows[0]
    assert words == "words withheld"
    assert people in {"–*", f"<5 of {counts.participants}"}
    assert texts == "–*"
    assert all(not cell.low == cell.high == 2 for cell in table.released[0])


def test_governed_texts_are_in_no_topic_without_both_approvals(folder):
    theirs = {row["id"] for row in rows_of() if row["participant"] == "P03"}
    for uses, held in (("coding;topics", False), ("coding;topics;tables", True)):
        write_csv(folder / "my data/participants.csv", people_of(uses=uses))
        run = code(folder, topics=TopicSample(size=60, refits=0, vectors="static"))
        told = {row["document_id"] for row in assigned(run)}
        assert bool(told & theirs) is held


def test_topics_of_who_withdrew_since_are_removed_even_where_none_are_asked_for(folder):
    code(folder, topics=FEW)
    write_withdrawn(folder / "my data", [Tombstone("P05", "2026-01-02", "lead")])
    code(folder)
    assert not (folder / "out/keep/topic-model").exists()
    assert not list((folder / "out/keep/topics").iterdir())
    run = code(folder, topics=FEW)
    assert "P05" not in {row["case_id"] for row in assigned(run)}


def test_topics_that_were_found_are_not_sought_again_after_a_stop(folder, monkeypatch):
    monkeypatch.setattr(telling, "EVERY", 0.0)
    begun, told = [], []

    def stop(line):
        told.append(line)
        begun.append(line.startswith("putting"))
        if any(begun) and line.startswith("3 of "):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        code(folder, topics=FEW, tell=stop)
    assert "to go on with topics" in told[-1]
    parts = (folder / "out/keep/topics").iterdir
    assert len(list(parts())) == 3
    assert not (folder / "out/share").exists()
    monkeypatch.setattr("reflect_analysis.topics.fit_topics", None)
    run = code(folder, topics=FEW)
    assert run.computed == 0
    assert len(list(parts())) == len(run.jobs)
    again = code(folder, topics=FEW)
    assert again.topics.rows == run.topics.rows


def test_a_sample_too_small_to_be_grouped_says_so_and_leaves_the_codings(folder):
    rows = rows_of()[:12]
    for number in range(3):
        write_parquet(folder / f"my data/part-{number}.parquet", rows[number::3])
    told = []
    run = code(folder, topics=FEW, tell=told.append)
    assert run.topics is None
    assert any("too few to be grouped" in line for line in told)
    assert not list((folder / "out/share").glob("topics*"))


@pytest.mark.parametrize(
    "settings", [{"size": 5}, {"size": 60_000}, {"seed": -1}, {"vectors": "words"}, {"refits": 1}]
)
def test_samples_that_are_none_are_value_errors(settings):
    with pytest.raises(ValueError, match=r"expected"):
        TopicSample(**settings)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_workers_put_texts_to_topics_as_one_process_does(folder):
    run = code(folder, topics=FEW)
    shutil.rmtree(folder / "out")
    there = code(folder, topics=FEW, scheduler="local", workers=2)
    assert there.topics.rows == run.topics.rows


def test_a_worker_knows_the_work_by_the_name_that_the_leader_gave_it(folder):
    book = ra.read_codebook(folder / "book.yaml")
    columns = dataset_columns(["id", "text"], "texts")
    work = Work(folder, folder / "out", book, learned, columns, ())
    same_elsewhere = dataclasses.replace(work, coder=FunctionType(learned.__code__, globals()))
    same_elsewhere.coder.__qualname__ = learned.__qualname__
    assert str(same_elsewhere.coder) != str(work.coder)
    assert same_elsewhere.id == work.id
