"""What every figure of this package is, and how it is drawn without touching the process.

matplotlib's object-oriented interface with its own canvas: no pyplot, no rcParams changed.
An SVG is the same bytes for the same data, carries its title and its alternative text, and
has ids that do not collide with those of another figure on the same page.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reflect_analysis._whole import write_whole

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

__all__ = [
    "BLUE",
    "DRAFT_MARK",
    "GREY",
    "INK",
    "ORANGE",
    "Figure",
    "finish",
    "new_drawing",
    "say",
    "say_label",
]

# Okabe and Ito's palette, of which these two differ in lightness as well as in hue.
BLUE, ORANGE = "#0072B2", "#D55E00"
INK, GREY, LINE = "#1d2528", "#4f5b62", "#c9d0d3"
FONT = "DejaVu Sans"  # comes with matplotlib: the same on every machine
DRAFT_MARK = "DRAFT: machine coding not reviewed"

_OPENING = re.compile(r"<svg\b[^>]*>", re.DOTALL)
_ID = re.compile(r'\bid="([^"]+)"')


@dataclass(frozen=True)
class Figure:
    """A figure, what it says in words, and the data that it shows.

    Parameters
    ----------
    name : str
        Stem of the file.
    title : str
    alt_text : str
        What a reader who does not see the figure needs to know.
    data : DataFrame
        What is shown and nothing else: a hidden count is not in it.
    svg, png : bytes
    draft : bool
    """

    name: str
    title: str
    alt_text: str
    data: pd.DataFrame
    svg: bytes
    png: bytes
    draft: bool = False

    @property
    def inline(self) -> str:
        """The ``<svg>`` element alone, for an HTML page."""
        text = self.svg.decode("utf-8")
        found = _OPENING.search(text)
        return text[found.start() :] if found else text

    def save(self, folder: str | Path) -> tuple[Path, Path]:
        """Write ``<name>.svg`` and ``<name>.png`` into a folder, as DRAFT where it is one."""
        stem = f"{'DRAFT-' if self.draft else ''}{self.name}"
        paths = Path(folder) / f"{stem}.svg", Path(folder) / f"{stem}.png"
        for path, content in zip(paths, (self.svg, self.png), strict=True):
            write_whole(path, content)
        return paths

    def __repr__(self) -> str:
        return f"<Figure {self.name!r}: {self.title}>"

    def _repr_html_(self) -> str:
        return f"<figure>{self.inline}<figcaption>{escape(self.title)}</figcaption></figure>"


def new_drawing(width: float, height: float) -> tuple[Drawing, Axes]:
    """An empty drawing of this size in inches, with axes over all of it in inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Drawing

    drawing = Drawing(figsize=(width, height), dpi=100, facecolor="white")
    drawing.set_layout_engine("none")
    FigureCanvasAgg(drawing)
    axes = drawing.add_axes((0, 0, 1, 1), frameon=False)
    axes.set(xlim=(0, width), ylim=(height, 0), xticks=[], yticks=[])
    return drawing, axes


def say(axes: Axes, x: float, y: float, text: str, **how: Any) -> Any:
    """Text at a place in inches, in the figures' typeface."""
    style: dict[str, Any] = {"fontsize": 9, "color": INK, "va": "center_baseline", "ha": "left"}
    style |= {"family": FONT, "usetex": False, "parse_math": False, **how}
    return axes.text(x, y, text, **style)


def say_label(axes: Axes, x: float, y: float, lines: Sequence[str], *, step: float) -> None:
    """A label of several lines, a step apart, with its middle at a height."""
    first = y - step * (len(lines) - 1) / 2
    for number, line in enumerate(lines):
        say(axes, x, first + step * number, line)


def width_of(text: str, *, size: float = 9) -> float:
    """Width of a line of text in inches."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family=FONT, size=size)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(width / 72)


def finish(
    drawing: Drawing, *, name: str, title: str, alt_text: str, data: pd.DataFrame, draft: bool
) -> Figure:
    """Draw to SVG and PNG."""
    if draft:
        _mark(drawing)
    svg, png = io.BytesIO(), io.BytesIO()
    with warnings.catch_warnings():
        # An emoji in a topic's words is drawn as an empty box; the text beside it says it.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        about = {"Software": None, "Title": title}
        # Said here, because otherwise a notebook's settings would decide.
        how: dict[str, Any] = {"facecolor": "white", "transparent": False}
        how["bbox_inches"] = drawing.bbox_inches
        drawing.savefig(svg, format="svg", metadata=nothing, **how)
        drawing.savefig(png, format="png", dpi=200, metadata=about, **how)
    told = _described(svg.getvalue().decode("utf-8"), name, title, alt_text)
    return Figure(name, title, alt_text, data, told.encode(), png.getvalue(), draft)


def _mark(drawing: Drawing) -> None:
    """DRAFT across the figure, and in words at its upper edge."""
    style: dict[str, Any] = {"ha": "center", "va": "center", "family": FONT, "color": ORANGE}
    style |= {"usetex": False}
    size = min(72.0, 18 * float(drawing.get_size_inches()[1]))
    drawing.text(0.5, 0.5, "DRAFT", fontsize=size, weight="bold", rotation=24, alpha=0.07, **style)
    style["ha"] = "right"
    drawing.text(0.985, 0.985, DRAFT_MARK, fontsize=8, weight="bold", **(style | {"va": "top"}))


def _described(svg: str, name: str, title: str, alt_text: str) -> str:
    """The SVG with role, title and description, and with ids that are its own and stable."""
    name = f"figure-{name}"
    svg = _with_own_ids(svg, name)
    opening = _OPENING.search(svg)
    if opening is None:  # pragma: no cover  # matplotlib always writes one
        return svg
    told = f' role="img" aria-labelledby="{name}-title {name}-desc">'
    words = (
        f'\n <title id="{name}-title">{escape(title)}</title>'
        f'\n <desc id="{name}-desc">{escape(alt_text)}</desc>'
    )
    return svg[: opening.end() - 1] + told + words + svg[opening.end() :]


def _with_own_ids(svg: str, name: str) -> str:
    """Every id renamed in order of appearance: matplotlib's are random without a global salt."""
    new = {old: f"{name}-{number}" for number, old in enumerate(dict.fromkeys(_ID.findall(svg)))}
    svg = _ID.sub(lambda found: f'id="{new[found[1]]}"', svg)
    svg = re.sub(r'href="#([^"]+)"', lambda found: f'href="#{new[found[1]]}"', svg)
    return re.sub(r"url\(#([^)]+)\)", lambda found: f"url(#{new[found[1]]})", svg)
