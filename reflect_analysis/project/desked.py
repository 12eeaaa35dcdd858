"""An open project as a desk asks it: single things, quickly, and what others did meanwhile.

A coder decides a thousand times in an afternoon. What is asked at each decision is answered here
by an index, whatever the size of the study.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from reflect_analysis.codebook import Codebook
from reflect_analysis.codings import Coding, Codings, Memo
from reflect_analysis.errors import DisclosureError, ProjectError, UnknownIdError, did_you_mean
from reflect_analysis.project import rights, schema, views
from reflect_analysis.project import rows as as_rows
from reflect_analysis.project.copied import CopiedProject
from reflect_analysis.project.earlier import documents_changed_since
from reflect_analysis.project.entries import Act, Entry, Event, latest_event, write_entries
from reflect_analysis.project.former import LeftCoding, LeftMemo, corrected, read_left
from reflect_analysis.project.history import (
    DESK,
    event_of_id,
    last_event_of,
    next_redo,
    next_undo,
    read_events_after,
    undoable,
)
from reflect_analysis.project.pending import others_write

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from reflect_analysis.corpus import Corpus
    from reflect_analysis.project.rows import Row

__all__ = ["NAMING", "DeskedProject", "Touched"]

_SEEDS = 2**31
# Attributes that say outright who somebody is.
NAMING = frozenset({"name", "email", "author", "participant", "case", "attribution", "pair"})
Change = Callable[[Codebook], Codebook]
# What is coded with a codebook that was just changed: the codings, and the hash of each text.
Coded = Callable[[Codebook, datetime], Sequence[tuple[Coding, str]]]


@dataclass(frozen=True, slots=True)
class Touched:
    """What an event wrote.

    Parameters
    ----------
    documents : tuple of str
    codings : tuple of str
        Ids of codings that it made or decided on.
    codebook : bool
        Whether it changed the codebook.
    only_seen : bool
        Whether it wrote nothing but what was read.
    memos : bool
        Whether it wrote a memo.
    """

    documents: tuple[str, ...]
    codings: tuple[str, ...]
    codebook: bool
    only_seen: bool
    memos: bool = False


class DeskedProject(CopiedProject):
    """A project that is open, and what a desk asks of it."""

    # ── single things ──

    def event(self, event_id: str) -> Event | None:
        """The event of an id, also one that is kept and not in the file yet."""
        late = {entry.event.id: entry.event for entry in self._waiting()}
        if event_id in late:
            return late[event_id]
        with self._reading() as connection:
            return event_of_id(connection, event_id)

    def events_after(self, at: str, *, by: str | None = None) -> tuple[Event, ...]:
        """The events after a time, oldest first, of all or of one person."""
        late = [entry.event for entry in self._waiting()]
        with self._reading() as connection:
            found = {event.id: event for event in read_events_after(connection, at, by)}
        found |= {e.id: e for e in late if e.at > at and (by is None or e.by == by)}
        return tuple(sorted(found.values(), key=lambda event: (event.at, event.id)))

    def last_event_of(self, by: str) -> str | None:
        """The id of the latest event of a person."""
        late = [entry.event for entry in self._waiting() if entry.event.by == by]
        with self._reading() as connection:
            stored = last_event_of(connection, by)
        found = [*late, *([stored] if stored else [])]
        return max(found, key=lambda event: (event.at, event.id)).id if found else None

    def coding(self, coding_id: str) -> Coding | None:
        """The coding of an id, if it holds; whatever was decided about it."""
        waiting = self._waiting()
        with self._reading() as connection:
            return views.read_coding(connection, coding_id, waiting)

    def part_of_log(self, document_id: str, coding_ids: Iterable[str]) -> Codings:
        """What was read and noted of a document, and how some of its codings stand."""
        waiting = self._waiting()
        with self._reading() as connection:
            return views.read_part(connection, document_id, coding_ids, waiting)

    def changed_since(self, codings: Codings) -> tuple[str, ...]:
        """The documents whose text was changed since these codings or readings were made.

        It is known of those that the study has kept: others bring no text that could be compared.
        """
        with self._settled() as connection:
            return documents_changed_since(connection, codings)

    def text_hashes(self, document_ids: Sequence[str]) -> dict[str, str]:
        """The hash of each of some texts as it is now; others may have corrected it."""
        with self._reading() as connection:
            return views.text_hashes(connection, document_ids)

    def left_of_earlier_texts(
        self, document_ids: Iterable[str] | None = None
    ) -> tuple[LeftCoding | LeftMemo, ...]:
        """What was coded and noted on earlier wordings of texts, and not made again since.

        Parameters
        ----------
        document_ids : iterable of str, optional
            By default of all texts.

        Returns
        -------
        tuple of LeftCoding or LeftMemo
            Each with the place where its words are now, if they are there.
        """
        with self._reading() as connection:
            ids = corrected(connection, document_ids)
        if not ids:
            return ()
        with self._settled() as connection:
            return read_left(connection, ids)

    def touched(self, event_id: str) -> Touched:
        """What an event wrote."""
        with self._settled() as connection:
            return _touched(connection, event_id)

    def is_open_elsewhere(self) -> bool:
        """Whether another process on this computer has the file open for writing."""
        path, mine = self.address.path, self._pending
        if path is None:
            return False
        return others_write(path, self.id, mine.path if mine is not None else None)

    # ── back and forth ──

    def undo_at_desk(self, *, by: str, act: Act | None = None) -> Event:
        """Take back the latest thing that a person did at a desk, and nothing else of theirs.

        Raises
        ------
        ProjectError
            If there is none, or it changed a codebook that was changed since.
        """
        return self._take_back(by, "undo", lambda connection: _to_undo(connection, by), act)

    def redo_at_desk(self, *, by: str, act: Act | None = None) -> Event:
        """Do again what a person last took back at a desk."""
        return self._take_back(by, "redo", lambda connection: next_redo(connection, by, DESK), act)

    def can_go(self, by: str) -> tuple[bool, bool]:
        """Whether a person has something to undo at a desk, and something to redo."""
        waits = any(e.event.by == by and e.event.action in DESK for e in self._waiting())
        with self._reading() as connection:
            back = waits or _is_there(next_undo, connection, by)
            return back, not waits and _is_there(next_redo, connection, by)

    def forget_event(self, event_id: str, *, by: str, act: Act | None = None) -> Event:
        """Take back one event by its id; `undo` with an id of its own."""
        return self._take_back(by, "undo", lambda connection: undoable(connection, event_id), act)

    # ── the codebook ──

    def change_codebook(
        self,
        change: Change,
        *,
        by: str,
        coded: Coded | None = None,
        memos: Sequence[tuple[Memo, str]] = (),
        act: Act | None = None,
    ) -> tuple[Codebook, tuple[Coding, ...]]:
        """Change the codebook as it is now, and code with it, in one event.

        Parameters
        ----------
        change : callable
            From the codebook in use to the new one; others may have changed it since it was read.
        by : str
        coded : callable, optional
            From the new codebook and the time to codings, each with the hash of its text.
        memos : sequence of (Memo, str)
            Kept with it, each with the hash of its text.
        act : Act, optional

        Returns
        -------
        codebook : Codebook
        codings : tuple of Coding
        """
        with self._changing() as connection:
            self._check_person(connection, by)
            before = _codebook(connection)
            after = change(before)
            if after == before:
                return before, ()
            event = latest_event(connection, by, "codebook", {"version": after.version}, act=act)
            made = coded(after, datetime.fromisoformat(event.at)) if coded else ()
            rows: dict[str, tuple[Row, ...]] = {
                "codebooks": (as_rows.codebook_row(after),),
                "codings": tuple(as_rows.coding_row(each, read) for each, read in made),
                "memos": tuple(as_rows.memo_row(each, read) for each, read in memos),
            }
            write_entries(connection, [Entry(event, rows)])
        return after, tuple(each for each, _ in made)

    # ── draws ──

    def audit_seed(self, phase: str, *, by: str) -> int:
        """The seed of the random audit in a phase: drawn once, and kept in the log."""
        with self._settled() as connection:
            found = read_events_after(connection, "", None, "draw")
        for event in found:
            if event.payload.get("phase") == phase:
                return int(event.payload["seed"])
        seed = secrets.randbelow(_SEEDS)
        self._log(by, "draw", {"phase": phase, "seed": seed})
        return seed

    # ── what coders see of who wrote ──

    def shown_attributes(self) -> tuple[str, ...]:
        """The attributes of texts and participants that coders see beside session and year."""
        with self._settled() as connection:
            found = read_events_after(connection, "", None, "show")
        return tuple(found[-1].payload["attributes"]) if found else ()

    def show_attributes(self, names: Iterable[str], *, by: str) -> tuple[str, ...]:
        """Say what coders see of what is known of a text and its writer; nobody sees it unsaid.

        Parameters
        ----------
        names : iterable of str
            Attributes of documents or cases; none: session and year alone again.
        by : str
            A lead of the study.

        Returns
        -------
        tuple of str

        Raises
        ------
        ProjectError
            If somebody else than a lead says so.
        UnknownIdError
            If nothing in the study has such an attribute.
        DisclosureError
            If one of them names the person.
        """
        wanted = tuple(dict.fromkeys(name.strip() for name in names if name.strip()))
        if naming := [name for name in wanted if name.casefold() in NAMING]:
            told = ", ".join(naming)
            raise DisclosureError(f"{told}: names the person, and is shown to no coder")
        with self._settled() as connection:
            _check_attributes(views.read_corpus(connection), wanted)
            if not rights.is_lead(connection, by):
                raise ProjectError(
                    f"a lead of the study says what coders see of the writers, and {by!r} is none"
                )
        if wanted != self.shown_attributes():
            self._log(by, "show", {"attributes": list(wanted)})
        return wanted

    # ── what one coder wrote ──

    def desk_events(
        self, coder: str, document_id: str, table: Literal["seen", "memos"]
    ) -> tuple[tuple[str, Any], ...]:
        """The readings or memos of a coder on a document that hold, each with its event."""
        with self._settled() as connection:
            columns = schema.ROW_TABLES[table].c
            who = columns.coder if table == "seen" else columns.by
            rows = list(
                views.holding(connection, table, columns.document_id == document_id, who == coder)
            )
        made = as_rows.seen_of if table == "seen" else as_rows.memo_of
        return tuple((row["event_id"], made(row)) for row in rows)


def _check_attributes(corpus: Corpus, names: Iterable[str]) -> None:
    """Refuse attributes that nothing in the study has."""
    known = sorted({name for each in (*corpus, *corpus.cases) for name in each.attributes})
    if missing := [name for name in names if name not in known]:
        told = ", ".join(f"{name!r}{did_you_mean(name, known)}" for name in missing)
        raise UnknownIdError(f"no text and no participant has {told}; known are {', '.join(known)}")


def _codebook(connection: Connection) -> Codebook:
    """The codebook in use; an empty one where open coding has not begun."""
    if any(True for _ in views.holding(connection, "codebooks")):
        return views.read_codebook(connection)
    return Codebook(())


def _is_there(find: Callable[..., Event], connection: Connection, by: str) -> bool:
    try:
        find(connection, by, DESK)
    except ProjectError:
        return False
    return True


def _to_undo(connection: Connection, by: str) -> Event:
    found = next_undo(connection, by, DESK)
    if found.action == "codebook":
        _check_newest(connection, found)
    return found


def _check_newest(connection: Connection, event: Event) -> None:
    """A codebook is stored whole: to take back an earlier one would change nothing."""
    newest = [row["event_id"] for row in views.holding(connection, "codebooks")][-1:]
    if newest and newest != [event.id]:
        raise ProjectError(
            "the codebook was changed by somebody else since; change or retire the code there"
        )


def _touched(connection: Connection, event_id: str) -> Touched:
    names = ("codings", "decisions", "seen", "memos", "codebooks")
    rows = {name: list(_rows(connection, name, event_id)) for name in names}
    decided = [row["coding_id"] for row in rows["decisions"]]
    found = [row["document_id"] for name in ("codings", "seen", "memos") for row in rows[name]]
    found += list(_documents(connection, decided))
    codings = dict.fromkeys([*(row["id"] for row in rows["codings"]), *decided])
    kinds = {name for name, each in rows.items() if each}
    documents = tuple(dict.fromkeys(filter(None, found)))
    return Touched(
        documents, tuple(codings), "codebooks" in kinds, kinds == {"seen"}, "memos" in kinds
    )


def _rows(connection: Connection, name: str, event_id: str) -> Iterator[Row]:
    from sqlalchemy import select

    table = schema.ROW_TABLES[name]
    asked = select(table).where(table.c.event_id == event_id).order_by(*table.primary_key.columns)
    yield from (dict(row) for row in connection.execute(asked).mappings())


def _documents(connection: Connection, coding_ids: Iterable[str]) -> Iterator[str]:
    for each in coding_ids:
        yield from views.documents_of(connection, each)
