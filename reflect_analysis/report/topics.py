"""The folder of a topic model: figures and tables in ``share``, sheets and members in ``keep``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reflect_analysis._rows import write_csv
from reflect_analysis.codings import Codings
from reflect_analysis.disclosure import (
    Approval,
    Attributions,
    Ledger,
    QuoteSelection,
    ReleasedCell,
    approved_quotes,
    check_share,
    quote_record,
)
from reflect_analysis.errors import TopicsError
from reflect_analysis.figures import (
    Figure,
    topic_code_figure,
    topic_map,
    topic_quote_figure,
    topic_stability_figure,
)
from reflect_analysis.provenance import describe_methods, now, package_version
from reflect_analysis.report.folder import check_output, folder_beside, own_words
from reflect_analysis.report.grouping import Grouping, gather_topics, shareable_topics
from reflect_analysis.report.keep import MARKER
from reflect_analysis.report.quotes import without
from reflect_analysis.report.releasing import beside_earlier, open_ledger, release_for
from reflect_analysis.report.study import Study
from reflect_analysis.tables import Table, check_told, export_table, topics_by_table
from reflect_analysis.tables.frames import frame_table
from reflect_analysis.topics import (
    TopicSheet,
    TopicUnit,
    document_intrusion,
    naming_sheet,
    topics_by,
    word_intrusion,
)

if TYPE_CHECKING:
    from reflect_analysis.codebook import Codebook
    from reflect_analysis.segments import Segments
    from reflect_analysis.topics import Alignment, Topics

__all__ = ["TopicsFolder", "write_topics"]

_README = """\
What lies here is not to be sent.

The files in this folder hold what single participants wrote and in which group of texts it is.
Send what lies beside this folder, in `share`, and nothing from here.

topics.csv           which passage is in which topic
topics-by-*.csv      participants of each topic by an attribute, with exact counts
alignment.csv        every topic beside every code
candidates.csv       topics that no code covers, with passages
sheets/              three tasks for readers, each a copy of its own: find the word, and the
                     passage, that does not belong; name a group, then apply the name
keys/                their answers: not for the readers (score_sheets reads both)
methods.txt          the methods paragraph
release.json         the counts and quotes that `share` tells, for the ledger of what was sent
report.json          how and when this folder was made
"""


@dataclass(frozen=True)
class TopicsFolder:
    """A folder that was written.

    Parameters
    ----------
    out : Path
        The folder, with ``share`` and ``keep`` in it.
    share, keep : tuple of Path
        What may be sent, and what may not.
    verdict : str
        Whether the solution is stable.
    figure_data : list of dict
        The topics as they may be sent, a row each.
    sentences : tuple of str
        What a reader must know.
    left_out : tuple of str
        Sheets that could not be made, and why.
    withheld : tuple of str
        What is hidden because of what was sent before, and why.
    """

    out: Path
    share: tuple[Path, ...]
    keep: tuple[Path, ...]
    verdict: str
    figure_data: tuple[dict[str, Any], ...]
    sentences: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()

    def __repr__(self) -> str:
        counts = f"{len(self.share)} files to send, {len(self.keep)} to keep"
        return f"<TopicsFolder {str(self.out)!r}: {counts}; {self.verdict}>"


def write_topics(  # noqa: PLR0913  # a folder is made from all that a fit holds
    out: str | Path,
    *,
    segments: Segments,
    codebook: Codebook,
    topics: Topics,
    alignment: Alignment | None = None,
    by: Iterable[str] = (),
    approvals: Iterable[Approval] = (),
    findings: Any = None,
    k: int = 5,
    random_state: int = 0,
    overwrite: bool = False,
    ledger: str | Path | None = None,
    to: str = "",
) -> TopicsFolder:
    """Write a topic model: ``share`` may be sent, ``keep`` may not.

    Parameters
    ----------
    out : str or Path
        The folder to be made.
    segments : Segments
        Those that were grouped.
    codebook : Codebook
    topics : Topics
    alignment : Alignment, optional
        Of the topics with the codebook.
    by : iterable of str
        Attributes by which participants are counted, such as ``"session"``.
    approvals : iterable of Approval
        The quote register, filled in: with quotes there is a figure of them by topic.
    findings : AnonymityReport, optional
        What the check for identifiers found: no such word is shown among a topic's words.
    k : int
        Counts of fewer persons are hidden in what may be sent; at least 3.
    random_state : int
        Of the sheets.
    overwrite : bool
        Whether an earlier folder is replaced, once the new one is whole.
    ledger : str or Path, optional
        The file of everything that was sent, as in `write_report`: what would give somebody
        away beside earlier releases is hidden, and the figures are left out with it.
    to : str
        Whom the folder is sent to; needed with `ledger`.

    Returns
    -------
    TopicsFolder

    Raises
    ------
    NotClearedError
        If a document is not cleared.
    OutputError
        If `out` cannot be written; nothing is left behind.
    DisclosureError
        If anything in ``share`` stands for one person, or the ledger cannot be read; nothing
        is left behind.
    ValueError
        If a ledger comes without a recipient.
    UnknownIdError
        If no grouped text has an attribute of `by`.
    """
    corpus = segments.corpus
    corpus.check_cleared()
    check_output(out, overwrite=overwrite)
    target = Path(out)
    study = Study(
        corpus, codebook, Codings(), topics, alignment, tuple(approvals), k=k, findings=findings
    )
    known = open_ledger(ledger, out, to=to, k=k)
    counted = tuple(by) if topics.rows else ()
    shown, release = beside_earlier(
        study,
        known,
        lambda each: _gather(each, counted),
        lambda each: release_for(to, each.study, each.told, each.quotes.quotes),
    )
    grouping, quotes = shown.grouping, shown.quotes
    with folder_beside(target, replace=overwrite) as folder:
        left_out = _write_keep(folder / "keep", study, segments, counted, random_state)
        Ledger((release,)).save(folder / "keep" / "release.json")
        _write_share(folder / "share", grouping, shown.tables, shown.figures())
        check_share(folder / "share", corpus, approved=quotes.quotes, allowed=own_words(study))
        if ledger is not None:
            known.add(release).save(ledger)
    share, keep = (
        tuple(sorted(path for path in (target / name).rglob("*") if path.is_file()))
        for name in ("share", "keep")
    )
    data = _records(grouping.figure) if grouping.figure else ()
    verdict = topics.stability.verdict
    withheld = tuple(shown.study.withheld.values())
    return TopicsFolder(target, share, keep, verdict, data, grouping.sentences, left_out, withheld)


@dataclass(frozen=True)
class _Shown:
    """What is told of a topic model."""

    study: Study
    grouping: Grouping
    safe: Topics | None
    tables: tuple[Table, ...]
    quotes: QuoteSelection

    @property
    def told(self) -> tuple[ReleasedCell, ...]:
        check_told(self.tables)
        return (*(cell for table in self.tables for cell in table.told), *self.grouping.totals)

    def figures(self) -> list[Figure]:
        """None where anything is withheld: each says of how many."""
        if self.safe is None or not self.safe.rows or self.study.withheld:
            return []
        return _figures(self.study, self.grouping, self.safe, self.quotes)


def _gather(study: Study, by: Sequence[str]) -> _Shown:
    grouping, safe = gather_topics(study, number=1), shareable_topics(study)
    tables = tuple(table.without(study.withheld) for table in _tables(study, grouping, safe, by))
    quotes = without(_quotes(study), study.withheld_quotes)
    return _Shown(study, grouping, safe, tables, quotes)


def _tables(
    study: Study, grouping: Grouping, safe: Topics | None, by: Sequence[str]
) -> list[Table]:
    tables = [grouping.table] if grouping.table else []
    if safe is None:
        return tables
    for attribute in by:
        found = topics_by(safe, study.corpus, attribute)
        tables.append(topics_by_table(found, k=study.k, number=len(tables) + 1))
    return tables


def _quotes(study: Study) -> QuoteSelection:
    """The approved passages of these texts, as few of one participant as in a report."""
    if study.topics is None or not study.topics.rows:
        return QuoteSelection(())
    names = Attributions(study.corpus, k=study.k)
    lengths = {document.id: len(document.text) for document in study.corpus}
    records = [
        quote_record(study.corpus.document(a.document_id), a.start, a.end, attributions=names)
        for a in study.approvals
        if 0 <= a.start < a.end <= lengths.get(a.document_id, 0)
    ]
    return approved_quotes(records, study.approvals, study.corpus, attributions=names)


def _figures(
    study: Study, grouping: Grouping, safe: Topics, quotes: QuoteSelection
) -> list[Figure]:
    names = {code.id: code.name for code in study.printed}
    figures = [grouping.figure] if grouping.figure else []
    figures += [topic_map(safe, k=study.k), topic_stability_figure(safe, k=study.k)]
    if study.alignment is not None and study.alignment.rows:
        figures.append(topic_code_figure(safe, study.alignment, names=names, k=study.k))
    if quotes.quotes:
        figures.append(topic_quote_figure(safe, quotes, k=study.k))
    return figures


def _records(figure: Figure) -> tuple[dict[str, Any], ...]:
    frame = figure.data.astype(object).where(figure.data.notna(), None)
    return tuple(
        {str(name): cell for name, cell in row.items()} for row in frame.to_dict("records")
    )


def _write_share(
    folder: Path, grouping: Grouping, tables: Sequence[Table], figures: Sequence[Figure]
) -> None:
    folder.mkdir(parents=True)
    _write_text(folder / "about.txt", "\n\n".join(grouping.sentences) + "\n")
    if tables:
        for suffix in (".docx", ".xlsx"):
            export_table(tables, folder / f"topics{suffix}")
    if figures:
        (folder / "figures").mkdir()
        words = {
            path.name: {"title": figure.title, "alt_text": figure.alt_text}
            for figure in figures
            for path in figure.save(folder / "figures")
        }
        told = json.dumps(words, ensure_ascii=False, indent=2) + "\n"
        _write_text(folder / "figures" / "alt-text.json", told)


def _write_keep(
    folder: Path, study: Study, segments: Segments, by: Sequence[str], random_state: int
) -> tuple[str, ...]:
    """Everything that stays; which sheets could not be made."""
    folder.mkdir(parents=True)
    topics = study.topics
    _write_text(folder / "README.txt", _README)
    _write_text(folder / MARKER, _facts(study))
    if topics is None:  # pragma: no cover  # there are always some here
        return ()
    _write_text(folder / "methods.txt", describe_methods(topics.runs) + "\n")
    if not topics.rows:
        return ("no sheet: nothing was grouped",)
    # Governed records enter no table that their governors have not approved, here too.
    kept = {document.id for document in study.corpus.permitted("tables")}
    units = [unit for unit in topics.units if unit.document_id in kept]
    write_csv(units, TopicUnit, folder / "topics.csv")
    for attribute in by:
        found = topics_by(topics, study.corpus, attribute).to_frame()
        name = "".join(c if c.isalnum() else "-" for c in attribute)
        _write_frame(folder / f"topics-by-{name}.csv", found)
    if study.alignment is not None and study.alignment.rows:
        _write_frame(folder / "alignment.csv", study.alignment.to_frame())
        candidates = study.alignment.candidates_frame(segments)
        _write_frame(folder / "candidates.csv", candidates)
    return _write_sheets(folder, topics, segments, random_state)


def _write_sheets(
    folder: Path, topics: Topics, segments: Segments, random_state: int
) -> tuple[str, ...]:
    left_out: list[str] = []
    (folder / "sheets").mkdir()
    (folder / "keys").mkdir()
    for sheet in _sheets(topics, segments, random_state, left_out):
        name = f"{sheet.kind}.xlsx"
        sheet.save(folder / "sheets" / name, key=folder / "keys" / f"key-{name}")
    return tuple(left_out)


def _sheets(
    topics: Topics, segments: Segments, random_state: int, left_out: list[str]
) -> Iterator[TopicSheet]:
    """Each sheet that the topics allow; why not, for the others."""
    makers: tuple[Callable[[], TopicSheet], ...] = (
        lambda: word_intrusion(topics, random_state=random_state),
        lambda: document_intrusion(topics, segments, random_state=random_state),
        lambda: naming_sheet(topics, segments, random_state=random_state),
    )
    for make in makers:
        try:
            yield make()
        except TopicsError as error:
            left_out.append(str(error))


def _write_frame(path: Path, frame: Any) -> None:
    """A frame as a CSV that Excel opens as it is meant, without formulas."""
    export_table(frame_table(path.stem, frame, keep=False), path)


def _facts(study: Study) -> str:
    facts = {
        "made_by": "reflect_analysis",
        "version": package_version(),
        "at": now().isoformat(),
        "k": study.k,
        "corpus": study.corpus.fingerprint,
        "codebook": study.codebook.version,
        "topics": study.topics.fingerprint if study.topics else "",
    }
    return json.dumps(facts, indent=2) + "\n"


def _write_text(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
