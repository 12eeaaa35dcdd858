"""The main job as one call: what a study begins with is read, and then coded, grouped, measured."""

from reflect_analysis.workflow.analysing import (
    Analysis,
    analyse,
    analyse_material,
    code_material,
    codings_of_people,
    people_agree,
)
from reflect_analysis.workflow.reading import (
    Material,
    check_spans,
    read_cleared,
    read_material,
    read_study,
    tell_what_was_read,
)

__all__ = [
    "Analysis",
    "Material",
    "analyse",
    "analyse_material",
    "check_spans",
    "code_material",
    "codings_of_people",
    "people_agree",
    "read_cleared",
    "read_material",
    "read_study",
    "tell_what_was_read",
]
