"""``panel``: code by hand, in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from reflect_analysis.cli._shared import tell
from reflect_analysis.cli._study import Study, as_typed, hint, named, opened

if TYPE_CHECKING:
    from reflect_analysis.panel import Sitting
    from reflect_analysis.project import Project

__all__ = ["panel"]

_SHOWN = 10
_OPEN_ELSEWHERE = (
    "The study is open in another program too. Both keep what is done in them; what the other "
    "did is shown when a text is opened again."
)


def panel(
    study: Study,
    coder: Annotated[
        str,
        typer.Option(help="Who codes, by the name that the study uses.", metavar="NAME"),
    ] = "",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Of the page; 0 for any that is free.")
    ] = 0,
    show: Annotated[
        str | None,
        typer.Option(
            help="What coders see of a text's writer beside session and year, as in role,years: "
            "kept for the whole study, said by a lead; an empty text: nothing again.",
            metavar="NAMES",
        ),
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open it, or only print its address.")
    ] = True,
) -> None:
    """Code by hand, in the browser; Ctrl+C ends it."""
    import asyncio

    from reflect_analysis.panel.doors import door_of, forget_door, keep_door
    from reflect_analysis.panel.serving import PanelServer

    with opened(study) as project:
        sitting = _seated(project, study, coder)
        if show is not None:
            project.show_attributes(show.split(","), by=sitting.coder)
        whose = (project.id, sitting.coder)
        before = door_of(*whose)
        server = PanelServer(sitting, port, door=before)
        ours = before is None or before == server.door
        if ours:  # else a panel of this coder runs, and keeps its own
            keep_door(*whose, server.door)
        if project.is_open_elsewhere():
            tell(_OPEN_ELSEWHERE)

        def ready() -> None:
            print(server.address, flush=True)
            tell(
                f"The panel of {sitting.coder}. Everything is saved as it is done; Ctrl+C ends it."
            )
            if browser:
                _open(server.address)

        try:
            asyncio.run(server.serve(ready))
        except KeyboardInterrupt:
            tell("The panel is closed. All that it acknowledged is in the study.")
        finally:
            if ours:
                forget_door(*whose)


def _seated(project: Project, study: str, coder: str) -> Sitting:
    """The coder at the panel; whoever is not named is told who there is."""
    from reflect_analysis.errors import ProjectError
    from reflect_analysis.panel import Sitting

    codes = [m.name for m in project.team_state().members.values() if m.role != "reader"]
    shown = ", ".join(codes[:_SHOWN]) + (" and others" if len(codes) > _SHOWN else "")
    if not coder.strip():
        name = codes[0] if codes else "YOUR NAME"
        who = f" (coders of this study: {shown})" if codes else ""
        example = hint("panel", as_typed(study), "--coder", name)
        raise typer.BadParameter(f"say who codes{who}, as in: {example}", param_hint="--coder")
    name = named(coder)
    try:
        return Sitting(project, name)
    except ProjectError as error:
        add = hint("add-coder", as_typed(study), name, "--by", "YOUR NAME")
        told = f"\nWho may code here: {shown}." if codes else ""
        new = "" if name in project.team_state().members else f"\nTo add this person: {add}"
        raise ProjectError(f"{error}{told}{new}") from None


def _open(address: str) -> None:
    import webbrowser

    if not webbrowser.open(address):
        tell("No browser could be opened; open the address above in one.")
