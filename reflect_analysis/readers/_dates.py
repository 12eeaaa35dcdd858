"""Dates as they were written: never converted, and never two styles under one name.

``04/08/2025`` is April or August, so a date stays the word that stands in the cell. A column
in which most dates are written one way and some another would sort and group wrongly: the
others are left out and listed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

REASON = "a date in another style than the rest of its column (write it as 2025-04-08)"

_MONTH = r"[^\W\d_]{3,9}\.?"
_CLOCK = r"(?:,?[T ]+\d{1,2}:\d{2}.*)?"
_STYLES = {
    "2025-04-08": re.compile(rf"\d{{4}}-\d{{1,2}}-\d{{1,2}}{_CLOCK}"),
    "2025/04/08": re.compile(rf"\d{{4}}/\d{{1,2}}/\d{{1,2}}{_CLOCK}"),
    "04/08/2025": re.compile(rf"\d{{1,2}}/\d{{1,2}}/(?:\d{{4}}|\d{{2}}){_CLOCK}"),
    "04-08-2025": re.compile(rf"\d{{1,2}}-\d{{1,2}}-(?:\d{{4}}|\d{{2}}){_CLOCK}"),
    "08.04.2025": re.compile(rf"\d{{1,2}}\.\d{{1,2}}\.(?:\d{{4}}|\d{{2}}){_CLOCK}"),
    "April 8, 2025": re.compile(rf"{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}{_CLOCK}"),
    "8 April 2025": re.compile(rf"\d{{1,2}}(?:st|nd|rd|th|er)? {_MONTH},? \d{{4}}{_CLOCK}"),
    "8-Apr-25": re.compile(rf"\d{{1,2}}-{_MONTH}-(?:\d{{4}}|\d{{2}}){_CLOCK}"),
    "45755": re.compile(r"[3-5]\d{4}(?:\.\d+)?"),  # days since 1900, as Excel counts
}


_LONGEST = 60


def style_of(cell: str) -> str:
    """How a date is written, by an example of the style; ``""`` for what is no date.

    Examples
    --------
    >>> style_of("2025-04-08T10:00:00"), style_of("April 8, 2025"), style_of("spring")
    ('2025-04-08', 'April 8, 2025', '')
    """
    word = cell.strip()
    if len(word) > _LONGEST:
        return ""
    return next((style for style, pattern in _STYLES.items() if pattern.fullmatch(word)), "")


def odd_dates(cells: Sequence[str]) -> frozenset[int]:
    """Which cells of a column of dates are dates in another style than most of them.

    Examples
    --------
    >>> sorted(odd_dates(["2025-04-08", "2025-04-09", "9 April 2025", "", "spring"]))
    [2]
    >>> odd_dates(["45755", "12345"])
    frozenset()
    """
    styles = [style_of(cell) for cell in cells]
    filled = sum(bool(cell.strip()) for cell in cells)
    usual = usual_style(Counter(style for style in styles if style), filled)
    return frozenset(n for n, style in enumerate(styles) if usual and style and style != usual)


def usual_style(counts: Mapping[str, int], filled: int) -> str:
    """The style of most dates of a column where some stand in another; else ``""``.

    Parameters
    ----------
    counts : mapping of str to int
        Cells by style, the style that came first before the others.
    filled : int
        Cells that hold anything.

    Examples
    --------
    >>> usual_style({"2025-04-08": 2, "8 April 2025": 1}, 4), usual_style({"2025-04-08": 2}, 2)
    ('2025-04-08', '')
    """
    if 2 * sum(counts.values()) < filled or len(counts) < 2:  # noqa: PLR2004  # one style is none too many
        return ""
    usual = max(counts, key=counts.__getitem__)
    return "" if usual == "45755" else usual  # numbers of five digits; nothing says "dates"
