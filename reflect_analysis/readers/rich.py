r"""Rich text (``.rtf``): paragraphs, headings and tables, by striprtf.

striprtf turns groups, letters and code pages into text. What it would drop in silence, or
could not tell apart, is seen to before: groups that are no text of the writer (headers,
footers, notes, comments, deletions, pictures) are taken out and listed, and the ends of
paragraphs and cells are marked with what they are (the level of a heading, a cell).

References
----------
Microsoft (2008). *Rich Text Format (RTF) Specification, version 1.9.1*.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from reflect_analysis.errors import CorpusError

from ._files import read_bytes
from ._found import Place
from ._paragraphs import TEXT_LIMIT, Collected, Content

DEPTH_LIMIT = 1000
HEAD_LIMIT = 300_000

# A control word, a letter by its byte, a control sign, a brace, or plain text.
_TOKEN = re.compile(
    r"\\([a-zA-Z]{1,32})(-?\d{1,10})?[ ]?|\\'[0-9a-fA-F]{2}|\\(.)|([{}])|[^\\{}]+", re.DOTALL
)
_BIN = re.compile(rb"\\bin(\d{1,10})[ ]?")
_ASIDE = {
    "header": "a header",
    "headerl": "a header",
    "headerr": "a header",
    "headerf": "a header",
    "footer": "a footer",
    "footerl": "a footer",
    "footerr": "a footer",
    "footerf": "a footer",
    "footnote": "a footnote",
    "annotation": "a comment",
    "atnid": "",
    "atnauthor": "",
    "deleted": "deleted while changes were tracked",
    "v": "hidden text",
    "pict": "a picture",
    "object": "an embedded object",
    # These hold no words of the writer's and are not listed.
    **dict.fromkeys(("atnid", "atnauthor", "fldinst", "info", "stylesheet", "fonttbl"), ""),
    **dict.fromkeys(("colortbl", "listtable", "listoverridetable", "pntext", "listtext"), ""),
    **dict.fromkeys(("nonshppict", "shprslt", "themedata", "colorschememapping"), ""),
    **dict.fromkeys(("datastore", "latentstyles", "rsidtbl", "generator"), ""),
}
# A text box stands in a group that striprtf passes over; its text is read after the rest.
_BOX = "shptxt"
_PROPERTIES = ("v", "deleted")
_MARKS = _CELL, _LEVEL, _ITEM, _IN_TABLE, _ROW, _PARAGRAPH = (
    "\ue001",
    "\ue002",
    "\ue003",
    "\ue004",
    "\ue005",
    "\ue006",
)
_STYLE = re.compile(
    r"\\s(\d{1,4})\b[^{};]{0,300}?(?:heading|titre|überschrift) (\d)\s*;", re.IGNORECASE
)
_FONT = re.compile(r"\\f(\d{1,5})(?!\d)[^;{}]{0,200}?\\fcharset(\d{1,3})(?!\d)")
_PAGE = re.compile(r"\\ansicpg\d{1,5}")


@dataclass(slots=True)
class _Aside:
    """A group that was taken out: why, and its raw text."""

    reason: str
    parts: list[str] = field(default_factory=list)

    @property
    def is_property(self) -> bool:
        """Whether letters have it until it is turned off, so that no brace ends it."""
        return self.reason in {_ASIDE[word] for word in _PROPERTIES}


@dataclass(slots=True)
class _Group:
    """A group of the file: where its text goes, and whether that began in it."""

    aside: _Aside | None = None
    begins: bool = False


@dataclass(slots=True)
class _Prepared:
    """A file before striprtf sees it."""

    styles: Mapping[str, int]
    kept: list[str] = field(default_factory=list)
    asides: list[_Aside] = field(default_factory=list)
    groups: list[_Group] = field(default_factory=lambda: [_Group()])
    level: int = 0
    item: bool = False
    in_table: bool = False

    def take(self, token: re.Match[str]) -> None:
        """Take one token to where it belongs."""
        word, number, brace, group = token[1], token[2], token[4], self.groups[-1]
        if brace == "{":
            self.groups.append(_Group(group.aside))
            self._put("{", group)
        elif brace == "}":
            self._put("}", self.groups[-2] if group.begins and len(self.groups) > 1 else group)
            self.groups.pop()
        elif word == "plain" or (word in _PROPERTIES and number == "0"):
            self._put(token[0], group)
            if group.begins and group.aside and group.aside.is_property:
                group.aside, group.begins = None, False
        elif group.aside is None and number != "0" and word and (word in _ASIDE or word == _BOX):
            group.aside, group.begins = _Aside(_ASIDE.get(word, _BOX)), True
            self.asides.append(group.aside)
        else:
            self._put(self._marked(token), group)

    def _put(self, text: str, group: _Group) -> None:
        (group.aside.parts if group.aside else self.kept).append(text)

    def _marked(self, token: re.Match[str]) -> str:
        """A token of the text, or the mark that stands for it."""
        word, sign = token[1], token[3]
        if word in ("par", "sect", "page") or sign in ("\n", "\r"):
            return self._end_of_paragraph()
        if word in ("cell", "nestcell"):
            return _written(_CELL)
        if word in ("row", "nestrow"):
            return _written(_ROW)
        self._note(word, token[2])
        return "" if sign == "-" else token[0]  # a hyphen that shows only where a line ends

    def _note(self, word: str | None, number: str | None) -> None:
        """What a control word says of the paragraph that it stands in."""
        if word == "pard":
            self.level, self.item, self.in_table = 0, False, False
        elif word == "outlinelevel" and number in tuple("012345678"):
            self.level = int(number) + 1
        elif word == "s":
            self.level = self.styles.get(number or "", self.level)
        elif word == "ls" and number not in (None, "0"):
            self.item = True
        elif word == "intbl":
            self.in_table = True

    def _end_of_paragraph(self) -> str:
        signs = _LEVEL + str(self.level) if self.level else ""
        signs += (_ITEM if self.item else "") + (_IN_TABLE if self.in_table else "")
        return _written(signs + _PARAGRAPH)


def read_rich(place: Place) -> Content:
    """The content of an ``.rtf`` file.

    Raises
    ------
    CorpusError
        If it is no RTF, is nested without end, or is too long.
    """
    raw = _as_text(read_bytes(place))
    if not raw.lstrip().startswith("{\\rtf"):
        raise CorpusError(f"{place.name}: not RTF; save it again as .rtf, or call it .txt")
    if len(raw) > TEXT_LIMIT:
        raise CorpusError(
            f"{place.name}: {len(raw):,} characters; at most {TEXT_LIMIT:,} are read; split it"
        )
    prepared, head = _prepared(raw, place.name), _head(raw)
    into = Collected(place.name)
    _collect(_stripped(head + "".join(prepared.kept), raw, place.name), into)
    for aside in prepared.asides:
        _list_aside(aside, into, head, raw)
    return into.content()


def _list_aside(aside: _Aside, into: Collected, head: str, raw: str) -> None:
    """List a group that was taken out, or read it where it is a text box."""
    if aside.reason in ("a picture", "an embedded object"):
        into.leave("in the text", aside.reason)
    elif aside.reason:
        text = _stripped(f"{head}{''.join(aside.parts)}}}", raw, into.source)
        if aside.reason == _BOX:
            _collect(text, into)
        else:
            into.omit(re.sub(f"[{''.join(_MARKS)}]", " ", text), "in the text", aside.reason)


def _as_text(data: bytes) -> str:
    """The file as ASCII: letters above it escaped, pictures written as bytes left out."""
    parts, start = [], 0
    for found in _BIN.finditer(data):
        if found.start() >= start:
            parts.append(data[start : found.start()])
            start = found.end() + int(found[1])
    raw = b"".join([*parts, data[start:]])
    return re.sub(rb"[\x80-\xff]", lambda byte: b"\\'%02x" % byte[0][0], raw).decode("ascii")


def _head(raw: str) -> str:
    """The beginning of a file as striprtf needs it: its code page and its fonts, no more."""
    page = _PAGE.search(raw[:HEAD_LIMIT])
    start = raw.find("\\fonttbl")
    fonts = _FONT.findall(raw[start : start + HEAD_LIMIT]) if start >= 0 else []
    table = "".join(f"{{\\f{number}\\fcharset{charset} x;}}" for number, charset in fonts[:1000])
    return f"{{\\rtf1{page[0] if page else ''}" + (f"{{\\fonttbl{table}}}" if table else "")


def _prepared(raw: str, name: str) -> _Prepared:
    """The file with marks, without the groups that are no text."""
    start = raw.find("\\stylesheet")
    sheet = raw[start : start + HEAD_LIMIT] if start >= 0 else ""
    prepared = _Prepared({number: int(level) for number, level in _STYLE.findall(sheet)})
    for token in _TOKEN.finditer(raw):
        prepared.take(token)
        if len(prepared.groups) > DEPTH_LIMIT:
            raise CorpusError(f"{name}: groups nested more than {DEPTH_LIMIT} deep")
        if not prepared.groups or (token[4] == "}" and len(prepared.groups) == 1):
            break
    return prepared


def _written(signs: str) -> str:
    """Signs as RTF writes them; letters beyond ASCII in their own group."""
    return "".join(
        sign if sign.isascii() else f"{{\\uc1\\u{ord(sign) - 0x10000}?}}" for sign in signs
    )


def _stripped(prepared: str, raw: str, name: str) -> str:
    """What striprtf makes of a prepared text."""
    from striprtf.striprtf import rtf_to_text

    encoding = "mac_roman" if re.match(r"\s*\{\\rtf\d?\s*\\mac\b", raw) else "cp1252"
    try:
        text = rtf_to_text(prepared, encoding=encoding, errors="strict")  # type: ignore[no-untyped-call]  # ships none
        # A letter beyond the first plane is written as two halves.
        return str(text.encode("utf-16", "surrogatepass").decode("utf-16"))
    except (LookupError, ValueError, TypeError, OverflowError) as problem:
        raise CorpusError(
            f"{name}: damaged RTF ({type(problem).__name__}); open it and save it again"
        ) from None


def _collect(text: str, into: Collected) -> None:
    """The paragraphs and tables of a text with marks."""
    rows: list[list[str]] = []
    cells: list[str] = []
    cell: list[str] = []  # the paragraphs of the cell that is not closed yet
    number = tables = 0
    for part, end in [*_parts(text), ("", _PARAGRAPH)]:
        words, level, item, in_table = _unmarked(part)
        if end == _ROW:
            rows.append(cells)
            cells = []
        elif end == _CELL:
            cells, cell = [*cells, "\n\n".join([*cell, words])], []
        elif in_table:
            cell.append(words)
        else:
            if rows:
                tables += 1
                into.add_table(rows, f"table {tables}")
                rows = []
            number += bool(words.strip())
            into.add(words, f"paragraph {number}", level=level, item=item)


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """What stands before each mark of an end, and the mark."""
    pieces = re.split(f"([{_CELL}{_ROW}{_PARAGRAPH}])", text)
    ends = [*pieces[1::2], _PARAGRAPH]
    yield from zip(pieces[::2], ends, strict=True)


def _unmarked(part: str) -> tuple[str, int, bool, bool]:
    """A paragraph without its marks: words, level, whether an item, whether in a table."""
    level = re.search(f"{_LEVEL}(\\d)", part)
    words = re.sub(f"{_LEVEL}\\d|[{_ITEM}{_IN_TABLE}]", "", part)
    return words.strip("\n"), int(level[1]) if level else 0, _ITEM in part, _IN_TABLE in part
