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
    "Alignment": "topics",
    "Analysis": "workflow",
    "Assigned": "topics",
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
    "SheetScores": "topics",
    "SourceChange": "readers",
    "SupervisedCoder": "coders",
    "ThemeTable": "themes",
    "TopicAct": "topics",
    "TopicSheet": "topics",
    "Topics": "topics",
    "TopicsBy": "topics",
    "TrainingSet": "coders",
    "agreement_figure": "figures",
    "align": "topics",
    "analyse": "workflow",
    "assign_topics": "topics",
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
    "document_intrusion": "topics",
    "estimate_prevalence": "coders",
    "evaluate": "coders",
    "export_table": "tables",
    "fit_topics": "topics",
    "governed_groups": "disclosure",
    "group_table": "tables",
    "labels_of_codings": "topics",
    "lint_codebook": "coders",
    "load_topics": "topics",
    "mark_cleared": "anonymity",
    "measure_agreement": "reliability",
    "naming_sheet": "topics",
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
    "read_refi": "exchange",
    "read_replacements": "anonymity",
    "released_table": "disclosure",
    "risk": "disclosure",
    "save_topics": "topics",
    "score_sheets": "topics",
    "segment": "segmentation",
    "suppress_table": "disclosure",
    "theme_figure": "figures",
    "theme_table": "themes",
    "topic_code_figure": "figures",
    "topic_figure": "figures",
    "topic_map": "figures",
    "topic_quote_figure": "figures",
    "topic_stability_figure": "figures",
    "topics_by": "topics",
    "topics_by_table": "tables",
    "topics_from_codes": "topics",
    "topics_from_labels": "topics",
    "topics_from_seeds": "topics",
    "training_set": "coders",
    "units_to_double_code": "coefficients",
    "why_not_shown": "pictures",
    "withdraw": "anonymity",
    "word_intrusion": "topics",
    "write_asking_sheets": "disclosure",
    "write_codebook": "codebook",
    "write_refi": "exchange",
    "write_register": "disclosure",
    "write_report": "report",
    "write_topics": "report.topics",
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
