"""Agreement, intervals and tests on arrays, each with its source.

Functions here know no corpus, codebook or project. Ratings are (n_units, n_coders), NaN =
not coded. An undefined statistic is ``nan`` with its reason, never an exception and never a
zero.
"""

from __future__ import annotations

from reflect_analysis.coefficients.alpha import krippendorff_alpha, krippendorff_disagreement
from reflect_analysis.coefficients.differences import (
    adjusted_p_values,
    boschloo_p,
    fisher_mid_p,
    fisher_p,
    jeffreys_interval,
    mcnemar_mid_p,
    mcnemar_p,
    newcombe_interval,
    permutation_p,
    probability_of_more,
)
from reflect_analysis.coefficients.distances import agreement_weights
from reflect_analysis.coefficients.gwet import brennan_prediger, gwet_ac1, gwet_ac2
from reflect_analysis.coefficients.kappa import (
    cohen_kappa,
    conger_kappa,
    fleiss_kappa,
    greatest_kappa,
    scott_pi,
)
from reflect_analysis.coefficients.nominal import (
    bias_index,
    negative_agreement,
    percent_agreement,
    positive_agreement,
    prevalence_index,
    two_by_two,
)
from reflect_analysis.coefficients.pairs import as_matrix, pairwise
from reflect_analysis.coefficients.planning import (
    DoubleCodingPlan,
    PlannedSize,
    units_to_double_code,
)
from reflect_analysis.coefficients.proportions import wilson_interval
from reflect_analysis.coefficients.resampling import Resampling, cluster_interval
from reflect_analysis.coefficients.rho import shaffer_rho
from reflect_analysis.coefficients.sets import jaccard_distance, masi_distance, set_alpha
from reflect_analysis.coefficients.spans import (
    MatchScores,
    Span,
    SpanAgreement,
    SpanPair,
    SpanScores,
    match_spans,
    trim_span,
)
from reflect_analysis.coefficients.unitizing import UnitizingAlpha, unitizing_alpha
from reflect_analysis.coefficients.unitizing_1995 import (
    UnitizingAlpha1995,
    unitizing_alpha_1995,
)
from reflect_analysis.coefficients.values import Coefficient, Interval

__all__ = [
    "Coefficient",
    "DoubleCodingPlan",
    "Interval",
    "MatchScores",
    "PlannedSize",
    "Resampling",
    "Span",
    "SpanAgreement",
    "SpanPair",
    "SpanScores",
    "UnitizingAlpha",
    "UnitizingAlpha1995",
    "adjusted_p_values",
    "agreement_weights",
    "as_matrix",
    "bias_index",
    "boschloo_p",
    "brennan_prediger",
    "cluster_interval",
    "cohen_kappa",
    "conger_kappa",
    "fisher_mid_p",
    "fisher_p",
    "fleiss_kappa",
    "greatest_kappa",
    "gwet_ac1",
    "gwet_ac2",
    "jaccard_distance",
    "jeffreys_interval",
    "krippendorff_alpha",
    "krippendorff_disagreement",
    "masi_distance",
    "match_spans",
    "mcnemar_mid_p",
    "mcnemar_p",
    "negative_agreement",
    "newcombe_interval",
    "pairwise",
    "percent_agreement",
    "permutation_p",
    "positive_agreement",
    "prevalence_index",
    "probability_of_more",
    "scott_pi",
    "set_alpha",
    "shaffer_rho",
    "trim_span",
    "two_by_two",
    "unitizing_alpha",
    "unitizing_alpha_1995",
    "units_to_double_code",
    "wilson_interval",
]
