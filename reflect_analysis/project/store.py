"""`Project`: a study in one file, or in PostgreSQL, that never loses a decision.

Values in, values out. Everything is an entry, an event with its rows (`project.entries`); what
holds now is a query over the log that passes over what was undone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reflect_analysis.codebook import Codebook
from reflect_analysis.codings import Coding, Codings, Decision, Memo, Seen
from reflect_analysis.corpus import Corpus
from reflect_analysis.disclosure import Approval
from reflect_analysis.errors import ProjectError, UnknownIdError
from reflect_analysis.project import backups, restoring, rights, team, views
from reflect_analysis.project import rows as as_rows
from reflect_analysis.project.backups import Backup
from reflect_analysis.project.checking import faults_of
from reflect_analysis.project.desk import Desk
from reflect_analysis.project.desked import DeskedProject
from reflect_analysis.project.engine import Address, reading
from reflect_analysis.project.entries import (
    Act,
    Entry,
    Event,
    new_event,
)
from reflect_analysis.project.guarding import guarded
from reflect_analysis.project.history import find_event, next_redo, next_undo, read_events, undoable
from reflect_analysis.project.progress import Progress, read_progress
from reflect_analysis.project.restoring import Purged, Restored
from reflect_analysis.project.rows import Row
from reflect_analysis.project.withdrawal.stones import take_over

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from reflect_analysis.topics import TopicAct

__all__ = ["Project"]


class Project(DeskedProject):
    """A study and all that was decided in it.

    Open one with `Project.open`, make one with `Project.create`; both are context managers.

    Attributes
    ----------
    address : Address
    id, title, approach : str
    """

    def __repr__(self) -> str:
        return f"<Project {self.title or self.address.name!r}>"

    # ── reading ──

    def corpus(self) -> Corpus:
        """The texts and cases as they are now."""
        with self._reading() as connection:
            return views.read_corpus(connection)

    def codebook(self, version: str | None = None) -> Codebook:
        """The codebook in use, or an earlier version of it."""
        with self._reading() as connection:
            return views.read_codebook(connection, version)

    def has_codebook(self) -> bool:
        """Whether a codebook was stored."""
        with self._reading() as connection:
            return any(True for _ in views.holding(connection, "codebooks"))

    def codings(self, document_ids: Iterable[str] | None = None) -> Codings:
        """The log as it holds now, without what was undone.

        Parameters
        ----------
        document_ids : iterable of str, optional
            Only of these documents.
        """
        waiting = self._waiting()
        with self._reading() as connection:
            return views.read_codings(connection, document_ids, waiting)

    def codings_with(self, coding_id: str) -> Codings:
        """The log of the document in which a coding lies; empty if there is no such coding."""
        waiting = self._waiting()
        with self._reading() as connection:
            ids = views.documents_of(connection, coding_id, waiting)
            return views.read_codings(connection, ids, waiting)

    def approvals(self) -> tuple[Approval, ...]:
        """What was decided about quotes."""
        with self._reading() as connection:
            return views.read_approvals(connection)

    def topic_acts(self, fingerprint: str | None = None) -> tuple[TopicAct, ...]:
        """What researchers did with topics, oldest first: for `Topics.with_acts`.

        Parameters
        ----------
        fingerprint : str, optional
            Only of the solution with this `Topics.fingerprint`.
        """
        with self._reading() as connection:
            return views.read_topic_acts(connection, fingerprint)

    def events(self) -> tuple[Event, ...]:
        """Who did what and when, oldest first; it holds no texts."""
        with self._settled() as connection:
            return read_events(connection)

    def find_event(self, beginning: str) -> Event:
        """The event whose id begins so; `ProjectError` if none does, or several."""
        with self._settled() as connection:
            return find_event(connection, beginning)

    # ── writing ──

    def save(
        self,
        *,
        by: str,
        corpus: Corpus | None = None,
        codebook: Codebook | None = None,
        codings: Codings | None = None,
        approvals: Sequence[Approval] = (),
        topic_acts: Sequence[TopicAct] = (),
    ) -> Event | None:
        """Store values; what is there already is not written again.

        Consent, governance and whose a governed text is are never loosened so: where the corpus
        allows more than what is stored, the stricter stays (`kept_strict` says where).

        Parameters
        ----------
        by : str
            Who stores them.
        corpus, codebook, codings, approvals : optional
        topic_acts : sequence of TopicAct
            `Topics.acts`.

        Returns
        -------
        Event or None
            `None` where nothing is new.

        Raises
        ------
        UnknownIdError
            If codings, approvals or the parts of a topic are of documents that the project lacks.
        ProjectError
            If somebody withdrew from the corpus whom the project still holds.
        GovernanceError
            If a new wording of a governed text does not say which words are the governed ones.
        """
        with self._changing() as connection:
            if corpus is not None and corpus.withdrawn:
                take_over(connection, corpus.withdrawn)
            if corpus is not None:
                corpus, _ = guarded(views.read_corpus(connection), corpus)
            rows = views.new_rows(
                connection,
                corpus=corpus,
                codebook=codebook,
                codings=codings,
                approvals=approvals,
                topic_acts=topic_acts,
            )
            return self._write_rows(connection, rows, by, "save")

    def record(
        self,
        *,
        by: str,
        codings: Sequence[Coding] = (),
        decisions: Sequence[Decision] = (),
        seen: Sequence[Seen] = (),
        memos: Sequence[Memo] = (),
        texts: Mapping[str, str] | None = None,
        act: Act | None = None,
    ) -> Event:
        """Keep what a coder just did; when this returns, it is durable.

        Parameters
        ----------
        by : str
            The coder.
        codings, decisions, seen, memos : sequences
        texts : mapping of str to str, optional
            The hash of the text that the coder looked at, by document. By default the text as it
            is now: somebody may have edited it since the coder saw it.
        act : Act, optional

        Raises
        ------
        UnknownIdError
            If a document is not in the project.
        ProjectError
            If it could not be written; then it is not kept.
        """
        self._check_there()
        self._check_recorder(by, [*codings, *seen])

        def read(document_id: str) -> str:
            given = (texts or {}).get(document_id)
            return given or (self._hash(document_id) if document_id else "")

        rows: Mapping[str, tuple[Row, ...]] = {
            "codings": tuple(as_rows.coding_row(c, read(c.document_id)) for c in codings),
            "decisions": tuple(map(as_rows.decision_row, decisions)),
            "seen": tuple(as_rows.seen_row(s, read(s.document_id)) for s in seen),
            "memos": tuple(as_rows.memo_row(m, read(m.document_id)) for m in memos),
        }
        counts = {name: len(found) for name, found in rows.items() if found}
        self._clock.learn(*(row["at"] for row in rows["decisions"]))
        entry = Entry(new_event(by, "record", counts, clock=self._clock, act=act), rows)
        return self._keep(entry).event

    def undo(self, *, by: str, event_id: str | None = None, act: Act | None = None) -> Event:
        """Take back the latest thing that a person did, or the event that is named.

        Others' work may be taken back too, but not by a coder who is blind; what was decided
        about the team, a phase or who reads what only by who decided it, or by a lead.

        Returns
        -------
        Event
            What was taken back.

        Raises
        ------
        ProjectError
            If there is nothing to take back, or this person may not.
        """

        def find(connection: Connection) -> Event:
            if event_id is None:
                return next_undo(connection, by)
            found = undoable(connection, event_id)
            rights.check_may_undo(connection, found, by)
            return found

        return self._take_back(by, "undo", find, act)

    def redo(self, *, by: str) -> Event:
        """Do again what a person last took back."""
        return self._take_back(by, "redo", lambda connection: next_redo(connection, by))

    # ── the team ──

    def desk(self, coder: str) -> Desk:
        """The desk of a coder: what this coder may see, and everything that a coder does.

        Raises
        ------
        ProjectError
            If there is a team and nobody in it bears this name, or a reader does.
        """
        return Desk(self, coder)

    def team_state(self) -> team.State:
        """The team, the phases and who reads what in the open one."""
        with self._reading() as connection:
            return team.read_state(connection)

    def open_phase(self) -> team.CodingPhase | None:
        """The phase that is open, if one is."""
        with self._reading() as connection:
            return team.open_phase(team.read_phases(connection))

    def phase_mark(self) -> tuple[team.CodingPhase | None, str]:
        """The phase that is open, and since when without a break, if it is a blind one."""
        with self._reading() as connection:
            self._learn(connection)
            phase = team.open_phase(team.read_phases(connection))
            blind = phase is not None and phase.blind
            return phase, team.begun_at(connection, phase.name) if phase and blind else ""

    def coded_before(self, coder: str, begun: str) -> frozenset[str]:
        """The documents in which this coder could see others' codings before a time."""
        with self._reading() as connection:
            before = team.coded_before(connection, begun)
        return frozenset(document for document, names in before.items() if names - {coder})

    def not_blind(self, coders: Iterable[str]) -> frozenset[str]:
        """The documents that one of some coders cannot code blind any more in the open phase."""
        with self._settled() as connection:
            phase = team.open_phase(team.read_phases(connection))
            return team.known_to_others(connection, phase, coders)

    def add_coder(self, name: str, role: team.Role = "coder", *, by: str) -> team.Member:
        """Add a person to the team, or give one another role."""
        member = team.Member(name, role)
        told = {"name": name, "role": role}

        def rows(connection: Connection, at: str) -> list[Row]:
            row = team.member_row(member, at)
            rights.check_may_add(connection, member, by)
            return [row]

        self._write(by, "team", "coders", rows, told)
        self._learn_people()
        return member

    def begin_phase(
        self, name: str, kind: team.PhaseKind = "reliability", *, blind: bool = True, by: str
    ) -> team.CodingPhase:
        """Begin a phase; while a blind one is open, coders see only what is their own."""
        phase = team.CodingPhase(name, kind, blind, "open")
        self._write_phase(phase, by)
        return phase

    def end_phase(self, name: str, *, by: str) -> team.CodingPhase:
        """End a phase that is open; for who began it, or a lead.

        Raises
        ------
        ProjectError
            If it is not open, or somebody else ends it.
        """
        begun = self.team_state().phases.get(name)
        phase = team.closed(name, begun)
        self._write_phase(phase, by)
        return phase

    def _write_phase(self, phase: team.CodingPhase, by: str) -> None:
        told = {"name": phase.name, "state": phase.state}

        def rows(connection: Connection, at: str) -> list[Row]:
            row = team.phase_row(phase, connection, at)
            if phase.state == "closed":
                rights.check_may_end(connection, phase.name, by)
            return [row]

        self._write(by, "phase", "phases", rows, told)

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
            By default all that may be coded and nobody was assigned in this phase; in a blind
            phase without those of which others' codings could be seen before it began
            (`not_blind`).
        random_state : int

        Returns
        -------
        dict
            The documents of each coder.

        Raises
        ------
        ProjectError
            If a coder is not in the team, a document is unknown, not cleared or not approved by
            who governs it, or there is nothing to assign.
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

    def progress(self, log: Codings | None = None) -> tuple[Progress, ...]:
        """How far each coder is in the phase that is open, or in all where none is.

        Parameters
        ----------
        log : Codings, optional
            What `codings` gave just now, which then is not read again.
        """
        with self._settled() as connection:
            return read_progress(connection, log)

    # ── backups ──

    def check(self) -> tuple[str, ...]:
        """Read every row; what is wrong, one sentence each, empty where nothing is."""
        self._settle()
        return faults_of(self._engine, self.address)

    def backup(self, *, by: str) -> Backup:
        """Copy the project file as it is now, into the folder beside it.

        Raises
        ------
        ProjectError
            If it cannot be written, or the project lies on a server.
        """
        path = self._file("is backed up")
        name = backups.new_name(path, backups.ASKED)
        self._log(by, "backup", {"file": name.name})
        return backups.make_backup(path, name=name)

    def backups(self) -> tuple[Backup, ...]:
        """The copies of the project file, oldest first."""
        return backups.backups_of(self._file("has its backups"))

    def purge(self, case_id: str, *, by: str) -> Purged:
        """Erase a participant who withdrew from every backup.

        Raises
        ------
        ProjectError
            If this participant did not withdraw.
        """
        path = self._file("has its backups")
        with self._reading() as connection:
            self._check_person(connection, by)
        found = restoring.purge_backups(path, case_id)
        counts = {"cleaned": len(found.cleaned), "unreadable": len(found.unreadable)}
        self._log(by, "purge", {"case": case_id, **counts})
        return found

    @staticmethod
    def restore(path: str | Path, backup: str | Path, *, by: str) -> Restored:
        """Put a backup in the place of a project file, which may be broken or missing.

        Who withdrew since the backup was made is forgotten in it. What was there before is kept:
        `Restored.kept`; merging it brings back what was done since.

        Parameters
        ----------
        path : str or Path
            Of the project file.
        backup : str or Path
            Its path, or its name in the folder of the backups.
        by : str

        Raises
        ------
        ProjectError
            If the backup is broken or of another study; then nothing was changed.
        """
        address = Address(path)
        if address.path is None:
            raise ProjectError(f"{address.name}: a project on a server is restored there")
        return restoring.restore_backup(address.path, backup, by=by)

    # ── inside ──

    def _file(self, what: str) -> Path:
        if self.address.path is None:
            raise ProjectError(
                f"{self.address.name}: a project on a server {what} there (pg_dump), or as text: "
                "reflect-analysis export --format text"
            )
        return self.address.path

    def _check_recorder(self, by: str, made: Sequence[Coding | Seen]) -> None:
        """Refuse an unknown name; a machine, of which all is a machine's, is in no team."""
        of_a_machine = bool(made) and all(each.coder_kind == "machine" for each in made)
        if not of_a_machine and not self._is_known(by):
            self.check_name(by)

    def _hash(self, document_id: str) -> str:
        """The hash of the text as it is now."""
        if document_id not in self._hashes:
            with reading(self._engine, self.address) as connection:
                self._hashes |= views.text_hashes(connection, [document_id])
        if document_id not in self._hashes:
            raise UnknownIdError(f"no document {document_id!r} in {self.address.name}")
        return self._hashes[document_id]
