"""One table value, and the files it becomes: DOCX (APA 7), XLSX, CSV, HTML, LaTeX, Markdown.

A `Table` holds what is shown and nothing else. Each format escapes text in its own way (a
quote that begins with ``=`` is no formula, ``<`` no tag), and no file names an author.
"""

from reflect_analysis.tables.agreement import (
    agreement_counts,
    agreement_tables,
    shareable_alphas,
    shown_agreement,
)
from reflect_analysis.tables.files import export_table
from reflect_analysis.tables.groups import group_table
from reflect_analysis.tables.meeting import calibration_sheet
from reflect_analysis.tables.themes import STATUS_WORDS, shown_themes
from reflect_analysis.tables.topics import topics_by_table
from reflect_analysis.tables.values import DRAFT, KEEP, NOT_READ, Cell, Column, Of, Table, half_up
from reflect_analysis.tables.web import environment, fragment

__all__ = [
    "DRAFT",
    "KEEP",
    "NOT_READ",
    "STATUS_WORDS",
    "Cell",
    "Column",
    "Of",
    "Table",
    "agreement_counts",
    "agreement_tables",
    "calibration_sheet",
    "environment",
    "export_table",
    "fragment",
    "group_table",
    "half_up",
    "shareable_alphas",
    "shown_agreement",
    "shown_themes",
    "topics_by_table",
]
