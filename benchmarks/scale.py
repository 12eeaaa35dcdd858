"""Past one machine: how fast partitions are coded, beside one process, and in how much memory.

python benchmarks/scale.py make N FOLDER
python benchmarks/scale.py run FOLDER OUT [--workers 2] [--memory 2GB] [--rows 5000]
                                         [--single 2000] [--others 20000] [--skip-others]
                                         [--checked]

`make` writes N reflections of 60 words (a seeded grammar, `_reflections`), a participant for
every ten, spread over all files, twenty communities, one participant in a hundred governed by a
nation that has not approved any use, and ``clearance.yaml``. It goes on where it was stopped.

`run` codes them by the rules of the starter codebook from disk on two workers (stopped, it goes
on), and beside it, in a process of its own, codes the first ``--single`` of them the usual way
(`segment`, `code_segments`, without a cache), before and after it: machines that others share are
not always as fast. Reflections a second and core are compared, models loaded, without the governed
ones, which no worker reads; memory is that of each process, asked every half second. What two cores
cost each other whatever runs on them is told apart: spaCy's own pass in one process, and in as many
at once as there are workers. Then the identifier check, the semantic coder, the semantic coder on
averaged words and a fitted supervised coder are timed on so many reflections in one process: what
they would take on all is computed from it, and said to be computed.
``--checked`` has the rules' run check for identifiers, too.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from _measuring import Memory
from _reflections import reflections

import reflect_analysis as ra
from reflect_analysis.scale import ScaledRun, code_dataset
from reflect_analysis.scale.coders import KEEP_NOTHING
from reflect_analysis.scale.partition import LOADING

FILE_ROWS = 20_000
GROUP_ROWS = 5_000
COMMUNITIES = 20
EACH_WRITES = 10
GOVERNED = 100
GIGA = 1e9
BOOK = ra.demo_files().codebook


# ── make ──


def make(n: int, folder: Path) -> None:
    """Write the data set, file by file."""
    folder.mkdir(parents=True, exist_ok=True)
    people = max(n // EACH_WRITES, 1)
    for first in range(0, n, FILE_ROWS):
        path = folder / f"part-{first // FILE_ROWS:04}.parquet"
        if not path.exists():
            _write_file(path, first, min(FILE_ROWS, n - first), people)
        print(f"{min(first + FILE_ROWS, n):,} of {n:,}", file=sys.stderr)
    _write_participants(folder / "participants.csv", people)
    _write_clearance(folder)


def _write_file(path: Path, first: int, rows: int, people: int) -> None:
    numbers = range(first, first + rows)
    columns = {
        "id": [f"R{number:07}" for number in numbers],
        "participant": [f"P{number % people:06}" for number in numbers],
        "session": [f"S{number // people + 1}" for number in numbers],
        "language": ["en"] * rows,
        "text": list(reflections(rows, seed=first)),
    }
    part = path.with_suffix(".part")
    pq.write_table(pa.table(columns), part, row_group_size=GROUP_ROWS, compression="zstd")
    part.replace(path)


def _write_participants(path: Path, people: int) -> None:
    lines = ["participant,role,community,governance,approved_uses"]
    for number in range(people):
        nation = "nation one" if number % GOVERNED == GOVERNED - 1 else ""
        community = f"c{number * 7 % COMMUNITIES + 1}"
        lines.append(f"P{number:06},educator,{community},{nation},")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_clearance(folder: Path) -> None:
    """Composed texts: somebody cleared them, file by file, so that the rules are timed alone."""
    lines = ["by: benchmark", "note: composed by a grammar", "at: 2026-01-01", "sha256:"]
    files = sorted(folder.glob("*.parquet"))
    lines += [f"- {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files]
    (folder / "clearance.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


# ── one process ──


def some(folder: Path, n: int) -> list[str]:
    """The first texts of a data set."""
    texts: list[str] = []
    for path in sorted(folder.glob("*.parquet")):
        texts += pq.read_table(path, columns=["text"])["text"].to_pylist()
        if len(texts) >= n:
            break
    return texts[:n]


def corpus_of(texts: Iterable[str]) -> ra.Corpus:
    """Texts as a corpus that somebody has cleared."""
    documents = tuple(ra.Document(f"T{number}", text) for number, text in enumerate(texts))
    cleared = (ra.Clearance(document.sha256, "benchmark", "composed") for document in documents)
    return ra.Corpus(documents, clearances=tuple(cleared))


def alone(what: str, folder: Path, n: int) -> dict[str, float]:
    """A coder, or the check, on so many texts in this process; models are loaded before."""
    texts = some(folder, n + 20)
    codebook = ra.read_codebook(BOOK)
    coder = _coder(what, codebook)
    _do(coder, texts[n:], codebook)
    clock, processor = time.perf_counter(), time.process_time()
    _do(coder, texts[:n], codebook)
    return {
        "texts": len(texts[:n]),
        "clock": time.perf_counter() - clock,
        "processor": time.process_time() - processor,
    }


def _do(coder: object, texts: list[str], codebook: ra.Codebook) -> None:
    corpus = corpus_of(texts)
    if coder is None:
        ra.check_anonymity(corpus)
        return
    # As the partitions do it, nothing is kept of a text.
    ra.code_segments(coder, ra.segment(corpus, cache=KEEP_NOTHING), codebook)


def _coder(what: str, codebook: ra.Codebook) -> object:
    if what == "check":
        return None
    if what == "supervised":
        return supervised(codebook)
    from reflect_analysis.scale.coders import make_coder

    return make_coder(what, codebook)


def supervised(codebook: ra.Codebook) -> ra.SupervisedCoder:
    """A coder that learned from the demonstration's first coder."""
    files = ra.demo_files()
    corpus = ra.read_corpus(files.corpus)
    codings = ra.read_codings(files.codings[0])
    read = {row.document_id for row in codings.seen}
    segments = ra.segment(corpus.where(lambda document: document.id in read))
    people = sorted({row.coder for row in codings.seen})
    lesson = ra.training_set(segments, codings, codebook, coders=people)
    coder = ra.SupervisedCoder(codebook, rare="skip", blocks=("words", "vectors"))
    return coder.fit(lesson.texts, lesson.y, groups=lesson.groups, ids=lesson.ids)


def in_own_process(what: str, folder: Path, n: int) -> dict[str, float]:
    """The same in a fresh process, with one thread and an empty cache."""
    command = [sys.executable, __file__, "alone", what, str(folder), str(n)]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "REFLECT_CACHE": place}
        done = subprocess.run(
            command, check=True, env=environment, stdout=subprocess.PIPE, text=True
        )
    return dict(json.loads(done.stdout))


def bare(folder: Path, n: int) -> dict[str, float]:
    """Time only spaCy's own pass over so many reflections; the model is loaded before."""
    from reflect_analysis.language.pipelines import model_name, pipeline

    nlp, texts = pipeline(model_name(None)), some(folder, n + 20)
    for part in (texts[n:], texts[:n]):
        clock, processor = time.perf_counter(), time.process_time()
        for _ in nlp.pipe(part, batch_size=128):
            pass
    spent = time.perf_counter() - clock, time.process_time() - processor
    return {"texts": len(texts[:n]), "clock": spent[0], "processor": spent[1]}


# ── many ──


def run(given: argparse.Namespace) -> None:
    """Measure and print."""
    by, note = ("benchmark", "composed") if given.checked else ("", "")
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"{os.cpu_count()} cores{load} at the beginning", flush=True)
    before = once(given.source, given.single)
    tell_bare(given.source, given.single, given.workers)
    with Memory() as memory:
        done = code_dataset(
            given.source,
            given.out,
            BOOK,
            workers=given.workers,
            memory=given.memory,
            rows=given.rows,
            cleared_by=by,
            note=note,
            tell=lambda line: print(line, file=sys.stderr, flush=True),
        )
    after = once(given.source, given.single)
    clock, processor = ((x + y) / 2 for x, y in zip(before, after, strict=True))
    tell_run(done, memory, clock, processor, given.workers)
    total = done.counts["documents"]
    for what in () if given.skip_others else ("check", "semantic", "static", "supervised"):
        tell_other(what, in_own_process(what, given.source, given.others), total, given.workers)


def once(folder: Path, n: int) -> tuple[float, float]:
    """Reflections a second in one process, by the clock and by the processor; told."""
    single = in_own_process("rules", folder, n)
    rates = single["texts"] / single["clock"], single["texts"] / single["processor"]
    print(
        f"one process, the usual way: {rates[0]:.1f} reflections/s by the clock, {rates[1]:.1f} "
        "by the processor",
        flush=True,
    )
    return rates


def tell_bare(folder: Path, n: int, workers: int) -> None:
    """What processes cost each other that share nothing but the machine."""
    with ThreadPoolExecutor(workers) as threads:
        once = in_own_process("spacy", folder, n)
        many = list(threads.map(lambda _: in_own_process("spacy", folder, n), range(workers)))
    alone_, side_by_side = n / once["clock"], sum(n / each["clock"] for each in many) / workers
    print(
        f"spaCy's own pass: {alone_:.1f} reflections/s in one process, {side_by_side:.1f} in each "
        f"of {workers} at once, {side_by_side / alone_:.2f}: so much is the machine's",
        flush=True,
    )


def tell_run(
    done: ScaledRun, memory: Memory, rate: float, by_processor: float, workers: int
) -> None:
    """The rules by partition, beside one process."""
    counts, seconds = done.counts, dict(done.seconds)
    print(f"\n{done!r}: {counts}")
    loading = seconds.pop(LOADING, 0.0)
    coded = counts["documents"] - counts["governed"]  # the others are not even cut
    by_work = coded / sum(seconds.values())
    print(f"seconds of work by step: { {k: round(v, 1) for k, v in seconds.items()} }")
    print(f"seconds on the clock: { {k: round(v, 1) for k, v in done.wall.items()} }")
    processor = coded / sum(receipt.processor for receipt in done.receipts)
    print(f"a core at work: {by_work:.1f} reflections/s, {by_work / rate:.2f} of one process; "
          f"by the processor, loading included, {processor:.1f}, "
          f"{processor / by_processor:.2f}")  # fmt: skip
    if done.computed == len(done.jobs):
        by_clock = coded / done.wall["partitions"] / workers
        print(f"{workers} workers by the clock, starting included: {by_clock:.1f} a core and s, "
              f"{by_clock / rate:.2f} of one process (loading {loading:.0f} s)")  # fmt: skip
    else:
        print(f"{done.computed} of {len(done.jobs)} partitions were computed now: no rate by clock")
    most = ", ".join(f"{used / GIGA:.2f}" for used in sorted(memory.each.values())[-workers:])
    print(f"most memory of the workers: {most or 'none was begun'} GB, of the leading process "
          f"{memory.own / GIGA:.2f} GB")  # fmt: skip
    begun = time.perf_counter()
    table = done.themes()
    print(f"theme table of {len(table)} codes: {time.perf_counter() - begun:.1f} s", flush=True)


def tell_other(what: str, found: dict[str, float], total: int, workers: int) -> None:
    """Another coder on a sample, and what follows for all."""
    rate = found["texts"] / found["clock"]
    hours = total / rate / workers / 3600
    print(
        f"{what}: {rate:.1f} reflections/s on {found['texts']:,} in one process "
        f"({found['texts'] / found['processor']:.1f} by the processor); computed from that, not "
        f"run: {total:,} on {workers} workers in {hours:.1f} h",
        flush=True,
    )


def one(given: argparse.Namespace) -> dict[str, float]:
    """What a process of its own does."""
    if given.what == "spacy":
        return bare(given.folder, given.n)
    return alone(given.what, given.folder, given.n)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("make", help="write a data set")
    command.add_argument("n", type=int)
    command.add_argument("folder", type=Path)
    command.set_defaults(run=lambda given: make(given.n, given.folder))
    command = commands.add_parser("run", help="code and time it")
    command.add_argument("source", type=Path)
    command.add_argument("out", type=Path)
    command.add_argument("--workers", type=int, default=2)
    command.add_argument("--memory", default="2GB")
    command.add_argument("--rows", type=int, default=5_000, help="of a partition")
    command.add_argument("--single", type=int, default=2_000, help="reflections for one process")
    command.add_argument("--others", type=int, default=20_000, help="reflections for other coders")
    command.add_argument("--skip-others", action="store_true")
    command.add_argument("--checked", action="store_true", help="check for identifiers, too")
    command.set_defaults(run=run)
    command = commands.add_parser("alone", help="(used by run) one coder in this process")
    command.add_argument("what")
    command.add_argument("folder", type=Path)
    command.add_argument("n", type=int)
    command.set_defaults(run=lambda given: print(json.dumps(one(given))))
    given = parser.parse_args()
    given.run(given)


if __name__ == "__main__":
    main()
