"""The first unitizing alpha (Krippendorff 1995, 2004), for comparison with older studies.

Each code is a continuum of its own: its spans and the gaps between them. The measure was
replaced in 2016, since it does not behave as it should with more than two coders; new
studies take `unitizing_alpha`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from reflect_analysis.coefficients._spans import Span, SpanTable, read_spans
from reflect_analysis.coefficients.values import Coefficient

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["UnitizingAlpha1995", "unitizing_alpha_1995"]


@dataclass(frozen=True, slots=True)
class UnitizingAlpha1995:
    """The first unitizing alpha; ``float()`` of it is the one over all codes.

    Parameters
    ----------
    alpha : Coefficient
        Over all codes: 1 − ΣDo / ΣDe.
    by_code : mapping of str to Coefficient
    observed, expected : mapping of str to float
        Disagreement of each code, at least 0; squared lengths in shares of the continuum.
    """

    alpha: Coefficient
    by_code: Mapping[str, Coefficient]
    observed: Mapping[str, float]
    expected: Mapping[str, float]

    def __float__(self) -> float:
        return self.alpha.value


def unitizing_alpha_1995(
    spans: Iterable[Span | tuple[Any, ...]],
    length: int,
    *,
    coders: Sequence[str] | None = None,
    codes: Sequence[str] | None = None,
    grain: float = 1.0,
) -> UnitizingAlpha1995:
    """Krippendorff's first α for unitizing, code by code.

    Parameters
    ----------
    spans : iterable of Span
        ``(coder, code, start, end)`` on one text, half-open. Codes may overlap; spans of
        one coder and code that share characters are one span, touching ones are two.
    length : int
        Characters of the text.
    coders, codes : sequence of str, optional
        As in `unitizing_alpha`.
    grain : float
        The smallest step that a border can move: 1 for characters (2004), 0 for a
        continuum without grain (the example of 1995).

    Returns
    -------
    UnitizingAlpha1995
        Coefficients up to 1; they may lie far below −1. ``nan`` with its reason for a code
        that nobody marked, or that chance could not place otherwise.

    Raises
    ------
    AgreementError
        As in `unitizing_alpha`.

    References
    ----------
    Krippendorff, K. (1995). On the reliability of unitizing continuous data. Sociological
    Methodology 25, 47-76 (p. 57).
    Krippendorff, K. (2004). Content Analysis: An Introduction to Its Methodology (2nd ed.).
    Sage, p. 251-256.

    Examples
    --------
    The two codes of 2004, p. 254, where the text begins at 0 instead of 150:

    >>> found = unitizing_alpha_1995(
    ...     [
    ...         ("first", "c", 75, 145), ("first", "c", 220, 250),
    ...         ("second", "c", 70, 150), ("second", "c", 205, 225), ("second", "c", 250, 270),
    ...         ("first", "k", 30, 90), ("first", "k", 150, 200),
    ...         ("second", "k", 30, 90), ("second", "k", 150, 200),
    ...     ],
    ...     300,
    ... )
    >>> {code: round(float(alpha), 4) for code, alpha in found.by_code.items()}
    {'c': 0.7286, 'k': 1.0}
    >>> {code: round(value, 4) for code, value in found.expected.items()}
    {'c': 0.0532, 'k': 0.049}
    """
    table = read_spans(spans, length, coders=coders, codes=codes).merged()
    parts = {code: table.where(table.code == i) for i, code in enumerate(table.codes)}
    sections = {
        code: [_sections(part, coder) for coder in range(len(table.coders))]
        for code, part in parts.items()
    }
    observed = {code: _observed(each, table.length) for code, each in sections.items()}
    expected = {code: _expected(each, table.length, grain) for code, each in sections.items()}
    by_code = {
        code: _one_minus(observed[code], expected[code], len(part), code)
        for code, part in parts.items()
    }
    whole = _one_minus(sum(observed.values()), sum(expected.values()), len(table), None)
    return UnitizingAlpha1995(whole, by_code, observed, expected)


def _one_minus(observed: float, expected: float, n_units: int, code: str | None) -> Coefficient:
    if expected > 0:
        return Coefficient(1 - observed / expected, n_units)
    what = "anything" if code is None else f"anything with {code!r}"
    reason = "chance could not have marked it otherwise" if n_units else f"nobody marked {what}"
    return Coefficient(float("nan"), n_units, reason=reason)


@dataclass(frozen=True, slots=True)
class _Sections:
    """One coder's marks and gaps of one code, in order: (n_sections,) each."""

    marked: NDArray[np.bool_]
    start: NDArray[np.float64]
    length: NDArray[np.float64]


def _sections(table: SpanTable, coder: int) -> _Sections:
    mine = table.where(table.coder == coder)
    starts = np.concatenate([mine.start, [0], mine.end])
    marked = np.arange(len(starts)) < len(mine)
    ends = np.concatenate([mine.end, mine.start, [table.length]])
    some = ends > starts
    return _Sections(marked[some], starts[some].astype(float), (ends - starts)[some].astype(float))


def _observed(sections: Sequence[_Sections], length: int) -> float:
    """Do: mean squared mismatch of two coders' sections over the squared length."""
    m = len(sections)
    mismatch = sum(
        _mismatch(sections[i], sections[j]) for i in range(m) for j in range(m) if i != j
    )
    return mismatch / (m * (m - 1) * length**2)


def _mismatch(one: _Sections, other: _Sections) -> float:
    """Squared borders of marks that meet, squared length of marks within the other's gap."""
    start, length = one.start[:, None], one.length[:, None]
    apart = start - other.start
    ends = apart + length - other.length
    meet = (apart > -length) & (apart < other.length) & one.marked[:, None] & other.marked
    # A mark within the other's gap; a gap around the other's mark is the same, seen from there.
    within = (apart >= 0) & (ends <= 0) & one.marked[:, None] & ~other.marked
    around = (apart <= 0) & (ends >= 0) & ~one.marked[:, None] & other.marked
    return float(
        ((apart**2 + ends**2) * meet).sum()
        + (length**2 * within).sum()
        + (other.length**2 * around).sum()
    )


def _expected(sections: Sequence[_Sections], length: int, grain: float) -> float:
    """De: the mean squared mismatch if all coders' sections were shuffled."""
    marks = np.concatenate([each.length[each.marked] for each in sections])
    gaps = np.concatenate([each.length[~each.marked] for each in sections])
    room = np.clip(gaps - marks[:, None] + grain, 0, None) * (gaps >= marks[:, None])
    among_marks = (len(marks) - 1) / 3 * (2 * marks**3 - 3 * grain * marks**2 + grain**2 * marks)
    total = (among_marks + marks**2 * room.sum(axis=1)).sum()
    span = len(sections) * length
    pairings = span * (span - grain) - (marks * (marks - grain)).sum()
    return float(2 / length * total / pairings) if pairings > 0 else 0.0
