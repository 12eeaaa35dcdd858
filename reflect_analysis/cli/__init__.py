"""The command ``reflect-analysis``: parse, one or two library calls, print.

Exit 0: done; 1: the material is at fault, with a message on standard error; 2: wrong usage; 130:
stopped by Ctrl+C, or as a closed terminal or a cluster's limit stops it, with a line that says how
to go on.
Progress goes to standard error, ``--json`` puts one object on standard output.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperGroup

from reflect_analysis.cli._shared import tell
from reflect_analysis.cli.agreement import agreement
from reflect_analysis.cli.cache import cache
from reflect_analysis.cli.check import check
from reflect_analysis.cli.code import code
from reflect_analysis.cli.history import log, redo, undo
from reflect_analysis.cli.keeping import backup, export, merge, restore, withdraw
from reflect_analysis.cli.panel import panel
from reflect_analysis.cli.project import import_, init
from reflect_analysis.cli.quotes import quotes
from reflect_analysis.cli.report import demo, report
from reflect_analysis.cli.scale import scale
from reflect_analysis.cli.status import status
from reflect_analysis.cli.team import add_coder, assign, begin_phase, end_phase
from reflect_analysis.cli.themes import themes
from reflect_analysis.cli.topics import topics
from reflect_analysis.cli.trace import trace
from reflect_analysis.errors import ReflectAnalysisError

__all__ = ["app", "main"]

# What a shell gives for a program that Ctrl+C ended.
INTERRUPTED = 130
# How a program is told to end by others than its keyboard; Windows has not all of them.
_STOPS = ("SIGTERM", "SIGHUP")
_TIDYING = 5.0  # seconds in which it is not heard again: a closed terminal says it twice
# What does another thing when it is said a second time.
_ACTS = frozenset({"redo", "undo"})
_AGAIN = (
    "stopped before the end; run the same command again: it goes on where it stood or begins anew, "
    "and what it says is there already is whole"
)
_NOT_TWICE = (
    "stopped before the end; see `reflect-analysis log` first: if it is done there, the same "
    "command would go a step further"
)


class _Commands(TyperGroup):
    """The commands, each of which may be stopped."""

    def invoke(self, ctx: Any) -> Any:
        """Do what was asked for; typer by itself ends at Ctrl+C without a word."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            tell(_NOT_TWICE if ctx.invoked_subcommand in _ACTS else _AGAIN)
            raise typer.Exit(INTERRUPTED) from None


app = typer.Typer(
    name="reflect-analysis",
    cls=_Commands,
    help="Code educators' reflections by a codebook and report them without exposing anybody.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (
    *(report, demo, check, code, agreement, topics),
    *(themes, quotes, trace, scale, cache),
    *(init, import_, status, add_coder, begin_phase, assign, end_phase, panel),
    *(log, undo, redo, merge, export, backup, restore, withdraw),
):
    app.command(command.__name__.strip("_").replace("_", "-"))(command)


@contextmanager
def _hearing_stops() -> Iterator[None]:
    """Whoever ends this process stops it as Ctrl+C does: else nothing is tidied up.

    What somebody else handles, or ``nohup`` passes over, stays so.
    """
    known = (getattr(signal, name, None) for name in _STOPS)
    is_main = threading.current_thread() is threading.main_thread()
    heard = [n for n in known if is_main and n and signal.getsignal(n) is signal.SIG_DFL]
    for number in heard:
        signal.signal(number, _stop)
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, signal.SIG_DFL)


def _stop(*_: object) -> None:
    """Stop as Ctrl+C does; whoever says it again after some seconds ends a clean-up that hangs."""
    until = time.monotonic() + _TIDYING

    def again(number: int, _: object) -> None:
        if time.monotonic() >= until:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

    for number in filter(None, (getattr(signal, name, None) for name in _STOPS)):
        if signal.getsignal(number) is _stop:
            signal.signal(number, again)
    raise KeyboardInterrupt


@_hearing_stops()
def main() -> None:
    """Run the command; a fault of the material is a message and exit 1, not a traceback."""
    for stream in (sys.stdout, sys.stderr):
        # A cp1252 console lacks characters that file names and ids may hold.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        app()
    except ReflectAnalysisError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        # What no module has named better: a file or folder that may not be opened or written.
        print(
            ": ".join(filter(None, (error.filename, error.strerror or str(error)))), file=sys.stderr
        )
        sys.exit(1)
