"""Web pages (``.html``): what a reader came for, by lxml.

Navigation, headers and footers of the site, cookie banners, forms and hidden parts are left
out and listed; scripts and styles hold no words and are passed over. A picture's alternative
text is read where the page shows photo-voice, else listed.

A part of a page is known by its element (``nav``), its role, or a word in its class or id
that stands for nothing else ("cookie", "breadcrumb"); a part that holds the main text is
never left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from reflect_analysis.errors import CorpusError

from ._encodings import SAVE_AS, decode
from ._files import control_fault, one_line_end, read_bytes
from ._found import Place
from ._paragraphs import TEXT_LIMIT, Collected, Content

ELEMENTS_LIMIT = 200_000
LONGEST_WORD = 100_000  # beyond it no expression is asked

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w-]{1,40})", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_PHOTO_VOICE = re.compile(r"photo[\s-]?(?:voice|voix)", re.IGNORECASE)

_SILENT = frozenset(
    {"script", "style", "template", "svg", "head", "iframe", "object", "math", "canvas", "audio"}
)
_ASIDE = {
    "nav": "navigation",
    "aside": "beside the text: navigation or an advertisement",
    "form": "a form",
    "button": "a button",
    "select": "a form",
    "textarea": "a form",
    "noscript": "for browsers without scripts",
    "dialog": "a window over the page",
    "del": "struck out",
    "s": "struck out",
    "strike": "struck out",
}
_ROLES = {
    "navigation": "navigation",
    "banner": "the header of the site",
    "contentinfo": "the footer of the site",
    "search": "a form",
    "dialog": "a window over the page",
    "alertdialog": "a window over the page",
    "complementary": "beside the text: navigation or an advertisement",
}
_WORDS = (
    (
        re.compile(r"cookie|gdpr|onetrust|consent-?(?:banner|popup|modal|bar)|cc-window"),
        "a cookie banner",
    ),
    (
        re.compile(
            r"(?:^|[\s_-])(?:nav|navbar|menu|breadcrumbs?|skip-?link|pagination)(?:$|[\s_-])"
        ),
        "navigation",
    ),
    (
        re.compile(
            r"(?:^|[\s_-])(?:share|social|advert\w*|newsletter-signup|subscribe)(?:$|[\s_-])"
        ),
        "sharing or an advertisement",
    ),
    (
        re.compile(r"(?:^|[\s_-])(?:sidebar|site-footer|site-header)(?:$|[\s_-])"),
        "beside the text: navigation or an advertisement",
    ),
)
_BLOCKS = frozenset(
    (
        *("address", "article", "blockquote", "body", "center", "dd", "details", "div", "dl"),
        *("dt", "fieldset", "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6"),
        *("header", "hr", "html", "li", "main", "ol", "p", "pre", "section", "summary", "ul"),
    )
)
_MAIN = (".//main", ".//article", ".//*[@role='main']")


@dataclass(slots=True)
class _Reading:
    """A page while it is read."""

    into: Collected
    photo_voice: bool
    buffer: list[str] = field(default_factory=list)
    line: int = 1
    level: int = 0
    item: bool = False
    table: int = 0

    def flush(self) -> None:
        """End the paragraph that stands in the buffer."""
        text = "".join(self.buffer)
        if len(text) > LONGEST_WORD and max(map(len, text.split()), default=0) > LONGEST_WORD:
            raise CorpusError(
                f"{self.into.source}, line {self.line}: more than {LONGEST_WORD:,} characters "
                "without a blank; is this a page of text?"
            )
        lines = [" ".join(line.split()) for line in text.split("\n")]
        self.into.add(
            "\n".join(lines).strip(), f"line {self.line}", level=self.level, item=self.item
        )
        self.item = self.item and not text.strip()
        self.buffer = []


def read_web(place: Place) -> Content:
    """The content of an ``.html`` or ``.htm`` file.

    Raises
    ------
    CorpusError
        If its encoding is not certain, or it is no page.
    """
    raw, note = _decoded(read_bytes(place), place.name)
    root = _parsed(one_line_end(raw), place.name)
    into = Collected(place.name)
    if note:
        into.notes["encoding"] = note
    for title in root.iterfind(".//title"):
        into.omit(_plain(title), f"line {title.sourceline}", "the title of the page")
    reading = _Reading(into, bool(_PHOTO_VOICE.search(_plain(root))))
    _read(root, reading)
    reading.flush()
    return into.content()


def _decoded(data: bytes, name: str) -> tuple[str, str]:
    """The page as text; an encoding that it names itself is tried before one is guessed."""
    named = _CHARSET.search(data[:4096])
    if named and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = named[1].decode("ascii")
        try:
            if encoding.lower() not in ("utf-8", "utf8", "utf-16"):
                return data.decode(encoding), f"{encoding} (as the page says)"
        except (LookupError, UnicodeDecodeError):
            pass
    return decode(data, name)


def _parsed(text: str, name: str) -> Any:
    from lxml import etree, html  # type: ignore[import-untyped]  # ships no types

    if len(text) > TEXT_LIMIT:
        raise CorpusError(
            f"{name}: {len(text):,} characters; at most {TEXT_LIMIT:,} are read; split it"
        )
    fault = control_fault(text)
    if fault:
        raise CorpusError(f"{name}: {fault}; {SAVE_AS}")
    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(_DECLARATION.sub("", text), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        raise CorpusError(f"{name}: no page that can be read; save it again as .html") from None
    _check_whole(parser.error_log, name)
    if sum(1 for _ in root.iter()) > ELEMENTS_LIMIT:
        raise CorpusError(f"{name}: more than {ELEMENTS_LIMIT:,} elements; split it")
    return root


def _check_whole(log: Any, name: str) -> None:
    """Refuse a page of which lxml dropped the rest: it does so without an error."""
    for entry in log:
        if entry.type_name == "ERR_RESOURCE_LIMIT":
            why = "nested too deep" if "depth" in entry.message else "larger than lxml reads"
            raise CorpusError(
                f"{name}, line {entry.line}: {why}, so that what follows would be lost; save its "
                "text as .txt or .docx"
            )


def _plain(element: Any) -> str:
    """The words below an element, without scripts."""
    return " ".join(" ".join(_texts(element)).split())


def _texts(element: Any) -> Iterator[str]:
    """The texts below an element; iterative, as a page may be nested deep."""
    for each in element.iter():
        if each.tag not in _SILENT and not _in_silence(each, element):
            yield each.text or ""
        if each is not element:
            yield each.tail or ""


def _in_silence(element: Any, top: Any) -> bool:
    parent = element.getparent()
    return element is not top and parent is not None and parent.tag in _SILENT


def _read(root: Any, reading: _Reading) -> None:
    """The paragraphs below an element."""
    # By hand, not by recursion: a page may be nested deeper than Python goes.
    stack: list[tuple[Any, bool]] = [(root, False)]
    while stack:
        element, is_left = stack.pop()
        if is_left:
            _leave(element, reading)
            reading.buffer.append(_flat(element.tail, element.getparent()))
            continue
        why = _why_aside(element)
        if element.tag in _SILENT or why:
            _list(element, why, reading)
            reading.buffer.append(_flat(element.tail, element.getparent()))
        elif element.tag == "table" and _is_of_data(element):
            reading.flush()
            _read_table(element, reading)
            reading.buffer.append(_flat(element.tail, element.getparent()))
        else:
            _enter(element, reading)
            stack.append((element, True))
            stack.extend((child, False) for child in reversed(element))


def _flat(text: str | None, parent: Any) -> str:
    """A text in which line ends are blanks, unless it is set as it stands."""
    is_set = parent is not None and parent.tag == "pre"
    return (text or "") if is_set else (text or "").replace("\n", " ")


def _list(element: Any, why: str, reading: _Reading) -> None:
    if why:
        reading.into.omit(_plain(element), f"line {element.sourceline}", why)


def _enter(element: Any, reading: _Reading) -> None:
    """Begin an element."""
    tag = element.tag
    if _is_block(tag):
        reading.flush()
        reading.line = element.sourceline or reading.line
        reading.item = tag == "li" or reading.item
    if re.fullmatch("h[1-6]", tag):
        reading.level = int(tag[1])
    elif tag == "br":
        reading.buffer.append("\n")
    elif tag == "img":
        _picture(element, reading)
    reading.buffer.append(_flat(element.text, element))


def _leave(element: Any, reading: _Reading) -> None:
    """End an element."""
    if _is_block(element.tag):
        reading.flush()
        reading.item = False
    if re.fullmatch("h[1-6]", element.tag):
        reading.level = 0


def _is_block(tag: str) -> bool:
    return tag in _BLOCKS or tag in ("table", "tbody", "thead", "tr", "td", "th", "caption")


def _picture(element: Any, reading: _Reading) -> None:
    """A picture as Markdown shows it, where the page shows photo-voice."""
    alt = " ".join(str(element.get("alt") or "").split())
    if alt and reading.photo_voice:
        name = re.split(r"[/\\?#]", str(element.get("src") or ""))[-1] or "picture"
        reading.flush()
        reading.buffer.append(f"![{alt.replace(']', ')')}]({name[:100]})")
        reading.flush()
    else:
        reading.into.omit(alt, f"line {element.sourceline}", "the description of a picture")


def _why_aside(element: Any) -> str:
    """Why an element is no part of the text, ``""`` where it is."""
    tag = element.tag
    if not isinstance(tag, str) or tag in ("html", "body", "main", "article"):
        return ""
    why = _ASIDE.get(tag) or _ROLES.get(str(element.get("role") or "").lower(), "")
    why = why or _margin(element) or _hidden(element) or _by_name(element)
    return why if why and not any(element.find(path) is not None for path in _MAIN) else ""


def _margin(element: Any) -> str:
    """Whether a header or a footer is the site's: inside an article or a quotation it is not."""
    if element.tag not in ("header", "footer"):
        return ""
    inside = ("article", "main", "section", "blockquote", "figure")
    if any(parent.tag in inside for parent in element.iterancestors()):
        return ""
    if element.tag == "header" and element.find(".//h1") is not None:
        return ""
    return f"the {element.tag} of the site"


def _hidden(element: Any) -> str:
    style = re.sub(r"\s", "", str(element.get("style") or "")).lower()
    is_hidden = element.get("hidden") is not None or element.get("aria-hidden") == "true"
    return "hidden" if is_hidden or "display:none" in style or "visibility:hidden" in style else ""


def _by_name(element: Any) -> str:
    named = f"{element.get('class') or ''} {element.get('id') or ''}".lower().strip()
    return next((why for pattern, why in _WORDS if named and pattern.search(named)), "")


def _is_of_data(table: Any) -> bool:
    """Whether a table holds data, not the layout of a page."""
    return all(table.find(f".//{tag}") is None for tag in ("table", "h1", "h2", "h3", "blockquote"))


def _read_table(table: Any, reading: _Reading) -> None:
    reading.table += 1
    rows = [
        [_cell(cell, reading) for cell in row if cell.tag in ("td", "th")]
        for row in table.iter("tr")
    ]
    reading.into.add_table(rows, f"table {reading.table}")


def _cell(cell: Any, reading: _Reading) -> str:
    """The text of a cell, its paragraphs parted by a blank line."""
    inner = _Reading(Collected(reading.into.source), reading.photo_voice)
    _enter(cell, inner)
    for child in cell:
        _read(child, inner)
    inner.flush()
    reading.into.omissions += inner.into.omissions
    return "\n\n".join(paragraph.text for paragraph in inner.into.paragraphs)
