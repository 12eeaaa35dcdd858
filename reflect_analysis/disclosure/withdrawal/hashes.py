"""What of a person's texts may have been computed, and how it is forgotten."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterable, Iterator
from typing import get_args

from reflect_analysis.cache import Cache, default_cache
from reflect_analysis.corpus import Document
from reflect_analysis.errors import MissingDependencyError
from reflect_analysis.language import forget, kept_hashes
from reflect_analysis.language.passages import cut
from reflect_analysis.provenance import text_hash
from reflect_analysis.segments import Unit

__all__ = ["forget_everywhere", "hashes_in"]


def hashes_in(
    documents: Iterable[Document], case_id: str, *, cache: Cache | None = None
) -> frozenset[str]:
    """The hashes under which a parse or a vector of a person's words may be kept.

    Of the texts, their turns, paragraphs and sentences.

    Parameters
    ----------
    documents : iterable of Document
        Those that hold the person's words, in all versions.
    case_id : str
    cache : Cache, optional
        By default `default_cache()`.
    """
    # What was read as another's voice goes too.
    own = [dataclasses.replace(document, voice="participant") for document in documents]
    found = {each for document in own for each in kept_hashes(document)}
    found.update(map(text_hash, _passages(own, case_id, cache or default_cache())))
    return frozenset(found)


def _passages(documents: list[Document], case_id: str, cache: Cache) -> Iterator[str]:
    """The person's passages, and those of nobody known, by every unit."""
    units: tuple[Unit, ...] = get_args(Unit)
    for unit in units:
        if unit == "sentence" and not cache.size():
            continue  # nothing was computed, and a model takes seconds to load
        with contextlib.suppress(MissingDependencyError):
            for document, stretch, spans in cut(documents, unit, cache=cache):
                if stretch.case_id in (case_id, None):
                    shift = stretch.start
                    yield from (document.text[shift + a : shift + b] for a, b in spans)


def forget_everywhere(
    hashes: frozenset[str], *, cache: Cache | None = None
) -> tuple[int, tuple[str, ...]]:
    """Drop what was computed from texts, in memory and in the cache.

    Returns
    -------
    count : int
        How many entries there were.
    notes : tuple of str
        What went wrong.
    """
    if not hashes:
        return 0, ()
    store = cache or default_cache()
    count = forget(hashes)
    try:
        return count + store.forget(hashes), ()
    except OSError as error:
        note = (
            f"the cache in {store.folder} could not be rewritten ({error.strerror or error}); "
            "delete that folder: it holds only what can be computed again"
        )
        return count, (note,)
