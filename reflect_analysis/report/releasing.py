"""The report as a release: what it tells, held against what was sent before."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
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
from reflect_analysis.disclosure.descent import agreement_on, gone_codes
from reflect_analysis.disclosure.linked import Sent, printed_before
from reflect_analysis.errors import OutputError, counted
from reflect_analysis.report.further import title_of
from reflect_analysis.report.protecting import given_back
from reflect_analysis.themes import shown_participants

if TYPE_CHECKING:
    from reflect_analysis.report.study import Study

__all__ = ["beside_earlier", "hidden_beside_earlier", "open_ledger", "release_for"]

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
    study = dataclasses.replace(study, earlier=ledger.releases)
    found = gather(study)
    release = release_of(found)
    back, sent = _given_back(study, release)
    if back:
        # Where coders agree on a code its agreement says how many said it.
        names = (cell.what for cell in release.cells)
        beside = {
            name: back[code].replace(code, name, 1)
            for name in names
            if (code := agreement_on(name)) in back
        }
        study = dataclasses.replace(study, withheld={**study.withheld, **back, **beside})
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
    remarks = tuple(_remarks(study, sent))
    return found, dataclasses.replace(
        release, withheld=(*release.withheld, *_because(study)), remarks=remarks
    )


def hidden_beside_earlier(study: Study) -> int:
    """How many counts and quotes are hidden because of what was sent before."""
    return len(study.withheld) + len(study.withheld_quotes) + sum(study.beside.beside.values())


def _because(study: Study) -> Iterator[str]:
    """How much of each further result is hidden beside earlier releases, by its title."""
    for place, rows in study.beside.beside.items():
        why = "from which with earlier releases a count of few people would follow"
        if place in study.yielding:
            why = "because reflections that were printed before would tell of few people beside it"
        yield f"{title_of(study.further[place])}: {counted(rows, 'row')} hidden, {why}"


def _given_back(study: Study, release: Release) -> tuple[dict[str, str], Sent]:
    """Of the codes whose counts are told, those that earlier releases would solve for few."""
    if not study.earlier or not {c.what for c in release.cells} & set(study.codebook.ids):
        return {}, Sent()
    return given_back(study)


def _remarks(study: Study, sent: Sent) -> Iterator[str]:
    """How earlier releases were reckoned with, what could not be, and what is no longer secret."""
    yield from _reckoned(sent.known or study.beside.known, sent.unheld or study.beside.unheld)
    # A release that tells no counts of codes was held against none.
    if sent.known or sent.unheld:
        yield from _given_up(study)
    if sent.known:
        yield from _no_longer_secret(study)


def _reckoned(known: Mapping[str, int], unheld: Mapping[str, int]) -> Iterator[str]:
    """How many counts of earlier releases were reckoned as known, and how many could not be."""
    for name, number in known.items():
        yield f"{name}: {counted(number, 'count')} reckoned as known"
    for name, number in unheld.items():
        yield (
            f"{name}: {counted(number, 'count')} held against the same count alone; today’s data "
            "do not give the number, who was counted is not here, or what it counts is not known"
        )


def _given_up(study: Study) -> Iterator[str]:
    """Codes that were printed and of which the codebook does not say what took their place."""
    for earlier in study.earlier:
        if gone := gone_codes(earlier, release_for("", study, (), ())):
            yield (
                f"{', '.join(gone)}: printed in {earlier.name}, and the codebook does not say what "
                "took its place; a new code that differs from it by few is hidden, and what "
                "several new codes tell of it together could not be held against it"
            )


def _no_longer_secret(study: Study) -> Iterator[str]:
    """Codes whose count is hidden here and was printed before."""
    for row in study.themes.rows:
        shown = shown_participants(row, k=study.k)
        if shown is None or shown.exact or row.participants is None:
            continue
        count, of = row.participants, row.of_participants
        before = printed_before(row.code_id, count, of, study.earlier, study.participants)
        if before is not None:
            yield f"{row.code_id}: hidden here, and printed in {before.name}; it stays known"


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
        book=tuple(code.id for code in study.codebook.in_use),
        became=tuple(_became(study)),
        quiet=tuple(sorted(study.quiet)),
    )


def _became(study: Study) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The codes in use no more that the codebook knows, with what stands in their place."""
    book = study.codebook
    for code in book.codes:
        if code.retired:
            yield code.id, book.current_ids(code.id)
