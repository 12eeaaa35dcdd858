"""What was computed once, kept by content: parses and vectors, never results.

An entry's key is the sha256 of its text and the identity of what computed it (model hash
and components), so that an entry is never wrong, only absent. Entries lie in packs: zip files
of an index of the keys and of blocks, each of some hundred values that are packed together,
because a member an entry would cost more to open than to read. A pack is written beside and
renamed, so that two processes are safe and a broken write leaves nothing; many small packs are
made one. `forget` is the only way in which a withdrawal touches it; `prune` keeps the size
bounded.

What is asked for again and again may be kept in this process's memory too, up to a number of
bytes. A file in the folder changes with every `forget`, and with it every process's memory of
the folder ends.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import threading
import time
import uuid
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Cache", "default_cache", "entry_key"]

# Two gigabytes hold the parses and vectors of about 300,000 reflections.
DEFAULT_LIMIT = 2 * 1024**3
SAFE_NAME = re.compile(r"[^A-Za-z0-9._-]+")
# Bytes that a process keeps in memory: some 80,000 vectors.
MEMORY = 128 * 1024**2
# So many packs of less than so many bytes are made one.
MOST_SMALL = 16
SMALL = 1024**2
# Bytes of values after which a pack begins another block.
BLOCK = 256 * 1024
# The member of a pack that lists the keys of each block, and the bytes of their values.
INDEX = "index"
# Changes with every `forget`.
STAMP = "forgotten"
# Stands while packs are made one; seconds after which whoever made it is taken for dead.
LOCK = "compacting"
STALE = 600.0
# How a pack ends while it is written.
PART = ".part"
# What reading a pack may raise that is broken, or of an older form; and that is gone.
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, KeyError, TypeError)
_UNREADABLE = (OSError, *_BROKEN)


def entry_key(text_sha256: str, maker: str) -> str:
    """The key of what `maker` (model hash and components) computes from a text."""
    return f"{text_sha256}.{SAFE_NAME.sub('-', maker)}"


@dataclass(frozen=True)
class Cache:
    """A folder of packs.

    Parameters
    ----------
    folder : Path
        Made at the first write.
    limit : int
        Bytes above which the oldest packs are dropped after a write.

    Examples
    --------
    >>> import tempfile
    >>> cache = Cache(Path(tempfile.mkdtemp()))
    >>> cache.put_many("parses", {entry_key("ab" * 32, "model-1"): b"tokens"})
    >>> [value for value in cache.get_many("parses", [entry_key("ab" * 32, "model-1")]).values()]
    [b'tokens']
    """

    folder: Path
    limit: int = DEFAULT_LIMIT

    def get_many(
        self, kind: str, keys: Iterable[str], *, remember: bool = False
    ) -> dict[str, bytes]:
        """The entries that are there, by key; a broken or vanished pack counts as absent.

        Parameters
        ----------
        kind : str
        keys : iterable of str
        remember : bool
            Whether they are looked for in this process's memory first, and kept there.
        """
        wanted = set(keys)
        if not remember:
            return self._read(kind, wanted)
        stamp, shelf = self._stamp(), (self._place(), kind)
        found = _memory.get(shelf, stamp, wanted)
        read = self._read(kind, wanted - found.keys())
        _memory.put(shelf, stamp, read)
        return found | read

    def _read(self, kind: str, wanted: set[str]) -> dict[str, bytes]:
        """Entries from the packs, the newest first."""
        found: dict[str, bytes] = {}
        for pack in reversed(self._packs(kind)) if wanted else ():
            try:
                found |= dict(_read_pack(pack, wanted - found.keys()))
            except _UNREADABLE:
                continue
            if len(found) == len(wanted):
                break
        return found

    def put_many(self, kind: str, entries: Mapping[str, bytes], *, remember: bool = False) -> None:
        """Keep entries as one new pack; where the disk refuses, nothing is kept there.

        Parameters
        ----------
        kind : str
        entries : mapping of str to bytes
        remember : bool
            Whether they are kept in this process's memory too.
        """
        if not entries:
            return
        if remember:
            _memory.put((self._place(), kind), self._stamp(), entries)
        try:
            _write_pack(self.folder / kind / f"{uuid.uuid4().hex}.zip", entries)
            self._compact(kind)
            self.prune()
        except OSError:
            # A cache that cannot be written costs time, never a result.
            return

    def _compact(self, kind: str) -> None:
        """Make one pack of many small ones, one process at a time."""
        stats = sorted(self._stats(kind))
        small = [pack for _, size, pack in stats if size < SMALL]
        if len(small) < MOST_SMALL:
            return
        lock = self.folder / LOCK
        try:
            lock.open("x").close()
        except FileExistsError:
            if time.time() - lock.stat().st_mtime > STALE:
                lock.unlink(missing_ok=True)  # its process was killed; the next write compacts
            return
        try:
            self._make_one(kind, small)
        finally:
            lock.unlink(missing_ok=True)

    def _make_one(self, kind: str, small: Sequence[Path]) -> None:
        """Put small packs into one, unless something is being forgotten meanwhile."""
        stamp = self._stamp()
        entries: dict[str, bytes] = {}
        taken = []
        for pack in small:  # the oldest first: of two entries of one key the newer one stays
            try:
                entries |= dict(_read_pack(pack, None))
            except _UNREADABLE:
                continue
            taken.append(pack)
        whole = self.folder / kind / f"{uuid.uuid4().hex}.zip"
        _write_pack(whole, entries)
        # `forget` changes the stamp before it looks at the packs. Either it did so by now, and
        # the whole may hold what was withdrawn; or it will see the whole.
        for pack in taken if self._stamp() == stamp else [whole]:
            pack.unlink(missing_ok=True)

    def forget(self, text_hashes: Iterable[str]) -> int:
        """Remove every entry made from these texts; returns how many there were.

        Every process that uses the folder drops what it has of it in memory. A pack that
        cannot be read is removed whole: nobody can say what it holds.

        Raises
        ------
        OSError
            If a pack cannot be rewritten: a withdrawal must not fail in silence.
        """
        hashes = frozenset(text_hashes)
        _memory.clear(self._place())
        if self.folder.is_dir():
            (self.folder / STAMP).write_text(uuid.uuid4().hex, encoding="ascii")
        self._sweep(float("-inf"))
        return sum(_forget_in(pack, hashes) for pack in self._packs("*"))

    def _place(self) -> str:
        return str(self.folder.absolute())

    def _stamp(self) -> str:
        """What changes whenever something is forgotten."""
        try:
            return (self.folder / STAMP).read_text(encoding="ascii")
        except (OSError, ValueError):
            return ""

    def size(self) -> int:
        """Bytes on disk."""
        return sum(size for _, size, _ in self._stats())

    def prune(self, limit: int | None = None) -> None:
        """Drop the oldest packs until at most `limit` bytes are left."""
        self._sweep(STALE)
        bound = self.limit if limit is None else limit
        stats = sorted(self._stats())
        excess = sum(size for _, size, _ in stats) - bound
        for _, size, pack in stats:
            if excess <= 0:
                return
            pack.unlink(missing_ok=True)
            excess -= size

    def _sweep(self, age: float) -> None:
        """Remove what a killed process left half-written, if it is at least so many seconds old."""
        for part in self.folder.glob(f"*/*{PART}"):
            # Gone by now; or, on Windows, open in a process that lives.
            with contextlib.suppress(FileNotFoundError, PermissionError):
                if time.time() - part.stat().st_mtime >= age:
                    part.unlink()

    def _packs(self, kind: str) -> list[Path]:
        """The packs of a kind, oldest first."""
        return [pack for _, _, pack in sorted(self._stats(kind))]

    def _stats(self, kind: str = "*") -> Iterator[tuple[int, int, Path]]:
        for pack in self.folder.glob(f"{kind}/*.zip"):
            try:
                stat = pack.stat()
            except FileNotFoundError:  # another process pruned it
                continue
            yield stat.st_mtime_ns, stat.st_size, pack


class _Memory:
    """Entries that this process read or wrote, by the folder and kind of their packs.

    The last used stay. What was kept under another stamp of its folder is dropped.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self._kept: OrderedDict[tuple[str, str, str], bytes] = OrderedDict()
        self._stamps: dict[str, str] = {}
        self._lock = threading.Lock()

    def get(self, shelf: tuple[str, str], stamp: str, keys: Iterable[str]) -> dict[str, bytes]:
        """The entries of a folder and kind that are here."""
        found: dict[str, bytes] = {}
        with self._lock:
            self._renew(shelf[0], stamp)
            for key in keys:
                value = self._kept.get((*shelf, key))
                if value is not None:
                    self._kept.move_to_end((*shelf, key))
                    found[key] = value
        return found

    def put(self, shelf: tuple[str, str], stamp: str, entries: Mapping[str, bytes]) -> None:
        """Keep entries of a folder and kind."""
        with self._lock:
            self._renew(shelf[0], stamp)
            for key, value in entries.items():
                self.size += len(value) - len(self._kept.pop((*shelf, key), b""))
                self._kept[*shelf, key] = value
            while self.size > self.limit and self._kept:
                self.size -= len(self._kept.popitem(last=False)[1])

    def clear(self, folder: str) -> None:
        """Drop all of a folder."""
        with self._lock:
            self._drop(folder)

    def _renew(self, folder: str, stamp: str) -> None:
        if self._stamps.setdefault(folder, stamp) != stamp:
            self._drop(folder)
            self._stamps[folder] = stamp

    def _drop(self, folder: str) -> None:
        for place in [place for place in self._kept if place[0] == folder]:
            self.size -= len(self._kept.pop(place))


_memory = _Memory(MEMORY)


def _forget_in(pack: Path, hashes: frozenset[str]) -> int:
    """Remove the entries of texts from a pack; how many there were."""
    try:
        with zipfile.ZipFile(io.BytesIO(pack.read_bytes())) as archive:
            keys = [key for block, _ in _index_of(archive) for key in block]
            kept = {key for key in keys if key.partition(".")[0] not in hashes}
            if len(kept) == len(keys):
                return 0
            entries = dict(_entries_in(archive, kept))
    except FileNotFoundError:  # another process pruned it, or made one of several
        return 0
    except _BROKEN:
        pack.unlink(missing_ok=True)
        return 0
    if not entries:
        pack.unlink(missing_ok=True)
        return len(keys)
    try:
        _write_pack(pack, entries)
    except FileNotFoundError:  # another process forgets too, and swept what was half-written
        return _forget_in(pack, hashes)
    return len(keys) - len(kept)


def _read_pack(pack: Path, wanted: set[str] | None) -> Iterator[tuple[str, bytes]]:
    """Entries of a pack; `None`: all of them.

    The file is open for as long as it takes to read it: on Windows nobody could replace it.
    """
    with zipfile.ZipFile(io.BytesIO(pack.read_bytes())) as archive:
        yield from _entries_in(archive, wanted)


# The keys of a block, each with the bytes of its value, in their order.
_Block = tuple[list[str], list[int]]


def _index_of(archive: zipfile.ZipFile) -> list[_Block]:
    """What lies in each block of a pack."""
    return [(keys, sizes) for keys, sizes in json.loads(archive.read(INDEX))]


def _entries_in(archive: zipfile.ZipFile, wanted: set[str] | None) -> Iterator[tuple[str, bytes]]:
    """Entries of a pack; only the blocks that hold any of them are unpacked."""
    for number, (keys, sizes) in enumerate(_index_of(archive)):
        if wanted is not None and wanted.isdisjoint(keys):
            continue
        data, here = archive.read(str(number)), 0
        if sum(sizes) != len(data):
            raise zipfile.BadZipFile(str(number))
        for key, size in zip(keys, sizes, strict=True):
            if wanted is None or key in wanted:
                yield key, data[here : here + size]
            here += size


def _write_pack(path: Path, entries: Mapping[str, bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{uuid.uuid4().hex}{PART}")
    try:
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            index = []
            for number, block in enumerate(_blocks(entries)):
                archive.writestr(str(number), b"".join(map(entries.__getitem__, block)))
                index.append((block, [len(entries[key]) for key in block]))
            archive.writestr(INDEX, json.dumps(index))
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _blocks(entries: Mapping[str, bytes]) -> Iterator[list[str]]:
    """Keys of entries, cut where their values fill a block."""
    block: list[str] = []
    size = 0
    for key, value in entries.items():
        block.append(key)
        size += len(value)
        if size >= BLOCK:
            yield block
            block, size = [], 0
    if block:
        yield block


def default_cache() -> Cache:
    """The user's cache: the folder in ``REFLECT_CACHE``, or platformdirs' cache folder."""
    named = os.environ.get("REFLECT_CACHE")
    if named:
        return Cache(Path(named))
    import platformdirs

    return Cache(Path(platformdirs.user_cache_dir("reflect_analysis", appauthor=False)))
