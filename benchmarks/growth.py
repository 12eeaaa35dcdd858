"""How time and memory of the main job grow with the number of reflections.

python benchmarks/growth.py [--sizes 100 1000 10000] [--without-topics] [--figure FOLDER]
python benchmarks/growth.py --sizes 100000          # an hour or so, a machine to itself
python benchmarks/growth.py --profile 10000         # where the time goes, by function

The main job is what `reflect-analysis report` does: read, check for identifiers, clear, cut into
sentences, code by the rules of the starter codebook, find topics, write the report; then once
more with what the cache keeps. Each size runs in a process of its own with an empty cache; its
seconds and its memory are those of all processes that it begins. `--keep FILE` adds the figures to
a file of figures, so that the largest size can be run apart; the drawing is made of all that the
file holds. `--folder FOLDER` leaves the texts and the cache of one size there, where `commands.py`
finds them.
"""

from __future__ import annotations

import argparse
import cProfile
import dataclasses
import json
import os
import pstats
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import _texts
from _measuring import Memory, Seconds, timed

SIZES = (100, 1_000, 10_000)
STEPS = ("read", "check and clear", "code", "topics", "report", "all of it again")
GIGA = 1e9
EVERY = 0.1  # seconds between two looks at the memory
SHOWN, SHOWN_BELOW = 0.02, 0.05  # shares of the whole


@dataclasses.dataclass(frozen=True, slots=True)
class Grown:
    """What one size took: seconds a step, and the most bytes that there had been at its end."""

    n: int
    topics: bool
    steps: dict[str, Seconds]
    peaks: dict[str, int]

    @property
    def peak(self) -> int:
        """The most bytes of the whole."""
        return max(self.peaks.values())

    @property
    def first(self) -> Seconds:
        """The whole of the first run."""
        parts = [spent for step, spent in self.steps.items() if step != STEPS[-1]]
        return Seconds(*map(sum, zip(*parts, strict=True)))


# ── in a process of its own ──


def main_job(source: Path, out: Path, *, topics: bool) -> Iterator[tuple[str, Seconds]]:
    """The main job by steps, as `reflect-analysis report` takes them, each as it is done."""
    import reflect_analysis as ra

    found: dict[str, Any] = {"topics": None, "alignment": None}
    codebook = ra.read_codebook(ra.demo_files().codebook)

    def read() -> None:
        found["corpus"] = ra.read_corpus(source)

    def clear() -> None:
        report = ra.check_anonymity(found["corpus"])
        reasons = {each.id: "composed" for each in report.direct}
        found["findings"] = report
        found["corpus"] = ra.mark_cleared(
            found["corpus"], report, by="benchmark", note="composed", reasons=reasons
        )

    def code() -> None:
        segments = ra.segment(found["corpus"], by="sentence")
        found["codings"] = ra.code_segments(ra.RuleCoder(codebook), segments, codebook)

    def group() -> None:
        fitted = ra.fit_topics(ra.segment(found["corpus"], by="document"), random_state=0)
        found["topics"] = fitted
        found["alignment"] = ra.align(fitted, codebook) if fitted.rows else None

    def write() -> None:
        ra.write_report(out, codebook=codebook, overwrite=True, **found)

    work = dict(zip(STEPS, (read, clear, code, group, write), strict=False))
    if not topics:
        del work["topics"]
    for step, each in work.items():
        yield step, timed(each)


def one(source: Path, out: Path, *, topics: bool) -> None:
    """Run the main job once and print what it took."""
    steps, peaks = {}, {}
    with Memory(EVERY) as memory:
        for step, spent in main_job(source, out, topics=topics):
            steps[step], peaks[step] = spent, memory.whole
            print(f"  {step}: {spent}, {peaks[step] / GIGA:.2f} GB", file=sys.stderr, flush=True)
    print(json.dumps({"steps": steps, "peaks": peaks}))


# ── sizes ──


@contextmanager
def prepared(n: int, stays: Path | None = None) -> Iterator[tuple[Path, dict[str, str]]]:
    """A folder with the texts of a size, and an environment with an empty cache."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name) if stays is None else stays.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / "cache").exists():
            sys.exit(f"{folder / 'cache'} is there: a first run begins with an empty cache")
        _texts.write_csv(folder / "texts.csv", n)
        environment = {**os.environ, "REFLECT_CACHE": str(folder / "cache")}
        # The modules are compiled at first, as they are wherever the package is installed.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        environment["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
        yield folder, environment


def grown(n: int, *, topics: bool, stays: Path | None = None) -> Grown:
    """Measure one size, in a first run and in a second one that finds the cache filled."""
    with prepared(n, stays) as (folder, environment):
        command = [sys.executable, __file__, "--one", str(folder)]
        command += [] if topics else ["--without-topics"]

        def run() -> dict[str, Any]:
            # Its standard output ends with what it measured.
            done = subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE)
            told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
            return told

        first, second = run(), run()
    steps = {step: Seconds(*spent) for step, spent in first["steps"].items()}
    again = [Seconds(*spent) for spent in second["steps"].values()]
    steps[STEPS[-1]] = Seconds(*map(sum, zip(*again, strict=True)))
    again_peak = {STEPS[-1]: max(second["peaks"].values())}
    return Grown(n, topics, steps, first["peaks"] | again_peak)


def table(sizes: list[Grown]) -> str:
    """Sizes down, steps across, in seconds of the clock with those of the processor.

    Below the seconds stand the gigabytes that its processes had had together by then.
    """
    head = ["reflections", *STEPS, "first run", "ms a reflection", "peak, GB"]
    lines = [head, ["--:"] * len(head)]
    for each in sizes:
        steps = [_seconds(each.steps[step]) if step in each.steps else "–" for step in STEPS]
        rate = f"{1000 * each.first.processor / each.n:.1f}"
        peak = f"{each.peak / GIGA:.2f}"
        lines.append([f"{each.n:,}", *steps, _seconds(each.first), rate, peak])
        peaks = [
            f"{each.peaks[step] / GIGA:.2f} GB" if step in each.peaks else "–" for step in STEPS
        ]
        lines.append(["", *peaks, "", "", ""])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _seconds(spent: Seconds) -> str:
    return f"{spent.clock:,.1f} ({spent.processor:,.1f})"


# ── what was measured before ──


def kept(path: Path | None) -> list[Grown]:
    """The figures of a file; none where there is no file."""
    if path is None or not path.is_file():
        return []
    rows = json.loads(path.read_text(encoding="utf-8"))
    for row in rows:
        row["steps"] = {step: Seconds(*spent) for step, spent in row["steps"].items()}
    return [Grown(**row) for row in rows]


def joined(old: list[Grown], new: list[Grown]) -> list[Grown]:
    """The newest figure of each size, in order."""
    by_size = {(each.topics, each.n): each for each in (*old, *new)}
    return [by_size[key] for key in sorted(by_size)]


def keep(path: Path, sizes: list[Grown]) -> None:
    """Write figures to a file."""
    rows = [dataclasses.asdict(each) for each in sizes]
    path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8", newline="\n")


# ── where the time goes ──


def profile(n: int, *, topics: bool) -> None:
    """Print the functions that matter: a fiftieth in themselves, or ours with a twentieth below."""
    with prepared(n) as (folder, environment):
        os.environ["REFLECT_CACHE"] = environment["REFLECT_CACHE"]
        profiler = cProfile.Profile()
        profiler.enable()
        for step, spent in main_job(folder / "texts.csv", folder / "report", topics=topics):
            print(f"{step}: {spent}", flush=True)
        profiler.disable()
    stats = pstats.Stats(profiler)
    whole = stats.total_tt  # type: ignore[attr-defined]  # missing in the stubs
    print(f"of {whole:.0f} s; in a function itself, and with what it calls")
    rows = stats.stats.items()  # type: ignore[attr-defined]  # the same
    for (file, line, name), (_, calls, own, below, _) in sorted(rows, key=lambda r: -r[1][3]):
        ours = "reflect_analysis" in file and below >= SHOWN_BELOW * whole
        if ours or own >= SHOWN * whole:
            place = "/".join(Path(file).parts[-3:])
            print(f"{own / whole:6.1%} {below / whole:7.1%} {calls:>10,}  {place}:{line} {name}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="N")
    parser.add_argument("--without-topics", action="store_true")
    parser.add_argument("--keep", type=Path, metavar="FILE.json", help="figures, old and new")
    parser.add_argument("--figure", type=Path, metavar="FOLDER", help="draw growth.svg and .png")
    parser.add_argument("--folder", type=Path, help="leave the texts and cache of one size there")
    parser.add_argument("--profile", type=int, metavar="N", help="instead: where the time goes")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    topics = not given.without_topics
    if given.one:
        one(given.one / "texts.csv", given.one / "report", topics=topics)
        return
    if given.profile:
        profile(given.profile, topics=topics)
        return
    if given.folder and len(given.sizes) > 1:
        parser.error("--folder holds one size: name it with --sizes")
    sizes = kept(given.keep)
    for n in given.sizes:
        print(f"{n:,} reflections", file=sys.stderr, flush=True)
        sizes = joined(sizes, [grown(n, topics=topics, stays=given.folder)])
        if given.keep:
            keep(given.keep, sizes)
    print(table(sizes))
    if given.figure:
        from _growth_figure import growth_figure

        given.figure.mkdir(parents=True, exist_ok=True)
        growth_figure(sizes).save(given.figure)


if __name__ == "__main__":
    main()
