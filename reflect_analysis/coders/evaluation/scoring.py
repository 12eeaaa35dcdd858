"""Scores of every unit, as `code_segments` reads them: what falls short of a threshold too."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, cast

from reflect_analysis.codebook import Codebook
from reflect_analysis.coders.edge import code_segments
from reflect_analysis.coders.protocol import AnyCoder, SpanCoder
from reflect_analysis.codings import Codings
from reflect_analysis.segments import Segments

__all__ = ["gives_probabilities", "has_scores", "score_segments", "silent", "thresholds_of"]


def has_scores(coder: AnyCoder) -> bool:
    """Whether a coder ranks texts; one that proposes spans says yes or nothing."""
    return not isinstance(coder, SpanCoder)


def gives_probabilities(coder: AnyCoder) -> bool:
    """Whether a coder's scores are probabilities.

    A coder says so itself, by ``gives_probabilities``; of scikit-learn's, classifiers do.
    Similarities and plain functions do not.
    """
    said = getattr(coder, "gives_probabilities", None)
    if said is not None:
        return bool(said)
    if not hasattr(coder, "get_params"):
        return False
    from sklearn.base import BaseEstimator, is_classifier

    return isinstance(coder, BaseEstimator) and bool(is_classifier(coder))


def score_segments(coder: AnyCoder, segments: Segments, codebook: Codebook) -> Codings:
    """A coding with its score for every unit and code that a coder looks for.

    The edge does it, with no threshold: so a code whose unit is the reflection is scored on it,
    and what the coder may not or cannot read is left out.
    """
    return code_segments(silent(coder), segments, codebook, threshold=-math.inf)


def silent(coder: AnyCoder) -> AnyCoder:
    """The same coder without reasons: evidence for every unit would cost more than the scores."""
    if not hasattr(coder, "explain") or not hasattr(coder, "__dict__"):
        return coder
    kind = type(coder)
    # `None` is how a class says that it has not what its parent has. And no `copy.copy`: a
    # trained coder may refuse to be written down, which is what a copy begins with.
    silent: Any = object.__new__(type(kind.__name__, (kind,), {"explain": None}))
    vars(silent).update(vars(coder))
    return cast("AnyCoder", silent)


def thresholds_of(codings: Codings) -> Mapping[str, float]:
    """The thresholds that `code_segments` used, by code, as its run tells."""
    for run in reversed(codings.runs):
        if run.step == "code":
            found: Mapping[str, float] = run.settings.get("thresholds", {})
            return found
    return {}
