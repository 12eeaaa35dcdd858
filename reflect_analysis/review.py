"""A human pass over the texts: what comes next, how far one is, what is proposed, who differs.

Pure: values in, values out. The coding panel shows what is decided here, and a notebook may ask
the same. A blind coder is given nothing that tells of another's work; `waiting_list` is handed
only what may be seen, so an order cannot betray what the text must not.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from reflect_analysis.codebook import Codebook
from reflect_analysis.codings import Coding, Codings
from reflect_analysis.corpus import Document
from reflect_analysis.regions import Region

__all__ = [
    "CodeMark",
    "Differing",
    "Filter",
    "Order",
    "Waiting",
    "code_marks",
    "differing",
    "in_order",
    "next_after",
    "proposals",
    "uncertainty",
    "waiting_list",
]

Order = Literal["assigned", "uncertain", "audit"]

_HUES = 8  # Okabe and Ito's
_PATTERNS = 6
_TURN = 5  # by which the patterns are shifted each time the hues begin again
_DIGITS = "1234567890"
_TITLES = ("title", "session", "date")
Span = tuple[int, int, Region | None]


# ── how a code looks, and its key ──


@dataclass(frozen=True, slots=True)
class CodeMark:
    """How a code is drawn, and the key that gives it.

    Parameters
    ----------
    hue : int
        Of Okabe and Ito's colours, from 0.
    pattern : int
        Solid, dashed, dotted, double …: no two of the first 48 codes share hue and pattern.
    key : str
        ``"1"`` to ``"0"`` and ``"shift+1"`` to ``"shift+0"`` for the first twenty codes in use.
    """

    hue: int
    pattern: int
    key: str


def code_marks(codebook: Codebook) -> dict[str, CodeMark]:
    """How each code is drawn; a retired one keeps its looks and has no key.

    Parameters
    ----------
    codebook : Codebook

    Returns
    -------
    dict
        By the id of the code, in the codebook's order.

    Notes
    -----
    Neighbours differ in hue and in pattern, so that no code is told by its colour alone.
    """
    keys = iter([*_DIGITS, *(f"shift+{digit}" for digit in _DIGITS)])
    return {
        code.id: CodeMark(
            place % _HUES,
            (place % _HUES + _TURN * (place // _HUES)) % _PATTERNS,
            "" if code.retired else next(keys, ""),
        )
        for place, code in enumerate(codebook)
    }


# ── what waits ──


@dataclass(frozen=True, slots=True)
class Waiting:
    """A document in a coder's queue.

    Parameters
    ----------
    id, title, kind : str
    assigned, read, flagged : bool
    own : int
        The coder's codings that hold.
    proposed : int
        Proposals of machines that nobody has decided on; 0 for who is blind.
    doubt : float, optional
        In [0, 1]: 1 where a proposal's score is as low as any that was proposed.
    """

    id: str
    title: str
    kind: str
    assigned: bool
    read: bool
    flagged: bool
    own: int
    proposed: int
    doubt: float | None = None


def waiting_list(
    documents: Iterable[Document],
    log: Codings,
    coder: str,
    *,
    assigned: Iterable[str] = (),
    read: Iterable[str] = (),
    flagged: Iterable[str] = (),
) -> tuple[Waiting, ...]:
    """A coder's documents, in their own order.

    Parameters
    ----------
    documents : iterable of Document
        Those that the coder may code.
    log : Codings
        What the coder may see.
    coder : str
    assigned, read, flagged : iterable of str
        Ids of documents.
    """
    own: dict[str, int] = defaultdict(int)
    open_: dict[str, int] = defaultdict(int)
    for row in log.current:
        if row.coding.coder == coder:
            own[row.coding.document_id] += 1
        elif row.status == "machine":
            open_[row.coding.document_id] += 1
    chosen, done, marked = frozenset(assigned), frozenset(read), frozenset(flagged)
    doubts = uncertainty(log)
    return tuple(
        Waiting(
            each.id,
            title_of(each),
            each.kind,
            assigned=each.id in chosen,
            read=each.id in done,
            flagged=each.id in marked,
            own=own[each.id],
            proposed=open_[each.id],
            doubt=doubts.get(each.id),
        )
        for each in documents
    )


def title_of(document: Document) -> str:
    """What a document is called in a list: its title, else its id with session and date."""
    told = [str(document.attributes[name]) for name in _TITLES if name in document.attributes]
    return told[0] if "title" in document.attributes else " · ".join([document.id, *told[-1:]])


def uncertainty(log: Codings) -> dict[str, float]:
    """How near each document's least certain open proposal lies to the threshold.

    Scores of two machines, or of two codes, are no measure of one another. So each is ranked among
    those of its own machine and code: the lowest of them lies nearest to the threshold above
    which proposals were made.

    Returns
    -------
    dict
        In [0, 1] by document, 1 the least certain; without documents that have no scored proposal.
    """
    groups: dict[tuple[str, str], list[tuple[float, str]]] = defaultdict(list)
    for row in log.current:
        coding = row.coding
        if row.status == "machine" and coding.score is not None:
            groups[coding.coder, coding.code_id].append((coding.score, coding.document_id))
    found: dict[str, float] = {}
    for rows in groups.values():
        scores = sorted({score for score, _ in rows})
        rank = {score: place for place, score in enumerate(scores)}
        for score, document_id in rows:
            doubt = 1 - rank[score] / len(scores)
            found[document_id] = max(doubt, found.get(document_id, 0.0))
    return found


def in_order(rows: Iterable[Waiting], order: Order, *, seed: int = 0) -> tuple[Waiting, ...]:
    """A queue in one of its orders.

    Parameters
    ----------
    rows : iterable of Waiting
    order : {"assigned", "uncertain", "audit"}
        What was assigned comes first; or what a machine is least certain of; or chance alone
        decides, so that errors nobody suspects are found too.
    seed : int
        Of the audit; it belongs into the log.
    """
    found = list(rows)
    if order not in get_args(Order):
        raise ValueError(f"order {order!r}: expected one of {', '.join(get_args(Order))}")
    if order == "assigned":
        return tuple(sorted(found, key=lambda row: not row.assigned))
    if order == "uncertain":
        return tuple(sorted(found, key=lambda row: -1.0 if row.doubt is None else row.doubt)[::-1])
    found.sort(key=lambda row: row.id)
    random.Random(seed).shuffle(found)  # noqa: S311  # a sample, not a secret
    return tuple(found)


def next_after(rows: Sequence[Waiting], document_id: str = "") -> str | None:
    """The next document that is not read: after one, else from the beginning; `None` at the end.

    A coder with documents assigned is led through these, and then through the others.
    """
    places = {row.id: place for place, row in enumerate(rows)}
    here = places.get(document_id, -1) + 1
    turned = [row for row in (*rows[here:], *rows[:here]) if not row.read and row.id != document_id]
    mine = [row for row in turned if row.assigned]
    return next((row.id for row in (mine or turned)), None)


# ── proposals ──


@dataclass(frozen=True, slots=True)
class Filter:
    """Which proposals are meant.

    Parameters
    ----------
    code, coder, document : str
        Empty: any.
    at_least : float, optional
        Of the machine's score; who has none is then left out.
    """

    code: str = ""
    coder: str = ""
    document: str = ""
    at_least: float | None = None

    def takes(self, coding: Coding) -> bool:
        """Whether a coding is meant."""
        asked = (
            *((self.code, coding.code_id), (self.coder, coding.coder)),
            (self.document, coding.document_id),
        )
        if any(wanted and wanted != told for wanted, told in asked):
            return False
        return self.at_least is None or (coding.score is not None and coding.score >= self.at_least)


def proposals(log: Codings, wanted: Filter | None = None) -> tuple[Coding, ...]:
    """The proposals of machines that nobody has decided on, the highest score first."""
    wanted = wanted or Filter()
    found = [r.coding for r in log.current if r.status == "machine" and wanted.takes(r.coding)]
    return tuple(sorted(found, key=lambda c: (-(c.score or 0.0), c.document_id, c.start, c.id)))


# ── who differs ──


@dataclass(frozen=True, slots=True)
class Differing:
    """A stretch of a document that somebody coded, and what each of several coders said of it.

    Parameters
    ----------
    start, end : int
        Half-open code points around all codings that overlap one another.
    region : Region or None
        Of the picture, in the place of a stretch of the text.
    by : mapping of str to tuple of str
        The codes of each coder, in the codebook's order; empty for one who read and coded nothing.
    agreed : tuple of str or None
        What was agreed; `None` where nobody said.
    codings : tuple of Coding
    """

    start: int
    end: int
    region: Region | None
    by: Mapping[str, tuple[str, ...]]
    agreed: tuple[str, ...] | None
    codings: tuple[Coding, ...]

    @property
    def differs(self) -> bool:
        """Whether the coders said different things."""
        return len(set(self.by.values())) > 1


def differing(
    log: Codings, coders: Sequence[str], codes: Sequence[str], *, agreed_by: str
) -> tuple[Differing, ...]:
    """What several coders said of one document, stretch by stretch.

    Parameters
    ----------
    log : Codings
        Of one document.
    coders : sequence of str
    codes : sequence of str
        The codebook's order.
    agreed_by : str
        The coder who stands for what was agreed.

    Returns
    -------
    tuple of Differing
        In the order of the text, regions of the picture last.
    """
    held = [row.coding for row in log.current if row.coding.coder in {*coders, agreed_by}]
    settled = [(s.start, s.end) for s in log.seen if s.coder == agreed_by and not s.whole]
    place = {code: number for number, code in enumerate(codes)}

    def said(rows: Iterable[Coding], coder: str) -> tuple[str, ...]:
        found = {row.code_id for row in rows if row.coder == coder}
        return tuple(sorted(found, key=lambda code: (place.get(code, len(place)), code)))

    return tuple(
        Differing(
            *span,
            by={coder: said(rows, coder) for coder in coders},
            agreed=_agreed(said(rows, agreed_by), span, settled),
            codings=tuple(rows),
        )
        for span, rows in _stretches(held)
    )


def _agreed(
    codes: tuple[str, ...], span: Span, settled: Iterable[tuple[int | None, int | None]]
) -> tuple[str, ...] | None:
    start, end, _ = span
    spoken = any(a is not None and b is not None and a < end and start < b for a, b in settled)
    return codes if codes or spoken else None


def _stretches(codings: Iterable[Coding]) -> Iterator[tuple[Span, list[Coding]]]:
    """Codings that overlap, together with the whole that they cover."""
    found = list(codings)
    rows: list[Coding] = []
    end = -1
    for coding in sorted((c for c in found if c.region is None), key=lambda c: (c.start, c.end)):
        if rows and coding.start >= end:
            yield (rows[0].start, end, None), rows
            rows, end = [], -1
        rows.append(coding)
        end = max(end, coding.end)
    if rows:
        yield (rows[0].start, end, None), rows
    regions: dict[Region, list[Coding]] = defaultdict(list)
    for coding in found:
        if coding.region is not None:
            regions[coding.region].append(coding)
    for region, group in sorted(regions.items()):
        yield (0, 0, region), group
