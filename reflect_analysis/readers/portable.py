"""The text of a PDF, by pypdf: a printed page read back as paragraphs.

A PDF holds letters at places, not paragraphs. What is told from the lines: a line that ends
a sentence short of the margin, a blank line, an attribution below the end of words, a bullet,
a dash or an opening quotation mark at the beginning of a line part two paragraphs; a hyphen
at the end of a line is taken away where the page writes the word without it, or a small letter
follows; lines that come back at the top or the bottom of pages are headers and footers. What
was joined is counted in the run's settings.

A PDF of pictures of pages (a scan) and a locked one give nothing but the omission that
says so; comments and the fields of a form are listed.
"""

from __future__ import annotations

import io
import re
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from reflect_analysis._quiet import without_log
from reflect_analysis.errors import CorpusError

from ._attribution import parse_plain
from ._files import read_bytes
from ._found import Place
from ._paragraphs import TEXT_LIMIT, Collected, Content

PAGES_LIMIT = 1000

_BULLET = re.compile(r"\s*[•·▪▫◦‣⁃●○■□►➢✓✔\uf0b7\uf0a7]\s*")
_OPENS = re.compile(r"\s*(?:[—–―~“«\"(]|#{1,6}\s|\d{1,2}[.)]\s|-{1,3}\s?\S)")
_ENDS = re.compile(r"[.!?…:][\"'”’»)\]]*$")
_CLOSES = re.compile(r"[\"”’»“]$")
_FEW_WORDS = 3
_HYPHEN = re.compile(r"([^\W\d_]{2,})[-\u2010\u00ad]$")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_NUMBER = re.compile(r"(?:page\s*)?\d{1,4}(?:\s*(?:/|of|sur|de)\s*\d{1,4})?", re.IGNORECASE)
_EDGE_LINES = 3
_FEWEST_PAGES = 2
_SHORT = 0.75
_NARROW = 0.6
_PAGE_END = "\f"

Line = tuple[str, int]


def read_portable(place: Place) -> Content:
    """The content of a ``.pdf`` file.

    Raises
    ------
    CorpusError
        If it is no PDF or is damaged.
    """
    data = read_bytes(place)
    if b"%PDF-" not in data[:1024]:
        raise CorpusError(f"{place.name}: not a PDF; save it again, or give it its own suffix")
    into = Collected(place.name)
    with without_log("pypdf"):
        try:
            pages = _pages(data, into)
        except CorpusError:
            raise
        except Exception as problem:  # noqa: BLE001  # pypdf raises whatever the broken file provokes
            raise CorpusError(
                f"{place.name}: a damaged PDF ({type(problem).__name__}); print it to PDF again"
            ) from None
    lines = _without_margins(pages, into)
    for text, number, is_item in _paragraphs(lines, into):
        into.add(text, f"page {number}", item=is_item)
    return into.content()


def _pages(data: bytes, into: Collected) -> list[list[str]]:
    """The lines of each page; none of a file that is locked."""
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted and not _opened(reader):
        into.leave("", "locked with a password; save it without one")
        return []
    if len(reader.pages) > PAGES_LIMIT:
        raise CorpusError(
            f"{into.source}: {len(reader.pages):,} pages; at most {PAGES_LIMIT:,} are read; "
            "split it"
        )
    pages, letters = [], 0
    for number, page in enumerate(reader.pages, start=1):
        text = _CONTROL.sub("", page.extract_text() or "")
        letters += len(text)
        if letters > TEXT_LIMIT:
            raise CorpusError(f"{into.source}: more than {TEXT_LIMIT:,} characters; split it")
        pages.append([line.rstrip() for line in re.split(r"[\n\r\f\v]", text)])
        _list_notes(page, number, into)
    _list_empty(pages, into)
    fields = reader.get_fields() or {}
    if fields:
        into.leave("", f"{len(fields)} fields of a form are not read; print it to PDF first")
    return pages


def _opened(reader: Any) -> bool:
    """Whether a file opens without a password; some are only locked against printing."""
    try:
        return bool(reader.decrypt(""))
    except Exception:  # noqa: BLE001  # a cipher that is not installed raises its own error
        return False


def _list_notes(page: Any, number: int, into: Collected) -> None:
    """List the comments on a page."""
    for annotation in page.get("/Annots") or ():
        words = annotation.get_object().get("/Contents")
        if isinstance(words, str):
            into.omit(words, f"page {number}", "a comment")


def _list_empty(pages: Sequence[Sequence[str]], into: Collected) -> None:
    """List the pages without a letter, as a scan has them."""
    empty = [n for n, lines in enumerate(pages, start=1) if not any(map(str.strip, lines))]
    if len(empty) == len(pages):
        into.leave("", "a PDF of pictures, without text (a scan?); its words need typing or OCR")
        return
    for number in empty:
        into.leave(f"page {number}", "a page without text: a picture, or blank")


def _without_margins(pages: Sequence[Sequence[str]], into: Collected) -> list[Line]:
    """The lines with their pages, without those that come back at the edges of pages."""
    edges = [_edges(lines) for lines in pages]
    written = [page for page in edges if page]
    counts = Counter(mark for page in edges for mark in {_alike(line) for line in page.values()})
    fewest = max(_FEWEST_PAGES, (len(written) + 1) // 2)
    kept: list[Line] = []
    for number, lines in enumerate(pages, start=1):
        inner = []
        for index, line in enumerate(lines):
            edge = edges[number - 1].get(index, "")
            if _NUMBER.fullmatch(edge):
                continue
            if edge and counts[_alike(edge)] >= fewest:
                into.omit(edge, f"page {number}", "comes back on pages: a header or a footer")
                continue
            inner.append(line)
        kept += [(line, number) for line in "\n".join(inner).strip("\n ").split("\n")]
        kept.append((_PAGE_END, number))
    return kept


def _edges(lines: Sequence[str]) -> dict[int, str]:
    """The first and the last lines of a page, by their index."""
    filled = [index for index, line in enumerate(lines) if line.strip()]
    chosen = {*filled[:_EDGE_LINES], *filled[-_EDGE_LINES:]}
    return {index: lines[index].strip() for index in chosen}


def _alike(line: str) -> str:
    """A line in which numbers, as those of pages, are all the same."""
    return re.sub(r"\d+", "#", " ".join(line.casefold().split()))


def _paragraphs(lines: Sequence[Line], into: Collected) -> Iterator[tuple[str, int, bool]]:
    """The paragraphs, each with its page and whether it is an item of a list."""
    words = Counter(
        re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", " ".join(t for t, _ in lines).casefold())
    )
    widths = [len(text.strip()) for text, _ in lines if len(text.strip()) > 1]
    margin = statistics.quantiles(widths, n=10)[-1] if len(widths) > 1 else 0.0
    joined: Counter[str] = Counter()
    paragraph, page = "", 1
    previous = ""
    is_credited = False
    for (text, number), (following, _) in zip(lines, [*lines[1:], ("", 0)], strict=False):
        line = text.strip()
        is_credit = bool(line) and _is_attribution(line, previous, following.strip())
        is_new = is_credit or is_credited or not line or _begins(line, previous, margin)
        if text == _PAGE_END:
            # A page ends in the middle of a sentence or it does not.
            if paragraph and _ENDS.search(paragraph):
                yield _finished(paragraph, page)
                paragraph = ""
            continue
        is_credited = is_credit
        if paragraph and is_new:
            yield _finished(paragraph, page)
            paragraph = ""
        if line:
            page = page if paragraph else number
            paragraph = _joined(paragraph, line, words, joined)
            previous = line
    if paragraph:
        yield _finished(paragraph, page)
    if joined:
        into.notes["hyphens at line ends"] = ", ".join(f"{n} {how}" for how, n in joined.items())


def _is_attribution(line: str, previous: str, following: str) -> bool:
    """Whether a line below the end of words says whose they were, and no sentence goes on in it."""
    if not _ENDS.search(previous) or following[:1].islower():
        return False
    closes = _CLOSES.search(previous) is not None
    has_parts = re.search(r"[,|·;]", line) or len(line.split()) <= _FEW_WORDS
    return bool(has_parts) and parse_plain(line, after_quotation=closes) is not None


def _finished(paragraph: str, page: int) -> tuple[str, int, bool]:
    item = _BULLET.match(paragraph)
    return (paragraph[item.end() :] if item else paragraph), page, item is not None


def _begins(line: str, previous: str, margin: float) -> bool:
    """Whether a line begins a paragraph."""
    if _BULLET.match(line) or _OPENS.match(line):
        return True
    is_short = len(previous) < _SHORT * margin
    if _ENDS.search(previous):
        return is_short
    return len(previous) < _NARROW * margin and not line[:1].islower()


def _joined(paragraph: str, line: str, words: Counter[str], joined: Counter[str]) -> str:
    """A paragraph with one more line; a word that the margin broke is made whole."""
    if not paragraph:
        return line
    broken = _HYPHEN.search(paragraph)
    rest = re.match(r"[^\W\d_]+", line)
    if not broken or not rest or not rest[0][0].islower():
        return f"{paragraph} {line}"
    is_compound = (
        words[f"{broken[1]}-{rest[0]}".casefold()] > words[f"{broken[1]}{rest[0]}".casefold()]
    )
    joined["kept" if is_compound else "taken away"] += 1
    return f"{paragraph if is_compound else paragraph[:-1]}{line}"
