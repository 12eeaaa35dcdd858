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
from reflect_analysis.regions import SAME_PART, Region

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

Order = Literal["assigned", "uncertain", "audit", "flagged"]

_HUES = 8  # Okabe and Ito's
_PATTERNS = 6
_TURN = 5  # by which the patterns are shifted each time the hues begin again
_DIGITS = "1234567890"
_TITLES = ("title", "session")
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
    """What a document is called in a list: its title, else its id with the session.

    No date: with it, who was there knows who wrote.
    """
    title, session = (str(document.attributes.get(name) or "").strip() for name in _TITLES)
    return title or " · ".join([document.id, *([f"session {session}"] if session else [])])


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
    order : {"assigned", "uncertain", "audit", "flagged"}
        What was assigned comes first, and stories told with a picture after texts: who codes for
        the first time begins with words alone; or what a machine is least certain of; or chance
        alone decides, so that errors nobody suspects are found too; or what the coder flagged,
        and nothing else.
    seed : int
        Of the audit; it belongs into the log.
    """
    found = list(rows)
    if order not in get_args(Order):
        raise ValueError(f"order {order!r}: expected one of {', '.join(get_args(Order))}")
    if order == "assigned":
        return tuple(sorted(found, key=lambda row: (not row.assigned, row.kind == "photo-voice")))
    if order == "flagged":
        return in_order((row for row in found if row.flagged), "assigned")
    if order == "uncertain":
        return tuple(sorted(found, key=lambda row: -1.0 if row.doubt is None else row.doubt)[::-1])
    found.sort(key=lambda row: row.id)
    random.Random(seed).shuffle(found)  # noqa: S311  # a sample, not a secret
    return tuple(found)


def next_after(
    rows: Sequence[Waiting], document_id: str = "", *, order: Order = "assigned"
) -> str | None:
    """The next document that is not read: after one, else from the beginning; `None` at the end.

    A coder with documents assigned is led through these, and then through the others. Flagged ones
    come one after the other, read or not: the coder comes back to them.
    """
    places = {row.id: place for place, row in enumerate(rows)}
    here = places.get(document_id, -1) + 1
    if order == "flagged":
        return next((row.id for row in rows[here:] if row.flagged), None)
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
        Of the picture, in the place of a stretch of the text: around rectangles that mean the same
        part, of which each two share half of the larger one or more.
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
        """Whether the coders said different things, or the same of other words."""
        return len(set(self.by.values())) > 1 or self.edges_differ

    @property
    def edges_differ(self) -> bool:
        """Whether the coders gave the same codes to other words.

        A rectangle is never drawn twice alike: those that mean the same part differ by no edge.
        """
        if self.region is not None or len(set(self.by.values())) != 1:
            return False
        given: dict[str, set[tuple[int, int, str]]] = {coder: set() for coder in self.by}
        for row in self.codings:
            if row.coder in given:
                given[row.coder].add((row.start, row.end, row.code_id))
        return any(rows != next(iter(given.values())) for rows in given.values())


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
    settled = _settled(log, agreed_by)
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
        for span, rows in (*_stretches(held), *_parts(held, agreed_by))
    )


def _settled(log: Codings, agreed_by: str) -> tuple[Span, ...]:
    """The places of which was said what is agreed, also that nothing is coded there."""
    words = [(s.start, s.end) for s in log.seen if s.coder == agreed_by]
    spans: list[Span] = [(a, b, None) for a, b in words if a is not None and b is not None]
    regions: list[Span] = [(0, 0, c.region) for c in log if c.coder == agreed_by and c.region]
    return (*spans, *regions)


def _agreed(codes: tuple[str, ...], span: Span, settled: Iterable[Span]) -> tuple[str, ...] | None:
    return codes if codes or any(_meets(span, each) for each in settled) else None


def _meets(span: Span, other: Span) -> bool:
    """Whether two places share words, or are the same part of the picture."""
    (start, end, region), (from_, to, part) = span, other
    if region is None or part is None:
        return region is part is None and from_ < end and start < to
    return region.overlap(part) >= SAME_PART


def _stretches(codings: Iterable[Coding]) -> Iterator[tuple[Span, list[Coding]]]:
    """Codings that overlap, together with the whole that they cover."""
    rows: list[Coding] = []
    end = -1
    found = [coding for coding in codings if coding.region is None]
    for coding in sorted(found, key=lambda c: (c.start, c.end)):
        if rows and coding.start >= end:
            yield (rows[0].start, end, None), rows
            rows, end = [], -1
        rows.append(coding)
        end = max(end, coding.end)
    if rows:
        yield (rows[0].start, end, None), rows


def _parts(codings: Iterable[Coding], agreed_by: str) -> Iterator[tuple[Span, list[Coding]]]:
    """Codings of the same part of the picture, together with the rectangle around them.

    What was agreed joins the part that it is nearest to and forms none: it may be drawn around
    rectangles of which it is much larger than each.
    """
    found = sorted((c for c in codings if c.region), key=lambda c: (str(c.region), c.id))
    parts: list[list[Coding]] = []
    for coding in found:
        if coding.coder == agreed_by:
            continue
        same = [part for part in parts if any(_same(coding, each) for each in part)]
        parts = [part for part in parts if part not in same]
        parts.append([*(each for part in same for each in part), coding])
    around = [_around(part) for part in parts]
    for coding in found:
        if coding.coder != agreed_by or coding.region is None:
            continue
        near = [coding.region.overlap(region) for region in around]
        if near and max(near) >= SAME_PART:
            parts[near.index(max(near))].append(coding)
        else:
            parts.append([coding])
            around.append(coding.region)
    for region, part in sorted(zip(around, parts, strict=True), key=lambda each: each[0]):
        yield (0, 0, region), part


def _same(coding: Coding, other: Coding) -> bool:
    return _meets((0, 0, coding.region), (0, 0, other.region))


def _around(codings: Sequence[Coding]) -> Region:
    first, *rest = (coding.region for coding in codings if coding.region is not None)
    for region in rest:
        first = first.around(region)
    return first
