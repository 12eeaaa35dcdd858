"""The mapping of roles to columns that a caller gives for tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from reflect_analysis.errors import did_you_mean

Columns: TypeAlias = "Mapping[str, str | Sequence[str]]"

ROLES = ("id", "participant", "text", "kind", "language", "voice")
FORUM_ROLES = ("thread", "author", "parent", "time")


def checked_mapping(mapping: object) -> Columns:
    """A mapping of roles to columns; ``"text"`` alone may name several.

    Raises
    ------
    TypeError
        If it is no mapping, or names something else than columns.
    ValueError
        For an unknown role, and for several columns of a role that has one.

    Examples
    --------
    >>> checked_mapping({"text": ["Q3", "Q5"], "participant": "code"})["text"]
    ('Q3', 'Q5')
    """
    if mapping is None:
        return {}
    if not isinstance(mapping, Mapping):
        raise TypeError(f"mapping names columns by role, not {type(mapping).__name__}")
    roles = (*ROLES, *FORUM_ROLES)
    for role in mapping:
        if role not in roles:
            known, hint = ", ".join(roles), did_you_mean(str(role), roles)
            raise ValueError(f"mapping of {role!r}; expected some of {known}{hint}")
    return {role: _checked(role, columns) for role, columns in mapping.items()}


def _checked(role: str, columns: object) -> str | tuple[str, ...]:
    if isinstance(columns, str):
        return columns
    names = tuple(columns) if isinstance(columns, Iterable) else ()
    if not names or not all(isinstance(name, str) for name in names):
        raise TypeError(f"mapping[{role!r}] is the name of a column, or of several for 'text'")
    if role != "text":
        raise ValueError(
            f"mapping[{role!r}] names {len(names)} columns; only 'text' may be several"
        )
    if len(set(names)) < len(names):
        raise ValueError("mapping['text'] names a column twice")
    return names


def named(mapping: Columns, role: str) -> tuple[str, ...]:
    """The columns that a role was given, in their order."""
    columns = mapping.get(role, ())
    return (columns,) if isinstance(columns, str) else tuple(columns)


def unknown_columns(mapping: Columns, headers: Sequence[str]) -> Iterator[str]:
    """A fault for each column that the mapping names and no table has."""
    for role in mapping if headers else ():
        for column in named(mapping, role):
            if column not in headers:
                hint = did_you_mean(column, headers)
                yield f"no table has the column {column!r} that mapping names as {role!r}{hint}"
