"""Files and folders that come whole: written beside their place, and renamed into it.

Ctrl+C, a full disk or a file that another program holds leaves what was there before: never a part
of what was to come, which a reader could take for the whole.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from reflect_analysis._waiting import patiently

__all__ = ["whole_file", "whole_files", "whole_folder", "write_whole"]


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """A place beside a file, which takes its place when all went well.

    Parameters
    ----------
    target : Path
        A file, which may be there.

    Raises
    ------
    OSError
        If it cannot be written; what was there stays.
    """
    part = _beside(target, "part")
    try:
        yield part
        patiently(partial(part.replace, target))
    except OSError as error:
        if error.filename == str(part):  # nobody knows that name
            error.filename = str(target)
        raise
    finally:
        part.unlink(missing_ok=True)


def write_whole(target: Path, content: bytes) -> None:
    """Write a file, whole or not at all.

    Raises
    ------
    OSError
        If it cannot be written; what was there stays.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.txt"
    >>> write_whole(path, b"whole")
    >>> path.read_bytes(), len(list(path.parent.iterdir()))
    (b'whole', 1)
    """
    with whole_file(target) as part:
        part.write_bytes(content)


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A new folder beside another, which takes its place when all went well.

    Parameters
    ----------
    target : Path
        If it is there, it goes with all that it holds.

    Raises
    ------
    OSError
        If it cannot be written; what was there stays.
    """
    part = _beside(target, "part")
    try:
        part.mkdir(parents=True)
        yield part
        _exchange(part, target)
    finally:
        _remove(part)


def _exchange(part: Path, target: Path) -> None:
    old = _beside(target, "old")
    try:
        if target.exists():
            patiently(partial(target.rename, old))
        patiently(partial(part.rename, target))
    finally:
        if old.exists() and not target.exists():
            patiently(partial(old.rename, target))
        _remove(old)


@contextmanager
def whole_files(folder: Path, *, last: str) -> Iterator[Path]:
    """A place beside some files of a folder, which take their places together.

    A folder that is not there comes whole. In one that is there other files stay, and without the
    file that comes last no reader takes the others for a whole.

    Parameters
    ----------
    folder : Path
    last : str
        The file that goes first and comes last.

    Raises
    ------
    OSError
        If they cannot be written; those that were there stay.
    """
    if not folder.exists():
        with whole_folder(folder) as part:
            yield part
        return
    # Within it: a folder that is there may be a drive, or the one that somebody works in.
    place = folder / f".{secrets.token_hex(4)}.part"
    part, old = place / "new", place / "old"
    try:
        part.mkdir(parents=True)
        old.mkdir()
        yield part
        names = sorted(path.name for path in part.iterdir())
        names.sort(key=lambda name: name == last)
        try:
            _move(names[::-1], folder, old)
            _move(names, part, folder)
        except BaseException:  # Ctrl+C too
            _move_back(names, part, folder, old)
            raise
    finally:
        _remove(place)


def _move(names: list[str], source: Path, target: Path) -> None:
    for name in names:
        if (source / name).exists():
            patiently(partial((source / name).replace, target / name))


def _move_back(names: list[str], part: Path, folder: Path, old: Path) -> None:
    """What was moved is known by where it lies now: a stop may come between any two renames."""
    for name in names:
        if not (part / name).exists():
            (folder / name).unlink(missing_ok=True)
    _move(names, old, folder)


def _beside(target: Path, ending: str) -> Path:
    # By its whole path: what is called by dots alone has no name to put one beside.
    target = target.absolute()
    return target.with_name(f".{target.name}-{secrets.token_hex(4)}.{ending}")


def _remove(folder: Path) -> None:
    """Remove a folder; whoever presses Ctrl+C meanwhile leaves nothing half removed."""
    try:
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
