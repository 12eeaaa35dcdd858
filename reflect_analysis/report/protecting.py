"""What the further results of a report tell beside its theme table and beside one another.

Each kind hides what its own counts forbid; what two tables give back together only the report
knows, which has them all. The rows that would do so are marked as withheld in the results, so
that tables, figures and the ledger of releases leave them out alike.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from reflect_analysis.change.beside import change_sessions, told_changes
from reflect_analysis.disclosure.differences import (
    People,
    ToldRow,
    hidden_rows,
    imagined_for,
    told_themes,
)
from reflect_analysis.frameworks.showing import told_sides
from reflect_analysis.incidence import Incidence, find_incidence
from reflect_analysis.tables.comparison import told_comparison
from reflect_analysis.tables.joint import display_values, told_display
from reflect_analysis.themes import shown_participants

if TYPE_CHECKING:
    from reflect_analysis.report.study import Study

__all__ = ["protected"]

Values = Mapping[str, Mapping[str, str]]

# What each kind tells, in the order in which its rows are kept: pairs are many, and the last.
_TOLD: dict[str, Callable[[Any, People, int], Any]] = {
    "Comparison": lambda value, people, k: told_comparison(value, people, k=k),
    "FilledFramework": lambda value, people, k: told_sides(value, people, k=k),
    "StateChanges": lambda value, people, k: told_changes(value, people, k=k),
    "JointDisplay": lambda value, people, k: told_display(value, people, k=k),
    "Pairs": lambda value, people, k: value.told(people, k=k),
}


def protected(study: Study) -> tuple[Any, ...]:
    """The further results of a study, with what they must withhold.

    Parameters
    ----------
    study : Study
        Of any approach; a reflexive one counts nobody.
    """
    told = [value for value in study.further if type(value).__name__ in _TOLD]
    if study.approach == "reflexive" or not told:
        return study.further
    hidden = _hidden(study)
    return tuple(
        _withholding(value, hidden[place], study.k) if place in hidden else value
        for place, value in enumerate(study.further)
    )


def _withholding(value: Any, hidden: set[Any], k: int) -> Any:
    at = {"withheld_at": k} if type(value).__name__ == "StateChanges" else {}
    return dataclasses.replace(value, withheld=frozenset(hidden), **at)


def _hidden(study: Study) -> dict[int, set[Any]]:
    """By the place of a result the keys of its rows that are hidden."""
    found: dict[int, set[Any]] = {}
    texts = find_incidence(study.codings, corpus=study.corpus, codebook=study.codebook)
    for places, incidence in _together(study, texts):
        found |= {place: _known(study, place) for place in places}
        for place, key in _solved(study, incidence, places):
            found[place].add(key)
    return found


def _known(study: Study, place: int) -> set[Any]:
    """What of a result is withheld beside earlier releases, where its tests must leave it out."""
    return set(study.withheld) if type(study.further[place]).__name__ == "Comparison" else set()


def _together(study: Study, texts: Incidence) -> Iterator[tuple[list[int], Incidence]]:
    """Results of the same units; pairs by segment have their own."""
    kinds = list(_TOLD)
    places = [n for n, value in enumerate(study.further) if type(value).__name__ in kinds]
    by_segment = [n for n in places if getattr(study.further[n], "unit", "") == "segment"]
    joint = [n for n in places if n not in by_segment]
    yield sorted(joint, key=lambda n: kinds.index(type(study.further[n]).__name__)), texts
    yield from (([n], study.further[n].incidence) for n in by_segment)


def _solved(study: Study, incidence: Incidence, places: list[int]) -> Iterator[tuple[int, Any]]:
    values, sessions = _values(study, places), _sessions(study, places)
    imagined = imagined_for(0)
    while True:
        people = People(incidence, values, imagined, sessions)
        fixed = tuple(told_themes(people, _open(study)))
        rows = tuple(row for place in places for row in _told(study, place, people))
        wanted = imagined_for(len({c.tobytes() for row in (*fixed, *rows) for c in row.cells}))
        if wanted <= imagined:
            break
        imagined = wanted
    closed = study.in_trees
    yield from hidden_rows(people, rows, fixed=fixed, closed=closed, k=study.k)  # type: ignore[misc]  # the keys are those of _told


def _values(study: Study, places: list[int]) -> Values:
    """What participants bear of the attributes that the results tell of."""
    found: dict[str, Mapping[str, str]] = {}
    for place in places:
        value = study.further[place]
        if type(value).__name__ == "Comparison":
            found[value.by] = value.group_of
        elif type(value).__name__ == "JointDisplay":
            found |= display_values(value)
    return found


def _sessions(study: Study, places: list[int]) -> Mapping[str, str]:
    """The session of each text, where change is told of."""
    found: dict[str, str] = {}
    for place in places:
        if type(study.further[place]).__name__ == "StateChanges":
            found |= change_sessions(study.further[place])
    return found


def _open(study: Study) -> frozenset[str]:
    """The codes whose counts the theme table prints."""
    shown = {row.code_id: shown_participants(row, k=study.k) for row in study.themes.rows}
    return frozenset(code for code, each in shown.items() if each is not None and each.exact)


def _told(study: Study, place: int, people: People) -> Iterator[ToldRow]:
    """What a result tells, its rows known by its place as well."""
    value = study.further[place]
    for row in _TOLD[type(value).__name__](value, people, study.k):
        yield dataclasses.replace(row, key=(place, row.key))
