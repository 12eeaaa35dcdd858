"""OpenDocument texts (``.odt``): paragraphs, headings, lists, tables and text boxes.

What is not the writer's text is left out and listed: comments, headers and footers, foot-
and endnotes, text that was deleted while changes were tracked, hidden text, a table of
contents, pictures.

References
----------
OASIS (2021). *Open Document Format for Office Applications version 1.3, part 3*: 5 (text),
6.1 (blanks, tabs and line breaks), 5.5 (tracked changes).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from reflect_analysis._archives import Archive, open_archive, parse_xml
from reflect_analysis.errors import CorpusError

from ._files import read_bytes
from ._found import Place
from ._paragraphs import Collected, Content

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_MOST_BASED_ON = 20
_MOST_REPEATED = 200
_MOST_LEVELS = 9

_ASIDE = {
    "annotation": "a comment",
    "hidden-text": "hidden text",
    "hidden-paragraph": "hidden text",
}
_CONTENTS = (
    *("table-of-content", "alphabetical-index", "illustration-index", "table-index"),
    *("object-index", "user-index", "bibliography"),
)
_GROUPS = ("section", "list", "list-header", "numbered-paragraph", "text-box", "frame", "g")
_NO_TEXT = (
    *("annotation-end", "sequence-decls", "variable-decls", "forms", "desc", "title"),
    *("bookmark-ref", "change", "change-start", "change-end", "script"),
)


@dataclass(slots=True)
class _Reading:
    """A document while it is read."""

    into: Collected
    parents: Mapping[str, str]
    paragraph: int = 0
    table: int = 0
    boxes: list[Any] = field(default_factory=list)

    @property
    def place(self) -> str:
        """Where the reading stands."""
        return f"paragraph {self.paragraph}"


def read_opendocument(place: Place) -> Content:
    """The content of an ``.odt`` file.

    Raises
    ------
    CorpusError
        If it is no OpenDocument text, is locked, or could do harm.
    """
    archive = open_archive(read_bytes(place), place.name)
    _check_unlocked(archive)
    content = parse_xml(archive.read("content.xml"), f"{place.name}, content.xml")
    body = content.find(f"{_OFFICE}body/{_OFFICE}text")
    if body is None:
        raise CorpusError(f"{place.name}: not an OpenDocument text; save it again as .odt")
    styles = _part(archive, "styles.xml")
    parents = {**_parents(styles), **_parents(content)}
    reading = _Reading(Collected(place.name), parents)
    _read_blocks(body, reading)
    _list_margins(styles, reading.into)
    return reading.into.content()


def _check_unlocked(archive: Archive) -> None:
    names = archive.names
    if "content.xml" not in names:
        raise CorpusError(f"{archive.name}: not an OpenDocument text; save it again as .odt")
    manifest = "META-INF/manifest.xml"
    if manifest in names and b"encryption-data" in archive.read(manifest):
        raise CorpusError(f"{archive.name}: locked with a password; save it without one")


def _part(archive: Archive, name: str) -> Any:
    """The root of a part, `None` where it is not there."""
    if name not in archive.names:
        return None
    return parse_xml(archive.read(name), f"{archive.name}, {name}")


def _parents(root: Any) -> dict[str, str]:
    """The style that each style is based on."""
    if root is None:
        return {}
    return {
        str(style.get(f"{_STYLE}name", "")): str(style.get(f"{_STYLE}parent-style-name", ""))
        for style in root.iter(f"{_STYLE}style")
    }


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _read_blocks(parent: Any, reading: _Reading, *, item: bool = False) -> None:
    """The paragraphs and tables of a text, a section, a list or a text box."""
    for child in parent:
        name = _local(child)
        if name in ("p", "h"):
            _read_paragraph(child, reading, item=item)
            item = False  # only the first paragraph of an item has the bullet
        elif name == "list-item":
            _read_blocks(child, reading, item=True)
        elif name == "table":
            _read_table(child, reading)
        elif name == "tracked-changes":
            _list_deleted(child, reading)
        elif name in _CONTENTS:
            reading.into.omit(_plain(child), reading.place, "a table of contents")
        elif name in _ASIDE:
            reading.into.omit(_plain(child), reading.place, _ASIDE[name])
        elif name == "image":
            reading.into.leave(reading.place, "a picture")
        elif name in _GROUPS:
            _read_blocks(child, reading)


def _read_paragraph(element: Any, reading: _Reading, *, item: bool) -> None:
    text = "".join(_words(element, reading))
    reading.paragraph += bool(text.strip())
    level = _level(element, reading.parents)
    reading.into.add(_blanks(text), reading.place, level=level, item=item)
    boxes, reading.boxes = reading.boxes, []
    for box in boxes:
        _read_blocks([box], reading)


def _blanks(text: str) -> str:
    """White space as the format has it: written blanks are one, ``text:s`` is another."""
    return re.sub(" *\n *", "\n", re.sub(" {2,}", " ", text)).replace("\ue000", " ")


def _level(element: Any, parents: Mapping[str, str]) -> int:
    if _local(element) == "h":
        word = str(element.get(f"{_TEXT}outline-level", "1"))
        return min(int(word), _MOST_LEVELS) if word.isdigit() and int(word) else 1
    style = str(element.get(f"{_TEXT}style-name", ""))
    for _ in range(_MOST_BASED_ON):
        if style == "Title":
            return 1
        style = parents.get(style, "")
    return 0


def _words(element: Any, reading: _Reading) -> Iterator[str]:
    """The text below an element; notes and comments are listed, text boxes put aside."""
    yield _collapsed(element.text)
    for child in element:
        name = _local(child)
        if name == "s":
            yield "\ue000" * _times(child, f"{_TEXT}c")
        elif name == "tab":
            yield "\t"
        elif name == "line-break":
            yield "\n"
        elif name in ("frame", "text-box", "image"):
            reading.boxes.append(child)
        elif name == "note":
            reading.into.omit(_plain(child), reading.place, "a footnote or an endnote")
        elif name in _ASIDE:
            reading.into.omit(_plain(child), reading.place, _ASIDE[name])
        elif name not in _NO_TEXT:
            yield from _words(child, reading)
        yield _collapsed(child.tail)


def _collapsed(text: str | None) -> str:
    """A run of blanks and line ends in the XML is one blank."""
    if not text:
        return ""
    return (
        "".join(
            (" " if text[:1].isspace() else "", " ".join(text.split()), " " * (text[-1:].isspace()))
        )
        if text.strip()
        else " "
    )


def _times(element: Any, name: str) -> int:
    """How often something is repeated, within reason."""
    word = str(element.get(name, "1"))
    return min(int(word), _MOST_REPEATED) if word.isdigit() else 1


def _plain(element: Any) -> str:
    """All the words below an element, without the number of a note, and who commented when."""
    if _local(element) == "annotation":
        return " ".join(_plain(part) for part in element if part.tag.startswith(_TEXT))
    if _local(element) == "note":
        return " ".join(_plain(part) for part in element.iterfind(f"{_TEXT}note-body"))
    return " ".join("".join(element.itertext()).split())


def _list_deleted(changes: Any, reading: _Reading) -> None:
    """List what was deleted while changes were tracked; it stands apart from the text."""
    for deletion in changes.iter(f"{_TEXT}deletion"):
        words = " ".join(_plain(part) for part in deletion if _local(part) != "change-info")
        reading.into.omit(words, "tracked changes", "deleted while changes were tracked")
    inserted = sum(1 for _ in changes.iter(f"{_TEXT}insertion"))
    if inserted:
        reading.into.notes["tracked insertions"] = f"{inserted} read as text"


def _read_table(table: Any, reading: _Reading) -> None:
    reading.table += 1
    where = f"table {reading.table}"
    rows = [[_cell(cell, reading) for cell in _cells(row)] for row in _rows(table)]
    reading.into.add_table(rows, where)


def _rows(table: Any) -> Iterator[Any]:
    """The rows of a table, also those that stand in groups and headers."""
    for child in table:
        if _local(child) == "table-row":
            yield child
        elif _local(child) in ("table-header-rows", "table-rows", "table-row-group"):
            yield from _rows(child)


def _cells(row: Any) -> Iterator[Any]:
    return (cell for cell in row if cell.tag == f"{_TABLE}table-cell")


def _cell(cell: Any, reading: _Reading) -> str:
    """The text of a cell; a table inside it is read into it."""
    inner = _Reading(Collected(reading.into.source), reading.parents, table=reading.table)
    _read_blocks(cell, inner)
    where = f"table {reading.table}"
    reading.into.omissions += [replace(o, place=where) for o in inner.into.omissions]
    answers = [f"{question}\n\n{answer.text}" for question, answer in inner.into.answers]
    return "\n\n".join([*(part.text for part in inner.into.paragraphs), *answers])


def _list_margins(styles: Any, into: Collected) -> None:
    """List headers and footers, which stand with the styles of pages."""
    if styles is None:
        return
    for kind in ("header", "footer"):
        for suffix in ("", "-left", "-first"):
            for margin in styles.iter(f"{_STYLE}{kind}{suffix}"):
                into.omit(_plain(margin), kind, f"a {kind}")
