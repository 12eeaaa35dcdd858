"""What the rules found in a reading, kept by text and by the fingerprint of each code's rules.

In memory for the next call, and in the cache for the next process: an entry names patterns and
offsets, never words, and bears the hash of its text, so that a withdrawal finds it. After an
edit to one code only that code is missing. A transcript's readings are kept in memory alone.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from reflect_analysis.cache import Cache, entry_key
from reflect_analysis.coders.judging import Find
from reflect_analysis.coders.rulebook import CodeRules
from reflect_analysis.provenance import fingerprint

__all__ = ["Key", "Results"]

Finds = tuple[Find, ...]
# The fingerprints that a reading was judged by, and the finds of those that found any.
Record = tuple[frozenset[str], dict[str, Finds]]

# Rules of so many codes are remembered for a reading; after more edits it is judged anew.
MOST_RULES = 500
KIND = "finds"
FORMAT = 1
_NOTHING: Record = (frozenset(), {})


class Key(NamedTuple):
    """What a reading is known by: the model, the prompt, and each stretch's offset and hash."""

    maker: str
    prompt: str
    stretches: tuple[tuple[int, str], ...]

    def entry(self) -> str | None:
        """The key in the cache; `None` for a reading of several stretches."""
        if len(self.stretches) != 1 or self.stretches[0][0]:
            return None
        made_by = fingerprint(FORMAT, self.maker, self.prompt)[:16]
        return entry_key(self.stretches[0][1], made_by)


class Results:
    """Finds by reading and rules, up to a number of readings.

    Parameters
    ----------
    limit : int
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._kept: OrderedDict[Key, Record] = OrderedDict()
        self._sets: dict[frozenset[str], frozenset[str]] = {}
        self._lock = threading.Lock()

    def missing(self, key: Key, wanted: frozenset[str]) -> frozenset[str]:
        """The rules under which a reading was not judged yet."""
        done, _ = self._kept.get(key, _NOTHING)
        return wanted - done

    def found(self, key: Key, rules: Iterable[CodeRules]) -> dict[str, Finds]:
        """The finds of some rules in a reading, by code; codes that found nothing are left out."""
        _, finds = self._kept.get(key, _NOTHING)
        return {
            each.code_id: finds[each.fingerprint] for each in rules if each.fingerprint in finds
        }

    def put(self, key: Key, found: Mapping[str, Finds]) -> None:
        """Keep what was found, by the fingerprint of the rules; an empty tuple is a result too."""
        done, finds = self._kept.get(key, _NOTHING)
        if len(done) + len(found) > MOST_RULES:
            done, finds = _NOTHING
        new = {each: places for each, places in found.items() if places}
        self._keep(key, (done.union(found), finds | new))

    def _keep(self, key: Key, record: Record) -> None:
        done, finds = record
        with self._lock:
            if len(self._sets) > MOST_RULES:
                self._sets.clear()
            # One object for equal sets: nearly all readings were judged by the same rules.
            self._kept[key] = (self._sets.setdefault(done, done), finds)
            self._kept.move_to_end(key)
            while len(self._kept) > self.limit:
                self._kept.popitem(last=False)

    # ── the cache ──

    def load(self, keys: Sequence[Key], store: Cache) -> None:
        """Take what an earlier process found from the cache."""
        entries = {entry: key for key in keys if key not in self._kept and (entry := key.entry())}
        if not entries:
            return
        read = {entry: _decoded(data) for entry, data in store.get_many(KIND, entries).items()}
        sets = _read_sets({each[0] for each in read.values() if each}, store)
        for entry, each in read.items():
            if each and each[0] in sets:
                self._keep(entries[entry], (sets[each[0]], each[1]))

    def save(self, keys: Iterable[Key], store: Cache) -> None:
        """Keep what was found for the next process, with the set of rules it was judged by."""
        entries: dict[str, bytes] = {}
        for key in keys:
            entry = key.entry()
            if entry and key in self._kept:
                done, finds = self._kept[key]
                named, rules = _set_entry(done)
                entries[rules] = json.dumps(sorted(done)).encode()
                entries[entry] = json.dumps([named, finds], ensure_ascii=False).encode()
        store.put_many(KIND, entries)


def _set_entry(done: frozenset[str]) -> tuple[str, str]:
    """(name, key in the cache) of a set of rules."""
    name = fingerprint(sorted(done))
    return name, entry_key(name, "rules")


def _read_sets(names: Iterable[str], store: Cache) -> dict[str, frozenset[str]]:
    keys = {entry_key(name, "rules"): name for name in names}
    return {
        keys[entry]: frozenset(json.loads(data))
        for entry, data in store.get_many(KIND, keys).items()
    }


def _decoded(data: bytes) -> tuple[str, dict[str, Finds]] | None:
    """(name of the set of rules, finds); a broken entry counts as absent."""
    try:
        name, finds = json.loads(data)
        return name, {rules: tuple(_finds(rows)) for rules, rows in finds.items()}
    except (ValueError, TypeError):
        return None


def _finds(rows: Iterable[Sequence[object]]) -> Iterator[Find]:
    for pattern, pieces, sentence, blocked in rows:
        spans = tuple([(start, end) for start, end in pieces])  # type: ignore[attr-defined]  # as JSON gives it
        yield Find(str(pattern), spans, tuple(sentence) if sentence else None, str(blocked))  # type: ignore[arg-type]  # the same
