"""What is gathered while a project is read: codings, memos, regions, and who made them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, get_args

from reflect_analysis.codings import Coding, Memo, MemoKind
from reflect_analysis.exchange.refi.codes import Codes
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
)
from reflect_analysis.exchange.refi.package import Package
from reflect_analysis.exchange.refi.parts import MEMO
from reflect_analysis.exchange.refi.sources import text_of
from reflect_analysis.exchange.values import Region

__all__ = ["OWN", "Project", "add_coding", "add_notes", "code_of", "is_own", "read_notes"]

OWN = "reflect_analysis"
_UNKNOWN = "unknown"


@dataclass
class Project:
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


def is_own(project: Project) -> bool:
    """Whether this package wrote the file."""
    return clean(project.package.root.get("origin")).startswith(f"{OWN} ")


def read_notes(project: Project, holder: Any) -> None:
    """The notes of a project, to be put where something refers to them."""
    notes = children(holder, "Note") if holder is not None else ()
    for number, element in enumerate(notes, start=1):
        guid, name = guid_of(element) or f"number {number}", clean(element.get("name"))
        place = f"note {guid}"
        if guid in project.notes:
            project.problems.doubled(place)
        content = text_of(element, place, project.package, project.problems)
        text = clean(content.text) if content else ""
        kind = next((each for each in get_args(MemoKind) if name == f"{each}{MEMO}"), None)
        name = "" if kind else name
        about = [
            part for part in (name, description(element)) if part and not text.startswith(part)
        ]
        for each in children(element, "PlainTextSelection", "Coding"):
            project.problems.count(place, f"{local(each)} within a note")
        whole = "\n\n".join(filter(None, (*about, text)))
        if whole:
            who, when = project.coder(element), project.time(element)
            memo = Memo(who, whole, kind or "analytic", at=when)
            project.notes[guid] = memo


def add_notes(project: Project, element: Any, **where: Any) -> None:
    """The notes that an element refers to, as memos of its place."""
    for each in children(element, "NoteRef"):
        guid = target_of(each)
        if guid in project.notes:
            project.noted.add(guid)
            project.memos.append(dataclasses.replace(project.notes[guid], **where))
        else:
            project.problems.count("notes", "reference to a note that is not there, or is empty")


def code_of(project: Project, coding: Any, place: str) -> str | None:
    """The code that a coding gives; `None`, and listed, where it is not there."""
    reference = child(coding, "CodeRef")
    found = project.codes.ids.get(target_of(reference)) if reference is not None else None
    if found is None:
        project.problems.omit(place, "a coding of a code that is not there")
    return found


def add_coding(
    project: Project, body_id: str, span: tuple[int, int], code_id: str, *elements: Any
) -> None:
    """A coding of a passage; the same by the same coder again is counted and left out."""
    coder = project.coder(*elements)
    key = (body_id, *span, code_id, coder)
    if key in project.codings:
        project.repeated += 1
        return
    book = project.codes.codebook
    # A retired code was in use when it was given: in an earlier version, which the file has not.
    version = "" if book[code_id].retired else book.version
    project.codings[key] = Coding(
        *key,
        "machine" if coder in project.machines else "person",
        at=project.time(*elements),
        codebook_version=version,
    )
