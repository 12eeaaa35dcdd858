"""``add-coder``, ``begin-phase``, ``end-phase``, ``assign``: who codes what, and when blind."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from reflect_analysis.cli._shared import Json
from reflect_analysis.cli._study import By, Study, answer, as_typed, hint, named, opened

__all__ = ["add_coder", "assign", "begin_phase", "end_phase"]

RoleName = Literal["lead", "coder", "adjudicator", "reader"]
KindName = Literal["calibration", "reliability", "consensus"]


def add_coder(
    study: Study,
    names: Annotated[
        list[str], typer.Argument(help="People, by the names the study uses.", metavar="NAMES")
    ],
    by: By,
    role: Annotated[RoleName, typer.Option(help="What they do; a reader codes nothing.")] = "coder",
    as_json: Json = False,
) -> None:
    """Add people to the team, or give them new roles."""
    names = _each_once(names)
    with opened(study) as project:
        for name in names:
            project.add_coder(name, role, by=by)
        team = {name: member.role for name, member in project.team_state().members.items()}
    lines = (f"{name}: {role}" for name, role in team.items())
    answer({"team": team}, "The team:", *(f"  {line}" for line in lines), as_json=as_json)


def begin_phase(
    study: Study,
    name: Annotated[str, typer.Argument(help="What it is called.", metavar="NAME", callback=named)],
    by: By,
    kind: Annotated[
        KindName, typer.Option(help="Training, the sample for agreement, or the meeting after it.")
    ] = "reliability",
    blind: Annotated[
        bool, typer.Option("--blind/--not-blind", help="Whether coders see only their own.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Begin a phase; in a blind one coders see only their own."""
    import dataclasses

    with opened(study) as project:
        phase = project.begin_phase(name, kind, blind=blind, by=by)
    answer(
        dataclasses.asdict(phase),
        f"began {phase.name} ({phase.kind}, {'blind' if phase.blind else 'not blind'})",
        f"who reads what: {hint('assign', as_typed(study), 'CODER', 'CODER', '--by', by)}",
        as_json=as_json,
    )


def end_phase(
    study: Study,
    by: By,
    name: Annotated[
        str, typer.Argument(help="Which; by default the one that is open.", metavar="NAME")
    ] = "",
    as_json: Json = False,
) -> None:
    """End a phase; coders see one another's work again."""
    import dataclasses

    from reflect_analysis.errors import ProjectError

    with opened(study) as project:
        now = project.open_phase()
        if not name and now is None:
            raise ProjectError(f"no phase is open in {project.address.name}")
        phase = project.end_phase(name or (now.name if now else ""), by=by)
    line = f"ended {phase.name}; how far the coders agree: {hint('status', as_typed(study))}"
    answer(dataclasses.asdict(phase), line, as_json=as_json)


def assign(
    study: Study,
    coders: Annotated[
        list[str], typer.Argument(help="Who reads; people of the team.", metavar="CODERS")
    ],
    by: By,
    overlap: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the documents that all of them read.")
    ] = 0.2,
    seed: Annotated[int, typer.Option(help="Of the draw of documents.")] = 0,
    as_json: Json = False,
) -> None:
    """Share out the documents, some of them to all coders."""
    coders = _each_once(coders)
    with opened(study) as project:
        plan = project.assign(coders, by=by, overlap=overlap, random_state=seed)
        left_out = sorted(project.not_blind(coders).difference(*plan.values()))
    shared = frozenset.intersection(*(plan.get(coder, frozenset()) for coder in coders))
    by_coder = {coder: sorted(documents) for coder, documents in plan.items()}
    lines = [f"{coder}: {len(documents)} documents" for coder, documents in by_coder.items()]
    if len(coders) > 1:
        lines.append(f"{len(shared)} of them are read by all who are named")
    if left_out:
        lines.append(
            f"{len(left_out)} left out: others' codings of them could be seen before this phase "
            "began, so that nobody codes them blind any more"
        )
    content = {"assigned": by_coder, "shared": sorted(shared), "left_out": left_out}
    answer(content, *lines, as_json=as_json)


def _each_once(names: list[str]) -> list[str]:
    """Names, each once and in their order."""
    return list(dict.fromkeys(map(named, names)))
