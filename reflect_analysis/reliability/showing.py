"""What of an agreement may be sent: which rows give a small count of persons back.

Units are texts, not persons; but where four persons wrote of something, the number of texts
in which a coder found it says so. Where a row's count of persons is hidden, its positives go,
and with them the figures from which they can be worked out: from n, the percentage and κ all
four counts follow. Alpha alone stays where it could belong to enough different counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan

from reflect_analysis.coefficients.measures import PAIR
from reflect_analysis.disclosure import HIDDEN, show_persons
from reflect_analysis.reliability.values import CodeAgreement, CodeSpans

__all__ = ["ShownRow", "shown_row"]

_MOST = 400  # with more units the same alpha belongs to more counts, not to fewer


@dataclass(frozen=True, slots=True)
class ShownRow:
    """What of a row may be sent.

    Parameters
    ----------
    hides_rest : bool
        Whether its positives, and all figures but alpha, are hidden; also why a figure is
        undefined: "every rating is the same" would say that all had it.
    positives : str
        ``12 / 10``, or the sign for a hidden count.
    alpha : float
        ``nan`` where it is undefined, or hidden too.
    """

    hides_rest: bool
    positives: str
    alpha: float


def shown_row(row: CodeAgreement | CodeSpans, *, k: int) -> ShownRow:
    """What of a row may be sent.

    Parameters
    ----------
    row : CodeAgreement or CodeSpans
    k : int
        Counts of fewer persons are hidden; at least 3.
    """
    if row.units == 0:
        return ShownRow(hides_rest=False, positives="–", alpha=float("nan"))
    hides = any(show_persons(said, row.read, k=k).hides_rest for said in row.said)
    if not hides:
        positives = " / ".join(map(str, row.positives))
        return ShownRow(hides_rest=False, positives=positives, alpha=row.alpha.value)
    safe = isinstance(row, CodeSpans) or _is_ambiguous(row, k)
    alpha = row.alpha.value if safe else float("nan")
    return ShownRow(hides_rest=True, positives=HIDDEN, alpha=alpha)


def _is_ambiguous(row: CodeAgreement, k: int) -> bool:
    """Whether alpha in print could belong to k − 1 different counts of positive units or more.

    Of several coders it stands beside the alphas of pairs, and together they say more.
    """
    if len(row.coders) != PAIR or isnan(row.alpha.value):
        return False
    return possible_positives(row.alpha.value, row.units) >= k - 1


def possible_positives(alpha: float, units: int) -> int:
    """How many counts of units that some coder found positive go with an alpha of two decimals.

    Parameters
    ----------
    alpha : float
        Of two coders on presence and absence.
    units : int
        At least 1.

    Examples
    --------
    One of twenty units that both found and one that one coder alone found:

    >>> possible_positives(0.6486, 20)
    2
    >>> possible_positives(1.0, 145)
    144
    """
    import numpy as np

    apart, positive = np.meshgrid(
        np.arange(min(units, _MOST) + 1), np.arange(1, min(2 * units, _MOST) + 1), indexing="ij"
    )
    either = (positive + apart) / 2  # units that some coder found positive
    real = (positive >= apart) & ((positive - apart) % 2 == 0) & (either <= units)
    real &= positive < 2 * units
    n = 2 * units
    with np.errstate(divide="ignore", invalid="ignore"):
        value = 1 - apart * (n - 1) / (positive * (n - positive))
    fits = real & (np.abs(value - round(alpha, 2)) <= 0.005 + 1e-9)  # half of the last digit
    return len(np.unique(either[fits]))
