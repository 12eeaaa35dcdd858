"""New texts put into topics that were found before: by the rule of the fit where there is one.

Zero-shot puts each text to the nearest guide that is near enough, and k-means on few texts to the
nearest mean: both can be said of a new text as of an old one. Other engines look at each text
beside all the others, which no rule for one text repeats; there the nearest mean stands in, the
result says so, and which share of the fitted texts it puts elsewhere.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from reflect_analysis._rows import Attributes, html_table, to_frame
from reflect_analysis.cache import Cache
from reflect_analysis.errors import TopicsError
from reflect_analysis.provenance import Run, merge_runs, new_run
from reflect_analysis.segments import Segments
from reflect_analysis.topics.alignment import check_model
from reflect_analysis.topics.clusters import Labels, TopicSettings, Vectors, nearest
from reflect_analysis.topics.guidance import Guidance
from reflect_analysis.topics.selection import looked_at, vectors_of
from reflect_analysis.topics.values import OUTLIER, Topics, TopicUnit

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Assigned", "assign_topics", "to_guides"]

_WHY = {
    "agglomerative": "Ward's method joins groups and keeps no rule for a single text",
    "bertopic": "HDBSCAN keeps no rule for a single text",
    "guided": "the texts of the fit were pulled towards guides, which new texts are not",
    "k-means": "the texts were grouped by what lies near to them, which a single text has not",
}


@dataclass(frozen=True)
class Assigned:
    """Texts and the topics that they were put into.

    Parameters
    ----------
    rows : tuple of TopicUnit
        Sorted by segment id; topic −1 for a text in none.
    exact : bool
        Whether the rule is that of the fit, so that a text of the fit comes into its own topic.
    note : str
        Why it is not, where it is not.
    n_fitted, n_same : int
        Segments that the fit held, and how many of these came into the topic that they were in.
    verdict : str
        Whether the solution is stable.
    left_out : Attributes
        Segments that were not looked at, by reason, as in `Topics.left_out`.
    runs : tuple of Run
    """

    rows: tuple[TopicUnit, ...]
    exact: bool
    note: str
    n_fitted: int
    n_same: int
    verdict: str
    left_out: Attributes = field(default_factory=Attributes)
    runs: tuple[Run, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[TopicUnit]:
        return iter(self.rows)

    @property
    def assignments(self) -> Attributes:
        """Number of the topic by segment id."""
        return Attributes({row.segment_id: row.topic for row in self.rows})

    def to_frame(self) -> pd.DataFrame:
        """One row a segment: the fields of `TopicUnit`, then ``exact`` and ``stability``."""
        return to_frame(self.rows, TopicUnit).assign(exact=self.exact, stability=self.verdict)

    def __repr__(self) -> str:
        outside = sum(row.topic == OUTLIER for row in self.rows)
        told = [f"{len(self)} segments, {outside} in no topic", f"topics {self.verdict}"]
        if not self.exact:
            told.append("not by the rule of the fit")
        if self.n_fitted:
            told.append(f"{self.n_same} of {self.n_fitted} that were fitted in their own topic")
        return f"<Assigned: {'; '.join(told)}>"

    def _repr_html_(self) -> str:
        numbers = sorted({row.topic for row in self.rows})
        counts = ((n, sum(row.topic == n for row in self.rows)) for n in numbers)
        cells = (("none" if n == OUTLIER else str(n), str(count)) for n, count in counts)
        note = f"<p>{escape(self.note)}</p>" if self.note else ""
        return f"<p>{escape(repr(self))}</p>{note}{html_table(('Topic', 'Segments'), cells)}"


def assign_topics(
    topics: Topics,
    segments: Segments,
    *,
    embeddings: NDArray[np.floating[Any]] | None = None,
    model: str | Path | None = None,
    cache: Cache | None = None,
) -> Assigned:
    """Put texts into topics that were found before, in the same texts or in others.

    Left out and counted are the same texts as by `fit_topics`.

    Parameters
    ----------
    topics : Topics
        Fitted or loaded: both assign alike.
    segments : Segments
    embeddings : ndarray, optional
        (n_segments, n_dimensions), by the model behind the topics.
    model, cache
        As for `fit_topics`; the model must be the one behind the topics.

    Returns
    -------
    Assigned

    Raises
    ------
    TopicsError
        If nothing was grouped, or the vectors do not fit those of the topics.
    GovernanceError, NotClearedError
        As `fit_topics`.
    """
    if not topics.rows:
        raise TopicsError(
            "there are no topics to assign texts to: the texts were too few, or too alike, to be "
            "grouped; fit more texts together"
        )
    if embeddings is None:
        check_model(topics, model)
    settings = _settings(topics)
    kept, left_out = looked_at(segments, settings)
    vectors, source = vectors_of(segments, kept, embeddings, model, cache, settings)
    _check_dimensions(vectors, topics)
    labels = _labels(topics, vectors)
    cosines = _cosines(topics, vectors, labels)
    rows = tuple(
        TopicUnit(row.id, row.document_id, row.start, row.end, row.case_id, label, cosine)
        for row, label, cosine in zip(
            (segments.rows[place] for place in kept), labels.tolist(), cosines, strict=True
        )
    )
    known = [row for row in rows if row.segment_id in topics.assignments]
    same = sum(topics.assignments[row.segment_id] == row.topic for row in known)
    why = _why_not_exact(topics)
    note = f"These topics cannot be assigned as they were fitted: {why}." if why else ""
    run = _run(topics, segments, rows, source, why)
    runs = merge_runs(topics.runs, segments.runs, [run])
    verdict = topics.stability.verdict
    return Assigned(rows, not why, note, len(known), same, verdict, left_out, runs)


def _settings(topics: Topics) -> TopicSettings:
    """What the fit looked at, and what it read with a text."""
    runs = [run for run in topics.runs if run.step == "topics"]
    facts = runs[-1].settings if runs else {}
    names = {"languages", "embedded_with"} & set(facts)
    given: dict[str, Any] = {
        name: None if facts[name] is None else tuple(facts[name]) for name in names
    }
    return dataclasses.replace(TopicSettings(), **given)


def _check_dimensions(vectors: Vectors, topics: Topics) -> None:
    expected = len(topics.centroids[0])
    if len(vectors) and vectors.shape[1] != expected:
        raise TopicsError(
            f"embeddings: expected {expected} dimensions, as the topics' vectors have, came "
            f"{vectors.shape[1]}; use the model that made the topics' vectors"
        )


def _why_not_exact(topics: Topics) -> str:
    """Why no rule for a single text repeats the fit; empty where one does."""
    if topics.engine == "zero-shot" or (topics.placing is not None and topics.placing.exact):
        return ""
    why = _WHY.get("guided" if topics.guided else topics.engine, "the fit kept no rule")
    told = f"{why}: each was put to the nearest mean"
    if topics.placing is None:
        return told
    if topics.placing.reach:
        told += ", or to none where it lies too far from it"
    return f"{told}, which puts {topics.placing.same:.1%} of the fitted texts where the fit had"


def _labels(topics: Topics, vectors: Vectors) -> Labels:
    if not len(vectors):
        return np.zeros(0, dtype=np.int64)
    if topics.engine == "zero-shot" and topics.guided:
        return _of_guides(vectors, topics.guided)
    if topics.placing is not None:
        return topics.placing.labels(vectors)
    return nearest(vectors, np.asarray(topics.centroids, dtype=np.float32))


def _of_guides(vectors: Vectors, guidance: Guidance) -> Labels:
    """The topic that follows the nearest guide near enough; none where no topic follows it."""
    anchors = np.asarray(guidance.anchors, dtype=np.float32)
    guides = to_guides(vectors, anchors, guidance.thresholds)
    numbers = {name: number for number, name in enumerate(guidance.topics)}
    by_guide = [numbers.get(name, OUTLIER) for name in guidance.guides]
    return np.asarray([by_guide[g] if g != OUTLIER else OUTLIER for g in guides.tolist()])


def to_guides(vectors: Vectors, anchors: Vectors, thresholds: tuple[float, ...]) -> Labels:
    """The nearest guide of each text among those that it is near enough to, −1 for none."""
    cosines = vectors @ anchors.T
    able = np.where(cosines >= np.asarray(thresholds), cosines, -np.inf)
    found: Labels = np.where(np.isfinite(able.max(axis=1)), able.argmax(axis=1), OUTLIER)
    return found.astype(np.int64)


def _cosines(topics: Topics, vectors: Vectors, labels: Labels) -> list[float]:
    """The cosine of each text with the centre of its topic; NaN for none."""
    centroids = np.asarray(topics.centroids, dtype=np.float32)
    cosines = (vectors * centroids[labels]).sum(axis=1) if len(vectors) else np.zeros(0)
    told = [math.nan if n == OUTLIER else c for n, c in zip(labels, cosines.tolist(), strict=True)]
    return [round(cosine, 6) for cosine in told]


def _run(
    topics: Topics, segments: Segments, rows: tuple[TopicUnit, ...], source: str, why: str
) -> Run:
    outside = sum(row.topic == OUTLIER for row in rows)
    summary = (
        f"{len(rows)} segments (by {segments.by}) were put into {len(topics)} topics found "
        f"before ({topics.stability.verdict}), {outside} of them into none"
    )
    return new_run(
        "assign",
        f"{summary}; {why}" if why else summary,
        settings={"topics": topics.fingerprint, "exact": not why, "n_units": len(rows)},
        model=source,
        inputs=(topics.fingerprint, segments.fingerprint),
    )
