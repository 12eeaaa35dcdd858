"""One function a figure: each gives the drawing, what it says in words, and its data.

Drawn with matplotlib's object-oriented interface and a canvas of their own, so that neither
a notebook's plots nor its settings change. What is hidden in a table is not drawn, and
stands neither in the data nor in the alternative text.
"""

from reflect_analysis.figures.agreement import agreement_figure
from reflect_analysis.figures.canvas import Figure
from reflect_analysis.figures.change import flow_figure, session_grid
from reflect_analysis.figures.pairs import pairs_figure, pairs_network
from reflect_analysis.figures.portraits import code_portrait
from reflect_analysis.figures.programmes import growth_figure
from reflect_analysis.figures.saturation import saturation_figure
from reflect_analysis.figures.themes import theme_figure
from reflect_analysis.figures.topic_codes import topic_code_figure
from reflect_analysis.figures.topic_maps import topic_map
from reflect_analysis.figures.topic_quotes import topic_quote_figure
from reflect_analysis.figures.topic_stability import topic_stability_figure
from reflect_analysis.figures.topics import topic_figure

__all__ = [
    "Figure",
    "agreement_figure",
    "code_portrait",
    "flow_figure",
    "growth_figure",
    "pairs_figure",
    "pairs_network",
    "saturation_figure",
    "session_grid",
    "theme_figure",
    "topic_code_figure",
    "topic_figure",
    "topic_map",
    "topic_quote_figure",
    "topic_stability_figure",
]
