"""One call from a table to a file: the suffix decides, and nothing is left half-written."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from reflect_analysis._waiting import patiently
from reflect_analysis.errors import DisclosureError, OutputError, did_you_mean, raise_all
from reflect_analysis.reliability import Agreement
from reflect_analysis.tables.agreement import agreement_tables
from reflect_analysis.tables.excel import to_xlsx
from reflect_analysis.tables.latex import to_latex
from reflect_analysis.tables.plain import to_csv, to_markdown
from reflect_analysis.tables.themes import shown_themes
from reflect_analysis.tables.values import Table, untold
from reflect_analysis.tables.web import to_html
from reflect_analysis.tables.word import to_docx
from reflect_analysis.themes import ThemeTable

__all__ = ["check_told", "export_table"]

_WRITERS: dict[str, Callable[[Sequence[Table]], bytes]] = {
    ".docx": to_docx,
    ".xlsx": to_xlsx,
    ".csv": to_csv,
    ".html": to_html,
    ".tex": to_latex,
    ".md": to_markdown,
}


def export_table(
    table: Table | ThemeTable | Agreement | Sequence[Table], path: str | Path, *, k: int = 5
) -> Path:
    """Write a table; the suffix of the path decides the format.

    A theme table and an agreement are written as they may be sent: with small counts hidden.
    An existing file is replaced once the new one is whole.

    Parameters
    ----------
    table : Table, ThemeTable, Agreement or sequence of Table
        Several go into one DOCX, XLSX, HTML, LaTeX or Markdown file; a CSV holds one, of an
        agreement the codes.
    path : str or Path
        Ending in ``.docx`` (APA 7), ``.xlsx``, ``.csv`` (UTF-8 with a byte order mark, which
        Excel needs; header and rows only), ``.html``, ``.tex`` or ``.md``.
    k : int
        Counts of persons below `k` are hidden in a theme table and in an agreement.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ValueError
        If the suffix is none of these, or there is no table.
    OutputError
        If the folder is missing, or another program holds the file open.
    DisclosureError
        If a table that is to be kept would be written into a report's ``share``.

    Examples
    --------
    >>> import tempfile
    >>> from reflect_analysis.tables import Column
    >>> table = Table("Themes", (Column("Code"), Column("n", "number")), (("Belonging", 12),))
    >>> path = export_table(table, Path(tempfile.mkdtemp()) / "themes.md")
    >>> print(path.read_text().splitlines()[-1])
    | Belonging | 12 |
    """
    target = Path(path)
    write = _WRITERS.get(target.suffix.lower())
    if write is None:
        known = ", ".join(_WRITERS)
        hint = did_you_mean(target.suffix.lower(), _WRITERS)
        raise ValueError(f"no table format {target.suffix!r} ({target.name}); use {known}{hint}")
    shown = _shown(table, k)
    if target.suffix.lower() == ".csv" and isinstance(table, Agreement):
        shown = shown[:1]
    _check_place(target, shown)
    _replace(target, write(shown))
    return target


def _shown(table: Table | ThemeTable | Agreement | Sequence[Table], k: int) -> list[Table]:
    """The tables as they are written: counted values as they may be sent."""
    if isinstance(table, ThemeTable):
        return [shown_themes(table, k=k)]
    if isinstance(table, Agreement):
        return list(agreement_tables(table, k=k))
    return _listed(table)


def _check_place(target: Path, tables: Sequence[Table]) -> None:
    """What is to be kept does not go into the folder that is sent, nor what no ledger knows."""
    folders = target.absolute().parents
    shared = any(each.name == "share" and (each.parent / "keep").is_dir() for each in folders)
    if shared and any(table.keep for table in tables):
        raise DisclosureError(
            f"{target}: this table is for the study's own people, and what lies in 'share' is "
            "sent; write it into 'keep'"
        )
    if shared:
        check_told(tables)


def check_told(tables: Sequence[Table]) -> None:
    """Refuse tables whose counts no ledger of releases would learn of.

    Raises
    ------
    DisclosureError
        With every such table and the places of its counts.
    """
    faults = []
    for table in tables:
        places = untold(table)
        if places:
            more = f" and {len(places) - 1} more" * (len(places) > 1)
            faults.append(f"{table!r}: {places[0].rpartition(':')[0]}{more}")
    heading = (
        "These tables are to be sent and do not say which counts they tell, so a ledger could not "
        "hold the next ones against them; give Table(released=…), a tuple for each row:"
    )
    raise_all(DisclosureError, faults, heading)


def _listed(table: Table | Sequence[Table]) -> list[Table]:
    tables = [table] if isinstance(table, Table) else list(table)
    if not tables:
        raise ValueError("no table to write")
    return tables


def _replace(target: Path, content: bytes) -> None:
    """Write beside and rename, so that a reader never meets half a file."""
    if not target.parent.is_dir():
        raise OutputError(f"{target}: there is no folder {str(target.parent)!r}; make it first")
    if target.is_dir():
        raise OutputError(f"{target}: this is a folder; give the name of a file")
    beside = target.with_name(f".{target.stem}-{secrets.token_hex(4)}{target.suffix}")
    try:
        beside.write_bytes(content)
        patiently(partial(os.replace, beside, target))  # one name, which tests stand in for
    except PermissionError:
        message = f"{target}: cannot be written; close it in Excel or Word and try again"
        raise OutputError(message) from None
    finally:
        beside.unlink(missing_ok=True)
