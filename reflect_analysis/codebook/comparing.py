"""Two codebooks side by side, and what became of the codings that were made under an older one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from reflect_analysis._rows import html_table, to_frame
from reflect_analysis.codebook.lineage import CodingLike
from reflect_analysis.codebook.rows import Code, CodeChange, CounterExample, Group, Source
from reflect_analysis.codebook.values import Codebook

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CodebookDiff", "Difference", "Outdated", "OutdatedCode", "diff", "outdated"]

# What a difference in a field of a code is called.
_KINDS = {
    "name": "renamed",
    "group": "moved",
    "parent": "moved",
    "definition": "redefined",
    "include": "criteria changed",
    "exclude": "criteria changed",
    "examples": "examples changed",
    "counter_examples": "examples changed",
    "patterns": "patterns changed",
    "scopes": "scopes changed",
    "unit": "unit changed",
    "human_only": "human-only changed",
    "source": "sources changed",
    "note": "note changed",
    "in_vivo": "in vivo changed",
    "name_approved_by": "name approval changed",
    "origin": "origin changed",
}
# Fields that share their kind with another.
_SHARED = ("group", "parent", "include", "exclude", "examples", "counter_examples")
# Kinds after which a passage may be coded otherwise than before by the same careful person.
MEANING = frozenset(
    {
        *("redefined", "criteria changed", "examples changed", "unit changed", "defined"),
        *("merged", "split", "retired", "removed", "took up others"),
        *("general rules changed", "language changed"),
    }
)
# The same of the history's own words.
_ACTIONS = {"define": "defined", "redefine": "redefined", "merge": "merged", "split": "split",
            "retire": "retired", "drop": "removed", "rename": "renamed", "move": "moved",
            "restore": "restored", "create": "added"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between two codebooks.

    Parameters
    ----------
    code_id : str
        Empty for what concerns a group or the whole codebook.
    kind : str
        ``added``, ``removed``, ``renamed``, ``moved``, ``redefined``, ``criteria changed``,
        ``examples changed``, ``patterns changed``, ``merged``, ``split``, ``retired`` ….
    field : str
        Which part, as the file calls it; of a group, its id.
    before, after : str
        Of a list only the items that went and that came.
    """

    code_id: str
    kind: str
    field: str = ""
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        who = f"{self.code_id}: " if self.code_id else ""
        if self.kind in ("merged", "split"):
            return f"{who}{self.kind} into {' and '.join(self.after.split())}"
        tells_part = self.field in _SHARED or (self.field and "group" in self.kind)
        part = f" ({self.field})" if tells_part else ""
        told = _told(self.before, self.after)
        return f"{who}{self.kind}{part}{f': {told}' if told else ''}"


def _told(before: str, after: str) -> str:
    if before and after:
        return f"{_quoted(before)} → {_quoted(after)}"
    if before:
        return f"− {_quoted(before)}"
    return f"+ {_quoted(after)}" if after else ""


def _counted(number: int) -> str:
    return f"{number} change{'' if number == 1 else 's'}"


def _quoted(text: str) -> str:
    return "; ".join(f"“{line}”" for line in text.split("\n"))


@dataclass(frozen=True)
class CodebookDiff:
    """What changed from one codebook to another, in words.

    Parameters
    ----------
    rows : tuple of Difference
    before, after : str
        The versions.
    """

    rows: tuple[Difference, ...]
    before: str
    after: str

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Difference]:
        return iter(self.rows)

    def of(self, code_id: str) -> tuple[Difference, ...]:
        """The differences of one code."""
        return tuple(row for row in self.rows if row.code_id == code_id)

    def to_frame(self) -> pd.DataFrame:
        """One row a difference.

        Returns
        -------
        DataFrame
            ``code_id, kind, field, before, after, words``.
        """
        return to_frame(self.rows, Difference).assign(words=[str(row) for row in self.rows])

    def __str__(self) -> str:
        if not self.rows:
            return f"nothing changed ({self.before})"
        head = f"{self.before} → {self.after}, {_counted(len(self))}:"
        return "\n".join([head, *(f"  {row}" for row in self.rows)])

    def __repr__(self) -> str:
        return f"<CodebookDiff {self.before} → {self.after}: {_counted(len(self))}>"

    def _repr_html_(self) -> str:
        cells = ((row.code_id, row.kind, _told(row.before, row.after)) for row in self.rows)
        return _table(repr(self), ("Code", "Change", "What"), cells)


def _table(title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    return f"<p>{escape(title)}</p>{html_table(head, rows)}"


def diff(old: Codebook, new: Codebook) -> CodebookDiff:
    """Compare two codebooks.

    Parameters
    ----------
    old, new : Codebook

    Returns
    -------
    CodebookDiff
        Code by code in the order of `new`, then what was removed, then the whole. It is empty
        where nothing but the history differs.

    Examples
    --------
    >>> from reflect_analysis.codebook import Code, Group
    >>> old = Codebook((Code("alone", "Alone", "Nobody to ask.", "g"),), (Group("g", "G"),))
    >>> print(diff(old, old.define("alone", name="On my own", by="Ana")))
    38e303d64c44 → 74008cdceced, 1 change:
      alone: renamed: “Alone” → “On my own”
    """
    rows = [row for code in new for row in _of_code(old, code)]
    rows += [Difference(code.id, "removed", before=code.name) for code in old if code.id not in new]
    return CodebookDiff(
        (*rows, *_of_order(old, new), *_of_whole(old, new)), old.version, new.version
    )


def _of_code(old: Codebook, code: Code) -> Iterator[Difference]:
    if code.id not in old:
        yield Difference(code.id, "added", after=code.name)
        return
    before = old[code.id]
    yield from _of_status(before, code)
    for field, kind in _KINDS.items():
        was, now = getattr(before, field), getattr(code, field)
        if was != now:
            yield Difference(code.id, kind, field, *_sides(was, now))


def _of_status(before: Code, after: Code) -> Iterator[Difference]:
    if (before.status, before.replaced_by) == (after.status, after.replaced_by):
        return
    into = "\n".join(after.replaced_by)
    if after.retired:
        ways = {0: "retired", 1: "merged"}
        yield Difference(after.id, ways.get(len(after.replaced_by), "split"), "status", "", into)
    elif before.retired:
        yield Difference(after.id, "restored", "status")
    else:
        kind = "defined" if after.status == "defined" else "made provisional"
        yield Difference(after.id, kind, "status")


def _sides(was: object, now: object) -> tuple[str, str]:
    """What went and what came."""
    if isinstance(was, tuple) and isinstance(now, tuple):
        gone = [_printed(item) for item in was if item not in now]
        come = [_printed(item) for item in now if item not in was]
        return "\n".join(gone), "\n".join(come)
    return _printed(was), _printed(now)


def _printed(value: object) -> str:
    if isinstance(value, CounterExample):
        return f"{value.text} — {value.why}"
    if isinstance(value, Source):
        return value.cite if value.verified else f"{value.cite} (not verified)"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {each}" for key, each in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _of_order(old: Codebook, new: Codebook) -> Iterator[Difference]:
    """Codes in another order: the version tells them apart."""
    both = [code.id for code in old if code.id in new]
    if both != [code.id for code in new if code.id in old]:
        yield Difference("", "order of the codes changed")


def _of_whole(old: Codebook, new: Codebook) -> Iterator[Difference]:
    yield from _of_groups(old.groups, new.groups)
    if old.general_rules != new.general_rules:
        sides = _sides(old.general_rules, new.general_rules)
        yield Difference("", "general rules changed", "general_rules", *sides)
    for field in ("language", "title", "description", "licence"):
        was, now = getattr(old, field), getattr(new, field)
        if was != now:
            yield Difference("", f"{field} changed", field, was, now)


def _of_groups(old: Sequence[Group], new: Sequence[Group]) -> Iterator[Difference]:
    was, now = ({group.id: group for group in groups} for groups in (old, new))
    for group_id, group in now.items():
        if group_id not in was:
            yield Difference("", "group added", group_id, after=group.name)
            continue
        for field, kind in (("name", "group renamed"), ("description", "group redescribed")):
            sides = getattr(was[group_id], field), getattr(group, field)
            if sides[0] != sides[1]:
                yield Difference("", kind, group_id, *sides)
    for group_id, group in was.items():
        if group_id not in now:
            yield Difference("", "group removed", group_id, before=group.name)
    if [i for i in was if i in now] != [i for i in now if i in was]:
        yield Difference("", "order of the groups changed")


# ── codings made under an older codebook ────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class OutdatedCode:
    """The codings of one code that were made under another version.

    Parameters
    ----------
    code_id : str
        As the codings have it.
    now : tuple of str
        What the id stands for now; several after a split, none where the code is gone.
    version : str
        Under which they were made; empty where they do not say.
    codings : int
    changed : bool, optional
        Whether the code's meaning changed since; `None` where neither an older codebook nor
        the history tells.
    changes : tuple of str
        What changed, its meaning or not.
    coding_ids : tuple of str
    """

    code_id: str
    now: tuple[str, ...]
    version: str
    codings: int
    changed: bool | None
    changes: tuple[str, ...]
    coding_ids: tuple[str, ...]


@dataclass(frozen=True)
class Outdated:
    """Codings that were made under older versions of a codebook, by code and version.

    Parameters
    ----------
    rows : tuple of OutdatedCode
        In the codebook's order.
    version : str
        Of the codebook.
    """

    rows: tuple[OutdatedCode, ...]
    version: str

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[OutdatedCode]:
        return iter(self.rows)

    def to_frame(self) -> pd.DataFrame:
        """One row a code and version, without the codings' ids."""
        return to_frame(self.rows, OutdatedCode, drop=("coding_ids",))

    def __str__(self) -> str:
        if not self.rows:
            return f"no coding was made under another version than {self.version}"
        return "\n".join(
            f"{row.code_id}: {row.codings} coding{'' if row.codings == 1 else 's'} under "
            f"{row.version or 'no version'}, "
            f"{_meaning(row)}"
            for row in self.rows
        )

    def __repr__(self) -> str:
        total = sum(row.codings for row in self.rows)
        noun = "coding" if total == 1 else "codings"
        return f"<Outdated: {total} {noun} older than version {self.version}>"

    def _repr_html_(self) -> str:
        rows = ((r.code_id, r.version, r.codings, _meaning(r)) for r in self.rows)
        return _table(repr(self), ("Code", "Made under", "Codings", "Since then"), rows)


def _meaning(row: OutdatedCode) -> str:
    told = f" ({', '.join(row.changes)})" if row.changes else ""
    if row.changed is None:
        return "whether the meaning changed is not known: give the older codebook"
    return f"the meaning {'changed' if row.changed else 'is the same'}{told}"


def outdated(
    codings: Iterable[CodingLike],
    codebook: Codebook,
    *,
    older: Codebook | Iterable[Codebook] = (),
) -> Outdated:
    """The codings made under another version of a codebook, and whether they still hold.

    Parameters
    ----------
    codings : Codings
    codebook : Codebook
        As it is now.
    older : Codebook or iterable of Codebook
        Earlier versions. Without the one that a coding names, the history tells what changed
        since, as far as it goes back without a gap.

    Returns
    -------
    Outdated

    Notes
    -----
    Patterns and scopes are told, but they change what a machine finds and not what a code means.
    """
    books = [older] if isinstance(older, Codebook) else list(older)
    by_version = {book.version: book for book in books}
    found: dict[tuple[str, str], list[str]] = {}
    for coding in codings:
        if coding.codebook_version != codebook.version:
            key = (coding.code_id, coding.codebook_version)
            found.setdefault(key, []).append(coding.id)
    order = {code_id: place for place, code_id in enumerate(codebook.ids)}
    rows = []
    for code_id, version in sorted(found, key=lambda k: (order.get(k[0], len(order)), k)):
        ids = tuple(found[code_id, version])
        changes = _changes(code_id, by_version.get(version), version, codebook)
        rows.append(_outdated_code(code_id, version, ids, changes, codebook))
    return Outdated(tuple(rows), codebook.version)


def _outdated_code(
    code_id: str,
    version: str,
    ids: tuple[str, ...],
    changes: tuple[str, ...] | None,
    codebook: Codebook,
) -> OutdatedCode:
    known = code_id in codebook or code_id in codebook.dropped
    now = codebook.current_ids(code_id) if known else ()
    changed = None if changes is None else bool(MEANING.intersection(changes))
    return OutdatedCode(code_id, now, version, len(ids), changed, changes or (), ids)


def _changes(
    code_id: str, old: Codebook | None, version: str, codebook: Codebook
) -> tuple[str, ...] | None:
    """What became of a code since a version, or `None` where nothing tells."""
    if code_id not in codebook and code_id not in codebook.dropped:
        return ("removed",)
    if old is not None and code_id in old:
        rows = diff(old, codebook).rows
        kinds = [r.kind for r in rows if r.code_id == code_id]
        kinds += [r.kind for r in rows if not r.code_id and r.kind in MEANING]
        kinds += ["took up others"] if _took_up(code_id, old, codebook) else []
        return tuple(dict.fromkeys(kinds))
    since = _since(version, codebook)
    if since is None:
        return None
    kinds = [_ACTIONS.get(row.action, row.action) for row in since if row.code_id == code_id]
    kinds += ["took up others" for row in since if code_id in row.into and row.action == "merge"]
    return tuple(dict.fromkeys(kinds))


def _took_up(code_id: str, old: Codebook, new: Codebook) -> bool:
    """Whether another code went into one since."""
    mine = [code.id for code in new if code_id in code.replaced_by]
    return any(each not in old or not old[each].retired for each in mine)


def _since(version: str, codebook: Codebook) -> list[CodeChange] | None:
    """The changes since a version, if the history leads from it to now without a gap."""
    # The rows of one merge bear the same two versions: they are one step.
    by_step = groupby(codebook.history, key=lambda row: (row.version_before, row.version_after))
    steps = [list(rows) for _, rows in by_step]
    here, found = codebook.version, list[CodeChange]()
    for step in reversed(steps):
        if step[0].version_after != here:
            return None
        here, found = step[0].version_before, [*step, *found]
        if here == version:
            return found
    return None
