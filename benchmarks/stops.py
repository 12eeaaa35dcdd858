"""What Ctrl+C leaves of each command, stopped at changes and at moments drawn at random.

python benchmarks/stops.py [--size 100] [--changes 6] [--moments 2] [--seed 0] [--only check …]

Each command of `commands.py`, a scaled run and the demonstration are run twice to their ends, from
the same files: what differs then is told, and compared by no more than that it can be read. Then
each is begun again, stopped, and given again. It is stopped before changes of the folder
(`_stopping.py`), the last of which is the first line that it prints or the end, and at moments of
the clock, of which every other one has an empty cache. What is asked: exit status 130 and the line
that says how to go on; each file and folder as it was before or as at the end, by its content; and
the content of the end when the command is given again, or that it says what is there already. An
undo and a redo are given again only where the log does not have them, as the line says. A scaled
run goes on where it stood: there the end alone is compared. Windows sends Ctrl+C another way: not
there.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from _stopping import APART, Contents, contents, strange, without_log
from commands import BOOK, Command, commands, prepare

STOPPED = 130
AGAIN = "stopped before the end; run the same command again"
NOT_TWICE = "stopped before the end; see `reflect-analysis log` first"
ACTS = ("undo", "redo")
GOES_ON = ("scale",)
THERE = ("exists", "holds something", "is open", "no phase is open", "nothing to", "merged already")
SHOWN = 400  # characters of what a command said
HERE = Path(__file__).parent
# As a user's command, with what stops it: before a change, or after so many seconds.
CHILD = """
import os, signal, sys, threading
from pathlib import Path
sys.path.insert(0, sys.argv.pop(1))
at, after = int(sys.argv.pop(1)), float(sys.argv.pop(1))
import _stopping
from reflect_analysis.cli import main
_stopping.arm(Path.cwd(), at)
clock = threading.Timer(after, os.killpg, (os.getpgrp(), signal.SIGINT))
clock.daemon = True
if after: clock.start()
try:
    main()
finally:
    clock.cancel()
    count, stopped = _stopping.disarm()
    os.write(2, f"\\n[{count} changes, stopped before: {stopped}]\\n".encode())
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended, and what it had changed by then."""

    status: int
    told: str
    changes: int = 0
    stopped: str = ""


def all_commands() -> tuple[Command, ...]:
    """Those of a study, with what works beside it; the panel ends by Ctrl+C alone."""
    book = ("--codebook", str(BOOK))
    cleared = ("--cleared-by", "ann", "--note", "composed by a grammar")
    scale = ("scale", "data", "run", *book, *cleared, "--scheduler", "here", "--rows", "20")
    return (
        *(each for each in commands() if not each.visit),
        Command("scale", scale, "run", write_parquet),
        Command("demo", ("demo", "--out", "demo"), "demo"),
    )


def write_parquet(folder: Path) -> None:
    """The texts as a data set."""
    import pandas as pd

    (folder / "data").mkdir(exist_ok=True)
    pd.read_csv(folder / "texts" / "texts.csv").to_parquet(folder / "data" / "texts.parquet")


def run(folder: Path, command: Command, *, empty: bool = False, at: int = 0,
        after: float = 0.0) -> Ended:  # fmt: skip
    """Run a command; stop it before a change, or after so many seconds."""
    cache = folder / ("cache-empty" if empty else "cache")
    if empty:
        shutil.rmtree(cache, ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(HERE), str(at), str(after), *command.arguments],
        cwd=folder,
        env={**os.environ, "REFLECT_CACHE": str(cache)},
        capture_output=True,
        encoding="utf-8",
        start_new_session=True,
        check=False,
    )
    told, _, last = done.stderr.rpartition("\n[")
    count, _, stopped = last.partition(" changes, stopped before: ")
    counted = int(count) if count.isdigit() else 0
    return Ended(done.returncode, told, counted, stopped.strip().removesuffix("]"))


class Study:
    """A command between the files before it and those of its end.

    Parameters
    ----------
    folder : Path
    command : Command
    before : Path
        Where the files before it are kept meanwhile.
    """

    def __init__(self, folder: Path, command: Command, before: Path) -> None:
        self.folder, self.command, self.before = folder, command, before
        if command.makes:
            _take_away(folder / command.makes)
        if command.before:
            command.before(folder)
        shutil.copytree(folder, before, ignore=shutil.ignore_patterns(*APART))
        self.first = contents(folder)

    def reset(self) -> None:
        """Put the files back that there were before, apart from the cache."""
        for path in self.folder.iterdir():
            if path.name not in APART:
                _take_away(path)
        shutil.copytree(self.before, self.folder, dirs_exist_ok=True)

    def finish(self) -> Ended:
        """Run it to its end."""
        self.reset()
        done = run(self.folder, self.command)
        if done.status:
            sys.exit(f"{self.command.name}: exit status {done.status}: {done.told[-SHOWN:]}")
        return done

    def faults(self, ended: Ended, last: Contents, unlike: set[str], *, empty: bool) -> list[str]:
        """What a stop did that it should not, and whether the command goes on."""
        name = self.command.name
        line = NOT_TWICE if name in ACTS else AGAIN
        wanted = {STOPPED} if ended.stopped else {0, STOPPED}  # at a moment it may be done
        told = [] if ended.status in wanted else [f"exit status {ended.status}"]
        told += ["no line says how to go on"] if ended.status and line not in ended.told else []
        told += [f"a traceback: {ended.told[-SHOWN:]}"] if "Traceback" in ended.told else []
        try:
            first, found = _without(self.first, unlike), _without(contents(self.folder), unlike)
        except Exception as error:  # noqa: BLE001  # whatever it is, a file is not whole
            return [*told, f"cannot be read: {error!r}"]
        if name not in GOES_ON:
            told += strange(found, first, last)
        if name in ACTS and found == last:
            return told
        again = run(self.folder, self.command, empty=empty)
        end = _without(contents(self.folder), unlike)
        if again.status and not (found != first and any(t in again.told for t in THERE)):
            told.append(f"again: exit status {again.status}: {again.told[-SHOWN:]}")
        elif found != last:
            whole = without_log(last)
            told += [f"again: {each}" for each in strange(without_log(end), whole, whole)]
        return told


def stop(folder: Path, command: Command, asked: tuple[int, int],
         chance: np.random.Generator) -> Iterator[str]:  # fmt: skip
    """Run a command to its end, and stop it at some changes and moments; the faults."""
    changes, moments = asked
    with tempfile.TemporaryDirectory(prefix="stops-") as place:
        study = Study(folder, command, Path(place, "before"))
        study.finish()
        if not changes + moments:
            return
        one = contents(folder)
        began = time.perf_counter()
        done = study.finish()
        whole, last = time.perf_counter() - began, contents(folder)
        unlike = _unlike(one, last)
        last = _without(last, unlike)
        numbers = [*chance.permutation(np.arange(1, done.changes))[: max(0, changes - 1)]]
        stops = [(int(n), 0.0) for n in (*sorted(numbers), done.changes) if n]
        stops += [(0, chance.uniform(0.1, whole)) for _ in range(moments)]
        halted = count = 0
        for number, (at, after) in enumerate(stops):
            study.reset()
            empty = bool(after) and number % 2 == 1
            ended = run(folder, command, empty=empty, at=at, after=after)
            halted += ended.status == STOPPED
            where = f"before {ended.stopped} ({at})" if at else f"after {after:.2f} s"
            for fault in study.faults(ended, last, unlike, empty=empty):
                count += 1
                yield f"{command.name}, {where}: {fault}"
        study.finish()
    if not halted:
        yield f"{command.name}: nothing stopped it"
        count += 1
    told = f"{halted} of {len(stops)} stopped, {done.changes} changes, {count} faults"
    other = f"; another each time: {sorted(unlike)}" if unlike else ""
    print(f"{command.name}: {told}{other}", flush=True)


def _without(found: Contents, names: set[str]) -> Contents:
    """The same, of some files no more than that they are there."""
    alike: Contents = {}
    for top, held in found.items():
        alike[top] = Counter()
        for (name, value), count in held.items():
            alike[top][name, "" if name in names else value] += count
    return alike


def _unlike(one: Contents, other: Contents) -> set[str]:
    """The files that two whole runs wrote otherwise."""
    here, there = ({each for held in found.values() for each in held} for found in (one, other))
    return {name for name, _ in here ^ there}


def _take_away(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    names = [each.name for each in all_commands()]
    parser.add_argument("--size", type=int, default=100)
    parser.add_argument("--changes", type=int, default=6)
    parser.add_argument("--moments", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", default=names)
    given = parser.parse_args()
    if sys.platform == "win32":
        sys.exit("Ctrl+C is sent another way on Windows")
    chance = np.random.default_rng(given.seed)
    told: list[str] = []
    with tempfile.TemporaryDirectory(prefix="reflect-stops-") as place:
        folder = Path(place)
        prepare(folder, given.size)
        for command in all_commands():
            asked = (given.changes, given.moments) if command.name in given.only else (0, 0)
            for fault in stop(folder, command, asked, chance):
                print(fault, file=sys.stderr, flush=True)
                told.append(fault)
    print(*told, f"{len(told)} faults", sep="\n")
    sys.exit(bool(told))


if __name__ == "__main__":
    main()
