"""The rows of a codebook: groups, codes, and the changes that they went through.

Texts are tidied when a row is made: one kind of line end, no blanks at the ends, no empty
items. So what stands in a value is what every file format gives back.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from reflect_analysis._rows import Attributes
from reflect_analysis.provenance import now

__all__ = [
    "Action",
    "Code",
    "CodeChange",
    "CodeStatus",
    "CodeUnit",
    "CounterExample",
    "Group",
    "Origin",
    "Source",
]

CodeUnit = Literal["sentence", "reflection"]
CodeStatus = Literal["defined", "provisional", "retired"]
Action = Literal[
    "create",
    "define",
    "rename",
    "redefine",
    "move",
    "merge",
    "split",
    "retire",
    "restore",
    "approve",
    "drop",
]


def tidy(text: str) -> str:
    """A text with LF line ends and without blanks at its ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _tidy_fields(row: object, *names: str) -> None:
    for name in names:
        object.__setattr__(row, name, tidy(getattr(row, name)))


def _texts(items: Iterable[str], name: str) -> tuple[str, ...]:
    """Items of a list of texts, the empty ones left out."""
    if isinstance(items, str):
        raise TypeError(f"{name} is a tuple of texts, not one text: ({items[:20]!r}, …)")
    return tuple(filter(None, map(tidy, items)))


@dataclass(frozen=True, slots=True)
class Group:
    """A heading of the codebook."""

    id: str
    name: str
    description: str = ""

    def __post_init__(self) -> None:
        _tidy_fields(self, "name", "description")


@dataclass(frozen=True, slots=True)
class CounterExample:
    """A near miss, and why it is not coded."""

    text: str
    why: str

    def __post_init__(self) -> None:
        _tidy_fields(self, "text", "why")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a code comes from in the literature; `verified` when somebody checked it."""

    cite: str
    verified: bool = False

    def __post_init__(self) -> None:
        _tidy_fields(self, "cite")


@dataclass(frozen=True, slots=True)
class Origin:
    """The passage from which a code was first made: half-open code points of a document."""

    document_id: str
    start: int
    end: int

    def __post_init__(self) -> None:
        _tidy_fields(self, "document_id")

    def __str__(self) -> str:
        return f"{self.start}–{self.end} of {self.document_id}"


@dataclass(frozen=True, slots=True)
class Code:
    """One code.

    Parameters
    ----------
    id : str
        Lower-case letters, digits and underscores. That of an in vivo code is ``in_vivo_1``,
        ``in_vivo_2`` …: ids are printed, and the words are a participant's.
    name : str
    definition : str
        Only a provisional code may lack it.
    group : str
        Id of its group.
    parent : str, optional
        Id of the code of which this is a subcode.
    include, exclude : tuple of str
    examples : tuple of str
    counter_examples : tuple of CounterExample
    patterns : tuple of str
        For the rule coder, in its own small language.
    scopes : Attributes
        How the rule coder judges a match inside a negation, a hypothesis, another person's
        experience or a quoted prompt: ``"exclude"``, ``"include"`` or ``"require"``.
    unit : {"sentence", "reflection"}
        Where the code is judged: ``"reflection"`` for what is told across sentences.
    human_only : bool
        Never applied by a machine.
    source : tuple of Source
    note : str
    status : {"defined", "provisional", "retired"}
        Provisional: made in open coding, its definition still open. Retired: no longer given,
        and kept so that earlier codings can be read.
    origin : Origin, optional
        Where a provisional code came from.
    in_vivo : bool
        Whether the name is a participant's own words.
    name_approved_by : str
        Who approved that an in vivo name may be printed; empty until somebody did.
    replaced_by : tuple of str
        Of a retired code: the ids of the codes that took its place.
    """

    id: str
    name: str
    definition: str
    group: str
    parent: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    counter_examples: tuple[CounterExample, ...] = ()
    patterns: tuple[str, ...] = ()
    scopes: Attributes = field(default_factory=Attributes)
    unit: CodeUnit = "sentence"
    human_only: bool = False
    source: tuple[Source, ...] = ()
    note: str = ""
    status: CodeStatus = "defined"
    origin: Origin | None = None
    in_vivo: bool = False
    name_approved_by: str = ""
    replaced_by: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _tidy_fields(self, "name", "definition", "note", "name_approved_by")
        for name in ("include", "exclude", "examples", "patterns", "replaced_by"):
            object.__setattr__(self, name, _texts(getattr(self, name), name))
        object.__setattr__(self, "counter_examples", tuple(self.counter_examples))
        object.__setattr__(self, "source", tuple(self.source))

    @property
    def retired(self) -> bool:
        """Whether the code is no longer given."""
        return self.status == "retired"

    @property
    def name_withheld(self) -> bool:
        """Whether the name is a participant's words that nobody has approved for printing."""
        return self.in_vivo and not self.name_approved_by

    @property
    def public_name(self) -> str:
        """The name as it may be sent: a neutral one while an in vivo name is not approved.

        Examples
        --------
        >>> Code("in_vivo_1", "the room breathes", "", "g", in_vivo=True).public_name
        'in vivo code: in_vivo_1'
        """
        return f"in vivo code: {self.id}" if self.name_withheld else self.name


@dataclass(frozen=True, slots=True)
class CodeChange:
    """One step in the history of a code.

    Parameters
    ----------
    action : str
        ``create``, ``define``, ``rename``, ``redefine``, ``move``, ``merge``, ``split``,
        ``retire``, ``restore``, ``approve`` (an in vivo name, for printing) or ``drop``.
    code_id : str
        The code that changed: of a merge, each of those that went into another.
    into : tuple of str
        Of a merge the code that stands for it now, of a split its parts.
    by : str
        The person, by name or pseudonym.
    at : datetime
        In UTC.
    reason : str
    version_before, version_after : str
        The codebook's versions.
    origin : Origin, optional
        Of a ``create``: the passage that gave rise to the code.
    """

    action: Action
    code_id: str
    into: tuple[str, ...] = ()
    by: str = ""
    at: datetime = field(default_factory=now)
    reason: str = ""
    version_before: str = ""
    version_after: str = ""
    origin: Origin | None = None

    def __post_init__(self) -> None:
        _tidy_fields(self, "by", "reason", "version_before", "version_after")
        object.__setattr__(self, "into", tuple(self.into))
        at = self.at if self.at.tzinfo else self.at.replace(tzinfo=UTC)
        object.__setattr__(self, "at", at.astimezone(UTC))


def differing_fields(before: Code, after: Code) -> tuple[str, ...]:
    """Names of the fields in which two codes differ."""
    fields = (each.name for each in dataclasses.fields(Code))
    return tuple(name for name in fields if getattr(before, name) != getattr(after, name))
