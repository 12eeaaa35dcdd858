"""What a file is, by what is in it: the ending is a hint, never the proof."""

from __future__ import annotations

import contextlib
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from reflect_analysis.codebook import Codebook
from reflect_analysis.codebook.grids import read_grids
from reflect_analysis.corpus import Corpus, Kind
from reflect_analysis.errors import CodebookError, ExchangeError
from reflect_analysis.exchange.annotations import ANNOTATIONS, read_annotations
from reflect_analysis.exchange.foreign import SQLITE_MAGIC, open_tables, tables_in
from reflect_analysis.exchange.lines import read_spans
from reflect_analysis.exchange.qualcoder import QUALCODER_TABLES, qualcoder_file, read_qualcoder
from reflect_analysis.exchange.quotes import is_header, read_quotes
from reflect_analysis.exchange.refi import read_refi
from reflect_analysis.exchange.taguette import TAGUETTE_TABLES, read_taguette
from reflect_analysis.exchange.taguette_codes import is_taguette_codes, read_taguette_codes
from reflect_analysis.exchange.values import Exchanged, LineEnds, Unit

__all__ = ["Format", "may_be_foreign", "read_exchange", "recognise"]

Format = Literal[
    "REFI-QDA", "Taguette", "Taguette codes", "QualCoder", "quotes", "spans", "annotations", ""
]
_HEAD = 64 * 1024
_TABLES = (".csv", ".tsv", ".xlsx", ".xlsm")
_TEXTS = (".jsonl", ".jsonld", ".json", ".qde", ".qdc", ".xml", ".xsd", ".html", ".htm")
_ENDINGS = (*_TEXTS, *_TABLES, ".qdpx", ".qda", ".sqlite3")
_ROOT = re.compile(rb"<(?:[\w.-]+:)?(?:Project|CodeBook)[\s>]")
_ROWS = 5  # in which a header is looked for


def recognise(path: str | Path) -> Format:
    """The format of a file or folder of another program; empty for anything else.

    Texts, codebooks of this package and its studies are "anything else": `read_corpus`,
    `read_codebook` and `Project` read those.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    {"REFI-QDA", "Taguette", "Taguette codes", "QualCoder", "quotes", "spans", "annotations", ""}
    """
    file = qualcoder_file(Path(path))
    try:
        with file.open("rb") as opened:
            head = opened.read(_HEAD)
    except OSError:
        return ""
    suffix = file.suffix.lower()
    if head.startswith(SQLITE_MAGIC):
        return _database(file)
    if suffix in _TABLES:
        return _table(file)
    if suffix == ".qdpx":
        return "REFI-QDA"
    if head.startswith(b"PK"):
        return "REFI-QDA" if _holds_project(file) else ""
    return _by_words(head, suffix)


def may_be_foreign(path: str | Path) -> bool:
    """Whether a file's ending is that of another program's, whatever is in it."""
    return Path(path).suffix.lower() in _ENDINGS and Path(path).exists()


def _by_words(head: bytes, suffix: str) -> Format:
    """What the beginning of a text file says."""
    if suffix in (".qde", ".qdc") or (b"urn:QDA-XML:" in head and _ROOT.search(head)):
        return "REFI-QDA"
    if suffix in (".html", ".htm") and b"<title>Taguette highlights</title>" in head:
        return "quotes"
    if suffix in (".jsonld", ".json") and ANNOTATIONS.encode() in head:
        return "annotations"
    spans = b'"text"' in head and (b'"spans"' in head or b'"label' in head)
    return "spans" if suffix == ".jsonl" and spans else ""


def _database(file: Path) -> Format:
    tables = tables_in(file)
    if tables.issuperset(TAGUETTE_TABLES):
        return "Taguette"
    return "QualCoder" if tables.issuperset(QUALCODER_TABLES) else ""


def _holds_project(file: Path) -> bool:
    """Whether a zip holds a project of REFI-QDA; only the list of its members is read."""
    try:
        with zipfile.ZipFile(file) as archive:
            return any(name.lower().endswith(".qde") for name in archive.namelist())
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return False


def _table(file: Path) -> Format:
    """A table of quotes has a column of quotes and one of codes; one of texts has no codes."""
    try:
        grids = read_grids(file)
    except CodebookError:
        return ""
    for grid in grids:
        for _, cells in grid.rows[:_ROWS]:
            if is_taguette_codes(cells):
                return "Taguette codes"
            if is_header(cells):
                return "quotes"
    return ""


def _begins(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(len(SQLITE_MAGIC))


def _check_database(path: Path) -> None:
    """Raise `ExchangeError` with the reason, if this is a database that cannot be read."""
    file = qualcoder_file(path)
    with contextlib.suppress(OSError):
        if file.is_file() and _begins(file) == SQLITE_MAGIC:
            with open_tables(file):
                pass


def read_exchange(
    path: str | Path,
    *,
    corpus: Corpus | None = None,
    codebook: Codebook | None = None,
    kind: Kind = "reflection",
    coder: str = "imported",
    assume_seen: bool = False,
    unit: Unit = "",
    line_ends: LineEnds = "",
) -> Exchanged:
    """Read a file of another program, whichever it is.

    Parameters
    ----------
    path : str or Path
    corpus : Corpus, optional
        The texts in which quotes without positions are looked for.
    codebook : Codebook, optional
        By which quotes were coded; without it their codes are made of their names.
    kind : str
        What the texts are, where the file does not tell.
    coder : str
        Who coded, where the file does not tell.
    assume_seen : bool
        Whether every coder is taken to have read each document that they coded in.
    unit, line_ends : str
        What positions count in a REFI-QDA project, where two readings fit alike: see `read_refi`.

    Raises
    ------
    ExchangeError
        If it is of no known format, or cannot be read, with every fault.
    """
    readers: dict[Format, Callable[[], Exchanged]] = {
        "REFI-QDA": lambda: read_refi(
            path, kind=kind, unit=unit, line_ends=line_ends, assume_seen=assume_seen
        ),
        "Taguette": lambda: read_taguette(path, kind=kind, assume_seen=assume_seen),
        "Taguette codes": lambda: read_taguette_codes(path),
        "QualCoder": lambda: read_qualcoder(path, kind=kind, assume_seen=assume_seen),
        "quotes": lambda: read_quotes(
            path, corpus, codebook=codebook, coder=coder, assume_seen=assume_seen
        ),
        "spans": lambda: read_spans(path, kind=kind, codebook=codebook, assume_seen=assume_seen),
        "annotations": lambda: read_annotations(
            path, corpus, codebook=codebook, coder=coder, assume_seen=assume_seen
        ),
    }
    reader = readers.get(recognise(path))
    if reader is not None:
        return reader()
    name = Path(path).name
    _check_database(Path(path))
    raise ExchangeError(
        f"{name}: of no format that is known here; expected a project of REFI-QDA (.qdpx, .qde), a "
        "codebook (.qdc), a project of Taguette (.sqlite3) or QualCoder (.qda), a table with "
        "columns for quote and code, spans as JSON lines, or Web Annotations (.jsonld)"
        f"{_advice(Path(path))}"
    )


def _advice(file: Path) -> str:
    """What to do with a text file in another encoding: nothing can be known of what it says."""
    if file.suffix.lower() not in (*_TEXTS, ".csv", ".tsv"):
        return ""
    try:
        with file.open("rb") as opened:
            opened.read(_HEAD).decode("utf-8-sig")
    except OSError:
        return ""
    except UnicodeDecodeError as problem:
        if problem.reason == "unexpected end of data":  # a character that the head cuts
            return ""
        return ". It is not UTF-8: save it again as UTF-8 (Excel: CSV UTF-8)"
    return ""
