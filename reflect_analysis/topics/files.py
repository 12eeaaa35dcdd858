"""Topics on disk: numbers as safetensors, all else as JSON, never a pickle.

A loaded solution is the one that was saved: the same fingerprint, acts and marks, and the same
rule for new texts. Words of topics and terms are participants' words, and are left out unless
asked for; the rest holds ids, numbers and what researchers wrote, and belongs in ``keep/``.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from reflect_analysis._numbers import NumbersFolder, hash_of
from reflect_analysis._rows import Attributes
from reflect_analysis.errors import ReflectAnalysisError, TopicsError
from reflect_analysis.topics.values import Topics

if TYPE_CHECKING:
    from cattrs import Converter

__all__ = ["load_topics", "save_topics"]

FORMAT = "reflect-analysis topics 1"
_FOLDER = NumbersFolder(FORMAT, "topics", "solution", TopicsError)
_UNIT_TEXTS = ("segment_id", "document_id", "start", "end", "case_id")
_UNIT_NUMBERS = ("topic", "similarity")
# Fields of a solution that are numbers: of itself, of its rule, of its guides.
_NUMBERS: dict[str, tuple[str, ...]] = {
    "": ("centroids", "centre"),
    "placing": ("means", "axes", "middle", "reach"),
    "guided": ("anchors", "thresholds"),
}
_NO_WORDS = "The words of the topics were not saved, because they are participants' words."


def save_topics(topics: Topics, folder: str | Path, *, words: bool = False) -> Path:
    """Write topics into a new folder, as ``topics.json`` and ``topics.safetensors``.

    Parameters
    ----------
    topics : Topics
    folder : str or Path
        A place where nothing is yet.
    words : bool
        Whether to write the words of the topics, and the terms of texts that were not grouped:
        participants' words, though never a passage.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    OutputError
        If there is something at that place already.
    """
    kept = topics if words else _without_words(topics)
    slim = dataclasses.replace(kept, units=(), centroids=(), centre=(), rows=(), acts=())
    about = _converter().unstructure(slim)
    about |= _converter().unstructure({"rows": kept.rows, "acts": kept.acts})
    numbers = _numbers(kept)
    for owner, names in _NUMBERS.items():
        for name in names if (about.get(owner) if owner else about) else ():
            (about[owner] if owner else about).pop(name)
    about["units"] = {name: [getattr(u, name) for u in kept.units] for name in _UNIT_TEXTS}
    settings = {
        "sha256": hash_of(numbers),
        "fingerprint": topics.fingerprint,
        "words": words,
        "topics": json.loads(json.dumps(about, ensure_ascii=False, default=str)),
    }
    return _FOLDER.write(Path(folder), settings, numbers)


def load_topics(folder: str | Path) -> Topics:
    """Read topics that `save_topics` wrote; no code is run by it.

    Parameters
    ----------
    folder : str or Path

    Returns
    -------
    Topics

    Raises
    ------
    TopicsError
        If the folder holds no saved topics, or they were changed since they were written.
    """
    settings, numbers = _FOLDER.read(Path(folder))
    try:
        topics = _topics(settings["topics"], numbers)
    except ReflectAnalysisError:
        raise
    except Exception as error:
        raise TopicsError(
            f"{folder}: expected saved topics, could not be read ({type(error).__name__}); "
            "save them again"
        ) from error
    if topics.fingerprint != settings.get("fingerprint"):
        raise TopicsError(
            f"{folder}: the segments of the topics are not those that were saved; save them again"
        )
    if settings.get("words") or not (topics.rows or topics.engine == "terms"):
        return topics
    notes = topics.notes if _NO_WORDS in topics.notes else (*topics.notes, _NO_WORDS)
    return dataclasses.replace(topics, notes=notes)


def _without_words(topics: Topics) -> Topics:
    rows = tuple(
        dataclasses.replace(row, words=(), other_words=Attributes()) for row in topics.rows
    )
    return dataclasses.replace(topics, rows=rows, terms=())


# ── numbers ─────────────────────────────────────────────────────────────────────


def _numbers(topics: Topics) -> dict[str, NDArray[Any]]:
    """Every array that is not empty, by the name of its owner and its own."""
    owners: dict[str, Any] = {"": topics, "placing": topics.placing, "guided": topics.guided}
    found = {
        _key(owner, name): np.asarray(getattr(value, name), dtype=np.float64)
        for owner, value in owners.items()
        for name in (_NUMBERS[owner] if value is not None else ())
        if getattr(value, name)
    }
    if topics.units:
        found["units.topic"] = np.array([u.topic for u in topics.units], dtype=np.int64)
        found["units.similarity"] = np.array([u.similarity for u in topics.units], dtype=np.float64)
    return found


def _key(owner: str, name: str) -> str:
    return f"{owner}.{name}" if owner else name


def _topics(about: dict[str, Any], numbers: Mapping[str, NDArray[Any]]) -> Topics:
    for owner, names in _NUMBERS.items():
        target = about[owner] if owner else about
        for name in names if target is not None else ():
            value = numbers.get(_key(owner, name))
            target[name] = [] if value is None else value.tolist()
    columns = about["units"] | {
        name: numbers[f"units.{name}"].tolist() if f"units.{name}" in numbers else []
        for name in _UNIT_NUMBERS
    }
    names = (*_UNIT_TEXTS, *_UNIT_NUMBERS)
    rows = zip(*(columns[name] for name in names), strict=True)
    about["units"] = [dict(zip(names, row, strict=True)) for row in rows]
    result: Topics = _converter().structure(about, Topics)
    return result


# ── the rest ────────────────────────────────────────────────────────────────────


@cache
def _converter() -> Converter:
    """How the values become JSON and come back: NaN as null, times as text."""
    from cattrs import Converter

    converter = Converter(unstruct_collection_overrides={tuple: list})
    converter.register_unstructure_hook(float, lambda x: None if math.isnan(x) else x)
    converter.register_structure_hook(float, lambda x, _: math.nan if x is None else float(x))
    converter.register_unstructure_hook(Attributes, dict)
    converter.register_structure_hook(Attributes, lambda data, _: Attributes(data))
    converter.register_unstructure_hook(datetime, datetime.isoformat)
    converter.register_structure_hook(datetime, lambda text, _: datetime.fromisoformat(text))
    return converter
