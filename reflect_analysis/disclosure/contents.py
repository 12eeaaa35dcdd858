"""Everything legible in a file, wherever it hides: for the search of a finished folder.

A workbook is a zip of XML, a page is markup with scripts, a picture has a text of its own:
what a reader does not see in Word or a browser can still be read by whoever opens the file.
So files are taken apart by what they are, not by what they show. Markup is read by the
standard library's tolerant HTML parser: it expands no entities that a file defines.
"""

from __future__ import annotations

import base64
import binascii
import html
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

from reflect_analysis.disclosure.office import (
    is_moment,
    is_of_office,
    is_office_file,
    is_part_name,
    written_by_office,
)
from reflect_analysis.disclosure.printed import read_printed

SIZE_LIMIT = 300_000_000
_DEPTH_LIMIT = 4
# Runs of text that these enclose belong to one word or sentence (HTML, SVG, Word, Excel, charts).
_INLINE = {
    "html": "a abbr b bdi bdo cite code del em font i ins kbd mark q s small span strong sub sup "
    "u wbr",
    "svg": "textpath tspan",
    "word": "bookmarkend bookmarkstart color deltext highlight hyperlink lang noproof prooferr r "
    "rfonts rpr smarttag spacing strike sz szcs t",
    "excel": "charset family rfont scheme shadow vertalign",
    "chart": "cs ea latin solidfill srgbclr",
}
_WITHIN_A_WORD = frozenset(" ".join(_INLINE.values()).split())
# Geometry, colours and cell references look like ids ("C12", "#e01") and can hold none.
_GEOMETRY = frozenset({"d", "fill", "points", "stop-color", "stroke", "transform", "viewbox"})
_REFERENCES = frozenset({"activecell", "r", "ref", "sqref", "topleftcell"})
_COLOUR = re.compile(r":\s*#[0-9a-fA-F]{3,8}\b")
# What Office ships with every file: palettes, and names of typefaces such as Georgia.
_SHIPPED = re.compile(r"(?:word|xl)/(?:theme/theme\d+|fontTable)\.xml")
# Of a style sheet: comments, strings, classes and ids; the rest is elements, units, colours.
_NAMED_IN_STYLE = re.compile(
    r"/\*.*?\*/|\"[^\"]*\"|'[^']*'|\.[A-Za-z_][\w-]*|#(?![0-9a-fA-F]{3,8}\b)[\w-]+", re.DOTALL
)
# What matplotlib writes above every drawing, and what no text called "svg11" wrote.
_SVG = re.compile(
    r'DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1\.1//EN"\s+"http://www\.w3\.org/[\w/.]+svg11\.dtd"'
)
_HARMLESS = (b"wOFF", b"wOF2", b"OTTO", b"\x00\x01\x00\x00", b"true")  # typefaces
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"II*\x00", b"MM\x00*", b"BM")
# Parts of a picture that tell of its making, packed so that no search of words reads them all.
_METADATA = frozenset(
    ("exif", "xmp", "XML:com.adobe.xmp", "photoshop", "icc_profile", "Raw profile type exif")
)
_THUMBNAIL = re.compile(r"docProps/thumbnail\.\w+$")  # shipped with Word's empty page
_DATA_URI = re.compile(r"data:([\w.+/-]*)((?:;[\w.+=-]+)*),([^\"'\s)>]+)")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\([\"'\\/nrtbf])")
_OWN_TEXT = re.compile(r'<c\b([^>]*\bt="(?:inlineStr|str)"[^>]*)>.*?</c>', re.DOTALL)
_SHARED_TEXT = re.compile(r'<c\b([^>]*\bt="s"[^>]*)>\s*<v>(\d+)</v>')
_PLAIN = {"n": "\n", "r": "\n", "t": "\t", "b": " ", "f": " "}


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text of one file.

    Parameters
    ----------
    place : str
        Where in the file.
    text : str
    flows : bool
        Whether it belongs to the running text, in which a sentence may go on in the next
        piece; attributes and properties stand alone.
    """

    place: str
    text: str
    flows: bool = True


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A part of a file that cannot be searched, and why."""

    place: str
    why: str


Part = Piece | Unreadable


def contents_of(data: bytes, place: str = "", *, depth: int = 0) -> Iterator[Part]:
    """The legible parts of a file.

    Parameters
    ----------
    data : bytes
        The whole file.
    place : str
        Where the file itself lies, inside another.
    depth : int
        How many files enclose it.

    Yields
    ------
    Piece or Unreadable
    """
    if not data or data.startswith(_HARMLESS):
        return
    if depth > _DEPTH_LIMIT or len(data) > SIZE_LIMIT:
        yield Unreadable(place, "nested too deeply or too large to be searched")
    elif data.startswith(b"PK\x03\x04"):
        yield from _of_zip(data, place, depth)
    elif data.startswith(_PICTURES):
        yield from _of_picture(data, place)
    elif b"%PDF-" in data[:1024]:
        yield from _of_pdf(data, place, depth)
    else:
        yield from _of_text(data, place, depth)


def _inside(place: str, inner: str) -> str:
    return f"{place}, {inner}" if place else inner


# ── containers ──────────────────────────────────────────────────────────────────────────


def _of_zip(data: bytes, place: str, depth: int) -> Iterator[Part]:
    """The members of a zip (a workbook, a Word file), with their names."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = [info for info in archive.infolist() if not info.is_dir()]
        if sum(info.file_size for info in members) > SIZE_LIMIT:
            yield Unreadable(place, "too large to be searched when unpacked")
            return
        yield Piece(
            _inside(place, "comment"), archive.comment.decode("utf-8", "replace"), flows=False
        )
        sheets = _sheet_names(archive)
        cells = _cell_names(archive, sheets)
        of_office = is_office_file(archive.namelist())
        for info in members:
            # A folder "word" in any other zip makes nothing in it a part of Word.
            inner = _inside(place, info.filename if of_office else f"./{info.filename}")
            if not (of_office and is_part_name(info.filename)):
                yield Piece(_inside(place, "name of a part"), info.filename, flows=False)
            member = archive.read(info)
            if of_office and _SHIPPED.fullmatch(info.filename):
                continue
            if info.filename == "xl/sharedStrings.xml":
                yield from _of_shared_strings(member, place, cells)
            elif info.filename in sheets:
                yield from _of_sheet(member, _inside(place, sheets[info.filename]))
            else:
                yield from contents_of(member, inner, depth=depth + 1)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
        yield Unreadable(place, f"a damaged or locked archive ({type(error).__name__})")


def _of_shared_strings(data: bytes, place: str, cells: dict[int, str]) -> Iterator[Part]:
    """The strings of a workbook, each with the cells that show it, or with none."""
    items = re.findall(rb"<si\b[^>]*>(.*?)</si>", data, re.DOTALL)
    for number, item in enumerate(items):
        where = cells.get(number, f"text {number} of the workbook, in no cell")
        yield from _of_markup(item.decode("utf-8", "replace"), _inside(place, where), 0)


def _of_sheet(data: bytes, place: str) -> Iterator[Part]:
    """A sheet: the cells that hold a text of their own, then all the rest of it."""
    page = data.decode("utf-8", "replace")
    for cell in _OWN_TEXT.finditer(page):
        yield from _of_markup(cell[0], f"{place}, cell {_cell_place(cell[1])}", 0)
    yield from _of_markup(_OWN_TEXT.sub("", page), place, 0)


def _cell_place(attributes: str) -> str:
    found = re.search(r'\br="([A-Z]+\d+)"', attributes)
    return found[1] if found else "?"


def _cell_names(archive: zipfile.ZipFile, sheets: dict[str, str]) -> dict[int, str]:
    """Where each shared string of a workbook is shown: "sheet 'Themes' (hidden), cell B7"."""
    names = set(archive.namelist())
    found: dict[int, str] = {}
    for path in names.intersection(sheets):
        page = archive.read(path).decode("utf-8", "replace")
        for cell in _SHARED_TEXT.finditer(page):
            found.setdefault(int(cell[2]), f"{sheets[path]}, cell {_cell_place(cell[1])}")
    return found


def _sheet_names(archive: zipfile.ZipFile) -> dict[str, str]:
    """Path of each sheet in the archive with its name and state."""
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= set(archive.namelist()):
        return {}
    links = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    paths = {}
    for link in re.findall(r"<Relationship\b[^>]*>", links):
        about = dict(re.findall(r'(\w+)="([^"]*)"', link))
        target = about.get("Target", "").lstrip("/")
        paths[about.get("Id")] = target if target.startswith("xl/") else f"xl/{target}"
    book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
    sheets = {}
    for sheet in re.findall(r"<sheet\b[^>]*>", book):
        about = dict(re.findall(r'([\w:]+)="([^"]*)"', sheet))
        state = " (hidden)" if "idden" in about.get("state", "") else ""
        name = html.unescape(about.get("name", ""))
        sheets[paths.get(about.get("r:id"), "")] = f"sheet {name!r}{state}"
    return sheets


def _of_pdf(data: bytes, place: str, depth: int) -> Iterator[Part]:
    """The pages of a PDF, the texts behind them, and what it embeds."""
    try:
        for where, found, flows in read_printed(data):
            inner = _inside(place, where)
            if isinstance(found, bytes):
                yield from contents_of(found, inner, depth=depth + 1)
            else:
                yield from (Piece(inner, line, flows=flows) for line in found.splitlines())
    except ValueError as error:
        yield Unreadable(place, str(error))


def _of_picture(data: bytes, place: str) -> Iterator[Part]:
    """What a picture file says beside the picture: its texts, and where it was taken."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as picture:
            exif = dict(picture.getexif())
            facts: dict[Any, Any] = {**picture.info, **exif}
            gps = picture.getexif().get_ifd(0x8825)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        yield Unreadable(place, f"a picture that cannot be opened ({type(error).__name__})")
        return
    for key, value in facts.items():
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        yield Piece(_inside(place, f"picture's own text {key!r}"), text, flows=False)
    told = _METADATA.intersection(map(str, picture.info)) | ({"exif"} if exif else set())
    if gps:
        yield Unreadable(place, "the picture says where it was taken; remove its location")
    elif told and not _THUMBNAIL.search(place):
        why = f"the picture carries what its camera or program knew ({', '.join(sorted(told))})"
        yield Unreadable(place, f"{why}; write it anew")


# ── text and markup ─────────────────────────────────────────────────────────────────────


def _of_text(data: bytes, place: str, depth: int) -> Iterator[Part]:
    """A text file: markup where it looks so, else line by line."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        yield Unreadable(place, "neither text nor a kind of file that can be searched")
        return
    if "\x00" in text:
        yield Unreadable(place, "not a kind of file that can be searched")
    elif text.lstrip()[:1] == "<":
        yield from _of_markup(text, place, depth)
    else:
        for number, line in enumerate(text.splitlines(), start=1):
            yield from _of_string(line, _inside(place, f"line {number}"), depth, flows=True)


def _of_markup(text: str, place: str, depth: int) -> Iterator[Part]:
    parser = _Markup(place, depth)
    parser.feed(text)
    parser.close()
    yield from parser.parts()


def _of_string(text: str, place: str, depth: int, *, flows: bool) -> Iterator[Part]:
    """A string with its escapes undone, and what is embedded in it."""
    if "data:" in text:  # hardly ever, and a drawing has 50,000 strings
        for uri in _DATA_URI.finditer(text):
            embedded = _embedded(uri)
            if embedded is not None:
                yield from contents_of(embedded, _inside(place, "embedded data"), depth=depth + 1)
        text = _DATA_URI.sub(" ", text)
    plain = html.unescape(text)
    if "\\" in plain:
        plain = _ESCAPE.sub(_unescaped, plain)
    if "%" in plain and not flows:
        plain = unquote(plain)
    if plain.strip():
        yield Piece(place, plain, flows=flows)


def _embedded(uri: re.Match[str]) -> bytes | None:
    """The bytes of a data URI."""
    try:
        if ";base64" in uri[2]:
            return base64.b64decode(unquote(uri[3]) + "==", validate=False)
        return unquote_to_bytes(uri[3])
    except (binascii.Error, ValueError):
        return None


def _unescaped(escape: re.Match[str]) -> str:
    if escape[1]:
        return chr(int(escape[1], 16))
    return _PLAIN.get(escape[2], escape[2])


def _is_of_workbook(place: str) -> bool:
    return place.startswith(("sheet ", "xl/")) or ", sheet " in place or ", xl/" in place


class _Markup(HTMLParser):
    """Collects running text, attributes, scripts and comments of HTML, SVG or XML."""

    def __init__(self, place: str, depth: int) -> None:
        super().__init__(convert_charrefs=True)
        self._place, self._depth = place, depth
        self._of_office = is_of_office(place)
        self._skipped = _GEOMETRY | (_REFERENCES if _is_of_workbook(place) else frozenset())
        self._words: list[str] = []
        self._line = 1
        self._flowing: list[Part] = []
        self._standing: list[Part] = []

    def parts(self) -> list[Part]:
        """The running text in its order, then everything else."""
        self._flush()
        return [*self._flowing, *self._standing]

    def _flush(self) -> None:
        text, self._words = "".join(self._words), []
        if self._of_office and is_moment(text):
            return
        place = _inside(self._place, f"line {self._line}") if not self._place else self._place
        self._flowing += _of_string(text, place, self._depth, flows=True)

    def _boundary(self, tag: str) -> None:
        if tag.rpartition(":")[2] not in _WITHIN_A_WORD:
            self._flush()

    def _stand(self, text: str, what: str) -> None:
        if not text.strip("0123456789.-"):  # a single number names nobody, and is no passage
            return
        if "#" in text:
            text = _COLOUR.sub(":", text)
        place = _inside(self._place, f"line {self.lineno}, {what}")
        self._standing += _of_string(text, place, self._depth, flows=False)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._boundary(tag)
        for name, value in attrs:
            by_schema = self._of_office or name.startswith("xmlns")
            if not (by_schema and written_by_office(tag, name)):
                self._stand(name, f"attribute of <{tag}>")
            if name not in self._skipped and not (
                by_schema and written_by_office(tag, name, value or "")
            ):
                self._stand(value or "", f"{name} of <{tag}>")

    def handle_endtag(self, tag: str) -> None:
        self._boundary(tag)

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "style":
            data = " ; ".join(_NAMED_IN_STYLE.findall(data))
        if self.cdata_elem:
            self._stand(data, f"<{self.cdata_elem}>")
            return
        if not self._words:
            self._line = self.getpos()[0]
        self._words.append(data)

    def handle_comment(self, data: str) -> None:
        self._stand(data, "a comment")

    def handle_decl(self, decl: str) -> None:
        if not _SVG.fullmatch(decl):
            self._stand(decl, "a declaration")

    def unknown_decl(self, data: str) -> None:
        self._stand(data.removeprefix("CDATA["), "a block of raw text")

    def handle_pi(self, data: str) -> None:
        self._stand(data, "a processing instruction")
