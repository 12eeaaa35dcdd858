"""What of a withdrawn text lies outside the study: caches, backups, copies, files, the disk."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from reflect_analysis._whole import left_of
from reflect_analysis.disclosure.withdrawal import forget_everywhere, hashes_in
from reflect_analysis.errors import ProjectError
from reflect_analysis.project import backups, schema
from reflect_analysis.project import rows as as_rows
from reflect_analysis.project.engine import Address, connect_engine, reading
from reflect_analysis.project.rows import Row
from reflect_analysis.project.views import read_facts
from reflect_analysis.project.withdrawal.applying import burial_of, documents_in, holds_case
from reflect_analysis.project.withdrawal.reporting import (
    Sent,
    WithdrawalReport,
    file_lines,
    some,
)
from reflect_analysis.project.withdrawal.squeezing import SERVER_NOTES, squeeze
from reflect_analysis.project.withdrawal.stones import Tombstone, read_tombstones
from reflect_analysis.project.withdrawal.transcripts import pair_of
from reflect_analysis.provenance import text_hash

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from reflect_analysis.corpus import Case
    from reflect_analysis.project.withdrawal.burying import Burial

__all__ = [
    "await_others",
    "beside_answers",
    "beside_of",
    "finished",
    "forget_first",
    "hashes_of",
    "hashes_under",
    "look_outside",
    "sources_of",
]

_PATIENCE_SECONDS = 5.0  # in which another program stores what its coder wrote
_PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Outside:
    """What lies outside a study of participants who withdrew, after all was done that can be.

    Parameters
    ----------
    forgotten : int
        Entries of this computer's cache.
    backups, copies : tuple of str
        Files among the backups, and copies of the study beside it, that hold one of them.
    unreadable : tuple of str
        Files that cannot be read and may do so.
    left_to_do : tuple of str
        What could not be done yet; empty where all is done.
    notes : tuple of str
    """

    forgotten: int
    backups: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    left_to_do: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def lines(self) -> tuple[str, ...]:
        """For the report of a merge that brought the withdrawal."""
        return (
            f"forgotten in this computer's cache: {some(self.forgotten, 'entries', 'entry')}",
            *file_lines(self.backups, self.unreadable, self.copies),
            *self.left_to_do,
            *self.notes,
        )


def forget_first(hashes: frozenset[str]) -> int:
    """Drop what was computed from texts before they go: who stops half-way has lost no hash.

    Returns
    -------
    int
        How many entries there were. What goes wrong is told when it is done once more.
    """
    return forget_everywhere(hashes)[0]


def finished(
    report: WithdrawalReport,
    hashes: frozenset[str],
    address: Address,
    engine: Engine,
    forgotten: int = 0,
) -> WithdrawalReport:
    """A withdrawal that was kept, carried on outside the study; nothing here makes it fail.

    Parameters
    ----------
    report : WithdrawalReport
        What was done in the study.
    hashes : frozenset of str
        Of the texts that are to be forgotten.
    address : Address
    engine : Engine
    forgotten : int
        How many entries `forget_first` dropped.

    Returns
    -------
    WithdrawalReport
        With what was forgotten, and what could not be.
    """
    outside = look_outside([report.case_id], hashes, address, engine, forgotten)
    found = {each.name: getattr(outside, each.name) for each in dataclasses.fields(outside)}
    found["notes"] = (*outside.notes, *_left_of(report.sent))
    folder = None if address.path is None else backups.folder_of(address.path)
    return dataclasses.replace(report, **found, sent=tuple(_still_out(report.sent, folder)))


def look_outside(
    cases: Collection[str],
    hashes: frozenset[str],
    address: Address,
    engine: Engine,
    forgotten: int = 0,
) -> Outside:
    """Forget, write the store anew, and find what else holds participants who withdrew."""
    count, wrong = forget_everywhere(hashes)
    files, notes = _Files(), [*wrong]
    left = [*_not_remembered(address, engine), *squeeze(address, engine)]
    if address.path is None:
        notes += SERVER_NOTES
    else:
        files = _files_with(address.path, cases)
        notes += unstored(address.path)
    notes.append("caches on other computers are out of reach")
    if left:
        again = ", ".join(sorted(cases))
        left.append(f"the study itself holds no word of them; for the rest withdraw {again} again")
    return Outside(forgotten + count, *files, tuple(left), tuple(notes))


def _not_remembered(address: Address, engine: Engine) -> Iterator[str]:
    """Who withdrew is kept beside the backups too, for an old copy that takes the file's place."""
    if address.path is None:
        return
    try:
        with reading(engine, address) as connection:
            stones, study = read_tombstones(connection), read_facts(connection)["id"]
        backups.remember_withdrawn(address.path, study, stones.values())
    except ProjectError as error:
        yield str(error)


# ── what was computed ──


def hashes_under(connection: Connection, stones: Iterable[Tombstone]) -> frozenset[str]:
    """The hashes of all texts that will go when tombstones are set here."""
    new = list(stones)
    burial = burial_of(connection, new) if new else None
    if burial is None:
        return frozenset()
    rows = list(documents_in(connection))
    burial.learn(rows)
    gone = [row for row in rows if pair_of(row) in burial.erased | burial.spans.keys()]
    cases = {stone.case_id for stone in new}
    own = (hashes_of(connection, gone, case_id) for case_id in cases)
    return beside_answers(burial, rows).union(*own)


def hashes_of(connection: Connection, documents: Iterable[Row], case_id: str) -> frozenset[str]:
    """The hashes of all texts of a person of which something may have been computed.

    The documents, their turns, paragraphs and sentences, every passage that was coded, and the
    prose beside them (`beside_of`).
    """
    versions = list(documents)
    rows = list({pair_of(row): row for row in versions}.values())
    texts = [as_rows.document_of(row) for row in rows]
    beside = beside_of(connection, versions, case_id)
    return hashes_in(texts, case_id).union(_coded(connection, rows), beside)


def beside_of(connection: Connection, versions: Iterable[Row], case_id: str) -> frozenset[str]:
    """The hashes of the prose beside a person's texts: titles, alt texts, the names of files.

    Of every version: a title may have been corrected while the text stayed the same.
    """
    from reflect_analysis.anonymity.prose import kept_beside

    return kept_beside(map(as_rows.document_of, versions), _cases(connection, case_id))


def beside_answers(burial: Burial, documents: Iterable[Row]) -> frozenset[str]:
    """The hashes of the prose beside others' replies that repeat the words of who withdrew."""
    from reflect_analysis.anonymity.prose import kept_beside

    answers = (row for row in documents if burial.without_prompts(row) is not row)
    return kept_beside(map(as_rows.document_of, answers), ())


def _cases(connection: Connection, case_id: str) -> Iterator[Case]:
    """A participant in every version, if the study still holds one of that id."""
    from sqlalchemy import select

    asked = select(schema.cases).where(schema.cases.c.id == case_id)
    yield from (as_rows.case_of(dict(row)) for row in connection.execute(asked).mappings())


def _coded(connection: Connection, documents: Iterable[Row]) -> Iterator[str]:
    from sqlalchemy import select

    table = schema.codings
    for row in documents:
        where = (table.c.document_id == row["id"], table.c.text_hash == row["text_hash"])
        asked = select(table.c.start, table.c.end).where(*where).distinct()
        for start, end in connection.execute(asked):
            yield text_hash(row["text"][start:end])


# ── files ──


def sources_of(documents: Iterable[Row]) -> tuple[str, ...]:
    """The files from which documents were read, and their pictures, as the readers named them."""
    found: set[str] = set()
    for row in documents:
        document = as_rows.document_of(row)
        found.add(document.source)
        if document.picture is not None and document.picture.path:
            found.add(document.picture.path)
    return tuple(sorted(found - {""}))


class _Files(NamedTuple):
    """Files that hold a person."""

    backups: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()


def _files_with(project: Path, cases: Collection[str]) -> _Files:
    """The backups and the copies beside a project file that hold one of some participants."""
    study = backups.study_of(project) or ""
    kept = {path: _holds(path, cases) for path in backups.files_in(project)}
    beside = {path: _holds(path, cases) for path in backups.copies_beside(project, study)}
    unreadable = (path for path, held in {**kept, **beside}.items() if held is None)
    return _Files(
        tuple(str(path) for path, held in kept.items() if held),
        tuple(str(path) for path, held in beside.items() if held),
        tuple(map(str, unreadable)),
    )


def _holds(path: Path, cases: Collection[str]) -> bool | None:
    """Whether a file holds one of some participants; `None` for one that cannot be read."""
    address = Address(path)
    engine = connect_engine(address)
    try:
        with reading(engine, address) as connection:
            return any(holds_case(connection, case_id) for case_id in cases)
    except ProjectError:
        return None
    finally:
        engine.dispose()


def _still_out(sent: Iterable[Sent], folder: Path | None) -> Iterator[Sent]:
    """Of what left the study all that does not lie with its backups, which are looked through."""
    for each in sent:
        kept = each.action in {"backup", "restore"} and folder is not None
        if not (kept and (folder / each.where).exists()):  # type: ignore[operator]  # it is a path then
            yield each


def _left_of(sent: Iterable[Sent]) -> Iterator[str]:
    """A note of what exports that were killed left in their places, or beside them."""
    places = {Path(each.where) for each in sent if each.action == "export"}
    found = {str(left) for each in places if each.is_absolute() for left in left_of(each)}
    if found:
        yield (
            "left by an export that was killed, and may hold the person; delete it by hand: "
            f"{'; '.join(sorted(found))}"
        )


def await_others(project: Path) -> None:
    """Wait a little until other programs have stored what their coders wrote.

    What is stored is looked through for the person's words; what comes later is not, for the
    words are gone.
    """
    until = time.monotonic() + _PATIENCE_SECONDS
    while any(map(_size, _logs(project))) and time.monotonic() < until:
        time.sleep(_PAUSE_SECONDS)


def unstored(project: Path) -> tuple[str, ...]:
    """A note where another program has the study open, or has not stored what a coder wrote."""
    logs = _logs(project)
    waiting = sorted(path.name for path in logs if _size(path))
    if waiting:
        note = (
            f"another program still has to store what a coder wrote ({', '.join(waiting)}); what "
            "lies in the person's texts is left out then, but a memo that quotes the person is "
            "not recognised any more, for the words are gone from here: look at the memos"
        )
        return (note,)
    if len(logs) > 1:  # one is this program's own
        note = (
            "the study is open in another program too: a memo that quotes the person and is "
            "written there from now on is not recognised, for the words are gone from here; tell "
            "whoever works there, and look at the memos"
        )
        return (note,)
    return ()


def _logs(project: Path) -> list[Path]:
    found = project.parent.glob("*.pending")
    return [path for path in found if path.name.startswith(f"{project.name}-")]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
