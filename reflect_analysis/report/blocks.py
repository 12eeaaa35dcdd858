"""What a report is made of, whatever the file: sections of paragraphs, tables, figures, quotes.

The page, the Word file and the PDF are drawn from the same blocks, so that they say the same
and number their tables and figures alike. A block holds words and values, never markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from reflect_analysis.figures import Figure
from reflect_analysis.report.pictures import EmbeddedPicture
from reflect_analysis.tables import Table

__all__ = [
    "Block",
    "Bullets",
    "CodeEntry",
    "Grid",
    "Heading",
    "Meanings",
    "Paragraph",
    "Photographs",
    "Plate",
    "Saying",
    "Section",
    "figures_of",
    "tables_of",
]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a section: level 3 or 4."""

    text: str
    level: int = 3
    kind: ClassVar[str] = "heading"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; `strong` are the words that it begins with, `soft` says it is an aside."""

    text: str
    strong: str = ""
    soft: bool = False
    kind: ClassVar[str] = "paragraph"


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list."""

    items: tuple[str, ...]
    kind: ClassVar[str] = "bullets"


@dataclass(frozen=True, slots=True)
class Meanings:
    """Signs and what they mean."""

    rows: tuple[tuple[str, str], ...]
    kind: ClassVar[str] = "meanings"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table."""

    table: Table
    kind: ClassVar[str] = "grid"


@dataclass(frozen=True, slots=True)
class Plate:
    """A figure with its number and the sentence below it."""

    figure: Figure
    number: int
    caption: str
    kind: ClassVar[str] = "plate"


@dataclass(frozen=True, slots=True)
class Saying:
    """An approved quote."""

    text: str
    attribution: str
    language: str
    kind: ClassVar[str] = "saying"


@dataclass(frozen=True, slots=True)
class Photographs:
    """Participants' pictures with their approved words."""

    pictures: tuple[EmbeddedPicture, ...]
    kind: ClassVar[str] = "photographs"


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """A code as the appendix prints it."""

    name: str
    definition: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    sources: tuple[str, ...]
    remarks: tuple[str, ...]
    kind: ClassVar[str] = "code"

    @property
    def lists(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The lists that it has, with their labels."""
        found = (("Include", self.include), ("Exclude", self.exclude), ("Source", self.sources))
        return tuple(each for each in found if each[1])


Block = Heading | Paragraph | Bullets | Meanings | Grid | Plate | Saying | Photographs | CodeEntry


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report; `name` is what the contents call it, `title` its heading."""

    id: str
    name: str
    blocks: tuple[Block, ...]
    title: str = ""

    @property
    def heading(self) -> str:
        """Its heading."""
        return self.title or self.name


def tables_of(sections: Iterable[Section]) -> Iterator[Table]:
    """The tables that stand in sections, in their order."""
    for section in sections:
        yield from (block.table for block in section.blocks if isinstance(block, Grid))


def figures_of(sections: Iterable[Section]) -> Iterator[Figure]:
    """The figures that stand in sections, in their order."""
    for section in sections:
        yield from (block.figure for block in section.blocks if isinstance(block, Plate))
