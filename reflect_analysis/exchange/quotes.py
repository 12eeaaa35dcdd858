"""Quotes without positions, as most students have coded before: a table of quote and code.

A row is a quote, its codes, and where they are known the document and the coder. Each quote is
found again in the texts, and becomes a coding where it stands in exactly one place. What stands
in several places or in none is listed with its row, never guessed. What Taguette exports as
highlights is such a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path, PureWindowsPath
from typing import Protocol

from reflect_analysis.codebook import Codebook
from reflect_analysis.codebook.checks import slug
from reflect_analysis.codebook.grids import Grid, read_grids
from reflect_analysis.corpus import Corpus, Document
from reflect_analysis.errors import CodebookError, ExchangeError, did_you_mean, raise_all
from reflect_analysis.exchange.assembling import (
    Found,
    NamedCode,
    Parts,
    Selected,
    codebook_of,
    exchanged,
    source_report,
)
from reflect_analysis.exchange.finding import Place, Texts
from reflect_analysis.exchange.foreign import moment
from reflect_analysis.exchange.refi.elements import Problems, clean
from reflect_analysis.exchange.unknowns import UNKNOWN_TIME
from reflect_analysis.exchange.values import Exchanged, SourceReport

__all__ = ["COLUMNS", "book_of", "columns_of", "documents_by_name", "is_header", "read_quotes"]

# What a column may be called, by what it holds; with small letters and underscores.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "quote": (
        *("content", "quotation", "quotation_content", "excerpt", "extract", "passage", "segment"),
        *("coded_segment", "coded_text", "text", "highlight", "citation", "extrait", "verbatim"),
    ),
    "code": ("codes", "tag", "tags", "code_name", "codes_applied", "node", "theme", "label"),
    "document": (
        *("document_id", "doc", "document_name", "file", "filename", "file_name", "source"),
        *("reflection", "reflection_id", "transcript", "media_title"),
    ),
    "coder": ("coded_by", "by", "created_by", "owner", "user", "researcher"),
    "memo": ("memos", "comment", "comments", "note", "notes"),
    "at": ("date", "created", "created_date", "time"),
}
_DOUBTFUL = {"text", "content", "passage", "theme", "label", "node"}
_SEPARATORS = re.compile(r"\s*[;\n|]\s*")
_HOW = {
    "normalised": "found with other blanks, quotation marks, dashes or capitals",
    "letters": "found without its blanks and hyphens",
}
_LARGEST_HTML = 100 * 1024**2


@dataclass(frozen=True, slots=True)
class _Row:
    place: str
    quote: str
    codes: tuple[str, ...]
    document: str = ""
    coder: str = ""
    memo: str = ""
    at: str = ""


def read_quotes(
    path: str | Path,
    corpus: Corpus | None = None,
    *,
    codebook: Codebook | None = None,
    coder: str = "imported",
    columns: Mapping[str, str] | None = None,
    assume_seen: bool = False,
) -> Exchanged:
    """Read a table of quotes and codes, and find each quote again in the texts.

    Parameters
    ----------
    path : str or Path
        CSV or Excel; or the highlights that Taguette exports as HTML.
    corpus : Corpus, optional
        The texts. Without them the rows are counted, and none becomes a coding.
    codebook : Codebook, optional
        Its codes, by id or name; without it the codes are made of the names in the table.
    coder : str
        Who coded, where no column says so.
    columns : mapping, optional
        Which column holds ``"quote"``, ``"code"``, ``"document"``, ``"coder"``, ``"memo"`` and
        ``"at"``, where their names do not tell.
    assume_seen : bool
        Whether every coder is taken to have read each document that they coded in.

    Returns
    -------
    Exchanged
        Its corpus is the one given. In the report a row is a selection; each that was not
        found, or found several times, is an omission too.

    Raises
    ------
    ExchangeError
        With every row that cannot be read, and every code that the codebook lacks.
    """
    file = Path(path)
    rows, faults = _rows(file, columns or {})
    texts = corpus or Corpus(())
    found, unknown = book_of(rows, codebook, file)
    raise_all(ExchangeError, [*faults, *unknown])
    parts = Parts("table of quotes", Problems(file.name), found)
    _find_all(parts, rows, texts, coder)
    return exchanged(parts, corpus=texts, assume_seen=assume_seen)


# ── finding ──


def _find_all(parts: Parts, rows: Sequence[_Row], corpus: Corpus, coder: str) -> None:
    texts, names = Texts(corpus), documents_by_name(corpus)
    held: dict[str, list[Selected]] = {}
    places: dict[tuple[str, str], Place] = {}
    for row in rows:
        key = (row.quote, row.document)
        if key not in places:
            places[key] = _find(row, texts, names)
        place = places[key]
        held.setdefault(place.document_id, []).append(
            Selected(
                row.place,
                span=(place.start, place.end) if place.document_id else None,
                codes=tuple(parts.book.ids[each] for each in row.codes),
                coder=row.coder or coder,
                at=moment([row.at], UNKNOWN_TIME),
                note=place.reason or _HOW.get(place.how, ""),
                memo=row.memo,
            )
        )
    _report(parts, corpus, held)


def _report(parts: Parts, corpus: Corpus, held: Mapping[str, Sequence[Selected]]) -> None:
    for document in corpus:
        if selected := held.get(document.id, ()):
            reports = parts.select(document, selected)
            parts.sources.append(source_report(document, reports, selected, unit="found again"))
    if lost := held.get("", ()):
        parts.select(Document("", " "), lost)
        parts.sources.append(
            SourceReport("", "not found", unit="found again", selections=len(lost), score=0.0)
        )
        several = sum(row.note.startswith("it stands in") for row in lost)
        total = sum(map(len, held.values()))
        parts.problems.notes.append(
            f"{len(lost)} of {total} quotes became no coding: {several} stand in several places, "
            f"{len(lost) - several} in none"
        )


def _find(row: _Row, texts: Texts, names: Mapping[str, tuple[str, ...]]) -> Place:
    if not texts.documents:
        return Place(reason="no texts were given to find it in")
    if not row.document:
        return texts.find(row.quote)
    ids = names.get(_plain(row.document), ()) or names.get(_stem(row.document), ())
    if not ids:
        return Place(reason=f"no document {row.document!r}{did_you_mean(row.document, names)}")
    if len(ids) > 1:
        return Place(reason=f"{len(ids)} documents are called {row.document!r}")
    return texts.find(row.quote, ids[0])


def documents_by_name(corpus: Corpus) -> dict[str, tuple[str, ...]]:
    """Documents by what a table may call them: the id before the file and its stem."""
    found: dict[str, dict[str, None]] = {}
    for name_of in (
        lambda d: d.id,
        lambda d: d.source,
        lambda d: str(d.attributes.get("file", "")),
    ):
        named: dict[str, dict[str, None]] = {}
        for document in corpus:
            name = name_of(document)
            for each in filter(None, {_plain(name), _stem(name)}):
                named.setdefault(each, {})[document.id] = None
        found = {**named, **found}
    return {name: tuple(ids) for name, ids in found.items()}


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _stem(name: str) -> str:
    file = PureWindowsPath(_plain(name)).name  # of either kind of path
    stem, dot, ending = file.rpartition(".")
    return stem if dot and ending.isalnum() and len(ending) <= len("jsonl") else file


# ── codes ──


class _Coded(Protocol):
    """A row that names its place and its codes."""

    @property
    def place(self) -> str: ...
    @property
    def codes(self) -> tuple[str, ...]: ...


def book_of(
    rows: Iterable[_Coded], codebook: Codebook | None, file: Path
) -> tuple[Found, list[str]]:
    """The codes of the rows; the faults are the names that a given codebook lacks."""
    names: dict[str, str] = {}
    for row in rows:
        for name in row.codes:
            names.setdefault(name, row.place)
    if codebook is None:
        return codebook_of([NamedCode(name, name) for name in names], title=file.stem), []
    known = {_plain(code.name): code.id for code in codebook} | {c.id: c.id for c in codebook}
    ids = {name: known.get(_plain(name)) or known.get(slug(name)) for name in names}
    shown = {code.name for code in codebook}
    faults = [
        f"{file.name}, {names[name]}: no code {name!r} in the codebook{did_you_mean(name, shown)}"
        for name, found in ids.items()
        if found is None
    ]
    return Found(codebook, {name: found or "" for name, found in ids.items()}), faults


# ── the table ──


def columns_of(header: Iterable[str]) -> dict[str, int]:
    """What each column of a header holds, by the names that programs and people give.

    Examples
    --------
    >>> columns_of(["id", "document", "tag", "content"])
    {'document': 1, 'code': 2, 'quote': 3}
    """
    meaning = {name: key for key, names in COLUMNS.items() for name in (key, *names)}
    found: dict[str, int] = {}
    for number, cell in enumerate(header):
        key = meaning.get(_word(cell))
        if key is not None:
            found.setdefault(key, number)
    return found


def is_header(cells: Sequence[str]) -> bool:
    """Whether a row is plainly the header of coded quotes.

    A table of texts may have a column ``text`` and one called ``theme``: that is none.

    Examples
    --------
    >>> is_header(["Document", "Code", "Quote"]), is_header(["id", "text", "theme"])
    (True, False)
    """
    found = columns_of(cells)
    if not {"quote", "code"} <= found.keys():
        return False
    names = {key: _word(cells[number]) for key, number in found.items()}
    highlights = names["quote"] == "content" and names["code"] == "tag"
    return highlights or not {names["quote"], names["code"]} & _DOUBTFUL


def _word(cell: str) -> str:
    return "_".join(re.findall(r"[^\W_]+", cell.casefold()))


def _rows(file: Path, columns: Mapping[str, str]) -> tuple[list[_Row], list[str]]:
    if unknown := [each for each in columns if each not in COLUMNS]:
        raise ValueError(f"columns: expected {', '.join(COLUMNS)}, not {unknown[0]!r}")
    if file.suffix.lower() in (".html", ".htm"):
        return _html_rows(file), []
    try:
        grids = read_grids(file)
    except CodebookError as problem:
        raise ExchangeError(problem.faults) from None
    rows: list[_Row] = []
    faults: list[str] = []
    for grid in grids:
        some, wrong = _grid_rows(grid, columns, file.name)
        rows += some
        faults += wrong
    if not rows and not faults:
        faults.append(
            f"{file.name}: no table of quotes; expected a header with a column for the quote "
            "(such as 'quote') and one for its code (such as 'code')"
        )
    return rows, faults


def _grid_rows(grid: Grid, columns: Mapping[str, str], name: str) -> tuple[list[_Row], list[str]]:
    filled = [(number, cells) for number, cells in grid.rows if any(map(str.strip, cells))]
    if not filled:
        return [], []
    header, at = filled[0][1], columns_of(filled[0][1])
    words = [_plain(cell) for cell in header]
    missing = [each for each in columns.values() if _plain(each) not in words]
    if missing:
        hints = (f"{each!r}{did_you_mean(each, header)}" for each in missing)
        return [], [f"{name}{grid.where(filled[0][0])}: no column {hint}" for hint in hints]
    at |= {key: words.index(_plain(each)) for key, each in columns.items()}
    if not {"quote", "code"} <= at.keys():
        return [], []
    rows, faults = [], []
    for number, cells in filled[1:]:
        faults += [f"{name}{grid.where(number)}: {each}" for each in grid.faults.get(number, ())]
        given = {key: cells[index].strip() for key, index in at.items() if index < len(cells)}
        rows.append(_row(f"row {number}", given))
    return [row for row in rows if row.quote or row.codes], faults


def _row(place: str, cells: Mapping[str, str]) -> _Row:
    names = filter(None, map(clean, _SEPARATORS.split(cells.get("code", ""))))
    return _Row(
        place,
        cells.get("quote", ""),
        tuple(dict.fromkeys(names)),
        *(clean(cells.get(key, "")) for key in ("document", "coder", "memo", "at")),
    )


# ── highlights as HTML ──


class _Highlights(HTMLParser):
    """Paragraphs of a page; those that begin with Document: tell of the quote before."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[list[str]] = [[]]
        self.in_body = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  # the parser's own signature
        if tag == "body":
            self.in_body = True
        elif tag in ("p", "hr", "h1"):
            self.blocks.append([])

    def handle_data(self, data: str) -> None:
        if self.in_body:
            self.blocks[-1].append(data)


_ABOUT = re.compile(r"\s*Document:\s*(?P<document>.*?)\s*Tags:\s*(?P<tags>.*?)\s*", re.DOTALL)


def _html_rows(file: Path) -> list[_Row]:
    try:
        if file.stat().st_size > _LARGEST_HTML:
            raise ExchangeError(f"{file.name}: larger than {_LARGEST_HTML} bytes")
        page = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise ExchangeError(f"{file.name}: cannot be read ({type(problem).__name__})") from None
    words = _Highlights()
    try:
        words.feed(page)
        words.close()
    except AssertionError:  # how Python's parser says that a declaration is broken
        raise ExchangeError(f"{file.name}: its HTML cannot be read") from None
    rows = list(_told(["".join(block) for block in words.blocks]))
    if not rows:
        raise ExchangeError(f"{file.name}: no highlights in it; expected what Taguette exports")
    return rows


def _told(blocks: Sequence[str]) -> Iterator[_Row]:
    quote: list[str] = []
    number = 0
    for block in blocks[2:]:  # what stands before and in the heading
        about = _ABOUT.fullmatch(block)
        if about is None:
            quote.append(block.strip())
            continue
        number += 1
        tags = (clean(each) for each in about["tags"].split(","))
        text = "\n".join(filter(None, quote))
        yield _Row(f"highlight {number}", text, tuple(filter(None, tags)), clean(about["document"]))
        quote = []
