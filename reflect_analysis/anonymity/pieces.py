"""The places of findings, ready to be replaced: trimmed, in no two lines or turns, disjoint."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from reflect_analysis.anonymity.findings import Finding
from reflect_analysis.anonymity.naming import PERSON, kind_of
from reflect_analysis.corpus import Document

__all__ = ["Piece", "pieces_of", "trimmed"]

_NAMED = frozenset({PERSON, "town", "centre"})
_MARKS = " \t\n\r:,.;!?()[]\"'“”‘’«»*_–—"
_TITLE = re.compile(r"(?i:(?:ms|mrs|mr|miss|mx|dr|prof|professor|mme|mlle|madame)\b\.?\s+)(?=\w)")
_POSSESSIVE = re.compile(r"['’]s?$", re.IGNORECASE)


class Piece(NamedTuple):
    """A place that is replaced as a whole, and its words."""

    document_id: str
    start: int
    end: int
    kind: str
    words: str


def trimmed(text: str, start: int, end: int, kind: str) -> tuple[int, int]:
    """A span without the marks around it; of a name also without title and possessive.

    Examples
    --------
    >>> trimmed("Ms. Lopez’s", 0, 11, "name")
    (4, 9)
    """
    marks = _MARKS if kind in _NAMED else " \t\n\r"
    start, end = _stripped(text, start, end, marks)
    if kind not in _NAMED:
        return start, end
    title = _TITLE.match(text, start, end) if kind == PERSON else None
    start = title.end() if title else start
    ending = _POSSESSIVE.search(text[start:end])
    return _stripped(text, start, end - len(ending[0]) if ending else end, marks)


def _stripped(text: str, start: int, end: int, marks: str) -> tuple[int, int]:
    passage = text[start:end]
    left = len(passage) - len(passage.lstrip(marks))
    return min(start + left, end), max(start + len(passage.rstrip(marks)), start)


def pieces_of(document: Document, findings: Iterable[Finding]) -> Iterator[Piece]:
    """The places of a document's findings; those that overlap are one, of the surest kind."""
    cuts = {place for turn in document.turns for place in (turn.start, turn.end)}
    parts = [part for finding in findings for part in _parts(document.text, finding, cuts)]
    for start, end, kind in _clusters(parts):
        a, b = trimmed(document.text, start, end, kind)
        if any(map(str.isalnum, document.text[a:b])):
            yield Piece(document.id, a, b, kind, document.text[a:b])


Part = tuple[int, int, str, tuple[bool, int]]  # start, end, kind, how sure


def _parts(text: str, finding: Finding, cuts: Iterable[int]) -> Iterator[Part]:
    """A finding without line ends, cut where a turn begins or ends."""
    inside = {place for place in cuts if finding.start < place < finding.end}
    breaks = [m.start() for m in re.finditer(r"\n", text[finding.start : finding.end])]
    edges = sorted(
        {finding.start, finding.end, *inside} | {finding.start + place for place in breaks}
    )
    sure = (finding.direct, finding.end - finding.start)
    for start, end in pairwise(edges):
        a, b = _stripped(text, start, end, " \t\n\r")
        if a < b:
            yield a, b, kind_of(finding.kind), sure


def _clusters(parts: Iterable[Part]) -> Iterator[tuple[int, int, str]]:
    """Parts that overlap as one, of the kind of the surest: no letter of any is left."""
    cluster: list[Part] = []
    for part in sorted(parts):
        if cluster and part[0] >= max(each[1] for each in cluster):
            yield _joined(cluster)
            cluster = []
        cluster.append(part)
    if cluster:
        yield _joined(cluster)


def _joined(cluster: list[Part]) -> tuple[int, int, str]:
    best = max(cluster, key=lambda part: part[3])
    return cluster[0][0], max(part[1] for part in cluster), best[2]
