"""Agreement and intervals on arrays: numpy and scipy alone, each with its source.

Functions here know no corpus, codebook or project. An undefined statistic is ``nan`` with
its reason, never an exception and never a zero.
"""

from __future__ import annotations

from reflect_analysis.coefficients.nominal import (
    cohen_kappa,
    percent_agreement,
    positive_agreement,
)
from reflect_analysis.coefficients.proportions import wilson_interval
from reflect_analysis.coefficients.values import Coefficient

__all__ = [
    "Coefficient",
    "cohen_kappa",
    "percent_agreement",
    "positive_agreement",
    "wilson_interval",
]
