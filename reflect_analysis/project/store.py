"""`Project`: a study in one file, or in PostgreSQL, that never loses a decision.

Values in, values out. Everything is an entry, an event with its rows (`project.entries`); what
holds now is a query over the log that passes over what was undone.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from reflect_analysis.codebook import Codebook
from reflect_analysis.codings import Coding, Codings, Decision, Memo, Seen
from reflect_analysis.corpus import Corpus
from reflect_analysis.disclosure import Approval
from reflect_analysis.errors import ProjectError, UnknownIdError
from reflect_analysis.project import rows as as_rows
from reflect_analysis.project import team, views
from reflect_analysis.project.desk import Desk
from reflect_analysis.project.engine import Address, connect_engine, reading, writing
from reflect_analysis.project.entries import Entry, Event, new_event, write_entries
from reflect_analysis.project.history import next_redo, next_undo, read_events, undoable
from reflect_analysis.project.migrating import bring_up_to_date, make_tables
from reflect_analysis.project.pending import PendingLog, store_leftovers
from reflect_analysis.project.rows import Row

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["Project"]


class Project:
    """A study and all that was decided in it.

    Open one with `Project.open`, make one with `Project.create`; both are context managers.

    Attributes
    ----------
    address : Address
    id, title, approach : str
    """

    def __init__(self, address: Address) -> None:
        self.address = address
        self._engine = connect_engine(address)
        self._hashes: dict[str, str] | None = None
        self._pending: PendingLog | None = None
        self._inode: tuple[int, int] | None = None

    # ── opening and closing ──

    @classmethod
    def create(
        cls, target: str | Path, *, title: str = "", approach: str = "codebook", by: str = "lead"
    ) -> Project:
        """Make a new project.

        Parameters
        ----------
        target : path or URL
            A file that does not exist yet (``study.reflect``), or a PostgreSQL URL.
        title, approach : str
        by : str
            Who makes it, by the name that the study uses.

        Raises
        ------
        ProjectError
            If there is a project already, or it cannot be written.
        """
        address = Address(target)
        if address.path is not None and address.path.exists():
            raise ProjectError(f"{address.name} exists already; open it, or name another file")
        project = cls(address)
        try:
            with writing(project._engine, address) as connection:
                make_tables(connection, address)
                facts = {"id": uuid.uuid4().hex, "title": title, "approach": approach}
                views.write_facts(connection, facts)
                write_entries(connection, [Entry(new_event(by, "create"))])
            project._start()
        except BaseException:
            project._engine.dispose()
            raise
        return project

    @classmethod
    def open(cls, target: str | Path) -> Project:
        """Open a project.

        Raises
        ------
        ProjectError
            If there is none, it is broken, newer than this version, or cannot be written.
        """
        address = Address(target)
        if address.path is not None and not address.path.is_file():
            raise ProjectError(
                f"{address}: there is no such file; reflect-analysis init makes a new project"
            )
        project = cls(address)
        try:
            bring_up_to_date(project._engine, address)
            if address.path is not None:
                store_leftovers(address.path, project._store)
            project._start()
        except BaseException:
            project._engine.dispose()
            raise
        return project

    def _start(self) -> None:
        path = self.address.path
        if path is not None:
            self._pending = PendingLog(path, self._store)
            self._inode = _identity(path)

    def close(self) -> None:
        """Store what waits and let go of the file."""
        try:
            if self._pending is not None:
                self._pending.close()
        finally:
            self._pending = None
            self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Project {self.title or self.address.name!r}>"

    # ── what the study is ──

    @property
    def id(self) -> str:
        """Random id, made with the project; copies of it bear the same."""
        return self._fact("id")

    @property
    def title(self) -> str:
        """As given when it was made."""
        return self._fact("title")

    @property
    def approach(self) -> str:
        """How the study works, such as ``"codebook"`` or ``"reflexive"``."""
        return self._fact("approach")

    def _fact(self, key: str) -> str:
        with reading(self._engine, self.address) as connection:
            return views.read_facts(connection)[key]

    # ── reading ──

    def corpus(self) -> Corpus:
        """The texts and cases as they are now."""
        with self._settled() as connection:
            return views.read_corpus(connection)

    def codebook(self, version: str | None = None) -> Codebook:
        """The codebook in use, or an earlier version of it."""
        with self._settled() as connection:
            return views.read_codebook(connection, version)

    def codings(self, document_ids: Iterable[str] | None = None) -> Codings:
        """The log as it holds now, without what was undone.

        Parameters
        ----------
        document_ids : iterable of str, optional
            Only of these documents.
        """
        with self._settled() as connection:
            return views.read_codings(connection, document_ids)

    def codings_with(self, coding_id: str) -> Codings:
        """The log of the document in which a coding lies; empty if there is no such coding."""
        with self._settled() as connection:
            return views.read_codings(connection, views.documents_of(connection, coding_id))

    def approvals(self) -> tuple[Approval, ...]:
        """What was decided about quotes."""
        with self._settled() as connection:
            return views.read_approvals(connection)

    def events(self) -> tuple[Event, ...]:
        """Who did what and when, oldest first; it holds no texts."""
        with self._settled() as connection:
            return read_events(connection)

    # ── writing ──

    def save(
        self,
        *,
        by: str,
        corpus: Corpus | None = None,
        codebook: Codebook | None = None,
        codings: Codings | None = None,
        approvals: Sequence[Approval] = (),
    ) -> Event | None:
        """Store values; what is there already is not written again.

        Parameters
        ----------
        by : str
            Who stores them.
        corpus, codebook, codings, approvals : optional

        Returns
        -------
        Event or None
            `None` where nothing is new.

        Raises
        ------
        UnknownIdError
            If codings or approvals are of documents that the project lacks.
        """
        with self._changing() as connection:
            rows = views.new_rows(
                connection, corpus=corpus, codebook=codebook, codings=codings, approvals=approvals
            )
            if not any(rows.values()):
                return None
            counts = {name: len(found) for name, found in rows.items() if found}
            entry = Entry(new_event(by, "save", counts), rows)
            write_entries(connection, [entry])
            self._hashes = None
            return entry.event

    def record(
        self,
        *,
        by: str,
        codings: Sequence[Coding] = (),
        decisions: Sequence[Decision] = (),
        seen: Sequence[Seen] = (),
        memos: Sequence[Memo] = (),
    ) -> Event:
        """Keep what a coder just did; when this returns, it is durable.

        Parameters
        ----------
        by : str
            The coder.
        codings, decisions, seen, memos : sequences

        Raises
        ------
        UnknownIdError
            If a document is not in the project.
        ProjectError
            If it could not be written; then it is not kept.
        """
        self._check_there()
        rows: Mapping[str, tuple[Row, ...]] = {
            "codings": tuple(as_rows.coding_row(c, self._hash(c.document_id)) for c in codings),
            "decisions": tuple(map(as_rows.decision_row, decisions)),
            "seen": tuple(as_rows.seen_row(s, self._hash(s.document_id)) for s in seen),
            "memos": tuple(
                as_rows.memo_row(m, self._hash(m.document_id) if m.document_id else "")
                for m in memos
            ),
        }
        counts = {name: len(found) for name, found in rows.items() if found}
        entry = Entry(new_event(by, "record", counts), rows)
        if self._pending is not None:
            self._pending.add(entry)
        else:
            self._store([entry])
        return entry.event

    def undo(self, *, by: str, event_id: str | None = None) -> Event:
        """Take back the latest thing that a person did, or the event that is named.

        Returns
        -------
        Event
            What was taken back.

        Raises
        ------
        ProjectError
            If there is nothing to take back.
        """
        with self._changing() as connection:
            events = read_events(connection)
            target = undoable(events, event_id) if event_id else next_undo(events, by)
            write_entries(connection, [Entry(new_event(by, "undo", undoes=target.id))])
            self._hashes = None
            return target

    def redo(self, *, by: str) -> Event:
        """Do again what a person last took back."""
        with self._changing() as connection:
            target = next_redo(read_events(connection), by)
            write_entries(connection, [Entry(new_event(by, "redo", undoes=target.id))])
            self._hashes = None
            return target

    # ── the team ──

    def desk(self, coder: str) -> Desk:
        """The desk of a coder: what this coder may see, and everything that a coder does."""
        return Desk(self, coder)

    def team_state(self) -> team.State:
        """The team, the phases and who reads what in the open one."""
        with self._settled() as connection:
            return team.read_state(connection)

    def add_coder(self, name: str, role: team.Role = "coder", *, by: str) -> team.Member:
        """Add a person to the team, or give one another role."""
        member = team.Member(name, role)
        self._write(by, "team", "coders", lambda _, at: [team.member_row(member, at)])
        return member

    def begin_phase(
        self, name: str, kind: team.PhaseKind = "reliability", *, blind: bool = True, by: str
    ) -> team.CodingPhase:
        """Begin a phase; while a blind one is open, coders see only what is their own."""
        phase = team.CodingPhase(name, kind, blind, "open")
        self._write(by, "phase", "phases", lambda c, at: [team.phase_row(phase, c, at)])
        return phase

    def end_phase(self, name: str, *, by: str) -> team.CodingPhase:
        """End the phase that is open."""
        begun = self.team_state().phases.get(name)
        phase = team.closed(name, begun)
        self._write(by, "phase", "phases", lambda c, at: [team.phase_row(phase, c, at)])
        return phase

    def assign(
        self,
        coders: Sequence[str],
        *,
        by: str,
        overlap: float = 0.2,
        document_ids: Iterable[str] | None = None,
        random_state: int = 0,
    ) -> dict[str, frozenset[str]]:
        """Plan who reads what: a random share is read by all, the rest by one coder each.

        Parameters
        ----------
        coders : sequence of str
            Members of the team.
        by : str
        overlap : float
            Share of the documents that every coder reads, in [0, 1].
        document_ids : iterable of str, optional
            By default all that may be coded and nobody was assigned in this phase.
        random_state : int

        Returns
        -------
        dict
            The documents of each coder.

        Raises
        ------
        ProjectError
            If a coder is not in the team, or there is nothing to assign.
        """
        self._write(
            by,
            "assign",
            "assignments",
            lambda connection, at: team.plan(
                connection, coders, document_ids, overlap=overlap, random_state=random_state, at=at
            ),
        )
        return dict(self.team_state().assignments)

    def progress(self) -> tuple[team.Progress, ...]:
        """How far each coder is with what was assigned."""
        with self._settled() as connection:
            assigned = team.read_assignments(connection)
            return team.progress(views.read_codings(connection), assigned)

    # ── inside ──

    def _write(
        self, by: str, action: str, table: str, make: Callable[[Connection, str], Iterable[Row]]
    ) -> None:
        """Write an entry whose rows depend on what is there."""
        with self._changing() as connection:
            event = new_event(by, action)
            rows = tuple(make(connection, event.at))
            if rows:
                write_entries(connection, [Entry(event, {table: rows})])

    def _store(self, entries: Sequence[Entry]) -> None:
        self._check_there()
        with writing(self._engine, self.address) as connection:
            write_entries(connection, entries)

    def _settled(self) -> Any:
        """A connection that sees all that was acknowledged."""
        self._settle()
        return reading(self._engine, self.address)

    def _changing(self) -> Any:
        """A transaction after all that was acknowledged."""
        self._settle()
        return writing(self._engine, self.address)

    def _settle(self) -> None:
        self._check_there()
        if self._pending is not None:
            self._pending.drain()

    def _check_there(self) -> None:
        """The file is still the one that was opened: SQLite would write on into a deleted one."""
        path = self.address.path
        if path is not None and self._inode is not None and _identity(path) != self._inode:
            raise ProjectError(
                f"{path.name} is not there any more: it was moved, deleted or replaced while "
                "it was open. Nothing was written; close this and open it where it is now"
            )

    def _hash(self, document_id: str) -> str:
        """The hash of the text that a coder sees."""
        if self._hashes is None or document_id not in self._hashes:
            with self._settled() as connection:
                self._hashes = views.text_hashes(connection)
        if document_id not in self._hashes:
            raise UnknownIdError(f"no document {document_id!r} in {self.address.name}")
        return self._hashes[document_id]


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
