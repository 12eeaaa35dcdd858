"""The store of a study: one file, or PostgreSQL for a team that codes at once.

All our SQL stands here. Values go in and come out; nothing is overwritten, and only the data of
a participant who withdrew is erased.
"""

from __future__ import annotations

from reflect_analysis.project.backups import Backup
from reflect_analysis.project.desk import Desk, DocumentView
from reflect_analysis.project.entries import Event
from reflect_analysis.project.progress import Progress
from reflect_analysis.project.restoring import Purged, Restored
from reflect_analysis.project.store import Project
from reflect_analysis.project.team import CodingPhase, Member

__all__ = [
    "Backup",
    "CodingPhase",
    "Desk",
    "DocumentView",
    "Event",
    "Member",
    "Progress",
    "Project",
    "Purged",
    "Restored",
]
