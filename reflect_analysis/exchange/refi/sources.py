"""The sources of a REFI-QDA project: every text that can be a document, and its selections.

A text stands by itself, as the caption of a picture, as what was read out of a PDF, or as the
transcript of a recording. Each becomes one `Body`. A selection that is no span of text (a
region, a part of a PDF or of a recording) is kept beside, to be told where it went.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from reflect_analysis.exchange.offsets import Positions, SourceText, Written, decode
from reflect_analysis.exchange.refi.codes import Names
from reflect_analysis.exchange.refi.elements import (
    Problems,
    child,
    children,
    clean,
    guid_of,
    local,
    whole_number,
)
from reflect_analysis.exchange.refi.package import Package

__all__ = ["Body", "Selection", "find_sources", "text_of"]

SOURCES = ("TextSource", "PictureSource", "PDFSource", "AudioSource", "VideoSource")
_INNER = {"PictureSource": "TextDescription", "PDFSource": "Representation"}
_KINDS = {
    "TextSource": "text",
    "PictureSource": "picture",
    "PDFSource": "pdf",
    "AudioSource": "audio",
    "VideoSource": "video",
}
_OTHER = ("PictureSelection", "PDFSelection", "AudioSelection", "VideoSelection")
_ID_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Selection:
    """A selection of a text, as the file has it."""

    written: Written
    element: Any


@dataclass(slots=True)
class Body:
    """A text of the project with what was selected in it.

    Parameters
    ----------
    id : str
        The document's id.
    guids : tuple of str
        By which cases, sets and notes refer to it: its own, and its holder's.
    name, kind : str
    elements : tuple of lxml elements
        Where codings of the whole, notes and values stand: the text's and its holder's.
    text : SourceText, optional
        `None` where there is no text to be had.
    others : list of lxml elements
        Selections that are no span of text.
    sync : dict
        Sync points by GUID: position (or `None`) and milliseconds (or `None`).
    """

    id: str
    guids: tuple[str, ...]
    name: str
    kind: str
    elements: tuple[Any, ...]
    text: SourceText | None = None
    selections: list[Selection] = field(default_factory=list)
    others: list[Any] = field(default_factory=list)
    sync: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)
    picture: str | None = None

    def positions(self) -> Positions:
        """What is to be understood of it."""
        marks = tuple(place for place, _ in self.sync.values() if place is not None)
        written = tuple(each.written for each in self.selections)
        return Positions(self.id, self.text or SourceText(""), written, marks)


def find_sources(holder: Any, package: Package, problems: Problems) -> list[Body]:
    """Every text of the sources; those that are missing are listed, and have none.

    Parameters
    ----------
    holder : lxml element or None
        ``Sources``.
    package : Package
    problems : Problems
    """
    names = Names(" ")
    bodies: list[Body] = []
    for number, element in enumerate(holder if holder is not None else (), start=1):
        kind = local(element)
        if kind not in SOURCES:
            problems.omit(f"source {number}", f"an element {kind[:40]!r} that is not known")
            continue
        guid = guid_of(element)
        if not guid:
            problems.bad_guid(f"source {number}", element)
            continue
        bodies += _bodies(element, guid, package, problems, names)
    _check_guids(bodies, problems)
    return bodies


def _check_guids(bodies: list[Body], problems: Problems) -> None:
    seen: dict[str, Any] = {}
    for body in bodies:
        holder = body.elements[-1]
        if seen.setdefault(body.guids[-1], holder) is not holder:
            problems.doubled(f"source {body.guids[-1]}")


def _bodies(
    element: Any, guid: str, package: Package, problems: Problems, names: Names
) -> Iterator[Body]:
    kind = local(element)
    inner = _inner(element)
    for number, text in enumerate(inner or [None]):
        name = clean(element.get("name")) or clean(text.get("name") if text is not None else "")
        plain = (name or f"source {guid[:8]}")[:_ID_LENGTH]
        own = text is not None and text is not element
        guids = tuple(dict.fromkeys(filter(None, (guid_of(text) if own else "", guid))))
        elements = (text, element) if own else (element,)
        body = Body(names.new(plain), guids, name, _KINDS[kind], elements)
        if text is None:
            problems.omit(f"source {body.id}", f"{_KINDS[kind]} without a text")
        else:
            body.text = text_of(text, body.id, package, problems)
            _add_selections(body, text, problems)
            if body.text is None and body.selections:
                _lost(body, problems)
        if number == 0:
            body.others = list(children(element, *_OTHER))
            body.picture = element.get("path") if kind == "PictureSource" else None
        yield body


def _lost(body: Body, problems: Problems) -> None:
    """Say what is lost with a text that is not there."""
    codings = sum(1 for each in body.selections for _ in children(each.element, "Coding"))
    problems.omit(
        f"source {body.id}", f"{len(body.selections)} selections with {codings} codings, without it"
    )


def _inner(element: Any) -> list[Any]:
    """The elements within a source that hold a text."""
    kind = local(element)
    if kind == "TextSource":
        return [element]
    if kind in _INNER:
        found = child(element, _INNER[kind])
        return [] if found is None else [found]
    return list(children(element, "Transcript"))


def text_of(element: Any, place: str, package: Package, problems: Problems) -> SourceText | None:
    """The text of an element, from its content or a member; what is missing is listed."""
    inline, path = child(element, "PlainTextContent"), element.get("plainTextPath")
    if inline is not None:
        package.used += len(inline.text or "")
        return _if_any(SourceText.of(inline.text or "", from_xml=True), place, problems)
    if not path:
        rich = "only a formatted text" if element.get("richTextPath") else "no text"
        problems.omit(f"source {place}", rich)
        return None
    data = package.read(path)
    if data is None:
        where = "lies outside the project" if path.startswith("absolute") else "is missing"
        problems.omit(f"source {place}", f"its text {where}")
        return None
    try:
        return _if_any(decode(data), place, problems)
    except UnicodeDecodeError as problem:
        problems.fault(f"source {place}", f"not UTF-8 at byte {problem.start}; export it again")
        return None


def _if_any(text: SourceText, place: str, problems: Problems) -> SourceText | None:
    if text.text.strip():
        return text
    problems.omit(f"source {place}", "its text is empty")
    return None


def _add_selections(body: Body, element: Any, problems: Problems) -> None:
    for number, point in enumerate(children(element, "SyncPoint"), start=1):
        guid = guid_of(point) or f"sync point {number}"
        if guid in body.sync:
            problems.doubled(f"source {body.id}, sync point {guid}")
        milliseconds = whole_number(point.get("timeStamp"))
        body.sync[guid] = (whole_number(point.get("position")), milliseconds)
    for number, each in enumerate(
        children(element, "PlainTextSelection", "TranscriptSelection"), start=1
    ):
        guid = guid_of(each)
        start, end = _ends(each, body)
        if start is None or end is None:
            problems.omit(f"source {body.id}, selection {guid or number}", "no positions")
            continue
        if not guid:
            problems.count(f"source {body.id}", "selection with a broken GUID, read all the same")
        written = Written(start, end, each.get("name") or "", guid or f"selection {number}")
        body.selections.append(Selection(written, each))


def _ends(element: Any, body: Body) -> tuple[int | None, int | None]:
    """Start and end as they are written, or those of its sync points."""
    if local(element) == "PlainTextSelection":
        numbers = (element.get("startPosition"), element.get("endPosition"))
        return whole_number(numbers[0]), whole_number(numbers[1])
    nothing = (None, None)
    first = body.sync.get(guid_of(element, "fromSyncPoint"), nothing)[0]
    return first, body.sync.get(guid_of(element, "toSyncPoint"), nothing)[0]
