"""What every benchmark gives in the same way: times, and a row of ours beside a rival's.

A rival is what a user would otherwise run. The two are run by turns, so that a machine whose
speed wavers wavers for both, and a ratio is made of each turn. Beside the time on the clock
stands that of the processor, which others who use the machine change less.
"""

from __future__ import annotations

import os
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

__all__ = [
    "Memory",
    "Row",
    "Seconds",
    "added",
    "by_turns",
    "markdown",
    "peak_of_children",
    "timed",
]

_FEW = 1e-9  # seconds; nothing takes less, and nothing is divided by zero
_HEAD = ("what", "ours", "beside", "it takes", "times as fast", "by the processor", "asked")
Work = Callable[[], object]


class Seconds(NamedTuple):
    """On the clock and of the processor, that of other processes that were waited for included."""

    clock: float
    processor: float

    def __str__(self) -> str:
        return f"{self.clock:.2f} s (processor {self.processor:.2f} s)"

    def __truediv__(self, number: float) -> Seconds:
        return Seconds(self.clock / number, self.processor / number)


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured, in seconds.

    Parameters
    ----------
    what : str
    ours : tuple of Seconds
        One a turn.
    rival : str
        What a user would otherwise run; empty where there is nothing.
    theirs : tuple of Seconds
        One a turn, as many as ours; or none.
    asked : str
        The figure to reach, in words.
    """

    what: str
    ours: tuple[Seconds, ...]
    rival: str = ""
    theirs: tuple[Seconds, ...] = ()
    asked: str = ""

    def ratios(self, by: str = "clock") -> list[float]:
        """How many times as fast as the rival, a turn; by ``clock`` or ``processor``."""
        pairs = zip(self.ours, self.theirs, strict=bool(self.theirs))
        return [max(getattr(b, by), _FEW) / max(getattr(a, by), _FEW) for a, b in pairs]

    def ratio(self, by: str = "clock") -> float:
        """The median of the turns; nan without a rival."""
        return statistics.median(self.ratios(by) or [float("nan")])

    def spread(self, by: str = "clock") -> tuple[float, float]:
        """The least and the most of the turns."""
        found = self.ratios(by) or [float("nan")]
        return min(found), max(found)

    def __str__(self) -> str:
        """A line for a terminal."""
        if not self.theirs:
            return f"{self.what}: {_times(self.ours)}; asked: {self.asked or 'nothing'}"
        fast, processor = (_told(self, by) for by in ("clock", "processor"))
        return (
            f"{self.what}: {_times(self.ours)}, {self.rival} {_times(self.theirs)}: {fast} as fast "
            f"(by the processor {processor}); asked: {self.asked or 'nothing'}"
        )

    def cells(self) -> tuple[str, ...]:
        """The row of a table."""
        told = [_told(self, by) if self.theirs else "–" for by in ("clock", "processor")]
        return (
            self.what,
            _times(self.ours),
            self.rival or "nothing alike",
            _times(self.theirs) if self.theirs else "–",
            *told,
            self.asked or "–",
        )


def timed(work: Work) -> Seconds:
    """How long some work takes."""
    clock, processor = time.perf_counter(), _processor()
    work()
    return Seconds(time.perf_counter() - clock, _processor() - processor)


def _processor() -> float:
    """Seconds of the processor, here and in processes that were waited for."""
    return time.process_time() + sum(os.times()[2:4])


def added(times: Iterable[Seconds]) -> Seconds:
    """Several parts as one."""
    clocks, processors = zip(*times, strict=True)
    return Seconds(sum(clocks), sum(processors))


def by_turns(ours: Work, theirs: Work, turns: int) -> tuple[tuple[Seconds, ...], ...]:
    """Both, timed by turns; who begins changes from turn to turn."""
    pairs = []
    for turn in range(turns):
        if turn % 2:
            second = timed(theirs)
            pairs.append((timed(ours), second))
        else:
            pairs.append((timed(ours), timed(theirs)))
    return tuple(zip(*pairs, strict=True))


def markdown(rows: Sequence[Row]) -> str:
    """Rows as a table; numbers stand to the right."""
    lines: list[tuple[str, ...]] = [_HEAD, ("---", "--:", "---", "--:", "--:", "--:", "---")]
    lines += [row.cells() for row in rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def peak_of_children() -> float | None:
    """Megabytes that the largest process had that was waited for; `None` where unknown."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return peak / 1024 / (1024 if sys.platform == "darwin" else 1)


class Memory:
    """The most memory of this process and of those that it began, asked every so often.

    In bytes: `each` of the others, all of these `together`, this one's `own`, and the `whole` of
    them at one moment. What processes of one program share counts once, where the system tells it
    (Linux): as much as the one has that has most of it.

    Parameters
    ----------
    every : float
        Seconds between two looks.
    """

    def __init__(self, every: float = 0.5) -> None:
        self.every = every
        self.each: dict[int, int] = {}
        self.together = self.own = self.whole = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        import psutil

        me = psutil.Process()
        while not self._stop.wait(self.every):
            mine, others = me.memory_info(), []
            for child in me.children(recursive=True):
                try:
                    name, used = child.name(), child.memory_info()
                except psutil.Error:
                    continue
                others.append((name, used))
                self.each[child.pid] = max(used.rss, self.each.get(child.pid, 0))
            self.own = max(self.own, mine.rss)
            self.together = max(self.together, _held(others))
            self.whole = max(self.whole, _held([(me.name(), mine), *others]))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def _held(processes: Iterable[tuple[str, Any]]) -> int:
    """What processes, each with its program's name, hold together, in bytes."""
    programs: dict[str, list[Any]] = {}
    for name, used in processes:
        programs.setdefault(name, []).append(used)
    return sum(map(_of_program, programs.values()))


def _of_program(processes: Sequence[Any]) -> int:
    shared = [int(getattr(each, "shared", 0)) for each in processes]
    return sum(int(each.rss) for each in processes) - sum(shared) + max(shared)


def _times(times: Sequence[Seconds]) -> str:
    """Median of the turns on the clock, and the least and the most of several."""
    clocks = sorted(each.clock for each in times)
    middle = _duration(statistics.median(clocks))
    if len(set(clocks)) == 1:  # timed once, whatever it stands beside
        return middle
    return f"{middle} ({_duration(clocks[0])}–{_duration(clocks[-1])})"


def _duration(seconds: float) -> str:
    if seconds < 1:
        return f"{_digits(1000 * seconds)} ms"
    return f"{_digits(seconds)} s"


def _told(row: Row, by: str) -> str:
    """The median ratio, and the least and the most of several turns."""
    low, high = row.spread(by)
    middle = f"{_digits(row.ratio(by))} ×"
    return middle if len(row.ours) == 1 else f"{middle} ({_digits(low)}–{_digits(high)})"


def _digits(number: float) -> str:
    """Two digits that mean something, and no more than whole numbers above."""
    if number >= 10:  # noqa: PLR2004  # from here on a whole number has two digits
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 1 else f"{number:.2g}"
