"""The figure of the topics: their words, and in how many participants' texts they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reflect_analysis.disclosure import HIDDEN, Shown
from reflect_analysis.figures.canvas import Figure, finish, new_drawing, say
from reflect_analysis.figures.dots import WIDTH, DotLine, DotPlot
from reflect_analysis.figures.topic_rows import (
    mark_unstable,
    mark_verdict,
    persons_of,
    shown_persons,
    told_words,
)

if TYPE_CHECKING:
    import pandas as pd

    from reflect_analysis.topics import Alignment, Topic, Topics

__all__ = ["topic_figure"]

_WITHHELD = "words withheld"


@dataclass(frozen=True, slots=True)
class _Row:
    """One topic as it may be shown."""

    words: str
    shown: Shown
    total: int
    texts: str
    near: str
    verdict: str


def topic_figure(
    topics: Topics,
    alignment: Alignment | None = None,
    *,
    k: int = 5,
    names: Mapping[str, str] | None = None,
    name: str = "topics",
    draft: bool = False,
) -> Figure:
    """Draw in how many participants' texts each topic stands, with its words.

    A topic of few persons shows neither its size nor its words. Whether the solution is
    stable stands in the figure, its title and its alternative text.

    Parameters
    ----------
    topics : Topics
    alignment : Alignment, optional
        Then the nearest code stands beside the words, where one is near enough.
    k : int
        Topics of fewer than `k` persons are not drawn; at least 3.
    names : mapping of str to str, optional
        Names of codes by id, for the alignment.
    name : str
        Stem of the files.
    draft : bool
        Whether it belongs to a draft, and says so.

    Returns
    -------
    Figure
        Its data: ``words, participants, of_participants, shown, texts, nearest_code,
        topic_stability, stability``, one row a topic.
    """
    rows = list(_rows(topics, alignment, k, names or {}))
    lines = tuple(map(_line, rows))
    verdict = topics.stability.verdict
    title = f"Exploratory groupings of the texts ({verdict})"
    axis = f"Participants with a text in the group, of {persons_of(topics).known}"
    plot = DotPlot(lines, axis, draft=draft)
    drawing, axes = new_drawing(WIDTH, max(plot.height, 1.0) + 0.25)
    if not rows:
        say(axes, 0.15, 0.3, "The texts are too few to be grouped.")
    plot.draw(axes)
    mark_verdict(axes, verdict, right=WIDTH - 0.15, y=plot.height + 0.12)
    alt_text = f"{'Draft. ' if draft else ''}{_alt_text(title, rows)}"
    data = _data(rows, verdict)
    return finish(drawing, name=name, title=title, alt_text=alt_text, data=data, draft=draft)


def _rows(
    topics: Topics, alignment: Alignment | None, k: int, names: Mapping[str, str]
) -> Iterator[_Row]:
    total = persons_of(topics)
    for topic in topics:
        shown, hidden = shown_persons(topics, topic, k)
        words = _WITHHELD if hidden or not topic.words else told_words(topics, topic)
        texts = HIDDEN if shown.hides_rest else f"{topic.size} of {len(topics.units)}"
        near = "" if hidden else _near(topic, alignment, names)
        yield _Row(words, shown, total.known, texts, near, topic.stability.verdict)


def _near(topic: Topic, alignment: Alignment | None, names: Mapping[str, str]) -> str:
    """The nearest code where it covers the topic, "none" where no code does."""
    if alignment is None or topic.number not in alignment.nearest:
        return ""
    if topic.number in alignment.uncovered:
        return "none"
    code_id = alignment.nearest[topic.number].code_id
    return names.get(code_id, code_id)


def _line(row: _Row) -> DotLine:
    near = f" (near: {row.near})" if row.near and row.near != "none" else ""
    near = mark_unstable(near, row.verdict)
    if row.total == 0:
        return DotLine("", row.words + near, "–", None, 0, "no participant known")
    if row.shown.exact:
        told, count = f"{row.shown} of {row.total}", row.shown.low
        return DotLine("", row.words + near, told, count, row.total)
    told = row.shown.text if row.shown.text == HIDDEN else f"{row.shown} of {row.total}"
    return DotLine("", row.words + near, told, None, row.total, "not drawn: hidden")


def _data(rows: Sequence[_Row], verdict: str) -> pd.DataFrame:
    import pandas as pd

    lines = [_line(row) for row in rows]
    return pd.DataFrame(
        {
            "words": [row.words for row in rows],
            "participants": pd.array([line.count for line in lines], dtype="Int64"),
            "of_participants": [row.total for row in rows],
            "shown": [line.told for line in lines],
            "texts": [row.texts for row in rows],
            "nearest_code": [row.near for row in rows],
            "topic_stability": [row.verdict for row in rows],
            "stability": verdict,
        }
    )


def _alt_text(title: str, rows: Sequence[_Row]) -> str:
    if not rows:
        return f"{title}. The texts are too few to be grouped."
    told = [f"{mark_unstable(row.words, row.verdict)}: {_in_words(_line(row))}" for row in rows]
    return f"{title}. Dot plot of participants with a text in each group. {'; '.join(told)}."


def _in_words(line: DotLine) -> str:
    if line.count is not None:
        return line.told
    return "hidden, a count that could point to persons" if line.total else line.missing
