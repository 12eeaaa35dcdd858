"""Copies of a study joined: a union of events and of their rows, by id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from reflect_analysis.errors import ProjectError, raise_all
from reflect_analysis.project import schema
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
)
from reflect_analysis.project.merging.describing import chosen, described, version_of
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
    stones = _all_stones(connection, sources)
    logs = {source.name: read_log(source.connection) for source in sources}
    here = read_log(connection)
    burial = _buried(connection, sources)
    copies = [Copy.of("here", here, _rows(connection, None))]
    copies += [Copy.of(s.name, logs[s.name], _rows(s.connection, burial)) for s in sources]
    rewritten, choices = _settled(list(differences(copies)), choose)
    known = set(here.ids)
    files = [_joined(connection, s, logs[s.name], known, burial) for s in sources]
    if burial is not None:
        keep_found(connection, burial)
    report = MergeReport(tuple(files), choices, tuple(sorted(stones)), _notes(connection, sources))
    if report.changed:
        _write_merge(connection, report, rewritten, burial, by)
    return report


# ── who withdrew ──


def _all_stones(connection: Connection, sources: Iterable[Source]) -> frozenset[str]:
    """The tombstones of all copies set here; the cases that were not withdrawn here yet."""
    before = read_tombstones(connection)
    found = [
        stone
        for source in sources
        for stone in read_tombstones(source.connection).values()
        if before.get(stone.case_id) != stone
    ]
    if found:
        add_tombstones(connection, found)
    return frozenset(stone.case_id for stone in found) - before.keys()


def _buried(connection: Connection, sources: Iterable[Source]) -> Burial | None:
    """Here deleted what any of the copies' tombstones says; `None` where nobody withdrew."""
    burial = burial_of(connection)
    if burial is None:
        return None
    everywhere = [connection, *(source.connection for source in sources)]
    burial.learn(row for each in everywhere for row in _of(each, schema.documents))
    burial.listen(_of(connection, schema.documents))
    bury(connection, burial)
    return burial


# ── what differs ──


def _rows(connection: Connection, burial: Burial | None) -> dict[str, list[Row]]:
    """The rows of what can differ, as they would come in."""
    tables = {name: _of(connection, schema.ROW_TABLES[name]) for name in SUBJECTS}
    if burial is None:
        return {name: list(rows) for name, rows in tables.items()}
    burial.listen(_of(connection, schema.documents))
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
            again.append(answer)
    heading = "the copies differ, and nothing was merged:" if faults else None
    raise_all(ProjectError, faults, heading)
    return again, choices


# ── what comes in ──


def _joined(
    connection: Connection, source: Source, log: Log, known: set[str], burial: Burial | None
) -> MergedFile:
    """The entries of a copy that are not here yet."""
    new = log.ids - known
    known |= new
    if burial is not None:
        burial.listen(_of(source.connection, schema.documents))
    rows: Counter[str] = Counter()
    for name, table in ((schema.events.name, schema.events), *schema.ROW_TABLES.items()):
        key = table.c.id if table is schema.events else table.c.event_id
        for part in _parts(_new(source.connection, table, key.name, new, len(log.ids))):
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
