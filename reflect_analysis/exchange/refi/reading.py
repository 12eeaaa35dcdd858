"""A REFI-QDA project as the project's own values, with everything that did not come along.

The order matters: the texts first, then what their positions count, then whose words stand
where, and last what was said of which words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, get_args

from reflect_analysis._rows import Attributes
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.corpus import Corpus, Document, Kind, Picture
from reflect_analysis.errors import ExchangeError, raise_all
from reflect_analysis.exchange.offsets import Fit, Reading, understand
from reflect_analysis.exchange.refi.codes import read_codes, read_sets
from reflect_analysis.exchange.refi.elements import (
    Problems,
    child,
    children,
    clean,
    description,
    guid_of,
    moment,
    target_of,
)
from reflect_analysis.exchange.refi.gathering import OWN, Project, add_notes, is_own, read_notes
from reflect_analysis.exchange.refi.package import Package
from reflect_analysis.exchange.refi.parts import KIND
from reflect_analysis.exchange.refi.passages import missing_report, read_others, read_selections
from reflect_analysis.exchange.refi.people import (
    People,
    Span,
    read_people,
    read_users,
    read_variables,
    sync_turns,
    values_of,
)
from reflect_analysis.exchange.refi.recovering import alt_text, machine_coders, strange_words
from reflect_analysis.exchange.refi.sources import Body, find_sources
from reflect_analysis.exchange.unknowns import NOBODY_READ, UNKNOWN_TIME, told_undated
from reflect_analysis.exchange.values import (
    Exchanged,
    ExchangeReport,
    LineEnds,
    Link,
    SelectionReport,
    SourceReport,
    Unit,
)
from reflect_analysis.provenance import new_run

__all__ = ["read_book", "read_project"]


def read_book(package: Package) -> Exchanged:
    """A .qdc: a codebook alone."""
    problems = Problems(package.name)
    _note_namespace(package.root, problems)
    title = str(package.name).rpartition(".")[0]
    codes = read_codes(package.root, problems, title=title, about="", used=set())
    sets = read_sets(child(package.root, "Sets"), codes.ids, {}, problems)
    raise_all(ExchangeError, problems.faults)
    report = ExchangeReport(
        "REFI-QDA codebook",
        package.name,
        clean(package.root.get("origin")),
        omissions=problems.all_omissions(),
        notes=tuple(problems.notes),
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
    _note_namespace(root, problems)
    project = _project(package, problems)
    bodies = find_sources(child(root, "Sources"), package, problems)
    read_notes(project, child(root, "Notes"))
    read = [body for body in bodies if body.text is not None]
    expected = _expected(clean(root.get("origin")))
    if is_own(project) and expected is not None:
        # What this package wrote is known, not inferred.
        unit = unit or expected.unit
        line_ends = line_ends or ("CRLF as two" if expected.crlf else "LF")
    positions = [body.positions() for body in read]
    fits, faults = understand(positions, unit=unit, line_ends=line_ends, expected=expected)
    problems.faults += [f"{package.name}, {fault}" for fault in faults]
    raise_all(ExchangeError, problems.faults)
    by_guid = _by_guid(bodies)
    people = read_people(
        child(root, "Cases"), by_guid, _spans(read, fits, problems), project.variables, problems
    )
    raise_all(ExchangeError, problems.faults)
    selections, sources = read_selections(project, read, fits)
    sources += [missing_report(body) for body in bodies if body.text is None]
    documents = [_document(project, people, b, f, kind) for b, f in zip(read, fits, strict=True)]
    for body in bodies:
        read_others(project, body)
    return _exchanged(
        project, people, documents, bodies, selections, sources, assume_seen=assume_seen
    )


def _note_namespace(root: Any, problems: Problems) -> None:
    """Say that the XML does not call itself REFI-QDA; it is read by its elements all the same."""
    space = str(root.tag).rpartition("}")[0].lstrip("{")
    if not space.lower().startswith("urn:qda-xml:"):
        problems.notes.append(
            f"the XML has {f'the namespace {space[:80]!r}' if space else 'no namespace'}, not that "
            "of REFI-QDA (urn:QDA-XML:…); it was read by the names of its elements"
        )


def _project(package: Package, problems: Problems) -> Project:
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
    variables = read_variables(child(root, "Variables"), problems)
    machines = _machines(root, users)
    return Project(package, problems, users, machines, variables, codes, made or UNKNOWN_TIME)


def _machines(root: Any, users: Mapping[str, str]) -> frozenset[str]:
    """Users whom this package marked as machines, and those whose codings it called proposed."""
    marked = {
        users[guid_of(each)]
        for each in root.iterfind("{*}Users/{*}User")
        if each.get("id") == "machine" and guid_of(each) in users
    }
    told = (machine_coders(description(each)) for each in root.iter("{*}PlainTextSelection"))
    return frozenset(marked.union(*told) & set(users.values()))


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


def _spans(bodies: list[Body], fits: list[Fit], problems: Problems) -> dict[str, Span]:
    """Where every selection lies, by its GUID; one that two bear names none."""
    found: dict[str, Span] = {}
    doubled: set[str] = set()
    for body, fit in zip(bodies, fits, strict=True):
        for index, each in enumerate(body.selections):
            span = fit.span(index)
            if span is None:
                continue
            if found.setdefault(each.written.id, (body.id, *span)) != (body.id, *span):
                doubled.add(each.written.id)
    for guid in sorted(doubled):
        told = "its GUID stands twice: both are read, and a case that refers to it means neither"
        problems.omit(f"selection {guid}", told)
    return {guid: span for guid, span in found.items() if guid not in doubled}


def _document(project: Project, people: People, body: Body, fit: Fit, kind: Kind) -> Document:
    text = body.text
    assert text is not None  # noqa: S101  # the caller gives bodies with a text
    case_id = people.owner.get(body.id)
    values = values_of(body.elements, project.variables, project.problems)
    about = str(values.get("description", ""))
    if about:  # ours says again what stands elsewhere
        rest = "" if is_own(project) else strange_words(about)
        told = {**values, "description": rest}
        values = Attributes({name: each for name, each in told.items() if each != ""})
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
        None if any(turn.case_id == case_id for turn in turns) else case_id,
        people.values.get(body.id, Attributes()) | values,
        turns=tuple(turns),
        picture=Picture(_file_name(body.picture), alt_text(about)) if body.picture else None,
        source=project.package.name,
        place=f"source {body.guids[-1]}",
    )


def _file_name(path: str) -> str:
    return re.split(r"[/\\]", path)[-1]


def _times(body: Body, fit: Fit) -> list[tuple[int, int | None]]:
    placed = [time for place, time in body.sync.values() if place is not None]
    return list(zip(fit.marks(), placed, strict=True))


def _links(project: Project, holder: Any, known: Mapping[str, str]) -> Iterator[Link]:
    for element in children(holder, "Link") if holder is not None else ():
        ends = (guid_of(element, "originGUID"), guid_of(element, "targetGUID"))
        origin, target = (known.get(guid, guid) for guid in ends)
        name, way = clean(element.get("name")), element.get("direction") or ""
        yield Link(name, origin, target, way, guid_of(element))
        add_notes(project, element)


def _rest(project: Project) -> None:
    """Notes on codes, on the project and on nothing, and what no value holds."""
    root = project.package.root
    for guid, element in project.codes.elements.items():
        add_notes(project, element, code_id=project.codes.ids.get(guid, ""))
    add_notes(project, root)
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
    project: Project,
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
    known |= {
        guid: f"source {body.id}" for body in bodies if body.text is None for guid in body.guids
    }
    known |= {guid: f"code {each}" for guid, each in codes.ids.items()}
    links = tuple(_links(project, child(root, "Links"), known))
    everything = {guid: body.id for body in reversed(bodies) for guid in body.guids}
    sets = read_sets(child(root, "Sets"), codes.ids, everything, problems)
    _rest(project)
    pictures = _pictures(project, bodies)
    codings = tuple(project.codings.values())
    seen = _assumed(codings, project.default_time) if assume_seen else ()
    if codings and not assume_seen:
        problems.notes.append(NOBODY_READ)
    problems.notes += told_undated(codings, project.default_time)
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


def _pictures(project: Project, bodies: list[Body]) -> dict[str, bytes]:
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
