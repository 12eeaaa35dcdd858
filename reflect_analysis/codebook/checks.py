"""What must hold between the codes of a codebook, whether they come from a file or from code."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from reflect_analysis.errors import did_you_mean

if TYPE_CHECKING:
    from reflect_analysis.codebook.rows import Code, CodeChange, Group, Origin

__all__ = ["IN_VIVO_ID", "Link", "ancestors", "codebook_faults", "faults_between", "slug"]

ID = re.compile(r"[a-z][a-z0-9_]*")
IN_VIVO_ID = re.compile(r"in_vivo_\d+")
# What no text file, spreadsheet or XML can hold; a tab and a line feed can stand.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Link(NamedTuple):
    """What of a code refers to others."""

    id: str
    group: str | None
    parent: str | None = None
    status: str = "defined"
    replaced_by: tuple[str, ...] = ()
    in_vivo: bool = False


def faults_between(
    links: Sequence[Link], groups: Collection[str] | None
) -> Iterator[tuple[int, str]]:
    """(place in `links`, fault) of codes that do not fit together.

    Parameters
    ----------
    links : sequence of Link
    groups : collection of str, optional
        Ids of the groups; `None` where they are not known, and then not compared.
    """
    by_id = {link.id: link for link in links}
    parents = {link.id: link.parent for link in links}
    for place, link in enumerate(links):
        where = f"code {link.id!r}"
        if groups is not None and link.group and link.group not in groups:
            yield place, f"{where}: unknown group {link.group!r}{did_you_mean(link.group, groups)}"
        for fault in (*_of_parent(link, by_id, parents), *_of_status(link, by_id)):
            yield place, f"{where}{fault}"


def _of_parent(
    link: Link, by_id: Mapping[str, Link], parents: Mapping[str, str | None]
) -> Iterator[str]:
    if link.parent is not None and link.parent not in by_id:
        yield f": unknown parent {link.parent!r}{did_you_mean(link.parent, by_id)}"
    elif link.id in ancestors(link.id, parents):
        yield " is its own ancestor"
    elif link.parent and link.status != "retired" and by_id[link.parent].status == "retired":
        yield f": its parent {link.parent!r} is retired; move it to another or to none"


def _of_status(link: Link, by_id: Mapping[str, Link]) -> Iterator[str]:
    if link.in_vivo and not IN_VIVO_ID.fullmatch(link.id):
        yield (
            ": the id of an in vivo code is in_vivo_1, in_vivo_2 …, because ids are printed and "
            "the words are a participant's"
        )
    if link.replaced_by and link.status != "retired":
        yield f": replaced_by stands for a retired code alone, and its status is {link.status!r}"
    for wanted in link.replaced_by:
        if wanted not in by_id:
            yield f": replaced_by names no code {wanted!r}{did_you_mean(wanted, by_id)}"
    if _leads_back(link.id, by_id):
        yield " is replaced by itself in the end"


def _leads_back(code_id: str, by_id: Mapping[str, Link]) -> bool:
    """Whether following what replaces a code leads back to it."""
    seen: set[str] = set()
    open_ = list(by_id[code_id].replaced_by)
    while open_:
        here = open_.pop()
        if here == code_id:
            return True
        if here in by_id and here not in seen:
            seen.add(here)
            open_ += by_id[here].replaced_by
    return False


def ancestors(code_id: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    """The codes above a code, the nearest first; in a cycle, each once."""
    found: dict[str, None] = {}
    here = parents.get(code_id)
    while here is not None and here not in found:
        found[here] = None
        here = parents.get(here)
    return tuple(found)


def slug(name: str) -> str:
    """An id made from a name: ``""`` where no letter of it is left.

    Examples
    --------
    >>> slug("Être à l’écoute"), slug("2nd look"), slug("ᐃᓄᒃᑎᑐᑦ")
    ('etre_a_l_ecoute', 'code_2nd_look', '')
    """
    plain = unicodedata.normalize("NFKD", name.replace("’", " ")).encode("ascii", "ignore")
    joined = "_".join(re.findall(r"[a-z0-9]+", plain.decode().lower()))
    return f"code_{joined}" if joined[:1].isdigit() else joined


# ── a codebook as a value ───────────────────────────────────────────────────────


def codebook_faults(
    codes: Sequence[Code], groups: Sequence[Group], history: Sequence[CodeChange], about: str
) -> Iterator[str]:
    """Every fault of a codebook's rows; `about` is all text that belongs to no row."""
    yield from _doubled("group", (group.id for group in groups))
    yield from _doubled("code", (code.id for code in codes))
    for group in groups:
        yield from _row_faults("group", group.id, group.name)
    for code in codes:
        yield from _row_faults("code", code.id, code.name)
        yield from _code_faults(code)
    for number, change in enumerate(history, start=1):
        if not all(map(ID.fullmatch, (change.code_id, *change.into))):
            yield f"history, row {number}: {change.code_id!r} or what it went into is no id"
        if change.origin is not None and not _is_passage(change.origin):
            yield f"history, row {number}: its origin {change.origin} is no passage"
    links = [
        Link(c.id, c.group or "(none)", c.parent, c.status, c.replaced_by, c.in_vivo) for c in codes
    ]
    yield from (fault for _, fault in faults_between(links, [group.id for group in groups]))
    # The repr escapes control characters, so each text is looked at by itself.
    for where, text in (("the codebook", about), *_all_texts(groups, codes, history)):
        found = _CONTROL.search(text)
        if found:
            yield f"{where}: control character U+{ord(found[0]):04X}; remove it"


def _row_faults(noun: str, row_id: str, name: str) -> Iterator[str]:
    if not ID.fullmatch(row_id):
        yield (
            f"{noun} {row_id!r}: an id is a lower-case letter, then letters, digits, underscores"
        )
    if not name:
        yield f"{noun} {row_id!r}: no name"


def _code_faults(code: Code) -> Iterator[str]:
    where = f"code {code.id!r}"
    if not code.definition and code.status == "defined":
        yield f"{where}: no definition"
    if any(not each.text or not each.why for each in code.counter_examples):
        yield f"{where}: a counter-example has a text and says why it is one"
    if any(not source.cite for source in code.source):
        yield f"{where}: a source without its reference"
    if code.origin is not None and not _is_passage(code.origin):
        yield f"{where}: its origin {code.origin} is no passage"


def _is_passage(origin: Origin) -> bool:
    return bool(origin.document_id) and 0 <= origin.start < origin.end


def _doubled(noun: str, ids: Iterable[str]) -> Iterator[str]:
    for item, count in Counter(ids).items():
        if count > 1:
            yield f"{noun} {item!r} stands {count} times"


def _all_texts(
    groups: Iterable[Group], codes: Iterable[Code], history: Iterable[CodeChange]
) -> Iterator[tuple[str, str]]:
    """Where a text stands, and the text."""
    for group in groups:
        yield f"group {group.id!r}", f"{group.name}{group.description}"
    for code in codes:
        counter = (f"{each.text}{each.why}" for each in code.counter_examples)
        cites = (source.cite for source in code.source)
        lists = (*code.include, *code.exclude, *code.examples, *code.patterns, *counter, *cites)
        own = (code.name, code.definition, code.note, code.name_approved_by, *lists)
        origin = code.origin.document_id if code.origin else ""
        yield f"code {code.id!r}", "".join((*own, *code.scopes, origin))
    for number, change in enumerate(history, start=1):
        origin = change.origin.document_id if change.origin else ""
        yield f"history, row {number}", f"{change.by}{change.reason}{origin}"
