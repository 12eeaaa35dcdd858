"""An open project and its copies: joined, written as text, made again, and who has left them all.

Each method is a few lines; the work is done in `project.merging`, `project.text` and
`project.withdrawal`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self

from reflect_analysis.project.entries import new_event
from reflect_analysis.project.merging.report import MergeReport
from reflect_analysis.project.opened import OpenProject
from reflect_analysis.project.pending import store_leftovers
from reflect_analysis.project.text.exporting import Exported
from reflect_analysis.project.withdrawal import WithdrawalReport

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
            hash of a text for ``"document:ID"``, a fingerprint for ``"case:ID"``. The error that
            asks for it names them; the first digits do.

        Returns
        -------
        MergeReport

        Raises
        ------
        ProjectError
            If a file cannot be read, or copies differ and nobody chose; nothing is merged then.
        """
        from reflect_analysis.project import merging

        given = [others] if isinstance(others, str | Path) else list(others)
        with merging.opened(given, self.address) as sources, self._changing() as connection:
            report = merging.join(connection, sources, by=by, choose=choose or {})
        self._hashes.clear()
        if self.address.path is not None and report.withdrawn:
            self._remember_withdrawn(self.address.path, self.id)
        return report

    def export_text(self, folder: str | Path, *, by: str = "lead") -> Exported:
        """Write the whole study as sorted lines of JSON, and the codebook beside it for reading.

        Two exports can be compared line by line, in git too; `import_text` gives the identical
        study back. The log then says that the study was exported, by whom and where to.

        Parameters
        ----------
        folder : path
            A new one, or one that holds an earlier export.
        by : str
            Who exports.

        Raises
        ------
        OutputError
            If something else lies there, or it cannot be written.
        """
        from reflect_analysis.project import text

        with self._settled() as connection:
            exported = text.write_text(connection, folder)
        self._log(new_event(by, "export", {"format": "text", "where": str(exported.folder)}))
        return exported

    @classmethod
    def import_text(cls, folder: str | Path, target: str | Path) -> Self:
        """Make the study of an export again, and open it.

        Parameters
        ----------
        folder : path
        target : path or URL
            A file that does not exist yet, or an empty database.

        Raises
        ------
        ProjectError
            With every fault of the folder, its file and its line; then nothing is made.
        """
        from reflect_analysis.project import text

        text.make_project(folder, target)
        return cls.open(target)

    # ── who withdrew ──

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

        if self.address.path is not None:
            store_leftovers(self.address.path, self.id, self._store)
        with self._changing() as connection:
            report, hashes = acting.withdraw_from(connection, case_id, by=by)
        self._hashes.clear()
        return remains.finished(report, hashes, self.address, self._engine)
