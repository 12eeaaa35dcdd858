"""What a process keeps in its memory of folders of computed things, up to a number of bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping

__all__ = ["Remembered"]


class Remembered:
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
