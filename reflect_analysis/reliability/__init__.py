"""Agreement between coders: who is compared on what, code by code, and where they differ.

Refuses what a methods reviewer would: reconciled codings, accepted proposals as independent
judgements, phases mixed, a mean without its minimum, a coefficient without its counts.
"""

from reflect_analysis.reliability.listing import (
    KEEP_WORDS,
    Disagreement,
    Disagreements,
    Mark,
    disagreements,
)
from reflect_analysis.reliability.measure import REFLEXIVE, measure_agreement
from reflect_analysis.reliability.rated import (
    CodeAgreement,
    CodeSpans,
    SetAgreement,
    TextAgreement,
    landis_koch,
)
from reflect_analysis.reliability.selection import LeftOut, phase_words
from reflect_analysis.reliability.values import (
    Agreement,
)
from reflect_analysis.reliability.wording import interval_words, told

__all__ = [
    "KEEP_WORDS",
    "REFLEXIVE",
    "Agreement",
    "CodeAgreement",
    "CodeSpans",
    "Disagreement",
    "Disagreements",
    "LeftOut",
    "Mark",
    "SetAgreement",
    "TextAgreement",
    "disagreements",
    "interval_words",
    "landis_koch",
    "measure_agreement",
    "phase_words",
    "told",
]
