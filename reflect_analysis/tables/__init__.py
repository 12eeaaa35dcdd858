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
from reflect_analysis.tables.agreement_cells import AGREEMENT, number_told
from reflect_analysis.tables.change import changed_table, first_session_table, states_table
from reflect_analysis.tables.comparison import comparison_table
from reflect_analysis.tables.files import check_told, export_table
from reflect_analysis.tables.frameworks import (
    checklist_table,
    framework_matrix_table,
    framework_table,
    use_case_table,
    wording_table,
)
from reflect_analysis.tables.groups import group_table
from reflect_analysis.tables.joint import joint_table
from reflect_analysis.tables.matrices import matrix_table
from reflect_analysis.tables.meeting import calibration_sheet
from reflect_analysis.tables.pairs import pairs_table
from reflect_analysis.tables.programmes import growth_table
from reflect_analysis.tables.saturation import saturation_table
from reflect_analysis.tables.themes import STATUS_WORDS, shown_themes
from reflect_analysis.tables.topics import topics_by_table
from reflect_analysis.tables.tracing import trace_table
from reflect_analysis.tables.values import (
    DRAFT,
    KEEP,
    NOT_READ,
    Cell,
    Column,
    Of,
    Table,
    half_up,
    untold,
)
from reflect_analysis.tables.web import environment, fragment

__all__ = [
    "AGREEMENT",
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
    "changed_table",
    "check_told",
    "checklist_table",
    "comparison_table",
    "environment",
    "export_table",
    "first_session_table",
    "fragment",
    "framework_matrix_table",
    "framework_table",
    "group_table",
    "growth_table",
    "half_up",
    "joint_table",
    "matrix_table",
    "number_told",
    "pairs_table",
    "saturation_table",
    "shareable_alphas",
    "shown_agreement",
    "shown_themes",
    "states_table",
    "topics_by_table",
    "trace_table",
    "untold",
    "use_case_table",
    "wording_table",
]
