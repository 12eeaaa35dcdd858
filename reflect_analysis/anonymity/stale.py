"""Which fitted models learned from texts that are gone, as far as each of them tells.

Nothing is known here of any model: only what a value says of itself, by ids (`units`, `ids`,
`ids_`, `neighbours`, `terms`) or by the fingerprints in its runs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from reflect_analysis.errors import ReflectAnalysisError

__all__ = ["sorted_models"]

_UNLEARNED = frozenset({"codes_"})  # a coder by rules has codes, and learned nothing


def sorted_models(
    topics: object,
    coders: Sequence[object] | Mapping[str, object],
    documents: Collection[str],
    fingerprints: Collection[str],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The models that learned from documents, and those that do not tell.

    Parameters
    ----------
    topics : object
        One value or a sequence of them, or None.
    coders : sequence or mapping of str to object
    documents : collection of str
        Ids of the documents that are gone.
    fingerprints : collection of str
        Of the corpora that held them.

    Returns
    -------
    stale, untold : tuple of str
        Names.
    """
    stale: list[str] = []
    untold: list[str] = []
    for name, model in _named(topics, coders):
        ids = set(_ids_in(model))
        runs = {each for run in _rows(model, "runs") for each in run.inputs}
        if ids & set(documents) or runs & set(fingerprints):
            stale.append(name)
        elif not ids and _has_learned(model):
            untold.append(name)
    return tuple(stale), tuple(untold)


def _named(
    topics: object, coders: Sequence[object] | Mapping[str, object]
) -> Iterator[tuple[str, object]]:
    several = topics if isinstance(topics, Sequence) else [topics]
    listed = [each for each in several if each is not None]
    for number, each in enumerate(listed, start=1):
        yield (f"topics {number}" if len(listed) > 1 else "topics"), each
    if isinstance(coders, Mapping):
        yield from ((str(name), coder) for name, coder in coders.items())
        return
    for coder in coders:
        name = getattr(coder, "name", None)
        yield (name if isinstance(name, str) else type(coder).__name__), coder


def _rows(model: object, name: str) -> Sequence[Any]:
    """What a value holds under a name, if it is rows."""
    try:
        found = getattr(model, name, ())
    except ReflectAnalysisError:  # a coder that has learned nothing yet says so when it is asked
        return ()
    return found if isinstance(found, list | tuple) else ()


def _ids_in(model: object) -> Iterator[str]:
    """The documents that a model names, or the coders that it is made of."""
    for part in _rows(model, "coders"):
        yield from _ids_in(part)
    for each in (*_rows(model, "ids"), *_rows(model, "ids_")):
        yield _document_of(str(each))
    for unit in _rows(model, "units"):
        yield unit.document_id
    for neighbour in _rows(model, "neighbours"):
        yield from (_document_of(neighbour.segment_id), _document_of(neighbour.nearest))
    for term in _rows(model, "terms"):
        yield from (_document_of(place[0]) for place in term.places)


def _document_of(segment_id: str) -> str:
    """The document of a segment, whose id is ``document:start-end``.

    Examples
    --------
    >>> _document_of("r1:a:0-12"), _document_of("row 7")
    ('r1:a', 'row 7')
    """
    document, found, span = segment_id.rpartition(":")
    is_span = bool(found) and all(part.isdecimal() for part in span.split("-", 1))
    return document if is_span and "-" in span else segment_id


def _has_learned(model: object) -> bool:
    """Whether a model was trained: scikit-learn's sign is an attribute that ends in ``_``."""
    told = getattr(model, "trained_", None) or getattr(model, "_learned", None)
    if told:
        return True
    marks = {name for name in getattr(model, "__dict__", {}) if name.endswith("_")}
    return hasattr(model, "fit") and bool(marks - _UNLEARNED)
