"""What a foreign file does not say, and what stands for it: no guess that looks like a fact."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from reflect_analysis.codings import Coding

__all__ = ["NOBODY_READ", "UNKNOWN_TIME", "told_undated"]

NOBODY_READ = (
    "the file does not say who read what: until it is said, nobody has read anything; "
    "assume_seen=True takes every coder to have read each document they coded in"
)
# Stands where a file does not say when something was made: the date of the file itself would be
# a guess, and another one for each copy of it.
UNKNOWN_TIME = datetime(1970, 1, 1, tzinfo=UTC)


def told_undated(codings: Iterable[Coding], undated: datetime) -> list[str]:
    """That some codings have no time in the file, and what stands for it.

    Parameters
    ----------
    codings : iterable of Coding
    undated : datetime
        What they were given.
    """
    number = sum(row.at == undated for row in codings)
    if not number:
        return []
    known = "the project's own date" if undated > UNKNOWN_TIME else "1970-01-01, for not known,"
    return [f"the file does not say when {number} of its codings were made: {known} stands there"]
