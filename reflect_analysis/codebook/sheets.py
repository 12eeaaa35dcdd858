"""Reading a codebook from tables: CSV, Excel, and the tables of a Word file.

A table by hand has a row a code and needs the columns name and definition. What `tables`
writes has more: ids, groups, general rules, the history. A column that only the researcher
knows goes into the note of its code; a table without those columns is no codebook.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reflect_analysis.codebook.cells import (
    read_origin,
    rearmed,
    split_counter,
    split_items,
    split_scopes,
    split_source,
)
from reflect_analysis.codebook.checks import slug
from reflect_analysis.codebook.files import Found, Location, Place
from reflect_analysis.codebook.grids import OWN_SHEETS, Grid, read_grids
from reflect_analysis.errors import CodebookError, did_you_mean

__all__ = ["find_in_tables"]

# What a column is called, by what it holds; every name with blanks and signs as underscores.
_NAMES: dict[str, tuple[str, ...]] = {
    "kind": (),
    "id": ("code_id",),
    "name": ("code", "code_name", "label", "nom"),
    "group": ("theme", "category", "heading", "group_name", "domain", "family"),
    "parent": ("parent_code", "subcode_of"),
    "definition": ("description", "meaning", "code_definition", "definition_of_the_code"),
    "include": ("inclusion", "inclusions", "inclusion_criteria", "when_to_use", "includes"),
    "exclude": ("exclusion", "exclusions", "exclusion_criteria", "when_not_to_use", "excludes"),
    "examples": ("example", "typical_examples", "example_s"),
    "counter_examples": ("counter_example", "non_examples", "counterexamples", "near_misses"),
    "unit": ("unit_of_coding",),
    "human_only": ("people_only",),
    "source": ("sources", "reference", "references", "literature"),
    "note": ("notes", "comment", "comments", "remarks", "memo"),
    "scopes": ("scope",),
    "patterns": ("pattern",),
    "status": (),
    "in_vivo": (),
    "name_approved_by": (),
    "replaced_by": (),
    "origin": (),
    "action": (),
    "into": (),
    "by": (),
    "at": ("date",),
    "reason": (),
    "version_before": (),
    "version_after": (),
    "what": (),
    "text": (),
}
_COLUMNS = {name: column for column, others in _NAMES.items() for name in (column, *others)}
_CODE = (
    *("id", "name", "group", "parent", "definition", "include", "exclude", "examples"),
    *("counter_examples", "unit", "human_only", "source", "note", "scopes", "patterns"),
    *("status", "in_vivo", "name_approved_by", "replaced_by", "origin"),
)
_CHANGE = ("action", "into", "by", "at", "reason", "version_before", "version_after", "origin")
_LISTS = ("include", "exclude", "examples", "patterns", "replaced_by")
_ABOUT = ("title", "description", "language", "licence")
_HEADER_WITHIN = 20
_YES = {"x": True, "✓": True, "oui": True, "non": False}
_ALONE = ("codes", "Codes")  # the group of a table that names none


def find_in_tables(path: Path) -> Found:
    """What the tables of a file hold.

    Raises
    ------
    CodebookError
        If the file cannot be read, or no table of it is a codebook.
    """
    grids = read_grids(path)
    reading = _Reading()
    for grid in grids:
        reading.take(grid)
    if not reading.tables_of_codes:
        raise CodebookError(f"{path.name}: {_no_codes(grids)}")
    return reading.found(path.name)


def _no_codes(grids: Sequence[Grid]) -> str:
    cells = [cell for grid in grids for _, row in grid.rows[:1] for cell in row if cell]
    near = (cell for cell in cells if _plain(cell) not in _COLUMNS)
    hints = "".join(did_you_mean(_plain(cell), ("name", "definition")) for cell in near)
    came = f", came {', '.join(map(repr, cells))}" if cells else ""
    return (
        f"no table of codes: expected a row with the columns 'name' and 'definition'{came}{hints}"
    )


@dataclass(slots=True)
class _Row:
    """A row by its columns, with its place."""

    kind: str
    cells: dict[str, str]
    own: dict[str, str]  # columns that only the researcher knows
    place: Place

    def get(self, column: str) -> str:
        return self.cells.get(column, "").strip()


@dataclass(slots=True)
class _Reading:
    """The nested values while the tables are read."""

    about: dict[str, str] = field(default_factory=dict)
    rules: list[str] = field(default_factory=list)
    groups: list[dict[str, Any]] = field(default_factory=list)
    codes: list[dict[str, Any]] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)
    places: dict[tuple[str | int, ...], Place] = field(default_factory=dict)
    faults: list[tuple[Place, str]] = field(default_factory=list)
    tables_of_codes: int = 0
    rows: int = 0
    # Which codes named their group by words, and with which.
    headings: dict[int, str] = field(default_factory=dict)

    def take(self, grid: Grid) -> None:
        """Read one table; one without a known header says nothing of a codebook."""
        kind = OWN_SHEETS.get(grid.title.lower(), "code")
        header = _header(grid, kind)
        if header is None:
            return
        at, columns, own, unclear = header
        self.tables_of_codes += kind == "code"
        self.faults += [((self.rows, grid.where(at)), fault) for fault in unclear]
        heading = ""
        for number, cells in grid.rows:
            self.rows += 1
            place = (self.rows, grid.where(number))
            self.faults += [(place, fault) for fault in grid.faults.get(number, ())]
            if number <= at or not any(cell.strip() for cell in cells):
                continue
            if number in grid.headings:
                heading = cells[0].strip()
                continue
            row = _row(cells, columns, own, kind, place)
            if row.kind == "code":
                row.cells["group"] = heading = row.get("group") or heading
            self._row(row)

    def _row(self, row: _Row) -> None:
        takers = {
            "code": self._code,
            "group": self._group,
            "about": self._about,
            "rule": self._about,
            "change": self._change,
        }
        if row.kind in takers:
            takers[row.kind](row)
        else:
            hint = did_you_mean(row.kind, takers) or f"; expected one of {', '.join(takers)}"
            self.faults.append((row.place, f"kind: {row.kind!r}{hint}"))

    def _about(self, row: _Row) -> None:
        """A line about the codebook: in Excel by ``what`` and ``text``, in CSV by kind."""
        what = "rule" if row.kind == "rule" else (row.get("what") or row.get("id")).lower()
        text = row.get("text") or row.get("definition")
        if what in ("rule", "general_rule", "general rule"):
            self.rules += [text] if text else []
        elif what in _ABOUT:
            self.about[what] = text
        else:
            expected = ", ".join((*_ABOUT, "rule"))
            self.faults.append((row.place, f"{what!r}; expected one of {expected}"))

    def _group(self, row: _Row) -> None:
        name = row.get("name")
        entry = {"id": row.get("id") or slug(name), "name": name}
        self.places["groups", len(self.groups)] = row.place
        self.groups.append(_said({**entry, "description": row.get("definition")}))

    def _change(self, row: _Row) -> None:
        entry: dict[str, Any] = {name: row.get(name) for name in _CHANGE}
        entry |= {"code": row.get("id") or row.get("name"), "into": split_items(row.get("into"))}
        entry["origin"] = self._origin(row)
        self.places["history", len(self.history)] = row.place
        self.history.append(_said(entry))

    def _origin(self, row: _Row) -> object:
        cell = row.get("origin")
        found = read_origin(cell)
        if cell and found is None:
            self.faults.append((row.place, "origin: expected a passage such as 10–25 of R12"))
        return found

    def _code(self, row: _Row) -> None:
        entry: dict[str, Any] = {name: row.get(name) for name in _CODE}
        entry["id"] = row.get("id") or slug(row.get("name")) or f"code_{len(self.codes) + 1}"
        entry |= {name: split_items(row.cells.get(name, "")) for name in _LISTS}
        counter = map(split_counter, split_items(row.cells.get("counter_examples", "")))
        entry["counter_examples"] = [{"text": text, "why": why} for text, why in counter]
        if any(not each["why"] for each in entry["counter_examples"]):
            fault = "counter_examples: expected 'text — why', one a line"
            self.faults.append((row.place, f"code {entry['id']!r}: {fault}"))
            entry["counter_examples"] = []
        cites = map(split_source, split_items(row.cells.get("source", "")))
        entry["source"] = [{"cite": cite, "verified": verified} for cite, verified in cites]
        entry["scopes"] = split_scopes(row.cells.get("scopes", ""))
        entry["origin"] = self._origin(row)
        for name in ("human_only", "in_vivo"):
            entry[name] = _YES.get(row.get(name).lower(), row.get(name).lower())
        for name in ("unit", "status"):
            entry[name] = row.get(name).lower()
        entry["note"] = "\n".join(filter(None, (row.get("note"), *_told(row.own))))
        if not row.get("name") and not row.get("id"):
            self.faults.append((row.place, "a code without a name"))
        self.headings[len(self.codes)] = entry.pop("group")
        self.places["codes", len(self.codes)] = row.place
        self.codes.append(_said(entry))

    # ── in the end ──

    def found(self, name: str) -> Found:
        """What was read, with the groups that codes name by words."""
        self._name_groups()
        self._name_parents()
        data: dict[str, Any] = {
            **self.about,
            "general_rules": self.rules,
            "groups": self.groups,
            "codes": self.codes,
            "history": self.history,
        }
        return Found(name, data, self._place, tuple(self.faults))

    def _place(self, location: Location) -> Place:
        return self.places.get(tuple(location[:2]), (0, ""))

    def _name_groups(self) -> None:
        """Groups by id or by name; without a list of groups, those that the codes name."""
        listed = bool(self.groups)
        known = {str(each.get("id")): str(each.get("id")) for each in self.groups}
        by_name = {str(g.get("name", "")).casefold(): str(g.get("id")) for g in self.groups}
        for index, heading in self.headings.items():
            code = self.codes[index]
            if not listed and heading.casefold() not in by_name:
                made = {"id": _ALONE[0], "name": _ALONE[1]}
                if heading:
                    made = {"id": _unlike(slug(heading) or "group", known), "name": heading}
                self.groups.append(made)
                known[made["id"]] = by_name[heading.casefold()] = made["id"]
            code["group"] = known.get(heading) or by_name.get(heading.casefold(), heading)

    def _name_parents(self) -> None:
        """Parents by id or by name."""
        ids = {code["id"] for code in self.codes}
        by_name = {str(code.get("name", "")).casefold(): code["id"] for code in self.codes}
        for code in self.codes:
            parent = code.get("parent", "")
            if parent and parent not in ids:
                code["parent"] = by_name.get(parent.casefold(), parent)


def _unlike(stem: str, taken: Iterable[str]) -> str:
    """An id that is not taken."""
    used = set(taken)
    names = [stem, *(f"{stem}_{number}" for number in range(2, len(used) + 3))]
    return next(name for name in names if name not in used)


def _said(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The keys that hold something: an empty cell says nothing."""
    return {key: value for key, value in entry.items() if value not in ("", [], {}, None)}


def _told(own: Mapping[str, str]) -> Iterator[str]:
    for column, cell in own.items():
        if cell.strip():
            yield f"{column}: {cell.strip()}"


# ── headers ──


def _plain(name: str) -> str:
    return "_".join(re.findall(r"\w+", name.lower().replace("_", " ")))


Header = tuple[int, dict[int, str], dict[int, str], list[str]]


def _header(grid: Grid, kind: str) -> Header | None:
    """The row of column names: (its number, columns, columns of the researcher's own, faults)."""
    needed = {"code": {"name", "definition"}, "group": {"name"}, "about": {"what", "text"}}
    for number, cells in grid.rows[:_HEADER_WITHIN]:
        columns = _columns(cells)
        if needed.get(kind, {"action"}) <= set(columns.values()):
            rest = {n: cell.strip() for n, cell in enumerate(cells) if n not in columns}
            own = {n: cell for n, cell in rest.items() if cell}
            return number, columns, own, _unclear(own, columns)
    return None


def _columns(cells: Sequence[str]) -> dict[int, str]:
    """What each column holds, as far as its name tells; the first of several of one name."""
    exact = [_plain(cell) for cell in cells]
    found: dict[int, str] = {}
    for index, name in enumerate(exact):
        column = _COLUMNS.get(name)
        if name == "code" and "name" in exact:
            column = "id"
        if column and column not in found.values():
            found[index] = column
    return found


def _unclear(own: Mapping[int, str], columns: Mapping[int, str]) -> list[str]:
    """Columns that are perhaps one of ours, mistyped, or the same one twice."""
    faults = []
    for name in own.values():
        plain = _plain(name)
        if _COLUMNS.get(plain) in columns.values():
            faults.append(f"the column {name!r} says the same as another; join or rename them")
        elif did_you_mean(plain, _NAMES):
            faults.append(f"unknown column {name!r}{did_you_mean(plain, _NAMES)}")
    return faults


def _row(
    cells: Sequence[str],
    columns: Mapping[int, str],
    own: Mapping[int, str],
    kind: str,
    place: Place,
) -> _Row:
    said = {column: rearmed(cells[n]) for n, column in columns.items() if n < len(cells)}
    more = {name: rearmed(cells[n]) for n, name in own.items() if n < len(cells)}
    return _Row(said.get("kind", "").strip().lower() or kind, said, more, place)
