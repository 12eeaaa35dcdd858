"""The saturation curve: codes found over texts, in random orders with a band."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from reflect_analysis.figures.canvas import BLUE, GREY, INK, LINE, Figure, finish, new_drawing, say

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from reflect_analysis.saturation import SaturationCurve

__all__ = ["saturation_figure"]

_WIDTH, _HEIGHT = 7.6, 4.3
_LEFT, _RIGHT, _TOP, _BOTTOM = 0.75, 7.3, 0.35, 3.45  # inches; y grows downwards
Place = Callable[[float, float], tuple[float, float]]


def saturation_figure(curve: SaturationCurve, *, name: str = "saturation") -> Figure:
    """Draw the mean over random orders, and the band that holds 95 % of them.

    The order in which texts were read is not drawn: a step in it is one person's text. Only the
    points are drawn that may be sent (`SaturationCurve.shown`), as exact as the table has them.

    Parameters
    ----------
    curve : SaturationCurve
    name : str
        Stem of the files.

    Returns
    -------
    Figure
        Its data: ``n, mean, low, high``.
    """
    drawing, axes = new_drawing(_WIDTH, _HEIGHT)
    most = max(curve.high, default=0.0)
    place = _scale(len(curve), max(most, 1.0))
    _frame(axes, place, len(curve), most, curve.unit)
    data = _told(curve)
    upper, lower, line = (
        [place(n, y) for n, y in zip(data["n"], data[name], strict=True)]
        for name in ("high", "low", "mean")
    )
    _band(axes, upper, lower)
    axes.plot(*zip(*line, strict=True), color=BLUE, lw=2)
    title = f"Codes found by number of {curve.unit}s"
    say(axes, _LEFT, _HEIGHT - 0.2, _basis(curve), fontsize=8, color=GREY)
    alt = _alt_text(title, curve)
    return finish(drawing, name=name, title=title, alt_text=alt, data=data, draft=curve.draft)


def _told(curve: SaturationCurve) -> pd.DataFrame:
    """The points of the curve that may be sent."""
    frame = curve.to_frame()[["n", "mean", "low", "high"]].round(1)
    return frame[frame["n"].isin(curve.shown())].reset_index(drop=True)


def _scale(n: int, most: float) -> Place:
    """From texts and codes to inches."""
    across = (_RIGHT - _LEFT) / max(n - 1, 1)
    down = (_BOTTOM - _TOP) / most

    def place(x: float, y: float) -> tuple[float, float]:
        return _LEFT + (x - 1) * across, _BOTTOM - y * down

    return place


def _frame(axes: Axes, place: Place, n: int, most: float, unit: str) -> None:
    for codes in _ticks(most):
        _, y = place(1, codes)
        axes.plot([_LEFT, _RIGHT], [y, y], color=LINE, lw=0.7, zorder=0)
        say(axes, _LEFT - 0.1, y, str(codes), ha="right", fontsize=8.5)
    for number in _ticks(n):
        x, _ = place(max(number, 1), 0)
        say(axes, x, _BOTTOM + 0.16, str(max(number, 1)), ha="center", fontsize=8.5)
    axes.plot([_LEFT, _RIGHT], [_BOTTOM, _BOTTOM], color=INK, lw=0.9)
    say(axes, _LEFT, 0.15, "Codes found", fontsize=8.5)
    say(axes, _RIGHT, _BOTTOM + 0.36, f"{unit.capitalize()}s", ha="right", fontsize=8.5)


def _ticks(most: float) -> list[int]:
    """About six whole numbers from 0."""
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 200, 500, 10**6) if most / s <= 7)  # noqa: PLR2004  # labels that fit
    return list(range(0, int(most) + 1, step))


def _band(
    axes: Axes, upper: Sequence[tuple[float, float]], lower: Sequence[tuple[float, float]]
) -> None:
    from matplotlib.patches import Polygon

    outline = [*upper, *reversed(lower)]
    axes.add_patch(Polygon(outline, closed=True, facecolor=BLUE, alpha=0.18, lw=0))
    for edge in (upper, lower):
        axes.plot(*zip(*edge, strict=True), color=BLUE, lw=0.8, ls=(0, (3, 2)))


def _basis(curve: SaturationCurve) -> str:
    kind = "made from passages" if curve.inductive else "of a codebook that was fixed beforehand"
    return (
        f"{len(curve.codes)} codes {kind}; mean and band of 95 % of {curve.orders} random orders."
    )


def _alt_text(title: str, curve: SaturationCurve) -> str:
    told = ", ".join(f"{curve.mean[n - 1]:.1f} after {n}" for n in curve.shown()[:-1])
    last = f"{curve.mean[-1]:.0f} after {len(curve)} {curve.unit}s"
    body = f"Line of codes found: {told}, and {last}." if told else f"Codes found: {last}."
    return " ".join(filter(None, ("Draft." if curve.draft else "", f"{title}.", body, curve.note)))
