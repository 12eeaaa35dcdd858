"""The report as a release: what it tells, held against what was sent before."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from reflect_analysis.disclosure import (
    Ledger,
    QuoteRecord,
    Release,
    ReleasedCell,
    ReleasedQuote,
    read_ledger,
)
from reflect_analysis.errors import OutputError

if TYPE_CHECKING:
    from reflect_analysis.report.study import Study

__all__ = ["beside_earlier", "open_ledger", "release_for"]

Gathered = TypeVar("Gathered")
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


def beside_earlier(
    study: Study,
    ledger: Ledger,
    gather: Callable[[Study], Gathered],
    release_of: Callable[[Gathered], Release],
) -> tuple[Gathered, Release]:
    """What is shown of a study without what would give somebody away beside earlier releases.

    Parameters
    ----------
    study : Study
    ledger : Ledger
    gather : callable
        Works out what is shown of a study, with what it withholds left out.
    release_of : callable
        What that tells.

    Returns
    -------
    (gathered, Release)
        What is shown, and the same as the ledger keeps it.
    """
    found = gather(study)
    release = release_of(found)
    # What is hidden now can let something else follow, so it is tried until nothing does.
    while leaks := ledger.check(release):
        # Of several reasons the first, which is of persons.
        counts = {leak.what: leak.reason for leak in reversed(leaks) if leak.span is None}
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
        study = more
        found = gather(study)
        release = release_of(found)
    return found, release


def release_for(
    to: str, study: Study, cells: Iterable[ReleasedCell], quotes: Iterable[QuoteRecord]
) -> Release:
    """What is told of a study, as the ledger keeps it."""
    return Release(
        to=to.strip() or _NOBODY,
        cells=tuple(dict.fromkeys(cells)),
        quotes=tuple(ReleasedQuote(*quote.span, quote.attribution) for quote in quotes),
        persons=tuple(sorted(study.participants)),
        title=study.title,
        withheld=(*study.withheld.values(), *study.withheld_quotes.values()),
    )
