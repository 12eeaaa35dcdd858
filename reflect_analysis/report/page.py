"""The page of a report: one HTML file that needs nothing beside it."""

from __future__ import annotations

import base64

from reflect_analysis.report.contents import Contents
from reflect_analysis.tables import DRAFT, environment, fragment

__all__ = ["render"]


def render(contents: Contents, *, printed: bool = False, style: str = "") -> str:
    """The report as one self-contained page.

    Parameters
    ----------
    contents : Contents
    printed : bool
        Whether it is to be printed: figures are pictures then, as the thousands of strokes of a
        drawing would be searched one by one.
    style : str
        Rules of an institution, which come after the page's own (`house.read_house`).
    """
    study = contents.study
    page = environment().get_template("report.html.j2")
    return page.render(
        study=study,
        sections=contents.sections,
        draft=DRAFT if study.draft else "",
        language=study.codebook.language,
        fragment=fragment,
        printed=printed,
        house=style,
        encoded=lambda data: base64.b64encode(data).decode("ascii"),
    )
