"""Agreement of coders who draw their own borders: Krippendorff's unitizing family.

Coders who mark passages in a text decide twice: where a passage begins and ends, and which
code it bears. One number cannot tell the two apart, so the family comes as one value: all
of it (u), marked or not (binary), the codes where marks overlap (cu), and each code (k).
What is compared are lengths of text: characters that nobody marked count as well, so u and
binary depend on how much text was read and left unmarked.

Invariant: a coefficient is a function of sums over texts, so an interval draws texts, or
the participants who wrote them, again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from reflect_analysis.coefficients._spans import Span, SpanTable, cut, overlapping, read_spans
from reflect_analysis.coefficients.values import Coefficient

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reflect_analysis.coefficients.resampling import Resampling

    Array = NDArray[np.float64]

__all__ = ["UnitizingAlpha", "unitizing_alpha"]

_NOBODY = "nobody marked anything"
_ALIKE = "every character bears one and the same mark: there is nothing to tell apart"
_APART = "nowhere do marks of two coders overlap"
_ONE_CODE = "where marks overlap there is only one code: there is nothing to tell apart"
_SPARSE = (
    "too few marks overlap: the coincidences that chance would give are negative "
    "(Krippendorff et al. 2016, eq. 10)"
)
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class UnitizingAlpha:
    """The unitizing family of one set of coders; ``float()`` of it is u.

    Parameters
    ----------
    u : Coefficient
        Borders and codes together, uα.
    binary : Coefficient
        Marked or not, whatever the code, |uα.
    cu : Coefficient
        Codes where marks of two coders overlap, cuα; borders do not enter.
    k : mapping of str to Coefficient
        One code where marks overlap, (k)uα: is what one coder called k called k by the
        others, given that they marked it?
    by_code : mapping of str to Coefficient
        uα of one code against everything else, marked or not: borders and code together.
        Defined also where codes overlap.
    cu_coverage : float
        Share of the continuum on which cu rests, in [0, 1].
    k_coverage : mapping of str to float
        Share of what was marked with the code on which k rests, in [0, 1].
    length : int
        Characters read by each coder.
    """

    u: Coefficient
    binary: Coefficient
    cu: Coefficient
    k: Mapping[str, Coefficient]
    by_code: Mapping[str, Coefficient]
    cu_coverage: float
    k_coverage: Mapping[str, float]
    length: int

    def __float__(self) -> float:
        return self.u.value


def unitizing_alpha(
    spans: Iterable[Span | tuple[Any, ...]],
    lengths: int | Mapping[str, int],
    *,
    coders: Sequence[str] | None = None,
    codes: Sequence[str] | None = None,
    interval: Resampling | None = None,
) -> UnitizingAlpha:
    """Krippendorff's α for unitizing: the family of 2016.

    Parameters
    ----------
    spans : iterable of Span
        ``(coder, code, start, end)`` or ``(coder, code, start, end, document)``, half-open
        code points. Spans of one coder and code that share characters are one span; spans
        that touch are two. A span given twice counts once.
    lengths : int or mapping of str to int
        Characters of the text, or of each document. All coders must have read all of them:
        leave out documents that only some of them saw.
    coders : sequence of str, optional
        All who read the texts, those who marked nothing too. By default those who marked
        something, which is too few where somebody found nothing.
    codes : sequence of str, optional
        All codes in question, those that nobody used too. By default those that were used.
    interval : Resampling, optional
        Gives each coefficient its interval; its ``clusters`` name for each document, in the
        order of `lengths`, whom it belongs to.

    Returns
    -------
    UnitizingAlpha
        Coefficients up to 1; 0 where coders agree as by chance. ``n_units`` is the number
        of spans that entered. ``nan`` with its reason where nothing can vary, and for u, cu
        and k where spans of one coder with different codes overlap: the source demands
        segments that exclude one another, so read each code by itself in ``by_code``
        (``binary`` then takes overlapping spans together).

    Raises
    ------
    AgreementError
        A span outside its text or without length, an unknown coder, code or document, fewer
        than two coders: every fault at once.

    Notes
    -----
    Observed coincidences are lengths of text shared by two coders' segments, each pair of
    coders in both orders and weighted 1 / (m − 1) (eq. 1). Expected ones come from the
    margins without pairing a segment with itself; a gap has no structure of its own and
    counts as single characters (eq. 4). u is eq. 5, binary eq. 6, cu eq. 10 and 11, k
    eq. 13. Three or more coders who seldom overlap can make eq. 10 negative: then cu and k
    are ``nan``.

    References
    ----------
    Krippendorff, K., Mathet, Y., Bouvry, S., & Widlöcher, A. (2016). On the reliability of
    unitizing textual continua: Further developments. Quality & Quantity 50(6), 2347-2364.
    Krippendorff, K. (2019). Content Analysis: An Introduction to Its Methodology (4th ed.).
    Sage, section 12.6.

    Examples
    --------
    Three coders on 20 characters (the example of an independent implementation, which
    gives .474, .433 and .779):

    >>> found = unitizing_alpha(
    ...     [
    ...         ("Alex", "1", 2, 5), ("Alex", "1", 9, 11), ("Alex", "2", 12, 20),
    ...         ("Paul", "1", 2, 5), ("Paul", "2", 7, 15),
    ...         ("Susan", "1", 2, 5), ("Susan", "2", 10, 15),
    ...     ],
    ...     20,
    ... )
    >>> [round(float(each), 3) for each in (found.u, found.binary, found.cu)]
    [0.474, 0.433, 0.779]
    >>> {code: round(float(alpha), 3) for code, alpha in found.k.items()}
    {'1': 0.769, '2': 0.787}
    >>> round(found.cu_coverage, 4)
    0.3833
    """
    table = read_spans(spans, lengths, coders=coders, codes=codes).merged()
    by_code = {
        code: _marked(table.where(table.code == i), interval, f"nobody marked {code!r}")
        for i, code in enumerate(table.codes)
    }
    binary = _marked(table.without_codes().merged(), interval, _NOBODY)
    crossing = next(overlapping(table), None)
    if crossing is None:
        return _family(table, binary, by_code, interval)
    return _crossed(table, binary, by_code, _crossing_reason(table, *crossing))


@dataclass(frozen=True, slots=True)
class _Sums:
    """What each document contributes; category 0 is the gap, code i is category i + 1.

    Parameters
    ----------
    observed : ndarray, (n_documents, n_codes + 1, n_codes + 1)
        Coincidences, eq. 1.
    squares : ndarray, (n_documents, n_codes + 1)
        What a segment would share with itself, for the expected coincidences of eq. 4.
    shared : ndarray, (n_documents, n_codes)
        The same for the parts of segments that another coder marked too, eq. 10.
    n_shared : ndarray, (n_codes,)
        Spans of each code of which another coder marked a part.
    """

    observed: Array
    squares: Array
    shared: Array
    n_shared: NDArray[np.int64]


def _sums(table: SpanTable) -> _Sums:
    """The sums over each document; no coder's spans may overlap."""
    pieces = cut(table)
    m, n_codes, n_documents = len(table.coders), len(table.codes), len(table.documents)
    category = np.where(pieces.owner >= 0, np.append(table.code, -1)[pieces.owner] + 1, 0)
    k = n_codes + 1
    observed = np.zeros((n_documents, k, k))
    overlap = np.zeros((m, len(table)))  # of each span with what each coder marked
    for i in range(m):
        for j in range(m):
            if i != j:
                cell = (pieces.document * k + category[i]) * k + category[j]
                observed += _add(cell, pieces.lengths, observed.shape)
                both = (category[i] > 0) & (category[j] > 0)
                overlap[j] += _add(pieces.owner[i][both], pieces.lengths[both], (len(table),))
    observed /= m - 1
    own = (table.end - table.start) ** 2
    squares = np.zeros((n_documents, k))
    squares[:, 0] = observed[:, 0].sum(axis=-1)
    squares[:, 1:] = _add(table.document * n_codes + table.code, own, (n_documents, n_codes))
    shared = (overlap**2).sum(axis=0) / (m - 1)
    return _Sums(
        observed,
        squares,
        _add(table.document * n_codes + table.code, shared, (n_documents, n_codes)),
        np.bincount(table.code[overlap.any(axis=0)], minlength=n_codes),
    )


def _add(cell: NDArray[np.int64], weights: NDArray[Any], shape: tuple[int, ...]) -> Array:
    """Weights summed by cell, in the given shape."""
    sums = np.bincount(cell, weights=weights, minlength=int(np.prod(shape)))
    return np.asarray(sums, dtype=float).reshape(shape)


def _alpha(observed: Array, squares: Array) -> Array:
    """α from coincidences (..., k, k) and self-coincidences (..., k); ``nan`` where undefined.

    Eq. 4 and 5 with 10 and 11: the expected share of coincidences that differ is all
    pairings of the margins that differ over all pairings but those with oneself.
    """
    margins = observed.sum(axis=-1)
    whole = margins.sum(axis=-1)
    alike = np.trace(observed, axis1=-2, axis2=-1)
    apart = whole**2 - (margins**2).sum(axis=-1)
    pairings = whole**2 - squares.sum(axis=-1)
    defined = (apart > _ROUNDING * whole**2) & (apart <= pairings * (1 + _ROUNDING))
    with np.errstate(divide="ignore", invalid="ignore"):
        alpha = 1 - (whole - alike) / whole * pairings / apart
    return np.where(defined, alpha, np.nan)


def _alpha_of_code(observed: Array, squares: Array, k: int) -> Array:
    """(k)uα, eq. 13: disagreement within row k against what chance gives there."""
    margins = observed.sum(axis=-1)
    row = margins[..., k]
    apart = row * (margins.sum(axis=-1) - row)
    pairings = row * margins.sum(axis=-1) - squares[..., k]
    defined = (apart > _ROUNDING * row**2) & (apart <= pairings * (1 + _ROUNDING))
    with np.errstate(divide="ignore", invalid="ignore"):
        alpha = 1 - (row - observed[..., k, k]) / row * pairings / apart
    return np.where(defined, alpha, np.nan)


@dataclass(frozen=True, slots=True)
class _Member:
    """A member of the family: its sums over documents, and the α of their totals.

    Parameters
    ----------
    observed, squares : ndarray, (n_documents, k, k) and (n_documents, k)
        Coincidences, and those of segments with themselves.
    n_units : int
        Spans that entered.
    undefined : str
        Why α is ``nan``, should it be.
    alpha : callable
        From totals of both to α.
    """

    observed: Array
    squares: Array
    n_units: int
    undefined: str
    alpha: Callable[[Array, Array], Array]

    def estimate(self, interval: Resampling | None) -> Coefficient:
        """The value with its interval, or the reason why there is none."""
        value = float(self.alpha(self.observed.sum(axis=0), self.squares.sum(axis=0)))
        if np.isnan(value):
            return Coefficient(value, self.n_units, reason=self.undefined)
        if interval is None:
            return Coefficient(value, self.n_units)
        n, k = self.squares.shape
        sums = np.concatenate([self.observed.reshape(n, k * k), self.squares], axis=1)
        found = interval.of_sums(sums, self._of_totals, bounds=(float("-inf"), 1.0))
        return Coefficient(value, self.n_units, found)

    def _of_totals(self, totals: Array) -> Array:
        k = self.squares.shape[1]
        matrices = totals[..., : k * k].reshape(*totals.shape[:-1], k, k)
        return self.alpha(matrices, totals[..., k * k :])


def _marked(table: SpanTable, interval: Resampling | None, unused: str) -> Coefficient:
    """uα of marked against unmarked, whatever the spans' codes."""
    sums = _sums(table.without_codes())
    reason = _ALIKE if len(table) else unused
    return _Member(sums.observed, sums.squares, len(table), reason, _alpha).estimate(interval)


def _family(
    table: SpanTable,
    binary: Coefficient,
    by_code: Mapping[str, Coefficient],
    interval: Resampling | None,
) -> UnitizingAlpha:
    """The family where each coder's spans exclude one another."""
    sums = _sums(table)
    reason = _ALIKE if len(table) else _NOBODY
    u = _Member(sums.observed, sums.squares, len(table), reason, _alpha)
    valued = (sums.observed[:, 1:, 1:], sums.shared)
    shared = valued[0].sum(axis=0)
    cu = _Member(*valued, int(sums.n_shared.sum()), _why_not_cu(shared), _alpha)
    k = {
        code: _Member(
            *valued, int(sums.n_shared[i]), _why_not_k(shared, i), partial(_alpha_of_code, k=i)
        )
        for i, code in enumerate(table.codes)
    }
    return UnitizingAlpha(
        u.estimate(interval),
        binary,
        cu.estimate(interval),
        {code: member.estimate(interval) for code, member in k.items()},
        by_code,
        float(shared.sum() / sums.observed.sum()),
        _coverage(table, shared, sums.observed),
        table.length,
    )


def _coverage(table: SpanTable, shared: Array, observed: Array) -> dict[str, float]:
    """What share of the marks of each code another coder marked too."""
    marked = observed.sum(axis=(0, 2))[1:]
    return {
        code: float(shared[i].sum() / marked[i]) if marked[i] else float("nan")
        for i, code in enumerate(table.codes)
    }


def _why_not_cu(observed: Array) -> str:
    used = int((observed.sum(axis=0) > 0).sum())
    return _APART if used == 0 else _ONE_CODE if used == 1 else _SPARSE


def _why_not_k(observed: Array, k: int) -> str:
    if observed.sum() and not observed[k].sum():
        return "nowhere does a mark with this code overlap another coder's mark"
    return _why_not_cu(observed)


def _crossed(
    table: SpanTable, binary: Coefficient, by_code: Mapping[str, Coefficient], reason: str
) -> UnitizingAlpha:
    """The family where one coder's codes overlap: what needs exclusive segments is missing."""
    nan = float("nan")
    none = Coefficient(nan, len(table), reason=reason)
    k = {
        code: Coefficient(nan, int((table.code == i).sum()), reason=reason)
        for i, code in enumerate(table.codes)
    }
    return UnitizingAlpha(
        none, binary, none, k, by_code, nan, dict.fromkeys(table.codes, nan), table.length
    )


def _crossing_reason(table: SpanTable, one: int, other: int) -> str:
    coder = table.coders[table.coder[one]]
    document = table.documents[table.document[one]]
    place = f" in document {document!r}" if document else ""
    start = int(table.start[other] - table.edges[table.document[other]])
    both = sorted(table.codes[table.code[i]] for i in (one, other))
    return (
        f"spans of one coder with different codes overlap ({coder!r}, {both[0]!r} and "
        f"{both[1]!r} at {start}{place}): take each code by itself, by_code"
    )
