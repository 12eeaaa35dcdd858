"""One parse per text: sentences, lemmas, grammar and named entities, kept by content.

spaCy stands behind a wall here. Its documents cannot be kept or loaded without importing
spaCy, and with it torch (2–5 s), so a parse is a value of our own: tuples of words, lemmas,
tags and heads that a cache entry holds in about 16 bytes a token. A second run of anything
that reads sentences imports neither. The tuples are also what the rules match on, which a
spaCy `Matcher` could not do without its vocabulary.

Invariants: offsets are code points of the text as it was given; a sentence never begins in
the middle of a line unless a mark stands before it, and never consists of marks alone (but
for the first); what another process forgets leaves this one's memory with the next parse. Not
here: any download. A model that is not installed is an error that names the package.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping

from reflect_analysis.cache import Cache, default_cache, entry_key
from reflect_analysis.language.pipelines import (
    model_identity,
    model_name,
    parsed,
    pipeline,
    primary,
    readable,
    splitter,
)
from reflect_analysis.language.values import (
    Entity,
    Parse,
    Stretch,
    decoded,
    kept_hashes,
    normalised,
    stretches,
)
from reflect_analysis.provenance import text_hash

__all__ = [
    "Entity",
    "Parse",
    "Stretch",
    "forget",
    "kept_hashes",
    "model_identity",
    "normalised",
    "parse",
    "primary",
    "readable",
    "stretches",
]

# About 140 MB of parses: 30,000 reflections of 60 words.
TOKENS_IN_MEMORY = 2_000_000
# Texts between two writes to the cache: an interrupted run keeps what it had.
BATCH = 2_000

log = logging.getLogger(__name__)


class _Memory:
    """The parses last used, up to a number of tokens."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self._kept: OrderedDict[tuple[str, str], Parse] = OrderedDict()
        self._stamps: dict[str, str] = {}
        self._lock = threading.Lock()

    def get(self, maker: str, key: str) -> Parse | None:
        with self._lock:
            found = self._kept.get((maker, key))
            if found is not None:
                self._kept.move_to_end((maker, key))
            return found

    def put(self, maker: str, key: str, value: Parse) -> None:
        with self._lock:
            if (maker, key) in self._kept:
                return
            self._kept[maker, key] = value
            self.size += len(value) + 1
            while self.size > self.limit and len(self._kept) > 1:
                _, dropped = self._kept.popitem(last=False)
                self.size -= len(dropped) + 1

    def renew(self, folder: str, stamp: str) -> None:
        """Drop all if something was forgotten in a folder since it was last asked."""
        with self._lock:
            if self._stamps.setdefault(folder, stamp) != stamp:
                self._stamps[folder] = stamp
                self._kept.clear()
                self.size = 0

    def forget(self, hashes: Iterable[str]) -> int:
        wanted = frozenset(hashes)
        with self._lock:
            gone = [key for key in self._kept if key[1] in wanted]
            for key in gone:
                self.size -= len(self._kept.pop(key)) + 1
        return len(gone)


_memory = _Memory(TOKENS_IN_MEMORY)


def forget(text_hashes: Iterable[str]) -> int:
    """Drop parses of these texts from memory; `Cache.forget` does so on disk.

    Returns
    -------
    int
        How many there were.
    """
    return _memory.forget(text_hashes)


def parse(
    texts: Iterable[str],
    *,
    language: str = "en",
    model: str | None = None,
    cache: Cache | None = None,
) -> list[Parse]:
    """Parse texts, each once: from memory, else from the cache, else by the model.

    Parameters
    ----------
    texts : iterable of str
    language : str
        ISO 639-1 code of all the texts. Where it cannot be parsed (`readable`), sentences are
        found by their marks, and tags, heads and entities stay empty.
    model : str, optional
        An installed spaCy package or a folder; see `model_identity`.
    cache : Cache, optional
        By default `default_cache()`.

    Returns
    -------
    list of Parse
        One a text, in order.

    Raises
    ------
    MissingDependencyError
        If no such model is installed; the message names the package.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> cache = Cache(pathlib.Path(tempfile.mkdtemp()))
    >>> found = parse(["I’m drained. She is fine."], cache=cache)[0]
    >>> found.lemmas
    ('i', 'be', 'drain', '.', 'she', 'be', 'fine', '.')
    >>> [found.text[start:end] for start, end in found.sentence_spans()]
    ['I’m drained. ', 'She is fine.']
    """
    wanted = list(texts)
    maker = model_identity(model, language)
    hashes = [text_hash(text) for text in wanted]
    store = default_cache() if cache is None else cache
    _memory.renew(*store.stamp())
    known = {key: _memory.get(maker, key) for key in hashes}
    missing = {k: t for k, t in zip(hashes, wanted, strict=True) if known[k] is None}
    if missing:
        kept = store.may_keep(missing)
        for key, value in _fetched(missing, maker, language, model_name(model), store):
            if key in kept:
                _memory.put(maker, key, value)
            known[key] = value
    return [found for key in hashes if (found := known[key]) is not None]


def _fetched(
    missing: Mapping[str, str], maker: str, language: str, name: str, store: Cache
) -> Iterator[tuple[str, Parse]]:
    """Parses from the cache, then those that only the model can give."""
    keys = {entry_key(key, maker): key for key in missing}
    found = store.get_many("parses", keys)
    left = dict(missing)
    for entry, data in found.items():
        value = decoded(data, missing[keys[entry]])
        if value is not None:
            del left[keys[entry]]
            yield keys[entry], value
    if left:
        yield from _computed(left, maker, language, name, store)


def _computed(
    missing: Mapping[str, str], maker: str, language: str, name: str, store: Cache
) -> Iterator[tuple[str, Parse]]:
    """Parses by the model, written to the cache batch by batch."""
    nlp = pipeline(name) if readable(language) else splitter(primary(language))
    keys = list(missing)
    for first in range(0, len(keys), BATCH):
        batch = keys[first : first + BATCH]
        entries = {}
        for key, columns in zip(batch, parsed(nlp, [missing[k] for k in batch]), strict=True):
            found = Parse(missing[key], columns)
            entries[entry_key(key, maker)] = found.entry()
            yield key, found
        store.put_many("parses", entries)
        log.info("parsed %d of %d texts", min(first + BATCH, len(keys)), len(keys))
