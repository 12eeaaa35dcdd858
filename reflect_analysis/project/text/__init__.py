"""A study as text: sorted lines that can be compared, kept in git, and read in twenty years.

Everything is there, what was undone and who withdrew too. `exporting` writes a folder, `checking`
finds every fault of one with its line, `importing` makes the identical study of it.
"""

from __future__ import annotations

from reflect_analysis.project.text.exporting import (
    Exported,
    check_approved,
    text_beside,
    write_text,
)
from reflect_analysis.project.text.importing import make_project

__all__ = ["Exported", "check_approved", "make_project", "text_beside", "write_text"]
