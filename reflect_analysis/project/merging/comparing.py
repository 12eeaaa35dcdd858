"""Where copies of a study differ: what follows from their logs, and what a person has to choose.

A thing (the codebook, a document, a participant) is later in one copy than in another if that
copy knows all that the other did with it, or if what the other has is an earlier state of it.
Where neither is so both went on, and nobody but a person can say which holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from reflect_analysis.project import schema
from reflect_analysis.project.history import undone
from reflect_analysis.project.rows import Row, from_json
from reflect_analysis.provenance import fingerprint

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = [
    "SUBJECTS",
    "Copy",
    "Difference",
    "Log",
    "Thing",
    "differences",
    "read_log",
    "subject_of",
]

# The tables of which one row of several holds, and what each is called in a choice.
SUBJECTS = {
    "codebooks": "codebook",
    "documents": "document",
    "cases": "case",
    "phases": "phase",
    "coders": "role",
}
_BY_NAME = ("phases", "coders")  # whose rows belong to one thing by name


@dataclass(frozen=True)
class Log:
    """The events of a copy, as far as they say what holds.

    Parameters
    ----------
    ids : frozenset of str
        All events.
    at, by : mapping of str to str
        When and by whom, of the events that wrote what can differ.
    undoes : mapping of str to str
        The target of each event that takes another back.
    """

    ids: frozenset[str]
    at: Mapping[str, str]
    by: Mapping[str, str]
    undoes: Mapping[str, str]

    @cached_property
    def undone(self) -> frozenset[str]:
        """The events that do not hold."""
        return undone(self.undoes.items())

    @cached_property
    def _undoing(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for event_id, target in self.undoes.items():
            found.setdefault(target, []).append(event_id)
        return found

    def with_undos(self, event_ids: Iterable[str]) -> frozenset[str]:
        """Events, those that undo them, those that undo these, and so on."""
        found = set(event_ids)
        waiting = list(found)
        while waiting:
            new = [each for each in self._undoing.get(waiting.pop(), ()) if each not in found]
            found.update(new)
            waiting += new
        return frozenset(found)

    def __or__(self, other: Log) -> Log:
        """What both together know."""
        return Log(
            self.ids | other.ids,
            {**self.at, **other.at},
            {**self.by, **other.by},
            {**self.undoes, **other.undoes},
        )


def read_log(connection: Connection) -> Log:
    """The events of a copy."""
    from sqlalchemy import select, union

    table = schema.events
    ids = frozenset(connection.execute(select(table.c.id)).scalars())
    writing = union(*(select(schema.ROW_TABLES[name].c.event_id) for name in SUBJECTS))
    asked = select(table.c.id, table.c.at, table.c.by).where(table.c.id.in_(writing))
    rows = connection.execute(asked).all()
    taken = select(table.c.id, table.c.undoes).where(table.c.undoes.is_not(None))
    return Log(
        ids,
        {row.id: row.at for row in rows},
        {row.id: row.by for row in rows},
        {row.id: row.undoes for row in connection.execute(taken)},
    )


@dataclass(frozen=True)
class Thing:
    """One thing in one copy: all rows of it, the last that holds last.

    Parameters
    ----------
    table : str
    rows : tuple of rows
        In the order of their events.
    log : Log
        Of the copy.
    """

    table: str
    rows: tuple[Row, ...]
    log: Log

    @cached_property
    def holding(self) -> tuple[Row, ...]:
        """The rows whose event holds."""
        return tuple(row for row in self.rows if row["event_id"] not in self.log.undone)

    @cached_property
    def state(self) -> str:
        """What holds, as a fingerprint; empty where nothing does."""
        return state_of(self.table, self.holding[-1]) if self.holding else ""

    @cached_property
    def acts(self) -> frozenset[str]:
        """All that this copy knows of what was done with it."""
        return self.log.with_undos(row["event_id"] for row in self.rows)

    @cached_property
    def past(self) -> frozenset[str]:
        """The states through which it went."""
        earlier = {state_of(self.table, row) for row in self.holding[:-1]}
        if self.table == "codebooks" and self.holding:
            history = from_json(self.holding[-1]["about"])["history"]
            earlier |= {change["version_before"] for change in history}
            earlier |= {change["version_after"] for change in history}
        return frozenset(earlier - {self.state})


def state_of(table: str, row: Row) -> str:
    """What two rows have in common that say the same; a codebook's is its version."""
    if table == "codebooks":
        return str(row["version"])
    if table == "documents":
        return fingerprint(row["text_hash"], row["case_id"], row["about"])
    if table == "coders":
        return str(row["role"])
    if table == "phases":
        # Whether it has ended is no difference: it ends once.
        return f"{row['kind']}-{'blind' if row['blind'] else 'not-blind'}"
    return fingerprint(row["about"])


def _name_of(table: str, row: Row) -> str:
    """To what a row belongs: there is one codebook."""
    return "" if table == "codebooks" else str(row["name" if table in _BY_NAME else "id"])


@dataclass(frozen=True)
class Copy:
    """What of a copy can differ from another: its things by table and id.

    Parameters
    ----------
    name : str
        ``"here"`` for the project into which others are merged.
    log : Log
    things : mapping of (str, str) to Thing
    """

    name: str
    log: Log
    things: Mapping[tuple[str, str], Thing]

    @classmethod
    def of(cls, name: str, log: Log, rows: Mapping[str, Iterable[Row]]) -> Copy:
        """A copy from its rows."""
        found: dict[tuple[str, str], list[Row]] = {}
        for table, each in rows.items():
            for row in each:
                key = (table, _name_of(table, row))
                found.setdefault(key, []).append(row)

        def place(row: Row) -> tuple[str, str]:
            return log.at[row["event_id"]], row["event_id"]

        things = {
            key: Thing(key[0], tuple(sorted(rows, key=place)), log) for key, rows in found.items()
        }
        return cls(name, log, things)


@dataclass(frozen=True)
class Difference:
    """A thing that is not the same in all copies.

    Parameters
    ----------
    subject : str
        ``"codebook"``, ``"document:ID"``, ``"case:ID"``, ``"phase:NAME"`` or ``"role:NAME"``.
    sides : tuple of (str, Thing)
        The copies whose state is no earlier one of another's, by name. One is the answer;
        several are a choice.
    joined : Thing
        What all copies together would show if nobody chose.
    """

    subject: str
    sides: tuple[tuple[str, Thing], ...]
    joined: Thing

    @property
    def is_open(self) -> bool:
        """Whether a person has to choose."""
        return len({thing.state for _, thing in self.sides}) > 1


def differences(copies: Sequence[Copy]) -> Iterator[Difference]:
    """Every thing whose state is not the same in all copies that have it."""
    log = copies[0].log
    for copy in copies[1:]:
        log |= copy.log
    keys = dict.fromkeys(key for copy in copies for key in copy.things)
    for table, thing_id in keys:
        sides = [
            (copy.name, thing)
            for copy in copies
            if (thing := copy.things.get((table, thing_id))) is not None and thing.state
        ]
        if len({thing.state for _, thing in sides}) > 1:
            subject = subject_of(table, thing_id)
            joined = _joined(table, [thing for _, thing in sides], log)
            yield Difference(subject, tuple(_latest(sides)), joined)


def subject_of(table: str, thing_id: str) -> str:
    """What a thing is called in a choice."""
    return f"{SUBJECTS[table]}:{thing_id}" if thing_id else SUBJECTS[table]


def _latest(sides: Sequence[tuple[str, Thing]]) -> Iterator[tuple[str, Thing]]:
    """The sides that no other one is later than; all, where each is later than another one."""
    later: Callable[[Thing, Thing], bool]
    for later in (_knows_all, _went_on):
        last = [
            (name, thing)
            for name, thing in sides
            if not any(later(other, thing) for _, other in sides)
        ]
        sides = last or sides
    yield from sides


def _knows_all(one: Thing, other: Thing) -> bool:
    return one.state != other.state and other.acts <= one.acts


def _went_on(one: Thing, other: Thing) -> bool:
    return other.state in one.past and one.state not in other.past


def _joined(table: str, things: Iterable[Thing], log: Log) -> Thing:
    rows = {(r["id"], r["event_id"], r.get("text_hash")): r for t in things for r in t.rows}
    ordered = sorted(rows.values(), key=lambda row: (log.at[row["event_id"]], row["event_id"]))
    return Thing(table, tuple(ordered), log)
