"""What stands beside the texts, and whether it says still what it said when the run began."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reflect_analysis.errors import CorpusError
from reflect_analysis.readers._walk import is_read
from reflect_analysis.readers.datasets import Beside, read_beside
from reflect_analysis.scale.files import file_hash
from reflect_analysis.scale.parting import papers_of

__all__ = ["Papers", "read_papers"]


@dataclass(frozen=True)
class Papers:
    """The participants, who withdrew and what is cleared, as they were read.

    Parameters
    ----------
    source : Path
        The data set.
    beside : Beside
    hashes : mapping of Path to str
        sha256 of each file beside the texts in which anything is read: not of recordings, which
        may be a hundred times the texts.
    """

    source: Path
    beside: Beside = field(default_factory=Beside)
    hashes: Mapping[Path, str] = field(default_factory=dict)

    def check_unchanged(self) -> None:
        """Refuse to go on where somebody withdrew, or took an approval back, meanwhile.

        Files that say the same in other bytes, and notes that nobody reads, are no change.

        Raises
        ------
        CorpusError
        """
        try:
            paths = papers_of(self.source)
            same = _hashes(paths) == self.hashes or read_beside(paths) == self.beside
        except (CorpusError, OSError):
            same = False
        if not same:
            raise CorpusError(
                f"{self.source}: what stands beside the texts (the participants, withdrawn.yaml, "
                "clearance.yaml) changed meanwhile, so no table is made of what it said before; "
                "run the same command again"
            )


def read_papers(source: Path, paths: Iterable[Path]) -> tuple[Papers, tuple[str, ...]]:
    """What stands beside the texts, and what is wrong with it; nothing where something is.

    Parameters
    ----------
    source : Path
        The data set.
    paths : iterable of Path
        The files beside its texts.
    """
    listed = list(paths)
    try:
        hashes = _hashes(listed)  # before: what is written meanwhile has another
        return Papers(source, read_beside(listed), hashes), ()
    except CorpusError as error:
        return Papers(source), tuple(error.faults)


def _hashes(paths: Iterable[Path]) -> dict[Path, str]:
    return {path: _hash(path) for path in paths if is_read(path)}


def _hash(path: Path) -> str:
    """The sha256 of a file; empty where it cannot be opened, which its reader tells."""
    try:
        return file_hash(path)
    except OSError:
        return ""
