"""The map of the topics: near means alike, as far as two axes can show it.

Topics are drawn, never texts: a dot for one text would be a row for one person.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from reflect_analysis.figures.canvas import BLUE, GREY, INK, Figure, finish, new_drawing, say
from reflect_analysis.figures.dots import WIDTH
from reflect_analysis.figures.topic_rows import (
    DrawnTopic,
    TopicRows,
    fitted,
    mark_verdict,
    say_lines,
    topic_rows,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from reflect_analysis.topics import Topics

__all__ = ["topic_map"]

Method = Literal["pca", "umap"]

_LEFT, _SIDE, _KEY = 0.2, 3.7, 4.2  # inches: the map's edge and side, where the key begins
_SMALLEST, _LARGEST = 0.13, 0.36  # radius of a circle
_STEP, _GAP = 0.165, 0.09
_FEWEST_FOR_UMAP = 20


def topic_map(
    topics: Topics,
    *,
    embeddings: NDArray[np.floating[Any]] | None = None,
    method: Method | None = None,
    k: int = 5,
    name: str = "topic-map",
    draft: bool = False,
) -> Figure:
    """Draw each topic as a circle, topics that say alike things near to one another.

    Parameters
    ----------
    topics : Topics
    embeddings : ndarray, optional
        (n_units, n_dimensions): the vectors of the texts in the order of `topics.units`. Then
        the axes are those of the texts; without them, those of the topics' centres.
    method : {"pca", "umap"}, optional
        How the dimensions become two. By default principal components, and UMAP where
        BERTopic made the topics and the vectors are given. UMAP keeps neighbours together;
        its long distances mean nothing.
    k : int
        Topics of fewer than `k` persons are not drawn; at least 3.
    name : str
        Stem of the files.
    draft : bool
        Whether it belongs to a draft, and says so.

    Returns
    -------
    Figure
        Its data: ``topic, words, participants, texts, x, y, topic_stability, stability``,
        one row a topic that is drawn; ``texts`` is missing where it would tell a small count.

    Raises
    ------
    ValueError
        If the embeddings have another number of rows than there are units, or UMAP is asked
        for without them, or for fewer than 20 texts.
    """
    rows = topic_rows(topics, k)
    chosen = _method(topics, embeddings, method)
    places, told = _places(topics, embeddings, chosen)
    verdict = topics.stability.verdict
    title = f"Map of the exploratory groupings ({verdict})"
    key = [fitted(_told(row), WIDTH - _KEY - 0.45) for row in rows.drawn]
    notes = _notes(rows, told)
    depth = max(_SIDE, sum(_STEP * len(lines) + _GAP for lines in key)) + 0.5
    drawing, axes = new_drawing(WIDTH, depth + 0.15 * len(notes) + 0.4)
    _draw(axes, rows.drawn, places, key)
    if not rows.drawn:
        say(axes, _LEFT, 0.5, "There is no topic that may be drawn.")
    say_lines(axes, _LEFT, depth + 0.05, notes, step=0.15)
    mark_verdict(axes, verdict, right=WIDTH - 0.15, y=depth + 0.15 * len(notes) + 0.18)
    alt = _alt_text(title, rows, told, draft=draft)
    data = _data(rows.drawn, places, verdict)
    return finish(drawing, name=name, title=title, alt_text=alt, data=data, draft=draft)


def _told(row: DrawnTopic) -> str:
    """The words with the count, which does not break over lines."""
    return f"{row.words}: {row.participants.replace(' ', chr(0xA0))}"


def _method(topics: Topics, embeddings: NDArray[Any] | None, method: Method | None) -> Method:
    if embeddings is not None and len(embeddings) != len(topics.units):
        raise ValueError(
            f"embeddings: expected {len(topics.units)} rows, one a unit, came {len(embeddings)}"
        )
    count = 0 if embeddings is None else len(embeddings)
    if method == "umap" and count < _FEWEST_FOR_UMAP:
        raise ValueError(
            f"method='umap' takes the embeddings of at least {_FEWEST_FOR_UMAP} texts, came {count}"
        )
    fits = topics.engine == "bertopic" and count >= _FEWEST_FOR_UMAP
    return method or ("umap" if fits else "pca")


def _places(
    topics: Topics, embeddings: NDArray[Any] | None, method: Method
) -> tuple[NDArray[np.float64], str]:
    """(n_topics, 2), and how they came to be."""
    if not topics.rows:
        return np.zeros((0, 2)), ""
    if method == "umap" and embeddings is not None:
        flat = _by_umap(embeddings)
        labels = np.array([unit.topic for unit in topics.units])
        means = [flat[labels == row.number].mean(axis=0) for row in topics]
        return np.stack(means), "Two dimensions by UMAP: neighbours hold, long distances do not."
    centres = np.asarray(topics.centroids, dtype=np.float64)
    vectors = centres if embeddings is None else np.asarray(embeddings, dtype=np.float64)
    axes, share = _components(vectors)
    whose = "the topics’ centres" if embeddings is None else "the texts’ vectors"
    told = f"Two principal components of {whose}; they hold {share:.0%} of the differences."
    return (centres - vectors.mean(axis=0)) @ axes, told.replace("%", " %")


def _components(vectors: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """The two axes of most variance, (n_dimensions, 2), signs fixed, and the share they hold."""
    centred = vectors - vectors.mean(axis=0)
    _, sizes, rows = np.linalg.svd(centred, full_matrices=False)
    axes = np.zeros((vectors.shape[1], 2))
    for place, row in enumerate(rows[:2]):
        # A component's sign is arbitrary; here its largest entry is positive.
        axes[:, place] = row * np.sign(row[np.argmax(np.abs(row))] or 1.0)
    total = float((sizes**2).sum())
    return axes, float((sizes[:2] ** 2).sum()) / total if total else 1.0


def _by_umap(vectors: NDArray[Any]) -> NDArray[np.float64]:
    with warnings.catch_warnings():
        # umap says that a seed forces one thread, and numba warns of its own cache.
        warnings.simplefilter("ignore")
        from umap import UMAP

        near = min(15, len(vectors) - 1)
        model = UMAP(n_neighbors=near, metric="cosine", random_state=0, n_jobs=1)
        return np.asarray(model.fit_transform(np.array(vectors)), dtype=np.float64)


def _draw(
    axes: Axes,
    drawn: Sequence[DrawnTopic],
    places: NDArray[np.float64],
    key: Sequence[Sequence[str]],
) -> None:
    """The circles, the largest first so that none hides another, and the key beside them."""
    centres = _on_page(places[[row.number for row in drawn]])
    radii = [_radius(row, drawn) for row in drawn]
    edge: dict[str, Any] = {"color": GREY, "lw": 0.6}
    corners = (_LEFT, _LEFT + _SIDE), (0.3, 0.3 + _SIDE)
    for x in corners[0]:
        axes.plot([x, x], corners[1], **edge)
    for y in corners[1]:
        axes.plot(corners[0], [y, y], **edge)
    for place in sorted(range(len(drawn)), key=lambda n: -radii[n]):
        _draw_circle(axes, drawn[place], centres[place], radii[place])
    y = 0.38
    for row, lines in zip(drawn, key, strict=True):
        say(axes, _KEY + 0.16, y, str(row.number), weight="bold", ha="right")
        for number, line in enumerate(lines):
            say(axes, _KEY + 0.26, y + _STEP * number, line, fontsize=8.5)
        y += _STEP * len(lines) + _GAP


def _on_page(places: NDArray[np.float64]) -> list[tuple[float, float]]:
    """Places in inches, one scale for both axes."""
    if not len(places):
        return []
    middle = (places.max(axis=0) + places.min(axis=0)) / 2
    span = float((places.max(axis=0) - places.min(axis=0)).max())
    scale = (_SIDE - 2 * _LARGEST - 0.2) / span if span else 0.0
    centre = np.array([_LEFT + _SIDE / 2, 0.3 + _SIDE / 2])
    return [tuple(place) for place in (centre + (places - middle) * (scale, -scale)).tolist()]


def _radius(row: DrawnTopic, drawn: Sequence[DrawnTopic]) -> float:
    """Area by the texts; the smallest circle where they are hidden."""
    most = max((each.texts or 0 for each in drawn), default=0)
    if not row.texts or not most:
        return _SMALLEST
    return max(_SMALLEST, _LARGEST * math.sqrt(row.texts / most))


def _draw_circle(axes: Axes, row: DrawnTopic, centre: tuple[float, float], radius: float) -> None:
    from matplotlib.patches import Circle

    stable = row.verdict == "stable"
    box = {"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85}
    look: dict[str, Any] = {"facecolor": "#dfe9ef" if stable else "none", "edgecolor": BLUE}
    dashes: Any = "solid" if stable else (0, (3, 2))
    axes.add_patch(Circle(centre, radius, lw=1.4, linestyle=dashes, **look))
    say(axes, *centre, str(row.number), ha="center", weight="bold", color=INK, bbox=box, zorder=5)


def _notes(rows: TopicRows, told: str) -> list[str]:
    hidden = any(row.texts is None for row in rows.drawn)
    marks = "Filled, whole line: a stable topic. White, dashed: not stable, or not measured."
    area = "Area of a circle: texts" + ("; the smallest where they are hidden." if hidden else ".")
    return [line for line in (told, f"{marks} {area}" if rows.drawn else "", rows.told) if line]


def _data(drawn: Sequence[DrawnTopic], places: NDArray[np.float64], verdict: str) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            "topic": [row.number for row in drawn],
            "words": [row.words for row in drawn],
            "participants": [row.participants for row in drawn],
            "texts": pd.array([row.texts for row in drawn], dtype="Int64"),
            "x": [round(float(places[row.number, 0]), 4) for row in drawn],
            "y": [round(float(places[row.number, 1]), 4) for row in drawn],
            "topic_stability": [row.verdict for row in drawn],
            "stability": verdict,
        }
    )


def _alt_text(title: str, rows: TopicRows, told: str, *, draft: bool) -> str:
    listed = "; ".join(
        f"{row.number}, {row.words}: {row.participants} participants, {row.verdict}"
        for row in rows.drawn
    )
    body = f"Circles, near where topics are alike: {listed}." if listed else "No topic is drawn."
    parts = ("Draft." if draft else "", f"{title}.", body, told, rows.told)
    return " ".join(filter(None, parts))
