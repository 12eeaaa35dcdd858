"""The figure of stability: how far refits agree, beside what shuffled vectors give."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reflect_analysis.figures.canvas import (
    BLUE,
    GREY,
    INK,
    LINE,
    ORANGE,
    Figure,
    finish,
    new_drawing,
    say,
    say_label,
    width_of,
)
from reflect_analysis.figures.dots import WIDTH
from reflect_analysis.figures.topic_rows import (
    TopicRows,
    fitted,
    mark_verdict,
    say_lines,
    topic_rows,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from reflect_analysis.topics import Topics

__all__ = ["topic_stability_figure"]

_STEP, _PAD, _HEAD, _TOLD = 0.165, 0.12, 0.34, 1.35
_LIMIT = 0.60
_OVER = {
    "bootstrap": "Samples of the texts (bootstrap)",
    "seeds": "Seeds, same texts",
    "order": "Order of the rows",
}
_SOLUTION = "All topics: adjusted Rand index between refits"
_TOPICS = "Each topic: its members found again in samples (Jaccard)"


@dataclass(frozen=True, slots=True)
class _Line:
    group: str
    label: str
    value: float
    shuffled: float
    told: str


def topic_stability_figure(
    topics: Topics, *, k: int = 5, name: str = "topic-stability", draft: bool = False
) -> Figure:
    """Draw the agreement between refits and of each topic, each beside shuffled vectors.

    Parameters
    ----------
    topics : Topics
    k : int
        Topics of fewer than `k` persons are not drawn; at least 3.
    name : str
        Stem of the files.
    draft : bool
        Whether it belongs to a draft, and says so.

    Returns
    -------
    Figure
        Its data: ``group, label, value, shuffled, told``, one row a line; values as they were
        measured, missing where they were not.
    """
    rows = topic_rows(topics, k)
    lines = [*_solution(topics), *_of_topics(rows)]
    verdict = topics.stability.verdict
    title = f"Stability of the exploratory groupings ({verdict})"
    notes = _notes(topics, rows)
    labels = [fitted(line.label, 2.9) for line in lines]
    left = 0.45 + max((width_of(part) for parts in labels for part in parts), default=1.0)
    top = 0.42 if draft else 0.16
    deep = sum(_STEP * len(parts) + _PAD for parts in labels)
    deep += _HEAD * len({line.group for line in lines})
    height = top + deep + 0.9 + 0.15 * len(notes) + 0.4
    drawing, axes = new_drawing(WIDTH, height)
    base = _draw_lines(axes, lines, labels, left, top)
    _draw_axis(axes, left, top, base, lines)
    _draw_legend(axes, base + 0.62)
    say_lines(axes, 0.15, base + 0.85, notes, step=0.15)
    mark_verdict(axes, verdict, right=WIDTH - 0.15, y=height - 0.18)
    alt = _alt_text(title, lines, notes, draft=draft)
    data = _data(lines)
    return finish(drawing, name=name, title=title, alt_text=alt, data=data, draft=draft)


def _solution(topics: Topics) -> Iterator[_Line]:
    found = topics.stability
    for over, label in _OVER.items():
        value, shuffled = getattr(found, over), getattr(found, f"{over}_shuffled")
        if over == "bootstrap" or not math.isnan(value):
            yield _Line(_SOLUTION, label, value, shuffled, _told(value))


def _of_topics(rows: TopicRows) -> Iterator[_Line]:
    for row in rows.drawn:
        told = row.verdict if math.isnan(row.members) else f"{_told(row.members)} {row.verdict}"
        yield _Line(_TOPICS, f"{row.number}  {row.words}", row.members, row.shuffled, told)


def _told(value: float) -> str:
    if math.isnan(value):
        return "not measured"
    return f"{round(value, 2) + 0.0:.2f}".replace("0.", ".", 1).replace("-", "−")


def _x(value: float, left: float, lines: Sequence[_Line]) -> float:
    low = _lowest(lines)
    return left + (WIDTH - left - _TOLD) * (value - low) / (1 - low)


def _lowest(lines: Sequence[_Line]) -> float:
    """Where the axis begins: 0, or below where two refits agree less than by chance."""
    least = min((v for row in lines for v in (row.value, row.shuffled) if v < 0), default=0.0)
    return math.floor(least * 10) / 10


def _draw_lines(
    axes: Axes, lines: Sequence[_Line], labels: Sequence[Sequence[str]], left: float, top: float
) -> float:
    """Every line from the top; where they end."""
    y, group = top, ""
    for line, parts in zip(lines, labels, strict=True):
        if line.group != group:
            group = line.group
            say(axes, 0.15, y + _HEAD * 0.55, group, weight="bold")
            y += _HEAD
        deep = _STEP * len(parts) + _PAD
        middle = y + deep / 2
        say_label(axes, 0.3, middle, parts, step=_STEP)
        axes.plot([left, WIDTH - _TOLD], [middle, middle], color=LINE, lw=1, zorder=1)
        for value, look in ((line.shuffled, _HOLLOW), (line.value, _FILLED)):
            if not math.isnan(value):
                axes.plot(_x(value, left, lines), middle, **look)
        say(axes, WIDTH - _TOLD + 0.15, middle, line.told, fontsize=8.5)
        y += deep
    return y


_COMMON: dict[str, Any] = {"linestyle": "none", "markeredgewidth": 1.6, "zorder": 3}
_FILLED = {"marker": "o", "markersize": 7, "color": BLUE, **_COMMON}
_HOLLOW = {
    "marker": "D",
    "markersize": 9,  # larger than the dot, so that both show at one place
    "markerfacecolor": "none",
    "markeredgecolor": ORANGE,
    **_COMMON,
}


def _draw_axis(axes: Axes, left: float, top: float, base: float, lines: Sequence[_Line]) -> None:
    right = WIDTH - _TOLD
    axes.plot([left, right], [base + 0.06, base + 0.06], color=INK, lw=0.8)
    for tenth in range(round(_lowest(lines) * 10), 11, 2):
        x = _x(tenth / 10, left, lines)
        axes.plot([x, x], [base + 0.06, base + 0.11], color=INK, lw=0.8)
        say(axes, x, base + 0.22, _told(tenth / 10), ha="center", fontsize=8)
    x = _x(_LIMIT, left, lines)
    axes.plot([x, x], [top + 0.1, base + 0.06], color=GREY, lw=1, linestyle=(0, (4, 3)), zorder=0)


def _draw_legend(axes: Axes, y: float) -> None:
    x = 0.25
    for words, look in (("These texts", _FILLED), ("Shuffled vectors", _HOLLOW)):
        axes.plot(x, y, **look)
        say(axes, x + 0.14, y, words, fontsize=8)
        x += 0.14 + width_of(words, size=8) + 0.45
    axes.plot([x - 0.1, x + 0.15], [y, y], color=GREY, lw=1, linestyle=(0, (4, 3)))
    say(axes, x + 0.25, y, f"Called stable from {_told(_LIMIT)}", fontsize=8)


def _notes(topics: Topics, rows: TopicRows) -> list[str]:
    found = topics.stability
    counts = (
        f"{len(topics)} topic{'' if len(topics) == 1 else 's'}; {found.refits} refits of "
        f"{found.units} texts behind each figure."
    )
    few = "Few topics agree more easily than many: read each figure beside its shuffled one."
    first = found.reason or "Nothing was fitted again."
    return [line for line in (counts if found.refits else first, few, rows.told) if line]


def _data(lines: Sequence[_Line]) -> pd.DataFrame:
    import pandas as pd

    fields = ("group", "label", "value", "shuffled", "told")
    return pd.DataFrame({field: [getattr(line, field) for line in lines] for field in fields})


def _alt_text(title: str, lines: Sequence[_Line], notes: Sequence[str], *, draft: bool) -> str:
    told = [f"{line.label}: {line.told} (shuffled {_told(line.shuffled)})" for line in lines]
    body = f"Dots on a line from 0 to 1. {'; '.join(told)}."
    return " ".join(filter(None, ("Draft." if draft else "", f"{title}.", body, *notes)))
