"""What stands behind the numbers that are no count of codes alone: states, topics, agreement.

Each is counted again from the study and listed with its passages: a list with a row for one
person, which is kept, never sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import typer

if TYPE_CHECKING:
    from reflect_analysis.change import StateChanges
    from reflect_analysis.cli._findings import Material
    from reflect_analysis.corpus import Document
    from reflect_analysis.incidence import Incidence
    from reflect_analysis.reliability import CodeAgreement
    from reflect_analysis.tables import Table
    from reflect_analysis.tracing import Trace

__all__ = [
    "Listed",
    "ListedPassage",
    "Moved",
    "of_coders",
    "of_states",
    "of_study",
    "of_topic",
    "of_trace",
]

_FIRST = "first"
_WAYS = ("kept", "gained", "lost", "never", _FIRST)
_NONE, _UNREAD = "in no session", "not read"


@dataclass(frozen=True, slots=True)
class ListedPassage:
    """One passage, or a text without one, that a number counts."""

    document_id: str
    start: int
    end: int
    case_id: str
    about: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class Listed:
    """A number counted again, and what it counts.

    Parameters
    ----------
    asked : str
        What was asked for, in words.
    counts : tuple of (str, str)
        Each number with its name.
    passages : tuple of ListedPassage
    draft : bool
        Whether any of it rests on machine coding that nobody has reviewed.
    """

    asked: str
    counts: tuple[tuple[str, str], ...]
    passages: tuple[ListedPassage, ...] = ()
    draft: bool = False

    def __len__(self) -> int:
        return len(self.passages)

    def records(self) -> list[dict[str, Any]]:
        """A record a passage, with its words."""
        names = ListedPassage.__dataclass_fields__
        return [{name: getattr(row, name) for name in names} for row in self.passages]

    def table(self) -> Table:
        """The same as a table that is kept."""
        from reflect_analysis.tables import Column, Table

        columns = (
            Column("Text"),
            Column("From", "number", width=7),
            Column("To", "number", width=7),
            Column("Participant"),
            Column("What"),
            Column("Passage", width=60),
        )
        rows = tuple(tuple(record.values()) for record in self.records())
        told = "; ".join(f"{name}: {number}" for name, number in self.counts)
        title = f"What stands behind the number of {self.asked}"
        return Table(title, columns, rows, note=f"{told}.", draft=self.draft, keep=True)


def of_trace(traced: Trace) -> Listed:
    """The passages of codes."""
    rows = (
        ListedPassage(
            row.document_id,
            row.start,
            row.end,
            row.case_id or "",
            f"{row.code_id}, {row.status}",
            row.text,
        )
        for row in traced.passages
    )
    return Listed(traced.asked, traced.counts, tuple(rows))


# ── what the study has in all ──


def of_study(found: Material) -> Listed:
    """The sizes that stand at the head of a report, and the texts."""
    from reflect_analysis.report.study import Study

    study = Study(found.corpus, found.book, found.log, approach=found.approach)
    kinds = {document.kind for document in study.texts}
    counts = [(name, number) for number, name in study.basis()]
    counts += [
        (f"of the kind {kind}", str(sum(each.kind == kind for each in study.texts)))
        for kind in sorted(kinds)
    ]
    read = sum(document.id in study.read for document in study.texts)
    rows = tuple(
        _whole(each, case, "read" if each.id in study.read else "not read")
        for each in study.texts
        for case in sorted(study.texts.cases_of(each)) or [""]
    )
    return Listed("the study", (*counts, ("texts read", str(read))), rows)


def _whole(document: Document, case_id: str, about: str) -> ListedPassage:
    text = document.text
    return ListedPassage(document.id, 0, len(text), case_id, f"{document.kind}, {about}", text)


# ── change ──


class Moved(NamedTuple):
    """Which participants of a study of change are asked for."""

    spec: str
    state: str
    session: str = ""
    then: str = ""
    later: str = ""
    way: str = ""


def of_states(found: Material, asked: Moved) -> Listed:
    """Who is in a state in a session, who went from one to another, or which way."""
    from reflect_analysis.change import state_changes
    from reflect_analysis.report import read_states

    states = read_states(asked.spec)
    changes = state_changes(
        found.log, corpus=found.corpus, codebook=found.book, states=_with_groups(states, found)
    )
    _check_moved(changes, asked)
    people, told, sessions = _people(changes, asked)
    # Of one state alone is told who mentioned it when: a passage of the other stands behind no row.
    about = {asked.state: changes.states[asked.state]} if asked.way else changes.states
    rows = tuple(_rows_of(found, changes, about, people, sessions))
    counts = (("participants", told), ("passages", str(sum(bool(r.end) for r in rows))))
    return Listed(_in_words(asked, sessions), counts, rows, changes.draft)


def _with_groups(
    states: Mapping[str, Sequence[str]], found: Material
) -> dict[str, tuple[str, ...]]:
    """The codes of states, groups of codes replaced by these, as the report takes them."""
    groups = {group.id for group in found.book.groups} - set(found.book.ids)
    return {
        name: tuple(
            code
            for each in names
            for code in (
                [c.id for c in found.book.in_use if c.group == each] if each in groups else [each]
            )
        )
        for name, names in states.items()
    }


def _check_moved(changes: StateChanges, asked: Moved) -> None:
    """Refuse a state, a session or a way that there is not."""
    if len(changes.sessions) == 1 and (asked.way not in {"", _FIRST} or asked.then):
        told = f"all texts are of session {changes.sessions[0]}: change needs two"
        raise typer.BadParameter(told, param_hint="--way" if asked.way else "--then")
    nowhere = (_NONE, _UNREAD) if asked.way == _FIRST else ()
    known: list[tuple[str, str, Sequence[str]]] = [
        ("--session", asked.session, (*changes.sessions, *nowhere)),
        ("--later", asked.later, changes.sessions),
        ("--state", asked.state, tuple(changes.states) if asked.way else changes.names),
        ("--then", asked.then, changes.names),
        ("--way", asked.way, _WAYS),
    ]
    for option, value, there in known:
        if value and value not in there:
            told = f"{value!r}; expected one of {', '.join(there)}"
            raise typer.BadParameter(told, param_hint=option)
    if asked.way and asked.then:
        raise typer.BadParameter("one or the other", param_hint="--way, --then")
    if asked.then and not (asked.session and asked.later):
        raise typer.BadParameter("--then needs --session and --later", param_hint="--then")
    if asked.way == _FIRST and asked.later:
        raise typer.BadParameter("the first session has no later one", param_hint="--later")
    if asked.way in {"", _FIRST} and not asked.session:
        raise typer.BadParameter("name the session of the state", param_hint="--session")


def _people(changes: StateChanges, asked: Moved) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    """The participants, how many of how many, and in which sessions."""
    everybody = len(changes.participants)
    if asked.way == _FIRST:
        mine = _first_in(changes, asked.state, asked.session)
        sessions = (asked.session,) if asked.session in changes.sessions else changes.sessions
        return mine, f"{len(mine)} of {everybody}", sessions
    if asked.way:
        sessions = (asked.session or changes.sessions[0], asked.later or changes.sessions[-1])
        ways = changes.ways(asked.state, *sessions)
        mine = ways[asked.way]
        return mine, f"{len(mine)} of {sum(map(len, ways.values()))}", sessions
    mine = changes.people(asked.state, asked.session)
    if not asked.then:
        return mine, f"{len(mine)} of {everybody}", (asked.session,)
    later = set(changes.people(asked.then, asked.later))
    both = tuple(each for each in mine if each in later)
    return both, f"{len(both)} of {everybody}", (asked.session, asked.later)


def _first_in(changes: StateChanges, state: str, session: str) -> tuple[str, ...]:
    """Who mentioned a state in a session for the first time; in none; or of whom none was read."""
    from reflect_analysis.change import NO_TEXT, UNREAD

    first = changes.first_session(state)
    if session in changes.sessions:
        return tuple(each for each in changes.participants if first.get(each) == session)
    paths = changes.paths()
    unread = {each for each, path in paths.items() if {*path} <= {NO_TEXT, UNREAD}}
    others = (each for each in changes.participants if each not in first)
    return tuple(each for each in others if (each in unread) == (session == _UNREAD))


def _in_words(asked: Moved, sessions: Sequence[str]) -> str:
    if asked.way == _FIRST:
        nowhere = {_NONE: "mentioned in no session", _UNREAD: "nothing of theirs was read"}
        first = f"mentioned for the first time in session {asked.session}"
        return f"{asked.state}, {nowhere.get(asked.session, first)}"
    if asked.way:
        first, last = sessions
        words = f"mentioned in session {first} and in session {last}"
        told = {
            "kept": words,
            "gained": f"mentioned only in session {last}, not in {first}",
            "lost": f"mentioned only in session {first}, not in {last}",
            "never": f"neither {words}",
        }
        return f"{asked.state}, {told[asked.way]}"
    then = f", then {asked.then} in session {asked.later}" if asked.then else ""
    return f"{asked.state} in session {asked.session}{then}"


def _rows_of(
    found: Material,
    changes: StateChanges,
    states: Mapping[str, Sequence[str]],
    people: Iterable[str],
    sessions: Sequence[str],
) -> Iterator[ListedPassage]:
    """The passages of the states in the sessions; a text without any, or none, says so."""
    spans: dict[tuple[str, str], list[ListedPassage]] = {}
    for row in _coded_as(found, states):
        spans.setdefault((row.case_id, row.document_id), []).append(row)
    read = _read_for_all(changes)
    for case in people:
        for session in sessions:
            there = changes.state(case, session)
            if not there.document_ids:
                yield ListedPassage("", 0, 0, case, f"no text in session {session}", "")
            for document_id in dict.fromkeys(there.document_ids):
                # A state is what the texts mention that were read for all of the codes.
                whole = (case, document_id) in read
                rows = spans.get((case, document_id)) if whole else None
                why = "none of the codes in it" if whole else "not read for all of the codes"
                none = f"{why} (session {session}: {there.state})"
                yield from rows or [ListedPassage(document_id, 0, 0, case, none, "")]


def _read_for_all(changes: StateChanges) -> set[tuple[str, str]]:
    """The participants and texts that were read for every code of the states."""
    import numpy as np

    texts = cast("Incidence", changes.texts)  # as `state_changes` makes it
    columns = np.array([texts.of(each) for codes in changes.states.values() for each in codes])
    read = ~np.isnan(columns).any(axis=0)
    pairs = zip(texts.units, read, strict=True)
    return {(unit.case_id or "", unit.document_ids[0]) for unit, yes in pairs if yes}


def _coded_as(found: Material, states: Mapping[str, Sequence[str]]) -> Iterator[ListedPassage]:
    """Every passage of the codes of states."""
    from reflect_analysis.incidence import Tally

    ours = found.corpus.permitted("tables").where(lambda each: each.voice == "participant")
    tally = Tally(found.log, ours, found.book)
    for state, codes in states.items():
        for code in codes:
            for document_id, start, end in tally.passages(code):
                case = ours.case_at(document_id, start) or ""
                text = ours.document(document_id).passage(start, end)
                yield ListedPassage(document_id, start, end, case, f"{state}: {code}", text)


# ── topics ──


def of_topic(found: Material, file: Path, number: int, codes: Sequence[str]) -> Listed:
    """The texts of a topic; with codes those of them in which one stands."""
    from reflect_analysis.disclosure.sheets import read_sheet
    from reflect_analysis.errors import ReportError

    found.book.check_ids(codes, "the trace")
    rows = read_sheet(file, needs=("topic", "segment_id", "document_id"))
    there = sorted({int(cells["topic"]) for _, cells in rows if _is_number(cells["topic"])})
    mine = [cells for _, cells in rows if cells["topic"] == str(number)]
    if not mine:
        told = ", ".join(map(str, there)) or "none"
        raise typer.BadParameter(f"{file.name} has no topic {number}; {told}", param_hint="--topic")
    texts = {document.id: document for document in found.corpus.permitted("topics")}
    gone = sorted({cells["document_id"] for cells in mine} - set(texts))
    if gone:
        raise ReportError(
            f"{file.name}: the study has no text {name!r}; name the file that was made of it"
            for name in gone
        )
    passages = [_of_topic(texts[cells["document_id"]], cells, found) for cells in mine]
    coded = _coded_in(found, codes)
    kept = [row for row in passages if not codes or _meets(row, coded)]
    people = {row.case_id for row in kept} - {""}
    of_texts = f"{len(kept)} of {len(passages)}" if codes else str(len(kept))
    with_codes = f" with {' or '.join(codes)}" if codes else ""
    counts = (("participants", str(len(people))), ("texts", of_texts))
    return Listed(f"topic {number}{with_codes}", counts, tuple(kept))


def _is_number(text: str) -> bool:
    return text.removeprefix("-").isdecimal()


def _of_topic(document: Document, cells: Mapping[str, str], found: Material) -> ListedPassage:
    """The stretch of a text that was grouped: its segment's id ends in where it stands."""
    first, _, last = cells["segment_id"].rpartition(":")[2].partition("-")
    is_span = first.isdecimal() and last.isdecimal()
    start, end = (int(first), int(last)) if is_span else (0, len(document.text))
    case = found.corpus.case_at(document.id, start) or ""
    words = cells.get("words", "")
    return ListedPassage(document.id, start, end, case, words, document.passage(start, end))


def _coded_in(found: Material, codes: Sequence[str]) -> dict[str, list[tuple[int, int]]]:
    """Where some codes stand, by text."""
    from reflect_analysis.incidence import Tally

    tally = Tally(found.log, found.corpus.permitted("tables"), found.book)
    places: dict[str, list[tuple[int, int]]] = {}
    for code in codes:
        for document_id, start, end in tally.passages(code):
            places.setdefault(document_id, []).append((start, end))
    return places


def _meets(row: ListedPassage, coded: Mapping[str, Sequence[tuple[int, int]]]) -> bool:
    return any(start < row.end and row.start < end for start, end in coded.get(row.document_id, ()))


# ── agreement ──


def of_coders(found: Material, code: str, coders: Sequence[str], unit: str) -> Listed:
    """How coders agree on a code, and who found it where."""
    from reflect_analysis.reliability import CodeAgreement, measure_agreement

    found.book.check_ids([code], "the trace")
    chosen = _chosen(found, unit)
    measured = measure_agreement(
        found.log,
        coders,
        codes=[code],
        approach=found.approach,
        draws=1,  # no interval is told
        **chosen,
    )
    rows = tuple(_found_by(found, code, measured.coders, chosen))
    asked = f"agreement of {' and '.join(measured.coders)} on {code}, by {unit}"
    figures = (
        (f"{name} ({row.phase})" if row.phase else name, number)
        for row in measured.main
        if isinstance(row, CodeAgreement)
        for name, number in _figures(row, measured.coders)
    )
    return Listed(asked, tuple(figures), rows)


def _chosen(found: Material, unit: str) -> dict[str, Any]:
    """What measuring and listing are asked alike."""
    from reflect_analysis.segmentation import segment

    segments = segment(found.corpus) if unit == "sentence" else None
    about = {"corpus": found.corpus, "codebook": found.book, "segments": segments}
    return {"unit": "segment" if segments is not None else "document", **about}


def _figures(row: CodeAgreement, coders: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The numbers of a row of the agreement table."""
    yield "units read by at least two", str(row.units)
    if row.table is not None:
        names = ("found by both", *(f"by {name} alone" for name in coders), "by neither")
        yield from zip(names, map(str, row.table), strict=True)
    else:
        yield from zip(
            (f"found by {name}" for name in coders), map(str, row.positives), strict=True
        )
    for name, coefficient in row.coefficients():
        undefined = isnan(coefficient.value)
        yield name, f"– ({coefficient.reason})" if undefined else f"{coefficient.value:.3f}"


def _found_by(
    found: Material, code: str, coders: Sequence[str], chosen: Mapping[str, Any]
) -> Iterator[ListedPassage]:
    """Each unit in which one of those who read it found the code, with what they marked."""
    from reflect_analysis.reliability.basis import basis_of

    basis = basis_of(found.log, coders, codes=[code], phase=None, blind_only=True, **chosen)
    segments = {row.id: row for row in chosen["segments"] or ()}
    for selection in basis.selections:
        ratings = basis.ratings(selection)
        for unit, values in zip(ratings.units, ratings.of(code), strict=True):
            said = dict(zip(ratings.coders, values.tolist(), strict=True))
            readers = [name for name, value in said.items() if value >= 0]
            finders = [name for name in readers if said[name] == 1]
            if len(readers) > 1 and finders:
                whole = (0, len(found.corpus.document(unit.document_id).text))
                place = segments.get(unit.id)
                within = (place.start, place.end) if place else whole
                told = " and ".join(finders) + ("" if len(finders) == len(readers) else " alone")
                yield from _marked(found, code, finders, (unit.document_id, *within), told)


def _marked(
    found: Material, code: str, finders: Sequence[str], unit: tuple[str, int, int], told: str
) -> Iterator[ListedPassage]:
    """What those who found a code in a unit marked in it."""
    document_id, start, end = unit
    document = found.corpus.document(document_id)
    marks = {
        (row.coding.start, row.coding.end)
        for row in found.log.under(found.book).current
        if row.coding.document_id == document_id
        and row.coding.coder in finders
        and row.coding.start < end
        and start < row.coding.end
        and code in found.book.counts_for(row.coding.code_id)
    }
    for first, last in sorted(marks):
        case = found.corpus.case_at(document_id, first) or ""
        text = document.passage(first, last)
        yield ListedPassage(document_id, first, last, case, f"{code}: {told}", text)
