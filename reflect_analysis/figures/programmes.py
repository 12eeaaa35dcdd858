"""Programmes by year: a panel each, what was planned hollow and what took place filled."""

from __future__ import annotations

from collections.abc import Sequence
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
)
from reflect_analysis.programmes import MEASURES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from reflect_analysis.programmes import Programmes, ProgrammeYear

__all__ = ["growth_figure"]

_WIDTH, _LEFT, _RIGHT = 7.6, 0.45, 7.2  # inches; y grows downwards
_TITLE, _PLOT, _YEARS, _KEY = 0.42, 1.35, 0.45, 0.75
_PANEL = _TITLE + _PLOT + _YEARS
_MOST_YEARS = 5
_APART = 0.16  # planned and actual of one year stand side by side


def growth_figure(
    programmes: Programmes, measure: str = "educators", *, name: str = "growth"
) -> Figure:
    """Draw one figure of each programme by year; panels share both axes and are never summed.

    Parameters
    ----------
    programmes : Programmes
    measure : {"communities", "facilitators", "educators", "pairs", "meetings"}
        A programme that states nothing of it has no panel.
    name : str
        Stem of the files.

    Returns
    -------
    Figure
        Its data: ``programme, year, status, number, up_to``.

    Raises
    ------
    ValueError
        If there is no such measure.
    """
    if measure not in MEASURES:
        raise ValueError(f"{measure!r}: expected one of {', '.join(MEASURES)}")
    drawn = [row for each in programmes.names for row in programmes.of(each) if row.stated(measure)]
    names = list(dict.fromkeys(row.programme for row in drawn))
    scale = _Scale.of(drawn, measure)
    height = 0.15 + _PANEL * max(len(names), 1) + _KEY
    drawing, axes = new_drawing(_WIDTH, height)
    if not drawn:
        say(axes, 0.2, 0.5, f"No programme states a number of {measure}.")
    for place, each in enumerate(names):
        mine = [row for row in drawn if row.programme == each]
        _draw_panel(axes, 0.15 + _PANEL * place, each, mine, scale)
    _draw_key(axes, height - 0.5)
    title = f"{measure.capitalize()} by programme and year"
    alt = _alt_text(title, drawn, measure)
    data = _data(drawn, measure)
    return finish(drawing, name=name, title=title, alt_text=alt, data=data, draft=False)


@dataclass(frozen=True, slots=True)
class _Scale:
    """From a year and a number to inches, the same in all panels."""

    years: tuple[str, ...]
    most: int
    measure: str

    @classmethod
    def of(cls, rows: Sequence[ProgrammeYear], measure: str) -> _Scale:
        """A scale that holds all rows."""
        numbers = [stated.n for row in rows if (stated := row.stated(measure))]
        return cls(tuple(sorted({row.year for row in rows})), max(numbers, default=0), measure)

    @property
    def dense(self) -> bool:
        """Whether there are too many years for words beside the marks."""
        return len(self.years) > _MOST_YEARS

    def x(self, row: ProgrammeYear) -> float:
        """Where a row stands in its year."""
        middle = self.at(row.year)
        return middle - _APART if row.status == "planned" else middle + _APART

    def at(self, year: str) -> float:
        """The middle of a year."""
        step = (_RIGHT - _LEFT) / max(len(self.years), 1)
        return _LEFT + step * (self.years.index(year) + 0.5)

    def up(self, number: int) -> float:
        """How far above the line."""
        return (_PLOT - 0.3) * number / max(self.most, 1)


def _draw_panel(
    axes: Axes, top: float, name: str, rows: Sequence[ProgrammeYear], scale: _Scale
) -> None:
    base = top + _TITLE + _PLOT
    say(axes, 0.15, top + 0.15, name, weight="bold")
    axes.plot([_LEFT, _RIGHT], [base, base], color=INK, lw=0.9)
    for year in scale.years:
        say(axes, scale.at(year), base + 0.17, year, ha="center", fontsize=8.5)
    for row in rows:
        _draw_row(axes, base, row, scale)


def _draw_row(axes: Axes, base: float, row: ProgrammeYear, scale: _Scale) -> None:
    """A stem and a dot; "up to" has a broken stem and a bar above its dot."""
    stated = row.stated(scale.measure)
    if stated is None:
        return
    x, y = scale.x(row), base - scale.up(stated.n)
    stem = (0, (2, 2)) if stated.up_to else "solid"
    axes.plot([x, x], [base, y], color=LINE if not stated.up_to else GREY, lw=1.2, ls=stem)
    if stated.up_to:
        axes.plot([x - 0.09, x + 0.09], [y - 0.09, y - 0.09], color=INK, lw=1.4)
    planned = row.status == "planned"
    face, edge = ("white", ORANGE) if planned else (BLUE, BLUE)
    look: dict[str, Any] = {
        "markersize": 7,
        "markerfacecolor": face,
        "markeredgecolor": edge,
        "zorder": 3,
    }
    axes.plot([x], [y], marker="D" if planned else "o", markeredgewidth=1.6, **look)
    if scale.dense:
        # The bar says "up to"; beside each other the words would run together.
        say(axes, x, y - 0.2, str(stated.n), ha="center", fontsize=7)
        return
    aside, align = (-0.12, "right") if planned else (0.12, "left")
    say(axes, x + aside, y, str(stated), ha=align, fontsize=8.5)


def _draw_key(axes: Axes, y: float) -> None:
    look: dict[str, Any] = {"linestyle": "none", "markersize": 7, "markeredgewidth": 1.6}
    axes.plot([0.25], [y], marker="D", markerfacecolor="white", markeredgecolor=ORANGE, **look)
    say(axes, 0.4, y, "planned", fontsize=8)
    axes.plot([1.25], [y], marker="o", markerfacecolor=BLUE, markeredgecolor=BLUE, **look)
    say(axes, 1.4, y, "actual", fontsize=8)
    axes.plot([2.14, 2.32], [y, y], color=INK, lw=1.4)
    say(axes, 2.4, y, "bar above a mark: “up to”, the most that was foreseen", fontsize=8)
    told = "Years and heights are the same in all panels; programmes are not added up."
    say(axes, 0.15, y + 0.25, told, fontsize=8, color=GREY)


def _data(rows: Sequence[ProgrammeYear], measure: str) -> pd.DataFrame:
    import pandas as pd

    found = [
        (row.programme, row.year, row.status, stated.n, stated.up_to)
        for row in rows
        if (stated := row.stated(measure))
    ]
    return pd.DataFrame(found, columns=["programme", "year", "status", "number", "up_to"])


def _alt_text(title: str, rows: Sequence[ProgrammeYear], measure: str) -> str:
    names = list(dict.fromkeys(row.programme for row in rows))
    told = (
        f"{name}: "
        + ", ".join(
            f"{row.year} {row.status} {row.stated(measure)}"
            for row in rows
            if row.programme == name
        )
        for name in names
    )
    body = f"{'; '.join(told)}." if rows else f"No programme states a number of {measure}."
    return f"{title}. {body} Programmes are not added up."
