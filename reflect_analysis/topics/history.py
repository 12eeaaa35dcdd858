"""What a fit leaves behind of itself: the run, and its sentence in the methods paragraph."""

from __future__ import annotations

import dataclasses
import hashlib
import math
from typing import Any

import numpy as np

from reflect_analysis.embeddings import model_name
from reflect_analysis.provenance import Run, fingerprint, new_run
from reflect_analysis.topics.clusters import (
    FEWEST_TO_SMOOTH,
    SMOOTHED_OVER,
    TopicSettings,
    components_for,
    versions,
)
from reflect_analysis.topics.selection import Material
from reflect_analysis.topics.values import Topics

__all__ = ["with_history"]

# The packaged model reads 256 word pieces, about so many words; what follows is not seen.
WORDS_READ = 190

_ENGINES = {
    "k-means": "k-means on principal components",
    "agglomerative": "agglomerative clustering (Ward)",
    "bertopic": "BERTopic (UMAP and HDBSCAN)",
    "zero-shot": "the nearest code that is near enough,",
}
_REASONS = {
    "governance": "not approved for this use by those who govern them",
    "voice": "not a participant's words",
    "language": "in another language",
    "no words": "without words",
}


def with_history(topics: Topics, material: Material, settings: TopicSettings, seed: int) -> Topics:
    """The topics with what was left out, a note on long texts, and the run that made them."""
    notes = (*topics.notes, *_note_on_length(material))
    done = dataclasses.replace(topics, left_out=material.left_out, notes=notes)
    run = _run(done, material, settings, seed)
    return dataclasses.replace(done, runs=(*material.whole.runs, run))


def _note_on_length(material: Material) -> tuple[str, ...]:
    long = sum(len(segment.text.split()) > WORDS_READ for segment in material.segments)
    if not long or material.source != model_name():
        return ()
    note = (
        f"{long} of {len(material.segments)} texts are longer than the model reads (about "
        f"{WORDS_READ} words): their beginning decides. Paragraphs or sentences use the whole."
    )
    return (note,)


def _run(topics: Topics, material: Material, settings: TopicSettings, seed: int) -> Run:
    texts = [(segment.id, segment.text) for segment in material.segments]
    numbers = hashlib.sha256(np.ascontiguousarray(material.vectors).tobytes()).hexdigest()
    return new_run(
        "topics",
        _summary(topics, material),
        settings=_facts(topics, material, settings),
        seed=seed,
        model=material.source,
        inputs=(fingerprint(material.whole.by, texts), numbers),
    )


def _facts(topics: Topics, material: Material, settings: TopicSettings) -> dict[str, Any]:
    """Every choice, made by the caller or by the size."""
    stability = topics.stability
    return {
        "by": material.whole.by,
        "engine": topics.engine,
        "n_units": topics.n_units,
        "n_topics": len(topics),
        "numbers_tried": {
            str(t.n_topics): [round(t.bootstrap, 4), round(t.shuffled, 4)]
            for t in topics.numbers_tried
        },
        "stability": str(stability),
        "refits": stability.refits,
        "units_in_a_refit": stability.units,
        "left_out": dict(topics.left_out),
        "languages": None if settings.languages is None else list(settings.languages),
        "sample_size": settings.sample_size,
        "notes": list(topics.notes),
        "versions": versions(topics.engine),
        "embedded_with": list(settings.embedded_with),
        "secondary": _secondary(topics),
        **_models(settings),
        **_engine_facts(topics, settings),
    }


def _secondary(topics: Topics) -> dict[str, float]:
    """NPMI, diversity and embedding coherence, where they are known."""
    figures = dataclasses.asdict(topics.coherence)
    return {name: round(value, 4) for name, value in figures.items() if not math.isnan(value)}


def _engine_facts(topics: Topics, settings: TopicSettings) -> dict[str, Any]:
    if topics.engine == "k-means":
        smooth = topics.n_units >= FEWEST_TO_SMOOTH
        return {
            "start": "Ward's solution",
            "components": components_for(len(topics)),
            "smoothed_over": SMOOTHED_OVER if smooth else 0,
        }
    if topics.engine != "bertopic":
        return {}
    numbers = ("min_cluster_size", "n_neighbors", "n_components")
    return {name: getattr(settings, name) for name in numbers}


def _models(settings: TopicSettings) -> dict[str, str]:
    """The caller's own models, by their class."""
    names = ("umap", "hdbscan", "vectorizer", "ctfidf", "representation", "embedding_model")
    given = {name: getattr(settings, name) for name in names}
    return {name: type(model).__name__ for name, model in given.items() if model is not None}


def _summary(topics: Topics, material: Material) -> str:
    """One sentence for the methods paragraph.

    What was left out stands in it as one sum: the paragraph is shared, and a count of the
    governed records would single out their community.
    """
    units = f"{topics.n_units} segments (by {material.whole.by})"
    told = (
        f"{units} were not grouped into topics, being too few or too alike"
        if topics.engine == "terms"
        else f"{units} were grouped into {len(topics)} topics by {_ENGINES[topics.engine]} on "
        f"sentence vectors ({material.source}){_how(topics)}; {_how_stable(topics)}"
    )
    if not topics.left_out:
        return told
    why = " or ".join(_REASONS[reason] for reason in topics.left_out)
    return f"{told}; {sum(topics.left_out.values())} were left out ({why})"


def _how(topics: Topics) -> str:
    parts = []
    if topics.numbers_tried:
        most = max(each.n_topics for each in topics.numbers_tried)
        parts.append(f", the number chosen from 2 to {most} by stability")
    if topics.outlier_share:
        parts.append(f", {topics.outlier_share:.0%} in no topic")
    return "".join(parts)


def _how_stable(topics: Topics) -> str:
    if topics.stability.verdict == "not measured":
        return "its stability was not measured"
    return f"this exploratory grouping is {topics.stability}"
