"""Files and folders that come whole: written beside their place, and renamed into it.

Ctrl+C, a full disk or a file that another program holds leaves what was there before: never a part
of what was to come, which a reader could take for the whole. What cannot be put back stays beside,
and the error says where.

To whoever looks at a file it was written in place: what a link leads to is replaced, not the link;
a file keeps who may read it; one that may not be written is refused; and a device is written into.

What a process that was killed left of the same goes with the next write: a lock beside tells it
from what another process is still writing.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from reflect_analysis._waiting import patiently, take_lock

__all__ = [
    "is_left",
    "left_in",
    "left_of",
    "whole_file",
    "whole_files",
    "whole_folder",
    "write_whole",
]

_PART, _OLD, _LOCK = ".part", ".old", ".lock"
# What `_within` and `_beside` add to a name.
_OURS = r"[0-9a-f]{8}\.(part|old)"
_OWNER = 0o600
# On Windows a mode would be a list of who may open what lies inside, and go along with each file.
_OWNERS_FOLDER = 0o777 if os.name == "nt" else 0o700


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """A place beside a file, which takes its place when all went well.

    Parameters
    ----------
    target : Path
        A file, which may be there. What is no file, such as ``/dev/null``, is written into.

    Raises
    ------
    OSError
        If it cannot be written; what was there stays.
    """
    # Asked of what was named: where /dev/stdout is a pipe, its link leads to no path.
    if target.exists() and not target.is_file():
        yield target
        return
    place = _place_of(target)
    _check_writable(place, target)
    part = _beside(place)
    with _marked(part):
        try:
            with _named(part, target):
                if place.exists():
                    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _OWNER))
                yield part
                _keep_mode(place, part)
                patiently(partial(part.replace, place))
        finally:
            _remove(part)
    _sweep(each for each in left_of(place) if each.suffix != _OLD)


def write_whole(target: Path, content: bytes) -> None:
    """Write a small file, whole or not at all.

    It lies on the disk before it takes its place: a power cut leaves no empty one.

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
    with whole_file(target) as part, part.open("wb") as file:
        file.write(content)
        file.flush()
        _sync(file.fileno())


def _sync(handle: int) -> None:
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # a device knows no such thing
            raise


@contextmanager
def whole_folder(target: Path, *, replace: bool = True) -> Iterator[Path]:
    """A new folder beside another, which takes its place when all went well.

    Parameters
    ----------
    target : Path
    replace : bool
        Whether a folder that is there by then goes, with all that it holds.

    Raises
    ------
    FileExistsError
        If it is there, and is not to be replaced; it stays.
    OSError
        If it cannot be written; what was there stays.
    """
    place = _place_of(target)
    part = _beside(place)
    _make_parent(part, target)
    with _marked(part):
        try:
            with _named(part, target):
                part.mkdir(_OWNERS_FOLDER if place.exists() else 0o777)
                yield part
                _keep_mode(place, part)
                (_exchange if replace else _come)(part, place)
        finally:
            _remove(part)
    # Where an error said that it lies there no lock stayed: only a killed process leaves one.
    _sweep(
        each
        for each in left_of(place)
        if each.suffix != _OLD or (replace and each.with_suffix(_LOCK).exists())
    )


def _make_parent(part: Path, target: Path) -> None:
    try:
        with _named(part, target):
            part.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError:  # it would read as if the target were there
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(target)) from None


def _come(part: Path, target: Path) -> None:
    """Take a place where nothing is, or an empty folder."""
    with contextlib.suppress(OSError):  # Windows renames onto none
        target.rmdir()
    try:
        patiently(partial(part.rename, target))
    except OSError as error:
        if target.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from error
        raise


def _exchange(part: Path, target: Path) -> None:
    old = part.with_suffix(_OLD)

    def is_away() -> bool:
        return old.exists() and not target.exists()

    def back() -> None:
        if is_away():
            patiently(partial(old.rename, target))

    with _way_back(back, is_away, old, target):
        if target.exists():
            patiently(partial(target.rename, old))
        patiently(partial(part.rename, target))
    _remove(old)


@contextmanager
def whole_files(folder: Path, *, last: str, without: Collection[str] = ()) -> Iterator[Path]:
    """A place beside some files of a folder, which take their places together.

    A folder that is not there comes whole. In one that is there other files stay, and without the
    file that comes last no reader takes the others for a whole. What an earlier write that was
    killed left of the same files goes once these are in their places.

    Parameters
    ----------
    folder : Path
    last : str
        The file that goes first and comes last.
    without : collection of str
        Files that go where none of their names come.

    Raises
    ------
    OSError
        If they cannot be written; those that were there stay.
    """
    place = _place_of(folder)
    is_new, left = not place.exists(), left_of(place)
    # Within it: a folder that is there may be a drive, or the one that somebody works in.
    part = _beside(place) if is_new else _within(place)
    _make_parent(part, folder)
    with _marked(part):
        try:
            with _named(part, folder):
                part.mkdir(0o777 if is_new else _OWNERS_FOLDER)
                yield part
                names = {*without, *(path.name for path in part.iterdir())}
                if not (is_new and _came(part, place)):
                    _come_singly(part, place, last, without)
        finally:
            _remove(part)
    _sweep(left, names)


def _came(part: Path, place: Path) -> bool:
    """Take a place, unless somebody made a folder there meanwhile."""
    try:
        _come(part, place)
    except FileExistsError:
        return False
    return True


def _sweep(left: Iterable[Path], names: Collection[str] | None = None) -> None:
    """Remove what nobody is writing any more.

    Parameters
    ----------
    left : iterable of Path
    names : collection of str, optional
        Of files that came: a folder that holds anything but earlier states of them is somebody's.
    """
    for each in left:
        with contextlib.suppress(OSError):
            if not _is_written(each) and (names is None or _holds_only(each, names)):
                _remove(each)
                _remove(each.with_suffix(_LOCK))


def _holds_only(left: Path, names: Collection[str]) -> bool:
    inside = left.iterdir() if left.is_dir() else ()
    return all(path.name in names or is_left(path) for path in inside)


@contextmanager
def _marked(part: Path) -> Iterator[None]:
    """Hold a lock beside a part, which the system lets go of when the process is killed."""
    lock = part.with_suffix(_LOCK)
    try:
        with contextlib.ExitStack() as held:
            with contextlib.suppress(OSError):  # the part itself cannot be written then, or goes
                take_lock(held.enter_context(lock.open("xb")), 0.0)
            yield
    finally:
        _remove(lock)


def _is_written(left: Path) -> bool:
    """Whether another process holds the lock beside a part, as far as can be told."""
    try:
        with left.with_suffix(_LOCK).open("r+b") as file:
            take_lock(file, 0.0)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def _come_singly(part: Path, folder: Path, last: str, without: Collection[str]) -> None:
    """Files of a part, into a folder that is there: all of them, or those that were there."""
    new = {path.name for path in part.iterdir()}
    names = sorted({*new, *without}, key=lambda name: (name == last, name))
    places = {name: _place_of(folder / name) for name in names}
    for name, place in places.items():
        _check_writable(place, folder / name)
        if name in new:
            _keep_mode(place, part / name)
    old = part.with_suffix(_OLD)

    def is_away() -> bool:
        return _holds(part) and _holds(old)

    def back() -> None:
        if _holds(part):  # else all are in their places
            _move_back(places, part, old, new)
        if not is_away():
            _remove(old)

    with _way_back(back, is_away, old, folder), _named(old, folder):
        old.mkdir()
        for name in names[::-1]:
            _move(places[name], old / name)
        for name in names:
            _move(part / name, places[name])
    _remove(old)


def _move(source: Path, target: Path) -> None:
    if source.exists():
        _put(source, target)


def _put(source: Path, target: Path) -> None:
    """Rename a file; to or from another drive, where a link may lead, it is copied first."""
    try:
        patiently(partial(source.replace, target))
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        part = _beside(target)
        with _marked(part):
            try:
                shutil.copy2(source, part)
                patiently(partial(part.replace, target))
            finally:
                part.unlink(missing_ok=True)
        patiently(partial(source.unlink, missing_ok=True))


def _move_back(places: Mapping[str, Path], part: Path, old: Path, new: Collection[str]) -> None:
    """What was moved is known by where it lies now: a stop may come between any two renames.

    One that somebody holds keeps no other one away but the last, by which the whole is known.
    """
    *others, last = places
    held = [name for name in others if not _is_back(name, places[name], part, old, new)]
    if not held:
        _is_back(last, places[last], part, old, new)


def _is_back(name: str, place: Path, part: Path, old: Path, new: Collection[str]) -> bool:
    try:
        if (old / name).exists():
            _put(old / name, place)
        elif name in new and not (part / name).exists():
            patiently(partial(place.unlink, missing_ok=True))
    except OSError:
        return False
    return True


@contextmanager
def _way_back(
    back: Callable[[], None], is_away: Callable[[], bool], old: Path, target: Path
) -> Iterator[None]:
    """What is done here is undone if it is stopped; what cannot be put back is named, and stays."""
    try:
        yield
    except BaseException as error:  # Ctrl+C too, and once more
        try:
            back()
        finally:
            if is_away():
                raise _left_in(old, target, error) from error
        raise


def _left_in(old: Path, target: Path, error: BaseException) -> OSError:
    why = "stopped" if isinstance(error, KeyboardInterrupt) else type(error).__name__
    why = getattr(error, "strerror", None) or why
    told = f"{why}; what was there before and could not be put back lies in {old}: move it"
    return OSError(errno.EIO, told, str(target))  # no PermissionError: those are told otherwise


def is_left(path: Path) -> bool:
    """Whether a name is one that a write which was killed leaves beside or in its place.

    Examples
    --------
    >>> is_left(Path(".codings-0a1b2c3d.part")), is_left(Path("notes.old"))
    (True, False)
    """
    return path.name.startswith(".") and path.suffix in (_PART, _OLD, _LOCK)


def left_in(folder: Path) -> list[Path]:
    """The folders in a folder that a write of its files left there when it was killed."""
    return [path for path in _named_so(_place_of(folder), rf"\.{_OURS}") if path.is_dir()]


def left_of(target: Path) -> list[Path]:
    """What such writes left in a folder, or beside a folder or file, under its name."""
    place = _place_of(target).absolute()
    return left_in(place) + _named_so(place.parent, rf"\.{re.escape(place.name)}-{_OURS}")


def _named_so(where: Path, pattern: str) -> list[Path]:
    try:
        named = sorted(path for path in where.iterdir() if re.fullmatch(pattern, path.name))
    except OSError:  # there is none, or nobody may look into it
        return []
    return [path for path in named if not path.is_symlink()]


def _place_of(target: Path) -> Path:
    """Where what is written comes to lie: where a link leads to, there may be nothing yet."""
    return Path(os.path.realpath(target)) if target.is_symlink() else target


def _check_writable(place: Path, target: Path) -> None:
    """Refuse a file that may not be written: a rename would not ask."""
    if place.exists() and not os.access(place, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))


def _keep_mode(place: Path, part: Path) -> None:
    """Let those read what comes who may read what was there; a disk may know no owners."""
    if place.exists() and part.exists():
        with contextlib.suppress(OSError):
            shutil.copymode(place, part)


@contextmanager
def _named(part: Path, target: Path) -> Iterator[None]:
    """Errors name what was asked for: nobody knows the other names."""
    try:
        yield
    except OSError as error:
        name = error.filename
        if isinstance(name, str) and Path(name).is_relative_to(part):
            error.filename = str(target / Path(name).relative_to(part))
        raise


def _beside(target: Path) -> Path:
    # By its whole path: what is called by dots alone has no name to put one beside.
    target = target.absolute()
    return target.with_name(f".{target.name}-{secrets.token_hex(4)}{_PART}")


def _within(folder: Path) -> Path:
    return folder / f".{secrets.token_hex(4)}{_PART}"


def _holds(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def _remove(path: Path) -> None:
    """Remove a file or folder; whoever presses Ctrl+C meanwhile leaves nothing half removed."""
    try:
        _remove_once(path)
    finally:
        _remove_once(path)


def _remove_once(path: Path) -> None:
    with contextlib.suppress(OSError):  # what came before is told
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            patiently(partial(path.unlink, missing_ok=True))
