"""What rules found, told in a line: pattern, offsets, and what blocked what was passed over.

A codebook's patterns run over several lines; a line of evidence shows enough of one to know it
again, and its number in the code, by which the codebook's faults name it too. It never holds a
participant's words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from reflect_analysis.coders.judging import Find

__all__ = ["evidence", "shortened", "told_finds"]

# Pieces of evidence that are printed for one coding.
SHOWN = 4
# Code points of a pattern that are printed.
WIDTH = 48
# A group of alternatives that holds no other group, and so many code points of its inside.
_GROUP = re.compile(r"\(([^()|]+)\|[^()]{12,}\)")


def evidence(finds: Sequence[Find], patterns: Sequence[str]) -> str:
    """What counts, then what was passed over, in one line.

    Parameters
    ----------
    finds : sequence of Find
    patterns : sequence of str
        Of the code, as the codebook has them.

    Examples
    --------
    >>> long = "(fed|worn|tired|played|burnt|burned|used) (out|up|down) (by|with|from) (work|job)"
    >>> evidence([Find(long, ((3, 17),), None, "negated by 0–2")], ["drain", long])
    "passed over: '(fed|…) (out|up|down) (by|with|from) (work|job)' (pattern 2) at 3–17 \
(negated by 0–2)"
    """
    kept, passed = told_finds(finds, patterns)
    parts = ["; ".join(kept)] if kept else []
    if passed:
        parts.append(f"passed over: {'; '.join(passed)}")
    return "; ".join(parts)


def told_finds(finds: Sequence[Find], patterns: Sequence[str]) -> tuple[list[str], list[str]]:
    """(what counts, what was passed over), each with pattern and offsets, the first few."""
    kept = [_told(find, patterns) for find in finds if not find.blocked]
    passed = [f"{_told(f, patterns)} ({f.blocked})" for f in finds if f.blocked]
    return _first(kept), _first(passed)


@lru_cache(maxsize=4096)
def shortened(pattern: str) -> str:
    """A pattern as it is printed: whole where it is short, else with … for what is left out.

    Examples
    --------
    >>> shortened("worn out | done in")
    'worn out | done in'
    >>> shortened("(realise|realize|realisation|realization|dawn) ...10 (I|my|me|own|was|had|been)")
    '(realise|…) ...10 (I|…)'
    """
    plain = " ".join(pattern.split())
    if len(plain) <= WIDTH:
        return plain
    inside = _GROUP.sub(lambda found: f"({found[1].strip()}|…)", plain)
    if len(inside) <= WIDTH:
        return inside
    start = inside[: WIDTH - 1]
    # A word or an alternative is shown whole, or not at all.
    end = max(start.rfind(" "), start.rfind("|") + 1)
    return f"{start[:end] or start}…"


def _told(find: Find, patterns: Sequence[str]) -> str:
    short = shortened(find.pattern)
    cut = short != find.pattern and find.pattern in patterns
    number = f" (pattern {patterns.index(find.pattern) + 1})" if cut else ""
    return f"{short!r}{number} at {_places(find)}"


def _places(find: Find) -> str:
    return " and ".join(f"{start}–{end}" for start, end in find.pieces)


def _first(items: list[str]) -> list[str]:
    more = len(items) - SHOWN
    return [*items[:SHOWN], f"{more} more"] if more > 0 else items
