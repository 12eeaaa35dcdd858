"""The figure of an agreement: a dot and its interval for each code, never a bar of averages.

A mean over codes hides the code that failed, and a dot without its interval promises a
certainty that no sample gives: where there is no interval, the mark is another one.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil, isnan
from typing import TYPE_CHECKING, Any

from reflect_analysis.disclosure import HIDDEN
from reflect_analysis.errors import did_you_mean
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
from reflect_analysis.reliability import Agreement, phase_words, told
from reflect_analysis.reliability.rated import (
    BOUND,
    CodeAgreement,
    CodeSpans,
)
from reflect_analysis.reliability.showing import shown_row
from reflect_analysis.reliability.values import (
    TEXT_WORDS,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from reflect_analysis.coefficients import Coefficient

__all__ = ["agreement_figure"]

_EDGE, _INDENT, _TOLD = 0.15, 0.15, 1.55  # inches; the last for "0.74 (0.49 to 0.99)"
_LINE, _PAD, _HEAD = 0.175, 0.095, 0.36
_LONGEST = 34  # characters of a label on one line
_STEP = 0.2
_HIDDEN = "not drawn: hidden"
_NAMES = {
    "alpha": "Krippendorff’s α",
    "kappa": "κ",
    "ac1": "Gwet’s AC1",
    "percent": "Share of units with agreement",
    "positive": "Positive agreement (F1)",
    "negative": "Negative agreement",
    "exact": "F1 of exact matches",
    "overlapping": "F1 of overlapping matches",
    "characters": "F1 of marked characters",
    "alpha_overlap": "(k)uα",
}


def agreement_figure(
    agreement: Agreement, *, coefficient: str = "alpha", k: int = 5, name: str = "agreement"
) -> Figure:
    """Draw how far coders agree on each code, in the codebook's order, as it may be sent.

    A code on which few persons wrote keeps its alpha, where that could belong to enough
    different counts, and loses its interval; what cannot be computed says why in its place.

    Parameters
    ----------
    agreement : Agreement
    coefficient : str
        ``"alpha"`` (of spans uα), ``"kappa"``, ``"ac1"``, ``"percent"``, ``"positive"``,
        ``"negative"``; of spans also ``"exact"``, ``"overlapping"``, ``"characters"``,
        ``"alpha_overlap"``.
    k : int
        Counts of persons below `k` are not given back; at least 3.
    name : str
        Stem of the files.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        If the coefficient is none of these.
    """
    agreement = agreement.safe(k=k)
    rows = _shareable_rows(agreement)
    known = [key for key, _ in rows[0].coefficients() if key in _NAMES] if rows else list(_NAMES)
    if coefficient not in known:
        hint = did_you_mean(coefficient, known)
        raise ValueError(f"no coefficient {coefficient!r} to draw; use {', '.join(known)}{hint}")
    lines = tuple(_lines(agreement, rows, coefficient, k))
    title = f"{_name_of(agreement, coefficient)} of {len(agreement.coders)} coders on each code"
    plot = _Plot(lines, _axis(agreement, rows, coefficient), bound=coefficient == "alpha")
    drawing, axes = new_drawing(WIDTH, plot.height)
    plot.draw(axes)
    return finish(
        drawing,
        name=name,
        title=title,
        alt_text=_alt_text(lines, title),
        data=_data(lines, coefficient),
        draft=False,
    )


_Row = CodeAgreement | CodeSpans


def _shareable_rows(agreement: Agreement) -> Sequence[_Row]:
    """The rows over all text: the number of segments that somebody coded is a count of codes."""
    if agreement.unit == "span":
        return agreement.spans
    return [row for row in agreement.rows if row.text == "all"]


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the plot; a hidden figure is not kept.

    Parameters
    ----------
    group, label : str
    units : int
    value, low, high : float
        ``nan`` where there is none, or it is hidden.
    missing : str
        What stands in place of the dot.
    bare : str
        Why a dot has no interval.
    """

    group: str
    label: str
    units: int
    value: float
    low: float = float("nan")
    high: float = float("nan")
    missing: str = ""
    bare: str = ""

    @property
    def parts(self) -> list[str]:
        """The label on as many lines as it needs."""
        return textwrap.wrap(self.label, _LONGEST) or [""]

    @property
    def height(self) -> float:
        """Inches that the line takes."""
        return _PAD + _LINE * len(self.parts)

    @property
    def told(self) -> str:
        """What stands at the right."""
        if self.missing:
            return "–"
        if isnan(self.low):
            return f"{told(self.value)} ({self.bare})"
        return f"{told(self.value)} ({told(self.low)} to {told(self.high)})"


def _lines(agreement: Agreement, rows: Sequence[_Row], name: str, k: int) -> Iterator[_Line]:
    for row, group in zip(rows, _groups(agreement, rows), strict=True):
        found = dict(row.coefficients())[name]
        if shown_row(row, k=k).hides_rest:
            yield _Line(group, row.code, row.units, float("nan"), missing=_HIDDEN)
        elif isnan(found.value):
            missing = found.reason.partition(" (")[0]
            yield _Line(group, row.code, row.units, float("nan"), missing=missing)
        else:
            yield _with_interval(group, row, found)


def _with_interval(group: str, row: _Row, found: Coefficient) -> _Line:
    interval = found.interval
    if interval is None or interval.reason:
        return _Line(group, row.code, row.units, found.value, bare="no interval")
    return _Line(group, row.code, row.units, found.value, interval.lower, interval.upper)


def _groups(agreement: Agreement, rows: Sequence[_Row]) -> Iterator[str]:
    """The heading of each row; the phase and the text instead where there are several."""
    phases = len(agreement.phases) > 1
    texts = len({_text(row) for row in rows}) > 1
    for row in rows:
        parts = [phase_words(row.phase)] if phases else []
        parts += [TEXT_WORDS[_text(row)]] if texts else []
        yield ", ".join(parts).capitalize() or row.group


def _text(row: _Row) -> str:
    return row.text if isinstance(row, CodeAgreement) else "all"


def _name_of(agreement: Agreement, coefficient: str) -> str:
    if coefficient == "alpha" and agreement.unit == "span":
        return "The unitizing uα"
    if coefficient == "kappa":
        return "Cohen’s κ" if len(agreement.coders) == len("ab") else "Fleiss’ κ"
    return _NAMES[coefficient]


def _axis(agreement: Agreement, rows: Sequence[_Row], coefficient: str) -> str:
    sizes = sorted({row.units for row in rows if row.units})
    n = "no" if not sizes else str(sizes[-1]) if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]}"
    noun = "documents" if agreement.unit == "span" else f"{agreement.unit}s"
    return f"{_name_of(agreement, coefficient)}, on {n} {noun}"


@dataclass(frozen=True)
class _Plot:
    """Lines on an axis that ends at 1."""

    lines: tuple[_Line, ...]
    axis: str
    bound: bool

    @property
    def height(self) -> float:
        """Height of the drawing in inches."""
        heads = sum(bool(group) for group, _ in _runs(self.lines))
        rows = sum(line.height for line in self.lines)
        return 0.3 + _HEAD * heads + rows + 1.12

    @cached_property
    def _least(self) -> float:
        """Where the axis begins: at nought, or at a round number below what is drawn."""
        drawn = [v for line in self.lines for v in (line.value, line.low) if not isnan(v)]
        return -_STEP * ceil(-min([0.0, *drawn]) / _STEP - 1e-9)

    @cached_property
    def _left(self) -> float:
        label = max((width_of(p) for line in self.lines for p in line.parts), default=1.0)
        return _EDGE + _INDENT + label + 0.25

    def _x(self, value: float) -> float:
        return self._left + (WIDTH - self._left - _TOLD) * (value - self._least) / (1 - self._least)

    def draw(self, axes: Axes) -> None:
        """Draw on axes in inches from the upper left corner."""
        y = top = 0.3
        for group, members in _runs(self.lines):
            if group:
                say(axes, _EDGE, y + _HEAD * 0.55, group, weight="bold")
                y += _HEAD
            for line in members:
                self._draw_line(axes, line, y + line.height / 2)
                y += line.height
        self._draw_axis(axes, top, y + 0.08)
        self._draw_legend(axes, y + 0.85)

    def _draw_line(self, axes: Axes, line: _Line, y: float) -> None:
        say_label(axes, _EDGE + _INDENT, y, line.parts, step=_LINE)
        axes.plot([self._x(self._least), self._x(1)], [y, y], color=LINE, lw=0.5, zorder=1)
        if line.missing:
            box = {"facecolor": "white", "edgecolor": "none", "pad": 1.2}
            style: dict[str, Any] = {"color": GREY, "style": "italic", "fontsize": 8}
            say(axes, self._left + 0.12, y, line.missing, bbox=box, **style)
        else:
            self._draw_mark(axes, line, y)
        colour = GREY if line.missing else INK
        say(axes, self._x(1) + 0.15, y, line.told, color=colour, fontsize=8.5)

    def _draw_mark(self, axes: Axes, line: _Line, y: float) -> None:
        if not isnan(line.low):
            ends = [self._x(line.low), self._x(line.high)]
            axes.plot(ends, [y, y], color=BLUE, lw=2, zorder=2, solid_capstyle="butt")
            for end in ends:
                axes.plot([end, end], [y - 0.05, y + 0.05], color=BLUE, lw=1.2, zorder=2)
        axes.plot(self._x(line.value), y, **_mark(bare=bool(line.bare)))

    def _draw_axis(self, axes: Axes, top: float, base: float) -> None:
        left, right = self._x(self._least), self._x(1)
        axes.plot([left, right], [base, base], color=INK, lw=0.8)
        for step in range(round((1 - self._least) / _STEP) + 1):
            value = self._least + step * _STEP
            x = self._x(value)
            axes.plot([x, x], [base, base + 0.05], color=INK, lw=0.8)
            say(axes, x, base + 0.16, told(value, 1), ha="center", fontsize=8)
        if self.bound:
            x = self._x(BOUND)
            axes.plot([x, x], [top, base], color=GREY, lw=0.8, ls=(0, (4, 3)), zorder=1)
            say(axes, x, top - 0.1, ".667", ha="center", fontsize=7.5, color=GREY)
        say(axes, (left + right) / 2, base + 0.42, self.axis, ha="center", fontsize=8.5)

    def _draw_legend(self, axes: Axes, y: float) -> None:
        """The two marks, as far as they are drawn."""
        words = {False: "with its 95 % interval", True: "without an interval"}
        drawn = sorted({bool(line.bare) for line in self.lines if not line.missing})
        x = _EDGE + 0.1
        for bare in drawn:
            axes.plot(x, y, **_mark(bare=bare))
            say(axes, x + 0.14, y, words[bare], fontsize=8)
            x += 0.14 + width_of(words[bare], size=8) + 0.45


def _mark(*, bare: bool) -> dict[str, Any]:
    """A filled disc with an interval, a hollow diamond without."""
    look: dict[str, Any] = {"linestyle": "none", "markeredgewidth": 1.6, "zorder": 3}
    if bare:
        face = {"markerfacecolor": "white", "markeredgecolor": ORANGE}
        return {"marker": "D", "markersize": 5.5, **face, **look}
    face = {"markerfacecolor": BLUE, "markeredgecolor": BLUE}
    return {"marker": "o", "markersize": 6.5, **face, **look}


def _runs(lines: Sequence[_Line]) -> Iterator[tuple[str, list[_Line]]]:
    """Neighbouring lines of one group."""
    start = 0
    for index in range(1, len(lines) + 1):
        if index == len(lines) or lines[index].group != lines[start].group:
            yield lines[start].group, list(lines[start:index])
            start = index


def _data(lines: Sequence[_Line], coefficient: str) -> pd.DataFrame:
    """What is drawn: a hidden figure is missing here too."""
    import pandas as pd

    columns = ["group", "code", "units", coefficient, "low", "high", "shown"]
    rows = [
        (li.group, li.label, li.units, li.value, li.low, li.high, li.missing or li.told)
        for li in lines
    ]
    return pd.DataFrame(rows, columns=columns)


def _alt_text(lines: Sequence[_Line], title: str) -> str:
    """The whole figure in words, group by group."""
    if not lines:
        return "An empty figure: there is no code."
    parts = []
    for group, members in _runs(lines):
        told_of = "; ".join(f"{line.label} {_in_words(line)}" for line in members)
        parts.append(f"{group}: {told_of}." if group else f"{told_of}.")
    return f"Dot plot with 95 % intervals: {title}. {' '.join(parts)}"


def _in_words(line: _Line) -> str:
    if line.missing == _HIDDEN:
        return f"hidden ({HIDDEN}), a figure that could point to persons"
    if line.missing:
        return f"not computed, {line.missing}"
    return line.told
