"""Texts that were garbled, made short enough to be searched: runs of blanks, signs and letters.

A broken export holds twenty thousand blanks in a row, or a picture's bytes as letters, and an
expression that looks for a name between blanks looks at each of them again and again. No
identifier is so long: of such a run the beginning and the end are kept, and what is found is
told in the places of the whole text. Ordinary texts stay as they are.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

__all__ = ["Squeezed", "squeezed"]

_KEPT = 8
_KEPT_OF_A_WORD = 60
_RUN = re.compile(r"\s{17,}|([^\w\s])\1{16,}|\w{121,}|[^\w\s]{121,}")


@dataclass(frozen=True, slots=True)
class Squeezed:
    """A text without the middle of its long runs, and where each place of it stood.

    Parameters
    ----------
    text : str
    starts, gaps : tuple of int
        From which code point of `text` on how many code points of the whole are missing.
    """

    text: str
    starts: tuple[int, ...] = ()
    gaps: tuple[int, ...] = ()

    def place(self, here: int) -> int:
        """Where a code point stands in the whole text."""
        number = bisect_right(self.starts, here) - 1
        return here + (self.gaps[number] if number >= 0 else 0)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a half-open span stands in the whole text."""
        return (self.place(start), self.place(end - 1) + 1) if end > start else (start, end)


def squeezed(text: str) -> Squeezed:
    """A text whose long runs of blanks, of one sign or of letters are cut in the middle.

    Examples
    --------
    >>> short = squeezed("Ann" + " " * 1000 + "Lee")
    >>> len(short.text), short.place(short.text.index("Lee"))
    (22, 1003)
    """
    parts: list[str] = []
    starts: list[int] = []
    gaps: list[int] = []
    here = missing = length = 0
    for match in _RUN.finditer(text):
        kept = _KEPT_OF_A_WORD if match[0][0].isalnum() or match[0][0] == "_" else _KEPT
        left, right = match.start() + kept, match.end() - kept
        parts.append(text[here:left])
        length += left - here
        missing += right - left
        starts.append(length)
        gaps.append(missing)
        here = right
    if not parts:
        return Squeezed(text)
    return Squeezed("".join([*parts, text[here:]]), tuple(starts), tuple(gaps))
