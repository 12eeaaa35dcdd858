"""A file that its owner alone can read, apart from everything that is shared.

The invariant: the file is closed to others before a word stands in it, and it lies in no folder
that holds a project, a report, the corpus or a repository, nor in a folder below one.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import uuid
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

from reflect_analysis.errors import OutputError, raise_all

__all__ = ["check_apart", "open_to_others", "write_private"]

_OTHERS = 0o077
_OWNER = 0o600
# What stands in a folder that is sent, copied or merged.
_OF_CORPUS = ("clearance.yaml", "clearance.yml", "speakers.yaml", "stories.yaml", "withdrawn.yaml")
_MARKS = {
    **dict.fromkeys(_OF_CORPUS, "the corpus"),
    ".git": "a repository",
    "keep/report.json": "a report",
}
_PLACES = {"share": "what is sent", "keep": "a report"}


def check_apart(target: Path, sources: Iterable[str] = (), *, overwrite: bool) -> None:
    """Refuse a place where others would find a key.

    Parameters
    ----------
    target : Path
    sources : iterable of str
        The files of the corpus, as its documents name them.
    overwrite : bool

    Raises
    ------
    OutputError
        With every reason.
    """
    real = target.parent.resolve() / target.name
    faults = [
        f"{target}: its folder {folder} holds {what}; keep the key apart from it"
        for folder, what in _held(real.parent, tuple(sources))
    ]
    if not real.parent.is_dir():
        faults.append(f"{target}: there is no folder {target.parent}")
    if real.exists() and not overwrite:
        faults.append(f"{target}: exists, and may lead to people; say overwrite=True to replace it")
    raise_all(OutputError, faults)


def _held(folder: Path, sources: tuple[str, ...]) -> Iterator[tuple[Path, str]]:
    """The folder and those above it that are shared, with what they hold."""
    for each in _upwards(folder):
        found = {what for mark, what in _MARKS.items() if (each / mark).exists()}
        if any(each.glob("*.reflect")):
            found.add("a project")
        if each.name.casefold() in _PLACES:
            found.add(_PLACES[each.name.casefold()])
        if any(_lies_in(each, Path(source)) for source in sources):
            found.add("the corpus")
        yield from ((each, what) for what in sorted(found))


def _lies_in(folder: Path, source: Path) -> bool:
    """Whether a file of the corpus lies in a folder; a picture is named by its whole path."""
    if source.is_absolute():
        return source.parent.resolve() == folder
    return (folder / source).is_file()


def _upwards(folder: Path) -> Iterator[Path]:
    """The folder, then those above it, as far as they are one study's."""
    yield folder
    common = {Path(tempfile.gettempdir()).resolve(), Path(folder.anchor)}
    with contextlib.suppress(RuntimeError):  # nobody is at home
        common.add(Path.home().resolve())
    for each in folder.parents:
        if each in common:
            return
        yield each


def write_private(target: Path, text: str) -> None:
    """Write a file beside and rename it, closed to others before it has any content.

    Raises
    ------
    OutputError
        If it cannot be written; nothing is left then.

    Warns
    -----
    UserWarning
        Where the system did not let it be closed to others.
    """
    beside = target.with_name(f".{uuid.uuid4().hex}.part")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            closed = _closed_to_others(beside)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    except OSError as error:
        raise OutputError(f"{target}: cannot be written ({error.strerror or error})") from None
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
    if not closed:
        message = (
            f"{target}: this system did not let the key be closed to other users; keep it on a "
            "drive or in a folder that only you can open"
        )
        warnings.warn(message, UserWarning, stacklevel=3)


def _closed_to_others(path: Path) -> bool:
    """Take every access but the owner's away; whether that was done."""
    if sys.platform == "win32":
        return _closed_on_windows(path)
    path.chmod(_OWNER)
    return not path.stat().st_mode & _OTHERS  # a memory stick has no owners


def _closed_on_windows(path: Path) -> bool:
    """The same by the access list: nothing is inherited, and one user is on it."""
    import getpass

    tool = Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32" / "icacls.exe"
    user = "\\".join(filter(None, [os.environ.get("USERDOMAIN", ""), getpass.getuser()]))
    command = [str(tool), str(path), "/inheritance:r", "/grant:r", f"{user}:F"]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=30)  # noqa: S603  # the system's own tool, no shell
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def open_to_others(path: Path) -> None:
    """Warn where others than its owner may read a file; on Windows that is not looked at."""
    if sys.platform != "win32" and path.stat().st_mode & _OTHERS:
        message = f"{path}: others can read this key; close it with: chmod 600 {path.name}"
        warnings.warn(message, UserWarning, stacklevel=3)
