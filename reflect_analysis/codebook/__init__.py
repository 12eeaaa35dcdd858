"""The codebook: the instrument of the study, as a value with a content fingerprint.

Headings are *groups*; a theme is a researcher's written claim and does not stand here. The
version is the fingerprint of all that can change a coding, and is stamped on every one. A change
is a new codebook and a row of its history; nothing that was ever coded loses its meaning.
"""

from reflect_analysis.codebook.comparing import (
    CodebookDiff,
    Difference,
    Outdated,
    OutdatedCode,
    diff,
    outdated,
)
from reflect_analysis.codebook.files import read_codebook, write_codebook
from reflect_analysis.codebook.rows import (
    Action,
    Code,
    CodeChange,
    CodeStatus,
    CodeUnit,
    CounterExample,
    Group,
    Origin,
    Source,
)
from reflect_analysis.codebook.values import Codebook

__all__ = [
    "Action",
    "Code",
    "CodeChange",
    "CodeStatus",
    "CodeUnit",
    "Codebook",
    "CodebookDiff",
    "CounterExample",
    "Difference",
    "Group",
    "Origin",
    "Outdated",
    "OutdatedCode",
    "Source",
    "diff",
    "outdated",
    "read_codebook",
    "write_codebook",
]
