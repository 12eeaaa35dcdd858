"""What was acknowledged and waits to be stored: a decision is durable after one sync.

A transaction with a rollback journal and full sync waits for the disk five times. A coder should
not. So an entry is first appended to a log of this process beside the project file and synced;
then it is acknowledged; and a thread moves what has gathered into the file, many entries in one
transaction. Entries have ids, so that storing one twice changes nothing: after a crash the next
process that opens the project stores what a log still holds.

Each process has a log of its own, locked while it lives. Nothing is shared between processes, so
that it works on a network drive too. While nothing is being written the log is empty, and a copy
of the project file is whole.
"""

from __future__ import annotations

import contextlib
import errno
import os
import threading
import uuid
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

from reflect_analysis.errors import ProjectError
from reflect_analysis.project.entries import Entry

__all__ = ["PendingLog", "store_leftovers"]

SUFFIX = ".pending"
Store = Callable[[Sequence[Entry]], None]
_RETRY_SECONDS = 1.0


class PendingLog:
    """The log of one process.

    Parameters
    ----------
    project : Path
        The project file; the log lies beside it.
    store : callable
        Writes entries to the project in one transaction.

    Raises
    ------
    ProjectError
        If the folder may not be written.
    """

    def __init__(self, project: Path, store: Store) -> None:
        self.path = project.with_name(f"{project.name}-{uuid.uuid4().hex[:12]}{SUFFIX}")
        self._store = store
        self._file = _opened(self.path)
        self._waiting: list[Entry] = []
        self._fault: Exception | None = None
        self._closing = False
        self._change = threading.Condition()
        self._writing = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="reflect-store", daemon=True)
        self._thread.start()

    def add(self, entry: Entry) -> None:
        """Make an entry durable; when this returns, it will not be lost.

        Raises
        ------
        ProjectError
            If it could not be written: then it is not kept, and nobody was told that it is.
        """
        with self._change:
            if self._closing:
                raise ProjectError(f"{self.path.name}: the project is closed")
            self._append(_framed(entry.to_line()))
            self._waiting.append(entry)
            self._change.notify_all()

    def drain(self) -> None:
        """Wait until everything is in the project file.

        Raises
        ------
        ProjectError
            If it cannot be stored; it stays in the log, and the next opening tries again.
        """
        with self._change:
            self._change.notify_all()
            self._change.wait_for(lambda: not self._waiting or self._fault is not None)
            if self._waiting and self._fault is not None:
                fault, self._fault = self._fault, None
                raise fault

    def close(self) -> None:
        """Store what waits and take the log away; what cannot be stored stays in it."""
        with self._change:
            if self._closing:
                return
        try:
            self.drain()
        finally:
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
            os.fsync(self._file.fileno())
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


def store_leftovers(project: Path, store: Store) -> int:
    """Store what the logs of processes that died still hold.

    Returns
    -------
    int
        How many entries were found.
    """
    count = 0
    for path in sorted(project.parent.glob(f"{_escaped(project.name)}-*{SUFFIX}")):
        with _unowned(path) as file:
            if file is None:
                continue
            entries = _entries(file.read())
            if entries:
                store(entries)
            count += len(entries)
            _wiped(file)
        path.unlink(missing_ok=True)
    return count


def _escaped(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _opened(path: Path) -> IO[bytes]:
    """A new log, locked."""
    try:
        file = path.open("xb+", buffering=0)
        _lock(file)
        _sync_folder(path.parent)
    except OSError as error:
        raise ProjectError(f"{path.parent}: may not be written ({error.strerror})") from error
    return file


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


def _sync_folder(folder: Path) -> None:
    """Make the name of a new file durable, where the system knows how."""
    with contextlib.suppress(OSError, AttributeError):  # Windows opens no folder
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
    data = line.encode("utf-8", "surrogatepass")
    return b"%08x %s\n" % (zlib.crc32(data), data)


def _entries(data: bytes) -> list[Entry]:
    """The whole entries of a log; a torn last line was never acknowledged."""
    found = []
    for line in data.split(b"\n"):
        check, _, body = line.partition(b" ")
        if body and check == b"%08x" % zlib.crc32(body):
            found.append(Entry.of_line(body.decode("utf-8", "surrogatepass")))
    return found
