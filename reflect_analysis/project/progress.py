"""How far each coder is, in the phase that is open, or in all of them.

What was read in an earlier phase is not read in a later one: a text that both coded in the
training has to be read again for the measure of agreement.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reflect_analysis.project import schema, team, views

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from reflect_analysis.codings import Codings, CurrentCoding
    from reflect_analysis.project.rows import Row

__all__ = ["Progress", "read_progress"]

Pair = tuple[str, str]  # a phase and a document


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a coder is in the phase that is open; where none is, in all phases together.

    Parameters
    ----------
    coder : str
    assigned : int
        Documents, each once in each phase.
    read : int
        Of these, read whole in the phase for which they were assigned.
    others_read : int
        Documents that were read without being assigned.
    codings : int
        That hold now.
    """

    coder: str
    assigned: int
    read: int
    others_read: int
    codings: int


@dataclass(frozen=True, slots=True)
class _Begun:
    """When the phases began: what was done in one bears its kind, and came after its beginning."""

    phases: Sequence[tuple[str, str, str]]  # beginning, kind, name; the earliest first

    def phase_of(self, kind: str, at: str) -> str:
        """The phase in which something was done; empty where it was in none."""
        fitting = [name for begun, its, name in self.phases if its == kind and begun <= at]
        return fitting[-1] if fitting else ""


def read_progress(connection: Connection, log: Codings | None = None) -> tuple[Progress, ...]:
    """How far each coder is; a machine has no progress.

    Parameters
    ----------
    connection : Connection
    log : Codings, optional
        What `read_codings` gave, where somebody has it: it is long to read.
    """
    now = team.open_phase(team.read_phases(connection))
    begun = _read_begun(connection)

    def counts(phase: str) -> bool:
        return now is None or phase == now.name

    assigned = _assigned(connection, now.name if now else None)
    read: dict[str, set[Pair]] = {coder: set() for coder in assigned}
    for coder, phase, document_id in _readings(connection, begun):
        if counts(phase):
            read.setdefault(coder, set()).add((phase, document_id))
    held = (views.read_codings(connection) if log is None else log).current
    coded = Counter(coder for coder, phase in _codings(connection, begun, held) if counts(phase))
    for coder in coded:
        read.setdefault(coder, set())
    return tuple(
        _progress(coder, assigned.get(coder, frozenset()), done, coded[coder])
        for coder, done in sorted(read.items())
    )


def _progress(coder: str, assigned: frozenset[Pair], done: set[Pair], codings: int) -> Progress:
    # What was assigned for no phase may be read in any.
    ever = {("", document_id) for _, document_id in done}
    plain = {pair[1] for pair in assigned if not pair[0]}
    others = {pair for pair in done - assigned if pair[1] not in plain}
    return Progress(
        coder,
        assigned=len(assigned),
        read=len((done | ever) & assigned),
        others_read=len({document_id for _, document_id in others}),
        codings=codings,
    )


def _read_begun(connection: Connection) -> _Begun:
    found = []
    for name, phase in team.read_phases(connection).items():
        first = min((event.at for event in team.beginnings(connection, name)), default="")
        found.append((first, phase.kind, name))
    return _Begun(sorted(found))


def _assigned(connection: Connection, phase: str | None) -> dict[str, frozenset[Pair]]:
    found: dict[str, set[Pair]] = {}
    for row in views.holding(connection, schema.assignments.name):
        if phase is None or row["phase"] == phase:
            found.setdefault(row["coder"], set()).add((row["phase"], row["document_id"]))
    return {coder: frozenset(pairs) for coder, pairs in found.items()}


def _readings(connection: Connection, begun: _Begun) -> Iterable[tuple[str, str, str]]:
    """Coder, phase and document of what people read whole, of the texts as they are now."""
    now = views.text_hashes(connection)
    times = _times(connection, schema.seen.name, begun)
    for row in views.holding(connection, schema.seen.name):
        current = row["text_hash"] == now.get(row["document_id"])
        if row["coder_kind"] == "person" and row["start"] is None and current:
            yield row["coder"], _phase(row, times, begun), row["document_id"]


def _codings(
    connection: Connection, begun: _Begun, current: Iterable[CurrentCoding]
) -> Iterable[tuple[str, str]]:
    """Coder and phase of the codings of people that hold now."""
    held = {row.coding.id: row.coding for row in current if row.coding.coder_kind == "person"}
    if not begun.phases:
        yield from ((coding.coder, "") for coding in held.values())
        return
    times = _times(connection, schema.codings.name, begun)
    # Of a log that was read before, somebody may have taken codings back since.
    rows = {
        row["id"]: row
        for row in views.holding(connection, schema.codings.name)
        if row["id"] in held
    }
    for coding_id, row in rows.items():
        yield held[coding_id].coder, _phase(row, times, begun)


def _phase(row: Row, times: Mapping[str, str], begun: _Begun) -> str:
    return begun.phase_of(row["phase"], times.get(row["event_id"], ""))


def _times(connection: Connection, name: str, begun: _Begun) -> dict[str, str]:
    """When the rows of a table were written, by event; nobody asks where there was no phase."""
    from sqlalchemy import select

    if not begun.phases:
        return {}
    events, table = schema.events, schema.ROW_TABLES[name]
    asked = select(events.c.id, events.c.at).where(events.c.id.in_(select(table.c.event_id)))
    return {row.id: row.at for row in connection.execute(asked)}
