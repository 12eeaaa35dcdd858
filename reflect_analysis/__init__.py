"""Code educators' reflections by a codebook, surface themes, report them safely.

The public names are listed here, once. Each resolves at its first use, so that
``import reflect_analysis`` loads nothing heavy.
"""

from __future__ import annotations

import importlib
from typing import Any

# Where each public name is defined: the one list from which `__all__` follows.
_HOMES = {
    "Agreement": "reliability",
    "Analysis": "workflow",
    "Case": "corpus",
    "Clearance": "corpus",
    "Code": "codebook",
    "CodeChange": "codebook",
    "Codebook": "codebook",
    "Coding": "codings",
    "Codings": "codings",
    "Corpus": "corpus",
    "CounterExample": "codebook",
    "Decision": "codings",
    "DemoFiles": "demo",
    "Document": "corpus",
    "Evaluation": "coders",
    "FineTunedCoder": "coders",
    "Group": "codebook",
    "Key": "anonymity",
    "Ledger": "disclosure",
    "MeanCoder": "coders",
    "Memo": "codings",
    "Origin": "codebook",
    "Project": "project",
    "ReflectAnalysisError": "errors",
    "Release": "disclosure",
    "RuleCoder": "coders",
    "Seen": "codings",
    "Segment": "segments",
    "Segments": "segments",
    "SemanticCoder": "coders",
    "SourceChange": "readers",
    "SupervisedCoder": "coders",
    "ThemeTable": "themes",
    "Topics": "topics",
    "TrainingSet": "coders",
    "agreement_figure": "figures",
    "align": "topics",
    "analyse": "workflow",
    "calibration_sheet": "tables",
    "changed_sources": "readers",
    "check_anonymity": "anonymity",
    "check_examples": "coders",
    "check_output": "report",
    "choose_quotes": "themes",
    "choose_to_label": "coders",
    "code_segments": "coders",
    "contexts_of": "coders",
    "copy_picture": "pictures",
    "demo_files": "demo",
    "describe_methods": "provenance",
    "diff": "codebook",
    "disagreements": "reliability",
    "estimate_prevalence": "coders",
    "evaluate": "coders",
    "export_table": "tables",
    "fit_topics": "topics",
    "governed_groups": "disclosure",
    "group_table": "tables",
    "lint_codebook": "coders",
    "mark_cleared": "anonymity",
    "measure_agreement": "reliability",
    "outdated": "codebook",
    "pseudonymise": "anonymity",
    "read_answers": "disclosure",
    "read_approvals": "disclosure",
    "read_codebook": "codebook",
    "read_codings": "codings",
    "read_corpus": "readers",
    "read_key": "anonymity",
    "read_labelling_plan": "coders",
    "read_ledger": "disclosure",
    "read_reasons": "anonymity",
    "read_replacements": "anonymity",
    "released_table": "disclosure",
    "risk": "disclosure",
    "segment": "segmentation",
    "suppress_table": "disclosure",
    "theme_figure": "figures",
    "theme_table": "themes",
    "topic_figure": "figures",
    "training_set": "coders",
    "units_to_double_code": "coefficients",
    "why_not_shown": "pictures",
    "withdraw": "anonymity",
    "write_asking_sheets": "disclosure",
    "write_codebook": "codebook",
    "write_register": "disclosure",
    "write_report": "report",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605  # one list, not two


def __getattr__(name: str) -> Any:
    """Import a public name at its first use."""
    if name not in _HOMES:
        raise AttributeError(f"module 'reflect_analysis' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"reflect_analysis.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names."""
    return list(__all__)
