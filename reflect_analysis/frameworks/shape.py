"""The shape of a framework's file, for pydantic, and its faults in words.

Loaded only when a file is read.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from reflect_analysis.errors import did_you_mean
from reflect_analysis.frameworks.values import FrameworkKind

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Words = Annotated[str, StringConstraints(strip_whitespace=True)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RowEntry(_Strict):
    """A row; ``for`` and ``against`` name codes."""

    id: Id
    name: Text
    part: Words = ""
    text: Words = ""
    condition: Words = ""
    indicators: list[Text] = []
    supports: list[Id] = Field(default=[], alias="for")
    contradicts: list[Id] = Field(default=[], alias="against")
    terms: list[Text] = []


class UseCaseEntry(_Strict):
    """A situation and the rows that fit it."""

    situation: Text
    primary: Id
    complementary: list[Id] = []


class FrameworkFile(_Strict):
    """The whole file."""

    id: Id
    title: Text
    kind: FrameworkKind
    source: Words = ""
    licence: Words = ""
    always_said: list[Text] = []
    rows: list[RowEntry] = Field(min_length=1)
    use_cases: list[UseCaseEntry] = []


_SHAPES: dict[str, type[BaseModel]] = {"rows": RowEntry, "use_cases": UseCaseEntry}
_TOLD = {
    "string_too_short": "is empty",
    "too_short": "has no entry",
    "list_type": "expected a list",
    "model_type": "expected keys with values",
    "string_type": "expected text; put it in quotation marks",
    "string_pattern_mismatch": "expected a lower-case letter, then letters, digits, underscores",
}


def in_words(fault: Any) -> str:
    """A fault as pydantic reports it: where in the file, and what was expected."""
    location, kind = fault["loc"], fault["type"]
    place = " ".join(f"{key + 1}" if isinstance(key, int) else str(key) for key in location)
    if kind == "missing":
        return f"{place}: is missing"
    if kind == "extra_forbidden":
        known = _SHAPES.get(str(location[0]), FrameworkFile).model_fields.items()
        names = [field.alias or name for name, field in known]
        return f"{place}: unknown key{did_you_mean(str(location[-1]), names)}"
    if kind == "literal_error":
        return f"{place}: {fault['input']!r}; expected {fault['ctx']['expected']}"
    return f"{place}: {'is empty' if fault['input'] is None else _TOLD.get(kind, fault['msg'])}"
