"""``log``, ``undo``, ``redo``: who did what, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reflect_analysis.cli._shared import Json, print_json
from reflect_analysis.cli._study import (
    By,
    Study,
    answer,
    as_typed,
    counted,
    hint,
    local_time,
    opened,
    short,
)

if TYPE_CHECKING:
    from reflect_analysis.project import Event

__all__ = ["log", "redo", "undo"]


def log(
    study: Study,
    last: Annotated[int, typer.Option(min=1, help="How many, the newest.")] = 20,
    by: Annotated[str, typer.Option("--by", help="Only what this person did.")] = "",
    as_json: Json = False,
) -> None:
    """Who did what and when; it holds no texts."""
    from reflect_analysis.errors import ProjectError, did_you_mean

    with opened(study) as project:
        events = project.events()
        known = {event.by for event in events} | project.team_state().members.keys()
    if by and by not in known:
        raise ProjectError(
            f"nobody called {by!r} did anything in this study{did_you_mean(by, known)}"
        )
    wanted = [event for event in events if not by or event.by == by]
    rows = _events(events, wanted[-last:])
    if as_json:
        print_json({"events": rows, "earlier": len(wanted) - len(rows)})
        return
    for row in rows:
        print(_line_of(row))
    if len(wanted) > len(rows):
        print(f"{len(wanted) - len(rows)} earlier; see them with --last {len(wanted)}")


def _events(events: Sequence[Event], shown: Sequence[Event]) -> list[dict[str, Any]]:
    """Events as plain values, with whether each was taken back."""
    import dataclasses

    from reflect_analysis.project.history import undone

    gone = undone((event.id, event.undoes) for event in events if event.undoes)
    return [
        {**dataclasses.asdict(event), "payload": dict(event.payload), "undone": event.id in gone}
        for event in shown
    ]


def _line_of(row: dict[str, Any]) -> str:
    """An event in a line: when, who, which, what, how much."""
    what = f"{row['action']} {short(row['undoes'])}" if row["undoes"] else row["action"]
    told = ": ".join(filter(None, (what, counted(row["payload"]))))
    gone = " (taken back)" if row["undone"] else ""
    return f"{local_time(row['at'])}  {short(row['id'])}  {row['by']}: {told}{gone}"


def undo(
    study: Study,
    by: By,
    event: Annotated[
        str | None, typer.Option("--event", help="Which, by the beginning of its id in the log.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Take back what a person did last, or a named event."""
    with opened(study) as project:
        event_id = None if event is None else project.find_event(event.strip()).id
        found = project.undo(by=by, event_id=event_id)
    back = hint("redo", as_typed(study), "--by", by)
    _print_turned("took back", found, f"to have it again: {back}", as_json)


def redo(study: Study, by: By, as_json: Json = False) -> None:
    """Do again what a person last took back."""
    with opened(study) as project:
        undoing = project.redo(by=by)
        found = project.find_event(undoing.undoes or "")
    back = hint("undo", as_typed(study), "--by", by)
    _print_turned("did again", found, f"to take it back: {back}", as_json)


def _print_turned(done: str, event: Event, back: str, as_json: bool) -> None:
    what = ": ".join(filter(None, (event.action, counted(event.payload))))
    content = {"event": event.id, "action": event.action, "at": event.at, "by": event.by}
    lines = (
        f"{done} {what} ({event.by}, {local_time(event.at)}, {short(event.id)})",
        back,
    )
    answer(content, *lines, as_json=as_json)
