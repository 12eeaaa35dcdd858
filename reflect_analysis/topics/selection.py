"""Which segments a topic model may and can read, and their vectors.

Whatever is left out is counted by its reason; every fault of a given array is named with
the segments that it concerns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reflect_analysis._rows import Attributes
from reflect_analysis.cache import Cache
from reflect_analysis.embeddings import embed, model_name
from reflect_analysis.errors import GovernanceError, NotClearedError, TopicsError, raise_all
from reflect_analysis.segments import Segment, Segments
from reflect_analysis.topics.clusters import TopicSettings
from reflect_analysis.topics.neighbours import Vectors, unit
from reflect_analysis.topics.words import has_words

__all__ = ["GIVEN", "Material", "looked_at", "text_to_embed", "vectors_of"]


# How a run names vectors whose model it cannot know.
GIVEN = "vectors given by the caller"
NAMES_SHOWN = 10


@dataclass(frozen=True)
class Material:
    """What a fit works on.

    Parameters
    ----------
    whole : Segments
        As the caller gave them.
    segments : tuple of Segment
        Those that are looked at, sorted by id: UMAP answers to the order of its rows.
    vectors : ndarray
        (n_segments, n_dimensions), of unit length, in the same order.
    source : str
        Name and hash of the model behind the vectors.
    left_out : Attributes
        How many segments were left out, by reason.
    """

    whole: Segments
    segments: tuple[Segment, ...]
    vectors: Vectors
    source: str
    left_out: Attributes

    @cached_property
    def n_different(self) -> int:
        """Different texts: copies of one text are no evidence of a theme."""
        return len({segment.text for segment in self.segments})


def looked_at(segments: Segments, settings: TopicSettings) -> tuple[list[int], Attributes]:
    """Positions of the segments that may and can be read, sorted by id; the others counted.

    Raises
    ------
    GovernanceError
        If every segment waits for an approval.
    NotClearedError
        If a document to be read is not cleared.
    """
    reasons = [_why_left_out(segments, row, settings) for row in segments]
    counts = Counter(filter(None, reasons))
    if segments.rows and counts["governance"] == len(segments):
        raise GovernanceError(
            f"all {len(segments)} segments wait for the approval of the nation or community "
            "that governs them; ask it to approve 'topics', or group other documents"
        )
    kept = [place for place, reason in enumerate(reasons) if not reason]
    _check_cleared(segments, kept)
    kept.sort(key=lambda place: segments.rows[place].id)
    return kept, Attributes({reason: counts[reason] for reason in sorted(+counts)})


def _why_left_out(segments: Segments, row: Segment, settings: TopicSettings) -> str:
    document = segments.corpus.document(row.document_id)
    if not segments.corpus.permits(document, "topics"):
        return "governance"
    if document.voice != "participant":
        return "voice"
    if settings.languages is not None and document.language not in settings.languages:
        return "language"
    return "" if has_words(row.text) else "no words"


def _check_cleared(segments: Segments, kept: Sequence[int]) -> None:
    wanted = {segments.rows[place].document_id for place in kept}
    waiting = [d.id for d in segments.corpus.uncleared() if d.id in wanted]
    if waiting:
        raise NotClearedError(
            f"{len(waiting)} documents are not cleared of identifiers: {_shown(waiting)}; "
            "clear them with mark_cleared(corpus, by=…, note=…)"
        )


def vectors_of(
    segments: Segments,
    kept: Sequence[int],
    embeddings: NDArray[np.floating[Any]] | None,
    model: str | Path | None,
    cache: Cache | None,
    settings: TopicSettings | None = None,
) -> tuple[Vectors, str]:
    """The vectors of the kept segments, and where they come from.

    Raises
    ------
    TopicsError
        If a given array does not fit, with every fault.
    """
    if embeddings is None:
        chosen = settings or TopicSettings()
        texts = [text_to_embed(segments, segments.rows[place], chosen) for place in kept]
        return embed(texts, model=model, cache=cache), model_name(model)
    given = np.asarray(embeddings)
    _check_array(given, len(segments))
    rows = given[list(kept)].astype(np.float32)
    raise_all(TopicsError, _faulty_rows(rows, [segments.rows[place].id for place in kept]))
    return unit(rows), GIVEN


def text_to_embed(segments: Segments, row: Segment, settings: TopicSettings) -> str:
    """A segment as the model reads it: a caption after its title and prompt."""
    document = segments.corpus.document(row.document_id)
    if document.kind != "photo-voice":
        return row.text
    values = (str(document.attributes.get(name, "")).strip() for name in settings.embedded_with)
    before = [value if value[-1] in ".?!…" else f"{value}." for value in values if value]
    return " ".join((*before, row.text))


def _check_array(given: NDArray[Any], n_segments: int) -> None:
    if given.dtype.kind not in "fiu":
        raise TopicsError(f"embeddings: expected numbers, came an array of {given.dtype}")
    if given.ndim != 2 or len(given) != n_segments or not given.shape[1]:  # noqa: PLR2004  # rows and columns
        raise TopicsError(
            f"embeddings: expected {n_segments} rows, one a segment in the segments' order, came "
            f"an array of shape {given.shape}; compute it with embed(segments.texts)"
        )


def _faulty_rows(vectors: Vectors, ids: Sequence[str]) -> Iterator[str]:
    kinds = {
        "a NaN or an infinite number": ~np.isfinite(vectors).all(axis=1),
        "nothing but zeros, which has no direction": ~vectors.any(axis=1),
    }
    for what, rows in kinds.items():
        faulty = [ids[place] for place in np.flatnonzero(rows).tolist()]
        if faulty:
            yield (
                f"embeddings: {len(faulty)} rows hold {what} (segments {_shown(faulty)}); "
                "compute these rows again, or leave the segments out"
            )


def _shown(ids: Sequence[str]) -> str:
    """The first ids, and how many more there are."""
    more = f" and {len(ids) - NAMES_SHOWN} more" if len(ids) > NAMES_SHOWN else ""
    return ", ".join(map(repr, ids[:NAMES_SHOWN])) + more
