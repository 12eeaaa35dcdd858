"""Do two coders mark the same passages? Spans matched one to one, and their borders.

A coder's hand often takes a space or a full stop along; what differs only there is the same
passage, so spans are trimmed before they are compared, and raw ones can be had. A matched
span is counted once: coder A's long passage cannot match two of coder B's.
"""

from __future__ import annotations

import functools
import operator
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from reflect_analysis.coefficients._spans import Span, SpanTable, cut, read_spans
from reflect_analysis.coefficients.values import Coefficient
from reflect_analysis.errors import AgreementError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reflect_analysis.coefficients.resampling import Resampling

__all__ = [
    "MatchScores",
    "Span",
    "SpanAgreement",
    "SpanPair",
    "SpanScores",
    "match_spans",
    "trim_span",
]


class SpanPair(NamedTuple):
    """Two coders' spans that were matched, as they were compared (trimmed or raw)."""

    first: Span
    second: Span

    @property
    def boundary_distance(self) -> int:
        """Characters by which the two beginnings and the two ends lie apart, summed."""
        return abs(self.first.start - self.second.start) + abs(self.first.end - self.second.end)


@dataclass(frozen=True, slots=True)
class MatchScores:
    """How far the second coder's marks match the first coder's.

    Parameters
    ----------
    n_first, n_second, n_matched : int
        Spans, or characters.
    precision : Coefficient
        In [0, 1]: matched among the second coder's; ``nan`` where the second marked none.
    recall : Coefficient
        In [0, 1]: matched among the first coder's; ``nan`` where the first marked none.
    f1 : Coefficient
        In [0, 1]: twice the matched over all marks of both; the same whoever is first.
    """

    n_first: int
    n_second: int
    n_matched: int
    precision: Coefficient
    recall: Coefficient
    f1: Coefficient


@dataclass(frozen=True, slots=True)
class SpanScores:
    """Two coders' spans of one code, or of all, compared in three ways.

    Parameters
    ----------
    exact : MatchScores
        The same beginning and end.
    overlapping : MatchScores
        At least one character in common, one to one; exact matches count as well.
    characters : MatchScores
        Characters marked, whatever the spans.
    mean_distance, median_distance : Coefficient
        Of the overlapping pairs: characters by which beginnings and ends lie apart, summed,
        at least 0; ``nan`` where no pair matched.
    """

    exact: MatchScores
    overlapping: MatchScores
    characters: MatchScores
    mean_distance: Coefficient
    median_distance: Coefficient


@dataclass(frozen=True, slots=True)
class SpanAgreement:
    """What two coders marked, compared.

    Parameters
    ----------
    coders : tuple of str
        The first and the second coder.
    by_code : mapping of str to SpanScores
    overall : SpanScores
        All codes together; a match needs the same code.
    any_code : SpanScores
        Whatever the code: were the same passages marked?
    pairs : tuple of SpanPair
        The overlapping matches with the same code.
    trimmed : bool
        Whether outer space and punctuation were left out.
    """

    coders: tuple[str, str]
    by_code: Mapping[str, SpanScores]
    overall: SpanScores
    any_code: SpanScores
    pairs: tuple[SpanPair, ...]
    trimmed: bool


def trim_span(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without outer white space and punctuation.

    Parameters
    ----------
    text : str
    start, end : int
        Half-open code points.

    Returns
    -------
    tuple of int
        Start and end within the given ones. A span of nothing but space and punctuation
        stays as it is: it is somebody's mark.

    Examples
    --------
    >>> text = "We wrote, together."
    >>> start, end = trim_span(text, 8, 19)
    >>> text[start:end]
    'together'
    """
    left, right = start, end
    while left < right and _is_outer(text[left]):
        left += 1
    while right > left and _is_outer(text[right - 1]):
        right -= 1
    return (left, right) if left < right else (start, end)


def match_spans(
    spans: Iterable[Span | tuple[Any, ...]],
    texts: str | Mapping[str, str],
    *,
    coders: Sequence[str] | None = None,
    codes: Sequence[str] | None = None,
    trim: bool = True,
    interval: Resampling | None = None,
) -> SpanAgreement:
    """Compare two coders' spans: exact, overlapping, by characters, with border distances.

    Parameters
    ----------
    spans : iterable of Span
        ``(coder, code, start, end)`` or ``(coder, code, start, end, document)``, half-open
        code points. A span given twice counts once.
    texts : str or mapping of str to str
        The text, or each document's: all that both coders read.
    coders : sequence of str, optional
        The first coder and the second, needed where one of them marked nothing. By default
        the two who marked something, by name.
    codes : sequence of str, optional
        All codes in question, those that nobody used too.
    trim : bool
        Compare without outer white space and punctuation (`trim_span`).
    interval : Resampling, optional
        Gives precision, recall and F1 their intervals; its ``clusters`` name for each
        document, in the order of `texts`, whom it belongs to.

    Returns
    -------
    SpanAgreement

    Raises
    ------
    AgreementError
        A span outside its text or without length, an unknown coder, code or document, other
        than two coders: every fault at once.

    Notes
    -----
    Matching is one to one within document and code: equal spans first, then the assignment
    with the most pairs that share a character, among those the one that shares the most
    characters (Kuhn 1955, by `scipy.optimize.linear_sum_assignment`). ``n_units`` of a
    coefficient is its denominator.

    References
    ----------
    Hripcsak, G., & Rothschild, A. S. (2005). Agreement, the F-measure, and reliability in
    information retrieval. Journal of the American Medical Informatics Association 12(3),
    296-298 (F1 of two coders, where kappa's count of joint absences is unknown).
    Kuhn, H. W. (1955). The Hungarian method for the assignment problem. Naval Research
    Logistics Quarterly 2, 83-97.

    Examples
    --------
    >>> text = "We meet on Fridays. She listens, and I learn from her."
    >>> found = match_spans(
    ...     [
    ...         ("coder-1", "time", 0, 18), ("coder-1", "learning", 37, 53),
    ...         ("coder-2", "time", 0, 19), ("coder-2", "learning", 20, 53),
    ...     ],
    ...     text,
    ... )
    >>> float(found.overall.exact.f1), float(found.overall.overlapping.f1)
    (0.5, 1.0)
    >>> [pair.boundary_distance for pair in found.pairs]
    [17, 0]
    >>> round(float(found.overall.characters.f1), 3)
    0.8
    """
    each = {"": texts} if isinstance(texts, str) else dict(texts)
    lengths = {document: len(text) for document, text in each.items()}
    rows = list(spans)
    table = read_spans(rows, lengths, coders=coders, codes=codes)
    if len(table.coders) != 2:  # noqa: PLR2004  # the comparison is of two
        raise AgreementError(
            f"expected two coders, got {list(table.coders)!r}: compare two at a time, with "
            "their spans alone"
        )
    if trim:
        trimmed = [_trimmed(Span(*row), each) for row in rows]
        table = read_spans(trimmed, lengths, coders=table.coders, codes=table.codes)
    counts = {code: _compare(table.where(table.code == i)) for i, code in enumerate(table.codes)}
    whole = functools.reduce(operator.add, counts.values())
    return SpanAgreement(
        (table.coders[0], table.coders[1]),
        {code: _scores(each, interval) for code, each in counts.items()},
        _scores(whole, interval),
        _scores(_compare(table.without_codes()), interval),
        whole.pairs,
        trim,
    )


def _is_outer(character: str) -> bool:
    return character.isspace() or unicodedata.category(character).startswith("P")


def _trimmed(row: Span, texts: Mapping[str, str]) -> Span:
    start, end = trim_span(texts[row.document], row.start, row.end)
    return row._replace(start=start, end=end)


@dataclass(frozen=True, slots=True)
class _Counts:
    """What two coders marked, counted in each document.

    Parameters
    ----------
    exact, overlapping, characters : ndarray, (n_documents, 3)
        The first coder's, the second coder's, and matched.
    pairs : tuple of SpanPair
    """

    exact: NDArray[np.float64]
    overlapping: NDArray[np.float64]
    characters: NDArray[np.float64]
    pairs: tuple[SpanPair, ...]

    def __add__(self, other: _Counts) -> _Counts:
        return _Counts(
            self.exact + other.exact,
            self.overlapping + other.overlapping,
            self.characters + other.characters,
            self.pairs + other.pairs,
        )


def _compare(table: SpanTable) -> _Counts:
    """Match the spans of one code."""
    table = table.where(np.lexsort((table.end, table.start, table.coder)))
    table = table.where(_first_of_its_kind(table))
    spans = _per_document(table, [table.document[table.coder == i] for i in (0, 1)])
    same = _equal(table)
    near = _nearest(table, np.setdiff1d(np.arange(len(table)), same))
    matched = [table.document[chosen[:, 0]] for chosen in (same, np.concatenate([same, near]))]
    exact, overlapping = _per_document(table, matched).T
    pairs = np.concatenate([same, near])
    return _Counts(
        np.column_stack([spans, exact]),
        np.column_stack([spans, overlapping]),
        _characters(table.merged()),
        tuple(SpanPair(table.span(i), table.span(j)) for i, j in pairs.tolist()),
    )


def _first_of_its_kind(table: SpanTable) -> NDArray[np.bool_]:
    """Of equal spans in a sorted table the first; without codes, two codes on one passage."""
    rows = np.column_stack([table.coder, table.start, table.end])
    fresh = np.ones(len(table), dtype=bool)
    fresh[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    return fresh


def _per_document(table: SpanTable, documents: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """How often each document occurs in each column, (n_documents, n_columns)."""
    n = len(table.documents)
    return np.column_stack([np.bincount(column, minlength=n) for column in documents])


def _equal(table: SpanTable) -> NDArray[np.int64]:
    """Pairs of spans with the same borders, (n_pairs, 2)."""
    place = table.start * (table.length + 1) + table.end
    first, second = (np.flatnonzero(table.coder == i) for i in (0, 1))
    _, i, j = np.intersect1d(place[first], place[second], return_indices=True)
    return np.column_stack([first[i], second[j]])


def _nearest(table: SpanTable, left: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pairs of spans that share characters, one to one: the most pairs, then characters."""
    pairs = [np.empty((0, 2), dtype=np.int64)]
    for document in np.unique(table.document[left]):
        here = left[table.document[left] == document]
        pairs.append(_assign(table, here[table.coder[here] == 0], here[table.coder[here] == 1]))
    return np.concatenate(pairs)


def _assign(
    table: SpanTable, first: NDArray[np.int64], second: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The best one-to-one assignment of two coders' spans in one document."""
    from scipy.optimize import linear_sum_assignment

    latest = np.maximum(table.start[first][:, None], table.start[second])
    shared = np.minimum(table.end[first][:, None], table.end[second]) - latest
    shared = np.clip(shared, 0, None)
    # A pair more outweighs every character that it could cost.
    worth = shared + (shared > 0) * (shared.sum() + 1)
    i, j = linear_sum_assignment(worth, maximize=True)
    met = shared[i, j] > 0
    return np.column_stack([first[i[met]], second[j[met]]])


def _characters(table: SpanTable) -> NDArray[np.float64]:
    """Characters marked by the first, the second, and both, (n_documents, 3)."""
    pieces = cut(table)
    first, second = pieces.owner >= 0
    return np.column_stack(
        [
            np.bincount(pieces.document, pieces.lengths * marked, len(table.documents))
            for marked in (first, second, first & second)
        ]
    )


def _scores(counts: _Counts, interval: Resampling | None) -> SpanScores:
    distances = [pair.boundary_distance for pair in counts.pairs]
    unit = "no span of one coder overlaps one of the other"
    return SpanScores(
        _match_scores(counts.exact, interval),
        _match_scores(counts.overlapping, interval),
        _match_scores(counts.characters, interval),
        *(
            Coefficient(float(summary(distances)), len(distances))
            if distances
            else Coefficient(float("nan"), 0, reason=unit)
            for summary in (fmean, median)
        ),
    )


def _match_scores(counts: NDArray[np.float64], interval: Resampling | None) -> MatchScores:
    first, second, matched = (int(total) for total in counts.sum(axis=0))
    return MatchScores(
        first,
        second,
        matched,
        _share(counts, (0, 1, 0), "the second coder marked nothing", interval),
        _share(counts, (1, 0, 0), "the first coder marked nothing", interval),
        _share(counts, (0.5, 0.5, 0), "neither coder marked anything", interval),
    )


def _share(
    counts: NDArray[np.float64],
    weights: tuple[float, float, float],
    reason: str,
    interval: Resampling | None,
) -> Coefficient:
    """Matched over the weighted sum of the first's and the second's."""

    def value(totals: NDArray[np.float64]) -> NDArray[np.float64]:
        whole = totals @ np.array(weights)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(whole > 0, totals[..., 2] / whole, np.nan)

    total = counts.sum(axis=0)
    n_units = int(total[np.array(weights) > 0].sum())
    if n_units == 0:
        return Coefficient(float("nan"), 0, reason=reason)
    found = interval.of_sums(counts, value, bounds=(0, 1)) if interval else None
    return Coefficient(float(value(total)), n_units, found)
