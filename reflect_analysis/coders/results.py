"""What the rules found in a reading, kept by text and by the fingerprint of each code's rules.

In memory for the next call, and in the cache for the next process: an entry names patterns and
offsets, never words, and bears the hash of its text, so that a withdrawal finds it. After an
edit to one code only that code is missing. A transcript's readings are kept in memory alone.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from reflect_analysis.cache import Cache, entry_key
from reflect_analysis.coders.judging import Find
from reflect_analysis.coders.rulebook import CodeRules
from reflect_analysis.provenance import fingerprint

__all__ = ["Key", "Results"]

Finds = tuple[Find, ...]
# The fingerprints that a reading was judged by, and as JSON the finds of those that found any.
Record = tuple[frozenset[str], tuple[bytes, ...]]

# Rules of so many codes are remembered for a reading; after more edits it is judged anew.
MOST_RULES = 500
KIND = "finds"
FORMAT = 2
_NOTHING: Record = (frozenset(), ())
# Hex digits of the name of a set of rules, with which an entry begins.
_NAME = 64


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

    They are kept as JSON: 700 bytes a reading instead of some fifty objects that Python's
    collector would go through again and again.

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
        _, layers = self._kept.get(key, _NOTHING)
        if not layers:
            return {}
        rows = json.loads(_merged(layers))
        found = ((each.code_id, rows.get(each.fingerprint)) for each in rules)
        return {code_id: tuple(map(_find, finds)) for code_id, finds in found if finds}

    def put(self, key: Key, found: Mapping[str, Finds]) -> None:
        """Keep what was found, by the fingerprint of the rules; an empty tuple is a result too."""
        done, layers = self._kept.get(key, _NOTHING)
        if len(done) + len(found) > MOST_RULES:
            done, layers = _NOTHING
        new = {each: places for each, places in found.items() if places}
        layer = (json.dumps(new, ensure_ascii=False).encode(),) if new else ()
        self._keep(key, (done.union(found), layers + layer))

    def _keep(self, key: Key, record: Record) -> None:
        done, layers = record
        with self._lock:
            if len(self._sets) > MOST_RULES:
                self._sets.clear()
            # One object for equal sets: nearly all readings were judged by the same rules.
            self._kept[key] = (self._sets.setdefault(done, done), layers)
            self._kept.move_to_end(key)
            while len(self._kept) > self.limit:
                self._kept.popitem(last=False)

    # ── the cache ──

    def load(self, keys: Sequence[Key], store: Cache) -> None:
        """Take what an earlier process found from the cache."""
        entries = {entry: key for key in keys if key not in self._kept and (entry := key.entry())}
        if not entries:
            return
        read = store.get_many(KIND, entries)
        sets = _read_sets({data[:_NAME] for data in read.values()}, store)
        for entry, data in read.items():
            if data[:_NAME] in sets:
                self._keep(entries[entry], (sets[data[:_NAME]], (data[_NAME:],)))

    def save(self, keys: Iterable[Key], store: Cache) -> None:
        """Keep what was found for the next process, with the set of rules it was judged by."""
        entries: dict[str, bytes] = {}
        for key in keys:
            entry = key.entry()
            if entry and key in self._kept:
                done, layers = self._kept[key]
                rules = sorted(done)
                name = fingerprint(rules)
                entries[entry_key(name, "rules")] = json.dumps(rules).encode()
                entries[entry] = name.encode() + _merged(layers)
        store.put_many(KIND, entries)


def _merged(layers: Sequence[bytes]) -> bytes:
    """Several JSON objects without common keys as one."""
    return b"{" + b",".join([layer[1:-1] for layer in layers if len(layer) > len(b"{}")]) + b"}"


def _read_sets(names: Iterable[bytes], store: Cache) -> dict[bytes, frozenset[str]]:
    keys = {entry_key(name.decode(), "rules"): name for name in names}
    read = store.get_many(KIND, keys)
    return {keys[entry]: frozenset(json.loads(data)) for entry, data in read.items()}


def _find(row: Sequence[Any]) -> Find:
    """A find as JSON gives it, with tuples for its lists."""
    pattern, pieces, sentence, blocked = row
    spans = tuple([(start, end) for start, end in pieces])
    return Find(pattern, spans, tuple(sentence) if sentence else None, blocked)
