"""Rows of a query as plain mappings, a few thousand in memory at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from reflect_analysis.project.rows import Row

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["fetched"]

_AT_ONCE = 5_000


def fetched(
    connection: Connection, asked: Any, keep: tuple[str, Callable[[str], bool]] | None = None
) -> Iterator[Row]:
    """The rows of a query.

    Parameters
    ----------
    connection : Connection
    asked : select
    keep : (str, callable), optional
        A column, and which of its values are wanted: cheaper than to make a mapping of each row.
    """
    found = connection.execute(asked)
    names = tuple(found.keys())
    place = names.index(keep[0]) if keep else 0
    for part in found.partitions(_AT_ONCE):
        wanted = (row for row in part if keep[1](row[place])) if keep else part
        yield from (dict(zip(names, row, strict=True)) for row in wanted)
