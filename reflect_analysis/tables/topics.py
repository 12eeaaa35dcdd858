"""The table of topics by session or attribute as it may be sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from reflect_analysis.coefficients import wilson_interval
from reflect_analysis.disclosure import DEFAULT_K, HIDDEN, Part, ReleasedCell, hidden_parts
from reflect_analysis.tables.values import Cell, Column, Of, Table

if TYPE_CHECKING:
    from reflect_analysis.disclosure import SuppressedTable
    from reflect_analysis.topics import TopicsBy

__all__ = ["topics_by_table"]

_NOT_STABLE = (
    "The groupings are by a machine and not stable: fitted again, they come out otherwise. "
    "Nothing should rest on them."
)


def topics_by_table(found: TopicsBy, *, k: int = DEFAULT_K, number: int = 1) -> Table:
    """Topics by an attribute for `export_table`: participants n of N with intervals.

    Parameters
    ----------
    found : TopicsBy
    k : int
        Counts of fewer persons are hidden, with their intervals; at least 3.
    number : int
        As in "Table 1".

    Returns
    -------
    Table
        A section a topic, a row a value. A topic whose every count is hidden shows no words,
        unless a person named it.
    """
    shown = _protected(found, k)
    labels = found.labels(k=k)
    verdicts = {row.topic: row.stability for row in found}
    columns = (
        Column(found.by.capitalize()),
        Column("Participants", "number"),
        Column("Share", "share"),
        Column("95 % interval"),
    )
    rows = tuple(row for key in shown.index for row in _rows(shown, key))
    heads = tuple(
        f"{labels[key]} ({verdicts[key]}{_largely(found, shown, key)})"
        for key in shown.index
        for _ in shown.columns
    )
    title = f"Exploratory groupings of the texts by {found.by} ({found.verdict})"
    told = tuple(
        ((cell,) if cell is not None else ())
        for key in shown.index
        for cell in _told(shown, key, found.by, found.topics[key])
    )
    note = _note(found, shown)
    return Table(title, columns, rows, number, heads, "Topic", note=note, released=told)


def _protected(found: TopicsBy, k: int) -> SuppressedTable:
    """The counts without rows that give a hidden one back: everybody is in one topic at least."""
    shown = found.shown(k=k)
    sizes = dict(found.sizes)
    exact = {(row.topic, row.value): row.participants for row in found.rows}
    marked = {
        (key, value): not cell.isdecimal()
        for key, cells in zip(shown.index, shown.cells, strict=True)
        for value, cell in zip(shown.columns, cells, strict=True)
    }
    out: set[str] = set()
    for value in (value for value in shown.columns if value in sizes):
        parts = [Part(exact[key, value], 0, marked[key, value]) for key in shown.index]
        hidden = hidden_parts(parts, sizes[value], k)
        out |= {
            key
            for key, hide in zip(shown.index, hidden, strict=True)
            if hide and not marked[key, value]
        }
    cells = tuple(
        (HIDDEN,) * len(row) if key in out else row
        for key, row in zip(shown.index, shown.cells, strict=True)
    )
    return replace(shown, cells=cells)


def _told(shown: SuppressedTable, key: str, by: str, words: str) -> Iterator[ReleasedCell | None]:
    """The count that each row of a topic tells; known by the topic's words, as readers know it."""
    cells = shown.cells[shown.index.index(key)]
    for value, cell, size in zip(shown.columns, cells, shown.sizes, strict=True):
        where = () if value == "Total" else ((by, value),)
        told = cell.isdecimal()
        what = f"topic {words}"
        yield ReleasedCell(what, where, int(cell), int(cell), size) if told else None


def _largely(found: TopicsBy, shown: SuppressedTable, key: str) -> str:
    """That one participant makes most of a topic, where a count of k or more of it is shown."""
    cells = shown.cells[shown.index.index(key)]
    told = any(cell.isdecimal() and cell != "0" for cell in cells)
    one = any(row.one_participant for row in found if row.topic == key)
    return "; largely one participant" if told and one else ""


def _rows(shown: SuppressedTable, key: str) -> Iterator[tuple[Cell, ...]]:
    cells = shown.cells[shown.index.index(key)]
    for value, cell, size in zip(shown.columns, cells, shown.sizes, strict=True):
        if not cell.isdecimal():
            yield value, cell, cell, cell
            continue
        low, high = wilson_interval(int(cell), size) if size else (0.0, 1.0)
        interval = f"{round(low * 100)}–{round(high * 100)} %"
        yield value, Of(int(cell), size), int(cell) / max(size, 1), interval


def _note(found: TopicsBy, shown: SuppressedTable) -> str:
    parts = [
        "Participants with a text in the topic, of those with a grouped text; Wilson intervals."
    ]
    if found.repeated:
        parts.append("A participant may stand in several rows of a topic.")
    if found.verdict != "stable":
        told = _NOT_STABLE if found.verdict == "not stable" else "Stability was not measured."
        parts.append(told)
    return " ".join([*parts, shown.note])
