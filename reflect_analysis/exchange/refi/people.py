"""Users, variables and cases of a REFI-QDA project.

Programs say in different ways whose words a text holds: a case refers to the source, or to
selections in it; and a nameless case of one source is no person but carries the source's own
values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from reflect_analysis._rows import Attributes
from reflect_analysis.corpus import Case, Turn
from reflect_analysis.exchange.offsets import SourceText
from reflect_analysis.exchange.refi.codes import Names
from reflect_analysis.exchange.refi.elements import (
    Problems,
    attribute_value,
    child,
    children,
    clean,
    description,
    guid_of,
    target_of,
)
from reflect_analysis.exchange.refi.recovering import case_facts
from reflect_analysis.exchange.refi.sources import Body

__all__ = [
    "People",
    "Span",
    "read_people",
    "read_users",
    "read_variables",
    "sync_turns",
    "values_of",
]

Span = tuple[str, int, int]
_ID_LENGTH = 120


def read_users(holder: Any, problems: Problems) -> dict[str, str]:
    """The names of the users by GUID, each once."""
    return _names(holder, "User", problems)


def read_variables(holder: Any, problems: Problems) -> dict[str, str]:
    """The names of the variables by GUID, each once."""
    return _names(holder, "Variable", problems)


def _names(holder: Any, tag: str, problems: Problems) -> dict[str, str]:
    """Names by GUID; one that two bear would give the one what is the other's."""
    names, found, written = Names(" "), dict[str, str](), dict[str, str]()
    word = tag.lower()
    for number, element in enumerate(children(holder, tag) if holder is not None else (), start=1):
        guid = guid_of(element)
        if not guid:
            problems.bad_guid(f"{word} {number}", element)
            continue
        plain = (clean(element.get("name")) or f"{word} {guid[:8]}")[:_ID_LENGTH]
        if written.setdefault(guid, plain) != plain:
            problems.doubled(f"{word} {guid}")
        elif guid not in found:
            found[guid] = names.new(plain)
    return found


def values_of(
    elements: Iterable[Any], variables: Mapping[str, str], problems: Problems
) -> Attributes:
    """The values that stand on a case or a source; empty ones are left out."""
    values: dict[str, Any] = {}
    for element in elements:
        about = description(element)
        if about:
            values["description"] = about
        for each in children(element, "VariableValue"):
            name = (
                variables.get(target_of(reference))
                if (reference := child(each, "VariableRef")) is not None
                else None
            )
            value = attribute_value(each)
            if name is None:
                problems.count("variables", "value of a variable that is not there")
            elif value is not None:
                values[name] = value
    return Attributes(values)


@dataclass
class People:
    """The cases, whose words stand where, and the values that nameless cases carried."""

    cases: list[Case] = field(default_factory=list)
    owner: dict[str, str] = field(default_factory=dict)
    turns: dict[str, list[Turn]] = field(default_factory=dict)
    values: dict[str, Attributes] = field(default_factory=dict)


def read_people(
    holder: Any,
    bodies: Mapping[str, list[Body]],
    spans: Mapping[str, Span],
    variables: Mapping[str, str],
    problems: Problems,
) -> People:
    """The cases of a project.

    Parameters
    ----------
    holder : lxml element or None
        ``Cases``.
    bodies : mapping
        The texts by the GUIDs that refer to them.
    spans : mapping
        Where the selections lie, by GUID.
    variables : mapping
        Names by GUID.
    problems : Problems
    """
    people, names = People(), Names(" ")
    for number, element in enumerate(
        children(holder, "Case") if holder is not None else (), start=1
    ):
        guid, name = guid_of(element), clean(element.get("name"))
        if not guid:
            problems.bad_guid(f"case {number}", element)
            continue
        own = [
            body
            for each in children(element, "SourceRef")
            for body in bodies.get(target_of(each), ())
        ]
        values = values_of([element], variables, problems)
        references = list(children(element, "SelectionRef"))
        if not name and own and not references and len({body.guids[-1] for body in own}) == 1:
            people.values.update({body.id: values for body in own})
            continue
        facts, about = case_facts(str(values.get("description", "")))
        told = {**values, "description": about} if about else dict(values)
        if not about:
            told.pop("description", None)
        case_id = names.new((name or f"case {guid[:8]}")[:_ID_LENGTH])
        case = Case(case_id, Attributes(told), **facts)
        people.cases.append(case)
        _give(people, case, own, problems)
        _speak(people, case, references, spans, problems)
        for each in children(element, "CodeRef"):
            problems.omit(f"case {case.id}", f"code {target_of(each)} of the case as a whole")
    people.turns = {
        key: _apart(key, turns, problems)
        for key, turns in people.turns.items()
        # Selections of nobody but the owner say nothing that the whole source does not.
        if {turn.case_id for turn in turns} != {people.owner.get(key)}
    }
    return people


def _give(people: People, case: Case, own: Iterable[Body], problems: Problems) -> None:
    """Make a case the owner of its sources; a second owner is listed."""
    for body in own:
        if people.owner.setdefault(body.id, case.id) != case.id:
            problems.omit(f"source {body.id}", f"also of case {case.id}; the first one holds it")


def _speak(
    people: People,
    case: Case,
    references: Iterable[Any],
    spans: Mapping[str, Span],
    problems: Problems,
) -> None:
    """What a case says in sources: its own too, if others speak there."""
    for each in references:
        span = spans.get(target_of(each))
        if span is None:
            problems.count(f"case {case.id}", "selection that is not there, or not in its text")
        else:
            turn = Turn(span[1], span[2], case.id, case.id)
            people.turns.setdefault(span[0], []).append(turn)


def _apart(body_id: str, turns: list[Turn], problems: Problems) -> list[Turn]:
    """Turns in their order; one that lies over an earlier one is listed."""
    found: list[Turn] = []
    for turn in sorted(turns, key=lambda each: (each.start, each.end)):
        if found and turn.start < found[-1].end:
            if (turn.start, turn.end, turn.case_id) != (
                found[-1].start,
                found[-1].end,
                found[-1].case_id,
            ):
                problems.count(f"source {body_id}", "words of a case that lie over another's")
        else:
            found.append(turn)
    return found


def sync_turns(
    text: SourceText, places: Iterable[tuple[int, int | None]], case_id: str | None
) -> list[Turn]:
    """The passages between the sync points of a transcript, with their times in seconds."""
    times: dict[int, int | None] = {}
    for place, milliseconds in sorted(places, key=lambda pair: pair[0]):
        if 0 <= place < len(text.text):
            times.setdefault(place, milliseconds)
    starts = list(times)
    turns = []
    for start, end in pairwise([*starts, len(text.text)]):
        last = start + len(text.text[start:end].rstrip())
        if last > start:
            time = times[start]
            turns.append(Turn(start, last, "", case_id, time=None if time is None else time / 1000))
    return turns
