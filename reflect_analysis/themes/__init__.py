"""The theme table, the quotes that stand beside it, and the passages that speak against it."""

from reflect_analysis.themes.claims import read_claims
from reflect_analysis.themes.contrary import NegativeCase, NegativeCases, negative_cases
from reflect_analysis.themes.counting import (
    Approach,
    ThemeRow,
    ThemeTable,
    shareable_themes,
    shown_participants,
    theme_table,
)
from reflect_analysis.themes.quoting import choose_quotes

__all__ = [
    "Approach",
    "NegativeCase",
    "NegativeCases",
    "ThemeRow",
    "ThemeTable",
    "choose_quotes",
    "negative_cases",
    "read_claims",
    "shareable_themes",
    "shown_participants",
    "theme_table",
]
