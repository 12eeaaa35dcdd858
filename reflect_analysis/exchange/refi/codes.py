"""The codes of a REFI-QDA project or codebook, as a `Codebook`.

A top code that cannot be given and has codes below is a heading: a group. Every other code
keeps its parent. A code without a description is provisional: its definition is still open.
"""

from __future__ import annotations

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
from reflect_analysis.exchange.refi.recovering import code_facts
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
    own = (row for row in known.values() if row.guid not in heads)
    ids = {row.guid: _new_id(row.name, "code", code_names) for row in own}
    codes = [_code(known[guid], ids, known, groups, loose) for guid in ids]
    needs_loose = any(code.group == loose.id for code in codes)
    book = Codebook(
        tuple(codes),
        (*groups.values(), *((loose,) if needs_loose else ())),
        title=title,
        description=about,
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


def _code(
    row: _Found,
    ids: dict[str, str],
    known: dict[str, _Found],
    groups: dict[str, Group],
    loose: Group,
) -> Code:
    top = row
    while top.parent and top.parent in known and top.parent not in groups:
        top = known[top.parent]
    group = groups.get(top.parent, loose)
    facts = code_facts(row.text)
    status: CodeStatus = "defined" if facts["definition"] else "provisional"
    return Code(
        ids[row.guid], row.name, group=group.id, parent=ids.get(row.parent), status=status, **facts
    )


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
