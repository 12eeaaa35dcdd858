"""Who codes what, in which phase, and how far they are.

While a blind phase is open, who codes in it sees neither another's codings nor proposals: that
is what makes two codings independent, and it is decided here and nowhere else.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from typing import TYPE_CHECKING, Literal, get_args

from reflect_analysis.codings import Codings, Phase
from reflect_analysis.errors import ProjectError, did_you_mean, raise_all
from reflect_analysis.project import schema, views
from reflect_analysis.project.entries import Event
from reflect_analysis.project.history import event_of_id
from reflect_analysis.project.rows import Row, with_id

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from reflect_analysis.corpus import Corpus

__all__ = [
    "AGREED",
    "CodingPhase",
    "Member",
    "State",
    "beginnings",
    "begun_at",
    "coded_before",
    "is_blind",
    "known_to_others",
    "open_phase",
    "plan",
    "read_assignments",
    "read_members",
    "read_phases",
    "read_state",
    "stamp_of",
    "visible",
]

# Who stands for what coders agreed on together: a coder of its own.
AGREED = "consensus"

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
    if member.name == AGREED:
        raise ProjectError(f"{AGREED!r} stands for what coders agreed on, and is no person's name")
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
    """The phases, by name, in the order in which they began.

    Where copies began a phase of one name in two ways, it is blind until somebody has chosen.
    """
    found: dict[str, CodingPhase] = {}
    mixed: set[str] = set()
    for row in views.holding(connection, schema.phases.name):
        phase = CodingPhase(row["name"], row["kind"], bool(row["blind"]), row["state"])
        if found.get(phase.name, phase).blind != phase.blind:
            mixed.add(phase.name)
        found[phase.name] = phase
    for name in mixed:
        if not any(views.holding(connection, "choices", _about_phase(name))):
            found[name] = replace(found[name], blind=True)
    return found


def _about_phase(name: str) -> ColumnElement[bool]:
    return schema.choices.c.subject == f"phase:{name}"


def open_phase(phases: Mapping[str, CodingPhase]) -> CodingPhase | None:
    """The phase that is open, if one is; of two that copies opened a blind one, or the latest."""
    opened = [phase for phase in phases.values() if phase.state == "open"]
    blind = [phase for phase in opened if phase.blind]
    found = blind or opened
    return found[-1] if found else None


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
    if phase.state == "closed" and phases[phase.name].state != "open":
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


def beginnings(connection: Connection, name: str) -> tuple[Event, ...]:
    """The events that opened a phase and hold; several where copies began it each."""
    table = schema.phases
    where = ((table.c.name == name), (table.c.state == "open"))
    ids = [row["event_id"] for row in views.holding(connection, table.name, *where)]
    return tuple(filter(None, (event_of_id(connection, each) for each in dict.fromkeys(ids))))


def begun_at(connection: Connection, name: str) -> str:
    """Since when a phase has been open without a break; empty if it is not.

    A beginning that was taken back and done again leaves a gap: it counts from the end of that.
    """
    return max((_at_of(connection, event) for event in beginnings(connection, name)), default="")


def _at_of(connection: Connection, event: Event) -> str:
    """The time of an event, or of the last that took it back or did it again."""
    from sqlalchemy import select

    table, latest, targets = schema.events, event.at, [event.id]
    while targets:
        asked = select(table.c.id, table.c.at).where(table.c.undoes.in_(targets))
        rows = connection.execute(asked).all()
        targets = [row.id for row in rows]
        latest = max([latest, *(row.at for row in rows)])
    return latest


def coded_before(connection: Connection, begun: str) -> dict[str, frozenset[str]]:
    """Whose codings and memos everybody could see before a blind phase began, by document.

    Who may have seen another's codings of a text does not code it independently any more, be the
    phase ever so blind; that those codings were taken back since changes nothing.
    """
    from sqlalchemy import select

    events, found = schema.events, dict[str, set[str]]()
    for table, who in ((schema.codings, "coder"), (schema.memos, "by")):
        asked = (
            select(table.c.document_id, table.c[who].label("who"))
            .join(events, table.c.event_id == events.c.id)
            .where(events.c.at <= begun, table.c.document_id != "")
            .distinct()
        )
        for row in connection.execute(asked):
            found.setdefault(row.document_id, set()).add(row.who)
    return {document_id: frozenset(names) for document_id, names in found.items()}


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
    corpus = views.read_corpus(connection)
    may_code = _may_be_coded(corpus)
    phase = open_phase(state.phases)
    taken = {each for ids in state.assignments.values() for each in ids}
    open_ = known_to_others(connection, phase, coders) & (may_code - taken)
    wanted = may_code - taken - open_ if document_ids is None else set(document_ids)
    raise_all(ProjectError, _unassignable(corpus, sorted(wanted - may_code)))
    if not wanted:
        raise ProjectError(_nothing_left(corpus, len(open_)))
    name = phase.name if phase else ""
    return assignment_rows(
        sorted(wanted), coders, overlap=overlap, random_state=random_state, phase=name, at=at
    )


def _may_be_coded(corpus: Corpus) -> set[str]:
    """Participants' documents that are cleared, and approved by who governs them."""
    waiting = {document.id for document in corpus.uncleared()}
    allowed = corpus.permitted("coding")
    return {each.id for each in allowed if each.voice == "participant"} - waiting


def _unassignable(corpus: Corpus, document_ids: Iterable[str]) -> Iterator[str]:
    known = {document.id: document for document in corpus}
    waiting = {document.id for document in corpus.uncleared()}
    for each in document_ids:
        if each not in known:
            yield f"document {each!r} is unknown or may not be coded{did_you_mean(each, known)}"
        elif known[each].voice != "participant":
            yield f"document {each!r} may not be coded: it holds no participant's words"
        elif each in waiting:
            yield f"document {each!r} is not cleared of identifiers yet"
        else:
            yield f"document {each!r} waits for the approval of those who govern it"


def _nothing_left(corpus: Corpus, n_open: int) -> str:
    if n_open:
        return (
            f"nothing to assign: {n_open} documents are left, and others' codings of them could "
            "be seen before this phase began, so that nobody codes them blind any more. Name them "
            "to assign them all the same"
        )
    waiting = len(corpus.uncleared())
    more = f"; {waiting} wait to be cleared of identifiers" if waiting else ""
    return f"nothing to assign: all documents that may be coded are assigned{more}"


def known_to_others(
    connection: Connection, phase: CodingPhase | None, coders: Iterable[str]
) -> frozenset[str]:
    """The documents that one of some coders cannot code blind any more, in a blind phase."""
    if phase is None or not phase.blind:
        return frozenset()
    before = coded_before(connection, begun_at(connection, phase.name))
    wanted = set(coders)
    return frozenset(d for d, names in before.items() if any(names - {each} for each in wanted))


def read_assignments(connection: Connection, phase: str | None = None) -> dict[str, frozenset[str]]:
    """The documents that each coder is to read, in a phase or at all."""
    found: dict[str, set[str]] = {}
    for row in views.holding(connection, schema.assignments.name):
        if phase is None or row["phase"] == phase:
            found.setdefault(row["coder"], set()).add(row["document_id"])
    return {coder: frozenset(ids) for coder, ids in found.items()}


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
