"""Coders: what proposes codes for passages, and the one edge through which they do it.

`code_segments` takes any coder. `RuleCoder` codes by the patterns of the codebook, in the small
language that `coders.patterns` explains on one page; `SemanticCoder` by similarity to its
definitions; `SupervisedCoder` and `FineTunedCoder` learn from people; `MeanCoder` joins several.
`evaluate` measures any of them beside the agreement of the people with each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

_HOMES = {
    "Coder": "protocol",
    "Evaluation": "evaluation",
    "ExampleCheck": "checking",
    "ExplainingCoder": "protocol",
    "FineTunedCoder": "fine_tuned",
    "LabellingPlan": "labelling",
    "LintReport": "lint",
    "Match": "rules",
    "MeanCoder": "averaging",
    "Prevalence": "prevalence",
    "Proposal": "protocol",
    "RuleCoder": "rules",
    "SemanticCoder": "semantic",
    "SpanCoder": "protocol",
    "SupervisedCoder": "supervised",
    "TrainingSet": "training",
    "check_examples": "checking",
    "choose_to_label": "labelling",
    "code_segments": "edge",
    "contexts_of": "contexts",
    "estimate_prevalence": "prevalence",
    "evaluate": "evaluation",
    "lint_codebook": "lint",
    "read_labelling_plan": "labelling",
    "training_set": "training",
}


def __getattr__(name: str) -> Any:
    """A public name, from its module, when it is asked for: rules need none of what others load."""
    import importlib

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
