"""What a merge brought: names of files, ids and counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["MergeReport", "MergedFile"]


@dataclass(frozen=True, slots=True)
class MergedFile:
    """What came from one file.

    Parameters
    ----------
    name, study : str
        The file, and the id of the study in it.
    events : int
        Entries of the log that were not here yet.
    acts : int
        Of these, all but the merges that were recorded there.
    rows : mapping of str to int
        New rows by table.
    """

    name: str
    study: str
    events: int
    acts: int
    rows: Mapping[str, int] = field(default_factory=dict)

    def payload(self) -> dict[str, Any]:
        """For the event that records it."""
        return {
            "file": self.name,
            "project": self.study,
            "events": self.events,
            "rows": dict(self.rows),
        }

    def __str__(self) -> str:
        if not self.events:
            return f"{self.name}: nothing new"
        named = (f"{count} {name.replace('_', ' ')}" for name, count in self.rows.items())
        return f"{self.name}: {self.events} entries ({', '.join(named) or 'no rows'})"


@dataclass(frozen=True, slots=True)
class MergeReport:
    """What a merge brought.

    Parameters
    ----------
    files : tuple of MergedFile
    choices : mapping of str to str
        What was chosen where copies differed: a version or a hash by subject.
    withdrawn : tuple of str
        Participants who had withdrawn in another copy and are erased here now too.
    notes : tuple of str
    """

    files: tuple[MergedFile, ...]
    choices: Mapping[str, str] = field(default_factory=dict)
    withdrawn: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything came that was not here, merges recorded elsewhere apart."""
        return bool(self.choices or self.withdrawn or any(file.acts for file in self.files))

    def __str__(self) -> str:
        """The report as lines."""
        return "\n".join(self._lines())

    def __repr__(self) -> str:
        return f"<MergeReport: {sum(file.events for file in self.files)} new entries>"

    def _lines(self) -> Iterator[str]:
        yield from map(str, self.files)
        yield from (f"chosen: {subject} {version}" for subject, version in self.choices.items())
        if self.withdrawn:
            yield f"withdrawn elsewhere, and erased here now: {', '.join(self.withdrawn)}"
        yield from self.notes
