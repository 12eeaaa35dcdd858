"""What a merge brought: names of files, ids and counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["MergeReport", "MergedFile"]

_WAYS = {
    "same": "the same participant or text",
    "another": "another one, under a new name",
    "without": "left out",
}


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
        named = (_counted(count, name.replace("_", " ")) for name, count in self.rows.items())
        entries = "1 entry" if self.events == 1 else f"{self.events} entries"
        return f"{self.name}: {entries} ({', '.join(named) or 'no rows'})"


@dataclass(frozen=True, slots=True)
class MergeReport:
    """What a merge brought.

    Parameters
    ----------
    files : tuple of MergedFile
    choices : mapping of str to str
        What was chosen where copies differed: a version, a hash or a role by subject; and who is
        who in another study, by the ids of both studies.
    withdrawn : tuple of str
        Participants who had withdrawn in another copy and are erased here now too.
    notes : tuple of str
    backup : str
        The copy of the file as it was before; empty where nothing came, or on a server.
    """

    files: tuple[MergedFile, ...]
    choices: Mapping[str, str] = field(default_factory=dict)
    withdrawn: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    backup: str = ""

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
        alone = {key: each for key, each in self.choices.items() if not _is_of_two(key)}
        yield from (f"chosen: {subject} {version}" for subject, version in alone.items())
        ways = Counter(each for key, each in self.choices.items() if _is_name_of_two(key))
        for way, count in sorted(ways.items()):
            names = "name" if count == 1 else "names"
            yield f"{count} {names} that another study has too: {_WAYS.get(way, way)}"
        if self.withdrawn:
            yield f"withdrawn elsewhere, and erased here now: {', '.join(self.withdrawn)}"
            if self.backup:
                yield "the copy that was made before still holds them: purge the backups"
        yield from self.notes
        if self.backup:
            yield f"as it was before: {self.backup}"


def _counted(count: int, things: str) -> str:
    """A count of rows of a table, whose name is in the plural."""
    return f"{count} {things.removesuffix('s') if count == 1 and things != 'seen' else things}"


def _is_of_two(subject: str) -> bool:
    """Whether a choice is about two studies; see `merging.identity`."""
    return subject.startswith("study:") or _is_name_of_two(subject)


def _is_name_of_two(subject: str) -> bool:
    return subject.startswith(("person:", "text:"))
