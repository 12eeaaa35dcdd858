"""Coders: what proposes codes for passages, and the one edge through which they do it.

`code_segments` takes any coder. `RuleCoder` codes by the patterns of the codebook, in the small
language that `coders.patterns` explains on one page; `SemanticCoder` by similarity to its
definitions; `SupervisedCoder` and `FineTunedCoder` learn from people; `MeanCoder` joins several.
`evaluate` measures any of them beside the agreement of the people with each other.
"""

from __future__ import annotations

from reflect_analysis.coders.averaging import MeanCoder
from reflect_analysis.coders.checking import ExampleCheck, check_examples
from reflect_analysis.coders.contexts import contexts_of
from reflect_analysis.coders.edge import code_segments
from reflect_analysis.coders.evaluation import Evaluation, evaluate
from reflect_analysis.coders.fine_tuned import FineTunedCoder
from reflect_analysis.coders.labelling import (
    LabellingPlan,
    choose_to_label,
    read_labelling_plan,
)
from reflect_analysis.coders.lint import LintReport, lint_codebook
from reflect_analysis.coders.prevalence import Prevalence, estimate_prevalence
from reflect_analysis.coders.protocol import Coder, ExplainingCoder, Proposal, SpanCoder
from reflect_analysis.coders.rules import Match, RuleCoder
from reflect_analysis.coders.semantic import SemanticCoder
from reflect_analysis.coders.supervised import SupervisedCoder
from reflect_analysis.coders.training import TrainingSet, training_set

__all__ = [
    "Coder",
    "Evaluation",
    "ExampleCheck",
    "ExplainingCoder",
    "FineTunedCoder",
    "LabellingPlan",
    "LintReport",
    "Match",
    "MeanCoder",
    "Prevalence",
    "Proposal",
    "RuleCoder",
    "SemanticCoder",
    "SpanCoder",
    "SupervisedCoder",
    "TrainingSet",
    "check_examples",
    "choose_to_label",
    "code_segments",
    "contexts_of",
    "estimate_prevalence",
    "evaluate",
    "lint_codebook",
    "read_labelling_plan",
    "training_set",
]
