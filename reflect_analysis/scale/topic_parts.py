"""Put the texts of one partition into topics that were found in a sample.

A text of the sample keeps the topic that the fit gave it; any other goes where
`topics.assign_topics` puts it. The written file says what it was made with, so that it is not
made again.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from reflect_analysis.corpus import Corpus
from reflect_analysis.scale.coders import KEEP_NOTHING
from reflect_analysis.scale.files import TOPICS, RunFolder, load_about, pyarrow, write_rows
from reflect_analysis.scale.partition import groupable
from reflect_analysis.scale.reading import read_documents
from reflect_analysis.scale.values import Job, TopicVectors, Work
from reflect_analysis.segmentation import segment
from reflect_analysis.segments import Segments

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reflect_analysis.topics import Topics, TopicUnit

    Rows = NDArray[np.float32]

__all__ = ["AssignedPart", "assign_partition", "known_part", "with_vectors"]

NO_WORDS = "no words"


@dataclass(frozen=True, slots=True)
class AssignedPart:
    """What came of one partition.

    Parameters
    ----------
    texts : int
        Put into a topic, or into none.
    left_out : mapping of str to int
        Texts that were not looked at, by reason, as in `topics.Topics.left_out`.
    note : str
        Why texts were not put where the fit would have, where that is so.
    """

    texts: int
    left_out: Mapping[str, int] = field(default_factory=dict)
    note: str = ""


def known_part(folder: RunFolder, job: Job, key: str) -> AssignedPart | None:
    """What came of a partition before, or `None` where it is not done with these topics."""
    about = load_about(folder.of(TOPICS, job))
    if about is None or about.pop("key", "") != key:
        return None
    return AssignedPart(**about)


def assign_partition(work: Work, job: Job) -> AssignedPart:
    """Put the texts of a partition into the topics, unless that was done.

    Parameters
    ----------
    work : Work
        With `Work.topics` and their key; the topics lie in the run's folder.
    job : Job

    Returns
    -------
    AssignedPart
    """
    folder = RunFolder(work.out)
    known = known_part(folder, job, work.topics_key)
    if known is not None:
        return known
    model = _model(folder, work.topics_key)
    units, part = _assigned(work, model, groupable(work, read_documents(work, job)))
    about = {"key": work.topics_key, **dataclasses.asdict(part)}
    ours = partial(folder.check_call, work.call)
    write_rows(folder.of(TOPICS, job), _columns(units, model), about=about, before=ours)
    return part


def _assigned(
    work: Work, model: _Model, corpus: Corpus
) -> tuple[tuple[TopicUnit, ...], AssignedPart]:
    from reflect_analysis.topics import assign_topics

    if work.topics is None:  # pragma: no cover  # nobody asks for a partition's topics then
        raise ValueError("no topics were asked for")
    segments, vectors, wordless = with_vectors(corpus, work.topics.vectors)
    if not segments.rows:
        return (), AssignedPart(0, wordless)
    found = assign_topics(model.topics, segments, embeddings=vectors, cache=KEEP_NOTHING)
    left_out = {reason: int(str(count)) for reason, count in found.left_out.items()}
    for reason, count in wordless.items():
        left_out[reason] = left_out.get(reason, 0) + count
    units = tuple(model.units.get(unit.segment_id, unit) for unit in found)
    return units, AssignedPart(len(units), left_out, found.note)


def with_vectors(
    corpus: Corpus, vectors: TopicVectors
) -> tuple[Segments, Rows | None, dict[str, int]]:
    """Whole texts with the vectors that are asked for.

    Returns
    -------
    Segments
    ndarray or None
        (n_segments, n_dimensions); `None` where `topics` makes them by the sentence model.
    dict of str to int
        Texts without a word that has a vector, which are left out, by the reason.
    """
    segments = segment(corpus, by="document", cache=KEEP_NOTHING)
    if vectors == "semantic" or not segments.rows:
        return segments, None, {}
    from reflect_analysis.embeddings import average_words

    found = average_words(segments.texts)
    able = np.abs(found).sum(axis=1) > 0
    if able.all():
        return segments, found, {}
    kept = {row.id for row, there in zip(segments, able.tolist(), strict=True) if there}
    wordless = {NO_WORDS: len(segments) - len(kept)}
    return segments.where(lambda row: row.id in kept), found[able], wordless


# ── the topics, read once a process ──


@dataclass(frozen=True)
class _Model:
    """The topics, and the texts that they were found in, by segment id."""

    topics: Topics
    units: Mapping[str, TopicUnit]


_loaded: dict[str, _Model] = {}
_lock = threading.Lock()


def _model(folder: RunFolder, key: str) -> _Model:
    from reflect_analysis.topics import load_topics

    place = f"{folder.model} {key}"
    with _lock:
        if place not in _loaded:
            _loaded.clear()
            topics = load_topics(folder.model)
            _loaded[place] = _Model(topics, {unit.segment_id: unit for unit in topics.units})
        return _loaded[place]


def _columns(units: tuple[TopicUnit, ...], model: _Model) -> dict[str, Any]:
    """What is written of each text: ids, numbers, and whether the fit held it; no words."""
    pa = pyarrow()
    return {
        "document_id": pa.array([unit.document_id for unit in units], pa.string()),
        "case_id": pa.array([unit.case_id for unit in units], pa.string()),
        "topic": pa.array([unit.topic for unit in units], pa.int64()),
        "similarity": pa.array([unit.similarity for unit in units], pa.float64()),
        "fitted": pa.array([unit.segment_id in model.units for unit in units], pa.bool_()),
    }
