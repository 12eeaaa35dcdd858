"""The tables of a run, and those of them that may be sent beside all that was sent before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reflect_analysis.codebook import Codebook
from reflect_analysis.corpus import Corpus
from reflect_analysis.disclosure import (
    ALL,
    Ledger,
    Release,
    ReleasedCell,
    check_share,
    released_total,
)
from reflect_analysis.report.folder import check_parents, folder_beside
from reflect_analysis.report.releasing import open_ledger
from reflect_analysis.scale.counting import EVERYBODY
from reflect_analysis.scale.dataset import DatasetPlan
from reflect_analysis.scale.files import READ, RunFolder, beside, pyarrow, remove
from reflect_analysis.scale.runs import ScaledRun
from reflect_analysis.scale.telling import Tell, many
from reflect_analysis.tables import Table, export_table, shown_themes
from reflect_analysis.themes import Approach, ThemeTable

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["Sending", "write_tables"]

_TITLE = "Coding of a data set"
_TEXTS_OF_TOPICS = f"{ALL}texts in which topics were sought"
_UNHELD = (
    "not held against what was sent before: was anything sent, also of these texts with somebody "
    "more or less, the difference can tell of single persons; keep what is sent with ledger= and "
    "to= (--ledger FILE --to WHOM)"
)


@dataclass(frozen=True, slots=True)
class Sending:
    """How tables are made that may be sent.

    Parameters
    ----------
    k : int
        Counts of fewer persons are hidden; at least 3.
    ledger : Path, optional
        The file of everything that was sent.
    to : str
        Whom the tables are sent to; needed with `ledger`.
    """

    k: int = 5
    ledger: Path | None = None
    to: str = ""

    def known(self, folder: RunFolder) -> Ledger:
        """What was sent before; nothing where no ledger is kept.

        Raises
        ------
        DisclosureError
            If the ledger cannot be read.
        OutputError
            If it lies in the folder that is sent, or its own folder is none.
        ValueError
            If a recipient or a ledger comes alone.
        """
        if self.ledger is None and self.to.strip():
            raise ValueError("to= belongs to a ledger: name the file of what was sent, ledger=")
        if self.ledger is not None:
            check_parents(self.ledger)
        return open_ledger(self.ledger, folder.share, to=self.to, k=self.k)


def write_tables(
    run: ScaledRun,
    plan: DatasetPlan,
    sending: Sending,
    *,
    approach: Approach,
    topics: Table | None,
    tell: Tell,
) -> None:
    """Write the exact tables to keep, and those that may be sent.

    Parameters
    ----------
    run : ScaledRun
    plan : DatasetPlan
    sending : Sending
    approach : str
    topics : Table, optional
        The topics as they may be sent.
    tell : callable

    Raises
    ------
    DisclosureError
        If a pseudonym stands in what may be sent; nothing is left of it then.
    """
    folder = RunFolder(run.out)
    exact = run.themes(approach=approach)
    _keep(folder.keep / "themes.csv", exact.to_frame())
    if run.topics is None:
        remove(folder.keep / "topics.csv")
    else:
        _keep(folder.keep / "topics.csv", run.topics.to_frame())
    known = sending.known(folder)
    tables, release = _beside_earlier(_Shown(run, exact, topics, sending.k), known, sending.to)
    with folder_beside(folder.share) as place:
        for name, table in tables.items():
            for suffix in (".docx", ".xlsx", ".csv"):
                export_table(table, place / f"{name}{suffix}")
        # The tables are made of the codebook's words, of single words that several wrote, and of
        # counts: of all that the last search looks for, only pseudonyms could come into them.
        check_share(place, Corpus((), plan.cases), allowed=_own_words(run.codebook))
        if sending.ledger is not None:  # before the folder is there, so that none is missing in it
            _enter(known, release).save(sending.ledger)
    if sending.ledger is None:
        tell(_UNHELD)
    elif release.withheld:
        hidden = many(len(release.withheld), "count", "are")
        tell(f"{hidden} hidden because of what was sent before")


def _keep(path: Path, frame: DataFrame) -> None:
    """Write exact counts, whole or not at all."""
    with beside(path) as part:
        frame.to_csv(part, index=False, encoding="utf-8")


@dataclass(frozen=True)
class _Shown:
    """What may be shown of a run, without what is withheld."""

    run: ScaledRun
    exact: ThemeTable
    topics: Table | None
    k: int

    def tables(self, withheld: Mapping[str, str]) -> dict[str, Table]:
        coarse = any(what.startswith(ALL) for what in withheld)
        texts = None if coarse else self.run.counts["texts"]
        name = f"{'DRAFT-' if self.exact.draft else ''}themes"
        tables = {name: shown_themes(self.exact, k=self.k, texts=texts).without(withheld)}
        # Its sentence tells how many texts there are.
        if self.topics is not None and _TEXTS_OF_TOPICS not in withheld:
            tables["topics"] = self.topics.without(withheld)
        return tables

    def told(self, tables: Mapping[str, Table]) -> Iterator[ReleasedCell]:
        for table in tables.values():
            yield from table.told
        if "topics" in tables and self.run.topics is not None:
            yield released_total(_TEXTS_OF_TOPICS, self.run.topics.of, "texts")


def _beside_earlier(shown: _Shown, known: Ledger, to: str) -> tuple[dict[str, Table], Release]:
    """The tables without what would give somebody away beside earlier releases."""
    persons = _persons(shown.run)
    withheld: dict[str, str] = {}
    # What is hidden now can let something else follow, so it is tried until nothing does.
    while True:
        tables = shown.tables(withheld)
        release = Release(
            to.strip() or "nobody yet",
            tuple(dict.fromkeys(shown.told(tables))),
            persons=persons,
            title=_TITLE,
            withheld=tuple(withheld.values()),
        )
        # Of several reasons the first, which is of persons.
        leaks = {leak.what: leak.reason for leak in reversed(known.check(release))}
        if not leaks.keys() - withheld.keys():
            return tables, release  # adding it to the ledger says what cannot be hidden
        withheld |= leaks


def _persons(run: ScaledRun) -> tuple[str, ...]:
    """Everybody who has a text that the tables count."""
    parquet, pc = pyarrow("pyarrow.parquet"), pyarrow("pyarrow.compute")
    found: set[str] = set()
    for job in run.jobs:
        read = parquet.read_table(RunFolder(run.out).of(READ, job))
        found.update(read.filter(pc.equal(read["readers"], EVERYBODY))["case_id"].to_pylist())
    return tuple(sorted(found))


def _enter(known: Ledger, release: Release) -> Ledger:
    """The ledger with a release, unless the same was sent to the same before."""

    def told(each: Release) -> tuple[object, ...]:
        return each.to, each.title, set(each.cells), set(each.persons)

    if any(told(each) == told(release) for each in known.releases):
        return known
    return known.add(release)


def _own_words(book: Codebook) -> Iterator[str]:
    for code in book:
        yield from (code.name, code.definition)
    for group in book.groups:
        yield group.name
