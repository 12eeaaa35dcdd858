"""A REFI-QDA project as the project's own values, with everything that did not come along.

The order matters: the texts first, then what their positions count, then whose words stand
where, and last what was said of which words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, get_args

from reflect_analysis._rows import Attributes
from reflect_analysis.codings import Coding, Codings, Memo, Seen
from reflect_analysis.corpus import Corpus, Document, Kind, Picture
from reflect_analysis.errors import ExchangeError, raise_all
from reflect_analysis.exchange.offsets import Fit, Reading, understand
from reflect_analysis.exchange.refi.codes import Codes, read_codes, read_sets
from reflect_analysis.exchange.refi.elements import (
    Problems,
    child,
    children,
    clean,
    description,
    guid_of,
    local,
    moment,
    target_of,
    whole_number,
)
from reflect_analysis.exchange.refi.package import Package
from reflect_analysis.exchange.refi.parts import KIND
from reflect_analysis.exchange.refi.people import (
    People,
    Span,
    read_people,
    read_users,
    read_variables,
    sync_turns,
    values_of,
)
from reflect_analysis.exchange.refi.sources import Body, find_sources, text_of
from reflect_analysis.exchange.values import (
    Exchanged,
    ExchangeReport,
    LineEnds,
    Link,
    Region,
    SelectionReport,
    SourceReport,
    Unit,
)
from reflect_analysis.provenance import new_run

__all__ = ["OWN", "read_book", "read_project"]

OWN = "reflect_analysis"
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_UNKNOWN = "unknown"
_SEARCHED = 500_000_000  # characters that quotes of PDFs are looked for in, all together


@dataclass
class _Project:
    """What is gathered while a project is read."""

    package: Package
    problems: Problems
    users: dict[str, str]
    machines: frozenset[str]
    variables: dict[str, str]
    codes: Codes
    default_time: datetime
    notes: dict[str, Memo] = field(default_factory=dict)
    noted: set[str] = field(default_factory=set)
    codings: dict[tuple[Any, ...], Coding] = field(default_factory=dict)
    memos: list[Memo] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    repeated: int = 0
    searched: int = 0

    def coder(self, *elements: Any) -> str:
        """Who made the first of the elements that says so."""
        for element in elements:
            if name := self.users.get(guid_of(element, "creatingUser")):
                return name
        return _UNKNOWN

    def time(self, *elements: Any) -> datetime:
        """When the first of the elements that says so was made."""
        found = (moment(element.get("creationDateTime")) for element in elements)
        return next(filter(None, found), self.default_time)


def read_book(package: Package) -> Exchanged:
    """A .qdc: a codebook alone."""
    problems = Problems(package.name)
    title = str(package.name).rpartition(".")[0]
    codes = read_codes(package.root, problems, title=title, about="", used=set())
    sets = read_sets(child(package.root, "Sets"), codes.ids, {}, problems)
    raise_all(ExchangeError, problems.faults)
    report = ExchangeReport(
        "REFI-QDA codebook",
        package.name,
        clean(package.root.get("origin")),
        omissions=problems.all_omissions(),
    )
    return Exchanged(Corpus(()), codes.codebook, Codings(), report, sets=sets)


def read_project(
    package: Package,
    *,
    kind: Kind = "reflection",
    unit: Unit = "",
    line_ends: LineEnds = "",
    assume_seen: bool = False,
) -> Exchanged:
    """A project, as `read_refi` says.

    Raises
    ------
    ExchangeError
        With every fault.
    """
    root, problems = package.root, Problems(package.name)
    project = _project(package, problems)
    bodies = find_sources(child(root, "Sources"), package, problems)
    _read_notes(project, child(root, "Notes"))
    read = [body for body in bodies if body.text is not None]
    expected = _expected(clean(root.get("origin")))
    if _is_own(project) and expected is not None:
        # What this package wrote is known, not inferred.
        unit = unit or expected.unit
        line_ends = line_ends or ("CRLF as two" if expected.crlf else "LF")
    positions = [body.positions() for body in read]
    fits, faults = understand(positions, unit=unit, line_ends=line_ends, expected=expected)
    problems.faults += [f"{package.name}, {fault}" for fault in faults]
    raise_all(ExchangeError, problems.faults)
    by_guid = _by_guid(bodies)
    people = read_people(
        child(root, "Cases"), by_guid, _spans(read, fits), project.variables, problems
    )
    raise_all(ExchangeError, problems.faults)
    selections, sources = _read_selections(project, read, fits)
    sources += [_missing_report(body) for body in bodies if body.text is None]
    documents = [_document(project, people, b, f, kind) for b, f in zip(read, fits, strict=True)]
    for body in bodies:
        _read_others(project, body)
    return _exchanged(
        project, people, documents, bodies, selections, sources, assume_seen=assume_seen
    )


def _project(package: Package, problems: Problems) -> _Project:
    root = package.root
    users = read_users(child(root, "Users"), problems)
    used = {target_of(each) for each in root.iter("{*}CodeRef")}
    codes = read_codes(
        child(root, "CodeBook"),
        problems,
        title=clean(root.get("name")),
        about=description(root),
        used=used,
    )
    made = moment(root.get("modifiedDateTime")) or moment(root.get("creationDateTime"))
    variables = read_variables(child(root, "Variables"))
    machines = frozenset(
        users[guid_of(each)]
        for each in root.iterfind("{*}Users/{*}User")
        if each.get("id") == "machine" and guid_of(each) in users
    )
    return _Project(package, problems, users, machines, variables, codes, made or _LONG_AGO)


def _expected(origin: str) -> Reading | None:
    """How a program is known to count, where its files were looked at."""
    if origin.lower().startswith("nvivo"):
        return Reading("utf-16", crlf=True)
    if origin.startswith(f"{OWN} ") and "NVivo" not in origin:
        return Reading("code points", crlf=False)
    return Reading("utf-16", crlf=True) if origin.startswith(f"{OWN} ") else None


def _by_guid(bodies: list[Body]) -> dict[str, list[Body]]:
    found: dict[str, list[Body]] = {}
    for body in bodies:
        for guid in body.guids:
            found.setdefault(guid, []).append(body)
    return found


def _spans(bodies: list[Body], fits: list[Fit]) -> dict[str, Span]:
    """Where every selection lies, by its GUID."""
    found: dict[str, Span] = {}
    for body, fit in zip(bodies, fits, strict=True):
        for index, each in enumerate(body.selections):
            span = fit.span(index)
            if span is not None:
                found[each.written.id] = (body.id, *span)
    return found


# ── notes ──


def _read_notes(project: _Project, holder: Any) -> None:
    for element in children(holder, "Note") if holder is not None else ():
        guid, name = guid_of(element), clean(element.get("name"))
        place = f"note {guid}"
        content = text_of(element, place, project.package, project.problems)
        text = clean(content.text) if content else ""
        about = [
            part for part in (name, description(element)) if part and not text.startswith(part)
        ]
        for each in children(element, "PlainTextSelection", "Coding"):
            project.problems.count(place, f"{local(each)} within a note")
        whole = "\n\n".join(filter(None, (*about, text)))
        if whole:
            memo = Memo(project.coder(element), whole, at=project.time(element))
            project.notes[guid] = memo


def _note(project: _Project, element: Any, **where: Any) -> None:
    """The notes that an element refers to, as memos of its place."""
    import dataclasses

    for each in children(element, "NoteRef"):
        guid = target_of(each)
        if guid in project.notes:
            project.noted.add(guid)
            project.memos.append(dataclasses.replace(project.notes[guid], **where))
        else:
            project.problems.count("notes", "reference to a note that is not there, or is empty")


# ── what was said of which words ──


def _read_selections(
    project: _Project, bodies: list[Body], fits: list[Fit]
) -> tuple[list[SelectionReport], list[SourceReport]]:
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


def _selection_reports(project: _Project, body: Body, fit: Fit) -> Iterator[SelectionReport]:
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
        unit=fit.reading.unit,
        line_ends=fit.reading.line_ends(text) if text else "",
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


def _missing_report(body: Body) -> SourceReport:
    """A source without a text: nothing of it is resolved."""
    spans = {(each.written.start, each.written.end) for each in body.selections}
    score = 0.0 if spans else 1.0
    return SourceReport(body.id, body.name, body.kind, selections=len(spans), score=score)


def _code(project: _Project, body: Body, element: Any, span: tuple[int, int]) -> int:
    """The codings and memos of one selection; how many codings it has."""
    start, end = span
    made = 0
    for each in children(element, "Coding"):
        code_id = _code_id(project, each, f"source {body.id}, selection {guid_of(element)}")
        if code_id is None:
            continue
        made += 1
        _add(project, body.id, span, code_id, each, element)
        _note(project, each, document_id=body.id, start=start, end=end, code_id=code_id)
    _note(project, element, document_id=body.id, start=start, end=end)
    about = description(element)
    if about and not _is_own(project):
        memo = Memo(
            project.coder(element), about, "analytic", body.id, start, end, at=project.time(element)
        )
        project.memos.append(memo)
    return made


def _is_own(project: _Project) -> bool:
    return clean(project.package.root.get("origin")).startswith(f"{OWN} ")


def _code_id(project: _Project, coding: Any, place: str) -> str | None:
    reference = child(coding, "CodeRef")
    found = project.codes.ids.get(target_of(reference)) if reference is not None else None
    if found is None:
        project.problems.omit(place, "a coding of a code that is not there")
    return found


def _add(
    project: _Project, body_id: str, span: tuple[int, int], code_id: str, *elements: Any
) -> None:
    coder = project.coder(*elements)
    key = (body_id, *span, code_id, coder)
    if key in project.codings:
        project.repeated += 1
        return
    version = project.codes.codebook.version
    project.codings[key] = Coding(
        *key,
        "machine" if coder in project.machines and _is_own(project) else "person",
        at=project.time(*elements),
        codebook_version=version,
    )


# ── what is no span of text ──


def _read_others(project: _Project, body: Body) -> None:
    """Codings and notes of the whole source, and selections that are no span."""
    place = f"source {body.id}"
    for element in body.elements:
        if body.text is not None:
            _note(project, element, document_id=body.id)
        for each in children(element, "Coding"):
            code_id = _code_id(project, each, place)
            if body.text is None:
                project.problems.count(place, "coding of a source that has no text")
            elif code_id is not None:
                _add(project, body.id, (0, len(body.text.text)), code_id, each)
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


def _region(project: _Project, body: Body, element: Any) -> None:
    corners = [whole_number(element.get(n)) for n in ("firstX", "firstY", "secondX", "secondY")]
    place = f"source {body.id}, PictureSelection {guid_of(element)}"
    x0, y0, x1, y1 = corners
    if x0 is None or y0 is None or x1 is None or y1 is None or x1 < x0 or y1 < y0:
        project.problems.omit(place, "a region whose corners are none")
        return
    name, guid = clean(element.get("name")), guid_of(element)
    codings = list(children(element, "Coding"))
    for each in codings:
        code_id = _code_id(project, each, place)
        if code_id is not None:
            made = (project.coder(each, element), project.time(each, element))
            project.regions.append(Region(body.id, x0, y0, x1, y1, code_id, *made, name, guid))
    if not codings:
        made = (project.coder(element), project.time(element))
        project.regions.append(Region(body.id, x0, y0, x1, y1, "", *made, name, guid))
    _note(project, element, document_id=body.id if body.text is not None else "")


def _pdf_part(project: _Project, body: Body, element: Any) -> None:
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


# ── documents and the rest ──


def _document(project: _Project, people: People, body: Body, fit: Fit, kind: Kind) -> Document:
    text = body.text
    assert text is not None  # noqa: S101  # the caller gives bodies with a text
    case_id = people.owner.get(body.id)
    values = values_of(body.elements, project.variables, project.problems)
    if _is_own(project):  # ours says again what stands elsewhere
        values = Attributes({name: each for name, each in values.items() if name != "description"})
    turns = people.turns.get(body.id, [])
    if body.sync and turns:
        project.problems.count(f"source {body.id}", "sync points, because it has speakers")
    elif body.sync:
        turns = sync_turns(text, _times(body, fit), case_id)
    spoken = body.kind in ("audio", "video") or bool(turns)
    own: Kind = "transcript" if spoken else "photo-voice" if body.kind == "picture" else kind
    if values.get(KIND) in get_args(Kind):
        own = values[KIND]
        values = Attributes({name: each for name, each in values.items() if name != KIND})
    return Document(
        body.id,
        text.text,
        own,
        None if spoken and turns else case_id,
        people.values.get(body.id, Attributes()) | values,
        turns=tuple(turns),
        picture=Picture(_file_name(body.picture), None) if body.picture else None,
        source=project.package.name,
        place=f"source {body.guids[-1]}",
    )


def _file_name(path: str) -> str:
    return re.split(r"[/\\]", path)[-1]


def _times(body: Body, fit: Fit) -> list[tuple[int, int | None]]:
    placed = [time for place, time in body.sync.values() if place is not None]
    return list(zip(fit.marks(), placed, strict=True))


def _links(project: _Project, holder: Any, known: Mapping[str, str]) -> Iterator[Link]:
    for element in children(holder, "Link") if holder is not None else ():
        ends = (guid_of(element, "originGUID"), guid_of(element, "targetGUID"))
        origin, target = (known.get(guid, guid) for guid in ends)
        name, way = clean(element.get("name")), element.get("direction") or ""
        yield Link(name, origin, target, way, guid_of(element))
        _note(project, element)


def _rest(project: _Project) -> None:
    """Notes on codes, on the project and on nothing, and what no value holds."""
    root = project.package.root
    for guid, element in project.codes.elements.items():
        _note(project, element, code_id=project.codes.ids.get(guid, ""))
    _note(project, root)
    project.memos += [memo for guid, memo in project.notes.items() if guid not in project.noted]
    graphs = child(root, "Graphs")
    for element in children(graphs, "Graph") if graphs is not None else ():
        project.problems.omit(f"graph {guid_of(element)}", "a drawing")
    for each in root.iter("{*}*"):
        if each.get("modifyingUser"):
            project.problems.count("times", "who changed something last, and when")
    if project.repeated:
        project.problems.notes.append(
            f"{project.repeated} codings stood there again (same words, code and coder)"
        )


def _exchanged(
    project: _Project,
    people: People,
    documents: list[Document],
    bodies: list[Body],
    selections: list[SelectionReport],
    sources: list[SourceReport],
    *,
    assume_seen: bool,
) -> Exchanged:
    root, problems, codes = project.package.root, project.problems, project.codes
    read = [body for body in bodies if body.text is not None]
    sources_by_guid = {guid: body.id for body in reversed(read) for guid in body.guids}
    known = {guid: f"document {each}" for guid, each in sources_by_guid.items()}
    known |= {guid: f"code {each}" for guid, each in codes.ids.items()}
    links = tuple(_links(project, child(root, "Links"), known))
    sets = read_sets(child(root, "Sets"), codes.ids, sources_by_guid, problems)
    _rest(project)
    pictures = _pictures(project, bodies)
    codings = tuple(project.codings.values())
    seen = _assumed(codings, project.default_time) if assume_seen else ()
    if codings and not assume_seen:
        problems.notes.append(
            "the file does not say who read what: until it is said, nobody has read anything; "
            "assume_seen=True takes every coder to have read each document they coded in"
        )
    omissions = problems.all_omissions()
    run = new_run("import", f"{len(documents)} documents were read from {project.package.name}")
    corpus = Corpus(tuple(documents), tuple(people.cases), omissions=omissions, runs=(run,))
    report = ExchangeReport(
        "REFI-QDA project",
        project.package.name,
        clean(root.get("origin")),
        tuple(sources),
        tuple(selections),
        omissions,
        tuple(problems.notes),
    )
    log = Codings(codings, seen=seen, memos=tuple(project.memos), runs=(run,))
    return Exchanged(
        corpus, codes.codebook, log, report, tuple(project.regions), sets, links, pictures
    )


def _assumed(codings: tuple[Coding, ...], at: datetime) -> tuple[Seen, ...]:
    pairs = dict.fromkeys((coding.coder, coding.document_id) for coding in codings)
    return tuple(Seen(coder, document_id, at=at) for coder, document_id in pairs)


def _pictures(project: _Project, bodies: list[Body]) -> dict[str, bytes]:
    """The pictures that the file holds; those that are missing are listed."""
    found = {}
    for body in bodies:
        if body.picture:
            data = project.package.picture(body.picture)
            if isinstance(data, str):
                project.problems.omit(f"source {body.id}", data)
            else:
                found[body.id] = data
    return found
