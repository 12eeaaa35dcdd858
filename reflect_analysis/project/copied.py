"""An open project and its copies: joined, written as text, made again, and who has left them all.

Each method is a few lines; the work is done in `project.merging`, `project.text` and
`project.withdrawal`.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Self

from reflect_analysis.errors import OutputError, ProjectError
from reflect_analysis.project import backups, schema, views
from reflect_analysis.project.backups import Backup
from reflect_analysis.project.clock import last_of
from reflect_analysis.project.entries import Entry, Event, latest_event, write_entries
from reflect_analysis.project.guarding import guarded
from reflect_analysis.project.merging.report import MergeReport
from reflect_analysis.project.opened import OpenProject
from reflect_analysis.project.pending import store_leftovers
from reflect_analysis.project.rights import SOMEBODY
from reflect_analysis.project.rows import Row
from reflect_analysis.project.text.exporting import Exported
from reflect_analysis.project.withdrawal import WithdrawalReport, alike_note

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from reflect_analysis.corpus import Corpus

__all__ = ["CopiedProject"]


class CopiedProject(OpenProject):
    """A project that is open, and what concerns all copies of it."""

    # ── other copies ──

    def merge(
        self,
        others: Iterable[str | Path],
        *,
        by: str,
        choose: Mapping[str, str] | None = None,
    ) -> MergeReport:
        """Join other copies of the study, or other studies, into this one.

        The other files are not changed. The order does not matter, and a second time changes
        nothing. Whoever withdrew in one of them has withdrawn in all.

        Parameters
        ----------
        others : iterable of path or URL
        by : str
            Who merges.
        choose : mapping of str to str, optional
            What holds where copies went on in different ways: a version for ``"codebook"``, the
            hash of a text for ``"document:ID"``, a fingerprint for ``"case:ID"``, a kind for
            ``"phase:NAME"``, a role for ``"role:NAME"``. And who is who in another study:
            ``"same"``, ``"another"`` or ``"without"`` for ``"study:FILE"``, or for one
            ``"person:ID"`` or ``"text:ID"`` alone. The error that asks for it names them; the
            first digits do.

        Returns
        -------
        MergeReport

        Raises
        ------
        ProjectError
            If a file cannot be read, or copies differ and nobody chose; nothing is merged then.

        Notes
        -----
        A copy of the file as it was is kept among its backups (``before-merge``), for a merge is
        not undone; not where nothing came.
        """
        from reflect_analysis.project import merging
        from reflect_analysis.project.withdrawal import remains

        given = [others] if isinstance(others, str | Path) else list(others)
        self.check_name(by)
        with merging.opened(given, self.address) as sources, self._copy_before() as kept:
            before = self.alike()
            hashes, count = self._forget_first(each.connection for each in sources)
            with self._changing() as connection:
                report = merging.join(connection, sources, by=by, choose=choose or {})
                self._clock.learn(last_of(connection))
            report = dataclasses.replace(
                report, notes=(*report.notes, *(note for each in sources for note in each.notes))
            )
            if kept is not None and report.changed:
                report = dataclasses.replace(report, backup=str(kept.path))
        self._hashes.clear()
        self._learn_people()
        if alike := sorted({*self.alike()}.difference(before)):
            report = dataclasses.replace(report, notes=(*report.notes, alike_note(alike)))
        if report.withdrawn:
            outside = remains.look_outside(
                report.withdrawn, hashes, self.address, self._engine, count
            )
            report = dataclasses.replace(report, notes=(*report.notes, *outside.lines()))
        return report

    def _forget_first(self, others: Iterable[Connection]) -> tuple[frozenset[str], int]:
        """Forget what was computed from those who withdrew elsewhere, while their texts are here.

        Returns
        -------
        hashes : frozenset of str
        count : int
            Entries of the cache.
        """
        from reflect_analysis.project.withdrawal import read_tombstones, remains

        elsewhere = [stone for each in others for stone in read_tombstones(each).values()]
        with self._settled() as connection:
            known = read_tombstones(connection)
            new = [stone for stone in elsewhere if stone.case_id not in known]
            hashes = remains.hashes_under(connection, new)
        return hashes, remains.forget_first(hashes)

    @contextlib.contextmanager
    def _copy_before(self) -> Iterator[Backup | None]:
        """A copy of the file as it was, which stays if something was changed."""
        path = self.address.path
        if path is None:
            yield None
            return
        self._settle()
        self._check_there()
        before = self._n_events()
        kept = backups.make_backup(path, "before-merge")
        try:
            yield kept
        finally:
            if self._n_events() == before:
                with contextlib.suppress(OSError):
                    kept.path.unlink(missing_ok=True)

    def _n_events(self) -> int:
        from sqlalchemy import func, select

        with self._reading() as connection:
            count: int = connection.execute(
                select(func.count()).select_from(schema.events)
            ).scalar()
            return count

    def export_text(
        self, folder: str | Path, *, by: str = SOMEBODY, for_keeping: bool = False
    ) -> Exported:
        """Write the whole study as sorted lines of JSON, and the codebook beside it for reading.

        Two exports can be compared line by line, in git too; `import_text` gives the identical
        study back. The log then says that the study was exported, by whom and where to.

        Parameters
        ----------
        folder : path
            A new one, or one that holds an earlier export.
        by : str
            Who exports.
        for_keeping : bool
            That the copy stays with the study's own people: only then may it hold records whose
            export their nation or community has not approved.

        Raises
        ------
        GovernanceError
            If such records are in the study and the copy is not for keeping.
        OutputError
            If something else lies there, or it cannot be written.
        """
        from reflect_analysis.project import text

        with self._leaving() as told, text.text_beside(folder) as place:
            with self._settled() as connection:
                if not for_keeping:
                    text.check_approved(connection)
                exported = text.write_text(connection, place, folder)
            about = {"format": "text", "where": str(exported.folder), "for_keeping": for_keeping}
            told.append(self._log(by, "export", about))  # first: what lies there is in the log
        return exported

    @contextlib.contextmanager
    def _leaving(self) -> Iterator[list[Event]]:
        """For an entry of the log that comes first: if nothing of it left, another one says so."""
        told: list[Event] = []
        try:
            yield told
        except OutputError:
            for event in told:
                self.record_stayed(event)
            raise

    def record_export(
        self,
        name: str,
        where: Path,
        documents: Iterable[str],
        *,
        by: str = SOMEBODY,
    ) -> Event:
        """Write into the log what left the study in another program's format, and where to.

        A later withdrawal names the file. Where it then cannot be written, see `record_stayed`.

        Parameters
        ----------
        name : str
            Of the format.
        where : Path
        documents : iterable of str
            Ids of the documents that left.
        by : str
            Who exports.
        """
        told = {"format": name, "where": str(where), "documents": sorted(documents)}
        return self._log(by, "export", told)

    def record_stayed(self, event: Event) -> None:
        """Write into the log that an export did not leave, for its file could not be written.

        Of a folder that was there, and of a drive that is gone, nobody knows what came into it:
        that entry stands.

        Parameters
        ----------
        event : Event
            The export's.
        """
        where = Path(event.payload["where"])
        if not where.parent.is_dir():
            return
        if where.exists() and (event.payload["format"] == "text" or not where.is_file()):
            return
        about = {"format": event.payload["format"], "where": str(where), "stayed": event.id}
        with contextlib.suppress(ProjectError):  # what went wrong before is told
            self._log(event.by, "export", about)

    @classmethod
    def import_text(cls, folder: str | Path, target: str | Path, *, by: str = SOMEBODY) -> Self:
        """Make the study of an export again, and open it.

        Whoever withdrew since, by what is kept beside the export or the new file, is left out:
        `notes` and the log say so.

        Parameters
        ----------
        folder : path
        target : path or URL
            A file that does not exist yet, or an empty database.
        by : str
            Who imports.

        Raises
        ------
        ProjectError
            With every fault of the folder, its file and its line; then nothing is made.
        """
        from reflect_analysis.project import text

        notes = text.make_project(folder, target, by=by)
        made = cls.open(target)
        made._notes += notes  # noqa: SLF001  # it is one of ours
        return made

    # ── what protects people ──

    def kept_strict(self, corpus: Corpus) -> tuple[str, ...]:
        """What `save` would keep as it is because a corpus allows more; ids, never words."""
        with self._settled() as connection:
            return guarded(views.read_corpus(connection), corpus)[1]

    def loosen(self, corpus: Corpus, *, by: str, reason: str) -> Event | None:
        """Store a corpus as it is, also where it allows more than before: an act of its own.

        A participant agreed after all, a nation approved a use, a text was ascribed to the wrong
        person: the log tells who said so, and why.

        Parameters
        ----------
        corpus : Corpus
        by : str
        reason : str

        Returns
        -------
        Event or None
            `None` where nothing is new.

        Raises
        ------
        ValueError
            If no reason is given.
        """
        if not reason.strip():
            raise ValueError("say why consent or governance allow more than before")
        with self._changing() as connection:
            rows = views.new_rows(connection, corpus=corpus)
            return self._write_rows(connection, rows, by, "loosen", {"reason": reason.strip()})

    def _write_rows(
        self,
        connection: Connection,
        rows: Mapping[str, tuple[Row, ...]],
        by: str,
        action: str,
        about: Mapping[str, str] | None = None,
    ) -> Event | None:
        """Write an entry of what is new, if anything is."""
        if not any(found for name, found in rows.items() if name != "runs"):
            return None
        counts = {name: len(found) for name, found in rows.items() if found}
        self._check_person(connection, by)
        decided = [row["at"] for row in rows.get("decisions", ())]
        event = latest_event(connection, by, action, {**counts, **(about or {})}, after=decided)
        entry = Entry(event, rows)
        write_entries(connection, [entry])
        self._hashes.clear()
        return entry.event

    # ── who withdrew ──

    def alike(self) -> tuple[str, ...]:
        """Documents that are, word for word, one that went with somebody who withdrew.

        They came under another id and another name, or are a few words that anybody writes.
        """
        from reflect_analysis.project.withdrawal import alike_in

        with self._settled() as connection:
            return alike_in(connection)

    def withdraw(self, case_id: str, *, by: str) -> WithdrawalReport:
        """Erase a participant for ever: from here, and from whatever old copy comes back.

        Parameters
        ----------
        case_id : str
        by : str
            Who records the withdrawal.

        Returns
        -------
        WithdrawalReport
            What was deleted, the backups that hold the person still, and what can no longer be
            recalled. `purge` erases the person from the backups.

        Raises
        ------
        UnknownIdError
            If the study knows no such participant.
        """
        from reflect_analysis.project.withdrawal import acting, remains

        self.check_name(by)
        if self.address.path is not None:
            store_leftovers(self.address.path, self.id, self._store)
            self._settle()
            remains.await_others(self.address.path)
        with self._settled() as connection:
            hashes = acting.words_before(connection, case_id, by)
        count = remains.forget_first(hashes)
        with self._changing() as connection:
            report, hashes = acting.withdraw_from(connection, case_id, by=by, known=hashes)
        self._hashes.clear()
        return remains.finished(report, hashes, self.address, self._engine, count)
