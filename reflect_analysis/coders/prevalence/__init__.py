"""How often a code occurs: as a machine counts it, and corrected by a random audit.

A machine's count is biased whenever it misses more than it invents, however many texts it
reads, and an interval around it would be an interval around the wrong number. People who read
a random part of the same texts say how far off it is. Only units that chance chose may say so:
what was picked because it was uncertain or unlike the rest is no sample. Where the audit cannot
carry a correction the share stays as it is and is called uncorrected, with the reason.
"""

from __future__ import annotations

from reflect_analysis.coders.prevalence.estimating import estimate_prevalence
from reflect_analysis.coders.prevalence.powered import prediction_powered_share
from reflect_analysis.coders.prevalence.values import Prevalence, PrevalenceRow

__all__ = ["Prevalence", "PrevalenceRow", "estimate_prevalence", "prediction_powered_share"]
