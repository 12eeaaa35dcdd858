"""What was said of which words: selections, and what is no span of text.

A selection that stands once a code in the file is one passage here; a part of a PDF is found
again by its quote; a region of a picture stands beside; a part of a recording is listed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reflect_analysis.codings import Memo
from reflect_analysis.exchange.offsets import Fit
from reflect_analysis.exchange.refi.elements import (
    child,
    children,
    clean,
    description,
    guid_of,
    local,
    whole_number,
)
from reflect_analysis.exchange.refi.gathering import (
    Project,
    add_coding,
    add_notes,
    code_of,
    is_own,
)
from reflect_analysis.exchange.refi.recovering import strange_words
from reflect_analysis.exchange.refi.sources import Body
from reflect_analysis.exchange.values import Region, SelectionReport, SourceReport

__all__ = ["missing_report", "read_others", "read_selections"]

_SEARCHED = 500_000_000  # characters that quotes of PDFs are looked for in, all together


def read_selections(
    project: Project, bodies: list[Body], fits: list[Fit]
) -> tuple[list[SelectionReport], list[SourceReport]]:
    """The codings and memos of every selection, and the reports of where each went."""
    told: list[SelectionReport] = []
    sources = []
    for body, fit in zip(bodies, fits, strict=True):
        own = list(_selection_reports(project, body, fit))
        told += own
        sources.append(_source_report(body, fit, own))
        if fit.doubt:
            project.problems.notes.append(f"source {body.id!r}: {fit.doubt}")
        elif fit.poor:
            project.problems.notes.append(
                f"source {body.id!r}: only {fit.score:.0%} of its selections fit the words; its "
                "positions may count something else: look at some of them"
            )
    return told, sources


def _selection_reports(project: Project, body: Body, fit: Fit) -> Iterator[SelectionReport]:
    """A report a span; what stands at one span several times is one."""
    groups: dict[tuple[int, int], list[int]] = {}
    for index, each in enumerate(body.selections):
        groups.setdefault((each.written.start, each.written.end), []).append(index)
    for (written_start, written_end), indices in groups.items():
        ids = " ".join(body.selections[index].written.id for index in indices)
        span, index = fit.span(indices[0]), indices[0]
        if span is None:
            note = fit.why_not(index)
            project.problems.omit(f"source {body.id}, selection {ids}", note)
            yield SelectionReport(body.id, ids, written_start, written_end, note=note)
            continue
        made = sum(_code(project, body, body.selections[each].element, span) for each in indices)
        yield SelectionReport(
            *(body.id, ids, written_start, written_end, *span, made),
            starts_word=bool(fit.at_start[index]),
            ends_word=bool(fit.at_end[index]),
            note="" if made else "nobody coded it",
        )


def _source_report(body: Body, fit: Fit, own: list[SelectionReport]) -> SourceReport:
    text = body.text
    names = sum(bool(each.written.quote) for each in body.selections)
    resolved = [each for each in own if each.start is not None]
    return SourceReport(
        body.id,
        body.name,
        body.kind,
        unit=fit.reading.unit if own else "",
        line_ends=fit.reading.line_ends(text) if text and own else "",
        proved=fit.proved,
        selections=len(own),
        resolved=len(resolved),
        at_word_starts=sum(each.starts_word for each in resolved),
        at_word_ends=sum(each.ends_word for each in resolved),
        at_word_starts_and_ends=sum(each.starts_word and each.ends_word for each in resolved),
        names=names,
        names_found=int(fit.quoted.sum()),
        score=round(fit.score, 4),
        runner_up=round(fit.runner_up, 4),
    )


def missing_report(body: Body) -> SourceReport:
    """A source without a text: nothing of it is resolved."""
    spans = {(each.written.start, each.written.end) for each in body.selections}
    score = 0.0 if spans else 1.0
    return SourceReport(body.id, body.name, body.kind, selections=len(spans), score=score)


def _code(project: Project, body: Body, element: Any, span: tuple[int, int]) -> int:
    """The codings and memos of one selection; how many codings it has."""
    start, end = span
    made = 0
    for each in children(element, "Coding"):
        code_id = code_of(project, each, f"source {body.id}, selection {guid_of(element)}")
        if code_id is None:
            continue
        made += 1
        add_coding(project, body.id, span, code_id, each, element)
        add_notes(project, each, document_id=body.id, start=start, end=end, code_id=code_id)
    add_notes(project, element, document_id=body.id, start=start, end=end)
    about = strange_words(description(element))
    if about and not is_own(project):
        memo = Memo(
            project.coder(element), about, "analytic", body.id, start, end, at=project.time(element)
        )
        project.memos.append(memo)
    return made


def read_others(project: Project, body: Body) -> None:
    """Codings and notes of the whole source, and selections that are no span."""
    place = f"source {body.id}"
    for element in body.elements:
        if body.text is not None:
            add_notes(project, element, document_id=body.id)
        for each in children(element, "Coding"):
            code_id = code_of(project, each, place)
            if body.text is None:
                project.problems.count(place, "coding of a source that has no text")
            elif code_id is not None:
                add_coding(project, body.id, (0, len(body.text.text)), code_id, each)
    for each in body.others:
        kind = local(each)
        if kind == "PictureSelection":
            _region(project, body, each)
        elif kind == "PDFSelection":
            _pdf_part(project, body, each)
        else:
            codings = sum(1 for _ in children(each, "Coding"))
            project.problems.omit(
                f"{place}, {kind} {guid_of(each)}", f"part of a recording, with {codings} codings"
            )


def _region(project: Project, body: Body, element: Any) -> None:
    corners = [whole_number(element.get(n)) for n in ("firstX", "firstY", "secondX", "secondY")]
    place = f"source {body.id}, PictureSelection {guid_of(element)}"
    x0, y0, x1, y1 = corners
    if x0 is None or y0 is None or x1 is None or y1 is None or x1 < x0 or y1 < y0:
        project.problems.omit(place, "a region whose corners are none")
        return
    name, guid = clean(element.get("name")), guid_of(element)
    codings = list(children(element, "Coding"))
    for each in codings:
        code_id = code_of(project, each, place)
        if code_id is not None:
            made = (project.coder(each, element), project.time(each, element))
            project.regions.append(Region(body.id, x0, y0, x1, y1, code_id, *made, name, guid))
    if not codings:
        made = (project.coder(element), project.time(element))
        project.regions.append(Region(body.id, x0, y0, x1, y1, "", *made, name, guid))
    add_notes(project, element, document_id=body.id if body.text is not None else "")


def _pdf_part(project: Project, body: Body, element: Any) -> None:
    """A part of a PDF: found again in the text by its quote, where that stands there once."""
    place = f"source {body.id}, PDFSelection {guid_of(element)}"
    quoted = child(element, "Representation")
    content = child(quoted, "PlainTextContent") if quoted is not None else None
    words = clean(content.text).split() if content is not None else []
    found: list[tuple[int, int]] = []
    if body.text is not None and words:
        project.searched += len(body.text.text)
        if project.searched <= _SEARCHED:
            found = list(_places("".join(words), body.text.text))
    if len(found) == 1:
        _code(project, body, element, found[0])
        return
    codings = sum(1 for _ in children(element, "Coding"))
    why = f"its quote stands {len(found)} times in the text" if words else "it has no quote"
    project.problems.omit(place, f"part of a page with {codings} codings: {why}")


def _places(quote: str, text: str) -> Iterator[tuple[int, int]]:
    """Where a quote stands, whatever the blanks: the first two places."""
    kept = [place for place, each in enumerate(text) if not each.isspace()]
    squeezed = "".join([text[place] for place in kept])
    at = squeezed.find(quote)
    while at >= 0:
        yield kept[at], kept[at + len(quote) - 1] + 1
        if squeezed.find(quote, at + 1) < 0:
            return
        at = squeezed.find(quote, at + 1)
