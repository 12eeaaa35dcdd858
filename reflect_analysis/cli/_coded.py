"""Folders of codings in ``import``: what a coder decided elsewhere, held against the study."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from reflect_analysis.errors import CorpusError, ReflectAnalysisError, raise_all

if TYPE_CHECKING:
    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import Coding, Codings, Seen
    from reflect_analysis.corpus import Document
    from reflect_analysis.project import Project

__all__ = ["check_fits", "coded_folders", "read_coded"]

Row = TypeVar("Row")
_FILES = frozenset({"codings.csv", "seen.csv", "decisions.csv", "memos.csv"})
_BESIDE = ("readme", "thumbs.db", "desktop.ini", ".")


def coded_folders(path: Path) -> list[Path]:
    """The folders of codings that a path stands for: itself, or those in it; none for texts."""
    if _is_coded(path):
        return [path]
    inside = _shown(path)
    return inside if inside and all(map(_is_coded, inside)) else []


def _is_coded(path: Path) -> bool:
    """Whether a folder holds what `Codings.to_csv` writes, and nothing else."""
    names = {each.name for each in _shown(path)}
    return "codings.csv" in names and names <= _FILES


def _shown(path: Path) -> list[Path]:
    """What lies in a folder, in order, without what explains it or belongs to the computer."""
    if not path.is_dir():
        return []
    return sorted(each for each in path.iterdir() if not each.name.lower().startswith(_BESIDE))


def read_coded(folders: Iterable[Path], known: Codings) -> Codings:
    """Read folders of codings; rows without a time of their own are those that a study has.

    Parameters
    ----------
    folders : iterable of Path
    known : Codings
        What the study holds.

    Raises
    ------
    CorpusError
        With every fault of every folder.
    """
    from reflect_analysis.codings import Codings, read_codings

    joined, faults = Codings(), list[str]()
    for folder in folders:
        try:
            joined += _with_times(folder, read_codings(folder), known)
        except ReflectAnalysisError as error:
            faults += (f"{folder.name}: {fault}" for fault in error.faults)
    raise_all(CorpusError, faults)
    return joined


def _with_times(folder: Path, log: Codings, known: Codings) -> Codings:
    """The log of a folder; where its file has no times, with the rows that are there already.

    Read a second time, a row would get another time and be another row.
    """
    codings, seen = log.codings, log.seen
    if not _has_times(folder / "codings.csv"):
        codings = _known(codings, known.codings, _what_coded)
    if seen and not _has_times(folder / "seen.csv"):
        seen = _known(seen, known.seen, _what_read)
    return dataclasses.replace(log, codings=codings, seen=seen)


def _has_times(path: Path) -> bool:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return "at" in next(csv.reader(file), [])


def _known(
    rows: Sequence[Row], there: Sequence[Row], what: Callable[[Row], Hashable]
) -> tuple[Row, ...]:
    found = {what(row): row for row in there}
    return tuple(found.get(what(row), row) for row in rows)


def _what_coded(row: Coding) -> Hashable:
    place = (row.document_id, row.start, row.end, str(row.region or ""))
    return (*place, row.code_id, row.coder, row.coder_kind, row.phase)


def _what_read(row: Seen) -> Hashable:
    return (row.coder, row.coder_kind, row.document_id, row.codes, row.phase, row.start, row.end)


def check_fits(
    project: Project,
    log: Codings,
    book: Codebook | None,
    documents: Iterable[Document],
    *,
    of_team: bool = True,
) -> None:
    """Refuse codings that do not fit a study.

    Parameters
    ----------
    project : Project
    log : Codings
    book : Codebook, optional
    documents : iterable of Document
        The texts that the study holds or is given.
    of_team : bool
        Whether each coder must be in the team, where there is one.

    Raises
    ------
    CorpusError
        With every fault: unknown documents, codes and coders, texts that were changed since they
        were coded, places outside their text.
    """
    from reflect_analysis.workflow import check_spans

    texts = tuple(documents)
    checks: list[Callable[[], None]] = [lambda: check_spans(log, texts)]
    if book is not None:
        checks.append(lambda: _check_codes(log, book))
    if of_team:
        people = sorted({row.coder for row in (*log, *log.seen) if row.coder_kind == "person"})
        checks += (lambda name=name: _check_coder(project, name) for name in people)  # type: ignore[misc]  # mypy cannot type a default of a lambda
    faults = list(_faults_of_documents(project, log, {text.id for text in texts}))
    for check in checks:
        try:
            check()
        except ReflectAnalysisError as error:
            faults += error.faults
    raise_all(CorpusError, dict.fromkeys(faults))


def _check_coder(project: Project, name: str) -> None:
    from reflect_analysis.project.team import AGREED

    if name != AGREED:
        project.check_name(name)


def _check_codes(log: Codings, book: Codebook) -> None:
    now = log.under(book)
    looked_for = (code for row in now.seen for code in row.codes)
    book.check_ids((*(coding.code_id for coding in now), *looked_for), "the codings")


def _faults_of_documents(project: Project, log: Codings, known: set[str]) -> Iterator[str]:
    named = {row.document_id for row in (*log, *log.seen)}
    yield from (f"codings of {each!r}: no such document" for each in sorted(named - known))
    for each in project.changed_since(log):
        yield (
            f"codings of {each!r}: its text was changed since it was coded so; code the new text, "
            "or take these rows out"
        )
