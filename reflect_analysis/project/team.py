"""Who codes what, in which phase, and how far they are.

While a blind phase is open, who codes in it sees neither another's codings nor proposals: that
is what makes two codings independent, and it is decided here and nowhere else.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from typing import TYPE_CHECKING, Literal, get_args

from reflect_analysis.codings import Codings, Phase
from reflect_analysis.errors import ProjectError, did_you_mean, raise_all
from reflect_analysis.project import schema, views
from reflect_analysis.project.rows import Row, with_id

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = [
    "CodingPhase",
    "Member",
    "Progress",
    "State",
    "is_blind",
    "open_phase",
    "plan",
    "progress",
    "read_assignments",
    "read_phases",
    "read_state",
    "stamp_of",
    "visible",
]

Role = Literal["lead", "coder", "adjudicator", "reader"]
PhaseKind = Literal["calibration", "reliability", "consensus"]


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the team, by the name that the study uses.

    Parameters
    ----------
    name : str
    role : {"lead", "coder", "adjudicator", "reader"}
        A reader codes nothing. A lead or adjudicator sees everything, but not in a blind phase
        in which they code.
    """

    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class CodingPhase:
    """A stretch of the work.

    Parameters
    ----------
    name : str
    kind : {"calibration", "reliability", "consensus"}
    blind : bool
    state : {"open", "closed"}
    """

    name: str
    kind: PhaseKind
    blind: bool
    state: Literal["open", "closed"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a coder is.

    Parameters
    ----------
    coder : str
    assigned : int
        Documents.
    read : int
        Of these, read whole.
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
class State:
    """The team, the phases, and who reads what in the phase that is open.

    Parameters
    ----------
    members, phases : mapping by name
    assignments : mapping of str to frozenset of str
        Documents by coder.
    """

    members: Mapping[str, Member]
    phases: Mapping[str, CodingPhase]
    assignments: Mapping[str, frozenset[str]]


def read_state(connection: Connection) -> State:
    """The team as it is now."""
    phases = read_phases(connection)
    now = open_phase(phases)
    assigned = read_assignments(connection, now.name if now else None)
    return State(read_members(connection), phases, assigned)


# ── the team ──


def member_row(member: Member, at: str) -> Row:
    """A member as a row.

    Raises
    ------
    ValueError
        If the role is none of the four.
    """
    if member.role not in get_args(Role):
        raise ValueError(f"role {member.role!r}: expected one of {', '.join(get_args(Role))}")
    if not member.name.strip():
        raise ValueError("a member of the team needs a name")
    return with_id({"name": member.name, "role": member.role, "at": at})


def read_members(connection: Connection) -> dict[str, Member]:
    """The team as it is now, by name."""
    rows = views.holding(connection, schema.coders.name)
    return {row["name"]: Member(row["name"], row["role"]) for row in rows}


def check_members(names: Iterable[str], members: Mapping[str, Member]) -> None:
    """Raise `ProjectError` for every name that is not in the team."""
    unknown = sorted(set(names).difference(members))
    raise_all(
        ProjectError,
        [f"nobody called {each!r} is in the team{did_you_mean(each, members)}" for each in unknown],
    )


# ── phases ──


def read_phases(connection: Connection) -> dict[str, CodingPhase]:
    """The phases, by name, in the order in which they began."""
    rows = views.holding(connection, schema.phases.name)
    return {
        row["name"]: CodingPhase(row["name"], row["kind"], bool(row["blind"]), row["state"])
        for row in rows
    }


def open_phase(phases: Mapping[str, CodingPhase]) -> CodingPhase | None:
    """The phase that is open, if one is; of two that copies opened, the latest."""
    opened = [phase for phase in phases.values() if phase.state == "open"]
    return opened[-1] if opened else None


def closed(name: str, begun: CodingPhase | None) -> CodingPhase:
    """A phase at its end."""
    if begun is None:
        raise ProjectError(f"there is no phase {name!r}")
    return replace(begun, state="closed")


def phase_row(phase: CodingPhase, connection: Connection, at: str) -> Row:
    """The beginning or the end of a phase as a row.

    Raises
    ------
    ProjectError
        If another phase is open, or this one is not, or its name was used before.
    """
    phases = read_phases(connection)
    now = open_phase(phases)
    if phase.kind not in get_args(PhaseKind):
        raise ValueError(f"kind {phase.kind!r}: expected one of {', '.join(get_args(PhaseKind))}")
    if phase.state == "open" and now is not None:
        raise ProjectError(f"phase {now.name!r} is open; end it before another begins")
    if phase.state == "open" and phase.name in phases:
        raise ProjectError(f"there was a phase {phase.name!r} already; give this one another name")
    if phase.state == "closed" and (now is None or now.name != phase.name):
        raise ProjectError(f"phase {phase.name!r} is not open")
    return with_id(
        {
            "name": phase.name,
            "kind": phase.kind,
            "blind": phase.blind,
            "state": phase.state,
            "at": at,
        }
    )


def stamp_of(phase: CodingPhase | None) -> Phase:
    """What is stamped on codings of a phase."""
    return phase.kind if phase is not None else ""


# ── assignments ──


def assignment_rows(
    document_ids: Sequence[str],
    coders: Sequence[str],
    *,
    overlap: float,
    random_state: int,
    phase: str,
    at: str,
) -> tuple[Row, ...]:
    """Who reads what: a random share is read by all, the rest by one coder each.

    Parameters
    ----------
    document_ids, coders : sequence of str
    overlap : float
        Share of the documents that every coder reads, in [0, 1]; at least one document.
    random_state : int
    phase : str
        Name of the phase for which it is planned, or empty.
    at : str

    Returns
    -------
    tuple of rows
    """
    if not 0 <= overlap <= 1:
        raise ValueError(f"overlap {overlap}: expected a share in [0, 1]")
    shuffled = sorted(document_ids)
    random.Random(random_state).shuffle(shuffled)  # noqa: S311  # a plan, not a secret
    shared = min(len(shuffled), max(1, round(overlap * len(shuffled)))) if overlap else 0
    pairs = [(coder, each) for each in shuffled[:shared] for coder in coders]
    pairs += list(zip(cycle(coders), shuffled[shared:], strict=False))
    return tuple(
        with_id({"coder": coder, "document_id": document_id, "phase": phase, "at": at})
        for coder, document_id in sorted(pairs)
    )


def plan(
    connection: Connection,
    coders: Sequence[str],
    document_ids: Iterable[str] | None,
    *,
    overlap: float,
    random_state: int,
    at: str,
) -> tuple[Row, ...]:
    """New assignments for the phase that is open, or for none.

    Raises
    ------
    ProjectError
        If a coder is not in the team, a document is unknown, or there is nothing to assign.
    """
    state = read_state(connection)
    check_members(coders, state.members)
    readers = [each for each in coders if state.members[each].role == "reader"]
    raise_all(ProjectError, [f"{each!r} is a reader and codes nothing" for each in readers])
    if len(set(coders)) < len(coders) or not coders:
        raise ValueError("expected coders, each once")
    corpus = views.read_corpus(connection).permitted("coding")
    may_code = {document.id for document in corpus if document.voice == "participant"}
    taken = {each for ids in state.assignments.values() for each in ids}
    wanted = may_code - taken if document_ids is None else set(document_ids)
    raise_all(
        ProjectError,
        [f"document {each!r} is unknown or may not be coded" for each in sorted(wanted - may_code)],
    )
    if not wanted:
        raise ProjectError("nothing to assign: all documents that may be coded are assigned")
    phase = open_phase(state.phases)
    name = phase.name if phase else ""
    return assignment_rows(
        sorted(wanted), coders, overlap=overlap, random_state=random_state, phase=name, at=at
    )


def read_assignments(connection: Connection, phase: str | None = None) -> dict[str, frozenset[str]]:
    """The documents that each coder is to read, in a phase or at all."""
    found: dict[str, set[str]] = {}
    for row in views.holding(connection, schema.assignments.name):
        if phase is None or row["phase"] == phase:
            found.setdefault(row["coder"], set()).add(row["document_id"])
    return {coder: frozenset(ids) for coder, ids in found.items()}


def progress(codings: Codings, assigned: Mapping[str, frozenset[str]]) -> tuple[Progress, ...]:
    """How far each coder is; a machine has none."""
    read: dict[str, set[str]] = {coder: set() for coder in assigned}
    for row in codings.seen:
        if row.coder_kind == "person" and row.whole:
            read.setdefault(row.coder, set()).add(row.document_id)
    people = (row.coding for row in codings.current if row.coding.coder_kind == "person")
    counts = Counter(coding.coder for coding in people)
    for coder in counts:
        read.setdefault(coder, set())
    return tuple(
        Progress(
            coder,
            assigned=len(assigned.get(coder, ())),
            read=len(done & assigned.get(coder, frozenset())),
            others_read=len(done - assigned.get(coder, frozenset())),
            codings=counts[coder],
        )
        for coder, done in sorted(read.items())
    )


# ── blindness ──


def is_blind(
    coder: str,
    members: Mapping[str, Member],
    phase: CodingPhase | None,
    assigned: Mapping[str, frozenset[str]],
) -> bool:
    """Whether a coder may see only what is their own.

    In a blind phase every coder is blind, and so is a lead or adjudicator who codes in it; who
    is not known to the team is blind too.
    """
    if phase is None or not phase.blind:
        return False
    member = members.get(coder)
    return member is None or member.role == "coder" or coder in assigned


def visible(codings: Codings, coder: str, *, blind: bool) -> Codings:
    """What a coder may see of a log."""
    if not blind:
        return codings
    own = codings.by_coder(coder)
    ids = {coding.id for coding in own}
    return Codings(
        codings=own.codings,
        decisions=tuple(d for d in own.decisions if d.by == coder and d.coding_id in ids),
        seen=own.seen,
        memos=tuple(memo for memo in codings.memos if memo.by == coder),
    )
