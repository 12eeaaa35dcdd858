"""How far the work over partitions is, told now and then."""

from __future__ import annotations

import time
from collections.abc import Callable

from reflect_analysis.errors import counted

__all__ = ["HowFar", "Tell", "duration", "many"]

Tell = Callable[[str], None]
EVERY = 5.0
_FAST = 10  # texts a second from which tenths tell nothing


def many(number: int, noun: str, verb: str = "") -> str:
    """`errors.counted` for numbers of thousands.

    Examples
    --------
    >>> many(1, "text", "are"), many(1200, "partition")
    ('1 text is', '1,200 partitions')
    """
    return counted(number, noun, verb).replace(str(number), f"{number:,}", 1)


class HowFar:
    """Counts what is done, and tells it every few seconds.

    What is left is reckoned without the first partition of each worker: models are loaded in it.

    Parameters
    ----------
    partitions : int
        What is to be done.
    tell : callable
    """

    def __init__(self, partitions: int, tell: Tell) -> None:
        self._all, self.tell = partitions, tell
        self._done = self._texts = 0
        self.begin(1)

    def begin(self, at_once: int) -> None:
        """So many partitions are begun now; nothing before this counts as work."""
        self._first = at_once
        self._begun = self._told = self._warm = time.perf_counter()

    def add(self, texts: int) -> None:
        """A partition is done, of which so many texts were read."""
        self._done += 1
        self._texts += texts
        now = time.perf_counter()
        if self._done <= self._first:
            self._warm = now
        if now - self._told >= EVERY or self._done == self._all:
            self._told = now
            self.tell(self._how_far(now))

    def _how_far(self, now: float) -> str:
        rate = self._texts / max(now - self._begun, 1e-9)
        return (
            f"{self._done:,} of {many(self._all, 'partition')}, {many(self._texts, 'text')}, "
            f"{rate:,.{0 if rate >= _FAST else 1}f} a second{self._left(now)}"
        )

    def _left(self, now: float) -> str:
        """By partitions: how many of their rows will be left out is not known before."""
        since, rest = self._done - self._first, self._all - self._done
        if since < self._first or not rest:  # a second one of each: they may come all together
            return ""
        return f", about {duration((now - self._warm) / since * rest)} left"


def duration(seconds: float) -> str:
    """Minutes, or hours and minutes.

    Examples
    --------
    >>> duration(30), duration(600), duration(7500)
    ('1 min', '10 min', '2 h 05 min')
    """
    minutes = max(round(seconds / 60), 1)
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest:02} min" if hours else f"{rest} min"
