"""Texts of who withdrew, wherever they lie in a data set: found before a partition is read.

A partition knows its own rows alone. A copy that names nobody may stand in another partition than
the text that it repeats, and a reply in another than the text that it quotes as its prompt. What
is found here are ids, hashes and places, never words: who needs a text reads it in its file.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from reflect_analysis.corpus import Case, Corpus, Document, Tombstone
from reflect_analysis.disclosure.withdrawal import (
    LINKS,
    has_many_words,
    hashes_of_cell,
    leave_out,
)
from reflect_analysis.provenance import fingerprint, text_hash
from reflect_analysis.readers.datasets import DatasetColumns, text_as_read
from reflect_analysis.scale.cells import as_text, batches_of, taken
from reflect_analysis.scale.values import GoneText, Job, link_print

__all__ = ["Gone", "find_gone"]


@dataclass(frozen=True)
class Gone:
    """What goes with those who withdrew.

    Parameters
    ----------
    stones : tuple of Tombstone
        With the texts of each, wherever they stand.
    copies : mapping of str to tuple of int
        By file the rows, counted from 1, that go though they name none of them.
    texts : tuple of GoneText
        Those beside which rows of others stand.
    quoted : mapping of Job to tuple of str
        By partition fingerprints of the texts beside which its rows stand, or that stand as a
        whole in a cell of a reply.
    erased, beside : frozenset of str
        Ids of the rows that go, and of the rows that stand beside one.
    """

    stones: tuple[Tombstone, ...] = ()
    copies: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    texts: tuple[GoneText, ...] = ()
    quoted: Mapping[Job, tuple[str, ...]] = field(default_factory=dict)
    erased: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()

    def reaching(self, job: Job) -> list[object]:
        """What reaches into a partition from others: it alone is to be done anew when it changes.

        Empty where nothing does, so that a withdrawn person's text in a new file costs itself.
        """
        rows = self.copies.get(job.file, ())
        here = [row for row in rows if job.first <= row < job.first + job.rows]
        quoted = self.quoted.get(job, ())
        return [here, list(quoted)] if here or quoted else []


def find_gone(
    folder: Path, columns: DatasetColumns, jobs: Sequence[Job], stones: Sequence[Tombstone]
) -> Gone:
    """Find what goes with those who withdrew, in all files; nothing is read where nobody did.

    Parameters
    ----------
    folder : Path
    columns : DatasetColumns
    jobs : sequence of Job
        Every partition.
    stones : sequence of Tombstone
        As they are told beside the texts, with what is known of earlier runs.

    Raises
    ------
    CorpusError
        If a file cannot be read any more.
    """
    if not stones:
        return Gone()
    search = _Search(folder, columns, tuple(jobs), frozenset(stone.case_id for stone in stones))
    known = search.with_own(stones)
    found = list(search.erased(known))
    copies: dict[str, list[int]] = defaultdict(list)
    for each in found:
        if not each.named:
            copies[each.file].append(each.row)
    told = {file: tuple(rows) for file, rows in copies.items()}
    texts, quoted = search.quoted(found)
    quoted += search.repeated(found, known)
    prints: dict[Job, set[str]] = defaultdict(set)
    for row in quoted:
        prints[row.job].add(row.print)
    return Gone(
        known,
        told,
        texts,
        {job: tuple(sorted(each)) for job, each in prints.items()},
        frozenset(each.id for each in found),
        frozenset(each.id for each in quoted),
    )


@dataclass(frozen=True, slots=True)
class _Erased:
    """A row that goes; `named` where it names who withdrew."""

    file: str
    row: int
    id: str
    links: frozenset[str]
    print: str
    named: bool


@dataclass(frozen=True, slots=True)
class _Quoting:
    """A row that stays, beside a text that goes, and the fingerprint of that text."""

    id: str
    job: Job
    print: str


@dataclass(frozen=True)
class _Search:
    """Passes over the files, each of no more columns than it needs, batch by batch."""

    folder: Path
    columns: DatasetColumns
    jobs: tuple[Job, ...]
    people: frozenset[str]

    @property
    def _links(self) -> tuple[str, ...]:
        return tuple(name for name in LINKS if name in self.columns.attributes)

    @property
    def _files(self) -> Iterable[str]:
        return dict.fromkeys(job.file for job in self.jobs)

    def _column(self, role: str) -> str:
        return self.columns.column(role) or ""

    def with_own(self, stones: Sequence[Tombstone]) -> tuple[Tombstone, ...]:
        """The tombstones with the hashes of all texts that are ascribed to each."""
        own: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for person, *pair in self._texts_of_people():
            own[person].add((pair[0], pair[1]))
        return tuple(
            dataclasses.replace(s, documents=s.documents | (own[s.case_id] - s.spared))
            for s in stones
        )

    def _texts_of_people(self) -> Iterator[tuple[str, str, str]]:
        """Person, id and hash of each row that names one of them."""
        names = [self._column(role) for role in ("participant", "id", "text")]
        for file in self._files if names[0] else ():
            for _, batch in batches_of(self.folder, file, names):
                writers = _cells(batch, names[0])
                rows = [row for row, person in enumerate(writers) if person.strip() in self.people]
                for person, document, text in _taken(batch, rows, names):
                    yield person.strip(), document.strip(), text_hash(text)

    def erased(self, stones: Sequence[Tombstone]) -> Iterator[_Erased]:
        """The rows that go, told by what judges a corpus on one machine."""
        ids = {pair[0] for stone in stones for pair in stone.documents}
        ids |= {move[0] for stone in stones for move in stone.replaced}
        hashes = {pair[1] for stone in stones for pair in stone.documents}
        names = list(self.columns.header)
        for file in self._files:
            for first, batch in batches_of(self.folder, file, names):
                rows = list(self._candidates(batch, ids, hashes))
                told = [dict(zip(names, each, strict=True)) for each in _taken(batch, rows, names)]
                gone = self._judged(told, stones)
                for row, cells in zip(rows, told, strict=True):
                    if cells[self._column("id")].strip() in gone:
                        yield self._of(file, first + row, cells)

    def _candidates(self, batch: Any, ids: set[str], hashes: set[str]) -> Iterator[int]:
        """Rows of a batch that may go: of the people, of a known id, or copies without a name."""
        known = _cells(batch, self._column("id"))
        named = self._column("participant")
        writers = _cells(batch, named) if named else [""] * len(known)
        texts = as_text(batch.column(self._column("text")))
        for row, (document, person) in enumerate(zip(known, writers, strict=True)):
            is_known = person.strip() in self.people or document.strip() in ids
            unnamed = hashes and not is_known and not person.strip()
            if is_known or (unnamed and text_hash(text_as_read(texts[row].as_py())) in hashes):
                yield row

    def _judged(
        self, rows: Sequence[Mapping[str, str]], stones: Sequence[Tombstone]
    ) -> frozenset[str]:
        """The ids of those rows that go."""
        documents = tuple(
            Document(
                row[self._column("id")].strip(),
                row[self._column("text")],
                case_id=row.get(self._column("participant"), "").strip() or None,
            )
            for row in rows
        )
        cases = dict.fromkeys(document.case_id for document in documents)
        corpus = Corpus(documents, tuple(Case(each) for each in cases if each))
        return frozenset(document.id for document in leave_out(corpus, stones).erased)

    def _of(self, file: str, row: int, cells: Mapping[str, str]) -> _Erased:
        document = cells[self._column("id")].strip()
        thread = (
            self.columns.attribute("thread", cells["thread"]) if "thread" in self._links else ""
        )
        named = cells.get(self._column("participant"), "").strip() in self.people
        links = frozenset({document, thread} - {""})
        return _Erased(file, row, document, links, fingerprint(dict(cells))[:32], named)

    def quoted(self, gone: Sequence[_Erased]) -> tuple[tuple[GoneText, ...], list[_Quoting]]:
        """The texts beside which others stand, and these others."""
        by_link: dict[str, list[_Erased]] = defaultdict(list)
        for each in gone:
            for link in each.links:
                by_link[link].append(each)
        met: set[_Erased] = set()
        found: list[_Quoting] = []
        if self._links and gone:
            passed_over = {(each.file, each.row) for each in gone}
            for file, row, document, link in self._named(by_link):
                if (file, row) not in passed_over:
                    met.update(by_link[link])
                    job = self._job(file, row)
                    found += (_Quoting(document, job, each.print) for each in by_link[link])
        return tuple(self._placed(each) for each in gone if each in met), found

    def _named(self, links: Mapping[str, object]) -> Iterator[tuple[str, int, str, str]]:
        """Rows that name one of these ids or threads, with their ids, and its name."""
        named = self._column("id")
        for file in self._files:
            for first, batch in batches_of(self.folder, file, [named, *self._links]):
                ids = as_text(batch.column(named))
                for name in self._links:
                    for row, cell in enumerate(_cells(batch, name)):
                        link = self.columns.attribute(name, cell)
                        if link in links:
                            yield file, first + row, text_as_read(ids[row].as_py()).strip(), link

    def repeated(self, gone: Sequence[_Erased], stones: Sequence[Tombstone]) -> Iterator[_Quoting]:
        """Replies with a cell that is a text of the withdrawn, word for word.

        It may be in no file any more: then its hash alone is known.
        """
        hashes = {pair[1] for stone in stones for pair in stone.documents}
        names = [self._column("id"), *self.columns.attributes]
        passed_over = {(each.file, each.row) for each in gone}
        for file in self._files if self._links and hashes else ():
            for first, batch in batches_of(self.folder, file, names):
                for row, found in self._whole_in(batch, hashes):
                    if (file, first + row) not in passed_over:
                        (cells,) = _taken(batch, [row], [names[0], *self._links])
                        if any(cell.strip() for cell in cells[1:]):
                            yield _Quoting(cells[0].strip(), self._job(file, first + row), found)

    def _whole_in(self, batch: Any, hashes: set[str]) -> Iterator[tuple[int, str]]:
        """Rows of a batch with such a cell, and its hash."""
        for name in self.columns.attributes:
            cells = [self.columns.attribute(name, cell) for cell in _cells(batch, name)]
            many = {cell: hashes_of_cell(cell) for cell in set(cells) if has_many_words(cell)}
            met = {cell: found for cell, told in many.items() if (found := hashes & set(told))}
            for row, cell in enumerate(cells if met else ()):
                yield from ((row, sha256) for sha256 in met.get(cell, ()))

    def _placed(self, each: _Erased) -> GoneText:
        job = self._job(each.file, each.row)
        links = frozenset(map(link_print, each.links))
        return GoneText(each.id, job, each.row - job.first, links)

    def _job(self, file: str, row: int) -> Job:
        """The partition in which a row of a file lies."""
        firsts, jobs = self._begins[file]
        return jobs[bisect(firsts, row) - 1]

    @cached_property
    def _begins(self) -> dict[str, tuple[list[int], list[Job]]]:
        """By file its partitions, and their first rows."""
        found: dict[str, tuple[list[int], list[Job]]] = {}
        for job in self.jobs:
            firsts, jobs = found.setdefault(job.file, ([], []))
            firsts.append(job.first)
            jobs.append(job)
        return found


def _cells(batch: Any, name: str) -> list[str]:
    """The cells of a column as they are read."""
    return [text_as_read(cell) for cell in as_text(batch.column(name)).to_pylist()]


def _taken(batch: Any, rows: Sequence[int], names: Sequence[str]) -> list[tuple[str, ...]]:
    """The cells of some rows."""
    part = taken(batch, rows)
    return list(zip(*(_cells(part, name) for name in names), strict=True))
