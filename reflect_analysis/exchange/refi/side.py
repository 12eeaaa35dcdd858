"""What REFI-QDA cannot say, kept in the archive beside the project, so that nothing is lost.

The side file holds the rows of the study without its texts, and the hashes of the project and
of each text that it belongs to. When another program has changed either, it no longer fits and
is left aside: what that program wrote is what holds then.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from reflect_analysis._rows import Attributes
from reflect_analysis._tombstones import Tombstone
from reflect_analysis.codebook import Codebook
from reflect_analysis.codings import Codings
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Omission
from reflect_analysis.errors import ReflectAnalysisError
from reflect_analysis.exchange.values import Region
from reflect_analysis.provenance import Run, text_hash

if TYPE_CHECKING:
    from cattrs import Converter

__all__ = ["Side", "read_side", "write_side"]

_FORMAT = 1
_TIME, _DATE, _TUPLE, _PAIRS = "__datetime__", "__date__", "__tuple__", "__pairs__"
_ALONE = {_TIME, _DATE, _TUPLE, _PAIRS}


@dataclass(frozen=True)
class Side:
    """A study as its side file has it."""

    corpus: Corpus
    codebook: Codebook
    codings: Codings
    regions: tuple[Region, ...] = ()


def write_side(side: Side, project: bytes, read_back: Mapping[str, str]) -> bytes:
    """The side file of a study.

    Parameters
    ----------
    side : Side
    project : bytes
        The project.qde that it stands beside.
    read_back : mapping
        By document, the text as a reader will get it from the archive; where that is not
        exactly the document's, the text stands here too.
    """
    converter = _converter()
    documents = []
    for document in side.corpus:
        row = converter.unstructure(document)
        kept = read_back.get(document.id) == document.text
        documents.append({**row, "text": None if kept else document.text, "hash": document.sha256})
    corpus = {
        "documents": documents,
        **{name: converter.unstructure(getattr(side.corpus, name)) for name in _CORPUS},
    }
    content = {
        "format": _FORMAT,
        "project": sha256(project).hexdigest(),
        "corpus": corpus,
        "codebook": converter.unstructure(side.codebook),
        "codings": converter.unstructure(side.codings),
        "regions": converter.unstructure(side.regions),
    }
    return json.dumps(content, separators=(",", ":")).encode("ascii")


def read_side(data: bytes, project: bytes, text_of: Callable[[str], str | None]) -> Side | str:
    """The study of a side file, or why it cannot be used.

    Parameters
    ----------
    data, project : bytes
        The side file, and the project beside it.
    text_of : callable
        The text of a document, as the archive has it.
    """
    try:
        content = json.loads(data)
        if content["format"] != _FORMAT:
            return "it was written by a later version of reflect_analysis"
        if content["project"] != sha256(project).hexdigest():
            return "the project was changed by another program since"
        return _side(content, text_of)
    except ReflectAnalysisError as problem:
        return f"it contradicts itself ({problem.faults[0]})"
    except Exception as problem:  # noqa: BLE001  # whatever a damaged file makes cattrs raise
        return f"it is damaged ({type(problem).__name__})"


_CORPUS: dict[str, Any] = {
    "cases": tuple[Case, ...],
    "clearances": tuple[Clearance, ...],
    "omissions": tuple[Omission, ...],
    "runs": tuple[Run, ...],
    "withdrawn": tuple[Tombstone, ...],
}


def _side(content: Any, text_of: Callable[[str], str | None]) -> Side | str:
    converter = _converter()
    documents = []
    for row in content["corpus"]["documents"]:
        text = row["text"] if row["text"] is not None else text_of(row["id"])
        if text is None or text_hash(text) != row["hash"]:
            return f"the text of document {row['id']!r} was changed by another program since"
        documents.append(converter.structure({**row, "text": text}, Document))
    rest = {
        name: converter.structure(content["corpus"][name], kind) for name, kind in _CORPUS.items()
    }
    return Side(
        Corpus(tuple(documents), **rest),
        converter.structure(content["codebook"], Codebook),
        converter.structure(content["codings"], Codings),
        converter.structure(content["regions"], tuple[Region, ...]),
    )


@cache
def _converter() -> Converter:
    """Dataclasses as plain values, and back; attributes may hold dates, times and tuples."""
    from cattrs import Converter

    converter = Converter()
    converter.register_unstructure_hook(datetime, datetime.isoformat)
    converter.register_structure_hook(datetime, lambda data, _: datetime.fromisoformat(data))
    converter.register_unstructure_hook(frozenset, lambda data: sorted(map(list, data)))
    converter.register_unstructure_hook_func(
        lambda kind: str(kind).startswith("frozenset"), lambda data: sorted(map(list, data))
    )
    converter.register_unstructure_hook(Attributes, _tagged)
    converter.register_structure_hook(Attributes, lambda data, _: Attributes(_untagged(data)))
    return converter


def _tagged(value: Any) -> Any:
    """A plain value as JSON can say it, with a tag where it cannot."""
    if isinstance(value, list):
        return [_tagged(each) for each in value]
    if isinstance(value, Mapping):
        if all(isinstance(key, str) for key in value) and not _ALONE & value.keys():
            return {key: _tagged(each) for key, each in value.items()}
        return {_PAIRS: [[_tagged(key), _tagged(each)] for key, each in value.items()]}
    # A datetime is a date too, so it comes first.
    for kind, tag in ((datetime, _TIME), (date, _DATE)):
        if isinstance(value, kind):
            return {tag: value.isoformat()}
    return {_TUPLE: [_tagged(each) for each in value]} if isinstance(value, tuple) else value


def _untagged(value: Any) -> Any:
    """What `_tagged` was given."""
    if isinstance(value, list):
        return [_untagged(each) for each in value]
    if not isinstance(value, dict):
        return value
    tag = next(iter(value), "") if len(value) == 1 else ""
    if tag in _UNTAG:
        return _UNTAG[tag](value[tag])
    return {key: _untagged(each) for key, each in value.items()}


_UNTAG: dict[str, Callable[[Any], Any]] = {
    _TIME: datetime.fromisoformat,
    _DATE: date.fromisoformat,
    _TUPLE: lambda items: tuple(_untagged(each) for each in items),
    _PAIRS: lambda items: {_untagged(key): _untagged(each) for key, each in items},
}
