"""The tags that Taguette exports as a table: names and descriptions, with counts.

Its other form, ``.qdc``, is read by `read_refi`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from reflect_analysis.codebook.grids import Grid, read_grids
from reflect_analysis.errors import CodebookError, ExchangeError, raise_all
from reflect_analysis.exchange.assembling import NamedCode, Parts, codebook_of, exchanged
from reflect_analysis.exchange.refi.elements import Problems, clean
from reflect_analysis.exchange.taguette import by_tags
from reflect_analysis.exchange.values import Exchanged

__all__ = ["is_taguette_codes", "read_taguette_codes"]

_HEADER = ("tag", "description")


def is_taguette_codes(header: Iterable[str]) -> bool:
    """Whether a table's header is that of exported tags."""
    return tuple(cell.strip().casefold() for cell in header)[:2] == _HEADER


def read_taguette_codes(path: str | Path) -> Exchanged:
    """Read the tags that Taguette exported as CSV or Excel.

    Returns
    -------
    Exchanged
        With the codebook alone.

    Raises
    ------
    ExchangeError
        If it is no such table, or a tag stands twice, with every row.
    """
    file = Path(path)
    try:
        grids = read_grids(file)
    except CodebookError as problem:
        raise ExchangeError(problem.faults) from None
    found = [row for grid in grids for row in _rows(grid)]
    if not found:
        raise ExchangeError(f"{file.name}: no tags; expected the columns tag and description")
    raise_all(ExchangeError, _doubled(found, file.name))
    tags = {number: (name, about) for number, name, about in found}
    codes: Sequence[NamedCode] = list(by_tags(tags))
    book = codebook_of(codes, title=file.stem)
    return exchanged(Parts("Taguette codebook", Problems(file.name), book, "Taguette"))


def _rows(grid: Grid) -> Iterator[tuple[int, str, str]]:
    if not grid.rows or not is_taguette_codes(grid.rows[0][1]):
        return
    for number, cells in grid.rows[1:]:
        name = clean(cells[0]) if cells else ""
        if name:
            yield number, name, clean(cells[1]) if len(cells) > 1 else ""


def _doubled(rows: Iterable[tuple[int, str, str]], name: str) -> Iterator[str]:
    first: dict[str, int] = {}
    for number, tag, _ in rows:
        if first.setdefault(tag, number) != number:
            yield f"{name}, row {number}: the tag {tag!r} of row {first[tag]} again"
