"""The drawing of `growth.py`: seconds and memory over reflections, in the figures' style."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from reflect_analysis.figures.canvas import (
    BLUE,
    FONT,
    GREY,
    INK,
    LINE,
    ORANGE,
    Figure,
    finish,
    new_drawing,
    say,
)

if TYPE_CHECKING:
    from growth import Grown

__all__ = ["growth_figure"]

_WIDTH, _HEIGHT = 7.6, 3.9
_PANELS = ((0.095, 0.2, 0.375, 0.66), (0.595, 0.2, 0.375, 0.66))  # shares of the drawing
AGAIN = "all of it again"
LIMIT = 4.0  # gigabytes, asked for any command
GIGA = 1e9


def growth_figure(sizes: Sequence[Grown], *, name: str = "growth") -> Figure:
    """Draw seconds of the processor and the most memory, both on scales by tens.

    Parameters
    ----------
    sizes : sequence of Grown
        At least one; those with topics if there are any, else those without.
    name : str
        Stem of the files.

    Returns
    -------
    Figure
        Its data: ``n, topics, first, again, peak`` (seconds of the processor, gigabytes).
    """
    import pandas as pd

    whole = [each for each in sizes if each.topics] or list(sizes)
    data = pd.DataFrame(
        {
            "n": [each.n for each in whole],
            "topics": [each.topics for each in whole],
            "first": [each.first.processor for each in whole],
            "again": [each.steps[AGAIN].processor for each in whole],
            "peak": [each.peak / GIGA for each in whole],
        }
    )
    drawing, axes = new_drawing(_WIDTH, _HEIGHT)
    times, memory = (_panel(drawing.add_axes(place), data["n"]) for place in _PANELS)
    say(axes, 0.15, 0.2, "Seconds of the processor", fontsize=9)
    say(axes, 4.0, 0.2, "Most memory, gigabytes", fontsize=9)
    for place in (2.2, 5.95):
        say(axes, place, _HEIGHT - 0.35, "Reflections of 60 words", ha="center", fontsize=8.5)
    _draw_times(times, data)
    _draw_memory(memory, data)
    title = "How the main job grows with the number of reflections"
    alt = _alt_text(title, data)
    return finish(drawing, name=name, title=title, alt_text=alt, data=data, draft=False)


def _panel(panel: Any, sizes: Any) -> Any:
    """Axes by tens, with a light grid."""
    panel.set_xscale("log")
    panel.set_yscale("log")
    panel.set_xticks(list(sizes), [f"{n:,}" for n in sizes])
    panel.minorticks_off()
    panel.yaxis.set_major_formatter(lambda value, _: f"{value:,g}")
    panel.grid(color=LINE, lw=0.7)
    panel.set_axisbelow(True)
    for side in ("top", "right"):
        panel.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        panel.spines[side].set_color(INK)
    panel.tick_params(colors=INK, labelsize=8.5, labelfontfamily=FONT, length=3)
    panel.set_xlim(sizes.min() / 1.6, sizes.max() * 1.6)
    return panel


def _draw_times(panel: Any, data: Any) -> None:
    """The first run, the second one, and what would be in proportion to the largest size."""
    last = data.iloc[-1]
    if len(data) > 1:
        straight = data["n"] * last["first"] / last["n"]
        panel.plot(data["n"], straight, color=GREY, lw=0.9, ls=(0, (1, 2)), label="in proportion")
    how = {"marker": "o", "ms": 5, "lw": 2}
    panel.plot(data["n"], data["first"], color=BLUE, label="first run", **how)
    how |= {"marker": "s", "ls": (0, (4, 2))}
    panel.plot(data["n"], data["again"], color=ORANGE, label="again, from the cache", **how)
    panel.set_ylim(data[["first", "again"]].min().min() / 3, data["first"].max() * 2)
    style = {"family": FONT, "size": 8.5}
    panel.legend(loc="upper left", frameon=False, prop=style, labelcolor=INK)


def _draw_memory(panel: Any, data: Any) -> None:
    """The most that a run had, below the most that is asked for."""
    panel.plot(data["n"], data["peak"], color=BLUE, marker="o", ms=5, lw=2)
    panel.axhline(LIMIT, color=INK, lw=0.9, ls=(0, (4, 2)))
    style = {"fontsize": 8.5, "color": INK, "family": FONT}
    low = data["n"].min() / 1.5
    panel.text(low, LIMIT * 1.04, f"asked: at most {LIMIT:g}", va="bottom", **style)
    for n, peak in zip(data["n"], data["peak"], strict=True):
        panel.text(n * 1.08, peak / 1.04, f"{peak:.1f}", va="top", **style)
    low, high = data["peak"].min() / 2, max(LIMIT, data["peak"].max()) * 1.6
    panel.set_ylim(low, high)
    panel.set_yticks([tick for tick in (0.25, 0.5, 1, 2, 4, 8, 16) if low <= tick <= high])


def _alt_text(title: str, data: Any) -> str:
    told = "; ".join(
        f"{row.n:,} reflections {row.first:,.0f} s, again {row.again:,.0f} s, {row.peak:.1f} GB"
        for row in data.itertuples()
    )
    kind = "with topics" if data["topics"].all() else "without topics"
    return f"{title}, {kind}: seconds of the processor and most memory. {told}."
