"""The dot plot behind two figures: a line to the denominator, a dot at the count.

A count that is hidden or was not taken has words in the place of its dot, at a place that
does not depend on the count. Marks differ in shape, so that no colour is needed.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from reflect_analysis.figures.canvas import BLUE, GREY, INK, LINE, ORANGE, say, say_label, width_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["WIDTH", "DotLine", "DotPlot", "groups_of"]

WIDTH = 7.6  # inches
_EDGE, _INDENT, _TOLD = 0.15, 0.15, 0.95  # the last: for "12 of 34" right of the plot
_LINE, _PAD, _HEAD = 0.175, 0.095, 0.36
_LONGEST = 42  # characters of a label on one line
_MOST_TICKS = 8


@dataclass(frozen=True, slots=True)
class DotLine:
    """One line of the plot; a hidden count is not kept.

    Parameters
    ----------
    group, label : str
    told : str
        What stands at the right: ``12 of 34``, ``<5 of 34``, ``–``.
    count : int, optional
        Where the dot is drawn; `None` draws none.
    total : int
        Where the line ends.
    missing : str
        What stands in place of the dot.
    hollow : bool
        Draws the other mark.
    """

    group: str
    label: str
    told: str
    count: int | None
    total: int
    missing: str = ""
    hollow: bool = False

    @property
    def parts(self) -> list[str]:
        """The label on as many lines as it needs."""
        return textwrap.wrap(self.label, _LONGEST) or [""]

    @property
    def height(self) -> float:
        """Inches that the line takes."""
        return _PAD + _LINE * len(self.parts)


def groups_of(lines: Sequence[DotLine]) -> Iterator[tuple[str, list[DotLine]]]:
    """Neighbouring lines of one group."""
    start = 0
    for index in range(1, len(lines) + 1):
        if index == len(lines) or lines[index].group != lines[start].group:
            yield lines[start].group, list(lines[start:index])
            start = index


@dataclass(frozen=True)
class DotPlot:
    """Lines, and the words of the axis and of the two marks.

    Parameters
    ----------
    lines : tuple of DotLine
    axis : str
        What is counted.
    filled, hollow : str
        What the marks mean; empty for no legend.
    draft : bool
        Leaves room for the mark.
    """

    lines: tuple[DotLine, ...]
    axis: str
    filled: str = ""
    hollow: str = ""
    draft: bool = False

    @property
    def height(self) -> float:
        """Height of the drawing in inches."""
        heads = sum(bool(group) for group, _ in groups_of(self.lines))
        rows = sum(line.height for line in self.lines)
        legend = 0.4 if self._legend() else 0.0
        return self._top + _HEAD * heads + rows + 0.72 + legend

    @property
    def _top(self) -> float:
        return 0.42 if self.draft else 0.16

    @cached_property
    def _most(self) -> int:
        return max((line.total for line in self.lines), default=0)

    @cached_property
    def _left(self) -> float:
        label = max((width_of(p) for line in self.lines for p in line.parts), default=1.0)
        return _EDGE + _INDENT + label + 0.25

    def _x(self, count: float) -> float:
        return self._left + (WIDTH - self._left - _TOLD) * count / max(self._most, 1)

    def draw(self, axes: Axes) -> None:
        """Draw on axes in inches from the upper left corner."""
        y = self._top
        for group, members in groups_of(self.lines):
            if group:
                say(axes, _EDGE, y + _HEAD * 0.55, group, weight="bold")
                y += _HEAD
            for line in members:
                middle = y + line.height / 2
                self._draw_label(axes, line, middle)
                self._draw_line(axes, line, middle)
                y += line.height
        self._draw_axis(axes, y + 0.08)
        self._draw_legend(axes, y + 0.82)

    def _draw_label(self, axes: Axes, line: DotLine, middle: float) -> None:
        say_label(axes, _EDGE + _INDENT, middle, line.parts, step=_LINE)

    def _draw_line(self, axes: Axes, line: DotLine, y: float) -> None:
        left, right = self._x(0), self._x(self._most)
        if line.total:
            end = self._x(line.total)
            axes.plot([left, end], [y, y], color=LINE, lw=1, zorder=1)
            axes.plot([end, end], [y - 0.045, y + 0.045], color=LINE, lw=1, zorder=1)
        if line.count is not None:
            axes.plot(self._x(line.count), y, **_mark(line))
        elif line.missing:
            box = {"facecolor": "white", "edgecolor": "none", "pad": 1.2}
            style: dict[str, Any] = {"color": GREY, "style": "italic", "fontsize": 8}
            say(axes, left + 0.12, y, line.missing, bbox=box, **style)
        colour = GREY if line.count is None else INK
        say(axes, right + 0.15, y, line.told, color=colour)

    def _ticks(self) -> list[int]:
        """A few round numbers, from zero to the largest denominator."""
        steps = (1, 2, 5, 10, 20, 50, 100, 500, 10**9)
        step = next(step for step in steps if self._most / step <= _MOST_TICKS)
        rounds = [tick for tick in range(0, self._most, step) if self._most - tick > step / 2]
        return [*rounds, self._most] if self._most else []

    def _draw_axis(self, axes: Axes, base: float) -> None:
        if not self._most:
            return
        left, right = self._x(0), self._x(self._most)
        axes.plot([left, right], [base, base], color=INK, lw=0.8)
        for tick in self._ticks():
            x = self._x(tick)
            axes.plot([x, x], [base, base + 0.05], color=INK, lw=0.8)
            say(axes, x, base + 0.16, str(tick), ha="center", fontsize=8)
        say(axes, (left + right) / 2, base + 0.42, self.axis, ha="center", fontsize=8.5)

    def _legend(self) -> list[DotLine]:
        """One drawn line of each mark, where the marks have a meaning."""
        drawn = {line.hollow: line for line in self.lines if line.count is not None}
        return [drawn[hollow] for hollow in sorted(drawn)] if self.filled else []

    def _draw_legend(self, axes: Axes, y: float) -> None:
        x = _EDGE + 0.1
        for line in self._legend():
            words = self.hollow if line.hollow else self.filled
            axes.plot(x, y, **_mark(line))
            say(axes, x + 0.14, y, words, fontsize=8)
            x += 0.14 + width_of(words, size=8) + 0.45


def _mark(line: DotLine) -> dict[str, Any]:
    """A filled disc or a hollow diamond."""
    look: dict[str, Any] = {"linestyle": "none", "markeredgewidth": 1.6, "zorder": 3}
    if line.hollow:
        face = {"markerfacecolor": "white", "markeredgecolor": ORANGE}
        return {"marker": "D", "markersize": 6, **face, **look}
    return {
        "marker": "o",
        "markersize": 7,
        "markerfacecolor": BLUE,
        "markeredgecolor": BLUE,
        **look,
    }
