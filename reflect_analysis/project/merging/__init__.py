"""Copies of a study, or different studies, joined into one without loss or doubling.

An entry has a random id, so a merge is a union: the order of the files does not matter, and a
second merge changes nothing. `sources` reads the other files and never changes them, `comparing`
finds what differs, `describing` says so in words, `joining` brings the rest in. Of another study,
`knowing` finds who came in before, and `identity` asks about the others.
"""

from __future__ import annotations

from reflect_analysis.project.merging.joining import join
from reflect_analysis.project.merging.report import MergedFile, MergeReport
from reflect_analysis.project.merging.sources import Source, opened

__all__ = ["MergeReport", "MergedFile", "Source", "join", "opened"]
