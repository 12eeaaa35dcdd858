"""What was found in a text before: kept in the cache as places and reasons, never as words.

A check that is made again, after an edit of the codebook, searches no text anew that did not
change. Kept is what a text holds by itself: which names the study knows, which words are
pseudonyms and what stands beside the texts is asked each time. The invariant: whatever can
change what is found enters the key, and is taken as it was loaded, since a package may be
replaced while a notebook runs. Nobody has to raise a number: the sources themselves enter, the
lists, the dictionary, Python and the libraries that are asked. Where a source is another one now
than when it was loaded, as while somebody edits it in a notebook, nothing is kept.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from reflect_analysis._sources import PACKAGE, digest, sources
from reflect_analysis.anonymity.wordlists import dictionary_sha256, lists
from reflect_analysis.cache import Cache, entry_key
from reflect_analysis.corpus import Document
from reflect_analysis.provenance import fingerprint

__all__ = ["Hit", "Hits", "Searched", "in_blocks", "made_by", "recalled"]

# Texts between two writes to the cache: an interrupted run keeps what it had. It bounds the
# parses that are held at once, too.
BLOCK = 2_000
# Who looks, and who parses for them.
_LOOKING = ("anonymity", "language")


class Hit(NamedTuple):
    """A `Finding` without its document: places in the text, and by what it was recognised."""

    start: int
    end: int
    kind: str
    score: float
    direct: bool
    why: str


Hits = tuple[Hit, ...]
# The hash of a text, what was found in it, and whether that is all that there is.
Searched = tuple[str, Hits, bool]
# Takes texts by their hashes.
Search = Callable[[Mapping[str, str]], Iterable[Searched]]


def recalled(
    kind: str, maker: str, documents: Iterable[Document], search: Search, store: Cache
) -> dict[str, Hits]:
    """What a search finds in documents, by the hashes of their texts; the cache is asked first.

    Parameters
    ----------
    kind : str
        Of the entries.
    maker : str
        Of `made_by`; where it is empty nothing is kept and nothing is known, nor where the
        sources changed since they were loaded.
    documents : iterable of Document
    search : callable
        Asked for the texts that the cache does not hold.
    store : Cache
    """
    texts = {document.sha256: document.text for document in documents}
    is_kept = bool(maker) and _is_as_loaded()
    known = dict(_read(kind, maker, texts, store)) if is_kept else {}
    missing = {key: text for key, text in texts.items() if key not in known}
    fresh = [*search(missing)] if missing else []
    if is_kept:
        entries = {entry_key(key, maker): _encoded(hits) for key, hits, whole in fresh if whole}
        store.put_many(kind, entries)
    return known | {key: hits for key, hits, _ in fresh}


def _read(
    kind: str, maker: str, texts: Mapping[str, str], store: Cache
) -> Iterator[tuple[str, Hits]]:
    keys = {entry_key(key, maker): key for key in texts}
    for entry, data in store.get_many(kind, keys).items():
        hits = _decoded(data, len(texts[keys[entry]]))
        if hits is not None:
            yield keys[entry], hits


def _encoded(hits: Hits) -> bytes:
    return json.dumps(hits, separators=(",", ":")).encode()


def _decoded(data: bytes, length: int) -> Hits | None:
    """An entry of a text of so many code points; one that is damaged counts as absent."""
    try:
        rows = json.loads(data)
        hits = tuple(Hit(*row) for row in rows)
    except (ValueError, TypeError):
        return None
    # Else "" and {} would say that nothing was found.
    return hits if isinstance(rows, list) and all(_is_whole(h, length) for h in hits) else None


def _is_whole(hit: Hit, length: int) -> bool:
    types = (int, int, str, float, bool, str)
    if tuple(map(type, hit)) != types:
        return False
    return 0 <= hit.start <= hit.end <= length and 0 <= hit.score <= 1 and bool(hit.kind)


def in_blocks(documents: Sequence[Document]) -> Iterator[Sequence[Document]]:
    """Some documents after others, so many at once."""
    for first in range(0, len(documents), BLOCK):
        yield documents[first : first + BLOCK]


# ── what decides what is found ──────────────────────────────────────────────────────────


def made_by(*parts: str) -> str:
    """The identity of a search: of what all share, and of its own parts; empty if it has none.

    Where no sources lie beside the lists, as in a program that was frozen, nobody can say by
    what something was found.
    """
    return fingerprint(*_shared(), *parts)[:32] if _SOURCES else ""


@lru_cache(maxsize=1)
def _shared() -> tuple[str, ...]:
    python = ".".join(map(str, sys.version_info[:3]))
    return _SOURCES, fingerprint(*lists()), dictionary_sha256(), python


def _is_as_loaded() -> bool:
    """Whether the sources are still those by which the key was made.

    A notebook loads a module anew when its file changes, and not this one: what it then finds
    would be kept under the key of the old sources.
    """
    try:
        return _digest_at(_stand()) == _SOURCES
    except OSError:  # a file is just being replaced
        return False


def _stand() -> tuple[tuple[str, int, int], ...]:
    """What changes when somebody writes a source: it is asked once a block of texts."""
    files = (path for name in _LOOKING for path in sources(PACKAGE / name))
    told = ((str(path), path.stat()) for path in files)
    return tuple((name, about.st_mtime_ns, about.st_size) for name, about in told)


@lru_cache(maxsize=1)
def _digest_at(_: tuple[tuple[str, int, int], ...]) -> str:
    return digest(PACKAGE, _LOOKING)


# When this is imported, with the modules that it speaks of: later the files may be newer ones.
_SOURCES = digest(PACKAGE, _LOOKING)
