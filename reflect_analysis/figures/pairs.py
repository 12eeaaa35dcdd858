"""Codes that occur together: a heat map and a network, of what may be sent alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import cos, pi, sin
from typing import TYPE_CHECKING

from reflect_analysis.errors import agreeing, counted
from reflect_analysis.figures.canvas import (
    BLUE,
    GREY,
    INK,
    Figure,
    finish,
    new_drawing,
    say,
    width_of,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from reflect_analysis.pairs import CodePair, Pairs

__all__ = ["pairs_figure", "pairs_network"]

_CELL = 0.36
_DARKEST = 0.55  # from this darkness on the number in a cell is white
Shown = Mapping[tuple[str, str], "CodePair"]


def pairs_figure(pairs: Pairs, *, k: int = 5, name: str = "co-occurrence") -> Figure:
    """Draw the pairs that may be sent as a triangle: the share of units with either that have both.

    Parameters
    ----------
    pairs : Pairs
    k : int
        As in `Pairs.shown`. A pair that is not shown is an empty place, whatever the reason.
    name : str
        Stem of the files.

    Returns
    -------
    Figure
        Its data: ``first, second, n_both, n_units, jaccard``, one row a pair that is drawn.
    """
    shown = pairs.shown(k=k)
    codes = _codes(pairs, shown)
    by_place = {(row.first, row.second): row for row in shown}
    left = 0.35 + max((width_of(pairs.names[code]) for code in codes), default=2.0)
    width = max(7.6, left + _CELL * len(codes) + 0.3)
    height = 0.3 + _CELL * max(len(codes), 1) + 0.75
    drawing, axes = new_drawing(width, height)
    _draw_triangle(axes, pairs.names, codes, by_place, left)
    _say_notes(axes, pairs, len(shown), height)
    title = f"Codes that occur in the same {pairs.unit}"
    alt = _alt_text(title, "Heat map", pairs, shown)
    return finish(
        drawing, name=name, title=title, alt_text=alt, data=_data(pairs, shown), draft=pairs.draft
    )


def _codes(pairs: Pairs, shown: Sequence[CodePair]) -> list[str]:
    """The codes of the pairs that are drawn, in the codebook's order."""
    drawn = {code for row in shown for code in (row.first, row.second)}
    return [code for code in pairs.incidence.codes if code in drawn]


def _draw_triangle(
    axes: Axes, names: Mapping[str, str], codes: Sequence[str], shown: Shown, left: float
) -> None:
    from matplotlib.patches import Rectangle

    if not codes:
        say(axes, 0.2, 0.5, "No pair of codes may be shown.")
        return
    for line, code in enumerate(codes):
        y = 0.2 + _CELL * line
        say(axes, left - 0.1, y + _CELL / 2, f"{names[code]}  {line + 1}", ha="right")
        for place, other in enumerate(codes[:line]):
            row = shown.get((other, code))
            if row is None:
                continue
            x = left + _CELL * place
            shade = tuple(1 - row.jaccard * (1 - part) for part in (0.0, 0.2, 0.35))
            box = Rectangle((x, y), _CELL, _CELL, facecolor=shade, edgecolor="white", lw=0.8)
            axes.add_patch(box)
            colour = "white" if row.jaccard >= _DARKEST else INK
            told = f"{row.jaccard:.2f}".removeprefix("0")
            centre = (x + _CELL / 2, y + _CELL / 2)
            say(axes, *centre, told, ha="center", fontsize=7.5, color=colour)
    for place in range(len(codes) - 1):
        y = 0.2 + _CELL * len(codes) + 0.12
        say(axes, left + _CELL * (place + 0.5), y, str(place + 1), ha="center", fontsize=8)


def pairs_network(pairs: Pairs, *, k: int = 5, name: str = "co-occurrence-network") -> Figure:
    """Draw the pairs that may be sent as a network on a circle, in the codebook's order.

    Lines have no direction; the wider, the larger the share of units with either code that have
    both. The circle is the same in every run: no place on it means anything.

    Parameters
    ----------
    pairs : Pairs
    k : int
        As in `Pairs.shown`.
    name : str
        Stem of the files.

    Returns
    -------
    Figure
        Its data: as of `pairs_figure`.
    """
    shown = pairs.shown(k=k)
    codes = _codes(pairs, shown)
    drawing, axes = new_drawing(7.6, 6.6)
    _draw_circle(axes, pairs.names, codes, shown)
    _say_notes(axes, pairs, len(shown), 6.6)
    title = f"Network of codes that occur in the same {pairs.unit}"
    alt = _alt_text(title, "Network", pairs, shown)
    return finish(
        drawing, name=name, title=title, alt_text=alt, data=_data(pairs, shown), draft=pairs.draft
    )


def _draw_circle(
    axes: Axes, names: Mapping[str, str], codes: Sequence[str], shown: Sequence[CodePair]
) -> None:
    if not codes:
        say(axes, 0.2, 0.5, "No pair of codes may be shown.")
        return
    at = {code: _on_circle(place, len(codes)) for place, code in enumerate(codes)}
    for row in shown:
        (x1, y1), (x2, y2) = at[row.first], at[row.second]
        width = 0.6 + 6 * row.jaccard
        axes.plot([x1, x2], [y1, y2], color=BLUE, lw=width, alpha=0.55, solid_capstyle="round")
    for code, (x, y) in at.items():
        axes.plot([x], [y], marker="o", ms=8, color="white", markeredgecolor=INK, mew=1.4, zorder=3)
        right = x >= _CENTRE[0]
        place = x + 0.12 if right else x - 0.12
        say(axes, place, y + _nudge(y), names[code], ha="left" if right else "right", fontsize=8.5)


_CENTRE, _RADIUS = (3.8, 2.95), (2.0, 2.35)


def _on_circle(place: int, of: int) -> tuple[float, float]:
    angle = 2 * pi * place / of - pi / 2
    return _CENTRE[0] + _RADIUS[0] * cos(angle), _CENTRE[1] + _RADIUS[1] * sin(angle)


def _nudge(y: float) -> float:
    """Labels at the top and the bottom stand clear of the lines."""
    return 0.14 * (y - _CENTRE[1]) / _RADIUS[1]


def _say_notes(axes: Axes, pairs: Pairs, shown: int, height: float) -> None:
    told = f"{shown} of {counted(len(pairs), 'pair')} {agreeing(shown, 'are')} shown"
    lines = (
        f"Jaccard: of the {pairs.unit}s with either code, those with both.",
        f"{told}; in the others too few people occur, or nobody.",
    )
    for place, line in enumerate(lines):
        say(axes, 0.15, height - 0.32 + 0.16 * place, line, fontsize=8, color=GREY)


def _data(pairs: Pairs, shown: Sequence[CodePair]) -> pd.DataFrame:
    import pandas as pd

    rows = [
        (pairs.names[row.first], pairs.names[row.second], row.n_both, row.n_units, row.jaccard)
        for row in shown
    ]
    return pd.DataFrame(rows, columns=["first", "second", "n_both", "n_units", "jaccard"])


def _alt_text(title: str, kind: str, pairs: Pairs, shown: Sequence[CodePair]) -> str:
    strongest = sorted(shown, key=lambda row: -row.jaccard)[:5]
    told = "; ".join(
        f"{pairs.names[row.first]} and {pairs.names[row.second]} {row.jaccard:.2f}"
        for row in strongest
    )
    body = f"{kind} of {len(shown)} pairs, the largest Jaccard: {told}." if told else "No pair."
    return " ".join(filter(None, ("Draft." if pairs.draft else "", f"{title}.", body)))
