"""What was computed once, kept by content: parses and vectors, never results.

An entry's key is the sha256 of its text and the identity of what computed it (model hash
and components), so that an entry is never wrong, only absent. Entries lie in packs: zip files
of an index of the keys and of blocks, each of some hundred values that are packed together,
because a member an entry would cost more to open than to read. A pack is written beside and
renamed, so that a reader needs no lock and a broken write leaves nothing; many small packs are
made one. `prune` keeps the size bounded. Whatever changes the folder does so under one lock. The
folder is open to its owner alone: what lies in it was made of participants' words.

`forget` is the only way in which a withdrawal touches it. Under the lock no other process can
carry an entry past it; and a process that began before it, and may hold the text still, keeps
nothing of that text afterwards (`_forgotten`).

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
import time
import uuid
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from reflect_analysis._forgotten import Forgotten, load_forgotten
from reflect_analysis._private import make_private
from reflect_analysis._remembered import Remembered
from reflect_analysis._waiting import patiently, take_lock
from reflect_analysis.provenance import begun

__all__ = ["MANY_TEXTS", "Cache", "default_cache", "entry_key"]

# In the place of a text's hash in the key of what was made of many texts: whichever of all texts
# is forgotten, it is forgotten too.
MANY_TEXTS = "many"
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
# Changes with every `forget`; and what was forgotten, salted.
STAMP = "forgotten"
MEMORY_OF = "forgotten.json"
# Whoever changes the folder holds it.
LOCK = ".lock"
# Seconds that another one who changes the folder is waited for: to keep something, which can be
# computed again, and to forget something, which must be.
TO_KEEP, TO_FORGET = 5.0, 60.0
# How a pack ends while it is written.
PART = ".part"
# The folders of the kinds. Where other people's files lie too, only what is called so is touched.
KINDS = frozenset({"finds", "labels", "names", "parses", "patterns", "presidio", "vectors"})
_OURS = re.compile(r"[0-9a-f]{32}\.(zip|part)")
_PARTS = frozenset({STAMP + PART, MEMORY_OF + PART})
_FILES = frozenset({LOCK, STAMP, MEMORY_OF}) | _PARTS
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
        for *_, pack in sorted(self._stats([kind]), reverse=True) if wanted else ():
            try:
                found |= dict(_read_pack(pack, wanted - found.keys()))
            except _UNREADABLE:
                continue
            if len(found) == len(wanted):
                break
        return found

    def put_many(self, kind: str, entries: Mapping[str, bytes], *, remember: bool = False) -> None:
        """Keep entries as one new pack; where the disk refuses, nothing is kept there.

        Nothing is kept of a text that was forgotten since this process began.

        Parameters
        ----------
        kind : str
            One of `KINDS`, else it is a `ValueError`: `forget` looks nowhere else.
        entries : mapping of str to bytes
        remember : bool
            Whether they are kept in this process's memory too.
        """
        if kind not in KINDS:
            raise ValueError(f"kind: expected one of {', '.join(sorted(KINDS))}, got {kind!r}")
        if not entries:
            return
        # A cache that cannot be written costs time, never a result.
        with contextlib.suppress(OSError):
            if remember:
                stamp = self._stamp()
                _memory.put((self._place(), kind), stamp, self._allowed(entries))
            with self._alone(0.0 if self._place() in _stuck else TO_KEEP):
                if allowed := self._allowed(entries):
                    _write_pack(self.folder / kind / f"{uuid.uuid4().hex}.zip", allowed)
                self._compact(kind)
                self._prune(self.limit)

    def _allowed(self, entries: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """The entries that a process of this one's age may keep."""
        known, since = self._forgotten(), begun()
        if since > known.last:
            return entries
        return {k: v for k, v in entries.items() if not known.bars(k.partition(".")[0], since)}

    def stamp(self) -> tuple[str, str]:
        """The folder, and what changes whenever something is forgotten in it: for a memory."""
        return self._place(), self._stamp()

    def may_keep(self, text_hashes: Iterable[str]) -> frozenset[str]:
        """Those of some texts of which a process of this one's age may keep something."""
        try:
            return frozenset(self._allowed(dict.fromkeys(text_hashes, b"")))
        except OSError:  # nobody can say what was forgotten
            return frozenset()

    def _forgotten(self) -> Forgotten:
        """What was forgotten here: nothing in what is no folder, or one that is closed to us."""
        place = self.folder / MEMORY_OF
        try:
            return _loaded(place, self._stamp(), place.stat().st_mtime_ns)
        except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
            if isinstance(error, PermissionError) and os.access(self.folder, os.X_OK):
                raise
            return Forgotten()

    @contextlib.contextmanager
    def _alone(self, seconds: float) -> Iterator[None]:
        """Nobody else changes the folder meanwhile; whoever does is waited for, so long.

        Else it is an `OSError`.
        """
        import portalocker

        make_private(self.folder, _is_ours)
        with (self.folder / LOCK).open("ab") as file:
            try:
                take_lock(file, seconds)
            except BlockingIOError:
                _stuck.add(self._place())
                raise
            _stuck.discard(self._place())
            try:
                yield
            finally:
                # By hand: a child that was forked meanwhile has the file open too.
                with contextlib.suppress(portalocker.LockException):
                    portalocker.unlock(file)

    def _compact(self, kind: str) -> None:
        """Make one pack of many small ones."""
        small = [pack for _, size, pack in sorted(self._stats([kind])) if size < SMALL]
        if len(small) < MOST_SMALL:
            return
        entries: dict[str, bytes] = {}
        taken = []
        for pack in small:  # the oldest first: of two entries of one key the newer one stays
            try:
                entries |= dict(_read_pack(pack, None))
            except _UNREADABLE:
                continue
            taken.append(pack)
        _write_pack(self.folder / kind / f"{uuid.uuid4().hex}.zip", entries)
        for pack in taken:
            pack.unlink(missing_ok=True)

    def forget(self, text_hashes: Iterable[str]) -> int:
        """Remove every entry made from these texts or from many; returns how many there were.

        Every process that uses the folder drops what it has of it in memory when it next asks
        for something, and keeps nothing of these texts from then on; one that begins later may.
        A pack that cannot be read is removed whole: nobody can say what it holds.

        Raises
        ------
        OSError
            If a pack cannot be rewritten, after all others were, or another process holds the
            folder for a minute: a withdrawal must not fail in silence.
        """
        hashes = frozenset(text_hashes)
        hashes |= {MANY_TEXTS} if hashes else set()
        _memory.clear(self._place())
        if not self.folder.is_dir():
            try:  # made where there is none: a process that runs could make and fill it
                make_private(self.folder, _is_ours)
            except OSError:
                return 0
        with self._alone(TO_FORGET):
            self._bar(hashes)
            try:
                return _forget_all(self._named("zip"), hashes)
            finally:
                self._sweep()

    def _bar(self, hashes: frozenset[str]) -> None:
        """Say first what is forgotten: if this is stopped half-way, nothing comes on top."""
        place = self.folder / MEMORY_OF
        known = load_forgotten(place).adding(hashes, now=time.time())
        _write_text(place, known.to_json())
        _write_text(self.folder / STAMP, uuid.uuid4().hex)

    def _expire(self) -> None:
        """Let go of what was forgotten over a month ago."""
        known, now = self._forgotten(), time.time()
        if known.outlived(now):
            _write_text(self.folder / MEMORY_OF, known.adding((), now=now).to_json())

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
        """Drop the oldest packs until at most `limit` bytes are left.

        Raises
        ------
        OSError
            If a pack cannot be removed, or another process holds the folder for a minute.
        """
        if self.folder.is_dir():
            with self._alone(TO_FORGET):
                self._prune(self.limit if limit is None else limit)

    def empty(self) -> int:
        """Remove all that is kept, here and in every process's memory; returns the bytes.

        What was forgotten stays known: it may not come back.

        Raises
        ------
        OSError
            If a pack cannot be removed, after all others were, or another process holds the
            folder for a minute.
        """
        _memory.clear(self._place())
        if not self.folder.is_dir():
            return 0
        with self._alone(TO_FORGET):
            _write_text(self.folder / STAMP, uuid.uuid4().hex)
            before = self.size()
            try:
                _each(self._named("zip"), _remove)
            finally:
                self._sweep()
            return before - self.size()

    def _prune(self, bound: int) -> None:
        for tidy in (*(part.unlink for part in self._parts()), self._expire):
            with contextlib.suppress(OSError):  # the next `forget` tells it
                tidy()
        stats = sorted(self._stats())
        excess = sum(size for _, size, _ in stats) - bound
        for _, size, pack in stats:
            if excess <= 0:
                return
            pack.unlink(missing_ok=True)
            excess -= size

    def _sweep(self) -> None:
        """Remove what a killed process left half-written, or raise `OSError`."""
        for part in self._parts():
            patiently(partial(part.unlink, missing_ok=True))

    def _parts(self) -> Iterator[Path]:
        """What is half-written: nobody writes it still, since who writes holds the lock."""
        yield from (self.folder / name for name in _PARTS)
        yield from self._named("part")

    def _stats(self, kinds: Iterable[str] = KINDS) -> Iterator[tuple[int, int, Path]]:
        for pack in self._named("zip", kinds):
            try:
                told = pack.stat()
            except OSError:  # another process pruned it, and on Windows a third one reads it still
                continue
            yield told.st_mtime_ns, told.st_size, pack

    def _named(self, ending: str, kinds: Iterable[str] = KINDS) -> Iterator[Path]:
        """What is called as our packs are, and their parts."""
        for kind in kinds:
            paths = (self.folder / kind).glob(f"*.{ending}")
            yield from (path for path in paths if _OURS.fullmatch(path.name))


_memory = Remembered(MEMORY)
# Folders that another process held for too long. Until it lets go nothing is waited for again:
# a run that keeps a thousand things would wait for each.
_stuck: set[str] = set()


@lru_cache(maxsize=4)
def _loaded(path: Path, *_: object) -> Forgotten:
    """What was forgotten in a folder; read anew when anything that it is called with changes."""
    return load_forgotten(path)


def _is_ours(path: Path) -> bool:
    """Whether a name is one of those in the folder, or in the folder of a kind."""
    known = KINDS if path.is_dir() else _FILES
    return path.name in known or bool(_OURS.fullmatch(path.name))


def _write_text(path: Path, text: str) -> None:
    """Write a small file, whole or not at all."""
    beside = path.with_name(path.name + PART)
    beside.write_text(text, encoding="ascii")
    patiently(lambda: beside.replace(path))


def _forget_all(packs: Iterable[Path], hashes: frozenset[str]) -> int:
    """Remove the entries of texts from packs; one that refuses keeps no other one."""
    return sum(_each(packs, partial(_forget_in, hashes=hashes)))


def _each(packs: Iterable[Path], change: Callable[[Path], int]) -> list[int]:
    """Change every pack; the first that refused is told when all others are done."""
    counts, faults = [], []
    for pack in packs:
        try:
            counts.append(change(pack))
        except OSError as error:
            faults.append(error)
    if faults:
        raise faults[0]
    return counts


def _remove(pack: Path) -> int:
    patiently(partial(pack.unlink, missing_ok=True))
    return 1


def _forget_in(pack: Path, hashes: frozenset[str]) -> int:
    """Remove the entries of texts from a pack; how many there were."""
    try:
        with zipfile.ZipFile(io.BytesIO(pack.read_bytes())) as archive:
            keys = [key for block, _ in _index_of(archive) for key in block]
            kept = {key for key in keys if key.partition(".")[0] not in hashes}
            if len(kept) == len(keys):
                return 0
            entries = dict(_entries_in(archive, kept))
    except FileNotFoundError:  # somebody deleted it by hand
        return 0
    except _BROKEN:
        patiently(partial(pack.unlink, missing_ok=True))
        return 0
    if entries:
        _write_pack(pack, entries)
    else:
        patiently(partial(pack.unlink, missing_ok=True))
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
    make_private(path.parent, _is_ours)
    beside = path.with_name(f"{uuid.uuid4().hex}{PART}")
    try:
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            index = []
            for number, block in enumerate(_blocks(entries)):
                archive.writestr(str(number), b"".join(map(entries.__getitem__, block)))
                index.append((block, [len(entries[key]) for key in block]))
            archive.writestr(INDEX, json.dumps(index))
        patiently(lambda: beside.replace(path))
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
