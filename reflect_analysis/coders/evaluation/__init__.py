"""How well a coder does what people do, measured on units that it did not learn from.

`evaluate` compares a coder with each person on the units that both read, code by code, and puts
the agreement of the people with each other on the same units beside it: a machine that agrees
with a person as well as another person does has reached what the codebook allows. Whatever the
coder, it is measured through `code_segments`, as it is used.
"""

from __future__ import annotations

from reflect_analysis.coders.evaluation.comparing import evaluate
from reflect_analysis.coders.evaluation.measures import Calibration, ReliabilityBin
from reflect_analysis.coders.evaluation.values import (
    Agreed,
    Evaluation,
    EvaluationRow,
    PeopleRow,
    Spread,
)

__all__ = [
    "Agreed",
    "Calibration",
    "Evaluation",
    "EvaluationRow",
    "PeopleRow",
    "ReliabilityBin",
    "Spread",
    "evaluate",
]
