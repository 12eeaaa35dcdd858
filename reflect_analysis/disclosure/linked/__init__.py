"""Tables of one study that a reader holds side by side, and what they give back together.

What the theme table tells (`themes`) and what every other table and earlier releases do
(`earlier`) is counted over imagined persons (`people`); a count that is a sum and difference of
others is found (`differences`), and one that whole persons and printed bounds leave too few values
(`worlds`).
"""

from __future__ import annotations

from reflect_analysis.disclosure.linked.differences import ToldRow, hidden_rows
from reflect_analysis.disclosure.linked.earlier import (
    THEN,
    Sent,
    printed_before,
    quiet_before,
    sent_rows,
    sent_values,
)
from reflect_analysis.disclosure.linked.people import People, imagined_for
from reflect_analysis.disclosure.linked.themes import (
    hidden_beside_themes,
    theme_codes,
    theme_ranges,
    told_themes,
)
from reflect_analysis.disclosure.linked.worlds import MOST_CODES

__all__ = [
    "MOST_CODES",
    "THEN",
    "People",
    "Sent",
    "ToldRow",
    "hidden_beside_themes",
    "hidden_rows",
    "imagined_for",
    "printed_before",
    "quiet_before",
    "sent_rows",
    "sent_values",
    "theme_codes",
    "theme_ranges",
    "told_themes",
]
