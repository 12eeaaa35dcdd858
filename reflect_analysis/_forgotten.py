"""What a folder of computed things remembers of texts that were withdrawn: salted hashes, a month.

A process that began before a withdrawal may still hold the text, and what it computes of it must
not come back. One that began later has the text because somebody gave it again, or because it
stands in another study too: it may keep it. So no text is barred for good. The salt is the
folder's own: two folders cannot be compared by it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Forgotten", "load_forgotten"]

# Seconds that a text is remembered: few processes live for a month.
MONTH = 30 * 24 * 3600.0
_SALT, _DIGEST = 32, 16


def _new_salt() -> str:
    return os.urandom(_SALT).hex()


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Which texts were forgotten in a folder, and when.

    Parameters
    ----------
    at : mapping of str to float
        Salted hash, and the last time that it was forgotten, in seconds since 1970.
    since : float
        What was forgotten before is not known any more.
    salt : str
        Hexadecimal.
    """

    at: Mapping[str, float] = field(default_factory=dict)
    since: float = 0.0
    salt: str = field(default_factory=_new_salt)

    def adding(self, text_hashes: Iterable[str], *, now: float) -> Forgotten:
        """With what is forgotten now, without what is over a month old.

        A time to come is one of a clock that was wrong: it is taken for now, or it would bar until
        it has come.
        """
        kept = {each: min(time, now) for each, time in self.at.items() if time >= now - MONTH}
        since = self.since if len(kept) == len(self.at) else max(self.since, now - MONTH)
        since = min(since, now)
        return Forgotten(kept | {self._salted(h): now for h in text_hashes}, since, self.salt)

    def outlived(self, now: float) -> bool:
        """Whether anything is over a month old."""
        return any(time < now - MONTH for time in self.at.values())

    def bars(self, text_hash: str, begun: float) -> bool:
        """Whether a process that began then may hold a text from before it was forgotten."""
        return begun <= max(self.since, self.at.get(self._salted(text_hash), self.since))

    @property
    def last(self) -> float:
        """When something was forgotten last."""
        return max(self.at.values(), default=self.since)

    def to_json(self) -> str:
        """As it lies in the folder."""
        return json.dumps({"salt": self.salt, "since": self.since, "at": dict(self.at)})

    def _salted(self, text_hash: str) -> str:
        key = bytes.fromhex(self.salt)
        return hashlib.blake2b(text_hash.encode(), key=key, digest_size=_DIGEST).hexdigest()


def load_forgotten(path: Path) -> Forgotten:
    """What a file remembers; nothing where there is none.

    Of a broken one is known when it was written: who began before is barred from all.

    Raises
    ------
    OSError
    """
    try:
        told = json.loads(path.read_text(encoding="ascii"))
        at = {str(each): float(time) for each, time in told["at"].items()}
        salt = bytes.fromhex(told["salt"])[:64].hex()  # no longer key is allowed
        return Forgotten(at, float(told["since"]), salt)
    except FileNotFoundError:
        return Forgotten()
    except (ValueError, TypeError, KeyError, AttributeError):
        return Forgotten(since=path.stat().st_mtime)
