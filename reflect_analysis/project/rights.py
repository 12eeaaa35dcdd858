"""Who may do what in a study: whose name is known, who leads, and what a blind phase forbids.

A name is no password: whoever writes another's name is believed. What is decided here keeps a
team from doing by mistake what would make its coders less independent than the study says.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from reflect_analysis.errors import ProjectError, did_you_mean
from reflect_analysis.project import schema, team
from reflect_analysis.project.entries import Event
from reflect_analysis.project.history import event_of_id

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = [
    "SOMEBODY",
    "check_known",
    "check_may_add",
    "check_may_end",
    "check_may_undo",
    "is_lead",
    "known_names",
]

SOMEBODY = "somebody"  # who copies a study and need not say who they are
_OF_THE_TEAM = ("team", "phase", "assign")
_SHOWN = 10


def known_names(connection: Connection) -> frozenset[str] | None:
    """Whose names are known: the team, who made the study, and who put the team together.

    `None` while there is no team: then any name is one.
    """
    members = team.read_members(connection)
    return frozenset(members) | _makers(connection, "create", "team") if members else None


def check_known(known: frozenset[str] | None, name: str) -> None:
    """Refuse a name that nobody of the study bears.

    Raises
    ------
    ProjectError
        With the name that was meant, if one is near.
    """
    if known is None or name in known:
        return
    names = sorted(known)
    told = ", ".join(names[:_SHOWN]) + (" and others" if len(names) > _SHOWN else "")
    near = did_you_mean(name, names) or "."
    raise ProjectError(
        f"nobody called {name!r} is in the team{near} Known are {told}; add-coder adds a person"
    )


def _makers(connection: Connection, *actions: str) -> frozenset[str]:
    from sqlalchemy import select

    table = schema.events
    asked = select(table.c.by).where(table.c.action.in_(actions)).distinct()
    return frozenset(connection.execute(asked).scalars())


def is_lead(connection: Connection, name: str) -> bool:
    """Whether a person leads the study: a lead of the team.

    Who made the study leads it too, unless the team has a lead and gives this person another role.
    """
    members = team.read_members(connection)
    member = members.get(name)
    if member is not None and member.role == "lead":
        return True
    led = any(each.role == "lead" for each in members.values())
    return (member is None or not led) and name in _makers(connection, "create")


def check_may_add(connection: Connection, member: team.Member, by: str) -> None:
    """While a blind phase is open, a lead alone may give a role that sees more.

    Raises
    ------
    ProjectError
        If somebody else does.
    """
    state = team.read_state(connection)
    phase = team.open_phase(state.phases)
    if phase is None or not phase.blind or is_lead(connection, by):
        return
    if member.role != "coder" or member.name in state.members:
        raise ProjectError(
            f"phase {phase.name!r} is blind: until it ends, a lead gives roles, and {by!r} is none"
        )


def check_may_end(connection: Connection, name: str, by: str) -> None:
    """A phase is ended by who began it, or by a lead.

    Raises
    ------
    ProjectError
        If somebody else does.
    """
    began = [event.by for event in team.beginnings(connection, name)]
    if began and by not in began and not is_lead(connection, by):
        raise ProjectError(
            f"phase {name!r} was begun by {_who(began)}: they end it, or a lead of the study, "
            f"and {by!r} is neither"
        )


def check_may_undo(connection: Connection, event: Event, by: str) -> None:
    """Everybody may take back their own; others' with these exceptions.

    What was decided about the team, a phase or who reads what is taken back by who decided it or
    by a lead; and whoever is blind takes back nothing that they cannot see.

    Raises
    ------
    ProjectError
        If the event is one of these.
    """
    if event.by == by:
        return
    root = _root(connection, event)
    if root.action in _OF_THE_TEAM:
        if not is_lead(connection, by):
            raise ProjectError(
                f"event {event.id[:8]!r} ({root.action}) is of {event.by!r}: they may take it "
                f"back, or a lead of the study, and {by!r} is neither"
            )
        return
    state = team.read_state(connection)
    phase = team.open_phase(state.phases)
    assigned = {coder: ids for coder, ids in state.assignments.items() if ids}
    if phase is not None and team.is_blind(by, state.members, phase, assigned):
        raise ProjectError(
            f"phase {phase.name!r} is blind: until it ends, {by!r} may take back only what is "
            "their own"
        )


def _root(connection: Connection, event: Event) -> Event:
    """What an undo, or an undo of an undo, is about."""
    found: Event | None = event
    while found is not None and found.undoes:
        event, found = found, event_of_id(connection, found.undoes)
    return found or event


def _who(names: Iterable[str]) -> str:
    return " and ".join(repr(each) for each in dict.fromkeys(names))
