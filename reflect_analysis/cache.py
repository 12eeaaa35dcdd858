"""What was computed once, kept by content: parses and vectors, never results.

An entry's key is the sha256 of its text and the identity of what computed it (model hash
and components), so that an entry is never wrong, only absent. Entries lie in packs: zip
files whose members are named by key. A pack is written beside and renamed, so that two
processes are safe and a broken write leaves nothing; `forget` is the only way in which a
withdrawal touches it; `prune` keeps the size bounded.
"""

from __future__ import annotations

import io
import os
import re
import struct
import uuid
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Cache", "default_cache", "entry_key"]

# Two gigabytes hold the parses and vectors of about 300,000 reflections.
DEFAULT_LIMIT = 2 * 1024**3
SAFE_NAME = re.compile(r"[^A-Za-z0-9._-]+")


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

    def get_many(self, kind: str, keys: Iterable[str]) -> dict[str, bytes]:
        """The entries that are there, by key; a broken or vanished pack counts as absent."""
        wanted = set(keys)
        found: dict[str, bytes] = {}
        for pack in reversed(self._packs(kind)):
            if not wanted:
                break
            try:
                here = dict(_read_pack(pack, wanted))
            except (OSError, zipfile.BadZipFile, zlib.error, struct.error):
                continue
            found.update(here)
            wanted -= here.keys()
        return found

    def put_many(self, kind: str, entries: Mapping[str, bytes]) -> None:
        """Keep entries as one new pack; where the disk refuses, nothing is kept."""
        if not entries:
            return
        try:
            _write_pack(self.folder / kind / f"{uuid.uuid4().hex}.zip", entries)
            self.prune()
        except OSError:
            # A cache that cannot be written costs time, never a result.
            return

    def forget(self, text_hashes: Iterable[str]) -> int:
        """Remove every entry made from these texts; returns how many there were.

        Raises
        ------
        OSError
            If a pack cannot be rewritten: a withdrawal must not fail in silence.
        """
        hashes = frozenset(text_hashes)
        removed = 0
        for pack in self._packs("*"):
            with zipfile.ZipFile(pack) as archive:
                names = archive.namelist()
                kept = {n: archive.read(n) for n in names if n.partition(".")[0] not in hashes}
            if len(kept) < len(names):
                removed += len(names) - len(kept)
                if kept:
                    _write_pack(pack, kept)
                else:
                    pack.unlink()
        return removed

    def size(self) -> int:
        """Bytes on disk."""
        return sum(size for _, size, _ in self._stats())

    def prune(self, limit: int | None = None) -> None:
        """Drop the oldest packs until at most `limit` bytes are left."""
        bound = self.limit if limit is None else limit
        stats = sorted(self._stats())
        excess = sum(size for _, size, _ in stats) - bound
        for _, size, pack in stats:
            if excess <= 0:
                return
            pack.unlink(missing_ok=True)
            excess -= size

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


def _read_pack(pack: Path, wanted: set[str]) -> Iterator[tuple[str, bytes]]:
    """Members of a pack, unpacked by hand: `ZipFile.read` costs five times as much a member."""
    data = pack.read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            if info.filename in wanted:
                name, extra = struct.unpack_from("<HH", data, info.header_offset + 26)
                start = info.header_offset + 30 + name + extra
                value = zlib.decompress(data[start : start + info.compress_size], wbits=-15)
                if zlib.crc32(value) != info.CRC:
                    raise zipfile.BadZipFile(info.filename)
                yield info.filename, value


def _write_pack(path: Path, entries: Mapping[str, bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{uuid.uuid4().hex}.part")
    try:
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for key, value in entries.items():
                archive.writestr(key, value)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def default_cache() -> Cache:
    """The user's cache: the folder in ``REFLECT_CACHE``, or platformdirs' cache folder."""
    named = os.environ.get("REFLECT_CACHE")
    if named:
        return Cache(Path(named))
    import platformdirs

    return Cache(Path(platformdirs.user_cache_dir("reflect_analysis", appauthor=False)))
