"""What weighed most for a code in a text, in words that give no participant away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    from scipy.sparse import csr_matrix

__all__ = ["heaviest"]

_SHOWN = 3
# What weighs less than this moves a probability by less than a hundredth.
_LEAST = 0.05


def heaviest(
    model: Any,
    features: csr_matrix,
    columns: npt.NDArray[np.intp],
    labels: Sequence[str],
) -> list[str]:
    """For every text the heaviest features that speak for a code, by their labels.

    Parameters
    ----------
    model : fitted linear classifier
        One without ``coef_`` gives empty texts.
    features : sparse matrix of shape (n_texts, n_columns)
    columns : array of int
        Which of all columns these are.
    labels : sequence of str
        Of all columns; columns of one label are added up.
    """
    weights = getattr(model, "coef_", None)
    if weights is None or np.size(weights) != features.shape[1]:
        return [""] * features.shape[0]
    names = [labels[column] for column in columns]
    weighed = features.multiply(np.ravel(weights)).tocsr()
    return [_row(weighed[row], names) for row in range(features.shape[0])]


def _row(weighed: csr_matrix, names: Sequence[str]) -> str:
    sums: dict[str, float] = {}
    for column, value in zip(weighed.indices, weighed.data, strict=True):
        name = names[column]
        sums[name] = sums.get(name, 0.0) + float(value)
    top = sorted(sums.items(), key=lambda item: -item[1])[:_SHOWN]
    return ", ".join(f"{name} ({value:+.1f})" for name, value in top if value >= _LEAST)
