"""A choice between copies, in words that hold ids, hashes and names of fields: never a text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from reflect_analysis.codebook import diff
from reflect_analysis.errors import did_you_mean
from reflect_analysis.project import rows as as_rows
from reflect_analysis.project.merging.comparing import Difference, Thing
from reflect_analysis.project.rows import Row, from_json

__all__ = ["chosen", "described", "version_of"]

_SHOWN = 12  # digits of a hash
_FEWEST = 6  # of which so many must be given
_SHOWN_CHANGES = 10


def version_of(difference: Difference, thing: Thing) -> str:
    """By which one side of a choice is named: a version, a text's hash, or a fingerprint."""
    if thing.table == "documents" and _texts_differ(difference):
        return str(thing.holding[-1]["text_hash"])
    return thing.state


def _texts_differ(difference: Difference) -> bool:
    """Whether every state has a text of its own."""
    states = {thing.state: thing.holding[-1] for _, thing in difference.sides}
    return len({row["text_hash"] for row in states.values()}) == len(states)


def chosen(difference: Difference, wanted: str) -> Thing | None:
    """The side that a person named by its version, or by the first digits of it."""
    found = {
        thing.state: thing
        for _, thing in difference.sides
        if _is_meant(version_of(difference, thing), wanted)
    }
    if wanted in (names := {version_of(difference, t): t for t in found.values()}):
        return names[wanted]
    return next(iter(found.values())) if len(found) == 1 else None


def _is_meant(version: str, wanted: str) -> bool:
    return version == wanted or (len(wanted) >= _FEWEST and version.startswith(wanted))


def described(difference: Difference, wanted: str | None) -> str:
    """What differs, who did it, and how to choose.

    Parameters
    ----------
    difference : Difference
    wanted : str, optional
        What was chosen, where that is none of the sides.
    """
    sides: dict[str, list[str]] = {}
    things: dict[str, Thing] = {}
    for name, thing in difference.sides:
        sides.setdefault(version_of(difference, thing), []).append(name)
        things.setdefault(version_of(difference, thing), thing)
    told = "; ".join(
        f"{_places(names)} {_short(version)}{_about(things[version])}"
        for version, names in sides.items()
    )
    ways = " or ".join(_typed(f"{difference.subject}={_short(version)}") for version in sides)
    parts = [f"{difference.subject} went on in {len(sides)} ways: {told}"]
    parts += _what([things[version] for version in sides])
    if wanted is not None:
        parts.append(f"{wanted!r} is none of these{did_you_mean(wanted, sides)}")
    parts.append(f"choose one, in the shell by --choose: {ways}")
    return ". ".join(part[0].upper() + part[1:] if n else part for n, part in enumerate(parts))


def _places(names: Sequence[str]) -> str:
    return " and ".join(name if name == "here" else f"in {name}" for name in names)


def _short(version: str) -> str:
    return version if "-" in version else version[:_SHOWN]


def _typed(choice: str) -> str:
    """As a shell takes it."""
    return f'"{choice}"' if " " in choice else choice


def _about(thing: Thing) -> str:
    row = thing.holding[-1]
    event = row["event_id"]
    size = f"{len(row['text'])} characters, " if "text" in row else ""
    return f" ({size}by {thing.log.by[event]} on {thing.log.at[event][:16].replace('T', ' ')} UTC)"


def _what(things: Sequence[Thing]) -> Iterator[str]:
    """In what the sides differ, from the first to each other one."""
    first, *others = things
    for other in others:
        parts = _parts(first.table, first.holding[-1], other.holding[-1])
        shown = "; ".join(parts[:_SHOWN_CHANGES])
        more = f" and {len(parts) - _SHOWN_CHANGES} more" if len(parts) > _SHOWN_CHANGES else ""
        yield f"from the first to the other: {shown}{more}"


def _parts(table: str, before: Row, after: Row) -> list[str]:
    if table == "codebooks":
        changes = diff(as_rows.codebook_of(before), as_rows.codebook_of(after))
        # Not the words: an example, or a name in vivo, is a participant's.
        told = (f"{row.code_id}: {row.kind}" if row.code_id else row.kind for row in changes)
        return list(dict.fromkeys(told))
    if table in ("phases", "coders"):
        return [name for name in ("kind", "blind", "role") if before.get(name) != after.get(name)]
    parts = []
    if before.get("text_hash") != after.get("text_hash"):
        parts.append("the text")
    if before.get("case_id") != after.get("case_id"):
        parts.append("the participant")
    return [*parts, *_fields(from_json(before["about"]), from_json(after["about"]))]


def _fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[str]:
    """The names of what differs."""
    for name in dict.fromkeys((*before, *after)):
        was, now = before.get(name), after.get(name)
        if was == now:
            continue
        if isinstance(was, Mapping) and isinstance(now, Mapping):
            inner = [n for n in dict.fromkeys((*was, *now)) if was.get(n) != now.get(n)]
            yield f"{name}: {', '.join(map(str, inner))}"
        else:
            yield name
