"""The shape of a codebook's YAML file, for pydantic; loaded only when a file is read."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

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
