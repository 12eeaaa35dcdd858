"""The codes of a REFI-QDA project or codebook, as a `Codebook`.

A top code that cannot be given and has codes below is a heading: a group. Every other code
keeps its parent. A code without a description is provisional: its definition is still open.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from reflect_analysis.codebook import Code, Codebook, CodeStatus, Group
from reflect_analysis.codebook.checks import slug
from reflect_analysis.errors import ExchangeError
from reflect_analysis.exchange.refi.elements import (
    Problems,
    child,
    children,
    clean,
    description,
    guid_of,
    target_of,
)
from reflect_analysis.exchange.refi.parts import guid as own_guid
from reflect_analysis.exchange.refi.recovering import book_facts, code_facts
from reflect_analysis.exchange.values import Set

__all__ = ["Codes", "Names", "read_codes", "read_sets"]

_ID_LENGTH = 60
MOST_CODES = 20_000
_NO_GROUP = "codes"


@dataclass(frozen=True)
class Codes:
    """A codebook, and the ids of its codes by their GUIDs."""

    codebook: Codebook
    ids: dict[str, str]
    elements: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Found:
    guid: str
    name: str
    text: str
    codable: bool
    parent: str
    element: Any
    has_codes: bool


def read_codes(holder: Any, problems: Problems, *, title: str, about: str, used: set[str]) -> Codes:
    """The codes of a ``CodeBook`` element.

    Parameters
    ----------
    holder : lxml element or None
    problems : Problems
        Takes faults and omissions.
    title, about : str
        Title and description of the codebook.
    used : set of str
        GUIDs that codings refer to: such a code is never a heading.
    """
    top = child(holder, "Codes") if holder is not None else None
    found = list(islice(_walk(top, "", problems), MOST_CODES + 1)) if top is not None else []
    if len(found) > MOST_CODES:
        raise ExchangeError(f"{problems.file}: more than {MOST_CODES:,} codes")
    known: dict[str, _Found] = {}
    for row in found:
        if row.guid in known:
            problems.doubled(f"code {row.guid}")
        known[row.guid] = row
    heads = {r.guid for r in found if not (r.codable or r.parent or r.guid in used) and r.has_codes}
    names, code_names = Names("_"), Names("_")
    groups = {r.guid: _group(r, names) for r in found if r.guid in heads}
    loose = Group(names.new(_NO_GROUP), "Codes")
    own = [row for row in known.values() if row.guid not in heads]
    facts = {row.guid: code_facts(row.text) for row in own}
    ids = _ids(facts, known, code_names)
    codes = [_code(known[guid], facts[guid], ids, known, groups, loose) for guid in ids]
    codes = _standing(codes, problems)
    needs_loose = any(code.group == loose.id for code in codes)
    told, rest = book_facts(about)
    book = Codebook(
        tuple(codes),
        (*groups.values(), *((loose,) if needs_loose else ())),
        title=title,
        description=rest,
        **told,
    )
    return Codes(book, ids, {guid: known[guid].element for guid in known})


def _group(row: _Found, names: Names) -> Group:
    return Group(_new_id(row.name, "group", names), row.name, row.text)


def _walk(holder: Any, parent: str, problems: Problems) -> Iterator[_Found]:
    """The codes below an element, each before its own; the XML is not nested without end."""
    for number, element in enumerate(children(holder, "Code"), start=1):
        guid = guid_of(element)
        if not guid:
            problems.bad_guid(f"code {number} below {parent or 'the codebook'}", element)
            continue
        if element.get("color"):
            problems.count("codes", "colour")
        name = clean(element.get("name")) or f"code {guid[:8]}"
        codable = (element.get("isCodable") or "true").strip().lower() not in ("false", "0")
        has_codes = child(element, "Code") is not None
        yield _Found(guid, name, description(element), codable, parent, element, has_codes)
        yield from _walk(element, guid, problems)


def _ids(
    facts: dict[str, dict[str, Any]], known: dict[str, _Found], names: Names
) -> dict[str, str]:
    """The ids of the codes: of an in vivo code its own, for no id may be made of its name."""
    ids = {}
    for guid, told in facts.items():
        own = told.pop("in_vivo", "")
        if own:
            facts[guid]["in_vivo"] = True
        ids[guid] = _own_id(own, names) if own else _new_id(known[guid].name, "code", names)
    return ids


def _own_id(wanted: str, names: Names) -> str:
    """The id of an in vivo code, or the next that is free."""
    number = int(wanted.removeprefix("in_vivo_"))
    while f"in_vivo_{number}" in names.taken:
        number += 1
    return names.new(f"in_vivo_{number}")


def _code(
    row: _Found,
    told: dict[str, Any],
    ids: dict[str, str],
    known: dict[str, _Found],
    groups: dict[str, Group],
    loose: Group,
) -> Code:
    top = row
    while top.parent and top.parent in known and top.parent not in groups:
        top = known[top.parent]
    group = groups.get(top.parent, loose)
    facts = {**told}
    if "replaced_by" in facts:  # ids of the study that wrote it, whose GUIDs are made of them
        there = (ids.get(own_guid("code", each)) for each in facts["replaced_by"])
        facts["replaced_by"] = tuple(filter(None, there))
    status: CodeStatus = "defined" if facts["definition"] else "provisional"
    facts.setdefault("status", status)
    return Code(ids[row.guid], row.name, group=group.id, parent=ids.get(row.parent), **facts)


def _standing(codes: list[Code], problems: Problems) -> list[Code]:
    """Codes whose standings fit together; what another program left of one is listed.

    A retired code with codes in use below it, or one that is replaced and in use, is no codebook.
    """
    below = {code.parent for code in codes if code.parent and code.status != "retired"}
    found = []
    for code in codes:
        bare = code
        if code.retired and code.id in below:
            problems.omit(f"code {code.id}", "that it is retired: codes below it are in use")
            bare = dataclasses.replace(bare, status="defined" if code.definition else "provisional")
        if bare.replaced_by and not bare.retired:
            bare = dataclasses.replace(bare, replaced_by=())
        found.append(bare)
    return found


class Names:
    """Names that are given once each: the second of a kind has a number behind it."""

    def __init__(self, joint: str) -> None:
        self.joint = joint
        self.taken: set[str] = set()
        self.numbers: dict[str, int] = {}

    def new(self, plain: str) -> str:
        """A name that is not taken yet; it is taken from now on."""
        found = plain
        while found in self.taken:
            self.numbers[plain] = number = self.numbers.get(plain, 1) + 1
            found = f"{plain}{self.joint}{number}"
        self.taken.add(found)
        return found


def _new_id(name: str, fallback: str, names: Names) -> str:
    """An id made of a name."""
    return names.new(slug(name)[:_ID_LENGTH].strip("_") or fallback)


def read_sets(
    holder: Any, codes: dict[str, str], documents: dict[str, str], problems: Problems
) -> tuple[Set, ...]:
    """The sets of a project; what they hold besides codes and documents is listed."""
    found = []
    for element in children(holder, "Set") if holder is not None else ():
        name, guid = clean(element.get("name")), guid_of(element)
        members: dict[str, list[str]] = {"MemberCode": [], "MemberSource": []}
        for each in children(element, "MemberCode", "MemberSource", "MemberNote"):
            kind = each.tag.rpartition("}")[2]
            known = {"MemberCode": codes, "MemberSource": documents}.get(kind, {})
            wanted = known.get(target_of(each))
            if wanted is None:
                problems.count(f"set {guid}", f"{kind} that is not read, or not there")
            else:
                members[kind].append(wanted)
        sources, own = members["MemberSource"], members["MemberCode"]
        found.append(Set(name, tuple(sources), tuple(own), description(element), guid))
    return tuple(found)
