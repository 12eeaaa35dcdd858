"""The report as a release: what it tells, held against what was sent before."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from reflect_analysis.disclosure import (
    Ledger,
    Release,
    ReleasedCell,
    ReleasedQuote,
    read_ledger,
    released_count,
)
from reflect_analysis.errors import OutputError
from reflect_analysis.report.contents import Contents, gather
from reflect_analysis.themes import shown_participants

__all__ = ["beside_earlier", "open_ledger"]

_NOBODY = "nobody yet"


def open_ledger(ledger: str | Path | None, out: str | Path, *, to: str, k: int) -> Ledger:
    """The ledger that a report is held against; an empty one where none is kept.

    Raises
    ------
    DisclosureError
        If the file is there and cannot be read.
    OutputError
        If it lies in the folder that the report replaces.
    ValueError
        If nobody is named whom the report is sent to.
    """
    if ledger is None:
        return Ledger((), k)
    if not to.strip():
        raise ValueError("with a ledger, name whom the report is sent to: to='ministry'")
    path, target = Path(ledger).absolute(), Path(out).absolute()
    if target in path.parents:
        raise OutputError(
            f"{ledger}: lies in the report's own folder, which is replaced as a whole"
        )
    return read_ledger(path, k=k)


def beside_earlier(contents: Contents, ledger: Ledger, to: str) -> tuple[Contents, Release]:
    """The contents without what would give somebody away beside earlier releases.

    Returns
    -------
    (Contents, Release)
        What is shown, and the same as the ledger keeps it.
    """
    release = _release(contents, to)
    # What is hidden now can let something else follow, so it is tried until nothing does.
    while leaks := ledger.check(release):
        study = contents.study
        counts = {leak.what: leak.reason for leak in leaks if leak.span is None}
        quotes = {leak.span: leak.reason for leak in leaks if leak.span is not None}
        more = dataclasses.replace(
            study,
            withheld={**study.withheld, **counts},
            withheld_quotes={**study.withheld_quotes, **quotes},
        )
        if len(more.withheld) + len(more.withheld_quotes) == len(study.withheld) + len(
            study.withheld_quotes
        ):
            break  # nothing is left to hide; adding it to the ledger says what is wrong
        contents = gather(more)
        release = _release(contents, to)
    return contents, release


def _release(contents: Contents, to: str) -> Release:
    study = contents.study
    printed = contents.quotes.selection.quotes
    return Release(
        to=to.strip() or _NOBODY,
        cells=tuple(_cells(contents)),
        quotes=tuple(ReleasedQuote(*quote.span, quote.attribution) for quote in printed),
        persons=tuple(sorted(study.participants)),
        title=contents.study.title,
        withheld=(*study.withheld.values(), *study.withheld_quotes.values()),
    )


def _cells(contents: Contents) -> Iterator[ReleasedCell]:
    """The counts of participants that the theme table prints; a reflexive study prints none."""
    study = contents.study
    if study.approach == "reflexive":
        return
    for row in study.themes.rows:
        shown = shown_participants(row, k=study.k)
        if shown is not None and row.of_participants:
            yield released_count(row.code_id, shown, row.of_participants)
