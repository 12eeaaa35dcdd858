"""The shape of a codebook's YAML file, for pydantic, and its faults in the field's words.

Loaded only when a file is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from reflect_analysis.errors import did_you_mean

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
ScopeName = Literal["negated", "hypothetical", "others", "reported", "prompt"]
ScopeRule = Literal["exclude", "include", "require"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GroupEntry(_Strict):
    """A heading."""

    id: Id
    name: Text
    description: str = ""


class CounterExampleEntry(_Strict):
    """A near miss and why it is one."""

    text: Text
    why: Text


class SourceEntry(_Strict):
    """A reference."""

    cite: Text
    verified: bool = False


class CodeEntry(_Strict):
    """A code."""

    id: Id
    name: Text
    definition: Text
    group: Id
    parent: Id | None = None
    include: list[Text] = []
    exclude: list[Text] = []
    examples: list[Text] = []
    counter_examples: list[CounterExampleEntry] = []
    patterns: list[Text] = []
    scopes: dict[ScopeName, ScopeRule] = {}
    unit: Literal["sentence", "reflection"] = "sentence"
    human_only: bool = False
    source: list[SourceEntry] = []
    note: str = ""


class CodebookFile(_Strict):
    """The whole file."""

    title: Text = "Codebook"
    description: str = ""
    language: str = "en"
    licence: str = ""
    general_rules: list[Text] = []
    groups: list[GroupEntry]
    codes: list[CodeEntry]


# The entries that have keys, by the keys that lead to them.
_SHAPES: Mapping[tuple[str, ...], type[BaseModel]] = {
    (): CodebookFile,
    ("groups",): GroupEntry,
    ("codes",): CodeEntry,
    ("codes", "counter_examples"): CounterExampleEntry,
    ("codes", "source"): SourceEntry,
}
_TOLD = {
    "string_too_short": "is empty",
    "list_type": "expected a list",
    "dict_type": "expected keys with values",
    "model_type": "expected keys with values",
    "string_type": "expected text; put it in quotation marks",
    "string_pattern_mismatch": "expected a lower-case letter, then letters, digits, underscores",
}


def in_words(fault: Any, data: Any) -> str:
    """A fault as pydantic reports it, with the id of its code and what was expected."""
    location = tuple(key for key in fault["loc"] if key != "[key]")
    where, rest = _where(location, data)
    return ": ".join(filter(None, (where, _what(fault, location, rest))))


def _where(location: tuple[str | int, ...], data: Any) -> tuple[str, tuple[str | int, ...]]:
    """Which group or code a place lies in, by its id where it has one, and the way from there."""
    name, index = (*location, None, None)[:2]
    if name not in ("groups", "codes") or not isinstance(index, int):
        return "", location
    entry = data[name][index]
    entry_id = entry.get("id") if isinstance(entry, Mapping) else None
    return f"{name[:-1]} {entry_id!r}" if entry_id else f"{name[:-1]} {index + 1}", location[2:]


def _what(fault: Any, location: tuple[str | int, ...], rest: tuple[str | int, ...]) -> str:
    kind, key = fault["type"], location[-1] if location else ""
    place = ", ".join(f"item {key + 1}" if isinstance(key, int) else key for key in rest)
    if kind == "missing":
        return f"no {place}"
    if kind == "extra_forbidden":
        shape = _SHAPES[tuple(each for each in location[:-1] if isinstance(each, str))]
        told = f"unknown key {key!r}{did_you_mean(str(key), shape.model_fields)}"
        return f"{place.rpartition(', ')[0]}: {told}".removeprefix(": ")
    if kind == "literal_error":
        return f"{place}: {fault['input']!r}; expected {fault['ctx']['expected']}"
    if kind.startswith("bool"):
        return f"{place}: expected true or false"
    if fault["input"] is None and place:
        return f"{place} is empty"
    told = _TOLD.get(kind, fault["msg"])
    return f"{place} {told}" if kind == "string_too_short" else f"{place}: {told}".lstrip(": ")
