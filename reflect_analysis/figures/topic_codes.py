"""The heat map topic × code: which code is near to which topic, and which to none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reflect_analysis.figures.canvas import INK, Figure, finish, new_drawing, say, width_of
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

    from reflect_analysis.topics import Alignment, AlignmentRow, Topics

__all__ = ["topic_code_figure"]

_ROW, _COLUMN, _TOP, _STEP = 0.24, 0.46, 0.62, 0.165
_DARKEST = 0.65  # from this darkness the figure in a cell is white
Cells = Mapping[tuple[int, str], "AlignmentRow"]


@dataclass(frozen=True, slots=True)
class _Grid:
    """What is drawn: topics as columns, codes as rows."""

    topics: Sequence[DrawnTopic]
    codes: Sequence[str]
    names: Mapping[str, str]
    cells: Cells
    covered: frozenset[tuple[int, str]]

    @property
    def left(self) -> float:
        """Where the cells begin, in inches."""
        return 0.3 + max((width_of(self.told(code)) for code in self.codes), default=1.0)

    def told(self, code: str) -> str:
        name = self.names.get(code, code)
        return name if len(name) <= 40 else f"{name[:39]}…"  # noqa: PLR2004  # about three inches


def topic_code_figure(
    topics: Topics,
    alignment: Alignment,
    *,
    names: Mapping[str, str] | None = None,
    most: int = 40,
    k: int = 5,
    name: str = "topic-codes",
    draft: bool = False,
) -> Figure:
    """Draw the similarity of each topic to each code; a frame where the code covers the topic.

    Overlaps with codings are not drawn: they are counts of what single persons said.

    Parameters
    ----------
    topics : Topics
    alignment : Alignment
        Of these topics.
    names : mapping of str to str, optional
        Names of codes by id.
    most : int
        Codes that are drawn, the most similar to any topic, in the codebook's order.
    k : int
        Topics of fewer than `k` persons are not drawn; at least 3.
    name : str
        Stem of the files.
    draft : bool
        Whether it belongs to a draft, and says so.

    Returns
    -------
    Figure
        Its data: ``topic, words, code_id, code, similarity, covers, topic_stability,
        stability``, one row a cell.
    """
    rows = topic_rows(topics, k)
    grid = _grid(rows.drawn, alignment, names or {}, most)
    verdict = topics.stability.verdict
    title = f"Exploratory groupings beside the codes ({verdict})"
    right = max(WIDTH, grid.left + _COLUMN * len(grid.topics) + 0.3)
    key = [
        (row.number, line if place else f"{row.number}  {line}")
        for row in grid.topics
        for place, line in enumerate(fitted(row.marked, right - 0.8))
    ]
    notes = _notes(grid, rows, alignment)
    depth = _TOP + _ROW * len(grid.codes) + 0.3
    height = depth + _STEP * len(key) + 0.15 * len(notes) + 0.5
    drawing, axes = new_drawing(right, height)
    _draw(axes, grid)
    for place, (_, line) in enumerate(key):
        indent = 0.15 if line[0].isdigit() else 0.3
        say(axes, indent, depth + _STEP * place, line, fontsize=8.5)
    below = depth + _STEP * len(key) + 0.1
    say_lines(axes, 0.15, below, notes, step=0.15)
    mark_verdict(axes, verdict, right=right - 0.15, y=height - 0.2)
    alt = _alt_text(title, grid, rows, alignment, draft=draft)
    data = _data(grid, verdict)
    return finish(drawing, name=name, title=title, alt_text=alt, data=data, draft=draft)


def _grid(
    drawn: Sequence[DrawnTopic], alignment: Alignment, names: Mapping[str, str], most: int
) -> _Grid:
    numbers = {row.number for row in drawn}
    cells = {(row.topic, row.code_id): row for row in alignment if row.topic in numbers}
    nearest: dict[str, float] = {}
    for row in cells.values():
        nearest[row.code_id] = max(row.similarity, nearest.get(row.code_id, -1.0))
    kept = set(sorted(nearest, key=lambda code: -nearest[code])[:most])
    codes = [code for code in nearest if code in kept]
    covered = frozenset(place for place, row in cells.items() if alignment.covers(row))
    known = tuple(row for row in drawn if any(topic == row.number for topic, _ in cells))
    return _Grid(known, codes, names, cells, covered)


def _draw(axes: Axes, grid: _Grid) -> None:
    if not grid.codes or not grid.topics:
        say(axes, 0.15, 0.4, "There is no topic that may be drawn beside a code.")
        return
    middle = grid.left + _COLUMN * len(grid.topics) / 2
    say(axes, max(middle, 0.6), 0.2, "Topic", ha="center", fontsize=8.5)
    for place, row in enumerate(grid.topics):
        x = grid.left + _COLUMN * (place + 0.5)
        say(axes, x, _TOP - 0.16, str(row.number), ha="center", weight="bold")
    for line, code in enumerate(grid.codes):
        y = _TOP + _ROW * line
        say(axes, grid.left - 0.1, y + _ROW / 2, grid.told(code), ha="right")
        for place, row in enumerate(grid.topics):
            _draw_cell(axes, grid, (row.number, code), grid.left + _COLUMN * place, y)
    # Frames last, so that no neighbour covers them.
    for line, code in enumerate(grid.codes):
        for place, row in enumerate(grid.topics):
            if (row.number, code) in grid.covered:
                at = (grid.left + _COLUMN * place, _TOP + _ROW * line)
                _box(axes, at, facecolor="none", edgecolor=INK, lw=1.8, zorder=4)


def _draw_cell(axes: Axes, grid: _Grid, where: tuple[int, str], x: float, y: float) -> None:
    similarity = grid.cells[where].similarity
    dark = min(max(similarity, 0.0), 1.0)
    shade = tuple(1 - dark * (1 - part) for part in (0.0, 0.2, 0.35))
    _box(axes, (x, y), facecolor=shade, edgecolor="white", lw=0.8)
    weight = "bold" if where in grid.covered else "normal"
    colour = "white" if dark >= _DARKEST else INK
    centre = (x + _COLUMN / 2, y + _ROW / 2)
    say(axes, *centre, _index(similarity), ha="center", fontsize=7.5, weight=weight, color=colour)


def _box(axes: Axes, at: tuple[float, float], **look: Any) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle(at, _COLUMN, _ROW, **look))


def _index(value: float) -> str:
    """A cosine without the leading zero: .45, −.03."""
    return f"{round(value, 2) + 0.0:.2f}".replace("0.", ".", 1).replace("-", "−")


def _notes(grid: _Grid, rows: TopicRows, alignment: Alignment) -> list[str]:
    if not grid.codes:
        return [rows.told] if rows.told else []
    frame = (
        f"Cosine of a topic’s centre with a code’s definition and examples. Framed: from "
        f"{_index(alignment.threshold)}, and nearer than to the texts at large."
    )
    alone = [str(row.number) for row in grid.topics if row.number in alignment.uncovered]
    none = f"No code covers topic {', '.join(alone)}." if alone else ""
    return [line for line in (frame, none, alignment.mark, rows.told) if line]


def _data(grid: _Grid, verdict: str) -> pd.DataFrame:
    import pandas as pd

    columns = ("topic", "words", "code_id", "code", "similarity", "covers", "topic_stability")
    frame = pd.DataFrame(list(_cells(grid)), columns=list(columns))
    return frame.assign(stability=verdict)


def _cells(grid: _Grid) -> Iterator[tuple[Any, ...]]:
    for row in grid.topics:
        for code in grid.codes:
            where = (row.number, code)
            similarity, covers = grid.cells[where].similarity, where in grid.covered
            name = grid.names.get(code, code)
            yield row.number, row.words, code, name, similarity, covers, row.verdict


def _alt_text(
    title: str, grid: _Grid, rows: TopicRows, alignment: Alignment, *, draft: bool
) -> str:
    told = []
    for row in grid.topics:
        codes = [grid.names.get(c, c) for c in grid.codes if (row.number, c) in grid.covered]
        told.append(f"{row.number}, {row.marked}: {', '.join(codes) or 'no code'}")
    body = (
        f"Heat map of {len(grid.codes)} codes by topic. Covered by: {'; '.join(told)}."
        if told
        else "No topic is drawn."
    )
    parts = ("Draft." if draft else "", f"{title}.", body, alignment.mark, rows.told)
    return " ".join(filter(None, parts))
