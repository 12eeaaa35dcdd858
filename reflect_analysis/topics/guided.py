"""Guided fits: topics led by seed words, by the codes themselves, or by labels.

A guided grouping finds what it was led to. It sorts texts by what is known already, and is marked
wherever it appears: that its topics agree with the codes is no evidence for them.

Seed words and labels pull the vectors of texts towards a guide, on a copy: the engine groups the
pulled vectors, and everything that is told of the topics afterwards stands on the true ones.
Zero-shot assigns each text by itself. BERTopic's guided modes are not used: they write into the
caller's array and need a loaded model; its zero-shot mode fails on few texts and loses names.

References
----------
Grootendorst, M. (2022). BERTopic: Neural topic modeling with a class-based TF-IDF procedure.
arXiv:2203.05794. Its guided mode gives a text three parts of its own vector and one of the seeds'.
"""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reflect_analysis.cache import Cache
from reflect_analysis.codebook import Codebook
from reflect_analysis.codings import Codings
from reflect_analysis.embeddings import embed
from reflect_analysis.errors import TopicsError, UnknownIdError, raise_all
from reflect_analysis.segments import Segments
from reflect_analysis.topics.alignment import COVERED, checked_prototypes, prototypes_of
from reflect_analysis.topics.assigning import to_guides
from reflect_analysis.topics.clusters import (
    Labels,
    TopicSettings,
    Vectors,
    centroids_of,
    components_for,
    unit,
)
from reflect_analysis.topics.fitting import fit_topics, rows_and_units
from reflect_analysis.topics.guidance import Guidance, GuideKind
from reflect_analysis.topics.history import with_history
from reflect_analysis.topics.placing import place
from reflect_analysis.topics.selection import Material, looked_at, vectors_of
from reflect_analysis.topics.values import OUTLIER, Engine, Stability, Topics, TopicUnit

__all__ = ["labels_of_codings", "topics_from_codes", "topics_from_labels", "topics_from_seeds"]

# As much of a seed in a text's vector as BERTopic puts there.
SEED_WEIGHT = 0.25
# A label is a person's word on this text: it weighs more than a list of words.
LABEL_WEIGHT = 0.5

_NO_PROOF = "Its stability is that of the guided fit, greater than that of the texts alone."


def topics_from_seeds(  # noqa: PLR0913  # the choices of fit_topics, and those of the guides
    segments: Segments,
    seed_words: Mapping[str, Sequence[str]],
    *,
    embeddings: NDArray[np.floating[Any]] | None = None,
    seed_vectors: NDArray[np.floating[Any]] | None = None,
    weight: float = SEED_WEIGHT,
    n_topics: int | None = None,
    engine: Engine | None = None,
    random_state: int = 0,
    settings: TopicSettings | None = None,
    model: str | Path | None = None,
    cache: Cache | None = None,
) -> Topics:
    """Topics of a fit that seed words guided: a nudge, no more; some seeds may find no topic.

    A text that is nearer to a seed than to the centre of all texts is pulled towards it.

    Parameters
    ----------
    segments : Segments
    seed_words : mapping of str to sequence of str
        Words by the name of the guide, such as a code's id.
    embeddings : ndarray, optional
        (n_segments, n_dimensions), as for `fit_topics`; never written into.
    seed_vectors : ndarray, optional
        (n_guides, n_dimensions) by the same model; by default the seed words' by `model`.
    weight : float
        Share of the seed in the vector of a text that is pulled, in (0, 1).
    n_topics, engine, random_state, settings, model, cache
        As for `fit_topics`.

    Returns
    -------
    Topics
        With `Topics.guided`.

    Raises
    ------
    TopicsError
        If a guide has no words, or the vectors do not fit, and as `fit_topics`.
    ValueError
        If `weight` is out of range.
    """
    _check_weight(weight)
    seeds = {name: [word for word in words if word.strip()] for name, words in seed_words.items()}
    faults = [f"seed words: {name!r} has none" for name, words in seeds.items() if not words]
    raise_all(TopicsError, faults if seeds else ["seed words: expected some, came none"])
    material = _material(segments, embeddings, settings, model, cache)
    _check_given_both(embeddings, seed_vectors, "seed_vectors")
    given = (
        embed([" ".join(words) for words in seeds.values()], model=model, cache=cache)
        if seed_vectors is None
        else np.asarray(seed_vectors, dtype=np.float32)
    )
    anchors = checked_prototypes(given, (len(seeds), _width(material, given)))
    follows = _nearest_seed(material.vectors, anchors)
    pull = _Pull("seed words", tuple(seeds), anchors, follows, weight)
    return _pulled_fit(material, pull, n_topics, engine, random_state, settings)


def topics_from_labels(  # noqa: PLR0913  # the choices of fit_topics, and those of the guides
    segments: Segments,
    labels: Mapping[str, str],
    *,
    embeddings: NDArray[np.floating[Any]] | None = None,
    weight: float = LABEL_WEIGHT,
    n_topics: int | None = None,
    engine: Engine | None = None,
    random_state: int = 0,
    settings: TopicSettings | None = None,
    model: str | Path | None = None,
    cache: Cache | None = None,
) -> Topics:
    """Topics of a fit that labels of some segments guided (semi-supervised).

    A labelled text is pulled towards the mean of its label; the others stay where they are.

    Parameters
    ----------
    segments : Segments
    labels : mapping of str to str
        Label by segment id, for some of the segments; see `labels_of_codings`.
    weight : float
        Share of the label's mean in the vector of a labelled text, in (0, 1).
    embeddings, n_topics, engine, random_state, settings, model, cache
        As for `fit_topics`.

    Returns
    -------
    Topics
        With `Topics.guided`.

    Raises
    ------
    UnknownIdError
        If a labelled segment is not there.
    TopicsError
        If no label is left for the texts that are looked at, and as `fit_topics`.
    ValueError
        If `weight` is out of range.
    """
    _check_weight(weight)
    strange = [segment_id for segment_id in labels if segment_id not in segments]
    raise_all(UnknownIdError, [f"labels: no segment {each!r}" for each in strange])
    material = _material(segments, embeddings, settings, model, cache)
    given = [labels.get(row.id, "") for row in material.segments]
    names = sorted(set(given) - {""})
    if not names:
        raise TopicsError("labels: none of the segments that are looked at has one")
    follows = np.array([names.index(each) if each else OUTLIER for each in given], dtype=np.int64)
    anchors = centroids_of(material.vectors, follows)
    pull = _Pull("labels", tuple(names), anchors, follows, weight)
    return _pulled_fit(material, pull, n_topics, engine, random_state, settings)


def labels_of_codings(segments: Segments, codings: Codings, codebook: Codebook) -> dict[str, str]:
    """The code of each segment that people gave exactly one, by segment id.

    Machines' codings that nobody reviewed are no labels, and human-only codes are not learned.

    Parameters
    ----------
    segments : Segments
    codings : Codings
    codebook : Codebook

    Returns
    -------
    dict of str to str
    """
    able = {code.id for code in codebook.machine_codes()}
    spans: dict[str, list[tuple[int, int, str]]] = {}
    for row in codings.under(codebook).current:
        coding = row.coding
        if row.status != "machine" and coding.code_id in able:
            found = spans.setdefault(coding.document_id, [])
            found.append((coding.start, coding.end, coding.code_id))
    labels = {}
    for each in segments:
        near = spans.get(each.document_id, ())
        codes = {code for start, end, code in near if start < each.end and each.start < end}
        if len(codes) == 1:
            labels[each.id] = codes.pop()
    return labels


def topics_from_codes(
    segments: Segments,
    codebook: Codebook,
    *,
    embeddings: NDArray[np.floating[Any]] | None = None,
    prototypes: NDArray[np.floating[Any]] | None = None,
    threshold: float | Mapping[str, float] = COVERED,
    settings: TopicSettings | None = None,
    model: str | Path | None = None,
    cache: Cache | None = None,
) -> Topics:
    """Texts sorted by the nearest code that is near enough (zero-shot).

    Each text is assigned by itself, so no number of texts is too small, and a text that is near
    to no code is in no topic. Human-only codes are no guides.

    The threshold is not calibrated, because none does well: of 845 sentences of the
    demonstration the default assigns 10 %, and people gave 22 % of these that very code; at .35
    it is 43 % and 18 %, at .55 1 % and 30 %. The result sorts texts for reading, no more. Where
    people have coded, `SemanticCoder.fit` sets thresholds on their codings, for its own scores.

    Parameters
    ----------
    segments : Segments
    codebook : Codebook
    embeddings : ndarray, optional
        As for `fit_topics`.
    prototypes : ndarray, optional
        (n_codes, n_dimensions): the vectors of `Codebook.machine_codes`; by default computed
        from their definitions, inclusions and examples.
    threshold : float or mapping of str to float
        The least cosine by which a text goes to a code, for all or by code; see above.
    settings, model, cache
        As for `fit_topics`.

    Returns
    -------
    Topics
        With `Topics.guided`; `Guidance.topics` names the code of each topic.

    Raises
    ------
    TopicsError
        If no code can be a guide, or the vectors do not fit, and as `fit_topics`.
    UnknownIdError
        If `threshold` names a code that no machine may propose.
    """
    codes = codebook.machine_codes()
    if not codes:
        raise TopicsError("the codebook has no code that a machine may propose")
    limits = _thresholds(threshold, tuple(code.id for code in codes))
    material = _material(segments, embeddings, settings, model, cache)
    _check_given_both(embeddings, prototypes, "prototypes")
    given = prototypes_of(codes, model, cache) if prototypes is None else prototypes
    numbers = np.asarray(given, dtype=np.float32)
    anchors = checked_prototypes(numbers, (len(codes), _width(material, numbers)))
    found = to_guides(material.vectors, anchors, limits)
    names = tuple(code.id for code in codes)
    return _sorted_by_guides(material, _Guides(names, anchors, limits), found, settings)


# ── what is led ─────────────────────────────────────────────────────────────────


def _material(
    segments: Segments,
    embeddings: NDArray[np.floating[Any]] | None,
    settings: TopicSettings | None,
    model: str | Path | None,
    cache: Cache | None,
) -> Material:
    """What a fit would look at, with its true vectors."""
    chosen = settings or TopicSettings()
    kept, left_out = looked_at(segments, chosen)
    vectors, source = vectors_of(segments, kept, embeddings, model, cache, chosen)
    rows = tuple(segments.rows[place] for place in kept)
    return Material(segments, rows, vectors, source, left_out)


def _check_weight(weight: float) -> None:
    if not 0 < weight < 1:
        raise ValueError(f"weight: expected a number between 0 and 1, came {weight!r}")


def _check_given_both(embeddings: object, guides: object, name: str) -> None:
    """Vectors of unknown origin and guides by the packaged model would not be of one space."""
    if embeddings is not None and guides is None:
        raise TopicsError(
            f"{name}: embeddings were given, so the guides need vectors by the same model; compute "
            "them with embed(…), or leave the embeddings out"
        )


def _width(material: Material, guides: Vectors) -> int:
    """Dimensions of the texts' vectors; those of the guides where there is no text."""
    return int((material.vectors if len(material.vectors) else guides).shape[-1])


def _nearest_seed(vectors: Vectors, anchors: Vectors) -> Labels:
    """The seed of each text that is nearer to one than to the centre of all texts, else −1."""
    if not len(vectors):
        return np.zeros(0, dtype=np.int64)
    centre = unit(vectors.mean(axis=0, keepdims=True))
    cosines = vectors @ np.vstack([anchors, centre]).T
    found: Labels = cosines.argmax(axis=1)
    return np.where(found == len(anchors), OUTLIER, found)


def _thresholds(given: float | Mapping[str, float], names: tuple[str, ...]) -> tuple[float, ...]:
    """The threshold of each code."""
    limits = dict.fromkeys(names, COVERED)
    if isinstance(given, Mapping):
        strange = [name for name in given if name not in limits]
        why = "no code of that id that a machine may propose"
        raise_all(UnknownIdError, [f"threshold: {name!r}: {why}" for name in strange])
        limits |= {name: float(value) for name, value in given.items()}
    else:
        limits = dict.fromkeys(names, float(given))
    wrong = [name for name, value in limits.items() if not -1 <= value <= 1]
    if wrong:
        raise ValueError(f"threshold: expected cosines in [−1, 1], not so for {', '.join(wrong)}")
    return tuple(limits.values())


# ── pulled ──────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Pull:
    """Which guide pulls each text of the material, −1 for none, and how strongly."""

    kind: GuideKind
    names: tuple[str, ...]
    anchors: Vectors
    follows: Labels
    weight: float

    def on(self, vectors: Vectors) -> Vectors:
        """A copy of the vectors, those that a guide pulls moved towards it."""
        pulled = vectors.copy()
        led = self.follows != OUTLIER
        to = self.anchors[self.follows[led]]
        pulled[led] = unit((1 - self.weight) * vectors[led] + self.weight * to)
        return pulled

    def guidance(self, labels: Labels) -> Guidance:
        """The mark of the solution with these labels."""
        return Guidance(
            self.kind,
            self.names,
            tuple(self._of_topic(self.follows[labels == n]) for n in range(_count(labels))),
            _tuples(self.anchors),
            weight=self.weight,
            pulled=int((self.follows != OUTLIER).sum()),
        )

    def _of_topic(self, follows: Labels) -> str:
        """The guide of more than half of a topic's texts that were pulled, if there is one."""
        counts = Counter(follows[follows != OUTLIER].tolist())
        if not counts:
            return ""
        ((guide, most),) = counts.most_common(1)
        return self.names[guide] if most > counts.total() / 2 else ""


def _pulled_fit(
    material: Material,
    pull: _Pull,
    n_topics: int | None,
    engine: Engine | None,
    random_state: int,
    settings: TopicSettings | None,
) -> Topics:
    """Topics of the pulled vectors, told by the true ones."""
    pulled = np.zeros((len(material.whole), _width(material, pull.anchors)), dtype=np.float32)
    at = {row.id: place for place, row in enumerate(material.whole)}
    pulled[[at[row.id] for row in material.segments]] = pull.on(material.vectors)
    found = fit_topics(
        material.whole,
        embeddings=pulled,
        n_topics=n_topics,
        engine=engine,
        random_state=random_state,
        settings=settings,
    )
    labels = np.array([unit_.topic for unit_ in found.units], dtype=np.int64)
    guidance = pull.guidance(labels)
    if not found.rows:
        return _marked(found, guidance, material)
    chosen = settings or TopicSettings()
    rows, units = rows_and_units(material, labels, chosen)
    kept = zip(rows, found.rows, strict=True)
    told = dataclasses.replace(
        found,
        rows=tuple(dataclasses.replace(new, stability=old.stability) for new, old in kept),
        units=units,
        **_geometry(material.vectors, labels),
    )
    return _marked(told, guidance, material, _NO_PROOF)


def _geometry(vectors: Vectors, labels: Labels) -> dict[str, Any]:
    """The centres of topics, and the rule for new texts, by the true vectors."""
    return {
        "centroids": _tuples(centroids_of(vectors, labels)),
        "centre": _tuples(unit(vectors.mean(axis=0, keepdims=True)))[0],
        "placing": place(vectors, labels, components=[components_for(_count(labels))]),
    }


def _count(labels: Labels) -> int:
    return int(labels.max(initial=OUTLIER)) + 1


def _tuples(values: Vectors) -> tuple[tuple[float, ...], ...]:
    return tuple(map(tuple, values.tolist()))


# ── sorted ──────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Guides:
    """Codes with what each text must come near to."""

    names: tuple[str, ...]
    anchors: Vectors
    limits: tuple[float, ...]


def _sorted_by_guides(
    material: Material, guides: _Guides, found: Labels, settings: TopicSettings | None
) -> Topics:
    """Each text in the topic of its guide; the topics by falling size, as in every fit."""
    sizes = Counter(guide for guide in found.tolist() if guide != OUTLIER)
    ranked = sorted(sizes, key=lambda guide: (-sizes[guide], guide))
    number = {guide: place for place, guide in enumerate(ranked)} | {OUTLIER: OUTLIER}
    labels = np.array([number[guide] for guide in found.tolist()], dtype=np.int64)
    guidance = Guidance(
        "zero-shot",
        guides.names,
        tuple(guides.names[guide] for guide in ranked),
        _tuples(guides.anchors),
        guides.limits,
        pulled=sizes.total(),
    )
    stability = Stability(
        len(ranked), reason="each text was assigned by itself, so there is nothing to refit"
    )
    chosen = settings or TopicSettings()
    rows, units = rows_and_units(material, labels, chosen) if ranked else ((), _outside(material))
    geometry = _geometry(material.vectors, labels) if ranked else {}
    topics = Topics("zero-shot", len(units), rows, units, stability, **geometry)
    told = with_history(topics, material, chosen, 0)
    return _marked(told, guidance, material)


def _outside(material: Material) -> tuple[TopicUnit, ...]:
    """Texts of which none came near enough to a guide."""
    return tuple(
        TopicUnit(row.id, row.document_id, row.start, row.end, row.case_id, OUTLIER, math.nan)
        for row in material.segments
    )


# ── marked ──────────────────────────────────────────────────────────────────────


def _marked(topics: Topics, guidance: Guidance, material: Material, *notes: str) -> Topics:
    """The topics with the mark of guidance: in the value, its notes and its run."""
    unfound = ", ".join(guidance.unfound)
    told = (guidance.sentence, *notes, *([f"No topic follows: {unfound}."] if unfound else []))
    *before, run = topics.runs
    facts = {
        "guided": guidance.kind,
        "guides": list(guidance.guides),
        "guides_of_topics": list(guidance.topics),
        "thresholds": list(guidance.thresholds),
        "weight": guidance.weight,
        "pulled": guidance.pulled,
        "notes": [*topics.notes, *told],
    }
    run = dataclasses.replace(
        run,
        summary=f"{run.summary}; the fit was {guidance.mark}",
        settings=run.settings | facts,
        model=material.source,
    )
    return dataclasses.replace(
        topics, guided=guidance, notes=(*topics.notes, *told), runs=(*before, run)
    )
