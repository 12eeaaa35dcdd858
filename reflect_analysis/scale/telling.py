"""How far the work over partitions is, told now and then."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["HowFar", "Tell"]

Tell = Callable[[str], None]
EVERY = 5.0
_FAST = 10  # texts a second from which tenths tell nothing


class HowFar:
    """Counts what is done, and tells it every few seconds.

    Parameters
    ----------
    partitions : int
        What is to be done.
    tell : callable
    """

    def __init__(self, partitions: int, tell: Tell) -> None:
        self._all, self._tell = partitions, tell
        self._done = self._texts = 0
        self._begun = self._told = time.perf_counter()

    def add(self, texts: int) -> None:
        """A partition is done, of which so many texts were read."""
        self._done += 1
        self._texts += texts
        now = time.perf_counter()
        if now - self._told >= EVERY or self._done == self._all:
            self._told = now
            self._tell(self._how_far(now))

    def _how_far(self, now: float) -> str:
        seconds = max(now - self._begun, 1e-9)
        rate = self._texts / seconds
        # By partitions: how many of their rows will be left out is not known before.
        rest = seconds / self._done * (self._all - self._done)
        left = f", about {_duration(rest)} left" if rest else ""
        return (
            f"{self._done:,} of {self._all:,} partitions, {self._texts:,} texts, "
            f"{rate:,.{0 if rate >= _FAST else 1}f} a second{left}"
        )


def _duration(seconds: float) -> str:
    """Minutes, or hours and minutes.

    Examples
    --------
    >>> _duration(30), _duration(600), _duration(7500)
    ('1 min', '10 min', '2 h 05 min')
    """
    minutes = max(round(seconds / 60), 1)
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest:02} min" if hours else f"{rest} min"
