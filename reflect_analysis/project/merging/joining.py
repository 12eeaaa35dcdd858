"""Copies of a study joined: a union of events and of their rows, by id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any

from reflect_analysis.errors import ProjectError, did_you_mean, raise_all
from reflect_analysis.project import schema
from reflect_analysis.project.clock import last_of
from reflect_analysis.project.entries import Entry, Event, latest_event, write_entries, write_rows
from reflect_analysis.project.fetching import fetched
from reflect_analysis.project.merging.comparing import (
    SUBJECTS,
    Copy,
    Difference,
    Log,
    Thing,
    differences,
    read_log,
    subject_of,
)
from reflect_analysis.project.merging.describing import chosen, described, version_of
from reflect_analysis.project.merging.identity import Identities, identities
from reflect_analysis.project.merging.naming import Names
from reflect_analysis.project.merging.report import MergedFile, MergeReport
from reflect_analysis.project.merging.sources import Source
from reflect_analysis.project.rows import Row, with_id
from reflect_analysis.project.views import read_facts
from reflect_analysis.project.withdrawal.applying import burial_of, bury, keep_found
from reflect_analysis.project.withdrawal.burying import Burial
from reflect_analysis.project.withdrawal.judging import judge_all
from reflect_analysis.project.withdrawal.stones import add_tombstones, lock, read_tombstones

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

__all__ = ["join"]

_PART = 1_000  # parameters of one statement, and rows that are read at once
_FEW = 20  # new events are asked for one by one where they are at most one in so many
# What says of a merge that it happened, and of nothing else.
_MERGE = "merge"
_TOLERANCE = timedelta(minutes=2)  # by which clocks differ without a word


def join(
    connection: Connection,
    sources: Sequence[Source],
    *,
    by: str,
    choose: Mapping[str, str],
) -> MergeReport:
    """Join other copies into a project.

    Raises
    ------
    ProjectError
        With everything that both sides changed and nobody chose; nothing is kept then.
    """
    lock(connection, alone=True)
    who = identities(connection, sources, choose)
    others = [_Other(s, read_log(s.connection), who.names[s.name]) for s in sources]
    stones = _all_stones(connection, others)
    here = read_log(connection)
    burial = _buried(connection, others)
    copies = [Copy.of("here", here, _rows_here(connection))]
    copies += [Copy.of(other.name, other.log, _rows(other, burial)) for other in others]
    found = list(differences(copies))
    unused = _unused(choose, copies, found, who)
    rewritten, choices = _settled(found, choose)
    known, notes = set(here.ids), (*_notes(connection, sources), *unused)
    files = [_joined(connection, other, known, burial) for other in others]
    if burial is not None:
        keep_found(connection, burial)
    choices = {**choices, **who.choices}
    notes += tuple(_ahead(others, files))
    report = MergeReport(tuple(files), choices, tuple(sorted(stones)), notes)
    if report.changed:
        _write_merge(connection, report, rewritten, burial, by)
    return report


@dataclass(frozen=True, slots=True)
class _Other:
    """Another copy, with the names that its participants and texts bear here."""

    source: Source
    log: Log
    names: Names

    @property
    def name(self) -> str:
        return self.source.name

    def rows(self, table: Table, *where: Any) -> Iterator[Row]:
        """The rows of a table, as they come in."""
        return self.names.rows(table.name, _of(self.source.connection, table, *where))


def _unused(
    choose: Mapping[str, str],
    copies: Iterable[Copy],
    found: Iterable[Difference],
    who: Identities,
) -> tuple[str, ...]:
    """What was said of what is the same everywhere; of what nobody has it is a mistake.

    Raises
    ------
    ProjectError
        With every choice about something that no copy has.
    """
    known = {subject_of(*key) for copy in copies for key in copy.things} | who.subjects
    raise_all(
        ProjectError,
        [
            f"{subject}={chosen}: no copy has that{did_you_mean(subject, known)}"
            for subject, chosen in choose.items()
            if subject not in known
        ],
    )
    asked = {difference.subject for difference in found if difference.is_open} | who.used
    return tuple(
        f"nothing to choose about {each}: it is not in question"
        for each in choose
        if each not in asked
    )


def _ahead(others: Iterable[_Other], files: Iterable[MergedFile]) -> Iterator[str]:
    """Whose clock was ahead: what is done from now on bears a later time all the same."""
    soon = (datetime.now(UTC) + _TOLERANCE).isoformat(timespec="microseconds")
    for other, file in zip(others, files, strict=True):
        last = last_of(other.source.connection)
        if file.events and last > soon:
            yield (
                f"{file.name}: written by a clock that was ahead, to {last[:16].replace('T', ' ')} "
                "UTC; what is done here from now on counts as later all the same"
            )


# ── who withdrew ──


def _all_stones(connection: Connection, others: Iterable[_Other]) -> frozenset[str]:
    """The tombstones of all copies set here; the cases that were not withdrawn here yet."""
    before = read_tombstones(connection)
    found = [
        stone
        for other in others
        for stone in map(other.names.stone, read_tombstones(other.source.connection).values())
        if before.get(stone.case_id) != stone
    ]
    if found:
        add_tombstones(connection, found)
    return frozenset(stone.case_id for stone in found) - before.keys()


def _buried(connection: Connection, others: Iterable[_Other]) -> Burial | None:
    """Here deleted what any of the copies' tombstones says; `None` where nobody withdrew."""
    burial = burial_of(connection)
    if burial is None:
        return None
    theirs = (row for other in others for row in other.rows(schema.documents))
    burial.learn(chain(_of(connection, schema.documents), theirs))
    burial.listen(_of(connection, schema.documents))
    bury(connection, burial)
    return burial


# ── what differs ──


def _rows_here(connection: Connection) -> dict[str, list[Row]]:
    """The rows of what can differ."""
    return {name: list(_of(connection, schema.ROW_TABLES[name])) for name in SUBJECTS}


def _rows(other: _Other, burial: Burial | None) -> dict[str, list[Row]]:
    """The rows of what can differ, as they would come in."""
    tables = {name: other.rows(schema.ROW_TABLES[name]) for name in SUBJECTS}
    if burial is None:
        return {name: list(rows) for name, rows in tables.items()}
    burial.listen(other.rows(schema.documents))
    return {name: list(judge_all(burial, name, rows)) for name, rows in tables.items()}


def _settled(
    found: Sequence[Difference], choose: Mapping[str, str]
) -> tuple[list[Thing], dict[str, str]]:
    """What has to be said again so that it holds, and what was chosen.

    Raises
    ------
    ProjectError
        If a choice is missing, or is none of the sides.
    """
    again: list[Thing] = []
    choices: dict[str, str] = {}
    faults = []
    for difference in found:
        answer = difference.sides[0][1]
        if difference.is_open:
            wanted = choose.get(difference.subject)
            picked = chosen(difference, wanted) if wanted else None
            if picked is None:
                faults.append(described(difference, wanted))
                continue
            answer = picked
            choices[difference.subject] = version_of(difference, answer)
        if answer.state != difference.joined.state:
            again.append(_said_again(difference, answer))
    heading = "the copies differ, and nothing was merged:" if faults else None
    raise_all(ProjectError, faults, heading)
    return again, choices


def _said_again(difference: Difference, answer: Thing) -> Thing:
    """What is written so that it holds; a phase that has ended stays so."""
    ended = answer.table == "phases" and difference.joined.holding[-1]["state"] == "closed"
    if not ended:
        return answer
    row = answer.holding[-1]
    content = {name: row[name] for name in row if name not in ("id", "event_id")}
    last = {**with_id({**content, "state": "closed"}), "event_id": row["event_id"]}
    return replace(answer, rows=(*answer.rows, last))


# ── what comes in ──


def _joined(
    connection: Connection, other: _Other, known: set[str], burial: Burial | None
) -> MergedFile:
    """The entries of a copy that are not here yet."""
    source, log = other.source, other.log
    new = log.ids - known
    known |= new
    if burial is not None:
        burial.listen(other.rows(schema.documents))
    rows: Counter[str] = Counter()
    for name, table in ((schema.events.name, schema.events), *schema.ROW_TABLES.items()):
        key = table.c.id if table is schema.events else table.c.event_id
        found = _new(source.connection, table, key.name, new, len(log.ids))
        for part in _parts(other.names.rows(name, found)):
            left = part if burial is None else tuple(judge_all(burial, name, part))
            write_rows(connection, table, left)
            rows[name] += len(left)
    merges = _merges(source.connection, new)
    count = rows.pop(schema.events.name, 0)
    return MergedFile(source.name, source.study, count, count - merges, dict(+rows))


def _new(
    connection: Connection, table: Table, key: str, new: Iterable[str], total: int
) -> Iterator[Row]:
    """The rows of a table that belong to new events."""
    from sqlalchemy import select

    wanted = frozenset(new)
    if not wanted:
        return
    if len(wanted) * _FEW > total:
        yield from fetched(connection, select(table), (key, wanted.__contains__))
        return
    for part in _parts(sorted(wanted)):
        yield from _of(connection, table, table.c[key].in_(part))


def _merges(connection: Connection, new: Iterable[str]) -> int:
    from sqlalchemy import select

    table = schema.events
    found = connection.execute(select(table.c.id).where(table.c.action == _MERGE)).scalars()
    return len(frozenset(new).intersection(found))


def _of(connection: Connection, table: Table, *where: Any) -> Iterator[Row]:
    from sqlalchemy import select

    return fetched(connection, select(table).where(*where))


def _parts(items: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    part: list[Any] = []
    for item in items:
        part.append(item)
        if len(part) == _PART:
            yield tuple(part)
            part = []
    if part:
        yield tuple(part)


# ── the event ──


def _write_merge(
    connection: Connection,
    report: MergeReport,
    again: Iterable[Thing],
    burial: Burial | None,
    by: str,
) -> None:
    payload: dict[str, Any] = {"files": [file.payload() for file in report.files]}
    if burial is not None and burial.moved:
        payload["replaced"] = sorted(burial.moved)
    event = latest_event(connection, by, _MERGE, payload)
    rows: dict[str, tuple[Row, ...]] = {}
    for thing in again:
        row = {name: value for name, value in thing.holding[-1].items() if name != "event_id"}
        rows[thing.table] = (*rows.get(thing.table, ()), row)
    rows["choices"] = tuple(_choice(event, *each) for each in report.choices.items())
    write_entries(connection, [Entry(event, {name: each for name, each in rows.items() if each})])


def _choice(event: Event, subject: str, version: str) -> Row:
    return with_id({"subject": subject, "chosen": version, "by": event.by, "at": event.at})


def _notes(connection: Connection, sources: Iterable[Source]) -> tuple[str, ...]:
    """What was not joined: what a study is stays as it was here."""
    here = read_facts(connection)
    return tuple(
        f"{source.name} is another study; title and approach stay as they are here"
        for source in sources
        if source.study != here["id"]
    )
