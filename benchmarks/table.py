"""The figures of all benchmarks as one table, each beside what a user would otherwise run.

python benchmarks/table.py --quick                 some minutes on two cores
python benchmarks/table.py                         the sizes that were asked for, an hour or so
python benchmarks/table.py --only rules topics
python benchmarks/table.py --write README.md       puts it between the marks that stand there

A ratio says how many times as fast ours is as what stands beside it, on the clock and by the
processor: below 1 ours is slower. The two run by turns in one run, who begins changing from turn
to turn; the median of the turns is told, with the least and the most. A figure without brackets
was measured once; the row says so where that is what stands beside ours. Where others use the
machine, the processor's figure is the one to read, and for what waits for a disk the clock's. A
benchmark whose package or browser is not there is left out, and the line below the table names it.

A file that is named by --write and has the marks keeps what stands around them; a file that is
not there is made; any other is left alone.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import _measuring
from _measuring import Row

__all__ = ["below", "collected", "main", "write"]

BEGIN, END = "<!-- bench: python benchmarks/table.py -->", "<!-- /bench -->"
# What is measured, by the module that gives its rows.
PARTS = {
    "start": "_start",
    "rules": "_rule_speed",
    "agreement": "agreement",
    "topics": "topics",
    "refi": "exchange",
    "project": "project",
    "panel": "panel",
}
VERSIONS = ("reflect-analysis", "spacy", "torch", "bertopic", "lxml", "sqlalchemy")


def collected(parts: Sequence[str], *, quick: bool) -> tuple[list[Row], list[str]]:
    """The rows of some parts, each told on standard error when it is there; and what was left out.

    An hour's figures are not lost because the last part lacks a package.
    """
    rows: list[Row] = []
    left_out = []
    for part in parts:
        tell(f"{part} …")
        try:
            for row in importlib.import_module(PARTS[part]).rows(quick=quick):
                tell(f"  {row}")
                rows.append(row)
        except Exception as error:  # noqa: BLE001  # see above
            left_out.append(f"{part} ({type(error).__name__}: {error})")
            tell(f"left out {left_out[-1]}")
    return rows, left_out


@contextmanager
def empty_cache() -> Iterator[None]:
    """Nothing is found in the user's cache, and nothing is put there."""
    before = os.environ.get("REFLECT_CACHE")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ["REFLECT_CACHE"] = folder
        try:
            yield
        finally:
            del os.environ["REFLECT_CACHE"]
            os.environ.update({"REFLECT_CACHE": before} if before else {})


def tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def below(left_out: Sequence[str], *, quick: bool, now: datetime) -> str:
    """Date, machine, versions and what is missing, in one paragraph."""
    load = (
        f", load average {os.getloadavg()[0]:.1f} at the end" if hasattr(os, "getloadavg") else ""
    )
    packages = ", ".join(f"{name} {version(name)}" for name in VERSIONS)
    sizes = "Small sizes (`--quick`)" if quick else "Full sizes"
    missing = f" Left out: {'; '.join(left_out)}." if left_out else ""
    return (
        f"{sizes}, {now:%d %B %Y}: {os.cpu_count()} cores ({platform.machine()}, "
        f"{platform.system()}){load}; Python {platform.python_version()}, {packages}. "
        "Median of the turns, least and most in brackets; what has none was timed once. × is how "
        "many times as fast ours is."
        f"{missing}"
    )


def write(path: Path, text: str) -> None:
    """Put the table between the marks of a file, or into a new one.

    Raises
    ------
    SystemExit
        If a file is there that has no marks.
    """
    block = f"{BEGIN}\n{text.strip()}\n{END}"
    if not path.exists():
        path.write_text(block + "\n", encoding="utf-8", newline="\n")
        return
    old = path.read_text(encoding="utf-8")
    check_marks(path)
    before, after = old.partition(BEGIN)[0], old.partition(END)[2]
    path.write_text(f"{before}{block}{after}", encoding="utf-8", newline="\n")


def check_marks(path: Path) -> None:
    """Refuse a file into which the table cannot be put, before anything is measured."""
    if not path.parent.is_dir():
        raise SystemExit(f"{path}: there is no folder {path.parent}")
    if path.is_dir():
        raise SystemExit(f"{path} is a folder; name a file")
    if path.exists():
        text = path.read_text(encoding="utf-8")
        if not 0 <= text.find(BEGIN) < text.find(END):
            raise SystemExit(f"{path}: expected the lines {BEGIN} and {END}; nothing was written")


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small sizes, some minutes")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART",
                        help=f"some of {', '.join(PARTS)}")  # fmt: skip
    parser.add_argument("--write", type=Path, metavar="FILE.md", help="such as README.md")
    return parser


def main() -> None:
    given = arguments().parse_args()
    if given.write:
        check_marks(given.write)
    with empty_cache():
        rows, left_out = collected(given.only, quick=given.quick)
    if not rows:
        raise SystemExit("nothing could be measured")
    told = below(left_out, quick=given.quick, now=datetime.now(UTC))
    text = f"{_measuring.markdown(rows)}\n{told}\n"
    print(text)
    if given.write:
        write(given.write, text)
    sys.exit(1 if left_out else 0)


if __name__ == "__main__":
    main()
