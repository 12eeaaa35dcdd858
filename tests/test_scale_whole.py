"""What no partition can tell by itself: the whole data set decides, however it is cut."""

import dataclasses
import json
from hashlib import sha256

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import reflect_analysis as ra
from reflect_analysis._tombstones import Tombstone
from reflect_analysis.disclosure.withdrawal import write_withdrawn
from reflect_analysis.errors import NotClearedError
from reflect_analysis.provenance import text_hash
from reflect_analysis.scale import TopicSample, code_dataset, doing
from reflect_analysis.scale.dataset import look_over
from reflect_analysis.scale.files import RunFolder
from reflect_analysis.scale.reading import corpus_from, read_documents
from reflect_analysis.scale.sampling import draw
from reflect_analysis.scale.values import Work

BOOK = """\
title: Small
groups: [{id: g, name: Group}]
codes:
  - {id: alone, name: Alone, group: g, definition: Alone with it., patterns: [alone]}
  - {id: rest, name: Rest, group: g, definition: Rest., patterns: [rest]}
"""
CHECKED = {"cleared_by": "lead", "note": "read by two"}
THEIRS = "I was alone with all of it on the longest day of that year."


def row(number, person=None, text="", **cells):
    said = "alone" if number % 2 else "at rest"
    return {
        "id": f"R{number:03}",
        "participant": f"P{number % 7:03}" if person is None else person,
        "language": "en",
        "kind": "reflection",
        "text": text or f"I was {said} on day {number}. Then it rained.",
        **cells,
    }


def write(folder, files):
    for name, rows in files.items():
        pq.write_table(pa.Table.from_pylist(rows), folder / f"{name}.parquet")


def clear(folder, *names):
    """Clear whole files by their hash, as somebody does who read them before."""
    files = [folder / f"{name}.parquet" for name in names] or sorted(folder.glob("*.parquet"))
    listed = "".join(f"- {sha256(path.read_bytes()).hexdigest()}\n" for path in files)
    head = "by: lead\nnote: composed\nat: 2026-01-01\nsha256:\n"
    (folder / "clearance.yaml").write_text(head + listed, encoding="utf-8")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A codebook, and a folder for texts."""
    monkeypatch.setenv("REFLECT_CACHE", str(tmp_path / "cache"))
    (tmp_path / "my data").mkdir()
    (tmp_path / "book.yaml").write_text(BOOK, encoding="utf-8")
    return tmp_path


def code(place, **settings):
    chosen = {"scheduler": "here", "rows": 60, **settings}
    return code_dataset(place / "my data", place / "out", place / "book.yaml", **chosen)


def code_cleared(place, **settings):
    clear(place / "my data")
    return code(place, **settings)


def spans(run):
    told = [row for path in run.codings() for row in pq.read_table(path).to_pylist()]
    return sorted((r["document_id"], r["start"], r["end"], r["code_id"]) for r in told)


def one_machine(place, rows, stones=()):
    """The corpus of the ordinary way, from the same rows as CSV."""
    folder = place / "as csv"
    folder.mkdir(exist_ok=True)
    pa.Table.from_pylist(rows).to_pandas().to_csv(folder / "texts.csv", index=False)
    if stones:
        write_withdrawn(folder, stones)
    hashes = "".join(f"- {text_hash(each['text'])}\n" for each in rows)
    head = "by: lead\nnote: composed\nat: 2026-01-01\nsha256:\n"
    (folder / "clearance.yaml").write_text(head + hashes, encoding="utf-8")
    return ra.read_corpus(folder)


def spans_of(place, corpus):
    book = ra.read_codebook(place / "book.yaml")
    codings = ra.code_segments(ra.RuleCoder(book), ra.segment(corpus), book)
    return sorted((c.document_id, c.start, c.end, c.code_id) for c in codings)


def read_in_parts(place, rows):
    """The documents of each partition as they are read, after who withdrew has left."""
    plan = look_over(place / "my data", rows=rows, cleared_by_note=True)
    book = ra.read_codebook(place / "book.yaml")
    work = Work(plan.folder, place / "out", book, "rules", plan.columns, plan.cases)
    work = dataclasses.replace(work, withdrawn=plan.gone.stones, gone=plan.gone.texts)
    parts = (corpus_from(work, read_documents(work, job)) for job in plan.jobs)
    return {document.id: document for part in parts for document in part}


# ── clearing ──


def test_a_clearance_that_is_taken_back_brings_the_check(place):
    source = place / "my data"
    write(source, {"a": [row(n) for n in range(6)], "b": [row(7, text="Write to jo@example.org.")]})
    code_cleared(place)
    assert (place / "out/share").is_dir()
    (source / "clearance.yaml").unlink()
    with pytest.raises(NotClearedError, match=r"R007.*b\.parquet"):
        code(place, **CHECKED)
    assert not (place / "out/share").exists()
    clear(source, "b")
    run = code(place, **CHECKED)
    assert run.computed == 1  # `a` was checked meanwhile; of `b` nothing was left
    assert [each.checked for each in run.receipts] == [True, False]


def test_what_was_checked_is_not_checked_again_for_a_file_that_clears_it(place):
    write(place / "my data", {"a": [row(n) for n in range(6)]})
    code(place, **CHECKED)
    assert code_cleared(place).computed == 0


@pytest.mark.parametrize(
    ("cleared", "told"), [(("a", "b"), None), (("a",), {"b"}), ((), {"a", "b"})]
)
def test_words_of_topics_are_held_against_what_the_check_found_where_it_was_run(
    place, monkeypatch, cleared, told
):
    texts = [row(n) for n in range(60)]
    write(place / "my data", {"a": texts[:30], "b": texts[30:]})
    if cleared:
        clear(place / "my data", *cleared)
    found = []

    def kept(*given):
        found.append(grouped(*given))
        return found[0]

    grouped = doing.group_dataset
    monkeypatch.setattr(doing, "group_dataset", kept)
    code(place, **CHECKED, topics=TopicSample(size=60, refits=0, vectors="static"))
    report = found[0].findings
    if told is None:
        assert report is None
    else:
        assert {document.source for document in report.corpus} == {
            f"{each}.parquet" for each in told
        }


def test_participants_are_looked_at_where_all_partitions_were_done_before(place):
    source = place / "my data"
    write(source, {"a": [row(n) for n in range(7)]})
    people = [f"P{n:03},c{n % 2}" for n in range(7)]
    (source / "participants.csv").write_text("\n".join(["participant,community", *people]))
    code(place, **CHECKED)
    noted = [
        f"{each},{'call 604 555 0199 first' if not n else ''}" for n, each in enumerate(people)
    ]
    (source / "participants.csv").write_text("\n".join(["participant,community,remark", *noted]))
    with pytest.raises(NotClearedError, match="the participants"):
        code(place, **CHECKED)
    assert not (place / "out/share").exists()


def test_a_call_that_stops_loses_nothing_of_what_a_finished_one_recorded(place, monkeypatch):
    write(place / "my data", {"a": [row(n) for n in range(6)]})
    code(place, **CHECKED)
    facts = json.loads((place / "out/keep/run.json").read_text(encoding="utf-8"))
    assert facts["cleared"][0]["note"] == "read by two"

    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(doing, "run_jobs", stopped)
    (place / "book.yaml").write_text(BOOK.replace("[rest]", "[rain]"), encoding="utf-8")
    with pytest.raises(KeyboardInterrupt):
        code(place, **CHECKED)
    now = RunFolder(place / "out").facts
    assert {name: now[name] for name in ("cleared", "reasons")} == {
        name: facts[name] for name in ("cleared", "reasons")
    }


# ── withdrawal ──


STONE = Tombstone("P004", "2026-01-02", "lead")


def with_copy():
    """Texts of P004 in one file, and a copy of one that names nobody in another."""
    first = [row(n) for n in range(1, 8)]
    first[3] = row(4, "P004", THEIRS)
    return {"a": first, "b": [row(n) for n in range(8, 15)], "c": [row(15, "", THEIRS), row(16)]}


@pytest.mark.parametrize("rows", [1, 60])
def test_a_copy_of_a_withdrawn_text_goes_from_whichever_partition_it_is_in(place, rows):
    files = with_copy()
    corpus = one_machine(place, [each for part in files.values() for each in part], [STONE])
    assert "R015" not in corpus
    write(place / "my data", files)
    write_withdrawn(place / "my data", [STONE])
    run = code_cleared(place, rows=rows)
    assert spans(run) == spans_of(place, corpus)
    assert run.counts["documents"] == len(corpus)
    assert run.counts["left_out"] == 16 - len(corpus) == 3


def test_a_copy_of_a_withdrawn_text_is_not_drawn_into_the_sample_of_topics(place):
    write(place / "my data", with_copy())
    write_withdrawn(place / "my data", [STONE])
    plan = look_over(place / "my data", rows=3, cleared_by_note=True)
    drawn, of = draw(plan, 60, 0)
    assert of == 13
    assert {(job.file, job.first + n) for job, rows in drawn.items() for n in rows}.isdisjoint(
        {("a.parquet", 4), ("b.parquet", 4), ("c.parquet", 1)}
    )


def test_a_text_that_was_ascribed_by_mistake_has_no_copies(place):
    write(place / "my data", with_copy())
    spared = frozenset({("R004", text_hash(THEIRS))})
    write_withdrawn(place / "my data", [dataclasses.replace(STONE, spared=spared)])
    assert "R015" in read_in_parts(place, 1)


def test_a_new_text_of_who_withdrew_costs_only_what_holds_it_or_its_copy(place):
    files = with_copy()
    write(place / "my data", {"a": files["a"], "b": files["b"], "c": files["c"]})
    write_withdrawn(place / "my data", [STONE])
    code_cleared(place)
    write(place / "my data", {"d": [row(17, "P004", "It was the longest day of all for me.")]})
    assert code_cleared(place).computed == 1
    write(place / "my data", {"e": [row(18, "P004", row(9)["text"]), row(19)]})
    assert code_cleared(place).computed == 1  # `b` holds that text, but says whose it is
    files["c"][1] = row(16, "")
    write(place / "my data", {"c": files["c"]})
    (place / "my data/e.parquet").unlink()
    assert "R016" in {each for each, *_ in spans(code_cleared(place))}
    write(place / "my data", {"e": [row(18, "P004", row(16)["text"]), row(19)]})
    run = code_cleared(place)
    assert run.computed == 2
    assert "R016" not in {each for each, *_ in spans(run)}


def with_replies(link):
    """A post of P004 in one file; in another replies that quote it as their prompt."""
    asked = "What was it like for you this year?"
    posts = [row(n, thread=f"T{n % 4}", prompt=asked) for n in range(1, 8)]
    posts[3] = row(4, "P004", THEIRS, thread="T0", prompt=asked)
    replies = [
        row(9, "P001", f"{THEIRS} So was I.", thread="T0", prompt=THEIRS),
        row(10, "P002", f"{THEIRS} Me too.", thread="T1", prompt=THEIRS),
        row(11, "P003", f"{asked} I was alone.", thread="T0", prompt=asked),
    ]
    unlinked = {"thread": "", "parent": ""} if link == "parent" else {"thread": ""}
    if link == "parent":
        unlinked.pop("thread")
        for each in (*posts, *replies):
            each["parent"] = {"R009": "R004", "R010": "R004"}.get(each["id"], "")
            del each["thread"]
    return {"a": posts, "b": [replies[0] | row(n) | unlinked for n in (12, 13)], "c": replies}


def test_a_prompt_that_is_a_withdrawn_text_goes_from_replies_in_other_partitions(place):
    files = with_replies("thread")
    corpus = one_machine(place, [each for part in files.values() for each in part], [STONE])
    assert THEIRS not in str(corpus.document("R009").attributes["prompt"])
    assert "for you" in corpus.document("R011").attributes["prompt"]
    write(place / "my data", files)
    write_withdrawn(place / "my data", [STONE])
    for rows in (1, 2, 60):
        documents = read_in_parts(place, rows)
        told = {each.id: dict(each.attributes) for each in corpus}
        assert {each.id: dict(each.attributes) for each in documents.values()} == told
    assert spans(code_cleared(place, rows=1)) == spans_of(place, corpus)


def test_a_reply_names_what_it_answers_by_its_parent_too(place):
    write(place / "my data", with_replies("parent"))
    write_withdrawn(place / "my data", [STONE])
    one, whole = read_in_parts(place, 1), read_in_parts(place, 60)
    assert one == whole
    assert THEIRS not in one["R009"].attributes["prompt"]
    plan = look_over(place / "my data", rows=1, cleared_by_note=True)
    assert [text.id for text in plan.gone.texts] == ["R004"]
    assert THEIRS not in repr(plan.gone)


def test_a_reply_is_done_anew_where_the_text_changes_that_it_quotes(place):
    files = with_replies("parent")
    write(place / "my data", files)
    write_withdrawn(place / "my data", [STONE])
    code_cleared(place)
    files["a"][3] = row(4, "P004", f"{THEIRS} So it was.", prompt="", parent="")
    write(place / "my data", {"a": files["a"]})
    assert code_cleared(place).computed == 2


# ── columns and languages ──


@pytest.mark.parametrize("rows", [1, 4, 60])
def test_texts_that_no_coder_reads_are_counted_also_where_a_partition_holds_nothing_else(
    place, rows
):
    texts = [row(n, language="fr" if n < 6 else "en") for n in range(12)]
    write(place / "my data", {"a": texts})
    assert code_cleared(place, rows=rows).counts["unread"] == 6


def with_odd_cells():
    """One prompt that is only an e-mail address, and days in several styles."""
    prompt = "I was alone with it"
    texts = [row(n, text=f"{prompt}. I was at rest.", prompt=prompt) for n in range(10)]
    for n, each in enumerate(texts):
        each["day"] = "8 April 2025" if n in (2, 9) else f"2025-04-{n + 1:02}"
    texts[5]["prompt"] = "jo@example.org"
    return texts


@pytest.mark.parametrize("rows", [1, 3, 60])
def test_columns_are_judged_by_the_cells_of_the_whole_data_set(place, rows):
    texts = with_odd_cells()
    corpus = one_machine(place, texts)
    assert "prompt" not in corpus.document("R000").attributes
    write(place / "my data", {"a": texts})
    documents = read_in_parts(place, rows)
    told = {each.id: dict(each.attributes) for each in corpus}
    assert {each.id: dict(each.attributes) for each in documents.values()} == told
    lines = []
    run = code_cleared(place, rows=rows, tell=lines.append)
    assert spans(run) == spans_of(place, corpus)
    assert "left out the column 'prompt': a column of direct identifiers" in lines
    odd = "left out of the column 'day': 2 dates are written otherwise than 2025-04-08, as most are"
    assert odd in lines


def test_a_date_in_another_style_costs_only_the_files_that_hold_one(place):
    texts = [row(n, day=f"2025-04-{n + 1:02}") for n in range(10)]
    write(place / "my data", {"a": texts[:5], "b": texts[5:]})
    code_cleared(place)
    write(place / "my data", {"c": [row(10, day="11 April 2025")]})
    run = code_cleared(place)
    assert run.computed == 1
    assert "day" not in read_in_parts(place, 60)["R010"].attributes
