"""Whether a study loses a decision, and how long a coder waits for one.

    python benchmarks/project.py kill --times 500 --url study.reflect
    python benchmarks/project.py kill --times 50 --postgres
    python benchmarks/project.py load --coders 8 --seconds 60 --url study.reflect [--think-ms 100]
    python benchmarks/project.py load --coders 8 --seconds 60 --postgres [--think-ms 100]
    python benchmarks/project.py open
    python benchmarks/project.py all

`kill` kills a process that writes decisions, with SIGKILL (on Windows TerminateProcess) at random
moments, its start included. Each decision is noted as acknowledged after the call returned.
Afterwards every one of them must be in the project, once; the project must open, its check must
find nothing, and what is counted in the log must be what the view shows. With `--postgres` a
server is started in a temporary folder and it is the server that is killed (`pg_ctl stop -m
immediate`) while two processes write. A server that is named by `--url` is not ours to kill:
there the writing process is.

`load` lets coders, a process each, work through documents at once, with a think time or without,
and tells how long a decision took until it was durable.

`open` makes two studies of 10,000 documents and 200,000 codings each, opens one, shows documents,
and merges them. `all` does everything with the full numbers; the first fault ends it.

`--url` names a file that does not exist yet, or an empty database: nothing is ever written into a
study that is there. Exit 0 if all figures were reached, 1 if a decision was lost or doubled, an
error was seen, or (with `--strict`) a time was too long.

What kills do not test. A process that is killed leaves behind what it had written, for the system
keeps it; a computer that loses its power keeps what the disk had said it has. For that the project
file is written with SQLite's ``synchronous = EXTRA`` (the journal, the file and the folder are
synced before a commit is over) and the log of what waits with `fsync` (F_FULLFSYNC on macOS). It
holds as far as disks tell the truth about their caches and the file system keeps the order of what
was synced; no network drive promises that.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import multiprocessing
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Barrier
from pathlib import Path

import _study
from _measuring import Row, Seconds, by_turns
from postgres import NoPostgres, Server

from reflect_analysis.errors import ReflectAnalysisError
from reflect_analysis.project import Project
from reflect_analysis.project.history import undone

DOCUMENTS = 200
_STOP = "stop"
_PATIENCE = 60  # seconds, for a process to start
# Asked, in seconds.
MEDIAN, P99, OPENING, VIEW, MERGE = 0.005, 0.050, 1.0, 0.020, 20.0

# A new process inherits what is imported; without it each of 500 would take a second to start.
if sys.platform == "win32":
    _PROCESSES = multiprocessing.get_context("spawn")
else:
    _PROCESSES = multiprocessing.get_context("forkserver")


_PRELOADED = (
    *("_study", "portalocker", "pg8000", "cattrs"),
    *("sqlalchemy.dialects.sqlite.pysqlite", "sqlalchemy.dialects.postgresql.pg8000"),
)


# ── who writes ──


def write(url: str, coder: str, notes: str, stop: str) -> None:
    """Code until killed or stopped; note what was acknowledged, and what was not."""
    with open(notes, "ab", buffering=0) as file, Project.open(url) as project:  # noqa: PTH123  # a bare write
        desk, chance = project.desk(coder), _study.chance(coder + str(os.getpid()))
        while not os.path.exists(stop):  # noqa: PTH110  # asked often
            try:
                document = f"d{chance.randrange(DOCUMENTS):05d}"
                if chance.random() < 0.9:  # noqa: PLR2004  # one in ten is taken back
                    start = chance.randrange(500)
                    (made,) = desk.code(document, start, start + 20, chance.choice(_study.CODES))
                    file.write(f"code {made.id}\n".encode())
                else:
                    file.write(f"undo {desk.undo().id}\n".encode())
            except ReflectAnalysisError as error:
                if "nothing to undo" not in str(error):
                    file.write(f"error {str(error)[:200]!r}\n".encode())


def start(url: str, coder: str, folder: Path, stop: Path) -> BaseProcess:
    """A process that writes."""
    notes = folder / f"notes-{coder}.txt"
    process = _PROCESSES.Process(target=write, args=(url, coder, str(notes), str(stop)))
    process.start()
    return process


# ── what is there ──


@dataclass
class Found:
    """What a project holds of what was acknowledged."""

    kept: int = 0
    lost: int = 0
    doubled: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    @property
    def well(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.doubled or self.errors or self.faults) and self.kept > 0

    def __str__(self) -> str:
        told = f"{self.kept} acknowledged, {self.lost} lost, {self.doubled} doubled"
        told += f", {sum(self.errors.values())} errors seen by coders"
        return "\n".join([told, *self.faults, *(f"  {n} × {e}" for e, n in self.errors.items())])


def look(url: str, folder: Path) -> Found:
    """Compare what was noted with what the project holds."""
    noted: dict[str, set[str]] = {"code": set(), "undo": set(), "error": set()}
    found = Found()
    for path in sorted(folder.glob("notes-*.txt")):
        # A last line without its end was being written when the process was killed.
        for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
            word, _, rest = line.partition(" ")
            if word == "error":
                found.errors[rest.strip()] += 1
            elif line.endswith("\n"):
                noted[word].add(rest.strip())
    with Project.open(url) as project:
        found.faults += project.check()
        shown = Counter(coding.id for coding in project.codings())
        events = project.events()
        with project._settled() as connection:  # noqa: SLF001  # the rows beneath the view
            rows = connection.exec_driver_sql("SELECT id, event_id FROM codings").all()
    gone = undone((each.id, each.undoes) for each in events if each.undoes)
    taken_back = {row.id for row in rows if row.event_id in gone}
    found.kept = len(noted["code"]) + len(noted["undo"])
    found.lost = len(noted["code"] - shown.keys() - taken_back) + len(noted["undo"] - gone)
    found.doubled = (
        sum(count - 1 for count in shown.values()) + len(rows) - len({r.id for r in rows})
    )
    counted = sum(e.payload.get("codings", 0) for e in events if e.id not in gone)
    if counted != len(shown):
        found.faults.append(f"the log counts {counted} codings, the view shows {len(shown)}")
    return found


# ── kill ──


def kill_writer(url: str, times: int, folder: Path) -> Found:
    """Kill a writing process so many times."""
    found, began, chance = Found(), time.monotonic(), _study.chance()
    for number in range(1, times + 1):
        coder = f"coder-{number % 8}"
        process = start(url, coder, folder, folder / _STOP)
        if number % 4:
            wait_for_note(folder / f"notes-{coder}.txt")
        time.sleep(chance.uniform(0.01, 0.5))  # one in four in its start, which stores leftovers
        process.kill()
        process.join()
        if number % 25 == 0 or number == times:
            found = look(url, folder)
            print(f"{number} kills, {time.monotonic() - began:.0f} s: {found}", flush=True)
            if not found.well:
                break
    return found


def wait_for_note(path: Path) -> None:
    """Wait until a process has noted something."""
    size, until = _size(path), time.monotonic() + _PATIENCE
    while _size(path) == size and time.monotonic() < until:
        time.sleep(0.01)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def kill_server(server: Server, url: str, times: int, folder: Path) -> Found:
    """Kill a server so many times while two processes write."""
    stop, began, chance = folder / _STOP, time.monotonic(), _study.chance()
    writers = [start(url, f"coder-{number}", folder, stop) for number in range(2)]
    time.sleep(2)
    for number in range(1, times + 1):
        time.sleep(chance.uniform(0.05, 1.0))
        server.stop("immediate")
        server.start()
        if number % 10 == 0:
            print(f"{number} kills, {time.monotonic() - began:.0f} s", flush=True)
    time.sleep(1)
    stop.touch()
    for writer in writers:
        writer.join(60)
    found = look(url, folder)
    found.faults += [f"a writer ended with {w.exitcode}" for w in writers if w.exitcode != 0]
    return found


# ── load ──


def work(url: str, coder: str, notes: str, ready: Barrier, seconds: float, think: float) -> None:
    """Work through documents as a coder does; note each decision and how long it took."""
    chance, number = _study.chance(coder), 0
    with open(notes, "ab", buffering=0) as file, Project.open(url) as project:  # noqa: PTH123  # a bare write
        desk = project.desk(coder)
        ready.wait(_PATIENCE)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                document = f"d{(number // 10) % DOCUMENTS:05d}"
                if number % 10 == 0:
                    asked = time.perf_counter()
                    desk.view(document)
                    file.write(f"view {time.perf_counter() - asked}\n".encode())
                place, code = chance.randrange(500), chance.choice(_study.CODES)
                asked = time.perf_counter()
                (made,) = desk.code(document, place, place + 20, code)
                took = time.perf_counter() - asked
                file.write(f"code {made.id}\ntime {took}\n".encode())
            except ReflectAnalysisError as error:
                file.write(f"error {str(error)[:200]!r}\n".encode())
            number += 1
            if think:
                time.sleep(chance.uniform(0.5, 1.5) * think)


def load(url: str, coders: int, seconds: float, think: float, folder: Path) -> tuple[Found, bool]:
    """Let coders work at once."""
    ready = _PROCESSES.Barrier(coders)
    workers = [
        _PROCESSES.Process(
            target=work,
            args=(url, f"coder-{n}", str(folder / f"work-{n}.txt"), ready, seconds, think),
        )
        for n in range(coders)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(seconds + 120)
    times: dict[str, list[float]] = {"time": [], "view": []}
    for path in sorted(folder.glob("work-*.txt")):
        lines = path.read_text(encoding="utf-8").splitlines()
        for line in lines:
            word, _, rest = line.partition(" ")
            if word in times:
                times[word].append(float(rest))
        kept = [line for line in lines if line.startswith(("code", "error"))]
        path.with_name(f"notes-{path.name}").write_text("\n".join(kept) + "\n", encoding="utf-8")
    found = look(url, folder)
    found.faults += [f"a coder's process ended with {w.exitcode}" for w in workers if w.exitcode]
    print(f"{coders} coders, {seconds:g} s, think time {think * 1000:g} ms: {found}")
    busy = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    print(f"{os.cpu_count()} processors, load average {busy}: what else runs here counts too")
    median = MEDIAN if "://" not in url else None  # a server's is not asked for
    in_time = tell("a durable decision", times["time"], median, P99 if think else None)
    tell("a document's view", times["view"], None, None)
    return found, in_time


def tell(what: str, times: Sequence[float], median: float | None, p99: float | None) -> bool:
    """Print median and 99th percentile in milliseconds, with what is asked."""
    if len(times) < 2:  # noqa: PLR2004  # no percentile of one
        print(f"{what}: too few to tell")
        return False
    here = (statistics.median(times), statistics.quantiles(times, n=100)[98])
    told = [
        f"{name} {value * 1000:.1f} ms{f' (asked: {limit * 1000:g})' if limit else ''}"
        for name, value, limit in zip(("median", "p99"), here, (median, p99), strict=True)
    ]
    print(f"{what}: {', '.join(told)}; {len(times)} of them", flush=True)
    return all(
        not limit or value <= limit for value, limit in zip(here, (median, p99), strict=True)
    )


# ── open ──


@dataclass(frozen=True)
class Opened:
    """What a large study takes: seconds of each opening, desk, view and merge; codings then."""

    openings: Sequence[float]
    desks: Sequence[float]
    views: Sequence[float]
    merges: Sequence[float]
    codings: int


def opened(folder: Path, documents: int, codings: int) -> bool:
    """Open a large study, show documents of it, merge it with another; whether all was in time."""
    found = large_study(folder, documents, codings, turns=1)
    (opening,), (desk,), (merge,) = found.openings, found.desks, found.merges
    print(f"opening, in a new process: {opening:.2f} s (asked: {OPENING:g}); "
          f"a desk: {desk:.2f} s")  # fmt: skip
    well = tell("a document's view", found.views, VIEW, None) and opening <= OPENING
    print(f"merge: {merge:.1f} s (asked: {MERGE:g}); {found.codings} codings of {2 * codings}")
    return well and merge <= MERGE and found.codings == 2 * codings


def large_study(folder: Path, documents: int, codings: int, turns: int) -> Opened:
    """Make two large studies; open one, show documents of it, and merge it with the other.

    Each turn opens it in a new process, and merges into another copy of it.
    """
    first, second = folder / "first.reflect", folder / "second.reflect"
    began = time.perf_counter()
    _study.make(first, documents)
    _study.copy(first, second)
    for number, path in enumerate((first, second)):
        _study.add_codings(path, codings, seed=number)
    size = first.stat().st_size / 1e6
    print(f"made two of {documents} documents and {codings} codings, {size:.0f} MB each, in "
          f"{time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)  # fmt: skip
    context, told = multiprocessing.get_context("spawn"), []
    for _ in range(turns):
        taken = context.Queue()
        process = context.Process(target=open_once, args=(str(first), taken))
        process.start()
        told.append(taken.get(timeout=300))
        process.join()
    openings, desks, views = zip(*told, strict=True)
    merges, counts = zip(*(merged(first, second) for _ in range(turns)), strict=True)
    return Opened(openings, desks, [each for some in views for each in some], merges, max(counts))


def open_once(path: str, taken: multiprocessing.Queue[tuple[float, float, list[float]]]) -> None:
    """Open a project and show documents, in a process that did nothing before."""
    began = time.perf_counter()
    with Project.open(path) as project:
        opening = time.perf_counter() - began
        began = time.perf_counter()
        desk = project.desk("coder-1")
        making, views = time.perf_counter() - began, []
        for number in range(100):
            began = time.perf_counter()
            desk.view(f"d{number:05d}")
            views.append(time.perf_counter() - began)
        taken.put((opening, making, views))


def merged(first: Path, second: Path) -> tuple[float, int]:
    """Merge the second into a copy of the first: seconds, and the codings that are there then."""
    copy = first.with_name(f"copy-{time.monotonic_ns()}.reflect")
    _study.copy(first, copy)
    with Project.open(copy) as project:
        began = time.perf_counter()
        project.merge([second], by="lead")
        took = time.perf_counter() - began
        with project._settled() as connection:  # noqa: SLF001  # a count, without 400,000 values
            count = connection.exec_driver_sql("SELECT count(*) FROM codings").scalar()
    return took, count


# ── rows ──


def rows(*, quick: bool) -> Iterator[Row]:
    """A durable decision beside a bare commit, and what a large study takes."""
    with tempfile.TemporaryDirectory(prefix="reflect-benchmark-") as name:
        yield decision_row(Path(name), decisions=200, turns=3 if quick else 7)
        documents, codings = (1_000, 20_000) if quick else (10_000, 200_000)
        found = large_study(Path(name), documents, codings, turns=3)
    what = f"a study of {documents:,} documents and {codings:,} codings"
    yield _alone(f"{what}, opened", found.openings, f"at most {OPENING:g} s")
    yield _alone(f"{what}, a document's view", found.views, f"median at most {1000 * VIEW:g} ms")
    yield _alone(f"{what}, merged with another", found.merges, f"at most {MERGE:g} s")


def decision_row(folder: Path, decisions: int, turns: int) -> Row:
    """One decision after another by one coder; the commit keeps the words of the same row."""
    _study.make(folder / "study.reflect", DOCUMENTS)
    bare = sqlite3.connect(folder / "bare.sqlite")
    bare.execute("CREATE TABLE codings (document, start, stop, code, coder, at)")
    places = [(f"d{n % DOCUMENTS:05d}", n % 500, _study.CODES[n % 30]) for n in range(decisions)]
    with Project.open(folder / "study.reflect") as project:
        desk = project.desk("coder-1")

        def ours() -> None:
            for document, start, code in places:
                desk.code(document, start, start + 20, code)

        def theirs() -> None:
            for document, start, code in places:
                row = (document, start, start + 20, code, "coder-1", time.time())
                bare.execute("INSERT INTO codings VALUES (?, ?, ?, ?, ?, ?)", row)
                bare.commit()

        ours()  # what is opened at its first use is open
        found = by_turns(ours, theirs, turns)
    bare.close()
    mine, other = (tuple(each / decisions for each in times) for times in found)
    rival = "one sqlite3 commit, as Python opens it"
    return Row("a durable decision", mine, rival, other, f"median at most {1000 * MEDIAN:g} ms")


def _alone(what: str, seconds: Sequence[float], asked: str) -> Row:
    return Row(what, tuple(Seconds(each, math.nan) for each in seconds), asked=asked)


# ── from the shell ──


@contextlib.contextmanager
def place(given: argparse.Namespace) -> Iterator[tuple[str, Path, Server | None]]:
    """A new study where it was asked for, a folder for notes, and the server if it is ours."""
    with (
        tempfile.TemporaryDirectory(prefix="reflect-benchmark-") as name,
        contextlib.ExitStack() as end,
    ):
        folder, server = Path(name), None
        url = given.url or str(folder / "study.reflect")
        if given.postgres:
            server = Server()
            end.callback(server.remove)
            url = end.enter_context(server.database())
        _study.make(url, DOCUMENTS)
        yield url, folder, server


def run_kill(given: argparse.Namespace) -> bool:
    with place(given) as (url, folder, server):
        if server is not None:
            found = kill_server(server, url, given.times, folder)
            print(f"{given.times} kills of the server: {found}")
        else:
            if "://" in url:
                print("this server is not ours to kill: the writing process is killed")
            found = kill_writer(url, given.times, folder)
            print(f"{given.times} kills of the writing process: {found}")
        return found.well


def run_load(given: argparse.Namespace) -> bool:
    with place(given) as (url, folder, _):
        found, in_time = load(url, given.coders, given.seconds, given.think_ms / 1000, folder)
        return found.well and (in_time or not given.strict)


def run_open(given: argparse.Namespace) -> bool:
    with tempfile.TemporaryDirectory(prefix="reflect-benchmark-") as name:
        return opened(Path(name), given.documents, given.codings) or not given.strict


def run_all(given: argparse.Namespace) -> bool:
    parser = arguments()
    steps = ["kill --times 500", "kill --times 50 --postgres", "open"]
    for kind in ("", " --postgres"):
        steps += [f"load{kind} --think-ms 100", f"load{kind}"]
    strict = ["--strict"] if given.strict else []
    for step in steps:
        print(f"== {step}", flush=True)
        asked = parser.parse_args(step.split() + strict)
        if not asked.run(asked):
            return False
    return True


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(required=True)
    for name, run in (("kill", run_kill), ("load", run_load), ("open", run_open), ("all", run_all)):
        command = commands.add_parser(name)
        command.set_defaults(run=run)
        command.add_argument("--strict", action="store_true", help="a time that is too long fails")
        if name in {"kill", "load"}:
            command.add_argument(
                "--url", help="a file that does not exist yet, or a PostgreSQL URL"
            )
            command.add_argument("--postgres", action="store_true", help="on a server of our own")
        if name == "kill":
            command.add_argument("--times", type=int, default=500)
        if name == "load":
            command.add_argument("--coders", type=int, default=8)
            command.add_argument("--seconds", type=float, default=60)
            command.add_argument("--think-ms", type=float, default=0)
        if name == "open":
            command.add_argument("--documents", type=int, default=10_000)
            command.add_argument("--codings", type=int, default=200_000)
    return parser


def main() -> int:
    given = arguments().parse_args()
    if sys.platform != "win32":
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
        _PROCESSES.set_forkserver_preload([*_PRELOADED])
    try:
        return 0 if given.run(given) else 1
    except (NoPostgres, ReflectAnalysisError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
