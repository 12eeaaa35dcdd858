"""The shape of a codebook's file, for pydantic, and its faults in the field's words.

Loaded only when a file is read. Whatever the kind of the file, it becomes nested values of this
shape first, so that a fault reads the same in YAML, CSV and Excel.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from reflect_analysis.codebook.rows import Action, CodeStatus, CodeUnit
from reflect_analysis.errors import did_you_mean

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Words = Annotated[str, StringConstraints(strip_whitespace=True)]
ScopeName = Literal["negated", "hypothetical", "others", "reported", "prompt"]
ScopeRule = Literal["exclude", "include", "require"]


def _moment(value: object) -> object:
    """A time as text, or as YAML and Excel understood it, in UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise PydanticCustomError(
                "moment", "expected a time such as 2025-04-08T14:30"
            ) from None
    if isinstance(value, datetime):
        # From Python's own parts: ruamel's subclass of datetime is not the same value.
        own = datetime(*value.timetuple()[:6], value.microsecond, tzinfo=value.tzinfo or UTC)
        return own.astimezone(UTC)
    return value


Moment = Annotated[datetime, BeforeValidator(_moment)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GroupEntry(_Strict):
    """A heading."""

    id: Id
    name: Text
    description: Words = ""


class CounterExampleEntry(_Strict):
    """A near miss and why it is one."""

    text: Text
    why: Text


class SourceEntry(_Strict):
    """A reference."""

    cite: Text
    verified: bool = False


class OriginEntry(_Strict):
    """The passage from which a code was made."""

    document: Text
    start: int
    end: int


class CodeEntry(_Strict):
    """A code."""

    id: Id
    name: Text
    status: CodeStatus = "defined"
    # After the status: only a provisional code may lack it.
    definition: Words | None = Field(default=None, validate_default=True)
    group: Id
    parent: Id | None = None
    include: list[Text] = []
    exclude: list[Text] = []
    examples: list[Text] = []
    counter_examples: list[CounterExampleEntry] = []
    patterns: list[Text] = []
    scopes: dict[ScopeName, ScopeRule] = {}
    unit: CodeUnit = "sentence"
    human_only: bool = False
    source: list[SourceEntry] = []
    note: Words = ""
    origin: OriginEntry | None = None
    in_vivo: bool = False
    name_approved_by: Words = ""
    replaced_by: list[Id] = []

    @field_validator("definition")
    @classmethod
    def _is_defined(cls, value: str | None, info: ValidationInfo) -> str:
        if value or info.data.get("status") in ("provisional", "retired"):
            return value or ""
        raise PydanticCustomError("missing" if value is None else "string_too_short", "is empty")


class ChangeEntry(_Strict):
    """A row of the history."""

    action: Action
    code: Id
    into: list[Id] = []
    by: Words = ""
    at: Moment
    reason: Words = ""
    version_before: Words = ""
    version_after: Words = ""
    origin: OriginEntry | None = None


class CodebookFile(_Strict):
    """The whole file."""

    title: Text = "Codebook"
    description: Words = ""
    language: Words = "en"
    licence: Words = ""
    general_rules: list[Text] = []
    groups: list[GroupEntry]
    codes: list[CodeEntry] = Field(min_length=1)
    history: list[ChangeEntry] = []


# The entries that have keys, by the keys that lead to them.
_SHAPES: Mapping[tuple[str, ...], type[BaseModel]] = {
    (): CodebookFile,
    ("groups",): GroupEntry,
    ("codes",): CodeEntry,
    ("codes", "counter_examples"): CounterExampleEntry,
    ("codes", "source"): SourceEntry,
    ("codes", "origin"): OriginEntry,
    ("history",): ChangeEntry,
    ("history", "origin"): OriginEntry,
}
_ENTRIES = {"groups": "group", "codes": "code", "history": "change"}
_TOLD = {
    "string_too_short": "is empty",
    "too_short": "a codebook without codes",
    "list_type": "expected a list",
    "dict_type": "expected keys with values",
    "model_type": "expected keys with values",
    "int_parsing": "expected a whole number",
    "int_type": "expected a whole number",
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
    if name not in _ENTRIES or not isinstance(index, int):
        return "", location
    entry = data[name][index]
    entry_id = entry.get("id") if isinstance(entry, Mapping) else None
    noun = _ENTRIES[str(name)]
    return f"{noun} {entry_id!r}" if entry_id else f"{noun} {index + 1}", location[2:]


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
    if kind == "too_short":
        place = ""
    return f"{place} {told}" if kind == "string_too_short" else f"{place}: {told}".lstrip(": ")
