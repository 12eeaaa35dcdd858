"""What was acknowledged and waits to be stored: a decision is durable after one sync.

A transaction with a rollback journal and full sync waits for the disk five times. A coder should
not. So an entry is first appended to a log of this process beside the project file and synced;
then it is acknowledged; and a thread moves what has gathered into the file, many entries in one
transaction. Entries have ids, so that storing one twice changes nothing: after a crash the next
process that opens the project stores what a log still holds. Whoever reads in this process sees
what waits beside what is stored; other processes see it when it is in the file, a second later.

Each process has a log of its own, locked while it lives. Nothing is shared between processes, so
that it works on a network drive too. While nothing is being written the log is empty, and a copy
of the project file is whole. A log bears the study's id in its name: what another study of the
same file name left is not taken for this one's, and a file that was renamed finds its own.

What is promised, and by whom: a process that dies at any moment loses nothing that it
acknowledged, for the system holds what was written. A computer that loses power loses nothing
either if the disk keeps what it says it has written; that is `os.fsync` here (F_FULLFSYNC on
macOS) and the ``synchronous`` setting of the project file.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import threading
import uuid
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

from reflect_analysis.errors import ProjectError
from reflect_analysis.project.entries import Entry, check_storable

__all__ = [
    "PendingLog",
    "UnwritableError",
    "others_write",
    "read_leftovers",
    "store_leftovers",
    "sync_file",
    "sync_folder",
]

SUFFIX = ".pending"
Store = Callable[[Sequence[Entry]], None]
_RETRY_SECONDS = 1.0
# What gathers so long goes into the file at once: coders who share a file would else spend most
# of the time in one another's way.
_GATHER_SECONDS = 1.0
_STUDY_LETTERS = 12  # of the study's id, in the name of a log
_ATTEMPTS = 10
_NO_RIGHT = (errno.EACCES, errno.EPERM, errno.EROFS)


class UnwritableError(ProjectError):
    """The folder of the project may be read, and not be written."""


class PendingLog:
    """The log of one process.

    Parameters
    ----------
    project : Path
        The project file; the log lies beside it.
    study : str
        The study's id.
    store : callable
        Writes entries to the project in one transaction.

    Raises
    ------
    UnwritableError
        If the folder may not be written.
    """

    def __init__(self, project: Path, study: str, store: Store) -> None:
        self.path, self._file = _opened(project, study)
        self._store = store
        self._waiting: list[Entry] = []
        self._fault: Exception | None = None
        self._closing = False
        self._wanted = 0  # how many wait for the file to have everything
        self._change = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="reflect-store", daemon=True)
        self._thread.start()

    def add(self, entry: Entry) -> None:
        """Make an entry durable; when this returns, it will not be lost.

        Raises
        ------
        ValueError
            If a table would not take it.
        ProjectError
            If it could not be written: then it is not kept, and nobody was told that it is.
        """
        check_storable(entry)
        line = _framed(entry.to_line())
        with self._change:
            if self._closing:
                raise ProjectError(f"{self.path.name}: the project is closed")
            self._append(line)
            self._waiting.append(entry)
            self._change.notify_all()

    @property
    def waiting(self) -> tuple[Entry, ...]:
        """What is in the log and perhaps not in the project file yet."""
        with self._change:
            return tuple(self._waiting)

    def drain(self) -> None:
        """Wait until everything is in the project file.

        Raises
        ------
        ProjectError
            If it cannot be stored; it stays in the log, and the next opening tries again.
        """
        with self._change:
            self._fault = None  # one of an earlier attempt says nothing of this one
            self._wanted += 1
            self._change.notify_all()
            try:
                self._change.wait_for(lambda: not self._waiting or self._fault is not None)
            finally:
                self._wanted -= 1
            if self._waiting and self._fault is not None:
                raise self._fault

    def close(self) -> None:
        """Store what waits and take the log away; what cannot be stored stays in it.

        Raises
        ------
        ProjectError
            If something could not be stored: where it lies, and how it comes into the project.
        """
        with self._change:
            if self._closing:
                return
        try:
            self.drain()
        except Exception as error:
            raise ProjectError(
                f"{error}. {len(self._waiting)} decisions that were kept wait in {self.path}: "
                "they come into the project when it is next opened in that folder"
            ) from error
        finally:
            self._end()

    def _end(self) -> None:
        with self._change:
            self._closing = True
            self._change.notify_all()
        self._thread.join()
        self._file.close()
        if not self._waiting:
            self.path.unlink(missing_ok=True)

    def _append(self, data: bytes) -> None:
        """Write and sync; what was written in part is taken back."""
        size = self._file.seek(0, os.SEEK_END)
        try:
            _write_whole(self._file, data)
            sync_file(self._file)
        except OSError as error:
            with contextlib.suppress(OSError):
                self._file.truncate(size)
            raise ProjectError(
                f"{self.path.name}: could not be written ({error.strerror}); "
                "the last decision is not kept, all earlier ones are"
            ) from error

    def _work(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._waiting or self._closing)
                self._change.wait_for(lambda: self._wanted or self._closing, _GATHER_SECONDS)
                if self._closing:
                    return
                entries = tuple(self._waiting)
            try:
                self._store(entries)
            except Exception as error:  # noqa: BLE001  # told at the next drain; the log keeps the entries
                with self._change:
                    self._fault = error
                    self._change.notify_all()
                    self._change.wait(_RETRY_SECONDS)
                continue
            self._stored(len(entries))

    def _stored(self, count: int) -> None:
        with self._change:
            del self._waiting[:count]
            self._fault = None
            if not self._waiting:
                with contextlib.suppress(OSError):  # it will be stored again, which changes nothing
                    _wiped(self._file)
            self._change.notify_all()


def store_leftovers(project: Path, study: str, store: Store) -> int:
    """Store what the logs of processes that died still hold.

    Returns
    -------
    int
        How many entries were found.

    Raises
    ------
    ProjectError
        If they cannot be stored: why, and where they are.
    """
    count = 0
    for path in _logs(project, study):
        with _unowned(path) as file:
            if file is None:
                continue
            entries = _entries(file.read())
            try:
                if entries:
                    store(entries)
            except ProjectError as error:
                raise ProjectError(
                    f"{error}. {path.name} holds {len(entries)} decisions that are not in the "
                    "project yet. Put that right and open it again; without that log beside it "
                    "the project opens without them"
                ) from error
            count += len(entries)
            with contextlib.suppress(OSError):  # what is stored again changes nothing
                _wiped(file)
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
    return count


def read_leftovers(project: Path, study: str) -> list[Entry]:
    """What the logs beside a file hold, whoever owns them; nothing is changed."""
    found: list[Entry] = []
    for path in _logs(project, study):
        with contextlib.suppress(OSError):  # Windows keeps a log for its owner, who stores it
            found += _entries(path.read_bytes())
    return found


def others_write(project: Path, study: str, mine: Path | None) -> bool:
    """Whether another living process has the study open for writing."""
    for path in _logs(project, study):
        if path != mine:
            with _unowned(path) as file:
                if file is None and path.exists():
                    return True
    return False


def _logs(project: Path, study: str) -> Iterator[Path]:
    """The logs of a study, of this file or of one that was renamed to it."""
    mark = f"-{study[:_STUDY_LETTERS]}-"
    for path in sorted(project.parent.glob(f"*{mark}*{SUFFIX}")):
        owner = path.name.rpartition(mark)[0]
        if owner == project.name or not path.with_name(owner).exists():
            yield path


def _opened(project: Path, study: str) -> tuple[Path, IO[bytes]]:
    """A new log, locked.

    Between the making and the locking another process may take it for a leftover, and delete it:
    then the next one is tried.
    """
    import portalocker

    for _ in range(_ATTEMPTS):
        token = f"{study[:_STUDY_LETTERS]}-{uuid.uuid4().hex[:12]}"
        path = project.with_name(f"{project.name}-{token}{SUFFIX}")
        try:
            file = path.open("xb+", buffering=0)
        except OSError as error:
            kind = UnwritableError if error.errno in _NO_RIGHT else ProjectError
            raise kind(f"{path.parent}: may not be written ({error.strerror})") from error
        try:
            _lock(file)
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                sync_folder(path.parent)
                return path, file
        except (OSError, portalocker.LockException):
            pass
        file.close()
        path.unlink(missing_ok=True)
    raise ProjectError(
        f"{project.parent}: files cannot be locked here; use a folder of this computer"
    )


@contextlib.contextmanager
def _unowned(path: Path) -> Iterator[IO[bytes] | None]:
    """A log that no living process owns, opened; else `None`."""
    import portalocker

    try:
        file = path.open("rb+", buffering=0)
    except OSError:  # its owner took it away, or Windows keeps it for its owner
        yield None
        return
    with file:
        try:
            _lock(file)
        except portalocker.LockException:
            yield None
            return
        yield file


def _lock(file: IO[bytes]) -> None:
    import portalocker

    portalocker.lock(file, portalocker.LOCK_EX | portalocker.LOCK_NB)


def sync_file(file: IO[bytes]) -> None:
    """Return when the disk says that it has the file."""
    if sys.platform == "darwin":
        from fcntl import F_FULLFSYNC, fcntl

        with contextlib.suppress(OSError):  # not every kind of disk knows it
            fcntl(file.fileno(), F_FULLFSYNC)
            return
    os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make the name of a new file durable, where the system knows how."""
    with contextlib.suppress(OSError):  # Windows opens no folder
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _wiped(file: IO[bytes]) -> None:
    """Empty a file whose words should not stay on the disk."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    file.write(bytes(size))
    file.seek(0)
    file.truncate(0)


def _write_whole(file: IO[bytes], data: bytes) -> None:
    if file.write(data) != len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _framed(line: str) -> bytes:
    """A line with its checksum; it begins a new line, for the one before it may be torn."""
    data = line.encode()
    return b"\n%08x %s\n" % (zlib.crc32(data), data)


def _entries(data: bytes) -> list[Entry]:
    """The whole entries of a log; a torn line was never acknowledged."""
    found = []
    for line in data.split(b"\n"):
        check, _, body = line.partition(b" ")
        if body and check == b"%08x" % zlib.crc32(body):
            found.append(Entry.of_line(body.decode()))
    return found
