"""What leaves, made ready in memory and then put in its place: whole, or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from reflect_analysis._whole import whole_file, whole_files
from reflect_analysis.errors import OutputError
from reflect_analysis.exchange.values import Exported

__all__ = ["Ready", "check_free", "place", "place_files"]

_OWNER = 0o600  # participants' words are not for everybody on this computer


@dataclass(frozen=True, slots=True)
class Ready:
    """An export that is ready, and is nowhere yet.

    Parameters
    ----------
    exported : Exported
    content : bytes, or mapping of str to bytes
        Of the file, or of the files of a folder in the order in which they take their places.
    """

    exported: Exported
    content: bytes | Mapping[str, bytes]

    def place(self) -> Exported:
        """Put it in its place.

        Raises
        ------
        OutputError
            If it cannot be written; what was there before stays.
        """
        if isinstance(self.content, bytes):
            place(self.exported.path, self.content)
        else:
            place_files(self.exported.path, self.content)
        return self.exported


def check_free(target: Path, *, overwrite: bool) -> None:
    """Raise `OutputError` where something lies that nobody said to replace."""
    if target.is_dir():
        raise OutputError(f"{target}: a folder; name a file")
    if target.exists() and not overwrite:
        raise OutputError(f"{target}: exists; move it, or say overwrite")


def place(target: Path, data: bytes) -> None:
    """Write a file, whole or not at all; the folders above it are made.

    Raises
    ------
    OutputError
        If it cannot be written; what was there before stays.
    """
    with _told(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(target) as part:
            _write(part, data)


def place_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder, all or none; other files in it stay.

    Raises
    ------
    OutputError
        If they cannot be written; those that were there before stay.
    """
    with _told(folder), whole_files(folder, last=list(files)[-1]) as part:
        for name, data in files.items():
            _write(part / name, data)


def _write(path: Path, data: bytes) -> None:
    path.touch(_OWNER)
    path.write_bytes(data)


@contextmanager
def _told(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        why = problem.strerror or type(problem).__name__
        raise OutputError(f"{target}: cannot be written ({why})") from None
