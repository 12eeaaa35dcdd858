"""What the rules found, kept in memory by text and by the fingerprint of each code's rules."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping

from reflect_analysis.coders.judging import Find
from reflect_analysis.coders.rulebook import CodeRules

__all__ = ["Key", "Results"]

# What a reading is known by: the model, the prompt, and each stretch's hash and offset.
Key = tuple[str, ...]
Finds = tuple[Find, ...]

# Rules of so many codes are remembered for a reading; after more edits it is judged anew.
MOST_RULES = 500


class Results:
    """Finds by reading and rules, up to a number of readings.

    Parameters
    ----------
    limit : int
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        # By reading: the fingerprints that were judged, and the finds of those that found any.
        self._kept: OrderedDict[Key, tuple[frozenset[str], dict[str, Finds]]] = OrderedDict()
        self._sets: dict[frozenset[str], frozenset[str]] = {}
        self._lock = threading.Lock()

    def missing(self, key: Key, wanted: frozenset[str]) -> frozenset[str]:
        """The rules under which a reading was not judged yet."""
        done, _ = self._kept.get(key, (frozenset(), None))
        return wanted - done

    def put(self, key: Key, found: Mapping[str, Finds]) -> None:
        """Keep what was found, by the fingerprint of the rules; an empty tuple is a result too."""
        with self._lock:
            done, finds = self._kept.pop(key, (frozenset(), {}))
            if len(done) + len(found) > MOST_RULES:
                done, finds = frozenset(), {}
            new = {each: places for each, places in found.items() if places}
            self._kept[key] = (self._shared(done.union(found)), finds | new)
            while len(self._kept) > self.limit:
                self._kept.popitem(last=False)

    def _shared(self, done: frozenset[str]) -> frozenset[str]:
        """One object for equal sets: nearly all readings were judged by the same rules."""
        if len(self._sets) > MOST_RULES:
            self._sets.clear()
        return self._sets.setdefault(done, done)

    def found(self, key: Key, rules: Iterable[CodeRules]) -> dict[str, Finds]:
        """The finds of some rules in a reading, by code; codes that found nothing are left out."""
        _, finds = self._kept.get(key, (frozenset(), {}))
        return {
            each.code_id: finds[each.fingerprint] for each in rules if each.fingerprint in finds
        }
