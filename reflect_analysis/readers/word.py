"""Word documents (``.docx``): paragraphs, headings, tables and text boxes.

What is not the writer's text is left out and listed: comments, headers and footers,
footnotes, text that was deleted while changes were tracked, hidden text, a table of
contents, pictures. What was inserted while changes were tracked is read.

The XML is read itself, not through python-docx: that gives paragraphs without their
tracked changes, and leaves out text boxes and content controls in silence.

References
----------
ECMA-376-1:2016, *Office Open XML: Fundamentals and markup language reference*, part 1,
17.3 (paragraphs), 17.4 (tables), 17.13.5 (revisions).
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

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING = re.compile(r"(?:heading|überschrift|titre)\s*(\d)$|^(title)$", re.IGNORECASE)
_CONTENTS = re.compile(r"toc\s?\d|table of contents", re.IGNORECASE)
_MOST_BASED_ON = 20

# Parts beside the text, and their notes, by their element.
_PARTS = {"hdr": ("header", "a header"), "ftr": ("footer", "a footer")}
_ONE = {"comment": "a comment", "footnote": "a footnote", "endnote": "an endnote"}
_SIGNS = {"tab": "\t", "cr": "\n", "noBreakHyphen": "\u2011", "ptab": "\t"}
_SKIPPED = ("pPr", "rPr", "instrText", "delInstrText", "sdtPr", "tblPr", "tblGrid", "trPr", "tcPr")


@dataclass(frozen=True, slots=True)
class _Style:
    """A style of paragraphs: its name, its own level, and the one that it is based on."""

    name: str
    level: int | None
    based_on: str


@dataclass(slots=True)
class _Reading:
    """A document while it is read."""

    into: Collected
    styles: Mapping[str, _Style]
    paragraph: int = 0
    table: int = 0
    # Text whose paragraph mark was deleted goes on in the next paragraph.
    pending: str = ""
    deleted: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    boxes: list[Any] = field(default_factory=list)
    pictures: int = 0
    inserted: int = 0

    @property
    def place(self) -> str:
        """Where the reading stands."""
        return f"paragraph {self.paragraph}"


def read_word(place: Place) -> Content:
    """The content of a ``.docx`` file.

    Raises
    ------
    CorpusError
        If it is no Word document, is locked, or could do harm.
    """
    archive = open_archive(read_bytes(place), place.name)
    main = _main_part(archive)
    body = parse_xml(archive.read(main), f"{place.name}, {main}").find(f"{_W}body")
    if body is None:
        raise CorpusError(f"{place.name}: a Word document without a body; save it again as .docx")
    reading = _Reading(Collected(place.name), _styles(archive))
    _read_blocks(body, reading)
    _flush(reading)
    if reading.inserted:
        reading.into.notes["tracked insertions"] = f"{reading.inserted} read as text"
    _list_parts(archive, reading.into)
    return reading.into.content()


def _main_part(archive: Archive) -> str:
    """The part that holds the text, as the package says."""
    if "_rels/.rels" in archive.names:
        root = parse_xml(archive.read("_rels/.rels"), f"{archive.name}, _rels/.rels")
        for relation in root:
            if str(relation.get("Type", "")).endswith("/officeDocument"):
                target = str(relation.get("Target", "")).lstrip("/")
                if target in archive.names:
                    return target
    if "word/document.xml" not in archive.names:
        raise CorpusError(f"{archive.name}: not a Word document; save it again as .docx")
    return "word/document.xml"


def _styles(archive: Archive) -> dict[str, _Style]:
    if "word/styles.xml" not in archive.names:
        return {}
    root = parse_xml(archive.read("word/styles.xml"), f"{archive.name}, word/styles.xml")
    return {
        str(style.get(f"{_W}styleId", "")): _Style(
            _value(style, "name"),
            _number(_value(style, "pPr", "outlineLvl")),
            _value(style, "basedOn"),
        )
        for style in root.iterfind(f"{_W}style")
    }


def _value(element: Any, *path: str) -> str:
    """The ``w:val`` of what stands below an element, ``""`` where nothing does."""
    found = element.find("/".join(f"{_W}{step}" for step in path))
    return "" if found is None else str(found.get(f"{_W}val", ""))


def _number(word: str) -> int | None:
    return int(word) if re.fullmatch(r"\d", word) else None


def _level(paragraph: Any, styles: Mapping[str, _Style]) -> int:
    """The level of a heading, from 1; 0 for no heading."""
    own = _number(_value(paragraph, "pPr", "outlineLvl"))
    style_id = _value(paragraph, "pPr", "pStyle")
    for _ in range(_MOST_BASED_ON):
        if own is not None:
            break
        style = styles.get(style_id)
        named = _HEADING.search(style.name if style else style_id)
        if named:
            return int(named[1] or 1)
        if style is None:
            return 0
        own, style_id = style.level, style.based_on
    return own + 1 if own is not None and own < 9 else 0  # noqa: PLR2004  # level 9 is body text


def _local(element: Any) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _read_blocks(parent: Any, reading: _Reading) -> None:
    """The paragraphs and tables of a body, a cell or a text box."""
    for child in parent:
        name = _local(child)
        if name == "p":
            _read_paragraph(child, reading)
        elif name == "tbl":
            _flush(reading)
            _read_table(child, reading)
        elif name == "sdt" and _is_contents(child):
            reading.into.omit(_plain(child), reading.place, "a table of contents")
        elif name == "altChunk":
            reading.into.leave(reading.place, "an embedded document")
        elif name in ("sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo"):
            _read_blocks(child, reading)
        elif name in ("del", "moveFrom"):
            reading.into.omit(_plain(child), reading.place, "deleted while changes were tracked")


def _is_contents(control: Any) -> bool:
    gallery = control.find(f"{_W}sdtPr/{_W}docPartObj/{_W}docPartGallery")
    return gallery is not None and bool(_CONTENTS.match(str(gallery.get(f"{_W}val", ""))))


def _read_paragraph(element: Any, reading: _Reading) -> None:
    text = "".join(_words(element, reading))
    reading.paragraph += bool(text.strip())
    style = reading.styles.get(_value(element, "pPr", "pStyle"))
    if style and _CONTENTS.match(style.name):
        reading.into.omit(text, reading.place, "a table of contents")
        text = ""
    if element.find(f"{_W}pPr/{_W}rPr/{_W}del") is not None:
        reading.pending += text
    else:
        level = _level(element, reading.styles)
        whole, reading.pending = reading.pending + text, ""
        reading.into.add(whole, reading.place, level=level, item=_is_item(element, style))
    _list_left_out(reading)
    boxes, reading.boxes = reading.boxes, []
    for box in boxes:
        _read_blocks(box, reading)


def _flush(reading: _Reading) -> None:
    """Add what waits for a paragraph that does not come."""
    text, reading.pending = reading.pending, ""
    reading.into.add(text, reading.place)


def _is_item(paragraph: Any, style: _Style | None) -> bool:
    """Whether a paragraph is an item of a list, whose bullet is no text."""
    number = _value(paragraph, "pPr", "numPr", "numId")
    return number not in ("", "0") or (
        number == "" and style is not None and style.name.casefold().startswith("list ")
    )


def _list_left_out(reading: _Reading) -> None:
    into, place = reading.into, reading.place
    into.omit(" ".join(reading.deleted), place, "deleted while changes were tracked")
    into.omit(" ".join(reading.hidden), place, "hidden text")
    if reading.pictures:
        into.leave(place, "a picture")
    reading.deleted, reading.hidden, reading.pictures = [], [], 0


def _words(element: Any, reading: _Reading) -> Iterator[str]:
    """The text below an element; what is left out, and text boxes, are put aside."""
    for child in element:
        name = _local(child)
        if _is_put_aside(child, reading):
            continue
        if name == "t":
            yield child.text or ""
        elif name == "br":
            yield "\n" if child.get(f"{_W}type") in (None, "textWrapping") else ""
        elif name in _SIGNS:
            yield _SIGNS[name]
        elif name == "AlternateContent":
            # The same text box stands twice: for programs of today, and for older ones.
            yield from _words(child[:1], reading)
        elif name not in _SKIPPED:
            reading.inserted += name == "ins"
            yield from _words(child, reading)


def _is_put_aside(child: Any, reading: _Reading) -> bool:
    """Whether an element is no text of its paragraph; then it is kept for the list."""
    name = _local(child)
    if name in ("del", "moveFrom"):
        reading.deleted.append(_plain(child))
    elif name == "r" and _is_hidden(child):
        reading.hidden.append(_plain(child))
    elif name == "txbxContent":
        reading.boxes.append(child)
    elif name in ("blip", "imagedata"):
        reading.pictures += 1
    else:
        return False
    return True


def _is_hidden(run: Any) -> bool:
    mark = run.find(f"{_W}rPr/{_W}vanish")
    return mark is not None and mark.get(f"{_W}val", "1") not in ("0", "false", "off")


def _plain(element: Any) -> str:
    """All the words below an element, deleted ones too; paragraphs parted by a blank."""
    names = (f"{_W}t", f"{_W}delText", f"{_W}p")
    return "".join(
        (each.text or "") if each.tag != names[2] else " " for each in element.iter(*names)
    )


def _read_table(table: Any, reading: _Reading) -> None:
    """A table, cell by cell; the text of a cell is its paragraphs, parted by a blank line."""
    reading.table += 1
    where = f"table {reading.table}"
    rows: list[list[str]] = []
    for row in _below(table, "tr"):
        if row.find(f"{_W}trPr/{_W}del") is not None:
            reading.into.omit(_plain(row), where, "deleted while changes were tracked")
            continue
        rows.append([_cell(cell, reading) for cell in _below(row, "tc")])
    reading.into.add_table(rows, where)


def _below(parent: Any, name: str) -> Iterator[Any]:
    """The rows of a table or the cells of a row, those in content controls too."""
    for child in parent:
        if _local(child) == name:
            yield child
        elif _local(child) in ("sdt", "sdtContent", "customXml", "ins"):
            yield from _below(child, name)


def _cell(cell: Any, reading: _Reading) -> str:
    """The text of a cell; a table inside it is read into it."""
    inner = _Reading(Collected(reading.into.source), reading.styles, table=reading.table)
    _read_blocks(cell, inner)
    _flush(inner)
    reading.inserted += inner.inserted
    where = f"table {reading.table}"
    for omission in inner.into.omissions:
        reading.into.omissions.append(replace(omission, place=where))
    answers = [f"{question}\n\n{answer.text}" for question, answer in inner.into.answers]
    return "\n\n".join([*(part.text for part in inner.into.paragraphs), *answers])


def _list_parts(archive: Archive, into: Collected) -> None:
    """List the parts beside the text: headers, footers, notes and comments."""
    for name in sorted(archive.names):
        if not re.fullmatch(r"word/(?:header|footer|comments|footnotes|endnotes)\d*\.xml", name):
            continue
        root = parse_xml(archive.read(name), f"{archive.name}, {name}")
        if _local(root) in _PARTS:
            into.omit(_plain(root), *_PARTS[_local(root)])
        for note in root:
            one = _local(note)
            if one in _ONE:
                into.omit(_plain(note), f"{one} {note.get(f'{_W}id', '')}".strip(), _ONE[one])
