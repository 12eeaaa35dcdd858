"""The report: `share`, which may be sent, and `keep`, which may not, from values.

Everything that is shown is gathered once (`contents`), so that the page, the Word file and
the workbook say the same. The folder is written beside its place, searched for anything
that stands for one person, and only then renamed: a report that would expose somebody does
not come to be.
"""

from reflect_analysis.report.choosing import Wanted, further_results, read_states
from reflect_analysis.report.coreq import Researchers, read_researchers
from reflect_analysis.report.folder import ReportFolder, check_output, write_report

__all__ = [
    "ReportFolder",
    "Researchers",
    "Wanted",
    "check_output",
    "further_results",
    "read_researchers",
    "read_states",
    "write_report",
]
