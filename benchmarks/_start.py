"""How soon the command answers that is asked for its help."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from _measuring import Row, by_turns

HELP = (sys.executable, "-c", "from reflect_analysis.cli import main; main()", "--help")
PANDAS = (sys.executable, "-c", "import pandas")


def rows(*, quick: bool) -> Iterator[Row]:
    """The help in a new process, beside one that only imports pandas."""

    def run(command: tuple[str, ...]) -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    for command in (HELP, PANDAS):
        run(command)  # compiles what is compiled at its first use
    ours, theirs = by_turns(lambda: run(HELP), lambda: run(PANDAS), 5 if quick else 15)
    yield Row("`reflect-analysis --help`", ours, "import pandas", theirs, "at most 0.5 s")
