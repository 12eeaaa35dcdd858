"""What the rules found in a reading, kept by text and by the fingerprint of each code's rules.

In memory for the next call, and in the cache for the next process: an entry names patterns and
offsets, never words, and bears the hash of its text, so that a withdrawal finds it. After an
edit to one code only that code is missing, and of it only what `edits` cannot take over: for
that it is known of each version of a code's rules what it was made of. A transcript's readings
are kept in memory alone.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from reflect_analysis.cache import Cache, entry_key
from reflect_analysis.coders.judging import Find
from reflect_analysis.coders.rulebook import CodeRules
from reflect_analysis.provenance import fingerprint

__all__ = ["Key", "Results", "Version", "finds_in"]

Finds = tuple[Find, ...]
# The fingerprints that a reading was judged by, and as JSON the finds of those that found any.
Record = tuple[frozenset[str], tuple[bytes, ...]]

# Rules of so many codes are remembered for a reading; after more edits it is judged anew.
MOST_RULES = 500
KIND = "finds"
FORMAT = 6
# Versions of codes' rules of which it is remembered what they were made of.
MOST_VERSIONS = 2_000
# Made once: `json.dumps` with these settings would make one for every reading.
_ENCODER = json.JSONEncoder(ensure_ascii=False, check_circular=False)
_NOTHING: Record = (frozenset(), ())
# Hex digits of the name of a set of rules, with which an entry begins.
_NAME = 64


class Version(NamedTuple):
    """What the rules of a code were made of; see `CodeRules`."""

    frame: str = ""
    places: str = ""
    marks: tuple[str, ...] = ()
    own: str = ""
    needs: tuple[tuple[str, str], ...] = ()


_UNKNOWN = Version()


class Key(NamedTuple):
    """What a reading is known by: the model, the prompt, and each stretch's offset and hash."""

    maker: str
    prompt: str
    stretches: tuple[tuple[int, str], ...]

    def entry(self) -> str | None:
        """The key in the cache; `None` for a reading of several stretches."""
        if len(self.stretches) != 1 or self.stretches[0][0]:
            return None
        return entry_key(self.stretches[0][1], _made_by(self.maker, self.prompt))


@lru_cache(maxsize=1024)
def _made_by(maker: str, prompt: str) -> str:
    return fingerprint(FORMAT, maker, prompt)[:16]


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
        self._versions: dict[str, Version] = {}
        self._lock = threading.Lock()

    def know(self, rules: Iterable[CodeRules]) -> None:
        """Remember what rules are made of; before results under them are put."""
        self._remember(
            {r.fingerprint: Version(r.frame, r.places, r.marks, r.own, r.needs) for r in rules}
        )

    def _remember(self, versions: Mapping[str, Version]) -> None:
        with self._lock:
            if len(self._versions) > MOST_VERSIONS:
                self._versions.clear()
            self._versions.update(versions)

    def version(self, name: str) -> Version:
        """What the rules of a fingerprint were made of; empty where that is forgotten."""
        return self._versions.get(name, _UNKNOWN)

    def record(self, key: Key) -> Record:
        """The fingerprints of the rules by which a reading was judged, and what these found."""
        return self._kept.get(key, _NOTHING)

    def missing(self, key: Key, wanted: frozenset[str]) -> frozenset[str]:
        """The rules under which a reading was not judged yet."""
        done, _ = self._kept.get(key, _NOTHING)
        return wanted - done

    def found(self, key: Key, codes: Mapping[str, str]) -> dict[str, Finds]:
        """The finds of some rules in a reading, by code; codes that found nothing are left out.

        Parameters
        ----------
        key : Key
        codes : mapping of str to str
            Fingerprint of the rules to code.
        """
        _, layers = self._kept.get(key, _NOTHING)
        if not layers or not codes:
            return {}
        rows = json.loads(_merged(layers).decode())
        return {codes[n]: tuple(map(_find, finds)) for n, finds in rows.items() if n in codes}

    def put(self, key: Key, found: Mapping[str, Finds]) -> None:
        """Keep what was found, by the fingerprint of the rules; an empty tuple is a result too."""
        done, layers = self._kept.get(key, _NOTHING)
        if len(done) + len(found) > MOST_RULES:
            done, layers = _NOTHING
        new = {each: places for each, places in found.items() if places}
        layer = (_ENCODER.encode(new).encode(),) if new else ()
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
        sets = self._read_sets({data[:_NAME] for data in read.values()}, store)
        for entry, data in read.items():
            if data[:_NAME] in sets:
                self._keep(entries[entry], (sets[data[:_NAME]], (data[_NAME:],)))

    def _read_sets(self, names: Iterable[bytes], store: Cache) -> dict[bytes, frozenset[str]]:
        """Sets of rules by name, and what these are made of."""
        keys = {entry_key(name.decode(), "rules"): name for name in names}
        read = {keys[e]: json.loads(data) for e, data in store.get_many(KIND, keys).items()}
        for versions in read.values():
            self._remember({name: _version(*parts) for name, parts in versions.items()})
        return {name: frozenset(versions) for name, versions in read.items()}

    def save(self, keys: Iterable[Key], store: Cache) -> None:
        """Keep what was found for the next process, with the set of rules it was judged by."""
        entries: dict[str, bytes] = {}
        names: dict[frozenset[str], bytes] = {}
        for key in keys:
            entry = key.entry()
            if entry and key in self._kept:
                done, layers = self._kept[key]
                if done not in names:
                    rules = {each: self.version(each) for each in sorted(done)}
                    name = fingerprint(FORMAT, list(rules))
                    entries[entry_key(name, "rules")] = json.dumps(rules).encode()
                    names[done] = name.encode()
                entries[entry] = names[done] + _merged(layers)
        store.put_many(KIND, entries)


def finds_in(layers: Sequence[bytes], name: str) -> Finds:
    """Of what is kept of a reading, the finds of the rules of one fingerprint."""
    sign = name.encode()
    for layer in layers:
        if sign in layer:  # a look at the bytes: in most readings a code finds nothing
            rows = json.loads(layer).get(name)
            if rows:
                return tuple(map(_find, rows))
    return ()


def _merged(layers: Sequence[bytes]) -> bytes:
    """Several JSON objects without common keys as one."""
    return b"{" + b",".join([layer[1:-1] for layer in layers if len(layer) > len(b"{}")]) + b"}"


def _version(
    frame: str, places: str, marks: Sequence[str], own: str, needs: Sequence[Sequence[str]]
) -> Version:
    """A version as JSON gives it, with tuples for its lists."""
    return Version(frame, places, tuple(marks), own, tuple((code, name) for code, name in needs))


def _find(row: Sequence[Any]) -> Find:
    """A find as JSON gives it, with tuples for its lists."""
    pattern, pieces, sentence, blocked = row
    spans = tuple([(start, end) for start, end in pieces])
    return Find(pattern, spans, tuple(sentence) if sentence else None, blocked)
