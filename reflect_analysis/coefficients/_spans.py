"""Coders' spans as checked arrays, and the texts cut into pieces where nothing changes.

Positions are half-open code points. Several texts stand one behind the other on one
continuum; no span and no piece crosses from one to the next. Work is done on pieces (a few
per span), never on single characters.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from reflect_analysis.errors import AgreementError, did_you_mean, raise_all

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Span"]

_MOST_SHOWN = 50  # Faults told one by one; the rest are counted.


class Span(NamedTuple):
    """What one coder marked with one code.

    Wherever spans are asked for, a plain tuple in this order does as well.

    Parameters
    ----------
    coder, code : str
    start, end : int
        Half-open code points, ``0 <= start < end <= length`` of the text.
    document : str
        May be left out where there is one text.

    Examples
    --------
    >>> Span("coder-1", "belonging", 4, 17, "R1").end
    17
    """

    coder: str
    code: str
    start: int
    end: int
    document: str = ""


@dataclass(frozen=True, slots=True)
class SpanTable:
    """Checked spans as arrays, (n_spans,); numbers stand for names.

    ``start`` and ``end`` count from the beginning of the continuum, on which document d
    takes ``[edges[d], edges[d + 1])``.
    """

    coders: tuple[str, ...]
    codes: tuple[str, ...]
    documents: tuple[str, ...]
    edges: NDArray[np.int64]
    coder: NDArray[np.int64]
    code: NDArray[np.int64]
    document: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.coder)

    @property
    def length(self) -> int:
        """Of the whole continuum, in characters."""
        return int(self.edges[-1])

    def span(self, number: int) -> Span:
        """One span by name, counted from the beginning of its document."""
        document = self.document[number]
        start, end = (int(at[number] - self.edges[document]) for at in (self.start, self.end))
        names = (self.coders[self.coder[number]], self.codes[self.code[number]])
        return Span(*names, start, end, self.documents[document])

    def where(self, chosen: NDArray[Any]) -> SpanTable:
        """The chosen spans, by mask or by number, among the same names."""
        return replace(
            self,
            coder=self.coder[chosen],
            code=self.code[chosen],
            document=self.document[chosen],
            start=self.start[chosen],
            end=self.end[chosen],
        )

    def without_codes(self) -> SpanTable:
        """The same spans under one nameless code: marked or not, whatever the code."""
        return replace(self, codes=("",), code=np.zeros_like(self.code))

    def merged(self) -> SpanTable:
        """One span in place of those of one coder and code that share characters.

        Spans that only touch stay apart: a coder who drew a border there meant it.
        """
        order = np.lexsort((self.start, self.code, self.coder))
        table = self.where(order)
        group = table.coder * len(self.codes) + table.code
        # Each group on a stretch of its own, so that one running maximum serves all.
        shift = group * (self.length + 1)
        reach = np.maximum.accumulate(table.end + shift) if len(table) else table.end
        fresh = np.ones(len(table), dtype=bool)
        fresh[1:] = table.start[1:] + shift[1:] >= reach[:-1]
        heads = np.flatnonzero(fresh)
        last = np.append(heads[1:], len(table))[: len(heads)] - 1
        return replace(table.where(heads), end=reach[last] - shift[last])


@dataclass(frozen=True, slots=True)
class Pieces:
    """The continuum cut at every border of a span or a text.

    Parameters
    ----------
    lengths, document : ndarray, (n_pieces,)
    owner : ndarray, (n_coders, n_pieces)
        The number of the coder's span that covers the piece; -1 for none.
    """

    lengths: NDArray[np.int64]
    document: NDArray[np.int64]
    owner: NDArray[np.int64]


def cut(table: SpanTable) -> Pieces:
    """Cut the continuum; no coder's spans may overlap one another."""
    borders = np.unique(np.concatenate([table.edges, table.start, table.end]))
    left = borders[:-1]
    owner = np.full((len(table.coders), len(left)), -1, dtype=np.int64)
    for i in range(len(table.coders)):
        mine = np.flatnonzero(table.coder == i)
        if len(mine):
            mine = mine[np.argsort(table.start[mine])]
            at = np.searchsorted(table.start[mine], left, side="right") - 1
            inside = (at >= 0) & (left < table.end[mine[at]])
            owner[i, inside] = mine[at[inside]]
    document = np.searchsorted(table.edges, left, side="right") - 1
    return Pieces(np.diff(borders), document, owner)


def overlapping(table: SpanTable) -> Iterator[tuple[int, int]]:
    """Pairs of neighbouring spans of one coder that share characters."""
    for i in range(len(table.coders)):
        mine = np.flatnonzero(table.coder == i)
        mine = mine[np.argsort(table.start[mine], kind="stable")]
        reach = np.maximum.accumulate(table.end[mine]) if len(mine) else mine
        for place in np.flatnonzero(table.start[mine[1:]] < reach[:-1]):
            yield int(mine[place]), int(mine[place + 1])


def read_spans(
    spans: Iterable[Span | tuple[Any, ...]],
    lengths: int | Mapping[str, int],
    *,
    coders: Sequence[str] | None = None,
    codes: Sequence[str] | None = None,
) -> SpanTable:
    """Check spans against their texts and their coders; every fault at once.

    Raises
    ------
    AgreementError
        A span outside its text or without length, an unknown document, coder or code, a
        text without length, fewer than two coders.
    """
    sizes = dict(lengths) if isinstance(lengths, Mapping) else {"": operator.index(lengths)}
    rows = [_row(span) for span in spans]
    faults = [*_size_faults(sizes), *_coder_faults(rows, coders)]
    known = {"coder": coders, "code": codes}
    for number, row in enumerate(rows, start=1):
        faults += _span_faults(number, row, sizes, known)
    hidden = len(faults) - _MOST_SHOWN
    raise_all(AgreementError, faults[:_MOST_SHOWN] + [f"and {hidden} more"] * (hidden > 0))
    names = (
        tuple(coders) if coders else tuple(sorted({row.coder for row in rows})),
        tuple(codes) if codes else tuple(sorted({row.code for row in rows})),
    )
    return _table(rows, sizes, *names)


def _row(span: Span | tuple[Any, ...]) -> Span:
    try:
        row = Span(*span)
        return row._replace(start=operator.index(row.start), end=operator.index(row.end))
    except TypeError:
        raise TypeError(
            f"expected spans as (coder, code, start, end) or with a document at the end, whole "
            f"numbers for start and end; got {span!r}"
        ) from None


def _size_faults(sizes: Mapping[str, int]) -> Iterator[str]:
    if not sizes:
        yield "no text: give the length of each text that the coders read"
    for document, size in sizes.items():
        if size < 1:
            yield f"{_text(document)}: a length of {size}; expected at least one character"


def _coder_faults(rows: Sequence[Span], coders: Sequence[str] | None) -> Iterator[str]:
    names = sorted({row.coder for row in rows}) if coders is None else list(coders)
    if len(set(names)) < 2:  # noqa: PLR2004  # agreement is between two
        yield (
            f"agreement needs two coders, got {names!r}; name all who read the texts with "
            "coders=[...], those who marked nothing too"
        )
    if len(set(names)) < len(names):
        yield f"a coder is named twice in coders={names!r}"


def _span_faults(
    number: int, row: Span, sizes: Mapping[str, int], known: Mapping[str, Sequence[str] | None]
) -> Iterator[str]:
    place = f"span {number} ({row.coder!r}, {row.code!r}, {row.start} to {row.end})"
    for kind, names in known.items():
        name = getattr(row, kind)
        if names is not None and name not in names:
            yield f"{place}: unknown {kind} {name!r}{did_you_mean(str(name), map(str, names))}"
    if row.document not in sizes:
        hint = did_you_mean(str(row.document), map(str, sizes))
        yield f"{place}: " + (
            f"unknown document {row.document!r}{hint}" if row.document else "names no document"
        )
    elif row.start < 0 or row.end > sizes[row.document]:
        yield (
            f"{place}: outside {_text(row.document)}, which runs from 0 to "
            f"{sizes[row.document]}; expected half-open code points"
        )
    if row.end <= row.start:
        yield f"{place}: ends before it has begun; expected start < end"


def _text(document: str) -> str:
    return f"document {document!r}" if document else "the text"


def _table(
    rows: Sequence[Span], sizes: Mapping[str, int], coders: tuple[str, ...], codes: tuple[str, ...]
) -> SpanTable:
    documents = tuple(sizes)
    edges = np.concatenate([[0], np.cumsum(list(sizes.values()), dtype=np.int64)])
    numbers = [{name: i for i, name in enumerate(names)} for names in (coders, codes, documents)]
    table = np.array(
        [
            (numbers[0][r.coder], numbers[1][r.code], numbers[2][r.document], r.start, r.end)
            for r in dict.fromkeys(rows)
        ],
        dtype=np.int64,
    ).reshape(-1, 5)
    coder, code, document, start, end = table.T
    shift = edges[document]
    return SpanTable(
        coders, codes, documents, edges, coder, code, document, start + shift, end + shift
    )
