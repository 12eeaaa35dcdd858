"""The rows of a partition as documents, without what the withdrawn left in any partition."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence

from reflect_analysis._rows import Attributes
from reflect_analysis.corpus import Case, Corpus, Document
from reflect_analysis.disclosure.withdrawal import LINKS, leave_out
from reflect_analysis.errors import CorpusError
from reflect_analysis.readers.datasets import read_part
from reflect_analysis.scale.cells import check_unchanged, rows_of, unreadable
from reflect_analysis.scale.settling import links_read
from reflect_analysis.scale.values import GoneText, Job, Work, link_print

__all__ = ["corpus_from", "place_of", "read_documents"]


def corpus_from(work: Work, documents: tuple[Document, ...]) -> Corpus:
    """Documents with the participants who wrote them, without those who withdrew."""
    # In the order of their first text.
    ids = dict.fromkeys(d.case_id for d in documents if d.case_id)
    gone = {stone.case_id for stone in work.withdrawn}
    cases = tuple(work.known.get(each, Case(each)) for each in ids if each not in gone)
    cases += tuple(Case(each) for each in ids if each in gone)
    corpus = Corpus(documents, cases)
    if work.withdrawn:
        corpus = leave_out(corpus, work.withdrawn, elsewhere=_quoted(work, documents)).corpus
    hidden = links_read(work.columns)
    return _without_columns(corpus, hidden) if hidden else corpus


def _without_columns(corpus: Corpus, columns: Sequence[str]) -> Corpus:
    bare = tuple(_without(document, columns) for document in corpus)
    return dataclasses.replace(corpus, documents=bare)


def _without(document: Document, columns: Sequence[str]) -> Document:
    cells = {name: cell for name, cell in document.attributes.items() if name not in columns}
    return dataclasses.replace(document, attributes=Attributes(cells))


def _quoted(work: Work, documents: Iterable[Document]) -> Iterator[Document]:
    """Texts of who withdrew in other partitions, beside which some of these stand."""
    here: set[str] = set()
    links: set[object] = set()
    for document in documents if work.gone else ():
        here.add(document.id)
        links.update(document.attributes.get(name) for name in LINKS)
    prints = {link_print(str(link)) for link in links - {None, ""}}
    near = (text for each in sorted(prints) for text in work.gone_by_link.get(each, ()))
    for text in dict.fromkeys(near):
        if text.id not in here:
            yield _gone_document(work, text)


def _gone_document(work: Work, text: GoneText) -> Document:
    """A text of who withdrew; all of its partition are read at once, and once a call."""
    if text.id not in work.gone_read:
        rows = sorted(each.row for each in work.gone if each.job == text.job)
        found = read_documents(work, text.job, rows)
        work.gone_read.update({document.id: document for document in found})
    return work.gone_read[text.id]


def read_documents(work: Work, job: Job, only: Sequence[int] | None = None) -> tuple[Document, ...]:
    """The documents of a partition, as the reader of tables makes them.

    Parameters
    ----------
    work : Work
    job : Job
    only : sequence of int, optional
        Rows of the partition, counted from 0 and rising; by default all.

    Raises
    ------
    CorpusError
        With every fault; and where the file is not the one that was looked over, for then nobody
        knows whether its texts are cleared.
    """
    rows = rows_of(work.source, job, work.columns.header, only)
    numbers = range(job.rows) if only is None else only
    places = (f"row {job.first + number}" for number in numbers)
    seen = work.files.get(job.file)
    if seen is not None:
        check_unchanged(work.source, job.file, seen)
    try:
        found = read_part(zip(places, rows, strict=True), work.columns, job.file)
    except unreadable() as error:
        raise CorpusError(
            f"{place_of(job)}: cannot be read ({type(error).__name__}); copy the file or write "
            "it anew, and run the same command again"
        ) from None
    if seen is not None:
        check_unchanged(work.source, job.file, seen)
    return found


def place_of(job: Job) -> str:
    """How messages call a partition."""
    return f"{job.file}, rows {job.first} to {job.first + job.rows - 1}"
