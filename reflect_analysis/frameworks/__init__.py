"""Frameworks: what a report speaks to, filled with coded accounts for, against and missing."""

from reflect_analysis.frameworks.checklist import (
    NOT_ANSWERED,
    AnsweredChecklist,
    ChecklistAnswer,
    answer_checklist,
    read_checklist_answers,
)
from reflect_analysis.frameworks.choices import read_choices, write_choices
from reflect_analysis.frameworks.files import read_framework
from reflect_analysis.frameworks.filling import (
    Evidence,
    FilledFramework,
    FilledRow,
    fill_framework,
)
from reflect_analysis.frameworks.indicators import Choice, Indicator, read_indicators
from reflect_analysis.frameworks.values import Framework, FrameworkRow, UseCase
from reflect_analysis.frameworks.wording import WordingFinding, check_wording

__all__ = [
    "NOT_ANSWERED",
    "AnsweredChecklist",
    "ChecklistAnswer",
    "Choice",
    "Evidence",
    "FilledFramework",
    "FilledRow",
    "Framework",
    "FrameworkRow",
    "Indicator",
    "UseCase",
    "WordingFinding",
    "answer_checklist",
    "check_wording",
    "fill_framework",
    "read_checklist_answers",
    "read_choices",
    "read_framework",
    "read_indicators",
    "write_choices",
]
