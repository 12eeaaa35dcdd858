"""From segments to topics: which engine, how many topics, and what stands in them."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from reflect_analysis._optional import require
from reflect_analysis._rows import Attributes
from reflect_analysis.cache import Cache, default_cache
from reflect_analysis.errors import TopicsError, counted, did_you_mean
from reflect_analysis.segments import Segment, Segments
from reflect_analysis.topics.clusters import (
    Cluster,
    Labels,
    NoTopicsError,
    TopicSettings,
    centroids_of,
    cluster_for,
    components_for,
    nearest,
    words_by_bertopic,
)
from reflect_analysis.topics.coherence import measure_coherence
from reflect_analysis.topics.history import with_history
from reflect_analysis.topics.neighbours import Vectors, unit
from reflect_analysis.topics.placing import place
from reflect_analysis.topics.refits import Progress, Steps
from reflect_analysis.topics.remembering import Fits
from reflect_analysis.topics.representations import Vocabulary, vocabulary_of
from reflect_analysis.topics.selection import Material, looked_at, vectors_of
from reflect_analysis.topics.stability import (
    Refitting,
    choose_number,
    measure_stability,
    steadier,
)
from reflect_analysis.topics.values import (
    OUTLIER,
    Engine,
    Neighbour,
    NumberTried,
    Stability,
    Topic,
    Topics,
    TopicUnit,
)
from reflect_analysis.topics.words import analyser, term_table, voice_of

__all__ = ["fit_topics", "rows_and_units"]


# Sizes at which the engine changes. Five separable synthetic themes gave BERTopic no topic at
# 10 to 30 texts and three of five at 50; its author advises against it below about 1,000.
FEWEST_TO_GROUP = 20
FEWEST_FOR_BERTOPIC = 300
MOST_TOPICS = 8
UNITS_A_TOPIC = 8
REFITS = 10
REFITS_OF_BERTOPIC = 5
BLOCK = 1_000


def fit_topics(  # noqa: PLR0913  # each has its default
    segments: Segments,
    *,
    embeddings: NDArray[np.floating[Any]] | None = None,
    n_topics: int | None = None,
    engine: Engine | None = None,
    random_state: int = 0,
    settings: TopicSettings | None = None,
    model: str | Path | None = None,
    cache: Cache | None = None,
    progress: Progress | None = None,
) -> Topics:
    """Group segments that say alike things, with an engine that fits their number.

    Under 20 different texts nothing is grouped: the result shows terms in their places and
    nearest neighbours. To 300, k-means on the sentence vectors, the number of topics chosen
    by its stability; above, BERTopic, which gives way to k-means where it finds fewer than
    two topics, or where k-means with as many topics agrees better with itself over
    bootstrap samples; above 50,000 a sample is fitted and the rest assigned.

    Segments come in the order of their ids, so the order of the rows changes nothing. Left
    out and counted are governed documents without approval of ``"topics"``, words of others
    than participants, other languages than the model reads, and texts without a letter.

    Parameters
    ----------
    segments : Segments
    embeddings : ndarray, optional
        (n_segments, n_dimensions), a row a segment in the segments' order; brought to unit
        length. With them neither torch nor sentence-transformers is needed.
    n_topics : int, optional
        At least 2; by default chosen.
    engine : {"terms", "k-means", "agglomerative", "bertopic"}, optional
        By default that of the size.
    random_state : int
    settings : TopicSettings, optional
        Every other choice.
    model : str or Path, optional
        Folder of a sentence-transformers model; see `reflect_analysis.embeddings.embed`.
    cache : Cache, optional
        Where vectors and the labels of fits are kept; by default the user's cache, and with
        `embeddings` none. After a withdrawal in any study on this cache a process that runs
        keeps no fit until it is started again.
    progress : callable, optional
        Called with the number of fits done and their total, which grows where it turns out
        that more are needed.

    Returns
    -------
    Topics

    Raises
    ------
    GovernanceError
        If every segment waits for an approval.
    NotClearedError
        If a document that would be looked at has not been cleared.
    TopicsError
        If the vectors do not fit the segments or hold no numbers, or more topics are asked
        for than there are different texts.
    MissingDependencyError
        If vectors are wanted and the model is not installed.
    TypeError
        If an argument is of another kind.
    ValueError
        If an argument is out of range.
    """
    chosen = settings or TopicSettings()
    _check_arguments(segments, n_topics, engine, random_state)
    kept, left_out = looked_at(segments, chosen)
    vectors, source = vectors_of(segments, kept, embeddings, model, cache, chosen)
    rows = tuple(segments.rows[place] for place in kept)
    material = Material(segments, rows, vectors, source, left_out)
    _check_number(n_topics, material)
    # Vectors of the caller's own are the caller's to keep.
    fits = Fits(cache or default_cache()) if embeddings is None else Fits(cache)
    refitting = Refitting(0, random_state, chosen.workers, steps=Steps(progress), fits=fits)
    try:
        topics = _topics(material, engine, n_topics, chosen, refitting)
    finally:  # a fit that fails or is stopped leaves no processes either
        refitting.steps.end()
    return with_history(topics, material, chosen, random_state)


def _check_arguments(
    segments: object, n_topics: int | None, engine: str | None, random_state: int
) -> None:
    if not isinstance(segments, Segments):
        came = type(segments).__name__
        raise TypeError(f"segments: expected Segments, as segment(corpus) gives them, came {came}")
    numbers: dict[str, object] = {
        "n_topics": 2 if n_topics is None else n_topics,
        "random_state": random_state,
    }
    for name, number in numbers.items():
        if isinstance(number, bool) or not isinstance(number, Integral):
            raise TypeError(f"{name}: expected a whole number, came {number!r}")
    if n_topics is not None and n_topics < 2:  # noqa: PLR2004  # one topic is no grouping
        raise ValueError(f"n_topics: expected at least 2, came {n_topics!r}")
    engines = get_args(Engine)
    if engine is not None and engine not in engines:
        hint = did_you_mean(str(engine), engines)
        raise ValueError(f"engine: expected one of {', '.join(engines)}, came {engine!r}{hint}")
    if random_state < 0:
        raise ValueError(f"random_state: expected 0 or more, came {random_state!r}")


def _check_number(n_topics: int | None, material: Material) -> None:
    if n_topics is not None and n_topics > material.n_different:
        raise TopicsError(
            f"{counted(n_topics, 'topic', 'were')} asked of "
            f"{counted(material.n_different, 'different text')} (in "
            f"{counted(len(material.segments), 'segment')}); ask for fewer, or leave n_topics out"
        )


def _topics(
    material: Material,
    engine: Engine | None,
    n_topics: int | None,
    settings: TopicSettings,
    refitting: Refitting,
) -> Topics:
    """The topics, without their history."""
    by_size, note = _engine_by_size(material, n_topics)
    # Who names an engine, or brings its parts, gets it.
    free = engine is None and settings.umap is None and settings.hdbscan is None
    engine, note = (engine, "") if engine else (by_size, note)
    if engine == "terms" or material.n_different < 2:  # noqa: PLR2004  # one text is no group
        return _terms(material, note)
    # One thread: the same sums in the same order on every machine, and on so few vectors
    # seven times as fast as two that wait for one another.
    control = require("threadpoolctl", pip="scikit-learn", purpose="group texts")
    with control.threadpool_limits(limits=1):
        return _grouped(material, _Asked(engine, n_topics, free), settings, refitting, note)


def _grouped(
    material: Material,
    asked: _Asked,
    settings: TopicSettings,
    refitting: Refitting,
    note: str,
) -> Topics:
    """The topics of an engine that groups."""
    fitted, sample_note = _sample(material, settings.sample_size, refitting.seed)
    found = _found(asked, material, fitted, settings, refitting)
    labels = _numbered(_everywhere(material.vectors, fitted, found.labels))
    words = vocabulary_of(material.segments, material.vectors, analyser(settings.vectorizer))
    stability, again = measure_stability(
        found.cluster,
        material.vectors[fitted],
        labels[fitted],
        _refitting(refitting, found.engine, settings),
        words=_words_of_refits(words, fitted, settings.top_words),
    )
    refitting.steps.end()  # what comes now wants the memory
    rows, units = rows_and_units(material, labels, settings, words=words)
    return Topics(
        found.engine,
        len(units),
        tuple(dataclasses.replace(row, stability=s) for row, s in zip(rows, again, strict=True)),
        units,
        stability,
        centroids=tuple(map(tuple, centroids_of(material.vectors, labels).tolist())),
        centre=tuple(unit(material.vectors.mean(axis=0, keepdims=True))[0].tolist()),
        placing=place(material.vectors, labels, components=[components_for(len(rows))]),
        numbers_tried=found.tried,
        notes=tuple(filter(None, (note, sample_note, found.note))),
        coherence=measure_coherence(
            [row.words for row in rows], words.texts, material.vectors, labels
        ),
    )


def _words_of_refits(
    words: Vocabulary, fitted: NDArray[np.int64], top: int
) -> Callable[[NDArray[np.int64]], Callable[[Labels], Sequence[Sequence[str]]]]:
    """From the rows that are refitted to the words of their labels, by c-TF-IDF."""
    return lambda rows: lambda labels: words.among(fitted[rows]).by_frequency(labels, top)


def _refitting(refitting: Refitting, engine: Engine, settings: TopicSettings) -> Refitting:
    count = settings.refits
    if count is None:
        count = REFITS_OF_BERTOPIC if engine == "bertopic" else REFITS
    return dataclasses.replace(refitting, count=count)


def _engine_by_size(material: Material, n_topics: int | None) -> tuple[Engine, str]:
    """The engine for so many different texts, and a note; a number asked for is honoured."""
    n = material.n_different
    if n >= FEWEST_FOR_BERTOPIC:
        return "bertopic", ""
    if n >= FEWEST_TO_GROUP:
        return "k-means", ""
    if n_topics is None:
        few = counted(n, "different text", "are")
        note = f"{few} too few to be grouped (under {FEWEST_TO_GROUP}); "
        return "terms", f"{note}the words that they share are looked at instead."
    asked = f"{counted(n_topics, 'topic', 'were')} asked of {counted(n, 'different text')}"
    note = f"{asked}: under {FEWEST_TO_GROUP} "
    return "k-means", f"{note}no claim can rest on them."


def _sample(material: Material, size: int, seed: int) -> tuple[NDArray[np.int64], str]:
    """Positions of the segments that are fitted: all, or a sample by participant."""
    n = len(material.segments)
    if n <= size:
        return np.arange(n), ""
    order = np.random.default_rng([seed, 0]).permutation(n)
    voices = [voice_of(material.segments[place]) for place in order]
    # Sorted by participant, every (n / size)-th is a sample in proportion to each.
    by_voice = order[sorted(range(n), key=voices.__getitem__)]
    picked = by_voice[(np.arange(size) * n / size).astype(np.int64)]
    note = f"{size} of {n} segments, drawn from each participant in proportion, were fitted; "
    return np.sort(picked), f"{note}the others were assigned to the nearest centre."


@dataclass(frozen=True)
class _Asked:
    """The engine and number of topics to begin with, and whether another engine may win."""

    engine: Engine
    n_topics: int | None
    open: bool


@dataclass(frozen=True)
class _Found:
    """Labels, the engine that gave them in the end, and why."""

    engine: Engine
    cluster: Cluster
    labels: Labels
    tried: tuple[NumberTried, ...] = ()
    note: str = ""


def _found(
    asked: _Asked,
    material: Material,
    fitted: NDArray[np.int64],
    settings: TopicSettings,
    refitting: Refitting,
) -> _Found:
    """Labels by an engine; by k-means where BERTopic finds nothing to report."""
    vectors, note = material.vectors[fitted], ""
    engine, n_topics = asked.engine, asked.n_topics
    if engine == "bertopic":
        try:
            return _by_bertopic(asked, vectors, settings, refitting)
        except NoTopicsError as error:
            note, engine = f"{error}; k-means was used instead.", "k-means"
    tried: tuple[NumberTried, ...] = ()
    if n_topics is None:
        most = max(2, min(MOST_TOPICS, material.n_different // UNITS_A_TOPIC))
        n_topics, tried = choose_number(
            lambda number: cluster_for(engine, number, settings, len(vectors)),
            vectors,
            range(2, most + 1),
            dataclasses.replace(refitting, count=settings.refits or REFITS),
        )
    cluster = cluster_for(engine, n_topics, settings, len(vectors))
    return _Found(engine, cluster, _timed(cluster, vectors, refitting), tried, note)


def _by_bertopic(
    asked: _Asked, vectors: Vectors, settings: TopicSettings, refitting: Refitting
) -> _Found:
    """BERTopic's labels, or those of k-means where these come back oftener."""
    cluster = cluster_for("bertopic", asked.n_topics, settings, len(vectors))
    labels = _timed(cluster, vectors, refitting)
    refits = _refitting(refitting, "bertopic", settings)
    if not asked.open or not refits.count:
        return _Found("bertopic", cluster, labels)
    n_topics = int(labels.max()) + 1
    other = cluster_for("k-means", n_topics, settings, len(vectors))
    better, one, two = steadier(cluster, other, vectors, refits)
    if better is cluster:
        return _Found("bertopic", cluster, labels)
    share = float((labels == OUTLIER).mean())
    note = (
        f"BERTopic found {n_topics} topics and called {share:.0%} of the texts outliers; k-means "
        f"with as many agrees better with itself over bootstrap samples (ARI {two:.2f} against "
        f"{one:.2f}) and was used."
    )
    return _Found("k-means", other, _timed(other, vectors, refitting), note=note)


def _timed(cluster: Cluster, vectors: Vectors, refitting: Refitting) -> Labels:
    """A fit's labels; how long it took decides whether refits are worth workers."""
    refitting.steps.expect(1)
    labels, refitting.seconds = refitting.fits.labels(cluster, vectors, refitting.seed)
    refitting.steps.step()
    return labels


def _everywhere(vectors: Vectors, fitted: NDArray[np.int64], labels: Labels) -> Labels:
    """Labels of all rows: those that were not fitted go to the nearest centre."""
    if len(fitted) == len(vectors):
        return labels
    result = nearest(vectors, centroids_of(vectors[fitted], labels))
    result[fitted] = labels
    return result


def _numbered(labels: Labels) -> Labels:
    """The topics by falling size; of equals, first the one whose first segment comes first."""
    old = labels.tolist()
    # A counter keeps the order of first appearance, and a sort keeps it among equals.
    sizes = Counter(label for label in old if label != OUTLIER)
    ranked = sorted(sizes, key=lambda label: -sizes[label])
    new = {label: number for number, label in enumerate(ranked)} | {OUTLIER: OUTLIER}
    return np.asarray([new[label] for label in old], dtype=np.int64)


def rows_and_units(
    material: Material,
    labels: Labels,
    settings: TopicSettings,
    *,
    words: Vocabulary | None = None,
) -> tuple[tuple[Topic, ...], tuple[TopicUnit, ...]]:
    """The topics and units of labelled segments, without their stability."""
    segments = material.segments
    if words is None:
        words = vocabulary_of(segments, material.vectors, analyser(settings.vectorizer))
    centroids = centroids_of(material.vectors, labels)
    cosines = (material.vectors * centroids[labels]).sum(axis=1)
    cosines[labels == OUTLIER] = math.nan
    told = _told(material, labels, settings, words)
    rows = [
        _topic(number, segments, labels, cosines, told, settings.representatives)
        for number in range(len(centroids))
    ]
    units = [
        TopicUnit(row.id, row.document_id, row.start, row.end, row.case_id, number, cosine)
        for row, number, cosine in zip(
            segments, labels.tolist(), cosines.round(6).tolist(), strict=True
        )
    ]
    return tuple(rows), tuple(units)


def _told(
    material: Material, labels: Labels, settings: TopicSettings, words: Vocabulary
) -> dict[str, list[tuple[str, ...]]]:
    """The words of each topic in every way; by the caller's models where there are any."""
    told = words.told(labels, settings.top_words)
    if settings.ctfidf is None and settings.representation is None:
        return told
    texts = [segment.text for segment in material.segments]
    given = words_by_bertopic(texts, material.vectors, labels, settings)
    split = analyser(settings.vectorizer)
    shared = {words.terms[place] for place in np.flatnonzero(words.shared).tolist()}
    # What one participant alone says may be a name, whoever chose it.
    kept = [tuple(w for w in each if shared.issuperset(split(w))) for each in given]
    return told | {"words": kept}


def _topic(
    number: int,
    segments: Sequence[Segment],
    labels: Labels,
    cosines: Vectors,
    told: dict[str, list[tuple[str, ...]]],
    representatives: int,
) -> Topic:
    places = np.flatnonzero(labels == number)
    members = [segments[place] for place in places.tolist()]
    cases = {segment.case_id for segment in members} - {None}
    largest = max(Counter(map(voice_of, members)).values()) / len(members)
    near = [members[place] for place in np.argsort(-cosines[places], kind="stable").tolist()]
    return Topic(
        number,
        told["words"][number],
        len(members),
        len(cases),
        largest,
        _spread(near, representatives),
        other_words=Attributes(
            {way: ", ".join(words[number]) for way, words in told.items() if way != "words"}
        ),
    )


def _spread(segments: Sequence[Segment], count: int) -> tuple[str, ...]:
    """Ids of the first segments, each participant once before anybody comes twice."""
    turns: Counter[str] = Counter()
    ranked = []
    for position, segment in enumerate(segments):
        voice = voice_of(segment)
        ranked.append((turns[voice], position, segment.id))
        turns[voice] += 1
    return tuple(segment_id for _, _, segment_id in sorted(ranked)[:count])


def _terms(material: Material, note: str) -> Topics:
    """What texts hold that are too few, or all the same."""
    n = len(material.segments)
    if not n:
        note = "No text was left to look at."
    elif n > 1 and material.n_different == 1:
        note = f"All {n} texts are the same: there is nothing to group."
    return Topics(
        "terms",
        n,
        rows=(),
        units=(),
        stability=Stability(0, reason="nothing was grouped"),
        terms=term_table(material.segments),
        neighbours=tuple(_neighbours(material)) if n > 1 else (),
        notes=(note,) if note else (),
    )


def _neighbours(material: Material) -> Iterator[Neighbour]:
    """The nearest other segment of each."""
    ids = [segment.id for segment in material.segments]
    for start in range(0, len(ids), BLOCK):
        block = material.vectors[start : start + BLOCK] @ material.vectors.T
        rows = np.arange(len(block))
        block[rows, start + rows] = -np.inf
        closest = block.argmax(axis=1)
        for row in rows.tolist():
            cosine = round(float(block[row, closest[row]]), 6)
            yield Neighbour(ids[start + row], ids[closest[row]], cosine)
